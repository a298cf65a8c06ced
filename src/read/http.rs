//! The HTTP response inside a WARC record: status, media type, charset, and the body with its transfer and content codings taken off
//! (RFC 9110, RFC 9112), read as leniently as a browser would. What is wrong is a fault that is counted, not an error.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::str;

use super::Limits;
use super::head::{Fields, Length, length};
use crate::codec::{Coding, Outcome, decode_body};
use crate::text::robots::Signals;

/// The head of a response.
#[derive(Debug, Default)]
pub(super) struct Response<'a> {
    /// 0 where the status line has none; 200 where there is no head at all.
    pub(super) status: u16,
    /// Fields that are repeated.
    content_types: Vec<Cow<'a, [u8]>>,
    chunked: bool,
    /// Bytes of the body as it was sent, where they are told.
    length: Option<u64>,
    /// In the order they were put on; repeated fields add to each other.
    content: Vec<Coding>,
    /// Put on after those, below the chunks.
    transfer: Vec<Coding>,
    /// What it says to robots; repeated fields add to each other.
    pub(super) opt_out: Signals,
    faults: Vec<&'static str>,
    body: &'a [u8],
}

/// A body without codings.
#[derive(Debug)]
pub(super) struct Body<'a> {
    pub(super) bytes: &'a [u8],
    /// Not all of it is here.
    pub(super) cut: bool,
    pub(super) faults: Vec<&'static str>,
}

/// Buffers that are reused from page to page.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub(super) chunks: Vec<u8>,
    one: Vec<u8>,
    other: Vec<u8>,
}

/// Reads the head of a response. A block that does not begin with `HTTP/` (or `ICY `, as radio streams do) is a body alone, as in HTTP/0.9,
/// of the type that the record says, if it says one.
/// Gives the length that was looked at when the head has no end within the limit.
pub(super) fn parse<'a>(block: &'a [u8], media_type: &'a [u8], limits: &Limits) -> Result<Response<'a>, u64> {
    let block = &block[super::dialect::blank(block)..];
    if !begins(block) {
        return Ok(Response {
            status: 200,
            content_types: vec![Cow::Borrowed(media_type)],
            faults: vec!["no-http-header"],
            body: block,
            ..Response::default()
        });
    }
    let block = final_answer(block);
    let limit = usize::try_from(limits.http_header_bytes).unwrap_or(usize::MAX);
    let mut fields = Fields::new(&block[..block.len().min(limit)]);
    let mut response = Response { status: status(fields.first().unwrap_or_default()), ..Response::default() };
    for (name, value) in &mut fields {
        if name.eq_ignore_ascii_case(b"content-type") {
            response.content_types.push(value);
        } else if name.eq_ignore_ascii_case(b"content-encoding") {
            response.codings(&value, |response| &mut response.content);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            response.codings(&value, |response| &mut response.transfer);
        } else if name.eq_ignore_ascii_case(b"content-length") {
            let length = if let Length::Bytes(bytes) = length(&value) { Some(bytes) } else { None };
            response.length = response.length.or(length);
        } else {
            response.opt_out.header(name, &value);
        }
    }
    let head = block.len().min(limit) - fields.rest().len();
    if head == limit && limit < block.len() {
        return Err(block.len() as u64);
    }
    response.body = &block[head..];
    Ok(response)
}

/// Without the answers for now (100, 102 and up) that stand before the one that was meant.
fn final_answer(mut block: &[u8]) -> &[u8] {
    loop {
        let mut fields = Fields::new(block);
        let is_early = matches!(status(fields.first().unwrap_or_default()), 100 | 102..200);
        if is_early {
            (&mut fields).for_each(drop);
        }
        match fields.rest() {
            rest if is_early && begins(rest) => block = rest,
            _ => return block,
        }
    }
}

/// True where the head of a response begins, of HTTP or of a radio stream.
fn begins(block: &[u8]) -> bool {
    super::dialect::is_named(block, b"HTTP/") || block.starts_with(b"ICY ")
}

