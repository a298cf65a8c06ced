//! Tokens by source and draw, on their way from the tasks of a round to its merge.

use std::collections::BTreeMap;

use crate::blend::{BINS, Spread};
use crate::error::{Error, Result};
use crate::store::spill::{SpillWriter, read_segments};
use crate::store::{Folder, Written};

/// Tokens of each source.
pub type Spreads = BTreeMap<String, Spread>;

/// The work file of a task.
pub fn spread_path(step: &str, task: usize) -> String {
    format!("work/{step}/draws-{task:05}")
}

/// One record a bin that holds any: bin, tokens, source.
pub fn write_spreads(folder: &Folder, path: &str, spreads: &Spreads) -> Result<Written> {
    let mut spill = SpillWriter::create(folder, path, 1)?;
    for (source, spread) in spreads {
        for (bin, tokens) in spread.bins() {
            spill.push(0, &[&(bin as u32).to_le_bytes()[..], &tokens.to_le_bytes(), source.as_bytes()].concat())?;
        }
    }
    spill.finish()
}

/// The sum over files.
pub fn read_spreads(folder: &Folder, paths: impl IntoIterator<Item = String>) -> Result<Spreads> {
    let mut spreads = Spreads::new();
    for path in paths {
        for records in read_segments(folder, &path, 0)? {
            for record in records?.iter() {
                let read = || -> Option<(u32, u64, &str)> {
                    let (bin, rest) = record.split_first_chunk()?;
                    let (tokens, source) = rest.split_first_chunk()?;
                    Some((u32::from_le_bytes(*bin), u64::from_le_bytes(*tokens), std::str::from_utf8(source).ok()?))
                };
                let (bin, tokens, source) = read()
                    .filter(|(bin, ..)| (*bin as usize) < BINS)
                    .ok_or_else(|| Error::new(format!("{path} is damaged; run the build again")))?;
                match spreads.get_mut(source) {
                    Some(spread) => spread.add_bin(bin as usize, tokens),
                    None => spreads.entry(source.to_owned()).or_default().add_bin(bin as usize, tokens),
                }
            }
        }
    }
    Ok(spreads)
}
