//! Hashed character n-grams and words: a text as rows of a table. Letters of one script, small, 16 bits each; a run of anything else is one boundary, and n-grams include the
//! boundaries of their word, but never reach into another. Hashes are those of multiply-shift (Dietzfelbinger et al. 1997): the high bits of a product with an odd number.

use crate::language::scripts::{CHARACTERS, Characters, Script};

/// What stands for a boundary of words.
const BOUNDARY: u64 = 0x20;

/// What stands for a character that is passed over.
const NOTHING: u64 = u64::MAX;

/// 2^64 over the golden ratio, made odd.
const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// The longest n-gram: so many letters fit into 64 bits.
pub const MOST_LETTERS: u32 = 4;

/// How a text becomes rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grams {
    pub script: Script,
    /// Least and most letters of an n-gram, within 1..=4.
    pub orders: (u32, u32),
    /// Logarithm of the number of rows.
    pub bits: u32,
    /// Words that count whole too, whatever their length.
    pub words: Words,
}

/// A set of words by a bit of their hash each: a word that is not in it is taken for one that is as often as bits are set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(Vec<u64>);

/// Bits of a set that is not empty: 128 KiB.
const WORD_BITS: u32 = 20;

impl Words {
    /// The set of some words, by the hashes that [`hashes_of_words`] gives.
    pub fn of(hashes: impl IntoIterator<Item = u64>) -> Self {
        let mut words = vec![0; 1 << (WORD_BITS - 6)];
        for hash in hashes {
            let at = hash >> (64 - WORD_BITS);
            words[at as usize >> 6] |= 1 << (at & 63);
        }
        Self(words)
    }

    /// `None` unless there are as many bytes as [`Words::to_bytes`] gives, or none.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let words: Vec<u64> = bytes.as_chunks().0.iter().map(|eight| u64::from_le_bytes(*eight)).collect();
        matches!(bytes.len(), 0 | WORD_BYTES).then_some(Self(words))
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    fn contains(&self, hash: u64) -> bool {
        let at = hash >> (64 - WORD_BITS);
        self.0.get(at as usize >> 6).is_some_and(|word| word >> (at & 63) & 1 == 1)
    }
}

const WORD_BYTES: usize = 1 << (WORD_BITS - 3);

/// The rows of a text. One is used for text after text, so that its memory is made once.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Longer than what there is.
    rows: Vec<u32>,
    /// Hashes of words, as they end; longer too.
    words: Vec<u64>,
}

impl Rows {
    /// Finds the rows, below 2^`bits`, of what counts among the letters of the script.
    pub fn fill(&mut self, text: &str, grams: &Grams) -> &[u32] {
        let Grams { script, orders: (least, most), bits, words } = grams;
        // A byte is a letter at most, and one boundary more ends the text.
        let (n_letters, each) = (text.len() + 2, (most + 2).saturating_sub(*least) as usize);
        self.rows.resize((each * n_letters).max(self.rows.len()), 0);
        self.words.resize(n_letters.max(self.words.len()), 0);
        let (rows, hashes) = (&mut self.rows[..], &mut self.words[..]);
        let (mut n, mut n_words) = (0, 0);
        match (*least, *most) {
            // What may not count is written too, and the next over it: that costs less than to ask.
            (MOST_LETTERS, MOST_LETTERS) => walk(text, *script, |letter| {
                rows[n] = row(letter.window, MOST_LETTERS, *bits);
                n += usize::from(MOST_LETTERS <= letter.n);
                hashes[n_words] = letter.word;
                n_words += usize::from(letter.ends_word);
            }),
            (least, most) => walk(text, *script, |letter| {
                // Of boundaries only what ends a word counts, and not alone.
                let is_boundary = letter.window & 0xFFFF == BOUNDARY;
                let known = if is_boundary && !letter.ends_word { 0 } else { letter.n };
                for order in (least..=most).filter(|order| *order <= known && (1 < *order || !is_boundary)) {
                    rows[n] = row(letter.window, order, *bits);
                    n += 1;
                }
                hashes[n_words] = letter.word;
                n_words += usize::from(letter.ends_word);
            }),
        }
        for hash in &hashes[..n_words] {
            rows[n] = word_row(*hash, *bits);
            n += usize::from(words.contains(*hash));
        }
        &self.rows[..n]
    }
}

/// The hash of each word of a script in a text.
pub fn hashes_of_words(text: &str, script: Script) -> Vec<u64> {
    let mut hashes = Vec::new();
    walk(text, script, |letter| {
        if letter.ends_word {
            hashes.push(letter.word);
        }
    });
    hashes
}

/// A letter, or a boundary, with what came before it.
struct Letter {
    /// The letters up to it, itself lowest.
    window: u64,
    /// How many of them are of its word, boundaries included.
    n: u32,
    /// It is the boundary after a word.
    ends_word: bool,
    /// Hash of the word so far.
    word: u64,
}

