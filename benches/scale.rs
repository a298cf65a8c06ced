//! De-duplication at scale: made-up documents of known duplicate structure, streamed to files and through `gristmill dedup`; time, memory, and what was found against what is there, at a
//! tenth of the documents and at all of them. `GRISTMILL_DOCUMENTS=10000000 cargo bench --bench scale`; 100,000 without it. Needs 2 kB of disk a document in the folder for
//! temporary files.
//!
//! Of ten documents two are copies of another, one is near to another (Jaccard similarity .75 to .95, by words exchanged), one in a hundred is of one template (.857 to each other), and
//! lengths are heavy-tailed (60 to 5,000 words, 1 / sqrt of a uniform draw).

mod common;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use gristmill::dedup::{MinHash, Options, Pairs, ShingleSet, Shingles};
use gristmill::pipeline::steps::StandingRow;
use gristmill::store::table::TableReader;
use gristmill::text::hash::{hash64_seeded, unit};

const FILES: u64 = 100;
const THRESHOLD: f64 = 0.8;
const SHINGLE: u64 = 5;
const TEMPLATE_WORDS: u64 = 100;
const OWN_WORDS: u64 = 8;

fn main() {
    let documents: u64 = std::env::var("GRISTMILL_DOCUMENTS").map_or(100_000, |n| n.parse().expect("a number of documents"));
    let tenth = measure(documents / 10);
    let all = measure(documents);
    println!("ten times the documents take {:.2} times the CPU and {:.2} times the memory", all.0 / tenth.0, all.1 / tenth.1);
}

/// What a document is made of.
enum Kind {
    Original,
    /// Of the original with this number.
    Copy(u64),
    /// Of an original, with so many words exchanged.
    Near(u64, u64),
    Template,
}

fn draw(what: &str, n: u64) -> u64 {
    hash64_seeded(what.as_bytes(), n)
}

fn length(original: u64) -> u64 {
    (60.0 / unit(draw("length", original)).sqrt()).min(5000.0) as u64
}

/// Words exchanged for a similarity: each takes its five shingles, of which there are four fewer than words.
fn exchanged(words: u64, jaccard: f64) -> u64 {
    let shingles = (words - SHINGLE + 1) as f64;
    (shingles * (1.0 - jaccard) / (1.0 + jaccard) / SHINGLE as f64).round().max(1.0) as u64
}

/// Jaccard similarity of two texts of so many words that differ in some, each five words from the next and from the ends.
fn similarity(words: u64, exchanged: u64) -> f64 {
    let (shingles, changed) = ((words - SHINGLE + 1) as f64, (SHINGLE * exchanged) as f64);
    (shingles - changed) / (shingles + changed)
}

fn kind(n: u64) -> Kind {
    // Originals end in 3 to 9; what is made of one comes later.
    let original = || {
        let of = draw("of", n) % (n / 10) * 10 + 3 + draw("digit", n) % 7;
        if of % 100 == 99 { of - 1 } else { of }
    };
    match n % 10 {
        _ if n < 10 => Kind::Original,
        0 | 1 => Kind::Copy(original()),
        2 => {
            let of = original();
            Kind::Near(of, exchanged(length(of), 0.75 + 0.2 * unit(draw("jaccard", n))))
        }
        _ if n % 100 == 99 => Kind::Template,
        _ => Kind::Original,
    }
}

