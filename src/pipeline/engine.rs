//! One task or merge at a time, for an engine that runs each as a process, on any machine that sees the folder (docs/engine.md).
//!
//! `plan --start` made the folder ready; workers share its lock and only add files. Every file appears under its name by a rename, and who does a task a second time
//! writes the same bytes, so two workers with one task, and workers that are killed, do no harm.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::{Context, Error, Kind, Result};
use crate::store::{Folder, Lock};
use crate::text::shell::quoted;

use super::cost::{Clock, Cost};
use super::ledger::{self, At, Entry};
use super::origin::{self, Opened};
use super::plan::{Plan, Stage};
use super::recipe::nearest;
use super::run::{self, Build, Done, Round};
use super::started::Started;

/// A process that works in a folder that was made ready for it.
pub struct Worker {
    opened: Opened,
    plan: Plan,
    clock: Clock,
    _lock: Lock,
}

/// Tasks that keep a round from being merged: number and name.
pub type Missing = Vec<(usize, String)>;

impl Worker {
    /// Takes the folder together with other workers.
    ///
    /// # Errors
    /// Exit code 2 when it is no folder of a build, 4 when a build works in it, 5 when the inputs are not those that it was made ready for.
    pub fn open(root: &Path) -> Result<Self> {
        let clock = Clock::of_process();
        let lock = Folder::at(root).share()?;
        let opened = origin::open(root)?;
        let again = "run `gristmill plan RECIPE --out DIR --start` again";
        let started = Started::read(&opened.folder)?
            .ok_or_else(|| Error::new(format!("the folder {} is not ready for workers; {again}", root.display())))?;
        let changed = |what: String| Error::of(Kind::Changed, format!("{what} since {} was made ready; {again}", root.display()));
        let plan =
            Plan::new(&opened.recipe, opened.asked.goal()).context(|| format!("cannot plan what {} was made ready for", root.display()))?;
        for stage in &plan.stages()[..plan.steps.len()] {
            let name = stage.step.name();
            if started.steps.get(name) != Some(&stage.fingerprint) {
                let inputs = started.changes(name, &stage.step.inputs());
                let what =
                    || format!("step {name} is another one, for the recipe, a list that it names or the version of this program changed");
                return Err(changed(inputs.into_iter().next().unwrap_or_else(what)));
            }
        }
        Ok(Self { opened, plan, clock, _lock: lock })
    }

    /// Does one task of a round, named STEP/ROUND, unless it is done.
    ///
    /// # Errors
    /// Exit code 2 when there is no such round or task, 1 when a round before it is not finished.
    pub fn task(&self, round: &str, task: usize) -> Result<Option<Done>> {
        self.at(round, |stages, stage, (r, rounds)| {
            let round = &rounds[r];
            if round.tasks.len() <= task {
                let n = round.tasks.len();
                let message = format!("round {} has {n} tasks, numbered from 0; there is no task {task}", full_name(stage, round));
                return Err(Error::recipe(message));
            }
            if let Some(entry) = run::find_task(stage, self.folder(), (r, round), task)? {
                return Ok(Some(Done { entry, before: true }));
            }
            self.ready(stages, stage, (r, rounds))?;
            run::run_task(stage, self.build(), (r, round), task, Some(&self.clock)).map(Some)
        })
        .map(Option::flatten)
    }

    /// Finishes a round, and after the last one of a step the step, unless that is done. Gives the tasks that are missing, of this round or, where files were lost, of
    /// an earlier one of the step; nothing is done then.
    ///
    /// # Errors
    /// As [`Worker::task`].
    pub fn merge(&self, round: &str) -> Result<Vec<(String, Missing)>> {
        let merged = self.at(round, |stages, stage, (r, rounds)| {
            self.ready(stages, stage, (r, rounds))?;
            let is_last = r + 1 == rounds.len();
            // What a merge may read: the work of its own round and, for the step's entry, all that was done.
            let (mut parts, mut missing): (Vec<Entry>, Vec<(String, Missing)>) = Default::default();
            for (index, round) in rounds.iter().enumerate().take(r + 1).skip(if is_last { 0 } else { r }) {
                let mut lost = Missing::new();
                for (task, found) in round.tasks.iter().enumerate() {
                    match run::find_task(stage, self.folder(), (index, round), task)? {
                        Some(entry) => parts.push(entry),
                        None => lost.push((task, found.name.clone())),
                    }
                }
                if !lost.is_empty() {
                    missing.push((full_name(stage, round), lost));
                } else if missing.is_empty() {
                    parts.push(run::finish_round(stage, self.build(), (index, round), Some(&self.clock))?.entry);
                }
            }
            if missing.is_empty() && is_last {
                run::finish_step(stage, self.build(), parts, Cost::default(), self.kept_before(stages)?.as_ref())?;
            }
            // Another worker may have finished the step meanwhile and tidied up.
            if !missing.is_empty() && self.is_finished(stage)? {
                missing.clear();
            }
            Ok(missing)
        })?;
        Ok(merged.unwrap_or_default())
    }

