//! The dedup report says what the tables say, shows strangers' text as text, and nothing of it where that is asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use gristmill::store::table::TableReader;
use serde_json::Value;

use crate::common::{json, manifest, run, stderr, stdout, succeed};

gristmill::table! {
    /// A document of a cluster.
    pub struct InCluster {
        /// Key of the survivor.
        cluster: String,
        /// Its source.
        source: String,
        /// Its id.
        id: String,
        /// It stays.
        survivor: bool,
        /// Similarity to the survivor.
        jaccard: f64,
        /// Where it was found.
        url: Option<String>,
    }
}

gristmill::table! {
    /// A compared pair.
    pub struct Compared {
        /// duplicate or different.
        verdict: String,
        /// Shingles in either; 0 for equal texts.
        distinct: u64,
    }
}

/// Words of the composed documents that no report of ours says by itself.
const STRANGERS: [&str; 5] = ["zaphod", "HYPERLINK", "alert(", "flourbin", "Trillian"];

/// Two sources: a web of near-copies with hostile texts, ids and titles beside pages of their own, and an archive that holds copies of some. Gives the texts by id.
fn compose(folder: &Path) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let mut web = String::new();
    let mut archive = String::new();
    let mut put = |out: &mut String, id: String, url: &str, text: String| {
        let row = serde_json::json!({ "id": id, "url": url, "title": "Trillian \u{202e}<b>title", "text": text });
        *out += &(row.to_string() + "\n");
        texts.insert(id, text);
    };
    let base = |n: usize| -> String { (0..60).map(|i| format!("zaphod{n}w{i} ")).collect() };
    for n in 0..30 {
        let change = format!("<script>alert({n})</script> \u{202e}\u{2066}turn{n} {{{{ 7*191 }}}}");
        put(&mut web, format!("=HYPERLINK(\"x\",{n})"), &format!("https://w{}.flourbin.example/{n}", n % 3), base(0) + &change);
    }
    for n in 0..3 {
        put(&mut web, format!("+copy{n}"), "https://other.example/", base(1) + "Same  Text");
    }
    for n in 0..20 {
        put(&mut web, format!("@own{n}"), &format!("https://flourbin.example/own/{n}"), base(10 + n));
    }
    for n in 0..4 {
        put(&mut archive, format!("-old{n}"), "https://archive.example/", base(1) + if n < 2 { "same text" } else { "other words there" });
    }
    fs::write(folder.join("web.jsonl"), web).unwrap();
    fs::write(folder.join("archive.jsonl"), archive).unwrap();
    let recipe = |alarm: &str| {
        format!(
            "[source.web]\nread = {{ jsonl = [\"web.jsonl\"] }}\n[source.archive]\nread = {{ jsonl = [\"archive.jsonl\"] }}\n\
             [dedup]\nwithin = \"all-sources\"\npriority = [\"archive\", \"web\"]\nshingles = {{ words = 2 }}\n{alarm}"
        )
    };
    fs::write(folder.join("plain.toml"), recipe("alarm = { removal = 0.9 }\n")).unwrap();
    fs::write(folder.join("strict.toml"), recipe("alarm = { cluster = 29, removal = 0.4 }\n")).unwrap();
    texts
}

fn build(folder: &Path, recipe: &str, out: &str, more: &[&str]) -> String {
    let (recipe, out) = (folder.join(recipe), folder.join(out));
    stdout(&succeed(&[&["build", recipe.to_str().unwrap(), "--out", out.to_str().unwrap()], more].concat()))
}

fn read(out: &Path, name: &str) -> String {
    String::from_utf8(fs::read(out.join("dedup").join(name)).unwrap()).unwrap()
}

fn sum(values: &Value, of: &str) -> u64 {
    values.as_array().unwrap().iter().map(|value| value[of].as_u64().unwrap()).sum()
}

