//! The parts of a recipe that look at the whole corpus: duplicates and benchmark text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::decontaminate;
use crate::dedup;

use super::Benchmark;

crate::described! {
    /// Exact and near-duplicates.
    #[derive(Clone, Debug, Default, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
    pub struct Dedup {
        /// Shingles of texts with spaces.
        pub shingles: dedup::Shingles,
        /// Bands and rows of the signature.
        pub minhash: dedup::MinHash,
        /// Exact Jaccard similarity at or above which two documents are duplicates.
        pub threshold: Threshold,
        /// Which candidate pairs are checked and kept: those that link clusters, or all.
        pub pairs: dedup::Pairs,
        /// Where duplicates are looked for beside `remove-from`.
        pub within: Within,
        /// Source: the sources whose copies win over its own.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        pub remove_from: BTreeMap<String, Vec<String>>,
        /// Sources from the most to the least preferred survivor; those not named follow, winners of `remove-from` first, then by name.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub priority: Vec<String>,
    }
}

impl Dedup {
    /// As the dedup room takes them.
    pub fn options(&self) -> dedup::Options {
        dedup::Options { shingles: self.shingles, minhash: self.minhash, threshold: self.threshold.0, pairs: self.pairs }
    }

    /// All sources from the most to the least preferred survivor: those of `priority`, then winners of `remove-from` before their losers, then by name.
    pub fn source_order<'n>(&self, names: impl Iterator<Item = &'n String>) -> Vec<String> {
        let mut order = self.priority.clone();
        let mut left: Vec<&String> = names.filter(|name| !self.priority.contains(name)).collect();
        while !left.is_empty() {
            // The first by name whose winners are all placed; in a circle nobody is, and the check of the recipe says so.
            let winners_placed =
                |name: &String| self.remove_from.get(name).is_none_or(|winners| winners.iter().all(|winner| order.contains(winner)));
            let next = left.iter().position(|name| winners_placed(name)).unwrap_or(0);
            order.push(left.remove(next).clone());
        }
        order
    }
}

/// In (0, 1].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Threshold(pub f64);

impl Default for Threshold {
    fn default() -> Self {
        Self(0.8)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Within {
    #[default]
    EachSource,
    AllSources,
}

crate::described! {
    /// Benchmark text that must not be in the training text (GPT-3, appendix C).
    #[derive(Clone, Debug, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields)]
    pub struct Decontaminate {
        /// Benchmark files: paths or globs, or { path, fields }; required.
        pub benchmarks: Vec<Benchmark>,
        /// Words of a colliding n-gram.
        #[serde(default = "default_n")]
        pub n: usize,
        /// Characters cut on each side of a collision.
        #[serde(default = "default_window")]
        pub window: usize,
        /// Pieces with fewer characters are dropped.
        #[serde(default = "default_min_piece")]
        pub min_piece: usize,
        /// A document in more pieces is dropped whole; books are not.
        #[serde(default = "default_max_pieces")]
        pub max_pieces: usize,
        /// N-grams in more documents are ignored.
        #[serde(default = "default_max_documents")]
        pub max_documents: u64,
    }
}

fn default_n() -> usize {
    decontaminate::Options::default().n
}

fn default_window() -> usize {
    decontaminate::Options::default().window
}

fn default_min_piece() -> usize {
    decontaminate::Options::default().min_piece
}

fn default_max_pieces() -> usize {
    decontaminate::Options::default().max_pieces
}

fn default_max_documents() -> u64 {
    decontaminate::Options::default().max_documents
}

impl Decontaminate {
    /// As the decontaminate room takes them.
    pub fn options(&self) -> decontaminate::Options {
        decontaminate::Options {
            n: self.n,
            window: self.window,
            min_piece: self.min_piece,
            max_pieces: self.max_pieces,
            max_documents: self.max_documents,
        }
    }
}
