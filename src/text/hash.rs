//! Hashes for everything at rest, and the keyed draw. One specified function, XXH3, so that a stored value means the same on every machine and version.

use std::hash::BuildHasher;

use xxhash_rust::xxh3;

use crate::document::Key;

/// XXH3, 64 bits, seed 0.
pub fn hash64(bytes: &[u8]) -> u64 {
    xxh3::xxh3_64(bytes)
}

/// XXH3, 64 bits, with a seed.
pub fn hash64_seeded(bytes: &[u8], seed: u64) -> u64 {
    xxh3::xxh3_64_with_seed(bytes, seed)
}

/// XXH3, 128 bits, seed 0.
pub fn hash128(bytes: &[u8]) -> u128 {
    xxh3::xxh3_128(bytes)
}

/// A streaming 128-bit hash, for files while they are written.
#[derive(Clone, Default)]
pub struct Hasher(xxh3::Xxh3);

impl Hasher {
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub fn finish(&self) -> u128 {
        self.0.digest128()
    }
}

/// So that what is written can be compared without being held.
impl std::io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The key of a document: a hash of the input's identity (`set` names the file or record set), what the input calls the document, and an ordinal
/// that is 0 unless the id repeats in its set. Parts are length-prefixed, so that no two triples run together.
pub fn document_key(set: &str, id: &str, ordinal: u64) -> Key {
    let mut hasher = Hasher::default();
    for part in [set, id] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.update(&ordinal.to_le_bytes());
    Key(hasher.finish())
}

/// Uniform 64 bits, keyed by seed, step and document: the same on any thread, in any order, on any machine.
pub fn draw_bits(seed: u64, step: &str, key: Key) -> u64 {
    let mut bytes = [0_u8; 24];
    bytes[..16].copy_from_slice(&key.0.to_le_bytes());
    bytes[16..].copy_from_slice(&hash64_seeded(step.as_bytes(), seed).to_le_bytes());
    hash64_seeded(&bytes, seed)
}

/// Uniform in the open interval (0, 1): ((h >> 11) + .5) * 2^-53.
pub fn draw(seed: u64, step: &str, key: Key) -> f64 {
    unit(draw_bits(seed, step, key))
}

/// Maps 64 uniform bits to the open interval (0, 1). The largest value of the formula would round to 1, so it is the float below.
pub fn unit(bits: u64) -> f64 {
    (((bits >> 11) as f64 + 0.5) * 2_f64.powi(-53)).min(1.0 - f64::EPSILON / 2.0)
}

/// A `BuildHasher` with a fixed seed for keys that are hashes already: mixing is all that is left to do. For Bloom filters; std's is seeded anew each run.
#[derive(Clone, Copy, Debug)]
pub struct Mix(u64);

impl Mix {
    /// The two that a Bloom filter wants.
    pub fn pair() -> [Self; 2] {
        [Self(0x9e37_79b9_7f4a_7c15), Self(0xd1b5_4a32_d192_ed03)]
    }
}

impl BuildHasher for Mix {
    type Hasher = MixHasher;

    fn build_hasher(&self) -> MixHasher {
        MixHasher(self.0)
    }
}

/// Mixes one 64-bit key.
pub struct MixHasher(u64);

impl std::hash::Hasher for MixHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash64_seeded(bytes, self.0);
    }

    fn write_u64(&mut self, value: u64) {
        // The finaliser of splitmix64 (Steele, Lea and Flood 2014).
        let mut x = value ^ self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        self.0 = x ^ (x >> 31);
    }
}
