//! Who stays: documents are taken from the best rank to the worst, and one is dropped exactly when it is similar to a document that stays.
//!
//! So every dropped document is itself similar to its survivor (no chains A ~ B ~ C that drop C for A), and the outcome does not depend on the order of pairs.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::document::Key;

/// What makes one copy better than another: the source's priority (lower first), then what is preferred (larger first), then the smaller key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rank {
    pub priority: u32,
    /// As [`Preference::value`](super::Preference::value) gives them.
    pub preferences: [u64; 2],
    pub key: Key,
}

impl Rank {
    /// `Less` when this copy is the better one.
    pub fn order(&self, other: &Self) -> Ordering {
        self.priority.cmp(&other.priority).then(other.preferences.cmp(&self.preferences)).then(self.key.cmp(&other.key))
    }
}

/// Two documents that are duplicates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    pub a: u64,
    pub b: u64,
    pub jaccard: f64,
}

/// What becomes of a document that has a duplicate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    /// It stays, and others were dropped for it.
    Survives,
    /// It is dropped for this survivor, to which it is this similar.
    Dropped { survivor: u64, jaccard: f64 },
    /// It stays: all that it resembles were dropped.
    Alone,
}

/// The fate of every document that stands in a pair, by number; `rank` must know each. A pair may come more than once and either way round; one of a
/// document with itself says nothing. Memory: 24 bytes a pair, and at most 200 a document.
pub fn survivors(pairs: &[Pair], rank: impl Fn(u64) -> Rank) -> BTreeMap<u64, Fate> {
    let Ranked { ranked, edges } = Ranked::of(pairs, rank);
    let mut fates = vec![Fate::Alone; ranked.len()];
    for pairs_of_one in edges.chunk_by(|x, y| x.0 == y.0) {
        // The most similar survivor gives the evidence; of equals the better rank.
        let staying = pairs_of_one.iter().filter(|(_, better, _)| !matches!(fates[*better], Fate::Dropped { .. }));
        let best = staying.max_by(|x, y| x.2.total_cmp(&y.2).then(y.1.cmp(&x.1)));
        if let Some(&(worse, better, jaccard)) = best {
            fates[better] = Fate::Survives;
            fates[worse] = Fate::Dropped { survivor: ranked[better].1, jaccard };
        }
    }
    ranked.iter().map(|(_, document)| *document).zip(fates).collect()
}

/// Pairs by rank.
struct Ranked {
    /// Documents of pairs from the best to the worst.
    ranked: Vec<(Rank, u64)>,
    /// Each pair as the places of its worse document and of its better one, and how alike they are; ascending.
    edges: Vec<(usize, usize, f64)>,
}

impl Ranked {
    fn of(pairs: &[Pair], rank: impl Fn(u64) -> Rank) -> Self {
        let mut documents: Vec<u64> = pairs.iter().filter(|pair| pair.a != pair.b).flat_map(|pair| [pair.a, pair.b]).collect();
        documents.sort_unstable();
        documents.dedup();
        let mut ranked: Vec<(Rank, u64)> = documents.iter().map(|&document| (rank(document), document)).collect();
        ranked.sort_unstable_by(|x, y| x.0.order(&y.0).then(x.1.cmp(&y.1)));
        // From a document's position in `documents` to its place by rank.
        let mut places = vec![0; documents.len()];
        for (place, (_, document)) in ranked.iter().enumerate() {
            places[position(&documents, *document)] = place;
        }
        let place = |document: u64| places[position(&documents, document)];
        // Each pair as its worse document, its better one, and how alike they are.
        let mut edges: Vec<(usize, usize, f64)> = pairs
            .iter()
            .filter(|pair| pair.a != pair.b)
            .map(|pair| {
                let (a, b) = (place(pair.a), place(pair.b));
                (a.max(b), a.min(b), pair.jaccard)
            })
            .collect();
        edges.sort_unstable_by_key(|edge| (edge.0, edge.1));
        Self { ranked, edges }
    }
}

/// Where a document stands in the sorted list of all in pairs.
fn position(documents: &[u64], document: u64) -> usize {
    documents.binary_search(&document).expect("documents holds both ends of every pair")
}

/// How many documents each threshold would drop, for pairs that were compared (at any similarity). Thresholds below the one that pairs were looked for
/// with are underestimates: bands propose fewer of those pairs, as the S-curve says.
pub fn removed_at(pairs: &[Pair], thresholds: &[f64], rank: impl Fn(u64) -> Rank) -> Vec<u64> {
    let Ranked { ranked, edges } = Ranked::of(pairs, rank);
    let removed = |threshold: &f64| {
        let mut dropped = vec![false; ranked.len()];
        // Ascending by the worse document, so that the fate of every better one is known.
        for &(worse, better, jaccard) in &edges {
            dropped[worse] |= *threshold <= jaccard && !dropped[better];
        }
        dropped.into_iter().filter(|dropped| *dropped).count() as u64
    };
    thresholds.iter().map(removed).collect()
}

#[cfg(test)]
mod tests;
