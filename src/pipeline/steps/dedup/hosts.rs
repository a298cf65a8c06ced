//! How much of each registered domain is removed: counted a file at a time, spread by domain, added up one partition at a time.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::report::dedup::Host;
use crate::store::spill::{SpillWriter, read_records};
use crate::store::{Folder, Written};
use crate::text::hash::hash64;
use crate::text::url::registered_domain;

use super::records::damaged;

/// Registered domains that a report shows.
const SHOWN: usize = 30;

/// Registered domains of one file: documents, and how many of them were removed.
#[derive(Default)]
pub struct Hosts(BTreeMap<String, (u64, u64)>);

impl Hosts {
    pub fn count(&mut self, url: Option<&str>, removed: bool) {
        if let Some(domain) = url.and_then(registered_domain) {
            let counts = self.0.entry(domain).or_default();
            *counts = (counts.0 + 1, counts.1 + u64::from(removed));
        }
    }

    pub fn finish(self, folder: &Folder, path: &str, n_partitions: usize) -> Result<Written> {
        let mut spill = SpillWriter::create(folder, path, n_partitions)?;
        for (domain, (documents, removed)) in self.0 {
            let partition = hash64(domain.as_bytes()) % n_partitions as u64;
            spill.push(partition as usize, &[&documents.to_le_bytes()[..], &removed.to_le_bytes(), domain.as_bytes()].concat())?;
        }
        spill.finish()
    }
}

/// Of all files together: those that most was removed from, how many domains there are, and how many documents have one. Memory: the domains of one partition.
pub fn most(folder: &Folder, paths: &[String], n_partitions: usize) -> Result<(Vec<Host>, u64, u64)> {
    let (mut shown, mut n_hosts, mut with_host): (Vec<Host>, u64, u64) = (Vec::new(), 0, 0);
    for partition in 0..n_partitions {
        let mut hosts: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for path in paths {
            for record in read_records(folder, path, partition)?.iter() {
                let (domain, documents, removed) = record_of(record).ok_or_else(damaged)?;
                let counts = hosts.entry(domain).or_default();
                *counts = (counts.0 + documents, counts.1 + removed);
            }
        }
        n_hosts += hosts.len() as u64;
        with_host += hosts.values().map(|(documents, _)| documents).sum::<u64>();
        let hosts = hosts.into_iter().filter(|(_, (_, removed))| 0 < *removed);
        shown.extend(hosts.map(|(domain, (documents, removed))| Host { domain, documents, removed }));
        shown.sort_by(|a, b| b.removed.cmp(&a.removed).then_with(|| a.domain.cmp(&b.domain)));
        shown.truncate(SHOWN);
    }
    Ok((shown, n_hosts, with_host))
}

fn record_of(record: &[u8]) -> Option<(String, u64, u64)> {
    let (documents, rest) = record.split_first_chunk::<8>()?;
    let (removed, domain) = rest.split_first_chunk::<8>()?;
    let domain = String::from_utf8(domain.to_vec()).ok()?;
    Some((domain, u64::from_le_bytes(*documents), u64::from_le_bytes(*removed)))
}
