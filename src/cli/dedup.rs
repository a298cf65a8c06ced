//! `gristmill dedup`: a dedup report over any inputs, without a recipe.

use std::collections::BTreeMap;
use std::path::Path;

use clap::{Args, ValueEnum};

use super::Out;
use super::build::{finish, make};
use crate::dedup::Pairs;
use crate::error::{Error, Result};
use crate::pipeline::plan::Goal;
use crate::pipeline::recipe::{self, Dedup, Read, Recipe, Source, Threshold};

/// Finds exact and near-duplicates in any inputs: verified pairs, clusters, survivors, a report.
#[derive(Args)]
#[command(after_help = "Example: gristmill dedup fixtures/crawl.warc.gz --out /tmp/duplicates")]
pub struct Arguments {
    /// Files or globs: .warc[.gz], .wet[.gz], .jsonl[.gz|.zst], .txt.
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<String>,
    /// Jaccard similarity of word shingles at or above which two documents are duplicates, in (0, 1].
    #[arg(long, value_name = "J", default_value_t = 0.8)]
    threshold: f64,
    /// Bands of the signature.
    #[arg(long, value_name = "N", default_value_t = 14)]
    bands: usize,
    /// Rows of each band; S-curve 1 - (1 - J^rows)^bands.
    #[arg(long, value_name = "N", default_value_t = 8)]
    rows: usize,
    /// Which candidate pairs are checked and kept.
    #[arg(long, value_enum, default_value_t = Which::Linking)]
    pairs: Which,
    #[command(flatten)]
    out: Out,
}

#[derive(Clone, Copy, ValueEnum)]
enum Which {
    /// Those that clusters need.
    Linking,
    /// Every candidate.
    All,
}

pub fn run(arguments: &Arguments, json: bool) -> Result<()> {
    let out = arguments.out.out.clone().ok_or_else(|| Error::recipe("dedup needs --out DIR for its report, pairs and clusters"))?;
    let recipe = recipe_of(arguments)?;
    let report = make(&recipe, Goal::Dedup, "dedup", &out, &arguments.out)?;
    finish(&report, &out, json)
}

/// The recipe that the arguments stand for; one source for each kind of input.
fn recipe_of(arguments: &Arguments) -> Result<Recipe> {
    let mut sources: BTreeMap<String, Source> = BTreeMap::new();
    for input in &arguments.inputs {
        let (name, read) = kind_of(input, vec![input.clone()])?;
        let source = sources.entry(name.to_owned()).or_default();
        match (&mut source.read, read) {
            (Some(Read::Warc(all)), Read::Warc(more))
            | (Some(Read::Wet(all)), Read::Wet(more))
            | (Some(Read::Jsonl(all)), Read::Jsonl(more))
            | (Some(Read::Text(all)), Read::Text(more)) => all.extend(more),
            (slot, read) => *slot = Some(read),
        }
    }
    let dedup = Dedup {
        minhash: crate::dedup::MinHash { bands: arguments.bands, rows: arguments.rows },
        threshold: Threshold(arguments.threshold),
        pairs: match arguments.pairs {
            Which::Linking => Pairs::Linking,
            Which::All => Pairs::All,
        },
        within: recipe::Within::AllSources,
        ..Dedup::default()
    };
    dedup.options().check()?;
    Ok(Recipe::of_sources(sources, dedup))
}

/// The source that an input belongs to, by the end of its name.
pub fn kind_of(input: &str, patterns: Vec<String>) -> Result<(&'static str, Read)> {
    let name = input.to_ascii_lowercase();
    let name = [".gz", ".zst"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    Ok(match extension {
        "warc" => ("warc", Read::Warc(patterns)),
        "wet" => ("wet", Read::Wet(patterns)),
        "jsonl" | "ndjson" | "json" => ("jsonl", Read::Jsonl(patterns)),
        "txt" => ("text", Read::Text(patterns)),
        _ => {
            return Err(Error::recipe(format!(
                "cannot tell what {input} holds by its name; known are .warc, .wet, .jsonl (each also .gz or .zst) and .txt"
            )));
        }
    })
}
