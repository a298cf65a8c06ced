//! What an element says of itself: its name, the words of its class and id, its role and `itemprop`. `post-body`, `sidebarLeft`, `nav` tell what a part
//! of a page is for more reliably than its text does.

use crate::extract::blocks::Element;

/// Attributes longer than this are read only so far, in bytes; utility frameworks write hundreds of classes that say nothing.
const MAX_BYTES: usize = 400;

/// Words and names longer than this are left out, in bytes.
const MAX_CUE_BYTES: usize = 40;

/// How far an element is from a block, by the elements that bound blocks and stand between: none, 1 to 2, 3 to 5; `None` beyond.
pub fn distance_bucket(level: u32) -> Option<usize> {
    match level {
        0 => Some(0),
        1..=2 => Some(1),
        3..=5 => Some(2),
        _ => None,
    }
}

/// How many buckets [`distance_bucket`] tells apart.
pub const BUCKETS: usize = 3;

/// Calls `visit` with each cue of an element, in lower case, ASCII only:
/// - `<aside`: its name;
/// - `sidebar`: a word of its class or id, 3 to 19 letters, split where a capital follows a small letter;
/// - `=col-0`: a whole name of its class or id that is not one word, with each run of digits as `0`;
/// - `@main`: a word of its role or `itemprop`.
pub fn each_cue(element: &Element, source: &str, mut visit: impl FnMut(&str)) {
    let mut buffer = String::with_capacity(MAX_CUE_BYTES);
    buffer.push('<');
    buffer.push_str(element.name.as_str());
    visit(&buffer);
    for (span, named) in [(element.class, true), (element.id, true), (element.role, false), (element.itemprop, false)] {
        let value = span.of(source).as_bytes();
        let value = &value[..value.len().min(MAX_BYTES)];
        for name in value.split(u8::is_ascii_whitespace).filter(|name| !name.is_empty() && name.len() <= MAX_CUE_BYTES && name.is_ascii()) {
            if named {
                each_word(name, &mut buffer, &mut visit);
            }
            if !named || !name.iter().all(u8::is_ascii_lowercase) {
                whole(name, if named { '=' } else { '@' }, &mut buffer);
                visit(&buffer);
            }
        }
    }
}

/// The words of one name.
fn each_word(name: &[u8], buffer: &mut String, visit: &mut impl FnMut(&str)) {
    buffer.clear();
    let mut before = b' ';
    for &byte in name.iter().chain(b" ") {
        let turns = before.is_ascii_lowercase() && byte.is_ascii_uppercase();
        if turns || !byte.is_ascii_alphabetic() {
            if (3..20).contains(&buffer.len()) {
                visit(buffer);
            }
            buffer.clear();
        }
        if byte.is_ascii_alphabetic() {
            buffer.push(char::from(byte.to_ascii_lowercase()));
        }
        before = byte;
    }
}

/// One name in lower case with its runs of digits as `0`.
fn whole(name: &[u8], prefix: char, buffer: &mut String) {
    buffer.clear();
    buffer.push(prefix);
    for &byte in name {
        let c = if byte.is_ascii_digit() { '0' } else { char::from(byte.to_ascii_lowercase()) };
        if !(c == '0' && buffer.ends_with('0')) {
            buffer.push(c);
        }
    }
}
