//! Where the copies of a document lie in the data set. The keyed shuffle says in which parts of the order they must be; only those shards are read.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::document::Key;
use crate::error::Result;
use crate::shard;

use super::super::ledger::Entry;
use super::super::origin::Opened;
use super::super::run::Build;
use super::super::steps::shard::{Order, Parts};
use super::Copied;

/// Every copy of every piece, by shard and row. Nothing is read for a document without copies.
pub fn find(opened: &Opened, entries: &[Entry], (source, key): (&str, Key), n_pieces: usize, n_copies: u64) -> Result<Vec<Copied>> {
    if n_copies == 0 {
        return Ok(Vec::new());
    }
    let shards = entries.iter().filter(|entry| entry.step == "shard").flat_map(|entry| &entry.outcome.files).map(|file| file.path.as_str());
    let shards = shards.filter(|path| path.starts_with("shards/"));
    let expected = expected(opened, entries, (source, key), n_pieces, n_copies)?;
    let (likely, others): (Vec<&str>, Vec<&str>) = shards.partition(|path| expected.iter().any(|prefix| path.starts_with(prefix)));
    let mut copies = look(opened, &likely, key)?;
    // The size of the inputs, from which the number of parts follows, is as counted while reading; where that was not all, the shards decide.
    if (copies.len() as u64) < n_copies * n_pieces.max(1) as u64 {
        copies.extend(look(opened, &others, key)?);
    }
    Ok(copies)
}

/// What the shards that hold a copy begin with: those of its parts of the order.
fn expected(opened: &Opened, entries: &[Entry], (source, key): (&str, Key), n_pieces: usize, n_copies: u64) -> Result<BTreeSet<String>> {
    let Some(output) = &opened.recipe.output else { return Ok(BTreeSet::new()) };
    let notes = entries.iter().filter(|entry| entry.step == "extract").flat_map(|entry| &entry.outcome.counts.notes);
    let bytes = notes.filter(|(name, _)| name.ends_with(": bytes stored")).map(|(_, n)| n).sum();
    let parts = Parts::new(bytes, output);
    let order = Order::load(Build { folder: &opened.folder, recipe: &opened.recipe }, parts)?;
    let n_copies = u32::try_from(n_copies).unwrap_or(u32::MAX);
    let places = (0..n_pieces.max(1)).flat_map(|piece| order.places(source, key, piece, n_copies));
    Ok(places.map(|place| parts.prefix(place.part)).collect())
}

fn look(opened: &Opened, shards: &[&str], key: Key) -> Result<Vec<Copied>> {
    let found = shards.par_iter().map(|path| {
        let mut copies = Vec::new();
        for (row, read) in (1..).zip(shard::read(&opened.folder.path(path))?) {
            let read = read?;
            if read.key == key {
                copies.push(Copied { shard: (*path).to_owned(), row, id: read.id, copy: read.copy });
            }
        }
        Ok(copies)
    });
    Ok(found.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
}
