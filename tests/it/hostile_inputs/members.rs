//! Compressed files: members and frames that are cut, damaged, lost, doubled, empty, overlapping, or that unpack to more than anybody holds.

use crate::inputs::pack::bz2;

use super::make::{Made, flip, gz, gz_at, half, html, http, noise, repeated, xz, zst};
use super::{Case, Expected};

/// A page whose member has some ten kilobytes, in the middle of which others can be missing.
fn long(made: &Made<'_>) -> Vec<u8> {
    let body = [html(2).as_bytes(), b"<!--", &noise(12_000), b"-->"].concat();
    gz(&made.answer(2, &http("", &body)))
}

/// A member with a field of the header that this flag announces.
fn header(flag: u8, field: &[u8], member: &[u8]) -> Vec<u8> {
    let mut out = [&member[..10], field, &member[10..]].concat();
    out[3] = flag;
    out
}

/// A record as long as it says, in one small member, whose block is `2^doublings` MiB of blanks.
fn bomb(made: &Made<'_>, doublings: u32) -> Vec<u8> {
    let block = vec![b' '; 1 << 20];
    let first = format!("WARC/1.0\r\n{}Content-Length: {}\r\n\r\n", made.lines(2), block.len() << doublings);
    repeated(first.as_bytes(), &block, doublings, b"\r\n\r\n")
}

/// Members of one stored block each, the last of its member, of 65,535 bytes.
fn overlapping(made: &Made<'_>, n: usize) -> Vec<u8> {
    let member = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x01\xff\xff\0\0WARC/1.0\r\nWARC-Type: response\r\n";
    [gz(&made.page(1)), member.repeat(n), gz(&made.page(3))].concat()
}

/// A skippable frame of zstd, of which the first byte of its magic is told.
fn skippable(first: u8, length: u32, content: &[u8]) -> Vec<u8> {
    [&[first, 0x2A, 0x4D, 0x18][..], &length.to_le_bytes(), content].concat()
}

