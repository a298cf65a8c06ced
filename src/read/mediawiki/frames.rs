//! Cuts a dump into its pages, so that one page at most is held and damage costs one page. In XML that is sound `<page>` and `</page>` stand nowhere else:
//! in texts their `<` is written `&lt;`.

use std::io::{BufRead, ErrorKind};
use std::path::Path;

use memchr::memmem;

use crate::codec::damage;
use crate::error::{Context, Result};

const OPEN: &[u8] = b"<page>";
const CLOSE: &[u8] = b"</page>";
/// Bytes before the first page that are kept: a dump says there what its names are. Those of the largest wikis say it in 10 kB.
const HEAD: usize = 1 << 20;

/// What was found in the stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A page, `<page>` to `</page>`; it is in [`Frames::page`].
    Page,
    /// One that is longer than the cap: read past, not held.
    TooLong,
    /// One whose end is missing: another page begins in it.
    Unclosed,
    /// The stream is cut off, by this rule, or in the middle of a page.
    Broken(&'static str),
}

/// The pages of a stream. After `next`, `offset` and `length` speak of what was just found.
pub(super) struct Frames<'p, R> {
    reader: R,
    path: &'p Path,
    cap: u64,
    bytes: Vec<u8>,
    /// Where in `bytes` begins what was not given up.
    start: usize,
    /// How many bytes from there were given last.
    given: usize,
    /// What stands before the first page, as far as it is kept.
    pub head: Vec<u8>,
    pub offset: u64,
    pub length: u64,
    /// Bytes of the stream read so far.
    pub read: u64,
    pages: u64,
    ended: bool,
    fault: Option<&'static str>,
}

impl<'p, R: BufRead> Frames<'p, R> {
    /// `cap` is the largest page in bytes.
    pub fn new(reader: R, path: &'p Path, cap: u64) -> Self {
        let (bytes, head) = (Vec::new(), Vec::new());
        Self { reader, path, cap, bytes, start: 0, given: 0, head, offset: 0, length: 0, read: 0, pages: 0, ended: false, fault: None }
    }

    /// The page that was found last.
    pub fn page(&self) -> &[u8] {
        &self.held()[..self.given]
    }

    /// What was read and not given up.
    fn held(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Finds the next page; `None` at the end of the stream.
    pub fn next(&mut self) -> Result<Option<Found>> {
        self.give_up(self.given);
        self.given = 0;
        if !self.find_open()? {
            let fault = self.fault.take();
            return Ok(fault.map(|fault| self.found(0, 0, Found::Broken(fault))));
        }
        self.pages += 1;
        // Bytes of the page that were read past, and those of `held` in which no end was found.
        let (mut passed, mut searched) = (0, 0);
        loop {
            if let Some(at) = memmem::find(&self.held()[searched..], CLOSE) {
                let end = searched + at + CLOSE.len();
                return Ok(Some(self.closed(passed, end)));
            }
            searched = (self.held().len() + 1).saturating_sub(CLOSE.len());
            if self.cap < passed + self.held().len() as u64 {
                self.give_up(searched);
                passed += searched as u64;
                searched = 0;
            }
            if !self.more()? {
                let length = passed + self.held().len() as u64;
                let fault = self.fault.take().unwrap_or("truncated-input");
                let found = self.found(passed, length, Found::Broken(fault));
                self.given = self.held().len();
                return Ok(Some(found));
            }
        }
    }

    /// A page that ends at `end` of what is held, behind what was read past.
    fn closed(&mut self, passed: u64, end: usize) -> Found {
        let length = passed + end as u64;
        if self.cap < length {
            self.given = end;
            return self.found(passed, length, Found::TooLong);
        }
        match memmem::rfind(&self.held()[OPEN.len()..end], OPEN) {
            Some(at) => {
                self.given = OPEN.len() + at;
                self.found(0, self.given as u64, Found::Unclosed)
            }
            None => {
                self.given = end;
                self.found(0, length, Found::Page)
            }
        }
    }

    /// `passed` bytes of it are not held any more.
    fn found(&mut self, passed: u64, length: u64, found: Found) -> Found {
        self.offset = self.read - self.held().len() as u64 - passed;
        self.length = length;
        found
    }

    /// Goes to the next `<page>`; false at the end of the stream.
    fn find_open(&mut self) -> Result<bool> {
        loop {
            if let Some(at) = memmem::find(self.held(), OPEN) {
                self.give_up(at);
                return Ok(true);
            }
            self.give_up((self.held().len() + 1).saturating_sub(OPEN.len()));
            if !self.more()? {
                self.give_up(self.held().len());
                return Ok(false);
            }
        }
    }

    fn give_up(&mut self, n: usize) {
        if self.pages == 0 {
            let room = (HEAD - self.head.len()).min(n);
            self.head.extend_from_slice(&self.bytes[self.start..self.start + room]);
        }
        self.start += n;
    }

    /// Reads a little more; false at the end, and where the stream is damaged.
    fn more(&mut self) -> Result<bool> {
        loop {
            if self.ended {
                return Ok(false);
            }
            self.bytes.drain(..self.start);
            self.start = 0;
            match self.reader.fill_buf() {
                Ok([]) => self.ended = true,
                Ok(bytes) => {
                    let n = bytes.len();
                    self.bytes.extend_from_slice(bytes);
                    self.reader.consume(n);
                    self.read += n as u64;
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.fault = Some(damage(error).context(|| format!("cannot read {} at byte {}", self.path.display(), self.read))?);
                    self.ended = true;
                }
            }
        }
    }
}
