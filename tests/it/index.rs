//! A corpus that grows: what one run kept is an index for the next.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use gristmill::pipeline::steps::{DecisionRow, DocumentRow};
use gristmill::store::table::TableReader;

use crate::common::{run, stderr, stdout, succeed};

fn words(first: usize, n: usize) -> String {
    (first..first + n).map(|word| format!("word{word}")).collect::<Vec<_>>().join(" ")
}

/// Copies, near copies, chains, short and empty texts and texts of their own, the third part of which is of the part that is asked for.
fn part(of: usize) -> Vec<Value> {
    let text = |n: usize| match n {
        n if n % 11 == 0 => words(n / 110 * 3000, 150),
        n if n % 7 == 0 => format!("{} {}", words(n / 70 * 5000, 250), words(n * 31, 9)),
        n if n % 5 == 0 => words(600_000 + 20 * (n % 90), 200),
        n if n % 50 == 1 => ["", "!?", "one", "two words"][n % 4].to_owned(),
        n => words(n * 1009, 40 + n % 300),
    };
    let document = |n: usize| json!({"id": format!("{n}"), "url": format!("https://h{}.example/{n}", n % 2), "text": text(n)});
    (0..900).filter(|n| (n * 7 + n / 13) % 3 == of).map(document).collect()
}

fn write(folder: &Path, name: &str, documents: &[Value]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, documents.iter().map(|document| format!("{document}\n")).collect::<String>()).unwrap();
    path
}

/// Ids of what dedup kept of the sources of a folder.
fn kept(out: &Path) -> BTreeSet<String> {
    kept_of(out, "dedup")
}

fn kept_of(out: &Path, step: &str) -> BTreeSet<String> {
    let mut kept = BTreeSet::new();
    for source in fs::read_dir(out.join("documents")).unwrap() {
        let source = source.unwrap().file_name();
        let at = |table: &str| out.join(table).join(&source).join("00000.parquet");
        let rows = TableReader::<DecisionRow>::open(&at(&format!("decisions/{step}"))).unwrap().map(Result::unwrap);
        let ids = TableReader::<DocumentRow>::open(&at("documents")).unwrap().map(|row| row.unwrap().id);
        kept.extend(ids.zip(rows).filter(|(_, row)| row.verdict == "keep").map(|(id, _)| id));
    }
    kept
}

/// Runs `gristmill dedup` over one file into `out` beside it.
fn dedup(input: &Path, out: &str, more: &[&str]) -> PathBuf {
    let out = input.parent().unwrap().join(out);
    succeed(&[&["dedup", input.to_str().unwrap(), "--out", out.to_str().unwrap()], more].concat());
    out
}

#[test]
fn a_corpus_that_grows_in_parts_keeps_what_it_keeps_at_once() {
    let folder = tempfile::tempdir().unwrap();
    (0..3).for_each(|of| drop(write(folder.path(), &format!("part{of}.jsonl"), &part(of))));
    for (way, settings) in ["", "keep-one-per = \"host-and-cluster\"", "shingles = { tokens = 6 }\npairs = \"all\""].into_iter().enumerate()
    {
        let source = |of: usize| format!("[source.part{of}]\nread = {{ jsonl = [\"part{of}.jsonl\"] }}\n");
        let build = |name: &str, sources: String, more: &str, options: &[&str]| {
            let recipe = format!("{sources}[dedup]\nwithin = \"all-sources\"\n{settings}\n{more}\n[output]\n");
            let path = folder.path().join("recipe.toml");
            fs::write(&path, recipe).unwrap();
            let out = folder.path().join(format!("{name}-{way}"));
            succeed(&[&["build", path.to_str().unwrap(), "--out", out.to_str().unwrap()], options].concat());
            out
        };
        let at_once = build("at-once", (0..3).map(source).collect(), "priority = [\"part0\", \"part1\", \"part2\"]", &[]);
        let mut all = BTreeSet::new();
        for n in 0..3 {
            // Paths are relative to the recipe.
            let indexes: Vec<String> = (0..n).map(|n| format!("grown{n}-{way}")).collect();
            let more = format!("keep-index = true\nindex = {indexes:?}");
            let out = build(&format!("grown{n}"), source(n), &more, &[]);
            succeed(&["verify", out.to_str().unwrap()]);
            let again = build(&format!("again{n}"), source(n), &format!("{more}\npartition-bytes = 150000"), &["--threads", "1"]);
            for file in ["dedup/index.json", "dedup/pairs.parquet", "dedup/clusters.parquet"] {
                assert_eq!(fs::read(out.join(file)).unwrap(), fs::read(again.join(file)).unwrap(), "{file}");
            }
            let keys = format!("dedup/index/part{n}/00000.keys");
            assert_eq!(fs::read(out.join(&keys)).unwrap(), fs::read(again.join(&keys)).unwrap());
            let kept = kept(&out);
            assert!(all.is_disjoint(&kept) && !kept.is_empty());
            all.extend(kept);
        }
        assert_eq!(all, kept(&at_once));
        assert!(all.len() < 800, "{}", all.len());
    }
}

