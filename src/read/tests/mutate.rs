//! Sound files of every container, damaged in every way that disks, copies and strangers know, by a seed. Whatever comes of it: reading
//! ends, counts what it gives, and hands on nothing that the sound file did not hold.

use std::collections::BTreeMap;

use super::*;

/// Damaged files of each kind.
const ROUNDS: u64 = 700;

/// Records before they are packed.
fn warc() -> Vec<Vec<u8>> {
    let mut records = vec![raw(&["WARC-Type: warcinfo", "WARC-Record-ID: <info>", "Content-Length: 4"], b"x: y")];
    for n in 0..6 {
        records.push(page(&format!("urn:{n}")));
        records.push(raw(&["WARC-Type: request", &format!("WARC-Record-ID: <q{n}>"), "Content-Length: 18"], b"GET / HTTP/1.1\r\n\r\n"));
    }
    records
}

fn arc() -> Vec<Vec<u8>> {
    let line = |url: &str, length: usize| format!("{url} 192.0.2.7 20091105123456 text/html {length}\n").into_bytes();
    let record = |url: &str, block: &[u8]| [&line(url, block.len())[..], block, b"\n"].concat();
    let version = b"1 0 Example\nURL IP-address Archive-date Content-type Archive-length\n";
    let pages = (0..6).map(|n| {
        let words: String = (0..12).map(|m| format!("<p>{n} says {}</p>\n", m * n)).collect();
        record(&format!("http://example.org/{n}"), &html(&words))
    });
    [record("filedesc://x.arc", version), record("dns:example.org", b"20091105123456\n")].into_iter().chain(pages).collect()
}

/// A place in the file and a length, short more often than long.
fn piece(state: &mut u64, file: &[u8]) -> (usize, usize) {
    let at = random(state) as usize % file.len().max(1);
    let most = [1, 4, 60, 512, 2000][random(state) as usize % 5];
    (at, (1 + random(state) as usize % most).min(file.len() - at))
}

/// Changes a number of the file, as lengths are.
fn renumber(state: &mut u64, file: &mut Vec<u8>) {
    let starts: Vec<usize> = (1..file.len()).filter(|&at| file[at].is_ascii_digit() && file[at - 1] == b' ').collect();
    let Some(&start) = starts.get(random(state) as usize % starts.len().max(1)) else { return };
    let end = start + file[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let off = random(state) % 9;
    let number = String::from_utf8_lossy(&file[start..end]).parse::<u64>().unwrap_or(0);
    let number = match random(state) % 6 {
        0 => "-1".to_owned(),
        1 => "18446744073709551615".to_owned(),
        2 => "many".to_owned(),
        3 => String::new(),
        _ => number.wrapping_add(off).wrapping_sub(4).to_string(),
    };
    file.splice(start..end, number.into_bytes());
}

pub(super) fn mutate(state: &mut u64, file: &mut Vec<u8>) {
    let (at, length) = piece(state, file);
    match random(state) % 10 {
        0 => file.truncate(at),
        1 | 2 => file.iter_mut().skip(at).take(length.min(3)).for_each(|byte| *byte ^= 1 << (random(state) % 8)),
        3 => file.iter_mut().skip(at).take(length).for_each(|byte| *byte = random(state) as u8),
        4 => drop(file.drain(at..at + length)),
        5 => {
            let (to, _) = piece(state, file);
            let copy = file[at..at + length].to_vec();
            file.splice(to..to, copy).for_each(drop);
        }
        6 => {
            let moved: Vec<u8> = file.drain(at..at + length).collect();
            let to = random(state) as usize % (file.len() + 1);
            file.splice(to..to, moved).for_each(drop);
        }
        7 => {
            let fill = [0, b'\n', b' ', 0x1F, b'W'][random(state) as usize % 5];
            file.splice(at..at, std::iter::repeat_n(fill, length)).for_each(drop);
        }
        8 => {
            let byte = random(state) as u8;
            file.insert(at, byte);
        }
        _ => renumber(state, file),
    }
}

/// What the sound file gives, by id.
fn pages(outcome: &Outcome) -> BTreeMap<&str, &[u8]> {
    outcome.ids().into_iter().zip(outcome.bodies()).collect()
}

/// What tells a changed record from a sound one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guard {
    /// A checksum on each member, which is a record.
    Checksums,
    Lengths,
}

