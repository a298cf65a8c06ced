//! Hashed character n-grams and words: a text as rows of a table. Letters of one script, small, 16 bits each; a run of anything else is one boundary, and n-grams include the
//! boundaries of their word, but never reach into another. Hashes are those of multiply-shift (Dietzfelbinger et al. 1997): the high bits of a product with an odd number.

use crate::language::scripts::{CHARACTERS, Characters, Script};

/// What stands for a boundary of words.
const BOUNDARY: u16 = 0x20;

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
    /// Letters and boundaries; longer than what there is, as the others are.
    letters: Vec<u16>,
    rows: Vec<u32>,
    /// Hashes of words, as they end.
    words: Vec<u64>,
}

impl Rows {
    /// Finds the rows, below 2^`bits`, of what counts among the letters of the script.
    pub fn fill(&mut self, text: &str, grams: &Grams) -> &[u32] {
        let Grams { script, orders: (least, most), bits, words } = grams;
        let letters = letters(text, *script, &mut self.letters);
        // As many n-grams as orders end at a letter at most, and one word; what may not count is written too.
        let each = (most + 2).saturating_sub(*least) as usize;
        self.rows.resize((each * letters.len() + MOST_LETTERS as usize).max(self.rows.len()), 0);
        self.words.resize(letters.len().max(self.words.len()), 0);
        let (rows, hashes) = (&mut self.rows[..], &mut self.words[..]);
        let (mut n, mut n_words) = (0, 0);
        // What may not count is written too, and the next over it: that costs less than to ask.
        if *least == MOST_LETTERS {
            walk(letters, |letter| {
                rows[n] = row(letter.window, MOST_LETTERS, *bits);
                n += letter.counts(MOST_LETTERS);
                hashes[n_words] = letter.word;
                n_words += letter.ends_word();
            });
        } else {
            let wanted: [usize; MOST_LETTERS as usize + 1] =
                std::array::from_fn(|order| usize::from((*least..=*most).contains(&(order as u32))));
            walk(letters, |letter| {
                for order in 1..=MOST_LETTERS {
                    rows[n] = row(letter.window, order, *bits);
                    n += wanted[order as usize] & letter.counts(order);
                }
                hashes[n_words] = letter.word;
                n_words += letter.ends_word();
            });
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
    walk(letters(text, script, &mut Vec::new()), |letter| {
        if letter.ends_word() == 1 {
            hashes.push(letter.word);
        }
    });
    hashes
}

/// The letters of a text, small, with a boundary for each character between words and one at the end.
fn letters<'l>(text: &str, script: Script, letters: &'l mut Vec<u16>) -> &'l [u16] {
    let characters = &*CHARACTERS;
    let ascii: [u16; 128] = std::array::from_fn(|at| letter(characters, at as u8 as char, script).unwrap_or(BOUNDARY));
    // A byte is a letter at most.
    letters.resize((text.len() + 1).max(letters.len()), 0);
    let (bytes, mut at, mut n) = (text.as_bytes(), 0, 0);
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        // Most of most texts is ASCII, which needs no decoding.
        if let Some(eight) = rest.first_chunk::<8>()
            && eight.is_ascii()
        {
            for (letter, byte) in letters[n..n + 8].iter_mut().zip(eight) {
                *letter = ascii[usize::from(byte & 0x7F)];
            }
            (at, n) = (at + 8, n + 8);
            continue;
        }
        let c = text[at..].chars().next().unwrap_or_default();
        at += c.len_utf8();
        let found = match ascii.get(c as usize) {
            Some(letter) => Some(*letter),
            None => letter(characters, c, script),
        };
        letters[n] = found.unwrap_or(BOUNDARY);
        n += usize::from(found.is_some());
    }
    letters[n] = BOUNDARY;
    &letters[..=n]
}

/// A letter, or a boundary, with what came before it.
struct Letter {
    /// The letters up to it, itself lowest.
    window: u64,
    /// A bit for each of them, itself lowest, that is set unless it is a boundary.
    are_letters: usize,
    /// Hash of the word so far.
    word: u64,
}

impl Letter {
    /// 1 where the n-gram that ends here counts: where it has boundaries at its ends only, and letters between.
    #[inline]
    fn counts(&self, order: u32) -> usize {
        let [this, before, second] = [self.are_letters, self.are_letters >> 1, self.are_letters >> 2];
        1 & match order {
            1 => this,
            2 => this | before,
            3 => before,
            _ => before & second,
        }
    }

    /// 1 where it is the boundary after a word.
    #[inline]
    fn ends_word(&self) -> usize {
        1 & !self.are_letters & (self.are_letters >> 1)
    }
}

/// Calls `found` for each letter and each boundary.
#[inline]
fn walk(letters: &[u16], mut found: impl FnMut(&Letter)) {
    let mut last = Letter { window: u64::from(BOUNDARY), are_letters: 0, word: 0 };
    for letter in letters {
        let is_letter = *letter != BOUNDARY;
        last.window = last.window << 16 | u64::from(*letter);
        last.are_letters = last.are_letters << 1 | usize::from(is_letter);
        found(&last);
        last.word = if is_letter { (last.word.rotate_left(5) ^ u64::from(*letter)).wrapping_mul(MULTIPLIER) } else { 0 };
    }
}

/// What a character is in a text of a script: a letter, a boundary, or nothing at all.
#[inline]
fn letter(characters: &Characters, c: char, script: Script) -> Option<u16> {
    match characters.of(c) {
        (of, small) if of == script => Some(small),
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

    /// Runs of ASCII are read eight bytes together, everything else by itself: what stands before makes no difference.
    #[test]
    fn letters_are_the_same_wherever_they_stand() {
        let grams = grams(1, 4, "noon");
        let text = "The f\u{e9}rry at noon, na\u{308}mely - x\u{1f600}y";
        let expected = rows(text, &grams);
        for before in 1..20 {
            assert_eq!(rows(&format!("{}{text}", " ".repeat(before)), &grams), expected, "{before}");
            assert_eq!(rows(&format!("{}{text}", "\u{2014}".repeat(before)), &grams), expected, "{before}");
        }
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
