//! Rounds `verify` and its merge: candidate pairs are compared exactly, and survivors are chosen from those that are similar enough.

use std::collections::BTreeMap;

use crate::dedup::{Fate, Pair, Pairs, Rank, Ranking, removed_at, survivors};
use crate::error::Result;
use crate::store::spill::{SpillWriter, read_records};
use crate::store::table::TableReader;

use super::super::super::ledger::{Counts, Outcome};
use super::super::super::run::Build;
use super::records::{Candidate, Checked, Found, Shingled, Verdict, damaged, ranked_from_bytes, ranked_to_bytes};
use super::tables::SameRow;
use super::{Dedup, REMOVED_AT, file_of, row_of};

impl Dedup {
    /// Round 3: the exact look at one partition's pairs.
    pub(super) fn verify(&self, build: Build<'_>, partition: usize) -> Result<Outcome> {
        let mut pairs: Vec<Candidate> = Vec::new();
        for task in 0..self.n_partitions {
            for record in read_records(build.folder, &self.work("pairs", task), partition)?.iter() {
                pairs.push(Candidate::from_bytes(record)?);
            }
        }
        // Two partitions of keys may propose the same pair.
        pairs.sort_unstable();
        pairs.dedup();
        let documents = self.shingled(build, partition)?;
        let place = |document: u64| documents.binary_search_by_key(&document, |shingled| shingled.document).map_err(|_| damaged());
        let mut spill = SpillWriter::create(build.folder, &self.work("checked", partition), 3)?;
        let mut named = vec![false; documents.len()];
        // Pairs by twentieth of their similarity: rejected, verified.
        let mut similarities = [[0_u64; 20]; 2];
        for &candidate in &pairs {
            let (place_a, place_b) = (place(candidate.a)?, place(candidate.b)?);
            let (a, b) = (&documents[place_a].shingles, &documents[place_b].shingles);
            let checked = match candidate.same_text && a.is_empty() {
                // Of a text without a shingle the text itself is one.
                true => Checked { candidate, shared: 1, of_a: 1, of_b: 1 },
                false => Checked { candidate, shared: a.evidence(b).shared, of_a: a.len() as u64, of_b: b.len() as u64 },
            };
            let evidence = checked.evidence();
            let verified = self.options.is_duplicate(&evidence, checked.of_worse());
            similarities[usize::from(verified)][(evidence.jaccard * 20.0 + 1e-9).min(19.0) as usize] += 1;
            let place = match verified || self.options.pairs == Pairs::All {
                true => PAIRS,
                false if WHAT_IF[0] <= evidence.jaccard => CLOSE,
                false => continue,
            };
            (named[place_a], named[place_b]) = (true, true);
            spill.push(place, &checked.to_bytes())?;
        }
        for (shingled, _) in documents.iter().zip(named).filter(|(_, named)| *named) {
            spill.push(DOCUMENTS, &ranked_to_bytes(shingled.document, &shingled.rank))?;
        }
        let mut counts = Counts::default();
        counts.note("candidate pairs", pairs.len() as u64);
        for (verdict, of_verdict) in ["rejected pairs", "verified pairs"].into_iter().zip(similarities) {
            for (twentieth, &n) in of_verdict.iter().enumerate().filter(|(_, n)| **n != 0) {
                counts.note(verdict, n);
                counts.bucket(&format!("similarity of {verdict}"), &format!("{:.2}", twentieth as f64 / 20.0), n);
            }
        }
        Ok(Outcome { files: Vec::new(), work: vec![spill.finish()?], counts })
    }

    /// The documents that a partition compares, by number.
    fn shingled(&self, build: Build<'_>, partition: usize) -> Result<Vec<Shingled>> {
        let mut documents = Vec::new();
        for task in 0..self.n_files() {
            for record in read_records(build.folder, &self.work("shingles", task), partition)?.iter() {
                documents.push(Shingled::from_bytes(record)?);
            }
        }
        documents.sort_unstable_by_key(|shingled| shingled.document);
        Ok(documents)
    }

    /// Every checked pair of all partitions that may stand in the table of pairs, in order.
    pub(super) fn each_checked(&self, build: Build<'_>, each: impl FnMut(Checked) -> Result<()>) -> Result<()> {
        self.each_pair(build, PAIRS, each)
    }

    fn each_pair(&self, build: Build<'_>, of: usize, mut each: impl FnMut(Checked) -> Result<()>) -> Result<()> {
        for partition in 0..self.n_partitions {
            for record in read_records(build.folder, &self.work("checked", partition), of)?.iter() {
                each(Checked::from_bytes(record)?)?;
            }
        }
        Ok(())
    }

    /// What makes a pair one of duplicates, if it is.
    fn verdict(&self, checked: &Checked) -> Option<Verdict> {
        let evidence = checked.evidence();
        match self.options.is_duplicate(&evidence, checked.of_worse()) {
            true if checked.candidate.same_text => Some(Verdict::Exact),
            true if self.options.threshold <= evidence.jaccard => Some(Verdict::Near),
            true => Some(Verdict::Contained),
            false => None,
        }
    }

