//! What publishers said of their pages, what lists dropped, and which addresses were masked.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::html::thousands;
use super::visible;

/// What pages of a source say to robots and of the rights in them, whether or not a filter minds it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptOutCounts {
    /// As it was read.
    pub source: String,
    /// Documents, before any filter.
    pub documents: u64,
    /// Signal and documents that say it, most frequent first.
    pub signals: Vec<(String, u64)>,
}

/// Documents of a source that a list dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListCounts {
    pub source: String,
    pub filter: String,
    /// As the recipe names it, or its file.
    pub list: String,
    pub documents: u64,
}

/// What was masked in the documents of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaskCounts {
    pub source: String,
    pub documents: u64,
    pub documents_masked: u64,
    pub emails: u64,
    pub documents_with_emails: u64,
    pub ips: u64,
    pub documents_with_ips: u64,
}

/// Lists that a terminal names for each source and filter.
const SHOWN: usize = 5;

/// "noai 12, noindex 3".
fn named<'a>(counts: impl Iterator<Item = (&'a str, u64)>) -> String {
    counts.map(|(name, n)| format!("{} {}", visible(name), thousands(n))).collect::<Vec<_>>().join(", ")
}

/// A line for each source that says or lost something.
pub fn push(out: &mut String, opt_outs: &[OptOutCounts], lists: &[ListCounts], masks: &[MaskCounts]) {
    for found in opt_outs {
        let signals = named(found.signals.iter().map(|(signal, n)| (signal.as_str(), *n)));
        let _ = writeln!(out, "pages of {} say to robots: {signals}", visible(&found.source));
    }
    for of_filter in lists.chunk_by(|a, b| (&a.source, &a.filter) == (&b.source, &b.filter)) {
        let shown = named(of_filter.iter().take(SHOWN).map(|found| (found.list.as_str(), found.documents)));
        let more = if SHOWN < of_filter.len() { format!(" and {} more lists", of_filter.len() - SHOWN) } else { String::new() };
        let _ = writeln!(out, "{} dropped of {}: {shown}{more}", visible(&of_filter[0].filter), visible(&of_filter[0].source));
    }
    for found in masks {
        let _ = writeln!(
            out,
            "masked in {}: {} e-mail and {} IP addresses in {} of {} documents",
            visible(&found.source),
            thousands(found.emails),
            thousands(found.ips),
            thousands(found.documents_masked),
            thousands(found.documents)
        );
    }
}
