//! Indexes: what the documents that a run kept are known by, so that the documents of a later run are compared with them and none of them is signed again.
//!
//! A run with `keep-index` leaves, for each file of documents, the band keys of those that it kept: 64 bytes a document and 8 a band. A later run names the folder; the kept documents
//! of that folder come before all of its own, and are never compared among themselves. In the later build they have keys of their own, made of the index's name and of their keys there: two inputs of
//! the same path and ids are different documents. What the exact look needs is read from the folder's documents, of candidates only.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::dedup::{MinHash, Rank, Shingles};
use crate::document::Key;
use crate::error::{Error, Kind, Result};
use crate::store::spill::{Segments, SpillWriter, read_segments};
use crate::store::table::{Row, TableReader};
use crate::store::{Folder, Written};
use crate::text::hash::hash128;

use super::super::ledger::{self, seal};
use super::super::plan::{DocumentFile, Layout};
use super::super::recipe::{self, KeepOnePer, Recipe};
use super::super::run::{Build, Task};
use super::dedup::records::{Fields, Kept};
use super::dedup::tables::IdRow;
use super::misaligned;

/// What an index says of itself.
pub const ABOUT: &str = "dedup/index.json";
/// Folder of its keys.
const KEYS: &str = "dedup/index/";

/// Raised when keys of older versions cannot be compared with new ones.
const VERSION: u32 = 1;

/// Bytes that a run makes of a byte of an index: 64 bytes and 8 a band become 84 for each band.
pub const ENTRIES_OF_KEYS: u64 = 8;

/// What keys depend on: only those of the same making can be compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    version: u32,
    seed: u64,
    shingles: Shingles,
    minhash: MinHash,
    keep_one_per: KeepOnePer,
    /// The states of the indexes that its build was compared with, and their names there.
    before: BTreeMap<String, String>,
}

impl About {
    fn new(recipe: &Recipe, part: &recipe::Dedup) -> Self {
        let (options, keep_one_per) = (part.options(), part.keep_one_per);
        let before = BTreeMap::new();
        Self { version: VERSION, seed: recipe.seed, shingles: options.shingles, minhash: options.minhash, keep_one_per, before }
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

/// The indexes that a recipe names, and what its build's own will say of itself.
pub struct Indexes {
    pub all: Vec<Index>,
    pub about: About,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// A finished build whose kept documents are compared with.
pub struct Index {
    /// As the recipe names it.
    pub name: String,
    folder: Folder,
    files: Vec<IndexFile>,
    /// Stands for all that it holds.
    pub state: String,
    about: About,
}

/// The kept documents of one file of an index.
struct IndexFile {
    keys: Written,
    documents: Written,
}

impl Indexes {
    /// # Errors
    /// When one cannot be opened, or two are the same folder.
    pub fn open(recipe: &Recipe, part: &recipe::Dedup) -> Result<Self> {
        let ours = About::new(recipe, part);
        let all = part.index.iter().map(|name| Index::open(recipe, name, &ours)).collect::<Result<Vec<_>>>()?;
        let mut warnings = Vec::new();
        for (n, index) in all.iter().enumerate() {
            if let Some(same) = all[..n].iter().find(|other| other.state == index.state) {
                return Err(Error::recipe(format!("the indexes {} and {} are the same; name it once", same.name, index.name)));
            }
            for (state, name) in index.about.before.iter().filter(|(state, _)| all.iter().all(|other| other.state != **state)) {
                let size = state.split(',').next().unwrap_or_default();
                warnings.push(format!(
                    "the index {} was itself compared with an index that it calls {name} ({size}), and none of those named here is that one as it was then: what \
                     is only there is not looked for; name it in index too",
                    index.name
                ));
            }
        }
        let before = all.iter().map(|index| (index.state.clone(), index.name.clone())).collect();
        Ok(Self { about: About { before, ..ours }, all, warnings })
    }

    /// Files of the build and of all indexes, numbered in this order.
    pub fn n_files(&self, layout: &Layout) -> usize {
        layout.files.len() + self.all.iter().map(|index| index.files.len()).sum::<usize>()
    }

    pub fn bytes(&self) -> u64 {
        self.all.iter().map(Index::bytes).sum()
    }

    /// One task for each of these files.
    pub fn tasks(&self, layout: &Layout) -> Vec<Task> {
        layout.tasks().into_iter().chain(self.all.iter().flat_map(Index::tasks)).collect()
    }

    /// As a step names what it reads.
    pub fn inputs(&self) -> BTreeMap<String, String> {
        self.all.iter().map(|index| (format!("the index {}", index.name), index.state.clone())).collect()
    }

    /// The file of this number, which is none of the build.
    pub fn file(&self, layout: &Layout, file: usize) -> Indexed<'_> {
        let mut at = file - layout.files.len();
        for (n, index) in self.all.iter().enumerate() {
            match index.files.get(at) {
                Some(file) => return Indexed { n, index, file },
                None => at -= index.files.len(),
            }
        }
        unreachable!("numbers of files are below n_files")
    }
}

impl Index {
    fn open(recipe: &Recipe, name: &str, ours: &About) -> Result<Self> {
        let path = recipe.base.join(name);
        let none = |why: &str| Error::recipe(format!("{name} is no index: {why}"));
        if !path.is_dir() {
            return Err(none(&format!("there is no folder {}; an index is the output folder of a build with keep-index", path.display())));
        }
        let folder = Folder::at(path);
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
            let documents = extract.outcome.files.iter().find(|written| written.path == path && folder.path(&path).exists());
            let documents = documents.ok_or_else(|| none(&format!("it has keys of {path}, but not that file; run its build again")))?;
            files.push(IndexFile { keys: keys.clone(), documents: documents.clone() });
        }
        let hashes = seal(&files.iter().flat_map(|file| [file.keys.hash.as_str(), &file.documents.hash]).collect::<String>());
        let mut index = Self { name: name.to_owned(), folder, files, state: String::new(), about: theirs };
        index.state = format!("{} bytes, {hashes}", index.bytes());
        Ok(index)
    }

    fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.keys.bytes).sum()
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
}

