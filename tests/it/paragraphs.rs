//! `[paragraphs]`: what better documents hold is cut out, every later step sees the text without it, and what is told of it is true.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use gristmill::dedup::paragraphs::without;
use gristmill::document::Key;
use gristmill::pipeline::origin;
use gristmill::pipeline::plan::DocumentFile;
use gristmill::pipeline::run::Build;
use gristmill::pipeline::steps::paragraphs::ParagraphRow;
use gristmill::pipeline::steps::{Before, DecisionRow, DocumentRow, Standing, TextRow, Walk};
use gristmill::store::table::{Row, TableReader, TableWriter};
use serde_json::{Value, json};

use crate::common::{files, gristmill, json, manifest, quickstart, run, shard_lines, stderr, stdout, succeed, undisturbed};

const FOOTER: &str = "Share this on Facebook, Twitter or by e-mail to 3 friends.";

/// A paragraph that no other document shares a word with.
fn body(n: u8) -> String {
    let word = |i: u8| String::from_utf8(vec![b'a' + n, b'a' + i / 10, b'a' + i % 10]).unwrap();
    (0..90).map(word).collect::<Vec<_>>().join(" ")
}

fn header(n: u8) -> String {
    format!("Welcome to the mill, visitor number {n}{n}!")
}

/// Two sets with a header and a footer in common, a page of nothing else, and a benchmark whose text stands in one of them.
fn lay_out(folder: &Path, more: &str) -> PathBuf {
    let page = |n: u8| {
        let footer = if n == 3 { "SHARE THIS on Fácebook — Twitter, or by e-mail to 7 friends".to_owned() } else { FOOTER.to_owned() };
        json!({ "id": format!("page-{n}"), "url": format!("https://p{n}.example/"), "text": format!("{}\n{}\n{footer}", header(n), body(n)) })
    };
    let mut pages: Vec<String> = (0..6).map(|n| page(n).to_string()).collect();
    pages.push(json!({ "id": "husk", "text": format!("{}\nTiny.\n\n{FOOTER}", header(9)) }).to_string());
    let essay = json!({ "id": "essay", "text": format!("{}\n{}\n{FOOTER}\n", body(20), body(21)) });
    // An input that was there already stays as it is: a second recipe is for the same files.
    let put = |name: &str, text: String| {
        if !folder.join(name).exists() {
            fs::write(folder.join(name), text).unwrap();
        }
    };
    put("pages.jsonl", pages.join("\n"));
    put("essays.jsonl", essay.to_string());
    let item = body(5).split(' ').skip(40).take(20).collect::<Vec<_>>().join(" ");
    put("bench.jsonl", json!({ "text": item }).to_string());
    let recipe = folder.join("recipe.toml");
    let text = format!(
        r#"[source.crawl]
read = {{ jsonl = ["pages.jsonl"] }}
[source.essays]
read = {{ jsonl = ["essays.jsonl"] }}
[decontaminate]
benchmarks = ["bench.jsonl"]
window = 10
min-piece = 20
[blend]
tokenizer = "characters"
epochs = {{ crawl = 1.0, essays = 1.0 }}
[output]
{more}
"#
    );
    fs::write(&recipe, text).unwrap();
    recipe
}

