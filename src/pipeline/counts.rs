//! What tasks count, and the law on it: records read = kept + dropped, per source and step.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// What a task counted. All maps are sorted, so that adding up is the same in any order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// Per source, documents through this step.
    pub sources: BTreeMap<String, Funnel>,
    /// Anything else worth a line in the report, by name.
    pub notes: BTreeMap<String, u64>,
    /// Histograms by name: bucket label to count; labels sort in the order of the buckets.
    pub histograms: BTreeMap<String, BTreeMap<String, u64>>,
    /// Bytes that the task worked on, for the rate.
    pub bytes: u64,
}

/// Documents of one source through one step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Funnel {
    /// Documents (in `extract`: records) that arrived.
    pub read: u64,
    pub kept: u64,
    /// Filter or step, then rule, then documents.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub dropped: BTreeMap<String, BTreeMap<String, u64>>,
    /// Documents that left for another source (`select`).
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub moved: BTreeMap<String, u64>,
    /// Documents that came from another source, within this step.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub entered: u64,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Funnel {
    pub fn n_dropped(&self) -> u64 {
        self.dropped.values().flat_map(BTreeMap::values).sum()
    }

    /// Counts a document that was dropped.
    pub fn drop(&mut self, filter: &str, rule: &str) {
        *self.dropped.entry(filter.to_owned()).or_default().entry(rule.to_owned()).or_default() += 1;
    }

    /// The law.
    pub fn balances(&self) -> bool {
        self.read + self.entered == self.kept + self.n_dropped() + self.moved.values().sum::<u64>()
    }
}

impl Counts {
    /// The funnel of a source.
    pub fn source(&mut self, name: &str) -> &mut Funnel {
        if !self.sources.contains_key(name) {
            self.sources.insert(name.to_owned(), Funnel::default());
        }
        self.sources.get_mut(name).expect("it was just put there")
    }

    pub fn note(&mut self, name: &str, n: u64) {
        *self.notes.entry(name.to_owned()).or_default() += n;
    }

    pub fn bucket(&mut self, histogram: &str, label: &str, n: u64) {
        *self.histograms.entry(histogram.to_owned()).or_default().entry(label.to_owned()).or_default() += n;
    }

    /// Adds another task's counts.
    pub fn add(&mut self, other: &Counts) {
        for (name, funnel) in &other.sources {
            let mine = self.source(name);
            mine.read += funnel.read;
            mine.kept += funnel.kept;
            mine.entered += funnel.entered;
            for (filter, rules) in &funnel.dropped {
                for (rule, n) in rules {
                    *mine.dropped.entry(filter.clone()).or_default().entry(rule.clone()).or_default() += n;
                }
            }
            for (to, n) in &funnel.moved {
                *mine.moved.entry(to.clone()).or_default() += n;
            }
        }
        for (name, n) in &other.notes {
            self.note(name, *n);
        }
        for (histogram, buckets) in &other.histograms {
            for (label, n) in buckets {
                self.bucket(histogram, label, *n);
            }
        }
        self.bytes += other.bytes;
    }
}

/// Checks the law on a step's counts, and that what arrived is what the step before let through.
///
/// # Errors
/// When a source does not balance: a fault of ours that must not become a data set.
pub fn check_law(step: &str, counts: &Counts, before: Option<&BTreeMap<String, u64>>) -> Result<()> {
    for (source, funnel) in &counts.sources {
        if !funnel.balances() {
            return Err(Error::new(format!(
                "step {step} does not balance for source {source}: {} read and {} entered, but {} kept, {} dropped, {} moved; this is a fault in gristmill, please report it",
                funnel.read,
                funnel.entered,
                funnel.kept,
                funnel.n_dropped(),
                funnel.moved.values().sum::<u64>()
            )));
        }
    }
    for (source, &kept) in before.into_iter().flatten() {
        let arrived = counts.sources.get(source).map_or(0, |funnel| funnel.read);
        if arrived != kept {
            return Err(Error::new(format!(
                "step {step} saw {arrived} documents of source {source}, but {kept} were kept before it; this is a fault in gristmill, please report it"
            )));
        }
    }
    Ok(())
}
