//! The ledger: one entry a committed task or merge, and one a finished step. An entry is the commit: files that no entry names do not count.
//!
//! Entries hold what the report needs (counts, bytes, costs) and the fingerprint under which they are valid.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::{Error, Result};
use crate::store::{Folder, Written};
use crate::text::hash::hash128;

use super::cost::Cost;
use super::manifest;
use super::started::Started;

pub use super::counts::{Counts, Funnel, check_law};

/// What a task or merge did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Files that stay.
    pub files: Vec<Written>,
    /// Files that only later rounds of this step need; removed when the step is finished.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub work: Vec<Written>,
    pub counts: Counts,
}

/// What an output depends on, each part by its hash: when an entry's basis is not the plan's, the difference says why the step runs again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// The step's options and the version of its code.
    pub options: String,
    /// Names and states of the files that it reads from outside of the folder.
    pub inputs: String,
    /// What the lists say that it reads from outside of the folder, where it does: they may change under a finished build.
    #[serde(default)]
    pub lists: String,
    /// Fingerprints of the steps whose output it reads, by name.
    pub reads: BTreeMap<String, String>,
}

impl Basis {
    /// Under what the step's output is valid; 32 hexadecimal digits.
    pub fn fingerprint(&self, step: &str) -> String {
        seal(&format!("{step} {self:?}"))
    }
}

/// One committed task, merge or step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub step: String,
    /// Of the basis.
    pub fingerprint: String,
    #[serde(default)]
    pub basis: Basis,
    pub outcome: Outcome,
    /// As far as it is known: of a task that ran beside others in one process it is not.
    #[serde(default)]
    pub cost: Cost,
}

impl Entry {
    /// Documents that the step let through, by source.
    pub fn kept(&self) -> BTreeMap<String, u64> {
        self.outcome.counts.sources.iter().map(|(name, funnel)| (name.clone(), funnel.kept)).collect()
    }
}

/// Where the entry of a task, of a merge or of a whole step lies.
#[derive(Clone, Copy, Debug)]
pub enum At<'a> {
    Task(&'a str, usize),
    Merge(&'a str),
    Step,
}

fn path(step: &str, at: At<'_>) -> String {
    match at {
        At::Task(round, task) => format!("ledger/{step}/{round}-{task:05}.json"),
        At::Merge(round) => format!("ledger/{step}/{round}-merge.json"),
        At::Step => format!("ledger/{step}.json"),
    }
}

/// The entry, when there is one under this fingerprint and all its files are there.
pub fn find(folder: &Folder, step: &str, at: At<'_>, fingerprint: &str) -> Result<Option<Entry>> {
    let entry = read(folder, &path(step, at))?.filter(|entry| entry.fingerprint == fingerprint);
    Ok(entry.filter(|entry| is_whole(folder, at, entry)))
}

/// The entry under whatever fingerprint, when all its files are there.
pub fn find_any(folder: &Folder, step: &str, at: At<'_>) -> Result<Option<Entry>> {
    Ok(read(folder, &path(step, at))?.filter(|entry| is_whole(folder, at, entry)))
}

fn is_whole(folder: &Folder, at: At<'_>, entry: &Entry) -> bool {
    let work = if matches!(at, At::Step) { &[] } else { entry.outcome.work.as_slice() };
    entry.outcome.files.iter().chain(work).all(|file| folder.holds(file))
}

/// True when an entry is there under this fingerprint. Its files are not looked at, so that a worker can ask it of every step before its own.
pub fn is_committed(folder: &Folder, step: &str, at: At<'_>, fingerprint: &str) -> Result<bool> {
    #[derive(Deserialize)]
    struct Named {
        fingerprint: String,
    }
    Ok(unseal::<Named>(folder, &path(step, at))?.is_some_and(|entry| entry.fingerprint == fingerprint))
}

/// What the ledger says of a step, under whatever fingerprint and whether or not its files are still there.
pub fn last(folder: &Folder, step: &str) -> Result<Last> {
    let path = path(step, At::Step);
    Ok(match read(folder, &path)? {
        Some(entry) => Last::Entry(Box::new(entry)),
        None if folder.path(&path).exists() => Last::Damaged,
        None => Last::Nothing,
    })
}

/// The last entry of a step.
pub enum Last {
    Nothing,
    /// It is no entry of ours any more.
    Damaged,
    Entry(Box<Entry>),
}

/// Something at rest, sealed with the hash of its text.
#[derive(Serialize, Deserialize)]
struct Sealed<'a> {
    hash: String,
    #[serde(borrow)]
    entry: &'a RawValue,
}

