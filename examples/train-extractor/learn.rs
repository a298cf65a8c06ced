//! What is learned: curves over features and a weight for each named input, by logistic regression over blocks.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

use gristmill::Result;
use gristmill::document::Reason;
use gristmill::extract::{Explained, features};
use gristmill::linear::SparseVector;
use gristmill::linear::online::{self, Fit, Options};
use gristmill::text::hash::hash64;
use rayon::prelude::*;

use crate::sets::{Example, Labels};
use crate::{align, each_page};

/// Pages are dealt out by the hash of their domain.
pub const FOLDS: u64 = 5;
/// Domains on which an input must have been seen, so that no site is learned by heart.
const LEAST_DOMAINS: [(&str, usize); 5] = [("cue ", 6), ("middle ", 6), ("topic ", 6), ("word ", 16), ("flag ", 6)];
/// Points of a curve, at quantiles of the feature: as many blocks between them, and as many words.
const POINTS: usize = 11;
/// A block of a segment counts like one of so many words in a page of ordinary length.
const SEGMENT_WEIGHT: f64 = 0.6;
/// The heaviest blocks, one in so many, count as much as the lightest of them.
const HEAVY: usize = 200;
/// Weights nearer to 0 are left out.
const LEAST_WEIGHT: f64 = 0.05;

#[derive(Clone)]
pub struct Block {
    pub row: features::Row,
    pub inputs: Vec<u32>,
    pub n_words: u32,
    pub label: f64,
    pub weight: f64,
    pub is_named_comment: bool,
}

/// A block as it was met, with the names of its inputs.
struct Met {
    row: features::Row,
    inputs: Vec<String>,
    n_words: u32,
    label: Option<f32>,
    is_named_comment: bool,
}

pub struct Labelled {
    pub blocks: Vec<Block>,
    pub fold: u64,
}

/// All pages, and the inputs that count.
pub struct Learner {
    pub pages: Vec<Labelled>,
    pub names: Vec<String>,
    pub options: Options,
}

impl Learner {
    pub fn new(examples: &[Example]) -> Self {
        let seen: Vec<Vec<Met>> = each_page(examples, |extractor, _, example| {
            let blocks = extractor.explain(&example.page()).unwrap_or_else(|_: Reason| Vec::new());
            let texts: Vec<&str> = blocks.iter().map(|block| block.text.as_str()).collect();
            let labels = align::label(&example.labels, &texts);
            let n_words: Vec<u32> = texts.iter().map(|text| align::words(text).len() as u32).collect();
            let blocks = blocks.into_iter().zip(n_words).zip(labels);
            let met = |((block, n_words), label): ((Explained, u32), Option<f32>)| Met {
                row: block.features,
                inputs: block.inputs,
                n_words,
                label,
                is_named_comment: block.is_named_comment,
            };
            blocks.map(met).collect()
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
                let blocks = blocks.iter().zip(weights).map(|(Met { row, inputs, n_words, label, is_named_comment }, weight)| Block {
                    row: *row,
                    inputs: inputs.iter().filter_map(|name| columns.get(name.as_str()).copied()).collect(),
                    n_words: *n_words,
                    label: f64::from(label.unwrap_or(0.0)),
                    weight,
                    is_named_comment: *is_named_comment,
                });
                Labelled { blocks: blocks.collect(), fold: hash64(example.domain.as_bytes()) % FOLDS }
            })
            .collect();
        level(&mut pages);
        Self { pages, names, options: Options::default() }
    }

    pub fn n_blocks(&self) -> usize {
        self.pages.iter().map(|page| page.blocks.len()).sum()
    }

    /// For each fold a fit that saw no page of it.
    pub fn fits(&self, table: &Table) -> Result<Vec<Fit>> {
        (0..FOLDS).into_par_iter().map(|fold| self.fit(table, Some(fold))).collect()
    }

