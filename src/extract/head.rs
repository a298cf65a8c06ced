//! What a page says of itself outside its text: its title, and what kind of page it is by its Open Graph type, the types of its JSON-LD and its
//! generator.

use memchr::memmem;

use crate::extract::tokens::{Span, Tag};

/// What the page says of itself outside its text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Head {
    pub title: Span,
    pub og_title: Span,
    pub og_type: Span,
    pub generator: Span,
    /// Scripts of JSON-LD, the first few.
    pub json_ld: [Span; 4],
}

/// The kind of a page, by its own word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Unsaid,
    Article,
    Product,
    Forum,
    List,
    Website,
}

/// How many kinds there are.
pub const KINDS: usize = 6;

impl Head {
    /// Keeps a `meta` that says something of the page; the first of its name counts.
    pub fn note_meta(&mut self, tag: &Tag, source: &str) {
        let slot = match tag.subject.of(source) {
            "og:title" => &mut self.og_title,
            "og:type" => &mut self.og_type,
            "generator" | "Generator" | "GENERATOR" => &mut self.generator,
            _ => return,
        };
        if slot.is_empty() {
            *slot = tag.content;
        }
    }
}

/// Types of schema.org, in the order in which they decide.
const TYPES: [(&str, Kind); 13] = [
    ("\"DiscussionForumPosting\"", Kind::Forum),
    ("\"QAPage\"", Kind::Forum),
    ("\"Article\"", Kind::Article),
    ("\"NewsArticle\"", Kind::Article),
    ("\"BlogPosting\"", Kind::Article),
    ("\"TechArticle\"", Kind::Article),
    ("\"ReportageNewsArticle\"", Kind::Article),
    ("\"Recipe\"", Kind::Article),
    ("\"Product\"", Kind::Product),
    ("\"ProductGroup\"", Kind::Product),
    ("\"CollectionPage\"", Kind::List),
    ("\"SearchResultsPage\"", Kind::List),
    ("\"ItemList\"", Kind::List),
];

/// Programs that run forums.
const FORUMS: [&str; 8] = ["vbulletin", "phpbb", "discourse", "xenforo", "invision", "mybb", "smf", "vanilla"];

/// The kind of the page that `head` was read from.
pub fn kind(head: &Head, source: &str) -> Kind {
    let generator = head.generator.of(source).to_ascii_lowercase();
    if FORUMS.iter().any(|forum| generator.contains(forum)) {
        return Kind::Forum;
    }
    let by_type =
        TYPES.iter().find(|(name, _)| head.json_ld.iter().any(|span| memmem::find(span.of(source).as_bytes(), name.as_bytes()).is_some()));
    if let Some(&(_, kind)) = by_type {
        return kind;
    }
    match head.og_type.of(source) {
        "article" => Kind::Article,
        "website" => Kind::Website,
        other if other.contains("product") => Kind::Product,
        _ => Kind::Unsaid,
    }
}
