//! Re-checks a finished build: every file against the manifest and the ledger, every row against its neighbours in the other tables, every count against
//! the ledger, and the data set against the documents it was made of. Nothing is written.
//!
//! Cost: every file is read twice, once for its hash and once for what it says. Memory: a row group a thread; the data set is compared through sums of
//! hashes, so that no set of keys is held.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::prelude::*;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::report::Report;
use crate::store::Folder;
use crate::text::hash::Hasher;

use super::data_card;
use super::ledger::{self, Entry};
use super::manifest::{self, File, Manifest};
use super::origin::{self, Opened};
use super::report;
use super::run::{Build, FOLDERS};
use super::started::{self, Started};

mod dataset;
mod rows;

/// Faults that are kept with their words; the rest is counted.
pub const LISTED: usize = 100;

/// What was looked at, and what is wrong.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Verified {
    pub checks: Vec<Check>,
    /// The first faults, at most [`LISTED`].
    pub faults: Vec<Fault>,
    /// All of them.
    pub n_faults: u64,
}

/// One line of the answer.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    pub name: &'static str,
    /// What was looked at, with counts.
    pub looked_at: String,
    pub faults: u64,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    pub check: &'static str,
    /// Relative to the build folder.
    pub file: String,
    pub what: String,
}

/// A file, and what is wrong with it.
type Wrong = (String, String);

impl Verified {
    pub fn holds(&self) -> bool {
        self.n_faults == 0
    }

    fn add(&mut self, name: &'static str, looked_at: String, found: Vec<Wrong>) {
        self.checks.push(Check { name, looked_at, faults: found.len() as u64 });
        self.n_faults += found.len() as u64;
        let room = LISTED.saturating_sub(self.faults.len());
        self.faults.extend(found.into_iter().take(room).map(|(file, what)| Fault { check: name, file, what }));
    }
}

/// What the checks stand on.
struct Held<'a> {
    opened: &'a Opened,
    folder: &'a Folder,
    entries: Vec<Entry>,
    files: Vec<File>,
    licenses: BTreeMap<String, String>,
    /// Files that are missing or changed: named once, and not looked into again.
    bad: BTreeSet<String>,
}

impl Held<'_> {
    /// The files of a folder of the build that are whole.
    fn whole(&self, prefix: &str) -> Vec<&File> {
        self.files.iter().filter(|file| file.path.starts_with(prefix) && !self.bad.contains(&file.path)).collect()
    }

    fn any_bad(&self, prefixes: &[&str]) -> bool {
        self.bad.iter().any(|path| prefixes.iter().any(|prefix| path.starts_with(prefix)))
    }
}

/// Checks everything.
///
/// # Errors
/// When the folder holds no build, or one that is not finished; what is wrong inside a build is a fault of the answer.
pub fn verify(root: &Path) -> Result<Verified> {
    let mut verified = Verified::default();
    let opened = origin::open(root)?;
    let folder = &opened.folder;
    let unfinished =
        || Error::new(format!("{} has no {}: the build is not finished; run its command again", root.display(), manifest::PATH));
    let text = folder.read(manifest::PATH)?.ok_or_else(unfinished)?;
    let Manifest { files, licenses, .. } = match Manifest::from_json(&text) {
        Ok(manifest) => manifest,
        Err(error) => {
            verified.add("manifest", "nothing".to_owned(), vec![(manifest::PATH.to_owned(), error.to_string())]);
            return Ok(verified);
        }
    };
    let (entries, found) = read_ledger(folder)?;
    verified.add("ledger", format!("{} sealed entries", entries.len()), found);
    let mut held = Held { opened: &opened, folder, entries, files, licenses, bad: BTreeSet::new() };
    verified.add("manifest", format!("{} files, as the ledger names them", held.files.len()), manifest_and_ledger(&held));
    if !verified.holds() && !held.entries.is_empty() {
        held.files = by_the_ledger(&held);
    }
    let (bytes, found) = hashes(&held);
    held.bad = found.iter().map(|(path, _)| path.clone()).collect();
    verified.add("files", format!("{bytes} bytes in {} files, each with its size and hash", held.files.len()), found);
    verified.add("folder", "no data file that the manifest does not name".to_owned(), strays(&held)?);
    verified.add("law", format!("{} steps, each by itself and with the one before", held.entries.len()), law(&held));
    rows::check(&held, &mut verified);
    dataset::check(&held, &mut verified);
    verified.add("report", "report.json, report.html and the data card against the ledger".to_owned(), drawn(&held)?);
    Ok(verified)
}

