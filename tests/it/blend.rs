//! The blend as it is in the shards: the tokens that were asked for, evenly over all of them, books in one piece.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use gristmill::pipeline::steps::shard::shares::ShareRow;
use gristmill::shard;
use gristmill::store::table::TableReader;
use gristmill::text::hash::{hash64_seeded, unit};
use gristmill::tokens::Tokenizer;

use crate::common::{json, manifest, run, stderr, succeed};

fn draw(of: &str, n: usize) -> u64 {
    hash64_seeded(of.as_bytes(), n as u64)
}

/// Texts of heavy-tailed lengths, 8 to 400 words, none like another.
fn write(folder: &Path, source: &str, documents: usize) {
    let text = |n: usize| {
        let words = (8.0 / unit(draw(source, n)).sqrt()).min(400.0) as u64;
        (0..words).map(|word| format!("w{:x}", hash64_seeded(&word.to_le_bytes(), draw(source, n)) >> 40)).collect::<Vec<_>>().join(" ")
    };
    let lines: String = (0..documents).map(|n| format!("{{\"id\":\"{source}{n}\",\"text\":\"{}\"}}\n", text(n))).collect();
    fs::write(folder.join(format!("{source}.jsonl")), lines).unwrap();
}

const SOURCES: [(&str, usize); 4] = [("crawl", 6000), ("links", 1500), ("books", 300), ("wiki", 700)];

