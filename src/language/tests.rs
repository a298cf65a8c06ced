use super::filter::{LanguageFilter, Options};
use super::*;
use crate::document::{Document, Filter, Verdict};
use crate::error::Kind;
use crate::text::cases;

fn code(text: &str) -> String {
    identify(text).code
}

fn filter(keep: &[&str], min_probability: f64) -> Result<LanguageFilter, crate::Error> {
    LanguageFilter::new(Options { keep: keep.iter().map(|code| (*code).to_owned()).collect(), min_probability })
}

#[test]
fn every_case_of_the_filter_holds() {
    cases::check(&filter(&["en", "ja"], 0.65).unwrap(), include_str!("../../tests/cases/language.md"));
}

#[test]
fn languages_are_recognised_and_named_by_their_short_code() {
    for (expected, text) in [
        ("en", "The river was low that summer, and the ferry could not cross before noon."),
        ("de", "Der Fluss führte in jenem Sommer wenig Wasser, und die Fähre konnte vor Mittag nicht übersetzen."),
        ("fr", "La rivière était basse cet été-là, et le bac ne pouvait pas traverser avant midi."),
        (
            "ru",
            "Этим летом река была очень мелкой, и паром не мог ходить до самого обеда; люди ждали под деревьями и рассказывали друг другу, что они слышали в городе.",
        ),
        ("el", "Το ποτάμι ήταν χαμηλό εκείνο το καλοκαίρι και το πλοίο δεν μπορούσε να περάσει."),
        ("zh", "那年夏天河水很低，渡船中午以前不能过河。"),
        ("ja", "その夏は川の水が少なく、渡し船は正午まで渡れませんでした。"),
        ("ko", "그해 여름에는 강물이 적어서 나룻배가 정오까지 건널 수 없었습니다."),
        ("th", "ฤดูร้อนปีนั้นน้ำในแม่น้ำน้อย เรือข้ามฟากจึงข้ามไม่ได้ก่อนเที่ยง"),
    ] {
        let language = identify(text);
        assert_eq!(language.code, expected, "{text}");
        assert!(0.0 < language.probability && language.probability <= 1.0, "{language:?}");
    }
}

#[test]
fn east_asian_pages_with_latin_letters_are_routed() {
    assert_eq!(
        code("新製品 Example Server Pro 2024 の発売について。The Example Server Pro runs on the Example Cloud Platform です。"),
        "ja"
    );
    assert_eq!(code("Example Cloud Platform 서버 설정 방법 안내 Install Guide for the Example Server 입니다"), "ko");
    assert_eq!(code("安装指南 Example Cloud Platform 服务器配置 Install Guide 下载最新版本"), "zh");
    let quoting = identify("The sign on the old ferry house said 渡船, and nobody in the whole village could read it any more.");
    assert_eq!(quoting.code, "en");
}

/// The share of the script keeps a mixture from looking certain.
#[test]
fn a_mixture_is_less_certain_than_a_pure_text() {
    let pure = identify("その夏は川の水が少なく、渡し船は正午まで渡れませんでした。");
    let mixed = identify("その夏は川の水が少なく Example Cloud Platform Install Guide for the Example Server");
    assert_eq!((pure.code.as_str(), pure.probability, mixed.code.as_str()), ("ja", 1.0, "ja"));
    assert!(0.2 < mixed.probability && mixed.probability < 0.6, "{mixed:?}");
}

#[test]
fn nothing_to_recognise_is_und() {
    for text in ["", " \n", "12345 67890", "!?*", "😀😀"] {
        assert_eq!(identify(text), Language { code: "und".into(), probability: 0.0 }, "{text:?}");
    }
}

#[test]
fn the_sample_is_bounded_and_cut_between_characters() {
    for text in ["é".repeat(10_000), "渡".repeat(10_001), "x😀".repeat(9_999)] {
        let sample = sample(&text);
        assert!(sample.len() <= 3 * PIECE_BYTES + 3 * 3 + 2, "{}", sample.len());
        assert!(sample.chars().all(|c| text.contains(c) || c == '\n'));
    }
    let short = "é".repeat(PIECE_BYTES);
    assert_eq!(sample(&short), short);
}

#[test]
fn codes_are_complete_sorted_and_distinct() {
    let known = known();
    assert!(known.windows(2).all(|pair| pair[0] < pair[1]));
    for language in whatlang::Lang::all() {
        assert!(CODES.iter().any(|(three, _)| *three == language.code()), "{language}");
    }
    assert!(is_known("en") && !is_known("und") && !is_known("eng"));
}

#[test]
fn broken_options_are_faults_of_the_recipe() {
    for (result, named) in [
        (filter(&[], 0.5), "empty"),
        (filter(&["en", "klingon"], 0.5), "klingon"),
        (filter(&["en"], f64::NAN), "NaN"),
        (filter(&["en"], 1.01), "1.01"),
        (filter(&["en"], -0.1), "-0.1"),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), Kind::Recipe);
        assert!(error.to_string().contains(named), "{error}");
    }
    let options: Options = serde_json::from_str(r#"{"keep":["en"]}"#).unwrap();
    assert_eq!(options.min_probability, 0.65);
    assert!(serde_json::from_str::<Options>(r#"{"keep":["en"],"min_probability":0.5}"#).is_err());
}

#[test]
fn the_language_that_the_runner_set_counts() {
    let filter = filter(&["en"], 0.65).unwrap();
    let judge = |code: &str, probability| {
        let language = Some(Language { code: code.into(), probability });
        filter.judge(&Document { language, ..Document::default() })
    };
    assert_eq!(judge("en", 0.65), Verdict::Keep);
    let Verdict::Drop(reason) = judge("en", 0.64) else { panic!("kept") };
    assert_eq!((reason.rule, reason.value, reason.limit), ("probability", 0.64, 0.65));
    let Verdict::Drop(reason) = judge("de", 0.9) else { panic!("kept") };
    assert_eq!((reason.rule, reason.value, reason.limit), ("language", 0.9, 0.65));
}
