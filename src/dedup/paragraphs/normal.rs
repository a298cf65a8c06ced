//! The normal form of a paragraph: words in lower case, without accents, punctuation and what does not print, one space between them.
//!
//! A word ends at white space. A letter of Han or kana is a word of its own, for those scripts set no spaces, and a run of 13 words would be a page of
//! them; Thai and its neighbours are left to white space. An accent is a combining diacritical mark (U+0300 to U+036F), written apart or with its
//! letter: the marks of other scripts (the dots of kana, vowels of Hindi or Thai) make other words, and stay.

use icu_normalizer::properties::{CanonicalDecompositionBorrowed, Decomposed};
use unicode_general_category::{GeneralCategory as Category, get_general_category};

use crate::text::{is_ascii_of_category_p, is_spaceless};

/// Classes of ASCII that is no letter, digit or symbol.
const SPACE: u8 = 0x80;
const NOTHING: u8 = 0x81;

/// For each byte of ASCII its lower case, or its class.
const CLASS: [u8; 128] = {
    let mut class = [NOTHING; 128];
    let mut byte = 0_u8;
    while byte < 0x80 {
        class[byte as usize] = match byte {
            b'\t'..=b'\r' | b' ' => SPACE,
            _ if is_ascii_of_category_p(byte) || byte.is_ascii_control() => NOTHING,
            _ => byte.to_ascii_lowercase(),
        };
        byte += 1;
    }
    class
};

/// One paragraph in normal form; read again for each, so that its memory is that of the longest.
#[derive(Debug, Default)]
pub struct Normal {
    bytes: Vec<u8>,
    /// Where each word ends.
    ends: Vec<usize>,
    /// Where the open word began.
    start: usize,
}

impl Normal {
    /// `zeros` writes every decimal digit as 0.
    pub fn read(&mut self, paragraph: &str, zeros: bool) {
        self.bytes.clear();
        self.ends.clear();
        self.start = 0;
        let mut at = 0;
        while let Some(&byte) = paragraph.as_bytes().get(at) {
            if byte < 0x80 {
                match CLASS[usize::from(byte)] {
                    SPACE => self.close(),
                    NOTHING => {}
                    b'0'..=b'9' if zeros => self.bytes.push(b'0'),
                    lower => self.bytes.push(lower),
                }
                at += 1;
                continue;
            }
            let wide = paragraph[at..].chars().next().expect("a byte that is not ASCII begins a character");
            at += wide.len_utf8();
            if wide.is_whitespace() {
                self.close();
            } else if is_word_alone(wide) {
                self.close();
                self.push(wide, zeros);
                self.close();
            } else {
                wide.to_lowercase().for_each(|lower| self.push(bare(lower), zeros));
            }
        }
        self.close();
    }

    fn push(&mut self, c: char, zeros: bool) {
        match get_general_category(c) {
            Category::DecimalNumber if zeros => self.bytes.push(b'0'),
            Category::ConnectorPunctuation
            | Category::DashPunctuation
            | Category::OpenPunctuation
            | Category::ClosePunctuation
            | Category::InitialPunctuation
            | Category::FinalPunctuation
            | Category::OtherPunctuation
            | Category::Control
            | Category::Format => {}
            _ if is_accent(c) => {}
            _ => self.bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }

    /// Ends the open word, if it holds anything.
    fn close(&mut self) {
        if self.start < self.bytes.len() {
            self.ends.push(self.bytes.len());
            self.bytes.push(b' ');
            self.start = self.bytes.len();
        }
    }

    pub fn n_words(&self) -> usize {
        self.ends.len()
    }

    /// All words with one space between them.
    pub fn whole(&self) -> &[u8] {
        &self.bytes[..self.ends.last().copied().unwrap_or(0)]
    }

    /// Every run of `n` words; none where there are fewer.
    pub fn runs(&self, n: usize) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|end| end + 1));
        starts.zip(self.ends.iter().skip(n - 1)).map(|(start, &end)| &self.bytes[start..end])
    }
}

fn is_accent(c: char) -> bool {
    ('\u{300}'..='\u{36F}').contains(&c)
}

/// Han and kana.
fn is_word_alone(c: char) -> bool {
    '\u{3040}' <= c && is_spaceless(c)
}

/// A letter without its accents: what is left of it when they are taken off one by one, as they were put on.
fn bare(c: char) -> char {
    let decomposition = CanonicalDecompositionBorrowed::new();
    let mut bare = if c == 'ς' { 'σ' } else { c };
    loop {
        bare = match decomposition.decompose(bare) {
            Decomposed::Expansion(base, mark) if is_accent(mark) => base,
            Decomposed::Singleton(same) => same,
            _ => return bare,
        };
    }
}
