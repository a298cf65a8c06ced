//! All texts in one place: nothing English among other languages, nothing twice, nothing in a script that is not that of the language.

use std::collections::{BTreeMap, HashMap, HashSet};

use gristmill::text::hash::hash64;
use rayon::prelude::*;

use crate::sources::{Corpus, LeftOut, Origin, Parcel, Source, Texts, scripts};

/// A sentence that so many languages share is one that nobody translated, in a spelling that the English packages do not have.
const MANY_LANGUAGES: u32 = 5;
/// A sentence has at least so many words; related languages do share what is shorter.
const SENTENCE: usize = 4;

/// The strings of one language in one file, and what each is told apart by.
type File<'a> = (&'a [String], &'a [u64]);

/// Joins the strings of files, in their order.
pub fn merged(parcels: Vec<Parcel>) -> Corpus {
    let folds: Vec<BTreeMap<String, Vec<u64>>> = parcels.par_iter().map(folds).collect();
    let english = english(&parcels, &folds);
    let mut seen: HashMap<(Source, String), HashSet<u64>> = HashMap::new();
    let mut corpus = Corpus { texts: BTreeMap::new(), origins: Vec::new() };
    for (parcel, mut folds) in parcels.into_iter().zip(folds) {
        let Parcel { file, source, sha256, bytes, texts } = parcel;
        for (language, texts) in texts {
            let folds = folds.remove(&language).unwrap_or_default();
            let seen = seen.entry((source, language.clone())).or_default();
            let (kept, left_out) = match source {
                Source::Lingua => (texts.texts, texts.left_out),
                _ => chosen(texts, &folds, (is_software(source) && language != "en").then_some(&english), seen),
            };
            corpus.origins.push(Origin {
                file: file.clone(),
                source,
                language: language.clone(),
                sha256: sha256.clone(),
                bytes,
                n_texts: kept.len(),
                text_bytes: kept.iter().map(String::len).sum(),
                is_transliterated: false,
                left_out,
            });
            if !kept.is_empty() {
                corpus.texts.entry((source, language)).or_default().extend(kept);
            }
        }
    }
    corpus
}

/// What of a file's texts is kept, and how much is not.
fn chosen(texts: Texts, folds: &[u64], english: Option<&HashSet<u64>>, seen: &mut HashSet<u64>) -> (Vec<String>, LeftOut) {
    let Texts { texts, mut left_out } = texts;
    let is_english = |fold: &u64| english.is_some_and(|english| english.contains(fold));
    let others = texts.iter().zip(folds).filter(|(_, fold)| !is_english(fold));
    let script = scripts::dominant(others.map(|(text, _)| text.as_str()));
    let mut kept = Vec::new();
    for (text, fold) in texts.into_iter().zip(folds) {
        if is_english(fold) {
            left_out.english += 1;
        } else if script.is_some_and(|script| !scripts::is_in(&text, script)) {
            left_out.foreign += 1;
        } else if !seen.insert(*fold) {
            left_out.repeated += 1;
        } else {
            kept.push(text);
        }
    }
    (kept, left_out)
}

fn is_software(source: Source) -> bool {
    matches!(source, Source::Firefox | Source::LibreOffice | Source::Help)
}

/// What strings are told apart by, for all texts of a file: their letters, in lower case.
fn folds(parcel: &Parcel) -> BTreeMap<String, Vec<u64>> {
    if parcel.source == Source::Lingua {
        return BTreeMap::new();
    }
    let mut letters = String::new();
    let mut fold = |text: &String| {
        letters.clear();
        letters.extend(text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase));
        hash64(letters.as_bytes())
    };
    parcel.texts.iter().map(|(language, texts)| (language.clone(), texts.texts.iter().map(&mut fold).collect())).collect()
}

/// All English strings of programs, and what many languages share.
fn english(parcels: &[Parcel], folds: &[BTreeMap<String, Vec<u64>>]) -> HashSet<u64> {
    let mut all: BTreeMap<&str, Vec<File>> = BTreeMap::new();
    for (parcel, folds) in parcels.iter().zip(folds).filter(|(parcel, _)| is_software(parcel.source)) {
        for ((language, texts), folds) in parcel.texts.iter().zip(folds.values()) {
            all.entry(language).or_default().push((&texts.texts, folds));
        }
    }
    let of_english = all.remove("en").unwrap_or_default();
    let mut english: HashSet<u64> = of_english.iter().flat_map(|(_, folds)| folds.iter().copied()).collect();
    // In how many languages a sentence was met, and the last of them.
    let mut met: HashMap<u64, (u32, usize)> = HashMap::new();
    for (language, files) in all.values().enumerate() {
        for (text, fold) in files.iter().flat_map(|(texts, folds)| texts.iter().zip(*folds)) {
            if english.contains(fold) || text.split(' ').nth(SENTENCE - 1).is_none() {
                continue;
            }
            let (n, last) = met.entry(*fold).or_insert((0, usize::MAX));
            if *last != language {
                (*n, *last) = (*n + 1, language);
            }
        }
    }
    english.extend(met.into_iter().filter(|(_, (n, _))| MANY_LANGUAGES <= *n).map(|(fold, _)| fold));
    english
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel(file: &str, language: &str, texts: &[&str]) -> Parcel {
        let texts = Texts { texts: texts.iter().map(|text| (*text).to_owned()).collect(), ..Texts::default() };
        Parcel {
            file: file.to_owned(),
            source: Source::Firefox,
            sha256: String::new(),
            bytes: 1,
            texts: BTreeMap::from([(language.to_owned(), texts)]),
        }
    }

    #[test]
    fn english_foreign_and_repeated_strings_are_left_out() {
        let parcels = vec![
            parcel("en", "en", &["Open the file", "Close"]),
            parcel("sr", "sr", &["Отвори датотеку", "open the file!", "Затвори", "Dozvoli", "Затвори 2", "Затвори"]),
        ];
        let corpus = merged(parcels);
        assert_eq!(corpus.texts[&(Source::Firefox, "sr".to_owned())], ["Отвори датотеку", "Затвори"]);
        assert_eq!(corpus.texts[&(Source::Firefox, "en".to_owned())], ["Open the file", "Close"]);
        let left_out = corpus.origins[1].left_out;
        assert_eq!((left_out.english, left_out.foreign, left_out.repeated), (1, 1, 2));
    }

    #[test]
    fn what_many_languages_share_is_english() {
        let of = |language: &str, own: &str| parcel(language, language, &["Pick a color from this", "Radio", own]);
        let parcels = [("da", "Farve"), ("nb", "Farge"), ("it", "Colore"), ("fr", "Couleur"), ("pl", "Kolor")];
        let corpus = merged(parcels.iter().map(|(language, own)| of(language, own)).collect());
        assert_eq!(corpus.texts[&(Source::Firefox, "pl".to_owned())], ["Radio", "Kolor"]);
        let corpus = merged(parcels[1..].iter().map(|(language, own)| of(language, own)).collect());
        assert_eq!(corpus.texts[&(Source::Firefox, "pl".to_owned())].len(), 3);
    }
}
