//! Where records of one file go: a batch of pages is extracted on all threads, and every record becomes a row of documents, of rejected or of removed ones.

use std::collections::{BTreeSet, HashMap};

use rayon::prelude::*;

use crate::document::{Document, Key, OwnedPage, Reason};
use crate::error::Result;
use crate::extract::{Extracted, Extractor, Options};
use crate::read::{Input, Item, Rejected};
use crate::removal::{self, Removal};
use crate::text::hash::{document_key, hash128};
use crate::text::robots;

use super::super::super::ledger::{Counts, Outcome};
use super::super::super::plan::DocumentFile;
use super::super::{DocumentRow, RejectedRow};
use super::parts::{Parts, Tables};
use super::{OPT_OUT, RemovedRow};

/// Bodies that are extracted together.
const BATCH_BYTES: usize = 16 << 20;
const BATCH_PAGES: usize = 512;
/// About what a row holds beside its text.
const ROW_BYTES: usize = 300;

/// One record that waits for its turn in the batch.
enum Waiting {
    /// The copy of its body is what extraction on all threads costs: 1 % of the extraction itself.
    Page(OwnedPage),
    Document(Document),
    Rejected(Rejected),
}

/// Takes the records of one file of documents in their order.
pub struct Sink<'a> {
    file: &'a DocumentFile,
    options: &'a Options,
    removal: Option<&'a Removal>,
    parts: Parts<'a>,
    /// Bytes of the part that is being made.
    bytes: u64,
    tables: Tables,
    counts: Counts,
    /// Items that came so far.
    items: u64,
    batch: Vec<(Waiting, Key)>,
    batch_bytes: usize,
    /// How often an id was seen in this input.
    seen: HashMap<u128, u64>,
}

impl<'a> Sink<'a> {
    /// Goes on after what `parts` hold: their items are passed over.
    pub fn create(file: &'a DocumentFile, options: &'a Options, removal: Option<&'a Removal>, parts: Parts<'a>) -> Result<Self> {
        let mut counts = parts.counts.clone();
        // A source whose inputs hold nothing still has its line in the funnel.
        counts.source(&file.source);
        Ok(Self {
            file,
            options,
            removal,
            tables: Tables::create(parts.folder, file, removal.is_some())?,
            parts,
            bytes: 0,
            counts,
            items: 0,
            batch: Vec::new(),
            batch_bytes: 0,
            seen: HashMap::new(),
        })
    }

    /// Ids repeat within one input only.
    pub fn begin_input(&mut self) {
        self.seen.clear();
    }

    pub fn finish(self) -> Result<Outcome> {
        let files = self.parts.join(self.tables, self.file)?;
        Ok(Outcome { files, work: Vec::new(), counts: self.counts })
    }

    /// Commits what was written since the last part.
    fn commit_part(&mut self) -> Result<()> {
        let next = Tables::create(self.parts.folder, self.file, self.removal.is_some())?;
        self.bytes = 0;
        self.parts.commit(std::mem::replace(&mut self.tables, next), self.items, &self.counts)
    }

    pub fn take(&mut self, item: Item<'_>, input: &Input) -> Result<()> {
        // Only before another item, so that a task that ends here is not one part more.
        if self.batch.is_empty() && self.parts.bytes <= self.bytes {
            self.commit_part()?;
        }
        let (waiting, bytes) = match item {
            Item::Page(page) => (Waiting::Page(OwnedPage::of(&page)), page.body.len()),
            Item::Document(document) => {
                let bytes = document.text.len();
                (Waiting::Document(document), bytes)
            }
            Item::Rejected(rejected) => (Waiting::Rejected(rejected), 0),
        };
        let id = match &waiting {
            Waiting::Page(page) => Some(&page.id),
            Waiting::Document(document) => Some(&document.id),
            Waiting::Rejected(_) => None,
        };
        let key = id.map(|id| {
            let ordinal = self.seen.entry(hash128(id.as_bytes())).or_default();
            let key = document_key(&input.name, id, *ordinal);
            *ordinal += 1;
            key
        });
        self.items += 1;
        if self.items <= self.parts.items {
            return Ok(());
        }
        self.batch.push((waiting, key.unwrap_or_default()));
        self.batch_bytes += bytes;
        self.bytes += (bytes + ROW_BYTES) as u64;
        let is_full = BATCH_BYTES <= self.batch_bytes || BATCH_PAGES <= self.batch.len() || self.parts.bytes <= self.bytes;
        if is_full { self.flush() } else { Ok(()) }
    }

