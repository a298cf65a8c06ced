//! The judge's weights, and the text file they are kept in: one weight a line, so that a change of the judge can be read.
//!
//! ```text
//! bias -1.25
//! curve 3 0:0.41 0.05:0.2 1:-1.3      column of the features, then points x:y of a piecewise linear curve
//! cue any sidebar -0.83               a cue anywhere on the path (counted once), or in one of the distance buckets 0 to 2 (counted once in each)
//! middle any comment -0.2              what a cue adds beside that on pages of the middle era
//! word short reply -0.4               a word of the block, in one of the classes of `words`
//! topic 0 u:forum 0.3                 a topic of the page, for a length of block
//! flag tag:6:0:3 0.12                 a flag, by the name that `flags` gives it
//! second 0.2                          the bias of the second pass, and its curves; without them there is none
//! curve2 0 -8:-7.1 8:6.9
//! comments cue any disqus 1.2         any of these but words, for the judge of comments
//! ```

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::extract::cues::BUCKETS;
use crate::extract::features::{TOGETHER, Tile};
use crate::extract::lexicon::{Lexicon, Mix};
use crate::extract::{features, flags, second, topics, words};
use crate::text::hash::hash64;

/// The weights that come with the program: docs/extraction.md tells from what they were learned, how, and how good they are.
pub const BUILT_IN: &str = include_str!("weights.txt");

/// What one cue adds.
#[derive(Clone, Copy, Debug, Default)]
pub struct CueWeights {
    /// If it stands anywhere on the path.
    pub any: f32,
    /// If an element in a distance bucket has it.
    pub near: [f32; BUCKETS],
}

impl CueWeights {
    fn add(&mut self, other: &Self) {
        self.any += other.any;
        self.near.iter_mut().zip(other.near).for_each(|(near, other)| *near += other);
    }
}

/// Most points of a curve: three times as many as are compared at once.
pub const MOST_POINTS: usize = 12;
/// Pieces that there is room for: a power of two above what the points bound.
const PIECES: usize = 16;

/// Piecewise linear, flat beyond its ends.
#[derive(Clone, Debug)]
struct Curve {
    column: usize,
    /// Where each piece ends, ascending; infinite beyond the last.
    ends: [f32; MOST_POINTS],
    /// For each piece a point that it goes through and its slope.
    pieces: [(f32, f32, f32); PIECES],
}

impl Curve {
    /// A curve through points with ascending `x`.
    fn through(column: usize, points: &[(f32, f32)]) -> Self {
        let mut curve = Self { column, ends: [f32::INFINITY; MOST_POINTS], pieces: [(0.0, 0.0, 0.0); PIECES] };
        curve.pieces[0] = (points[0].0, points[0].1, 0.0);
        for (at, &(x, y)) in points.iter().enumerate() {
            curve.ends[at] = x;
            let slope = points.get(at + 1).map_or(0.0, |&(next_x, next_y)| (next_y - y) / (next_x - x));
            curve.pieces[at + 1] = (x, y, slope);
        }
        curve
    }

    /// Adds what the curve says of each `x`. Which piece an `x` is on is counted, not searched: no branch, and several go together. Blocks of one container have the same `x` of it.
    fn add(&self, x: &[f32; TOGETHER], sums: &mut [f32; TOGETHER]) {
        if x.iter().all(|other| *other == x[0]) {
            let (from, value, slope) = self.pieces[self.ends.iter().filter(|end| **end <= x[0]).count() % self.pieces.len()];
            let y = value + (x[0] - from) * slope;
            sums.iter_mut().for_each(|sum| *sum += y);
            return;
        }
        let mut pieces = [0_u32; TOGETHER];
        for (piece, x) in pieces.iter_mut().zip(x) {
            *piece = self.ends.iter().map(|end| u32::from(end <= x)).sum();
        }
        for ((sum, x), piece) in sums.iter_mut().zip(x).zip(pieces) {
            let (from, value, slope) = self.pieces[piece as usize % self.pieces.len()];
            *sum += value + (x - from) * slope;
        }
    }
}

/// Curves, one per feature that has one.
#[derive(Clone, Debug, Default)]
pub struct Curves(Vec<Curve>);

