//! Digests in records that are made here, and in the real files that are at hand.

#![allow(clippy::print_stdout, reason = "a skipped test says so")]

use data_encoding::{BASE32, BASE64, BASE64URL, HEXLOWER};
use sha1::{Digest as _, Sha1};

use super::*;

fn checked(bytes: &[u8]) -> Inspection {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    inspect(&input(file.path()), &Limits::default(), Checks { digests: true, ..Checks::default() }).unwrap()
}

/// Checked, wrong blocks, wrong payloads, unknown, unreadable, unchecked.
fn counts(inspection: &Inspection) -> [u64; 6] {
    let DigestCounts { checked, block_wrong, payload_wrong, unknown, unreadable, unchecked } = inspection.digests.clone().unwrap();
    [checked, block_wrong, payload_wrong, unknown, unreadable, unchecked]
}

/// A label by SHA-1, as most tools write it.
pub(super) fn base32(bytes: &[u8]) -> String {
    format!("sha1:{}", BASE32.encode(&Sha1::digest(bytes)))
}

/// A record with these two digests; an empty one is left out.
fn record(kind: &str, block: &[u8], of_block: &str, of_payload: &str) -> Vec<u8> {
    let (kind, length) = (format!("WARC-Type: {kind}"), format!("Content-Length: {}", block.len()));
    let (of_block, of_payload) = (format!("WARC-Block-Digest: {of_block}"), format!("WARC-Payload-Digest:{of_payload}"));
    let mut lines = vec![kind.as_str(), "WARC-Record-ID: <x>", "WARC-Target-URI: https://example.org/", length.as_str()];
    lines.extend([of_block.as_str(), of_payload.as_str()].into_iter().filter(|line| !line.ends_with(':') && !line.ends_with(": ")));
    raw(&lines, block)
}

#[test]
fn right_digests_in_each_spelling() {
    let block = html("<p>body");
    let digest = Sha1::digest(b"<p>body");
    let spellings = [BASE32.encode(&digest), BASE64.encode(&digest), BASE64URL.encode(&digest), HEXLOWER.encode(&digest)];
    let file: Vec<u8> =
        spellings.iter().flat_map(|spelling| gz(&record("response", &block, &base32(&block), &format!("sha1:{spelling}")))).collect();
    let inspection = checked(&file);
    assert_eq!((counts(&inspection), inspection.admitted), ([8, 0, 0, 0, 0, 0], 4));
    assert_eq!((inspection.tally.faults.len(), inspection.places.len()), (0, 0));
}

#[test]
fn wrong_digests_are_faults_with_their_place() {
    let block = html("<p>body");
    let (right, wrong) = (base32(&block), base32(b"another"));
    let files = [
        gz(&record("response", &block, &right, &wrong)),
        gz(&record("response", &block, &wrong, &base32(b"<p>body"))),
        gz(&record("warcinfo", b"a: b\r\n", &wrong, "")),
        gz(&record("request", b"GET / HTTP/1.1\r\n\r\n", "", &base32(b""))),
        gz(&record("response", &block, "crc32:00", "sha1:AAAA")),
    ];
    let inspection = checked(&files.concat());
    assert_eq!(counts(&inspection), [6, 2, 1, 1, 1, 0]);
    let starts: Vec<u64> = files.iter().scan(0, |at, file| Some(std::mem::replace(at, *at + file.len() as u64))).collect();
    for (fault, wanted) in
        [("wrong-payload-digest", &[0][..]), ("wrong-block-digest", &[1, 2]), ("digest-unknown", &[4]), ("digest-unreadable", &[4])]
    {
        let places: Vec<(u64, u64)> = inspection.places[fault].iter().map(|place| (place.offset, place.length)).collect();
        let wanted: Vec<(u64, u64)> = wanted.iter().map(|&n| (starts[n], files[n].len() as u64)).collect();
        assert_eq!((inspection.tally.faults[fault], places), (wanted.len() as u64, wanted), "{fault}");
    }
    let json = serde_json::to_value(&inspection).unwrap();
    assert_eq!((&json["digests"]["block-wrong"], &json["digests"]["unreadable"]), (&2.into(), &1.into()));
}

