//! A tokenizer of HTML that copies nothing: start tags, end tags, text and raw-text elements as spans of the page (HTML standard,
//! section 13.2.5, with the end-of-file rules that a browser applies).
//!
//! It knows no tree. What differs from the standard is nothing that a text can show: doctypes, comments and CDATA are passed over,
//! and only the attributes that the segmenter asks for are kept. Every byte is looked at a bounded number of times: what was
//! once searched to the end of the page in vain is not searched again.

use memchr::{memchr, memmem};

use crate::extract::lanes::name_end;
use crate::extract::names::Name;
use crate::extract::raw::{Escape, end_tag_of, hides};
use crate::text::robots;

/// A range of bytes of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// The page's text in this range.
    pub fn of(self, source: &str) -> &str {
        &source[self.start as usize..self.end as usize]
    }

    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// A start tag and those of its attributes that anyone here asks for; an absent attribute is an empty span.
#[derive(Clone, Copy, Debug)]
pub struct Tag {
    pub name: Name,
    pub class: Span,
    pub id: Span,
    pub role: Span,
    pub itemprop: Span,
    /// `property`, `name`, or an `http-equiv` that speaks to robots or of the language: what a `meta` speaks of.
    pub subject: Span,
    /// `content` of a `meta`, `datetime` of a `time`.
    pub content: Span,
    /// `type` of a `script`, `rel` of a `link`.
    pub kind: Span,
    pub href: Span,
    pub lang: Span,
    pub has_href: bool,
    /// Has `hidden`, `aria-hidden="true"`, or a style of `display:none` or `visibility:hidden`.
    pub hidden: bool,
    /// Ends in `/>`.
    pub self_closing: bool,
    /// Where the page goes on behind it.
    pub after: u32,
}

impl Tag {
    /// A tag without attributes.
    pub fn bare(name: Name) -> Self {
        let none = Span::default();
        Self {
            name,
            class: none,
            id: none,
            role: none,
            itemprop: none,
            subject: none,
            content: none,
            kind: none,
            href: none,
            lang: none,
            has_href: false,
            hidden: false,
            self_closing: false,
            after: 0,
        }
    }

    /// Stores an attribute that someone asks for; of several with one name the first counts.
    fn keep(&mut self, attribute: &[u8], value: Span, source: &str) {
        let slot = match attribute.len() {
            2 if attribute.eq_ignore_ascii_case(b"id") => &mut self.id,
            5 if attribute.eq_ignore_ascii_case(b"class") => &mut self.class,
            4 if attribute.eq_ignore_ascii_case(b"role") => &mut self.role,
            8 if attribute.eq_ignore_ascii_case(b"itemprop") => &mut self.itemprop,
            8 if attribute.eq_ignore_ascii_case(b"property") => &mut self.subject,
            4 if attribute.eq_ignore_ascii_case(b"name") => &mut self.subject,
            10 if attribute.eq_ignore_ascii_case(b"http-equiv") && is_heard(value.of(source)) => &mut self.subject,
            7 if attribute.eq_ignore_ascii_case(b"content") => &mut self.content,
            8 if attribute.eq_ignore_ascii_case(b"datetime") => &mut self.content,
            4 if attribute.eq_ignore_ascii_case(b"type") => &mut self.kind,
            3 if attribute.eq_ignore_ascii_case(b"rel") => &mut self.kind,
            4 if attribute.eq_ignore_ascii_case(b"lang") => &mut self.lang,
            4 if attribute.eq_ignore_ascii_case(b"href") => {
                self.has_href = true;
                &mut self.href
            }
            6 if attribute.eq_ignore_ascii_case(b"hidden") => {
                self.hidden = true;
                return;
            }
            11 if attribute.eq_ignore_ascii_case(b"aria-hidden") => {
                self.hidden |= value.of(source).eq_ignore_ascii_case("true");
                return;
            }
            5 if attribute.eq_ignore_ascii_case(b"style") => {
                self.hidden |= hides(value.of(source).as_bytes());
                return;
            }
            _ => return,
        };
        if slot.is_empty() {
            *slot = value;
        }
    }
}