impl Curves {
    /// What the features of each block of a tile add.
    pub fn of_tile<const N: usize>(&self, tile: &Tile<N>) -> [f32; TOGETHER] {
        let mut sums = [0.0; TOGETHER];
        self.0.iter().for_each(|curve| curve.add(&tile[curve.column], &mut sums));
        sums
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A linear judge's weights.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    pub bias: f32,
    pub first: Curves,
    /// Those of the second pass.
    pub second_bias: f32,
    pub second: Curves,
    /// For the hash of each cue its index in `cue_weights`; only looked up, never walked.
    cues: HashMap<u64, u32, Mix>,
    /// What cues add: on most pages, and on those of the middle era.
    cue_weights: [Vec<CueWeights>; 2],
    pub lexicon: Arc<Lexicon>,
    topics: HashMap<u64, [f32; topics::LENGTHS], Mix>,
    pub flags: Vec<f32>,
    /// Those of the judge of comments.
    pub comments: Option<Arc<Self>>,
}

impl Weights {
    /// Reads weights; `name` is the file's, for messages. Every fault names its line.
    pub fn parse(text: &str, name: &str) -> Result<Self> {
        let none = || Self { flags: vec![0.0; flags::COUNT], ..Self::default() };
        let (mut main, mut comments) = (none(), None);
        let mut lexicon = Lexicon::default();
        for (index, line) in text.lines().enumerate() {
            let fault = |what: &str| Error::new(format!("{name}:{}: {what}: {line:?}", index + 1));
            let number = |text: &str| match text.parse::<f32>() {
                Ok(number) if number.is_finite() => Ok(number),
                _ => Err(fault("not a finite number")),
            };
            let of_comments = line.strip_prefix("comments ");
            let weights = if of_comments.is_some() { comments.get_or_insert_with(none) } else { &mut main };
            let fields: Vec<&str> = of_comments.unwrap_or(line).split(' ').collect();
            match fields[..] {
                [""] | ["#", ..] => {}
                ["bias", value] => weights.bias = number(value)?,
                ["second", value] => weights.second_bias = number(value)?,
                [kind @ ("curve" | "curve2"), column, ref points @ ..] => {
                    let (curves, count) =
                        if kind == "curve" { (&mut weights.first, features::COUNT) } else { (&mut weights.second, second::COUNT) };
                    let column = column.parse().ok().filter(|&column| column < count).ok_or_else(|| fault("no such feature"))?;
                    let mut curve = Vec::with_capacity(points.len());
                    for point in points {
                        let (x, y) = point.split_once(':').ok_or_else(|| fault("a point is x:y"))?;
                        curve.push((number(x)?, number(y)?));
                    }
                    if curve.is_empty() || MOST_POINTS < curve.len() || !curve.is_sorted_by(|a, b| a.0 < b.0) {
                        return Err(fault("a curve needs points with ascending x, 12 at most"));
                    }
                    curves.0.push(Curve::through(column, &curve));
                }
                [kind @ ("cue" | "middle"), place, cue, value] => {
                    let next = weights.cues.len() as u32;
                    let index = *weights.cues.entry(hash64(cue.as_bytes())).or_insert(next) as usize;
                    weights.cue_weights.iter_mut().for_each(|all| all.resize(weights.cues.len(), CueWeights::default()));
                    let cue = &mut weights.cue_weights[usize::from(kind == "middle")][index];
                    let slot = match place {
                        "any" => Some(&mut cue.any),
                        _ => place.parse().ok().and_then(|bucket: usize| cue.near.get_mut(bucket)),
                    };
                    *slot.ok_or_else(|| fault("no such distance"))? = number(value)?;
                }
                ["word", class, word, value] if of_comments.is_none() => {
                    let class = words::NAMES.iter().position(|&known| known == class).ok_or_else(|| fault("no such class"))?;
                    lexicon.set(class, word, number(value)?);
                }
                ["topic", length, topic, value] => {
                    let topic = weights.topics.entry(hash64(topic.as_bytes())).or_default();
                    let slot =
                        length.parse().ok().and_then(|length: usize| topic.get_mut(length)).ok_or_else(|| fault("no such length"))?;
                    *slot = number(value)?;
                }
                ["flag", flag, value] => {
                    let flag = flags::of_name(flag).ok_or_else(|| fault("no such flag"))?;
                    weights.flags[flag] = number(value)?;
                }
                _ => return Err(fault("not a weight")),
            }
        }
        for weights in [Some(&mut main), comments.as_mut()].into_iter().flatten() {
            let [all, middle] = &mut weights.cue_weights;
            middle.iter_mut().zip(all).for_each(|(middle, all)| middle.add(all));
        }
        Ok(Self { lexicon: lexicon.into(), comments: comments.map(Arc::new), ..main })
    }

    /// What cues add on a page.
    pub fn of_cues(&self, is_middle: bool) -> &[CueWeights] {
        &self.cue_weights[usize::from(is_middle)]
    }

    /// The index of a cue in [`Self::of_cues`], if it has weights.
    pub fn cue(&self, cue: &str) -> Option<u32> {
        self.cues.get(&hash64(cue.as_bytes())).copied()
    }

    /// What an input adds, by its name in the file.
    pub fn of_name(&self, name: &str) -> f32 {
        let fields: Vec<&str> = name.split(' ').collect();
        match fields[..] {
            [kind @ ("cue" | "middle"), place, cue] => {
                let Some(cue) = self.cue(cue) else { return 0.0 };
                let [common, middle] = [false, true].map(|is_middle| {
                    let weights = self.of_cues(is_middle)[cue as usize];
                    if place == "any" { weights.any } else { weights.near[place.parse::<usize>().unwrap_or_default()] }
                });
                if kind == "cue" { common } else { middle - common }
            }
            ["word", class, word] => {
                let class = words::NAMES.iter().position(|&known| known == class);
                class.map_or(0.0, |class| self.lexicon.of_name(class, word))
            }
            ["topic", length, topic] => length.parse().ok().and_then(|length: usize| self.topic(topic).get(length).copied()).unwrap_or(0.0),
            ["flag", flag] => flags::of_name(flag).map_or(0.0, |flag| self.flags[flag]),
            _ => 0.0,
        }
    }

    /// What a topic adds, by length of the block.
    pub fn topic(&self, topic: &str) -> [f32; topics::LENGTHS] {
        self.topics.get(&hash64(topic.as_bytes())).copied().unwrap_or_default()
    }
}
