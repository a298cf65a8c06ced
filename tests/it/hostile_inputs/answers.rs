//! Answers of servers as no standard wants them: heads of all times, chunks that lie, codings that are wrong, doubled, stacked, cut, or bombs.

use super::make::{Made, br, deflate, flip, gz, half, html, http, noise, repeated, zlib, zst};
use super::{Case, Expected};

/// The sound page of a file of three as an answer with these lines, packed so.
fn answer(made: &Made<'_>, lines: &str, pack: fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    made.around(&http(lines, &pack(html(2).as_bytes())))
}

/// The same with a status line of one's own, and no packing.
fn status(made: &Made<'_>, line: &str) -> Vec<u8> {
    let block = String::from_utf8(http("", html(2).as_bytes())).unwrap();
    made.around(block.replace("HTTP/1.1 200 OK", line).as_bytes())
}

fn chunked(made: &Made<'_>, body: &[u8]) -> Vec<u8> {
    made.around(&http("Transfer-Encoding: chunked\r\n", body))
}

/// One chunk, whose size line is given.
fn chunk(line: &str, bytes: &[u8]) -> Vec<u8> {
    [line.as_bytes(), b"\r\n", bytes, b"\r\n"].concat()
}

/// The sound page in one chunk, and what ends it.
fn one_chunk(extension: &str, end: &str) -> Vec<u8> {
    let page = html(2);
    [chunk(&format!("{:x}{extension}", page.len()), page.as_bytes()), end.into()].concat()
}

/// A page that is long enough to be cut in its middle.
fn long() -> Vec<u8> {
    [html(2).as_bytes(), &noise(200_000)].concat()
}

fn same(bytes: &[u8]) -> Vec<u8> {
    bytes.to_vec()
}

