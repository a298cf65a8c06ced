//! Reads the inputs and keeps the main text of every admitted page, before any filter. Text sets and books pass through as they are.
//!
//! One round, one task a bundle of inputs. Within a file, records are read in order, a batch of pages is extracted on all threads, and rows are written in
//! order. Memory: one batch (`BATCH_BYTES` of bodies and their texts), the reader's largest record, a row group, and 24 bytes a record of the
//! file for ids that repeat.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rayon::prelude::*;

use crate::document::{Document, Key, Page, Place, Reason};
use crate::error::{Error, Kind, Result};
use crate::extract::{Extracted, Extractor, Options};
use crate::read::{self, Input, Item, Limits, Rejected};
use crate::store::table::TableWriter;
use crate::text::hash::{document_key, hash128};

use super::super::ledger::{Counts, Outcome};
use super::super::plan::{DocumentFile, Layout, identify};
use super::super::recipe::Recipe;
use super::super::run::{Build, Round, Step};
use super::{DocumentRow, RejectedRow};

/// Raised when the bytes of documents change for the same inputs.
const VERSION: u32 = 2;
/// Bodies that are extracted together.
const BATCH_BYTES: usize = 16 << 20;
const BATCH_PAGES: usize = 512;

pub struct Extract {
    layout: Arc<Layout>,
    limits: Limits,
    options: Options,
    /// Source: what its inputs are, by name, size and time of change.
    identities: BTreeMap<String, String>,
    bundle_bytes: u64,
    formats: BTreeMap<String, read::Format>,
}

impl Extract {
    pub fn new(recipe: &Recipe, layout: &Arc<Layout>, identities: BTreeMap<String, String>) -> Result<Self> {
        Extractor::new(recipe.extract.clone())?;
        let formats = recipe.sources.iter().filter_map(|(name, source)| Some((name.clone(), source.read.as_ref()?.parts().0)));
        Ok(Self {
            layout: Arc::clone(layout),
            limits: recipe.limits.clone(),
            options: recipe.extract.clone(),
            identities,
            bundle_bytes: recipe.bundle_bytes,
            formats: formats.collect(),
        })
    }
}

impl Step for Extract {
    fn name(&self) -> &str {
        "extract"
    }

    fn identity(&self) -> String {
        format!("{VERSION} {:?} {:?} {:?} {} {:?}", self.limits, self.options, self.identities, self.bundle_bytes, self.formats)
    }

    fn reads(&self) -> Vec<String> {
        Vec::new()
    }

    fn rounds(&self) -> Vec<Round> {
        vec![Round { name: "extract", tasks: self.layout.tasks(), merges: false }]
    }

    fn task(&self, build: Build<'_>, _round: usize, task: usize) -> Result<Outcome> {
        let file = &self.layout.files[task];
        let mut sink = Sink {
            file,
            options: &self.options,
            documents: TableWriter::create(build.folder, &file.documents())?,
            rejected: TableWriter::create(build.folder, &format!("rejected/{}.parquet", file.name()))?,
            counts: Counts::default(),
            batch: Vec::new(),
            batch_bytes: 0,
            seen: HashMap::new(),
        };
        // A source whose inputs hold nothing still has its line in the funnel.
        sink.counts.source(&file.source);
        for input in &file.inputs {
            let before = identify(std::slice::from_ref(input))?;
            sink.seen.clear();
            let tally = read::read(self.formats[&file.source], input, &self.limits, &mut |item| sink.take(item, input))?;
            sink.flush()?;
            let after = identify(std::slice::from_ref(input)).unwrap_or_default();
            if before != after {
                let message =
                    format!("the input {} changed while it was read; run the build again when it is at rest", input.path.display());
                return Err(Error::of(Kind::Changed, message));
            }
            sink.counts.bytes += tally.decoded_bytes;
            sink.counts.note(&format!("{}: bytes stored", file.source), tally.stored_bytes);
            sink.counts.note(&format!("{}: bytes decoded", file.source), tally.decoded_bytes);
            for (kind, n) in &tally.records {
                sink.counts.note(&format!("{}: records {kind}", file.source), *n);
            }
            for (fault, n) in &tally.faults {
                sink.counts.note(&format!("{}: fault {fault}", file.source), *n);
            }
        }
        let files = vec![sink.documents.finish()?, sink.rejected.finish()?];
        Ok(Outcome { files, work: Vec::new(), counts: sink.counts })
    }
}

/// One record that waits for its turn in the batch.
enum Waiting {
    Page(OwnedPage),
    Document(Document),
    Rejected(Rejected),
}

/// A page of a batch. The copy of its body is what extraction on all threads costs: 1 % of the extraction itself.
struct OwnedPage {
    id: String,
    url: String,
    date: String,
    status: u16,
    media_type: String,
    charset: Option<String>,
    body: Vec<u8>,
    truncated: bool,
    place: Place,
}

impl OwnedPage {
    fn of(page: &Page<'_>) -> Self {
        Self {
            id: page.id.to_owned(),
            url: page.url.to_owned(),
            date: page.date.to_owned(),
            status: page.status,
            media_type: page.media_type.to_owned(),
            charset: page.charset.map(str::to_owned),
            body: page.body.to_vec(),
            truncated: page.truncated,
            place: page.place.clone(),
        }
    }

    fn borrow(&self) -> Page<'_> {
        Page {
            id: &self.id,
            url: &self.url,
            date: &self.date,
            status: self.status,
            media_type: &self.media_type,
            charset: self.charset.as_deref(),
            body: &self.body,
            truncated: self.truncated,
            place: self.place.clone(),
        }
    }
}

struct Sink<'a> {
    file: &'a DocumentFile,
    options: &'a Options,
    documents: TableWriter<DocumentRow>,
    rejected: TableWriter<RejectedRow>,
    counts: Counts,
    batch: Vec<(Waiting, Key)>,
    batch_bytes: usize,
    /// How often an id was seen in this input.
    seen: HashMap<u128, u64>,
}

impl Sink<'_> {
    fn take(&mut self, item: Item<'_>, input: &Input) -> Result<()> {
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
        self.batch.push((waiting, key.unwrap_or_default()));
        self.batch_bytes += bytes;
        if BATCH_BYTES <= self.batch_bytes || BATCH_PAGES <= self.batch.len() { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
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

    fn keep_page(&mut self, key: Key, page: OwnedPage, extracted: Extracted) -> Result<()> {
        self.counts.source(&self.file.source).kept += 1;
        self.counts.note(&format!("{}: bytes of text", self.file.source), extracted.text.len() as u64);
        self.counts.bucket("charset", extracted.charset, 1);
        let bytes = extracted.text.len() + 300;
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
            extra: None,
        };
        self.documents.push_sized(row, bytes)
    }

    fn keep_document(&mut self, key: Key, document: Document) -> Result<()> {
        self.counts.source(&self.file.source).kept += 1;
        self.counts.note(&format!("{}: bytes of text", self.file.source), document.text.len() as u64);
        let bytes = document.text.len() + 300;
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
            truncated: false,
            extra: document.extra,
        };
        self.documents.push_sized(row, bytes)
    }

    fn reject(&mut self, rejected: Rejected) -> Result<()> {
        let Rejected { id, url, place, reason } = rejected;
        self.counts.source(&self.file.source).drop(reason.filter, reason.rule);
        self.rejected.push(RejectedRow {
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
