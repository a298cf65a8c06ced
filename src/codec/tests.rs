use std::io::{Read, Write};

use super::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn opened(bytes: &[u8]) -> (Vec<u8>, io::Result<usize>) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let mut out = Vec::new();
    let read = open(file.path(), 27).unwrap().read_to_end(&mut out);
    (out, read)
}

#[test]
fn every_member_and_every_frame_is_read() {
    let members = [gzip(b"one "), gzip(b""), gzip(b"two")].concat();
    assert_eq!(opened(&members).0, b"one two");
    let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"xyz"].concat();
    let frames = [skippable, zstd::encode_all(&b"one "[..], 3).unwrap(), zstd::encode_all(&b"two"[..], 3).unwrap()].concat();
    assert_eq!(opened(&frames).0, b"one two");
    assert_eq!(opened(b"plain").0, b"plain");
    assert_eq!(opened(b"").0, b"");
}

#[test]
fn a_cut_stream_is_an_error_after_what_came_before() {
    let whole = [gzip(b"one "), gzip(b"two two two two")].concat();
    for cut in gzip(b"one ").len() + 1..whole.len() {
        let (out, read) = opened(&whole[..cut]);
        assert!(out.starts_with(b"one "), "{cut}");
        assert!(read.is_err(), "{cut}");
    }
    let frame = zstd::encode_all(&b"one two three"[..], 3).unwrap();
    assert!(opened(&frame[..frame.len() - 2]).1.is_err());
}

#[test]
fn a_window_over_the_limit_names_the_setting() {
    let mut encoder = zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(28).unwrap();
    encoder.include_contentsize(false).unwrap();
    encoder.write_all(&vec![7; 1 << 20]).unwrap();
    let (_, read) = opened(&encoder.finish().unwrap());
    assert!(read.unwrap_err().to_string().contains("zstd-window-log"));
}

#[test]
fn bodies_are_capped_by_their_output() {
    let bomb = gzip(&vec![0; 50 << 20]);
    let mut out = Vec::new();
    assert_eq!(decode(Coding::Gzip, &bomb, 1000, &mut out), Decoded::Cut);
    assert_eq!(out.len(), 1000);
    out.clear();
    assert_eq!(decode(Coding::Gzip, &gzip(&[1; 1000]), 1000, &mut out), Decoded::Whole);
    assert_eq!(out.len(), 1000);
}

#[test]
fn deflate_is_read_with_and_without_its_zlib_frame() {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(6));
    zlib.write_all(b"body body").unwrap();
    let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(6));
    raw.write_all(b"body body").unwrap();
    for bytes in [zlib.finish().unwrap(), raw.finish().unwrap()] {
        let mut out = Vec::new();
        assert_eq!(decode(Coding::Deflate, &bytes, 100, &mut out), Decoded::Whole);
        assert_eq!(out, b"body body");
    }
}

#[test]
fn a_broken_body_keeps_what_came_before() {
    let bytes = gzip(b"a body of some length, a body of some length");
    let mut out = Vec::new();
    assert_eq!(decode(Coding::Gzip, &bytes[..bytes.len() - 9], 1000, &mut out), Decoded::Broken);
    assert!(out.starts_with(b"a body"), "{out:?}");
    for coding in [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd] {
        let mut out = Vec::new();
        assert_eq!(decode(coding, b"\xff\xfenot compressed at all", 1000, &mut out), Decoded::Broken, "{coding:?}");
    }
}
