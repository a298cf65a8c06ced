//! Gathers the report of a build from the ledger's entries and the few files that hold more than counts.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::quality::Fittable;
use crate::quality::keep::Rule;
use crate::report::{
    Cost, Dropped, InputSummary, LanguageShare, Law, ModelSummary, Report, ScoreBucket, ScoreChart, SourceFunnel, StepFunnel, Total,
};
use crate::store::Folder;

use super::data_card;
use super::ledger::{Counts, Entry};
use super::origin::Opened;
use super::recipe::Recipe;
use super::run::Build;
use super::steps;

mod benchmarks;
mod blend;
pub mod dedup;
mod links;
mod paragraphs;
mod policy;
pub mod sheets;

/// The report of what the entries say; `cached` names the steps that did not run this time.
///
/// # Errors
/// When the law does not hold over the whole, or a file of the build cannot be read.
pub fn gather(build: Build<'_>, name: &str, entries: &[Entry], cached: &[String], warnings: &[String], total: Total) -> Result<Report> {
    let recipe = build.recipe;
    let funnel = funnels(entries);
    let law = law(&funnel);
    if law.read != law.kept + law.dropped {
        return Err(Error::new(format!(
            "the build does not balance: {} read, {} kept, {} dropped; this is a fault in gristmill, please report it",
            law.read, law.kept, law.dropped
        )));
    }
    let mut all = Counts::default();
    for entry in entries {
        all.add(&entry.outcome.counts);
    }
    let models = models(build, entries)?;
    let mut said: Vec<String> = warnings.to_vec();
    for model in &models {
        said.extend(model.warnings.iter().map(|warning| format!("model {}: {warning}", model.name)));
    }
    let blend = blend::summary(build, entries, &all)?;
    said.extend(blend.iter().flat_map(|blend| &blend.warnings).map(|warning| format!("blend: {warning}")));
    let links = links::summaries(recipe, entries);
    said.extend(links::warnings(recipe, &links, &all));
    said.extend(missed_removals(recipe, &all));
    said.extend(policy::warnings(&all));
    said.extend(dedup::gather(build, name, entries, 0)?.into_iter().flat_map(|found| found.alarms));
    let empty = funnel.iter().filter(|f| f.steps.last().is_some_and(|last| last.kept == 0));
    said.extend(empty.map(|f| format!("no document of source {} is left", f.source)));
    Ok(Report {
        name: name.to_owned(),
        recipe: resolved(recipe)?,
        law,
        warnings: said,
        inputs: inputs(recipe, &all),
        links,
        languages: languages(&all),
        models,
        scores: scores(build, &all)?,
        urls: dedup::urls(entries),
        dedup: dedup::summary(recipe, entries),
        paragraphs: paragraphs::summary(recipe, entries),
        opt_outs: policy::opt_outs(&all, entries),
        lists: policy::lists(&all),
        masks: policy::masks(recipe, entries),
        decontamination: benchmarks::summary(build, &funnel, entries)?,
        blend,
        costs: entries.iter().map(|entry| cost(entry, cached)).collect(),
        funnel,
        total,
    })
}

/// Terms and n-grams that the report shows.
const SHOWN: usize = 20;

/// The report's names in the build folder.
pub const JSON: &str = "report.json";
pub const HTML: &str = "report.html";

