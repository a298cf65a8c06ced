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

impl Statistics {
    /// Adds a word as written.
    pub fn add(&mut self, word: &str) {
        self.words += 1;
        let mut n = 0;
        let digits = self.digits;
        for c in word.chars() {
            n += 1;
            match c {
                'a'..='z' => {}
                'A'..='Z' => self.capitals += 1,
                '0'..='9' => self.digits += 1,
                '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '"' | '(' | ')' | '-' => self.punctuation += 1,
                _ if c.is_ascii() => self.symbols += 1,
                _ if c.is_alphabetic() => {
                    self.beyond_ascii += 1;
                    self.capitals += u64::from(c.is_uppercase());
                }
                _ => self.symbols += 1,
            }
        }
        self.characters += n;
        self.longest = self.longest.max(n);
        self.with_digit += u64::from(digits < self.digits);
        self.capitalised += u64::from(word.chars().next().is_some_and(char::is_uppercase));
    }

    /// Adds the same word in lower case.
    pub fn add_lower(&mut self, word: &str) {
        let word = word.trim_matches(|c: char| c.is_ascii_punctuation());
        if word.len() <= 5 {
            self.stop_words += u64::from(STOP_WORDS.binary_search(&word).is_ok());
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
