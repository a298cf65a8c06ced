use std::collections::BTreeSet;

use super::features::Extractor;
use super::keep::{GPT3_ALPHA, Rule, fit_alpha, keep_probability, keeps};
use super::spark::{hashing_tf, index, murmur3, tokenizer};
use super::tokenizer::is_space;
use super::*;
use crate::document::Key;
use crate::text::hash::{draw, hash64_seeded, unit};

/// Values that Spark itself gave; `fixtures/spark/make.py` made them.
#[test]
fn tokens_and_counts_are_sparks_bit_by_bit() {
    let mut n = 0;
    for line in include_str!("../../fixtures/spark/hashing_tf.jsonl").lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = row["text"].as_str().unwrap();
        let wanted: Vec<&str> = row["tokens"].as_array().unwrap().iter().map(|token| token.as_str().unwrap()).collect();
        assert_eq!(tokenizer(text).collect::<Vec<_>>(), wanted, "{text:?}");
        let vector = hashing_tf(text, 1 << 18);
        let indices: Vec<u64> = row["indices"].as_array().unwrap().iter().map(|index| index.as_u64().unwrap()).collect();
        let values: Vec<f64> = row["values"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect();
        assert_eq!(vector.indices.iter().map(|index| u64::from(*index)).collect::<Vec<_>>(), indices, "{text:?}");
        assert_eq!(vector.values.iter().map(|value| f64::from(*value)).collect::<Vec<_>>(), values, "{text:?}");
        n += 1;
    }
    assert!(20 <= n, "{n} reference texts");
}

#[test]
fn measures_count_bytes_as_they_count_characters() {
    let text = "The (25) cats' NAÏVE\x0b\x0c été—№7 \u{a0}x__y 1st, \r\n $5 IS. ";
    let words: Vec<&str> = text.split(is_space).filter(|word| !word.is_empty()).collect();
    let mut extractor = Extractor::new(1 << 10);
    let measured = extractor.read(text);
    let characters: Vec<char> = words.concat().chars().collect();
    let share = |wanted: fn(char) -> bool| characters.iter().filter(|c| wanted(**c)).count() as f64 / characters.len() as f64;
    let of_words = |wanted: fn(&str) -> bool| words.iter().filter(|word| wanted(word)).count() as f64 / words.len() as f64;
    assert_eq!(measured[1], characters.len() as f64 / words.len() as f64);
    assert_eq!(measured[2], share(|c| c.is_ascii_digit()));
    assert_eq!(measured[3], share(char::is_uppercase));
    assert_eq!(measured[4], share(|c| ".,;:!?'\"()-".contains(c)));
    assert_eq!(measured[5], share(|c| "__$—№\u{a0}".contains(c)));
    assert_eq!(measured[6], share(|c| !c.is_ascii() && c.is_alphabetic()));
    assert_eq!(measured[7], of_words(|word| word.starts_with(char::is_uppercase)));
    assert_eq!(measured[8], of_words(|word| ["The", "IS."].contains(&word)));
    assert_eq!(measured[9], of_words(|word| word.contains(|c: char| c.is_ascii_digit())));
    let long = Extractor::new(1 << 10).read(&"7".repeat(200_000));
    assert_eq!((long[2], long[11]), (1.0, libm::log1p(200_000.0)));
}

#[test]
fn murmur3_is_the_published_function() {
    for (bytes, seed, hash) in [
        (&b""[..], 0, 0),
        (b"", 1, 0x514e_28b7),
        (b"\0\0\0\0", 0, 0x2362_f9de),
        (b"\x21\x43\x65\x87", 0x5082_edee, 0x2362_f9de),
        (b"\x21", 0, 0x7266_1cf4),
    ] {
        assert_eq!(murmur3(bytes, seed), hash, "{bytes:?}");
    }
    assert!((0..1000_u32).all(|n| index(&n.to_le_bytes(), 1000) < 1000));
}

