//! The rows of a file of documents in lockstep with the decisions of the step before, and with what that step left of their texts: every step after
//! `paragraphs` sees texts without the paragraphs that were cut out, from whatever table it reads them.

use crate::dedup::paragraphs::without;
use crate::document::Key;
use crate::error::{Error, Result};
use crate::store::table::{Row, TableReader};

use super::super::plan::DocumentFile;
use super::super::run::Build;
use super::paragraphs::Cuts;
use super::{DecisionRow, DocumentRow, KEEP, KeyRow, StandingRow, TextRow};

/// What a step looks back to.
#[derive(Clone, Debug, Default)]
pub struct Before {
    /// The step whose decisions say which documents still stand; none has judged them yet when there is none.
    pub step: Option<String>,
    /// Paragraphs were cut out of the texts, by the step `paragraphs`.
    pub is_cut: bool,
}

impl Before {
    /// The steps whose output this is.
    pub fn steps(&self) -> impl Iterator<Item = String> {
        self.step.clone().into_iter().chain(self.is_cut.then(|| "paragraphs".to_owned()))
    }
}

/// Where a document stands before a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    pub key: Key,
    pub source: String,
    /// Not dropped yet.
    pub alive: bool,
}

/// The rows of one file of documents with where each stands.
pub struct Walk<R> {
    documents: TableReader<R>,
    decisions: Option<TableReader<StandingRow>>,
    cuts: Cuts,
    /// Number of the next row.
    at: u64,
    /// Numbers of the rows that are left, where not all are walked; the next one last.
    picked: Option<Vec<u64>>,
    source: String,
    name: String,
}

/// A row with a key.
pub trait Keyed {
    /// It holds a document's text.
    const HAS_TEXT: bool = false;
    fn key(&self) -> Key;
    fn text_mut(&mut self) -> Option<&mut String> {
        None
    }
}

macro_rules! keyed {
    ($($row:ty),*) => { $(impl Keyed for $row { fn key(&self) -> Key { self.key } })* };
}
pub(crate) use keyed;

keyed!(DecisionRow, StandingRow, KeyRow);

macro_rules! with_text {
    ($($row:ty),*) => { $(impl Keyed for $row {
        const HAS_TEXT: bool = true;
        fn key(&self) -> Key { self.key }
        fn text_mut(&mut self) -> Option<&mut String> { Some(&mut self.text) }
    })* };
}
pub(crate) use with_text;

with_text!(DocumentRow, TextRow);

impl<R: Row + Keyed> Walk<R> {
    /// Opens documents as projected by `R`, beside the decisions of the step before and what was cut out of their texts.
    pub fn open(build: Build<'_>, file: &DocumentFile, before: &Before) -> Result<Self> {
        let decisions = before.step.as_ref().map(|step| TableReader::open(&build.folder.path(&file.decisions(step))));
        Ok(Self {
            documents: TableReader::open(&build.folder.path(&file.documents()))?,
            decisions: decisions.transpose()?,
            cuts: Cuts::open(build, file, R::HAS_TEXT && before.is_cut)?,
            at: 0,
            picked: None,
            source: file.source.clone(),
            name: file.name(),
        })
    }

    /// Walks the rows of these ascending numbers only.
    #[must_use]
    pub fn pick(mut self, rows: &[u64]) -> Self {
        self.documents = self.documents.pick(rows.to_vec());
        self.decisions = self.decisions.map(|decisions| decisions.pick(rows.to_vec()));
        self.picked = Some(rows.iter().rev().copied().collect());
        self
    }

    fn take(&mut self, mut row: R) -> Result<(R, Standing)> {
        let key = row.key();
        let standing = match &mut self.decisions {
            None => Standing { key, source: self.source.clone(), alive: true },
            Some(decisions) => {
                let StandingRow { source, verdict, .. } = aligned(decisions, key, &self.name)?;
                Standing { key, source, alive: verdict == KEEP }
            }
        };
        let at = self.picked.as_mut().and_then(Vec::pop).unwrap_or(self.at);
        self.at = at + 1;
        let cuts = self.cuts.take(at, key)?;
        // A document that was dropped is shown as it was: nothing of it is in the data set, and a model may learn from it.
        if let Some(text) = row.text_mut().filter(|_| standing.alive && !cuts.is_empty()) {
            *text = without(text, &cuts).ok_or_else(|| misplaced(&self.name, key))?;
        }
        Ok((row, standing))
    }
}

impl<R: Row + Keyed> Iterator for Walk<R> {
    type Item = Result<(R, Standing)>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.documents.next() {
            Some(Ok(row)) => Some(self.take(row)),
            Some(Err(error)) => Some(Err(error)),
            None if self.picked.is_some() || self.cuts.is_done() => None,
            None => {
                // Said once, or whoever goes on past errors would never end.
                self.cuts = Cuts::default();
                Some(Err(misaligned(&self.name)))
            }
        }
    }
}

/// The error for tables that do not belong together.
pub fn misaligned(name: &str) -> Error {
    Error::new(format!("decisions and documents of {name} do not have the same keys; remove the output folder and build again"))
}

/// The error for cuts that cannot be of this text.
pub fn misplaced(name: &str, key: Key) -> Error {
    Error::new(format!("a cut of document {key} in {name} lies outside of its text; remove the output folder and build again"))
}

/// Takes the next row of a table that must be aligned with a document.
pub fn aligned<R: Row + Keyed>(reader: &mut TableReader<R>, key: Key, name: &str) -> Result<R> {
    match reader.next() {
        Some(Ok(row)) if row.key() == key => Ok(row),
        Some(Err(error)) => Err(error),
        _ => Err(misaligned(name)),
    }
}
