//! Digests of WARC records (ISO 28500, sections 5.8 and 5.9): what a field `WARC-Block-Digest` or `WARC-Payload-Digest` says, and whether bytes are what it says.
//!
//! A label is an algorithm, a colon and the digest. The standard leaves the spelling open: base32 is usual, warcio and others also write base64 or base64url, most SHA-256
//! come as hexadecimal digits. Which one it is follows from the length, which of no two is the same for a digest of one size.

use data_encoding::{BASE32_NOPAD_NOCASE, BASE64_NOPAD, BASE64URL_NOPAD, Encoding, HEXLOWER_PERMISSIVE};
use md5::Md5;
use serde::Serialize;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

use super::dialect::is_named;
use super::head::{Head, RecordType};
use super::http;

/// Bytes of the longest digest.
const MOST: usize = 64;

/// How the digests of a file's records came out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct DigestCounts {
    /// Digests that were compared with their bytes; a record may have one of its block and one of its payload.
    pub checked: u64,
    /// Of these, blocks that are not what their digest says.
    pub block_wrong: u64,
    /// Of these, payloads that are not.
    pub payload_wrong: u64,
    /// By an algorithm that is not known here.
    pub unknown: u64,
    /// No algorithm and digest, or a digest as long as no spelling of one of its algorithm.
    pub unreadable: u64,
    /// Of records whose bytes are not all here, or whose length was wrong so that their end is a guess; and payloads of revisits, which are those of other records.
    pub unchecked: u64,
}

impl DigestCounts {
    /// Counts those of another part of the same file.
    pub(super) fn add(&mut self, more: &Self) {
        let Self { checked, block_wrong, payload_wrong, unknown, unreadable, unchecked } = self;
        for (counts, n) in [
            (checked, more.checked),
            (block_wrong, more.block_wrong),
            (payload_wrong, more.payload_wrong),
            (unknown, more.unknown),
            (unreadable, more.unreadable),
            (unchecked, more.unchecked),
        ] {
            *counts += n;
        }
    }
}

/// What a field says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// `None` where it is as long as a digest and not in its alphabet, so that no bytes are what it says.
    Known(Algorithm, Option<[u8; MOST]>),
    Unknown,
    /// With the bytes that stand behind an algorithm that is known, if one does.
    Unreadable(usize),
}

impl Label {
    /// True of what was a digest: what some tools write instead of one, such as `sha1:null`, is shorter.
    pub(super) fn is_garbled(self) -> bool {
        match self {
            Label::Known(_, digest) => digest.is_none(),
            Label::Unreadable(length) => Algorithm::Md5.bytes() <= length,
            Label::Unknown => false,
        }
    }

    /// True of what some tools write that is not the digest of the block: that of nothing, zeros, and that of the payload, with its chunks or without them.
    pub(super) fn is_of_another(self, block: &[u8]) -> bool {
        let Label::Known(_, Some(digest)) = self else { return false };
        let is = |bytes: &[u8]| self.is_of(bytes) == Some(true);
        digest == [0; MOST] || is(b"") || http::payload(block).is_some_and(|payload| is_of_payload(payload, &mut Vec::new(), &is))
    }

    /// Whether it is the digest of these bytes; `None` where it cannot be told.
    pub(super) fn is_of(self, bytes: &[u8]) -> Option<bool> {
        match self {
            Label::Known(algorithm, Some(digest)) => Some(algorithm.digest(bytes) == digest),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

/// The labels of one record; none is looked at unless somebody asked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Labels {
    pub(super) asked: bool,
    pub(super) block: Option<Label>,
    pub(super) payload: Option<Label>,
}

impl Labels {
    /// Forgets those of the record before.
    pub(super) fn clear(&mut self) {
        (self.block, self.payload) = (None, None);
    }
}

impl Algorithm {
    const NAMES: [(&[u8], Self); 7] = [
        (b"sha1", Algorithm::Sha1),
        (b"sha-1", Algorithm::Sha1),
        (b"sha256", Algorithm::Sha256),
        (b"sha-256", Algorithm::Sha256),
        (b"md5", Algorithm::Md5),
        (b"sha512", Algorithm::Sha512),
        (b"sha-512", Algorithm::Sha512),
    ];

    fn of(name: &[u8]) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, algorithm)| *algorithm)
    }

    fn bytes(self) -> usize {
        match self {
            Algorithm::Md5 => 16,
            Algorithm::Sha1 => 20,
            Algorithm::Sha256 => 32,
            Algorithm::Sha512 => MOST,
        }
    }

    fn digest(self, bytes: &[u8]) -> [u8; MOST] {
        let mut digest = [0; MOST];
        let out = &mut digest[..self.bytes()];
        match self {
            Algorithm::Md5 => out.copy_from_slice(&Md5::digest(bytes)),
            Algorithm::Sha1 => out.copy_from_slice(&Sha1::digest(bytes)),
            Algorithm::Sha256 => out.copy_from_slice(&Sha256::digest(bytes)),
            Algorithm::Sha512 => out.copy_from_slice(&Sha512::digest(bytes)),
        }
        digest
    }
}

