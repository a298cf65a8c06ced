//! `gristmill verify`: everything in a build folder, checked again.

use std::path::PathBuf;

use clap::Args;

use super::progress::count;
use super::{escape, say, say_json};
use crate::error::{Error, Result};
use crate::pipeline::verify::{self, Fault, Verified};

/// Faults that are printed; --json lists more.
const SHOWN: usize = 20;

/// Checks a finished build again: hashes, counts, keys, the law, and the data set against its documents.
#[derive(Args)]
#[command(after_help = "Example: gristmill verify out/quickstart")]
pub struct Arguments {
    /// The build folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub fn run(arguments: &Arguments, json: bool) -> Result<()> {
    let verified = verify::verify(&arguments.folder)?;
    if json {
        say_json(&verified)?
    } else {
        print(&verified)?
    }
    if verified.holds() {
        return Ok(());
    }
    let first = verified.faults.first().map_or_else(String::new, |fault| format!("; the first is in {}", fault.file));
    Err(Error::new(format!("{} has {}{first}", arguments.folder.display(), count(verified.n_faults, "fault"))))
}

fn print(verified: &Verified) -> Result<()> {
    for check in &verified.checks {
        let outcome = if check.faults == 0 { "ok".to_owned() } else { count(check.faults, "fault") };
        say(format_args!("{:9} {outcome:8}  {}", check.name, escape(&check.looked_at)))?;
    }
    for Fault { check, file, what } in verified.faults.iter().take(SHOWN) {
        say(format_args!("fault: {check}: {}: {}", escape(file), escape(what)))?;
    }
    if SHOWN < verified.n_faults as usize {
        say(format_args!("fault: and {} more", verified.n_faults - SHOWN as u64))?;
    }
    Ok(())
}
