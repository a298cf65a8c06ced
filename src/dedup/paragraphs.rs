//! Duplicate paragraphs: what the hashes of a text's paragraphs are, and which paragraphs go once it is known which of those hashes better documents hold.
//! Two presets: CCNet's whole paragraphs in normal form (Wenzek et al. 2020) and DCLM's n-grams of words (Li et al. 2024); one decision serves both, for a
//! whole paragraph is an n-gram of which there is one.
//!
//! Pure functions over one text, in time linear in it but for one sort of its hashes; memory 16 bytes a hash and, of whole paragraphs, about 100 a paragraph while it is decided. The step joins them to the corpus.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::document::Rule;
use crate::error::{Error, Result};
use crate::text::hash::hash64;

mod normal;

use normal::Normal;

/// By which rules a document that lost paragraphs is dropped.
pub const RULES: &[Rule] =
    &[Rule::new("too-short", "characters", "fewer characters than min-characters are left of it once duplicate paragraphs were cut out")];

/// What is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum By {
    /// Whole paragraphs: lower case, digits as 0, without accents and punctuation. CCNet takes 8 bytes of SHA-1, we XXH3 of 64 bits.
    #[default]
    Ccnet,
    /// Runs of words of a paragraph; digits stay what they are.
    Ngrams(Ngrams),
}

/// DCLM's settings by default.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Ngrams {
    /// Words of an n-gram. A shorter paragraph has none and always stays.
    pub words: usize,
    /// A paragraph goes when at least this share of its n-grams are not its own, in (0, 1].
    pub threshold: f64,
}

impl Default for Ngrams {
    fn default() -> Self {
        Self { words: 13, threshold: 0.8 }
    }
}

/// Everything that the cutting of paragraphs can be told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    pub by: By,
    /// A document that was cut is dropped when it has fewer characters left.
    pub min_characters: usize,
    /// Of the Bloom filter that finds repeated hashes.
    pub false_positive_rate: f64,
}

impl Options {
    /// # Errors
    /// When a number cannot hold.
    pub fn check(&self) -> Result<()> {
        if let By::Ngrams(Ngrams { words, threshold }) = self.by {
            if words == 0 || 1000 < words {
                return Err(Error::recipe(format!("an n-gram has 1 to 1000 words, not {words}")));
            }
            if !(0.0 < threshold && threshold <= 1.0) {
                return Err(Error::recipe(format!("threshold is a share of n-grams above 0 and at most 1, not {threshold}")));
            }
        }
        if self.min_characters == 0 {
            return Err(Error::recipe("min-characters is at least 1: a document of which nothing is left is none"));
        }
        let rate = self.false_positive_rate;
        if !(1e-9..=0.5).contains(&rate) {
            return Err(Error::recipe(format!("false-positive-rate is 0.000000001 to 0.5, not {rate}")));
        }
        Ok(())
    }
}

/// The paragraphs of a text: its lines that hold more than white space, without their line feeds.
pub fn paragraphs(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    let lines = text.split('\n').map(move |line| {
        let start = at;
        at += line.len() + 1;
        (line, start..start + line.len())
    });
    lines.filter(|(line, _)| !line.trim().is_empty()).map(|(_, range)| range)
}

/// A text's paragraphs with their hashes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hashed {
    paragraphs: Vec<Range<usize>>,
    /// A hash and the number of a paragraph that holds it, as often as it does; ascending.
    hashes: Vec<(u64, u32)>,
    length: usize,
}

/// A hash that a better document holds, and the number by which the caller knows that document.
pub type Taken = (u64, u32);

/// A paragraph that goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    /// Its bytes with the line feeds that go with it: what is left reads as if it had never been there.
    pub range: Range<usize>,
    /// The document that holds most of its hashes, of several the one with the smallest number; `None` where that is this text, further up.
    pub owner: Option<u32>,
    /// Share of its hashes that are not its own, in 0..=1.
    pub share: f64,
}

impl Hashed {
    pub fn of(text: &str, by: By) -> Self {
        let mut hashed = Self { length: text.len(), ..Self::default() };
        let mut normal = Normal::default();
        for (number, range) in (0..).zip(paragraphs(text)) {
            normal.read(&text[range.clone()], by == By::Ccnet);
            match by {
                // Of punctuation alone nothing is left, and "* * *" parts what stands around it in every book.
                By::Ccnet => hashed.hashes.extend((normal.n_words() != 0).then(|| (hash64(normal.whole()), number))),
                By::Ngrams(Ngrams { words, .. }) => hashed.hashes.extend(normal.runs(words).map(|run| (hash64(run), number))),
            }
            hashed.paragraphs.push(range);
        }
        hashed.hashes.sort_unstable();
        hashed
    }

