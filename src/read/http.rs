//! The HTTP message inside a response record: status, the few headers that matter, and the body with its encodings taken off, under caps.
//! What is broken is decoded as far as it goes, and counted.

use crate::codec::{self, Coding, Decoded};

use super::{Limits, Tally};

/// The head of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    pub status: u16,
    /// Lower case, without parameters; empty when missing.
    pub media_type: String,
    /// The charset parameter as written.
    pub charset: Option<String>,
    /// Content encodings in the order they were put on.
    encodings: Vec<String>,
    chunked: bool,
}

/// A message that cannot be used: which rule, what was measured, the limit.
pub type Refused = (&'static str, u64, u64);

/// Splits a block into head and raw body. A block without a status line is a body alone, as HTTP/0.9 sent it.
pub fn parse<'b>(block: &'b [u8], limits: &Limits, tally: &mut Tally) -> Result<(Head, &'b [u8]), Refused> {
    let is_http = block.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"HTTP/"));
    if !is_http && !block.starts_with(b"ICY ") {
        tally.fault("no-http-header");
        return Ok((Head { status: 200, ..Head::default() }, block));
    }
    let cap = usize::try_from(limits.http_header_bytes).unwrap_or(usize::MAX);
    let window = &block[..block.len().min(cap)];
    let Some((end, body)) = header_end(window) else {
        if window.len() < block.len() {
            return Err(("http-header-too-long", block.len() as u64, limits.http_header_bytes));
        }
        // The message ends inside its header: there is no body.
        tally.fault("http-header-without-end");
        return Ok((read_head(window), &[]));
    };
    Ok((read_head(&window[..end]), &block[body..]))
}

/// Where the header lines end and where the body begins; line ends may be bare line feeds.
fn header_end(block: &[u8]) -> Option<(usize, usize)> {
    memchr::memchr_iter(b'\n', block).find_map(|at| match block.get(at + 1..) {
        Some([b'\n', ..]) => Some((at, at + 2)),
        Some([b'\r', b'\n', ..]) => Some((at, at + 3)),
        _ => None,
    })
}

fn read_head(bytes: &[u8]) -> Head {
    let mut head = Head::default();
    let mut lines: Vec<(String, String)> = Vec::new();
    for (index, line) in bytes.split(|&b| b == b'\n').enumerate() {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end_matches('\r');
        if index == 0 {
            // "HTTP/1.1 200 OK", "HTTP/2 200", "HTTP/1.0 404"
            head.status = line.split_ascii_whitespace().nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        } else if line.starts_with([' ', '\t']) {
            // Obsolete folding continues the line before.
            if let Some((_, value)) = lines.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            lines.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    for (name, value) in lines {
        match name.as_str() {
            // Of several content types the first counts, as it does for most readers.
            "content-type" if head.media_type.is_empty() => {
                let mut parts = value.split(';');
                head.media_type = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
                head.charset = parts.find_map(|part| {
                    let (name, value) = part.split_once('=')?;
                    let value = value.trim().trim_matches(['"', '\'']).to_owned();
                    (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then_some(value)
                });
            }
            // Repeated encodings are a list in several lines.
            "content-encoding" => {
                let each = value.split(',').map(|one| one.trim().to_ascii_lowercase());
                head.encodings.extend(each.filter(|one| !one.is_empty() && one != "identity"));
            }
            "transfer-encoding" => head.chunked |= value.to_ascii_lowercase().contains("chunked"),
            _ => {}
        }
    }
    head
}

/// Reusable buffers for bodies.
#[derive(Default)]
pub struct Bodies {
    a: Vec<u8>,
    b: Vec<u8>,
}

impl Bodies {
    /// The body with its encodings taken off, and whether a cap cut it. Borrowed from the block where nothing had to be decoded.
    pub fn decode<'s>(&'s mut self, head: &Head, raw: &'s [u8], limits: &Limits, tally: &mut Tally) -> Result<(&'s [u8], bool), Refused> {
        if limits.content_encodings < head.encodings.len() as u64 {
            return Err(("too-many-encodings", head.encodings.len() as u64, limits.content_encodings));
        }
        let cap = usize::try_from(limits.body_bytes).unwrap_or(usize::MAX);
        let mut truncated = false;
        let Self { a, b } = self;
        // Which buffer holds the body so far; none of them: it is `raw` itself.
        let mut at = None;
        if head.chunked {
            a.clear();
            if unchunk(raw, cap, a, tally) {
                at = Some(0);
            }
        }
        for name in head.encodings.iter().rev() {
            let coding = match name.as_str() {
                "gzip" | "x-gzip" => Coding::Gzip,
                "deflate" => Coding::Deflate,
                "br" => Coding::Brotli,
                "zstd" => Coding::Zstd,
                _ => {
                    tally.fault("unknown-content-encoding");
                    continue;
                }
            };
            let (input, out, next): (&[u8], &mut Vec<u8>, _) = match at {
                None => (raw, a, 0),
                Some(0) => (a, b, 1),
                Some(_) => (b, a, 0),
            };
            out.clear();
            match codec::decode(coding, input, cap, out) {
                Decoded::Whole => at = Some(next),
                Decoded::Cut => {
                    truncated = true;
                    at = Some(next);
                }
                // Old crawls say gzip over bodies that are plain: nothing came out, so the body is taken as it is.
                Decoded::Broken if out.is_empty() => tally.fault("wrong-content-encoding"),
                Decoded::Broken => {
                    tally.fault("broken-content-encoding");
                    truncated = true;
                    at = Some(next);
                }
            }
        }
        let body: &[u8] = match at {
            None => raw,
            Some(0) => a,
            Some(_) => b,
        };
        let cut = cap < body.len();
        if cut || truncated {
            tally.fault("body-cut");
        }
        Ok((&body[..body.len().min(cap)], cut || truncated))
    }
}

/// Takes chunks apart. False when the body does not begin with a chunk at all: the header is wrong and the body is plain.
fn unchunk(raw: &[u8], cap: usize, out: &mut Vec<u8>, tally: &mut Tally) -> bool {
    let mut rest = raw;
    let mut first = true;
    loop {
        let line_end = memchr::memchr(b'\n', &rest[..rest.len().min(4096)]);
        // Extensions stand behind a semicolon.
        let size = line_end.and_then(|end| {
            let line = rest[..end].split(|&b| b == b';').next().unwrap_or_default().trim_ascii();
            let digits = std::str::from_utf8(line).ok().filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
            digits.and_then(|text| usize::from_str_radix(text, 16).ok())
        });
        let (Some(end), Some(size)) = (line_end, size) else {
            tally.fault(if first { "not-chunked" } else { "bad-chunk" });
            return !first;
        };
        rest = &rest[end + 1..];
        if size == 0 {
            return true;
        }
        let have = size.min(rest.len());
        out.extend_from_slice(&rest[..have.min(cap.saturating_add(1).saturating_sub(out.len()))]);
        if have < size {
            tally.fault("bad-chunk");
            return true;
        }
        rest = &rest[have..];
        rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
        first = false;
    }
}