/// Every entry of a finished step; an entry whose seal is broken is a fault.
fn read_ledger(folder: &Folder) -> Result<(Vec<Entry>, Vec<Wrong>)> {
    let mut found = Vec::new();
    for step in ledger::steps(folder) {
        let path = format!("ledger/{step}.json");
        if !folder.path(&path).exists() {
            found.push((format!("ledger/{step}"), "step is under way: run the build's command again".to_owned()));
        }
        for (path, entry) in ledger::of_tasks(folder, &step)? {
            if entry.is_none() {
                found.push((path, "is damaged: its seal is broken; the build's command does that task again".to_owned()));
            }
        }
    }
    match ledger::finished(folder) {
        Ok(entries) => Ok((entries, found)),
        Err(error) => {
            found.push(("ledger".to_owned(), error.to_string()));
            Ok((Vec::new(), found))
        }
    }
}

/// The manifest names the files of all finished steps, and nothing else but the recipe.
fn manifest_and_ledger(held: &Held<'_>) -> Vec<Wrong> {
    let mut found = Vec::new();
    let named: BTreeSet<&str> = held.files.iter().map(|file| file.path.as_str()).collect();
    let written: Vec<File> = held.entries.iter().flat_map(|entry| &entry.outcome.files).map(File::of).collect();
    for file in &held.files {
        if file.path != origin::RECIPE && !written.contains(file) {
            found.push((manifest::PATH.to_owned(), format!("names {} otherwise than the ledger does", file.path)));
        }
    }
    // A step that the last command did not ask for may be out of date; then none of its files is named.
    for entry in &held.entries {
        let files = &entry.outcome.files;
        let n_named = files.iter().filter(|file| named.contains(file.path.as_str())).count();
        if n_named != 0 && n_named != files.len() {
            let missing = files.iter().filter(|file| !named.contains(file.path.as_str()));
            found.extend(missing.map(|file| (manifest::PATH.to_owned(), format!("lacks {} of step {}", file.path, entry.step))));
        }
    }
    if held.licenses != held.opened.recipe.licenses() {
        found.push((manifest::PATH.to_owned(), "states other licences than the recipe does".to_owned()));
    }
    if !named.contains(origin::RECIPE) {
        found.push((manifest::PATH.to_owned(), format!("does not name {}", origin::RECIPE)));
    }
    found
}

/// The files as the ledger, whose entries are sealed, names them: what a damaged manifest says of a file is not held against the file.
fn by_the_ledger(held: &Held<'_>) -> Vec<File> {
    let named = |path: &str| held.files.iter().any(|file| file.path == path);
    let current = held.entries.iter().filter(|entry| entry.outcome.files.iter().any(|file| named(&file.path)));
    let recipe = held.files.iter().filter(|file| file.path == origin::RECIPE).cloned();
    current.flat_map(|entry| &entry.outcome.files).map(File::of).chain(recipe).collect()
}

/// Bytes read, and the files that are not what the manifest says.
fn hashes(held: &Held<'_>) -> (u64, Vec<Wrong>) {
    let look = |file: &File| -> Result<u64, Wrong> {
        let fault = |what: String| Err((file.path.clone(), what));
        if !held.folder.path(&file.path).exists() {
            return fault("is missing".to_owned());
        }
        match held.folder.measure(&file.path) {
            Err(error) => fault(error.to_string()),
            Ok((bytes, _)) if bytes != file.bytes => fault(format!("has {bytes} bytes, not {}", file.bytes)),
            Ok((_, hash)) if hash != file.hash => fault("was changed: its hash is another".to_owned()),
            Ok((bytes, _)) => Ok(bytes),
        }
    };
    let looked: Vec<Result<u64, Wrong>> = held.files.par_iter().map(look).collect();
    let bytes = looked.iter().filter_map(|looked| looked.as_ref().ok()).sum();
    (bytes, looked.into_iter().filter_map(Result::err).collect())
}

/// Files in the data folders that the manifest does not name.
fn strays(held: &Held<'_>) -> Result<Vec<Wrong>> {
    let named: BTreeSet<&str> = held.files.iter().map(|file| file.path.as_str()).collect();
    let mut found = Vec::new();
    for path in held.folder.files(&FOLDERS)? {
        let step = path.strip_prefix("ledger/").and_then(|name| name.split(['/', '.']).next());
        let is_entry = step.is_some_and(|step| held.entries.iter().any(|entry| entry.step == step)) && path.ends_with(".json");
        let is_plan = path == started::PATH && Started::read(held.folder)?.is_some();
        let is_report = report::dedup::FILES.contains(&path.as_str()) && named.iter().any(|path| path.starts_with("dedup/"));
        if !named.contains(path.as_str()) && !is_entry && !is_plan && !is_report {
            let what = "is not named by the manifest; if a killed run left it, the build's command removes it".to_owned();
            found.push((path, what));
        }
    }
    Ok(found)
}

