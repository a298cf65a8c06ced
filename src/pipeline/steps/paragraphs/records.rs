//! Records of the shuffle of hashes: what a document holds of one partition, and what it loses to one owner.

use crate::document::Key;
use crate::error::{Error, Result};

/// What a document holds.
pub struct Held<'a> {
    pub row: u32,
    /// Of its source: smaller is better.
    pub priority: u32,
    pub key: Key,
    pub hashes: Hashes<'a>,
}

impl<'a> Held<'a> {
    pub fn to_bytes(row: u32, priority: u32, key: Key, hashes: &[u64]) -> Vec<u8> {
        to_bytes(row, priority, key, hashes.iter().copied())
    }

    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self> {
        let (row, priority, key, hashes) = from_bytes(bytes)?;
        Ok(Self { row, priority, key, hashes })
    }
}

/// What a document does not own.
pub struct Lost<'a> {
    pub row: u32,
    /// The owner's key, and the priority of its source.
    pub owner: (Key, u32),
    /// Ascending.
    pub hashes: Hashes<'a>,
}

impl<'a> Lost<'a> {
    pub fn to_bytes(row: u32, owner: &Held<'_>, hashes: impl Iterator<Item = u64>) -> Vec<u8> {
        to_bytes(row, owner.priority, owner.key, hashes)
    }

    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self> {
        let (row, priority, key, hashes) = from_bytes(bytes)?;
        Ok(Self { row, owner: (key, priority), hashes })
    }
}

/// Hashes as they lie in a record.
#[derive(Clone, Copy)]
pub struct Hashes<'a>(&'a [[u8; 8]]);

impl Hashes<'_> {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = u64> {
        self.0.iter().map(|bytes| u64::from_le_bytes(*bytes))
    }
}

fn to_bytes(row: u32, priority: u32, key: Key, hashes: impl Iterator<Item = u64>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(24 + 8 * hashes.size_hint().0);
    bytes.extend_from_slice(&row.to_le_bytes());
    bytes.extend_from_slice(&priority.to_le_bytes());
    bytes.extend_from_slice(&key.0.to_le_bytes());
    hashes.for_each(|hash| bytes.extend_from_slice(&hash.to_le_bytes()));
    bytes
}

fn from_bytes(bytes: &[u8]) -> Result<(u32, u32, Key, Hashes<'_>)> {
    let damaged = || Error::new("a work file of paragraphs is damaged; remove the folder's work/ and run the build again");
    let (row, rest) = bytes.split_first_chunk().ok_or_else(damaged)?;
    let (priority, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let (key, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let (hashes, []) = rest.as_chunks() else { return Err(damaged()) };
    Ok((u32::from_le_bytes(*row), u32::from_le_bytes(*priority), Key(u128::from_le_bytes(*key)), Hashes(hashes)))
}
