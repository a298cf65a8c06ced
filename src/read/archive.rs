//! Archives of texts, as OpenWebText and its kin are given: a tar, packed or not, whose members are texts, JSON lines, or packed archives of these.
//!
//! A member is a document (or a line is, of JSON lines); its id is its name, behind the names of the archives that it lies in. Nothing is written, so names lead
//! nowhere. Members are read in the order of the archive, one at a time; whatever its headers claim, no more is held than the limits allow.

use std::cell::Cell;
use std::io::{self, BufReader, Cursor, Read};

use super::metered::Metered;
use super::text::{decode, take_nul, unify};
use super::{Each, Input, Item, Limits, Rejected, Tally, jsonl};
use crate::codec::{self, Compression, damage};
use crate::document::{Document, Place, Reason};
use crate::error::{Context, Result, once_more};

/// Bytes of a header of a member.
pub(super) const HEADER: usize = 512;
/// Bytes that may describe one member: its name, where that is long, and what else pax says of it.
const DESCRIPTION: u64 = 1 << 20;
/// Archives in archives that are read: OpenWebText has two.
const MAX_DEPTH: usize = 4;
/// Bytes that the packed members of one file may unpack to, all together: six times OpenWebText. Archives in archives, each packed, could else hold more than anybody reads in a year.
const MOST_UNPACKED: u64 = 256 << 30;

/// Whether a tar begins with these bytes: its first header holds its own checksum.
pub(super) fn is_tar(first: &[u8]) -> bool {
    let Some(header) = first.get(..HEADER) else { return false };
    let digits = header[148..156].iter().skip_while(|byte| **byte == b' ').take_while(|byte| byte.is_ascii_digit());
    let (n, claimed) = digits.fold((0, 0_u64), |(n, sum), digit| (n + 1, 8 * sum + u64::from(digit - b'0')));
    let sum: u64 = header.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) }).sum();
    0 < n && claimed == sum
}

/// Reads the archive of a stream. The tally counts records `file` for texts, `line` and `blank`, `archive`, and `left-out`: members that are no texts.
/// Its `decoded_bytes` are those of the members that were read. Rejected beside the rules of texts and lines: `damaged-archive`, `archive-too-deep`.
pub(super) fn read(stream: &mut dyn Read, input: &Input, limits: &Limits, tally: &mut Tally, each: &mut Each<'_>) -> Result<()> {
    let left = Cell::new(MOST_UNPACKED);
    let mut walk = Walk { input, limits, tally, each, left: &left };
    walk.archive(stream, "", None, 1)
}

struct Walk<'w, 'f> {
    input: &'w Input,
    limits: &'w Limits,
    tally: &'w mut Tally,
    each: &'w mut Each<'f>,
    /// Bytes that packed members may still unpack to.
    left: &'w Cell<u64>,
}

/// A member as it is found: its name with the archives around it, and where its bytes stand in the stream of the file.
struct Member<'m> {
    name: &'m str,
    span: (u64, u64),
    /// The bytes there are its own, and not those of an archive or packed stream around it.
    is_plain: bool,
}

