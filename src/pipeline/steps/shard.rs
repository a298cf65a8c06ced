//! Writes the data set: one keyed global shuffle, out of core, into shards of bounded size.
//!
//! The draw of copy c of n is (c + u) / n, u keyed by seed and document, so that copies of a document lie in different n-ths of the data. Its place in the order is the share of its source's
//! tokens that have smaller draws: so every stretch of the order has the share of each source that the blend has, to a document, where draws alone would leave it to chance. Round `measure`
//! sums those tokens by source and draw, and its merge adds them up; round `scatter` writes the rows of each file by partition of the order; round `gather` sorts one partition and writes
//! its shards, and its merge adds up what they hold (`profile`). Pieces of a book stay together, in their order and in one shard.
//! What is held out for validation is drawn by document, has one copy, lies in an order and in shards of its own, and counts for no share of the blend.
//! Memory: 1 MiB a source; a task of `scatter` holds a segment of rows, one of `gather` an eighth of its part (of more than 512 parts more of it, of more than
//! 4,096 the whole): the input over the number of parts, times the copies; its merge the registered domains of the data set, a million at most.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::document::Key;
use crate::error::{Error, Result};
use crate::store::spill::SpillWriter;
use crate::store::table::TableReader;
use crate::tokens::Tokenizer;

use super::super::ledger::{Counts, Outcome};
use super::super::plan::Layout;
use super::super::recipe::{self, Recipe};
use super::super::run::{Build, Round, Step};
use super::decontaminate::Pieces;
use super::spreads::{Spreads, read_spreads, spread_path, write_spreads};
use super::tokens::TokenRow;
use super::{Before, DecisionRow, DocumentRow, KeyRow, Keyed, Once, Walk, aligned, keyed};

mod gather;
mod order;
pub mod profile;
pub mod shares;

use order::{DRAWS, draws};
pub use order::{Order, Parts, Split, bins_of_each, is_held_out};

const VERSION: u32 = 4;
/// Bytes of the head of a row's record.
const HEAD: usize = 8 + size_of::<Key>() + 4 + 4;

crate::table! {
    /// Copies of a document.
    pub struct CopiesRow {
        /// The document's key.
        key: Key,
        /// Copies in the data set.
        copies: Option<u64>,
    }
}

keyed!(CopiesRow);

pub struct Shard {
    layout: Arc<Layout>,
    before: Before,
    output: recipe::Output,
    seed: u64,
    tokenizer: Option<String>,
    /// Steps of the plan whose columns go into the rows.
    has: Has,
    parts: Parts,
    books: Vec<String>,
    order: Once<Order>,
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
    copy: u32,
    /// Number of the piece of a document that was cut.
    piece: u32,
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

impl Moving {
    /// Its record: a head by which records sort as their rows do, and the row as JSON. `position` is the place in the order, a 64-bit fraction of the whole.
    fn record(&self, position: u64) -> Result<Vec<u8>> {
        let mut record = Vec::with_capacity(self.text.len() + 512);
        record.extend_from_slice(&position.to_be_bytes());
        record.extend_from_slice(&self.key.0.to_be_bytes());
        record.extend_from_slice(&self.copy.to_be_bytes());
        record.extend_from_slice(&self.piece.to_be_bytes());
        debug_assert_eq!(record.len(), HEAD);
        serde_json::to_writer(&mut record, self).map_err(|error| Error::new("cannot write a row of the shuffle").because(error))?;
        Ok(record)
    }

    fn of_record(record: &[u8]) -> Result<Self> {
        let row = record.get(HEAD..).unwrap_or_default();
        serde_json::from_slice(row).map_err(|error| Error::new("cannot read a row of the shuffle").because(error))
    }
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
            parts: Parts::new(layout.bytes, output),
            books: recipe.books(),
            order: Once::default(),
        }
    }

    fn work(&self, task: usize) -> String {
        format!("work/shard/{task:05}")
    }
}

impl Step for Shard {
    fn name(&self) -> &str {
        "shard"
    }

    fn identity(&self) -> String {
        format!("{VERSION} {} {:?} {:?} {:?} {:?}", self.seed, self.output, self.has, self.parts, self.books)
    }

