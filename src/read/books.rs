//! Books: one file is one book, a text or an EPUB; its first bytes tell. The Project Gutenberg frame (header, licence, footer) comes off, and hard-wrapped lines
//! of texts become paragraphs again. The rule that found the frame is counted, because about 4 % of real files carry older frames or none (METHOD, section 5).

use super::{Each, Input, Limits, Tally};
use crate::document::Document;
use crate::error::Result;

mod epub;
mod frame;
mod package;
mod paragraphs;
mod xhtml;

/// A book as its EPUB holds it.
#[derive(Debug, Default, PartialEq)]
struct Book {
    /// Blocks with a blank line between them.
    text: String,
    title: Option<String>,
    author: Option<String>,
    language: Option<String>,
    date: Option<String>,
}

/// Reads one file; a text as [`super::text::read`] does. The tally also counts one of the records `frame-markers`, `frame-old` and `frame-none`.
/// An EPUB whose order of reading names what it does not list is read without that, which counts as the fault `unlisted-chapter`; one that lists a chapter and lacks it is refused.
/// A file that holds nothing but its frame is rejected as `empty-text`; an EPUB also as `damaged-archive`, `invalid-epub` and `encrypted-book`.
pub(super) fn read(input: &Input, limits: &Limits, each: &mut Each<'_>) -> Result<Tally> {
    let mut tally = Tally { stored_bytes: input.bytes, ..Tally::default() };
    tally.record("file");
    let is_epub = is_epub(input)?;
    let loaded = if is_epub {
        epub::load(input, limits, &mut tally)?.map(|book| of_epub(book, &mut tally))
    } else {
        super::text::load(input, limits, &mut tally)?.map(|text| of_text(&text, &mut tally))
    };
    // An archive has no bytes of its text: its place is the whole file.
    let length = if is_epub { input.bytes } else { tally.decoded_bytes };
    each(super::text::item(input, length, loaded))?;
    Ok(tally)
}

fn is_epub(input: &Input) -> Result<bool> {
    Ok(input.first(epub::MAGIC.len())? == epub::MAGIC)
}

fn of_text(text: &str, tally: &mut Tally) -> Document {
    let found = frame::find(text);
    tally.record(found.rule);
    Document { title: found.title, text: paragraphs::join(&text[found.book]), ..Document::default() }
}

fn of_epub(book: Book, tally: &mut Tally) -> Document {
    let found = frame::find(&book.text);
    tally.record(found.rule);
    let mut text = book.text[found.book].trim().replace("\n\n", "\n");
    text.shrink_to_fit();
    let extra = [("author", book.author), ("language", book.language)];
    let extra: serde_json::Map<_, _> = extra.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))).collect();
    let extra = (!extra.is_empty()).then(|| serde_json::Value::Object(extra).to_string());
    Document { title: book.title.or(found.title), date: book.date, text, extra, ..Document::default() }
}

#[cfg(test)]
mod tests;
