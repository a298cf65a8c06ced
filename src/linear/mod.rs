//! What every learned judge shares: sparse vectors, evaluation, the dense trainer (`linfa-logistic`), the sparse ones for models too wide for it, of two classes and of more, and the file that weights are kept in.

pub mod dense;
pub mod evaluate;
mod lbfgs;
pub mod measure;
pub mod online;
pub mod softmax;
pub mod sparse;
pub mod weights;

/// A sparse vector: indices ascending and unique, one value each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SparseVector {
    pub indices: Vec<u32>,
    pub values: Vec<f32>,
}

/// The logistic function.
pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

#[cfg(test)]
mod tests;
