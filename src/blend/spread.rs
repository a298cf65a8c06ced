//! Where a source's tokens lie along a keyed draw. From it follow the draw below which documents get one copy more, so that the tokens taken are those that were asked for, and the place of
//! each copy in the order of the data set, so that every stretch of the order has the same share of each source: draws alone would leave both to chance.

use serde::{Deserialize, Serialize};

/// Bits of a draw that tell its bin. 2^16 bins of a source hold a 65,536th of its tokens each, or one document where it has fewer.
const BITS: u32 = 16;
/// Equal stretches of draws that are told apart.
pub const BINS: usize = 1 << BITS;

/// Tokens of a source by draw, `[BINS]` or empty. Memory: 512 KiB.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    bins: Vec<u64>,
}

impl Spread {
    /// Adds tokens at a draw, given as the 64-bit fraction of the whole.
    pub fn add(&mut self, draw: u64, tokens: u64) {
        self.add_bin((draw >> (64 - BITS)) as usize, tokens);
    }

    /// The same by bin.
    pub fn add_bin(&mut self, bin: usize, tokens: u64) {
        if self.bins.is_empty() {
            self.bins = vec![0; BINS];
        }
        self.bins[bin] += tokens;
    }

    /// Bins that hold any, in order.
    pub fn bins(&self) -> impl Iterator<Item = (usize, u64)> {
        self.bins.iter().copied().enumerate().filter(|(_, tokens)| *tokens != 0)
    }

    pub fn total(&self) -> u64 {
        self.bins.iter().sum()
    }

    /// The draws that together hold about this many tokens, and what they hold. They are those below the first bin that would not fit, then each later bin that still does: one long document
    /// must not leave its whole length open. Where the shortest that is left would bring it nearer, it is taken too, unless what is asked for is the `most`.
    pub fn first(&self, tokens: u64, most: bool) -> (Draws, u64) {
        let (mut draws, mut taken) = (Draws { below: 1.0, beyond: Vec::new() }, 0);
        for (bin, held) in self.bins() {
            let fits = taken + held <= tokens;
            if !fits && draws.below == 1.0 {
                draws.below = bin as f64 / BINS as f64;
            } else if fits && draws.below < 1.0 {
                draws.beyond.push(bin as u32);
            }
            taken += if fits { held } else { 0 };
        }
        let left = tokens - taken;
        let is_open = |bin: usize| draws.below <= bin as f64 / BINS as f64 && draws.beyond.binary_search(&(bin as u32)).is_err();
        let shortest = self.bins().filter(|(bin, _)| is_open(*bin)).min_by_key(|(_, held)| *held);
        if let Some((bin, held)) = shortest.filter(|(_, held)| !most && held - left < left) {
            let at = draws.beyond.partition_point(|other| (*other as usize) < bin);
            draws.beyond.insert(at, bin as u32);
            taken += held;
        }
        (draws, taken)
    }

    /// Turns bins into places.
    pub fn places(&self) -> Places {
        let mut sum = 0;
        let mut before = Vec::with_capacity(self.bins.len() + 1);
        before.push(0);
        before.extend(self.bins.iter().map(|tokens| {
            sum += tokens;
            sum
        }));
        Places { before }
    }
}

/// A set of draws.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Draws {
    /// All draws in `0..below`.
    pub below: f64,
    /// And those in these bins, ascending: a bin is a 65,536th of the draws.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beyond: Vec<u32>,
}

impl Draws {
    /// True for a draw, in (0, 1), that is one of them.
    pub fn hold(&self, draw: f64) -> bool {
        draw < self.below || self.beyond.binary_search(&((draw * BINS as f64) as u32)).is_ok()
    }
}

/// Places of draws in the order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Tokens before each bin, and all: `[BINS + 1]`, or `[1]` of a source without tokens.
    before: Vec<u64>,
}

