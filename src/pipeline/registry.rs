//! The filters by name. From one line here come a filter's shape in TOML, its name in reports and its construction.

use std::fmt;

use serde::de::value::MapDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

use crate::document::Filter;
use crate::error::Result;
use crate::heuristics::gopher_quality;
use crate::language;
use crate::policy::{blocked_urls, blocked_words, opt_out};

use super::catalogue::{Part, options};

macro_rules! filters {
    ($($name:literal => $variant:ident($options:ty, $filter:ty, $rules:expr, $required:literal, $what:literal),)*) => {
        /// A filter as a recipe names it: `"NAME"` with its defaults, or `{ NAME = { options } }`.
        #[derive(Clone, Debug, PartialEq)]
        pub enum FilterSpec { $($variant($options),)* }

        /// Every filter's name.
        pub const NAMES: &[&str] = &[$($name),*];

        /// Every filter for people: options, defaults and rules.
        pub fn filters() -> Vec<Part> {
            vec![$(Part {
                step: "filter",
                name: $name,
                what: $what,
                table: "filter",
                options: options::<$options>($required),
                rules: $rules,
            }),*]
        }

        impl FilterSpec {
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name,)* }
            }

            /// The filter without its lists; no file is opened.
            ///
            /// # Errors
            /// When the options do not hold.
            pub fn build(&self) -> Result<Box<dyn Filter>> {
                match self { $(Self::$variant(options) => Ok(Box::new(<$filter>::new(options.clone())?)),)* }
            }
        }

        impl Serialize for FilterSpec {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(Some(1))?;
                match self { $(Self::$variant(options) => map.serialize_entry($name, options)?,)* }
                map.end()
            }
        }

        impl<'de> Visitor<'de> for SpecVisitor {
            type Value = FilterSpec;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a filter's name, or { NAME = { options } }")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<FilterSpec, E> {
                let none = || MapDeserializer::<std::iter::Empty<(&str, &str)>, E>::new(std::iter::empty());
                match name {
                    $($name => <$options>::deserialize(none()).map(FilterSpec::$variant),)*
                    _ => Err(E::unknown_variant(name, NAMES)),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FilterSpec, A::Error> {
                let name: String = map.next_key()?.ok_or_else(|| de::Error::custom("a filter needs a name"))?;
                let spec = match name.as_str() {
                    $($name => FilterSpec::$variant(map.next_value()?),)*
                    _ => return Err(de::Error::unknown_variant(&name, NAMES)),
                };
                match map.next_key::<String>()? {
                    None => Ok(spec),
                    Some(_) => Err(de::Error::custom("one filter a table: write { language = {..} }, { gopher-quality = {..} }")),
                }
            }
        }
    };
}

struct SpecVisitor;

impl<'de> Deserialize<'de> for FilterSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SpecVisitor)
    }
}

// Name, variant, options, filter, rules, the options that have no default as JSON, and what it does in one sentence.
filters! {
    "opt-out" => OptOut(
        opt_out::Options, opt_out::OptOut, opt_out::RULES, "{}",
        "drops pages whose publisher reserves rights in them, by HTTP header or markup"
    ),
    "blocked-urls" => BlockedUrls(
        blocked_urls::Options, blocked_urls::BlockedUrls, blocked_urls::RULES, r#"{"lists": []}"#,
        "drops pages that lists of domains and URLs name"
    ),
    "blocked-words" => BlockedWords(
        blocked_words::Options, blocked_words::BlockedWords, blocked_words::RULES, r#"{"lists": []}"#,
        "drops documents that hold words of a list for their language"
    ),
    "gopher-quality" => GopherQuality(
        gopher_quality::Options, gopher_quality::GopherQuality, gopher_quality::RULES, "{}",
        "drops documents that are not built like prose (Rae et al. 2021, table A1)"
    ),
    "language" => Language(
        language::filter::Options, language::filter::LanguageFilter, language::filter::RULES, r#"{"keep": ["en"]}"#,
        "keeps documents in some languages"
    ),
}
