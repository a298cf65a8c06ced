//! The filter on the publisher's own word: HTTP headers and `meta` elements that reserve rights in a page or keep it from robots.

use serde::{Deserialize, Serialize};

use crate::document::{Document, Filter, Reason, Rule, Verdict};
use crate::error::{Error, Result};
use crate::text::robots::{self, SIGNALS};

/// **What.** Drops pages whose publisher says one of `signals`, in an `X-Robots-Tag` or `tdm-reservation` header or in a `meta` element. Each signal is a rule.
///
/// **Why.** `noai`, `noml` and `tdm-reservation` say that a page must not train a model; under article 4 of the EU's directive 2019/790 a reservation that machines
/// can read ends the permission to mine texts. The others speak of search: whoever will not be indexed or archived may not want to be trained on either.
///
/// **Kept**, by default: a page that says `noindex`.
///
/// **Dropped** (`noai`): a page with `<meta name="robots" content="noai, noimageai">`.
#[derive(Clone, Debug)]
pub struct OptOut {
    options: Options,
}

crate::described! {
    /// Options of `opt-out`.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
    pub struct Options {
        /// Signals that drop a page: noai, noarchive, nocache, noimageai, noindex, noml, none, nosnippet, tdm-reservation. The default are those about the training of models on texts; `none` stands for noindex and nofollow.
        pub signals: Vec<String>,
        /// Of signals that are said to one robot ("googlebot: noindex"), those to these robots count, in lower case; those to any when empty. What is said to all always counts.
        pub robots: Vec<String>,
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { signals: ["noai", "noml", robots::TDM].map(str::to_owned).to_vec(), robots: Vec::new() }
    }
}

/// By which rules the filter drops.
pub const RULES: &[Rule] = &[
    Rule::new("noai", "", "says that it is not for the training of models"),
    Rule::new("noarchive", "", "says that no copy of it may be shown"),
    Rule::new("nocache", "", "says that no copy of it may be shown, or used for answers by models"),
    Rule::new("noimageai", "", "says that its images are not for the training of models"),
    Rule::new("noindex", "", "says that it is not for search engines"),
    Rule::new("noml", "", "says that it is not for machine learning"),
    Rule::new("none", "", "says that it is not for search engines, nor are the pages that it links to"),
    Rule::new("nosnippet", "", "says that nothing of its text may be shown"),
    Rule::new("tdm-reservation", "", "reserves the right to text and data mining"),
];

impl OptOut {
    /// Refuses an empty list of signals, and signals that there are not.
    pub fn new(options: Options) -> Result<Self> {
        if options.signals.is_empty() {
            return Err(Error::recipe("opt-out: signals is empty, so nothing could be dropped; leave the filter out"));
        }
        if let Some(signal) = options.signals.iter().find(|signal| !SIGNALS.contains(&signal.as_str())) {
            return Err(Error::recipe(format!("opt-out: there is no signal {signal:?}; known are {}", SIGNALS.join(", "))));
        }
        if let Some(robot) = options.robots.iter().find(|robot| **robot != robot.to_ascii_lowercase() || robot.is_empty()) {
            return Err(Error::recipe(format!("opt-out: names of robots are in lower case, not {robot:?}")));
        }
        Ok(Self { options })
    }

    fn is_heard(&self, robot: Option<&str>) -> bool {
        let robots = &self.options.robots;
        robot.is_none_or(|robot| robots.is_empty() || robots.iter().any(|heard| heard == robot))
    }
}

impl Filter for OptOut {
    fn name(&self) -> &'static str {
        "opt-out"
    }

    /// Of several signals the first of the recipe's gives the reason.
    fn judge(&self, document: &Document) -> Verdict {
        let Some(said) = &document.opt_out else { return Verdict::Keep };
        let is_said = |signal: &&String| robots::each(said).any(|(robot, other)| other == signal.as_str() && self.is_heard(robot));
        let Some(signal) = self.options.signals.iter().find(is_said) else { return Verdict::Keep };
        let rule = SIGNALS.iter().find(|known| **known == signal.as_str()).expect("the constructor knows all signals");
        Verdict::Drop(Reason::bare("opt-out", rule))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::cases;

    #[test]
    fn every_case_of_the_filter_holds() {
        cases::check(&OptOut::new(Options::default()).unwrap(), include_str!("../../tests/cases/opt-out.md"));
    }

    #[test]
    fn robots_and_signals_are_chosen() {
        let judged = |signals: &[&str], robots: &[&str], said: &str| {
            let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            let filter = OptOut::new(Options { signals: own(signals), robots: own(robots) }).unwrap();
            match filter.judge(&Document { opt_out: Some(said.to_owned()), ..Document::default() }) {
                Verdict::Keep => "kept",
                Verdict::Drop(reason) => reason.rule,
            }
        };
        assert_eq!(judged(&["noindex"], &[], "meta:googlebot:noindex"), "noindex");
        assert_eq!(judged(&["noindex"], &["ccbot"], "meta:googlebot:noindex"), "kept");
        assert_eq!(judged(&["noindex"], &["ccbot"], "header:ccbot:noindex meta:googlebot:noindex"), "noindex");
        assert_eq!(judged(&["noindex"], &["ccbot"], "meta:noindex"), "noindex");
        // The recipe's order decides.
        assert_eq!(judged(&["noindex", "noai"], &[], "meta:noai meta:noindex"), "noindex");
        assert_eq!(judged(&["noai", "noindex"], &[], "meta:noai meta:noindex"), "noai");
        for rule in RULES {
            assert_eq!(judged(&[rule.name], &[], &format!("header:{}", rule.name)), rule.name);
        }
        assert_eq!(RULES.iter().map(|rule| rule.name).collect::<Vec<_>>(), SIGNALS);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let refused = |signals: &[&str], robots: &[&str]| {
            let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            OptOut::new(Options { signals: own(signals), robots: own(robots) }).unwrap_err().to_string()
        };
        assert!(refused(&[], &[]).contains("empty"));
        assert!(refused(&["noAI"], &[]).contains("known are noai"));
        assert!(refused(&["noai"], &["GPTBot"]).contains("lower case"));
    }
}
