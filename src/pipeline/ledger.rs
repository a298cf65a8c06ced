//! The ledger: one entry a committed task or merge, and one a finished step. An entry is the commit: files that no entry names do not count.
//!
//! Entries hold what the report needs (counts, bytes, costs) and the fingerprint under which they are valid.
//! The law is checked here: records read = kept + dropped, per source and step.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::{Error, Result};
use crate::store::{Folder, Written};
use crate::text::hash::hash128;

use super::cost::Cost;

/// What a task counted. All maps are sorted, so that adding up is the same in any order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// Per source, documents through this step.
    pub sources: BTreeMap<String, Funnel>,
    /// Anything else worth a line in the report, by name.
    pub notes: BTreeMap<String, u64>,
    /// Histograms by name: bucket label to count; labels sort in the order of the buckets.
    pub histograms: BTreeMap<String, BTreeMap<String, u64>>,
    /// Bytes that the task worked on, for the rate.
    pub bytes: u64,
}

/// Documents of one source through one step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Funnel {
    /// Documents (in `extract`: records) that arrived.
    pub read: u64,
    pub kept: u64,
    /// Filter or step, then rule, then documents.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub dropped: BTreeMap<String, BTreeMap<String, u64>>,
    /// Documents that left for another source (`select`).
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub moved: BTreeMap<String, u64>,
    /// Documents that came from another source, within this step.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub entered: u64,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Funnel {
    pub fn n_dropped(&self) -> u64 {
        self.dropped.values().flat_map(BTreeMap::values).sum()
    }

    /// Counts a document that was dropped.
    pub fn drop(&mut self, filter: &str, rule: &str) {
        *self.dropped.entry(filter.to_owned()).or_default().entry(rule.to_owned()).or_default() += 1;
    }

    /// The law.
    pub fn balances(&self) -> bool {
        self.read + self.entered == self.kept + self.n_dropped() + self.moved.values().sum::<u64>()
    }
}

impl Counts {
    /// The funnel of a source.
    pub fn source(&mut self, name: &str) -> &mut Funnel {
        if !self.sources.contains_key(name) {
            self.sources.insert(name.to_owned(), Funnel::default());
        }
        self.sources.get_mut(name).expect("it was just put there")
    }

    pub fn note(&mut self, name: &str, n: u64) {
        *self.notes.entry(name.to_owned()).or_default() += n;
    }

    pub fn bucket(&mut self, histogram: &str, label: &str, n: u64) {
        *self.histograms.entry(histogram.to_owned()).or_default().entry(label.to_owned()).or_default() += n;
    }

    /// Adds another task's counts.
    pub fn add(&mut self, other: &Counts) {
        for (name, funnel) in &other.sources {
            let mine = self.source(name);
            mine.read += funnel.read;
            mine.kept += funnel.kept;
            mine.entered += funnel.entered;
            for (filter, rules) in &funnel.dropped {
                for (rule, n) in rules {
                    *mine.dropped.entry(filter.clone()).or_default().entry(rule.clone()).or_default() += n;
                }
            }
            for (to, n) in &funnel.moved {
                *mine.moved.entry(to.clone()).or_default() += n;
            }
        }
        for (name, n) in &other.notes {
            self.note(name, *n);
        }
        for (histogram, buckets) in &other.histograms {
            for (label, n) in buckets {
                self.bucket(histogram, label, *n);
            }
        }
        self.bytes += other.bytes;
    }
}

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

/// The names of a step's entries of tasks and merges, and of its list of leftovers.
fn listed(folder: &Folder, step: &str) -> Vec<String> {
    let entries = fs::read_dir(folder.path(&format!("ledger/{step}"))).into_iter().flatten();
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).filter(|name| !name.starts_with('.')).collect();
    names.sort();
    names
}

/// Every file that an entry of the step names, of this or of an earlier setting.
fn named(folder: &Folder, step: &str) -> Result<BTreeSet<String>> {
    let mut named = BTreeSet::new();
    for path in listed(folder, step).iter().map(|name| format!("ledger/{step}/{name}")).chain([path(step, At::Step)]) {
        let outcome = read(folder, &path)?.map(|entry| entry.outcome).unwrap_or_default();
        named.extend(outcome.files.into_iter().chain(outcome.work).map(|file| file.path));
    }
    let known = folder.read(&leftovers(step))?.and_then(|list| serde_json::from_slice::<BTreeSet<String>>(&list).ok());
    named.extend(known.into_iter().flatten());
    Ok(named)
}