#[test]
fn what_an_index_takes_is_told_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let old = write(folder.path(), "old.jsonl", &[json!({"id": "first", "url": "https://a.example/first", "text": words(0, 200)})]);
    let new = [
        json!({"id": "copy", "text": words(0, 200)}),
        json!({"id": "near", "text": format!("{} more", words(0, 200))}),
        json!({"id": "other", "text": words(5000, 200)}),
    ];
    let new = write(folder.path(), "new.jsonl", &new);
    let index = dedup(&old, "old", &["--keep-index"]);
    let out = dedup(&new, "new", &["--index", index.to_str().unwrap(), "--write", "jsonl.zst"]);
    assert_eq!(kept(&out), BTreeSet::from(["other".to_owned()]));
    let out = out.to_str().unwrap();
    for id in ["copy", "near"] {
        let told = stdout(&succeed(&["explain", out, id]));
        assert!(told.contains("index ") && told.contains("first"), "{told}");
    }
    succeed(&["verify", out]);
    let report: Value = serde_json::from_slice(&fs::read(Path::new(out).join("dedup/report.json")).unwrap()).unwrap();
    let removed = &report["removed"][0];
    assert_eq!(
        (removed["from"].as_str(), removed["survivors_in"].as_str()),
        (Some("jsonl"), Some(format!("index {}", index.display()).as_str()))
    );
    assert_eq!((removed["exact"].as_u64(), removed["near"].as_u64()), (Some(1), Some(1)));
    let sheet = fs::read_to_string(Path::new(out).join("dedup/clusters.csv")).unwrap();
    assert!(sheet.contains("https://a.example/first"), "{sheet}");
    // A build that changes under a finished one is an input that changed.
    fs::write(&old, format!("{}\n", json!({"id": "second", "text": words(900, 200)}))).unwrap();
    succeed(&["dedup", old.to_str().unwrap(), "--out", index.to_str().unwrap(), "--keep-index", "--force"]);
    let again = ["dedup", new.to_str().unwrap(), "--out", out, "--index", index.to_str().unwrap(), "--write", "jsonl.zst"];
    let changed = run(&again);
    assert_eq!(changed.status.code(), Some(5), "{}", stderr(&changed));
    assert!(stderr(&changed).contains("the index "), "{}", stderr(&changed));
    succeed(&[&again[..], &["--force"]].concat());
    assert_eq!(kept(Path::new(out)).len(), 2);
}

#[test]
fn an_index_that_cannot_be_compared_with_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let old = write(folder.path(), "old.jsonl", &[json!({"id": "a", "text": words(0, 200)})]);
    let new = write(folder.path(), "new.jsonl", &[json!({"id": "b", "text": words(0, 200)})]);
    let refused = |index: &Path, more: &[&str], code: i32, says: &str| {
        let out = folder.path().join("out");
        let refused =
            run(&[&["dedup", new.to_str().unwrap(), "--out", out.to_str().unwrap(), "--index", index.to_str().unwrap()], more].concat());
        assert_eq!(refused.status.code(), Some(code), "{}", stderr(&refused));
        assert!(stderr(&refused).contains(says), "{says}: {}", stderr(&refused));
    };
    refused(&folder.path().join("nowhere"), &[], 2, "there is no folder");
    refused(&old, &[], 2, "there is no folder");
    fs::create_dir(folder.path().join("empty")).unwrap();
    refused(&folder.path().join("empty"), &[], 2, "no build with [dedup] was finished");
    let plain = dedup(&old, "plain", &[]);
    refused(&plain, &[], 2, "--keep-index");
    let index = dedup(&old, "index", &["--keep-index"]);
    refused(&index, &["--bands", "20"], 2, "14 bands of 8 rows there and 20 bands of 8 rows here");
    refused(&index, &["--one-per-host"], 2, "keep-one-per");
    refused(&index, &["--index", index.join("../index").to_str().unwrap()], 2, "are the same; name it once");
    let out = run(&["dedup", new.to_str().unwrap(), "--out", index.to_str().unwrap(), "--index", index.to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(2), "{}", stderr(&out));
    assert!(stderr(&out).contains("output folder itself"), "{}", stderr(&out));
    // A byte of what it holds.
    for (file, code) in [("dedup/index.json", 2), ("dedup/index/jsonl/00000.keys", 5), ("documents/jsonl/00000.parquet", 5)] {
        let path = index.join(file);
        let whole = fs::read(&path).unwrap();
        let mut damaged = whole.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        fs::write(&path, damaged).unwrap();
        refused(&index, &[], code, if code == 2 { "damaged" } else { file });
        fs::write(&path, whole).unwrap();
    }
    assert!(kept(&dedup(&new, "sound", &["--index", index.to_str().unwrap()])).is_empty());
}

