//! Where the copies of a document lie in the order of the data set.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::blend::{self, Places};
use crate::document::Key;
use crate::error::Result;
use crate::store::spill::partition;
use crate::text::hash::{draw, draw_bits, hash64_seeded, unit};

use super::super::super::plan;
use super::super::super::recipe::{Output, Recipe};
use super::super::super::run::Build;
use super::super::spreads::read_spreads;

/// Where tokens lie along the draws, from which places follow.
pub(super) const DRAWS: &str = "order/draws";

/// Which part of the data set a document is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Split {
    Train,
    Validation,
}

impl Split {
    /// As it stands at the front of a shard's name, where readers of data sets look for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
        }
    }

    /// What the paths of its shards begin with.
    pub fn prefix(self) -> String {
        format!("shards/{}-", self.name())
    }
}

/// What the draws of documents that are held out are keyed by.
const HELD_OUT: &str = "validation";

/// True when a document is held out for validation: by a draw of its own, whatever else is drawn.
pub fn is_held_out(recipe: &Recipe, key: Key) -> bool {
    falls_below(recipe.seed, recipe.validation(), key)
}

fn falls_below(seed: u64, share: f64, key: Key) -> bool {
    draw(seed, HELD_OUT, key) < share
}

/// The parts of the order, each of which is sorted at once: those of the training data, then those that are held out. Shards are named by them.
#[derive(Clone, Copy, Debug)]
pub struct Parts {
    train: usize,
    validation: usize,
}

impl Parts {
    /// Kept text is about as large as the stored input, so a part holds about one shard; only memory depends on the guess, and it on inputs alone.
    pub fn new(input_bytes: u64, output: &Output) -> Self {
        let train = plan::n_partitions(input_bytes, output.shard_bytes.max(1 << 20));
        Self { train, validation: (train as f64 * output.validation).ceil() as usize }
    }

    pub fn n_parts(self) -> usize {
        self.train + self.validation
    }

    fn each(self) -> usize {
        bins_of_each(self.n_parts())
    }

    /// The bins of all parts.
    pub fn n_bins(self) -> usize {
        self.n_parts() * self.each()
    }

    /// The bins of a part, in the order of its rows.
    pub fn bins(self, part: usize) -> Range<usize> {
        part * self.each()..(part + 1) * self.each()
    }

    fn place(self, split: Split, position: u64) -> Place {
        let (first, n_parts) = if split == Split::Train { (0, self.train) } else { (self.train, self.validation) };
        let bin = first * self.each() + partition(position, n_parts * self.each());
        Place { part: bin / self.each(), bin, position }
    }

    /// The split that a part is of, and its number there.
    pub fn split(self, part: usize) -> (Split, usize) {
        part.checked_sub(self.train).map_or((Split::Train, part), |part| (Split::Validation, part))
    }

    /// What the shards of a part have in front of their own number: "shards/train-00003-".
    pub fn prefix(self, part: usize) -> String {
        let (split, part) = self.split(part);
        format!("{}{part:05}-", split.prefix())
    }
}

/// Bins of each part, which are sorted one after the other, so that one of them is held at a time: copies and packed inputs make a part larger than it was taken for. Of many parts
/// fewer, or the pieces that are read of each file would be too many.
pub fn bins_of_each(n_parts: usize) -> usize {
    (MANY_BINS / n_parts.max(1)).clamp(1, MOST_BINS)
}

/// Bins of a part, where parts are few.
const MOST_BINS: usize = 8;
/// Bins in all from which on parts have fewer.
const MANY_BINS: usize = 4096;

/// The place of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub part: usize,
    pub bin: usize,
    /// A 64-bit fraction of the whole of its split.
    pub position: u64,
}

/// Where copies lie in the order of the data set.
pub struct Order {
    seed: u64,
    held_out: f64,
    /// Sources whose pieces stay together.
    books: Vec<String>,
    places: BTreeMap<String, Places>,
    parts: Parts,
}

impl Order {
    /// As round `measure` left it; without a blend draws are places.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn load(build: Build<'_>, parts: Parts) -> Result<Self> {
        let measured = build.recipe.blend.is_some().then(|| DRAWS.to_owned());
        let spreads = read_spreads(build.folder, measured)?;
        let places = spreads.into_iter().map(|(source, spread)| (source, spread.places())).collect();
        Ok(Self { seed: build.recipe.seed, held_out: build.recipe.validation(), books: build.recipe.books(), places, parts })
    }

    /// The places of a piece of a document, a copy each.
    pub fn places(&self, source: &str, key: Key, piece: usize, n_copies: u32) -> Vec<Place> {
        let split = if falls_below(self.seed, self.held_out, key) { Split::Validation } else { Split::Train };
        // What is held out has no shares to keep.
        let places = self.places.get(source).filter(|_| split == Split::Train);
        let draws = draws(self.seed, &self.books, source, key, piece, n_copies).into_iter();
        draws.map(|draw| self.parts.place(split, places.map_or(draw, |places| places.of(draw)))).collect()
    }
}

/// The draws of copies, as 64-bit fractions of the whole. Each piece and copy has one of its own; the pieces of a book have one together.
pub(super) fn draws(seed: u64, books: &[String], source: &str, key: Key, piece: usize, n_copies: u32) -> Vec<u64> {
    let piece = if books.iter().any(|book| book == source) { 0 } else { piece };
    let base = draw_bits(seed, &format!("shard {piece}"), key);
    let draw = |copy: u32| unit(hash64_seeded(&copy.to_le_bytes(), base));
    blend::positions(n_copies, draw).into_iter().map(|place| (place * 2_f64.powi(64)) as u64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bin is within one part, and parts follow each other in the order: how many bins there are changes no row's place.
    #[test]
    fn bins_cut_parts_and_no_part_cuts_a_bin() {
        for (input_bytes, validation) in [(1, 0.0), (3 << 30, 0.01), (700 << 30, 0.5)] {
            let parts = Parts::new(input_bytes, &Output { validation, ..Output::default() });
            assert_eq!(parts.bins(parts.n_parts() - 1).end, parts.n_bins());
            for split in [Split::Train, Split::Validation].into_iter().take(1 + usize::from(0.0 < validation)) {
                let of_split = if split == Split::Train { parts.train } else { parts.validation };
                let mut last = 0;
                for step in 0..10_000_u64 {
                    let position = step * (u64::MAX / 10_000);
                    let place = parts.place(split, position);
                    assert!(parts.bins(place.part).contains(&place.bin) && last <= place.bin);
                    assert_eq!(parts.split(place.part), (split, partition(position, of_split)));
                    last = place.bin;
                }
            }
        }
        assert_eq!((bins_of_each(1), bins_of_each(513), bins_of_each(100_000)), (8, 7, 1));
    }
}