/// A file of an index.
#[derive(Clone, Copy)]
pub struct Indexed<'i> {
    /// Number of the index.
    n: usize,
    index: &'i Index,
    file: &'i IndexFile,
}

impl Indexed<'_> {
    /// What the index holds of its documents, one at a time, with the rank that each has here. Memory: a segment.
    ///
    /// # Errors
    /// When the file is not what it was when the index was finished (exit 5), or cannot be read.
    pub fn each(&self, mut each: impl FnMut(Kept, Rank) -> Result<()>) -> Result<()> {
        self.index.holds(&self.file.keys)?;
        for records in read_segments(&self.index.folder, &self.file.keys.path, 0)? {
            for record in records?.iter() {
                let kept = Kept::from_bytes(record)?;
                let rank = self.rank(kept.key);
                each(kept, rank)?;
            }
        }
        Ok(())
    }

    /// Bytes of its keys.
    pub fn bytes(&self) -> u64 {
        self.file.keys.bytes
    }

    pub fn path(&self) -> &str {
        &self.file.documents.path
    }

    /// The rank here of a document that has this key there: before all documents of the build; none of an index is compared with another.
    pub fn rank(&self, key: Key) -> Rank {
        Rank { priority: self.n as u32, preferences: [0, 0], key: key_here(&self.index.name, key) }
    }

    /// These rows of its documents.
    pub fn documents<R: Row>(&self, rows: Vec<u64>) -> Result<TableReader<R>> {
        self.index.holds(&self.file.documents)?;
        Ok(TableReader::open(&self.index.folder.path(&self.file.documents.path))?.pick(rows))
    }
}

/// What tables and reports call an index where they name a source; no source has a space in its name.
pub fn called(index: &str) -> String {
    format!("index {index}")
}

/// The key of a document of an index in a build that is compared with it.
fn key_here(index: &str, key: Key) -> Key {
    Key(hash128(&[index.as_bytes(), &[0], &key.0.to_le_bytes()].concat()))
}

/// The document of an index that has this key here; `None` where none has, or its folder is gone.
pub fn find(recipe: &Recipe, key: Key) -> Option<(String, IdRow)> {
    let part = recipe.dedup.as_ref()?;
    for name in &part.index {
        let Ok(index) = Index::open(recipe, name, &About::new(recipe, part)) else { continue };
        for file in &index.files {
            let rows = TableReader::<IdRow>::open(&index.folder.path(&file.documents.path)).ok()?;
            if let Some(row) = rows.filter_map(Result::ok).find(|row| key_here(name, row.key) == key) {
                return Some((name.clone(), row));
            }
        }
    }
    None
}

/// Keeps the keys of what a file's documents leave, from those of all its documents in order.
pub struct Keeper {
    segments: Segments,
    waiting: VecDeque<Vec<u8>>,
    keys: SpillWriter,
}

impl Keeper {
    /// `signed` is the partition of a work file that holds what is kept of each document of a file.
    pub fn open(build: Build<'_>, file: &DocumentFile, (path, signed): (&str, usize)) -> Result<Self> {
        let segments = read_segments(build.folder, path, signed)?;
        let keys = SpillWriter::create(build.folder, &format!("{KEYS}{}.keys", file.name()), 1)?;
        Ok(Self { segments, waiting: VecDeque::new(), keys })
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
