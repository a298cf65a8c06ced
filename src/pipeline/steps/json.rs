//! Small files of the build folder that are JSON: what a merge found, for later steps and reports.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::store::{Folder, Written};

/// Writes a value; the same value gives the same bytes.
///
/// # Errors
/// When the disk fails.
pub fn write_json(folder: &Folder, path: &str, value: &impl Serialize) -> Result<Written> {
    let text = serde_json::to_vec_pretty(value).map_err(|error| Error::new(format!("cannot write {path}")).because(error))?;
    folder.write(path, &text)
}

/// The value that was written; `None` when it is not there.
///
/// # Errors
/// When it is damaged.
pub fn read_json<T: DeserializeOwned>(folder: &Folder, path: &str) -> Result<Option<T>> {
    let Some(bytes) = folder.read(path)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| Error::new(format!("{path} is damaged; build again")).because(error))
}

/// The value that a finished step wrote.
///
/// # Errors
/// When it is missing or damaged.
pub fn need_json<T: DeserializeOwned>(folder: &Folder, path: &str) -> Result<T> {
    read_json(folder, path)?.ok_or_else(|| Error::new(format!("{path} is missing; build again")))
}
