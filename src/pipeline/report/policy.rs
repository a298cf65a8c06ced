//! What the report says of rights, lists and masked addresses, from the counts of `extract`, `filter` and `mask`.

use crate::report::{ListCounts, MaskCounts, OptOutCounts};

use super::super::ledger::{Counts, Entry};
use super::super::recipe::Recipe;
use super::super::steps::extract::OPT_OUT;
use super::super::steps::filter::{DROPPED_BY, LISTS};
use super::{note, notes};

/// What pages say to robots, by the source that was read.
pub fn opt_outs(all: &Counts, entries: &[Entry]) -> Vec<OptOutCounts> {
    let extracted = entries.iter().find(|entry| entry.step == "extract");
    let said = all.histograms.iter().filter_map(|(name, signals)| Some((name.strip_prefix(OPT_OUT)?, signals)));
    let counts = said.map(|(source, signals)| {
        let mut signals: Vec<(String, u64)> = signals.iter().map(|(signal, &n)| (signal.clone(), n)).collect();
        signals.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let kept = extracted.and_then(|entry| entry.outcome.counts.sources.get(source)).map_or(0, |funnel| funnel.kept);
        OptOutCounts { source: source.to_owned(), documents: kept, signals }
    });
    counts.collect()
}

/// Documents by the list that dropped them.
pub fn lists(all: &Counts) -> Vec<ListCounts> {
    let mut counts = Vec::new();
    for (name, lists) in &all.histograms {
        let Some((source, filter)) = name.strip_prefix(DROPPED_BY).and_then(|name| name.split_once(": ")) else { continue };
        let mut of_filter: Vec<(&String, u64)> = lists.iter().map(|(list, &n)| (list, n)).collect();
        of_filter.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        counts.extend(of_filter.into_iter().map(|(list, documents)| ListCounts {
            source: source.to_owned(),
            filter: filter.to_owned(),
            list: list.clone(),
            documents,
        }));
    }
    counts
}

/// What is wrong with lists.
pub fn warnings(all: &Counts) -> impl Iterator<Item = String> {
    notes(all, LISTS).into_iter().map(|(said, _)| said)
}

/// What was masked in each source that the recipe masks.
pub fn masks(recipe: &Recipe, entries: &[Entry]) -> Vec<MaskCounts> {
    let Some(options) = &recipe.mask else { return Vec::new() };
    let Some(entry) = entries.iter().find(|entry| entry.step == "mask") else { return Vec::new() };
    let counts = &entry.outcome.counts;
    let masked = counts.sources.iter().filter(|(source, _)| options.masks(source));
    let of = |(source, funnel): (&String, &super::super::ledger::Funnel)| {
        let note = |what: &str| note(counts, &format!("{source}: {what}"));
        MaskCounts {
            source: source.clone(),
            documents: funnel.read,
            documents_masked: note("documents masked"),
            emails: note("masked email"),
            documents_with_emails: note("documents with email"),
            ips: note("masked ip"),
            documents_with_ips: note("documents with ip"),
        }
    };
    masked.map(of).collect()
}
