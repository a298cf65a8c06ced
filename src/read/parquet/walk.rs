//! The rows of a foreign Parquet file, whatever is made of them: row group after row group, of chosen columns, under limits. What is damaged is passed over, and told.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use ::parquet::file::reader::{FileReader, SerializedFileReader};

use super::cells::Column;
use super::pages;
use crate::error::{Context, Result, is_failure};
use crate::read::stored::Stored;
use crate::read::{Input, Limits};

/// Rows that are decoded at a time, at most.
const BATCH_ROWS: usize = 1024;
/// Bytes of cells that are decoded at a time, as far as the rows before foretell it.
const BATCH_BYTES: u64 = 4 << 20;
/// First bytes of a file, and its last.
pub(in super::super) const MAGIC: [u8; 4] = *b"PAR1";

/// Bytes of the longest footer that is read; a file of ten thousand row groups of a hundred columns has less. It is held decoded, some times as large.
const FOOTER: u64 = 256 << 20;

/// What is made of the rows of a file.
pub(in super::super) trait Rows {
    /// Takes the next cell of each column, all of them; gives the bytes that they had.
    fn row(&mut self, columns: &mut [Column], number: u64) -> Result<u64>;

    /// From row `first` on `n` rows cannot be read.
    fn lost(&mut self, rule: &'static str, first: u64, n: u64) -> Result<()>;
}

/// A file whose table of contents was read.
pub(in super::super) struct Opened {
    file: SerializedFileReader<Stored>,
    stored: Stored,
}

/// Opens a file; where that is no Parquet, or its footer is above 256 MiB, the rule that says so: "truncated-input", "corrupt-input", "footer-too-large".
///
/// # Errors
/// What the operating system says.
pub(in super::super) fn open(input: &Input) -> Result<Result<Opened, &'static str>> {
    let stored = Stored::open(input)?;
    let rule = match ends(&stored, input)? {
        Ends::Cut => "truncated-input",
        Ends::Whole { footer } if FOOTER < footer && footer < input.bytes => return Ok(Err("footer-too-large")),
        Ends::Whole { .. } => "corrupt-input",
    };
    let opened = edge(|| SerializedFileReader::new(stored.clone()), input)?;
    Ok(opened.map(|file| Opened { file, stored }).ok_or(rule))
}

/// How a file ends.
enum Ends {
    /// It begins as Parquet and does not end so: it was cut off, and nothing of it can be read, because the footer, which says what is where, stood last.
    Cut,
    /// The footer is said to have so many bytes.
    Whole { footer: u64 },
}

fn ends(file: &Stored, input: &Input) -> Result<Ends> {
    let (mut first, mut last) = ([0; 4], [0; 8]);
    // Too short for both.
    if input.bytes < 8 {
        return Ok(Ends::Cut);
    }
    let read = file.read_at(&mut first, 0).and_then(|_| file.read_at(&mut last, input.bytes - 8));
    read.context(|| format!("cannot read {}", input.path.display()))?;
    let [a, b, c, d, magic @ ..] = last;
    Ok(match (first == MAGIC, magic == MAGIC) {
        (true, false) => Ends::Cut,
        (_, true) => Ends::Whole { footer: u32::from_le_bytes([a, b, c, d]).into() },
        (false, false) => Ends::Whole { footer: 0 },
    })
}

/// What the parquet crate makes of a file: `None` where it refuses it or panics over it, as it still does on some corrupt files. Only what the operating system
/// says is an error.
fn edge<T>(work: impl FnOnce() -> ::parquet::errors::Result<T>, input: &Input) -> Result<Option<T>> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(done)) => Ok(Some(done)),
        Ok(Err(ParquetError::External(cause))) => match cause.downcast::<io::Error>() {
            // What the system says, or a server.
            Ok(error) if is_failure(&error) => Err(*error).context(|| format!("cannot read {}", input.path.display())),
            _ => Ok(None),
        },
        Ok(Err(_)) | Err(_) => Ok(None),
    }
}

impl Opened {
    /// Rows that the file says it has.
    pub(in super::super) fn n_rows(&self) -> u64 {
        u64::try_from(self.file.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    pub(super) fn n_groups(&self) -> usize {
        self.file.metadata().num_row_groups()
    }

    /// The columns that JSON has a word for and that are wanted by their name; and how many it has no word for.
    pub(in super::super) fn columns(&self, wants: impl Fn(&str) -> bool) -> (Vec<Column>, u64) {
        let (mut columns, mut left_out) = (Vec::new(), 0);
        for (place, column) in self.file.metadata().file_metadata().schema_descr().columns().iter().enumerate() {
            match Column::new(place, column) {
                Some(column) if wants(column.name()) => columns.push(column),
                Some(_) => {}
                None => left_out += 1,
            }
        }
        (columns, left_out)
    }

    /// Hands on the rows of all row groups, with the number of each in the file, from 0. Of a damaged row group what was not read is lost, and of one with a page over
    /// `limits.record_bytes` all.
    ///
    /// # Errors
    /// What the operating system says, and errors of the receiver.
    pub(in super::super) fn walk(&self, input: &Input, limits: &Limits, columns: &mut [Column], rows: &mut dyn Rows) -> Result<()> {
        let mut next = 0_u64;
        for (index, group) in self.file.metadata().row_groups().iter().enumerate() {
            let end = next.saturating_add(u64::try_from(group.num_rows()).unwrap_or(0));
            let largest = self.largest_page(input, group, columns)?;
            let fits = largest.is_some_and(|bytes| bytes <= limits.record_bytes);
            if fits {
                self.group(input, index, &mut next, end, columns, rows)?;
            }
            if next < end {
                rows.lost(if largest.is_some() && !fits { "page-too-large" } else { "corrupt-input" }, next, end - next)?;
                next = end;
            }
        }
        Ok(())
    }

    /// The largest page of the columns in a row group, decompressed; `None` where a page has no header.
    fn largest_page(&self, input: &Input, group: &RowGroupMetaData, columns: &[Column]) -> Result<Option<u64>> {
        let reading = || format!("cannot read {}", input.path.display());
        let mut largest = 0;
        for column in columns {
            // The crate panics on a place before the file's first byte.
            let Some(Some(range)) = edge(|| Ok(group.columns().get(column.place()).map(ColumnChunkMetaData::byte_range)), input)? else {
                return Ok(None);
            };
            let Some(page) = pages::largest(&self.stored, range.0, range.1).context(reading)? else { return Ok(None) };
            largest = largest.max(page);
        }
        Ok(Some(largest))
    }

    /// Hands on the rows of one row group up to row `end`, or to where it is damaged.
    fn group(&self, input: &Input, index: usize, next: &mut u64, end: u64, columns: &mut [Column], rows: &mut dyn Rows) -> Result<()> {
        let opened = edge(
            || {
                let group = self.file.get_row_group(index)?;
                columns.iter_mut().try_for_each(|column| column.start(&*group))
            },
            input,
        )?;
        let mut n = 16;
        while opened.is_some() && *next < end {
            let wanted = n.min(usize::try_from(end - *next).unwrap_or(n));
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
                let number = *next;
                *next += 1;
                bytes += rows.row(columns, number)?;
            }
            let row_bytes = (bytes / wanted as u64).max(1);
            n = usize::try_from(BATCH_BYTES / row_bytes).unwrap_or(BATCH_ROWS).clamp(1, BATCH_ROWS.min(4 * n));
        }
        Ok(())
    }
}