/// Where a step that runs keeps in mind what it may have to remove at its end.
fn leftovers(step: &str) -> String {
    format!("ledger/{step}/leftovers.json")
}

/// Before a step runs again: notes what its entries name and takes its own entry back. Its files stay, so that those that come out the same need not be written again;
/// an entry that names a file which a killed run has overwritten is not believed, because the file's hash is another.
pub fn reopen(folder: &Folder, step: &str) -> Result<()> {
    let named = named(folder, step)?;
    if !named.is_empty() {
        let text = serde_json::to_vec(&named).map_err(|error| Error::new("cannot write a list of files").because(error))?;
        folder.write(&leftovers(step), &text)?;
    }
    folder.remove(&path(step, At::Step))
}

/// After a step has run: removes what earlier settings left behind, or a shard too many would stay.
pub fn sweep(folder: &Folder, step: &str, outcome: &Outcome) -> Result<()> {
    let new: BTreeSet<&str> = outcome.files.iter().chain(&outcome.work).map(|file| file.path.as_str()).collect();
    named(folder, step)?.iter().filter(|path| !new.contains(path.as_str())).try_for_each(|path| remove_named(folder, path))
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

/// A folder may come from elsewhere; whatever its ledger names, nothing outside of it is removed.
fn remove_named(folder: &Folder, path: &str) -> Result<()> {
    let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    if inside && !path.is_empty() { folder.remove(path) } else { Ok(()) }
}

/// The one file of the ledger that is no entry: the plan that was begun (`super::started`).
const PLAN: &str = "plan.json";

/// The steps that the folder holds something of.
pub fn steps(folder: &Folder) -> BTreeSet<String> {
    let listed = fs::read_dir(folder.path("ledger")).into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let names =
        listed.filter(|name| !name.starts_with('.') && *name != PLAN).map(|name| name.strip_suffix(".json").unwrap_or(&name).to_owned());
    names.collect()
}

/// The order of steps, whatever the recipe has of them; models train between dedup and score.
const ORDER: [&str; 10] = ["extract", "select", "filter", "dedup", "train", "score", "decontaminate", "tokens", "blend", "shard"];

/// The entries of all finished steps, in the order in which documents passed through them.
///
/// # Errors
/// When one is damaged.
pub fn finished(folder: &Folder) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for step in steps(folder) {
        let path = path(&step, At::Step);
        if folder.path(&path).exists() {
            let damaged =
                || Error::new(format!("the ledger entry {} is damaged; run the build's command again", folder.path(&path).display()));
            entries.push(read(folder, &path)?.ok_or_else(damaged)?);
        }
    }
    let place = |entry: &Entry| ORDER.iter().position(|name| entry.step == *name || entry.step.starts_with("train-") && *name == "train");
    entries.sort_by_key(|entry| (place(entry), entry.step.clone()));
    Ok(entries)
}

/// Takes back steps that the plan does not have any more, so that the folder holds one build and no leaf of an older one. Files go first and the entries that name
/// them last, so that a run that is killed in between still knows what to remove.
pub fn retract_others(folder: &Folder, planned: &[&str]) -> Result<()> {
    for step in steps(folder).iter().filter(|step| !planned.contains(&step.as_str())) {
        folder.remove("manifest.json")?;
        named(folder, step)?.iter().try_for_each(|path| remove_named(folder, path))?;
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

/// Checks the law on a step's counts, and that what arrived is what the step before let through.
///
/// # Errors
/// When a source does not balance: a fault of ours that must not become a data set.
pub fn check_law(step: &str, counts: &Counts, before: Option<&BTreeMap<String, u64>>) -> Result<()> {
    for (source, funnel) in &counts.sources {
        if !funnel.balances() {
            return Err(Error::new(format!(
                "step {step} does not balance for source {source}: {} read and {} entered, but {} kept, {} dropped, {} moved; this is a fault in gristmill, please report it",
                funnel.read,
                funnel.entered,
                funnel.kept,
                funnel.n_dropped(),
                funnel.moved.values().sum::<u64>()
            )));
        }
    }
    for (source, &kept) in before.into_iter().flatten() {
        let arrived = counts.sources.get(source).map_or(0, |funnel| funnel.read);
        if arrived != kept {
            return Err(Error::new(format!(
                "step {step} saw {arrived} documents of source {source}, but {kept} were kept before it; this is a fault in gristmill, please report it"
            )));
        }
    }
    Ok(())
}
