//! Inputs of every kind become pages (web) or documents (text sets), each with its place, one at a time, under named limits.
//! What cannot be read is an item too: rejected, with a reason and a place. Every item counts as one record read.

use serde::{Deserialize, Serialize};

use crate::codec::Windows;
use crate::document::{Document, Page, Place, Reason};
use crate::error::Result;

pub mod index;
pub mod links;
pub mod writer;

mod ahead;
mod arc;
mod archive;
mod books;
mod chain;
mod container;
mod dialect;
mod dictionary;
mod digest;
mod find;
mod found;
mod framing;
mod head;
mod html;
mod http;
mod input;
mod inspect;
mod jsonl;
mod listed;
mod mediawiki;
mod metered;
mod packing;
mod parquet;
mod rules;
mod slices;
mod source;
mod stdin;
mod stored;
mod stream;
mod tell;
mod text;
mod warc;
mod wikitext;
mod window;

use wikitext::Parts;

pub use digest::DigestCounts;
pub use find::{Wanted, find, find_wanted};
pub use input::{Identity, Input, Origin, STDIN};
pub use inspect::{At, Checks, Inspection, Of, inspect, look};
pub use listed::Lists;
pub use rules::RULES;
pub use tell::{decompressed, tell};

/// What the files of a source hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// WARC or ARC records; responses become pages. The records of a WAT file are metadata: they are counted.
    Warc,
    /// Indexes of WARC or ARC records, of which those are read that they name.
    WarcIndex,
    /// WET: WARC with `conversion` records of plain text.
    Wet,
    /// One JSON object a line, with a `text` field.
    Jsonl,
    /// A Parquet text set: one document a row, with a column `text`.
    Parquet,
    /// One page a file, without a URL; its path is its id.
    Html,
    /// One document a file.
    Text,
    /// One book a file, its Project Gutenberg frame taken off.
    Books,
    /// A dump of a MediaWiki: one document an article.
    Mediawiki,
    /// The same, of each article its paragraphs alone.
    MediawikiProse,
}

impl Format {
    /// What files of it are called where nobody has named them; a book is a text, and prose of a dump a dump.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Warc => "warc",
            Format::WarcIndex => "warc-index",
            Format::Wet => "wet",
            Format::Jsonl => "jsonl",
            Format::Parquet => "parquet",
            Format::Html => "html",
            Format::Text | Format::Books => "text",
            Format::Mediawiki | Format::MediawikiProse => "mediawiki",
        }
    }
}

impl Format {
    /// True when the name of a file says that it may hold this.
    fn is_told_by(self, name: &str) -> bool {
        let plain = decompressed(name).to_ascii_lowercase();
        if self == Format::WarcIndex && (plain.ends_with(".cdxj") || plain.ends_with(".cdx")) {
            return true;
        }
        let Ok(told) = tell(name) else { return false };
        let alike = |format: Format| match format {
            Format::MediawikiProse => Format::Mediawiki,
            format => format,
        };
        let also: &[Format] = match self {
            Format::Books => &[Format::Text],
            Format::WarcIndex => &[Format::Jsonl, Format::Parquet],
            _ => &[],
        };
        alike(self) == told || also.contains(&told)
    }
}

crate::described! {
    /// Caps on what is read; each cut is counted. Those in bytes are 1024 to 4294967296.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
    pub struct Limits {
        /// Bytes of a WARC header block; over it the record is skipped.
        pub warc_header_bytes: u64,
        /// Bytes of an HTTP header block; over it the record is skipped.
        pub http_header_bytes: u64,
        /// Bytes of one record, of one page of a wiki's dump, or of one Parquet page, decompressed; over it the record, or the Parquet page's row group, is skipped without being held.
        pub record_bytes: u64,
        /// Bytes of a body after its encodings were taken off; over it the body is cut and marked truncated.
        pub body_bytes: u64,
        /// Content encodings on one body; over it the record is skipped.
        pub content_encodings: u64,
        /// Bytes of one JSON line, or of the cells of one Parquet row; over it the line or row is skipped.
        pub line_bytes: u64,
        /// Bytes of one text file or book; over it the file is skipped.
        pub text_bytes: u64,
        /// Base-2 logarithm of the largest zstd window that is accepted, 10 to 31; of Reddit dumps 31 always is.
        pub zstd_window_log: u32,
        /// Base-2 logarithm of the largest xz dictionary that is accepted, 12 to 32; `xz -9` asks for 26.
        pub xz_dictionary_log: u32,
    }
}

impl Limits {
    /// As the codec takes them.
    pub fn windows(&self) -> Windows {
        Windows { zstd_log: self.zstd_window_log, xz_log: self.xz_dictionary_log }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            warc_header_bytes: 1 << 20,
            http_header_bytes: 256 << 10,
            record_bytes: 64 << 20,
            body_bytes: 16 << 20,
            content_encodings: 2,
            line_bytes: 64 << 20,
            text_bytes: 64 << 20,
            zstd_window_log: Windows::default().zstd_log,
            xz_dictionary_log: Windows::default().xz_log,
        }
    }
}

