//! `gristmill select`: of an index of records those that `linked-from` would select, before anything is fetched.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use flate2::write::GzEncoder;
use serde::Serialize;

use super::progress::{count, size};
use super::{escape, say, say_json, warn};
use crate::error::{Context, Error, Kind, Result};
use crate::read::index::{self, Selected};
use crate::read::links::{Choice, LinkRule, LinkTable, Match, Treatment};
use crate::read::{self, Input, Limits};
use crate::store::{Folder, NewFile, Written};

/// Keeps the rows of an index of WARC records whose pages a link table selects, by the rules of `linked-from`: CDXJ, CDX, JSON lines, or Parquet as Common Crawl has it.
#[derive(Args)]
#[command(
    after_help = "Example: gristmill links fixtures/submissions/RS_*.jsonl --out /tmp/links.parquet && gristmill select fixtures/crawl.cdxj --links /tmp/links.parquet --out /tmp/linked.jsonl"
)]
pub struct Arguments {
    /// Files, globs, folders or URLs, each also packed by gzip, zstd, xz or bzip2. Their contents tell what they are.
    #[arg(value_name = "INDEX", required = true)]
    inputs: Vec<String>,
    /// What `gristmill links` made.
    #[arg(long, value_name = "TABLE")]
    links: PathBuf,
    /// Where the rows go, one JSON object a line: file, offset, length, url; packed where the name ends in .gz or .zst. An index there that is no input is replaced.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// What has to be equal.
    #[arg(long = "match", value_enum, default_value_t = Matching::Url)]
    matching: Matching,
    /// Least karma, added over the submissions of one normalised URL.
    #[arg(long, value_name = "N", default_value_t = 3, allow_negative_numbers = true)]
    min_karma: i64,
    /// Least number of such links: of the page, or of its registered domain.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    min_links: u64,
    /// Submissions that Reddit marks as adult do not count.
    #[arg(long)]
    drop_over_18: bool,
    /// Posts on Reddit itself count, where the table holds them.
    #[arg(long)]
    self_posts: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Matching {
    /// The normalised URL.
    Url,
    /// The registered domain.
    RegisteredDomain,
    /// The URL, and the registered domain where nobody linked to it.
    UrlThenRegisteredDomain,
}

/// What was made, for scripts.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Made {
    file: String,
    /// Of that file.
    bytes: u64,
    #[serde(flatten)]
    selected: Selected,
}

pub fn run(arguments: &Arguments, json: bool) -> Result<()> {
    let out = &arguments.out;
    let name = out.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.filter(|_| !out.is_dir()).ok_or_else(|| Error::recipe(format!("--out {} is no name of a file", out.display())))?;
    let (inputs, warnings) = read::find(&arguments.inputs, Path::new(""))?;
    warnings.iter().for_each(|warning| warn(warning));
    let limits = Limits::default();
    refuse_overwriting(out, &inputs, &limits)?;
    let treatment = |drops: bool| if drops { Treatment::Drop } else { Treatment::Keep };
    let (over_18, self_posts) = (treatment(arguments.drop_over_18), treatment(!arguments.self_posts));
    let table = LinkTable::read(&arguments.links, &Choice { min_karma: arguments.min_karma, over_18, self_posts })?;
    let matching = match arguments.matching {
        Matching::Url => Match::Url,
        Matching::RegisteredDomain => Match::RegisteredDomain,
        Matching::UrlThenRegisteredDomain => Match::UrlThenRegisteredDomain,
    };
    let rule = LinkRule { matching, min_links: arguments.min_links };
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut rows = Packed::create(&Folder::at(parent), &name)?;
    let selected = index::select(&inputs, &table, rule, &limits, &mut rows)?;
    if selected.rows == selected.bad {
        return Err(nothing(&selected));
    }
    for (fault, n) in &selected.faults {
        warn(&format!("{fault} ({}); what could be read counts", count(*n, "time")));
    }
    if selected.matched == 0 {
        warn("no row is linked to; try --match registered-domain, a smaller --min-karma, or another table");
    }
    let written = rows.commit(selected.matched).context(|| format!("cannot write {}", out.display()))?;
    let made = Made { file: out.display().to_string(), bytes: written.bytes, selected };
    if json { say_json(&made) } else { print(&made) }
}

