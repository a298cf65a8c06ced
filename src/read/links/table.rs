//! The finished table, in memory and as bytes.

use crate::error::{Error, Result};
use crate::text::hash::{hash64, hash128};
use crate::text::url;

/// What is known of a URL or a domain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkRecord {
    /// Of a URL: submissions that linked to it. Of a domain: distinct URLs at or above the least karma, and what the domain tables say.
    pub links: u32,
    /// Summed scores, of the same.
    pub karma: i64,
}

impl LinkRecord {
    /// Adds another record; sums stay at their type's ends instead of wrapping.
    pub(super) fn add(&mut self, other: Self) {
        self.links = self.links.saturating_add(other.links);
        self.karma = self.karma.saturating_add(other.karma);
    }
}

/// Links by XXH3-64 of the normalised URL and of the registered domain. With n URLs, a URL that is not in the table is taken for one that is with
/// probability n / 2^64: 2.4e-12 for the 45 million links of WebText.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkTable {
    pub(super) min_karma: i64,
    /// Ascending by hash.
    pub(super) urls: Vec<(u64, LinkRecord)>,
    /// Ascending by hash.
    pub(super) domains: Vec<(u64, LinkRecord)>,
}

/// Opens the bytes of a table. The number is the version: it changes with the layout, the hash, and any rule of `text::url::normalise`.
const MAGIC: [u8; 8] = *b"GMLINK01";
/// Magic, least karma, number of URLs, number of domains.
const HEADER_BYTES: usize = 32;
const ENTRY_BYTES: usize = 20;
const CHECKSUM_BYTES: usize = 16;

impl LinkTable {
    /// The record of a URL, whatever its karma; `None` when no submission that counts linked to it.
    pub fn url(&self, url: &str) -> Option<LinkRecord> {
        find(&self.urls, hash64(url::normalise(url)?.as_bytes()))
    }

    /// The record of the registered domain of a URL or host: how many distinct URLs of it reached [`Self::min_karma`] (may be 0), and the domain tables' sums.
    pub fn domain(&self, url: &str) -> Option<LinkRecord> {
        find(&self.domains, domain_hash(&url::registered_domain(url)?))
    }

    /// The least karma that the domains' counts were made with.
    pub fn min_karma(&self) -> i64 {
        self.min_karma
    }

    /// Number of distinct URLs.
    pub fn n_urls(&self) -> usize {
        self.urls.len()
    }

    /// Number of registered domains.
    pub fn n_domains(&self) -> usize {
        self.domains.len()
    }

    /// The table as bytes, little-endian: header, URLs and domains as `[n][hash u64, karma i64, links u32]` in ascending order, XXH3-128 of all before.
    pub fn to_bytes(&self) -> Vec<u8> {
        let n_entries = self.urls.len() + self.domains.len();
        let mut bytes = Vec::with_capacity(HEADER_BYTES + n_entries * ENTRY_BYTES + CHECKSUM_BYTES);
        bytes.extend(MAGIC);
        bytes.extend(self.min_karma.to_le_bytes());
        bytes.extend((self.urls.len() as u64).to_le_bytes());
        bytes.extend((self.domains.len() as u64).to_le_bytes());
        for (hash, record) in self.urls.iter().chain(&self.domains) {
            bytes.extend(hash.to_le_bytes());
            bytes.extend(record.karma.to_le_bytes());
            bytes.extend(record.links.to_le_bytes());
        }
        bytes.extend(hash128(&bytes).to_le_bytes());
        bytes
    }

    /// Reads what [`Self::to_bytes`] wrote; any changed, missing or additional byte is an error.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let broken = |what: &str| Error::new(format!("the link table is unusable: {what}; build it again"));
        let Some((head, entries)) = bytes.split_at_checked(HEADER_BYTES) else {
            return Err(broken("it is shorter than its header"));
        };
        if head[..8] != MAGIC {
            return Err(broken("it is of another version, or no link table"));
        }
        let Some((entries, checksum)) = entries.len().checked_sub(CHECKSUM_BYTES).map(|at| entries.split_at(at)) else {
            return Err(broken("it is cut off"));
        };
        let whole = &bytes[..bytes.len() - CHECKSUM_BYTES];
        if hash128(whole).to_le_bytes() != checksum {
            return Err(broken("its checksum does not match"));
        }
        let (n_urls, n_domains) = (word(head, 16), word(head, 24));
        let n_entries = (entries.len() / ENTRY_BYTES) as u64;
        if entries.len() % ENTRY_BYTES != 0 || n_urls.checked_add(n_domains) != Some(n_entries) {
            return Err(broken("its counts do not fit its length"));
        }
        let mut urls: Vec<_> = entries.chunks_exact(ENTRY_BYTES).map(entry).collect();
        let domains = urls.split_off(n_urls as usize);
        let is_sorted = |entries: &[(u64, LinkRecord)]| entries.windows(2).all(|pair| pair[0].0 < pair[1].0);
        if !is_sorted(&urls) || !is_sorted(&domains) {
            return Err(broken("its entries are out of order"));
        }
        Ok(Self { min_karma: word(head, 8) as i64, urls, domains })
    }
}

/// The hash by which a registered domain is known.
pub(super) fn domain_hash(domain: &str) -> u64 {
    hash64(domain.as_bytes())
}

fn find(entries: &[(u64, LinkRecord)], hash: u64) -> Option<LinkRecord> {
    entries.binary_search_by_key(&hash, |(hash, _)| *hash).ok().map(|index| entries[index].1)
}

fn entry(bytes: &[u8]) -> (u64, LinkRecord) {
    let links = u32::from_le_bytes(bytes[16..20].try_into().expect("a range of 4 has 4 bytes"));
    (word(bytes, 0), LinkRecord { links, karma: word(bytes, 8) as i64 })
}

fn word(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("a range of 8 has 8 bytes"))
}
