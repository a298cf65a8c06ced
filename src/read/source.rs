//! An archive's decoded bytes, member by member, with what went wrong between them. Knows compression and where members begin;
//! asks of records only whether one begins, which is how it finds its way after damage.

use std::fs::File;
use std::os::unix::fs::FileExt;

use memchr::memmem;

use super::container;
use super::dialect::{Begins, Dialect, blank};
use super::dictionary::dictionary;
use super::window::Window;
use super::{Input, Limits};
use crate::codec::{self, Compression, Decoder, FIRST, Feed, Windows, gzip};
use crate::error::{Context, Result};

/// Compressed bytes up to which a gzip member is inflated as a whole; crawlers' members are a hundredth of it.
const WHOLE: usize = 4 << 20;
/// False starts of a next member inside one member before it is streamed instead. In honest data one in 2^27 bytes is a false start.
const TRIES: usize = 4;
/// Decoded bytes asked for at a time when streaming.
const CHUNK: usize = 256 << 10;
/// Compressed bytes that are enough to see the first decoded ones: a whole zstd block, a long gzip header.
const LOOK: usize = 192 << 10;
/// The same of bzip2, which decodes 900 kB at once or nothing.
const LOOK_BLOCK: usize = 1 << 20;

/// Decoded bytes that are looked at first for the start of a record.
const FEW: usize = 64;
/// Decoded bytes in which the line of an ARC record must end to be found in a search. Whoever fills a file with false starts is paid by these.
const SOME: usize = 4096;

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

