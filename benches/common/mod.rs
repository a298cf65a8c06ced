//! What the benches share: CPU time of this process, and the ratio of two jobs measured in turn, so that a machine whose speed drifts does not decide.

#![allow(dead_code, reason = "each bench uses its part")]

use std::hint::black_box;

use gristmill::pipeline::cost::cpu_seconds;

/// User CPU seconds of one call.
pub fn user_seconds<T>(job: impl FnOnce() -> T) -> f64 {
    let before = cpu_seconds().0;
    black_box(job());
    cpu_seconds().0 - before
}

/// Runs two jobs in turn, `rounds` times each; gives the median seconds of both and prints them with their ratio.
pub fn compare(name: &str, rounds: usize, bytes: u64, mut ours: impl FnMut(), mut theirs: (&str, &mut dyn FnMut())) {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        a.push(user_seconds(&mut ours));
        b.push(user_seconds(&mut theirs.1));
    }
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2].max(1e-6)
    };
    let (a, b) = (median(&mut a), median(&mut b));
    println!("{name:44} {a:8.3} s user, {:8.1} MB/s, {:6.2} x {}", bytes as f64 / 1e6 / a, a / b, theirs.0);
}

/// Text of about `n` words that no compressor or cache can foresee.
pub fn text(seed: u64, n: u64) -> String {
    let word = |k: u64| {
        let h = gristmill::text::hash::hash64_seeded(&k.to_le_bytes(), seed);
        format!(
            "{}{}",
            ["the", "miller", "stone", "river", "of", "grain", "and", "wheel"][(h % 8) as usize],
            if h.is_multiple_of(3) { h % 5000 } else { 7 }
        )
    };
    (0..n).map(word).collect::<Vec<_>>().join(" ")
}
