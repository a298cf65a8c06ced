//! Plain text: one file is one document, named by its file name without folders. An archive of texts is many; see [`super::archive`].
//! Encodings: a byte order mark decides (UTF-8, UTF-16); else UTF-8; what is not valid UTF-8 is read as windows-1252, in which every byte is a character.

use std::io::{Cursor, Read};

use super::{Each, Input, Item, Limits, Rejected, Tally, archive};
use crate::codec::damage;
use crate::document::{Document, Place, Reason};
use crate::error::{Context, Result};

/// Reads one file. The tally counts the record `file` and the faults `not-utf8`, `bad-characters`, `nul-removed`, `truncated-input`,
/// `corrupt-input`, `zstd-window-log` and `xz-dictionary-log`.
/// Rejected: `text-too-long`, `empty-text` (white space at most), and a cut or damaged stream: half a text is never delivered as a whole one.
pub(super) fn read(input: &Input, limits: &Limits, each: &mut Each<'_>) -> Result<Tally> {
    let mut tally = Tally { stored_bytes: input.bytes, ..Tally::default() };
    let mut stream = input.decoded(limits.windows())?;
    let mut first = Vec::new();
    let outcome = Read::by_ref(&mut stream).take(archive::HEADER as u64).read_to_end(&mut first);
    if outcome.is_ok() && archive::is_tar(&first) {
        archive::read(&mut Cursor::new(first).chain(stream), input, limits, &mut tally, each)?;
        return Ok(tally);
    }
    tally.record("file");
    // A stream that is damaged so early stays so, and says it again.
    let loaded = text(Cursor::new(first).chain(stream), input, limits, &mut tally)?;
    each(item(input, tally.decoded_bytes, loaded.map(|text| Document { text, ..Document::default() })))?;
    Ok(tally)
}

/// The item of a file of this length: its document with id and place, or the rule that refused it.
pub(super) fn item(input: &Input, length: u64, loaded: Result<Document, &'static str>) -> Item<'static> {
    let id = input.name.rsplit('/').next().unwrap_or_default().to_owned();
    let place = Place { file: input.name.clone(), offset: 0, length };
    match loaded {
        Ok(document) if document.text.trim().is_empty() => rejected(id, place, "empty-text"),
        Ok(document) => Item::Document(Document { id, place, ..document }),
        Err(rule) => rejected(id, place, rule),
    }
}

fn rejected(id: String, place: Place, rule: &'static str) -> Item<'static> {
    Item::Rejected(Rejected { id, url: None, place, reason: Reason::bare("read", rule) })
}

/// The text of a file with LF line ends and without NUL, or the rule that refuses it. At most `limits.text_bytes` and one byte are held.
pub(super) fn load(input: &Input, limits: &Limits, tally: &mut Tally) -> Result<Result<String, &'static str>> {
    text(input.decoded(limits.windows())?, input, limits, tally)
}

fn text(stream: impl Read, input: &Input, limits: &Limits, tally: &mut Tally) -> Result<Result<String, &'static str>> {
    let loaded = held(stream, input, limits.text_bytes, tally)?;
    Ok(loaded.and_then(
        |bytes| {
            if limits.text_bytes < bytes.len() as u64 { Err("text-too-long") } else { Ok(unify(decode(bytes, tally), tally)) }
        },
    ))
}

/// What a file holds, up to `cap` bytes and one that tells that there are more, or the rule that refuses a damaged one.
pub(super) fn bytes(input: &Input, limits: &Limits, cap: u64, tally: &mut Tally) -> Result<Result<Vec<u8>, &'static str>> {
    held(input.decoded(limits.windows())?, input, cap, tally)
}

fn held(stream: impl Read, input: &Input, cap: u64, tally: &mut Tally) -> Result<Result<Vec<u8>, &'static str>> {
    let mut bytes = Vec::new();
    let outcome = stream.take(cap.saturating_add(1)).read_to_end(&mut bytes);
    tally.decoded_bytes = bytes.len() as u64;
    if let Err(error) = outcome {
        let fault = damage(error).context(|| format!("cannot read {}", input.path.display()))?;
        tally.fault(fault);
        return Ok(Err(fault));
    }
    Ok(Ok(bytes))
}

/// What bytes say as text.
pub(super) fn decode(bytes: Vec<u8>, tally: &mut Tally) -> String {
    if let Some((encoding, length)) = encoding_rs::Encoding::for_bom(&bytes) {
        let (text, had_errors) = encoding.decode_without_bom_handling(&bytes[length..]);
        if had_errors {
            tally.fault("bad-characters");
        }
        return text.into_owned();
    }
    String::from_utf8(bytes).unwrap_or_else(|error| {
        tally.fault("not-utf8");
        encoding_rs::WINDOWS_1252.decode_without_bom_handling(error.as_bytes()).0.into_owned()
    })
}

/// Line ends become LF (a lone CR is one too: old Macintosh files), NUL goes.
pub(super) fn unify(mut text: String, tally: &mut Tally) -> String {
    if text.contains('\r') {
        text = text.replace("\r\n", "\n").replace('\r', "\n");
    }
    if take_nul(&mut text) {
        tally.fault("nul-removed");
    }
    text
}

/// Takes each NUL out, because what is written has none; true where there was one.
pub(super) fn take_nul(text: &mut String) -> bool {
    let has_nul = memchr::memchr(0, text.as_bytes()).is_some();
    if has_nul {
        text.retain(|c| c != '\0');
    }
    has_nul
}

#[cfg(test)]
mod tests;
