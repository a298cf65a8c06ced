//! The laws of damage: a file cut at every byte gives the whole records before the cut and nothing else; a file with one byte
//! changed gives all other records; a file changed anywhere never stops the reader.

use super::*;

const IDS: [&str; 5] = ["one", "two", "three", "four", "five"];

/// The pages of a sound file, to compare with.
fn pages(outcome: &Outcome) -> Vec<(String, Vec<u8>)> {
    let page = |item: &Seen| match item {
        Seen::Page { id, body, .. } => Some((id.clone(), body.clone())),
        _ => None,
    };
    outcome.items.iter().filter_map(page).collect()
}

/// The file and where each of its records ends for good.
fn packed(pack: impl Fn(&[u8]) -> Vec<u8>) -> (Vec<u8>, Vec<usize>) {
    let (mut file, mut ends) = (Vec::new(), Vec::new());
    for id in IDS {
        file.extend(pack(&page(id)));
        ends.push(file.len());
    }
    (file, ends)
}

fn clip_everywhere(file: &[u8], ends: &[usize]) {
    let all = pages(&read_bytes(file));
    assert_eq!(all.len(), IDS.len());
    for cut in 0..file.len() {
        let outcome = read_bytes(&file[..cut]);
        let whole = ends.iter().filter(|&&end| end <= cut).count();
        assert_eq!(pages(&outcome), all[..whole], "cut at {cut}");
        let clean = cut == 0 || ends.contains(&cut);
        assert_eq!(outcome.items.len() - whole, usize::from(!clean), "cut at {cut}: {:?}", outcome.items);
        // Fewer bytes than a magic number has could be anything.
        assert!(cut < 4 || outcome.fault("truncated-input") == u64::from(!clean), "cut at {cut}: {:?}", outcome.tally.faults);
    }
}

#[test]
fn a_gzip_file_cut_at_every_byte() {
    let (file, ends) = packed(gz);
    clip_everywhere(&file, &ends);
}

#[test]
fn a_zstd_file_cut_at_every_byte() {
    let (file, ends) = packed(zst);
    clip_everywhere(&file, &ends);
}

#[test]
fn a_plain_file_cut_at_every_byte() {
    let (file, ends) = packed(<[u8]>::to_vec);
    let all = pages(&read_bytes(&file));
    for cut in 0..file.len() {
        let outcome = read_bytes(&file[..cut]);
        // The four bytes that close a record are not part of it.
        let whole = ends.iter().filter(|&&end| end - 4 <= cut).count();
        assert_eq!(pages(&outcome), all[..whole], "cut at {cut}");
        assert!(outcome.items.len() - whole <= 1, "cut at {cut}: {:?}", outcome.items);
    }
}

#[test]
fn one_gzip_stream_over_all_records_cut_at_every_byte() {
    let plain: Vec<u8> = IDS.iter().flat_map(|id| page(id)).collect();
    let file = gz(&plain);
    let all = pages(&read_bytes(&file));
    assert_eq!(all.len(), IDS.len());
    let mut most = 0;
    for cut in 0..file.len() {
        let outcome = read_bytes(&file[..cut]);
        let found = pages(&outcome);
        assert_eq!(found, all[..found.len()], "cut at {cut}");
        assert_eq!(outcome.items.len() - found.len(), usize::from(cut > 0), "cut at {cut}");
        most = most.max(found.len());
    }
    assert!(most >= IDS.len() - 1, "records before the cut were lost");
}

fn flip_everywhere(file: &[u8], ends: &[usize]) {
    let all = pages(&read_bytes(file));
    for position in 0..file.len() {
        for mask in [0xFF, 1 << (position % 8)] {
            let mut flipped = file.to_vec();
            flipped[position] ^= mask;
            let outcome = read_bytes(&flipped);
            let hit = ends.iter().filter(|&&end| end <= position).count();
            let found = pages(&outcome);
            let others: Vec<_> = all.iter().enumerate().filter(|&(index, _)| index != hit).map(|(_, page)| page).collect();
            let kept: Vec<_> = found.iter().filter(|(id, _)| id != IDS[hit]).collect();
            assert_eq!(kept, others, "byte {position} ^ {mask:#x}: {:?}", outcome.items.iter().map(brief).collect::<Vec<_>>());
            assert!(found.len() == others.len() || found == all, "byte {position}: a changed record was handed on");
            assert_eq!(outcome.items.len(), IDS.len(), "byte {position} ^ {mask:#x}: each record is one item");
        }
    }
}

fn brief(item: &Seen) -> String {
    match item {
        Seen::Page { id, place, .. } => format!("{id} {}+{}", place.offset, place.length),
        Seen::Rejected(item) => format!("{} {}+{}", item.reason.rule, item.place.offset, item.place.length),
        Seen::Document(document) => document.id.clone(),
    }
}

#[test]
fn a_gzip_file_with_any_byte_changed() {
    let (file, ends) = packed(gz);
    flip_everywhere(&file, &ends);
}

#[test]
fn a_zstd_file_with_any_byte_changed() {
    let (file, ends) = packed(zst);
    flip_everywhere(&file, &ends);
}

/// Nothing guards the bytes of a plain file, but its lengths and version lines guard its records.
#[test]
fn a_plain_file_with_any_byte_changed() {
    let (file, ends) = packed(<[u8]>::to_vec);
    for position in 0..file.len() {
        let mut flipped = file.clone();
        flipped[position] ^= 0xFF;
        let outcome = read_bytes(&flipped);
        let hit = ends.iter().filter(|&&end| end <= position).count();
        let found = outcome.ids();
        for (index, id) in IDS.iter().enumerate() {
            assert!(
                index == hit || found.contains(id),
                "byte {position}: {id} was lost, {:?}",
                outcome.items.iter().map(brief).collect::<Vec<_>>()
            );
        }
    }
}

/// Cut, changed, doubled and shuffled pieces: whatever comes out, the reader ends and hands on no page that is none.
#[test]
fn seeded_mutations_never_stop_the_reader() {
    let all = pages(&read_bytes(&packed(gz).0));
    let mut state = 2020;
    for round in 0..500 {
        let (mut file, _) = match round % 3 {
            0 => packed(gz),
            1 => packed(zst),
            _ => packed(<[u8]>::to_vec),
        };
        for _ in 0..1 + random(&mut state) % 4 {
            let at = (random(&mut state) as usize) % file.len().max(1);
            let length = (random(&mut state) as usize % 200).min(file.len() - at);
            match random(&mut state) % 5 {
                0 => file.truncate(at.max(1)),
                1 => file.iter_mut().skip(at).take(length).for_each(|byte| *byte = random(&mut state) as u8),
                2 => drop(file.drain(at..at + length)),
                3 => {
                    let piece = file[at..at + length].to_vec();
                    file.splice(at..at, piece);
                }
                _ => file.splice(at..at, std::iter::repeat_n(0_u8, length)).for_each(drop),
            }
        }
        let outcome = read_bytes(&file);
        assert_eq!(outcome.tally.stored_bytes, file.len() as u64, "round {round}");
        // Checksums guard what was compressed: whatever is still a page is one of ours, and whole.
        assert!(round % 3 == 2 || pages(&outcome).iter().all(|page| all.contains(page)), "round {round}");
    }
}
