//! What a step that is to run would write, hold and take: scaled from the step's last entry where the folder has one, else by the figures below.
//!
//! The figures were measured on a crawl of 212 MB decoded and 48 MB stored (4,509 responses) with 20 MB of books, on a core of a 2-core machine. They are for orders
//! of magnitude: another language mix, another crawl or another machine moves them by a factor of two. Memory follows section 4 of ARCHITECTURE.md. Of tiny inputs
//! the forecast is too low: it leaves out what every step and process costs once.

use serde::Serialize;

use crate::dedup::paragraphs::By;
use crate::quality::Fittable;
use crate::quality::keep::Rule;
use crate::read::{self, Format};
use crate::store::spill::SEGMENT_BYTES;
use crate::store::table::GROUP_BYTES;

use super::ledger::Entry;
use super::plan::{Plan, size_in};
use super::recipe::{Read, Recipe};
use super::run::Step;
use super::steps::shard::bins_of_each;

/// What a step would take.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Forecast {
    /// Files that stay; of the shards a guess, of all others exact.
    pub files: u64,
    /// Bytes that stay.
    pub bytes: u64,
    /// Bytes that only the step's rounds need; removed at its end.
    pub work_bytes: u64,
    /// User and system, on all threads together.
    pub cpu_seconds: f64,
    /// Resident memory of one process with all threads, in bytes.
    pub memory_bytes: u64,
    /// True when bytes and CPU are scaled from what the folder's ledger measured for this step.
    pub measured: bool,
    /// What went into the figures without being known.
    pub guesses: Vec<&'static str>,
}

/// What is known or guessed about the documents before they are read.
pub struct Corpus {
    /// Bytes out of decompression.
    decoded: f64,
    /// Bytes of text, and documents, before any filter.
    text: f64,
    documents: f64,
    /// The largest file's part of them, in 0..=1.
    largest: f64,
    /// How many times as much is stored as when the folder's `extract` ran; `None` when it never did.
    scale: Option<f64>,
}

/// Bytes of a page for a byte of the row that names it: about 60 kB for 250 bytes of CDXJ.
const NAMED: f64 = 240.0;
/// Per stored byte of compressed WARC, WET and plain text, decoded bytes.
const DECODED: [f64; 3] = [4.4, 2.6, 2.7];
/// Text in a decoded byte: of pages, and of what is text already.
const TEXT: [f64; 2] = [0.12, 0.93];
/// Bytes of text in a document of the web or of a text set. A book is a document.
const DOCUMENT_BYTES: f64 = 5_000.0;
/// The program and what its libraries hold.
const PROGRAM_BYTES: f64 = 30e6;
/// GPT-2's vocabulary, as the tokenizer holds it.
const TOKENIZER_BYTES: f64 = 25e6;
/// What a training counts for each hashed term.
const TERM_BYTES: f64 = 400.0;
/// Hashed terms of a text, in bytes, over the bytes of the text.
const TERMS_SHARE: f64 = 0.6;
/// Bodies that `extract` takes together; their texts are as many at most.
const BATCH_BYTES: f64 = 16e6;
/// Bytes of a document that a training may choose, without its text.
const CHOSEN_BYTES: f64 = 300.0;
/// Part of the documents that have a near-duplicate candidate.
const IN_PAIRS: f64 = 0.2;

/// Part of the hashes of paragraphs that more than one document holds.
const REPEATED: f64 = 0.2;

fn by_ngrams(recipe: &Recipe) -> bool {
    recipe.paragraphs.as_ref().is_some_and(|paragraphs| paragraphs.by != By::Ccnet)
}

/// What a step costs for what it works on.
struct Rate {
    /// CPU nanoseconds a byte; of `extract` decoded, of the others text.
    nanoseconds: f64,
    /// Bytes that stay, for each byte of text and for each document.
    kept: (f64, f64),
    /// Bytes of work files for each byte of text.
    work: f64,
}

