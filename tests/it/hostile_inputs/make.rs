//! What the hostile files are made of: sound pages, and the packers that they are packed by.

use std::io::Write;

use flate2::{Compress, Compression, Crc, FlushCompress};

/// A file that is made: its name stands in the ids of its pages, so that what came of each can be told.
pub struct Made<'f>(pub &'f str);

/// What a sound page says.
pub fn sentence(n: u32) -> String {
    format!(
        "Page {n} tells of Müller’s mill at the river — whose wheel turned by day and by night, of the miller who never slept, and of all the people who brought \
         their grain to him in autumn and told him what they had heard on the way."
    )
}

/// A sound page's markup.
pub fn html(n: u32) -> String {
    format!("<html><head><title>The mill</title></head><body><article><p>{}</p></article></body></html>", sentence(n))
}

/// A response of this head, without its status line, and this body.
pub fn http(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n{head}\r\n").as_bytes(), body].concat()
}

impl Made<'_> {
    /// As stands in the record of a page, and behind it: whatever the writer of the record makes of these, and of a length.
    pub fn lines(&self, n: u32) -> String {
        format!(
            "WARC-Type: response\r\nWARC-Record-ID: <{}#{n}>\r\nWARC-Date: 2020-07-01T00:00:00Z\r\nWARC-Target-URI: https://example.org/{n}\r\n\
             Content-Type: application/http; msgtype=response\r\n",
            self.0
        )
    }

    /// A record of any head between its version line and its blank line.
    pub fn record(&self, lines: impl AsRef<[u8]>, block: &[u8]) -> Vec<u8> {
        [b"WARC/1.0\r\n", lines.as_ref(), b"\r\n", block, b"\r\n\r\n"].concat()
    }

    /// A record of any block, and the truth about its length.
    pub fn answer(&self, n: u32, block: &[u8]) -> Vec<u8> {
        self.record(format!("{}Content-Length: {}\r\n", self.lines(n), block.len()), block)
    }

    /// A sound page.
    pub fn page(&self, n: u32) -> Vec<u8> {
        self.answer(n, &http("", html(n).as_bytes()))
    }

    /// A record of a page whose length is said so.
    pub fn sized(&self, n: u32, length: &str) -> Vec<u8> {
        self.record(format!("{}{length}", self.lines(n)), &http("", html(n).as_bytes()))
    }

    /// A plain file of three records, the middle one of this block.
    pub fn around(&self, block: &[u8]) -> Vec<u8> {
        [self.page(1), self.answer(2, block), self.page(3)].concat()
    }

    /// The same, of which the middle one is a record as it stands.
    pub fn beside(&self, record: &[u8]) -> Vec<u8> {
        [self.page(1), record.to_vec(), self.page(3)].concat()
    }

    /// Three members, a record in each; `spoil` has its way with the middle one.
    pub fn gzipped(&self, spoil: fn(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
        [gz(&self.page(1)), spoil(gz(&self.page(2))), gz(&self.page(3))].concat()
    }

    /// The same in frames of zstd.
    pub fn framed(&self, spoil: fn(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
        [zst(&self.page(1)), spoil(zst(&self.page(2))), zst(&self.page(3))].concat()
    }
}

pub fn gz(bytes: &[u8]) -> Vec<u8> {
    gz_at(6, bytes)
}

pub fn gz_at(level: u32, bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn br(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    brotli::CompressorWriter::new(&mut out, 4096, 5, 22).write_all(bytes).unwrap();
    out
}

/// One frame with a checksum.
pub fn zst(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// A gzip member of `first`, `2^doublings` times the same `block`, and `last`, with the right checksum and length, made without packing more than one block:
/// packed by itself, its bytes may stand as often as one likes.
pub fn repeated(first: &[u8], block: &[u8], doublings: u32, last: &[u8]) -> Vec<u8> {
    let pack = |bytes: &[u8], flush| {
        let mut out = Vec::with_capacity(bytes.len() + 1024);
        Compress::new(Compression::new(9), false).compress_vec(bytes, &mut out, flush).unwrap();
        out
    };
    let crc_of = |bytes: &[u8]| {
        let mut crc = Crc::new();
        crc.update(bytes);
        crc
    };
    let mut crc = crc_of(block);
    for _ in 0..doublings {
        let mut half = Crc::new();
        half.combine(&crc);
        crc.combine(&half);
    }
    let mut all = crc_of(first);
    all.combine(&crc);
    all.combine(&crc_of(last));
    let mut member = b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec();
    member.extend(pack(first, FlushCompress::Full));
    member.extend(pack(block, FlushCompress::Full).repeat(1 << doublings));
    member.extend(pack(last, FlushCompress::Finish));
    member.extend(all.sum().to_le_bytes());
    member.extend(all.amount().to_le_bytes());
    member
}

/// One bit of a byte, counted from the end, is another one.
pub fn flip(mut bytes: Vec<u8>, from_end: usize) -> Vec<u8> {
    let at = bytes.len() - from_end;
    bytes[at] ^= 1;
    bytes
}

pub fn half(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() / 2);
    bytes
}

/// Bytes that no packer makes smaller, as letters and digits, by a fixed seed.
pub fn noise(n: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let mut byte = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.,"[(state >> 58) as usize]
    };
    (0..n).map(|_| byte()).collect()
}

pub fn utf16(text: &str, big: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}
