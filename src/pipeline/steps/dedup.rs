//! Exact and near-duplicates over the whole corpus: MinHash LSH proposes pairs, exact Jaccard similarity decides, and the better copy survives.
//!
//! Rounds: `sign` writes the band keys of each file's documents by partition (80 bytes a band and document on disk); `pairs` groups one partition's keys into candidate pairs (its share of
//! those bytes in memory, those of keys that are not single twice, and 32 bytes a candidate and band); `shingle` reads the documents of candidates, once each, and sends their shingle sets
//! to where they are compared; `verify` compares one partition's pairs exactly (8 bytes a word of their documents), and its merge finds the survivors (16 bytes a pair and 120 a
//! document of one, no names); `apply` writes verdicts row by row and gives what stands in pairs and clusters its names, and its merge writes the tables for people, a partition at a time.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet, hash_map};
use std::fmt::Write;
use std::sync::Arc;

use crate::dedup::recall::{self, Drawn};
use crate::dedup::{self, Member, Options, ShingleSet, Shingles, Signer, Tally};
use crate::document::Rule;
use crate::error::Result;
use crate::store::spill::{Records, SpillWriter, read_records};
use crate::store::table::{TableReader, TableWriter};
use crate::tokens::Tokenizer;

use super::super::ledger::{Counts, Outcome};
use super::super::plan::{Layout, n_partitions};
use super::super::recipe::{self, Recipe};
use super::super::run::{Build, Round, Step};
use super::index::{ENTRIES_OF_KEYS, Indexes};
use super::{Before, KEEP, StandingRow, Walk};

mod apply;
pub mod findings;
mod hosts;
mod indexed;
mod listed;
pub(super) mod members;
pub(super) mod records;
mod shingle;
pub mod tables;
mod verify;

use members::{Copies, CopyRow};
use records::{Candidate, Entry, Kept, Wanted, drawn_to_bytes};
use tables::SameRow;

const VERSION: u32 = 4;

/// Bytes of keys for each byte of input as stored: 15 entries of 84 bytes for a text of 1,200, from input that is packed to a third.
const KEYS_OF_INPUT: u64 = 4;

/// Histogram of bytes of text that arrived, by source.
pub const TEXT_BYTES: &str = "bytes of text";
/// Histogram of documents removed, by threshold.
pub const REMOVED_AT: &str = "removed at thresholds";

/// Note: documents of indexes that survive for some of this build.
pub const IN_CLUSTERS: &str = "documents of indexes for which others were removed";

/// By which rules the worse copy is dropped.
pub const RULES: &[Rule] = &[
    Rule::new("exact-duplicate", "similarity", "the same text as its survivor, after folding case and white space"),
    Rule::new("near-duplicate", "similarity", "as similar to its survivor as the threshold or more"),
    Rule::new("contained", "containment", "as much of it stands in its survivor as `containment` or more"),
];

pub struct Dedup {
    layout: Arc<Layout>,
    before: Before,
    options: Options,
    copies: Copies,
    seed: u64,
    n_partitions: usize,
    /// Makes tokens of texts, where shingles are of tokens.
    tokenizer: Option<Tokenizer>,
    indexes: Arc<Indexes>,
    keep_index: bool,
}

impl Dedup {
    pub fn new(recipe: &Recipe, part: &recipe::Dedup, layout: &Arc<Layout>, before: &Before, indexes: &Arc<Indexes>) -> Result<Self> {
        let of_indexes = indexes.bytes().saturating_mul(ENTRIES_OF_KEYS);
        let options = part.options();
        let tokenizer = matches!(options.shingles, Shingles::Tokens(_)).then(|| Tokenizer::new("gpt2")).transpose()?;
        Ok(Self {
            layout: Arc::clone(layout),
            before: before.clone(),
            options,
            copies: Copies::new(recipe, part),
            seed: recipe.seed,
            n_partitions: n_partitions(layout.bytes.saturating_mul(KEYS_OF_INPUT).saturating_add(of_indexes), part.partition_bytes),
            tokenizer,
            indexes: Arc::clone(indexes),
            keep_index: part.keep_index,
        })
    }

