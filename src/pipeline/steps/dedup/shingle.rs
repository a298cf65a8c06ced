//! Round `shingle`: the documents of candidate pairs are read once each, and their shingle sets go to the partitions that compare them.

use crate::error::Result;
use crate::store::spill::{SpillWriter, read_records};

use super::super::super::ledger::{Counts, Outcome};
use super::super::super::plan::DocumentFile;
use super::super::super::run::Build;
use super::super::{Walk, misaligned};
use super::members::CopyRow;
use super::records::{Shingled, Wanted};
use super::{Dedup, number};

impl Dedup {
    /// Round 2: one file's documents of candidate pairs. Memory: 12 bytes for each of them and partition that wants it.
    pub(super) fn shingle(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
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
        let mut by_row = by_row.into_iter();
        let send = |shingled: Shingled| {
            let bytes = shingled.to_bytes();
            by_row.next().into_iter().flatten().try_for_each(|wanted| spill.push(wanted.partition as usize, &bytes))
        };
        counts.bytes = match self.layout.files.get(task) {
            Some(file) => self.shingle_file(build, (task, file), &rows, send)?,
            None => self.shingle_index(task, &rows, send)?,
        };
        counts.note("documents of candidate pairs", rows.len() as u64);
        Ok(Outcome { files: Vec::new(), work: vec![spill.finish()?], counts })
    }

    /// Of a file of this build: the bytes that were read.
    fn shingle_file(
        &self,
        build: Build<'_>,
        (task, file): (usize, &DocumentFile),
        rows: &[u64],
        mut each: impl FnMut(Shingled) -> Result<()>,
    ) -> Result<u64> {
        let mut copies = Walk::<CopyRow>::open(build, file, &self.before)?.pick(rows);
        let mut bytes = 0;
        for &row in rows {
            let (copy, standing) = copies.next().ok_or_else(|| misaligned(&file.name()))??;
            bytes += copy.text.len() as u64;
            let rank = self.copies.rank(&standing.source, &copy);
            each(Shingled { document: number(task, row), rank, shingles: self.shingle_set(&copy.text) })?;
        }
        Ok(bytes)
    }
}
