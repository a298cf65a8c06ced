//! Records that an index names, and no others: each is fetched by itself, from files of this machine or from far away, and read as the record of an archive.
//!
//! Rows are worked through in the order of the index, a batch at a time. What lies far away is fetched many at once, because each waits for an answer; what is handed on is
//! in order. A record that is listed twice is read twice. Memory: [`BATCH_BYTES`], the longest record twice, and some hundred bytes a file that the index names.

use std::collections::HashMap;
use std::io::{Cursor, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::find::{Roots, Wanted, listed, not_listed};
use super::framing::Framer;
use super::index::{BadRow, Entry, entries};
use super::packing::Packing;
use super::source::Source;
use super::warc::Records;
use super::{Format, Input, Item, Limits, Rejected, Sink, Tally};
use crate::codec::{Feed, ZSTD_MAGIC};
use crate::document::{Place, Reason};
use crate::error::{Context, Result};

/// Stored bytes of records that are fetched together, and how many records.
const BATCH_BYTES: u64 = 16 << 20;
const BATCH: usize = 512;
/// Records that are asked for at a time.
const AT_ONCE: usize = 16;

/// Reads what an index names. The tally counts records by type, and "bad-row" and "file-not-found" rows; its bytes are those of the records that were fetched.
///
/// # Errors
/// As [`entries`]; when a record cannot be fetched; when not one file is found that the index names.
pub(super) fn read(input: &Input, limits: &Limits, sink: Sink<'_, '_>) -> Result<Tally> {
    let mut fetcher = Fetcher {
        index: input,
        limits,
        records: Records::new(Format::Warc, input, limits, sink),
        files: HashMap::new(),
        roots: Roots::default(),
        missing: None,
        batch: Vec::new(),
        bytes: 0,
        row: 0,
    };
    let seen = entries(input, limits, &mut |row| fetcher.row(row))?;
    fetcher.flush()?;
    if let (Some(missing), true) = (&fetcher.missing, fetcher.files.values().all(Option::is_none)) {
        return Err(not_listed(missing, fetcher.row, &input.name, &wanted(input)));
    }
    let mut tally = fetcher.records.sink.tally;
    for (fault, n) in seen.faults {
        *tally.faults.entry(fault).or_default() += n;
    }
    Ok(tally)
}

/// Where names in the index begin.
fn wanted(index: &Input) -> Wanted<'_> {
    let lists = index.lists.as_deref();
    let wanted = Wanted::new(&[], lists.map_or(std::path::Path::new(""), |lists| &lists.base));
    Wanted { root: lists.and_then(|lists| lists.root.as_deref()), ..wanted }
}

/// A file that an index names.
struct File {
    input: Input,
    /// Of a zstd file, whose dictionary stands first; found out when it is needed.
    packing: Option<Packing>,
}

struct Fetcher<'r, 's, 'f> {
    index: &'r Input,
    limits: &'r Limits,
    records: Records<'r, 's, 'f>,
    /// `None` where there is none of that name.
    files: HashMap<String, Option<File>>,
    roots: Roots,
    /// The first name that led nowhere.
    missing: Option<String>,
    batch: Vec<Entry>,
    bytes: u64,
    /// Number of the row at hand.
    row: u64,
}

