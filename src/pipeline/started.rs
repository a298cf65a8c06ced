//! The plan that a folder was made ready for: the fingerprint of each step and the state of each input, written by `build` and `plan --start`. A worker that sees other
//! inputs would compute other fingerprints and do work that nobody asks for, so it is refused; and `plan` names the input that changed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Kind, Result};
use crate::store::Folder;

use super::ledger::{self, seal};
use super::manifest;
use super::plan::{Plan, Stage};

pub const PATH: &str = "ledger/plan.json";

/// The states of inputs by what a message calls them.
type States = BTreeMap<String, String>;

/// A plan at rest. It holds about 100 bytes an input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// Step: fingerprint.
    pub steps: BTreeMap<String, String>,
    /// Step: the files that it reads from outside of the folder.
    pub inputs: BTreeMap<String, States>,
}

impl Started {
    pub fn of(stages: &[Stage<'_>]) -> Self {
        let name = |stage: &Stage<'_>| stage.step.name().to_owned();
        Self {
            steps: stages.iter().map(|stage| (name(stage), stage.fingerprint.clone())).collect(),
            inputs: stages.iter().map(|stage| (name(stage), stage.step.inputs())).filter(|(_, inputs)| !inputs.is_empty()).collect(),
        }
    }

    pub fn write(&self, folder: &Folder) -> Result<()> {
        ledger::write_sealed(folder, PATH, self)
    }

    /// Keeps what an earlier plan knew of the inputs of these steps: they are not read now.
    #[must_use]
    pub fn but_as_before<'a>(mut self, before: Option<Self>, steps: impl IntoIterator<Item = &'a str>) -> Self {
        let mut before = before.unwrap_or_default();
        for step in steps {
            if let Some(inputs) = before.inputs.remove(step) {
                self.inputs.insert(step.to_owned(), inputs);
            }
        }
        self
    }

    /// `None` when nothing was begun here, or by another version of the program, or the file is damaged.
    pub fn read(folder: &Folder) -> Result<Option<Self>> {
        ledger::unseal(folder, PATH)
    }

    /// The inputs of a step that are new, gone, or not as they were.
    pub fn changes(&self, step: &str, now: &States) -> Vec<String> {
        let then = self.inputs_of(step);
        let changed = now.iter().filter_map(|(name, is)| match then.get(name) {
            None => Some(format!("the input {name} is new")),
            Some(was) => (was != is).then(|| format!("the input {name} changed")),
        });
        let gone = then.keys().filter(|name| !now.contains_key(*name)).map(|name| format!("the input {name} is gone"));
        changed.chain(gone).collect()
    }

    /// The inputs of a step as they were.
    pub fn inputs_of(&self, step: &str) -> &States {
        static NONE: States = States::new();
        self.inputs.get(step).unwrap_or(&NONE)
    }
}

/// What stands for the states of some inputs in a step's basis.
pub fn hash(inputs: &States) -> String {
    let lines: String = inputs.iter().map(|(name, state)| format!("{name}\t{state}\n")).collect();
    seal(&lines)
}

/// Refuses to go on where an input of a finished build is not what it was: whoever has not changed it on purpose should know. Under a build that was stopped it is told
/// only, by what this gives. Inputs that are new or gone are no such case.
///
/// # Errors
/// Exit code 5, naming the first such input.
pub fn refuse_changed_inputs(plan: &Plan, folder: &Folder) -> Result<Option<String>> {
    let started = Started::read(folder)?.unwrap_or_default();
    let mut changed = Vec::new();
    for step in &plan.steps {
        let then = started.inputs_of(step.name());
        for (name, is) in step.inputs() {
            let was = then.get(&name).filter(|was| **was != is);
            changed.extend(was.map(|was| format!("the input {name} ({was} when it was read, {is} now)")));
        }
    }
    let Some(first) = changed.first() else { return Ok(None) };
    let more = if changed.len() == 1 { String::new() } else { format!(" and {} more inputs", changed.len() - 1) };
    let root = folder.root().display();
    if folder.read(manifest::PATH)?.is_none() {
        return Ok(Some(format!("{first}{more} changed since the build in {root} was begun; what was made of it is made again")));
    }
    let message = format!(
        "{first}{more} changed under the finished build in {root}; put the inputs back, give another --out, or build from what they are now with --force"
    );
    Err(Error::of(Kind::Changed, message))
}
