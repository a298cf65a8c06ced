//! Where a record ends: by its member, by its declared length and what follows, or nowhere that can be trusted.

use memchr::memmem;

use crate::codec::Compression;
use crate::document::{Place, Reason};
use crate::error::Result;

use super::super::header::{Header, is_version, may_be_version};
use super::super::source::MarkKind;
use super::{Event, Framed, Framer};

impl Framer<'_> {
    /// A record that begins a member which ends at `end`.
    pub(super) fn in_member(&mut self, start: u64, body: u64, end: u64, declared: Option<u64>, header: Header) -> Result<Event<'_>> {
        // The first mark there is this member's: a clean end is followed by the next member's beginning, whatever becomes of that.
        let broken = self.marks.iter().find(|mark| start < mark.at && mark.at == end).filter(|mark| mark.kind != MarkKind::Member).cloned();
        let follows = self.slice(declared.unwrap_or(end).max(body).min(end), end);
        let rest = follows.iter().position(|b| !matches!(b, b'\r' | b'\n' | 0));
        let many = rest.is_some_and(|at| is_version(&follows[at..]));
        match declared {
            // Another record in the same member: the whole of this one is here, whatever happens later in the member.
            Some(declared) if declared <= end && many => return Ok(self.hand_on(start, body, declared, declared, header, false)),
            Some(declared) if declared <= end && rest.is_none() && broken.is_none() => {
                return Ok(self.hand_on(start, body, declared, end, header, false));
            }
            _ => {}
        }
        if let Some(mark) = broken {
            let rule = if mark.kind == (MarkKind::Break { cut: true }) { "truncated-input" } else { "damaged-record" };
            let event = self.damaged(start, end, &header, rule, 0, 0);
            self.skip_to(end);
            self.forget_break(end);
            return Ok(event);
        }
        self.fill_to(end + 16)?;
        let next_begins = self.ended && self.decoded() == end || may_be_version(self.slice(end, end + 16));
        match declared {
            Some(declared) if end < declared && !next_begins => {
                // The record goes on in the next member.
                if body.saturating_add(self.limits.record_bytes) < declared {
                    return self.skip_long(start, body, declared, &header);
                }
                self.in_stream(start, body, declared, header)
            }
            Some(declared)
                if end < declared && self.ended && self.decoded() == end && self.marks.len() == 1 && self.source.marks.is_empty() =>
            {
                // One member is the whole file, and the record is longer than it: the writer was stopped, nothing says that this is all.
                let event = self.damaged(start, end, &header, "truncated-input", 0, 0);
                self.skip_to(end);
                Ok(event)
            }
            _ => {
                let trailing = self.slice(body, end).iter().rev().take(4).take_while(|b| matches!(b, b'\r' | b'\n')).count() as u64;
                Ok(self.hand_on(start, body, end - trailing, end, header, true))
            }
        }
    }

    /// A record of a stream without members of its own: what follows it must be another record, or the end.
    pub(super) fn in_stream(&mut self, start: u64, body: u64, end: u64, header: Header) -> Result<Event<'_>> {
        if !self.fill_to(end)? || self.break_in(start, end - u64::from(body < end)).is_some() {
            let cut = self.break_in(start, self.decoded()).is_none_or(|mark| mark.kind == MarkKind::Break { cut: true });
            return if cut && self.ended && !self.another_after(body) {
                let at = self.decoded();
                let event = self.damaged(start, at, &header, "truncated-input", 0, 0);
                self.skip_to(at);
                self.marks.retain(|mark| mark.kind == MarkKind::Member);
                Ok(event)
            } else {
                self.lose(start, &header, if cut { "bad-length" } else { "damaged-record" }, 0, 0)
            };
        }
        let mut next = end;
        loop {
            self.fill_to(next + 16)?;
            let blank =
                self.slice(next, self.decoded()).iter().take_while(|b| matches!(b, b'\r' | b'\n' | b' ' | b'\t' | 0)).count() as u64;
            next += blank;
            if next < self.decoded() || self.ended {
                break;
            }
        }
        self.fill_to(next + 16)?;
        let at_end = self.ended && next == self.decoded();
        let fits = at_end || may_be_version(self.slice(next, next + 16)) || self.marks.iter().any(|mark| mark.at == end || mark.at == next);
        if fits { Ok(self.hand_on(start, body, end, end, header, false)) } else { self.lose(start, &header, "bad-length", 0, 0) }
    }

    /// True when another record begins somewhere after an offset, within what is buffered.
    pub(super) fn another_after(&self, at: u64) -> bool {
        memmem::find_iter(self.slice(at, self.decoded()), b"WARC/").any(|found| self.begins_record(at + found as u64))
    }

    /// Passes over a record that is longer than the cap, without holding it.
    pub(super) fn skip_long(&mut self, start: u64, body: u64, end: u64, header: &Header) -> Result<Event<'_>> {
        let limit = self.limits.record_bytes;
        let place = self.place(start, body);
        let reason = Reason { filter: "read", rule: "record-too-long", value: (end - body) as f64, limit: limit as f64 };
        let event = Event::Damaged { place, id: header.id.clone(), url: header.url.clone(), reason };
        // A length beyond the file is a lie, and in a compressed stream it cannot be held against the file's size: the next record is looked for from the header
        // on, so that nothing behind it is lost.
        if self.source.compression != Compression::Plain || self.input.bytes < end {
            self.find_next(body)?;
            return Ok(event);
        }
        self.head = usize::try_from(body - self.base).expect("the header is inside the buffer");
        while self.at() < end {
            let have = self.decoded();
            if have < end && self.ended {
                self.skip_to(have);
                break;
            }
            self.skip_to(have.min(end));
            self.fill_to(have.min(end) + 1)?;
        }
        self.resync = true;
        Ok(event)
    }

    /// Rejects the record at `start` and looks for the next one behind its version line.
    pub(super) fn lose(&mut self, start: u64, header: &Header, rule: &'static str, value: u64, limit: u64) -> Result<Event<'_>> {
        let place_of_member = self.member_at(start).is_some().then(|| self.place(start, start + 1));
        let (end, _) = self.find_next(start)?;
        self.marks.retain(|mark| mark.kind == MarkKind::Member || end <= mark.at);
        let place = place_of_member.unwrap_or(Place { file: self.input.name.clone(), offset: start, length: end - start });
        let reason = Reason { filter: "read", rule, value: value as f64, limit: limit as f64 };
        Ok(Event::Damaged { place, id: header.id.clone(), url: header.url.clone(), reason })
    }

    pub(super) fn forget_break(&mut self, at: u64) {
        self.marks.retain(|mark| !(mark.at == at && matches!(mark.kind, MarkKind::Break { .. })));
    }

    /// Gives the record out and moves behind it.
    pub(super) fn hand_on(&mut self, start: u64, body: u64, block_end: u64, end: u64, header: Header, bad_length: bool) -> Event<'_> {
        let place = self.place(start, end);
        let (from, to) = (body - self.base, block_end - self.base);
        let index = |at: u64| usize::try_from(at).expect("the record is inside the buffer");
        self.head = index(end - self.base);
        let block = &self.buffer[index(from)..index(to)];
        Event::Record(Framed { header, block, place, bad_length })
    }
}
