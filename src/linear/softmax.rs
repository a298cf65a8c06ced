//! The trainer for several classes: softmax regression by AdaGrad on counts of columns, the step of a column set by what it has seen (all its classes together). It goes on from
//! weights that something simpler found, such as naive Bayes ([`naive_bayes`]): from zero, columns that are seen rarely never arrive.

use crate::error::{Error, Result};

/// A weight for each column and class, and one a class beside.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub n_classes: usize,
    /// `[n_columns][n_classes]`, row-major.
    pub weights: Vec<f32>,
    /// `[n_classes]`.
    pub biases: Vec<f32>,
}

/// How far to step.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The length of the first step of a column; it falls to 0, evenly, until the last row.
    pub rate: f32,
    /// The same for biases, which have no squares that shorten it.
    pub bias_rate: f32,
}

/// What the squares of a column's gradients sum up to before the first.
const FIRST_SQUARES: f32 = 1e-3;

impl Model {
    /// All weights 0.
    pub fn zero(n_columns: usize, n_classes: usize) -> Self {
        Self { n_classes, weights: vec![0.0; n_columns * n_classes], biases: vec![0.0; n_classes] }
    }

    /// What each class has for a row of columns, named as often as they occur: the sum of their weights over the root of their number, plus the bias. Evidence of a text is not
    /// independent, so that the sum grows too fast; the root is what was best of the powers between 0 and 1.
    pub fn logits(&self, columns: &[u32], logits: &mut Vec<f32>) {
        logits.clear();
        logits.resize(self.n_classes, 0.0);
        for column in columns {
            for (logit, weight) in logits.iter_mut().zip(self.row(*column)) {
                *logit += weight;
            }
        }
        let scale = 1.0 / (columns.len().max(1) as f32).sqrt();
        for (logit, bias) in logits.iter_mut().zip(&self.biases) {
            *logit = *logit * scale + bias;
        }
    }

    fn row(&self, column: u32) -> &[f32] {
        &self.weights[column as usize * self.n_classes..][..self.n_classes]
    }

    /// Goes on learning from `n_rows` rows: `draw` fills in the columns of the row of a number and says its class. A row without columns is passed over.
    ///
    /// # Errors
    /// When nothing was drawn that has a column.
    pub fn fit(&mut self, n_rows: u64, options: &Options, mut draw: impl FnMut(u64, &mut Vec<u32>) -> usize) -> Result<f64> {
        let mut squares = vec![FIRST_SQUARES; self.weights.len() / self.n_classes];
        let (mut columns, mut errors) = (Vec::new(), Vec::new());
        let (mut loss, mut n) = (0.0, 0_u64);
        for number in 0..n_rows {
            columns.clear();
            let class = draw(number, &mut columns);
            if columns.is_empty() {
                continue;
            }
            let left = 1.0 - number as f32 / n_rows as f32;
            self.logits(&columns, &mut errors);
            softmax(&mut errors);
            loss -= f64::from(errors[class].max(f32::MIN_POSITIVE).ln());
            n += 1;
            errors[class] -= 1.0;
            let value = 1.0 / (columns.len() as f32).sqrt();
            let square = errors.iter().map(|error| error * error).sum::<f32>() * value * value;
            for column in &columns {
                let column = *column as usize;
                squares[column] += square;
                let step = options.rate * left * value / squares[column].sqrt();
                for (weight, error) in self.weights[column * self.n_classes..][..self.n_classes].iter_mut().zip(&errors) {
                    *weight -= step * error;
                }
            }
            for (bias, error) in self.biases.iter_mut().zip(&errors) {
                *bias -= options.bias_rate * left * error;
            }
        }
        if n == 0 {
            return Err(Error::new("there is nothing to learn from: no row has a column"));
        }
        Ok(loss / n as f64)
    }

    /// Takes the mean of each column's weights from them, which changes no difference of classes.
    pub fn centre(&mut self) {
        for row in self.weights.chunks_exact_mut(self.n_classes) {
            let mean = row.iter().sum::<f32>() / row.len() as f32;
            row.iter_mut().for_each(|weight| *weight -= mean);
        }
    }
}

