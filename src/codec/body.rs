//! Whole buffers of HTTP content codings (RFC 9110 section 8.4.1), capped by their output: 809 bytes of brotli can give 1 GiB.

use std::io::{ErrorKind, Read};

use super::decoder::Wrapper;
use super::{Decoder, ZSTD_MAGIC};

/// Output is made room for in steps of this size.
const STEP: usize = 64 << 10;
/// Browsers accept no larger window over HTTP (RFC 9659): 8 MiB.
const ZSTD_WINDOW_LOG: u32 = 23;

/// A content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Gzip,
    /// Zlib by the standard, raw deflate by many servers.
    Deflate,
    Brotli,
    Zstd,
}

impl Coding {
    /// True when a body begins as only this coding does; deflate and brotli may begin with any byte.
    pub fn begins(self, body: &[u8]) -> bool {
        match self {
            Coding::Gzip => body.starts_with(&[0x1F, 0x8B]),
            Coding::Zstd => body.starts_with(&ZSTD_MAGIC),
            Coding::Deflate | Coding::Brotli => false,
        }
    }
}

/// How far decoding came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All of it.
    Whole,
    /// Up to the cap; there was more.
    Capped,
    /// The input ended or was wrong; the output holds what came before, maybe nothing.
    Broken,
}

/// Takes one coding off `input`. `out` is cleared and then holds at most `cap` bytes.
pub fn decode_body(coding: Coding, input: &[u8], out: &mut Vec<u8>, cap: usize) -> Outcome {
    out.clear();
    match coding {
        Coding::Gzip => steps(Decoder::inflate(Wrapper::Gzip), input, out, cap),
        Coding::Deflate if is_zlib(input) => steps(Decoder::inflate(Wrapper::Zlib), input, out, cap),
        Coding::Deflate => steps(Decoder::inflate(Wrapper::None), input, out, cap),
        Coding::Zstd if input.starts_with(&ZSTD_MAGIC) => match Decoder::zstd(&[], ZSTD_WINDOW_LOG) {
            Ok(decoder) => steps(decoder, input, out, cap),
            Err(_) => Outcome::Broken,
        },
        Coding::Zstd => Outcome::Broken,
        Coding::Brotli => brotli(input, out, cap),
    }
}

/// RFC 1950: method 8, a window that exists, and a checksum of the two bytes.
fn is_zlib(input: &[u8]) -> bool {
    matches!(input, [method, flags, ..] if method & 0x0F == 8 && method >> 4 <= 7 && (u16::from(*method) << 8 | u16::from(*flags)) % 31 == 0)
}

/// Bytes after the first member are ignored, as browsers do, unless another member begins there.
fn steps(mut decoder: Decoder, mut input: &[u8], out: &mut Vec<u8>, cap: usize) -> Outcome {
    let mut filled = 0;
    let outcome = loop {
        if filled > cap {
            break Outcome::Capped;
        }
        // One byte above the cap tells "exactly full" from "more to come".
        out.resize((filled + STEP).min(cap.saturating_add(1)), 0);
        let progress = decoder.step(input, &mut out[filled..]);
        filled += progress.written;
        input = &input[progress.used..];
        if progress.fault.is_some() {
            break Outcome::Broken;
        }
        if progress.ended && !input.starts_with(&[0x1F, 0x8B]) && !input.starts_with(&ZSTD_MAGIC) {
            break Outcome::Whole;
        }
        if progress.used == 0 && progress.written == 0 && !progress.ended {
            break Outcome::Broken;
        }
    };
    out.truncate(filled.min(cap));
    if outcome == Outcome::Whole && cap < filled { Outcome::Capped } else { outcome }
}

fn brotli(input: &[u8], out: &mut Vec<u8>, cap: usize) -> Outcome {
    let mut reader = brotli::Decompressor::new(input, 4096);
    let mut filled = 0;
    let outcome = loop {
        if filled > cap {
            break Outcome::Capped;
        }
        out.resize((filled + STEP).min(cap.saturating_add(1)), 0);
        match reader.read(&mut out[filled..]) {
            Ok(0) => break Outcome::Whole,
            Ok(n) => filled += n,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => break Outcome::Broken,
        }
    };
    out.truncate(filled.min(cap));
    outcome
}
