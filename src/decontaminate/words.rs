//! What a word is: white-space-delimited, in lower case, without punctuation (Unicode category P); a word of punctuation alone is none. One walk serves
//! hashing and spelling, so that both always agree.
//!
//! Beyond the paper: a letter of Han or kana is a word of its own, for those scripts set no spaces and a line of Chinese would be one word. Final sigma is a
//! sigma, so that capitals match it. Nothing is normalised to NFC: a benchmark in decomposed letters finds only decomposed text.

use std::ops::Range;

use unicode_general_category::{GeneralCategory, get_general_category};

use crate::text::{is_ascii_of_category_p, is_spaceless};

/// Classes of bytes that are no ASCII letter, digit, symbol or control; ASCII itself stays below them.
const SPACE: u8 = 0x80;
const PUNCTUATION: u8 = 0x81;
const BEYOND_ASCII: u8 = 0x82;

/// For each byte its lower case, or its class.
const CLASS: [u8; 256] = {
    let mut class = [BEYOND_ASCII; 256];
    let mut byte = 0_u8;
    while byte < 0x80 {
        class[byte as usize] = match byte {
            b'\t'..=b'\r' | b' ' => SPACE,
            _ if is_ascii_of_category_p(byte) => PUNCTUATION,
            _ => byte.to_ascii_lowercase(),
        };
        byte += 1;
    }
    class
};

/// The hash of one word's bytes, eight at a time: a multiplication for each byte would be the slowest part of the search.
#[derive(Default)]
pub struct WordHash {
    hash: u64,
    bytes: u64,
    length: u32,
}

impl WordHash {
    #[inline]
    pub fn push(&mut self, byte: u8) {
        self.bytes = self.bytes << 8 | u64::from(byte);
        self.length += 1;
        if self.length.is_multiple_of(8) {
            self.fold();
        }
    }

    #[inline]
    pub fn finish(mut self) -> u64 {
        self.bytes ^= u64::from(self.length) << 56;
        self.fold();
        self.hash
    }

    #[inline]
    fn fold(&mut self) {
        // The odd factor is the fraction of the square root of 2; the shift brings the product's strong high bits down.
        let product = (self.hash ^ self.bytes).wrapping_mul(0x6a09_e667_f3bc_c909);
        self.hash = product ^ (product >> 32);
        self.bytes = 0;
    }
}

/// Finds the next word from `at`, moves `at` behind it, gives the word's bytes in the text (attached punctuation included), and hands its normalised UTF-8
/// bytes to `push`.
#[inline]
pub fn next_word(text: &str, at: &mut usize, mut push: impl FnMut(u8)) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut index = *at;
    let mut start = index;
    let mut is_empty = true;
    loop {
        let Some(&byte) = bytes.get(index) else {
            *at = index;
            return (!is_empty).then_some(start..index);
        };
        let class = CLASS[usize::from(byte)];
        if class < SPACE {
            push(class);
            is_empty = false;
            index += 1;
            continue;
        }
        let (is_space, width) = match class {
            SPACE => (true, 1),
            PUNCTUATION => (false, 1),
            _ => {
                let c = text[index..].chars().next().expect("a byte that is not ASCII begins a character");
                let width = c.len_utf8();
                if is_word_alone(c) {
                    if is_empty {
                        push_character(c, &mut push);
                        start = index;
                        index += width;
                    }
                    *at = index;
                    return Some(start..index);
                }
                let is_space = c.is_whitespace();
                if !is_space && !is_punctuation(c) {
                    c.to_lowercase().for_each(|lower| push_character(lower, &mut push));
                    is_empty = false;
                }
                (is_space, width)
            }
        };
        if is_space && !is_empty {
            *at = index;
            return Some(start..index);
        }
        index += width;
        if is_space {
            start = index;
        }
    }
}

fn push_character(c: char, push: &mut impl FnMut(u8)) {
    let c = if c == 'ς' { 'σ' } else { c };
    c.encode_utf8(&mut [0; 4]).bytes().for_each(push);
}

/// Han and kana. Thai and its neighbours are left to white space: 13 of their characters are three words, too few to tell a copy from chance.
fn is_word_alone(c: char) -> bool {
    '\u{3040}' <= c && is_spaceless(c)
}

fn is_punctuation(c: char) -> bool {
    use GeneralCategory as Category;
    matches!(
        get_general_category(c),
        Category::ConnectorPunctuation
            | Category::DashPunctuation
            | Category::OpenPunctuation
            | Category::ClosePunctuation
            | Category::InitialPunctuation
            | Category::FinalPunctuation
            | Category::OtherPunctuation
    )
}
