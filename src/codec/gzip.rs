//! Gzip members as wholes (RFC 1952): where one may begin, how long its header is, and its content by libdeflate, which is half
//! again as fast as a streaming decoder but says only what a given slice holds, not where in it the member ended.

use std::fmt;

use libdeflater::Decompressor;
use memchr::memmem;

/// First bytes of a member: magic and the one method that exists.
pub const MAGIC: [u8; 3] = [0x1F, 0x8B, 0x08];
/// A header without options.
pub const HEADER: usize = 10;
/// CRC-32 and length.
const TRAILER: usize = 8;
/// The shortest member: a header, an empty block, a trailer.
pub const SHORTEST: usize = HEADER + 2 + TRAILER;
/// Deflate cannot do better: 258 bytes from two bits.
const MOST_RATIO: usize = 1032;

/// Where the first member may begin in these bytes: the magic, and no reserved flag. Only the bytes of a whole plain header count.
pub fn find(bytes: &[u8]) -> Option<usize> {
    memmem::find_iter(bytes, &MAGIC).find(|&at| bytes.len() >= at + HEADER && bytes[at + 3] & 0xE0 == 0)
}

/// Length of the header at the start of these bytes, if it is one and whole.
fn header(bytes: &[u8]) -> Option<usize> {
    if bytes.len() < HEADER || !bytes.starts_with(&MAGIC) || bytes[3] & 0xE0 != 0 {
        return None;
    }
    let flags = bytes[3];
    let mut at = HEADER;
    if flags & 4 != 0 {
        let length = bytes.get(at..at + 2)?;
        at += 2 + usize::from(u16::from_le_bytes([length[0], length[1]]));
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += memchr::memchr(0, bytes.get(at..)?)? + 1;
        }
    }
    // The header's own checksum is not looked at: the content has a better one.
    at += if flags & 2 != 0 { 2 } else { 0 };
    (at <= bytes.len()).then_some(at)
}

/// Whether a member may begin with these bytes: a whole header, and a block behind it that is none of what no block is. Of all bytes that hold the magic by chance or by
/// somebody's will nearly none are left, at no cost beside that of a decoder.
pub fn may_begin(bytes: &[u8]) -> bool {
    let Some(at) = header(bytes) else { return false };
    let Some(first) = bytes.get(at) else { return true };
    match (first >> 1) & 3 {
        // Stored: the length, and the same inverted.
        0 => bytes.get(at + 1..at + 5).is_none_or(|length| length[0] == !length[2] && length[1] == !length[3]),
        3 => false,
        _ => true,
    }
}

/// Inflates members that lie whole in memory.
pub struct Inflater(Decompressor);

impl Inflater {
    pub fn new() -> Self {
        Self(Decompressor::new())
    }

    /// Inflates a slice that is exactly one member and appends its content to the first `at` bytes of `out`, which only ever grows.
    /// Gives the length of the content; `None` when the slice is not exactly one whole, sound member or holds more than `cap` bytes.
    /// What it declares is believed only as far as its own bytes could hold it.
    pub fn whole(&mut self, member: &[u8], out: &mut Vec<u8>, at: usize, cap: usize) -> Option<usize> {
        let header = header(member)?;
        let content = member.len().checked_sub(TRAILER).filter(|&end| header <= end)?;
        let trailer = &member[content..];
        let checksum = u32::from_le_bytes(trailer[..4].try_into().expect("four bytes were sliced"));
        let length = u32::from_le_bytes(trailer[4..].try_into().expect("four bytes were sliced")) as usize;
        if cap.min(member.len().saturating_mul(MOST_RATIO)) < length {
            return None;
        }
        if out.len() < at + length {
            out.resize(at + length, 0);
        }
        let target = &mut out[at..at + length];
        let written = self.0.deflate_decompress(&member[header..content], target).ok()?;
        let sound = written == length && libdeflater::crc32(target) == checksum;
        // The same eight bytes further ahead could be the true end, and what follows them the end of a copy of this member.
        let once = memmem::find(&member[header..member.len() - 1], trailer).is_none();
        (sound && once).then_some(length)
    }
}

impl Default for Inflater {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Inflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inflater")
    }
}
