//! What is learned: curves over features and a weight for each named input, by logistic regression over blocks.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

use gristmill::Result;
use gristmill::document::Reason;
use gristmill::extract::features;
use gristmill::linear::SparseVector;
use gristmill::linear::sparse::{self, Fit};
use gristmill::text::hash::hash64;
use rayon::prelude::*;

use crate::sets::{Example, Labels};
use crate::{align, each_page};

/// Pages are dealt out by the hash of their domain.
pub const FOLDS: u64 = 5;
/// Domains on which an input must have been seen, so that no site is learned by heart: cues and topics; words; flags.
const LEAST_DOMAINS: [(&str, usize); 4] = [("cue ", 10), ("topic ", 10), ("word ", 16), ("flag ", 6)];
/// Points of a curve, at quantiles of the feature: as many blocks between them, and as many words.
const POINTS: usize = 11;
/// A block of a segment counts like one of so many words in a page of ordinary length.
const SEGMENT_WEIGHT: f64 = 0.3;
/// The heaviest blocks, one in so many, count as much as the lightest of them.
const HEAVY: usize = 200;
/// Weights nearer to 0 are left out.
const LEAST_WEIGHT: f64 = 0.02;

pub struct Block {
    pub row: features::Row,
    inputs: Vec<u32>,
    n_words: u32,
    label: f64,
    weight: f64,
}

/// A block as it was met, with the names of its inputs.
struct Met {
    row: features::Row,
    inputs: Vec<String>,
    n_words: u32,
    label: Option<f32>,
}

pub struct Labelled {
    pub blocks: Vec<Block>,
    fold: u64,
}

/// All pages, and the inputs that count.
pub struct Learner {
    pub pages: Vec<Labelled>,
    pub names: Vec<String>,
    iterations: usize,
}

impl Learner {
    pub fn new(examples: &[Example], iterations: usize) -> Self {
        let seen: Vec<Vec<Met>> = each_page(examples, |extractor, _, example| {
            let blocks = extractor.explain(&example.page()).unwrap_or_else(|_: Reason| Vec::new());
            let texts: Vec<&str> = blocks.iter().map(|block| block.text.as_str()).collect();
            let labels = align::label(&example.labels, &texts);
            let n_words: Vec<u32> = texts.iter().map(|text| align::words(text).len() as u32).collect();
            let blocks = blocks.into_iter().zip(n_words).zip(labels);
            blocks.map(|((block, n_words), label)| Met { row: block.features, inputs: block.inputs, n_words, label }).collect()
        });
        let mut domains: HashMap<&str, BTreeSet<&str>> = HashMap::new();
        for (example, blocks) in examples.iter().zip(&seen) {
            for name in blocks.iter().flat_map(|block| &block.inputs) {
                domains.entry(name).or_default().insert(&example.domain);
            }
        }
        let least = |name: &str| LEAST_DOMAINS.iter().find(|(kind, _)| name.starts_with(kind)).map_or(usize::MAX, |(_, least)| *least);
        let mut names: Vec<String> =
            domains.iter().filter(|(name, domains)| least(name) <= domains.len()).map(|(name, _)| (*name).to_owned()).collect();
        names.sort_unstable();
        let columns: HashMap<&str, u32> = names.iter().enumerate().map(|(column, name)| (name.as_str(), column as u32)).collect();
        let mut pages: Vec<Labelled> = examples
            .iter()
            .zip(&seen)
            .map(|(example, blocks)| {
                let weights = weights(&example.labels, blocks.iter().map(|block| (block.n_words, block.label)));
                let blocks = blocks.iter().zip(weights).map(|(Met { row, inputs, n_words, label }, weight)| Block {
                    row: *row,
                    inputs: inputs.iter().filter_map(|name| columns.get(name.as_str()).copied()).collect(),
                    n_words: *n_words,
                    label: f64::from(label.unwrap_or(0.0)),
                    weight,
                });
                Labelled { blocks: blocks.collect(), fold: hash64(example.domain.as_bytes()) % FOLDS }
            })
            .collect();
        level(&mut pages);
        Self { pages, names, iterations }
    }

    pub fn n_blocks(&self) -> usize {
        self.pages.iter().map(|page| page.blocks.len()).sum()
    }

