//! Benchmark text that was found in the corpus, what was cut of it, and how much of each benchmark stood and stands there (GPT-3, table C.1).

use serde::{Deserialize, Serialize};

/// Benchmark text found in the corpus.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecontaminationSummary {
    /// N-grams that were looked for.
    pub grams: u64,
    pub ignored_grams: u64,
    pub short_items: u64,
    pub documents_cut: u64,
    pub documents_dropped: u64,
    pub bytes_cut: u64,
    /// What was found of each benchmark in each source.
    #[serde(default)]
    pub hits: Vec<BenchmarkHits>,
    /// How much of each benchmark stands in the documents.
    #[serde(default)]
    pub overlap: Vec<BenchmarkOverlap>,
    /// N-grams ignored as templates, with the documents that hold them; the most frequent ones. Words of benchmarks and strangers.
    #[serde(default)]
    pub ignored: Vec<(String, u64)>,
}

/// What was found of a benchmark in a source; ignored n-grams are left out. An n-gram that several benchmarks hold counts for the first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BenchmarkHits {
    pub benchmark: String,
    pub source: String,
    pub documents: u64,
    /// Places at which an n-gram begins.
    pub hits: u64,
    /// Cuts that begin with one.
    pub cuts: u64,
}

/// How much of a benchmark stands in the documents before the cuts and after, by n-grams of a length of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BenchmarkOverlap {
    pub benchmark: String,
    /// Words of the n-grams: the 5th percentile of its examples' lengths, 8 to 13.
    pub n: u64,
    pub examples: u64,
    /// Examples that are too short for anything of them to be cut.
    pub unprotected: u64,
    /// Examples of which an n-gram stands in the documents before the cuts, or all that they are where they are shorter.
    pub dirty: u64,
    /// Examples of which one stands in what is left.
    pub dirty_after: u64,
}

impl BenchmarkOverlap {
    /// Examples that are not dirty before the cuts.
    pub fn clean(&self) -> u64 {
        self.examples.saturating_sub(self.dirty)
    }

    /// Those that are not dirty after them.
    pub fn clean_after(&self) -> u64 {
        self.examples.saturating_sub(self.dirty_after)
    }
}
