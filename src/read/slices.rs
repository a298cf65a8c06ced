//! One large file on all cores. The file is cut into slices where members begin; each is read on a thread of its own, and what they give is handed on in order.
//!
//! What comes out is what one thread gives, byte for byte, because nothing is taken on trust. A slice begins where a member decodes to the start of a record,
//! which may be a record inside another one's body. So it counts only when the reading of all that came before ends at that very byte, between two members of
//! records that each have their own: what is read from there on depends on nothing before. Wherever that does not hold, the file is read on as by one thread.

use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::framing::Framer;
use super::packing::Packing;
use super::source::Source;
use super::warc::Records;
use super::{DigestCounts, Format, Input, Item, Limits, Rejected, Sink, Tally};
use crate::codec::Compression;
use crate::document::{Document, OwnedPage, Place};
use crate::error::{Context, Result};

/// Bytes of bodies after which a slice ends early: what one thread holds until its turn comes, and one record.
pub(super) const HELD: usize = 16 << 20;
/// About what an item holds beside its texts.
const ITEM: usize = 512;
/// Waves of slices in a row of which at most the first counted, after which a file is read on by one thread: its members are longer than slices, or made to mislead.
const MOST_IN_VAIN: u32 = 4;

/// How a file is cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// Bytes of the file that are read first, to see how its records lie.
    pub(super) first: u64,
    /// Bytes of the file in a slice; a few milliseconds of inflating each.
    pub(super) slice: u64,
    /// Bytes behind a slice in which its last member must end; above what is read ahead.
    pub(super) margin: u64,
    /// The most slices at a time.
    pub(super) most: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { first: 1 << 20, slice: 2 << 20, margin: 2 << 20, most: rayon::current_num_threads() }
    }
}

/// Reads one file of records, in slices where it is large, its members can be found, and threads are free.
/// Gives the tally, and how many slices were used.
pub(super) fn read(format: Format, input: &Input, limits: &Limits, sizes: Sizes, sink: Sink<'_, '_>) -> Result<(Tally, u64)> {
    let source = Source::open(input, limits)?;
    let packing = source.packing().clone();
    let can_slice = input.is_at_hand() && matches!(packing.compression, Compression::Gzip | Compression::Zstd);
    let file = File { format, input, limits, packing, digests: sink.digests.is_some() };
    let mut records = Records::new(format, input, limits, sink);
    if source.foreign {
        records.other_container(input.bytes)?;
        return Ok((records.sink.tally, 0));
    }
    let framer = file.asks(Framer::new(source, limits));
    let mut reader = Reader { file, records, framer, at: At::default(), n_slices: 0 };
    let _one = One::begin();
    let mut until = if can_slice { sizes.first } else { u64::MAX };
    let mut in_vain = 0;
    while reader.on_one_thread(until)? {
        let left = input.bytes.saturating_sub(reader.at.file).div_ceil(sizes.slice);
        until = match Threads::take(sizes.most.min(usize::try_from(left).unwrap_or(usize::MAX))) {
            _ if in_vain == MOST_IN_VAIN => u64::MAX,
            None => reader.at.file + sizes.slice,
            Some(threads) => {
                let before = reader.n_slices;
                if !reader.wave(&threads, sizes)? {
                    break;
                }
                in_vain = if reader.n_slices < before + 2 { in_vain + 1 } else { 0 };
                reader.at.file
            }
        };
    }
    let mut tally = reader.records.sink.tally;
    tally.stored_bytes = reader.at.file;
    tally.decoded_bytes = reader.at.decoded;
    Ok((tally, reader.n_slices))
}

/// A file that is read.
struct File<'r> {
    format: Format,
    input: &'r Input,
    limits: &'r Limits,
    packing: Packing,
    /// Digests are checked.
    digests: bool,
}

/// How far reading came.
#[derive(Clone, Copy, Debug, Default)]
struct At {
    file: u64,
    decoded: u64,
}

struct Reader<'r, 's, 'f> {
    file: File<'r>,
    records: Records<'r, 's, 'f>,
    /// Stands at `at`.
    framer: Framer<'r>,
    at: At,
    n_slices: u64,
}

