//! What an EPUB says of itself: where its package is, what it is called, which chapters it has in which order, and what of it is encrypted.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::text::references::{Meaning, References};

/// A package document.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Package {
    pub title: Option<String>,
    /// All authors, with semicolons between.
    pub author: Option<String>,
    pub language: Option<String>,
    pub date: Option<String>,
    /// Paths of the chapters in the archive, each once, in the order of reading.
    pub chapters: Vec<String>,
    /// Places in the order of reading that no chapter is listed for.
    pub n_unlisted: u64,
}

/// The path of the package that a container names first; `None` where it names none.
pub(super) fn root(container: &str) -> Option<String> {
    let mut root = None;
    walk(container, |step| {
        if let Step::Begin("rootfile", tag) = step {
            root = root.take().or_else(|| attribute(tag, "full-path"));
        }
    })?;
    root
}

/// Reads a package document that lies at a path of the archive; `None` where it is broken.
pub(super) fn package(xml: &str, path: &str) -> Option<Package> {
    let mut package = Package::default();
    // What is in the book: id, path, whether it is a chapter.
    let mut items: BTreeMap<String, (Option<String>, bool)> = BTreeMap::new();
    let mut order = Vec::new();
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    walk(xml, |step| match step {
        Step::Begin("item", tag) => {
            let Some(id) = attribute(tag, "id") else { return };
            let kind = attribute(tag, "media-type").unwrap_or_default();
            let is_navigation = attribute(tag, "properties").is_some_and(|list| list.split_whitespace().any(|property| property == "nav"));
            let is_chapter = !is_navigation
                && ["application/xhtml+xml", "text/html", "application/x-dtbook+xml", "application/xml", "text/xml"]
                    .contains(&kind.as_str());
            items.insert(id, (attribute(tag, "href").map(|href| resolved(folder, &href)), is_chapter));
        }
        // What is not linear stands beside the text: notes, answers, pictures at full size.
        Step::Begin("itemref", tag) if attribute(tag, "linear").is_none_or(|linear| linear != "no") => {
            order.extend(attribute(tag, "idref"))
        }
        Step::Begin(..) => {}
        Step::Text(name, text) => {
            let field = match name {
                "title" => &mut package.title,
                "creator" => &mut package.author,
                "language" => &mut package.language,
                "date" => &mut package.date,
                _ => return,
            };
            match field {
                None => *field = Some(text.to_owned()),
                // Nobody needs more names than this, and a hostile package has a million.
                Some(authors) if name == "creator" && authors.len() < MOST_AUTHORS => {
                    authors.push_str("; ");
                    authors.push_str(text);
                }
                Some(_) => {}
            }
        }
    })?;
    let mut seen = BTreeSet::new();
    for id in order {
        match items.get(&id) {
            Some((Some(path), true)) if seen.insert(path.clone()) => package.chapters.push(path.clone()),
            // Many programs leave the name of a chapter behind that was taken out.
            None | Some((None, true)) => package.n_unlisted += 1,
            Some(_) => {}
        }
    }
    Some(package)
}

/// Bytes of the names of authors from which on no more are added.
const MOST_AUTHORS: usize = 1000;

/// Paths of what an `encryption.xml` says is encrypted. Fonts that are only made unreadable for others are named there too, and are no chapters.
pub(super) fn encrypted(xml: &str) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    walk(xml, |step| {
        if let Step::Begin("CipherReference", tag) = step {
            paths.extend(attribute(tag, "URI").map(|path| resolved("", &path)));
        }
    });
    paths
}

enum Step<'s, 't> {
    /// An element begins; its name is without a prefix.
    Begin(&'s str, &'s BytesStart<'t>),
    /// The text of an element, white space folded; never empty.
    Text(&'s str, &'s str),
}

/// Tells of elements and the texts of those that hold no others; `None` where the XML is broken.
fn walk(xml: &str, mut tell: impl FnMut(Step<'_, '_>)) -> Option<()> {
    let mut reader = Reader::from_str(xml);
    // Packages are written by many programs, and none of this is needed to read one.
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_dangling_amp = true;
    let mut references = References::default();
    let mut text = String::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) | Event::Empty(tag) => {
                text.clear();
                tell(Step::Begin(tag.local_name().into_inner(), &tag));
            }
            Event::End(tag) => {
                let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
                if !folded.is_empty() {
                    tell(Step::Text(tag.local_name().into_inner(), &folded));
                }
                text.clear();
            }
            Event::Text(part) => text.push_str(&part),
            Event::CData(part) => text.push_str(&part),
            Event::GeneralRef(reference) => match references.read(&format!("&{};", &*reference)) {
                Some((Meaning::One(c), _)) => text.push(c),
                Some((Meaning::Text(part), _)) => text.push_str(&part),
                None => {}
            },
            Event::Eof => return Some(()),
            _ => {}
        }
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().with_checks(false).flatten().find(|attribute| attribute.key.local_name().into_inner() == name)?;
    let value = found.normalized_value(XmlVersion::Implicit1_0).map_or_else(|_| found.value.to_string(), |value| value.into_owned());
    Some(value)
}

/// A path that is written in a file of a folder, without escapes and steps up.
fn resolved(folder: &str, href: &str) -> String {
    let href = unescaped(href.split('#').next().unwrap_or_default());
    let mut parts: Vec<&str> = Vec::new();
    let base = if href.starts_with('/') { "" } else { folder };
    for part in base.split('/').chain(href.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// `%20` is a space.
fn unescaped(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digit = |at: usize| tail.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                out.push((16 * high + low) as u8);
                rest = &tail[2..];
            }
            _ => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}
