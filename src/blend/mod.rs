//! The blend: how often each source is seen. Stated by epochs, by weights and a token budget, or by weights and a cap on epochs; the solution gives all three and says which
//! binds. (GPT-3, table 2.2, whose three columns contradict each other.)

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

mod spread;

pub use spread::{BINS, Draws, Places, Spread};

/// Epochs above which repeated text is worth little (Muennighoff et al. 2023: up to 4 epochs are nearly as good as new text).
const MANY_EPOCHS: f64 = 4.0;

/// Most times that a document is repeated; a copy is a row of the shuffle.
const MOST_EPOCHS: f64 = 1000.0;
/// Shares of all tokens, and of a source's, by which what is drawn may miss what is asked for before it is warned of.
const FAR_OFF: f64 = 0.001;
const FAR_OFF_SOURCE: f64 = 0.05;
/// Largest weight, so that sums and shares stay exact enough.
const MOST_WEIGHT: f64 = 1e9;

crate::described! {
    /// What a recipe asks for.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields)]
    pub struct Blend {
        /// What a token is: "gpt2", "words" or "characters".
        #[serde(default = "default_tokenizer")]
        pub tokenizer: String,
        /// Share of tokens of each source; normalised to 1.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        pub weights: BTreeMap<String, f64>,
        /// Times that each source is seen.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        pub epochs: BTreeMap<String, f64>,
        /// Tokens in all, with weights.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub budget_tokens: Option<u64>,
        /// Most times that any source is seen, or source: most times that it is seen; with weights: the scarcest source binds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub max_epochs: Option<Caps>,
    }
}

/// Caps on epochs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Caps {
    /// Of every source.
    Each(f64),
    /// Of these sources; the others have none.
    Of(BTreeMap<String, f64>),
}

impl Caps {
    /// The cap of a source.
    pub fn of(&self, source: &str) -> Option<f64> {
        match self {
            Self::Each(cap) => Some(*cap),
            Self::Of(caps) => caps.get(source).copied(),
        }
    }

    /// The names that it gives caps to, where it gives any.
    pub fn sources(&self) -> impl Iterator<Item = &String> {
        let of = if let Self::Of(caps) = self { Some(caps.keys()) } else { None };
        of.into_iter().flatten()
    }

    fn values(&self) -> Vec<f64> {
        match self {
            Self::Each(cap) => vec![*cap],
            Self::Of(caps) => caps.values().copied().collect(),
        }
    }
}

fn default_tokenizer() -> String {
    "gpt2".to_owned()
}

impl Blend {
    /// The sources that it names with more than nothing, and their weights or epochs.
    fn asked(&self) -> impl Iterator<Item = (&String, f64)> {
        let of = if self.epochs.is_empty() { &self.weights } else { &self.epochs };
        of.iter().map(|(source, value)| (source, *value)).filter(|(_, value)| 0.0 < *value)
    }

    /// True for a source that it names with more than nothing.
    pub fn asks_for(&self, source: &str) -> bool {
        self.asked().any(|(asked, _)| asked == source)
    }

    /// # Errors
    /// When it is not stated in one of the three ways, or a number cannot hold.
    pub fn check(&self) -> Result<()> {
        for (part, numbers) in [("weights", &self.weights), ("epochs", &self.epochs)] {
            let most = if part == "epochs" { MOST_EPOCHS } else { MOST_WEIGHT };
            if let Some((name, value)) = numbers.iter().find(|(_, value)| !(0.0..=most).contains(*value)) {
                return Err(Error::recipe(format!("{part}.{name} is {value}; it must be 0 to {most}")));
            }
        }
        let caps = self.max_epochs.as_ref().map(Caps::values).unwrap_or_default();
        if let Some(cap) = caps.iter().find(|cap| !(f64::MIN_POSITIVE..=MOST_EPOCHS).contains(*cap)) {
            return Err(Error::recipe(format!("max-epochs is {cap}; it must be above 0 and at most {MOST_EPOCHS}")));
        }
        let binds = |caps: &Caps| self.weights.iter().any(|(name, weight)| 0.0 < *weight && caps.of(name).is_some());
        if self.max_epochs.as_ref().is_some_and(|caps| !binds(caps)) && !self.weights.is_empty() {
            return Err(Error::recipe("max-epochs caps no source that has a weight, so that nothing would limit the total"));
        }
        if self.budget_tokens == Some(0) {
            return Err(Error::recipe("budget-tokens must be above 0"));
        }
        match (self.epochs.is_empty(), self.weights.is_empty(), self.budget_tokens, &self.max_epochs) {
            (false, true, None, None) => Ok(()),
            (true, false, Some(_), None) | (true, false, None, Some(_)) if 0.0 < self.weights.values().sum() => Ok(()),
            (true, false, Some(_), None) | (true, false, None, Some(_)) => Err(Error::recipe("at least one weight must be above 0")),
            _ => Err(Error::recipe(
                "state the blend by epochs, or by weights and budget-tokens, or by weights and max-epochs; nothing else fits together",
            )),
        }
    }
}

