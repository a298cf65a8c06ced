//! From a recipe to a plan: which files are read, how they are bundled into tasks, and which steps follow in which order (DECISIONS: select, filter,
//! urls, dedup, paragraphs, mask, train, score, decontaminate, tokens, blend, shards). Inputs are listed, none is opened but for benchmarks, which are small: one that protects
//! nothing must not be found out hours later.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::error::{Context, Error, Kind, Result};
use crate::read::{self, Identity, Input, Origin, Wanted};

use super::ledger::{Basis, seal};
use super::recipe::Recipe;
use super::run::{Step, Task};
use super::steps::Before;
use super::{started, steps};

/// What can be asked of a recipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal<'a> {
    /// Everything.
    Build,
    /// Up to this model, or all models.
    Train(Option<&'a str>),
    /// Up to duplicates, and the survivors if the recipe has an output.
    Dedup,
}

/// One file of documents: what a task of `extract` writes and every later step works through row by row.
#[derive(Clone, Debug)]
pub struct DocumentFile {
    /// The source that was read.
    pub source: String,
    /// Number of the file within its source.
    pub index: usize,
    /// What it is made from, in order.
    pub inputs: Vec<Input>,
    pub bytes: u64,
}

impl DocumentFile {
    pub fn name(&self) -> String {
        format!("{}/{:05}", self.source, self.index)
    }

    pub fn documents(&self) -> String {
        format!("documents/{}.parquet", self.name())
    }

    pub fn decisions(&self, step: &str) -> String {
        format!("decisions/{step}/{}.parquet", self.name())
    }
}

/// The files of documents, in the order of sources and inputs.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    pub files: Vec<DocumentFile>,
    /// Size of all inputs in bytes, as stored.
    pub bytes: u64,
}

impl Layout {
    /// One task for each file of documents.
    pub fn tasks(&self) -> Vec<Task> {
        self.files.iter().map(|file| Task { name: file.name(), bytes: file.bytes }).collect()
    }

    /// One task for each of `n` partitions of what all files hold.
    pub fn partitions(&self, n: usize) -> Vec<Task> {
        (0..n).map(|partition| Task { name: format!("partition {partition:05}"), bytes: self.bytes / n as u64 }).collect()
    }
}

/// Parts that bytes are worked through in, so that one holds about `each` of them. Only memory depends on it.
pub fn n_partitions(bytes: u64, each: u64) -> usize {
    (bytes / each.max(1)).saturating_add(1).min(MOST_PARTITIONS) as usize
}

/// Each is a place in the files of every task of a shuffle.
const MOST_PARTITIONS: u64 = 4096;

/// The steps to take, in order.
pub struct Plan {
    pub layout: Arc<Layout>,
    pub steps: Vec<Box<dyn Step>>,
    /// Steps of the recipe that the goal does not ask for: what the folder holds of them stays, as long as it is valid.
    pub unasked: Vec<Box<dyn Step>>,
    /// Why the steps that the goal does not ask for could not be planned.
    pub unplanned: Option<Error>,
    /// What the user should know before the run.
    pub warnings: Vec<String>,
}

