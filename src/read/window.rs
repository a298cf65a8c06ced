//! A sliding view of a decoded stream. Positions are absolute in the stream, so they stay true when the bytes move.

/// The decoded bytes from `start` on that were not let go.
#[derive(Debug, Default)]
pub(super) struct Window {
    bytes: Vec<u8>,
    /// Index and stream position of the first byte that is held.
    first: usize,
    start: u64,
    /// Index behind the last byte that is held.
    last: usize,
}

impl Window {
    /// An empty one at this position.
    pub(super) fn at(start: u64) -> Self {
        Self { start, ..Self::default() }
    }

    /// Stream position of the first byte held.
    pub(super) fn start(&self) -> u64 {
        self.start
    }

    /// Stream position behind the last byte held.
    pub(super) fn end(&self) -> u64 {
        self.start + (self.last - self.first) as u64
    }

    /// The bytes between two positions that are held.
    pub(super) fn slice(&self, from: u64, to: u64) -> &[u8] {
        debug_assert!(self.start <= from && from <= to && to <= self.end());
        // Both differences are at most the length of the buffer.
        let base = self.first;
        &self.bytes[base + (from - self.start) as usize..base + (to - self.start) as usize]
    }

    /// Lets go of everything before `position`.
    pub(super) fn release(&mut self, position: u64) {
        debug_assert!(self.start <= position && position <= self.end());
        self.first += (position - self.start) as usize;
        self.start = position;
        if self.first == self.last {
            (self.first, self.last) = (0, 0);
        }
    }

    /// Room for at least `n` more bytes behind the last one; what is written there counts once [`Self::wrote`] says so.
    pub(super) fn room(&mut self, n: usize) -> &mut [u8] {
        if self.bytes.len() - self.last < n {
            self.bytes.copy_within(self.first..self.last, 0);
            (self.first, self.last) = (0, self.last - self.first);
        }
        if self.bytes.len() - self.last < n {
            // Doubling keeps the copies linear; what it doubles was really decoded.
            let size = (self.last + n).max(self.bytes.len().saturating_mul(2).min(self.last + (32 << 20)));
            self.bytes.resize(size, 0);
        }
        &mut self.bytes[self.last..]
    }

    /// The whole buffer and the index where new bytes go, for a writer that knows its size late.
    pub(super) fn tail(&mut self) -> (&mut Vec<u8>, usize) {
        if self.first > 0 {
            self.bytes.copy_within(self.first..self.last, 0);
            (self.first, self.last) = (0, self.last - self.first);
        }
        (&mut self.bytes, self.last)
    }

    /// Counts `n` bytes that were written behind the last one.
    pub(super) fn wrote(&mut self, n: usize) {
        self.last += n;
        debug_assert!(self.last <= self.bytes.len());
    }
}
