//! The data card, the profile of the shards it is drawn from, and what is held out for validation.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use gristmill::shard;
use serde_json::Value;

use crate::common::{files, json, manifest, quickstart, run, stderr, stdout, succeed};

const CARD: [&str; 3] = ["card.html", "README.md", "croissant.json"];

fn validated(out: &Path, more: &[&str]) {
    quickstart(out, &[&["--set", "output.validation=0.2", "--set", "output.format=\"parquet\""], more].concat());
}

/// Key: the rows that a split holds of it, by number of the copy.
fn rows(out: &Path, split: &str) -> BTreeMap<String, Vec<u32>> {
    let mut rows: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for name in files(&out.join("shards")).iter().filter(|name| name.starts_with(&format!("{split}-"))) {
        for row in shard::read(&out.join("shards").join(name)).unwrap().map(Result::unwrap) {
            rows.entry(row.key.to_string()).or_default().push(row.copy);
        }
    }
    rows
}

#[test]
fn what_is_held_out_is_in_one_split_once_and_the_rest_has_the_shares_of_the_blend() {
    let out = tempfile::tempdir().unwrap();
    validated(out.path(), &[]);
    let (train, validation) = (rows(out.path(), "train"), rows(out.path(), "validation"));
    assert!(5 < validation.len() && validation.len() < train.len() / 2, "a fifth of {} and {}", train.len(), validation.len());
    assert!(validation.values().all(|copies| copies.iter().all(|copy| *copy == 0)));
    assert!(validation.keys().all(|key| !train.contains_key(key)));
    // The blend is one of what is left: the training data hold what was drawn, and that has the shares that were asked for.
    let (report, profile) = (json(&out.path().join("report.json")), json(&out.path().join("order/profile.json")));
    let rows = report["blend"]["rows"].as_array().unwrap();
    for row in rows {
        let held = &profile["splits"]["train"][row["source"].as_str().unwrap()]["tokens"];
        assert_eq!(row["tokens_drawn"], *held, "{row}");
        assert!((row["share_drawn"].as_f64().unwrap() - row["weight"].as_f64().unwrap()).abs() < 0.02, "{row}");
    }
    let scarce = rows.iter().find(|row| row["binds"] == true).unwrap();
    assert_eq!(scarce["tokens_drawn"].as_u64().unwrap(), 3 * scarce["tokens_available"].as_u64().unwrap());
    // `verify` follows each document to its split, and `explain` says where it went.
    succeed(&["verify", out.path().to_str().unwrap()]);
    let told = stdout(&succeed(&["explain", out.path().to_str().unwrap(), validation.keys().next().unwrap()]));
    assert!(told.contains("held out for validation") && told.contains("shards/validation-"), "{told}");
    assert!(told.contains("held out for validation, and so no part of the blend"), "{told}");
    let notes = &json(&out.path().join("ledger/blend.json"))["entry"]["outcome"]["counts"]["notes"];
    let held_out = notes.as_object().unwrap().iter().filter(|(name, _)| name.ends_with(": documents held out for validation"));
    assert_eq!(held_out.map(|(_, n)| n.as_u64().unwrap()).sum::<u64>(), validation.len() as u64);
}

