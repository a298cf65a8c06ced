//! `gristmill build`: the whole recipe into one folder.

use std::path::{Path, PathBuf};

use clap::Args;

use super::progress::{Drawn, count, size};
use super::{Out, chain, escape, say, signals, tell, warn};
use crate::error::{Error, Kind, Result};
use crate::pipeline::cost::{Clock, peak_memory};
use crate::pipeline::data_card;
use crate::pipeline::ledger::{self, Entry};
use crate::pipeline::manifest;
use crate::pipeline::origin;
use crate::pipeline::plan::{Goal, Plan};
use crate::pipeline::recipe::{self, Recipe};
use crate::pipeline::report::{self, dedup::HTML as DEDUP_HTML};
use crate::pipeline::run::{self, Build};
use crate::pipeline::started;
use crate::report::{Report, Total};
use crate::store::{self, Folder, Lock, Written};

/// Builds a data set from a recipe, or continues a build that was stopped.
#[derive(Args)]
#[command(after_help = "Example: gristmill build pipelines/quickstart.toml --out /tmp/quickstart")]
pub struct Arguments {
    /// The recipe, a TOML file.
    #[arg(value_name = "RECIPE")]
    recipe: PathBuf,
    /// Override a key of the recipe by its path, such as dedup.threshold=0.7.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Read only N files of each source, drawn by the recipe's seed: a look at a crawl before it is read whole. The same as --set sample-files=N.
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    #[command(flatten)]
    out: Out,
}

pub fn run(arguments: &Arguments, json: bool) -> Result<()> {
    let recipe = recipe::load(&arguments.recipe, &with_limit(&arguments.set, arguments.limit))?;
    let name = file_name(&arguments.recipe);
    let out = out_folder(arguments.out.out.as_deref(), &arguments.recipe);
    let report = make(&recipe, Goal::Build, &name, &out, &arguments.out)?;
    finish(&report, &out, json)
}

/// `--out`, or `out/NAME` beside where the command was given.
pub fn out_folder(out: Option<&Path>, recipe: &Path) -> PathBuf {
    out.map_or_else(|| Path::new("out").join(recipe.file_stem().unwrap_or_default()), Path::to_path_buf)
}

/// The overrides, and that of `--limit`.
pub fn with_limit(set: &[String], limit: Option<u64>) -> Vec<String> {
    set.iter().cloned().chain(limit.map(|n| format!("sample-files={n}"))).collect()
}

/// The recipe's file name, by which the report calls the build.
pub fn file_name(recipe: &Path) -> String {
    recipe.file_name().unwrap_or(recipe.as_os_str()).to_string_lossy().into_owned()
}

/// Plans, runs and reports; what `build`, `train` and `dedup` share.
pub fn make(recipe: &Recipe, goal: Goal<'_>, name: &str, out: &Path, options: &Out) -> Result<Report> {
    let clock = Clock::start();
    let Begun { plan, folder, resolved, lock } = begin(recipe, goal, name, out, options.force)?;
    tell(format_args!("plan: {} into {}", plan.steps.iter().map(|step| step.name()).collect::<Vec<_>>().join(" -> "), out.display()));
    let build = Build { folder: &folder, recipe };
    let drawn = Drawn::new();
    let mut entries = Vec::new();
    let ran = run::run(&plan, build, &drawn, &mut entries);
    let describe = |warnings: &[String]| -> Result<Report> {
        let spent = clock.cost(0);
        let total = Total {
            user_seconds: spent.user_seconds,
            system_seconds: spent.system_seconds,
            wall_seconds: spent.wall_seconds,
            peak_memory_bytes: peak_memory(),
        };
        let report = report::gather(build, name, &entries, &drawn.cached(), warnings, total)?;
        let report = if options.no_text { report.without_text() } else { report };
        report::write(build, &report, &entries, !options.no_text)?;
        Ok(report)
    };
    if let Err(error) = ran {
        // What was done tells why; where even that cannot be written, the first error is the one that counts.
        let stopped: Vec<String> = [format!("the build stopped: {}", chain(&error))].into_iter().chain(plan.warnings).collect();
        if !entries.is_empty()
            && let Ok(report) = describe(&stopped)
        {
            report.warnings.iter().filter(|warning| !stopped.contains(warning)).for_each(|warning| warn(warning));
            tell(format_args!("what was done so far: {}", out.join("report.html").display()));
        }
        return Err(error);
    }
    run::write_manifest(build, &entries, &[resolved])?;
    let report = describe(&plan.warnings)?;
    if data_card::is_foreign(&folder, data_card::MARKDOWN)? {
        let path = folder.path(data_card::MARKDOWN);
        warn(&format!("{} is not of a build and stays; move it away, and gristmill report draws the data card there", path.display()));
    }
    if !drawn.ran() {
        tell("nothing to do: every step was done before with these inputs and options");
    }
    drop(lock);
    strict(&entries, options.strict)?;
    Ok(report)
}

/// A folder that is taken for this process and says what is built in it: how `build` and `plan --start` begin.
pub struct Begun {
    pub plan: Plan,
    pub folder: Folder,
    /// The recipe, for the manifest.
    pub resolved: Written,
    pub lock: Lock,
}

