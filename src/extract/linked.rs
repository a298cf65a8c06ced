//! JSON-LD of schema.org: who wrote the page, when, and for whom. It is evidence where it can be parsed, and nothing where not.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::extract::head::Head;

/// A script with more bytes is not parsed.
const MAX_BYTES: usize = 1 << 20;
/// Objects of a page that are looked at, and the depth to which they are looked for.
const MAX_NODES: usize = 1000;
const MAX_DEPTH: usize = 8;
/// A longer text is no name and no date.
const MAX_TEXT_BYTES: usize = 4800;
/// Where an object holds others that are of the page.
const HOLDERS: [&str; 2] = ["@graph", "mainEntity"];
/// What may be the page itself, beside all kinds of articles and postings.
const PAGES: [&str; 14] = [
    "WebPage",
    "ItemPage",
    "AboutPage",
    "MedicalWebPage",
    "Question",
    "Recipe",
    "VideoObject",
    "Review",
    "Report",
    "Book",
    "Dataset",
    "Course",
    "CreativeWork",
    "PodcastEpisode",
];

/// What it says, as it is written.
#[derive(Debug, Default)]
pub struct Linked {
    pub authors: Vec<String>,
    pub published: Option<String>,
    /// The publisher's name, else that of the web site.
    pub site: Option<String>,
}

/// Reads the scripts of a page: the first article says what there is, and what it leaves open the page.
pub fn read(head: &Head, source: &str) -> Linked {
    let values: Vec<Value> = head.json_ld.iter().filter_map(|span| parse(span.of(source))).collect();
    let mut nodes = Vec::new();
    values.iter().for_each(|value| collect(value, 0, &mut nodes));
    let ids: HashMap<&str, &str> = nodes
        .iter()
        .filter_map(|node| Some((node.get("@id")?.as_str()?, node.get("name")?.as_str()?)))
        .filter(|(_, name)| name.len() <= MAX_TEXT_BYTES)
        .collect();
    let of_rank = |wanted: u8| nodes.iter().copied().filter(move |node| rank(node) == Some(wanted));
    let pages: Vec<_> = of_rank(0).chain(of_rank(1)).collect();
    let all_names = |node: &Map<String, Value>, field: &str| {
        let mut names = Vec::new();
        node.get(field).into_iter().for_each(|value| names_in(value, &ids, 0, &mut names));
        names
    };
    let of_page = |field: &str| pages.iter().map(|node| all_names(node, field)).find(|names| !names.is_empty()).unwrap_or_default();
    let site = nodes.iter().find(|node| types(node).any(|kind| kind == "WebSite")).map(|node| all_names(node, "name")).unwrap_or_default();
    Linked {
        authors: of_page("author"),
        published: ["datePublished", "dateCreated", "uploadDate"].iter().find_map(|field| of_page(field).into_iter().next()),
        site: of_page("publisher").into_iter().chain(site).next(),
    }
}

/// The JSON of a script, without the comments that hide it from what knows no JSON-LD, and with line ends inside strings, which are the commonest fault, as spaces.
fn parse(script: &str) -> Option<Value> {
    if script.is_empty() || MAX_BYTES < script.len() {
        return None;
    }
    let bare = script.replace("<![CDATA[", "").replace("]]>", "");
    let json = bare.get(bare.find(['{', '['])?..=bare.rfind(['}', ']'])?)?;
    serde_json::from_str(json).or_else(|_| serde_json::from_str(&json.replace(char::is_control, " "))).ok()
}

/// The objects that may speak of the page.
fn collect<'v>(value: &'v Value, depth: usize, nodes: &mut Vec<&'v Map<String, Value>>) {
    if MAX_DEPTH < depth {
        return;
    }
    match value {
        Value::Array(values) => values.iter().take(MAX_NODES).for_each(|value| collect(value, depth + 1, nodes)),
        Value::Object(node) if nodes.len() < MAX_NODES => {
            nodes.push(node);
            HOLDERS.iter().filter_map(|holder| node.get(*holder)).for_each(|value| collect(value, depth + 1, nodes));
        }
        _ => {}
    }
}

/// The types of an object, without the address of the vocabulary.
fn types(node: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let kind = node.get("@type");
    let many = kind.and_then(Value::as_array).into_iter().flatten();
    kind.into_iter().chain(many).filter_map(Value::as_str).map(|kind| kind.rsplit(['/', '#', ':']).next().unwrap_or(kind))
}

/// 0 for an article, 1 for what else may be the page, `None` for anything else.
fn rank(node: &Map<String, Value>) -> Option<u8> {
    let rank = |kind: &str| match kind {
        _ if kind.ends_with("Article") || kind.ends_with("Posting") => Some(0),
        _ => PAGES.contains(&kind).then_some(1),
    };
    types(node).filter_map(rank).min()
}

/// The names in a value: a text, an object with a name or the id of one that has it, or a list of these. An id leads to a text only, so that no list is read more than once.
fn names_in(value: &Value, ids: &HashMap<&str, &str>, depth: usize, names: &mut Vec<String>) {
    if MAX_DEPTH < depth || MAX_NODES <= names.len() {
        return;
    }
    match value {
        Value::String(name) if name.len() <= MAX_TEXT_BYTES => names.push(name.clone()),
        Value::Array(values) => values.iter().for_each(|value| names_in(value, ids, depth + 1, names)),
        Value::Object(node) => match node.get("name") {
            Some(name) => names_in(name, ids, depth + 1, names),
            None => names.extend(node.get("@id").and_then(Value::as_str).and_then(|id| ids.get(id)).map(|&name| name.to_owned())),
        },
        _ => {}
    }
}