#[test]
fn the_draw_keeps_as_often_as_the_closed_form_says() {
    // METHOD: s = 0 .0020, .5 .026, .75 .134, .9 .424, .95 .645, 1 1.
    for (score, published) in [(0.0, 0.0020), (0.5, 0.026), (0.75, 0.134), (0.9, 0.424), (0.95, 0.645), (1.0, 1.0)] {
        let p = keep_probability(score, GPT3_ALPHA);
        assert!((p - published).abs() < 0.0006, "{score}: {p}");
        let rule = Rule::Pareto { alpha: Fittable::Fixed(GPT3_ALPHA) };
        let kept = (0..40_000_u128).filter(|n| keeps(rule, score, draw(1, "score", Key(*n)))).count() as f64 / 40_000.0;
        assert!((kept - p).abs() < 0.01, "{score}: {kept} kept, {p} expected");
        // The same as numpy.random.pareto(alpha) > 1 - score by inversion.
        let numpy = |u: f64| libm::pow(u, -1.0 / GPT3_ALPHA) - 1.0 > 1.0 - score;
        assert!((0..1000).map(|n| unit(hash64_seeded(&[n as u8], n))).all(|u| numpy(u) == keeps(rule, score, u)));
    }
    assert!(keeps(Rule::Threshold(0.5), 0.5, 0.99) && !keeps(Rule::Threshold(0.5), 0.4999, 0.0001));
}

#[test]
fn rules_read_from_toml_and_refuse_what_cannot_hold() {
    #[derive(serde::Deserialize)]
    struct Holder {
        rule: Rule,
    }
    let read = |text: &str| toml::from_str::<Holder>(text).map(|holder| holder.rule);
    assert_eq!(read("rule = { pareto = { alpha = 9 } }").unwrap(), Rule::default());
    assert_eq!(read("rule = { pareto = { alpha = \"fit\" } }").unwrap(), Rule::Pareto { alpha: Fittable::Fit });
    assert_eq!(read("rule = { threshold = 0.5 }").unwrap(), Rule::Threshold(0.5));
    assert!(read("rule = { pareto = { alpha = \"fix\" } }").is_err());
    assert!(read("rule = { pareto = { alhpa = 9.0 } }").is_err());
    for rule in [Rule::Threshold(1.5), Rule::Pareto { alpha: Fittable::Fixed(0.0) }, Rule::Pareto { alpha: Fittable::Fixed(f64::NAN) }] {
        assert_eq!(rule.check().unwrap_err().exit_code(), 2, "{rule:?}");
    }
}

#[test]
fn a_planted_alpha_is_found_again_and_failure_is_said() {
    let score = |n: u64| unit(hash64_seeded(&n.to_le_bytes(), 8));
    let crawl: Vec<f64> = (0..20_000).map(score).collect();
    let positives: Vec<f64> =
        (20_000..60_000).map(score).zip(0..).filter(|(s, n)| draw(3, "fit", Key(*n)) < keep_probability(*s, 4.0)).map(|(s, _)| s).collect();
    let fit = fit_alpha(&crawl, &positives).unwrap();
    assert!((fit.alpha - 4.0).abs() < 0.4 && fit.distance < 0.03, "{fit:?}");
    assert!(fit_alpha(&crawl[..5], &positives).unwrap_err().to_string().contains("5 scores"));
    let low: Vec<f64> = crawl.iter().map(|s| s / 10.0).collect();
    assert!(fit_alpha(&crawl, &low).unwrap_err().to_string().contains("no alpha"));
}

/// Documents of two classes over many domains; the good class uses other words, with some noise.
fn examples(per_class: u64, domains: u64) -> Vec<Example> {
    let words = |positive: bool, n: u64| -> String {
        let word = |k: u64| {
            let h = hash64_seeded(&[n.to_le_bytes(), k.to_le_bytes()].concat(), u64::from(positive));
            let mixed = h % 10 < 3;
            let vocabulary = if mixed {
                "common"
            } else if positive {
                "essay"
            } else {
                "offer"
            };
            format!("{vocabulary}{}", h / 16 % 60)
        };
        (0..80).map(word).collect::<Vec<_>>().join(" ")
    };
    let example = |positive: bool, n: u64| Example {
        key: Key(u128::from(n) << 1 | u128::from(positive)),
        text: words(positive, n),
        positive,
        domain: format!("{}{}.example", if positive { "good" } else { "bad" }, n % domains),
        source: "test".to_owned(),
        language: if n.is_multiple_of(3) { "fr" } else { "en" }.to_owned(),
    };
    (0..per_class).flat_map(|n| [example(true, n), example(false, n)]).collect()
}

