//! What a source reads.

use serde::{Deserialize, Serialize};

use crate::read::Format;

/// Files of one format; paths, globs, folders, URLs or `.paths` lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Read {
    Warc(Vec<String>),
    WarcIndex(Vec<String>),
    Wet(Vec<String>),
    Jsonl(Vec<String>),
    Parquet(Vec<String>),
    Html(Vec<String>),
    Text(Vec<String>),
    Books(Vec<String>),
    Mediawiki(Vec<String>),
    MediawikiProse(Vec<String>),
}

impl Read {
    /// Files of a format.
    pub fn of(format: Format, patterns: Vec<String>) -> Self {
        match format {
            Format::Warc => Read::Warc(patterns),
            Format::WarcIndex => Read::WarcIndex(patterns),
            Format::Wet => Read::Wet(patterns),
            Format::Jsonl => Read::Jsonl(patterns),
            Format::Parquet => Read::Parquet(patterns),
            Format::Html => Read::Html(patterns),
            Format::Text => Read::Text(patterns),
            Format::Books => Read::Books(patterns),
            Format::Mediawiki => Read::Mediawiki(patterns),
            Format::MediawikiProse => Read::MediawikiProse(patterns),
        }
    }

    /// The format and the patterns.
    pub fn parts(&self) -> (Format, &[String]) {
        match self {
            Read::Warc(patterns) => (Format::Warc, patterns),
            Read::WarcIndex(patterns) => (Format::WarcIndex, patterns),
            Read::Wet(patterns) => (Format::Wet, patterns),
            Read::Jsonl(patterns) => (Format::Jsonl, patterns),
            Read::Parquet(patterns) => (Format::Parquet, patterns),
            Read::Html(patterns) => (Format::Html, patterns),
            Read::Text(patterns) => (Format::Text, patterns),
            Read::Books(patterns) => (Format::Books, patterns),
            Read::Mediawiki(patterns) => (Format::Mediawiki, patterns),
            Read::MediawikiProse(patterns) => (Format::MediawikiProse, patterns),
        }
    }
}
