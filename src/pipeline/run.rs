//! Runs a plan here: the steps in order, the tasks of a round on rayon (largest first), then its merge. What the ledger holds is not done again.
//!
//! The parts that [`run`] is made of are those of `super::engine` too, where each is a process: [`prepare`] takes back what is not valid, and from there on files are
//! only added: [`run_task`], [`finish_round`], [`finish_step`]. Whoever does one of them twice, or beside another, writes the same bytes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use crate::error::{Context, Kind, Result};
use crate::store::{Folder, Written};

use super::cost::{Clock, Cost};
use super::data_card;
use super::ledger::{self, At, Entry, Outcome};
use super::manifest;
use super::plan::{Plan, Stage};
use super::recipe::Recipe;
use super::started::Started;

/// What a step needs to work: the folder, the recipe, and nothing else.
#[derive(Clone, Copy)]
pub struct Build<'a> {
    pub folder: &'a Folder,
    pub recipe: &'a Recipe,
}

/// A unit of work whose bytes depend on its inputs only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// "common-crawl/00000".
    pub name: String,
    /// About how much it works on, in bytes; larger ones start first.
    pub bytes: u64,
}

/// What a build folder holds beside files at its root.
pub const FOLDERS: [&str; 14] = [
    "documents",
    "rejected",
    "removed",
    "decisions",
    "models",
    "dedup",
    "paragraphs",
    "mask",
    "decontaminate",
    "order",
    "shards",
    "tokens",
    "ledger",
    "work",
];

/// Independent tasks and, after them, at most one merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    pub name: &'static str,
    pub tasks: Vec<Task>,
    pub merges: bool,
}

