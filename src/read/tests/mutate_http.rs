//! Answers in every coding, damaged by a seed in their heads and bodies. Whatever comes of one: it is one item, its body is no longer than the limit, and the pages around it
//! are what they were.

use super::http::{br, deflate, zlib};
use super::mutate::mutate;
use super::*;

/// Damaged answers of each kind: with the eighteen kinds below, 5,400.
const ROUNDS: u64 = 300;
/// Answers in one file.
const TOGETHER: u64 = 30;

/// Bodies are cut here: some of those below are longer.
const LIMITS: fn() -> Limits = || Limits { body_bytes: 4096, http_header_bytes: 1024, ..Limits::default() };

fn chunks(bytes: &[u8]) -> Vec<u8> {
    let chunks = bytes.chunks(97).flat_map(|bytes| [format!("{:x};a=b\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat());
    chunks.chain(*b"0\r\nTrailer: x\r\n\r\n").collect()
}

/// Lines of a head, and the body that they speak of.
fn answers() -> Vec<(&'static str, Vec<u8>)> {
    let short: Vec<u8> = (0..20).flat_map(|n| format!("<p>The wheel turns {n} times, {} more.</p>\n", n * n).into_bytes()).collect();
    let long = short.repeat(20);
    vec![
        ("", short.clone()),
        ("", long.clone()),
        ("Transfer-Encoding: chunked\r\n", chunks(&short)),
        ("Content-Encoding: gzip\r\n", gz(&short)),
        ("Content-Encoding: x-gzip\r\n", [gz(&short), gz(&short)].concat()),
        ("Content-Encoding: deflate\r\n", zlib(&short)),
        ("Content-Encoding: deflate\r\n", deflate(&short)),
        ("Content-Encoding: br\r\n", br(&short)),
        ("Content-Encoding: zstd\r\n", zst(&short)),
        ("Content-Encoding: gzip\r\n", gz(&long)),
        ("Content-Encoding: br\r\n", br(&long)),
        ("Content-Encoding: zstd\r\n", zst(&long)),
        ("Content-Encoding: gzip, br\r\n", br(&gz(&short))),
        ("Content-Encoding: zstd\r\nContent-Encoding: deflate\r\n", zlib(&zst(&short))),
        ("Transfer-Encoding: gzip, chunked\r\n", chunks(&gz(&short))),
        ("Content-Encoding: br\r\nTransfer-Encoding:\r\n chunked\r\n", chunks(&br(&short))),
        ("Content-Encoding: gzip\r\nContent-Length: 17\r\n", short.clone()),
        ("Transfer-Encoding: chunked\r\nX-Robots-Tag: noai\r\n", short),
    ]
}

fn block(lines: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n{lines}\r\n").as_bytes(), body].concat()
}

#[test]
fn mutations_of_answers_cost_no_neighbour() {
    const FAULTS: [&str; 9] = [
        "bad-chunk",
        "body-cut",
        "broken-content-encoding",
        "no-http-header",
        "not-chunked",
        "short-body",
        "unknown-content-encoding",
        "wrong-content-encoding",
        "padding",
    ];
    let mut state = 11;
    let (mut n_pages, mut n_rejected, mut n_faults) = (0, 0, 0);
    let kinds = answers();
    assert_eq!(kinds.len(), 18);
    for (kind, (lines, body)) in kinds.iter().enumerate() {
        for file in 0..ROUNDS / TOGETHER {
            let mut warc = page("first");
            for n in 0..TOGETHER {
                let mut block = block(lines, body);
                for _ in 0..1 + random(&mut state) % 3 {
                    if !block.is_empty() {
                        mutate(&mut state, &mut block);
                    }
                }
                warc.extend(response(&format!("x{n}"), &block, None));
                warc.extend(page(&format!("sound{n}")));
            }
            let outcome = read_with(Format::Warc, &warc, &LIMITS());
            let context = || format!("kind {kind}, file {file}: {:?}", outcome.tally);
            // The law: each record is one item, in its order, and none is damaged as a record.
            assert_eq!(outcome.items.len() as u64, 1 + 2 * TOGETHER, "{}", context());
            assert_eq!(
                outcome.tally.records,
                std::collections::BTreeMap::from([("response".to_owned(), 1 + 2 * TOGETHER)]),
                "{}",
                context()
            );
            assert!(outcome.tally.faults.keys().all(|fault| FAULTS.contains(&fault.as_str())), "{}", context());
            n_faults += outcome.tally.faults.values().sum::<u64>();
            for (at, item) in outcome.items.iter().enumerate() {
                let number = (at as u64).div_ceil(2);
                let sound = if at == 0 { Some("first".to_owned()) } else { (at % 2 == 0).then(|| format!("sound{}", number - 1)) };
                match (item, sound) {
                    (Seen::Page { id, body, truncated, .. }, Some(sound)) => {
                        let record = page(&sound);
                        assert!(*id == sound && !truncated && memchr::memmem::find(&record, body).is_some(), "{id}; {}", context());
                    }
                    (Seen::Page { id, body, .. }, None) => {
                        assert_eq!(*id, format!("x{}", number - 1), "{}", context());
                        assert!(!body.is_empty() && body.len() <= 4096, "{id} has {} bytes; {}", body.len(), context());
                        n_pages += 1;
                    }
                    (Seen::Rejected(item), None) => {
                        let rules = ["http-status", "media-type", "empty-body", "http-header-too-long", "too-many-encodings"];
                        assert!(rules.contains(&item.reason.rule), "{}; {}", item.reason.rule, context());
                        n_rejected += 1;
                    }
                    (item, sound) => panic!("{item:?} where {sound:?} should be; {}", context()),
                }
            }
        }
    }
    // Most of them were pages all the same, and most of the damage was met.
    let all = ROUNDS * kinds.len() as u64;
    assert!(all / 2 < n_pages && all / 100 < n_rejected && all / 2 < n_faults, "{n_pages} pages, {n_rejected} rejected, {n_faults} faults");
}
