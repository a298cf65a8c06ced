//! A record's header block, which framing has bounded: its version line and the fields that matter.

use warc::WarcHeader;

/// The fields of a record header that matter here, as text; bytes that are not UTF-8 are replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// "response", "request", "conversion", ..
    pub kind: String,
    /// Without angle brackets.
    pub id: String,
    pub url: String,
    pub date: String,
    /// `WARC-Truncated` is there.
    pub truncated: bool,
    pub content_length: Option<u64>,
}

/// Like [`is_version`], and true for the first bytes of a version line where the input ends: the next record was begun.
pub(super) fn may_be_version(line: &[u8]) -> bool {
    is_version(line) || (line.len() < 8 && (b"WARC/".starts_with(line) || line.starts_with(b"WARC/")))
}

/// `WARC/` and a version number.
pub(super) fn is_version(line: &[u8]) -> bool {
    matches!(line, [b'W', b'A', b'R', b'C', b'/', major, b'.', minor, ..] if major.is_ascii_digit() && minor.is_ascii_digit())
}

/// Reads a bounded header block: folded lines are joined and bare line feeds are made whole, then the `warc` crate's parser reads the fields; a line that it refuses
/// is left out. The first of a repeated field counts.
pub(super) fn parse_header(block: &[u8]) -> Option<Header> {
    let mut header = Header::default();
    let mut any = false;
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for line in block.split(|&b| b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let folded = matches!(line.first(), Some(b' ' | b'\t')) && 1 < lines.len();
        match lines.last_mut() {
            _ if line.is_empty() => {}
            Some(last) if folded => {
                last.push(b' ');
                last.extend_from_slice(line.trim_ascii());
            }
            _ => lines.push(line.to_vec()),
        }
    }
    let version = lines.first()?.clone();
    for line in lines.into_iter().skip(1) {
        let Some(colon) = memchr::memchr(b':', &line) else { continue };
        let name = line[..colon].trim_ascii();
        if name.eq_ignore_ascii_case(b"content-length") {
            // Read here: the crate's parser wraps and refuses where we must count.
            let digits = line[colon + 1..].trim_ascii();
            let value = std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
            header.content_length = header.content_length.or(value.and_then(|text| text.parse().ok()));
            any = true;
            continue;
        }
        let bounded = [version.as_slice(), b"\r\n", &line, b"\r\nContent-Length: 0\r\n\r\n"].concat();
        let Ok((_, (_, fields, _))) = warc::parser::headers(&bounded) else { continue };
        let Some((name, value)) = fields.first() else { continue };
        any = true;
        let value = String::from_utf8_lossy(value).trim().to_owned();
        let slot = match WarcHeader::from(*name) {
            WarcHeader::WarcType => &mut header.kind,
            WarcHeader::RecordID => &mut header.id,
            WarcHeader::TargetURI => &mut header.url,
            WarcHeader::Date => &mut header.date,
            WarcHeader::Truncated => {
                header.truncated = true;
                continue;
            }
            _ => continue,
        };
        if slot.is_empty() {
            *slot = value;
        }
    }
    let bare = |text: &str| text.trim_start_matches('<').trim_end_matches('>').to_owned();
    header.id = bare(&header.id);
    header.url = bare(&header.url);
    header.kind.make_ascii_lowercase();
    any.then_some(header)
}
