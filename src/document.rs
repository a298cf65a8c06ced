//! The two nouns of the house and what is said about them: a `Page` as the web gave it (borrowed), a `Document` as text (owned),
//! and the `Verdict` that a filter gives on one document.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// A page of the web as its record holds it. The body is borrowed from the reader's buffer and is never copied into a document.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// `WARC-Record-ID` without its angle brackets.
    pub id: &'a str,
    /// `WARC-Target-URI` as written.
    pub url: &'a str,
    /// `WARC-Date` as written (RFC 3339), or empty.
    pub date: &'a str,
    /// HTTP status, e.g. 200.
    pub status: u16,
    /// Media type of the HTTP header in lower case without parameters, or empty.
    pub media_type: &'a str,
    /// Charset parameter of the HTTP `Content-Type`, as written.
    pub charset: Option<&'a str>,
    /// What the HTTP header says to robots, as [`crate::text::robots`] writes it; empty where it says nothing of ours.
    pub opt_out: &'a str,
    /// The body after transfer and content encodings were taken off.
    pub body: &'a [u8],
    /// The body was cut: by the crawler (`WARC-Truncated`) or by our cap on decoded bytes.
    pub truncated: bool,
    pub place: Place,
}

/// A page that holds what it says, so that it can wait for its turn.
#[derive(Clone, Debug)]
pub struct OwnedPage {
    pub id: String,
    pub url: String,
    pub date: String,
    pub status: u16,
    pub media_type: String,
    pub charset: Option<String>,
    pub opt_out: String,
    pub body: Vec<u8>,
    pub truncated: bool,
    pub place: Place,
}

impl OwnedPage {
    pub fn of(page: &Page<'_>) -> Self {
        Self {
            id: page.id.to_owned(),
            url: page.url.to_owned(),
            date: page.date.to_owned(),
            status: page.status,
            media_type: page.media_type.to_owned(),
            charset: page.charset.map(str::to_owned),
            opt_out: page.opt_out.to_owned(),
            body: page.body.to_vec(),
            truncated: page.truncated,
            place: page.place.clone(),
        }
    }

    pub fn borrow(&self) -> Page<'_> {
        Page {
            id: &self.id,
            url: &self.url,
            date: &self.date,
            status: self.status,
            media_type: &self.media_type,
            charset: self.charset.as_deref(),
            opt_out: &self.opt_out,
            body: &self.body,
            truncated: self.truncated,
            place: self.place.clone(),
        }
    }
}

/// A document: text and what is known of it before our own steps judge it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// What the input calls it: WARC-Record-ID, the JSON `id`, a file name.
    pub id: String,
    /// Stable 128-bit name of the input's identity; unique even where ids repeat. Draws and joins use it.
    pub key: Key,
    pub place: Place,
    pub url: Option<String>,
    /// As the input writes it; RFC 3339 in WARC and ARC.
    pub date: Option<String>,
    pub title: Option<String>,
    /// Valid UTF-8 without NUL. Paragraphs are separated by `\n`.
    pub text: String,
    /// Set by the filter step before its filters judge.
    pub language: Option<Language>,
    /// What its publisher says to robots and of the rights in it, as `text::robots` writes it.
    pub opt_out: Option<String>,
    /// Not all of the record's text is here.
    pub truncated: bool,
    /// What else a text set's record held: one JSON object, passed through.
    pub extra: Option<String>,
}

/// Where a record lies in the input as it was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The path as the recipe's pattern found it, relative to the recipe.
    pub file: Arc<str>,
    /// Byte offset: of the gzip or zstd member in a per-record-compressed WARC, else of the record in the decompressed stream. Of a Parquet file, which has no
    /// bytes of one record, the number of the row, from 0, and the length is in rows.
    pub offset: u64,
    /// Length in bytes, in the same coordinates.
    pub length: u64,
}

/// What language a text is in.
#[derive(Clone, Debug, PartialEq)]
pub struct Language {
    /// ISO 639-1 code where one exists, else 639-3, with a script where it is not the usual one; "other" for a language that is not known, "und" where there is none.
    pub code: String,
    /// In 0..=1.
    pub probability: f64,
    /// That it is in any language of the same group (Croatian or Bosnian), where languages are hard to tell apart; else the same as `probability`.
    pub group_probability: f64,
}

impl Language {
    /// Whether a code names a language: "und" and "other" do not.
    pub fn is_named(code: &str) -> bool {
        code != "und" && code != "other"
    }

