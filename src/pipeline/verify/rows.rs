//! Row by row: documents and the decisions of each step have the same keys in the same order, what one step let through is what the next one judged, and
//! all of it adds up to the ledger's counts.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::dedup::paragraphs::without;
use crate::document::Key;
use crate::error::{Error, Result};
use crate::store::table::{TableReader, each_row};
use crate::text::hash::{Hasher, hash128};

use super::super::ledger::{Counts, Funnel};
use super::super::plan::DocumentFile;
use super::super::run::Build;
use super::super::steps::decontaminate::{Pieces, pieces_path};
use super::super::steps::dedup::IN_CLUSTERS;
use super::super::steps::dedup::tables::CLUSTERS;
use super::super::steps::extract::{RemovedRow, rejected_path, removed_path};
use super::super::steps::mask::{self, Masks, ranges_path};
use super::super::steps::paragraphs::{Cuts, cuts_path};
use super::super::steps::{DROP, DecisionRow, DocumentRow, GONE, KEEP, RejectedRow};
use super::{Held, Verified, Wrong};

/// What the rows of one file say.
#[derive(Default)]
pub struct Told {
    documents: u64,
    rejected: u64,
    decisions: u64,
    /// Step: what it counted.
    counts: BTreeMap<String, Counts>,
    /// Documents in clusters of similar texts.
    clustered: u64,
    pub data: DataSet,
}

/// What the data set must hold: rows, and the sum of their hashes, which does not depend on their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DataSet {
    pub rows: u64,
    pub sum: u128,
}

impl DataSet {
    /// Adds a row by all that tells it from others.
    pub fn add(&mut self, key: Key, source: &str, id: &str, copy: u64, text: &str) {
        let mut hasher = Hasher::default();
        hasher.update(&key.0.to_le_bytes());
        for part in [source, id] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.update(&copy.to_le_bytes());
        hasher.update(&hash128(text.as_bytes()).to_le_bytes());
        self.rows += 1;
        self.sum = self.sum.wrapping_add(hasher.finish());
    }

    pub fn join(&mut self, other: Self) {
        self.rows += other.rows;
        self.sum = self.sum.wrapping_add(other.sum);
    }
}

pub fn check(held: &Held<'_>, verified: &mut Verified) {
    let steps = judging(held);
    let files = held.whole("documents/");
    let told: Vec<(String, Result<Told>)> =
        files.par_iter().map(|file| (file.path.clone(), name_of(&file.path).and_then(|file| of_file(held, &steps, &file)))).collect();
    let mut all = Told::default();
    let mut found = Vec::new();
    for (path, told) in told {
        match told {
            Ok(told) => all.join(told),
            Err(error) => found.push((path, error.chain())),
        }
    }
    let is_whole =
        found.is_empty() && !held.any_bad(&["documents/", "rejected/", "removed/", "decisions/", "paragraphs/", "mask/", "decontaminate/"]);
    let looked = format!(
        "{} documents, {} rejected records and {} decisions of {} steps, with the same keys in the same order",
        all.documents,
        all.rejected,
        all.decisions,
        steps.len()
    );
    verified.add("rows", looked, found);
    if !is_whole {
        verified.add("counts", "not compared, because files are missing or damaged".to_owned(), Vec::new());
        return;
    }
    let found = compare(held, &all);
    verified.add("counts", format!("documents by step, source, filter and rule: {} counts of the ledger", all.n_counts()), found);
    super::dataset::check_rows(held, &all.data, verified);
}

impl Told {
    fn join(&mut self, other: Told) {
        self.documents += other.documents;
        self.rejected += other.rejected;
        self.decisions += other.decisions;
        self.clustered += other.clustered;
        self.data.join(other.data);
        for (step, counts) in other.counts {
            self.counts.entry(step).or_default().add(&counts);
        }
    }

    fn n_counts(&self) -> usize {
        let of = |funnel: &Funnel| 2 + funnel.dropped.values().map(BTreeMap::len).sum::<usize>() + funnel.moved.len();
        self.counts.values().map(|counts| counts.sources.values().map(of).sum::<usize>() + counts.notes.len()).sum()
    }
}

/// Steps with decisions, in order.
fn judging(held: &Held<'_>) -> Vec<String> {
    let has =
        |step: &str| held.files.iter().any(|file| file.path.starts_with(&format!("decisions/{step}/")) && file.path.ends_with(".parquet"));
    held.entries.iter().map(|entry| entry.step.clone()).filter(|step| has(step)).collect()
}

