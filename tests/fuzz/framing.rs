//! Any bytes as a file of an archive, whatever packs it: reading ends, counts what it gives, and keeps its limits; and what is sound gives the same pages when it is packed.
//!
//! Bytes that are packed are unpacked to be changed, as a changed byte of a gzip member is hardly ever more than a wrong checksum.

#![no_main]

use std::ops::Range;

use flate2::{Decompress, FlushDecompress, Status};
use gristmill::codec::{Compression, detect};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

mod reading;

fuzz_target!(|bytes: &[u8]| {
    let found = reading::in_all_ways(bytes);
    let is_sound = !found.tally.records.contains_key("damaged") && !found.tally.faults.contains_key("bad-length");
    if !is_sound || bytes.is_empty() || detect(bytes) != Compression::Plain {
        return;
    }
    // Wherever one member ends and the next begins, but for where that might be taken for the end of a record.
    let sum = bytes.iter().fold(bytes.len(), |sum, &byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
    let mut cut = sum % bytes.len();
    cut += bytes[cut..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let begins = |start: &&[u8]| bytes[cut..].starts_with(start);
    cut += usize::from([&b"WARC/"[..], b"http:", b"https:", b"dns:", b"ftp:", b"whois:", b"filedesc:"].iter().any(begins));
    let packed = reading::pages(&[reading::gz(&bytes[..cut]), reading::gz(&bytes[cut..])].concat());
    assert_eq!(found.pages, packed.pages, "cut at {cut}");
    assert_eq!((&found.tally.records, &found.tally.faults), (&packed.tally.records, &packed.tally.faults), "cut at {cut}");
});

/// Bytes that a member may unpack to, and by which it may grow at once.
const MOST: usize = 256 << 10;
const GROWTH: usize = 4096;

/// Where the gzip members lie that these bytes are made of, and what each holds; `None` where they are not.
fn members(bytes: &[u8]) -> Option<Vec<(Range<usize>, Vec<u8>)>> {
    let (mut members, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let mut decompress = Decompress::new_gzip(15);
        let mut member = Vec::with_capacity(MOST);
        let status = decompress.decompress_vec(&bytes[at..], &mut member, FlushDecompress::Finish).ok()?;
        let end = at + usize::try_from(decompress.total_in()).ok()?;
        if status != Status::StreamEnd {
            return None;
        }
        members.push((at..end, member));
        at = end;
    }
    Some(members)
}

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    // Sometimes the packed bytes are what is changed.
    let members = if seed % 4 == 0 { None } else { members(&data[..size]) };
    let Some((range, mut member)) = members.and_then(|mut members| {
        let n = seed as usize / 4 % members.len().max(1);
        (n < members.len()).then(|| members.swap_remove(n))
    }) else {
        return fuzzer_mutate(data, size, max_size);
    };
    let length = member.len();
    member.resize(length + GROWTH, 0);
    let changed = fuzzer_mutate(&mut member, length, length + GROWTH);
    let bytes = [&data[..range.start], &reading::gz(&member[..changed]), &data[range.end..size]].concat();
    if max_size < bytes.len() {
        return fuzzer_mutate(data, size, max_size);
    }
    data[..bytes.len()].copy_from_slice(&bytes);
    bytes.len()
});
