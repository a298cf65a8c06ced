//! HTTP as servers and crawlers really wrote it.

use super::*;

/// One response read with default limits.
fn get(head: &str, body: &[u8]) -> Outcome {
    get_with(head, body, &Limits::default())
}

fn get_with(head: &str, body: &[u8], limits: &Limits) -> Outcome {
    let block = [format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{head}\r\n").as_bytes(), body].concat();
    read_with(Format::Warc, &response("x", &block, None), limits)
}

#[test]
fn headers_to_robots_are_handed_on_with_the_page() {
    let said = |head: &str| {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let block = [format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{head}\r\n").as_bytes(), TEXT].concat();
        file.write_all(&response("x", &block, None)).unwrap();
        let mut said = String::new();
        let mut each = |item: Item<'_>| {
            let Item::Page(page) = item else { panic!("a page was written") };
            said.push_str(page.opt_out);
            Ok(())
        };
        read(Format::Warc, &input(file.path()), &Limits::default(), &mut each).unwrap();
        said
    };
    assert_eq!(said(""), "");
    assert_eq!(
        said("X-Robots-Tag: noindex\r\nx-robots-tag: googlebot: noai,\r\n nosnippet\r\nTDM-Reservation: 1\r\n"),
        "header:googlebot:noai header:googlebot:nosnippet header:noindex header:tdm-reservation"
    );
    assert_eq!(said("X-Robots-Tag: all\r\nTDM-Reservation: 0\r\n"), "");
}

fn is_cut(outcome: &Outcome) -> bool {
    matches!(outcome.items[..], [Seen::Page { truncated: true, .. }])
}

pub(super) fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn br(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut out, 4096, 5, 20);
    writer.write_all(bytes).unwrap();
    drop(writer);
    out
}

const TEXT: &[u8] = b"<p>A body that is long enough to be packed, packed, packed, packed and packed again.";

#[test]
fn status_lines_of_all_times() {
    for line in ["HTTP/1.1 200 OK", "HTTP/1.0 200", "HTTP/2 200", "http/1.1  200   Fine", "HTTP/1.1 200 OK\r"] {
        let block = format!("{line}\r\nContent-Type: text/html\r\n\r\n<p>x");
        assert_eq!(read_bytes(&response("x", block.as_bytes(), None)).bodies(), [b"<p>x"], "{line}");
    }
    for line in ["HTTP/1.1", "HTTP/1.1 OK", "HTTP/1.1 2x0 OK", "HTTP/1.1 99999"] {
        let block = format!("{line}\r\nContent-Type: text/html\r\n\r\n<p>x");
        assert_eq!(read_bytes(&response("x", block.as_bytes(), None)).rules(), ["http-status"], "{line}");
    }
    let outcome = read_bytes(&response("x", b"<HTML>of 1991", None));
    assert_eq!((outcome.bodies(), outcome.fault("no-http-header")), (vec![&b"<HTML>of 1991"[..]], 1));
    let radio = read_bytes(&response("x", b"ICY 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n<", None));
    assert_eq!((radio.rules(), radio.fault("no-http-header")), (vec!["media-type"], 0));
}

#[test]
fn header_fields_of_all_kinds() {
    for head in ["A: b\nC: d\n", "Folded: a\r\n b\r\n\tc\r\n", "no colon\r\n", ": no name\r\n", "X: \u{ff}\u{fe}\r\n"] {
        assert_eq!(get(head, b"<p>x").bodies(), [b"<p>x"], "{head}");
    }
    // Of several types the last counts, with the charset of one before it that is the same.
    for (types, wanted) in [
        ("Content-Type: image/png\r\nContent-Type: text/plain; charset=a", Some(("text/plain", Some("a")))),
        ("Content-Type: text/html; charset=a\r\nContent-Type: text/html; charset=\"b\"", Some(("text/html", Some("b")))),
        ("Content-Type: text/html; charset=a\r\nContent-Type: TEXT/HTML", Some(("text/html", Some("a")))),
        ("Content-Type: text/html; charset=a, text/plain", Some(("text/plain", None))),
        ("Content-Type: text/html;charset=a\r\nContent-Type: */*\r\nContent-Type: html\r\nContent-Type:", Some(("text/html", Some("a")))),
        ("Content-Type: text/html charset=a", Some(("text/html", Some("a")))),
        ("Content-Type: text/html; x=y; charset = a; charset=b", Some(("text/html", Some("a")))),
        ("Content-Type: text/html; profile=\"http://a/b, http://c/d\"; charset=a", Some(("text/html", Some("a")))),
        ("Content-Type: text/html, /, image/, text/html/x, charset=b/c, c/d, unknown/unknown", Some(("text/html", None))),
        ("Content-Type: text/html; charset=; charset=a\r\nContent-Type: text/html; charset=", Some(("text/html", Some("a")))),
        ("Content-Type: text/html\r\nContent-Type: image/png", None),
    ] {
        let block = format!("HTTP/1.1 200 OK\r\nX: \u{ff}\r\n{types}\r\n\r\nx");
        let outcome = read_bytes(&response("x", block.as_bytes(), None));
        let found = match &outcome.items[0] {
            Seen::Page { media_type, charset, .. } => Some((media_type.as_str(), charset.as_deref())),
            _ => None,
        };
        assert_eq!(found, wanted, "{types}");
    }
    // What stands for now before the answer is passed over.
    let early =
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>x";
    assert_eq!(read_bytes(&response("x", early, None)).bodies(), [b"<p>x"]);
    let folded = b"HTTP/1.1 200 OK\r\nContent-Type: text/html;\r\n charset='utf-8'\r\n\r\nx";
    let outcome = read_bytes(&response("x", folded, None));
    assert!(matches!(&outcome.items[0], Seen::Page { charset, .. } if charset.as_deref() == Some("utf-8")));
}

