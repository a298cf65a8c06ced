//! Trains one quality classifier: good documents of named sources against the recipe's low-quality class.
//!
//! Round `sample` walks every file of documents, without their texts, and keeps, for each class, the documents with the smallest keyed draws; its merge joins the samples,
//! keeps the smallest draws again, reads the texts of those and trains. The sample is the same for any split into files. Memory: about 300 bytes a document of `max-per-class`
//! and class in a task, and their texts in the merge.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::document::Key;
use crate::error::{Context, Error, Result};
use crate::quality::{self, Example, Features, Rival, TrainOptions};
use crate::store::spill::{SpillWriter, read_records};
use crate::store::table::TableReader;
use crate::text::hash::draw_bits;
use crate::text::url::registered_domain;

use super::super::ledger::{Counts, Outcome, seal};
use super::super::model_card;
use super::super::plan::Layout;
use super::super::recipe::{Model, Negative, Recipe};
use super::super::run::{Build, Round, Step};
use super::{Before, DROP, DecisionRow, Keyed, StandingRow, TextRow, Walk, aligned, keyed, misaligned};

mod leaks;

const VERSION: u32 = 5;
const CLASSES: [&str; 2] = ["negative", "positive"];

crate::table! {
    /// What tells where a document is from.
    pub struct OriginRow {
        /// The document's key.
        key: Key,
        /// What the input calls it.
        id: String,
        /// Where it was found on the web.
        url: Option<String>,
    }
}

keyed!(OriginRow);

pub struct Train {
    name: String,
    model_name: String,
    model: Model,
    options: TrainOptions,
    seed: u64,
    layout: Arc<Layout>,
    /// Decisions that say which documents are kept so far.
    before: Before,
    /// Decisions that say which source a document belongs to, before any filter.
    selected: Option<String>,
    /// Registered domains of `negatives = { listed = .. }`.
    listed: BTreeSet<String>,
    /// What `compare` names.
    rivals: Vec<(String, Rival)>,
    /// Stands for the lists and model files that it reads from outside of the folder.
    lists: String,
}

impl Train {
    pub fn new(recipe: &Recipe, name: &str, model: &Model, layout: &Arc<Layout>, before: &Before, selected: Option<&str>) -> Result<Self> {
        let mut listed = BTreeSet::new();
        for negative in &model.negatives.0 {
            let Negative::Listed(path) = negative else { continue };
            let path = recipe.base.join(path);
            let text =
                std::fs::read_to_string(&path).context(|| format!("cannot read the listed domains of model {name}, {}", path.display()))?;
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
            listed.extend(lines.filter_map(registered_domain));
        }
        let rivals: Vec<(String, Rival)> =
            model.compare.iter().map(|name| rival(recipe, name).map(|rival| (name.clone(), rival))).collect::<Result<_>>()?;
        let domains = listed.iter().map(|domain| format!("{domain} "));
        let given = rivals
            .iter()
            .filter_map(|(_, rival)| if let Rival::Given(model) = rival { Some(format!("{:x} ", model.hash())) } else { None });
        let lists = seal(&domains.chain(given).collect::<String>());
        Ok(Self {
            name: format!("train-{name}"),
            model_name: name.to_owned(),
            model: model.clone(),
            options: model.options(),
            seed: recipe.seed,
            layout: Arc::clone(layout),
            before: before.clone(),
            selected: selected.map(str::to_owned),
            listed,
            rivals,
            lists,
        })
    }

    fn work(&self, index: usize) -> String {
        format!("work/{}/{index:05}", self.name)
    }

    /// A model of the folder that is being built would be another one after each training.
    fn refuse_own_models(&self, build: Build<'_>) -> Result<()> {
        let root = build.folder.root().canonicalize().unwrap_or_default();
        for (name, rival) in &self.rivals {
            let is_own = || build.recipe.base.join(name).canonicalize().is_ok_and(|path| path.starts_with(&root));
            if matches!(rival, Rival::Given(_)) && is_own() {
                let message =
                    format!("`compare` names {name}, a model of the folder that is being built; copy it elsewhere and name the copy");
                return Err(Error::recipe(message));
            }
        }
        Ok(())
    }

