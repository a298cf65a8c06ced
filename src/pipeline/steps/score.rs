//! Scores the standing documents of every source that has a `keep` and applies its rule: the keyed Pareto draw of GPT-3, or a threshold.
//!
//! Round `score` writes one score a row (8 bytes); its merge fits alpha where the recipe asks for that; round `keep` decides. Both rules are recorded for each
//! document, whichever acts.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::document::{self, Key, Reason};
use crate::error::Result;
use crate::quality::keep::{self, Rule};
use crate::quality::{Fittable, Model, Scorer};
use crate::store::table::{TableReader, TableWriter};
use crate::text::hash::draw;

use super::super::ledger::{Counts, Outcome};
use super::super::plan::Layout;
use super::super::recipe::{Keep, Recipe};
use super::super::run::{Build, Round, Step};
use super::train::{load_card, load_model};
use super::{Before, DecisionRow, GONE, KEEP, KeyRow, Keyed, Once, StandingRow, TextRow, Walk, aligned, keyed, need_json, write_json};

const VERSION: u32 = 2;
/// By which rules the classifier drops; a recipe chooses one for each source.
pub const RULES: &[document::Rule] = &[
    document::Rule::new("threshold", "as its score", "a score below the threshold"),
    document::Rule::new("pareto", "as its draw", "a draw not below P(keep | score) = (2 - score)^-alpha (the limit)"),
];
/// Scores are counted in this many buckets for the report.
const BUCKETS: usize = 50;

crate::table! {
    /// The score of a row, where it was scored.
    pub struct ScoreRow {
        /// The document's key.
        key: Key,
        /// In 0..=1.
        score: Option<f64>,
    }
}

keyed!(ScoreRow);

pub struct Score {
    layout: Arc<Layout>,
    before: Before,
    seed: u64,
    /// Source: model and rule.
    keeps: BTreeMap<String, Keep>,
    models: BTreeMap<String, Once<Model>>,
    alphas: Once<BTreeMap<String, f64>>,
}

impl Score {
    pub fn new(recipe: &Recipe, layout: &Arc<Layout>, before: &Before) -> Self {
        let keeps: BTreeMap<_, _> = recipe.sources.iter().filter_map(|(name, source)| Some((name.clone(), source.keep.clone()?))).collect();
        let models = keeps.values().map(|keep| (keep.model.clone(), Once::default())).collect();
        Self { layout: Arc::clone(layout), before: before.clone(), seed: recipe.seed, keeps, models, alphas: Once::default() }
    }

    fn work(&self, task: usize) -> String {
        format!("work/score/{task:05}.parquet")
    }

    fn model(&self, build: Build<'_>, name: &str) -> Result<&Model> {
        self.models[name].get(|| load_model(build, name))
    }

    /// Alpha of each source whose rule is the Pareto draw.
    fn alphas(&self, build: Build<'_>) -> Result<&BTreeMap<String, f64>> {
        self.alphas.get(|| load_alphas(build))
    }
}

/// Where alpha of each source lies.
pub const ALPHAS: &str = "decisions/score/alpha.json";

/// Alpha of each source that has a `keep`, as the Pareto draw takes it.
pub fn load_alphas(build: Build<'_>) -> Result<BTreeMap<String, f64>> {
    need_json(build.folder, ALPHAS)
}

impl Step for Score {
    fn name(&self) -> &str {
        "score"
    }

    fn identity(&self) -> String {
        format!("{VERSION} {} {:?}", self.seed, self.keeps)
    }

    fn reads(&self) -> Vec<String> {
        let models = self.models.keys().map(|name| format!("train-{name}"));
        std::iter::once("extract".to_owned()).chain(self.before.steps()).chain(models).collect()
    }

    fn rounds(&self) -> Vec<Round> {
        vec![
            Round { name: "score", tasks: self.layout.tasks(), merges: true },
            Round { name: "keep", tasks: self.layout.tasks(), merges: false },
        ]
    }

    fn task(&self, build: Build<'_>, round: usize, task: usize) -> Result<Outcome> {
        if round == 0 { self.score(build, task) } else { self.decide(build, task) }
    }

    fn merge(&self, build: Build<'_>, _round: usize) -> Result<Outcome> {
        let mut alphas = BTreeMap::new();
        let mut counts = Counts::default();
        for (source, keep) in &self.keeps {
            let alpha = match keep.rule {
                Rule::Pareto { alpha: Fittable::Fixed(alpha) } => alpha,
                Rule::Threshold(_) => keep::GPT3_ALPHA,
                Rule::Pareto { alpha: Fittable::Fit } => {
                    let scores = self.scores_of(build, source)?;
                    let card = load_card(build, &keep.model)?;
                    let fit = keep::fit_alpha(&scores, &card.held_out.positive_scores)?;
                    counts.note(&format!("{source}: alpha fitted, in thousandths"), (fit.alpha * 1000.0).round() as u64);
                    counts.note(&format!("{source}: distance of fitted scores, in thousandths"), (fit.distance * 1000.0).round() as u64);
                    fit.alpha
                }
            };
            alphas.insert(source.clone(), alpha);
        }
        Ok(Outcome { files: vec![write_json(build.folder, ALPHAS, &alphas)?], work: Vec::new(), counts })
    }
}

