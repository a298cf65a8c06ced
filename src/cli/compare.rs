//! `gristmill compare`: what a new model changes, before any build is made with it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::progress::count;
use super::score::load;
use super::{escape, say, say_json, texts};
use crate::error::{Error, Result};
use crate::extract::{Extractor, Options};
use crate::quality::compare::{Agreement, agreement, changed_sides};

/// Compares two quality classifiers on the same documents: rank correlation, what each keeps, and which documents changed sides. Scores are ranked in memory: about 70 bytes a document.
#[derive(Args)]
#[command(after_help = "Example: gristmill compare old/models/quality out/quickstart/models/quality fixtures/crawl.warc.gz")]
pub struct Arguments {
    /// The first model: models/NAME of a build folder, or its model.bin.
    #[arg(value_name = "MODEL_A")]
    first: PathBuf,
    /// The second model.
    #[arg(value_name = "MODEL_B")]
    second: PathBuf,
    /// Files, globs, folders or URLs, as `gristmill extract` takes them; each file is compared for itself too.
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<String>,
    /// Score from which a document is kept, to tell which ones changed sides.
    #[arg(long, value_name = "SCORE", default_value_t = 0.5)]
    threshold: f64,
    /// Most documents to name that changed sides, those first whose scores differ most; all are counted.
    #[arg(long, value_name = "N", default_value_t = 20)]
    show: usize,
}

/// A document that one model keeps and the other does not.
#[derive(Serialize)]
struct Changed {
    input: String,
    id: String,
    url: Option<String>,
    scores: [f64; 2],
}

#[derive(Serialize)]
struct Comparison {
    models: [String; 2],
    all: Agreement,
    /// By input.
    inputs: BTreeMap<String, Agreement>,
    /// How many documents changed sides.
    changed_sides: u64,
    /// Those whose scores differ most.
    changed: Vec<Changed>,
    /// Records that gave no text.
    skipped: u64,
}

pub fn run(arguments: &Arguments, json: bool) -> Result<()> {
    let Arguments { first, second, inputs, threshold, show } = arguments;
    if !(0.0..=1.0).contains(threshold) {
        return Err(Error::recipe(format!("--threshold is a score in 0..=1, not {threshold}")));
    }
    let models = [load(first)?, load(second)?];
    let [mut a, mut b] = models.each_ref().map(|model| model.scorer());
    let mut scores: BTreeMap<String, Vec<[f64; 2]>> = BTreeMap::new();
    let (mut changed, mut n_changed) = (Vec::new(), 0);
    let skipped = texts::read_all(inputs, Extractor::new(Options::default())?, &mut |text| {
        let pair = [a.score(text.text), b.score(text.text)];
        if changed_sides(pair, *threshold) {
            n_changed += 1;
            changed.push(Changed { input: text.input.to_owned(), id: text.id.to_owned(), url: text.url.map(str::to_owned), scores: pair });
            // Twice as many as asked for are held at most.
            if 2 * show.max(&1) <= changed.len() {
                keep_strongest(&mut changed, *show);
            }
        }
        match scores.get_mut(text.input) {
            Some(of) => of.push(pair),
            None => drop(scores.insert(text.input.to_owned(), vec![pair])),
        }
        Ok(())
    })?;
    keep_strongest(&mut changed, *show);
    let all: Vec<[f64; 2]> = scores.values().flatten().copied().collect();
    if all.is_empty() {
        return Err(Error::new(format!("there is nothing to compare: the inputs hold no text, {} skipped", count(skipped, "record"))));
    }
    let comparison = Comparison {
        models: [first, second].map(|path| path.display().to_string()),
        all: agreement(&all, *threshold),
        inputs: scores.into_iter().map(|(input, scores)| (input, agreement(&scores, *threshold))).collect(),
        changed_sides: n_changed,
        changed,
        skipped,
    };
    if json { say_json(&comparison) } else { print(&comparison) }
}

/// Those whose scores differ most; ties stay in the order of the inputs.
fn keep_strongest(changed: &mut Vec<Changed>, n: usize) {
    let apart = |changed: &Changed| (changed.scores[0] - changed.scores[1]).abs();
    changed.sort_by(|a, b| apart(b).total_cmp(&apart(a)));
    changed.truncate(n);
}

fn print(comparison: &Comparison) -> Result<()> {
    let Comparison { models, all, inputs, changed_sides, changed, skipped } = comparison;
    say(format_args!("A  {}\nB  {}", escape(&models[0]), escape(&models[1])))?;
    agreed("all inputs", all)?;
    if 1 < inputs.len() {
        inputs.iter().try_for_each(|(input, agreement)| agreed(&escape(input), agreement))?;
    }
    let rest = *changed_sides - changed.len() as u64;
    say(format_args!("\n{} changed sides at {}; {} skipped", count(*changed_sides, "document"), all.threshold, count(*skipped, "record")))?;
    for Changed { id, url, scores: [a, b], .. } in changed {
        say(format_args!("  {a:.3} -> {b:.3}  {}", escape(url.as_deref().unwrap_or(id))))?;
    }
    if rest == 0 { Ok(()) } else { say(format_args!("  and {rest} more; --show N names more of them")) }
}

fn agreed(name: &str, agreement: &Agreement) -> Result<()> {
    let Agreement {
        documents,
        rank_correlation,
        mean_scores: [a, b],
        kept,
        kept_by_both,
        overlap,
        pareto_kept,
        pareto_kept_by_both,
        threshold,
    } = agreement;
    say(format_args!("\n{name}: {}, rank correlation {rank_correlation:.3}, mean score {a:.3} and {b:.3}", count(*documents, "document")))?;
    say(format_args!("  threshold {threshold}: A keeps {}, B keeps {}, both {kept_by_both}; overlap {overlap:.3}", kept[0], kept[1]))?;
    say(format_args!(
        "  pareto, alpha 9, expected: A keeps {:.1}, B keeps {:.1}, both {pareto_kept_by_both:.1}",
        pareto_kept[0], pareto_kept[1]
    ))
}
