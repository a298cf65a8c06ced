//! An archive's decoded bytes, member by member, with what went wrong between them. Knows compression and where members begin;
//! asks of records only whether one begins, which is how it finds its way after damage.

mod search;

use std::io::Read;

use super::container;
use super::dialect::{Begins, Dialect, blank};
use super::packing::{Packing, may_follow};
use super::window::Window;
use super::{Input, Limits};
use crate::codec::{self, Compression, Decoder, FIRST, Feed, gzip};
use crate::error::{Context, Result};
pub(super) use search::Seek;

/// Compressed bytes up to which a gzip member is inflated as a whole, however many are read at a time; crawlers' members are a hundredth of it.
const WHOLE: usize = 4 << 20;
/// Decoded bytes asked for at a time when streaming.
const CHUNK: usize = 256 << 10;

/// Starts that might be a member's and are none, after which nobody looks for the beginning of a slice any more. In honest data there is hardly one.
const MOST_TRIES: u32 = 64;

/// Broken members in a row inside which the search for the next begins at their first byte.
const BREAKS: u32 = 64;

/// What one step brought.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Bytes, or progress without any.
    Data,
    /// A member or frame ended soundly; the next begins at this byte of the file.
    Boundary(u64),
    /// A stretch of the file that gave nothing that can be trusted. Decoding goes on after it.
    Damage(Damage),
    End,
}

/// A stretch of a compressed file that could not be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Damage {
    /// "truncated-input" where the file ends inside a member, "zstd-window-log" and "xz-dictionary-log" where more memory is needed than is allowed,
    /// "garbage-between-members" where bytes begin no member, else "damaged-record".
    pub(super) rule: &'static str,
    /// Bytes of the file.
    pub(super) from: u64,
    pub(super) to: u64,
}

/// A file as it is stored.
type Bytes = Box<dyn Read + Send>;

/// Decodes one file.
#[derive(Debug)]
pub(super) struct Source {
    input: Input,
    feed: Feed<Bytes>,
    packing: Packing,
    decoder: Decoder,
    inflater: gzip::Inflater,
    state: State,
    /// Where the member that is being decoded begins.
    member: u64,
    /// That member is decoded piece by piece.
    in_pieces: bool,
    /// Bytes of the feed that were decoded and are kept so that a search can begin inside a broken member.
    ahead: usize,
    cap: usize,
    /// Broken members since the last sound one.
    breaks: u32,
    /// Bytes of what seemed to be members and were none, and where the last row of members broke off.
    in_vain: u64,
    broke_off: u64,
    scratch: Vec<u8>,
    pub(super) padding: bool,
    /// The file is a container of another kind, in which no records are searched.
    pub(super) foreign: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// At the first byte of a member, or the end.
    Between,
    Inside,
    /// The member's bytes were handed on; its end was not yet.
    Ended,
    /// The member cannot be decoded further, by this rule.
    Broken(&'static str),
}

impl Source {
    /// Opens a file of any compression.
    pub(super) fn open(input: &Input, limits: &Limits) -> Result<Self> {
        let doing = || format!("cannot open {}", input.path.display());
        let reading = || format!("cannot read {}", input.path.display());
        let mut feed = Feed::new(input.open(0)?);
        while feed.data().len() < FIRST && feed.more().context(reading)? {}
        let foreign = container::begins(feed.data());
        let mut packing =
            if foreign { Packing::plain(&input.name) } else { Packing::of(&mut feed, &input.name, limits).context(reading)? };
        packing.or_by_name(feed.data(), &input.name);
        Ok(Self { foreign, ..Self::of(input, feed, packing, limits).context(doing)? })
    }

    /// Opens the same file where one of its members begins, or where one is to be looked for, as if it ended at `end`.
    pub(super) fn at(input: &Input, packing: &Packing, offset: u64, end: Option<u64>, limits: &Limits) -> Result<Self> {
        let doing = || format!("cannot open {} at byte {offset}", input.path.display());
        let bytes = match end {
            None => input.open(offset)?,
            Some(end) => input.part(offset, end.saturating_sub(offset))?,
        };
        Self::of(input, Feed::at(bytes, offset), packing.clone(), limits).context(doing)
    }

