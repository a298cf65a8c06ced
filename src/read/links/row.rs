//! One line of a source becomes one row. What dumps of twenty years disagree on (numbers as strings, missing fields, escaped URLs) is levelled here.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::lossy;

/// A link, or the statement of a domain table.
pub(super) enum Row<'l> {
    Link {
        url: Cow<'l, str>,
        /// `None` where the list has none.
        score: Option<i64>,
        over_18: bool,
    },
    Domain {
        name: Cow<'l, str>,
        links: u32,
        karma: i64,
    },
}

/// The fields of a submission that are looked at; each may be missing or of any type.
#[derive(serde::Deserialize)]
pub(super) struct Submission<'l> {
    #[serde(borrow, default)]
    url: Loose<'l>,
    #[serde(borrow, default)]
    score: Loose<'l>,
    #[serde(borrow, default)]
    ups: Loose<'l>,
    #[serde(borrow, default)]
    downs: Loose<'l>,
    #[serde(borrow, default)]
    is_self: Loose<'l>,
    #[serde(borrow, default)]
    domain: Loose<'l>,
    #[serde(borrow, default)]
    over_18: Loose<'l>,
}

impl<'l> Submission<'l> {
    /// A line of a dump to its row, or why there is none.
    pub fn parse(line: &'l [u8]) -> Result<Row<'l>, &'static str> {
        // serde would take an array for the fields in their order.
        if !line.starts_with(b"{") {
            return Err("bad-row");
        }
        let submission: Self = serde_json::from_slice(line).map_err(|_| "bad-row")?;
        if submission.is_self.is_true() || submission.domain.text().is_some_and(|domain| domain.starts_with("self.")) {
            return Err("self-post");
        }
        // Very early rows have votes but no score; the score was their difference.
        let votes = || Some(submission.ups.number()?.saturating_sub(submission.downs.number().unwrap_or(0)));
        let score = submission.score.number().or_else(votes).ok_or("no-score")?;
        let over_18 = submission.over_18.is_true();
        let url = match submission.url {
            Loose::Text(url) if !url.trim().is_empty() => url,
            _ => return Err("no-url"),
        };
        // Reddit's interface escapes ampersands as HTML does unless told not to, and so do the dumps made from it.
        let url = if url.contains("&amp;") { Cow::Owned(url.replace("&amp;", "&")) } else { url };
        Ok(Row::Link { url, score: Some(score), over_18 })
    }
}

/// A line of a URL list. The first line is a header, and no row, when its first column is no web URL.
pub(super) fn listed(line: &[u8], is_csv: bool, is_first: bool) -> Option<Result<Row<'_>, &'static str>> {
    let (url, score) = if is_csv { csv_columns(line) } else { tab_columns(line) };
    if is_first && !url.contains("://") {
        return None;
    }
    if url.is_empty() {
        return Some(Err("no-url"));
    }
    Some(Ok(Row::Link { url, score: score.and_then(|score| number(&score)), over_18: false }))
}

/// A line of a domain table. The first line is a header, and no row, when its second column is no number.
pub(super) fn domain(line: &[u8], is_first: bool) -> Option<Result<Row<'_>, &'static str>> {
    let mut columns = line.split(|byte| *byte == b'\t').map(lossy);
    let name = columns.next().unwrap_or_default();
    let links = columns.next().and_then(|links| number(&links)).and_then(|links| u32::try_from(links).ok());
    let karma = columns.next().and_then(|karma| number(&karma));
    match links {
        Some(links) => Some(Ok(Row::Domain { name, links, karma: karma.unwrap_or(0) })),
        None if is_first => None,
        None => Some(Err("bad-row")),
    }
}

fn tab_columns(line: &[u8]) -> (Cow<'_, str>, Option<Cow<'_, str>>) {
    let mut columns = line.split(|byte| *byte == b'\t').map(lossy);
    (columns.next().unwrap_or_default(), columns.next())
}

/// The first two columns by the quoting rules of CSV; a quoted line break ends the row all the same.
fn csv_columns(line: &[u8]) -> (Cow<'static, str>, Option<Cow<'static, str>>) {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).buffer_capacity(256).from_reader(line);
    let mut record = csv::ByteRecord::new();
    // Reading from memory into bytes cannot fail; an empty record is a row without URL.
    let _ = reader.read_byte_record(&mut record);
    let column = |index: usize| record.get(index).map(|bytes| Cow::Owned(lossy(bytes).into_owned()));
    (column(0).unwrap_or_default(), column(1))
}

/// A whole number, or one with decimals, which are cut off.
fn number(text: &str) -> Option<i64> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse().ok().filter(|value: &f64| value.is_finite()).map(|value| value as i64))
}

/// A JSON value of any type, as far as a link's fields need it.
#[derive(Default)]
enum Loose<'l> {
    Bool(bool),
    Number(i64),
    Text(Cow<'l, str>),
    #[default]
    Other,
}

impl Loose<'_> {
    fn number(&self) -> Option<i64> {
        match self {
            Loose::Number(value) => Some(*value),
            Loose::Text(text) => number(text),
            _ => None,
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Loose::Text(text) => Some(text),
            _ => None,
        }
    }

    fn is_true(&self) -> bool {
        match self {
            Loose::Bool(value) => *value,
            Loose::Number(value) => *value != 0,
            Loose::Text(text) => text.eq_ignore_ascii_case("true") || text == "1",
            Loose::Other => false,
        }
    }
}

impl<'de: 'l, 'l> Deserialize<'de> for Loose<'l> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Loose<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Loose::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Loose::Number(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Loose::Number(i64::try_from(value).unwrap_or(i64::MAX)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Loose::Number(value as i64))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Loose::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Loose::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Loose::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Loose::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Loose::Other)
    }
}