    /// The sample with its texts, in the order of the rows: only those rows are decoded.
    fn read(&self, build: Build<'_>, sample: Sample) -> Result<Vec<Example>> {
        let mut chosen: Vec<Chosen> = sample.classes.into_iter().flat_map(BTreeMap::into_values).collect();
        chosen.sort_unstable_by_key(|chosen| (chosen.file, chosen.row));
        let of_file = |chosen: &[Chosen]| -> Result<Vec<Example>> {
            let file = &self.layout.files[chosen[0].file];
            let rows: Vec<u64> = chosen.iter().map(|chosen| chosen.row).collect();
            let mut texts = Walk::<TextRow>::open(build, file, &self.before)?.pick(&rows);
            let example = |chosen: &Chosen| {
                let Chosen { key, positive, domain, source, language, .. } = chosen;
                let (row, _) = texts.next().ok_or_else(|| misaligned(&file.name()))??;
                if row.key != *key {
                    return Err(misaligned(&file.name()));
                }
                let (domain, source, language) = (domain.clone(), source.clone(), language.clone());
                Ok(Example { key: *key, text: row.text, positive: *positive, domain, source, language })
            };
            chosen.iter().map(example).collect()
        };
        let files: Vec<&[Chosen]> = chosen.chunk_by(|a, b| a.file == b.file).collect();
        let examples: Vec<Vec<Example>> = files.into_par_iter().map(of_file).collect::<Result<_>>()?;
        Ok(examples.into_iter().flatten().collect())
    }

    /// What the low-quality class is, for the card.
    fn negatives_in_words(&self) -> String {
        self.model.negatives.0.iter().map(Negative::to_string).collect::<Vec<_>>().join("; ")
    }
}

impl Step for Train {
    fn name(&self) -> &str {
        &self.name
    }

    fn identity(&self) -> String {
        format!("{VERSION} {} {:?} {:?}", self.seed, self.model, self.options)
    }

    fn lists(&self) -> String {
        self.lists.clone()
    }

    fn reads(&self) -> Vec<String> {
        ["extract", "filter"].map(str::to_owned).into_iter().chain(self.selected.clone()).chain(self.before.steps()).collect()
    }

    fn rounds(&self) -> Vec<Round> {
        vec![Round { name: "sample", tasks: self.layout.tasks(), merges: true }]
    }

    fn judges(&self) -> bool {
        false
    }

    fn task(&self, build: Build<'_>, _round: usize, task: usize) -> Result<Outcome> {
        self.refuse_own_models(build)?;
        let file = &self.layout.files[task];
        let mut sample = Sample::new(self.options.max_per_class);
        let mut filter = TableReader::<DecisionRow>::open(&build.folder.path(&file.decisions("filter")))?;
        let mut origin = match &self.selected {
            Some(step) => Some(TableReader::<StandingRow>::open(&build.folder.path(&file.decisions(step)))?),
            None => None,
        };
        for (at, row) in (0..).zip(Walk::<OriginRow>::open(build, file, &self.before)?) {
            let (document, standing) = row?;
            let key = document.key;
            let filtered = aligned(&mut filter, key, &file.name())?;
            let source = match &mut origin {
                Some(rows) => aligned(rows, key, &file.name())?.source,
                None => file.source.clone(),
            };
            let positive = standing.alive && self.model.positives.contains(&standing.source);
            let domain = document.url.as_deref().and_then(registered_domain);
            let is_negative = |kind: &Negative| match kind {
                Negative::Unfiltered(of) => *of == source,
                Negative::Source(of) => standing.alive && *of == standing.source,
                Negative::Listed(_) => domain.as_ref().is_some_and(|domain| self.listed.contains(domain)),
                Negative::Failed(names) => {
                    filtered.verdict == DROP && filtered.filter.as_ref().is_some_and(|filter| names.contains(filter))
                }
            };
            let negative = !positive && self.model.negatives.0.iter().any(is_negative);
            if !positive && !negative {
                continue;
            }
            // A document without a URL stands for itself: a book or an essay is its own site.
            let domain = domain.unwrap_or_else(|| format!("{source}/{}", document.id));
            let language = filtered.language.unwrap_or_default();
            sample.offer(self.seed, &self.name, Chosen { file: task, row: at, key, positive, domain, source, language });
        }
        let mut spill = SpillWriter::create(build.folder, &self.work(task), CLASSES.len())?;
        for (class, candidates) in sample.classes.into_iter().enumerate() {
            for chosen in candidates.values() {
                let bytes = serde_json::to_vec(chosen).map_err(|error| Error::new("cannot write a training example").because(error))?;
                spill.push(class, &bytes)?;
            }
        }
        Ok(Outcome { files: Vec::new(), work: vec![spill.finish()?], counts: Counts::default() })
    }