/// What a source has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supply {
    pub source: String,
    pub documents: u64,
    pub tokens: u64,
}

/// The blend with all its numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Solution {
    pub rows: Vec<Row>,
    /// Sum of the tokens taken.
    pub total_tokens: u64,
    /// In words: what limits the total.
    pub binding: String,
    pub warnings: Vec<String>,
}

/// One source of the blend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub source: String,
    /// Share of the tokens taken, in 0..=1.
    pub weight: f64,
    /// Times that the source is seen.
    pub epochs: f64,
    pub tokens_available: u64,
    /// As asked until [`Solution::draw`], which makes it what the copies really hold.
    pub tokens_taken: u64,
    /// Documents with these draws get one copy more than the whole epochs.
    pub one_more: Draws,
    /// Tokens that are asked of the source beyond four epochs.
    #[serde(default)]
    pub tokens_short: u64,
    /// It is this source that limits the total.
    pub binds: bool,
}

impl Row {
    /// Copies of a document by its draw: the whole epochs, and one more for the fraction.
    pub fn copies(&self, u: f64) -> u32 {
        self.epochs.floor() as u32 + u32::from(self.one_more.hold(u))
    }
}

impl Solution {
    /// The row of a source that the blend names.
    pub fn row(&self, source: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.source == source)
    }

    /// Says which documents stand for the fraction of an epoch: about those of the smallest draws that together hold its tokens ([`Spread::nearest`]). Draws alone would miss the tokens that
    /// are asked for by the square root of the sum of squared lengths, percents of a small source. No source exceeds its cap.
    pub fn draw(&mut self, blend: &Blend, spreads: &BTreeMap<String, Spread>) {
        let none = Spread::default();
        let asked_in_all: u64 = self.rows.iter().map(|row| row.tokens_taken).sum();
        for row in &mut self.rows {
            let whole = row.epochs.floor();
            let fraction = ((row.epochs - whole) * row.tokens_available as f64).round() as u64;
            let cap = blend.max_epochs.as_ref().and_then(|caps| caps.of(&row.source));
            let most = cap.map_or(u64::MAX, |cap| ((cap - whole) * row.tokens_available as f64).round() as u64);
            let (draws, held) = spreads.get(&row.source).unwrap_or(&none).nearest(fraction, most.max(fraction));
            row.one_more = draws;
            let asked = row.tokens_taken;
            row.tokens_taken = (whole as u64).saturating_mul(row.tokens_available).saturating_add(held);
            let off = asked.abs_diff(row.tokens_taken) as f64;
            if FAR_OFF_SOURCE * (asked as f64) < off && FAR_OFF * (asked_in_all as f64) < off {
                let taken =
                    if row.tokens_taken == 0 { "nothing is drawn".to_owned() } else { format!("{} tokens are drawn", row.tokens_taken) };
                self.warnings.push(format!(
                    "of {} {taken} where {asked} are asked for: its documents are long beside that, and none is parted",
                    row.source
                ));
            }
        }
        self.total_tokens = self.rows.iter().map(|row| row.tokens_taken).sum();
        let (asked, off) = (asked_in_all as f64, self.total_tokens as f64 - asked_in_all as f64);
        if FAR_OFF * asked < off.abs() {
            self.warnings.push(format!(
                "{} tokens are drawn where {asked_in_all} are asked for, {:+.2} %: whole documents are drawn, and the data set is small beside them",
                self.total_tokens,
                100.0 * off / asked
            ));
        }
    }
}

