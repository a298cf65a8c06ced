//! What a file of links holds, by its first lines: names of dumps and lists say little.

use super::row::{columns, is_domain};
use super::{DUMP_WINDOW_LOG, is_csv, trimmed};
use crate::codec::{Line, Lines};
use crate::error::{Error, Result};
use crate::read::{Input, Limits};
use crate::text::url;

/// What a file of links holds; [`super::LinkSources`] has a list for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What `gristmill links` wrote.
    Table,
    /// Submissions of Reddit.
    Reddit,
    /// URLs, with or without scores.
    Urls,
    /// Domains with numbers of links.
    Domains,
}

/// Lines that are looked at: the first may be a header, or be damaged.
const LINES: usize = 10;

/// Tells what a file holds by the first of its first ten lines that says so: an object of JSON, a URL, or a domain with a number after it.
///
/// # Errors
/// When it cannot be read; when none of the lines says so (exit code 2).
pub fn tell(input: &Input, limits: &Limits) -> Result<Kind> {
    let limits = Limits { zstd_window_log: DUMP_WINDOW_LOG, ..limits.clone() };
    let mut lines = Lines::new(input.decoded(limits.windows())?, &input.path, limits.line_bytes);
    let is_csv = is_csv(input);
    for number in 0..LINES {
        let Some(Line::Whole(line)) = lines.next()? else { break };
        if number == 0 && line.starts_with(b"PAR1") {
            return Ok(Kind::Table);
        }
        if let Some(kind) = of_line(trimmed(line, number == 0), is_csv) {
            return Ok(kind);
        }
    }
    Err(Error::recipe(format!(
        "cannot tell what {} holds: its first lines are no submissions in JSON, no URLs and no domains with numbers of links; say it with --kind",
        input.name
    )))
}

fn of_line(line: &[u8], is_csv: bool) -> Option<Kind> {
    if line.starts_with(b"{") {
        return Some(Kind::Reddit);
    }
    let [first, second, _] = columns(line, is_csv);
    let first = first?;
    if first.contains("://") {
        return Some(Kind::Urls);
    }
    let is_number = second.is_some_and(|second| second.trim().parse::<u32>().is_ok());
    (is_number && is_domain(&first) && url::registered_domain(&first).is_some()).then_some(Kind::Domains)
}