pub const FILES: &[Case] = &[
    // Heads.
    ("no-head.warc", |f| f.around(html(2).as_bytes())),
    ("no-head-and-no-markup.warc", |f| f.around(b"Only text.")),
    ("empty-answer.warc", |f| f.around(b"")),
    ("empty-body.warc", |f| f.around(&http("", b""))),
    ("blank-lines-first.warc", |f| f.around(&[b"\r\n\r\n".to_vec(), http("", html(2).as_bytes())].concat())),
    ("status-0-9.warc", |f| status(f, "HTTP/0.9 200")),
    ("status-1-0.warc", |f| status(f, "HTTP/1.0 200 Document follows")),
    ("status-2.warc", |f| status(f, "HTTP/2 200 ")),
    ("status-3.warc", |f| status(f, "HTTP/3.0 200")),
    ("status-of-a-radio.warc", |f| status(f, "ICY 200 OK")),
    ("status-in-small-letters.warc", |f| status(f, "http/1.1  200")),
    ("status-in-words.warc", |f| status(f, "HTTP/1.1 fine")),
    ("status-of-many-digits.warc", |f| status(f, "HTTP/1.1 99999999999999999999")),
    ("status-missing.warc", |f| status(f, "HTTP/1.1")),
    ("status-404.warc", |f| status(f, "HTTP/1.1 404 Not Found")),
    ("head-without-an-end.warc.gz", |f| f.around(b"HTTP/1.1 200 OK\r\nContent-Type: text/html")),
    ("head-of-line-feeds.warc", |f| f.around(String::from_utf8(http("", html(2).as_bytes())).unwrap().replace("\r\n", "\n").as_bytes())),
    ("head-with-nul.warc", |f| answer(f, "X\0Y: \0\r\n\0\r\n: \r\nno colon\r\n \r\n", same)),
    ("head-with-invalid-utf8.warc", |f| {
        let block = [b"HTTP/1.1 200 \xff\xfe\r\n\xc3(: \xff\r\nContent-Type: text/html; charset=\xff\r\n\r\n", html(2).as_bytes()].concat();
        f.around(&block)
    }),
    ("head-folded.warc", |f| answer(f, "Content-Encoding:\r\n\tgzip\r\n", gz)),
    ("head-of-300-kilobytes.warc", |f| answer(f, &"X: y\r\n".repeat(50_000), same)),
    ("type-of-an-image.warc", |f| f.around(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG")),
    ("type-missing.warc", |f| f.around(&[b"HTTP/1.1 200 OK\r\n\r\n", html(2).as_bytes()].concat())),
    ("type-twice.warc", |f| answer(f, "Content-Type: image/png\r\n", same)),
    ("lengths-that-lie.warc", |f| answer(f, "Content-Length: 5\r\nContent-Length: 18446744073709551615\r\n", same)),
    // Chunks.
    ("chunks.warc", |f| chunked(f, &one_chunk("", "0\r\n\r\n"))),
    ("chunks-with-extensions.warc", |f| chunked(f, &one_chunk(";name=\"value\";x", "0;last\r\n\r\n"))),
    ("chunks-with-trailers.warc", |f| chunked(f, &one_chunk("", "0\r\nX: y\r\nContent-Encoding: gzip\r\n\r\n"))),
    ("chunks-of-one-byte.warc", |f| {
        let chunks: Vec<u8> = html(2).bytes().flat_map(|byte| chunk("1", &[byte])).collect();
        chunked(f, &[chunks, b"0\r\n\r\n".to_vec()].concat())
    }),
    ("chunks-without-the-last.warc", |f| chunked(f, &one_chunk("", ""))),
    ("chunk-size-in-words.warc", |f| chunked(f, &one_chunk("", "many\r\nx"))),
    ("chunk-size-negative.warc", |f| chunked(f, &one_chunk("", "-1\r\nx"))),
    ("chunk-size-2-64-less-1.warc", |f| chunked(f, &one_chunk("", "ffffffffffffffff\r\n"))),
    ("chunk-size-of-many-digits.warc", |f| chunked(f, &one_chunk("", &format!("{}1\r\nx", "0".repeat(5000))))),
    ("chunk-size-too-large.warc", |f| chunked(f, &chunk("ffff", html(2).as_bytes()))),
    ("chunks-that-are-none.warc", |f| chunked(f, html(2).as_bytes())),
    ("chunked-twice.warc", |f| answer(f, "Transfer-Encoding: chunked, chunked\r\n", |_| one_chunk("", "0\r\n\r\n"))),
    // Codings.
    ("gzip.warc", |f| answer(f, "Content-Encoding: gzip\r\n", gz)),
    ("deflate-zlib.warc", |f| answer(f, "Content-Encoding: deflate\r\n", zlib)),
    ("deflate-raw.warc", |f| answer(f, "Content-Encoding: deflate\r\n", deflate)),
    ("brotli.warc", |f| answer(f, "Content-Encoding: br\r\n", br)),
    ("zstd.warc", |f| answer(f, "Content-Encoding: zstd\r\n", zst)),
    ("gzip-for-the-transfer.warc", |f| answer(f, "Transfer-Encoding: gzip\r\n", gz)),
    ("gzip-in-two-members.warc", |f| answer(f, "Content-Encoding: gzip\r\n", |page| [gz(&page[..99]), gz(&page[99..])].concat())),
    ("gzip-and-garbage.warc", |f| answer(f, "Content-Encoding: gzip\r\n", |page| [&gz(page)[..], b"garbage"].concat())),
    ("gzip-of-nothing.warc", |f| answer(f, "Content-Encoding: gzip\r\n", |_| gz(b""))),
    ("two-codings.warc", |f| answer(f, "Content-Encoding: gzip\r\nContent-Encoding: br\r\n", |page| br(&gz(page)))),
    ("three-codings.warc", |f| answer(f, "Content-Encoding: gzip, gzip, gzip\r\n", |page| gz(&gz(&gz(page))))),
    ("a-thousand-codings.warc", |f| answer(f, &format!("Content-Encoding: {}\r\n", "gzip,".repeat(1000)), same)),
    ("coding-said-twice.warc", |f| answer(f, "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n", gz)),
    ("coding-of-nobody.warc", |f| answer(f, "Content-Encoding: x-nobody, none, utf-8\r\n", same)),
    ("gzip-that-is-none.warc", |f| answer(f, "Content-Encoding: gzip\r\n", same)),
    ("deflate-that-is-none.warc", |f| answer(f, "Content-Encoding: deflate\r\n", same)),
    ("brotli-that-is-none.warc", |f| answer(f, "Content-Encoding: br\r\n", same)),
    ("zstd-that-is-none.warc", |f| answer(f, "Content-Encoding: zstd\r\n", same)),
    ("gzip-that-is-brotli.warc", |f| answer(f, "Content-Encoding: gzip\r\n", br)),
    ("gzip-with-a-wrong-checksum.warc", |f| answer(f, "Content-Encoding: gzip\r\n", |page| flip(gz(page), 8))),
    ("gzip-cut.warc", |f| answer(f, "Content-Encoding: gzip\r\n", |_| half(gz(&long())))),
    ("deflate-cut.warc", |f| answer(f, "Content-Encoding: deflate\r\n", |_| half(deflate(&long())))),
    ("brotli-cut.warc", |f| answer(f, "Content-Encoding: br\r\n", |_| half(br(&long())))),
    // Of zstd nothing comes out before a block of up to 128 KiB is whole.
    ("zstd-cut.warc", |f| answer(f, "Content-Encoding: zstd\r\n", |_| half(zst(&long())))),
    // Bombs: a gigabyte in a megabyte, alone and inside another coding; and a body that is only long.
    ("gzip-bomb.warc", |f| answer(f, "Content-Encoding: gzip\r\n", |page| repeated(page, &vec![b' '; 1 << 20], 10, b""))),
    ("gzip-bomb-in-gzip.warc", |f| {
        answer(f, "Content-Encoding: gzip, gzip\r\n", |page| gz(&repeated(page, &vec![b' '; 1 << 20], 10, b"")))
    }),
    ("brotli-bomb.warc", |f| answer(f, "Content-Encoding: br\r\n", |page| br(&[page, &vec![b' '; 64 << 20]].concat()))),
    ("zstd-bomb.warc", |f| answer(f, "Content-Encoding: zstd\r\n", |page| zst(&[page, &vec![b' '; 64 << 20]].concat()))),
    ("zstd-with-a-window-that-lies.warc", |f| {
        answer(f, "Content-Encoding: zstd\r\n", |page| [&b"\x28\xb5\x2f\xfd\x00\xf8"[..], page].concat())
    }),
    ("long-body.warc.gz", |f| gz(&answer(f, "", |page| [page, &vec![b' '; 20 << 20]].concat()))),
];

pub const EXPECTED: &[Expected] = &[
    ("no-head.warc", "1 2 3", "", "no-http-header", "response*3"),
    ("no-head-and-no-markup.warc", "1 3", "media-type", "no-http-header", "response*3"),
    ("empty-answer.warc", "1 3", "empty-body", "no-http-header", "response*3"),
    ("empty-body.warc", "1 3", "empty-body", "", "response*3"),
    ("blank-lines-first.warc", "1 2 3", "", "", "response*3"),
    ("status-0-9.warc", "1 2 3", "", "", "response*3"),
    ("status-1-0.warc", "1 2 3", "", "", "response*3"),
    ("status-2.warc", "1 2 3", "", "", "response*3"),
    ("status-3.warc", "1 2 3", "", "", "response*3"),
    ("status-of-a-radio.warc", "1 2 3", "", "", "response*3"),
    ("status-in-small-letters.warc", "1 2 3", "", "", "response*3"),
    ("status-in-words.warc", "1 3", "http-status", "", "response*3"),
    ("status-of-many-digits.warc", "1 3", "http-status", "", "response*3"),
    ("status-missing.warc", "1 3", "http-status", "", "response*3"),
    ("status-404.warc", "1 3", "http-status", "", "response*3"),
    ("head-without-an-end.warc.gz", "1 3", "empty-body", "", "response*3"),
    ("head-of-line-feeds.warc", "1 2 3", "", "", "response*3"),
    ("head-with-nul.warc", "1 2 3", "", "", "response*3"),
    ("head-with-invalid-utf8.warc", "1 2 3", "", "", "response*3"),
    ("head-folded.warc", "1 2 3", "", "", "response*3"),
    ("head-of-300-kilobytes.warc", "1 3", "http-header-too-long", "", "response*3"),
    ("type-of-an-image.warc", "1 3", "media-type", "", "response*3"),
    ("type-missing.warc", "1 2 3", "", "", "response*3"),
    ("type-twice.warc", "1 3", "media-type", "", "response*3"),
    ("lengths-that-lie.warc", "1 2 3", "", "", "response*3"),
    ("chunks.warc", "1 2 3", "", "", "response*3"),
    ("chunks-with-extensions.warc", "1 2 3", "", "", "response*3"),
    ("chunks-with-trailers.warc", "1 2 3", "", "", "response*3"),
    ("chunks-of-one-byte.warc", "1 2 3", "", "", "response*3"),
    ("chunks-without-the-last.warc", "1 2 3", "", "bad-chunk", "response*3"),
    ("chunk-size-in-words.warc", "1 2 3", "", "bad-chunk", "response*3"),
    ("chunk-size-negative.warc", "1 2 3", "", "bad-chunk", "response*3"),
    ("chunk-size-2-64-less-1.warc", "1 2 3", "", "bad-chunk", "response*3"),
    ("chunk-size-of-many-digits.warc", "1 2 3", "", "bad-chunk", "response*3"),
    ("chunk-size-too-large.warc", "1 2 3", "", "bad-chunk", "response*3"),
    ("chunks-that-are-none.warc", "1 2 3", "", "not-chunked", "response*3"),
    ("chunked-twice.warc", "1 2 3", "", "", "response*3"),
    ("gzip.warc", "1 2 3", "", "", "response*3"),
    ("deflate-zlib.warc", "1 2 3", "", "", "response*3"),
    ("deflate-raw.warc", "1 2 3", "", "", "response*3"),
    ("brotli.warc", "1 2 3", "", "", "response*3"),
    ("zstd.warc", "1 2 3", "", "", "response*3"),
    ("gzip-for-the-transfer.warc", "1 2 3", "", "", "response*3"),
    ("gzip-in-two-members.warc", "1 2 3", "", "", "response*3"),
    ("gzip-and-garbage.warc", "1 2 3", "", "", "response*3"),
    ("gzip-of-nothing.warc", "1 3", "empty-body", "", "response*3"),
    ("two-codings.warc", "1 2 3", "", "", "response*3"),
    ("three-codings.warc", "1 3", "too-many-encodings", "", "response*3"),
    ("a-thousand-codings.warc", "1 3", "too-many-encodings", "", "response*3"),
    ("coding-said-twice.warc", "1 2 3", "", "wrong-content-encoding", "response*3"),
    ("coding-of-nobody.warc", "1 2 3", "", "unknown-content-encoding", "response*3"),
    ("gzip-that-is-none.warc", "1 2 3", "", "wrong-content-encoding", "response*3"),
    ("deflate-that-is-none.warc", "1 2 3", "", "wrong-content-encoding", "response*3"),
    ("brotli-that-is-none.warc", "1 2 3", "", "wrong-content-encoding", "response*3"),
    ("zstd-that-is-none.warc", "1 2 3", "", "wrong-content-encoding", "response*3"),
    ("gzip-that-is-brotli.warc", "1 (2) 3", "", "wrong-content-encoding", "response*3"),
    ("gzip-with-a-wrong-checksum.warc", "1 2 3", "", "broken-content-encoding", "response*3"),
    ("gzip-cut.warc", "1 2~ 3", "", "broken-content-encoding", "response*3"),
    ("deflate-cut.warc", "1 2~ 3", "", "broken-content-encoding", "response*3"),
    ("brotli-cut.warc", "1 2~ 3", "", "broken-content-encoding", "response*3"),
    ("zstd-cut.warc", "1 3", "empty-body", "broken-content-encoding", "response*3"),
    ("gzip-bomb.warc", "1 2 3", "", "body-cut", "response*3"),
    ("gzip-bomb-in-gzip.warc", "1 2 3", "", "body-cut", "response*3"),
    ("brotli-bomb.warc", "1 2 3", "", "body-cut", "response*3"),
    ("zstd-bomb.warc", "1 2 3", "", "body-cut", "response*3"),
    ("zstd-with-a-window-that-lies.warc", "1 3", "empty-body", "broken-content-encoding", "response*3"),
    ("long-body.warc.gz", "1 2 3", "", "body-cut", "response*3"),
];