/// Splits and trains.
pub fn learn(examples: Vec<Example>, options: &TrainOptions, seed: u64) -> crate::error::Result<(Model, Card)> {
    train(&split(examples, options, seed)?, options, seed, &[])
}

fn options() -> TrainOptions {
    TrainOptions { features: Features::HashingTf { dimensions: 1 << 14, selected: 200 }, ..TrainOptions::default() }
}

#[test]
fn training_learns_and_its_figures_are_of_domains_it_never_saw() {
    let (model, card) = learn(examples(120, 24), &options(), 7).unwrap();
    assert!(0.97 < card.held_out.raw.auc, "{:?}", card.held_out);
    assert!(card.held_out.raw.positives + card.held_out.raw.negatives < 100);
    assert_eq!(card.positive_class.domains, 24);
    assert!((card.positive_class.effective_domains - 24.0).abs() < 0.01);
    assert!(card.warnings.iter().any(|warning| warning.contains("24.0 domains")), "{:?}", card.warnings);
    assert!(
        card.strongest_for.iter().take(10).all(|(word, weight)| word.starts_with("essay") && 0.0 < *weight),
        "{:?}",
        card.strongest_for
    );
    assert!(card.strongest_against.iter().take(10).all(|(word, _)| word.starts_with("offer")), "{:?}", card.strongest_against);
    assert!(0.5 < model.score(&examples(1, 1)[0].text));
    assert!((0.0..=1.0).contains(&model.score("")));
    assert!((0.0..=1.0).contains(&model.score("unseen words only")));
}