/// A later file of the same path has the same keys for other documents.
#[test]
fn documents_of_the_same_name_are_not_taken_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let build = |name: &str, documents: &[Value], more: &str| {
        fs::create_dir(folder.path().join(name)).unwrap();
        write(&folder.path().join(name), "data.jsonl", documents);
        let recipe = format!("[source.web]\nread = {{ jsonl = [\"data.jsonl\"] }}\n[dedup]\nkeep-index = true\n{more}\n[output]\n");
        fs::write(folder.path().join(name).join("recipe.toml"), recipe).unwrap();
        let (recipe, out) = (folder.path().join(name).join("recipe.toml"), folder.path().join(name).join("out"));
        succeed(&["build", recipe.to_str().unwrap(), "--out", out.to_str().unwrap()]);
        succeed(&["verify", out.to_str().unwrap()]);
        out
    };
    build("old", &[json!({"id": "x", "text": words(0, 200)}), json!({"id": "y", "text": words(1000, 200)})], "");
    let new = [
        json!({"id": "y", "text": words(5000, 200)}),
        json!({"id": "z", "text": format!("{} more", words(5000, 198))}),
        json!({"id": "x", "text": words(1000, 200)}),
        json!({"id": "q", "text": format!("{} own", words(1000, 199))}),
    ];
    let out = build("new", &new, "index = [\"../old/out\"]");
    assert_eq!(kept(&out), BTreeSet::from(["y".to_owned()]));
    let sizes = &serde_json::from_slice::<Value>(&fs::read(out.join("dedup/report.json")).unwrap()).unwrap()["findings"]["sizes"];
    assert_eq!(*sizes, json!([[2, 1], [3, 1]]));
    let told = stdout(&succeed(&["explain", out.to_str().unwrap(), "y"]));
    assert!(told.contains("z of web") && !told.contains("of index"), "{told}");
    let told = stdout(&succeed(&["explain", out.to_str().unwrap(), "q"]));
    assert!(told.contains("y of index ../old/out, survivor"), "{told}");
}

/// However many texts of the index are better placed in the bands that they share.
#[test]
fn exact_copies_of_an_index_go_whatever_the_sources_are() {
    let folder = tempfile::tempdir().unwrap();
    let of_template = |n: usize| format!("{} {}", words(0, 300), words(10_000 + 4 * n, 4));
    let documents: Vec<Value> =
        (0..400).map(|n| json!({"id": n.to_string(), "text": of_template(n)})).chain([json!({"id": "none", "text": "?!"})]).collect();
    write(folder.path(), "old.jsonl", &documents);
    write(folder.path(), "new.jsonl", &documents);
    let build = |name: &str, more: &str| {
        let recipe = format!("[source.{name}]\nread = {{ jsonl = [\"{name}.jsonl\"] }}\n{more}");
        let path = folder.path().join("recipe.toml");
        fs::write(&path, format!("{recipe}\n[output]\n")).unwrap();
        let out = folder.path().join(format!("out-{name}"));
        succeed(&["build", path.to_str().unwrap(), "--out", out.to_str().unwrap()]);
        kept(&out).len()
    };
    let dedup = "[dedup]\nthreshold = 0.99\nkeep-index = true\n";
    assert_eq!(build("old", dedup), 401);
    assert_eq!(build("new", &format!("{dedup}index = [\"out-old\"]")), 0);
    // The same of a source that wins over another.
    let both = "[source.old]\nread = { jsonl = [\"old.jsonl\"] }\n[dedup]\nthreshold = 0.99\nremove-from = { new = [\"old\"] }\n";
    fs::remove_dir_all(folder.path().join("out-new")).unwrap();
    assert_eq!(build("new", both), 401, "those of the winner alone");
}

#[test]
fn urls_of_an_index_come_before_and_a_missing_link_of_a_chain_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let page = |id: &str, url: &str, first: usize| json!({"id": id, "url": url, "text": words(first, 200)});
    let first = write(folder.path(), "first.jsonl", &[page("a", "https://a.example/1", 0), page("b", "https://a.example/2", 1000)]);
    let second =
        write(folder.path(), "second.jsonl", &[page("c", "http://www.a.example/1/", 2000), page("d", "https://a.example/3", 3000)]);
    let one = dedup(&first, "one", &["--keep-index", "--same-url"]);
    let two = dedup(&second, "two", &["--keep-index", "--same-url", "--index", one.to_str().unwrap()]);
    assert_eq!(kept_of(&two, "urls"), BTreeSet::from(["d".to_owned()]));
    succeed(&["verify", two.to_str().unwrap()]);
    let told = stdout(&succeed(&["explain", two.to_str().unwrap(), "c"]));
    assert!(told.contains("for a of index ") && told.contains("https://a.example/1"), "{told}");
    let out = folder.path().join("three");
    let three = ["dedup", first.to_str().unwrap(), "--out", out.to_str().unwrap(), "--index", two.to_str().unwrap()];
    assert!(stderr(&succeed(&three)).contains("was itself compared with an index"));
    let whole = [&three[..], &["--index", one.to_str().unwrap()]].concat();
    assert!(!stderr(&succeed(&whole)).contains("was itself compared"));
    assert!(kept(&out).is_empty());
    // Whoever has lost the index still learns that it was one.
    fs::remove_dir_all(&one).unwrap();
    let told = stdout(&succeed(&["explain", two.to_str().unwrap(), "c"]));
    assert!(told.contains("an index that is not there any more"), "{told}");
}
