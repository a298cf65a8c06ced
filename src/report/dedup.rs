//! What de-duplication removed and why, so that somebody can act on it: counts, the clusters behind them with their differences, and what another threshold would do.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

use super::diff::Comparison;

/// Everything that `dedup/report.html` shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DedupReport {
    /// What was built.
    pub name: String,
    /// What is out of the ordinary.
    pub alarms: Vec<String>,
    /// Options and their values.
    pub settings: Vec<(String, String)>,
    pub threshold: f64,
    pub bands: u64,
    pub rows: u64,
    pub documents: u64,
    /// Documents that the step `urls` removed before; `None` where the recipe does not have it. No other number here counts them.
    #[serde(default)]
    pub removed_by_url: Option<u64>,
    /// Of all texts that arrived.
    pub bytes: u64,
    pub exact_duplicates: u64,
    /// All others that were removed: similar ones, and contained ones where these count.
    pub near_duplicates: u64,
    pub removed_bytes: u64,
    pub sources: Vec<SourceRemoval>,
    pub removed: Vec<Removed>,
    /// Pairs that were compared exactly, and those at or above the threshold.
    pub candidates: u64,
    pub verified: u64,
    /// (lower edge, pairs at or above the threshold, pairs below), in steps of .05.
    pub similarities: Vec<(f64, u64, u64)>,
    /// (Jaccard similarity, probability to be compared) as the bands plan it.
    pub s_curve: Vec<(f64, f64)>,
    /// What the step counted beside.
    pub notes: Vec<(String, u64)>,
    /// What each threshold would remove.
    pub thresholds: Vec<AtThreshold>,
    pub findings: Findings,
    /// Words of documents, their names and hosts are in it.
    pub with_text: bool,
    pub cost: StepCost,
}

/// One source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceRemoval {
    pub source: String,
    pub documents: u64,
    pub bytes: u64,
    pub exact: u64,
    pub near: u64,
    pub removed_bytes: u64,
}

/// Documents removed from one source for survivors in another or the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Removed {
    pub from: String,
    pub survivors_in: String,
    pub exact: u64,
    pub near: u64,
    pub exact_bytes: u64,
    pub near_bytes: u64,
}

/// What the step itself looks up in texts and tables: `dedup/findings.json`, the same bytes for the same inputs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// (documents, clusters of so many), ascending.
    pub sizes: Vec<(u64, u64)>,
    /// Largest first.
    pub largest: Vec<Cluster>,
    /// The removals with the least similarity to their survivor, least first.
    pub closest: Vec<Removal>,
    /// Beginnings that survivors of several clusters share.
    pub templates: Vec<Template>,
    /// Clusters whose survivors were looked at for these, the largest ones.
    pub looked_at: u64,
    /// Registered domains by documents removed, most first.
    pub hosts: Vec<Host>,
    /// Registered domains in all, and documents that have one.
    pub n_hosts: u64,
    pub with_host: u64,
    pub recall: Recall,
}

/// Documents that share a survivor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    /// Survivor included.
    pub documents: u64,
    /// The least similarity of a removed one to the survivor.
    pub least_similarity: f64,
    /// Documents by source.
    pub sources: Vec<(String, u64)>,
    pub survivor: Named,
    /// How the survivor begins.
    pub beginning: String,
    /// Some of the removed: the least similar, one in the middle, the most similar.
    pub members: Vec<Member>,
}

/// A document and how it differs from its survivor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Member {
    pub similarity: f64,
    pub document: Named,
    pub comparison: Comparison,
    /// A text is longer than what of it is looked at here, 1 MiB.
    pub cut: bool,
}

/// A removed document beside its survivor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Removal {
    pub survivor: Named,
    pub removed: Member,
}

/// What a document is called.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Named {
    pub source: String,
    pub key: String,
    pub id: String,
    pub url: String,
    pub title: String,
}

/// How several survivors begin.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Template {
    pub beginning: String,
    pub clusters: u64,
    /// In those clusters.
    pub documents: u64,
}

/// A registered domain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Host {
    pub domain: String,
    pub documents: u64,
    pub removed: u64,
}

/// What a threshold would remove.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AtThreshold {
    pub threshold: f64,
    pub removed: u64,
    /// It lies below the one that pairs were looked for with, so that more would be removed than this.
    pub at_least: bool,
    /// The probability that a pair of this similarity is compared at all.
    pub planned_recall: f64,
}

/// How many of the truly similar pairs of a sample share a band.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Recall {
    /// In the sample.
    pub documents: u64,
    pub groups: u64,
    pub bins: Vec<RecallBin>,
}

/// Pairs of one bin of similarity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RecallBin {
    pub from: f64,
    pub pairs: u64,
    pub proposed: u64,
    /// Share of them that the S-curve expects at their similarities.
    pub planned: f64,
    /// 95 % interval of the measured share.
    pub low: f64,
    pub high: f64,
}

/// What the step cost, in the run that did it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepCost {
    pub user_seconds: f64,
    pub system_seconds: f64,
    pub wall_seconds: f64,
    /// The bytes of text that this was spent on.
    pub bytes: u64,
    /// Of all CPU seconds of all steps.
    pub share_of_cpu: f64,
    /// Of the whole run that wrote the report, not of this step alone.
    pub peak_memory_bytes: u64,
}

impl DedupReport {
    /// The report as JSON for scripts.
    ///
    /// # Errors
    /// Never for numbers that are finite; a fault of ours otherwise.
    pub fn to_json(&self) -> Result<String> {
        let text =
            serde_json::to_string_pretty(self).map_err(|error| Error::new("cannot write the dedup report as JSON").because(error))?;
        Ok(text + "\n")
    }

    /// Documents removed.
    pub fn n_removed(&self) -> u64 {
        self.exact_duplicates.saturating_add(self.near_duplicates)
    }

    /// The same without words of documents, their ids, URLs, titles and hosts: keys and numbers stay.
    #[must_use]
    pub fn without_text(&self) -> Self {
        let mut report = Self { with_text: false, ..self.clone() };
        let found = &mut report.findings;
        found.hosts.clear();
        found.templates.clear();
        let bare = |named: &mut Named| [&mut named.id, &mut named.url, &mut named.title].into_iter().for_each(String::clear);
        let silent = |member: &mut Member| {
            bare(&mut member.document);
            member.comparison.places.clear();
        };
        for cluster in &mut found.largest {
            bare(&mut cluster.survivor);
            cluster.beginning.clear();
            cluster.members.iter_mut().for_each(silent);
        }
        for removal in &mut found.closest {
            bare(&mut removal.survivor);
            silent(&mut removal.removed);
        }
        report
    }
}
