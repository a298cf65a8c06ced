//! Marks inside a line: bold and italic letters, links to other sites, character references, switches, and pieces that were kept as they stand.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::quotes::Quotes;
use super::{Kept, Scanned, mark};
use crate::text::references::{Meaning, References};

/// How an address begins behind the bracket of a link.
const ADDRESSES: [&str; 8] = ["http://", "https://", "//", "ftp://", "mailto:", "irc://", "news:", "tel:"];
/// Bytes of the longest switch.
const MAX_SWITCH: usize = 80;

/// Writes lines without their marks.
pub(super) struct Inline<'s> {
    source: &'s str,
    kept: Vec<Kept>,
    references: References,
}

/// What ends on this line, so that nothing is searched for twice.
struct Ends<'l> {
    line: &'l str,
    /// Where the next `]` stands, at this byte or behind.
    bracket: Option<(usize, Option<usize>)>,
    variant: Option<(usize, Option<usize>)>,
}

impl Ends<'_> {
    fn bracket(&mut self, from: usize) -> Option<usize> {
        next(&mut self.bracket, from, |from| memchr(b']', &self.line.as_bytes()[from..]))
    }

    fn variant(&mut self, from: usize) -> Option<usize> {
        next(&mut self.variant, from, |from| memmem::find(&self.line.as_bytes()[from..], b"}-"))
    }
}

/// The place that was found before if it is still to come, else the next one.
fn next(known: &mut Option<(usize, Option<usize>)>, from: usize, find: impl Fn(usize) -> Option<usize>) -> Option<usize> {
    if let Some((searched, found)) = *known
        && searched <= from
        && found.is_none_or(|found| from <= found)
    {
        return found;
    }
    let found = find(from).map(|at| from + at);
    *known = Some((from, found));
    found
}

impl<'s> Inline<'s> {
    pub fn new(source: &'s str, scanned: &mut Scanned, references: References) -> Self {
        Self { source, kept: std::mem::take(&mut scanned.kept), references }
    }

    /// Code, when the line is nothing else.
    pub fn code(&mut self, line: &str) -> Option<String> {
        let (range, length) = self.block(line).filter(|(_, length)| *length == line.len())?;
        debug_assert!(0 < length);
        let mut code = String::new();
        self.decode(range, &mut code);
        let lines: Vec<&str> = code.trim_end().trim_start_matches('\n').lines().map(str::trim_end).collect();
        Some(lines.join("\n"))
    }

    /// The piece of code at the start of `text`, and how long what stands for it is.
    fn block(&self, text: &str) -> Option<(Range<usize>, usize)> {
        let (kept, length) = self.kept(text)?;
        kept.is_block.then(|| (kept.range.clone(), length))
    }

    /// The piece that stands at the start of `text`.
    fn kept(&self, text: &str) -> Option<(&Kept, usize)> {
        let number = text.strip_prefix(mark::KEPT)?;
        let end = number.find(mark::END)?;
        let kept = self.kept.get(number[..end].parse::<usize>().ok()?)?;
        Some((kept, end + 2))
    }

    /// Writes a piece of the source with its character references decoded.
    fn decode(&mut self, range: Range<usize>, out: &mut String) {
        let mut rest = &self.source[range];
        while let Some(at) = memchr(b'&', rest.as_bytes()) {
            out.push_str(&rest[..at]);
            rest = &rest[at + self.reference(&rest[at..], out)..];
        }
        out.push_str(rest);
    }

    /// Writes the character reference at the start of `text`, or its `&`, and gives its length.
    fn reference(&mut self, text: &str, out: &mut String) -> usize {
        // Wikis read a reference only with its semicolon: "?a=1&section=2" is part of an address.
        match self.references.read(text).filter(|(_, length)| text.as_bytes().get(length - 1) == Some(&b';')) {
            Some((Meaning::One(c), length)) => {
                out.extend(Some(c).filter(|c| !c.is_control() || *c == '\n' || *c == '\t'));
                length
            }
            Some((Meaning::Text(text), length)) => {
                out.push_str(&text);
                length
            }
            None => {
                out.push('&');
                1
            }
        }
    }

