//! Gopher's quality rules (Rae et al. 2021, "Scaling Language Models: Methods, Analysis & Insights from Training Gopher", appendix A.1.1): a document
//! goes in, a verdict with the measured value and its limit comes out. One pass over the text counts, then the rules compare.

use serde::{Deserialize, Serialize};

use crate::document::{Document, Filter, Reason, Rule, Verdict};
use crate::error::{Error, Result};
use crate::text::is_spaceless;

/// **What.** Drops documents that are not built like prose: too few or too many words, words of odd lengths, many `#` and ellipses, lines that are bullets
/// or break off, words without letters, none of the words that every English text has. The first rule broken is the reason.
///
/// **Why.** A crawl is full of menus, lists of goods, tables and keyword pages. The rules cost next to nothing and take most of them before a model has to.
///
/// **Kept.** Any paragraph of fifty or more words in whole sentences.
///
/// **Dropped** (`min-words`): "Home | About | Contact".
///
/// A word is what white space delimits. A text in a script without spaces (a third of its letters or more) has none of these: every two of its characters
/// count as a word, and the rules on the length of words and on stop words do not apply. The stop words are English: where the document's language is
/// known and another one, that rule does not apply either.
#[derive(Clone, Debug)]
pub struct GopherQuality {
    options: Options,
}

crate::described! {
    /// Options of `gopher-quality`; the defaults are the paper's. Every limit is inclusive: a value at the limit is kept.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
    pub struct Options {
        /// Least number of words. Rule `min-words`.
        pub min_words: u64,
        /// Largest number of words. Rule `max-words`. Books are longer: leave the filter out for them, or raise this.
        pub max_words: u64,
        /// Least mean length of the words in characters. Rule `mean-word-length`.
        pub min_mean_word_length: f64,
        /// Largest mean length of the words in characters. Rule `mean-word-length`.
        pub max_mean_word_length: f64,
        /// Largest number per word of `#`, and of ellipses (`...` or `…`), each for itself. Rule `symbol-ratio`; its value is the larger of the two.
        pub max_symbol_ratio: f64,
        /// Largest share of lines that begin with a bullet (see [`is_bullet`]); lines of white space do not count. Rule `bullet-lines`.
        pub max_bullet_lines: f64,
        /// Largest share of lines that end in an ellipsis. Rule `ellipsis-lines`.
        pub max_ellipsis_lines: f64,
        /// Least share of words that hold a letter of any script. Rule `alphabetic-words`.
        pub min_alphabetic_words: f64,
        /// Least number of different ones among [`STOP_WORDS`], in any case, with punctuation around them left out. Rule `stop-words`; 0 turns it off.
        pub min_stop_words: u32,
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            min_words: 50,
            max_words: 100_000,
            min_mean_word_length: 3.0,
            max_mean_word_length: 10.0,
            max_symbol_ratio: 0.1,
            max_bullet_lines: 0.9,
            max_ellipsis_lines: 0.3,
            min_alphabetic_words: 0.8,
            min_stop_words: 2,
        }
    }
}

/// By which rules the filter drops.
pub const RULES: &[Rule] = &[
    Rule::new("min-words", "words", "fewer words than min-words"),
    Rule::new("max-words", "words", "more words than max-words"),
    Rule::new("mean-word-length", "characters a word", "words shorter than min-mean-word-length or longer than max-mean-word-length"),
    Rule::new("symbol-ratio", "symbols a word", "more hash signs, or more ellipses, than max-symbol-ratio"),
    Rule::new("bullet-lines", "of its lines", "a larger share of lines that begin with a bullet than max-bullet-lines"),
    Rule::new("ellipsis-lines", "of its lines", "a larger share of lines that end in an ellipsis than max-ellipsis-lines"),
    Rule::new("alphabetic-words", "of its words", "a smaller share of words with a letter than min-alphabetic-words"),
    Rule::new("stop-words", "stop words", "fewer different English stop words than min-stop-words"),
];

