use super::super::{MinHash, Options, Pairs, ShingleSet, Shingles, s_curve};
use super::*;
use crate::text::hash::hash64;

fn options(shape: MinHash) -> Options {
    Options { shingles: Shingles::Words(1), minhash: shape, threshold: 0.8, containment: None, pairs: Pairs::All }
}

/// A set of the words `from..to` of a numbered vocabulary; the vocabulary differs from seed to seed.
fn numbered(seed: u64, from: u64, to: u64) -> ShingleSet {
    let text: Vec<String> = (from..to).map(|word| format!("w{seed}x{word}")).collect();
    ShingleSet::of(&text.join(" "), &options(MinHash::default()))
}

/// The definition: of the first round that reaches a place, the least value.
#[test]
fn a_place_keeps_the_least_value_of_the_first_round_that_reaches_it() {
    for (bands, rows) in [(1, 1), (14, 8), (3, 5), (17, 1)] {
        for size in [1, 2, 20, 77, 900] {
            let shape = MinHash { bands, rows };
            let signer = Signer::new(shape, 9);
            let set = numbered(1, 0, size);
            let signature = signer.sign(set.hashes()).unwrap();
            assert_eq!(signature.len(), shape.n_hashes());
            for (place, value) in signature.iter().enumerate() {
                let in_round = |round: usize| {
                    let bits = set.hashes().iter().map(|hash| mix(hash ^ signer.seeds[round]));
                    let of_place = |bits: &u64| match round.checked_sub(shape.n_hashes()) {
                        None => ((bits >> 32) as usize * shape.n_hashes()) >> 32 == place,
                        Some(own) => own == place,
                    };
                    bits.filter(of_place).map(|bits| bits as u32).min()
                };
                assert_eq!((0..2 * shape.n_hashes()).find_map(in_round), Some(*value), "{size} shingles, place {place}");
            }
            assert_eq!(signer.band_keys(&signature).len(), bands);
            let twice: Vec<u64> = set.hashes().iter().rev().chain(set.hashes()).copied().collect();
            assert_eq!(signer.sign(&twice), Some(signature), "order and repetition change nothing");
        }
    }
}

/// A stored signature must mean the same tomorrow and on other machines.
#[test]
fn keys_are_pinned() {
    let signer = Signer::new(MinHash { bands: 2, rows: 3 }, 42);
    let set = ShingleSet::of("a miller ground wheat by the river", &options(MinHash::default()));
    let signature = signer.sign(set.hashes()).unwrap();
    assert_eq!(signature, [2_901_752_515, 3_596_791_422, 515_194_308, 452_198_243, 1_702_918_878, 1_053_201_079]);
    assert_eq!(signer.band_keys(&signature), [18_333_528_741_730_310_362, 17_881_368_469_550_092_899]);
}

#[test]
fn a_set_of_one_and_a_large_set_sign_too() {
    let signer = Signer::new(MinHash::default(), 1);
    assert!(signer.sign(numbered(1, 0, 1).hashes()).is_some());
    assert_eq!(signer.sign(numbered(1, 0, 1).hashes()), signer.sign(numbered(1, 0, 1).hashes()));
    assert_ne!(signer.sign(numbered(1, 0, 50_000).hashes()), signer.sign(numbered(1, 25_000, 75_000).hashes()));
}

#[test]
fn bands_of_equal_rows_have_different_keys() {
    let signer = Signer::new(MinHash { bands: 4, rows: 2 }, 1);
    let keys = signer.band_keys(&[7; 8]);
    let distinct: std::collections::BTreeSet<u64> = keys.iter().copied().collect();
    assert_eq!(distinct.len(), 4);
}

/// Places of one round share out the set, so they are not independent; from sets that need many rounds to those that need one, bands meet as often as if they
/// were. The bounds are four standard deviations of as many independent draws.
#[test]
fn bands_meet_as_often_as_independent_permutations_would_have_them() {
    let shape = MinHash::default();
    for (size, n_pairs) in [(9_u64, 600), (90, 300), (900, 60)] {
        let (mut met, mut candidates) = (0.0, 0.0);
        // Of 10/9 size words in all, 8/9 size are shared: J = .8.
        let jaccard = 0.8;
        for pair in 0..n_pairs {
            let signer = Signer::new(shape, hash64(&[pair as u8, size as u8]));
            let keys = |set: &ShingleSet| signer.band_keys(&signer.sign(set.hashes()).unwrap());
            let (a, b) = (numbered(pair, 0, size), numbered(pair, size / 9, size + size / 9));
            assert!((a.evidence(&b).jaccard - jaccard).abs() < 1e-9);
            let bands = keys(&a).iter().zip(keys(&b)).filter(|(x, y)| *x == y).count();
            met += bands as f64;
            candidates += f64::from(u8::from(0 < bands));
        }
        let within =
            |found: f64, n: f64, p: f64| assert!((found - n * p).abs() < 4.0 * (n * p * (1.0 - p)).sqrt(), "{size}: {found} of {n}, p {p}");
        within(met, n_pairs as f64 * 14.0, libm::pow(jaccard, 8.0));
        within(candidates, n_pairs as f64, s_curve(14, 8, jaccard));
    }
}