#[test]
fn nothing_is_checked_that_was_not_asked_for() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&record("response", &html("<p>"), &base32(b"another"), "crc32:0")).unwrap();
    let inspection = inspect(&input(file.path()), &Limits::default(), Checks::default()).unwrap();
    assert_eq!((inspection.digests.is_none(), inspection.tally.faults.len(), inspection.admitted), (true, 0, 1));
    assert!(serde_json::to_value(&inspection).unwrap().get("digests").is_none());
    let mut lines = tempfile::NamedTempFile::new().unwrap();
    lines.write_all(b"{\"text\":\"no records\"}").unwrap();
    let lines = Input { name: "in.jsonl".into(), ..input(lines.path()) };
    let jsonl = inspect(&lines, &Limits::default(), Checks { digests: true, ..Checks::default() }).unwrap();
    assert_eq!((jsonl.format, jsonl.digests), ("jsonl", None));
}

#[test]
fn a_payload_is_right_with_its_chunks_or_without() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunks = b"4\r\n<p>a\r\n2;x=y\r\nbc\r\n0\r\n\r\n";
    let block = [&head[..], chunks].concat();
    let broken = [&head[..], b"4\r\n<p>a\r\n9\r\nbc"].concat();
    let none = [&head[..], b"<p>abc"].concat();
    for (block, payload, wanted) in [
        (&block, &chunks[..], [1, 0, 0, 0, 0, 0]),
        (&block, b"<p>abc", [1, 0, 0, 0, 0, 0]),
        (&block, b"<p>a", [1, 0, 1, 0, 0, 0]),
        // Not all that was meant to be in them is here, so what is left is no payload.
        (&broken, b"<p>abc", [1, 0, 1, 0, 0, 0]),
        (&none, b"<p>abc", [1, 0, 0, 0, 0, 0]),
        // Without a head there is no payload in a response; the block itself would be right.
        (&block, &block, [1, 0, 1, 0, 0, 0]),
    ] {
        assert_eq!(counts(&checked(&record("response", block, "", &base32(payload)))), wanted, "{}", String::from_utf8_lossy(payload));
    }
    // What only looks like an HTTP message is one in a response or request alone.
    assert_eq!(counts(&checked(&record("resource", &block, "", &base32(&block)))), [1, 0, 0, 0, 0, 0]);
    assert_eq!(counts(&checked(&record("response", b"192.0.2.1", "", &base32(b"192.0.2.1")))), [1, 0, 0, 0, 0, 0]);
}

#[test]
fn what_is_not_all_here_is_not_checked() {
    let block = html("<p>");
    let wrong = base32(b"another");
    // The payload of a revisit is that of another record; its block is its own.
    let revisit = record("revisit", b"HTTP/1.1 200 OK\r\n\r\n", &base32(b"HTTP/1.1 200 OK\r\n\r\n"), &wrong);
    assert_eq!(counts(&checked(&revisit)), [1, 0, 0, 0, 0, 1]);
    let sound = String::from_utf8(record("response", &block, &wrong, &wrong)).unwrap();
    for line in ["WARC-Truncated: length", "WARC-Segment-Number: 1"] {
        let cut = sound.replace("WARC-Record-ID", &format!("{line}\r\nWARC-Record-ID"));
        assert_eq!(counts(&checked(cut.as_bytes())), [0, 0, 0, 0, 0, 2], "{line}");
    }
    let no_length = sound.replace("Content-Length", "X-Length");
    assert_eq!(counts(&checked(&gz(no_length.as_bytes()))), [0, 0, 0, 0, 0, 2]);
    // Of a field that is repeated the first counts.
    let twice = sound
        .replace(&format!("WARC-Block-Digest: {wrong}"), &format!("WARC-Block-Digest: {}\r\nWARC-Block-Digest: {wrong}", base32(&block)));
    assert_eq!(counts(&checked(twice.as_bytes())), [2, 0, 1, 0, 0, 0]);
}

