//! The steps: each joins one room to the build folder. Files of documents are worked through row by row, in lockstep with the decisions of the
//! step before, so memory is a row group a task unless a step states more.

use std::sync::{Mutex, OnceLock, PoisonError};

use crate::document::{Document, Key, Place, Reason};
use crate::error::Result;

pub mod blend;
pub mod decontaminate;
pub mod dedup;
pub mod extract;
pub mod filter;
pub mod index;
mod json;
pub mod mask;
pub mod paragraphs;
pub mod score;
pub mod select;
pub mod shard;
mod spreads;
pub mod tokens;
pub mod train;
pub mod urls;
mod walk;

pub use json::{need_json, read_json, write_json};
pub use walk::{Before, Keyed, Standing, Walk, aligned, misaligned, misplaced};
pub(crate) use walk::{keyed, with_text};

crate::table! {
    /// What was extracted from an admitted record, before any filter.
    pub struct DocumentRow {
        /// Stable 128-bit name of the document, 32 hexadecimal digits; joins every table.
        key: Key,
        /// What the input calls it: WARC-Record-ID, DATE/URL of ARC, JSON id, file name.
        id: String,
        /// Where it was found on the web.
        url: Option<String>,
        /// As the input writes it; RFC 3339 in WARC and ARC.
        date: Option<String>,
        /// Title of the page or book.
        title: Option<String>,
        /// Main text; paragraphs are separated by line feeds.
        text: String,
        /// Input file, as the recipe's pattern found it.
        file: String,
        /// Byte offset of the record in that file: of its gzip member where each record is one, else in the decompressed stream; of Parquet the number of the row, from 0.
        offset: u64,
        /// Length of the record in the same coordinates.
        length: u64,
        /// Character encoding that the page was decoded from.
        charset: Option<String>,
        /// What decided it: bom, http, meta, detector or utf-8.
        charset_from: Option<String>,
        /// Bytes that were not of that encoding and became U+FFFD.
        replacements: u64,
        /// The body is not all here: it was cut by the crawler or by a limit, or is shorter than its head says.
        truncated: bool,
        /// What the publisher says to robots and of the rights in it, sorted, with blanks between: header:noai, meta:googlebot:noindex, meta:tdm-reservation.
        opt_out: Option<String>,
        /// Other fields of a text set's record, or what a page says of itself; one JSON object.
        extra: Option<String>,
    }
}

crate::table! {
    /// A record that became no document.
    pub struct RejectedRow {
        /// What the input calls it, as far as it could be read.
        id: String,
        /// Where it was found on the web.
        url: Option<String>,
        /// Input file.
        file: String,
        /// Byte offset in that file, or number of the row of a Parquet file.
        offset: u64,
        /// Length in bytes.
        length: u64,
        /// "read" or "extract".
        filter: String,
        /// Which rule.
        rule: String,
        /// What was measured, in the rule's unit.
        value: f64,
        /// The limit it broke.
        limit: f64,
    }
}

crate::table! {
    /// What a step decided, row-aligned with documents; columns that a step does not use are null.
    pub struct DecisionRow {
        /// The document's key.
        key: Key,
        /// The source it belongs to after this step.
        source: String,
        /// keep, drop, or gone (dropped by an earlier step).
        verdict: String,
        /// Filter or step that dropped it.
        filter: Option<String>,
        /// By which of its rules.
        rule: Option<String>,
        /// What was measured.
        value: Option<f64>,
        /// The limit it broke.
        limit: Option<f64>,
        /// List and entry that it was dropped by (step filter).
        matched: Option<String>,
        /// Language code (step filter).
        language: Option<String>,
        /// In 0..=1 (step filter).
        language_probability: Option<f64>,
        /// Quality score in 0..=1 (step score).
        score: Option<f64>,
        /// Calibrated probability that the document is good, were good and low-quality ones equally frequent (step score). No rule uses it.
        calibrated: Option<f64>,
        /// The keyed draw in (0, 1) (steps score and blend).
        draw: Option<f64>,
        /// Would be kept by the threshold rule, at the recipe's threshold or .5 (step score).
        threshold_keeps: Option<bool>,
        /// Would be kept by the Pareto draw (step score).
        pareto_keeps: Option<bool>,
        /// Key of the survivor of its cluster (step dedup), or of the copy with its URL that it was dropped for (step urls).
        cluster: Option<Key>,
        /// Jaccard similarity to that survivor (step dedup).
        similarity: Option<f64>,
        /// Links to the page or its registered domain (step select).
        links: Option<u64>,
        /// Pieces that are left after cuts (step decontaminate).
        pieces: Option<u64>,
        /// Tokens of what is left of the text (step tokens).
        tokens: Option<u64>,
        /// Copies in the data set (step blend).
        copies: Option<u64>,
    }
}

crate::table! {
    /// What scoring looks at.
    pub struct TextRow {
        /// The document's key.
        key: Key,
        /// Main text.
        text: String,
    }
}

crate::table! {
    /// A document's key alone.
    pub struct KeyRow {
        /// The document's key.
        key: Key,
    }
}

crate::table! {
    /// Which documents still stand.
    pub struct StandingRow {
        /// The document's key.
        key: Key,
        /// Its source.
        source: String,
        /// keep, drop or gone.
        verdict: String,
    }
}

impl DecisionRow {
    /// A row that says nothing but where the document stands.
    pub fn new(standing: &Standing, verdict: &str) -> Self {
        Self {
            key: standing.key,
            source: standing.source.clone(),
            verdict: verdict.to_owned(),
            filter: None,
            rule: None,
            value: None,
            limit: None,
            matched: None,
            language: None,
            language_probability: None,
            score: None,
            draw: None,
            calibrated: None,
            threshold_keeps: None,
            pareto_keeps: None,
            cluster: None,
            similarity: None,
            links: None,
            pieces: None,
            tokens: None,
            copies: None,
        }
    }

    /// Turns the row into a drop.
    #[must_use]
    pub fn dropped(mut self, reason: Reason) -> Self {
        self.verdict = DROP.to_owned();
        self.filter = Some(reason.filter.to_owned());
        self.rule = Some(reason.rule.to_owned());
        self.value = Some(reason.value);
        self.limit = Some(reason.limit);
        self
    }
}

pub const KEEP: &str = "keep";
pub const DROP: &str = "drop";
pub const GONE: &str = "gone";

impl DocumentRow {
    /// As the rooms know it.
    pub fn into_document(self) -> Document {
        Document {
            id: self.id,
            key: self.key,
            place: Place { file: self.file.into(), offset: self.offset, length: self.length },
            url: self.url,
            date: self.date,
            title: self.title,
            text: self.text,
            language: None,
            opt_out: self.opt_out,
            truncated: self.truncated,
            extra: self.extra,
        }
    }
}

/// What the tasks of a step share and the first that needs it makes, once a process; the others wait for it.
pub struct Once<T> {
    made: OnceLock<T>,
    making: Mutex<()>,
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self { made: OnceLock::new(), making: Mutex::new(()) }
    }
}

impl<T> Once<T> {
    /// `make` must not work in parallel: a thread that waits inside it could take up a task that waits here.
    pub fn get(&self, make: impl FnOnce() -> Result<T>) -> Result<&T> {
        if let Some(made) = self.made.get() {
            return Ok(made);
        }
        // A panic in `make` left nothing half made.
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = self.made.get() {
            return Ok(made);
        }
        let made = make()?;
        Ok(self.made.get_or_init(|| made))
    }
}
