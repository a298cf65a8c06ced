//! The table as pages are looked up in it: what a choice of karma and sorts of submissions leaves of the rows at rest.

use std::collections::HashMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Treatment;
use super::gather::domain_hash;
use super::table::{self, LinkRow};
use crate::error::Result;
use crate::text::hash::hash64;
use crate::text::url;

/// Which links count. What was dropped when the links were collected cannot be chosen any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The summed score from which a URL counts (WebText: 3).
    pub min_karma: i64,
    pub over_18: Treatment,
    pub self_posts: Treatment,
}

/// How a page is found in the link table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Match {
    /// The normalised URL.
    #[default]
    Url,
    /// The registered domain: a weaker sign, for a small crawl that holds few of the URLs.
    RegisteredDomain,
    /// The normalised URL, and the registered domain where that is not linked to.
    UrlThenRegisteredDomain,
}

/// When a page is selected by the links that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkRule {
    /// What has to be equal.
    pub matching: Match,
    /// Least number of links, 1 or more.
    pub min_links: u64,
}

/// What a page was found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundBy {
    Url,
    Domain,
}

/// Links by XXH3-64 of the normalised URL and of the registered domain: 12 bytes for each URL and each domain that counts. With n URLs, a URL that is not in the table is taken
/// for one that is with probability n / 2^64: 2.4e-12 for the 45 million links of WebText.
#[derive(Debug, PartialEq, Eq)]
pub struct LinkTable {
    urls: Counts,
    domains: Counts,
}

/// Numbers of links by hash.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    /// Ascending.
    hashes: Vec<u64>,
    links: Vec<u32>,
}

impl Counts {
    fn push(&mut self, hash: u64, links: u32) {
        self.hashes.push(hash);
        self.links.push(links);
    }

    fn find(&self, hash: u64) -> Option<u32> {
        self.hashes.binary_search(&hash).ok().map(|index| self.links[index])
    }
}

impl LinkTable {
    /// Reads what [`super::Links::write`] wrote.
    ///
    /// # Errors
    /// When the file is no link table, is of another version, or any of its rows has changed.
    pub fn read(path: &Path, choice: &Choice) -> Result<Self> {
        let mut table = Self::begin(*choice);
        table::each(path, |row| table.add(&row))?;
        Ok(table.finish())
    }

    pub(super) fn begin(choice: Choice) -> Choosing {
        let table = Self { urls: Counts::default(), domains: Counts::default() };
        Choosing { choice, table, domains: HashMap::new(), url: None }
    }

    /// Submissions that linked to this URL, when their karma is enough; 0 where it is not or where all of them are left out, `None` where none ever did.
    pub fn url(&self, url: &str) -> Option<u32> {
        self.urls.find(hash64(url::normalise(url)?.as_bytes()))
    }

    /// Distinct URLs of the registered domain of this URL or host that have enough karma, and what the domain tables add; one at least.
    pub fn domain(&self, url: &str) -> Option<u32> {
        self.domains.find(domain_hash(&url::registered_domain(url)?))
    }

    /// Whether `linked-from` selects the page at this URL: the number of links to it, when they are enough, and what they lead to; `None` where it does not.
    pub fn selects(&self, url: &str, rule: LinkRule) -> Option<(u32, FoundBy)> {
        let enough = |links: &u32| rule.min_links <= u64::from(*links);
        let page = || Some((self.url(url).filter(enough)?, FoundBy::Url));
        let domain = || Some((self.domain(url).filter(enough)?, FoundBy::Domain));
        match rule.matching {
            Match::Url => page(),
            Match::RegisteredDomain => domain(),
            // A page that was linked to and voted down is judged by that.
            Match::UrlThenRegisteredDomain => {
                if self.url(url).is_some() {
                    page()
                } else {
                    domain()
                }
            }
        }
    }

    /// Number of distinct URLs that count.
    pub fn n_urls(&self) -> usize {
        self.urls.links.iter().filter(|links| **links != 0).count()
    }

    /// Number of registered domains that count.
    pub fn n_domains(&self) -> usize {
        self.domains.hashes.len()
    }
}

/// A table on its way, from rows in order.
pub(super) struct Choosing {
    choice: Choice,
    table: LinkTable,
    /// For lookup only; the table is sorted.
    domains: HashMap<u64, u32>,
    /// The URL whose rows are being added.
    url: Option<Sum>,
}

struct Sum {
    url: u64,
    domain: u64,
    links: u32,
    karma: i64,
    /// By being in a list without scores.
    has_reached: bool,
}

impl Choosing {
    pub(super) fn add(&mut self, row: &LinkRow) {
        let is_dropped = |is_of_sort: bool, treatment| is_of_sort && treatment == Treatment::Drop;
        let is_left_out = is_dropped(row.over_18, self.choice.over_18) || is_dropped(row.self_post, self.choice.self_posts);
        let Some(url) = row.url else {
            let links = self.domains.entry(row.domain).or_default();
            *links = links.saturating_add(row.links);
            return;
        };
        if self.url.as_ref().is_some_and(|sum| sum.url != url) {
            self.settle();
        }
        let sum = self.url.get_or_insert(Sum { url, domain: row.domain, links: 0, karma: 0, has_reached: false });
        if is_left_out {
            return;
        }
        sum.links = sum.links.saturating_add(row.links);
        sum.karma = sum.karma.saturating_add(row.karma);
        sum.has_reached |= !row.scored;
    }

    /// Ends the URL that is being added.
    fn settle(&mut self) {
        let Some(sum) = self.url.take() else { return };
        let counts = sum.links != 0 && (sum.has_reached || self.choice.min_karma <= sum.karma);
        self.table.urls.push(sum.url, if counts { sum.links } else { 0 });
        if counts {
            let links = self.domains.entry(sum.domain).or_default();
            *links = links.saturating_add(1);
        }
    }

    pub(super) fn finish(mut self) -> LinkTable {
        self.settle();
        let mut domains: Vec<(u64, u32)> = self.domains.into_iter().filter(|(_, links)| *links != 0).collect();
        domains.sort_unstable();
        domains.into_iter().for_each(|(hash, links)| self.table.domains.push(hash, links));
        self.table
    }
}