    /// The logit of each block by a fit that saw no page of its fold.
    pub fn out_of_fold(&self, table: &Table<'_>, penalty: f64) -> Result<Vec<Vec<f32>>> {
        let mut logits: Vec<Vec<f32>> = self.pages.iter().map(|page| vec![0.0; page.blocks.len()]).collect();
        for fold in 0..FOLDS {
            let fitted = self.fit(table, Some(fold), penalty)?;
            let pages = logits.par_iter_mut().enumerate().filter(|(page, _)| self.pages[*page].fold == fold);
            pages.for_each(|(page, logits)| {
                logits.iter_mut().enumerate().for_each(|(block, logit)| *logit = fitted.score(&table.vector(self, page, block)));
            });
        }
        Ok(logits)
    }

    /// The mean loss of logits.
    pub fn loss(&self, logits: &[Vec<f32>]) -> f64 {
        let (mut sum, mut total) = (0.0, 0.0);
        for (block, logit) in self.pages.iter().flat_map(|page| &page.blocks).zip(logits.iter().flatten()) {
            let logit = f64::from(*logit);
            sum += block.weight * (logit.max(0.0) - block.label * logit + (-logit.abs()).exp().ln_1p());
            total += block.weight;
        }
        sum / total
    }

    /// A fit to all pages but those of a fold.
    pub fn fit(&self, table: &Table<'_>, without: Option<u64>, penalty: f64) -> Result<Fitted> {
        let pages = self.pages.iter().enumerate().filter(|(_, page)| Some(page.fold) != without);
        let blocks = pages.flat_map(|(number, page)| page.blocks.iter().enumerate().map(move |(block, of)| (number, block, of)));
        let blocks: Vec<(usize, usize, &Block)> = blocks.filter(|(_, _, block)| 0.0 < block.weight).collect();
        let rows = blocks.par_iter().map(|&(page, block, _)| table.vector(self, page, block)).collect();
        let (labels, weights): (Vec<f64>, Vec<f64>) = blocks.iter().map(|(_, _, block)| (block.label, block.weight)).unzip();
        let options = sparse::Options { standardises: false, penalty, max_iterations: self.iterations, tolerance: 1e-5 };
        let fit = sparse::fit(rows, table.n_columns(self), &labels, &weights, &options)?;
        Ok(Fitted { fit, points: table.points.clone(), starts: table.starts.clone() })
    }

    /// The file of weights.
    pub fn weights_file(&self, first: &Fitted, second: &Fitted) -> String {
        let mut text =
            "# Weights of the judge, by `cargo run --release --example train-extractor`; docs/extraction.md is their card.\n".to_owned();
        for (fitted, bias, curve) in [(first, "bias", "curve"), (second, "second", "curve2")] {
            let _ = writeln!(text, "{bias} {:.4}", fitted.fit.intercept);
            for (column, points) in fitted.points.iter().enumerate().filter(|(_, points)| 1 < points.len()) {
                let _ = write!(text, "{curve} {column}");
                for (at, x) in points.iter().enumerate() {
                    let _ = write!(text, " {x}:{:.4}", fitted.fit.weights[fitted.starts[column] as usize + at]);
                }
                text.push('\n');
            }
        }
        let of_names = &first.fit.weights[first.starts[first.points.len()] as usize..];
        for (name, weight) in self.names.iter().zip(of_names).filter(|(_, weight)| LEAST_WEIGHT <= weight.abs()) {
            let _ = writeln!(text, "{name} {weight:.3}");
        }
        text
    }
}

/// What a wrong word of each block costs: about one over the words of the page's main text; by the square root, so that a few long pages do not decide.
fn weights(labels: &Labels, blocks: impl Iterator<Item = (u32, Option<f32>)> + Clone) -> Vec<f64> {
    let main: f64 = blocks.clone().map(|(n_words, label)| f64::from(n_words) * f64::from(label.unwrap_or(0.0))).sum();
    let weight = |(n_words, label): (u32, Option<f32>)| match (labels, label) {
        (_, None) => 0.0,
        (Labels::Gold(_), Some(_)) => (f64::from(n_words) / (main + 60.0)).sqrt(),
        (Labels::Segments { .. }, Some(_)) => SEGMENT_WEIGHT,
    };
    blocks.map(weight).collect()
}

