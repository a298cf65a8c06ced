//! Real files of other projects, where they are at hand: `GRISTMILL_DATA` names the folder that holds `warc_samples` and `warc_zstd`.

#![allow(clippy::print_stdout, reason = "a skipped test says so")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::*;

/// Files whose records are not those that the reader behind the index saw, by the end of their names.
const DIFFER: [(&str, &[(&str, u64)]); 15] = [
    // Other containers.
    (".lz4", &[("damaged", 1)]),
    (".wacz", &[("damaged", 1)]),
    // Cut in its only record.
    ("resiliparse__clipped.warc.gz", &[("damaged", 1)]),
    // Its bodies were cut by hand: no length is true.
    ("sample.warc.txt", &[("damaged", 4)]),
    // The line ends between its records are missing.
    ("commons__IAH-20080430204825-00000-blackbook-truncated.arc", &[("response", 8), ("warcinfo", 1)]),
    ("link-extraction-test.warc", &[("response", 7), ("warcinfo", 1)]),
    // Two of its records are longer than the limit.
    ("bench.warc.bz2", &[("damaged", 2), ("resource", 21)]),
    // One gzip member over all records, or one record over several members.
    ("slyrz__warc__test.warc.gz", &[("resource", 10)]),
    ("example-bad.warc.gz.bad", &[("request", 2), ("response", 2), ("revisit", 1), ("warcinfo", 1)]),
    ("example-bad-non-chunked.warc.gz", &[("request", 2), ("response", 1), ("revisit", 1), ("warcinfo", 2)]),
    ("example-wrong-chunks.warc.gz", &[("request", 1), ("response", 1)]),
    // Lengths of `-1` and `abc`.
    ("bad.arc", &[("damaged", 3), ("response", 1)]),
    // A request, and a response, of a plain file whose length is too small by one and by two.
    ("pywb__example.warc", &[("damaged", 1), ("request", 1), ("response", 2), ("revisit", 1), ("warcinfo", 1)]),
    ("example-trunc.warc", &[("damaged", 1), ("request", 1), ("warcinfo", 2)]),
    // Its line ends were made bare, its length was not: the file ends before the record does.
    ("example-space-in-url.arc", &[("damaged", 1), ("warcinfo", 1)]),
];

fn data() -> Option<PathBuf> {
    let data = std::env::var_os("GRISTMILL_DATA").map(PathBuf::from);
    if data.is_none() {
        println!("skipped: GRISTMILL_DATA is not set");
    }
    data
}

/// Records by type, as the index of the samples names them.
fn promised(entry: &serde_json::Value) -> BTreeMap<String, u64> {
    let name = |kind: &str| {
        match kind {
            "arc_header" => "warcinfo",
            "null" => "unknown",
            kind => kind,
        }
        .to_owned()
    };
    entry["types"].as_object().unwrap().iter().map(|(kind, n)| (name(kind), n.as_u64().unwrap())).collect()
}

#[test]
fn real_files_give_the_records_that_their_index_says() {
    let Some(data) = data() else { return };
    let index: serde_json::Value = serde_json::from_slice(&std::fs::read(data.join("warc_samples/index.json")).unwrap()).unwrap();
    let (mut n_files, mut n_archives) = (0, 0);
    for entry in index.as_array().unwrap() {
        let name = entry["file"].as_str().unwrap();
        let path = data.join("warc_samples/files").join(name);
        if !path.exists() {
            continue;
        }
        let format = if name.contains(".wet") || name.ends_with(".warc.txt") { Format::Wet } else { Format::Warc };
        let outcome = read_file(format, &path, &Limits::default()).unwrap();
        let differs = DIFFER.iter().find(|(end, _)| name.ends_with(end));
        let expected =
            differs.map_or_else(|| promised(entry), |(_, records)| records.iter().map(|(kind, n)| ((*kind).to_owned(), *n)).collect());
        assert_eq!(outcome.tally.records, expected, "{name}: {:?}", outcome.tally.faults);
        n_files += 1;
        n_archives += u64::from(name.contains(".arc"));
    }
    assert!(n_files > 70 && n_archives > 5, "{n_files} files, {n_archives} of them ARC");
}

#[test]
fn real_files_with_a_dictionary_give_all_records() {
    let Some(data) = data() else { return };
    let expected: serde_json::Value = serde_json::from_slice(&std::fs::read(data.join("warc_zstd/expected.json")).unwrap()).unwrap();
    for name in ["nodict", "zdict"] {
        let outcome = read_file(Format::Warc, &data.join(format!("warc_zstd/iana.{name}.warc.zst")), &Limits::default()).unwrap();
        assert_eq!(outcome.tally.records.values().sum::<u64>(), expected["records"].as_u64().unwrap());
        assert_eq!(outcome.tally.decoded_bytes, expected["uncompressed"].as_u64().unwrap());
    }
}

/// What came of a damaged file, in a word: its faults, or that there were none.
fn outcome_of(outcome: &Outcome, sound: &[&[u8]]) -> String {
    let bodies = outcome.bodies();
    assert!(bodies.iter().all(|body| sound.contains(body)), "a page that is not of the file: {:?}", outcome.items);
    let faults: Vec<&str> = outcome.tally.faults.keys().map(String::as_str).collect();
    match (faults.is_empty(), bodies.len() == sound.len()) {
        (true, true) => "as the sound file".to_owned(),
        (true, false) => "nothing said".to_owned(),
        (false, _) => faults.join(" and "),
    }
}

#[test]
fn real_files_cut_and_changed_at_each_byte_give_their_own_pages_and_no_others() {
    let Some(data) = data() else { return };
    for (name, most_unsaid) in [("iipc__jwarc__cc.warc.gz", 1), ("webrecorder__pywb__example.warc.gz", 6)] {
        let file = std::fs::read(data.join("warc_samples/files").join(name)).unwrap();
        let sound = read_bytes(&file);
        let sound = sound.bodies();
        let mut cuts: BTreeMap<String, u64> = BTreeMap::new();
        for cut in 0..file.len() {
            *cuts.entry(outcome_of(&read_bytes(&file[..cut]), &sound)).or_default() += 1;
        }
        println!("{name}: {} cuts: {cuts:?}", file.len());
        // Between two members, and the empty file.
        let unsaid =
            cuts.iter().filter(|(said, _)| ["as the sound file", "nothing said"].contains(&said.as_str())).map(|(_, n)| n).sum::<u64>();
        assert!(unsaid <= most_unsaid, "{name}: {unsaid} cuts are not told");
        let mut changes: BTreeMap<String, u64> = BTreeMap::new();
        for position in 0..file.len() {
            for mask in [0xFF, 0x01, 1 << (position % 8)] {
                let mut changed = file.clone();
                changed[position] ^= mask;
                *changes.entry(outcome_of(&read_bytes(&changed), &sound)).or_default() += 1;
            }
        }
        println!("{name}: {} changes: {changes:?}", 3 * file.len());
        assert_eq!(changes.get("nothing said"), None, "{name}: a page is missing, and nothing says so");
    }
}
