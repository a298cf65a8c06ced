//! Cuts duplicate paragraphs out of the standing documents: of each hash of a paragraph, or of a run of its words, the best document that holds it is the
//! owner (the source's priority, then the order of the input), and a paragraph that others own is cut out of the rest.
//!
//! Rounds: `hash` writes the hashes of each file's documents by partition (8 bytes a paragraph, or a word where n-grams are compared, and 28 a document and
//! partition, of which 64 MiB are held; 16 bytes a hash of the largest document); `group` finds the owners in one partition of hashes (those bytes, 64 more a document, 10 bits
//! a hash for the Bloom filter, 48 bytes a hash that repeats); `cut` splits each text again, decides, and writes verdicts and cuts (16 bytes a hash of the file that others own).
//! The filter only says which hashes may repeat; what it says is counted exactly, so its false alarms cost a look and never a paragraph.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::dedup::bloom::Seen;
use crate::dedup::paragraphs::{Hashed, Options};
use crate::document::Key;
use crate::error::Result;
use crate::store::spill::{Records, SpillWriter, partition, read_records};
use crate::store::table::TableReader;

use super::super::ledger::{Counts, Outcome};
use super::super::plan::{DocumentFile, Layout, n_partitions};
use super::super::recipe::{self, Recipe};
use super::super::run::{Build, Round, Step};
use super::walk::{OfRow, OfRows};
use super::{Before, Keyed, TextRow, Walk, keyed};

mod cut;
mod records;

use records::{Held, Lost};

const VERSION: u32 = 1;

crate::table! {
    /// A paragraph that was cut out, and who holds it; its document may have been dropped for that.
    pub struct ParagraphRow {
        /// The document's key.
        key: Key,
        /// Number of the document's row in its file, from 0.
        row: u64,
        /// First byte of the cut in the document's text; line feeds that part it from its neighbours go with it.
        start: u64,
        /// The byte after its last.
        end: u64,
        /// Key of the document that holds the paragraph, or most of its n-grams; the document's own where it came before in the same text.
        owner: Key,
        /// Share of its n-grams that are not its own, in 0..=1; 1 for a whole paragraph.
        share: f64,
    }
}

keyed!(ParagraphRow);

impl OfRow for ParagraphRow {
    fn row(&self) -> u64 {
        self.row
    }
}

pub struct Paragraphs {
    layout: Arc<Layout>,
    before: Before,
    options: Options,
    /// Sources from the most to the least preferred owner: those that lose nothing, then the others.
    order: Vec<String>,
    /// How many of them lose nothing.
    n_whole: usize,
    n_partitions: usize,
}

impl Paragraphs {
    pub fn new(recipe: &Recipe, part: &recipe::Paragraphs, layout: &Arc<Layout>, before: &Before) -> Self {
        let (mut order, losing): (Vec<String>, Vec<String>) = recipe.source_order().into_iter().partition(|source| !part.cuts(source));
        let n_whole = order.len();
        order.extend(losing);
        Self {
            layout: Arc::clone(layout),
            before: before.clone(),
            options: part.options(),
            order,
            n_whole,
            // About 32 MiB of input a partition; only memory depends on it.
            n_partitions: n_partitions(layout.bytes, 32 << 20),
        }
    }

    fn priority(&self, source: &str) -> u32 {
        let place = self.order.iter().position(|name| name == source);
        place.map_or(u32::MAX, |place| place as u32)
    }

    fn work(&self, round: &str, task: usize) -> String {
        format!("work/paragraphs/{round}-{task:05}")
    }
}

impl Step for Paragraphs {
    fn name(&self) -> &str {
        "paragraphs"
    }

    fn identity(&self) -> String {
        format!("{VERSION} {:?} {:?} {}", self.options, self.order, self.n_whole)
    }

    fn reads(&self) -> Vec<String> {
        std::iter::once("extract".to_owned()).chain(self.before.steps()).collect()
    }

    fn rounds(&self) -> Vec<Round> {
        vec![
            Round { name: "hash", tasks: self.layout.tasks(), merges: false },
            Round { name: "group", tasks: self.layout.partitions(self.n_partitions), merges: false },
            Round { name: "cut", tasks: self.layout.tasks(), merges: false },
        ]
    }

    fn task(&self, build: Build<'_>, round: usize, task: usize) -> Result<Outcome> {
        match round {
            0 => self.hash(build, task),
            1 => self.group(build, task),
            _ => self.cut(build, task),
        }
    }
}

