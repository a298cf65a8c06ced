//! Minimises a smooth function: L-BFGS (Liu and Nocedal 1989) with a line search for the strong Wolfe conditions (Nocedal and Wright, Numerical Optimization, section 3.5).
//!
//! All constants and the rule for stopping are those of Breeze, which Spark calls, so that both take the same steps: memory 10, c1 = 1e-4, c2 = .9, first step
//! of length 1, then 1.5 times as far until a minimum is bracketed, cubic interpolation kept off the outer tenths of the bracket.

use std::collections::VecDeque;

/// Pairs of steps and changes of the gradient that are remembered.
const MEMORY: usize = 10;
/// Sufficient decrease, and curvature.
const C1: f64 = 1e-4;
const C2: f64 = 0.9;
/// Trials before, and after, a minimum is bracketed.
const TRIALS: usize = 10;
/// The value must have improved by less than the tolerance over so many iterations.
const IDLE_ITERATIONS: usize = 20;

/// A point, the function's value there and its gradient.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    pub x: Vec<f64>,
    pub value: f64,
    pub gradient: Vec<f64>,
}

/// Why the minimiser stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// After the most iterations allowed.
    Iterations,
    /// Twenty iterations brought less than the tolerance times the first value.
    Value,
    /// The norm of the gradient fell to the tolerance times the value, or to 1e-8.
    Gradient,
    /// No step along the steepest descent improved the value, as far as 64 bits can tell.
    Search,
}

/// The last point, and how it was reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Minimum {
    pub point: Point,
    /// The value before the first iteration and after each.
    pub values: Vec<f64>,
    pub stop: Stop,
}

/// Minimises `evaluate`, which gives value and gradient at a point, from `start`. Memory: 24 vectors.
pub fn minimise(evaluate: impl Fn(&[f64]) -> (f64, Vec<f64>), start: Vec<f64>, max_iterations: usize, tolerance: f64) -> Minimum {
    let at = |x: Vec<f64>| {
        let (value, gradient) = evaluate(&x);
        Point { x, value, gradient }
    };
    let mut point = at(start);
    let mut values = vec![point.value];
    let mut memory = Memory::default();
    let mut has_failed = false;
    let stop = loop {
        if let Some(stop) = converged(&point, &values, max_iterations, tolerance) {
            break stop;
        }
        let next = memory.direction(&point.gradient).and_then(|direction| {
            let first = if values.len() == 1 { 1.0 / norm(&direction) } else { 1.0 };
            search(&at, &point, &direction, first)
        });
        match next {
            Some(next) => {
                memory.push(&point, &next);
                point = next;
                values.push(point.value);
                has_failed = false;
            }
            // Once more from here, along the gradient.
            None if !has_failed => {
                memory = Memory::default();
                has_failed = true;
            }
            None => break Stop::Search,
        }
    };
    Minimum { point, values, stop }
}

fn converged(point: &Point, values: &[f64], max_iterations: usize, tolerance: f64) -> Option<Stop> {
    let n_iterations = values.len() - 1;
    let best_of_late = || values[values.len() - IDLE_ITERATIONS..].iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if max_iterations <= n_iterations {
        Some(Stop::Iterations)
    } else if IDLE_ITERATIONS <= n_iterations && best_of_late() - point.value <= tolerance * values[0].abs() {
        Some(Stop::Value)
    } else if norm(&point.gradient) <= (tolerance * point.value.abs()).max(1e-8) {
        Some(Stop::Gradient)
    } else {
        None
    }
}

pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

pub fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// What is known of the curvature: the last steps and the changes of the gradient, newest first.
#[derive(Default)]
struct Memory(VecDeque<(Vec<f64>, Vec<f64>)>);

impl Memory {
    fn push(&mut self, from: &Point, to: &Point) {
        let minus = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect();
        self.0.truncate(MEMORY - 1);
        self.0.push_front((minus(&to.x, &from.x), minus(&to.gradient, &from.gradient)));
    }

