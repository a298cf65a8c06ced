//! Lines of a decompressed stream as bytes, under a cap: one bad or endless line costs that line and no other.

use std::io::{self, BufRead, ErrorKind};
use std::path::Path;

use crate::error::{Context, Error, Result, is_failure};

use super::over_limit;

/// What the stream holds next.
#[derive(Debug)]
pub(crate) enum Line<'l> {
    /// A line without its line feed. The last one may end with the stream instead.
    Whole(&'l mut Vec<u8>),
    /// Over the cap: read past, not held.
    TooLong,
    /// The stream is cut off or damaged; the line that was being read is not delivered. Nothing follows.
    Broken(&'static str),
}

/// A reader of lines. After `next`, `offset`, `length` and `number` speak of the line that was just given.
pub(crate) struct Lines<'p, R> {
    reader: R,
    path: &'p Path,
    line: Vec<u8>,
    cap: u64,
    /// Byte at which the line starts, in the decompressed stream.
    pub offset: u64,
    /// Its bytes without the line feed.
    pub length: u64,
    /// Counted from 1.
    pub number: u64,
    /// Bytes of the stream read so far.
    pub read: u64,
}

impl<'p, R: BufRead> Lines<'p, R> {
    /// `cap` is the largest line in bytes; memory stays below it and one buffer of the reader. `path` is named in errors.
    pub fn new(reader: R, path: &'p Path, cap: u64) -> Self {
        Self { reader, path, line: Vec::new(), cap, offset: 0, length: 0, number: 0, read: 0 }
    }

    /// The next line; `None` at the end. Errors of the operating system are errors, damage of the stream is a [`Line::Broken`].
    pub fn next(&mut self) -> Result<Option<Line<'_>>> {
        self.line.clear();
        self.offset = self.read;
        self.length = 0;
        self.number += 1;
        let mut ended = false;
        while !ended {
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => {
                    let fault = damage(error).context(|| format!("cannot read {} at byte {}", self.path.display(), self.read))?;
                    return Ok(Some(Line::Broken(fault)));
                }
            };
            if buffer.is_empty() {
                if self.read == self.offset {
                    return Ok(None);
                }
                break;
            }
            let feed = memchr::memchr(b'\n', buffer);
            let part = &buffer[..feed.unwrap_or(buffer.len())];
            self.length += part.len() as u64;
            if self.length <= self.cap {
                self.line.extend_from_slice(part);
            }
            ended = feed.is_some();
            let n_bytes = part.len() + usize::from(ended);
            self.reader.consume(n_bytes);
            self.read += n_bytes as u64;
        }
        Ok(Some(if self.length <= self.cap { Line::Whole(&mut self.line) } else { Line::TooLong }))
    }
}

/// Tells a stream that cannot be read further (its fault is given) from what the machine or a server did wrong (an error). A window over its limit is called
/// as the setting.
pub(crate) fn damage(error: io::Error) -> Result<&'static str, Error> {
    match error.kind() {
        ErrorKind::UnexpectedEof => Ok("truncated-input"),
        _ if is_failure(&error) => Err(error).context(|| "the disk, the system or the network failed"),
        kind => Ok(over_limit(kind).unwrap_or("corrupt-input")),
    }
}