/// Solves the blend for what there is.
///
/// # Errors
/// When a source that the blend names has no tokens.
pub fn solve(blend: &Blend, supplies: &[Supply]) -> Result<Solution> {
    blend.check()?;
    let asked: Vec<(&String, f64)> = blend.asked().collect();
    let tokens = |name: &str| supplies.iter().find(|supply| supply.source == name).map_or(0, |supply| supply.tokens);
    if let Some((name, _)) = asked.iter().find(|(name, _)| tokens(name) == 0) {
        return Err(Error::new(format!(
            "the blend asks for {name}, but no token of it is left; look at its funnel in the report. Where its keep rule left nothing, the model card tells which alpha \
             would keep how much; or leave {name} out of [blend]"
        )));
    }
    let mut warnings = Vec::new();
    let sum: f64 = asked.iter().map(|(_, value)| value).sum();
    if blend.epochs.is_empty() && 0.001 < (sum - 1.0).abs() {
        warnings.push(format!("the weights sum to {sum:.3}; they are normalised to 1"));
    }
    // The total, and which source sets it.
    let (total, binds, binding) = if !blend.epochs.is_empty() {
        (asked.iter().map(|(name, epochs)| tokens(name) as f64 * epochs).sum(), None, "epochs are given".to_owned())
    } else if let Some(budget) = blend.budget_tokens {
        (budget as f64, None, format!("the budget of {budget} tokens binds"))
    } else {
        let caps = blend.max_epochs.as_ref().expect("check allows weights with a budget or with a cap");
        // With the total at which each source is at its cap.
        let reach = |(name, weight): &(&String, f64)| caps.of(name).map(|cap| tokens(name) as f64 * cap / (weight / sum));
        let mut capped: Vec<(f64, &str, f64)> =
            asked.iter().filter_map(|asked| Some((reach(asked)?, asked.0.as_str(), asked.1 / sum))).collect();
        capped.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (total, name, share) = *capped.first().expect("check asks for a cap on a source with a weight");
        let cap = caps.of(name).expect("it is among those with a cap");
        let mut binding = format!("{name} binds: it is seen {cap} times, the most that is allowed");
        if let Some((next, other, _)) = capped.get(1) {
            let more = (next * share / cap - tokens(name) as f64).max(0.0);
            let _ = write!(binding, "; with {more:.0} more tokens of it {other} would bind, at {next:.0} tokens in all");
        }
        (total, Some(name.to_owned()), binding)
    };
    let rows: Vec<Row> = asked
        .iter()
        .map(|(name, value)| {
            let available = tokens(name);
            let epochs = if blend.epochs.is_empty() { total * (value / sum) / available as f64 } else { *value };
            let taken = (available as f64 * epochs).round() as u64;
            Row {
                source: (*name).clone(),
                weight: available as f64 * epochs / total,
                epochs,
                tokens_available: available,
                tokens_taken: taken,
                one_more: Draws::default(),
                tokens_short: taken.saturating_sub((available as f64 * MANY_EPOCHS) as u64),
                binds: binds.as_deref() == Some(name.as_str()),
            }
        })
        .collect();
    if let Some(row) = rows.iter().find(|row| MOST_EPOCHS < row.epochs) {
        return Err(Error::new(format!(
            "the blend would repeat {} {:.0} times, and {MOST_EPOCHS} is the most: it has {} tokens, and {:.0} are asked of it; lower budget-tokens or its weight",
            row.source,
            row.epochs,
            row.tokens_available,
            row.epochs * row.tokens_available as f64
        )));
    }
    for row in rows.iter().filter(|row| MANY_EPOCHS < row.epochs) {
        warnings.push(format!(
            "{} is seen {:.1} times; above {MANY_EPOCHS} epochs repeated text is worth little, and for these it lacks {} tokens of new text",
            row.source,
            row.epochs,
            (row.tokens_short as f64 / MANY_EPOCHS).ceil()
        ));
    }
    Ok(Solution { total_tokens: rows.iter().map(|row| row.tokens_taken).sum(), rows, binding, warnings })
}

/// Places of the copies in the order of the data set, in (0, 1): copy c of n lies in the c-th n-th, so that no two copies of a document are in the same n-th of
/// the data and each source is spread evenly over the whole.
pub fn positions(copies: u32, draw: impl Fn(u32) -> f64) -> Vec<f64> {
    (0..copies).map(|copy| (f64::from(copy) + draw(copy)) / f64::from(copies)).collect()
}

#[cfg(test)]
mod tests;
