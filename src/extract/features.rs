//! What the judge sees of each block: its own measures, those of the containers around it, its place in the page's main container, the page and the blocks built like it.
//!
//! Every value is a count, a share or a flag, computed from prefix sums in a time linear in blocks and elements.

use crate::extract::alike::{Alike, GROUPS};
use crate::extract::blocks::{Block, Blocks, Element, NONE};
use crate::extract::measure::{Measurer, Measures};

/// Container levels that are looked at: the block's own element and four distinct ancestors.
pub const LEVELS: usize = 5;
/// Columns of the block itself. The first pass sees of it only what flags tell, in steps.
pub const OWN: usize = 8;
const PER_LEVEL: usize = 10;
/// Of these, where the block stands in the container.
const PLACE: usize = 8;
const MAIN: usize = 13;
const PAGE: usize = 5;
const PER_GROUP: usize = 4;

/// How many values describe a block.
pub const COUNT: usize = OWN + LEVELS * PER_LEVEL + MAIN + PAGE + GROUPS * PER_GROUP;

/// The column of a block's characters, and of its link density.
pub const CHARS: usize = 0;
pub const LINK_DENSITY: usize = 1;
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
    /// What all blocks before each hold together: the total of blocks `i..j` is `sums[j]` less `sums[i]`.
    sums: Vec<Sum>,
    alike: Alike,
    /// For each block the first that is like it, in the way at hand, and for each first one their number, characters, links and good text.
    firsts: Vec<u32>,
    totals: Vec<[f32; 4]>,
}

/// What some blocks hold together.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    chars: f64,
    links: f64,
    good: f64,
    words: f64,
    stops: f64,
    marks: f64,
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

impl Features {
    /// Columns of two flags: inside the container of half the good text, inside the best container.
    pub const IN_HALF: usize = OWN + LEVELS * PER_LEVEL + 1;
    pub const IN_BEST: usize = OWN + LEVELS * PER_LEVEL + 3;
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
        self.sum();
        self.alike.begin(page);
        self.groups_of.clear();
        self.groups_of.resize(n, [0; GROUPS]);
        self.climb(page);
        // Each value of a row is written, so that those of the last page may stand there.
        self.rows.resize(n, [0.0; COUNT]);
        page.steps += (n * COUNT / 16 + page.elements.len()) as u64;
        self.own();
        self.containers(page);
        self.main(page);
        self.page(page);
        self.groups(page, source);
    }

    /// Fills `sums`.
    fn sum(&mut self) {
        self.sums.clear();
        let mut sum = Sum::default();
        self.sums.push(sum);
        for ((m, &links), &good) in self.measures.iter().zip(&self.links).zip(&self.good) {
            sum.chars += f64::from(m.chars);
            sum.links += f64::from(links);
            sum.good += f64::from(good);
            sum.words += f64::from(m.words);
            sum.stops += f64::from(m.stop_share * m.words);
            sum.marks += f64::from(m.marks);
            self.sums.push(sum);
        }
    }

    /// What the blocks of an element hold together.
    fn within(&self, element: &Element) -> Sum {
        let (to, from) = (self.sums[element.end as usize], self.sums[element.first as usize]);
        Sum {
            chars: to.chars - from.chars,
            links: to.links - from.links,
            good: to.good - from.good,
            words: to.words - from.words,
            stops: to.stops - from.stops,
            marks: to.marks - from.marks,
        }
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

    fn own(&mut self) {
        let n = self.measures.len();
        let total = self.sums[n].chars as f32;
        for (i, m) in self.measures.iter().enumerate() {
            Self::writer(&mut self.rows, i, 0).put([
                m.chars,
                self.links[i] / m.chars.max(1.0),
                f32::from(u8::from(m.ends_in_mark)),
                m.stop_share,
                m.title_cover,
                i as f32,
                (n - 1 - i) as f32,
                share(self.sums[i].chars as f32, total),
            ]);
        }
    }

    fn containers(&mut self, page: &Blocks) {
        // Blocks that follow each other mostly share their outer containers.
        let mut last = [(NONE, [0.0; PER_LEVEL]); LEVELS];
        for (i, block) in page.blocks.iter().enumerate() {
            let mut at = self.holder[block.element as usize];
            for (level, (element, values)) in last.iter_mut().enumerate() {
                let e = &page.elements[at as usize];
                if *element != at {
                    (*element, *values) = (at, self.container(e));
                }
                values[PLACE] = share((i as u32 - e.first) as f32, (e.end - e.first) as f32);
                Self::writer(&mut self.rows, i, OWN + level * PER_LEVEL).put(*values);
                at = self.level(at, 1);
            }
        }
    }

    /// What a container is to any block inside it; `PLACE` is the block's.
    fn container(&self, e: &Element) -> [f32; PER_LEVEL] {
        let page = self.sums[self.sums.len() - 1];
        let within = self.within(e);
        let (chars, good, words) = (within.chars as f32, within.good as f32, within.words as f32);
        [
            chars,
            share(within.links as f32, chars),
            share(good, chars),
            share(good, page.good as f32),
            share(chars, page.chars as f32),
            share(chars, (e.end - e.first) as f32),
            share(within.marks as f32, words),
            share(within.stops as f32, words),
            0.0,
            share(chars, (e.end_tag - e.first_tag) as f32),
        ]
    }

    /// Where each block stands to the container that holds the page's good text.
    fn main(&mut self, page: &Blocks) {
        let n = page.blocks.len();
        let good = self.sums[n].good;
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
            let holds = |e: &&Element| e.is_block && part * good <= self.sums[e.end as usize].good - self.sums[e.first as usize].good;
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
        let of_best = self.within(&best);
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
                share(of_best.links as f32, of_best.chars as f32),
                share(of_best.good as f32, good as f32),
                (at - first_good).clamp(-30.0, 30.0),
                (at - last_good).clamp(-30.0, 30.0),
                share(self.sums[i].good as f32, good as f32),
                f32::from(self.depth[block.element as usize].min(60)),
            ]);
        }
    }

    fn page(&mut self, page: &Blocks) {
        let n = page.blocks.len();
        let total = self.sums[n].chars as f32;
        let values = [
            total,
            share(self.sums[n].links as f32, total),
            share(self.sums[n].good as f32, total),
            n as f32,
            share(self.sums[n].stops as f32, self.sums[n].words as f32),
        ];
        for i in 0..n {
            Self::writer(&mut self.rows, i, Self::PAGE).put(values);
        }
    }

    /// Blocks that are built alike.
    fn groups(&mut self, page: &Blocks, source: &str) {
        for group in 0..GROUPS {
            self.alike.by_build(group, page, &self.holder, source, &mut self.firsts);
            self.totals.clear();
            self.totals.resize(page.blocks.len(), [0.0; 4]);
            for (i, &first) in self.firsts.iter().enumerate() {
                let of_block = [1.0, self.measures[i].chars, self.links[i], self.good[i]];
                self.totals[first as usize].iter_mut().zip(of_block).for_each(|(total, value)| *total += value);
            }
            for (i, &first) in self.firsts.iter().enumerate() {
                let [n, chars, links, good] = self.totals[first as usize];
                self.groups_of[i][group] = first;
                Self::writer(&mut self.rows, i, Self::PAGE + PAGE + group * PER_GROUP).put([
                    n,
                    chars / n,
                    share(links, chars),
                    share(good, chars),
                ]);
            }
        }
    }
}
