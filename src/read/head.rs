//! The head of a record, and how the header block of a WARC record (ISO 28500 section 5) is read, as lenient as the field needs: bare line feeds, folded lines, odd bytes.
//! Names and types are the `warc` crate's; its parser is stricter than real files are, and its reader is never given raw input.

use std::str;

pub(super) use warc::RecordType;
use warc::WarcHeader;

use super::digest::{Label, Labels, label};
use super::text::take_nul;

/// What a header block says. The strings are reused from record to record.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// `None` when the block has none.
    pub(super) kind: Option<RecordType>,
    /// Without angle brackets; of ARC `DATE/URL`.
    pub(super) id: String,
    /// Without angle brackets, which some versions of wget write; empty when missing.
    pub(super) url: String,
    pub(super) date: String,
    pub(super) length: Length,
    /// Of an ARC record, as its line gives it, else empty: it serves where the response has no HTTP head.
    pub(super) media_type: Vec<u8>,
    /// Why the block is not all there was: "warc-truncated" by the crawler's word, "segment" of a longer record.
    pub(super) cut: Option<&'static str>,
    /// A NUL was left out of a field: what is written has none.
    pub(super) nul: bool,
    /// A field that a record has once says two things: two heads may have grown together.
    pub(super) twofold: bool,
    /// Of a block and its payload, when they are asked for.
    pub(super) digests: Labels,
}

/// `Content-Length` of WARC, the last field of ARC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Length {
    #[default]
    Missing,
    /// Negative, not a number, several, or above 2^64-1.
    Bad,
    Bytes(u64),
}

impl Head {
    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.kind = None;
        self.id.clear();
        self.url.clear();
        self.date.clear();
        self.length = Length::Missing;
        self.media_type.clear();
        self.cut = None;
        self.nul = false;
        self.twofold = false;
        self.digests.clear();
    }

    /// The block may not be all that the head speaks of.
    pub(super) fn is_doubtful(&self) -> bool {
        self.cut.is_some() || self.twofold
    }

    /// Reads a block that begins with a version line; false when it does not. Of a field that is repeated the first counts.
    pub(super) fn parse(&mut self, block: &[u8]) -> bool {
        self.clear();
        let mut lines = Fields::new(block);
        if !lines.first().is_some_and(is_version) {
            return false;
        }
        for (name, value) in lines {
            self.field(name, &value);
        }
        true
    }

    fn field(&mut self, name: &[u8], value: &[u8]) {
        let Ok(name) = str::from_utf8(name) else { return };
        match WarcHeader::from(name) {
            WarcHeader::WarcType => {
                let kind = RecordType::from(String::from_utf8_lossy(value));
                self.twofold |= *self.kind.get_or_insert_with(|| kind.clone()) != kind;
            }
            WarcHeader::RecordID => self.text(|head| &mut head.id, strip(value)),
            WarcHeader::TargetURI => self.text(|head| &mut head.url, strip(value)),
            WarcHeader::Date => self.text(|head| &mut head.date, value),
            WarcHeader::ContentLength if self.length == Length::Missing => self.length = length(value),
            WarcHeader::ContentLength => self.twofold |= !value.is_empty() && self.length != length(value),
            WarcHeader::Truncated => self.cut = Some("warc-truncated"),
            WarcHeader::SegmentNumber => self.cut = self.cut.or(Some("segment")),
            WarcHeader::BlockDigest if self.digests.asked => self.digests.block = self.digests.block.or_else(|| Some(label(value))),
            WarcHeader::PayloadDigest if self.digests.asked => self.digests.payload = self.digests.payload.or_else(|| Some(label(value))),
            _ => {}
        }
    }

    /// Fills an empty field; one that is filled must say the same, or nothing.
    fn text(&mut self, field: fn(&mut Self) -> &mut String, value: &[u8]) {
        let text = String::from_utf8_lossy(value);
        let filled = field(self);
        if filled.is_empty() {
            filled.push_str(&text);
            self.nul |= take_nul(field(self));
        } else {
            self.twofold |= !text.is_empty() && filled.chars().ne(text.chars().filter(|c| *c != '\0'));
        }
    }
}