impl Reader<'_, '_, '_> {
    /// Reads on up to the first place at or after `until` from which on slices can be read; false where the file ends before.
    fn on_one_thread(&mut self, until: u64) -> Result<bool> {
        loop {
            if let Some(file) = self.framer.boundary().filter(|&file| until <= file) {
                self.at = At { file, decoded: self.framer.passed_bytes() };
                return Ok(true);
            }
            let Some(found) = self.framer.next().context(|| self.file.reading())? else { break };
            self.records.take(&self.framer, &found)?;
        }
        self.at = At { file: self.records.ended(&self.framer), decoded: self.framer.decoded_bytes() };
        Ok(false)
    }

    /// Reads as many slices as there are threads; false where the file ends in them.
    fn wave(&mut self, threads: &Threads, sizes: Sizes) -> Result<bool> {
        // What the first records told, such as their dialect, is known by now.
        self.file.packing = self.framer.source().packing().clone();
        let (file, begin) = (&self.file, self.at.file);
        let slice = |n: u64| {
            let from = begin + n * sizes.slice;
            file.slice(from, (from + sizes.slice).min(file.input.bytes), sizes.margin, n == 0)
        };
        let slices: Vec<Result<Slice>> = (0..threads.0 as u64).into_par_iter().map(slice).collect();
        for slice in slices {
            let slice = slice?;
            // What comes before the slice is not read yet where the slice before ended early.
            if self.at.file < slice.from && !self.read_on(slice.from)? {
                return Ok(false);
            }
            if self.at.file == slice.from {
                self.at = At { file: slice.to, decoded: self.at.decoded + slice.tally.decoded_bytes };
                self.records.sink.tally.add(&slice.tally);
                if let (Some(counts), Some(more)) = (&mut self.records.sink.digests, &slice.digests) {
                    counts.add(more);
                }
                self.n_slices += u64::from(slice.from < slice.to);
                slice.items.into_iter().try_for_each(|item| item.give(&mut self.records.sink))?;
            }
            if self.at.file < slice.until && !self.read_on(slice.until)? {
                return Ok(false);
            }
        }
        self.framer = self.file.framer(self.at, None)?;
        Ok(self.at.file < self.file.input.bytes)
    }

    fn read_on(&mut self, until: u64) -> Result<bool> {
        self.framer = self.file.framer(self.at, None)?;
        self.on_one_thread(until)
    }
}

/// What was found in a part of a file.
#[derive(Debug, Default)]
struct Slice {
    /// Where its first member begins, and where the one behind its last: the same where it gave nothing that can be used.
    from: u64,
    to: u64,
    /// Where it should have ended, or after.
    until: u64,
    items: Vec<Owned>,
    tally: Tally,
    digests: Option<DigestCounts>,
}

impl<'r> File<'r> {
    fn reading(&self) -> String {
        format!("cannot read {}", self.input.path.display())
    }

