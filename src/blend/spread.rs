//! Where a source's tokens lie along a keyed draw. From it follow the draws of documents that get one copy more, so that the tokens taken are those that were asked for, and the place of
//! each copy in the order of the data set, so that every stretch of the order has the same share of each source: draws alone would leave both to chance.

use serde::{Deserialize, Serialize};

/// Bits of a draw that tell its bin. 2^16 bins of a source hold a 65,536th of its tokens each, or one document where it has fewer.
const BITS: u32 = 16;
/// Equal stretches of draws that are told apart.
pub const BINS: usize = 1 << BITS;
/// Near enough is one part in so many.
const NEAR: u64 = 10_000;
/// Bins that are tried first, one after the other.
const TRIALS: usize = 256;

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

    /// The draws that together hold as nearly as whole bins can this many tokens, and what they hold: `most` at most. They are the smallest draws, and after the first bin that does not fit
    /// each later one that still does: one long document must not leave its whole length open. Where that is not near enough, one of the bins that did not fit comes first and the others fill
    /// up what it leaves; at last one bin too many is taken, if that is nearer.
    pub fn nearest(&self, tokens: u64, most: u64) -> (Draws, u64) {
        let is_near = |taken: u64| tokens.abs_diff(taken) <= tokens / NEAR;
        let (mut best, mut taken) = self.filled(None, tokens);
        let late: Vec<usize> = self.bins().map(|(bin, _)| bin).filter(|bin| !best[*bin]).take(TRIALS).collect();
        for bin in late.into_iter().filter(|bin| self.bins[*bin] <= tokens) {
            if is_near(taken) {
                break;
            }
            let (filled, held) = self.filled(Some(bin), tokens);
            if taken < held {
                (best, taken) = (filled, held);
            }
        }
        let open = self.bins().filter(|(bin, held)| !best[*bin] && taken + held <= most);
        let shortest = open.min_by_key(|(_, held)| *held).filter(|(_, held)| tokens.abs_diff(taken + held) < tokens.abs_diff(taken));
        if let Some((bin, held)) = shortest.filter(|_| !is_near(taken)) {
            best[bin] = true;
            taken += held;
        }
        (Draws::of(self, &best), taken)
    }

    /// The bins that are taken, if one comes first and then each that still fits.
    fn filled(&self, first: Option<usize>, tokens: u64) -> (Vec<bool>, u64) {
        let mut is_taken = vec![false; self.bins.len()];
        let mut sum = 0;
        if let Some(first) = first {
            is_taken[first] = true;
            sum = self.bins[first];
        }
        for (bin, held) in self.bins() {
            if !is_taken[bin] && sum + held <= tokens {
                is_taken[bin] = true;
                sum += held;
            }
        }
        (is_taken, sum)
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

/// A set of draws, as ranges of bins `from..to`, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Draws(Vec<(u32, u32)>);

impl Draws {
    /// The bins that are taken; where two follow each other, with the empty ones between.
    fn of(spread: &Spread, is_taken: &[bool]) -> Self {
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        let mut follows = false;
        for (bin, _) in spread.bins() {
            match ranges.last_mut() {
                Some((_, to)) if is_taken[bin] && follows => *to = bin as u32 + 1,
                _ if is_taken[bin] => ranges.push((bin as u32, bin as u32 + 1)),
                _ => {}
            }
            follows = is_taken[bin];
        }
        Self(ranges)
    }

    /// True for a draw, in (0, 1), that is one of them.
    pub fn hold(&self, draw: f64) -> bool {
        let bin = (draw * BINS as f64) as u32;
        let after = self.0.partition_point(|(from, _)| *from <= bin);
        after.checked_sub(1).is_some_and(|at| bin < self.0[at].1)
    }

    /// Where the last of them ends, in 0..=1.
    pub fn end(&self) -> f64 {
        self.0.last().map_or(0.0, |(_, to)| f64::from(*to) / BINS as f64)
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

    /// A spread of documents at equal distances.
    fn spread(tokens: &[u64]) -> Spread {
        let mut spread = Spread::default();
        tokens.iter().enumerate().for_each(|(n, tokens)| spread.add(u64::MAX / 500 * n as u64, *tokens));
        spread
    }

    #[test]
    fn draws_hold_what_is_asked_for() {
        let tokens = |n: u64| 20 + (1 << (draw(n) % 12));
        let mut spread = Spread::default();
        (0..50_000).for_each(|n| spread.add(draw(n), tokens(n)));
        let all = spread.total();
        for share in [0.0, 0.01, 0.37, 0.5, 0.999, 1.0] {
            let asked = (all as f64 * share) as u64;
            let (draws, held) = spread.nearest(asked, asked);
            let is_drawn = |n: &u64| draws.hold((draw(*n) >> 11) as f64 * 2_f64.powi(-53));
            assert_eq!((0..50_000).filter(is_drawn).map(tokens).sum::<u64>(), held);
            assert!(held <= asked && asked - held <= 21 + asked / NEAR, "{share}: {held} for {asked}");
            // Nearly all of them are the smallest draws, so that short documents are not preferred.
            let beyond = (0..50_000).filter(is_drawn).filter(|n| share < draw(*n) as f64 * 2_f64.powi(-64) - 0.01).count();
            assert!(beyond < 100, "{share}: {beyond}");
        }
        assert_eq!(Spread::default().nearest(7, 9), (Draws::default(), 0));
    }

    #[test]
    fn a_long_document_is_taken_where_that_is_nearer_and_allowed() {
        let held = |spread: &Spread, asked: u64, most: u64| spread.nearest(asked, most).1;
        let books = spread(&[40, 900, 30, 500, 20]);
        let (draws, taken) = books.nearest(95, 95);
        assert_eq!(taken, 90);
        assert_eq!([0, 1, 2, 3, 4].map(|n| draws.hold(f64::from(n) / 500.0 + 1e-6)), [true, false, true, false, true]);
        assert!((draws.end() - 4.0 / 500.0).abs() < 1e-4, "{}", draws.end());
        // 500 alone, or with what fills it up; 990 is all but it, 1,490 all.
        assert_eq!([500, 521, 540, 990, 1490].map(|asked| held(&books, asked, asked)), [500, 520, 540, 990, 1490]);
        // Beyond what is asked for only if that is nearer, and not beyond the most.
        assert_eq!(
            [held(&books, 350, u64::MAX), held(&books, 339, u64::MAX), held(&books, 350, 589), held(&books, 350, 350)],
            [590, 90, 90, 90]
        );
        // One long document, and many short ones before it.
        let mut tokens = vec![50; 200];
        tokens.push(20_000);
        let one = spread(&tokens);
        assert_eq!([21_000, 20_000, 10_000, 9_000, 30_000].map(|asked| held(&one, asked, asked)), [21_000, 20_000, 10_000, 9_000, 30_000]);
        // A source of one document.
        assert_eq!([held(&spread(&[500]), 200, 500), held(&spread(&[500]), 300, 500), held(&spread(&[500]), 300, 300)], [0, 500, 0]);
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
