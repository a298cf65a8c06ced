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
        self.bytes |= u64::from(byte) << (8 * (self.length % 8));
        self.length += 1;
        if self.length.is_multiple_of(8) {
            self.fold();
        }
    }

    /// Pushes the first `length` (1 to 8) bytes of a chunk, which are its lowest.
    #[inline]
    fn push_chunk(&mut self, chunk: u64, length: u32) {
        if self.length.is_multiple_of(8) {
            self.bytes = lowest(chunk, length);
            self.length += length;
            if length == 8 {
                self.fold();
            }
        } else {
            chunk.to_le_bytes().into_iter().take(length as usize).for_each(|byte| self.push(byte));
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

/// As [`next_word`], with the word's hash. Nearly all words are ASCII letters and digits with punctuation around or between; these are taken eight bytes at a time.
#[inline(always)]
pub fn next_hash(text: &str, at: &mut usize) -> Option<(u64, Range<usize>)> {
    plain_word(text.as_bytes(), at).or_else(|| any_word(text, at))
}

#[inline(never)]
fn any_word(text: &str, at: &mut usize) -> Option<(u64, Range<usize>)> {
    let mut hash = WordHash::default();
    let place = next_word(text, at, |byte| hash.push(byte))?;
    Some((hash.finish(), place))
}

/// The next word, where it holds nothing but ASCII letters, digits and punctuation, ends before white space, and is not among the last bytes of the text; else `at`
/// stays.
#[inline(always)]
fn plain_word(bytes: &[u8], at: &mut usize) -> Option<(u64, Range<usize>)> {
    let mut index = *at;
    while CLASS[usize::from(*bytes.get(index)?)] == SPACE {
        index += 1;
    }
    let mut start = index;
    let mut hash = WordHash::default();
    loop {
        let chunk = u64::from_le_bytes(bytes.get(index..index + 8)?.try_into().ok()?);
        let (lower, length) = plain_prefix(chunk);
        // What follows the letters and digits, when it is among the eight.
        let next = (chunk >> (8 * length.min(7))) as u8;
        // Most words are these and a space.
        if length.wrapping_sub(1) < 7 && next == b' ' && hash.length == 0 {
            index += length as usize;
            *at = index + 1;
            let whole = WordHash { hash: 0, bytes: lowest(lower, length), length };
            return Some((whole.finish(), start..index));
        }
        if length != 0 {
            hash.push_chunk(lower, length);
            index += length as usize;
            if length == 8 {
                continue;
            }
        }
        match CLASS[usize::from(next)] {
            SPACE if hash.length != 0 => {
                *at = index;
                return Some((hash.finish(), start..index));
            }
            SPACE => {
                index += 1;
                start = index;
            }
            PUNCTUATION => index += 1,
            // U+2010 to U+2027: the dashes, quotation marks and ellipsis of print, all of category P.
            BEYOND_ASCII if matches!(bytes.get(index..index + 3), Some([0xE2, 0x80, 0x90..=0xA7])) => index += 3,
            // A symbol, a control or a letter beyond ASCII.
            _ => return None,
        }
    }
}

/// Eight bytes in lower case, and how many of them, from the lowest on, are ASCII letters and digits. All eight are judged at once: added to a byte below 0x80, the
/// distance from a letter to 0x80 sets the highest bit of the bytes from that letter on, and carries into no other byte.
#[inline(always)]
fn plain_prefix(chunk: u64) -> (u64, u32) {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * EACH;
    let from = |bytes: u64, byte: u8| bytes + u64::from(0x80 - byte) * EACH;
    let low = chunk & !HIGH;
    // Only a letter becomes a small letter by this bit.
    let small = low | (0x20 * EACH);
    let letters = from(small, b'a') & !from(small, b'z' + 1);
    let digits = from(low, b'0') & !from(low, b'9' + 1);
    let plain = (letters | digits) & !chunk & HIGH;
    (chunk | (letters & plain) >> 2, (plain ^ HIGH).trailing_zeros() / 8)
}

/// The lowest `length` (1 to 8) bytes of a chunk.
#[inline]
fn lowest(chunk: u64, length: u32) -> u64 {
    let beyond = 64 - 8 * length;
    chunk << beyond >> beyond
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
