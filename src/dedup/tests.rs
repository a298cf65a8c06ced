use std::collections::BTreeSet;

use probabilistic_collections::similarity::MinHash as OracleMinHash;

use super::*;
use crate::document::Key;
use crate::text::hash::hash64_seeded;

fn options() -> Options {
    Options { shingles: Shingles::default(), minhash: MinHash::default(), threshold: 0.8, containment: None, pairs: Pairs::All }
}

/// A text of `n` words drawn from a vocabulary by a seed.
fn text(seed: u64, n: u64) -> String {
    (0..n).map(|word| format!("w{}", hash64_seeded(&word.to_le_bytes(), seed) % 5000)).collect::<Vec<_>>().join(" ")
}

/// The text with every `step`-th word replaced.
fn edited(text: &str, step: usize) -> String {
    text.split(' ')
        .enumerate()
        .map(|(n, word)| if n % step == step - 1 { format!("x{n}") } else { word.to_owned() })
        .collect::<Vec<_>>()
        .join(" ")
}

fn set(text: &str) -> ShingleSet {
    ShingleSet::of(text, &options())
}

#[test]
fn the_s_curve_is_that_of_the_published_table() {
    for (bands, rows, jaccard, published) in [
        (14, 8, 0.5, 0.053),
        (14, 8, 0.7, 0.565),
        (14, 8, 0.8, 0.924),
        (26, 11, 0.8, 0.903),
        (20, 13, 0.8, 0.677),
        (9, 13, 0.9, 0.929),
        (10, 1, 0.5, 0.999),
    ] {
        assert!(
            (s_curve(bands, rows, jaccard) - published).abs() < 0.001,
            "{bands} x {rows} at {jaccard}: {}",
            s_curve(bands, rows, jaccard)
        );
    }
}

#[test]
fn similarity_is_exact() {
    let a = set("one two three four five six");
    let b = set("One, two; three -- four FIVE seven!");
    // Shingles 1-5 and 2-6 against 1-5 and 2-7: one of three is shared.
    let evidence = a.evidence(&b);
    assert_eq!((evidence.shared, evidence.distinct), (1, 3));
    assert!((evidence.jaccard - 1.0 / 3.0).abs() < 1e-12 && (evidence.containment - 0.5).abs() < 1e-12);
    assert!((a.evidence(&a).jaccard - 1.0).abs() < 1e-12);
}

#[test]
fn short_texts_are_compared_whole_and_empty_ones_never_match() {
    assert!((set("Hello there").evidence(&set("hello, there!")).jaccard - 1.0).abs() < 1e-12);
    assert_eq!(set("hello there").evidence(&set("hello you")).jaccard, 0.0);
    let nothing = set(" \n ");
    assert!(nothing.is_empty());
    assert_eq!(nothing.evidence(&nothing).jaccard, 0.0);
    assert!(Signer::new(MinHash::default(), 1).sign(nothing.hashes()).is_none());
}

#[test]
fn exact_duplicates_differ_in_case_and_white_space_only() {
    assert_eq!(exact_hash("One  two\nTHREE"), exact_hash("one two three "));
    assert_ne!(exact_hash("one two three"), exact_hash("one two, three"));
}

#[test]
fn chinese_and_japanese_near_duplicates_are_found_by_characters() {
    let pairs = [
        (
            "山路上的老茶馆每天清晨六点开门，老板先烧一壶水，再把昨夜的炭灰清理干净，然后才把木门一扇一扇地卸下来靠在墙边，等第一位客人走进来坐下。",
            "山路上的老茶馆每天清晨六点开门，老板先烧一壶水，再把昨夜的炭灰清理干净，然后才把木门一扇一扇地卸下来靠在墙上，等第一位客人走进来坐下。",
        ),
        (
            "梅雨の季節になると、祖母はいつも縁側に座って、庭の紫陽花が少しずつ色を変えていくのを眺めながら、昔の話をしてくれたものだった。",
            "梅雨の季節になると、祖母はいつも縁側に座って、庭の紫陽花が少しずつ色を変えていくのを眺めながら、昔の話を聞かせてくれた。",
        ),
    ];
    for (a, b) in pairs {
        let (a, b) = (set(a), set(b));
        assert!(20 < a.len(), "word shingles would see one token");
        assert!(0.6 < a.evidence(&b).jaccard, "{}", a.evidence(&b).jaccard);
        assert!(a.evidence(&b).jaccard < 1.0);
    }
}

