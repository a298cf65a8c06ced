//! A Bloom filter of keys seen once, so that the great majority of band keys, which nothing shares, are never sorted or held.

use probabilistic_collections::bloom::BloomFilter;

use crate::text::hash::Mix;

/// Tells which keys were probably seen before.
pub struct Seen {
    filter: BloomFilter<u64, Mix>,
}

impl Seen {
    /// For about `n` keys; a key that was not seen is taken for seen with probability `false_positive_rate`. Memory: 1.44 log2(1 / rate) bits a key.
    pub fn with_capacity(n: usize, false_positive_rate: f64) -> Self {
        Self { filter: BloomFilter::with_hashers(n.max(64), false_positive_rate, Mix::pair()) }
    }

    /// Puts a key in; true when it was probably there before. Never false for a key that was.
    pub fn insert(&mut self, key: u64) -> bool {
        let before = self.filter.contains(&key);
        if !before {
            self.filter.insert(&key);
        }
        before
    }
}
