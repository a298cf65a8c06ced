//! Benchmarks as Parquet: a row becomes what it would be as a JSON line, nested columns included, by the crate's own records; so paths mean the same in both.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use ::parquet::errors::ParquetError;
use ::parquet::file::reader::SerializedFileReader;
use ::parquet::record::{Field, Row};
use serde_json::{Map, Value};

use crate::error::{Context, Error, Result};

use super::BenchmarkItem;
use super::benchmark::Examples;

/// Reads a file, which is called `name`. One row is held at a time, and the pages that it lies in.
///
/// # Errors
/// As [`super::read_items`].
pub fn read_rows(name: &str, path: &Path, fields: Option<&[String]>) -> Result<Vec<BenchmarkItem>> {
    let file = File::open(path).context(|| format!("cannot open the benchmark {}", path.display()))?;
    let mut examples = Examples { name, fields, items: Vec::new() };
    let broken = |number: u64, fault: String| Error::new(format!("the benchmark {name} cannot be read from row {number} on: {fault}"));
    let mut rows = guarded(|| SerializedFileReader::new(file)).map_err(|fault| broken(1, fault))?.into_iter();
    for number in 1.. {
        match guarded(|| rows.next().transpose()).map_err(|fault| broken(number, fault))? {
            Some(row) => examples.add("row", number, &object(&row))?,
            None => break,
        }
    }
    examples.finish()
}

/// What the crate makes of a file, or what it says of it; on some corrupt files it panics.
fn guarded<T>(work: impl FnOnce() -> std::result::Result<T, ParquetError>) -> std::result::Result<T, String> {
    let done = catch_unwind(AssertUnwindSafe(work)).map_err(|_| "corrupt-input".to_owned())?;
    done.map_err(|error| error.to_string())
}

fn object(row: &Row) -> Value {
    row.get_column_iter().map(|(name, field)| (name.clone(), value(field))).collect::<Map<_, _>>().into()
}

/// Texts stay texts, and numbers that an id may be stay numbers. Of anything else it is enough to know that it is there and no text.
fn value(field: &Field) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::Str(text) => text.as_str().into(),
        // Old writers do not say that bytes are text.
        Field::Bytes(bytes) => std::str::from_utf8(bytes.data()).map_or(Value::Bool(false), Value::from),
        Field::Int(number) => (*number).into(),
        Field::Long(number) => (*number).into(),
        Field::UInt(number) => (*number).into(),
        Field::ULong(number) => (*number).into(),
        Field::Group(row) => object(row),
        Field::ListInternal(list) => list.elements().iter().map(value).collect(),
        Field::MapInternal(map) => {
            let name = |key: &Field| if let Field::Str(text) = key { text.clone() } else { key.to_string() };
            map.entries().iter().map(|(key, held)| (name(key), value(held))).collect::<Map<_, _>>().into()
        }
        _ => Value::Bool(false),
    }
}
