//! The sparse trainer: logistic regression on rows of few values among many columns, each row counted by a weight. With its default options it has the objective and
//! the stopping rule of Spark's `LogisticRegression` (spark.ml, version 3.2 and later). `linfa-logistic` is dense and takes no weights.
//!
//! Where columns are standardised, as Spark does, the solver sees each over its standard deviation and about its mean (which is only ever taken from the margin, so that
//! rows stay sparse); the weights that come out are those of the columns as given. Sums over rows run in parts whose number does not depend on threads.

use rayon::prelude::*;

use crate::error::{Error, Result};

use super::SparseVector;
pub use super::lbfgs::Stop;
use super::lbfgs::{Minimum, dot, minimise, norm};

/// What is minimised, and when to stop.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The solver and the penalty see columns over their standard deviation.
    pub standardises: bool,
    /// Spark's regParam: half of it times the squared weights of columns, as the solver sees them, is added to the mean loss.
    pub penalty: f64,
    pub max_iterations: usize,
    /// Relative tolerance of loss and gradient.
    pub tolerance: f64,
}

/// Spark's.
impl Default for Options {
    fn default() -> Self {
        Self { standardises: true, penalty: 0.0, max_iterations: 100, tolerance: 1e-6 }
    }
}

/// A fitted model.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// One weight a column, for the class `true`.
    pub weights: Vec<f64>,
    pub intercept: f64,
    /// Euclidean norm of the gradient of the mean loss (penalty included) at the solution, for columns as the solver sees them.
    pub gradient_norm: f64,
    /// Mean loss before the first iteration and after each.
    pub losses: Vec<f64>,
    pub stop: Stop,
    /// Every row lies on its own side, so that without a penalty there is no finite optimum: the weights are those at which the rule stopped.
    pub is_separated: bool,
}

/// Most parts that the rows are summed in, and fewest rows of a part.
const PARTS: usize = 16;
const LEAST_ROWS: usize = 1024;

/// Fits P(true | x), each row counted by its weight. A label is true, false, or between: 0.3 counts as three tenths of a row that is true and seven of one that is not. Memory beside the rows: 40 vectors of `n_columns`, in f64.
///
/// # Errors
/// No row, one class only, a value that is not finite, a weight below 0, or columns that tell nothing; with what was counted.
///
/// # Panics
/// When a row has an index of `n_columns` or more.
pub fn fit<L: Copy + Into<f64>>(
    rows: Vec<SparseVector>,
    n_columns: usize,
    labels: &[L],
    weights: &[f64],
    options: &Options,
) -> Result<Fit> {
    let fits = fit_path(rows, n_columns, labels, weights, &[options.penalty], options)?;
    Ok(fits.into_iter().next().expect("one fit a penalty"))
}

/// Fits at each of some penalties, each from where the one before ended: going from the strongest to the weakest takes a fraction of the steps. See [`fit`].
///
/// # Errors
/// As [`fit`] has them.
pub fn fit_path<L: Copy + Into<f64>>(
    mut rows: Vec<SparseVector>,
    n_columns: usize,
    labels: &[L],
    weights: &[f64],
    penalties: &[f64],
    options: &Options,
) -> Result<Vec<Fit>> {
    let labels: &[f64] = &labels.iter().map(|label| (*label).into()).collect::<Vec<f64>>();
    check(&rows, labels, weights)?;
    let order = by_frequency(&mut rows, n_columns);
    let rows = &rows[..];
    let scale = if options.standardises { Scale::of(rows, n_columns, weights) } else { Scale::none(n_columns) };
    let of_true: f64 = labels.iter().zip(weights).map(|(label, weight)| label * weight).sum();
    let of_false: f64 = labels.iter().zip(weights).map(|(label, weight)| (1.0 - label) * weight).sum();
    let mut objective = Objective { rows, n_columns, labels, weights, scale: &scale, total: of_true + of_false, penalty: 0.0 };
    let mut start = vec![0.0; n_columns + 1];
    start[n_columns] = libm::log(of_true / of_false);
    let mut fits = Vec::with_capacity(penalties.len());
    for penalty in penalties {
        objective.penalty = *penalty;
        let minimum = minimise(|x| objective.evaluate(x), start, options.max_iterations, options.tolerance);
        fits.push(objective.fit(&minimum, &order)?);
        start = minimum.point.x;
    }
    Ok(fits)
}

