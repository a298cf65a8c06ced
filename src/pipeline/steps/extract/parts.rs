//! Parts of a long task. After so many bytes of its input a task commits the tables that it has; whoever does it again after it was stopped passes over the items that they
//! hold, which costs their reading and not their extraction. At the end the parts are joined as they are, so the bytes are the same whoever did which.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::store::table::TableWriter;
use crate::store::{Folder, Written};

use super::super::super::ledger::{self, Counts};
use super::super::super::plan::DocumentFile;
use super::super::{DocumentRow, RejectedRow};
use super::{RemovedRow, rejected_path, removed_path};

/// The tables of a task or of a part of it.
pub struct Tables {
    pub documents: TableWriter<DocumentRow>,
    pub rejected: TableWriter<RejectedRow>,
    /// Where the recipe has a list of removals.
    pub removed: Option<TableWriter<RemovedRow>>,
}

/// What the tables of a part are called in the folder of the task's parts.
const NAMES: [&str; 3] = ["documents", "rejected", "removed"];

impl Tables {
    pub fn create(folder: &Folder, file: &DocumentFile, removes: bool) -> Result<Self> {
        Ok(Self {
            documents: TableWriter::create(folder, &file.documents())?,
            rejected: TableWriter::create(folder, &rejected_path(file))?,
            removed: removes.then(|| TableWriter::create(folder, &removed_path(file))).transpose()?,
        })
    }

    fn finish(self) -> Result<Vec<Written>> {
        let mut files = vec![self.documents.finish()?, self.rejected.finish()?];
        files.extend(self.removed.map(TableWriter::finish).transpose()?);
        Ok(files)
    }

    fn finish_part(self, folder: &Folder, part: &str) -> Result<Vec<Written>> {
        let [documents, rejected, removed] = NAMES.map(|name| format!("{part}.{name}.parquet"));
        let mut files = vec![self.documents.finish_as(folder, &documents)?, self.rejected.finish_as(folder, &rejected)?];
        files.extend(self.removed.map(|table| table.finish_as(folder, &removed)).transpose()?);
        Ok(files)
    }

    fn append_part(&mut self, folder: &Folder, part: &str) -> Result<()> {
        let [documents, rejected, removed] = NAMES.map(|name| folder.path(&format!("{part}.{name}.parquet")));
        self.documents.append(&documents)?;
        self.rejected.append(&rejected)?;
        self.removed.as_mut().map_or(Ok(()), |table| table.append(&removed))
    }
}

/// What a part says of itself; sealed, and believed only while its files are there.
#[derive(Serialize, Deserialize)]
struct Part {
    fingerprint: String,
    items: u64,
    counts: Counts,
    files: Vec<Written>,
}

/// The committed parts of a task.
pub struct Parts<'a> {
    pub folder: &'a Folder,
    /// Where they lie.
    at: String,
    /// Of the task.
    fingerprint: String,
    /// Of bodies and texts, after which one is committed.
    pub bytes: u64,
    /// That the inputs are still those of the plan, whose fingerprint a part carries.
    is_as_planned: &'a dyn Fn() -> Result<()>,
    committed: usize,
    /// Items of the task's inputs, from the first on, that they hold.
    pub items: u64,
    /// Of these items.
    pub counts: Counts,
}

impl<'a> Parts<'a> {
    /// Finds what was committed before, under the same fingerprint.
    pub fn find(
        folder: &'a Folder,
        at: String,
        fingerprint: String,
        bytes: u64,
        is_as_planned: &'a dyn Fn() -> Result<()>,
    ) -> Result<Self> {
        let mut parts = Self { folder, at, fingerprint, bytes, is_as_planned, committed: 0, items: 0, counts: Counts::default() };
        while let Some(part) = ledger::unseal::<Part>(folder, &parts.seal())? {
            if part.fingerprint != parts.fingerprint || !part.files.iter().all(|file| folder.holds(file)) {
                break;
            }
            (parts.items, parts.counts) = (part.items, part.counts);
            parts.committed += 1;
        }
        Ok(parts)
    }

    /// The path of a part, without what its files' names end in.
    fn path(&self, part: usize) -> String {
        format!("{}/{part:05}", self.at)
    }

    /// Where the next part says what it is.
    fn seal(&self) -> String {
        format!("{}.json", self.path(self.committed))
    }

    /// Commits the next part, while the inputs are what they were; `items` and `counts` are of all parts so far.
    pub fn commit(&mut self, tables: Tables, items: u64, counts: &Counts) -> Result<()> {
        (self.is_as_planned)()?;
        let files = tables.finish_part(self.folder, &self.path(self.committed))?;
        let part = Part { fingerprint: self.fingerprint.clone(), items, counts: counts.clone(), files };
        ledger::write_sealed(self.folder, &self.seal(), &part)?;
        self.committed += 1;
        Ok(())
    }

    /// The task's tables, out of all parts and what was written after them.
    pub fn join(self, tables: Tables, file: &DocumentFile) -> Result<Vec<Written>> {
        if self.committed == 0 {
            return tables.finish();
        }
        let removes = tables.removed.is_some();
        tables.finish_part(self.folder, &self.path(self.committed))?;
        let mut whole = Tables::create(self.folder, file, removes)?;
        (0..=self.committed).try_for_each(|part| whole.append_part(self.folder, &self.path(part)))?;
        whole.finish()
    }
}
