//! The dedup report: gathered from the ledger's entry of the step and what the step found, drawn as JSON and as a page, and its sheets from the step's tables.

use std::collections::BTreeMap;

use crate::dedup::{self, Pairs, Shingles};
use crate::error::Result;
use crate::report::dedup::{AtThreshold, DedupReport, Removed, SourceRemoval, StepCost};
use crate::report::{DedupSummary, UrlSummary};
use crate::store::Folder;

use super::super::ledger::{Counts, Entry};
use super::super::recipe::{Dedup, Recipe, Within};
use super::super::run::Build;
use super::super::steps::dedup::findings;
use super::super::steps::dedup::{REMOVED_AT, TEXT_BYTES};
use super::note;
use super::sheets::{CLUSTERS_CSV, PAIRS_CSV, sheet};

/// The report's names in the build folder; like the whole report's they stand outside of the manifest.
pub const JSON: &str = "dedup/report.json";
pub const HTML: &str = "dedup/report.html";
/// With its sheets, all that is drawn again with it.
pub const FILES: [&str; 4] = [JSON, HTML, CLUSTERS_CSV, PAIRS_CSV];

/// Documents of a source below which its removal rate is no ground for an alarm: half of ten is chance.
const LEAST_DOCUMENTS: u64 = 20;

/// The part of the whole report.
pub fn summary(recipe: &Recipe, entries: &[Entry]) -> Option<DedupSummary> {
    let options = recipe.dedup.as_ref()?.options();
    let counts = &entries.iter().find(|entry| entry.step == "dedup")?.outcome.counts;
    let (bands, rows) = (options.minhash.bands, options.minhash.rows);
    let exact_duplicates: u64 = counts.sources.keys().map(|source| exact(counts, source)).sum();
    let bucket = |histogram: &str| counts.histograms.get(histogram).cloned().unwrap_or_default();
    let (verified, rejected) = (bucket("similarity of verified pairs"), bucket("similarity of rejected pairs"));
    let labels = (0..20).map(|n| format!("{:.2}", f64::from(n) / 20.0));
    let similarities = labels.map(|label| {
        let n = |of: &BTreeMap<String, u64>| of.get(&label).copied().unwrap_or(0);
        (label.parse().unwrap_or(0.0), n(&verified), n(&rejected))
    });
    let removed = removals(counts, "removed from ").into_iter().map(|((loser, winner), (exact, near))| (loser, winner, exact, near));
    Some(DedupSummary {
        threshold: options.threshold,
        bands: bands as u64,
        rows: rows as u64,
        documents: counts.sources.values().map(|funnel| funnel.read).sum(),
        exact_duplicates,
        near_duplicates: counts.sources.values().map(|funnel| funnel.n_dropped()).sum::<u64>() - exact_duplicates,
        candidates: note(counts, "candidate pairs"),
        verified: note(counts, "verified pairs"),
        similarities: similarities.collect(),
        cluster_sizes: bucket("sizes of clusters").into_iter().map(|(label, n)| (label.trim_start().to_owned(), n)).collect(),
        removed: removed.collect(),
        s_curve: (0..=50).map(|n| f64::from(n) / 50.0).map(|j| (j, dedup::s_curve(bands, rows, j))).collect(),
        notes: counts.notes.iter().map(|(name, &n)| (name.clone(), n)).collect(),
    })
}

/// What the step before removed by URL.
pub fn urls(entries: &[Entry]) -> Option<UrlSummary> {
    let counts = &entries.iter().find(|entry| entry.step == "urls")?.outcome.counts;
    let removed = removals(counts, "removed from ").into_iter().map(|((loser, winner), (_, n))| (loser, winner, n));
    Some(UrlSummary {
        documents: counts.sources.values().map(|funnel| funnel.read).sum(),
        removed: removed.collect(),
        notes: counts.notes.iter().map(|(name, &n)| (name.clone(), n)).collect(),
    })
}

