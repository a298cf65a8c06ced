//! How good a model is: on words, pairs of words and sentences, on the declaration, on languages that it does not know, and on pages that name their language.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gristmill::document::Language;
use gristmill::language;
use gristmill::language::codes::{self, OTHER};
use gristmill::language::model::Model;
use gristmill::language::scripts::Counts;
use gristmill::{Error, Result};
use serde_json::Value;

use crate::learn::{LONG, code, declaration as declaration_of, unknown};
use crate::plan::{PLANS, is_relative, known};
use crate::sources::{Corpus, Source};
use crate::split::{self, Part};

/// The three kinds of test texts, by the ends of their files' names.
const KINDS: [&str; 3] = ["single-words", "word-pairs", "sentences"];

/// Pages that are shown of those that disagree.
const MOST_SHOWN: usize = 40;

/// Parts that probabilities are put into for their error.
const BINS: usize = 15;

/// One text: its language, the one that was found, with its probability, and the length in bytes.
struct Outcome {
    language: String,
    found: String,
    probability: f64,
    bytes: usize,
}

impl Outcome {
    fn of(model: &Model, language: &str, text: &str) -> Self {
        let found = language::answer_by(model, text).language;
        Self { language: language.to_owned(), found: found.code, probability: found.probability, bytes: text.len() }
    }

    fn is_right(&self) -> bool {
        self.language == self.found
    }
}

/// Texts of lines `LANGUAGE_KIND.txt`, by kind.
pub fn test_files(folder: &Path) -> Result<[Vec<(String, String)>; 3]> {
    let mut texts: [Vec<(String, String)>; 3] = Default::default();
    let mut paths: Vec<_> = fs::read_dir(folder)
        .and_then(Iterator::collect::<std::io::Result<Vec<_>>>)
        .map_err(|error| Error::new(format!("cannot read {}", folder.display())).because(error))?;
    paths.sort_by_key(fs::DirEntry::file_name);
    for path in paths {
        let name = path.file_name().to_string_lossy().into_owned();
        let Some((language, kind)) = name.strip_suffix(".txt").and_then(|name| name.split_once('_')) else { continue };
        let Some(kind) = KINDS.iter().position(|known| *known == kind) else { continue };
        let all =
            fs::read_to_string(path.path()).map_err(|error| Error::new(format!("cannot read {}", path.path().display())).because(error))?;
        texts[kind].extend(all.lines().map(|line| (language.to_owned(), line.to_owned())));
    }
    Ok(texts)
}

/// Prints all that can be measured.
pub fn all(model: &Model, corpus: &Corpus, tests: &[Vec<(String, String)>; 3], pages: Option<&Path>) -> Result<()> {
    for (kind, texts) in KINDS.iter().zip(tests) {
        let outcomes: Vec<Outcome> = texts.iter().map(|(language, text)| Outcome::of(model, language, text)).collect();
        if outcomes.is_empty() {
            continue;
        }
        println!(
            "\n{kind}: macro accuracy {:.4}, of groups {:.4}, calibration error {:.4}, {} texts",
            macro_accuracy(&outcomes, &|code| code.to_owned()),
            macro_accuracy(&outcomes, &group),
            calibration_error(&outcomes),
            outcomes.len()
        );
        let below: Vec<String> = by_language(&outcomes, &Outcome::is_right)
            .iter()
            .take(MOST_SHOWN)
            .map(|(language, share)| format!("{language} {share:.3}"))
            .collect();
        println!("  lowest: {}", below.join(", "));
        if *kind == "sentences" {
            details(&outcomes);
        }
    }
    declaration(model, corpus);
    strangers(model, corpus);
    pages.map_or(Ok(()), |pages| labelled(model, pages))
}

fn group(code: &str) -> String {
    codes::group(code).unwrap_or(code).to_owned()
}

/// Mean over languages of the share that is right.
fn macro_accuracy(outcomes: &[Outcome], group: &dyn Fn(&str) -> String) -> f64 {
    let shares = by_language(outcomes, &|outcome| group(&outcome.language) == group(&outcome.found));
    shares.iter().map(|(_, share)| share).sum::<f64>() / shares.len() as f64
}

