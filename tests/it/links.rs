//! From dumps and lists to a link table, and from the table to the documents that it selects.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::common::{json, run, shard_lines, stderr, stdout, succeed};

/// Twelve documents: four sites of three pages.
fn lay_out(folder: &Path) {
    let page = |n: u32| {
        let words: String = (0..40).map(|word| format!("word{} ", n * 977 + word * word)).collect();
        serde_json::json!({ "id": format!("p{n}"), "url": format!("https://www.site{}.example/{n}/", n / 3), "text": words })
    };
    let lines: Vec<String> = (0..12).map(|n| page(n).to_string()).collect();
    fs::write(folder.join("set.jsonl"), lines.join("\n")).unwrap();
    // Page 0 has 4 karma from two submissions, page 4 has 3 that are adult, page 6 too little, page 1 was voted down; site 3 is in the domain table alone.
    let dump = [
        r#"{"url":"http:\/\/site0.example\/0","score":2,"over_18":false}"#,
        r#"{"score":"2","url":"http://site0.example/0?utm_source=x"}"#,
        r#"{"url":"http://site0.example/1","score":-50}"#,
        r#"{"url":"http://site1.example/4","score":3,"over_18":true}"#,
        r#"{"url":"http://site2.example/6","score":1}"#,
        r#"{"url":"http://i.imgur.com/a.jpg","score":900}"#,
        r#"{"url":"https://www.reddit.com/r/x/comments/1/","score":9,"is_self":true}"#,
        "not json",
    ];
    fs::write(folder.join("RS_2011-01"), dump.join("\n")).unwrap();
    fs::write(folder.join("domains.tsv"), "domain\tlinks\tkarma\nsite3.example\t40\t900\n").unwrap();
}

fn links(folder: &Path, inputs: &[&str], more: &[&str]) -> Output {
    let path = |name: &&str| folder.join(name).to_str().unwrap().to_owned();
    let inputs: Vec<String> = inputs.iter().map(path).collect();
    let out = path(&"links.parquet");
    let inputs = inputs.iter().map(String::as_str);
    run(&["links"].into_iter().chain(inputs).chain(["--out", &out]).chain(more.iter().copied()).collect::<Vec<_>>())
}

