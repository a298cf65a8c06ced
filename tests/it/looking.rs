//! The commands that look at a build: what `explain` tells is what the tables hold, and the command it prints fetches the record; what `score`, `report`,
//! `filters` and the pages say is true.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use gristmill::pipeline::steps::{DecisionRow, DocumentRow, RejectedRow};
use gristmill::store::table::{Row, TableReader};
use serde_json::Value;

use crate::common::{copy_of_undisturbed, files, json, repository, run, shard_lines, stderr, stdout, succeed, undisturbed};

fn explain(out: &Path, target: &str, more: &[&str]) -> Value {
    let output = succeed(&[&["explain", out.to_str().unwrap(), target, "--json"], more].concat());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// In words, the white space folded.
fn told(target: &str) -> String {
    let text = stdout(&succeed(&["explain", undisturbed().to_str().unwrap(), target]));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every row of the tables below a folder of the build.
fn rows<R: Row>(folder: &str) -> Vec<R> {
    let folder = undisturbed().join(folder);
    let tables = files(&folder).into_iter().filter(|name| name.ends_with(".parquet"));
    tables.flat_map(|name| TableReader::<R>::open(&folder.join(name)).unwrap().map(Result::unwrap).collect::<Vec<_>>()).collect()
}

/// What the printed command writes, given in the repository.
fn fetched(life: &Value) -> Vec<u8> {
    let command = life["place"]["command"].as_str().unwrap();
    let output = Command::new("sh").args(["-c", command]).current_dir(repository("")).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{command}: {}", stderr(&output));
    output.stdout
}

#[test]
fn one_document_for_every_reason_is_explained_with_that_reason() {
    let mut dropped: BTreeMap<(String, String), DecisionRow> = BTreeMap::new();
    for step in ["filter", "dedup", "score", "decontaminate", "blend"] {
        for row in rows::<DecisionRow>(&format!("decisions/{step}")).into_iter().filter(|row| row.verdict == "drop") {
            dropped.entry((row.filter.clone().unwrap(), row.rule.clone().unwrap())).or_insert(row);
        }
    }
    assert!(7 <= dropped.len(), "{:?}", dropped.keys());
    for ((filter, rule), row) in &dropped {
        let answer = explain(undisturbed(), &row.key.to_string(), &[]);
        let life = &answer["found"][0];
        let step = life["steps"].as_array().unwrap().iter().find(|step| step["verdict"] == "drop").unwrap();
        assert_eq!((&step["dropped"]["filter"], &step["dropped"]["rule"]), (&Value::from(filter.as_str()), &Value::from(rule.as_str())));
        assert_eq!((step["dropped"]["value"].as_f64(), step["dropped"]["limit"].as_f64()), (row.value, row.limit));
        assert!(life["fate"].as_str().unwrap().ends_with(&format!("by {filter}/{rule}")), "{life}");
        assert!(step["dropped"]["meaning"].is_string(), "{filter}/{rule} is not listed");
        let words = told(&row.key.to_string());
        assert!(words.contains(&format!("dropped by {filter}/{rule}: ")), "{words}");
        assert!(life["copies"].as_array().unwrap().is_empty());
        // The record itself comes out of its input.
        let record = String::from_utf8_lossy(&fetched(life)).into_owned();
        assert!(record.starts_with("WARC/") && record.contains(life["id"].as_str().unwrap()), "{record}");
    }
    let rejected: BTreeMap<(String, String), RejectedRow> =
        rows::<RejectedRow>("rejected").into_iter().map(|row| ((row.filter.clone(), row.rule.clone()), row)).collect();
    assert!(!rejected.is_empty());
    for ((filter, rule), row) in &rejected {
        let answer = explain(undisturbed(), &row.id, &[]);
        let life = &answer["found"][0];
        assert_eq!((&life["rejected"]["rule"], &life["key"]), (&Value::from(rule.as_str()), &Value::Null));
        assert!(String::from_utf8_lossy(&fetched(life)).contains(&row.id));
        assert!(told(row.url.as_deref().unwrap()).contains(&format!("rejected {filter}/{rule}: ")));
    }
}

#[test]
fn every_kept_document_stands_at_the_rows_that_are_named() {
    let lines = shard_lines(undisturbed());
    let in_shards: BTreeSet<&str> = lines.iter().map(|line| line["key"].as_str().unwrap()).collect();
    let shards = files(&undisturbed().join("shards"));
    let lines_of = |shard: &str| {
        let bytes = zstd::decode_all(fs::File::open(undisturbed().join(shard)).unwrap()).unwrap();
        String::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>()
    };
    let shards: BTreeMap<String, Vec<Value>> =
        shards.iter().map(|name| (format!("shards/{name}"), lines_of(&format!("shards/{name}")))).collect();
    for key in in_shards.iter().step_by(12) {
        let life = &explain(undisturbed(), key, &[])["found"][0];
        let copies = life["copies"].as_array().unwrap();
        assert_eq!(copies.len(), lines.iter().filter(|line| line["key"] == **key).count(), "{life}");
        for copy in copies {
            let line = &shards[copy["shard"].as_str().unwrap()][copy["row"].as_u64().unwrap() as usize - 1];
            assert_eq!((&line["key"], &line["id"], &line["copy"]), (&Value::from(*key), &copy["id"], &copy["copy"]));
        }
        assert!(life["fate"].as_str().unwrap().starts_with("in the data set: "), "{life}");
    }
    // Text sets and books are fetched as lines and files.
    for source in ["books", "encyclopaedia"] {
        let line = lines.iter().find(|line| line["source"] == source).unwrap();
        let life = &explain(undisturbed(), line["key"].as_str().unwrap(), &["--text"])["found"][0];
        let (record, text) = (String::from_utf8(fetched(life)).unwrap(), life["text"]["content"].as_str().unwrap());
        let word = text.split_whitespace().find(|word| 6 < word.len() && word.bytes().all(|b| b.is_ascii_alphabetic())).unwrap();
        assert!(record.contains(word), "{source}: {word}");
        assert_eq!(record.len() as u64, life["place"]["length"].as_u64().unwrap());
        if source == "encyclopaedia" {
            assert_eq!(serde_json::from_str::<Value>(&record).unwrap()["text"], text);
        }
    }
}

#[test]
fn duplicates_cuts_scores_and_both_keep_rules_are_told() {
    let near = rows::<DecisionRow>("decisions/dedup").into_iter().find(|row| row.rule.as_deref() == Some("near-duplicate")).unwrap();
    let life = &explain(undisturbed(), &near.key.to_string(), &[])["found"][0];
    let dedup = life["steps"].as_array().unwrap().iter().find(|step| step["step"] == "dedup").unwrap();
    let survivor = near.cluster.unwrap().to_string();
    assert_eq!(
        (&dedup["cluster"]["survivor"], dedup["cluster"]["similarity"].as_f64()),
        (&Value::from(survivor.as_str()), near.similarity)
    );
    let members = dedup["cluster"]["members"].as_array().unwrap();
    assert!(members[0]["survivor"] == true && members[0]["key"] == survivor && 2 <= members.len());
    assert!(dedup["pairs"].as_array().unwrap().iter().any(|pair| pair["verdict"] == "duplicate"));

    let cut = rows::<DecisionRow>("decisions/decontaminate").into_iter().find(|row| row.pieces.is_some()).unwrap();
    let life = &explain(undisturbed(), &cut.key.to_string(), &["--text"])["found"][0];
    let step = life["steps"].as_array().unwrap().iter().find(|step| step["step"] == "decontaminate").unwrap();
    assert_eq!(step["pieces"].as_array().unwrap().len() as u64, cut.pieces.unwrap());
    let found = &step["cuts"][0];
    let text = life["text"]["content"].as_str().unwrap();
    let stretch = &text[found["start"].as_u64().unwrap() as usize..found["end"].as_u64().unwrap() as usize];
    let first = found["gram"].as_str().unwrap().split(' ').next().unwrap();
    assert!(stretch.to_lowercase().contains(first) && found["benchmark"].as_str().unwrap().ends_with(".jsonl"), "{found}");
    // A piece's id of the data set leads to its document.
    let piece = explain(undisturbed(), &format!("{}#0", life["id"].as_str().unwrap()), &[]);
    assert_eq!(piece["found"][0]["key"], life["key"]);

    let scored = rows::<DecisionRow>("decisions/score").into_iter().filter(|row| row.score.is_some());
    let disputed = scored.into_iter().find(|row| row.threshold_keeps != row.pareto_keeps).unwrap();
    let life = &explain(undisturbed(), &disputed.key.to_string(), &[])["found"][0];
    let score = &life["steps"].as_array().unwrap().iter().find(|step| step["step"] == "score").unwrap()["score"];
    assert_eq!((score["score"].as_f64(), score["draw"].as_f64(), score["acts"].as_str()), (disputed.score, disputed.draw, Some("pareto")));
    assert_eq!((score["threshold_keeps"].as_bool(), score["pareto_keeps"].as_bool()), (disputed.threshold_keeps, disputed.pareto_keeps));
    let words = told(&disputed.key.to_string());
    assert!(words.contains("(this rule acts)") && words.contains("threshold 0.5 ") && words.contains("pareto, alpha 2, "), "{words}");
}

#[test]
fn a_url_is_found_in_any_spelling_and_what_is_missing_is_said_with_what_is_near() {
    let url = "https://slowcrumb.example/bread/what-the-dough-knows.html";
    let key = explain(undisturbed(), url, &[])["found"][0]["key"].clone();
    for spelling in [
        "http://www.slowcrumb.example/bread/what-the-dough-knows.html/?utm_source=x#top",
        "HTTPS://SLOWCRUMB.example:443/bread/./what-the-dough-knows.html",
    ] {
        assert_eq!(explain(undisturbed(), spelling, &[])["found"][0]["key"], key, "{spelling}");
    }
    let id = explain(undisturbed(), url, &[])["found"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(explain(undisturbed(), &format!("<{id}>"), &[])["found"][0]["key"], key);
    let out = undisturbed().to_str().unwrap();
    let gone = run(&["explain", out, "https://slowcrumb.example/bread/no-such-loaf.html"]);
    let message = stderr(&gone);
    assert_eq!((gone.status.code(), gone.stdout.len()), (Some(1), 0));
    assert!(message.contains("no-such-loaf") && message.contains("near it are https://slowcrumb.example/"), "{message}");
    assert!(message.contains("349 documents") && message.contains("common-crawl") && message.lines().count() == 1, "{message}");
    let other = run(&["explain", repository("fixtures").to_str().unwrap(), url]);
    assert_eq!(other.status.code(), Some(2), "{}", stderr(&other));
}

#[test]
fn several_records_are_told_up_to_a_limit_and_strangers_controls_are_escaped_on_the_terminal_only() {
    let folder = tempfile::tempdir().unwrap();
    let text = "Evil \u{1b}]0;title\u{7} text that \u{202e}turns round. ".repeat(4);
    let line = serde_json::json!({ "id": "same", "url": "http://a.example/\u{1b}[31m", "title": "\u{1b}[2J", "text": text }).to_string();
    fs::write(folder.path().join("a.jsonl"), format!("{line}\n").repeat(4)).unwrap();
    fs::write(folder.path().join("recipe.toml"), "[source.set]\nread = { jsonl = [\"a.jsonl\"] }\n[output]\n").unwrap();
    let (recipe, out) = (folder.path().join("recipe.toml"), folder.path().join("out"));
    succeed(&["build", recipe.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    let answer = explain(&out, "same", &["--limit", "3", "--text"]);
    assert_eq!((answer["found"].as_array().unwrap().len(), answer["more"].as_u64()), (3, Some(1)));
    assert_eq!(answer["found"][0]["text"]["content"], text);
    assert_eq!(answer["found"][0]["copies"].as_array().unwrap().len(), 1, "without a blend every document is there once");
    let words = stdout(&succeed(&["explain", out.to_str().unwrap(), "same", "--text"]));
    assert!(words.contains("\\u{1b}") && !words.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{words}");
    assert!(succeed(&["verify", out.to_str().unwrap()]).status.success());
}

#[test]
fn a_half_finished_build_is_explained_as_far_as_it_went() {
    let out = tempfile::tempdir().unwrap();
    copy_of_undisturbed(out.path());
    let url = "https://slowcrumb.example/bread/what-the-dough-knows.html";
    for step in ["shard", "blend", "tokens"] {
        fs::remove_file(out.path().join(format!("ledger/{step}.json"))).unwrap();
    }
    fs::remove_file(out.path().join("manifest.json")).unwrap();
    let life = &explain(out.path(), url, &[])["found"][0];
    assert!(life["fate"].as_str().unwrap().contains("stands after step decontaminate"), "{life}");
    // Of a step that is under way its committed tasks count.
    let steps = files(&out.path().join("ledger")).into_iter().filter(|name| !name.contains('/'));
    steps.for_each(|step| fs::remove_file(out.path().join("ledger").join(step)).unwrap());
    let life = &explain(out.path(), url, &[])["found"][0];
    assert!(life["fate"].as_str().unwrap().contains("stands after step extract") && life["steps"].as_array().unwrap().is_empty(), "{life}");
    assert!(stderr(&run(&["explain", out.path().to_str().unwrap(), "no-such-id"])).contains("not finished"));
    let verified = run(&["verify", out.path().to_str().unwrap()]);
    assert!(verified.status.code() == Some(1) && stderr(&verified).contains("not finished"), "{}", stderr(&verified));
}

#[test]
fn what_was_removed_on_request_is_said_to_be_gone_and_the_build_holds() {
    let folder = tempfile::tempdir().unwrap();
    let url = "https://slowcrumb.example/bread/what-the-dough-knows.html";
    let list = folder.path().join("takedown.txt");
    fs::write(&list, format!("{url}\n")).unwrap();
    let out = folder.path().join("out");
    crate::common::quickstart(&out, &["--set", &format!("remove={}", list.display())]);
    let gone = run(&["explain", out.to_str().unwrap(), url]);
    assert!(gone.status.code() == Some(1) && stderr(&gone).contains("was removed on request"), "{}", stderr(&gone));
    // Its neighbours on the same host are not.
    let neighbour = run(&["explain", out.to_str().unwrap(), "https://slowcrumb.example/nothing"]);
    assert!(stderr(&neighbour).contains("near it are"), "{}", stderr(&neighbour));
    succeed(&["verify", out.to_str().unwrap()]);
}

#[test]
fn scores_are_those_of_the_build() {
    let model = undisturbed().join("models/quality");
    let output = succeed(&["score", model.to_str().unwrap(), "fixtures/crawl.warc.gz"]);
    let lines: BTreeMap<String, Value> = stdout(&output)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| (line["id"].as_str().unwrap().to_owned(), line))
        .collect();
    let ids: BTreeMap<String, String> = rows::<DocumentRow>("documents").into_iter().map(|row| (row.key.to_string(), row.id)).collect();
    let scored: Vec<DecisionRow> = rows::<DecisionRow>("decisions/score").into_iter().filter(|row| row.score.is_some()).collect();
    assert!(100 < scored.len());
    for row in scored {
        let line = &lines[&ids[&row.key.to_string()]];
        assert_eq!(line["score"].as_f64(), row.score);
        assert_eq!(line["threshold_keeps"].as_bool(), row.threshold_keeps);
    }
    // Other inputs, and the file instead of its folder.
    let file = model.join("model.bin");
    let output = succeed(&["score", file.to_str().unwrap(), "fixtures/encyclopaedia/articles.jsonl", "fixtures/books/skerra-head.txt"]);
    assert_eq!(stdout(&output).lines().count(), 41);
    assert_eq!(run(&["score", "no/such/model", "fixtures/crawl.warc.gz"]).status.code(), Some(2));
}

#[test]
fn the_report_is_drawn_again_with_the_same_bytes_or_without_words() {
    let out = tempfile::tempdir().unwrap();
    copy_of_undisturbed(out.path());
    let folder = out.path().to_str().unwrap();
    let read = |name: &str| fs::read(out.path().join(name)).unwrap();
    let (before_json, before_html) = (read("report.json"), read("report.html"));
    let output = succeed(&["report", folder]);
    assert!(stdout(&output).contains("read 358 = kept "), "the funnel is printed as build does");
    assert!(read("report.json") == before_json && read("report.html") == before_html);
    let terms: Vec<String> = json(&out.path().join("report.json"))["models"][0]["strongest_for"]
        .as_array()
        .unwrap()
        .iter()
        .map(|term| term[0].as_str().unwrap().to_owned())
        .filter(|term| 4 < term.len())
        .collect();
    assert!(!terms.is_empty());
    succeed(&["report", folder, "--no-text", "--json"]);
    let bare = String::from_utf8([read("report.json"), read("report.html")].concat()).unwrap();
    assert!(
        !bare.contains("strongest_for\": [\n        [") && terms.iter().all(|term| !bare.contains(&format!("\"{term}\""))),
        "{terms:?}"
    );
    assert!(bare.contains("AUC"));
    assert!(succeed(&["verify", folder]).status.success());
    succeed(&["report", folder]);
    assert!(read("report.json") == before_json);
    fs::write(out.path().join("report.json"), "{").unwrap();
    assert!(stderr(&succeed(&["report", folder])).contains("warning"));
    assert!(succeed(&["verify", folder]).status.success());
}

#[test]
fn pages_name_every_command() {
    let man = stdout(&succeed(&["man"]));
    for command in [
        "build",
        "train",
        "dedup",
        "extract",
        "inspect",
        "links",
        "select",
        "explain",
        "verify",
        "report",
        "score",
        "filters",
        "completions",
        "man",
    ] {
        assert!(man.contains(&format!("gristmill\\-{command}(1)")), "{command}: {man}");
        let page = stdout(&succeed(&["man", command]));
        assert!(page.contains(&format!("gristmill\\-{command}")) && page.contains(".SH SYNOPSIS"), "{page}");
        for shell in ["bash", "zsh", "fish"] {
            assert!(stdout(&succeed(&["completions", shell])).contains(command), "{shell} {command}");
        }
    }
    assert_eq!(run(&["man", "grind"]).status.code(), Some(2));
}
