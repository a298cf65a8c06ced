//! Takes benchmark text out of the standing documents (GPT-3, appendix C): first a count over the corpus, then the cuts.
//!
//! Round `count` writes, for each file, how many of its documents hold each colliding n-gram, and which documents hold one; its merge finds the n-grams that too many
//! documents hold (licences, templates), which are ignored. Round `cut` writes verdicts, pieces and cuts; of the texts it looks only at those with a collision, which are few.
//! Its merge writes how much of each benchmark stood in the documents, and how much still does: what was found, less what the cuts took away.
//! Where the recipe masks, documents hold placeholders, so the items are looked for as masking leaves them too.
//! Memory: the n-grams of the benchmarks (about 80 bytes each), 4 bytes for each in a count, 16 in the last merge, 8 bytes a colliding document of a file; of a text, however
//! long, a block of words and its cuts.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::decontaminate::{self, BenchmarkItem, Grams, Ignored, Options, Overlap, Scratch};
use crate::error::{Context, Error, Result};
use crate::mask;
use crate::read::{self, Input, Limits};
use crate::store::table::TableWriter;

use super::super::ledger::{Counts, Outcome};
use super::super::plan::{Layout, states, unchanged};
use super::super::recipe::{self, Recipe};
use super::super::run::{Build, Round, Step};
use super::{Before, DecisionRow, GONE, KEEP, KeyRow, Once, Standing, TextRow, Walk, need_json, write_json};

mod tables;

pub use tables::{CutRow, PieceRow, Pieces, cuts_path, pieces_path};

const VERSION: u32 = 2;
/// What the benchmark files are there for, in messages.
const ROLE: &str = "[decontaminate]";
const IGNORED: &str = "decontaminate/ignored.json";
const OVERLAP: &str = "decontaminate/overlap.json";

/// Beginnings of the names of histograms by benchmark, which end with the source: places at which an n-gram begins that is not ignored, documents with one, cuts.
pub const HITS: &str = "benchmark hits in ";
pub const DOCUMENTS: &str = "documents with benchmark hits in ";
pub const CUTS: &str = "benchmark cuts in ";

/// The rows of a file with their texts, where a text collides with a benchmark.
type CollidingRows = Box<dyn Iterator<Item = Result<(Option<String>, Standing)>>>;

