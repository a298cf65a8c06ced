//! Writes the data set: one keyed global shuffle, out of core, into shards of bounded size.
//!
//! A copy's place in the order is (c + u) / n for copy c of n, u keyed by seed and document: copies of a document lie in different n-ths of the data, and
//! each source is spread evenly over the whole. Round `scatter` writes the rows of each file by partition of that order; round `gather` sorts
//! one partition and writes its shards. Memory: a task of `scatter` holds the kept text of its file once for each copy, one of `gather` one partition: the input over the number of partitions, times the copies.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::blend;
use crate::document::Key;
use crate::error::{Error, Result};
use crate::shard::{Format, Row, ShardWriter};
use crate::store::spill::{SpillWriter, partition, read_records};
use crate::store::table::TableReader;
use crate::text::hash::{draw_bits, hash64_seeded, unit};
use crate::tokens::Tokenizer;

use super::super::ledger::{Counts, Outcome};
use super::super::plan::{self, Layout};
use super::super::recipe::{self, Recipe};
use super::super::run::{Build, Round, Step};
use super::decontaminate::Pieces;
use super::{Before, DecisionRow, DocumentRow, Walk, aligned};

const VERSION: u32 = 1;

pub struct Shard {
    layout: Arc<Layout>,
    before: Before,
    output: recipe::Output,
    seed: u64,
    tokenizer: Option<String>,
    /// Steps of the plan whose columns go into the rows.
    has: Has,
    n_partitions: usize,
}

#[derive(Clone, Copy, Debug)]
struct Has {
    score: bool,
    blend: bool,
    decontaminate: bool,
}

/// A row of the data set on its way through the shuffle.
#[derive(Serialize, Deserialize)]
struct Moving {
    /// Place in the order: the 64-bit fraction of the whole.
    position: u64,
    copy: u32,
    key: Key,
    id: String,
    source: String,
    url: Option<String>,
    date: Option<String>,
    title: Option<String>,
    language: Option<String>,
    language_probability: Option<f64>,
    score: Option<f64>,
    tokens: Option<u64>,
    text: String,
    extra: Option<String>,
}

impl Shard {
    pub fn new(recipe: &Recipe, output: &recipe::Output, layout: &Arc<Layout>, before: &Before) -> Self {
        Self {
            layout: Arc::clone(layout),
            before: before.clone(),
            output: output.clone(),
            seed: recipe.seed,
            tokenizer: recipe.blend.as_ref().map(|blend| blend.tokenizer.clone()),
            has: Has {
                score: recipe.sources.values().any(|source| source.keep.is_some()),
                blend: recipe.blend.is_some(),
                decontaminate: recipe.decontaminate.is_some(),
            },
            n_partitions: n_partitions(layout.bytes, output),
        }
    }

    fn work(&self, task: usize) -> String {
        format!("work/shard/{task:05}")
    }
}

/// Parts of the order; shards are named by them. Kept text is about as large as the stored input, so a partition holds about one shard; only memory depends
/// on the guess, and it on inputs alone.
pub fn n_partitions(input_bytes: u64, output: &recipe::Output) -> usize {
    plan::n_partitions(input_bytes, output.shard_bytes.max(1 << 20))
}

/// Where the copies of a document's piece lie in the order: 64-bit fractions of the whole. Each piece and copy has a draw of its own.
pub fn positions(seed: u64, key: Key, piece: usize, n_copies: u32) -> Vec<u64> {
    let base = draw_bits(seed, &format!("shard {piece}"), key);
    let draw = |copy: u32| unit(hash64_seeded(&copy.to_le_bytes(), base));
    blend::positions(n_copies, draw).into_iter().map(|place| (place * 2_f64.powi(64)) as u64).collect()
}

impl Step for Shard {
    fn name(&self) -> &str {
        "shard"
    }

    fn identity(&self) -> String {
        format!("{VERSION} {} {:?} {:?} {}", self.seed, self.output, self.has, self.n_partitions)
    }

    fn reads(&self) -> Vec<String> {
        let optional = [(self.has.score, "score"), (self.has.blend, "tokens"), (self.has.decontaminate, "decontaminate")];
        let optional = optional.iter().filter(|(has, _)| *has).map(|(_, name)| (*name).to_owned());
        ["extract", "filter"].map(str::to_owned).into_iter().chain(optional).chain(self.before.steps()).collect()
    }

    fn rounds(&self) -> Vec<Round> {
        let gather = self.layout.partitions(self.n_partitions);
        vec![Round { name: "scatter", tasks: self.layout.tasks(), merges: false }, Round { name: "gather", tasks: gather, merges: false }]
    }

    fn judges(&self) -> bool {
        false
    }

    fn task(&self, build: Build<'_>, round: usize, task: usize) -> Result<Outcome> {
        if round == 0 { self.scatter(build, task) } else { self.gather(build, task) }
    }
}

