//! Inputs that change under a build: nothing is done in silence, and only what they touch is done again.

use std::fs;
use std::path::Path;

use crate::common::{manifest, run, stderr, succeed};

/// Three text sets in tasks of their own, links and a benchmark.
fn lay_out(folder: &Path) -> String {
    let article = |set: &str, n: u32| {
        let words = "the miller weighs the flour before it leaves and writes the number down for each customer who has asked";
        serde_json::json!({ "id": format!("{set}-{n}"), "url": format!("https://{set}.example/{n}"), "text": format!("{words}. That was {n} of {set}.") })
    };
    for set in ["a", "b", "c"] {
        let lines: Vec<String> = (0..6).map(|n| article(set, n).to_string()).collect();
        fs::write(folder.join(format!("{set}.jsonl")), lines.join("\n")).unwrap();
    }
    fs::write(folder.join("links.tsv"), "https://a.example/1\t7\nhttps://a.example/2\t5\n").unwrap();
    fs::write(
        folder.join("bench.jsonl"),
        r#"{"text": "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"}"#,
    )
    .unwrap();
    let recipe = folder.join("recipe.toml");
    let text = r#"bundle-bytes = 1
[source.set]
read = { jsonl = ["?.jsonl"] }
[source.linked]
select = { from = "set", linked-from = { urls = ["links.tsv"] } }
[decontaminate]
benchmarks = ["bench.jsonl"]
"#;
    fs::write(&recipe, text).unwrap();
    recipe.to_str().unwrap().to_owned()
}

#[test]
fn an_input_that_changes_under_a_finished_build_is_told_and_touches_only_its_own_files() {
    let folder = tempfile::tempdir().unwrap();
    let recipe = lay_out(folder.path());
    let out = folder.path().join("out");
    let build = ["build", &recipe, "--out", out.to_str().unwrap()];
    succeed(&build);
    let stamp = |name: &str| fs::metadata(out.join(name)).unwrap().modified().unwrap();
    let stamps = |n: u32| stamp(&format!("documents/set/0000{n}.parquet"));
    for (changed, more) in
        [("b.jsonl", "\n{\"id\": \"b-6\", \"text\": \"one more\"}"), ("links.tsv", "https://b.example/3\t9\n"), ("bench.jsonl", "\n")]
    {
        let (before, files) = (manifest(&out), [stamps(0), stamps(1), stamps(2)]);
        let path = folder.path().join(changed);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{text}{more}")).unwrap();
        let refused = run(&build);
        assert_eq!(refused.status.code(), Some(5), "{changed}: {}", stderr(&refused));
        assert!(stderr(&refused).contains(changed) && stderr(&refused).contains("--force"), "{}", stderr(&refused));
        assert_eq!((manifest(&out), [stamps(0), stamps(1), stamps(2)]), (before, files), "a refused build touches nothing");
        succeed(&[&build[..], &["--force"]].concat());
        let scratch = folder.path().join(format!("scratch-{changed}"));
        succeed(&["build", &recipe, "--out", scratch.to_str().unwrap()]);
        assert_eq!(manifest(&out), manifest(&scratch), "{changed}");
        let rewritten: Vec<bool> = [stamps(0), stamps(1), stamps(2)].iter().zip(&files).map(|(now, then)| now != then).collect();
        assert_eq!(rewritten, [false, changed == "b.jsonl", false], "{changed}");
    }
    // One input more is no change of the others: it is read, and they are not read again.
    let files = [stamps(0), stamps(1), stamps(2)];
    fs::write(folder.path().join("d.jsonl"), r#"{"id": "d", "text": "a letter that came later"}"#).unwrap();
    succeed(&build);
    assert_eq!([stamps(0), stamps(1), stamps(2)], files);
    assert!(out.join("documents/set/00003.parquet").exists());
    // And one less leaves nothing behind.
    fs::remove_file(folder.path().join("d.jsonl")).unwrap();
    succeed(&build);
    assert!(!out.join("documents/set/00003.parquet").exists() && !out.join("ledger/extract/extract-00003.json").exists());
}
