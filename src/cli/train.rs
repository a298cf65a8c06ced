//! `gristmill train`: the quality classifiers of a recipe and what they need, nothing else.

use std::path::PathBuf;

use clap::Args;

use super::Out;
use super::build::{file_name, finish, make, out_folder};
use crate::error::{Error, Result};
use crate::pipeline::plan::Goal;
use crate::pipeline::recipe;

/// Trains a recipe's quality classifier and writes model and model card.
#[derive(Args)]
#[command(after_help = "Example: gristmill train pipelines/retrain.toml --out /tmp/retrain")]
pub struct Arguments {
    /// The recipe, a TOML file with a [model.NAME].
    #[arg(value_name = "RECIPE")]
    recipe: PathBuf,
    /// Train only this model.
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Override a key of the recipe by its path, such as model.quality.max-per-domain=20.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    out: Out,
}

pub fn run(arguments: &Arguments, json: bool) -> Result<()> {
    let recipe = recipe::load(&arguments.recipe, &arguments.set)?;
    let name = arguments.recipe.display().to_string();
    if recipe.models.is_empty() {
        return Err(Error::recipe(format!("{name} has no [model.NAME] to train")));
    }
    if let Some(model) = arguments.model.as_ref().filter(|model| !recipe.models.contains_key(*model)) {
        let known: Vec<&str> = recipe.models.keys().map(String::as_str).collect();
        return Err(Error::recipe(format!("{name} has no model {model:?}; it has {}", known.join(", "))));
    }
    let out = out_folder(arguments.out.out.as_deref(), &arguments.recipe);
    let report = make(&recipe, Goal::Train(arguments.model.as_deref()), &file_name(&arguments.recipe), &out, &arguments.out)?;
    finish(&report, &out, json)
}
