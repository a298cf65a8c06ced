//! White space of a block, and what the marks in it leave: line breaks, and brackets and commas around what was dropped.

use super::mark;

/// The block's text: single spaces, none around lines, no empty line. Where something was dropped, brackets that held nothing else go, and so do commas
/// that stood before or behind it in brackets, and a space before a comma or full stop.
pub(super) fn fold(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    // A space, and something dropped, since the last character that was written.
    let (mut space, mut gap) = (false, false);
    for c in raw.chars() {
        match c {
            mark::GAP => gap = true,
            mark::BREAK => {
                if !out.is_empty() && !out.ends_with('\n') {
                    out.push('\n');
                }
                (space, gap) = (false, false);
            }
            '\u{AD}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2060}' | '\u{FEFF}' | mark::KEPT | mark::END => {}
            _ if c.is_whitespace() => space = true,
            _ if gap => gap = write_after_gap(c, &mut space, &mut out),
            _ => write(c, &mut space, &mut out),
        }
    }
    while out.ends_with('\n') {
        out.pop();
    }
    out
}

fn write(c: char, space: &mut bool, out: &mut String) {
    if std::mem::take(space) && !out.is_empty() && !out.ends_with('\n') {
        out.push(' ');
    }
    out.push(c);
}

/// Writes what comes behind something that was dropped; true when that is not over.
fn write_after_gap(c: char, space: &mut bool, out: &mut String) -> bool {
    let opening = |out: &str| out.chars().next_back().filter(|last| "([（［".contains(*last));
    match c {
        ',' | ';' | ':' | '，' | '；' | '、' | '；' if opening(out).is_some() => {
            *space = false;
            return true;
        }
        ')' | ']' | '）' | '］' => {
            let is_separator = |last: char| matches!(last, ' ' | ',' | ';' | ':' | '，' | '；' | '、');
            out.truncate(out.trim_end_matches(is_separator).len());
            *space = false;
            if opening(out).is_some() {
                out.pop();
                *space = out.ends_with(' ');
                out.truncate(out.trim_end_matches(' ').len());
                return true;
            }
        }
        ',' | '.' => *space = false,
        _ if opening(out).is_some() => *space = false,
        _ => {}
    }
    write(c, space, out);
    false
}
