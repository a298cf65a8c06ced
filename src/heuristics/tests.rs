use super::gopher_quality::{GopherQuality, Options};
use crate::document::{Document, Filter, Language, Reason, Verdict};
use crate::error::Kind;
use crate::text::{cases, mostly_spaceless};

fn judge(options: Options, text: &str) -> Verdict {
    GopherQuality::new(options).unwrap().judge(&Document { text: text.to_owned(), ..Document::default() })
}

/// The reason under the paper's limits.
fn reason(text: &str) -> Option<(&'static str, f64, f64)> {
    match judge(Options::default(), text) {
        Verdict::Keep => None,
        Verdict::Drop(Reason { filter, rule, value, limit }) => {
            assert_eq!(filter, "gopher-quality");
            Some((rule, value, limit))
        }
    }
}

#[test]
fn every_case_of_gopher_quality_holds() {
    let filter = GopherQuality::new(Options::default()).unwrap();
    cases::check(&filter, include_str!("../../tests/cases/gopher-quality.md"));
}

/// Plain words, two different stop words among every four: a text that breaks no rule but those on the number of words.
fn words(n_words: usize) -> String {
    "the mill and water ".repeat(n_words.div_ceil(4)).split(' ').take(n_words).collect::<Vec<_>>().join(" ")
}

#[test]
fn limits_are_inclusive_and_values_are_reported() {
    assert_eq!(reason(&words(49)), Some(("min-words", 49.0, 50.0)));
    assert_eq!(reason(&words(50)), None);
    assert_eq!(reason(&words(100_000)), None);
    assert_eq!(reason(&words(100_001)), Some(("max-words", 100_001.0, 100_000.0)));
    assert_eq!(reason(&"a b ".repeat(30)), Some(("mean-word-length", 1.0, 3.0)));
    assert_eq!(reason(&"mmmmmmmmmmm ".repeat(60)), Some(("mean-word-length", 11.0, 10.0)));
    assert_eq!(reason(&format!("{} {}", words(90), "#the ".repeat(10))), None);
    assert_eq!(reason(&format!("{} {}", words(89), "#the ".repeat(11))), Some(("symbol-ratio", 0.11, 0.1)));
    assert_eq!(reason(&format!("{} {}", words(89), "the… ".repeat(11))), Some(("symbol-ratio", 0.11, 0.1)));
    assert_eq!(reason(&format!("{} {}", words(79), "12345 ".repeat(21))), Some(("alphabetic-words", 0.79, 0.8)));
    assert_eq!(reason(&"mill water the ".repeat(20)), Some(("stop-words", 1.0, 2.0)));
}

#[test]
fn lines_are_counted_without_blank_ones() {
    let line = words(10);
    let plain = format!("{line}\n\n");
    let bullets = format!("- {line}\n \n");
    assert_eq!(reason(&format!("{}{plain}", bullets.repeat(9))), None);
    assert_eq!(reason(&bullets.repeat(10)), Some(("bullet-lines", 1.0, 0.9)));
    let broken = format!("{line}...\r\n\n");
    assert_eq!(reason(&format!("{}{}", broken.repeat(3), plain.repeat(7))), None);
    assert_eq!(reason(&format!("{}{}", broken.repeat(4), plain.repeat(6))), Some(("ellipsis-lines", 0.4, 0.3)));
}

#[test]
fn stop_words_count_once_each_in_any_case_and_within_punctuation() {
    let rest = "mill water ".repeat(30);
    assert_eq!(reason(&format!("The “AND” {rest}")), None);
    assert_eq!(reason(&format!("(that, have) {rest}")), None);
    assert_eq!(reason(&format!("the The THE the, {rest}")), Some(("stop-words", 1.0, 2.0)));
    assert_eq!(reason(&format!("then bee t-o {rest}")), Some(("stop-words", 0.0, 2.0)));
}

#[test]
fn stop_words_are_asked_of_english_only() {
    let filter = GopherQuality::new(Options::default()).unwrap();
    let judge = |code: Option<&str>| {
        let language = code.map(|code| Language::new(code, 0.9));
        filter.judge(&Document { text: "Mühle Wasser ".repeat(30), language, ..Document::default() })
    };
    assert_eq!(judge(Some("de")), Verdict::Keep);
    for code in [None, Some("en"), Some("und")] {
        assert!(matches!(judge(code), Verdict::Drop(Reason { rule: "stop-words", .. })), "{code:?}");
    }
}

#[test]
fn scripts_without_spaces_count_two_characters_as_a_word() {
    // Ten characters each, so five words.
    let sentence = "川の水は少なかった。";
    assert!(mostly_spaceless(sentence));
    assert_eq!(reason(&sentence.repeat(9)), Some(("min-words", 45.0, 50.0)));
    assert_eq!(reason(&sentence.repeat(10)), None);
    assert_eq!(reason(&format!("{}#", sentence.repeat(10))), None);
    assert_eq!(reason(&format!("{}\n", sentence.repeat(3) + "…").repeat(5)), Some(("ellipsis-lines", 1.0, 0.3)));
    assert_eq!(reason(&(sentence.repeat(20_001))), Some(("max-words", 100_005.0, 100_000.0)));
}

#[test]
fn nothing_and_noise_are_judged_too() {
    for text in ["", "\n\n \t", "#", "…", "\u{3000}", "😀"] {
        assert_eq!(reason(text).map(|(rule, ..)| rule), Some("min-words"), "{text:?}");
    }
    let lenient = Options { min_words: 0, min_mean_word_length: 0.0, min_alphabetic_words: 0.0, min_stop_words: 0, ..Options::default() };
    assert_eq!(judge(lenient, ""), Verdict::Keep);
}

#[test]
fn broken_options_are_faults_of_the_recipe() {
    let defaults = Options::default;
    for (options, named) in [
        (Options { max_bullet_lines: f64::NAN, ..defaults() }, "max-bullet-lines"),
        (Options { min_alphabetic_words: 1.1, ..defaults() }, "min-alphabetic-words"),
        (Options { max_symbol_ratio: f64::INFINITY, ..defaults() }, "max-symbol-ratio"),
        (Options { min_mean_word_length: -1.0, ..defaults() }, "min-mean-word-length"),
        (Options { min_words: 10, max_words: 9, ..defaults() }, "min-"),
        (Options { min_stop_words: 9, ..defaults() }, "min-stop-words"),
    ] {
        let error = GopherQuality::new(options).unwrap_err();
        assert_eq!(error.kind(), Kind::Recipe);
        assert!(error.to_string().contains(named), "{error}");
    }
    let options: Options = serde_json::from_str(r#"{"min-words":10}"#).unwrap();
    assert_eq!((options.min_words, options.max_words), (10, 100_000));
    assert!(serde_json::from_str::<Options>(r#"{"min-word":10}"#).is_err());
}
