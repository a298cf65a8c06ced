//! Shards: JSON lines under zstd, or Parquet. One writer a shard; where the bytes go, and when one shard ends and the next begins, is the caller's.

use std::io::Write;

use serde::{Deserialize, Serialize};

use crate::document::Key;
use crate::error::{Context, Error, Result};
use crate::store::table::TableWriter;

/// What a shard is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    #[default]
    #[serde(rename = "jsonl.zst")]
    JsonlZst,
    #[serde(rename = "parquet")]
    Parquet,
}

/// Level of zstd: 3 is its own default; higher levels save a tenth and cost five times as much.
const LEVEL: i32 = 3;

/// One document of the data set, as it is written.
///
/// JSON lines have no schema: readers guess one from the first megabytes and refuse a column of nulls that turns into text later. So there what is not known of
/// `url`, `title` and `language` is "", and of `extra` "{}"; in Parquet it is null.
#[derive(Clone, Debug, Serialize)]
pub struct Row<'a> {
    /// What the input calls it; `ID#k` for a piece of a document that was cut.
    pub id: &'a str,
    pub key: Key,
    pub source: &'a str,
    #[serde(serialize_with = "text_or_empty")]
    pub url: Option<&'a str>,
    pub date: Option<&'a str>,
    #[serde(serialize_with = "text_or_empty")]
    pub title: Option<&'a str>,
    #[serde(serialize_with = "text_or_empty")]
    pub language: Option<&'a str>,
    pub language_probability: Option<f64>,
    pub score: Option<f64>,
    pub tokens: Option<u64>,
    /// Number of the copy, from 0.
    pub copy: u32,
    pub text: &'a str,
    /// Other fields of a text set's record, or what a page says of itself; one JSON object as text: its shape differs from source to source.
    #[serde(serialize_with = "object_or_empty")]
    pub extra: Option<&'a str>,
}

fn text_or_empty<S: serde::Serializer>(text: &Option<&str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text.unwrap_or_default())
}

fn object_or_empty<S: serde::Serializer>(extra: &Option<&str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(extra.unwrap_or("{}"))
}

mod digest;
mod reader;
mod tokens;

pub use digest::Digested;
pub use reader::{Rows, read};
pub use tokens::{TokenFiles, TokenWriter};

crate::table! {
    /// The columns of a Parquet shard.
    pub struct ShardRow {
        /// What the input calls the document; ID#k for a piece of one that was cut.
        id: String,
        /// The document's key; joins every table of the build.
        key: Key,
        /// Its source.
        source: String,
        /// Where it was found on the web.
        url: Option<String>,
        /// As the input writes it; RFC 3339 in WARC and ARC.
        date: Option<String>,
        /// Title of the page or book.
        title: Option<String>,
        /// Language code.
        language: Option<String>,
        /// In 0..=1.
        language_probability: Option<f64>,
        /// Quality score in 0..=1.
        score: Option<f64>,
        /// Tokens of the text.
        tokens: Option<u64>,
        /// Number of the copy, from 0.
        copy: u32,
        /// The text.
        text: String,
        /// Other fields of a text set's record, or what a page says of itself; one JSON object.
        extra: Option<String>,
    }
}

/// Writes one shard.
pub struct ShardWriter<W: Write + Send> {
    inner: Inner<W>,
    rows: u64,
    bytes: u64,
}

enum Inner<W: Write + Send> {
    JsonlZst { out: zstd::stream::write::Encoder<'static, W>, line: Vec<u8> },
    Parquet(Box<TableWriter<ShardRow, W>>),
}

impl<W: Write + Send> ShardWriter<W> {
    pub fn new(format: Format, out: W) -> Result<Self> {
        let inner = match format {
            Format::JsonlZst => {
                let doing = || "cannot start a shard";
                let mut out = zstd::stream::write::Encoder::new(out, LEVEL).context(doing)?;
                out.include_checksum(true).context(doing)?;
                Inner::JsonlZst { out, line: Vec::new() }
            }
            Format::Parquet => Inner::Parquet(Box::new(TableWriter::over(out, "a shard")?)),
        };
        Ok(Self { inner, rows: 0, bytes: 0 })
    }

    /// Adds a document: one line of UTF-8 JSON, or one row.
    pub fn write(&mut self, row: &Row<'_>) -> Result<()> {
        let bytes = row.text.len() + row.extra.map_or(0, str::len) + 300;
        self.rows += 1;
        self.bytes += bytes as u64;
        match &mut self.inner {
            Inner::JsonlZst { out, line } => {
                line.clear();
                serde_json::to_writer(&mut *line, row).map_err(|error| Error::new("cannot write a line of a shard").because(error))?;
                line.push(b'\n');
                out.write_all(line).context(|| "cannot write a shard")
            }
            Inner::Parquet(table) => table.push_sized(ShardRow::of(row), bytes),
        }
    }

    /// About the uncompressed bytes so far.
    pub fn bytes_so_far(&self) -> u64 {
        self.bytes
    }

    /// Ends the shard; gives the writer back, and the number of rows.
    pub fn finish(self) -> Result<(W, u64)> {
        let out = match self.inner {
            Inner::JsonlZst { out, .. } => out.finish().context(|| "cannot write a shard")?,
            Inner::Parquet(table) => table.into_inner()?,
        };
        Ok((out, self.rows))
    }
}

impl ShardRow {
    fn of(row: &Row<'_>) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            id: row.id.to_owned(),
            key: row.key,
            source: row.source.to_owned(),
            url: owned(row.url),
            date: owned(row.date),
            title: owned(row.title),
            language: owned(row.language),
            language_probability: row.language_probability,
            score: row.score,
            tokens: row.tokens,
            copy: row.copy,
            text: row.text.to_owned(),
            extra: owned(row.extra),
        }
    }
}

#[cfg(test)]
mod tests;
