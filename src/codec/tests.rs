use std::io::{BufRead, ErrorKind, Read, Write};

use super::*;

#[path = "../../fixtures/pack/bzip2.rs"]
mod pack;

pub(crate) use pack::bz2;

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zst(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

pub(crate) fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// Everything that came before the end or a fault, and the fault.
fn read(bytes: &[u8]) -> (Vec<u8>, Option<std::io::Error>) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let mut reader = open(file.path(), Windows::default()).unwrap();
    let mut out = Vec::new();
    loop {
        match reader.fill_buf() {
            Ok([]) => return (out, None),
            Ok(bytes) => {
                out.extend_from_slice(bytes);
                let length = bytes.len();
                reader.consume(length);
            }
            Err(error) => {
                // A fault stays: asking again must not look like an end.
                assert!(reader.fill_buf().is_err());
                return (out, Some(error));
            }
        }
    }
}

#[test]
fn compression_is_told_by_magic() {
    assert_eq!(detect(b""), Compression::Plain);
    assert_eq!(detect(b"{\"text\""), Compression::Plain);
    assert_eq!(detect(&gz(b"x")), Compression::Gzip);
    assert_eq!(detect(&zst(b"x")), Compression::Zstd);
    assert_eq!(detect(&[0x50, 0x2A, 0x4D, 0x18]), Compression::Zstd);
    for (packed, compression) in [(xz(b"x"), Compression::Xz), (bz2(b"x"), Compression::Bzip2), (bz2(b""), Compression::Bzip2)] {
        for end in 4..packed.len() {
            assert_eq!(detect(&packed[..end]), compression, "{end}");
        }
    }
    for plain in [&b"BZh9 is how it begins"[..], b"BZh0", b"BZ", b"\xFD7z", b"\xFD7zXY\0"] {
        assert_eq!(detect(plain), Compression::Plain);
    }
}

#[test]
fn all_members_and_frames_are_read() {
    let skip = [&[0x5E, 0x2A, 0x4D, 0x18, 4, 0, 0, 0][..], b"skip"].concat();
    for file in [
        b"one two three".to_vec(),
        [gz(b"one "), gz(b""), gz(b"two "), gz(b"three")].concat(),
        [zst(b"one "), skip.clone(), zst(b""), zst(b"two three"), skip].concat(),
        [gz(b"one two three"), vec![0; 512]].concat(),
        // As pbzip2 and cat(1) leave them; zeros between streams of xz are allowed, behind all they are padding.
        [bz2(b"one "), bz2(b""), bz2(b"two "), bz2(b"three"), vec![0; 512]].concat(),
        [xz(b"one "), xz(b""), vec![0; 4], xz(b"two "), xz(b"three"), vec![0; 512]].concat(),
    ] {
        let (out, fault) = read(&file);
        assert_eq!(out, b"one two three");
        assert!(fault.is_none(), "{fault:?}");
    }
    assert_eq!(read(b"").0, b"");
}

#[test]
fn a_cut_at_any_byte_is_an_error_after_what_came_before() {
    for pack in [gz as fn(&[u8]) -> Vec<u8>, zst, xz, bz2] {
        let first = pack(b"the first member; ");
        let whole = [first.clone(), pack(b"the second member")].concat();
        for cut in 4..whole.len() {
            let (out, fault) = read(&whole[..cut]);
            assert!(b"the first member; the second member".starts_with(&out[..]), "cut at {cut}");
            assert!(cut < first.len() || out.starts_with(b"the first member; "), "cut at {cut}");
            let kind = fault.map(|fault| fault.kind());
            assert_eq!(kind, (cut != first.len()).then_some(ErrorKind::UnexpectedEof), "cut at {cut}");
        }
    }
}

#[test]
fn corruption_is_an_error_after_what_came_before() {
    let good = b"good bytes, ".repeat(100);
    for file in [
        [gz(&good), b"garbage".to_vec()].concat(),
        [gz(&good), vec![0; 10], b"garbage".to_vec()].concat(),
        [zst(&good), b"garbage".to_vec()].concat(),
        [xz(&good), b"garbage that is long enough".to_vec()].concat(),
        [xz(&good), vec![0; 8], b"garbage".to_vec()].concat(),
        [bz2(&good), b"garbage".to_vec()].concat(),
        [bz2(&good), vec![0; 8], b"garbage".to_vec()].concat(),
        [gz(&good), {
            let mut bad = gz(b"x");
            let last = bad.len() - 6;
            bad[last] ^= 1;
            bad
        }]
        .concat(),
    ] {
        let (out, fault) = read(&file);
        assert!(out.starts_with(&good));
        let fault = fault.expect("a fault");
        assert_eq!(fault.kind(), ErrorKind::InvalidData);
        assert!(fault.to_string().contains("byte"), "{fault}");
    }
}

