//! Indexes: what the documents that a run kept are known by, so that the documents of a later run are compared with them and none of them is signed again.
//!
//! A run with `keep-index` leaves, for each file of documents, the band keys of those that it kept: 48 bytes a document and 8 a band. A later run names the folder; the kept documents
//! of that folder come before all of its own, and are never compared among themselves. What the exact look needs is read from the folder's documents, of candidates only.

use serde::{Deserialize, Serialize};

use crate::dedup::{MinHash, Rank, Shingles};
use crate::document::Key;
use crate::error::{Error, Kind, Result};
use crate::store::spill::{Segments, SpillWriter, read_segments};
use crate::store::table::{Row, TableReader};
use crate::store::{Folder, Written};

use super::super::super::ledger::{self, Counts, Outcome, seal};
use super::super::super::plan::DocumentFile;
use super::super::super::recipe::{self, KeepOnePer, Recipe};
use super::super::super::run::{Build, Task};
use super::super::{TextRow, misaligned};
use super::listed::Names;
use super::records::{Fields, Kept, Shingled};
use super::tables::IdRow;
use super::{Dedup, number};

/// What an index says of itself.
pub const ABOUT: &str = "dedup/index.json";
/// Folder of its keys.
const KEYS: &str = "dedup/index/";

/// Raised when keys of older versions cannot be compared with new ones.
const VERSION: u32 = 1;

/// Bytes that a run makes of a byte of an index: a key of 48 + 8 becomes an entry of 84.
pub const ENTRIES_OF_KEYS: u64 = 8;

/// What keys depend on: only those of the same making can be compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    version: u32,
    seed: u64,
    shingles: Shingles,
    minhash: MinHash,
    keep_one_per: KeepOnePer,
}

impl About {
    pub fn new(recipe: &Recipe, part: &recipe::Dedup) -> Self {
        let options = part.options();
        let keep_one_per = part.keep_one_per;
        Self { version: VERSION, seed: recipe.seed, shingles: options.shingles, minhash: options.minhash, keep_one_per }
    }

    /// Where the keys of an index differ in their making: what theirs is, what ours is.
    fn differences(&self, ours: &Self) -> Vec<String> {
        let minhash = |of: &Self| format!("{} bands of {} rows", of.minhash.bands, of.minhash.rows);
        let parts = [
            ("format", self.version.to_string(), ours.version.to_string()),
            ("seed", self.seed.to_string(), ours.seed.to_string()),
            ("shingles", format!("{:?}", self.shingles), format!("{:?}", ours.shingles)),
            ("minhash", minhash(self), minhash(ours)),
            ("keep-one-per", format!("{:?}", self.keep_one_per), format!("{:?}", ours.keep_one_per)),
        ];
        parts.into_iter().filter(|(_, a, b)| a != b).map(|(what, a, b)| format!("{what} {a} there and {b} here")).collect()
    }

    pub fn write(&self, folder: &Folder) -> Result<Written> {
        let text = serde_json::to_string_pretty(self).map_err(|error| Error::new("cannot write what the index is").because(error))?;
        folder.write(ABOUT, (text + "\n").as_bytes())
    }
}

/// A finished build whose kept documents are compared with.
pub struct Index {
    /// As the recipe names it.
    pub name: String,
    folder: Folder,
    files: Vec<IndexFile>,
    /// Stands for all that it holds.
    pub state: String,
}

/// The kept documents of one file of an index.
struct IndexFile {
    keys: Written,
    documents: Written,
}

