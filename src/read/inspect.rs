//! What is in a file, without keeping anything of it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::codec;
use crate::document::Place;
use crate::error::{Context, Result};

use super::{Format, Input, Item, Limits, Tally, warc};

/// Places of one kind of fault that are kept.
const PLACES: usize = 5;

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
    /// The first places of each kind of fault.
    pub places: BTreeMap<String, Vec<At>>,
}

/// A place in the inspected file.
#[derive(Clone, Debug, Serialize)]
pub struct At {
    pub offset: u64,
    pub length: u64,
}

/// Reads a file whole and says what is in it. WARC and WET are told by their contents, JSON lines by a first `{`; anything else is read as text.
///
/// # Errors
/// When the file cannot be read.
pub fn inspect(input: &Input, limits: &Limits) -> Result<Inspection> {
    let (compression, first) = look(input, limits)?;
    let format = match first.as_slice() {
        first if first.windows(5).any(|window| window == b"WARC/") => Format::Warc,
        first if first.trim_ascii_start().first() == Some(&b'{') => Format::Jsonl,
        // A damaged archive may begin with anything; its members or its name still say what it is.
        _ if input.name.contains(".warc") || input.name.contains(".wet") => Format::Warc,
        _ => Format::Text,
    };
    let (mut admitted, mut body_bytes, mut rejected) = (0, 0, BTreeMap::new());
    let mut places: BTreeMap<String, Vec<At>> = BTreeMap::new();
    let mut note = |fault: &'static str, place: Place| {
        let places = places.entry(fault.to_owned()).or_default();
        if places.len() < PLACES {
            places.push(At { offset: place.offset, length: place.length });
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
    let tally = match format {
        Format::Warc => warc::read_noting(format, input, limits, &mut each, &mut note)?,
        _ => super::read(format, input, limits, &mut each)?,
    };
    let format = match format {
        Format::Warc if tally.records.contains_key("conversion") && !tally.records.contains_key("response") => "wet",
        Format::Warc => "warc",
        Format::Jsonl => "jsonl",
        _ => "text",
    };
    Ok(Inspection { file: input.name.to_string(), compression, format, tally, admitted, body_bytes, rejected, places })
}

/// The compression, and the first kilobyte behind it as far as it can be read.
fn look(input: &Input, limits: &Limits) -> Result<(&'static str, Vec<u8>)> {
    use std::io::Read;
    let doing = || format!("cannot read {}", input.path.display());
    let mut stored = Vec::new();
    std::fs::File::open(&input.path).and_then(|file| file.take(8).read_to_end(&mut stored)).context(doing)?;
    let mut first = Vec::new();
    // A damaged first member is no reason to give up: framing finds the next one.
    let _ = codec::open(&input.path, limits.zstd_window_log)?.take(1024).read_to_end(&mut first);
    Ok((codec::detect(&stored).as_str(), first))
}
