//! Records that an index names, and no others: each is fetched by itself, from files of this machine or from far away, and read as the record of an archive.
//!
//! Rows are worked through in the order of the index, a batch at a time. What lies far away is fetched many at once, because each waits for an answer; what is handed on is
//! in order. A record that is listed twice is read twice. Memory: [`BATCH_BYTES`], the longest record twice, and some hundred bytes and its name for each file that the index names.

use std::collections::{BTreeSet, HashMap};
use std::io::{Cursor, Read};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::find::{Roots, Wanted, listed};
use super::framing::Framer;
use super::index::{BadRow, Entry, entries};
use super::packing::Packing;
use super::source::Source;
use super::warc::Records;
use super::{Format, Input, Item, Limits, Rejected, Sink, Tally};
use crate::codec::{Feed, ZSTD_MAGIC};
use crate::document::{Place, Reason};
use crate::error::{Context, Error, Kind, Result};
use crate::remote;

/// Stored bytes of records that are fetched together, with what their rows hold, and how many records.
const BATCH_BYTES: u64 = 16 << 20;
const BATCH: usize = 512;
/// Records that are asked for at a time.
const AT_ONCE: usize = 16;

/// Reads what an index names. The tally counts records by type, and "bad-row" rows; its bytes are those of the records that were fetched.
///
/// # Errors
/// As [`entries`]; when a file is not there that the index names, or changes while it is read (exit code 5); when a record cannot be fetched.
pub(super) fn read(input: &Input, limits: &Limits, sink: Sink<'_, '_>) -> Result<Tally> {
    let mut fetcher = Fetcher {
        index: input,
        lists: input.lists.clone().unwrap_or_default(),
        limits,
        records: Records::new(Format::Warc, input, limits, sink),
        files: HashMap::new(),
        roots: Roots::default(),
        batch: Vec::new(),
        bytes: 0,
    };
    let seen = entries(input, limits, &mut |row| fetcher.row(row))?;
    fetcher.flush()?;
    let mut tally = fetcher.records.sink.tally;
    for (fault, n) in seen.faults {
        *tally.faults.entry(fault).or_default() += n;
    }
    Ok(tally)
}

/// A file that an index names.
struct File {
    input: Input,
    /// As it was when it was found.
    state: String,
    /// Of a zstd file, whose dictionary stands first; found out when it is needed.
    packing: Option<Packing>,
}

struct Fetcher<'r, 's, 'f> {
    index: &'r Input,
    lists: Arc<Lists>,
    limits: &'r Limits,
    records: Records<'r, 's, 'f>,
    files: HashMap<String, File>,
    roots: Roots,
    batch: Vec<Entry>,
    bytes: u64,
}

impl Fetcher<'_, '_, '_> {
    fn row(&mut self, row: Result<Entry, BadRow>) -> Result<()> {
        match row {
            Ok(entry) => {
                self.bytes += entry.length + (entry.file.len() + entry.url.as_ref().map_or(0, String::len)) as u64;
                self.batch.push(entry);
                if BATCH_BYTES <= self.bytes || self.batch.len() == BATCH { self.flush() } else { Ok(()) }
            }
            Err(BadRow { row, rows, .. }) => {
                // In their order.
                self.flush()?;
                self.records.sink.tally.record("bad-row");
                let place = Place { file: self.index.name.clone(), offset: row, length: rows };
                let reason = Reason::bare("read", BadRow::RULE);
                self.records.sink.give(Item::Rejected(Rejected { id: String::new(), url: None, place, reason }))
            }
        }
    }

    /// Fetches the batch and hands on what it holds.
    fn flush(&mut self) -> Result<()> {
        let batch = std::mem::take(&mut self.batch);
        self.bytes = 0;
        self.find(&batch)?;
        let parts: Vec<(&Input, &Entry)> = batch.iter().map(|entry| (&self.files[&entry.file].input, entry)).collect();
        let far = parts.iter().any(|(file, _)| !file.is_at_hand());
        let fetched = at_once(&parts, far, |(file, entry)| {
            let mut bytes = Vec::new();
            let reading = || format!("cannot read {} bytes of {} from byte {} on", entry.length, file.path.display(), entry.offset);
            file.part(entry.offset, entry.length)?.read_to_end(&mut bytes).context(reading)?;
            Ok(bytes)
        })?;
        // Before anything of it counts.
        let files: BTreeSet<&str> = batch.iter().map(|entry| entry.file.as_str()).collect();
        files.into_iter().try_for_each(|file| self.files[file].unchanged())?;
        batch.iter().zip(fetched).try_for_each(|(entry, bytes)| self.one(entry, bytes))
    }

    /// Finds the files that a batch names first; where names begin is found out with the first of them.
    fn find(&mut self, batch: &[Entry]) -> Result<()> {
        let mut new: Vec<(u64, &str)> = Vec::new();
        let mut named = BTreeSet::new();
        for entry in batch {
            if !self.files.contains_key(&entry.file) && named.insert(entry.file.as_str()) {
                new.push((entry.row, &entry.file));
            }
        }
        let (list, lists) = (self.index.name.clone(), self.lists.clone());
        let look = |&(row, name): &(u64, &str), roots: &mut Roots| -> Result<File> {
            let input = listed(name, (&list, row), &lists, roots)?;
            Ok(File { state: input.state()?, input, packing: None })
        };
        let Some((first, others)) = new.split_first() else { return Ok(()) };
        let file = look(first, &mut self.roots)?;
        let far = !file.input.is_at_hand() || others.iter().any(|(_, name)| remote::is_url(name));
        let found = at_once(others, far, |name| look(name, &mut self.roots.clone()))?;
        for ((_, name), file) in new.iter().zip(std::iter::once(file).chain(found)) {
            self.files.insert((*name).to_owned(), file);
        }
        Ok(())
    }

    /// Hands on the record, or records, in these bytes.
    fn one(&mut self, entry: &Entry, bytes: Vec<u8>) -> Result<()> {
        let file = self.files.get_mut(&entry.file).expect("the files of a batch are found before it is read");
        let place = Place { file: file.input.name.clone(), offset: entry.offset, length: entry.length };
        if bytes.is_empty() {
            return self.records.nothing("truncated-input", place, entry.url.clone());
        }
        self.records.sink.tally.stored_bytes += bytes.len() as u64;
        let source = file.source(bytes, entry.offset, self.limits)?;
        // A record that lies as it is has the same place in the file and in the stream; one that shares a packed member has that of the row.
        let from = if source.is_plain() { entry.offset } else { 0 };
        self.records.within = (!source.is_plain()).then(|| place.clone());
        self.records.name = place.file.clone();
        let mut framer = Framer::at(source, self.limits, from);
        framer.head.digests.asked = self.records.sink.digests.is_some();
        let reading = || format!("cannot read {} at byte {}", entry.file, entry.offset);
        let mut is_empty = true;
        while let Some(found) = framer.next().context(reading)? {
            is_empty = false;
            self.records.take(&framer, &found)?;
        }
        self.records.sink.tally.decoded_bytes += framer.decoded_bytes() - from;
        // An empty member, or zeros.
        if is_empty { self.records.nothing("damaged-record", place, entry.url.clone()) } else { Ok(()) }
    }
}

