//! Text sets as Parquet, as Hugging Face publishes them: one row becomes one document. Columns are found by name, and mean what the fields of a JSON line mean
//! ([`super::jsonl`]): `text` is required, other flat columns go into `extra`, empty cells count as missing. Nested columns are left out.
//!
//! A row's place is its number in the file, from 0; a row without an id is called `NAME:ROW`. Where a row group is damaged, what was not read of it is one
//! rejected record, and the next row group is read.
//!
//! Memory: [`BATCH_BYTES`] of cells or one row, the pages of each column that hold them, each of `limits.record_bytes` at most, and one dictionary a column.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use serde_json::Map;

use super::jsonl::{self, Refused};
use super::{Each, Input, Item, Limits, Rejected, Tally};
use crate::document::{Document, Place, Reason};
use crate::error::{Context, Error, Result};

mod cells;
mod pages;

use cells::{Cell, Column};

/// Rows that are decoded at a time, at most.
const BATCH_ROWS: usize = 1024;
/// Bytes of cells that are decoded at a time, as far as the rows before foretell it.
const BATCH_BYTES: u64 = 4 << 20;
/// First bytes of a file, and its last.
const MAGIC: [u8; 4] = *b"PAR1";
/// Columns whose cells must be text or the row says something else than was meant.
const KNOWN: [&str; 6] = ["text", "id", "url", "title", "date", "timestamp"];

/// Reads one file. The tally counts the records `row`, `row-group`, `column-left-out` (nested, or of a type that JSON has no word for) and `cell-left-out`
/// (bytes that are no text, in a column that need not be), and the faults `truncated-input`, `corrupt-input`, `page-too-large`, `invalid-utf8` and `nul-removed`.
/// Rejected: `no-text`, `empty-text`, `invalid-utf8`, `row-too-long` (its cells together are over `limits.line_bytes`); as one record each, a file without a column
/// `text` of strings (`no-text-column`), a file that cannot be opened as Parquet, what is left of a damaged row group, and a row group with a page over
/// `limits.record_bytes` (`page-too-large`).
pub(super) fn read(input: &Input, limits: &Limits, each: &mut Each<'_>) -> Result<Tally> {
    let mut rows = Rows { input, limits, tally: Tally { stored_bytes: input.bytes, ..Tally::default() }, row: 0 };
    let file = input.on_disk()?;
    let rule = if is_cut(&file, input)? { "truncated-input" } else { "corrupt-input" };
    let stored = file.try_clone().context(|| format!("cannot open {}", input.path.display()))?;
    match edge(|| SerializedFileReader::new(file), input)? {
        Some(file) => rows.file(&file, &stored, each)?,
        None => {
            rows.tally.fault(rule);
            rows.lost(rule, 0, each)?;
        }
    }
    Ok(rows.tally)
}

/// A file that begins as Parquet and does not end so was cut off; its table of contents stood last, so nothing of it can be read.
fn is_cut(mut file: &File, input: &Input) -> Result<bool> {
    let (mut first, mut last) = ([0; 4], [0; 4]);
    let mut ends = || -> std::io::Result<()> {
        file.read_exact(&mut first)?;
        file.seek(SeekFrom::End(-4))?;
        file.read_exact(&mut last)
    };
    // Too short for both.
    if input.bytes < 8 {
        return Ok(true);
    }
    ends().context(|| format!("cannot read {}", input.path.display()))?;
    Ok(first == MAGIC && last != MAGIC)
}

/// What the parquet crate makes of a file: `None` where it refuses it or panics over it, as it still does on some corrupt files. Only what the operating system
/// says is an error.
fn edge<T>(work: impl FnOnce() -> ::parquet::errors::Result<T>, input: &Input) -> Result<Option<T>> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(done)) => Ok(Some(done)),
        Ok(Err(ParquetError::External(cause))) => {
            let is_system = cause.downcast_ref::<std::io::Error>().is_some_and(|error| error.raw_os_error().is_some());
            if is_system { Err(Error::new(format!("cannot read {}", input.path.display())).because(cause)) } else { Ok(None) }
        }
        Ok(Err(_)) | Err(_) => Ok(None),
    }
}

/// The rows of a file as they are handed on.
struct Rows<'r> {
    input: &'r Input,
    limits: &'r Limits,
    tally: Tally,
    /// Number of the next row in the file.
    row: u64,
}

