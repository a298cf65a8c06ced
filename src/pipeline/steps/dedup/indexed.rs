//! Rounds of dedup over the files of indexes.

use crate::error::Result;
use crate::store::table::{Row, TableReader};

use super::super::super::ledger::{Counts, Outcome};
use super::super::super::run::Build;
use super::super::index::Indexed;
use super::super::{TextRow, misaligned};
use super::listed::Names;
use super::records::Shingled;
use super::tables::IdRow;
use super::{Dedup, IN_CLUSTERS, number};

impl Dedup {
    /// The documents of a file, of this build or of an index, at these rows.
    pub(super) fn documents<R: Row>(&self, build: Build<'_>, file: usize, rows: Vec<u64>) -> Result<TableReader<R>> {
        match self.layout.files.get(file) {
            Some(file) => Ok(TableReader::open(&build.folder.path(&file.documents()))?.pick(rows)),
            None => self.indexed(file).documents(rows),
        }
    }

    /// What a message calls a file.
    pub(super) fn file_name(&self, file: usize) -> String {
        match self.layout.files.get(file) {
            Some(file) => file.name(),
            None => self.indexed(file).path().to_owned(),
        }
    }

    /// The file of an index that has this number among all files.
    fn indexed(&self, file: usize) -> Indexed<'_> {
        self.indexes.file(&self.layout, file)
    }

    /// Round `sign` of a file of an index: its keys go to this build's partitions. Memory: a segment of each.
    pub(super) fn sign_index(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let mut spill = self.entries(build, task)?;
        let mut counts = Counts::default();
        let file = self.indexed(task);
        file.each(|kept, rank| {
            let member = self.copies.member_at(number(task, kept.row), rank, (kept.host, kept.exact));
            counts.note("documents of indexes, which come before", 1);
            self.spill_entries(&mut spill, &member, &kept.band_keys)
        })?;
        counts.bytes += file.bytes();
        Ok(Outcome { files: Vec::new(), work: vec![spill.finish()?], counts })
    }

    /// Round `shingle` of a file of an index.
    pub(super) fn shingle_index(&self, task: usize, rows: &[u64], mut each: impl FnMut(Shingled) -> Result<()>) -> Result<u64> {
        let file = self.indexed(task);
        let mut documents = file.documents::<TextRow>(rows.to_vec())?;
        let mut bytes = 0;
        for &row in rows {
            let TextRow { key, text } = documents.next().ok_or_else(|| misaligned(file.path()))??;
            bytes += text.len() as u64;
            each(Shingled { document: number(task, row), rank: file.rank(key), shingles: self.shingle_set(&text) })?;
        }
        Ok(bytes)
    }

    /// Round `apply` of a file of an index: nothing is decided of its documents, but tables name them.
    pub(super) fn name_index(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let file = self.indexed(task);
        let mut names = Names::open(self, build, task)?;
        let mut counts = Counts::default();
        let rows = names.rows();
        counts.note(IN_CLUSTERS, rows.iter().filter(|&&row| names.found(row).is_some()).count() as u64);
        let mut documents = file.documents::<IdRow>(rows.clone())?;
        for row in rows {
            let document = documents.next().ok_or_else(|| misaligned(file.path()))??;
            let rank = file.rank(document.key);
            names.name(row, self.copies.source(rank.priority), IdRow { key: rank.key, ..document })?;
        }
        Ok(Outcome { files: Vec::new(), work: vec![names.finish()?], counts })
    }
}
