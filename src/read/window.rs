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
    /// Bytes that are held at most, as its owner means it; more are held all the same.
    most: usize,
}

/// Up to here the buffer doubles. Then it is as large as it will be at once: memory that nothing was written to costs nothing, and copies would.
const SMALL: usize = 4 << 20;
/// As large as that, where more is allowed.
const LARGE: usize = 128 << 20;

impl Window {
    /// An empty one, of which at most so many bytes are to be held.
    pub(super) fn new(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// Begins at this position; nothing is held yet.
    pub(super) fn begin(&mut self, start: u64) {
        self.start = start;
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
            let needed = self.last + n;
            let enough = self.most.saturating_add(n).min(LARGE);
            let size = if needed <= SMALL || enough < needed { needed.next_power_of_two() } else { enough };
            let mut bytes = vec![0; size];
            bytes[..self.last].copy_from_slice(&self.bytes[..self.last]);
            self.bytes = bytes;
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
