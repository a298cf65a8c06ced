use std::collections::BTreeMap;

use crate::document::Key;
use crate::error::Error;

use super::*;

/// A document whose number is its key too.
fn document(url: u128, priority: u32, preferred: u64, number: u64) -> Addressed {
    let rank = Rank { priority, preferences: [preferred, 0], key: Key(u128::from(number)) };
    Addressed { url, document: number, rank }
}

/// Of each document that goes the one that it goes for.
fn gone(documents: &[Addressed], admits: impl Fn(u32, u32) -> bool) -> BTreeMap<u64, u64> {
    let mut gone = BTreeMap::new();
    let goes = |worse: &Addressed, better: &Addressed| {
        assert!(gone.insert(worse.document, better.document).is_none(), "{} goes twice", worse.document);
        Ok(())
    };
    one_a_url(&mut documents.to_vec(), admits, goes).unwrap();
    gone
}

const ANY: fn(u32, u32) -> bool = |_, _| true;
const NONE: fn(u32, u32) -> bool = |_, _| false;

#[test]
fn the_best_of_each_url_stays() {
    let documents = [document(7, 0, 1, 10), document(8, 0, 1, 11), document(7, 0, 3, 12), document(7, 0, 2, 13), document(9, 0, 5, 14)];
    assert_eq!(gone(&documents, ANY), BTreeMap::from([(10, 12), (13, 12)]));
    // The source counts before what is preferred, the key last.
    assert_eq!(gone(&[document(7, 1, 9, 10), document(7, 0, 1, 11)], ANY), BTreeMap::from([(10, 11)]));
    assert_eq!(gone(&[document(7, 0, 1, 11), document(7, 0, 1, 10)], ANY), BTreeMap::from([(11, 10)]));
    assert_eq!(gone(&[], ANY), BTreeMap::new());
}

#[test]
fn sources_apart_keep_a_copy_each() {
    let documents = [document(7, 0, 1, 10), document(7, 0, 2, 11), document(7, 1, 3, 12), document(7, 1, 4, 13)];
    assert_eq!(gone(&documents, NONE), BTreeMap::from([(10, 11), (12, 13)]));
}

#[test]
fn nothing_goes_for_what_went_itself() {
    // 1 loses to 0, and 2 to 1 but not to 0.
    let chain = |winner: u32, loser: u32| [(0, 1), (1, 2)].contains(&(winner, loser));
    let all = [document(7, 0, 1, 10), document(7, 1, 1, 11), document(7, 2, 1, 12), document(7, 2, 0, 13)];
    assert_eq!(gone(&all, chain), BTreeMap::from([(11, 10), (13, 12)]));
    // Without the first, the one in the middle stays and takes the place of the last.
    assert_eq!(gone(&all[1..], chain), BTreeMap::from([(12, 11), (13, 11)]));
    // Where 2 loses to both, it goes for the one that stays.
    assert_eq!(
        gone(&all, |winner, loser| chain(winner, loser) || (winner, loser) == (0, 2)),
        BTreeMap::from([(11, 10), (12, 10), (13, 10)])
    );
}

/// The definition itself, document by document, over many mixtures of URLs, sources and relations.
#[test]
fn it_is_what_the_definition_says_in_any_order() {
    let mut state = 1_u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut n_gone = 0;
    for round in 0..300 {
        let relations: Vec<bool> = (0..25).map(|_| next(3) == 0).collect();
        let admits = |winner: u32, loser: u32| relations[(winner * 5 + loser) as usize];
        let documents: Vec<Addressed> = (0..40).map(|number| document(u128::from(next(6)), next(5) as u32, next(4), number)).collect();
        let mut sorted = documents.clone();
        sorted.sort_by(|a, b| a.rank.order(&b.rank));
        let mut stay: Vec<Addressed> = Vec::new();
        let mut expected = BTreeMap::new();
        for document in sorted {
            let may = |better: &&Addressed| {
                let (winner, loser) = (better.rank.priority, document.rank.priority);
                better.url == document.url && (winner == loser || admits(winner, loser))
            };
            match stay.iter().find(may) {
                Some(better) => drop(expected.insert(document.document, better.document)),
                None => stay.push(document),
            }
        }
        let found = gone(&documents, admits);
        assert_eq!(found, expected, "round {round}");
        let mut turned = documents;
        turned.reverse();
        assert_eq!(gone(&turned, admits), expected, "round {round}, turned");
        n_gone += found.len();
    }
    assert!(5_000 < n_gone && n_gone < 11_000, "{n_gone} of 12,000");
}

#[test]
fn urls_are_counted_and_faults_are_passed_on() {
    let mut documents = [document(7, 0, 1, 10), document(8, 0, 1, 11), document(7, 0, 3, 12), document(1 << 100, 0, 3, 13)];
    let counted = one_a_url(&mut documents, ANY, |_, _| Ok(())).unwrap();
    assert_eq!(counted, SharedUrls { urls: 3, shared: 1 });
    assert!(one_a_url(&mut documents, ANY, |_, _| Err(Error::new("the disk is full"))).is_err());
}