impl Plan {
    /// Lists inputs and lays out the steps.
    ///
    /// # Errors
    /// When an input is missing, or a benchmark holds nothing to look for (exit 1).
    pub fn new(recipe: &Recipe, goal: Goal<'_>) -> Result<Self> {
        let mut warnings = Vec::new();
        let mut layout = Layout::default();
        let mut known = BTreeMap::new();
        for (name, source) in &recipe.sources {
            let Some(read) = &source.read else { continue };
            let (format, patterns) = read.parts();
            let sample = recipe.sample_files.map(|n| (n, recipe.seed));
            let wanted = Wanted { format: Some(format), root: source.root.as_deref(), sample, ..Wanted::new(patterns, &recipe.base) };
            let (inputs, said) = read::find_wanted(&wanted).context(|| format!("source {name}"))?;
            warnings.extend(said);
            let inputs = settle(inputs, &recipe.base, name, &mut known, &mut warnings)?;
            layout.add(name, inputs, recipe.bundle_bytes);
        }
        let layout = Arc::new(layout);
        let mut steps: Vec<Box<dyn Step>> = vec![Box::new(steps::extract::Extract::new(recipe, &layout)?)];
        let mut before = Before::default();
        if recipe.sources.values().any(|source| source.select.is_some()) {
            let step = steps::select::Select::new(recipe, &layout)?;
            warnings.extend(step.warnings.iter().cloned());
            add(&mut steps, &mut before, step);
        }
        let selected = before.step.clone();
        let filtered = recipe.sources.values().any(|source| !source.filter.is_empty());
        // Rows of the data set have a language.
        if goal != Goal::Dedup || filtered || recipe.output.is_some() {
            let step = steps::filter::Filter::new(recipe, &layout, &before)?;
            add(&mut steps, &mut before, step);
        }
        if let Some(dedup) = &recipe.dedup {
            let indexes = Arc::new(steps::index::Indexes::open(recipe, dedup)?);
            warnings.extend(indexes.warnings.iter().cloned());
            if dedup.same_url {
                let step = steps::urls::Urls::new(recipe, dedup, &layout, &before, &indexes);
                add(&mut steps, &mut before, step);
            }
            warnings.extend(dedup.minhash.warning(dedup.threshold.0));
            let step = steps::dedup::Dedup::new(recipe, dedup, &layout, &before, &indexes)?;
            add(&mut steps, &mut before, step);
        }
        if goal == Goal::Dedup {
            if let Some(output) = &recipe.output {
                let step = steps::shard::Shard::new(recipe, output, &layout, &before);
                add(&mut steps, &mut before, step);
            }
            return Ok(Self { layout, steps, unasked: Vec::new(), unplanned: None, warnings });
        }
        if let Some(paragraphs) = &recipe.paragraphs {
            let step = steps::paragraphs::Paragraphs::new(recipe, paragraphs, &layout, &before);
            add(&mut steps, &mut before, step);
            before.is_cut = true;
        }
        if let Some(mask) = &recipe.mask {
            let step = steps::mask::Masking::new(mask, &layout, &before);
            add(&mut steps, &mut before, step);
            before.is_masked = true;
        }
        let used = |name: &str| recipe.sources.values().any(|source| source.keep.as_ref().is_some_and(|keep| keep.model == name));
        let mut unasked: Vec<Box<dyn Step>> = Vec::new();
        for (name, model) in &recipe.models {
            let wanted = match goal {
                Goal::Train(only) => only.is_none_or(|only| only == name),
                _ => used(name),
            };
            let step = steps::train::Train::new(recipe, name, model, &layout, &before, selected.as_deref())?;
            add(if wanted { &mut steps } else { &mut unasked }, &mut before, step);
        }
        let mut unplanned = None;
        match (goal, after_training(recipe, &layout, before, &mut warnings)) {
            (Goal::Build, later) => steps.extend(later?),
            (_, Ok(later)) => unasked.extend(later),
            // Not asked for, so what it needs may be missing.
            (_, Err(error)) => unplanned = Some(error),
        }
        Ok(Self { layout, steps, unasked, unplanned, warnings })
    }

    /// Looks for what is wrong before any work: the steps that are asked for read what is small, such as benchmarks.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self) -> Result<()> {
        self.steps.iter().try_for_each(|step| step.check())
    }

    /// Every step with what its output is valid under: those that the goal asks for, then the others.
    pub fn stages(&self) -> Vec<Stage<'_>> {
        let mut known: BTreeMap<&str, String> = BTreeMap::new();
        let mut stages = Vec::new();
        for step in self.steps.iter().chain(&self.unasked).map(AsRef::as_ref) {
            let reads = step.reads().into_iter().map(|name| {
                let fingerprint = known.get(name.as_str()).cloned().unwrap_or_default();
                (name, fingerprint)
            });
            let (options, inputs) = (seal(&step.identity()), started::hash(&step.inputs()));
            let basis = Basis { options, inputs, lists: step.lists(), reads: reads.collect() };
            let fingerprint = basis.fingerprint(step.name());
            known.insert(step.name(), fingerprint.clone());
            stages.push(Stage { step, basis, fingerprint });
        }
        stages
    }
}

