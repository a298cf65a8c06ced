//! Archives that were packed in pieces of so many bytes, as bgzip, pzstd and pbzip2 do, so that no member begins with a record: what is damaged in one of them costs the records in it.

use super::lost::with_digest;
use super::proved::found;
use super::*;
use crate::codec::tests::{bz2, xz};

const PIECE: usize = 3000;

fn records() -> Vec<Vec<u8>> {
    (0..40).map(|n| with_digest(&format!("page-{n}"))).collect()
}

/// Ids of the records that lie outside of a piece.
fn outside(records: &[Vec<u8>], piece: usize) -> Vec<String> {
    let (from, to) = (piece * PIECE, (piece + 1) * PIECE);
    let mut at = 0;
    let mut ids = Vec::new();
    for (n, record) in records.iter().enumerate() {
        // The line ends that close a record are not missed.
        if at + record.len() - 4 <= from || to <= at {
            ids.push(format!("page-{n}"));
        }
        at += record.len();
    }
    ids
}

#[test]
fn a_damaged_piece_costs_the_records_in_it_alone() {
    let records = records();
    let sound = read_bytes(&records.concat());
    for (pack, name) in [(gz as Pack, "gz"), (zst, "zst"), (xz, "xz"), (bz2, "bz2")] {
        let pieces: Vec<Vec<u8>> = records.concat().chunks(PIECE).map(pack).collect();
        assert_eq!(read_named("a.warc", &pieces.concat()).items.len(), records.len(), "{name}");
        for damaged in [0, 1, pieces.len() / 2, pieces.len() - 1] {
            let length = pieces[damaged].len();
            for how in ["flip", "magic", "lost"] {
                let mut pieces = pieces.clone();
                match how {
                    "flip" => pieces[damaged][length / 2] ^= 4,
                    "magic" => pieces[damaged][0] ^= 4,
                    _ => drop(pieces[damaged].drain(length / 3..length - 4)),
                }
                // Where the first piece lost its magic the name tells what the file is.
                let outcome = read_named(&format!("a.warc.{name}"), &pieces.concat());
                let ids = outcome.ids();
                for id in outside(&records, damaged) {
                    assert!(ids.contains(&id.as_str()), "{name}, {how} of piece {damaged}: {id} of {ids:?}");
                }
                for (body, truncated) in outcome.bodies().iter().zip(outcome.truncated()) {
                    assert!(truncated || sound.bodies().contains(body), "{name}, {how} of piece {damaged}");
                }
                assert!(!outcome.tally.faults.is_empty());
                let file: &'static [u8] = pieces.concat().leak();
                let is_told = 0 < damaged || how != "magic";
                assert!(!is_told || found(file, 4096) == found(file, usize::MAX), "{name}, {how} of piece {damaged}");
            }
        }
    }
}

/// What a page holds is no piece of the archive. One that begins a record cannot be told from the next of the archive.
#[test]
fn members_in_the_body_of_a_damaged_record_are_none_of_the_archive() {
    let stored = |record: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        encoder.write_all(record).unwrap();
        encoder.finish().unwrap()
    };
    let inside: Vec<u8> = (0..9).flat_map(|n| gz(format!("<p>piece {n} of a body</p>").as_bytes())).collect();
    let block = [b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n", &inside[..]].concat();
    let pages: Vec<u8> = (0..40).flat_map(|n| page(&format!("inside-{n}"))).collect();
    let archive =
        [b"HTTP/1.1 200 OK\r\nContent-Type: application/gzip\r\n\r\n", &pages.chunks(PIECE).skip(1).flat_map(gz).collect::<Vec<u8>>()[..]]
            .concat();
    // At its start, where the record is lost; and in its checksum.
    for block in [block, archive] {
        let host = stored(&response("two", &block, None));
        for at in [30, host.len() - 8] {
            let mut broken = host.clone();
            broken[at] ^= 1;
            let both = gz(&[page("one"), page("more")].concat());
            for (before, mut ids) in [(vec![], vec![]), (gz(&page("one")), vec!["one"]), (both, vec!["one", "more"])] {
                let outcome = read_bytes(&[&before[..], &broken, &gz(&page("three"))].concat());
                ids.push("three");
                assert_eq!((outcome.ids(), outcome.fault("damaged-record")), (ids, 1), "{at}");
            }
        }
    }
}

fn skippable(length: u32, content: &[u8]) -> Vec<u8> {
    [&[0x52, 0x2A, 0x4D, 0x18][..], &length.to_le_bytes(), content].concat()
}

/// Some tools write such a frame before each other.
#[test]
fn a_frame_that_holds_nothing_swallows_no_record() {
    let frames: Vec<Vec<u8>> = records().iter().map(|record| zst(record)).collect();
    let file = |wrong: Option<u32>| -> Vec<u8> {
        let length = |n: usize| wrong.filter(|_| n == 7).unwrap_or(4);
        frames.iter().enumerate().flat_map(|(n, frame)| [skippable(length(n), &[n as u8; 4]), frame.clone()].concat()).collect()
    };
    for wrong in [None, Some(0), Some(301), Some(1 << 20), Some(4 | 1 << 30), Some(u32::MAX)] {
        let bytes: &'static [u8] = file(wrong).leak();
        let outcome = read_bytes(bytes);
        let n_faults = usize::from(wrong.is_some());
        // What it does not hold begins no frame.
        let rule = if wrong == Some(0) { "garbage-between-members" } else { "damaged-record" };
        assert_eq!((outcome.ids().len(), outcome.items.len()), (frames.len(), frames.len() + n_faults), "{wrong:?}");
        assert_eq!(outcome.fault(rule), n_faults as u64, "{wrong:?}");
        for at_a_time in [1, 4096] {
            assert!(found(bytes, at_a_time) == found(bytes, usize::MAX), "{wrong:?} {at_a_time}");
        }
    }
    // A large one, and one that is cut.
    let large = [skippable(5 << 20, &vec![7; 5 << 20]), frames[0].clone()].concat();
    let outcome = read_bytes(&large);
    assert_eq!((outcome.ids(), outcome.tally.faults.len()), (vec!["page-0"], 0));
    let cut = [frames[0].clone(), skippable(40, &[7; 30])].concat();
    let outcome = read_bytes(&cut);
    assert_eq!((outcome.ids(), outcome.rules()), (vec!["page-0"], vec!["truncated-input"]));
}

