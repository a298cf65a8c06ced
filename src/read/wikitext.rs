//! Wikitext to text, as a reader of the article would see it: paragraphs, headings and items of lists, a line each. No template is expanded, because a dump of
//! articles does not hold what they are made of: nearly all are dropped, and of a few whose text a sentence needs ([`templates`]) that text is kept.
//!
//! Two passes, each linear in the length. [`scan`] goes over the source once: what pairs (templates, links, tables, tags) is written as it stands and
//! replaced where its end is met, so that what never ends is text, without a second look. [`blocks`] then goes over the lines that are left.
//! What stays: text of links, LaTeX of formulas, code, items of lists (`- `, or their number), headings that text follows.
//! What goes: tables, references, galleries, files and their captions, categories, comments, bold and italic marks.

mod blocks;
mod fold;
mod inline;
mod links;
mod names;
mod quotes;
mod scan;
mod tags;
mod templates;

use std::ops::Range;

pub(super) use names::{Names, is_redirect};

/// An article.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Article {
    /// Blocks, one a line.
    pub text: String,
    /// A template or switch on it says that it only tells meanings of a word apart.
    pub is_disambiguation: bool,
}

/// A character that stands between the passes for something that is no character of the text. XML allows none of them, and [`article`] removes them from its source.
mod mark {
    /// Begins the number of a piece of [`super::Scanned::kept`], which [`END`] ends.
    pub const KEPT: char = '\u{1}';
    pub const END: char = '\u{2}';
    /// A line break inside a paragraph.
    pub const BREAK: char = '\u{3}';
    /// Something was dropped here.
    pub const GAP: char = '\u{4}';
    /// `{{=}}`: a sign of equality that names no argument.
    pub const EQUALS: &str = "\u{5}";
    /// A list of HTML begins and ends; only where prose is asked for, as the two below.
    pub const LIST: char = '\u{6}';
    pub const LIST_END: char = '\u{7}';
    /// An item of one begins and ends, or a heading of HTML.
    pub const ITEM: char = '\u{8}';
    pub const ITEM_END: char = '\u{e}';
}

/// What the first pass leaves to the second.
#[derive(Debug, Default)]
struct Scanned {
    text: String,
    /// Pieces of the source that are no wikitext.
    kept: Vec<Kept>,
    is_disambiguation: bool,
}

/// A piece of the source that is shown as it stands, but for character references.
#[derive(Clone, Debug)]
struct Kept {
    range: Range<usize>,
    /// Its line breaks and spaces count: code.
    is_block: bool,
}

/// What of an article is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Parts {
    #[default]
    All,
    /// Paragraphs alone: no headings, items of lists and code.
    Prose,
}

/// The text of an article's source. Memory: a few times the source.
pub(super) fn article(source: &str, names: &Names, parts: Parts) -> Article {
    let is_control = |c: char| c < ' ' && c != '\n' && c != '\t';
    let cleaned = source.contains(is_control).then(|| source.replace("\r\n", "\n").replace(is_control, ""));
    let source = cleaned.as_deref().unwrap_or(source);
    let mut scanned = scan::scan(source, names, parts);
    let text = blocks::text(source, &mut scanned, names, parts);
    Article { text, is_disambiguation: scanned.is_disambiguation }
}

#[cfg(test)]
mod tests;
