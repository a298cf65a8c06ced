//! Heads of records as no standard wants them: lengths that are missing or lie, lines without an end, bytes that are no text.

use super::make::{Made, gz, half, html, http, repeated, sentence};
use super::{Case, Expected};

/// A plain file, and one with a member a record, in which the middle one says this of its length.
fn plain(made: &Made<'_>, length: &str) -> Vec<u8> {
    made.beside(&made.sized(2, length))
}

fn packed(made: &Made<'_>, length: &str) -> Vec<u8> {
    [gz(&made.page(1)), gz(&made.sized(2, length)), gz(&made.page(3))].concat()
}

/// The true length of the block of a sound page, and some bytes.
fn off(by: i64) -> String {
    let length = http("", html(2).as_bytes()).len() as i64 + by;
    format!("Content-Length: {length}\r\n")
}

/// A record whose head has these lines too.
fn with(made: &Made<'_>, lines: &[u8]) -> Vec<u8> {
    let block = http("", html(2).as_bytes());
    made.beside(&made.record([format!("{}{}", made.lines(2), off(0)).as_bytes(), lines].concat(), &block))
}

/// A record of another type.
fn of_type(made: &Made<'_>, name: &str, block: &[u8]) -> Vec<u8> {
    let lines = made.lines(2).replace("Type: response", &format!("Type: {name}"));
    made.record(format!("{lines}Content-Length: {}\r\n", block.len()), block)
}

