//! `gristmill plan`: what a build would do, and why, before it does it; and, for an engine, the folder made ready.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::build::{Begun, begin, file_name, out_folder, with_limit};
use super::progress::{count, size};
use super::{escape, say, say_json, tell, warn};
use crate::error::Result;
use crate::pipeline::forecast::Forecast;
use crate::pipeline::outlook::{self, BlendOutlook, Outlook, State, StepOutlook, Why};
use crate::pipeline::plan::{Goal, Plan};
use crate::pipeline::recipe;
use crate::pipeline::run::{self, Build};
use crate::report::thousands;
use crate::store::Folder;

/// Shows which steps of a recipe are done and which would run, and why, with expected files, bytes, time and memory.
#[derive(Args)]
#[command(after_help = "Example: gristmill plan pipelines/quickstart.toml --set dedup.threshold=0.7")]
pub struct Arguments {
    /// The recipe, a TOML file.
    #[arg(value_name = "RECIPE")]
    recipe: PathBuf,
    /// Override a key of the recipe by its path, such as dedup.threshold=0.7.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Read only N files of each source, drawn by the recipe's seed. The same as --set sample-files=N.
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// The output folder of the build; it is looked into, and need not exist.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print the recipe with every default written out, nothing else.
    #[arg(long, conflicts_with = "rounds")]
    resolved: bool,
    /// Print the rounds that are to be run, one a line: name, a tab, number of tasks.
    #[arg(long)]
    rounds: bool,
    /// Make the folder ready for `gristmill task` and `gristmill merge`: write the recipe into it and take back what is not valid.
    #[arg(long)]
    start: bool,
    /// With --start: in a folder that holds files which are not of a build (they stay), or from inputs that have changed under a finished build.
    #[arg(long, requires = "start")]
    force: bool,
}

/// The outlook as JSON.
#[derive(Serialize)]
struct Json<'a> {
    name: &'a str,
    out: String,
    #[serde(flatten)]
    outlook: &'a Outlook,
}

pub fn run(arguments: &Arguments, json: bool) -> Result<()> {
    let recipe = recipe::load(&arguments.recipe, &with_limit(&arguments.set, arguments.limit))?;
    let (name, out) = (file_name(&arguments.recipe), out_folder(arguments.out.as_deref(), &arguments.recipe));
    let outlook = if arguments.start {
        let Begun { plan, folder, lock: _lock, .. } = begin(&recipe, Goal::Build, &name, &out, arguments.force)?;
        run::prepare(&plan, &plan.stages(), Build { folder: &folder, recipe: &recipe })?;
        let outlook = outlook::look(&plan, &recipe, &folder)?;
        tell(format_args!("{} is ready for `gristmill task` and `gristmill merge`", escape(&out.display().to_string())));
        outlook
    } else {
        let plan = Plan::new(&recipe, Goal::Build)?;
        plan.check()?;
        let outlook = outlook::look(&plan, &recipe, &Folder::at(&out))?;
        for warning in &outlook.warnings {
            warn(warning);
        }
        outlook
    };
    if json {
        let whole = Json { name: &name, out: out.display().to_string(), outlook: &outlook };
        return say_json(&whole);
    }
    if arguments.resolved {
        return say(outlook.recipe.trim_end());
    }
    if arguments.rounds {
        let mut open = outlook.rounds.iter().filter(|round| !round.finished);
        return open.try_for_each(|round| say(format_args!("{}\t{}", round.round, round.tasks.len())));
    }
    show(&outlook, &name, &out)
}

fn show(outlook: &Outlook, name: &str, out: &Path) -> Result<()> {
    say(format_args!(
        "{} into {}: {}, {}, in {}",
        escape(name),
        escape(&out.display().to_string()),
        count(outlook.inputs, "input file"),
        size(outlook.input_bytes),
        count(outlook.document_files, "file") + " of documents"
    ))?;
    for step in &outlook.steps {
        show_step(outlook, step)?;
    }
    let to_run: Vec<&Forecast> = outlook.steps.iter().filter_map(|step| step.forecast.as_ref()).collect();
    if to_run.is_empty() {
        say("nothing to do: every step is done with these inputs and options")?;
    } else {
        let cpu: f64 = to_run.iter().map(|forecast| forecast.cpu_seconds).sum();
        say(format_args!(
            "to run: {} of {}; about {}, at most {} of work files at a time; {}, {} or more on {}; memory {}",
            to_run.len(),
            count(outlook.steps.len() as u64, "step"),
            size(to_run.iter().map(|forecast| forecast.bytes).sum()),
            size(to_run.iter().map(|forecast| forecast.work_bytes).max().unwrap_or(0)),
            seconds(cpu, "CPU s"),
            seconds(cpu / outlook.threads.max(1) as f64, "s"),
            count(outlook.threads, "thread"),
            size(to_run.iter().map(|forecast| forecast.memory_bytes).max().unwrap_or(0)),
        ))?;
        let mut guesses: Vec<&str> = to_run.iter().flat_map(|forecast| forecast.guesses.iter().copied()).collect();
        guesses.sort_unstable();
        guesses.dedup();
        say(format_args!("guessed: {}", guesses.join("; ")))?;
    }
    if let Some(dedup) = &outlook.dedup {
        let curve: Vec<String> = dedup.curve.iter().map(|(j, p)| format!("{p:.3} at {j:.1}")).collect();
        say(format_args!("dedup: {} bands of {} rows propose a pair with probability {}", dedup.bands, dedup.rows, curve.join(", ")))?;
    }
    outlook.blend.as_ref().map_or(Ok(()), show_blend)
}

