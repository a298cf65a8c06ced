//! The search for benchmark n-grams in texts that hold none of them, against one XXH3 pass over the same text: with a small set, a large one and one that is measured
//! by a length of its own. `cargo bench --bench decontaminate`; `GRISTMILL_TEXTS` and `GRISTMILL_BENCHMARKS` may name folders of real texts and JSON lines,
//! `GRISTMILL_GRAMS` the number of n-grams of the large set (20 million take 3 GB).

mod common;

use std::fs;
use std::path::Path;

use gristmill::decontaminate::{BenchmarkItem, Grams, Ignored, Options, Scratch, count, decontaminate, read_items};
use gristmill::text::hash::hash64;

/// Words of an item of the sets that are made here.
const ITEM_WORDS: u64 = 200;

fn main() {
    let folder = std::env::var("GRISTMILL_TEXTS").ok();
    let texts: Vec<String> = match &folder {
        Some(folder) => files(folder).iter().filter_map(|path| fs::read_to_string(path).ok()).collect(),
        None => (0..2000).map(|n| common::text(n, 2000)).collect(),
    };
    let bytes: u64 = texts.iter().map(|text| text.len() as u64).sum();
    println!("{} texts, {:.1} MB", texts.len(), bytes as f64 / 1e6);
    if let Ok(folder) = std::env::var("GRISTMILL_BENCHMARKS") {
        let read = |path: &String| {
            let fault = |error: gristmill::Error| panic!("{error}");
            read_items(path, Path::new(path), Default::default(), None).unwrap_or_else(fault)
        };
        let items = files(&folder).iter().filter(|path| path.ends_with(".jsonl")).flat_map(read).collect::<Vec<_>>();
        compare("the benchmarks", &items, &texts, bytes);
    }
    compare("small set", &items(1000, ITEM_WORDS), &texts, bytes);
    compare("small set, measured by 9-grams too", &[items(1000, ITEM_WORDS), items(100, 9)].concat(), &texts, bytes);
    let n_grams = std::env::var("GRISTMILL_GRAMS").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000_000);
    compare("large set", &items(n_grams / (ITEM_WORDS - 12), ITEM_WORDS), &texts, bytes);
}

fn files(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is there").flatten();
    let mut paths: Vec<String> = entries.map(|entry| entry.path().display().to_string()).collect();
    paths.sort();
    paths
}

/// Items of so many words.
fn items(n: u64, n_words: u64) -> Vec<BenchmarkItem> {
    let item = |example| {
        // Other words than those of the texts.
        let text = common::text(1 << 32 | example, n_words).replace("miller", "baker");
        BenchmarkItem { benchmark: "bench".to_owned(), example, item: String::new(), text, masked: None }
    };
    (0..n).map(item).collect()
}

fn compare(name: &str, items: &[BenchmarkItem], texts: &[String], bytes: u64) {
    let options = Options::default();
    let mut grams = None;
    let seconds = common::user_seconds(|| grams = Grams::new(items, &options).ok());
    let grams = grams.expect("the items are long enough");
    println!("{name}: {} n-grams, {} numbered, made in {seconds:.1} s", grams.len(), grams.n_all());
    let mut hash = || {
        std::hint::black_box(texts.iter().map(|text| hash64(text.as_bytes())).fold(0_u64, u64::wrapping_add));
    };
    let mut scratch = Scratch::default();
    let counted = || {
        let mut n = 0_u64;
        texts.iter().for_each(|text| count(&grams, text, &mut scratch, &mut |_| n += 1));
        std::hint::black_box(n);
    };
    common::compare("  count: every length", 5, bytes, counted, ("an XXH3 pass", &mut hash));
    let ignored = Ignored::new([], grams.len());
    let mut scratch = Scratch::default();
    let cut = || {
        for text in texts {
            std::hint::black_box(decontaminate(&grams, &ignored, text, &options, true, &mut scratch, &mut |_| {}));
        }
    };
    common::compare("  cut: the length that is cut", 5, bytes, cut, ("an XXH3 pass", &mut hash));
}