/// Numbers columns anew, the most frequent first, and says the new number of each: most of what the solver touches then lies together.
fn by_frequency(rows: &mut [SparseVector], n_columns: usize) -> Vec<u32> {
    let mut frequency = vec![0_u32; n_columns];
    for index in rows.iter().flat_map(|row| &row.indices) {
        frequency[*index as usize] += 1;
    }
    let mut columns: Vec<u32> = (0..n_columns as u32).collect();
    columns.sort_by_key(|column| (std::cmp::Reverse(frequency[*column as usize]), *column));
    let mut order = frequency;
    for (place, column) in columns.iter().enumerate() {
        order[*column as usize] = place as u32;
    }
    rows.par_iter_mut().for_each(|row| row.indices.iter_mut().for_each(|index| *index = order[*index as usize]));
    order
}

fn check(rows: &[SparseVector], labels: &[f64], weights: &[f64]) -> Result<()> {
    let n = rows.len();
    if labels.len() != n || weights.len() != n {
        return Err(Error::new(format!("{n} examples have {} labels and {} weights", labels.len(), weights.len())));
    }
    if weights.iter().any(|weight| !weight.is_finite() || *weight < 0.0) {
        return Err(Error::new("the weight of a training example is not a finite number of at least 0"));
    }
    if labels.iter().any(|label| !(0.0..=1.0).contains(label)) {
        return Err(Error::new("the label of a training example is not in 0..=1"));
    }
    let n_true = labels.iter().zip(weights).filter(|(label, weight)| 0.5 < **label && 0.0 < **weight).count();
    let n_false = labels.iter().zip(weights).filter(|(label, weight)| **label <= 0.5 && 0.0 < **weight).count();
    if n_true == 0 || n_false == 0 {
        return Err(Error::new(format!("training needs two classes, but {n_true} of {} examples are positive", n_true + n_false)));
    }
    let broken = rows.iter().filter(|row| row.values.iter().any(|value| !value.is_finite())).count();
    if broken != 0 {
        return Err(Error::new(format!("{broken} of {n} training examples have a feature that is not a finite number")));
    }
    Ok(())
}

fn margin(row: &SparseVector, columns: &[f64], intercept: f64) -> f64 {
    intercept + row.indices.iter().zip(&row.values).map(|(index, value)| f64::from(*value) * columns[*index as usize]).sum::<f64>()
}

/// How columns are standardised.
struct Scale {
    /// One over the standard deviation (of the sample, weighted); 0 for a column that never changes.
    inverse: Vec<f64>,
    /// Mean over standard deviation.
    mean: Vec<f64>,
}

impl Scale {
    fn none(n_columns: usize) -> Self {
        Self { inverse: vec![1.0; n_columns], mean: vec![0.0; n_columns] }
    }

    fn of(rows: &[SparseVector], n_columns: usize, weights: &[f64]) -> Self {
        let (mut mean, mut squares, mut seen) = (vec![0.0; n_columns], vec![0.0; n_columns], vec![0.0; n_columns]);
        let each = |f: &mut dyn FnMut(usize, f64, f64)| {
            for (row, weight) in rows.iter().zip(weights) {
                row.indices.iter().zip(&row.values).for_each(|(index, value)| f(*index as usize, f64::from(*value), *weight));
            }
        };
        each(&mut |column, value, weight| {
            mean[column] += weight * value;
            seen[column] += weight;
        });
        let total: f64 = weights.iter().sum();
        mean.iter_mut().for_each(|sum| *sum /= total);
        each(&mut |column, value, weight| squares[column] += weight * (value - mean[column]) * (value - mean[column]));
        let freedom = total - weights.iter().map(|weight| weight * weight).sum::<f64>() / total;
        let inverse = |column: usize| {
            let zeros = (total - seen[column]).max(0.0) * mean[column] * mean[column];
            let deviation = ((squares[column] + zeros) / freedom).sqrt();
            if 0.0 < deviation { 1.0 / deviation } else { 0.0 }
        };
        let inverse: Vec<f64> = (0..n_columns).map(inverse).collect();
        mean.iter_mut().zip(&inverse).for_each(|(mean, inverse)| *mean *= inverse);
        Self { inverse, mean }
    }
}