    /// Bytes of an input from a member on, or from a record on where it is plain.
    pub(super) fn of(input: &Input, feed: Feed<Bytes>, packing: Packing, limits: &Limits) -> std::io::Result<Self> {
        let decoder = packing.decoder(limits.windows())?;
        let cap = usize::try_from(limits.record_bytes.saturating_add(limits.warc_header_bytes)).unwrap_or(usize::MAX);
        Ok(Self {
            input: input.clone(),
            feed,
            packing,
            decoder,
            inflater: gzip::Inflater::new(),
            state: State::Between,
            member: 0,
            in_pieces: false,
            ahead: 0,
            cap,
            breaks: 0,
            in_vain: 0,
            broke_off: 0,
            scratch: Vec::new(),
            padding: false,
            foreign: false,
        })
    }

    pub(super) fn packing(&self) -> &Packing {
        &self.packing
    }

    /// Whether the file is what it holds.
    pub(super) fn is_plain(&self) -> bool {
        self.packing.compression == Compression::Plain
    }

    /// Position in the file of the next byte that was not given up.
    pub(super) fn offset(&self) -> u64 {
        self.feed.offset()
    }

    /// Nothing follows what was read: the end of the file was met, or that of the part that was opened.
    pub(super) fn is_at_end(&self) -> bool {
        self.feed.ended()
    }

    /// Where the next member begins that decodes to the start of a record, from where the file was opened and before `until`.
    pub(super) fn find_member(&mut self, until: u64) -> std::io::Result<Option<u64>> {
        let found = self.seek(until, MOST_TRIES, Seek::Record)?;
        Ok(found.then_some(self.feed.offset()))
    }

    /// Bytes of the file that were read.
    pub(super) fn stored_bytes(&self) -> u64 {
        self.feed.offset() + self.feed.data().len() as u64
    }

    /// True when a record begins at this position of a plain file, blank lines aside, or the file ends there.
    ///
    /// # Errors
    /// When the file cannot be read there.
    pub(super) fn record_at(&self, position: u64) -> std::io::Result<bool> {
        if self.packing.compression != Compression::Plain || self.input.bytes < position {
            return Ok(false);
        }
        let mut bytes = vec![0; self.packing.dialect.enough()];
        let read = self.input.peek(position, &mut bytes)?;
        let bytes = &bytes[..read];
        Ok(position == self.input.bytes || self.packing.dialect.begins(&bytes[blank(bytes)..]) == Begins::Yes)
    }

    /// True where the member at hand, or the one that ended last, was handed on piece by piece, so that nothing of it was proved before its end.
    pub(super) fn is_in_pieces(&self) -> bool {
        self.in_pieces
    }

    /// How the records of this file begin, as far as is known.
    pub(super) fn dialect(&self) -> Dialect {
        self.packing.dialect
    }

    /// Whether a record begins with these bytes, at a place where one should. The first that does tells the dialect of the file.
    pub(super) fn begins(&mut self, bytes: &[u8]) -> Begins {
        self.packing.begins(bytes)
    }

    /// Decodes a little more into the window. `behind` says at which member it may go on after damage.
    pub(super) fn step(&mut self, window: &mut Window, behind: Seek) -> std::io::Result<Step> {
        match self.state {
            State::Between => self.between(window, behind),
            State::Inside => self.inside(window),
            State::Ended => {
                self.breaks = 0;
                self.state = State::Between;
                Ok(Step::Boundary(self.feed.offset()))
            }
            State::Broken(rule) => self.recover(rule, behind),
        }
    }

    fn between(&mut self, window: &mut Window, behind: Seek) -> std::io::Result<Step> {
        while self.feed.data().len() < FIRST && self.feed.more()? {}
        self.member = self.feed.offset();
        let data = self.feed.data();
        if data.is_empty() {
            return Ok(Step::End);
        }
        if !may_follow(self.packing.compression, data) {
            return self.garbage(behind);
        }
        if let Some(length) = codec::skippable(data).filter(|_| self.packing.compression == Compression::Zstd) {
            return self.pass_over(length, behind);
        }
        self.in_pieces = false;
        if self.packing.compression == Compression::Gzip && self.whole(window)? {
            self.state = State::Ended;
            return Ok(Step::Data);
        }
        self.in_pieces = !self.is_plain();
        self.decoder.reset()?;
        self.state = State::Inside;
        Ok(Step::Data)
    }