impl Walk<'_, '_> {
    /// Reads the members of a tar; `span` is where the member is that it lies in.
    fn archive(&mut self, stream: &mut dyn Read, path: &str, span: Option<(u64, u64)>, depth: usize) -> Result<()> {
        self.tally.record("archive");
        let left = Cell::new(0);
        let (fault, ended) = (Cell::new(None), Cell::new(false));
        let mut archive = tar::Archive::new(Metered { inner: Kept { inner: stream, fault: &fault, ended: &ended }, left: &left });
        let mut entries = match archive.entries() {
            Ok(entries) => entries,
            Err(_) => return self.stop(path, span, fault.take(), ended.get()),
        };
        let mut stored = 0;
        loop {
            // What is left of the member before is passed over here too.
            left.set(DESCRIPTION.saturating_add(stored));
            let Some(entry) = entries.next() else { break };
            let Ok(mut entry) = entry else { return self.stop(path, span, fault.take(), ended.get()) };
            left.set(u64::MAX);
            stored = entry.size().max(entry.header().entry_size().unwrap_or(0));
            let mut name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            if take_nul(&mut name) {
                self.tally.fault("nul-removed");
            }
            let kind = entry.header().entry_type();
            if !kind.is_file() || !holds_text(&name) {
                if !kind.is_dir() {
                    self.tally.record("left-out");
                }
                continue;
            }
            let name = if path.is_empty() { name } else { format!("{path}/{name}") };
            let size = entry.size();
            let member = Member { name: &name, span: span.unwrap_or((entry.raw_file_position(), size)), is_plain: span.is_none() };
            let mut bytes = Whole { inner: &mut entry, left: size };
            self.member(&mut bytes, &member, depth)?;
            // Where the stream itself broke in this member, that was said of it, and nothing follows.
            if ended.get() && 0 < bytes.left || fault.take().is_some() {
                return Ok(());
            }
        }
        // What is behind the last member is nothing, but a packed stream tells only at its end whether it was sound.
        left.set(u64::MAX);
        match io::copy(&mut archive.into_inner(), &mut io::sink()) {
            Ok(_) => Ok(()),
            Err(_) => self.stop(path, span, fault.take(), ended.get()),
        }
    }

    /// Reads one member, whatever it is packed in.
    fn member(&mut self, bytes: &mut dyn Read, member: &Member<'_>, depth: usize) -> Result<()> {
        let first = match first_of(bytes) {
            Ok(first) => first,
            Err(error) => return self.broken(member, error),
        };
        // A decoder has buffers of a megabyte, and most members are texts of a few kilobytes.
        if codec::detect(&first) == Compression::Plain {
            return self.content(&first, bytes, member, depth);
        }
        let unpacked = codec::decoded(Cursor::new(&first).chain(bytes), self.limits.windows())
            .map(|(stream, _)| Bounded { inner: stream, left: self.left })
            .and_then(|mut stream| Ok((first_of(&mut stream)?, stream)));
        match unpacked {
            Ok((first, mut stream)) => self.content(&first, &mut stream, &Member { is_plain: false, ..*member }, depth),
            Err(error) => self.broken(member, error),
        }
    }

    /// Reads what a member holds: an archive, lines or a text. `first` are its first bytes, `rest` those behind them.
    fn content(&mut self, first: &[u8], rest: &mut dyn Read, member: &Member<'_>, depth: usize) -> Result<()> {
        let mut stream = Cursor::new(first).chain(rest);
        match () {
            () if is_tar(first) && depth == MAX_DEPTH => self.refuse(member, "archive-too-deep"),
            () if is_tar(first) => self.archive(&mut stream, member.name, Some(member.span), depth + 1),
            () if is_lines(member.name) => self.lines(stream, member),
            () => self.text(stream, member),
        }
    }

    fn text(&mut self, stream: impl Read, member: &Member<'_>) -> Result<()> {
        self.tally.record("file");
        let mut bytes = Vec::new();
        let outcome = stream.take(self.limits.text_bytes.saturating_add(1)).read_to_end(&mut bytes);
        self.tally.decoded_bytes += bytes.len() as u64;
        if let Err(error) = outcome {
            return self.broken(member, error);
        }
        if self.limits.text_bytes < bytes.len() as u64 {
            return self.refuse(member, "text-too-long");
        }
        let text = unify(decode(bytes, self.tally), self.tally);
        if text.trim().is_empty() {
            return self.refuse(member, "empty-text");
        }
        let document = Document { id: member.name.to_owned(), place: self.place(member), text, ..Document::default() };
        (self.each)(Item::Document(document))
    }