    /// Calls `work` with the steps before a round's, its step, and its place among that step's rounds; `None` when the step is finished, before the call or, by another
    /// worker, while it lasted: then what it needed was tidied away, and its failure is none.
    fn at<T>(&self, name: &str, work: impl FnOnce(&[Stage<'_>], &Stage<'_>, (usize, &[Round])) -> Result<T>) -> Result<Option<T>> {
        let stages = self.plan.stages();
        let asked = &stages[..self.plan.steps.len()];
        let mut known = Vec::new();
        for (s, stage) in asked.iter().enumerate() {
            let rounds = stage.step.rounds();
            if let Some(r) = rounds.iter().position(|round| full_name(stage, round) == name) {
                if self.is_finished(stage)? {
                    return Ok(None);
                }
                return match work(&asked[..s], stage, (r, &rounds)) {
                    Err(error) if error.kind() != Kind::Recipe && self.is_finished(stage)? => Ok(None),
                    done => done.map(Some),
                };
            }
            known.extend(rounds.iter().map(|round| full_name(stage, round)));
        }
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let meant = nearest(name, &known).map_or_else(String::new, |near| format!("; did you mean {near}?"));
        Err(Error::recipe(format!("the plan has no round {name:?}{meant} (its rounds are {})", known.join(", "))))
    }

    /// A round may start when every step before its own is finished, and every round before it.
    fn ready(&self, before: &[Stage<'_>], stage: &Stage<'_>, (r, rounds): (usize, &[Round])) -> Result<()> {
        let refused = |what: String, then: String| {
            Err(Error::new(format!("round {} cannot start: {what} is not finished; {then}", full_name(stage, &rounds[r]))))
        };
        for step in before {
            if !self.is_finished(step)? {
                let name = step.step.name();
                return refused(format!("step {name} before it"), "run its tasks and merges first".to_owned());
            }
        }
        if let Some(last) = r.checked_sub(1).map(|last| &rounds[last])
            && !ledger::is_committed(self.folder(), stage.step.name(), At::Merge(last.name), &stage.fingerprint)?
        {
            let last = full_name(stage, last);
            let here = quoted(&self.folder().root().display().to_string());
            let then = format!("run its tasks and then `gristmill merge {here} {last}`");
            return refused(format!("round {last} before it"), then);
        }
        Ok(())
    }

    /// The documents that the last step before these let through.
    fn kept_before(&self, before: &[Stage<'_>]) -> Result<Option<BTreeMap<String, u64>>> {
        let Some(judge) = before.iter().rev().find(|stage| stage.step.judges()) else { return Ok(None) };
        let entry = ledger::find(self.folder(), judge.step.name(), At::Step, &judge.fingerprint)?;
        let lost = || Error::new(format!("files of step {} are lost; run the build's command again", judge.step.name()));
        entry.map(|entry| Some(entry.kept())).ok_or_else(lost)
    }

    fn is_finished(&self, stage: &Stage<'_>) -> Result<bool> {
        ledger::is_committed(self.folder(), stage.step.name(), At::Step, &stage.fingerprint)
    }

    fn folder(&self) -> &Folder {
        &self.opened.folder
    }

    fn build(&self) -> Build<'_> {
        Build { folder: &self.opened.folder, recipe: &self.opened.recipe }
    }
}

/// STEP/ROUND.
pub fn full_name(stage: &Stage<'_>, round: &Round) -> String {
    format!("{}/{}", stage.step.name(), round.name)
}
