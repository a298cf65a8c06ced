//! The words of a block that have weights of their own: `copyright`, `reply`, `0000`, `©`. Which of them count depends on how long the block is.

use crate::extract::flags::length_class;
use crate::extract::measure::{WordKey, each_word};
use crate::text;

/// The classes of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Any word of a block under 80 characters.
    Short = 0,
    /// Any word of a block of 80 to 199 characters.
    Middling = 1,
    /// Any word of a longer block.
    Long = 2,
    /// The first and the last word of a block under 80 characters.
    First = 3,
    Last = 4,
    /// All words of a block under 25 characters together.
    Whole = 5,
    /// A sign of a block under 200 characters.
    Sign = 6,
}

/// Words of a block that are looked at; of a longer one the first.
const MOST_WORDS: usize = 4096;

/// How many classes there are, and their names in the weights file.
pub const CLASSES: usize = 7;
pub const NAMES: [&str; CLASSES] = ["short", "middling", "long", "first", "last", "whole", "sign"];

/// The key of the words before and one more.
pub fn joined(before: WordKey, word: WordKey) -> WordKey {
    (before ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23)
}

/// True for signs that tell what a short text is for: prices, menus, rights.
pub fn is_sign(c: char) -> bool {
    matches!(
        c,
        '|' | '$'
            | '%'
            | '@'
            | '#'
            | '/'
            | '+'
            | '<'
            | '>'
            | '©'
            | '®'
            | '€'
            | '£'
            | '¥'
            | '»'
            | '«'
            | '›'
            | '‹'
            | '·'
            | '•'
            | '→'
            | '←'
            | '↓'
            | '↑'
            | '×'
            | '★'
            | '✓'
            | '…'
            | '–'
            | '—'
    )
}

/// Calls `visit` with the class and key of each word that counts; `seen` is a buffer.
pub fn each(text: &str, chars: f32, seen: &mut Vec<WordKey>, mut visit: impl FnMut(Class, WordKey)) {
    let length = length_class(chars);
    seen.clear();
    each_word(text, |key, _| {
        if seen.len() < MOST_WORDS {
            seen.push(key);
        }
    });
    if length < 2 {
        if let (Some(&first), Some(&last)) = (seen.first(), seen.last()) {
            visit(Class::First, first);
            visit(Class::Last, last);
        }
        if length == 0 && !seen.is_empty() {
            visit(Class::Whole, seen.iter().fold(0, |before, &word| joined(before, word)));
        }
    }
    let class = [Class::Short, Class::Short, Class::Middling, Class::Long][length];
    seen.sort_unstable();
    seen.dedup();
    seen.iter().for_each(|&key| visit(class, key));
    if length < 3 {
        seen.clear();
        seen.extend(text.chars().filter(|&c| is_sign(c)).map(|c| u64::from(u32::from(c))));
        seen.sort_unstable();
        seen.dedup();
        seen.iter().for_each(|&key| visit(Class::Sign, key));
    }
}

/// The words as they are, for the weights file: the same as [`each`] gives by key.
pub fn names(text: &str, chars: f32) -> Vec<(Class, String)> {
    let folded = |c: char| match c {
        '0'..='9' => '0',
        _ if c.is_uppercase() => c.to_lowercase().next().unwrap_or(c),
        _ => c,
    };
    let mut words: Vec<String> = text::words(text).take(MOST_WORDS).map(|word| word.chars().map(folded).collect()).collect();
    let length = length_class(chars);
    let mut names = Vec::new();
    if length < 2
        && let (Some(first), Some(last)) = (words.first(), words.last())
    {
        names.push((Class::First, first.clone()));
        names.push((Class::Last, last.clone()));
        if length == 0 {
            names.push((Class::Whole, words.join("+")));
        }
    }
    words.sort();
    words.dedup();
    let class = [Class::Short, Class::Short, Class::Middling, Class::Long][length];
    names.extend(words.into_iter().map(|word| (class, word)));
    if length < 3 {
        let mut signs: Vec<char> = text.chars().filter(|&c| is_sign(c)).collect();
        signs.sort_unstable();
        signs.dedup();
        names.extend(signs.into_iter().map(|sign| (Class::Sign, sign.to_string())));
    }
    names
}
