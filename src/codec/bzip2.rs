//! bzip2, one stream at a time. Memory: about 4 bytes for each byte of a block of up to 900,000.

use std::io;

use bzip2::{Decompress, Status};

use super::decoder::Progress;

/// How a block begins (the digits of pi), and how the stream ends (those of its square root).
pub(super) const BLOCK: u64 = 0x3141_5926_5359;
pub(super) const END: u64 = 0x1772_4538_5090;

/// A decoder of one stream that takes no byte behind its end.
pub(super) struct Bzip2(Decompress);

impl Bzip2 {
    pub(super) fn new() -> Self {
        Self(Decompress::new(false))
    }

    pub(super) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Progress {
        let (before_in, before_out) = (self.0.total_in(), self.0.total_out());
        let result = self.0.decompress(input, output);
        // The counters stay below the lengths of the two slices.
        let (used, written) = ((self.0.total_in() - before_in) as usize, (self.0.total_out() - before_out) as usize);
        let (ended, fault) = match result {
            Ok(status) => (status == Status::StreamEnd, None),
            Err(error) => (false, Some(io::Error::new(io::ErrorKind::InvalidData, error.to_string()))),
        };
        Progress { used, written, ended, fault }
    }
}

#[cfg(test)]
mod tests;
