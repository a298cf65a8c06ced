//! The filter on languages: a document stays when its language is one of those wanted and was recognised with enough probability.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::document::{Document, Filter, Reason, Rule, Verdict};
use crate::error::{Error, Result};

/// **What.** Keeps documents whose language is in `keep` with a probability of at least `min-probability`. Rule `language` drops other languages, rule
/// `probability` drops doubtful ones; the value of both is the probability that was found, the limit is `min-probability`.
///
/// **Why.** Classifier and word rules are made for certain languages, and a crawl holds all of them; FineWeb and DCLM keep English at .65 or more.
///
/// **Kept**, with `keep = ["en"]`: "The river was low that summer, and the ferry could not cross before noon."
///
/// **Dropped** (`language`): "Der Fluss führte in jenem Sommer wenig Wasser, und die Fähre konnte vor Mittag nicht übersetzen."
#[derive(Clone, Debug)]
pub struct LanguageFilter {
    options: Options,
}

crate::described! {
    /// Options of `language`.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields)]
    pub struct Options {
        /// Languages to keep: ISO 639-1 codes ("en"). Required; at least one.
        pub keep: Vec<String>,
        /// Least probability, in 0..=1; .65 is FineWeb's. 0 asks for nothing more than the best guess. See [`super::identify`] for what it measures.
        #[serde(default = "min_probability")]
        pub min_probability: f64,
    }
}

/// By which rules the filter drops.
pub const RULES: &[Rule] = &[
    Rule::new("language", "probability", "in none of the languages to keep"),
    Rule::new("probability", "probability", "in a language to keep, but with less probability than min-probability"),
];

fn min_probability() -> f64 {
    0.65
}

impl LanguageFilter {
    /// Refuses an empty `keep`, a code that cannot be recognised (it would keep nothing) and a probability outside 0..=1.
    pub fn new(options: Options) -> Result<Self> {
        if options.keep.is_empty() {
            return Err(Error::recipe("language: keep is empty; name at least one language, such as \"en\""));
        }
        if let Some(code) = options.keep.iter().find(|code| !super::is_known(code)) {
            let known = super::known().join(", ");
            return Err(Error::recipe(format!("language: keep names {code:?}, which cannot be recognised; known are {known}")));
        }
        if !(0.0..=1.0).contains(&options.min_probability) {
            return Err(Error::recipe(format!("language: min-probability is {}; it lies in 0..=1", options.min_probability)));
        }
        Ok(Self { options })
    }
}

impl Filter for LanguageFilter {
    fn name(&self) -> &'static str {
        "language"
    }

    /// Takes the document's language where the runner has set it, else identifies it.
    fn judge(&self, document: &Document) -> Verdict {
        let language = match &document.language {
            Some(language) => Cow::Borrowed(language),
            None => Cow::Owned(super::identify(&document.text)),
        };
        let rule = match () {
            () if !self.options.keep.contains(&language.code) => "language",
            () if language.probability < self.options.min_probability => "probability",
            () => return Verdict::Keep,
        };
        Verdict::Drop(Reason { filter: "language", rule, value: language.probability, limit: self.options.min_probability })
    }
}
