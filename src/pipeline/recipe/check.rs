//! What types cannot say: names that must exist, numbers that must fit, parts that need each other.

use std::collections::BTreeSet;

use crate::blend::Caps;
use crate::read::links::Treatment;
use crate::tokens;

use super::locate::nearest;
use super::{Dedup, LinkedFrom, Match, Negative, Negatives, Recipe, Source};

/// A fault of meaning at a key's path.
#[derive(Debug)]
pub struct Fault {
    pub path: Vec<String>,
    pub message: String,
}

fn fault<T>(path: &[&str], message: impl Into<String>) -> Result<T, Fault> {
    Err(Fault { path: path.iter().map(|&part| part.to_owned()).collect(), message: message.into() })
}

/// Turns a room's own complaint into a fault at a path.
fn told<T>(path: &[&str], result: crate::error::Result<T>) -> Result<T, Fault> {
    result.or_else(|error| fault(path, error.to_string()))
}

/// Checks the whole recipe; no input is opened.
pub fn check(recipe: &Recipe) -> Result<(), Fault> {
    if recipe.sources.is_empty() {
        return fault(&["source"], "a recipe needs at least one [source.NAME]");
    }
    if recipe.sample_files == Some(0) {
        return fault(&["sample-files"], "sample-files is 1 or more; leave it out to read every file");
    }
    for (name, source) in &recipe.sources {
        if source.root.is_some() && source.read.is_none() {
            return fault(
                &["source", name, "root"],
                "root says where names in the lists of `read` begin, and this source reads nothing itself",
            );
        }
        check_name(&["source", name], name)?;
        check_source(recipe, name, source)?;
    }
    for (name, model) in &recipe.models {
        check_name(&["model", name], name)?;
        if model.positives.is_empty() {
            return fault(&["model", name, "positives"], "name at least one source of good documents");
        }
        for (index, positive) in model.positives.iter().enumerate() {
            known_source(recipe, &["model", name, "positives", &index.to_string()], positive)?;
        }
        check_negatives(recipe, name, &model.negatives)?;
        told(&["model", name], model.options().check())?;
    }
    let limits = &recipe.limits;
    if !(10..=31).contains(&limits.zstd_window_log) {
        return fault(&["limits", "zstd-window-log"], "a window is 2^10 to 2^31 bytes, so this is 10 to 31");
    }
    if !(12..=32).contains(&limits.xz_dictionary_log) {
        return fault(&["limits", "xz-dictionary-log"], "a dictionary is 2^12 to 2^32 bytes, so this is 12 to 32");
    }
    let bytes =
        [limits.warc_header_bytes, limits.http_header_bytes, limits.record_bytes, limits.body_bytes, limits.line_bytes, limits.text_bytes];
    if bytes.iter().any(|bytes| !(1024..=1 << 32).contains(bytes)) {
        return fault(&["limits"], "limits in bytes are 1024 to 4294967296");
    }
    if let Some(dedup) = &recipe.dedup {
        check_dedup(recipe, dedup)?;
    }
    if let Some(paragraphs) = &recipe.paragraphs {
        told(&["paragraphs"], paragraphs.options().check())?;
        for (index, name) in paragraphs.cut_from.iter().enumerate() {
            known_source(recipe, &["paragraphs", "cut-from", &index.to_string()], name)?;
        }
    }
    if let Some(mask) = &recipe.mask {
        told(&["mask"], mask.check())?;
        for (index, name) in mask.sources.iter().enumerate() {
            known_source(recipe, &["mask", "sources", &index.to_string()], name)?;
        }
    }
    if let Some(decontaminate) = &recipe.decontaminate {
        if decontaminate.benchmarks.is_empty() {
            return fault(&["decontaminate", "benchmarks"], "name at least one benchmark file, or leave [decontaminate] out");
        }
        told(&["decontaminate"], decontaminate.options().check())?;
    }
    if let Some(blend) = &recipe.blend {
        for (part, names) in [("weights", &blend.weights), ("epochs", &blend.epochs)] {
            for name in names.keys() {
                known_source(recipe, &["blend", part, name], name)?;
            }
        }
        for name in blend.max_epochs.iter().flat_map(Caps::sources) {
            known_source(recipe, &["blend", "max-epochs", name], name)?;
        }
        if !tokens::NAMES.contains(&blend.tokenizer.as_str()) {
            return fault(&["blend", "tokenizer"], unknown("tokenizer", &blend.tokenizer, &tokens::NAMES));
        }
        told(&["blend"], blend.check())?;
    }
    let has_numbers = recipe.blend.as_ref().is_some_and(|blend| tokens::VOCABULARIES.contains(&blend.tokenizer.as_str()));
    if recipe.output.as_ref().is_some_and(|output| output.tokens.is_some()) && !has_numbers {
        let message = format!("token files need a [blend] whose tokenizer has a vocabulary: {}", tokens::VOCABULARIES.join(", "));
        return fault(&["output", "tokens"], message);
    }
    if let Some(output) = &recipe.output
        && output.shard_bytes < 4096
    {
        return fault(&["output", "shard-bytes"], "a shard holds at least 4096 bytes");
    }
    if let Some(output) = &recipe.output
        && !(0.0..=0.5).contains(&output.validation)
    {
        return fault(&["output", "validation"], format!("it is a share in 0 to 0.5, not {}", output.validation));
    }
    Ok(())
}