#[test]
fn the_profile_adds_up_to_the_rows_of_the_shards() {
    let out = tempfile::tempdir().unwrap();
    validated(out.path(), &[]);
    let profile = json(&out.path().join("order/profile.json"));
    let of = |tally: &Value| ["rows", "documents", "bytes", "characters", "tokens"].map(|name| tally[name].as_u64().unwrap());
    let add = |sum: [u64; 5], tally: [u64; 5]| std::array::from_fn(|n| sum[n] + tally[n]);
    let sum = |tallies: &Value| tallies.as_object().unwrap().values().map(of).fold([0; 5], add);
    let (mut seen, mut keys) = ([0_u64; 5], BTreeSet::new());
    for name in files(&out.path().join("shards")) {
        for row in shard::read(&out.path().join("shards").join(&name)).unwrap().map(Result::unwrap) {
            keys.insert(row.key);
            seen = add(seen, [1, 0, row.text.len() as u64, row.text.chars().count() as u64, row.tokens.unwrap()]);
        }
    }
    seen[1] = keys.len() as u64;
    let splits = profile["splits"].as_object().unwrap().values().map(sum).fold([0; 5], add);
    assert_eq!(splits, seen);
    for part in ["languages", "years", "lengths"] {
        assert_eq!(sum(&profile[part]), seen, "{part}");
    }
    assert_eq!(add(sum(&profile["domains"]), of(&profile["without_domain"])), seen);
    assert!(profile["years"].get("2024").is_some() || profile["years"].as_object().unwrap().len() > 1, "{}", profile["years"]);
    // The hashes are those that everyone can check.
    let shards = profile["shards"].as_array().unwrap();
    assert_eq!(shards.len(), files(&out.path().join("shards")).len());
    for shard in shards {
        let path = shard["path"].as_str().unwrap();
        let output = Command::new("sha256sum").arg(out.path().join(path)).output().unwrap();
        assert!(stdout(&output).starts_with(shard["sha256"].as_str().unwrap()), "{path}");
        assert_eq!(shard["bytes"].as_u64(), Some(fs::metadata(out.path().join(path)).unwrap().len()));
    }
}

#[test]
fn the_card_is_the_same_from_any_number_of_threads_and_names_licences() {
    let licensed = ["--set", "source.books.license=\"CC0-1.0\"", "--set", "source.common-crawl.license=\"as the pages say | <b>\""];
    let card = [
        "--set",
        "card.name=\"A test\"",
        "--set",
        "card.description=\"One.\\n\\n- two\"",
        "--set",
        "card.creators=[\"Nobody\"]",
        "--set",
        "card.url=\"https://example.org/set\"",
    ];
    let more = [&licensed[..], &card].concat();
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    validated(one.path(), &[&more[..], &["--threads", "1"]].concat());
    validated(two.path(), &[&more[..], &["--threads", "3"]].concat());
    assert_eq!(manifest(one.path()), manifest(two.path()));
    let read = |out: &Path, name: &str| fs::read_to_string(out.join(name)).unwrap();
    for name in CARD {
        assert_eq!(read(one.path(), name), read(two.path(), name), "{name}");
    }
    let licenses = &json(&one.path().join("manifest.json"))["licenses"];
    assert_eq!(licenses["books"], "CC0-1.0");
    // A source that is selected has the licence of the one that it is selected from.
    assert_eq!(licenses["webtext"], licenses["common-crawl"]);
    assert_eq!(licenses["encyclopaedia"], "MIT OR Apache-2.0");
    let markdown = read(one.path(), "README.md");
    let front: Vec<&str> = markdown.split("---\n").nth(1).unwrap().lines().collect();
    assert!(markdown.contains("\nOne. - two\n"), "{markdown}");
    for line in ["pretty_name: \"A test\"", "license: other", "  - split: train", "    path: shards/validation-*"] {
        assert!(front.contains(&line), "{line}: {front:?}");
    }
    let told = markdown.split("## Recipe").next().unwrap();
    assert!(told.contains("CC0-1.0") && told.contains("as the pages say \\| \\<b\\>") && !told.contains("<b>"), "{told}");
    assert!(!markdown.contains("no licence is stated"), "{markdown}");
    let croissant = json(&one.path().join("croissant.json"));
    assert_eq!((croissant["name"].as_str(), croissant["creator"][0]["name"].as_str()), (Some("A test"), Some("Nobody")));
    let kinds: Vec<&str> = croissant["distribution"].as_array().unwrap().iter().map(|part| part["@type"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "cr:FileSet").count(), 2);
    let fields = croissant["recordSet"][0]["field"].as_array().unwrap();
    assert!(fields.iter().any(|field| field["name"] == "text" && field["dataType"] == "sc:Text"));
    // What is said of the whole is the recipe's word.
    succeed(&["build", "pipelines/quickstart.toml", "--out", one.path().to_str().unwrap(), "--set", "card.license=\"MIT\""]);
    assert!(read(one.path(), "README.md").contains("license: mit\n"));
}