    /// Files of documents that are looked at.
    fn n_files(&self) -> usize {
        self.indexes.n_files(&self.layout)
    }

    /// The text as shingles are cut from it.
    fn compared<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let numbers = self.tokenizer.as_ref().and_then(|tokenizer| tokenizer.numbers(&dedup::folded(text)));
        let Some(numbers) = numbers else { return Cow::Borrowed(text) };
        let mut tokens = String::with_capacity(6 * numbers.len());
        for number in numbers {
            // Writing to a string never fails.
            let _ = write!(tokens, "{number} ");
        }
        Cow::Owned(tokens)
    }

    fn shingle_set(&self, text: &str) -> ShingleSet {
        ShingleSet::of(&self.compared(text), &self.options)
    }

    /// The partition of round `sign` that holds what an index keeps of each document, in order.
    fn signed(&self) -> usize {
        self.lengths() + 2
    }

    /// A work file of round `sign`.
    fn entries(&self, build: Build<'_>, task: usize) -> Result<SpillWriter> {
        SpillWriter::create(build.folder, &self.work("sign", task), KINDS * self.n_partitions + 3)
    }

    /// A document under each of its band keys and under its exact hash.
    fn spill_entries(&self, spill: &mut SpillWriter, member: &Member, band_keys: &[u64]) -> Result<()> {
        let place = |kind: usize, hash: u64| kind * self.n_partitions + (hash % self.n_partitions as u64) as usize;
        let exact = member.exact as u64;
        spill.push(place(OF_TEXTS, exact), &Entry { band_key: exact, member: member.clone() }.to_bytes())?;
        band_keys.iter().try_for_each(|&band_key| spill.push(place(0, band_key), &Entry { band_key, member: member.clone() }.to_bytes()))
    }

    /// The partition of round `sign` that holds the lengths of a file's documents, in order.
    fn lengths(&self) -> usize {
        KINDS * self.n_partitions
    }

    /// The partition of round `sign` that holds the pool of the sample of recall.
    fn pool(&self) -> usize {
        self.lengths() + 1
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
        format!("{VERSION} {} {:?} {:?} {}", self.seed, self.options, self.copies, self.keep_index)
    }

    fn inputs(&self) -> BTreeMap<String, String> {
        self.indexes.inputs()
    }

    fn reads(&self) -> Vec<String> {
        std::iter::once("extract".to_owned()).chain(self.before.steps()).collect()
    }

    fn rounds(&self) -> Vec<Round> {
        let files = || self.indexes.tasks(&self.layout);
        let partitions = || self.layout.partitions(self.n_partitions);
        vec![
            Round { name: "sign", tasks: files(), merges: false },
            Round { name: "pairs", tasks: partitions(), merges: false },
            Round { name: "shingle", tasks: files(), merges: false },
            Round { name: "verify", tasks: partitions(), merges: true },
            Round { name: "apply", tasks: files(), merges: true },
        ]
    }

    fn task(&self, build: Build<'_>, round: usize, task: usize) -> Result<Outcome> {
        match round {
            0 => self.sign(build, task),
            1 => self.pairs(build, task),
            2 => self.shingle(build, task),
            3 => self.verify(build, task),
            _ => self.apply(build, task),
        }
    }

    fn merge(&self, build: Build<'_>, round: usize) -> Result<Outcome> {
        if round == 3 { self.choose(build) } else { self.publish(build) }
    }
}

/// Number of a document in the build: its file and its row.
pub(super) fn number(file: usize, row: u64) -> u64 {
    (file as u64) << 32 | row
}

/// The file of a document's number.
pub(super) fn file_of(document: u64) -> usize {
    (document >> 32) as usize
}

