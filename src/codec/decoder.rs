//! One step of decompression at a time, over slices: the loop, the buffers and what a fault means belong to the caller.

use std::fmt;
use std::io;

use std::panic::{AssertUnwindSafe, catch_unwind};

use flate2::{Decompress, FlushDecompress, Status};
use lzma_rust2::{Action, XzStream};
use zstd::stream::raw::{self, InBuffer, Operation, OutBuffer};
use zstd::zstd_safe::DParameter;

use super::bzip2::Bzip2;
use super::{Compression, Windows, ZSTD_MAGIC};

/// The largest zstd window, as a base-2 logarithm of its bytes.
const LARGEST_LOG: u32 = 31;

/// What one step did.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes of the input that were taken.
    pub used: usize,
    /// Bytes of the output that were written; valid also beside a fault.
    pub written: usize,
    /// A gzip member, zstd frame, xz or bzip2 stream ended here and its checksums held.
    pub ended: bool,
    /// Why it cannot go on. The decoder must be reset before it is used again.
    pub fault: Option<io::Error>,
}

/// A decoder of members or frames that follow each other.
pub struct Decoder {
    engine: Engine,
    inside: bool,
}

enum Engine {
    Plain,
    Inflate(Decompress, Wrapper),
    Zstd(raw::Decoder<'static>, u32, Block),
    Xz(Box<XzStream>, u32),
    Bzip2(Bzip2),
}

/// Bytes of a zstd frame that are decoded at a time: on a fault zstd gives nothing of what it decoded in the same call, and what is lost must not depend on how much is read at a time.
/// So a frame goes block by block, but for the first call, after whose fault it is begun again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    /// All that is there: most frames are small and whole.
    First,
    /// Without the header of the next block, which may be the one at fault.
    Bytes(usize),
    /// What is decoded comes first: the output was full.
    Flush(usize),
}

/// What stands around a deflate stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrapper {
    Gzip,
    Zlib,
    None,
}

impl Wrapper {
    fn decompress(self) -> Decompress {
        match self {
            Wrapper::Gzip => Decompress::new_gzip(15),
            Wrapper::Zlib => Decompress::new(true),
            Wrapper::None => Decompress::new(false),
        }
    }
}

impl Decoder {
    /// A decoder; `windows` matter to zstd and xz alone.
    ///
    /// # Errors
    /// When zstd cannot give a decoder (memory).
    pub fn new(compression: Compression, windows: Windows) -> io::Result<Self> {
        let engine = match compression {
            Compression::Plain => Engine::Plain,
            Compression::Gzip => Engine::Inflate(Wrapper::Gzip.decompress(), Wrapper::Gzip),
            Compression::Zstd => return Self::zstd(&[], windows.zstd_log),
            Compression::Xz => Engine::Xz(xz(windows.xz_log), windows.xz_log),
            Compression::Bzip2 => Engine::Bzip2(Bzip2::new()),
        };
        Ok(Self { engine, inside: false })
    }

    /// A zstd decoder with a dictionary, which may be empty.
    ///
    /// # Errors
    /// When the dictionary is none or zstd cannot give a decoder.
    pub fn zstd(dictionary: &[u8], window_log: u32) -> io::Result<Self> {
        let window_log = window_log.clamp(10, LARGEST_LOG);
        let mut decoder = if dictionary.is_empty() { raw::Decoder::new()? } else { raw::Decoder::with_dictionary(dictionary)? };
        decoder.set_parameter(DParameter::WindowLogMax(window_log))?;
        Ok(Self { engine: Engine::Zstd(decoder, window_log, Block::First), inside: false })
    }

    pub(super) fn inflate(wrapper: Wrapper) -> Self {
        Self { engine: Engine::Inflate(wrapper.decompress(), wrapper), inside: false }
    }

    /// True between the first byte of a member or frame and its end: an input that ends here was cut off.
    pub fn inside(&self) -> bool {
        self.inside
    }