fn build(folder: &Path, out: &str, more: &str) -> PathBuf {
    let recipe = lay_out(folder, more);
    let out = folder.join(out);
    succeed(&["build", recipe.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    succeed(&["verify", out.to_str().unwrap()]);
    out
}

/// Texts of the data set by id.
fn texts(out: &Path) -> BTreeMap<String, String> {
    let text = |line: &Value| (line["id"].as_str().unwrap().to_owned(), line["text"].as_str().unwrap().to_owned());
    shard_lines(out).iter().map(text).collect()
}

fn rows<R: Row>(out: &Path, folder: &str) -> Vec<R> {
    let folder = out.join(folder);
    let tables = files(&folder).into_iter().filter(|name| name.ends_with(".parquet"));
    tables.flat_map(|name| TableReader::<R>::open(&folder.join(name)).unwrap().map(Result::unwrap).collect::<Vec<_>>()).collect()
}

#[test]
fn footers_are_cut_and_the_order_of_sources_decides_who_keeps_them() {
    let folder = tempfile::tempdir().unwrap();
    let by_name = build(folder.path(), "by-name", "[paragraphs]\nmin-characters = 100");
    let of = texts(&by_name);
    assert_eq!(of["page-0"], format!("{}\n{}\n{FOOTER}", header(0), body(0)));
    for n in 1..5 {
        assert_eq!(of[&format!("page-{n}")], body(n), "{n}");
    }
    assert_eq!(of["essay"], format!("{}\n{}", body(20), body(21)));
    // Decontamination cut what was left: its places are in that text, and the pieces hold neither header nor footer.
    let (first, second) = (&of["page-5#0"], &of["page-5#1"]);
    assert!(body(5).starts_with(first) && body(5).ends_with(second) && first.len() + second.len() < body(5).len());
    let tokens = |line: &Value| (line["tokens"].as_u64().unwrap(), line["text"].as_str().unwrap().chars().count() as u64);
    assert!(shard_lines(&by_name).iter().map(tokens).all(|(tokens, characters)| tokens == characters));

    // What is left of the husk is told with its limit.
    assert!(!of.contains_key("husk"));
    let husk = rows::<DecisionRow>(&by_name, "decisions/paragraphs").into_iter().find(|row| row.verdict == "drop").unwrap();
    assert_eq!((husk.filter.as_deref(), husk.rule.as_deref()), (Some("paragraphs"), Some("too-short")));
    assert_eq!((husk.value, husk.limit), (Some(5.0), Some(100.0)));

    let report = json(&by_name.join("report.json"));
    let crawl = &report["paragraphs"]["rows"][0];
    let n = |name: &str| crawl[name].as_u64().unwrap();
    assert_eq!((n("documents"), n("documents_shortened"), n("documents_dropped")), (7, 5, 1));
    assert_eq!((n("paragraphs"), n("paragraphs_cut")), (21, 12));
    let stored: Vec<DocumentRow> = rows(&by_name, "documents/crawl");
    assert_eq!(n("bytes"), stored.iter().map(|row| row.text.len() as u64).sum::<u64>());
    let left: usize = (1..6).map(|n| body(n).len()).sum::<usize>() + of["page-0"].len() + "Tiny.".len();
    assert_eq!(n("bytes_cut"), n("bytes") - left as u64);
    assert_eq!(report["paragraphs"]["owners"], json!([["crawl", "crawl", 12], ["essays", "crawl", 1]]));
    let page = fs::read_to_string(by_name.join("report.html")).unwrap();
    assert!(page.contains("Duplicate paragraphs") && page.contains("12 (57.1 %)"), "{page}");

    // Whose document holds it.
    let explained = succeed(&["explain", by_name.to_str().unwrap(), "essay", "--json"]);
    let life: Value = serde_json::from_slice(&explained.stdout).unwrap();
    let step = life["found"][0]["steps"].as_array().unwrap().iter().find(|step| step["step"] == "paragraphs").unwrap();
    let cut = &step["paragraphs"][0];
    assert_eq!((&cut["id"], &cut["source"], &cut["begin"]), (&json!("page-0"), &json!("crawl"), &json!(FOOTER)));
    assert_eq!(cut["owner"], json!(stored[0].key.to_string()));
    let words = stdout(&succeed(&["explain", by_name.to_str().unwrap(), "page-3"]));
    assert!(
        words.contains("cut: \"SHARE THIS on Fácebook") && words.contains(&format!("is in page-0 of crawl ({})", stored[0].key)),
        "{words}"
    );

    let priority = "[paragraphs]\nmin-characters = 100\n[dedup]\npriority = [\"essays\"]";
    let of = texts(&build(folder.path(), "priority", priority));
    assert_eq!(of["page-0"], format!("{}\n{}", header(0), body(0)));
    assert_eq!(of["essay"], format!("{}\n{}\n{FOOTER}\n", body(20), body(21)));

    // A source that loses nothing keeps what it holds, and the other loses it.
    let cut_from = "[paragraphs]\nmin-characters = 100\ncut-from = [\"crawl\"]";
    let of = texts(&build(folder.path(), "cut-from", cut_from));
    assert_eq!(of["page-0"], format!("{}\n{}", header(0), body(0)));
    assert_eq!(of["essay"], format!("{}\n{}\n{FOOTER}\n", body(20), body(21)));

    // Without the section nothing is cut, and what it left in the folder goes.
    let recipe = lay_out(folder.path(), "");
    succeed(&["build", recipe.to_str().unwrap(), "--out", by_name.to_str().unwrap()]);
    succeed(&["verify", by_name.to_str().unwrap()]);
    assert_eq!(texts(&by_name)["page-4"], format!("{}\n{}\n{FOOTER}", header(4), body(4)));
    assert!(files(&by_name).iter().all(|name| !name.contains("paragraphs")));
}

#[test]
fn n_grams_cut_what_was_changed_a_little() {
    let folder = tempfile::tempdir().unwrap();
    let recipe = lay_out(folder.path(), "[paragraphs]\nby = { ngrams = {} }");
    let nearly = |words: usize| {
        let changed: Vec<String> =
            body(0).split(' ').map(str::to_owned).take(words).chain(body(12).split(' ').map(str::to_owned).skip(words)).collect();
        json!({ "id": format!("first-{words}"), "text": format!("{}\n{}", body(11 + words as u8 % 10), changed.join(" ")) }).to_string()
    };
    // Of 78 runs of 13 words, 63 and 48 are those of page-0.
    let essays = [nearly(75), nearly(60)];
    fs::write(folder.path().join("essays.jsonl"), essays.join("\n")).unwrap();
    let out = folder.path().join("out");
    succeed(&["build", recipe.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    succeed(&["verify", out.to_str().unwrap()]);
    let of = texts(&out);
    assert_eq!(of["first-75"], body(16));
    assert!(of["first-60"].contains(&body(0)[..100]));
    // Headers and footers are shorter than an n-gram.
    assert!(of["page-2"].ends_with(FOOTER));
    let cuts: Vec<ParagraphRow> = rows(&out, "paragraphs/cuts");
    assert_eq!(cuts.iter().map(|cut| cut.share).collect::<Vec<_>>(), [63.0 / 78.0]);
}

/// The texts that stand after the step, as documents and cuts give them, by key.
fn cut_texts(out: &Path) -> BTreeMap<Key, String> {
    let mut cuts: BTreeMap<Key, Vec<Range<usize>>> = BTreeMap::new();
    for row in rows::<ParagraphRow>(out, "paragraphs/cuts") {
        cuts.entry(row.key).or_default().push(row.start as usize..row.end as usize);
    }
    assert!(20 < cuts.len(), "{}", cuts.len());
    let none = Vec::new();
    let left = |row: DocumentRow| (row.key, without(&row.text, cuts.get(&row.key).unwrap_or(&none)).unwrap());
    rows::<DocumentRow>(out, "documents").into_iter().map(left).collect()
}

const CCNET: [&str; 4] = ["--set", "paragraphs.by=ccnet", "--set", "paragraphs.min-characters=100"];

#[test]
fn every_later_step_sees_the_text_without_them() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    quickstart(&out, &CCNET);
    succeed(&["verify", out.to_str().unwrap()]);
    let texts = cut_texts(&out);
    let by_key = |line: &Value| texts[&line["key"].as_str().unwrap().parse::<Key>().unwrap()].clone();
    for line in shard_lines(&out) {
        let (id, text) = (line["id"].as_str().unwrap(), line["text"].as_str().unwrap());
        let whole = by_key(&line);
        assert!(if id.contains('#') { whole.contains(text) } else { whole == text }, "{id}");
    }
    // The classifier scored what is left: it gives the same scores to these texts alone.
    let scored: BTreeMap<String, f64> =
        rows::<DecisionRow>(&out, "decisions/score").into_iter().filter_map(|row| Some((row.key.to_string(), row.score?))).collect();
    assert!(50 < scored.len());
    let lines = texts.iter().map(|(key, text)| json!({ "id": key.to_string(), "text": text }).to_string());
    let set = folder.path().join("left.jsonl");
    fs::write(&set, lines.collect::<Vec<_>>().join("\n")).unwrap();
    let said = stdout(&succeed(&["score", out.join("models/quality").to_str().unwrap(), set.to_str().unwrap()]));
    let of_texts: BTreeMap<String, f64> = said
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| (line["id"].as_str().unwrap().to_owned(), line["score"].as_f64().unwrap()))
        .collect();
    for (key, score) in &scored {
        assert_eq!(of_texts[key], *score, "{key}");
    }
    // A walk over some rows, as training takes it, gives the same texts as one over all; what was dropped is as it was.
    let opened = origin::open(&out).unwrap();
    let file = DocumentFile { source: "common-crawl".to_owned(), index: 0, inputs: Vec::new(), bytes: 0 };
    let before = Before { step: Some("paragraphs".to_owned()), is_cut: true, is_masked: false };
    let walk = || Walk::<TextRow>::open(Build { folder: &opened.folder, recipe: &opened.recipe }, &file, &before).unwrap();
    let all: Vec<(TextRow, Standing)> = walk().map(Result::unwrap).collect();
    let stored: Vec<DocumentRow> = rows(&out, "documents/common-crawl");
    for ((row, standing), stored) in all.iter().zip(&stored) {
        assert_eq!(&row.text, if standing.alive { &texts[&row.key] } else { &stored.text });
    }
    let third: Vec<u64> = (1..all.len() as u64).step_by(3).collect();
    let picked: Vec<(TextRow, Standing)> = walk().pick(&third).map(Result::unwrap).collect();
    assert_eq!(picked, third.iter().map(|&row| all[row as usize].clone()).collect::<Vec<_>>());
    // The model was taught with them.
    assert_ne!(manifest(&out)["models/quality/model.bin"], manifest(undisturbed())["models/quality/model.bin"]);
    // Cuts of another text are found by whoever applies them, and by `verify`.
    let path = out.join("paragraphs/cuts/common-crawl/00000.parquet");
    let mut cuts: Vec<ParagraphRow> = TableReader::open(&path).unwrap().map(Result::unwrap).collect();
    cuts.last_mut().unwrap().key = Key(7);
    let mut table = TableWriter::over(fs::File::create(&path).unwrap(), "cuts").unwrap();
    cuts.into_iter().for_each(|cut| table.push(cut).unwrap());
    table.into_inner().unwrap();
    assert!(walk().any(|row| row.is_err()));
    assert_eq!(run(&["verify", out.to_str().unwrap()]).status.code(), Some(1));
}

#[test]
fn threads_and_bundles_change_no_byte_of_the_data() {
    let folder = tempfile::tempdir().unwrap();
    let ngrams = ["--set", "paragraphs.by={ ngrams = { words = 5, threshold = 0.5 } }", "--set", "paragraphs.min-characters=1"];
    for (name, by) in [("ccnet", CCNET), ("ngrams", ngrams)] {
        let built = |more: &[&str]| {
            let out = folder.path().join(format!("{name}{}", more.join("")));
            quickstart(&out, &[&by, more].concat());
            manifest(&out)
        };
        let one = built(&["--threads", "1"]);
        assert_eq!(one, built(&["--threads", "2"]), "{name}");
        let data = |manifest: BTreeMap<String, String>| -> Vec<(String, String)> {
            manifest.into_iter().filter(|(path, _)| ["shards/", "models/"].iter().any(|folder| path.starts_with(folder))).collect()
        };
        assert_eq!(data(one), data(built(&["--set", "bundle-bytes=1"])), "{name}");
    }
}

#[test]
fn a_build_that_is_killed_continues_to_the_same_cuts() {
    let folder = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let first = folder.path().join("first");
    quickstart(&first, &CCNET);
    let (wanted, whole) = (manifest(&first), start.elapsed());
    for moment in 2..6 {
        let out = folder.path().join(moment.to_string());
        let arguments = [&["build", "pipelines/quickstart.toml", "--out", out.to_str().unwrap()], &CCNET[..]].concat();
        let mut child = gristmill(&arguments).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole * moment / 7 + Duration::from_millis(1));
        // SIGKILL; a child that is done already is no failure.
        let _ = child.kill();
        child.wait().unwrap();
        quickstart(&out, &CCNET);
        assert_eq!(manifest(&out), wanted, "killed after {moment} sevenths");
    }
}

#[test]
fn who_was_removed_owns_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let section = "[paragraphs]\nmin-characters = 100";
    let out = build(folder.path(), "out", section);
    fs::write(folder.path().join("takedown.txt"), "p0.example\n").unwrap();
    let recipe = lay_out(folder.path(), section);
    let (remove, gone) = (["--set", "remove=takedown.txt"], rows::<DocumentRow>(&out, "documents/crawl")[0].key);
    let build = |out: &Path| succeed(&[&["build", recipe.to_str().unwrap(), "--out", out.to_str().unwrap()], &remove[..]].concat());
    build(&out);
    let of = texts(&out);
    assert_eq!(of["page-1"], format!("{}\n{}\n{FOOTER}", header(1), body(1)));
    assert_eq!(of["page-2"], body(2));
    assert!(rows::<ParagraphRow>(&out, "paragraphs/cuts").iter().all(|cut| cut.owner != gone && cut.key != gone));
    let scratch = folder.path().join("scratch");
    build(&scratch);
    assert_eq!(manifest(&out), manifest(&scratch));
}