fn rate(step: &str, recipe: &Recipe) -> Rate {
    let rate = |nanoseconds, kept, work| Rate { nanoseconds, kept, work };
    match step {
        "extract" => rate(13.0, (0.36, 0.0), 0.0),
        "select" => rate(1.0, (0.0, 30.0), 0.0),
        "filter" => rate(20.0, (0.0, 27.0), 0.0),
        "urls" => rate(1.8, (0.0, 26.0), 0.01),
        "dedup" => rate(17.0, (0.0, 47.0), 0.02),
        "paragraphs" if by_ngrams(recipe) => rate(55.0, (0.002, 24.0), 0.8),
        "paragraphs" => rate(25.0, (0.02, 24.0), 0.07),
        "mask" => rate(2.0, (0.0, 26.0), 0.0),
        "score" => rate(25.0, (0.0, 37.0), 0.005),
        "decontaminate" => rate(8.0, (0.0, 24.0), 0.0),
        "tokens" => rate(32.0, (0.0, 24.0), 0.0),
        "blend" => rate(0.5, (0.0, 24.0), 0.0),
        "shard" => rate(10.0, (0.36, 0.0), 0.41),
        // Training.
        _ => rate(32.0, (0.0, 0.0), 0.4),
    }
}

/// An empty table: names and types of columns, statistics.
const TABLE_BYTES: u64 = 6_000;
/// A model with its weights.
const MODEL_BYTES: u64 = 2_100_000;

impl Corpus {
    /// From the entry of `extract` that the folder holds, whatever it was made from; else from the sizes and names of the inputs.
    pub fn of(plan: &Plan, recipe: &Recipe, extracted: Option<&Entry>) -> Self {
        let stored = plan.layout.bytes as f64;
        let most = plan.layout.files.iter().map(|file| file.bytes).max().unwrap_or(0) as f64;
        let mut corpus = Self { decoded: 0.0, text: 0.0, documents: 0.0, largest: (most / stored.max(1.0)).min(1.0), scale: None };
        if let Some(counts) = extracted.map(|entry| &entry.outcome.counts) {
            let sum = |suffix: &str| counts.notes.iter().filter(|(name, _)| name.ends_with(suffix)).map(|(_, n)| *n as f64).sum::<f64>();
            let scale = stored / sum(": bytes stored").max(1.0);
            corpus.decoded = scale * sum(": bytes decoded");
            corpus.text = scale * sum(": bytes of text");
            corpus.documents = scale * counts.sources.values().map(|funnel| funnel.kept as f64).sum::<f64>();
            corpus.scale = Some(scale);
            return corpus;
        }
        for file in &plan.layout.files {
            let format =
                recipe.sources.get(&file.source).and_then(|source| source.read.as_ref()).map_or(Format::Text, |read: &Read| read.parts().0);
            let kind = match format {
                Format::Warc | Format::WarcIndex | Format::Html => 0,
                Format::Wet => 1,
                Format::Jsonl | Format::Parquet | Format::Text | Format::Books | Format::Mediawiki | Format::MediawikiProse => 2,
            };
            for input in &file.inputs {
                let compressed = format == Format::Parquet || read::decompressed(&input.name) != &*input.name;
                let named = if format == Format::WarcIndex { NAMED } else { 1.0 };
                let decoded = input.bytes as f64 * if compressed { DECODED[kind] } else { 1.0 } * named;
                let text = decoded * TEXT[usize::from(kind != 0)];
                corpus.decoded += decoded;
                corpus.text += text;
                corpus.documents += if format == Format::Books { 1.0 } else { text / DOCUMENT_BYTES };
            }
        }
        corpus
    }
}

