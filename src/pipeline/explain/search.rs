//! Finds records by key, id or URL. Of each table only these columns are read.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::document::Key;
use crate::error::Result;
use crate::removal;
use crate::store::Folder;
use crate::store::table::{TableReader, each_row};
use crate::text::url;

use super::super::steps::extract::RemovedRow;

/// Records that a hint names.
const NEAR: usize = 4;

crate::table! {
    /// What a document is called.
    pub struct NameRow {
        /// The document's key.
        key: Key,
        /// What the input calls it.
        id: String,
        /// Where it was found on the web.
        url: Option<String>,
    }
}

crate::table! {
    /// What a rejected record is called.
    pub struct LostRow {
        /// What the input calls it, as far as it could be read.
        id: String,
        /// Where it was found on the web.
        url: Option<String>,
    }
}

/// A table of records: `documents/SOURCE/NNNNN.parquet` or `rejected/SOURCE/NNNNN.parquet`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub path: String,
    /// "SOURCE/NNNNN".
    pub name: String,
    pub source: String,
    pub is_rejected: bool,
}

impl Table {
    /// The table at a path of the build folder, when it is one of records.
    pub fn at(path: &str) -> Option<Self> {
        let (kind, name) = path.strip_suffix(".parquet")?.split_once('/')?;
        let is_rejected = match kind {
            "documents" => false,
            "rejected" => true,
            _ => return None,
        };
        let source = name.rsplit_once('/')?.0.to_owned();
        Some(Self { path: path.to_owned(), name: name.to_owned(), source, is_rejected })
    }
}

/// A record that was found.
#[derive(Clone, Debug)]
pub struct Found {
    pub table: Table,
    /// From 0.
    pub row: u64,
}

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    key: Option<Key>,
    id: String,
    url: Option<String>,
}

impl Wanted {
    /// The angle brackets of a WARC header and the number of a piece (`ID#k`) may stand in the id.
    pub fn new(target: &str) -> Self {
        let target = target.trim();
        let id = target.strip_prefix('<').and_then(|inner| inner.strip_suffix('>')).unwrap_or(target).to_owned();
        Self { key: target.parse().ok(), id, url: url::normalise(target) }
    }

    /// The same without the number of a piece, where it ends in one.
    fn whole(&self) -> Option<Self> {
        let (id, piece) = self.id.rsplit_once('#')?;
        let is_piece = !piece.is_empty() && piece.bytes().all(|b| b.is_ascii_digit());
        is_piece.then(|| Self { key: None, id: id.to_owned(), url: None })
    }

    fn fits(&self, key: Option<Key>, id: &str, url: Option<&str>) -> bool {
        let same_url = |url: &str| url == self.id || (self.url.is_some() && url::normalise(url) == self.url);
        (key.is_some() && key == self.key) || id == self.id || url.is_some_and(same_url)
    }

    /// Holds what is wanted, or is a page of the same host.
    fn is_near(&self, id: &str, url: Option<&str>) -> bool {
        let lower = self.id.to_lowercase();
        let host = self.url.as_deref().and_then(url::host);
        let holds = |text: &str| 3 < lower.len() && text.to_lowercase().contains(&lower);
        let same_host = |url: &str| host.is_some() && url::host(url) == host;
        holds(id) || url.is_some_and(|url| holds(url) || same_host(url))
    }
}

/// Every record that fits, in the order of tables and rows; documents first.
pub fn find(folder: &Folder, tables: &[Table], wanted: &Wanted) -> Result<Vec<Found>> {
    let look = |wanted: &Wanted| -> Result<Vec<Found>> {
        let parts = tables.par_iter().map(|table| {
            let mut rows = Vec::new();
            each(folder, table, |row, key, id, url| {
                if wanted.fits(key, &id, url.as_deref()) {
                    rows.push(row);
                }
            })?;
            Ok(rows.into_iter().map(|row| Found { table: table.clone(), row }).collect::<Vec<_>>())
        });
        Ok(parts.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    };
    let found = look(wanted)?;
    match wanted.whole() {
        Some(whole) if found.is_empty() => look(&whole),
        _ => Ok(found),
    }
}

/// What another document is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// Its source as it was read.
    pub source: String,
    pub id: String,
    pub url: Option<String>,
}

/// The names of documents, by key.
pub fn names(folder: &Folder, tables: &[Table], keys: &BTreeSet<Key>) -> Result<BTreeMap<Key, Name>> {
    let documents = tables.par_iter().filter(|table| !table.is_rejected && !keys.is_empty());
    let parts = documents.map(|table| {
        let mut names = Vec::new();
        each(folder, table, |_, key, id, url| {
            names.extend(key.filter(|key| keys.contains(key)).map(|key| (key, Name { source: table.source.clone(), id, url })));
        })?;
        Ok(names)
    });
    Ok(parts.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
}

/// True when a list asked for its removal. The tables hold hashes of names, so only who knows a name can ask.
pub fn is_removed(folder: &Folder, tables: &[String], wanted: &Wanted) -> Result<bool> {
    let names: Vec<String> =
        removal::own_names(&wanted.id, wanted.key, wanted.url.as_deref()).into_iter().map(|name| format!("{name:032x}")).collect();
    for table in tables {
        for row in TableReader::<RemovedRow>::open(&folder.path(table))? {
            if row?.names.split(' ').any(|name| names.iter().any(|wanted| wanted == name)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// What a search went through.
#[derive(Clone, Debug, Default)]
pub struct Searched {
    pub documents: u64,
    pub rejected: u64,
    pub sources: Vec<String>,
}

/// A few records that resemble what is wanted, for a hint.
pub fn near(folder: &Folder, tables: &[Table], wanted: &Wanted) -> Result<(Vec<String>, Searched)> {
    let mut searched = Searched::default();
    let mut near: Vec<String> = Vec::new();
    for table in tables {
        each(folder, table, |_, _, id, url| {
            let n = if table.is_rejected { &mut searched.rejected } else { &mut searched.documents };
            *n += 1;
            if near.len() < NEAR && wanted.is_near(&id, url.as_deref()) {
                near.push(url.filter(|_| wanted.url.is_some()).unwrap_or(id));
            }
        })?;
        if !searched.sources.contains(&table.source) {
            searched.sources.push(table.source.clone());
        }
    }
    Ok((near, searched))
}

/// Row, key, id and URL of every record of a table.
fn each(folder: &Folder, table: &Table, mut told: impl FnMut(u64, Option<Key>, String, Option<String>)) -> Result<()> {
    let path = folder.path(&table.path);
    let read = if table.is_rejected {
        each_row::<LostRow>(&path, |row, LostRow { id, url }| {
            told(row, None, id, url);
            Ok(())
        })
    } else {
        each_row::<NameRow>(&path, |row, NameRow { key, id, url }| {
            told(row, Some(key), id, url);
            Ok(())
        })
    };
    read.map(drop)
}
