//! The tables of dedup for a spreadsheet: the same rows, as many as a spreadsheet holds.

use std::io::Write;

use crate::error::{Context, Result};
use crate::report::sheet::Sheet;
use crate::store::Folder;
use crate::store::table::TableReader;

use super::super::steps::dedup::tables::{CLUSTERS, ClusterRow, PAIRS, PairRow};

/// Their names in the build folder.
pub const CLUSTERS_CSV: &str = "dedup/clusters.csv";
pub const PAIRS_CSV: &str = "dedup/pairs.csv";

/// Writes one of them into `out`: how many rows it has. Ids and URLs are left out where texts are.
///
/// # Errors
/// When a table cannot be read, or `out` not be written.
pub fn sheet(folder: &Folder, path: &str, with_text: bool, out: impl Write) -> Result<u64> {
    let name = |name: String| if with_text { name } else { String::new() };
    let (mut out, rows) = if path == CLUSTERS_CSV { clusters(folder, name, out) } else { pairs(folder, name, out) }?;
    out.flush().context(|| format!("cannot write {path}"))?;
    Ok(rows)
}

/// Memory: the rows of one cluster, so that each says how many it has.
fn clusters<W: Write>(folder: &Folder, name: impl Fn(String) -> String, out: W) -> Result<(W, u64)> {
    let mut sheet = Sheet::new(out, &["cluster", "documents", "survivor", "jaccard", "source", "id", "url", "key"])?;
    let mut rows = TableReader::<ClusterRow>::open(&folder.path(CLUSTERS))?;
    let mut next = rows.next().transpose()?;
    while let Some(first) = next.take().filter(|_| sheet.has_room()) {
        let mut cluster = vec![first];
        for row in rows.by_ref() {
            let row = row?;
            if row.cluster != cluster[0].cluster {
                next = Some(row);
                break;
            }
            cluster.push(row);
        }
        let n = cluster.len().to_string();
        for ClusterRow { cluster, source, id, key, survivor, jaccard, url } in cluster {
            let survivor = if survivor { "yes" } else { "no" }.to_owned();
            let names = [source, name(id), name(url.unwrap_or_default()), key.to_string()];
            let cells: Vec<String> = [cluster.to_string(), n.clone(), survivor, jaccard.to_string()].into_iter().chain(names).collect();
            sheet.push(&cells)?;
        }
    }
    sheet.finish()
}

fn pairs<W: Write>(folder: &Folder, name: impl Fn(String) -> String, out: W) -> Result<(W, u64)> {
    let head = ["verdict", "jaccard", "containment", "shared", "distinct", "source_a", "id_a", "source_b", "id_b", "key_a", "key_b"];
    let mut sheet = Sheet::new(out, &head)?;
    let mut rows = TableReader::<PairRow>::open(&folder.path(PAIRS))?;
    while let Some(row) = rows.next().filter(|_| sheet.has_room()) {
        let PairRow { source_a, id_a, source_b, id_b, jaccard, containment, shared, distinct, verdict, key_a, key_b } = row?;
        let numbers = [jaccard.to_string(), containment.to_string(), shared.to_string(), distinct.to_string()];
        let names = [source_a, name(id_a), source_b, name(id_b), key_a.to_string(), key_b.to_string()];
        let cells: Vec<String> = std::iter::once(verdict).chain(numbers).chain(names).collect();
        sheet.push(&cells)?;
    }
    sheet.finish()
}
