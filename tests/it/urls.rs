//! One copy of each URL: which spellings are one, whose copy stays, and that nothing else is touched.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use gristmill::pipeline::steps::{DecisionRow, DocumentRow};
use gristmill::store::table::TableReader;

use crate::common::{files, json, manifest, shard_lines, stderr, stdout, succeed};

/// A text that resembles no other one.
fn text(n: usize) -> String {
    (0..40).map(|word| format!("word{}", n * 40 + word)).collect::<Vec<_>>().join(" ")
}

/// A record with a text of its own.
fn page(n: usize, id: &str, url: &str, date: &str) -> Value {
    json!({"id": id, "url": url, "date": date, "text": text(n)})
}

/// A folder with text sets as sources, and a recipe whose `[dedup]` holds these lines beside `same-url`.
fn folder(sources: &[(&str, &[Value])], dedup: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut recipe = String::new();
    for (name, documents) in sources {
        let lines: String = documents.iter().map(|document| format!("{document}\n")).collect();
        fs::write(folder.path().join(format!("{name}.jsonl")), lines).unwrap();
        recipe += &format!("[source.{name}]\nread = {{ jsonl = [\"{name}.jsonl\"] }}\n");
    }
    recipe += &format!("[dedup]\nsame-url = true\n{dedup}\n[output]\n");
    fs::write(folder.path().join("recipe.toml"), recipe).unwrap();
    folder
}

fn build(folder: &Path, out: &str, more: &[&str]) {
    let (recipe, out) = (folder.join("recipe.toml"), folder.join(out));
    succeed(&[&["build", recipe.to_str().unwrap(), "--out", out.to_str().unwrap()], more].concat());
}

/// Of each document that was dropped by its URL the id of the one that it was dropped for.
fn dropped(out: &Path, sources: &[&str]) -> BTreeMap<String, String> {
    let mut ids = BTreeMap::new();
    let mut lost = Vec::new();
    for source in sources {
        let at = |path: &str| out.join(path).join(source).join("00000.parquet");
        let rows = TableReader::<DecisionRow>::open(&at("decisions/urls")).unwrap().map(Result::unwrap);
        for (document, row) in TableReader::<DocumentRow>::open(&at("documents")).unwrap().map(Result::unwrap).zip(rows) {
            assert_eq!(document.key, row.key);
            ids.insert(document.key, document.id.clone());
            assert_eq!(row.cluster.is_some(), row.verdict == "drop", "{row:?}");
            if let Some(winner) = row.cluster {
                assert_eq!((row.filter.as_deref(), row.rule.as_deref()), (Some("urls"), Some("same-url")));
                lost.push((document.id, winner));
            }
        }
    }
    lost.into_iter().map(|(id, winner)| (id, ids[&winner].clone())).collect()
}

/// Builds, and gives what was dropped by its URL for what.
fn built(sources: &[(&str, &[Value])], dedup: &str) -> BTreeMap<String, String> {
    let folder = folder(sources, dedup);
    build(folder.path(), "out", &[]);
    let out = folder.path().join("out");
    let found = dropped(&out, &sources.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    let report = json(&out.join("report.json"));
    assert_eq!(report["law"]["dropped"].as_u64().unwrap(), found.len() as u64, "only URLs drop here: {report}");
    assert_eq!(report["law"]["read"].as_u64().unwrap(), sources.iter().map(|(_, documents)| documents.len() as u64).sum::<u64>());
    succeed(&["verify", out.to_str().unwrap()]);
    found
}

fn pairs(of: &[(&str, &str)]) -> BTreeMap<String, String> {
    of.iter().map(|(loser, winner)| ((*loser).to_owned(), (*winner).to_owned())).collect()
}

/// One page in six spellings, its neighbours, and what has no web URL.
fn recrawled() -> Vec<Value> {
    vec![
        page(0, "old", "http://mill.example/stones", "2017-01-01T00:00:00Z"),
        page(1, "https", "https://www.mill.example/stones", "2018-01-01T00:00:00Z"),
        page(2, "fragment", "https://mill.example/stones#fine", "2019-01-01T00:00:00Z"),
        page(3, "newest", "https://MILL.example:443/stones/?utm_source=letter&fbclid=7", "2021-06-01T00:00:00Z"),
        page(4, "dots", "http://mill.example:80/water/../st%6Fnes", "2020-01-01T00:00:00Z"),
        json!({"id": "dateless", "url": "http://mill.example/stones?", "text": text(500)}),
        page(6, "other path", "http://mill.example/Stones", "2016-01-01T00:00:00Z"),
        page(7, "other query", "http://mill.example/stones?page=2", "2016-01-01T00:00:00Z"),
        page(8, "other port", "http://mill.example:8080/stones", "2016-01-01T00:00:00Z"),
        json!({"id": "nowhere", "text": text(9)}),
        json!({"id": "nowhere too", "text": text(10)}),
        page(11, "no web", "ftp://mill.example/stones", "2016-01-01T00:00:00Z"),
        page(12, "no web too", "ftp://mill.example/stones", "2016-01-01T00:00:00Z"),
        page(13, "no URL", "mill stones", "2016-01-01T00:00:00Z"),
    ]
}

#[test]
fn the_best_of_a_page_stays_however_its_url_is_spelled() {
    let all = |winner: &'static str| {
        let copies = ["old", "https", "fragment", "newest", "dots", "dateless"].into_iter().filter(move |id| *id != winner);
        pairs(&copies.map(|id| (id, winner)).collect::<Vec<_>>())
    };
    let documents: &[(&str, &[Value])] = &[("texts", &recrawled())];
    assert_eq!(built(documents, "prefer = [\"newest\"]"), all("newest"));
    assert_eq!(built(documents, "prefer = [\"oldest\"]"), all("old"));
    // The longest text is that with the longest words.
    assert_eq!(built(documents, "within = \"all-sources\""), all("dateless"));
    // How many copies hosts keep does not matter where the host is one.
    assert_eq!(built(documents, "prefer = [\"newest\"]\nkeep-one-per = \"host-and-cluster\""), all("newest"));
}

