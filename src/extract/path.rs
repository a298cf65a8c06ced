//! The weights of the cues on the way from a block to the top of its page.
//!
//! A cue counts once for the whole path, however many elements have it: pages nest a hundred `row`s. Near the block it counts again, once in each bucket of distances.

use std::collections::HashMap;

use crate::extract::blocks::{Blocks, Element, NONE};
use crate::extract::cues;
use crate::extract::lexicon::{Mix, mixed};
use crate::extract::names::Name;
use crate::extract::weights::{CueWeights, Weights};
use crate::text::hash::hash64;

/// Remembered elements; above, the memory starts anew. Its only effect is time: more do not fit a cache near the core.
const MAX_REMEMBERED: usize = 1 << 14;

/// Elements that are looked at one by one from a block outwards. Only a path of inline elements is longer.
const MAX_WALK: usize = 64;

/// Sums per element. Buffers are reused.
#[derive(Clone, Debug, Default)]
pub struct Path {
    /// The cues with weights of an element, as a range of `cues`, by the hash of all that is said of it; of one that says nothing, by its name.
    remembered: HashMap<u64, (u32, u32), Mix>,
    bare: Vec<Option<(u32, u32)>>,
    cues: Vec<u32>,
    /// For each element: some block stands in it. No other is asked for.
    holds: Vec<bool>,
    /// For each element: the sum over its whole path, each cue once.
    whole: Vec<f32>,
    /// For each element its own cues, as a range of `cues`.
    ranges: Vec<(u32, u32)>,
    /// For each cue the last bucket of a block that it was counted in, by number; those of one page go on where those of the last ended.
    counted: Vec<u32>,
    n_buckets: u32,
    /// The elements around the one at hand, outermost first, with their cues.
    open: Vec<(u32, (u32, u32))>,
    /// For each cue: how many elements of `open` have it.
    n_open: Vec<u32>,
}

impl Path {
    /// Computes the sums of all elements of a page.
    pub fn read(&mut self, page: &Blocks, source: &str, weights: &Weights, of_cues: &[CueWeights]) {
        // What the last page left open.
        self.close_to(NONE);
        if MAX_REMEMBERED < self.remembered.len() {
            self.remembered.clear();
            self.bare.clear();
            self.cues.clear();
        }
        self.bare.resize(Name::COUNT, None);
        self.mark(page);
        self.whole.clear();
        self.ranges.clear();
        self.n_open.resize(of_cues.len(), 0);
        self.counted.resize(of_cues.len(), 0);
        // No page has so many that the number runs over.
        if u32::MAX / 2 < self.n_buckets {
            self.counted.fill(0);
            self.n_buckets = 0;
        }
        let mut before = NONE;
        for (index, element) in page.elements.iter().enumerate() {
            if !self.holds[index] {
                self.whole.push(0.0);
                self.ranges.push((0, 0));
                continue;
            }
            let range = self.cues_of(element, source, weights);
            let parent = element.parent;
            // Elements stand in the order in which they began. Most have none inside, and are never opened.
            if before == parent && parent != NONE {
                self.open(parent);
            } else {
                self.close_to(parent);
            }
            before = index as u32;
            let mut whole = if parent == NONE { 0.0 } else { self.whole[parent as usize] };
            for &cue in &self.cues[range.0 as usize..range.1 as usize] {
                if self.n_open[cue as usize] == 0 {
                    whole += of_cues[cue as usize].any;
                }
            }
            self.whole.push(whole);
            self.ranges.push(range);
        }
    }

    /// Opens the element whose first one comes next.
    fn open(&mut self, element: u32) {
        let (from, to) = self.ranges[element as usize];
        for &cue in &self.cues[from as usize..to as usize] {
            self.n_open[cue as usize] += 1;
        }
        self.open.push((element, (from, to)));
    }

    /// Closes the elements inside of `element`.
    fn close_to(&mut self, element: u32) {
        while let Some((_, (from, to))) = self.open.pop_if(|(last, _)| *last != element) {
            for &cue in &self.cues[from as usize..to as usize] {
                self.n_open[cue as usize] -= 1;
            }
        }
    }

    /// What the cues around a block add whose innermost element is `element`.
    pub fn score(&mut self, page: &Blocks, element: u32, of_cues: &[CueWeights]) -> f32 {
        let mut sum = self.whole[element as usize];
        let (mut at, mut level, mut last) = (element, 0, None);
        for _ in 0..MAX_WALK {
            let Some(bucket) = cues::distance_bucket(level) else { break };
            if at == NONE {
                break;
            }
            if last != Some(bucket) {
                last = Some(bucket);
                self.n_buckets += 1;
            }
            let (from, to) = self.ranges[at as usize];
            for &cue in &self.cues[from as usize..to as usize] {
                if self.counted[cue as usize] != self.n_buckets {
                    self.counted[cue as usize] = self.n_buckets;
                    sum += of_cues[cue as usize].near[bucket];
                }
            }
            level += u32::from(page.elements[at as usize].is_block);
            at = page.elements[at as usize].parent;
        }
        sum
    }

    /// Marks the elements around blocks.
    fn mark(&mut self, page: &Blocks) {
        self.holds.clear();
        self.holds.resize(page.elements.len(), false);
        for block in &page.blocks {
            let mut at = block.element;
            while at != NONE && !self.holds[at as usize] {
                self.holds[at as usize] = true;
                at = page.elements[at as usize].parent;
            }
        }
    }

    /// The range in `cues` of one element's cues, each once.
    fn cues_of(&mut self, element: &Element, source: &str, weights: &Weights) -> (u32, u32) {
        let said = [element.class, element.id, element.role, element.itemprop];
        let is_bare = said.iter().all(|span| span.is_empty());
        if is_bare && let Some(range) = self.bare[element.name as usize] {
            return range;
        }
        let key = said.iter().fold(element.name as u64, |key, span| match span.is_empty() {
            true => mixed(key).rotate_left(32),
            false => mixed(key).rotate_left(32) ^ hash64(span.of(source).as_bytes()),
        });
        let all = &mut self.cues;
        let range = *self.remembered.entry(key).or_insert_with(|| {
            let start = all.len();
            cues::each_cue(element, source, |cue| {
                if let Some(cue) = weights.cue(cue)
                    && !all[start..].contains(&cue)
                {
                    all.push(cue);
                }
            });
            (start as u32, all.len() as u32)
        });
        if is_bare {
            self.bare[element.name as usize] = Some(range);
        }
        range
    }
}
