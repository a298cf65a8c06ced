//! Any bytes as an answer of a server, in a record between two sound ones: it is one item, and its neighbours are read.

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

fuzz_target!(|block: &[u8]| {
    let sound = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Sound.";
    let block = &block[..block.len().min(32 << 10)];
    let (ids, tally) = reading::pages(&[record("before", sound), record("any", block), record("after", sound)].concat());
    let neighbours: Vec<&String> = ids.iter().filter(|id| *id != "any").collect();
    assert_eq!(neighbours, ["before", "after"], "{tally:?}");
    assert_eq!(tally.records.get("response"), Some(&3), "{tally:?}");
});
