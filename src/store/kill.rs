//! For tests: the process can be told to die at one of the moments at which the folder changes, as a loss of power would have it. Each rename of a new file gives two such
//! moments, just before it and just after it; each removal one, just before it.

use std::sync::atomic::{AtomicU64, Ordering};

/// Names the moment at which a child of the test dies, from 1.
pub const VARIABLE: &str = "GRISTMILL_TEST_KILL_AT";

static PASSED: AtomicU64 = AtomicU64::new(0);

/// One such moment.
pub fn point() {
    let n = PASSED.fetch_add(1, Ordering::SeqCst) + 1;
    if std::env::var(VARIABLE).is_ok_and(|wanted| wanted == n.to_string()) {
        let _ = signal_hook::low_level::raise(signal_hook::consts::SIGKILL);
    }
}

/// How many there were so far in this process.
pub fn passed() -> u64 {
    PASSED.load(Ordering::SeqCst)
}
