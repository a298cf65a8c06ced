//! The promises of a build: nothing lost without a count, the same bytes from every run, nothing done twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use gristmill::document::Key;
use gristmill::store::table::TableReader;
use gristmill::text::hash::hash128;

use crate::common::{copy_of_undisturbed, files, json, manifest, quickstart, run, shard_lines, stderr, stdout, succeed, undisturbed};

gristmill::table! {
    /// A document's name and verdict.
    pub struct Decided {
        /// Its key.
        key: Key,
        /// Its source.
        source: String,
        /// keep, drop or gone.
        verdict: String,
        /// What dropped it.
        filter: Option<String>,
        /// By which rule.
        rule: Option<String>,
        /// Copies in the data set.
        copies: Option<u64>,
    }
}

gristmill::table! {
    /// A document's key.
    pub struct Keyed {
        /// The key.
        key: Key,
    }
}

#[test]
fn records_read_are_documents_kept_and_drops_in_every_step() {
    let folder = tempfile::tempdir().unwrap();
    let output = quickstart(folder.path(), &[]);
    let report = json(&folder.path().join("report.json"));
    let n = |name: &str| report["law"][name].as_u64().unwrap();
    assert_eq!(n("read"), n("kept") + n("dropped"));
    assert!(200 < n("read") && 30 < n("kept"));
    assert!(
        stdout(&output).contains(&format!("read {} = kept {} + dropped {}", n("read"), n("kept"), n("dropped"))),
        "{}",
        stdout(&output)
    );
    assert!(stdout(&output).contains("report.html"));
    let mut checked = 0;
    for source in report["funnel"].as_array().unwrap() {
        let mut before = None;
        for step in source["steps"].as_array().unwrap() {
            let get = |name: &str| step[name].as_u64().unwrap();
            let dropped: u64 = step["dropped"].as_array().unwrap().iter().map(|drop| drop["documents"].as_u64().unwrap()).sum();
            let moved: u64 = step["moved"].as_array().unwrap().iter().map(|to| to[1].as_u64().unwrap()).sum();
            assert_eq!(get("read") + get("entered"), get("kept") + dropped + moved, "{source}");
            assert!(before.is_none_or(|kept| kept == get("read")), "{source}");
            before = Some(get("kept"));
            checked += 1;
        }
    }
    assert!(25 <= checked, "{checked}");
}

#[test]
fn threads_change_no_byte_and_the_manifest_tells_the_truth() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    quickstart(one.path(), &["--threads", "1"]);
    quickstart(two.path(), &["--threads", "2"]);
    assert_eq!(fs::read(one.path().join("manifest.json")).unwrap(), fs::read(two.path().join("manifest.json")).unwrap());
    let manifest = manifest(one.path());
    for (path, hash) in &manifest {
        assert_eq!(&format!("{:032x}", hash128(&fs::read(one.path().join(path)).unwrap())), hash, "{path}");
    }
    // Everything that is data stands in it, and nothing else is left behind.
    let other = |path: &String| {
        !["ledger/", "report.", ".", "dedup/report.", "dedup/clusters.csv", "dedup/pairs.csv"].iter().any(|start| path.starts_with(start))
            && path != "manifest.json"
            && !["build.json", "card.html", "README.md", "croissant.json"].contains(&path.as_str())
    };
    let found: BTreeSet<String> = files(one.path()).into_iter().filter(other).collect();
    assert_eq!(found, manifest.into_keys().collect());
}

#[test]
fn how_inputs_are_bundled_changes_no_model_and_no_shard() {
    let folder = tempfile::tempdir().unwrap();
    quickstart(folder.path(), &["--set", "bundle-bytes=1"]);
    let data = |out: &std::path::Path| -> BTreeMap<String, String> {
        manifest(out)
            .into_iter()
            .filter(|(path, _)| ["shards/", "models/", "dedup/"].iter().any(|folder| path.starts_with(folder)))
            .collect()
    };
    assert!(manifest(folder.path()).contains_key("documents/books/00005.parquet"));
    assert_eq!(data(folder.path()), data(undisturbed()));
}

#[test]
fn a_finished_build_does_nothing_and_a_changed_rule_does_only_what_follows_from_it() {
    let folder = tempfile::tempdir().unwrap();
    copy_of_undisturbed(folder.path());
    let first = fs::read(folder.path().join("manifest.json")).unwrap();
    let again = quickstart(folder.path(), &[]);
    assert!(stderr(&again).contains("nothing to do"), "{}", stderr(&again));
    assert_eq!(first, fs::read(folder.path().join("manifest.json")).unwrap());
    let rule = ["--set", "source.common-crawl.keep.rule.pareto.alpha=5"];
    quickstart(folder.path(), &rule);
    let report = json(&folder.path().join("report.json"));
    let ran: Vec<&str> = report["costs"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|cost| cost["cached"] == false)
        .map(|cost| cost["step"].as_str().unwrap())
        .collect();
    assert_eq!(ran, ["score", "decontaminate", "tokens", "blend", "shard"]);
    let fresh = tempfile::tempdir().unwrap();
    quickstart(fresh.path(), &rule);
    assert_eq!(manifest(folder.path()), manifest(fresh.path()));
}