/// What stands next in the page.
#[derive(Clone, Copy, Debug)]
pub enum Token {
    /// Text with its character references not yet decoded.
    Text(Span),
    /// A start tag; it is the tokenizer's `tag`, because a copy costs as much as reading it.
    Start,
    End(Name),
    /// A raw-text element, whole: its content; its start tag is the tokenizer's `tag`.
    Raw(Span),
}

/// Reads tokens one after another.
#[derive(Debug)]
pub struct Tokenizer<'a> {
    source: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// The last tag that was read.
    pub tag: Tag,
    /// Tokens and attributes read so far.
    pub steps: u64,
    /// For each raw-text name: no end tag of it follows any more.
    unended: [bool; Name::COUNT],
}

/// True for white space between attributes.
pub const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0C)
}

/// True for the HTTP headers that are listened to in markup.
fn is_heard(header: &str) -> bool {
    robots::is_for_all(header) || header.eq_ignore_ascii_case("content-language")
}

impl<'a> Tokenizer<'a> {
    /// A tokenizer at the start of a page of at most `u32::MAX` bytes; the caller has checked that.
    pub fn new(source: &'a str) -> Self {
        Self { source, bytes: source.as_bytes(), at: 0, tag: Tag::bare(Name::Other), steps: 0, unended: [false; Name::COUNT] }
    }

