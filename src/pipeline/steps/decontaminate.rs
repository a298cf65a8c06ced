//! Takes benchmark text out of the standing documents (GPT-3, appendix C): first a count over the corpus, then the cuts.
//!
//! Round `count` writes, for each file, how many of its documents hold each colliding n-gram, and which documents hold one; its merge finds the n-grams that too many
//! documents hold (licences, templates), which are ignored. Round `cut` writes verdicts, pieces and cuts; of the texts it looks only at those with a collision, which are few.
//! Memory: the n-grams of the benchmarks (about 80 bytes each), 4 bytes for each in a count, 8 bytes a colliding document of a file.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::ops::Range;
use std::sync::Arc;

use crate::codec;
use crate::decontaminate::{self, BenchmarkItem, Grams, Ignored, Options, Scratch};
use crate::document::Key;
use crate::error::{Context, Error, Result};
use crate::read::{self, Input, Limits};
use crate::store::table::{TableReader, TableWriter};

use super::super::ledger::{Counts, Outcome};
use super::super::plan::{DocumentFile, Layout, states, unchanged};
use super::super::recipe::{self, Recipe};
use super::super::run::{Build, Round, Step};
use super::{Before, DecisionRow, GONE, KEEP, KeyRow, Keyed, Once, Standing, TextRow, Walk, keyed};

const VERSION: u32 = 1;
/// What the benchmark files are there for, in messages.
const ROLE: &str = "[decontaminate]";
const IGNORED: &str = "decontaminate/ignored.json";

crate::table! {
    /// A piece of a document that stays after cuts; documents without cuts have no rows here.
    pub struct PieceRow {
        /// The document's key.
        key: Key,
        /// Number of the piece in its document, from 0; the data set's id is ID#piece.
        piece: u64,
        /// First byte of the piece in the document's text, duplicate paragraphs cut out.
        start: u64,
        /// The byte after its last.
        end: u64,
    }
}

crate::table! {
    /// A stretch of text that was cut out, and what it collided with.
    pub struct CutRow {
        /// The document's key.
        key: Key,
        /// First byte of the cut in the document's text, duplicate paragraphs cut out.
        start: u64,
        /// The byte after its last.
        end: u64,
        /// The colliding words.
        gram: String,
        /// Benchmark file.
        benchmark: String,
        /// Item in that file.
        item: String,
    }
}

/// The rows of a file with their texts, where a text collides with a benchmark.
type CollidingRows = Box<dyn Iterator<Item = Result<(Option<String>, Standing)>>>;

keyed!(PieceRow, CutRow);

pub struct Decontaminate {
    layout: Arc<Layout>,
    before: Before,
    options: Options,
    identity: String,
    /// What the benchmark files are.
    states: BTreeMap<String, String>,
    books: Vec<String>,
    benchmarks: Vec<(Input, recipe::Benchmark)>,
    limits: Limits,
    grams: Once<Grams>,
    ignored: Once<Ignored>,
    pub warnings: Vec<String>,
}

impl Decontaminate {
    /// Finds the benchmarks; they are read by [`Step::check`], or by the first task that needs them.
    ///
    /// # Errors
    /// When a benchmark is missing.
    pub fn new(recipe: &Recipe, part: &recipe::Decontaminate, layout: &Arc<Layout>, before: &Before) -> Result<Self> {
        let mut benchmarks = Vec::new();
        let mut warnings = Vec::new();
        for benchmark in &part.benchmarks {
            let (inputs, said) =
                read::find(std::slice::from_ref(&benchmark.path), &recipe.base).context(|| "benchmarks of [decontaminate]")?;
            warnings.extend(said);
            benchmarks.extend(inputs.into_iter().map(|input| (input, benchmark.clone())));
        }
        let states = states(benchmarks.iter().map(|(input, _)| input), ROLE)?;
        Ok(Self {
            layout: Arc::clone(layout),
            before: before.clone(),
            options: part.options(),
            identity: format!("{VERSION} {:?} {:?}", part.options(), part.benchmarks),
            states,
            books: recipe.books(),
            benchmarks,
            limits: recipe.limits.clone(),
            grams: Once::default(),
            ignored: Once::default(),
            warnings,
        })
    }

    /// The n-grams that documents of a task's file hold, each with the number of those documents.
    fn counts_path(&self, task: usize) -> String {
        format!("work/decontaminate/counts/{task:05}")
    }

    /// Which rows of a task's file hold any.
    fn hits_path(&self, task: usize) -> String {
        format!("work/decontaminate/hits/{task:05}")
    }

    /// The n-grams of the benchmarks; read once a process.
    ///
    /// # Errors
    /// When a benchmark is not JSON lines with text, or changes while it is read (exit 5), and when no item of any has `n` words.
    fn grams(&self) -> Result<&Grams> {
        self.grams.get(|| {
            let inputs: Vec<Input> = self.benchmarks.iter().map(|(input, _)| input.clone()).collect();
            unchanged(&inputs, ROLE, &self.states, || {
                let mut items: Vec<BenchmarkItem> = Vec::new();
                for (input, benchmark) in &self.benchmarks {
                    let fields = (!benchmark.fields.is_empty()).then_some(benchmark.fields.as_slice());
                    let reader = codec::open(&input.path, self.limits.windows())?;
                    items.extend(decontaminate::read_items(&input.name, reader, fields)?);
                }
                let names = || inputs.iter().map(|input| &*input.name).collect::<Vec<_>>().join(", ");
                Grams::new(&items, &self.options).context(|| format!("cannot use the benchmarks {}", names()))
            })
        })
    }

