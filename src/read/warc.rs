//! WARC and WET files: framed records become pages (responses, cheaply admitted) or documents (conversions).

use crate::document::{Document, Page, Place, Reason};
use crate::error::Result;

use super::framing::{Event, Framed, Framer};
use super::http::{self, Bodies};
use super::{Each, Format, Input, Item, Limits, Rejected, Tally};

/// Media types that go on to extraction.
const MEDIA_TYPES: [&str; 3] = ["text/html", "application/xhtml+xml", "text/plain"];

/// Reads one file. Memory: the longest record, its decoded body twice, and what was read ahead.
pub(super) fn read(format: Format, input: &Input, limits: &Limits, each: &mut Each<'_>) -> Result<Tally> {
    read_noting(format, input, limits, each, &mut |_, _| {})
}

/// The same; `note` gets each fault that has a place of its own.
pub(super) fn read_noting(
    format: Format,
    input: &Input,
    limits: &Limits,
    each: &mut Each<'_>,
    note: &mut dyn FnMut(&'static str, Place),
) -> Result<Tally> {
    let mut tally = Tally { stored_bytes: input.bytes, ..Tally::default() };
    let mut framer = Framer::open(input, limits)?;
    let mut bodies = Bodies::default();
    while let Some(event) = framer.next()? {
        match event {
            Event::Record(record) => {
                if record.bad_length {
                    tally.fault("bad-length");
                    note("bad-length", record.place.clone());
                }
                let kind = if record.header.kind.is_empty() { "unknown" } else { known_kind(&record.header.kind) };
                tally.record(kind);
                match (format, kind) {
                    (Format::Wet, "conversion") => each(Item::Document(conversion(record)))?,
                    (Format::Warc, "response") => response(&record, limits, &mut bodies, &mut tally, each)?,
                    _ => {}
                }
            }
            Event::Damaged { place, id, url, reason } => {
                tally.fault(reason.rule);
                tally.record("damaged");
                note(reason.rule, place.clone());
                each(Item::Rejected(Rejected { id, url: Some(url).filter(|url| !url.is_empty()), place, reason }))?;
            }
        }
    }
    tally.decoded_bytes = framer.decoded();
    for &(offset, length) in framer.garbage() {
        tally.fault("garbage-between-members");
        note("garbage-between-members", Place { file: input.name.clone(), offset, length });
    }
    Ok(tally)
}

/// Record types of the standard; anything else is counted as one kind, so that strangers cannot make the report grow.
fn known_kind(kind: &str) -> &'static str {
    const KINDS: [&str; 8] = ["warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation"];
    KINDS.into_iter().find(|known| *known == kind).unwrap_or("unknown")
}

fn conversion(record: Framed<'_>) -> Document {
    let mut text = String::from_utf8_lossy(record.block).into_owned();
    text.retain(|c| c != '\0');
    Document {
        id: record.header.id,
        place: record.place,
        url: Some(record.header.url).filter(|url| !url.is_empty()),
        date: Some(record.header.date).filter(|date| !date.is_empty()),
        text,
        ..Document::default()
    }
}

fn response(record: &Framed<'_>, limits: &Limits, bodies: &mut Bodies, tally: &mut Tally, each: &mut Each<'_>) -> Result<()> {
    let header = &record.header;
    let reject = |rule: &'static str, value: u64, limit: u64| {
        Item::Rejected(Rejected {
            id: header.id.clone(),
            url: Some(header.url.clone()).filter(|url| !url.is_empty()),
            place: record.place.clone(),
            reason: Reason { filter: "read", rule, value: value as f64, limit: limit as f64 },
        })
    };
    let scheme = header.url.split(':').next().unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return each(reject("not-http", 0, 0));
    }
    let (head, raw) = match http::parse(record.block, limits, tally) {
        Ok(parsed) => parsed,
        Err((rule, value, limit)) => return each(reject(rule, value, limit)),
    };
    if head.status != 200 {
        return each(reject("http-status", u64::from(head.status), 200));
    }
    if !head.media_type.is_empty() && !MEDIA_TYPES.contains(&head.media_type.as_str()) {
        return each(reject("media-type", 0, 0));
    }
    let (body, cut) = match bodies.decode(&head, raw, limits, tally) {
        Ok(decoded) => decoded,
        Err((rule, value, limit)) => return each(reject(rule, value, limit)),
    };
    if body.is_empty() {
        return each(reject("empty-body", 0, 0));
    }
    // Without a type only what looks like markup goes on.
    if head.media_type.is_empty() && body.trim_ascii_start().first() != Some(&b'<') && !body.starts_with(b"\xef\xbb\xbf<") {
        return each(reject("media-type", 0, 0));
    }
    each(Item::Page(Page {
        id: &header.id,
        url: &header.url,
        date: &header.date,
        status: head.status,
        media_type: &head.media_type,
        charset: head.charset.as_deref(),
        body,
        truncated: cut || header.truncated,
        place: record.place.clone(),
    }))
}