impl Shard {
    fn scatter(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let file = &self.layout.files[task];
        let open = |step: &str| TableReader::<DecisionRow>::open(&build.folder.path(&file.decisions(step)));
        let mut filter = open("filter")?;
        let mut score = if self.has.score { Some(open("score")?) } else { None };
        let mut blend = if self.has.blend { Some(open("blend")?) } else { None };
        let mut tokens = if self.has.blend { Some(open("tokens")?) } else { None };
        let mut pieces = Pieces::open(build, file, self.has.decontaminate)?;
        let tokenizer = self.tokenizer.as_deref().map(Tokenizer::new).transpose()?;
        let mut spill = SpillWriter::create(build.folder, &self.work(task), self.n_partitions)?;
        let mut counts = Counts::default();
        let name = file.name();
        for row in Walk::<DocumentRow>::open(build, file, &self.before)? {
            let (document, standing) = row?;
            let key = document.key;
            let filter = aligned(&mut filter, key, &name)?;
            let score = score.as_mut().map(|rows| aligned(rows, key, &name)).transpose()?.and_then(|row| row.score);
            let copies = blend.as_mut().map(|rows| aligned(rows, key, &name)).transpose()?.map_or(Some(1), |row| row.copies);
            let n_tokens = tokens.as_mut().map(|rows| aligned(rows, key, &name)).transpose()?.and_then(|row| row.tokens);
            let ranges = pieces.take(key)?;
            if !standing.alive {
                continue;
            }
            counts.bytes += document.text.len() as u64;
            let whole = std::iter::once((document.id.clone(), 0..document.text.len(), n_tokens));
            let count = |text: &str| tokenizer.as_ref().map(|tokenizer| tokenizer.count(text));
            let parts: Vec<_> = if ranges.is_empty() {
                whole.collect()
            } else {
                let part = |(k, range): (usize, std::ops::Range<usize>)| {
                    (format!("{}#{k}", document.id), range.clone(), count(&document.text[range]))
                };
                ranges.into_iter().enumerate().map(part).collect()
            };
            let n_copies = u32::try_from(copies.unwrap_or(0)).unwrap_or(u32::MAX);
            for (k, (id, range, tokens)) in parts.into_iter().enumerate() {
                for (copy, position) in positions(self.seed, key, k, n_copies).into_iter().enumerate() {
                    let moving = Moving {
                        position,
                        copy: copy as u32,
                        key,
                        id: id.clone(),
                        source: standing.source.clone(),
                        url: document.url.clone(),
                        date: document.date.clone(),
                        title: document.title.clone(),
                        language: filter.language.clone(),
                        language_probability: filter.language_probability,
                        score,
                        tokens,
                        text: document.text[range.clone()].to_owned(),
                        extra: document.extra.clone(),
                    };
                    let bytes =
                        serde_json::to_vec(&moving).map_err(|error| Error::new("cannot write a row of the shuffle").because(error))?;
                    spill.push(partition(position, self.n_partitions), &bytes)?;
                }
            }
        }
        Ok(Outcome { files: Vec::new(), work: vec![spill.finish()?], counts })
    }

    fn gather(&self, build: Build<'_>, partition: usize) -> Result<Outcome> {
        let mut rows: Vec<Moving> = Vec::new();
        for task in 0..self.layout.files.len() {
            for record in read_records(build.folder, &self.work(task), partition)?.iter() {
                let row = serde_json::from_slice(record).map_err(|error| Error::new("cannot read a row of the shuffle").because(error))?;
                rows.push(row);
            }
        }
        rows.sort_by(|a, b| (a.position, a.key, &a.id, a.copy).cmp(&(b.position, b.key, &b.id, b.copy)));
        let mut outcome = Outcome::default();
        let mut shard: Option<ShardWriter<crate::store::NewFile>> = None;
        let mut n_shards = 0;
        for row in rows {
            if shard.as_ref().is_some_and(|shard| self.output.shard_bytes <= shard.bytes_so_far()) {
                self.close(shard.take(), &mut outcome)?;
            }
            let writer = match &mut shard {
                Some(writer) => writer,
                None => {
                    let name = format!("shards/{partition:05}-{n_shards:05}.{}", self.extension());
                    n_shards += 1;
                    shard.insert(ShardWriter::new(self.output.format, build.folder.create(&name)?)?)
                }
            };
            outcome.counts.bytes += row.text.len() as u64;
            outcome.counts.note(&format!("{}: rows in shards", row.source), 1);
            outcome.counts.note(&format!("{}: tokens in shards", row.source), row.tokens.unwrap_or(0));
            writer.write(&Row {
                id: &row.id,
                key: row.key,
                source: &row.source,
                url: row.url.as_deref(),
                date: row.date.as_deref(),
                title: row.title.as_deref(),
                language: row.language.as_deref(),
                language_probability: row.language_probability,
                score: row.score,
                tokens: row.tokens,
                copy: row.copy,
                text: &row.text,
                extra: row.extra.as_deref(),
            })?;
        }
        self.close(shard.take(), &mut outcome)?;
        Ok(outcome)
    }

    fn close(&self, shard: Option<ShardWriter<crate::store::NewFile>>, outcome: &mut Outcome) -> Result<()> {
        if let Some(shard) = shard {
            let (file, rows) = shard.finish()?;
            outcome.files.push(file.commit(rows)?);
        }
        Ok(())
    }

    fn extension(&self) -> &'static str {
        match self.output.format {
            Format::JsonlZst => "jsonl.zst",
            Format::Parquet => "parquet",
        }
    }
}
