//! What is in a file, without keeping anything of it.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use memchr::memmem;
use serde::Serialize;

use crate::codec::{self, Compression, Feed};
use crate::document::Place;
use crate::error::{Context, Error, Result};

use super::container;
use super::dialect::Dialect;
use super::packing::Packing;
use super::source::{Seek, Source, Step};
use super::tell::tell;
use super::window::Window;
use super::{DigestCounts, Format, Input, Item, Limits, STDIN, Tally};

/// Bytes, stored and decoded, in which a first record must begin: damage may come before it.
const LOOK: usize = 192 << 10;

/// What is done beyond reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checks {
    /// Of every WARC record the digests of its block and its payload are compared with their bytes. Default: no.
    pub digests: bool,
    /// Places of each kind of fault that are kept, 24 bytes each; beyond them faults are counted. Default 5.
    pub places: usize,
}

impl Default for Checks {
    fn default() -> Self {
        Self { digests: false, places: 5 }
    }
}

/// What a file holds.
#[derive(Clone, Debug, Serialize)]
pub struct Inspection {
    pub file: String,
    pub compression: &'static str,
    pub format: &'static str,
    #[serde(flatten)]
    pub tally: Tally,
    /// Pages or documents that would go on.
    pub admitted: u64,
    /// Bytes of their bodies or texts.
    pub body_bytes: u64,
    /// Records that would not go on, by rule.
    pub rejected: BTreeMap<&'static str, u64>,
    /// What came of [`Checks::digests`], where it was asked for and the file holds WARC records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digests: Option<DigestCounts>,
    /// The first places of each kind of fault.
    pub places: BTreeMap<String, Vec<At>>,
}

/// A place in the inspected file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct At {
    /// Bytes.
    pub offset: u64,
    pub length: u64,
    pub of: Of,
}

/// What the bytes of a place are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Of {
    /// The file as it is stored.
    File,
    /// What it holds, decompressed: of a record that has no compressed member of its own.
    Stream,
}

/// Reads a file whole and says what is in it. The end of its name tells what it is; where it does not, its contents do: records of an archive, `{` of JSON lines, `<mediawiki` of a dump.
///
/// # Errors
/// As [`super::read`], and exit code 2 where neither tells.
pub fn inspect(input: &Input, limits: &Limits, checks: Checks) -> Result<Inspection> {
    let (compression, format) = look_at(input, limits)?;
    let (mut admitted, mut body_bytes, mut rejected) = (0, 0, BTreeMap::new());
    let mut digests = (checks.digests && matches!(format, Format::Warc | Format::Wet)).then(DigestCounts::default);
    let mut places: BTreeMap<String, Vec<At>> = BTreeMap::new();
    let mut note = |fault: &'static str, place: &Place, of_file: bool| {
        if places.get(fault).map_or(0, Vec::len) < checks.places {
            // What is not packed is its own stream.
            let of = if of_file || compression == Compression::Plain { Of::File } else { Of::Stream };
            places.entry(fault.to_owned()).or_default().push(At { offset: place.offset, length: place.length, of });
        }
    };
    let mut each = |item: Item<'_>| {
        match item {
            Item::Page(page) => {
                admitted += 1;
                body_bytes += page.body.len() as u64;
            }
            Item::Document(document) => {
                admitted += 1;
                body_bytes += document.text.len() as u64;
            }
            Item::Rejected(record) => *rejected.entry(record.reason.rule).or_insert(0) += 1,
        }
        Ok(())
    };
    let tally = super::read_noting(format, input, limits, digests.as_mut(), &mut each, &mut note)?;
    Ok(Inspection {
        file: input.name.to_string(),
        compression: compression.as_str(),
        format: format.as_str(),
        tally,
        admitted,
        body_bytes,
        rejected,
        digests,
        places,
    })
}

/// What an input holds, by its name or else by what stands first.
///
/// # Errors
/// When it cannot be read; exit code 2 where neither tells.
pub fn look(input: &Input, limits: &Limits) -> Result<Format> {
    match tell(&input.name) {
        Ok(format) => Ok(format),
        Err(_) => look_at(input, limits).map(|(_, format)| format),
    }
}

/// The same, and the compression by what stands first.
fn look_at(input: &Input, limits: &Limits) -> Result<(Compression, Format)> {
    let stored = input.first(LOOK)?;
    let compression = codec::detect(&stored);
    let unknown = match tell(&input.name) {
        // Of an archive the first members may be damaged.
        Ok(format @ (Format::Warc | Format::Wet)) if !container::begins(&stored) => {
            let packing = Packing::of(&mut Feed::new(&stored[..]), &input.name, limits);
            return Ok((packing.map_or(compression, |packing| packing.compression), format));
        }
        Ok(format) => return Ok((compression, format)),
        Err(refused) if container::named(&input.name).is_some() => return Err(refused),
        Err(unknown) => unknown,
    };
    // A fault that comes this early is met again, and counted, when the file is read.
    let first = decoded(stored, input, limits).unwrap_or_default();
    let first = first.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&first);
    let has_record =
        Dialect::of(first).is_some() || [Dialect::Warc, Dialect::Arc].iter().any(|dialect| dialect.find(first, false).is_some());
    let has = |kind: &str| memmem::find(first, kind.as_bytes()).is_some();
    let format = match first.trim_ascii_start().first() {
        _ if has_record && has("WARC-Type: conversion") && !has("WARC-Type: response") => Format::Wet,
        _ if has_record => Format::Warc,
        _ if first.starts_with(b"PAR1") => Format::Parquet,
        Some(b'{') => Format::Jsonl,
        Some(b'<') if has("<mediawiki") => Format::Mediawiki,
        _ if *input.name == *STDIN => {
            let known = "known are records of WARC and ARC, JSON lines and dumps of wikis; save anything else under a name that tells";
            return Err(Error::recipe(format!("cannot tell what standard input holds by its first bytes; {known}")));
        }
        _ => return Err(unknown),
    };
    Ok((compression, format))
}

/// What the first bytes of a file decode to, whatever of them is damaged.
fn decoded(stored: Vec<u8>, input: &Input, limits: &Limits) -> Result<Vec<u8>> {
    let looking = || format!("cannot look into {}", input.path.display());
    let stored: Box<dyn Read + Send> = Box::new(Cursor::new(stored));
    let mut feed = Feed::new(stored);
    let packing = Packing::of(&mut feed, &input.name, limits).context(looking)?;
    let mut source = Source::of(input, feed, packing, limits).context(looking)?;
    let mut window = Window::new(LOOK);
    while window.end() < LOOK as u64 && source.step(&mut window, Seek::Row).context(looking)? != Step::End {}
    Ok(window.slice(0, window.end().min(LOOK as u64)).to_vec())
}
