use std::collections::BTreeMap;

use super::{Fate, Key, Pair, Rank, Ranking};
use crate::text::hash::{hash64_seeded, unit};

fn rank(document: u64) -> Rank {
    Rank { priority: 0, preferences: [0, 10], key: Key(u128::from(document)) }
}

/// Two documents and how alike they are.
#[derive(Clone, Copy)]
struct Alike {
    a: u64,
    b: u64,
    jaccard: f64,
}

fn pair(a: u64, b: u64, jaccard: f64) -> Alike {
    Alike { a, b, jaccard }
}

fn ranked(pairs: &[Alike], rank: impl Fn(u64) -> Rank) -> (Ranking, Vec<Pair>) {
    let ranking = Ranking::new(pairs.iter().flat_map(|pair| [pair.a, pair.b]).map(|document| (document, rank(document))).collect());
    let pairs = pairs.iter().filter_map(|pair| ranking.pair(pair.a, pair.b, pair.jaccard)).collect();
    (ranking, pairs)
}

fn survivors(pairs: &[Alike], rank: impl Fn(u64) -> Rank) -> BTreeMap<u64, Fate> {
    let (ranking, pairs) = ranked(pairs, rank);
    super::survivors(&ranking, pairs).into_iter().collect()
}

fn removed_at(pairs: &[Alike], thresholds: &[f64], rank: impl Fn(u64) -> Rank) -> Vec<u64> {
    let (ranking, pairs) = ranked(pairs, rank);
    super::removed_at(&ranking, pairs, thresholds)
}

/// `n` pairs among 60 documents, the same for the same seed.
fn some_pairs(seed: u64, n: u64) -> Vec<Alike> {
    let draw = |what: u64| hash64_seeded(&what.to_le_bytes(), seed);
    (0..n).map(|k| pair(draw(3 * k) % 60, draw(3 * k + 1) % 60, 0.8 + 0.2 * unit(draw(3 * k + 2)))).collect()
}

#[test]
fn of_a_long_chain_every_second_stays() {
    let chain: Vec<Alike> = (0..10_000).map(|n| pair(n, n + 1, 0.9)).collect();
    let fates = survivors(&chain, rank);
    for (document, fate) in fates {
        match fate {
            Fate::Dropped { survivor, .. } => assert!(document % 2 == 1 && survivor.abs_diff(document) == 1),
            // The last has nobody behind it that it could be the survivor of: its only neighbour went for another.
            Fate::Survives => assert!(document % 2 == 0),
            Fate::Alone => assert!(document == 10_000),
        }
    }
}

#[test]
fn every_dropped_document_is_similar_to_a_survivor_and_no_two_survivors_are_similar() {
    for seed in 0..50 {
        let pairs = some_pairs(seed, 90);
        let fates = survivors(&pairs, rank);
        let dropped = |document: u64| matches!(fates[&document], Fate::Dropped { .. });
        for (&document, fate) in &fates {
            if let Fate::Dropped { survivor, jaccard } = *fate {
                assert!(matches!(fates[&survivor], Fate::Survives) && survivor < document);
                let mine = pairs.iter().filter(|p| (p.a.min(p.b), p.a.max(p.b)) == (survivor, document));
                assert!(mine.clone().any(|p| p.jaccard == jaccard), "the evidence is that of a pair given");
                let rivals = pairs.iter().filter(|p| p.a != p.b && p.a.max(p.b) == document && !dropped(p.a.min(p.b)));
                assert!(rivals.map(|p| p.jaccard).all(|rival| rival <= jaccard), "the most similar survivor is named");
            }
        }
        assert!(pairs.iter().filter(|p| p.a != p.b).all(|p| dropped(p.a) || dropped(p.b)), "a survivor resembles no other");
    }
}

#[test]
fn order_direction_and_repetition_of_pairs_change_nothing() {
    let pairs = some_pairs(3, 120);
    let fates = survivors(&pairs, rank);
    let turned: Vec<Alike> = pairs.iter().rev().map(|p| pair(p.b, p.a, p.jaccard)).collect();
    assert_eq!(survivors(&turned, rank), fates);
    let twice: Vec<Alike> = pairs.iter().chain(&turned).copied().collect();
    assert_eq!(survivors(&twice, rank), fates);
}

#[test]
fn of_equally_similar_survivors_the_better_one_is_named() {
    // 1 and 2 are different and stay; 3 is like both.
    let fates = survivors(&[pair(3, 2, 0.9), pair(3, 1, 0.9)], rank);
    assert_eq!(fates[&3], Fate::Dropped { survivor: 1, jaccard: 0.9 });
    assert_eq!(fates[&2], Fate::Alone);
    let closer = survivors(&[pair(3, 2, 0.95), pair(3, 1, 0.9)], rank);
    assert_eq!(closer[&3], Fate::Dropped { survivor: 2, jaccard: 0.95 });
}

#[test]
fn a_document_is_no_duplicate_of_itself() {
    assert_eq!(survivors(&[pair(4, 4, 1.0)], rank), BTreeMap::from([(4, Fate::Alone)]));
    assert!(survivors(&[], rank).is_empty());
    // Equal ranks, which keys rule out in a build, still leave one of two.
    let fates = survivors(&[pair(1, 2, 1.0)], |_| rank(0));
    assert_eq!(fates[&1], Fate::Survives);
    assert_eq!(fates[&2], Fate::Dropped { survivor: 1, jaccard: 1.0 });
}

#[test]
fn a_giant_cluster_leaves_one() {
    let star: Vec<Alike> = (1..20_000).map(|n| pair(n, 0, 0.85)).collect();
    let fates = survivors(&star, rank);
    assert_eq!(fates.values().filter(|fate| matches!(fate, Fate::Dropped { survivor: 0, .. })).count(), 19_999);
}

#[test]
fn a_lower_threshold_counts_what_a_run_with_it_would_drop() {
    let pairs = [pair(1, 2, 0.95), pair(2, 3, 0.85), pair(3, 4, 0.75), pair(1, 5, 0.8)];
    // At .7 the chain 1-2-3-4 loses 2 and 4, and 1 takes 5; at .9 only 2 goes.
    assert_eq!(removed_at(&pairs, &[0.7, 0.8, 0.85, 0.9, 0.99], rank), [3, 2, 1, 1, 0]);
}

#[test]
fn thresholds_counted_at_once_are_those_of_runs_of_their_own() {
    for seed in 0..20 {
        let pairs = some_pairs(seed, 150);
        let thresholds = [0.8, 0.85, 0.9, 0.95, 1.0];
        let alone = |threshold: &f64| {
            let similar: Vec<Alike> = pairs.iter().filter(|pair| *threshold <= pair.jaccard).copied().collect();
            survivors(&similar, rank).values().filter(|fate| matches!(fate, Fate::Dropped { .. })).count() as u64
        };
        assert_eq!(removed_at(&pairs, &thresholds, rank), thresholds.iter().map(alone).collect::<Vec<_>>(), "seed {seed}");
    }
}
