//! Measures of a text as a whole. None looks at lines: how lines break tells where a text comes from, not how good it is.

/// Number of measures.
pub const N_STATISTICS: usize = 12;

/// Their names, in order.
pub const NAMES: [&str; N_STATISTICS] = [
    "log words",
    "mean word length",
    "share of digits",
    "share of capitals",
    "share of punctuation",
    "share of symbols",
    "share of letters beyond ASCII",
    "share of capitalised words",
    "share of English stop words",
    "share of words with a digit",
    "log of distinct terms over words",
    "log longest word",
];

/// The 40 most frequent words of English prose.
const STOP_WORDS: [&str; 40] = [
    "a", "all", "an", "and", "are", "as", "at", "be", "been", "but", "by", "for", "from", "had", "has", "have", "he", "her", "his", "in",
    "is", "it", "not", "of", "on", "one", "or", "she", "that", "the", "their", "there", "they", "this", "to", "was", "were", "which",
    "with", "you",
];

/// Sums over the words of a text.
#[derive(Clone, Debug, Default)]
pub struct Statistics {
    words: u64,
    characters: u64,
    digits: u64,
    capitals: u64,
    punctuation: u64,
    symbols: u64,
    beyond_ascii: u64,
    capitalised: u64,
    stop_words: u64,
    with_digit: u64,
    longest: u64,
}

/// Bytes of the longest stop word.
const LONGEST_STOP_WORD: usize = 5;

/// The stop words as numbers, in their order.
const STOP_NUMBERS: [u64; STOP_WORDS.len()] = {
    let mut numbers = [0; STOP_WORDS.len()];
    let mut at = 0;
    while at < STOP_WORDS.len() {
        numbers[at] = number(STOP_WORDS[at].as_bytes());
        at += 1;
    }
    numbers
};

/// A word of at most eight bytes as a number; numbers sort as words do.
const fn number(word: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let mut at = 0;
    while at < word.len() {
        bytes[at] = word[at];
        at += 1;
    }
    u64::from_be_bytes(bytes)
}

/// What an ASCII byte counts as, in one of four 16-bit fields: digit, capital, punctuation, symbol; lower-case letters in none.
const FIELDS: [u64; 128] = {
    let mut fields = [0; 128];
    let mut byte = 0_u8;
    while byte < 128 {
        fields[byte as usize] = match byte {
            b'a'..=b'z' => 0,
            b'0'..=b'9' => 1,
            b'A'..=b'Z' => 1 << 16,
            b'.' | b',' | b';' | b':' | b'!' | b'?' | b'\'' | b'"' | b'(' | b')' | b'-' => 1 << 32,
            _ => 1 << 48,
        };
        byte += 1;
    }
    fields
};

impl Statistics {
    /// Adds a word as written.
    pub fn add(&mut self, word: &str) {
        self.words += 1;
        let digits = self.digits;
        let n = if word.is_ascii() { self.add_ascii(word.as_bytes()) } else { self.add_characters(word) };
        self.characters += n;
        self.longest = self.longest.max(n);
        self.with_digit += u64::from(digits < self.digits);
        self.capitalised += u64::from(word.chars().next().is_some_and(char::is_uppercase));
    }

    fn add_ascii(&mut self, word: &[u8]) -> u64 {
        // Parts that no field can overflow in.
        for part in word.chunks(1 << 15) {
            let fields: u64 = part.iter().map(|byte| FIELDS[usize::from(*byte & 127)]).sum();
            let field = |n: u64| fields >> (16 * n) & 0xffff;
            self.digits += field(0);
            self.capitals += field(1);
            self.punctuation += field(2);
            self.symbols += field(3);
        }
        word.len() as u64
    }

    fn add_characters(&mut self, word: &str) -> u64 {
        let mut n = 0;
        for c in word.chars() {
            n += 1;
            match c {
                '\0'..='\x7f' => {
                    self.add_ascii(&[c as u8]);
                }
                _ if c.is_alphabetic() => {
                    self.beyond_ascii += 1;
                    self.capitals += u64::from(c.is_uppercase());
                }
                _ => self.symbols += 1,
            }
        }
        n
    }

    /// Adds the same word in lower case.
    pub fn add_lower(&mut self, word: &str) {
        let bytes = word.as_bytes();
        let Some(first) = bytes.iter().position(|byte| !byte.is_ascii_punctuation()) else { return };
        let last = bytes.iter().rposition(|byte| !byte.is_ascii_punctuation()).unwrap_or(first);
        let word = &bytes[first..=last];
        // A number cannot tell a zero byte at the end.
        if word.len() <= LONGEST_STOP_WORD && word[word.len() - 1] != 0 {
            self.stop_words += u64::from(STOP_NUMBERS.binary_search(&number(word)).is_ok());
        }
    }

    /// The measures; zeros for a text without words.
    pub fn finish(&self, n_distinct: usize) -> [f64; N_STATISTICS] {
        if self.words == 0 {
            return [0.0; N_STATISTICS];
        }
        let of_words = |n: u64| n as f64 / self.words as f64;
        let of_characters = |n: u64| n as f64 / self.characters as f64;
        [
            libm::log1p(self.words as f64),
            of_words(self.characters).min(50.0),
            of_characters(self.digits),
            of_characters(self.capitals),
            of_characters(self.punctuation),
            of_characters(self.symbols),
            of_characters(self.beyond_ascii),
            of_words(self.capitalised),
            of_words(self.stop_words),
            of_words(self.with_digit),
            libm::log(n_distinct.max(1) as f64 / self.words as f64),
            libm::log1p(self.longest as f64),
        ]
    }
}
