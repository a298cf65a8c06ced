//! Bands and rows from what a user wants: the least costly shape that proposes a wanted share of the pairs that are just similar enough.
//!
//! P(candidate) = 1 - (1 - J^rows)^bands (Leskovec, Rajaraman and Ullman, chapter 3). More rows propose fewer pairs in vain, but then need more bands to find the same share.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{MOST_HASHES, MinHash, s_curve};

/// How long signatures are, and how they are cut: given, or planned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Bands and rows.
    Given(MinHash),
    /// The share of the pairs at the threshold that are to be found, in (0, 1): the least costly bands and rows that do.
    Planned { recall: f64 },
}

impl Default for Shape {
    fn default() -> Self {
        Self::Given(MinHash::default())
    }
}

impl Shape {
    /// Bands and rows for pairs at this similarity or above.
    pub fn at(&self, threshold: f64) -> MinHash {
        match *self {
            Self::Given(shape) => shape,
            Self::Planned { recall } => plan(threshold, recall),
        }
    }
}

impl Shape {
    /// What to tell a user whose bands miss too many of the pairs at the threshold: given ones more than one in ten, planned ones more than was asked for.
    pub fn warning(&self, threshold: f64) -> Option<String> {
        let shape = self.at(threshold);
        let found = s_curve(shape.bands, shape.rows, threshold);
        match *self {
            Self::Given(shape) => shape.warning(threshold),
            Self::Planned { recall } => (found < recall).then(|| {
                format!("dedup: no signature of {MOST_HASHES} hashes proposes {recall} of the pairs at the threshold {threshold}; {shape} propose {found:.3}")
            }),
        }
    }
}

/// Nanoseconds of one hash of a signature for one document, of one band key (written, read, grouped), and of one pair compared exactly. Measured on the 4,419 pages of a crawl, on one
/// core of a 2020s server: `gristmill dedup` with 14 to 200 bands of 2 to 30 rows. Only their proportions matter.
const HASH_NS: f64 = 40.0;
const BAND_NS: f64 = 500.0;
const PAIR_NS: f64 = 23_000.0;
/// Pairs a document in each twentieth of similarity from 0 on, below any usual threshold: ten times what templates and quotations make of that same crawl, since a larger one holds more
/// pages of each site. Pairs at or above the threshold cost the same whatever the shape.
const PAIRS_BELOW: [f64; 20] =
    [68.7, 6.7, 3.4, 4.3, 5.5, 3.2, 1.4, 0.86, 0.4, 0.34, 0.34, 0.19, 0.16, 0.12, 0.08, 0.06, 0.06, 0.06, 0.06, 0.06];

/// What a document costs with this shape, in nanoseconds: its hashes, its band keys, and the exact look at pairs that turn out to be below the threshold.
pub fn cost(shape: MinHash, threshold: f64) -> f64 {
    let MinHash { bands, rows } = shape;
    let middle = |twentieth: usize| (twentieth as f64 + 0.5) / 20.0;
    let below = PAIRS_BELOW.iter().enumerate().filter(|(twentieth, _)| middle(*twentieth) < threshold);
    let in_vain: f64 = below.map(|(twentieth, pairs)| pairs * s_curve(bands, rows, middle(twentieth))).sum();
    (bands * rows) as f64 * HASH_NS + bands as f64 * BAND_NS + in_vain * PAIR_NS
}

/// The shape of least cost that finds a pair at the threshold with probability `recall` or more; of equals the one with fewer rows. Where no signature of at most 4,096 hashes does,
/// the one of one row that comes nearest.
pub fn plan(threshold: f64, recall: f64) -> MinHash {
    let shape = |rows: usize| {
        let bands = (1..=MOST_HASHES / rows).find(|&bands| recall <= s_curve(bands, rows, threshold))?;
        Some(MinHash { bands, rows })
    };
    let shapes = (1..=MOST_HASHES).map_while(shape);
    let best = shapes.min_by(|a, b| cost(*a, threshold).total_cmp(&cost(*b, threshold)));
    best.unwrap_or(MinHash { bands: MOST_HASHES, rows: 1 })
}

/// As recipes write it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    bands: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recall: Option<f64>,
}

impl Serialize for Shape {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = match *self {
            Self::Given(MinHash { bands, rows }) => Written { bands: Some(bands), rows: Some(rows), recall: None },
            Self::Planned { recall } => Written { bands: None, rows: None, recall: Some(recall) },
        };
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Written::deserialize(deserializer)? {
            Written { bands: Some(bands), rows: Some(rows), recall: None } => Ok(Self::Given(MinHash { bands, rows })),
            Written { bands: None, rows: None, recall: Some(recall) } => Ok(Self::Planned { recall }),
            _ => Err(de::Error::custom("minhash is { bands = N, rows = N }, or { recall = R } to have them planned")),
        }
    }
}

/// As messages and reports name it.
impl fmt::Display for MinHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bands of {} rows", self.bands, self.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_is_the_cheapest_shape_that_finds_enough() {
        for threshold in [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0] {
            for recall in [0.5, 0.9, 0.99, 0.995, 0.999] {
                let planned = plan(threshold, recall);
                assert!(recall <= s_curve(planned.bands, planned.rows, threshold), "{threshold} {recall}: {planned}");
                for rows in 1..40 {
                    for bands in 1..=200 {
                        let other = MinHash { bands, rows };
                        let is_enough = recall <= s_curve(bands, rows, threshold);
                        assert!(
                            !is_enough || cost(planned, threshold) <= cost(other, threshold),
                            "{threshold} {recall}: {other} beats {planned}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn what_no_signature_finds_gets_the_nearest() {
        assert_eq!(plan(1e-9, 0.9), MinHash { bands: MOST_HASHES, rows: 1 });
        assert!(Shape::Planned { recall: 0.9 }.warning(1e-9).unwrap().contains("4096 bands of 1 rows propose 0.000"));
        assert_eq!(Shape::Planned { recall: 0.3 }.warning(0.8), None, "nobody asked for more");
        assert!(Shape::Given(MinHash { bands: 1, rows: 8 }).warning(0.8).is_some());
        // Equal texts share every band.
        assert_eq!(plan(1.0, 0.999), MinHash { bands: 1, rows: plan(1.0, 0.999).rows });
    }

    #[test]
    fn recipes_give_bands_or_a_recall() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Part {
            minhash: Shape,
        }
        let read = |text: &str| toml::from_str::<Part>(text);
        for text in ["[minhash]\nbands = 20\nrows = 5\n", "[minhash]\nrecall = 0.995\n"] {
            assert_eq!(toml::to_string(&read(text).unwrap()).unwrap(), text);
        }
        for wrong in ["", "bands = 20", "rows = 5", "bands = 20\nrows = 5\nrecall = 0.9", "recal = 0.9"] {
            assert!(read(&format!("[minhash]\n{wrong}")).is_err(), "{wrong}");
        }
    }
}
