//! Who stays: documents are taken from the best rank to the worst, and one is dropped exactly when it is similar to a document that stays.
//!
//! So every dropped document is itself similar to its survivor (no chains A ~ B ~ C that drop C for A), and the outcome does not depend on the order of pairs.

use std::cmp::Ordering;

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

/// Documents from the best rank to the worst; pairs are told by places in it.
pub struct Ranking {
    /// Ascending.
    documents: Vec<u64>,
    /// Of each of them the place by rank.
    places: Vec<u32>,
    /// By place.
    ranked: Vec<(Rank, u64)>,
}

/// Two documents, by their places in a ranking, and how alike they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    worse: u32,
    better: u32,
    jaccard: f64,
}

impl Ranking {
    /// Memory: 80 bytes a document. One may come more than once.
    pub fn new(mut of: Vec<(u64, Rank)>) -> Self {
        of.sort_unstable_by_key(|(document, _)| *document);
        of.dedup_by_key(|(document, _)| *document);
        let documents: Vec<u64> = of.iter().map(|(document, _)| *document).collect();
        let mut ranked: Vec<(Rank, u64)> = of.into_iter().map(|(document, rank)| (rank, document)).collect();
        ranked.sort_unstable_by(|x, y| x.0.order(&y.0).then(x.1.cmp(&y.1)));
        let mut ranking = Self { places: vec![0; documents.len()], documents, ranked };
        for place in 0..ranking.ranked.len() {
            let at = ranking.at(ranking.ranked[place].1);
            ranking.places[at] = place as u32;
        }
        ranking
    }

    /// Where a document stands in the sorted list.
    fn at(&self, document: u64) -> usize {
        self.documents.binary_search(&document).expect("the ranking holds both ends of every pair")
    }

    fn place(&self, document: u64) -> u32 {
        self.places[self.at(document)]
    }

    pub fn rank(&self, document: u64) -> &Rank {
        &self.ranked[self.place(document) as usize].0
    }

    /// Two of its documents as a pair; none of a document with itself.
    pub fn pair(&self, a: u64, b: u64, jaccard: f64) -> Option<Pair> {
        let (a, b) = (self.place(a), self.place(b));
        (a != b).then_some(Pair { worse: a.max(b), better: a.min(b), jaccard })
    }
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

/// The fates of all documents in the order of their numbers, by pairs of duplicates. A pair may come more than once. Memory: 32 bytes a document.
pub fn survivors(ranking: &Ranking, mut pairs: Vec<Pair>) -> Vec<(u64, Fate)> {
    pairs.sort_unstable_by_key(|pair| (pair.worse, pair.better));
    let mut fates = vec![Fate::Alone; ranking.ranked.len()];
    // Ascending by the worse document, so that the fate of every better one is known.
    for pairs_of_one in pairs.chunk_by(|x, y| x.worse == y.worse) {
        // The most similar survivor gives the evidence; of equals the better rank.
        let staying = pairs_of_one.iter().filter(|pair| !matches!(fates[pair.better as usize], Fate::Dropped { .. }));
        let best = staying.max_by(|x, y| x.jaccard.total_cmp(&y.jaccard).then(y.better.cmp(&x.better)));
        if let Some(&Pair { worse, better, jaccard }) = best {
            fates[better as usize] = Fate::Survives;
            fates[worse as usize] = Fate::Dropped { survivor: ranking.ranked[better as usize].1, jaccard };
        }
    }
    ranking.documents.iter().zip(&ranking.places).map(|(&document, &place)| (document, fates[place as usize])).collect()
}

/// How many documents each threshold would drop, for pairs that were compared (at any similarity). Thresholds below the one that pairs were looked for
/// with are underestimates: bands propose fewer of those pairs, as the S-curve says.
pub fn removed_at(ranking: &Ranking, mut pairs: Vec<Pair>, thresholds: &[f64]) -> Vec<u64> {
    pairs.sort_unstable_by_key(|pair| (pair.worse, pair.better));
    let removed = |threshold: &f64| {
        let mut dropped = vec![false; ranking.ranked.len()];
        for &Pair { worse, better, jaccard } in &pairs {
            dropped[worse as usize] |= *threshold <= jaccard && !dropped[better as usize];
        }
        dropped.into_iter().filter(|dropped| *dropped).count() as u64
    };
    thresholds.iter().map(removed).collect()
}

#[cfg(test)]
mod tests;