/// What the head of a record says its block's digest is; a head of ARC says nothing.
pub(super) fn block_digest(head: &[u8]) -> Option<Label> {
    let (_, value) = Fields::new(head).find(|(name, _)| name.eq_ignore_ascii_case(b"WARC-Block-Digest"))?;
    Some(label(&value))
}

/// True for `WARC/` and a version of digits and dots.
pub(super) fn is_version(line: &[u8]) -> bool {
    line.strip_prefix(b"WARC/").is_some_and(|version| {
        let version = version.trim_ascii();
        version.first().is_some_and(u8::is_ascii_digit) && version.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
    })
}

fn strip(value: &[u8]) -> &[u8] {
    value.strip_prefix(b"<").and_then(|value| value.strip_suffix(b">")).unwrap_or(value)
}

/// A length, or the same one several times with commas between: a field that was repeated and joined (RFC 9110 section 8.6).
pub(super) fn length(value: &[u8]) -> Length {
    let number = |part: &[u8]| -> Option<u64> {
        let digits = !part.is_empty() && part.iter().all(u8::is_ascii_digit);
        str::from_utf8(part).ok().filter(|_| digits)?.parse().ok()
    };
    let mut parts = value.split(|&byte| byte == b',').map(|part| number(part.trim_ascii()));
    match parts.next().flatten() {
        Some(bytes) if parts.all(|part| part == Some(bytes)) => Length::Bytes(bytes),
        _ => Length::Bad,
    }
}

pub(super) use fields::Fields;

mod fields {
    use std::borrow::Cow;

    /// Lines of a header block up to its blank line. A line that begins with white space continues the one before.
    /// Lines without a colon are passed over. Serves WARC and HTTP alike.
    #[derive(Debug)]
    pub(in super::super) struct Fields<'a> {
        rest: &'a [u8],
    }

    impl<'a> Fields<'a> {
        pub(in super::super) fn new(block: &'a [u8]) -> Self {
            Self { rest: block }
        }

        /// The next line as it stands, for version and status lines.
        pub(in super::super) fn first(&mut self) -> Option<&'a [u8]> {
            self.line()
        }

        /// What was not looked at: after the last field, the body.
        pub(in super::super) fn rest(&self) -> &'a [u8] {
            self.rest
        }

        /// Without its line end, of which any number of carriage returns is part; `None` at the end of the bytes.
        fn line(&mut self) -> Option<&'a [u8]> {
            if self.rest.is_empty() {
                return None;
            }
            let end = memchr::memchr(b'\n', self.rest);
            let (line, rest) = self.rest.split_at(end.map_or(self.rest.len(), |end| end + 1));
            self.rest = rest;
            let mut line = line.strip_suffix(b"\n").unwrap_or(line);
            while let Some(shorter) = line.strip_suffix(b"\r") {
                line = shorter;
            }
            Some(line)
        }
    }

    impl<'a> Iterator for Fields<'a> {
        /// Name and value without white space around them.
        type Item = (&'a [u8], Cow<'a, [u8]>);

        fn next(&mut self) -> Option<Self::Item> {
            loop {
                let line = self.line().filter(|line| !line.is_empty())?;
                let Some(colon) = memchr::memchr(b':', line) else { continue };
                let name = line[..colon].trim_ascii();
                let mut value = Cow::Borrowed(line[colon + 1..].trim_ascii());
                while let [b' ' | b'\t', ..] = self.rest {
                    let more = self.line().unwrap_or_default().trim_ascii();
                    let value = value.to_mut();
                    if !value.is_empty() {
                        value.push(b' ');
                    }
                    value.extend_from_slice(more);
                }
                return Some((name, value));
            }
        }
    }
}
