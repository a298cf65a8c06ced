//! What a page says of itself: who wrote it, when it was published, by which site, its canonical address and its language. The sources stand in the order in which they are believed; the first that says something usable counts.

use serde::Serialize;
use url::Url;

use crate::extract::dates;
use crate::extract::fold::Folder;
use crate::extract::head::{Head, has_word};
use crate::extract::linked;
use crate::extract::names::Name;
use crate::extract::tokens::{Tag, Token, Tokenizer};

/// A name of a person or a site that is longer, in characters, is none.
const MAX_NAME_CHARACTERS: usize = 120;
/// Authors of a page that are named.
const MAX_AUTHORS: usize = 32;
/// An address that is longer, in bytes, is not kept.
const MAX_URL_BYTES: usize = 2048;
/// How much markup a name or a date inside an element may take, in bytes.
const MAX_MARKUP_BYTES: usize = 2000;

/// What programs write where they have nothing to say, in lower case.
const NOTHING: [&str; 8] = ["undefined", "null", "none", "nan", "n/a", "false", "true", "[object object]"];

/// `meta` elements that name authors, by `property` or `name`.
const AUTHORS: [&str; 13] = [
    "article:author",
    "og:article:author",
    "book:author",
    "author",
    "dc.creator",
    "dc:creator",
    "dcterms.creator",
    "citation_author",
    "parsely-author",
    "sailthru.author",
    "article:author_name",
    "byl",
    "cxenseparse:author",
];

/// Those that say when a page was published.
const DATES: [&str; 25] = [
    "article:published_time",
    "og:article:published_time",
    "article:published",
    "og:published_time",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date",
    "dc.date.created",
    "dcterms.date",
    "dcterms.created",
    "citation_publication_date",
    "citation_online_date",
    "citation_date",
    "date",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "publication_date",
    "datepublished",
    "published-date",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "date.issued",
];

/// Those that name the site.
const SITES: [&str; 5] = ["og:site_name", "application-name", "dc.publisher", "dcterms.publisher", "citation_publisher"];

/// Classes of a `time` that say the same: those of microformats, and of WordPress.
const PUBLISHED: [&str; 3] = ["dt-published", "published", "entry-date"];

/// What a page says of itself beside its title.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Metadata {
    /// Names with "; " between them, at most 32 of at most 120 characters.
    pub author: Option<String>,
    /// When it was published, as RFC 3339 writes dates, or dates with times.
    pub published: Option<String>,
    /// The name of its site or publisher.
    pub site: Option<String>,
    /// Its canonical address, absolute, `http` or `https`.
    pub canonical: Option<String>,
    /// The language it says it is in, as a tag of BCP 47: "en-US".
    #[serde(rename = "html_language")]
    pub language: Option<String>,
}

impl Metadata {
    /// One JSON object of what there is, its keys sorted; `None` where there is nothing.
    pub fn to_json(&self) -> Option<String> {
        let Ok(serde_json::Value::Object(mut fields)) = serde_json::to_value(self) else { return None };
        fields.retain(|_, value| !value.is_null());
        (!fields.is_empty()).then(|| serde_json::Value::from(fields).to_string())
    }
}

/// Reads the metadata of a page that was found at `url`, which may be empty.
pub fn read(head: &Head, source: &str, url: &str) -> Metadata {
    let linked = linked::read(head, source);
    let page = Said { head, source };
    let authors = || {
        let metas = AUTHORS.iter().map(|subject| page.metas(subject).collect::<Vec<_>>());
        let marked = page.marks(|tag| is_about(tag, source, "author")).take(1).map(|tag| vec![text_of(tag, source)]);
        let linked_to = page.marks(|tag| tag.name == Name::A && tag.itemprop.is_empty()).take(1).map(|tag| vec![text_of(tag, source)]);
        metas.chain(marked).chain(linked_to)
    };
    let dates = || {
        let metas = DATES.iter().flat_map(|subject| page.metas(subject));
        let marked = ["datePublished", "dateCreated"].into_iter().flat_map(|property| {
            let tags = page.marks(move |tag| is_about(tag, source, property));
            tags.map(|tag| text_of(tag, source))
        });
        let is_publication = |tag: &Tag| tag.class.of(source).split_ascii_whitespace().any(|class| PUBLISHED.contains(&class));
        let times = head.marks.iter().filter(|(tag, _)| tag.name == Name::Time && !tag.content.is_empty());
        let times = times.filter(move |(tag, inside)| *inside || is_publication(tag));
        metas.chain(marked).chain(times.take(1).map(|(tag, _)| tag.content.of(source).to_owned()))
    };
    let sites = || SITES.iter().flat_map(|subject| page.metas(subject));
    let languages = || {
        let of_page = page.marks(|tag| tag.name == Name::Html).map(|tag| tag.lang.of(source).to_owned());
        of_page.chain(page.metas("content-language")).chain(page.metas("og:locale"))
    };
    let base = address(head.base.of(source), url);
    let addresses = [(head.canonical, base.as_deref().unwrap_or(url)), (head.og_url, url)];
    Metadata {
        author: std::iter::once(linked.authors).chain(authors()).find_map(|names| joined(&names)),
        published: linked.published.into_iter().chain(dates()).find_map(|date| dates::normal(&clean(&date)?)),
        site: linked.site.into_iter().chain(sites()).find_map(|name| name_of(&name)),
        canonical: addresses.into_iter().find_map(|(span, base)| address(span.of(source), base)),
        language: languages().find_map(|tag| language(&tag)),
    }
}

