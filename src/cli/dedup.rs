//! `gristmill dedup`: a dedup report over any inputs, without a recipe.

use std::collections::BTreeMap;
use std::path::Path;

use clap::{Args, ValueEnum};

use super::build::{finish, make};
use super::{Out, warn};
use crate::dedup::{MinHash, Pairs, Shape, Shingles};
use crate::error::{Error, Result};
use crate::pipeline::plan::Goal;
use crate::pipeline::recipe::{self, Dedup, KeepOnePer, Output, Read, Recipe, Source, Threshold};
use crate::read::{self, Format};

/// Finds exact and near-duplicates in any inputs: verified pairs, clusters, survivors, a report.
#[derive(Args)]
#[command(after_help = "Example: gristmill dedup fixtures/crawl.warc.gz --out /tmp/duplicates")]
pub struct Arguments {
    /// Files, globs, folders or URLs: .warc, .arc, .wet, .jsonl, .html, .txt (each also .gz, .zst, .xz, .bz2), .parquet.
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<String>,
    /// Jaccard similarity of shingles at or above which two documents are duplicates, in (0, 1].
    #[arg(long, value_name = "J", default_value_t = 0.8)]
    threshold: f64,
    /// What documents are compared by: words=5, characters=9 or tokens=6 (of GPT-2).
    #[arg(long, value_name = "KIND=N", default_value = "words=5", value_parser = shingles)]
    shingles: Shingles,
    /// Bands of the signature.
    #[arg(long, value_name = "N", default_value_t = 14)]
    bands: usize,
    /// Rows of each band; S-curve 1 - (1 - J^rows)^bands.
    #[arg(long, value_name = "N", default_value_t = 8)]
    rows: usize,
    /// Share of the pairs at the threshold that are to be found, in (0, 1): plans bands and rows.
    #[arg(long, value_name = "R", conflicts_with_all = ["bands", "rows"])]
    recall: Option<f64>,
    /// Share of the worse copy that stands in the better one, in (0, 1], at or above which it is a duplicate too.
    #[arg(long, value_name = "C")]
    containment: Option<f64>,
    /// Of the documents with the same normalised URL keep the best alone, whatever their texts are.
    #[arg(long)]
    same_url: bool,
    /// Drop copies only on the host of the survivor.
    #[arg(long)]
    one_per_host: bool,
    /// Write the survivors too, in OUT/shards: jsonl.zst or parquet, in a keyed, shuffled order.
    #[arg(long, value_name = "FORMAT", value_parser = Output::named)]
    write: Option<Output>,
    /// Compare with what this earlier run kept, which comes first; may be given more than once. The folder is one that was made with --keep-index.
    #[arg(long, value_name = "DIR")]
    index: Vec<String>,
    /// Keep an index of what stays in OUT, for --index of later runs.
    #[arg(long)]
    keep_index: bool,
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

fn shingles(text: &str) -> std::result::Result<Shingles, String> {
    let told = || format!("{text:?} is none of words=N, characters=N and tokens=N");
    let (kind, n) = text.split_once('=').ok_or_else(told)?;
    let n = n.parse().map_err(|_| told())?;
    match kind {
        "words" => Ok(Shingles::Words(n)),
        "characters" => Ok(Shingles::Characters(n)),
        "tokens" => Ok(Shingles::Tokens(n)),
        _ => Err(told()),
    }
}

/// The recipe that the arguments stand for; one source for each kind of input.
fn recipe_of(arguments: &Arguments) -> Result<Recipe> {
    let mut patterns: BTreeMap<&str, (Format, Vec<String>)> = BTreeMap::new();
    for input in &arguments.inputs {
        for (format, name) in told(input)? {
            patterns.entry(format.as_str()).or_insert_with(|| (format, Vec::new())).1.push(name);
        }
    }
    let source = |(name, (format, patterns)): (&str, (Format, Vec<String>))| {
        (name.to_owned(), Source { read: Some(Read::of(format, patterns)), ..Source::default() })
    };
    let sources = patterns.into_iter().map(source).collect();
    let dedup = Dedup {
        minhash: match arguments.recall {
            Some(recall) => Shape::Planned { recall },
            None => Shape::Given(MinHash { bands: arguments.bands, rows: arguments.rows }),
        },
        shingles: arguments.shingles,
        containment: arguments.containment,
        same_url: arguments.same_url,
        keep_one_per: if arguments.one_per_host { KeepOnePer::HostAndCluster } else { KeepOnePer::Cluster },
        threshold: Threshold(arguments.threshold),
        pairs: match arguments.pairs {
            Which::Linking => Pairs::Linking,
            Which::All => Pairs::All,
        },
        within: recipe::Within::AllSources,
        index: arguments.index.clone(),
        keep_index: arguments.keep_index,
        ..Dedup::default()
    };
    dedup.check()?;
    Ok(Recipe { output: arguments.write.clone(), ..Recipe::of_sources(sources, dedup) })
}

/// The formats of an argument: its own, or, where a pattern does not tell, those of the files that it finds.
fn told(input: &str) -> Result<Vec<(Format, String)>> {
    match read::tell(input) {
        Ok(format) => Ok(vec![(format, input.to_owned())]),
        Err(error) if !input.contains(['*', '?', '[']) && !input.contains(".paths") => Err(error),
        Err(_) => {
            let (found, warnings) = read::find(&[input.to_owned()], Path::new(""))?;
            warnings.iter().for_each(|warning| warn(warning));
            found.iter().map(|file| Ok((read::tell(&file.name)?, file.name.to_string()))).collect()
        }
    }
}
