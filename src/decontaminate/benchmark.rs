//! Benchmark files: JSON lines, some or all of whose string fields are the items.

use std::io::BufRead;

use serde_json::Value;

use crate::error::{Context, Error, Result};

/// Longest line of a benchmark, in bytes.
const LINE_BYTES: usize = 16 << 20;

/// One text that must not be learnt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BenchmarkItem {
    /// The file's name.
    pub benchmark: String,
    /// Its id, or `line N`, and the field.
    pub item: String,
    pub text: String,
}

/// Reads one file. Each string field is an item of its own, so that an n-gram never spans two fields; with `fields`, only these.
///
/// # Errors
/// A line that is no JSON object, or that lacks a named field, names file and line: a benchmark that is read wrongly protects nothing.
pub fn read_items(name: &str, reader: impl BufRead, fields: Option<&[String]>) -> Result<Vec<BenchmarkItem>> {
    let mut items = Vec::new();
    for (index, line) in reader.lines().enumerate() {
        let number = index + 1;
        let line = line.context(|| format!("cannot read the benchmark {name} at line {number}"))?;
        if LINE_BYTES < line.len() {
            return Err(Error::new(format!("line {number} of the benchmark {name} is longer than {LINE_BYTES} bytes")));
        }
        if line.trim().is_empty() {
            continue;
        }
        let parsed: Value = serde_json::from_str(&line)
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