    fn span(start: usize, end: usize) -> Span {
        Span { start: start as u32, end: end as u32 }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// Where the first `<` from `from` on stands that begins markup; the page's length if none does.
    fn next_markup(&self, mut from: usize) -> usize {
        // Many a tag stands right behind another.
        let find =
            |from: usize| if self.byte(from) == Some(b'<') { Some(from) } else { memchr(b'<', &self.bytes[from..]).map(|n| from + n) };
        while let Some(open) = find(from) {
            let begins = match (self.byte(open + 1), self.byte(open + 2)) {
                (Some(b'/'), Some(_)) => true,
                (Some(byte), _) => byte.is_ascii_alphabetic() || matches!(byte, b'!' | b'?'),
                _ => false,
            };
            if begins {
                return open;
            }
            from = open + 1;
        }
        self.bytes.len()
    }

    /// Passes over a comment, doctype, CDATA section or processing instruction that opens at `open`.
    fn declaration(&mut self, open: usize) -> Option<Token> {
        let rest = &self.bytes[open..];
        self.at = if rest.starts_with(b"<!--") {
            if rest[4..].starts_with(b">") {
                open + 5
            } else if rest[4..].starts_with(b"->") {
                open + 6
            } else {
                self.comment_end(open + 4)
            }
        } else {
            memchr(b'>', rest).map_or(self.bytes.len(), |n| open + n + 1)
        };
        None
    }

    /// Where the comment whose text begins at `from` is over: after `-->` or `--!>`, else at the end of the page.
    fn comment_end(&self, mut from: usize) -> usize {
        while let Some(dashes) = memmem::find(&self.bytes[from..], b"--").map(|n| from + n) {
            match (self.byte(dashes + 2), self.byte(dashes + 3)) {
                (Some(b'>'), _) => return dashes + 3,
                (Some(b'!'), Some(b'>')) => return dashes + 4,
                _ => from = dashes + 1,
            }
        }
        self.bytes.len()
    }

    fn end_tag(&mut self, open: usize) -> Option<Token> {
        if !self.byte(open + 2).is_some_and(|b| b.is_ascii_alphabetic()) {
            self.at = memchr(b'>', &self.bytes[open..]).map_or(self.bytes.len(), |n| open + n + 1);
            return None;
        }
        self.tag(open + 2)?;
        Some(Token::End(self.tag.name))
    }

    fn start_tag(&mut self, open: usize) -> Option<Token> {
        self.tag(open + 1)?;
        let name = self.tag.name;
        if name == Name::Plaintext {
            let rest = Self::span(self.at, self.bytes.len());
            self.at = self.bytes.len();
            return Some(Token::Raw(rest));
        }
        if !name.is_raw() {
            return Some(Token::Start);
        }
        let (start, len) = (self.at, self.bytes.len());
        match self.raw_end(start, name) {
            Some(end) => {
                self.at = memchr(b'>', &self.bytes[end..]).map_or(len, |n| end + n + 1);
                Some(Token::Raw(Self::span(start, end)))
            }
            // A browser gives up the rest of the page to the unclosed element. For those that hold words, crawled pages are
            // better read as if the tag were not there.
            None if matches!(name, Name::Title | Name::Textarea | Name::Iframe | Name::Noframes | Name::Noembed) => {
                Some(Token::Raw(Self::span(start, start)))
            }
            None => {
                self.at = len;
                Some(Token::Raw(Self::span(start, len)))
            }
        }
    }

    /// Where the end tag of a raw-text element begins, if there is one. In a script, an end tag inside `<!-- <script>` does not
    /// count ("script data double escaped state"), unless no other follows.
    fn raw_end(&mut self, start: usize, name: Name) -> Option<usize> {
        let give_up = &mut self.unended[name as usize];
        if name == Name::Script {
            let mut escape = Escape::new(start);
            let first = end_tag_of(self.bytes, start, name)?;
            if *give_up {
                return Some(first);
            }
            let mut end = Some(first);
            while let Some(open) = end {
                if !escape.swallows(self.bytes, open) {
                    return Some(open);
                }
                end = end_tag_of(self.bytes, open + 2, name);
            }
            *give_up = true;
            Some(first)
        } else if *give_up {
            None
        } else {
            let end = end_tag_of(self.bytes, start, name);
            *give_up = end.is_none();
            end
        }
    }

    /// Reads a tag whose name begins at `start` into `tag`; leaves `at` behind its `>`. A tag that the page ends in is no tag.
    fn tag(&mut self, start: usize) -> Option<()> {
        let bytes = self.bytes;
        let mut at = name_end(bytes, start);
        while bytes.get(at) == Some(&b'=') {
            at = name_end(bytes, at + 1);
        }
        self.tag = Tag::bare(Name::of(&bytes[start..at]));
        loop {
            while at < bytes.len() && (is_space(bytes[at]) || bytes[at] == b'/') {
                at += 1;
            }
            match bytes.get(at) {
                None => {
                    self.at = bytes.len();
                    return None;
                }
                Some(b'>') => {
                    self.tag.self_closing = bytes[at - 1] == b'/';
                    self.at = at + 1;
                    self.tag.after = self.at as u32;
                    return Some(());
                }
                Some(_) => {}
            }
            self.steps += 1;
            let name_start = at;
            at = name_end(bytes, at + 1);
            let attribute = &bytes[name_start..at];
            while at < bytes.len() && is_space(bytes[at]) {
                at += 1;
            }
            let mut value = Span::default();
            if bytes.get(at) == Some(&b'=') {
                at += 1;
                while at < bytes.len() && is_space(bytes[at]) {
                    at += 1;
                }
                match bytes.get(at) {
                    Some(&quote @ (b'"' | b'\'')) => {
                        let Some(length) = memchr(quote, &bytes[at + 1..]) else {
                            self.at = bytes.len();
                            return None;
                        };
                        value = Self::span(at + 1, at + 1 + length);
                        at += length + 2;
                    }
                    _ => {
                        let value_start = at;
                        while at < bytes.len() && !is_space(bytes[at]) && bytes[at] != b'>' {
                            at += 1;
                        }
                        value = Self::span(value_start, at);
                    }
                }
            }
            self.tag.keep(attribute, value, self.source);
        }
    }
}

impl Iterator for Tokenizer<'_> {
    type Item = Token;

    /// The next token, or `None` at the end of the page.
    fn next(&mut self) -> Option<Token> {
        loop {
            self.steps += 1;
            let start = self.at;
            let open = self.next_markup(start);
            if start < open {
                self.at = open;
                return Some(Token::Text(Self::span(start, open)));
            }
            let token = match self.byte(open + 1)? {
                b'!' | b'?' => self.declaration(open),
                b'/' => self.end_tag(open),
                _ => self.start_tag(open),
            };
            if token.is_some() {
                return token;
            }
        }
    }
}
