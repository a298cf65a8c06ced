//! A WARC file as decompressed bytes, with what framing needs to know: where each gzip member or zstd frame began, and where bytes were lost.
//!
//! After a corrupt member the next one is found by its magic and by what it inflates to; after a corrupt zstd frame by its magic. Memory: the buffer that the
//! caller keeps, and 256 KiB of input.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

use crate::codec::{self, Compression};
use crate::error::{Context, Result};

use super::Input;

/// Input bytes that are read at a time.
const CHUNK: usize = 256 << 10;
/// Output bytes that one call of [`Source::more`] adds at most.
const STEP: usize = 256 << 10;

/// A place in the decompressed stream that means something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Offset in the decompressed stream.
    pub at: u64,
    /// Offset in the file.
    pub stored: u64,
    pub kind: MarkKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// A gzip member or zstd frame begins here.
    Member,
    /// Bytes are missing here: the member or frame before is corrupt (or, with `cut`, the file ends inside it).
    Break { cut: bool },
}

/// The decompressing reader of one file.
pub struct Source {
    file: File,
    /// Compressed bytes, and how many of them are used.
    input: Vec<u8>,
    used: usize,
    /// Offset in the file of `input[0]`.
    input_at: u64,
    input_ended: bool,
    decoder: Coder,
    /// Decompressed bytes so far.
    produced: u64,
    /// A member was begun and is not finished.
    inside: bool,
    /// Where it began: in the decompressed stream, and in the file.
    begun: (u64, u64),
    /// Marks that the caller has not taken yet.
    pub marks: VecDeque<Mark>,
    /// Stretches of the file that belong to no member: (offset, length).
    pub garbage: Vec<(u64, u64)>,
    pub compression: Compression,
    zstd_window_log: u32,
}

enum Coder {
    Plain,
    Gzip(Decompress),
    Zstd(Decoder<'static>),
}

impl Source {
    pub fn open(input: &Input, zstd_window_log: u32) -> Result<Self> {
        let doing = || format!("cannot open {}", input.path.display());
        let file = File::open(&input.path).context(doing)?;
        let mut source = Self {
            file,
            input: Vec::new(),
            used: 0,
            input_at: 0,
            input_ended: false,
            decoder: Coder::Plain,
            produced: 0,
            inside: false,
            begun: (0, 0),
            marks: VecDeque::new(),
            garbage: Vec::new(),
            compression: Compression::Plain,
            zstd_window_log,
        };
        source.refill().context(|| format!("cannot read {}", input.path.display()))?;
        source.compression = codec::detect(&source.input);
        if source.compression == Compression::Plain && memchr::memmem::find(&source.input, b"WARC/").is_none() {
            source.look_behind_damage();
        }
        source.decoder = match source.compression {
            Compression::Plain => Coder::Plain,
            Compression::Gzip => Coder::Gzip(Decompress::new_gzip(15)),
            Compression::Zstd => Coder::Zstd(source.zstd().context(doing)?),
        };
        Ok(source)
    }

    /// A file whose first bytes are damaged still shows what it is by a later member; what lies before it is garbage.
    fn look_behind_damage(&mut self) {
        for compression in [Compression::Gzip, Compression::Zstd] {
            self.compression = compression;
            let plausible = |at: &usize| codec::detect(&self.input[*at..]) == compression && self.is_plausible(&self.input[*at..]);
            if (0..self.input.len()).any(|at| plausible(&at)) {
                return;
            }
        }
        self.compression = Compression::Plain;
    }

    fn zstd(&self) -> io::Result<Decoder<'static>> {
        let mut decoder = Decoder::new()?;
        decoder.set_parameter(DParameter::WindowLogMax(self.zstd_window_log))?;
        Ok(decoder)
    }

    /// Offset in the file of the next unused byte.
    pub fn stored(&self) -> u64 {
        self.input_at + self.used as u64
    }

    fn rest(&self) -> &[u8] {
        &self.input[self.used..]
    }

