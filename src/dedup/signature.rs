//! MinHash signatures and their band keys (Broder 1997).

use crate::text::hash::hash64_seeded;

use super::{MinHash, ShingleSet};

/// Signs shingle sets with fixed hash functions h(x) = a x + b modulo 2^32, a odd: each a permutation of the 32-bit numbers. Plain integer arithmetic gives
/// the same bits everywhere. x is itself a hash, so that what is weak in linear functions does not show: over 400 seeds on 3,716 licence texts the recall of
/// 14 x 8 was .9806 (standard deviation .0123), that of 64-bit multiply-shift .9802 (.0125), and the S-curve's .9799. Multiply-shift took 1.8 times as long
/// on SSE2 and four times with AVX-512.
#[derive(Clone, Debug)]
pub struct Signer {
    shape: MinHash,
    /// One a hash function, in whole blocks of [`LANES`].
    a: Vec<[u32; LANES]>,
    b: Vec<[u32; LANES]>,
}

/// Hash functions whose least values are kept in registers together.
const LANES: usize = 16;

impl Signer {
    /// Hash functions drawn from the seed. Signatures of different seeds cannot be compared.
    pub fn new(shape: MinHash, seed: u64) -> Self {
        let draw = |what: u64, index: usize| hash64_seeded(&[what.to_le_bytes(), (index as u64).to_le_bytes()].concat(), seed) as u32;
        let blocks = |what: u64, odd: u32| {
            let block = |block: usize| std::array::from_fn(|lane| draw(what, block * LANES + lane) | odd);
            (0..shape.n_hashes().div_ceil(LANES)).map(block).collect()
        };
        Self { shape, a: blocks(0, 1), b: blocks(1, 0) }
    }

    /// The signature: for each hash function its least value over the set, `[n_hashes]`. `None` for an empty set, which never matches.
    pub fn sign(&self, shingles: &ShingleSet) -> Option<Vec<u32>> {
        if shingles.is_empty() {
            return None;
        }
        let mut signature = Vec::with_capacity(self.a.len() * LANES);
        for (a, b) in self.a.iter().zip(&self.b) {
            // Compared as signed numbers, for which SSE2 has an instruction; any fixed order serves.
            let mut least = [i32::MAX; LANES];
            for &hash in shingles.hashes() {
                for lane in 0..LANES {
                    let value = a[lane].wrapping_mul(hash as u32).wrapping_add(b[lane]) as i32;
                    least[lane] = if value < least[lane] { value } else { least[lane] };
                }
            }
            signature.extend(least.map(|value| value as u32));
        }
        signature.truncate(self.shape.n_hashes());
        Some(signature)
    }

    /// One key a band, the band's number mixed in, so that keys of different bands never meet.
    pub fn band_keys(&self, signature: &[u32]) -> Vec<u64> {
        let bytes: Vec<u8> = signature.iter().flat_map(|value| value.to_le_bytes()).collect();
        bytes.chunks_exact(4 * self.shape.rows).zip(0_u64..).map(|(rows, band)| hash64_seeded(rows, band)).collect()
    }
}

#[cfg(test)]
mod tests;