fn recipe(folder: &Path, blend: &str) -> String {
    let source = |(name, _): (&str, usize)| format!("[source.{name}]\nread = {{ jsonl = [\"{name}.jsonl\"] }}\n");
    let sources: String = SOURCES.into_iter().map(source).collect();
    let path = folder.join("recipe.toml");
    fs::write(&path, format!("{sources}[blend]\ntokenizer = \"words\"\n{blend}\n[output]\nshard-bytes = 900000\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn shards_hold_the_tokens_that_were_asked_for_each_with_the_shares_of_the_blend() {
    let folder = tempfile::tempdir().unwrap();
    SOURCES.into_iter().for_each(|(source, documents)| write(folder.path(), source, documents));
    let weights = "weights = { crawl = 0.5, links = 0.25, books = 0.1, wiki = 0.15 }\nbudget-tokens = 130000";
    let recipe = recipe(folder.path(), weights);
    let out = folder.path().join("out");
    succeed(&["build", &recipe, "--out", out.to_str().unwrap()]);
    succeed(&["verify", out.to_str().unwrap()]);
    let blend = &json(&out.join("report.json"))["blend"];
    let drawn: BTreeMap<&str, u64> = blend["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["source"].as_str().unwrap(), row["tokens_drawn"].as_u64().unwrap()))
        .collect();
    let total: u64 = drawn.values().sum();
    assert!(total.abs_diff(130_000) <= 130, "{total}");
    for (source, weight) in [("crawl", 0.5), ("links", 0.25), ("books", 0.1), ("wiki", 0.15)] {
        assert!((drawn[source] as f64 / total as f64 - weight).abs() < 0.002, "{drawn:?}");
    }
    // Of a source that is seen more than once every document is there.
    let mut large = 0;
    let mut copies: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    let mut told: BTreeMap<String, u64> = BTreeMap::new();
    for file in fs::read_dir(out.join("order/shares")).unwrap() {
        let rows: Vec<ShareRow> = TableReader::open(&file.unwrap().path()).unwrap().map(Result::unwrap).collect();
        for shard in rows.chunk_by(|a, b| a.shard == b.shard) {
            let read: Vec<_> = shard::read(&out.join(&shard[0].shard)).unwrap().map(Result::unwrap).collect();
            assert_eq!(read.len() as u64, shard.iter().map(|row| row.rows).sum::<u64>());
            for row in read {
                assert!(copies.entry(row.id).or_default().insert(row.copy), "no copy twice");
            }
            shard.iter().for_each(|row| *told.entry(row.source.clone()).or_default() += row.tokens);
            if shard.iter().map(|row| row.rows).sum::<u64>() < 1000 {
                continue;
            }
            large += 1;
            for row in shard {
                let weight = drawn[row.source.as_str()] as f64 / total as f64;
                assert!((row.share - weight).abs() < 0.01, "{row:?} for {weight}");
            }
        }
    }
    assert!(2 <= large, "{large}");
    assert_eq!(told.iter().map(|(source, tokens)| (source.as_str(), *tokens)).collect::<BTreeMap<_, _>>(), drawn);
    let far = &blend["farthest_share"];
    assert_eq!(far["shards"], large);
    assert!((far["share"].as_f64().unwrap() - far["weight"].as_f64().unwrap()).abs() < 0.01, "{far}");
    let missing: Vec<usize> = (0..300).filter(|n| !copies.contains_key(&format!("books{n}"))).collect();
    assert!(missing.is_empty(), "{missing:?} of {blend}");
    let again = folder.path().join("again");
    succeed(&["build", &recipe, "--out", again.to_str().unwrap(), "--threads", "1", "--set", "bundle-bytes=1"]);
    assert_eq!(
        manifest(&out).into_iter().filter(|(path, _)| path.starts_with("shards/")).collect::<Vec<_>>(),
        manifest(&again).into_iter().filter(|(path, _)| path.starts_with("shards/")).collect::<Vec<_>>()
    );
}

#[test]
fn single_sources_may_have_caps() {
    let folder = tempfile::tempdir().unwrap();
    SOURCES.into_iter().for_each(|(source, documents)| write(folder.path(), source, documents / 10));
    let weights = "weights = { crawl = 0.5, books = 0.5 }\n";
    let path = recipe(folder.path(), &format!("{weights}max-epochs = {{ books = 2.0 }}"));
    let out = folder.path().join("out");
    succeed(&["build", &path, "--out", out.to_str().unwrap()]);
    let rows = &json(&out.join("report.json"))["blend"]["rows"];
    assert_eq!((rows[0]["epochs"].as_f64(), rows[0]["binds"].as_bool()), (Some(2.0), Some(true)));
    for (blend, says) in [
        ("max-epochs = { bookz = 2.0 }", "bookz"),
        ("max-epochs = { wiki = 2.0 }", "caps no source that has a weight"),
        ("max-epochs = { books = -1 }", "max-epochs is -1"),
        ("max-epochs = \"two\"", "max-epochs"),
    ] {
        let refused = run(&["build", &recipe(folder.path(), &format!("{weights}{blend}")), "--out", out.to_str().unwrap()]);
        assert_eq!(refused.status.code(), Some(2), "{blend}: {}", stderr(&refused));
        assert!(stderr(&refused).contains(says), "{blend}: {}", stderr(&refused));
    }
}

/// A book that decontamination cut lies in one shard, its pieces in order; pages are pieces apart.
#[test]
fn the_pieces_of_a_book_stay_together() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("books")).unwrap();
    let words = |first: usize, n: usize| (first..first + n).map(|word| format!("word{word}")).collect::<Vec<_>>().join(" ");
    let item = |n: usize| words(900_000 + 20 * n, 20);
    let items: String = (0..8).map(|n| format!("{{\"id\":\"{n}\",\"text\":\"{}\"}}\n", item(n))).collect();
    fs::write(folder.path().join("items.jsonl"), items).unwrap();
    let text = |of: usize| -> String { (0..6).map(|n| format!("{}\n\n{}\n\n", words(of * 10_000 + 400 * n, 400), item(n))).collect() };
    (0..12).for_each(|of| fs::write(folder.path().join(format!("books/{of}.txt")), text(of)).unwrap());
    let page = |of: usize| format!("{{\"id\":\"page{of}\",\"text\":\"{}\"}}\n", text(20 + of).replace('\n', "\\n"));
    fs::write(folder.path().join("pages.jsonl"), (0..12).map(page).collect::<String>()).unwrap();
    let recipe = "[source.books]\nread = { books = [\"books/*.txt\"] }\n[source.pages]\nread = { jsonl = [\"pages.jsonl\"] }\n\
        [decontaminate]\nbenchmarks = [\"items.jsonl\"]\nmax-documents = 1000\n[blend]\nepochs = { books = 2.0, pages = 2.0 }\n[output]\nshard-bytes = 4096\n";
    fs::write(folder.path().join("recipe.toml"), recipe).unwrap();
    let out = folder.path().join("out");
    succeed(&["build", folder.path().join("recipe.toml").to_str().unwrap(), "--out", out.to_str().unwrap()]);
    succeed(&["verify", out.to_str().unwrap()]);
    let mut shards: Vec<_> = fs::read_dir(out.join("shards")).unwrap().map(|file| file.unwrap().path()).collect();
    shards.sort();
    assert!(20 < shards.len());
    let mut books: BTreeMap<(String, u32), Vec<(usize, usize)>> = BTreeMap::new();
    let mut pages: BTreeMap<(String, u32), BTreeSet<usize>> = BTreeMap::new();
    for (n, path) in shards.iter().enumerate() {
        for (row, read) in shard::read(path).unwrap().map(Result::unwrap).enumerate() {
            let (id, piece) = read.id.split_once('#').expect("every text is cut");
            let of = (id.to_owned(), read.copy);
            if read.source == "books" {
                let places = books.entry(of).or_default();
                assert_eq!(piece, places.len().to_string(), "in order");
                places.push((n, row));
            } else {
                pages.entry(of).or_default().insert(n);
            }
        }
    }
    assert_eq!(books.len(), 24, "two copies of twelve");
    for (of, places) in books {
        assert!(
            5 < places.len() && places.windows(2).all(|pair| pair[0].0 == pair[1].0 && pair[0].1 + 1 == pair[1].1),
            "{of:?}: {places:?}"
        );
    }
    assert!(pages.values().any(|shards| 1 < shards.len()));
    let told = succeed(&["explain", out.to_str().unwrap(), "3.txt"]);
    assert!(crate::common::stdout(&told).contains("shards/"));
}

/// As a training program reads them: rows of 16 or 32 bits a token, each ended.
#[test]
fn token_files_hold_the_rows_of_their_shards() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "wiki", 900);
    let recipe = |tokenizer: &str, tokens: &str| {
        let text = format!(
            "[source.wiki]\nread = {{ jsonl = [\"wiki.jsonl\"] }}\n[blend]\ntokenizer = \"{tokenizer}\"\nepochs = {{ wiki = 1.5 }}\n[output]\nshard-bytes = 200000\ntokens = \"{tokens}\"\n"
        );
        fs::write(folder.path().join("recipe.toml"), text).unwrap();
        folder.path().join("recipe.toml").to_str().unwrap().to_owned()
    };
    for (name, layout, width, end) in
        [("gpt2", "megatron", 2, 50_256), ("cl100k", "nanogpt", 4, 100_257), ("o200k", "megatron", 4, 199_999)]
    {
        let out = folder.path().join(name);
        succeed(&["build", &recipe(name, layout), "--out", out.to_str().unwrap()]);
        succeed(&["verify", out.to_str().unwrap()]);
        let tokenizer = Tokenizer::new(name).unwrap();
        let mut n_shards = 0;
        for path in fs::read_dir(out.join("shards")).unwrap().map(|file| file.unwrap().path()) {
            let stem = path.file_name().unwrap().to_str().unwrap().split('.').next().unwrap().to_owned();
            let bytes = fs::read(out.join(format!("tokens/{stem}.bin"))).unwrap();
            let read: Vec<u32> =
                bytes.chunks(width).map(|token| token.iter().rev().fold(0, |sum, &byte| sum << 8 | u32::from(byte))).collect();
            let mut expected = Vec::new();
            let mut begins = Vec::new();
            for row in shard::read(&path).unwrap().map(Result::unwrap) {
                let numbers = tokenizer.numbers(&row.text).unwrap();
                assert_eq!(Some(numbers.len() as u64), row.tokens);
                begins.push((expected.len() * width) as u64);
                expected.extend(numbers);
                expected.push(end);
            }
            assert!(read == expected, "{name} {stem}");
            let index = out.join(format!("tokens/{stem}.idx"));
            assert_eq!(index.exists(), layout == "megatron");
            if index.exists() {
                let index = fs::read(index).unwrap();
                let n = begins.len();
                assert_eq!(u64::from_le_bytes(index[18..26].try_into().unwrap()), n as u64);
                let pointers: Vec<u64> =
                    index[34 + 4 * n..34 + 12 * n].chunks(8).map(|at| u64::from_le_bytes(at.try_into().unwrap())).collect();
                assert_eq!(pointers, begins);
            }
            n_shards += 1;
        }
        assert!(1 < n_shards);
    }
    let refused = run(&["build", &recipe("words", "nanogpt"), "--out", folder.path().join("out").to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("gpt2, cl100k, o200k"), "{}", stderr(&refused));
}

