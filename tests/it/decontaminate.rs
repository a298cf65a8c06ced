//! Decontamination as a user sees it: what the report says of each benchmark before and after the cuts, where each hit came from, and the self-test.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::common::{json as read_json, run, shard_lines, stderr, stdout, succeed};

/// `n` words that stand nowhere else.
fn words(beginning: &str, n: usize) -> String {
    (0..n).map(|word| format!("{beginning}{word}")).collect::<Vec<_>>().join(" ")
}

fn write_lines(path: &Path, lines: &[Value]) {
    fs::write(path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
}

/// A benchmark whose N is 9 while 13 words are cut, one with all its examples in more documents than may hold them, and documents that hold parts of both.
fn build(folder: &Path) -> std::process::Output {
    let mut examples = vec![
        json!({ "id": "nine", "q": { "text": words("nine", 9) }, "answers": [] }),
        json!({ "id": "long", "q": { "text": words("long", 40) }, "answers": [words("answer", 20)] }),
        json!({ "id": "apart", "q": { "text": words("apart", 30) }, "answers": [] }),
    ];
    examples.extend(
        (0..10).map(|n| json!({ "id": format!("unseen{n}"), "q": { "text": words(&format!("unseen{n}w"), 30) }, "answers": null })),
    );
    write_lines(&folder.join("nested.jsonl"), &examples);
    write_lines(&folder.join("notices.jsonl"), &[json!({ "text": words("notice", 15) })]);
    let page = |n: usize| words(&format!("page{n}w"), 120);
    let part =
        |beginning: &str, n: usize, range: std::ops::Range<usize>| words(beginning, n).split(' ').collect::<Vec<_>>()[range].join(" ");
    let held = [
        words("nine", 9),
        words("long", 40).to_uppercase().replace(' ', "\n"),
        words("answer", 20),
        // Ten words of it: measured, never cut.
        part("apart", 30, 3..13),
        format!("{} {}", words("long", 40), words("answer", 20)),
    ];
    let mut documents: Vec<Value> = (0..)
        .zip(&held)
        .map(|(n, held)| json!({ "id": format!("d{n}"), "text": format!("{} {held} {}", page(n), page(n + 100)) }))
        .collect();
    let notices = (0..12).map(|n| json!({ "id": format!("n{n}"), "text": format!("{} {}", page(n + 200), words("notice", 15)) }));
    documents.extend(notices);
    write_lines(&folder.join("set.jsonl"), &documents);
    let recipe = "[source.set]\nread = { jsonl = [\"set.jsonl\"] }\n\n[decontaminate]\nbenchmarks = [{ path = \"nested.jsonl\", fields = [\"q.text\", \"answers[]\"] }, \"notices.jsonl\"]\n\n[output]\n";
    fs::write(folder.join("recipe.toml"), recipe).unwrap();
    let at = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    succeed(&["build", &at("recipe.toml"), "--out", &at("out")])
}

#[test]
fn the_report_says_of_each_benchmark_how_much_stood_and_stands_in_the_documents() {
    let folder = tempfile::tempdir().unwrap();
    let output = build(folder.path());
    let out = folder.path().join("out");
    let report = read_json(&out.join("report.json"));
    let found = &report["decontamination"];
    // Of the nested one an example of 9 words and ten words of another stay: 13 are cut. Ignored n-grams stay too, and it is said.
    let overlap = json!([
        { "benchmark": "nested.jsonl", "n": 9, "examples": 13, "unprotected": 1, "dirty": 3, "dirty_after": 2 },
        { "benchmark": "notices.jsonl", "n": 13, "examples": 1, "unprotected": 0, "dirty": 1, "dirty_after": 1 },
    ]);
    assert_eq!(found["overlap"], overlap);
    assert_eq!(read_json(&out.join("decontaminate/overlap.json")), overlap);
    // 28 13-grams of 40 words, 8 of 20, and both once more.
    assert_eq!(found["hits"], json!([{ "benchmark": "nested.jsonl", "source": "set", "documents": 3, "hits": 72, "cuts": 3 }]));
    assert_eq!((found["ignored_grams"].as_u64(), found["ignored"].as_array().unwrap().len()), (Some(3), 3));
    assert_eq!(found["ignored"][0], json!([words("notice", 13), 12]));
    let said = stdout(&output);
    assert!(said.contains("13 examples, clean by 9-grams 76.9 % before the cuts, 84.6 % after"), "{said}");
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    for wanted in ["How much of each benchmark stands", "<td class=\"n\">84.6 %</td>", "the first 3 of 3"] {
        assert!(page.contains(wanted), "{wanted}");
    }
    let text: String = shard_lines(&out).iter().map(|row| row["text"].as_str().unwrap().to_lowercase()).collect();
    assert!(
        text.contains("nine8")
            && text.contains("apart12")
            && text.contains("notice14")
            && !text.contains("long")
            && !text.contains("answer")
    );
    let told = stdout(&succeed(&["explain", out.to_str().unwrap(), "d4"]));
    assert!(told.contains("is in item long, q.text of nested.jsonl, and 35 n-grams more here"), "{told}");
}

/// Masking must not hide a benchmark: every 13-gram of its 20 words lies over the address.
#[test]
fn an_item_with_an_address_is_found_with_and_without_masks() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let item = words("item", 20).replace("item9", "keeper@example.org");
    write_lines(&folder.path().join("bench.jsonl"), &[json!({ "text": item })]);
    for source in ["crawl", "notes"] {
        let text = format!("{} {item} {}", words(source, 120), words(&format!("{source}z"), 120));
        write_lines(&folder.path().join(format!("{source}.jsonl")), &[json!({ "id": source, "text": text })]);
    }
    let recipe = "[source.crawl]\nread = { jsonl = [\"crawl.jsonl\"] }\n[source.notes]\nread = { jsonl = [\"notes.jsonl\"] }\n[decontaminate]\nbenchmarks = [\"bench.jsonl\"]\n[output]\n";
    for mask in ["", "[mask]\n", "[mask]\nsources = [\"crawl\"]\nemail-placeholder = \"<mail>\"\n"] {
        fs::write(folder.path().join("recipe.toml"), format!("{recipe}{mask}")).unwrap();
        succeed(&["build", &at("recipe.toml"), "--out", &at("out")]);
        let overlap = json!([{ "benchmark": "bench.jsonl", "n": 13, "examples": 1, "unprotected": 0, "dirty": 1, "dirty_after": 0 }]);
        assert_eq!(read_json(&folder.path().join("out/decontaminate/overlap.json")), overlap, "{mask}");
        let rows = shard_lines(&folder.path().join("out"));
        assert_eq!(rows.len(), 4, "{mask}");
        assert!(rows.iter().all(|row| !row["text"].as_str().unwrap().contains("item")), "{mask}");
        let said = stdout(&succeed(&["decontaminate", "--self-test", &at("recipe.toml")]));
        assert!(said.lines().last().unwrap().starts_with("recall 1.000: 6 of 6"), "{mask}: {said}");
    }
}