/// Calls `found` for each letter and each boundary.
#[inline]
fn walk(text: &str, script: Script, mut found: impl FnMut(&Letter)) {
    let characters = &*CHARACTERS;
    let ascii: [u64; 128] = std::array::from_fn(|at| letter(characters, at as u8 as char, script).unwrap_or(NOTHING));
    let mut last = Letter { window: BOUNDARY, n: 1, ends_word: false, word: 0 };
    let (bytes, mut at) = (text.as_bytes(), 0);
    while at <= bytes.len() {
        // Most of most texts is ASCII, which needs no decoding. A boundary ends the text.
        let letter = match bytes.get(at) {
            Some(byte) if byte.is_ascii() => ascii[usize::from(byte & 0x7F)],
            Some(_) => {
                let c = text[at..].chars().next().unwrap_or_default();
                at += c.len_utf8() - 1;
                letter(characters, c, script).unwrap_or(NOTHING)
            }
            None => BOUNDARY,
        };
        at += 1;
        if letter == NOTHING {
            continue;
        }
        let is_boundary = letter == BOUNDARY;
        last.window = last.window << 16 | letter;
        last.n += 1;
        last.ends_word = is_boundary && 2 < last.n;
        found(&last);
        last.n = if is_boundary { 1 } else { last.n };
        last.word = if is_boundary { 0 } else { (last.word.rotate_left(5) ^ letter).wrapping_mul(MULTIPLIER) };
    }
}

/// What a character is in a text of a script: a letter, a boundary, or nothing at all.
#[inline]
fn letter(characters: &Characters, c: char, script: Script) -> Option<u64> {
    match characters.of(c) {
        (of, small) if of == script => Some(u64::from(small)),
        (Script::Mark, _) => None,
        _ => Some(BOUNDARY),
    }
}

/// The row of the last `n` letters of a window.
#[inline]
fn row(window: u64, n: u32, bits: u32) -> u32 {
    let letters = window << (64 - 16 * n);
    ((letters ^ u64::from(n)).wrapping_mul(MULTIPLIER) >> (64 - bits)) as u32
}

/// The row of a whole word.
#[inline]
fn word_row(word: u64, bits: u32) -> u32 {
    (word.wrapping_mul(MULTIPLIER) >> (64 - bits)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grams(least: u32, most: u32, words: &str) -> Grams {
        let words = if words.is_empty() { Words::default() } else { Words::of(hashes_of_words(words, Script::Latin)) };
        Grams { script: Script::Latin, orders: (least, most), bits: 20, words }
    }

    fn rows(text: &str, grams: &Grams) -> Vec<u32> {
        Rows::default().fill(text, grams).to_vec()
    }

    /// The row of an n-gram that is written out, with boundaries as spaces.
    fn gram(letters: &str) -> u32 {
        let window = letters.chars().fold(0, |window, c| window << 16 | u64::from(u32::from(c)));
        row(window, letters.chars().count() as u32, 20)
    }

    #[test]
    fn n_grams_have_the_boundaries_of_their_word_and_no_other_word() {
        let four = |text: &str| rows(text, &grams(4, 4, ""));
        assert_eq!(four("The, 3 ox"), [" the", "the ", " ox "].map(gram));
        assert_eq!(four("a to"), [" to "].map(gram));
        assert_eq!(rows("to a", &grams(1, 3, "")), ["t", " t", "o", "to", " to", "o ", "to ", "a", " a", "a ", " a "].map(gram));
        assert!(four("").is_empty());
        assert!(four(" ... 12").is_empty());
    }

    #[test]
    fn capitals_marks_and_other_scripts() {
        let four = |text: &str| rows(text, &grams(4, 4, ""));
        assert_eq!(four("\u{c4}PFEL"), four("\u{e4}pfel"));
        assert_eq!(four("cafe\u{301}s"), four("cafes"));
        assert_eq!(four("one\u{3b2}two"), four("one two"));
    }

    /// A word of the set counts once, whichever n-grams count beside it; two words are two rows; others do not count.
    #[test]
    fn words_of_the_set_count_whole() {
        let whole = |(least, most)| {
            let [with, without] = ["ferry noon a", ""].map(|words| rows("Ferry ferry noon a over", &grams(least, most, words)));
            let mut rest = with;
            for row in without {
                rest.remove(rest.iter().position(|other| *other == row).unwrap());
            }
            rest
        };
        let four = whole((4, 4));
        assert_eq!(four.len(), 4);
        assert!(four[0] == four[1] && four[1] != four[2] && four[2] != four[3]);
        assert_eq!((&whole((1, 4)), &whole((2, 3))), (&four, &four));
    }

    #[test]
    fn a_set_of_words_is_read_back() {
        let words = Words::of(hashes_of_words("the ferry at noon", Script::Latin));
        assert_eq!(Words::from_bytes(&words.to_bytes()), Some(words));
        assert_eq!(Words::from_bytes(&[]), Some(Words::default()));
        assert_eq!(Words::from_bytes(&[0; 8]), None);
    }

    #[test]
    fn memory_is_used_again() {
        let grams = grams(1, 4, "noon");
        let mut rows = Rows::default();
        let long = rows.fill(&"the ferry ".repeat(50), &grams).len();
        let short = rows.fill("noon", &grams).to_vec();
        assert!(short.len() < long);
        assert_eq!(short, Rows::default().fill("noon", &grams));
    }
}