/// Once tokens are counted, a plan solves any blend of them before a document is read again.
#[test]
fn a_plan_shows_what_another_blend_would_come_to() {
    let out = crate::common::undisturbed().to_str().unwrap();
    let plan = |more: &[&str]| crate::common::stdout(&succeed(&[&["plan", "pipelines/quickstart.toml", "--out", out], more].concat()));
    let asked = plan(&["--set", "blend.max-epochs=2.0"]);
    assert!(asked.contains("blend, in tokens (gpt2) of this recipe") && asked.contains("it is seen 2 times"), "{asked}");
    let told: serde_json::Value = serde_json::from_str(&plan(&["--set", "blend.max-epochs=2.0", "--json"])).unwrap();
    let (now, before) = (&told["blend"], json(&Path::new(out).join("decisions/blend/solution.json")));
    assert_eq!(now["drawn"], false);
    // Of the build as it stands it shows what was drawn.
    let stands = plan(&[]);
    assert!(
        stands.contains("blend, in tokens (gpt2) as they were drawn:") && stands.contains(before["binding"].as_str().unwrap()),
        "{stands}"
    );
    // The built one was capped at three epochs.
    let total = |blend: &serde_json::Value| blend["total_tokens"].as_f64().unwrap();
    assert!((total(now) / total(&before) - 2.0 / 3.0).abs() < 0.01, "{now} {before}");
    assert_eq!(now["counted"], true);
    assert!(!plan(&["--set", "blend.tokenizer=words"]).contains("tokens there are"), "GPT-2's counts are no words");
    let filtered = plan(&["--set", "dedup.threshold=0.7"]);
    assert!(filtered.contains("as counted here before; what runs again may change them"), "{filtered}");
}

