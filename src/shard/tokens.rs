//! Token files beside shards: the tokens of a shard's rows one after the other, each row followed by the end-of-text token, for programs that map them into memory and train.
//!
//! Little-endian, 16 bits a token where the vocabulary has at most 65,536, else 32. nanoGPT reads such a file as it is, where tokens have 16 bits. Megatron's indexed data set has an index beside it: magic, version 1, code of
//! the type, numbers of sequences and of document borders, lengths of sequences (i32), their first bytes (i64), document borders (i64, with the last); here a row is a sequence and a document.

use std::io::Write;

use serde::{Deserialize, Serialize};

use crate::error::{Context, Result};

/// Whose files they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenFiles {
    /// `.bin`.
    Nanogpt,
    /// `.bin` and `.idx`.
    Megatron,
}

/// Megatron's names of types.
const INT32: u8 = 4;
const UINT16: u8 = 8;
const MEGATRON: &[u8; 9] = b"MMIDIDX\x00\x00";

/// Writes the tokens of one shard. Memory: 4 bytes a row.
pub struct TokenWriter<W: Write> {
    out: W,
    is_wide: bool,
    end_of_text: u32,
    /// Tokens of each row, the last included.
    lengths: Vec<u32>,
}

impl<W: Write> TokenWriter<W> {
    /// `n_vocabulary` counts the end-of-text token too.
    pub fn new(out: W, n_vocabulary: usize, end_of_text: u32) -> Self {
        Self { out, is_wide: usize::from(u16::MAX) + 1 < n_vocabulary, end_of_text, lengths: Vec::new() }
    }

    /// Adds a row.
    pub fn push(&mut self, tokens: &[u32]) -> Result<()> {
        let mut bytes = Vec::with_capacity((tokens.len() + 1) * 4);
        for &token in tokens.iter().chain([&self.end_of_text]) {
            bytes.extend_from_slice(&token.to_le_bytes()[..if self.is_wide { 4 } else { 2 }]);
        }
        self.lengths.push(u32::try_from(tokens.len() + 1).expect("a text has fewer tokens than bytes, which are far under 4 Gi"));
        self.out.write_all(&bytes).context(|| "cannot write a token file")
    }

    pub fn rows(&self) -> u64 {
        self.lengths.len() as u64
    }

    /// Megatron's index of what was written.
    pub fn index(&self) -> Vec<u8> {
        let n = self.lengths.len() as u64;
        let mut bytes = MEGATRON.to_vec();
        bytes.extend_from_slice(&1_u64.to_le_bytes());
        bytes.push(if self.is_wide { INT32 } else { UINT16 });
        bytes.extend_from_slice(&n.to_le_bytes());
        bytes.extend_from_slice(&(n + 1).to_le_bytes());
        self.lengths.iter().for_each(|length| bytes.extend_from_slice(&length.to_le_bytes()));
        let mut at = 0_u64;
        for &length in &self.lengths {
            bytes.extend_from_slice(&at.to_le_bytes());
            at += u64::from(length) * if self.is_wide { 4 } else { 2 };
        }
        (0..=n).for_each(|row| bytes.extend_from_slice(&row.to_le_bytes()));
        bytes
    }

    pub fn into_inner(self) -> W {
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_end_in_the_last_token_and_the_index_tells_where_they_begin() {
        for (n_vocabulary, width, code) in [(50_257, 2, UINT16), (65_536, 2, UINT16), (100_277, 4, INT32)] {
            let mut writer = TokenWriter::new(Vec::new(), n_vocabulary, 50_256);
            [&[1, 2, 3][..], &[], &[65_535]].iter().for_each(|row| writer.push(row).unwrap());
            let index = writer.index();
            assert_eq!(writer.rows(), 3);
            let bytes = writer.into_inner();
            let tokens: Vec<u32> =
                bytes.chunks(width).map(|token| token.iter().rev().fold(0, |sum, &byte| sum << 8 | u32::from(byte))).collect();
            assert_eq!(tokens, [1, 2, 3, 50_256, 50_256, 65_535, 50_256]);
            assert_eq!((&index[..9], index[17], index.len()), (&MEGATRON[..], code, 34 + 3 * 4 + 3 * 8 + 4 * 8));
            let pointers: Vec<u64> = index[46..70].chunks(8).map(|bytes| u64::from_le_bytes(bytes.try_into().unwrap())).collect();
            assert_eq!(pointers, [0, 4 * width as u64, 5 * width as u64]);
        }
    }
}
