//! Progress of a build: a bar with rate and time left on a terminal, plain lines otherwise.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

use super::tell;
use crate::pipeline::ledger::Entry;
use crate::pipeline::run::Progress;
use crate::report;

/// Draws a running build on stderr.
pub struct Drawn {
    terminal: bool,
    bar: Mutex<Option<ProgressBar>>,
    cached: Mutex<Vec<String>>,
    ran: AtomicBool,
}

impl Drawn {
    pub fn new() -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self { terminal, bar: Mutex::new(None), cached: Mutex::new(Vec::new()), ran: AtomicBool::new(false) }
    }

    /// Names of the steps that were found done.
    pub fn cached(&self) -> Vec<String> {
        self.cached.lock().expect("no drawing panics").clone()
    }

    /// True when any step ran.
    pub fn ran(&self) -> bool {
        self.ran.load(Ordering::Relaxed)
    }
}

impl Progress for Drawn {
    fn step(&self, name: &str, tasks: u64, bytes: u64) {
        if !self.terminal {
            tell(format_args!("{name}: {} over {}", count(tasks, "task"), size(bytes)));
            return;
        }
        let bar = ProgressBar::new(bytes.max(1));
        let style = ProgressStyle::with_template("{msg:16} {bar:30} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta} left");
        bar.set_style(style.expect("the template is a constant that indicatif reads"));
        bar.set_message(name.to_owned());
        *self.bar.lock().expect("no drawing panics") = Some(bar);
    }

    fn task(&self, bytes: u64) {
        if let Some(bar) = &*self.bar.lock().expect("no drawing panics") {
            bar.inc(bytes);
        }
    }

    fn done(&self, entry: &Entry, cached: bool) {
        if let Some(bar) = self.bar.lock().expect("no drawing panics").take() {
            bar.finish_and_clear();
        }
        if cached {
            self.cached.lock().expect("no drawing panics").push(entry.step.clone());
            tell(format_args!("{}: done before", entry.step));
            return;
        }
        self.ran.store(true, Ordering::Relaxed);
        let counts = &entry.outcome.counts;
        let kept: u64 = counts.sources.values().map(|funnel| funnel.kept).sum();
        let read: u64 = counts.sources.values().map(|funnel| funnel.read).sum();
        let through = if read == 0 { String::new() } else { format!("{kept} of {} kept, ", count(read, "document")) };
        tell(format_args!("{}: {through}{:.1} s, {:.1} CPU s", entry.step, entry.cost.wall_seconds, entry.cost.cpu_seconds()));
    }
}

/// "1 task", "2 tasks".
pub fn count(n: u64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// Bytes in the unit that fits.
pub fn size(bytes: u64) -> String {
    report::size(bytes, "bytes")
}
