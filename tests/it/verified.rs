//! `verify` finds whatever was changed in a build folder, and names the file.

use std::fs;
use std::path::Path;

use gristmill::pipeline::ledger::{self, At};
use gristmill::pipeline::steps::DecisionRow;
use gristmill::store::Folder;
use gristmill::store::table::{TableReader, TableWriter};
use serde_json::Value;

use crate::common::{copy_of_undisturbed, files, json, run, stderr, stdout, succeed, undisturbed};

fn verify(out: &Path) -> Result<Value, Value> {
    let output = run(&["verify", out.to_str().unwrap(), "--json"]);
    let answer = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| Value::from(stderr(&output)));
    match output.status.code() {
        Some(0) => Ok(answer),
        Some(1) => Err(answer),
        code => panic!("{code:?}: {}", stderr(&output)),
    }
}

#[test]
fn a_finished_build_holds_and_every_check_says_what_it_looked_at() {
    let answer = verify(undisturbed()).unwrap();
    let names: Vec<&str> = answer["checks"].as_array().unwrap().iter().map(|check| check["name"].as_str().unwrap()).collect();
    for name in ["ledger", "manifest", "files", "folder", "law", "rows", "counts", "shards", "models", "tables", "report"] {
        assert!(names.contains(&name), "{names:?}");
    }
    let words = stdout(&succeed(&["verify", undisturbed().to_str().unwrap()]));
    assert!(words.contains("349 documents, 9 rejected records") && words.contains(" rows in 3 shards"), "{words}");
}

#[test]
fn a_byte_that_was_flipped_is_found_in_every_file() {
    let out = tempfile::tempdir().unwrap();
    copy_of_undisturbed(out.path());
    let names: Vec<String> = files(out.path()).into_iter().filter(|name| !name.ends_with(".gristmill.lock")).collect();
    assert!(50 < names.len());
    for (index, name) in names.iter().enumerate() {
        let path = out.path().join(name);
        let whole = fs::read(&path).unwrap();
        // Here and there, so that heads, middles and ends are all met.
        for at in [0, whole.len() / 2 + index % 7, whole.len() - 1].map(|at| at.min(whole.len() - 1)) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x01;
            fs::write(&path, &damaged).unwrap();
            let answer = verify(out.path()).expect_err(&format!("{name} with byte {at} flipped"));
            assert!(answer.to_string().contains(name.as_str()), "{name}: {answer}");
        }
        fs::write(&path, &whole).unwrap();
    }
    verify(out.path()).unwrap();
}

#[test]
fn every_byte_of_the_small_files_counts() {
    let out = tempfile::tempdir().unwrap();
    copy_of_undisturbed(out.path());
    let folder = Folder::at(out.path());
    // Through the library: a process for each of the bytes would take minutes.
    for name in ["build.json", "recipe.toml", "manifest.json"] {
        let path = out.path().join(name);
        let whole = fs::read(&path).unwrap();
        for at in (0..whole.len()).step_by(if name == "manifest.json" { 97 } else { 13 }) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x02;
            fs::write(&path, &damaged).unwrap();
            let found = gristmill::pipeline::verify::verify(folder.root());
            assert!(found.is_err() || found.is_ok_and(|found| !found.holds()), "{name} with byte {at} flipped");
        }
        fs::write(&path, &whole).unwrap();
    }
}

#[test]
fn files_too_many_and_too_few_are_named() {
    let out = tempfile::tempdir().unwrap();
    copy_of_undisturbed(out.path());
    fs::write(out.path().join("shards/train-00009-00000.jsonl.zst"), "").unwrap();
    fs::write(out.path().join("notes.txt"), "what is not in a data folder is the user's").unwrap();
    let answer = verify(out.path()).unwrap_err();
    assert_eq!((answer["n_faults"].as_u64(), answer["faults"][0]["file"].as_str()), (Some(1), Some("shards/train-00009-00000.jsonl.zst")));
    fs::remove_file(out.path().join("shards/train-00009-00000.jsonl.zst")).unwrap();
    fs::remove_file(out.path().join("decisions/score/common-crawl/00000.parquet")).unwrap();
    let answer = verify(out.path()).unwrap_err();
    assert_eq!(answer["faults"][0]["file"], "decisions/score/common-crawl/00000.parquet");
    assert_eq!(run(&["verify", out.path().join("shards").to_str().unwrap()]).status.code(), Some(2));
}