#[test]
fn what_cannot_be_is_refused_and_the_plan_knows_the_step() {
    let folder = tempfile::tempdir().unwrap();
    for (section, said) in [
        ("[paragraphs]\nby = \"ccnett\"", "\"ccnet\""),
        ("[paragraphs]\nby = { ngrams = { word = 3 } }", "did you mean \"words\""),
        ("[paragraphs]\nby = { ngrams = { threshold = 1.5 } }", "threshold is a share"),
        ("[paragraphs]\ncut-from = [\"crawls\"]", "did you mean \"crawl\""),
        ("[paragraphs]\nmin-characters = 0", "min-characters is at least 1"),
        ("[paragraphs]\nfalse-positive-rate = 0.9", "false-positive-rate is"),
    ] {
        let recipe = lay_out(folder.path(), section);
        let refused = run(&["plan", recipe.to_str().unwrap()]);
        assert!(refused.status.code() == Some(2) && stderr(&refused).contains(said), "{section}: {}", stderr(&refused));
    }
    let recipe = lay_out(folder.path(), "[paragraphs]\nby = { ngrams = {} }");
    let out = folder.path().join("out");
    let plan = stdout(&succeed(&["plan", recipe.to_str().unwrap(), "--out", out.to_str().unwrap(), "--json"]));
    let plan: Value = serde_json::from_str(&plan).unwrap();
    let steps: Vec<&str> = plan["steps"].as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect();
    assert_eq!(steps, ["extract", "filter", "paragraphs", "decontaminate", "tokens", "blend", "shard"]);
    let forecast = &plan["steps"][2]["forecast"];
    assert_eq!(forecast["files"], 4);
    assert!(0 < forecast["work_bytes"].as_u64().unwrap() && 0 < forecast["memory_bytes"].as_u64().unwrap(), "{forecast}");
}
