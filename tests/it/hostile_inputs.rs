//! Hostile inputs: a folder of files that the code below writes, so that each is explained by what makes it, and what is to come of each: which pages or documents, what
//! is rejected by which rule, which faults, which records. A file without an expectation and an expectation without a file fail.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;
use std::thread;

use serde_json::Value;

use crate::common::{gristmill, most_memory, stderr};

mod answers;
mod build;
#[allow(dead_code, reason = "shared with the targets that are fuzzed, which use more of it")]
#[path = "../fuzz/reading.rs"]
mod fuzzed;
pub mod make;
mod members;
mod pages;
mod records;
mod sets;

use make::{Made, sentence};

/// A file's name, and what writes it.
type Case = (&'static str, fn(&Made<'_>) -> Vec<u8>);

/// A file's name, and what `inspect` and `extract` say of it: pages or documents, rejected by rule, faults, records by type; words with `*` and a number where there are more
/// of a kind than one.
///
/// Of a page stands its number, as its id has it; 0 where the file's name is the id. Behind it `~` where its text is another than the sound one's, and `=` and the charset where
/// that matters; in brackets it is a page that is handed on and in which then no text is found.
type Expected = (&'static str, &'static str, &'static str, &'static str, &'static str);

const FILES: [&[Case]; 5] = [members::FILES, records::FILES, answers::FILES, pages::FILES, sets::FILES];
const EXPECTED: [&[Expected]; 5] = [members::EXPECTED, records::EXPECTED, answers::EXPECTED, pages::EXPECTED, sets::EXPECTED];

/// The folder, written once for all tests.
fn folder() -> &'static Path {
    static WRITTEN: OnceLock<PathBuf> = OnceLock::new();
    WRITTEN.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile-inputs");
        // Of an earlier run of these tests; when there is none, there is nothing to remove.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for (name, write) in FILES.concat() {
            let path = folder.join(name);
            assert!(!path.exists(), "{name} is made twice");
            fs::write(path, write(&Made(name))).unwrap();
        }
        folder
    })
}

/// All files, by path, in the order of their names.
fn paths() -> Vec<String> {
    let names: BTreeSet<&str> = FILES.concat().iter().map(|(name, _)| *name).collect();
    names.iter().map(|name| folder().join(name).to_str().unwrap().to_owned()).collect()
}

/// Names and counts as an expectation has them.
fn counts(counts: &Value) -> String {
    let words = counts.as_object().unwrap().iter().map(|(name, n)| if *n == 1 { name.clone() } else { format!("{name}*{n}") });
    words.collect::<Vec<_>>().join(" ")
}

/// Bytes that the program may ever hold: three times what the largest record needs, and far from what these files declare or unpack to.
const MOST_MEMORY: u64 = 512 << 20;

/// Runs the program over all files: its lines, of which each must be JSON without NUL.
fn lines(command: &[&str]) -> Vec<Value> {
    let paths = paths();
    let arguments: Vec<&str> = command.iter().copied().chain(paths.iter().map(String::as_str)).collect();
    let child = gristmill(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let id = child.id();
    let watch = thread::spawn(move || most_memory(id));
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let most = watch.join().unwrap();
    assert!(most < MOST_MEMORY, "{} held {most} bytes", command[0]);
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(!out.contains('\0') && !out.contains("\\u0000"), "a NUL is in what {} says", command[0]);
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What `inspect` says of each file, once for all tests.
fn inspected() -> &'static [Value] {
    static LINES: OnceLock<Vec<Value>> = OnceLock::new();
    LINES.get_or_init(|| lines(&["inspect", "--json"]))
}

/// By file and number of the page, in the order in which they came: what the expectation says of a text.
fn texts() -> BTreeMap<String, Vec<(String, String)>> {
    let mut found: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for line in lines(&["extract"]) {
        let id = line["id"].as_str().unwrap().rsplit('/').next().unwrap();
        let (file, n) = id.split_once('#').unwrap_or((id, "0"));
        let n = n.trim_end_matches(".txt");
        let is_sound = line["text"] == sentence(n.parse().unwrap_or(0));
        let charset = line["charset"].as_str().unwrap_or_default();
        let word = format!("{n}{}", if is_sound { "" } else { "~" });
        found.entry(file.to_owned()).or_default().push((word, charset.to_owned()));
    }
    found
}

#[test]
fn every_file_has_an_expectation_and_every_expectation_a_file() {
    let names = |all: Vec<&'static str>| {
        let set: BTreeSet<&str> = all.iter().copied().collect();
        assert_eq!(set.len(), all.len(), "a name stands twice");
        set
    };
    let written = names(FILES.concat().iter().map(|(name, _)| *name).collect());
    let expected = names(EXPECTED.concat().iter().map(|(name, ..)| *name).collect());
    assert_eq!(written, expected);
    let there = names(fs::read_dir(folder()).unwrap().map(|entry| &*entry.unwrap().file_name().into_string().unwrap().leak()).collect());
    assert_eq!(there, expected);
}

/// Read as pages, as texts and to look at them with their digests.
#[test]
fn the_laws_of_what_is_fuzzed_hold_of_all_files() {
    let n_pages: usize = paths().iter().map(|path| fuzzed::in_all_ways(&fs::read(path).unwrap()).pages.len()).sum();
    assert!(300 < n_pages, "{n_pages}");
}

#[test]
fn every_hostile_file_gives_what_it_should() {
    let name = |line: &'static Value| line["file"].as_str().unwrap().rsplit('/').next().unwrap();
    let inspected: BTreeMap<&str, &Value> = inspected().iter().map(|line| (name(line), line)).collect();
    let texts = texts();
    let mut wrong = Vec::new();
    for (name, pages, rejected, faults, records) in EXPECTED.concat() {
        let Some(seen) = inspected.get(name) else {
            wrong.push(format!("{name}: not inspected"));
            continue;
        };
        let none = Vec::new();
        let texts = texts.get(name).unwrap_or(&none);
        let with_text: Vec<&str> = pages.split_whitespace().filter(|word| !word.starts_with('(')).collect();
        let told: Vec<String> = texts
            .iter()
            .enumerate()
            .map(|(at, (word, charset))| {
                let is_asked = with_text.get(at).is_some_and(|word| word.contains('='));
                if is_asked { format!("{word}={charset}") } else { word.clone() }
            })
            .collect();
        let found = (told.join(" "), counts(&seen["rejected"]), counts(&seen["faults"]), counts(&seen["records"]));
        let wanted = (with_text.join(" "), rejected.to_owned(), faults.to_owned(), records.to_owned());
        let admitted = seen["admitted"].as_u64().unwrap() as usize;
        if found != wanted || admitted != pages.split_whitespace().count() {
            wrong.push(format!("{name}: {admitted} admitted, {found:?} instead of {wanted:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), inspected.len(), wrong.join("\n"));
}