    /// Counts what other thresholds would remove; gives these and the recipe's own.
    fn count_removed_at(&self, build: Build<'_>, ranking: &Ranking, counts: &mut Counts) -> Result<Vec<f64>> {
        let mut pairs: Vec<Pair> = Vec::new();
        for of in [PAIRS, CLOSE] {
            self.each_pair(build, of, |checked| {
                let jaccard = checked.evidence().jaccard;
                // What is no matter of similarity goes at every threshold.
                let at = match self.verdict(&checked) {
                    Some(Verdict::Near) => jaccard,
                    Some(_) => 1.0,
                    None if WHAT_IF[0] <= jaccard => jaccard,
                    None => return Ok(()),
                };
                pairs.extend(ranking.pair(checked.candidate.a, checked.candidate.b, at));
                Ok(())
            })?;
        }
        let thresholds = self.thresholds();
        for (threshold, removed) in thresholds.iter().zip(removed_at(ranking, pairs, &thresholds)) {
            counts.bucket(REMOVED_AT, &threshold.to_string(), removed);
        }
        Ok(thresholds)
    }

    /// Ascending, with the recipe's own.
    fn thresholds(&self) -> Vec<f64> {
        let mut thresholds: Vec<f64> = WHAT_IF.into_iter().chain([self.options.threshold]).collect();
        thresholds.sort_by(f64::total_cmp);
        thresholds.dedup();
        thresholds
    }

    /// The merge of round 3: who survives; what each file's documents learn is spread by file.
    pub(super) fn choose(&self, build: Build<'_>) -> Result<Outcome> {
        let mut ranks: Vec<(u64, Rank)> = Vec::new();
        for partition in 0..self.n_partitions {
            for record in read_records(build.folder, &self.work("checked", partition), DOCUMENTS)?.iter() {
                ranks.push(ranked_from_bytes(record)?);
            }
            // The better documents of a template are in all partitions. Those of one come in order, so that two runs are merged.
            ranks.sort_by_key(|(document, _)| *document);
            ranks.dedup_by_key(|(document, _)| *document);
        }
        let ranking = Ranking::new(ranks);
        let mut pairs: Vec<Pair> = Vec::new();
        let mut links: BTreeMap<(u64, u64), Link> = BTreeMap::new();
        self.each_checked(build, |checked| {
            let Candidate { a, b, .. } = checked.candidate;
            let Some(verdict) = self.verdict(&checked) else { return Ok(()) };
            pairs.extend(ranking.pair(a, b, checked.evidence().jaccard));
            if verdict != Verdict::Near {
                links.insert((a.min(b), a.max(b)), Link { verdict, containment: checked.of_worse() });
            }
            Ok(())
        })?;
        let fates = survivors(&ranking, pairs);
        let mut counts = Counts::default();
        let thresholds = self.count_removed_at(build, &ranking, &mut counts)?;
        let mut spill = SpillWriter::create(build.folder, &self.work("found", 0), self.n_files())?;
        let of = |document: u64, fate: Fate| -> Option<Found> {
            let (survivor, similarity) = match fate {
                Fate::Alone => return None,
                Fate::Survives => (document, 1.0),
                Fate::Dropped { survivor, jaccard } => (survivor, jaccard),
            };
            let Link { verdict, containment } = match fate {
                Fate::Dropped { .. } => {
                    let link = links.get(&(document.min(survivor), document.max(survivor))).copied();
                    link.unwrap_or(Link { verdict: Verdict::Near, containment: similarity })
                }
                _ => Link { verdict: Verdict::Survives, containment: 1.0 },
            };
            let Rank { key, priority, .. } = *ranking.rank(survivor);
            Some(Found { row: row_of(document), verdict, cluster: key, winner: priority, similarity, containment })
        };
        for &(document, fate) in &fates {
            of(document, fate).map_or(Ok(()), |found| spill.push(file_of(document), &found.to_bytes()))?;
        }
        // Exact duplicates share the fate of their best copy; those of one text are in one partition.
        for partition in 0..self.n_partitions {
            let rows = TableReader::<SameRow>::open(&build.folder.path(&self.work("same", partition)))?;
            let mut rows = rows.collect::<Result<Vec<_>>>()?;
            rows.sort_unstable_by_key(|row| (row.best, row.document));
            for copies in rows.chunk_by(|a, b| a.best == b.best) {
                let SameRow { best, best_key, best_priority, .. } = copies[0];
                let at = fates.binary_search_by_key(&best, |(document, _)| *document);
                let of = match at.ok().and_then(|at| of(best, fates[at].1)) {
                    Some(of) => of,
                    None => {
                        let (row, verdict) = (row_of(best), Verdict::Survives);
                        let of = Found { row, verdict, cluster: best_key, winner: best_priority, similarity: 1.0, containment: 1.0 };
                        spill.push(file_of(best), &of.to_bytes())?;
                        of
                    }
                };
                // Where the best copy goes, it is for that reason that its copies go.
                let verdict = if of.verdict == Verdict::Survives { Verdict::Exact } else { of.verdict };
                for &SameRow { document, .. } in copies {
                    spill.push(file_of(document), &Found { row: row_of(document), verdict, ..of }.to_bytes())?;
                    thresholds.iter().for_each(|threshold| counts.bucket(REMOVED_AT, &threshold.to_string(), 1));
                }
            }
        }
        drop((links, fates, ranking));
        let listed = self.list(build, &mut counts)?;
        Ok(Outcome { files: Vec::new(), work: [spill.finish()?].into_iter().chain(listed).collect(), counts })
    }
}

/// What makes two documents duplicates, where it is not their similarity.
#[derive(Clone, Copy)]
struct Link {
    verdict: Verdict,
    containment: f64,
}

/// Partitions of the work file `checked`: pairs that survivors and the table of pairs need, documents of all pairs, and pairs that only another threshold would need.
const PAIRS: usize = 0;
const DOCUMENTS: usize = 1;
const CLOSE: usize = 2;

/// Thresholds that the report says the outcome of, beside the recipe's.
const WHAT_IF: [f64; 5] = [0.7, 0.75, 0.8, 0.85, 0.9];
