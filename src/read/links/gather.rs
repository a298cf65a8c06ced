//! Rows are counted here, and become the table at the end.

use std::collections::{BTreeMap, HashSet};
use std::io::Write;

use super::lookup::{Choice, LinkTable};
use super::row::Row;
use super::table::{LinkRow, Sealer, VERSION};
use super::{LinkTally, rules};
use crate::error::Result;
use crate::store::table::TableWriter;
use crate::text::hash::hash64;
use crate::text::url;

/// From this share of ones on, scores are not votes but what every submission starts with; in the dump of June 2005 the share is 6 %.
const STALE_PERCENT: u64 = 95;
/// Parts that the links are spread over by the first byte of their hash, so that what sorting needs beside them is a small share of them.
const PARTS: usize = 256;
/// Fewest links that a part takes up before it is put in order.
const FRESH: usize = 64;

/// Links summed by URL and by domain.
pub struct Links {
    parts: Vec<Part>,
    /// What the domain tables say: links and karma.
    domains: BTreeMap<u64, (u32, i64)>,
    tally: LinkTally,
}

/// Links whose hashes begin with one byte.
struct Part {
    /// Ascending, each once.
    settled: Vec<Link>,
    /// As they came. A quarter of the others, so that a link is moved about four times for each doubling, and 32 bytes a link become 48 at most.
    fresh: Vec<Link>,
}

/// Submissions of one sort that link to one URL: 32 bytes.
#[derive(Clone, Copy)]
struct Link {
    url: u64,
    sort: Sort,
    domain: u64,
    links: u32,
    karma: i64,
}

/// What settings tell apart after the sums were made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Sort {
    scored: bool,
    over_18: bool,
    self_post: bool,
}

/// Scores beyond this are nobody's votes; within it sums of 2^32 rows stay exact, so that the order of rows does not matter.
const LARGEST_SCORE: i64 = 1 << 31;

fn bounded(score: i64) -> i64 {
    score.clamp(-LARGEST_SCORE, LARGEST_SCORE)
}

impl Default for Links {
    fn default() -> Self {
        let part = || Part { settled: Vec::new(), fresh: Vec::with_capacity(FRESH) };
        Self { parts: std::iter::repeat_with(part).take(PARTS).collect(), domains: BTreeMap::new(), tally: LinkTally::default() }
    }
}

impl Part {
    /// Sums stay at their types' ends instead of wrapping.
    fn settle(&mut self) {
        self.settled.reserve_exact(self.fresh.len());
        self.settled.append(&mut self.fresh);
        // Two runs, one of them sorted: the stable sort finds that out, and needs room for half of the part.
        self.settled.sort_by_key(Link::key);
        self.settled.dedup_by(|next, first| {
            let is_same = next.key() == first.key();
            if is_same {
                first.links = first.links.saturating_add(next.links);
                first.karma = first.karma.saturating_add(next.karma);
            }
            is_same
        });
        self.fresh.reserve_exact(FRESH.max(self.settled.len() / 4));
    }
}

impl Link {
    fn key(&self) -> (u64, Sort) {
        (self.url, self.sort)
    }
}

impl Links {
    /// Counts a row, or why a line gave none.
    pub(super) fn add(&mut self, row: Result<Row<'_>, &'static str>) {
        self.tally.rows += 1;
        let outcome = row.and_then(|row| match row {
            Row::Link { url, score, over_18, self_post } => self.link(&url, score, over_18, self_post),
            Row::Domain { name, links, karma } => self.domain(&name, links, karma),
        });
        match outcome {
            Ok(()) => self.tally.kept += 1,
            Err(reason) => *self.tally.skipped.entry(reason.to_owned()).or_default() += 1,
        }
    }

    /// Counts a row of another table.
    pub(super) fn row(&mut self, row: &LinkRow) {
        let n = row.url.map_or(1, |_| u64::from(row.links));
        self.tally.rows += n;
        self.tally.kept += n;
        let Some(url) = row.url else { return self.state(row.domain, row.links, row.karma) };
        let sort = Sort { scored: row.scored, over_18: row.over_18, self_post: row.self_post };
        self.count(sort, n, row.karma.checked_div(i64::from(row.links)).unwrap_or(0));
        self.push(Link { url, sort, domain: row.domain, links: row.links, karma: row.karma });
    }

    /// Counts a file that was cut short.
    pub(super) fn fault(&mut self, file: &str, fault: &str) {
        self.tally.faults.insert(file.to_owned(), fault.to_owned());
    }

