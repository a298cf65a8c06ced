//! Headings over nothing that is kept: "Read also:" over links that are left out, "Related" at the end of a page. One that the judge holds for no main text goes with what it leads to.

use crate::extract::blocks::{Block, Blocks, NONE};
use crate::extract::names::Name;

/// Longer blocks say something themselves. In characters.
const LONGEST: usize = 80;
/// Logit from which on a heading is main text itself (a probability of .5): what is below is kept only because much of it is right.
const LIKELY: f32 = 0.0;
/// Elements around a block in which a heading is looked for: it may hold a link, and that some emphasis.
const DEPTH: usize = 4;
/// The level of a line that ends in a colon and is no heading, below those of all headings.
const LEAD: u8 = 7;

/// Takes such headings out of what is kept, from the last to the first, so that one goes that is over no other. `idle` tells which.
pub fn take_out(page: &Blocks, verdict: &[f32], kept: &mut [bool], idle: &mut Vec<bool>) {
    idle.clear();
    idle.resize(kept.len(), false);
    // What is kept next.
    let mut next: Option<usize> = None;
    for at in (0..kept.len()).rev() {
        if !kept[at] {
            continue;
        }
        let leads_on = next == Some(at + 1) || at + 1 == kept.len();
        if !leads_on && verdict[at] < LIKELY && is_idle(page, at, next) {
            (kept[at], idle[at]) = (false, true);
        } else {
            next = Some(at);
        }
    }
}

/// True for a heading, or a line with a colon, whose part of the page ends before `next` begins.
fn is_idle(page: &Blocks, at: usize, next: Option<usize>) -> bool {
    let block = &page.blocks[at];
    let text = page.text_of(block).trim_end();
    if 4 * LONGEST < text.len() || LONGEST < text.chars().count() {
        return false;
    }
    let lead = text.ends_with([':', '\u{FF1A}']).then_some(LEAD);
    let Some(own) = level(page, block).or(lead) else { return false };
    next.is_none_or(|next| level(page, &page.blocks[next]).is_some_and(|next| next <= own))
}

/// The level of the heading that a block stands in, 1 to 6.
fn level(page: &Blocks, block: &Block) -> Option<u8> {
    let mut at = block.element;
    for _ in 0..DEPTH {
        if at == NONE {
            return None;
        }
        let element = &page.elements[at as usize];
        match element.name {
            Name::H1 => return Some(1),
            Name::H2 => return Some(2),
            Name::H3 => return Some(3),
            Name::H4 => return Some(4),
            Name::H5 => return Some(5),
            Name::H6 => return Some(6),
            _ => at = element.parent,
        }
    }
    None
}
