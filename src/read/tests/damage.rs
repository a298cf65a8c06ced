//! Damaged files: every whole record before and after the damage comes out, none that is clipped does, and each loss is counted.

use super::*;
use crate::text::hash::hash64_seeded;

/// Every page that came out is one that went in, unchanged.
fn unharmed(seen: &Seen) {
    for (id, found) in &seen.pages {
        let n: usize = id.rsplit(':').next().unwrap().parse().unwrap();
        assert_eq!(found, body(n).as_bytes(), "{id} is not as it was");
    }
}

#[test]
fn a_gzipped_file_clipped_at_any_byte_gives_exactly_the_whole_records() {
    let members = written(4);
    let whole = members.concat();
    let mut ends = vec![0];
    members.iter().for_each(|member| ends.push(ends.last().unwrap() + member.len()));
    for cut in 0..=whole.len() {
        let seen = read_bytes(&whole[..cut], &Limits::default());
        let wanted = ends.iter().skip(1).filter(|end| **end <= cut).count();
        assert_eq!(ids(&seen), (1..=wanted).map(id).collect::<Vec<_>>(), "cut at {cut}");
        unharmed(&seen);
        let clipped = !ends.contains(&cut);
        assert_eq!(seen.rejected.len() + seen.tally.faults.values().sum::<u64>() as usize > 0, clipped, "cut at {cut}: {seen:?}");
    }
}

#[test]
fn a_plain_file_clipped_at_any_byte_gives_exactly_the_whole_records() {
    let records: Vec<Vec<u8>> = (1..=3).map(plain_record).collect();
    let whole = records.concat();
    let mut ends = Vec::new();
    let mut at = 0;
    for record in &records {
        at += record.len();
        // The two line ends behind a block are not part of it.
        ends.push(at - 4);
    }
    for cut in 0..=whole.len() {
        let seen = read_bytes(&whole[..cut], &Limits::default());
        let wanted = ends.iter().filter(|end| **end <= cut).count();
        assert_eq!(ids(&seen), (1..=wanted).map(id).collect::<Vec<_>>(), "cut at {cut}");
        unharmed(&seen);
    }
}

#[test]
fn a_flipped_byte_of_a_gzipped_file_harms_one_record_only() {
    let members = written(3);
    let whole = members.concat();
    let ends: Vec<usize> = members
        .iter()
        .scan(0, |at, member| {
            *at += member.len();
            Some(*at)
        })
        .collect();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x24;
        let seen = read_bytes(&bytes, &Limits::default());
        let hit = ends.iter().position(|end| at < *end).unwrap() + 1;
        let found = ids(&seen);
        for n in (1..=3).filter(|n| *n != hit) {
            assert!(found.contains(&id(n)), "byte {at}: record {n} is lost: {seen:?}");
        }
        unharmed(&seen);
        // Bytes that say nothing of the content (the time and system in a gzip header) may be anything.
        let lost = !found.contains(&id(hit));
        assert!(!lost || !seen.rejected.is_empty() || !seen.tally.faults.is_empty(), "byte {at} is not counted");
    }
}

#[test]
fn seeded_mutations_never_stop_the_reader_nor_clip_a_record() {
    let whole = written(5).concat();
    for seed in 0..400_u64 {
        let draw = |n: u64| hash64_seeded(&n.to_le_bytes(), seed) as usize;
        let mut bytes = whole.clone();
        for change in 0..1 + draw(0) % 4 {
            let change = change as u64 * 10 + 1;
            let at = draw(change) % bytes.len();
            match draw(change + 1) % 4 {
                0 => bytes[at] = draw(change + 2) as u8,
                1 => drop(bytes.drain(at..(at + draw(change + 2) % 200).min(bytes.len()))),
                2 => drop(bytes.splice(at..at, (0..draw(change + 2) % 100).map(|n| draw(n as u64 + 99) as u8))),
                _ => bytes.truncate(at.max(1)),
            }
            if bytes.is_empty() {
                break;
            }
        }
        unharmed(&read_bytes(&bytes, &Limits::default()));
    }
}

#[test]
fn garbage_empty_members_and_padding_between_members_cost_nothing() {
    let [a, b, c] = written(3).try_into().unwrap();
    for between in
        [b"garbage in here".to_vec(), vec![0; 700], gzip(b""), [gzip(b""), gzip(b""), gzip(b"\r\n")].concat(), vec![0x1f, 0x8b, 8, 0, 1, 2]]
    {
        let seen = read_bytes(&[a.clone(), between.clone(), b.clone(), c.clone(), between].concat(), &Limits::default());
        assert_eq!(ids(&seen), [id(1), id(2), id(3)], "{seen:?}");
    }
}

