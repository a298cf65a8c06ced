//! Masks e-mail and IP addresses in the standing documents: what every later step sees holds placeholders in their stead. It drops nothing.
//!
//! One round, one task a file of documents. The places are kept, and not the masked texts, so that no second table can disagree with them. Memory: a row group a task.

use std::sync::Arc;

use crate::document::Key;
use crate::error::Result;
use crate::mask::{self, Kind, Mask, Options};
use crate::store::table::{TableReader, TableWriter};

use super::super::ledger::{Counts, Outcome};
use super::super::plan::{DocumentFile, Layout};
use super::super::run::{Build, Round, Step};
use super::walk::{OfRow, OfRows};
use super::{Before, DecisionRow, GONE, KEEP, Keyed, TextRow, Walk, keyed, misplaced};

const VERSION: u32 = 1;

crate::table! {
    /// An e-mail or IP address that is masked.
    pub struct MaskRow {
        /// The document's key.
        key: Key,
        /// Number of the document's row in its file, from 0.
        row: u64,
        /// First byte of the address in the document's text, duplicate paragraphs cut out.
        start: u64,
        /// The byte after its last.
        end: u64,
        /// email or ip.
        kind: String,
    }
}

keyed!(MaskRow);

impl OfRow for MaskRow {
    fn row(&self) -> u64 {
        self.row
    }
}

pub struct Masking {
    layout: Arc<Layout>,
    before: Before,
    options: Options,
}

impl Masking {
    pub fn new(options: &Options, layout: &Arc<Layout>, before: &Before) -> Self {
        Self { layout: Arc::clone(layout), before: before.clone(), options: options.clone() }
    }
}

impl Step for Masking {
    fn name(&self) -> &str {
        "mask"
    }

    fn identity(&self) -> String {
        format!("{VERSION} {:?}", self.options)
    }

    fn reads(&self) -> Vec<String> {
        std::iter::once("extract".to_owned()).chain(self.before.steps()).collect()
    }

    fn rounds(&self) -> Vec<Round> {
        vec![Round { name: "mask", tasks: self.layout.tasks(), merges: false }]
    }

    fn task(&self, build: Build<'_>, _round: usize, task: usize) -> Result<Outcome> {
        let file = &self.layout.files[task];
        let mut rows = TableWriter::create(build.folder, &file.decisions("mask"))?;
        let mut table = TableWriter::create(build.folder, &ranges_path(&file.name()))?;
        let mut counts = Counts::default();
        for (row, document) in (0..).zip(Walk::<TextRow>::open(build, file, &self.before)?) {
            let (TextRow { key, text }, standing) = document?;
            if !standing.alive {
                rows.push(DecisionRow::new(&standing, GONE))?;
                continue;
            }
            let source = &standing.source;
            let funnel = counts.source(source);
            (funnel.read, funnel.kept) = (funnel.read + 1, funnel.kept + 1);
            rows.push(DecisionRow::new(&standing, KEEP))?;
            if !self.options.masks(source) {
                continue;
            }
            counts.bytes += text.len() as u64;
            let masks = mask::find(&text, &self.options);
            note(&mut counts, source, &masks);
            for Mask { range, kind } in masks {
                let (start, end) = (range.start as u64, range.end as u64);
                table.push(MaskRow { key, row, start, end, kind: kind.name().to_owned() })?;
            }
        }
        Ok(Outcome { files: vec![rows.finish()?, table.finish()?], work: Vec::new(), counts })
    }
}

/// Counts what is masked in a document, as the step and `verify` do.
pub fn note(counts: &mut Counts, source: &str, masks: &[Mask]) {
    for kind in [Kind::Email, Kind::Ip] {
        let n = masks.iter().filter(|mask| mask.kind == kind).count() as u64;
        counts.note(&format!("{source}: masked {}", kind.name()), n);
        counts.note(&format!("{source}: documents with {}", kind.name()), u64::from(n != 0));
    }
    counts.note(&format!("{source}: documents masked"), u64::from(!masks.is_empty()));
}

/// The masked places of a file of documents, by its name.
pub fn ranges_path(name: &str) -> String {
    format!("mask/ranges/{name}.parquet")
}

/// The masks of a file's documents, taken in the order of their rows.
#[derive(Default)]
pub struct Masks {
    rows: OfRows<MaskRow>,
    options: Options,
    name: String,
}

impl Masks {
    /// `are_masked` says whether the recipe has that step; without it no document has masks.
    pub fn open(build: Build<'_>, file: &DocumentFile, are_masked: bool) -> Result<Self> {
        let rows = if are_masked { Some(TableReader::open(&build.folder.path(&ranges_path(&file.name())))?) } else { None };
        Ok(Self { rows: OfRows::new(rows), options: build.recipe.mask.clone().unwrap_or_default(), name: file.name() })
    }

    /// What is masked in the document of this row, in order. Rows are asked for in ascending order; those between are passed over.
    ///
    /// # Errors
    /// When the table cannot be read, or says something of another document in this row.
    pub fn take(&mut self, row: u64, key: Key) -> Result<Vec<Mask>> {
        let rows = self.rows.take(row, key)?.into_iter();
        rows.map(|row| {
            let kind = Kind::named(&row.kind).ok_or_else(|| misplaced(&self.name, key))?;
            Ok(Mask { range: row.start as usize..row.end as usize, kind })
        })
        .collect()
    }

    /// A document's text with its placeholders.
    ///
    /// # Errors
    /// When the masks are not of this text.
    pub fn apply(&self, key: Key, text: &str, masks: &[Mask]) -> Result<String> {
        mask::apply(text, masks, &self.options).ok_or_else(|| misplaced(&self.name, key))
    }

    /// True when none is left, as it must be at the end of the documents.
    pub fn is_done(&mut self) -> bool {
        self.rows.is_done()
    }
}
