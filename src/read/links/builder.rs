//! Rows are counted here, and become the table at the end.

use std::collections::{BTreeMap, HashMap};

use super::row::Row;
use super::table::{LinkRecord, LinkTable, domain_hash};
use super::{LinkTally, rules};
use crate::text::hash::hash64;
use crate::text::url;

/// From this share of ones on, scores are not votes but what every submission starts with; in the dump of June 2005 the share is 6 %.
const STALE_PERCENT: u64 = 95;

/// Sums by URL and by domain. The maps are for lookup only; the table is sorted.
pub(super) struct Builder {
    min_karma: i64,
    urls: HashMap<u64, Summed>,
    tables: HashMap<u64, LinkRecord>,
    tally: LinkTally,
}

struct Summed {
    domain: u64,
    record: LinkRecord,
}

impl Builder {
    pub fn new(min_karma: i64) -> Self {
        Self { min_karma, urls: HashMap::new(), tables: HashMap::new(), tally: LinkTally::default() }
    }

    /// Counts a row, or why a line gave none.
    pub fn add(&mut self, row: Result<Row<'_>, &'static str>) {
        self.tally.rows += 1;
        let outcome = row.and_then(|row| match row {
            Row::Link { url, score, over_18 } => self.link(&url, score, over_18),
            Row::Domain { name, links, karma } => self.domain(&name, LinkRecord { links, karma }),
        });
        match outcome {
            Ok(()) => self.tally.kept += 1,
            Err(reason) => *self.tally.skipped.entry(reason.to_owned()).or_default() += 1,
        }
    }

    /// Counts a file that was cut short.
    pub fn fault(&mut self, name: &str) {
        *self.tally.faults.entry(name.to_owned()).or_default() += 1;
    }

    fn link(&mut self, url: &str, score: Option<i64>, over_18: bool) -> Result<(), &'static str> {
        // Links inside Reddit are written without a host in some dumps.
        let normalised = url::normalise(url).ok_or(if url.starts_with("/r/") { "reddit" } else { "not-web" })?;
        let domain = url::registered_domain(&normalised).ok_or("not-web")?;
        if let Some(reason) = rules::left_out_domain(&domain) {
            return Err(reason);
        }
        if rules::is_media_file(&normalised) {
            return Err("media-file");
        }
        self.tally.over_18 += u64::from(over_18);
        if let Some(score) = score {
            self.tally.scores[bucket(score)] += 1;
        }
        let one = LinkRecord { links: 1, karma: score.unwrap_or(self.min_karma) };
        let summed = self
            .urls
            .entry(hash64(normalised.as_bytes()))
            .or_insert(Summed { domain: domain_hash(&domain), record: LinkRecord::default() });
        summed.record.add(one);
        Ok(())
    }

    fn domain(&mut self, name: &str, record: LinkRecord) -> Result<(), &'static str> {
        let domain = url::registered_domain(name).ok_or("not-web")?;
        if let Some(reason) = rules::left_out_domain(&domain) {
            return Err(reason);
        }
        self.tables.entry(domain_hash(&domain)).or_default().add(record);
        Ok(())
    }

    pub fn finish(self) -> (LinkTable, LinkTally) {
        let Self { min_karma, urls, tables, mut tally } = self;
        let mut domains: BTreeMap<u64, LinkRecord> = tables.into_iter().collect();
        for summed in urls.values() {
            // Every domain gets an entry, so that "linked, but never enough" differs from "never linked".
            let domain = domains.entry(summed.domain).or_default();
            if min_karma <= summed.record.karma {
                domain.add(LinkRecord { links: 1, karma: summed.record.karma });
            }
        }
        let mut urls: Vec<_> = urls.into_iter().map(|(hash, summed)| (hash, summed.record)).collect();
        urls.sort_unstable_by_key(|(hash, _)| *hash);
        let domains: Vec<_> = domains.into_iter().collect();
        tally.distinct_urls = urls.len() as u64;
        tally.distinct_domains = domains.len() as u64;
        let n_scores: u64 = tally.scores.iter().sum();
        tally.stale_scores = 0 < n_scores && n_scores * STALE_PERCENT <= tally.scores[1] * 100;
        (LinkTable { min_karma, urls, domains }, tally)
    }
}

/// The bucket of a score among `SCORE_BUCKETS`.
fn bucket(score: i64) -> usize {
    match score {
        ..=0 => 0,
        1 => 1,
        2 => 2,
        3..=4 => 3,
        5..=9 => 4,
        10..=99 => 5,
        100.. => 6,
    }
}