    /// Extracts and writes what waits; also the end of an input.
    pub fn flush(&mut self) -> Result<()> {
        let options = self.options;
        let batch = std::mem::take(&mut self.batch);
        self.batch_bytes = 0;
        let extractor = || Extractor::new(options.clone()).expect("the step's constructor made one with the same options");
        let extracted: Vec<Option<Result<Extracted, Reason>>> = batch
            .par_iter()
            .map_init(extractor, |extractor, (waiting, _)| match waiting {
                Waiting::Page(page) => Some(extractor.extract(&page.borrow())),
                _ => None,
            })
            .collect();
        for ((waiting, key), extracted) in batch.into_iter().zip(extracted) {
            self.counts.source(&self.file.source).read += 1;
            let gone = match (&waiting, &extracted) {
                (Waiting::Page(page), Some(Ok(text))) => self.remove(&page.id, Some(key), Some(&page.url), Some(&text.text))?,
                (Waiting::Page(page), _) => self.remove(&page.id, None, Some(&page.url), None)?,
                (Waiting::Document(document), _) => self.remove(&document.id, Some(key), document.url.as_deref(), Some(&document.text))?,
                (Waiting::Rejected(rejected), _) => self.remove(&rejected.id, None, rejected.url.as_deref(), None)?,
            };
            if gone {
                continue;
            }
            match (waiting, extracted) {
                (Waiting::Page(page), Some(Ok(text))) => self.keep_page(key, page, text)?,
                (Waiting::Page(page), Some(Err(reason))) => {
                    let url = Some(page.url).filter(|url| !url.is_empty());
                    self.reject(Rejected { id: page.id, url, place: page.place, reason })?;
                }
                (Waiting::Page(_), None) => unreachable!("every page of a batch is extracted"),
                (Waiting::Document(document), _) => self.keep_document(key, document)?,
                (Waiting::Rejected(rejected), _) => self.reject(rejected)?,
            }
        }
        Ok(())
    }

    /// Counts a record that a list asks for and notes the hashes of its names; false when nobody asks for it.
    fn remove(&mut self, id: &str, key: Option<Key>, url: Option<&str>, text: Option<&str>) -> Result<bool> {
        let (Some(removal), Some(removed)) = (self.removal, &mut self.tables.removed) else { return Ok(false) };
        let names = removal::names_of(id, key, url, text);
        if !removal.hits(&names) {
            return Ok(false);
        }
        self.counts.source(&self.file.source).drop("remove", "on-request");
        let names: Vec<String> = names.iter().map(|name| format!("{name:032x}")).collect();
        removed.push(RemovedRow { key: key.unwrap_or_default(), names: names.join(" ") })?;
        Ok(true)
    }

    fn keep_page(&mut self, key: Key, page: OwnedPage, extracted: Extracted) -> Result<()> {
        self.counts.source(&self.file.source).kept += 1;
        self.counts.note(&format!("{}: bytes of text", self.file.source), extracted.text.len() as u64);
        self.counts.bucket("charset", extracted.charset, 1);
        // A page counts once for a signal, in however many ways it says it.
        let said: BTreeSet<&str> = robots::each(extracted.opt_out.as_deref().unwrap_or_default()).map(|(_, signal)| signal).collect();
        said.into_iter().for_each(|signal| self.counts.bucket(&format!("{OPT_OUT}{}", self.file.source), signal, 1));
        let extra = extracted.metadata.to_json();
        let bytes = extracted.text.len() + extra.as_ref().map_or(0, String::len) + ROW_BYTES;
        let row = DocumentRow {
            key,
            id: page.id,
            url: Some(page.url).filter(|url| !url.is_empty()),
            date: Some(page.date).filter(|date| !date.is_empty()),
            title: extracted.title,
            text: extracted.text,
            file: page.place.file.to_string(),
            offset: page.place.offset,
            length: page.place.length,
            charset: Some(extracted.charset.to_owned()),
            charset_from: Some(extracted.charset_from.as_str().to_owned()),
            replacements: extracted.replacements,
            truncated: page.truncated,
            opt_out: extracted.opt_out,
            extra,
        };
        self.tables.documents.push_sized(row, bytes)
    }

    fn keep_document(&mut self, key: Key, document: Document) -> Result<()> {
        self.counts.source(&self.file.source).kept += 1;
        self.counts.note(&format!("{}: bytes of text", self.file.source), document.text.len() as u64);
        let bytes = document.text.len() + ROW_BYTES;
        let row = DocumentRow {
            key,
            id: document.id,
            url: document.url,
            date: document.date,
            title: document.title,
            text: document.text,
            file: document.place.file.to_string(),
            offset: document.place.offset,
            length: document.place.length,
            charset: None,
            charset_from: None,
            replacements: 0,
            truncated: document.truncated,
            opt_out: document.opt_out,
            extra: document.extra,
        };
        self.tables.documents.push_sized(row, bytes)
    }

    fn reject(&mut self, rejected: Rejected) -> Result<()> {
        let Rejected { id, url, place, reason } = rejected;
        self.counts.source(&self.file.source).drop(reason.filter, reason.rule);
        self.tables.rejected.push(RejectedRow {
            id,
            url,
            file: place.file.to_string(),
            offset: place.offset,
            length: place.length,
            filter: reason.filter.to_owned(),
            rule: reason.rule.to_owned(),
            value: reason.value,
            limit: reason.limit,
        })
    }
}
