//! Round `apply` and its merge: verdicts row by row, then the tables of pairs and clusters.

use std::collections::{BTreeMap, HashMap};

use crate::dedup::{Evidence, Pairs};
use crate::document::{Key, Reason};
use crate::error::Result;
use crate::store::spill::read_records;
use crate::store::table::{TableReader, TableWriter};

use super::super::super::ledger::{Counts, Outcome};
use super::super::super::run::Build;
use super::super::{DecisionRow, GONE, KEEP, Walk, aligned, misaligned};
use super::Dedup;
use super::hosts::Hosts;
use super::records::{Candidate, Checked, Found, Verdict, length_from_bytes};
use super::tables::{CLUSTERS, ClusterRow, FoundRow, IdRow, PAIRS, PairRow, SameRow, UrlRow};

/// Members of a group of equal texts up to which `pairs = "all"` lists every two of them.
const LISTED_GROUP: usize = 100;

impl Dedup {
    /// Round 4: verdicts of one file.
    pub(super) fn apply(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let file = &self.layout.files[task];
        let mut found: BTreeMap<u64, Found> = BTreeMap::new();
        for record in read_records(build.folder, &self.work("found", 0), task)?.iter() {
            let record = Found::from_bytes(record)?;
            found.insert(record.row, record);
        }
        let mut rows = TableWriter::create(build.folder, &file.decisions("dedup"))?;
        let mut counts = Counts::default();
        let mut hosts = Hosts::default();
        let lengths = read_records(build.folder, &self.work("sign", task), self.lengths())?;
        let mut lengths = lengths.iter();
        for (row, document) in Walk::<UrlRow>::open(build, file, &self.before)?.enumerate() {
            let (UrlRow { url, .. }, standing) = document?;
            if !standing.alive {
                rows.push(DecisionRow::new(&standing, GONE))?;
                continue;
            }
            let length = length_from_bytes(lengths.next().ok_or_else(|| misaligned(&file.name()))?)?;
            let found = found.get(&(row as u64));
            hosts.count(url.as_deref(), found.is_some_and(|found| found.verdict != Verdict::Survives));
            let mut decision = DecisionRow::new(&standing, KEEP);
            let funnel = counts.source(&standing.source);
            funnel.read += 1;
            let Some(found) = found else {
                funnel.kept += 1;
                rows.push(decision)?;
                continue;
            };
            decision.cluster = Some(found.cluster);
            decision.similarity = Some(found.similarity);
            let threshold = self.options.threshold;
            let (rule, kind, value, limit) = match found.verdict {
                Verdict::Survives => {
                    funnel.kept += 1;
                    rows.push(decision)?;
                    continue;
                }
                Verdict::Exact => ("exact-duplicate", "exact", found.similarity, threshold),
                Verdict::Near => ("near-duplicate", "near", found.similarity, threshold),
                Verdict::Contained => ("contained", "near", found.containment, self.options.containment.unwrap_or(1.0)),
            };
            funnel.drop("dedup", rule);
            let winner = self.copies.source(found.winner);
            counts.bucket(&format!("removed from {} for {winner}", standing.source), kind, 1);
            counts.bucket(&format!("bytes removed from {} for {winner}", standing.source), kind, length);
            let reason = Reason { filter: "dedup", rule, value, limit };
            rows.push(decision.dropped(reason))?;
        }
        let hosts = hosts.finish(build.folder, &self.work("hosts", task), self.n_partitions)?;
        Ok(Outcome { files: vec![rows.finish()?], work: vec![hosts], counts })
    }