/// What stands behind the head of a response or a request, and whether that says it is in chunks; `None` where the block does not begin with a head. However long the head is:
/// the block is held already.
pub(super) fn payload(block: &[u8]) -> Option<(&[u8], bool)> {
    let block = &block[super::dialect::blank(block)..];
    let mut fields = Fields::new(block);
    let first = fields.first().unwrap_or_default();
    let is_request = || first.rsplit(|&byte| byte == b' ').next().is_some_and(|last| last.starts_with(b"HTTP/"));
    if !begins(first) && !is_request() {
        return None;
    }
    let mut chunked = false;
    for (name, value) in &mut fields {
        let is_chunked = |coding: &[u8]| coding.trim_ascii().eq_ignore_ascii_case(b"chunked");
        chunked |= name.eq_ignore_ascii_case(b"transfer-encoding") && value.split(|&byte| byte == b',').any(is_chunked);
    }
    Some((fields.rest(), chunked))
}

/// Puts a payload without its chunks into `out`; false where it is not in chunks, or they are broken.
pub(super) fn without_chunks(payload: &[u8], out: &mut Vec<u8>) -> bool {
    matches!(dechunk(payload, out, payload.len()), Chunks::Whole)
}

/// The three digits after the version, whatever follows them.
fn status(line: &[u8]) -> u16 {
    let word = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).nth(1).unwrap_or_default();
    str::from_utf8(word.get(..3).unwrap_or_default()).ok().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

impl<'a> Response<'a> {
    fn codings(&mut self, value: &[u8], list: fn(&mut Self) -> &mut Vec<Coding>) {
        for name in value.split(|&byte| byte == b',') {
            let coding = match &name.trim_ascii().to_ascii_lowercase()[..] {
                b"gzip" | b"x-gzip" => Coding::Gzip,
                b"deflate" => Coding::Deflate,
                b"br" => Coding::Brotli,
                b"zstd" => Coding::Zstd,
                b"chunked" => {
                    self.chunked = true;
                    continue;
                }
                b"" | b"identity" => continue,
                _ => {
                    self.faults.push("unknown-content-encoding");
                    continue;
                }
            };
            list(self).push(coding);
        }
    }

    /// How many codings lie on the body, chunks aside.
    pub(super) fn n_codings(&self) -> usize {
        self.content.len() + self.transfer.len()
    }

    /// Puts the media type in lower case without parameters into `media_type`, and the charset as written into `charset`: of several, in one field or more, the last, with the
    /// charset of one before it that is the same type (WHATWG Fetch, "extract a MIME type"); a space may stand for the semicolon.
    pub(super) fn media(&self, media_type: &mut String, charset: &mut String) {
        media_type.clear();
        charset.clear();
        for value in &self.content_types {
            let value = String::from_utf8_lossy(value);
            let mut is_quoted = false;
            let between = |c: char| {
                is_quoted ^= c == '"';
                c == ',' && !is_quoted
            };
            for one in value.split(between) {
                let ends = |c: char| c == ';' || c.is_ascii_whitespace();
                let one = one.trim();
                let (name, parameters) = one.split_at(one.find(ends).unwrap_or(one.len()));
                // One that is none counts where no other stands.
                if name.is_empty() || name == "*/*" || !is_media_type(name) && !media_type.is_empty() {
                    continue;
                }
                if !name.eq_ignore_ascii_case(media_type) {
                    charset.clear();
                    media_type.clear();
                    media_type.extend(name.chars().map(|c| c.to_ascii_lowercase()));
                }
                let fields = parameters.split(';').filter_map(|part| part.split_once('='));
                let charsets = fields.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
                let mut labels = charsets.map(|(_, value)| value.trim().trim_matches(['"', '\'']).trim());
                if let Some(found) = labels.find(|label| !label.is_empty()) {
                    found.clone_into(charset);
                }
            }
        }
    }

