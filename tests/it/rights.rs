//! Who does not want to be in a data set is not, by a publisher's word or a list; and the addresses of the others are masked for every later step.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use gristmill::document::Key;
use gristmill::pipeline::steps::DocumentRow;
use gristmill::pipeline::steps::mask::MaskRow;
use gristmill::store::table::{TableReader, TableWriter};
use serde_json::{Value, json};

use crate::common::{build_by_tasks, files, json, manifest, repository, run, shard_lines, stderr, stdout, succeed};

const RECIPE: &str = "pipelines/rights.toml";

fn build(out: &Path, more: &[&str]) -> String {
    stdout(&succeed(&[&["build", RECIPE, "--out", out.to_str().unwrap()], more].concat()))
}

/// Documents of a source that a step dropped, by filter and rule.
fn dropped(out: &Path) -> BTreeMap<String, u64> {
    let report = json(&out.join("report.json"));
    let steps = report["funnel"][0]["steps"].as_array().unwrap().iter();
    let drops = steps.flat_map(|step| step["dropped"].as_array().unwrap());
    let name = |drop: &Value| format!("{}/{}", drop["filter"].as_str().unwrap(), drop["rule"].as_str().unwrap());
    drops.map(|drop| (name(drop), drop["documents"].as_u64().unwrap())).collect()
}

fn counts(of: &[(&str, u64)]) -> BTreeMap<String, u64> {
    of.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect()
}

/// Texts of the data set by URL, or by id where there is none.
fn texts(out: &Path) -> BTreeMap<String, String> {
    let name = |line: &Value| {
        line["url"].as_str().filter(|url| !url.is_empty()).or(line["id"].as_str()).unwrap().trim_start_matches("https://").to_owned()
    };
    shard_lines(out).iter().map(|line| (name(line), line["text"].as_str().unwrap().to_owned())).collect()
}

#[test]
fn whoever_opted_out_or_is_listed_goes_and_the_rest_is_masked() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let said = build(&out, &[]);
    succeed(&["verify", out.to_str().unwrap()]);
    let expected = [
        ("blocked-urls/domain", 2),
        ("blocked-urls/url", 1),
        ("blocked-words/distinct", 2),
        ("opt-out/noai", 3),
        ("opt-out/tdm-reservation", 2),
    ];
    assert_eq!(dropped(&out), counts(&expected));
    let texts = texts(&out);
    let kept: Vec<&str> = texts.keys().map(String::as_str).collect();
    assert_eq!(
        kept,
        [
            "ferry-house.example/contact.html",
            "hill-diary.example/october.html",
            "kawa-nikki.example/hashi.html",
            "mill-press.example/calendar.html",
            "tavern-talk.example/skulls.html",
            "village-square.example/market.html"
        ]
    );
    let contact = &texts["ferry-house.example/contact.html"];
    for shown in [
        "should write to |||EMAIL_ADDRESS||| at least",
        "her address is |||EMAIL_ADDRESS|||, and",
        "directly at |||IP_ADDRESS|||, or",
        "protocol at |||IP_ADDRESS|||, and it runs version 91.0.113.77 of",
        "known as 192.168.0.14, which",
        "message to user@host will",
    ] {
        assert!(contact.contains(shown), "{shown}: {contact}");
    }
    assert!(texts["kawa-nikki.example/hashi.html"].contains("|||EMAIL_ADDRESS||| まで"));

    let report = json(&out.join("report.json"));
    let signals = json!([["noai", 3], ["noindex", 2], ["tdm-reservation", 2], ["noimageai", 1], ["nosnippet", 1]]);
    assert_eq!(report["opt_outs"], json!([{ "source": "crawl", "documents": 16, "signals": signals }]));
    let list = |filter: &str, list: &str, n: u64| json!({ "source": "crawl", "filter": filter, "list": list, "documents": n });
    let lists = [
        list("blocked-urls", "../fixtures/lists/gambling", 3),
        list("blocked-words", "../fixtures/lists/words/en", 1),
        list("blocked-words", "../fixtures/lists/words/ja", 1),
    ];
    assert_eq!(report["lists"], json!(lists));
    let masks = json!([{
        "source": "crawl", "documents": 6, "documents_masked": 3,
        "emails": 4, "documents_with_emails": 3, "ips": 2, "documents_with_ips": 1
    }]);
    assert_eq!(report["masks"], masks);
    for line in [
        "pages of crawl say to robots: noai 3, noindex 2, tdm-reservation 2, noimageai 1, nosnippet 1",
        "blocked-urls dropped of crawl: ../fixtures/lists/gambling 3",
        "masked in crawl: 4 e-mail and 2 IP addresses in 3 of 6 documents",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    // No report shows what was masked, or the words of a list.
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("Rights, lists and addresses"));
    for name in files(&out).iter().filter(|name| !name.starts_with("documents/") && !name.starts_with("decisions/")) {
        let bytes = fs::read(out.join(name)).unwrap();
        for hidden in ["crossings@", "203.0.113.77", "numbskull\""] {
            assert!(!bytes.windows(hidden.len()).any(|window| window == hidden.as_bytes()), "{name} shows {hidden}");
        }
    }
}

