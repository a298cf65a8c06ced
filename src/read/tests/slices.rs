//! A file that is read in slices gives what one thread gives, whatever is wrong with it.

use super::super::slices::{self, Sizes};
use super::super::{Sink, read_noting};
use super::damage::DICTIONARY;
use super::lost::with_digest;
use super::*;

type Everything = (Vec<Seen>, Vec<(&'static str, Place, bool)>, Tally, DigestCounts);

/// On one thread, or in slices; then also how many of them counted.
fn everything(bytes: &[u8], limits: &Limits, sizes: Option<Sizes>) -> (Everything, u64) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let (mut items, mut notes, mut digests) = (Vec::new(), Vec::new(), DigestCounts::default());
    let mut each = |item: Item<'_>| {
        items.push(Seen::of(item));
        Ok(())
    };
    let mut note = |name: &'static str, place: &Place, of_file: bool| notes.push((name, place.clone(), of_file));
    let input = input(file.path());
    let (tally, n_slices) = match sizes {
        None => (read_noting(Format::Warc, &input, limits, Some(&mut digests), &mut each, &mut note).unwrap(), 0),
        Some(sizes) => {
            let sink = Sink::new(&mut each, &mut note, Some(&mut digests));
            slices::read(Format::Warc, &input, limits, sizes, sink).unwrap()
        }
    };
    ((items, notes, tally, digests), n_slices)
}

/// Reads in slices of several sizes and gives how many counted in all.
fn the_same_in_slices(bytes: &[u8]) -> u64 {
    same_in_slices(bytes, 1 << 20)
}

fn same_in_slices(bytes: &[u8], margin: u64) -> u64 {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(64).build().unwrap();
    pool.install(|| {
        let (alone, _) = everything(bytes, &Limits::default(), None);
        let sizes = [(1, 700, 3), (1, 1500, 8), (4000, 300, 2)];
        let counts = sizes.map(|(first, slice, most)| {
            let (sliced, n_slices) = everything(bytes, &Limits::default(), Some(Sizes { first, slice, margin, most }));
            assert_eq!(sliced, alone);
            n_slices
        });
        counts.iter().sum()
    })
}

fn members(n: usize) -> Vec<Vec<u8>> {
    (0..n).map(|n| page(&format!("page-{n}"))).collect()
}

#[test]
fn sound_files_are_read_in_slices_and_give_the_same() {
    let (gzip, zstd): (Vec<_>, Vec<_>) = members(40).iter().map(|record| (gz(record), zst(record))).unzip();
    let mut compressor = zstd::bulk::Compressor::with_dictionary(3, DICTIONARY).unwrap();
    let frames: Vec<u8> = members(40).iter().flat_map(|record| compressor.compress(record).unwrap()).collect();
    let dictionary = [&[0x5D, 0x2A, 0x4D, 0x18][..], &(DICTIONARY.len() as u32).to_le_bytes(), DICTIONARY].concat();
    for file in [gzip.concat(), zstd.concat(), [dictionary, frames].concat()] {
        let n = the_same_in_slices(&file);
        assert!(15 <= n, "only {n} slices of a file of {} bytes counted", file.len());
    }
}

#[test]
fn files_that_cannot_be_cut_are_read_on_one_thread() {
    let records = members(30).concat();
    for file in [records.clone(), gz(&records), zst(&records)] {
        assert_eq!(the_same_in_slices(&file), 0);
    }
    // Two records a member.
    let pairs: Vec<u8> = members(30).chunks(2).flat_map(|pair| gz(&pair.concat())).collect();
    assert_eq!(the_same_in_slices(&pairs), 0);
}

#[test]
fn a_member_inside_a_stored_body_is_no_start_of_a_slice() {
    // A page about archives: its body holds whole members, and its own member stores them as they are.
    let inner: Vec<u8> = members(12).iter().flat_map(|record| gz(record)).collect();
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>".to_vec();
    let outer = response("archive", &[head, inner].concat(), None);
    let mut stored = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    stored.write_all(&outer).unwrap();
    let stored = stored.finish().unwrap();
    let file = [gz(&page("first")), stored.clone(), gz(&page("second")), stored, gz(&page("last"))].concat();
    the_same_in_slices(&file);
    let (alone, _) = everything(&file, &Limits::default(), None);
    assert_eq!(alone.0.len(), 5);
}

