//! The elements of a page and of a dump's head, out of its XML (MediaWiki's export schema, any version).

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

/// What is read of a page.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Page {
    pub title: String,
    /// The number of its namespace; empty in dumps of before 2012.
    pub namespace: String,
    pub id: String,
    pub is_redirect: bool,
    /// Of its last revision, like all below: when it was made.
    pub timestamp: String,
    /// `wikitext`, or what else it is; empty in old dumps.
    pub model: String,
    pub text: String,
}

/// What is read of a dump's head.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Site {
    /// Address of the main page.
    pub base: String,
    /// Keys and names of namespaces.
    pub namespaces: Vec<(String, String)>,
}

/// The page in `<page>..</page>`; `None` where that is no XML.
pub(super) fn page(xml: &str) -> Option<Page> {
    let mut page = Page::default();
    walk(xml, |path, step| match (path, step) {
        (["page", "redirect"], Step::Begin(_)) => page.is_redirect = true,
        // Of several revisions the last counts.
        (["page", "revision"], Step::Begin(_)) => {
            page.timestamp.clear();
            page.model.clear();
            page.text.clear();
        }
        (["page", "title"], Step::Text(text)) => page.title.push_str(text),
        (["page", "ns"], Step::Text(text)) => page.namespace.push_str(text),
        (["page", "id"], Step::Text(text)) => page.id.push_str(text),
        (["page", "revision", "timestamp"], Step::Text(text)) => page.timestamp.push_str(text),
        (["page", "revision", "model"], Step::Text(text)) => page.model.push_str(text),
        (["page", "revision", "text"], Step::Text(text)) => page.text.push_str(text),
        _ => {}
    })?;
    for field in [&mut page.title, &mut page.namespace, &mut page.id, &mut page.timestamp, &mut page.model] {
        if field.trim().len() != field.len() {
            *field = field.trim().to_owned();
        }
    }
    Some(page)
}

/// The head of a dump; what cannot be read of it is not there.
pub(super) fn site(head: &str) -> Site {
    let mut site = Site::default();
    let Some(start) = head.find("<siteinfo>") else { return site };
    let end = head[start..].find("</siteinfo>").map_or(head.len(), |end| start + end + "</siteinfo>".len());
    walk(&head[start..end], |path, step| match (path, step) {
        (["siteinfo", "base"], Step::Text(text)) => site.base.push_str(text),
        (["siteinfo", "namespaces", "namespace"], Step::Begin(key)) => site.namespaces.push((key, String::new())),
        (["siteinfo", "namespaces", "namespace"], Step::Text(text)) => {
            if let Some((_, name)) = site.namespaces.last_mut() {
                name.push_str(text);
            }
        }
        _ => {}
    });
    site
}

enum Step<'s> {
    /// An element begins, with this attribute `key`.
    Begin(String),
    Text(&'s str),
}

/// Elements that are read; the name of any other is empty in paths.
const NAMES: [&str; 13] =
    ["page", "title", "ns", "id", "redirect", "revision", "timestamp", "model", "text", "siteinfo", "base", "namespaces", "namespace"];
/// Elements deeper than this are none of the schema, and no page is read that has them.
const MAX_DEPTH: usize = 32;

/// Tells of elements and texts with the path to them; `None` where the XML is broken.
fn walk(xml: &str, mut tell: impl FnMut(&[&str], Step<'_>)) -> Option<()> {
    let mut reader = Reader::from_str(xml);
    let mut path: Vec<&str> = Vec::new();
    let known = |name: &str| NAMES.into_iter().find(|known| *known == name).unwrap_or_default();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                if path.len() == MAX_DEPTH {
                    return None;
                }
                path.push(known(tag.name().0));
                tell(&path, Step::Begin(key(&tag)));
            }
            Event::Empty(tag) => {
                path.push(known(tag.name().0));
                tell(&path, Step::Begin(key(&tag)));
                path.pop();
            }
            Event::End(_) => drop(path.pop()?),
            Event::Text(text) => tell(&path, Step::Text(&text.xml10_content())),
            Event::CData(text) => tell(&path, Step::Text(&text.xml10_content())),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(c)) => tell(&path, Step::Text(c.encode_utf8(&mut [0; 4]))),
                _ => tell(&path, Step::Text(resolve_predefined_entity(&reference)?)),
            },
            Event::Eof => return path.is_empty().then_some(()),
            _ => {}
        }
    }
}

/// The attribute `key`.
fn key(tag: &BytesStart<'_>) -> String {
    let found = tag.try_get_attribute("key").ok().flatten();
    found.map(|key| key.value.to_string()).unwrap_or_default()
}
