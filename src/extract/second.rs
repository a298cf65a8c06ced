//! The second pass: what the first pass said of the blocks around a block, of its containers and of blocks built like it. A teaser between two paragraphs and a paragraph between two teasers
//! look alike to the first.

use crate::extract::alike::GROUPS;
use crate::extract::blocks::Blocks;
use crate::extract::features::{Features, LEVELS, TOGETHER, Tile};
use crate::linear::sigmoid;

/// Blocks before and after that are looked at.
const REACH: usize = 2;
/// Windows before and after, in blocks.
const WINDOWS: [usize; 2] = [4, 12];
/// A block of the page's own words: probability and characters.
const SURE: (f32, f32) = (0.6, 60.0);
/// Distances are counted up to here.
const FAR: f32 = 150.0;

/// How many values describe a block.
pub const COUNT: usize = 1 + 2 * REACH + LEVELS + GROUPS + 2 * WINDOWS.len() + 6 + 4;

/// The values of one block.
pub type Row = [f32; COUNT];

/// Buffers.
#[derive(Clone, Debug, Default)]
pub struct Second {
    /// Sums of characters, and of characters by probability, before each block.
    chars: Vec<f64>,
    found: Vec<f64>,
    groups: [Vec<(f64, f64)>; GROUPS],
    probabilities: Vec<f32>,
    /// Blocks from each to the next sure one.
    after: Vec<f32>,
}

impl Second {
    /// Shows the values of all blocks of a page, from the logits of the first pass, tile by tile; and how many blocks there are in each.
    pub fn compute(&mut self, page: &Blocks, features: &Features, logits: &[f32], mut visit: impl FnMut(&Tile<COUNT>, usize)) {
        let n = logits.len();
        if n == 0 {
            return;
        }
        self.probabilities.clear();
        self.probabilities.extend(logits.iter().map(|&logit| sigmoid(f64::from(logit)) as f32));
        let p = &self.probabilities[..];
        let weight = |i: usize| f64::from(features.measures[i].chars) + 1.0;
        self.chars.clear();
        self.found.clear();
        let (mut chars, mut found) = (0.0, 0.0);
        self.chars.push(0.0);
        self.found.push(0.0);
        for (i, &p) in p.iter().enumerate() {
            chars += weight(i);
            found += weight(i) * f64::from(p);
            self.chars.push(chars);
            self.found.push(found);
        }
        for (group, sums) in self.groups.iter_mut().enumerate() {
            sums.clear();
            sums.resize(n, (0.0, 0.0));
            for (i, &p) in p.iter().enumerate() {
                let sum = &mut sums[features.groups_of[i][group] as usize];
                sum.0 += weight(i) * f64::from(p);
                sum.1 += weight(i);
            }
        }
        let most = p.iter().copied().fold(0.0, f32::max);
        let above = p.iter().filter(|&&p| 0.5 < p).count() as f32 / n as f32;
        let is_sure = |i: usize| SURE.0 < p[i] && SURE.1 < features.measures[i].chars;
        let first = (0..n).find(|&i| is_sure(i));
        let last = (0..n).rev().find(|&i| is_sure(i));
        let mean = |from: usize, to: usize| {
            let (chars, found) = (self.chars[to] - self.chars[from], self.found[to] - self.found[from]);
            if 0.0 < chars { (found / chars) as f32 } else { 0.0 }
        };
        let farther = |distance: f32, i: usize| if is_sure(i) { 0.0 } else { (distance + 1.0).min(FAR) };
        self.after.clear();
        self.after.resize(n, FAR);
        for i in (1..n).rev() {
            self.after[i - 1] = farther(self.after[i], i);
        }
        let mut before = FAR;
        let mut tile = [[0.0; TOGETHER]; COUNT];
        for i in 0..n {
            let (lane, mut at) = (i % TOGETHER, 0);
            let mut put = |value: f32| {
                tile[at][lane] = value;
                at += 1;
            };
            put(logits[i].clamp(-8.0, 8.0));
            for distance in 1..=REACH {
                for other in [i.checked_sub(distance), Some(i + distance).filter(|&other| other < n)] {
                    put(other.map_or(-8.0, |other| logits[other].clamp(-8.0, 8.0)));
                }
            }
            let mut element = features.block_element(&page.blocks[i]);
            for _ in 0..LEVELS {
                let container = &page.elements[element as usize];
                put(mean(container.first as usize, container.end as usize));
                element = features.level(element, 1);
            }
            for (group, sums) in self.groups.iter().enumerate() {
                let (found, chars) = sums[features.groups_of[i][group] as usize];
                put((found / chars) as f32);
            }
            for window in WINDOWS {
                put(mean(i.saturating_sub(window), i));
                put(mean(i + 1, (i + 1 + window).min(n)));
            }
            let total = self.found[n].max(1e-9);
            put((total / self.chars[n]) as f32);
            put(total as f32);
            put(most);
            put((self.found[i] / total) as f32);
            put(p[i] / most.max(1e-3));
            put(above);
            put(before);
            before = farther(before, i);
            put(self.after[i]);
            put(f32::from(u8::from(first.is_some_and(|first| i < first))));
            put(f32::from(u8::from(last.is_some_and(|last| last < i))));
            if lane + 1 == TOGETHER || i + 1 == n {
                visit(&tile, lane + 1);
            }
        }
    }
}
