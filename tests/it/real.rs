//! Checks against real data, where the gate has it: `GRISTMILL_WARC` names a crawl of 4,509 responses, `GRISTMILL_DATA` a folder with unpacked sets. Without them each says so.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::PathBuf;

use gristmill::store::table::TableReader;

use crate::common::succeed;
use crate::pipelines::Pair;

fn given(variable: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable).map(PathBuf::from);
    if path.is_none() {
        println!("{variable} is not set: not checked on real data");
    }
    path
}

#[test]
fn a_real_crawl_is_read_whole() {
    let Some(warc) = given("GRISTMILL_WARC") else { return };
    let output = succeed(&["inspect", "--json", warc.to_str().unwrap()]);
    let row: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((row["records"]["response"].as_u64(), row["admitted"].as_u64()), (Some(4509), Some(4438)));
    // What the crawler itself cut.
    assert_eq!(row["faults"], serde_json::json!({ "warc-truncated": 3 }));
}

#[test]
fn near_duplicates_of_real_licences_are_found_and_none_is_invented() {
    let Some(data) = given("GRISTMILL_DATA") else { return };
    let set = data.join("neardup_licenses");
    let mut truth: BTreeMap<(String, String), f64> = BTreeMap::new();
    let ordered = |a: &str, b: &str| if a < b { (a.to_owned(), b.to_owned()) } else { (b.to_owned(), a.to_owned()) };
    for line in gristmill::codec::open(&set.join("pairs_jaccard5_ge0.5.tsv.gz"), 27).unwrap().lines().skip(1) {
        let line = line.unwrap();
        let fields: Vec<&str> = line.split('\t').collect();
        truth.insert(ordered(fields[0], fields[1]), fields[2].parse().unwrap());
    }
    let folder = tempfile::tempdir().unwrap();
    let documents = set.join("docs.jsonl");
    succeed(&["dedup", documents.to_str().unwrap(), "--out", folder.path().to_str().unwrap(), "--pairs", "all"]);
    let rows = TableReader::<Pair>::open(&folder.path().join("dedup/pairs.parquet")).unwrap().map(Result::unwrap);
    let found: BTreeMap<(String, String), f64> =
        rows.filter(|row| row.verdict == "duplicate").map(|row| (ordered(&row.id_a, &row.id_b), row.jaccard)).collect();
    // The truth is printed to four digits.
    let wrong = found.iter().filter(|(pair, _)| truth.get(*pair).is_none_or(|jaccard| *jaccard < 0.79995)).count();
    assert_eq!(wrong, 0, "precision is 1 by construction");
    let true_pairs = truth.iter().filter(|(_, jaccard)| 0.8 <= **jaccard);
    let (hit, all) = true_pairs.fold((0, 0), |(hit, all), (pair, _)| (hit + usize::from(found.contains_key(pair)), all + 1));
    assert!(0.98 <= hit as f64 / all as f64, "recall {hit} of {all}");
}