/// Logits as probabilities.
pub fn softmax(logits: &mut [f32]) {
    let most = logits.iter().copied().fold(f32::MIN, f32::max);
    logits.iter_mut().for_each(|logit| *logit = libm::expf(*logit - most));
    let sum: f32 = logits.iter().sum();
    logits.iter_mut().for_each(|logit| *logit /= sum);
}

/// Naive Bayes from counts, `[n_columns][n_classes]`: the logarithm of each column's share of its class, about the mean of classes. `prior` is what a column has beside its count
/// where a class has `PER` of all.
pub fn naive_bayes(counts: &[f32], n_classes: usize, prior: f32) -> Vec<f32> {
    const PER: f32 = 1e7;
    let n_columns = (counts.len() / n_classes) as f32;
    let mut totals = vec![0.0_f64; n_classes];
    for row in counts.chunks_exact(n_classes) {
        totals.iter_mut().zip(row).for_each(|(total, count)| *total += f64::from(*count));
    }
    let totals: Vec<f32> = totals.into_iter().map(|total| total.max(1.0) as f32).collect();
    let mut weights: Vec<f32> = Vec::with_capacity(counts.len());
    for row in counts.chunks_exact(n_classes) {
        weights.extend(row.iter().zip(&totals).map(|(count, total)| libm::logf((count / total * PER + prior) / (PER + prior * n_columns))));
    }
    let mut model = Model { n_classes, weights, biases: vec![0.0; n_classes] };
    model.centre();
    model.weights
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: Options = Options { rate: 1.0, bias_rate: 0.01 };

    /// Three classes; each row has a column of its class, one that all have, and one of another class.
    fn draw(number: u64, columns: &mut Vec<u32>) -> usize {
        let class = number % 3;
        columns.extend([class as u32, class as u32, 3, ((number / 3) % 3) as u32]);
        class as usize
    }

    fn best(model: &Model, columns: &[u32]) -> usize {
        let mut logits = Vec::new();
        model.logits(columns, &mut logits);
        (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b])).unwrap()
    }

    #[test]
    fn classes_are_learned_and_the_same_rows_give_the_same_weights() {
        let fit = |n_rows| {
            let mut model = Model::zero(4, 3);
            let loss = model.fit(n_rows, &OPTIONS, draw).unwrap();
            (model, loss)
        };
        let (model, loss) = fit(3000);
        assert!((0..3).all(|class| best(&model, &[class, class, 3]) == class as usize));
        assert!(loss < fit(30).1 && fit(3000) == (model, loss));
    }

    #[test]
    fn centring_changes_no_difference() {
        let mut model = Model::zero(4, 3);
        model.fit(300, &OPTIONS, draw).unwrap();
        let (mut before, mut after) = (Vec::new(), Vec::new());
        model.weights.iter_mut().step_by(3).for_each(|weight| *weight += 1.0);
        model.logits(&[0, 3], &mut before);
        model.centre();
        model.logits(&[0, 3], &mut after);
        softmax(&mut before);
        softmax(&mut after);
        assert!(before.iter().zip(&after).all(|(before, after)| (before - after).abs() < 1e-6));
        assert!(model.weights.chunks_exact(3).all(|row| row.iter().sum::<f32>().abs() < 1e-5));
    }

    #[test]
    fn naive_bayes_knows_what_is_frequent_in_a_class() {
        // Two columns, two classes; the second class has ten times as many rows, which says nothing.
        let weights = naive_bayes(&[9.0, 10.0, 1.0, 90.0], 2, 0.02);
        let expected = libm::logf(9.0) / 2.0;
        assert!((weights[0] - expected).abs() < 1e-3 && (weights[1] + expected).abs() < 1e-3, "{weights:?}");
        assert!((weights[2] + expected).abs() < 1e-3, "{weights:?}");
    }

    #[test]
    fn rows_without_columns_teach_nothing() {
        let error = Model::zero(4, 3).fit(10, &OPTIONS, |_, _| 0).unwrap_err();
        assert!(error.to_string().contains("nothing to learn from"), "{error}");
    }
}
