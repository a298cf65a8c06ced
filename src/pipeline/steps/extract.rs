//! Reads the inputs and keeps the main text of every admitted page, before any filter. Text sets and books pass through as they are.
//!
//! One round, one task a bundle of inputs; a long task commits parts of itself (`parts`). Within a file, records are read in order, a batch of pages is extracted on all threads, and rows are written in
//! order. Memory: one batch (`BATCH_BYTES` of bodies and their texts), the reader's largest record, a row group, and 24 bytes a record of the
//! file for ids that repeat.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;

use crate::document::Key;
use crate::error::{Context, Result};
use crate::extract::{Extractor, Options};
use crate::read::{self, Limits};
use crate::removal::{self, Removal};
use crate::store::table::{TableReader, TableWriter};
use crate::text::hash::hash128;

use super::super::ledger::{Counts, Entry, Outcome};
use super::super::plan::{DocumentFile, Layout, as_planned, states, unchanged};
use super::super::recipe::{Recipe, Source};
use super::super::run::{Build, Round, Step, parts_folder};
use super::{DocumentRow, RejectedRow};

mod parts;
mod sink;

use parts::Parts;
use sink::Sink;

/// Raised when the bytes of documents change for the same inputs.
const VERSION: u32 = 12;
/// Begins the name of the histogram of what pages of a source say to robots.
pub const OPT_OUT: &str = "signals to robots of ";
const ROUND: &str = "extract";
/// A part of a task is committed after this many times `bundle-bytes` of bodies and texts, and after this many bytes at least.
const PART_BUNDLES: u64 = 16;
const LEAST_PART_BYTES: u64 = 64 << 10;

pub struct Extract {
    layout: Arc<Layout>,
    limits: Limits,
    options: Options,
    /// For each file of documents the states of its inputs.
    states: Vec<BTreeMap<String, String>>,
    bundle_bytes: u64,
    formats: BTreeMap<String, read::Format>,
    /// Where the names in a source's indexes begin, if it is said: another root may lead to other files.
    roots: BTreeMap<String, String>,
    /// What must not be in the build.
    removal: Option<Removal>,
}

crate::table! {
    /// A document that was removed on request; only hashes tell which.
    pub struct RemovedRow {
        /// The key that the document would have; zeros for a record that would be none.
        key: Key,
        /// Hashes of the names by which a list can ask for it, 32 hexadecimal digits each, with blanks between.
        names: String,
    }
}

impl Extract {
    pub fn new(recipe: &Recipe, layout: &Arc<Layout>) -> Result<Self> {
        Extractor::new(recipe.extract.clone())?;
        let formats = recipe.sources.iter().filter_map(|(name, source)| Some((name.clone(), source.read.as_ref()?.parts().0)));
        let is_index = |source: &Source| source.read.as_ref().is_some_and(|read| read.parts().0 == read::Format::WarcIndex);
        let indexes = recipe.sources.iter().filter(|(_, source)| is_index(source));
        let roots = indexes.filter_map(|(name, source)| Some((name.clone(), source.root.clone()?))).collect();
        let removal = recipe.remove.as_ref().map(|list| -> Result<Removal> {
            let file = File::open(recipe.base.join(list)).context(|| format!("cannot open the removal list {list}"))?;
            Removal::read(BufReader::new(file), list)
        });
        Ok(Self {
            removal: removal.transpose()?,
            layout: Arc::clone(layout),
            limits: recipe.limits.clone(),
            options: recipe.extract.clone(),
            states: layout.files.iter().map(|file| states(&file.inputs, &role(file))).collect::<Result<_>>()?,
            bundle_bytes: recipe.bundle_bytes,
            formats: formats.collect(),
            roots,
        })
    }
}

impl Extract {
    fn options(&self) -> String {
        format!("{VERSION} {:?} {:?}", self.limits, self.options)
    }

    /// What a task reads and how.
    fn reading(&self, task: usize) -> String {
        let file = &self.layout.files[task];
        let root = self.roots.get(&file.source).map_or_else(String::new, |root| format!(" {root:?}"));
        let (format, states) = (&self.formats[&file.source], &self.states[task]);
        let text = format!("{} {} {} {format:?} {states:?}{root}", self.options(), self.bundle_bytes, file.name());
        format!("{:032x}", hash128(text.as_bytes()))
    }

    /// Under what a task's output is valid.
    fn fingerprint(&self, task: usize) -> String {
        format!("{}-{}", self.reading(task), self.lists())
    }

