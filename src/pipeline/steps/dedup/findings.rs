//! What the report looks up in texts and tables: the largest clusters and the closest calls with their differences, templates, hosts, and what the bands really find.
//!
//! Memory: 1 MiB at most of each of the 56 texts that are shown, the beginnings of 2,000 survivors, the domains of one partition, the sample of recall (32 MiB) and its pool. Time:
//! rows of some 3,000 documents are decoded, in two passes, whatever the corpus.

use std::collections::{BTreeMap, BTreeSet};

use crate::dedup::{ShingleSet, Signer, recall};
use crate::error::{Error, Result};
use crate::report::dedup::{Cluster, Findings, Member, Named, Recall, RecallBin, Removal, Template};
use crate::report::diff::{beginning, compare};
use crate::store::spill::read_records;
use crate::store::{Folder, Written};
use crate::text::boundary;

use super::super::super::run::Build;
use super::super::{TextRow, misaligned};
use super::listed::Numbered;
use super::records::drawn_from_bytes;
use super::tables::LookRow;
use super::{Dedup, file_of, hosts, row_of};

/// Where they lie.
pub const FINDINGS: &str = "dedup/findings.json";

/// Clusters that are shown with texts.
const LARGEST: usize = 10;
/// Removals closest to the threshold that are, of different clusters.
const CLOSEST: usize = 8;
/// Clusters whose survivors are looked at for templates.
const LOOKED_AT: usize = 2000;
/// Bytes of a text that are looked at where it is shown beside another.
const MOST_TEXT: usize = 1 << 20;
/// Words by which a template is known, and templates that are shown.
const TEMPLATE_WORDS: usize = 8;
const TEMPLATES: usize = 20;

