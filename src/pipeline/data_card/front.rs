//! The front matter of `README.md`: what hubs of data sets read of it. YAML, of which JSON values are a part.

use crate::document::Language;
use crate::error::{Error, Result};

use super::super::steps::shard::profile::{Tally, largest_first};
use super::DataCard;

/// Languages with a smaller share of the characters are not named.
const LEAST_SHARE: f64 = 0.01;

/// Licences of data that hubs know by these identifiers; they refuse others, which are told as `other` with a name.
const LICENSES: [&str; 37] = [
    "apache-2.0",
    "mit",
    "bsd-2-clause",
    "bsd-3-clause",
    "isc",
    "zlib",
    "unlicense",
    "wtfpl",
    "cc0-1.0",
    "cc-by-2.0",
    "cc-by-2.5",
    "cc-by-3.0",
    "cc-by-4.0",
    "cc-by-sa-3.0",
    "cc-by-sa-4.0",
    "cc-by-nc-2.0",
    "cc-by-nc-3.0",
    "cc-by-nc-4.0",
    "cc-by-nd-4.0",
    "cc-by-nc-nd-3.0",
    "cc-by-nc-nd-4.0",
    "cc-by-nc-sa-2.0",
    "cc-by-nc-sa-3.0",
    "cc-by-nc-sa-4.0",
    "cdla-sharing-1.0",
    "cdla-permissive-1.0",
    "cdla-permissive-2.0",
    "etalab-2.0",
    "gfdl",
    "odc-by",
    "odbl",
    "pddl",
    "agpl-3.0",
    "gpl-2.0",
    "gpl-3.0",
    "lgpl-3.0",
    "mpl-2.0",
];

/// Upper ends of the classes of size that hubs know, and their names.
const SIZES: [(u64, &str); 10] = [
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
    (1_000_000_000, "100M<n<1B"),
    (10_000_000_000, "1B<n<10B"),
    (100_000_000_000, "10B<n<100B"),
    (1_000_000_000_000, "100B<n<1T"),
];

/// The front matter with its fences.
///
/// # Errors
/// Never for strings; a fault of ours otherwise.
pub fn matter(card: &DataCard) -> Result<String> {
    let mut lines = vec!["---".to_owned(), format!("pretty_name: {}", quoted(&card.name)?)];
    match &card.license {
        Some(license) if LICENSES.contains(&license.to_lowercase().as_str()) => lines.push(format!("license: {}", license.to_lowercase())),
        Some(license) => lines.extend(["license: other".to_owned(), format!("license_name: {}", quoted(license)?)]),
        None if card.sources.iter().all(|source| source.license.is_none()) => lines.push("license: unknown".to_owned()),
        None => lines.extend(["license: other".to_owned(), "license_name: see the sources".to_owned()]),
    }
    let all: u64 = card.profile.languages.values().map(|tally| tally.characters).sum();
    let is_named = |(code, tally): &(String, Tally)| Language::is_named(code) && LEAST_SHARE * all as f64 <= tally.characters as f64;
    let languages: Vec<(String, Tally)> = largest_first(card.profile.languages.clone()).into_iter().filter(is_named).collect();
    if !languages.is_empty() {
        lines.push("language:".to_owned());
        // Hubs know languages, not their scripts.
        let mut codes: Vec<&str> = Vec::new();
        for code in languages.iter().map(|(code, _)| Language::base(code)) {
            if !codes.contains(&code) {
                codes.push(code);
                lines.push(format!("- {}", quoted(code)?));
            }
        }
    }
    let rows: u64 = card.profile.shards.iter().map(|shard| shard.rows).sum();
    let size = SIZES.iter().find(|(end, _)| rows < *end).map_or("n>1T", |(_, name)| name);
    lines.extend(["size_categories:".to_owned(), format!("- {size}"), "task_categories:".to_owned(), "- text-generation".to_owned()]);
    lines.extend(["configs:", "- config_name: default", "  data_files:"].map(str::to_owned));
    for split in card.profile.splits.keys() {
        lines.extend([format!("  - split: {split}"), format!("    path: shards/{split}-*")]);
    }
    lines.push("---\n\n".to_owned());
    Ok(lines.join("\n"))
}

fn quoted(text: &str) -> Result<String> {
    serde_json::to_string(text).map_err(|error| Error::new("cannot write the card's front matter").because(error))
}
