//! The rows of a file of documents in lockstep with the decisions of the step before, and with what that step left of their texts: every step after
//! `paragraphs` sees texts without the paragraphs that were cut out, and every step after `mask` sees them with placeholders for addresses, from whatever table it reads them.

use crate::dedup::paragraphs::without;
use crate::document::Key;
use crate::error::{Error, Result};
use crate::store::table::{Row, TableReader};

use super::super::plan::DocumentFile;
use super::super::run::Build;
use super::mask::Masks;
use super::paragraphs::Cuts;
use super::{DecisionRow, DocumentRow, KEEP, KeyRow, StandingRow, TextRow};

/// What a step looks back to.
#[derive(Clone, Debug, Default)]
pub struct Before {
    /// The step whose decisions say which documents still stand; none has judged them yet when there is none.
    pub step: Option<String>,
    /// Paragraphs were cut out of the texts, by the step `paragraphs`.
    pub is_cut: bool,
    /// Addresses were masked in what is left, by the step `mask`.
    pub is_masked: bool,
}

impl Before {
    /// The steps whose output this is.
    pub fn steps(&self) -> impl Iterator<Item = String> {
        let of_text = [(self.is_cut, "paragraphs"), (self.is_masked, "mask")].into_iter().filter(|(is_done, _)| *is_done);
        self.step.clone().into_iter().chain(of_text.map(|(_, step)| step.to_owned()))
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
    masks: Masks,
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
    /// Opens documents as projected by `R`, beside the decisions of the step before and what was cut out of their texts and masked in them.
    pub fn open(build: Build<'_>, file: &DocumentFile, before: &Before) -> Result<Self> {
        let decisions = before.step.as_ref().map(|step| TableReader::open(&build.folder.path(&file.decisions(step))));
        Ok(Self {
            documents: TableReader::open(&build.folder.path(&file.documents()))?,
            decisions: decisions.transpose()?,
            cuts: Cuts::open(build, file, R::HAS_TEXT && before.is_cut)?,
            masks: Masks::open(build, file, R::HAS_TEXT && before.is_masked)?,
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
        let (cuts, masks) = (self.cuts.take(at, key)?, self.masks.take(at, key)?);
        // A document that was dropped is shown as it was: nothing of it is in the data set, and a model may learn from it.
        if let Some(text) = row.text_mut().filter(|_| standing.alive) {
            if !cuts.is_empty() {
                *text = without(text, &cuts).ok_or_else(|| misplaced(&self.name, key))?;
            }
            if !masks.is_empty() {
                *text = self.masks.apply(key, text, &masks)?;
            }
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
            None if self.picked.is_some() || self.cuts.is_done() && self.masks.is_done() => None,
            None => {
                // Said once, or whoever goes on past errors would never end.
                (self.cuts, self.masks) = (Cuts::default(), Masks::default());
                Some(Err(misaligned(&self.name)))
            }
        }
    }
}

/// A row that says something of a document in a numbered row of its file.
pub trait OfRow: Row + Keyed {
    /// Number of the document's row, from 0.
    fn row(&self) -> u64;
}

/// Such rows, taken in the order of the documents.
pub struct OfRows<R: Row> {
    rows: Option<std::iter::Peekable<TableReader<R>>>,
}

impl<R: Row> Default for OfRows<R> {
    fn default() -> Self {
        Self { rows: None }
    }
}

impl<R: OfRow> OfRows<R> {
    pub fn new(rows: Option<TableReader<R>>) -> Self {
        Self { rows: rows.map(Iterator::peekable) }
    }

    /// What is said of the document in this row. Rows are asked for in ascending order; those between are passed over.
    ///
    /// # Errors
    /// When the table cannot be read, or says something of another document in this row.
    pub fn take(&mut self, row: u64, key: Key) -> Result<Vec<R>> {
        let mut found = Vec::new();
        let Some(rows) = &mut self.rows else { return Ok(found) };
        while let Some(said) = rows.next_if(|said| said.as_ref().map_or(true, |said| said.row() <= row)) {
            let said = said?;
            if said.row() == row && said.key() != key {
                let (row, other) = (row + 1, said.key());
                return Err(Error::new(format!(
                    "row {row} of a file of documents is {key}, its cuts or masks are of {other}; build again"
                )));
            }
            if said.row() == row {
                found.push(said);
            }
        }
        Ok(found)
    }

    /// True when none is left, as it must be at the end of the documents.
    pub fn is_done(&mut self) -> bool {
        self.rows.as_mut().is_none_or(|rows| rows.peek().is_none())
    }
}

/// The error for tables that do not belong together.
pub fn misaligned(name: &str) -> Error {
    Error::new(format!("decisions and documents of {name} do not have the same keys; remove the output folder and build again"))
}

/// The error for cuts that cannot be of this text.
pub fn misplaced(name: &str, key: Key) -> Error {
    Error::new(format!("a cut or mask of document {key} in {name} is not of its text; remove the output folder and build again"))
}

/// Takes the next row of a table that must be aligned with a document.
pub fn aligned<R: Row + Keyed>(reader: &mut TableReader<R>, key: Key, name: &str) -> Result<R> {
    match reader.next() {
        Some(Ok(row)) if row.key() == key => Ok(row),
        Some(Err(error)) => Err(error),
        _ => Err(misaligned(name)),
    }
}
