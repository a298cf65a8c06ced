//! Fixed-size records of the dedup shuffle, and of that of the step `urls`.

use crate::dedup::recall::Drawn;
use crate::dedup::{Addressed, Evidence, Member, Rank, ShingleSet};
use crate::document::Key;
use crate::error::{Error, Result};

/// A document under one band key, or under its exact hash.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub band_key: u64,
    pub member: Member,
}

impl Entry {
    pub fn to_bytes(&self) -> [u8; 80] {
        let mut bytes = [0; 80];
        let Member { document, group, host, exact, rank } = &self.member;
        bytes[..8].copy_from_slice(&self.band_key.to_le_bytes());
        bytes[8..16].copy_from_slice(&document.to_le_bytes());
        bytes[16..20].copy_from_slice(&group.to_le_bytes());
        bytes[20..28].copy_from_slice(&host.to_le_bytes());
        bytes[28..44].copy_from_slice(&exact.to_le_bytes());
        bytes[44..].copy_from_slice(&rank_to_bytes(rank));
        bytes
    }

    /// The band key alone.
    pub fn key_of(bytes: &[u8]) -> Result<u64> {
        Fields(bytes).u64()
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields(bytes);
        let (band_key, document) = (fields.u64()?, fields.u64()?);
        let (group, host, exact) = (fields.u32()?, fields.u64()?, fields.u128()?);
        Ok(Self { band_key, member: Member { document, group, host, exact, rank: fields.rank()? } })
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
    const BYTES: usize = 17;

    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
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

/// A row of a file whose shingles a partition of pairs needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    pub row: u64,
    pub partition: u32,
}

impl Wanted {
    pub fn to_bytes(self) -> [u8; 12] {
        let mut bytes = [0; 12];
        bytes[..8].copy_from_slice(&self.row.to_le_bytes());
        bytes[8..].copy_from_slice(&self.partition.to_le_bytes());
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields(bytes);
        Ok(Self { row: fields.u64()?, partition: fields.u32()? })
    }
}

/// A document on its way to where it is compared.
pub struct Shingled {
    pub document: u64,
    pub rank: Rank,
    pub shingles: ShingleSet,
}

impl Shingled {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = ranked_to_bytes(self.document, &self.rank).to_vec();
        bytes.extend(self.shingles.hashes().iter().flat_map(|hash| hash.to_le_bytes()));
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (head, rest) = bytes.split_at_checked(RANKED_BYTES).ok_or_else(damaged)?;
        let (document, rank) = ranked_from_bytes(head)?;
        let (hashes, []) = rest.as_chunks::<8>() else { return Err(damaged()) };
        let shingles = ShingleSet::of_sorted(hashes.iter().map(|hash| u64::from_le_bytes(*hash)).collect()).ok_or_else(damaged)?;
        Ok(Self { document, rank, shingles })
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
    /// Share of the worse text's shingles that stand in the better one, in 0..=1.
    pub fn of_worse(&self) -> f64 {
        if self.of_b == 0 { 0.0 } else { self.shared as f64 / self.of_b as f64 }
    }

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
        let (head, rest) = bytes.split_at_checked(Candidate::BYTES).ok_or_else(damaged)?;
        let mut fields = Fields(rest);
        let (shared, of_a, of_b) = (fields.u64()?, fields.u64()?, fields.u64()?);
        // What evidence divides by must be above 0.
        if of_a < shared || of_b < shared {
            return Err(damaged());
        }
        Ok(Self { candidate: Candidate::from_bytes(head)?, shared, of_a, of_b })
    }
}

const RANKED_BYTES: usize = 8 + RANK_BYTES;
const RANK_BYTES: usize = 36;

/// A document of a checked pair, as the choice of survivors sees it.
pub fn ranked_to_bytes(document: u64, rank: &Rank) -> [u8; RANKED_BYTES] {
    let mut bytes = [0; RANKED_BYTES];
    bytes[..8].copy_from_slice(&document.to_le_bytes());
    bytes[8..].copy_from_slice(&rank_to_bytes(rank));
    bytes
}

pub fn ranked_from_bytes(bytes: &[u8]) -> Result<(u64, Rank)> {
    let mut fields = Fields(bytes);
    Ok((fields.u64()?, fields.rank()?))
}

fn rank_to_bytes(rank: &Rank) -> [u8; RANK_BYTES] {
    let mut bytes = [0; RANK_BYTES];
    bytes[..4].copy_from_slice(&rank.priority.to_le_bytes());
    bytes[4..12].copy_from_slice(&rank.preferences[0].to_le_bytes());
    bytes[12..20].copy_from_slice(&rank.preferences[1].to_le_bytes());
    bytes[20..].copy_from_slice(&rank.key.0.to_le_bytes());
    bytes
}

/// A document that may be in the sample of recall.
pub fn drawn_to_bytes(drawn: &Drawn) -> [u8; 68] {
    let mut bytes = [0; 68];
    bytes[..8].copy_from_slice(&drawn.group.to_le_bytes());
    bytes[8..24].copy_from_slice(&drawn.key.0.to_le_bytes());
    bytes[24..32].copy_from_slice(&drawn.document.to_le_bytes());
    bytes[32..48].copy_from_slice(&drawn.exact.to_le_bytes());
    bytes[48..52].copy_from_slice(&drawn.priority.to_le_bytes());
    bytes[52..60].copy_from_slice(&drawn.host.to_le_bytes());
    bytes[60..].copy_from_slice(&drawn.length.to_le_bytes());
    bytes
}

