//! `gristmill task` and `gristmill merge`: one piece of a build a process, for an engine that runs them on many machines (docs/engine.md).

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::progress::count;
use super::{say_json_line, signals, tell};
use crate::error::{Error, Result};
use crate::pipeline::engine::{Missing, Worker};
use crate::text::shell::quoted;

/// Does one task of a build that `plan --start` made ready; done before, it ends at once.
#[derive(Args)]
#[command(
    after_help = "Example: gristmill plan pipelines/quickstart.toml --out /tmp/engine --start && gristmill task /tmp/engine extract/extract 0"
)]
pub struct TaskArguments {
    /// The build folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// STEP/ROUND, as `plan --json` and `plan --rounds` name it.
    #[arg(value_name = "ROUND")]
    round: String,
    /// Number of the task, from 0.
    #[arg(value_name = "TASK")]
    task: usize,
}

/// Finishes a round of which every task is done, and after its last round the step; done before, it ends at once.
#[derive(Args)]
#[command(after_help = "Example: gristmill merge /tmp/engine extract/extract")]
pub struct MergeArguments {
    /// The build folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// STEP/ROUND, as `plan --json` and `plan --rounds` name it.
    #[arg(value_name = "ROUND")]
    round: String,
}

pub fn task(arguments: &TaskArguments) -> Result<()> {
    let TaskArguments { folder, round, task } = arguments;
    signals::stop_politely(folder);
    let done = Worker::open(folder)?.task(round, *task)?;
    match done.filter(|done| !done.before) {
        Some(done) => {
            tell(format_args!("{round} {task}: {:.1} s, {:.1} CPU s", done.entry.cost.wall_seconds, done.entry.cost.cpu_seconds()))
        }
        None => tell(format_args!("{round} {task}: done before")),
    }
    Ok(())
}

/// Tasks that have to be run before a round can be merged.
#[derive(Serialize)]
struct Lost {
    round: String,
    tasks: Vec<usize>,
}

/// What `merge --json` says; the keys stand in the order of the alphabet.
#[derive(Serialize)]
struct Merged<'a> {
    missing: Vec<Lost>,
    round: &'a str,
}

/// Missing tasks that a message names.
const NAMED: usize = 10;

pub fn merge(arguments: &MergeArguments, json: bool) -> Result<()> {
    let MergeArguments { folder, round } = arguments;
    signals::stop_politely(folder);
    let missing = Worker::open(folder)?.merge(round)?;
    if json {
        let lost = |(round, tasks): &(String, Missing)| Lost { round: round.clone(), tasks: tasks.iter().map(|(task, _)| *task).collect() };
        say_json_line(&Merged { missing: missing.iter().map(lost).collect(), round })?;
    }
    let Some((first, tasks)) = missing.first() else {
        tell(format_args!("{round}: finished"));
        return Ok(());
    };
    let named: Vec<String> = tasks.iter().take(NAMED).map(|(task, name)| format!("{task} ({name})")).collect();
    let more = if NAMED < tasks.len() { format!(" and {} more", tasks.len() - NAMED) } else { String::new() };
    let here = quoted(&folder.display().to_string());
    Err(Error::new(format!(
        "cannot finish round {round}: {} of {first} missing, {}{more}; run `gristmill task {here} {first} {}` and the like, then merge again",
        count(tasks.len() as u64, "task"),
        named.join(", "),
        tasks.first().map_or(0, |(task, _)| *task)
    )))
}