/// For each language the share that is right, the lowest first.
fn by_language<'o>(outcomes: &'o [Outcome], is_right: &dyn Fn(&Outcome) -> bool) -> Vec<(&'o str, f64)> {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for outcome in outcomes {
        let (right, all) = counts.entry(&outcome.language).or_default();
        *right += usize::from(is_right(outcome));
        *all += 1;
    }
    let mut shares: Vec<(&str, f64)> = counts.into_iter().map(|(language, (right, all))| (language, right as f64 / all as f64)).collect();
    shares.sort_by(|a, b| a.1.total_cmp(&b.1));
    shares
}

/// Expected calibration error: how far the mean probability of a part is from its share of right answers, weighted by how many are in it.
fn calibration_error(outcomes: &[Outcome]) -> f64 {
    bins(outcomes).iter().map(|(_, probability, right, n)| (probability - right).abs() * *n as f64).sum::<f64>() / outcomes.len() as f64
}

/// Of each part that is not empty: its end, its mean probability, its share of right answers, and how many are in it.
fn bins(outcomes: &[Outcome]) -> Vec<(f64, f64, f64, usize)> {
    let bin = |outcome: &Outcome| ((outcome.probability * BINS as f64).ceil() as usize).clamp(1, BINS);
    let in_bin = |at: usize| outcomes.iter().filter(move |outcome| bin(outcome) == at);
    let filled = (1..=BINS).map(|at| (at, in_bin(at).count())).filter(|(_, n)| 0 < *n);
    filled
        .map(|(at, n)| {
            let probability = in_bin(at).map(|outcome| outcome.probability).sum::<f64>() / n as f64;
            let right = in_bin(at).filter(|outcome| outcome.is_right()).count() as f64 / n as f64;
            (at as f64 / BINS as f64, probability, right, n)
        })
        .collect()
}

fn details(outcomes: &[Outcome]) {
    println!("  probability up to, mean, right, texts:");
    for (end, probability, right, n) in bins(outcomes) {
        println!("    {end:.2} {probability:.3} {right:.3} {n}");
    }
    for least in [0.5, 0.65, 0.8, 0.95] {
        let kept: Vec<&Outcome> = outcomes.iter().filter(|outcome| least <= outcome.probability).collect();
        let right = kept.iter().filter(|outcome| outcome.is_right()).count() as f64 / kept.len().max(1) as f64;
        println!("  probability {least} keeps {:.4}, of which right {right:.4}", kept.len() as f64 / outcomes.len() as f64);
    }
    let mut confusions: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for outcome in outcomes.iter().filter(|outcome| !outcome.is_right()) {
        *confusions.entry((&outcome.language, &outcome.found)).or_default() += 1;
    }
    let mut confusions: Vec<_> = confusions.into_iter().collect();
    confusions.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let confusions: Vec<String> = confusions.iter().take(30).map(|((language, found), n)| format!("{language} as {found} {n}")).collect();
    println!("  confusions: {}", confusions.join(", "));
    let long: Vec<&Outcome> = outcomes.iter().filter(|outcome| LONG <= outcome.bytes).collect();
    let rejected = |outcome: &&&Outcome| outcome.found == OTHER;
    println!(
        "  of {} texts of {LONG} bytes or more: {:.4} taken for unknown, {:.4} that or below .8",
        long.len(),
        share(&long, rejected),
        share(&long, |outcome| outcome.found == OTHER || outcome.probability < 0.8)
    );
    let mut of_language: BTreeMap<&str, usize> = BTreeMap::new();
    long.iter().filter(rejected).for_each(|outcome| *of_language.entry(&outcome.language).or_default() += 1);
    println!("  taken for unknown: {of_language:?}");
}

fn share<T>(all: &[T], is_so: impl Fn(&&T) -> bool) -> f64 {
    all.iter().filter(is_so).count() as f64 / all.len().max(1) as f64
}

/// The declaration in the languages of the model, which it has not seen: paragraphs of 60 bytes or more.
fn declaration(model: &Model, corpus: &Corpus) {
    let mut outcomes = Vec::new();
    for language in known() {
        let texts = declaration_of(language, corpus).filter(|text| 60 <= text.len() && split::of_paragraph(text) == Part::Test);
        outcomes.extend(texts.map(|text| Outcome::of(model, language, text)));
    }
    let shares = by_language(&outcomes, &Outcome::is_right);
    let below: Vec<String> = shares
        .iter()
        .take_while(|(_, share)| *share < 0.98)
        .map(|(language, share)| format!("{language} {share:.3} ({})", taken_for(&outcomes, language)))
        .collect();
    println!(
        "\ndeclaration: macro accuracy {:.4}, of groups {:.4}, {} languages; below .98: {}",
        macro_accuracy(&outcomes, &|code| code.to_owned()),
        macro_accuracy(&outcomes, &group),
        shares.len(),
        below.join(", ")
    );
}

