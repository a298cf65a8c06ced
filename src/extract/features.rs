//! What the judge sees of each block: its own measures, those of the containers around it, its place in the page's main container, the blocks
//! beside it and the blocks built like it.
//!
//! Every value is a count, a share or a flag, computed from prefix sums in a time linear in blocks and elements.

use crate::extract::blocks::{Block, Blocks, Element, NONE};
use crate::extract::measure::{Measurer, Measures};
use crate::text::hash::hash64;

/// Container levels that are looked at: the block's own element and four distinct ancestors.
pub const LEVELS: usize = 5;
const OWN: usize = 22;
const PER_LEVEL: usize = 10;
const MAIN: usize = 13;
const PAGE: usize = 5;
const PER_GROUP: usize = 4;
/// Ways in which blocks are built alike.
pub const GROUPS: usize = 3;
const NEIGHBOURS: [i64; 6] = [-3, -2, -1, 1, 2, 3];
const PER_NEIGHBOUR: usize = 4;

/// How many values describe a block.
pub const COUNT: usize = OWN + LEVELS * PER_LEVEL + MAIN + PAGE + GROUPS * PER_GROUP + NEIGHBOURS.len() * PER_NEIGHBOUR;

/// The column of a block's characters, and of its link density.
pub const CHARS: usize = 1;
pub const LINK_DENSITY: usize = 3;
/// The values of one block.
pub type Row = [f32; COUNT];

/// Features of all blocks of a page. Buffers are reused.
#[derive(Clone, Debug, Default)]
pub struct Features {
    pub measures: Vec<Measures>,
    pub rows: Vec<Row>,
    pub links: Vec<f32>,
    pub good: Vec<f32>,
    /// For each block its group of each kind.
    pub groups_of: Vec<[u32; GROUPS]>,
    /// For each element: itself if it bounds blocks, else its nearest ancestor that does.
    holder: Vec<u32>,
    /// For each element: the nearest block-level ancestor that holds other blocks too.
    up: Vec<u32>,
    depth: Vec<u16>,
    rank: Vec<u16>,
    score: Vec<f32>,
    sums: Sums,
    keys: Vec<(u64, u32)>,
}

/// Prefix sums over blocks: `sum[j] - sum[i]` is the total of blocks `i..j`.
#[derive(Clone, Debug, Default)]
struct Sums {
    chars: Vec<f64>,
    links: Vec<f64>,
    good: Vec<f64>,
    words: Vec<f64>,
    stops: Vec<f64>,
    marks: Vec<f64>,
}

/// A place to write one row, value after value.
struct Writer<'a> {
    row: &'a mut Row,
    at: usize,
}

impl Writer<'_> {
    fn put<const N: usize>(&mut self, values: [f32; N]) {
        self.row[self.at..self.at + N].copy_from_slice(&values);
        self.at += N;
    }
}

/// A share whose whole may be nothing.
fn share(part: f32, whole: f32) -> f32 {
    if 0.0 < whole { part / whole } else { 0.0 }
}

fn prefix(sums: &mut Vec<f64>, values: impl Iterator<Item = f32>) {
    sums.clear();
    sums.push(0.0);
    let mut total = 0.0;
    for value in values {
        total += f64::from(value);
        sums.push(total);
    }
}

fn between(sums: &[f64], element: &Element) -> f32 {
    (sums[element.end as usize] - sums[element.first as usize]) as f32
}

impl Features {
    /// Columns of two flags: inside the container of half the good text, inside the best container.
    pub const IN_HALF: usize = OWN + LEVELS * PER_LEVEL + 1;
    pub const IN_BEST: usize = OWN + LEVELS * PER_LEVEL + 3;
    /// Steps to the best container.
    pub const RANK: usize = OWN + LEVELS * PER_LEVEL + 6;
    /// The first of the columns of the page: characters, link density, share of good text, blocks, stop words.
    pub const PAGE: usize = OWN + LEVELS * PER_LEVEL + MAIN;

