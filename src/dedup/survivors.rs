//! Who stays: documents are taken from the best rank to the worst, and one is dropped exactly when it is similar to a document that stays.
//!
//! So every dropped document is itself similar to its survivor (no chains A ~ B ~ C that drop C for A), and the outcome does not depend on the order of pairs.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::document::Key;

/// What makes one copy better than another: the source's priority (lower first), then the higher score where scores are known, then length, then the smaller key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rank {
    pub priority: u32,
    pub score: Option<f64>,
    /// Bytes of text.
    pub length: u64,
    pub key: Key,
}

impl Rank {
    /// `Less` when this copy is the better one.
    pub fn order(&self, other: &Self) -> Ordering {
        let score = |rank: &Self| rank.score.unwrap_or(f64::NEG_INFINITY);
        let by_priority = self.priority.cmp(&other.priority);
        let by_score = score(other).total_cmp(&score(self));
        by_priority.then(by_score).then(other.length.cmp(&self.length)).then(self.key.cmp(&other.key))
    }
}

/// Two documents at or above the threshold.
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

/// The fate of every document that stands in a pair; `rank` must know each. Memory: 24 bytes a pair and direction, 48 a document.
pub fn survivors(pairs: &[Pair], rank: impl Fn(u64) -> Rank) -> HashMap<u64, Fate> {
    let mut edges: Vec<(u64, u64, f64)> =
        pairs.iter().flat_map(|pair| [(pair.a, pair.b, pair.jaccard), (pair.b, pair.a, pair.jaccard)]).collect();
    edges.sort_by(|x, y| (x.0, x.1).cmp(&(y.0, y.1)).then(y.2.total_cmp(&x.2)));
    edges.dedup_by_key(|edge| (edge.0, edge.1));
    let mut ranked: Vec<(Rank, u64)> = Vec::new();
    for edge in &edges {
        if ranked.last().is_none_or(|(_, last)| *last != edge.0) {
            ranked.push((rank(edge.0), edge.0));
        }
    }
    ranked.sort_by(|x, y| x.0.order(&y.0).then(x.1.cmp(&y.1)));
    let place: HashMap<u64, usize> = ranked.iter().enumerate().map(|(place, (_, document))| (*document, place)).collect();
    let mut fates: HashMap<u64, Fate> = HashMap::with_capacity(ranked.len());
    for (index, &(_, document)) in ranked.iter().enumerate() {
        let from = edges.partition_point(|edge| edge.0 < document);
        let mine = edges[from..].iter().take_while(|edge| edge.0 == document);
        // The most similar survivor gives the evidence; of equals the better rank.
        let best = mine
            .filter(|edge| place[&edge.1] < index && !matches!(fates[&edge.1], Fate::Dropped { .. }))
            .max_by(|x, y| x.2.total_cmp(&y.2).then(place[&y.1].cmp(&place[&x.1])));
        match best {
            None => {
                fates.insert(document, Fate::Alone);
            }
            Some(&(_, survivor, jaccard)) => {
                fates.insert(survivor, Fate::Survives);
                fates.insert(document, Fate::Dropped { survivor, jaccard });
            }
        }
    }
    fates
}