    fn link(&mut self, url: &str, score: Option<i64>, over_18: bool, self_post: bool) -> Result<(), &'static str> {
        let (normalised, domain) = url::normalise_with_domain(url).ok_or("not-web")?;
        match rules::left_out_domain(&domain) {
            // The page of the post itself.
            Some("reddit") if self_post => {}
            Some(reason) => return Err(reason),
            None => {}
        }
        if rules::is_media_file(&normalised) {
            return Err("media-file");
        }
        let sort = Sort { scored: score.is_some(), over_18, self_post };
        let score = bounded(score.unwrap_or(0));
        self.count(sort, 1, score);
        let url = hash64(normalised.as_bytes());
        self.push(Link { url, sort, domain: domain_hash(&domain), links: 1, karma: score });
        Ok(())
    }

    fn domain(&mut self, name: &str, links: u32, karma: i64) -> Result<(), &'static str> {
        let domain = url::registered_domain(name).ok_or("not-web")?;
        if let Some(reason) = rules::left_out_domain(&domain) {
            return Err(reason);
        }
        self.state(domain_hash(&domain), links, bounded(karma));
        Ok(())
    }

    fn state(&mut self, domain: u64, links: u32, karma: i64) {
        let stated = self.domains.entry(domain).or_default();
        *stated = (stated.0.saturating_add(links), stated.1.saturating_add(karma));
    }

    fn count(&mut self, sort: Sort, n: u64, score: i64) {
        self.tally.over_18 += if sort.over_18 { n } else { 0 };
        self.tally.self_posts += if sort.self_post { n } else { 0 };
        self.tally.scores[bucket(score)] += if sort.scored { n } else { 0 };
    }

    fn push(&mut self, link: Link) {
        let part = &mut self.parts[(link.url >> 56) as usize];
        part.fresh.push(link);
        if part.fresh.len() == part.fresh.capacity() {
            part.settle();
        }
    }

    /// Puts all in order, and says what was counted.
    pub(super) fn finish(&mut self) -> LinkTally {
        self.parts.iter_mut().for_each(Part::settle);
        let mut domains: HashSet<u64> = self.domains.keys().copied().collect();
        let mut last = None;
        for link in self.parts.iter().flat_map(|part| &part.settled) {
            domains.insert(link.domain);
            self.tally.distinct_urls += u64::from(last.replace(link.url) != Some(link.url));
        }
        self.tally.distinct_domains = domains.len() as u64;
        let n_scores: u64 = self.tally.scores.iter().sum();
        self.tally.stale_scores = 0 < n_scores && n_scores * STALE_PERCENT <= self.tally.scores[1] * 100;
        self.tally.clone()
    }

    /// Bytes that are held for the links themselves; what was held at most, for they only grow.
    pub fn held_bytes(&self) -> u64 {
        let links: usize = self.parts.iter().map(|part| part.settled.capacity() + part.fresh.capacity()).sum();
        (links * size_of::<Link>()) as u64
    }

    /// Number of rows of the table.
    pub fn n_rows(&self) -> u64 {
        (self.parts.iter().map(|part| part.settled.len()).sum::<usize>() + self.domains.len()) as u64
    }

    /// The rows of the table in order, without its seal.
    pub(super) fn rows(&self) -> impl Iterator<Item = LinkRow> {
        let links = self.parts.iter().flat_map(|part| &part.settled).map(|link| LinkRow {
            url: Some(link.url),
            domain: link.domain,
            links: link.links,
            karma: link.karma,
            scored: link.sort.scored,
            over_18: link.sort.over_18,
            self_post: link.sort.self_post,
            version: VERSION,
            seal: None,
        });
        let domains = self.domains.iter().map(|(&domain, &(links, karma))| LinkRow {
            url: None,
            domain,
            links,
            karma,
            scored: true,
            over_18: false,
            self_post: false,
            version: VERSION,
            seal: None,
        });
        links.chain(domains)
    }

    /// Writes the table, sealed, over any writer; `name` stands for it in messages. The same links give the same bytes, whatever order they came in.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write<W: Write + Send>(&self, out: W, name: &str) -> Result<W> {
        let mut table = TableWriter::over(out, name)?;
        let mut sealer = Sealer::default();
        let mut left = self.n_rows();
        for mut row in self.rows() {
            left -= 1;
            let seal = sealer.add(&row);
            row.seal = (left == 0).then_some(seal);
            table.push_sized(row, size_of::<LinkRow>())?;
        }
        table.into_inner()
    }

    /// What a choice of these links says of URLs, without a file between.
    pub fn table(&self, choice: &Choice) -> LinkTable {
        let mut table = LinkTable::begin(*choice);
        self.rows().for_each(|row| table.add(&row));
        table.finish()
    }
}

/// The hash by which a registered domain is known.
pub(super) fn domain_hash(domain: &str) -> u64 {
    hash64(domain.as_bytes())
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
