//! Every recipe of `pipelines/` and every command runs on the fixtures.

use std::collections::BTreeSet;
use std::fs;

use gristmill::store::table::TableReader;

use crate::common::{files, json, repository, run, stderr, stdout, succeed, undisturbed};

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
    assert!(7 <= names.len(), "{names:?}");
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
    let out = |name: &str| folder.path().join(name);
    let model = |name: &str| out(name).join("models/quality");
    let train = |name: &str, set: &[&str]| {
        let out = out(name);
        let mut arguments = vec!["train", "pipelines/retrain.toml", "--out", out.to_str().unwrap()];
        arguments.extend(set.iter().flat_map(|set| ["--set", set]));
        succeed(&arguments)
    };
    train("first", &[]);
    let card = json(&model("first").join("card.json"));
    let raw = &card["held-out"]["raw"];
    assert!(raw["positives"].as_u64().unwrap() > 0 && raw["negatives"].as_u64().unwrap() > 0, "{card}");
    assert!(card["negatives"].as_str().unwrap().contains("before any filter"));
    assert!(card["calibration"]["slope"].as_f64().is_some(), "{}", card["warnings"]);
    assert_eq!(card.get("comparison"), None);
    let page = fs::read_to_string(model("first").join("card.html")).unwrap();
    for shown in ["How well it tells them apart", "effective domains", "<svg role=\"img\"", "terms for quality", "known limits"] {
        assert!(page.contains(shown), "{shown}");
    }
    assert!(!page.contains("<script") && !page.contains("http-equiv=\"refresh\"") && !page.contains("src="));

    // Beside the paper's mode and the model of before, and what the language filter dropped counts as low quality too.
    let earlier = model("first").join("model.bin");
    let compare = format!("model.quality.compare=[\"spark\", {:?}]", earlier.to_str().unwrap());
    let negatives = "model.quality.negatives=[{ unfiltered = \"common-crawl\" }, { failed = [\"language\"] }]";
    train("second", &[&compare, negatives]);
    let second = json(&model("second").join("card.json"));
    assert_eq!(second["comparison"].as_array().unwrap().len(), 2);
    assert!(
        second["negatives"].as_str().unwrap().contains("before any filter; documents that language dropped"),
        "{}",
        second["negatives"]
    );
    assert!(fs::read_to_string(model("second").join("card.html")).unwrap().contains("Beside other models"));
    let refused = run(&[
        "train",
        "pipelines/retrain.toml",
        "--out",
        out("third").to_str().unwrap(),
        "--set",
        "model.quality.compare=[\"no-such-model\"]",
    ]);
    assert!(refused.status.code() == Some(1) && stderr(&refused).contains("no-such-model"), "{}", stderr(&refused));

    let models = [model("first"), model("second")].map(|path| path.to_str().unwrap().to_owned());
    let inputs = ["fixtures/encyclopaedia/articles.jsonl", "fixtures/crawl.warc.gz"];
    let compared = succeed(&["compare", &models[0], &models[1], inputs[0], inputs[1], "--json", "--show", "3"]);
    let compared: serde_json::Value = serde_json::from_slice(&compared.stdout).unwrap();
    let documents = |of: &serde_json::Value| of["documents"].as_u64().unwrap();
    assert_eq!(compared["inputs"].as_object().unwrap().values().map(documents).sum::<u64>(), documents(&compared["all"]));
    assert!(compared["changed"].as_array().unwrap().len() <= 3);
    let same = succeed(&["compare", &models[0], &models[0], inputs[0]]);
    assert!(stdout(&same).contains("rank correlation 1.000") && stdout(&same).contains("0 documents changed sides"), "{}", stdout(&same));
    assert_eq!(run(&["compare", &models[0], "nowhere", inputs[0]]).status.code(), Some(2));
}

#[test]
fn the_pages_of_the_recipe_explain_every_key() {
    let page = ["docs/recipe.md", "docs/options.md"].map(|page| fs::read_to_string(repository(page)).unwrap()).concat();
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
    assert!(missing.is_empty(), "docs/recipe.md and docs/options.md do not explain {missing:?}");
}
