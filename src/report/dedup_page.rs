//! The dedup report as a page: first what was removed and for what, then whether the bands found what they should, then the texts themselves.

use std::collections::BTreeSet;

use crate::error::Result;

use super::charts::Point;
use super::dedup::{Cluster, DedupReport, Member, Named, RecallBin, Removal};
use super::html::{percent, size, thousands};
use super::page::{Chart, Page, Part, Section, Table, Texts};
use super::sum;

/// Sources up to which who removed from whom is drawn as a matrix.
const MATRIX: usize = 8;

impl DedupReport {
    /// The report as one self-contained HTML page; the same report gives the same bytes.
    ///
    /// # Errors
    /// When a chart or the template cannot be drawn; both are faults of ours.
    pub fn to_html(&self) -> Result<String> {
        let lead = format!(
            "{} of {} documents removed ({}): {} exact and {} near-duplicates, {} of {} of text",
            thousands(self.n_removed()),
            thousands(self.documents),
            share(self.n_removed(), self.documents),
            thousands(self.exact_duplicates),
            thousands(self.near_duplicates),
            bytes(self.removed_bytes),
            bytes(self.bytes)
        );
        let sections = [
            self.sources(),
            self.thresholds(),
            self.clusters(),
            self.recall(),
            self.largest(),
            self.closest(),
            self.templates(),
            self.hosts(),
            self.costs(),
        ];
        let page = Page {
            title: format!("duplicates of {}", self.name),
            lead,
            warnings: self.alarms.clone(),
            sections: sections.into_iter().filter(|section| *section != Section::default()).collect(),
        };
        page.to_html()
    }

    fn sources(&self) -> Section {
        let rows = self.sources.iter().map(|of| {
            let removed = of.exact.saturating_add(of.near);
            vec![
                of.source.clone(),
                thousands(of.documents),
                thousands(of.exact),
                thousands(of.near),
                share(removed, of.documents),
                bytes(of.bytes),
                bytes(of.removed_bytes),
                share(of.removed_bytes, of.bytes),
            ]
        });
        let head = ["source", "#documents", "#exact", "#near", "#removed", "#text", "#removed text", "#of its text"];
        let mut tables = vec![Table::new("removed from each source", &head, rows.collect())];
        let sources: Vec<&String> = self.sources.iter().map(|of| &of.source).collect();
        let indexes: BTreeSet<&String> = self.removed.iter().map(|of| &of.survivors_in).filter(|name| !sources.contains(name)).collect();
        let winners: Vec<&String> = indexes.into_iter().chain(sources.iter().copied()).collect();
        if (2..=MATRIX).contains(&winners.len()) {
            tables.push(self.matrix(&sources, &winners));
        }
        let rows = self.removed.iter().map(|of| {
            let all = self.sources.iter().find(|source| source.source == of.from).map_or(0, |source| source.documents);
            vec![
                of.from.clone(),
                of.survivors_in.clone(),
                thousands(of.exact),
                thousands(of.near),
                share(of.exact.saturating_add(of.near), all),
                bytes(of.exact_bytes),
                bytes(of.near_bytes),
            ]
        });
        let head = ["removed from", "survivor in", "#exact", "#near", "#of the source", "#exact, text", "#near, text"];
        tables.push(Table::new("by the source of the survivor", &head, rows.collect()));
        let note = "Exact: the same text after folding case and white space. Near: as similar to the survivor as the threshold or more, or contained in it where the recipe says that this counts; decisions/dedup tells them apart. dedup/clusters.csv and dedup/pairs.csv list them.";
        let before =
            self.removed_by_url.map_or_else(String::new, |n| format!("Removed by URL before: {}, counted nowhere here. ", thousands(n)));
        Section { title: "What was removed, and for what", note: before + note, tables, ..Section::default() }
    }

    fn matrix(&self, sources: &[&String], winners: &[&String]) -> Table {
        let cell = |from: &String, to: &String| {
            let found = self.removed.iter().find(|of| of.from == *from && of.survivors_in == *to);
            found.map_or_else(|| "-".to_owned(), |of| format!("{} + {}", thousands(of.exact), thousands(of.near)))
        };
        let rows = sources.iter().map(|from| std::iter::once((*from).clone()).chain(winners.iter().map(|to| cell(from, to))).collect());
        let head = std::iter::once("from, for survivors in".to_owned()).chain(winners.iter().map(|source| format!("#{source}")));
        Table { caption: "who was removed for whom: exact + near".to_owned(), head: head.collect(), rows: rows.collect() }
    }

