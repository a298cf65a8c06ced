//! Pages: charsets that are missing, wrong, contradicting or nobody's, characters that do what they should not, and markup without measure.

use encoding_rs::{KOI8_R, SHIFT_JIS, WINDOWS_1252};

use super::make::{Made, gz, html, sentence, utf16};
use super::{Case, Expected};

/// The middle one of three pages, with this label of its charset.
fn labelled(made: &Made<'_>, label: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html{label}\r\n\r\n");
    made.around(&[head.as_bytes(), body].concat())
}

/// The same, without any label, packed, because it is long.
fn page(made: &Made<'_>, body: &str) -> Vec<u8> {
    gz(&labelled(made, "", body.as_bytes()))
}

fn latin() -> Vec<u8> {
    WINDOWS_1252.encode(&html(2)).0.into_owned()
}

fn with_meta(label: &str, body: Vec<u8>) -> Vec<u8> {
    [format!("<meta charset='{label}'>").into_bytes(), body].concat()
}

/// The sound page with something at the end of its first word.
fn with(what: &str) -> String {
    html(2).replacen("Page ", &format!("Page{what} "), 1)
}

const RUSSIAN: &str = "<p>Сегодня в городе хорошая погода, и все люди вышли гулять в парк у реки, где играет оркестр.</p>";
const JAPANESE: &str = "<p>今日は天気がよいので、公園へ散歩に行きました。とても楽しかったです。明日も行きます。</p>";