/// A word of 3 to 8 letters.
fn word(of: u64, place: u64, out: &mut String) {
    let mut bits = hash64_seeded(&place.to_le_bytes(), of);
    // A vocabulary of a million, the small numbers likelier.
    let mut number = ((unit(bits) * 13.8).exp() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = 3 + number % 6;
    for _ in 0..bits {
        out.push(char::from(b'a' + (number >> 59) as u8 % 26));
        number = number.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
    }
    out.push(' ');
}

fn text(n: u64, out: &mut String) {
    match kind(n) {
        Kind::Original => (0..length(n)).for_each(|place| word(n, place, out)),
        Kind::Copy(of) => text_of(of, out),
        Kind::Near(of, exchanged) => {
            let words = length(of);
            let apart = (words - SHINGLE) / exchanged;
            for place in 0..words {
                // A word with digits is none of the vocabulary.
                match place % apart == SHINGLE - 1 && place / apart < exchanged {
                    true => out.push_str(&format!("{n}x{place} ")),
                    false => word(of, place, out),
                }
            }
        }
        Kind::Template => {
            (0..TEMPLATE_WORDS).for_each(|place| word(u64::MAX, place, out));
            (0..OWN_WORDS).for_each(|place| word(n, place, out));
        }
    }
}

fn text_of(original: u64, out: &mut String) {
    (0..length(original)).for_each(|place| word(original, place, out));
}

/// User CPU seconds and peak memory in bytes.
fn measure(documents: u64) -> (f64, f64) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut bytes = 0;
    let mut line = String::new();
    for file in 0..FILES {
        let name = folder.path().join(format!("{file:03}.jsonl"));
        let mut out = BufWriter::with_capacity(1 << 20, File::create(name).expect("a new file"));
        for n in documents * file / FILES..documents * (file + 1) / FILES {
            line.clear();
            text(n, &mut line);
            bytes += line.len();
            writeln!(out, "{{\"id\":\"{n}\",\"text\":\"{}\"}}", line.trim_end()).expect("room for the documents");
        }
    }
    let (inputs, out) = (folder.path().join("*.jsonl"), folder.path().join("out"));
    let started = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gristmill"));
    let done =
        command.arg("dedup").arg(&inputs).arg("--out").arg(&out).args(["--recall", "0.995", "--json"]).output().expect("the program");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let seconds = started.elapsed().as_secs_f64();
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).expect("a report");
    let total = &report["total"];
    let (cpu, memory) = (total["user_seconds"].as_f64().expect("seconds"), total["peak_memory_bytes"].as_f64().expect("bytes"));
    println!(
        "{documents} documents, {:.2} GB of text: {cpu:.1} s user, {seconds:.1} s, {:.1} MB/s of text a core, peak memory {:.0} MiB",
        bytes as f64 / 1e9,
        bytes as f64 / 1e6 / cpu,
        memory / f64::from(1 << 20)
    );
    for cost in report["costs"].as_array().expect("costs") {
        println!("  {}: {:.1} s user", cost["step"].as_str().unwrap_or(""), cost["user_seconds"].as_f64().unwrap_or(0.0));
    }
    judge(documents, &out);
    (cpu, memory)
}

/// Exact similarity of two documents.
fn measured(a: u64, b: u64) -> f64 {
    let options =
        Options { shingles: Shingles::default(), minhash: MinHash::default(), threshold: THRESHOLD, containment: None, pairs: Pairs::All };
    let set = |n: u64| {
        let mut out = String::new();
        text(n, &mut out);
        ShingleSet::of(&out, &options)
    };
    set(a).evidence(&set(b)).jaccard
}

/// What was dropped against what had to be.
fn judge(documents: u64, out: &Path) {
    let mut dropped = vec![false; documents as usize];
    let mut n = 0;
    for file in 0.. {
        let path = out.join(format!("decisions/dedup/jsonl/{file:05}.parquet"));
        if !path.exists() {
            break;
        }
        for row in TableReader::<StandingRow>::open(&path).expect("decisions") {
            dropped[n] = row.expect("a row").verdict == "drop";
            n += 1;
        }
    }
    assert_eq!(n as u64, documents);
    // Which of two equals survives is the program's choice: a pair is found when one of both is gone.
    let (mut copies, mut near, mut templates) = ([0_u64; 2], [0_u64; 2], [0_u64; 2]);
    let mut made = vec![false; documents as usize];
    for n in 0..documents {
        let (of, count) = match kind(n) {
            Kind::Original => continue,
            Kind::Copy(of) => (of, &mut copies),
            Kind::Near(of, exchanged) if THRESHOLD <= similarity(length(of), exchanged) => (of, &mut near),
            // A text that says some five words twice has fewer shingles than it was made for, so that what was dropped is looked at.
            Kind::Near(of, _) if (dropped[n as usize] || dropped[of as usize]) && THRESHOLD <= measured(n, of) => (of, &mut near),
            Kind::Near(..) => continue,
            Kind::Template => {
                made[n as usize] = true;
                templates[0] += 1;
                templates[1] += u64::from(dropped[n as usize]);
                continue;
            }
        };
        (made[n as usize], made[of as usize]) = (true, true);
        count[0] += 1;
        count[1] += u64::from(dropped[n as usize] || dropped[of as usize]);
    }
    let wrong = dropped.iter().zip(&made).filter(|(dropped, made)| **dropped && !**made).count();
    let share = |[all, found]: [u64; 2]| format!("{found} of {all} ({:.4})", found as f64 / all.max(1) as f64);
    println!(
        "  copies found {}, near ones at {THRESHOLD} or above {}, of the template dropped {}",
        share(copies),
        share(near),
        share(templates)
    );
    println!("  dropped without a duplicate: {wrong} of {}", dropped.iter().filter(|dropped| **dropped).count());
}