#[test]
fn the_order_of_examples_and_the_number_of_threads_change_no_byte() {
    let train_with = |threads: usize, reverse: bool| {
        let mut all = examples(60, 12);
        if reverse {
            all.reverse();
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let (model, card) = pool.install(|| learn(all, &options(), 7)).unwrap();
        (model.to_bytes(), serde_json::to_string(&card).unwrap())
    };
    let first = train_with(1, false);
    assert_eq!(first, train_with(2, true));
}

#[test]
fn the_cap_takes_the_same_documents_in_any_order() {
    let one_site: Vec<Example> = examples(100, 1);
    let keys =
        |examples: Vec<Example>| super::split::cap_domains(examples, 5, 3).iter().map(|example| example.key).collect::<BTreeSet<_>>();
    let mut reversed = one_site.clone();
    reversed.reverse();
    assert_eq!(keys(one_site.clone()).len(), 10);
    assert_eq!(keys(one_site), keys(reversed));
}

#[test]
fn a_site_of_many_pages_counts_less_than_as_many_sites() {
    let mut all: Vec<Example> = examples(80, 40).into_iter().filter(|example| !example.positive || example.key.0 < 80).collect();
    for n in 0..40_u128 {
        let of = |key: u128, word: &str, domain: String| Example {
            key: Key(key),
            text: format!("{word} {}", all[0].text),
            domain,
            ..all[0].clone()
        };
        let (one, many) = (of(1000 + n, "template", "one.example".to_owned()), of(2000 + n, "widespread", format!("site{n}.example")));
        all.extend([one, many]);
    }
    let weights = super::split::domain_weights(&all.iter().collect::<Vec<_>>());
    for positive in [true, false] {
        let class: Vec<f64> =
            weights.iter().zip(&all).filter(|(_, example)| example.positive == positive).map(|(weight, _)| *weight).collect();
        assert!((class.iter().sum::<f64>() / class.len() as f64 - 1.0).abs() < 1e-12);
    }
    let weight_of = |domain: &str| weights[all.iter().position(|example| example.domain == domain).unwrap()];
    assert!((weight_of("site7.example") / weight_of("one.example") - 40_f64.sqrt()).abs() < 1e-9);
    let (model, _) = learn(all, &TrainOptions { held_out: 0.01, ..options() }, 7).unwrap();
    let term = |word: &str| model.table[index(word.as_bytes(), model.head.features.dimensions()) as usize];
    assert!(0.0 < term("widespread") && term("template") < term("widespread"), "{} {}", term("template"), term("widespread"));
}

#[test]
fn bad_training_sets_are_errors_with_counts() {
    let message = |examples: Vec<Example>| {
        let error = learn(examples, &options(), 1).expect_err("it must be refused");
        assert_eq!(error.exit_code(), 1);
        error.to_string()
    };
    assert!(message(Vec::new()).contains("0 good documents"));
    let good: Vec<Example> = examples(50, 10).into_iter().filter(|example| example.positive).collect();
    assert!(message(good).contains("50 good documents of 10 domains against 0 of 0"));
    assert!(message(examples(5, 5)).contains("5 good documents"));
    assert!(message(examples(50, 2)).contains("2 domains"));
    let same: Vec<Example> = examples(50, 10).into_iter().map(|example| Example { text: "the same".to_owned(), ..example }).collect();
    // Nothing can be learnt: an error, or a model that is finite and no better than chance.
    match learn(same, &options(), 1) {
        Ok((model, card)) => assert!(card.held_out.raw.auc < 0.6 && model.score("the same").is_finite(), "{:?}", card.held_out),
        Err(error) => assert!(error.chain().contains("learnt nothing"), "{}", error.chain()),
    }
}

#[test]
fn a_model_file_comes_back_and_any_changed_byte_is_refused() {
    let (model, _) =
        learn(examples(40, 10), &TrainOptions { features: Features::HashingTf { dimensions: 1024, selected: 200 }, ..options() }, 7)
            .unwrap();
    let bytes = model.to_bytes();
    assert_eq!(Model::from_bytes("m", &bytes).unwrap(), model);
    for at in (0..bytes.len()).step_by(7) {
        let mut changed = bytes.clone();
        changed[at] ^= 4;
        assert!(Model::from_bytes("m", &changed).is_err(), "byte {at}");
    }
}

#[test]
fn calibration_finds_the_sigmoid_that_scores_were_bent_by() {
    // True probabilities p; scores are bent so that p = sigmoid(.5 x log-odds + .3).
    let planted = Calibration { slope: 0.5, intercept: 0.3 };
    let scored: Vec<(f64, bool)> = (0..60_000_u64)
        .map(|n| {
            let score = 0.01 + 0.98 * unit(hash64_seeded(&n.to_le_bytes(), 1));
            (score, unit(hash64_seeded(&n.to_le_bytes(), 2)) < planted.probability(score))
        })
        .collect();
    let found = Calibration::fit(&scored).unwrap();
    let positives = scored.iter().filter(|(_, truth)| *truth).count() as f64;
    // The fit is for classes of equal weight, so the ratio of these classes leaves the intercept.
    let prior = libm::log(positives / (scored.len() as f64 - positives));
    assert!((found.slope - 0.5).abs() < 0.03 && (found.intercept + prior - 0.3).abs() < 0.03, "{found:?} {prior}");
    assert!((Calibration::default().probability(0.73) - 0.73).abs() < 1e-12);
    assert!(found.probability(0.0).is_finite() && found.probability(1.0) <= 1.0);
    assert!(Calibration::fit(&[(0.5, true), (0.4, true)]).is_err());
}

#[test]
fn held_out_figures_are_whole() {
    let (model, card) = learn(examples(240, 60), &options(), 7).unwrap();
    let held_out = &card.held_out;
    let documents = held_out.raw.positives + held_out.raw.negatives;
    assert_eq!(held_out.scores.iter().map(|(_, good, bad)| good + bad).sum::<u64>(), documents);
    assert_eq!(held_out.reliability.iter().map(|bin| bin.documents).sum::<u64>(), documents);
    for by in ["language", "length", "source"] {
        let groups = &held_out.groups[by];
        assert_eq!(groups.iter().map(|(_, metrics)| metrics.positives + metrics.negatives).sum::<u64>(), documents, "{by}");
    }
    assert_eq!(held_out.groups["language"].iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>(), ["en", "fr"]);
    let interval = held_out.intervals.as_ref().unwrap().auc;
    assert!(interval.0 <= held_out.raw.auc && held_out.raw.auc <= interval.1, "{interval:?}");
    assert!(card.calibrated_on == card.positive_class.training + card.negative_class.training);
    assert_eq!(card.calibration, Some(model.head.calibration));
    assert!(0.0 < model.head.calibration.slope && model.probability(0.2) < model.probability(0.8));
    let shown: Vec<f64> = held_out.examples.iter().filter(|example| example.positive).map(|example| example.score).collect();
    assert!(3 < shown.len() && shown.is_sorted());
    assert_eq!(shown.last(), held_out.positive_scores.last());
    assert!((0.0..1.0).contains(&held_out.alpha.kept_by_default));
    assert!(!card.limits.is_empty() && card.trained_by.starts_with("gristmill "));
}

#[test]
fn what_is_taken_out_of_a_split_is_counted_and_gone() {
    let mut halves = split(examples(60, 20), &options(), 7).unwrap();
    let held_out: BTreeSet<&str> = halves.held_out.iter().map(|example| example.domain.as_str()).collect();
    assert!(halves.training.iter().all(|example| !held_out.contains(example.domain.as_str())));
    let first = halves.training[0].key;
    let before = halves.training.len();
    halves.take_out(&[true, false, true]);
    assert_eq!(halves.training.len(), before - 2);
    assert!(halves.training.iter().all(|example| example.key != first));
    assert_eq!(train(&halves, &options(), 7, &[]).unwrap().1.leaks, 2);
}

#[test]
fn bunched_scores_are_told_and_spread_ones_are_not() {
    let spread: Vec<f64> = (0..100).map(|n| f64::from(n) / 100.0).collect();
    assert_eq!(keep::bunched(&spread), None);
    let close: Vec<f64> = spread.iter().map(|score| 0.4 + score / 20.0).collect();
    assert!(keep::bunched(&close).unwrap().contains("between 0.403 and 0.447"), "{:?}", keep::bunched(&close));
    let outlook = keep::outlook(&close, &spread);
    assert!(outlook.bunched.is_some() && outlook.distributions.len() == 51);
    // The mean of (2 - s)^-9 over the negatives.
    let expected = close.iter().map(|s| (2.0 - s).powi(-9)).sum::<f64>() / 100.0;
    assert!((outlook.kept_by_default - expected).abs() < 1e-9);
    assert_eq!(keep::bunched(&[]), None);
}

#[test]
fn agreement_counts_sides_and_expects_what_one_draw_keeps() {
    let scores = [[0.9, 0.8], [0.6, 0.4], [0.1, 0.7], [0.2, 0.3]];
    let found = compare::agreement(&scores, 0.5);
    assert_eq!((found.documents, found.kept, found.kept_by_both), (4, [2, 2], 1));
    assert!((found.overlap - 1.0 / 3.0).abs() < 1e-12);
    assert_eq!(scores.iter().filter(|pair| compare::changed_sides(**pair, 0.5)).count(), 2);
    let p = |score: f64| keep_probability(score, GPT3_ALPHA);
    assert!((found.pareto_kept_by_both - (p(0.8) + p(0.4) + p(0.1) + p(0.2))).abs() < 1e-12);
    assert!((compare::agreement(&[], 0.5).overlap - 1.0).abs() < 1e-12);
}

#[test]
fn other_models_are_measured_on_the_same_documents() {
    let halves = split(examples(120, 24), &options(), 7).unwrap();
    let (model, _) = train(&halves, &options(), 7, &[]).unwrap();
    let rivals = [("before".to_owned(), Rival::Given(Box::new(model))), ("spark".to_owned(), Rival::Taught(Features::Spark))];
    let (_, card) = train(&halves, &options(), 7, &rivals).unwrap();
    let [(before, same), (spark, other)] = card.comparison.as_slice() else { panic!("{:?}", card.comparison) };
    assert_eq!((before.as_str(), spark.as_str()), ("before", "spark"));
    assert_eq!(*same, card.held_out.raw);
    assert!(0.9 < other.auc && *other != card.held_out.raw, "{other:?}");
}

#[test]
fn a_model_with_numbers_that_are_none_is_refused_though_its_checksum_is_right() {
    let (model, _) = learn(examples(40, 10), &options(), 7).unwrap();
    let with = |change: &dyn Fn(&mut Model)| {
        let mut forged = model.clone();
        change(&mut forged);
        Model::from_bytes("m", &forged.to_bytes())
    };
    assert!(with(&|_| {}).is_ok());
    assert!(with(&|model| model.table[3] = f32::NAN).is_err());
    assert!(with(&|model| model.idf[0] = f32::INFINITY).is_err());
    assert!(with(&|model| model.head.intercept = 1e300).is_err());
    assert!(with(&|model| model.head.statistics[1].1 = 1e300).is_err());
}