#[test]
fn wrong_digests_of_real_files_are_those_that_are_known() {
    let Some(data) = std::env::var_os("GRISTMILL_DATA").map(std::path::PathBuf::from) else {
        println!("skipped: GRISTMILL_DATA is not set");
        return;
    };
    let (mut wrong, mut n_checked) = (Vec::new(), 0);
    let mut paths: Vec<_> = std::fs::read_dir(data.join("warc_samples/files")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        // Compressed in another way, or no WARC at all.
        if !name.contains(".warc") || name.ends_with(".lz4") {
            continue;
        }
        let file = Input { name: name.as_str().into(), ..input(&path) };
        let mut found = DigestCounts::default();
        let mut note = |_: &'static str, _: &Place, _: bool| {};
        read_noting(Format::Warc, &file, &Limits::default(), Some(&mut found), &mut |_| Ok(()), &mut note).unwrap();
        println!("{name}: {found:?}");
        n_checked += found.checked;
        if (found.block_wrong, found.payload_wrong) != (0, 0) {
            wrong.push((name, found.block_wrong, found.payload_wrong));
        }
    }
    assert!(100 < n_checked, "{n_checked}");
    let known = [
        // A request and a response of a page inside the browser: their payload's digest is that of their block, by the tool that wrote them.
        ("N0taN3rd__node-warc__parseMe.warc.gz", 0, 2),
        // Changed by hand: the fourth record is a byte shorter than its block, which was given another status line.
        ("webrecorder__pywb__example-extra.warc", 0, 1),
        // A revisit whose block has other headers than the one whose digest it has.
        ("webrecorder__warcio__example-bad-non-chunked.warc.gz", 1, 0),
        // By what MALFORMED.md says of it: "1112..", where 1 is no letter of base32.
        ("webrecorder__warcio__example-digest.warc", 0, 1),
        // Not among them, as its length is wrong by its digest: `example-wrong-chunks.warc.gz`, whose first record is a byte shorter than its block.
    ];
    assert_eq!(wrong, known.map(|(name, blocks, payloads)| (name.to_owned(), blocks, payloads)));
}

#[test]
fn a_block_that_is_what_its_digest_says_is_whole_whatever_follows() {
    let (zero, two, block) = (page("zero"), page("two"), html("<p>body"));
    let proved = record("response", &block, &base32(&block), "");
    let other = record("response", &block, &base32(b"another"), "");
    // A length that is too short cuts what the digest is of.
    let length = format!("Content-Length: {}", block.len());
    let short = String::from_utf8(proved.clone()).unwrap().replace(&length, &format!("Content-Length: {}", block.len() - 3)).into_bytes();
    for junk in [b"no record at all\n".repeat(2), b"no record at all\n".repeat(300)] {
        for (first, ids, rules) in [
            (&proved, vec!["zero", "x", "two"], ["damaged-record"]),
            (&other, vec!["zero", "two"], ["bad-length"]),
            (&short, vec!["zero", "two"], ["bad-length"]),
        ] {
            let file = [&zero[..], first, &junk, &two].concat();
            for file in [file.clone(), gz(&file), zst(&file)] {
                let outcome = read_bytes(&file);
                assert_eq!((outcome.ids(), outcome.rules()), (ids.clone(), rules.to_vec()), "{}", junk.len());
            }
        }
    }
    // A stream that breaks behind it.
    for (first, ids) in [(&proved, vec!["zero", "x"]), (&other, vec!["zero"])] {
        let mut stream = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        stream.write_all(&[&zero[..], first].concat()).unwrap();
        stream.flush().unwrap();
        let outcome = read_bytes(&[stream.get_ref(), &[0xFF; 99][..]].concat());
        assert_eq!((outcome.ids(), outcome.rules()), (ids, vec!["damaged-record"]));
    }
}