#[test]
fn what_is_done_is_said() {
    let folder = folder(&[("texts", &recrawled())], "prefer = [\"newest\"]");
    build(folder.path(), "out", &[]);
    let out = folder.path().join("out");
    let report = json(&out.join("report.json"));
    let urls = &report["urls"];
    assert_eq!((urls["documents"].as_u64(), &urls["removed"]), (Some(14), &json!([["texts", "texts", 5]])));
    let note = |name: &str| urls["notes"].as_array().unwrap().iter().find(|note| note[0] == name).unwrap()[1].as_u64().unwrap();
    assert_eq!((note("documents without a URL, which stay"), note("documents with what is no web URL, which stay")), (2, 3));
    assert_eq!((note("distinct URLs"), note("URLs of more than one document")), (4, 1));
    let steps = report["funnel"][0]["steps"].as_array().unwrap();
    let step = |name: &str| steps.iter().find(|step| step["step"] == name).unwrap();
    assert_eq!((&step("urls")["read"], &step("urls")["kept"], &step("dedup")["read"]), (&json!(14), &json!(9), &json!(9)));
    assert_eq!(step("urls")["dropped"], json!([{"filter": "urls", "rule": "same-url", "documents": 5}]));
    // What went by its URL is no near-duplicate.
    assert_eq!((&report["dedup"]["near_duplicates"], &report["dedup"]["exact_duplicates"]), (&json!(0), &json!(0)));
    let found = json(&out.join("dedup/report.json"));
    assert_eq!((&found["removed_by_url"], &found["near_duplicates"], &found["documents"]), (&json!(5), &json!(0), &json!(9)));
    assert!(fs::read_to_string(out.join("dedup/report.html")).unwrap().contains("Removed by URL before: 5,"));
    assert!(fs::read_to_string(out.join("report.html")).unwrap().contains("5 of 14 documents were removed"));
    let terminal = stdout(&succeed(&["report", out.to_str().unwrap()]));
    assert!(terminal.contains("urls: 5 of 14 documents removed"), "{terminal}");
    assert_eq!(shard_lines(&out).len(), 9);

    let words = stdout(&succeed(&["explain", out.to_str().unwrap(), "fragment"]));
    assert!(words.contains("dropped in step urls by urls/same-url"), "{words}");
    assert!(words.contains("for newest of texts (") && words.contains("https://MILL.example:443/stones/?utm_source=letter"), "{words}");
    let told: Value = serde_json::from_slice(&succeed(&["explain", out.to_str().unwrap(), "fragment", "--json"]).stdout).unwrap();
    let step = told["found"][0]["steps"].as_array().unwrap().iter().find(|step| step["step"] == "urls").unwrap();
    let newest: Value = serde_json::from_slice(&succeed(&["explain", out.to_str().unwrap(), "newest", "--json"]).stdout).unwrap();
    assert_eq!((&step["same_url"]["id"], &step["same_url"]["key"]), (&json!("newest"), &newest["found"][0]["key"]));

    // One that hosts decide about does not run this step again; without the option nothing is left of it.
    let plan = |more: &[&str]| {
        let recipe = folder.path().join("recipe.toml");
        let output = succeed(&[&["plan", recipe.to_str().unwrap(), "--out", out.to_str().unwrap(), "--json"], more].concat());
        let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
        let steps = plan["steps"].as_array().unwrap().iter();
        steps.map(|step| (step["step"].as_str().unwrap().to_owned(), step["state"] == "to-run")).collect::<Vec<_>>()
    };
    let hosts = plan(&["--set", "dedup.keep-one-per=host-and-cluster"]);
    let names: Vec<&str> = hosts.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["extract", "filter", "urls", "dedup", "shard"]);
    assert_eq!(hosts.iter().map(|(_, runs)| *runs).collect::<Vec<_>>(), [false, false, false, true, true]);
    build(folder.path(), "out", &["--force", "--set", "dedup.same-url=false"]);
    assert!(!files(&out).iter().any(|path| path.contains("urls")), "{:?}", files(&out));
    assert_eq!(shard_lines(&out).len(), 14);
    assert!(json(&out.join("report.json"))["urls"].is_null());
    succeed(&["verify", out.to_str().unwrap()]);
}