#[test]
fn its_numbers_are_those_of_the_tables_and_of_the_funnel() {
    let folder = tempfile::tempdir().unwrap();
    let texts = compose(folder.path());
    build(folder.path(), "plain.toml", "out", &[]);
    let out = folder.path().join("out");
    let report = json(&out.join("dedup/report.json"));
    let rows: Vec<InCluster> = TableReader::open(&out.join("dedup/clusters.parquet")).unwrap().map(Result::unwrap).collect();
    let removed: Vec<&InCluster> = rows.iter().filter(|row| !row.survivor).collect();
    assert!(30 < removed.len() && removed.iter().any(|row| row.jaccard < 1.0), "{}", removed.len());
    let n = removed.len() as u64;
    // Of each source, against the funnel of the whole report and the texts themselves.
    let whole = json(&out.join("report.json"));
    for source in ["web", "archive"] {
        let of = report["sources"].as_array().unwrap().iter().find(|of| of["source"] == source).unwrap().clone();
        let funnel = whole["funnel"].as_array().unwrap().iter().find(|of| of["source"] == source).unwrap().clone();
        let step = funnel["steps"].as_array().unwrap().iter().find(|step| step["step"] == "dedup").unwrap().clone();
        assert_eq!(
            (&of["documents"], of["exact"].as_u64().unwrap() + of["near"].as_u64().unwrap()),
            (&step["read"], sum(&step["dropped"], "documents"))
        );
        let lost = removed.iter().filter(|row| row.source == source).map(|row| texts[&row.id].len() as u64).sum::<u64>();
        assert_eq!(of["removed_bytes"].as_u64(), Some(lost), "{source}");
    }
    assert_eq!(report["bytes"].as_u64().unwrap(), texts.values().map(|text| text.len() as u64).sum::<u64>());
    // Who was removed for whom.
    let source_of: BTreeMap<&str, &str> =
        rows.iter().filter(|row| row.survivor).map(|row| (row.cluster.as_str(), row.source.as_str())).collect();
    for of in report["removed"].as_array().unwrap() {
        let fits = |row: &&&InCluster| of["from"] == row.source.as_str() && of["survivors_in"] == source_of[row.cluster.as_str()];
        let expected = removed.iter().filter(fits).count() as u64;
        assert_eq!(of["exact"].as_u64().unwrap() + of["near"].as_u64().unwrap(), expected, "{of}");
        assert!(0 < expected);
    }
    assert!(report["removed"].as_array().unwrap().iter().any(|of| of["from"] == "web" && of["survivors_in"] == "archive"));
    // Clusters, thresholds, pairs, hosts.
    let sizes = report["findings"]["sizes"].as_array().unwrap();
    let of_sizes = |weight: fn(u64) -> u64| sizes.iter().map(|of| weight(of[0].as_u64().unwrap()) * of[1].as_u64().unwrap()).sum::<u64>();
    let clusters: BTreeSet<&str> = rows.iter().map(|row| row.cluster.as_str()).collect();
    assert_eq!((of_sizes(|_| 1), of_sizes(|size| size)), (clusters.len() as u64, rows.len() as u64));
    assert_eq!(report["findings"]["largest"][0]["documents"], 30);
    let thresholds = report["thresholds"].as_array().unwrap();
    let at = |wanted: f64| thresholds.iter().find(|at| at["threshold"].as_f64() == Some(wanted)).unwrap();
    assert_eq!(
        (at(0.8)["removed"].as_u64(), at(0.7)["at_least"].as_bool(), at(0.9)["at_least"].as_bool()),
        (Some(n), Some(true), Some(false))
    );
    assert!(thresholds.windows(2).all(|two| two[1]["removed"].as_u64() <= two[0]["removed"].as_u64()), "{thresholds:?}");
    let pairs: Vec<Compared> = TableReader::open(&out.join("dedup/pairs.parquet")).unwrap().map(Result::unwrap).collect();
    let verified = pairs.iter().filter(|pair| pair.verdict == "duplicate" && pair.distinct != 0).count() as u64;
    assert_eq!(report["verified"].as_u64(), Some(verified));
    let host = report["findings"]["hosts"].as_array().unwrap().iter().find(|host| host["domain"] == "flourbin.example").unwrap().clone();
    let from_host = removed.iter().filter(|row| row.url.as_deref().unwrap().contains("flourbin")).count();
    assert_eq!((host["documents"].as_u64(), host["removed"].as_u64()), (Some(50), Some(from_host as u64)));
    for (name, n) in [("clusters.csv", rows.len()), ("pairs.csv", pairs.len())] {
        let sheet = read(&out, name);
        assert_eq!(csv::Reader::from_reader(sheet.as_bytes()).records().count(), n, "{name}");
    }
}

#[test]
fn hostile_text_is_shown_as_text_and_runs_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    compose(folder.path());
    build(folder.path(), "plain.toml", "out", &[]);
    let out = folder.path().join("out");
    let page = read(&out, "report.html");
    assert!(!page.contains("<script") && !page.contains("1337") && !page.contains(['\u{202e}', '\u{2066}']));
    assert!(page.contains("alert(") && page.contains("\\u{202e}") && page.contains("{{ 7*191 }}") && page.contains("Trillian"));
    assert!(page.contains("<del>") && page.contains("<ins>"));
    for name in ["clusters.csv", "pairs.csv"] {
        let sheet = read(&out, name);
        let mut cells = 0;
        for record in csv::Reader::from_reader(sheet.as_bytes()).records() {
            for cell in &record.unwrap() {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t']), "{name}: {cell}");
                cells += usize::from(cell.starts_with('\''));
            }
        }
        assert!(30 <= cells, "{name}: {cells}");
    }
}

