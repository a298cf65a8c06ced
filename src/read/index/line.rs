//! Lines of an index: JSON objects, CDXJ (a key, a time, a JSON object) and classic CDX (fields that the header names by letters).

use std::borrow::Cow;
use std::str;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::row::{Row, number};

/// What a line is.
pub(super) enum Kind<'l> {
    Blank,
    /// ` CDX ..`, or a line of remarks: `!OpenWayback-CDXJ 1.0`, `!meta {..}`.
    Header,
    Row(Result<Row<'l>, &'static str>),
}

/// The fields of CDX lines as their header names them: `N` key, `b` time, `a` URL, `m` media type, `s` status, `k` digest, `r` redirect, `M` robots, `S` length, `V` offset,
/// `g` file. Only four of them are read here, so that other orders and more fields are understood too.
pub(super) struct Cdx {
    /// The first byte of a header is what stands between fields.
    between: u8,
    n_fields: usize,
    url: Option<usize>,
    length: Option<usize>,
    offset: Option<usize>,
    file: Option<usize>,
}

impl Cdx {
    /// Reads a header; `None` for any other line.
    pub(super) fn new(line: &[u8]) -> Option<Self> {
        let (&between, rest) = line.split_first()?;
        if !between.is_ascii() || between.is_ascii_alphanumeric() || !rest.starts_with(b"CDX") || rest.get(3) != Some(&between) {
            return None;
        }
        let letters: Vec<&[u8]> = rest[4..].trim_ascii_end().split(|&byte| byte == between).take(64).collect();
        let place = |letter: &[u8; 1]| letters.iter().position(|field| field == letter);
        Some(Self { between, n_fields: letters.len(), url: place(b"a"), length: place(b"S"), offset: place(b"V"), file: place(b"g") })
    }

    fn row<'l>(&self, line: &'l str) -> Result<Row<'l>, &'static str> {
        let fields = || line.trim_ascii_end().split(char::from(self.between));
        if fields().count() != self.n_fields {
            return Err("not-a-row");
        }
        // A field that is not known is a hyphen.
        let field = |place: Option<usize>| fields().nth(place?).filter(|field| *field != "-");
        let number = |place| field(place).and_then(number);
        Ok(Row {
            file: field(self.file).map(Cow::Borrowed),
            offset: number(self.offset),
            length: number(self.length),
            url: field(self.url).map(Cow::Borrowed),
        })
    }
}

/// Tells what a line is and reads it; `cdx` is the last header before it.
pub(super) fn kind<'l>(line: &'l [u8], cdx: Option<&Cdx>) -> Kind<'l> {
    let trimmed = line.trim_ascii();
    match trimmed.first() {
        None => return Kind::Blank,
        Some(b'!') => return Kind::Header,
        _ if Cdx::new(line).is_some() => return Kind::Header,
        _ => {}
    }
    let Ok(text) = str::from_utf8(trimmed) else { return Kind::Row(Err("invalid-utf8")) };
    Kind::Row(if text.starts_with('{') {
        object(text)
    } else if let Some(json) = after_time(text) {
        object(json)
    } else if let Some(cdx) = cdx {
        cdx.row(text)
    } else {
        Err("not-a-row")
    })
}

/// The object of a CDXJ line, behind its key and its time.
fn after_time(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once(' ')?;
    let (time, json) = rest.trim_start().split_once(' ')?;
    let is_time = !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit());
    Some(json.trim_start()).filter(|json| is_time && json.starts_with('{'))
}

/// The fields of an object that are read, as they stand: numbers may be numbers or strings, and nothing of the rest is kept. A field that stands twice makes the line none,
/// because it says two things.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Object<'l> {
    #[serde(borrow)]
    file: Option<&'l RawValue>,
    #[serde(borrow)]
    filename: Option<&'l RawValue>,
    #[serde(borrow)]
    warc_filename: Option<&'l RawValue>,
    #[serde(borrow)]
    offset: Option<&'l RawValue>,
    #[serde(borrow)]
    warc_record_offset: Option<&'l RawValue>,
    #[serde(borrow)]
    length: Option<&'l RawValue>,
    #[serde(borrow)]
    warc_record_length: Option<&'l RawValue>,
    #[serde(borrow)]
    url: Option<&'l RawValue>,
}

fn object(json: &str) -> Result<Row<'_>, &'static str> {
    let object: Object = serde_json::from_str(json).map_err(|_| "not-a-row")?;
    let number_of = |value: Option<&RawValue>| {
        let json = value?.get();
        number(json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).unwrap_or(json))
    };
    Ok(Row {
        file: text(object.file.or(object.filename).or(object.warc_filename)),
        offset: number_of(object.offset.or(object.warc_record_offset)),
        length: number_of(object.length.or(object.warc_record_length)),
        url: text(object.url),
    })
}

/// A string; any other value counts as missing.
fn text(value: Option<&RawValue>) -> Option<Cow<'_, str>> {
    let json = value?.get();
    // Nearly all are as they stand.
    let plain = json.strip_prefix('"')?.strip_suffix('"')?;
    if memchr::memchr(b'\\', plain.as_bytes()).is_none() {
        return Some(Cow::Borrowed(plain));
    }
    serde_json::from_str::<String>(json).ok().map(Cow::Owned)
}
