//! The filter on lists of words in the format of LDNOOBW, C4's "list of dirty, naughty, obscene or otherwise bad words": a folder with a file for each language, named by
//! its code, one word or phrase a line.
//!
//! Memory: the entries as automata, some hundred bytes an entry; a text in lower case while it is judged.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use serde::{Deserialize, Serialize};
use unicode_general_category::{GeneralCategory, get_general_category};

use crate::document::{Document, Filter, Language, Matched, Reason, Rule, Verdict};
use crate::error::{Context, Error, Result};
use crate::text;

use super::lists::each_line;

/// **What.** Drops texts that hold listed words of their language: any one of them, more than a number of different ones, more than a number in all, or more than a share
/// of the words. Words are compared in lower case, with any white space between those of a phrase, and must stand between what is no letter, digit or mark; in scripts that put no spaces between words they match anywhere.
///
/// **Why.** C4 dropped every page with one word of the list. That takes pages of medicine and law with it, and what minorities write of themselves (Dodge et al. 2021);
/// a limit above one spares most of them.
///
/// **Kept**, with a list that holds "ass": "The class assembled at the pass."
///
/// **Dropped** (`distinct`): "He sold the ass at the fair."
#[derive(Clone, Debug)]
pub struct BlockedWords {
    options: Options,
    /// By language code.
    lists: BTreeMap<String, List>,
}

/// The words of a language as they are read: each with the number of its file.
#[derive(Default)]
struct Words {
    entries: Vec<(String, usize)>,
    files: Vec<String>,
}

/// The words of a language.
#[derive(Clone, Debug)]
struct List {
    automaton: AhoCorasick,
    /// Each with the name of its file; numbered as the automaton does.
    entries: Vec<(String, usize)>,
    files: Vec<String>,
}

crate::described! {
    /// Options of `blocked-words`.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields)]
    pub struct Options {
        /// Folders, relative to the recipe, with a file for each language, named by its code ("en", "fr-CA.txt"): one word or phrase a line. A document is judged by the list of its language; without one it stays. Required; at least one.
        pub lists: Vec<String>,
        /// Most of them that a text may hold: { distinct = 0 } different ones, as C4 did; { total = 5 } in all; or { share = 0.01 } of its words, in 0..=1.
        #[serde(default)]
        pub most: Most,
    }
}

/// The limit of the filter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Most {
    Distinct(u64),
    Total(u64),
    Share(f64),
}

impl Default for Most {
    fn default() -> Self {
        Self::Distinct(0)
    }
}

/// By which rules the filter drops.
pub const RULES: &[Rule] = &[
    Rule::new("distinct", "different listed words", "more different words of the list of its language than most"),
    Rule::new("total", "listed words", "more words of the list of its language than most, repeated ones counted each time"),
    Rule::new("share", "of its words", "a larger share of words of the list of its language than most"),
];

/// Listed words of a text.
#[derive(Debug, Default)]
struct Hits {
    /// Number of the first that was met.
    first: Option<usize>,
    distinct: u64,
    /// Places; of two words that overlap the one that ends first.
    total: u64,
}

impl BlockedWords {
    /// A filter that has no list yet. Refuses what names none, and a share outside 0..=1.
    pub fn new(options: Options) -> Result<Self> {
        if options.lists.is_empty() {
            return Err(Error::recipe("blocked-words: name at least one folder of lists"));
        }
        if let Most::Share(share) = options.most
            && !(0.0..=1.0).contains(&share)
        {
            return Err(Error::recipe(format!("blocked-words: share is {share}; it lies in 0..=1")));
        }
        Ok(Self { options, lists: BTreeMap::new() })
    }

    fn list_of(&self, document: &Document) -> Option<&List> {
        // A list is for a language in any script (`zh` for `zh-Hant` too), and Norwegian is one.
        let language = Language::base(&document.language.as_ref()?.code);
        self.lists.get(if language == "nn" { "nb" } else { language })
    }
}

/// The language of a list by the name of its file: "en", "fr-CA-u-sd-caqc", "ja.txt"; `None` for a file that is no list. LDNOOBW calls Norwegian Bokmål "no" and
/// Tagalog "fil", where documents have the narrower or shorter code.
fn language(name: &str) -> Option<&str> {
    let code = name.strip_suffix(".txt").unwrap_or(name).split(['-', '_']).next()?;
    match code {
        "no" => Some("nb"),
        "fil" => Some("tl"),
        _ => ((2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_lowercase())).then_some(code),
    }
}

