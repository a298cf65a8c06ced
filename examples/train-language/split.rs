//! What a text is for: nothing that is measured on was learned from.

use gristmill::text::hash::hash64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Train,
    /// Sets what makes probabilities honest.
    Check,
    /// Only measured on.
    Test,
}

/// Of texts of known languages, a fiftieth is for checking. What they are tested on are sources of their own.
pub fn of_text(text: &str) -> Part {
    if hash64(text.as_bytes()).is_multiple_of(50) { Part::Check } else { Part::Train }
}

/// Of the declaration in known languages a third is for each.
pub fn of_paragraph(text: &str) -> Part {
    match hash64(text.as_bytes()) % 3 {
        0 => Part::Train,
        1 => Part::Check,
        _ => Part::Test,
    }
}

/// Of the unknown languages of a script, half are learned from, a quarter are for checking, and a quarter for testing, whole languages each: by their place among `tags`, sorted by hash.
pub fn of_language(tag: &str, tags: &[&str]) -> Part {
    let key = |tag: &str| (hash64(tag.as_bytes()), tag.to_owned());
    match tags.iter().filter(|other| key(other) < key(tag)).count() % 4 {
        0 => Part::Check,
        1 => Part::Test,
        _ => Part::Train,
    }
}
