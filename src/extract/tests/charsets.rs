//! The chain of decisions on the charset: what each link says, and who wins.

use super::*;

use CharsetFrom::{Bom, Detector, Http, Meta, Utf8};

const SENTENCE: &str = "Die Straße führt über die Brücke, und für die Größe der Stadt ist sie schön.";

fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

/// Body and label; charset, who decided, and the number of replacements.
fn check(body: &[u8], label: Option<&str>, charset: &str, from: CharsetFrom, replacements: u64) {
    let found = extract_with(body, label).unwrap();
    assert_eq!((found.charset, found.charset_from, found.replacements), (charset, from, replacements));
    if replacements == 0 {
        assert_eq!(found.text, SENTENCE);
    }
}

#[test]
fn each_link_of_the_chain_decides_where_those_before_say_nothing() {
    let html = format!("<p>{SENTENCE}</p>");
    let with_meta = |label: &str| format!("<meta charset='{label}'><p>{SENTENCE}</p>");
    let marked = ["\u{FEFF}".as_bytes(), html.as_bytes()].concat();
    check(&marked, Some("iso-8859-1"), "UTF-8", Bom, 0);
    check(html.as_bytes(), None, "UTF-8", Utf8, 0);
    check(html.as_bytes(), Some("\"UTF-8\""), "UTF-8", Http, 0);
    check(with_meta("utf8").as_bytes(), None, "UTF-8", Meta, 0);
    check(&latin(&html), Some("ISO-8859-1"), "windows-1252", Http, 0);
    check(&latin(&with_meta("latin1")), None, "windows-1252", Meta, 0);
    check(&latin(&html), None, "windows-1252", Detector, 0);
}

#[test]
fn labels_that_lie_about_valid_utf8_are_overruled() {
    let html = format!("<meta charset=iso-8859-1><p>{SENTENCE}</p>");
    check(html.as_bytes(), None, "UTF-8", Utf8, 0);
    check(html.as_bytes(), Some("windows-1251"), "UTF-8", Utf8, 0);
}

#[test]
fn http_wins_over_meta_where_they_contradict() {
    let html = format!("<meta charset=koi8-r><p>{SENTENCE}</p>");
    check(&latin(&html), Some("windows-1252"), "windows-1252", Http, 0);
}

#[test]
fn unknown_labels_count_as_none() {
    let html = format!("<meta charset=x-klingon><meta http-equiv=content-type content='text/html; charset=iso-8859-1'><p>{SENTENCE}</p>");
    check(&latin(&html), Some("ebcdic"), "windows-1252", Meta, 0);
}

#[test]
fn meta_is_found_in_all_its_forms_and_not_in_comments() {
    for head in [
        "<META HTTP-EQUIV=Content-Type CONTENT=\"text/html; charset = windows-1252\">",
        "<meta http-equiv=content-type content='text/html;charset=ISO-8859-15'>",
        "<!-- <meta charset=koi8-r> --><meta charset = 'windows-1252' >",
        "<?xml version='1.0' encoding='windows-1252'?>",
        "<script>charset = 'koi8-r'</script><meta name=x content=y><meta charset=windows-1252>",
    ] {
        let found = extract_with(&latin(&format!("{head}<p>{SENTENCE}</p>")), None).unwrap();
        assert_eq!((found.text.as_str(), found.charset_from), (SENTENCE, Meta), "{head}");
    }
}

#[test]
fn utf16_with_and_without_its_mark() {
    let html = format!("<html><p>{SENTENCE}</p></html>");
    for big in [false, true] {
        let name = if big { "UTF-16BE" } else { "UTF-16LE" };
        check(&utf16(&format!("\u{FEFF}{html}"), big), None, name, Bom, 0);
        check(&utf16(&html, big), Some(name), name, Http, 0);
        check(&utf16(&html, big), None, name, Detector, 0);
    }
    // A page that calls itself UTF-16 in ASCII bytes is UTF-8.
    check(format!("<meta charset=utf-16><p>{SENTENCE}</p>").as_bytes(), None, "UTF-8", Meta, 0);
}

#[test]
fn bytes_outside_the_charset_are_replaced_and_counted() {
    let mut html = format!("<p>{SENTENCE} \u{FFFD}").into_bytes();
    html.extend(b" \xFF and \xC3 here.</p>");
    check(&html, Some("utf-8"), "UTF-8", Http, 2);
}

#[test]
fn the_detector_tells_cyrillic_and_japanese() {
    let russian =
        encoding_rs::WINDOWS_1251.encode("<p>Сегодня в городе хорошая погода, и все люди вышли гулять в парк.</p>").0.into_owned();
    let found = extract_with(&russian, None).unwrap();
    assert_eq!((found.charset, found.charset_from), ("windows-1251", Detector));
    let japanese =
        encoding_rs::SHIFT_JIS.encode("<p>今日は天気がよいので、公園へ散歩に行きました。とても楽しかったです。</p>").0.into_owned();
    let found = extract_with(&japanese, None).unwrap();
    assert_eq!((found.charset, found.text.contains("公園へ散歩")), ("Shift_JIS", true));
}

#[test]
fn a_detector_hint_that_is_no_domain_does_no_harm() {
    for url in ["http://192.168.0.1/", "http://EXAMPLE.ÖRG/", "nonsense", "http://", "http://user@host.de:80/x", "http://a.b../"] {
        let mut page = page_of_file("page.html", b"<p>caf\xE9 au lait, dans un caf\xE9 de la ville.</p>");
        page.url = url;
        assert!(Extractor::new(Options::default()).unwrap().extract(&page).is_ok(), "{url}");
    }
}
