use super::*;

const NGRAMS: By = By::Ngrams(Ngrams { words: 3, threshold: 0.8 });

fn normal(paragraph: &str, zeros: bool) -> String {
    let mut normal = Normal::default();
    // What was read before leaves nothing behind.
    normal.read("another paragraph of seven words stood here", zeros);
    normal.read(paragraph, zeros);
    String::from_utf8(normal.whole().to_vec()).unwrap()
}

/// What is left of a text when better documents hold these paragraphs.
fn left(text: &str, by: By, others: &[&str]) -> String {
    let mut taken: Vec<Taken> =
        others.iter().flat_map(|other| Hashed::of(other, by).distinct().collect::<Vec<_>>()).map(|h| (h, 7)).collect();
    taken.sort_unstable();
    taken.dedup();
    let cuts = Hashed::of(text, by).cuts(by, &taken);
    let ranges: Vec<Range<usize>> = cuts.iter().map(|cut| cut.range.clone()).collect();
    without(text, &ranges).unwrap()
}

#[test]
fn the_normal_form_is_lower_case_without_accents_and_punctuation() {
    for (paragraph, zeros, wanted) in [
        ("  Crème BRÛLÉE -- for 12, at 19:30!\t", true, "creme brulee for 00 at 0000"),
        ("Crème BRÛLÉE -- for 12", false, "creme brulee for 12"),
        // Composed and decomposed letters, accents upon accents, capitals whose small form is two characters.
        ("E\u{301}te\u{301} \u{1EC6} İstanbul", true, "ete e istanbul"),
        ("ΑΝΘΡΩΠΟΣ άνθρωπος", true, "ανθρωποσ ανθρωποσ"),
        ("“C’est-à-dire” ‹fin›…", true, "cestadire fin"),
        // Digits of every script are digits, numbers that are none are not.
        ("٣ चार ४ Ⅳ", true, "0 चार 0 ⅳ"),
        // Marks that are no accents stay; が is not か.
        ("が か ไม่", true, "が か ไม่"),
        ("中文。維基百科", true, "中 文 維 基 百 科"),
        // What does not print is nothing: a soft hyphen, a zero width space, a byte order mark, a bell.
        ("co\u{AD}op\u{200B}er\u{FEFF}ate\u{7}", true, "cooperate"),
        ("$5 + x < y", true, "$0 + x < y"),
        ("* * * --- …", true, ""),
        ("", true, ""),
        ("한국어 각", true, "한국어 각"),
    ] {
        assert_eq!(normal(paragraph, zeros), wanted, "{paragraph}");
    }
    assert_ne!(normal("が", true), normal("か", true));
}

#[test]
fn paragraphs_are_lines_that_hold_something() {
    let text = "\n one\n \t\n\ntwo\r\nthree";
    assert_eq!(paragraphs(text).map(|range| &text[range]).collect::<Vec<_>>(), [" one", "two\r", "three"]);
    for empty in ["", "\n", " \n\u{3000}\n"] {
        assert_eq!(paragraphs(empty).count(), 0);
        assert_eq!(Hashed::of(empty, By::Ccnet), Hashed { length: empty.len(), ..Hashed::default() });
        assert_eq!(Hashed::of(empty, By::Ccnet).cuts(By::Ccnet, &[]), []);
    }
}

#[test]
fn a_paragraph_that_others_hold_goes_with_its_line_feed() {
    let footer = "Share this on 3 networks!";
    for (text, wanted) in [
        ("a first\nSHARE this, on 9 networks\nthe last", "a first\nthe last"),
        ("share this on 3 networks\na first\nthe last", "a first\nthe last"),
        ("a first\nthe last\nshare this on 3 networks", "a first\nthe last"),
        ("a first\nthe last\nshare this on 3 networks\n", "a first\nthe last"),
        ("a first\n\nshare this on 3 networks\n\nthe last\n", "a first\n\nthe last\n"),
        ("share this on 3 networks", ""),
        ("\n share this on 3 networks\n\n", ""),
        ("a first\n\nthe last\n", "a first\n\nthe last\n"),
    ] {
        assert_eq!(left(text, By::Ccnet, &[footer]), wanted, "{text}");
    }
    // Runs of them, inside and at the end.
    assert_eq!(left("x\nb\n\nc\ny\nb2\n", By::Ccnet, &["b\nc\nb0"]), "x\ny");
    assert_eq!(left("b\nx\nc\n\ny\nc\n\nb", By::Ccnet, &["b\nc"]), "x\ny");
}

#[test]
fn what_came_before_in_the_same_text_goes_and_the_first_stays() {
    let text = "refrain: la!\none\nRefrain, la\ntwo\n***\n***\nrefrain la";
    assert_eq!(left(text, By::Ccnet, &[]), "refrain: la!\none\ntwo\n***\n***");
    let cuts = Hashed::of(text, By::Ccnet).cuts(By::Ccnet, &[]);
    assert_eq!(cuts.iter().map(|cut| (cut.owner, cut.share)).collect::<Vec<_>>(), [(None, 1.0); 2]);
    // Of what a better document holds even the first goes, and that document is named.
    let taken: Vec<Taken> = Hashed::of("refrain la", By::Ccnet).distinct().map(|hash| (hash, 4)).collect();
    let cuts = Hashed::of(text, By::Ccnet).cuts(By::Ccnet, &taken);
    assert_eq!(cuts.iter().map(|cut| cut.owner).collect::<Vec<_>>(), [Some(4); 3]);
}