/// What texts of a language are taken for most often, when not for itself.
fn taken_for<'o>(outcomes: &'o [Outcome], language: &str) -> &'o str {
    let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
    for outcome in outcomes.iter().filter(|outcome| outcome.language == language && !outcome.is_right()) {
        *taken.entry(&outcome.found).or_default() += 1;
    }
    taken.into_iter().max_by_key(|(_, n)| *n).map_or("", |(found, _)| found)
}

/// Languages that no judge has learned anything of, not even that they are unknown.
fn strangers(model: &Model, corpus: &Corpus) {
    let mut by_relation: [Vec<Outcome>; 2] = Default::default();
    for plan in &PLANS {
        for (tag, text) in unknown(plan.script, corpus, Part::Test).into_iter().filter(|(_, text)| LONG <= text.len()) {
            by_relation[usize::from(is_relative(tag))].push(Outcome::of(model, tag, text));
        }
    }
    let other = |outcome: &&Outcome| outcome.found == OTHER;
    let doubtful = |outcome: &&Outcome| outcome.found == OTHER || outcome.probability < 0.8;
    for (name, outcomes) in ["no close relatives", "close relatives"].iter().zip(&by_relation) {
        let languages = by_language(outcomes, &|outcome| outcome.found == OTHER);
        println!(
            "unknown languages, {name}: {:.4} taken for unknown, {:.4} that or below .8; {} texts of {} languages",
            share(outcomes, other),
            share(outcomes, doubtful),
            outcomes.len(),
            languages.len()
        );
        let accepted = languages.iter().take(MOST_SHOWN).take_while(|(_, share)| *share < 0.9);
        let accepted: Vec<String> =
            accepted.map(|(language, share)| format!("{language} {share:.2} ({})", taken_for(outcomes, language))).collect();
        println!("  lowest: {}", accepted.join(", "));
    }
    let all: Vec<Outcome> = by_relation.into_iter().flatten().collect();
    println!("  all: {:.4} taken for unknown, {:.4} that or below .8", share(&all, other), share(&all, doubtful));
    // The words of programs in languages that are not in the model: text of another kind than the declaration.
    let mut programs = Vec::new();
    for ((source, tag), texts) in &corpus.texts {
        let is_known = known().contains(&code(tag)) || *source == Source::Udhr || *source == Source::Lingua;
        if !is_known && texts.first().is_some_and(|text| PLANS.iter().any(|plan| Counts::of(text).first() == Some(plan.script))) {
            programs.extend(texts.iter().filter(|text| LONG <= text.len()).map(|text| Outcome::of(model, tag, text)));
        }
    }
    let languages: Vec<String> = by_language(&programs, &|outcome| outcome.found == OTHER)
        .iter()
        .map(|(language, share)| format!("{language} {share:.2}"))
        .collect();
    println!("unknown languages, words of programs: {:.4} taken for unknown: {}", share(&programs, other), languages.join(", "));
}

/// Pages that say what language they are in, as `gristmill extract` writes them.
fn labelled(model: &Model, path: &Path) -> Result<()> {
    let fault = |error: String| Error::new(format!("cannot read the pages of {}", path.display())).because(error);
    let lines = fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
    let mut outcomes = Vec::new();
    for line in lines.lines() {
        let page: Value = serde_json::from_str(line).map_err(|error| fault(error.to_string()))?;
        let (Some(text), Some(tag)) = (page["text"].as_str(), page["html_language"].as_str()) else { continue };
        if 200 <= text.len() {
            let named = Language::base(tag);
            let found = language::answer_by(model, text).language;
            let is_meant = codes::means(named, &found.code);
            outcomes.push((named.to_owned(), found, is_meant, page["url"].as_str().unwrap_or_default().to_owned()));
        }
    }
    println!("\npages that name their language: {:.4} agree, {} pages", share(&outcomes, |(.., is_meant, _)| *is_meant), outcomes.len());
    for (named, found, _, url) in outcomes.iter().filter(|(.., is_meant, _)| !is_meant).take(MOST_SHOWN) {
        println!("  {named}: {} {:.2} {url}", found.code, found.probability);
    }
    Ok(())
}
