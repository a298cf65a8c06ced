//! What counts as a duplicate, who survives, and that neither depends on how the work is cut.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use gristmill::dedup::plan;
use gristmill::pipeline::steps::dedup::tables::PairRow;
use gristmill::pipeline::steps::{DecisionRow, DocumentRow};
use gristmill::store::table::TableReader;
use gristmill::tokens::Tokenizer;

use crate::common::{run, shard_lines, stderr, succeed};

/// `n` words that no other first word gives.
fn words(first: usize, n: usize) -> String {
    (first..first + n).map(|word| format!("word{word}")).collect::<Vec<_>>().join(" ")
}

/// A folder with `texts.jsonl` and a recipe whose `[dedup]` holds these lines.
fn folder(documents: &[Value], dedup: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let lines: String = documents.iter().map(|document| format!("{document}\n")).collect();
    fs::write(folder.path().join("texts.jsonl"), lines).unwrap();
    let recipe = format!("[source.texts]\nread = {{ jsonl = [\"texts.jsonl\"] }}\n[dedup]\nwithin = \"all-sources\"\n{dedup}\n[output]\n");
    fs::write(folder.path().join("recipe.toml"), recipe).unwrap();
    folder
}

fn build(folder: &Path, out: &str, more: &[&str]) {
    let (recipe, out) = (folder.join("recipe.toml"), folder.join(out));
    succeed(&[&["build", recipe.to_str().unwrap(), "--out", out.to_str().unwrap()], more].concat());
}

/// Of each document that was dropped the rule and the value, by id.
fn dropped(documents: &[Value], dedup: &str) -> BTreeMap<String, (String, f64)> {
    let folder = folder(documents, dedup);
    build(folder.path(), "out", &[]);
    let at = |path: &str| folder.path().join("out").join(path).join("texts/00000.parquet");
    let rows = TableReader::<DecisionRow>::open(&at("decisions/dedup")).unwrap().map(Result::unwrap);
    let ids = TableReader::<DocumentRow>::open(&at("documents")).unwrap().map(|row| row.unwrap().id);
    ids.zip(rows).filter_map(|(id, row)| Some((id, (row.rule?, row.value?)))).collect()
}

#[test]
fn a_text_inside_another_is_a_duplicate_if_asked_for() {
    let documents = [
        json!({"id": "whole", "text": words(0, 1000)}),
        json!({"id": "part", "text": words(100, 600)}),
        json!({"id": "half", "text": format!("{} {}", words(200, 300), words(5000, 300))}),
    ];
    let bands = "minhash = { bands = 400, rows = 1 }";
    assert!(dropped(&documents, bands).is_empty());
    let found = dropped(&documents, &format!("{bands}\ncontainment = 0.9"));
    assert_eq!(found, BTreeMap::from([("part".to_owned(), ("contained".to_owned(), 1.0))]));
    // Where the part is the better copy, the whole is not in it.
    let documents = [("whole", "2020", words(0, 1000)), ("part", "2019", words(100, 600))];
    let documents = documents.map(|(id, date, text)| json!({"id": id, "date": date, "text": text}));
    assert!(dropped(&documents, &format!("{bands}\ncontainment = 0.9\nprefer = [\"oldest\"]")).is_empty());
}

#[test]
fn a_copy_of_what_goes_goes_for_the_same_reason() {
    let documents = [("long", words(0, 320)), ("near", words(0, 300)), ("copy", words(0, 300))];
    let documents = documents.map(|(id, text)| json!({"id": id, "text": text}));
    let found = dropped(&documents, "");
    assert_eq!(found.values().map(|(rule, _)| rule.as_str()).collect::<Vec<_>>(), ["near-duplicate"; 2]);
    assert!(found.values().all(|(_, similarity)| 0.8 < *similarity && *similarity < 1.0));
}

