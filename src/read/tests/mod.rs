//! Inputs are made here, byte by byte, so that each fault is explained by the code that makes it.

mod arc;
mod blocks;
mod clip;
mod container;
mod damage;
mod digests;
mod find;
mod http;
mod listed;
mod lost;
mod mutate;
mod mutate_http;
mod packed;
mod pieces;
mod proved;
mod records;
mod samples;
mod slices;
mod writer;

use std::io::Write;

use super::*;

/// What a reader handed on, owned.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Seen {
    Page { id: String, url: String, media_type: String, charset: Option<String>, body: Vec<u8>, truncated: bool, place: Place },
    Document(Document),
    Rejected(Rejected),
}

impl Seen {
    pub(super) fn of(item: Item<'_>) -> Self {
        match item {
            Item::Page(page) => Seen::Page {
                id: page.id.to_owned(),
                url: page.url.to_owned(),
                media_type: page.media_type.to_owned(),
                charset: page.charset.map(str::to_owned),
                body: page.body.to_vec(),
                truncated: page.truncated,
                place: page.place,
            },
            Item::Document(document) => Seen::Document(document),
            Item::Rejected(rejected) => Seen::Rejected(rejected),
        }
    }
}
/// A piece of a test file, packed or not.
pub(super) type Pack = fn(&[u8]) -> Vec<u8>;

/// Everything that reading gave.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) items: Vec<Seen>,
    pub(super) tally: Tally,
}

impl Outcome {
    pub(super) fn ids(&self) -> Vec<&str> {
        self.items
            .iter()
            .filter_map(|item| match item {
                Seen::Page { id, .. } => Some(id.as_str()),
                Seen::Document(document) => Some(document.id.as_str()),
                Seen::Rejected(_) => None,
            })
            .collect()
    }

    pub(super) fn rules(&self) -> Vec<&'static str> {
        self.rejected().iter().map(|item| item.reason.rule).collect()
    }

    pub(super) fn rejected(&self) -> Vec<&Rejected> {
        self.items.iter().filter_map(|item| if let Seen::Rejected(item) = item { Some(item) } else { None }).collect()
    }

    pub(super) fn bodies(&self) -> Vec<&[u8]> {
        self.items.iter().filter_map(|item| if let Seen::Page { body, .. } = item { Some(&body[..]) } else { None }).collect()
    }

    /// Of each page, whether it says that it is not all there.
    pub(super) fn truncated(&self) -> Vec<bool> {
        self.items.iter().filter_map(|item| if let Seen::Page { truncated, .. } = item { Some(*truncated) } else { None }).collect()
    }

    pub(super) fn fault(&self, name: &str) -> u64 {
        self.tally.faults.get(name).copied().unwrap_or(0)
    }
}

pub(super) fn input(path: &std::path::Path) -> Input {
    let bytes = std::fs::metadata(path).unwrap().len();
    // Names of temporary files differ from run to run.
    let name = path.file_name().unwrap().to_str().filter(|name| !name.starts_with('.')).unwrap_or("in.warc");
    Input::file(path, name, bytes)
}

pub(super) fn read_file(format: Format, path: &std::path::Path, limits: &Limits) -> Result<Outcome> {
    let mut items = Vec::new();
    let tally = read(format, &input(path), limits, &mut |item| {
        items.push(Seen::of(item));
        Ok(())
    })?;
    Ok(Outcome { items, tally })
}

pub(super) fn read_bytes(bytes: &[u8]) -> Outcome {
    read_with(Format::Warc, bytes, &Limits::default())
}

pub(super) fn read_with(format: Format, bytes: &[u8], limits: &Limits) -> Outcome {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    read_file(format, file.path(), limits).unwrap()
}

/// The same of a file with this name.
pub(super) fn read_named(name: &str, bytes: &[u8]) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    read_file(Format::Warc, &path, &Limits::default()).unwrap()
}

/// A record with any header lines and any block; the two line ends that close it included.
pub(super) fn raw(lines: &[&str], block: &[u8]) -> Vec<u8> {
    let mut record = b"WARC/1.0\r\n".to_vec();
    for line in lines {
        record.extend_from_slice(line.as_bytes());
        record.extend_from_slice(b"\r\n");
    }
    record.extend_from_slice(b"\r\n");
    record.extend_from_slice(block);
    record.extend_from_slice(b"\r\n\r\n");
    record
}

/// A response record whose length line is given, or right.
pub(super) fn response(id: &str, block: &[u8], length: Option<&str>) -> Vec<u8> {
    let length = length.map_or_else(|| format!("Content-Length: {}", block.len()), str::to_owned);
    raw(
        &[
            "WARC-Type: response",
            &format!("WARC-Record-ID: <{id}>"),
            "WARC-Date: 2020-07-01T00:00:00Z",
            &format!("WARC-Target-URI: https://example.org/{id}"),
            "Content-Type: application/http; msgtype=response",
            &length,
        ],
        block,
    )
}

/// An HTTP response of an HTML page.
pub(super) fn html(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{body}").into_bytes()
}

/// A sound page record; its body names it and varies, so that no two are alike.
pub(super) fn page(id: &str) -> Vec<u8> {
    let words: String = (0..12).map(|n| format!("<p>{id} says {}</p>\n", n * n)).collect();
    response(id, &html(&words), None)
}

pub(super) fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// One zstd frame with a checksum.
pub(super) fn zst(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A seeded generator (Steele and Vigna's SplitMix64).
pub(super) fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