    /// Writes a line, or a part of one; what was dropped and line breaks stay marked.
    pub fn write(&mut self, line: &str, out: &mut String) {
        let quotes = Quotes::of(line);
        let mut ends = Ends { line, bracket: None, variant: None };
        let mut closes = None;
        let mut at = 0;
        while at < line.len() {
            let rest = &line[at..];
            let is_special = |byte: &u8| matches!(byte, b'\'' | b'[' | b']' | b'&' | b'_' | b'-' | b'\x01' | b'\x05');
            let plain = rest.as_bytes().iter().position(is_special).unwrap_or(rest.len());
            out.push_str(&rest[..plain]);
            at += plain;
            let rest = &line[at..];
            let Some(&byte) = rest.as_bytes().first() else { break };
            at += match byte {
                b'\'' => {
                    let run = rest.bytes().take_while(|byte| *byte == b'\'').count();
                    out.extend(std::iter::repeat_n('\'', quotes.shown(at, run)));
                    run
                }
                b'[' if ADDRESSES.iter().any(|address| rest[1..].starts_with(address)) && ends.bracket(at).is_some() => {
                    let end = ends.bracket(at).unwrap_or(at);
                    closes = Some(end);
                    let link = &line[at..end];
                    let address = link.find([' ', '\t', '\u{A0}']).unwrap_or(link.len());
                    if link[address..].trim().is_empty() {
                        // It shows a number.
                        out.push(mark::GAP);
                    }
                    address
                }
                b']' if closes == Some(at) => 1,
                b'&' => self.reference(rest, out),
                b'_' if switch(rest).is_some() => {
                    out.push(mark::GAP);
                    switch(rest).unwrap_or(1)
                }
                b'-' if rest.starts_with("-{") && ends.variant(at).is_some() => {
                    let end = ends.variant(at).unwrap_or(at);
                    out.push_str(variant(&line[at + 2..end.max(at + 2)]));
                    end.max(at + 2) + 2 - at
                }
                b'\x01' => match self.kept(rest).map(|(kept, length)| (kept.range.clone(), length)) {
                    Some((range, length)) => {
                        self.decode(range, out);
                        length
                    }
                    None => 1,
                },
                b'\x05' => {
                    out.push('=');
                    1
                }
                _ => {
                    out.push(char::from(byte));
                    1
                }
            };
        }
    }
}

/// The length of a switch that begins here: `__NOTOC__`, `__INHALTSVERZEICHNIS__`, `__目次強制__`.
fn switch(text: &str) -> Option<usize> {
    let name = text.strip_prefix("__")?;
    let end = name.bytes().take(MAX_SWITCH).position(|byte| byte == b'_')?;
    // Names of two words have one underscore between them: __KEIN_INHALTSVERZEICHNIS__.
    let end = match name.get(end + 1..) {
        Some(rest) if !rest.starts_with('_') => end + 1 + rest.bytes().take(MAX_SWITCH).position(|byte| byte == b'_')?,
        _ => end,
    };
    let is_name = |c: char| c == '_' || c.is_alphabetic() && !c.is_lowercase();
    (2 < end && name[end..].starts_with("__") && name[..end].chars().all(is_name)).then_some(end + 4)
}

/// What `-{..}-` shows in a wiki with variants of its script: the simplified one, or the one in Cyrillic, where it is named, else the first.
fn variant(content: &str) -> &str {
    let content = match content.split_once('|') {
        // Rules for the rest of the page, and the page's title.
        Some((flags, _)) if flags.contains(['H', 'T', '-']) => return "",
        Some((_, content)) => content,
        None => content,
    };
    let variants = || content.split(';').filter_map(|part| part.split_once(':')).map(|(code, text)| (code.trim(), text.trim()));
    let is_code = |code: &str| code.starts_with("zh") || code.starts_with("sr") || code.starts_with("kk") || code.starts_with("uz");
    if !variants().any(|(code, _)| is_code(code)) {
        return content;
    }
    let preferred = variants().find(|(code, _)| ["zh-hans", "zh-cn", "sr-ec"].contains(code));
    preferred.or_else(|| variants().next()).map_or(content, |(_, text)| text)
}
