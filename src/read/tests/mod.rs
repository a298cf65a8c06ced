//! Tests of the WARC side of the room: sound files, damaged ones, and HTTP. JSON lines, texts, books and links have theirs beside them.

mod damage;
mod files;
mod http;

use std::io::Write;

use super::writer::{NewRecord, WarcGzWriter};
use super::*;

/// What came out of a file: ids of pages with their bodies, and rules of rejected records.
#[derive(Debug, Default, PartialEq)]
pub struct Seen {
    pub pages: Vec<(String, Vec<u8>)>,
    pub rejected: Vec<&'static str>,
    pub places: Vec<Place>,
    pub tally: Tally,
}

pub fn read_bytes(bytes: &[u8], limits: &Limits) -> Seen {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let input = Input { path: file.path().to_owned(), name: "a.warc.gz".into(), bytes: bytes.len() as u64 };
    let mut seen = Seen::default();
    let tally = read(Format::Warc, &input, limits, &mut |item| {
        match item {
            Item::Page(page) => {
                seen.pages.push((page.id.to_owned(), page.body.to_vec()));
                seen.places.push(page.place);
            }
            Item::Rejected(record) => seen.rejected.push(record.reason.rule),
            Item::Document(_) => unreachable!("a WARC gives pages"),
        }
        Ok(())
    });
    seen.tally = tally.unwrap();
    seen
}

pub fn http_block(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{body}").into_bytes()
}

pub fn body(n: usize) -> String {
    format!("<p>page {n} {}</p>", "words and more words ".repeat(n % 5 + 1))
}

/// A record as plain bytes.
pub fn plain_record(n: usize) -> Vec<u8> {
    let block = http_block(&body(n));
    let head = format!(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{n}>\r\nWARC-Date: 2024-05-17T00:00:00Z\r\nWARC-Target-URI: https://h{n}.example/\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: {}\r\n\r\n",
        block.len()
    );
    [head.as_bytes(), &block, b"\r\n\r\n"].concat()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn id(n: usize) -> String {
    format!("urn:uuid:{n}")
}

pub fn ids(seen: &Seen) -> Vec<String> {
    seen.pages.iter().map(|(id, _)| id.clone()).collect()
}

/// Records one to `n`, one gzip member each, written by our own writer.
pub fn written(n: usize) -> Vec<Vec<u8>> {
    let write = |n: usize| {
        let mut writer = WarcGzWriter::new(Vec::new());
        let (id, url, block) = (format!("<urn:uuid:{n}>"), format!("https://h{n}.example/"), http_block(&body(n)));
        let content_type = "application/http; msgtype=response";
        writer
            .write(&NewRecord { kind: "response", id: &id, date: "2024-05-17T00:00:00Z", url: Some(&url), content_type, block: &block })
            .unwrap();
        writer.finish().unwrap()
    };
    (1..=n).map(write).collect()
}