pub const FILES: &[Case] = &[
    ("length-missing.warc", |f| plain(f, "")),
    ("length-missing.warc.gz", |f| packed(f, "")),
    ("length-negative.warc", |f| plain(f, "Content-Length: -1\r\n")),
    ("length-negative.warc.gz", |f| packed(f, "Content-Length: -1\r\n")),
    ("length-in-words.warc", |f| plain(f, "Content-Length: two hundred\r\n")),
    ("length-in-words.warc.gz", |f| packed(f, "Content-Length: two hundred\r\n")),
    ("length-empty.warc", |f| plain(f, "Content-Length:\r\n")),
    ("length-zero.warc", |f| plain(f, "Content-Length: 0\r\n")),
    ("length-zero.warc.gz", |f| packed(f, "Content-Length: 0\r\n")),
    ("length-too-small.warc", |f| plain(f, &off(-50))),
    ("length-too-small.warc.gz", |f| packed(f, &off(-50))),
    ("length-too-small-by-two.warc", |f| plain(f, &off(-2))),
    ("length-too-large.warc", |f| plain(f, &off(50))),
    ("length-too-large.warc.gz", |f| packed(f, &off(50))),
    ("length-too-large-by-two.warc", |f| plain(f, &off(2))),
    ("length-2-64-less-1.warc", |f| plain(f, "Content-Length: 18446744073709551615\r\n")),
    ("length-2-64-less-1.warc.gz", |f| packed(f, "Content-Length: 18446744073709551615\r\n")),
    ("length-2-64.warc", |f| plain(f, "Content-Length: 18446744073709551616\r\n")),
    ("length-4-gib.warc", |f| plain(f, "Content-Length: 4294967296\r\n")),
    ("length-4-gib.warc.gz", |f| packed(f, "Content-Length: 4294967296\r\n")),
    ("length-of-a-hundred-digits.warc", |f| plain(f, &format!("Content-Length: {}\r\n", "9".repeat(100)))),
    // As long as it says, with zeros before the number.
    ("length-with-zeros.warc", |f| plain(f, &off(0).replace(": ", ": 000000000000000000000000"))),
    // The first of two counts, as for all fields.
    ("lengths-twice.warc", |f| with(f, b"Content-Length: 5\r\n")),
    // Line ends.
    ("line-feeds-alone.warc", |f| {
        let block = http("", html(2).as_bytes());
        let head = format!("WARC/1.0\r\n{}{}\r\n", f.lines(2), off(0)).replace("\r\n", "\n");
        f.beside(&[head.as_bytes(), &block, b"\n\n"].concat())
    }),
    ("folded.warc", |f| {
        let record = String::from_utf8(f.page(2)).unwrap();
        f.beside(record.replace("Target-URI: ", "Target-URI:\r\n\t ").replace("Record-ID: ", "Record-ID:\r\n ").as_bytes())
    }),
    ("no-lines-between.warc", |f| {
        let bare = |n: u32| f.page(n).strip_suffix(b"\r\n\r\n").unwrap().to_vec();
        [bare(1), bare(2), bare(3)].concat()
    }),
    ("many-lines-between.warc", |f| [f.page(1), b"\r\n".repeat(10_000), f.page(2), b"\n".repeat(10_000), f.page(3)].concat()),
    ("garbage-between.warc", |f| f.beside(b"no record begins so\r\n\r\n")),
    ("blank-line-first.warc", |f| [b"\r\n".to_vec(), f.page(1)].concat()),
    ("blank-line-first.warc.gz", |f| [gz(&[b"\r\n".to_vec(), f.page(1)].concat()), gz(&f.page(2))].concat()),
    ("byte-order-mark-first.warc", |f| [b"\xEF\xBB\xBF".to_vec(), f.page(1), f.page(2)].concat()),
    // Heads without measure: a line of 128 MiB, a million lines, none at all, and no end.
    ("line-of-128-mib.warc.gz", |f| {
        let first = format!("WARC/1.0\r\n{}{}X-Long: ", f.lines(2), off(0));
        let last = [&b"\r\n\r\n"[..], &http("", html(2).as_bytes()), b"\r\n\r\n"].concat();
        [gz(&f.page(1)), repeated(first.as_bytes(), &vec![b'x'; 1 << 20], 7, &last), gz(&f.page(3))].concat()
    }),
    ("a-million-lines.warc", |f| with(f, &b"X: y\r\n".repeat(1_000_000))),
    ("a-hundred-thousand-lines.warc", |f| with(f, &b"X: y\r\n".repeat(100_000))),
    ("a-hundred-thousand-folds.warc", |f| with(f, &[&b"X: y\r\n"[..], &b" y\r\n".repeat(100_000)].concat())),
    ("no-lines.warc", |f| f.beside(&f.record("", b""))),
    ("head-without-an-end.warc", |f| [f.page(1), format!("WARC/1.0\r\n{}", f.lines(2)).into_bytes()].concat()),
    // The rest of a record is lost in the middle of its head: what follows is the next one, and none of its lines belong to this.
    ("head-that-breaks-off.warc", |f| f.beside(format!("WARC/1.0\r\n{}", f.lines(2)).as_bytes())),
    ("head-that-breaks-off-in-a-line.warc", |f| f.beside(format!("WARC/1.0\r\n{}", f.lines(2).trim_end()).as_bytes())),
    // 32 MiB of heads without an end, before a sound record.
    ("heads-without-an-end.warc.gz", |f| {
        let block: Vec<u8> = b"WARC/1.0\r\nWARC-X: y\r\n".iter().copied().cycle().take(21 << 15).collect();
        [gz(&[f.page(1), f.page(2)].concat()), repeated(b"", &block, 6, &f.page(3))].concat()
    }),
    // A hundred thousand records that say that they are the longest that there may be.
    ("lengths-of-60-mib.warc.gz", |f| {
        let record = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 62914560\r\n\r\nx\r\n\r\n";
        [gz(&[f.page(1), f.page(2)].concat()), repeated(b"", &record.repeat(1 << 10), 7, &f.page(3))].concat()
    }),
    // An address that ends as a version line does, and is none.
    ("version-at-the-end-of-an-address.warc", |f| {
        let lines = f.lines(2).replace("example.org/2", "example.org/WARC/1.0");
        f.beside(&f.record(lines + &off(0), &http("", html(2).as_bytes())))
    }),
    // Bytes that are no text, and text that does what it should not on a terminal.
    ("nul-in-a-head.warc", |f| with(f, b"X\0: y\0z\r\n\0\r\n: \r\n:\r\nno colon\r\n")),
    ("invalid-utf8-in-a-head.warc", |f| with(f, b"X-\xff: \xfe\xc3(\r\n\xff\r\n")),
    ("controls-in-a-url.warc", |f| {
        let lines = f.lines(2).replace("example.org/2", "example.org/\0\u{1b}[2J\u{202e}\u{9b}\u{7f}\rx");
        f.beside(&f.record(lines + &off(0), &http("", html(2).as_bytes())))
    }),
    ("controls-in-an-id.warc", |f| {
        let lines = f.lines(2).replace("<", "<\0\u{1b}[2J\u{202e}/");
        f.beside(&f.record(lines + &off(0), &http("", html(2).as_bytes())))
    }),
    ("url-of-a-megabyte.warc", |f| {
        let lines = f.lines(2).replace("example.org/2", &format!("example.org/{}", "u".repeat(1_000_000)));
        f.beside(&f.record(lines + &off(0), &http("", html(2).as_bytes())))
    }),
    ("url-of-no-web.warc", |f| {
        let lines = f.lines(2).replace("https://example.org/2", "javascript:alert(1)");
        f.beside(&f.record(lines + &off(0), &http("", html(2).as_bytes())))
    }),
    // Versions and types.
    ("version-0-17.warc", |f| f.beside(&[b"WARC/0.17", &f.page(2)[8..]].concat())),
    ("version-99.warc", |f| f.beside(&[b"WARC/99.9.9", &f.page(2)[8..]].concat())),
    ("version-in-words.warc", |f| f.beside(&[b"WARC/one", &f.page(2)[8..]].concat())),
    ("version-missing.warc", |f| f.beside(&f.page(2)[10..])),
    ("no-type.warc", |f| {
        let lines = f.lines(2).replace("WARC-Type: response\r\n", "");
        f.beside(&f.record(lines + &off(0), &http("", html(2).as_bytes())))
    }),
    ("type-of-nobody.warc", |f| f.beside(&of_type(f, "\u{1b}[2Jresponse", &http("", html(2).as_bytes())))),
    ("all-types.warc", |f| {
        let all = ["warcinfo", "resource", "request", "metadata", "revisit", "conversion", "continuation"];
        let others: Vec<u8> = all.iter().flat_map(|name| of_type(f, name, sentence(2).as_bytes())).collect();
        f.beside(&others)
    }),
    ("cut-by-the-crawler.warc", |f| with(f, b"WARC-Truncated: length\r\n")),
    ("segment.warc", |f| with(f, b"WARC-Segment-Number: 1\r\n")),
    // A page about WARC files is a page.
    ("records-in-a-body.warc", |f| {
        let body = [html(2).as_bytes(), b"<!--\r\n\r\n", &Made("inner").page(9), b"-->"].concat();
        f.around(&http("", &body))
    }),
    // Text that was converted, of which the third has no character that shows.
    ("conversions.warc.wet", |f| {
        let text = |n: u32, text: &[u8]| {
            let lines = f.lines(n).replace("Type: response", "Type: conversion");
            f.record(format!("{lines}Content-Length: {}\r\n", text.len()), text)
        };
        [text(1, sentence(1).as_bytes()), text(2, b"a\0b \xff \x1b[2J \xe2\x80\xae c"), text(3, b" \r\n\0"), half(text(4, b"x"))].concat()
    }),
];

