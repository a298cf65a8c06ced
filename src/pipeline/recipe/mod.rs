//! The recipe: one TOML file, typed, checked whole before any input is opened. Unknown keys are refused with the nearest known one,
//! and every fault names file, line and column.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::blend::Blend;
use crate::error::{Error, Result};
use crate::extract;
use crate::mask;
use crate::quality::keep::Rule;
use crate::quality::{Features, Fittable, TrainOptions};
use crate::read::links::{Choice, LinkRule, Treatment};
use crate::read::{Format, Limits};

pub use crate::read::links::Match;

use super::registry::FilterSpec;

mod alarm;
mod benchmark;
mod card;
mod check;
mod corpus;
mod load;
mod locate;
mod negatives;
mod read;

pub use alarm::Alarm;
pub use benchmark::Benchmark;
pub use card::Card;
pub use corpus::{Decontaminate, Dedup, KeepOnePer, Paragraphs, Threshold, Within};
pub use load::{load, parse};
pub use locate::nearest;
pub use negatives::{Negative, Negatives};
pub use read::Read;

/// A recipe as it is run: every default filled in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Recipe {
    /// Keys every random choice.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// Bytes of input, as stored, that one task of `extract` reads and one file of documents holds; a larger input is a task of its own. The data set does not depend on it.
    #[serde(default = "default_bundle_bytes")]
    pub bundle_bytes: u64,
    /// Of each source only so many files are read, drawn by the seed from all that it names: a look at a crawl before it is read whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_files: Option<u64>,
    /// A list of URLs, domains, ids and hashes, one a line, whose documents must not be in the build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remove: Option<String>,
    /// The sources by name: each is read from files or selected from another source.
    #[serde(rename = "source")]
    pub sources: BTreeMap<String, Source>,
    /// Quality classifiers by name, for `keep` and for `gristmill train`.
    #[serde(rename = "model", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub models: BTreeMap<String, Model>,
    /// Caps on what is read.
    #[serde(default)]
    pub limits: Limits,
    /// Main text of pages.
    #[serde(default)]
    pub extract: extract::Options,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dedup: Option<Dedup>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paragraphs: Option<Paragraphs>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<mask::Options>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decontaminate: Option<Decontaminate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blend: Option<Blend>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Output>,
    /// What the data card says that nothing can be counted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// The folder that paths are relative to; never part of the recipe's text.
    #[serde(skip)]
    pub base: PathBuf,
}

fn default_bundle_bytes() -> u64 {
    64 << 20
}

fn default_seed() -> u64 {
    2020
}

impl Recipe {
    /// The recipe of `gristmill dedup`: sources and what finds their duplicates, nothing else. Paths are relative to the working folder.
    pub fn of_sources(sources: BTreeMap<String, Source>, dedup: Dedup) -> Self {
        Self {
            seed: default_seed(),
            bundle_bytes: default_bundle_bytes(),
            sample_files: None,
            remove: None,
            sources,
            models: BTreeMap::new(),
            limits: Limits::default(),
            extract: extract::Options::default(),
            dedup: Some(dedup),
            paragraphs: None,
            mask: None,
            decontaminate: None,
            blend: None,
            output: None,
            card: None,
            base: PathBuf::new(),
        }
    }

    /// Sources that are read as books.
    pub fn books(&self) -> Vec<String> {
        let is_book = |source: &Source| source.read.as_ref().is_some_and(|read| read.parts().0 == Format::Books);
        self.sources.iter().filter(|(_, source)| is_book(source)).map(|(name, _)| name.clone()).collect()
    }

    /// The share of the documents that is held out for validation.
    pub fn validation(&self) -> f64 {
        self.output.as_ref().map_or(0.0, |output| output.validation)
    }

    /// The licence of a source, or of the one that it is selected from.
    pub fn license(&self, source: &str) -> Option<&str> {
        let of = |name: &str| self.sources.get(name).and_then(|source| source.license.as_deref());
        of(source).or_else(|| of(&self.sources.get(source)?.select.as_ref()?.from))
    }

    /// Every licence that is stated, by source.
    pub fn licenses(&self) -> BTreeMap<String, String> {
        self.sources.keys().filter_map(|name| Some((name.clone(), self.license(name)?.to_owned()))).collect()
    }

    /// All sources from the one whose copies are kept first to the last; by name where there is no `[dedup]` that says more.
    pub fn source_order(&self) -> Vec<String> {
        self.dedup.clone().unwrap_or_default().source_order(self.sources.keys())
    }
}

/// One source of documents.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Source {
    /// Files to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<Read>,
    /// Where relative names in its lists begin, a folder or a URL; else the folder of the list, or the first one above it in which they are found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// Documents to take out of another source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub select: Option<Select>,
    /// Filters in the order they judge.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filter: Vec<FilterSpec>,
    /// The quality classifier's say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<Keep>,
    /// Under what its documents may be used: a licence's SPDX identifier, such as `CC-BY-SA-4.0`, or words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
}

/// Pages that others linked to leave their parent and become a source of their own.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Select {
    /// The source they leave.
    pub from: String,
    pub linked_from: LinkedFrom,
}