impl Rows<'_> {
    fn file(&mut self, file: &SerializedFileReader<File>, stored: &File, each: &mut Each<'_>) -> Result<()> {
        let metadata = file.metadata();
        let schema = metadata.file_metadata().schema_descr();
        let mut columns: Vec<Column> = Vec::new();
        for (place, column) in schema.columns().iter().enumerate() {
            match Column::new(place, column) {
                Some(column) => columns.push(column),
                None => self.tally.record("column-left-out"),
            }
        }
        if !columns.iter().any(|column| column.name() == "text" && column.is_text()) {
            return self.lost("no-text-column", u64::try_from(metadata.file_metadata().num_rows()).unwrap_or(0), each);
        }
        for (index, group) in metadata.row_groups().iter().enumerate() {
            self.tally.record("row-group");
            let end = self.row.saturating_add(u64::try_from(group.num_rows()).unwrap_or(0));
            let largest = self.largest_page(stored, group, &columns)?;
            let fits = largest.is_some_and(|bytes| bytes <= self.limits.record_bytes);
            if fits {
                self.group(file, index, end, &mut columns, each)?;
            }
            if self.row < end {
                let rule = if largest.is_some() && !fits { "page-too-large" } else { "corrupt-input" };
                self.tally.fault(rule);
                self.lost(rule, end - self.row, each)?;
                self.row = end;
            }
        }
        Ok(())
    }

    /// The largest page of the columns in a row group, decompressed; `None` where a page has no header.
    fn largest_page(&self, stored: &File, group: &RowGroupMetaData, columns: &[Column]) -> Result<Option<u64>> {
        let reading = || format!("cannot read {}", self.input.path.display());
        let mut largest = 0;
        for column in columns {
            // The crate panics on a place before the file's first byte.
            let Some(Some(range)) = edge(|| Ok(group.columns().get(column.place()).map(ColumnChunkMetaData::byte_range)), self.input)?
            else {
                return Ok(None);
            };
            let Some(page) = pages::largest(stored, range.0, range.1).context(reading)? else { return Ok(None) };
            largest = largest.max(page);
        }
        Ok(Some(largest))
    }

    /// Hands on the rows of one row group up to row `end`, or to where it is damaged.
    fn group(
        &mut self,
        file: &SerializedFileReader<File>,
        index: usize,
        end: u64,
        columns: &mut [Column],
        each: &mut Each<'_>,
    ) -> Result<()> {
        let input = self.input;
        let opened = edge(
            || {
                let group = file.get_row_group(index)?;
                columns.iter_mut().try_for_each(|column| column.start(&*group))
            },
            input,
        )?;
        let mut n = 16;
        while opened.is_some() && self.row < end {
            let wanted = n.min(usize::try_from(end - self.row).unwrap_or(n));
            // Columns that end apart are damage too.
            let filled = edge(
                || {
                    for column in columns.iter_mut() {
                        if column.fill(wanted)? != wanted {
                            return Ok(false);
                        }
                    }
                    Ok(true)
                },
                input,
            )?;
            if filled != Some(true) {
                break;
            }
            let mut bytes = 0;
            for _ in 0..wanted {
                bytes += self.one(columns, each)?;
            }
            let row_bytes = (bytes / wanted as u64).max(1);
            n = usize::try_from(BATCH_BYTES / row_bytes).unwrap_or(BATCH_ROWS).clamp(1, BATCH_ROWS.min(4 * n));
        }
        Ok(())
    }

    /// Hands on the next row; gives the bytes of its cells.
    fn one(&mut self, columns: &mut [Column], each: &mut Each<'_>) -> Result<u64> {
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
        let place = Place { file: self.input.name.clone(), offset: self.row, length: 1 };
        self.row += 1;
        self.tally.decoded_bytes += bytes;
        let document = match (fits, bad) {
            (false, _) => Err(Refused::of("row-too-long")),
            (_, true) => Err(Refused::of("invalid-utf8")),
            _ => jsonl::document(row, &mut self.tally),
        };
        match document {
            Ok(document) => {
                let name = |id: String| if id.is_empty() { format!("{}:{}", self.input.name, place.offset) } else { id };
                each(Item::Document(Document { id: name(document.id), place, ..document }))?;
            }
            Err(Refused { rule, id, url }) => {
                let mut reason = Reason::bare("read", rule);
                if rule == "row-too-long" {
                    // Both are far below 2^53.
                    (reason.value, reason.limit) = (bytes as f64, self.limits.line_bytes as f64);
                }
                each(Item::Rejected(Rejected { id, url, place, reason }))?;
            }
        }
        Ok(bytes)
    }

    /// Rejects rows that cannot be read, as one record.
    fn lost(&mut self, rule: &'static str, rows: u64, each: &mut Each<'_>) -> Result<()> {
        let place = Place { file: self.input.name.clone(), offset: self.row, length: rows };
        each(Item::Rejected(Rejected { id: String::new(), url: None, place, reason: Reason::bare("read", rule) }))
    }
}

#[cfg(test)]
mod tests;
