//! bzip2, one stream at a time, in safe code: the crates that read it either carry a licence that `deny.toml` does not admit, or lose what follows the first stream.
//!
//! A stream is `BZh` and a digit, blocks of up to 900,000 bytes, and a checksum over theirs. A block is: runs of four and more shortened, sorted rotations
//! (Burrows and Wheeler 1994), move-to-front, runs of zeros as binary digits, and up to six Huffman codes that change every 50 symbols. Randomised blocks,
//! which no bzip2 since 0.9.5 (1999) writes, are refused. Memory: 4 bytes for each byte of a block, as they come.

use std::io;

use super::BZIP2_MAGIC;
use super::decoder::Progress;

mod code;
mod output;

use code::{Code, LONGEST};
use output::Output;

/// How a block begins (the digits of pi), and how the stream ends (those of its square root).
pub(super) const BLOCK: u64 = 0x3141_5926_5359;
pub(super) const END: u64 = 0x1772_4538_5090;
/// Symbols that one selector speaks for.
const GROUP: usize = 50;
/// Selectors that a block can use; old writers may list a few more, which are passed over.
const SELECTORS: usize = 18_002;

/// A decoder of one stream that takes no byte behind its end.
pub(super) struct Bzip2 {
    state: State,
    bits: Bits,
    /// Bytes of a block before their runs are expanded.
    capacity: usize,
    /// What the blocks' checksums add up to.
    combined: u32,
    block: Block,
    out: Output,
}

#[derive(Clone, Copy)]
enum State {
    Header,
    /// A block or the end.
    Between,
    /// Of the block that begins, or of the stream that ends.
    Checksum {
        ends: bool,
    },
    Start,
    /// Sixteen ranges of sixteen bytes: which are used, then which of each.
    Ranges {
        used: u32,
        range: u32,
    },
    Codes,
    Selectors {
        left: usize,
    },
    Lengths {
        length: u32,
        begun: bool,
    },
    Symbols,
    Output,
    End,
}

/// Bits that were taken from the input and not used; never more than the next item may need.
#[derive(Default)]
struct Bits {
    held: u64,
    n: u32,
}

impl Bits {
    /// True when `n` bits, 56 at most, are at hand, taking bytes from the input as needed.
    fn has(&mut self, n: u32, input: &mut &[u8]) -> bool {
        while self.n < n {
            let Some((&byte, rest)) = input.split_first() else { return false };
            self.held = self.held << 8 | u64::from(byte);
            self.n += 8;
            *input = rest;
        }
        true
    }

    /// The next `n` of the bits at hand, which stay.
    fn peek(&self, n: u32) -> u32 {
        (self.held >> (self.n - n) & ((1 << n) - 1)) as u32
    }

    fn take(&mut self, n: u32) -> u32 {
        let bits = self.peek(n);
        self.n -= n;
        bits
    }
}

/// A block as it is read.
#[derive(Default)]
struct Block {
    checksum: u32,
    origin: usize,
    /// The bytes that occur, the one that came last in front.
    front: Vec<u8>,
    selectors: Vec<u8>,
    n_codes: usize,
    /// Lengths of the code that is being read.
    lengths: Vec<u32>,
    codes: Vec<Code>,
    /// Symbols so far.
    at: usize,
    /// Length of the run of zeros that is being read, and what its next digit counts.
    run: usize,
    digit: usize,
    /// Bytes in sorted order; later in the upper bits where the next one lies.
    bytes: Vec<u32>,
}

/// What the reading of a block came to.
enum Step {
    /// More input is needed.
    Hungry,
    Next(State),
}

impl Bzip2 {
    pub(super) fn new() -> Self {
        let (bits, block, out) = (Bits::default(), Block::default(), Output::default());
        Self { state: State::Header, bits, capacity: 0, combined: 0, block, out }
    }

