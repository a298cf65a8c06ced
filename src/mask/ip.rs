//! IP addresses. Left are, by default, ranges that name nobody, and what only looks like an address:
//!
//! - of version 4: four numbers of 0 to 255 without leading zeros, that no letter, digit, dot, `_` or hyphen touches. Left are numbers behind "version", "section" and the like or behind `/` of a name
//!   (`Server/2.4.10.1`), and addresses whose four numbers are all below 20, which are sections and versions far more often than hosts (of random addresses one in 27,000 is such), or all below 64 at the beginning of a line;
//! - of version 6: what `Ipv6Addr` parses, with a digit in it, so that `Abc::Def` is none.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use crate::text::is_spaceless;

/// Longest spelling of version 6: eight groups, or six and four numbers.
const MAX_V6: usize = 45;
/// Shortest spelling of any: "::1".
const LEAST: usize = 3;
/// Numbers of sections and versions are below this.
const SMALL: u8 = 20;
/// Numbers of sections that a line begins with are below this: "26.3.6.2. Compressed logs"; one random address in 256 is such.
const SECTION: u8 = 64;
/// Words behind which four numbers are a version or a section, in lower case.
const BEHIND: [&str; 15] = [
    "version", "versions", "ver", "ver.", "v", "v.", "release", "build", "firmware", "update", "section", "sections", "chapter", "clause",
    "§",
];

/// Gives the byte range of each address, in order and apart.
pub fn find(text: &str, with_private: bool, mut each: impl FnMut(Range<usize>)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if !(byte.is_ascii_hexdigit() || byte == b':') {
            at += 1;
            continue;
        }
        let is_of_run = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b':' || *byte == b'.';
        let length = bytes[at..].iter().position(|byte| !is_of_run(byte)).unwrap_or(bytes.len() - at);
        // Each byte is in one run, and each run is looked at twice at most.
        let run = &text[at..at + length];
        if LEAST <= length {
            match v6(text, at, run, with_private) {
                Some(range) => each(range),
                None => {
                    // "IP:192.0.2.1:80": what colons part.
                    let mut start = at;
                    for part in run.split(':') {
                        v4(text, start, part, with_private).into_iter().for_each(&mut each);
                        start += part.len() + 1;
                    }
                }
            }
        }
        at += length;
    }
}

/// Letters and digits beside which nothing is an address; scripts without spaces may stand at one.
fn touches(c: char) -> bool {
    c.is_alphanumeric() && !is_spaceless(c) || c == '_' || c == '-'
}

fn before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back()
}

/// The address of version 4 that begins at `start`, where `part` begins.
fn v4(text: &str, start: usize, part: &str, with_private: bool) -> Option<Range<usize>> {
    let numbers = part.trim_end_matches('.');
    let end = start + numbers.len();
    let address: Ipv4Addr = numbers.parse().ok()?;
    let touches = |c: char| touches(c) || c == '.';
    let after = &text[end..];
    // A hyphen or dot ends a sentence or leads to another address, but not to a letter: "1.2.3.4-beta".
    let follows = |c: char| match c {
        '-' | '.' => after[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'),
        c => touches(c),
    };
    let precedes = |c: char| touches(c) && !(c == '-' && text[..start - 1].ends_with(|c: char| c.is_ascii_digit()));
    if before(text, start).is_some_and(precedes) || after.chars().next().is_some_and(follows) {
        return None;
    }
    let begins_line = text[..start].trim_end_matches([' ', '\t']).chars().next_back().is_none_or(|c| c == '\n');
    let most = address.octets().into_iter().max().unwrap_or_default();
    if most < SMALL || begins_line && most < SECTION || is_numbered(text, start) || !with_private && is_special(address) {
        return None;
    }
    Some(start..end)
}

/// True behind a word that announces a version or section, and behind the slash of a product's name.
fn is_numbered(text: &str, start: usize) -> bool {
    /// Bytes looked back; no such word is longer.
    const LOOK: usize = 24;
    let mut from = start.saturating_sub(LOOK);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let before = &text[from..start];
    if let Some(name) = before.strip_suffix('/') {
        return name.ends_with(|c: char| c.is_alphanumeric());
    }
    let before = before.trim_end_matches([' ', ':', '\u{A0}', '(']);
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    BEHIND.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// Ranges of version 4 that no host of the internet has (IANA's registry of special addresses). Those of documentation are masked: a text does not tell them from others.
fn is_special(address: Ipv4Addr) -> bool {
    let [a, b, ..] = address.octets();
    a == 0
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || a == 100 && (64..128).contains(&b)
        || a == 198 && (b == 18 || b == 19)
        // Multicast, what is reserved, and the masks of networks.
        || 224 <= a
}

/// The address of version 6 that a run of hexadecimal digits, colons and dots is.
fn v6(text: &str, start: usize, run: &str, with_private: bool) -> Option<Range<usize>> {
    let mut candidate = run.trim_end_matches('.');
    // A colon at the end belongs to the sentence, but for "2001:db8::".
    if candidate.ends_with(':') && !candidate.ends_with("::") {
        candidate = &candidate[..candidate.len() - 1];
    }
    let end = start + candidate.len();
    if MAX_V6 < candidate.len() || !candidate.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if before(text, start).is_some_and(touches) || text[end..].chars().next().is_some_and(touches) {
        return None;
    }
    let address: Ipv6Addr = candidate.parse().ok()?;
    // All that is given out for hosts of the internet is 2000::/3; all else is private, special, or not given out.
    let is_public = address.segments()[0] & 0xE000 == 0x2000;
    (is_public || with_private).then_some(start..end)
}