impl Fetcher<'_, '_, '_> {
    fn row(&mut self, row: Result<Entry, BadRow>) -> Result<()> {
        self.row += 1;
        match row {
            Ok(entry) => {
                self.bytes += entry.length;
                self.batch.push(entry);
                if BATCH_BYTES <= self.bytes || self.batch.len() == BATCH { self.flush() } else { Ok(()) }
            }
            Err(BadRow { row, rows, .. }) => {
                // In their order.
                self.flush()?;
                self.records.sink.tally.record("bad-row");
                let place = Place { file: self.index.name.clone(), offset: row, length: rows };
                self.reject(None, place, "bad-index-row")
            }
        }
    }

    fn reject(&mut self, url: Option<String>, place: Place, rule: &'static str) -> Result<()> {
        self.records.sink.give(Item::Rejected(Rejected { id: String::new(), url, place, reason: Reason::bare("read", rule) }))
    }

    /// Fetches the batch and hands on what it holds.
    fn flush(&mut self) -> Result<()> {
        let batch = std::mem::take(&mut self.batch);
        self.bytes = 0;
        for entry in &batch {
            if !self.files.contains_key(&entry.file) {
                let found = listed(&entry.file, &self.index.name, &wanted(self.index), &mut self.roots)?;
                if found.is_none() {
                    self.missing.get_or_insert_with(|| entry.file.clone());
                }
                self.files.insert(entry.file.clone(), found.map(|input| File { input, packing: None }));
            }
        }
        let parts: Vec<Option<(&Input, &Entry)>> =
            batch.iter().map(|entry| Some((&self.files.get(&entry.file)?.as_ref()?.input, entry))).collect();
        let fetched = fetch_all(&parts)?;
        for (entry, bytes) in batch.iter().zip(fetched) {
            self.one(entry, bytes)?;
        }
        Ok(())
    }

    /// Hands on the record, or records, in these bytes; `None` where there is no such file.
    fn one(&mut self, entry: &Entry, bytes: Option<Vec<u8>>) -> Result<()> {
        let (Some(bytes), Some(Some(file))) = (bytes, self.files.get_mut(&entry.file)) else {
            self.records.sink.tally.record("file-not-found");
            let place = Place { file: entry.file.as_str().into(), offset: entry.offset, length: entry.length };
            return self.reject(entry.url.clone(), place, "file-not-found");
        };
        let name = file.input.name.clone();
        if bytes.is_empty() {
            self.records.sink.fault("truncated-input", &Place { file: name.clone(), offset: entry.offset, length: 0 });
            self.records.sink.tally.record("damaged");
            return self.reject(entry.url.clone(), Place { file: name, offset: entry.offset, length: 0 }, "truncated-input");
        }
        self.records.sink.tally.stored_bytes += bytes.len() as u64;
        let source = file.source(bytes, entry.offset, self.limits)?;
        let is_plain = source.is_plain();
        // A record that lies as it is has the same place in the file and in the stream.
        let from = if is_plain { entry.offset } else { 0 };
        let mut framer = Framer::at(source, self.limits, from);
        framer.head.digests.asked = self.records.sink.digests.is_some();
        self.records.name = name;
        let reading = || format!("cannot read {} at byte {}", entry.file, entry.offset);
        while let Some(found) = framer.next().context(reading)? {
            self.records.take(&framer, &found)?;
        }
        self.records.sink.tally.decoded_bytes += framer.decoded_bytes() - from;
        Ok(())
    }
}

impl File {
    fn source(&mut self, bytes: Vec<u8>, offset: u64, limits: &Limits) -> Result<Source> {
        let reading = || format!("cannot read {}", self.input.path.display());
        let packing = match &self.packing {
            Some(packing) => packing.clone(),
            // The dictionary stands at the start of the file.
            None if bytes.starts_with(&ZSTD_MAGIC) && 0 < offset => {
                let packing = Packing::of(&mut Feed::new(self.input.open(0)?), &self.input.name, limits).context(reading)?;
                self.packing.insert(packing).clone()
            }
            None => Packing::of(&mut Feed::new(&bytes[..]), &self.input.name, limits).context(reading)?,
        };
        let feed: Feed<Box<dyn Read + Send>> = Feed::at(Box::new(Cursor::new(bytes)), offset);
        Source::of(&self.input, feed, packing, limits).context(reading)
    }
}

/// The bytes of a record, fewer where its file ends; `None` where there is no such file.
type Fetched = Result<Option<Vec<u8>>>;

/// What each record of a batch consists of; those of this machine are read one after the other.
fn fetch_all(parts: &[Option<(&Input, &Entry)>]) -> Result<Vec<Option<Vec<u8>>>> {
    let fetch = |part: &Option<(&Input, &Entry)>| -> Fetched {
        let Some((file, entry)) = part else { return Ok(None) };
        let mut bytes = Vec::new();
        let reading = || format!("cannot read {} bytes of {} from byte {} on", entry.length, file.path.display(), entry.offset);
        file.part(entry.offset, entry.length)?.read_to_end(&mut bytes).context(reading)?;
        Ok(Some(bytes))
    };
    if parts.iter().flatten().all(|(file, _)| file.is_at_hand()) {
        return parts.iter().map(fetch).collect();
    }
    let slots: Vec<OnceLock<Fetched>> = parts.iter().map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some((n, part)) = Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|n| Some((n, parts.get(n)?))) {
            let done = fetch(part);
            if done.is_err() {
                // Nobody will want the others.
                next.store(parts.len(), Ordering::Relaxed);
            }
            // Each number is drawn once.
            let _ = slots[n].set(done);
        }
    };
    std::thread::scope(|scope| (0..AT_ONCE.min(parts.len())).for_each(|_| drop(scope.spawn(work))));
    // What is missing follows a failure, which is the first error here.
    slots.into_iter().filter_map(OnceLock::into_inner).collect()
}

/// Where names in an index begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lists {
    /// The folder that paths are relative to.
    pub base: std::path::PathBuf,
    /// A folder or URL, where one is given.
    pub root: Option<String>,
}

impl Lists {
    pub(super) fn of(wanted: &Wanted<'_>) -> Arc<Self> {
        Arc::new(Self { base: wanted.base.to_owned(), root: wanted.root.map(str::to_owned) })
    }
}