/// More copies share a band than there are pivots.
#[test]
fn hosts_and_sources_do_not_hide_each_others_copies() {
    let copy = |host: usize, n: usize| json!({"id": format!("{host}/{n}"), "url": format!("https://h{host}.example/{n}"), "text": format!("{} own{host} own{n}", words(0, 200))});
    let documents: Vec<Value> = (0..600).map(|n| copy(n / 3, n)).collect();
    assert_eq!(dropped(&documents, "keep-one-per = \"host-and-cluster\"").len(), 400);
    let folder = tempfile::tempdir().unwrap();
    let recipe = |remove: &str| {
        format!(
            "[source.a]\nread = {{ jsonl = [\"a.jsonl\"] }}\n[source.b]\nread = {{ jsonl = [\"b.jsonl\"] }}\n[dedup]\n{remove}\n[output]\n"
        )
    };
    for (name, half) in [("a", &documents[..300]), ("b", &documents[300..])] {
        fs::write(folder.path().join(format!("{name}.jsonl")), half.iter().map(|document| format!("{document}\n")).collect::<String>())
            .unwrap();
    }
    for (out, remove, left) in [("apart", "", [1, 1]), ("joined", "remove-from = { b = [\"a\"] }", [1, 0])] {
        fs::write(folder.path().join("recipe.toml"), recipe(remove)).unwrap();
        build(folder.path(), out, &[]);
        let kept = |source: &str| {
            let path = folder.path().join(out).join(format!("decisions/dedup/{source}/00000.parquet"));
            TableReader::<DecisionRow>::open(&path).unwrap().filter(|row| row.as_ref().unwrap().verdict == "keep").count()
        };
        assert_eq!([kept("a"), kept("b")], left, "{out}");
    }
}

#[test]
fn the_preferred_copy_survives() {
    let near = |from: usize, n: usize| format!("{} {}", words(from, 300), words(9000, n));
    let documents = [
        json!({"id": "short", "date": "2019", "quality": 0.9, "text": near(0, 1)}),
        json!({"id": "long", "date": "2020", "quality": 0.1, "text": near(0, 5)}),
        json!({"id": "unknown", "text": near(0, 3)}),
    ];
    let survivor = |dedup: &str| {
        let found = dropped(&documents, dedup);
        ["short", "long", "unknown"].into_iter().filter(|id| !found.contains_key(*id)).collect::<Vec<_>>()
    };
    assert_eq!(survivor(""), ["long"]);
    assert_eq!(survivor("prefer = [\"oldest\", \"length\"]"), ["short"]);
    assert_eq!(survivor("prefer = [\"newest\"]"), ["long"]);
    assert_eq!(survivor("prefer = [\"score\"]\nscore-field = \"quality\""), ["short"]);
}

#[test]
fn hosts_keep_a_copy_each_if_asked_for() {
    let on = |id: &str, url: Option<&str>| json!({"id": id, "url": url, "text": format!("{} {id}", words(0, 400))});
    let documents = [
        on("a1", Some("https://a.example/1")),
        on("a2", Some("https://a.example/2")),
        on("b1", Some("https://b.example/1")),
        on("b2", Some("https://b.example/2")),
        on("c", None),
        on("d", None),
    ];
    assert_eq!(dropped(&documents, "").len(), 5);
    let found = dropped(&documents, "keep-one-per = \"host-and-cluster\"");
    let left: Vec<&str> = documents.iter().filter_map(|document| document["id"].as_str()).filter(|id| !found.contains_key(*id)).collect();
    assert_eq!((found.len(), left.len()), (3, 3));
    for host in [["a1", "a2"], ["b1", "b2"], ["c", "d"]] {
        assert_eq!(host.iter().filter(|id| left.contains(id)).count(), 1, "{left:?}");
    }
}

/// Every eleventh text copied, every seventh changed a little, and a template.
fn corpus() -> Vec<Value> {
    let text = |n: usize| match n {
        n if n % 11 == 0 => words(1000, 200),
        n if n % 7 == 0 => format!("{} {}", words(n / 70 * 5000, 250), words(n * 31, 9)),
        n if n % 5 == 0 => format!("{} {}", words(77, 90), words(n * 17 + 100_000, 4)),
        n => words(n * 1009, 40 + n % 300),
    };
    (0..900).map(|n| json!({"id": format!("{n}"), "url": format!("https://h{}.example/{}", n % 9, n % 400), "text": text(n)})).collect()
}

#[test]
fn partitions_and_threads_change_no_byte() {
    let dedup = "containment = 0.95\npairs = \"all\"\nminhash = { recall = 0.99 }";
    let folder = folder(&corpus(), dedup);
    let of = |out: &str, more: &[&str]| -> Vec<(String, Vec<u8>)> {
        build(folder.path(), out, more);
        let read = |name: &str| (name.to_owned(), fs::read(folder.path().join(out).join(name)).unwrap());
        ["dedup/pairs.parquet", "dedup/clusters.parquet", "decisions/dedup/texts/00000.parquet"].map(read).to_vec()
    };
    let one = of("one", &[]);
    for (out, more) in [
        ("threads", &["--threads", "1"][..]),
        ("some", &["--set", "dedup.partition-bytes=262144"]),
        ("many", &["--set", "dedup.partition-bytes=20000", "--threads", "2"]),
    ] {
        assert_eq!(one, of(out, more), "{out}");
    }
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("many/report.json")).unwrap()).unwrap();
    let dedup = &report["dedup"];
    assert!(60 < dedup["exact_duplicates"].as_u64().unwrap() && 60 < dedup["near_duplicates"].as_u64().unwrap(), "{dedup}");
}