impl Forecast {
    /// What a step would take on this many threads; `last` is its entry in the folder, whatever it was made from.
    pub fn of(step: &dyn Step, plan: &Plan, recipe: &Recipe, corpus: &Corpus, last: Option<&Entry>, threads: usize) -> Self {
        let name = step.name();
        let mut forecast = Self { files: files(step, plan, recipe, corpus), ..Self::default() };
        let rate = rate(name, recipe);
        let bytes = |text: f64, row: f64| (text * corpus.text + row * corpus.documents) as u64;
        let fixed = match name {
            "shard" => 0,
            _ if name.starts_with("train-") => MODEL_BYTES,
            _ => TABLE_BYTES * forecast.files,
        };
        forecast.bytes = fixed + bytes(rate.kept.0, rate.kept.1);
        forecast.work_bytes = bytes(rate.work, 0.0);
        forecast.cpu_seconds = rate.nanoseconds * 1e-9 * if name == "extract" { corpus.decoded } else { corpus.text };
        if let (Some(scale), Some(last)) = (corpus.scale, last) {
            let sum = |files: &[crate::store::Written]| (scale * files.iter().map(|file| file.bytes as f64).sum::<f64>()) as u64;
            (forecast.bytes, forecast.work_bytes) = (sum(&last.outcome.files), sum(&last.outcome.work));
            if name == "shard" {
                forecast.files = (scale * last.outcome.files.len() as f64).ceil() as u64;
            }
            // What a run that was stopped had cost is not known.
            if last.cost.bytes == last.outcome.counts.bytes {
                forecast.cpu_seconds = scale * last.cost.cpu_seconds();
                forecast.measured = true;
            }
        } else {
            forecast.guesses.push("no document is dropped before this step");
        }
        if corpus.scale.is_none() {
            forecast.guesses.push("decoded bytes, text and number of documents, from the sizes and names of the inputs");
        }
        let memory = memory(step, recipe, corpus, threads, &mut forecast.guesses);
        forecast.memory_bytes = (PROGRAM_BYTES + memory) as u64;
        forecast
    }
}

/// Files that stay.
fn files(step: &dyn Step, plan: &Plan, recipe: &Recipe, corpus: &Corpus) -> u64 {
    let n = plan.layout.files.len() as u64;
    match step.name() {
        // What was removed on request has a table of its own.
        "extract" => (2 + u64::from(recipe.remove.is_some())) * n,
        "dedup" => n + 2,
        "paragraphs" | "mask" => 2 * n,
        "score" | "tokens" | "blend" => n + 1,
        "decontaminate" => 3 * n + 2,
        "select" | "filter" | "urls" => n,
        "shard" => {
            let partitions = step.rounds().last().map_or(0, |round| round.tasks.len() as u64);
            let full = recipe.output.as_ref().map_or(0, |output| corpus.text as u64 / output.shard_bytes.max(1));
            partitions.max(full)
        }
        // A model and its card.
        _ => 2,
    }
}

