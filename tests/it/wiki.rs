//! Dumps of wikis through the program, in several languages: `fixtures/wiki` and what a reader sees of it.

use std::fs;

use serde_json::Value;

use crate::common::{files, json, repository, run, shard_lines, stderr, stdout, succeed};
use crate::inputs::pack::bz2;

/// The dumps with their names.
fn dumps() -> Vec<(String, String)> {
    let names = files(&repository("fixtures/wiki")).into_iter().filter(|name| name.ends_with(".xml"));
    names.map(|name| (name.clone(), fs::read_to_string(repository("fixtures/wiki").join(name)).unwrap())).collect()
}

/// Documents as `fixtures/wiki/articles.txt` has them.
fn written(mut documents: Vec<Value>) -> String {
    let field = |document: &Value, name: &str| document[name].as_str().unwrap_or_default().to_owned();
    documents.sort_by_key(|document| field(document, "url"));
    let article = |document: &Value| {
        format!("=== {} {} {}\n{}\n", field(document, "id"), field(document, "url"), field(document, "title"), field(document, "text"))
    };
    documents.iter().map(article).collect()
}

#[test]
fn dumps_in_five_languages_read_as_a_reader_sees_them() {
    let paths: Vec<String> = dumps().into_iter().map(|(name, _)| format!("fixtures/wiki/{name}")).collect();
    let arguments: Vec<&str> = ["extract"].into_iter().chain(paths.iter().map(String::as_str)).collect();
    let output = stdout(&succeed(&arguments));
    let seen = written(output.lines().map(|line| serde_json::from_str(line).unwrap()).collect());
    let expected = fs::read_to_string(repository("fixtures/wiki/articles.txt")).unwrap();
    assert!(seen == expected, "{seen}");
}

#[test]
fn a_build_reads_multistream_dumps_and_counts_what_is_no_article() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in dumps() {
        // A stream for the head, and one for each page, as multistream dumps have one for a hundred.
        let streams: Vec<u8> = text.split_inclusive("</page>").flat_map(|part| bz2(part.as_bytes())).collect();
        fs::write(folder.path().join(format!("{name}.bz2")), streams).unwrap();
    }
    let recipe = folder.path().join("recipe.toml");
    fs::write(&recipe, "[source.wiki]\nread = { mediawiki = [\"*-pages-articles.xml.bz2\"] }\n\n[output]\n").unwrap();
    let out = folder.path().join("out");
    // What a recipe asks to be left out is no fault, and so nothing for --strict.
    succeed(&["build", recipe.to_str().unwrap(), "--out", out.to_str().unwrap(), "--strict"]);
    let report = json(&out.join("report.json"));
    let step = &report["funnel"][0]["steps"][0];
    let dropped: Vec<(&str, u64)> = step["dropped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|drop| (drop["rule"].as_str().unwrap(), drop["documents"].as_u64().unwrap()))
        .collect();
    assert_eq!((step["read"].as_u64(), step["kept"].as_u64()), (Some(14), Some(6)), "{step}");
    let mut dropped = dropped;
    dropped.sort_unstable();
    assert_eq!(dropped, [("disambiguation", 3), ("not-an-article", 2), ("redirect", 3)]);
    assert_eq!(written(shard_lines(&out)), fs::read_to_string(repository("fixtures/wiki/articles.txt")).unwrap());
    // Where a page lies is where it can be fetched.
    let explained = stdout(&succeed(&["explain", out.to_str().unwrap(), "https://de.millpedia.example/wiki/M%C3%BChle_am_Odertal"]));
    assert!(explained.contains("bzip2 -dc") && explained.contains("tail -c +"), "{explained}");
}

#[test]
fn prose_of_a_dump_is_its_paragraphs_without_headings_and_lists() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in dumps() {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let out = |format: &str| {
        let (recipe, out) = (folder.path().join("recipe.toml"), folder.path().join(format));
        fs::write(&recipe, format!("[source.wiki]\nread = {{ {format} = [\"*.xml\"] }}\n\n[output]\n")).unwrap();
        succeed(&["build", recipe.to_str().unwrap(), "--out", out.to_str().unwrap()]);
        assert!(fs::read_to_string(out.join("README.md")).unwrap().contains(&format!("{format}: ")));
        written(shard_lines(&out))
    };
    let (all, prose) = (out("mediawiki"), out("mediawiki-prose"));
    let lines: Vec<&str> = prose.lines().collect();
    // Nothing but lines of the whole text, in their order; no item of a list, and fewer lines.
    let mut whole = all.lines();
    assert!(lines.iter().all(|line| whole.any(|other| other == *line)), "{prose}");
    assert!(all.lines().any(|line| line.starts_with("- ")) && !lines.iter().any(|line| line.starts_with("- ")), "{prose}");
    assert!(lines.len() < all.lines().count());
}

#[test]
fn inspect_knows_a_dump_by_its_contents() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("download.bin");
    fs::write(&path, bz2(dumps()[0].1.as_bytes())).unwrap();
    let said = stdout(&succeed(&["inspect", path.to_str().unwrap()]));
    assert!(said.contains("bzip2 mediawiki") && said.contains("not admitted: redirect"), "{said}");
    fs::write(&path, "<html>").unwrap();
    let output = run(&["inspect", path.to_str().unwrap()]);
    assert!(output.status.code() == Some(2) && stderr(&output).contains(".xml"), "{}", stderr(&output));
}
