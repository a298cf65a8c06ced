//! Trains the judge of main text on pages with human gold, and says how good it is on pages of domains that it has not seen.
//!
//! ```text
//! cargo run --release --example train-extractor -- SET.. [--out WEIGHTS] [--out-of-fold TEXTS.jsonl]
//! ```
//!
//! A SET is a folder with `index.jsonl` (`id`, `dataset`, optionally `url`, `domain`, `without`), `html/ID.html` and `gold/ID.txt`; pages named in its `suspect_gold.txt` are left out. `--out-of-fold`
//! writes what each page's text is by a judge that saw no page of its domain. docs/extraction.md tells what is learned, and how. The same sets give the same bytes.

#![allow(clippy::print_stdout, reason = "a program that reports to whoever trains")]

use std::collections::BTreeMap;
use std::fs;
use std::process::ExitCode;

use gristmill::extract::{Extractor, Options, judge, second};
use gristmill::{Error, Result};
use rayon::prelude::*;

mod align;
mod comments;
mod learn;
mod sets;

use learn::{FOLDS, Learner, Pass, Table};
use sets::{Example, Labels};

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
    let (mut folders, mut out, mut texts) = (Vec::new(), "weights.txt".to_owned(), None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| Error::new(format!("{argument} needs a file")));
        match argument.as_str() {
            "--out" => out = value()?,
            "--out-of-fold" => texts = Some(value()?),
            _ => folders.push(argument),
        }
    }
    if folders.is_empty() {
        return Err(Error::new("name at least one folder of pages with gold"));
    }
    let mut examples = Vec::new();
    for folder in &folders {
        examples.extend(sets::read(folder)?);
    }
    println!("{} pages of {} sets", examples.len(), folders.len());
    let learner = Learner::new(&examples);
    println!("{} blocks, {} inputs on enough domains", learner.n_blocks(), learner.names.len());

    // The first pass, out of fold: what the second is taught must be what the first says of pages that it has not seen.
    let first = Table::new(&learner, |page, block| &learner.pages[page].blocks[block].row[..], Pass::First);
    let logits = learner.out_of_fold(&first, &learner.fits(&first)?);
    let rows = second_rows(&examples, &logits)?;
    let second = Table::new(&learner, |page, block| &rows[page][block][..], Pass::Second);
    let again = learner.out_of_fold(&second, &learner.fits(&second)?);
    let mean: Vec<Vec<f32>> = logits.iter().zip(&again).map(|(a, b)| a.iter().zip(b).map(|(a, b)| judge::mean(*a, *b)).collect()).collect();
    println!("loss out of fold: first pass {:.4}, both {:.4}", learner.loss(&logits), learner.loss(&mean));
    report(&examples, &mean, texts.as_deref())?;

    let mut text =
        "# Weights of the judge, by `cargo run --release --example train-extractor`; docs/extraction.md is their card.\n".to_owned();
    text += &learner.weights_lines(&first, &learner.fit(&first, None)?, ["bias", "curve"]);
    text += &learner.weights_lines(&second, &learner.fit(&second, None)?, ["second", "curve2"]);
    drop((first, second));
    text += &comments::learn(&learner)?;
    fs::write(&out, text).map_err(|error| Error::new(format!("cannot write {out}")).because(error))?;
    println!("weights: {out}");
    Ok(())
}

fn each_page<T: Send>(examples: &[Example], work: impl Fn(&mut Extractor, usize, &Example) -> T + Sync) -> Vec<T> {
    let extractor = || Extractor::new(Options::default()).expect("the default options are in range");
    examples.par_iter().enumerate().map_init(extractor, |extractor, (page, example)| work(extractor, page, example)).collect()
}

fn second_rows(examples: &[Example], logits: &[Vec<f32>]) -> Result<Vec<Vec<second::Row>>> {
    let rows = each_page(examples, |extractor, page, example| match logits[page].is_empty() {
        true => Ok(Vec::new()),
        false => extractor.second_rows(&example.page(), &logits[page]),
    });
    let fault = |example: &Example| Error::new(format!("page {} gave blocks once, and now none", example.id));
    rows.into_iter().zip(examples).map(|(rows, example)| rows.map_err(|_| fault(example))).collect()
}

/// Prints the mean F1 over bags of words by set and kind of page, and writes the texts if asked to.
fn report(examples: &[Example], logits: &[Vec<f32>], texts: Option<&str>) -> Result<()> {
    let found: Vec<String> =
        each_page(examples, |extractor, page, example| extractor.text_by(&example.page(), &logits[page]).unwrap_or_default());
    let mut by_set: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (example, text) in examples.iter().zip(&found) {
        if let Labels::Gold(gold) = &example.labels {
            by_set.entry(&example.dataset).or_default().push(align::bag_f1(text, gold));
        }
    }
    println!("F1 over bags of words, {FOLDS} folds by domain:");
    for (set, scores) in by_set {
        println!("  {set:24} {:5} pages   {:.4}", scores.len(), scores.iter().sum::<f64>() / scores.len() as f64);
    }
    let Some(path) = texts else { return Ok(()) };
    let lines: Vec<String> = examples
        .iter()
        .zip(&found)
        .map(|(example, text)| serde_json::json!({ "id": example.id, "text": text }).to_string() + "\n")
        .collect();
    fs::write(path, lines.concat()).map_err(|error| Error::new(format!("cannot write {path}")).because(error))
}
