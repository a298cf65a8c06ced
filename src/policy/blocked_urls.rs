//! The filter on lists of domains and URLs, in the format of UT1 (Université Toulouse Capitole): a folder for each category, in it the files `domains` and `urls`, one
//! entry a line.
//!
//! Memory: 10 bytes a line, 26 while lists are read. Entries are held as 64 bits of XXH3, so that with ten million lines a page that no list names is taken for one of
//! them with a probability of about 10^-11.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::document::{Document, Filter, Matched, Reason, Rule, Verdict};
use crate::error::{Error, Result};
use crate::text::hash::hash64;
use crate::text::url::{full_host, normalise};

use super::lists::each_line;

/// **What.** Drops pages that a list names: by rule `domain` those of a listed domain and of all hosts below it, by rule `url` a listed URL and what lies below it.
///
/// **Why.** Lists such as UT1's name millions of sites for adults, of gambling or of malware, which no rule on texts finds as surely; RefinedWeb and FineWeb begin with them.
///
/// **Kept**, with a list that holds `ferry.example`: `https://notferry.example/`.
///
/// **Dropped** (`domain`): `https://www.ferry.example/timetable`.
#[derive(Clone, Debug)]
pub struct BlockedUrls {
    options: Options,
    /// Hashes of all entries, ascending.
    hashes: Vec<u64>,
    /// Of each the number of the first list that holds it.
    lists: Vec<u16>,
}

crate::described! {
    /// Options of `blocked-urls`.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields)]
    pub struct Options {
        /// Lists, relative to the recipe: folders with a file `domains` or `urls` or both, or files. A line with a slash or a port is a URL, any other a domain. Required; at least one.
        pub lists: Vec<String>,
    }
}

/// By which rules the filter drops.
pub const RULES: &[Rule] =
    &[Rule::new("domain", "", "its host, or a domain above it, is listed"), Rule::new("url", "", "its URL, or one above it, is listed")];

/// Endings of a packed file in a folder; what it is packed by is told by its content.
const ENDINGS: [&str; 5] = ["", ".gz", ".zst", ".xz", ".bz2"];

/// Segments of a path whose prefixes are looked up; what lies deeper is found by these or by the whole.
const MAX_SEGMENTS: usize = 32;
/// Labels of a host whose suffixes are looked up, from the last; DNS allows 127.
const MAX_LABELS: usize = 127;

/// What was found of a page.
struct Found {
    rule: &'static str,
    list: u16,
    entry: String,
}

impl BlockedUrls {
    /// A filter that has no list yet. Refuses what names none, one twice, or more than 65,535.
    pub fn new(options: Options) -> Result<Self> {
        if options.lists.is_empty() {
            return Err(Error::recipe("blocked-urls: name at least one list"));
        }
        let distinct: BTreeSet<&String> = options.lists.iter().collect();
        if distinct.len() != options.lists.len() {
            return Err(Error::recipe("blocked-urls: a list is named twice"));
        }
        if usize::from(u16::MAX) < options.lists.len() {
            return Err(Error::recipe("blocked-urls: at most 65535 lists can be named"));
        }
        Ok(Self { options, hashes: Vec::new(), lists: Vec::new() })
    }

    fn look_up(&self, entry: &str) -> Option<u16> {
        let at = self.hashes.binary_search(&hash64(entry.as_bytes())).ok()?;
        Some(self.lists[at])
    }

    /// The widest entry that names the page: its domain before its host, both before its URL.
    fn find(&self, url: &str) -> Option<Found> {
        let found = |rule, list, entry: &str| Found { rule, list, entry: entry.to_owned() };
        let host = full_host(url)?;
        let is_address = host.starts_with('[') || host.ends_with(|c: char| c.is_ascii_digit());
        let starts = host.rmatch_indices('.').map(|(dot, _)| dot + 1).take(if is_address { 0 } else { MAX_LABELS });
        for start in starts.chain([0]) {
            if let Some(list) = self.look_up(&host[start..]) {
                return Some(found("domain", list, &host[start..]));
            }
        }
        let whole = normalise(url)?;
        let path = whole.split('?').next().unwrap_or(&whole);
        // Behind "http://"; the first is a host with its port.
        let ends = path[7..].match_indices('/').map(|(slash, _)| 7 + slash).take(1 + MAX_SEGMENTS);
        for end in ends.chain([path.len(), whole.len()]) {
            if let Some(list) = self.look_up(&whole[..end]) {
                return Some(found("url", list, &whole[7..end]));
            }
        }
        None
    }
}

