//! How many of the truly similar pairs the bands propose, measured on a sample that knows nothing of bands: in goes every document's shingles, out come pairs found and missed
//! by similarity.
//!
//! A group holds the documents with one smallest shingle. Two documents of similarity J are in one group with probability J (Broder 1997), whatever the bands say: among the pairs
//! of one similarity, those that the bands miss are in the sample as often as those that they find. Pairs out of candidates would say that nothing is missed.

use std::collections::BinaryHeap;

use crate::document::Key;
use crate::text::hash::hash64_seeded;

use super::{MinHash, ShingleSet, Signer, s_curve};

/// Documents that a pool holds: those of the groups that are drawn first. 96 bytes each in memory, 68 at rest.
const POOL: usize = 1 << 14;
/// Documents of a sample.
const SAMPLE: usize = 1000;
/// Bytes of their texts, so that their shingles fit into 32 MiB.
const SAMPLE_BYTES: u64 = 16 << 20;
/// Documents of one group, so that one template is not the whole sample.
const OF_GROUP: usize = 12;
/// Width of a bin of similarity.
const BINS: usize = 20;

/// A document that may be in the sample; ordered by group and key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Drawn {
    /// Keyed hash of the smallest shingle.
    pub group: u64,
    pub key: Key,
    pub document: u64,
    pub exact: u128,
    pub priority: u32,
    /// Where only copies on one host count, what stands for it.
    pub host: u64,
    /// Bytes of text.
    pub length: u64,
}

/// The documents of the groups with the least hashes. Pools of parts, put together in any order, give the pool of the whole.
#[derive(Debug, Default)]
pub struct Pool {
    /// The last to stay on top.
    drawn: BinaryHeap<Drawn>,
}

impl Pool {
    /// Puts a document in if its group is among the first.
    pub fn offer(&mut self, drawn: Drawn) {
        if self.drawn.len() < POOL {
            self.drawn.push(drawn);
        } else if let Some(mut last) = self.drawn.peek_mut()
            && drawn < *last
        {
            *last = drawn;
        }
    }

    /// In order.
    pub fn into_sorted(self) -> Vec<Drawn> {
        self.drawn.into_sorted_vec()
    }
}

/// The group of a document with these shingles; `None` for one without.
pub fn group(shingles: &[u64], seed: u64) -> Option<u64> {
    // The smallest hash as it is: signatures mix theirs with other seeds, so that the two say nothing of each other.
    shingles.iter().min().map(|least| hash64_seeded(&least.to_le_bytes(), seed))
}

/// The sample of a sorted pool: groups of two and more different texts, in the order in which they are drawn, as many as fit.
pub fn sample(pool: &[Drawn]) -> Vec<Vec<Drawn>> {
    let (mut documents, mut bytes) = (0, 0);
    let mut groups = Vec::new();
    for whole in pool.chunk_by(|a, b| a.group == b.group) {
        let mut group: Vec<Drawn> = Vec::new();
        for drawn in whole {
            // Equal texts are found as such, without bands.
            let known = group.iter().any(|other| (other.exact, other.priority, other.host) == (drawn.exact, drawn.priority, drawn.host));
            if !known && group.len() < OF_GROUP {
                group.push(*drawn);
            }
        }
        let length: u64 = group.iter().map(|drawn| drawn.length).sum();
        if 2 <= group.len() && documents + group.len() <= SAMPLE && bytes + length <= SAMPLE_BYTES {
            documents += group.len();
            bytes += length;
            groups.push(group);
        }
    }
    groups
}

/// Pairs of the sample in one bin of similarity.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bin {
    /// Lower edge; bins are .05 wide, and the last holds 1 too.
    pub from: f64,
    pub pairs: u64,
    /// Those that share a band.
    pub proposed: u64,
    /// How many the S-curve expects, summed over their exact similarities.
    pub planned: f64,
    /// The 95 % interval of the share that is proposed.
    pub interval: (f64, f64),
}

