//! Removal on request: a list of URLs, domains, ids and hashes whose documents must not be in the data set.
//!
//! A line is taken in every sense that it can have, so that nobody has to say what it is: as an id; as a URL, in normalised form; as a domain, with all hosts below it;
//! as the key of a document or the XXH3-128 of its text. Only hashes of names are kept, so that what is stored of a removal does not repeat what was to go.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

use crate::document::{Key, Rule};
use crate::error::{Context, Error, Result};
use crate::text::hash::{Hasher, hash128};
use crate::text::url;

/// By which rules documents are removed.
pub const RULES: &[Rule] = &[Rule::new("on-request", "", "named by the list of `remove`")];

/// Longest line of a list, in bytes; no URL of the web is longer.
pub const LINE_BYTES: usize = 64 << 10;

/// The hash of one name of a document, in one sense.
pub type Name = u128;

/// What is to go.
#[derive(Clone, Debug, Default)]
pub struct Removal {
    /// Name: the numbers of its lines.
    names: BTreeMap<Name, BTreeSet<u64>>,
}

impl Removal {
    /// Reads a list: one name a line; empty lines and lines that begin with `#` say nothing. `list` names it in messages.
    ///
    /// # Errors
    /// When it cannot be read, is no UTF-8, or has a line over [`LINE_BYTES`].
    pub fn read(mut list_of: impl BufRead, list: &str) -> Result<Self> {
        let mut removal = Self::default();
        let mut line = Vec::new();
        for number in 1_u64.. {
            line.clear();
            let doing = || format!("cannot read line {number} of the removal list {list}");
            std::io::Read::take(&mut list_of, LINE_BYTES as u64 + 1).read_until(b'\n', &mut line).context(doing)?;
            if line.is_empty() {
                break;
            }
            if LINE_BYTES < line.len() {
                return Err(Error::new(format!(
                    "{}: it has more than {LINE_BYTES} bytes; write one URL, domain, id or hash a line",
                    doing()
                )));
            }
            let text = std::str::from_utf8(&line).map_err(|error| Error::new(doing()).because(error))?;
            removal.add(text.trim_start_matches('\u{feff}').trim(), number);
        }
        Ok(removal)
    }

    fn add(&mut self, line: &str, number: u64) {
        if line.is_empty() || line.starts_with('#') {
            return;
        }
        let mut names = vec![name(Sense::Id, bare(line))];
        // A piece's name in the shards, ID#K, asks for its document.
        let piece = line.rsplit_once('#').filter(|(_, k)| !k.is_empty() && k.bytes().all(|b| b.is_ascii_digit()));
        names.extend(piece.map(|(id, _)| name(Sense::Id, bare(id))));
        if line.contains("://") {
            names.extend(url::normalise(line).map(|url| name(Sense::Url, &url)));
        } else if line.contains('.') && !line.contains(['/', ' ']) {
            names.extend(url::full_host(&format!("http://{line}")).map(|host| name(Sense::Host, &host)));
        }
        let hash = line.to_ascii_lowercase();
        if hash.len() == 32 && hash.bytes().all(|b| b.is_ascii_hexdigit()) {
            names.push(name(Sense::Hash, &hash));
        }
        for name in names {
            self.names.entry(name).or_default().insert(number);
        }
    }

    /// Numbers of the lines of which no name is among these.
    pub fn lines_without(&self, met: &BTreeSet<Name>) -> BTreeSet<u64> {
        let hit: BTreeSet<u64> = self.names.iter().filter(|(name, _)| met.contains(name)).flat_map(|(_, lines)| lines).copied().collect();
        self.names.values().flatten().copied().filter(|line| !hit.contains(line)).collect()
    }

    /// Names this list among lists: the same for the same names in any order.
    pub fn identity(&self) -> String {
        let mut hasher = Hasher::default();
        self.names.keys().for_each(|name| hasher.update(&name.to_le_bytes()));
        format!("{:032x}", hasher.finish())
    }

    /// True when any of a document's names is listed.
    pub fn hits(&self, names: &[Name]) -> bool {
        names.iter().any(|name| self.names.contains_key(name))
    }
}

/// WARC writes its record ids in angle brackets; people leave them away.
fn bare(id: &str) -> &str {
    id.trim_start_matches('<').trim_end_matches('>')
}

enum Sense {
    Id,
    Url,
    Host,
    Hash,
}

fn name(sense: Sense, text: &str) -> Name {
    let prefix = match sense {
        Sense::Id => "id",
        Sense::Url => "url",
        Sense::Host => "host",
        Sense::Hash => "hash",
    };
    hash128(format!("{prefix}\t{text}").as_bytes())
}

/// What names one document and no other: its id, key and URL.
pub fn own_names(id: &str, key: Option<Key>, page: Option<&str>) -> Vec<Name> {
    let mut names = vec![name(Sense::Id, bare(id))];
    names.extend(key.map(|key| name(Sense::Hash, &key.to_string())));
    names.extend(page.and_then(url::normalise).map(|url| name(Sense::Url, &url)));
    names
}

/// All names of a document by which a list may ask for it; of a record without text, those that it has.
pub fn names_of(id: &str, key: Option<Key>, page: Option<&str>, text: Option<&str>) -> Vec<Name> {
    let mut names = own_names(id, key, page);
    names.extend(text.map(|text| name(Sense::Hash, &format!("{:032x}", hash128(text.as_bytes())))));
    let Some(page) = page else { return names };
    // From the host up to the registered domain: nobody can ask for all of `com`.
    let Some(host) = url::full_host(page) else { return names };
    let least = url::registered_domain(page).map_or(host.len(), |domain| domain.len().min(host.len()));
    let mut above = host.as_str();
    while least <= above.len() {
        names.push(name(Sense::Host, above));
        let Some((_, rest)) = above.split_once('.') else { break };
        above = rest;
    }
    names
}

#[cfg(test)]
mod tests;