pub fn drawn_from_bytes(bytes: &[u8]) -> Result<Drawn> {
    let mut fields = Fields(bytes);
    let (group, key, document, exact) = (fields.u64()?, Key(fields.u128()?), fields.u64()?, fields.u128()?);
    Ok(Drawn { group, key, document, exact, priority: fields.u32()?, host: fields.u64()?, length: fields.u64()? })
}

/// The length of a document's text.
pub fn length_from_bytes(bytes: &[u8]) -> Result<u64> {
    Fields(bytes).u64()
}

/// What an index holds of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    pub row: u64,
    pub key: Key,
    pub host: u64,
    pub exact: u128,
    /// Hash of its normalised URL; 0 of a document without one.
    pub url: u128,
    pub band_keys: Vec<u64>,
}

impl Kept {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64 + 8 * self.band_keys.len());
        bytes.extend_from_slice(&self.row.to_le_bytes());
        bytes.extend_from_slice(&self.key.0.to_le_bytes());
        bytes.extend_from_slice(&self.host.to_le_bytes());
        bytes.extend_from_slice(&self.exact.to_le_bytes());
        bytes.extend_from_slice(&self.url.to_le_bytes());
        self.band_keys.iter().for_each(|key| bytes.extend_from_slice(&key.to_le_bytes()));
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields(bytes);
        let (row, key, host) = (fields.u64()?, Key(fields.u128()?), fields.u64()?);
        let (exact, url) = (fields.u128()?, fields.u128()?);
        let (band_keys, []) = fields.0.as_chunks::<8>() else { return Err(damaged()) };
        Ok(Self { row, key, host, exact, url, band_keys: band_keys.iter().map(|key| u64::from_le_bytes(*key)).collect() })
    }
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
    /// Jaccard similarity to it.
    pub similarity: f64,
    /// Share of its shingles that stand in the survivor.
    pub containment: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Survives,
    Exact,
    Near,
    Contained,
}

impl Found {
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(45);
        bytes.extend_from_slice(&self.row.to_le_bytes());
        bytes.push(self.verdict as u8);
        bytes.extend_from_slice(&self.cluster.0.to_le_bytes());
        bytes.extend_from_slice(&self.winner.to_le_bytes());
        bytes.extend_from_slice(&self.similarity.to_le_bytes());
        bytes.extend_from_slice(&self.containment.to_le_bytes());
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields(bytes);
        let row = fields.u64()?;
        let verdict = match fields.take::<1>()? {
            [0] => Verdict::Survives,
            [1] => Verdict::Exact,
            [2] => Verdict::Near,
            [3] => Verdict::Contained,
            _ => return Err(damaged()),
        };
        let (cluster, winner) = (Key(fields.u128()?), fields.u32()?);
        let (similarity, containment) = (f64::from_bits(fields.u64()?), f64::from_bits(fields.u64()?));
        Ok(Self { row, verdict, cluster, winner, similarity, containment })
    }
}

/// A document under its URL (step `urls`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UrlEntry(pub Addressed);

impl UrlEntry {
    pub fn to_bytes(self) -> [u8; 16 + RANKED_BYTES] {
        let Addressed { url, document, rank } = self.0;
        let mut bytes = [0; 16 + RANKED_BYTES];
        bytes[..16].copy_from_slice(&url.to_le_bytes());
        bytes[16..].copy_from_slice(&ranked_to_bytes(document, &rank));
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields(bytes);
        Ok(Self(Addressed { url: fields.u128()?, document: fields.u64()?, rank: fields.rank()? }))
    }
}

/// What a document of one file learns: a better one has its URL (step `urls`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UrlLoss {
    pub row: u64,
    /// Key of the better one.
    pub winner: Key,
    /// Priority of its source.
    pub priority: u32,
}

impl UrlLoss {
    pub fn to_bytes(self) -> [u8; 28] {
        let mut bytes = [0; 28];
        bytes[..8].copy_from_slice(&self.row.to_le_bytes());
        bytes[8..24].copy_from_slice(&self.winner.0.to_le_bytes());
        bytes[24..].copy_from_slice(&self.priority.to_le_bytes());
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields(bytes);
        Ok(Self { row: fields.u64()?, winner: Key(fields.u128()?), priority: fields.u32()? })
    }
}

/// What is left of a record to read.
pub struct Fields<'a>(pub &'a [u8]);

impl<'a> Fields<'a> {
    pub fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or_else(damaged)?;
        self.0 = rest;
        Ok(*head)
    }

    fn rank(&mut self) -> Result<Rank> {
        Ok(Rank { priority: self.u32()?, preferences: [self.u64()?, self.u64()?], key: Key(self.u128()?) })
    }

    pub fn u32(&mut self) -> Result<u32> {
        self.take().map(u32::from_le_bytes)
    }

    pub fn u64(&mut self) -> Result<u64> {
        self.take().map(u64::from_le_bytes)
    }

    pub fn u128(&mut self) -> Result<u128> {
        self.take().map(u128::from_le_bytes)
    }

    /// A text as [`push_text`] writes it.
    pub fn text(&mut self) -> Result<&'a str> {
        let length = self.u32()? as usize;
        let (text, rest) = self.0.split_at_checked(length).ok_or_else(damaged)?;
        self.0 = rest;
        std::str::from_utf8(text).map_err(|_| damaged())
    }
}

/// A text after its length.
pub fn push_text(bytes: &mut Vec<u8>, text: &str) {
    let length = u32::try_from(text.len()).expect("names of documents are parts of records, which are far under 4 GiB");
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

pub fn damaged() -> Error {
    Error::new("a work file of dedup is damaged; remove the folder's work/ and run the build again")
}