/// An entry that cannot be read or whose seal is broken is no commit: its task runs again and writes the same bytes.
fn read(folder: &Folder, path: &str) -> Result<Option<Entry>> {
    unseal(folder, path)
}

/// What [`write_sealed`] wrote; `None` when it is not there, cannot be read or its seal is broken.
pub fn unseal<T: DeserializeOwned>(folder: &Folder, path: &str) -> Result<Option<T>> {
    let Some(bytes) = folder.read(path)? else { return Ok(None) };
    let sealed = serde_json::from_slice::<Sealed<'_>>(&bytes).ok().filter(|sealed| sealed.hash == seal(sealed.entry.get()));
    Ok(sealed.and_then(|sealed| serde_json::from_str(sealed.entry.get()).ok()))
}

/// Writes something with the hash of its text beside it.
pub fn write_sealed<T: Serialize>(folder: &Folder, path: &str, entry: &T) -> Result<()> {
    let sealed = || -> serde_json::Result<Vec<u8>> {
        let entry = serde_json::value::to_raw_value(entry)?;
        serde_json::to_vec(&Sealed { hash: seal(entry.get()), entry: &entry })
    };
    let text = sealed().map_err(|error| Error::new("cannot write a ledger entry").because(error))?;
    folder.write(path, &text).map(drop)
}

/// The hash of a text, 32 hexadecimal digits.
pub fn seal(text: &str) -> String {
    format!("{:032x}", hash128(text.as_bytes()))
}

/// The names of a step's entries of tasks and merges.
fn listed(folder: &Folder, step: &str) -> Vec<String> {
    let entries = fs::read_dir(folder.path(&format!("ledger/{step}"))).into_iter().flatten();
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).filter(|name| !name.starts_with('.')).collect();
    names.sort();
    names
}

/// The folders in which a step alone writes.
fn owned(step: &str) -> Vec<String> {
    let decisions = format!("decisions/{step}");
    match step.strip_prefix("train-") {
        Some(model) => vec![format!("models/{model}")],
        None if step == "extract" => ["documents", "rejected", "removed"].map(str::to_owned).to_vec(),
        None if step == "shard" => ["shards", "order", "tokens"].map(str::to_owned).to_vec(),
        None if ["dedup", "paragraphs", "mask", "decontaminate"].contains(&step) => vec![decisions, step.to_owned()],
        None => vec![decisions],
    }
}

/// Before a step runs again: takes its entry back. Its files stay, so that those that come out the same need not be written again; an entry that names a file which a
/// killed run has overwritten is not believed, because the file's hash is another.
pub fn reopen(folder: &Folder, step: &str) -> Result<()> {
    folder.remove(&path(step, At::Step))
}

/// After a step has run: removes from its folders what it did not write, or a shard too many would stay from an earlier setting. What still has the name of a temporary
/// file is another worker's.
pub fn sweep(folder: &Folder, step: &str, outcome: &Outcome) -> Result<()> {
    let new: BTreeSet<&str> = outcome.files.iter().map(|file| file.path.as_str()).collect();
    let owned = owned(step);
    let found = folder.files(&owned.iter().map(String::as_str).collect::<Vec<_>>())?;
    let is_temporary = |path: &str| path.rsplit('/').next().is_some_and(|name| name.starts_with('.'));
    found.iter().filter(|path| !new.contains(path.as_str()) && !is_temporary(path)).try_for_each(|path| folder.remove(path))
}