/// Two documents of each source on one page.
fn sources(names: &[&'static str]) -> Vec<(&'static str, Vec<Value>)> {
    let two = |place: usize, name: &str| {
        let of = |n: usize| page(10 * place + n, &format!("{name}{n}"), "https://mill.example/wheel", &format!("202{n}"));
        vec![of(1), of(2)]
    };
    names.iter().enumerate().map(|(place, name)| (*name, two(place, name))).collect()
}

#[test]
fn sources_stand_to_each_other_as_in_dedup() {
    let of = |sources: &[(&'static str, Vec<Value>)], dedup: &str| {
        let sources: Vec<(&str, &[Value])> = sources.iter().map(|(name, documents)| (*name, &documents[..])).collect();
        built(&sources, &format!("prefer = [\"newest\"]\n{dedup}"))
    };
    let two = sources(&["a", "b"]);
    assert_eq!(of(&two, ""), pairs(&[("a1", "a2"), ("b1", "b2")]), "each source keeps one");
    let a_wins = pairs(&[("a1", "a2"), ("b1", "a2"), ("b2", "a2")]);
    assert_eq!(of(&two, "remove-from = { b = [\"a\"] }"), a_wins);
    assert_eq!(of(&two, "within = \"all-sources\""), a_wins);
    assert_eq!(of(&two, "within = \"all-sources\"\npriority = [\"b\"]"), pairs(&[("a1", "b2"), ("a2", "b2"), ("b1", "b2")]));
    assert_eq!(of(&two, "remove-from = { a = [\"b\"] }"), pairs(&[("a1", "b2"), ("a2", "b2"), ("b1", "b2")]));
    // C loses to B, whose copies went for those of A; but not to A.
    let three = sources(&["a", "b", "c"]);
    let chain = [("a1", "a2"), ("b1", "a2"), ("b2", "a2"), ("c1", "c2")];
    assert_eq!(of(&three, "remove-from = { b = [\"a\"], c = [\"b\"] }"), pairs(&chain));
    let both = [("a1", "a2"), ("b1", "a2"), ("b2", "a2"), ("c1", "a2"), ("c2", "a2")];
    assert_eq!(of(&three, "remove-from = { b = [\"a\"], c = [\"a\", \"b\"] }"), pairs(&both));
    // Several winners that stay: the best takes its place.
    let several = [("a1", "a2"), ("b1", "b2"), ("c1", "a2"), ("c2", "a2")];
    assert_eq!(of(&three, "remove-from = { c = [\"b\", \"a\"] }"), pairs(&several));
}

/// What the filter dropped is no copy of anything, and what dedup sees is what is left.
#[test]
fn what_does_not_stand_takes_no_place() {
    let same = "In the evening she walked along the river with her brother, and they talked about the letters that had come from the city.";
    let other = "Nobody knows when the first bridge was built here, but the oldest map of the valley already shows one of wood and stone.";
    let documents = [
        json!({"id": "german", "url": "http://a.example/", "text": format!("Der Müller mahlt das Korn am Bach und die Kinder sehen ihm dabei zu. {}", "Das Wasser treibt das Rad. ".repeat(9))}),
        json!({"id": "english", "url": "http://a.example/", "text": "The miller grinds the corn by the brook, and the children watch him."}),
        json!({"id": "copy 1", "url": "http://a.example/1", "date": "2020", "text": same}),
        json!({"id": "copy 2", "url": "http://a.example/2", "date": "2019", "text": same}),
        json!({"id": "copy 1 changed", "url": "https://a.example/1#", "date": "2021", "text": other}),
    ];
    let folder = folder(&[("texts", &documents)], "prefer = [\"newest\"]");
    let recipe = fs::read_to_string(folder.path().join("recipe.toml")).unwrap();
    let filtered = recipe.replace("[dedup]", "filter = [{ language = { keep = [\"en\"], min-probability = 0 } }]\n[dedup]");
    fs::write(folder.path().join("recipe.toml"), filtered).unwrap();
    build(folder.path(), "out", &[]);
    let out = folder.path().join("out");
    assert_eq!(dropped(&out, &["texts"]), pairs(&[("copy 1", "copy 1 changed")]));
    let ids: BTreeSet<String> = shard_lines(&out).iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, BTreeSet::from(["english", "copy 2", "copy 1 changed"].map(str::to_owned)));
    succeed(&["verify", out.to_str().unwrap()]);
}

#[test]
fn a_url_that_stands_twenty_thousand_times_stands_once() {
    let documents: Vec<Value> =
        (0..20_000).map(|n| page(n, &format!("{n}"), "http://mill.example/", &format!("{}", 1000 + n % 997))).collect();
    let folder = folder(&[("texts", &documents)], "prefer = [\"newest\"]\nminhash = { bands = 1, rows = 8 }");
    build(folder.path(), "out", &[]);
    let out = folder.path().join("out");
    let found = dropped(&out, &["texts"]);
    let winners: BTreeSet<&String> = found.values().collect();
    assert_eq!((found.len(), winners.len()), (19_999, 1));
    assert_eq!(winners.first().unwrap().parse::<usize>().unwrap() % 997, 996);
    assert_eq!(shard_lines(&out)[0]["id"], json!(winners.first().unwrap()));
}

#[test]
fn threads_and_partitions_change_no_byte() {
    let of = |source: usize| -> Vec<Value> {
        // A holds the pages 0 to 74, B 30 to 99 and 0 to 4, C 60 to 99 and 0 to 34, each twice.
        let url = |n: usize| {
            let page = (n + 60 * source) % 200 / 2;
            format!("http{}://h{}.example/{page}{}", ["", "s"][n % 2], page % 7, ["", "#top", "?utm_medium=x"][n % 3])
        };
        (0..150).map(|n| page(1000 * source + n, &format!("{source}/{n}"), &url(n), &format!("{}", 2000 + n % 17))).collect()
    };
    let documents = [of(0), of(1), of(2)];
    let sources: Vec<(&str, &[Value])> = ["a", "b", "c"].into_iter().zip(documents.iter().map(Vec::as_slice)).collect();
    let folder = folder(&sources, "prefer = [\"newest\"]\nremove-from = { b = [\"a\"], c = [\"b\"] }");
    let of = |out: &str, more: &[&str]| {
        build(folder.path(), out, more);
        let mut files = manifest(&folder.path().join(out));
        // It says how the work was cut.
        files.remove("recipe.toml").unwrap();
        files
    };
    let one = of("one", &["--threads", "1"]);
    assert!(one.contains_key("decisions/urls/b/00000.parquet"));
    assert_eq!(one, of("two", &["--threads", "2"]));
    assert_eq!(one, of("many", &["--threads", "2", "--set", "dedup.partition-bytes=1024"]));
    let lost = dropped(&folder.path().join("one"), &["a", "b", "c"]);
    let for_b = lost.iter().filter(|(loser, winner)| loser.starts_with("2/") && winner.starts_with("1/")).count();
    assert_eq!((lost.len(), for_b), (300, 50));
    succeed(&["verify", folder.path().join("many").to_str().unwrap()]);
}

#[test]
fn the_command_takes_it_too() {
    let folder = folder(&[("texts", &recrawled())], "");
    let (texts, out) = (folder.path().join("texts.jsonl"), folder.path().join("found"));
    let said = succeed(&["dedup", texts.to_str().unwrap(), "--same-url", "--out", out.to_str().unwrap()]);
    assert!(stdout(&said).contains("5 urls/same-url"), "{}{}", stdout(&said), stderr(&said));
    assert_eq!(dropped(&out, &["jsonl"]).len(), 5);
    succeed(&["verify", out.to_str().unwrap()]);
    let without = folder.path().join("without");
    succeed(&["dedup", texts.to_str().unwrap(), "--out", without.to_str().unwrap()]);
    assert!(!without.join("decisions/urls").exists());
}