fn made(folder: &Path, inputs: &[&str], more: &[&str]) -> Value {
    let output = links(folder, inputs, &[more, &["--json"]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn recipe(folder: &Path, linked_from: &str) -> String {
    let text = format!(
        "[source.set]\nread = {{ jsonl = [\"set.jsonl\"] }}\n[source.linked]\nselect = {{ from = \"set\", linked-from = {{ {linked_from} }} }}\n\
         [output]\n"
    );
    let path = folder.join("recipe.toml");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The pages that are selected, and what the report says of links.
fn selected(folder: &Path, linked_from: &str) -> (Vec<String>, Value) {
    let out = folder.join("out");
    // Of the selection before; the first time there is none.
    let _ = fs::remove_dir_all(&out);
    succeed(&["build", &recipe(folder, linked_from), "--out", out.to_str().unwrap()]);
    let lines = shard_lines(&out).into_iter().filter(|line| line["source"] == "linked");
    let mut pages: Vec<String> = lines.map(|line| line["id"].as_str().unwrap().to_owned()).collect();
    pages.sort();
    (pages, json(&out.join("report.json")))
}

#[test]
fn a_table_selects_what_its_files_select_and_leaves_karma_and_adult_links_to_the_recipe() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    lay_out(folder);
    let told = made(folder, &["RS_2011-01", "domains.tsv"], &[]);
    assert_eq!((&told["rows"], &told["kept"], &told["distinct-urls"], &told["over-18"]), (&9.into(), &6.into(), &4.into(), &1.into()));
    assert_eq!(told["skipped"], serde_json::json!({ "bad-row": 1, "media-host": 1, "self-post": 1 }));
    assert_eq!(told["scores"], serde_json::json!([1, 1, 2, 1, 0, 0, 0]));
    assert!(0 < told["peak-memory-bytes"].as_u64().unwrap() && 0 < told["bytes"].as_u64().unwrap());
    let files = "reddit = [\"RS_*\"], domains = [\"domains.tsv\"]";
    for (settings, wanted) in [
        ("", &["p0", "p4"][..]),
        (", min-karma = 1", &["p0", "p4", "p6"]),
        (", over-18 = \"drop\"", &["p0"]),
        (", min-links = 2", &["p0"]),
        (", match = \"registered-domain\"", &["p0", "p1", "p10", "p11", "p2", "p3", "p4", "p5", "p9"]),
        (", match = \"url-then-registered-domain\"", &["p0", "p10", "p11", "p2", "p3", "p4", "p5", "p9"]),
        (", match = \"url-then-registered-domain\", min-links = 2", &["p0", "p10", "p11", "p9"]),
    ] {
        for from in [files, "table = \"links.parquet\""] {
            assert_eq!(selected(folder, &format!("{from}{settings}")).0, wanted, "{from}{settings}");
        }
    }
    // Both together are added up, here to twice as many links.
    assert_eq!(selected(folder, &format!("table = \"links.parquet\", {files}, min-karma = 6")).0, ["p0", "p4"]);
}

#[test]
fn the_report_says_how_many_documents_came_by_url_and_by_domain() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    lay_out(folder);
    for (matching, by_url, by_domain) in [("url", 2, 0), ("registered-domain", 0, 9), ("url-then-registered-domain", 2, 6)] {
        let linked_from = format!("reddit = [\"RS_*\"], domains = [\"domains.tsv\"], match = \"{matching}\"");
        let (pages, report) = selected(folder, &linked_from);
        let links = &report["links"][0];
        assert_eq!((&links["by_url"], &links["by_domain"], &links["documents"]), (&by_url.into(), &by_domain.into(), &12.into()));
        assert_eq!(pages.len(), by_url + by_domain);
        assert_eq!((&links["rows"], &links["used"], &links["skipped"][0][0]), (&9.into(), &6.into(), &"bad-row".into()));
        let shown =
            stdout(&run(&["report", folder.join("out").to_str().unwrap()])) + &fs::read_to_string(folder.join("out/report.html")).unwrap();
        assert!(shown.contains("by registered domain"), "{shown}");
    }
}

#[test]
fn links_that_lead_nowhere_or_are_stale_or_cut_short_are_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    lay_out(folder);
    fs::write(folder.join("others.txt"), "https://other.example/1\nhttps://other.example/2\n").unwrap();
    let row = |n: u32| format!("{{\"url\":\"https://other.example/{n}\",\"score\":1}}\n");
    let dump: String = (0..3000).map(row).collect();
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.window_log(31).unwrap();
    encoder.write_all(dump.as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    fs::write(folder.join("RS_cut.zst"), &packed[..packed.len() - 7]).unwrap();
    let warnings = |linked_from: &str| -> BTreeMap<usize, String> {
        let report = selected(folder, linked_from).1;
        let told = report["warnings"].as_array().unwrap().iter().map(|warning| warning.as_str().unwrap().to_owned());
        told.filter(|warning| warning.contains("linked")).enumerate().collect()
    };
    let has = |warnings: &BTreeMap<usize, String>, parts: &[&str]| {
        warnings.values().any(|warning| parts.iter().all(|part| warning.contains(part)))
    };
    let nothing = warnings("urls = [\"others.txt\"]");
    assert!(has(&nothing, &["0 of 12 documents of set", "2 distinct URLs", "url-then-registered-domain"]), "{nothing:?}");
    let domain = warnings("urls = [\"others.txt\"], match = \"registered-domain\"");
    assert!(has(&domain, &["0 of 12 documents", "min-links"]) && !has(&domain, &["url-then"]), "{domain:?}");
    let wrong = warnings("urls = [\"domains.tsv\"]");
    assert!(has(&wrong, &["no row of its link files counts"]), "{wrong:?}");
    let cut = warnings("reddit = [\"RS_cut.zst\"]");
    assert!(has(&cut, &["truncated-input in RS_cut.zst"]) && has(&cut, &["nearly all link scores"]), "{cut:?}");
    let enough = warnings("reddit = [\"RS_2011-01\"]");
    assert!(!has(&enough, &["lead to"]) && !has(&enough, &["nearly all"]), "{enough:?}");
    // The command says the same, and makes a table of what came before.
    let output = links(folder, &["RS_cut.zst"], &[]);
    assert!(output.status.success());
    assert!(
        stderr(&output).contains("RS_cut.zst: truncated-input") && stderr(&output).contains("nearly all scores are 1"),
        "{}",
        stderr(&output)
    );
    assert!(stdout(&output).contains("100.0 %  of scores: 1\n"), "{}", stdout(&output));
}

#[test]
fn what_links_cannot_use_is_refused_with_what_to_try() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    lay_out(folder);
    fs::write(folder.join("names.txt"), "1542261 google\n596207 archive\n").unwrap();
    for (inputs, more, code, wanted) in [
        (&["names.txt"][..], &[][..], 2, &["names.txt", "--kind"][..]),
        (&["names.txt"], &["--kind", "urls"], 1, &["none of 1 row", "1 not-web"]),
        (&["RS_2011-01", "names.txt"], &["--kind", "domains"], 1, &["bad-row"]),
        (&["none.zst"], &[], 1, &["no file matches", "none.zst"]),
        (&["domains.tsv"], &["--kind", "table"], 1, &["as a link table"]),
    ] {
        let output = links(folder, inputs, more);
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{message}");
        assert!(wanted.iter().all(|part| message.contains(part)) && !folder.join("links.parquet").exists(), "{message}");
    }
    // What is no table is not replaced; a table is, even by itself with more.
    fs::write(folder.join("links.parquet"), "notes").unwrap();
    let refused = links(folder, &["RS_2011-01"], &[]);
    assert_eq!((refused.status.code(), fs::read(folder.join("links.parquet")).unwrap()), (Some(5), b"notes".to_vec()));
    fs::remove_file(folder.join("links.parquet")).unwrap();
    made(folder, &["RS_2011-01"], &[]);
    let more = made(folder, &["links.parquet", "domains.tsv"], &[]);
    assert_eq!((&more["kept"], &more["table-rows"], &more["distinct-domains"]), (&6.into(), &5.into(), &4.into()));
    let mut bytes = fs::read(folder.join("links.parquet")).unwrap();
    bytes[40] ^= 1;
    fs::write(folder.join("links.parquet"), bytes).unwrap();
    let output = run(&["build", &recipe(folder, "table = \"links.parquet\""), "--out", folder.join("out").to_str().unwrap()]);
    assert!(output.status.code() == Some(1) && stderr(&output).contains("links.parquet"), "{}", stderr(&output));
}

#[test]
fn settings_that_say_nothing_of_the_given_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (linked_from, wanted) in [
        ("min-karma = 3", "name link files: table"),
        ("domains = [\"d\"]", "add match = \"registered-domain\""),
        ("urls = [\"u\"], over-18 = \"drop\"", "only submissions say this"),
        ("urls = [\"u\"], self-posts = \"keep\"", "only submissions say this"),
        ("urls = [\"u\"], min-links = 0", "1 or more"),
        ("urls = [\"u\"], over-18 = \"hide\"", "hide"),
        ("urls = [\"u\"], match = \"host\"", "host"),
        ("table = [\"t\"]", "table"),
    ] {
        let output = run(&["build", &recipe(folder.path(), linked_from), "--out", folder.path().join("out").to_str().unwrap()]);
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{linked_from}: {message}");
        assert!(message.contains(wanted) && message.contains("recipe.toml:4:"), "{linked_from}: {message}");
    }
}