#[test]
fn explain_tells_who_opted_out_which_list_matched_and_where_is_masked() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    build(&out, &[]);
    let explain =
        |url: &str, more: &[&str]| stdout(&succeed(&[&["explain", out.to_str().unwrap(), &format!("https://{url}")], more].concat()));
    for (url, told) in [
        ("hill-diary.example/november.html", &["header:gptbot:noai", "header:googlebot:noindex", "opt-out/noai: says that"][..]),
        ("hill-diary.example/october.html", &["to robots", "meta:noindex", "in the data set"]),
        ("mill-press.example/review.html", &["meta:tdm-reservation", "opt-out/tdm-reservation"]),
        ("lucky-ferry.example/dice.html", &["blocked-urls/domain", "; ../fixtures/lists/gambling: lucky-ferry.example"]),
        ("tables.lucky-ferry.example/rules.html", &["blocked-urls/domain", "; ../fixtures/lists/gambling: lucky-ferry.example"]),
        ("village-square.example/cards/whist.html", &["blocked-urls/url", "gambling: village-square.example/cards"]),
        ("tavern-talk.example/songs.html", &["blocked-words/distinct: 1 different", "; ../fixtures/lists/words/en: numbskull"]),
        ("ferry-house.example/contact.html", &["masked: 2 email, 2 ip", ": email", ": ip", "in the data set"]),
    ] {
        let words = explain(url, &[]);
        assert!(told.iter().all(|told| words.contains(told)), "{told:?}: {words}");
        assert!(!words.contains("crossings@"), "{words}");
    }
    let life: Value = serde_json::from_str(&explain("ferry-house.example/contact.html", &["--json", "--text"])).unwrap();
    let life = &life["found"][0];
    let text = life["text"]["content"].as_str().unwrap();
    let step = life["steps"].as_array().unwrap().iter().find(|step| step["step"] == "mask").unwrap();
    assert_eq!(step["masked"], json!({ "email": 2, "ip": 2 }));
    let at = |mask: &Value| &text[mask["start"].as_u64().unwrap() as usize..mask["end"].as_u64().unwrap() as usize];
    let shown: Vec<&str> = step["masks"].as_array().unwrap().iter().map(at).collect();
    assert_eq!(shown, ["crossings@example.org", "anna.weir+logs@mail.example.co.uk", "203.0.113.77", "2001:db8:0:7::a5"]);
}

#[test]
fn threads_and_an_engine_change_no_byte() {
    let folder = tempfile::tempdir().unwrap();
    let built = |name: &str, more: &[&str]| {
        let out = folder.path().join(name);
        build(&out, more);
        manifest(&out)
    };
    let one = built("one", &["--threads", "1"]);
    assert_eq!(one, built("two", &["--threads", "2"]));
    // Each task a process, as an engine runs them.
    let out = folder.path().join("tasks");
    build_by_tasks(RECIPE, &out);
    assert_eq!(one, manifest(&out));
}

