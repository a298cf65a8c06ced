//! Rounds `verify` and its merge: candidate pairs are compared exactly, and survivors are chosen from those that are similar enough.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::dedup::{self, Fate, Pair, Rank, ShingleSet, survivors};
use crate::document::Key;
use crate::error::Result;
use crate::store::spill::{SpillWriter, read_partition};
use crate::store::table::{TableReader, TableWriter};

use super::super::super::ledger::{Counts, Outcome};
use super::super::super::run::Build;
use super::super::Walk;
use super::records::{Found, Verdict, pair_from_bytes};
use super::tables::{CheckedRow, IdTextRow, SameRow};
use super::{Dedup, file_of, number, row_of};

impl Dedup {
    /// Round 2: the exact look at one partition's pairs.
    pub(super) fn verify(&self, build: Build<'_>, partition: usize) -> Result<Outcome> {
        let mut pairs = Vec::new();
        for task in 0..self.n_partitions {
            for record in read_partition(build.folder, &self.work("pairs", task), partition)? {
                pairs.push(pair_from_bytes(&record)?);
            }
        }
        // A pair is a candidate once for every band that it shares.
        pairs.sort_unstable();
        pairs.dedup();
        let wanted: BTreeSet<u64> = pairs.iter().flat_map(|&(a, b)| [a, b]).collect();
        let documents = self.shingles_of(build, &wanted)?;
        let mut rows = TableWriter::create(build.folder, &self.work("checked", partition))?;
        let mut counts = Counts::default();
        counts.note("candidate pairs", pairs.len() as u64);
        for (document_a, document_b) in pairs {
            let (a, b) = (&documents[&document_a], &documents[&document_b]);
            let evidence = a.shingles.evidence(&b.shingles);
            let verified = self.options.threshold <= evidence.jaccard;
            counts.note(if verified { "verified pairs" } else { "rejected pairs" }, 1);
            let histogram = if verified { "similarity of verified pairs" } else { "similarity of rejected pairs" };
            counts.bucket(histogram, &format!("{:.2}", (evidence.jaccard * 20.0 + 1e-9).floor().min(19.0) / 20.0), 1);
            let row = CheckedRow {
                document_a,
                document_b,
                key_a: a.rank.key,
                key_b: b.rank.key,
                source_a: self.order[a.rank.priority as usize].clone(),
                source_b: self.order[b.rank.priority as usize].clone(),
                id_a: a.id.clone(),
                id_b: b.id.clone(),
                priority_a: a.rank.priority,
                priority_b: b.rank.priority,
                length_a: a.rank.length,
                length_b: b.rank.length,
                same_text: a.exact == b.exact,
                jaccard: evidence.jaccard,
                containment: evidence.containment,
                shared: evidence.shared,
                distinct: evidence.distinct,
            };
            rows.push(row)?;
        }
        Ok(Outcome { files: Vec::new(), work: vec![rows.finish()?], counts })
    }

    /// Shingle sets and ids of some documents; files without any of them are not read.
    fn shingles_of(&self, build: Build<'_>, wanted: &BTreeSet<u64>) -> Result<HashMap<u64, Shingled>> {
        let mut documents = HashMap::with_capacity(wanted.len());
        let mut files: Vec<usize> = wanted.iter().map(|&document| file_of(document)).collect();
        files.dedup();
        for file in files {
            for (row, document) in Walk::<IdTextRow>::open(build, &self.layout.files[file], self.before.as_deref())?.enumerate() {
                let (IdTextRow { key, id, text }, standing) = document?;
                let document = number(file, row as u64);
                if wanted.contains(&document) {
                    let rank = Rank { priority: self.priority(&standing.source), score: None, length: text.len() as u64, key };
                    let shingles = ShingleSet::of(&text, &self.options);
                    documents.insert(document, Shingled { id, rank, exact: dedup::exact_hash(&text), shingles });
                }
            }
        }
        Ok(documents)
    }

    /// The merge of round 2: who survives; what each file's documents learn is spread by file.
    pub(super) fn choose(&self, build: Build<'_>) -> Result<Outcome> {
        let mut ranks: HashMap<u64, Rank> = HashMap::new();
        let mut pairs = Vec::new();
        let mut same_text = BTreeSet::new();
        for partition in 0..self.n_partitions {
            for row in TableReader::<CheckedRow>::open(&build.folder.path(&self.work("checked", partition)))? {
                let row = row?;
                if row.jaccard < self.options.threshold {
                    continue;
                }
                let rank = |priority, length, key| Rank { priority, score: None, length, key };
                ranks.insert(row.document_a, rank(row.priority_a, row.length_a, row.key_a));
                ranks.insert(row.document_b, rank(row.priority_b, row.length_b, row.key_b));
                pairs.push(Pair { a: row.document_a, b: row.document_b, jaccard: row.jaccard });
                if row.same_text {
                    same_text.insert((row.document_a.min(row.document_b), row.document_a.max(row.document_b)));
                }
            }
        }
        let fates = survivors(&pairs, |document| ranks[&document]);
        let mut found: BTreeMap<u64, Found> = BTreeMap::new();
        for (&document, &fate) in &fates {
            let (survivor, similarity) = match fate {
                Fate::Alone => continue,
                Fate::Survives => (document, 1.0),
                Fate::Dropped { survivor, jaccard } => (survivor, jaccard),
            };
            let verdict = match fate {
                Fate::Dropped { .. } if same_text.contains(&(document.min(survivor), document.max(survivor))) => Verdict::Exact,
                Fate::Dropped { .. } => Verdict::Near,
                _ => Verdict::Survives,
            };
            let Rank { key, priority, .. } = ranks[&survivor];
            found.insert(document, Found { row: row_of(document), verdict, cluster: key, winner: priority, similarity });
        }
        // Exact duplicates share the fate of their best copy.
        for partition in 0..self.n_partitions {
            for row in TableReader::<SameRow>::open(&build.folder.path(&self.work("same", partition)))? {
                let SameRow { document, best, best_key, best_priority } = row?;
                let itself =
                    Found { row: row_of(best), verdict: Verdict::Survives, cluster: best_key, winner: best_priority, similarity: 1.0 };
                let best = *found.entry(best).or_insert(itself);
                found.insert(document, Found { row: row_of(document), verdict: Verdict::Exact, ..best });
            }
        }
        let mut spill = SpillWriter::new(self.layout.files.len());
        let mut sizes: HashMap<Key, u64> = HashMap::new();
        for (document, found) in found {
            *sizes.entry(found.cluster).or_default() += 1;
            spill.push(file_of(document), &found.to_bytes());
        }
        let mut counts = Counts::default();
        for size in sizes.into_values() {
            counts.bucket("sizes of clusters", size_label(size), 1);
        }
        Ok(Outcome { files: Vec::new(), work: vec![spill.finish(build.folder, &self.work("found", 0))?], counts })
    }
}

struct Shingled {
    id: String,
    rank: Rank,
    exact: u128,
    shingles: ShingleSet,
}

/// Labels that sort as their sizes do.
fn size_label(size: u64) -> &'static str {
    match size {
        0..=2 => "     2",
        3 => "     3",
        4..=5 => "   4-5",
        6..=10 => "  6-10",
        11..=100 => " 11-100",
        _ => "101 and more",
    }
}
