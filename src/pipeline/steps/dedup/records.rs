//! Fixed-size records of the dedup shuffle.

use crate::dedup::{Evidence, Member, Rank};
use crate::document::Key;
use crate::error::{Error, Result};

/// A document under one band key, or under its exact hash.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub band_key: u64,
    pub member: Member,
}

impl Entry {
    pub fn to_bytes(&self) -> [u8; 64] {
        let mut bytes = [0; 64];
        let Member { document, group, exact, rank } = &self.member;
        bytes[..8].copy_from_slice(&self.band_key.to_le_bytes());
        bytes[8..16].copy_from_slice(&document.to_le_bytes());
        bytes[16..20].copy_from_slice(&group.to_le_bytes());
        bytes[20..24].copy_from_slice(&rank.priority.to_le_bytes());
        bytes[24..32].copy_from_slice(&rank.length.to_le_bytes());
        bytes[32..48].copy_from_slice(&exact.to_le_bytes());
        bytes[48..].copy_from_slice(&rank.key.0.to_le_bytes());
        bytes
    }

    /// The band key alone.
    pub fn key_of(bytes: &[u8]) -> Result<u64> {
        Fields(bytes).u64()
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields(bytes);
        let (band_key, document, group, priority) = (fields.u64()?, fields.u64()?, fields.u32()?, fields.u32()?);
        let (length, exact, key) = (fields.u64()?, fields.u128()?, Key(fields.u128()?));
        Ok(Self { band_key, member: Member { document, group, exact, rank: Rank { priority, score: None, length, key } } })
    }
}

/// Two documents that share a band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// The better document.
    pub a: u64,
    pub b: u64,
    /// Both texts are the same after folding.
    pub same_text: bool,
}

impl Candidate {
    pub fn to_bytes(self) -> [u8; 17] {
        let mut bytes = [0; 17];
        bytes[..8].copy_from_slice(&self.a.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.b.to_le_bytes());
        bytes[16] = u8::from(self.same_text);
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields(bytes);
        Ok(Self { a: fields.u64()?, b: fields.u64()?, same_text: fields.take::<1>()? != [0] })
    }
}

/// A candidate after the exact look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Checked {
    pub candidate: Candidate,
    /// Shingles in both.
    pub shared: u64,
    /// Shingles of each.
    pub of_a: u64,
    pub of_b: u64,
}

impl Checked {
    pub fn evidence(&self) -> Evidence {
        Evidence::of(self.shared, self.of_a, self.of_b)
    }

    pub fn to_bytes(self) -> [u8; 41] {
        let mut bytes = [0; 41];
        bytes[..17].copy_from_slice(&self.candidate.to_bytes());
        bytes[17..25].copy_from_slice(&self.shared.to_le_bytes());
        bytes[25..33].copy_from_slice(&self.of_a.to_le_bytes());
        bytes[33..].copy_from_slice(&self.of_b.to_le_bytes());
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (head, rest) = bytes.split_at_checked(17).ok_or_else(damaged)?;
        let mut fields = Fields(rest);
        let (shared, of_a, of_b) = (fields.u64()?, fields.u64()?, fields.u64()?);
        // What evidence divides by must be above 0.
        if of_a < shared || of_b < shared {
            return Err(damaged());
        }
        Ok(Self { candidate: Candidate::from_bytes(head)?, shared, of_a, of_b })
    }
}

/// A document of a checked pair, as the choice of survivors sees it.
pub fn ranked_to_bytes(document: u64, rank: &Rank) -> [u8; 36] {
    let mut bytes = [0; 36];
    bytes[..8].copy_from_slice(&document.to_le_bytes());
    bytes[8..12].copy_from_slice(&rank.priority.to_le_bytes());
    bytes[12..20].copy_from_slice(&rank.length.to_le_bytes());
    bytes[20..].copy_from_slice(&rank.key.0.to_le_bytes());
    bytes
}

pub fn ranked_from_bytes(bytes: &[u8]) -> Result<(u64, Rank)> {
    let mut fields = Fields(bytes);
    let (document, priority, length, key) = (fields.u64()?, fields.u32()?, fields.u64()?, Key(fields.u128()?));
    Ok((document, Rank { priority, score: None, length, key }))
}

/// What a document of one file learns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    pub row: u64,
    pub verdict: Verdict,
    /// Key of the survivor.
    pub cluster: Key,
    /// Priority of the survivor's source.
    pub winner: u32,
    pub similarity: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Survives,
    Exact,
    Near,
}

impl Found {
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(37);
        bytes.extend_from_slice(&self.row.to_le_bytes());
        bytes.push(self.verdict as u8);
        bytes.extend_from_slice(&self.cluster.0.to_le_bytes());
        bytes.extend_from_slice(&self.winner.to_le_bytes());
        bytes.extend_from_slice(&self.similarity.to_le_bytes());
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields(bytes);
        let row = fields.u64()?;
        let verdict = match fields.take::<1>()? {
            [0] => Verdict::Survives,
            [1] => Verdict::Exact,
            [2] => Verdict::Near,
            _ => return Err(damaged()),
        };
        let (cluster, winner, similarity) = (Key(fields.u128()?), fields.u32()?, f64::from_bits(fields.u64()?));
        Ok(Self { row, verdict, cluster, winner, similarity })
    }
}

struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or_else(damaged)?;
        self.0 = rest;
        Ok(*head)
    }

    fn u32(&mut self) -> Result<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn u128(&mut self) -> Result<u128> {
        self.take().map(u128::from_le_bytes)
    }
}

fn damaged() -> Error {
    Error::new("a work file of dedup is damaged; remove the folder's work/ and run the build again")
}
