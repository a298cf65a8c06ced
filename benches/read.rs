//! What reading costs beside what decompression alone costs: ratios of user CPU time, in turn in one process, median of five.
//! `GRISTMILL_WARC=FILE.warc.gz cargo bench --bench read` measures a file of yours; without it a WARC of invented pages is made.

mod common;

use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::{Decompress, FlushDecompress, Status};
use gristmill::read::writer::{NewRecord, WarcGzWriter};
use gristmill::read::{Format, Input, Item, Limits, read};

const ROUNDS: usize = 5;

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let gz = std::env::var_os("GRISTMILL_WARC").map_or_else(|| generate(folder.path()), PathBuf::from);
    let stored = std::fs::read(&gz).expect("the WARC file");
    let members = members(&stored);
    let zst = folder.path().join("bench.warc.zst");
    std::fs::write(&zst, frames(&stored, &members)).expect("the zstd file");
    let plain = folder.path().join("bench.warc");
    std::fs::write(&plain, unpacked(&stored, &members)).expect("the plain file");
    let decoded = members.iter().map(|member| member.2 as u64).sum();
    common::compare("read: .warc.gz", ROUNDS, decoded, || ours(&gz), ("libdeflate alone", &mut || inflate(&stored, &members)));
    common::compare("read: .warc.zst", ROUNDS, decoded, || ours(&zst), ("zstd alone", &mut || unzstd(&zst)));
    common::compare("read: .warc", ROUNDS, decoded, || ours(&plain), ("the file read and copied once", &mut || copy(&plain)));
}

/// All records, HTTP parsed, bodies decoded.
fn ours(path: &Path) {
    let bytes = std::fs::metadata(path).expect("the file's size").len();
    let input = Input::file(path, "bench", bytes);
    let mut n_bytes = 0;
    let mut each = |item: Item<'_>| {
        if let Item::Page(page) = item {
            n_bytes += page.body.len();
        }
        Ok(())
    };
    read(Format::Warc, &input, &Limits::default(), &mut each).expect("a readable file");
    assert!(0 < n_bytes, "a WARC with pages");
}

/// Offset, length and decoded length of every member.
fn members(stored: &[u8]) -> Vec<(usize, usize, usize)> {
    let (mut members, mut at) = (Vec::new(), 0);
    let mut out = vec![0; 1 << 20];
    while at < stored.len() {
        let mut decompress = Decompress::new_gzip(15);
        loop {
            let used = decompress.total_in() as usize;
            match decompress.decompress(&stored[at + used..], &mut out, FlushDecompress::None).expect("a sound file") {
                Status::StreamEnd => break,
                _ => assert!(at + used < stored.len(), "a whole file"),
            }
        }
        members.push((at, decompress.total_in() as usize, decompress.total_out() as usize));
        at += decompress.total_in() as usize;
    }
    members
}

fn inflate(stored: &[u8], members: &[(usize, usize, usize)]) {
    let mut decompressor = libdeflater::Decompressor::new();
    let mut out = vec![0; members.iter().map(|member| member.2).max().unwrap_or(0)];
    for &(offset, length, decoded) in members {
        let written = decompressor.gzip_decompress(&stored[offset..offset + length], &mut out).expect("a sound file");
        assert_eq!(written, decoded);
    }
}

/// The same records, each in a zstd frame.
fn frames(stored: &[u8], members: &[(usize, usize, usize)]) -> Vec<u8> {
    let mut frames = Vec::new();
    let mut decompressor = libdeflater::Decompressor::new();
    for &(offset, length, decoded) in members {
        let mut out = vec![0; decoded];
        decompressor.gzip_decompress(&stored[offset..offset + length], &mut out).expect("a sound file");
        frames.extend(zstd::encode_all(&out[..], 3).expect("zstd"));
    }
    frames
}

/// All records one after the other.
fn unpacked(stored: &[u8], members: &[(usize, usize, usize)]) -> Vec<u8> {
    let mut decompressor = libdeflater::Decompressor::new();
    let mut records = Vec::new();
    for &(offset, length, decoded) in members {
        let at = records.len();
        records.resize(at + decoded, 0);
        decompressor.gzip_decompress(&stored[offset..offset + length], &mut records[at..]).expect("a sound file");
    }
    records
}

fn copy(path: &Path) {
    let mut file = std::fs::File::open(path).expect("the plain file");
    let (mut buffer, mut copied) = (vec![0; 256 << 10], vec![0; 256 << 10]);
    loop {
        let n = file.read(&mut buffer).expect("a readable file");
        if n == 0 {
            break;
        }
        copied[..n].copy_from_slice(&buffer[..n]);
        std::hint::black_box(&copied);
    }
}

fn unzstd(path: &Path) {
    let file = std::fs::File::open(path).expect("the zstd file");
    let mut decoder = zstd::Decoder::new(file).expect("zstd");
    let mut out = vec![0; 256 << 10];
    while decoder.read(&mut out).expect("a sound file") > 0 {}
}

/// A thousand pages of invented words.
fn generate(folder: &Path) -> PathBuf {
    let path = folder.join("bench.warc.gz");
    let mut writer = WarcGzWriter::new(std::fs::File::create(&path).expect("a file"));
    for number in 0..1000 {
        let paragraphs: String = (0..60).map(|n| format!("<p class=\"text\">{}.</p>\n", common::text(number * 60 + n, 60))).collect();
        let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body>{paragraphs}");
        let record = NewRecord {
            kind: "response",
            id: &format!("<urn:uuid:00000000-0000-4000-8000-{number:012}>"),
            date: "2020-07-01T00:00:00Z",
            url: Some(&format!("https://example.org/{number}")),
            content_type: "application/http; msgtype=response",
            block: block.as_bytes(),
        };
        writer.write(&record).expect("a written record");
    }
    path
}