    /// Computes the rows of a page. `source` is the page that `page` was read from; the measurer knows its title.
    pub fn compute(&mut self, page: &mut Blocks, measurer: &mut Measurer, source: &str) {
        let n = page.blocks.len();
        self.measures.clear();
        self.links.clear();
        self.good.clear();
        for block in &page.blocks {
            let measures = measurer.measure(page.text_of(block));
            let link_density = block.link_bytes as f32 / (block.end - block.start).max(1) as f32;
            let long = if 0.2 < measures.spaceless { 25.0 } else { 60.0 };
            let good = long <= measures.chars && link_density < 0.35 && measures.ends_in_mark && 0.15 < measures.stop_share;
            self.good.push(if good { measures.chars } else { 0.0 });
            self.links.push(link_density * measures.chars);
            self.measures.push(measures);
        }
        prefix(&mut self.sums.chars, self.measures.iter().map(|m| m.chars));
        prefix(&mut self.sums.links, self.links.iter().copied());
        prefix(&mut self.sums.good, self.good.iter().copied());
        prefix(&mut self.sums.words, self.measures.iter().map(|m| m.words));
        prefix(&mut self.sums.stops, self.measures.iter().map(|m| m.stop_share * m.words));
        prefix(&mut self.sums.marks, self.measures.iter().map(|m| m.marks));
        self.groups_of.clear();
        self.groups_of.resize(n, [0; GROUPS]);
        self.climb(page);
        self.rows.clear();
        self.rows.resize(n, [0.0; COUNT]);
        page.steps += (n * COUNT / 16 + page.elements.len()) as u64;
        self.own(page);
        self.containers(page);
        self.main(page);
        self.page(page);
        self.groups(page, source);
        self.neighbours(page);
    }

    /// Fills `holder`, `up` and `depth`; parents stand before their children.
    fn climb(&mut self, page: &Blocks) {
        self.holder.clear();
        self.up.clear();
        self.depth.clear();
        for (index, element) in page.elements.iter().enumerate() {
            let above = if element.parent == NONE { NONE } else { self.holder[element.parent as usize] };
            let up = match above {
                NONE => NONE,
                // Wrappers add nothing: what is above them is above this one. An inline element stands where its block does.
                _ if !element.is_block || page.elements[above as usize].holds_the_same(element) => self.up[above as usize],
                _ => above,
            };
            self.holder.push(if element.is_block { index as u32 } else { above });
            self.depth.push(if up == NONE { 0 } else { self.depth[up as usize].saturating_add(1) });
            self.up.push(up);
        }
    }

    /// The element that bounds a block.
    pub fn block_element(&self, block: &Block) -> u32 {
        self.holder[block.element as usize]
    }

    /// The kinds of the element that bounds a block and of the distinct containers around it, innermost first.
    pub fn tag_kinds(&self, page: &Blocks, block: &Block) -> [usize; LEVELS] {
        let mut at = self.block_element(block);
        std::array::from_fn(|level| {
            if 0 < level {
                at = self.level(at, 1);
            }
            page.elements[at as usize].name.tag_kind()
        })
    }

    /// The container so many levels above an element.
    pub fn level(&self, element: u32, levels: usize) -> u32 {
        let mut at = element;
        for _ in 0..levels {
            if self.up[at as usize] == NONE {
                break;
            }
            at = self.up[at as usize];
        }
        at
    }