fn torture(seed: u64, name: &str, members: &[Vec<u8>], guard: Guard) {
    let sound = &members.concat()[..];
    let all = read_named(name, sound);
    let all_pages = pages(&all);
    assert_eq!(all_pages.len(), 6);
    // Where each member is a record, the page that it holds.
    let alone: Vec<_> = members.iter().map(|member| (member, read_named(name, member).ids().first().map(|id| id.to_string()))).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let mut state = seed;
    let mut n_damaged = 0;
    for round in 0..ROUNDS {
        let mut file = sound.to_vec();
        for _ in 0..1 + random(&mut state) % 3 {
            if !file.is_empty() {
                mutate(&mut state, &mut file);
            }
        }
        std::fs::write(&path, &file).unwrap();
        let outcome = read_file(Format::Warc, &path, &Limits::default()).unwrap();
        let context = || format!("{name}, round {round}: {:?}", outcome.tally);
        assert_eq!(outcome.tally.stored_bytes, file.len() as u64, "{}", context());
        // The law: every record of the wanted type is an item, one without a type too, and a damaged stretch is one where it may have been.
        let count = |kind: &str| outcome.tally.records.get(kind).copied().unwrap_or(0);
        let (items, damaged) = (outcome.items.len() as u64, count("damaged"));
        let least = count("response") + outcome.rules().iter().filter(|rule| **rule == "bad-header").count() as u64;
        assert!(count("response") <= items && items <= least + damaged, "{}", context());
        let faults = |rule: &str| outcome.fault(rule);
        let told: u64 = outcome.rules().iter().map(|rule| u64::from(faults(rule) == 0 && is_damage(rule))).sum();
        assert_eq!(told, 0, "a damaged place is no fault: {}", context());
        // A member that is still whole is found, wherever it lies now.
        for (member, id) in alone.iter().filter(|_| guard == Guard::Checksums) {
            if let Some(id) = id.as_deref().filter(|_| memchr::memmem::find(&file, member).is_some()) {
                assert!(outcome.ids().contains(&id), "{id} was lost; {}", context());
            }
        }
        for item in &outcome.items {
            match item {
                Seen::Page { id, body, truncated, place, .. } => {
                    assert!(place.offset + place.length <= outcome.tally.stored_bytes.max(outcome.tally.decoded_bytes), "{}", context());
                    let is_ours = all_pages.get(id.as_str()).is_some_and(|sound| sound == body);
                    // Where two records were cut and joined at the border of members, the one that results is told by its length.
                    assert!(is_ours || *truncated || guard == Guard::Lengths, "{id} is not what it was; {}", context());
                }
                Seen::Rejected(item) => {
                    n_damaged += u64::from(is_damage(item.reason.rule));
                }
                Seen::Document(_) => panic!("no documents are in these files"),
            }
        }
    }
    // Most of what was done to the files was met.
    assert!(ROUNDS / 2 < n_damaged, "{name}: {n_damaged}");
}

fn is_damage(rule: &str) -> bool {
    ["damaged-record", "truncated-input", "garbage-between-members", "bad-length", "bad-header", "record-too-long", "other-container"]
        .contains(&rule)
}

fn packed(records: &[Vec<u8>], pack: Pack) -> Vec<Vec<u8>> {
    records.iter().map(|record| pack(record)).collect()
}

#[test]
fn warc_record_by_record() {
    torture(1, "in.warc.gz", &packed(&warc(), gz), Guard::Checksums);
    torture(2, "in.warc.zst", &packed(&warc(), zst), Guard::Checksums);
}

#[test]
fn warc_in_one_stream() {
    torture(3, "in.warc", &warc(), Guard::Lengths);
    torture(4, "in.warc.gz", &[gz(&warc().concat())], Guard::Lengths);
}

#[test]
fn arc_record_by_record() {
    torture(5, "in.arc.gz", &packed(&arc(), gz), Guard::Checksums);
    torture(6, "in.arc.zst", &packed(&arc(), zst), Guard::Checksums);
}

#[test]
fn arc_in_one_stream() {
    torture(7, "in.arc", &arc(), Guard::Lengths);
    torture(8, "in.arc.gz", &[gz(&arc().concat())], Guard::Lengths);
}
