use super::*;
use crate::dedup::{Options, Pairs, Shingles};

fn options(bands: usize, rows: usize) -> Options {
    Options { shingles: Shingles::Words(1), minhash: MinHash { bands, rows }, threshold: 0.8, containment: None, pairs: Pairs::All }
}

/// A text of `n` numbered words, of which every `every`th is one that no other text has.
fn text(family: u64, own: u64, n: u64, every: u64) -> String {
    let word = |i: u64| if i.is_multiple_of(every) { format!("x{family}y{own}z{i}") } else { format!("f{family}w{i}") };
    (0..n).map(word).collect::<Vec<_>>().join(" ")
}

/// Every family has four documents whose similarities spread over .4 to .95.
fn corpus(options: &Options, families: u64) -> Vec<(Drawn, ShingleSet)> {
    let document = |(family, own): (u64, u64)| {
        let text = text(family, own, 120, 3 + 6 * own + family % 23);
        let set = ShingleSet::of(&text, options);
        let key = Key(hash64_seeded(text.as_bytes(), 5).into());
        let group = group(set.hashes(), 7).unwrap();
        (Drawn { group, key, document: family * 4 + own, exact: key.0, priority: 0, host: 0, length: text.len() as u64 }, set)
    };
    (0..families).flat_map(|family| (0..4).map(move |own| (family, own))).map(document).collect()
}

fn measured(documents: &[(Drawn, ShingleSet)], options: &Options, seed: u64) -> Vec<Bin> {
    let mut pool = Pool::default();
    documents.iter().for_each(|(drawn, _)| pool.offer(*drawn));
    let groups = sample(&pool.into_sorted());
    let set = |drawn: &Drawn| &documents[drawn.document as usize].1;
    recall(&groups, set, |a, b| a.priority == b.priority, options.minhash, &Signer::new(options.minhash, seed))
}

#[test]
fn the_sample_measures_what_the_bands_really_find_among_all_pairs() {
    let options = options(6, 4);
    let documents = corpus(&options, 900);
    // The truth of every pair of a family, under the same signatures; averaged over seeds, for a sample is one throw of the dice.
    let (mut truth, mut found) = ([(0, 0); BINS], [(0, 0); BINS]);
    for seed in 0..6 {
        let signer = Signer::new(options.minhash, seed);
        for family in documents.chunks(4) {
            let one = |drawn: Drawn| Drawn { group: 0, ..drawn };
            let whole = vec![family.iter().map(|(drawn, _)| one(*drawn)).collect()];
            let set = |drawn: &Drawn| &documents[drawn.document as usize].1;
            for (sum, bin) in truth.iter_mut().zip(recall(&whole, set, |_, _| true, options.minhash, &signer)) {
                *sum = (sum.0 + bin.pairs, sum.1 + bin.proposed);
            }
        }
        for (sum, bin) in found.iter_mut().zip(measured(&documents, &options, seed)) {
            *sum = (sum.0 + bin.pairs, sum.1 + bin.proposed);
        }
    }
    let mut compared = 0;
    for (n, (truth, found)) in truth.iter().zip(&found).enumerate() {
        if 300 <= found.0 {
            let (wanted, got) = (truth.1 as f64 / truth.0 as f64, found.1 as f64 / found.0 as f64);
            assert!((wanted - got).abs() < 0.06, "bin {n}: {wanted} of all pairs, {got} of the sample");
            compared += 1;
        }
    }
    assert!(3 <= compared, "{found:?}");
}

#[test]
fn bands_that_never_meet_are_seen_to_find_nothing() {
    let wide = options(1, 400);
    let documents = corpus(&wide, 100);
    let bins = measured(&documents, &wide, 1);
    assert!(50 < bins.iter().map(|bin| bin.pairs).sum::<u64>());
    assert_eq!(bins.iter().map(|bin| bin.proposed).sum::<u64>(), 0);
    let narrow = options(400, 1);
    let bins = measured(&documents, &narrow, 1);
    assert_eq!(bins.iter().map(|bin| bin.pairs).sum::<u64>(), bins.iter().map(|bin| bin.proposed).sum::<u64>());
    assert!(bins.iter().all(|bin| bin.planned <= bin.pairs as f64));
}

