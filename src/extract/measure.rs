//! What can be counted in the text of one block, in one pass over it.

use std::sync::Arc;

use crate::extract::characters::{self, WordKey};
use crate::extract::lexicon::{Lexicon, Spoken, mixed};

/// Counts over the text of one block.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measures {
    pub chars: f32,
    /// Words; where a fifth of the characters are of a script without spaces, a third of the characters.
    pub words: f32,
    /// Sentence marks before a space, and those of scripts that put none after them.
    pub marks: f32,
    pub ends_in_mark: bool,
    /// Share of stop words in 0..=1; .3, as in running text, where the script has no list.
    pub stop_share: f32,
    /// Share of the characters in scripts without spaces.
    pub spaceless: f32,
    /// Share of the words of the page's title that it has.
    pub title_cover: f32,
    /// What its words add to the judge's score.
    pub said: f32,
}

/// Measures blocks; holds what is known of words and the title of the page at hand.
#[derive(Clone, Debug)]
pub struct Measurer {
    lexicon: Arc<Lexicon>,
    spoken: Spoken,
    signs: Vec<char>,
    title: Vec<WordKey>,
    /// A bit by the hash of each word of the title, so that most others are told from them at once.
    title_bits: u64,
}

/// The bit of a word among those of the title.
fn title_bit(key: WordKey) -> u64 {
    1 << (mixed(key) >> 58)
}

impl Default for Measurer {
    /// One that knows of words which are stop words, and no more.
    fn default() -> Self {
        Self::new(Arc::default())
    }
}

impl Measurer {
    /// One that knows of words what the judge does whose lexicon this is.
    pub fn new(lexicon: Arc<Lexicon>) -> Self {
        Self { spoken: Spoken::new(&lexicon), lexicon, signs: Vec::new(), title: Vec::new(), title_bits: 0 }
    }

    /// Sets the title that blocks are compared with.
    pub fn set_title(&mut self, title: &str) {
        self.title.clear();
        characters::each_word(title, |key| self.title.push(key));
        self.title.sort_unstable();
        self.title.dedup();
        self.title_bits = self.title.iter().fold(0, |bits, &key| bits | title_bit(key));
    }

    /// Counts over `text`.
    pub fn measure(&mut self, text: &str) -> Measures {
        let (mut words, mut stops, mut covered) = (0_u32, 0_u32, 0_u64);
        let (spoken, lexicon) = (&mut self.spoken, &self.lexicon);
        spoken.begin();
        let counts = characters::read(text, &mut self.signs, |key| {
            words += 1;
            stops += u32::from(spoken.hear(key, lexicon));
            if self.title_bits & title_bit(key) != 0
                && let Ok(index) = self.title.binary_search(&key)
            {
                covered |= 1 << index.min(63);
            }
        });
        let chars = counts.chars.max(1) as f32;
        let spaceless = counts.spaceless as f32 / chars;
        let effective = if 0.2 < spaceless { chars / 3.0 } else { words as f32 };
        let has_list = 2 * (counts.letters - counts.listed) < counts.letters || counts.letters == 0;
        let share = |count: u32| count as f32 / words.max(1) as f32;
        Measures {
            chars: counts.chars as f32,
            words: effective,
            marks: counts.marks as f32,
            ends_in_mark: ends_in_mark(text),
            stop_share: if has_list { share(stops) } else { 0.3 },
            spaceless,
            title_cover: covered.count_ones() as f32 / self.title.len().clamp(1, 64) as f32,
            said: spoken.score(counts.chars as f32, &self.signs, lexicon),
        }
    }
}

/// True where the last character ends a sentence, or quotes or brackets the end of one.
fn ends_in_mark(text: &str) -> bool {
    text.ends_with([
        '.', '!', '?', '…', ':', '"', '”', '»', '\'', '’', ')', ']', '。', '！', '？', '」', '』', '।', '؟', '۔', '։', '።', '။', '។',
    ])
}
