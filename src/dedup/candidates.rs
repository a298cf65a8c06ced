//! From a bucket (documents that share a band) to pairs worth an exact look.

use super::{Pairs, Rank};

/// A document in a bucket.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Number of the document.
    pub document: u64,
    /// Documents of one group and one exact hash are the same text; only the best of them is compared.
    pub group: u32,
    pub exact: u128,
    pub rank: Rank,
}

/// What was counted while buckets were paired.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub buckets: u64,
    /// Buckets with more members than `HOT_BUCKET`, compared through pivots.
    pub hot_buckets: u64,
    pub hot_members: u64,
}

/// Members of a bucket up to which every two are paired.
pub const HOT_BUCKET: usize = 2048;
/// Best-ranked members of a hot bucket with which all others are paired: 64 pairs a member at most, so a template of a million pages stays linear.
const PIVOTS: usize = 64;
/// Neighbours in rank that are paired too, so that members that resemble no pivot still meet.
const NEIGHBOURS: usize = 4;
/// Pivots where only links to survivors are needed: a survivor is among the better-ranked members.
const LINKING_PIVOTS: usize = 16;

/// Pairs the members of one bucket, given from the best rank to the worst. Same texts collapse to the best first.
///
/// `All` pairs every two members up to `HOT_BUCKET`. `Linking` pairs each member with the best 16 and its 4 neighbours in rank: what it may miss is a member whose only similar survivor
/// ranks below the 16th in every band they share. Larger buckets are paired through 64 pivots and neighbours, in either mode.
pub fn candidates(bucket: &[Member], pairs: Pairs, emit: &mut dyn FnMut(&Member, &Member), tally: &mut Tally) {
    let mut seen = std::collections::HashSet::new();
    let distinct: Vec<&Member> = bucket.iter().filter(|member| seen.insert((member.group, member.exact))).collect();
    if distinct.len() < 2 {
        return;
    }
    tally.buckets += 1;
    let pivots = match pairs {
        _ if HOT_BUCKET < distinct.len() => {
            tally.hot_buckets += 1;
            tally.hot_members += distinct.len() as u64;
            PIVOTS
        }
        Pairs::All => distinct.len(),
        Pairs::Linking => LINKING_PIVOTS,
    };
    for (index, member) in distinct.iter().enumerate() {
        let better = &distinct[..index];
        let near = index.saturating_sub(NEIGHBOURS).max(pivots.min(index));
        for other in better.iter().take(pivots).chain(&better[near..]) {
            emit(other, member);
        }
    }
}
