//! The strongest terms of a model as words: hashing forgets them, so they are found again in the training documents.

use std::collections::BTreeMap;

use crate::linear::SparseVector;

use super::card::Card;
use super::features::each_term;
use super::model::Model;
use super::spark::index;
use super::train::Example;

/// Terms shown in the card each way.
const CARD_TERMS: usize = 30;
/// Documents that are read to find the word behind a hashed term.
const NAMING_DOCUMENTS: usize = 20;

/// The strongest terms as words: the most frequent word behind each hashed index, in the first training documents that hold it.
pub fn name_terms(training: &[&Example], model: &Model, terms: &[SparseVector], card: &mut Card) {
    let mut frequency: BTreeMap<u32, u32> = BTreeMap::new();
    for index in terms.iter().flat_map(|vector| &vector.indices) {
        *frequency.entry(*index).or_default() += 1;
    }
    // A term of one or two documents says something of them, not of quality.
    let least = 3;
    let mut ranked: Vec<(f64, u32)> =
        frequency.iter().filter(|(_, n)| least <= **n).map(|(index, _)| (f64::from(model.table[*index as usize]), *index)).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let best: Vec<(f64, u32)> = ranked.iter().take(CARD_TERMS).copied().collect();
    let worst: Vec<(f64, u32)> = ranked.iter().rev().take(CARD_TERMS).copied().collect();
    let mut words: BTreeMap<u32, BTreeMap<String, u32>> = best.iter().chain(&worst).map(|(_, index)| (*index, BTreeMap::new())).collect();
    let mut wanted: BTreeMap<u32, usize> = words.keys().map(|index| (*index, NAMING_DOCUMENTS)).collect();
    for (example, vector) in training.iter().zip(terms) {
        let mut is_telling = false;
        wanted.retain(|index, left| {
            let holds = vector.indices.binary_search(index).is_ok();
            is_telling |= holds;
            *left -= usize::from(holds);
            0 < *left
        });
        if !is_telling {
            continue;
        }
        for token in example.text.split_whitespace() {
            each_term(&token.to_lowercase(), &mut |term| {
                if let Some(seen) = words.get_mut(&index(term.as_bytes(), model.head.dimensions)) {
                    *seen.entry(term.to_owned()).or_default() += 1;
                }
            });
        }
    }
    let name = |(weight, index): (f64, u32)| {
        let word = words[&index].iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0))).map_or_else(String::new, |(word, _)| word.clone());
        (word, weight)
    };
    card.strongest_for = best.into_iter().map(name).collect();
    card.strongest_against = worst.into_iter().map(name).collect();
}
