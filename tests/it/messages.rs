//! What a user reads when something is wrong: what was being done, to which file, where, and what to try.

use std::fs;
use std::path::Path;

use crate::common::{repository, run, stderr};

/// The quickstart recipe with one stretch replaced, in a folder of its own.
fn broken(folder: &Path, from: &str, to: &str) -> String {
    let text = fs::read_to_string(repository("pipelines/quickstart.toml")).unwrap();
    assert!(text.contains(from), "{from}");
    let path = folder.join("recipe.toml");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_broken_recipe_is_refused_with_its_place_and_nothing_is_written() {
    let cases = [
        ("threshold   = 0.8", "treshold = 0.8", &["did you mean \"threshold\"", "unknown key \"treshold\""][..]),
        ("seed = 2020", "sead = 2020", &["unknown key \"sead\"", "did you mean \"seed\""]),
        ("min-karma = 3", "min-carma = 3", &["unknown key \"min-carma\"", "did you mean \"min-karma\""]),
        ("\"gopher-quality\"", "\"gopher-qualty\"", &["did you mean \"gopher-quality\""]),
        ("min-probability = 0.65", "min-probabilty = 0.65", &["did you mean \"min-probability\""]),
        ("seed = 2020", "seed = \"many\"", &["seed: invalid type"]),
        ("shard-bytes = 262144", "shard-bytes = true", &["shard-bytes: invalid type"]),
        ("threshold   = 0.8", "threshold = nan", &["not a finite number"]),
        ("threshold   = 0.8", "threshold = 1.5", &["dedup", "1.5"]),
        ("bands = 14, rows = 8", "bands = 140, rows = 80", &["at most 4096"]),
        ("alpha = 2.0", "alpha = 0.0", &["alpha is above 0"]),
        ("positives = [\"webtext\",", "positives = [\"webtxt\",", &["no source \"webtxt\"", "did you mean \"webtext\""]),
        ("unfiltered = \"common-crawl\"", "unfiltered = \"comon-crawl\"", &["did you mean \"common-crawl\""]),
        ("model = \"quality\"", "model = \"qualty\"", &["no model \"qualty\"", "did you mean \"quality\""]),
        ("from = \"common-crawl\"", "from = \"webtext\"", &["is selected itself"]),
        ("common-crawl = 0.2,", "common-crawl = -0.2,", &["must be 0 to 1000000000"]),
        ("max-epochs = 3.0", "", &["state the blend by"]),
        ("tokenizer  = \"gpt2\"", "tokenizer = \"gpt9\"", &["no tokenizer \"gpt9\""]),
        (
            "remove-from = { common-crawl = [\"webtext\"] }",
            "remove-from = { common-crawl = [\"webtext\"], webtext = [\"common-crawl\"] }",
            &["no order does that"],
        ),
        ("keep = [\"en\"]", "keep = [\"english\"]", &["english"]),
        ("format      = \"jsonl.zst\"", "format = \"csv\"", &["unknown value \"csv\""]),
    ];
    for (from, to, wanted) in cases {
        let folder = tempfile::tempdir().unwrap();
        let recipe = broken(folder.path(), from, to);
        let out = folder.path().join("out");
        let output = run(&["build", &recipe, "--out", out.to_str().unwrap()]);
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{to}: {message}");
        assert!(message.starts_with(&format!("error: {recipe}:")), "{to}: {message}");
        let place: Vec<&str> = message["error: ".len() + recipe.len() + 1..].splitn(3, ':').collect();
        assert!(place[0].parse::<u32>().is_ok_and(|line| 0 < line) && place[1].parse::<u32>().is_ok(), "{to}: {message}");
        assert_eq!(message.trim_end().lines().count(), 1, "{message}");
        for part in wanted {
            assert!(message.contains(part), "{to}: {message}");
        }
        assert!(!out.exists(), "{to}: something was written");
    }
}

#[test]
fn the_place_is_the_line_and_column_of_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.toml");
    fs::write(&path, "# é\n[source.a]\nread = { text = [\"x\"] }\n\n[dedup]\n  treshold = 0.8\n").unwrap();
    let output = run(&["build", path.to_str().unwrap()]);
    assert!(stderr(&output).contains("r.toml:6:3: unknown key \"treshold\""), "{}", stderr(&output));
}

#[test]
fn a_wrong_override_names_itself() {
    for (set, wanted) in [
        ("dedup.treshold=0.7", "did you mean \"threshold\""),
        ("dedup.threshold", "KEY=VALUE"),
        ("dedup.threshold=high", "invalid type"),
        ("dedup.threshold=7", "dedup"),
        ("source.common-crawl.keep.rule.pareto.alpha=0", "alpha is above 0"),
        ("blend.tokenizer=gpt3", "no tokenizer"),
        ("blend.weights.wikipedia=1", "no source \"wikipedia\""),
        ("=3", "unknown key"),
        ("dedup.threshold=nan", "not a finite number"),
    ] {
        let output = run(&["build", "pipelines/quickstart.toml", "--out", "target/never", "--set", set]);
        assert_eq!(output.status.code(), Some(2), "{set}: {}", stderr(&output));
        assert!(stderr(&output).contains(&format!("--set {set}")) && stderr(&output).contains(wanted), "{set}: {}", stderr(&output));
    }
}

