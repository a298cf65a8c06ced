//! `gristmill report`: the report of a build, drawn again.

use std::path::PathBuf;

use clap::Args;

use super::build::finish;
use super::warn;
use crate::error::{Error, Result};
use crate::pipeline::run::Build;
use crate::pipeline::{ledger, origin, report};

/// Draws the reports of a build folder again: report.json and report.html, and those of dedup with their sheets.
#[derive(Args)]
#[command(after_help = "Example: gristmill report out/quickstart --no-text")]
pub struct Arguments {
    /// The build folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Leave out words of documents and benchmarks: terms, n-grams, texts side by side, ids, URLs and hosts.
    #[arg(long)]
    no_text: bool,
}

pub fn run(arguments: &Arguments, json: bool) -> Result<()> {
    let opened = origin::open(&arguments.folder)?;
    let _lock = opened.folder.lock(false)?;
    let entries = ledger::finished(&opened.folder)?;
    if entries.is_empty() {
        let message =
            format!("no step of {} is finished, so there is nothing to report; run the build's command", arguments.folder.display());
        return Err(Error::new(message));
    }
    let stored = report::stored(&opened.folder)?;
    if stored.is_none() {
        warn("there is no readable report.json; warnings about inputs and the peak memory of the run are not known");
    }
    let drawn = report::again(&opened, &entries, stored.as_ref())?;
    let drawn = if arguments.no_text { drawn.without_text() } else { drawn };
    report::write(Build { folder: &opened.folder, recipe: &opened.recipe }, &drawn, &entries, !arguments.no_text)?;
    finish(&drawn, &arguments.folder, json)
}
