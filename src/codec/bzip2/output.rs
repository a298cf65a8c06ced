//! From the sorted bytes of a block to its content.

/// What is left to write of a decoded block.
#[derive(Default)]
pub(super) struct Output {
    next: u32,
    left: usize,
    last: u8,
    /// How often the last byte stood in a row, up to four.
    row: u8,
    repeats: u8,
    crc: u32,
}

impl Output {
    /// `bytes` are those of the block in sorted order, each with the place of the next one above its eight bits; `origin` is that of the last one.
    pub(super) fn new(bytes: &[u32], origin: usize) -> Self {
        Self { next: bytes[origin] >> 8, left: bytes.len(), crc: u32::MAX, ..Self::default() }
    }

    pub(super) fn is_done(&self) -> bool {
        self.left == 0 && self.repeats == 0
    }

    /// Of what was written.
    pub(super) fn checksum(&self) -> u32 {
        !self.crc
    }

    /// Writes what fits: bytes follow each other by their places; after four in a row a fifth says how often it comes again.
    pub(super) fn write(&mut self, bytes: &[u32], output: &mut [u8]) -> usize {
        let mut written = 0;
        while written < output.len() {
            if 0 < self.repeats {
                self.repeats -= 1;
            } else if self.left == 0 {
                break;
            } else {
                let entry = bytes[self.next as usize];
                self.next = entry >> 8;
                self.left -= 1;
                let byte = entry as u8;
                if self.row == 4 {
                    (self.row, self.repeats) = (0, byte);
                    continue;
                }
                self.row = if byte == self.last && 0 < self.row { self.row + 1 } else { 1 };
                self.last = byte;
            }
            output[written] = self.last;
            self.crc = self.crc << 8 ^ CRC[(self.crc >> 24) as usize ^ usize::from(self.last)];
            written += 1;
        }
        written
    }
}

/// CRC-32 of the highest bit first.
const CRC: [u32; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let mut crc = (at as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc >> 31 == 1 { crc << 1 ^ 0x04C1_1DB7 } else { crc << 1 };
            bit += 1;
        }
        table[at] = crc;
        at += 1;
    }
    table
};
