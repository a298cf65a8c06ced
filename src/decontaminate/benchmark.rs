//! Benchmark files: JSON lines, some or all of whose string fields are the items.

use std::io::BufRead;
use std::path::Path;

use serde_json::Value;

use crate::codec::{Line, Lines};
use crate::error::{Error, Result};

/// Longest line of a benchmark, in bytes.
const LINE_BYTES: u64 = 16 << 20;

/// One text that must not be learnt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BenchmarkItem {
    /// The file's name.
    pub benchmark: String,
    /// Its id, or `line N`, and the field.
    pub item: String,
    pub text: String,
}

/// Reads one file, which is called `name`. Each string field is an item of its own, so that an n-gram never spans two fields; with `fields`, only these.
///
/// # Errors
/// A line that is no JSON object, that lacks a named field, or that is over 16 MiB, names file and line, as does a stream that is cut off or damaged:
/// a benchmark that is read wrongly protects nothing.
pub fn read_items(name: &str, reader: impl BufRead, fields: Option<&[String]>) -> Result<Vec<BenchmarkItem>> {
    let mut items = Vec::new();
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
        let Value::Object(object) = parsed else {
            return Err(Error::new(format!("line {number} of the benchmark {name} is not a JSON object")));
        };
        let id = ["id", "task_id"]
            .iter()
            .find_map(|key| object.get(*key))
            .map_or_else(|| format!("line {number}"), |id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
        let mut push = |field: &str, text: &str| {
            items.push(BenchmarkItem { benchmark: name.to_owned(), item: format!("{id}, {field}"), text: text.to_owned() });
        };
        match fields {
            Some(fields) => {
                for field in fields {
                    let text = object.get(field).and_then(Value::as_str);
                    let text =
                        text.ok_or_else(|| Error::new(format!("line {number} of the benchmark {name} has no text field {field:?}")))?;
                    push(field, text);
                }
            }
            None => {
                for (field, value) in &object {
                    if let Value::String(text) = value {
                        push(field, text);
                    }
                }
            }
        }
    }
    if items.is_empty() {
        return Err(Error::new(format!("the benchmark {name} has no item with text")));
    }
    Ok(items)
}
