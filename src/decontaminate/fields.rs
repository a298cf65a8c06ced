//! Paths to text in JSON: `question`, `choices.text`, `answers[].text`. A path goes from name to name through objects, and through every element of a list wherever one
//! stands; `[]` may be written behind a name and means nothing. All text at the end of a path counts, however deep. A name that holds dots is found where the whole rest of the
//! path is that name.

use std::collections::BTreeSet;

use serde_json::Value;

/// Paths that a message lists.
const LISTED: usize = 20;

/// Puts each text under a path, with its own path (`answers[0].text`), behind those found; "" is everything. False when the path leads to nothing that could be text: not to a
/// text, a null, or a list or object that happens to be empty.
pub fn texts<'v>(value: &'v Value, path: &str, found: &mut Vec<(String, &'v str)>) -> bool {
    walk(value, path, String::new(), found)
}

fn walk<'v>(value: &'v Value, path: &str, at: String, found: &mut Vec<(String, &'v str)>) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => {
            let inside = (0..).zip(values).map(|(index, value): (usize, _)| walk(value, path, format!("{at}[{index}]"), found));
            // All of them are walked, so no short cut.
            values.is_empty() | inside.fold(false, |any, one| any | one)
        }
        Value::Object(values) if path.is_empty() => {
            let inside = values.iter().map(|(name, value)| walk(value, "", below(&at, name), found));
            values.is_empty() | inside.fold(false, |any, one| any | one)
        }
        Value::Object(values) => {
            let (name, rest) = match values.contains_key(path) {
                true => (path, ""),
                false => path.split_once('.').unwrap_or((path, "")),
            };
            let name = if values.contains_key(name) { name } else { name.trim_end_matches("[]") };
            values.get(name).is_some_and(|value| walk(value, rest, below(&at, name), found))
        }
        Value::String(text) if path.is_empty() => {
            found.push((at, text));
            true
        }
        Value::String(_) | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn below(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

/// The paths that lead to text, for messages: "id, choices.text".
pub fn listed(value: &Value) -> String {
    let mut found = Vec::new();
    texts(value, "", &mut found);
    let plain = |(path, _): (String, &str)| {
        let parts = path.split('[').map(|part| part.split_once(']').map_or(part, |(_, behind)| behind));
        parts.collect::<String>()
    };
    let paths: BTreeSet<String> = found.into_iter().map(plain).collect();
    let more = if LISTED < paths.len() { format!(" and {} more", paths.len() - LISTED) } else { String::new() };
    let shown: Vec<String> = paths.into_iter().take(LISTED).collect();
    if shown.is_empty() { "no text at all".to_owned() } else { format!("text in {}{more}", shown.join(", ")) }
}
