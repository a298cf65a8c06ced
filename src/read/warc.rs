//! WARC, ARC and WET records become items. Responses with a web address that were answered with a page are pages; conversions are
//! documents; all other sound records are only counted. Admission is cheap: status, media type, an empty body.

use std::sync::Arc;

use super::digest;
use super::found::{Damaged, Doubt, Found, Record, Span};
use super::framing::Framer;
use super::head::RecordType;
use super::http::{self, Scratch};
use super::text::take_nul;
use super::{Format, Input, Item, Limits, Rejected, Sink, Tally, slices};
use crate::document::{Document, Page, Place, Reason};
use crate::error::Result;

/// The name of everything that reading rejects.
const FILTER: &str = "read";
/// What a page may be: the types that browsers show as a document, and text.
const MEDIA_TYPES: [&str; 3] = ["text/html", "application/xhtml+xml", "text/plain"];

/// Buffers that are reused from record to record.
#[derive(Default)]
struct Buffers {
    scratch: Scratch,
    media_type: String,
    charset: String,
    opt_out: String,
}

/// Reads one file of records. The tally counts records by type, "unknown" for types that the standard does not have, and "damaged" for
/// stretches that gave no whole record. Memory: the longest record that the limits allow, its body decoded twice, and 5 MiB read ahead; where a large file is
/// read on several threads at once, that and [`slices::HELD`] for each.
pub(super) fn read(format: Format, input: &Input, limits: &Limits, sink: Sink<'_, '_>) -> Result<Tally> {
    slices::read(format, input, limits, slices::Sizes::default(), sink).map(|(tally, _)| tally)
}

/// What becomes of the records of a file.
pub(super) struct Records<'r, 's, 'f> {
    /// The type that items are made of.
    wanted: RecordType,
    /// The name of the file that they lie in.
    pub(super) name: Arc<str>,
    /// Where they lie that have no place of their own in the file.
    pub(super) within: Option<Place>,
    limits: &'r Limits,
    buffers: Buffers,
    pub(super) sink: Sink<'s, 'f>,
}

impl<'r, 's, 'f> Records<'r, 's, 'f> {
    pub(super) fn new(format: Format, input: &'r Input, limits: &'r Limits, sink: Sink<'s, 'f>) -> Self {
        let wanted = if format == Format::Wet { RecordType::Conversion } else { RecordType::Response };
        Self { wanted, name: input.name.clone(), within: None, limits, buffers: Buffers::default(), sink }
    }

    pub(super) fn take(&mut self, framer: &Framer<'_>, found: &Found) -> Result<()> {
        self.sink.of_file = self.within.is_some() || found.span().of_file;
        match found {
            Found::Record(record) => self.one(framer, record),
            Found::Damaged(damaged) => self.lost(framer, damaged),
        }
    }

    fn place(&self, span: Span) -> Place {
        match &self.within {
            Some(place) if !span.of_file => place.clone(),
            _ => Place { file: self.name.clone(), offset: span.offset, length: span.length },
        }
    }

    fn reject(&mut self, framer: &Framer<'_>, place: Place, reason: Reason) -> Result<()> {
        let head = &framer.head;
        let url = Some(head.url.clone()).filter(|url| !url.is_empty());
        self.sink.give(Item::Rejected(Rejected { id: head.id.clone(), url, place, reason }))
    }

    /// The whole file is one item.
    pub(super) fn other_container(&mut self, bytes: u64) -> Result<()> {
        self.sink.tally.stored_bytes = bytes;
        self.nothing("other-container", Place { file: self.name.clone(), offset: 0, length: bytes }, None)
    }

    /// A stretch in which not even a head was found is an item.
    pub(super) fn nothing(&mut self, rule: &'static str, place: Place, url: Option<String>) -> Result<()> {
        self.sink.of_file = true;
        self.sink.fault(rule, &place);
        self.sink.tally.record("damaged");
        self.sink.give(Item::Rejected(Rejected { id: String::new(), url, place, reason: Reason::bare(FILTER, rule) }))
    }

