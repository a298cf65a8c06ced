//! Any bytes as an answer of a server, in a record between two sound ones: it is one item, and its neighbours are read. If it is a page, its body comes out as it is when it is
//! sent packed and in chunks.

#![no_main]

use libfuzzer_sys::fuzz_target;

mod reading;

fn record(id: &str, block: &[u8]) -> Vec<u8> {
    let head = format!(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <{id}>\r\nWARC-Target-URI: http://a.example/\r\nContent-Length: {}\r\n\r\n",
        block.len()
    );
    [head.as_bytes(), block, b"\r\n\r\n"].concat()
}

/// A body in chunks of a size that it gives itself.
fn chunks(body: &[u8]) -> Vec<u8> {
    let size = body.iter().fold(1, |size, &byte| (31 * size + usize::from(byte)) % 4093) + 64;
    let chunks = body.chunks(size).flat_map(|chunk| [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat());
    chunks.chain(*b"0\r\n\r\n").collect()
}

fuzz_target!(|block: &[u8]| {
    let sound = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Sound.";
    let block = &block[..block.len().min(32 << 10)];
    let found = reading::pages(&[record("before", sound), record("any", block), record("after", sound)].concat());
    let neighbours: Vec<_> = found.pages.iter().filter(|(id, _)| *id != "any").map(|(id, body)| (&id[..], &body[..])).collect();
    assert_eq!(neighbours, [("before", &b"<p>Sound."[..]), ("after", b"<p>Sound.")], "{:?}", found.tally);
    assert_eq!(found.tally.records.get("response"), Some(&3), "{:?}", found.tally);
    let Some((_, body)) = found.pages.iter().find(|(id, _)| *id == "any") else { return };

    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n";
    let again = reading::pages(&record("again", &[head, &chunks(&reading::gz(body))[..]].concat()));
    assert!(again.pages.len() == 1 && again.pages[0].1 == *body && again.tally.faults.is_empty(), "{:?}", again.tally);
});