/// A source of one long document cannot give a part of it; one that is held out gives nothing.
#[test]
fn a_source_of_one_document_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "small", 300);
    let long = (0..4000).map(|word| format!("w{word}")).collect::<Vec<_>>().join(" ");
    fs::write(folder.path().join("huge.jsonl"), format!("{{\"id\":\"huge\",\"text\":\"{long}\"}}\n")).unwrap();
    let recipe = folder.path().join("recipe.toml");
    let sources = "[source.huge]\nread = { jsonl = [\"huge.jsonl\"] }\n[source.small]\nread = { jsonl = [\"small.jsonl\"] }\n";
    let blend = "[blend]\ntokenizer = \"words\"\nweights = { huge = 0.3, small = 0.7 }\nbudget-tokens = 4000\n[output]\n";
    fs::write(&recipe, format!("{sources}{blend}")).unwrap();
    let out = folder.path().join("out");
    let arguments = ["build", recipe.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let output = succeed(&arguments);
    let said = crate::common::stdout(&output) + &stderr(&output);
    assert!(said.contains("blend: of huge nothing is drawn where 1200 are asked for"), "{said}");
    assert!(said.contains("are asked for, -30."), "{said}");
    succeed(&["verify", out.to_str().unwrap()]);
    // One of these seeds holds the document out.
    let held_out = (0..20).find_map(|seed| {
        let set = [format!("seed={seed}"), "output.validation=0.5".to_owned()];
        let output = run(&[&arguments[..], &["--set", &set[0], "--set", &set[1]]].concat());
        (!output.status.success()).then(|| stderr(&output))
    });
    let said = held_out.expect("half of the seeds do");
    assert!(said.contains("all of huge (4000 tokens) is held out for validation") && said.contains("output.validation"), "{said}");
}