    /// The end of the file was met: counts what only it tells, and gives the bytes of the file that were read.
    pub(super) fn ended(&mut self, framer: &Framer<'_>) -> u64 {
        if framer.source().padding {
            self.sink.tally.fault("padding");
        }
        framer.source().stored_bytes()
    }

    /// A damaged stretch is an item when it may have held one.
    fn lost(&mut self, framer: &Framer<'_>, damaged: &Damaged) -> Result<()> {
        let place = self.place(damaged.span);
        self.sink.fault(damaged.rule, &place);
        self.sink.tally.record("damaged");
        // A type that no standard knows may be one that was damaged.
        let is_other = |kind: &RecordType| *kind != self.wanted && !matches!(kind, RecordType::Unknown(_));
        if framer.head.kind.as_ref().is_some_and(is_other) {
            return Ok(());
        }
        // Limits and lengths are far below 2^53, or so far above that the last digits say nothing.
        let (value, limit) = (damaged.measured.0 as f64, damaged.measured.1 as f64);
        self.reject(framer, place, Reason { filter: FILTER, rule: damaged.rule, value, limit })
    }

    fn one(&mut self, framer: &Framer<'_>, record: &Record) -> Result<()> {
        let place = self.place(record.span);
        match record.doubt {
            Some(Doubt::Length) => self.sink.fault("bad-length", &place),
            // Where digests are checked it is found wrong there.
            Some(Doubt::Block) if self.sink.digests.is_none() => self.sink.fault("wrong-block-digest", &place),
            _ => {}
        }
        // A type that no standard knows may be one that was damaged.
        let is_answer = |kind: &&RecordType| matches!(kind, RecordType::Unknown(_)) && framer.block(record).starts_with(b"HTTP/");
        let Some(kind) = framer.head.kind.as_ref().filter(|kind| !is_answer(kind)) else {
            self.sink.tally.record("unknown");
            self.sink.fault("bad-header", &place);
            return self.reject(framer, place, Reason::bare(FILTER, "bad-header"));
        };
        self.sink.tally.record(name(kind));
        if framer.head.nul {
            self.sink.fault("nul-removed", &place);
        }
        if framer.head.twofold {
            self.sink.fault("bad-header", &place);
        }
        self.digests(framer, record, &place);
        if *kind != self.wanted {
            return Ok(());
        }
        if let Some(cut) = framer.head.cut {
            self.sink.fault(cut, &place);
        }
        let block = framer.block(record);
        if self.wanted == RecordType::Conversion {
            return self.conversion(framer, record, place);
        }
        let Self { limits, buffers, sink, .. } = self;
        match page(framer, record, block, &place, limits, buffers, sink) {
            Ok(page) => sink.give(Item::Page(page)),
            Err(reason) => self.reject(framer, place, reason),
        }
    }