impl Score {
    fn score(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let file = &self.layout.files[task];
        let mut rows = TableWriter::create(build.folder, &self.work(task))?;
        let mut scorers: BTreeMap<&str, Scorer<'_>> = BTreeMap::new();
        let mut counts = Counts::default();
        for row in Walk::<TextRow>::open(build, file, &self.before)? {
            let (TextRow { key, text }, standing) = row?;
            let keep = self.keeps.get(&standing.source).filter(|_| standing.alive);
            let score = match keep {
                None => None,
                Some(keep) => {
                    counts.bytes += text.len() as u64;
                    if !scorers.contains_key(keep.model.as_str()) {
                        scorers.insert(&keep.model, self.model(build, &keep.model)?.scorer());
                    }
                    scorers.get_mut(keep.model.as_str()).map(|scorer| scorer.score(&text))
                }
            };
            rows.push(ScoreRow { key, score })?;
        }
        Ok(Outcome { files: Vec::new(), work: vec![rows.finish()?], counts })
    }

    /// All scores of one source; 8 bytes a document.
    fn scores_of(&self, build: Build<'_>, source: &str) -> Result<Vec<f64>> {
        let mut scores = Vec::new();
        for (task, file) in self.layout.files.iter().enumerate() {
            let mut standings = match &self.before.step {
                Some(step) => Some(TableReader::<StandingRow>::open(&build.folder.path(&file.decisions(step)))?),
                None => None,
            };
            for row in TableReader::<ScoreRow>::open(&build.folder.path(&self.work(task)))? {
                let row = row?;
                let of = match &mut standings {
                    Some(rows) => aligned(rows, row.key, &file.name())?.source,
                    None => file.source.clone(),
                };
                scores.extend(row.score.filter(|_| of == source));
            }
        }
        Ok(scores)
    }

    fn decide(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let file = &self.layout.files[task];
        let alphas = self.alphas(build)?;
        let mut rows = TableWriter::create(build.folder, &file.decisions("score"))?;
        let mut scores = TableReader::<ScoreRow>::open(&build.folder.path(&self.work(task)))?;
        let mut counts = Counts::default();
        for row in Walk::<KeyRow>::open(build, file, &self.before)? {
            let (_, standing) = row?;
            let score = aligned(&mut scores, standing.key, &file.name())?.score;
            if !standing.alive {
                rows.push(DecisionRow::new(&standing, GONE))?;
                continue;
            }
            let mut decision = DecisionRow::new(&standing, KEEP);
            let funnel = counts.source(&standing.source);
            funnel.read += 1;
            let Some(score) = score else {
                funnel.kept += 1;
                rows.push(decision)?;
                continue;
            };
            let u = draw(self.seed, "score", standing.key);
            let alpha = alphas[&standing.source];
            let rule = self.keeps[&standing.source].rule;
            let threshold = Rule::Threshold(if let Rule::Threshold(least) = rule { least } else { 0.5 });
            let pareto = Rule::Pareto { alpha: Fittable::Fixed(alpha) };
            let (by_threshold, by_pareto) = (keep::keeps(threshold, score, u), keep::keeps(pareto, score, u));
            decision.score = Some(score);
            decision.calibrated = Some(self.model(build, &self.keeps[&standing.source].model)?.probability(score));
            decision.draw = Some(u);
            decision.threshold_keeps = Some(by_threshold);
            decision.pareto_keeps = Some(by_pareto);
            let (kept, reason) = match rule {
                Rule::Threshold(limit) => (by_threshold, Reason { filter: "score", rule: "threshold", value: score, limit }),
                // The limit that the draw had to stay below: P(keep | score).
                Rule::Pareto { .. } => {
                    (by_pareto, Reason { filter: "score", rule: "pareto", value: u, limit: keep::keep_probability(score, alpha) })
                }
            };
            if kept {
                funnel.kept += 1;
            } else {
                funnel.drop(reason.filter, reason.rule);
                decision = decision.dropped(reason);
            }
            let label = format!("{:.2}", (score * BUCKETS as f64).floor().min(BUCKETS as f64 - 1.0) / BUCKETS as f64);
            let source = &standing.source;
            counts.bucket(&format!("scores of {source}: all"), &label, 1);
            counts.bucket(&format!("scores of {source}: threshold keeps"), &label, u64::from(by_threshold));
            counts.bucket(&format!("scores of {source}: pareto keeps"), &label, u64::from(by_pareto));
            rows.push(decision)?;
        }
        Ok(Outcome { files: vec![rows.finish()?], work: Vec::new(), counts })
    }
}