/// The report that the folder holds; `None` when it is not there or cannot be read.
///
/// # Errors
/// When the disk fails.
pub fn stored(folder: &Folder) -> Result<Option<Report>> {
    Ok(folder.read(JSON)?.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// Writes the report as JSON and as a page, the card of a data set that is whole, and the dedup report where that step is done; without words of documents and benchmarks unless `with_text`.
///
/// # Errors
/// When they cannot be written.
pub fn write(build: Build<'_>, report: &Report, entries: &[Entry], with_text: bool) -> Result<()> {
    let folder = build.folder;
    folder.write(JSON, report.to_json()?.as_bytes())?;
    folder.write(HTML, report.to_html()?.as_bytes())?;
    data_card::write(build, report, entries, with_text)?;
    let found = dedup::gather(build, &report.name, entries, report.total.peak_memory_bytes)?;
    found.map(|found| if with_text { found } else { found.without_text() }).map_or(Ok(()), |found| dedup::write(folder, &found))
}

/// The report of a build that ran before. What no table holds (warnings about inputs, memory, which steps were found done) is taken over from the report that
/// was written then; without it, costs are the sums over the steps.
///
/// # Errors
/// As [`gather`].
pub fn again(opened: &Opened, entries: &[Entry], stored: Option<&Report>) -> Result<Report> {
    let build = Build { folder: &opened.folder, recipe: &opened.recipe };
    let cached: Vec<String> =
        stored.iter().flat_map(|report| &report.costs).filter(|cost| cost.cached).map(|cost| cost.step.clone()).collect();
    let sum = |of: fn(&Entry) -> f64| entries.iter().map(of).sum();
    let total = stored.map_or_else(
        || Total {
            user_seconds: sum(|entry| entry.cost.user_seconds),
            system_seconds: sum(|entry| entry.cost.system_seconds),
            wall_seconds: sum(|entry| entry.cost.wall_seconds),
            peak_memory_bytes: 0,
        },
        |report| report.total,
    );
    let mut report = gather(build, &opened.name, entries, &cached, &[], total)?;
    let known: Vec<&String> = stored.iter().flat_map(|stored| &stored.warnings).collect();
    let mut warnings: Vec<String> = known.into_iter().filter(|said| !report.warnings.contains(said)).cloned().collect();
    warnings.append(&mut report.warnings);
    report.warnings = warnings;
    Ok(report)
}

/// The recipe with every default written out.
pub fn resolved(recipe: &Recipe) -> Result<String> {
    toml::to_string_pretty(recipe).map_err(|error| Error::new("cannot write the resolved recipe").because(error))
}

fn funnels(entries: &[Entry]) -> Vec<SourceFunnel> {
    let mut funnels: BTreeMap<&str, Vec<StepFunnel>> = BTreeMap::new();
    for entry in entries {
        for (source, funnel) in &entry.outcome.counts.sources {
            let reasons = funnel.dropped.iter().flat_map(|(filter, rules)| rules.iter().map(move |(rule, &n)| (filter, rule, n)));
            let mut dropped: Vec<Dropped> =
                reasons.map(|(filter, rule, n)| Dropped { filter: filter.clone(), rule: rule.clone(), documents: n }).collect();
            dropped.sort_by(|a, b| b.documents.cmp(&a.documents).then_with(|| (&a.filter, &a.rule).cmp(&(&b.filter, &b.rule))));
            funnels.entry(source).or_default().push(StepFunnel {
                step: entry.step.clone(),
                read: funnel.read,
                entered: funnel.entered,
                kept: funnel.kept,
                moved: funnel.moved.iter().map(|(to, &n)| (to.clone(), n)).collect(),
                dropped,
            });
        }
    }
    funnels.into_iter().map(|(source, steps)| SourceFunnel { source: source.to_owned(), steps }).collect()
}

fn law(funnel: &[SourceFunnel]) -> Law {
    let mut law = Law::default();
    for source in funnel {
        law.read += source.steps.iter().find(|step| step.step == "extract").map_or(0, |step| step.read);
        law.kept += source.steps.last().map_or(0, |step| step.kept);
        law.dropped += source.steps.iter().flat_map(|step| &step.dropped).map(|dropped| dropped.documents).sum::<u64>();
    }
    law
}

/// Notes whose names start with a prefix, by the rest of the name.
fn notes(counts: &Counts, prefix: &str) -> Vec<(String, u64)> {
    let matching = counts.notes.iter().filter_map(|(name, &n)| Some((name.strip_prefix(prefix)?.to_owned(), n)));
    matching.collect()
}

fn note(counts: &Counts, name: &str) -> u64 {
    counts.notes.get(name).copied().unwrap_or(0)
}

fn missed_removals(recipe: &Recipe, all: &Counts) -> Option<String> {
    let mut lines: Vec<u64> = notes(all, steps::extract::LINE_WITHOUT).iter().filter_map(|(line, _)| line.parse().ok()).collect();
    lines.sort_unstable();
    let list = recipe.remove.as_ref().filter(|_| !lines.is_empty())?;
    let more = if SHOWN_LINES < lines.len() { format!(" and {} more", lines.len() - SHOWN_LINES) } else { String::new() };
    let shown: Vec<String> = lines.iter().take(SHOWN_LINES).map(u64::to_string).collect();
    Some(format!("{list} asks for what no input holds, in line {}{more}; are they typed as they should be?", shown.join(", ")))
}

/// Lines of the removal list that a warning names.
const SHOWN_LINES: usize = 20;

fn inputs(recipe: &Recipe, all: &Counts) -> Vec<InputSummary> {
    let read = recipe.sources.iter().filter(|(_, source)| source.read.is_some());
    read.map(|(name, _)| InputSummary {
        source: name.clone(),
        stored_bytes: note(all, &format!("{name}: bytes stored")),
        decoded_bytes: note(all, &format!("{name}: bytes decoded")),
        text_bytes: note(all, &format!("{name}: bytes of text")),
        records: notes(all, &format!("{name}: records ")),
        faults: notes(all, &format!("{name}: fault ")),
    })
    .collect()
}

fn languages(all: &Counts) -> Vec<LanguageShare> {
    let of = all.histograms.iter().filter_map(|(name, buckets)| Some((name.strip_prefix("language of ")?, buckets)));
    of.map(|(source, buckets)| {
        // Labels are a code and a tenth of the probability, as the step `filter` writes them.
        let mut codes: BTreeMap<&str, [u64; 10]> = BTreeMap::new();
        for (code, tenth, n) in buckets.iter().filter_map(|(label, n)| label.split_once(' ').map(|(code, tenth)| (code, tenth, n))) {
            codes.entry(code).or_default()[tenth.parse::<usize>().unwrap_or_default().min(9)] += n;
        }
        let count = |tenths: &[u64; 10]| tenths.iter().sum::<u64>();
        let mut codes: Vec<(&str, [u64; 10])> = codes.into_iter().collect();
        codes.sort_by_key(|(_, tenths)| Reverse(count(tenths)));
        let languages = codes.iter().map(|(code, tenths)| ((*code).to_owned(), count(tenths))).collect();
        LanguageShare { source: source.to_owned(), languages, tenths: codes.into_iter().map(|(_, tenths)| tenths).collect() }
    })
    .collect()
}

fn models(build: Build<'_>, entries: &[Entry]) -> Result<Vec<ModelSummary>> {
    let trained = entries.iter().filter_map(|entry| entry.step.strip_prefix("train-"));
    trained
        .map(|name| {
            let card = steps::train::load_card(build, name)?;
            Ok(ModelSummary {
                name: name.to_owned(),
                positives: card.positives.clone(),
                negatives: card.negatives.clone(),
                figures: card.figures(),
                warnings: card.warnings.clone(),
                strongest_for: card.strongest_for.iter().take(SHOWN).cloned().collect(),
                strongest_against: card.strongest_against.iter().take(SHOWN).cloned().collect(),
            })
        })
        .collect()
}

fn scores(build: Build<'_>, all: &Counts) -> Result<Vec<ScoreChart>> {
    let mut charts = Vec::new();
    for (name, buckets) in &all.histograms {
        let Some(source) = name.strip_prefix("scores of ").and_then(|rest| rest.strip_suffix(": all")) else { continue };
        let of = |rule: &str, label: &str| {
            all.histograms.get(&format!("scores of {source}: {rule} keeps")).and_then(|kept| kept.get(label)).copied().unwrap_or(0)
        };
        let buckets = buckets.iter().map(|(label, &n)| ScoreBucket {
            from: label.parse().unwrap_or(0.0),
            all: n,
            threshold_keeps: of("threshold", label),
            pareto_keeps: of("pareto", label),
        });
        let acting = build.recipe.sources.get(source).and_then(|source| source.keep.as_ref()).map(|keep| keep.rule);
        let threshold = match acting {
            Some(Rule::Threshold(least)) => least,
            _ => 0.5,
        };
        let rule = match acting {
            Some(Rule::Threshold(least)) => format!("threshold {least}"),
            Some(Rule::Pareto { alpha: Fittable::Fixed(alpha) }) => format!("pareto, alpha {alpha}"),
            Some(Rule::Pareto { alpha: Fittable::Fit }) => {
                format!("pareto, alpha {:.3} (fitted)", note(all, &format!("{source}: alpha fitted, in thousandths")) as f64 / 1000.0)
            }
            None => String::new(),
        };
        charts.push(ScoreChart { source: source.to_owned(), rule, threshold, buckets: buckets.collect() });
    }
    Ok(charts)
}

fn cost(entry: &Entry, cached: &[String]) -> Cost {
    Cost {
        step: entry.step.clone(),
        cached: cached.contains(&entry.step),
        user_seconds: entry.cost.user_seconds,
        system_seconds: entry.cost.system_seconds,
        wall_seconds: entry.cost.wall_seconds,
        bytes: entry.outcome.counts.bytes,
        costed_bytes: entry.cost.bytes,
    }
}