/// Reads the value of a field, without white space around it.
pub(super) fn label(value: &[u8]) -> Label {
    let Some(colon) = memchr::memchr(b':', value) else {
        // Something else stands for the colon: by damage, or as its writer meant it.
        let known = Algorithm::NAMES.iter().find_map(|&(name, algorithm)| {
            let digest = value.get(name.len() + 1..).filter(|_| is_named(value, name))?;
            Some(Label::Known(algorithm, Some(decode(algorithm, digest)??)))
        });
        return known.unwrap_or(Label::Unreadable(0));
    };
    let (name, digest) = (value[..colon].trim_ascii(), value[colon + 1..].trim_ascii());
    if name.is_empty() || digest.is_empty() {
        return Label::Unreadable(0);
    }
    let Some(algorithm) = Algorithm::of(name) else { return Label::Unknown };
    decode(algorithm, digest).map_or(Label::Unreadable(digest.len()), |bytes| Label::Known(algorithm, bytes))
}

/// The bytes of a digest, the rest zeros; `None` where it has the length of no spelling, and of none of its letters where they are of another alphabet.
fn decode(algorithm: Algorithm, digest: &[u8]) -> Option<Option<[u8; MOST]>> {
    let n_padding = digest.iter().rev().take_while(|&&byte| byte == b'=').count();
    let digits = &digest[..digest.len() - n_padding];
    let is_url = digits.iter().any(|byte| matches!(byte, b'-' | b'_'));
    let base64 = if is_url { BASE64URL_NOPAD } else { BASE64_NOPAD };
    let encodings: [Encoding; 3] = [HEXLOWER_PERMISSIVE, BASE32_NOPAD_NOCASE, base64];
    let encoding = encodings.iter().find(|encoding| encoding.encode_len(algorithm.bytes()) == digits.len())?;
    let mut bytes = [0; MOST];
    let decoded = encoding.decode_mut(digits, &mut bytes[..algorithm.bytes()]);
    Some(decoded.ok().map(|_| bytes))
}

/// Checks the digests of one record and counts them; `fault` is told the names of those that are wrong or cannot be used. `whole` says that the block is all that the record
/// held. `chunks` is a buffer that is reused.
///
/// The payload of an HTTP message is what stands behind its head. Content encodings are part of it; of chunks some tools hold that they are, and others that they are not, so
/// either is right. Of a record that is no HTTP message the payload is the block.
pub(super) fn check(
    head: &Head,
    block: &[u8],
    whole: bool,
    chunks: &mut Vec<u8>,
    counts: &mut DigestCounts,
    fault: &mut dyn FnMut(&'static str),
) {
    let is_revisit = head.kind == Some(RecordType::Revisit);
    if check_one(head.digests.block, whole, counts, fault, |fits| fits(block)) {
        counts.block_wrong += 1;
        fault("wrong-block-digest");
    }
    let payload = |fits: &dyn Fn(&[u8]) -> bool| {
        let is_http = matches!(head.kind, Some(RecordType::Response | RecordType::Request));
        let payload = Some(block).filter(|_| is_http).and_then(http::payload);
        payload.map_or_else(|| fits(block), |payload| is_of_payload(payload, chunks, fits))
    };
    if check_one(head.digests.payload, whole && !is_revisit, counts, fault, payload) {
        counts.payload_wrong += 1;
        fault("wrong-payload-digest");
    }
}

/// Whether a digest fits a payload, or where it is in chunks what is in them.
fn is_of_payload((payload, chunked): (&[u8], bool), chunks: &mut Vec<u8>, fits: &dyn Fn(&[u8]) -> bool) -> bool {
    fits(payload) || chunked && http::without_chunks(payload, chunks) && fits(chunks)
}

/// Counts one digest; true where it is another than that of all bytes that `offer` tries it on.
fn check_one(
    label: Option<Label>,
    whole: bool,
    counts: &mut DigestCounts,
    fault: &mut dyn FnMut(&'static str),
    offer: impl FnOnce(&dyn Fn(&[u8]) -> bool) -> bool,
) -> bool {
    match label {
        None => {}
        Some(Label::Unknown) => {
            counts.unknown += 1;
            fault("digest-unknown");
        }
        Some(Label::Unreadable(_)) => {
            counts.unreadable += 1;
            fault("digest-unreadable");
        }
        Some(Label::Known(..)) if !whole => counts.unchecked += 1,
        Some(label @ Label::Known(..)) => {
            counts.checked += 1;
            return !offer(&|bytes| label.is_of(bytes) == Some(true));
        }
    }
    false
}

#[cfg(test)]
mod tests;