/// What the whole corpus is needed for, or what changes the data at rest.
pub trait Step: Sync {
    /// The same in recipes, reports and the folder's paths.
    fn name(&self) -> &str;
    /// Everything that its output depends on beside its inputs and the steps it reads: options, and a version that is raised when the code's output changes.
    fn identity(&self) -> String;
    /// The files that it reads from outside of the folder, by what a message calls them, in the state in which the plan found them.
    fn inputs(&self) -> BTreeMap<String, String> {
        BTreeMap::new()
    }
    /// Stands for what its lists say: files that the recipe names and that may change under a finished build.
    fn lists(&self) -> String {
        String::new()
    }
    /// What can be found wrong before any work; for whoever is about to begin, not for each worker.
    fn check(&self) -> Result<()> {
        Ok(())
    }
    /// Names of the steps whose output it reads.
    fn reads(&self) -> Vec<String>;
    fn rounds(&self) -> Vec<Round>;
    /// Runs one task; twice gives the same bytes.
    fn task(&self, build: Build<'_>, round: usize, task: usize) -> Result<Outcome>;
    /// Joins what the tasks of a round left.
    fn merge(&self, _build: Build<'_>, _round: usize) -> Result<Outcome> {
        Ok(Outcome::default())
    }
    /// Under what a task's output is valid, where that is less than what the whole step's is: a bundle of inputs does not depend on the others.
    fn task_fingerprint(&self, step: &str, _round: usize, _task: usize) -> String {
        step.to_owned()
    }
    /// What an entry of this task that was made under another fingerprint is worth now: its outcome, when the task would do the same again.
    fn adopt(&self, _build: Build<'_>, _round: usize, _task: usize, _entry: &Entry) -> Result<Option<Outcome>> {
        Ok(None)
    }
    /// True when the entries of its tasks outlive the step, so that a later run does only those tasks again that have changed.
    fn keeps_tasks(&self) -> bool {
        false
    }
    /// True when every document passes through it and the law is checked on its counts.
    fn judges(&self) -> bool {
        true
    }
}

/// What is told of a running build; the command line draws it, the library never prints.
pub trait Progress: Sync {
    /// A step starts: its tasks and bytes in all.
    fn step(&self, _name: &str, _tasks: u64, _bytes: u64) {}
    /// A task of the running step is done.
    fn task(&self, _bytes: u64) {}
    /// The running step is done, or was found done.
    fn done(&self, _entry: &Entry, _cached: bool) {}
}

/// Says nothing.
pub struct Silent;

impl Progress for Silent {}

/// Makes a folder ready, under its exclusive lock: removes what killed writers left and steps that left the recipe, and takes back the manifest and the entries of steps
/// that are not valid. From here on files are only added, until a step that is done removes what earlier settings left of it. Gives the entry of each step that is done already, in the order of the plan's steps.
///
/// # Errors
/// When the folder cannot be changed.
pub fn prepare(plan: &Plan, stages: &[Stage<'_>], build: Build<'_>) -> Result<Vec<Option<Entry>>> {
    let folder = build.folder;
    folder.sweep(&FOLDERS)?;
    let names: Vec<&str> = stages.iter().map(|stage| stage.step.name()).collect();
    ledger::retract_others(folder, &names)?;
    let mut found = Vec::new();
    for stage in &stages[..plan.steps.len()] {
        let name = stage.step.name();
        let entry = ledger::find(folder, name, At::Step, &stage.fingerprint)?;
        if entry.is_some() {
            // The run that did it may have been killed before it tidied up.
            clean(folder, stage.step)?;
        } else {
            // What is about to be overwritten must not be named any more: a killed run would leave new files under old entries.
            if found.iter().all(Option::is_some) {
                folder.remove(manifest::PATH)?;
                data_card::remove(folder)?;
            }
            ledger::reopen(folder, name)?;
        }
        found.push(entry);
    }
    let unasked = names[plan.steps.len()..].iter().copied();
    Started::of(stages).but_as_before(Started::read(folder)?, unasked).write(folder)?;
    Ok(found)
}

/// Runs every step that the plan asks for and the ledger does not hold, and adds all valid entries in order, those before an error too.
///
/// # Errors
/// The first error of any task; the ledger keeps what was committed, and the same call continues there.
pub fn run(plan: &Plan, build: Build<'_>, progress: &dyn Progress, entries: &mut Vec<Entry>) -> Result<()> {
    let stages = plan.stages();
    let found = prepare(plan, &stages, build)?;
    let mut kept: Option<BTreeMap<String, u64>> = None;
    for (stage, found) in stages.iter().zip(found) {
        let cached = found.is_some();
        let entry = match found {
            Some(entry) => entry,
            None => run_step(stage, build, progress, kept.as_ref())?,
        };
        if stage.step.judges() {
            if cached {
                ledger::check_law(stage.step.name(), &entry.outcome.counts, kept.as_ref())?;
            }
            kept = Some(entry.kept());
        }
        progress.done(&entry, cached);
        entries.push(entry);
    }
    for stage in &stages[plan.steps.len()..] {
        if let Some(entry) = ledger::find(build.folder, stage.step.name(), At::Step, &stage.fingerprint)? {
            progress.done(&entry, true);
            entries.push(entry);
        }
    }
    Ok(())
}

fn run_step(stage: &Stage<'_>, build: Build<'_>, progress: &dyn Progress, kept: Option<&BTreeMap<String, u64>>) -> Result<Entry> {
    let rounds = stage.step.rounds();
    let tasks = rounds.iter().map(|round| round.tasks.len() as u64).sum();
    progress.step(stage.step.name(), tasks, rounds.iter().flat_map(|round| &round.tasks).map(|task| task.bytes).sum());
    let clock = Clock::start();
    let mut worked = 0;
    let mut parts: Vec<Entry> = Vec::new();
    for (r, round) in rounds.iter().enumerate() {
        let mut order: Vec<usize> = (0..round.tasks.len()).collect();
        order.sort_by_key(|&t| (std::cmp::Reverse(round.tasks[t].bytes), t));
        let failed = AtomicU64::new(0);
        let done = order.par_iter().map(|&t| {
            // After one failure no new task is started; those that run finish and stay committed.
            if failed.load(Ordering::Relaxed) != 0 {
                return Ok(None);
            }
            let done = run_task(stage, build, (r, round), t, None);
            if done.is_err() {
                failed.store(1, Ordering::Relaxed);
            }
            progress.task(round.tasks[t].bytes);
            done.map(|done| Some((t, done)))
        });
        let done: Vec<Result<Option<(usize, Done)>>> = done.collect();
        let mut done = done.into_iter().filter_map(Result::transpose).collect::<Result<Vec<_>>>()?;
        done.sort_by_key(|(t, _)| *t);
        let merge = finish_round(stage, build, (r, round), None)?;
        for done in done.into_iter().map(|(_, done)| done).chain([merge]) {
            worked += if done.before { 0 } else { done.entry.outcome.counts.bytes };
            parts.push(done.entry);
        }
    }
    finish_step(stage, build, parts, clock.cost(worked), kept)
}

/// A task or merge that is committed.
pub struct Done {
    pub entry: Entry,
    /// It was found so, or what was found does as well.
    pub before: bool,
}

/// The entry of a task, when it is committed and whole.
pub fn find_task(stage: &Stage<'_>, folder: &Folder, (r, round): (usize, &Round), task: usize) -> Result<Option<Entry>> {
    let fingerprint = stage.step.task_fingerprint(&stage.fingerprint, r, task);
    ledger::find(folder, stage.step.name(), At::Task(round.name, task), &fingerprint)
}

/// Does one task of a round, unless it is committed. `clock` measures a process that does nothing else.
pub fn run_task(stage: &Stage<'_>, build: Build<'_>, (r, round): (usize, &Round), task: usize, clock: Option<&Clock>) -> Result<Done> {
    let step = stage.step;
    let at = At::Task(round.name, task);
    let fingerprint = step.task_fingerprint(&stage.fingerprint, r, task);
    let held = ledger::find_any(build.folder, step.name(), at)?;
    let doing = || format!("step {}, task {}", step.name(), round.tasks[task].name);
    match held {
        Some(entry) if entry.fingerprint == fingerprint => return Ok(Done { entry, before: true }),
        Some(held) => {
            if let Some(outcome) = step.adopt(build, r, task, &held).context(doing)? {
                let entry = Entry { fingerprint, ..entry(stage, outcome, held.cost) };
                ledger::commit(build.folder, at, &entry)?;
                return Ok(Done { entry, before: true });
            }
        }
        None => {}
    }
    let outcome = match step.task(build, r, task) {
        Ok(outcome) => outcome,
        // Another worker may have committed the task meanwhile, and removed the parts that this one was about to join.
        Err(error) => {
            let theirs = ledger::find(build.folder, step.name(), at, &fingerprint)?;
            // Parts of an input that changed while it was read hold something of either.
            if theirs.is_none() && error.kind() == Kind::Changed {
                build.folder.remove(&parts_folder(step.name(), round.name, task))?;
            }
            return theirs.map(|entry| Done { entry, before: true }).ok_or(error).context(doing);
        }
    };
    let done = commit(stage, build, at, fingerprint, clock, outcome)?;
    build.folder.remove(&parts_folder(step.name(), round.name, task))?;
    Ok(done)
}

/// Where a long task commits parts of itself, for whoever does it after it was stopped; removed when the task is committed.
pub fn parts_folder(step: &str, round: &str, task: usize) -> String {
    format!("work/{step}/parts/{round}-{task:05}")
}

/// Does what follows the tasks of a round, which are all committed; the next round may start only after that.
pub fn finish_round(stage: &Stage<'_>, build: Build<'_>, (r, round): (usize, &Round), clock: Option<&Clock>) -> Result<Done> {
    let at = At::Merge(round.name);
    if let Some(entry) = ledger::find(build.folder, stage.step.name(), at, &stage.fingerprint)? {
        return Ok(Done { entry, before: true });
    }
    let doing = || format!("step {}, after its round {}", stage.step.name(), round.name);
    let outcome = if round.merges { stage.step.merge(build, r).context(doing)? } else { Outcome::default() };
    commit(stage, build, at, stage.fingerprint.clone(), clock, outcome)
}

/// Commits what was done now. An entry that was there and lost its files was not taken back before: another worker may have just committed it, and what was
/// written has the bytes that it names.
fn commit(stage: &Stage<'_>, build: Build<'_>, at: At<'_>, fingerprint: String, clock: Option<&Clock>, outcome: Outcome) -> Result<Done> {
    let cost = clock.map_or_else(Cost::default, |clock| clock.cost(outcome.counts.bytes));
    let entry = Entry { fingerprint, ..entry(stage, outcome, cost) };
    ledger::commit(build.folder, at, &entry)?;
    Ok(Done { entry, before: false })
}

/// Commits a step of which every task and merge is committed: `parts` are their entries in order, `cost` is what they do not tell of. `kept` are the documents that the
/// step before it let through.
///
/// # Errors
/// When the law does not hold.
pub fn finish_step(
    stage: &Stage<'_>,
    build: Build<'_>,
    parts: Vec<Entry>,
    cost: Cost,
    kept: Option<&BTreeMap<String, u64>>,
) -> Result<Entry> {
    let (mut sum, mut cost) = (Outcome::default(), cost);
    for part in parts {
        cost.add(&part.cost);
        join(&mut sum, part.outcome);
    }
    if stage.step.judges() {
        ledger::check_law(stage.step.name(), &sum.counts, kept)?;
    }
    let entry = entry(stage, sum, cost);
    ledger::sweep(build.folder, stage.step.name(), &entry.outcome)?;
    ledger::commit(build.folder, At::Step, &entry)?;
    clean(build.folder, stage.step)?;
    Ok(entry)
}

fn entry(stage: &Stage<'_>, outcome: Outcome, cost: Cost) -> Entry {
    Entry { step: stage.step.name().to_owned(), fingerprint: stage.fingerprint.clone(), basis: stage.basis.clone(), outcome, cost }
}

fn join(sum: &mut Outcome, outcome: Outcome) {
    sum.files.extend(outcome.files);
    sum.work.extend(outcome.work);
    sum.counts.add(&outcome.counts);
}

/// Removes what only this step's rounds needed.
fn clean(folder: &Folder, step: &dyn Step) -> Result<()> {
    folder.remove(&format!("work/{}", step.name()))?;
    let rounds = step.rounds();
    let kept = rounds.iter().filter(|_| step.keeps_tasks());
    let kept: Vec<At<'_>> = kept.flat_map(|round| (0..round.tasks.len()).map(|task| At::Task(round.name, task))).collect();
    ledger::close(folder, step.name(), &kept)
}

/// Writes the manifest: every file of the build that is data. Written last.
///
/// # Errors
/// When it cannot be written.
pub fn write_manifest(build: Build<'_>, entries: &[Entry], more: &[Written]) -> Result<Written> {
    let files = entries.iter().flat_map(|entry| &entry.outcome.files).chain(more);
    build.folder.write(manifest::PATH, manifest::Manifest::of(files, build.recipe.licenses()).to_json()?.as_bytes())
}
