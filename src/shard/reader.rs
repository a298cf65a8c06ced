//! Shards read back, row by row, whatever they are written as: to check them, and to find a document in them.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::document::Key;
use crate::error::{Context, Error, Result};
use crate::store::table::TableReader;

use super::ShardRow;

/// Bytes of one line; a document's text is below 64 MiB, and an escape makes six bytes of one.
const LINE: u64 = 512 << 20;

/// The rows of one shard, in order. What is "" or "{}" in a line because it is not known stays so.
pub enum Rows {
    Lines(Lines),
    Table(Box<TableReader<ShardRow>>),
}

/// The lines of a shard of JSON lines.
pub struct Lines {
    path: PathBuf,
    lines: BufReader<zstd::stream::read::Decoder<'static, BufReader<File>>>,
    line: Vec<u8>,
    number: u64,
    ended: bool,
}

/// Opens a shard; its name tells the format. Memory: the longest line, or 1,024 rows.
///
/// # Errors
/// When it cannot be opened, or is no table.
pub fn read(path: &Path) -> Result<Rows> {
    if path.extension().is_some_and(|extension| extension == "parquet") {
        return Ok(Rows::Table(Box::new(TableReader::open(path)?)));
    }
    let doing = || format!("cannot open the shard {}", path.display());
    let decoder = zstd::stream::read::Decoder::new(File::open(path).context(doing)?).context(doing)?;
    Ok(Rows::Lines(Lines {
        path: path.to_owned(),
        lines: BufReader::with_capacity(1 << 18, decoder),
        line: Vec::new(),
        number: 0,
        ended: false,
    }))
}

/// One line as it is at rest. No field may be missing or new.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: String,
    key: Key,
    source: String,
    url: String,
    date: Option<String>,
    title: String,
    language: String,
    language_probability: Option<f64>,
    score: Option<f64>,
    tokens: Option<u64>,
    copy: u32,
    text: String,
    extra: String,
}

impl Lines {
    fn next(&mut self) -> Result<Option<ShardRow>> {
        self.line.clear();
        self.number += 1;
        let at = || format!("cannot read line {} of the shard {}", self.number, self.path.display());
        let n = std::io::Read::take(&mut self.lines, LINE).read_until(b'\n', &mut self.line).context(at)?;
        if n == 0 {
            return Ok(None);
        }
        if self.line.last() != Some(&b'\n') {
            return Err(Error::new(format!("{}: it has no end", at())));
        }
        let line: Line = serde_json::from_slice(&self.line).map_err(|error| Error::new(at()).because(error))?;
        Ok(Some(ShardRow {
            id: line.id,
            key: line.key,
            source: line.source,
            url: Some(line.url),
            date: line.date,
            title: Some(line.title),
            language: Some(line.language),
            language_probability: line.language_probability,
            score: line.score,
            tokens: line.tokens,
            copy: line.copy,
            text: line.text,
            extra: Some(line.extra),
        }))
    }
}

impl Iterator for Rows {
    type Item = Result<ShardRow>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Rows::Table(table) => table.next(),
            Rows::Lines(lines) if lines.ended => None,
            Rows::Lines(lines) => {
                let row = lines.next();
                lines.ended = !matches!(row, Ok(Some(_)));
                row.transpose()
            }
        }
    }
}