#[test]
fn a_path_that_leads_nowhere_stops_the_plan_and_says_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path());
    let recipe = folder.path().join("recipe.toml");
    let text = fs::read_to_string(&recipe).unwrap().replace("q.text", "q.txt");
    fs::write(&recipe, text).unwrap();
    let output = run(&["plan", recipe.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.contains("line 1 of the benchmark nested.jsonl has no text at \"q.txt\"; it has text in id, q.text"), "{said}");
}

#[test]
fn the_self_test_finds_everything_that_it_plants() {
    let recipe = "pipelines/quickstart.toml";
    let said = stdout(&succeed(&["decontaminate", "--self-test", recipe]));
    assert!(said.contains("line breaks   recall 1.000") && said.contains("0 false alarms"), "{said}");
    assert!(said.lines().last().unwrap().starts_with("recall 1.000: "), "{said}");
    let tested: Value = serde_json::from_str(&stdout(&succeed(&["decontaminate", "--self-test", recipe, "--json"]))).unwrap();
    assert_eq!((&tested["found"], &tested["missed"]), (&tested["planted"], &json!([])));
    assert!(100 < tested["planted"].as_u64().unwrap(), "{tested}");
    let eight = succeed(&["decontaminate", "--self-test", recipe, "--set", "decontaminate.n=8"]);
    assert!(stdout(&eight).contains("8-grams are cut out"));
}

#[test]
fn decontaminate_says_what_it_can_do_and_what_it_needs() {
    let output = run(&["decontaminate", "pipelines/quickstart.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("gristmill decontaminate --self-test pipelines/quickstart.toml"), "{}", stderr(&output));
    let output = run(&["decontaminate", "--self-test", "pipelines/gpt.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("no [decontaminate]"), "{}", stderr(&output));
}