impl Index {
    /// # Errors
    /// When the folder holds no finished index (exit 2), and when its keys cannot be compared with those of this recipe (exit 2).
    pub fn open(recipe: &Recipe, name: &str, ours: &About) -> Result<Self> {
        let folder = Folder::at(recipe.base.join(name));
        let none = |why: &str| Error::recipe(format!("{name} is no index: {why}"));
        let entries = ledger::finished(&folder)?;
        let entry = |step: &str| entries.iter().find(|entry| entry.step == step);
        let (Some(extract), Some(dedup)) = (entry("extract"), entry("dedup")) else {
            return Err(none("no build with [dedup] was finished in that folder"));
        };
        let about = dedup.outcome.files.iter().find(|file| file.path == ABOUT);
        let about = about.ok_or_else(|| none("its build kept none; run it again with keep-index = true (gristmill dedup --keep-index)"))?;
        let theirs = folder.read(ABOUT)?.filter(|_| folder.holds(about)).and_then(|bytes| serde_json::from_slice::<About>(&bytes).ok());
        let theirs = theirs.ok_or_else(|| none(&format!("{ABOUT} is missing or damaged; run its build again")))?;
        let differences = theirs.differences(ours);
        if !differences.is_empty() {
            return Err(Error::recipe(format!(
                "the index {name} was made with other settings ({}), so that its keys cannot be compared; use the same, or build it again",
                differences.join("; ")
            )));
        }
        let mut files = Vec::new();
        for keys in &dedup.outcome.files {
            let Some(file) = keys.path.strip_prefix(KEYS).and_then(|path| path.strip_suffix(".keys")) else { continue };
            let path = format!("documents/{file}.parquet");
            let documents = extract.outcome.files.iter().find(|written| written.path == path);
            let documents = documents.ok_or_else(|| none(&format!("it has keys of {path}, but not that file; run its build again")))?;
            files.push(IndexFile { keys: keys.clone(), documents: documents.clone() });
        }
        let bytes: u64 = files.iter().map(|file| file.keys.bytes).sum();
        let hashes: Vec<&str> = files.iter().flat_map(|file| [file.keys.hash.as_str(), &file.documents.hash]).collect();
        let state = format!("{bytes} bytes, {}", seal(&hashes.concat()));
        Ok(Self { name: name.to_owned(), folder, files, state })
    }

    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.keys.bytes).sum()
    }

    pub fn n_files(&self) -> usize {
        self.files.len()
    }

    fn tasks(&self) -> impl Iterator<Item = Task> {
        self.files.iter().map(|file| Task { name: format!("index {}, {}", self.name, file.keys.path), bytes: file.keys.bytes })
    }

    /// # Errors
    /// When the file is not what it was when the index was finished (exit 5).
    fn holds(&self, written: &Written) -> Result<()> {
        if self.folder.holds(written) {
            return Ok(());
        }
        let message = format!("{} of the index {} is not as its build left it; run that build again", written.path, self.name);
        Err(Error::of(Kind::Changed, message))
    }

    /// These rows of the documents of one of its files.
    fn documents<R: Row>(&self, file: &IndexFile, rows: Vec<u64>) -> Result<TableReader<R>> {
        Ok(TableReader::open(&self.folder.path(&file.documents.path))?.pick(rows))
    }
}

impl Dedup {
    /// The documents of a file, of this build or of an index, at these rows.
    pub(super) fn documents<R: Row>(&self, build: Build<'_>, file: usize, rows: Vec<u64>) -> Result<TableReader<R>> {
        match self.layout.files.get(file) {
            Some(file) => Ok(TableReader::open(&build.folder.path(&file.documents()))?.pick(rows)),
            None => {
                let (_, index, file) = self.indexed(file);
                index.documents(file, rows)
            }
        }
    }

    /// What a message calls a file.
    pub(super) fn file_name(&self, file: usize) -> String {
        match self.layout.files.get(file) {
            Some(file) => file.name(),
            None => self.indexed(file).2.documents.path.clone(),
        }
    }

    /// Tasks over the files of this build and then those of indexes.
    pub(super) fn tasks(&self) -> Vec<Task> {
        self.layout.tasks().into_iter().chain(self.indexes.iter().flat_map(Index::tasks)).collect()
    }

    /// The file of an index that has this number among all files: with the number of its index.
    fn indexed(&self, file: usize) -> (usize, &Index, &IndexFile) {
        let mut at = file - self.layout.files.len();
        for (n, index) in self.indexes.iter().enumerate() {
            match index.files.get(at) {
                Some(file) => return (n, index, file),
                None => at -= index.files.len(),
            }
        }
        unreachable!("numbers of files are below n_files")
    }

