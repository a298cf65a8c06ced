//! What a page says of itself as a whole: the words of its address, its generator and the types of its JSON-LD. They are the same for all blocks, and so count by their length: a forum's short
//! blocks are its menus, a shop's its goods.

use memchr::memmem;

use crate::extract::head::Head;

/// Length classes in characters.
const LIMITS: [f32; 2] = [25.0, 80.0];
/// How many there are.
pub const LENGTHS: usize = LIMITS.len() + 1;
/// Most words of an address, and types, that are looked at.
const MOST: usize = 16;

/// The length class of a block.
pub fn length(chars: f32) -> usize {
    LIMITS.iter().filter(|&&limit| limit <= chars).count()
}

/// Calls `visit` with each topic, once.
pub fn each(head: &Head, url: &str, source: &str, mut visit: impl FnMut(&str)) {
    let mut seen: Vec<String> = Vec::new();
    let mut name = String::new();
    let mut add = |prefix: &str, word: &str, seen: &mut Vec<String>| {
        name.clear();
        name.push_str(prefix);
        name.extend(word.chars().map(|c| c.to_ascii_lowercase()));
        if seen.len() < MOST && !seen.contains(&name) {
            seen.push(name.clone());
        }
    };
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (host, path) = path.split_at(path.find('/').unwrap_or(path.len()));
    let words = |text: &str, least: usize, prefix: &str, seen: &mut Vec<String>, add: &mut dyn FnMut(&str, &str, &mut Vec<String>)| {
        for word in text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| (least..15).contains(&word.len())) {
            add(prefix, word, seen);
        }
    };
    words(path, 3, "u:", &mut seen, &mut add);
    words(host, 3, "h:", &mut seen, &mut add);
    if path.len() < 2 && !host.is_empty() {
        add("", "front", &mut seen);
    }
    if let Some(generator) = head.generator.of(source).split(|c: char| !c.is_ascii_alphabetic()).find(|word| !word.is_empty()) {
        add("g:", generator, &mut seen);
    }
    for span in head.json_ld {
        let text = span.of(source);
        for at in memmem::find_iter(text.as_bytes(), b"\"@type\"").take(MOST) {
            let rest = text[at + 7..].trim_start_matches([' ', ':', '[', '\n', '\t', '\r']);
            if let Some(word) = rest.strip_prefix('"').and_then(|rest| rest.split_once('"')).map(|(word, _)| word)
                && word.len() < 30
                && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
            {
                add("t:", word, &mut seen);
            }
        }
    }
    seen.iter().for_each(|topic| visit(topic));
}
