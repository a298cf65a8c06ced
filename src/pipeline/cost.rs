//! What this process has cost so far, by the operating system's own accounting.

use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use serde::{Deserialize, Serialize};

/// What some work cost; all zero where that is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// CPU seconds in the program.
    pub user_seconds: f64,
    /// CPU seconds in the system on its behalf.
    pub system_seconds: f64,
    /// Of the processes that did it, one after the other or at once: with an engine this is no time on a clock.
    pub wall_seconds: f64,
    /// The bytes that were worked on for it. A step whose tasks were done in part by a run that was stopped has worked on more than these: what that run cost is lost.
    pub bytes: u64,
}

impl Cost {
    pub fn cpu_seconds(&self) -> f64 {
        self.user_seconds + self.system_seconds
    }

    /// Adds another process's cost.
    pub fn add(&mut self, other: &Cost) {
        self.user_seconds += other.user_seconds;
        self.system_seconds += other.system_seconds;
        self.wall_seconds += other.wall_seconds;
        self.bytes += other.bytes;
    }
}

/// Measures what this process spends from some moment on.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    cpu: (f64, f64),
    wall: Instant,
}

impl Clock {
    pub fn start() -> Self {
        Self { cpu: cpu_seconds(), wall: Instant::now() }
    }

    /// Counts all CPU of the process, for one that does one thing.
    pub fn of_process() -> Self {
        Self { cpu: (0.0, 0.0), wall: Instant::now() }
    }

    /// What was spent so far, on this many bytes.
    pub fn cost(&self, bytes: u64) -> Cost {
        let (user, system) = cpu_seconds();
        Cost {
            user_seconds: user - self.cpu.0,
            system_seconds: system - self.cpu.1,
            wall_seconds: self.wall.elapsed().as_secs_f64(),
            bytes,
        }
    }
}

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
