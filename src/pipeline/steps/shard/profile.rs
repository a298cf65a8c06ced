//! What the shards hold, for the data card: rows, documents and text by split and source, language, year, length and domain, and the hash that others know each shard by.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::text::url::registered_domain;

use super::{Moving, Split};

/// Where it lies in the folder.
pub const PROFILE: &str = "order/profile.json";

/// What rows hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Copies and pieces of documents.
    pub rows: u64,
    /// Distinct documents.
    pub documents: u64,
    /// UTF-8 bytes of text.
    pub bytes: u64,
    /// Unicode scalars of text.
    pub characters: u64,
    /// As the blend counts them; 0 without one.
    pub tokens: u64,
}

impl Tally {
    pub fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.documents += other.documents;
        self.bytes += other.bytes;
        self.characters += other.characters;
        self.tokens += other.tokens;
    }
}

/// A shard as it lies on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardFile {
    pub path: String,
    pub bytes: u64,
    pub rows: u64,
    /// 64 hexadecimal digits, as `sha256sum` prints them.
    pub sha256: String,
}

/// What the shards hold. Each map adds up to all rows, but for `domains`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Split, then source.
    pub splits: BTreeMap<String, BTreeMap<String, Tally>>,
    /// Language code, or "und".
    pub languages: BTreeMap<String, Tally>,
    /// The first four digits of the date, or "unknown": of a crawl when it was crawled.
    pub years: BTreeMap<String, Tally>,
    /// The largest power of two that is not over the number of a text's characters; 0 for an empty one.
    pub lengths: BTreeMap<u64, Tally>,
    /// Registered domain, or host where it has none: those of the most characters, [`MOST_DOMAINS`] when it is finished.
    pub domains: BTreeMap<String, Tally>,
    /// How many there are; at most, where some had to be forgotten: one that came again counts twice.
    pub n_domains: u64,
    /// The characters that any domain may have more than is said here; 0 unless there are more than a million domains.
    pub forgotten_characters: u64,
    /// Rows with no URL that has a host.
    pub without_domain: Tally,
    pub shards: Vec<ShardFile>,
}

/// Domains that a card names.
pub const MOST_DOMAINS: usize = 100;
/// Domains that are held while they are counted, about 200 bytes each; when there are twice as many, the smaller half is forgotten, and how large one may have been is noted.
const HELD_DOMAINS: usize = 500_000;

impl Profile {
    /// Adds a row.
    pub(super) fn add(&mut self, split: Split, row: &Moving) {
        let tally = Tally {
            rows: 1,
            documents: u64::from(row.copy == 0 && row.piece == 0),
            bytes: row.text.len() as u64,
            characters: row.text.chars().count() as u64,
            tokens: row.tokens.unwrap_or(0),
        };
        self.splits.entry(split.name().to_owned()).or_default().entry(row.source.clone()).or_default().add(tally);
        self.languages.entry(row.language.clone().unwrap_or_else(|| "und".to_owned())).or_default().add(tally);
        let year = row.date.as_deref().and_then(|date| date.get(..4)).filter(|year| year.bytes().all(|b| b.is_ascii_digit()));
        self.years.entry(year.unwrap_or("unknown").to_owned()).or_default().add(tally);
        let length = tally.characters.checked_ilog2().map_or(0, |power| 1 << power);
        self.lengths.entry(length).or_default().add(tally);
        match row.url.as_deref().and_then(registered_domain) {
            Some(domain) => self.domains.entry(domain).or_default().add(tally),
            None => self.without_domain.add(tally),
        }
    }

    /// Adds what another part of the order holds; parts come in their order, so that what is forgotten is always the same.
    pub fn join(&mut self, other: Self) {
        for (split, sources) in other.splits {
            join(self.splits.entry(split).or_default(), sources);
        }
        join(&mut self.languages, other.languages);
        join(&mut self.years, other.years);
        join(&mut self.lengths, other.lengths);
        join(&mut self.domains, other.domains);
        self.without_domain.add(other.without_domain);
        self.shards.extend(other.shards);
        if 2 * HELD_DOMAINS < self.domains.len() {
            self.forgotten_characters += self.keep_domains(HELD_DOMAINS);
        }
    }

    /// Leaves the domains that a card names.
    pub fn finish(&mut self) {
        self.keep_domains(MOST_DOMAINS);
        self.n_domains += self.domains.len() as u64;
    }

    /// Keeps the domains with the most characters, by name where they have as many; the most that one of the others has.
    fn keep_domains(&mut self, n_kept: usize) -> u64 {
        let mut domains = largest_first(std::mem::take(&mut self.domains));
        let most = domains.get(n_kept).map_or(0, |(_, tally)| tally.characters);
        self.n_domains += domains.len().saturating_sub(n_kept) as u64;
        domains.truncate(n_kept);
        self.domains = domains.into_iter().collect();
        most
    }
}

/// Names with their tallies, those of the most characters first, by name where they have as many.
pub fn largest_first(tallies: BTreeMap<String, Tally>) -> Vec<(String, Tally)> {
    let mut sorted: Vec<(String, Tally)> = tallies.into_iter().collect();
    sorted.sort_by(|a, b| b.1.characters.cmp(&a.1.characters).then_with(|| a.0.cmp(&b.0)));
    sorted
}

fn join<K: Ord>(into: &mut BTreeMap<K, Tally>, from: BTreeMap<K, Tally>) {
    for (name, tally) in from {
        into.entry(name).or_default().add(tally);
    }
}