    fn ignored(&self, build: Build<'_>) -> Result<&Ignored> {
        let n_grams = self.grams()?.len();
        self.ignored.get(|| Ok(Ignored::new(load_ignored(build)?.into_keys(), n_grams)))
    }
}

/// The n-grams that too many documents hold, by number: those documents, and the words.
pub fn load_ignored(build: Build<'_>) -> Result<BTreeMap<u32, (u64, String)>> {
    let bytes = build.folder.read(IGNORED)?.ok_or_else(|| Error::new(format!("{IGNORED} is missing; build again")))?;
    serde_json::from_slice(&bytes).map_err(|error| Error::new(format!("{IGNORED} is damaged; build again")).because(error))
}

impl Step for Decontaminate {
    fn name(&self) -> &str {
        "decontaminate"
    }

    fn identity(&self) -> String {
        self.identity.clone()
    }

    fn inputs(&self) -> BTreeMap<String, String> {
        self.states.clone()
    }

    /// The benchmarks are small, and what is wrong with them is said before any work.
    fn check(&self) -> Result<()> {
        self.grams().map(drop)
    }

    fn reads(&self) -> Vec<String> {
        std::iter::once("extract".to_owned()).chain(self.before.steps()).collect()
    }

    fn rounds(&self) -> Vec<Round> {
        vec![
            Round { name: "count", tasks: self.layout.tasks(), merges: true },
            Round { name: "cut", tasks: self.layout.tasks(), merges: false },
        ]
    }

    fn task(&self, build: Build<'_>, round: usize, task: usize) -> Result<Outcome> {
        if round == 0 { self.count(build, task) } else { self.cut(build, task) }
    }

    fn merge(&self, build: Build<'_>, _round: usize) -> Result<Outcome> {
        let grams = self.grams()?;
        let mut documents = vec![0_u64; grams.len()];
        for task in 0..self.layout.files.len() {
            let bytes = read_work(build, &self.counts_path(task))?;
            for pair in bytes.chunks_exact(8) {
                let (gram, n) = pair.split_at(4);
                let number = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().expect("halves of eight"));
                if let Some(documents) = documents.get_mut(number(gram) as usize) {
                    *documents += u64::from(number(n));
                }
            }
        }
        let many = |&(_, &n): &(usize, &u64)| self.options.max_documents < n;
        let ignored: BTreeMap<u32, (u64, String)> = documents
            .iter()
            .enumerate()
            .filter(many)
            .map(|(gram, &n)| (gram as u32, (n, grams.gram(gram as u32).words.to_owned())))
            .collect();
        let mut counts = Counts::default();
        counts.note("n-grams of the benchmarks", grams.len() as u64);
        counts.note("benchmark items shorter than an n-gram", grams.n_short_items() as u64);
        counts.note("n-grams ignored because many documents hold them", ignored.len() as u64);
        let text = serde_json::to_vec_pretty(&ignored).map_err(|error| Error::new("cannot write the ignored n-grams").because(error))?;
        Ok(Outcome { files: vec![build.folder.write(IGNORED, &text)?], work: Vec::new(), counts })
    }
}

impl Decontaminate {
    fn count(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let grams = self.grams()?;
        let mut documents = vec![0_u32; grams.len()];
        let mut hits: Vec<u64> = Vec::new();
        let mut scratch = Scratch::default();
        let mut counts = Counts::default();
        for (index, row) in (0..).zip(Walk::<TextRow>::open(build, &self.layout.files[task], &self.before)?) {
            let (TextRow { text, .. }, standing) = row?;
            if !standing.alive {
                continue;
            }
            counts.bytes += text.len() as u64;
            let mut is_hit = false;
            decontaminate::count(grams, &text, &mut scratch, &mut |gram| {
                documents[gram as usize] += 1;
                is_hit = true;
            });
            hits.extend(is_hit.then_some(index));
        }
        let documents = (0_u32..).zip(documents).filter(|(_, n)| *n != 0);
        let documents: Vec<u8> = documents.flat_map(|(gram, n)| [gram.to_le_bytes(), n.to_le_bytes()]).flatten().collect();
        let hits: Vec<u8> = hits.iter().flat_map(|row| row.to_le_bytes()).collect();
        let work = vec![build.folder.write(&self.counts_path(task), &documents)?, build.folder.write(&self.hits_path(task), &hits)?];
        Ok(Outcome { files: Vec::new(), work, counts })
    }

