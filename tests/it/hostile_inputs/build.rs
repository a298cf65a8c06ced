//! A build over the whole folder, and records of it that an index names: it ends well and balances, and with `--strict` says what was skipped.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::make::Made;
use super::{EXPECTED, FILES, folder, inspected};
use crate::common::{files, json, run, shard_lines, stderr, succeed};

/// Sources of the recipe: what each reads, and the ends of the names of its files.
const SOURCES: [(&str, &str, &[&str]); 6] = [
    ("archives", "warc", &[".warc", ".warc.gz", ".warc.zst", ".warc.xz", ".warc.bz2", ".arc", ".arc.gz"]),
    ("conversions", "wet", &[".wet"]),
    ("lines", "jsonl", &[".jsonl", ".jsonl.gz", ".jsonl.zst"]),
    ("pages", "html", &[".html", ".html.gz"]),
    ("tables", "parquet", &[".parquet"]),
    ("texts", "text", &[".txt", ".txt.gz", ".tar"]),
];

/// A row of an index.
fn row(file: &str, offset: &str, length: &str) -> Vec<u8> {
    format!("{{\"filename\":{},\"offset\":{offset},\"length\":{length}}}", Value::from(file)).into_bytes()
}

/// Rows of an index, and what becomes of each: the number of the page, or the rule that it goes by.
fn rows() -> Vec<(Vec<u8>, &'static str)> {
    let file = "sound.warc.gz";
    let made = Made(file);
    let member = super::make::gz(&made.page(1)).len();
    let (whole, bad) = (member.to_string(), "bad-index-row");
    vec![
        (row(file, "0", &whole), "1"),
        (row(file, "\"0\"", &format!("\"{whole}\"")), "1"),
        (row(file, &whole, &super::make::gz(&made.page(2)).len().to_string()), "2"),
        (row(file, "0", &(member - 1).to_string()), "truncated-input"),
        (row(file, "3", &whole), "damaged-record"),
        (row(file, "1000000000", "10"), "truncated-input"),
        (row(file, "9223372036854775000", "100"), "truncated-input"),
        (row(file, "18446744073709551615", "10"), bad),
        (row(file, "18446744073709551616", "10"), bad),
        (row(file, "0", "18446744073709551615"), bad),
        (row(file, "0", "4294967296"), bad),
        (row(file, "0", "0"), bad),
        (row(file, "-1", "10"), bad),
        (row(file, "1e3", "10"), bad),
        (row(file, "many", "10"), bad),
        (row(file, "null", "10"), bad),
        (row("", "0", "10"), bad),
        (row(" ", "0", "10"), bad),
        (row("a\0b", "0", "10"), bad),
        (row(&"n".repeat(10_000), "0", "10"), bad),
        (row("nothing.warc.gz", "0", "10"), "truncated-input"),
        (b"{}".to_vec(), bad),
        (b"[]".to_vec(), bad),
        (b"no row".to_vec(), bad),
        (b"\xff\xfe\0".to_vec(), bad),
        (b"{\"filename\":".repeat(100_000), bad),
        (vec![0; 10_000], bad),
    ]
}

/// The source of an index with these rows, which is written beside the recipe.
fn index(at: &Path, rows: &[Vec<u8>]) -> String {
    fs::write(at.join("index.jsonl"), rows.join(&b'\n')).unwrap();
    format!("[source.index]\nread = {{ warc-index = [\"index.jsonl\"] }}\nroot = {:?}\n[output]\n", folder().display().to_string())
}