#[test]
fn a_card_never_speaks_of_another_data_set() {
    let out = tempfile::tempdir().unwrap();
    validated(out.path(), &[]);
    let held = |name: &str| out.path().join(name).exists();
    assert!(CARD.iter().all(|name| held(name)));
    // Without names of sites where those may not be shown.
    let before = fs::read_to_string(out.path().join("card.html")).unwrap();
    succeed(&["report", out.path().to_str().unwrap(), "--no-text"]);
    let bare = fs::read_to_string(out.path().join("card.html")).unwrap();
    assert!(before.contains("<td>slowcrumb.example</td>") && !bare.contains("<td>slowcrumb.example</td>"));
    succeed(&["verify", out.path().to_str().unwrap()]);
    // A build that stops leaves no card of the one before.
    let failed = run(&[
        "build",
        "pipelines/quickstart.toml",
        "--out",
        out.path().to_str().unwrap(),
        "--set",
        "blend.epochs={books=1.0}",
        "--set",
        "source.books.read.books=[\"fixtures/none\"]",
    ]);
    assert!(!failed.status.success());
    assert!(CARD.iter().all(|name| held(name)), "a recipe that is refused changes nothing");
    succeed(&["train", "pipelines/quickstart.toml", "--out", out.path().to_str().unwrap(), "--set", "dedup.threshold=0.7"]);
    assert!(!CARD.iter().any(|name| held(name)), "the data set is no longer whole");
}

#[test]
fn a_readme_of_somebody_else_stays() {
    let out = tempfile::tempdir().unwrap();
    validated(out.path(), &[]);
    fs::write(out.path().join("README.md"), "my notes\n").unwrap();
    let output = succeed(&["build", "pipelines/quickstart.toml", "--out", out.path().to_str().unwrap()]);
    assert!(stderr(&output).contains("README.md is not of a build and stays"), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(out.path().join("README.md")).unwrap(), "my notes\n");
    succeed(&["verify", out.path().to_str().unwrap()]);
    fs::remove_file(out.path().join("README.md")).unwrap();
    succeed(&["report", out.path().to_str().unwrap()]);
    assert!(fs::read_to_string(out.path().join("README.md")).unwrap().contains("# quickstart"));
}

#[test]
fn a_licence_that_nobody_states_is_said_to_be_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(at("a.txt"), "A mill stands by the brook, and its wheel turns slowly.").unwrap();
    fs::write(at("b.txt"), "Another mill stands on the hill, and its sails turn in the wind.").unwrap();
    let source = |name: &str, license: &str| format!("[source.{name}]\nread = {{ text = [\"{name}.txt\"] }}\n{license}\n");
    let mut said = Vec::new();
    for license in ["license = \"CC0-1.0\"", ""] {
        fs::write(at("r.toml"), source("a", "license = \"CC0-1.0\"") + &source("b", license) + "[output]\n").unwrap();
        succeed(&["build", &at("r.toml"), "--out", &at("out")]);
        said.push(fs::read_to_string(at("out/README.md")).unwrap());
    }
    // What all sources have in common is the licence of the whole.
    assert!(said[0].contains("license: cc0-1.0\n") && !said[0].contains("no licence is stated"), "{}", said[0]);
    assert!(said[1].contains("license_name: see the sources") && said[1].contains("no licence is stated for b: "), "{}", said[1]);
}

#[test]
fn a_share_for_validation_that_cannot_be_is_refused_where_it_stands() {
    for share in ["0.6", "-0.1"] {
        let output = run(&["plan", "pipelines/quickstart.toml", "--set", &format!("output.validation={share}")]);
        assert_eq!(output.status.code(), Some(2), "{share}");
        assert!(stderr(&output).contains("0 to 0.5"), "{}", stderr(&output));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.toml");
    fs::write(&path, "[source.a]\nread = { text = [\"*.txt\"] }\nlicence = \"CC0-1.0\"\n").unwrap();
    let output = run(&["plan", path.to_str().unwrap()]);
    assert!(stderr(&output).contains("did you mean \"license\""), "{}", stderr(&output));
}
