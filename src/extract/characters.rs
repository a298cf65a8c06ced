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

/// What a byte of ASCII is that no word has.
const SEPARATORS: [u8; 128] = {
    let mut table = [0; 128];
    let mut byte = 0;
    while byte < 128_u8 {
        if matches!(byte, b'.' | b'!' | b'?' | b';' | b':') {
            table[byte as usize] |= MARK;
        }
        if matches!(byte, b' ' | b'\n' | b'"' | b'\'' | b')') {
            table[byte as usize] |= CLOSES;
        }
        if is_sign(byte as char) {
            table[byte as usize] |= SIGN;
        }
        byte += 1;
    }
    table
};

/// May end a sentence, if what closes it follows.
const MARK: u8 = 1;
const CLOSES: u8 = 2;
const SIGN: u8 = 4;

/// The part of a word that eight bytes begin with, of ASCII alone.
struct Start {
    key: WordKey,
    length: usize,
    letters: u32,
}

/// All bytes are looked at together, each in its lane.
fn start(text: u64) -> Start {
    let low = text & !HIGH;
    let letters = least(low | eight(0x20), b'a') & !least(low | eight(0x20), b'z' + 1);
    let digits = least(low, b'0') & !least(low, b'9' + 1);
    let others = !(letters | digits | same(low, b'_')) | text;
    let length = (others & HIGH).leading_zeros() as usize / 8;
    let uppers = letters & !(text << 2) & HIGH;
    // A capital has no 0x20, and a digit is 0 without its low four bits.
    let folded = (text | uppers >> 2) & !(((digits & HIGH) >> 7) * 0x0F);
    let behind = u64::MAX.checked_shr(8 * length as u32).unwrap_or(0);
    // A one in each lane, which a product adds up in the highest.
    let ones = (letters & HIGH & !behind) >> 7;
    Start { key: folded.checked_shr(64 - 8 * length as u32).unwrap_or(0), length, letters: (ones.wrapping_mul(eight(1)) >> 56) as u32 }
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

/// Calls `visit` with the key of each word of a text.
pub fn each_word(text: &str, visit: impl FnMut(WordKey)) {
    read(text, &mut Vec::new(), visit);
}

/// Counts over `text`, and calls `visit` with the key of each of its words (`text::words`, in lower case, each digit as 0); `signs` becomes its signs, each once.
pub fn read(text: &str, signs: &mut Vec<char>, mut visit: impl FnMut(WordKey)) -> Counts {
    signs.clear();
    let bytes = text.as_bytes();
    let (mut counts, mut letters, mut n_beyond) = (Counts::default(), 0, 0);
    // The word at hand, and what the byte before was.
    let (mut word, mut before, mut at) = (Word::default(), 0, 0);
    while at < bytes.len() {
        if word.length == 0 {
            let start = start(eight_from(bytes, at));
            if 0 < start.length {
                at += start.length;
                letters += start.letters;
                before = 0;
                match bytes.get(at) {
                    Some(next) if start.length < 8 && next.is_ascii() => visit(start.key),
                    // Beyond ASCII and beyond eight bytes the word may go on.
                    Some(_) => word = Word { key: start.key, length: start.length as u32 },
                    None => {
                        visit(start.key);
                        break;
                    }
                }
            }
        }
        let byte = bytes[at];
        if byte.is_ascii() {
            at += 1;
            let folded = FOLDED[byte as usize];
            // The first byte of a word is never met here.
            if 0 < word.length && folded != 0 {
                letters += u32::from(byte.is_ascii_alphabetic());
                before = 0;
                word.add(folded);
                continue;
            }
            let is = SEPARATORS[byte as usize];
            counts.marks += u32::from(before & MARK != 0 && is & CLOSES != 0);
            if is & SIGN != 0 {
                note(signs, char::from(byte));
            }
            before = is;
        } else {
            let Some(c) = text[at..].chars().next() else { break };
            at += c.len_utf8();
            n_beyond += c.len_utf8() - 1;
            let is = of_char(c);
            if is & (LETTER | SPACELESS) != 0 {
                let is_spaceless = is & SPACELESS != 0;
                counts.letters += 1;
                counts.spaceless += u32::from(is_spaceless);
                counts.listed += u32::from(!is_spaceless && u32::from(c) < 0x530);
            } else {
                counts.marks += u32::from(before & MARK != 0 && matches!(c, '”' | '’' | '»') || matches!(c, '。' | '！' | '？'));
                if is_sign(c) {
                    note(signs, c);
                }
            }
            before = if c == '…' { MARK } else { 0 };
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
    counts.chars = (bytes.len() - n_beyond) as u32;
    counts.letters += letters;
    counts.listed += letters;
    counts.marks += u32::from(before & MARK != 0);
    counts
}

fn note(signs: &mut Vec<char>, sign: char) {
    if !signs.contains(&sign) {
        signs.push(sign);
    }
}