pub const FILES: &[Case] = &[
    ("sound.warc.gz", |f| f.gzipped(|member| member)),
    ("sound.warc.zst", |f| f.framed(|frame| frame)),
    ("sound.warc.xz", |f| [xz(&f.page(1)), xz(&[f.page(2), f.page(3)].concat())].concat()),
    ("sound.warc.bz2", |f| [bz2(&f.page(1)), bz2(&[f.page(2), f.page(3)].concat())].concat()),
    ("plain.warc", |f| [f.page(1), f.page(2), f.page(3)].concat()),
    ("one-stream.warc.gz", |f| gz(&[f.page(1), f.page(2), f.page(3)].concat())),
    ("one-stream.warc.zst", |f| zst(&[f.page(1), f.page(2), f.page(3)].concat())),
    // Names that lie about what packs them.
    ("plain-under-a-packed-name.warc.gz", |f| f.page(1)),
    ("gzip-under-a-plain-name.warc", |f| f.gzipped(|member| member)),
    ("zstd-under-the-name-of-gzip.warc.gz", |f| f.framed(|frame| frame)),
    // Cut.
    ("nothing.warc.gz", |_| Vec::new()),
    ("one-byte.warc.gz", |_| vec![0x1F]),
    ("cut-in-a-member.warc.gz", |f| [gz(&f.page(1)), gz(&f.page(2)), half(gz(&f.page(3)))].concat()),
    ("cut-in-the-head-of-a-member.warc.gz", |f| [gz(&f.page(1)), gz(&f.page(2)), gz(&f.page(3))[..5].to_vec()].concat()),
    ("cut-in-a-checksum.warc.gz", |f| {
        let mut file = f.gzipped(|member| member);
        file.truncate(file.len() - 6);
        file
    }),
    ("cut-in-one-stream.warc.gz", |f| {
        let mut file = gz_at(0, &[f.page(1), f.page(2), f.page(3)].concat());
        file.truncate(file.len() - 200);
        file
    }),
    ("cut-in-a-frame.warc.zst", |f| [zst(&f.page(1)), zst(&f.page(2)), half(zst(&f.page(3)))].concat()),
    ("cut-in-a-block.warc.xz", |f| [xz(&f.page(1)), half(xz(&f.page(2)))].concat()),
    ("cut-in-a-block.warc.bz2", |f| [bz2(&f.page(1)), half(bz2(&f.page(2)))].concat()),
    ("cut-in-a-record.warc", |f| [f.page(1), f.page(2), half(f.page(3))].concat()),
    // Damaged: the checksum stands eight bytes from the end of a member, the length four.
    ("wrong-checksum.warc.gz", |f| f.gzipped(|member| flip(member, 8))),
    ("wrong-length.warc.gz", |f| f.gzipped(|member| flip(member, 4))),
    ("wrong-checksum.warc.zst", |f| f.framed(|frame| flip(frame, 1))),
    ("member-without-an-end.warc.gz", |f| f.gzipped(half)),
    ("frame-without-an-end.warc.zst", |f| f.framed(half)),
    ("lost-block.warc.gz", |f| {
        let mut member = long(f);
        member.drain(4096..8192);
        [gz(&f.page(1)), member, gz(&f.page(3))].concat()
    }),
    ("doubled-block.warc.gz", |f| {
        let mut member = long(f);
        let block = member[4096..8192].to_vec();
        member.splice(4096..4096, block);
        [gz(&f.page(1)), member, gz(&f.page(3))].concat()
    }),
    ("zeroed-block.warc.gz", |f| {
        let mut member = long(f);
        member[4096..8192].fill(0);
        [gz(&f.page(1)), member, gz(&f.page(3))].concat()
    }),
    // What lies between.
    ("garbage-first.warc.gz", |f| [b"no member begins so".to_vec(), f.gzipped(|member| member)].concat()),
    ("garbage-between.warc.gz", |f| f.gzipped(|_| b"no member begins so".to_vec())),
    ("garbage-last.warc.gz", |f| [f.gzipped(|member| member), b"no member begins so".to_vec()].concat()),
    ("garbage-between.warc.zst", |f| f.framed(|_| b"no frame begins so".to_vec())),
    ("zeros-last.warc.gz", |f| [f.gzipped(|member| member), vec![0; 10_000]].concat()),
    ("zeros-between.warc.gz", |f| f.gzipped(|_| vec![0; 10_000])),
    ("empty-members.warc.gz", |f| {
        let empty = gz(b"").repeat(1000);
        [empty.clone(), gz(&f.page(1)), empty.clone(), gz(&f.page(2)), empty].concat()
    }),
    ("empty-members-alone.warc.gz", |_| gz(b"").repeat(1000)),
    ("members-of-fifty-bytes.warc.gz", |f| f.page(1).chunks(50).map(gz).collect::<Vec<_>>().concat()),
    ("members-of-one-byte.warc.gz", |f| f.page(1).chunks(1).map(gz).collect::<Vec<_>>().concat()),
    ("record-in-two-members.warc.gz", |f| {
        let page = f.page(2);
        [gz(&f.page(1)), gz(&page[..300]), gz(&page[300..]), gz(&f.page(3))].concat()
    }),
    // Headers of gzip: an extra field longer than the file, a name that never ends, and all that may be there.
    ("extra-field-that-lies.warc.gz", |f| [gz(&f.page(1)), header(4, b"\xff\xff", &gz(&f.page(2))), gz(&f.page(3))].concat()),
    ("name-without-an-end.warc.gz", |f| {
        [gz(&f.page(1)), header(8, &[b'n'; 300_000], b"\x1f\x8b\x08\0\0\0\0\0\0\x03"), gz(&f.page(3))].concat()
    }),
    ("name-and-comment.warc.gz", |f| {
        [gz(&f.page(1)), header(0x1C, b"\x04\0ab\0\0n\x1b[31m\0c\n\0", &gz(&f.page(2))), gz(&f.page(3))].concat()
    }),
    // Members inside members: the record of the outer one holds sound members as they are, and where the outer one is broken they are no less its own.
    ("members-in-a-body.warc.gz", |f| {
        let body = [html(2).as_bytes(), &[b' '; 20_000], b"<!--", &gz(&Made("inner").page(9)).repeat(20), b"-->"].concat();
        [gz(&f.page(1)), gz_at(0, &f.answer(2, &http("", &body))), gz(&f.page(3))].concat()
    }),
    // Members each of which begins in the one before, is longer than the rest of the file, and so is broken at its end.
    ("overlapping-members.warc.gz", |f| overlapping(f, 50)),
    ("overlapping-members-by-the-thousand.warc.gz", |f| overlapping(f, 1000)),
    // Bombs: 256 MiB in a few hundred kilobytes as one record and as none, and 32 MiB of line ends before one.
    ("bomb.warc.gz", |f| [gz(&f.page(1)), bomb(f, 8), gz(&f.page(3))].concat()),
    ("bomb-of-blank-lines.warc.gz", |f| [gz(&f.page(1)), repeated(b"", &vec![b'\n'; 1 << 20], 5, &f.page(2)), gz(&f.page(3))].concat()),
    ("bomb-without-records.warc.gz", |f| [gz(&f.page(1)), repeated(b"", &vec![b'x'; 1 << 20], 8, b""), gz(&f.page(3))].concat()),
    ("bomb.warc.zst", |f| [zst(&f.page(1)), zst(&f.answer(2, &vec![b' '; 100 << 20])), zst(&f.page(3))].concat()),
    // Frames of zstd that lie: a window of 2^41 bytes, a content of 2^63, a dictionary longer than the file, one that is none, a frame to be skipped.
    ("window-that-lies.warc.zst", |f| f.framed(|_| b"\x28\xb5\x2f\xfd\x00\xf8\x01\0\0".to_vec())),
    ("content-that-lies.warc.zst", |f| f.framed(|_| [&b"\x28\xb5\x2f\xfd\xe0"[..], &(1_u64 << 63).to_le_bytes(), b"\x01\0\0"].concat())),
    ("dictionary-that-lies.warc.zst", |f| [skippable(0x5D, u32::MAX, b"\x37\xa4\x30\xec"), zst(&f.page(1))].concat()),
    ("dictionary-that-is-none.warc.zst", |f| [skippable(0x5D, 13, b"no such thing"), zst(&f.page(1))].concat()),
    ("frames-to-be-skipped.warc.zst", |f| [zst(&f.page(1)), skippable(0x53, 4, b"skip").repeat(1000), zst(&f.page(2))].concat()),
    // Other containers under the name of an archive.
    ("zip.warc.gz", |f| [&b"PK\x03\x04\x14\0\0\0\0\0"[..], &f.page(1)].concat()),
    ("seven-zip.warc", |f| [&b"7z\xBC\xAF\x27\x1C\0\x04"[..], &f.page(1)].concat()),
    ("lz4.warc.gz", |f| [&b"\x04\x22\x4D\x18\x64\x40\xa7"[..], &f.page(1)].concat()),
    ("rar.warc", |f| [&b"Rar!\x1A\x07\x01\0"[..], &f.page(1)].concat()),
    ("compress.warc.gz", |f| [&b"\x1F\x9D\x90"[..], &f.page(1)].concat()),
    ("lzip.warc", |f| [&b"LZIP\x01\x0c"[..], &f.page(1)].concat()),
];