pub struct Decontaminate {
    layout: Arc<Layout>,
    before: Before,
    options: Options,
    identity: String,
    /// What the benchmark files are.
    states: BTreeMap<String, String>,
    books: Vec<String>,
    benchmarks: Benchmarks,
    mask: Option<mask::Options>,
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
        let (benchmarks, warnings) = find(part, recipe)?;
        let states = states(benchmarks.iter().map(|(input, _)| input), ROLE)?;
        Ok(Self {
            layout: Arc::clone(layout),
            before: before.clone(),
            options: part.options(),
            identity: format!("{VERSION} {:?} {:?} {:?}", part.options(), part.benchmarks, recipe.mask),
            states,
            books: recipe.books(),
            benchmarks,
            mask: recipe.mask.clone(),
            limits: recipe.limits.clone(),
            grams: Once::default(),
            ignored: Once::default(),
            warnings,
        })
    }

    /// The n-grams that documents of a task's file hold, each with the number of those documents.
    fn counts_path(task: usize) -> String {
        format!("work/decontaminate/counts/{task:05}")
    }

    /// The n-grams that documents of a task's file hold no more once they are cut, each with the number of those documents.
    fn lost_path(task: usize) -> String {
        format!("work/decontaminate/lost/{task:05}")
    }

    /// Which rows of a task's file hold any that may be cut.
    fn hits_path(task: usize) -> String {
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
                let items = items(&self.benchmarks, &self.limits, self.mask.as_ref())?;
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

/// Files, each with what the recipe says of it.
type Benchmarks = Vec<(Input, recipe::Benchmark)>;

/// The benchmark files of a recipe, and what is to be said of them.
///
/// # Errors
/// When one is missing.
pub fn find(part: &recipe::Decontaminate, recipe: &Recipe) -> Result<(Benchmarks, Vec<String>)> {
    let (mut benchmarks, mut warnings) = (Vec::new(), Vec::new());
    for benchmark in &part.benchmarks {
        let (inputs, said) = read::find(std::slice::from_ref(&benchmark.path), &recipe.base).context(|| "benchmarks of [decontaminate]")?;
        warnings.extend(said);
        benchmarks.extend(inputs.into_iter().map(|input| (input, benchmark.clone())));
    }
    Ok((benchmarks, warnings))
}

/// Their items, each with what `mask` leaves of it.
///
/// # Errors
/// When one cannot be read, or has no text.
pub fn items(benchmarks: &[(Input, recipe::Benchmark)], limits: &Limits, mask: Option<&mask::Options>) -> Result<Vec<BenchmarkItem>> {
    let mut items: Vec<BenchmarkItem> = Vec::new();
    for (input, benchmark) in benchmarks {
        let fields = (!benchmark.fields.is_empty()).then_some(benchmark.fields.as_slice());
        items.extend(decontaminate::read_items(&input.name, &input.path, limits.windows(), fields)?);
    }
    if let Some(options) = mask {
        items.iter_mut().for_each(|item| item.masked = masked(&item.text, options));
    }
    Ok(items)
}

/// A text with placeholders for its addresses, as the step `mask` leaves it; `None` where it has none.
pub fn masked(text: &str, options: &mask::Options) -> Option<String> {
    let masks = mask::find(text, options);
    if masks.is_empty() { None } else { mask::apply(text, &masks, options) }
}

/// How much of each benchmark stood in the documents before the cuts, and stands in what they leave.
pub fn load_overlap(build: Build<'_>) -> Result<Vec<Overlap>> {
    need_json(build.folder, OVERLAP)
}

/// The n-grams that too many documents hold, by number: those documents, and the words.
pub fn load_ignored(build: Build<'_>) -> Result<BTreeMap<u32, (u64, String)>> {
    need_json(build.folder, IGNORED)
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
            Round { name: "cut", tasks: self.layout.tasks(), merges: true },
        ]
    }

    fn task(&self, build: Build<'_>, round: usize, task: usize) -> Result<Outcome> {
        if round == 0 { self.count(build, task) } else { self.cut(build, task) }
    }

    fn merge(&self, build: Build<'_>, round: usize) -> Result<Outcome> {
        if round == 0 { self.ignore(build) } else { self.measure(build) }
    }
}