    pub(super) fn step(&mut self, mut input: &[u8], output: &mut [u8]) -> Progress {
        let (given, mut written) = (input.len(), 0);
        let fault = loop {
            let next = match self.state {
                State::End => break None,
                State::Output => {
                    written += self.out.write(&self.block.bytes, &mut output[written..]);
                    if !self.out.is_done() {
                        break None;
                    }
                    self.finish_block().map(Step::Next)
                }
                State::Symbols => self.symbols(&mut input),
                state => self.item(state, &mut input),
            };
            match next {
                Ok(Step::Next(state)) => self.state = state,
                Ok(Step::Hungry) => break None,
                Err(what) => break Some(io::Error::new(io::ErrorKind::InvalidData, what)),
            }
        };
        Progress { used: given - input.len(), written, ended: matches!(self.state, State::End), fault }
    }

    fn finish_block(&mut self) -> Result<State, &'static str> {
        if self.out.checksum() != self.block.checksum {
            return Err("a block of bzip2 has another checksum than it says");
        }
        self.combined = self.combined.rotate_left(1) ^ self.block.checksum;
        Ok(State::Between)
    }

    /// Reads one item of the frame: each is looked at only when all its bits are there. What is looked ahead at is never more than must follow.
    fn item(&mut self, state: State, input: &mut &[u8]) -> Result<Step, &'static str> {
        let Self { bits, block, .. } = self;
        let need = match state {
            State::Header | State::Checksum { .. } => 32,
            State::Between => 48,
            State::Start => 25,
            State::Ranges { .. } => 16,
            State::Codes => 18,
            State::Selectors { .. } => 6,
            State::Lengths { begun: false, .. } => 5,
            _ => 2,
        };
        if !bits.has(need, input) {
            return Ok(Step::Hungry);
        }
        let next = match state {
            State::Header => {
                let [magic @ .., level] = bits.take(32).to_be_bytes();
                if magic != BZIP2_MAGIC || !(b'1'..=b'9').contains(&level) {
                    return Err("no stream of bzip2 begins here");
                }
                self.capacity = usize::from(level - b'0') * 100_000;
                State::Between
            }
            State::Between => {
                let magic = u64::from(bits.take(24)) << 24 | u64::from(bits.take(24));
                if magic != BLOCK && magic != END {
                    return Err("no block of bzip2 begins here");
                }
                *block = Block { bytes: std::mem::take(&mut block.bytes), ..Block::default() };
                State::Checksum { ends: magic == END }
            }
            State::Checksum { ends: false } => {
                block.checksum = bits.take(32);
                State::Start
            }
            State::Checksum { .. } if bits.take(32) == self.combined => State::End,
            State::Checksum { .. } => return Err("a stream of bzip2 has another checksum than it says"),
            State::Start => {
                if bits.take(1) != 0 {
                    return Err("randomised blocks of bzip2 are not read");
                }
                block.origin = bits.take(24) as usize;
                block.bytes.clear();
                State::Ranges { used: 0, range: 16 }
            }
            State::Ranges { range: 16, .. } => State::Ranges { used: bits.take(16), range: 0 }.skip_unused(),
            State::Ranges { used, range } => {
                let map = bits.take(16);
                block.front.extend((0..16).filter(|byte| map >> (15 - byte) & 1 == 1).map(|byte| (16 * range + byte) as u8));
                State::Ranges { used, range: range + 1 }.skip_unused()
            }
            State::Codes => {
                block.n_codes = bits.take(3) as usize;
                let left = bits.take(15) as usize;
                if !(2..=6).contains(&block.n_codes) || left == 0 || block.front.is_empty() {
                    return Err("a block of bzip2 has no codes");
                }
                State::Selectors { left }
            }
            State::Selectors { left } => {
                let ones = (bits.peek(6) << 26).leading_ones();
                if block.n_codes as u32 <= ones {
                    return Err("a block of bzip2 selects a code that it does not have");
                }
                bits.take(ones + 1);
                if block.selectors.len() < SELECTORS {
                    block.selectors.push(ones as u8);
                }
                if left == 1 { block.begin_lengths() } else { State::Selectors { left: left - 1 } }
            }
            State::Lengths { begun: false, .. } => State::Lengths { length: bits.take(5), begun: true },
            State::Lengths { length, .. } => {
                if !(1..=LONGEST).contains(&length) {
                    return Err("a code of bzip2 is too long");
                }
                if bits.peek(1) == 0 {
                    bits.take(1);
                    block.length(length)
                } else {
                    let length = if bits.take(2) == 2 { length + 1 } else { length - 1 };
                    State::Lengths { length, begun: true }
                }
            }
            State::Symbols | State::Output | State::End => state,
        };
        Ok(Step::Next(next))
    }

    /// Reads symbols until the block ends or the input does.
    fn symbols(&mut self, input: &mut &[u8]) -> Result<Step, &'static str> {
        let Self { bits, block, capacity, .. } = self;
        let end = block.front.len() + 1;
        loop {
            if !bits.has(LONGEST, input) {
                return Ok(Step::Hungry);
            }
            let selector = block.selectors.get(block.at / GROUP).ok_or("a block of bzip2 has more symbols than selectors")?;
            let code = &block.codes[usize::from(*selector)];
            let (symbol, length) = code.symbol(bits.peek(LONGEST)).ok_or("a code of bzip2 has no symbol")?;
            bits.take(length);
            block.at += 1;
            if symbol < 2 {
                block.run += block.digit << symbol;
                block.digit <<= 1;
                if *capacity < block.run {
                    return Err("a run of bzip2 is longer than its block");
                }
                continue;
            }
            if *capacity < block.bytes.len() + block.run + usize::from(symbol != end) {
                return Err("a block of bzip2 is too long");
            }
            let front = u32::from(block.front[0]);
            block.bytes.resize(block.bytes.len() + block.run, front);
            (block.run, block.digit) = (0, 1);
            if symbol == end {
                break;
            }
            let byte = block.front[symbol - 1];
            block.front.copy_within(..symbol - 1, 1);
            block.front[0] = byte;
            block.bytes.push(u32::from(byte));
        }
        let bytes = &mut block.bytes;
        let origin = block.origin;
        if bytes.len() <= origin {
            return Err("a block of bzip2 begins outside of itself");
        }
        // The place of each byte among the sorted ones is that of its next byte.
        let mut places = [0_usize; 256];
        bytes.iter().for_each(|byte| places[*byte as usize] += 1);
        let mut sum = 0;
        places.iter_mut().for_each(|place| sum += std::mem::replace(place, sum));
        for at in 0..bytes.len() {
            let place = &mut places[bytes[at] as usize & 0xFF];
            bytes[*place] |= (at as u32) << 8;
            *place += 1;
        }
        self.out = Output::new(bytes, origin);
        Ok(Step::Next(State::Output))
    }
}

impl State {
    /// Goes to the next range that is used.
    fn skip_unused(self) -> Self {
        let State::Ranges { used, range } = self else { return self };
        (range..16).find(|range| used >> (15 - range) & 1 == 1).map_or(State::Codes, |range| State::Ranges { used, range })
    }
}

impl Block {
    /// The selectors are there as moves to the front too; the codes come next.
    fn begin_lengths(&mut self) -> State {
        let mut front: [u8; 6] = [0, 1, 2, 3, 4, 5];
        for selector in &mut self.selectors {
            let at = usize::from(*selector);
            let code = front[at];
            front.copy_within(..at, 1);
            front[0] = code;
            *selector = code;
        }
        State::Lengths { length: 0, begun: false }
    }

    /// The length of the next symbol's code.
    fn length(&mut self, length: u32) -> State {
        self.lengths.push(length);
        if self.lengths.len() < self.front.len() + 2 {
            return State::Lengths { length, begun: true };
        }
        self.codes.push(Code::new(&self.lengths));
        self.lengths.clear();
        self.digit = 1;
        if self.codes.len() < self.n_codes { State::Lengths { length: 0, begun: false } } else { State::Symbols }
    }
}

#[cfg(test)]
mod tests;