pub const EXPECTED: &[Expected] = &[
    ("sound.warc.gz", "1 2 3", "", "", "response*3"),
    ("sound.warc.zst", "1 2 3", "", "", "response*3"),
    ("sound.warc.xz", "1 2 3", "", "", "response*3"),
    ("sound.warc.bz2", "1 2 3", "", "", "response*3"),
    ("plain.warc", "1 2 3", "", "", "response*3"),
    ("one-stream.warc.gz", "1 2 3", "", "", "response*3"),
    ("one-stream.warc.zst", "1 2 3", "", "", "response*3"),
    ("plain-under-a-packed-name.warc.gz", "1", "", "", "response"),
    ("gzip-under-a-plain-name.warc", "1 2 3", "", "", "response*3"),
    ("zstd-under-the-name-of-gzip.warc.gz", "1 2 3", "", "", "response*3"),
    ("nothing.warc.gz", "", "", "", ""),
    // Too short to be told from a plain file.
    ("one-byte.warc.gz", "", "damaged-record", "damaged-record", "damaged"),
    ("cut-in-a-member.warc.gz", "1 2", "truncated-input", "truncated-input", "damaged response*2"),
    ("cut-in-the-head-of-a-member.warc.gz", "1 2", "truncated-input", "truncated-input", "damaged response*2"),
    ("cut-in-a-checksum.warc.gz", "1 2", "truncated-input", "truncated-input", "damaged response*2"),
    ("cut-in-one-stream.warc.gz", "1 2", "truncated-input", "truncated-input", "damaged response*2"),
    ("cut-in-a-frame.warc.zst", "1 2", "truncated-input", "truncated-input", "damaged response*2"),
    ("cut-in-a-block.warc.xz", "1", "truncated-input", "truncated-input", "damaged response"),
    ("cut-in-a-block.warc.bz2", "1", "truncated-input", "truncated-input", "damaged response"),
    ("cut-in-a-record.warc", "1 2", "truncated-input", "truncated-input", "damaged response*2"),
    ("wrong-checksum.warc.gz", "1 3", "damaged-record", "damaged-record", "damaged response*2"),
    ("wrong-length.warc.gz", "1 3", "damaged-record", "damaged-record", "damaged response*2"),
    ("wrong-checksum.warc.zst", "1 3", "damaged-record", "damaged-record", "damaged response*2"),
    ("member-without-an-end.warc.gz", "1 3", "damaged-record", "damaged-record", "damaged response*2"),
    ("frame-without-an-end.warc.zst", "1 3", "damaged-record", "damaged-record", "damaged response*2"),
    ("lost-block.warc.gz", "1 3", "damaged-record", "damaged-record", "damaged response*2"),
    ("doubled-block.warc.gz", "1 3", "damaged-record", "damaged-record", "damaged response*2"),
    ("zeroed-block.warc.gz", "1 3", "damaged-record", "damaged-record", "damaged response*2"),
    ("garbage-first.warc.gz", "1 2 3", "garbage-between-members", "garbage-between-members", "damaged response*3"),
    ("garbage-between.warc.gz", "1 3", "garbage-between-members", "garbage-between-members", "damaged response*2"),
    ("garbage-last.warc.gz", "1 2 3", "garbage-between-members", "garbage-between-members", "damaged response*3"),
    ("garbage-between.warc.zst", "1 3", "garbage-between-members", "garbage-between-members", "damaged response*2"),
    ("zeros-last.warc.gz", "1 2 3", "", "padding", "response*3"),
    ("zeros-between.warc.gz", "1 3", "garbage-between-members", "garbage-between-members", "damaged response*2"),
    ("empty-members.warc.gz", "1 2", "", "", "response*2"),
    ("empty-members-alone.warc.gz", "", "", "", ""),
    ("members-of-fifty-bytes.warc.gz", "1", "", "", "response"),
    // Members of line ends alone end no record.
    ("members-of-one-byte.warc.gz", "1", "", "", "response"),
    ("record-in-two-members.warc.gz", "1 2 3", "", "", "response*3"),
    ("extra-field-that-lies.warc.gz", "1 3", "damaged-record", "damaged-record", "damaged response*2"),
    ("name-without-an-end.warc.gz", "1 3", "damaged-record", "damaged-record", "damaged response*2"),
    ("name-and-comment.warc.gz", "1 2 3", "", "", "response*3"),
    ("members-in-a-body.warc.gz", "1 2 3", "", "", "response*3"),
    ("overlapping-members.warc.gz", "1 3", "damaged-record*50", "damaged-record*50", "damaged*50 response*2"),
    // After 64 in a row what they decoded to counts as lost, or a file of them would cost the square of its length.
    (
        "overlapping-members-by-the-thousand.warc.gz",
        "1",
        "damaged-record*64 truncated-input",
        "damaged-record*64 truncated-input",
        "damaged*65 response",
    ),
    ("bomb.warc.gz", "1 3", "record-too-long", "record-too-long", "damaged response*2"),
    ("bomb-of-blank-lines.warc.gz", "1 2 3", "", "", "response*3"),
    ("bomb-without-records.warc.gz", "1 3", "damaged-record", "damaged-record", "damaged response*2"),
    ("bomb.warc.zst", "1 3", "record-too-long", "record-too-long", "damaged response*2"),
    ("window-that-lies.warc.zst", "1 3", "zstd-window-log", "zstd-window-log", "damaged response*2"),
    ("content-that-lies.warc.zst", "1 3", "zstd-window-log", "zstd-window-log", "damaged response*2"),
    ("dictionary-that-lies.warc.zst", "1", "damaged-record", "damaged-record", "damaged response"),
    ("dictionary-that-is-none.warc.zst", "1", "", "", "response"),
    ("frames-to-be-skipped.warc.zst", "1 2", "", "", "response*2"),
    ("zip.warc.gz", "", "other-container", "other-container", "damaged"),
    ("seven-zip.warc", "", "other-container", "other-container", "damaged"),
    ("lz4.warc.gz", "", "other-container", "other-container", "damaged"),
    ("rar.warc", "", "other-container", "other-container", "damaged"),
    ("compress.warc.gz", "", "other-container", "other-container", "damaged"),
    ("lzip.warc", "", "other-container", "other-container", "damaged"),
];
