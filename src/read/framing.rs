//! Cuts a decoded stream into WARC (ISO 28500) or ARC records under named limits. Every length is checked against what follows; a record
//! that was clipped is reported, never handed on as whole; after damage the next record is found.
//!
//! Where a record ends: at the length that its head gives if a record, a member's end or the file's end follows there, or if the block is
//! what the head says of its digest, or without one if the blank line follows that closes a record; else at the end of the gzip member or
//! zstd frame that it began; else where the next record begins, and then this one is lost. Up to four lost bytes look like missing line
//! ends: a digest tells, and the record counts as one of a wrong length.

use std::io;

use memchr::{memchr, memmem};

use super::dialect::{Begins, Dialect, blank, blank_at_end};
use super::digest::Label;
use super::found::{Damaged, Doubt, Found, Record, Span};
use super::head::{self, Head, Length, RecordType};
use super::source::{Damage, Source};
use super::stream::{After, Stop, Stream, Style};
use super::{Limits, chain};
use crate::codec;

/// The records of one file.
#[derive(Debug)]
pub(super) struct Framer<'l> {
    pub(super) head: Head,
    stream: Stream,
    limits: &'l Limits,
    /// Stream position where the next search begins.
    resume: u64,
    /// What was compared with digests since records began that nothing before reaches into.
    vain: Vain,
}

/// Bytes that were hashed and were not what a digest says: whoever lets long blocks lie over one another would have them hashed without end.
#[derive(Clone, Copy, Debug, Default)]
struct Vain {
    since: u64,
    bytes: u64,
}

impl Vain {
    /// Whether no more were hashed than the stream has up to this position four times over, and one record.
    fn is_little(self, position: u64, limits: &Limits) -> bool {
        self.bytes <= (4 * (position - self.since)).saturating_add(limits.record_bytes)
    }
}

impl<'l> Framer<'l> {
    pub(super) fn new(source: Source, limits: &'l Limits) -> Self {
        Self { head: Head::default(), stream: Stream::new(source, limits), limits, resume: 0, vain: Vain::default() }
    }

    /// Goes on where a member of a file begins in which every record has its own; `decoded` bytes came before it.
    pub(super) fn at(source: Source, limits: &'l Limits, decoded: u64) -> Self {
        Self { head: Head::default(), stream: Stream::at(source, limits, decoded), limits, resume: decoded, vain: Vain::default() }
    }

    /// Where the next member begins in the file, when nothing is left of the last one and every record has had its own: what is read from there on does not
    /// depend on what came before.
    pub(super) fn boundary(&self) -> Option<u64> {
        let stream = &self.stream;
        let bound = stream.bound.filter(|_| stream.style == Style::PerRecord)?;
        let rest = stream.window.slice(self.resume, bound.at);
        (blank(rest) == rest.len()).then_some(bound.next)
    }

    /// Bytes that were decoded up to what was found last.
    pub(super) fn passed_bytes(&self) -> u64 {
        self.stream.bound.map_or(self.resume, |bound| bound.at)
    }

    pub(super) fn source(&self) -> &Source {
        &self.stream.source
    }

    /// The block of the record that was found last.
    pub(super) fn block(&self, record: &Record) -> &[u8] {
        self.stream.window.slice(record.from, record.to)
    }

    /// Bytes that were decoded so far.
    pub(super) fn decoded_bytes(&self) -> u64 {
        self.stream.window.end()
    }

    /// Finds the next record or damaged stretch; `None` at the end of the input.
    ///
    /// # Errors
    /// What the operating system says.
    pub(super) fn next(&mut self) -> io::Result<Option<Found>> {
        self.head.clear();
        self.stream.window.release(self.resume);
        loop {
            let start = self.stream.window.start();
            let held = self.stream.from(start);
            let (blank, all) = (blank(held), held.len());
            self.stream.window.release(start + blank as u64);
            self.resume = start + blank as u64;
            if blank < all {
                return self.at_record().map(Some);
            } else if self.stream.bound.is_some() {
                self.stream.pass();
            } else if let Some(damage) = self.stream.damage() {
                return Ok(Some(self.broken(damage, start, Some(damage.from))));
            } else if self.stream.ends() {
                return Ok(None);
            } else {
                self.stream.pull()?;
            }
        }
    }

