//! The filter on languages: a document stays when its language is one of those wanted and was recognised with enough probability.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::document::{Document, Filter, Language, Reason, Rule, Verdict};
use crate::error::{Error, Result};
use crate::language::codes;

/// **What.** Keeps documents whose language is one of those that `keep` names with a probability of at least `min-probability`. Rule `language` drops other languages, rule
/// `probability` drops doubtful ones; the value of both is the probability that was found, the limit is `min-probability`. With `min-share`, rule `share` drops documents of which less
/// than this share is in the languages to keep: every paragraph is judged then, the value is their share.
///
/// **Why.** Classifier and word rules are made for certain languages, and a crawl holds all of them; FineWeb and DCLM keep English at .65 or more.
///
/// **Kept**, with `keep = ["en"]`: "The river was low that summer, and the ferry could not cross before noon."
///
/// **Dropped** (`language`): "Der Fluss führte in jenem Sommer wenig Wasser, und die Fähre konnte vor Mittag nicht übersetzen."
#[derive(Clone, Debug)]
pub struct LanguageFilter {
    options: Options,
    /// Codes that are kept, and groups all of which are.
    keep: Vec<&'static str>,
    groups: Vec<&'static str>,
}

crate::described! {
    /// Options of `language`.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields)]
    pub struct Options {
        /// Languages to keep: ISO 639-1 codes ("en"), 639-3 where there is none ("ast"), "other" for those that are not known. "zh" and "sr" are the language in any script, "zh-Hant" and
        /// "sr-Latn" in one; "no", "sh" and "msa" are Norwegian, Serbo-Croatian and Malay or Indonesian of all sorts, and of those the probability of the group counts. Required; at least one.
        pub keep: Vec<String>,
        /// Least probability, in 0..=1; .65 is FineWeb's. 0 asks for nothing more than the best guess. It is that of the language, of the text being in any known one, and of the share of its letters; docs/language.md has more.
        #[serde(default = "min_probability")]
        pub min_probability: f64,
        /// Least share of the text, in 0..=1, that is in languages to keep, by paragraphs. 0 asks for none, and costs nothing.
        #[serde(default)]
        pub min_share: f64,
    }
}

/// By which rules the filter drops.
pub const RULES: &[Rule] = &[
    Rule::new("language", "probability", "in none of the languages to keep"),
    Rule::new("probability", "probability", "in a language to keep, but with less probability than min-probability"),
    Rule::new("share", "of its text", "in a language to keep, but less of it than min-share"),
];

fn min_probability() -> f64 {
    0.65
}

impl LanguageFilter {
    /// Refuses an empty `keep`, a code that cannot be recognised (it would keep nothing) and numbers outside 0..=1.
    pub fn new(options: Options) -> Result<Self> {
        if options.keep.is_empty() {
            return Err(Error::recipe("language: keep is empty; name at least one language, such as \"en\""));
        }
        let mut keep = Vec::new();
        for name in &options.keep {
            let codes = codes::expand(name);
            if codes.is_empty() {
                let known = codes::known().join(", ");
                return Err(Error::recipe(format!(
                    "language: keep names {name:?}, which cannot be recognised; known are {known}, and other"
                )));
            }
            keep.extend(codes);
        }
        for (name, value) in [("min-probability", options.min_probability), ("min-share", options.min_share)] {
            if !(0.0..=1.0).contains(&value) {
                return Err(Error::recipe(format!("language: {name} is {value}; it lies in 0..=1")));
            }
        }
        let is_whole = |group: &&str| codes::expand(group).iter().all(|code| keep.contains(code));
        let groups = codes::groups().filter(is_whole).collect();
        Ok(Self { options, keep, groups })
    }

    fn keeps(&self, code: &str) -> bool {
        self.keep.contains(&code)
    }

    /// The probability that counts: that of the group, where all of it is kept.
    fn probability(&self, language: &Language) -> f64 {
        let is_kept_whole = codes::group(&language.code).is_some_and(|group| self.groups.contains(&group));
        if is_kept_whole { language.group_probability } else { language.probability }
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
        let Options { min_probability, min_share, .. } = self.options;
        let probability = self.probability(&language);
        let drop = |rule, value, limit| Verdict::Drop(Reason { filter: "language", rule, value, limit });
        if !self.keeps(&language.code) {
            return drop("language", probability, min_probability);
        }
        if probability < min_probability {
            return drop("probability", probability, min_probability);
        }
        if 0.0 < min_share {
            // What is not kept is summed up, so that a text that is kept whole has a share of 1 to the last bit.
            let others: f64 = super::shares(&document.text).iter().filter(|(code, _)| !self.keeps(code)).map(|(_, share)| share).sum();
            let kept = 1.0 - others;
            if kept < min_share {
                return drop("share", kept, min_share);
            }
        }
        Verdict::Keep
    }
}