#[test]
fn pools_of_parts_are_the_pool_of_the_whole() {
    let document = |n: u64| {
        let hash = hash64_seeded(&n.to_le_bytes(), 1);
        Drawn {
            group: hash64_seeded(&(n / 3).to_le_bytes(), 2),
            key: Key(hash.into()),
            document: n,
            exact: n.into(),
            priority: 0,
            host: 0,
            length: 9,
        }
    };
    let all: Vec<Drawn> = (0..40_000).map(document).collect();
    let pool = |part: &[Drawn]| {
        let mut pool = Pool::default();
        part.iter().for_each(|drawn| pool.offer(*drawn));
        pool.into_sorted()
    };
    let whole = pool(&all);
    let parts = [pool(&all[30_000..]), pool(&all[..30_000])].concat();
    assert_eq!((whole.len(), &pool(&parts)), (POOL, &whole));
    let groups = sample(&whole);
    let n: usize = groups.iter().map(Vec::len).sum();
    assert!(997 < n && n <= SAMPLE && groups.iter().all(|group| group.len() == 3), "{n}");
}

#[test]
fn a_sample_holds_no_equal_texts_no_lone_documents_and_little_of_one_template() {
    let drawn = |group, n: u64, exact, length| Drawn { group, key: Key(n.into()), document: n, exact, priority: 0, host: 0, length };
    let mut pool = vec![drawn(1, 0, 0, 9), drawn(2, 1, 5, 9), drawn(2, 2, 5, 9), drawn(3, 3, 1, 9), drawn(3, 4, 2, 9)];
    pool.extend((0..200).map(|n| drawn(4, 10 + n, 100 + u128::from(n), 9)));
    pool.extend([drawn(5, 300, 7, SAMPLE_BYTES), drawn(5, 301, 8, 1), drawn(6, 302, 7, 2), drawn(6, 303, 8, 1)]);
    let groups = sample(&pool);
    let shape: Vec<(u64, usize)> = groups.iter().map(|group| (group[0].group, group.len())).collect();
    assert_eq!(shape, [(3, 2), (4, OF_GROUP), (6, 2)]);
}

#[test]
fn intervals_are_those_of_wilson() {
    let close = |(low, high): (f64, f64), wanted: (f64, f64)| assert!((low - wanted.0).abs() < 1e-3 && (high - wanted.1).abs() < 1e-3);
    // 8 of 10, as textbooks have it: .490 to .943.
    close(interval(8, 10, 10.0), (0.490, 0.943));
    close(interval(80, 100, 10.0), (0.490, 0.943));
    close(interval(0, 10, 10.0), (0.0, 0.278));
    assert_eq!(interval(0, 0, 0.0), (0.0, 1.0));
}

#[test]
fn pairs_that_stand_and_fall_together_count_as_one() {
    let sums = |groups: &[(u64, u64)]| {
        let mut sums = Clustered::default();
        groups.iter().for_each(|(pairs, proposed)| sums.add(*pairs, *proposed));
        sums
    };
    // Twenty groups of ten pairs, found whole or not at all: twenty pairs.
    let together: Vec<(u64, u64)> = (0..20).map(|n| (10, 10 * (n % 2))).collect();
    assert!((sums(&together).effective(100, 200) - 20.0).abs() < 1e-9);
    // As many pairs of as many groups: themselves.
    let apart: Vec<(u64, u64)> = (0..200).map(|n| (1, n % 2)).collect();
    assert!((sums(&apart).effective(100, 200) - 200.0).abs() < 1e-9);
    // All found: groups are all that is known to be independent.
    assert_eq!(sums(&[(10, 10), (10, 10), (0, 0)]).effective(20, 20), 2.0);
}
