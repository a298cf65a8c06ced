//! One copy of each URL, where the recipe asks for it (`[dedup] same-url`): of the documents that stand and have the same normalised URL ([`url::normalise`](crate::text::url::normalise)) the best stays, as `dedup` ranks
//! copies, and for the sources whose copies take each other's place there. Texts are not compared, so that a page that was crawled twice stays once, however it changed. What indexes hold comes before.
//!
//! Rounds: `keys` writes hash, rank and number of each file's documents by partition of the hash (64 bytes a document with a URL on disk, of which 64 MiB are held); `group` finds in one partition
//! which documents go (144 bytes a document with a URL of its share, and up to 64 MiB of those that go); `apply` writes verdicts row by row (48 bytes a document of its file that goes).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::dedup::{Addressed, one_a_url};
use crate::document::{Reason, Rule};
use crate::error::Result;
use crate::store::spill::{Records, SpillWriter, partition, read_records};
use crate::store::table::TableWriter;

use super::super::ledger::{Counts, Outcome};
use super::super::plan::{Layout, n_partitions};
use super::super::recipe::{self, KeepOnePer, Recipe};
use super::super::run::{Build, Round, Step};
use super::dedup::members::{Copies, CopyRow};
use super::dedup::records::{UrlEntry, UrlLoss};
use super::dedup::{file_of, number, row_of};
use super::index::Indexes;
use super::{Before, DecisionRow, GONE, KEEP, KeyRow, Walk, misaligned};

const VERSION: u32 = 1;

const FILTER: &str = "urls";

/// Bytes of input as stored for each byte that a partition holds: a text of 1,200 bytes is packed to 400, and has 144 there.
const INPUT_OF_KEYS: u64 = 2;

/// By which rule the worse copy is dropped.
pub const RULES: &[Rule] = &[Rule::new("same-url", "", "a better copy has the same normalised URL")];

pub struct Urls {
    layout: Arc<Layout>,
    before: Before,
    copies: Copies,
    indexes: Arc<Indexes>,
    n_partitions: usize,
}

impl Urls {
    pub fn new(recipe: &Recipe, part: &recipe::Dedup, layout: &Arc<Layout>, before: &Before, indexes: &Arc<Indexes>) -> Self {
        // Equal URLs are on one host: how many copies hosts keep changes nothing here, and so must not run this step again.
        let part = recipe::Dedup { keep_one_per: KeepOnePer::Cluster, ..part.clone() };
        Self {
            layout: Arc::clone(layout),
            before: before.clone(),
            copies: Copies::new(recipe, &part),
            indexes: Arc::clone(indexes),
            n_partitions: n_partitions((layout.bytes / INPUT_OF_KEYS).saturating_add(indexes.bytes()), part.partition_bytes),
        }
    }

    fn work(&self, round: &str, task: usize) -> String {
        format!("work/urls/{round}-{task:05}")
    }
}

impl Step for Urls {
    fn name(&self) -> &str {
        "urls"
    }

    fn identity(&self) -> String {
        format!("{VERSION} {:?}", self.copies)
    }

    fn inputs(&self) -> BTreeMap<String, String> {
        self.indexes.inputs()
    }

    fn reads(&self) -> Vec<String> {
        std::iter::once("extract".to_owned()).chain(self.before.steps()).collect()
    }

    fn rounds(&self) -> Vec<Round> {
        vec![
            Round { name: "keys", tasks: self.indexes.tasks(&self.layout), merges: false },
            Round { name: "group", tasks: self.layout.partitions(self.n_partitions), merges: false },
            Round { name: "apply", tasks: self.layout.tasks(), merges: false },
        ]
    }

    fn task(&self, build: Build<'_>, round: usize, task: usize) -> Result<Outcome> {
        match round {
            0 => self.keys(build, task),
            1 => self.group(build, task),
            _ => self.apply(build, task),
        }
    }
}

