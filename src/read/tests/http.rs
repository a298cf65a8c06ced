//! HTTP messages as the web sends them, and as it should not.

use super::*;

/// The body that comes out of a block, or the rule that rejected it, with the faults.
fn through(block: &[u8]) -> (Result<String, &'static str>, Vec<String>) {
    through_limits(block, &Limits::default())
}

fn through_limits(block: &[u8], limits: &Limits) -> (Result<String, &'static str>, Vec<String>) {
    let head = format!(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Target-URI: http://a.example/\r\nContent-Length: {}\r\n\r\n",
        block.len()
    );
    let seen = read_bytes(&[head.as_bytes(), block, b"\r\n\r\n"].concat(), limits);
    let faults = seen.tally.faults.keys().cloned().collect();
    match seen.pages.first() {
        Some((_, body)) => (Ok(String::from_utf8_lossy(body).into_owned()), faults),
        None => (Err(seen.rejected[0]), faults),
    }
}

fn ok(block: &str) -> String {
    through(block.as_bytes()).0.unwrap()
}

#[test]
fn status_lines_and_headers_of_all_ages_are_read() {
    for head in ["HTTP/1.1 200 OK", "HTTP/1.0 200", "HTTP/2 200", "HTTP/1.1 200 "] {
        assert_eq!(ok(&format!("{head}\r\nContent-Type: text/html\r\n\r\n<p>x")), "<p>x", "{head}");
    }
    assert_eq!(ok("HTTP/1.1 200 OK\nContent-Type: text/html\n\n<p>x"), "<p>x");
    assert_eq!(ok("HTTP/1.1 200 OK\r\nX: a\r\n  folded\r\nContent-Type: TEXT/HTML ; q=1\r\n\r\n<p>x"), "<p>x");
    let (body, faults) = through(b"<html>no header at all</html>");
    assert_eq!((body.unwrap().as_str(), faults), ("<html>no header at all</html>", vec!["no-http-header".to_owned()]));
}

#[test]
fn cheap_admission_says_why() {
    for (block, rule) in [
        ("HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<p>x", "http-status"),
        ("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nx", "media-type"),
        ("HTTP/1.1 200 OK\r\n\r\n{\"a\":1}", "media-type"),
        ("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", "empty-body"),
        ("HTTP/1.1 200 OK\r\nContent-Type: text/html", "empty-body"),
        ("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip, gzip, gzip\r\n\r\nx", "too-many-encodings"),
    ] {
        assert_eq!(through(block.as_bytes()).0.unwrap_err(), rule, "{block}");
    }
    let long = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n<p>", "a".repeat(300 << 10));
    assert_eq!(through(long.as_bytes()).0.unwrap_err(), "http-header-too-long");
}

#[test]
fn chunks_are_joined_as_far_as_they_go() {
    let chunked = |body: &str| format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
    assert_eq!(ok(&chunked("3\r\n<p>\r\n4;ext=1\r\ntext\r\n0\r\nTrailer: x\r\n\r\n")), "<p>text");
    for (body, wanted, fault) in [
        ("3\r\n<p>\r\n9\r\nte", "<p>te", "bad-chunk"),
        ("3\r\n<p>\r\nzz\r\ntext", "<p>", "bad-chunk"),
        ("<p>plain", "<p>plain", "not-chunked"),
    ] {
        let (found, faults) = through(chunked(body).as_bytes());
        assert_eq!((found.unwrap().as_str(), faults), (wanted, vec![fault.to_owned()]), "{body}");
    }
    assert_eq!(through(chunked("ffffffffffffffff\r\nx").as_bytes()).0.unwrap(), "x");
}

#[test]
fn encodings_come_off_and_wrong_ones_fall_back_to_the_plain_body() {
    let with = |encoding: &str, body: &[u8]| {
        [format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: {encoding}\r\n\r\n").as_bytes(), body].concat()
    };
    let brotli = |bytes: &[u8]| {
        let mut out = Vec::new();
        brotli::BrotliCompress(&mut &bytes[..], &mut out, &Default::default()).unwrap();
        out
    };
    let page = b"<p>compressed compressed compressed</p>";
    for (encoding, body) in [
        ("gzip", gzip(page)),
        ("x-gzip", gzip(page)),
        ("br", brotli(page)),
        ("zstd", zstd::encode_all(&page[..], 3).unwrap()),
        ("gzip, br", brotli(&gzip(page))),
        ("identity", page.to_vec()),
    ] {
        let (found, faults) = through(&with(encoding, &body));
        assert_eq!((found.unwrap().as_bytes(), faults), (&page[..], vec![]), "{encoding}");
    }
    let (found, faults) = through(&with("gzip", page));
    assert_eq!((found.unwrap().as_bytes(), faults), (&page[..], vec!["wrong-content-encoding".to_owned()]));
    let (found, faults) = through(&with("gzip", &gzip(page)[..30]));
    assert!(page.starts_with(found.unwrap().as_bytes()));
    assert!(faults.contains(&"broken-content-encoding".to_owned()), "{faults:?}");
}

#[test]
fn a_bomb_is_cut_at_the_cap_on_output() {
    let bomb = gzip(&vec![b'<'; 40 << 20]);
    let block = [b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n".as_slice(), &bomb].concat();
    let (found, faults) = through_limits(&block, &Limits { body_bytes: 1 << 20, ..Limits::default() });
    assert_eq!((found.unwrap().len(), faults), (1 << 20, vec!["body-cut".to_owned()]));
}
