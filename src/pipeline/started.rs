//! The plan that a folder was made ready for: the fingerprint of each step and the state of each input, written by `build` and `plan --start`. A worker that sees other
//! inputs would compute other fingerprints and do work that nobody asks for, so it is refused; and `plan` names the input that changed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::store::Folder;

use super::ledger::{self, seal};
use super::plan::{Given, Stage};

const PATH: &str = "ledger/plan.json";

/// A plan at rest. It holds about 100 bytes an input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// Step: fingerprint.
    pub steps: BTreeMap<String, String>,
    /// Step: the files that it reads from outside of the folder.
    pub inputs: BTreeMap<String, Vec<Given>>,
}

impl Started {
    pub fn of(stages: &[Stage<'_>]) -> Self {
        let name = |stage: &Stage<'_>| stage.step.name().to_owned();
        let read = stages.iter().filter(|stage| !stage.step.inputs().is_empty());
        Self {
            steps: stages.iter().map(|stage| (name(stage), stage.fingerprint.clone())).collect(),
            inputs: read.map(|stage| (name(stage), stage.step.inputs().to_vec())).collect(),
        }
    }

    pub fn write(&self, folder: &Folder) -> Result<()> {
        ledger::write_sealed(folder, PATH, self)
    }

    /// `None` when nothing was begun here, or by another version of the program, or the file is damaged.
    pub fn read(folder: &Folder) -> Result<Option<Self>> {
        ledger::unseal(folder, PATH)
    }

    /// The inputs of a step that are new, gone, or not as they were, by name and role.
    pub fn changes(&self, step: &str, now: &[Given]) -> Vec<String> {
        let then = self.inputs.get(step).map_or(&[][..], Vec::as_slice);
        let known: BTreeMap<(&str, &str), &str> = then.iter().map(|given| (given.key(), given.state.as_str())).collect();
        let here: BTreeSet<(&str, &str)> = now.iter().map(Given::key).collect();
        let told = |given: &Given, what: &str| format!("the input {} of {} {what}", given.name, given.role);
        let changed = now.iter().filter_map(|given| match known.get(&given.key()) {
            None => Some(told(given, "is new")),
            Some(state) if *state != given.state => Some(told(given, "changed")),
            Some(_) => None,
        });
        let gone = then.iter().filter(|given| !here.contains(&given.key())).map(|given| told(given, "is gone"));
        changed.chain(gone).collect()
    }

    /// Hash of a step's inputs as they were, comparable to [`super::ledger::Basis::inputs`].
    pub fn inputs_hash(&self, step: &str) -> String {
        hash(self.inputs.get(step).map_or(&[][..], Vec::as_slice))
    }
}

/// What stands for the states of some inputs in a step's basis.
pub fn hash(inputs: &[Given]) -> String {
    let lines: String = inputs.iter().map(|given| format!("{}\t{}\t{}\n", given.role, given.name, given.state)).collect();
    seal(&lines)
}
