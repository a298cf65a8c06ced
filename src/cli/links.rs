//! `gristmill links`: a table of links, made once, that recipes select by.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::progress::{count, size};
use super::{escape, say, say_json, tell, warn};
use crate::error::{Error, Kind, Result};
use crate::pipeline::cost::peak_memory;
use crate::read::links::{self, LinkSources, LinkTally, SCORE_BUCKETS, Treatment};
use crate::read::{self, Input, Limits};
use crate::store::Folder;

/// Makes a table for `linked-from` out of Reddit's submission dumps, URL lists, domain tables and older link tables.
#[derive(Args)]
#[command(after_help = "Example: gristmill links fixtures/submissions/RS_*.jsonl --out /tmp/links.parquet")]
pub struct Arguments {
    /// Files, globs, folders or URLs, each also packed by zstd (any window), xz, bzip2 or gzip. Their first lines tell what they hold.
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<String>,
    /// The table. An older one there is replaced, also when it is one of the inputs.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// What all inputs hold, where their first lines do not tell.
    #[arg(long, value_enum)]
    kind: Option<Holds>,
    /// Keep posts on Reddit itself too, so that a recipe can choose self-posts = "keep".
    #[arg(long)]
    self_posts: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Holds {
    /// A link table.
    Table,
    /// Submissions, one JSON object a line.
    Reddit,
    /// One URL a line, with or without a score in the second column.
    Urls,
    /// Domain, number of links, karma.
    Domains,
}

impl From<Holds> for links::Kind {
    fn from(holds: Holds) -> Self {
        match holds {
            Holds::Table => links::Kind::Table,
            Holds::Reddit => links::Kind::Reddit,
            Holds::Urls => links::Kind::Urls,
            Holds::Domains => links::Kind::Domains,
        }
    }
}

/// What was made, for scripts.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Made {
    file: String,
    bytes: u64,
    /// Of the table.
    table_rows: u64,
    #[serde(flatten)]
    tally: LinkTally,
    /// Bytes that the links themselves took.
    links_bytes: u64,
    peak_memory_bytes: u64,
}

pub fn run(arguments: &Arguments, json: bool) -> Result<()> {
    let out = &arguments.out;
    let name = out.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.filter(|_| !out.is_dir()).ok_or_else(|| Error::recipe(format!("--out {} is no name of a file", out.display())))?;
    refuse_overwriting(out)?;
    let limits = Limits::default();
    let sources = sort_out(arguments, &limits)?;
    let self_posts = if arguments.self_posts { Treatment::Keep } else { Treatment::Drop };
    let (links, tally) = links::collect(&sources, self_posts, &limits)?;
    for (file, fault) in &tally.faults {
        warn(&format!("{file}: {fault}; what came before it counts"));
    }
    if tally.kept == 0 {
        return Err(nothing(&tally));
    }
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = links.write(Folder::at(parent).create(&name)?, &name)?.commit(links.n_rows())?;
    let made = Made {
        file: out.display().to_string(),
        bytes: written.bytes,
        table_rows: written.rows,
        links_bytes: links.held_bytes(),
        peak_memory_bytes: peak_memory(),
        tally,
    };
    if made.tally.stale_scores {
        warn("nearly all scores are 1: the dump was taken before people voted, so a least karma leaves little");
    }
    if json { say_json(&made) } else { print(&made) }
}

/// A table is replaced; anything else was hardly meant.
fn refuse_overwriting(out: &Path) -> Result<()> {
    if !out.exists() || links::is_table(out) {
        return Ok(());
    }
    Err(Error::of(Kind::Changed, format!("{} is there and is no link table; remove it, or give another --out", out.display())))
}

/// The inputs by what they hold; all are told before the first is read.
fn sort_out(arguments: &Arguments, limits: &Limits) -> Result<LinkSources> {
    let (inputs, warnings) = read::find(&arguments.inputs, Path::new(""))?;
    warnings.iter().for_each(|warning| warn(warning));
    let mut sources = LinkSources::default();
    for input in inputs {
        let kind = match arguments.kind {
            Some(holds) => holds.into(),
            None => links::tell(&input, limits)?,
        };
        let (list, what): (&mut Vec<Input>, _) = match kind {
            links::Kind::Table => (&mut sources.tables, "a link table"),
            links::Kind::Reddit => (&mut sources.reddit, "submissions"),
            links::Kind::Urls => (&mut sources.urls, "URLs"),
            links::Kind::Domains => (&mut sources.domains, "domains"),
        };
        tell(format_args!("{}: {what}, {}", escape(&input.name), size(input.bytes)));
        list.push(input);
    }
    Ok(sources)
}

fn nothing(tally: &LinkTally) -> Error {
    let reasons: Vec<String> = tally.skipped.iter().map(|(reason, n)| format!("{n} {reason}")).collect();
    let why = if reasons.is_empty() { "the inputs are empty".to_owned() } else { reasons.join(", ") };
    Error::new(format!("none of {} is a link that counts: {why}; no table was made; see --kind and --self-posts", count(tally.rows, "row")))
}

fn print(made: &Made) -> Result<()> {
    let tally = &made.tally;
    let share = |n: u64, all: u64| format!("{:5.1} %", 100.0 * n as f64 / all.max(1) as f64);
    say(format_args!(
        "{}: {} of {}, {}",
        escape(&made.file),
        count(tally.distinct_urls, "URL"),
        count(tally.distinct_domains, "domain"),
        size(made.bytes)
    ))?;
    say(format_args!("  {:>12}  rows", tally.rows))?;
    say(format_args!("  {:>12}  {}  kept", tally.kept, share(tally.kept, tally.rows)))?;
    for (reason, n) in &tally.skipped {
        say(format_args!("  {n:>12}  {}  skipped: {reason}", share(*n, tally.rows)))?;
    }
    for (what, n) in [("over 18", tally.over_18), ("self posts", tally.self_posts)] {
        say(format_args!("  {n:>12}  {}  of those kept: {what}", share(n, tally.kept)))?;
    }
    let n_scores: u64 = tally.scores.iter().sum();
    for (bucket, n) in SCORE_BUCKETS.iter().zip(tally.scores) {
        say(format_args!("  {n:>12}  {}  of scores: {bucket}", share(n, n_scores)))?;
    }
    say(format_args!("memory: {} for the links, {} at most in all", size(made.links_bytes), size(made.peak_memory_bytes)))
}
