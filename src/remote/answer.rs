//! What an answer's header says of the object, and whether its body is the part that was asked for of the state that was found. Servers that ignore ranges,
//! send an error's page as a success, or another part than they were asked for are noticed here, before a byte is taken.

use ureq::http::HeaderMap;

use crate::error::Kind;

use super::Object;
use super::fault::Fault;

/// What a server calls a state of an object. Only what is the same byte for byte counts, so that a weak ETag is none (RFC 9110, 8.8.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Validator {
    /// A strong ETag, with its quotes.
    Etag(String),
    /// The date of `Last-Modified`, as it was sent.
    ChangedAt(String),
    None,
}

impl Validator {
    pub fn of(headers: &HeaderMap) -> Self {
        // What is kept and printed has a limit, and no tag that is in use comes near.
        let short = |name| header(headers, name).filter(|value| !value.is_empty() && value.len() <= 256);
        let strong = short("etag").filter(|etag| !etag.starts_with("W/"));
        match (strong, short("last-modified")) {
            (Some(etag), _) => Self::Etag(etag.to_owned()),
            (None, Some(date)) => Self::ChangedAt(date.to_owned()),
            (None, None) => Self::None,
        }
    }

    /// Whether an answer is of this state; `Ok(false)` where it does not say. Some caches weaken a tag on its way, which is no change.
    fn confirms(&self, headers: &HeaderMap) -> Result<bool, Fault> {
        let (what, found, now) = match self {
            Self::Etag(etag) => ("etag", etag.as_str(), header(headers, "etag").map(|now| now.strip_prefix("W/").unwrap_or(now))),
            Self::ChangedAt(date) => ("date", date.as_str(), header(headers, "last-modified")),
            Self::None => return Ok(false),
        };
        match now {
            Some(now) if now == found => Ok(true),
            Some(now) => Err(Fault::changed(format!("its {what} was {found} and is {now}"))),
            None => Ok(false),
        }
    }
}

/// What of an answer's body is the object's.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Bytes to read past, where the server sends more than was asked for.
    pub skip: u64,
    /// Bytes to take after them.
    pub take: u64,
    /// The body ends with them, so that its connection can be used again.
    pub is_all: bool,
}

/// Holds the answer to a request for the bytes `at..end` of an object against what was asked. Success alone is judged here, see [`Fault::of_status`].
pub(super) fn part(object: &Object, at: u64, end: u64, status: u16, headers: &HeaderMap) -> Result<Part, Fault> {
    match status {
        404 | 410 => return Err(Fault::changed(format!("the server answers {status}, it is gone"))),
        412 => return Err(Fault::changed("the server answers 412, it is in another state")),
        416 => return Err(Fault::changed(format!("the server answers 416, it has no byte {at}"))),
        _ => {}
    }
    let is_confirmed = object.validator.confirms(headers)?;
    if status == 206 {
        let unclear = || Fault::passing("the server sent a part without saying which");
        let said = content_range(headers).ok_or_else(unclear)?;
        if let Some(total) = said.total.filter(|total| *total != object.bytes) {
            return Err(Fault::changed(format!("it had {} bytes and has {total}", object.bytes)));
        }
        let (first, last) = said.range.ok_or_else(unclear)?;
        if first != at || end <= last {
            return Err(Fault::passing(format!("the server sent bytes {first} to {last} where {at} to {} were asked for", end - 1)));
        }
        let take = last - at + 1;
        return Ok(Part { skip: 0, take, is_all: length(headers) == Some(take) });
    }
    match length(headers) {
        Some(length) if length == object.bytes => Ok(Part { skip: at, take: end - at, is_all: end == object.bytes }),
        // The page of an error under 200, or, where no validator would tell, another state.
        Some(length) => {
            let kind = if object.validator == Validator::None { Kind::Changed } else { Kind::Failed };
            Err(Fault::of(kind, format!("the server sent {length} bytes where the object has {}", object.bytes)))
        }
        None if is_confirmed && header(headers, "content-encoding").is_none() => Ok(Part { skip: at, take: end - at, is_all: false }),
        None => Err(Fault::passing("the server sent a body that says neither its length nor of which state it is")),
    }
}

/// The value of a header, where it is text.
pub(super) fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The length of a whole object, out of the answer to `HEAD` or `GET`. A body in chunks has none, whatever else is said.
pub(super) fn length(headers: &HeaderMap) -> Option<u64> {
    if headers.contains_key("transfer-encoding") {
        return None;
    }
    header(headers, "content-length")?.trim().parse().ok()
}

/// What `Content-Range` says: `bytes 0-9/100`, `bytes 0-9/*`, `bytes */100`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ContentRange {
    /// The first and the last byte, where there are any.
    pub range: Option<(u64, u64)>,
    /// The length of the whole, where it is told.
    pub total: Option<u64>,
}

pub(super) fn content_range(headers: &HeaderMap) -> Option<ContentRange> {
    let (unit, rest) = header(headers, "content-range")?.trim().split_once(' ')?;
    let (range, total) = rest.split_once('/')?;
    let total = if total == "*" { None } else { Some(total.parse().ok()?) };
    let range = match range.split_once('-') {
        Some((first, last)) => Some((first.parse().ok()?, last.parse().ok()?)).filter(|(first, last)| first <= last),
        None => None,
    };
    unit.eq_ignore_ascii_case("bytes").then_some(ContentRange { range, total })
}