    /// The merge of round 4: pairs, clusters and what the report looks up. Memory: about 200 bytes for each document of a cluster or a pair, and 80 bytes a pair.
    pub(super) fn publish(&self, build: Build<'_>) -> Result<Outcome> {
        // A document that stays because all that it resembles were dropped is in no cluster, but in pairs.
        let mut in_pairs: Vec<u64> = Vec::new();
        self.each_checked(build, |checked| {
            in_pairs.extend([checked.candidate.a, checked.candidate.b]);
            Ok(())
        })?;
        in_pairs.sort_unstable();
        in_pairs.dedup();
        let mut clusters = Vec::new();
        // Number of a document: source and id, for those that stand in a cluster or a pair.
        let mut names: HashMap<u64, (String, String, Key)> = HashMap::new();
        for (index, file) in self.layout.files.iter().enumerate() {
            let (mut rows, mut found) = (Vec::new(), Vec::new());
            for (row, decision) in TableReader::<FoundRow>::open(&build.folder.path(&file.decisions("dedup")))?.enumerate() {
                let (row, decision) = (row as u64, decision?);
                if decision.cluster.is_some() || in_pairs.binary_search(&super::number(index, row)).is_ok() {
                    rows.push(row);
                    found.push(decision);
                }
            }
            if rows.is_empty() {
                continue;
            }
            let mut documents = TableReader::<IdRow>::open(&build.folder.path(&file.documents()))?.pick(rows.clone());
            for (row, decision) in rows.into_iter().zip(found) {
                let FoundRow { key, source, verdict, cluster, similarity } = decision;
                let IdRow { id, url, .. } = aligned(&mut documents, key, &file.name())?;
                names.insert(super::number(index, row), (source.clone(), id.clone(), key));
                if let Some(cluster) = cluster {
                    let (survivor, jaccard) = (verdict == KEEP, similarity.unwrap_or(1.0));
                    clusters.push((super::number(index, row), ClusterRow { cluster, source, id, key, survivor, jaccard, url }));
                }
            }
        }
        clusters.sort_by_key(|(_, row)| (row.cluster, !row.survivor, row.key));
        let findings = self.publish_findings(build, &clusters)?;
        let mut table = TableWriter::create(build.folder, CLUSTERS)?;
        for (_, row) in clusters {
            table.push(row)?;
        }
        let mut files = vec![findings, table.finish()?];
        let mut counts = Counts::default();
        files.push(self.publish_pairs(build, &names, &mut counts)?);
        Ok(Outcome { files, work: Vec::new(), counts })
    }

    fn publish_pairs(
        &self,
        build: Build<'_>,
        names: &HashMap<u64, (String, String, Key)>,
        counts: &mut Counts,
    ) -> Result<crate::store::Written> {
        let mut copies: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        // Each with its evidence; none for exact copies.
        let mut pairs: Vec<(u64, u64, Option<Checked>)> = Vec::new();
        // Every document of a pair is named: those of clusters, and those of verified pairs.
        let row = |a: u64, b: u64, checked: Option<&Checked>| {
            let ((source_a, id_a, key_a), (source_b, id_b, key_b)) = (names[&a].clone(), names[&b].clone());
            let copies = Evidence { jaccard: 1.0, containment: 1.0, shared: 0, distinct: 0 };
            let evidence = checked.map_or(copies, Checked::evidence);
            let Evidence { jaccard, containment, shared, distinct } = evidence;
            let verdict = match checked {
                _ if self.options.threshold <= jaccard => "duplicate",
                Some(checked) if self.options.is_duplicate(&evidence, checked.of_worse()) => "contained",
                _ => "different",
            };
            let verdict = verdict.to_owned();
            PairRow { source_a, id_a, source_b, id_b, jaccard, containment, shared, distinct, verdict, key_a, key_b }
        };
        for partition in 0..self.n_partitions {
            for same in TableReader::<SameRow>::open(&build.folder.path(&self.work("same", partition)))? {
                let same = same?;
                copies.entry(same.best).or_default().push(same.document);
                pairs.push((same.best, same.document, None));
            }
        }
        let all = self.options.pairs == Pairs::All;
        for group in copies.values().filter(|_| all) {
            // Two copies of a text are a pair like any other, but a text that stands a million times is not listed by twos.
            if LISTED_GROUP < group.len() {
                counts.note("groups of equal texts whose pairs are listed with the best copy only", 1);
                continue;
            }
            for (index, &b) in group.iter().enumerate() {
                for &a in &group[..index] {
                    pairs.push((a, b, None));
                }
            }
        }
        self.each_checked(build, |checked| {
            let Candidate { a, b, .. } = checked.candidate;
            if all && self.options.is_duplicate(&checked.evidence(), checked.of_worse()) {
                push_copies(checked, &copies, &mut pairs);
            }
            pairs.push((a, b, Some(checked)));
            Ok(())
        })?;
        // However pairs were partitioned.
        pairs.sort_unstable_by_key(|(a, b, _)| (*a, *b));
        let mut table = TableWriter::create(build.folder, PAIRS)?;
        for (a, b, checked) in pairs {
            table.push(row(a, b, checked.as_ref()))?;
        }
        table.finish()
    }
}

/// Copies of two similar texts are similar too.
fn push_copies(checked: Checked, copies: &BTreeMap<u64, Vec<u64>>, pairs: &mut Vec<(u64, u64, Option<Checked>)>) {
    let with_copies = |document: u64| {
        let copies = copies.get(&document).filter(|group| group.len() <= LISTED_GROUP);
        std::iter::once(document).chain(copies.into_iter().flatten().copied())
    };
    let Candidate { a: best_a, b: best_b, .. } = checked.candidate;
    for a in with_copies(best_a) {
        for b in with_copies(best_b).filter(|b| (a, *b) != (best_a, best_b)) {
            pairs.push((a, b, Some(checked)));
        }
    }
}
