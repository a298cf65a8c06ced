//! The judge of languages: for each script that several languages are written in, a linear model over hashed character n-grams, its weights rounded to seven bits.
//! What it learned from, how good it is and how to train it again is in docs/language.md.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::language::codes::OTHER;
use crate::language::grams::{Grams, MOST_LETTERS, Rows, Words};
use crate::language::scripts::Script;
use crate::language::table::{MOST_LANES, Table};
use crate::linear::{sigmoid, weights};

/// What the file is read and written as.
const VERSION: u32 = 1;

/// The model that comes with the program.
pub static BUILT_IN: LazyLock<Model> = LazyLock::new(|| {
    Model::from_bytes("of languages", include_bytes!("model.bin")).expect("a test reads the model that comes with the program")
});

/// All that a table has beside its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameters {
    pub script: Script,
    /// Codes of languages, one a lane from the first on; the last may be [`OTHER`]. The lane after them says how common a row is in all of them together.
    pub languages: Vec<String>,
    /// Least and most letters of an n-gram.
    pub orders: (u32, u32),
    /// What one step of a weight is, and one of how common a row is.
    pub steps: (f32, f32),
    /// What a language has before the first n-gram.
    pub biases: Vec<f32>,
    /// Factor and power: logits of a text of n n-grams are multiplied by factor * n^power.
    pub sharpness: (f64, f64),
    /// What texts of each language have; of [`OTHER`] nothing is asked.
    pub usual: Vec<Means>,
    /// Weights of [`Judgement::evidence`].
    pub familiarity: [f64; N_EVIDENCE],
}

/// Means over the n-grams of a text, or of texts of a language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Means {
    /// Of the language's weights.
    pub weight: f64,
    /// Of how common the n-grams are in all languages.
    pub common: f64,
}

/// Values that tell a text of a known language from one of an unknown language.
pub const N_EVIDENCE: usize = 8;

/// One script's languages.
#[derive(Clone, Debug)]
pub struct Judge {
    pub parameters: Parameters,
    pub grams: Grams,
    pub table: Table,
}

/// What a text is judged to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Probability of each language, should the text be in one of them; they sum up to 1, and [`OTHER`] has 0.
    pub probabilities: Vec<f64>,
    /// The likeliest language, the first of several.
    pub best: usize,
    /// Values that tell whether it is in one of them.
    pub evidence: [f64; N_EVIDENCE],
    /// Probability that it is.
    pub familiarity: f64,
    /// The means of this text, by the weights of the likeliest language.
    pub means: Means,
}

impl Parameters {
    /// How far the means of a text are from those of its likeliest language, and how far what speaks for no language stays behind: each also by the length of the text.
    fn evidence(&self, language: usize, of: Means, unknown: f64, n_grams: usize) -> [f64; N_EVIDENCE] {
        let usual = self.usual[language];
        let weight = of.weight / usual.weight - 1.0;
        let common = of.common - usual.common;
        let unknown = (unknown - of.weight) / usual.weight + 1.0;
        let length = libm::log(n_grams as f64 / 100.0);
        [1.0, length, weight, weight * length, common, common * length, unknown, unknown * length]
    }
}

impl Judge {
    /// Judges the letters of the script in a text; `None` where it has no n-gram.
    pub fn judge(&self, text: &str, rows: &mut Rows) -> Option<Judgement> {
        let Parameters { languages, steps, biases, sharpness, familiarity, .. } = &self.parameters;
        let rows = rows.fill(text, &self.grams);
        let (n, n_lanes) = (rows.len(), languages.len());
        if n == 0 {
            return None;
        }
        let sums = self.table.sums(rows);
        let mean = |lane: usize, step: f32| f64::from(step) * f64::from(sums[lane]) / n as f64;
        let sharpness = sharpness.0 * libm::pow(n as f64, sharpness.1);
        let n_languages = n_lanes - usize::from(languages[n_lanes - 1] == OTHER);
        let logit = |lane: usize| sharpness * (mean(lane, steps.0) * (n as f64).sqrt() + f64::from(biases[lane]));
        let mut probabilities = softmax(&(0..n_languages).map(logit).collect::<Vec<_>>());
        let unknown = if n_languages < n_lanes { mean(n_languages, steps.0) } else { 0.0 };
        let best = (0..n_languages).rev().max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b]))?;
        probabilities.resize(n_lanes, 0.0);
        let means = Means { weight: mean(best, steps.0), common: mean(n_lanes, steps.1) };
        let evidence = self.parameters.evidence(best, means, unknown, n);
        let familiarity = sigmoid(evidence.iter().zip(familiarity).map(|(value, weight)| value * weight).sum());
        Some(Judgement { probabilities, best, evidence, familiarity, means })
    }
}

/// Logits as probabilities.
fn softmax(logits: &[f64]) -> Vec<f64> {
    let most = logits.iter().copied().fold(f64::MIN, f64::max);
    let powers: Vec<f64> = logits.iter().map(|logit| libm::exp(logit - most)).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

/// A judge for each script that needs one.
#[derive(Clone, Debug)]
pub struct Model(pub Vec<Judge>);

impl Model {
    pub fn of(&self, script: Script) -> Option<&Judge> {
        self.0.iter().find(|judge| judge.parameters.script == script)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let header: Vec<&Parameters> = self.0.iter().map(|judge| &judge.parameters).collect();
        let arrays: Vec<Vec<u8>> = self.0.iter().flat_map(|judge| [judge.table.to_bytes(), judge.grams.words.to_bytes()]).collect();
        weights::bytes_to_bytes(VERSION, &header, &arrays.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    /// Reads a model; `name` stands for the file in messages.
    ///
    /// # Errors
    /// When the file is not whole, was changed, is of another version, or its parts do not fit together.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Self> {
        let (header, arrays) = weights::bytes_from_bytes::<Vec<Parameters>>(name, VERSION, bytes)?;
        let (pairs, rest) = arrays.as_chunks::<2>();
        let n_judges = header.len();
        let judges = header.into_iter().zip(pairs).map(|(parameters, [table, words])| Judge::new(parameters, table, words));
        let judges: Option<Vec<Judge>> = judges.collect();
        let is_whole = |judges: &Vec<Judge>| judges.len() == n_judges && n_judges == pairs.len() && rest.is_empty();
        judges
            .filter(is_whole)
            .map(Self)
            .ok_or_else(|| Error::new(format!("the model {name} cannot be used: its parts do not fit together; train it again")))
    }
}

impl Judge {
    /// `None` where the parts do not fit together.
    pub fn new(parameters: Parameters, table: &[u8], words: &[u8]) -> Option<Self> {
        let n = parameters.languages.len();
        let is_full = 0 < n && n < MOST_LANES && parameters.biases.len() == n && parameters.usual.len() == n;
        let (least, most) = parameters.orders;
        let is_finite = parameters.usual.iter().all(|usual| usual.weight.is_normal() && usual.common.is_finite());
        if !is_full || !is_finite || parameters.languages[0] == OTHER || least < 1 || most < least || MOST_LETTERS < most {
            return None;
        }
        let table = Table::new(table, Table::lanes(n + 1)).filter(|table| 0 < table.bits())?;
        let grams = Grams { script: parameters.script, orders: parameters.orders, bits: table.bits(), words: Words::from_bytes(words)? };
        Some(Self { parameters, grams, table })
    }
}
