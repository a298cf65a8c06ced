//! From a bucket (documents that share a band) to pairs worth an exact look.

use super::{Pairs, Rank};

/// A document in a bucket.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Number of the document.
    pub document: u64,
    /// Documents of one group, one host and one exact hash are the same text; only the best of them is compared.
    pub group: u32,
    /// Hash of the host; the same for all where hosts do not matter.
    pub host: u64,
    pub exact: u128,
    pub rank: Rank,
}

/// What was counted while buckets were paired.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Buckets with two or more different texts.
    pub buckets: u64,
    /// Buckets with more different texts than `HOT_BUCKET`, compared through pivots.
    pub hot_buckets: u64,
    pub hot_members: u64,
}

/// Different texts of a bucket up to which every two are paired: two million pairs.
pub const HOT_BUCKET: usize = 2048;
/// Best-ranked members with which all others are paired, of a larger bucket or where only links to survivors are asked for. A survivor has the better rank,
/// so it is among them unless 64 different texts of better rank share the band. On 3,716 licence texts, full of templates, every two of a bucket dropped
/// 1,782.0 documents (mean of 8 seeds; exact truth 1,788) with 238,000 pairs to verify, 64 pivots 1,780.8 with 152,000, and 16 pivots 1,774.0 with 79,000.
const PIVOTS: usize = 64;
/// Members next in rank that are paired too. Rank goes by length where nothing else decides, and copies of one text have nearly the same, so that members
/// that resemble no pivot still meet.
const NEIGHBOURS: usize = 4;

/// Pairs the members of one bucket, given from the best rank to the worst; the better of a pair is emitted first. Same texts collapse to the best first.
///
/// `All` pairs every two members up to `HOT_BUCKET`. `Linking`, and `All` above it, pair each member with the best `PIVOTS` and the `NEIGHBOURS` before
/// it in rank: at most 68 pairs a member, so a template of a million pages stays linear. What they may miss is a document whose every similar survivor stands
/// behind both in every band that the two share.
pub fn candidates(bucket: &[Member], pairs: Pairs, emit: &mut dyn FnMut(&Member, &Member), tally: &mut Tally) {
    let distinct = distinct(bucket);
    if distinct.len() < 2 {
        return;
    }
    tally.buckets += 1;
    let hot = HOT_BUCKET < distinct.len();
    if hot {
        tally.hot_buckets += 1;
        tally.hot_members += distinct.len() as u64;
    }
    let pivots = if pairs == Pairs::All && !hot { distinct.len() } else { PIVOTS };
    for (index, member) in distinct.iter().enumerate() {
        let better = &distinct[..index];
        let near = index.saturating_sub(NEIGHBOURS).max(pivots.min(index));
        for other in better.iter().take(pivots).chain(&better[near..]) {
            emit(other, member);
        }
    }
}

/// The first member of each text, in the order given.
fn distinct(bucket: &[Member]) -> Vec<&Member> {
    // Sorted rather than put in a hash set: most buckets have two or three members.
    let mut order: Vec<usize> = (0..bucket.len()).collect();
    let same = |index: usize| (bucket[index].group, bucket[index].host, bucket[index].exact);
    order.sort_unstable_by_key(|&index| (same(index), index));
    order.dedup_by_key(|index| same(*index));
    order.sort_unstable();
    order.into_iter().map(|index| &bucket[index]).collect()
}

#[cfg(test)]
mod tests;