#[test]
fn signatures_estimate_similarity_as_the_oracle_does() {
    let shape = MinHash { bands: 64, rows: 8 };
    let signer = Signer::new(shape, 7);
    let oracle = OracleMinHash::<std::slice::Iter<u64>, &u64>::new(512);
    for step in [12, 25, 60, 200] {
        let (a, b) = (text(1, 400), edited(&text(1, 400), step));
        let (sa, sb) = (set(&a), set(&b));
        let exact = sa.evidence(&sb).jaccard;
        let equal = |x: &[u32], y: &[u32]| x.iter().zip(y).filter(|(x, y)| x == y).count() as f64 / 512.0;
        let ours = equal(&signer.sign(sa.hashes()).unwrap(), &signer.sign(sb.hashes()).unwrap());
        let theirs = oracle.get_similarity(sa.hashes().iter(), sb.hashes().iter());
        // Three standard deviations of 512 draws are at most .066.
        assert!((ours - exact).abs() < 0.07, "ours {ours}, exact {exact}");
        assert!((theirs - exact).abs() < 0.07, "oracle {theirs}, exact {exact}");
    }
}

#[test]
fn signatures_depend_on_the_set_and_the_seed_only() {
    let (a, b) = (set(&text(3, 300)), set(&edited(&text(3, 300), 50)));
    let signer = Signer::new(MinHash::default(), 1);
    assert_eq!(signer.sign(a.hashes()), Signer::new(MinHash::default(), 1).sign(a.hashes()));
    assert_ne!(signer.sign(a.hashes()), Signer::new(MinHash::default(), 2).sign(a.hashes()));
    let keys = signer.band_keys(&signer.sign(a.hashes()).unwrap());
    assert_eq!(keys.len(), 14);
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), 14, "the band's number is part of its key");
    assert_ne!(keys, signer.band_keys(&signer.sign(b.hashes()).unwrap()));
}

#[test]
fn pairs_become_candidates_as_often_as_the_s_curve_says() {
    let signer = Signer::new(MinHash::default(), 5);
    let (mut found, mut expected) = (0.0, 0.0);
    for seed in 0..150 {
        let (a, b) = (text(seed, 300), edited(&text(seed, 300), 40));
        let (a, b) = (set(&a), set(&b));
        let keys = |set: &ShingleSet| signer.band_keys(&signer.sign(set.hashes()).unwrap());
        found += f64::from(u8::from(keys(&a).iter().zip(keys(&b)).any(|(x, y)| *x == y)));
        expected += s_curve(14, 8, a.evidence(&b).jaccard);
    }
    assert!((found - expected).abs() < 20.0, "{found} found, {expected} expected");
}

fn rank(key: u128) -> Rank {
    Rank { priority: 0, preferences: [0, 10], key: Key(key) }
}

fn member(document: u64, exact: u128) -> Member {
    Member { document, group: 0, host: 0, exact, rank: rank(u128::from(document)) }
}

fn paired(bucket: &[Member], pairs: Pairs) -> (Vec<(u64, u64)>, Tally) {
    let (mut out, mut tally) = (Vec::new(), Tally::default());
    candidates(bucket, pairs, &mut |a, b| out.push((a.document, b.document)), &mut tally);
    (out, tally)
}

#[test]
fn twenty_thousand_equal_texts_are_one_member() {
    let bucket: Vec<Member> = (0..20_000).map(|n| member(n, 1)).collect();
    assert!(paired(&bucket, Pairs::All).0.is_empty());
}

#[test]
fn every_two_of_a_bucket_are_paired_and_a_hot_one_stays_linear() {
    let bucket: Vec<Member> = (0..10).map(|n| member(n, u128::from(n))).collect();
    let (pairs, _) = paired(&bucket, Pairs::All);
    assert_eq!(pairs.iter().collect::<BTreeSet<_>>().len(), 45);
    assert_eq!(pairs.len(), 45);
    let hot: Vec<Member> = (0..20_000).map(|n| member(n, u128::from(n))).collect();
    let (pairs, tally) = paired(&hot, Pairs::All);
    assert_eq!((tally.hot_buckets, tally.hot_members), (1, 20_000));
    assert!(pairs.len() <= 70 * 20_000, "{}", pairs.len());
    let met: BTreeSet<u64> = pairs.iter().flat_map(|&(a, b)| [a, b]).collect();
    assert_eq!(met.len(), 20_000);
}

