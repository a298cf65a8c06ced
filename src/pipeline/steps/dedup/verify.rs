//! Rounds `verify` and its merge: candidate pairs are compared exactly, and survivors are chosen from those that are similar enough.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::dedup::{Fate, Pair, Pairs, Rank, ShingleSet, survivors};
use crate::document::Key;
use crate::error::Result;
use crate::store::spill::{SpillWriter, read_records};
use crate::store::table::TableReader;

use super::super::super::ledger::{Counts, Outcome};
use super::super::super::run::Build;
use super::super::{TextRow, Walk, misaligned};
use super::records::{Candidate, Checked, Found, Verdict, ranked_from_bytes, ranked_to_bytes};
use super::tables::SameRow;
use super::{Dedup, file_of, row_of};

impl Dedup {
    /// Round 2: the exact look at one partition's pairs.
    pub(super) fn verify(&self, build: Build<'_>, partition: usize) -> Result<Outcome> {
        let mut pairs = Vec::new();
        for task in 0..self.n_partitions {
            for record in read_records(build.folder, &self.work("pairs", task), partition)?.iter() {
                pairs.push(Candidate::from_bytes(record)?);
            }
        }
        // Two partitions of band keys may propose the same pair.
        pairs.sort_unstable();
        pairs.dedup();
        let mut wanted: Vec<u64> = pairs.iter().flat_map(|pair| [pair.a, pair.b]).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let documents = self.shingles_of(build, &wanted)?;
        let place = |document: u64| wanted.binary_search(&document).expect("wanted holds both ends of every pair");
        let mut spill = SpillWriter::new(2);
        let mut named = vec![false; wanted.len()];
        // Pairs by twentieth of their similarity: rejected, verified.
        let mut similarities = [[0_u64; 20]; 2];
        for &candidate in &pairs {
            let (place_a, place_b) = (place(candidate.a), place(candidate.b));
            let (a, b) = (&documents[place_a].shingles, &documents[place_b].shingles);
            let evidence = a.evidence(b);
            let verified = self.options.threshold <= evidence.jaccard;
            similarities[usize::from(verified)][(evidence.jaccard * 20.0 + 1e-9).min(19.0) as usize] += 1;
            if verified || self.options.pairs == Pairs::All {
                (named[place_a], named[place_b]) = (true, true);
                let checked = Checked { candidate, shared: evidence.shared, of_a: a.len() as u64, of_b: b.len() as u64 };
                spill.push(PAIRS, &checked.to_bytes());
            }
        }
        for ((document, shingled), _) in wanted.iter().zip(&documents).zip(named).filter(|(_, named)| *named) {
            spill.push(DOCUMENTS, &ranked_to_bytes(*document, &shingled.rank));
        }
        let mut counts = Counts::default();
        counts.note("candidate pairs", pairs.len() as u64);
        for (verdict, of_verdict) in ["rejected pairs", "verified pairs"].into_iter().zip(similarities) {
            for (twentieth, &n) in of_verdict.iter().enumerate().filter(|(_, n)| **n != 0) {
                counts.note(verdict, n);
                counts.bucket(&format!("similarity of {verdict}"), &format!("{:.2}", twentieth as f64 / 20.0), n);
            }
        }
        Ok(Outcome { files: Vec::new(), work: vec![spill.finish(build.folder, &self.work("checked", partition))?], counts })
    }

    /// Shingle sets and ranks of some documents, in their order. Only their rows are decoded, and each is folded and hashed once.
    fn shingles_of(&self, build: Build<'_>, wanted: &[u64]) -> Result<Vec<Shingled>> {
        let mut documents = Vec::with_capacity(wanted.len());
        for of_file in wanted.chunk_by(|a, b| file_of(*a) == file_of(*b)) {
            let file = &self.layout.files[file_of(of_file[0])];
            let rows: Vec<u64> = of_file.iter().map(|&document| row_of(document)).collect();
            let before = documents.len();
            for document in Walk::<TextRow>::open(build, file, self.before.as_deref())?.pick(&rows) {
                let (TextRow { key, text }, standing) = document?;
                let rank = Rank { priority: self.priority(&standing.source), score: None, length: text.len() as u64, key };
                documents.push(Shingled { rank, shingles: ShingleSet::of(&text, &self.options) });
            }
            if documents.len() - before != rows.len() {
                return Err(misaligned(&file.name()));
            }
        }
        Ok(documents)
    }

    /// Every checked pair of all partitions, in order.
    pub(super) fn each_checked(&self, build: Build<'_>, mut each: impl FnMut(Checked) -> Result<()>) -> Result<()> {
        for partition in 0..self.n_partitions {
            for record in read_records(build.folder, &self.work("checked", partition), PAIRS)?.iter() {
                each(Checked::from_bytes(record)?)?;
            }
        }
        Ok(())
    }

    /// The merge of round 2: who survives; what each file's documents learn is spread by file.
    pub(super) fn choose(&self, build: Build<'_>) -> Result<Outcome> {
        let mut ranks: HashMap<u64, Rank> = HashMap::new();
        for partition in 0..self.n_partitions {
            for record in read_records(build.folder, &self.work("checked", partition), DOCUMENTS)?.iter() {
                let (document, rank) = ranked_from_bytes(record)?;
                ranks.insert(document, rank);
            }
        }
        let mut pairs = Vec::new();
        let mut same_text = BTreeSet::new();
        self.each_checked(build, |checked| {
            let (Candidate { a, b, same_text: same }, jaccard) = (checked.candidate, checked.evidence().jaccard);
            if self.options.threshold <= jaccard {
                pairs.push(Pair { a, b, jaccard });
                if same {
                    same_text.insert((a.min(b), a.max(b)));
                }
            }
            Ok(())
        })?;
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

/// Partitions of the work file `checked`.
const PAIRS: usize = 0;
const DOCUMENTS: usize = 1;

struct Shingled {
    rank: Rank,
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
