//! Spark's text features, bit by bit (METHOD, section 1): `Tokenizer` and `HashingTF` of spark.ml, version 3 and later.

use crate::linear::SparseVector;

pub use super::tokenizer::tokenizer;

/// MurmurHash3, x86, 32 bits (Austin Appleby, public domain), with the standard treatment of tail bytes, as Spark 3 hashes UTF-8 strings.
pub fn murmur3(bytes: &[u8], seed: u32) -> u32 {
    let mix = |k: u32| k.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let mut hash = seed;
    let mut blocks = bytes.chunks_exact(4);
    for block in &mut blocks {
        let k = u32::from_le_bytes(block.try_into().expect("chunks of four"));
        hash = (hash ^ mix(k)).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    let tail = blocks.remainder();
    if !tail.is_empty() {
        let k = tail.iter().rev().fold(0, |k, &byte| k << 8 | u32::from(byte));
        hash ^= mix(k);
    }
    hash ^= bytes.len() as u32;
    hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}

/// Seed of HashingTF.
pub const SEED: u32 = 42;

/// Index of a term: its hash as a signed number, modulo the dimensions, never negative.
pub fn index(term: &[u8], dimensions: u32) -> u32 {
    let hash = murmur3(term, SEED);
    // The same without a division.
    if dimensions.is_power_of_two() { hash & (dimensions - 1) } else { (hash as i32).rem_euclid(dimensions as i32) as u32 }
}

/// Term counts by index, as `HashingTF` gives them for the tokens of a text.
pub fn hashing_tf(text: &str, dimensions: u32) -> SparseVector {
    let mut all: Vec<u32> = tokenizer(text).map(|token| index(token.as_bytes(), dimensions)).collect();
    all.sort_unstable();
    let mut vector = SparseVector::default();
    for same in all.chunk_by(|a, b| a == b) {
        vector.indices.push(same[0]);
        vector.values.push(same.len() as f32);
    }
    vector
}