/// The paper's eight words; a text of any length in English holds two of them.
pub const STOP_WORDS: [&str; 8] = ["the", "be", "to", "of", "and", "that", "have", "with"];

/// Characters that make a line a bullet when it begins with them. The paper says "bullet point"; the hyphen and the asterisk are how plain text writes one.
pub const fn is_bullet(c: char) -> bool {
    matches!(c, '•' | '‣' | '◦' | '▪' | '▫' | '■' | '□' | '●' | '○' | '▶' | '·' | '-' | '–' | '*')
}

impl GopherQuality {
    /// Refuses numbers that are not finite, shares outside 0..=1 and ranges whose ends are crossed.
    pub fn new(options: Options) -> Result<Self> {
        let shares = [
            ("max-bullet-lines", options.max_bullet_lines),
            ("max-ellipsis-lines", options.max_ellipsis_lines),
            ("min-alphabetic-words", options.min_alphabetic_words),
        ];
        for (name, value) in shares {
            if !(0.0..=1.0).contains(&value) {
                return Err(Error::recipe(format!("gopher-quality: {name} is {value}; it lies in 0..=1")));
            }
        }
        let (shortest, longest) = (options.min_mean_word_length, options.max_mean_word_length);
        for (name, value) in
            [("min-mean-word-length", shortest), ("max-mean-word-length", longest), ("max-symbol-ratio", options.max_symbol_ratio)]
        {
            if !(value.is_finite() && 0.0 <= value) {
                return Err(Error::recipe(format!("gopher-quality: {name} is {value}; it is a number of at least 0")));
            }
        }
        if longest < shortest || options.max_words < options.min_words {
            return Err(Error::recipe("gopher-quality: a min- option lies above its max- option, so nothing could be kept"));
        }
        if options.min_stop_words as usize > STOP_WORDS.len() {
            let n_stop_words = options.min_stop_words;
            return Err(Error::recipe(format!("gopher-quality: min-stop-words is {n_stop_words}; there are {} of them", STOP_WORDS.len())));
        }
        Ok(Self { options })
    }

    /// The first rule that the counts break: its name, the value and the limit.
    fn broken_rule(&self, counts: &Counts, is_english: bool) -> Option<(&'static str, f64, f64)> {
        let options = &self.options;
        let is_spaceless = counts.is_spaceless();
        let n_words = if is_spaceless { counts.n_characters / 2 } else { counts.n_words };
        let mean_length = share(counts.n_characters, counts.n_words);
        let symbol_ratio = share(counts.n_hashes.max(counts.n_ellipses), n_words);
        let bullet_lines = share(counts.n_bullet_lines, counts.n_lines);
        let ellipsis_lines = share(counts.n_ellipsis_lines, counts.n_lines);
        // Of runs between white space, in scripts without spaces too: a run there holds a letter unless it is a figure.
        let alphabetic_words = share(counts.n_alphabetic, counts.n_words);
        let n_stop_words = counts.stop_words.count_ones();

        let has_word_rules = !is_spaceless;
        let least = |applies: bool, rule, value: f64, limit: f64| (applies && value < limit).then_some((rule, value, limit));
        let most = |applies: bool, rule, value: f64, limit: f64| (applies && limit < value).then_some((rule, value, limit));
        least(true, "min-words", n_words as f64, options.min_words as f64)
            .or_else(|| most(true, "max-words", n_words as f64, options.max_words as f64))
            .or_else(|| least(has_word_rules, "mean-word-length", mean_length, options.min_mean_word_length))
            .or_else(|| most(has_word_rules, "mean-word-length", mean_length, options.max_mean_word_length))
            .or_else(|| most(true, "symbol-ratio", symbol_ratio, options.max_symbol_ratio))
            .or_else(|| most(true, "bullet-lines", bullet_lines, options.max_bullet_lines))
            .or_else(|| most(true, "ellipsis-lines", ellipsis_lines, options.max_ellipsis_lines))
            .or_else(|| least(true, "alphabetic-words", alphabetic_words, options.min_alphabetic_words))
            .or_else(|| least(has_word_rules && is_english, "stop-words", n_stop_words.into(), options.min_stop_words.into()))
    }
}