    /// Passes over a frame of zstd that holds nothing, of so many bytes behind its header. Where no frame follows it, and one of the archive begins inside, its length is wrong.
    fn pass_over(&mut self, length: u32, behind: Seek) -> std::io::Result<Step> {
        let whole = codec::SKIPPABLE.saturating_add(length as usize);
        let end = self.member + whole as u64;
        let look = whole.saturating_add(FIRST);
        while look <= WHOLE && self.feed.data().len() < look && self.feed.more()? {}
        let follows = |rest: &[u8]| may_follow(Compression::Zstd, rest);
        self.in_pieces = true;
        let is_true = look <= WHOLE && self.feed.data().get(whole..).is_some_and(follows);
        self.feed.consume(if is_true { whole } else { codec::SKIPPABLE });
        let what = if behind == Seek::Any { behind } else { Seek::Record };
        let rule = if is_true {
            None
        } else if self.seek(end, u32::MAX, what)? {
            Some("damaged-record")
        } else {
            Some("truncated-input").filter(|_| self.feed.offset() < end)
        };
        self.state = if rule.is_none() { State::Ended } else { State::Between };
        Ok(rule.map_or(Step::Data, |rule| Step::Damage(Damage { rule, from: self.member, to: self.feed.offset() })))
    }

    /// Inflates the member at hand as a whole, if that is possible: it must end where the next plausible one begins or the file ends. In honest data one start in 2^27 bytes is
    /// false, inside of a member; that is decoded in pieces. To look for a later end would take a copy of it, behind a damaged end and others, for its own.
    fn whole(&mut self, window: &mut Window) -> std::io::Result<bool> {
        let mut from = gzip::SHORTEST;
        let end = loop {
            let data = self.feed.data();
            match data.get(from..).and_then(gzip::find) {
                Some(at) => break from + at,
                None if self.feed.ended() => break data.len(),
                None if WHOLE + gzip::HEADER <= data.len() => return Ok(false),
                None => {
                    // A header that is cut by the end of the buffer is looked at again.
                    from = from.max((data.len() + 1).saturating_sub(gzip::HEADER));
                    self.feed.more()?;
                }
            }
        };
        let (buffer, at) = window.tail();
        let member = Some(&self.feed.data()[..end]).filter(|member| member.len() <= WHOLE);
        let Some(written) = member.and_then(|member| self.inflater.whole(member, buffer, at, self.cap)) else { return Ok(false) };
        window.wrote(written);
        self.feed.consume(end);
        Ok(true)
    }

    fn inside(&mut self, window: &mut Window) -> std::io::Result<Step> {
        if self.feed.data().len() == self.ahead && !self.feed.more()? && self.packing.compression == Compression::Plain {
            self.feed.consume(self.ahead);
            self.ahead = 0;
            return Ok(Step::End);
        }
        let progress = self.decoder.step(&self.feed.data()[self.ahead..], window.room(CHUNK));
        window.wrote(progress.written);
        self.ahead += progress.used;
        if progress.ended {
            self.feed.consume(self.ahead);
            self.ahead = 0;
            self.state = State::Ended;
        } else if let Some(fault) = progress.fault {
            self.state = State::Broken(codec::over_limit(fault.kind()).unwrap_or("damaged-record"));
        } else if progress.used == 0 && progress.written == 0 && !self.feed.more()? {
            self.state = State::Broken("truncated-input");
        }
        let keep = if self.packing.compression == Compression::Plain { 0 } else { WHOLE };
        if self.state == State::Inside && keep < self.ahead {
            self.feed.consume(self.ahead - keep);
            self.ahead = keep;
        }
        Ok(Step::Data)
    }

    /// After a broken member: goes to the next one.
    fn recover(&mut self, rule: &'static str, behind: Seek) -> std::io::Result<Step> {
        let from = self.member;
        // A byte further at least, or the broken member would be found again. Members made to overlap, each broken at its end, would
        // cost the square of their length: after some, what was decoded counts as lost.
        self.breaks += 1;
        let least = usize::from(self.feed.offset() == self.member);
        let inside = if self.breaks <= BREAKS { least } else { self.ahead.max(least) };
        self.feed.consume(inside.min(self.feed.data().len()));
        self.ahead = 0;
        let found = self.seek(u64::MAX, u32::MAX, behind)?;
        // A member that seemed to last until the end of the file, though another one follows, lost its own end.
        let rule = if found && rule == "truncated-input" { "damaged-record" } else { rule };
        Ok(Step::Damage(Damage { rule, from, to: self.feed.offset() }))
    }

    /// Bytes that begin no member. Zeros to the end of the file are padding, as gzip(1) sees them.
    fn garbage(&mut self, behind: Seek) -> std::io::Result<Step> {
        let from = self.feed.offset();
        while self.feed.data().iter().all(|&byte| byte == 0) {
            self.feed.consume(self.feed.data().len());
            if !self.feed.more()? {
                self.padding = true;
                return Ok(Step::End);
            }
        }
        self.seek(u64::MAX, u32::MAX, behind)?;
        Ok(Step::Damage(Damage { rule: "garbage-between-members", from, to: self.feed.offset() }))
    }
}
