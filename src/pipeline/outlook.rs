//! What a recipe would do in a folder, before it does it: which steps are done and which would run, and why; rounds and tasks; what they would write, hold and take.
//!
//! No input is opened but benchmarks and lists, and nothing is written. An output whose time of change is not the one in the ledger is hashed, as a build would.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::blend::{self, Solution};
use crate::dedup;
use crate::error::Result;
use crate::store::Folder;

use super::engine::full_name;
use super::forecast::{Corpus, Forecast};
use super::ledger::{self, At, Entry, Last};
use super::plan::{Plan, Stage};
use super::recipe::Recipe;
use super::report::resolved;
use super::run;
use super::started::{self, Started};
use super::steps;

/// A plan in a folder.
#[derive(Debug, Serialize)]
pub struct Outlook {
    /// The recipe with every default written out, as TOML.
    pub recipe: String,
    /// Input files of all sources, and their bytes as stored.
    pub inputs: u64,
    pub input_bytes: u64,
    /// Files of documents, each a task of most rounds.
    pub document_files: u64,
    /// For which memory and time are forecast.
    pub threads: u64,
    /// In order.
    pub steps: Vec<StepOutlook>,
    /// All rounds of all steps, in the order in which they have to be run.
    pub rounds: Vec<RoundOutlook>,
    pub dedup: Option<SCurve>,
    /// What the blend comes to, where the tokens of the sources are counted already.
    pub blend: Option<BlendOutlook>,
    pub warnings: Vec<String>,
}

/// One step.
#[derive(Debug, Serialize)]
pub struct StepOutlook {
    pub step: String,
    pub state: State,
    /// Why it would run, most important first; empty when it is cached.
    pub why: Vec<Why>,
    /// What it would take; of one that was stopped, all of it.
    pub forecast: Option<Forecast>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Cached,
    ToRun,
}

/// A reason to run a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "reason")]
pub enum Why {
    NeverRun,
    /// Its options, or the version of the program's code.
    OptionsChanged,
    /// A list that the recipe names: of extract, only the tasks that hold what it asks for are done again.
    ListChanged,
    /// What of its inputs, where the folder knows that.
    InputsChanged {
        inputs: Vec<String>,
    },
    /// It reads a step whose output is another one now.
    ReadsStep {
        step: String,
        runs: bool,
    },
    /// It read a step that has left the recipe.
    ReadsNoMore {
        step: String,
    },
    /// A run was stopped: so many of its tasks are committed.
    Stopped {
        done: u64,
        tasks: u64,
    },
    FileMissing {
        file: String,
    },
    FileAltered {
        file: String,
    },
    EntryDamaged,
}

/// Names of a list that a terminal shows.
const SHOWN: usize = 3;

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::NeverRun => write!(f, "never run"),
            Why::OptionsChanged => write!(f, "options changed"),
            Why::ListChanged => write!(f, "a list that it reads changed"),
            Why::InputsChanged { inputs } if inputs.is_empty() => write!(f, "an input changed"),
            Why::InputsChanged { inputs } => {
                write!(f, "{}", inputs[..inputs.len().min(SHOWN)].join(", "))?;
                if SHOWN < inputs.len() { write!(f, " and {} more", inputs.len() - SHOWN) } else { Ok(()) }
            }
            Why::ReadsStep { step, runs: true } => write!(f, "reads {step}, which runs again"),
            Why::ReadsStep { step, runs: false } => write!(f, "reads {step}, which was done again"),
            Why::ReadsNoMore { step } => write!(f, "{step}, which it read, has left the recipe"),
            Why::Stopped { done, tasks } => write!(f, "part of it was stopped: {done} of {tasks} tasks are done"),
            Why::FileMissing { file } => write!(f, "{file} is missing"),
            Why::FileAltered { file } => write!(f, "{file} was altered"),
            Why::EntryDamaged => write!(f, "its ledger entry is damaged"),
        }
    }
}

/// One round of a step.
#[derive(Debug, Serialize)]
pub struct RoundOutlook {
    /// STEP/ROUND, as `task` and `merge` take it.
    pub round: String,
    pub step: String,
    /// Its merge is committed; nothing of it has to be run.
    pub finished: bool,
    pub tasks: Vec<TaskOutlook>,
}