    /// The direction of descent, by two loops over the memory; none where rounding has left no curvature.
    fn direction(&self, gradient: &[f64]) -> Option<Vec<f64>> {
        let mut direction = gradient.to_vec();
        let add = |factor: f64, vector: &[f64], to: &mut [f64]| to.iter_mut().zip(vector).for_each(|(to, value)| *to += factor * value);
        let mut shares = Vec::new();
        for (step, change) in &self.0 {
            let curvature = dot(step, change);
            let share = dot(step, &direction) / curvature;
            add(-share, change, &mut direction);
            shares.push((share, curvature));
        }
        if let Some((step, change)) = self.0.front() {
            let scale = dot(step, change) / dot(change, change);
            direction.iter_mut().for_each(|value| *value *= scale);
        }
        for ((step, change), (share, curvature)) in self.0.iter().zip(shares).rev() {
            add(share - dot(change, &direction) / curvature, step, &mut direction);
        }
        direction.iter_mut().for_each(|value| *value = -*value);
        direction.iter().all(|value| value.is_finite()).then_some(direction)
    }
}

/// A trial of the line search.
struct Trial {
    t: f64,
    value: f64,
    /// Derivative along the direction.
    slope: f64,
}

/// A point along the direction that satisfies the strong Wolfe conditions; none if the trials did not find it.
fn search(at: &impl Fn(Vec<f64>) -> Point, from: &Point, direction: &[f64], first: f64) -> Option<Point> {
    let start = dot(&from.gradient, direction);
    // Not a direction of descent.
    if start.is_nan() || 0.0 < start {
        return None;
    }
    let try_at = |t: f64| {
        let point = at(from.x.iter().zip(direction).map(|(x, d)| x + d * t).collect());
        (Trial { t, value: point.value, slope: dot(&point.gradient, direction) }, point)
    };
    let too_high = |trial: &Trial| from.value + C1 * trial.t * start < trial.value;
    let is_flat = |trial: &Trial| trial.slope.abs() <= C2 * start.abs();
    // Steps too small to tell from none.
    let done = |trial: &Trial, point: Point| (1e-10 <= trial.t * norm(&from.gradient)).then_some(point);
    let mut t = first;
    let mut low = Trial { t: 0.0, value: from.value, slope: start };
    let mut bracket = None;
    for n in 0..TRIALS {
        let (trial, point) = try_at(t);
        if !trial.value.is_finite() {
            t /= 2.0;
            continue;
        }
        if too_high(&trial) || (low.value <= trial.value && 0 < n) {
            bracket = Some((low, trial));
            break;
        }
        if is_flat(&trial) {
            return done(&trial, point);
        }
        if 0.0 <= trial.slope {
            bracket = Some((trial, low));
            break;
        }
        low = trial;
        t *= 1.5;
    }
    let (mut low, mut high) = bracket?;
    for _ in 0..TRIALS {
        let (trial, point) = try_at(if high.t < low.t { between(&high, &low) } else { between(&low, &high) });
        if too_high(&trial) || low.value <= trial.value {
            high = trial;
            continue;
        }
        if is_flat(&trial) {
            return done(&trial, point);
        }
        if 0.0 <= trial.slope * (high.t - low.t) {
            high = low;
        }
        low = trial;
    }
    None
}

/// The minimum of the cubic through two trials, kept off the outer tenths between them.
fn between(left: &Trial, right: &Trial) -> f64 {
    let width = right.t - left.t;
    let d1 = left.slope + right.slope - 3.0 * (left.value - right.value) / (left.t - right.t);
    let d2 = (d1 * d1 - left.slope * right.slope).sqrt();
    let t = right.t - width * (right.slope + d2 - d1) / (right.slope - left.slope + 2.0 * d2);
    // Not a number where the cubic has no minimum.
    if t.is_nan() { left.t + 0.5 * width } else { t.clamp(left.t + 0.1 * width, left.t + 0.9 * width) }
}