/// A step of a plan, and under what its output is valid.
pub struct Stage<'p> {
    pub step: &'p dyn Step,
    pub basis: Basis,
    /// Of the basis.
    pub fingerprint: String,
}

impl Layout {
    fn add(&mut self, source: &str, inputs: Vec<Input>, bundle_bytes: u64) {
        let mut index = 0;
        let mut bundle = DocumentFile { source: source.to_owned(), index, inputs: Vec::new(), bytes: 0 };
        for input in inputs {
            if !bundle.inputs.is_empty() && bundle_bytes < bundle.bytes + input.bytes {
                index += 1;
                let next = DocumentFile { source: source.to_owned(), index, inputs: Vec::new(), bytes: 0 };
                self.files.push(std::mem::replace(&mut bundle, next));
            }
            self.bytes += input.bytes;
            bundle.bytes += input.bytes;
            bundle.inputs.push(input);
        }
        self.files.push(bundle);
    }
}

/// Names inputs by their way from the recipe, whatever the pattern's spelling: keys, draws and so the data set depend on these names. A file that an earlier source
/// reads already is passed over with a warning, so that no document has two sources.
fn settle(
    inputs: Vec<Input>,
    base: &Path,
    source: &str,
    known: &mut BTreeMap<Identity, String>,
    warnings: &mut Vec<String>,
) -> Result<Vec<Input>> {
    let mut settled = Vec::new();
    for input in inputs {
        let called = match &input.origin {
            Origin::File => way(&input.path, base).into(),
            Origin::Object(_) => input.name.clone(),
            Origin::Stdin => {
                return Err(Error::recipe(format!("source {source} reads standard input, which cannot be read again; name a file")));
            }
        };
        let identity = input.identity()?;
        if let Some(first) = known.get(&identity) {
            warnings.push(format!("sources {first} and {source} name the same file {}; it is read once, for {first}", input.name));
            continue;
        }
        known.insert(identity, source.to_owned());
        settled.push(Input { name: called, ..input });
    }
    settled.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(settled)
}

/// The way from a folder to a file, with `/`: "../crawl/0.warc.gz". Links are not followed, so that data may be moved behind one.
pub fn way(path: &Path, base: &Path) -> String {
    let parts =
        |path: &Path| -> Vec<String> { plain(path).components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect() };
    let (path, base) = (parts(path), parts(base));
    let shared = path.iter().zip(&base).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", base.len() - shared);
    up.chain(path[shared..].iter().map(String::as_str)).collect::<Vec<_>>().join("/")
}