#[test]
fn twenty_thousand_empty_members_are_no_stack_overflow() {
    let seen = read_bytes(&[gzip(b"").repeat(20_000), written(1).concat()].concat(), &Limits::default());
    assert_eq!(ids(&seen), [id(1)]);
}

#[test]
fn a_wrong_checksum_rejects_the_record_and_spares_its_neighbours() {
    let [a, mut b, c] = written(3).try_into().unwrap();
    let at = b.len() - 6;
    b[at] ^= 1;
    let seen = read_bytes(&[a, b, c].concat(), &Limits::default());
    assert_eq!((ids(&seen), seen.rejected.as_slice()), (vec![id(1), id(3)], &["damaged-record"][..]));
}

#[test]
fn a_bomb_and_a_long_record_are_skipped_without_being_held() {
    let mut long = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://x.example/\r\nContent-Length: 30000000\r\n\r\n".to_vec();
    long.extend_from_slice(&vec![b'x'; 30_000_000]);
    long.extend_from_slice(b"\r\n\r\n");
    let limits = Limits { record_bytes: 1 << 20, ..Limits::default() };
    for bytes in [[gzip(&long), written(1).concat()].concat(), [long.clone(), plain_record(1)].concat()] {
        let seen = read_bytes(&bytes, &limits);
        assert_eq!((ids(&seen), seen.rejected.as_slice()), (vec![id(1)], &["record-too-long"][..]));
    }
}

#[test]
fn lengths_that_lie_are_counted_and_the_next_record_is_found() {
    let good = String::from_utf8(plain_record(1)).unwrap();
    let length = good.split("Content-Length: ").nth(1).unwrap().split("\r\n").next().unwrap().to_owned();
    for lie in ["-1", "many", "18446744073709551615", "4294967296", "3", "100000", ""] {
        let bad = good.replace(&format!("Content-Length: {length}"), &format!("Content-Length: {lie}"));
        let plain = read_bytes(&[plain_record(2), bad.clone().into_bytes(), plain_record(3)].concat(), &Limits::default());
        assert_eq!(ids(&plain), [id(2), id(3)], "plain, {lie}: {plain:?}");
        assert_eq!(plain.rejected.len(), 1, "plain, {lie}: {plain:?}");
        // In a member of its own the record is whole, whatever it says of its length.
        let members = [gzip(&plain_record(2)), gzip(bad.as_bytes()), gzip(&plain_record(3))].concat();
        let seen = read_bytes(&members, &Limits::default());
        assert!(ids(&seen).ends_with(&[id(3)]) && ids(&seen).starts_with(&[id(2)]), "gzip, {lie}: {seen:?}");
        assert!(ids(&seen).len() == 3 || seen.rejected.len() == 1, "gzip, {lie}: {seen:?}");
        unharmed(&seen);
    }
}

#[test]
fn a_length_of_four_gibibytes_in_one_stream_costs_one_record() {
    let bad = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://x.example/\r\nContent-Length: 4294967296\r\n\r\nshort\r\n\r\n"
        .to_vec();
    let plain = [plain_record(1), bad, plain_record(2), plain_record(3)].concat();
    for bytes in [plain.clone(), gzip(&plain), zstd::encode_all(&plain[..], 3).unwrap()] {
        let seen = read_bytes(&bytes, &Limits::default());
        assert_eq!((ids(&seen), seen.rejected.as_slice()), (vec![id(1), id(2), id(3)], &["record-too-long"][..]));
    }
}

#[test]
fn a_record_split_over_members_at_any_byte_is_whole() {
    let record = plain_record(1);
    for at in 1..record.len() {
        let seen = read_bytes(&[gzip(&record[..at]), gzip(&record[at..]), gzip(&plain_record(2))].concat(), &Limits::default());
        assert!(ids(&seen).ends_with(&[id(2)]), "split at {at}: {seen:?}");
        unharmed(&seen);
    }
}

#[test]
fn headers_without_end_are_capped() {
    let long = [b"WARC/1.0\r\nWARC-Type: response\r\nX: ".as_slice(), &vec![b'a'; 3 << 20]].concat();
    let many = [b"WARC/1.0\r\n".to_vec(), b"Name: value\r\n".repeat(200_000)].concat();
    for bad in [long, many] {
        let seen = read_bytes(&[bad, b"\r\n".to_vec(), plain_record(1)].concat(), &Limits::default());
        assert_eq!(ids(&seen), [id(1)], "{:?}", seen.rejected);
        assert!(seen.rejected.contains(&"header-too-long"), "{:?}", seen.rejected);
    }
}

#[test]
fn binary_headers_and_blocks_are_read() {
    let mut record = plain_record(1);
    let at = record.windows(9).position(|window| window == b"WARC-Date").unwrap();
    record.splice(at..at, b"X-Odd: \xff\xfe\0\r\n".iter().copied());
    assert_eq!(ids(&read_bytes(&record, &Limits::default())), [id(1)]);
}
