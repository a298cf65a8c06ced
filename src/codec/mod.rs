//! Compressed streams: what a file is compressed with (told by its first bytes, never by its name), the whole of it as one stream, and bodies
//! decoded under a cap on output.
//!
//! Every gzip member and every zstd frame is read; a stream that ends inside one, or is corrupt, is an error after all that came before it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::error::{Context, Result};

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    Plain,
    Gzip,
    Zstd,
}

impl Compression {
    pub fn as_str(self) -> &'static str {
        match self {
            Compression::Plain => "plain",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
        }
    }
}

/// Tells the compression from a file's first bytes; four are enough.
pub fn detect(first: &[u8]) -> Compression {
    match first {
        [0x1f, 0x8b, 8, ..] => Compression::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
        // A skippable frame of zstd: 0x184D2A50 to 0x184D2A5F, little-endian.
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
        _ => Compression::Plain,
    }
}

/// Opens a file as the whole of its decompressed bytes. `zstd_window_log` bounds the memory of a zstd window (27 is 128 MiB, 31 is 2 GiB).
///
/// # Errors
/// When it cannot be opened. Reading gives `UnexpectedEof` or another error where the compressed stream is cut off or corrupt.
pub fn open(path: &Path, zstd_window_log: u32) -> Result<Box<dyn BufRead + Send>> {
    let doing = || format!("cannot open {}", path.display());
    let mut file = BufReader::with_capacity(1 << 18, File::open(path).context(doing)?);
    let compression = detect(file.fill_buf().context(doing)?);
    Ok(match compression {
        Compression::Plain => Box::new(file),
        Compression::Gzip => Box::new(BufReader::with_capacity(1 << 18, flate2::bufread::MultiGzDecoder::new(file))),
        Compression::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(file).context(doing)?;
            decoder.window_log_max(zstd_window_log).context(doing)?;
            Box::new(BufReader::with_capacity(1 << 18, Explained { inner: decoder, zstd_window_log }))
        }
    })
}

/// Says what to do when a zstd window is over the limit.
struct Explained<R> {
    inner: R,
    zstd_window_log: u32,
}

impl<R: Read> Read for Explained<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer).map_err(|error| explain_window(error, self.zstd_window_log))
    }
}

/// zstd's own words for a window over the limit name no setting; `Unsupported` tells readers that the recipe is at fault, not the file.
pub fn explain_window(error: io::Error, zstd_window_log: u32) -> io::Error {
    if error.to_string().contains("too much memory") {
        let message =
            format!("its zstd window is larger than 2^{zstd_window_log} bytes; set limits.zstd-window-log to 31 if there is memory for it");
        return io::Error::new(io::ErrorKind::Unsupported, message);
    }
    error
}

/// An encoding of an HTTP body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Gzip,
    /// zlib by the standard, raw deflate in practice; both are read.
    Deflate,
    Brotli,
    Zstd,
}

/// How decoding a body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoded {
    Whole,
    /// The cap on output was reached; what fits is there.
    Cut,
    /// The input ended early or is corrupt; what came before is there.
    Broken,
}

/// Decodes `input` to the end of `out`, at most `cap` bytes of output. Memory: the output and the decoder's window (zstd: at most 8 MiB, as browsers allow).
pub fn decode(coding: Coding, input: &[u8], cap: usize, out: &mut Vec<u8>) -> Decoded {
    match coding {
        Coding::Gzip => take(flate2::read::MultiGzDecoder::new(input), cap, out),
        Coding::Deflate => {
            let start = out.len();
            let zlib = take(flate2::read::ZlibDecoder::new(input), cap, out);
            if zlib != Decoded::Broken || start < out.len() {
                return zlib;
            }
            take(flate2::read::DeflateDecoder::new(input), cap, out)
        }
        Coding::Brotli => take(brotli::Decompressor::new(input, 1 << 16), cap, out),
        Coding::Zstd => match zstd::stream::read::Decoder::with_buffer(input) {
            Ok(mut decoder) => {
                if decoder.window_log_max(23).is_err() {
                    return Decoded::Broken;
                }
                take(decoder, cap, out)
            }
            Err(_) => Decoded::Broken,
        },
    }
}

/// Reads at most `cap` bytes; one more byte tells whether that was all.
fn take(mut reader: impl Read, cap: usize, out: &mut Vec<u8>) -> Decoded {
    let start = out.len();
    // Small steps: a bomb is noticed after the cap and 64 KiB, not after a buffer that doubled.
    let mut buffer = vec![0; 1 << 16];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Decoded::Whole,
            Ok(n) => {
                let room = cap - (out.len() - start);
                out.extend_from_slice(&buffer[..n.min(room)]);
                if room < n {
                    return Decoded::Cut;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return Decoded::Broken,
        }
    }
}

#[cfg(test)]
mod tests;
