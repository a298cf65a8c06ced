//! What the report says of the step `paragraphs`, from its counts.

use crate::dedup::paragraphs::{By, Ngrams};
use crate::report::{ParagraphCounts, ParagraphSummary};

use super::super::ledger::Entry;
use super::super::recipe::Recipe;
use super::note;

/// What was cut out of each source; `None` where the recipe has no such step, or it has not run.
pub fn summary(recipe: &Recipe, entries: &[Entry]) -> Option<ParagraphSummary> {
    let by = match recipe.paragraphs.as_ref()?.by {
        By::Ccnet => "whole paragraphs, in lower case, with every digit as 0, without accents and punctuation".to_owned(),
        By::Ngrams(Ngrams { words, threshold }) => format!("runs of {words} words; a paragraph goes with at least {threshold} of its own"),
    };
    let counts = &entries.iter().find(|entry| entry.step == "paragraphs")?.outcome.counts;
    let rows = counts.sources.iter().map(|(source, funnel)| {
        let of = |name: &str| note(counts, &format!("{source}: {name}"));
        ParagraphCounts {
            source: source.clone(),
            paragraphs: of("paragraphs"),
            paragraphs_cut: of("paragraphs cut"),
            bytes: of("bytes of standing text"),
            bytes_cut: of("bytes cut out"),
            documents: funnel.read,
            documents_shortened: of("documents shortened"),
            documents_dropped: funnel.n_dropped(),
        }
    });
    let lost = counts.histograms.iter().filter_map(|(name, owners)| Some((name.strip_prefix("paragraphs cut from ")?, owners)));
    let owners = lost.flat_map(|(loser, owners)| owners.iter().map(|(owner, &n)| (loser.to_owned(), owner.clone(), n)));
    let is_of_filter = |name: &&String| !name.contains(": ");
    let notes = counts.notes.keys().filter(is_of_filter).map(|name| (name.clone(), note(counts, name)));
    Some(ParagraphSummary { by, rows: rows.collect(), owners: owners.collect(), notes: notes.collect() })
}
