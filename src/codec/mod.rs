//! Compressed streams. Files come in by their path and go out as their whole content: every gzip member, every zstd frame, every xz and bzip2 stream.
//! A cut or corrupt stream is an error after everything before it was delivered, never a silent end. Compression is told by
//! magic bytes (RFC 1952, RFC 8878, the .xz file format 1.2, bzip2), never by a file's name. Calls that a signal interrupted are repeated here and never seen outside.

mod body;
mod bzip2;
mod decoder;
mod feed;
pub(crate) mod gzip;
mod lines;
mod reader;

use std::fs::File;
use std::io::{self, BufRead, ErrorKind};
use std::path::Path;

use crate::error::{Context, Result};

pub use body::{Coding, Outcome, decode_body};
pub(crate) use decoder::Decoder;
pub(crate) use feed::Feed;
pub(crate) use lines::{Line, Lines, damage};

/// First bytes of a zstd frame.
pub(crate) const ZSTD_MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];
/// First bytes of an xz stream.
pub(crate) const XZ_MAGIC: [u8; 6] = [0xFD, b'7', b'z', b'X', b'Z', 0];
/// First bytes of a bzip2 stream; a digit of 1 to 9 follows, then a block or the end.
pub(crate) const BZIP2_MAGIC: [u8; 3] = *b"BZh";

/// How a member begins. A plain file has none, and is not searched.
pub(crate) fn magic(compression: Compression) -> &'static [u8] {
    match compression {
        Compression::Plain | Compression::Gzip => &gzip::MAGIC,
        Compression::Zstd => &ZSTD_MAGIC,
        Compression::Xz => &XZ_MAGIC,
        Compression::Bzip2 => &BZIP2_MAGIC,
    }
}
/// Bytes that tell every compression for certain.
pub(crate) const FIRST: usize = 10;

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    Plain,
    Gzip,
    Zstd,
    Xz,
    Bzip2,
}

impl Compression {
    /// As it is written in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Compression::Plain => "plain",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
            Compression::Xz => "xz",
            Compression::Bzip2 => "bzip2",
        }
    }
}

/// The largest windows that compressed streams may look back in; memory grows with content, up to these. gzip's is 32 KiB, bzip2's block 900 kB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Base-2 logarithm of a zstd window in bytes, 10..=31; values outside are brought inside.
    pub zstd_log: u32,
    /// Base-2 logarithm of an xz dictionary in bytes, 12..=32; values outside are brought inside.
    pub xz_log: u32,
}

impl Default for Windows {
    fn default() -> Self {
        Self { zstd_log: 27, xz_log: 27 }
    }
}

/// The limit that a fault of this kind is over, by its name in recipes. Decoders give these kinds to nothing else.
pub(crate) fn over_limit(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::Unsupported => Some(ZSTD_WINDOW),
        ErrorKind::OutOfMemory => Some(XZ_DICTIONARY),
        _ => None,
    }
}

/// Names of the limits on windows.
pub(crate) const ZSTD_WINDOW: &str = "zstd-window-log";
pub(crate) const XZ_DICTIONARY: &str = "xz-dictionary-log";

/// Tells the compression by the first bytes of a file. Ten are enough; of fewer, four that fit (two of gzip) count, so that a file that was cut there is damaged, not plain.
pub fn detect(first: &[u8]) -> Compression {
    let fits = |magic: &[u8], first: &[u8]| magic.iter().zip(first).all(|(a, b)| a == b);
    if first.starts_with(&[0x1F, 0x8B]) {
        Compression::Gzip
    } else if first.starts_with(&ZSTD_MAGIC) || is_skippable(first) {
        Compression::Zstd
    } else if first.len() >= 4 && fits(&XZ_MAGIC, first) {
        Compression::Xz
    } else if let [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..] = first
        && [bzip2::BLOCK, bzip2::END].iter().any(|part| fits(&part.to_be_bytes()[2..], rest))
    {
        Compression::Bzip2
    } else {
        Compression::Plain
    }
}

/// Whether a skippable zstd frame begins with these bytes: 0x184D2A50 to 0x184D2A5F, little endian (RFC 8878 section 3.1.2).
fn is_skippable(first: &[u8]) -> bool {
    first.len() >= 4 && first[0] & 0xF0 == 0x50 && first[1..4] == [0x2A, 0x4D, 0x18]
}

/// Bytes of such a frame's header.
pub(crate) const SKIPPABLE: usize = 8;

/// How many bytes such a frame has behind its header, if one begins with these bytes.
pub(crate) fn skippable(first: &[u8]) -> Option<u32> {
    let header = first.first_chunk::<SKIPPABLE>().filter(|header| is_skippable(&header[..]))?;
    Some(u32::from_le_bytes([header[4], header[5], header[6], header[7]]))
}

/// Opens a file as the whole stream it holds.
///
/// # Errors
/// When the file cannot be opened or read. Later, reading gives `UnexpectedEof` where the compressed stream is cut off, `InvalidData`
/// where it is corrupt, and `Unsupported` (zstd) or `OutOfMemory` (xz), naming the setting, where it asks for a larger window.
pub fn open(path: &Path, windows: Windows) -> Result<Box<dyn BufRead + Send>> {
    let opened = File::open(path).and_then(|file| decoded(file, windows));
    let (reader, _) = opened.context(|| format!("cannot open {}", path.display()))?;
    Ok(Box::new(reader))
}

/// The whole stream that the bytes of another hold, and how they are compressed; it reads as that of [`open`].
pub(crate) fn decoded<R: io::Read>(inner: R, windows: Windows) -> io::Result<(impl BufRead + use<R>, Compression)> {
    let mut feed = Feed::new(inner);
    while feed.data().len() < FIRST && feed.more()? {}
    let compression = detect(feed.data());
    Ok((reader::Reader::new(feed, Decoder::new(compression, windows)?), compression))
}

#[cfg(test)]
pub(crate) mod tests;
