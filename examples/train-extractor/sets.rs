//! Pages with gold, from folders.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use gristmill::document::Page;
use gristmill::extract::page_of_file;
use gristmill::{Error, Result};
use serde::Deserialize;

/// One page with what people say of it.
pub struct Example {
    pub id: String,
    pub dataset: String,
    pub domain: String,
    pub labels: Labels,
    url: String,
    body: Vec<u8>,
}

/// What people say of a page.
pub enum Labels {
    /// Its main text.
    Gold(String),
    /// Parts that belong to the main text, and parts that do not; of the rest nothing is known.
    Segments { with: Vec<String>, without: Vec<String> },
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    dataset: String,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    domain: Option<String>,
    #[serde(default)]
    gold_type: String,
    #[serde(default)]
    without: Vec<String>,
}

impl Example {
    pub fn page(&self) -> Page<'_> {
        Page { url: &self.url, ..page_of_file(&self.id, &self.body) }
    }
}

/// Reads a set; pages without gold are left out.
pub fn read(folder: &str) -> Result<Vec<Example>> {
    let folder = Path::new(folder);
    let fault = |path: &Path| Error::new(format!("cannot read {}", path.display()));
    let suspect = fs::read_to_string(folder.join("suspect_gold.txt")).unwrap_or_default();
    let suspect: BTreeSet<&str> = suspect.lines().filter_map(|line| line.split('\t').next()).collect();
    let index = folder.join("index.jsonl");
    let lines = fs::read_to_string(&index).map_err(|error| fault(&index).because(error))?;
    let mut examples = Vec::new();
    for line in lines.lines() {
        let entry: Entry = serde_json::from_str(line).map_err(|error| fault(&index).because(error))?;
        let (html, gold) = (folder.join(format!("html/{}.html", entry.id)), folder.join(format!("gold/{}.txt", entry.id)));
        if suspect.contains(entry.id.as_str()) || !html.exists() || !gold.exists() {
            continue;
        }
        let body = fs::read(&html).map_err(|error| fault(&html).because(error))?;
        let gold = fs::read_to_string(&gold).map_err(|error| fault(&gold).because(error))?;
        let labels = if entry.gold_type.contains("segments") {
            Labels::Segments { with: gold.lines().map(str::to_owned).collect(), without: entry.without }
        } else {
            Labels::Gold(gold)
        };
        // A page without a domain is one of its own.
        let domain = entry.domain.filter(|domain| domain.contains('.')).unwrap_or_else(|| entry.id.clone());
        examples.push(Example { domain, labels, body, url: entry.url.unwrap_or_default(), id: entry.id, dataset: entry.dataset });
    }
    Ok(examples)
}