#[test]
fn the_place_is_the_option_that_is_at_fault() {
    for (from, to, at, more) in [
        ("threshold   = 0.8", "threshold = 1.5", "threshold = 1.5", &[][..]),
        ("bands = 14", "bands = 0", "minhash ", &[]),
        ("max-epochs = 3.0", "max-epochs = 0.0", "max-epochs = 0.0", &[]),
        ("common-crawl = 0.2,", "common-crawl = -0.2,", "common-crawl = -0.2,", &[]),
        // An override that is no part of the fault is not blamed for it.
        ("bands = 14", "bands = 0", "minhash ", &["--set", "dedup.threshold=0.7"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let recipe = broken(folder.path(), from, to);
        let text = fs::read_to_string(&recipe).unwrap();
        let before = &text[..text.find(at).unwrap()];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let place = format!("error: {recipe}:{}:{}: ", before.matches('\n').count() + 1, before[line_start..].chars().count() + 1);
        let out = folder.path().join("out");
        let output = run(&[&["build", &recipe, "--out", out.to_str().unwrap()], more].concat());
        assert!(stderr(&output).starts_with(&place), "{to}: not {place}: {}", stderr(&output));
    }
}

#[test]
fn a_recipe_that_is_no_text_or_empty_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes, wanted) in [
        ("latin1.toml", &b"seed = 1 # caf\xe9\n"[..], "cannot read the recipe"),
        ("open.toml", b"seed = 1\n[source.books\n", "open.toml:2:"),
        ("value.toml", b"seed = \n", "value.toml:1:"),
        ("empty.toml", b"", "source"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let output = run(&["build", path.to_str().unwrap(), "--out", folder.path().join("out").to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2), "{name}: {}", stderr(&output));
        assert!(stderr(&output).contains(name) && stderr(&output).contains(wanted), "{name}: {}", stderr(&output));
        assert_eq!(stderr(&output).trim_end().lines().count(), 1, "{name}: {}", stderr(&output));
    }
    assert!(!folder.path().join("out").exists());
}

#[test]
fn every_command_shows_an_example() {
    for command in ["build", "train", "dedup", "extract", "inspect", "links", "select"] {
        let output = run(&[command, "--help"]);
        assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("Example: gristmill "), "{command}");
    }
}

#[test]
fn missing_files_are_named_with_what_to_try() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    let none = run(&["build", "pipelines/none.toml", "--out", out]);
    assert_eq!(none.status.code(), Some(2));
    assert!(stderr(&none).contains("pipelines/none.toml"), "{}", stderr(&none));
    for (set, wanted) in
        [("source.books.read.books=[\"nowhere/*.txt\"]", "no file matches"), ("source.books.read.books=[\"nowhere.txt\"]", "nowhere.txt")]
    {
        let output = run(&["build", "pipelines/quickstart.toml", "--out", out, "--set", set]);
        assert_eq!(output.status.code(), Some(1));
        let message = stderr(&output);
        assert!(message.contains(wanted) && message.contains("books") && message.contains("pipelines"), "{message}");
    }
}

#[test]
fn a_model_without_a_class_says_what_was_counted() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let output = run(&[
        "train",
        "pipelines/retrain.toml",
        "--out",
        out.to_str().unwrap(),
        "--set",
        "model.quality.positives=[\"webtext\"]",
        "--set",
        "source.webtext.select.linked-from.min-karma=1000000",
    ]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("0 good documents") && stderr(&output).contains("min-karma"), "{}", stderr(&output));
    assert!(stderr(&output).contains("warning: links of webtext lead to 0 of "), "{}", stderr(&output));
}

#[test]
fn no_message_is_a_panic() {
    for arguments in [
        &["build"][..],
        &["dedup", "x.pdf", "--out", "target/never"],
        &["dedup", "fixtures/crawl.warc.gz"],
        &["inspect", "Cargo.toml"],
        &["extract", "nowhere.warc.gz"],
    ] {
        let output = run(arguments);
        assert!(!stderr(&output).contains("panicked"), "{arguments:?}: {}", stderr(&output));
    }
}

#[test]
fn bands_that_miss_the_threshold_are_warned_of_once_and_in_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let run_at = |threshold: &str| {
        let out = folder.path().join(threshold);
        let output = run(&["dedup", "fixtures/crawl.warc.gz", "--threshold", threshold, "--out", out.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0));
        let report: serde_json::Value = serde_json::from_slice(&fs::read(out.join("report.json")).unwrap()).unwrap();
        let of_bands = |warning: &&str| warning.contains("14 bands and 8 rows");
        let reported = report["warnings"].as_array().unwrap().iter().filter_map(|warning| warning.as_str()).filter(of_bands).count();
        (stderr(&output).lines().filter(of_bands).count(), reported)
    };
    assert_eq!(run_at("0.7"), (1, 1));
    assert_eq!(run_at("0.8"), (0, 0));
}

#[test]
fn a_build_that_cannot_go_on_still_reports_what_was_done() {
    let folder = tempfile::tempdir().unwrap();
    // No page has so many words, so the blend asks for a source of which nothing is left.
    let none = "source.common-crawl.filter=[{ gopher-quality = { min-words = 90000 } }]";
    let output = run(&["build", "pipelines/quickstart.toml", "--out", folder.path().to_str().unwrap(), "--set", none]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("report.html"), "{}", stderr(&output));
    let report = std::fs::read_to_string(folder.path().join("report.json")).unwrap();
    assert!(report.contains("the build stopped") && report.contains("min-words"), "{report}");
    assert!(!folder.path().join("manifest.json").exists());
}