/// What a step holds beside the program, in bytes: its tasks that run at once, or its merge.
fn memory(step: &dyn Step, recipe: &Recipe, corpus: &Corpus, threads: usize, guesses: &mut Vec<&'static str>) -> f64 {
    let rounds = step.rounds();
    let most_tasks = rounds.iter().map(|round| round.tasks.len()).max().unwrap_or(0);
    // Tasks at once, and what they hold together of something that is spread over files or partitions.
    let at_once = threads.min(most_tasks).max(1) as f64;
    let of_files = |all: f64| all * (at_once * corpus.largest).min(1.0);
    // A row group as it is decoded and as it is written, or a whole file where that is smaller.
    let group = 2.0 * (GROUP_BYTES as f64).min(corpus.largest * corpus.text);
    let name = step.name();
    let partitions = |round: &str| rounds.iter().find(|r| r.name == round).map_or(1, |r| r.tasks.len()).max(1) as f64;
    match name {
        "extract" => {
            guesses.push("the longest record is small beside a batch");
            // Bodies, their texts, and as much again for what is read ahead and parsed.
            at_once * (4.0 * BATCH_BYTES.min(corpus.largest * corpus.decoded) + group) + of_files(24.0 * corpus.documents)
        }
        "select" => {
            guesses.push("a link of 100 bytes in the link files, of 16 in link tables, each distinct");
            let mut selections = recipe.sources.values().filter_map(|source| source.select.as_ref());
            let link = if selections.any(|select| select.linked_from.table.is_some()) { 16.0 } else { 100.0 };
            let links: u64 = rounds.first().map_or(0, |round| round.tasks.iter().map(|task| task.bytes).sum());
            at_once * group + 48.0 * links as f64 / link
        }
        "urls" => {
            guesses.push("each document has a URL");
            let keys = at_once * group + of_files(64.0 * corpus.documents).min(at_once * SEGMENT_BYTES as f64);
            keys.max((at_once / partitions("group")).min(1.0) * 144.0 * corpus.documents)
        }
        "dedup" => {
            let bands = recipe.dedup.as_ref().map_or(0, |dedup| dedup.options().minhash.bands);
            // A document of an index takes 64 bytes and 8 a band there.
            let of_indexes = step.inputs().values().filter_map(|state| size_in(state)).sum::<u64>() as f64 / (64.0 + 8.0 * bands as f64);
            let keys = 84.0 * (bands as f64 + 1.0) * (corpus.documents + of_indexes);
            let in_pairs = IN_PAIRS * corpus.documents;
            guesses.push("one document in five has a candidate, and as many pairs are verified");
            let sign = at_once * (group + SEGMENT_BYTES as f64);
            let pairs = (at_once / partitions("pairs")).min(1.0) * 2.0 * keys;
            let verify = (at_once / partitions("verify")).min(1.0) * 8.0 * IN_PAIRS * corpus.text / 6.0 + at_once * group;
            sign.max(pairs).max(verify).max(400.0 * in_pairs)
        }
        "paragraphs" => {
            guesses.push("a fifth of the hashes of paragraphs repeats");
            // A hash of each line, mostly alone in its record, or of each word; in memory, and once it is grouped.
            let (bytes_a_hash, record, held) = if by_ngrams(recipe) { (10.0, 9.0, 10.0) } else { (130.0, 40.0, 104.0) };
            let hashes = corpus.text / bytes_a_hash;
            // The Bloom filter and a table of what repeats stand beside what was written.
            let hash = at_once * group + of_files(record * hashes).min(at_once * SEGMENT_BYTES as f64);
            let grouped = (at_once / partitions("group")).min(1.0) * (held + 1.2 + 48.0 * REPEATED) * hashes;
            hash.max(grouped).max(at_once * group + of_files(16.0 * REPEATED * hashes))
        }
        "score" => {
            let models = recipe.sources.values().filter_map(|source| source.keep.as_ref());
            let fits = models.clone().any(|keep| matches!(keep.rule, Rule::Pareto { alpha: Fittable::Fit }));
            at_once * group + 2e6 * models.count() as f64 + if fits { 8.0 * corpus.documents } else { 0.0 }
        }
        "decontaminate" => {
            guesses.push("a word of 6 bytes in the benchmarks");
            // An n-gram begins at each word; a task counts in 4 bytes each.
            let grams = step.inputs().values().filter_map(|state| size_in(state)).sum::<u64>() as f64 / 6.0;
            (at_once * (group + 4.0 * grams)).max(16.0 * grams) + 80.0 * grams
        }
        "shard" => {
            guesses.push("one copy of each document");
            // Rows as JSON in buffers that double as they grow.
            let rows = 2.2 * corpus.text;
            let scatter = at_once * group + of_files(rows) + TOKENIZER_BYTES;
            // A task holds one bin at a time, and the row group that it writes.
            let parts = partitions("gather");
            let held = (at_once / parts).min(1.0) / bins_of_each(parts as usize) as f64;
            scatter.max(held * rows + at_once * group)
        }
        "tokens" => at_once * group + TOKENIZER_BYTES,
        "filter" => {
            // Ten bytes a line of some twenty; lists of words are small beside lists of sites.
            let lists = step.inputs().values().filter_map(|state| size_in(state)).sum::<u64>() as f64;
            at_once * group + 26.0 / 20.0 * lists
        }
        "mask" | "blend" => at_once * group,
        _ => {
            let Some(model) = name.strip_prefix("train-").and_then(|name| recipe.models.get(name)) else { return at_once * group };
            let options = model.options();
            let documents = corpus.documents.min(2.0 * options.max_per_class as f64);
            guesses.push("both classes are as full as documents and max-per-class allow");
            let texts = documents * corpus.text / corpus.documents.max(1.0);
            let sample = at_once * group + CHOSEN_BYTES * documents;
            sample.max(texts * (1.0 + TERMS_SHARE)) + TERM_BYTES * f64::from(options.features.dimensions())
        }
    }
}
