//! From bytes to text: which charset, who said so, and how many bytes did not fit it.
//!
//! The chain is the standard's (WHATWG HTML 13.2.3, Encoding): byte order mark, HTTP, `meta`, detector; with one step more. A body that is valid
//! UTF-8 and not pure ASCII is UTF-8 whatever its labels say: text of another charset is almost never valid UTF-8 by chance, and a label
//! that lies (an archive's wrapper, a server's default) would spoil every letter with an accent.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use serde::{Deserialize, Serialize};

use crate::extract::prescan;

/// How far `meta` is searched, in bytes. The standard says 1,024; browsers go on, and archived pages open with long comments and scripts.
const META_BYTES: usize = 8192;

/// How much the detector reads, in bytes; more does not change its guess on real pages.
const DETECTOR_BYTES: usize = 256 << 10;

/// Who decided on the charset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CharsetFrom {
    /// A byte order mark.
    Bom,
    /// The body is valid UTF-8; no label was needed, or it lied.
    Utf8,
    /// The HTTP header.
    Http,
    /// A `meta` element or an XML declaration.
    Meta,
    /// The bytes themselves, as `chardetng` reads them.
    Detector,
}

impl CharsetFrom {
    /// As it is stored: lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            CharsetFrom::Bom => "bom",
            CharsetFrom::Utf8 => "utf-8",
            CharsetFrom::Http => "http",
            CharsetFrom::Meta => "meta",
            CharsetFrom::Detector => "detector",
        }
    }
}

/// Decoded text. Valid UTF-8 is borrowed from the body.
#[derive(Clone, Debug)]
pub struct Decoded<'a> {
    pub text: Cow<'a, str>,
    /// The standard's name, e.g. "UTF-8" or "windows-1252".
    pub charset: &'static str,
    pub from: CharsetFrom,
    /// Replacement characters put in for bytes that are not of the charset.
    pub replacements: u64,
}

/// Decodes a body. `label` is what HTTP said; `tld` is the last label of the host, in lower-case ASCII, which tells the detector about the language.
pub fn decode<'a>(body: &'a [u8], label: Option<&str>, tld: Option<&str>) -> Decoded<'a> {
    if let Some((encoding, length)) = Encoding::for_bom(body) {
        return with(encoding, &body[length..], CharsetFrom::Bom);
    }
    let http = label.and_then(|label| Encoding::for_label_no_replacement(label.trim_matches(['"', '\'', ' ']).as_bytes()));
    let utf16_by_http = http.filter(|&encoding| encoding == UTF_16LE || encoding == UTF_16BE);
    if let Some(encoding) = utf16_by_http {
        return with(encoding, body, CharsetFrom::Http);
    }
    // UTF-16 without a mark or a label: the first characters of any page are ASCII.
    match body {
        [b'<', 0, second, 0, ..] if *second != 0 => return with(UTF_16LE, body, CharsetFrom::Detector),
        [0, b'<', 0, second, ..] if *second != 0 => return with(UTF_16BE, body, CharsetFrom::Detector),
        _ => {}
    }
    let declared = match http {
        Some(encoding) => Some((encoding, CharsetFrom::Http)),
        None => prescan::declared(&body[..body.len().min(META_BYTES)]).map(|encoding| (encoding, CharsetFrom::Meta)),
    };
    if let Ok(text) = std::str::from_utf8(body) {
        match declared {
            Some((encoding, from)) if encoding == UTF_8 => {
                return Decoded { text: text.into(), charset: UTF_8.name(), from, replacements: 0 };
            }
            // ISO-2022-JP is made of ASCII bytes.
            Some((encoding, from)) if text.is_ascii() => return with(encoding, body, from),
            _ => return Decoded { text: text.into(), charset: UTF_8.name(), from: CharsetFrom::Utf8, replacements: 0 },
        }
    }
    match declared {
        Some((encoding, from)) => with(encoding, body, from),
        None => with(detect(body, tld), body, CharsetFrom::Detector),
    }
}

/// Decodes by one charset and counts what did not fit.
fn with<'a>(encoding: &'static Encoding, body: &'a [u8], from: CharsetFrom) -> Decoded<'a> {
    let (text, had_errors) = encoding.decode_without_bom_handling(body);
    let replacements = if had_errors { malformed(encoding, body) } else { 0 };
    Decoded { text, charset: encoding.name(), from, replacements }
}

/// Sequences that are not of the charset. They cannot be counted in the text: a replacement character may have stood in the page itself, in UTF-8, UTF-16 and GB 18030.
fn malformed(encoding: &'static Encoding, mut body: &[u8]) -> u64 {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let (mut out, mut n) = ([0; 4096], 0);
    loop {
        let (result, read, _) = decoder.decode_to_utf8_without_replacement(body, &mut out, true);
        body = &body[read..];
        match result {
            DecoderResult::InputEmpty => return n,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => n += 1,
        }
    }
}

/// What `chardetng` thinks the bytes are.
fn detect(body: &[u8], tld: Option<&str>) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(&body[..body.len().min(DETECTOR_BYTES)], body.len() <= DETECTOR_BYTES);
    // The detector panics on a label that is no top-level domain in lower-case ASCII.
    let tld = tld.filter(|tld| tld.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
    detector.guess(tld.map(str::as_bytes), Utf8Detection::Allow)
}
