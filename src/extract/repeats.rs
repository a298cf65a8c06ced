//! Blocks that say word for word what another block of their page says: a post quoted below it, a text laid out twice for wide and narrow screens, one notice below each item. A reader needs one of them.
//!
//! Each block is hashed once; pages without a repetition go no further.

use std::collections::HashMap;

use crate::extract::blocks::Blocks;
use crate::extract::features::Features;
use crate::extract::lexicon::Mix;
use crate::text::hash::hash64;

/// Shorter blocks are names, dates and buttons: a table or a form that repeats them means it. In words.
const LEAST_WORDS: f32 = 10.0;

/// From here on (a probability of .8, as a logit) a block stays that is built like the one it repeats: a law, a menu or a manual may say a thing twice. Without this CleanEval's final part falls from .946 to .943.
const SURE: f32 = 1.386;

/// What is repeated on a page. Buffers are reused.
#[derive(Clone, Debug, Default)]
pub struct Repeats {
    /// For each block: another stays that says the same.
    needless: Vec<bool>,
    /// Blocks long enough, with the hash of their text, and for each hash the block that the judge is surest of, the first of several.
    long: Vec<(u32, u64)>,
    surest: HashMap<u64, u32, Mix>,
}

impl Repeats {
    /// Forgets the page, for one of which nothing is asked.
    pub fn clear(&mut self) {
        self.needless.clear();
    }

    /// Reads a page, by the judge's logit of each block: of blocks that say the same the surest stays.
    pub fn read(&mut self, page: &Blocks, features: &Features, verdict: &[f32]) {
        self.needless.clear();
        self.needless.resize(page.blocks.len(), false);
        self.long.clear();
        self.surest.clear();
        for (at, block) in page.blocks.iter().enumerate().filter(|(at, _)| LEAST_WORDS <= features.measures[*at].words) {
            let key = hash64(page.text_of(block).as_bytes());
            self.long.push((at as u32, key));
            let surest = self.surest.entry(key).or_insert(at as u32);
            if verdict[*surest as usize] < verdict[at] {
                *surest = at as u32;
            }
        }
        if self.surest.len() == self.long.len() {
            return;
        }
        let build = |at: u32| features.groups_of[at as usize][0];
        for (at, key) in &self.long {
            let surest = self.surest[key];
            let is_meant = SURE <= verdict[*at as usize] && build(*at) == build(surest);
            self.needless[*at as usize] = *at != surest && !is_meant;
        }
    }

    /// True for a block that need not be said again.
    pub fn holds(&self, block: usize) -> bool {
        self.needless.get(block) == Some(&true)
    }
}