/// The law, step by step.
fn law(held: &Held<'_>) -> Vec<Wrong> {
    let mut found = Vec::new();
    let mut kept = None;
    // Steps without a funnel pass no documents on.
    for entry in held.entries.iter().filter(|entry| !entry.outcome.counts.sources.is_empty()) {
        if let Err(error) = ledger::check_law(&entry.step, &entry.outcome.counts, kept.as_ref()) {
            found.push((format!("ledger/{}.json", entry.step), error.to_string()));
        }
        kept = Some(entry.kept());
    }
    found
}

/// The report is what the ledger gives, and the page is what the report gives.
fn drawn(held: &Held<'_>) -> Result<Vec<Wrong>> {
    let mut found = Vec::new();
    let again = "differs from what this version draws; gristmill report draws it again";
    let stored = report::stored(held.folder)?;
    let Some(stored) = stored else {
        found.push((report::JSON.to_owned(), "is missing or damaged; gristmill report draws it again".to_owned()));
        return Ok(found);
    };
    // What cannot be gathered is named by the checks before.
    if let Ok(fresh) = report::again(held.opened, &held.entries, Some(&stored)) {
        // A report may have been drawn without strangers' text.
        if fresh != stored && fresh.without_text() != stored {
            found.push((report::JSON.to_owned(), format!("does not say what the ledger says: it {again}")));
        }
    }
    for (path, text) in [(report::JSON, stored.to_json()?), (report::HTML, stored.to_html()?)] {
        if held.folder.read(path)?.is_none_or(|bytes| bytes != text.as_bytes()) {
            found.push((path.to_owned(), again.to_owned()));
        }
    }
    found.extend(drawn_dedup(held, &stored, again)?);
    let drawn = |with_text| data_card::draw(Build { folder: held.folder, recipe: &held.opened.recipe }, &stored, &held.entries, with_text);
    if let (Ok(Some(card)), Ok(Some(bare))) = (drawn(true), drawn(false)) {
        for ((path, text), (_, bare)) in card.into_iter().zip(bare) {
            let is_foreign = data_card::is_foreign(held.folder, path)?;
            if !is_foreign && held.folder.read(path)?.is_none_or(|bytes| bytes != text.as_bytes() && bytes != bare.as_bytes()) {
                found.push((path.to_owned(), again.to_owned()));
            }
        }
    }
    Ok(found)
}

/// The same of the dedup report and its sheets.
fn drawn_dedup(held: &Held<'_>, report: &Report, again: &str) -> Result<Vec<Wrong>> {
    let build = Build { folder: held.folder, recipe: &held.opened.recipe };
    let Ok(Some(fresh)) = report::dedup::gather(build, &report.name, &held.entries, report.total.peak_memory_bytes) else {
        return Ok(Vec::new());
    };
    let Some(stored) = report::dedup::stored(held.folder)? else {
        return Ok(vec![(report::dedup::JSON.to_owned(), "is missing or damaged; gristmill report draws it again".to_owned())]);
    };
    let mut found = Vec::new();
    if fresh != stored && fresh.without_text() != stored {
        found.push((report::dedup::JSON.to_owned(), format!("does not say what the ledger says: it {again}")));
    }
    for (path, text) in [(report::dedup::JSON, stored.to_json()?), (report::dedup::HTML, stored.to_html()?)] {
        if held.folder.read(path)?.is_none_or(|bytes| bytes != text.as_bytes()) {
            found.push((path.to_owned(), again.to_owned()));
        }
    }
    for path in [report::sheets::CLUSTERS_CSV, report::sheets::PAIRS_CSV] {
        let mut hasher = Hasher::default();
        // A table that cannot be read is named by the checks before.
        let Ok(_) = report::sheets::sheet(held.folder, path, stored.with_text, &mut hasher) else { continue };
        if held.folder.measure(path).map_or(true, |(_, hash)| hash != format!("{:032x}", hasher.finish())) {
            found.push((path.to_owned(), again.to_owned()));
        }
    }
    Ok(found)
}
