//! The Huffman codes of a block, which are told by their lengths alone.

/// Longest code that is legal.
pub(super) const LONGEST: u32 = 20;

/// A canonical Huffman code.
pub(super) struct Code {
    /// By length: one more than the last code of that length, in 20 bits; and what to take off a code to get its symbol's place.
    ends: [u32; LONGEST as usize + 1],
    places: [i32; LONGEST as usize + 1],
    symbols: Vec<u16>,
}

impl Code {
    pub(super) fn new(lengths: &[u32]) -> Self {
        let (mut ends, mut places) = ([0; LONGEST as usize + 1], [0; LONGEST as usize + 1]);
        let mut symbols = Vec::with_capacity(lengths.len());
        let mut code = 0_u32;
        for length in 1..=LONGEST {
            places[length as usize] = symbols.len() as i32 - code as i32;
            for (symbol, _) in lengths.iter().enumerate().filter(|(_, other)| **other == length) {
                symbols.push(symbol as u16);
                code += 1;
            }
            // Of lengths that no code can have, the codes run over and are never met: all are compared as 20 bits.
            ends[length as usize] = code << (LONGEST - length);
            code <<= 1;
        }
        Self { ends, places, symbols }
    }

    /// The symbol at the front of 20 bits and its length.
    pub(super) fn symbol(&self, bits: u32) -> Option<(usize, u32)> {
        let length = (1..=LONGEST).find(|&length| bits < self.ends[length as usize])?;
        let place = (bits >> (LONGEST - length)) as i32 + self.places[length as usize];
        let symbol = self.symbols.get(usize::try_from(place).ok()?)?;
        Some((usize::from(*symbol), length))
    }
}