/// The file of documents at a path of the folder.
fn name_of(path: &str) -> Result<DocumentFile> {
    let name = path.strip_prefix("documents/").and_then(|name| name.strip_suffix(".parquet")).and_then(|name| name.rsplit_once('/'));
    let index = name.and_then(|(source, index)| Some((source.to_owned(), index.parse().ok()?)));
    let (source, index) = index.ok_or_else(|| Error::new("its name is not that of a file of documents"))?;
    Ok(DocumentFile { source, index, inputs: Vec::new(), bytes: 0 })
}

fn of_file(held: &Held<'_>, steps: &[String], file: &DocumentFile) -> Result<Told> {
    let mut told = Told::default();
    let build = Build { folder: held.folder, recipe: &held.opened.recipe };
    let path = |path: &str| held.folder.path(path);
    // What is missing or damaged was said already.
    let readable = |path: &String| !held.bad.contains(path) && held.files.iter().any(|file| file.path == *path);
    let rejected = rejected_path(file);
    let extract = told.counts.entry("extract".to_owned()).or_default();
    if readable(&rejected) {
        told.rejected = each_row::<RejectedRow>(&path(&rejected), |_, row| {
            let funnel = extract.source(&file.source);
            funnel.read += 1;
            funnel.drop(&row.filter, &row.rule);
            Ok(())
        })?;
    }
    let removed = removed_path(file);
    if readable(&removed) {
        each_row::<RemovedRow>(&path(&removed), |_, _| {
            let funnel = extract.source(&file.source);
            funnel.read += 1;
            funnel.drop("remove", "on-request");
            Ok(())
        })?;
    }
    let mut tables = Vec::new();
    for step in steps {
        let decisions = file.decisions(step);
        if !readable(&decisions) {
            // The steps behind a gap cannot be followed.
            break;
        }
        tables.push((step.as_str(), decisions.clone(), TableReader::<DecisionRow>::open(&path(&decisions))?));
    }
    let is_followed = tables.len() == steps.len();
    let has = |wanted: &str, table: String| is_followed && steps.iter().any(|step| step == wanted) && readable(&table);
    let mut cuts = Cuts::open(build, file, has("paragraphs", cuts_path(&file.name())))?;
    let mut masks = Masks::open(build, file, has("mask", ranges_path(&file.name())))?;
    let mut pieces = Pieces::open(build, file, has("decontaminate", pieces_path(&file.name())))?;
    each_row::<DocumentRow>(&path(&file.documents()), |row, mut document| {
        // Messages count from 1.
        let n = row + 1;
        told.documents += 1;
        let funnel = told.counts.entry("extract".to_owned()).or_default().source(&file.source);
        (funnel.read, funnel.kept) = (funnel.read + 1, funnel.kept + 1);
        if document.text.contains('\0') {
            return Err(Error::new(format!("its row {n} holds a NUL in its text")));
        }
        let mut standing = Standing { alive: true, filter: None, source: file.source.clone(), copies: 1 };
        for (step, name, rows) in &mut tables {
            let row = rows.next().transpose()?;
            let row = row.filter(|row| row.key == document.key);
            let row = row.ok_or_else(|| Error::new(format!("its row {n} has another key than row {n} of {name}, or none is there")))?;
            told.decisions += 1;
            told.clustered += u64::from(*step == "dedup" && row.cluster.is_some());
            let counts = told.counts.entry((*step).to_owned()).or_default();
            standing.pass(counts, &row).map_err(|what| Error::new(format!("row {n} of {name} {what}")))?;
        }
        let cut = cuts.take(row, document.key)?;
        if !cut.is_empty() {
            let outside = || Error::new(format!("a cut of its row {n} lies outside of the text"));
            let left = without(&document.text, &cut).ok_or_else(outside)?;
            let counts = told.counts.entry("paragraphs".to_owned()).or_default();
            counts.note(&format!("{}: paragraphs cut", standing.source), cut.len() as u64);
            counts.note(&format!("{}: bytes cut out", standing.source), (document.text.len() - left.len()) as u64);
            counts.note(&format!("{}: documents shortened", standing.source), u64::from(!standing.is_dropped_by("paragraphs")));
            document.text = left;
        }
        let masked = masks.take(row, document.key)?;
        if !masked.is_empty() {
            let counts = told.counts.entry("mask".to_owned()).or_default();
            mask::note(counts, &standing.source, &masked);
            document.text = masks.apply(document.key, &document.text, &masked)?;
        }
        let ranges = pieces.take(document.key)?;
        if is_followed && standing.alive {
            for copy in 0..standing.copies {
                if ranges.is_empty() {
                    told.data.add(document.key, &standing.source, &document.id, copy, &document.text);
                }
                for (k, range) in ranges.iter().enumerate() {
                    let outside = || Error::new(format!("a piece of its row {n} lies outside of the text"));
                    let text = document.text.get(range.clone()).ok_or_else(outside)?;
                    told.data.add(document.key, &standing.source, &format!("{}#{k}", document.id), copy, text);
                }
            }
        }
        Ok(())
    })?;
    if !cuts.is_done() {
        return Err(Error::new(format!("{} has cuts of documents that it does not hold, or in another order", cuts_path(&file.name()))));
    }
    if !masks.is_done() {
        return Err(Error::new(format!("{} has masks of documents that it does not hold, or in another order", ranges_path(&file.name()))));
    }
    for (_, name, mut rows) in tables {
        if rows.next().is_some() {
            return Err(Error::new(format!("it has fewer rows than {name}")));
        }
    }
    Ok(told)
}

