//! Puts the kept blocks together to a text, and finds the title.

use crate::extract::blocks::{Blocks, NONE};
use crate::extract::features::Features;
use crate::extract::fold::{Folder, is_unseen};
use crate::extract::head::Head;
use crate::extract::names::Name;

/// A title longer than this is cut, in characters; such titles are lists of keywords.
const MAX_TITLE_CHARACTERS: usize = 1000;

/// The kept blocks, one line each; cells of one row are separated by tabs.
pub fn main_text(page: &Blocks, features: &Features, kept: &[bool]) -> String {
    let n_bytes = page.blocks.iter().zip(kept).filter(|(_, kept)| **kept).map(|(block, _)| page.text_of(block).len() + 1).sum();
    let mut text = String::with_capacity(n_bytes);
    let mut last_row = NONE;
    for (index, block) in page.blocks.iter().enumerate().filter(|(index, _)| kept[*index]) {
        let cell = features.block_element(block);
        let element = &page.elements[cell as usize];
        let is_lone_cell = matches!(element.name, Name::Td | Name::Th) && element.end - element.first == 1;
        let row = if is_lone_cell { element.parent } else { NONE };
        if 0 < index && !text.is_empty() {
            text.push(if row != NONE && row == last_row { '\t' } else { '\n' });
        }
        text.push_str(page.text_of(block));
        last_row = row;
    }
    text
}

/// The page's title with its references decoded and its white space folded.
pub fn title(head: &Head, source: &str) -> Option<String> {
    [head.title, head.og_title].into_iter().find_map(|span| {
        let mut folder = Folder::default();
        let start = span.of(source);
        let end = start.char_indices().nth(MAX_TITLE_CHARACTERS).map_or(start.len(), |(at, _)| at);
        folder.push(&start[..end]);
        folder.trim_end();
        (!folder.text.is_empty()).then_some(folder.text)
    })
}

/// A page in plain text: line ends unified, controls and invisible marks left out, nothing else changed.
pub fn plain(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut characters = source.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\r' => {
                characters.next_if_eq(&'\n');
                text.push('\n');
            }
            '\u{A0}' => text.push(' '),
            '\n' | '\t' => text.push(c),
            '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => text.push('\n'),
            c if is_unseen(c) => {}
            c => text.push(c),
        }
    }
    text.truncate(text.trim_end().len());
    text
}
