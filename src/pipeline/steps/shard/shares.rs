//! What each shard holds of each source.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::store::table::TableWriter;
use crate::store::{Folder, Written};

crate::table! {
    /// What a shard holds of a source.
    pub struct ShareRow {
        /// The shard.
        shard: String,
        /// The source.
        source: String,
        /// Rows of it.
        rows: u64,
        /// Tokens of these rows.
        tokens: u64,
        /// Its share of the shard's tokens, in 0..=1.
        share: f64,
    }
}

/// Folder of these tables.
pub const SHARES: &str = "order/shares/";

/// What shards of a partition hold.
pub fn shares_path(partition: usize) -> String {
    format!("{SHARES}{partition:05}.parquet")
}

/// Rows and tokens of each source in each shard of a partition.
#[derive(Default)]
pub(super) struct Shares(Vec<(String, BySource)>);

type BySource = BTreeMap<String, (u64, u64)>;

impl Shares {
    pub fn begin(&mut self, shard: &str) {
        self.0.push((shard.to_owned(), BTreeMap::new()));
    }

    pub fn add(&mut self, source: &str, tokens: u64) {
        let Some((_, sources)) = self.0.last_mut() else { return };
        let of = sources.entry(source.to_owned()).or_default();
        *of = (of.0 + 1, of.1 + tokens);
    }

    pub fn write(self, folder: &Folder, path: &str) -> Result<Written> {
        let mut table = TableWriter::create(folder, path)?;
        for (shard, sources) in self.0 {
            let all: u64 = sources.values().map(|(_, tokens)| tokens).sum();
            for (source, (rows, tokens)) in sources {
                let share = tokens as f64 / all.max(1) as f64;
                table.push(ShareRow { shard: shard.clone(), source, rows, tokens, share })?;
            }
        }
        table.finish()
    }
}