/// A frame that says how long its content is can be decoded in one call, in which zstd does not look at the window.
#[test]
fn a_window_is_looked_at_however_much_is_read_at_a_time() {
    let block = page("wide");
    let frame = |exponent: u8| -> Vec<u8> {
        let length = u16::try_from(block.len() - 256).unwrap().to_le_bytes();
        let header = [&[0x28, 0xB5, 0x2F, 0xFD, 0x40, exponent << 3][..], &length].concat();
        let raw = ((block.len() as u32) << 3 | 1).to_le_bytes();
        [&header[..], &raw[..3], &block].concat()
    };
    for (exponent, rule) in [(17, None), (18, Some("zstd-window-log")), (21, Some("zstd-window-log")), (22, Some("zstd-window-log"))] {
        let file: &'static [u8] = [zst(&page("one")), frame(exponent)].concat().leak();
        let outcome = read_bytes(file);
        assert_eq!((outcome.rules(), outcome.ids().len()), (rule.into_iter().collect(), 2 - outcome.rules().len()), "{exponent}");
        for at_a_time in [1, 7, 4096] {
            assert!(found(file, at_a_time) == found(file, usize::MAX), "{exponent} {at_a_time}");
        }
    }
}

/// Members that lie over one another, each sound but for its end, are not decoded one by one.
#[test]
fn members_laid_over_one_another_are_not_all_decoded() {
    // Stored blocks, in every other of which a member begins.
    let header = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3];
    let block = |bytes: &[u8]| {
        let length = bytes.len() as u16;
        [&[0][..], &length.to_le_bytes(), &(!length).to_le_bytes(), bytes].concat()
    };
    let run = [block(&header), block(&[0; 40])].concat();
    let pieces: Vec<u8> = records().concat().chunks(PIECE).flat_map(gz).collect();
    let file = [&pieces[..], &header, &run.repeat(40_000), &gz(b"the end")].concat();
    assert_eq!(read_bytes(&file).ids().len(), records().len());
}

/// Each frame asks for more memory than is allowed, which is told before anything of it is decoded.
#[test]
fn frames_that_all_need_more_memory_are_told_by_it() {
    let frame = |id: &str| {
        let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
        encoder.window_log(28).unwrap();
        encoder.write_all(&page(id)).unwrap();
        encoder.finish().unwrap()
    };
    let file: Vec<u8> = (0..200).flat_map(|n| frame(&format!("page-{n}"))).collect();
    let outcome = read_bytes(&file);
    assert_eq!((outcome.ids().len(), outcome.fault("zstd-window-log")), (0, 1));
    assert_eq!(read_with(Format::Warc, &file, &Limits { zstd_window_log: 28, ..Limits::default() }).ids().len(), 200);
}

/// What a frame holds that is passed over is the writer's own.
#[test]
fn a_frame_that_is_passed_over_may_hold_others() {
    let mut pieces: Vec<Vec<u8>> = records().concat().chunks(PIECE).map(zst).collect();
    for content in [zst(b"{\"index\": [1, 2, 3]}"), zst(&page("inside")), vec![0; 9]] {
        pieces.insert(4, skippable(content.len() as u32, &content));
        let outcome = read_bytes(&pieces.concat());
        assert_eq!((outcome.ids().len(), outcome.items.len()), (records().len(), records().len()));
    }
}

/// Behind the first piece, which is damaged, a row of pieces may end in padding, and a long one anyhow.
#[test]
fn a_row_of_pieces_may_end_in_zeros_and_a_long_one_in_whatever_follows() {
    let noise = |n: u64| {
        let words: String = (0..900).map(|word| format!("{:x} ", crate::text::hash::hash64(&(1000 * n + word).to_le_bytes()))).collect();
        response(&format!("noise-{n}"), &html(&words), None)
    };
    let (short, long) = (records(), (0..60).map(noise).collect::<Vec<_>>());
    let n_outside = outside(&short, 0).len();
    for pack in [gz as Pack, zst] {
        for (records, behind, n_least) in [(&short, vec![], n_outside), (&short, vec![0; 600], n_outside), (&long, b"junk".to_vec(), 57)] {
            let mut pieces: Vec<Vec<u8>> = records.concat().chunks(PIECE).map(pack).collect();
            pieces[0][20] ^= 4;
            if behind == b"junk" {
                let last = pieces.last_mut().unwrap();
                last.truncate(last.len() / 2);
            }
            let outcome = read_bytes(&[pieces.concat(), behind].concat());
            assert!(n_least <= outcome.ids().len(), "{} for {n_least}", outcome.ids().len());
        }
    }
}