/// The row of a document's number.
pub(super) fn row_of(document: u64) -> u64 {
    document & u64::from(u32::MAX)
}

/// Where entries of `sign` lie: band keys, then exact hashes, each over all partitions.
const KINDS: usize = 2;
const OF_TEXTS: usize = 1;

impl Dedup {
    /// Round 0: an entry for each band key and exact hash.
    fn sign(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let Some(file) = self.layout.files.get(task) else { return self.sign_index(build, task) };
        let signer = Signer::new(self.options.minhash, self.seed);
        let mut spill = self.entries(build, task)?;
        let mut counts = Counts::default();
        let mut pool = recall::Pool::default();
        let rows = match &self.before.step {
            None => None,
            Some(step) => Some(alive(build, &file.decisions(step))?),
        };
        let mut walk = Walk::<CopyRow>::open(build, file, &self.before)?;
        if let Some(rows) = &rows {
            walk = walk.pick(rows);
        }
        for (at, document) in walk.enumerate() {
            let (copy, standing) = document?;
            let row = rows.as_ref().map_or(at as u64, |rows| rows[at]);
            let length = copy.text.len() as u64;
            counts.bytes += length;
            counts.bucket(TEXT_BYTES, &standing.source, length);
            spill.push(self.lengths(), &length.to_le_bytes())?;
            let member = self.copies.member(number(task, row), &standing.source, &copy);
            if self.copies.lacks_score(&member.rank) {
                counts.note("documents without a number in score-field, which come last", 1);
            }
            let shingles = dedup::shingles(&self.compared(&copy.text), &self.options);
            let Member { document, host, exact, rank, .. } = member;
            if let Some(group) = recall::group(&shingles, self.seed) {
                pool.offer(Drawn { group, key: rank.key, document, exact, priority: rank.priority, host, length });
            }
            let band_keys = match signer.sign(&shingles) {
                // Hosts have buckets of their own where copies on other hosts do not count: else the best documents of all hosts would be the pivots of each.
                Some(signature) => signer.band_keys(&signature).into_iter().map(|key| key ^ host).collect(),
                None => {
                    counts.note("texts without a shingle, compared only as wholes", 1);
                    Vec::new()
                }
            };
            self.spill_entries(&mut spill, &member, &band_keys)?;
            if self.keep_index {
                spill.push(
                    self.signed(),
                    &Kept { row, key: rank.key, host, exact, url: copy.url_hash().unwrap_or(0), band_keys }.to_bytes(),
                )?;
            }
        }
        pool.into_sorted().iter().try_for_each(|drawn| spill.push(self.pool(), &drawn_to_bytes(drawn)))?;
        Ok(Outcome { files: Vec::new(), work: vec![spill.finish()?], counts })
    }