    /// For each row of the task's file the text, of those that hold an n-gram; no text column is read where none does.
    fn colliding(&self, build: Build<'_>, task: usize) -> Result<CollidingRows> {
        let bytes = read_work(build, &self.hits_path(task))?;
        let hits: Vec<u64> = bytes.chunks_exact(8).map(|row| u64::from_le_bytes(row.try_into().expect("chunks of eight"))).collect();
        let (file, before) = (&self.layout.files[task], &self.before);
        if hits.is_empty() {
            let rows = Walk::<KeyRow>::open(build, file, before)?;
            return Ok(Box::new(rows.map(|row| row.map(|(_, standing)| (None, standing)))));
        }
        let mut hits = hits.into_iter().peekable();
        let rows = (0..).zip(Walk::<TextRow>::open(build, file, before)?);
        Ok(Box::new(
            rows.map(move |(index, row)| row.map(|(TextRow { text, .. }, standing)| (hits.next_if_eq(&index).map(|_| text), standing))),
        ))
    }

    fn cut(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let file = &self.layout.files[task];
        let (grams, ignored) = (self.grams()?, self.ignored(build)?);
        let mut rows = TableWriter::create(build.folder, &file.decisions("decontaminate"))?;
        let mut pieces = TableWriter::<PieceRow>::create(build.folder, &pieces_path(&file.name()))?;
        let mut cut_rows = TableWriter::<CutRow>::create(build.folder, &cuts_path(&file.name()))?;
        let mut scratch = Scratch::default();
        let mut counts = Counts::default();
        for row in self.colliding(build, task)? {
            let (text, standing) = row?;
            if !standing.alive {
                rows.push(DecisionRow::new(&standing, GONE))?;
                continue;
            }
            let key = standing.key;
            let is_book = self.books.contains(&standing.source);
            let text = text.unwrap_or_default();
            let outcome = decontaminate::decontaminate(grams, ignored, &text, &self.options, is_book, &mut scratch);
            let mut decision = DecisionRow::new(&standing, KEEP);
            let funnel = counts.source(&standing.source);
            funnel.read += 1;
            let cuts = match outcome {
                decontaminate::Outcome::Clean => {
                    funnel.kept += 1;
                    Vec::new()
                }
                decontaminate::Outcome::Cut { pieces: ranges, cuts } => {
                    funnel.kept += 1;
                    decision.pieces = Some(ranges.len() as u64);
                    let left: usize = ranges.iter().map(ExactSizeIterator::len).sum();
                    counts.note(&format!("{}: documents cut", standing.source), 1);
                    counts.note(&format!("{}: bytes cut out", standing.source), (text.len() - left) as u64);
                    for (piece, range) in ranges.into_iter().enumerate() {
                        pieces.push(PieceRow { key, piece: piece as u64, start: range.start as u64, end: range.end as u64 })?;
                    }
                    cuts
                }
                decontaminate::Outcome::Drop { reason, cuts } => {
                    funnel.drop(reason.filter, reason.rule);
                    decision = decision.dropped(reason);
                    cuts
                }
            };
            for cut in cuts {
                let gram = grams.gram(cut.gram);
                counts.note(&format!("cuts for {}", gram.benchmark), 1);
                cut_rows.push(CutRow {
                    key,
                    start: cut.range.start as u64,
                    end: cut.range.end as u64,
                    gram: gram.words.to_owned(),
                    benchmark: gram.benchmark.to_owned(),
                    item: gram.item.to_owned(),
                })?;
            }
            rows.push(decision)?;
        }
        Ok(Outcome { files: vec![rows.finish()?, pieces.finish()?, cut_rows.finish()?], work: Vec::new(), counts })
    }
}

/// The n-grams of the benchmarks.
fn read_work(build: Build<'_>, name: &str) -> Result<Vec<u8>> {
    build.folder.read(name)?.ok_or_else(|| Error::new(format!("the work file {name} is missing; run the build again")))
}

/// The pieces of a file of documents, by its name.
pub fn pieces_path(name: &str) -> String {
    format!("decontaminate/pieces/{name}.parquet")
}

/// Its cuts.
pub fn cuts_path(name: &str) -> String {
    format!("decontaminate/cuts/{name}.parquet")
}

/// The pieces of a file's documents, taken in the order of the documents.
pub struct Pieces {
    rows: Option<Peekable<TableReader<PieceRow>>>,
}

impl Pieces {
    /// `decontaminated` says whether the recipe has that step; without it no document has pieces.
    pub fn open(build: Build<'_>, file: &DocumentFile, decontaminated: bool) -> Result<Self> {
        let rows = if decontaminated { Some(TableReader::open(&build.folder.path(&pieces_path(&file.name())))?.peekable()) } else { None };
        Ok(Self { rows })
    }

    /// Byte ranges that stay of the next document, or none when it was not cut.
    pub fn take(&mut self, key: Key) -> Result<Vec<Range<usize>>> {
        let Some(rows) = &mut self.rows else { return Ok(Vec::new()) };
        let mut pieces = Vec::new();
        while let Some(row) = rows.next_if(|row| row.as_ref().map_or(true, |row| row.key == key)) {
            let row = row?;
            pieces.push(row.start as usize..row.end as usize);
        }
        Ok(pieces)
    }
}