impl Filter for GopherQuality {
    fn name(&self) -> &'static str {
        "gopher-quality"
    }

    fn judge(&self, document: &Document) -> Verdict {
        let is_english = document.language.as_ref().is_none_or(|language| ["en", "und"].contains(&language.code.as_str()));
        match self.broken_rule(&Counts::of(&document.text), is_english) {
            None => Verdict::Keep,
            Some((rule, value, limit)) => Verdict::Drop(Reason { filter: "gopher-quality", rule, value, limit }),
        }
    }
}

/// What one pass over a text counts.
#[derive(Debug, Default)]
struct Counts {
    /// Runs between white space.
    n_words: usize,
    /// Characters in them.
    n_characters: usize,
    /// Words with a letter.
    n_alphabetic: usize,
    n_letters: usize,
    n_spaceless_letters: usize,
    n_hashes: usize,
    n_ellipses: usize,
    /// Lines that hold more than white space.
    n_lines: usize,
    n_bullet_lines: usize,
    n_ellipsis_lines: usize,
    /// One bit for each of [`STOP_WORDS`] that was seen.
    stop_words: u8,
}

impl Counts {
    fn of(text: &str) -> Self {
        let mut counts = Self::default();
        for line in text.split('\n') {
            let mut words = line.split_whitespace();
            let Some(first) = words.next() else { continue };
            counts.n_lines += 1;
            counts.n_bullet_lines += usize::from(first.starts_with(is_bullet));
            counts.word(first);
            let mut last = first;
            for word in words {
                counts.word(word);
                last = word;
            }
            counts.n_ellipsis_lines += usize::from(last.ends_with("...") || last.ends_with('…'));
        }
        counts
    }

    fn word(&mut self, word: &str) {
        self.n_words += 1;
        let n_letters = self.n_letters;
        if word.is_ascii() {
            self.n_characters += word.len();
            // Most words are letters to the end; the rest is looked at once more.
            let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
            self.n_letters += letters;
            if letters < word.len() {
                self.symbols(word);
            }
        } else {
            for c in word.chars() {
                self.n_characters += 1;
                let is_letter = c.is_alphabetic();
                self.n_letters += usize::from(is_letter);
                self.n_spaceless_letters += usize::from(is_letter && is_spaceless(c));
                self.n_ellipses += usize::from(c == '…');
            }
            self.symbols(word);
        }
        self.n_alphabetic += usize::from(n_letters < self.n_letters);
        self.stop_word(word);
    }

    /// Counts what is written in ASCII: `#`, and each three full stops in a row.
    fn symbols(&mut self, word: &str) {
        let mut n_stops = 0;
        for byte in word.bytes() {
            self.n_hashes += usize::from(byte == b'#');
            n_stops = if byte == b'.' { n_stops + 1 } else { 0 };
            if n_stops == 3 {
                self.n_ellipses += 1;
                n_stops = 0;
            }
        }
    }

    fn stop_word(&mut self, word: &str) {
        // Longer words cannot be one, however much punctuation is taken off ("(that," has six bytes, "“that”" ten).
        const LONGEST: usize = 12;
        if word.len() < 2 || LONGEST < word.len() || self.stop_words == u8::MAX {
            return;
        }
        let bare =
            if word.bytes().all(|byte| byte.is_ascii_alphabetic()) { word } else { word.trim_matches(|c: char| !c.is_alphanumeric()) };
        if !(2..=4).contains(&bare.len()) {
            return;
        }
        if let Some(index) = STOP_WORDS.iter().position(|stop_word| bare.eq_ignore_ascii_case(stop_word)) {
            self.stop_words |= 1 << index;
        }
    }

    /// As [`crate::text::mostly_spaceless`] says, counted in the same pass.
    fn is_spaceless(&self) -> bool {
        0 < self.n_letters && self.n_letters <= 3 * self.n_spaceless_letters
    }
}

/// `part` per `whole`; 0 of nothing.
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
