//! The two ways in which archives write records: WARC (ISO 28500) and ARC before it. Tells by bytes whether a record begins here,
//! almost begins here, or where the next one does; and reads its head. All else about records is the same in both.

use memchr::{memchr, memmem, memrchr};

use super::arc;
use super::head::{Head, is_version};

/// Bytes by which a record may begin late and still be told.
const LATE: usize = 4;
/// Bytes in which a version line and the first field's name must lie to be taken for a record when searching.
const LOOK: usize = 1024;
/// Bytes of a version line, with whatever damage.
const LINE: usize = 32;

/// Fields that a record has once.
const ONCE: [&[u8]; 5] = [b"WARC-Type", b"WARC-Record-ID", b"WARC-Date", b"Content-Length", b"WARC-Target-URI"];

/// How records begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Warc,
    Arc,
}

/// Whether a record begins with these bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begins {
    Yes,
    No,
    /// So far it could.
    More,
}

impl Dialect {
    /// By the end of a file's name, whatever its compression: what counts where the first bytes do not tell.
    pub(super) fn named(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        if super::decompressed(&name).ends_with(".arc") { Dialect::Arc } else { Dialect::Warc }
    }

    /// That of the record that begins with these bytes, line ends aside, if one does.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let bytes = &bytes[blank(bytes)..];
        [Dialect::Warc, Dialect::Arc].into_iter().find(|dialect| dialect.begins(bytes) == Begins::Yes)
    }

    /// Bytes that are enough to tell whether a record begins.
    pub(super) fn enough(self) -> usize {
        match self {
            Dialect::Warc => LOOK,
            Dialect::Arc => arc::LINE,
        }
    }

    /// Whether a record begins at the first of these bytes.
    pub(super) fn begins(self, bytes: &[u8]) -> Begins {
        match self {
            Dialect::Warc if bytes.starts_with(b"WARC/") => Begins::Yes,
            Dialect::Warc if b"WARC/".starts_with(bytes) => Begins::More,
            Dialect::Warc => Begins::No,
            Dialect::Arc => arc::begins(bytes),
        }
    }

    /// The same of bytes behind a record and `blank` line ends. Without any of these, a line of ARC must have a scheme that is known: any
    /// end of `http` could be one, and the length of the record before is wrong then.
    pub(super) fn follows(self, bytes: &[u8], blank: usize) -> Begins {
        if self == Dialect::Arc && blank == 0 && !arc::is_known(bytes) { Begins::No } else { self.begins(bytes) }
    }

    /// True where the next record's first bytes were damaged but are still told. The record before it is whole then.
    ///
    /// Of WARC: `WARC/` a few bytes late, or a first line that is none before a field of WARC's; a line end must stand before such a
    /// line, or it could be any line of the next header. Of ARC: its line a few bytes late, or one of which enough is left.
    pub(super) fn nearly(self, bytes: &[u8], blank: usize) -> bool {
        match self {
            Dialect::Warc => {
                // Bytes before two bare line feeds are the record's own: its length is too small.
                let late = memmem::find(&bytes[..bytes.len().min(LATE + 5)], b"WARC/").is_some_and(|at| !bytes[..at].ends_with(b"\n\n"));
                let line = memchr(b'\n', &bytes[..bytes.len().min(LINE)]);
                // Behind the end of one line a field may be the first of the next head, whose version line a length that is too large took in.
                let is_version = |end: usize| 2 < blank || !bytes[..end].contains(&b':');
                late || blank > 0 && line.is_some_and(|end| is_version(end) && is_named(&bytes[end + 1..], b"WARC-"))
            }
            Dialect::Arc => late(bytes).is_some() || blank > 0 && arc::resembles(bytes),
        }
    }

    /// The first byte at which a record begins. `line_start` tells whether the first byte begins a line, or should: then a few bytes may
    /// stand before a line of ARC.
    ///
    /// Of WARC that is a version line with a field of WARC's behind it: pages about WARC files hold the first alone.
    pub(super) fn find(self, bytes: &[u8], line_start: bool) -> Option<usize> {
        match self {
            // The end of the line before may be lost.
            Dialect::Warc => memmem::find_iter(bytes, b"WARC/").find(|&at| opens(&bytes[at..])),
            Dialect::Arc => {
                let first = Some(0).filter(|_| line_start && arc::begins(bytes) == Begins::Yes);
                let first = first.or_else(|| late(bytes).filter(|_| line_start));
                first.or_else(|| arc::find(bytes))
            }
        }
    }

    /// Where in a head another record begins, the last one of several: the lines before it are of heads that broke off, and those behind it are not theirs. The line that one
    /// broke off in may have no end; then it is no field, or a field stands on both sides that a record has once: an address may hold `WARC/1.0` too.
    pub(super) fn broken_off(self, head: &[u8]) -> Option<usize> {
        match self {
            Dialect::Arc => arc::broken_off(head),
            // Nearly every head holds it once, at its start.
            Dialect::Warc if memmem::find(head.get(1..)?, b"WARC/").is_none() => None,
            Dialect::Warc => {
                let twice = repeated(head);
                memmem::rfind_iter(head, b"WARC/").take_while(|&at| 0 < at).filter(|&at| opens(&head[at..])).find(|&at| {
                    let line = memrchr(b'\n', &head[..at]).map_or(0, |end| end + 1);
                    line == at || !head[line..at].contains(&b':') || twice.iter().any(|&(first, last)| first < at && at < last)
                })
            }
        }
    }

    /// The last place behind the first byte at which [`Self::find`] would find a record of WARC.
    pub(super) fn find_last(self, bytes: &[u8]) -> Option<usize> {
        let mut places = memmem::rfind_iter(bytes, b"WARC/").take_while(|&at| 0 < at);
        places.find(|&at| self == Dialect::Warc && opens(&bytes[at..]))
    }

    /// Where a search goes on that found nothing in the bytes so far: a record may have begun in the last of them.
    pub(super) fn unsearched(self, bytes: &[u8]) -> usize {
        match self {
            Dialect::Warc => bytes.len().saturating_sub(LOOK),
            // The line that is not yet whole, with the line end before it.
            Dialect::Arc => memrchr(b'\n', bytes).unwrap_or(0).max(bytes.len().saturating_sub(arc::LINE)),
        }
    }

    /// Length of a head with the line that closes it, or of its whole lines when that is not here yet.
    pub(super) fn head_end(self, bytes: &[u8]) -> Result<usize, usize> {
        let mut at = 0;
        while let Some(length) = memchr(b'\n', &bytes[at..]) {
            let line = &bytes[at..at + length];
            at += length + 1;
            if self == Dialect::Arc || line.iter().all(|&byte| byte == b'\r') {
                return Ok(at);
            }
        }
        Err(at)
    }

    /// Reads a whole head; false when it is none.
    pub(super) fn parse(self, head: &mut Head, bytes: &[u8]) -> bool {
        match self {
            Dialect::Warc => head.parse(bytes),
            Dialect::Arc => arc::parse(head, bytes),
        }
    }

    /// Length of the line ends that close a record.
    pub(super) fn closing(self, block: &[u8]) -> usize {
        let ends: &[&[u8]] = match self {
            Dialect::Warc => &[b"\r\n\r\n", b"\n\n"],
            Dialect::Arc => &[b"\n"],
        };
        ends.iter().find(|end| block.ends_with(end)).map_or(0, |end| end.len())
    }
}