#[test]
fn tokens_are_compared_if_asked_for() {
    let texts = [words(0, 90), words(3, 90).to_uppercase(), "!?".to_owned(), "!  ?".to_owned(), "! ?".to_owned()];
    let documents: Vec<Value> = texts.iter().enumerate().map(|(n, text)| json!({"id": format!("{n}"), "text": text})).collect();
    let folder = folder(&documents, "");
    let (input, out) = (folder.path().join("texts.jsonl"), folder.path().join("out"));
    let arguments = ["dedup", input.to_str().unwrap(), "--out", out.to_str().unwrap(), "--recall", "0.999", "--shingles"];
    succeed(&[&arguments[..], &["tokens=6"]].concat());
    let tokenizer = Tokenizer::new("gpt2").unwrap();
    let sets = [&texts[0], &texts[1]].map(|text| {
        let numbers = tokenizer.numbers(&text.to_lowercase()).unwrap();
        numbers.windows(6).map(<[u32]>::to_vec).collect::<BTreeSet<_>>()
    });
    let (shared, distinct) = (sets[0].intersection(&sets[1]).count(), sets[0].union(&sets[1]).count());
    let pairs = TableReader::<PairRow>::open(&out.join("dedup/pairs.parquet")).unwrap().map(Result::unwrap);
    let found: Vec<_> = pairs.map(|pair| (pair.shared, pair.distinct)).collect();
    assert_eq!(found, [(shared as u64, distinct as u64), (0, 0)], "the two and the copies of signs");
    for wrong in ["tokens", "letters=3", "words=0", "words=-1"] {
        let refused = run(&[&arguments[..], &[wrong]].concat());
        assert_eq!(refused.status.code(), Some(2), "{wrong}: {}", stderr(&refused));
    }
}

#[test]
fn survivors_are_written_if_asked_for() {
    let folder = folder(&corpus(), "");
    let texts = folder.path().join("texts.jsonl");
    let dedup = |out: &str, more: &[&str]| {
        let out = folder.path().join(out);
        succeed(&[&["dedup", texts.to_str().unwrap(), "--out", out.to_str().unwrap()], more].concat());
        out
    };
    assert!(!dedup("report", &[]).join("shards").exists());
    let lines = shard_lines(&dedup("written", &["--write", "jsonl.zst"]));
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("report/report.json")).unwrap()).unwrap();
    let documents = |name: &str| report["dedup"][name].as_u64().unwrap();
    assert_eq!(lines.len() as u64, documents("documents") - documents("exact_duplicates") - documents("near_duplicates"));
    succeed(&["verify", folder.path().join("written").to_str().unwrap()]);
    assert!(dedup("tables", &["--write", "parquet"]).join("shards").read_dir().unwrap().count() == 1);
    let refused = run(&["dedup", texts.to_str().unwrap(), "--out", "/nowhere", "--write", "csv"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("jsonl.zst"), "{}", stderr(&refused));
}