/// Compares every two documents of a group exactly. `set` knows each; pairs that are not `comparable` do not count. Time: at most 11 times the shingles of the
/// sample, and its signatures.
pub fn recall<'s>(
    groups: &[Vec<Drawn>],
    set: impl Fn(&Drawn) -> &'s ShingleSet,
    comparable: impl Fn(&Drawn, &Drawn) -> bool,
    shape: MinHash,
    signer: &Signer,
) -> Vec<Bin> {
    let mut bins: Vec<Bin> = (0..BINS).map(|n| Bin { from: n as f64 / BINS as f64, ..Bin::default() }).collect();
    let mut clustered = [Clustered::default(); BINS];
    for group in groups {
        let mut of_group = [(0, 0); BINS];
        let keys = |drawn: &Drawn| signer.sign(set(drawn).hashes()).map(|signature| signer.band_keys(&signature)).unwrap_or_default();
        let bands: Vec<Vec<u64>> = group.iter().map(keys).collect();
        for (index, b) in group.iter().enumerate() {
            for (other, a) in group[..index].iter().enumerate() {
                if a.exact == b.exact || !comparable(a, b) {
                    continue;
                }
                let jaccard = set(a).evidence(set(b)).jaccard;
                let place = ((jaccard * BINS as f64 + 1e-9) as usize).min(BINS - 1);
                let (pairs, proposed) = &mut of_group[place];
                *pairs += 1;
                *proposed += u64::from(bands[index].iter().zip(&bands[other]).any(|(x, y)| x == y));
                bins[place].planned += s_curve(shape.bands, shape.rows, jaccard);
            }
        }
        for ((bin, sums), (pairs, proposed)) in bins.iter_mut().zip(&mut clustered).zip(of_group) {
            bin.pairs += pairs;
            bin.proposed += proposed;
            sums.add(pairs, proposed);
        }
    }
    for (bin, sums) in bins.iter_mut().zip(&clustered) {
        bin.interval = interval(bin.proposed, bin.pairs, sums.effective(bin.proposed, bin.pairs));
    }
    bins
}

/// Sums over groups that say how much less their pairs tell than as many independent ones: pairs of one group share documents, and are found or missed together.
#[derive(Clone, Copy, Debug, Default)]
struct Clustered {
    groups: u64,
    pairs_squared: u64,
    product: u64,
    proposed_squared: u64,
}

impl Clustered {
    fn add(&mut self, pairs: u64, proposed: u64) {
        self.groups += u64::from(pairs != 0);
        self.pairs_squared += pairs * pairs;
        self.product += pairs * proposed;
        self.proposed_squared += proposed * proposed;
    }

    /// As how many independent pairs `n` count of which `k` were found: the variance of a ratio over clusters (Cochran, Sampling Techniques, chapter 6), turned into a number.
    /// Where all or none were found it says nothing, and groups are counted.
    fn effective(&self, k: u64, n: u64) -> f64 {
        let share = k as f64 / n.max(1) as f64;
        let squares = self.proposed_squared as f64 - 2.0 * share * self.product as f64 + share * share * self.pairs_squared as f64;
        let variance = squares / (n as f64 * n as f64);
        if self.groups < 2 || variance <= 0.0 {
            return self.groups as f64;
        }
        (share * (1.0 - share) / variance).min(n as f64)
    }
}

/// The 95 % interval of a share of `n` of which `k` were found (Wilson 1927), when they count as `effective` independent ones; the whole of 0..=1 for none.
fn interval(k: u64, n: u64, effective: f64) -> (f64, f64) {
    if n == 0 || effective <= 0.0 {
        return (0.0, 1.0);
    }
    let (n, share, z) = (effective, k as f64 / n as f64, 1.96);
    let middle = share + z * z / (2.0 * n);
    let half = z * libm::sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n));
    let whole = 1.0 + z * z / n;
    (((middle - half) / whole).max(0.0), ((middle + half) / whole).min(1.0))
}

#[cfg(test)]
mod tests;
