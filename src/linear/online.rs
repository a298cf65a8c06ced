//! The online trainer: logistic regression by AdaGrad (Duchi, Hazan and Singer 2011), row after row, stopped early. For models of many rare columns on few independent rows it
//! finds better weights than a penalty does: a column that is seen on a few rows takes a few steps, whatever the others say.

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::linear::{SparseVector, sigmoid};
use crate::text::hash::hash64_seeded;

/// How far and how often to step.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The length of the first step of a column; each time through the rows halves it.
    pub rate: f64,
    /// Times through the rows.
    pub epochs: u32,
    /// Orders of the rows, each with weights of its own. The mean of all counts.
    pub orders: u64,
}

/// Good for the judge of main text.
impl Default for Options {
    fn default() -> Self {
        Self { rate: 0.02, epochs: 3, orders: 3 }
    }
}

/// A fitted model.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// One weight a column, for the class `true`.
    pub weights: Vec<f64>,
    pub intercept: f64,
}

/// What the squares of a column's gradients sum up to before the first, so that the first step is not a whole one for every column.
const FIRST_SQUARES: f64 = 0.01;

/// A row, its label in 0..=1 (0.3 is three tenths of a row that is true and seven of one that is not) and its weight.
pub type Row<'a> = (&'a SparseVector, f64, f64);

/// Fits P(true | x). The same rows give the same weights, on any number of threads. Memory beside the rows: two vectors of `n_columns` for each order.
///
/// # Errors
/// No row that counts, or a label or weight out of its range.
///
/// # Panics
/// When a row has an index of `n_columns` or more.
pub fn fit(rows: &[Row<'_>], n_columns: usize, options: &Options) -> Result<Fit> {
    if rows.iter().any(|(_, label, weight)| !(0.0..=1.0).contains(label) || !weight.is_finite() || *weight < 0.0) {
        return Err(Error::new("a label of a training example is not in 0..=1, or its weight is no number of at least 0"));
    }
    if options.orders == 0 || rows.iter().all(|(_, _, weight)| *weight == 0.0) {
        return Err(Error::new("there is nothing to learn from: no training example counts"));
    }
    let fits: Vec<Vec<f64>> = (0..options.orders).into_par_iter().map(|seed| once(rows, n_columns, options, seed)).collect();
    let mut weights: Vec<f64> = (0..=n_columns).map(|at| fits.iter().map(|fit| fit[at]).sum::<f64>() / fits.len() as f64).collect();
    let intercept = weights.pop().unwrap_or_default();
    Ok(Fit { weights, intercept })
}

/// Weights of columns and, last, the intercept, by one order of the rows.
fn once(rows: &[Row<'_>], n_columns: usize, options: &Options, seed: u64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..rows.len()).filter(|&at| 0.0 < rows[at].2).collect();
    order.sort_by_cached_key(|at| hash64_seeded(&at.to_le_bytes(), seed));
    let (mut weights, mut squares) = (vec![0.0; n_columns + 1], vec![FIRST_SQUARES; n_columns + 1]);
    for epoch in 0..options.epochs {
        let rate = options.rate / f64::from(1_u32 << epoch.min(31));
        for (row, label, weight) in order.iter().map(|&at| rows[at]) {
            let terms = || row.indices.iter().map(|index| *index as usize).zip(row.values.iter().map(|value| f64::from(*value)));
            let margin = weights[n_columns] + terms().map(|(column, value)| weights[column] * value).sum::<f64>();
            let error = weight * (sigmoid(margin) - label);
            for (column, value) in terms().chain([(n_columns, 1.0)]) {
                let gradient = error * value;
                squares[column] += gradient * gradient;
                weights[column] -= rate * gradient / squares[column].sqrt();
            }
        }
    }
    weights
}
