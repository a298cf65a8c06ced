//! What a link shows: its text, or nothing.

use std::ops::Range;

use super::names::{Names, Target};

/// What is left of a link when its end is met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// These bytes of its content.
    Part(Range<usize>),
    Nothing,
    /// It is none: the brackets stay.
    Literally,
}

/// What the link with this content (between its brackets) shows; `pipe` is where the first `|` of its own stands in it.
pub(super) fn shown(content: &str, pipe: Option<usize>, names: &Names) -> Shown {
    let raw = &content[..pipe.unwrap_or(content.len())];
    let target = raw.trim();
    if target.is_empty() || target.contains("://") || target.contains('\n') {
        return Shown::Literally;
    }
    // A colon in front makes a link of what would be put aside: [[:Category:Mills]].
    let is_plain = target.strip_prefix(':');
    if is_plain.is_none() && names.target(target) == Target::Aside {
        return Shown::Nothing;
    }
    match pipe {
        Some(pipe) if !content[pipe + 1..].trim().is_empty() => Shown::Part(pipe + 1..content.len()),
        // Without a text, or with an empty one, it shows where it leads.
        _ => {
            let start = raw.len()
                - is_plain.unwrap_or(raw.trim_start()).len()
                - if is_plain.is_some() { raw.len() - raw.trim_end().len() } else { 0 };
            Shown::Part(start..raw.len())
        }
    }
}