#[test]
fn groups_keep_equal_texts_apart() {
    let bucket = [member(0, 1), Member { group: 1, ..member(1, 1) }];
    assert_eq!(paired(&bucket, Pairs::Linking).0, [(0, 1)]);
    let bucket = [member(0, 1), Member { host: 7, ..member(1, 1) }];
    assert_eq!(paired(&bucket, Pairs::Linking).0, [(0, 1)]);
}

#[test]
fn better_is_source_then_what_is_preferred_then_key() {
    let base = Rank { priority: 1, preferences: [50, 100], key: Key(5) };
    for better in [
        Rank { priority: 0, preferences: [10, 1], key: Key(9) },
        Rank { preferences: [60, 1], key: Key(9), ..base },
        Rank { preferences: [50, 101], key: Key(9), ..base },
        Rank { key: Key(4), ..base },
    ] {
        assert!(better.order(&base).is_lt(), "{better:?}");
        assert!(base.order(&better).is_gt());
    }
}

#[test]
fn the_bloom_filter_never_forgets_and_its_false_alarms_are_as_promised() {
    let mut seen = bloom::Seen::with_capacity(20_000, 0.01);
    let key = |n: u64| hash64_seeded(&n.to_le_bytes(), 3);
    let early = (0..20_000).filter(|n| seen.insert(key(*n))).count();
    assert!(early < 400, "{early} of 20,000 taken for seen while filling");
    assert!((0..20_000).all(|n| seen.insert(key(n))));
    // A twentieth more keys than it was made for: the rate may rise a little above the promised hundredth.
    let alarms = (20_000..21_000).filter(|n| seen.insert(key(*n))).count();
    assert!(alarms < 30, "{alarms} of 1,000");
}

#[test]
fn numbers_that_cannot_hold_are_refused() {
    let fault = |options: Options| options.check().unwrap_err().exit_code();
    assert_eq!(fault(Options { threshold: 0.0, ..options() }), 2);
    for containment in [0.0, 1.1, f64::NAN] {
        assert_eq!(fault(Options { containment: Some(containment), ..options() }), 2);
    }
    assert_eq!(fault(Options { threshold: 1.01, ..options() }), 2);
    assert_eq!(fault(Options { threshold: f64::NAN, ..options() }), 2);
    assert_eq!(fault(Options { minhash: MinHash { bands: 0, rows: 5 }, ..options() }), 2);
    assert_eq!(fault(Options { minhash: MinHash { bands: 100, rows: 100 }, ..options() }), 2);
    assert_eq!(fault(Options { shingles: Shingles::Words(0), ..options() }), 2);
    assert!(options().check().is_ok());
}

#[test]
fn bands_that_miss_the_threshold_are_warned_of_with_better_ones() {
    for (bands, rows, threshold) in [(14, 8, 0.8), (26, 11, 0.8), (20, 5, 0.7), (1, 1, 1.0), (4, 8, 0.95)] {
        assert_eq!(MinHash { bands, rows }.warning(threshold), None, "{bands} x {rows} at {threshold}");
    }
    let warning = MinHash { bands: 14, rows: 8 }.warning(0.7).unwrap();
    for part in ["14 bands and 8 rows", "0.565", "threshold 0.7", "24 bands and 6 rows", "0.950"] {
        assert!(warning.contains(part), "{part}: {warning}");
    }
    // Whatever is asked for, what is offered holds and is itself not warned of; where no choice could be good, the best is named.
    for threshold in [0.01, 0.05, 0.3, 0.5, 0.75, 0.89, 0.99] {
        let better = plan(threshold, 0.95);
        assert!(Options { minhash: better, ..options() }.check().is_ok());
        assert_eq!(better.warning(threshold), None, "{better:?} at {threshold}");
    }
    assert!(MinHash::default().warning(1e-9).unwrap().contains("4096 bands and 1 rows"));
}