pub fn begin(recipe: &Recipe, goal: Goal<'_>, name: &str, out: &Path, force: bool) -> Result<Begun> {
    let plan = Plan::new(recipe, goal)?;
    plan.check()?;
    refuse_own_index(recipe, out)?;
    let folder = Folder::open(out)?;
    refuse_overwriting(&folder)?;
    let lock = folder.lock(force)?;
    signals::stop_politely(out);
    refuse_another(&folder, recipe, goal, force)?;
    let planned = || plan.steps.iter().chain(&plan.unasked).map(|step| step.name());
    if ledger::steps(&folder).iter().any(|held| planned().all(|step| step != held))
        && let Some(error) = plan.unplanned
    {
        let doing = format!("cannot tell what of the build in {} stays", out.display());
        return Err(Error::of(error.kind(), doing).because(error));
    }
    if !force {
        let told = started::refuse_changed_inputs(&plan, &folder)?;
        told.iter().for_each(|warning| warn(warning));
    }
    for warning in &plan.warnings {
        warn(warning);
    }
    let resolved = origin::write(&folder, recipe, name, goal)?;
    Ok(Begun { plan, folder, resolved, lock })
}

/// A build cannot come before itself.
fn refuse_own_index(recipe: &Recipe, out: &Path) -> Result<()> {
    let same = |name: &&String| recipe.base.join(name).canonicalize().is_ok_and(|index| out.canonicalize().is_ok_and(|out| out == index));
    match recipe.dedup.iter().flat_map(|dedup| &dedup.index).find(same) {
        None => Ok(()),
        Some(name) => Err(Error::recipe(format!("the index {name} is the output folder itself; give another --out"))),
    }
}

/// Files that stand beside a build in a foreign folder stay, as long as the build has none of their names.
fn refuse_overwriting(folder: &Folder) -> Result<()> {
    let ours = [origin::RECIPE, origin::ORIGIN, report::JSON, report::HTML, manifest::PATH];
    let ours = ours.iter().chain(&data_card::FILES);
    let taken = run::FOLDERS.iter().chain(ours).find(|name| folder.path(name).exists());
    match taken.filter(|_| !folder.path(store::LOCK).exists()) {
        None => Ok(()),
        Some(name) => {
            let message = format!("{} is not of a build, and a build would overwrite it; give another --out", folder.path(name).display());
            Err(Error::of(Kind::Changed, message))
        }
    }
}

/// A folder whose build has no source in common with this one is most likely given by mistake.
fn refuse_another(folder: &Folder, recipe: &Recipe, goal: Goal<'_>, force: bool) -> Result<()> {
    // What cannot be opened is no build that could be lost.
    let Ok(held) = origin::open(folder.root()) else { return Ok(()) };
    let is_report = |goal| goal == Goal::Dedup;
    let others = is_report(held.asked.goal()) != is_report(goal);
    if force || !others && held.recipe.sources.keys().any(|source| recipe.sources.contains_key(source)) {
        return Ok(());
    }
    let message = format!(
        "the output folder {} holds the build of another recipe, {}, which this would replace; give another --out, or --force to replace it",
        folder.root().display(),
        held.name
    );
    Err(Error::of(Kind::Changed, message))
}

/// Rules by which whole records are passed over as the recipe wants it; every other one skips what could not be read.
const ADMISSION: [&str; 7] = ["http-status", "media-type", "empty-body", "empty-text", "not-an-article", "redirect", "disambiguation"];

fn strict(entries: &[Entry], strict: bool) -> Result<()> {
    if !strict {
        return Ok(());
    }
    let mut faults: Vec<String> = entries
        .iter()
        .flat_map(|entry| &entry.outcome.counts.notes)
        // What the crawler cut is no fault of the files.
        .filter(|(name, _)| (name.contains(": fault ") && !name.ends_with(": fault warc-truncated")) || name.ends_with(", bad-row"))
        .filter(|(_, n)| **n != 0)
        .map(|(name, n)| format!("{name} {n}"))
        .collect();
    for (source, funnel) in entries.iter().filter(|entry| entry.step == "extract").flat_map(|entry| &entry.outcome.counts.sources) {
        let rules = funnel.dropped.values().flatten().filter(|(rule, _)| !ADMISSION.contains(&rule.as_str()));
        let skipped: Vec<String> = rules.map(|(rule, n)| format!("{source}: {rule} {n}")).collect();
        // Many a fault is counted where it was met and again as the record that it cost.
        let is_named = |skip: &String| faults.iter().any(|fault| fault.replace(": fault ", ": ") == *skip);
        let skipped: Vec<String> = skipped.into_iter().filter(|skip| !is_named(skip)).collect();
        faults.extend(skipped);
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(Error::of(Kind::Skipped, format!("--strict: the build is complete, but something was skipped: {}", faults.join(", "))))
}

/// Prints the funnel and where the report lies.
pub fn finish(report: &Report, out: &Path, json: bool) -> Result<()> {
    if json {
        say(report.to_json()?.trim_end())?;
    } else {
        say(report.funnel_text())?;
        for warning in &report.warnings {
            say(format_args!("warning: {}", escape(warning)))?;
        }
        let shards = report.blend.as_ref().map(|blend| format!("{}, {}; ", count(blend.shards, "shard"), size(blend.shard_bytes)));
        say(format_args!(
            "{}{:.1} CPU s, {:.1} s, peak memory {}",
            shards.unwrap_or_default(),
            report.total.user_seconds + report.total.system_seconds,
            report.total.wall_seconds,
            size(report.total.peak_memory_bytes)
        ))?;
        say(format_args!("report: {}", out.join("report.html").display()))?;
        if out.join(data_card::HTML).exists() {
            say(format_args!("data card: {}", out.join(data_card::HTML).display()))?;
        }
        if report.dedup.is_some() && out.join(DEDUP_HTML).exists() {
            say(format_args!("duplicates: {}", out.join(DEDUP_HTML).display()))?;
        }
    }
    Ok(())
}