/// The whole of it; `None` where the step is not done. `peak_memory_bytes` is of the run that is told of.
///
/// # Errors
/// When the disk fails.
pub fn gather(build: Build<'_>, name: &str, entries: &[Entry], peak_memory_bytes: u64) -> Result<Option<DedupReport>> {
    let (Some(summary), Some(part)) = (summary(build.recipe, entries), &build.recipe.dedup) else { return Ok(None) };
    let (Some(entry), Some(findings)) = (entries.iter().find(|entry| entry.step == "dedup"), findings::stored(build.folder)?) else {
        return Ok(None);
    };
    let counts = &entry.outcome.counts;
    let bytes = removals(counts, "bytes removed from ");
    let removed = removals(counts, "removed from ").into_iter().map(|(pair, (exact, near))| {
        let (exact_bytes, near_bytes) = bytes.get(&pair).copied().unwrap_or_default();
        let (from, survivors_in) = pair;
        Removed { from, survivors_in, exact, near, exact_bytes, near_bytes }
    });
    let removed: Vec<Removed> = removed.collect();
    let arrived = counts.histograms.get(TEXT_BYTES);
    let sources = counts.sources.iter().map(|(source, funnel)| SourceRemoval {
        source: source.clone(),
        documents: funnel.read,
        bytes: arrived.and_then(|bytes| bytes.get(source)).copied().unwrap_or(0),
        exact: exact(counts, source),
        near: funnel.n_dropped() - exact(counts, source),
        removed_bytes: removed.iter().filter(|of| of.from == *source).map(|of| of.exact_bytes + of.near_bytes).sum(),
    });
    let sources: Vec<SourceRemoval> = sources.collect();
    let cpu: f64 = entries.iter().map(|entry| entry.cost.cpu_seconds()).sum();
    Ok(Some(DedupReport {
        name: name.to_owned(),
        alarms: alarms(part, &sources, &findings.sizes),
        settings: settings(part),
        threshold: summary.threshold,
        bands: summary.bands,
        rows: summary.rows,
        documents: summary.documents,
        removed_by_url: urls(entries).map(|urls| urls.n_removed()),
        bytes: sources.iter().map(|of| of.bytes).sum(),
        exact_duplicates: summary.exact_duplicates,
        near_duplicates: summary.near_duplicates,
        removed_bytes: sources.iter().map(|of| of.removed_bytes).sum(),
        sources,
        removed,
        candidates: summary.candidates,
        verified: summary.verified,
        similarities: summary.similarities,
        s_curve: summary.s_curve,
        notes: summary.notes,
        thresholds: thresholds(part, counts),
        findings,
        with_text: true,
        cost: StepCost {
            user_seconds: entry.cost.user_seconds,
            system_seconds: entry.cost.system_seconds,
            wall_seconds: entry.cost.wall_seconds,
            bytes: entry.cost.bytes,
            share_of_cpu: if 0.0 < cpu { entry.cost.cpu_seconds() / cpu } else { 0.0 },
            peak_memory_bytes,
        },
    }))
}

