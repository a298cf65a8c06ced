//! Links at rest: a Parquet table that says of each URL and domain by its hash what was counted, with a version and a seal. It is kept so that karma and
//! adult links can be chosen when it is used.

use std::path::Path;

use crate::error::{Context, Error, Result};
use crate::store::table::TableReader;
use crate::text::hash::hash64_seeded;

crate::table! {
    /// Submissions of one sort that link to one URL, or what a domain table says of one domain; ascending by url, scored, over_18 and self_post, the domains after the URLs.
    pub struct LinkRow {
        /// XXH3-64 of the normalised URL; null for the row of a domain table.
        url: Option<u64>,
        /// XXH3-64 of the registered domain.
        domain: u64,
        /// Submissions; of a domain table, the links that it states.
        links: u32,
        /// Their scores, added up, signed; 0 where they have none.
        karma: i64,
        /// They have scores; a URL that is listed without one has reached any least karma.
        scored: bool,
        /// Reddit marks them as adult.
        over_18: bool,
        /// They are posts on Reddit itself.
        self_post: bool,
        /// Version of this table, the same in all rows: another one where a hash or a rule of normalised URLs is another.
        version: u32,
        /// In the last row alone: XXH3-64 over all rows.
        seal: Option<u64>,
    }
}

/// Raised with the layout, the hash, and any rule of `text::url::normalise` or `registered_domain`.
pub(super) const VERSION: u32 = 1;

/// The hash over all rows so far: of each row's values as little-endian bytes, seeded by that of the rows before.
#[derive(Default)]
pub(super) struct Sealer(u64);

impl Sealer {
    pub(super) fn add(&mut self, row: &LinkRow) -> u64 {
        let flags = [row.scored, row.over_18, row.self_post, row.url.is_some()];
        let mut bytes = [0; 36];
        bytes[..8].copy_from_slice(&row.url.unwrap_or(0).to_le_bytes());
        bytes[8..16].copy_from_slice(&row.domain.to_le_bytes());
        bytes[16..24].copy_from_slice(&row.karma.to_le_bytes());
        bytes[24..28].copy_from_slice(&row.links.to_le_bytes());
        bytes[28..32].copy_from_slice(&flags.map(u8::from));
        bytes[32..].copy_from_slice(&row.version.to_le_bytes());
        self.0 = hash64_seeded(&bytes, self.0);
        self.0
    }
}

/// Whether a file has the columns of a link table, of any version and whether or not it is whole.
pub fn is_table(path: &Path) -> bool {
    TableReader::<LinkRow>::open(path).is_ok()
}

/// Hands on the rows of a table.
///
/// # Errors
/// When the file is no link table, is of another version, or is not as it was written: its rows are out of order, or the seal is another.
pub(super) fn each(path: &Path, mut told: impl FnMut(LinkRow)) -> Result<()> {
    let broken =
        |what: &str| Error::new(format!("cannot use the link table {}: {what}; make it again with `gristmill links`", path.display()));
    let rows = TableReader::<LinkRow>::open(path).context(|| format!("cannot use {} as a link table", path.display()))?;
    let mut sealer = Sealer::default();
    // Of the row before: its place in the order, and its seal with the one that it should have.
    let (mut last, mut sealed) = (None, (Some(0), 0));
    for row in rows {
        let row = row?;
        if row.version != VERSION {
            return Err(broken(&format!("it is of version {}, this program reads {VERSION}", row.version)));
        }
        let place = Some((row.url.is_none(), row.url.unwrap_or(row.domain), row.scored, row.over_18, row.self_post));
        if place <= last {
            return Err(broken("its rows are out of order"));
        }
        (last, sealed) = (place, (row.seal, sealer.add(&row)));
        told(row);
    }
    if sealed.0 == Some(sealed.1) { Ok(()) } else { Err(broken("its seal does not fit its rows")) }
}
