//! What is proved by a digest, and what is not: of a member that is decoded in pieces its checksum is met only at its end.

use std::io::Read;

use super::super::found::{Doubt, Found, Span};
use super::super::framing::Framer;
use super::super::packing::Packing;
use super::super::source::Source;
use super::digests::base32;
use super::lost::{block_with_digest, with_digest};
use super::*;
use crate::codec::Feed;

/// Words that deflate does not find twice.
fn text(page: u64, n_words: u64) -> String {
    let word = |n: u64| format!("{:x}", crate::text::hash::hash64(&n.to_le_bytes()) >> 40);
    (0..n_words).map(|n| word(page * n_words + n) + " ").collect()
}

fn records(n: u64) -> Vec<Vec<u8>> {
    (0..n).map(|n| block_with_digest(&format!("page-{n}"), &html(&text(n, 60)))).collect()
}

/// How many pages are marked where one byte of a file is changed, one in so many, and how many should be and are not.
fn changed(file: &[u8], whole: &[&[u8]], step: usize) -> (u64, u64) {
    let (mut n_marked, mut n_missed) = (0, 0);
    for at in (20..file.len()).step_by(step) {
        let mut file = file.to_vec();
        file[at] ^= 4;
        let outcome = read_bytes(&file);
        for (body, truncated) in outcome.bodies().iter().zip(outcome.truncated()) {
            n_missed += u64::from(!truncated && !whole.contains(body));
        }
        n_marked += outcome.fault("wrong-block-digest");
    }
    (n_marked, n_missed)
}

/// Nothing of a gzip stream is proved before its end, but each record by its own digest; the first too, and the last before a cut.
#[test]
fn a_changed_byte_of_a_stream_marks_the_records_that_their_digests_contradict() {
    let records = records(60);
    let sound = read_bytes(&records.concat());
    let whole: Vec<&[u8]> = sound.bodies();
    let file = gz(&records.concat());
    let in_twos: Vec<u8> = records.chunks(2).flat_map(|two| gz(&two.concat())).collect();
    for (file, step) in [(&file[..], 101), (&file[..file.len() - 300], 203), (&in_twos, 17)] {
        let (n_marked, n_missed) = changed(file, &whole, step);
        // Where the name of the digest's field or algorithm was changed too there is none.
        assert!(30 < n_marked && 10 * n_missed < n_marked, "{n_missed} beside {n_marked}");
    }
}

/// Whoever writes digests that are none, or of other bytes, is not believed by them.
#[test]
fn digests_that_are_of_nothing_or_of_the_payload_mark_nothing_in_a_stream() {
    let chunked = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n<p>chunks\r\n0\r\n\r\n";
    let plain = html("<p>payload");
    for (block, digest) in [
        (&plain[..], "sha1:null"),
        (&plain, "-"),
        (&plain, "sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        (&plain, &base32(b"")),
        (&plain, &base32(b"<p>payload")),
        (chunked, &base32(b"<p>chunks")),
        // Another sign than a colon, and words that are none.
        (&plain, &base32(&plain).replacen(':', "=", 1)),
        (&plain, "sha-384=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        (&plain, "sha256-none-computed-here"),
    ] {
        let pages = (0..6).map(|n| {
            let text = String::from_utf8(response(&format!("page-{n}"), block, None)).unwrap();
            text.replacen("WARC-Date", &format!("WARC-Block-Digest: {digest}\r\nWARC-Date"), 1)
        });
        let whole = gz(pages.collect::<String>().as_bytes());
        let outcome = read_bytes(&whole[..whole.len() - 12]);
        assert!(4 <= outcome.ids().len() && outcome.fault("wrong-block-digest") == 0, "{digest}: {:?}", outcome.tally.faults);
    }
}

/// Reads a few bytes at a time.
struct Slowly<'b>(&'b [u8], usize);

impl Read for Slowly<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n = out.len().min(self.1);
        self.0.read(&mut out[..n])
    }
}

pub(super) fn found(bytes: &'static [u8], at_a_time: usize) -> Vec<(Span, Option<Doubt>)> {
    let file = tempfile::NamedTempFile::new().unwrap();
    let (input, limits) = (input(file.path()), Limits::default());
    let mut feed: Feed<Box<dyn Read + Send>> = Feed::new(Box::new(Slowly(bytes, at_a_time)));
    let packing = Packing::of(&mut feed, "a.warc.gz", &limits).unwrap();
    let mut framer = Framer::new(Source::of(&input, feed, packing, &limits).unwrap(), &limits);
    let mut all = Vec::new();
    while let Some(found) = framer.next().unwrap() {
        let doubt = if let Found::Record(record) = &found { record.doubt } else { None };
        all.push((found.span(), doubt));
    }
    all
}