/// The blend as it comes out of the tokens that are there.
fn show_blend(blend: &BlendOutlook) -> Result<()> {
    let of = match blend {
        BlendOutlook { drawn: true, .. } => "as they were drawn",
        BlendOutlook { counted: true, .. } => "of this recipe; whole documents are drawn, so about these",
        _ => "as counted here before; what runs again may change them",
    };
    say(format_args!("blend, in tokens ({}) {of}:", blend.tokenizer))?;
    let width = blend.solution.rows.iter().map(|row| row.source.len()).max().unwrap_or(0).max(6);
    say(format_args!("  {:width$} {:>8} {:>8} {:>18} {:>18}", "source", "weight", "epochs", "tokens there are", "tokens taken"))?;
    for row in &blend.solution.rows {
        let binds = if row.binds { "  binds" } else { "" };
        say(format_args!(
            "  {:width$} {:>6.2} % {:>8.3} {:>18} {:>18}{binds}",
            row.source,
            100.0 * row.weight,
            row.epochs,
            thousands(row.tokens_available),
            thousands(row.tokens_taken)
        ))?;
    }
    say(format_args!("  {:width$} {:>8} {:>8} {:>18} {:>18}", "in all", "", "", "", thousands(blend.solution.total_tokens)))?;
    say(format_args!("  {}", blend.solution.binding))?;
    blend.solution.warnings.iter().try_for_each(|warning| say(format_args!("  {warning}")))
}

fn show_step(outlook: &Outlook, step: &StepOutlook) -> Result<()> {
    let rounds = outlook.rounds.iter().filter(|round| round.step == step.step);
    let rounds: Vec<String> = rounds.map(|round| format!("{} {}", round.round, round.tasks.len())).collect();
    match (&step.forecast, step.state) {
        (Some(forecast), State::ToRun) => {
            say(format_args!("  {:16} to run: {}", step.step, reasons(&step.why)))?;
            say(format_args!("  {:16} tasks: {}", "", rounds.join(", ")))?;
            let work = if forecast.work_bytes == 0 { String::new() } else { format!(" and {} of work files", size(forecast.work_bytes)) };
            say(format_args!(
                "  {:16} about {}, {}{work}; {}{}; memory {}",
                "",
                count(forecast.files, "file"),
                size(forecast.bytes),
                seconds(forecast.cpu_seconds, "CPU s"),
                if forecast.measured { " as measured here" } else { "" },
                size(forecast.memory_bytes)
            ))
        }
        _ => say(format_args!("  {:16} cached", step.step)),
    }
}

/// Why a step runs, with the steps that run before it in one phrase.
fn reasons(why: &[Why]) -> String {
    let before = |why: &Why| match why {
        Why::ReadsStep { step, runs: true } => Some(step.clone()),
        _ => None,
    };
    let steps: Vec<String> = why.iter().filter_map(before).collect();
    let all = why.iter().filter(|why| before(why).is_none()).map(ToString::to_string);
    let read = match steps.as_slice() {
        [] => None,
        [step] => Some(format!("reads {step}, which runs again")),
        steps => Some(format!("reads {}, which run again", steps.join(", "))),
    };
    escape(&all.chain(read).collect::<Vec<_>>().join("; "))
}

/// Seconds, or hours where they are many.
fn seconds(n: f64, unit: &str) -> String {
    if n < 3.0 * 3600.0 {
        format!("{n:.*} {unit}", if n < 1.0 { 2 } else { 1 })
    } else {
        format!("{:.1} {}", n / 3600.0, unit.replace('s', "h"))
    }
}
