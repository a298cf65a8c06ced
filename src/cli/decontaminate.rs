//! `gristmill decontaminate --self-test`: whether a recipe's benchmarks are found in texts in which they are planted.

use std::path::PathBuf;

use clap::Args;

use super::progress::count;
use super::{escape, say, say_json, warn};
use crate::error::{Error, Result};
use crate::pipeline::recipe;
use crate::pipeline::self_test::{self, Disturbed, Protection, SelfTest};

/// Tests the protection of a recipe's benchmarks: plants their words in texts, disturbed in many ways, and looks whether a build would cut them out.
#[derive(Args)]
#[command(after_help = "Example: gristmill decontaminate --self-test pipelines/quickstart.toml")]
pub struct Arguments {
    /// The recipe, a TOML file with [decontaminate].
    #[arg(value_name = "RECIPE")]
    recipe: PathBuf,
    /// Plant and look; ends with 1 when anything planted is missed, or anything else is cut.
    #[arg(long)]
    self_test: bool,
    /// Override a key of the recipe by its path, such as decontaminate.n=8.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

pub fn run(arguments: &Arguments, json: bool) -> Result<()> {
    if !arguments.self_test {
        let recipe = arguments.recipe.display();
        return Err(Error::recipe(format!(
            "say what to do: `gristmill decontaminate --self-test {recipe}` tests whether its benchmarks are found; `gristmill build {recipe}` takes them out of its documents"
        )));
    }
    let (tested, warnings) = self_test::self_test(&recipe::load(&arguments.recipe, &arguments.set)?)?;
    warnings.iter().for_each(|warning| warn(warning));
    if json {
        say_json(&tested)?
    } else {
        print(&tested)?
    }
    judge(&tested)
}

/// # Errors
/// When something was missed, or cut without a reason.
pub(super) fn judge(tested: &SelfTest) -> Result<()> {
    if tested.found < tested.planted {
        let (missed, planted) = (count(tested.planted - tested.found, "planted n-gram"), tested.planted);
        let first = tested.missed.first().map_or_else(String::new, |first| format!("; the first is {first}"));
        return Err(Error::new(format!("{missed} of {planted} would stay in the data set{first}")));
    }
    if tested.false_alarms != 0 {
        return Err(Error::new(format!("{} without anything planted would be cut", count(tested.false_alarms, "text"))));
    }
    Ok(())
}

fn print(tested: &SelfTest) -> Result<()> {
    for of in &tested.benchmarks {
        say(escape(&of.benchmark))?;
        let Protection { items, short_items, shared, .. } = of;
        say(format_args!("  {}, {short_items} of them shorter than {} words: nothing of those is cut", count(*items, "item"), tested.n))?;
        if *shared != 0 {
            say(format_args!("  {} not planted, because many items hold the same words", count(*shared, "n-gram")))?;
        }
        of.disturbances.iter().try_for_each(line)?;
    }
    say("planted at")?;
    tested.places.iter().try_for_each(line)?;
    for missed in &tested.missed {
        say(format_args!("missed: {}", escape(missed)))?;
    }
    say(format_args!(
        "recall {}: {} of {} planted {}-grams are cut out; {} false alarms in {} texts with nothing planted",
        recall(tested.found, tested.planted),
        tested.found,
        tested.planted,
        tested.n,
        tested.false_alarms,
        tested.unplanted
    ))
}

fn line(row: &Disturbed) -> Result<()> {
    if row.planted == 0 {
        return Ok(());
    }
    say(format_args!("  {:13} recall {} ({} of {})", row.how, recall(row.found, row.planted), row.found, row.planted))
}

/// Rounded down, so that 1.000 is all of them.
fn recall(found: u64, planted: u64) -> String {
    format!("{:.3}", (1000.0 * found as f64 / planted as f64).floor() / 1000.0)
}
