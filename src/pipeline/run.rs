//! Runs a plan here: the steps in order, the tasks of a round on rayon (largest first), then its merge. What the ledger holds is not done again.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use rayon::prelude::*;

use crate::error::{Context, Error, Kind, Result};
use crate::store::{Folder, Written};

use super::cost::cpu_seconds;
use super::ledger::{self, At, Entry, Outcome};
use super::manifest;
use super::plan::Plan;
use super::recipe::Recipe;

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
pub const FOLDERS: [&str; 10] =
    ["documents", "rejected", "removed", "decisions", "models", "dedup", "decontaminate", "shards", "ledger", "work"];

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
    /// Everything that its output depends on beside the steps it reads: options, inputs, and a version that is raised when the code's output changes.
    fn identity(&self) -> String;
    /// Names of the steps whose output it reads.
    fn reads(&self) -> Vec<String>;
    fn rounds(&self) -> Vec<Round>;
    /// Runs one task; twice gives the same bytes.
    fn task(&self, build: Build<'_>, round: usize, task: usize) -> Result<Outcome>;
    /// Joins what the tasks of a round left.
    fn merge(&self, _build: Build<'_>, _round: usize) -> Result<Outcome> {
        Ok(Outcome::default())
    }
    /// What it reads from outside of the folder, as it was when the step was planned; of one task, where those outlive the step.
    fn inputs(&self, _task: Option<usize>) -> BTreeMap<String, String> {
        BTreeMap::new()
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

/// Runs every step that the plan asks for and the ledger does not hold, and adds all valid entries in order, those before an error too.
///
/// # Errors
/// The first error of any task; the ledger keeps what was committed, and the same call continues there.
pub fn run(plan: &Plan, build: Build<'_>, progress: &dyn Progress, entries: &mut Vec<Entry>) -> Result<()> {
    let names: Vec<&str> = plan.steps.iter().chain(&plan.unasked).map(|step| step.name()).collect();
    ledger::retract_others(build.folder, &names)?;
    let mut fingerprints = BTreeMap::new();
    let mut kept: Option<BTreeMap<String, u64>> = None;
    for step in &plan.steps {
        let fingerprint = plan.fingerprint(step.as_ref(), &fingerprints);
        fingerprints.insert(step.name().to_owned(), fingerprint.clone());
        let found = ledger::find(build.folder, step.name(), At::Step, &fingerprint)?;
        let cached = found.is_some();
        let entry = match found {
            Some(entry) => entry,
            None => {
                // What is about to be overwritten must not be named any more: a killed run would leave new files under old entries.
                build.folder.remove("manifest.json")?;
                ledger::reopen(build.folder, step.name())?;
                run_step(step.as_ref(), build, &fingerprint, progress)?
            }
        };
        if step.judges() {
            ledger::check_law(step.name(), &entry.outcome.counts, kept.as_ref())?;
            kept = Some(entry.outcome.counts.sources.iter().map(|(name, funnel)| (name.clone(), funnel.kept)).collect());
        }
        if !cached {
            ledger::sweep(build.folder, step.name(), &entry.outcome)?;
            ledger::commit(build.folder, At::Step, &entry)?;
        }
        // Also for a step that was found done: the run that did it may have been killed right here.
        clean(build.folder, step.as_ref())?;
        progress.done(&entry, cached);
        entries.push(entry);
    }
    for step in &plan.unasked {
        let fingerprint = plan.fingerprint(step.as_ref(), &fingerprints);
        fingerprints.insert(step.name().to_owned(), fingerprint.clone());
        if let Some(entry) = ledger::find(build.folder, step.name(), At::Step, &fingerprint)? {
            progress.done(&entry, true);
            entries.push(entry);
        }
    }
    Ok(())
}

fn run_step(step: &dyn Step, build: Build<'_>, fingerprint: &str, progress: &dyn Progress) -> Result<Entry> {
    let rounds = step.rounds();
    let tasks = rounds.iter().map(|round| round.tasks.len() as u64).sum();
    progress.step(step.name(), tasks, rounds.iter().flat_map(|round| &round.tasks).map(|task| task.bytes).sum());
    let (wall, cpu) = (Instant::now(), cpu_seconds());
    let mut sum = Outcome::default();
    for (r, round) in rounds.iter().enumerate() {
        let mut order: Vec<usize> = (0..round.tasks.len()).collect();
        order.sort_by_key(|&t| (std::cmp::Reverse(round.tasks[t].bytes), t));
        let failed = AtomicU64::new(0);
        let outcomes = order.par_iter().map(|&t| {
            // After one failure no new task is started; those that run finish and stay committed.
            if failed.load(Ordering::Relaxed) != 0 {
                return Ok(None);
            }
            let at = At::Task(round.name, t);
            let outcome = run_task(step, build, at, &step.task_fingerprint(fingerprint, r, t), |held| {
                let adopted = held.map(|held| step.adopt(build, r, t, &held)).transpose()?.flatten();
                let done = adopted.map_or_else(|| step.task(build, r, t), Ok);
                done.context(|| format!("step {}, task {}", step.name(), round.tasks[t].name))
            });
            if outcome.is_err() {
                failed.store(1, Ordering::Relaxed);
            }
            progress.task(round.tasks[t].bytes);
            outcome.map(|outcome| Some((t, outcome)))
        });
        let outcomes: Vec<Result<Option<(usize, Outcome)>>> = outcomes.collect();
        let mut outcomes = outcomes.into_iter().filter_map(Result::transpose).collect::<Result<Vec<_>>>()?;
        outcomes.sort_by_key(|(t, _)| *t);
        for (_, outcome) in outcomes {
            join(&mut sum, outcome);
        }
        if round.merges {
            let outcome = run_task(step, build, At::Merge(round.name), fingerprint, |_| {
                step.merge(build, r).context(|| format!("step {}, after its round {}", step.name(), round.name))
            })?;
            join(&mut sum, outcome);
        }
    }
    let (user, system) = cpu_seconds();
    Ok(Entry {
        step: step.name().to_owned(),
        fingerprint: fingerprint.to_owned(),
        outcome: sum,
        inputs: if step.keeps_tasks() { BTreeMap::new() } else { step.inputs(None) },
        user_seconds: user - cpu.0,
        system_seconds: system - cpu.1,
        wall_seconds: wall.elapsed().as_secs_f64(),
    })
}

fn run_task(
    step: &dyn Step,
    build: Build<'_>,
    at: At<'_>,
    fingerprint: &str,
    work: impl FnOnce(Option<Entry>) -> Result<Outcome>,
) -> Result<Outcome> {
    let held = ledger::find_any(build.folder, step.name(), at)?;
    let held = match held {
        Some(entry) if entry.fingerprint == fingerprint => return Ok(entry.outcome),
        held => held,
    };
    let wall = Instant::now();
    let outcome = work(held)?;
    let entry = Entry {
        step: step.name().to_owned(),
        fingerprint: fingerprint.to_owned(),
        outcome,
        inputs: if let (At::Task(_, task), true) = (at, step.keeps_tasks()) { step.inputs(Some(task)) } else { BTreeMap::new() },
        user_seconds: 0.0,
        system_seconds: 0.0,
        wall_seconds: wall.elapsed().as_secs_f64(),
    };
    ledger::commit(build.folder, at, &entry)?;
    Ok(entry.outcome)
}

fn join(sum: &mut Outcome, outcome: Outcome) {
    sum.files.extend(outcome.files);
    sum.work.extend(outcome.work);
    sum.counts.add(&outcome.counts);
}

/// Removes what only this step's rounds needed.
fn clean(folder: &Folder, step: &dyn Step) -> Result<()> {
    folder.remove(&format!("work/{}", step.name()))?;
    ledger::close(folder, step.name(), &kept_tasks(step, &step.rounds()))
}

/// Where the entries lie that outlive a step.
fn kept_tasks<'a>(step: &dyn Step, rounds: &'a [Round]) -> Vec<At<'a>> {
    let rounds = rounds.iter().filter(|_| step.keeps_tasks());
    rounds.flat_map(|round| (0..round.tasks.len()).map(|task| At::Task(round.name, task))).collect()
}

