//! Books: one file is one book. The Project Gutenberg frame (header, licence, footer) comes off, and hard-wrapped lines become paragraphs again.
//! The rule that found the frame is counted, because about 4 % of real files carry older frames or none (METHOD, section 5).

use super::{Each, Input, Limits, Tally};
use crate::document::Document;
use crate::error::Result;

mod frame;
mod paragraphs;

/// Reads one file as [`super::text::read`] does. The tally also counts one of the records `frame-markers`, `frame-old` and `frame-none`.
/// A file that holds nothing but its frame is rejected as `empty-text`.
pub(super) fn read(input: &Input, limits: &Limits, each: &mut Each<'_>) -> Result<Tally> {
    let mut tally = Tally { stored_bytes: input.bytes, ..Tally::default() };
    tally.record("file");
    let loaded = super::text::load(input, limits, &mut tally)?.map(|text| {
        let found = frame::find(&text);
        tally.record(found.rule);
        Document { title: found.title, text: paragraphs::join(&text[found.book]), ..Document::default() }
    });
    each(super::text::item(input, &tally, loaded))?;
    Ok(tally)
}

#[cfg(test)]
mod tests;