impl Decontaminate {
    fn count(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let grams = self.grams()?;
        let mut documents = vec![0_u32; grams.n_all()];
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
                is_hit |= (gram as usize) < grams.len();
            });
            hits.extend(is_hit.then_some(index));
        }
        let documents = packed((0..).zip(documents).filter(|(_, n)| *n != 0));
        let hits: Vec<u8> = hits.iter().flat_map(|row| row.to_le_bytes()).collect();
        let work = vec![build.folder.write(&Self::counts_path(task), &documents)?, build.folder.write(&Self::hits_path(task), &hits)?];
        Ok(Outcome { files: Vec::new(), work, counts })
    }

    /// Finds the n-grams that too many documents hold.
    fn ignore(&self, build: Build<'_>) -> Result<Outcome> {
        let grams = self.grams()?;
        let documents = self.added_up(build, grams.n_all(), Self::counts_path)?;
        let ignored: BTreeMap<u32, (u64, String)> = decontaminate::too_common(&documents[..grams.len()], &self.options)
            .map(|(gram, n)| (gram, (n, grams.gram(gram).words.to_owned())))
            .collect();
        let mut counts = Counts::default();
        counts.note("n-grams of the benchmarks", grams.len() as u64);
        counts.note("benchmark items shorter than an n-gram", grams.n_short_items() as u64);
        counts.note("n-grams ignored because many documents hold them", ignored.len() as u64);
        Ok(Outcome { files: vec![write_json(build.folder, IGNORED, &ignored)?], work: Vec::new(), counts })
    }

    /// Says how much of the benchmarks was and is in the documents.
    fn measure(&self, build: Build<'_>) -> Result<Outcome> {
        let grams = self.grams()?;
        let before = self.added_up(build, grams.n_all(), Self::counts_path)?;
        let lost = self.added_up(build, grams.n_all(), Self::lost_path)?;
        let dirty = decontaminate::dirty(grams, |gram| before[gram as usize] != 0);
        let dirty_after = decontaminate::dirty(grams, |gram| lost[gram as usize] < before[gram as usize]);
        let rows = grams.benchmarks().iter().zip(dirty.into_iter().zip(dirty_after));
        let rows: Vec<Overlap> = rows.map(|(benchmark, (dirty, dirty_after))| benchmark.overlap(dirty, dirty_after)).collect();
        Ok(Outcome { files: vec![write_json(build.folder, OVERLAP, &rows)?], work: Vec::new(), counts: Counts::default() })
    }

    /// What the tasks of a round counted, by n-gram.
    fn added_up(&self, build: Build<'_>, n: usize, path: fn(usize) -> String) -> Result<Vec<u64>> {
        let mut sums = vec![0_u64; n];
        for task in 0..self.layout.files.len() {
            for pair in read_work(build, &path(task))?.chunks_exact(8) {
                let (gram, n) = pair.split_at(4);
                let number = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().expect("halves of eight"));
                if let Some(sum) = sums.get_mut(number(gram) as usize) {
                    *sum += u64::from(number(n));
                }
            }
        }
        Ok(sums)
    }

    /// For each row of the task's file the text, of those that hold an n-gram; no text column is read where none does.
    fn colliding(&self, build: Build<'_>, task: usize) -> Result<CollidingRows> {
        let bytes = read_work(build, &Self::hits_path(task))?;
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
        let mut lost: BTreeMap<u32, u32> = BTreeMap::new();
        let mut hits = vec![0_u64; grams.benchmarks().len()];
        for row in self.colliding(build, task)? {
            let (text, standing) = row?;
            if !standing.alive {
                rows.push(DecisionRow::new(&standing, GONE))?;
                continue;
            }
            let key = standing.key;
            let is_book = self.books.contains(&standing.source);
            let text = text.unwrap_or_default();
            hits.fill(0);
            let outcome = decontaminate::decontaminate(grams, ignored, &text, &self.options, is_book, &mut scratch, &mut |gram| {
                hits[grams.gram(gram).benchmark_index] += 1;
            });
            for (benchmark, &n) in grams.benchmarks().iter().zip(&hits).filter(|(_, n)| **n != 0) {
                counts.bucket(&format!("{HITS}{}", standing.source), &benchmark.name, n);
                counts.bucket(&format!("{DOCUMENTS}{}", standing.source), &benchmark.name, 1);
            }
            let left = match &outcome {
                decontaminate::Outcome::Clean => None,
                decontaminate::Outcome::Cut { pieces, .. } => Some(pieces.as_slice()),
                decontaminate::Outcome::Drop { .. } => Some(&[][..]),
            };
            if let Some(left) = left {
                decontaminate::lost(grams, &text, left, &mut scratch, &mut |gram| *lost.entry(gram).or_default() += 1);
            }
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
                counts.bucket(&format!("{CUTS}{}", standing.source), gram.benchmark, 1);
                cut_rows.push(CutRow {
                    key,
                    start: cut.range.start as u64,
                    end: cut.range.end as u64,
                    gram: gram.words.to_owned(),
                    benchmark: gram.benchmark.to_owned(),
                    item: gram.item.to_owned(),
                    hits: cut.hits,
                })?;
            }
            rows.push(decision)?;
        }
        let work = vec![build.folder.write(&Self::lost_path(task), &packed(lost))?];
        Ok(Outcome { files: vec![rows.finish()?, pieces.finish()?, cut_rows.finish()?], work, counts })
    }
}

/// N-grams by number, each with a number of documents, 4 bytes each.
fn packed(pairs: impl IntoIterator<Item = (u32, u32)>) -> Vec<u8> {
    pairs.into_iter().flat_map(|(gram, n)| [gram.to_le_bytes(), n.to_le_bytes()]).flatten().collect()
}

fn read_work(build: Build<'_>, name: &str) -> Result<Vec<u8>> {
    build.folder.read(name)?.ok_or_else(|| Error::new(format!("the work file {name} is missing; run the build again")))
}