/// Refuses to go on where an input of a finished build is not what it was: whoever has not changed it on purpose should know.
///
/// # Errors
/// Exit code 5, naming the first such input.
pub fn refuse_changed_inputs(plan: &Plan, folder: &Folder) -> Result<()> {
    if folder.read("manifest.json")?.is_none() {
        return Ok(());
    }
    let mut changed = Vec::new();
    for step in &plan.steps {
        let mut held = BTreeMap::new();
        for at in kept_tasks(step.as_ref(), &step.rounds()).into_iter().chain([At::Step]) {
            held.extend(ledger::find_any(folder, step.name(), at)?.map(|entry| entry.inputs).unwrap_or_default());
        }
        for (name, is) in step.inputs(None) {
            let was = held.get(&name).filter(|was| **was != is);
            changed.extend(was.map(|was| format!("the input {name} ({was} when it was read, {is} now)")));
        }
    }
    let Some(first) = changed.first() else { return Ok(()) };
    let more = if changed.len() == 1 { String::new() } else { format!(" and {} more inputs", changed.len() - 1) };
    let message = format!(
        "{first}{more} changed under the finished build in {}; put the inputs back, give another --out, or build from what they are now with --force",
        folder.root().display()
    );
    Err(Error::of(Kind::Changed, message))
}

/// Writes the manifest: every file of the build that is data. Written last.
///
/// # Errors
/// When it cannot be written.
pub fn write_manifest(folder: &Folder, entries: &[Entry], more: &[Written]) -> Result<Written> {
    let files = entries.iter().flat_map(|entry| &entry.outcome.files).chain(more);
    folder.write(manifest::PATH, manifest::Manifest::of(files).to_json()?.as_bytes())
}