/// The recipe and its lists in a folder of their own.
fn lay_out(folder: &Path) -> PathBuf {
    for name in files(&repository("fixtures/lists")) {
        let to = folder.join("lists").join(&name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(repository("fixtures/lists").join(&name), to).unwrap();
    }
    let recipe = folder.join("recipe.toml");
    let text = fs::read_to_string(repository(RECIPE)).unwrap().replace("../fixtures/lists", "lists");
    fs::write(&recipe, text.replace("../fixtures", repository("fixtures").to_str().unwrap())).unwrap();
    recipe
}

/// Names of the steps that a build would run.
fn to_run(recipe: &Path, out: &Path, more: &[&str]) -> Vec<String> {
    let plan = succeed(&[&["plan", recipe.to_str().unwrap(), "--out", out.to_str().unwrap(), "--json"], more].concat());
    let plan: Value = serde_json::from_slice(&plan.stdout).unwrap();
    let steps = plan["steps"].as_array().unwrap().iter().filter(|step| step["state"] == "to-run");
    steps.map(|step| step["step"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn another_list_or_signal_judges_again_and_reads_nothing_again() {
    let folder = tempfile::tempdir().unwrap();
    let (recipe, out) = (lay_out(folder.path()), folder.path().join("out"));
    let arguments = ["build", recipe.to_str().unwrap(), "--out", out.to_str().unwrap()];
    // A list that no document can be judged by is told; LDNOOBW's name for Norwegian is known.
    for name in ["kab", "no"] {
        fs::write(folder.path().join("lists/words").join(name), "rumpe\n").unwrap();
    }
    let said = stdout(&succeed(&arguments));
    assert!(said.contains("blocked-words: no document is judged by lists/words/kab; lists are for the languages af, "), "{said}");
    assert_eq!(to_run(&recipe, &out, &[]), Vec::<String>::new());
    let signals = ["--set", "source.crawl.filter=[{ opt-out = { signals = [\"noindex\"] } }]"];
    assert_eq!(to_run(&recipe, &out, &signals), ["filter", "mask", "shard"]);
    succeed(&[&arguments[..], &signals].concat());
    assert_eq!(dropped(&out), counts(&[("opt-out/noindex", 2)]));
    let masking = ["--set", "mask.ip=false"];
    succeed(&arguments);
    assert_eq!(to_run(&recipe, &out, &masking), ["mask", "shard"]);

    // A list that changed under a finished build is told; then only what depends on it runs.
    fs::write(folder.path().join("lists/gambling/domains"), "three-dice.example\nno entry\n# the other has closed\n").unwrap();
    assert_eq!(to_run(&recipe, &out, &[]), ["filter", "mask", "shard"]);
    let refused = run(&arguments);
    assert_eq!(refused.status.code(), Some(5));
    assert!(stderr(&refused).contains("lists/gambling/domains of the filters"), "{}", stderr(&refused));
    let stamp = |name: &str| fs::metadata(out.join(name)).unwrap().modified().unwrap();
    let documents = files(&out.join("documents")).into_iter().map(|name| format!("documents/{name}")).collect::<Vec<_>>();
    let stamps: Vec<_> = documents.iter().map(|name| stamp(name)).collect();
    let said = stdout(&succeed(&[&arguments[..], &["--force"]].concat()));
    assert_eq!(documents.iter().map(|name| stamp(name)).collect::<Vec<_>>(), stamps);
    assert_eq!((dropped(&out).get("blocked-urls/domain"), dropped(&out)["blocked-urls/url"]), (None, 1));
    let warning = "blocked-urls: 1 line of lists/gambling/domains cannot be used, the first is line 2";
    assert!(said.contains(warning), "{said}");
    succeed(&["verify", out.to_str().unwrap()]);
}

#[test]
fn a_list_that_is_missing_is_told_before_any_work() {
    let folder = tempfile::tempdir().unwrap();
    let (recipe, out) = (lay_out(folder.path()), folder.path().join("out"));
    let arguments = ["build", recipe.to_str().unwrap(), "--out", out.to_str().unwrap()];
    fs::remove_dir_all(folder.path().join("lists/gambling")).unwrap();
    let refused = run(&arguments);
    assert_eq!(refused.status.code(), Some(1));
    let said = stderr(&refused);
    assert!(said.contains("lists of source crawl") && said.contains("lists/gambling is no file"), "{said}");
    assert!(!out.join("documents").exists());
    for (set, said) in [
        ("source.crawl.filter=[{ opt-out = { signals = [\"noay\"] } }]", "there is no signal \"noay\""),
        ("source.crawl.filter=[\"blocked-urls\"]", "lists"),
        ("source.crawl.filter=[{ blocked-words = { lists = [\"lists/words\"], most = { share = 2.0 } } }]", "lies in 0..=1"),
        ("mask.sources=[\"crawls\"]", "did you mean \"crawl\""),
        ("mask.email-placeholder=\"\"", "email-placeholder is 1 to 64 bytes"),
        ("mask={ email = false, ip = false }", "leave [mask] out"),
    ] {
        let refused = run(&["plan", recipe.to_str().unwrap(), "--set", set]);
        assert!(refused.status.code() == Some(2) && stderr(&refused).contains(said), "{set}: {}", stderr(&refused));
    }
}

/// Two sources with a footer in common, one of which is masked, a benchmark whose text stands in a page, and tokens that are characters.
fn chain(folder: &Path, more: &str) -> PathBuf {
    let words = |n: u8| (0..60).map(|i: u8| format!("{}{}", (b'a' + n) as char, i)).collect::<Vec<_>>().join(" ");
    let footer = "Letters to editor@example.org and questions from 203.0.113.77 are answered on Fridays.";
    let page = |n: u8| {
        let text = format!("anna{n}@example.org wrote: {}\nfrom 198.51.100.2{n} {}\n{footer}", words(n), words(n + 10));
        json!({ "id": format!("page-{n}"), "text": text }).to_string()
    };
    let pages: Vec<String> = (0..3).map(page).collect();
    fs::write(folder.join("pages.jsonl"), pages.join("\n")).unwrap();
    fs::write(folder.join("notes.jsonl"), json!({ "id": "note", "text": format!("note@example.org: {}", words(9)) }).to_string()).unwrap();
    let item = words(2).split(' ').skip(20).take(20).collect::<Vec<_>>().join(" ");
    fs::write(folder.join("bench.jsonl"), json!({ "text": item }).to_string()).unwrap();
    let recipe = folder.join("recipe.toml");
    let text = r#"[source.crawl]
read = { jsonl = ["pages.jsonl"] }
[source.notes]
read = { jsonl = ["notes.jsonl"] }
[paragraphs]
min-characters = 10
[decontaminate]
benchmarks = ["bench.jsonl"]
window = 5
min-piece = 10
[blend]
tokenizer = "characters"
epochs = { crawl = 1.0, notes = 1.0 }
[output]
[mask]
"#;
    fs::write(&recipe, format!("{text}{more}")).unwrap();
    recipe
}

#[test]
fn every_later_step_sees_placeholders() {
    let folder = tempfile::tempdir().unwrap();
    let recipe = chain(folder.path(), "sources = [\"crawl\"]\nemail-placeholder = \"<mail>\"\nip-placeholder = \"<host>\"\n");
    let out = folder.path().join("out");
    succeed(&["build", recipe.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    succeed(&["verify", out.to_str().unwrap()]);
    let texts = texts(&out);
    assert!(texts["page-0"].starts_with("<mail> wrote: a0 a1") && texts["page-0"].contains("\nfrom <host> k0"), "{}", texts["page-0"]);
    assert!(texts["page-0"].ends_with("Letters to <mail> and questions from <host> are answered on Fridays."));
    // The footer is cut before, so that places are those of what is left.
    assert!(texts["page-1"].starts_with("<mail> wrote:") && texts["page-1"].ends_with("l58 l59"), "{}", texts["page-1"]);
    // Decontamination cut the masked text, and tokens are its characters.
    assert!(texts["page-2#0"].starts_with("<mail> wrote:") && texts["page-2#1"].contains("from <host> m0"), "{texts:?}");
    assert!(texts["note"].starts_with("note@example.org"));
    for line in shard_lines(&out) {
        assert_eq!(line["tokens"].as_u64().unwrap(), line["text"].as_str().unwrap().chars().count() as u64, "{line}");
    }
    let masks: Vec<MaskRow> = TableReader::open(&out.join("mask/ranges/crawl/00000.parquet")).unwrap().map(Result::unwrap).collect();
    assert_eq!(masks.len(), 2 + 3 * 2);
    assert_eq!(masks.iter().map(|mask| mask.kind.as_str()).collect::<BTreeSet<_>>(), BTreeSet::from(["email", "ip"]));

    // A mask that is changed is found by `verify`, which names its table.
    let stored: Vec<DocumentRow> = TableReader::open(&out.join("documents/crawl/00000.parquet")).unwrap().map(Result::unwrap).collect();
    assert!(stored[0].text.starts_with("anna0@example.org"));
    let mut changed = masks.clone();
    changed.last_mut().unwrap().key = Key(7);
    let path = "mask/ranges/crawl/00000.parquet";
    let mut table = TableWriter::over(fs::File::create(out.join(path)).unwrap(), "masks").unwrap();
    changed.into_iter().for_each(|mask| table.push(mask).unwrap());
    table.into_inner().unwrap();
    let verified = run(&["verify", out.to_str().unwrap()]);
    assert_eq!(verified.status.code(), Some(1));
    assert!((stdout(&verified) + &stderr(&verified)).contains(path));

    // Without the section nothing is masked, and what it left in the folder goes.
    let plain = fs::read_to_string(&recipe).unwrap().split("[mask]").next().unwrap().to_owned();
    fs::write(&recipe, plain).unwrap();
    succeed(&["build", recipe.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert!(files(&out).iter().all(|name| !name.contains("mask")));
}
