//! What is no row of documents or decisions: models, the tables of dedup, paragraphs and decontamination, small JSON files, and the shards.

use rayon::prelude::*;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::shard;

use crate::store::table::each_row;

use super::super::manifest::File;
use super::super::run::Build;
use super::super::steps::decontaminate::{CutRow, PieceRow};
use super::super::steps::dedup::tables::{ClusterRow, PairRow};
use super::super::steps::mask::MaskRow;
use super::super::steps::paragraphs::ParagraphRow;
use super::super::steps::shard::shares::ShareRow;
use super::super::steps::train;
use super::rows::DataSet;
use super::{Held, Verified, Wrong};

pub fn check(held: &Held<'_>, verified: &mut Verified) {
    let build = Build { folder: held.folder, recipe: &held.opened.recipe };
    let models = held.whole("models/");
    let load = |file: &&&File| {
        let name = file.path.strip_prefix("models/").and_then(|path| path.rsplit_once('/'))?;
        let loaded = match name {
            (name, "model.bin") => train::load_model(build, name).map(drop),
            (name, "card.json") => train::load_card(build, name).map(drop),
            _ => Ok(()),
        };
        Some((file.path.clone(), loaded.err()?.chain()))
    };
    verified.add("models", format!("{} files of models load", models.len()), models.iter().filter_map(|file| load(&file)).collect());
    let prefixes = ["dedup/", "paragraphs/", "mask/", "decontaminate/", "decisions/", "order/"];
    let others: Vec<&File> = prefixes.iter().flat_map(|prefix| held.whole(prefix)).collect();
    let looked: Vec<Result<u64, Wrong>> =
        others.par_iter().map(|file| decode(held, file).map_err(|error| (file.path.clone(), error.chain()))).collect();
    let rows: u64 = looked.iter().filter_map(|looked| looked.as_ref().ok()).sum();
    let found = looked.into_iter().filter_map(Result::err).collect();
    verified.add(
        "tables",
        format!("{rows} pairs, members of clusters, cuts, pieces and shares of shards, and the small files beside them"),
        found,
    );
}

/// Rows of a table that is not aligned with documents; 0 for a small JSON file, and for decisions, which were read with their documents.
fn decode(held: &Held<'_>, file: &File) -> Result<u64> {
    let path = held.folder.path(&file.path);
    if file.path.ends_with(".json") {
        let text = held.folder.read(&file.path)?.unwrap_or_default();
        serde_json::from_slice::<Value>(&text).map_err(|error| Error::new("it is no JSON").because(error))?;
        return Ok(0);
    }
    let rows = match file.path.split('/').collect::<Vec<_>>()[..] {
        ["dedup", "pairs.parquet"] => each_row::<PairRow>(&path, |_, _| Ok(()))?,
        ["dedup", "clusters.parquet"] => each_row::<ClusterRow>(&path, |_, _| Ok(()))?,
        ["mask", "ranges", ..] => each_row::<MaskRow>(&path, |_, _| Ok(()))?,
        ["paragraphs", "cuts", ..] => each_row::<ParagraphRow>(&path, |_, _| Ok(()))?,
        ["decontaminate", "cuts", ..] => each_row::<CutRow>(&path, |_, _| Ok(()))?,
        ["order", "shares", ..] => each_row::<ShareRow>(&path, |_, _| Ok(()))?,
        ["decontaminate", "pieces", ..] => each_row::<PieceRow>(&path, |_, _| Ok(()))?,
        _ => return Ok(0),
    };
    if rows == file.rows { Ok(rows) } else { Err(Error::new(format!("it has {rows} rows, the manifest says {}", file.rows))) }
}

/// The shards against what the decisions say they hold.
pub fn check_rows(held: &Held<'_>, expected: &DataSet, verified: &mut Verified) {
    if !held.entries.iter().any(|entry| entry.step == "shard") {
        return;
    }
    let shards = held.whole("shards/");
    let looked: Vec<Result<DataSet, Wrong>> =
        shards.par_iter().map(|file| read_shard(held, file).map_err(|error| (file.path.clone(), error.chain()))).collect();
    let mut data = DataSet::default();
    looked.iter().filter_map(|looked| looked.as_ref().ok()).for_each(|part| data.join(*part));
    let mut found: Vec<Wrong> = looked.into_iter().filter_map(Result::err).collect();
    let is_whole = found.is_empty() && !held.any_bad(&["shards/"]);
    if is_whole && data != *expected {
        let what = if data.rows == expected.rows {
            format!("hold {} rows as they should, but not the texts, ids and copies that documents and decisions give", data.rows)
        } else {
            format!("hold {} rows, but documents, pieces and copies give {}", data.rows, expected.rows)
        };
        found.push(("shards".to_owned(), what));
    }
    let compared = if is_whole {
        "each a copy of a piece of a kept document, and none missing"
    } else {
        "not compared with the documents, because shards are damaged"
    };
    verified.add("shards", format!("{} rows in {} shards, {compared}", data.rows, shards.len()), found);
}

fn read_shard(held: &Held<'_>, file: &File) -> Result<DataSet> {
    let mut data = DataSet::default();
    for (n, row) in (1..).zip(shard::read(&held.folder.path(&file.path))?) {
        let row = row?;
        let strings = [Some(&row.id), Some(&row.text), row.title.as_ref(), row.url.as_ref(), row.extra.as_ref()];
        if strings.into_iter().flatten().any(|text| text.contains('\0')) {
            return Err(Error::new(format!("its row {n} holds a NUL")));
        }
        data.add(row.key, &row.source, &row.id, u64::from(row.copy), &row.text);
    }
    if data.rows == file.rows { Ok(data) } else { Err(Error::new(format!("it has {} rows, the manifest says {}", data.rows, file.rows))) }
}