#[test]
fn a_header_without_an_end_leaves_no_body() {
    for block in [&b"HTTP/1.1 200 OK"[..], b"HTTP/1.1 200 OK\r\nContent-Type: text/html", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"]
    {
        assert_eq!(read_bytes(&response("x", block, None)).rules(), ["empty-body"]);
    }
    let nul = b"HTTP/1.1 200 OK\r\nX\0: a\0b\r\n\0\r\nContent-Type: text/html\r\n\r\n<p>x";
    assert_eq!(read_bytes(&response("x", nul, None)).bodies(), [b"<p>x"]);
}

#[test]
fn a_header_over_the_limit() {
    let limits = Limits { http_header_bytes: 1024, ..Limits::default() };
    let outcome = get_with(&"A: b\r\n".repeat(1000), b"<p>x", &limits);
    assert_eq!(outcome.rules(), ["http-header-too-long"]);
    assert_eq!(get_with("A: b\r\n", &b"<p>long body".repeat(1000), &limits).items.len(), 1);
}

#[test]
fn chunks() {
    let chunked = "Transfer-Encoding: chunked\r\n";
    for (body, expected, faults, cut) in [
        (&b"4\r\n<p>a\r\n3\r\nbcd\r\n0\r\n\r\n"[..], &b"<p>abcd"[..], 0, false),
        (b"4;name=value\r\n<p>a\r\n0\r\nTrailer: x\r\n\r\n", b"<p>a", 0, false),
        (b"0004 \n<p>a\n0\n\n", b"<p>a", 0, false),
        (b"4\r\n<p>a\r\n", b"<p>a", 1, true),
        (b"9\r\n<p>a", b"<p>a", 1, true),
        (b"4\r\n<p>a\r\nzz\r\nmore", b"<p>a", 1, true),
        (b"4\r\n<p>a\r\nffffffffffffffff\r\nrest", b"<p>arest", 1, true),
        (b"4\r\n<p>a\r\n-1\r\nrest", b"<p>a", 1, true),
    ] {
        let outcome = get(chunked, body);
        let shown = String::from_utf8_lossy(body);
        assert_eq!(outcome.bodies(), [expected], "{shown}");
        assert_eq!((outcome.fault("bad-chunk"), is_cut(&outcome)), (faults, cut), "{shown}");
    }
    for body in [&b"<p>not chunked"[..], b"11111111111111111111\r\n<p>x"] {
        let outcome = get(chunked, body);
        assert_eq!((outcome.bodies(), outcome.fault("not-chunked"), is_cut(&outcome)), (vec![body], 1, false));
    }
}

#[test]
fn content_encodings_alone_and_stacked() {
    for (name, body) in [
        ("gzip", gz(TEXT)),
        ("X-GZIP", gz(TEXT)),
        ("deflate", zlib(TEXT)),
        ("deflate", deflate(TEXT)),
        ("br", br(TEXT)),
        ("zstd", zst(TEXT)),
        ("identity", TEXT.to_vec()),
        ("gzip, br", br(&gz(TEXT))),
        ("br\r\nContent-Encoding: gzip", gz(&br(TEXT))),
    ] {
        let outcome = get(&format!("Content-Encoding: {name}\r\n"), &body);
        assert_eq!(outcome.bodies(), [TEXT], "{name}");
        assert!(outcome.tally.faults.is_empty() && !is_cut(&outcome), "{name}: {:?}", outcome.tally.faults);
    }
    let packed = gz(TEXT);
    let chunked = [format!("{:x}\r\n", packed.len()).as_bytes(), &packed, b"\r\n0\r\n\r\n"].concat();
    assert_eq!(get("Transfer-Encoding: gzip, chunked\r\n", &chunked).bodies(), [TEXT]);
    // What was put on for the transfer lies outside, whichever field stands first.
    for head in ["Transfer-Encoding: gzip\r\nContent-Encoding: br\r\n", "Content-Encoding: br\r\nTransfer-Encoding: gzip\r\n"] {
        assert_eq!(get(head, &gz(&br(TEXT))).bodies(), [TEXT], "{head}");
    }
    let limits = Limits { content_encodings: 4, ..Limits::default() };
    assert_eq!(get_with("Content-Encoding: gzip, gzip, br, gzip\r\n", &gz(&br(&gz(&gz(TEXT)))), &limits).bodies(), [TEXT]);
    let outcome = get("Content-Encoding: gzip, gzip, gzip\r\n", &gz(&gz(&gz(TEXT))));
    assert_eq!((outcome.rules(), outcome.rejected()[0].reason.value), (vec!["too-many-encodings"], 3.0));
}

#[test]
fn an_encoding_that_is_not_there_leaves_the_body() {
    for name in ["gzip", "deflate", "br", "zstd"] {
        let outcome = get(&format!("Content-Encoding: {name}\r\n"), TEXT);
        assert_eq!((outcome.bodies(), outcome.fault("wrong-content-encoding"), is_cut(&outcome)), (vec![TEXT], 1, false), "{name}");
    }
    let outcome = get("Content-Encoding: utf-8\r\n", TEXT);
    assert_eq!((outcome.bodies(), outcome.fault("unknown-content-encoding")), (vec![TEXT], 1));
}

#[test]
fn an_encoded_body_that_ends_early_gives_what_came_out() {
    let mut state = 3;
    let long: String = (0..20_000).map(|_| format!("<p>{:x}", random(&mut state))).collect();
    for (name, body) in
        [("gzip", gz(long.as_bytes())), ("deflate", zlib(long.as_bytes())), ("br", br(long.as_bytes())), ("zstd", zst(long.as_bytes()))]
    {
        let outcome = get(&format!("Content-Encoding: {name}\r\n"), &body[..body.len() / 2]);
        let bodies = outcome.bodies();
        assert!(!bodies[0].is_empty() && long.as_bytes().starts_with(bodies[0]), "{name}");
        assert!(is_cut(&outcome) && outcome.fault("broken-content-encoding") == 1, "{name}: {:?}", outcome.tally.faults);
    }
}

#[test]
fn bodies_are_capped_by_what_comes_out() {
    let limits = Limits { body_bytes: 10_000, ..Limits::default() };
    let huge = b"<p>".repeat(2_000_000);
    let chunk = [&b"186a0\r\n"[..], &huge[..100_000], b"\r\n0\r\n\r\n"].concat();
    for (head, body) in [
        ("", huge[..100_000].to_vec()),
        ("Content-Encoding: gzip\r\n", gz(&huge)),
        ("Content-Encoding: deflate\r\n", deflate(&huge)),
        ("Content-Encoding: br\r\n", br(&huge)),
        ("Content-Encoding: zstd\r\n", zst(&huge)),
        ("Content-Encoding: gzip, gzip\r\n", gz(&gz(&huge))),
        ("Transfer-Encoding: chunked\r\n", chunk),
    ] {
        let outcome = get_with(head, &body, &limits);
        assert_eq!(outcome.bodies(), [&huge[..10_000]], "{head}");
        assert_eq!((outcome.fault("body-cut"), is_cut(&outcome)), (1, true), "{head}");
    }
    // Exactly full is not cut.
    let outcome = get_with("Content-Encoding: gzip\r\n", &gz(&huge[..10_000]), &limits);
    assert_eq!((outcome.fault("body-cut"), is_cut(&outcome)), (0, false));
}

#[test]
fn the_length_that_http_gives_is_not_believed() {
    assert_eq!(get("Content-Length: 2\r\n", b"<p>all of it").bodies(), [b"<p>all of it"]);
}

#[test]
fn a_body_shorter_than_its_head_says_is_cut() {
    for (head, cut) in [
        ("Content-Length: 3\r\n", false),
        ("Content-Length: 4\r\n", true),
        // A tool took a coding off, and left the length.
        ("Content-Length: 2\r\n", false),
        ("Content-Length: three\r\n", false),
        ("Content-Length: 4, 4\r\n", true),
        ("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", true),
        // The first counts.
        ("content-length: 3\r\nContent-Length: 9\r\n", false),
    ] {
        let outcome = get(head, b"<p>");
        assert_eq!((is_cut(&outcome), outcome.fault("short-body")), (cut, u64::from(cut)), "{head}");
    }
    // Chunks say themselves where they end.
    let chunked = get("Content-Length: 99\r\nTransfer-Encoding: chunked\r\n", b"3\r\n<p>\r\n0\r\n\r\n");
    assert_eq!((is_cut(&chunked), chunked.fault("short-body")), (false, 0));
    // A first size that is none leaves the sizes in the text.
    let damaged = get("Transfer-Encoding: chunked\r\n", b"g\r\n<p>\r\n0\r\n\r\n");
    assert_eq!((is_cut(&damaged), damaged.fault("bad-chunk")), (true, 1));
}
