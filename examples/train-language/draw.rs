//! Seeded draws: the same texts, in the same order, on any machine.

use gristmill::text::hash::hash64_seeded;

/// The shares of texts that stay whole, and of which one word or two are left; of the others it is a run of words.
pub struct Crops {
    pub whole: f64,
    pub one_word: f64,
    pub two_words: f64,
}

/// Numbers from a seed, one after another.
pub struct Draws {
    seed: u64,
    n: u64,
}

impl Draws {
    pub fn new(seed: u64) -> Self {
        Self { seed, n: 0 }
    }

    /// In 0..1.
    pub fn share(&mut self) -> f64 {
        self.n += 1;
        (hash64_seeded(&self.n.to_le_bytes(), self.seed) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Below `n`, which is at least 1.
    pub fn below(&mut self, n: usize) -> usize {
        ((self.share() * n as f64) as usize).min(n - 1)
    }

    /// Some texts whole, of others one word, two words, or a run of words: what people ask of a judge is not always a sentence.
    pub fn crop<'t>(&mut self, text: &'t str, crops: &Crops) -> &'t str {
        let kind = self.share();
        let starts: Vec<usize> = text.split(' ').map(|word| word.as_ptr() as usize - text.as_ptr() as usize).collect();
        let n_words = starts.len();
        let n = match kind {
            _ if n_words < 2 || kind < crops.whole => return text,
            _ if kind < crops.whole + crops.one_word => 1,
            _ if kind < crops.whole + crops.one_word + crops.two_words => 2,
            _ => 1 + self.below(n_words),
        };
        let first = self.below(n_words - n + 1);
        let end = starts.get(first + n).map_or(text.len(), |start| start - 1);
        &text[starts[first]..end]
    }
}