    fn thresholds(&self) -> Section {
        let rows = self.thresholds.iter().map(|at| {
            let said = match (at.at_least, at.threshold == self.threshold) {
                (_, true) => "this run".to_owned(),
                (true, _) => format!("at least: bands propose {:.3} of the pairs at this similarity", at.planned_recall),
                _ => String::new(),
            };
            vec![format!("{}", at.threshold), thousands(at.removed), share(at.removed, self.documents), said]
        });
        let tables = vec![Table::new("", &["#threshold", "#documents removed", "#of all", ""], rows.collect())];
        let note = "Survivors chosen again among the pairs that this run compared, exact duplicates included. Below the threshold of this run these are underestimates: pairs were looked for with bands made for it, and in a bucket of many texts each was compared with the best ones only.";
        Section { title: "What another threshold would remove", note: note.to_owned(), tables, ..Section::default() }
    }

    fn clusters(&self) -> Section {
        let sizes = &self.findings.sizes;
        let n = sum(sizes.iter().map(|(_, n)| *n));
        let documents = sum(sizes.iter().map(|(size, n)| size.saturating_mul(*n)));
        let largest = sizes.last().map_or(0, |(size, _)| *size);
        let chart = Chart::LogLog {
            label: "Clusters by size, both logarithmic",
            x: "documents of a cluster (log)",
            y: "clusters (log)",
            name: "clusters of this size, survivor included",
            points: sizes.clone(),
        };
        let head = ["documents of a cluster", "#clusters", "#documents", "#removed"];
        let rows = size_classes(sizes).into_iter().map(|(from, to, n, documents)| {
            let class = if from == to { thousands(from) } else { format!("{} to {}", thousands(from), thousands(to)) };
            vec![class, thousands(n), thousands(documents), thousands(documents.saturating_sub(n))]
        });
        let note = format!(
            "{} clusters of {} documents, survivors included, also those of indexes; the largest holds {}.",
            thousands(n),
            thousands(documents),
            thousands(largest)
        );
        Section {
            title: "Clusters by size",
            note,
            charts: vec![chart],
            tables: vec![Table::new("", &head, rows.collect())],
            ..Section::default()
        }
    }

    fn recall(&self) -> Section {
        let pairs = Chart::LogBars {
            label: "Compared pairs by similarity, with the S-curve",
            names: ["pairs at or above the threshold", "pairs below, rejected", "chance to be compared (S-curve)"],
            bars: self.similarities.clone(),
            line: self.s_curve.clone(),
        };
        let found = &self.findings.recall;
        let share_of = |bin: &RecallBin| if bin.pairs == 0 { 0.0 } else { bin.proposed as f64 / bin.pairs as f64 };
        let measured = found.bins.iter().filter(|bin| 0 < bin.pairs);
        let points = measured.clone().map(|bin| Point { x: bin.from + 0.025, y: share_of(bin), low: bin.low, high: bin.high });
        let curve = Chart::Measured {
            label: "Share of truly similar pairs that the bands propose, planned and measured",
            x: "Jaccard similarity",
            y: "proposed",
            names: ["measured on the sample, with 95 % intervals", "planned: 1 - (1 - J^rows)^bands", "threshold"],
            line: self.s_curve.clone(),
            points: points.collect(),
            upright: self.threshold,
        };
        let rows = measured.map(|bin| {
            let interval = format!("{:.3} to {:.3}", bin.low, bin.high);
            let numbers = [thousands(bin.pairs), thousands(bin.proposed), format!("{:.3}", share_of(bin)), interval];
            let to = if bin.from < 0.949 { format!("{:.2}", bin.from + 0.05) } else { "1".to_owned() };
            std::iter::once(format!("{:.2} to {to}", bin.from)).chain(numbers).chain([format!("{:.3}", bin.planned)]).collect()
        });
        let head = ["similarity", "#pairs in the sample", "#proposed", "#measured", "#95 % interval", "#planned"];
        let similarities = self.similarities.iter().filter(|(_, verified, rejected)| (*verified, *rejected) != (0, 0));
        let similarities =
            similarities.map(|(from, verified, rejected)| vec![format!("{from:.2}"), thousands(*verified), thousands(*rejected)]);
        let head_similarities = ["#similarity from", "#at or above the threshold", "#rejected"];
        let note = format!(
            "{} pairs were compared exactly, {} are duplicates at {} ({} bands of {} rows). The sample: {} documents of {} groups with the same smallest shingle, which two documents of similarity J share with probability J whatever the bands say; every two of a group were compared exactly. Equal texts are left out: they are found without bands. Intervals count pairs of one group as found or missed together.",
            thousands(self.candidates),
            thousands(self.verified),
            self.threshold,
            self.bands,
            self.rows,
            thousands(found.documents),
            thousands(found.groups)
        );
        Section {
            title: "Did the bands find what they should",
            note,
            charts: vec![curve, pairs],
            parts: vec![Part {
                title: "The numbers".to_owned(),
                tables: vec![
                    Table::new("measured and planned", &head, rows.collect()),
                    Table::new("pairs that were compared", &head_similarities, similarities.collect()),
                ],
                ..Part::default()
            }],
            ..Section::default()
        }
    }

