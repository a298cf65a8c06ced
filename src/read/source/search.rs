//! The search for the next member of a file, behind damage or where a slice may begin.

use std::io::Result;

use memchr::memmem;

use super::{CHUNK, Source, State, WHOLE};
use crate::codec::{self, FIRST};
use crate::read::packing::{decodes_to_record, may_begin, may_follow};

/// Bytes that may be found to be of no member, before and behind its decoder, and how many more for each byte of the file: members made to overlap would cost the square of their length.
const IN_VAIN: u64 = 64 << 20;
const IN_VAIN_EACH: u64 = 16;

/// Compressed bytes of sound members without a gap that no body holds: it would have to be stored as it is, and then a header of deflate stands between each 64 KiB, one of zstd between
/// each 128 KiB, in a member, whose checksum it spoils, or between two.
const ROW: usize = 129 << 10;
/// Decoded bytes of a member that are enough where any will do, as its end may be far.
const ENOUGH: u64 = 4 << 20;

/// What is searched behind damage. What is found must not depend on how much is read at a time: it is told by what was decoded, and by members that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::read) enum Seek {
    /// A member that begins a record.
    Record,
    /// That, or one of a row of sound members up to the end of the file, or longer than any in a body.
    Row,
    /// Any member.
    Any,
}

impl Source {
    /// Consumes up to the next member that decodes to the start of a record, or one in the midst of which records may begin; false when there is none, with all consumed, or none before
    /// `until`, with all before it consumed, or among the first `most` that might be one.
    pub(super) fn seek(&mut self, until: u64, most: u32, what: Seek) -> Result<bool> {
        self.state = State::Between;
        let magic = codec::magic(self.packing.compression);
        let look = self.packing.look();
        let mut tries = 0;
        loop {
            let before = usize::try_from(until - self.feed.offset()).unwrap_or(usize::MAX).saturating_add(magic.len() - 1);
            let found = memmem::find(&self.feed.data()[..before.min(self.feed.data().len())], magic);
            // Magic that is cut by the end of the buffer is looked at again.
            let at = found.unwrap_or_else(|| (self.feed.data().len() + 1).saturating_sub(magic.len()));
            self.consume(at, until);
            if until <= self.feed.offset() {
                return Ok(false);
            }
            while self.feed.data().len() < look && self.feed.more()? {}
            if found.is_some() {
                let told = self.packing.told.then_some(self.packing.dialect);
                let start = &self.feed.data()[..look.min(self.feed.data().len())];
                if may_begin(self.packing.compression, start) {
                    if decodes_to_record(start, &mut self.decoder, told)? || self.is_member(what)? {
                        return Ok(true);
                    }
                    tries += 1;
                    if tries == most {
                        return Ok(false);
                    }
                }
                self.feed.consume(1);
            } else if self.feed.ended() && self.feed.data().len() < magic.len() {
                self.consume(magic.len(), until);
                return Ok(false);
            }
        }
    }

    /// Consumes so many bytes, if there are and they lie before `until`.
    fn consume(&mut self, n: usize, until: u64) {
        let most = usize::try_from(until - self.feed.offset()).unwrap_or(usize::MAX);
        self.feed.consume(n.min(most).min(self.feed.data().len()));
    }

    /// True when a sound member begins here; of a row, if others follow up to the end of the file or for as long as `ROW`.
    fn is_member(&mut self, what: Seek) -> Result<bool> {
        let from = self.feed.offset();
        let most = IN_VAIN.saturating_add(IN_VAIN_EACH.saturating_mul(from));
        if what == Seek::Record || most < self.in_vain || what == Seek::Row && from < self.broke_off {
            return Ok(false);
        }
        self.scratch.resize(CHUNK, 0);
        // Where the member at hand begins, and what was used and written.
        let (mut member, mut at, mut written) = (0, 0, 0);
        self.decoder.reset()?;
        let is_sound = loop {
            let progress = self.decoder.step(&self.feed.data()[at..], &mut self.scratch);
            at += progress.used;
            written += progress.written as u64;
            if progress.ended {
                let is_enough = what == Seek::Any || ROW < at || self.ends_at(at)?;
                if is_enough || !may_follow(self.packing.compression, &self.feed.data()[at..]) {
                    break is_enough;
                }
                member = at;
            } else if what == Seek::Any && ENOUGH < written {
                break true;
            } else if let Some(fault) = progress.fault {
                // One that needs more memory is told by its name.
                break what == Seek::Any && codec::over_limit(fault.kind()).is_some();
            } else if WHOLE < at - member || IN_VAIN < written || progress.used == 0 && progress.written == 0 && !self.feed.more()? {
                break false;
            }
        };
        self.in_vain += at as u64 + written;
        if !is_sound {
            self.broke_off = self.broke_off.max(from + member as u64);
        }
        Ok(is_sound)
    }

    /// Whether the file ends so many bytes further on, or zeros alone follow there.
    fn ends_at(&mut self, at: usize) -> Result<bool> {
        while self.feed.data().len() < at + FIRST && self.feed.more()? {}
        let mut zeros = at;
        loop {
            let data = self.feed.data();
            let n = data[zeros..].iter().take_while(|&&byte| byte == 0).count();
            (zeros, self.in_vain) = (zeros + n, self.in_vain + n as u64);
            if zeros < data.len() || at + WHOLE < zeros {
                return Ok(false);
            } else if !self.feed.more()? {
                return Ok(true);
            }
        }
    }
}
