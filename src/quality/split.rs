//! Training and held-out documents, apart by registered domain: pages of one site resemble each other, so a page-wise split flatters every figure.

use std::collections::{BTreeMap, BTreeSet};

use crate::text::hash::{draw_bits, hash64_seeded, hash128};

use super::options::TrainOptions;
use super::train::Example;

/// Keeps of each class and registered domain the documents with the smallest keyed draws.
pub fn cap_domains(examples: Vec<Example>, cap: usize, seed: u64) -> Vec<Example> {
    let mut groups: BTreeMap<(bool, String), Vec<Example>> = BTreeMap::new();
    for example in examples {
        groups.entry((example.positive, example.domain.clone())).or_default().push(example);
    }
    let mut kept = Vec::new();
    for (_, mut group) in groups {
        group.sort_by_key(|example| (draw_bits(seed, "max-per-domain", example.key), example.key));
        group.truncate(cap);
        kept.extend(group);
    }
    kept.sort_by_key(|example| example.key);
    kept
}

/// What each document counts: one over the square root of its class's documents of its registered domain, scaled to a mean of 1 in each class. A site of 50 pages
/// then weighs as seven sites of one page do, neither as fifty nor as one.
pub fn domain_weights(examples: &[&Example]) -> Vec<f64> {
    let mut documents: BTreeMap<(bool, &str), f64> = BTreeMap::new();
    for example in examples {
        *documents.entry((example.positive, &example.domain)).or_default() += 1.0;
    }
    let unscaled = |example: &&Example| 1.0 / documents[&(example.positive, example.domain.as_str())].sqrt();
    let mut scale = [0.0; 2];
    for positive in [true, false] {
        let class = || examples.iter().filter(|example| example.positive == positive);
        scale[usize::from(positive)] = class().count() as f64 / class().map(unscaled).sum::<f64>();
    }
    examples.iter().map(|example| unscaled(example) * scale[usize::from(example.positive)]).collect()
}

/// Domains that are held out: of each class the share asked for, by the smallest draws, at least one; a domain of both classes goes with the positives' choice.
pub fn held_out_domains(examples: &[Example], options: &TrainOptions, seed: u64) -> BTreeSet<String> {
    let mut held_out = BTreeSet::new();
    let of = |positive: bool| -> BTreeSet<&str> {
        examples.iter().filter(|example| example.positive == positive).map(|example| example.domain.as_str()).collect()
    };
    let (good, bad) = (of(true), of(false));
    let bad = bad.difference(&good).copied().collect();
    for domains in [good, bad] {
        let mut ordered: Vec<(u64, &str)> = domains.into_iter().map(|domain| (hash64_seeded(domain.as_bytes(), seed), domain)).collect();
        ordered.sort_unstable();
        let n = ((ordered.len() as f64 * options.held_out).round() as usize).clamp(1, ordered.len().max(1));
        held_out.extend(ordered.iter().take(n).map(|(_, domain)| (*domain).to_owned()));
    }
    held_out
}

/// The fold of a domain, for values that must be found without its own documents.
pub fn fold(domain: &str, n_folds: u64, seed: u64) -> usize {
    (hash64_seeded(domain.as_bytes(), seed ^ 0x666f_6c64) % n_folds) as usize
}

/// exp of the entropy of documents over domains; 0 for none.
pub fn effective_domains<'a>(domains: impl Iterator<Item = &'a str>) -> (u64, f64) {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for domain in domains {
        *counts.entry(domain).or_default() += 1;
    }
    let total: u64 = counts.values().sum();
    if total == 0 {
        return (0, 0.0);
    }
    let share = |n: &u64| *n as f64 / total as f64;
    let entropy: f64 = counts.values().map(|n| -share(n) * libm::log(share(n))).sum();
    (counts.len() as u64, libm::exp(entropy))
}

/// What names the training set: keys and labels, sorted.
pub fn set_hash(examples: &[&Example]) -> String {
    let mut rows: Vec<(u128, bool)> = examples.iter().map(|example| (example.key.0, example.positive)).collect();
    rows.sort_unstable();
    let bytes: Vec<u8> = rows.iter().flat_map(|(key, positive)| key.to_le_bytes().into_iter().chain([u8::from(*positive)])).collect();
    format!("{:032x}", hash128(&bytes))
}
