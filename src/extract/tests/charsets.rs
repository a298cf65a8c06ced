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
        // Nor in what only looks like it.
        "<meta name=description content='charset=koi8-r'><meta charset=windows-1252>",
        "<link title=\"<meta charset=koi8-r>\"><meta/charset=windows-1252>",
        "<metadata charset=koi8-r></meta charset=koi8-r><? charset=koi8-r><meta charset=windows-1252 charset=koi8-r>",
        "<meta content='text/html; charset=windows-1252' http-equiv=CONTENT-TYPE>",
    ] {
        let found = extract_with(&latin(&format!("{head}<p>{SENTENCE}</p>")), None).unwrap();
        assert_eq!((found.text.as_str(), found.charset_from), (SENTENCE, Meta), "{head}");
    }
    // However it is written, where nothing else says it; but not in a description.
    let declared = |head: &str| prescan::declared(head.as_bytes()).map(encoding_rs::Encoding::name);
    for head in [
        "<meta name=\"Content-Type\" content=\"text/html; charset=windows-1252\">",
        "<meta equiv='Content-Type' content='text/html; charset=windows-1252'>",
        "<link href=\"style.css><meta http-equiv=Content-Type content='text/html; charset=windows-1252'>",
        "<script>if (s.indexOf(\"<a href='\")>0) x()</script><meta charset=windows-1252>",
        "<body<meta charset=windows-1252>",
        "<meta charset=\"windows-1252>",
        "<meta name=description content='A page' <meta http-equiv=Content-Type content='text/html; charset=windows-1252'>",
        "<meta id=username equiv='x' content='text/html; charset=windows-1252'>",
    ] {
        assert_eq!(declared(head), Some("windows-1252"), "{head}");
    }
    for head in [
        "<meta name=description content='charset=windows-1251'>",
        "<meta name = 'x' content='charset=windows-1251'>",
        "<meta property='og:description' content='charset=windows-1251'>",
        "<meta itemprop=about content='charset=windows-1251'>",
        "<meta http-equiv=refresh content='5; url=/go?charset=windows-1251'>",
        "<!-- <meta charset=windows-1251> -->",
        "<metadata charset=windows-1251>",
        "<meta",
        "<",
    ] {
        assert_eq!(declared(head), None, "{head}");
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

/// What is a replacement in the text that was none in the body: the decoder's own word, sequence by sequence.
fn put_in(encoding: &'static encoding_rs::Encoding, body: &[u8]) -> u64 {
    let (mut decoder, mut out) = (encoding.new_decoder_without_bom_handling(), String::with_capacity(64));
    let (mut at, mut n) = (0, 0);
    loop {
        let (result, read) = decoder.decode_to_string_without_replacement(&body[at..], &mut out, true);
        at += read;
        out.clear();
        match result {
            encoding_rs::DecoderResult::InputEmpty => return n,
            encoding_rs::DecoderResult::OutputFull => {}
            encoding_rs::DecoderResult::Malformed(..) => n += 1,
        }
    }
}

/// Heads and labels of every kind, changed in 6,000 ways by a seed: what comes out is what the charset that is named makes of the bytes behind the mark, its replacements are
/// counted, and what a `meta` says counts whatever stands behind the bytes that are searched.
#[test]
fn mutations_of_heads_are_decoded_as_they_are_named() {
    const ROUNDS: u64 = 6000;
    let seeds: Vec<Vec<u8>> = [
        format!("<?xml version='1.0' encoding='koi8-r'?><p>{SENTENCE}").into_bytes(),
        latin(&format!("<meta http-equiv=content-type content='text/html; charset=windows-1252'><p>{SENTENCE}")),
        format!("<!-- <meta charset=x> --><META CHARSET = \"utf-8\"><p>{SENTENCE} \u{FFFD}").into_bytes(),
        format!("\u{FEFF}<p>{SENTENCE} \u{FFFD}").into_bytes(),
        utf16(&format!("\u{FEFF}<p>{SENTENCE} \u{FFFD}"), false),
        utf16(&format!("<p>{SENTENCE} \u{FFFD}"), true),
        [b"<meta charset=shift_jis><p>", &encoding_rs::SHIFT_JIS.encode("今日は天気がよいので、公園へ散歩に行きました。").0[..]].concat(),
        [b"<meta charset=gb18030><p>", &encoding_rs::GB18030.encode("今天天气很好\u{FFFD}，我们去公园。").0[..]].concat(),
        [b"<meta charset=iso-2022-jp><p>", &encoding_rs::ISO_2022_JP.encode("今日は天気がよいので").0[..]].concat(),
        "<meta <meta charset <meta charset= <meta charset='x' ".repeat(40).into_bytes(),
    ]
    .into();
    let labels = [
        None,
        None,
        None,
        Some("utf-8"),
        Some("\"koi8-r"),
        Some("utf-16be"),
        Some("x-user-defined"),
        Some("\0\u{301}"),
        Some("replacement"),
    ];
    let pieces: [&[u8]; 12] = [
        b"\xEF\xBB\xBF",
        b"\xFF\xFE",
        b"\xFE\xFF",
        b"<\0",
        b"\0<",
        b"<meta ",
        b"charset=",
        b"-->",
        b"\x1B$B",
        b"\xEF\xBF\xBD",
        b"\x84\x31\xA4\x37",
        b"\xFD\xFF",
    ];
    let random = |round: u64, draw: u64| crate::text::hash::hash64_seeded(&draw.to_le_bytes(), round) as usize;
    let mut seen = std::collections::BTreeMap::new();
    for round in 0..ROUNDS {
        let mut body = seeds[random(round, 0) % seeds.len()].clone();
        let label = labels[random(round, 1) % labels.len()];
        let tld = [None, Some("de"), Some("jp"), Some("ru"), Some("xn--p1ai"), Some("\u{301}")][random(round, 2) % 6];
        for n in 0..random(round, 3) as u64 % 4 {
            let draw = |what: u64| random(round, 10 + 8 * n + what);
            // Most of the first bytes decide.
            let at = draw(0) % if draw(1) % 2 == 0 { body.len().min(8) + 1 } else { body.len() + 1 };
            let length = (draw(2) % 20).min(body.len() - at);
            match draw(3) % 5 {
                0 => body.truncate(at),
                1 => body[at..at + length].iter_mut().enumerate().for_each(|(i, byte)| *byte = random(round, 100 + i as u64) as u8),
                2 => drop(body.drain(at..at + length)),
                3 => drop(body.splice(at..at, pieces[draw(4) % pieces.len()].iter().copied())),
                _ => drop(body.splice(at..at, std::iter::repeat_n(draw(4) as u8, 1 + draw(5) % 200))),
            }
        }
        let found = charset::decode(&body, label, tld);
        let encoding = encoding_rs::Encoding::for_label(found.charset.as_bytes()).unwrap();
        let mark = encoding_rs::Encoding::for_bom(&body).map_or(0, |(_, length)| length);
        assert_eq!(found.from == Bom, mark > 0, "round {round}");
        let (text, _) = encoding.decode_without_bom_handling(&body[mark..]);
        assert_eq!(
            (found.text == text, found.replacements),
            (true, put_in(encoding, &body[mark..])),
            "round {round}: {} of {:?}",
            found.charset,
            found.from
        );
        assert!(found.text.len() <= 3 * body.len(), "round {round}");
        if found.from == Meta {
            let longer = [&body[..], &b" ".repeat(8192)[body.len().min(8192)..], b"<meta charset=koi8-r>\xE9"].concat();
            assert_eq!(
                (charset::decode(&longer, label, tld).charset, charset::decode(&longer, label, tld).from),
                (found.charset, Meta),
                "round {round}"
            );
        }
        *seen.entry(found.from).or_insert(0) += 1;
    }
    // Each link of the chain decided often.
    assert!(seen.len() == 5 && seen.values().all(|n| ROUNDS / 50 < *n), "{seen:?}");
}
