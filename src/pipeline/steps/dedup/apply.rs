//! Round `apply` and its merge: verdicts row by row, then the tables of pairs and clusters.

use crate::document::Reason;
use crate::error::Result;
use crate::store::spill::read_records;
use crate::store::table::TableWriter;

use super::super::super::ledger::{Counts, Outcome};
use super::super::super::run::Build;
use super::super::index::Keeper;
use super::super::{DecisionRow, GONE, KEEP, Walk, misaligned};
use super::Dedup;
use super::findings::Gathered;
use super::hosts::Hosts;
use super::listed::Names;
use super::records::{Verdict, length_from_bytes};
use super::tables::{CLUSTERS, IdRow, PAIRS};

impl Dedup {
    /// Round 4: verdicts of one file, and the names of its documents in clusters and pairs.
    pub(super) fn apply(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let Some(file) = self.layout.files.get(task) else { return self.name_index(build, task) };
        let keeper = || Keeper::open(build, file, (&self.work("sign", task), self.signed()));
        let mut keeper = self.keep_index.then(keeper).transpose()?;
        let mut names = Names::open(self, build, task)?;
        let mut rows = TableWriter::create(build.folder, &file.decisions("dedup"))?;
        let mut counts = Counts::default();
        let mut hosts = Hosts::default();
        let lengths = read_records(build.folder, &self.work("sign", task), self.lengths())?;
        let mut lengths = lengths.iter();
        for (row, document) in Walk::<IdRow>::open(build, file, &self.before)?.enumerate() {
            let (document, standing) = document?;
            if !standing.alive {
                rows.push(DecisionRow::new(&standing, GONE))?;
                continue;
            }
            let row = row as u64;
            let length = length_from_bytes(lengths.next().ok_or_else(|| misaligned(&file.name()))?)?;
            let found = names.found(row);
            let stays = found.is_none_or(|found| found.verdict == Verdict::Survives);
            hosts.count(document.url.as_deref(), !stays);
            names.name(row, &standing.source, document)?;
            keeper.as_mut().map_or(Ok(()), |keeper| keeper.take(row, stays, &file.name()))?;
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
        let mut files = vec![rows.finish()?];
        files.extend(keeper.map(Keeper::finish).transpose()?);
        Ok(Outcome { files, work: vec![hosts, names.finish()?], counts })
    }

    /// The merge of round 4: pairs, clusters and what the report looks up. Memory: about 200 bytes for each document of a cluster and 400 for each pair of one partition, and what
    /// findings hold.
    pub(super) fn publish(&self, build: Build<'_>) -> Result<Outcome> {
        let mut counts = Counts::default();
        let mut gathered = Gathered::default();
        let mut clusters = TableWriter::create(build.folder, CLUSTERS)?;
        for partition in 0..self.n_partitions {
            let rows = self.clusters_of(build, partition)?;
            for cluster in rows.chunk_by(|a, b| a.1.cluster == b.1.cluster) {
                counts.bucket("sizes of clusters", size_label(cluster.len()), 1);
                gathered.offer(cluster);
            }
            rows.into_iter().try_for_each(|(_, row)| clusters.push(row))?;
        }
        let mut pairs = TableWriter::create(build.folder, PAIRS)?;
        for partition in 0..self.n_partitions {
            self.pairs_of(build, partition)?.into_iter().try_for_each(|row| pairs.push(row))?;
        }
        let findings = self.publish_findings(build, gathered)?;
        let mut files = vec![findings, clusters.finish()?, pairs.finish()?];
        files.extend(self.keep_index.then(|| self.indexes.about.write(build.folder)).transpose()?);
        Ok(Outcome { files, work: Vec::new(), counts })
    }
}

/// Labels that sort as their sizes do.
fn size_label(size: usize) -> &'static str {
    match size {
        0..=2 => "     2",
        3 => "     3",
        4..=5 => "   4-5",
        6..=10 => "  6-10",
        11..=100 => " 11-100",
        _ => "101 and more",
    }
}
