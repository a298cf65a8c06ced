//! The judge's weights, and the text file they are kept in: one weight a line, so that a change of the judge can be read.
//!
//! ```text
//! bias -1.25
//! curve 3 0:0.41 0.05:0.2 1:-1.3      column of the features, then points x:y of a piecewise linear curve
//! cue any sidebar -0.83               a cue anywhere on the path (counted once), or in one of the distance buckets 0 to 2 (counted per element)
//! word short next -0.4                a word of the block: short, middling, first, last
//! flag t:6:0 0.12                     a flag, by the name the judge gives it
//! ```

use std::collections::{BTreeMap, HashMap};

use crate::error::{Error, Result};
use crate::extract::cues::BUCKETS;
use crate::extract::features::{self, Row};
use crate::extract::measure::{Mix, WordKey, word_key};
use crate::text::hash::hash64;

/// The weights that come with the program.
///
/// Learned from pages of published extraction benchmarks with human gold (scrapinghub, dragnet, cleaneval, cleanportaleval, fundus, the development part
/// of WCXB: 2,066 pages) by a logistic loss over blocks: the label is the share of a block's words that an alignment puts into the gold, the weight
/// `sqrt(words) / sqrt(words of the page's gold + 60)`; AdaGrad, four epochs, weights averaged. Cues count if seen on 25 registered domains, words on 50,
/// so that no site is learned by heart; weights under .02 are left out.
///
/// Out of fold (five folds by registered domain, 1,740 domains), by each set's own measure: scrapinghub .940, trafilatura-eval .933 (in no fold's training),
/// dragnet .904, cleaneval-final .948, cleanportaleval .931, fundus .953, WCXB .867. Measured on these pages themselves the figures are higher and mean nothing.
pub const BUILT_IN: &str = include_str!("weights.txt");

/// The classes of words that have weights of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordClass {
    /// Any word of a block under 80 characters.
    Short = 0,
    /// Any word of a block of 80 to 199 characters.
    Middling = 1,
    /// The first and the last word of a block under 80 characters.
    First = 2,
    Last = 3,
}

/// What one cue adds.
#[derive(Clone, Copy, Debug, Default)]
pub struct CueWeights {
    /// If it stands anywhere on the path.
    pub any: f32,
    /// For each element in a distance bucket that has it.
    pub near: [f32; BUCKETS],
}

/// A linear judge's weights.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    pub bias: f32,
    /// One curve per feature that has one: its column and its points, `x` ascending.
    curves: Vec<(usize, Vec<(f32, f32)>)>,
    /// For the hash of each cue its index in `cue_weights`; only looked up, never walked.
    cues: HashMap<u64, u32, Mix>,
    pub cue_weights: Vec<CueWeights>,
    words: Table,
    flags: BTreeMap<String, f32>,
}

/// Weights of words, sorted by key.
#[derive(Clone, Debug, Default)]
struct Table(Vec<(WordKey, [f32; 4])>);

impl Weights {
    /// Reads weights; `name` is the file's, for messages. Every fault names its line.
    pub fn parse(text: &str, name: &str) -> Result<Self> {
        let mut weights = Self::default();
        let mut words: BTreeMap<WordKey, [f32; 4]> = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let fault = |what: &str| Error::new(format!("{name}:{}: {what}: {line:?}", index + 1));
            let number = |text: &str| match text.parse::<f32>() {
                Ok(number) if number.is_finite() => Ok(number),
                _ => Err(fault("not a finite number")),
            };
            let fields: Vec<&str> = line.split(' ').collect();
            match fields[..] {
                [""] | ["#", ..] => {}
                ["bias", value] => weights.bias = number(value)?,
                ["curve", column, ref points @ ..] => {
                    let column = column.parse().ok().filter(|&column| column < features::COUNT).ok_or_else(|| fault("no such feature"))?;
                    let mut curve = Vec::with_capacity(points.len());
                    for point in points {
                        let (x, y) = point.split_once(':').ok_or_else(|| fault("a point is x:y"))?;
                        curve.push((number(x)?, number(y)?));
                    }
                    if curve.is_empty() || !curve.is_sorted_by(|a, b| a.0 < b.0) {
                        return Err(fault("a curve needs points with ascending x"));
                    }
                    weights.curves.push((column, curve));
                }
                ["cue", place, cue, value] => {
                    let index = *weights.cues.entry(hash64(cue.as_bytes())).or_insert(weights.cue_weights.len() as u32) as usize;
                    if weights.cue_weights.len() == index {
                        weights.cue_weights.push(CueWeights::default());
                    }
                    let cue = &mut weights.cue_weights[index];
                    let slot = match place {
                        "any" => Some(&mut cue.any),
                        _ => place.parse().ok().and_then(|bucket: usize| cue.near.get_mut(bucket)),
                    };
                    *slot.ok_or_else(|| fault("no such distance"))? = number(value)?;
                }
                ["word", class, word, value] => {
                    let class = ["short", "middling", "first", "last"]
                        .iter()
                        .position(|&known| known == class)
                        .ok_or_else(|| fault("no such class"))?;
                    words.entry(word_key(word)).or_default()[class] = number(value)?;
                }
                ["flag", flag, value] => {
                    weights.flags.insert(flag.to_owned(), number(value)?);
                }
                _ => return Err(fault("not a weight")),
            }
        }
        weights.words = Table(words.into_iter().collect());
        Ok(weights)
    }

    /// What the features of a block add.
    pub fn of_row(&self, row: &Row) -> f32 {
        self.curves.iter().map(|(column, curve)| at(curve, row[*column])).sum()
    }

    /// The index of a cue in `cue_weights`, if it has weights.
    pub fn cue(&self, cue: &str) -> Option<u32> {
        self.cues.get(&hash64(cue.as_bytes())).copied()
    }

    /// What a word adds in each class; `None` for words without a weight.
    pub fn of_word(&self, key: WordKey) -> Option<[f32; 4]> {
        let index = self.words.0.binary_search_by_key(&key, |entry| entry.0).ok()?;
        Some(self.words.0[index].1)
    }

    /// What a flag adds.
    pub fn of_flag(&self, flag: &str) -> f32 {
        self.flags.get(flag).copied().unwrap_or(0.0)
    }
}

/// The value of a curve; flat beyond its ends.
fn at(curve: &[(f32, f32)], x: f32) -> f32 {
    let after = curve.partition_point(|point| point.0 <= x);
    match (after.checked_sub(1).map(|before| curve[before]), curve.get(after)) {
        (Some((x0, y0)), Some(&(x1, y1))) => y0 + (y1 - y0) * ((x - x0) / (x1 - x0)),
        (Some((_, y)), None) | (None, Some(&(_, y))) => y,
        (None, None) => 0.0,
    }
}