/// What a reader hands on: one record of the input.
#[derive(Debug)]
pub enum Item<'a> {
    Page(Page<'a>),
    /// Its `key` is not set yet: the extract step does that, where repeated ids are seen.
    Document(Document),
    Rejected(Rejected),
}

/// A record that was not admitted or could not be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejected {
    /// What the input calls it, as far as it could be read; else empty.
    pub id: String,
    pub url: Option<String>,
    pub place: Place,
    /// Its filter is "read".
    pub reason: Reason,
}

/// What was seen in one input beside its items.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// WARC records by type ("response", "request", ..); lines, rows, files, books or pages otherwise.
    pub records: std::collections::BTreeMap<String, u64>,
    /// Bytes as stored.
    pub stored_bytes: u64,
    /// Bytes after decompression of the file.
    pub decoded_bytes: u64,
    /// Faults that were survived or cut, by name: "truncated-input", "bad-chunk", "body-cut", ..
    pub faults: std::collections::BTreeMap<String, u64>,
}

impl Tally {
    /// Counts a record of a type.
    pub fn record(&mut self, kind: &str) {
        *self.records.entry(kind.to_owned()).or_default() += 1;
    }

    /// Counts what was seen in another part of the same input; its bytes as stored are of the whole.
    fn add(&mut self, part: &Tally) {
        for (counts, more) in [(&mut self.records, &part.records), (&mut self.faults, &part.faults)] {
            for (name, n) in more {
                *counts.entry(name.clone()).or_default() += n;
            }
        }
        self.decoded_bytes += part.decoded_bytes;
    }

    /// Counts a fault.
    pub fn fault(&mut self, name: &str) {
        *self.faults.entry(name.to_owned()).or_default() += 1;
    }
}

/// What receives the items of an input, in order. An error stops the reading.
pub type Each<'f> = dyn FnMut(Item<'_>) -> Result<()> + 'f;

/// Reads one input from its first record to its last.
///
/// # Errors
/// When the file cannot be opened or read, when its size is not what it was when it was found (exit code 5), or `each` gives an error.
/// What is wrong inside a file is an item or a fault of the tally.
pub fn read(format: Format, input: &Input, limits: &Limits, each: &mut Each<'_>) -> Result<Tally> {
    read_noting(format, input, limits, None, each, &mut |_, _, _| {})
}

/// The same; `note` is told of each fault that has a place of its own, and the digests of records are checked where they are to be counted.
fn read_noting(
    format: Format,
    input: &Input,
    limits: &Limits,
    digests: Option<&mut DigestCounts>,
    each: &mut Each<'_>,
    note: &mut Note<'_>,
) -> Result<Tally> {
    input.unchanged()?;
    let tally = match format {
        Format::Warc | Format::Wet => warc::read(format, input, limits, Sink::new(each, note, digests))?,
        Format::WarcIndex => listed::read(input, limits, Sink::new(each, note, digests))?,
        Format::Jsonl => jsonl::read(input, limits, each)?,
        Format::Parquet => parquet::read(input, limits, each)?,
        Format::Html => html::read(input, limits, each)?,
        Format::Text => text::read(input, limits, each)?,
        Format::Books => books::read(input, limits, each)?,
        Format::Mediawiki => mediawiki::read(input, limits, Parts::All, each)?,
        Format::MediawikiProse => mediawiki::read(input, limits, Parts::Prose, each)?,
    };
    input.unchanged()?;
    Ok(tally)
}

/// Where a reader of records puts what it finds.
struct Sink<'s, 'f> {
    each: &'s mut Each<'f>,
    note: &'s mut Note<'f>,
    /// Where digests are counted, when they are to be checked.
    digests: Option<&'s mut DigestCounts>,
    tally: Tally,
    /// What is found now lies at a place of the file as it is stored, else of the stream that it holds.
    of_file: bool,
}

/// Takes the name of a fault, its place, and whether that is of the file as it is stored or of the stream that it holds.
type Note<'f> = dyn FnMut(&'static str, &Place, bool) + 'f;

impl<'s, 'f> Sink<'s, 'f> {
    fn new(each: &'s mut Each<'f>, note: &'s mut Note<'f>, digests: Option<&'s mut DigestCounts>) -> Self {
        Self { each, note, digests, tally: Tally::default(), of_file: true }
    }

    fn give(&mut self, item: Item<'_>) -> Result<()> {
        (self.each)(item)
    }

    fn fault(&mut self, name: &'static str, place: &Place) {
        self.tally.fault(name);
        (self.note)(name, place, self.of_file);
    }
}

#[cfg(test)]
mod tests;
