//! The manifest: every data file of a finished build with size, hash and rows, in order of path. The same build gives the same bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::store::Written;

/// Its name in the build folder.
pub const PATH: &str = "manifest.json";
const FORMAT: &str = "gristmill build";
const VERSION: u32 = 1;

/// What `manifest.json` holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub format: String,
    pub version: u32,
    /// Source: its licence, where the recipe states one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub licenses: BTreeMap<String, String>,
    pub files: Vec<File>,
}

/// One data file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Relative to the folder, with `/`.
    pub path: String,
    pub bytes: u64,
    /// XXH3-128, 32 hexadecimal digits.
    pub hash: String,
    /// Rows of a table or lines of a shard; 0 where the file has none.
    pub rows: u64,
}

impl File {
    pub fn of(written: &Written) -> Self {
        let Written { path, bytes, hash, rows, .. } = written.clone();
        Self { path, bytes, hash, rows }
    }
}

impl Manifest {
    pub fn of<'w>(files: impl Iterator<Item = &'w Written>, licenses: BTreeMap<String, String>) -> Self {
        let mut files: Vec<File> = files.map(File::of).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self { format: FORMAT.to_owned(), version: VERSION, licenses, files }
    }

    /// As it is written.
    ///
    /// # Errors
    /// Never for strings and numbers; a fault of ours otherwise.
    pub fn to_json(&self) -> Result<String> {
        let text = serde_json::to_string_pretty(self).map_err(|error| Error::new("cannot write the manifest").because(error))?;
        Ok(text + "\n")
    }

    /// Reads a manifest; every byte counts, so one that was changed in any way is refused or names other files.
    ///
    /// # Errors
    /// When it is not what [`Manifest::to_json`] writes.
    pub fn from_json(text: &[u8]) -> Result<Self> {
        let damaged = || Error::new("the manifest is damaged, or of another version; run the build's command again");
        let manifest: Self = serde_json::from_slice(text).map_err(|error| damaged().because(error))?;
        let is_ours = manifest.format == FORMAT && manifest.version == VERSION && manifest.to_json()?.as_bytes() == text;
        if is_ours { Ok(manifest) } else { Err(damaged()) }
    }
}
