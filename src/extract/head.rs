//! What a page says of itself outside its text: its title, what kind of page it is by its Open Graph type, the types of its JSON-LD and its
//! generator, what it says to robots, and the tags that may hold its metadata.

use memchr::memmem;

use crate::extract::names::Name;
use crate::extract::tokens::{Span, Tag};
use crate::text::robots::{self, Signals};

/// What the page says of itself outside its text.
#[derive(Clone, Debug, Default)]
pub struct Head {
    pub title: Span,
    pub og_title: Span,
    pub og_type: Span,
    pub generator: Span,
    pub og_url: Span,
    pub canonical: Span,
    /// What relative links begin at, where the page says so.
    pub base: Span,
    /// Scripts of JSON-LD, the first few.
    pub json_ld: [Span; 4],
    /// Tags that may say who wrote the page, when and in what language, the first few; with each, whether it stands in an article or a header.
    pub marks: Vec<(Tag, bool)>,
    /// What the page says to all robots, and of rights; apart from it, so that none takes the other's place, what it says to single robots.
    to_all: Said,
    to_one: Said,
}

/// Name and content of `meta` elements that speak to robots, the first few.
#[derive(Clone, Copy, Debug, Default)]
struct Said {
    metas: [(Span, Span); MAX_SAID],
    n: usize,
}

/// Such elements that are kept of a page, of each kind; pages that mean it have one to three.
const MAX_SAID: usize = 8;

/// Tags that are kept for metadata; most pages have twenty to sixty.
const MAX_MARKS: usize = 256;

impl Said {
    fn note(&mut self, tag: &Tag) {
        if self.n < MAX_SAID {
            self.metas[self.n] = (tag.subject, tag.content);
            self.n += 1;
        }
    }
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
    /// Keeps a start tag that says something of the page; `n_open` tells how many elements of each name it stands in.
    pub fn note(&mut self, tag: &Tag, n_open: &[u32; Name::COUNT], source: &str) {
        match tag.name {
            Name::Meta => self.note_meta(tag, source),
            Name::Link => return self.note_link(tag, source),
            Name::Html | Name::Time => {}
            Name::Base if self.base.is_empty() => {
                self.base = tag.href;
                return;
            }
            Name::A if has_word(tag.kind.of(source), "author") => {}
            _ if !tag.itemprop.is_empty()
                && ["author", "datePublished", "dateCreated"].iter().any(|word| has_word(tag.itemprop.of(source), word)) => {}
            _ => return,
        }
        if self.marks.len() < MAX_MARKS {
            let inside = [Name::Article, Name::Main, Name::Header].iter().any(|name| 0 < n_open[*name as usize]);
            self.marks.push((*tag, inside));
        }
    }

    /// Keeps a `meta` that says something of the page; the first of its name counts.
    fn note_meta(&mut self, tag: &Tag, source: &str) {
        let slot = match tag.subject.of(source) {
            "og:title" => &mut self.og_title,
            "og:type" => &mut self.og_type,
            "generator" | "Generator" | "GENERATOR" => &mut self.generator,
            "og:url" => &mut self.og_url,
            name if robots::is_for_all(name) => return self.to_all.note(tag),
            name if robots::is_for_one(name) => return self.to_one.note(tag),
            _ => return,
        };
        if slot.is_empty() {
            *slot = tag.content;
        }
    }

    /// Keeps the canonical URL.
    fn note_link(&mut self, tag: &Tag, source: &str) {
        if self.canonical.is_empty() && has_word(tag.kind.of(source), "canonical") {
            self.canonical = tag.href;
        }
    }

    /// Where the page was found, or else what it says of that.
    pub fn url<'s>(&self, found: &'s str, source: &'s str) -> &'s str {
        if !found.is_empty() {
            return found;
        }
        let span = if self.canonical.is_empty() { self.og_url } else { self.canonical };
        span.of(source).trim()
    }

    /// Adds what the page says to robots and of the rights in it.
    pub fn signals(&self, source: &str, signals: &mut Signals) {
        for said in [&self.to_all, &self.to_one] {
            for (name, content) in &said.metas[..said.n] {
                signals.meta(name.of(source), content.of(source));
            }
        }
    }
}

/// True for a word of a list such as `rel` and `itemprop` hold.
pub fn has_word(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|part| part.eq_ignore_ascii_case(word))
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
