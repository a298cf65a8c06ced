//! Tables for a spreadsheet: comma-separated, with a head, and no cell that the spreadsheet would run (TRUST section 5).

use std::borrow::Cow;
use std::io::Write;

use crate::error::{Error, Result};

/// Rows of a sheet at most: what common spreadsheets open, head included.
pub const MOST_ROWS: u64 = (1 << 20) - 1;

/// Writes one sheet.
pub struct Sheet<W: Write> {
    out: csv::Writer<W>,
    rows: u64,
}

impl<W: Write> Sheet<W> {
    /// Begins with the names of the columns.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(out: W, head: &[&str]) -> Result<Self> {
        let mut sheet = Self { out: csv::Writer::from_writer(out), rows: 0 };
        sheet.out.write_record(head).map_err(failed)?;
        Ok(sheet)
    }

    /// False when no row more fits.
    pub fn has_room(&self) -> bool {
        self.rows < MOST_ROWS
    }

    /// Adds a row; what does not fit is left out.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn push<S: AsRef<str>>(&mut self, cells: &[S]) -> Result<()> {
        if !self.has_room() {
            return Ok(());
        }
        self.rows += 1;
        self.out.write_record(cells.iter().map(|cell| harmless(cell.as_ref()).into_owned())).map_err(failed)
    }

    /// Ends it: the writer, and the rows in it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<(W, u64)> {
        let out = self.out.into_inner().map_err(|error| failed(error.into_error()))?;
        Ok((out, self.rows))
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new("cannot write a sheet").because(error)
}

/// A cell that a spreadsheet shows and does not calculate: those that begin as a formula does, in full-width signs too, get an apostrophe before them.
pub fn harmless(cell: &str) -> Cow<'_, str> {
    match cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']) {
        true => Cow::Owned(format!("'{cell}")),
        false => Cow::Borrowed(cell),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_shown_and_not_run() {
        let mut sheet = Sheet::new(Vec::new(), &["id", "n"]).unwrap();
        for cell in ["=HYPERLINK(\"http://x\")", "+1", "-1", "@SUM(A1)", "\tx", "a=b", "two, \"three\"", ""] {
            sheet.push(&[cell, "1"]).unwrap();
        }
        let (out, rows) = sheet.finish().unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(rows, 8);
        assert_eq!(harmless("\u{ff1d}1"), "'\u{ff1d}1");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..5], ["id,n", "\"'=HYPERLINK(\"\"http://x\"\")\",1", "'+1,1", "'-1,1", "'@SUM(A1),1"]);
        assert_eq!(lines[5..], ["'\tx,1", "a=b,1", "\"two, \"\"three\"\"\",1", ",1"]);
    }

    #[test]
    fn a_sheet_ends_where_spreadsheets_do() {
        let mut sheet = Sheet::new(std::io::sink(), &["n"]).unwrap();
        (0..MOST_ROWS).for_each(|_| assert!(sheet.has_room() && sheet.push(&["1"]).is_ok()));
        sheet.push(&["1"]).unwrap();
        assert!(!sheet.has_room());
        assert_eq!(sheet.finish().unwrap().1, MOST_ROWS);
    }
}
