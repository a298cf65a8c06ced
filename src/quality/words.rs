//! The strongest terms of a model as words: hashing forgets them, so they are found again in the training documents that hold them.

use std::collections::BTreeMap;

use crate::linear::SparseVector;

use super::card::Card;
use super::features::each_term_of;
use super::model::Model;
use super::spark::index;
use super::train::Example;

/// Terms shown in the card each way.
const CARD_TERMS: usize = 30;
/// Documents that are read to find the word behind a hashed term.
const NAMING_DOCUMENTS: usize = 8;
/// A term of fewer documents than this, or than one in a thousand, says something of them, not of quality.
const LEAST_DOCUMENTS: u32 = 3;

/// Which training documents hold each hashed term. Memory: 36 bytes a dimension.
pub struct Holders {
    /// How many do.
    pub frequency: Vec<u32>,
    /// The first of them, by place; as many as `frequency` says.
    first: Vec<[u32; NAMING_DOCUMENTS]>,
}

impl Holders {
    pub fn of(terms: &[SparseVector], dimensions: u32) -> Self {
        let n = dimensions as usize;
        let mut holders = Self { frequency: vec![0; n], first: vec![[0; NAMING_DOCUMENTS]; n] };
        for (document, vector) in terms.iter().enumerate() {
            for index in &vector.indices {
                let seen = &mut holders.frequency[*index as usize];
                if let Some(place) = holders.first[*index as usize].get_mut(*seen as usize) {
                    *place = document as u32;
                }
                *seen += 1;
            }
        }
        holders
    }
}

/// The strongest terms both ways as words: of the words behind a hashed index, the most frequent one.
pub fn name_terms(training: &[&Example], model: &Model, holders: &Holders, card: &mut Card) {
    let least = LEAST_DOCUMENTS.max((training.len() / 1000) as u32);
    let frequent = holders.frequency.iter().zip(&model.table).enumerate().filter(|(_, (n, _))| least <= **n);
    let mut ranked: Vec<(f64, u32)> = frequent.map(|(index, (_, weight))| (f64::from(*weight), index as u32)).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let features = model.head.features;
    let name = |&(weight, wanted): &(f64, u32)| {
        let mut words: BTreeMap<String, u32> = BTreeMap::new();
        let n = holders.frequency[wanted as usize] as usize;
        for document in holders.first[wanted as usize].iter().take(n) {
            each_term_of(&training[*document as usize].text, features, &mut |term| {
                if index(term.as_bytes(), features.dimensions()) == wanted {
                    *words.entry(term.to_owned()).or_default() += 1;
                }
            });
        }
        let word = words.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0))).map_or_else(String::new, |(word, _)| word);
        // Spark counts the empty tokens between two spaces.
        (if word.is_empty() { "(empty)".to_owned() } else { word }, weight)
    };
    card.strongest_for = ranked.iter().take(CARD_TERMS).map(name).collect();
    card.strongest_against = ranked.iter().rev().take(CARD_TERMS).map(name).collect();
}
