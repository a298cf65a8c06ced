use super::super::{MinHash, Options, Pairs, Shingles};
use super::*;

fn options(shingles: Shingles) -> Options {
    Options { shingles, minhash: MinHash::default(), threshold: 0.8, containment: None, pairs: Pairs::All }
}

fn words_of(text: &str, n: usize) -> ShingleSet {
    ShingleSet::of(text, &options(Shingles::Words(n)))
}

/// The definition, written as slowly as it reads.
fn by_definition(shingles: &[&str]) -> Vec<u64> {
    let set: std::collections::BTreeSet<u64> = shingles.iter().map(|shingle| hash64(shingle.as_bytes())).collect();
    set.into_iter().collect()
}

#[test]
fn a_shingle_is_the_hash_of_lower_cased_words_joined_by_one_space() {
    let expected = by_definition(&["the snake_case 2nd", "snake_case 2nd étage", "2nd étage is"]);
    assert_eq!(words_of("  The  snake_case, 2nd ÉTAGE\nis!", 3).hashes(), expected);
    assert_eq!(words_of("one two", 3).hashes(), by_definition(&["one two"]), "fewer words than a shingle are one shingle");
    assert_eq!(words_of("one two three", 3).hashes(), by_definition(&["one two three"]));
    assert_eq!(words_of("a b a b a b", 2).hashes(), by_definition(&["a b", "b a"]), "a repeated shingle counts once");
}

#[test]
fn the_words_of_a_shingle_are_the_words_of_the_house() {
    let mixed = "It's 3_a été—naïve, ΑΘΗΝΑ\u{a0}Weiß x²\u{200b}y ½ ... ꙮ \u{0}end_";
    let (folded, ends) = fold(mixed, &NO_WORD, |c| !c.is_alphanumeric());
    let expected: Vec<String> = crate::text::words(mixed).map(str::to_lowercase).collect();
    assert_eq!(folded, expected.join(" ").as_bytes());
    let starts = std::iter::once(0).chain(ends.iter().map(|end| end + 1));
    assert!(starts.zip(&ends).map(|(start, end)| &folded[start..*end]).eq(expected.iter().map(String::as_bytes)));
}

#[test]
fn nothing_has_no_shingle_at_any_length_and_signs_are_one() {
    let signs = |text: &str| words_of(text, 5);
    assert_eq!(signs("-- ... !").len(), 1);
    assert_eq!(signs("-- ... !").evidence(&signs(" --  ... !\n")).jaccard, 1.0);
    assert_eq!(signs("—").evidence(&signs("-")).jaccard, 0.0);
    for text in ["", " ", "\n\t", "\u{3000}"] {
        for n in [1, 5, 1000] {
            assert!(words_of(text, n).is_empty(), "{text:?}");
        }
    }
    let characters = |text| ShingleSet::of(text, &options(Shingles::Characters(5)));
    assert!(characters("").is_empty() && characters(" \n ").is_empty());
    assert_eq!(characters("ab").len(), 1);
    assert_eq!(characters("abcdefg").len(), 3);
}

#[test]
fn a_character_never_lends_its_bytes_to_two_shingles() {
    // Slices at byte positions would panic inside these.
    for text in ["ééééé ééé é", "漢字かな交じり文の短い例です", "👩‍👩‍👧 family 👨‍👩‍👦 emoji", "İstanbul ISTANBUL ıstanbul"]
    {
        for n in 1..20 {
            assert!(!ShingleSet::of(text, &options(Shingles::Characters(n))).is_empty());
            assert!(!words_of(text, n).is_empty());
        }
    }
}

#[test]
fn evidence_is_that_of_sets_and_symmetric() {
    let sets = ["a b c d e f g", "a b c d e x y", "a b c", "", "q r s"].map(|text| words_of(text, 2));
    for a in &sets {
        for b in &sets {
            let shared = a.hashes().iter().filter(|hash| b.hashes().contains(hash)).count() as u64;
            let evidence = a.evidence(b);
            assert_eq!(evidence, b.evidence(a));
            assert_eq!((evidence.shared, evidence.distinct), (shared, (a.len() + b.len()) as u64 - shared));
            assert!((0.0..=1.0).contains(&evidence.jaccard) && evidence.jaccard <= evidence.containment && evidence.containment <= 1.0);
        }
    }
    // A quotation is contained in what quotes it.
    assert_eq!(sets[2].evidence(&sets[0]).containment, 1.0);
}

#[test]
fn case_and_white_space_of_any_script_do_not_tell_texts_apart() {
    assert_eq!(exact_hash("ÉTÉ\u{a0}à  la\r\nMER"), exact_hash("été à la mer"));
    assert_eq!(exact_hash(""), exact_hash(" \n\u{3000}"));
    assert_ne!(exact_hash("ab c"), exact_hash("a bc"));
    assert_ne!(exact_hash("été"), exact_hash("ete"));
}

#[test]
fn a_changed_clause_in_a_japanese_page_leaves_it_a_duplicate() {
    let sentences: Vec<String> =
        (1..40).map(|n| format!("第{n}章では、川沿いの製粉所で働く{n}人の職人が、どのように小麦を挽いたかを述べる。")).collect();
    let page = sentences.concat();
    let edited = page.replace("第7章では、川沿いの製粉所で働く7人の職人が", "第7章においては、山の上の風車で暮らす七人の家族が");
    assert_ne!(page, edited);
    let set = |text: &str| words_of(text, 5);
    assert!(0.9 < set(&page).evidence(&set(&edited)).jaccard);
    let other: String = (1..40).map(|n| format!("{n}番目の客は、駅前の喫茶店で熱い珈琲を頼み、窓の外の雨を静かに見ていた。")).collect();
    assert!(set(&page).evidence(&set(&other)).jaccard < 0.1);
}

/// Every character of Unicode, alone and between others: the tables and the branches for long characters say what the library's own functions say.
#[test]
fn folding_is_that_of_the_library_for_every_character() {
    let slowly = |text: &str| text.split_whitespace().map(lowered).collect::<Vec<_>>().join(" ");
    fn lowered(word: &str) -> String {
        word.chars().flat_map(char::to_lowercase).collect()
    }
    for c in '\0'..=char::MAX {
        for text in [format!("{c}"), format!("A{c}{c}B {c}")] {
            assert_eq!(fold(&text, &SPACES, char::is_whitespace).0, slowly(&text).as_bytes(), "{c:?}");
            let words: Vec<String> = crate::text::words(&text).map(lowered).collect();
            let (folded, ends) = fold(&text, &NO_WORD, |c| !c.is_alphanumeric());
            assert_eq!((folded, ends.len()), (words.join(" ").into_bytes(), words.len()), "{c:?}");
        }
        assert!(!crate::text::is_spaceless(c) || may_be_spaceless(&c.to_string()), "{c:?}");
    }
}