/// The lists of a folder: language, name, path; in the order of their names.
fn lists_in(base: &Path, folder: &str) -> Result<Vec<(String, String, PathBuf)>> {
    let root = base.join(folder);
    let doing = || format!("blocked-words: cannot list the folder {}", root.display());
    let mut lists = Vec::new();
    for file in fs::read_dir(&root).context(doing)? {
        let path = file.context(doing)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if let Some(code) = language(&name).filter(|_| path.is_file()) {
            lists.push((code.to_owned(), format!("{folder}/{name}"), path));
        }
    }
    lists.sort();
    if lists.is_empty() {
        return Err(Error::new(format!(
            "blocked-words: {} holds no list; a list is named by its language, such as \"en\"",
            root.display()
        )));
    }
    Ok(lists)
}

/// A text in lower case, letter by letter, its white space folded, as entries are.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
    folded
}

/// Letters, digits, `_` and the marks that are written on letters.
fn is_of_word(c: char) -> bool {
    use GeneralCategory::{EnclosingMark, NonspacingMark, SpacingMark};
    c.is_alphanumeric() || c == '_' || !c.is_ascii() && matches!(get_general_category(c), NonspacingMark | SpacingMark | EnclosingMark)
}

/// True where a word may begin or end between two characters.
fn parts(inside: Option<char>, outside: Option<char>) -> bool {
    let (Some(inside), Some(outside)) = (inside, outside) else { return true };
    !is_of_word(outside) || text::is_spaceless(inside) || text::is_spaceless(outside)
}

impl List {
    fn hits(&self, text: &str) -> Hits {
        let text = folded(text);
        let mut hits = Hits::default();
        let mut met = vec![false; self.entries.len()];
        let mut end = 0;
        for found in self.automaton.find_overlapping_iter(&text) {
            let inside = &text[found.range()];
            let stands = parts(inside.chars().next(), text[..found.start()].chars().next_back())
                && parts(inside.chars().next_back(), text[found.end()..].chars().next());
            if !stands {
                continue;
            }
            let entry = found.pattern().as_usize();
            hits.first.get_or_insert(entry);
            hits.distinct += u64::from(!std::mem::replace(&mut met[entry], true));
            if end <= found.start() {
                hits.total += 1;
                end = found.end();
            }
        }
        hits
    }
}

/// Words of a text; two characters count as one where words are not parted.
fn n_words(text: &str) -> usize {
    if text::mostly_spaceless(text) { text.chars().filter(|c| c.is_alphanumeric()).count() / 2 } else { text::words(text).count() }
}

impl Filter for BlockedWords {
    fn name(&self) -> &'static str {
        "blocked-words"
    }

    fn files(&self, base: &Path) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for folder in &self.options.lists {
            files.extend(lists_in(base, folder)?.into_iter().map(|(_, _, path)| path));
        }
        Ok(files)
    }

    fn load(&mut self, base: &Path) -> Result<Vec<String>> {
        let mut warnings = Vec::new();
        let mut words: BTreeMap<String, Words> = BTreeMap::new();
        for folder in &self.options.lists {
            for (language, name, path) in lists_in(base, folder)? {
                let Words { entries, files } = words.entry(language).or_default();
                let number = files.len();
                let taken = each_line(&path, &name, "an entry is a word or a phrase with a letter or sign", |line| {
                    entries.push((folded(line), number));
                    true
                })?;
                warnings.extend(taken);
                files.push(name);
            }
        }
        for (language, Words { mut entries, files }) in words {
            // Of one word that two files hold the first file is named.
            entries.sort();
            entries.dedup_by(|a, b| a.0 == b.0);
            let automaton = AhoCorasick::new(entries.iter().map(|(word, _)| word))
                .map_err(|error| Error::new(format!("blocked-words: the words of {} cannot be used", files.join(", "))).because(error))?;
            self.lists.insert(language, List { automaton, entries, files });
        }
        Ok(warnings)
    }

    fn judge(&self, document: &Document) -> Verdict {
        let Some(list) = self.list_of(document) else { return Verdict::Keep };
        let hits = list.hits(&document.text);
        let (rule, value, limit) = match self.options.most {
            Most::Distinct(most) => ("distinct", hits.distinct as f64, most as f64),
            Most::Total(most) => ("total", hits.total as f64, most as f64),
            Most::Share(most) if hits.total == 0 => ("share", 0.0, most),
            Most::Share(most) => ("share", hits.total as f64 / n_words(&document.text).max(1) as f64, most),
        };
        if value <= limit { Verdict::Keep } else { Verdict::Drop(Reason { filter: "blocked-words", rule, value, limit }) }
    }

    fn languages(&self) -> Vec<(&str, &str)> {
        self.lists.iter().flat_map(|(code, list)| list.files.iter().map(|file| (code.as_str(), file.as_str()))).collect()
    }

    /// The word that is met first.
    fn matched(&self, document: &Document) -> Option<Matched> {
        let list = self.list_of(document)?;
        let (entry, file) = &list.entries[list.hits(&document.text).first?];
        Some(Matched { list: list.files[*file].clone(), entry: entry.clone() })
    }
}

#[cfg(test)]
mod tests;
