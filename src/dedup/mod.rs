//! Near-duplicates: shingles, signatures that agree as MinHash does, bands (Broder 1997; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3), exact verification,
//! survivors. Pure functions over texts and numbers; the step joins them to files.
//!
//! P(candidate) = 1 - (1 - J^rows)^bands. A candidate is a duplicate only when its exact Jaccard similarity reaches the threshold, so precision is 1 by
//! construction and recall is what the S-curve says.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

pub mod bloom;
mod candidates;
pub mod paragraphs;
mod planner;
mod preference;
pub mod recall;
mod same_url;
mod shingles;
mod signature;
mod survivors;

pub use candidates::{HOT_BUCKET, Member, Tally, candidates};
pub use planner::{Shape, plan};
pub use preference::{Facts, Preference};
pub use same_url::{Addressed, SharedUrls, one_a_url};
pub use shingles::{Evidence, ShingleSet, exact_hash, folded, shingles};
pub use signature::Signer;
pub use survivors::{Fate, Pair, Rank, Ranking, removed_at, survivors};

/// What two documents are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Shingles {
    /// Runs of this many lower-cased words; texts in scripts without spaces use [`SPACELESS_CHARACTERS`] characters instead.
    Words(usize),
    /// Runs of this many lower-cased characters, white space folded.
    Characters(usize),
    /// Runs of this many tokens of GPT-2's encoding, of the lower-cased text with white space folded. This room has no tokenizer: such a text comes to it as the numbers of its
    /// tokens, parted by spaces.
    Tokens(usize),
}

impl Default for Shingles {
    fn default() -> Self {
        Self::Words(5)
    }
}

/// Characters of a shingle where a script puts no spaces between words. A Chinese word has about 1.6 characters and a Japanese one 2 to 3, so 8 characters are
/// about the five words of the default; a larger number makes small edits cost more.
pub const SPACELESS_CHARACTERS: usize = 8;

/// Bands and rows of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MinHash {
    pub bands: usize,
    pub rows: usize,
}

impl Default for MinHash {
    /// FineWeb's 14 x 8: half of the pairs at J = .72, .92 at .8, 1 at .9.
    fn default() -> Self {
        Self { bands: 14, rows: 8 }
    }
}

impl MinHash {
    /// Length of a signature.
    pub fn n_hashes(&self) -> usize {
        self.bands * self.rows
    }

    /// What to tell a user whose bands and rows miss more than one in ten of the pairs that are just similar enough, with a better choice. `None` where they do not.
    pub fn warning(&self, threshold: f64) -> Option<String> {
        let Self { bands, rows } = *self;
        let found = s_curve(bands, rows, threshold);
        if 0.9 <= found {
            return None;
        }
        let better = plan(threshold, 0.95);
        Some(format!(
            "dedup: minhash of {bands} bands and {rows} rows proposes {found:.3} of the pairs at the threshold {threshold} (1 - (1 - J^rows)^bands), \
             so that many duplicates stay; {} bands and {} rows propose {:.3}, as minhash = {{ recall = 0.95 }} plans",
            better.bands,
            better.rows,
            s_curve(better.bands, better.rows, threshold)
        ))
    }
}

/// Hashes of the longest signature: far above any published configuration (450), low enough that a typing error does not fill the memory.
const MOST_HASHES: usize = 4096;

/// Which candidate pairs are checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pairs {
    /// Those that survivors need: in each bucket every member against the best-ranked ones and its neighbours in rank.
    #[default]
    Linking,
    /// Every two members of a bucket.
    All,
}

/// Everything that de-duplication can be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    pub shingles: Shingles,
    pub minhash: MinHash,
    /// Exact Jaccard similarity at or above which two documents are duplicates, in (0, 1].
    pub threshold: f64,
    /// Share of the worse text's shingles that stand in the better one, at or above which it is a duplicate whatever the Jaccard similarity, in (0, 1].
    pub containment: Option<f64>,
    pub pairs: Pairs,
}

impl Options {
    /// Whether two texts are duplicates, of the worse of which this share stands in the better.
    pub fn is_duplicate(&self, evidence: &Evidence, of_worse: f64) -> bool {
        self.threshold <= evidence.jaccard || self.containment.is_some_and(|least| least <= of_worse)
    }

    /// # Errors
    /// When a number cannot hold.
    pub fn check(&self) -> Result<()> {
        let MinHash { bands, rows } = self.minhash;
        let n_shingle = match self.shingles {
            Shingles::Words(n) | Shingles::Characters(n) | Shingles::Tokens(n) => n,
        };
        if !(0.0 < self.threshold && self.threshold <= 1.0) {
            return Err(Error::recipe(format!("threshold is a Jaccard similarity above 0 and at most 1, not {}", self.threshold)));
        }
        if let Some(containment) = self.containment.filter(|share| !(0.0 < *share && *share <= 1.0)) {
            return Err(Error::recipe(format!("containment is a share above 0 and at most 1, not {containment}")));
        }
        if bands == 0 || rows == 0 || bands.checked_mul(rows).is_none_or(|n| MOST_HASHES < n) {
            return Err(Error::recipe(format!(
                "minhash has {bands} bands of {rows} rows; each is at least 1, and together they are at most {MOST_HASHES} hashes"
            )));
        }
        if n_shingle == 0 || 1000 < n_shingle {
            return Err(Error::recipe(format!("a shingle has 1 to 1000 words, characters or tokens, not {n_shingle}")));
        }
        Ok(())
    }
}

/// Probability that a pair of this similarity shares a band.
pub fn s_curve(bands: usize, rows: usize, jaccard: f64) -> f64 {
    1.0 - libm::pow(1.0 - libm::pow(jaccard, rows as f64), bands as f64)
}

#[cfg(test)]
mod tests;
