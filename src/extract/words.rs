//! The words of a block that have weights of their own: `copyright`, `reply`, `0000`, `©`. Which of them count depends on how long the block is.

use crate::extract::characters::is_sign;
use crate::extract::flags::length_class;
use crate::text;

/// The classes of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Any word of a block under 80 characters.
    Short = 0,
    /// Any word of a block of 80 to 199 characters.
    Middling = 1,
    /// The first and the last word of a block under 80 characters.
    First = 2,
    Last = 3,
    /// All words of a block under 25 characters together.
    Whole = 4,
    /// A sign of a block under 200 characters.
    Sign = 5,
}

/// A block of more words has 200 characters or more, and none of its words counts.
pub const MOST_WORDS: usize = 100;

/// The class of any word of a block, by its length class.
pub const ANY: [Option<Class>; 4] = [Some(Class::Short), Some(Class::Short), Some(Class::Middling), None];

/// How many classes there are, and their names in the weights file.
pub const CLASSES: usize = 6;
pub const NAMES: [&str; CLASSES] = ["short", "middling", "first", "last", "whole", "sign"];

/// The words of a block as they are, for the weights file: what `lexicon` adds up by key.
pub fn names(text: &str, chars: f32) -> Vec<(Class, String)> {
    let folded = |c: char| match c {
        '0'..='9' => '0',
        _ if c.is_uppercase() => c.to_lowercase().next().unwrap_or(c),
        _ => c,
    };
    let length = length_class(chars);
    let Some(any) = ANY[length] else { return Vec::new() };
    let mut words: Vec<String> = text::words(text).take(MOST_WORDS).map(|word| word.chars().map(folded).collect()).collect();
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
    names.extend(words.into_iter().map(|word| (any, word)));
    let mut signs: Vec<char> = text.chars().filter(|&c| is_sign(c)).collect();
    signs.sort_unstable();
    signs.dedup();
    names.extend(signs.into_iter().map(|sign| (Class::Sign, sign.to_string())));
    names
}
