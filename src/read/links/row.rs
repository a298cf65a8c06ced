//! One line of a source becomes one row. What dumps of twenty years disagree on (numbers as strings, missing fields, escaped URLs) is levelled here.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Treatment, scan};

/// A link, or the statement of a domain table.
pub(super) enum Row<'l> {
    Link {
        url: Cow<'l, str>,
        /// `None` where the list has none.
        score: Option<i64>,
        over_18: bool,
        /// A post on Reddit itself: its URL is its own page there.
        self_post: bool,
    },
    Domain {
        name: Cow<'l, str>,
        links: u32,
        karma: i64,
    },
}

/// The fields of a submission that are looked at; each may be missing or of any type. Of a field that stands twice the last counts, as for most readers of JSON.
#[derive(Default)]
struct Submission<'l> {
    url: Loose<'l>,
    score: Loose<'l>,
    ups: Loose<'l>,
    downs: Loose<'l>,
    is_self: Loose<'l>,
    domain: Loose<'l>,
    over_18: Loose<'l>,
}

impl<'l> Submission<'l> {
    fn read(line: &'l [u8]) -> Option<Self> {
        let scanned = || {
            let value = |raw: &'l [u8]| if raw.is_empty() { Some(Loose::Other) } else { serde_json::from_slice(raw).ok() };
            let [url, score, ups, downs, is_self, domain, over_18] = scan::fields(line)?.map(value);
            Some(Self { url: url?, score: score?, ups: ups?, downs: downs?, is_self: is_self?, domain: domain?, over_18: over_18? })
        };
        scanned().or_else(|| {
            let mut fields: BTreeMap<Cow<'_, str>, Loose<'l>> = serde_json::from_slice(line).ok()?;
            let mut take = |key: &str| fields.remove(key).unwrap_or_default();
            Some(Self {
                url: take("url"),
                score: take("score"),
                ups: take("ups"),
                downs: take("downs"),
                is_self: take("is_self"),
                domain: take("domain"),
                over_18: take("over_18"),
            })
        })
    }
}

/// A line of a dump to its row, or why there is none.
pub(super) fn submission(line: &[u8], self_posts: Treatment) -> Result<Row<'_>, &'static str> {
    let submission = Submission::read(line).ok_or("bad-row")?;
    let self_post = submission.is_self.is_true() || submission.domain.text().is_some_and(|domain| domain.starts_with("self."));
    if self_post && self_posts == Treatment::Drop {
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
    // Links inside Reddit are written without a host in some dumps.
    let url = if url.starts_with("/r/") { Cow::Owned(format!("https://www.reddit.com{url}")) } else { url };
    Ok(Row::Link { url, score: Some(score), over_18, self_post })
}

/// A line of a URL list. The first line is a header, and no row, when its first column is no web URL.
pub(super) fn listed(line: &[u8], is_csv: bool, is_first: bool) -> Option<Result<Row<'_>, &'static str>> {
    let [url, score, _] = columns(line, is_csv);
    let url = url.unwrap_or_default();
    if is_first && !url.contains("://") {
        return None;
    }
    if url.is_empty() {
        return Some(Err("no-url"));
    }
    Some(Ok(Row::Link { url, score: score.and_then(|score| number(&score)), over_18: false, self_post: false }))
}

/// A line of a domain table. The first line is a header, and no row, when its second column is no number.
pub(super) fn domain(line: &[u8], is_csv: bool, is_first: bool) -> Option<Result<Row<'_>, &'static str>> {
    let [name, links, karma] = columns(line, is_csv);
    let name = name.unwrap_or_default();
    let links = links.and_then(|links| number(&links)).and_then(|links| u32::try_from(links).ok());
    let karma = karma.and_then(|karma| number(&karma));
    match links {
        Some(_) if !is_domain(&name) => Some(Err("bad-row")),
        Some(links) => Some(Ok(Row::Domain { name, links, karma: karma.unwrap_or(0) })),
        None if is_first => None,
        None => Some(Err("bad-row")),
    }
}

/// False for a URL without its scheme, whose number would be taken for one of links to the whole domain.
pub(super) fn is_domain(name: &str) -> bool {
    name.contains('.') && !name.contains(['/', '?', '#'])
}

/// The first three columns: between tabs, or by the quoting rules of CSV, where a quoted line break ends the row all the same.
pub(super) fn columns(line: &[u8], is_csv: bool) -> [Option<Cow<'_, str>>; 3] {
    if !is_csv {
        let mut columns = line.split(|byte| *byte == b'\t').map(String::from_utf8_lossy);
        return [columns.next(), columns.next(), columns.next()];
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).buffer_capacity(256).from_reader(line);
    let mut record = csv::ByteRecord::new();
    // Reading from memory into bytes cannot fail; an empty record is a row without columns.
    let _ = reader.read_byte_record(&mut record);
    [0, 1, 2].map(|index| record.get(index).map(|bytes| Cow::Owned(String::from_utf8_lossy(bytes).into_owned())))
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
