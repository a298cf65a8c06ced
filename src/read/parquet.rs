//! Text sets as Parquet, as Hugging Face publishes them: one row becomes one document. Columns are found by name, and mean what the fields of a JSON line mean
//! ([`super::jsonl`]): `text` is required, other flat columns go into `extra`, empty cells count as missing. Nested columns are left out.
//!
//! A row's place is its number in the file, from 0; a row without an id is called `NAME:ROW`. Where a row group is damaged, what was not read of it is one
//! rejected record, and the next row group is read.
//!
//! Memory: 4 MiB of cells or one row, the pages of each column that hold them, each of `limits.record_bytes` at most, and one dictionary a column.

use serde_json::Map;

use super::jsonl::{self, Refused};
use super::{Each, Input, Item, Limits, Rejected, Tally};
use crate::document::{Document, Place, Reason};
use crate::error::Result;

mod cells;
mod pages;
mod walk;

pub(super) use cells::{Cell, Column};
pub(super) use walk::{MAGIC, Rows, open};

/// Columns whose cells must be text or the row says something else than was meant.
const KNOWN: [&str; 6] = ["text", "id", "url", "title", "date", "timestamp"];

/// Reads one file. The tally counts the records `row`, `row-group`, `column-left-out` (nested, or of a type that JSON has no word for) and `cell-left-out`
/// (bytes that are no text, in a column that need not be), and the faults `truncated-input`, `corrupt-input`, `page-too-large`, `footer-too-large`, `invalid-utf8` and
/// `nul-removed`.
/// Rejected: `no-text`, `empty-text`, `invalid-utf8`, `row-too-long` (its cells together are over `limits.line_bytes`); as one record each, a file without a column
/// `text` of strings (`no-text-column`), a file that cannot be opened as Parquet, what is left of a damaged row group, and a row group with a page over
/// `limits.record_bytes` (`page-too-large`).
pub(super) fn read(input: &Input, limits: &Limits, each: &mut Each<'_>) -> Result<Tally> {
    let mut texts = Texts { input, limits, each, tally: Tally { stored_bytes: input.bytes, ..Tally::default() } };
    let opened = match open(input)? {
        Ok(opened) => opened,
        Err(rule) => {
            texts.lost(rule, 0, 0)?;
            return Ok(texts.tally);
        }
    };
    let (mut columns, left_out) = opened.columns(|_| true);
    (0..left_out).for_each(|_| texts.tally.record("column-left-out"));
    if !columns.iter().any(|column| column.name() == "text" && column.is_text()) {
        texts.reject("no-text-column", 0, opened.n_rows())?;
        return Ok(texts.tally);
    }
    (0..opened.n_groups()).for_each(|_| texts.tally.record("row-group"));
    opened.walk(input, limits, &mut columns, &mut texts)?;
    Ok(texts.tally)
}

/// The rows of a text set as they are handed on.
struct Texts<'r, 'f> {
    input: &'r Input,
    limits: &'r Limits,
    each: &'r mut Each<'f>,
    tally: Tally,
}

impl Rows for Texts<'_, '_> {
    fn row(&mut self, columns: &mut [Column], number: u64) -> Result<u64> {
        self.tally.record("row");
        let bytes: u64 = columns.iter().map(Column::next_bytes).sum();
        let fits = bytes <= self.limits.line_bytes;
        let mut row = Map::new();
        let mut bad = false;
        for column in columns.iter_mut() {
            if !fits {
                column.skip();
                continue;
            }
            match column.next() {
                Cell::Empty => {}
                Cell::Value(value) => drop(row.insert(column.name().to_owned(), value)),
                Cell::NoText if KNOWN.contains(&column.name()) => bad = true,
                Cell::NoText => {
                    self.tally.record("cell-left-out");
                    if column.is_annotated() {
                        self.tally.fault("invalid-utf8");
                    }
                }
            }
        }
        let place = Place { file: self.input.name.clone(), offset: number, length: 1 };
        self.tally.decoded_bytes += bytes;
        let document = match (fits, bad) {
            (false, _) => Err(Refused::of("row-too-long")),
            (_, true) => Err(Refused::of("invalid-utf8")),
            _ => jsonl::document(row, &mut self.tally),
        };
        match document {
            Ok(document) => {
                let name = |id: String| if id.is_empty() { format!("{}:{}", self.input.name, place.offset) } else { id };
                (self.each)(Item::Document(Document { id: name(document.id), place, ..document }))?;
            }
            Err(Refused { rule, id, url }) => {
                let mut reason = Reason::bare("read", rule);
                if rule == "row-too-long" {
                    // Both are far below 2^53.
                    (reason.value, reason.limit) = (bytes as f64, self.limits.line_bytes as f64);
                }
                (self.each)(Item::Rejected(Rejected { id, url, place, reason }))?;
            }
        }
        Ok(bytes)
    }

    fn lost(&mut self, rule: &'static str, first: u64, n: u64) -> Result<()> {
        self.tally.fault(rule);
        self.reject(rule, first, n)
    }
}

impl Texts<'_, '_> {
    /// Rejects rows as one record.
    fn reject(&mut self, rule: &'static str, first: u64, n: u64) -> Result<()> {
        let place = Place { file: self.input.name.clone(), offset: first, length: n };
        (self.each)(Item::Rejected(Rejected { id: String::new(), url: None, place, reason: Reason::bare("read", rule) }))
    }
}

#[cfg(test)]
mod tests;