#[test]
fn every_step_has_a_row_for_every_document_and_a_reason_for_every_drop() {
    let mut keys = BTreeSet::new();
    let mut copies: BTreeMap<String, u64> = BTreeMap::new();
    for file in files(&undisturbed().join("documents")) {
        let documents: Vec<Key> =
            TableReader::<Keyed>::open(&undisturbed().join("documents").join(&file)).unwrap().map(|row| row.unwrap().key).collect();
        for step in ["select", "filter", "dedup", "score", "decontaminate", "tokens", "blend"] {
            let path = undisturbed().join("decisions").join(step).join(&file);
            let rows: Vec<Decided> = TableReader::open(&path).unwrap().map(Result::unwrap).collect();
            assert!(rows.iter().map(|row| row.key).eq(documents.iter().copied()), "{step} {file}");
            for row in &rows {
                assert!(["keep", "drop", "gone"].contains(&row.verdict.as_str()), "{row:?}");
                assert_eq!(row.verdict == "drop", row.filter.is_some() && row.rule.is_some(), "{row:?}");
                *copies.entry(row.source.clone()).or_default() += row.copies.unwrap_or(0);
            }
        }
        for key in documents {
            assert!(keys.insert(key), "the key {key} is there twice");
        }
    }
    let lines = shard_lines(undisturbed());
    let mut seen: BTreeMap<(String, u64), u64> = BTreeMap::new();
    for line in &lines {
        *seen.entry((line["id"].as_str().unwrap().to_owned(), line["copy"].as_u64().unwrap())).or_default() += 1;
        assert!(!line["text"].as_str().unwrap().contains('\0'));
    }
    assert!(seen.values().all(|n| *n == 1), "a copy of a document is there twice");
    for (source, wanted) in copies {
        // A document that was cut is there once for each piece.
        let whole = |line: &&serde_json::Value| line["source"] == source.as_str() && !line["id"].as_str().unwrap().contains('#');
        let pieces = |line: &&serde_json::Value| line["source"] == source.as_str() && line["id"].as_str().unwrap().ends_with("#0");
        let found = lines.iter().filter(whole).count() + lines.iter().filter(pieces).count();
        assert_eq!(found as u64, wanted, "{source}");
    }
    let report = json(&undisturbed().join("report.json"));
    for row in report["blend"]["rows"].as_array().unwrap() {
        let tokens: u64 = lines.iter().filter(|line| line["source"] == row["source"]).map(|line| line["tokens"].as_u64().unwrap()).sum();
        assert_eq!(tokens, row["tokens_drawn"].as_u64().unwrap(), "{row}");
    }
}

#[test]
fn what_the_fixtures_plant_is_found() {
    let report = json(&undisturbed().join("report.json"));
    let dedup = &report["dedup"];
    // Copies under another site's frame may differ by a line of it that was taken for main text.
    let (exact, near) = (dedup["exact_duplicates"].as_u64().unwrap(), dedup["near_duplicates"].as_u64().unwrap());
    assert!(2 <= exact && 8 <= near && 24 <= exact + near, "{dedup}");
    assert!(5 <= report["decontamination"]["documents_cut"].as_u64().unwrap(), "{}", report["decontamination"]);
    let card = json(&undisturbed().join("models/quality/card.json"));
    assert!(0.7 < card["held-out"]["raw"]["auc"].as_f64().unwrap(), "{}", card["held-out"]["raw"]);
    assert!(report["warnings"].as_array().unwrap().iter().any(|warning| warning.as_str().unwrap().contains("below 200")));
    let text = shard_lines(undisturbed()).iter().map(|line| line["text"].as_str().unwrap().to_lowercase()).collect::<String>();
    assert!(!text.contains("the ferryman had only to shift the rudder"), "a benchmark item is in the data set");
}

#[test]
fn parquet_shards_hold_the_same_rows() {
    let parquet = tempfile::tempdir().unwrap();
    copy_of_undisturbed(parquet.path());
    quickstart(parquet.path(), &["--set", "output.format=parquet"]);
    let mut ids: Vec<String> = Vec::new();
    for file in files(&parquet.path().join("shards")) {
        let rows = TableReader::<gristmill::shard::ShardRow>::open(&parquet.path().join("shards").join(file)).unwrap();
        ids.extend(rows.map(|row| row.unwrap().id));
    }
    let wanted: Vec<String> = shard_lines(undisturbed()).iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, wanted);
}

#[test]
fn a_damaged_input_is_counted_and_strict_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let whole = fs::read(crate::common::repository("fixtures/crawl.warc.gz")).unwrap();
    let cut = folder.path().join("cut.warc.gz");
    fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let (set, out) = (format!("source.common-crawl.read.warc=[\"{}\"]", cut.display()), folder.path().join("out"));
    let arguments =
        ["build", "pipelines/quickstart.toml", "--out", out.to_str().unwrap(), "--set", &set, "--set", "blend.weights={common-crawl=1}"];
    succeed(&arguments);
    let report = json(&out.join("report.json"));
    let faults = report["inputs"].as_array().unwrap().iter().find(|input| input["source"] == "common-crawl").unwrap()["faults"].clone();
    assert_eq!(faults, serde_json::json!([["truncated-input", 1]]));
    let strict = run(&[&arguments[..], &["--strict"]].concat());
    assert_eq!(strict.status.code(), Some(3));
    assert!(stderr(&strict).contains("truncated-input 1"), "{}", stderr(&strict));
}
