//! E-mail addresses: a local part, `@`, and a domain under a top-level domain that exists.
//!
//! - The local part is up to 64 letters, digits and `._%+-'~`, without punctuation at its beginning. RFC 5322 allows more (`=`, `&`, `/`), which in texts part an address from
//!   what stands before it: `email=a@b.org`.
//! - The domain has two labels or more under a suffix that the Public Suffix List knows: `user@host`, `package@1.2.3` and `logo@2x.png` are none.
//! - Letters are those of Latin, Greek and Cyrillic, with the marks that are written on them; an address that stands in Chinese or Korean without blanks ends where that begins.
//! - `git@host.org` names a service and is left. "a (at) b.org" is not found.

use std::ops::Range;

use memchr::memchr_iter;

use crate::text::url::has_known_suffix;

/// Characters of a local part, by RFC 5321.
const MAX_LOCAL: usize = 64;
/// Bytes of a domain.
const MAX_DOMAIN: usize = 253;
const MAX_LABEL: usize = 63;
/// How many labels may stand behind a domain that are no part of it, and one more.
const MAX_TRIES: usize = 3;

/// Gives the byte range of each address, in order and apart.
pub fn find(text: &str, mut each: impl FnMut(Range<usize>)) {
    let mut end = 0;
    for at in memchr_iter(b'@', text.as_bytes()) {
        if at < end {
            continue;
        }
        let Some(start) = local(&text[end..at]).map(|start| end + start) else { continue };
        let Some(length) = domain(&text[at + 1..]) else { continue };
        if &text[start..at] == "git" {
            continue;
        }
        end = at + 1 + length;
        each(start..end);
    }
}

fn is_letter(c: char) -> bool {
    // Of Vietnamese and old Greek the letters lie apart; a decomposed text has their accents as marks of their own.
    let is_mark = ('\u{300}'..='\u{36F}').contains(&c);
    c.is_ascii_alphanumeric() || is_mark || matches!(c, '\u{C0}'..='\u{52F}' | '\u{1E00}'..='\u{1FFF}') && c.is_alphabetic()
}

/// Where the local part begins that ends with the text.
fn local(text: &str) -> Option<usize> {
    let is_local = |c: char| is_letter(c) || "._%+-'~".contains(c);
    let mut start = text.len();
    let mut n = 0;
    for (at, c) in text.char_indices().rev() {
        if !is_local(c) {
            break;
        }
        n += 1;
        if MAX_LOCAL < n {
            // A longer run is no name: a key, or what a program wrote.
            return None;
        }
        start = at;
    }
    let mut part = &text[start..];
    if part.ends_with('.') {
        return None;
    }
    // Two dots are an ellipsis.
    if let Some(last) = part.rfind("..") {
        part = &part[last + 2..];
    }
    part = part.trim_start_matches(|c: char| !is_letter(c) && c != '_');
    part.contains(is_letter).then(|| text.len() - part.len())
}

/// Length of the domain that the text begins with.
fn domain(text: &str) -> Option<usize> {
    let is_of_domain = |c: char| is_letter(c) || c == '-' || c == '.';
    let end = text.char_indices().take(MAX_DOMAIN).find(|(_, c)| !is_of_domain(*c)).map_or(text.len().min(MAX_DOMAIN), |(at, _)| at);
    // A longer run may end inside of a character.
    let mut candidate = text.get(..end)?;
    candidate = &candidate[..candidate.find("..").unwrap_or(candidate.len())];
    for _ in 0..MAX_TRIES {
        candidate = candidate.trim_end_matches(['.', '-']);
        let (rest, last) = candidate.rsplit_once('.')?;
        // "a@b.comЖдём": a top-level domain is of one script.
        let script = last.find(|c: char| !c.is_ascii()).filter(|ascii| 1 < *ascii);
        let whole = &candidate[..rest.len() + 1 + script.unwrap_or(last.len())];
        let is_sound = |label: &str| !label.is_empty() && label.len() <= MAX_LABEL && !label.starts_with('-') && !label.ends_with('-');
        if whole.split('.').all(is_sound) && has_known_suffix(&whole.to_lowercase()) {
            return Some(whole.len());
        }
        // "a@b.org.Regards": a sentence that lacks its blank.
        candidate = rest;
    }
    None
}