#[test]
fn builds_of_every_kind_hold() {
    let folder = tempfile::tempdir().unwrap();
    let kinds: [&[&str]; 4] = [
        &["build", "pipelines/gpt3.toml", "--set", "output.format=parquet"],
        &["train", "pipelines/retrain.toml"],
        &["build", "pipelines/dedup-report.toml", "--set", "dedup.pairs=all"],
        &["dedup", "fixtures/crawl.warc.gz", "fixtures/encyclopaedia/articles.jsonl"],
    ];
    for (index, kind) in kinds.into_iter().enumerate() {
        let out = folder.path().join(index.to_string());
        succeed(&[kind, &["--out", out.to_str().unwrap()]].concat());
        let held = verify(&out).unwrap_or_else(|faults| panic!("{kind:?}: {faults}"));
        let has_shards = held["checks"].as_array().unwrap().iter().any(|check| check["name"] == "shards");
        assert_eq!(has_shards, out.join("shards").exists(), "{kind:?}");
        succeed(&["report", out.to_str().unwrap()]);
        verify(&out).unwrap();
        let answer = succeed(&["explain", out.to_str().unwrap(), "https://slowcrumb.example/bread/what-the-dough-knows.html"]);
        assert!(stdout(&answer).contains("fetch "), "{kind:?}");
    }
}

/// Rewrites the decisions of the crawl's pages, and makes ledger and manifest agree, as a faulty program would.
fn forge(out: &Path, step: &str, change: impl Fn(&mut Vec<DecisionRow>)) {
    let folder = Folder::open(out).unwrap();
    let name = format!("decisions/{step}/common-crawl/00000.parquet");
    let mut rows: Vec<DecisionRow> = TableReader::open(&out.join(&name)).unwrap().map(Result::unwrap).collect();
    change(&mut rows);
    let mut table = TableWriter::create(&folder, &name).unwrap();
    rows.into_iter().for_each(|row| table.push(row).unwrap());
    let written = table.finish().unwrap();
    let mut entry = ledger::finished(&folder).unwrap().into_iter().find(|entry| entry.step == step).unwrap();
    *entry.outcome.files.iter_mut().find(|file| file.path == name).unwrap() = written.clone();
    ledger::commit(&folder, At::Step, &entry).unwrap();
    let mut manifest = json(&out.join("manifest.json"));
    let file = manifest["files"].as_array_mut().unwrap().iter_mut().find(|file| file["path"] == name).unwrap();
    *file = serde_json::json!({ "path": name, "bytes": written.bytes, "hash": written.hash, "rows": written.rows });
    let mut manifest: gristmill::pipeline::manifest::Manifest = serde_json::from_value(manifest).unwrap();
    manifest.files.sort_by(|a, b| a.path.cmp(&b.path));
    fs::write(out.join("manifest.json"), manifest.to_json().unwrap()).unwrap();
}

#[test]
fn tables_that_do_not_fit_each_other_are_found_though_their_hashes_are_right() {
    let faults = |step: &str, change: &dyn Fn(&mut Vec<DecisionRow>)| -> String {
        let out = tempfile::tempdir().unwrap();
        copy_of_undisturbed(out.path());
        forge(out.path(), step, change);
        verify(out.path()).unwrap_err()["faults"].to_string()
    };
    let swapped = faults("dedup", &|rows| rows.swap(3, 4));
    assert!(swapped.contains("another key") && swapped.contains("row 4 of decisions/dedup"), "{swapped}");
    let short = faults("tokens", &|rows| rows.truncate(100));
    assert!(short.contains("none is there"), "{short}");
    let risen = faults("score", &|rows| rows.iter_mut().find(|row| row.verdict == "gone").unwrap().verdict = "keep".to_owned());
    assert!(risen.contains("says keep, but the document was dropped before"), "{risen}");
    let renamed = faults("filter", &|rows| rows.iter_mut().find(|row| row.verdict == "drop").unwrap().rule = Some("mood".to_owned()));
    assert!(renamed.contains("/mood"), "{renamed}");
    let copied = faults("blend", &|rows| {
        let row = rows.iter_mut().find(|row| row.copies == Some(1)).unwrap();
        row.copies = Some(2);
    });
    assert!(copied.contains("copies") && copied.contains("shards"), "{copied}");
}