/// True when a version line stands first with a field of WARC's behind it.
fn opens(bytes: &[u8]) -> bool {
    let line = &bytes[..bytes.len().min(LOOK)];
    let Some(end) = memchr(b'\n', line) else { return false };
    let field = &line[end + 1..];
    is_version(line[..end].trim_ascii_end()) && (is_named(field, b"WARC-") || is_named(field, b"Content-"))
}

/// Whether these bytes begin with a name, in letters of any case.
pub(super) fn is_named(bytes: &[u8], name: &[u8]) -> bool {
    bytes.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}

/// Where in a head each of the fields begins first and last that a record has once.
fn repeated(head: &[u8]) -> [(usize, usize); ONCE.len()] {
    let mut places = [(usize::MAX, 0); ONCE.len()];
    let mut at = 0;
    for line in head.split_inclusive(|&byte| byte == b'\n') {
        for (name, (first, last)) in ONCE.iter().zip(&mut places) {
            if is_named(line, name) && line[name.len()..].trim_ascii_start().first() == Some(&b':') {
                (*first, *last) = (at.min(*first), at);
            }
        }
        at += line.len();
    }
    places
}

/// Where a record of ARC begins that lost the line end before it, or has a few bytes of damage there.
fn late(bytes: &[u8]) -> Option<usize> {
    let at = (1..=LATE.min(bytes.len())).find(|&at| arc::is_known(&bytes[at..]) && arc::begins(&bytes[at..]) == Begins::Yes)?;
    // With a line end among them the bytes before it are the record's own: its length is too small.
    (!bytes[..at].contains(&b'\n')).then_some(at)
}

/// Line ends at the start of these bytes.
pub(super) fn blank(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|&&byte| byte == b'\r' || byte == b'\n').count()
}

/// Line ends at the end of these bytes.
pub(super) fn blank_at_end(bytes: &[u8]) -> usize {
    bytes.iter().rev().take_while(|&&byte| byte == b'\r' || byte == b'\n').count()
}