impl Paragraphs {
    /// Round 0: what each document of a file holds, by partition.
    fn hash(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let mut spill = SpillWriter::create(build.folder, &self.work("hash", task), self.n_partitions)?;
        let mut counts = Counts::default();
        let mut hashes: Vec<u64> = Vec::new();
        let place = |hash: u64| partition(hash, self.n_partitions);
        for (row, document) in (0..).zip(Walk::<TextRow>::open(build, &self.layout.files[task], &self.before)?) {
            let (TextRow { key, text }, standing) = document?;
            if !standing.alive {
                continue;
            }
            counts.bytes += text.len() as u64;
            let priority = self.priority(&standing.source);
            hashes.clear();
            hashes.extend(Hashed::of(&text, self.options.by).distinct());
            for of_one in hashes.chunk_by(|a, b| place(*a) == place(*b)) {
                spill.push(place(of_one[0]), &Held::to_bytes(row, priority, key, of_one))?;
            }
        }
        Ok(Outcome { files: Vec::new(), work: vec![spill.finish()?], counts })
    }

    /// Round 1: the owner of each hash of a partition that more than one document holds; the others learn it.
    fn group(&self, build: Build<'_>, partition: usize) -> Result<Outcome> {
        let files = 0..self.layout.files.len();
        let parts = files.map(|file| read_records(build.folder, &self.work("hash", file), partition)).collect::<Result<Vec<Records>>>()?;
        let mut documents: Vec<(usize, Held<'_>)> = Vec::new();
        for (file, records) in parts.iter().enumerate() {
            for record in records.iter() {
                documents.push((file, Held::from_bytes(record)?));
            }
        }
        // Most hashes stand alone, and a document holds each once: what the filter has seen, another document holds, or it is a false alarm.
        let n_hashes = documents.iter().map(|(_, held)| held.hashes.len()).sum();
        let mut seen = Seen::with_capacity(n_hashes, self.options.false_positive_rate);
        let mut owners: HashMap<u64, Owner> = HashMap::new();
        for hash in documents.iter().flat_map(|(_, held)| held.hashes.iter()) {
            if seen.insert(hash) {
                owners.insert(hash, Owner::default());
            }
        }
        seen.check()?;
        for (number, (_, held)) in (0..).zip(&documents) {
            for hash in held.hashes.iter() {
                if let Some(owner) = owners.get_mut(&hash) {
                    // Documents come in the order of files and rows.
                    owner.best = owner.best.min((held.priority, number));
                    owner.n_documents += 1;
                }
            }
        }
        let mut counts = Counts::default();
        counts.note("distinct hashes by document", n_hashes as u64);
        counts.note("hashes that the Bloom filter took for repeated", owners.len() as u64);
        counts.note("false alarms among them", owners.values().filter(|owner| owner.n_documents < 2).count() as u64);
        drop(seen);
        let mut spill = SpillWriter::create(build.folder, &self.work("group", partition), self.layout.files.len())?;
        let mut lost: Vec<(u32, u64)> = Vec::new();
        for (number, (file, held)) in (0..).zip(&documents) {
            let owner_of = |hash| owners.get(&hash).map(|owner| (owner.best.1, hash)).filter(|(owner, _)| *owner != number);
            lost.clear();
            lost.extend(held.hashes.iter().filter_map(owner_of));
            lost.sort_unstable();
            for to_one in lost.chunk_by(|a, b| a.0 == b.0) {
                let owner = &documents[to_one[0].0 as usize].1;
                spill.push(*file, &Lost::to_bytes(held.row, owner, to_one.iter().map(|(_, hash)| *hash)))?;
            }
        }
        Ok(Outcome { files: Vec::new(), work: vec![spill.finish()?], counts })
    }
}

/// Who owns a hash.
struct Owner {
    /// Priority and number of the best document so far.
    best: (u32, u32),
    n_documents: u32,
}

impl Default for Owner {
    fn default() -> Self {
        Self { best: (u32::MAX, u32::MAX), n_documents: 0 }
    }
}

/// The cuts of a file of documents, by its name.
pub fn cuts_path(name: &str) -> String {
    format!("paragraphs/cuts/{name}.parquet")
}

/// The cuts of a file's documents, taken in the order of their rows.
#[derive(Default)]
pub struct Cuts {
    rows: OfRows<ParagraphRow>,
}

impl Cuts {
    /// `are_cut` says whether the recipe has that step; without it no document has cuts.
    pub fn open(build: Build<'_>, file: &DocumentFile, are_cut: bool) -> Result<Self> {
        let rows = if are_cut { Some(TableReader::open(&build.folder.path(&cuts_path(&file.name())))?) } else { None };
        Ok(Self { rows: OfRows::new(rows) })
    }

    /// Byte ranges that were cut out of the document in this row, in order. Rows are asked for in ascending order; those between are passed over.
    ///
    /// # Errors
    /// When the table cannot be read, or says something of another document in this row.
    pub fn take(&mut self, row: u64, key: Key) -> Result<Vec<Range<usize>>> {
        Ok(self.rows.take(row, key)?.into_iter().map(|cut| cut.start as usize..cut.end as usize).collect())
    }

    /// True when none is left, as it must be at the end of the documents.
    pub fn is_done(&mut self) -> bool {
        self.rows.is_done()
    }
}
