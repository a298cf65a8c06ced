//! The charset that the head of a page declares ("prescan a byte stream to determine its encoding", WHATWG HTML 13.2.3.2): in an XML declaration, or in a `meta` that is not
//! commented out and does not stand inside another tag; of `content` only beside `http-equiv="content-type"`. What is written otherwise counts where that finds nothing.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use memchr::{memchr, memchr2, memmem};

/// What the first bytes of a page declare. The time is linear.
pub fn declared(head: &[u8]) -> Option<&'static Encoding> {
    if head.starts_with(b"<?xml") {
        let declaration = &head[..memchr(b'>', head).unwrap_or(head.len())];
        if let Some(encoding) = label_after(declaration, b"encoding") {
            return Some(encoding);
        }
    }
    let mut rest = head;
    while let Some(open) = memchr(b'<', rest) {
        rest = &rest[open..];
        rest = match rest {
            [b'<', b'!', b'-', b'-', ..] => behind_comment(rest),
            [b'<', b'!' | b'?', ..] => &rest[memchr(b'>', rest).unwrap_or(rest.len())..],
            [b'<', b'/', letter, ..] | [b'<', letter, ..] if letter.is_ascii_alphabetic() => {
                let is_meta = begins_meta(rest) && rest.get(5).is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'/');
                let is_end = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'>';
                let end = if is_meta { 5 } else { rest.iter().position(is_end).unwrap_or(rest.len()) };
                let mut attributes = Attributes { rest: &rest[end..] };
                if is_meta && let Some(encoding) = of_meta(&mut attributes) {
                    return Some(encoding);
                }
                (&mut attributes).for_each(drop);
                attributes.rest
            }
            _ => &rest[1..],
        };
    }
    loosely(head)
}

/// What follows the comment at the start of `rest`; `<!-->` is one.
fn behind_comment(rest: &[u8]) -> &[u8] {
    &rest[memmem::find(&rest[2..], b"-->").map_or(rest.len(), |n| n + 5)..]
}

/// True where `<meta` stands first, whatever follows.
fn begins_meta(rest: &[u8]) -> bool {
    rest.get(1..5).is_some_and(|name| name.eq_ignore_ascii_case(b"meta"))
}

/// What stands in the first tag that begins like a `meta` and names a charset, however it is written, where the standard finds nothing: in a wrong attribute, or behind a quote
/// that was never closed. But not in what says something else: a description, or an address to go on to.
fn loosely(mut head: &[u8]) -> Option<&'static Encoding> {
    while let Some(open) = memchr(b'<', head) {
        head = &head[open..];
        if head.starts_with(b"<!--") {
            head = behind_comment(head);
            continue;
        }
        if !begins_meta(head) || head.get(5).is_some_and(u8::is_ascii_alphanumeric) {
            head = &head[1..];
            continue;
        }
        // Of a tag without an end the next one is no part.
        let tag = &head[..memchr2(b'<', b'>', &head[1..]).map_or(head.len(), |end| 1 + end)];
        let lower = tag.to_ascii_lowercase();
        let has = |word: &[u8]| memmem::find(&lower, word).is_some();
        let is_other = has(b"refresh") || is_named(&lower) && !has(b"content-type");
        if !is_other && let Some(encoding) = label_after(tag, b"charset") {
            return Some(encoding);
        }
        head = &head[tag.len()..];
    }
    None
}

/// True of a `meta`, in lower case, that says what it describes.
fn is_named(tag: &[u8]) -> bool {
    [&b"name"[..], b"property", b"itemprop"].iter().any(|word| {
        let begins = |at: usize| tag[..at].last().is_some_and(|before| !before.is_ascii_alphanumeric());
        let ends = |at: usize| tag[at + word.len()..].trim_ascii_start().starts_with(b"=");
        memmem::find_iter(tag, word).any(|at| begins(at) && ends(at))
    })
}

/// What a `meta` declares. Of a repeated attribute the first counts.
fn of_meta(attributes: &mut Attributes<'_>) -> Option<&'static Encoding> {
    let (mut pragma, mut content, mut charset) = (None, None, None);
    for (name, value) in attributes {
        match &name.to_ascii_lowercase()[..] {
            b"http-equiv" => drop(pragma.get_or_insert(value)),
            b"content" => drop(content.get_or_insert(value)),
            b"charset" => drop(charset.get_or_insert(value)),
            _ => {}
        }
    }
    match charset {
        Some(charset) => label(charset),
        None if pragma?.eq_ignore_ascii_case(b"content-type") => label_after(content?, b"charset"),
        None => None,
    }
}

/// Names and values of a tag's attributes, up to the end of the tag, which is left.
struct Attributes<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        self.skip(|byte| byte.is_ascii_whitespace() || byte == b'/');
        if matches!(self.rest.first(), None | Some(b'>')) {
            return None;
        }
        // An equals sign may be the first letter of a name.
        let ends = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'=' | b'/' | b'>');
        let length = 1 + self.rest[1..].iter().take_while(|&&byte| !ends(byte)).count();
        let name = self.take(length);
        self.skip(|byte| byte.is_ascii_whitespace());
        if self.rest.first() != Some(&b'=') {
            return Some((name, b""));
        }
        self.take(1);
        self.skip(|byte| byte.is_ascii_whitespace());
        let value = match self.rest {
            [quote @ (b'"' | b'\''), quoted @ ..] => {
                let end = memchr(*quote, quoted);
                self.rest = end.map_or(&[], |end| &quoted[end + 1..]);
                // What has no end is no value.
                &quoted[..end?]
            }
            _ => self.take(self.rest.iter().take_while(|byte| !byte.is_ascii_whitespace() && **byte != b'>').count()),
        };
        Some((name, value))
    }
}

impl<'a> Attributes<'a> {
    fn take(&mut self, n: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(n);
        self.rest = rest;
        taken
    }

    fn skip(&mut self, is_passed: impl Fn(u8) -> bool) {
        self.take(self.rest.iter().take_while(|&&byte| is_passed(byte)).count());
    }
}

/// The charset named after `key` and an equals sign; a later `key` counts where the first has none.
fn label_after(text: &[u8], key: &[u8]) -> Option<&'static Encoding> {
    (0..text.len().saturating_sub(key.len())).filter(|&at| text[at..at + key.len()].eq_ignore_ascii_case(key)).find_map(|at| {
        let value = text[at + key.len()..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
        label(value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value))
    })
}

/// The charset of a label, with whatever stands behind it.
fn label(value: &[u8]) -> Option<&'static Encoding> {
    let value = value.trim_ascii_start();
    let is_part = |byte: &&u8| !matches!(byte, b'"' | b'\'' | b';' | b'>' | b'/' | b'?') && !byte.is_ascii_whitespace();
    let encoding = Encoding::for_label_no_replacement(&value[..value.iter().take_while(is_part).count()])?;
    // A page whose declaration could be read as ASCII is not UTF-16, and "user defined" has always meant the Western one (the standard, same section).
    Some(match encoding.name() {
        "UTF-16LE" | "UTF-16BE" => UTF_8,
        "x-user-defined" => WINDOWS_1252,
        _ => encoding,
    })
}
