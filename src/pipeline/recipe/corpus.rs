//! The parts of a recipe that look at the whole corpus: duplicates and benchmark text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::decontaminate;
use crate::dedup;
use crate::dedup::paragraphs::{self, By};
use crate::error::{Error, Result};

use super::{Alarm, Benchmark};

crate::described! {
    /// Exact and near-duplicates.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
    pub struct Dedup {
        /// Shingles of texts with spaces.
        pub shingles: dedup::Shingles,
        /// Bands and rows of the signature, or `{ recall = 0.995 }`: the share of the pairs at the threshold that are to be found, from which they are planned.
        pub minhash: dedup::Shape,
        /// Exact Jaccard similarity at or above which two documents are duplicates.
        pub threshold: Threshold,
        /// Share of the worse copy's shingles in the better one at or above which it is a duplicate too, in (0, 1]; looked for among the pairs that bands propose.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub containment: Option<f64>,
        /// Which candidate pairs are checked and kept: those that link clusters, or all.
        pub pairs: dedup::Pairs,
        /// Of the documents with the same normalised URL only the best copy stays, whatever their texts are; done before, by a step of its own, `urls`.
        pub same_url: bool,
        /// Where duplicates are looked for beside `remove-from`.
        pub within: Within,
        /// "cluster", or "host-and-cluster": only copies on the host of the survivor are dropped.
        pub keep_one_per: KeepOnePer,
        /// What makes one copy of a source better than another, at most two: "length", "score", "newest", "oldest".
        pub prefer: Vec<dedup::Preference>,
        /// Field of a text set's records that holds the number for "score".
        #[serde(skip_serializing_if = "Option::is_none")]
        pub score_field: Option<String>,
        /// Bytes that a task's share of keys and shingles may take, as far as it can be told from the size of the inputs: more partitions where it is less.
        pub partition_bytes: u64,
        /// Source: the sources whose copies win over its own.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        pub remove_from: BTreeMap<String, Vec<String>>,
        /// Sources from the most to the least preferred survivor; those not named follow, winners of `remove-from` first, then by name.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub priority: Vec<String>,
        /// Folders of finished builds that kept an index: what they kept comes before every document here.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub index: Vec<String>,
        /// Keep an index of what stays, with which later builds compare theirs: 64 bytes a document and 8 a band.
        pub keep_index: bool,
        /// What the reports and the terminal raise an alarm about: a cluster of more documents, a source that loses a larger share. Nothing else depends on it.
        pub alarm: Alarm,
    }
}

impl Default for Dedup {
    fn default() -> Self {
        Self {
            shingles: dedup::Shingles::default(),
            minhash: dedup::Shape::default(),
            threshold: Threshold::default(),
            containment: None,
            pairs: dedup::Pairs::default(),
            same_url: false,
            within: Within::default(),
            keep_one_per: KeepOnePer::default(),
            prefer: vec![dedup::Preference::Length],
            score_field: None,
            partition_bytes: 256 << 20,
            remove_from: BTreeMap::new(),
            priority: Vec::new(),
            index: Vec::new(),
            keep_index: false,
            alarm: Alarm::default(),
        }
    }
}

impl Dedup {
    /// As the dedup room takes them.
    pub fn options(&self) -> dedup::Options {
        let Self { shingles, threshold: Threshold(threshold), pairs, containment, .. } = *self;
        dedup::Options { shingles, minhash: self.minhash.at(threshold), threshold, containment, pairs }
    }

    /// # Errors
    /// When a setting cannot hold.
    pub fn check(&self) -> Result<()> {
        if let dedup::Shape::Planned { recall } = self.minhash
            && !(0.0 < recall && recall < 1.0)
        {
            return Err(Error::recipe(format!("recall is a share of the pairs at the threshold above 0 and below 1, not {recall}")));
        }
        if !(1024..=1 << 40).contains(&self.partition_bytes) {
            return Err(Error::recipe(format!("partition-bytes is 1024 to 1099511627776, not {}", self.partition_bytes)));
        }
        if let Some(twice) = self.index.iter().enumerate().find_map(|(at, name)| self.index[..at].contains(name).then_some(name)) {
            return Err(Error::recipe(format!("the index {twice} stands in index twice")));
        }
        let twice = self.prefer.len() == 2 && self.prefer[0] == self.prefer[1];
        if 2 < self.prefer.len() || twice {
            return Err(Error::recipe("prefer names at most two different qualities"));
        }
        if self.prefer.contains(&dedup::Preference::Score) != self.score_field.is_some() {
            return Err(Error::recipe("prefer = [\"score\"] and score-field, which names the field that holds it, go together"));
        }
        self.options().check()
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

crate::described! {
    /// Paragraphs that better documents hold, or that came before in the same text, are cut out.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
    pub struct Paragraphs {
        /// What is compared: "ccnet", whole paragraphs in normal form, or { ngrams = { words = 13, threshold = 0.8 } }, the share of a paragraph's n-grams, as DCLM does.
        pub by: By,
        /// Sources that lose paragraphs; all others come before them, keep what they hold, and it goes from these. All sources when empty.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub cut_from: Vec<String>,
        /// A document that was cut and has fewer characters left is dropped; 300 is CCNet's least document.
        pub min_characters: usize,
        /// Of the Bloom filter that finds repeated hashes. What it finds is looked at exactly, so that memory and time depend on this, and not what is cut.
        pub false_positive_rate: f64,
    }
}

impl Default for Paragraphs {
    fn default() -> Self {
        Self { by: By::default(), cut_from: Vec::new(), min_characters: 300, false_positive_rate: 0.01 }
    }
}

impl Paragraphs {
    /// As the dedup room takes them.
    pub fn options(&self) -> paragraphs::Options {
        let Self { by, min_characters, false_positive_rate, .. } = *self;
        paragraphs::Options { by, min_characters, false_positive_rate }
    }

    /// True when documents of this source lose paragraphs.
    pub fn cuts(&self, source: &String) -> bool {
        self.cut_from.is_empty() || self.cut_from.contains(source)
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

/// How many of the documents of a cluster stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeepOnePer {
    #[default]
    Cluster,
    HostAndCluster,
}

crate::described! {
    /// Benchmark text that must not be in the training text (GPT-3, appendix C).
    #[derive(Clone, Debug, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields)]
    pub struct Decontaminate {
        /// Benchmark files, JSON lines or Parquet: paths or globs, or { path, fields } with paths to the text in a line or row; required.
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