impl File {
    /// # Errors
    /// When it is in another state than when it was found (exit code 5).
    fn unchanged(&self) -> Result<()> {
        if self.input.state()? == self.state {
            return Ok(());
        }
        let message = format!("{} changed while it was read; run again when it is at rest", self.input.path.display());
        Err(Error::of(Kind::Changed, message))
    }

    fn source(&mut self, bytes: Vec<u8>, offset: u64, limits: &Limits) -> Result<Source> {
        let reading = || format!("cannot read {}", self.input.path.display());
        let packing = match &self.packing {
            Some(packing) => packing.clone(),
            // The dictionary stands at the start of the file.
            None if bytes.starts_with(&ZSTD_MAGIC) && 0 < offset => {
                let packing =
                    Packing::of(&mut Feed::new(self.input.part(0, self.input.bytes)?), &self.input.name, limits).context(reading)?;
                self.packing.insert(packing).clone()
            }
            None => Packing::of(&mut Feed::new(&bytes[..]), &self.input.name, limits).context(reading)?,
        };
        let feed: Feed<Box<dyn Read + Send>> = Feed::at(Box::new(Cursor::new(bytes)), offset);
        Source::of(&self.input, feed, packing, limits).context(reading)
    }
}

/// Does the same to all, many at once where they are far; the first failure is the error.
fn at_once<T: Sync, R: Send + Sync>(all: &[T], far: bool, work: impl Fn(&T) -> Result<R> + Sync) -> Result<Vec<R>> {
    if !far {
        return all.iter().map(work).collect();
    }
    let slots: Vec<OnceLock<Result<R>>> = all.iter().map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    let each = || {
        while let Some((n, one)) = Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|n| Some((n, all.get(n)?))) {
            let done = work(one);
            if done.is_err() {
                // Nobody will want the others.
                next.store(all.len(), Ordering::Relaxed);
            }
            // Each number is drawn once.
            let _ = slots[n].set(done);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..AT_ONCE.min(all.len()) {
            // Where no more threads can be had, those that there are do it.
            if std::thread::Builder::new().spawn_scoped(scope, each).is_err() {
                break;
            }
        }
        each();
    });
    // What is missing follows a failure, which is the first error here.
    slots.into_iter().filter_map(OnceLock::into_inner).collect()
}

/// Where names in a list, or in an index, begin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// The folder that paths are relative to.
    pub base: PathBuf,
    /// A folder or URL, where one is given; else the folder of the list, or the first one above it in which the name is found.
    pub root: Option<String>,
}

impl Lists {
    pub(super) fn of(wanted: &Wanted<'_>) -> Arc<Self> {
        Arc::new(Self { base: wanted.base.to_owned(), root: wanted.root.map(str::to_owned) })
    }
}
