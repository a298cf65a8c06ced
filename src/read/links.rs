//! Reddit links: dumps, URL lists and domain tables come in; a table goes out that knows, for any URL, how many submissions linked to it and their
//! summed karma, and the same for its registered domain. The rule is WebText's (Radford et al. 2019; METHOD, section 2): external links only, score
//! summed over the submissions of one normalised URL, no media, no Wikipedia.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use self::builder::Builder;
use self::row::{Row, Submission};
use super::{Input, Limits};
use crate::codec::{Line, Lines};
use crate::error::Result;

mod builder;
mod row;
mod rules;
mod table;

pub use self::table::{LinkRecord, LinkTable};

/// Where links are listed. Each file may be compressed in any way that `codec` reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkSources {
    /// Pushshift submission dumps: one JSON object a line. A submission that is listed in two dumps counts twice.
    pub reddit: Vec<Input>,
    /// One URL a line, or tab-separated with the score in the second column; files named `.csv` are comma-separated with quotes. A URL without a score
    /// counts as having reached the least karma, since such lists were filtered by it.
    pub urls: Vec<Input>,
    /// Tab-separated domain, number of links, summed karma.
    pub domains: Vec<Input>,
}

impl LinkSources {
    /// All files, in the order they are read.
    pub fn all(&self) -> Vec<Input> {
        [&self.reddit, &self.urls, &self.domains].into_iter().flatten().cloned().collect()
    }
}

/// Upper ends of the buckets of [`LinkTally::scores`], which are named here.
pub const SCORE_BUCKETS: [&str; 7] = ["<=0", "1", "2", "3-4", "5-9", "10-99", "100+"];

/// What was seen while the links were collected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LinkTally {
    /// Rows of all files; blank lines and header lines are none.
    pub rows: u64,
    /// Rows that count; `rows` is this and the sum of `skipped`.
    pub kept: u64,
    /// Rows that do not count, by reason: "bad-row", "line-too-long", "no-url", "no-score", "not-web", "self-post", "reddit", "media-host", "media-file", "wikipedia".
    pub skipped: BTreeMap<String, u64>,
    /// Scores of kept dump and list rows that carry one, in the buckets of [`SCORE_BUCKETS`].
    pub scores: [u64; 7],
    /// At least 95 % of those scores are 1, so the dump was taken before the votes were: its karma says nothing.
    pub stale_scores: bool,
    /// Kept rows that Reddit marks as adult; they are kept, and counted here.
    pub over_18: u64,
    pub distinct_urls: u64,
    /// Registered domains of the distinct URLs and of the domain tables.
    pub distinct_domains: u64,
    /// "truncated-input" and "corrupt-input", by file that was cut short.
    pub faults: BTreeMap<String, u64>,
}

/// Base-2 logarithm of the window that Pushshift's dumps are compressed with.
const DUMP_WINDOW_LOG: u32 = 31;

/// Reads all sources. `min_karma` is the summed score from which a URL counts for its domain (WebText: 3).
///
/// Memory: 32 bytes per distinct URL (hashes, no strings) in a hash table, so 37 to 75 bytes each and half as much again while it grows; the finished
/// table has 20 bytes per URL and per domain.
pub fn collect(sources: &LinkSources, min_karma: i64, limits: &Limits) -> Result<(LinkTable, LinkTally)> {
    let mut builder = Builder::new(min_karma);
    for input in &sources.reddit {
        let limits = Limits { zstd_window_log: DUMP_WINDOW_LOG.max(limits.zstd_window_log), ..limits.clone() };
        each_line(input, &limits, &mut builder, |line, _| Some(Submission::parse(line)))?;
    }
    for input in &sources.urls {
        let is_csv = input.name.split('.').any(|part| part.eq_ignore_ascii_case("csv"));
        each_line(input, limits, &mut builder, |line, is_first| row::listed(line, is_csv, is_first))?;
    }
    for input in &sources.domains {
        each_line(input, limits, &mut builder, row::domain)?;
    }
    Ok(builder.finish())
}

/// Gives every line that is not blank to `parse`, which answers `None` for a header, and its row to the builder.
fn each_line(
    input: &Input,
    limits: &Limits,
    builder: &mut Builder,
    parse: impl for<'l> Fn(&'l [u8], bool) -> Option<Result<Row<'l>, &'static str>>,
) -> Result<()> {
    let mut lines = Lines::new(crate::codec::open(&input.path, limits.windows())?, &input.path, limits.line_bytes);
    let mut is_first = true;
    while let Some(line) = lines.next()? {
        match line {
            Line::Whole(line) => {
                let line = line.strip_prefix(b"\xEF\xBB\xBF").filter(|_| is_first).unwrap_or(line).trim_ascii();
                if !line.is_empty() {
                    if let Some(row) = parse(line, is_first) {
                        builder.add(row);
                    }
                    is_first = false;
                }
            }
            Line::TooLong => builder.add(Err("line-too-long")),
            Line::Broken(fault) => {
                builder.fault(fault);
                break;
            }
        }
    }
    Ok(())
}

/// A field as text where its bytes may be anything.
fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

#[cfg(test)]
mod tests;
