//! A file's bytes in a buffer that the consumer may look ahead in.

use std::fmt;
use std::io::{self, ErrorKind, Read};

/// Least room for one read call; fewer bytes a call cost more system time than they save memory.
const CHUNK: usize = 128 << 10;
/// Size of a new buffer: holds several records of a crawl.
const START: usize = 1 << 20;

/// Bytes of `inner` that were read and not yet consumed. Grows only while the consumer asks for more without consuming.
pub struct Feed<R> {
    inner: R,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    offset: u64,
    ended: bool,
}

impl<R: Read> Feed<R> {
    pub fn new(inner: R) -> Self {
        Self::at(inner, 0)
    }

    /// Of a file that stands at this offset.
    pub fn at(inner: R, offset: u64) -> Self {
        Self { inner, bytes: vec![0; START], start: 0, end: 0, offset, ended: false }
    }

    /// What was read and not consumed.
    pub fn data(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Position of the first byte of [`Self::data`] in the file.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The end of the file was seen: [`Self::data`] is all that is left.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// Gives up the first `n` bytes of [`Self::data`].
    pub fn consume(&mut self, n: usize) {
        debug_assert!(n <= self.end - self.start);
        self.start += n;
        self.offset += n as u64;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Reads once; false at the end of the file.
    ///
    /// # Errors
    /// What the operating system says, but for interruption, which is tried again.
    pub fn more(&mut self) -> io::Result<bool> {
        if self.bytes.len() - self.end < CHUNK && self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.bytes.len() - self.end < CHUNK {
            self.bytes.resize(2 * self.bytes.len(), 0);
        }
        loop {
            match self.inner.read(&mut self.bytes[self.end..]) {
                Ok(n) => {
                    self.end += n;
                    self.ended = n == 0;
                    return Ok(n > 0);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl<R> fmt::Debug for Feed<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").field("offset", &self.offset).field("ended", &self.ended).finish_non_exhaustive()
    }
}