    /// True when zeros may stand between two streams (the .xz file format, section 2.2).
    pub fn takes_padding(&self) -> bool {
        matches!(self.engine, Engine::Xz(..))
    }

    /// True when the bytes pass as they are.
    pub fn is_plain(&self) -> bool {
        matches!(self.engine, Engine::Plain)
    }

    /// Forgets the member or frame that was begun.
    ///
    /// # Errors
    /// When zstd refuses, which it does not do between calls.
    pub fn reset(&mut self) -> io::Result<()> {
        self.inside = false;
        match &mut self.engine {
            Engine::Zstd(decoder, _, block) => {
                *block = Block::First;
                return decoder.reinit();
            }
            _ => self.renew(),
        }
        Ok(())
    }

    /// A new engine for those that do not go on to the next member themselves.
    fn renew(&mut self) {
        match &mut self.engine {
            Engine::Plain | Engine::Zstd(..) => {}
            Engine::Inflate(decompress, wrapper) => *decompress = wrapper.decompress(),
            Engine::Xz(stream, log) => *stream = xz(*log),
            Engine::Bzip2(decoder) => *decoder = Bzip2::new(),
        }
    }

    /// Decodes what fits. Stops at the end of each member or frame; neither used nor written means that more input is needed.
    pub fn step(&mut self, input: &[u8], output: &mut [u8]) -> Progress {
        let progress = match &mut self.engine {
            Engine::Plain => {
                let n = input.len().min(output.len());
                output[..n].copy_from_slice(&input[..n]);
                return Progress { used: n, written: n, ..Progress::default() };
            }
            Engine::Inflate(decompress, _) => inflate(decompress, input, output),
            Engine::Zstd(decoder, window_log, block) => unzstd(decoder, *window_log, block, self.inside, input, output),
            Engine::Xz(stream, log) => unxz(stream, *log, input, output),
            Engine::Bzip2(decoder) => decoder.step(input, output),
        };
        self.inside = (self.inside || progress.used > 0) && !progress.ended;
        if progress.ended {
            self.renew();
        }
        progress
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let engine = match self.engine {
            Engine::Plain => "plain",
            Engine::Inflate(..) => "inflate",
            Engine::Zstd(..) => "zstd",
            Engine::Xz(..) => "xz",
            Engine::Bzip2(..) => "bzip2",
        };
        f.debug_struct("Decoder").field("engine", &engine).field("inside", &self.inside).finish()
    }
}

fn inflate(decompress: &mut Decompress, input: &[u8], output: &mut [u8]) -> Progress {
    let (before_in, before_out) = (decompress.total_in(), decompress.total_out());
    let status = decompress.decompress(input, output, FlushDecompress::None);
    // Both differences are at most the lengths of the slices.
    let used = (decompress.total_in() - before_in) as usize;
    let written = (decompress.total_out() - before_out) as usize;
    let (ended, fault) = match status {
        Ok(status) => (status == Status::StreamEnd, None),
        Err(error) => (false, Some(io::Error::new(io::ErrorKind::InvalidData, error))),
    };
    Progress { used, written, ended, fault }
}

