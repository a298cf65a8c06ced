//! GPT-3's classifier as published: Spark's Tokenizer and HashingTF, counts of all 2^18 terms, and Spark's logistic regression with its defaults (regParam 0, maxIter
//! 100, tol 1e-6). `linfa-logistic` is dense and cannot hold 2^18 columns, so `linear::sparse` trains it.

use rayon::prelude::*;

use crate::error::Result;
use crate::linear::SparseVector;
use crate::linear::sparse::{self, Options};
use crate::text::mostly_spaceless;

use super::super::calibration::Calibration;
use super::super::features::Extractor;
use super::super::model::{Head, Model};
use super::super::options::Features;
use super::super::train::Example;
use super::super::words::Holders;
use super::{Fitted, prior};

pub fn fit(training: &[&Example]) -> Result<Fitted> {
    let features = Features::Spark;
    let read = |extractor: &mut Extractor, example: &&Example| {
        extractor.read_spark(&example.text);
        SparseVector::from(&*extractor)
    };
    let terms: Vec<SparseVector> = training.par_iter().map_init(|| Extractor::new(features.dimensions()), read).collect();
    let labels: Vec<bool> = training.iter().map(|example| example.positive).collect();
    let holders = Holders::of(&terms, features.dimensions());
    let fit = sparse::fit(terms, features.dimensions() as usize, &labels, &vec![1.0; labels.len()], &Options::default())?;
    let head = Head { features, intercept: fit.intercept - prior(&labels), calibration: Calibration::default(), statistics: Vec::new() };
    let table = fit.weights.iter().map(|weight| *weight as f32).collect();
    let mut warnings = Vec::new();
    if fit.is_separated {
        warnings.push(
            "the terms tell all training documents apart, so without a penalty no weight is the best: the weights are those at which Spark's rule \
             stopped, and scores crowd at 0 and 1"
                .to_owned(),
        );
    }
    let n_spaceless = training.par_iter().filter(|example| mostly_spaceless(&example.text)).count();
    if training.len() < 10 * n_spaceless {
        warnings.push(format!(
            "{n_spaceless} of {} training documents are in scripts without spaces, where Spark's Tokenizer gives about one token a line: their scores mean little",
            training.len()
        ));
    }
    Ok(Fitted {
        penalty: None,
        model: Model { head, idf: Vec::new(), table },
        holders,
        trainer: format!(
            "as Spark: counts of {} hashed terms, no penalty, L-BFGS with Spark's stopping rule ({} iterations, mean loss {:.6}); by this program's sparse \
             trainer, for linfa-logistic is dense and cannot hold so many columns",
            features.dimensions(),
            fit.losses.len() - 1,
            fit.losses.last().copied().unwrap_or_default()
        ),
        weighting: "documents count alike; the larger class is thinned to at most four times the smaller by keyed draw, and the intercept is then set for \
                    classes of equal weight",
        gradient_norm: fit.gradient_norm,
        statistics: Vec::new(),
        warnings,
    })
}
