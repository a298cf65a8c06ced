//! Trains one quality classifier: good documents of named sources against the recipe's low-quality class.
//!
//! Round `sample` walks every file of documents and keeps, for each class, the documents with the smallest keyed draws; its merge joins the samples,
//! keeps the smallest draws again and trains. The sample is the same for any split into files. Memory: `max-per-class` texts a class, in a task and in the merge.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::document::Key;
use crate::error::{Context, Error, Result};
use crate::language;
use crate::quality::{self, Example, Features, Rival, TrainOptions};
use crate::store::spill::{SpillWriter, read_partition};
use crate::store::table::TableReader;
use crate::text::hash::draw_bits;
use crate::text::url::registered_domain;

use super::super::ledger::{Counts, Outcome, seal};
use super::super::model_card;
use super::super::plan::Layout;
use super::super::recipe::{Model, Negative, Recipe};
use super::super::run::{Build, Round, Step};
use super::{DROP, DecisionRow, DocumentRow, StandingRow, Walk, aligned};

mod leaks;

const VERSION: u32 = 4;
const CLASSES: [&str; 2] = ["negative", "positive"];

pub struct Train {
    name: String,
    model_name: String,
    model: Model,
    options: TrainOptions,
    seed: u64,
    layout: Arc<Layout>,
    /// Decisions that say which documents are kept so far.
    before: Option<String>,
    /// Decisions that say which source a document belongs to, before any filter.
    selected: Option<String>,
    filtered: bool,
    /// Registered domains of `negatives = { listed = .. }`.
    listed: BTreeSet<String>,
    /// What `compare` names.
    rivals: Vec<(String, Rival)>,
    /// Stands for the lists and model files that it reads from outside of the folder.
    lists: String,
}

impl Train {
    pub fn new(
        recipe: &Recipe,
        name: &str,
        model: &Model,
        layout: &Arc<Layout>,
        before: Option<&str>,
        selected: Option<&str>,
        filtered: bool,
    ) -> Result<Self> {
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
            before: before.map(str::to_owned),
            selected: selected.map(str::to_owned),
            filtered,
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
        let filter = self.filtered.then(|| "filter".to_owned());
        std::iter::once("extract".to_owned()).chain(self.selected.clone()).chain(filter).chain(self.before.clone()).collect()
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
        let open = |step: &str| TableReader::<DecisionRow>::open(&build.folder.path(&file.decisions(step)));
        let mut filter = if self.filtered { Some(open("filter")?) } else { None };
        let mut origin = match &self.selected {
            Some(step) => Some(TableReader::<StandingRow>::open(&build.folder.path(&file.decisions(step)))?),
            None => None,
        };
        let mut counts = Counts::default();
        for row in Walk::<DocumentRow>::open(build, file, self.before.as_deref())? {
            let (document, standing) = row?;
            let filtered = filter.as_mut().map(|rows| aligned(rows, document.key, &file.name())).transpose()?;
            let origin = match &mut origin {
                Some(rows) => aligned(rows, document.key, &file.name())?.source,
                None => file.source.clone(),
            };
            let positive = standing.alive && self.model.positives.contains(&standing.source);
            let domain = document.url.as_deref().and_then(registered_domain);
            let is_negative = |kind: &Negative| match kind {
                Negative::Unfiltered(source) => *source == origin,
                Negative::Source(source) => standing.alive && *source == standing.source,
                Negative::Listed(_) => domain.as_ref().is_some_and(|domain| self.listed.contains(domain)),
                Negative::Failed(names) => {
                    let dropped = filtered.as_ref().filter(|row| row.verdict == DROP);
                    dropped.and_then(|row| row.filter.as_ref()).is_some_and(|filter| names.contains(filter))
                }
            };
            let negative = !positive && self.model.negatives.0.iter().any(is_negative);
            if !positive && !negative {
                continue;
            }
            counts.bytes += document.text.len() as u64;
            // A document without a URL stands for itself: a book or an essay is its own site.
            let domain = domain.unwrap_or_else(|| format!("{origin}/{}", document.id));
            sample.offer(
                self.seed,
                &self.name,
                Example { key: document.key, text: document.text, positive, domain, source: origin, language: String::new() },
            );
        }
        let mut spill = SpillWriter::new(CLASSES.len());
        for (class, candidates) in sample.classes.into_iter().enumerate() {
            for example in candidates.values() {
                let bytes = serde_json::to_vec(example).map_err(|error| Error::new("cannot write a training example").because(error))?;
                spill.push(class, &bytes);
            }
        }
        let work = spill.finish(build.folder, &self.work(task))?;
        Ok(Outcome { files: Vec::new(), work: vec![work], counts })
    }

    fn merge(&self, build: Build<'_>, _round: usize) -> Result<Outcome> {
        let mut sample = Sample::new(self.options.max_per_class);
        for task in 0..self.layout.files.len() {
            for class in 0..CLASSES.len() {
                for record in read_partition(build.folder, &self.work(task), class)? {
                    let example =
                        serde_json::from_slice(&record).map_err(|error| Error::new("cannot read a training example").because(error))?;
                    sample.offer(self.seed, &self.name, example);
                }
            }
        }
        let mut counts = Counts::default();
        let mut examples = Vec::new();
        for (class, candidates) in sample.classes.into_iter().enumerate() {
            counts.note(&format!("{}: {} documents offered", self.model_name, CLASSES[class]), sample.offered[class]);
            examples.extend(candidates.into_values());
        }
        let training = || format!("cannot train model {}", self.model_name);
        let mut split = quality::split(examples, &self.options, self.seed).context(training)?;
        let leaks = leaks::find(&split.held_out, &split.training, self.seed);
        split.take_out(&leaks);
        split.held_out.par_iter_mut().for_each(|example| example.language = language::identify(&example.text).code);
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

/// The documents of each class with the smallest keyed draws: a reservoir that does not depend on the order of arrival.
struct Sample {
    max_per_class: usize,
    classes: [BTreeMap<(u64, Key), Example>; 2],
    offered: [u64; 2],
}

impl Sample {
    fn new(max_per_class: usize) -> Self {
        Self { max_per_class, classes: [BTreeMap::new(), BTreeMap::new()], offered: [0, 0] }
    }

    fn offer(&mut self, seed: u64, step: &str, example: Example) {
        let class = usize::from(example.positive);
        self.offered[class] += 1;
        let class = &mut self.classes[class];
        class.insert((draw_bits(seed, step, example.key), example.key), example);
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
