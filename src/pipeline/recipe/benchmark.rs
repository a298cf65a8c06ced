//! A benchmark in a recipe: a path, or a table with the fields that hold its text.

use std::fmt;

use serde::de::{MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize};

/// Benchmark files: JSON lines or Parquet. In TOML a path, or `{ path = "..", fields = ["question"] }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Benchmark {
    pub path: String,
    /// Paths to the texts that are items (`answers.text`); all texts when none is named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    path: String,
    #[serde(default)]
    fields: Vec<String>,
}

impl<'de> Deserialize<'de> for Benchmark {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BenchmarkVisitor;
        impl<'de> Visitor<'de> for BenchmarkVisitor {
            type Value = Benchmark;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a path, or { path = \"..\", fields = [..] }")
            }

            fn visit_str<E: serde::de::Error>(self, path: &str) -> Result<Benchmark, E> {
                Ok(Benchmark { path: path.to_owned(), fields: Vec::new() })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Benchmark, A::Error> {
                let Table { path, fields } = Table::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Benchmark { path, fields })
            }
        }
        deserializer.deserialize_any(BenchmarkVisitor)
    }
}
