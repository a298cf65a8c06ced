use super::hash::{document_key, draw, unit};
use super::*;
use crate::document::Key;

#[test]
fn words_are_runs_of_letters_digits_and_underscores() {
    assert_eq!(words("It's 3_a  été, 東京!").collect::<Vec<_>>(), ["It", "s", "3_a", "été", "東京"]);
    assert_eq!(words(" \n").count(), 0);
}

#[test]
fn a_quoted_chinese_sentence_does_not_make_an_english_page_spaceless() {
    assert!(mostly_spaceless("東京の天気は晴れです。Rust と WARC"));
    assert!(!mostly_spaceless("The sign said 東京, and nothing else was written on the wall"));
    assert!(!mostly_spaceless(""));
}

#[test]
fn draws_depend_on_seed_step_and_key_and_stay_inside_the_open_interval() {
    let key = document_key("a.warc", "<urn:uuid:1>", 0);
    assert_eq!(draw(1, "score", key), draw(1, "score", key));
    assert_ne!(draw(1, "score", key), draw(2, "score", key));
    assert_ne!(draw(1, "score", key), draw(1, "blend", key));
    assert_ne!(draw(1, "score", key), draw(1, "score", Key(key.0 + 1)));
    assert!(0.0 < unit(0) && unit(u64::MAX) < 1.0);
    let mean = (0..10_000).map(|n| draw(7, "test", Key(n))).sum::<f64>() / 10_000.0;
    assert!((mean - 0.5).abs() < 0.02, "{mean}");
}

#[test]
fn keys_do_not_run_together() {
    assert_ne!(document_key("ab", "c", 0), document_key("a", "bc", 0));
    assert_ne!(document_key("a", "b", 0), document_key("a", "b", 1));
}
