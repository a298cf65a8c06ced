//! `gristmill inspect`: what is in these files.

use std::path::Path;

use clap::Args;

use super::progress::size;
use super::{escape, say, say_json_line, warn};
use crate::error::Result;
use crate::read::{self, At, Checks, Inspection, Limits, Of};

/// Shows what is in files: records by type, bytes, what would be skipped and why, damage by kind and place.
#[derive(Args)]
#[command(after_help = "Example: gristmill inspect fixtures/crawl.warc.gz")]
pub struct Arguments {
    /// Files, globs, folders, URLs (http, https, s3), `.paths` lists, or - for standard input.
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<String>,
    /// Compare the digests of WARC records with their bytes: SHA-1, SHA-256, SHA-512 or MD5, of the block and of the payload.
    #[arg(long)]
    check_digests: bool,
    /// Places of each kind of damage to show; all of it is counted.
    #[arg(long, value_name = "N", default_value_t = Checks::default().places)]
    places: usize,
}

pub fn run(arguments: &Arguments, json: bool) -> Result<()> {
    let (inputs, warnings) = read::find(&arguments.inputs, Path::new(""))?;
    for warning in warnings {
        warn(&warning);
    }
    let checks = Checks { digests: arguments.check_digests, places: arguments.places };
    for input in inputs {
        let inspection = read::inspect(&input, &Limits::default(), checks)?;
        if json {
            say_json_line(&inspection)?;
        } else {
            print_inspection(&inspection)?;
        }
    }
    Ok(())
}

fn print_inspection(inspection: &Inspection) -> Result<()> {
    say(escape(&inspection.file))?;
    say(format_args!(
        "  {} {}: {} stored, {} decoded",
        inspection.compression,
        inspection.format,
        size(inspection.tally.stored_bytes),
        size(inspection.tally.decoded_bytes)
    ))?;
    for (kind, n) in &inspection.tally.records {
        say(format_args!("  {n:>10}  {}", escape(kind)))?;
    }
    say(format_args!("  {:>10}  pages or documents admitted, {} of body", inspection.admitted, size(inspection.body_bytes)))?;
    for (rule, n) in &inspection.rejected {
        say(format_args!("  {n:>10}  not admitted: {}", escape(rule)))?;
    }
    if let Some(digests) = &inspection.digests {
        say(format_args!("  {:>10}  digests checked", digests.checked))?;
        let wrong = [("blocks", digests.block_wrong), ("payloads", digests.payload_wrong)];
        for (what, n) in wrong {
            say(format_args!("  {n:>10}  of them wrong: {what}"))?;
        }
        let others =
            [("unknown", digests.unknown), ("unreadable", digests.unreadable), ("of parts or of other records", digests.unchecked)];
        for (what, n) in others.into_iter().filter(|(_, n)| *n != 0) {
            say(format_args!("  {n:>10}  digests not checked: {what}"))?;
        }
    }
    for (fault, n) in &inspection.tally.faults {
        let places = inspection.places.get(fault).map_or_else(String::new, |places| {
            let at = |place: &At| match place.of {
                Of::File => format!("byte {}", place.offset),
                Of::Stream => format!("byte {} of what is packed", place.offset),
            };
            let first: Vec<String> = places.iter().map(at).collect();
            format!(" (first at {})", first.join(", "))
        });
        say(format_args!("  {n:>10}  fault: {}{places}", escape(fault)))?;
    }
    Ok(())
}