    fn writer(rows: &mut [Row], index: usize, at: usize) -> Writer<'_> {
        Writer { row: &mut rows[index], at }
    }

    fn own(&mut self, page: &Blocks) {
        let n = page.blocks.len();
        let total = self.sums.chars[n] as f32;
        // Blocks with the same text.
        self.keys.clear();
        self.keys.extend(page.blocks.iter().enumerate().map(|(i, block)| (hash64(page.text_of(block).as_bytes()), i as u32)));
        self.keys.sort_unstable();
        for same in self.keys.chunk_by(|a, b| a.0 == b.0) {
            for &(_, index) in same {
                self.rows[index as usize][0] = (same.len() - 1) as f32;
            }
        }
        for (i, (block, m)) in page.blocks.iter().zip(&self.measures).enumerate() {
            let per_word = |count: f32| count / m.words.max(1.0);
            let per_char = |count: f32| count / m.chars.max(1.0);
            Self::writer(&mut self.rows, i, 1).put([
                m.chars,
                m.words,
                per_char(self.links[i]),
                share(m.chars, m.words),
                per_word(m.marks),
                f32::from(u8::from(m.ends_in_mark)),
                per_word(m.commas),
                per_char(m.digits),
                per_char(m.uppers),
                m.stop_share,
                m.capitalised,
                m.title_overlap,
                m.title_cover,
                block.n_breaks as f32,
                per_char(block.n_tags as f32),
                block.n_links as f32,
                i as f32,
                (n - 1 - i) as f32,
                share(self.sums.chars[i] as f32, total),
                f32::from(u8::from(block.hidden)),
                m.spaceless,
            ]);
        }
    }

    fn containers(&mut self, page: &Blocks) {
        let n = page.blocks.len();
        let (total, good) = (self.sums.chars[n] as f32, self.sums.good[n] as f32);
        for (i, block) in page.blocks.iter().enumerate() {
            let mut at = self.holder[block.element as usize];
            for level in 0..LEVELS {
                let e = &page.elements[at as usize];
                let chars = between(&self.sums.chars, e);
                let n_blocks = (e.end - e.first) as f32;
                Self::writer(&mut self.rows, i, OWN + level * PER_LEVEL).put([
                    chars,
                    share(between(&self.sums.links, e), chars),
                    share(between(&self.sums.good, e), chars),
                    share(between(&self.sums.good, e), good),
                    share(chars, total),
                    share(chars, n_blocks),
                    share(between(&self.sums.marks, e), between(&self.sums.words, e)),
                    share(between(&self.sums.stops, e), between(&self.sums.words, e)),
                    share((i as u32 - e.first) as f32, n_blocks),
                    share(chars, (e.end_tag - e.first_tag) as f32),
                ]);
                at = self.level(at, 1);
            }
        }
    }

    /// Where each block stands to the container that holds the page's good text.
    fn main(&mut self, page: &Blocks) {
        let n = page.blocks.len();
        let good = self.sums.good[n];
        // Readability's idea: good text counts for its parent, and less for its grandparent.
        self.score.clear();
        self.score.resize(page.elements.len(), 0.0);
        for (i, block) in page.blocks.iter().enumerate().filter(|(i, _)| 0.0 < self.good[*i]) {
            let own = self.holder[block.element as usize];
            let (parent, grandparent) = (self.level(own, 1) as usize, self.level(own, 2) as usize);
            self.score[parent] += self.good[i];
            self.score[grandparent] += self.good[i] * 0.4;
        }
        let best = (0..page.elements.len()).rev().max_by(|&a, &b| self.score[a].total_cmp(&self.score[b])).unwrap_or(0);
        let smallest = |part: f64| {
            let holds = |e: &&Element| e.is_block && part * good <= self.sums.good[e.end as usize] - self.sums.good[e.first as usize];
            page.elements.iter().filter(holds).min_by_key(|e| e.end - e.first).copied().unwrap_or(page.elements[0])
        };
        let (third, half, most) = (smallest(0.3), smallest(0.5), smallest(0.75));
        // Steps from the best container up to the first ancestor that it shares with an element.
        self.rank.clear();
        self.rank.resize(page.elements.len(), u16::MAX);
        let (mut at, mut steps) = (best as u32, 0);
        while at != NONE {
            self.rank[at as usize] = steps;
            at = self.up[at as usize];
            steps += 1;
        }
        for (index, element) in page.elements.iter().enumerate() {
            if self.rank[index] == u16::MAX {
                self.rank[index] = if element.parent == NONE { steps } else { self.rank[element.parent as usize] };
            }
        }
        let first_good = self.good.iter().position(|&g| 0.0 < g).unwrap_or(0) as f32;
        let last_good = self.good.iter().rposition(|&g| 0.0 < g).unwrap_or(n.saturating_sub(1)) as f32;
        let best = page.elements[best];
        let best_chars = between(&self.sums.chars, &best);
        let within = |e: &Element, i: usize| f32::from(u8::from((e.first as usize) <= i && i < e.end as usize));
        for (i, block) in page.blocks.iter().enumerate() {
            let at = i as f32;
            Self::writer(&mut self.rows, i, OWN + LEVELS * PER_LEVEL).put([
                within(&third, i),
                within(&half, i),
                within(&most, i),
                within(&best, i),
                (half.first as f32 - at).max(0.0),
                (at - half.end as f32 + 1.0).max(0.0),
                f32::from(self.rank[block.element as usize].min(12)),
                share(between(&self.sums.links, &best), best_chars),
                share(between(&self.sums.good, &best), good as f32),
                (at - first_good).clamp(-30.0, 30.0),
                (at - last_good).clamp(-30.0, 30.0),
                share(self.sums.good[i] as f32, good as f32),
                f32::from(self.depth[block.element as usize].min(60)),
            ]);
        }
    }

    fn page(&mut self, page: &Blocks) {
        let n = page.blocks.len();
        let total = self.sums.chars[n] as f32;
        let values = [
            total,
            share(self.sums.links[n] as f32, total),
            share(self.sums.good[n] as f32, total),
            n as f32,
            share(self.sums.stops[n] as f32, self.sums.words[n] as f32),
        ];
        for i in 0..n {
            Self::writer(&mut self.rows, i, Self::PAGE).put(values);
        }
    }

    /// Blocks whose elements and classes are the same: the paragraphs of an article, the teasers of a list.
    fn groups(&mut self, page: &Blocks, source: &str) {
        let mut signature = Vec::new();
        for group in 0..GROUPS {
            self.keys.clear();
            for (i, block) in page.blocks.iter().enumerate() {
                signature.clear();
                let own = self.holder[block.element as usize];
                sign(&mut signature, page, own, source, group == 0);
                let parent = page.elements[own as usize].parent;
                if parent != NONE {
                    if group == 2 {
                        signature.extend_from_slice(&parent.to_le_bytes());
                    } else {
                        sign(&mut signature, page, parent, source, true);
                        let grandparent = page.elements[parent as usize].parent;
                        if group == 1 && grandparent != NONE {
                            sign(&mut signature, page, grandparent, source, true);
                        }
                    }
                }
                self.keys.push((hash64(&signature), i as u32));
            }
            self.keys.sort_unstable();
            for same in self.keys.chunk_by(|a, b| a.0 == b.0) {
                let (mut chars, mut links, mut good) = (0.0, 0.0, 0.0);
                for &(_, i) in same {
                    chars += self.measures[i as usize].chars;
                    links += self.links[i as usize];
                    good += self.good[i as usize];
                }
                let values = [same.len() as f32, chars / same.len() as f32, share(links, chars), share(good, chars)];
                let first = same[0].1;
                for &(_, i) in same {
                    self.groups_of[i as usize][group] = first;
                    Self::writer(&mut self.rows, i as usize, Self::PAGE + PAGE + group * PER_GROUP).put(values);
                }
            }
        }
    }

    fn neighbours(&mut self, page: &Blocks) {
        let n = page.blocks.len() as i64;
        for i in 0..n {
            let own = self.level(self.holder[page.blocks[i as usize].element as usize], 1);
            let start = COUNT - NEIGHBOURS.len() * PER_NEIGHBOUR;
            for (k, offset) in NEIGHBOURS.into_iter().enumerate() {
                let j = i + offset;
                let values = if (0..n).contains(&j) {
                    let j = j as usize;
                    let other = self.level(self.holder[page.blocks[j].element as usize], 1);
                    let m = &self.measures[j];
                    [m.chars, share(self.links[j], m.chars), f32::from(u8::from(0.0 < self.good[j])), f32::from(u8::from(own == other))]
                } else {
                    [-1.0, 0.0, 0.0, 0.0]
                };
                Self::writer(&mut self.rows, i as usize, start + k * PER_NEIGHBOUR).put(values);
            }
        }
    }
}

/// Appends what tells an element from others: its name, and its class if asked for.
fn sign(signature: &mut Vec<u8>, page: &Blocks, element: u32, source: &str, with_class: bool) {
    let element = &page.elements[element as usize];
    signature.push(element.name as u8);
    if with_class {
        let class = element.class.of(source).as_bytes();
        signature.extend_from_slice(&class[..class.len().min(60)]);
    }
    signature.push(b'|');
}