    fn largest(&self) -> Section {
        if self.findings.largest.is_empty() {
            return Section::default();
        }
        let parts = self.findings.largest.iter().enumerate().map(|(index, cluster)| self.cluster(index, cluster));
        let note = "Each with its survivor and three of the removed: the least similar, one in the middle, the most similar. Words that only one of the two has are marked; case counts as a difference here, not where duplicates are looked for.";
        Section { title: "The largest clusters", note: note.to_owned(), parts: parts.collect(), ..Section::default() }
    }

    fn cluster(&self, index: usize, cluster: &Cluster) -> Part {
        let sources: Vec<String> = cluster.sources.iter().map(|(source, n)| format!("{} of {source}", thousands(*n))).collect();
        let title = format!(
            "{}. {} documents, least similarity {}{}",
            index + 1,
            thousands(cluster.documents),
            similarity(cluster.least_similarity),
            if cluster.beginning.is_empty() { String::new() } else { format!(": {}", cluster.beginning) }
        );
        let named = |role: &str, jaccard: f64, of: &Named| {
            vec![role.to_owned(), similarity(jaccard), of.source.clone(), called(of), of.title.clone(), of.key.clone()]
        };
        let members = cluster.members.iter().map(|member| named("removed", member.similarity, &member.document));
        let rows = std::iter::once(named("survivor", 1.0, &cluster.survivor)).chain(members).collect();
        let texts = cluster.members.iter().map(|member| self.texts(&cluster.survivor, member)).collect();
        let tables = vec![Table::new("", &["", "#similarity", "source", "document", "title", "key"], rows)];
        Part { title, open: index == 0, note: sources.join(", "), tables, texts }
    }

    fn closest(&self) -> Section {
        if self.findings.closest.is_empty() {
            return Section::default();
        }
        let part = |(index, Removal { survivor, removed }): (usize, &Removal)| Part {
            open: index == 0,
            title: format!("similarity {} of {} and {}", similarity(removed.similarity), called(survivor), called(&removed.document)),
            texts: vec![self.texts(survivor, removed)],
            ..Part::default()
        };
        let note = format!(
            "If these should have stayed, the threshold {} is too low; if they are duplicates to you, look at what a lower one would remove.",
            self.threshold
        );
        Section {
            title: "Removals closest to the threshold",
            note,
            parts: self.findings.closest.iter().enumerate().map(part).collect(),
            ..Section::default()
        }
    }

    /// A member beside its survivor, with what is not shown of them.
    fn texts(&self, survivor: &Named, member: &Member) -> Texts {
        let of = &member.comparison;
        let mut said = vec![match of.changed {
            (0, 0) if of.not_compared == (0, 0) => "no word differs".to_owned(),
            (first, second) => format!("{} words only in the survivor, {} only in the removed one", thousands(first), thousands(second)),
        }];
        if 0 < of.more_places {
            said.push(format!("{} more places with changes are not shown", thousands(of.more_places)));
        }
        if of.not_compared != (0, 0) {
            let (first, second) = of.not_compared;
            said.push(format!(
                "the last {} words of the survivor and {} of the other were not compared here",
                thousands(first),
                thousands(second)
            ));
        }
        if member.cut {
            said.push("of a longer text the first MiB was looked at".to_owned());
        }
        if !self.with_text {
            said.push("texts were left out".to_owned());
        }
        Texts {
            caption: format!("similarity {}", similarity(member.similarity)),
            names: [format!("survivor: {}", called(survivor)), format!("removed: {}", called(&member.document))],
            comparison: of.clone(),
            note: said.join("; ") + ".",
        }
    }