crate::described! {
    /// The WebText rule (METHOD: at least 3 karma). Links of all files are added up.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields)]
    pub struct LinkedFrom {
        /// A link table that `gristmill links` made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub table: Option<String>,
        /// Submission dumps (`RS_*.zst`, `.jsonl`).
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub reddit: Vec<String>,
        /// URL lists: one URL a line, or TSV/CSV with the score in the second column.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub urls: Vec<String>,
        /// Domain tables: domain, links, karma.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub domains: Vec<String>,
        /// What has to be equal.
        #[serde(default, rename = "match")]
        pub matching: Match,
        /// Least karma, added over the submissions of one normalised URL.
        #[serde(default = "default_karma")]
        pub min_karma: i64,
        /// Least number of such links, 1 or more; of the page, or of its registered domain.
        #[serde(default = "default_links")]
        pub min_links: u64,
        /// Whether submissions that Reddit marks as adult count: "keep" or "drop".
        #[serde(default = "default_over_18")]
        pub over_18: Treatment,
        /// Whether posts on Reddit itself count, with their own page as what is linked to: "keep" or "drop".
        #[serde(default = "default_self_posts")]
        pub self_posts: Treatment,
    }
}

fn default_karma() -> i64 {
    3
}

fn default_links() -> u64 {
    1
}

fn default_over_18() -> Treatment {
    Treatment::Keep
}

fn default_self_posts() -> Treatment {
    Treatment::Drop
}

impl LinkedFrom {
    /// As the link table takes it.
    pub fn choice(&self) -> Choice {
        Choice { min_karma: self.min_karma, over_18: self.over_18, self_posts: self.self_posts }
    }

    /// When a page is selected by that table.
    pub fn rule(&self) -> LinkRule {
        LinkRule { matching: self.matching, min_links: self.min_links }
    }
}

crate::described! {
    /// Which documents of a source the classifier keeps.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields)]
    pub struct Keep {
        /// A `[model.NAME]`.
        pub model: String,
        /// The Pareto draw of GPT-3 or a threshold.
        #[serde(default)]
        pub rule: Rule,
    }
}

crate::described! {
    /// A quality classifier and what it learns from.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields)]
    pub struct Model {
        /// Sources whose kept documents are good.
        pub positives: Vec<String>,
        /// What the low-quality class is: unfiltered, failed, listed or source, or a list of these.
        pub negatives: Negatives,
        /// Most documents of one registered domain in each class, by keyed draw: a few large sites must not become the model.
        #[serde(default = "default_per_domain")]
        pub max_per_domain: usize,
        /// Most documents of each class, by keyed draw.
        #[serde(default = "default_per_class")]
        pub max_per_class: usize,
        /// Share of each class's registered domains that is held out for the card's figures.
        #[serde(default = "default_held_out")]
        pub held_out: f64,
        /// What the classifier sees of a text.
        #[serde(default)]
        pub features: Features,
        /// L2 penalty on the summed loss: half this times the squared weights (1 / C elsewhere), or "fit".
        #[serde(default = "default_penalty")]
        pub penalty: Fittable,
        /// Steps of the solver.
        #[serde(default = "default_iterations")]
        pub max_iterations: u64,
        /// Models to measure on the same held-out documents: "spark" or "hashing-tf" is taught the same documents, anything else is the path of a model file.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub compare: Vec<String>,
    }
}

fn default_per_domain() -> usize {
    TrainOptions::default().max_per_domain
}

fn default_per_class() -> usize {
    TrainOptions::default().max_per_class
}

fn default_held_out() -> f64 {
    TrainOptions::default().held_out
}

fn default_penalty() -> Fittable {
    TrainOptions::default().penalty
}

fn default_iterations() -> u64 {
    TrainOptions::default().max_iterations
}

impl Model {
    /// As the quality room takes them.
    pub fn options(&self) -> TrainOptions {
        TrainOptions {
            features: self.features,
            max_per_domain: self.max_per_domain,
            max_per_class: self.max_per_class,
            held_out: self.held_out,
            penalty: self.penalty,
            max_iterations: self.max_iterations,
        }
    }
}

crate::described! {
    /// The data set's shape on disk.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
    pub struct Output {
        /// "jsonl.zst" or "parquet".
        pub format: crate::shard::Format,
        /// Bytes of text and metadata, uncompressed, after which a shard is closed.
        pub shard_bytes: u64,
        /// Share of the documents that are held out for validation, 0 to 0.5, by keyed draw: once each, in shards of their own, `validation-*`.
        pub validation: f64,
        /// Also write the tokens of each shard, row by row, as "nanogpt" or "megatron" reads them; for a blend that counts in tokens of a vocabulary.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub tokens: Option<crate::shard::TokenFiles>,
    }
}

impl Output {
    /// The defaults with the format of this name.
    ///
    /// # Errors
    /// When there is no such format; the message has those that are.
    pub fn named(format: &str) -> Result<Self> {
        let format = serde_json::from_value(format.into()).map_err(|error| Error::recipe(error.to_string()))?;
        Ok(Self { format, ..Self::default() })
    }
}

impl Default for Output {
    fn default() -> Self {
        Self { format: crate::shard::Format::default(), shard_bytes: 256 << 20, validation: 0.0, tokens: None }
    }
}
