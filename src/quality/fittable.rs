//! A setting that is a number or the word "fit".

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A number above 0 that a recipe gives, or one that is chosen by what it leads to: the shape of the Pareto draw, so that kept scores are distributed as the positives'; the penalty of
/// a regression, by cross-validation over registered domains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fittable {
    Fixed(f64),
    Fit,
}

impl Serialize for Fittable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Fittable::Fixed(value) => serializer.serialize_f64(*value),
            Fittable::Fit => serializer.serialize_str("fit"),
        }
    }
}

impl<'de> Deserialize<'de> for Fittable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FittableVisitor;
        impl de::Visitor<'_> for FittableVisitor {
            type Value = Fittable;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number above 0, or \"fit\"")
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Fittable, E> {
                Ok(Fittable::Fixed(value))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Fittable, E> {
                Ok(Fittable::Fixed(value as f64))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Fittable, E> {
                if text == "fit" { Ok(Fittable::Fit) } else { Err(E::invalid_value(de::Unexpected::Str(text), &self)) }
            }
        }
        deserializer.deserialize_any(FittableVisitor)
    }
}