/// As entries are looked up: a host as it is addressed, or a URL in normalised form; `None` for what is neither, or would block more or less than it says.
fn entry(line: &str) -> Option<String> {
    // In a query may stand another URL.
    let scheme = line.split_once("://").filter(|(scheme, _)| scheme.bytes().all(|byte| byte.is_ascii_alphabetic()));
    let line = scheme.map_or(line, |(_, rest)| rest);
    // Lists write a domain and all below it with a dot before it (Squid), or a star and a dot.
    let bare = line.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(line).trim_start_matches('.');
    let (site, path) = bare.split_once('/').unwrap_or((bare, ""));
    if bare.contains(|c: char| c.is_whitespace() || c == '*') || site.contains(['@', '?', '#', '\\']) {
        return None;
    }
    let url = format!("http://{bare}");
    let host = full_host(&url).filter(|host| host.contains('.') || host.starts_with('['))?;
    // An IPv6 address has colons inside of its brackets.
    let has_port = site.contains(':') && !site.ends_with(']');
    if path.trim_matches('/').is_empty() && !has_port {
        return Some(host);
    }
    // A URL is looked up on its own host alone.
    if bare == line { normalise(&url) } else { None }
}

impl Filter for BlockedUrls {
    fn name(&self) -> &'static str {
        "blocked-urls"
    }

    fn files(&self, base: &Path) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for list in &self.options.lists {
            let path = base.join(list);
            if path.is_file() {
                files.push(path);
                continue;
            }
            let names = ["domains", "urls"].into_iter().flat_map(|name| ENDINGS.map(|ending| format!("{name}{ending}")));
            let inside: Vec<PathBuf> = names.map(|name| path.join(name)).filter(|path| path.is_file()).collect();
            if inside.is_empty() {
                let path = path.display();
                return Err(Error::new(format!(
                    "blocked-urls: {path} is no file, and no folder with a file \"domains\" or \"urls\" (each also .gz, .zst, .xz, .bz2); check the path"
                )));
            }
            files.extend(inside);
        }
        Ok(files)
    }

    fn load(&mut self, base: &Path) -> Result<Vec<String>> {
        let mut entries: Vec<(u64, u16)> = Vec::new();
        let mut warnings = Vec::new();
        for (number, list) in (0_u16..).zip(self.options.lists.clone()) {
            let root = base.join(&list);
            let of_list = Self { options: Options { lists: vec![list.clone()] }, hashes: Vec::new(), lists: Vec::new() };
            let before = entries.len();
            for path in of_list.files(base)? {
                let inside = path.strip_prefix(&root).ok().filter(|inside| !inside.as_os_str().is_empty());
                let name = inside.map_or_else(|| list.clone(), |inside| format!("{list}/{}", inside.display()));
                let taken = each_line(&path, &name, "an entry is a domain or a URL, without user name and wildcards", |line| {
                    entry(line).map(|entry| entries.push((hash64(entry.as_bytes()), number))).is_some()
                })?;
                warnings.extend(taken);
            }
            if entries.len() == before {
                warnings.push(format!("{list} has no entry, so it blocks nothing"));
            }
        }
        entries.sort_unstable();
        entries.dedup_by_key(|(hash, _)| *hash);
        self.hashes = entries.iter().map(|(hash, _)| *hash).collect();
        self.lists = entries.into_iter().map(|(_, list)| list).collect();
        Ok(warnings)
    }

    fn judge(&self, document: &Document) -> Verdict {
        let found = document.url.as_deref().and_then(|url| self.find(url));
        found.map_or(Verdict::Keep, |found| Verdict::Drop(Reason::bare("blocked-urls", found.rule)))
    }

    fn matched(&self, document: &Document) -> Option<Matched> {
        let found = self.find(document.url.as_deref()?)?;
        Some(Matched { list: self.options.lists[usize::from(found.list)].clone(), entry: found.entry })
    }
}

#[cfg(test)]
mod tests;
