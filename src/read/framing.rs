//! From decompressed bytes to records: bounded, lenient with what every lenient reader accepts, and able to find the next record after damage.
//!
//! A record is handed on only when it is whole: its block has the declared length and is followed by another record or the end; or it fills a gzip
//! member of its own whose checksum holds, and then the member's end decides. What lies between is rejected, with its place.
//! Memory: one record, at most the caps on header and record, and what was read ahead of it.

use memchr::memmem;

use crate::document::{Place, Reason};
use crate::error::{Context, Result};

use super::header::{Header, is_version, parse_header};
use super::source::{Mark, MarkKind, Source};
use super::{Input, Limits};

mod ends;

/// A whole record.
pub struct Framed<'a> {
    pub header: Header,
    pub block: &'a [u8],
    pub place: Place,
    /// Its declared length was wrong and the member's end decided.
    pub bad_length: bool,
}

/// What framing finds.
pub enum Event<'a> {
    Record(Framed<'a>),
    /// A record, or a stretch of bytes, that cannot be used.
    Damaged {
        place: Place,
        id: String,
        url: String,
        reason: Reason,
    },
}

/// Frames one file.
pub struct Framer<'i> {
    input: &'i Input,
    limits: &'i Limits,
    source: Source,
    buffer: Vec<u8>,
    /// Index in the buffer of the next byte to look at.
    head: usize,
    /// Offset in the decompressed stream of `buffer[0]`.
    base: u64,
    ended: bool,
    marks: Vec<Mark>,
    /// The last rejected record was of this stretch, so that finding the next one is no second fault.
    resync: bool,
}

impl<'i> Framer<'i> {
    pub fn open(input: &'i Input, limits: &'i Limits) -> Result<Self> {
        let source = Source::open(input, limits.zstd_window_log)?;
        Ok(Self { input, limits, source, buffer: Vec::new(), head: 0, base: 0, ended: false, marks: Vec::new(), resync: false })
    }

    /// Decompressed bytes so far.
    pub fn decoded(&self) -> u64 {
        self.base + self.buffer.len() as u64
    }

    /// Stretches of the file that belong to no member: (offset, length).
    pub fn garbage(&self) -> &[(u64, u64)] {
        &self.source.garbage
    }

    /// Offset in the decompressed stream of the next byte.
    fn at(&self) -> u64 {
        self.base + self.head as u64
    }

    /// Makes the buffer hold bytes up to an offset of the stream, as far as there are any.
    fn fill_to(&mut self, at: u64) -> Result<bool> {
        while self.decoded() < at && !self.ended {
            let more = self.source.more(&mut self.buffer).context(|| format!("cannot read {}", self.input.path.display()))?;
            self.ended = !more;
            self.marks.extend(self.source.marks.drain(..));
        }
        Ok(at <= self.decoded())
    }

    /// Forgets what lies before the next byte, once that is worth a move.
    fn compact(&mut self) {
        if (1 << 20) <= self.head || self.head == self.buffer.len() {
            self.buffer.drain(..self.head);
            self.base += self.head as u64;
            self.head = 0;
        }
        let at = self.at();
        // The last mark at or before the next byte still says where its member began.
        let keep = self.marks.iter().rposition(|mark| mark.at <= at).unwrap_or(0);
        self.marks.drain(..keep);
    }

    fn skip_to(&mut self, at: u64) {
        self.head = usize::try_from(at - self.base).expect("the offset is inside the buffer").min(self.buffer.len());
        self.compact();
    }

    fn slice(&self, from: u64, to: u64) -> &[u8] {
        let index = |at: u64| usize::try_from(at - self.base).expect("the offset is inside the buffer").min(self.buffer.len());
        &self.buffer[index(from)..index(to)]
    }

    /// The first mark after an offset of the stream, or at it when `inclusive`.
    fn mark_after(&self, at: u64, inclusive: bool) -> Option<&Mark> {
        self.marks.iter().find(|mark| at < mark.at || (inclusive && mark.at == at))
    }

    fn member_at(&self, at: u64) -> Option<&Mark> {
        self.marks.iter().find(|mark| mark.at == at && mark.kind == MarkKind::Member)
    }