#[test]
fn damaged_files_give_the_same_in_slices() {
    let mut seed = 9;
    let members = |n: u64| -> Vec<Vec<u8>> { (0..n).map(|n| with_digest(&format!("page-{n}"))).collect() };
    let gzip: Vec<Vec<u8>> = members(30).iter().map(|record| gz(record)).collect();
    let zstd: Vec<Vec<u8>> = members(30).iter().map(|record| zst(record)).collect();
    let mut n_slices = 0;
    for round in 0..120 {
        let mut parts = if round % 3 == 0 { zstd.clone() } else { gzip.clone() };
        let at = random(&mut seed) as usize % parts.len();
        match random(&mut seed) % 7 {
            0 => parts.insert(at, b"garbage between two members".to_vec()),
            // Several records in one member, or one over two.
            1 => parts[at] = gz(&members(3).concat()),
            2 => {
                let record = page("split");
                parts[at] = [gz(&record[..300]), gz(&record[300..])].concat();
            }
            3 => parts[at] = gz(&response("long", &html("<p>long"), Some("Content-Length: 99"))),
            4 => parts[at] = gz(b""),
            // Without the line ends that close it.
            5 => parts[at] = gz(with_digest("open").trim_ascii_end()),
            _ => {}
        }
        let mut file = parts.concat();
        for _ in 0..random(&mut seed) % 4 {
            let at = random(&mut seed) as usize % file.len();
            match random(&mut seed) % 3 {
                0 => file[at] ^= 1 << (random(&mut seed) % 8),
                1 => drop(file.drain(at..(at + 512).min(file.len()))),
                _ => file.truncate(file.len() - at / 20),
            }
        }
        n_slices += the_same_in_slices(&file);
    }
    assert!(1000 < n_slices, "only {n_slices} slices counted");
}

#[test]
fn members_that_are_longer_than_slices_are_left_to_one_thread() {
    let mut seed = 3;
    let noise: Vec<u8> = (0..20_000).map(|_| random(&mut seed) as u8).collect();
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n";
    let file: Vec<u8> = (0..12).flat_map(|n| gz(&response(&format!("long-{n}"), &[&head[..], &noise].concat(), None))).collect();
    assert_eq!(same_in_slices(&file, 1000), 0);
}

#[test]
fn false_members_laid_over_true_ones_give_the_same() {
    // Stored blocks in the body of each record hold the start of a member that would go on over the records behind it.
    let mut file = Vec::new();
    for n in 0..30 {
        let mut inner = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        inner.write_all(&response(&format!("false-{n}"), &html("<p>no"), Some("Content-Length: 60000"))).unwrap();
        let mut start = inner.finish().unwrap();
        start.truncate(start.len() - 8);
        let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>";
        let mut stored = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        stored.write_all(&response(&format!("true-{n}"), &[&head[..], &start].concat(), None)).unwrap();
        file.extend(stored.finish().unwrap());
    }
    the_same_in_slices(&file);
    same_in_slices(&file, 1000);
    let (alone, _) = everything(&file, &Limits::default(), None);
    assert_eq!(alone.0.len(), 30);
}

#[test]
fn a_slice_may_end_a_little_behind_itself_and_no_further() {
    // Larger than what is read ahead, so that the end of a slice is seen.
    let mut seed = 5;
    let mut noise = || -> Vec<u8> { (0..30_000).map(|_| random(&mut seed) as u8).collect() };
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n";
    let file: Vec<u8> = (0..200).flat_map(|n| gz(&response(&format!("page-{n}"), &[&head[..], &noise()].concat(), None))).collect();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(64).build().unwrap();
    pool.install(|| {
        let (alone, _) = everything(&file, &Limits::default(), None);
        for (margin, expected) in [(1 << 21, true), (1000, false)] {
            let sizes = Sizes { first: 1, slice: 200_000, margin, most: 4 };
            let (sliced, n_slices) = everything(&file, &Limits::default(), Some(sizes));
            assert!(sliced == alone && (20 < n_slices) == expected, "{n_slices} slices with {margin}");
        }
    });
}

#[test]
fn bodies_full_of_starts_of_members_are_read_as_ever() {
    // Stored as they are: magic alone, magic with a name that does not end, and members that hold no record.
    let name = [&[0x1F, 0x8B, 8, 8][..], &[b'n'; 20]].concat();
    for part in [&[0x1F, 0x8B, 8][..], &name, &gz(b"no record"), &zst(b"no record"), &[0x28, 0xB5, 0x2F, 0xFD]] {
        let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>";
        let body = [&head[..], &part.repeat(100_000 / part.len())].concat();
        let mut file = Vec::new();
        for n in 0..4 {
            let mut stored = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
            stored.write_all(&response(&format!("full-{n}"), &body, None)).unwrap();
            file.extend(stored.finish().unwrap());
        }
        same_in_slices(&file, 1 << 20);
        file[1000] ^= 1;
        same_in_slices(&file, 1 << 20);
        let (alone, _) = everything(&file, &Limits::default(), None);
        assert_eq!(alone.0.len(), 4);
    }
}
