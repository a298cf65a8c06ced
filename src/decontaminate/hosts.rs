//! Texts in which the self-test plants items, and what it does to the words that it plants. All is keyed: the same seed gives the same texts.

use serde::{Deserialize, Serialize};

use crate::text::hash::hash64_seeded;

/// Words of a host.
pub const HOST_WORDS: usize = 320;

/// Parts of the invented words that hosts are made of: no benchmark has them in a row of its own words.
const SYLLABLES: [&str; 16] =
    ["zu", "qor", "vex", "mip", "lath", "kru", "oon", "fij", "wub", "thaq", "ydr", "pox", "nej", "glim", "sarv", "hib"];

/// Numbers that only depend on a seed and a name.
pub struct Draws {
    seed: u64,
    drawn: u64,
}

impl Draws {
    pub fn new(seed: u64, name: &str) -> Self {
        Self { seed: hash64_seeded(name.as_bytes(), seed), drawn: 0 }
    }

    /// A number below `n`, which is not 0.
    pub fn below(&mut self, n: usize) -> usize {
        self.drawn += 1;
        (hash64_seeded(&self.drawn.to_le_bytes(), self.seed) % n as u64) as usize
    }
}

/// Sentences and paragraphs of so many invented words.
pub fn host(n_words: usize, draws: &mut Draws) -> String {
    let mut text = String::new();
    let mut begins = true;
    for index in 0..n_words {
        let mut word: String = (0..2 + draws.below(2)).map(|_| SYLLABLES[draws.below(SYLLABLES.len())]).collect();
        if begins {
            word[..1].make_ascii_uppercase();
        }
        begins = index + 1 == n_words || draws.below(12) == 0;
        text.push_str(&word);
        text.push_str(match (begins, draws.below(8)) {
            (true, 0) => ".\n\n",
            (true, _) => ". ",
            (false, 0) => ", ",
            (false, 1) => "\n",
            _ => " ",
        });
    }
    text
}

/// What is done to words before they are planted. None of it makes other words of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disturbance {
    None,
    Case,
    Punctuation,
    LineBreaks,
    WhiteSpace,
    All,
}

impl Disturbance {
    pub const EACH: [Self; 6] = [Self::None, Self::Case, Self::Punctuation, Self::LineBreaks, Self::WhiteSpace, Self::All];

    /// The words of an item, which has them as `plain`, as they are planted.
    pub fn apply(self, plain: &str, words: &[&str], draws: &mut Draws) -> String {
        const BREAKS: [&str; 4] = ["\n", "\r\n", "\n\n", "\n    "];
        const SPACES: [&str; 4] = ["   ", "\t", " \u{a0}", "\u{3000} "];
        let joined = |words: &[String], gaps: &[&str], draws: &mut Draws| {
            let mut text = String::new();
            for word in words {
                if !text.is_empty() {
                    text.push_str(gaps[draws.below(gaps.len())]);
                }
                text.push_str(word);
            }
            text
        };
        let owned = || words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        match self {
            Self::None => plain.to_owned(),
            Self::Case => upper(plain),
            Self::Punctuation => {
                let words: Vec<String> = words.iter().map(|word| punctuated(word, draws)).collect();
                joined(&words, &[" ", " ", " \u{2014} "], draws)
            }
            Self::LineBreaks => joined(&owned(), &BREAKS, draws),
            Self::WhiteSpace => joined(&owned(), &SPACES, draws),
            Self::All => {
                let words: Vec<String> = words.iter().map(|word| upper(&punctuated(word, draws))).collect();
                joined(&words, &[BREAKS, SPACES].concat(), draws)
            }
        }
    }
}

/// Capitals, where the capital's small letter is the letter again: not of a sharp s, whose capitals are two letters of another word.
fn upper(text: &str) -> String {
    let is_back = |c: char, upper: char| upper.to_lowercase().eq(c.to_lowercase());
    let capital = |c: char| {
        let mut upper = c.to_uppercase();
        upper.next().filter(|&upper_c| upper.next().is_none() && is_back(c, upper_c)).unwrap_or(c)
    };
    text.chars().map(capital).collect()
}

/// A word without its ASCII punctuation, in other punctuation.
fn punctuated(word: &str, draws: &mut Draws) -> String {
    let bare: String = word.chars().filter(|c| !(c.is_ascii() && crate::text::is_ascii_of_category_p(*c as u8))).collect();
    match draws.below(6) {
        0 => format!("\u{201c}{bare}\u{201d}"),
        1 => format!("{bare}, "),
        2 => format!("({bare})"),
        3 => format!("\u{ab}{bare}\u{bb};"),
        4 => {
            let first = bare.chars().next().map_or(0, char::len_utf8);
            format!("{}-{}", &bare[..first], &bare[first..])
        }
        _ => bare,
    }
}