/// Where a document stands while it is followed.
struct Standing {
    alive: bool,
    /// What dropped it.
    filter: Option<String>,
    source: String,
    copies: u64,
}

impl Standing {
    fn is_dropped_by(&self, filter: &str) -> bool {
        self.filter.as_deref() == Some(filter)
    }

    /// Follows it through one step; the words are of what cannot be.
    fn pass(&mut self, counts: &mut Counts, row: &DecisionRow) -> Result<(), String> {
        let is_gone = row.verdict == GONE;
        if self.alive == is_gone {
            return Err(format!("says {}, but the document was {} before", row.verdict, if self.alive { "kept" } else { "dropped" }));
        }
        if is_gone {
            return Ok(());
        }
        let moved = row.source != self.source;
        let funnel = counts.source(&self.source);
        funnel.read += 1;
        match row.verdict.as_str() {
            KEEP if moved => {
                *funnel.moved.entry(row.source.clone()).or_default() += 1;
                let funnel = counts.source(&row.source);
                (funnel.entered, funnel.kept) = (funnel.entered + 1, funnel.kept + 1);
            }
            KEEP => funnel.kept += 1,
            DROP if !moved => {
                funnel.drop(row.filter.as_deref().unwrap_or_default(), row.rule.as_deref().unwrap_or_default());
                (self.alive, self.filter) = (false, row.filter.clone());
            }
            other => return Err(format!("has the verdict {other:?} and the source {:?} after {:?}", row.source, self.source)),
        }
        self.source.clone_from(&row.source);
        if let Some(tokens) = row.tokens {
            counts.note(&format!("{}: tokens", row.source), tokens);
        }
        if let Some(copies) = row.copies {
            self.copies = copies;
            counts.note(&format!("{}: copies", row.source), copies);
        }
        Ok(())
    }
}

/// What the rows gave against what the ledger holds.
fn compare(held: &Held<'_>, all: &Told) -> Vec<Wrong> {
    let mut found = Vec::new();
    for (step, counts) in &all.counts {
        let Some(entry) = held.entries.iter().find(|entry| entry.step == *step) else { continue };
        let (told, kept) = (flat(counts), flat(&entry.outcome.counts));
        let names = told.keys().chain(kept.keys().filter(|name| !told.contains_key(*name)));
        for name in names {
            let of = |counts: &BTreeMap<String, u64>| counts.get(name).copied().unwrap_or(0);
            // The ledger notes more than rows can tell.
            let is_told = !name.starts_with("note ") || told.contains_key(name);
            if is_told && of(&told) != of(&kept) {
                found.push((
                    format!("ledger/{step}.json"),
                    format!("counts {} for {name}, the rows of its tables {}", of(&kept), of(&told)),
                ));
            }
        }
    }
    let clusters = CLUSTERS;
    let listed = held.files.iter().find(|file| file.path == clusters).map_or(0, |file| file.rows);
    let noted = held.entries.iter().find(|entry| entry.step == "dedup").and_then(|entry| entry.outcome.counts.notes.get(IN_CLUSTERS));
    let clustered = all.clustered + noted.copied().unwrap_or(0);
    if listed != clustered && !held.bad.contains(clusters) {
        found.push((clusters.to_owned(), format!("has {listed} rows, but {clustered} documents are in clusters")));
    }
    found
}

/// Every count by its name in words.
fn flat(counts: &Counts) -> BTreeMap<String, u64> {
    let mut flat = BTreeMap::new();
    for (source, funnel) in &counts.sources {
        flat.insert(format!("read of {source}"), funnel.read);
        flat.insert(format!("kept of {source}"), funnel.kept);
        flat.insert(format!("come into {source}"), funnel.entered);
        flat.extend(funnel.moved.iter().map(|(to, &n)| (format!("moved from {source} to {to}"), n)));
        let drops = funnel.dropped.iter().flat_map(|(filter, rules)| rules.iter().map(move |(rule, &n)| (filter, rule, n)));
        flat.extend(drops.map(|(filter, rule, n)| (format!("dropped of {source} by {filter}/{rule}"), n)));
    }
    flat.extend(counts.notes.iter().map(|(name, &n)| (format!("note {name:?}"), n)));
    flat
}
