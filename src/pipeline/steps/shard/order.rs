//! Where the copies of a document lie in the order of the data set.

use std::collections::BTreeMap;

use crate::blend::{self, Places};
use crate::document::Key;
use crate::error::Result;
use crate::text::hash::{draw_bits, hash64_seeded, unit};

use super::super::super::run::Build;
use super::super::spreads::read_spreads;

/// Where tokens lie along the draws, from which places follow.
pub(super) const DRAWS: &str = "order/draws";

/// Where copies lie in the order of the data set.
pub struct Order {
    seed: u64,
    /// Sources whose pieces stay together.
    books: Vec<String>,
    places: BTreeMap<String, Places>,
}

impl Order {
    /// As round `measure` left it; without a blend draws are places.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn load(build: Build<'_>) -> Result<Self> {
        let measured = build.recipe.blend.is_some().then(|| DRAWS.to_owned());
        let spreads = read_spreads(build.folder, measured)?;
        let places = spreads.into_iter().map(|(source, spread)| (source, spread.places())).collect();
        Ok(Self { seed: build.recipe.seed, books: build.recipe.books(), places })
    }

    /// The places of a piece of a document, a copy each, as 64-bit fractions of the whole.
    pub fn places(&self, source: &str, key: Key, piece: usize, n_copies: u32) -> Vec<u64> {
        let draws = draws(self.seed, &self.books, source, key, piece, n_copies);
        match self.places.get(source) {
            Some(places) => draws.into_iter().map(|draw| places.of(draw)).collect(),
            None => draws,
        }
    }
}

/// The draws of copies, as 64-bit fractions of the whole. Each piece and copy has one of its own; the pieces of a book have one together.
pub(super) fn draws(seed: u64, books: &[String], source: &str, key: Key, piece: usize, n_copies: u32) -> Vec<u64> {
    let piece = if books.iter().any(|book| book == source) { 0 } else { piece };
    let base = draw_bits(seed, &format!("shard {piece}"), key);
    let draw = |copy: u32| unit(hash64_seeded(&copy.to_le_bytes(), base));
    blend::positions(n_copies, draw).into_iter().map(|place| (place * 2_f64.powi(64)) as u64).collect()
}
