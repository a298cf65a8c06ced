//! Exact and near-duplicates over the whole corpus: MinHash LSH proposes pairs, exact Jaccard similarity decides, and the better copy survives.
//!
//! Rounds: `sign` writes the band keys of each file's documents by partition (64 bytes a band and document); `pairs` groups one partition's keys into
//! candidate pairs (its share of those bytes in memory, those of keys that are not single twice, and 32 bytes a candidate and band); `verify` compares one
//! partition's pairs exactly (the shingle sets of its documents, 8 bytes a word, read from their rows alone), and its merge finds the survivors (about 100 bytes
//! a duplicate pair and 300 a document of one); `apply` writes verdicts row by row, and its
//! merge the tables for people.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::dedup::{self, Member, Options, Rank, Signer, Tally};
use crate::document::Rule;
use crate::error::Result;
use crate::store::spill::{Records, SpillWriter, read_records};
use crate::store::table::{TableReader, TableWriter};

use super::super::ledger::{Counts, Outcome};
use super::super::plan::Layout;
use super::super::recipe::{self, Recipe, Within};
use super::super::run::{Build, Round, Step, Task};
use super::{KEEP, StandingRow, TextRow, Walk};

mod apply;
mod records;
pub mod tables;
mod verify;

use records::{Candidate, Entry};
use tables::SameRow;

const VERSION: u32 = 2;

/// By which rules the worse copy is dropped.
pub const RULES: &[Rule] = &[
    Rule::new("exact-duplicate", "similarity", "the same text as its survivor, after folding case and white space"),
    Rule::new("near-duplicate", "similarity", "as similar to its survivor as the threshold or more"),
];

pub struct Dedup {
    layout: Arc<Layout>,
    before: Option<String>,
    options: Options,
    within: Within,
    /// Loser: its winners.
    remove_from: BTreeMap<String, Vec<String>>,
    /// Sources from the most to the least preferred survivor.
    order: Vec<String>,
    seed: u64,
    n_partitions: usize,
}

impl Dedup {
    pub fn new(recipe: &Recipe, part: &recipe::Dedup, layout: &Arc<Layout>, before: Option<&str>) -> Result<Self> {
        Ok(Self {
            layout: Arc::clone(layout),
            before: before.map(str::to_owned),
            options: part.options(),
            within: part.within,
            remove_from: part.remove_from.clone(),
            order: part.source_order(recipe.sources.keys()),
            seed: recipe.seed,
            // About 64 MiB of input a partition; only memory depends on it.
            n_partitions: (layout.bytes / (64 << 20) + 1).clamp(1, 4096) as usize,
        })
    }

    fn priority(&self, source: &str) -> u32 {
        let place = self.order.iter().position(|name| name == source);
        place.map_or(u32::MAX, |place| place as u32)
    }

    /// True when duplicates of these two sources (by priority) count.
    fn admitted(&self, a: u32, b: u32) -> bool {
        if self.within == Within::AllSources || a == b {
            return true;
        }
        let (winner, loser) = (&self.order[a.min(b) as usize], &self.order[a.max(b) as usize]);
        self.remove_from.get(loser).is_some_and(|winners| winners.contains(winner))
    }

    fn work(&self, round: &str, task: usize) -> String {
        format!("work/dedup/{round}-{task:05}")
    }
}

impl Step for Dedup {
    fn name(&self) -> &str {
        "dedup"
    }

    fn identity(&self) -> String {
        format!("{VERSION} {} {:?} {:?} {:?} {:?}", self.seed, self.options, self.within, self.remove_from, self.order)
    }

    fn reads(&self) -> Vec<String> {
        std::iter::once("extract".to_owned()).chain(self.before.clone()).collect()
    }

    fn rounds(&self) -> Vec<Round> {
        let each = self.layout.bytes / self.n_partitions as u64;
        let partitions = || (0..self.n_partitions).map(|p| Task { name: format!("partition {p:05}"), bytes: each }).collect();
        vec![
            Round { name: "sign", tasks: self.layout.tasks(), merges: false },
            Round { name: "pairs", tasks: partitions(), merges: false },
            Round { name: "verify", tasks: partitions(), merges: true },
            Round { name: "apply", tasks: self.layout.tasks(), merges: true },
        ]
    }

    fn task(&self, build: Build<'_>, round: usize, task: usize) -> Result<Outcome> {
        match round {
            0 => self.sign(build, task),
            1 => self.pairs(build, task),
            2 => self.verify(build, task),
            _ => self.apply(build, task),
        }
    }

    fn merge(&self, build: Build<'_>, round: usize) -> Result<Outcome> {
        if round == 2 { self.choose(build) } else { self.publish(build) }
    }
}

/// Number of a document in the build: its file and its row.
fn number(file: usize, row: u64) -> u64 {
    (file as u64) << 32 | row
}

/// The file of a document's number.
fn file_of(document: u64) -> usize {
    (document >> 32) as usize
}

/// The row of a document's number.
fn row_of(document: u64) -> u64 {
    document & u64::from(u32::MAX)
}

impl Dedup {
    /// Documents of one group are the same text when their exact hashes are equal.
    fn group(&self, priority: u32) -> u32 {
        if self.within == Within::AllSources { 0 } else { priority }
    }

