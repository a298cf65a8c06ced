//! The dense trainer: `linfa-logistic`, L-BFGS with an L2 penalty. Its traps are handled here: which class it calls positive, silent non-convergence, silent all-zero
//! models, panics.

use linfa::DatasetBase;
use linfa::traits::Fit as _;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2, ArrayView1, Axis};

use crate::error::{Error, Result};

use super::sigmoid;

/// A fitted model.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// One weight a column, for the class `true`.
    pub weights: Vec<f64>,
    pub intercept: f64,
    /// Euclidean norm of the gradient of the mean loss (penalty included) at the solution.
    pub gradient_norm: f64,
}

/// Gradient norm of the mean loss above which a fit is called unfinished. In f32 linfa stops between 1e-5 and 1e-3.
pub const CONVERGED: f64 = 5e-3;

/// Fits P(true | x). `columns` is `[n_rows, n_columns]`, best in column-major order (five times as fast); `penalty` is linfa's alpha: half its product with the squared weights is added to
/// the summed loss.
///
/// # Errors
/// One class only, a value that is not finite, or a solver that gives up.
pub fn fit(columns: Array2<f32>, labels: &[bool], penalty: f32, max_iterations: u64) -> Result<Fit> {
    let n_true = labels.iter().filter(|label| **label).count();
    if n_true == 0 || n_true == labels.len() {
        return Err(Error::new(format!("training needs two classes, but {n_true} of {} examples are positive", labels.len())));
    }
    if columns.iter().any(|value| !value.is_finite()) {
        return Err(Error::new("a feature of a training example is not a finite number"));
    }
    let dataset = DatasetBase::new(columns, Array1::from(labels.to_vec()));
    let solver = LogisticRegression::<f32>::default().alpha(penalty).max_iterations(max_iterations).gradient_tolerance(1e-5);
    let fitted = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| solver.fit(&dataset)));
    let model = match fitted {
        Ok(Ok(model)) => model,
        Ok(Err(error)) => return Err(Error::new("the solver of the quality model gave up").because(error.to_string())),
        Err(_) => return Err(Error::new("the solver of the quality model panicked on these examples")),
    };
    // linfa calls the more frequent class positive, whatever its name.
    let sign = if model.labels().pos.class { 1.0 } else { -1.0 };
    let weights: Vec<f64> = model.params().iter().map(|weight| sign * f64::from(*weight)).collect();
    let intercept = sign * f64::from(model.intercept());
    if !intercept.is_finite() || weights.iter().any(|weight| !weight.is_finite()) {
        return Err(Error::new("the quality model has weights that are not finite; the examples may be separable, raise `penalty`"));
    }
    if weights.iter().all(|weight| *weight == 0.0) {
        return Err(Error::new("the quality model learnt nothing: all its weights are 0; are the two classes the same texts?"));
    }
    let gradient_norm = gradient_norm(&dataset.records, labels, &weights, intercept, f64::from(penalty));
    Ok(Fit { weights, intercept, gradient_norm })
}

fn gradient_norm(columns: &Array2<f32>, labels: &[bool], weights: &[f64], intercept: f64, penalty: f64) -> f64 {
    let mut margins = vec![intercept; labels.len()];
    for (column, weight) in columns.axis_iter(Axis(1)).zip(weights).filter(|(_, weight)| **weight != 0.0) {
        for (margin, value) in margins.iter_mut().zip(column) {
            *margin += weight * f64::from(*value);
        }
    }
    let errors: Vec<f64> = margins.iter().zip(labels).map(|(margin, label)| sigmoid(*margin) - f64::from(u8::from(*label))).collect();
    let dot = |column: ArrayView1<'_, f32>| -> f64 { column.iter().zip(&errors).map(|(value, error)| f64::from(*value) * error).sum() };
    let of_weights = columns.axis_iter(Axis(1)).zip(weights).map(|(column, weight)| dot(column) + penalty * weight);
    let of_intercept: f64 = errors.iter().sum();
    let n = labels.len() as f64;
    let squares: f64 = of_weights.chain(std::iter::once(of_intercept)).map(|g| (g / n) * (g / n)).sum();
    libm::sqrt(squares)
}
