//! The dictionary that a `.warc.zst` file may begin with, as the Internet Archive writes them (IIPC, "Zstandard compression for WARC files", 2021):
//! a skippable frame that holds a zstd dictionary, itself perhaps compressed. Every later frame needs it.

use std::io::{self, Read};

use crate::codec::{Coding, Feed, Outcome, SKIPPABLE, ZSTD_MAGIC, decode_body, skippable};

/// First bytes of the frame.
const FRAME: [u8; 4] = [0x5D, 0x2A, 0x4D, 0x18];
/// First bytes of a dictionary (RFC 8878 section 5).
const DICTIONARY: [u8; 4] = [0x37, 0xA4, 0x30, 0xEC];
/// Bytes of a dictionary, packed or not; zstd trains 110 KiB by default, and larger ones do not pay. What is larger is passed over.
const LARGEST: usize = 8 << 20;

/// The dictionary of a file that was not yet consumed from; empty when it has none. Only what the file holds is allocated.
///
/// # Errors
/// What the operating system says.
pub(super) fn dictionary(feed: &mut Feed<impl Read>) -> io::Result<Vec<u8>> {
    let Some(length) = length(feed.data()).filter(|&length| length <= LARGEST) else { return Ok(Vec::new()) };
    let end = SKIPPABLE + length;
    while feed.data().len() < end && feed.more()? {}
    let content = feed.data().get(SKIPPABLE..end).unwrap_or_default();
    let mut dictionary = Vec::new();
    if content.starts_with(&ZSTD_MAGIC) {
        if decode_body(Coding::Zstd, content, &mut dictionary, LARGEST) != Outcome::Whole {
            dictionary.clear();
        }
    } else {
        dictionary.extend_from_slice(content);
    }
    Ok(if dictionary.starts_with(&DICTIONARY) { dictionary } else { Vec::new() })
}

/// What the frame's header declares.
fn length(data: &[u8]) -> Option<usize> {
    let length = skippable(data).filter(|_| data.starts_with(&FRAME))?;
    usize::try_from(length).ok()
}
