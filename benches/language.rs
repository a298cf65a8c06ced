//! Identification of languages, whole texts and samples of them, against whatlang on the same texts in the same run.
//! `cargo bench --bench language [TEXTS.jsonl]`, with lines as `gristmill extract` writes them; without, composed texts.

mod common;

use gristmill::language::grams::Rows;
use gristmill::language::model::BUILT_IN;
use gristmill::language::scripts::Counts;
use gristmill::language::{identify, sample};

/// What is measured, of one text; its results are summed up.
type Work<'a> = &'a mut dyn FnMut(&str) -> usize;

/// Texts are gone over until so many bytes were judged.
const BYTES: usize = 64 << 20;

fn main() {
    let path = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let texts = path.map_or_else(|| (0..2000).map(|n| common::text(n, 800)).collect(), |path| read(&path));
    let bytes: usize = texts.iter().map(String::len).sum();
    println!("{} texts of {:.1} MB", texts.len(), bytes as f64 / 1e6);
    let mut rows = Rows::default();
    let ways: [(&str, Work<'_>); 6] = [
        ("counts of scripts", &mut |text| Counts::of(text).all() as usize),
        ("whole text", &mut |text| {
            let judge = Counts::of(text).first().and_then(|script| BUILT_IN.of(script));
            judge.and_then(|judge| judge.judge(text, &mut rows)).map_or(0, |judgement| judgement.best)
        }),
        ("sample alone", &mut |text| sample(text).len()),
        ("identify, by a sample", &mut |text| identify(text).code.len()),
        ("whatlang, whole text", &mut |text| whatlang::detect(text).map_or(0, |found| found.lang() as usize)),
        ("whatlang, the same sample", &mut |text| whatlang::detect(&sample(text)).map_or(0, |found| found.lang() as usize)),
    ];
    for (name, work) in ways {
        let rounds = if name.starts_with("whatlang, whole") { 1 } else { BYTES.div_ceil(bytes.max(1)) };
        let mut result = 0;
        let seconds = common::user_seconds(|| {
            for _ in 0..rounds {
                result = texts.iter().map(|text| work(text)).sum();
            }
        });
        println!("{name:26} {:8.0} MB/s of text ({result})", (rounds * bytes) as f64 / 1e6 / seconds);
    }
}

/// Texts of 200 bytes or more: of shorter ones there are few in a crawl, and little to measure.
fn read(path: &str) -> Vec<String> {
    let lines = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("cannot read {path}: {error}"));
    let text = |line: &str| serde_json::from_str::<serde_json::Value>(line).ok()?["text"].as_str().map(str::to_owned);
    lines.lines().filter_map(text).filter(|text| 200 <= text.len()).collect()
}
