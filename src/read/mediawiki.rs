//! Dumps of a MediaWiki, such as `enwiki-latest-pages-articles.xml.bz2`: one article becomes one document, its wikitext the text that a reader sees.
//!
//! An article is a page of namespace 0 that is neither a redirect nor there to tell meanings of a word apart. Its id is the page's, its date that of the
//! revision, its address is made of the dump's `base` and the title. Multistream dumps are streams in a row, as every packed input may be.

use std::borrow::Cow;

use super::wikitext::{self, Names, Parts};
use super::{Each, Input, Item, Limits, Rejected, Tally};
use crate::document::{Document, Place, Reason};
use crate::error::Result;

mod frames;
mod xml;

use frames::{Found, Frames};
use xml::{Page, Site};

/// Reads one dump. The tally counts records `page`, and faults `truncated-input`, `corrupt-input`, `zstd-window-log`, `xz-dictionary-log` and `nul-removed`.
/// A page longer than `limits.record_bytes` is not held. Memory: the longest page that is, and a few times its text.
pub(super) fn read(input: &Input, limits: &Limits, parts: Parts, each: &mut Each<'_>) -> Result<Tally> {
    let reader = input.decoded(limits.windows())?;
    let mut frames = Frames::new(reader, &input.path, limits.record_bytes);
    let mut tally = Tally { stored_bytes: input.bytes, ..Tally::default() };
    let mut wiki = None;
    while let Some(found) = frames.next()? {
        tally.record("page");
        let place = Place { file: input.name.clone(), offset: frames.offset, length: frames.length };
        let refused = |rule: &'static str| Refused { rule, id: String::new(), title: String::new() };
        let read = match found {
            Found::Page => wiki.get_or_insert_with(|| Wiki::of(&frames.head, parts)).document(frames.page()),
            Found::TooLong => {
                // Both are far below 2^53.
                let reason =
                    Reason { value: frames.length as f64, limit: limits.record_bytes as f64, ..Reason::bare("read", "record-too-long") };
                each(Item::Rejected(Rejected { id: String::new(), url: None, place, reason }))?;
                continue;
            }
            Found::Unclosed => Err(refused("invalid-xml")),
            Found::Broken(fault) => {
                tally.fault(fault);
                Err(refused(fault))
            }
        };
        match read {
            Ok(document) => each(Item::Document(Document { place, ..document }))?,
            Err(Refused { rule, id, title }) => {
                let url = wiki.as_ref().and_then(|wiki| wiki.url(&title));
                each(Item::Rejected(Rejected { id, url, place, reason: Reason::bare("read", rule) }))?;
            }
        }
    }
    tally.decoded_bytes = frames.read;
    if tally.records.is_empty() && 0 < frames.read && memchr::memmem::find(&frames.head, b"<mediawiki").is_none() {
        // A file of something else is one record that cannot be read.
        tally.record("page");
        let place = Place { file: input.name.clone(), offset: 0, length: frames.read };
        each(Item::Rejected(Rejected { id: String::new(), url: None, place, reason: Reason::bare("read", "invalid-xml") }))?;
    }
    Ok(tally)
}

/// Why a page gave no document, and what could be read of it.
struct Refused {
    rule: &'static str,
    id: String,
    title: String,
}

/// What a dump's head says of its wiki.
struct Wiki {
    site: Site,
    names: Names,
    parts: Parts,
}

impl Wiki {
    fn of(head: &[u8], parts: Parts) -> Self {
        let site = xml::site(&String::from_utf8_lossy(head));
        let mut names = Names::default();
        site.namespaces.iter().for_each(|(key, name)| names.learn(key, name));
        Self { site, names, parts }
    }

    /// The article of a page, or the rule by which it is none.
    fn document(&self, bytes: &[u8]) -> Result<Document, Refused> {
        let refused = |rule: &'static str, page: Page| Refused { rule, id: page.id, title: page.title };
        let Ok(source) = std::str::from_utf8(bytes) else {
            return Err(refused("invalid-utf8", Page::default()));
        };
        let Some(page) = xml::page(source) else {
            return Err(refused("invalid-xml", Page::default()));
        };
        let rule = match () {
            () if !self.is_article(&page) => Some("not-an-article"),
            () if page.is_redirect || wikitext::is_redirect(&page.text) => Some("redirect"),
            () => None,
        };
        if let Some(rule) = rule {
            return Err(refused(rule, page));
        }
        let article = wikitext::article(&page.text, &self.names, self.parts);
        if article.is_disambiguation {
            return Err(refused("disambiguation", page));
        }
        if article.text.is_empty() {
            return Err(refused("empty-text", page));
        }
        let url = self.url(&page.title);
        let present = |text: String| Some(text).filter(|text| !text.is_empty());
        Ok(Document {
            id: page.id,
            url,
            date: present(page.timestamp),
            title: present(page.title),
            text: article.text,
            ..Document::default()
        })
    }

    /// Whether a page lies in the namespace of articles and is wikitext.
    fn is_article(&self, page: &Page) -> bool {
        let is_inside = match page.namespace.as_str() {
            // Dumps of before 2012 tell by the title alone.
            "" => {
                let prefix = page.title.split_once(':').map_or("", |(prefix, _)| prefix);
                prefix.is_empty() || !self.site.namespaces.iter().any(|(_, name)| name == prefix)
            }
            number => number == "0",
        };
        is_inside && matches!(page.model.as_str(), "" | "wikitext")
    }

    /// Where a page is read: the address of the main page with another title.
    fn url(&self, title: &str) -> Option<String> {
        let (folder, _) = self.site.base.rsplit_once('/').filter(|_| !title.is_empty())?;
        Some(format!("{folder}/{}", escaped(title)))
    }
}

/// A title as MediaWiki writes it into addresses.
fn escaped(title: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:@!$*(),/;'".contains(&byte);
    if title.bytes().all(is_plain) {
        return Cow::Borrowed(title);
    }
    let mut out = String::with_capacity(title.len() * 2);
    for byte in title.bytes() {
        match byte {
            b' ' => out.push('_'),
            _ if is_plain(byte) => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests;
