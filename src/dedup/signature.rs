//! MinHash signatures and their band keys. Each hash is multiply-shift on 32 bits (Dietzfelbinger et al. 1997: h(x) = (a x + b) >> 32 over 64 bits, a odd), which
//! compilers turn into vector instructions and which gives the same bits everywhere.

use crate::text::hash::hash64_seeded;

use super::{MinHash, ShingleSet};

/// Signs shingle sets with fixed hash functions.
#[derive(Clone, Debug)]
pub struct Signer {
    shape: MinHash,
    a: Vec<u64>,
    b: Vec<u64>,
}

/// Hash functions that are kept in registers together.
const LANES: usize = 16;

impl Signer {
    /// Hash functions drawn from the seed. Rows of the arrays are padded to whole lanes.
    pub fn new(shape: MinHash, seed: u64) -> Self {
        let n = shape.n_hashes().next_multiple_of(LANES);
        let draw = |what: u64, index: usize| hash64_seeded(&[what.to_le_bytes(), (index as u64).to_le_bytes()].concat(), seed);
        Self { shape, a: (0..n).map(|index| draw(0, index) | 1).collect(), b: (0..n).map(|index| draw(1, index)).collect() }
    }

    /// The signature: for each hash function its least value over the set, `[n_hashes]`. `None` for an empty set, which never matches.
    pub fn sign(&self, shingles: &ShingleSet) -> Option<Vec<u32>> {
        if shingles.is_empty() {
            return None;
        }
        let mut signature = vec![u32::MAX; self.a.len()];
        for ((least, a), b) in signature.chunks_exact_mut(LANES).zip(self.a.chunks_exact(LANES)).zip(self.b.chunks_exact(LANES)) {
            let least: &mut [u32; LANES] = least.try_into().expect("chunks have LANES elements");
            let a: &[u64; LANES] = a.try_into().expect("chunks have LANES elements");
            let b: &[u64; LANES] = b.try_into().expect("chunks have LANES elements");
            for &hash in shingles.hashes() {
                // Both halves of the 64-bit hash enter, so that 32-bit collisions of large sets do not.
                let x = u64::from((hash >> 32) as u32 ^ hash as u32);
                for lane in 0..LANES {
                    let value = (a[lane].wrapping_mul(x).wrapping_add(b[lane]) >> 32) as u32;
                    least[lane] = least[lane].min(value);
                }
            }
        }
        signature.truncate(self.shape.n_hashes());
        Some(signature)
    }

    /// One key a band, the band's number mixed in, so that keys of different bands never meet.
    pub fn band_keys(&self, signature: &[u32]) -> Vec<u64> {
        let key = |(band, rows): (usize, &[u32])| {
            let bytes: Vec<u8> = rows.iter().flat_map(|value| value.to_le_bytes()).collect();
            hash64_seeded(&bytes, band as u64)
        };
        signature.chunks_exact(self.shape.rows).enumerate().map(key).collect()
    }
}