/// The mean loss as a function of the weights of columns, as the solver sees them, and, last, the intercept.
struct Objective<'a> {
    rows: &'a [SparseVector],
    n_columns: usize,
    labels: &'a [f64],
    weights: &'a [f64],
    scale: &'a Scale,
    /// Sum of the weights of rows.
    total: f64,
    penalty: f64,
}

impl Objective<'_> {
    /// What a minimum says of the columns as given, which `order` numbered anew.
    fn fit(&self, minimum: &Minimum, order: &[u32]) -> Result<Fit> {
        let (columns, intercept) = self.unscaled(&minimum.point.x);
        if !intercept.is_finite() || columns.iter().any(|weight| !weight.is_finite()) {
            return Err(Error::new("the regression has weights that are not finite; its values are too large"));
        }
        if columns.iter().all(|weight| *weight == 0.0) {
            return Err(Error::new(format!(
                "the regression learnt nothing from {} examples: all its weights are 0; are the two classes the same?",
                self.rows.len()
            )));
        }
        let is_right = |(row, label): (&SparseVector, &f64)| (0.0 < margin(row, &columns, intercept)) == (0.5 < *label);
        let is_separated = self.rows.iter().zip(self.labels).all(is_right);
        // No -0, so that equal models have equal bytes.
        let weights = order.iter().map(|place| columns[*place as usize] + 0.0).collect();
        let (gradient_norm, losses) = (norm(&minimum.point.gradient), minimum.values.clone());
        Ok(Fit { gradient_norm, weights, intercept, losses, stop: minimum.stop, is_separated })
    }

    /// Weights and intercept for the columns as given.
    fn unscaled(&self, x: &[f64]) -> (Vec<f64>, f64) {
        let (of_columns, intercept) = x.split_at(self.n_columns);
        let columns = of_columns.iter().zip(&self.scale.inverse).map(|(weight, inverse)| weight * inverse).collect();
        (columns, intercept[0] - dot(of_columns, &self.scale.mean))
    }

    fn evaluate(&self, x: &[f64]) -> (f64, Vec<f64>) {
        let (columns, intercept) = self.unscaled(x);
        let of_columns = &x[..self.n_columns];
        let per_part = self.rows.len().div_ceil(PARTS).max(LEAST_ROWS);
        let parts: Vec<usize> = (0..self.rows.len()).step_by(per_part).collect();
        let sum = |first: &usize| self.sum(*first..(first + per_part).min(self.rows.len()), &columns, intercept);
        let parts: Vec<Part> = parts.par_iter().map(sum).collect();
        let (loss, errors) = parts.iter().fold((0.0, 0.0), |sums, part| (sums.0 + part.loss, sums.1 + part.errors));
        let mut gradient = vec![0.0; x.len()];
        for part in &parts {
            gradient.iter_mut().zip(&part.gradient).for_each(|(sum, value)| *sum += value);
        }
        for (column, value) in gradient.iter_mut().take(self.n_columns).enumerate() {
            *value =
                (*value * self.scale.inverse[column] - errors * self.scale.mean[column]) / self.total + self.penalty * of_columns[column];
        }
        gradient[self.n_columns] = errors / self.total;
        (loss / self.total + 0.5 * self.penalty * dot(of_columns, of_columns), gradient)
    }

    fn sum(&self, part: std::ops::Range<usize>, columns: &[f64], intercept: f64) -> Part {
        let mut sums = Part { loss: 0.0, errors: 0.0, gradient: vec![0.0; self.n_columns] };
        for at in part {
            let (row, label, weight) = (&self.rows[at], self.labels[at], self.weights[at]);
            let margin = margin(row, columns, intercept);
            // ln(1 + exp(m)) - label m without overflow, and from the same exponential the probabilities of both classes.
            let small = libm::exp(-margin.abs());
            sums.loss += weight * (libm::log1p(small) + (margin.max(0.0) - label * margin));
            let (large, small) = (1.0 / (1.0 + small), small / (1.0 + small));
            let (of_true, of_false) = if margin < 0.0 { (small, large) } else { (large, small) };
            let error = weight * (of_true * (1.0 - label) - of_false * label);
            sums.errors += error;
            for (index, value) in row.indices.iter().zip(&row.values) {
                sums.gradient[*index as usize] += error * f64::from(*value);
            }
        }
        sums
    }
}

/// Sums over some rows.
struct Part {
    loss: f64,
    errors: f64,
    gradient: Vec<f64>,
}
