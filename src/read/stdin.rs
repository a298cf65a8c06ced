//! Standard input, of which a process has one: what was looked at first is read again.

use std::io::{self, Read};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes that were looked at and not read yet.
static AHEAD: Mutex<Vec<u8>> = Mutex::new(Vec::new());

fn ahead() -> MutexGuard<'static, Vec<u8>> {
    AHEAD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The first bytes of what is left, at most so many.
pub(super) fn first(n: usize) -> io::Result<Vec<u8>> {
    let mut ahead = ahead();
    let missing = n.saturating_sub(ahead.len()) as u64;
    io::stdin().lock().take(missing).read_to_end(&mut ahead)?;
    Ok(ahead[..n.min(ahead.len())].to_vec())
}

pub(super) struct Stdin;

impl Read for Stdin {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut ahead = ahead();
        if ahead.is_empty() {
            drop(ahead);
            return io::stdin().lock().read(out);
        }
        let n = out.len().min(ahead.len());
        out[..n].copy_from_slice(&ahead[..n]);
        ahead.drain(..n);
        Ok(n)
    }
}
