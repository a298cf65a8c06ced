//! The rows of an index whose pages others linked to, by the rules of `linked-from`: so that of a crawl only those records are fetched that a recipe would select.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;

use super::{Entry, entries};
use crate::error::{Context, Error, Result};
use crate::read::links::{FoundBy, LinkRule, LinkTable};
use crate::read::{Input, Limits};

/// What came of a selection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Selected {
    /// Rows of all index files; `rows` is `bad`, `without_url`, `not_linked` and `matched` together.
    pub rows: u64,
    /// Rows that do not say where a record lies.
    pub bad: u64,
    /// The same by reason, as [`super::IndexTally::bad`] has them.
    pub bad_by_reason: BTreeMap<String, u64>,
    /// Rows that could not be looked up.
    pub without_url: u64,
    /// Rows whose page too few linked to.
    pub not_linked: u64,
    /// Rows that were written.
    pub matched: u64,
    /// Of these by their URL, and by their registered domain.
    pub by_url: u64,
    pub by_domain: u64,
    /// Bytes of their records as they are stored: what there is to fetch.
    pub bytes_to_fetch: u64,
    /// Faults by "FILE: fault".
    pub faults: BTreeMap<String, u64>,
}

/// A line of what is written.
#[derive(Serialize)]
struct Written<'e> {
    file: &'e str,
    offset: u64,
    length: u64,
    url: Option<&'e str>,
}

/// Reads the index files in order and writes the rows that are selected to `out`, one JSON object a line, which [`entries`] reads again. A record that is listed twice is
/// written twice.
///
/// # Errors
/// As [`entries`], and when `out` cannot be written.
pub fn select(inputs: &[Input], table: &LinkTable, rule: LinkRule, limits: &Limits, out: &mut dyn Write) -> Result<Selected> {
    let mut selected = Selected::default();
    for input in inputs {
        let tally = entries(input, limits, &mut |row| match row {
            Ok(entry) => selected.entry(&entry, table, rule, out),
            Err(_) => Ok(()),
        })?;
        selected.rows = selected.rows.saturating_add(tally.rows);
        for (why, n) in tally.bad {
            selected.bad = selected.bad.saturating_add(n);
            let of_reason = selected.bad_by_reason.entry(why).or_default();
            *of_reason = of_reason.saturating_add(n);
        }
        for (fault, n) in tally.faults {
            *selected.faults.entry(format!("{}: {fault}", input.name)).or_default() += n;
        }
    }
    Ok(selected)
}

impl Selected {
    fn entry(&mut self, entry: &Entry, table: &LinkTable, rule: LinkRule, out: &mut dyn Write) -> Result<()> {
        let Some(url) = entry.url.as_deref() else {
            self.without_url += 1;
            return Ok(());
        };
        let Some((_, found_by)) = table.selects(url, rule) else {
            self.not_linked += 1;
            return Ok(());
        };
        self.matched += 1;
        match found_by {
            FoundBy::Url => self.by_url += 1,
            FoundBy::Domain => self.by_domain += 1,
        }
        self.bytes_to_fetch = self.bytes_to_fetch.saturating_add(entry.length);
        let line = Written { file: &entry.file, offset: entry.offset, length: entry.length, url: Some(url) };
        let mut line = serde_json::to_vec(&line).map_err(|error| Error::new("cannot write a row as JSON").because(error))?;
        line.push(b'\n');
        out.write_all(&line).context(|| "cannot write the selected rows")
    }
}