    fn reads(&self) -> Vec<String> {
        let optional = [(self.has.score, "score"), (self.has.blend, "tokens"), (self.has.decontaminate, "decontaminate")];
        let optional = optional.iter().filter(|(has, _)| *has).map(|(_, name)| (*name).to_owned());
        ["extract", "filter"].map(str::to_owned).into_iter().chain(optional).chain(self.before.steps()).collect()
    }

    fn rounds(&self) -> Vec<Round> {
        let gather = self.layout.partitions(self.parts.n_parts());
        let measured = if self.has.blend { self.layout.tasks() } else { Vec::new() };
        vec![
            Round { name: "measure", tasks: measured, merges: self.has.blend },
            Round { name: "scatter", tasks: self.layout.tasks(), merges: false },
            Round { name: "gather", tasks: gather, merges: true },
        ]
    }

    fn judges(&self) -> bool {
        false
    }

    fn task(&self, build: Build<'_>, round: usize, task: usize) -> Result<Outcome> {
        match round {
            0 => self.measure(build, task),
            1 => self.scatter(build, task),
            _ => self.gather(build, task),
        }
    }

    fn merge(&self, build: Build<'_>, round: usize) -> Result<Outcome> {
        if round != 0 {
            return self.profile(build);
        }
        let spreads = read_spreads(build.folder, (0..self.layout.files.len()).map(|task| spread_path("shard", task)))?;
        Ok(Outcome { files: vec![write_spreads(build.folder, DRAWS, &spreads)?], work: Vec::new(), counts: Counts::default() })
    }
}

impl Shard {
    /// The tokens of a file's copies by source and draw; the pieces of a document count alike.
    fn measure(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let file = &self.layout.files[task];
        let name = file.name();
        let mut blend = TableReader::<CopiesRow>::open(&build.folder.path(&file.decisions("blend")))?;
        let mut tokens = TableReader::<TokenRow>::open(&build.folder.path(&file.decisions("tokens")))?;
        let mut pieces = Pieces::open(build, file, self.has.decontaminate)?;
        let mut spreads = Spreads::new();
        for row in Walk::<KeyRow>::open(build, file, &self.before)? {
            let (KeyRow { key }, standing) = row?;
            let n_copies = aligned(&mut blend, key, &name)?.copies.unwrap_or(0) as u32;
            let tokens = aligned(&mut tokens, key, &name)?.tokens.unwrap_or(0);
            let n_pieces = pieces.take(key)?.len().max(1);
            if !standing.alive || is_held_out(build.recipe, key) {
                continue;
            }
            let spread = spreads.entry(standing.source.clone()).or_default();
            for piece in 0..n_pieces {
                let draws = draws(self.seed, &self.books, &standing.source, key, piece, n_copies);
                draws.into_iter().for_each(|draw| spread.add(draw, tokens / n_pieces as u64));
            }
        }
        let work = vec![write_spreads(build.folder, &spread_path("shard", task), &spreads)?];
        Ok(Outcome { files: Vec::new(), work, counts: Counts::default() })
    }

    fn scatter(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let file = &self.layout.files[task];
        let open = |step: &str| TableReader::<DecisionRow>::open(&build.folder.path(&file.decisions(step)));
        let order = self.order.get(|| Order::load(build, self.parts))?;
        let mut filter = open("filter")?;
        let mut score = if self.has.score { Some(open("score")?) } else { None };
        let mut blend = if self.has.blend { Some(open("blend")?) } else { None };
        let mut tokens = if self.has.blend { Some(open("tokens")?) } else { None };
        let mut pieces = Pieces::open(build, file, self.has.decontaminate)?;
        let tokenizer = self.tokenizer.as_deref().map(Tokenizer::new).transpose()?;
        let mut spill = SpillWriter::create(build.folder, &self.work(task), self.parts.n_bins())?;
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
                for (copy, place) in order.places(&standing.source, key, k, n_copies).into_iter().enumerate() {
                    let moving = Moving {
                        copy: copy as u32,
                        piece: k as u32,
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
                    spill.push(place.bin, &moving.record(place.position)?)?;
                }
            }
        }
        Ok(Outcome { files: Vec::new(), work: vec![spill.finish()?], counts })
    }
}