    /// True when no record that is stored of a file is on the list.
    fn asks_for_nothing_in(&self, build: Build<'_>, file: &DocumentFile) -> Result<bool> {
        let Some(removal) = &self.removal else { return Ok(true) };
        for row in TableReader::<DocumentRow>::open(&build.folder.path(&file.documents()))? {
            let DocumentRow { id, key, url, text, .. } = row?;
            if removal.hits(&removal::names_of(&id, Some(key), url.as_deref(), Some(&text))) {
                return Ok(false);
            }
        }
        for row in TableReader::<RejectedRow>::open(&build.folder.path(&rejected_path(file)))? {
            let RejectedRow { id, url, .. } = row?;
            if removal.hits(&removal::names_of(&id, None, url.as_deref(), None)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Step for Extract {
    fn name(&self) -> &str {
        "extract"
    }

    fn identity(&self) -> String {
        let roots = if self.roots.is_empty() { String::new() } else { format!(" {:?}", self.roots) };
        format!("{} {} {:?}{roots}", self.options(), self.bundle_bytes, self.formats)
    }

    /// The list of removals; a task that it does not touch is not done again.
    fn lists(&self) -> String {
        self.removal.as_ref().map_or_else(|| "none".to_owned(), Removal::identity)
    }

    fn inputs(&self) -> BTreeMap<String, String> {
        self.states.iter().flatten().map(|(name, state)| (name.clone(), state.clone())).collect()
    }

    /// Two parts: what the task reads and how, and what it leaves out on request.
    fn task_fingerprint(&self, _step: &str, _round: usize, task: usize) -> String {
        self.fingerprint(task)
    }

    /// What was read in the same way under another list of removals is as good as new, when neither list asks for anything in it.
    fn adopt(&self, build: Build<'_>, _round: usize, task: usize, entry: &Entry) -> Result<Option<Outcome>> {
        let same_reading = entry.fingerprint.split('-').next() == Some(&self.reading(task));
        let file = &self.layout.files[task];
        if !same_reading || !self.asks_for_nothing_in(build, file)? {
            return Ok(None);
        }
        let mut outcome = entry.outcome.clone();
        // Another worker with this task may have written its tables over those that the entry names.
        if !outcome.files.iter().all(|file| build.folder.holds(file)) {
            return Ok(None);
        }
        let held = outcome.files.iter().position(|written| written.path == removed_path(file));
        if held.is_some_and(|at| outcome.files[at].rows != 0) {
            return Ok(None);
        }
        match (held, &self.removal) {
            (Some(at), None) => drop(outcome.files.remove(at)),
            (None, Some(_)) => outcome.files.push(TableWriter::<RemovedRow>::create(build.folder, &removed_path(file))?.finish()?),
            _ => {}
        }
        Ok(Some(outcome))
    }

    fn keeps_tasks(&self) -> bool {
        true
    }

    fn reads(&self) -> Vec<String> {
        Vec::new()
    }

    fn rounds(&self) -> Vec<Round> {
        vec![Round { name: ROUND, tasks: self.layout.tasks(), merges: self.removal.is_some() }]
    }

    fn task(&self, build: Build<'_>, _round: usize, task: usize) -> Result<Outcome> {
        let file = &self.layout.files[task];
        let at = parts_folder(self.name(), ROUND, task);
        let is_as_planned = || as_planned(&file.inputs, &role(file), &self.states[task]);
        let bytes = PART_BUNDLES.saturating_mul(self.bundle_bytes).max(LEAST_PART_BYTES);
        let parts = Parts::find(build.folder, at, self.fingerprint(task), bytes, &is_as_planned)?;
        let mut sink = Sink::create(file, &self.options, self.removal.as_ref(), parts)?;
        let mut inputs = Counts::default();
        for input in &file.inputs {
            sink.begin_input();
            // As it was when the build was planned, because the fingerprint says so.
            let tally = unchanged(std::slice::from_ref(input), &role(file), &self.states[task], || {
                let tally = read::read(self.formats[&file.source], input, &self.limits, &mut |item| sink.take(item, input))?;
                sink.flush().map(|()| tally)
            })?;
            inputs.bytes += tally.decoded_bytes;
            inputs.note(&format!("{}: bytes stored", file.source), tally.stored_bytes);
            inputs.note(&format!("{}: bytes decoded", file.source), tally.decoded_bytes);
            for (kind, n) in &tally.records {
                inputs.note(&format!("{}: records {kind}", file.source), *n);
            }
            for (fault, n) in &tally.faults {
                inputs.note(&format!("{}: fault {fault}", file.source), *n);
            }
        }
        let mut outcome = sink.finish()?;
        outcome.counts.add(&inputs);
        Ok(outcome)
    }

    /// A line of the list that names no document may be a typing error, and a duty missed.
    fn merge(&self, build: Build<'_>, _round: usize) -> Result<Outcome> {
        let mut met = BTreeSet::new();
        for file in &self.layout.files {
            for row in TableReader::<RemovedRow>::open(&build.folder.path(&removed_path(file)))? {
                met.extend(row?.names.split(' ').filter_map(|name| u128::from_str_radix(name, 16).ok()));
            }
        }
        let mut counts = Counts::default();
        for line in self.removal.iter().flat_map(|removal| removal.lines_without(&met)) {
            counts.note(&format!("{LINE_WITHOUT}{line}"), 1);
        }
        Ok(Outcome { counts, ..Outcome::default() })
    }
}

/// Begins the note of a line of the removal list that names no document.
pub const LINE_WITHOUT: &str = "removal list names nothing in line ";

/// What a file's inputs are there for.
fn role(file: &DocumentFile) -> String {
    format!("source {}", file.source)
}

/// The records of a file that became no document.
pub fn rejected_path(file: &DocumentFile) -> String {
    format!("rejected/{}.parquet", file.name())
}

/// Those that were removed on request.
pub fn removed_path(file: &DocumentFile) -> String {
    format!("removed/{}.parquet", file.name())
}

#[cfg(test)]
mod tests;