    /// The window begins with something that is not blank.
    fn at_record(&mut self) -> io::Result<Found> {
        let origin = self.stream.window.start();
        let member = self.stream.fresh.take();
        if member.is_some() {
            self.vain = Vain { since: origin, bytes: 0 };
            // Asked where it matters: of each record it is asked again below.
            let begins = |stream: &mut Stream| stream.source.begins(stream.window.slice(origin, stream.visible()));
            self.stream.is_split = self.stream.is_split && begins(&mut self.stream) != Begins::Yes;
        }
        let limit = self.limits.warc_header_bytes;
        let (mut scanned, mut seen) = (origin, origin);
        let body = loop {
            let visible = self.stream.visible();
            let begins = self.stream.source.begins(self.stream.window.slice(origin, visible));
            if begins == Begins::No {
                return self.lost("damaged-record", (0, 0), origin, origin, member);
            }
            // A line that is not whole yet is not looked through again with each piece of it.
            let goes_on = memchr(b'\n', self.stream.from(seen)).is_none();
            seen = self.stream.visible();
            let end = if goes_on { Err(0) } else { self.source().dialect().head_end(self.stream.from(scanned)) };
            scanned += end.unwrap_or_else(|scanned| scanned) as u64;
            let length = if end.is_ok() { scanned } else { self.stream.visible() } - origin;
            if limit < length {
                // Of those that begin in it the last alone may have an end: to try each would cost the square of their number.
                let last = self.source().dialect().find_last(self.stream.window.slice(origin, origin + length));
                let from = origin + last.map_or(5, |last| last as u64);
                return self.lost("header-too-long", (length, limit), origin, from, member);
            } else if end.is_ok() {
                break scanned;
            }
            if !self.stream.more()? {
                let rule = if self.stream.ends() { "truncated-input" } else { "bad-header" };
                return self.lost(rule, (0, 0), origin, self.stream.visible(), member);
            }
        };
        let broken_off = self.source().dialect().broken_off(self.stream.window.slice(origin, body));
        if let Some(next) = broken_off.map(|at| origin + at as u64) {
            self.source().dialect().parse(&mut self.head, self.stream.window.slice(origin, next));
            return Ok(self.damaged("bad-header", (0, 0), Span::of_stream(origin, next), next));
        }
        if !self.source().dialect().parse(&mut self.head, self.stream.window.slice(origin, body)) {
            return self.lost("bad-header", (0, 0), origin, body, member);
        }
        match self.head.length {
            Length::Bytes(bytes) if bytes <= self.limits.record_bytes => self.sized(origin, body, body + bytes, member),
            Length::Bytes(bytes) => {
                let measured = (bytes, self.limits.record_bytes);
                match body.checked_add(bytes) {
                    Some(stop) if self.source().record_at(stop)? => self.skip(measured, origin, stop),
                    _ => self.unsized_record("record-too-long", measured, origin, body, member),
                }
            }
            Length::Missing | Length::Bad => self.unsized_record("bad-length", (0, 0), origin, body, member),
        }
    }

    /// A record whose length can be held.
    fn sized(&mut self, origin: u64, body: u64, stop: u64, member: Option<u64>) -> io::Result<Found> {
        while self.stream.visible() < stop && self.stream.more_until(stop)? {}
        if self.stream.visible() < stop {
            let measured = (self.stream.visible() - body, stop - body);
            return self.unsized_record("bad-length", measured, origin, body, member);
        }
        let after = self.stream.after(stop)?;
        let (mut doubt, mut is_last) = (None, false);
        match after {
            // Where each record has its own member, the member's end decides, and only what is behind the block is left out.
            After::Other => {
                let fits = self.digest_fits(origin, body, stop);
                let is_closed = fits.is_none() && self.is_closed_block(body, stop);
                if fits != Some(true) && !is_closed || member.is_some() && self.stream.style == Style::PerRecord {
                    let found = self.unsized_record("bad-length", (0, 0), origin, body, member)?;
                    match found {
                        Found::Record(record) if fits == Some(true) || is_closed => {
                            return Ok(Found::Record(Record { to: stop, short: is_closed, ..record }));
                        }
                        // Other records were found behind it.
                        Found::Damaged(_) if (fits == Some(true) || is_closed) && self.stream.style == Style::Many => {}
                        found => return Ok(found),
                    }
                }
                doubt = is_closed.then_some(Doubt::Length);
                if member.is_some() {
                    self.stream.style = Style::Many;
                }
            }
            // Behind a cut a record is whole only if its member holds others: else the member's own checksum is what was cut.
            After::Damage(damage) if member.is_some() || damage.rule != "truncated-input" => {
                let is_own = member.is_some() && self.stream.style == Style::PerRecord;
                let fits = self.digest_fits(origin, body, stop);
                is_last = fits.is_none() && member.is_none() && self.is_closed_block(body, stop);
                if is_own || fits != Some(true) && !is_last {
                    return Ok(self.broken(damage, origin, member));
                }
            }
            After::Next if member.is_some() => self.stream.style = Style::Many,
            After::Bound if member.is_some() && self.stream.style == Style::Unknown => self.stream.style = Style::PerRecord,
            After::Damage(_) | After::Next | After::Bound => {}
        }
        let mut to = stop;
        let is_open = matches!(after, After::Next | After::Bound) && !self.is_closed(stop);
        // The checksum of a member that is decoded in pieces comes at its end. This must not depend on how far it is decoded.
        let is_unproved = matches!(after, After::Next | After::Damage(_)) && self.stream.is_in_pieces();
        let is_garbled = is_unproved && self.digest(origin, body).is_some_and(Label::is_garbled);
        let is_other = is_garbled || (is_open || is_unproved) && self.digest_fits(origin, body, stop) == Some(false);
        if is_other {
            // Where nothing closes the record its length has taken in line ends, or those stand for bytes that were lost.
            to = self.proved_end(origin, body, stop).filter(|_| is_open).unwrap_or(stop);
            doubt = Some(if is_open { Doubt::Length } else { Doubt::Block });
        }
        self.resume = stop;
        let span = self.span(origin, stop, member);
        Ok(Found::Record(Record { from: body, to, span, doubt, short: is_last || doubt.is_some() && to == stop }))
    }