    /// Round 0: band keys in the first half of the partitions, exact hashes in the second.
    fn sign(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let signer = Signer::new(self.options.minhash, self.seed);
        let mut spill = SpillWriter::new(2 * self.n_partitions);
        let mut counts = Counts::default();
        let partition = |hash: u64| (hash % self.n_partitions as u64) as usize;
        let file = &self.layout.files[task];
        let rows = match &self.before {
            None => None,
            Some(step) => Some(alive(build, &file.decisions(step))?),
        };
        let mut walk = Walk::<TextRow>::open(build, file, self.before.as_deref())?;
        if let Some(rows) = &rows {
            walk = walk.pick(rows);
        }
        for (at, document) in walk.enumerate() {
            let (TextRow { key, text }, standing) = document?;
            let row = rows.as_ref().map_or(at as u64, |rows| rows[at]);
            counts.bytes += text.len() as u64;
            let priority = self.priority(&standing.source);
            let rank = Rank { priority, score: None, length: text.len() as u64, key };
            let exact = dedup::exact_hash(&text);
            let member = Member { document: number(task, row), group: self.group(priority), exact, rank };
            let whole = Entry { band_key: exact as u64, member: member.clone() };
            spill.push(self.n_partitions + partition(exact as u64), &whole.to_bytes());
            let Some(signature) = signer.sign(&dedup::shingles(&text, &self.options)) else {
                counts.note("texts without a shingle, compared only as wholes", 1);
                continue;
            };
            for band_key in signer.band_keys(&signature) {
                spill.push(partition(band_key), &Entry { band_key, member: member.clone() }.to_bytes());
            }
        }
        Ok(Outcome { files: Vec::new(), work: vec![spill.finish(build.folder, &self.work("sign", task))?], counts })
    }

    /// Round 1: candidate pairs of one partition of band keys, spread by pair; exact duplicates of one partition of hashes.
    fn pairs(&self, build: Build<'_>, partition: usize) -> Result<Outcome> {
        let mut found: Vec<(Candidate, u32)> = Vec::new();
        let mut tally = Tally::default();
        for bucket in self.buckets(build, partition)?.chunk_by(|a, b| a.0 == b.0) {
            let members: Vec<Member> = bucket.iter().map(|(_, member)| member.clone()).collect();
            let mut emit = |a: &Member, b: &Member| {
                if self.admitted(a.rank.priority, b.rank.priority) {
                    let of_pair = a.rank.key.0 ^ b.rank.key.0.rotate_left(1);
                    let candidate = Candidate { a: a.document, b: b.document, same_text: a.exact == b.exact };
                    found.push((candidate, (of_pair % self.n_partitions as u128) as u32));
                }
            };
            dedup::candidates(&members, self.options.pairs, &mut emit, &mut tally);
        }
        // A pair comes once for every band that it shares.
        found.sort_unstable();
        found.dedup();
        let mut spill = SpillWriter::new(self.n_partitions);
        for (candidate, partition) in found {
            spill.push(partition as usize, &candidate.to_bytes());
        }
        let mut same = TableWriter::<SameRow>::create(build.folder, &self.work("same", partition))?;
        let hashes = self.buckets(build, self.n_partitions + partition)?;
        for bucket in hashes.chunk_by(|a, b| a.0 == b.0) {
            let mut best: HashMap<(u32, u128), &Member> = HashMap::new();
            for (_, member) in bucket {
                // Members come from the best rank to the worst, so the first of its kind is the representative.
                match best.get(&(member.group, member.exact)) {
                    None => {
                        best.insert((member.group, member.exact), member);
                    }
                    Some(best) => {
                        let (best_key, best_priority) = (best.rank.key, best.rank.priority);
                        same.push(SameRow { document: member.document, best: best.document, best_key, best_priority })?;
                    }
                }
            }
        }
        let mut counts = Counts::default();
        counts.note("buckets with two or more documents", tally.buckets);
        counts.note("hot buckets, compared through pivots", tally.hot_buckets);
        counts.note("members of hot buckets", tally.hot_members);
        let work = vec![spill.finish(build.folder, &self.work("pairs", partition))?, same.finish()?];
        Ok(Outcome { files: Vec::new(), work, counts })
    }

    /// Members of one partition whose key another may share, by key and then from the best rank to the worst.
    fn buckets(&self, build: Build<'_>, partition: usize) -> Result<Vec<(u64, Member)>> {
        let files = 0..self.layout.files.len();
        let parts = files.map(|file| read_records(build.folder, &self.work("sign", file), partition)).collect::<Result<Vec<Records>>>()?;
        let records = || parts.iter().flat_map(Records::iter);
        // Most keys stand alone; the filter finds them without sorting or holding them. A false alarm costs a bucket of one.
        let mut seen = dedup::bloom::Seen::with_capacity(records().count(), 0.01);
        let mut repeated: HashSet<u64> = HashSet::new();
        for record in records() {
            let key = Entry::key_of(record)?;
            if seen.insert(key) {
                repeated.insert(key);
            }
        }
        let mut members = Vec::new();
        for record in records() {
            if repeated.contains(&Entry::key_of(record)?) {
                let Entry { band_key, member } = Entry::from_bytes(record)?;
                members.push((band_key, member));
            }
        }
        members.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.rank.order(&b.1.rank)).then(a.1.document.cmp(&b.1.document)));
        Ok(members)
    }
}

/// Numbers of the rows that still stand.
fn alive(build: Build<'_>, decisions: &str) -> Result<Vec<u64>> {
    let mut rows = Vec::new();
    for (row, decision) in TableReader::<StandingRow>::open(&build.folder.path(decisions))?.enumerate() {
        if decision?.verdict == KEEP {
            rows.push(row as u64);
        }
    }
    Ok(rows)
}
