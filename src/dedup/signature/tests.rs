use super::super::{MinHash, Options, Pairs, Shingles, s_curve};
use super::*;
use crate::text::hash::hash64;

fn options(shape: MinHash) -> Options {
    Options { shingles: Shingles::Words(1), minhash: shape, threshold: 0.8, pairs: Pairs::All }
}

/// A set of the words `from..to` of a numbered vocabulary; the vocabulary differs from seed to seed.
fn numbered(seed: u64, from: u64, to: u64) -> ShingleSet {
    let text: Vec<String> = (from..to).map(|word| format!("w{seed}x{word}")).collect();
    ShingleSet::of(&text.join(" "), &options(MinHash::default()))
}

/// The definition: for each function its least value, one value at a time.
#[test]
fn a_signature_is_the_least_value_of_each_function() {
    for (bands, rows) in [(1, 1), (14, 8), (3, 5), (17, 1)] {
        let shape = MinHash { bands, rows };
        let signer = Signer::new(shape, 9);
        let set = numbered(1, 0, 77);
        let signature = signer.sign(&set).unwrap();
        assert_eq!(signature.len(), shape.n_hashes(), "what fills up the last block is cut off");
        for (function, least) in signature.iter().enumerate() {
            let (a, b) = (signer.a[function / LANES][function % LANES], signer.b[function / LANES][function % LANES]);
            let values = set.hashes().iter().map(|&hash| a.wrapping_mul(hash as u32).wrapping_add(b) as i32);
            assert_eq!(values.min().unwrap() as u32, *least);
        }
        assert_eq!(signer.band_keys(&signature).len(), bands);
    }
}

/// A stored signature must mean the same tomorrow and on other machines.
#[test]
fn keys_are_pinned() {
    let signer = Signer::new(MinHash { bands: 2, rows: 3 }, 42);
    let set = ShingleSet::of("a miller ground wheat by the river", &options(MinHash::default()));
    let signature = signer.sign(&set).unwrap();
    assert_eq!(signature, [2_399_313_042, 2_805_352_158, 2_364_344_571, 2_316_608_484, 2_552_514_585, 2_695_343_081]);
    assert_eq!(signer.band_keys(&signature), [17_914_246_285_477_473_671, 13_268_579_293_457_456_076]);
}

#[test]
fn a_set_of_one_and_a_large_set_sign_too() {
    let signer = Signer::new(MinHash::default(), 1);
    assert!(signer.sign(&numbered(1, 0, 1)).is_some());
    assert_eq!(signer.sign(&numbered(1, 0, 1)), signer.sign(&numbered(1, 0, 1)));
    assert_ne!(signer.sign(&numbered(1, 0, 50_000)), signer.sign(&numbered(1, 25_000, 75_000)));
}

#[test]
fn bands_of_equal_rows_have_different_keys() {
    let signer = Signer::new(MinHash { bands: 4, rows: 2 }, 1);
    let keys = signer.band_keys(&[7; 8]);
    let distinct: std::collections::BTreeSet<u64> = keys.iter().copied().collect();
    assert_eq!(distinct.len(), 4);
}

/// Linear functions modulo 2^32 are not a min-wise independent family by proof; on hashed sets of every size they behave as one. The bounds are four standard
/// deviations of as many independent draws.
#[test]
fn bands_meet_as_often_as_independent_permutations_would_have_them() {
    let shape = MinHash::default();
    for (size, n_pairs) in [(9_u64, 600), (90, 300), (900, 60)] {
        let (mut met, mut candidates) = (0.0, 0.0);
        // Of 10/9 size words in all, 8/9 size are shared: J = .8.
        let jaccard = 0.8;
        for pair in 0..n_pairs {
            let signer = Signer::new(shape, hash64(&[pair as u8, size as u8]));
            let keys = |set: &ShingleSet| signer.band_keys(&signer.sign(set).unwrap());
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
