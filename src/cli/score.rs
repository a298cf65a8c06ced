//! `gristmill score`: any text input through a trained classifier.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::texts;
use crate::error::{Context, Error, Kind, Result};
use crate::extract::{Extractor, Options};
use crate::quality::Model;
use crate::quality::keep::{GPT3_ALPHA, keep_probability};

/// Scores texts with a trained quality classifier: JSON lines with id, url, score and what the keep rules make of it.
#[derive(Args)]
#[command(after_help = "Example: gristmill score out/quickstart/models/quality fixtures/encyclopaedia/articles.jsonl")]
pub struct Arguments {
    /// The model: models/NAME of a build folder, or its model.bin.
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// Files, globs, folders or URLs, as `gristmill extract` takes them.
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<String>,
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    url: Option<&'a str>,
    /// In 0..=1, as in decisions/score of a build.
    score: f64,
    /// Probability that it is good, were both classes equally frequent.
    calibrated: f64,
    /// The rule `{ threshold = 0.5 }` would keep it.
    threshold_keeps: bool,
    /// Probability that the Pareto draw with GPT-3's alpha keeps it. The draw itself needs a recipe's seed and the document's key.
    pareto_probability: f64,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let model = load(&arguments.model)?;
    let mut scorer = model.scorer();
    texts::each(&arguments.inputs, Extractor::new(Options::default())?, &mut |text, lines| {
        let score = scorer.score(text.text);
        lines.write(&Line {
            id: text.id,
            url: text.url,
            score,
            calibrated: model.probability(score),
            threshold_keeps: 0.5 <= score,
            pareto_probability: keep_probability(score, GPT3_ALPHA),
        })
    })
}

/// Loads a model by its file or its folder.
pub fn load(path: &Path) -> Result<Model> {
    let path = if path.is_dir() { path.join("model.bin") } else { path.to_owned() };
    let missing = || format!("cannot read the model {}; give models/NAME of a build folder", path.display());
    if !path.exists() {
        return Err(Error::of(Kind::Recipe, missing()));
    }
    let bytes = std::fs::read(&path).context(missing)?;
    Model::from_bytes(&path.display().to_string(), &bytes)
}