/// Levels the heaviest blocks, and makes the mean weight 1.
fn level(pages: &mut [Labelled]) {
    let mut all: Vec<f64> = pages.iter().flat_map(|page| &page.blocks).map(|block| block.weight).filter(|weight| 0.0 < *weight).collect();
    all.sort_unstable_by(f64::total_cmp);
    let Some(&most) = all.get(all.len().saturating_sub(1 + all.len() / HEAVY)) else { return };
    let mean = all.iter().map(|weight| weight.min(most)).sum::<f64>() / all.len() as f64;
    pages.iter_mut().flat_map(|page| &mut page.blocks).for_each(|block| block.weight = block.weight.min(most) / mean);
}

/// What the rows of a pass are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Features, and named inputs beside them.
    First,
    /// What the first said around a block.
    Second,
}

/// Where the values of blocks are taken from, and the points of the curves over them.
pub struct Table<'a> {
    row: Box<dyn Fn(usize, usize) -> &'a [f32] + Sync + 'a>,
    points: Vec<Vec<f32>>,
    /// The first column of each curve, and after them that of the named inputs.
    starts: Vec<u32>,
    pass: Pass,
}

impl<'a> Table<'a> {
    pub fn new(learner: &Learner, row: impl Fn(usize, usize) -> &'a [f32] + Sync + 'a, pass: Pass) -> Self {
        // One block in nine, and one for each 120 words.
        let (mut sample, mut words, mut n) = (Vec::new(), 0, 0_usize);
        for (page, of) in learner.pages.iter().enumerate() {
            for (block, of) in of.blocks.iter().enumerate() {
                n += 1;
                words += of.n_words.min(200);
                if n.is_multiple_of(9) {
                    sample.push(row(page, block));
                }
                if 120 < words {
                    words = 0;
                    sample.push(row(page, block));
                }
            }
        }
        let n_curves = sample.first().map_or(0, |row| row.len());
        let points: Vec<Vec<f32>> = (0..n_curves).map(|column| points(sample.iter().map(|row| row[column]).collect())).collect();
        let mut starts = vec![0];
        points.iter().for_each(|points| starts.push(starts[starts.len() - 1] + points.len() as u32));
        Self { row: Box::new(row), points, starts, pass }
    }

    fn n_columns(&self, learner: &Learner) -> usize {
        self.starts[self.points.len()] as usize + if self.pass == Pass::First { learner.names.len() } else { 0 }
    }

    /// A block as the regression sees it: for each curve the shares of the two points that it lies between.
    fn vector(&self, learner: &Learner, page: usize, block: usize) -> SparseVector {
        let (mut indices, mut values) = (Vec::new(), Vec::new());
        let mut put = |index: u32, value: f32| {
            indices.push(index);
            values.push(value);
        };
        let row = (self.row)(page, block);
        for (column, points) in self.points.iter().enumerate().filter(|(_, points)| 1 < points.len()) {
            let (start, after) = (self.starts[column], points.partition_point(|point| *point <= row[column]));
            match (after.checked_sub(1), points.get(after)) {
                (Some(before), Some(next)) => {
                    let share = (row[column] - points[before]) / (next - points[before]);
                    put(start + before as u32, 1.0 - share);
                    if 0.0 < share {
                        put(start + after as u32, share);
                    }
                }
                (before, _) => put(start + before.unwrap_or(0) as u32, 1.0),
            }
        }
        if self.pass == Pass::First {
            let first = self.starts[self.points.len()];
            learner.pages[page].blocks[block].inputs.iter().for_each(|input| put(first + input, 1.0));
        }
        SparseVector { indices, values }
    }
}

/// The points of a curve: quantiles, each once; a feature of few values gets two more between.
fn points(mut values: Vec<f32>) -> Vec<f32> {
    values.sort_unstable_by(f32::total_cmp);
    let mut points: Vec<f32> = (0..POINTS).map(|q| values[q * (values.len() - 1) / (POINTS - 1)]).collect();
    points.dedup();
    if let [first, .., last] = points[..]
        && points.len() < 4
    {
        points.extend((1..3).map(|third| first + (last - first) * third as f32 / 3.0));
        points.sort_unstable_by(f32::total_cmp);
        points.dedup();
    }
    points
}

/// A fit and the curves it is of.
pub struct Fitted {
    fit: Fit,
    points: Vec<Vec<f32>>,
    starts: Vec<u32>,
}

impl Fitted {
    fn score(&self, x: &SparseVector) -> f32 {
        let sum: f64 = x.indices.iter().zip(&x.values).map(|(index, value)| f64::from(*value) * self.fit.weights[*index as usize]).sum();
        (self.fit.intercept + sum) as f32
    }
}