/// The findings that a folder holds; `None` when there are none that can be read.
///
/// # Errors
/// When the disk fails.
pub fn stored(folder: &Folder) -> Result<Option<Findings>> {
    Ok(folder.read(FINDINGS)?.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// Documents that are shown, by number.
type Documents = BTreeMap<u64, LookRow>;

/// What is kept of clusters while they pass.
#[derive(Default)]
pub struct Gathered {
    /// Documents of a cluster: clusters.
    sizes: BTreeMap<u64, u64>,
    /// The largest, in no order; twice as many as are looked at, at most.
    largest: Vec<Shown>,
    /// Clusters of so many documents or fewer are not among them.
    floor: usize,
    /// The least similar removal of a cluster with its survivor, least first.
    closest: Vec<(Numbered, Numbered)>,
}

impl Gathered {
    /// Takes note of a cluster, survivor first. Clusters come in the order of their keys.
    pub fn offer(&mut self, cluster: &[Numbered]) {
        *self.sizes.entry(cluster.len() as u64).or_default() += 1;
        if self.floor < cluster.len() {
            self.largest.push(Shown::of(cluster));
            if 2 * LOOKED_AT <= self.largest.len() {
                self.settle();
                self.floor = self.largest[LOOKED_AT - 1].documents;
            }
        }
        let removed = cluster.iter().filter(|(_, row)| !row.survivor && row.jaccard < 1.0);
        if let Some(least) = removed.min_by(|a, b| by_similarity(a, b)) {
            let place = self.closest.partition_point(|(_, of)| by_similarity(of, least).is_le());
            if place < CLOSEST {
                self.closest.insert(place, (cluster[0].clone(), least.clone()));
                self.closest.truncate(CLOSEST);
            }
        }
    }

    fn settle(&mut self) {
        self.largest.sort_by_key(|shown| (std::cmp::Reverse(shown.documents), shown.survivor.1.cluster));
        self.largest.truncate(LOOKED_AT);
    }
}

impl Dedup {
    /// Writes what is found.
    pub(super) fn publish_findings(&self, build: Build<'_>, mut gathered: Gathered) -> Result<Written> {
        gathered.settle();
        let Gathered { sizes, largest: clusters, closest, .. } = gathered;
        let largest = &clusters[..clusters.len().min(LARGEST)];
        let removals = closest.iter().flat_map(|(survivor, removed)| [survivor.0, removed.0]);
        let shown: BTreeSet<u64> = largest.iter().flat_map(Shown::numbers).chain(removals).collect();
        let (documents, templates) = self.look(build, &shown, &clusters)?;
        let paths: Vec<String> = (0..self.layout.files.len()).map(|file| self.work("hosts", file)).collect();
        let (hosts, n_hosts, with_host) = hosts::most(build.folder, &paths, self.n_partitions)?;
        let found = Findings {
            sizes: sizes.into_iter().collect(),
            largest: largest.iter().map(|shown| shown.cluster(&documents)).collect(),
            closest: closest.iter().map(|(survivor, removed)| removal(survivor, removed, &documents)).collect(),
            templates,
            looked_at: clusters.len() as u64,
            hosts,
            n_hosts,
            with_host,
            recall: self.measure_recall(build)?,
        };
        let text = serde_json::to_string_pretty(&found).map_err(|error| Error::new("cannot write what dedup found").because(error))?;
        build.folder.write(FINDINGS, (text + "\n").as_bytes())
    }

    /// The documents that are shown, and the beginnings that survivors of several clusters share: a template that is filled in differently each time makes clusters apart, and this
    /// is where it shows. One pass over the files that hold them.
    fn look(&self, build: Build<'_>, shown: &BTreeSet<u64>, clusters: &[Shown]) -> Result<(Documents, Vec<Template>)> {
        let sizes: BTreeMap<u64, u64> = clusters.iter().map(|cluster| (cluster.survivor.0, cluster.documents as u64)).collect();
        let numbers: BTreeSet<u64> = shown.iter().chain(sizes.keys()).copied().collect();
        let numbers: Vec<u64> = numbers.into_iter().collect();
        let mut documents = Documents::new();
        let mut found: BTreeMap<String, Template> = BTreeMap::new();
        for of_file in numbers.chunk_by(|a, b| file_of(*a) == file_of(*b)) {
            let file = file_of(of_file[0]);
            let rows = of_file.iter().map(|&number| row_of(number)).collect();
            let mut read = self.documents::<LookRow>(build, file, rows)?;
            for number in of_file {
                let mut row = read.next().ok_or_else(|| misaligned(&self.file_name(file)))??;
                row.text.truncate(boundary(&row.text, MOST_TEXT));
                if let Some(documents) = sizes.get(number) {
                    let beginning = beginning(&row.text, TEMPLATE_WORDS);
                    let folded: String = beginning.to_lowercase().chars().map(|c| if c.is_numeric() { '0' } else { c }).collect();
                    let of = found.entry(folded).or_insert_with(|| Template { beginning, ..Template::default() });
                    of.clusters += 1;
                    of.documents += documents;
                }
                if shown.contains(number) {
                    documents.insert(*number, row);
                }
            }
        }
        let mut templates: Vec<Template> = found.into_values().filter(|of| 2 <= of.clusters && !of.beginning.is_empty()).collect();
        templates.sort_by(|a, b| (b.clusters, b.documents).cmp(&(a.clusters, a.documents)).then_with(|| a.beginning.cmp(&b.beginning)));
        templates.truncate(TEMPLATES);
        Ok((documents, templates))
    }

    /// The S-curve as it is: pairs of a sample that knows nothing of bands, compared exactly.
    fn measure_recall(&self, build: Build<'_>) -> Result<Recall> {
        let mut pool = recall::Pool::default();
        for file in 0..self.layout.files.len() {
            for record in read_records(build.folder, &self.work("sign", file), self.pool())?.iter() {
                pool.offer(drawn_from_bytes(record)?);
            }
        }
        let groups = recall::sample(&pool.into_sorted());
        let mut numbers: Vec<u64> = groups.iter().flatten().map(|drawn| drawn.document).collect();
        numbers.sort_unstable();
        let mut sets: BTreeMap<u64, ShingleSet> = BTreeMap::new();
        for of_file in numbers.chunk_by(|a, b| file_of(*a) == file_of(*b)) {
            let file = file_of(of_file[0]);
            let rows = of_file.iter().map(|&number| row_of(number)).collect();
            let mut texts = self.documents::<TextRow>(build, file, rows)?;
            for &number in of_file {
                let TextRow { text, .. } = texts.next().ok_or_else(|| misaligned(&self.file_name(file)))??;
                sets.insert(number, self.shingle_set(&text));
            }
        }
        let set = |drawn: &recall::Drawn| &sets[&drawn.document];
        let signer = Signer::new(self.options.minhash, self.seed);
        let bins = recall::recall(
            &groups,
            set,
            |a, b| self.copies.admits((a.host, a.priority), (b.host, b.priority)),
            self.options.minhash,
            &signer,
        );
        let bin = |bin: recall::Bin| {
            let (low, high) = bin.interval;
            let planned = if bin.pairs == 0 { 0.0 } else { bin.planned / bin.pairs as f64 };
            RecallBin { from: bin.from, pairs: bin.pairs, proposed: bin.proposed, planned, low, high }
        };
        let bins = bins.into_iter().filter(|bin| bin.pairs != 0).map(bin).collect();
        Ok(Recall { documents: numbers.len() as u64, groups: groups.len() as u64, bins })
    }
}

/// Of a cluster what is shown.
struct Shown {
    survivor: Numbered,
    documents: usize,
    sources: BTreeMap<String, u64>,
    least_similarity: f64,
    /// The least similar, one in the middle, the most similar.
    members: Vec<Numbered>,
}

impl Shown {
    fn of(cluster: &[Numbered]) -> Self {
        let mut removed: Vec<&Numbered> = cluster[1..].iter().collect();
        removed.sort_by(|a, b| by_similarity(a, b));
        let places = [0, removed.len() / 2, removed.len().saturating_sub(1)];
        let mut members: Vec<Numbered> = places.into_iter().filter_map(|place| removed.get(place).copied().cloned()).collect();
        // Of equally similar ones one is enough.
        members.dedup_by(|a, b| a.1.jaccard.to_bits() == b.1.jaccard.to_bits());
        let mut sources: BTreeMap<String, u64> = BTreeMap::new();
        cluster.iter().for_each(|(_, row)| *sources.entry(row.source.clone()).or_default() += 1);
        let least_similarity = removed.first().map_or(1.0, |(_, row)| row.jaccard);
        Self { survivor: cluster[0].clone(), documents: cluster.len(), sources, least_similarity, members }
    }

    fn numbers(&self) -> impl Iterator<Item = u64> {
        std::iter::once(self.survivor.0).chain(self.members.iter().map(|of| of.0))
    }

    fn cluster(&self, documents: &Documents) -> Cluster {
        Cluster {
            documents: self.documents as u64,
            least_similarity: self.least_similarity,
            sources: self.sources.clone().into_iter().collect(),
            survivor: named(&self.survivor, documents),
            beginning: beginning(&documents[&self.survivor.0].text, TEMPLATE_WORDS),
            members: self.members.iter().map(|of| beside(&self.survivor, of, documents)).collect(),
        }
    }
}

fn by_similarity(a: &Numbered, b: &Numbered) -> std::cmp::Ordering {
    a.1.jaccard.total_cmp(&b.1.jaccard).then(a.1.key.cmp(&b.1.key))
}

fn removal(survivor: &Numbered, removed: &Numbered, documents: &Documents) -> Removal {
    Removal { survivor: named(survivor, documents), removed: beside(survivor, removed, documents) }
}

fn beside(survivor: &Numbered, of: &Numbered, documents: &Documents) -> Member {
    let (first, second) = (&documents[&survivor.0].text, &documents[&of.0].text);
    let cut = MOST_TEXT - 4 < first.len().max(second.len());
    Member { similarity: of.1.jaccard, document: named(of, documents), comparison: compare(first, second), cut }
}

fn named((number, row): &Numbered, documents: &Documents) -> Named {
    let LookRow { id, url, title, .. } = &documents[number];
    let text = |of: &Option<String>| of.clone().unwrap_or_default();
    Named { source: row.source.clone(), key: row.key.to_string(), id: id.clone(), url: text(url), title: text(title) }
}
