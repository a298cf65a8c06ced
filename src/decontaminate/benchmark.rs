//! Benchmark files: JSON lines, compressed or not, or Parquet. A line or row is an example; some or all of its texts are the items.

use std::fs::File;
use std::io::{BufRead, Read};
use std::path::Path;

use serde_json::Value;

use crate::codec::{self, Line, Lines, Windows};
use crate::error::{Context, Error, Result};

use super::{fields, table};

/// Longest line of a benchmark, in bytes.
const LINE_BYTES: u64 = 16 << 20;

/// One text that must not be learnt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BenchmarkItem {
    /// The file's name.
    pub benchmark: String,
    /// Number of its line or row, from 1: the texts of one example have the same.
    pub example: u64,
    /// Its id, or `line N` or `row N`, and the field.
    pub item: String,
    pub text: String,
    /// The text with placeholders for its addresses, where documents are masked and that changes it; looked for beside the text.
    pub masked: Option<String>,
}

/// Reads one file, which is called `name`: Parquet where it begins as such, else JSON lines. Each text of an example is an item of its own, so that an n-gram never spans
/// two fields; with paths to `fields`, only what stands there.
///
/// # Errors
/// A line or row that cannot be read, that is no JSON object, in which a path leads nowhere, or that is over 16 MiB, names file and line, as does a stream that is cut off or
/// damaged: a benchmark that is read wrongly protects nothing.
pub fn read_items(name: &str, path: &Path, windows: Windows, fields: Option<&[String]>) -> Result<Vec<BenchmarkItem>> {
    let mut first = Vec::new();
    let begun = File::open(path).and_then(|file| file.take(4).read_to_end(&mut first));
    begun.context(|| format!("cannot read the benchmark {}", path.display()))?;
    if first == *b"PAR1" { table::read_rows(name, path, fields) } else { read_lines(name, codec::open(path, windows)?, fields) }
}

/// Reads JSON lines.
///
/// # Errors
/// As [`read_items`].
pub fn read_lines(name: &str, reader: impl BufRead, fields: Option<&[String]>) -> Result<Vec<BenchmarkItem>> {
    let mut examples = Examples { name, fields, items: Vec::new() };
    let mut lines = Lines::new(reader, Path::new(name), LINE_BYTES);
    let mut number = 0;
    while let Some(line) = lines.next()? {
        number += 1;
        let line = match line {
            Line::Whole(line) => line,
            Line::TooLong => return Err(Error::new(format!("line {number} of the benchmark {name} is longer than {LINE_BYTES} bytes"))),
            Line::Broken(fault) => return Err(Error::new(format!("the benchmark {name} cannot be read from line {number} on: {fault}"))),
        };
        let line = line.strip_prefix(b"\xEF\xBB\xBF").filter(|_| number == 1).unwrap_or(line);
        if line.trim_ascii().is_empty() {
            continue;
        }
        let parsed: Value = serde_json::from_slice(line)
            .map_err(|error| Error::new(format!("line {number} of the benchmark {name} is not JSON")).because(error))?;
        examples.add("line", number, &parsed)?;
    }
    examples.finish()
}

/// The items of a file as its examples are read.
pub(super) struct Examples<'e> {
    pub name: &'e str,
    pub fields: Option<&'e [String]>,
    pub items: Vec<BenchmarkItem>,
}

impl Examples<'_> {
    /// Adds an example, which is a line or a row with this number.
    pub fn add(&mut self, kind: &str, number: u64, example: &Value) -> Result<()> {
        let name = self.name;
        let Value::Object(object) = example else {
            return Err(Error::new(format!("{kind} {number} of the benchmark {name} is not a JSON object")));
        };
        let id = ["id", "task_id"].iter().find_map(|key| object.get(*key)).filter(|id| id.is_string() || id.is_number());
        let id = id.map_or_else(|| format!("{kind} {number}"), |id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
        let mut found = Vec::new();
        match self.fields {
            None => drop(fields::texts(example, "", &mut found)),
            Some(paths) => {
                for path in paths {
                    if !fields::texts(example, path, &mut found) {
                        let has = fields::listed(example);
                        return Err(Error::new(format!("{kind} {number} of the benchmark {name} has no text at {path:?}; it has {has}")));
                    }
                }
            }
        }
        let item = |(field, text): (String, &str)| BenchmarkItem {
            benchmark: name.to_owned(),
            example: number,
            item: format!("{id}, {field}"),
            text: text.to_owned(),
            masked: None,
        };
        self.items.extend(found.into_iter().map(item));
        Ok(())
    }

    /// # Errors
    /// When there are none.
    pub fn finish(self) -> Result<Vec<BenchmarkItem>> {
        if self.items.is_empty() {
            return Err(Error::new(format!("the benchmark {} has no item with text", self.name)));
        }
        Ok(self.items)
    }
}
