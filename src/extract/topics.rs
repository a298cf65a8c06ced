//! What a page says of itself as a whole: the words of its address, its generator and the types of its JSON-LD. They are the same for all blocks, and so count by their length: a forum's short
//! blocks are its menus, a shop's its goods.

use memchr::memmem;

use crate::extract::flags::length_class;
use crate::extract::head::Head;

/// Length classes of blocks that are told apart: those of flags, the longest two as one.
pub const LENGTHS: usize = 3;
/// Most words of an address, and types, that are looked at.
const MOST: usize = 16;

/// The length class of a block.
pub fn length(chars: f32) -> usize {
    length_class(chars).min(LENGTHS - 1)
}

/// Calls `visit` with each topic, once.
pub fn each(head: &Head, url: &str, source: &str, mut visit: impl FnMut(&str)) {
    let mut seen: Vec<String> = Vec::new();
    let mut add = |prefix: &str, word: &str| {
        let topic = format!("{prefix}{}", word.to_ascii_lowercase());
        if seen.len() < MOST && !seen.contains(&topic) {
            visit(&topic);
            seen.push(topic);
        }
    };
    let address = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (host, path) = address.split_at(address.find('/').unwrap_or(address.len()));
    for (prefix, part) in [("u:", path), ("h:", host)] {
        let words = part.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| (3..15).contains(&word.len()));
        words.for_each(|word| add(prefix, word));
    }
    if path.len() < 2 && !host.is_empty() {
        add("", "front");
    }
    if let Some(generator) = head.generator.of(source).split(|c: char| !c.is_ascii_alphabetic()).find(|word| !word.is_empty()) {
        add("g:", generator);
    }
    for span in head.json_ld {
        let text = span.of(source);
        for at in memmem::find_iter(text.as_bytes(), b"\"@type\"").take(MOST) {
            let rest = text[at + 7..].trim_start_matches([' ', ':', '[', '\n', '\t', '\r']);
            if let Some((word, _)) = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'))
                && word.len() < 30
                && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
            {
                add("t:", word);
            }
        }
    }
}
