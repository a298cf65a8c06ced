//! What this process has cost so far, by the operating system's own accounting.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// User and system CPU seconds.
pub fn cpu_seconds() -> (f64, f64) {
    let seconds = |time: TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    // The call fails for a wrong pointer or selector only; neither can be here.
    getrusage(UsageWho::RUSAGE_SELF).map_or((0.0, 0.0), |usage| (seconds(usage.user_time()), seconds(usage.system_time())))
}

/// Largest resident memory so far, in bytes.
pub fn peak_memory() -> u64 {
    // Linux counts in KiB, the BSDs and macOS in bytes.
    let unit = if cfg!(target_os = "linux") { 1024 } else { 1 };
    getrusage(UsageWho::RUSAGE_SELF).map_or(0, |usage| u64::try_from(usage.max_rss()).unwrap_or(0) * unit)
}