    /// Round 1: candidate pairs of one partition of band keys, spread by pair, and the documents that they need, spread by file; exact duplicates of one partition of hashes.
    fn pairs(&self, build: Build<'_>, partition: usize) -> Result<Outcome> {
        let mut found: Vec<(Candidate, u32)> = Vec::new();
        let mut tally = Tally::default();
        let mut emit = |a: &Member, b: &Member| {
            if self.copies.admit(a, b) {
                // By the worse document: that of a template is then in one partition, and its few pivots in all.
                let partition = (b.rank.key.0 % self.n_partitions as u128) as u32;
                found.push((Candidate { a: a.document, b: b.document, same_text: a.exact == b.exact }, partition));
            }
        };
        for bucket in self.buckets(&self.parts(build, partition)?)?.chunk_by(|a, b| a.0 == b.0) {
            for related in self.copies.related(bucket.iter().map(|(_, member)| member.clone()).collect()) {
                dedup::candidates(&related, self.options.pairs, &mut emit, &mut tally);
            }
        }
        // Equal texts of different groups are compared whatever else stands in their bands.
        let texts = self.parts(build, OF_TEXTS * self.n_partitions + partition)?;
        let mut best: Vec<Member> = self.buckets(&texts)?.into_iter().map(|(_, member)| member).collect();
        best.sort_by_key(|member| (member.exact, member.host));
        for same in best.chunk_by(|a, b| (a.exact, a.host) == (b.exact, b.host)) {
            for (index, worse) in same.iter().enumerate() {
                same[..index].iter().for_each(|better| emit(better, worse));
            }
        }
        // A pair comes once for every band that it shares.
        found.sort_unstable();
        found.dedup();
        let mut spill = SpillWriter::create(build.folder, &self.work("pairs", partition), self.n_partitions + self.n_files())?;
        let mut wanted: Vec<(u64, u32)> = Vec::with_capacity(2 * found.len());
        for (candidate, partition) in found {
            spill.push(partition as usize, &candidate.to_bytes())?;
            wanted.extend([(candidate.a, partition), (candidate.b, partition)]);
        }
        wanted.sort_unstable();
        wanted.dedup();
        for (document, partition) in wanted {
            spill.push(self.n_partitions + file_of(document), &Wanted { row: row_of(document), partition }.to_bytes())?;
        }
        let mut same = TableWriter::<SameRow>::create(build.folder, &self.work("same", partition))?;
        let best: HashMap<(u32, u64, u128), &Member> = best.iter().map(|member| (same_text(member), member)).collect();
        for record in texts.iter().flat_map(Records::iter) {
            let Entry { member, .. } = Entry::from_bytes(record)?;
            let Some(best) = best.get(&same_text(&member)).filter(|best| best.document != member.document) else { continue };
            if self.copies.may_go(&member) {
                let (best_key, best_priority) = (best.rank.key, best.rank.priority);
                same.push(SameRow { document: member.document, best: best.document, best_key, best_priority })?;
            }
        }
        let mut counts = Counts::default();
        counts.note("buckets with two or more documents", tally.buckets);
        counts.note("hot buckets, compared through pivots", tally.hot_buckets);
        counts.note("members of hot buckets", tally.hot_members);
        let work = vec![spill.finish()?, same.finish()?];
        Ok(Outcome { files: Vec::new(), work, counts })
    }

    /// One partition of what all files signed.
    fn parts(&self, build: Build<'_>, partition: usize) -> Result<Vec<Records>> {
        (0..self.n_files()).map(|file| read_records(build.folder, &self.work("sign", file), partition)).collect()
    }

    /// Members of one partition whose key another may share, by key and then from the best rank to the worst; of the same text the best alone, so that a text that stands a million times
    /// takes no more room than another.
    fn buckets(&self, parts: &[Records]) -> Result<Vec<(u64, Member)>> {
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
        let mut best: HashMap<(u64, (u32, u64, u128)), Member> = HashMap::new();
        for record in records() {
            if repeated.contains(&Entry::key_of(record)?) {
                let Entry { band_key, member } = Entry::from_bytes(record)?;
                match best.entry((band_key, same_text(&member))) {
                    hash_map::Entry::Vacant(place) => drop(place.insert(member)),
                    hash_map::Entry::Occupied(mut held) if order(&member, held.get()).is_lt() => drop(held.insert(member)),
                    hash_map::Entry::Occupied(_) => {}
                }
            }
        }
        let mut members: Vec<(u64, Member)> = best.into_iter().map(|((band_key, _), member)| (band_key, member)).collect();
        members.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| order(&a.1, &b.1)));
        Ok(members)
    }
}

/// Members that are the same here are copies of one text for each other.
fn same_text(member: &Member) -> (u32, u64, u128) {
    (member.group, member.host, member.exact)
}

/// From the best rank to the worst.
fn order(a: &Member, b: &Member) -> Ordering {
    a.rank.order(&b.rank).then(a.document.cmp(&b.document))
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
