//! Every recipe of `pipelines/` and every command runs on the fixtures.

use std::collections::BTreeSet;
use std::fs;

use gristmill::store::table::TableReader;

use crate::common::{files, json, repository, stdout, succeed, undisturbed};

gristmill::table! {
    /// A compared pair.
    pub struct Pair {
        /// The better copy.
        id_a: String,
        /// The other.
        id_b: String,
        /// Exact similarity.
        jaccard: f64,
        /// duplicate or different.
        verdict: String,
    }
}

#[test]
fn every_recipe_runs_on_the_fixtures() {
    let mut names: Vec<String> =
        fs::read_dir(repository("pipelines")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert!(4 <= names.len(), "{names:?}");
    for name in names {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().to_str().unwrap();
        let recipe = format!("pipelines/{name}");
        let text = fs::read_to_string(repository(&recipe)).unwrap();
        let command = if text.contains("[output]") || !text.contains("[model") { "build" } else { "train" };
        succeed(&[command, &recipe, "--out", out]);
        let made: BTreeSet<String> = files(folder.path()).iter().filter_map(|file| Some(file.split_once('/')?.0.to_owned())).collect();
        let wanted = if text.contains("[output]") {
            "shards"
        } else if command == "train" {
            "models"
        } else {
            "dedup"
        };
        assert!(made.contains(wanted), "{name}: {made:?}");
        assert!(fs::read_to_string(folder.path().join("report.html")).unwrap().contains("records read ="), "{name}");
    }
}

#[test]
fn gpt3_settings_are_those_of_the_paper() {
    let recipe: toml::Table = fs::read_to_string(repository("pipelines/gpt3.toml")).unwrap().parse().unwrap();
    assert_eq!(recipe["source"]["common-crawl"]["keep"]["rule"]["pareto"]["alpha"].as_float(), Some(9.0));
    assert_eq!(recipe["source"]["webtext"]["select"]["linked-from"]["min-karma"].as_integer(), Some(3));
    assert_eq!(recipe["blend"]["weights"]["common-crawl"].as_float(), Some(0.60));
}

#[test]
fn dedup_finds_the_composed_near_duplicates_in_every_script() {
    let folder = tempfile::tempdir().unwrap();
    let pairs = |more: &[&str]| -> BTreeSet<(String, String)> {
        let out = folder.path().join(more.join(""));
        succeed(&[&["dedup", "fixtures/crawl.warc.gz", "--out", out.to_str().unwrap()], more].concat());
        let rows = TableReader::<Pair>::open(&out.join("dedup/pairs.parquet")).unwrap().map(Result::unwrap);
        rows.filter(|row| row.verdict == "duplicate").inspect(|row| assert!(0.8 <= row.jaccard)).map(|row| (row.id_a, row.id_b)).collect()
    };
    let linking = pairs(&[]);
    let all = pairs(&["--pairs", "all"]);
    assert!(16 <= linking.len() && linking.len() <= all.len(), "{} {}", linking.len(), all.len());
    let report = json(&folder.path().join("--pairsall/report.json"));
    assert_eq!(report["law"]["read"], report["funnel"][0]["steps"][0]["read"]);
    let lines = stdout(&succeed(&["extract", "fixtures/crawl.warc.gz"]));
    let language = |id: &str| {
        let line =
            lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()).find(|line| line["id"] == id).unwrap();
        line["language"].as_str().unwrap().to_owned()
    };
    let languages: BTreeSet<String> = all.iter().map(|(a, _)| language(a)).collect();
    for wanted in ["en", "zh", "ja", "de"] {
        assert!(languages.contains(wanted), "{languages:?}");
    }
}

#[test]
fn extract_gives_a_json_line_for_each_page_with_text() {
    let lines = stdout(&succeed(&["extract", "fixtures/crawl.warc.gz"]));
    let rows: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(290 <= rows.len(), "{}", rows.len());
    for row in &rows {
        assert!(row["url"].as_str().unwrap().starts_with("https://") && !row["text"].as_str().unwrap().is_empty(), "{row}");
    }
    let find = |url: &str| rows.iter().find(|row| row["url"] == url).unwrap()["text"].as_str().unwrap().to_owned();
    let bread = find("https://slowcrumb.example/bread/what-the-dough-knows.html");
    assert!(
        bread.contains("Yeast does not know what time it is.") && !bread.contains("cookies") && !bread.contains("All rights reserved"),
        "{bread}"
    );
    // A Big5 page and a Shift_JIS page come out as their authors wrote them.
    assert!(rows.iter().any(|row| row["charset"] == "Big5") && rows.iter().any(|row| row["charset"] == "Shift_JIS"));
}

#[test]
fn inspect_counts_records_and_says_what_would_not_be_read() {
    let output = succeed(&["inspect", "--json", "fixtures/crawl.warc.gz"]);
    let row: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (row["records"]["response"].as_u64(), row["format"].as_str(), row["compression"].as_str()),
        (Some(312), Some("warc"), Some("gzip"))
    );
    assert_eq!((row["rejected"]["http-status"].as_u64(), row["rejected"]["media-type"].as_u64()), (Some(4), Some(4)));
    assert_eq!(row["admitted"], 304);
}

#[test]
fn train_writes_a_card_that_says_what_was_learnt() {
    let folder = tempfile::tempdir().unwrap();
    succeed(&["train", "pipelines/retrain.toml", "--out", folder.path().to_str().unwrap()]);
    let card = json(&folder.path().join("models/quality/card.json"));
    assert!(card["held-out"]["positives"].as_u64().unwrap() > 0 && card["held-out"]["negatives"].as_u64().unwrap() > 0, "{card}");
    assert!(card["negatives"].as_str().unwrap().contains("before any filter"));
    assert!(folder.path().join("models/quality/model.bin").exists());
}

#[test]
fn the_page_of_the_recipe_explains_every_key() {
    let page = fs::read_to_string(repository("docs/recipe.md")).unwrap();
    let resolved: toml::Table = fs::read_to_string(undisturbed().join("recipe.toml")).unwrap().parse().unwrap();
    let names: Vec<String> = resolved["source"].as_table().unwrap().keys().cloned().chain(["quality".to_owned()]).collect();
    let mut keys = BTreeSet::new();
    fn gather(value: &toml::Value, keys: &mut BTreeSet<String>) {
        match value {
            toml::Value::Table(table) => table.iter().for_each(|(key, value)| {
                keys.insert(key.clone());
                gather(value, keys);
            }),
            toml::Value::Array(values) => values.iter().for_each(|value| gather(value, keys)),
            _ => {}
        }
    }
    gather(&toml::Value::Table(resolved), &mut keys);
    let keys: Vec<&String> = keys.iter().filter(|key| !names.contains(key)).collect();
    assert!(50 <= keys.len(), "{keys:?}");
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let words: BTreeSet<&str> = page.split(|c| !is_word(c)).collect();
    let missing: Vec<&&String> = keys.iter().filter(|key| !words.contains(key.as_str())).collect();
    assert!(missing.is_empty(), "docs/recipe.md does not explain {missing:?}");
}