fn unzstd(
    decoder: &mut raw::Decoder<'static>,
    window_log: u32,
    block: &mut Block,
    inside: bool,
    input: &[u8],
    output: &mut [u8],
) -> Progress {
    /// Bytes that tell the length of a frame's header.
    const FIRST: usize = 5;
    /// Those of a block; zstd asks for them together with the block before it.
    const HEADER: usize = 3;
    if *block == Block::First
        && let Some(fault) = window_fault(input, window_log)
    {
        return Progress { fault: Some(fault), ..Progress::default() };
    }
    loop {
        let given = match *block {
            Block::First => input.len(),
            Block::Bytes(bytes) => bytes.min(input.len()),
            Block::Flush(_) => 0,
        };
        let (mut source, mut target) = (InBuffer::around(&input[..given]), OutBuffer::around(&mut *output));
        let result = decoder.run(&mut source, &mut target);
        let (used, written) = (source.pos(), target.pos());
        return match result {
            // Zero is also the answer to no input between two frames.
            Ok(hint) => {
                let ended = hint == 0 && (inside || used > 0);
                let bytes = if HEADER < hint { hint - HEADER } else { hint.max(1) };
                let was_flushed = matches!(*block, Block::Flush(_)) && written == 0 && !ended;
                *block = if ended || used == 0 && !inside {
                    Block::First
                } else if 0 < written && written == output.len() {
                    Block::Flush(bytes)
                } else {
                    Block::Bytes(bytes)
                };
                if was_flushed {
                    continue;
                }
                Progress { used, written, ended, fault: None }
            }
            Err(_) if *block == Block::First && decoder.reinit().is_ok() => {
                *block = Block::Bytes(FIRST);
                continue;
            }
            Err(error) => Progress { used, written, ended: false, fault: Some(explain(error, window_log)) },
        };
    }
}

/// What is wrong with the window that a frame's header asks for (RFC 8878 section 3.1.1.1.2), as far as its bytes are there. zstd itself does not look where a frame that says how long its
/// content is is decoded in one call, which depends on how much is read at a time.
fn window_fault(input: &[u8], window_log: u32) -> Option<io::Error> {
    let &[descriptor, window] = input.strip_prefix(&ZSTD_MAGIC)?.first_chunk::<2>()?;
    let log = 10 + u32::from(window >> 3);
    let bytes = (1_u64 << log) + (1_u64 << log >> 3) * u64::from(window & 7);
    // In a single segment stands the length of the content there.
    (descriptor & 0x20 == 0 && 1 << window_log < bytes).then(|| over(window_log))
}

fn over(window_log: u32) -> io::Error {
    let advice = format!("a zstd frame needs a window above 2^{window_log} bytes; raise limits.zstd-window-log (up to {LARGEST_LOG})");
    io::Error::new(io::ErrorKind::Unsupported, advice)
}

/// zstd has no error kinds; its one message that a user can act on names the setting.
fn explain(error: io::Error, window_log: u32) -> io::Error {
    let text = error.to_string();
    if text.contains("too much memory") {
        return over(window_log);
    }
    io::Error::new(io::ErrorKind::InvalidData, text)
}

/// A decoder of one xz stream. What it needs beside the dictionary is 40 KiB; the dictionary grows with what is decoded.
fn xz(log: u32) -> Box<XzStream> {
    Box::new(XzStream::new_mem_limit(false, 40 + (1 << (log.clamp(12, 32) - 10))))
}

fn unxz(stream: &mut XzStream, log: u32, input: &[u8], output: &mut [u8]) -> Progress {
    let (before_in, before_out) = (stream.total_in(), stream.total_out());
    // Safe code over hostile bytes may still index past an end; a stream that panicked is not asked again before a reset.
    let result = catch_unwind(AssertUnwindSafe(|| stream.process(input, output, Action::Run)));
    // Both differences are at most the lengths of the slices.
    let (used, written) = ((stream.total_in() - before_in) as usize, (stream.total_out() - before_out) as usize);
    let bad = |text: String| io::Error::new(io::ErrorKind::InvalidData, text);
    let (ended, fault) = match result {
        Ok(Ok(result)) => (result.status == lzma_rust2::Status::StreamEnd, None),
        Ok(Err(error)) if error.kind() == io::ErrorKind::OutOfMemory => {
            let advice = format!("an xz block needs a dictionary above 2^{log} bytes; raise limits.xz-dictionary-log (up to 32)");
            (false, Some(io::Error::new(io::ErrorKind::OutOfMemory, advice)))
        }
        Ok(Err(error)) => (false, Some(bad(error.to_string()))),
        Err(_) => (false, Some(bad("the xz decoder gave up".to_owned()))),
    };
    Progress { used, written, ended, fault }
}