/// The report that the folder holds; `None` when it is not there or cannot be read.
///
/// # Errors
/// When the disk fails.
pub fn stored(folder: &Folder) -> Result<Option<DedupReport>> {
    Ok(folder.read(JSON)?.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// Writes the report as JSON and as a page, and the sheets.
///
/// # Errors
/// When they cannot be written.
pub fn write(folder: &Folder, report: &DedupReport) -> Result<()> {
    folder.write(JSON, report.to_json()?.as_bytes())?;
    folder.write(HTML, report.to_html()?.as_bytes())?;
    for path in [CLUSTERS_CSV, PAIRS_CSV] {
        let mut file = folder.create(path)?;
        let rows = sheet(folder, path, report.with_text, &mut file)?;
        file.commit(rows)?;
    }
    Ok(())
}

/// What is out of the ordinary, by the limits of the recipe.
pub fn alarms(part: &Dedup, sources: &[SourceRemoval], sizes: &[(u64, u64)]) -> Vec<String> {
    let alarm = &part.alarm;
    let mut said = Vec::new();
    let giants: u64 = sizes.iter().filter(|(size, _)| alarm.cluster < *size).map(|(_, n)| n).sum();
    if 0 < giants {
        let largest = sizes.last().map_or(0, |(size, _)| *size);
        let clusters = if giants == 1 { "1 cluster holds".to_owned() } else { format!("{giants} clusters hold") };
        said.push(format!(
            "dedup: {clusters} more than {} documents (alarm.cluster), the largest {largest}; is it one text, or a template that makes different texts alike?",
            alarm.cluster
        ));
    }
    for of in sources {
        let removed = of.exact + of.near;
        if LEAST_DOCUMENTS <= of.documents && alarm.removal * (of.documents as f64) < removed as f64 {
            said.push(format!(
                "dedup: {removed} of {} documents of {} were removed ({:.1} %, alarm.removal is {}); dedup/report.html shows for what",
                of.documents,
                of.source,
                100.0 * removed as f64 / of.documents as f64,
                alarm.removal
            ));
        }
    }
    said
}

/// Exact duplicates of a source; all others that it lost are near ones.
fn exact(counts: &Counts, source: &str) -> u64 {
    let rules = counts.sources.get(source).and_then(|funnel| funnel.dropped.get("dedup"));
    rules.and_then(|rules| rules.get("exact-duplicate")).copied().unwrap_or(0)
}

/// (loser, winner): what of exact and of near duplicates the histograms with this beginning count.
fn removals(counts: &Counts, beginning: &str) -> BTreeMap<(String, String), (u64, u64)> {
    let histograms = counts.histograms.iter().filter_map(|(name, kinds)| Some((name.strip_prefix(beginning)?, kinds)));
    let removal = |(pair, kinds): (&str, &BTreeMap<String, u64>)| {
        let (loser, winner) = pair.split_once(" for ").unwrap_or((pair, ""));
        let exact = kinds.get("exact").copied().unwrap_or(0);
        ((loser.to_owned(), winner.to_owned()), (exact, kinds.values().sum::<u64>() - exact))
    };
    histograms.map(removal).collect()
}

fn thresholds(part: &Dedup, counts: &Counts) -> Vec<AtThreshold> {
    let options = part.options();
    let parsed = counts.histograms.get(REMOVED_AT).into_iter().flatten();
    let parsed = parsed.filter_map(|(threshold, &removed)| Some((threshold.parse::<f64>().ok()?, removed)));
    let mut thresholds: Vec<AtThreshold> = parsed
        .map(|(threshold, removed)| AtThreshold {
            threshold,
            removed,
            at_least: threshold < options.threshold,
            planned_recall: dedup::s_curve(options.minhash.bands, options.minhash.rows, threshold),
        })
        .collect();
    thresholds.sort_by(|a, b| a.threshold.total_cmp(&b.threshold));
    thresholds
}

fn settings(part: &Dedup) -> Vec<(String, String)> {
    let options = part.options();
    let shingles = match part.shingles {
        Shingles::Words(n) => format!("{n} words ({} characters in scripts without spaces)", dedup::SPACELESS_CHARACTERS),
        Shingles::Characters(n) => format!("{n} characters"),
        Shingles::Tokens(n) => format!("{n} tokens of GPT-2's encoding"),
    };
    let pairs = match part.pairs {
        Pairs::Linking => "linking: those that survivors need",
        Pairs::All => "all",
    };
    let within = match part.within {
        Within::EachSource => "each source",
        Within::AllSources => "all sources",
    };
    let mut settings = vec![
        ("threshold", part.threshold.0.to_string()),
        ("bands and rows", format!("{} x {}", options.minhash.bands, options.minhash.rows)),
        ("shingles", shingles),
        ("pairs", pairs.to_owned()),
        ("duplicates are looked for within", within.to_owned()),
    ];
    settings.extend(part.same_url.then(|| ("documents with the same URL", "one copy stays".to_owned())));
    settings.extend(part.containment.map(|share| ("containment", share.to_string())));
    let from = part.remove_from.iter().map(|(loser, winners)| ("removed from", format!("{loser} for {}", winners.join(", "))));
    settings.extend(from);
    settings.extend(part.index.iter().map(|name| ("compared with what was kept in", name.clone())));
    settings.push(("alarm, documents of a cluster", part.alarm.cluster.to_string()));
    settings.push(("alarm, share of a source removed", part.alarm.removal.to_string()));
    settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