/// Writes the recipe and the index beside it.
fn recipe(at: &Path) -> String {
    let mut recipe = String::from("seed = 1\n");
    for (name, format, ends) in SOURCES {
        let patterns: Vec<String> = ends.iter().map(|end| folder().join(format!("*{end}")).display().to_string()).collect();
        recipe += &format!("[source.{name}]\nread = {{ {format} = {patterns:?} }}\n");
    }
    recipe += &index(at, &rows().into_iter().map(|(row, _)| row).collect::<Vec<_>>());
    let path = at.join("recipe.toml");
    fs::write(&path, recipe).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_build_over_all_of_them_ends_and_balances() {
    let temporary = tempfile::tempdir().unwrap();
    let (recipe, out) = (recipe(temporary.path()), temporary.path().join("out"));
    let build = ["build", &recipe, "--out", out.to_str().unwrap()];
    succeed(&build);
    let report = json(&out.join("report.json"));
    let first: BTreeMap<&str, &Value> =
        report["funnel"].as_array().unwrap().iter().map(|source| (source["source"].as_str().unwrap(), &source["steps"][0])).collect();

    // What the build read of each source is what `inspect` said of its files: nothing was lost on the way, and nothing was read twice.
    let mut wanted: BTreeMap<&str, u64> = BTreeMap::new();
    for line in inspected() {
        let rejected: u64 = line["rejected"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
        let file = line["file"].as_str().unwrap();
        let (source, ..) =
            SOURCES.iter().find(|(_, _, ends)| ends.iter().any(|end| file.ends_with(end))).expect("a source reads each file");
        *wanted.entry(source).or_default() += line["admitted"].as_u64().unwrap() + rejected;
    }
    wanted.insert("index", rows().len() as u64);
    let read = first.iter().map(|(source, step)| (*source, step["read"].as_u64().unwrap())).collect::<BTreeMap<_, _>>();
    assert_eq!(read, wanted);
    for (source, step) in &first {
        let dropped: u64 = step["dropped"].as_array().unwrap().iter().map(|rule| rule["documents"].as_u64().unwrap()).sum();
        assert_eq!(step["read"].as_u64().unwrap(), step["kept"].as_u64().unwrap() + dropped, "{source}: {step}");
    }

    // The rows of the index that lie are counted by what is wrong with them, and cost no other.
    let mut rules: BTreeMap<&str, u64> = BTreeMap::new();
    rows().iter().filter(|(_, what)| what.parse::<u32>().is_err()).for_each(|(_, what)| *rules.entry(what).or_default() += 1);
    let dropped = first["index"]["dropped"].as_array().unwrap();
    let seen: BTreeMap<&str, u64> =
        dropped.iter().map(|rule| (rule["rule"].as_str().unwrap(), rule["documents"].as_u64().unwrap())).collect();
    assert_eq!(seen, rules, "{dropped:?}");

    // One document a line, without NUL, and those that were expected alone.
    let expected = EXPECTED.concat();
    let kept = shard_lines(&out);
    assert!(FILES.concat().len() < kept.len(), "{}", kept.len());
    for line in &kept {
        let id = line["id"].as_str().unwrap().rsplit('/').next().unwrap();
        let (file, n) = id.split_once('#').unwrap_or((id, "0"));
        let n = n.trim_end_matches(".txt");
        let pages = expected.iter().find(|(name, ..)| *name == file).map_or("", |(_, pages, ..)| pages);
        assert!(pages.split_whitespace().any(|page| page.split(['~', '=']).next() == Some(n)), "{file} has no page {n}");
        assert!(!line.to_string().contains("\\u0000"), "{id}");
    }
    succeed(&["verify", out.to_str().unwrap()]);

    // The same again, and every skipped thing is named.
    let before = files(&out);
    let strict = run(&[&build[..], &["--strict"]].concat());
    assert_eq!(strict.status.code(), Some(3), "{}", stderr(&strict));
    let message = stderr(&strict);
    for name in ["truncated-input", "damaged-record", "bad-length", "header-too-long", "other-container", "bad-index-row", "line-too-long"]
    {
        assert!(message.contains(name), "{name}: {message}");
    }
    assert_eq!(files(&out), before);
}

/// An index and its files belong together: where one is missing, nothing is known of how many records are, and the build stops and says where.
#[test]
fn an_index_that_leads_nowhere_is_told() {
    for (file, shown) in [
        ("no-such-file.warc.gz", "no-such-file.warc.gz"),
        ("../hostile-inputs/no-such-file", "no-such-file"),
        (".", "line 2"),
        ("\u{1b}[2J", "line 2"),
    ] {
        let temporary = tempfile::tempdir().unwrap();
        let recipe = temporary.path().join("recipe.toml");
        let sound = row("sound.warc.gz", "0", "100");
        fs::write(&recipe, index(temporary.path(), &[sound, row(file, "0", "10")])).unwrap();
        let out = temporary.path().join("out");
        let built = run(&["build", recipe.to_str().unwrap(), "--out", out.to_str().unwrap()]);
        let message = stderr(&built);
        assert_eq!(built.status.code(), Some(1), "{shown}: {message}");
        assert!(message.contains(shown) && !message.contains('\u{1b}'), "{shown}: {message:?}");
    }
}
