//! The low-quality class in a recipe: one kind of documents, or a list of kinds.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One kind of low-quality documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Negative {
    /// All of a source, before any filter (GPT-3: unfiltered Common Crawl).
    Unfiltered(String),
    /// Documents that one of these filters dropped; the model will learn the filter.
    Failed(Vec<String>),
    /// A file of registered domains, one a line.
    Listed(String),
    /// The kept documents of a source.
    Source(String),
}

impl fmt::Display for Negative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Negative::Unfiltered(source) => write!(f, "documents of {source} before any filter"),
            Negative::Failed(filters) => write!(f, "documents that {} dropped; the model learns the filter", filters.join(" or ")),
            Negative::Listed(path) => write!(f, "documents whose registered domain is listed in {path}"),
            Negative::Source(source) => write!(f, "kept documents of {source}"),
        }
    }
}

/// What the low-quality class is; the model card names it. A document of any kind counts, once. In TOML a table, or a list of tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Negatives(pub Vec<Negative>);

impl Serialize for Negatives {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => one.serialize(serializer),
            all => all.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Negatives {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NegativesVisitor;
        impl<'de> Visitor<'de> for NegativesVisitor {
            type Value = Negatives;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("{ unfiltered = \"SOURCE\" }, { failed = [\"FILTER\"] }, { listed = \"FILE\" }, { source = \"SOURCE\" }, or a list of these")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Negatives, A::Error> {
                Negative::deserialize(MapAccessDeserializer::new(map)).map(|one| Negatives(vec![one]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Negatives, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Negatives)
            }
        }
        deserializer.deserialize_any(NegativesVisitor)
    }
}
