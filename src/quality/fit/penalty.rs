//! Cross-validation over registered domains, on a keyed sample: chooses the L2 penalty (the best one on the summed loss hardly moves with the number of documents), and gives the
//! scores of documents that their models had not seen, which calibration is fitted to.

use rayon::prelude::*;

use crate::error::Result;
use crate::linear::sparse::Fit;
use crate::linear::{SparseVector, sigmoid};

use super::super::split::domain_weights;
use super::super::train::Example;
use super::selected::{Counted, Prepared};
use super::{FOLDS, OutOfFold, folds, sampled};

/// What is tried, strongest first; half a decade apart.
const GRID: [f64; 6] = [30.0, 10.0, 3.0, 1.0, 0.3, 0.1];
/// Where there is nothing to choose by.
const DEFAULT: f64 = 1.0;
/// A choice needs no more digits.
const TOLERANCE: f64 = 1e-4;
const MAX_ITERATIONS: u64 = 100;

/// What cross-validation over registered domains found.
pub struct Validated {
    pub penalty: f64,
    /// How it was chosen, in words.
    pub how: String,
    /// Score and truth of the sampled documents, each by a model of this penalty that was taught without the fold of its domain.
    pub out_of_fold: OutOfFold,
}

/// Cross-validates the given penalty, or those of a grid, and takes the one of the lowest log-loss on domains that were left out, documents counted by the weight of their
/// domain and classes alike.
pub fn validate(training: &[&Example], counted: &[Counted], shape: (u32, usize), given: Option<f64>, seed: u64) -> Result<Validated> {
    let grid = given.map_or_else(|| GRID.to_vec(), |penalty| vec![penalty]);
    let sample = sampled(training, seed);
    let side = |of: &[usize]| of.iter().map(|&at| (training[at], &counted[at])).unzip();
    let of_folds: Vec<Vec<Judged>> = folds(training, &sample, seed)
        .par_iter()
        .map(|(taught, judged)| judge(&side(taught), &side(judged), shape, &grid, seed))
        .collect::<Result<_>>()?;
    let mut best: Option<(usize, f64)> = None;
    for number in 0..grid.len() {
        let sums = of_folds.iter().map(|judged| &judged[number].0).fold(Loss::default(), Loss::add);
        let mean = sums.mean();
        if mean.is_finite() && best.is_none_or(|(_, least)| mean < least) {
            best = Some((number, mean));
        }
    }
    let Some((number, loss)) = best else {
        let how = ", for there are too few domains to choose it by".to_owned();
        let (penalty, how) = given.map_or((DEFAULT, how), |penalty| (penalty, String::new()));
        return Ok(Validated { penalty, how, out_of_fold: Vec::new() });
    };
    let tried: Vec<String> = grid.iter().map(f64::to_string).collect();
    let how = match given {
        Some(_) => String::new(),
        None => format!(
            ", the best of {} by {FOLDS}-fold cross-validation over the domains of {} documents (log-loss {loss:.4}){}",
            tried.join(", "),
            sample.len(),
            if number == 0 || number + 1 == grid.len() {
                "; it is the last one tried on its side, so one beyond may be better"
            } else {
                ""
            }
        ),
    };
    let out_of_fold = of_folds.into_iter().flat_map(|mut judged| judged.swap_remove(number).1).collect();
    Ok(Validated { penalty: grid[number], how, out_of_fold })
}

/// What one penalty makes of the documents of a fold: the loss, and each score with its truth.
type Judged = (Loss, OutOfFold);

/// Sums over judged documents, by class: weights, and weighted log-losses.
#[derive(Clone, Copy, Default)]
struct Loss {
    weights: [f64; 2],
    losses: [f64; 2],
}

impl Loss {
    fn add(mut self, other: &Self) -> Self {
        for class in 0..2 {
            self.weights[class] += other.weights[class];
            self.losses[class] += other.losses[class];
        }
        self
    }

    fn mean(&self) -> f64 {
        (self.losses[0] / self.weights[0] + self.losses[1] / self.weights[1]) / 2.0
    }
}

/// Documents, and what was counted of them.
type Side<'s> = (Vec<&'s Example>, Vec<&'s Counted>);

/// Teaches without a fold and judges it, at each penalty.
fn judge(
    (taught, of_taught): &Side<'_>,
    (judged, of_judged): &Side<'_>,
    (dimensions, n_selected): (u32, usize),
    grid: &[f64],
    seed: u64,
) -> Result<Vec<Judged>> {
    let mut prepared = Prepared::of(taught, of_taught, dimensions, n_selected, seed);
    let rows: Vec<SparseVector> = of_judged.iter().map(|counted| prepared.row_of(counted)).collect();
    let weights = domain_weights(judged);
    let fits = prepared.regress(grid, MAX_ITERATIONS, TOLERANCE)?;
    let at = |fit: &Fit| {
        let (mut sums, mut scored) = (Loss::default(), Vec::new());
        for ((row, example), weight) in rows.iter().zip(judged).zip(&weights) {
            let terms: f64 =
                row.indices.iter().zip(&row.values).map(|(column, value)| f64::from(*value) * fit.weights[*column as usize]).sum();
            let margin = fit.intercept - prepared.prior() + terms;
            let class = usize::from(example.positive);
            let own = if example.positive { margin } else { -margin };
            sums.weights[class] += weight;
            sums.losses[class] += weight * (libm::log1p(libm::exp(-own.abs())) + (-own).max(0.0));
            scored.push((sigmoid(margin), example.positive));
        }
        (sums, scored)
    };
    Ok(fits.iter().map(at).collect())
}
