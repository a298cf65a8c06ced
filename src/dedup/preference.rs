//! What makes one copy of a text better than another of the same source.

use serde::{Deserialize, Serialize};

/// A quality of a copy; what lacks it comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preference {
    /// The larger number in the field that `score-field` names.
    Score,
    /// The longer text.
    Length,
    /// The later date.
    Newest,
    /// The earlier date.
    Oldest,
}

/// What is known of a document.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// Bytes of text.
    pub length: u64,
    /// RFC 3339, or a front part of it, or the 14 digits of archives.
    pub date: Option<&'a str>,
    pub score: Option<f64>,
}

impl Preference {
    /// A number that is larger for the better copy; 0 where nothing is known.
    pub fn value(self, facts: &Facts<'_>) -> u64 {
        match self {
            Self::Score => facts.score.filter(|score| !score.is_nan()).map_or(0, ascending),
            Self::Length => facts.length,
            Self::Newest => facts.date.and_then(moment).unwrap_or(0),
            Self::Oldest => facts.date.and_then(moment).map_or(0, |moment| u64::MAX - moment),
        }
    }
}

/// A number that sorts as the float does, -0 below 0. Never 0, for a float that is a number.
fn ascending(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// YYYYMMDDhhmmss of a date, missing parts as zeros; none where it does not start with the four digits of a year. Offsets from UTC are left aside: they would move a copy by hours.
fn moment(date: &str) -> Option<u64> {
    let is_year = date.len() >= 4 && date.bytes().take(4).all(|byte| byte.is_ascii_digit());
    let digits = date.bytes().take_while(|byte| byte.is_ascii_digit() || b"-:T ".contains(byte)).filter(u8::is_ascii_digit).take(14);
    let (n, value) = digits.fold((0, 0_u64), |(n, value), digit| (n + 1, 10 * value + u64::from(digit - b'0')));
    is_year.then(|| value * 10_u64.pow(14 - n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_copy_has_the_larger_number() {
        let of = |preference: Preference, date: Option<&str>, score: Option<f64>| preference.value(&Facts { length: 7, date, score });
        let scores = [None, Some(f64::NEG_INFINITY), Some(-2.0), Some(-0.5), Some(0.0), Some(1e-300), Some(0.3), Some(4.0)];
        assert!(scores.windows(2).all(|pair| of(Preference::Score, None, pair[0]) < of(Preference::Score, None, pair[1])));
        assert_eq!(of(Preference::Score, None, Some(f64::NAN)), 0);
        let dates =
            [None, Some("2009"), Some("2019-03"), Some("2019-03-04T05:06:07Z"), Some("20190304050608"), Some("2019-03-05 00:00:00+02:00")];
        assert!(dates.windows(2).all(|pair| of(Preference::Newest, pair[0], None) < of(Preference::Newest, pair[1], None)));
        assert!(dates[1..].windows(2).all(|pair| of(Preference::Oldest, pair[1], None) < of(Preference::Oldest, pair[0], None)));
        for unknown in [None, Some(""), Some("Mon, 04 Mar 2019"), Some("19"), Some("20²9")] {
            assert_eq!((of(Preference::Newest, unknown, None), of(Preference::Oldest, unknown, None)), (0, 0), "{unknown:?}");
        }
        assert_eq!(of(Preference::Length, None, None), 7);
    }
}