    /// The logit of each block by the fit that saw no page of its fold.
    pub fn out_of_fold(&self, table: &Table, fits: &[Fit]) -> Vec<Vec<f32>> {
        let logit = |fit: &Fit, row: &SparseVector| {
            let terms = row.indices.iter().zip(&row.values);
            (fit.intercept + terms.map(|(index, value)| f64::from(*value) * fit.weights[*index as usize]).sum::<f64>()) as f32
        };
        let pages = self.pages.par_iter().zip(&table.rows);
        pages.map(|(page, rows)| rows.iter().map(|row| logit(&fits[page.fold as usize], row)).collect()).collect()
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
    pub fn fit(&self, table: &Table, without: Option<u64>) -> Result<Fit> {
        let pages = self.pages.iter().zip(&table.rows).filter(|(page, _)| Some(page.fold) != without);
        let blocks = pages.flat_map(|(page, rows)| page.blocks.iter().zip(rows));
        let rows: Vec<online::Row<'_>> = blocks.map(|(block, row)| (row, block.label, block.weight)).collect();
        online::fit(&rows, table.n_columns, &self.options)
    }

    /// Lines of the file of weights: those of one pass, and of the named inputs if the pass has them.
    pub fn weights_lines(&self, table: &Table, fit: &Fit, [bias, curve]: [&str; 2]) -> String {
        let mut text = format!("{bias} {:.4}\n", fit.intercept);
        for (column, points) in table.points.iter().enumerate().filter(|(_, points)| 1 < points.len()) {
            let _ = write!(text, "{curve} {column}");
            for (at, x) in points.iter().enumerate() {
                let _ = write!(text, " {x}:{:.4}", fit.weights[table.starts[column] as usize + at]);
            }
            text.push('\n');
        }
        let of_names = &fit.weights[table.starts[table.points.len()] as usize..];
        for (name, weight) in self.names.iter().zip(of_names).filter(|(_, weight)| LEAST_WEIGHT <= weight.abs()) {
            let _ = writeln!(text, "{name} {weight:.2}");
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
pub fn level(pages: &mut [Labelled]) {
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

/// The blocks of all pages as a pass sees them, and the points of the curves over their values.
pub struct Table {
    rows: Vec<Vec<SparseVector>>,
    points: Vec<Vec<f32>>,
    /// The first column of each curve, and after them that of the named inputs.
    starts: Vec<u32>,
    n_columns: usize,
}

impl Table {
    /// `values` are those of a block of a page.
    pub fn new<'a>(learner: &Learner, values: impl Fn(usize, usize) -> &'a [f32] + Sync, pass: Pass) -> Self {
        // One block in nine, and one for each 120 words.
        let (mut sample, mut words, mut n) = (Vec::new(), 0, 0_usize);
        for (page, of) in learner.pages.iter().enumerate() {
            for (block, of) in of.blocks.iter().enumerate() {
                n += 1;
                words += of.n_words.min(200);
                if n.is_multiple_of(9) {
                    sample.push(values(page, block));
                }
                if 120 < words {
                    words = 0;
                    sample.push(values(page, block));
                }
            }
        }
        let n_curves = sample.first().map_or(0, |row| row.len());
        // What a block is by itself the first pass sees in flags, which is enough: curves over it bring nothing.
        let has_curve = |column: usize| pass == Pass::Second || features::OWN <= column;
        let points_of = |column: usize| points(sample.iter().map(|row| row[column]).filter(|_| has_curve(column)).collect());
        let points: Vec<Vec<f32>> = (0..n_curves).map(points_of).collect();
        let mut starts = vec![0];
        points.iter().for_each(|points| starts.push(starts[starts.len() - 1] + points.len() as u32));
        let n_points = starts[points.len()];
        let n_names = if pass == Pass::First { learner.names.len() } else { 0 };
        let rows = learner.pages.par_iter().enumerate().map(|(page, of)| {
            let row = |(block, of): (usize, &Block)| {
                let inputs = of.inputs.iter().filter(|_| pass == Pass::First).map(|input| n_points + input);
                vector(values(page, block), &points, &starts, inputs)
            };
            of.blocks.iter().enumerate().map(row).collect()
        });
        Self { rows: rows.collect(), n_columns: n_points as usize + n_names, points, starts }
    }
}

/// A block as the regression sees it: for each curve the shares of the two points that it lies between, and its named inputs.
fn vector(values: &[f32], points: &[Vec<f32>], starts: &[u32], inputs: impl Iterator<Item = u32>) -> SparseVector {
    let mut row = SparseVector::default();
    let mut put = |index: u32, value: f32| {
        row.indices.push(index);
        row.values.push(value);
    };
    for ((value, points), start) in values.iter().zip(points).zip(starts).filter(|((_, points), _)| 1 < points.len()) {
        let after = points.partition_point(|point| point <= value);
        match (after.checked_sub(1), points.get(after)) {
            (Some(before), Some(next)) => {
                let share = (value - points[before]) / (next - points[before]);
                put(start + before as u32, 1.0 - share);
                if 0.0 < share {
                    put(start + after as u32, share);
                }
            }
            (before, _) => put(start + before.unwrap_or(0) as u32, 1.0),
        }
    }
    inputs.for_each(|input| put(input, 1.0));
    row
}

/// The points of a curve: quantiles, each once; a feature of few values gets two more between.
fn points(mut values: Vec<f32>) -> Vec<f32> {
    if values.is_empty() {
        return values;
    }
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