    fn lines(&mut self, stream: impl Read, member: &Member<'_>) -> Result<()> {
        let start = member.is_plain.then_some(member.span.0);
        let place = self.place(member);
        let each = &mut *self.each;
        // Lines of a member that is not packed lie in the stream of the file; of one that is, its place is where they are found.
        let mut put = |mut item: Item<'_>| {
            match &mut item {
                Item::Document(Document { place: found, .. }) | Item::Rejected(Rejected { place: found, .. }) => {
                    *found = start.map_or_else(|| place.clone(), |start| Place { offset: start + found.offset, ..found.clone() });
                }
                Item::Page(_) => {}
            }
            each(item)
        };
        let tally = jsonl::read_lines(BufReader::new(stream), self.input, member.name, self.limits, &mut put)?;
        self.tally.decoded_bytes += tally.decoded_bytes;
        for (name, n) in tally.records {
            *self.tally.records.entry(name).or_default() += n;
        }
        for (name, n) in tally.faults {
            *self.tally.faults.entry(name).or_default() += n;
        }
        Ok(())
    }

    fn place(&self, member: &Member<'_>) -> Place {
        Place { file: self.input.name.clone(), offset: member.span.0, length: member.span.1 }
    }

    fn refuse(&mut self, member: &Member<'_>, rule: &'static str) -> Result<()> {
        let place = self.place(member);
        (self.each)(Item::Rejected(Rejected { id: member.name.to_owned(), url: None, place, reason: Reason::bare("read", rule) }))
    }

    /// A member whose bytes cannot be read to their end.
    fn broken(&mut self, member: &Member<'_>, error: io::Error) -> Result<()> {
        let fault = damage(error).context(|| format!("cannot read {}", self.input.path.display()))?;
        self.tally.fault(fault);
        self.refuse(member, fault)
    }

    /// An archive that cannot be read on: what its stream met, or what its headers hold.
    fn stop(&mut self, path: &str, span: Option<(u64, u64)>, fault: Option<io::Error>, ended: bool) -> Result<()> {
        let member = Member { name: path, span: span.unwrap_or((0, 0)), is_plain: false };
        match fault {
            Some(error) => self.broken(&member, error),
            None if ended => self.broken(&member, io::ErrorKind::UnexpectedEof.into()),
            None => self.refuse(&member, "damaged-archive"),
        }
    }
}

/// What members unpack to, of which no more than the bound is read.
struct Bounded<'l, R> {
    inner: R,
    left: &'l Cell<u64>,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(out)?;
        let left = self.left.get().checked_sub(n as u64);
        self.left.set(left.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "packed members unpack to too much"))?);
        Ok(n)
    }
}

/// Keeps the first fault of a stream, of which the reader of the archive would give only the words.
struct Kept<'k> {
    inner: &'k mut dyn Read,
    fault: &'k Cell<Option<io::Error>>,
    /// Its end was met.
    ended: &'k Cell<bool>,
}

impl Read for Kept<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out);
        if let Ok(0) = read {
            self.ended.set(!out.is_empty());
        }
        read.inspect_err(|error| {
            if error.kind() != io::ErrorKind::Interrupted {
                self.fault.set(Some(once_more(error)));
            }
        })
    }
}

/// The bytes of a member, of which none may be missing.
struct Whole<'w> {
    inner: &'w mut dyn Read,
    left: u64,
}

impl Read for Whole<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(out)?;
        self.left = self.left.saturating_sub(n as u64);
        if n == 0 && !out.is_empty() && 0 < self.left {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the archive ends inside a member"));
        }
        Ok(n)
    }
}

/// The first bytes of a stream, as many as tell what it is.
fn first_of(stream: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut first = Vec::new();
    stream.take(HEADER as u64).read_to_end(&mut first)?;
    Ok(first)
}

/// The end of a file's name, in small letters, without that of a compression.
fn ending(name: &str) -> Option<String> {
    let file = name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    super::decompressed(&file).rsplit_once('.').map(|(_, ending)| ending.to_owned())
}

/// Whether a member may hold texts: its name ends as one of them does, or has no ending. Hidden files are what systems leave behind.
fn holds_text(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or_default();
    let known = |ending: String| ["txt", "text", "tar", "jsonl", "ndjson", "json"].contains(&ending.as_str());
    !file.starts_with('.') && ending(name).is_none_or(known)
}

fn is_lines(name: &str) -> bool {
    ending(name).is_some_and(|ending| ["jsonl", "ndjson", "json"].contains(&ending.as_str()))
}

#[cfg(test)]
mod tests;
