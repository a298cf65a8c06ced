//! Lists of records: where each lies, in which file, at which byte, how long. JSON lines, CDXJ, classic CDX, and Parquet as Common Crawl lays its columnar index out come in;
//! one [`Entry`] a row goes out, in the order of the file. What a file holds is told by its contents. No file that an entry names is opened here.
//!
//! A row that says no place is a [`BadRow`], never an error. Memory: the longest line that `limits.line_bytes` allows, or the batch of cells of `parquet`, of the
//! columns that are read.

use std::collections::BTreeMap;
use std::io::BufRead;

use serde::Serialize;

use super::{Input, Limits};
use crate::codec::{self, Compression, Line, Lines};
use crate::error::{Context, Error, Result};

mod line;
mod row;
mod selected;
mod table;

use line::{Cdx, Kind};

pub use selected::{Selected, select};

/// Where one record lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The row's number in the file, from 1; of lines that of the line.
    pub row: u64,
    /// As the index calls it; not empty, and without NUL. It may lead anywhere: whoever opens it decides where names begin.
    pub file: String,
    /// First byte of the record's member in the file as it is stored.
    pub offset: u64,
    /// Bytes of the member, 1 to `limits.record_bytes`; `offset + length` is below 2^63.
    pub length: u64,
    pub url: Option<String>,
}

/// A row, or rows that are damaged together, without a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// The first row's number in the file, from 1; of lines that of the line.
    pub row: u64,
    /// How many they are: above 1 only where a row group of Parquet is damaged.
    pub rows: u64,
    /// What is wrong: a reason of [`IndexTally::bad`].
    pub why: &'static str,
}

impl BadRow {
    /// The rule that every bad row goes by.
    pub const RULE: &'static str = "bad-index-row";
}

/// What was seen in an index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct IndexTally {
    /// Rows; blank lines and headers are none.
    pub rows: u64,
    /// Rows that say where a record lies; `rows` is this and the sum of `bad`.
    pub entries: u64,
    /// The others, by reason: "not-a-row", "invalid-utf8", "line-too-long", "no-file", "name-too-long", "no-offset", "no-length", "no-bytes", "record-too-long", "beyond-any-file",
    /// "nul", "page-too-large", "footer-too-large", and the faults of a file that ends early.
    pub bad: BTreeMap<String, u64>,
    /// Bytes as stored.
    pub stored_bytes: u64,
    /// Faults of the file itself: "truncated-input", "corrupt-input", ..
    pub faults: BTreeMap<String, u64>,
}

/// What receives the rows of an index, in order. An error stops the reading.
pub type EachRow<'f> = dyn FnMut(Result<Entry, BadRow>) -> Result<()> + 'f;

/// Reads one index from its first row to its last. Lines may be packed by whatever `codec` reads, and of different kinds; Parquet packs its own pages.
///
/// # Errors
/// When the file cannot be opened or read, when its size is not what it was when it was found (exit code 5), when it is Parquet without the columns of an index or inside of
/// a compressed stream (exit code 2), or `each` gives an error.
pub fn entries(input: &Input, limits: &Limits, each: &mut EachRow<'_>) -> Result<IndexTally> {
    input.unchanged()?;
    let mut rows = Taking { each, tally: IndexTally { stored_bytes: input.bytes, ..IndexTally::default() }, limits };
    let (is_parquet, compression) = look(input, limits)?;
    match compression {
        Compression::Plain if is_parquet => table::read(input, &mut rows)?,
        _ if is_parquet => {
            let packed = compression.as_str();
            return Err(Error::recipe(format!("{} is Parquet under {packed}, which is read from its end; unpack it first", input.name)));
        }
        _ => lines(input.decoded(limits.windows())?, input, &mut rows)?,
    }
    input.unchanged()?;
    Ok(rows.tally)
}

/// Whether the first row of a file says where a record lies; what cannot be read is no index.
pub fn is_index(input: &Input, limits: &Limits) -> bool {
    let mut is_entry = false;
    // The first row is enough, so the reading is stopped there.
    let _ = entries(input, limits, &mut |row| {
        is_entry = row.is_ok();
        Err(Error::new("one row was asked for"))
    });
    is_entry
}

/// Bytes of a file that tell whether it begins as Parquet, packed or not.
const LOOK: usize = 64 << 10;

/// Rows on their way to whoever takes them.
struct Taking<'t, 'f> {
    each: &'t mut EachRow<'f>,
    tally: IndexTally,
    limits: &'t Limits,
}

impl Taking<'_, '_> {
    /// Hands a row on; the first row's number is 1.
    fn row(&mut self, row: u64, found: Result<row::Row<'_>, &'static str>) -> Result<()> {
        match found.and_then(|found| found.entry(row, self.limits)) {
            Ok(entry) => {
                self.tally.rows += 1;
                self.tally.entries += 1;
                (self.each)(Ok(entry))
            }
            Err(why) => self.bad(row, 1, why),
        }
    }

    fn bad(&mut self, row: u64, rows: u64, why: &'static str) -> Result<()> {
        // A damaged table of contents may claim any number.
        self.tally.rows = self.tally.rows.saturating_add(rows);
        let counted = self.tally.bad.entry(why.to_owned()).or_default();
        *counted = counted.saturating_add(rows);
        (self.each)(Err(BadRow { row, rows, why }))
    }

    fn fault(&mut self, fault: &'static str) {
        *self.tally.faults.entry(fault.to_owned()).or_default() += 1;
    }
}

/// Whether a file begins as Parquet does, unpacked, and how it is packed.
fn look(input: &Input, limits: &Limits) -> Result<(bool, Compression)> {
    let stored = input.first(LOOK)?;
    let decoded = codec::decoded(&stored[..], limits.windows());
    let (mut first, compression) = decoded.context(|| format!("cannot read {}", input.path.display()))?;
    // A fault that comes this early is met again, and counted, when the lines are read.
    let is_parquet = first.fill_buf().is_ok_and(|first| first.starts_with(&super::parquet::MAGIC));
    Ok((is_parquet, compression))
}

/// Each line tells itself what it is, so that sorted parts of several indexes may be joined; only CDX needs the header before it.
fn lines(reader: impl BufRead, input: &Input, rows: &mut Taking<'_, '_>) -> Result<()> {
    let mut lines = Lines::new(reader, &input.path, rows.limits.line_bytes);
    let (mut cdx, mut number) = (None, 0);
    while let Some(line) = lines.next()? {
        number += 1;
        match line {
            Line::Whole(line) => {
                let line: &[u8] = line.strip_prefix(b"\xEF\xBB\xBF").filter(|_| number == 1).unwrap_or(line);
                match line::kind(line, cdx.as_ref()) {
                    Kind::Blank => {}
                    Kind::Header => cdx = Cdx::new(line).or(cdx),
                    Kind::Row(row) => rows.row(number, row)?,
                }
            }
            Line::TooLong => rows.bad(number, 1, "line-too-long")?,
            Line::Broken(fault) => {
                rows.fault(fault);
                return rows.bad(number, 1, fault);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
