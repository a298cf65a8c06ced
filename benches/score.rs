//! Scoring and its features, against one XXH3 pass over the same text. `cargo bench --bench score`.

mod common;

use gristmill::document::Key;
use gristmill::quality::{Example, TrainOptions, spark, split, train};
use gristmill::text::hash::hash64;

fn main() {
    let example = |n: u64| Example {
        key: Key(u128::from(n)),
        text: common::text(n, 200),
        positive: n.is_multiple_of(2),
        domain: format!("d{}.example", n % 60),
        source: "bench".to_owned(),
        language: String::new(),
    };
    let mut fitted = None;
    let seconds = common::user_seconds(|| {
        fitted = {
            let options = TrainOptions { max_per_domain: 1000, ..TrainOptions::default() };
            let halves = split((0..2000).map(example).collect(), &options, 1);
            Some(halves.and_then(|halves| train(&halves, &options, 1, &[])))
        }
    });
    let (model, _) = fitted.expect("it was just trained").expect("the examples can be learnt from");
    println!("train: 2,000 documents of 200 words            {seconds:8.3} s user");
    let texts: Vec<String> = (0..2000).map(|n| common::text(n, 800)).collect();
    let bytes: u64 = texts.iter().map(|text| text.len() as u64).sum();
    let mut hash = || {
        std::hint::black_box(texts.iter().map(|text| hash64(text.as_bytes())).fold(0_u64, u64::wrapping_add));
    };
    let mut scorer = model.scorer();
    let score = || {
        std::hint::black_box(texts.iter().map(|text| scorer.score(text)).sum::<f64>());
    };
    common::compare("score: features and dot product", 5, bytes, score, ("an XXH3 pass", &mut hash));
    let features = || {
        std::hint::black_box(texts.iter().map(|text| spark::hashing_tf(text, 1 << 18).indices.len()).sum::<usize>());
    };
    common::compare("Spark-equal HashingTF", 5, bytes, features, ("an XXH3 pass", &mut hash));
}
