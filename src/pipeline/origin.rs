//! Where a build comes from. `recipe.toml` says what is built; `build.json` beside it says in which folder that recipe's paths begin, under what name the build goes
//! and how far it was asked to go. So workers and questions need only the build folder. `build.json` depends on where the folder lies and is no part of the manifest.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Kind, Result};
use crate::store::{Folder, Written};

use super::ledger;
use super::plan::{Goal, plain, way};
use super::recipe::{self, Recipe};
use super::report::resolved;

/// Says where the recipe's paths begin.
pub const ORIGIN: &str = "build.json";
/// The resolved recipe in the build folder.
pub const RECIPE: &str = "recipe.toml";
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Origin {
    version: u32,
    name: String,
    /// The way from the build folder to where the recipe's paths begin.
    base: String,
    asked: Asked,
}

/// A goal at rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    Build,
    Train(Option<String>),
    Dedup,
}

impl Asked {
    pub fn goal(&self) -> Goal<'_> {
        match self {
            Asked::Build => Goal::Build,
            Asked::Train(model) => Goal::Train(model.as_deref()),
            Asked::Dedup => Goal::Dedup,
        }
    }

    fn of(goal: Goal<'_>) -> Self {
        match goal {
            Goal::Build => Asked::Build,
            Goal::Train(model) => Asked::Train(model.map(str::to_owned)),
            Goal::Dedup => Asked::Dedup,
        }
    }
}

/// A build folder and what it was made from.
pub struct Opened {
    pub folder: Folder,
    pub recipe: Recipe,
    /// By which reports call it: the recipe's file name.
    pub name: String,
    pub asked: Asked,
}

/// Writes recipe and origin; gives the recipe's entry for the manifest.
///
/// # Errors
/// When they cannot be written.
pub fn write(folder: &Folder, recipe: &Recipe, name: &str, goal: Goal<'_>) -> Result<Written> {
    let origin = Origin { version: VERSION, name: name.to_owned(), base: way(&recipe.base, folder.root()), asked: Asked::of(goal) };
    // No manifest holds this file, so it is sealed as entries of the ledger are.
    ledger::write_sealed(folder, ORIGIN, &origin)?;
    folder.write(RECIPE, resolved(recipe)?.as_bytes())
}

/// Opens the folder of a build that was begun before; nothing is made or changed.
///
/// # Errors
/// When the folder holds no build (exit 2), or what it holds is damaged.
pub fn open(root: &Path) -> Result<Opened> {
    let folder = Folder::at(root);
    let held = |name: &str| -> Result<Vec<u8>> {
        folder.read(name)?.ok_or_else(|| {
            let message = format!("{} is not the folder of a build: it has no {name}; give the --out of a build", root.display());
            Error::of(Kind::Recipe, message)
        })
    };
    let damaged = |name: &str| format!("{} is damaged; run the build's command again", folder.path(name).display());
    let text = String::from_utf8(held(RECIPE)?).map_err(|error| Error::new(damaged(RECIPE)).because(error))?;
    held(ORIGIN)?;
    let origin: Origin = ledger::unseal(&folder, ORIGIN)?.ok_or_else(|| Error::new(damaged(ORIGIN)))?;
    if origin.version != VERSION {
        let message = format!("{} is of version {}, this program reads version {VERSION}", folder.path(ORIGIN).display(), origin.version);
        return Err(Error::new(message));
    }
    let base = plain(&root.join(&origin.base));
    let recipe = recipe::parse(&text, &folder.path(RECIPE).display().to_string(), &base, &[])
        .map_err(|error| Error::new(damaged(RECIPE)).because(error))?;
    Ok(Opened { folder, recipe, name: origin.name, asked: origin.asked })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::plan::Plan;

    #[test]
    fn a_folder_says_what_it_was_made_from() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for name in ["quickstart.toml", "gpt3.toml", "retrain.toml", "dedup-report.toml"] {
            let recipe = recipe::load(&root.join("pipelines").join(name), &[]).unwrap();
            // Behind a link, whose `..` is another folder than the letters say.
            let out = tempfile::tempdir().unwrap();
            let link = out.path().join("link");
            std::fs::create_dir_all(out.path().join("deep/er")).unwrap();
            std::os::unix::fs::symlink(out.path().join("deep/er"), &link).unwrap();
            let folder = Folder::open(link.join("out")).unwrap();
            write(&folder, &recipe, name, Goal::Train(Some("quality"))).unwrap();
            let opened = open(folder.root()).unwrap();
            assert_eq!((resolved(&opened.recipe).unwrap(), opened.name.as_str()), (resolved(&recipe).unwrap(), name));
            assert_eq!(opened.asked.goal(), Goal::Train(Some("quality")));
            // Inputs have the same names from there, so their documents have the same keys.
            let names = |recipe: &Recipe| -> Vec<String> {
                let files = Plan::new(recipe, Goal::Build).unwrap().layout.files.clone();
                files.iter().flat_map(|file| &file.inputs).map(|input| input.name.to_string()).collect()
            };
            assert_eq!(names(&opened.recipe), names(&recipe));
        }
        let error = open(root).err().unwrap();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("has no recipe.toml"), "{error}");
    }
}