impl Places {
    /// The place of a draw, both as 64-bit fractions of the whole: the share of the source's tokens whose draws are smaller, between the borders of a bin by the draw itself.
    /// Never falls as the draw rises.
    pub fn of(&self, draw: u64) -> u64 {
        let total = *self.before.last().expect("the first is 0");
        if total == 0 {
            return draw;
        }
        let bin = (draw >> (64 - BITS)) as usize;
        let (from, to) = (self.before[bin], self.before[bin + 1]);
        let within = (draw << BITS) as f64 / 2_f64.powi(64);
        // Floats take 53 bits of the place; all of this is exact or rounded the same everywhere.
        (((from as f64 + (to - from) as f64 * within) / total as f64) * 2_f64.powi(64)) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::hash::hash64_seeded;

    fn draw(n: u64) -> u64 {
        hash64_seeded(&n.to_le_bytes(), 1)
    }

    #[test]
    fn documents_below_a_draw_hold_what_is_asked_for() {
        let tokens = |n: u64| 20 + (1 << (draw(n) % 12));
        let mut spread = Spread::default();
        (0..50_000).for_each(|n| spread.add(draw(n), tokens(n)));
        let all = spread.total();
        for share in [0.0, 0.01, 0.37, 0.5, 0.999, 1.0] {
            let asked = (all as f64 * share) as u64;
            let (draws, held) = spread.first(asked, true);
            let is_drawn = |n: &u64| draws.hold((draw(*n) >> 11) as f64 * 2_f64.powi(-53));
            assert_eq!((0..50_000).filter(is_drawn).map(tokens).sum::<u64>(), held);
            // The shortest document has 21 tokens.
            assert!(held <= asked && asked - held <= 21, "{share}: {held} for {asked}");
            // Nearly all of them are the smallest draws, so that short documents are not preferred.
            assert!(draws.below == 1.0 || draws.beyond.len() < 50, "{}", draws.beyond.len());
        }
        assert_eq!(Spread::default().first(7, false).1, 0);
    }

    #[test]
    fn a_book_that_does_not_fit_leaves_its_place_to_others() {
        let mut spread = Spread::default();
        [40, 900, 30, 500, 20].into_iter().enumerate().for_each(|(n, tokens)| spread.add(u64::MAX / 5 * n as u64, tokens));
        let (draws, held) = spread.first(100, true);
        assert_eq!((held, draws.beyond.len()), (90, 2));
        assert_eq!([0.0, 0.2, 0.4, 0.6, 0.8].map(|at| draws.hold(at + 1e-6)), [true, false, true, false, true]);
        assert!(!spread.first(0, true).0.hold(0.0) && spread.first(1490, true).0.hold(0.999_999));
        // The book is nearer to what is asked for than all others together are.
        let (draws, held) = spread.first(350, false);
        assert_eq!((held, draws.hold(0.2 + 1e-6), draws.hold(0.6 + 1e-6)), (590, false, true));
        assert_eq!([spread.first(350, true).1, spread.first(339, false).1], [90, 90]);
    }

    #[test]
    fn places_rise_with_draws_and_share_out_the_whole() {
        let mut spread = Spread::default();
        (0..3000).for_each(|n| spread.add(draw(n), 1 + n % 50));
        let places = spread.places();
        let mut draws: Vec<u64> = (0..3000).map(draw).chain([0, u64::MAX]).collect();
        draws.sort_unstable();
        assert!(draws.windows(2).all(|pair| places.of(pair[0]) <= places.of(pair[1])));
        // Tokens of documents up to a place are that share of all, to a document and a bin.
        let all = spread.total();
        for tenth in 1..10_u64 {
            let until = (u64::MAX / 10) * tenth;
            let held: u64 = (0..3000).filter(|n| places.of(draw(*n)) < until).map(|n| 1 + n % 50).sum();
            assert!(held.abs_diff(all * tenth / 10) <= 100, "{tenth}: {held} of {all}");
        }
        assert_eq!(Spread::default().places().of(77), 77, "without tokens a draw is its place");
    }
}
