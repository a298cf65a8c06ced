//! Round `apply` and its merge: verdicts row by row, then the tables of pairs and clusters.

use std::collections::{BTreeMap, HashMap};

use crate::dedup::Pairs;
use crate::document::{Key, Reason};
use crate::error::Result;
use crate::store::spill::read_partition;
use crate::store::table::{TableReader, TableWriter};

use super::super::super::ledger::{Counts, Outcome};
use super::super::super::run::Build;
use super::super::{DecisionRow, GONE, KEEP, Walk, aligned};
use super::Dedup;
use super::records::{Found, Verdict};
use super::tables::{CheckedRow, ClusterRow, IdRow, PairRow, SameRow};

/// Members of a group of equal texts up to which `pairs = "all"` lists every two of them.
const LISTED_GROUP: usize = 100;

impl Dedup {
    /// Round 3: verdicts of one file.
    pub(super) fn apply(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let file = &self.layout.files[task];
        let mut found: BTreeMap<u64, Found> = BTreeMap::new();
        for record in read_partition(build.folder, &self.work("found", 0), task)? {
            let record = Found::from_bytes(&record)?;
            found.insert(record.row, record);
        }
        let mut rows = TableWriter::create(build.folder, &file.decisions("dedup"))?;
        let mut counts = Counts::default();
        for (row, document) in Walk::<IdRow>::open(build, file, self.before.as_deref())?.enumerate() {
            let (_, standing) = document?;
            if !standing.alive {
                rows.push(DecisionRow::new(&standing, GONE))?;
                continue;
            }
            let mut decision = DecisionRow::new(&standing, KEEP);
            let funnel = counts.source(&standing.source);
            funnel.read += 1;
            let Some(found) = found.get(&(row as u64)) else {
                funnel.kept += 1;
                rows.push(decision)?;
                continue;
            };
            decision.cluster = Some(found.cluster);
            decision.similarity = Some(found.similarity);
            let (rule, kind) = match found.verdict {
                Verdict::Survives => {
                    funnel.kept += 1;
                    rows.push(decision)?;
                    continue;
                }
                Verdict::Exact => ("exact-duplicate", "exact"),
                Verdict::Near => ("near-duplicate", "near"),
            };
            funnel.drop("dedup", rule);
            let winner = &self.order[found.winner as usize];
            counts.bucket(&format!("removed from {} for {winner}", standing.source), kind, 1);
            let reason = Reason { filter: "dedup", rule, value: found.similarity, limit: self.options.threshold };
            rows.push(decision.dropped(reason))?;
        }
        Ok(Outcome { files: vec![rows.finish()?], work: Vec::new(), counts })
    }

    /// The merge of round 3: pairs and clusters. Memory: about 100 bytes for each document of a cluster.
    pub(super) fn publish(&self, build: Build<'_>) -> Result<Outcome> {
        let mut clusters = Vec::new();
        // Number of a document: source and id, for those that have a duplicate.
        let mut names: HashMap<u64, (String, String, Key)> = HashMap::new();
        for (index, file) in self.layout.files.iter().enumerate() {
            let mut decisions = TableReader::<DecisionRow>::open(&build.folder.path(&file.decisions("dedup")))?;
            for (row, document) in TableReader::<IdRow>::open(&build.folder.path(&file.documents()))?.enumerate() {
                let IdRow { key, id } = document?;
                let decision = aligned(&mut decisions, key, &file.name())?;
                let Some(cluster) = decision.cluster else { continue };
                names.insert(super::number(index, row as u64), (decision.source.clone(), id.clone(), key));
                let (survivor, jaccard) = (decision.verdict == KEEP, decision.similarity.unwrap_or(1.0));
                clusters.push(ClusterRow { cluster, source: decision.source, id, key, survivor, jaccard });
            }
        }
        clusters.sort_by_key(|row| (row.cluster, !row.survivor, row.key));
        let mut table = TableWriter::create(build.folder, "dedup/clusters.parquet")?;
        for row in clusters {
            table.push(row)?;
        }
        let mut files = vec![table.finish()?];
        // A document that stays because all that it resembles were dropped is in no cluster, but in pairs.
        for partition in 0..self.n_partitions {
            for checked in TableReader::<CheckedRow>::open(&build.folder.path(&self.work("checked", partition)))? {
                let checked = checked?;
                if self.options.threshold <= checked.jaccard {
                    names.insert(checked.document_a, (checked.source_a, checked.id_a, checked.key_a));
                    names.insert(checked.document_b, (checked.source_b, checked.id_b, checked.key_b));
                }
            }
        }
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
        let mut table = TableWriter::create(build.folder, "dedup/pairs.parquet")?;
        // Every document of a pair is named: those of clusters, and those of verified pairs.
        let row = |a: u64, b: u64, checked: Option<&CheckedRow>| {
            let ((source_a, id_a, key_a), (source_b, id_b, key_b)) = (names[&a].clone(), names[&b].clone());
            let measured = checked.map_or((1.0, 1.0, 0, 0), |row| (row.jaccard, row.containment, row.shared, row.distinct));
            let (jaccard, containment, shared, distinct) = measured;
            let verdict = "duplicate".to_owned();
            PairRow { source_a, id_a, source_b, id_b, jaccard, containment, shared, distinct, verdict, key_a, key_b }
        };
        for partition in 0..self.n_partitions {
            for same in TableReader::<SameRow>::open(&build.folder.path(&self.work("same", partition)))? {
                let same = same?;
                copies.entry(same.best).or_default().push(same.document);
                table.push(row(same.best, same.document, None))?;
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
                    table.push(row(a, b, None))?;
                }
            }
        }
        for partition in 0..self.n_partitions {
            for checked in TableReader::<CheckedRow>::open(&build.folder.path(&self.work("checked", partition)))? {
                let checked = checked?;
                if self.options.threshold <= checked.jaccard {
                    if all {
                        self.push_copies(&checked, &copies, &mut table, &row)?;
                    }
                    let pair = row(checked.document_a, checked.document_b, Some(&checked));
                    table.push(pair)?;
                } else if all {
                    table.push(different(checked))?;
                }
            }
        }
        table.finish()
    }

    /// Copies of two similar texts are similar too.
    fn push_copies(
        &self,
        checked: &CheckedRow,
        copies: &BTreeMap<u64, Vec<u64>>,
        table: &mut TableWriter<PairRow>,
        row: &dyn Fn(u64, u64, Option<&CheckedRow>) -> PairRow,
    ) -> Result<()> {
        let with_copies = |document: u64| {
            let copies = copies.get(&document).filter(|group| group.len() <= LISTED_GROUP);
            std::iter::once(document).chain(copies.into_iter().flatten().copied())
        };
        for a in with_copies(checked.document_a) {
            for b in with_copies(checked.document_b) {
                if (a, b) != (checked.document_a, checked.document_b) {
                    table.push(row(a, b, Some(checked)))?;
                }
            }
        }
        Ok(())
    }
}

fn different(row: CheckedRow) -> PairRow {
    PairRow {
        source_a: row.source_a,
        id_a: row.id_a,
        source_b: row.source_b,
        id_b: row.id_b,
        jaccard: row.jaccard,
        containment: row.containment,
        shared: row.shared,
        distinct: row.distinct,
        verdict: "different".to_owned(),
        key_a: row.key_a,
        key_b: row.key_b,
    }
}
