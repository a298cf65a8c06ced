//! What the characters of a text are, read in one pass: counts over letters, digits and marks, and each word as a number.
//!
//! ASCII goes by a table, a byte at a time; of what is beyond it Unicode is asked once, and its answers are kept for the basic plane.

use std::sync::OnceLock;

use crate::extract::lanes::{HIGH, eight, eight_from, least, same};
use crate::text::is_spaceless;

/// A word as a number: its lower-case bytes packed while there are at most eight, mixed beyond.
pub type WordKey = u64;

/// Counts over characters.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub chars: u32,
    pub letters: u32,
    /// Letters of scripts that have a list of stop words: Latin, Greek, Cyrillic.
    pub listed: u32,
    pub spaceless: u32,
    pub marks: u32,
}

/// For each byte of ASCII that words are made of: in lower case, a digit as 0; else 0.
const FOLDED: [u8; 128] = {
    let mut table = [0; 128];
    let mut byte = 0;
    while byte < 128_u8 {
        if byte.is_ascii_digit() {
            table[byte as usize] = b'0';
        } else if byte.is_ascii_alphabetic() || byte == b'_' {
            table[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

/// For each byte of ASCII what it adds to letters and signs, in fields of `FIELD` bits, and the two bits below.
const ADDS: [u64; 128] = {
    let mut table = [0; 128];
    let mut byte = 0;
    while byte < 128_u8 {
        let adds = &mut table[byte as usize];
        let is = [byte.is_ascii_alphabetic(), is_sign(byte as char)];
        let mut field = 0;
        while field < is.len() {
            *adds |= (is[field] as u64) << (FIELD * field);
            field += 1;
        }
        if matches!(byte, b'.' | b'!' | b'?' | b';' | b':') {
            *adds |= MARK;
        }
        if matches!(byte, b' ' | b'\n' | b'"' | b'\'' | b')') {
            *adds |= CLOSES;
        }
        byte += 1;
    }
    table
};

/// Bits of a field; no field overflows within so many bytes.
const FIELD: usize = 12;
const MOST_BYTES: usize = (1 << FIELD) - 1;
/// May end a sentence, if what closes it follows.
const MARK: u64 = 1 << 62;
const CLOSES: u64 = 1 << 63;

/// The bytes of ASCII in a word that eight bytes begin with: as a key, and how many. All bytes are looked at together, each
/// in its lane.
fn first_word(text: u64) -> (WordKey, usize) {
    let low = text & !HIGH;
    let letters = least(low | eight(0x20), b'a') & !least(low | eight(0x20), b'z' + 1);
    let digits = least(low, b'0') & !least(low, b'9' + 1);
    let others = !(letters | digits | same(low, b'_')) | text;
    let length = (others & HIGH).leading_zeros() as usize / 8;
    let uppers = letters & !(text << 2) & HIGH;
    // A capital has no 0x20, and a digit is 0 without its low four bits.
    let folded = (text | uppers >> 2) & !(((digits & HIGH) >> 7) * 0x0F);
    (folded.checked_shr(64 - 8 * length as u32).unwrap_or(0), length)
}

/// What Unicode says of a character.
const WORD: u8 = 1;
const LETTER: u8 = 2;
const UPPER: u8 = 4;
const SPACELESS: u8 = 8;

fn ask(c: char) -> u8 {
    let is = |is: bool, what: u8| if is { what } else { 0 };
    is(c.is_alphanumeric(), WORD) | is(c.is_alphabetic(), LETTER) | is(c.is_uppercase(), UPPER) | is(is_spaceless(c), SPACELESS)
}

/// The answers for the basic plane: 64 KiB, of which a text's own script is touched.
fn basic_plane() -> &'static [u8] {
    static PLANE: OnceLock<Vec<u8>> = OnceLock::new();
    PLANE.get_or_init(|| (0..=0xFFFF_u32).map(|code| char::from_u32(code).map_or(0, ask)).collect())
}

fn of_char(c: char) -> u8 {
    basic_plane().get(c as usize).copied().unwrap_or_else(|| ask(c))
}

/// A word as it is read.
#[derive(Default)]
struct Word {
    key: WordKey,
    length: u32,
}

impl Word {
    fn add(&mut self, byte: u8) {
        let (key, byte) = (self.key, u64::from(byte));
        self.key = if self.length < 8 { key << 8 | byte } else { (key ^ byte).wrapping_mul(0x0100_0000_01B3) };
        self.length += 1;
    }
}

/// True for signs that tell what a short text is for: prices, menus, rights.
pub const fn is_sign(c: char) -> bool {
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

/// The key of one word.
pub fn word_key(word: &str) -> WordKey {
    let mut found = 0;
    each_word(word, |key| found = key);
    found
}

/// Counts over `text`; `signs` becomes its signs, each once.
pub fn count(text: &str, signs: &mut Vec<char>) -> Counts {
    signs.clear();
    let bytes = text.as_bytes();
    let (mut counts, mut at, mut n_beyond, mut before) = (Counts::default(), 0, 0, 0_u64);
    while at < bytes.len() {
        // A run of ASCII. The bits above the fields run over and out.
        let (start, mut sums, mut marks) = (at, 0_u64, 0);
        for &adds in bytes[at..].iter().take(MOST_BYTES).map_while(|&byte| ADDS.get(byte as usize)) {
            sums = sums.wrapping_add(adds);
            marks += (before << 1 & adds) >> 63;
            before = adds;
            at += 1;
        }
        counts.marks += marks as u32;
        let [letters, n_signs] = std::array::from_fn(|field| (sums >> (FIELD * field)) as u32 & MOST_BYTES as u32);
        counts.letters += letters;
        counts.listed += letters;
        if n_signs != 0 {
            text[start..at].chars().filter(|&c| is_sign(c)).for_each(|c| note(signs, c));
        }
        // And a character beyond it.
        if bytes.get(at).is_none_or(u8::is_ascii) {
            continue;
        }
        let Some(c) = text[at..].chars().next() else { break };
        at += c.len_utf8();
        n_beyond += c.len_utf8() - 1;
        let is = of_char(c);
        if is & (LETTER | SPACELESS) != 0 {
            counts.letters += 1;
            let is_spaceless = is & SPACELESS != 0;
            counts.spaceless += u32::from(is_spaceless);
            counts.listed += u32::from(!is_spaceless && u32::from(c) < 0x530);
        } else {
            counts.marks += u32::from(before & MARK != 0 && matches!(c, '”' | '’' | '»') || matches!(c, '。' | '！' | '？'));
            if is_sign(c) {
                note(signs, c);
            }
        }
        before = if c == '…' { MARK } else { 0 };
    }
    counts.chars = (bytes.len() - n_beyond) as u32;
    counts.marks += u32::from(before & MARK != 0);
    counts
}

fn note(signs: &mut Vec<char>, sign: char) {
    if !signs.contains(&sign) {
        signs.push(sign);
    }
}

/// Calls `visit` with the key of each word (`text::words`, in lower case, each digit as 0).
pub fn each_word(text: &str, mut visit: impl FnMut(WordKey)) {
    let bytes = text.as_bytes();
    let (mut at, mut word) = (0, Word::default());
    while at < bytes.len() {
        if word.length == 0 {
            let eight = eight_from(bytes, at);
            let (key, length) = first_word(eight);
            // Beyond ASCII and beyond eight bytes the word may go on.
            if 0 < length && (eight << (8 * length.min(7))) & 0x80 << 56 == 0 && length < 8 {
                visit(key);
                at += length + 1;
                continue;
            }
            if 0 < length {
                word = Word { key, length: length as u32 };
                at += length;
                if bytes.len() <= at {
                    break;
                }
            }
        }
        let byte = bytes[at];
        if let Some(&folded) = FOLDED.get(byte as usize) {
            at += 1;
            if folded != 0 {
                word.add(folded);
                continue;
            }
        } else {
            let Some(c) = text[at..].chars().next() else { break };
            at += c.len_utf8();
            let is = of_char(c);
            if is & WORD != 0 {
                let lower = if is & UPPER != 0 { c.to_lowercase().next().unwrap_or(c) } else { c };
                lower.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| word.add(byte));
                continue;
            }
        }
        if 0 < word.length {
            visit(word.key);
            word = Word::default();
        }
    }
    if 0 < word.length {
        visit(word.key);
    }
}
