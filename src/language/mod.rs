//! Which language a text is in: a code, an honest probability, and `other` for languages that are not known.
//! The script decides first; among languages of one script, a linear model over hashed character n-grams of our own. docs/language.md has its figures.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::document::Language;

pub mod codes;
pub mod filter;
pub mod grams;
pub mod model;
mod sample;
pub mod scripts;
pub mod table;

use codes::{OTHER, UNDETERMINED};
use grams::Rows;
use model::{BUILT_IN, Judgement, Model};
pub use sample::sample;
use scripts::{CHARACTERS, Counts, Script};

/// East Asian letters above this share of all letters make the text East Asian, and its Latin runs (brands, code, addresses) do not count.
const EAST_ASIAN_SHARE: f64 = 0.1;

/// Kana above this share of kana and Han is Japanese; Chinese text uses kana in quotations only.
const KANA_SHARE: f64 = 0.1;

/// Letters of another script decide unless there are so many Latin ones for each.
const LATIN_AGAINST_ONE: u32 = 2;

/// Texts with fewer letters are not called unknown, however unlikely their language is, and paragraphs with fewer count to the one before.
const LEAST_LETTERS: u32 = 20;

/// What is said of a text's language.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub language: Language,
    /// The language that comes next, with its probability.
    pub second: Option<(String, f64)>,
}

/// The language of a text, judged by a bounded sample of it; see [`Language`] and [`answer`].
pub fn identify(text: &str) -> Language {
    answer(text).language
}

/// What a text is in: a language, [`OTHER`] where its letters are in none that is known, [`UNDETERMINED`] with probability 0 where it has no letters.
///
/// The probability is that of the language among those of its script, times the probability that the text is in one of them at all, times the share that
/// letters of the script have of the bytes of all letters: an English page with some quotations does not look like certain Chinese, nor like certain English.
pub fn answer(text: &str) -> Answer {
    answer_by(&BUILT_IN, text)
}

/// The same by another model.
pub fn answer_by(model: &Model, text: &str) -> Answer {
    judge(model, &sample(text), &mut Rows::default())
}

/// Makes the model ready, which is else done when the first text is judged: before work in parallel, which would wait for it.
pub fn prepare() {
    LazyLock::force(&BUILT_IN);
    LazyLock::force(&CHARACTERS);
}

/// The share of each language in a text, the largest first: of the bytes of its paragraphs, each judged by itself, those of few letters by the one before.
pub fn shares(text: &str) -> Vec<(String, f64)> {
    let mut bytes: BTreeMap<String, usize> = BTreeMap::new();
    let (mut rows, mut last, mut before) = (Rows::default(), None, 0);
    for paragraph in text.split('\n').filter(|paragraph| !paragraph.trim().is_empty()) {
        if LEAST_LETTERS <= Counts::of(paragraph).all() {
            let code = judge(&BUILT_IN, &sample(paragraph), &mut rows).language.code;
            last = if code == UNDETERMINED { last } else { Some(code) };
        }
        match &last {
            // What comes before the first paragraph that says something counts to it.
            Some(code) => *bytes.entry(code.clone()).or_default() += std::mem::take(&mut before) + paragraph.len(),
            None => before += paragraph.len(),
        }
    }
    if 0 < before {
        bytes.insert(answer(text).language.code, before);
    }
    let all: usize = bytes.values().sum();
    let mut shares: Vec<(String, f64)> = bytes.into_iter().map(|(code, bytes)| (code, bytes as f64 / all as f64)).collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1));
    shares
}

fn judge(model: &Model, text: &str, rows: &mut Rows) -> Answer {
    let counts = Counts::of(text);
    if 0 < counts.letters(Script::Mark) {
        // A letter and its accent are one letter to the model.
        let composed = ComposingNormalizerBorrowed::new_nfc().normalize(text);
        return judge_composed(model, &composed, &Counts::of(&composed), rows);
    }
    judge_composed(model, text, &counts, rows)
}

fn judge_composed(model: &Model, text: &str, counts: &Counts, rows: &mut Rows) -> Answer {
    let Some((script, share)) = script(counts) else {
        return Answer::new(UNDETERMINED, 0.0, 0.0, None);
    };
    if let Some(code) = script.language() {
        return Answer::new(code, share, share, None);
    }
    let Some(judge) = model.of(script) else {
        return Answer::new(OTHER, share, share, None);
    };
    let Some(Judgement { probabilities, best, familiarity, .. }) = judge.judge(text, rows) else {
        return Answer::new(OTHER, 0.0, 0.0, None);
    };
    let languages = &judge.parameters.languages;
    let of = |at: usize| share * familiarity * probabilities[at];
    let second = (0..languages.len()).filter(|at| *at != best && languages[*at] != OTHER);
    let second = second.max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b])).map(|at| (languages[at].clone(), of(at)));
    if familiarity < 0.5 && LEAST_LETTERS <= counts.all() {
        let unknown = share * (1.0 - familiarity);
        return Answer::new(OTHER, unknown, unknown, Some((languages[best].clone(), of(best))));
    }
    let group = codes::group(&languages[best]);
    let of_group = (0..languages.len()).filter(|at| *at == best || group.is_some() && codes::group(&languages[*at]) == group);
    Answer::new(&languages[best], of(best), of_group.map(of).sum(), second)
}

impl Answer {
    fn new(code: &str, probability: f64, group_probability: f64, second: Option<(String, f64)>) -> Self {
        let group_probability = group_probability.min(1.0);
        Self { language: Language { code: code.to_owned(), probability, group_probability }, second }
    }
}

/// The script that decides, and the share that it and those that go with it have of the bytes of all letters; `None` without letters.
fn script(counts: &Counts) -> Option<(Script, f64)> {
    let [han, kana, hangul] = [Script::Han, Script::Kana, Script::Hangul].map(|script| counts.letters(script));
    let east_asian = counts.share(&[Script::Han, Script::Kana, Script::Hangul]);
    if f64::from(counts.all()) * EAST_ASIAN_SHARE < f64::from(han + kana + hangul) {
        let is_japanese = f64::from(han + kana) * KANA_SHARE < f64::from(kana);
        return Some(match () {
            () if han + kana < hangul => (Script::Hangul, east_asian),
            () if is_japanese => (Script::Kana, east_asian),
            () => (Script::Han, east_asian),
        });
    }
    // Names, brands and code are in Latin letters whatever the language.
    let others = counts.letters(Script::Latin) / LATIN_AGAINST_ONE;
    let first = counts.first_but(Script::Latin).filter(|script| others < counts.letters(*script));
    first.or_else(|| counts.first()).map(|script| (script, counts.share(&[script])))
}

#[cfg(test)]
mod tests;
