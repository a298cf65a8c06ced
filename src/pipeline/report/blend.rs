//! The blend as asked and as drawn, and how evenly shards hold it.

use crate::blend::{Row, Solution};
use crate::error::Result;
use crate::report::{BlendRow, BlendSummary, FarthestShare};
use crate::store::table::TableReader;
use crate::store::{Folder, Written};

use super::super::ledger::{Counts, Entry};
use super::super::run::Build;
use super::super::steps;
use super::super::steps::shard::Split;
use super::super::steps::shard::shares::{SHARES, ShareRow};
use super::note;

pub fn summary(build: Build<'_>, entries: &[Entry], all: &Counts) -> Result<Option<BlendSummary>> {
    if !entries.iter().any(|entry| entry.step == "blend") {
        return Ok(None);
    }
    let Some(solution) = steps::blend::load_solution(build.folder)? else { return Ok(None) };
    let drawn = |source: &str| note(all, &format!("{source}: tokens in the blend"));
    let sum: u64 = solution.rows.iter().map(|row| drawn(&row.source)).sum();
    let rows = solution.rows.iter().map(|row| BlendRow {
        source: row.source.clone(),
        weight: row.weight,
        epochs: row.epochs,
        tokens_available: row.tokens_available,
        tokens_planned: (row.epochs * row.tokens_available as f64).round() as u64,
        tokens_drawn: drawn(&row.source),
        share_drawn: drawn(&row.source) as f64 / sum.max(1) as f64,
        binds: row.binds,
    });
    let files: Vec<&Written> = entries.iter().filter(|entry| entry.step == "shard").flat_map(|entry| &entry.outcome.files).collect();
    let shards: Vec<_> = files.iter().filter(|file| file.path.starts_with("shards/")).collect();
    Ok(Some(BlendSummary {
        tokenizer: build.recipe.blend.as_ref().map_or_else(String::new, |blend| blend.tokenizer.clone()),
        binding: solution.binding.clone(),
        rows: rows.collect(),
        warnings: solution.warnings.clone(),
        shards: shards.len() as u64,
        shard_bytes: shards.iter().map(|file| file.bytes).sum(),
        farthest_share: farthest_share(build.folder, &files, &solution)?,
    }))
}

/// Rows from which on a shard's shares are held against the blend: of fewer a single document may be a hundredth.
const MANY_ROWS: u64 = 1000;

fn farthest_share(folder: &Folder, files: &[&Written], solution: &Solution) -> Result<Option<FarthestShare>> {
    let mut farthest: Option<FarthestShare> = None;
    let mut n_shards = 0;
    // What is held out for validation has no shares to keep.
    let train = Split::Train.prefix();
    let counts = |shard: &[ShareRow]| shard[0].shard.starts_with(&train) && MANY_ROWS <= shard.iter().map(|row| row.rows).sum();
    for file in files.iter().filter(|file| file.path.starts_with(SHARES)) {
        let rows = TableReader::<ShareRow>::open(&folder.path(&file.path))?.collect::<Result<Vec<_>>>()?;
        for shard in rows.chunk_by(|a, b| a.shard == b.shard).filter(|shard| counts(shard)) {
            n_shards += 1;
            for Row { source, weight, .. } in &solution.rows {
                let share = shard.iter().find(|row| row.source == *source).map_or(0.0, |row| row.share);
                if farthest.as_ref().is_none_or(|far| (far.share - far.weight).abs() < (share - weight).abs()) {
                    let (shard, source) = (shard[0].shard.clone(), source.clone());
                    farthest = Some(FarthestShare { shard, source, share, weight: *weight, shards: 0 });
                }
            }
        }
    }
    Ok(farthest.map(|far| FarthestShare { shards: n_shards, ..far }))
}
