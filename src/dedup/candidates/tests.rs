use std::collections::BTreeSet;

use super::*;
use crate::document::Key;

fn member(document: u64, group: u32, exact: u128) -> Member {
    Member { document, group, host: 0, exact, rank: Rank { priority: 0, preferences: [0, 1], key: Key(u128::from(document)) } }
}

fn texts(n: u64) -> Vec<Member> {
    (0..n).map(|document| member(document, 0, u128::from(document))).collect()
}

fn paired(bucket: &[Member], pairs: Pairs) -> (Vec<(u64, u64)>, Tally) {
    let (mut out, mut tally) = (Vec::new(), Tally::default());
    candidates(bucket, pairs, &mut |a, b| out.push((a.document, b.document)), &mut tally);
    (out, tally)
}

#[test]
fn a_bucket_of_none_one_or_one_text_has_no_pairs_and_is_not_counted() {
    let copies: Vec<Member> = (0..20_000).map(|document| member(document, 0, 5)).collect();
    for bucket in [&[][..], &copies[..1], &copies] {
        for pairs in [Pairs::All, Pairs::Linking] {
            assert_eq!(paired(bucket, pairs), (Vec::new(), Tally::default()));
        }
    }
}

#[test]
fn the_best_copy_stands_for_its_text() {
    let bucket = [member(0, 0, 9), member(1, 0, 4), member(2, 0, 9), member(3, 0, 4), member(4, 1, 9)];
    assert_eq!(paired(&bucket, Pairs::All).0, [(0, 1), (0, 4), (1, 4)]);
}

#[test]
fn no_pair_comes_twice_or_the_wrong_way_round() {
    for n in [2, 5, PIVOTS as u64, PIVOTS as u64 + 1, PIVOTS as u64 + 20, HOT_BUCKET as u64 + 1] {
        for pairs in [Pairs::All, Pairs::Linking] {
            let (found, _) = paired(&texts(n), pairs);
            assert!(found.iter().all(|(better, worse)| better < worse));
            assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), found.len(), "{n} {pairs:?}");
        }
    }
}

#[test]
fn all_means_every_two_up_to_the_hot_size_and_a_line_above() {
    let n = HOT_BUCKET as u64;
    let (found, tally) = paired(&texts(n), Pairs::All);
    assert_eq!(found.len() as u64, n * (n - 1) / 2);
    assert_eq!(tally, Tally { buckets: 1, hot_buckets: 0, hot_members: 0 });
    let (found, tally) = paired(&texts(n + 1), Pairs::All);
    assert!(found.len() <= (n as usize + 1) * (PIVOTS + NEIGHBOURS));
    assert_eq!(tally, Tally { buckets: 1, hot_buckets: 1, hot_members: n + 1 });
}

#[test]
fn in_linking_every_member_meets_the_best_and_its_neighbours() {
    let n = 1_000;
    let (found, tally) = paired(&texts(n), Pairs::Linking);
    let found: BTreeSet<(u64, u64)> = found.into_iter().collect();
    for document in 1..n {
        for better in (0..document).filter(|better| *better < PIVOTS as u64 || document - better <= NEIGHBOURS as u64) {
            assert!(found.contains(&(better, document)), "{better} and {document}");
        }
    }
    assert_eq!(tally.hot_buckets, 0, "hot is a matter of size, not of mode");
}