    /// Round `sign` of a file of an index: its keys go to this build's partitions. Memory: a segment of each.
    pub(super) fn sign_index(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let (n, index, file) = self.indexed(task);
        index.holds(&file.keys)?;
        let mut spill = self.entries(build, task)?;
        let mut counts = Counts::default();
        for records in read_segments(&index.folder, &file.keys.path, 0)? {
            for record in records?.iter() {
                let kept = Kept::from_bytes(record)?;
                let rank = rank(n, kept.key);
                let member = self.copies.member_at(number(task, kept.row), rank, (kept.host, kept.exact));
                self.spill_entries(&mut spill, &member, &kept.band_keys)?;
                counts.note("documents of indexes, which come before", 1);
            }
        }
        counts.bytes += file.keys.bytes;
        Ok(Outcome { files: Vec::new(), work: vec![spill.finish()?], counts })
    }

    /// Round `shingle` of a file of an index.
    pub(super) fn shingle_index(&self, task: usize, rows: &[u64], mut each: impl FnMut(Shingled) -> Result<()>) -> Result<u64> {
        let (n, index, file) = self.indexed(task);
        index.holds(&file.documents)?;
        let mut documents = index.documents::<TextRow>(file, rows.to_vec())?;
        let mut bytes = 0;
        for &row in rows {
            let TextRow { key, text } = documents.next().ok_or_else(|| misaligned(&file.documents.path))??;
            bytes += text.len() as u64;
            each(Shingled { document: number(task, row), rank: rank(n, key), shingles: self.shingle_set(&text) })?;
        }
        Ok(bytes)
    }

    /// Round `apply` of a file of an index: nothing is decided of its documents, but tables name them.
    pub(super) fn name_index(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let (n, index, file) = self.indexed(task);
        let mut names = Names::open(self, build, task)?;
        let mut counts = Counts::default();
        let rows = names.rows();
        counts.note(super::IN_CLUSTERS, rows.iter().filter(|&&row| names.found(row).is_some()).count() as u64);
        let mut documents = index.documents::<IdRow>(file, rows.clone())?;
        for row in rows {
            let document = documents.next().ok_or_else(|| misaligned(&file.documents.path))??;
            names.name(row, self.copies.source(n as u32), document)?;
        }
        Ok(Outcome { files: Vec::new(), work: vec![names.finish()?], counts })
    }
}

/// What an index says of a document is its place before all documents of the build; none of its own is compared with another.
fn rank(index: usize, key: Key) -> Rank {
    Rank { priority: index as u32, preferences: [0, 0], key }
}

/// Keeps the keys of what a file's documents leave, from those of all its documents in order.
pub struct Keeper {
    segments: Segments,
    waiting: std::collections::VecDeque<Vec<u8>>,
    keys: SpillWriter,
}

impl Keeper {
    pub fn open(dedup: &Dedup, build: Build<'_>, task: usize) -> Result<Self> {
        let segments = read_segments(build.folder, &dedup.work("sign", task), dedup.signed())?;
        let path = keys_path(&dedup.layout.files[task]);
        Ok(Self { segments, waiting: std::collections::VecDeque::new(), keys: SpillWriter::create(build.folder, &path, 1)? })
    }

    /// Takes the next document that was signed: its keys stay when it does.
    pub fn take(&mut self, row: u64, stays: bool, name: &str) -> Result<()> {
        while self.waiting.is_empty() {
            let records = self.segments.next().ok_or_else(|| misaligned(name))??;
            self.waiting.extend(records.iter().map(<[u8]>::to_vec));
        }
        let record = self.waiting.pop_front().filter(|record| Fields(record).u64().is_ok_and(|of| of == row));
        let record = record.ok_or_else(|| misaligned(name))?;
        if stays { self.keys.push(0, &record) } else { Ok(()) }
    }

    pub fn finish(self) -> Result<Written> {
        self.keys.finish()
    }
}

fn keys_path(file: &DocumentFile) -> String {
    format!("{KEYS}{}.keys", file.name())
}
