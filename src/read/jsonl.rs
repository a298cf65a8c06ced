//! Text sets as JSON lines: one object a line becomes one document. A line that cannot be read is rejected with its place, and the next one is read.
//!
//! Fields: `text` (required, a string; no other name is accepted), `id` (string or number), `url`, `title` (strings), `date` or else `timestamp`
//! (string or number). Everything else, and a known field of another type, goes into `extra`: one JSON object with its keys sorted. Of repeated
//! keys the last counts. Lines of white space are no records; a text of white space is rejected as `empty-text`.

use std::io::BufRead;

use serde_json::{Map, Value};

use super::text::take_nul;
use super::{Each, Input, Item, Limits, Rejected, Tally};
use crate::codec::{Line, Lines};
use crate::document::{Document, Place, Reason};
use crate::error::Result;

/// Reads one file. The tally counts records `line` and `blank`, and faults `truncated-input`,
/// `corrupt-input`, `zstd-window-log`, `xz-dictionary-log`, `lone-surrogate` and `nul-removed`.
/// Memory: the longest line that `limits.line_bytes` allows, and its document.
pub(super) fn read(input: &Input, limits: &Limits, each: &mut Each<'_>) -> Result<Tally> {
    read_lines(input.decoded(limits.windows())?, input, &input.name, limits, each)
}

/// Reads lines that are called `called` where they do not name themselves.
pub(super) fn read_lines(reader: impl BufRead, input: &Input, called: &str, limits: &Limits, each: &mut Each<'_>) -> Result<Tally> {
    let mut tally = Tally { stored_bytes: input.bytes, ..Tally::default() };
    let mut lines = Lines::new(reader, &input.path, limits.line_bytes);
    let mut number = 0;
    loop {
        let Some(line) = lines.next()? else { break };
        number += 1;
        let ended = matches!(line, Line::Broken(_));
        let parsed = match line {
            Line::Whole(line) => {
                if number == 1 && line.starts_with(b"\xEF\xBB\xBF") {
                    line.drain(..3);
                }
                if line.iter().all(u8::is_ascii_whitespace) {
                    tally.record("blank");
                    continue;
                }
                object(line, &mut tally).and_then(|row| document(row, &mut tally))
            }
            Line::TooLong => Err(Refused::of("line-too-long")),
            Line::Broken(fault) => {
                tally.fault(fault);
                Err(Refused::of(fault))
            }
        };
        tally.record("line");
        let place = Place { file: input.name.clone(), offset: lines.offset, length: lines.length };
        let name = |id: String| if id.is_empty() { format!("{called}:{number}") } else { id };
        match parsed {
            Ok(document) => each(Item::Document(Document { id: name(document.id), place, ..document }))?,
            Err(Refused { rule, id, url }) => {
                each(Item::Rejected(Rejected { id, url, place, reason: Reason::bare("read", rule) }))?;
            }
        }
        if ended {
            break;
        }
    }
    tally.decoded_bytes = lines.read;
    Ok(tally)
}

/// Why a row gave no document, and what it calls itself as far as that could be read.
pub(super) struct Refused {
    pub(super) rule: &'static str,
    pub(super) id: String,
    pub(super) url: Option<String>,
}

impl Refused {
    pub(super) fn of(rule: &'static str) -> Self {
        Self { rule, id: String::new(), url: None }
    }
}

/// One row to a document without place; its id is empty where the row has none.
pub(super) fn document(mut row: Map<String, Value>, tally: &mut Tally) -> Result<Document, Refused> {
    let mut cleaned = false;
    let id = scalar(&mut row, "id").map(|id| without_nul(id, &mut cleaned)).unwrap_or_default();
    let url = string(&mut row, "url").map(|url| without_nul(url, &mut cleaned));
    let Some(text) = string(&mut row, "text") else {
        return Err(Refused { rule: "no-text", id, url });
    };
    let text = without_nul(text, &mut cleaned);
    if text.trim().is_empty() {
        return Err(Refused { rule: "empty-text", id, url });
    }
    let title = string(&mut row, "title").map(|title| without_nul(title, &mut cleaned));
    let date = scalar(&mut row, "date").or_else(|| scalar(&mut row, "timestamp")).map(|date| without_nul(date, &mut cleaned));
    if cleaned {
        tally.fault("nul-removed");
    }
    let extra = (!row.is_empty()).then(|| Value::Object(row).to_string());
    Ok(Document { id, url, date, title, text, extra, ..Document::default() })
}

/// The object of a line. serde_json's own bound on depth (128) holds.
fn object(line: &mut [u8], tally: &mut Tally) -> Result<Map<String, Value>, Refused> {
    let text = std::str::from_utf8(line).map_err(|_| Refused::of("invalid-utf8"))?;
    if let Ok(row) = serde_json::from_str(text) {
        return Ok(row);
    }
    // Half of a surrogate pair is no character, and serde_json refuses it; many text sets cut strings there, so the escape becomes U+FFFD and the line stays.
    if !mend_surrogates(line) {
        return Err(Refused::of("invalid-json"));
    }
    let row = serde_json::from_slice(line).map_err(|_| Refused::of("invalid-json"))?;
    tally.fault("lone-surrogate");
    Ok(row)
}

/// Replaces every escape of half a surrogate pair by `\ufffd`, which is as long; says whether there was one.
fn mend_surrogates(line: &mut [u8]) -> bool {
    let (mut at, mut mended) = (0, false);
    while let Some(step) = memchr::memchr(b'\\', &line[at..]) {
        at += step;
        match surrogate(&line[at..]) {
            Some(false) if surrogate(&line[at + 6..]) == Some(true) => at += 12,
            Some(_) => {
                line[at + 2..at + 6].copy_from_slice(b"fffd");
                mended = true;
                at += 6;
            }
            // Any other escape: its second byte may be a backslash and starts none itself.
            None => at = (at + 2).min(line.len()),
        }
    }
    mended
}

/// Whether an escape at the start is the low half of a surrogate pair (true) or the high half (false).
fn surrogate(bytes: &[u8]) -> Option<bool> {
    let [b'\\', b'u', b'd' | b'D', half, x, y, ..] = *bytes else { return None };
    if !(x.is_ascii_hexdigit() && y.is_ascii_hexdigit()) {
        return None;
    }
    match half.to_ascii_lowercase() {
        b'8' | b'9' | b'a' | b'b' => Some(false),
        b'c'..=b'f' => Some(true),
        _ => None,
    }
}

/// Takes a field out if it is a string; `null` counts as missing and is taken out too.
fn string(row: &mut Map<String, Value>, key: &str) -> Option<String> {
    match row.get(key)? {
        Value::String(_) | Value::Null => match row.remove(key) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// As [`string`], and a number counts as its digits.
fn scalar(row: &mut Map<String, Value>, key: &str) -> Option<String> {
    if let Some(Value::Number(number)) = row.get(key) {
        let digits = number.to_string();
        row.remove(key);
        return Some(digits);
    }
    string(row, key)
}

fn without_nul(mut text: String, cleaned: &mut bool) -> String {
    *cleaned |= take_nul(&mut text);
    text
}

#[cfg(test)]
mod tests;
