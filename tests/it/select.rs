//! From an index and a link table to the rows that there are to fetch.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::common::{repository, run, stderr, stdout, succeed};

/// Makes the table of the fixtures' submissions.
fn table(folder: &Path) -> String {
    let path = folder.join("links.parquet").to_str().unwrap().to_owned();
    succeed(&["links", "fixtures/submissions/RS_*.jsonl", "--out", &path]);
    path
}

fn select(folder: &Path, inputs: &[&str], out: &str, more: &[&str]) -> Output {
    let (links, out) = (folder.join("links.parquet"), folder.join(out));
    run(&[&["select"], inputs, &["--links", links.to_str().unwrap(), "--out", out.to_str().unwrap()], more].concat())
}

fn urls(lines: &str) -> BTreeSet<String> {
    lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["url"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_index_leads_to_the_pages_that_a_build_would_select() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let links = table(folder);
    for (settings, options) in [
        ("", &[][..]),
        (", min-karma = 50", &["--min-karma", "50"]),
        (", min-links = 2, match = \"registered-domain\"", &["--min-links", "2", "--match", "registered-domain"]),
        (", match = \"url-then-registered-domain\"", &["--match", "url-then-registered-domain"]),
    ] {
        let output = select(folder, &["fixtures/crawl.cdxj"], "out.jsonl", &[options, &["--json"]].concat());
        let made: Value = serde_json::from_slice(&output.stdout).unwrap();
        let written = fs::read_to_string(folder.join("out.jsonl")).unwrap();
        assert_eq!((&made["rows"], &made["bad"], &made["matched"]), (&312.into(), &0.into(), &written.lines().count().into()));
        assert_eq!(made["bytes"].as_u64(), Some(written.len() as u64));
        let rows: Vec<Value> = written.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let to_fetch: u64 = rows.iter().map(|row| row["length"].as_u64().unwrap()).sum();
        assert_eq!(made["bytes-to-fetch"].as_u64(), Some(to_fetch));
        // Of the pages that become documents, those that the recipe's selection takes.
        let crawl = repository("fixtures/crawl.warc.gz");
        let recipe = folder.join("recipe.toml");
        let text = format!(
            "[source.crawl]\nread = {{ warc = [{:?}] }}\n[source.linked]\nselect = {{ from = \"crawl\", linked-from = {{ table = {links:?}{settings} }} }}\n[output]\n",
            crawl.to_str().unwrap()
        );
        fs::write(&recipe, text).unwrap();
        let out = folder.join("build");
        // Of the settings before; the first time there is none.
        let _ = fs::remove_dir_all(&out);
        succeed(&["build", recipe.to_str().unwrap(), "--out", out.to_str().unwrap()]);
        let documents = crate::common::shard_lines(&out);
        let of = |source: &str| -> BTreeSet<String> {
            documents.iter().filter(|line| line["source"] == source).map(|line| line["url"].as_str().unwrap().to_owned()).collect()
        };
        let (selected, others) = (of("linked"), of("crawl"));
        let listed = urls(&written);
        assert!(!selected.is_empty() && selected.is_subset(&listed), "{settings}: {:?}", selected.difference(&listed).collect::<Vec<_>>());
        assert!(others.is_disjoint(&listed), "{settings}: {:?}", others.intersection(&listed).collect::<Vec<_>>());
    }
}

#[test]
fn what_was_selected_is_an_index_again_and_packed_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    table(folder);
    let output = select(folder, &["fixtures/crawl.cdxj"], "out.jsonl", &[]);
    assert!(output.status.success(), "{}", stderr(&output));
    let said = stdout(&output);
    for part in ["312  rows read", "not linked to", "by URL, 0 by domain", "bytes to fetch"] {
        assert!(said.contains(part), "{said}");
    }
    let plain = fs::read(folder.join("out.jsonl")).unwrap();
    let first = folder.join("out.jsonl").to_str().unwrap().to_owned();
    for name in ["again.jsonl.gz", "again.jsonl.zst"] {
        let twice = select(folder, &[&first], name, &[]);
        assert!(twice.status.success(), "{}", stderr(&twice));
        let packed = fs::read(folder.join(name)).unwrap();
        let mut unpacked = Vec::new();
        if name.ends_with(".gz") {
            flate2::read::MultiGzDecoder::new(&packed[..]).read_to_end(&mut unpacked).unwrap();
        } else {
            unpacked = zstd::decode_all(&packed[..]).unwrap();
        }
        assert!(unpacked == plain, "{name}");
        // Again to the same name, which is an index and may be replaced; the same rows give the same bytes.
        assert!(select(folder, &[&first], name, &[]).status.success());
        assert!(fs::read(folder.join(name)).unwrap() == packed, "{name}");
    }
}

#[test]
fn what_cannot_be_used_is_said_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    table(folder);
    let index = folder.join("in.jsonl").to_str().unwrap().to_owned();
    fs::write(&index, "{\"file\":\"a\",\"offset\":0,\"length\":1,\"url\":\"https://nobody.example/\"}\nnot a row\n").unwrap();
    let notes = folder.join("notes.txt").to_str().unwrap().to_owned();
    fs::write(&notes, "first\nsecond\n").unwrap();
    for (inputs, out, more, code, wanted) in [
        (&[notes.as_str()][..], "out", &[][..], 1, &["none of 2 rows", "2 not-a-row", "CDXJ"][..]),
        (&[&index], "in.jsonl", &[], 2, &["one of the inputs"]),
        (&[&index], "notes.txt", &[], 5, &["is no index"]),
        (&["fixtures/nowhere.cdxj"], "out", &[], 1, &["no file matches"]),
        (&[&index], "out", &["--min-links", "0"], 2, &["--min-links"]),
        (&[&index], "out", &["--match", "host"], 2, &["registered-domain"]),
        (&[&index], "out", &["--links", &notes], 2, &["--links"]),
    ] {
        let output = select(folder, inputs, out, more);
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{message}");
        assert!(wanted.iter().all(|part| message.contains(part)) && !folder.join("out").exists(), "{message}");
    }
    assert_eq!(fs::read_to_string(&notes).unwrap(), "first\nsecond\n");
    let names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(names.iter().all(|name| !name.ends_with(".tmp")), "{names:?}");
    // Nothing that is linked to is no error, and is said; so is a bad row.
    let empty = select(folder, &[&index], "out", &[]);
    assert!(empty.status.success() && stderr(&empty).contains("no row is linked to"), "{}", stderr(&empty));
    assert!(stdout(&empty).contains("1  bad: not-a-row"), "{}", stdout(&empty));
    assert_eq!(fs::read(folder.join("out")).unwrap(), b"");
}