    /// Where a block ends by its digest that has taken in line ends that close its record.
    fn proved_end(&mut self, origin: u64, body: u64, stop: u64) -> Option<u64> {
        let line_ends = blank_at_end(self.stream.window.slice(body, stop)).min(4) as u64;
        (1..=line_ends).map(|n| stop - n).find(|&end| self.digest_fits(origin, body, end) == Some(true))
    }

    /// True where a block is closed as writers do it, and is not the head of a message alone, which ends so too; of ARC where nothing but the start of a line is behind the line end that closes it.
    fn is_closed_block(&self, body: u64, stop: u64) -> bool {
        if self.source().dialect() == Dialect::Arc {
            let rest = self.stream.from(stop);
            return 0 < blank(rest) && Dialect::Arc.begins(&rest[blank(rest)..]) == Begins::More;
        } else if !self.is_closed(stop) {
            return false;
        }
        let block = self.stream.window.slice(body, stop);
        // No further than a head reaches: blocks may lie over one another.
        let head = &block[..block.len().min(usize::try_from(self.limits.http_header_bytes).unwrap_or(usize::MAX))];
        !block.starts_with(b"HTTP/") || head.len() < block.len() || memmem::find(head, b"\r\n\r\n").is_some()
    }

    /// Whether the block is what the record's head says of its digest, if that can be told: then it is all of it, whatever follows, or else it is not.
    fn digest_fits(&mut self, origin: u64, body: u64, stop: u64) -> Option<bool> {
        let label = self.digest(origin, body).filter(|_| self.vain.is_little(stop, self.limits))?;
        let block = self.stream.window.slice(body, stop);
        let fits = label.is_of(block)?;
        if fits {
            return Some(true);
        }
        // Of a revisit some tools hash the block of the answer that it stands for. What it may be of is hashed as well.
        self.vain.bytes += 3 * (stop - body);
        let is_another = self.head.kind == Some(RecordType::Revisit) || label.is_of_another(block);
        (!is_another).then_some(false)
    }

    /// What the head of a record says that the digest of its block is.
    fn digest(&self, origin: u64, body: u64) -> Option<Label> {
        head::block_digest(self.stream.window.slice(origin, body))
    }

    /// Where a block ends that is all that is visible, without the line ends that close a record.
    fn block_end(&self, body: u64) -> u64 {
        self.stream.visible() - self.source().dialect().closing(self.stream.from(body)) as u64
    }

    /// True where what closes a record stands behind a block.
    fn is_closed(&self, stop: u64) -> bool {
        let rest = self.stream.from(stop);
        [&b"\r\n\r\n"[..], b"\n\n"].iter().any(|end| rest.starts_with(end))
    }