/// A member of more than is inflated at once, and a smaller one, each with a record that its digest contradicts; a pipe gives less at a time than a file.
#[test]
fn what_is_marked_does_not_depend_on_how_much_is_read_at_a_time() {
    let wrong = |id: &str| {
        let text = String::from_utf8(with_digest(id)).unwrap();
        text.replacen("only", "ONLY", 1).into_bytes()
    };
    let noise = |n: u64| response(&format!("noise-{n}"), &html(&text(n, 370_000)), None);
    let large = gz(&[wrong("first"), noise(0), noise(1), noise(2), noise(3), wrong("last"), page("end")].concat());
    assert!(5 << 20 < large.len(), "{}", large.len());
    let file: &'static [u8] = [large, gz(&[wrong("small"), page("next")].concat())].concat().leak();
    let all = found(file, usize::MAX);
    let n_marked = all.iter().filter(|(_, doubt)| *doubt == Some(Doubt::Block)).count();
    assert_eq!((all.len(), n_marked), (9, 2), "{all:?}");
    for at_a_time in [4096, 65_521, 1 << 20] {
        assert!(all == found(file, at_a_time), "{at_a_time}");
    }
}

/// Of a zstd frame that breaks all blocks before the fault are decoded, however many stand in one piece.
#[test]
fn a_broken_frame_gives_the_same_however_it_is_read() {
    let records = records(400).concat();
    let frame = zst(&records);
    for at in [frame.len() - 2, frame.len() / 2, 40] {
        let mut broken = frame.clone();
        broken[at] ^= 4;
        let file: &'static [u8] = [broken, zst(&page("next"))].concat().leak();
        let all = found(file, usize::MAX);
        for at_a_time in [1, 4096, 65_521] {
            assert!(all == found(file, at_a_time), "{at} {at_a_time}");
        }
        let n_least = 400 * at / frame.len() / 2;
        assert!(n_least < all.len(), "{at}: {}", all.len());
    }
}

/// A frame of blocks that are stored as they are (RFC 8878, section 3.1.1), of which one is of a type that is none.
#[test]
fn a_block_before_a_broken_header_is_not_lost() {
    const BLOCK: usize = 40_000;
    let records = records(400);
    let bytes = records.concat();
    for broken in [1, 3, 5] {
        // A window of 128 KiB, neither length nor checksum.
        let mut frame = [&[0x28, 0xB5, 0x2F, 0xFD, 0, 7 << 3][..]].concat();
        for (n, block) in bytes.chunks(BLOCK).enumerate() {
            let kind = if n == broken { 3 } else { 0 };
            let header = ((block.len() as u32) << 3 | kind << 1 | u32::from((n + 1) * BLOCK >= bytes.len())).to_le_bytes();
            frame.extend_from_slice(&header[..3]);
            frame.extend_from_slice(block);
        }
        let file: &'static [u8] = [frame, zst(&page("next"))].concat().leak();
        let all = found(file, usize::MAX);
        let n_whole = (1..=records.len()).filter(|n| records[..*n].concat().len() <= broken * BLOCK).count();
        // The one that is broken off, and the next.
        assert_eq!(all.len(), n_whole + 2, "{broken}");
        for at_a_time in [1, 4096, 65_521] {
            assert!(all == found(file, at_a_time), "{broken} {at_a_time}");
        }
    }
}

/// Revisits carry the digest of the block that they stand for.
#[test]
fn a_revisit_is_not_compared_in_a_stream() {
    let revisit = |n: u64| {
        let text = String::from_utf8(with_digest(&format!("revisit-{n}"))).unwrap();
        text.replace("Type: response", "Type: revisit").replacen("only", "ONLY", 1).into_bytes()
    };
    let file = zst(&[revisit(0), page("one"), revisit(1), page("two")].concat());
    assert!(read_bytes(&file).tally.faults.is_empty());
}

/// A member whose end was damaged does not end where a copy of it does.
#[test]
fn a_copy_of_a_damaged_member_does_not_swallow_what_is_between() {
    let mut members: Vec<Vec<u8>> = ["one", "two", "three", "one"].map(|id| gz(&page(id))).into();
    let end = members[0].len() - 6;
    members[0][end] ^= 1;
    let outcome = read_bytes(&members.concat());
    assert_eq!((outcome.ids(), outcome.fault("damaged-record")), (vec!["two", "three", "one"], 1), "{:?}", outcome.tally.faults);
}