    /// A code without its script: that of the language in any.
    pub fn base(code: &str) -> &str {
        code.split('-').next().unwrap_or(code)
    }

    /// A language without a group.
    pub fn new(code: impl Into<String>, probability: f64) -> Self {
        Self { code: code.into(), probability, group_probability: probability }
    }
}

/// A stable 128-bit key, written as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub u128);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for Key {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let digits = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        match u128::from_str_radix(text, 16) {
            Ok(value) if digits => Ok(Key(value)),
            _ => Err(Error::new(format!("a document key is 32 hexadecimal digits, not {text:?}"))),
        }
    }
}

impl Serialize for Key {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What a filter says of one document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    Keep,
    Drop(Reason),
}

/// Why something was dropped: which filter or step, by which of its rules, the value measured and the limit it broke.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reason {
    /// Lower case with hyphens, the same in TOML, report and docs: "gopher-quality".
    pub filter: &'static str,
    /// "min-words".
    pub rule: &'static str,
    /// In the rule's own unit; 0 where nothing is measured.
    pub value: f64,
    /// In the same unit; 0 where the rule has no limit.
    pub limit: f64,
}

impl Reason {
    /// A reason that measures nothing.
    pub const fn bare(filter: &'static str, rule: &'static str) -> Self {
        Self { filter, rule, value: 0.0, limit: 0.0 }
    }
}

/// A rule by which documents or records are dropped: what [`Reason::rule`] names, in words. Each room lists its own beside the code that gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    pub name: &'static str,
    /// What is measured, as it is said behind a number: "words", "bytes"; empty where nothing is.
    pub unit: &'static str,
    /// What is dropped: "fewer words than min-words".
    pub meaning: &'static str,
}

impl Rule {
    pub const fn new(name: &'static str, unit: &'static str, meaning: &'static str) -> Self {
        Self { name, unit, meaning }
    }
}

/// One option as its struct declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The Rust name; recipes write `-` for `_`.
    pub name: &'static str,
    /// Its serde attributes as they are written, for another name in recipes.
    pub serde: &'static str,
    /// Its doc comment.
    pub doc: &'static str,
}

/// Options whose doc comments can be shown to a user; implement it with [`described!`](crate::described).
pub trait Described {
    const FIELDS: &'static [Field];
}

/// Declares a struct of options: its doc comments are also what `gristmill filters` says of them.
#[macro_export]
macro_rules! described {
    ($(#[doc = $about:literal])* $(#[derive($($derive:tt)*)])* $(#[serde($($head:tt)*)])* pub struct $name:ident {
        $($(#[doc = $doc:literal])* $(#[serde($($serde:tt)*)])* pub $field:ident: $type:ty,)*
    }) => {
        $(#[doc = $about])*
        $(#[derive($($derive)*)])*
        $(#[serde($($head)*)])*
        pub struct $name { $($(#[doc = $doc])* $(#[serde($($serde)*)])* pub $field: $type,)* }

        impl $crate::document::Described for $name {
            const FIELDS: &'static [$crate::document::Field] = &[$($crate::document::Field {
                name: stringify!($field),
                serde: concat!($(stringify!($($serde)*), ";"),*),
                doc: concat!($($doc),*),
            }),*];
        }
    };
}

/// Which entry of which list a document was dropped by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched {
    /// The list as the recipe names it, or its file.
    pub list: String,
    pub entry: String,
}

/// A judge of one document: no state, no loop, no clock, and no file but lists that are read before the first document comes. What can fail fails in the constructor
/// and in [`Filter::load`].
pub trait Filter: Send + Sync {
    /// The filter's name in recipes and reports.
    fn name(&self) -> &'static str;
    fn judge(&self, document: &Document) -> Verdict;
    /// The lists that it reads, whose paths begin at `base`.
    ///
    /// # Errors
    /// When one is missing.
    fn files(&self, _base: &Path) -> Result<Vec<PathBuf>, Error> {
        Ok(Vec::new())
    }
    /// Reads its lists, once; gives what a user should know of them, such as lines that cannot be used.
    ///
    /// # Errors
    /// When one cannot be read.
    fn load(&mut self, _base: &Path) -> Result<Vec<String>, Error> {
        Ok(Vec::new())
    }
    /// Language code and name of each list that is for documents of one language only; known once lists are read.
    fn languages(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }
    /// What of its lists a document matches that it drops.
    fn matched(&self, _document: &Document) -> Option<Matched> {
        None
    }
}
