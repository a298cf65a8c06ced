//! Every step and filter for people: what it does, its options with their defaults, and every rule by which it drops. Options come from the structs that
//! recipes are read into, defaults from their values, rules from the rooms; nothing is said twice.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::blend::Blend;
use crate::document::{Described, Field, Rule};
use crate::read::Limits;
use crate::{decontaminate, dedup, extract, mask, read, removal};

use super::recipe::{Card, Decontaminate, Dedup, Keep, LinkedFrom, Model, Output, Paragraphs};
use super::registry;
use super::steps;

/// A step or a filter.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    /// The step that it belongs to; the same as the name for a step.
    pub step: &'static str,
    /// Under which drops are counted, and by which recipes name a filter.
    pub name: &'static str,
    pub what: &'static str,
    /// Where its options stand in a recipe.
    pub table: &'static str,
    pub options: Vec<OptionInfo>,
    pub rules: &'static [Rule],
}

/// One option.
#[derive(Clone, Debug, Serialize)]
pub struct OptionInfo {
    /// As recipes write it.
    pub name: String,
    /// `None` where a recipe must give it, or where it is left out by default.
    pub default: Option<Value>,
    pub required: bool,
    pub meaning: String,
}

/// The options of a struct: `required` is a JSON object with some value for each that has no default.
pub fn options<T: Described + Serialize + DeserializeOwned>(required: &str) -> Vec<OptionInfo> {
    let given: Value = serde_json::from_str(required).expect("the registry's own JSON is JSON");
    let filled = T::deserialize(&given).ok().and_then(|filled| serde_json::to_value(filled).ok()).unwrap_or_default();
    let info = |field: &Field| {
        let name = renamed(field.serde).unwrap_or_else(|| field.name.replace('_', "-"));
        let required = given.get(&name).is_some();
        let default = filled.get(&name).filter(|_| !required).cloned();
        OptionInfo { default, required, meaning: plain(field.doc), name }
    };
    T::FIELDS.iter().map(info).collect()
}

/// The name that `rename = ".."` gives.
fn renamed(serde: &str) -> Option<String> {
    let after = serde.split("rename = \"").nth(1)?;
    Some(after.split('"').next()?.to_owned())
}

/// A doc comment without the marks of links and code.
fn plain(doc: &str) -> String {
    let text = doc.trim().replace("[`", "").replace("`]", "");
    text.replace('`', "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every step in order; filters follow their step.
pub fn parts() -> Vec<Part> {
    let part = |name, what, table, options, rules| Part { step: name, name, what, table, options, rules };
    let extract = "keeps the main text of every admitted page";
    let rest = [
        part("urls", "keeps one copy of each URL, the best, whatever the texts are", "[dedup] same-url", Vec::new(), steps::urls::RULES),
        part(
            "dedup",
            "removes exact and near-duplicates; the better copy survives",
            "[dedup]",
            options::<Dedup>("{}"),
            steps::dedup::RULES,
        ),
        part(
            "paragraphs",
            "cuts out paragraphs that better documents hold",
            "[paragraphs]",
            options::<Paragraphs>("{}"),
            dedup::paragraphs::RULES,
        ),
        part("mask", "masks e-mail and IP addresses; drops nothing", "[mask]", options::<mask::Options>("{}"), &[]),
        part(
            "train",
            "trains a quality classifier; drops nothing",
            "[model.NAME]",
            options::<Model>(r#"{"positives": [], "negatives": {"unfiltered": ""}}"#),
            &[],
        ),
        part(
            "score",
            "scores with a classifier and applies a keep rule",
            "[source.NAME] keep",
            options::<Keep>(r#"{"model": ""}"#),
            steps::score::RULES,
        ),
        part(
            "decontaminate",
            "cuts out text that benchmarks hold (GPT-3, appendix C)",
            "[decontaminate]",
            options::<Decontaminate>(r#"{"benchmarks": []}"#),
            decontaminate::RULES,
        ),
        part("tokens", "counts the tokens of what is left; drops nothing", "[blend]", Vec::new(), &[]),
        part("blend", "draws how many copies of a document the data set holds", "[blend]", options::<Blend>("{}"), steps::blend::RULES),
        part("shard", "writes the data set in one keyed, shuffled order; drops nothing", "[output]", options::<Output>("{}"), &[]),
        part("card", "says on the data card what nobody can count", "[card]", options::<Card>("{}"), &[]),
    ];
    let mut parts = vec![
        Part {
            step: "extract",
            ..part("read", "reads the records of the inputs under limits", "[limits]", options::<Limits>("{}"), read::RULES)
        },
        part("extract", extract, "[extract]", options::<extract::Options>("{}"), extract::RULES),
        Part {
            step: "extract",
            ..part(
                "remove",
                "takes out what a list of URLs, domains, ids and hashes names (remove = \"FILE\")",
                "remove",
                Vec::new(),
                removal::RULES,
            )
        },
        part(
            "select",
            "takes pages that others linked to into a source of their own; drops nothing",
            "[source.NAME] select.linked-from",
            options::<LinkedFrom>("{}"),
            &[],
        ),
    ];
    parts.extend(registry::filters());
    parts.extend(rest);
    parts
}

/// The rule of a filter or step, by the names that tables and reports give.
pub fn rule(filter: &str, rule: &str) -> Option<&'static Rule> {
    parts().iter().find(|part| part.name == filter).and_then(|part| part.rules.iter().find(|known| known.name == rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_has_a_meaning_and_a_default_or_a_reason_to_have_none() {
        for part in parts() {
            for option in &part.options {
                assert!(8 < option.meaning.len(), "{} {}", part.name, option.name);
            }
        }
        let of = |part: &str| parts().into_iter().find(|found| found.name == part).unwrap().options;
        assert_eq!(of("gopher-quality")[0].default, Some(Value::from(50)));
        assert_eq!((of("language")[0].required, of("language")[1].default.clone()), (true, Some(Value::from(0.65))));
        assert!(of("select").iter().any(|option| option.name == "match" && option.default == Some(Value::from("url"))));
        assert_eq!(of("score")[1].name, "rule");
    }

    #[test]
    fn a_rule_is_found_by_the_names_that_reports_give() {
        assert_eq!(rule("gopher-quality", "min-words").unwrap().unit, "words");
        assert!(rule("read", "min-words").is_none());
    }
}