/// Each adversary has words of its own, so that none is a duplicate of another's.
#[test]
fn adversaries_get_what_they_deserve() {
    let mut documents: Vec<Value> = Vec::new();
    let mut push = |id: String, text: String| documents.push(json!({"id": id, "text": text}));
    (0..20_000).for_each(|n| push(format!("same {n}"), words(0, 80)));
    // Every two share 96 of 112 shingles.
    (0..20_000).for_each(|n| push(format!("similar {n}"), format!("{} {}", words(1_000, 100), words(10_000_000 + 8 * n, 8))));
    // Each resembles its neighbours at .81 and the next but one at .68.
    (0..60).for_each(|n| push(format!("chain {n}"), words(100_000 + 21 * n, 200)));
    ["!?", "?!", "one", "One.", "two words", "Two, words", "three words here"]
        .iter()
        .for_each(|text| push(format!("short {text}"), (*text).to_owned()));
    // 50 MB each.
    push("long".to_owned(), words(1_000_000, 4_200_000));
    push("long too".to_owned(), words(1_000_100, 4_200_000));
    let sentences: Vec<String> = (0..20).map(|n| format!("{}.", words(200_000 + 100 * n, 60))).collect();
    push("sentences".to_owned(), sentences.join(" "));
    push("sentences turned".to_owned(), sentences.iter().rev().cloned().collect::<Vec<_>>().join(" "));
    push("words turned".to_owned(), words(200_000, 60).split(' ').rev().collect::<Vec<_>>().join(" "));
    let found = dropped(&documents, "minhash = { recall = 0.999 }");
    let of = |start: &str| {
        found.iter().filter(|(id, _)| id.starts_with(start)).map(|(id, (rule, _))| (id.as_str(), rule.as_str())).collect::<Vec<_>>()
    };
    assert_eq!(of("same").len(), 19_999);
    // The survivor shares a band with each but for one in 100,000.
    assert!(19_995 <= of("similar").len() && of("similar").len() <= 19_999, "{}", of("similar").len());
    // Dropped for a neighbour, never for a neighbour's neighbour: at most two of three go, at least every other one.
    let links: Vec<bool> = (0..60).map(|n| found.contains_key(&format!("chain {n}"))).collect();
    assert!(links.windows(3).all(|three| three.contains(&false)) && links.windows(2).all(|two| two.contains(&true)), "{links:?}");
    // Texts of signs alone are what they are written as.
    assert_eq!(of("short"), [("short one", "near-duplicate"), ("short two words", "near-duplicate")]);
    for one in ["long", "sentences"] {
        assert_eq!(of(one).iter().map(|(_, rule)| *rule).collect::<Vec<_>>(), ["near-duplicate"], "{one}");
    }
    assert!(of("words turned").is_empty());
}

#[test]
fn scripts_without_spaces_are_compared_by_characters() {
    let chinese = "磨坊在河边已经立了三百年，每年秋天农民都把麦子运到这里来。磨坊主说，石磨转得越慢，面粉就越香。孩子们喜欢坐在水轮旁边，听水流的声音。";
    let japanese = "川のそばの水車小屋は三百年のあいだ粉をひいてきた。秋になると農家の人たちが麦を運んでくる。石臼がゆっくり回るほど粉は香りがよいと主人は言う。";
    let documents = [
        json!({"id": "zh", "text": chinese}),
        json!({"id": "zh near", "text": format!("{chinese}完。")}),
        json!({"id": "zh other", "text": "图书馆明天不开门，因为管理员要去城里买新书，下个星期一再来借阅。请把借走的书放在门口的箱子里，谢谢大家的配合。"}),
        json!({"id": "ja", "text": japanese}),
        json!({"id": "ja near", "text": format!("昔、{japanese}")}),
        json!({"id": "ja other", "text": "図書館は明日お休みです。係の人が新しい本を買いに町へ行くからです。借りた本は入り口の箱に入れてください。来週の月曜日にまた開きます。"}),
    ];
    let found = dropped(&documents, "minhash = { recall = 0.999 }");
    assert_eq!(found.keys().collect::<Vec<_>>(), ["ja", "zh"], "the longer copies survive");
}

#[test]
fn the_table_of_plans_is_what_is_planned() {
    let text = fs::read_to_string("docs/recipe.md").unwrap();
    let row = |start: &str| -> Vec<String> {
        let line = text.lines().find(|line| line.starts_with(start)).unwrap();
        line.trim_matches('|').split('|').skip(1).map(|cell| cell.trim().to_owned()).collect()
    };
    let (thresholds, shapes) = (row("| threshold | 0.5"), row("| bands x rows |"));
    assert_eq!((thresholds.len(), shapes.len()), (8, 8));
    for (threshold, shape) in thresholds.iter().zip(shapes) {
        let planned = plan(threshold.parse().unwrap(), 0.995);
        assert_eq!(format!("{} x {}", planned.bands, planned.rows), shape, "at {threshold}");
    }
}

#[test]
fn settings_that_cannot_hold_are_refused() {
    for (dedup, said) in [
        ("minhash = { recall = 1.5 }", "recall is a share"),
        ("minhash = { bands = 3 }", "minhash is { bands = N, rows = N }, or { recall = R }"),
        ("containment = 0", "containment is a share"),
        ("prefer = [\"score\"]", "go together"),
        ("prefer = [\"length\", \"length\"]", "at most two different"),
        ("prefer = [\"lenght\"]", "lenght"),
        ("partition-bytes = 10", "partition-bytes is"),
        ("keep-one-per = \"host\"", "host-and-cluster"),
    ] {
        let folder = folder(&corpus()[..1], dedup);
        let output = run(&["plan", folder.path().join("recipe.toml").to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2), "{dedup}: {}", stderr(&output));
        assert!(stderr(&output).contains(said), "{dedup}: {}", stderr(&output));
    }
}