    /// Checks what the record says of its bytes, where that was asked for.
    fn digests(&mut self, framer: &Framer<'_>, record: &Record, place: &Place) {
        let Sink { note, tally, digests, of_file, .. } = &mut self.sink;
        let Some(counts) = digests else { return };
        let whole = framer.head.cut.is_none() && record.doubt != Some(Doubt::Length);
        let mut fault = |name: &'static str| {
            tally.fault(name);
            note(name, place, *of_file);
        };
        digest::check(&framer.head, framer.block(record), whole, &mut self.buffers.scratch.chunks, counts, &mut fault);
    }

    /// A WET record: plain text, which Common Crawl writes as UTF-8.
    fn conversion(&mut self, framer: &Framer<'_>, record: &Record, place: Place) -> Result<()> {
        let block = framer.block(record);
        let mut cap = usize::try_from(self.limits.body_bytes).unwrap_or(usize::MAX).min(block.len());
        let is_cut = cap < block.len();
        if is_cut {
            // Not inside a character.
            cap -= block[..=cap].iter().rev().take(3).take_while(|&&byte| byte & 0xC0 == 0x80).count();
            self.sink.fault("body-cut", &place);
        }
        if std::str::from_utf8(block).is_err() {
            self.sink.fault("invalid-utf8", &place);
        }
        let mut text = String::from_utf8_lossy(&block[..cap]).into_owned();
        if take_nul(&mut text) {
            self.sink.fault("nul-removed", &place);
        }
        if text.trim().is_empty() {
            return self.reject(framer, place, Reason::bare(FILTER, "empty-text"));
        }
        let head = &framer.head;
        let filled = |field: &String| Some(field.clone()).filter(|field| !field.is_empty());
        let (url, date) = (filled(&head.url), filled(&head.date));
        let truncated = is_cut || record.short || head.is_doubtful();
        self.sink.give(Item::Document(Document { id: head.id.clone(), place, url, date, text, truncated, ..Document::default() }))
    }
}

/// Of a type that no standard knows nothing is repeated, so that strangers cannot make a report grow.
fn name(kind: &RecordType) -> &'static str {
    match kind {
        RecordType::WarcInfo => "warcinfo",
        RecordType::Response => "response",
        RecordType::Resource => "resource",
        RecordType::Request => "request",
        RecordType::Metadata => "metadata",
        RecordType::Revisit => "revisit",
        RecordType::Conversion => "conversion",
        RecordType::Continuation => "continuation",
        RecordType::Unknown(_) => "unknown",
    }
}

/// The page of a response, or why it is none.
fn page<'b>(
    framer: &'b Framer<'_>,
    record: &Record,
    block: &'b [u8],
    place: &Place,
    limits: &Limits,
    buffers: &'b mut Buffers,
    sink: &mut Sink<'_, '_>,
) -> Result<Page<'b>, Reason> {
    let head = &framer.head;
    if !is_web(&head.url) {
        return Err(Reason::bare(FILTER, "not-http"));
    }
    let response = http::parse(block, &head.media_type, limits).map_err(|length| Reason {
        filter: FILTER,
        rule: "http-header-too-long",
        value: length as f64,
        limit: limits.http_header_bytes as f64,
    })?;
    if response.status != 200 {
        return Err(Reason { filter: FILTER, rule: "http-status", value: f64::from(response.status), limit: 200.0 });
    }
    let Buffers { scratch, media_type, charset, opt_out } = buffers;
    response.media(media_type, charset);
    *opt_out = response.opt_out.to_string();
    if !media_type.is_empty() && !MEDIA_TYPES.contains(&media_type.as_str()) {
        return Err(Reason::bare(FILTER, "media-type"));
    }
    if limits.content_encodings < response.n_codings() as u64 {
        let (value, limit) = (response.n_codings() as f64, limits.content_encodings as f64);
        return Err(Reason { filter: FILTER, rule: "too-many-encodings", value, limit });
    }
    let body = response.body(scratch, limits);
    for fault in body.faults {
        sink.fault(fault, place);
    }
    if body.bytes.is_empty() {
        return Err(Reason::bare(FILTER, "empty-body"));
    }
    // Without a type only what looks like markup goes on.
    if media_type.is_empty() && !http::is_markup(body.bytes) {
        return Err(Reason::bare(FILTER, "media-type"));
    }
    Ok(Page {
        id: &head.id,
        url: &head.url,
        date: &head.date,
        status: response.status,
        media_type,
        charset: Some(charset.as_str()).filter(|charset| !charset.is_empty()),
        opt_out,
        body: body.bytes,
        truncated: head.is_doubtful() || record.short || body.cut,
        place: place.clone(),
    })
}

fn is_web(url: &str) -> bool {
    let scheme = |scheme: &str| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    scheme("http://") || scheme("https://")
}