#[test]
fn a_window_over_the_limit_names_the_setting() {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(28).unwrap();
    encoder.long_distance_matching(true).unwrap();
    encoder.write_all(b"wide").unwrap();
    let wide = encoder.finish().unwrap();
    let fault = read(&wide).1.expect("a fault");
    assert!(fault.to_string().contains("zstd-window-log"), "{fault}");
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&wide).unwrap();
    let mut out = Vec::new();
    open(file.path(), Windows { zstd_log: 31, ..Windows::default() }).unwrap().read_to_end(&mut out).unwrap();
    assert_eq!(out, b"wide");
}

#[test]
fn a_dictionary_over_the_limit_names_the_setting() {
    let mut options = lzma_rust2::XzOptions::with_preset(1);
    options.lzma_options.dict_size = 1 << 21;
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    writer.write_all(b"wide").unwrap();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&writer.finish().unwrap()).unwrap();
    let mut out = Vec::new();
    let narrow = open(file.path(), Windows { xz_log: 20, ..Windows::default() }).unwrap().read_to_end(&mut out).unwrap_err();
    assert!(narrow.to_string().contains("2^20") && narrow.to_string().contains("limits.xz-dictionary-log"), "{narrow}");
    assert_eq!((over_limit(narrow.kind()), out.len()), (Some(XZ_DICTIONARY), 0));
    open(file.path(), Windows { xz_log: 21, ..Windows::default() }).unwrap().read_to_end(&mut out).unwrap();
    assert_eq!(out, b"wide");
}

/// Their checksums hold every byte: a wrong one is a fault, or the same bytes.
#[test]
fn a_changed_byte_is_never_another_content() {
    let text: Vec<u8> = (0..400_u32).flat_map(|n| format!("{} ", n * n).into_bytes()).collect();
    for pack in [xz as fn(&[u8]) -> Vec<u8>, bz2] {
        let whole = pack(&text);
        for at in FIRST..whole.len() {
            for bit in [0, 3, 7] {
                let mut bad = whole.clone();
                bad[at] ^= 1 << bit;
                let (out, fault) = read(&bad);
                assert!(fault.is_some() || out == text, "bit {bit} of byte {at}");
            }
        }
    }
}

#[test]
fn a_missing_file_is_named() {
    let error = open(Path::new("no/such/file.gz"), Windows::default()).err().expect("an error");
    assert!(error.to_string().contains("no/such/file.gz"));
}

/// Interrupted at every other call, and giving one byte at a time.
struct Nervous<'a>(&'a [u8], bool);

impl Read for Nervous<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(ErrorKind::Interrupted.into());
        }
        self.0.read(&mut out[..1])
    }
}

#[test]
fn interruptions_are_not_seen() {
    let mut feed = Feed::new(Nervous(b"bytes", false));
    while feed.more().unwrap() {}
    assert_eq!(feed.data(), b"bytes");
    feed.consume(2);
    assert_eq!((feed.data(), feed.offset(), feed.ended()), (&b"tes"[..], 2, true));
}

#[test]
fn a_member_is_taken_as_a_whole_only_if_the_slice_is_exactly_it() {
    let member = gz(b"the content of a member");
    let mut inflater = gzip::Inflater::new();
    let mut out = b"kept".to_vec();
    assert_eq!(inflater.whole(&member, &mut out, 4, 1000), Some(23));
    assert_eq!(out, b"keptthe content of a member");
    for end in 0..member.len() {
        assert_eq!(inflater.whole(&member[..end], &mut out, 0, 1000), None, "cut at {end}");
    }
    for more in [&b"\0"[..], b"12345678", &member] {
        assert_eq!(inflater.whole(&[&member, more].concat(), &mut out, 0, 1000), None);
    }
    assert_eq!(inflater.whole(&member, &mut out, 0, 22), None);
    // All options of a header: extra field, name, comment, checksum.
    let mut full = vec![0x1F, 0x8B, 8, 0x1E, 0, 0, 0, 0, 0, 255, 2, 0, b'e', b'x', b'n', 0, b'c', 0, 1, 2];
    full.extend_from_slice(&member[gzip::HEADER..]);
    assert_eq!(inflater.whole(&full, &mut out, 0, 1000), Some(23));
    assert_eq!(gzip::find(&[b"xx\x1F\x8B\x08\xFF_______", &member[..]].concat()), Some(13));
}

#[test]
fn a_declared_length_is_believed_only_as_far_as_the_bytes_could_hold_it() {
    let mut lie = gz(b"short");
    let at = lie.len() - 4;
    lie[at..].copy_from_slice(&0x3FFF_FFFF_u32.to_le_bytes());
    let mut out = Vec::new();
    assert_eq!(gzip::Inflater::new().whole(&lie, &mut out, 0, usize::MAX), None);
    assert_eq!(out.len(), 0);
}
