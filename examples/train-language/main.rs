//! Trains the judge of languages, and says how good it is on texts that it has not seen.
//!
//! ```text
//! cargo run --release --example train-language -- DATA [--out MODEL] [--card CARD] [--test FOLDER] [--pages PAGES.jsonl]
//! ```
//!
//! DATA holds what `sources` reads. A FOLDER of `LANGUAGE_sentences.txt`, `_word-pairs.txt` and `_single-words.txt` is only tested on: texts of the training set that stand in it are left out,
//! and counted. PAGES are lines as `gristmill extract` writes them. docs/language.md tells what is learned, and how. The same data give the same bytes.

#![allow(clippy::print_stdout, reason = "a program that reports to whoever trains")]

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use gristmill::language::model::Model;
use gristmill::text::hash::hash64;
use gristmill::{Error, Result};
use rayon::prelude::*;

mod card;
mod draw;
mod learn;
mod measure;
mod plan;
mod sources;
mod split;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let (mut data, mut out, mut card, mut test, mut pages) = (None, "model.bin".to_owned(), None, None, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| Error::new(format!("{argument} needs a path")));
        match argument.as_str() {
            "--out" => out = value()?,
            "--card" => card = Some(value()?),
            "--test" => test = Some(value()?),
            "--pages" => pages = Some(value()?),
            _ => data = Some(argument),
        }
    }
    let data = data.ok_or_else(|| Error::new("name the folder of what to learn from"))?;
    let tests = test.map_or_else(|| Ok(Default::default()), |folder| measure::test_files(Path::new(&folder)))?;
    let corpus = sources::read(Path::new(&data))?;
    let held_out: HashSet<u64> = tests.iter().flatten().map(|(_, text)| hash64(text.as_bytes())).collect();
    let n_held_out = corpus.texts.values().flatten().filter(|text| held_out.contains(&hash64(text.as_bytes()))).count();
    let (n_texts, n_bytes) = corpus.texts.values().flatten().fold((0_usize, 0), |(n, bytes), text| (n + 1, bytes + text.len()));
    println!("{n_texts} texts of {n_bytes} bytes; {n_held_out} stand in the test set and are left out");
    let trained: Vec<learn::Trained> = plan::PLANS.par_iter().map(|plan| learn::train(plan, &corpus, &held_out)).collect::<Result<_>>()?;
    for trained in &trained {
        let parameters = &trained.judge.parameters;
        let bytes = || trained.bytes.iter().map(|(bytes, _)| *bytes);
        let (least, most) = (bytes().min().unwrap_or_default(), bytes().max().unwrap_or_default());
        println!(
            "{:?}: {} languages of {least} to {most} bytes, loss {:.4}, sharpness {:?}, familiarity {:.2?}",
            parameters.script,
            parameters.languages.len(),
            trained.loss,
            parameters.sharpness,
            parameters.familiarity
        );
    }
    let card_text = card::of(&corpus, &trained, n_held_out);
    let model = Model(trained.into_iter().map(|trained| trained.judge).collect());
    let bytes = model.to_bytes();
    let write =
        |path: &str, bytes: &[u8]| fs::write(path, bytes).map_err(|error| Error::new(format!("cannot write {path}")).because(error));
    write(&out, &bytes)?;
    println!("{} bytes written to {out}", bytes.len());
    if let Some(card) = card {
        write(&card, card_text.as_bytes())?;
    }
    measure::all(&model, &corpus, &tests, pages.as_deref().map(Path::new))
}
