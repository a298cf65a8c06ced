//! The blocks of a page in words: what `explain --blocks` prints.

use super::escape;
use super::progress::count;
use crate::extract::{Judged, JudgedPage};

/// Characters of a block's text that are shown.
const SHOWN: usize = 100;

/// A line that tells the threshold, then two for each block: what was said of it, and how it begins.
pub fn lines(page: &JudgedPage) -> Vec<String> {
    let n_kept = page.blocks.iter().filter(|block| block.kept).count();
    let of = count(page.blocks.len() as u64, "block");
    let mut lines = vec![format!(
        "{of}, {n_kept} kept: but for comments and what another says too, those with a probability of {:.2} and above",
        page.threshold
    )];
    for block in &page.blocks {
        lines.push(said(block));
        let mut characters = block.text.chars();
        let begin: String = characters.by_ref().take(SHOWN).collect();
        let more = if characters.next().is_some() { " .." } else { "" };
        lines.push(format!("     {}{more}", escape(begin.trim_end())));
    }
    lines
}

/// "cut  .12  first .20, links .95, 12 characters, nav > ul > li > a; cue any menu -1.31", and after the first pass's word that on comments, if they are asked for.
fn said(block: &Judged) -> String {
    let verdict = if block.kept { "kept" } else { "cut " };
    let Judged { probability, first, link_density, .. } = block;
    let characters = count(u64::from(block.characters), "character");
    let weighed: Vec<String> = block.weighed.iter().map(|weighed| format!("{} {:+.2}", escape(&weighed.input), weighed.weight)).collect();
    let weighed = if weighed.is_empty() { String::new() } else { format!("; {}", weighed.join(", ")) };
    let named = if block.named_comment { ", named a comment" } else { "" };
    let repeated = if block.repeated { ", said by another" } else { "" };
    let idle = if block.idle { ", over nothing" } else { "" };
    let comment = block.comment.map_or_else(String::new, |comment| format!(", comment {comment:.2}"));
    format!(
        "{verdict} {probability:.2}  first {first:.2}{comment}{named}{repeated}{idle}, links {link_density:.2}, {characters}, {}{weighed}",
        escape(&block.path)
    )
}