/// True for a tag whose `itemprop` is this.
fn is_about(tag: &Tag, source: &str, property: &str) -> bool {
    has_word(tag.itemprop.of(source), property)
}

/// The marked tags of a page.
struct Said<'s> {
    head: &'s Head,
    source: &'s str,
}

impl<'s> Said<'s> {
    fn marks(&self, is_wanted: impl Fn(&Tag) -> bool) -> impl Iterator<Item = &'s Tag> {
        self.head.marks.iter().map(|(tag, _)| tag).filter(move |tag| is_wanted(tag))
    }

    /// What the `meta` elements of a subject say.
    fn metas(&self, subject: &str) -> impl Iterator<Item = String> {
        let source = self.source;
        let of_subject = self.marks(move |tag| tag.name == Name::Meta && tag.subject.of(source).eq_ignore_ascii_case(subject));
        of_subject.map(move |tag| tag.content.of(source).to_owned())
    }
}

/// What an element says: its `content` or `datetime`, else the text inside it, or inside what it marks as the `name`. Elements that go on for long say nothing.
fn text_of(tag: &Tag, source: &str) -> String {
    if !tag.content.is_empty() || tag.name.is_void() {
        return tag.content.of(source).to_owned();
    }
    let rest = &source[tag.after as usize..];
    let rest = (0..=MAX_MARKUP_BYTES.min(rest.len())).rev().find_map(|end| rest.get(..end)).unwrap_or_default();
    let (mut text, mut depth) = (String::new(), 1);
    let mut tokens = Tokenizer::new(rest);
    while let Some(token) = tokens.next() {
        match token {
            Token::Text(span) => text.push_str(span.of(rest)),
            Token::Start if is_about(&tokens.tag, rest, "name") => return text_of(&tokens.tag, rest),
            Token::Start => {
                depth += u32::from(tokens.tag.name == tag.name);
                text.push(' ');
            }
            Token::End(name) if name == tag.name && depth == 1 => return text,
            Token::End(name) => {
                depth -= u32::from(name == tag.name);
                text.push(' ');
            }
            Token::Raw(..) => {}
        }
    }
    String::new()
}

/// References decoded, white space folded; `None` where nothing is left or nothing was meant.
fn clean(text: &str) -> Option<String> {
    let mut folder = Folder::default();
    folder.push(text);
    folder.trim_end();
    let text = folder.text;
    (!text.is_empty() && !NOTHING.contains(&text.to_ascii_lowercase().as_str())).then_some(text)
}

/// A name of a person or a site; addresses, markup and unfilled templates are none.
fn name_of(text: &str) -> Option<String> {
    // A reference is at most 33 bytes long.
    if 40 * MAX_NAME_CHARACTERS < text.len() {
        return None;
    }
    let name = clean(text)?;
    let is_long = MAX_NAME_CHARACTERS < name.chars().count();
    let is_none = ["://", "www.", "<", "{{", "%%", "@"].iter().any(|mark| name.contains(mark)) || !name.contains(char::is_alphabetic);
    (!is_long && !is_none).then_some(name)
}

/// The names of authors in one text; each once, without the "By" before them.
fn joined(names: &[String]) -> Option<String> {
    let mut authors: Vec<String> = Vec::new();
    for name in names.iter().filter_map(|name| name_of(name)) {
        let by = name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("by "));
        let name = if by { name[3..].to_owned() } else { name };
        if authors.len() < MAX_AUTHORS && !authors.contains(&name) {
            authors.push(name);
        }
    }
    (!authors.is_empty()).then(|| authors.join("; "))
}

/// An address on the web, absolute; `base` is where it was found.
fn address(text: &str, base: &str) -> Option<String> {
    let text = clean(text).filter(|text| text.len() <= MAX_URL_BYTES)?;
    let url = match Url::parse(base) {
        Ok(base) => base.join(&text).ok()?,
        Err(_) => Url::parse(&text).ok()?,
    };
    let is_web = matches!(url.scheme(), "http" | "https") && url.as_str().len() <= MAX_URL_BYTES;
    is_web.then(|| url.into())
}

/// A tag of BCP 47 as it recommends to write it: language, script and region (`zh-Hant-TW`), and variants in lower case.
fn language(text: &str) -> Option<String> {
    let text = text.trim().replace('_', "-");
    let mut parts = text.split('-');
    let first = parts.next()?.to_ascii_lowercase();
    let is_language = matches!(first.len(), 2 | 3) && first.bytes().all(|b| b.is_ascii_lowercase());
    if !is_language || 35 < text.len() || ["und", "mul", "zxx", "xx", "xxx"].contains(&first.as_str()) {
        return None;
    }
    let mut tag = first;
    for part in parts {
        let is_alphabetic = part.bytes().all(|b| b.is_ascii_alphabetic());
        if part.is_empty() || 8 < part.len() || !part.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        let lower = part.to_ascii_lowercase();
        tag.push('-');
        match part.len() {
            2 if is_alphabetic => tag.push_str(&part.to_ascii_uppercase()),
            4 if is_alphabetic => tag.extend([&part[..1].to_ascii_uppercase(), &lower[1..]]),
            _ => tag.push_str(&lower),
        }
    }
    Some(tag)
}