pub const FILES: &[Case] = &[
    // What the text is decoded by.
    ("charset-missing.warc", |f| labelled(f, "", &latin())),
    ("charset-right.warc", |f| labelled(f, "; charset=ISO-8859-1", &latin())),
    ("charset-wrong-about-utf-8.warc", |f| labelled(f, "; charset=windows-1251", html(2).as_bytes())),
    ("charset-wrong-about-latin.warc", |f| labelled(f, "; charset=utf-8", &latin())),
    ("charset-of-nobody.warc", |f| labelled(f, "; charset=x-nobody", &with_meta("latin1", latin()))),
    ("charset-that-replaces.warc", |f| labelled(f, "; charset=iso-2022-kr", &with_meta("csiso2022kr", latin()))),
    ("charset-contradicting.warc", |f| labelled(f, "; charset=windows-1252", &with_meta("koi8-r", latin()))),
    ("charset-in-meta.warc", |f| labelled(f, "", &with_meta("windows-1252", latin()))),
    ("charset-in-a-comment.warc", |f| labelled(f, "", &[&b"<!-- <meta charset=koi8-r> -->"[..], &with_meta("latin1", latin())].concat())),
    ("charset-in-xml.warc", |f| labelled(f, "", &[&b"<?xml version='1.0' encoding='ISO-8859-1'?>"[..], &latin()].concat())),
    ("charset-far-down.warc", |f| labelled(f, "", &[vec![b' '; 100_000], with_meta("koi8-r", latin())].concat())),
    ("charset-of-200-kilobytes.warc", |f| labelled(f, &format!("; charset={}", "x".repeat(200_000)), html(2).as_bytes())),
    ("charset-of-controls.warc", |f| labelled(f, "; charset=\0\u{1b}[2J", html(2).as_bytes())),
    ("mark-of-utf-8.warc", |f| labelled(f, "; charset=koi8-r", &[b"\xEF\xBB\xBF", html(2).as_bytes()].concat())),
    ("utf-16-with-mark.warc", |f| labelled(f, "; charset=utf-8", &utf16(&format!("\u{feff}{}", html(2)), false))),
    ("utf-16-with-mark-of-the-other-order.warc", |f| labelled(f, "", &utf16(&format!("\u{feff}{}", html(2)), true))),
    ("utf-16-without-mark.warc", |f| labelled(f, "", &utf16(&html(2), false))),
    ("utf-16-of-the-other-order-without-mark.warc", |f| labelled(f, "", &utf16(&html(2), true))),
    ("utf-16-by-http.warc", |f| labelled(f, "; charset=utf-16le", &utf16(&html(2), false))),
    ("utf-16-that-is-none.warc", |f| labelled(f, "", &with_meta("utf-16", html(2).into_bytes()))),
    ("utf-16-with-half-a-unit.warc", |f| labelled(f, "", &[utf16(&format!("\u{feff}{}", html(2)), false), vec![0x3C]].concat())),
    ("utf-16-with-half-a-pair.warc", |f| {
        let body = utf16(&format!("\u{feff}{}", with("#")), false);
        let at = body.chunks(2).position(|unit| unit == b"#\0").unwrap() * 2;
        labelled(f, "", &[&body[..at], b"\x3d\xd8", &body[at + 2..]].concat())
    }),
    ("bytes-outside-of-utf-8.warc", |f| {
        let body = with("#").into_bytes();
        let at = body.iter().position(|&byte| byte == b'#').unwrap();
        labelled(f, "; charset=utf-8", &[&body[..at], b"\xff\xc0\x80\xed\xa0\x80\xf5", &body[at + 1..]].concat())
    }),
    ("cyrillic-without-a-label.warc", |f| labelled(f, "", &KOI8_R.encode(&RUSSIAN.repeat(3)).0)),
    ("japanese-by-meta.warc", |f| labelled(f, "", &with_meta("shift_jis", SHIFT_JIS.encode(JAPANESE).0.into_owned()))),
    // Characters: NUL, controls, reversals, marks of order, and thousands of accents on one letter; as they are and as references.
    ("nul-in-a-text.warc", |f| page(f, &with("\0"))),
    ("controls-in-a-text.warc", |f| page(f, &with("\u{1}\u{8}\u{7f}"))),
    ("escapes-in-a-text.warc", |f| page(f, &with("\u{1b}[2J\u{1b}]0;title\u{7}"))),
    ("controls-as-references.warc", |f| page(f, &with("&#0;&#1;&#27;&#127;&#xD800;&#x110000;&#99999999999;&#x202e;"))),
    ("bidi-in-a-text.warc", |f| page(f, &with("\u{202e}\u{2066}\u{200f}"))),
    ("no-characters-in-a-text.warc", |f| page(f, &with("\u{ffff}\u{fdd0}\u{10ffff}\u{fffd}"))),
    ("separators-in-a-text.warc", |f| page(f, &with("\u{2028}\u{2029}\u{85}"))),
    ("accents-without-measure.warc", |f| page(f, &with(&"\u{301}".repeat(100_000)))),
    ("binary-as-a-page.warc", |f| labelled(f, "", &(0..=255).cycle().take(50_000).collect::<Vec<u8>>())),
    // Markup.
    ("nested-100-000-deep.warc.gz", |f| page(f, &format!("{}{}", "<div>".repeat(100_000), html(2)))),
    ("nested-tables.warc.gz", |f| page(f, &format!("{}{}", "<table><tr><td>".repeat(50_000), html(2)))),
    ("attributes-50-000.warc.gz", |f| {
        let attributes: String = (0..50_000).map(|n| format!(" a{n}='{n}'")).collect();
        page(f, &html(2).replace("<article", &format!("<article{attributes}")))
    }),
    ("attribute-without-an-end.warc.gz", |f| page(f, &format!("{}<p title=\"{}", html(2), "x".repeat(1_000_000)))),
    ("comment-of-16-mb.warc.gz", |f| page(f, &format!("<!--{}-->{}", "- ".repeat(8_000_000), html(2)))),
    ("comment-without-an-end.warc.gz", |f| page(f, &format!("{}<!--{}", html(2), "-- ".repeat(1_000_000)))),
    ("script-without-an-end.warc.gz", |f| page(f, &format!("{}<script>{}", html(2), "<!--<script>".repeat(100_000)))),
    ("references-without-an-end.warc.gz", |f| page(f, &format!("{}<!-- x -->{}", html(2), "<p>&amp&lt&#".repeat(10)))),
    ("unclosed-everything.warc.gz", |f| {
        let open = "<b><i><a href=x><ul><li><form><select><option><title><textarea><svg><math><template>".repeat(1000);
        page(f, &format!("{}{open}", html(2)))
    }),
    ("closed-without-being-open.warc.gz", |f| page(f, &format!("{}{}", "</p></div></table></body></html></x>".repeat(10_000), html(2)))),
    ("a-million-blocks.warc.gz", |f| page(f, &"<p>x".repeat(1_000_000))),
    ("plain-text-page.warc", |f| {
        f.around(&[b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n", sentence(2).as_bytes()].concat())
    }),
    // Files that are pages.
    ("page-of-a-file.html", |_| html(0).into_bytes()),
    ("page-of-a-packed-file-cut.html.gz", |_| gz(html(0).as_bytes())[..40].to_vec()),
    ("page-of-nothing.html", |_| Vec::new()),
];

pub const EXPECTED: &[Expected] = &[
    ("charset-missing.warc", "1 2=windows-1252 3", "", "", "response*3"),
    ("charset-right.warc", "1 2=windows-1252 3", "", "", "response*3"),
    ("charset-wrong-about-utf-8.warc", "1 2=UTF-8 3", "", "", "response*3"),
    ("charset-wrong-about-latin.warc", "1 2~=UTF-8 3", "", "", "response*3"),
    ("charset-of-nobody.warc", "1 2=windows-1252 3", "", "", "response*3"),
    ("charset-that-replaces.warc", "1 2=windows-1252 3", "", "", "response*3"),
    ("charset-contradicting.warc", "1 2=windows-1252 3", "", "", "response*3"),
    ("charset-in-meta.warc", "1 2=windows-1252 3", "", "", "response*3"),
    ("charset-in-a-comment.warc", "1 2=windows-1252 3", "", "", "response*3"),
    ("charset-in-xml.warc", "1 2=windows-1252 3", "", "", "response*3"),
    ("charset-far-down.warc", "1 2=windows-1252 3", "", "", "response*3"),
    ("charset-of-200-kilobytes.warc", "1 2=UTF-8 3", "", "", "response*3"),
    ("charset-of-controls.warc", "1 2=UTF-8 3", "", "", "response*3"),
    ("mark-of-utf-8.warc", "1 2=UTF-8 3", "", "", "response*3"),
    ("utf-16-with-mark.warc", "1 2=UTF-16LE 3", "", "", "response*3"),
    ("utf-16-with-mark-of-the-other-order.warc", "1 2=UTF-16BE 3", "", "", "response*3"),
    ("utf-16-without-mark.warc", "1 2=UTF-16LE 3", "", "", "response*3"),
    ("utf-16-of-the-other-order-without-mark.warc", "1 2=UTF-16BE 3", "", "", "response*3"),
    ("utf-16-by-http.warc", "1 2=UTF-16LE 3", "", "", "response*3"),
    ("utf-16-that-is-none.warc", "1 2=UTF-8 3", "", "", "response*3"),
    ("utf-16-with-half-a-unit.warc", "1 2=UTF-16LE 3", "", "", "response*3"),
    ("utf-16-with-half-a-pair.warc", "1 2~=UTF-16LE 3", "", "", "response*3"),
    ("bytes-outside-of-utf-8.warc", "1 2~=UTF-8 3", "", "", "response*3"),
    ("cyrillic-without-a-label.warc", "1 2~=KOI8-U 3", "", "", "response*3"),
    ("japanese-by-meta.warc", "1 2~=Shift_JIS 3", "", "", "response*3"),
    ("nul-in-a-text.warc", "1 2 3", "", "", "response*3"),
    ("controls-in-a-text.warc", "1 2 3", "", "", "response*3"),
    ("escapes-in-a-text.warc", "1 2~ 3", "", "", "response*3"),
    ("controls-as-references.warc", "1 2~ 3", "", "", "response*3"),
    ("bidi-in-a-text.warc", "1 2~ 3", "", "", "response*3"),
    ("no-characters-in-a-text.warc", "1 2~ 3", "", "", "response*3"),
    ("separators-in-a-text.warc", "1 2 3", "", "", "response*3"),
    ("accents-without-measure.warc", "1 2~ 3", "", "", "response*3"),
    ("binary-as-a-page.warc", "1 (2) 3", "", "", "response*3"),
    ("nested-100-000-deep.warc.gz", "1 2 3", "", "", "response*3"),
    ("nested-tables.warc.gz", "1 2 3", "", "", "response*3"),
    ("attributes-50-000.warc.gz", "1 2 3", "", "", "response*3"),
    ("attribute-without-an-end.warc.gz", "1 2 3", "", "", "response*3"),
    ("comment-of-16-mb.warc.gz", "1 2 3", "", "", "response*3"),
    ("comment-without-an-end.warc.gz", "1 2 3", "", "", "response*3"),
    ("script-without-an-end.warc.gz", "1 2 3", "", "", "response*3"),
    ("references-without-an-end.warc.gz", "1 2~ 3", "", "", "response*3"),
    ("unclosed-everything.warc.gz", "1 2 3", "", "", "response*3"),
    ("closed-without-being-open.warc.gz", "1 2 3", "", "", "response*3"),
    ("a-million-blocks.warc.gz", "1 (2) 3", "", "", "response*3"),
    ("plain-text-page.warc", "1 2 3", "", "", "response*3"),
    ("page-of-a-file.html", "0", "", "", "file"),
    ("page-of-a-packed-file-cut.html.gz", "", "truncated-input", "truncated-input", "file"),
    ("page-of-nothing.html", "", "empty-body", "", "file"),
];
