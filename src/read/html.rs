//! HTML files: one file is one page, as a server would have given it as `text/html` without a charset. Its path is its id; it has no URL.

use super::{Each, Input, Item, Limits, Rejected, Tally};
use crate::document::{Page, Place, Reason};
use crate::error::Result;

/// Reads one file, of any compression; not more than `limits.body_bytes` of it, and a longer page is cut there and marked truncated, as a body is.
/// The tally counts the record `file` and the faults `body-cut`, `truncated-input`, `corrupt-input`, `zstd-window-log` and `xz-dictionary-log`.
/// Rejected: `empty-body`, and a cut or damaged stream.
pub(super) fn read(input: &Input, limits: &Limits, each: &mut Each<'_>) -> Result<Tally> {
    let mut tally = Tally { stored_bytes: input.bytes, ..Tally::default() };
    tally.record("file");
    let loaded = super::text::bytes(input, limits, limits.body_bytes, &mut tally)?;
    let place = Place { file: input.name.clone(), offset: 0, length: tally.decoded_bytes };
    let loaded = loaded.and_then(|body| if body.is_empty() { Err("empty-body") } else { Ok(body) });
    let body = match loaded {
        Ok(body) => body,
        Err(rule) => {
            let rejected = Rejected { id: input.name.to_string(), url: None, place, reason: Reason::bare("read", rule) };
            each(Item::Rejected(rejected))?;
            return Ok(tally);
        }
    };
    let whole = usize::try_from(limits.body_bytes).map_or(body.len(), |cap| body.len().min(cap));
    if whole < body.len() {
        tally.fault("body-cut");
    }
    each(Item::Page(Page {
        id: &input.name,
        url: "",
        date: "",
        status: 200,
        media_type: "text/html",
        charset: None,
        opt_out: "",
        body: &body[..whole],
        truncated: whole < body.len(),
        place,
    }))?;
    Ok(tally)
}
