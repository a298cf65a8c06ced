//! The tables of dedup: work tables of its rounds, and pairs and clusters for people.

use crate::document::Key;

use super::super::{Keyed, keyed};

/// Where the tables for people lie.
pub const PAIRS: &str = "dedup/pairs.parquet";
pub const CLUSTERS: &str = "dedup/clusters.parquet";

crate::table! {
    /// An exact duplicate and its representative (work table).
    pub struct SameRow {
        /// File and row of the duplicate.
        document: u64,
        /// File and row of the best copy.
        best: u64,
        /// Key of the best copy.
        best_key: Key,
        /// Priority of the best copy's source.
        best_priority: u32,
    }
}

crate::table! {
    /// Two documents that were compared, and how alike they are.
    pub struct PairRow {
        /// Source of the better copy.
        source_a: String,
        /// Its id.
        id_a: String,
        /// Source of the other.
        source_b: String,
        /// Its id.
        id_b: String,
        /// Exact Jaccard similarity of shingle sets, in 0..=1.
        jaccard: f64,
        /// Shared shingles over those of the smaller set, in 0..=1.
        containment: f64,
        /// Shingles in both.
        shared: u64,
        /// Shingles in either.
        distinct: u64,
        /// duplicate (at or above the threshold), contained (the other in the better one), or different.
        verdict: String,
        /// Key of the better copy.
        key_a: Key,
        /// Key of the other.
        key_b: Key,
    }
}

crate::table! {
    /// A document that has duplicates or is one.
    pub struct ClusterRow {
        /// Key of the cluster's survivor.
        cluster: Key,
        /// The document's source.
        source: String,
        /// The document's id.
        id: String,
        /// Its key.
        key: Key,
        /// It stays.
        survivor: bool,
        /// Jaccard similarity to the survivor; 1 for the survivor itself.
        jaccard: f64,
        /// Where it was found on the web.
        url: Option<String>,
    }
}

crate::table! {
    /// What names a document.
    pub struct IdRow {
        /// The document's key.
        key: Key,
        /// What the input calls it.
        id: String,
        /// Where it was found on the web.
        url: Option<String>,
    }
}

crate::table! {
    /// What a person wants to see of a document.
    pub struct LookRow {
        /// The document's key.
        key: Key,
        /// What the input calls it.
        id: String,
        /// Where it was found on the web.
        url: Option<String>,
        /// Title of the page or book.
        title: Option<String>,
        /// Main text.
        text: String,
    }
}

keyed!(IdRow);