    fn templates(&self) -> Section {
        if self.findings.templates.is_empty() {
            return Section::default();
        }
        let rows = self.findings.templates.iter();
        let rows = rows.map(|of| vec![of.beginning.clone(), thousands(of.clusters), thousands(of.documents)]).collect();
        let note = format!(
            "How survivors of several clusters begin, case and digits folded: texts made by one template that are not similar enough to fall into one cluster. Looked at: the survivors of the {} largest clusters.",
            thousands(self.findings.looked_at)
        );
        let tables = vec![Table::new("", &["the first words", "#clusters", "#documents in them"], rows)];
        Section { title: "Templates that recur", note, tables, ..Section::default() }
    }

    fn hosts(&self) -> Section {
        let found = &self.findings;
        if found.n_hosts == 0 || found.hosts.is_empty() {
            return Section::default();
        }
        let rows = found
            .hosts
            .iter()
            .map(|host| vec![host.domain.clone(), thousands(host.documents), thousands(host.removed), share(host.removed, host.documents)]);
        let note = format!(
            "{} documents have a URL, of {} registered domains; shown are those that most was removed from.",
            thousands(found.with_host),
            thousands(found.n_hosts)
        );
        let tables = vec![Table::new("", &["registered domain", "#documents", "#removed", "#of its documents"], rows.collect())];
        Section { title: "Hosts most duplicated", note, tables, ..Section::default() }
    }

    fn costs(&self) -> Section {
        let cost = &self.cost;
        let cpu = cost.user_seconds + cost.system_seconds;
        let rate = if 0.0 < cpu { format!("{:.1} MB/s", cost.bytes as f64 / 1e6 / cpu) } else { "-".to_owned() };
        let rows = [
            ("CPU of the step, user and system", format!("{:.2} s and {:.2} s", cost.user_seconds, cost.system_seconds)),
            ("of all steps", format!("{:.1} %", 100.0 * cost.share_of_cpu)),
            ("wall", format!("{:.2} s", cost.wall_seconds)),
            ("text it worked on", bytes(cost.bytes)),
            ("text a CPU second", rate),
            ("peak memory of the whole run", bytes(cost.peak_memory_bytes)),
        ];
        let rows = rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
        let pairs = |of: &[(String, String)]| of.iter().map(|(name, value)| vec![name.clone(), value.clone()]).collect::<Vec<_>>();
        let notes: Vec<(String, String)> = self.notes.iter().map(|(name, n)| (name.clone(), thousands(*n))).collect();
        Section {
            title: "Settings, counters and cost",
            tables: vec![
                Table::new("settings", &["", ""], pairs(&self.settings)),
                Table::new("counters", &["", "#"], pairs(&notes)),
                Table::new("cost, in the run that did the step", &["", "#"], rows),
            ],
            ..Section::default()
        }
    }
}

/// Sizes in classes that double: the first and last size of each, clusters, documents.
fn size_classes(sizes: &[(u64, u64)]) -> Vec<(u64, u64, u64, u64)> {
    let mut classes: Vec<(u64, u64, u64, u64)> = Vec::new();
    for &(size, n) in sizes {
        let from = if size < 4 { size } else { 1 << size.ilog2() };
        let to = if size < 4 { size } else { from.saturating_mul(2) - 1 };
        match classes.last_mut() {
            Some(class) if class.0 == from => {
                (class.2, class.3) = (class.2.saturating_add(n), class.3.saturating_add(size.saturating_mul(n)))
            }
            _ => classes.push((from, to, n, size.saturating_mul(n))),
        }
    }
    classes
}

/// What a document is called in one line: its URL, or its id, or its key.
fn called(of: &Named) -> String {
    [&of.url, &of.id].into_iter().find(|name| !name.is_empty()).unwrap_or(&of.key).clone()
}

fn similarity(jaccard: f64) -> String {
    format!("{jaccard:.3}")
}

fn bytes(n: u64) -> String {
    size(n, "B")
}

fn share(part: u64, whole: u64) -> String {
    percent(part as f64, whole as f64)
}

#[cfg(test)]
mod tests;
