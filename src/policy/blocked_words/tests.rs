use super::*;
use crate::document::Language;
use crate::text::cases;

fn loaded(files: &[(&str, &str)], most: Most) -> (BlockedWords, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let mut filter = BlockedWords::new(Options { lists: vec![".".to_owned()], most }).unwrap();
    let warnings = filter.load(folder.path()).unwrap();
    (filter, warnings)
}

fn document(code: &str, text: &str) -> Document {
    let language = Some(Language::new(code, 1.0));
    Document { language, text: text.to_owned(), ..Document::default() }
}

#[test]
fn every_case_of_the_filter_holds() {
    let base = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut filter = BlockedWords::new(Options { lists: vec!["fixtures/lists/words".to_owned()], most: Most::default() }).unwrap();
    assert_eq!(filter.load(base).unwrap(), Vec::<String>::new());
    cases::check(&filter, include_str!("../../../tests/cases/blocked-words.md"));
}

#[test]
fn words_stand_alone_and_phrases_across_white_space() {
    let (filter, _) = loaded(&[("en", "ass\nold goat\ns&d\ngrößer\n"), ("ja", "ばか\nsd\n"), ("hi", "कुत\n")], Most::Distinct(0));
    for (code, text, is_kept) in [
        ("en", "The class assembled at the pass, in assent.", true),
        ("en", "An ASS!", false),
        ("en", "ass", false),
        ("en", "ass_", true),
        ("en", "an ass's ear", false),
        ("en", "an (old goat)", false),
        ("en", "an old  goat", false),
        ("en", "an OLD\n\u{a0}goat", false),
        ("en", "an old, goat", true),
        ("en", "gold goat, old goats", true),
        ("en", "about s&d.", false),
        ("en", "GRÖSSER, größer", false),
        ("en", "größerer", true),
        // In scripts without spaces a word has no ends to be seen.
        ("ja", "この男はばかだ", false),
        ("ja", "この男は賢い", true),
        ("ja", "新しいSDを買う", false),
        ("ja", "新しいSDKを買う", true),
        ("en", "新しいassを買う", false),
        // A vowel sign or virama is part of its word.
        ("hi", "एक कुत्ता", true),
        ("hi", "एक कुत है", false),
        // Of another language nothing is known.
        ("fr", "ass", true),
        ("und", "ass", true),
    ] {
        assert_eq!(filter.judge(&document(code, text)) == Verdict::Keep, is_kept, "{code} {text}");
    }
    assert_eq!(filter.judge(&Document { text: "ass".to_owned(), ..Document::default() }), Verdict::Keep);
}

#[test]
fn different_words_all_words_and_shares_are_told_apart() {
    let text = "Ass, ass and goat: ten words stand in this one sentence.";
    let judge = |most| {
        let (filter, _) = loaded(&[("en", "goat\nass\n")], most);
        match filter.judge(&document("en", text)) {
            Verdict::Keep => None,
            Verdict::Drop(reason) => Some((reason.rule, reason.value, reason.limit)),
        }
    };
    assert_eq!(judge(Most::Distinct(1)), Some(("distinct", 2.0, 1.0)));
    assert_eq!(judge(Most::Distinct(2)), None);
    assert_eq!(judge(Most::Total(2)), Some(("total", 3.0, 2.0)));
    assert_eq!(judge(Most::Total(3)), None);
    assert_eq!(judge(Most::Share(0.2)), Some(("share", 3.0 / 11.0, 0.2)));
    assert_eq!(judge(Most::Share(0.3)), None);
}

#[test]
fn words_that_overlap_are_found_and_counted_once_for_their_place() {
    // The long phrase does not stand, the word in it does; and a phrase and its word are two words in one place.
    let (filter, _) = loaded(&[("en", "ass and cart\nass\n")], Most::Distinct(0));
    let hits = |text: &str| {
        let hits = filter.lists["en"].hits(text);
        (hits.distinct, hits.total)
    };
    assert_eq!(hits("an ass and carts"), (1, 1));
    assert_eq!(hits("an ass and cart"), (2, 1));
    assert_eq!(hits("ass ass ass"), (1, 3));
    assert_eq!(hits(""), (0, 0));
}

#[test]
fn the_first_word_and_its_file_are_told() {
    let files = [("fr", "âne\nchèvre\n"), ("fr-CA-u-sd", "âne\nbouc\n"), ("README.md", "ass"), ("LICENSE", "ass")];
    let (filter, warnings) = loaded(&files, Most::Distinct(0));
    assert_eq!(warnings, Vec::<String>::new());
    let of = |text: &str| filter.matched(&document("fr", text)).map(|matched| (matched.list, matched.entry));
    assert_eq!(of("Le bouc et l'ÂNE"), Some(("./fr-CA-u-sd".to_owned(), "bouc".to_owned())));
    assert_eq!(of("l'ÂNE et le bouc"), Some(("./fr".to_owned(), "âne".to_owned())));
    assert_eq!(of("rien"), None);
    assert_eq!(filter.lists.keys().collect::<Vec<_>>(), ["fr"]);
}

#[test]
fn names_of_languages_are_those_that_documents_have() {
    let (filter, _) = loaded(&[("no", "rumpe\n"), ("fil", "puwit\n"), ("nb.txt", "bukk\n"), ("kab", "ass\n")], Most::Distinct(0));
    for (code, text) in [("nb", "en rumpe"), ("nn", "ei rumpe"), ("nb", "en bukk"), ("tl", "ang puwit")] {
        assert!(filter.judge(&document(code, text)) != Verdict::Keep, "{code} {text}");
    }
    assert_eq!(filter.languages(), [("kab", "./kab"), ("nb", "./nb.txt"), ("nb", "./no"), ("tl", "./fil")]);
}

#[test]
fn what_cannot_be_is_refused() {
    let new = |lists: &[&str], most| BlockedWords::new(Options { lists: lists.iter().map(|list| (*list).to_owned()).collect(), most });
    assert!(new(&[], Most::default()).unwrap_err().to_string().contains("at least one"));
    assert!(new(&["a"], Most::Share(1.5)).unwrap_err().to_string().contains("0..=1"));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("README"), "").unwrap();
    assert!(new(&["."], Most::default()).unwrap().files(folder.path()).unwrap_err().to_string().contains("holds no list"));
    assert!(new(&["nowhere"], Most::default()).unwrap().files(folder.path()).unwrap_err().chain().contains("nowhere"));
}