    fn merge(&self, build: Build<'_>, _round: usize) -> Result<Outcome> {
        let mut sample = Sample::new(self.options.max_per_class);
        for task in 0..self.layout.files.len() {
            for class in 0..CLASSES.len() {
                for record in read_records(build.folder, &self.work(task), class)?.iter() {
                    let chosen =
                        serde_json::from_slice(record).map_err(|error| Error::new("cannot read a training example").because(error))?;
                    sample.offer(self.seed, &self.name, chosen);
                }
            }
        }
        let mut counts = Counts::default();
        for (class, offered) in CLASSES.iter().zip(sample.offered) {
            counts.note(&format!("{}: {class} documents offered", self.model_name), offered);
        }
        let examples = self.read(build, sample)?;
        counts.bytes = examples.iter().map(|example| example.text.len() as u64).sum();
        let training = || format!("cannot train model {}", self.model_name);
        let mut split = quality::split(examples, &self.options, self.seed).context(training)?;
        let leaks = leaks::find(&split.held_out, &split.training, self.seed);
        split.take_out(&leaks);
        let (model, mut card) = quality::train(&split, &self.options, self.seed, &self.rivals).context(training)?;
        card.name.clone_from(&self.model_name);
        card.positives = self.model.positives.join(", ");
        card.negatives = self.negatives_in_words();
        if self.model.negatives.0.iter().any(|kind| matches!(kind, Negative::Failed(_))) {
            card.warnings.push("negatives are documents that a filter dropped: the model learns that filter, not quality".to_owned());
        }
        let page = model_card::html(&card)?;
        let card = serde_json::to_vec_pretty(&card).map_err(|error| Error::new("cannot write the model card").because(error))?;
        let at = |name: &str| format!("models/{}/{name}", self.model_name);
        let files = vec![
            build.folder.write(&at("model.bin"), &model.to_bytes())?,
            build.folder.write(&at("card.json"), &card)?,
            build.folder.write(&at("card.html"), page.as_bytes())?,
        ];
        Ok(Outcome { files, work: Vec::new(), counts })
    }
}

/// A document of a class, by where its text lies.
#[derive(Serialize, Deserialize)]
struct Chosen {
    file: usize,
    row: u64,
    key: Key,
    positive: bool,
    domain: String,
    source: String,
    language: String,
}

/// The documents of each class with the smallest keyed draws: a reservoir that does not depend on the order of arrival.
struct Sample {
    max_per_class: usize,
    classes: [BTreeMap<(u64, Key), Chosen>; 2],
    offered: [u64; 2],
}

impl Sample {
    fn new(max_per_class: usize) -> Self {
        Self { max_per_class, classes: [BTreeMap::new(), BTreeMap::new()], offered: [0, 0] }
    }

    fn offer(&mut self, seed: u64, step: &str, chosen: Chosen) {
        let class = usize::from(chosen.positive);
        self.offered[class] += 1;
        let class = &mut self.classes[class];
        class.insert((draw_bits(seed, step, chosen.key), chosen.key), chosen);
        if self.max_per_class < class.len() {
            class.pop_last();
        }
    }
}

/// A model by the name that `compare` gives.
fn rival(recipe: &Recipe, name: &str) -> Result<Rival> {
    Ok(match name {
        "spark" => Rival::Taught(Features::Spark),
        "hashing-tf" => Rival::Taught(Features::default()),
        path => {
            let bytes = std::fs::read(recipe.base.join(path)).context(|| format!("cannot read the model {path} that `compare` names"))?;
            Rival::Given(Box::new(quality::Model::from_bytes(path, &bytes)?))
        }
    })
}

/// Loads a trained model of the build.
pub fn load_model(build: Build<'_>, name: &str) -> Result<quality::Model> {
    let path = format!("models/{name}/model.bin");
    let bytes = build.folder.read(&path)?.ok_or_else(|| Error::new(format!("the model {path} is missing; run the build again")))?;
    quality::Model::from_bytes(&build.folder.path(&path).display().to_string(), &bytes)
}

/// Loads the card of a trained model of the build.
pub fn load_card(build: Build<'_>, name: &str) -> Result<quality::Card> {
    let path = format!("models/{name}/card.json");
    let bytes = build.folder.read(&path)?.ok_or_else(|| Error::new(format!("the model card {path} is missing; run the build again")))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Error::new(format!("the model card {path} is damaged; remove it and build again")).because(error))
}