/// Ends a step: removes its entries of tasks and merges, but for the tasks of these rounds and numbers.
pub fn close(folder: &Folder, step: &str, kept: &[At<'_>]) -> Result<()> {
    if kept.is_empty() {
        return folder.remove(&format!("ledger/{step}"));
    }
    let kept: BTreeSet<String> = kept.iter().map(|at| path(step, *at)).collect();
    let others = listed(folder, step).into_iter().map(|name| format!("ledger/{step}/{name}")).filter(|path| !kept.contains(path));
    others.into_iter().try_for_each(|path| folder.remove(&path))
}

/// The steps that the folder holds something of; what else lies in the ledger is not ours.
pub fn steps(folder: &Folder) -> BTreeSet<String> {
    let listed = fs::read_dir(folder.path("ledger")).into_iter().flatten();
    let name = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        let is_folder = entry.file_type().ok()?.is_dir();
        let step = if is_folder { name.as_str() } else { name.strip_suffix(".json")? };
        (ORDER.contains(&step) || step.starts_with("train-")).then(|| step.to_owned())
    };
    listed.filter_map(|entry| name(entry.ok()?)).collect()
}

/// The order of steps, whatever the recipe has of them; models train before score.
const ORDER: [&str; 13] =
    ["extract", "select", "filter", "urls", "dedup", "paragraphs", "mask", "train", "score", "decontaminate", "tokens", "blend", "shard"];

/// The entries of all finished steps, in the order in which documents passed through them. A step that another setting of an earlier one has made out of date is none:
/// its entry stands under another fingerprint than the plan that was begun last.
///
/// # Errors
/// When one is damaged.
pub fn finished(folder: &Folder) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let begun = Started::read(folder)?.map(|started| started.steps);
    for step in steps(folder) {
        let path = path(&step, At::Step);
        if folder.path(&path).exists() {
            let damaged =
                || Error::new(format!("the ledger entry {} is damaged; run the build's command again", folder.path(&path).display()));
            let entry = read(folder, &path)?.ok_or_else(damaged)?;
            let is_current = begun.as_ref().is_none_or(|begun| begun.get(&step) == Some(&entry.fingerprint));
            entries.extend(is_current.then_some(entry));
        }
    }
    let place = |entry: &Entry| ORDER.iter().position(|name| entry.step == *name || entry.step.starts_with("train-") && *name == "train");
    entries.sort_by_key(|entry| (place(entry), entry.step.clone()));
    Ok(entries)
}

/// The entries of a step's tasks and merges that the folder holds, by their paths in it; `None` where one is damaged and so no commit.
///
/// # Errors
/// When one cannot be read from the disk.
pub fn of_tasks(folder: &Folder, step: &str) -> Result<Vec<(String, Option<Entry>)>> {
    let paths = listed(folder, step).into_iter().map(|name| format!("ledger/{step}/{name}"));
    paths.map(|path| Ok((path.clone(), read(folder, &path)?))).collect()
}

/// Takes back steps that the plan does not have any more, so that the folder holds one build and no leaf of an older one. Files go first and the entries that name
/// them last, so that a run that is killed in between still knows what to remove.
pub fn retract_others(folder: &Folder, planned: &[&str]) -> Result<()> {
    for step in steps(folder).iter().filter(|step| !planned.contains(&step.as_str())) {
        folder.remove(manifest::PATH)?;
        sweep(folder, step, &Outcome::default())?;
        folder.remove(&path(step, At::Step))?;
        folder.remove(&format!("work/{step}"))?;
        folder.remove(&format!("ledger/{step}"))?;
    }
    Ok(())
}

/// Commits an entry.
pub fn commit(folder: &Folder, at: At<'_>, entry: &Entry) -> Result<()> {
    write_sealed(folder, &path(&entry.step, at), entry)
}
