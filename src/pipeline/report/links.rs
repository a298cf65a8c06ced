//! What the link files held, what they led to, and when that is too little to learn from.

use super::super::ledger::{Counts, Entry};
use super::super::recipe::{Match, Recipe};
use super::super::steps::select::{BY_DOMAIN, BY_URL};
use super::{note, notes};
use crate::read::links::SCORE_BUCKETS;
use crate::report::LinkSummary;

/// A selection is warned of that finds fewer documents than this, and less than one in as many.
const FEW: u64 = 1000;

/// Every selected source.
pub fn summaries(recipe: &Recipe, entries: &[Entry]) -> Vec<LinkSummary> {
    let Some(entry) = entries.iter().find(|entry| entry.step == "select") else { return Vec::new() };
    let counts = &entry.outcome.counts;
    let selected = recipe.sources.iter().filter_map(|(name, source)| Some((name, source.select.as_ref()?)));
    let summary = |(name, select): (&String, &super::super::recipe::Select)| {
        let note = |what: &str| note(counts, &format!("{name}: {what}"));
        let scores = counts.histograms.get(&format!("karma of links of {name}"));
        let score = |bucket: &&str| ((*bucket).to_owned(), scores.and_then(|scores| scores.get(*bucket)).copied().unwrap_or(0));
        LinkSummary {
            source: name.clone(),
            from: select.from.clone(),
            rows: note("rows of links"),
            used: note("links used"),
            skipped: notes(counts, &format!("{name}: links skipped, ")),
            scores: SCORE_BUCKETS.iter().map(score).collect(),
            distinct_urls: note("distinct URLs"),
            distinct_domains: note("distinct domains"),
            documents: counts.sources.get(&select.from).map_or(0, |funnel| funnel.read),
            by_url: note(BY_URL),
            by_domain: note(BY_DOMAIN),
        }
    };
    selected.map(summary).collect()
}

/// Links that were cut short, whose scores say nothing, or that lead to next to nothing.
pub fn warnings(recipe: &Recipe, links: &[LinkSummary], all: &Counts) -> Vec<String> {
    let mut warnings = Vec::new();
    for found in links {
        let name = &found.source;
        for (fault, _) in notes(all, &format!("{name}: fault ")) {
            warnings.push(format!("links of {name}: {fault}; what came before it counts"));
        }
        if note(all, &format!("{name}: scores look stale")) != 0 {
            warnings.push(format!(
                "nearly all link scores of source {name} are 1: the dump was taken before people voted, so min-karma leaves little"
            ));
        }
        let documents = found.by_url + found.by_domain;
        if FEW <= documents || found.documents <= documents.saturating_mul(FEW) {
            continue;
        }
        let matching = recipe.sources.get(name).and_then(|source| source.select.as_ref()).map(|select| select.linked_from.matching);
        let advice = match matching {
            _ if found.used == 0 => "no row of its link files counts; are they what the recipe says they are?",
            Some(Match::Url) => {
                "a small crawl holds few of the URLs: give more links, a lower min-karma, or match = \"url-then-registered-domain\""
            }
            _ => "give more links, or a lower min-karma or min-links",
        };
        warnings.push(format!(
            "links of {name} lead to {documents} of {} documents of {} ({} distinct URLs from {} of {} rows): {advice}",
            found.documents, found.from, found.distinct_urls, found.used, found.rows
        ));
    }
    warnings
}