/// One task of a round.
#[derive(Debug, Serialize)]
pub struct TaskOutlook {
    /// As `task` takes it.
    pub task: u64,
    pub name: String,
    /// About how much it works on.
    pub bytes: u64,
    pub done: bool,
}

/// How likely dedup's bands and rows propose a pair.
#[derive(Debug, Serialize)]
pub struct SCurve {
    pub bands: u64,
    pub rows: u64,
    pub threshold: f64,
    /// Jaccard similarity and probability.
    pub curve: Vec<(f64, f64)>,
}

/// A blend that is solved before it is drawn.
#[derive(Debug, Serialize)]
pub struct BlendOutlook {
    pub tokenizer: String,
    /// The tokens are those of this recipe; otherwise of what was counted here before it, and may change. Of what is held out for validation its share is taken off.
    pub counted: bool,
    /// It is the blend that the folder's build drew.
    pub drawn: bool,
    #[serde(flatten)]
    pub solution: Solution,
}

/// Looks into a folder, which need not exist.
///
/// # Errors
/// When the ledger cannot be read.
pub fn look(plan: &Plan, recipe: &Recipe, folder: &Folder) -> Result<Outlook> {
    let started = Started::read(folder)?.unwrap_or_default();
    let threads = rayon::current_num_threads();
    let extracted = entry(ledger::last(folder, "extract")?);
    let corpus = Corpus::of(plan, recipe, extracted.as_ref());
    let (mut steps, mut rounds) = (Vec::new(), Vec::new());
    // Whether the tokens that are counted are those of this recipe; none of it when there are none.
    let mut counted = None;
    // Whether each step so far would run.
    let mut runs: BTreeMap<String, bool> = BTreeMap::new();
    for stage in &plan.stages()[..plan.steps.len()] {
        let last = ledger::last(folder, stage.step.name())?;
        let mut its_rounds = rounds_of(folder, stage)?;
        let why = match &last {
            Last::Entry(entry) if entry.fingerprint == stage.fingerprint => lost(folder, entry).into_iter().collect(),
            last => stale(stage, last, &its_rounds, &started, &runs),
        };
        let cached = why.is_empty();
        if stage.step.name() == "tokens" {
            // Counts of another tokenizer say nothing of this recipe.
            counted = match why.as_slice() {
                [] => Some(true),
                why if why
                    .iter()
                    .any(|why| matches!(why, Why::OptionsChanged | Why::EntryDamaged | Why::NeverRun | Why::Stopped { .. })) =>
                {
                    None
                }
                _ => Some(false),
            };
        }
        for round in &mut its_rounds {
            round.finished |= cached;
            round.tasks.iter_mut().for_each(|task| task.done |= cached);
        }
        rounds.extend(its_rounds);
        runs.insert(stage.step.name().to_owned(), !cached);
        let last = entry(last);
        steps.push(StepOutlook {
            step: stage.step.name().to_owned(),
            state: if cached { State::Cached } else { State::ToRun },
            why,
            forecast: (!cached).then(|| Forecast::of(stage.step, plan, recipe, &corpus, last.as_ref(), threads)),
        });
    }
    let dedup = recipe.dedup.as_ref().map(|part| {
        let dedup::MinHash { bands, rows } = part.options().minhash;
        let curve = (5..=10).map(|tenth| f64::from(tenth) / 10.0).map(|j| (j, dedup::s_curve(bands, rows, j)));
        SCurve { bands: bands as u64, rows: rows as u64, threshold: part.threshold.0, curve: curve.collect() }
    });
    let mut warnings = plan.warnings.clone();
    let is_drawn = runs.get("blend") == Some(&false);
    let blend =
        counted.map(|counted| blended(recipe, folder, counted, is_drawn)).transpose().map(Option::flatten).unwrap_or_else(|error| {
            warnings.push(format!("[blend]: {error}"));
            None
        });
    let changed = started::refuse_changed_inputs(plan, folder).unwrap_or_else(|error| Some(error.to_string()));
    Ok(Outlook {
        recipe: resolved(recipe)?,
        inputs: plan.layout.files.iter().map(|file| file.inputs.len() as u64).sum(),
        input_bytes: plan.layout.bytes,
        document_files: plan.layout.files.len() as u64,
        threads: threads as u64,
        steps,
        rounds,
        dedup,
        blend,
        warnings: warnings.into_iter().chain(changed).collect(),
    })
}