    /// A record whose length is missing, wrong, or more than may be held: the end of its member decides, or it is lost.
    fn unsized_record(
        &mut self,
        rule: &'static str,
        measured: (u64, u64),
        origin: u64,
        body: u64,
        member: Option<u64>,
    ) -> io::Result<Found> {
        let stop = self.stream.seek(body, member.is_some())?;
        let inside = self.inside(body, stop);
        let proved = inside.and_then(|_| self.digest_fits(origin, body, self.block_end(body)));
        let stop = match inside {
            Some(position) if proved == Some(false) || proved.is_none() && self.holds_record(position) => self.splits(position),
            _ => stop,
        };
        if let Stop::Record(position) = stop {
            return Ok(self.damaged(rule, measured, Span::of_stream(origin, position), position));
        }
        let end = self.stream.visible();
        let is_guess = inside.is_some() && proved.is_none();
        let short = is_guess || matches!(self.head.length, Length::Bytes(bytes) if end.saturating_sub(body) < bytes);
        match self.stream.damage() {
            // The record may go on in what was damaged.
            Some(damage) if short || self.stream.bound.is_none() => return Ok(self.broken(damage, origin, member)),
            _ => {}
        }
        let fits = matches!(stop, Stop::Edge(true)) && end - body <= self.limits.record_bytes;
        if self.stream.bound.is_some() && member.is_some() && fits {
            self.resume = end;
            let span = self.span(origin, end, member);
            return Ok(Found::Record(Record { from: body, to: self.block_end(body), span, doubt: Some(Doubt::Length), short }));
        }
        let long = self.limits.record_bytes < end - body;
        let span = self.span(origin, end, member);
        let (rule, measured) = match rule {
            "bad-length" if short && self.stream.ends() => ("truncated-input", measured),
            "bad-length" if long => ("record-too-long", (end - body, self.limits.record_bytes)),
            _ => (rule, measured),
        };
        Ok(self.damaged(rule, measured, span, end))
    }

    /// Where a search stopped inside a member that holds several records, in a file in which each had its own.
    fn splits(&mut self, position: u64) -> Stop {
        self.stream.style = Style::Many;
        Stop::Record(position)
    }

    /// Where another record seems to begin in the one member that a search went through, in a file in which each has its own: it may be a page about archives.
    fn inside(&self, from: u64, stop: Stop) -> Option<u64> {
        let is_own = self.stream.style == Style::PerRecord && matches!(stop, Stop::Edge(true)) && self.stream.bound.is_some();
        let find = || self.source().dialect().find(self.stream.from(from), false);
        is_own.then(find).flatten().map(|at| from + at as u64)
    }

    fn holds_record(&self, position: u64) -> bool {
        chain::holds_record(self.source().dialect(), self.stream.from(position))
    }

    /// A record over the limit whose length is true is passed over without being held.
    fn skip(&mut self, measured: (u64, u64), origin: u64, stop: u64) -> io::Result<Found> {
        while self.stream.visible() < stop {
            self.stream.window.release(self.stream.visible());
            if !self.stream.more()? {
                break;
            }
        }
        let end = stop.min(self.stream.visible());
        Ok(self.damaged("record-too-long", measured, Span::of_stream(origin, end), end))
    }

    /// No record here: the next one is searched for.
    fn lost(&mut self, rule: &'static str, measured: (u64, u64), origin: u64, from: u64, member: Option<u64>) -> io::Result<Found> {
        let stop = match self.stream.seek(from, member.is_some())? {
            stop @ Stop::Edge(_) => self.inside(from, stop).filter(|&at| self.holds_record(at)).map_or(stop, |at| self.splits(at)),
            stop @ Stop::Record(_) => stop,
        };
        if let Stop::Record(position) = stop {
            return Ok(self.damaged(rule, measured, Span::of_stream(origin, position), position));
        }
        if let Some(damage) = self.stream.damage().filter(|_| self.stream.bound.is_none()) {
            return Ok(self.broken(damage, origin, member));
        }
        let end = self.stream.visible();
        let span = self.span(origin, end, member);
        Ok(self.damaged(rule, measured, span, end))
    }

    /// What was begun at `origin` is lost to damage, and is one thing with it.
    fn broken(&mut self, damage: Damage, origin: u64, member: Option<u64>) -> Found {
        let span = match member {
            Some(member) => Span::of_file(member, damage.to),
            None => Span::of_stream(origin, self.stream.visible()),
        };
        self.stream.leave(damage);
        let limit = match damage.rule {
            codec::ZSTD_WINDOW => 1 << self.limits.zstd_window_log.min(63),
            codec::XZ_DICTIONARY => 1 << self.limits.xz_dictionary_log.min(63),
            _ => 0,
        };
        self.damaged(damage.rule, (0, limit), span, self.stream.window.end())
    }

    fn damaged(&mut self, rule: &'static str, measured: (u64, u64), span: Span, resume: u64) -> Found {
        self.resume = resume;
        Found::Damaged(Damaged { rule, measured, span })
    }

    /// In bytes of the file where the record fills whole members, else in bytes of the stream.
    fn span(&self, origin: u64, end: u64, member: Option<u64>) -> Span {
        match (member, self.stream.bound) {
            (Some(member), Some(bound)) if blank(self.stream.window.slice(end, bound.at)) as u64 == bound.at - end => {
                Span::of_file(member, bound.next)
            }
            _ => Span::of_stream(origin, end),
        }
    }
}