    /// Reads another chunk behind what is unused; false at the end of the file.
    fn refill(&mut self) -> io::Result<bool> {
        if self.input_ended {
            return Ok(false);
        }
        self.input.drain(..self.used);
        self.input_at += self.used as u64;
        self.used = 0;
        let before = self.input.len();
        self.input.resize(before + CHUNK, 0);
        let n = loop {
            match self.file.read(&mut self.input[before..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.input.truncate(before + n.as_ref().copied().unwrap_or(0));
        self.input_ended = matches!(n, Ok(0));
        n.map(|n| 0 < n)
    }

    /// Adds decompressed bytes to `out`; false when there are no more.
    pub fn more(&mut self, out: &mut Vec<u8>) -> io::Result<bool> {
        if self.compression == Compression::Plain {
            if self.rest().is_empty() && !self.refill()? {
                return Ok(false);
            }
            out.extend_from_slice(&self.input[self.used..]);
            self.produced += self.rest().len() as u64;
            self.used = self.input.len();
            return Ok(true);
        }
        if !self.inside && !self.begin()? {
            return Ok(false);
        }
        self.step(out)?;
        Ok(true)
    }

    /// Finds the next member and marks it; false at the end of the file.
    fn begin(&mut self) -> io::Result<bool> {
        let start = self.stored();
        loop {
            while self.rest().len() < 18 && self.refill()? {}
            if self.rest().is_empty() {
                self.note_garbage(start, self.stored());
                return Ok(false);
            }
            if codec::detect(self.rest()) == self.compression {
                break;
            }
            // Between members there is nothing in a sound file; look for the next magic.
            self.step_to_magic();
        }
        self.note_garbage(start, self.stored());
        match &mut self.decoder {
            Coder::Plain => {}
            Coder::Gzip(decoder) => *decoder = Decompress::new_gzip(15),
            Coder::Zstd(_) => self.decoder = Coder::Zstd(self.zstd()?),
        }
        self.marks.push_back(Mark { at: self.produced, stored: self.stored(), kind: MarkKind::Member });
        self.inside = true;
        self.begun = (self.produced, self.stored());
        Ok(true)
    }

    /// Moves to the next byte that may begin a magic, at least one on.
    fn step_to_magic(&mut self) {
        let first = if self.compression == Compression::Gzip { 0x1f } else { 0x28 };
        self.used += memchr::memchr(first, &self.rest()[1..]).map_or(self.rest().len(), |at| at + 1);
    }

    fn note_garbage(&mut self, from: u64, to: u64) {
        if from < to {
            self.garbage.push((from, to - from));
        }
    }

    /// Inflates a step of the member that was begun.
    fn step(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        if self.rest().is_empty() {
            self.refill()?;
        }
        let start = out.len();
        out.resize(start + STEP, 0);
        let input = &self.input[self.used..];
        // (bytes used, bytes made, finished, corrupt)
        let (used, made, finished, corrupt) = match &mut self.decoder {
            Coder::Plain => unreachable!("plain files have no members"),
            Coder::Gzip(decoder) => {
                let (used, made) = (decoder.total_in(), decoder.total_out());
                let status = decoder.decompress(input, &mut out[start..], FlushDecompress::None);
                let (used, made) = (decoder.total_in() - used, decoder.total_out() - made);
                (used as usize, made as usize, matches!(status, Ok(Status::StreamEnd)), status.is_err())
            }
            Coder::Zstd(decoder) => {
                let mut input = InBuffer::around(input);
                let mut output = OutBuffer::around(&mut out[start..]);
                let status = decoder.run(&mut input, &mut output);
                if let Err(error) = &status {
                    let explained = codec::explain_window(io::Error::new(error.kind(), error.to_string()), self.zstd_window_log);
                    if explained.to_string().contains("zstd-window-log") {
                        return Err(explained);
                    }
                }
                (input.pos(), output.pos(), matches!(status, Ok(0)), status.is_err())
            }
        };
        out.truncate(start + made);
        self.used += used;
        self.produced += made as u64;
        if finished {
            self.inside = false;
        } else if corrupt {
            self.lose(false)?;
        } else if used == 0 && made == 0 && self.rest().is_empty() && !self.refill()? {
            self.lose(true)?;
        }
        Ok(())
    }

    /// Gives up the member: marks the break and moves to where the next one may begin, which is looked for from the byte behind this one's first, since its
    /// header may have been no header at all.
    fn lose(&mut self, cut: bool) -> io::Result<()> {
        self.inside = false;
        let (produced, stored) = self.begun;
        // Something that only looked like a member held nothing that could be lost.
        let nothing = produced == self.produced && !cut;
        if !nothing {
            self.marks.push_back(Mark { at: self.produced, stored: self.stored(), kind: MarkKind::Break { cut } });
        }
        if cut {
            return Ok(());
        }
        self.rewind(stored + 1)?;
        loop {
            while self.rest().len() < 64 && self.refill()? {}
            if self.rest().is_empty() || self.next_is_plausible() {
                break;
            }
            self.step_to_magic();
        }
        if nothing {
            self.note_garbage(stored, self.stored());
        }
        Ok(())
    }

    /// Goes back to an offset of the file.
    fn rewind(&mut self, stored: u64) -> io::Result<()> {
        match stored.checked_sub(self.input_at) {
            Some(used) => self.used = usize::try_from(used).unwrap_or(self.input.len()).min(self.input.len()),
            None => {
                self.file.seek(SeekFrom::Start(stored))?;
                self.input.clear();
                (self.used, self.input_at, self.input_ended) = (0, stored, false);
            }
        }
        Ok(())
    }

    /// True when a member seems to begin at the next byte: its magic, and a first stretch that inflates to a record's version line.
    fn next_is_plausible(&self) -> bool {
        self.is_plausible(self.rest())
    }

    fn is_plausible(&self, rest: &[u8]) -> bool {
        if codec::detect(rest) != self.compression {
            return false;
        }
        let mut first = [0; 16];
        let made = match self.compression {
            Compression::Gzip => {
                let mut decoder = Decompress::new_gzip(15);
                let _ = decoder.decompress(rest, &mut first, FlushDecompress::None);
                decoder.total_out() as usize
            }
            _ => {
                let Ok(mut decoder) = self.zstd() else { return false };
                let mut output = OutBuffer::around(&mut first[..]);
                let _ = decoder.run(&mut InBuffer::around(rest), &mut output);
                output.pos()
            }
        };
        first[..made].starts_with(b"WARC/")
    }
}
