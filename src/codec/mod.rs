//! Compressed streams. Files come in by their path and go out as their whole content: every gzip member, every zstd frame.
//! A cut or corrupt stream is an error after everything before it was delivered, never a silent end. Compression is told by
//! magic bytes (RFC 1952, RFC 8878), never by a file's name. Calls that a signal interrupted are repeated here and never seen outside.

mod body;
mod decoder;
mod feed;
pub(crate) mod gzip;
mod reader;

use std::fs::File;
use std::io::{self, BufRead};
use std::path::Path;

use crate::error::{Context, Result};

pub use body::{Coding, Outcome, decode_body};
pub(crate) use decoder::Decoder;
pub(crate) use feed::Feed;

/// First bytes of a zstd frame.
pub(crate) const ZSTD_MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    Plain,
    Gzip,
    Zstd,
}

impl Compression {
    /// As it is written in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Compression::Plain => "plain",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
        }
    }
}

/// Tells the compression by the first bytes of a file; four are enough, fewer are plain unless they are gzip's.
pub fn detect(first: &[u8]) -> Compression {
    // Skippable zstd frames: 0x184D2A50 to 0x184D2A5F, little endian.
    let skippable = first.len() >= 4 && first[0] & 0xF0 == 0x50 && first[1..4] == [0x2A, 0x4D, 0x18];
    if first.starts_with(&[0x1F, 0x8B]) {
        Compression::Gzip
    } else if first.starts_with(&ZSTD_MAGIC) || skippable {
        Compression::Zstd
    } else {
        Compression::Plain
    }
}

/// Opens a file as the whole stream it holds. `zstd_window_log` is the base-2 logarithm of the largest zstd window that is accepted
/// (10..=31; values outside are brought inside); memory grows with content, not with it.
///
/// # Errors
/// When the file cannot be opened or read. Later, reading gives `UnexpectedEof` where the compressed stream is cut off, `InvalidData`
/// where it is corrupt, and `Unsupported`, naming the setting, where a frame asks for a larger window.
pub fn open(path: &Path, zstd_window_log: u32) -> Result<Box<dyn BufRead + Send>> {
    let opened = || -> io::Result<reader::Reader> {
        let mut feed = Feed::new(File::open(path)?);
        while feed.data().len() < 4 && feed.more()? {}
        let decoder = Decoder::new(detect(feed.data()), zstd_window_log)?;
        Ok(reader::Reader::new(feed, decoder))
    };
    Ok(Box::new(opened().context(|| format!("cannot open {}", path.display()))?))
}

#[cfg(test)]
mod tests;
