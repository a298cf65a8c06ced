//! A Bloom filter of keys seen once (Bloom 1970), so that the great majority of band keys, which nothing shares, are never sorted or held.

use probabilistic_collections::bloom::BloomFilter;

use crate::error::{Error, Result};
use crate::text::hash::Mix;

/// Tells which keys were probably seen before. Fixed seeds: the same keys in the same order give the same answers everywhere.
pub struct Seen {
    filter: BloomFilter<u64, Mix>,
    capacity: usize,
    /// Keys that were new when they came; those taken for seen change nothing.
    n_new: usize,
    rate: f64,
}

/// Keys that a filter is made for at least: below, a handful of bits would be shared by chance.
const LEAST_CAPACITY: usize = 64;
/// False-positive rates that a filter is made for; what lies outside, or is not a number, is moved to the nearest. Below, 30 bits a key buy nothing that an
/// exact set would not; above, the filter would have no bits.
const RATES: (f64, f64) = (1e-9, 0.5);

impl Seen {
    /// For `n` distinct keys, at least 64; with so many, a key that was not seen is taken for seen with probability `false_positive_rate`.
    /// Memory: 1.44 log2(1 / rate) bits a key, 9.6 at a hundredth.
    pub fn with_capacity(n: usize, false_positive_rate: f64) -> Self {
        let capacity = n.max(LEAST_CAPACITY);
        // `max` also turns a NaN into the smallest rate.
        let rate = false_positive_rate.max(RATES.0).min(RATES.1);
        Self { filter: BloomFilter::with_hashers(capacity, rate, Mix::pair()), capacity, n_new: 0, rate }
    }

    /// Puts a key in; true when it was probably there before. Never false for a key that was.
    pub fn insert(&mut self, key: u64) -> bool {
        let before = self.filter.contains(&key);
        if !before {
            self.filter.insert(&key);
            self.n_new += 1;
        }
        before
    }

    /// True when the key was probably put in. Never false for a key that was.
    pub fn contains(&self, key: u64) -> bool {
        self.filter.contains(&key)
    }

    /// Share of bits that are set, in 0..=1: .5 to .57 when as many keys are in as the filter was made for. Counts all bits.
    pub fn fill_ratio(&self) -> f64 {
        self.filter.count_ones() as f64 / self.filter.len() as f64
    }

    /// Whether the promised rate still holds.
    ///
    /// # Errors
    /// When more keys are in than the filter was made for. Where an answer decides something, ask before believing it; where a false alarm only costs
    /// time, as it does with band keys, nothing breaks.
    pub fn check(&self) -> Result<()> {
        if self.n_new <= self.capacity {
            return Ok(());
        }
        let Self { capacity, n_new, rate, .. } = self;
        Err(Error::new(format!(
            "a Bloom filter made for {capacity} keys holds {n_new}, so that more than {rate} of its answers are false alarms"
        )))
    }
}

#[cfg(test)]
mod tests;