/// The blend as the folder's build drew it, or solved for what the folder holds.
fn blended(recipe: &Recipe, folder: &Folder, counted: bool, is_drawn: bool) -> Result<Option<BlendOutlook>> {
    if let (true, Some(blend), Some(solution)) = (is_drawn, &recipe.blend, steps::blend::load_solution(folder)?) {
        return Ok(Some(BlendOutlook { tokenizer: blend.tokenizer.clone(), counted, drawn: true, solution }));
    }
    let (Some(blend), Some(mut supplies)) = (&recipe.blend, steps::blend::load_supplies(folder)?) else { return Ok(None) };
    // Which documents are held out is told by their keys, and how many tokens that is only by the step.
    let left = 1.0 - recipe.validation();
    supplies.iter_mut().for_each(|supply| supply.tokens = (supply.tokens as f64 * left).round() as u64);
    Ok(Some(BlendOutlook { tokenizer: blend.tokenizer.clone(), counted, drawn: false, solution: blend::solve(blend, &supplies)? }))
}

fn entry(last: Last) -> Option<Entry> {
    match last {
        Last::Entry(entry) => Some(*entry),
        _ => None,
    }
}

/// The first file of an entry that is not as it was.
fn lost(folder: &Folder, entry: &Entry) -> Option<Why> {
    let file = entry.outcome.files.iter().find(|file| !folder.holds(file))?.path.clone();
    Some(if folder.path(&file).exists() { Why::FileAltered { file } } else { Why::FileMissing { file } })
}

/// Why a step runs that has no entry, or one under another fingerprint.
fn stale(stage: &Stage<'_>, last: &Last, rounds: &[RoundOutlook], started: &Started, runs: &BTreeMap<String, bool>) -> Vec<Why> {
    let name = stage.step.name();
    let then = match last {
        Last::Entry(entry) => &entry.basis,
        Last::Damaged => return vec![Why::EntryDamaged],
        Last::Nothing => {
            let tasks = || rounds.iter().flat_map(|round| &round.tasks);
            let done = tasks().filter(|task| task.done).count() as u64;
            return vec![if done == 0 { Why::NeverRun } else { Why::Stopped { done, tasks: tasks().count() as u64 } }];
        }
    };
    let mut why = Vec::new();
    if then.options != stage.basis.options {
        why.push(Why::OptionsChanged);
    }
    if then.lists != stage.basis.lists {
        why.push(Why::ListChanged);
    }
    if then.inputs != stage.basis.inputs {
        // The plan that was begun last may be another one than that of this entry.
        let known = started::hash(started.inputs_of(name)) == then.inputs;
        why.push(Why::InputsChanged { inputs: if known { started.changes(name, &stage.step.inputs()) } else { Vec::new() } });
    }
    for (step, fingerprint) in &stage.basis.reads {
        if then.reads.get(step) != Some(fingerprint) {
            why.push(Why::ReadsStep { step: step.clone(), runs: runs.get(step).copied().unwrap_or(false) });
        }
    }
    for step in then.reads.keys().filter(|step| !stage.basis.reads.contains_key(*step)) {
        why.push(Why::ReadsNoMore { step: step.clone() });
    }
    why
}

/// The rounds of a step with what is committed of them; of a step that is finished, task by task, nothing is.
fn rounds_of(folder: &Folder, stage: &Stage<'_>) -> Result<Vec<RoundOutlook>> {
    let rounds = stage.step.rounds().into_iter().enumerate().map(|(r, round)| {
        let tasks = round.tasks.iter().enumerate().map(|(task, planned)| {
            let done = run::find_task(stage, folder, (r, &round), task)?.is_some();
            Ok(TaskOutlook { task: task as u64, name: planned.name.clone(), bytes: planned.bytes, done })
        });
        Ok(RoundOutlook {
            round: full_name(stage, &round),
            step: stage.step.name().to_owned(),
            finished: ledger::find(folder, stage.step.name(), At::Merge(round.name), &stage.fingerprint)?.is_some(),
            tasks: tasks.collect::<Result<_>>()?,
        })
    });
    rounds.collect()
}
