//! Round `shingle`: the documents of candidate pairs are read once each, and their shingle sets go to the partitions that compare them.

use crate::dedup::ShingleSet;
use crate::error::Result;
use crate::store::spill::{SpillWriter, read_records};

use super::super::super::ledger::{Counts, Outcome};
use super::super::super::run::Build;
use super::super::{Walk, misaligned};
use super::members::CopyRow;
use super::records::{Shingled, Wanted};
use super::{Dedup, number};

impl Dedup {
    /// Round 2: one file's documents of candidate pairs. Memory: 12 bytes for each of them and partition that wants it.
    pub(super) fn shingle(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let file = &self.layout.files[task];
        let mut wanted: Vec<Wanted> = Vec::new();
        for partition in 0..self.n_partitions {
            for record in read_records(build.folder, &self.work("pairs", partition), self.n_partitions + task)?.iter() {
                wanted.push(Wanted::from_bytes(record)?);
            }
        }
        wanted.sort_unstable();
        wanted.dedup();
        let by_row: Vec<&[Wanted]> = wanted.chunk_by(|a, b| a.row == b.row).collect();
        let rows: Vec<u64> = by_row.iter().map(|wanted| wanted[0].row).collect();
        let mut spill = SpillWriter::create(build.folder, &self.work("shingles", task), self.n_partitions)?;
        let mut counts = Counts::default();
        let mut copies = Walk::<CopyRow>::open(build, file, &self.before)?.pick(&rows);
        for wanted in by_row {
            let (copy, standing) = copies.next().ok_or_else(|| misaligned(&file.name()))??;
            counts.bytes += copy.text.len() as u64;
            let shingles = ShingleSet::of(&copy.text, &self.options);
            let rank = self.copies.rank(&standing.source, &copy);
            let bytes = Shingled { document: number(task, wanted[0].row), rank, shingles }.to_bytes();
            for wanted in wanted {
                spill.push(wanted.partition as usize, &bytes)?;
            }
        }
        counts.note("documents of candidate pairs", rows.len() as u64);
        Ok(Outcome { files: Vec::new(), work: vec![spill.finish()?], counts })
    }
}
