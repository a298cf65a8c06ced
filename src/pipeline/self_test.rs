//! The self-test of decontamination: the benchmarks and options of a recipe, planted in texts of its own.

use crate::decontaminate;
use crate::error::{Error, Result};

use super::recipe::Recipe;
use super::steps::decontaminate::{find, items, masked};

pub use crate::decontaminate::{Disturbed, Protection, SelfTest};

/// Runs it, and says what the files of the recipe are warned of.
///
/// # Errors
/// When the recipe has no `[decontaminate]`, and when its benchmarks cannot be read or protect nothing.
pub fn self_test(recipe: &Recipe) -> Result<(SelfTest, Vec<String>)> {
    let part = recipe.decontaminate.as_ref();
    let part = part.ok_or_else(|| Error::recipe("the recipe has no [decontaminate], so there is nothing to test"))?;
    let (benchmarks, warnings) = find(part, recipe)?;
    let items = items(&benchmarks, &recipe.limits, recipe.mask.as_ref())?;
    let seen = |text: &str| recipe.mask.as_ref().and_then(|options| masked(text, options)).unwrap_or_else(|| text.to_owned());
    let tested = decontaminate::self_test(&items, &part.options(), recipe.seed, &seen)?;
    Ok((tested, warnings))
}