    /// Takes all codings off, within the limit on the result. A coding that does not hold is passed over where the body is plainly not
    /// in it; else what came out before the fault is the body, and it is cut.
    pub(super) fn body<'s>(&self, scratch: &'s mut Scratch, limits: &Limits) -> Body<'s>
    where
        'a: 's,
    {
        let cap = usize::try_from(limits.body_bytes).unwrap_or(usize::MAX);
        let Scratch { chunks, one, other } = scratch;
        let (mut cut, mut faults) = (false, self.faults.clone());
        let mut plain = self.body;
        let mut has_length = !self.chunked;
        if self.chunked {
            match dechunk(plain, chunks, cap) {
                Chunks::Whole => plain = chunks,
                // The last chunk is there, and the first line is no size.
                Chunks::None if plain.ends_with(b"\r\n0\r\n\r\n") => {
                    cut = true;
                    faults.push("bad-chunk");
                }
                Chunks::None => {
                    has_length = true;
                    faults.push("not-chunked");
                }
                Chunks::Broken => {
                    (plain, cut) = (chunks, true);
                    faults.push("bad-chunk");
                }
            }
        }
        // Chunks have lengths of their own. More than was told is another tool's doing, who took a coding off.
        if has_length && self.length.is_some_and(|length| (plain.len() as u64) < length) {
            cut = true;
            faults.push("short-body");
        }
        // The body so far is in `one` once a coding came off; each next one is decoded into `other`, and the two change places.
        let mut decoded = false;
        for &coding in self.transfer.iter().rev().chain(self.content.iter().rev()) {
            let input: &[u8] = if decoded { one } else { plain };
            // A panic inside a decoder that is not ours costs this page alone.
            let outcome = catch_unwind(AssertUnwindSafe(|| decode_body(coding, input, other, cap))).unwrap_or(Outcome::Broken);
            match outcome {
                Outcome::Whole => {}
                Outcome::Capped => {
                    cut = true;
                    faults.push("body-cut");
                }
                Outcome::Broken if other.is_empty() && !coding.begins(input) || is_plainly_markup(input) => {
                    faults.push("wrong-content-encoding");
                    continue;
                }
                Outcome::Broken => {
                    cut = true;
                    faults.push("broken-content-encoding");
                }
            }
            std::mem::swap(one, other);
            decoded = true;
        }
        let mut bytes: &[u8] = if decoded { one } else { plain };
        if cap < bytes.len() {
            (bytes, cut) = (&bytes[..cap], true);
            faults.push("body-cut");
        }
        // Each layer may have been cut; it is one body.
        faults.sort_unstable();
        faults.dedup();
        Body { bytes, cut, faults }
    }
}

/// True for a type and a subtype, of a kind that is registered.
fn is_media_type(name: &str) -> bool {
    const KINDS: [&str; 10] = ["text", "application", "image", "audio", "video", "font", "message", "model", "multipart", "chemical"];
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    name.split_once('/').is_some_and(|(kind, subtype)| {
        KINDS.iter().any(|known| known.eq_ignore_ascii_case(kind)) && !subtype.is_empty() && subtype.chars().all(is_token)
    })
}

/// True when the first byte that is neither white space nor a byte order mark opens a tag.
pub(super) fn is_markup(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    body.trim_ascii_start().first() == Some(&b'<')
}

/// The same of bytes that may be packed, of which any may happen to be the first.
fn is_plainly_markup(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii_start();
    let is_tag = matches!(body, [b'<', b'!' | b'?' | b'/' | b'a'..=b'z' | b'A'..=b'Z', ..]);
    is_tag && body.iter().take(32).all(|byte| !byte.is_ascii_control() || byte.is_ascii_whitespace())
}

enum Chunks {
    Whole,
    /// The body was not in chunks: another tool took them off and left the field.
    None,
    /// It ends early or a size is wrong; the output holds what came before.
    Broken,
}

/// Takes chunks off, up to a little above `cap` bytes of them. Extensions and trailers are passed over.
fn dechunk(mut body: &[u8], out: &mut Vec<u8>, cap: usize) -> Chunks {
    out.clear();
    let mut first = true;
    while out.len() <= cap {
        let Some((size, rest)) = chunk_size(body) else {
            return if first { Chunks::None } else { Chunks::Broken };
        };
        first = false;
        if size == 0 {
            return Chunks::Whole;
        }
        let held = usize::try_from(size).unwrap_or(usize::MAX).min(rest.len());
        // One byte above the cap is enough for the caller to see that there was more.
        out.extend_from_slice(&rest[..held.min((cap - out.len()).saturating_add(1))]);
        if (held as u64) < size {
            return Chunks::Broken;
        }
        body = rest[held..].strip_prefix(b"\r").unwrap_or(&rest[held..]);
        body = body.strip_prefix(b"\n").unwrap_or(body);
    }
    Chunks::Whole
}

/// The size line of a chunk and what follows it.
fn chunk_size(body: &[u8]) -> Option<(u64, &[u8])> {
    /// Longer lines are no sizes, whatever their extensions.
    const LINE: usize = 4096;
    let end = memchr::memchr(b'\n', &body[..body.len().min(LINE)])?;
    let line = body[..end].trim_ascii_end();
    let digits = line.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii();
    let hexadecimal = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    let size = u64::from_str_radix(str::from_utf8(digits).ok().filter(|_| hexadecimal)?, 16).ok()?;
    Some((size, &body[end + 1..]))
}
