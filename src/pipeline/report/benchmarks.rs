//! The report's part on benchmark text: what the step counted, and the two small files that it wrote.

use std::collections::BTreeMap;

use crate::decontaminate::Overlap;
use crate::error::Result;
use crate::report::{BenchmarkHits, BenchmarkOverlap, DecontaminationSummary, SourceFunnel};

use super::super::ledger::{Counts, Entry};
use super::super::run::Build;
use super::super::steps::decontaminate::{CUTS, DOCUMENTS, HITS, load_ignored, load_overlap};
use super::{SHOWN, note};

pub fn summary(build: Build<'_>, funnel: &[SourceFunnel], entries: &[Entry]) -> Result<Option<DecontaminationSummary>> {
    let Some(entry) = entries.iter().find(|entry| entry.step == "decontaminate") else { return Ok(None) };
    let counts = &entry.outcome.counts;
    let mut ignored: Vec<(String, u64)> = load_ignored(build)?.into_values().map(|(n, words)| (words, n)).collect();
    ignored.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    ignored.truncate(SHOWN);
    let of_benchmark = |row: Overlap| BenchmarkOverlap {
        benchmark: row.benchmark,
        n: row.n,
        examples: row.examples,
        unprotected: row.unprotected,
        dirty: row.dirty,
        dirty_after: row.dirty_after,
    };
    let sum = |suffix: &str| counts.notes.iter().filter(|(name, _)| name.ends_with(suffix)).map(|(_, n)| n).sum();
    let steps = funnel.iter().flat_map(|source| &source.steps).filter(|step| step.step == "decontaminate");
    Ok(Some(DecontaminationSummary {
        ignored,
        grams: note(counts, "n-grams of the benchmarks"),
        ignored_grams: note(counts, "n-grams ignored because many documents hold them"),
        short_items: note(counts, "benchmark items shorter than an n-gram"),
        documents_cut: sum(": documents cut"),
        documents_dropped: steps.flat_map(|step| &step.dropped).map(|dropped| dropped.documents).sum(),
        bytes_cut: sum(": bytes cut out"),
        hits: hits(counts),
        overlap: load_overlap(build)?.into_iter().map(of_benchmark).collect(),
    }))
}

/// By benchmark, then by source.
fn hits(counts: &Counts) -> Vec<BenchmarkHits> {
    let mut rows: BTreeMap<(&str, &str), BenchmarkHits> = BTreeMap::new();
    for (name, by_benchmark) in &counts.histograms {
        let of = |beginning| name.strip_prefix(beginning);
        let Some(source) = of(HITS).or_else(|| of(DOCUMENTS)).or_else(|| of(CUTS)) else { continue };
        for (benchmark, &n) in by_benchmark {
            let row = rows.entry((benchmark, source)).or_default();
            let counted = match name {
                name if name.starts_with(HITS) => &mut row.hits,
                name if name.starts_with(DOCUMENTS) => &mut row.documents,
                _ => &mut row.cuts,
            };
            *counted += n;
        }
    }
    let named = |((benchmark, source), row): ((&str, &str), BenchmarkHits)| BenchmarkHits {
        benchmark: benchmark.to_owned(),
        source: source.to_owned(),
        ..row
    };
    rows.into_iter().map(named).collect()
}
