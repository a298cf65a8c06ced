//! A reader of which so many bytes may be read at a time: what libraries hold whole is bounded by what they get.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};

pub(super) struct Metered<'l, R> {
    pub inner: R,
    /// Bytes that may still be read.
    pub left: &'l Cell<u64>,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(out)?;
        let left = self.left.get().checked_sub(n as u64).ok_or_else(|| io::Error::other("what describes the archive is too long"))?;
        self.left.set(left);
        Ok(n)
    }
}

impl<R: Seek> Seek for Metered<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
