//! The ledger, the tables and the shards say the same, and a folder holds nothing that its last build did not make.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use gristmill::document::Key;
use gristmill::store::table::{Row, TableReader};
use serde_json::Value;

use crate::common::{files, gristmill, json, manifest, quickstart, shard_lines, succeed, undisturbed};

/// The steps of the quickstart that write decisions, in order.
const STEPS: [&str; 7] = ["select", "filter", "dedup", "score", "decontaminate", "tokens", "blend"];

gristmill::table! {
    /// What a step decided.
    pub struct Decision {
        /// The document's key.
        key: Key,
        /// Its source.
        source: String,
        /// keep, drop or gone.
        verdict: String,
        /// What dropped it.
        filter: Option<String>,
        /// By which rule.
        rule: Option<String>,
        /// What was measured.
        value: Option<f64>,
    }
}

gristmill::table! {
    /// A document's text.
    pub struct Text {
        /// The document's key.
        key: Key,
        /// Main text.
        text: String,
    }
}

/// All rows below a folder of the build, in order of file.
fn rows<R: Row>(out: &Path, folder: &str) -> Vec<R> {
    let below = out.join(folder);
    let tables = files(&below).into_iter().filter(|name| name.ends_with(".parquet"));
    tables.flat_map(|name| TableReader::open(&below.join(name)).unwrap().map(Result::unwrap).collect::<Vec<R>>()).collect()
}

/// The sum of numbers at any depth; what is missing is 0.
fn sum(value: &Value) -> u64 {
    value.as_object().map_or_else(|| value.as_u64().unwrap_or(0), |map| map.values().map(sum).sum())
}

#[test]
fn the_ledger_counts_what_the_tables_hold() {
    let mut n_dropped = 0;
    for step in STEPS {
        let counts = json(&undisturbed().join(format!("ledger/{step}.json")))["entry"]["outcome"]["counts"]["sources"].clone();
        let mut kept: BTreeMap<String, u64> = BTreeMap::new();
        let mut dropped: BTreeMap<(String, String, String), u64> = BTreeMap::new();
        for row in rows::<Decision>(undisturbed(), &format!("decisions/{step}")) {
            match (row.verdict.as_str(), row.filter, row.rule, row.value) {
                ("keep", None, None, _) => *kept.entry(row.source).or_default() += 1,
                ("drop", Some(filter), Some(rule), Some(_)) => *dropped.entry((row.source, filter, rule)).or_default() += 1,
                ("gone", None, None, None) => {}
                odd => panic!("{step}: {odd:?}"),
            }
        }
        for (source, funnel) in counts.as_object().unwrap() {
            assert_eq!(kept.get(source).copied().unwrap_or(0), sum(&funnel["kept"]), "{step}, {source}");
        }
        for ((source, filter, rule), n) in &dropped {
            assert_eq!(sum(&counts[source]["dropped"][filter][rule]), *n, "{step}, {source}, {filter}/{rule}");
        }
        let counted: u64 = counts.as_object().unwrap().values().map(|funnel| sum(&funnel["dropped"])).sum();
        assert_eq!(counted, dropped.values().sum::<u64>(), "{step}");
        n_dropped += counted;
    }
    assert!(50 < n_dropped, "{n_dropped} documents were dropped, so little was shown");
}

#[test]
fn what_one_step_keeps_the_next_one_judges() {
    let steps: Vec<Vec<Decision>> = STEPS.iter().map(|step| rows(undisturbed(), &format!("decisions/{step}"))).collect();
    for (pair, step) in steps.windows(2).zip(&STEPS[1..]) {
        for (before, after) in pair[0].iter().zip(&pair[1]) {
            assert_eq!(before.key, after.key, "{step}");
            assert_eq!(before.verdict == "keep", after.verdict != "gone", "{step}: {before:?}, then {after:?}");
            assert_eq!(before.source, after.source, "{step}: only select moves documents");
        }
    }
}

#[test]
fn shards_hold_text_of_the_documents_that_their_keys_name() {
    let texts: BTreeMap<String, String> =
        rows::<Text>(undisturbed(), "documents").into_iter().map(|row| (row.key.to_string(), row.text)).collect();
    let mut n_cut = 0;
    for line in shard_lines(undisturbed()) {
        let (whole, text) = (&texts[line["key"].as_str().unwrap()], line["text"].as_str().unwrap());
        assert!(!text.is_empty() && whole.contains(text), "{}", line["id"]);
        n_cut += usize::from(whole != text);
    }
    assert!(1 <= n_cut, "the fixtures leak benchmark items, so something must have been cut");
}

#[test]
fn a_folder_holds_nothing_of_an_earlier_setting() {
    let folder = tempfile::tempdir().unwrap();
    // Smaller shards, so more of them: what is too many must go, or whoever reads shards/* trains on both.
    quickstart(folder.path(), &["--set", "output.shard-bytes=8192"]);
    let n_shards = |out: &Path| files(&out.join("shards")).len();
    assert!(n_shards(undisturbed()) < n_shards(folder.path()), "{} shards", n_shards(folder.path()));
    quickstart(folder.path(), &[]);
    assert_eq!(files(folder.path()), files(undisturbed()));
    assert_eq!(manifest(folder.path()), manifest(undisturbed()));
}

#[test]
fn a_build_that_is_killed_when_a_file_appears_leaves_nothing_behind() {
    // Files and entries from the first step to the last, and the end of a setting with other shards.
    let moments = ["recipe.toml", "ledger/extract.json", "decisions/filter", "work/dedup", "decisions/score/alpha.json", "shards"];
    let mut n_killed = 0;
    for moment in moments {
        let folder = tempfile::tempdir().unwrap();
        n_killed += u32::from(killed_when(folder.path(), &|| folder.path().join(moment).exists()));
        quickstart(folder.path(), &[]);
        assert_eq!(manifest(folder.path()), manifest(undisturbed()), "killed when {moment} appeared");
        assert_eq!(files(folder.path()), files(undisturbed()), "killed when {moment} appeared");
    }
    let folder = tempfile::tempdir().unwrap();
    quickstart(folder.path(), &["--set", "output.shard-bytes=8192"]);
    n_killed += u32::from(killed_when(folder.path(), &|| !folder.path().join("ledger/shard.json").exists()));
    quickstart(folder.path(), &[]);
    assert_eq!(files(folder.path()), files(undisturbed()), "killed while it replaced the shards of another setting");
    assert!(3 <= n_killed, "{n_killed} builds were killed; the others were done before");
}

/// Starts the quickstart and kills it (on Unix: SIGKILL) as soon as `now` holds; false when it was done before.
fn killed_when(out: &Path, now: &dyn Fn() -> bool) -> bool {
    let mut child = gristmill(&["build", "pipelines/quickstart.toml", "--out", out.to_str().unwrap()]);
    let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while child.try_wait().unwrap().is_none() {
        if now() {
            child.kill().unwrap();
            child.wait().unwrap();
            return true;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    false
}

#[test]
fn another_cap_trains_again_and_extracts_nothing_again() {
    let folder = tempfile::tempdir().unwrap();
    let train = ["train", "pipelines/retrain.toml", "--out", folder.path().to_str().unwrap()];
    succeed(&train);
    succeed(&[&train[..], &["--set", "model.quality.max-per-domain=5"]].concat());
    let report = json(&folder.path().join("report.json"));
    let ran = report["costs"].as_array().unwrap().iter().filter(|cost| cost["cached"] == false);
    assert_eq!(ran.map(|cost| cost["step"].as_str().unwrap()).collect::<Vec<_>>(), ["train-quality"]);
}