    /// A break strictly inside or at the end of a stretch that was not reached whole.
    fn break_in(&self, from: u64, to: u64) -> Option<&Mark> {
        self.marks.iter().find(|mark| from < mark.at && mark.at <= to && matches!(mark.kind, MarkKind::Break { .. }))
    }

    /// The next event, or `None` at the end.
    pub fn next(&mut self) -> Result<Option<Event<'_>>> {
        loop {
            self.skip_blank()?;
            let start = self.at();
            if !self.fill_to(start + 1)? {
                // A member that is cut inside its first bytes gives nothing but a break.
                let lost = self.marks.iter().rposition(|mark| matches!(mark.kind, MarkKind::Break { .. }) && start <= mark.at);
                if let Some(at) = lost {
                    let mark = self.marks.remove(at);
                    self.marks.clear();
                    if !std::mem::take(&mut self.resync) {
                        return Ok(Some(self.damage_of_break(start, &mark)));
                    }
                }
                return Ok(None);
            }
            self.fill_to(start + 16)?;
            if is_version(self.slice(start, start + 16)) {
                self.resync = false;
                return self.record(start).map(Some);
            }
            // Lost: look for the next version line, and say once that something lay here.
            let told = std::mem::take(&mut self.resync);
            let (end, cut) = self.find_next(start)?;
            if !told {
                return Ok(Some(self.damaged(
                    start,
                    end,
                    &Header::default(),
                    if cut { "truncated-input" } else { "damaged-record" },
                    0,
                    0,
                )));
            }
        }
    }

    /// Skips blank lines and NUL padding between records.
    fn skip_blank(&mut self) -> Result<()> {
        loop {
            let at = self.at();
            let blank = self.buffer[self.head..].iter().take_while(|b| matches!(b, b'\r' | b'\n' | b' ' | b'\t' | 0)).count();
            self.head += blank;
            if self.head < self.buffer.len() {
                return Ok(());
            }
            self.compact();
            if !self.fill_to(self.at() + 1)? {
                return Ok(());
            }
            debug_assert!(at <= self.at());
        }
    }

    /// Moves to the next line that begins a record, at or after the byte behind `from`; gives where that is, and whether the input ended inside a member.
    fn find_next(&mut self, from: u64) -> Result<(u64, bool)> {
        let mut at = from + 1;
        loop {
            self.fill_to(at + (64 << 10))?;
            let window = self.slice(at, self.decoded());
            let found = memmem::find_iter(window, b"WARC/").map(|found| at + found as u64).find(|&found| self.begins_record(found));
            if let Some(found) = found {
                self.skip_to(found);
                return Ok((found, false));
            }
            if self.ended {
                let cut = self.marks.iter().any(|mark| from < mark.at && mark.kind == MarkKind::Break { cut: true });
                let end = self.decoded();
                self.skip_to(end);
                return Ok((end, cut));
            }
            // What was searched is forgotten; a version line may straddle the end, so its last bytes stay.
            at = self.decoded().saturating_sub(256).max(at);
            let keep = at.saturating_sub(2).max(self.base);
            self.head = usize::try_from(keep - self.base).expect("the offset is inside the buffer");
            self.compact();
        }
    }

    /// True when a version line that begins a line, or a member, is followed by a named field.
    fn begins_record(&self, at: u64) -> bool {
        let line_start = at == self.base || self.slice(at - 1, at) == b"\n" || self.marks.iter().any(|mark| mark.at == at);
        let head = self.slice(at, at + 256);
        let second = memchr::memchr(b'\n', head).map(|end| &head[end + 1..]);
        let named = second.is_some_and(|line| {
            let name = line.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
            0 < name && line.get(name) == Some(&b':')
        });
        line_start && is_version(head) && named
    }

    fn damage_of_break(&mut self, start: u64, mark: &Mark) -> Event<'static> {
        let rule = if mark.kind == (MarkKind::Break { cut: true }) { "truncated-input" } else { "damaged-record" };
        let end = self.decoded();
        self.skip_to(end);
        self.damaged(start, end, &Header::default(), rule, 0, 0)
    }

    fn damaged(&self, start: u64, end: u64, header: &Header, rule: &'static str, value: u64, limit: u64) -> Event<'static> {
        let reason = Reason { filter: "read", rule, value: value as f64, limit: limit as f64 };
        Event::Damaged { place: self.place(start, end), id: header.id.clone(), url: header.url.clone(), reason }
    }

    /// In the coordinates of the file where a record has a member of its own, else of the decompressed stream.
    fn place(&self, start: u64, end: u64) -> Place {
        let file = self.input.name.clone();
        if let Some(member) = self.member_at(start) {
            let next = self.mark_after(start, false).filter(|mark| end <= mark.at);
            let stored_end = next.map_or_else(|| self.source.stored(), |mark| mark.stored);
            return Place { file, offset: member.stored, length: stored_end.saturating_sub(member.stored) };
        }
        Place { file, offset: start, length: end - start }
    }

    /// Reads the record that begins at `start`.
    fn record(&mut self, start: u64) -> Result<Event<'_>> {
        let Some(body) = self.find_header_end(start)? else {
            let limit = self.limits.warc_header_bytes;
            let lost = self.break_in(start, self.decoded()).cloned();
            let (rule, value) = match lost {
                Some(Mark { kind: MarkKind::Break { cut: true }, .. }) => ("truncated-input", 0),
                Some(_) => ("damaged-record", 0),
                None if self.ended => ("truncated-input", 0),
                None => ("header-too-long", limit + 1),
            };
            let (end, _) = self.find_next(start)?;
            return Ok(self.damaged(start, end, &Header::default(), rule, value, limit));
        };
        let Some(header) = parse_header(self.slice(start, body)) else {
            let (end, _) = self.find_next(start)?;
            return Ok(self.damaged(start, end, &Header::default(), "bad-header", 0, 0));
        };
        // A record that begins its member usually fills it; the member's end is the better witness of its length.
        let cap = body.saturating_add(self.limits.record_bytes);
        let member_end = if self.member_at(start).is_some() { self.member_end(start, cap)? } else { None };
        let declared_end = header.content_length.and_then(|length| body.checked_add(length));
        if let Some(end) = member_end {
            return self.in_member(start, body, end, declared_end, header);
        }
        match declared_end {
            None => self.lose(start, &header, "bad-length", 0, 0),
            Some(end) if cap < end => self.skip_long(start, body, end, &header),
            Some(end) => self.in_stream(start, body, end, header),
        }
    }

    /// Offset behind the blank line that ends a header, within the cap.
    fn find_header_end(&mut self, start: u64) -> Result<Option<u64>> {
        let limit = start + self.limits.warc_header_bytes;
        let mut want = start + 1024;
        loop {
            self.fill_to(want.min(limit))?;
            let window = self.slice(start, self.decoded().min(limit));
            let end = memchr::memchr_iter(b'\n', window).find_map(|at| match window.get(at + 1..) {
                Some([b'\n', ..]) => Some(at + 2),
                Some([b'\r', b'\n', ..]) => Some(at + 3),
                // Some writers end lines with CR CR LF.
                Some([b'\r', b'\r', b'\n', ..]) => Some(at + 4),
                _ => None,
            });
            if let Some(end) = end {
                let end = start + end as u64;
                return Ok(self.break_in(start, end - 1).is_none().then_some(end));
            }
            if self.ended || limit <= want || self.break_in(start, self.decoded()).is_some() {
                return Ok(None);
            }
            want = start + 2 * (want - start);
        }
    }

    /// Where the member that begins at `start` ends, when that is within the cap.
    fn member_end(&mut self, start: u64, cap: u64) -> Result<Option<u64>> {
        loop {
            if let Some(mark) = self.mark_after(start, false) {
                return Ok((mark.at <= cap).then_some(mark.at));
            }
            if self.ended {
                return Ok(Some(self.decoded()));
            }
            if cap < self.decoded() {
                return Ok(None);
            }
            self.fill_to(self.decoded() + 1)?;
        }
    }
}