#[test]
fn without_text_only_numbers_and_keys_are_left_and_the_build_still_verifies() {
    let folder = tempfile::tempdir().unwrap();
    compose(folder.path());
    build(folder.path(), "plain.toml", "out", &["--no-text"]);
    let out = folder.path().join("out");
    let place = out.to_str().unwrap();
    let names = ["report.json", "report.html", "clusters.csv", "pairs.csv"];
    let silent = |out: &Path| names.map(|name| (name, STRANGERS.iter().any(|word| read(out, name).contains(word))));
    assert_eq!(silent(&out), names.map(|name| (name, false)));
    succeed(&["verify", place]);
    let bare = names.map(|name| read(&out, name));
    assert!(bare[1].contains("texts were left out"));
    succeed(&["report", place]);
    assert_eq!(silent(&out), names.map(|name| (name, true)));
    succeed(&["verify", place]);
    succeed(&["report", place, "--no-text"]);
    assert!(names.map(|name| read(&out, name)) == bare);
    // `dedup` knows the flag too.
    let (input, other) = (folder.path().join("web.jsonl"), folder.path().join("other"));
    succeed(&["dedup", input.to_str().unwrap(), "--no-text", "--out", other.to_str().unwrap()]);
    assert_eq!(silent(&other), names.map(|name| (name, false)));
    fs::write(out.join("dedup/pairs.csv"), read(&out, "pairs.csv") + "duplicate,1,1,0,0,web,,web,,k,k\n").unwrap();
    let output = run(&["verify", place]);
    assert!(stdout(&output).contains("dedup/pairs.csv") && output.status.code() == Some(1), "{}", stdout(&output));
}

#[test]
fn threads_change_nothing_but_costs() {
    let folder = tempfile::tempdir().unwrap();
    compose(folder.path());
    let told = |threads: &str| {
        build(folder.path(), "plain.toml", threads, &["--threads", threads, "--set", "bundle-bytes=1024"]);
        let out = folder.path().join(threads);
        let mut report = json(&out.join("dedup/report.json"));
        report.as_object_mut().unwrap().remove("cost").unwrap();
        (report, read(&out, "clusters.csv"), read(&out, "pairs.csv"), manifest(&out)["dedup/findings.json"].clone())
    };
    assert!(told("1") == told("2"));
}

#[test]
fn what_is_out_of_the_ordinary_is_said_on_the_terminal_and_in_both_reports() {
    let folder = tempfile::tempdir().unwrap();
    compose(folder.path());
    let out = folder.path().join("out");
    let said = build(folder.path(), "plain.toml", "out", &[]);
    assert!(!said.contains("alarm") && json(&out.join("dedup/report.json"))["alarms"].as_array().unwrap().is_empty(), "{said}");
    let recipe = folder.path().join("strict.toml");
    let output = succeed(&["build", recipe.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    // Limits of alarms are no reason to look for duplicates again.
    assert!(stderr(&output).contains("nothing to do"), "{}", stderr(&output));
    let alarms: Vec<String> =
        json(&out.join("dedup/report.json"))["alarms"].as_array().unwrap().iter().map(|alarm| alarm.as_str().unwrap().to_owned()).collect();
    assert_eq!(alarms.len(), 2, "{alarms:?}");
    assert!(alarms[0].contains("1 cluster holds more than 29 documents") && alarms[1].contains("32 of 53 documents of web"), "{alarms:?}");
    let (said, page) = (stdout(&output), read(&out, "report.html"));
    let warnings = json(&out.join("report.json"))["warnings"].clone();
    for alarm in &alarms {
        assert!(said.contains(&format!("warning: {alarm}")), "{said}");
        assert!(warnings.as_array().unwrap().iter().any(|warning| warning == alarm.as_str()), "{warnings}");
        assert!(page.contains(&alarm[..40]));
    }
    fs::write(&recipe, fs::read_to_string(&recipe).unwrap().replace("removal = 0.4", "removal = 40")).unwrap();
    let output = run(&["build", recipe.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert!(output.status.code() == Some(2) && stderr(&output).contains("a share in 0 to 1"), "{}", stderr(&output));
}
