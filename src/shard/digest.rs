//! The hash that other tools know a shard by, taken while it is written.

use std::io::Write;

use sha2::{Digest, Sha256};

/// Writes through, and takes the SHA-256 of what was written.
pub struct Digested<W> {
    out: W,
    digest: Sha256,
}

impl<W> Digested<W> {
    pub fn new(out: W) -> Self {
        Self { out, digest: Sha256::new() }
    }

    /// The writer, and 64 hexadecimal digits.
    pub fn finish(self) -> (W, String) {
        let digits = self.digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        (self.out, digits)
    }
}

impl<W: Write> Write for Digested<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.out.write(bytes)?;
        self.digest.update(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}
