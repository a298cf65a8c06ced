//! The life of one document: where it came from and how to fetch it again, what every step said of it, what it resembles, what was cut out of it, and
//! where its copies lie. It is read from the tables of a finished or half finished build; nothing is written, and nothing computed again but the blocks of a page, where they are asked for.
//!
//! Cost: key, id and URL of every document are read, on all threads; then one row of each table. Copies are looked for in the shards of the parts of the
//! order where the keyed shuffle put them, and only where they are not there, in all. For blocks an input is read up to the record.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::document::{Key, Rule};
use crate::error::{Error, Result};

use super::origin::{self, Opened};

mod blocks;
mod copies;
mod fetch;
mod life;
mod search;

pub use blocks::PageBlocks;
pub use fetch::Fetch;
pub use search::Wanted;

/// Members of a cluster, and pairs and cut paragraphs of a document, that are listed; the rest is counted.
pub const LISTED: usize = 20;

/// Every record that fits what was asked for.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    pub found: Vec<Life>,
    /// Records that fit too and are left out.
    pub more: u64,
}

/// One record of the input, and what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct Life {
    /// `None` for a record that became no document.
    pub key: Option<Key>,
    pub id: String,
    pub url: Option<String>,
    pub date: Option<String>,
    pub title: Option<String>,
    /// The source that was read.
    pub read_as: String,
    /// The source it belongs to in the end.
    pub source: String,
    pub place: Place,
    /// `None` for a record that became no document, as all that follows.
    pub text: Option<TextFacts>,
    /// Why it became no document.
    pub rejected: Option<Dropped>,
    pub steps: Vec<Passed>,
    /// Where the copies lie in the data set.
    pub copies: Vec<Copied>,
    /// In words, one line.
    pub fate: String,
    /// What of the page was kept and what was cut, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocks: Option<PageBlocks>,
}

/// Where it lies in the input.
#[derive(Clone, Debug, Serialize)]
pub struct Place {
    /// As the recipe names it.
    pub file: String,
    pub offset: u64,
    /// In bytes.
    pub length: u64,
    #[serde(flatten)]
    pub fetch: Fetch,
}

/// What was stored of the text.
#[derive(Clone, Debug, Serialize)]
pub struct TextFacts {
    /// Table and row (from 1) in the build folder.
    pub table: String,
    pub row: u64,
    pub bytes: u64,
    pub charset: Option<String>,
    pub charset_from: Option<String>,
    pub replacements: u64,
    pub truncated: bool,
    /// What the publisher says to robots and of the rights in it.
    pub opt_out: Option<String>,
    /// Other fields of the input's record, one JSON object as text.
    pub extra: Option<String>,
    /// The text itself, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

/// Why it was dropped.
#[derive(Clone, Debug, Serialize)]
pub struct Dropped {
    pub filter: String,
    pub rule: String,
    pub value: f64,
    pub limit: f64,
    /// List and entry that it was dropped by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matched: Option<String>,
    /// Unit and meaning of the rule; `None` for rules that this version does not know.
    #[serde(flatten)]
    pub known: Option<Known>,
}

/// A rule in words.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Known {
    pub unit: &'static str,
    pub meaning: &'static str,
}

impl From<&'static Rule> for Known {
    fn from(rule: &'static Rule) -> Self {
        Self { unit: rule.unit, meaning: rule.meaning }
    }
}

/// What one step said of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Passed {
    pub step: String,
    /// The source it belongs to after this step.
    pub source: String,
    /// keep, drop, or gone.
    pub verdict: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped: Option<Dropped>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language_probability: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_url: Option<SameUrl>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<Cluster>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<Compared>,
    /// Pairs that are not listed.
    #[serde(skip_serializing_if = "is_zero")]
    pub more_pairs: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Scored>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paragraphs: Vec<CutParagraph>,
    /// Paragraphs that were cut and are not listed.
    #[serde(skip_serializing_if = "is_zero")]
    pub more_paragraphs: u64,
    /// Addresses that are masked, by kind.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub masked: BTreeMap<String, u64>,
    /// Where the first of them stand.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub masks: Vec<Masked>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<CutOut>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pieces: Vec<Piece>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blend: Option<Drawn>,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// The better copy with the same normalised URL, for which it was dropped.
#[derive(Clone, Debug, Serialize)]
pub struct SameUrl {
    pub key: Key,
    /// Its source as it was read.
    pub source: String,
    pub id: String,
    /// As it is written there.
    pub url: Option<String>,
}

/// The group of similar documents that it is in.
#[derive(Clone, Debug, Serialize)]
pub struct Cluster {
    /// Key of the survivor.
    pub survivor: Key,
    /// Jaccard similarity to the survivor.
    pub similarity: f64,
    /// The survivor first.
    pub members: Vec<Member>,
    /// Members that are not listed.
    pub more: u64,
}

/// A document of a cluster.
#[derive(Clone, Debug, Serialize)]
pub struct Member {
    pub key: Key,
    pub source: String,
    pub id: String,
    pub survivor: bool,
    /// Jaccard similarity to the survivor.
    pub jaccard: f64,
}