pub const EXPECTED: &[Expected] = &[
    ("length-missing.warc", "1 3", "bad-length", "bad-length", "damaged response*2"),
    ("length-missing.warc.gz", "1 2 3", "", "bad-length", "response*3"),
    ("length-negative.warc", "1 3", "bad-length", "bad-length", "damaged response*2"),
    ("length-negative.warc.gz", "1 2 3", "", "bad-length", "response*3"),
    ("length-in-words.warc", "1 3", "bad-length", "bad-length", "damaged response*2"),
    ("length-in-words.warc.gz", "1 2 3", "", "bad-length", "response*3"),
    ("length-empty.warc", "1 3", "bad-length", "bad-length", "damaged response*2"),
    ("length-zero.warc", "1 3", "bad-length", "bad-length", "damaged response*2"),
    ("length-zero.warc.gz", "1 2 3", "", "bad-length", "response*3"),
    ("length-too-small.warc", "1 3", "bad-length", "bad-length", "damaged response*2"),
    ("length-too-small.warc.gz", "1 2 3", "", "bad-length", "response*3"),
    ("length-too-small-by-two.warc", "1 3", "bad-length", "bad-length", "damaged response*2"),
    ("length-too-large.warc", "1 3", "bad-length", "bad-length", "damaged response*2"),
    ("length-too-large.warc.gz", "1 2 3", "", "bad-length", "response*3"),
    ("length-too-large-by-two.warc", "1 2 3", "", "", "response*3"),
    ("length-2-64-less-1.warc", "1 3", "record-too-long", "record-too-long", "damaged response*2"),
    ("length-2-64-less-1.warc.gz", "1 2 3", "", "bad-length", "response*3"),
    ("length-2-64.warc", "1 3", "bad-length", "bad-length", "damaged response*2"),
    ("length-4-gib.warc", "1 3", "record-too-long", "record-too-long", "damaged response*2"),
    ("length-4-gib.warc.gz", "1 2 3", "", "bad-length", "response*3"),
    ("length-of-a-hundred-digits.warc", "1 3", "bad-length", "bad-length", "damaged response*2"),
    ("length-with-zeros.warc", "1 2 3", "", "", "response*3"),
    ("lengths-twice.warc", "1 2 3", "", "bad-header", "response*3"),
    ("line-feeds-alone.warc", "1 2 3", "", "", "response*3"),
    ("folded.warc", "1 2 3", "", "", "response*3"),
    ("no-lines-between.warc", "1 2 3", "", "", "response*3"),
    ("many-lines-between.warc", "1 2 3", "", "", "response*3"),
    // What is no record behind one makes its length doubtful: it is lost too, rather than handed on clipped.
    ("garbage-between.warc", "1 3", "damaged-record", "bad-length damaged-record", "damaged response*2"),
    ("blank-line-first.warc", "1", "", "", "response"),
    ("blank-line-first.warc.gz", "1 2", "", "", "response*2"),
    ("byte-order-mark-first.warc", "1 2", "damaged-record", "damaged-record", "damaged response*2"),
    ("line-of-128-mib.warc.gz", "1 3", "header-too-long", "header-too-long", "damaged response*2"),
    ("a-million-lines.warc", "1 3", "header-too-long", "header-too-long", "damaged response*2"),
    ("a-hundred-thousand-lines.warc", "1 2 3", "", "", "response*3"),
    ("a-hundred-thousand-folds.warc", "1 2 3", "", "", "response*3"),
    ("no-lines.warc", "1 3", "bad-length", "bad-length", "damaged response*2"),
    ("head-without-an-end.warc", "1", "truncated-input", "truncated-input", "damaged response"),
    ("head-that-breaks-off.warc", "1 3", "bad-header", "bad-header", "damaged response*2"),
    ("head-that-breaks-off-in-a-line.warc", "1 3", "bad-header", "bad-header", "damaged response*2"),
    ("heads-without-an-end.warc.gz", "1 2 3", "header-too-long", "header-too-long", "damaged response*3"),
    ("lengths-of-60-mib.warc.gz", "1 2 3", "bad-length*131072", "bad-length*131072", "damaged*131072 response*3"),
    ("version-at-the-end-of-an-address.warc", "1 2 3", "", "", "response*3"),
    ("nul-in-a-head.warc", "1 2 3", "", "", "response*3"),
    ("invalid-utf8-in-a-head.warc", "1 2 3", "", "", "response*3"),
    ("controls-in-a-url.warc", "1 2 3", "", "nul-removed", "response*3"),
    ("controls-in-an-id.warc", "1 2 3", "", "nul-removed", "response*3"),
    ("url-of-a-megabyte.warc", "1 2 3", "", "", "response*3"),
    ("url-of-no-web.warc", "1 3", "not-http", "", "response*3"),
    ("version-0-17.warc", "1 2 3", "", "", "response*3"),
    ("version-99.warc", "1 2 3", "", "", "response*3"),
    ("version-in-words.warc", "1 3", "bad-header", "bad-header", "damaged response*2"),
    ("version-missing.warc", "1 3", "damaged-record", "damaged-record", "damaged response*2"),
    ("no-type.warc", "1 3", "bad-header", "bad-header", "response*2 unknown"),
    ("type-of-nobody.warc", "1 3", "bad-header", "bad-header", "response*2 unknown"),
    ("all-types.warc", "1 3", "", "", "continuation conversion metadata request resource response*2 revisit warcinfo"),
    ("cut-by-the-crawler.warc", "1 2 3", "", "warc-truncated", "response*3"),
    ("segment.warc", "1 2 3", "", "segment", "response*3"),
    ("records-in-a-body.warc", "1 2 3", "", "", "response*3"),
    ("conversions.warc.wet", "1 2~", "empty-text truncated-input", "invalid-utf8 nul-removed*2 truncated-input", "conversion*3 damaged"),
];
