//! What the characters of a text are, read in one pass: counts over letters, digits and marks, and each word as a number.
//!
//! ASCII goes by a table, a byte at a time; of what is beyond it Unicode is asked once, and its answers are kept for the basic plane.

use std::sync::OnceLock;

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
    pub commas: u32,
    pub digits: u32,
    pub uppers: u32,
}

/// What a byte of ASCII is.
#[derive(Clone, Copy)]
struct Ascii {
    /// In a word: in lower case, a digit as 0; else 0.
    folded: u8,
    /// `MARK`, `CLOSES` and `SIGN`.
    is: u8,
    /// What it adds to letters, capitals, digits and commas.
    adds: [u32; 4],
}

/// May end a sentence, if what `CLOSES` follows.
const MARK: u8 = 1;
const CLOSES: u8 = 2;
const SIGN: u8 = 4;

const ASCII: [Ascii; 128] = {
    let mut table = [Ascii { folded: 0, is: 0, adds: [0; 4] }; 128];
    let mut byte = 0;
    while byte < 128_u8 {
        let (letter, upper, digit) = (byte.is_ascii_alphabetic(), byte.is_ascii_uppercase(), byte.is_ascii_digit());
        let folded = if digit {
            b'0'
        } else if letter || byte == b'_' {
            byte.to_ascii_lowercase()
        } else {
            0
        };
        let mark = if matches!(byte, b'.' | b'!' | b'?' | b';' | b':') { MARK } else { 0 };
        let closes = if matches!(byte, b' ' | b'\n' | b'"' | b'\'' | b')') { CLOSES } else { 0 };
        let sign = if is_sign(byte as char) { SIGN } else { 0 };
        table[byte as usize] =
            Ascii { folded, is: mark | closes | sign, adds: [letter as u32, upper as u32, digit as u32, (byte == b',') as u32] };
        byte += 1;
    }
    table
};

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

/// A word as it is read.
#[derive(Default)]
struct Word {
    key: WordKey,
    length: u32,
    is_capitalised: bool,
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
    read(word, |key, _| found = key, &mut Vec::new());
    found
}

/// Counts over `text`. Calls `visit` with the key of each word (`text::words`, in lower case, each digit as 0) and whether it begins with a capital letter;
/// `signs` becomes the signs of the text, each once.
pub fn read(text: &str, mut visit: impl FnMut(WordKey, bool), signs: &mut Vec<char>) -> Counts {
    signs.clear();
    let plane = basic_plane();
    let bytes = text.as_bytes();
    let (mut counts, mut ascii, mut word) = (Counts::default(), [0_u32; 4], Word::default());
    let (mut at, mut n_beyond, mut before) = (0, 0, 0);
    while at < bytes.len() {
        let byte = bytes[at];
        if let Some(of) = ASCII.get(byte as usize) {
            at += 1;
            ascii.iter_mut().zip(of.adds).for_each(|(sum, adds)| *sum += adds);
            counts.marks += u32::from(before & MARK != 0 && of.is & CLOSES != 0);
            before = of.is;
            if of.folded != 0 {
                word.is_capitalised |= word.length == 0 && byte.is_ascii_uppercase();
                word.add(of.folded);
                continue;
            }
            if of.is & SIGN != 0 && !signs.contains(&char::from(byte)) {
                signs.push(char::from(byte));
            }
        } else {
            let Some(c) = text[at..].chars().next() else { break };
            let length = c.len_utf8();
            at += length;
            n_beyond += length - 1;
            let is = plane.get(c as usize).copied().unwrap_or_else(|| ask(c));
            if is & (LETTER | SPACELESS) != 0 {
                counts.letters += 1;
                let is_spaceless = is & SPACELESS != 0;
                counts.spaceless += u32::from(is_spaceless);
                counts.listed += u32::from(!is_spaceless && u32::from(c) < 0x530);
                counts.uppers += u32::from(!is_spaceless && is & UPPER != 0);
            } else {
                counts.marks += u32::from(before & MARK != 0 && matches!(c, '”' | '’' | '»') || matches!(c, '。' | '！' | '？'));
                counts.commas += u32::from(matches!(c, '،' | '、' | '，'));
            }
            before = if c == '…' { MARK } else { 0 };
            if is & WORD != 0 {
                let lower = if is & UPPER != 0 { c.to_lowercase().next().unwrap_or(c) } else { c };
                word.is_capitalised |= word.length == 0 && lower != c;
                lower.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| word.add(byte));
                continue;
            }
            if is_sign(c) && !signs.contains(&c) {
                signs.push(c);
            }
        }
        if 0 < word.length {
            visit(word.key, word.is_capitalised);
            word = Word::default();
        }
    }
    if 0 < word.length {
        visit(word.key, word.is_capitalised);
    }
    let [letters, uppers, digits, commas] = ascii;
    counts.chars = (bytes.len() - n_beyond) as u32;
    counts.letters += letters;
    counts.listed += letters;
    counts.uppers += uppers;
    counts.digits += digits;
    counts.commas += commas;
    counts.marks += u32::from(before & MARK != 0);
    counts
}