impl Urls {
    /// Round 0: each document with its URL, by partition.
    fn keys(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let mut spill = SpillWriter::create(build.folder, &self.work("keys", task), self.n_partitions)?;
        let mut counts = Counts::default();
        let push = |spill: &mut SpillWriter, entry: Addressed| {
            spill.push(partition((entry.url >> 64) as u64, self.n_partitions), &UrlEntry(entry).to_bytes())
        };
        let Some(file) = self.layout.files.get(task) else {
            let file = self.indexes.file(&self.layout, task);
            file.each(|kept, rank| {
                let entry = Addressed { url: kept.url, document: number(task, kept.row), rank };
                if kept.url == 0 { Ok(()) } else { push(&mut spill, entry) }
            })?;
            counts.bytes += file.bytes();
            return Ok(Outcome { files: Vec::new(), work: vec![spill.finish()?], counts });
        };
        for (row, document) in (0..).zip(Walk::<CopyRow>::open(build, file, &self.before)?) {
            let (copy, standing) = document?;
            if !standing.alive {
                continue;
            }
            counts.bytes += copy.text.len() as u64;
            let Some(url) = copy.url_hash() else {
                let what = if copy.url.is_none() {
                    "documents without a URL, which stay"
                } else {
                    "documents with what is no web URL, which stay"
                };
                counts.note(what, 1);
                continue;
            };
            let rank = self.copies.rank(&standing.source, &copy);
            if self.copies.lacks_score(&rank) {
                counts.note("documents without a number in score-field, which come last", 1);
            }
            push(&mut spill, Addressed { url, document: number(task, row), rank })?;
        }
        Ok(Outcome { files: Vec::new(), work: vec![spill.finish()?], counts })
    }

    /// Round 1: which documents of a partition go; their files learn it.
    fn group(&self, build: Build<'_>, partition: usize) -> Result<Outcome> {
        let mut documents = self.documents(build, partition)?;
        let mut spill = SpillWriter::create(build.folder, &self.work("group", partition), self.layout.files.len())?;
        let admits = |winner: u32, loser: u32| self.copies.admits((0, winner), (0, loser));
        let counted = one_a_url(&mut documents, admits, |worse, better| {
            // Of an index that has a URL twice nothing goes.
            if self.layout.files.len() <= file_of(worse.document) {
                return Ok(());
            }
            let loss = UrlLoss { row: row_of(worse.document), winner: better.rank.key, priority: better.rank.priority };
            spill.push(file_of(worse.document), &loss.to_bytes())
        })?;
        let mut counts = Counts::default();
        counts.note("distinct URLs", counted.urls);
        counts.note("URLs of more than one document", counted.shared);
        Ok(Outcome { files: Vec::new(), work: vec![spill.finish()?], counts })
    }

    /// The documents of a partition.
    fn documents(&self, build: Build<'_>, partition: usize) -> Result<Vec<Addressed>> {
        let files = 0..self.indexes.n_files(&self.layout);
        let parts = files.map(|file| read_records(build.folder, &self.work("keys", file), partition)).collect::<Result<Vec<Records>>>()?;
        let mut documents = Vec::with_capacity(parts.iter().map(|records| records.iter().count()).sum());
        for record in parts.iter().flat_map(Records::iter) {
            documents.push(UrlEntry::from_bytes(record)?.0);
        }
        Ok(documents)
    }

    /// Round 2: verdicts of one file.
    fn apply(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let file = &self.layout.files[task];
        let mut losses = Vec::new();
        for partition in 0..self.n_partitions {
            for record in read_records(build.folder, &self.work("group", partition), task)?.iter() {
                losses.push(UrlLoss::from_bytes(record)?);
            }
        }
        losses.sort_unstable_by_key(|loss| loss.row);
        let mut losses = losses.into_iter().peekable();
        let mut rows = TableWriter::create(build.folder, &file.decisions("urls"))?;
        let mut counts = Counts::default();
        for (row, document) in (0..).zip(Walk::<KeyRow>::open(build, file, &self.before)?) {
            let (KeyRow { .. }, standing) = document?;
            if !standing.alive {
                rows.push(DecisionRow::new(&standing, GONE))?;
                continue;
            }
            let funnel = counts.source(&standing.source);
            funnel.read += 1;
            let decision = DecisionRow::new(&standing, KEEP);
            let Some(UrlLoss { winner, priority, .. }) = losses.next_if(|loss| loss.row == row) else {
                funnel.kept += 1;
                rows.push(decision)?;
                continue;
            };
            let reason = Reason::bare(FILTER, "same-url");
            funnel.drop(reason.filter, reason.rule);
            counts.bucket(&format!("removed from {} for {}", standing.source, self.copies.source(priority)), reason.rule, 1);
            rows.push(DecisionRow { cluster: Some(winner), ..decision.dropped(reason) })?;
        }
        // One that is left is of no document that stands here.
        if losses.next().is_some() {
            return Err(misaligned(&file.name()));
        }
        Ok(Outcome { files: vec![rows.finish()?], work: Vec::new(), counts })
    }
}