/// Decodes one file.
#[derive(Debug)]
pub(super) struct Source {
    feed: Feed<File>,
    compression: Compression,
    dialect: Dialect,
    /// The dialect was told by a record, not by the file's name.
    told: bool,
    /// Of a zstd file, or empty.
    dictionary: Vec<u8>,
    decoder: Decoder,
    inflater: gzip::Inflater,
    state: State,
    /// Where the member that is being decoded begins.
    member: u64,
    /// Bytes of the feed that were decoded and are kept so that a search can begin inside a broken member.
    ahead: usize,
    cap: usize,
    windows: Windows,
    size: u64,
    /// Broken members since the last sound one.
    breaks: u32,
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
        let file = File::open(&input.path).context(doing)?;
        let size = file.metadata().context(doing)?.len();
        let mut feed = Feed::new(file);
        while feed.data().len() < FIRST && feed.more().context(reading)? {}
        let foreign = container::begins(feed.data());
        let compression = if foreign { Compression::Plain } else { detect(&mut feed, limits).context(reading)? };
        let mut dictionary = if compression == Compression::Zstd { dictionary(&mut feed).context(reading)? } else { Vec::new() };
        let decoder = decoder(compression, &dictionary, limits.windows()).or_else(|_| {
            // One that zstd refuses is as good as none: the frames that need it are counted as damaged.
            dictionary.clear();
            decoder(compression, &dictionary, limits.windows())
        });
        let decoder = decoder.context(doing)?;
        let cap = usize::try_from(limits.record_bytes.saturating_add(limits.warc_header_bytes)).unwrap_or(usize::MAX);
        Ok(Self {
            feed,
            compression,
            dialect: Dialect::named(&input.name),
            told: false,
            dictionary,
            decoder,
            inflater: gzip::Inflater::new(),
            state: State::Between,
            member: 0,
            ahead: 0,
            cap,
            windows: limits.windows(),
            size,
            breaks: 0,
            padding: false,
            foreign,
        })
    }

    pub(super) fn compression(&self) -> Compression {
        self.compression
    }

    /// Bytes of the file that were read.
    pub(super) fn stored_bytes(&self) -> u64 {
        self.feed.offset() + self.feed.data().len() as u64
    }

    /// True when a record begins at this position of a plain file, blank lines aside, or the file ends there.
    pub(super) fn record_at(&self, position: u64) -> bool {
        if self.compression != Compression::Plain || self.size < position {
            return false;
        }
        let mut bytes = vec![0; self.dialect.enough()];
        let read = self.feed.inner().read_at(&mut bytes, position).unwrap_or(0);
        let bytes = &bytes[..read];
        position == self.size || self.dialect.begins(&bytes[blank(bytes)..]) == Begins::Yes
    }

    /// How the records of this file begin, as far as is known.
    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Whether a record begins with these bytes, at a place where one should. The first that does tells the dialect of the file.
    pub(super) fn begins(&mut self, bytes: &[u8]) -> Begins {
        if self.told {
            return self.dialect.begins(bytes);
        }
        if let Some(dialect) = Dialect::of(bytes) {
            (self.dialect, self.told) = (dialect, true);
            return Begins::Yes;
        }
        let open = [Dialect::Warc, Dialect::Arc].iter().any(|dialect| dialect.begins(bytes) == Begins::More);
        if open { Begins::More } else { Begins::No }
    }

    /// Decodes a little more into the window.
    pub(super) fn step(&mut self, window: &mut Window) -> std::io::Result<Step> {
        match self.state {
            State::Between => self.between(window),
            State::Inside => self.inside(window),
            State::Ended => {
                self.breaks = 0;
                self.state = State::Between;
                Ok(Step::Boundary(self.feed.offset()))
            }
            State::Broken(rule) => self.recover(rule),
        }
    }

    fn between(&mut self, window: &mut Window) -> std::io::Result<Step> {
        while self.feed.data().len() < FIRST && self.feed.more()? {}
        self.member = self.feed.offset();
        let data = self.feed.data();
        if data.is_empty() {
            return Ok(Step::End);
        }
        let known = match self.compression {
            Compression::Plain => true,
            Compression::Gzip => data.starts_with(&gzip::MAGIC) || gzip::MAGIC.starts_with(data),
            compression => codec::detect(data) == compression || data.len() < 4,
        };
        if !known {
            return self.garbage();
        }
        if self.compression == Compression::Gzip && self.whole(window)? {
            self.state = State::Ended;
            return Ok(Step::Data);
        }
        self.decoder.reset()?;
        self.state = State::Inside;
        Ok(Step::Data)
    }

    /// Inflates the member at hand as a whole, if that is possible. The member must end where the next plausible one begins or the
    /// file ends, and nowhere before: a slice that is too short has no sound end, and one that is too long ends in other bytes than
    /// the checksum and length of what was inflated. The first slice that passes is the member.
    fn whole(&mut self, window: &mut Window) -> std::io::Result<bool> {
        let (mut from, mut tries) = (gzip::SHORTEST, 0);
        loop {
            let data = self.feed.data();
            let found = data.get(from..).and_then(gzip::find).map(|at| from + at);
            let end = match found {
                Some(end) => end,
                None if self.feed.ended() => data.len(),
                None if WHOLE < data.len() => return Ok(false),
                None => {
                    // A header that is cut by the end of the buffer is looked at again.
                    from = from.max((data.len() + 1).saturating_sub(gzip::HEADER));
                    self.feed.more()?;
                    continue;
                }
            };
            let (buffer, at) = window.tail();
            if let Some(written) = self.inflater.whole(&data[..end], buffer, at, self.cap) {
                window.wrote(written);
                self.feed.consume(end);
                return Ok(true);
            }
            tries += 1;
            if found.is_none() || tries == TRIES {
                return Ok(false);
            }
            from = end + 1;
        }
    }

    fn inside(&mut self, window: &mut Window) -> std::io::Result<Step> {
        if self.feed.data().len() == self.ahead && !self.feed.more()? && self.compression == Compression::Plain {
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
        let keep = if self.compression == Compression::Plain { 0 } else { WHOLE };
        if self.state == State::Inside && keep < self.ahead {
            self.feed.consume(self.ahead - keep);
            self.ahead = keep;
        }
        Ok(Step::Data)
    }

    /// After a broken member: goes to the next one that begins a record.
    fn recover(&mut self, rule: &'static str) -> std::io::Result<Step> {
        let from = self.member;
        // A byte further at least, or the broken member would be found again. Members made to overlap, each broken at its end, would
        // cost the square of their length: after some, what was decoded counts as lost.
        self.breaks += 1;
        let inside = if self.breaks <= BREAKS { usize::from(self.feed.offset() == self.member) } else { self.ahead };
        self.feed.consume(inside.min(self.feed.data().len()));
        self.ahead = 0;
        let found = self.seek()?;
        // A member that seemed to last until the end of the file, though another one follows, lost its own end.
        let rule = if found && rule == "truncated-input" { "damaged-record" } else { rule };
        Ok(Step::Damage(Damage { rule, from, to: self.feed.offset() }))
    }

    /// Bytes that begin no member. Zeros to the end of the file are padding, as gzip(1) sees them.
    fn garbage(&mut self) -> std::io::Result<Step> {
        let from = self.feed.offset();
        while self.feed.data().iter().all(|&byte| byte == 0) {
            self.feed.consume(self.feed.data().len());
            if !self.feed.more()? {
                self.padding = true;
                return Ok(Step::End);
            }
        }
        self.seek()?;
        Ok(Step::Damage(Damage { rule: "garbage-between-members", from, to: self.feed.offset() }))
    }

    /// Consumes up to the next member that decodes to the start of a record; false, with all consumed, when there is none.
    fn seek(&mut self) -> std::io::Result<bool> {
        self.state = State::Between;
        let magic = codec::magic(self.compression);
        let look = if self.compression == Compression::Bzip2 { LOOK_BLOCK } else { LOOK };
        loop {
            let found = memmem::find(self.feed.data(), magic);
            // Magic that is cut by the end of the buffer is looked at again.
            let at = found.unwrap_or_else(|| (self.feed.data().len() + 1).saturating_sub(magic.len()));
            self.feed.consume(at);
            while self.feed.data().len() < look && self.feed.more()? {}
            if found.is_some() {
                let told = self.told.then_some(self.dialect);
                if decodes_to_record(self.feed.data(), decoder(self.compression, &self.dictionary, self.windows)?, told) {
                    return Ok(true);
                }
                self.feed.consume(1);
            } else if self.feed.ended() && self.feed.data().len() < magic.len() {
                self.feed.consume(self.feed.data().len());
                return Ok(false);
            }
        }
    }
}