/// The absolute path without `.` and `..`, by its letters alone: what a way from one folder to another was measured on.
pub fn plain(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let mut plain = PathBuf::new();
    for part in std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

/// The steps from the scores to the shards.
fn after_training(recipe: &Recipe, layout: &Arc<Layout>, mut before: Before, warnings: &mut Vec<String>) -> Result<Vec<Box<dyn Step>>> {
    let mut steps: Vec<Box<dyn Step>> = Vec::new();
    if recipe.sources.values().any(|source| source.keep.is_some()) {
        let step = steps::score::Score::new(recipe, layout, &before);
        add(&mut steps, &mut before, step);
    }
    if let Some(decontaminate) = &recipe.decontaminate {
        let step = steps::decontaminate::Decontaminate::new(recipe, decontaminate, layout, &before)?;
        warnings.extend(step.warnings.iter().cloned());
        add(&mut steps, &mut before, step);
    }
    if let Some(blend) = &recipe.blend {
        let step = steps::tokens::Tokens::new(recipe, blend, layout, &before);
        add(&mut steps, &mut before, step);
        let step = steps::blend::Blending::new(recipe, blend, layout, &before);
        add(&mut steps, &mut before, step);
    }
    if let Some(output) = &recipe.output {
        let step = steps::shard::Shard::new(recipe, output, layout, &before);
        add(&mut steps, &mut before, step);
    }
    Ok(steps)
}

/// Adds a step; one that judges is what the next ones look back to.
fn add(steps: &mut Vec<Box<dyn Step>>, before: &mut Before, step: impl Step + 'static) {
    if step.judges() {
        before.step = Some(step.name().to_owned());
    }
    steps.push(Box::new(step));
}

/// The size in a state.
pub fn size_in(state: &str) -> Option<u64> {
    state.split(' ').next()?.parse().ok()
}

/// What a message calls an input: "crawl/0.warc.gz of source common-crawl".
pub fn called(input: &Input, role: &str) -> String {
    format!("{} of {role}", input.name)
}

/// The states of inputs by what a message calls them.
pub fn states<'a>(inputs: impl IntoIterator<Item = &'a Input>, role: &str) -> Result<BTreeMap<String, String>> {
    inputs.into_iter().map(|input| Ok((called(input, role), input.state()?))).collect()
}

/// # Errors
/// When one of the files is in another state than when the build was planned (exit 5).
pub fn as_planned(inputs: &[Input], role: &str, planned: &BTreeMap<String, String>) -> Result<()> {
    let is_other = |input: &&Input| planned.get(&called(input, role)) != input.state().ok().as_ref();
    let Some(input) = inputs.iter().find(is_other) else { return Ok(()) };
    let message = format!("the input {} changed while it was read; run the build again when it is at rest", called(input, role));
    Err(Error::of(Kind::Changed, message))
}

/// Does `work` over input files and makes sure that they stayed what they were when the build was planned.
///
/// # Errors
/// When `work` fails, and when the files are in another state before or after it (exit 5).
pub fn unchanged<T>(inputs: &[Input], role: &str, planned: &BTreeMap<String, String>, work: impl FnOnce() -> Result<T>) -> Result<T> {
    as_planned(inputs, role, planned)?;
    let done = work()?;
    as_planned(inputs, role, planned)?;
    Ok(done)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn work_over_files_that_change_is_an_error_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("links.tsv");
        fs::write(&path, "one").unwrap();
        let inputs = [Input::file(path.clone(), "links.tsv", 3)];
        let planned = states(&inputs, "links").unwrap();
        assert_eq!(unchanged(&inputs, "links", &planned, || Ok(7)).unwrap(), 7);
        let grown = unchanged(&inputs, "links", &planned, || fs::write(&path, "one and two").context(|| "write")).unwrap_err();
        assert_eq!(grown.exit_code(), 5);
        assert!(grown.to_string().contains("links.tsv of links changed"), "{grown}");
        // Changed before the work: it is not begun.
        assert_eq!(
            unchanged(&inputs, "links", &planned, || -> Result<()> { unreachable!("the file changed") }).unwrap_err().exit_code(),
            5
        );
    }

    #[test]
    fn an_input_has_one_name_however_it_is_spelled() {
        let base = Path::new("/data/recipes");
        for spelling in ["/data/recipes/../crawl/0.warc.gz", "/data/recipes/./../crawl/./0.warc.gz", "/data/crawl/0.warc.gz"] {
            assert_eq!(way(Path::new(spelling), base), "../crawl/0.warc.gz");
        }
        assert_eq!(way(Path::new("/data/recipes/a b.txt"), base), "a b.txt");
        assert_eq!(way(Path::new("crawl/0.warc.gz"), Path::new("crawl")), "0.warc.gz");
        assert_eq!(way(Path::new("crawl/0.warc.gz"), Path::new("")), "crawl/0.warc.gz");
    }
}
