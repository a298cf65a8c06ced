//! What a build did, for people: one JSON file and one self-contained HTML page. Pure: numbers come in, text goes out.
//!
//! The page shows strangers' text (titles, URLs, names), so the template engine escapes every value, charts are SVG made from numbers,
//! nothing is loaded from elsewhere and no script runs (TRUST section 5).

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

mod benchmarks;
pub mod charts;
pub mod dedup;
mod dedup_page;
pub mod diff;
mod html;
mod markdown;
pub mod page;
mod policy;
pub mod sheet;
mod terminal;

pub use benchmarks::{BenchmarkHits, BenchmarkOverlap, DecontaminationSummary};
pub use html::{percent, size, thousands};
pub use policy::{ListCounts, MaskCounts, OptOutCounts};

/// Everything that the report shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The recipe's file name, or what was run instead.
    pub name: String,
    /// The resolved recipe as TOML.
    pub recipe: String,
    /// Records read = documents kept + documents dropped; checked.
    pub law: Law,
    /// What the user should know, most important first.
    pub warnings: Vec<String>,
    pub funnel: Vec<SourceFunnel>,
    pub inputs: Vec<InputSummary>,
    /// Sources that were selected by links.
    #[serde(default)]
    pub links: Vec<LinkSummary>,
    pub languages: Vec<LanguageShare>,
    pub models: Vec<ModelSummary>,
    pub scores: Vec<ScoreChart>,
    #[serde(default)]
    pub urls: Option<UrlSummary>,
    pub dedup: Option<DedupSummary>,
    #[serde(default)]
    pub paragraphs: Option<ParagraphSummary>,
    /// What pages say to robots, by source.
    #[serde(default)]
    pub opt_outs: Vec<OptOutCounts>,
    /// Documents that lists dropped.
    #[serde(default)]
    pub lists: Vec<ListCounts>,
    /// What was masked, by source.
    #[serde(default)]
    pub masks: Vec<MaskCounts>,
    pub decontamination: Option<DecontaminationSummary>,
    pub blend: Option<BlendSummary>,
    pub costs: Vec<Cost>,
    /// Totals over this run: CPU and wall seconds, peak resident memory in bytes.
    pub total: Total,
}

impl Report {
    /// The report as JSON for scripts.
    ///
    /// # Errors
    /// Never for numbers that are finite; a fault of ours otherwise.
    pub fn to_json(&self) -> Result<String> {
        let text = serde_json::to_string_pretty(self).map_err(|error| Error::new("cannot write the report as JSON").because(error))?;
        Ok(text + "\n")
    }

    /// The same without words out of documents and benchmarks, to be shown where those may not be.
    #[must_use]
    pub fn without_text(&self) -> Self {
        let mut report = self.clone();
        for model in &mut report.models {
            model.strongest_for.clear();
            model.strongest_against.clear();
        }
        report.decontamination.iter_mut().for_each(|found| found.ignored.clear());
        report
    }
}

/// A string of strangers with control, bidirectional and invisible characters as escapes, so that it cannot reorder or hide what
/// stands around it. Joiners (U+200B to U+200D) stay: Persian, Indic scripts and emoji need them.
pub fn visible(text: &str) -> String {
    let bidi = |c: char| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let hidden = |c: char| matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    let hostile = |c: char| c.is_control() || bidi(c) || hidden(c);
    text.chars().map(|c| if hostile(c) { c.escape_default().to_string() } else { c.to_string() }).collect()
}

/// A report may be read back from a file that someone changed: sums stop at the largest number instead of wrapping.
fn sum(numbers: impl Iterator<Item = u64>) -> u64 {
    numbers.fold(0, u64::saturating_add)
}

/// The conservation law over the whole build.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Law {
    pub read: u64,
    pub kept: u64,
    pub dropped: u64,
}

impl Law {
    /// Whether everything read was either kept or dropped.
    pub fn holds(&self) -> bool {
        Some(self.read) == self.kept.checked_add(self.dropped)
    }
}

/// One source through all steps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFunnel {
    pub source: String,
    pub steps: Vec<StepFunnel>,
}

/// One source through one step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepFunnel {
    pub step: String,
    pub read: u64,
    /// Documents that came from another source in this step.
    pub entered: u64,
    pub kept: u64,
    pub moved: Vec<(String, u64)>,
    /// Most frequent first.
    pub dropped: Vec<Dropped>,
}

/// Documents dropped for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    pub filter: String,
    pub rule: String,
    pub documents: u64,
}

/// What was in one source's files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputSummary {
    pub source: String,
    pub stored_bytes: u64,
    pub decoded_bytes: u64,
    pub text_bytes: u64,
    /// Records by type.
    pub records: Vec<(String, u64)>,
    /// Faults survived, cuts made by limits.
    pub faults: Vec<(String, u64)>,
}

/// The links that a source was selected by, and the documents that they led to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkSummary {
    pub source: String,
    /// The source that its documents left.
    pub from: String,
    /// Rows of the link files.
    pub rows: u64,
    /// Rows that count.
    pub used: u64,
    /// Rows that do not, by reason.
    pub skipped: Vec<(String, u64)>,
    /// (bucket, links with a score in it), in order.
    pub scores: Vec<(String, u64)>,
    pub distinct_urls: u64,
    pub distinct_domains: u64,
    /// Documents of `from` that were looked at.
    pub documents: u64,
    /// Those whose own URL is linked to.
    pub by_url: u64,
    /// Those of which only the registered domain is.
    pub by_domain: u64,
}