    pub fn n_paragraphs(&self) -> usize {
        self.paragraphs.len()
    }

    /// Every hash once, ascending.
    pub fn distinct(&self) -> impl Iterator<Item = u64> {
        self.hashes.chunk_by(|a, b| a.0 == b.0).map(|equal| equal[0].0)
    }

    /// The paragraphs that go, in order: at least the threshold of their hashes is held by better documents (`taken`, ascending), or came in an earlier
    /// paragraph of this text. One without a hash stays.
    pub fn cuts(&self, by: By, taken: &[Taken]) -> Vec<Cut> {
        let threshold = if let By::Ngrams(ngrams) = by { ngrams.threshold } else { 1.0 };
        let mut of: Vec<Share> = vec![Share::default(); self.paragraphs.len()];
        self.each(taken, |number, holder| {
            let share = &mut of[number as usize];
            share.all += 1;
            share.others += u32::from(holder != Holder::Own);
        });
        let goes: Vec<bool> = of.iter().map(|share| share.all != 0 && threshold <= share.of_others()).collect();
        if !goes.contains(&true) {
            return Vec::new();
        }
        let mut owners: Vec<(u32, Option<u32>)> = Vec::new();
        self.each(taken, |number, holder| match holder {
            Holder::Other(owner) if goes[number as usize] => owners.push((number, Some(owner))),
            Holder::Earlier if goes[number as usize] => owners.push((number, None)),
            _ => {}
        });
        owners.sort_unstable();
        let of_one = owners.chunk_by(|a, b| a.0 == b.0);
        let cut = |equal: &[(u32, Option<u32>)]| {
            let number = equal[0].0 as usize;
            // The first of the longest runs: `max_by_key` would give the last.
            let most = equal.chunk_by(|a, b| a.1 == b.1).rev().max_by_key(|run| run.len());
            Cut { range: self.with_feeds(number, &goes), owner: most.and_then(|run| run[0].1), share: of[number].of_others() }
        };
        of_one.map(cut).collect()
    }

    /// Each hash of each paragraph with who holds it.
    fn each(&self, taken: &[Taken], mut told: impl FnMut(u32, Holder)) {
        let mut taken = taken.iter().peekable();
        for equal in self.hashes.chunk_by(|a, b| a.0 == b.0) {
            let (hash, first) = equal[0];
            while taken.next_if(|(other, _)| *other < hash).is_some() {}
            let owner = taken.peek().filter(|(other, _)| *other == hash).map(|(_, owner)| *owner);
            for &(_, number) in equal {
                let holder = match owner {
                    Some(owner) => Holder::Other(owner),
                    None if first < number => Holder::Earlier,
                    None => Holder::Own,
                };
                told(number, holder);
            }
        }
    }

    /// The bytes that go with a paragraph that goes: up to the next one; of the last ones, from the end of the one before them that stays.
    fn with_feeds(&self, number: usize, goes: &[bool]) -> Range<usize> {
        let stays_before = number.checked_sub(1).is_some_and(|before| !goes[before]);
        let is_tail = || goes[number..].iter().all(|goes| *goes);
        let start = match number {
            0 => 0,
            _ if stays_before && is_tail() => self.paragraphs[number - 1].end,
            _ => self.paragraphs[number].start,
        };
        start..self.paragraphs.get(number + 1).map_or(self.length, |next| next.start)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Holder {
    Own,
    Earlier,
    Other(u32),
}

#[derive(Clone, Copy, Default)]
struct Share {
    all: u32,
    others: u32,
}

impl Share {
    fn of_others(self) -> f64 {
        f64::from(self.others) / f64::from(self.all)
    }
}

/// A text without some stretches, ascending and apart; `None` where they are not, or are not of this text.
pub fn without(text: &str, cuts: &[Range<usize>]) -> Option<String> {
    let mut left = String::with_capacity(text.len());
    let mut at = 0;
    for cut in cuts {
        left.push_str(text.get(at..cut.start)?);
        at = cut.end;
        // A range that runs backwards is none.
        text.get(cut.clone())?;
    }
    left.push_str(text.get(at..)?);
    Some(left)
}

#[cfg(test)]
mod tests;