/// An older index of rows is replaced; what is read here is not, and anything else was hardly meant.
fn refuse_overwriting(out: &Path, inputs: &[Input], limits: &Limits) -> Result<()> {
    let Ok(found) = std::fs::metadata(out) else { return Ok(()) };
    let real = std::fs::canonicalize(out).context(|| format!("cannot open {}", out.display()))?;
    if inputs.iter().any(|input| std::fs::canonicalize(&input.path).is_ok_and(|path| path == real)) {
        return Err(Error::recipe(format!("--out {} is one of the inputs; give another", out.display())));
    }
    let older = Input::file(out, out.display().to_string(), found.len());
    if found.len() == 0 || index::is_index(&older, limits) {
        return Ok(());
    }
    Err(Error::of(Kind::Changed, format!("{} is there and is no index; remove it, or give another --out", out.display())))
}

fn nothing(selected: &Selected) -> Error {
    let reasons: Vec<String> = selected.bad_by_reason.iter().map(|(why, n)| format!("{n} {why}")).collect();
    let why = if reasons.is_empty() { "the inputs are empty".to_owned() } else { reasons.join(", ") };
    let rows = count(selected.rows, "row");
    Error::new(format!("none of {rows} says where a record lies: {why}; known are CDXJ, CDX with its header, JSON lines and Parquet"))
}

/// A file on its way, packed as its name says.
enum Packed {
    Plain(NewFile),
    Gzip(GzEncoder<NewFile>),
    Zstd(zstd::Encoder<'static, NewFile>),
}

impl Packed {
    fn create(folder: &Folder, name: &str) -> Result<Self> {
        let file = folder.create(name)?;
        let lower = name.to_ascii_lowercase();
        Ok(if lower.ends_with(".gz") {
            Packed::Gzip(GzEncoder::new(file, flate2::Compression::default()))
        } else if lower.ends_with(".zst") {
            let mut encoder = zstd::Encoder::new(file, 0).context(|| "cannot start zstd")?;
            encoder.include_checksum(true).context(|| "cannot start zstd")?;
            Packed::Zstd(encoder)
        } else {
            Packed::Plain(file)
        })
    }

    fn commit(self, rows: u64) -> Result<Written> {
        let file = match self {
            Packed::Plain(file) => file,
            Packed::Gzip(encoder) => encoder.finish().context(|| "cannot end the gzip member")?,
            Packed::Zstd(encoder) => encoder.finish().context(|| "cannot end the zstd frame")?,
        };
        file.commit(rows)
    }
}

impl Write for Packed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Packed::Plain(file) => file.write(bytes),
            Packed::Gzip(encoder) => encoder.write(bytes),
            Packed::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Packed::Plain(file) => file.flush(),
            Packed::Gzip(encoder) => encoder.flush(),
            Packed::Zstd(encoder) => encoder.flush(),
        }
    }
}

fn print(made: &Made) -> Result<()> {
    let selected = &made.selected;
    say(format_args!("{}: {}, {}", escape(&made.file), count(selected.matched, "row"), size(made.bytes)))?;
    say(format_args!("  {:>12}  rows read", selected.rows))?;
    for (why, n) in &selected.bad_by_reason {
        say(format_args!("  {n:>12}  bad: {}", escape(why)))?;
    }
    for (what, n) in [("without a URL", selected.without_url), ("not linked to", selected.not_linked)] {
        say(format_args!("  {n:>12}  {what}"))?;
    }
    say(format_args!("  {:>12}  matched: {} by URL, {} by domain", selected.matched, selected.by_url, selected.by_domain))?;
    say(format_args!("  {:>12}  bytes to fetch, {}", selected.bytes_to_fetch, size(selected.bytes_to_fetch)))
}
