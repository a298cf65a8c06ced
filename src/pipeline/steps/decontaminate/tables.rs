//! What decontamination leaves of documents: tables of pieces and cuts.

use std::iter::Peekable;
use std::ops::Range;

use crate::document::Key;
use crate::error::Result;
use crate::store::table::TableReader;

use super::super::super::plan::DocumentFile;
use super::super::super::run::Build;
use super::super::{Keyed, keyed};

crate::table! {
    /// A piece of a document that stays after cuts; documents without cuts have no rows here.
    pub struct PieceRow {
        /// The document's key.
        key: Key,
        /// Number of the piece in its document, from 0; the data set's id is ID#piece.
        piece: u64,
        /// First byte of the piece in the document's text, duplicate paragraphs cut out.
        start: u64,
        /// The byte after its last.
        end: u64,
    }
}

crate::table! {
    /// A stretch of text that was cut out, and what it collided with.
    pub struct CutRow {
        /// The document's key.
        key: Key,
        /// First byte of the cut in the document's text, duplicate paragraphs cut out.
        start: u64,
        /// The byte after its last.
        end: u64,
        /// The colliding words; the first of them, where several n-grams make one cut.
        gram: String,
        /// Benchmark file.
        benchmark: String,
        /// Item in that file: its id, or its line or row, and the field.
        item: String,
        /// Places in the cut at which an n-gram of a benchmark begins, of whatever item.
        hits: u64,
    }
}

keyed!(PieceRow, CutRow);

/// The pieces of a file of documents, by its name.
pub fn pieces_path(name: &str) -> String {
    format!("decontaminate/pieces/{name}.parquet")
}

/// Its cuts.
pub fn cuts_path(name: &str) -> String {
    format!("decontaminate/cuts/{name}.parquet")
}

/// The pieces of a file's documents, taken in the order of the documents.
pub struct Pieces {
    rows: Option<Peekable<TableReader<PieceRow>>>,
}

impl Pieces {
    /// `decontaminated` says whether the recipe has that step; without it no document has pieces.
    pub fn open(build: Build<'_>, file: &DocumentFile, decontaminated: bool) -> Result<Self> {
        let rows = if decontaminated { Some(TableReader::open(&build.folder.path(&pieces_path(&file.name())))?.peekable()) } else { None };
        Ok(Self { rows })
    }

    /// Byte ranges that stay of the next document, or none when it was not cut.
    pub fn take(&mut self, key: Key) -> Result<Vec<Range<usize>>> {
        let Some(rows) = &mut self.rows else { return Ok(Vec::new()) };
        let mut pieces = Vec::new();
        while let Some(row) = rows.next_if(|row| row.as_ref().map_or(true, |row| row.key == key)) {
            let row = row?;
            pieces.push(row.start as usize..row.end as usize);
        }
        Ok(pieces)
    }
}