/// Another document that it was compared with.
#[derive(Clone, Debug, Serialize)]
pub struct Compared {
    pub key: Key,
    pub source: String,
    pub id: String,
    pub jaccard: f64,
    pub containment: f64,
    /// duplicate or different.
    pub verdict: String,
}

/// What the classifier said, and what each of the two keep rules would do.
#[derive(Clone, Debug, Serialize)]
pub struct Scored {
    /// In 0..=1.
    pub score: f64,
    pub model: String,
    /// "threshold" or "pareto": the rule that acts.
    pub acts: &'static str,
    pub threshold: f64,
    pub threshold_keeps: bool,
    pub alpha: f64,
    /// P(keep | score).
    pub keep_probability: f64,
    /// The document's keyed draw in (0, 1); it stays when this is below.
    pub draw: f64,
    pub pareto_keeps: bool,
}

/// A paragraph that was cut out because another document holds it, or this one further up.
#[derive(Clone, Debug, Serialize)]
pub struct CutParagraph {
    /// Byte range in the stored text.
    pub start: u64,
    pub end: u64,
    /// How it begins.
    pub begin: String,
    /// Share of its n-grams that are held elsewhere.
    pub share: f64,
    /// Key of the document that holds it, or most of its n-grams.
    pub owner: Key,
    /// Its source as it was read, and its id; those of this document where it holds the paragraph twice.
    pub source: String,
    pub id: String,
}

/// A masked address: kind and byte range in the text, cut paragraphs left out.
#[derive(Clone, Debug, Serialize)]
pub struct Masked {
    pub start: u64,
    pub end: u64,
    pub kind: String,
}

/// A stretch that was cut out: byte range, the colliding words, benchmark file and item.
#[derive(Clone, Debug, Serialize)]
pub struct CutOut {
    pub start: u64,
    pub end: u64,
    pub gram: String,
    pub benchmark: String,
    pub item: String,
    /// Places in it at which an n-gram begins.
    pub hits: u64,
}

/// A stretch that stays: byte range in the text.
#[derive(Clone, Debug, Serialize)]
pub struct Piece {
    pub piece: u64,
    pub start: u64,
    pub end: u64,
}

/// The draw of copies.
#[derive(Clone, Debug, Serialize)]
pub struct Drawn {
    pub epochs: f64,
    pub draw: f64,
    /// The draws of those documents that have one copy more than the whole epochs are smaller: all up to the first that did not fit into the tokens of the fraction, then those that did.
    pub draws_end: f64,
    pub copies: u64,
    /// It is held out for validation, and the draw says nothing.
    pub held_out: bool,
}

/// A copy in the data set.
#[derive(Clone, Debug, Serialize)]
pub struct Copied {
    pub shard: String,
    /// Row or line, from 1.
    pub row: u64,
    pub id: String,
    /// Number of the copy, from 0.
    pub copy: u32,
}

/// What is told beside the life of a record.
#[derive(Clone, Copy, Debug, Default)]
pub struct Also {
    /// The stored text.
    pub text: bool,
    /// The blocks of its page.
    pub blocks: bool,
}

/// Tells the lives of the records that `target` names: a key, an id, or a URL as written or in normalised form. At most `limit` are told.
///
/// # Errors
/// When the folder holds no build, a table is damaged, or nothing fits: then the error says what was searched, and what is near.
pub fn explain(root: &Path, target: &str, limit: usize, also: Also) -> Result<Answer> {
    let opened = origin::open(root)?;
    let held = life::Held::of(&opened)?;
    let wanted = Wanted::new(target);
    let mut places = search::find(&opened.folder, &held.tables, &wanted)?;
    if places.is_empty() {
        return Err(missing(&opened, &held, target, &wanted)?);
    }
    let more = places.len().saturating_sub(limit) as u64;
    places.truncate(limit);
    let found = places.iter().map(|place| life::tell(&opened, &held, place, also)).collect::<Result<Vec<_>>>()?;
    Ok(Answer { found, more })
}

fn missing(opened: &Opened, held: &life::Held, target: &str, wanted: &Wanted) -> Result<Error> {
    if search::is_removed(&opened.folder, &held.removed, wanted)? {
        return Ok(Error::new(format!("{target:?} was removed on request, by the list of `remove`; nothing more is kept of it")));
    }
    let (near, searched) = search::near(&opened.folder, &held.tables, wanted)?;
    let near = if near.is_empty() { String::new() } else { format!("; near it are {}", near.join(", ")) };
    let unread = if held.is_read { "" } else { "; the build is not finished, and part of the inputs is not read yet" };
    Ok(Error::new(format!(
        "no record of {} has the key, id or URL {target:?}: looked at {} documents and {} rejected records of {}{near}{unread}",
        opened.folder.root().display(),
        searched.documents,
        searched.rejected,
        searched.sources.join(", "),
    )))
}
