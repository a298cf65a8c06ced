//! Token counts: the byte-pair encodings of GPT-2, of GPT-4 (cl100k) and of GPT-4o (o200k), exactly, or words or characters. Special tokens in a text are ordinary text.

use tiktoken::CoreBpe;

use crate::error::{Error, Result};
use crate::text::{boundary, words};

/// Counts tokens of one kind.
#[derive(Clone, Copy)]
pub struct Tokenizer {
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Bpe(&'static CoreBpe),
    Words,
    Characters,
}

/// Names that a recipe may give.
pub const NAMES: [&str; 5] = ["gpt2", "cl100k", "o200k", "words", "characters"];

/// Those of byte-pair encodings, whose tokens have numbers.
pub const VOCABULARIES: [&str; 3] = ["gpt2", "cl100k", "o200k"];

/// Bytes of a text that are encoded together. Byte-pair merging of one unbroken run costs more than linear time, so a hostile megabyte of one letter is taken in pieces;
/// text is cut before a white space wherever one is near, where GPT-2's own pattern cuts too, so counts of real text stay exact.
const CHUNK: usize = 1 << 16;

impl Tokenizer {
    /// # Errors
    /// When no tokenizer has that name.
    pub fn new(name: &str) -> Result<Self> {
        let kind = match name {
            "gpt2" => bpe("r50k_base")?,
            "cl100k" => bpe("cl100k_base")?,
            "o200k" => bpe("o200k_base")?,
            "words" => Kind::Words,
            "characters" => Kind::Characters,
            _ => return Err(Error::recipe(format!("there is no tokenizer {name:?}; known are {}", NAMES.join(", ")))),
        };
        Ok(Self { kind })
    }

    /// Number of tokens of a text.
    pub fn count(&self, text: &str) -> u64 {
        match self.kind {
            Kind::Bpe(bpe) => chunks(text).map(|chunk| bpe.count(chunk) as u64).sum(),
            Kind::Words => words(text).count() as u64,
            Kind::Characters => text.chars().count() as u64,
        }
    }

    /// The number of the token that ends a text, and the size of the vocabulary with it; `None` where tokens have no numbers.
    pub fn end_of_text(&self) -> Option<(u32, usize)> {
        let Kind::Bpe(bpe) = self.kind else { return None };
        let end = bpe.encode_with_special_tokens("<|endoftext|>");
        let &[end] = end.as_slice() else { return None };
        Some((end, bpe.vocab_size().max(end as usize + 1)))
    }

    /// The tokens themselves, as their numbers in the vocabulary; `None` where a kind has none.
    pub fn numbers(&self, text: &str) -> Option<Vec<u32>> {
        let Kind::Bpe(bpe) = self.kind else { return None };
        Some(chunks(text).flat_map(|chunk| bpe.encode(chunk)).collect())
    }
}

fn bpe(vocabulary: &str) -> Result<Kind> {
    let missing = || Error::new(format!("the vocabulary {vocabulary} is not built in; this is a fault of the build"));
    tiktoken::get_encoding(vocabulary).map(Kind::Bpe).ok_or_else(missing)
}

/// Cuts a text into pieces of about [`CHUNK`] bytes, before a single white space that follows a character that is none. GPT-2's pattern attaches such a space to the next word, so
/// no token spans the cut, and the later patterns do the same; only a run of a whole chunk without one is cut anywhere.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = rest.len();
        if CHUNK < end {
            let middle = CHUNK / 2..CHUNK;
            let near = || middle.clone().rev().filter(|at| rest.is_char_boundary(*at));
            let around = |at: usize| (rest[..at].chars().next_back().unwrap_or(' '), rest[at..].chars().take(2));
            let is_single_space = |at: &usize| {
                let (before, mut after) = around(*at);
                !before.is_whitespace() && after.next() == Some(' ') && after.next().is_some_and(|c| !c.is_whitespace())
            };
            // Scripts without spaces: a run of letters ends before a sign of punctuation, which begins what follows.
            let is_after_letters = |at: &usize| {
                let (before, mut after) = around(*at);
                before.is_alphabetic() && after.next().is_some_and(|c| "。、，！？；：…）」』".contains(c))
            };
            end = near().find(is_single_space).or_else(|| near().find(is_after_letters)).unwrap_or_else(|| boundary(rest, CHUNK));
        }
        let (chunk, after) = rest.split_at(end);
        rest = after;
        Some(chunk)
    })
}

#[cfg(test)]
mod tests;
