//! The leak check of a training: documents that are near-duplicates of held-out ones would be measured by what was learnt from their copies. Splitting by registered domain does
//! not see mirrors of a page on other sites, nor texts without a URL.

use std::collections::{BTreeSet, HashMap};

use rayon::prelude::*;

use crate::dedup::{MinHash, Options, Pairs, ShingleSet, Shingles, Signer, exact_hash, shingles};
use crate::quality::Example;

/// Near-duplicates as `dedup` has them by default, with bands that propose all but one in ten thousand of the pairs at the threshold.
const OPTIONS: Options =
    Options { shingles: Shingles::Words(5), minhash: MinHash { bands: 20, rows: 5 }, threshold: 0.8, containment: None, pairs: Pairs::All };

/// Held-out documents that one band key leads to; those beyond are of the same template, and one that is near enough is found by its other bands or among these. Without it,
/// texts made to share a band and nothing else would cost the product of both sides.
const BUCKET: usize = 100;

/// For each training document whether a held-out one is the same text or a near-duplicate of it. Memory: 8 bytes a word and 20 band keys of each held-out document.
pub fn find(held_out: &[Example], training: &[Example], seed: u64) -> Vec<bool> {
    let signer = Signer::new(OPTIONS.minhash, seed);
    let keys = |hashes: &[u64]| signer.sign(hashes).map_or_else(Vec::new, |signature| signer.band_keys(&signature));
    let sets: Vec<ShingleSet> = held_out.par_iter().map(|example| ShingleSet::of(&example.text, &OPTIONS)).collect();
    let exact: BTreeSet<u128> = held_out.par_iter().map(|example| exact_hash(&example.text)).collect();
    let mut buckets: HashMap<u64, Vec<usize>> = HashMap::new();
    for (at, keys) in sets.par_iter().map(|set| keys(set.hashes())).collect::<Vec<_>>().into_iter().enumerate() {
        for key in keys {
            let bucket = buckets.entry(key).or_default();
            if bucket.len() < BUCKET {
                bucket.push(at);
            }
        }
    }
    let leaks = |example: &Example| {
        if exact.contains(&exact_hash(&example.text)) {
            return true;
        }
        let keys = keys(&shingles(&example.text, &OPTIONS));
        let candidates: BTreeSet<usize> = keys.iter().filter_map(|key| buckets.get(key)).flatten().copied().collect();
        if candidates.is_empty() {
            return false;
        }
        let set = ShingleSet::of(&example.text, &OPTIONS);
        candidates.into_iter().any(|at| OPTIONS.threshold <= set.evidence(&sets[at]).jaccard)
    };
    training.par_iter().map(leaks).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Key;

    fn example(text: String) -> Example {
        let nothing = String::new();
        Example { key: Key(0), text, positive: true, domain: nothing.clone(), source: nothing.clone(), language: nothing }
    }

    fn words(first: usize, n: usize) -> String {
        (first..first + n).map(|word| format!("word{word}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn copies_of_held_out_documents_are_found_and_others_are_not() {
        let held_out = [example(words(0, 300)), example("Only one.".to_owned()), example(String::new())];
        let near = format!("{} and an end of its own", words(0, 290));
        let half = format!("{} {}", words(0, 150), words(5000, 150));
        let training = [near, words(0, 300).to_uppercase(), "only  ONE.".to_owned(), half, words(9000, 300)].map(example);
        assert_eq!(find(&held_out, &training, 7), [true, true, true, false, false]);
        assert_eq!(find(&[], &training, 7), [false; 5]);
    }

    #[test]
    fn texts_that_share_a_band_by_the_thousand_are_still_looked_at() {
        let held_out: Vec<Example> = (0..400).map(|n| example(format!("{} {}", words(0, 300), words(10_000 + 40 * n, 40)))).collect();
        let copies: Vec<Example> = (0..400).map(|n| example(format!("{} {}", words(0, 300), words(10_000 + 40 * n, 39)))).collect();
        assert!(find(&held_out, &copies, 7).into_iter().all(|leaks| leaks));
    }
}