/// Names become folders, so they are kept to what every file system takes.
fn check_name(path: &[&str], name: &str) -> Result<(), Fault> {
    let fits = !name.is_empty() && name.len() <= 64 && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fits { Ok(()) } else { fault(path, "a name is 1 to 64 lower-case letters, digits and hyphens") }
}

fn check_source(recipe: &Recipe, name: &str, source: &Source) -> Result<(), Fault> {
    match (&source.read, &source.select) {
        (None, None) => return fault(&["source", name], "say where it comes from: `read = { warc = [..] }` or `select = { from = .. }`"),
        (Some(_), Some(_)) => return fault(&["source", name, "select"], "a source is read or selected, not both"),
        (Some(read), None) => {
            if read.parts().1.is_empty() {
                return fault(&["source", name, "read"], "name at least one file or pattern");
            }
        }
        (None, Some(select)) => {
            known_source(recipe, &["source", name, "select", "from"], &select.from)?;
            if recipe.sources[&select.from].read.is_none() {
                return fault(
                    &["source", name, "select", "from"],
                    format!("\"{}\" is selected itself; select from a source that is read", select.from),
                );
            }
            check_linked(&["source", name, "select", "linked-from"], &select.linked_from)?;
        }
    }
    for (index, spec) in source.filter.iter().enumerate() {
        told(&["source", name, "filter", &index.to_string()], spec.build().map(drop))?;
    }
    if let Some(keep) = &source.keep {
        if !recipe.models.contains_key(&keep.model) {
            let known: Vec<&str> = recipe.models.keys().map(String::as_str).collect();
            return fault(&["source", name, "keep", "model"], unknown("model", &keep.model, &known));
        }
        told(&["source", name, "keep", "rule"], keep.rule.check())?;
    }
    Ok(())
}

fn check_negatives(recipe: &Recipe, model: &str, negatives: &Negatives) -> Result<(), Fault> {
    let path = ["model", model, "negatives"];
    if negatives.0.is_empty() {
        return fault(&path, "name at least one kind of low-quality documents");
    }
    for negative in &negatives.0 {
        match negative {
            Negative::Unfiltered(source) | Negative::Source(source) => known_source(recipe, &path, source)?,
            Negative::Failed(filters) => {
                for filter in filters {
                    let known = super::super::registry::NAMES;
                    if !known.contains(&filter.as_str()) {
                        return fault(&path, unknown("filter", filter, known));
                    }
                    if !recipe.sources.values().any(|source| source.filter.iter().any(|spec| spec.name() == filter)) {
                        return fault(&path, format!("no source is filtered by \"{filter}\", so nothing can fail it"));
                    }
                }
            }
            Negative::Listed(_) => {}
        }
    }
    Ok(())
}

fn check_linked(path: &[&str], linked: &LinkedFrom) -> Result<(), Fault> {
    let has_urls = linked.table.is_some() || !linked.reddit.is_empty() || !linked.urls.is_empty();
    if !has_urls && linked.domains.is_empty() {
        return fault(path, "name link files: table = \"..\", reddit = [..], urls = [..] or domains = [..]");
    }
    if linked.matching != Match::RegisteredDomain && !has_urls {
        return fault(path, "domain tables match registered domains only; add match = \"registered-domain\"");
    }
    let key = |key| [path, &[key]].concat();
    if linked.min_links == 0 {
        return fault(&key("min-links"), "every page has 0 links; this is 1 or more");
    }
    if linked.table.is_none() && linked.reddit.is_empty() {
        let message = "only submissions say this; name reddit = [..] or a table that was made from them";
        if linked.over_18 == Treatment::Drop {
            return fault(&key("over-18"), message);
        }
        if linked.self_posts == Treatment::Keep {
            return fault(&key("self-posts"), message);
        }
    }
    Ok(())
}

fn check_dedup(recipe: &Recipe, dedup: &Dedup) -> Result<(), Fault> {
    told(&["dedup"], dedup.check())?;
    if !(0.0..=1.0).contains(&dedup.alarm.removal) {
        return fault(&["dedup", "alarm", "removal"], format!("it is a share in 0 to 1, not {}", dedup.alarm.removal));
    }
    for (loser, winners) in &dedup.remove_from {
        known_source(recipe, &["dedup", "remove-from", loser], loser)?;
        for winner in winners {
            known_source(recipe, &["dedup", "remove-from", loser], winner)?;
        }
    }
    let mut seen = BTreeSet::new();
    for (index, name) in dedup.priority.iter().enumerate() {
        known_source(recipe, &["dedup", "priority", &index.to_string()], name)?;
        if !seen.insert(name) {
            return fault(&["dedup", "priority", &index.to_string()], format!("\"{name}\" stands here twice"));
        }
    }
    let order = dedup.source_order(recipe.sources.keys());
    let rank = |name: &String| order.iter().position(|other| other == name);
    for (loser, winners) in &dedup.remove_from {
        for winner in winners {
            if rank(loser) <= rank(winner) {
                let message = format!(
                    "\"{winner}\" must stand before \"{loser}\" in priority for its copies to survive, and no order does that for all"
                );
                return fault(&["dedup", "remove-from", loser], message);
            }
        }
    }
    Ok(())
}

fn known_source(recipe: &Recipe, path: &[&str], name: &str) -> Result<(), Fault> {
    if recipe.sources.contains_key(name) {
        return Ok(());
    }
    let known: Vec<&str> = recipe.sources.keys().map(String::as_str).collect();
    fault(path, unknown("source", name, &known))
}

fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    let meant = nearest(name, known).map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"));
    format!("there is no {what} \"{name}\"{meant} (known here: {})", known.join(", "))
}
