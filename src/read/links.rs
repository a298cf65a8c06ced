//! Reddit links: dumps, URL lists, domain tables and link tables come in; a link table goes out that knows, for any URL, how many submissions linked to it and
//! their summed karma, and the same for its registered domain. The rule is WebText's (Radford et al. 2019; METHOD, section 2): external links only, score
//! summed over the submissions of one normalised URL, no media, no Wikipedia.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use self::row::Row;
use super::{Input, Limits};
use crate::codec::{Line, Lines};
use crate::error::Result;

mod gather;
mod kind;
mod lookup;
mod row;
mod rules;
mod scan;
mod table;

pub use self::gather::Links;
pub use self::kind::{Kind, tell};
pub use self::lookup::{Choice, FoundBy, LinkRule, LinkTable, Match};
pub use self::table::{LinkRow, is_table};

/// Where links are listed. Each file may be compressed in any way that `codec` reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkSources {
    /// What [`Links::write`] wrote before.
    pub tables: Vec<Input>,
    /// Pushshift submission dumps: one JSON object a line. A submission that is listed in two dumps counts twice.
    pub reddit: Vec<Input>,
    /// One URL a line, or tab-separated with the score in the second column; files named `.csv` are comma-separated with quotes. A URL without a score
    /// has reached any least karma, since such lists were filtered by it.
    pub urls: Vec<Input>,
    /// Domain, number of links, summed karma; separated by tabs, in files named `.csv` by commas.
    pub domains: Vec<Input>,
}

impl LinkSources {
    /// All files, in the order they are read.
    pub fn all(&self) -> Vec<Input> {
        [&self.tables, &self.reddit, &self.urls, &self.domains].into_iter().flatten().cloned().collect()
    }
}

/// What becomes of submissions of a sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Treatment {
    /// They count.
    Keep,
    /// They do not.
    Drop,
}

/// Upper ends of the buckets of [`LinkTally::scores`], which are named here.
pub const SCORE_BUCKETS: [&str; 7] = ["<=0", "1", "2", "3-4", "5-9", "10-99", "100+"];

/// What was seen while the links were collected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LinkTally {
    /// Rows of all files; blank lines and header lines are none. Of a link table: the rows that it was made from and that count.
    pub rows: u64,
    /// Rows that count; `rows` is this and the sum of `skipped`.
    pub kept: u64,
    /// Rows that do not count, by reason: "bad-row", "line-too-long", "no-url", "no-score", "not-web", "self-post", "reddit", "media-host", "media-file", "wikipedia".
    pub skipped: BTreeMap<String, u64>,
    /// Scores of kept dump and list rows that carry one, in the buckets of [`SCORE_BUCKETS`]; a link table knows the mean of each URL only.
    pub scores: [u64; 7],
    /// At least 95 % of those scores are 1, so the dump was taken before the votes were: its karma says nothing.
    pub stale_scores: bool,
    /// Kept rows that Reddit marks as adult.
    pub over_18: u64,
    /// Kept rows that are posts on Reddit itself.
    pub self_posts: u64,
    pub distinct_urls: u64,
    /// Registered domains of the distinct URLs and of the domain tables.
    pub distinct_domains: u64,
    /// "truncated-input" or "corrupt-input", by the file that was cut short.
    pub faults: BTreeMap<String, String>,
}

/// Base-2 logarithm of the window that Pushshift's dumps are compressed with.
const DUMP_WINDOW_LOG: u32 = 31;

/// Reads all sources. Self posts are dropped by WebText's rule; kept, the page of the post on Reddit is what is linked to.
///
/// Memory: 48 bytes per distinct URL at most (hashes, no strings), [`Links::held_bytes`]; beside it the window of the file that is read.
///
/// # Errors
/// When a file cannot be read, or a link table is damaged or of another version. A dump that is cut short gives what came before, and a fault in the tally.
pub fn collect(sources: &LinkSources, self_posts: Treatment, limits: &Limits) -> Result<(Links, LinkTally)> {
    let mut links = Links::default();
    for input in &sources.tables {
        table::each(&input.path, |row| links.row(&row))?;
    }
    for input in &sources.reddit {
        let limits = Limits { zstd_window_log: DUMP_WINDOW_LOG.max(limits.zstd_window_log), ..limits.clone() };
        each_line(input, &limits, &mut links, |line, _| Some(row::submission(line, self_posts)))?;
    }
    for input in &sources.urls {
        let is_csv = is_csv(input);
        each_line(input, limits, &mut links, |line, is_first| row::listed(line, is_csv, is_first))?;
    }
    for input in &sources.domains {
        let is_csv = is_csv(input);
        each_line(input, limits, &mut links, |line, is_first| row::domain(line, is_csv, is_first))?;
    }
    let tally = links.finish();
    Ok((links, tally))
}

/// Whether commas separate the columns: `links.csv`, `links.csv.gz`.
fn is_csv(input: &Input) -> bool {
    input.name.split('.').any(|part| part.eq_ignore_ascii_case("csv"))
}

/// Gives every line that is not blank to `parse`, which answers `None` for a header, and its row to the links.
fn each_line(
    input: &Input,
    limits: &Limits,
    links: &mut Links,
    parse: impl for<'l> Fn(&'l [u8], bool) -> Option<Result<Row<'l>, &'static str>>,
) -> Result<()> {
    let mut lines = Lines::new(input.decoded(limits.windows())?, &input.path, limits.line_bytes);
    let mut is_first = true;
    while let Some(line) = lines.next()? {
        match line {
            Line::Whole(line) => {
                let line = trimmed(line, is_first);
                if !line.is_empty() {
                    if let Some(row) = parse(line, is_first) {
                        links.add(row);
                    }
                    is_first = false;
                }
            }
            Line::TooLong => links.add(Err("line-too-long")),
            Line::Broken(fault) => {
                links.fault(&input.name, fault);
                break;
            }
        }
    }
    Ok(())
}

/// A line without blanks at its ends; the first of a file also without a byte-order mark.
fn trimmed(line: &[u8], is_first: bool) -> &[u8] {
    line.strip_prefix(b"\xEF\xBB\xBF").filter(|_| is_first).unwrap_or(line).trim_ascii()
}

#[cfg(test)]
mod tests;
