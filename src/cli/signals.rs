//! SIGINT, SIGTERM and SIGHUP end a build at once, with a word on how to continue. Nothing is tidied up: what was not committed is as if it had never been begun, and
//! the next run into the folder clears it away. So a signal is as safe as a loss of power, and as quick.

use std::path::Path;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::{escape, tell};

/// From now on these signals end the process with 128 + their number (130, 143, 129), as a shell expects.
pub fn stop_politely(out: &Path) {
    let folder = escape(&out.display().to_string());
    // Where it cannot be had, the signals end the process as they would have.
    let Ok(mut signals) = Signals::new([SIGHUP, SIGINT, SIGTERM]) else { return };
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            let name = signal_hook::low_level::signal_name(signal).unwrap_or("a signal");
            tell(format_args!(
                "\nstopped by {name}; what was finished is committed in {folder}: run the same command again to continue there"
            ));
            std::process::exit(128 + signal);
        }
    });
}