    /// Stands where a member begins, of a file that ends at `end` or where it does.
    fn framer(&self, at: At, end: Option<u64>) -> Result<Framer<'r>> {
        Ok(self.asks(Framer::at(Source::at(self.input, &self.packing, at.file, end, self.limits)?, self.limits, at.decoded)))
    }

    fn asks(&self, mut framer: Framer<'r>) -> Framer<'r> {
        framer.head.digests.asked = self.digests;
        framer
    }

    /// Reads from the first member that begins at `from` or after, exactly there where that `is_known`, to the first that begins at `until` or after. What does not end
    /// within `margin` bytes more gives nothing: whoever lays false members over true ones would have us read the file as often as it has slices.
    fn slice(&self, from: u64, until: u64, margin: u64, is_known: bool) -> Result<Slice> {
        let find = || Source::at(self.input, &self.packing, from, None, self.limits)?.find_member(until).context(|| self.reading());
        let from = if is_known { from } else { find()?.unwrap_or(until) };
        let nothing = Slice { from, to: from, until, ..Slice::default() };
        if from == until {
            return Ok(nothing);
        }
        let end = Some(until.saturating_add(margin)).filter(|end| *end < self.input.bytes);
        let mut framer = self.framer(At { file: from, decoded: 0 }, end)?;
        let kept = RefCell::new(Kept::default());
        let mut each = |item: Item<'_>| {
            kept.borrow_mut().push(Owned::of(item));
            Ok(())
        };
        // A place in the stream ends a slice.
        let mut note = |name: &'static str, place: &Place, _| kept.borrow_mut().push(Owned::Fault(name, place.clone()));
        let mut digests = self.digests.then(DigestCounts::default);
        let sink = Sink::new(&mut each, &mut note, digests.as_mut());
        let mut records = Records::new(self.format, self.input, self.limits, sink);
        let to = loop {
            let is_enough = |at: &u64| until <= *at || HELD <= kept.borrow().bytes;
            if let Some(at) = framer.boundary().filter(is_enough) {
                records.sink.tally.decoded_bytes = framer.passed_bytes();
                break at;
            }
            let found = framer.next().context(|| self.reading())?;
            // What was seen up to there may go on behind it, and what fills the memory without a place to end is read by one thread.
            let is_over = end.is_some() && framer.source().is_at_end() || 2 * HELD <= kept.borrow().bytes;
            // A place in the decoded stream depends on all that comes before.
            if is_over || found.as_ref().is_some_and(|found| !found.span().of_file) {
                return Ok(nothing);
            }
            let Some(found) = found else {
                records.sink.tally.decoded_bytes = framer.decoded_bytes();
                break records.ended(&framer);
            };
            records.take(&framer, &found)?;
        };
        let tally = records.sink.tally;
        Ok(Slice { from, to, until, items: kept.into_inner().items, tally, digests })
    }
}

/// What a thread holds until its turn comes.
#[derive(Default)]
struct Kept {
    items: Vec<Owned>,
    bytes: usize,
}

impl Kept {
    fn push(&mut self, item: Owned) {
        let optional = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        self.bytes += ITEM
            + match &item {
                Owned::Page(page) => {
                    [&page.id, &page.url, &page.date, &page.opt_out].map(String::len).iter().sum::<usize>() + page.body.len()
                }
                Owned::Document(document) => document.id.len() + optional(&document.url) + optional(&document.date) + document.text.len(),
                Owned::Rejected(rejected) => rejected.id.len() + optional(&rejected.url),
                Owned::Fault(..) => 0,
            };
        self.items.push(item);
    }
}

#[derive(Debug)]
enum Owned {
    Page(OwnedPage),
    Document(Document),
    Rejected(Rejected),
    Fault(&'static str, Place),
}

impl Owned {
    fn of(item: Item<'_>) -> Self {
        match item {
            Item::Page(page) => Owned::Page(OwnedPage::of(&page)),
            Item::Document(document) => Owned::Document(document),
            Item::Rejected(rejected) => Owned::Rejected(rejected),
        }
    }

    fn give(self, sink: &mut Sink<'_, '_>) -> Result<()> {
        match self {
            Owned::Page(page) => sink.give(Item::Page(page.borrow())),
            Owned::Document(document) => sink.give(Item::Document(document)),
            Owned::Rejected(rejected) => sink.give(Item::Rejected(rejected)),
            // Its count is in the tally of the slice.
            Owned::Fault(name, place) => {
                (sink.note)(name, &place, true);
                Ok(())
            }
        }
    }
}

/// Files that are read in this process now.
static FILES: AtomicUsize = AtomicUsize::new(0);

/// A file that is read.
struct One;

impl One {
    fn begin() -> Self {
        FILES.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for One {
    fn drop(&mut self) {
        FILES.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Slices that are read in this process now: with many files at a time each gets fewer, so that what they hold does not grow with the square of the threads.
static SLICES: AtomicUsize = AtomicUsize::new(0);

/// Threads that slices may be read on.
struct Threads(usize);

impl Threads {
    /// At most so many, and of those that read no other file; `None` where that is one alone.
    fn take(most: usize) -> Option<Self> {
        let others = FILES.load(Ordering::Relaxed).saturating_sub(1);
        let free = |busy: usize| Some(most.min(rayon::current_num_threads().saturating_sub(busy.max(others)))).filter(|&n| 2 <= n);
        let before = SLICES.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |busy| Some(busy + free(busy)?)).ok()?;
        free(before).map(Threads)
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        SLICES.fetch_sub(self.0, Ordering::Relaxed);
    }
}