/// Tells the compression by the first bytes. Where they are neither a member's nor a record's, the first members may be damaged: then
/// by what is met first that is sound.
fn detect(feed: &mut Feed<File>, limits: &Limits) -> std::io::Result<Compression> {
    while feed.data().len() < LOOK && feed.more()? {}
    let data = feed.data();
    let detected = codec::detect(data);
    if detected != Compression::Plain || Dialect::of(data).is_some() {
        return Ok(detected);
    }
    let plain = [Dialect::Warc, Dialect::Arc].iter().filter_map(|dialect| dialect.find(data, false)).min().unwrap_or(data.len());
    for compression in [Compression::Gzip, Compression::Zstd, Compression::Xz, Compression::Bzip2] {
        for at in memmem::find_iter(&data[..plain], codec::magic(compression)) {
            if decodes_to_record(&data[at..], decoder(compression, &[], limits.windows())?, None) {
                return Ok(compression);
            }
        }
    }
    Ok(Compression::Plain)
}

fn decoder(compression: Compression, dictionary: &[u8], windows: Windows) -> std::io::Result<Decoder> {
    if compression == Compression::Zstd { Decoder::zstd(dictionary, windows.zstd_log) } else { Decoder::new(compression, windows) }
}

/// True when a member or frame begins here and its content begins with a record, of the dialect that was told or else of any.
fn decodes_to_record(data: &[u8], mut decoder: Decoder, told: Option<Dialect>) -> bool {
    let (mut bytes, mut filled, mut used) = (vec![0; FEW], 0, 0);
    loop {
        let progress = decoder.step(&data[used..], &mut bytes[filled..]);
        used += progress.used;
        filled += progress.written;
        let held = &bytes[..filled];
        if let Some(dialect) = Dialect::of(held) {
            return told.is_none_or(|told| told == dialect);
        }
        let stuck = progress.used == 0 && progress.written == 0;
        if stuck || progress.ended || progress.fault.is_some() {
            return false;
        }
        if filled == bytes.len() {
            // Only the line of an ARC record may be longer.
            let is_line = told != Some(Dialect::Warc) && Dialect::Arc.begins(&held[blank(held)..]) == Begins::More;
            if !is_line || SOME < 2 * filled {
                return false;
            }
            bytes.resize(2 * filled, 0);
        }
    }
}