#[test]
fn a_paragraph_goes_when_enough_of_its_n_grams_are_held() {
    // Of nine words seven runs of three; the share of runs that the other text holds decides.
    let text = "one two three four five six seven eight nine";
    for (other, wanted) in [
        ("One, two three four five six seven eight!", ""),
        ("one two three four five six seven", text),
        ("one two three\ntwo three four\nthree four five\nfour five six\nfive six seven\nseven eight nine", ""),
        ("nine eight seven six five four three two one", text),
    ] {
        assert_eq!(left(text, NGRAMS, &[other]), wanted, "{other}");
    }
    // The share is at least the threshold: 4 of 5 runs.
    assert_eq!(left("a b c d e f g", NGRAMS, &["a b c d e f"]), "");
    assert_eq!(left("a b c d e f g", By::Ngrams(Ngrams { words: 3, threshold: 0.81 }), &["a b c d e f"]), "a b c d e f g");
    // Shorter than an n-gram: it stays, wherever it stands. Digits are what they are.
    assert_eq!(left("and so\nand so\nand so on", NGRAMS, &["and so\nand so on"]), "and so\nand so");
    assert_eq!(left("he paid 15 dollars", NGRAMS, &["he paid 16 dollars"]), "he paid 15 dollars");
    // A run within one paragraph is its own, however often it comes; in a second paragraph it came before.
    let chant = "row row row row row row";
    assert_eq!(left(chant, NGRAMS, &[]), chant);
    assert_eq!(left(&format!("{chant}\nthen\n{chant}"), NGRAMS, &[]), format!("{chant}\nthen"));
    // Letters of Han are words.
    assert_eq!(left("床前明月光\n疑是地上霜", NGRAMS, &["床前明月光，"]), "疑是地上霜");
}

#[test]
fn the_owner_of_most_n_grams_is_named_and_of_equals_the_first() {
    let text = "one two three four five six seven eight";
    let hashes = |text: &str| Hashed::of(text, NGRAMS).distinct().collect::<Vec<_>>();
    let owned = |parts: &[(&str, u32)]| {
        let mut taken: Vec<Taken> = parts.iter().flat_map(|(part, owner)| hashes(part).into_iter().map(|hash| (hash, *owner))).collect();
        taken.sort_unstable();
        let cuts = Hashed::of(text, NGRAMS).cuts(NGRAMS, &taken);
        (cuts[0].owner, cuts[0].share)
    };
    assert_eq!(owned(&[("one two three four", 1), ("three four five six seven eight", 2)]), (Some(2), 1.0));
    assert_eq!(owned(&[("one two three four five", 9), ("four five six seven eight", 3)]), (Some(3), 1.0));
    assert_eq!(owned(&[("one two three four five six seven", 5)]), (Some(5), 5.0 / 6.0));
}

#[test]
fn stretches_that_are_not_of_the_text_are_refused() {
    let left = |cuts: &[(usize, usize)]| without("añb", &cuts.iter().map(|&(start, end)| start..end).collect::<Vec<_>>());
    assert_eq!(left(&[(1, 3)]).as_deref(), Some("ab"));
    assert_eq!(left(&[(0, 1), (1, 3), (4, 4)]).as_deref(), Some("b"));
    assert_eq!(left(&[]).as_deref(), Some("añb"));
    // Beyond its end, inside a character, backwards, over each other, out of order.
    for wrong in [&[(0, 5)][..], &[(1, 2)], &[(3, 1)], &[(0, 3), (1, 4)], &[(3, 4), (0, 1)]] {
        assert_eq!(left(wrong), None, "{wrong:?}");
    }
}

#[test]
fn hostile_texts_take_linear_time() {
    let time = |text: &str, by: By| {
        let start = std::time::Instant::now();
        let cuts = Hashed::of(text, by).cuts(by, &[]);
        let left = without(text, &cuts.iter().map(|cut| cut.range.clone()).collect::<Vec<_>>()).unwrap();
        (left, start.elapsed().as_secs_f64())
    };
    let ngrams = By::Ngrams(Ngrams::default());
    let line = "the quick brown fox jumps over the lazy dog and so it goes on ".repeat(80_000);
    let equal = format!("{}\n", &line[..90]).repeat(100_000);
    let different: String = (0..100_000).map(|n| format!("{n} {}\n", &line[..80])).collect();
    for by in [By::Ccnet, ngrams] {
        assert_eq!(time(&line, by).0.len(), line.len());
        assert_eq!(time(&equal, by).0, &line[..90]);
        // Ten times as much takes about ten times as long; a square would take a hundred.
        let (part, whole) = (time(&equal[..equal.len() / 10], by).1, time(&equal, by).1);
        assert!(whole < 40.0 * part.max(0.002), "{by:?}: {part} s and {whole} s");
        let (part, whole) = (time(&different[..different.len() / 10], by).1, time(&different, by).1);
        assert!(whole < 40.0 * part.max(0.002), "{by:?}: {part} s and {whole} s");
    }
}

#[test]
fn options_that_cannot_hold_are_refused() {
    let options = Options { by: By::Ccnet, min_characters: 300, false_positive_rate: 0.01 };
    options.check().unwrap();
    let ngrams = |words, threshold| Options { by: By::Ngrams(Ngrams { words, threshold }), ..options };
    ngrams(13, 1.0).check().unwrap();
    for wrong in [
        ngrams(0, 0.8),
        ngrams(13, 0.0),
        ngrams(13, 1.1),
        ngrams(13, f64::NAN),
        Options { min_characters: 0, ..options },
        Options { false_positive_rate: 0.0, ..options },
        Options { false_positive_rate: f64::NAN, ..options },
    ] {
        assert_eq!(wrong.check().unwrap_err().exit_code(), 2, "{wrong:?}");
    }
}