/// Languages of one source before its filters, most frequent first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LanguageShare {
    pub source: String,
    pub languages: Vec<(String, u64)>,
    /// The documents of each of them by tenth of the probability that it is their language: from 0 to .1 first, from .9 to 1 last.
    #[serde(default)]
    pub tenths: Vec<[u64; 10]>,
}

/// A classifier in a few lines; its card holds the rest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelSummary {
    pub name: String,
    pub positives: String,
    pub negatives: String,
    /// Names and values, in the order to show.
    pub figures: Vec<(String, String)>,
    pub warnings: Vec<String>,
    /// Terms that speak most for quality, with their weights: strangers' words.
    #[serde(default)]
    pub strongest_for: Vec<(String, f64)>,
    /// Terms that speak most against it.
    #[serde(default)]
    pub strongest_against: Vec<(String, f64)>,
}

/// Scores of one source and what each rule keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScoreChart {
    pub source: String,
    /// The rule that acted: "pareto, alpha 9" or "threshold 0.5".
    pub rule: String,
    /// The least score of the threshold rule: the recipe's, or .5.
    pub threshold: f64,
    pub buckets: Vec<ScoreBucket>,
}

/// Documents with scores in one bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScoreBucket {
    /// Lower edge in 0..=1; buckets are .02 wide, and empty ones may be left out.
    pub from: f64,
    pub all: u64,
    pub threshold_keeps: u64,
    pub pareto_keeps: u64,
}

/// Copies with the same URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrlSummary {
    pub documents: u64,
    /// Documents removed from one source in favour of one with their URL in another or the same: (loser, winner, documents).
    pub removed: Vec<(String, String, u64)>,
    /// Other counters: distinct URLs, documents without one.
    pub notes: Vec<(String, u64)>,
}

impl UrlSummary {
    /// Documents removed.
    pub fn n_removed(&self) -> u64 {
        sum(self.removed.iter().map(|(_, _, n)| *n))
    }
}

/// What de-duplication found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DedupSummary {
    pub threshold: f64,
    pub bands: u64,
    pub rows: u64,
    pub documents: u64,
    pub exact_duplicates: u64,
    pub near_duplicates: u64,
    /// Candidate pairs that were compared exactly.
    pub candidates: u64,
    pub verified: u64,
    /// (lower edge, pairs at or above the threshold, pairs below), in steps of .05.
    pub similarities: Vec<(f64, u64, u64)>,
    /// (label of sizes, clusters).
    pub cluster_sizes: Vec<(String, u64)>,
    /// Documents removed from one source in favour of a copy in another or the same: (loser, winner, exact, near).
    pub removed: Vec<(String, String, u64, u64)>,
    /// (Jaccard similarity, probability of becoming a candidate).
    pub s_curve: Vec<(f64, f64)>,
    /// Other counters: hot buckets, texts too short.
    pub notes: Vec<(String, u64)>,
}

/// Duplicate paragraphs that were cut out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParagraphSummary {
    /// What was compared: "whole paragraphs", "runs of 13 words, at least 0.8 of a paragraph's".
    pub by: String,
    pub rows: Vec<ParagraphCounts>,
    /// Paragraphs that one source lost to another, to itself, or to the same document: (loser, owner, paragraphs).
    pub owners: Vec<(String, String, u64)>,
    /// Other counters: hashes, those that the Bloom filter took for repeated, its false alarms.
    pub notes: Vec<(String, u64)>,
}

/// What one source lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParagraphCounts {
    pub source: String,
    pub paragraphs: u64,
    /// Also of documents that were dropped for it, as the bytes.
    pub paragraphs_cut: u64,
    pub bytes: u64,
    pub bytes_cut: u64,
    pub documents: u64,
    /// Documents that stay without some of their paragraphs.
    pub documents_shortened: u64,
    pub documents_dropped: u64,
}

/// The blend as asked, as solved and as drawn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BlendSummary {
    pub tokenizer: String,
    /// What limits the total.
    pub binding: String,
    pub rows: Vec<BlendRow>,
    pub warnings: Vec<String>,
    pub shards: u64,
    pub shard_bytes: u64,
    /// Of shards with 1,000 rows or more the share that is farthest off its weight.
    #[serde(default)]
    pub farthest_share: Option<FarthestShare>,
}

/// A source's share of a shard.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FarthestShare {
    pub shard: String,
    pub source: String,
    /// Of the shard's tokens, in 0..=1.
    pub share: f64,
    pub weight: f64,
    /// Shards that were looked at.
    pub shards: u64,
}

/// One source of the blend.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BlendRow {
    pub source: String,
    pub weight: f64,
    pub epochs: f64,
    pub tokens_available: u64,
    pub tokens_planned: u64,
    /// In the shards as drawn.
    pub tokens_drawn: u64,
    pub share_drawn: f64,
    pub binds: bool,
}

/// What one step cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    pub step: String,
    /// Found done in the ledger; the costs are those of the run that did it.
    pub cached: bool,
    pub user_seconds: f64,
    pub system_seconds: f64,
    pub wall_seconds: f64,
    /// Bytes it worked on.
    pub bytes: u64,
    /// Those of them that the costs are of: fewer, when a run before the last was stopped, for what that one cost is not known.
    pub costed_bytes: u64,
}

/// Totals of this run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Total {
    pub user_seconds: f64,
    pub system_seconds: f64,
    pub wall_seconds: f64,
    pub peak_memory_bytes: u64,
}

#[cfg(test)]
mod tests;
