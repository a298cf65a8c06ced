//! What the judge sees of each block: its own measures, those of the containers around it, its place in the page's main container, the page and the blocks built like it.
//!
//! Every value is a count, a share or a flag, computed from prefix sums in a time linear in blocks and elements.

mod columns;

pub use columns::rows;

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

/// The column of a block's link density.
pub const LINK_DENSITY: usize = 1;
/// The values of one block.
pub type Row = [f32; COUNT];
/// Blocks that follow each other and are described together: so many stay in the nearest cache.
pub const TOGETHER: usize = 16;
/// The values of such blocks, column after column. Where there are fewer blocks, what stands behind them means nothing.
pub type Tile<const N: usize> = [[f32; TOGETHER]; N];

/// Features of all blocks of a page. Buffers are reused.
#[derive(Clone, Debug, Default)]
pub struct Features {
    pub measures: Vec<Measures>,
    links: Vec<f32>,
    good: Vec<f32>,
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
    main: Main,
    alike: Alike,
    /// For each block the first that is like it, in the way at hand.
    firsts: Vec<u32>,
    /// For each way and each first one: how many are like it, their mean length, their shares of links and of good text.
    totals: [Vec<[f32; PER_GROUP]>; GROUPS],
}

/// Blocks from one to before another.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    first: u32,
    end: u32,
}

impl Span {
    fn of(element: &Element) -> Self {
        Self { first: element.first, end: element.end }
    }

    fn holds(self, block: usize) -> bool {
        (self.first as usize) <= block && block < self.end as usize
    }
}

/// Where a page's good text is.
#[derive(Clone, Copy, Debug, Default)]
struct Main {
    /// The smallest containers of three tenths, half and three quarters of it.
    third: Span,
    half: Span,
    most: Span,
    /// The container that scores best, and its shares of links and of the page's good text.
    best: Span,
    of_best: [f32; 2],
    /// The first and the last block of good text.
    first: f32,
    last: f32,
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

/// A share whose whole may be nothing.
fn share(part: f32, whole: f32) -> f32 {
    if 0.0 < whole { part / whole } else { 0.0 }
}

impl Features {
    /// Computes what describes a page. `source` is the page that `page` was read from; the measurer knows its title.
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
        page.steps += (n * COUNT / 16 + page.elements.len()) as u64;
        self.main(page);
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

    /// Finds the container that holds the page's good text, and fills `rank`.
    fn main(&mut self, page: &Blocks) {
        let good = self.sums[page.blocks.len()].good;
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
        let (best, n) = (page.elements[best], page.blocks.len());
        let of_best = self.within(&best);
        self.main = Main {
            third: Span::of(&third),
            half: Span::of(&half),
            most: Span::of(&most),
            best: Span::of(&best),
            of_best: [share(of_best.links as f32, of_best.chars as f32), share(of_best.good as f32, good as f32)],
            first: self.good.iter().position(|&g| 0.0 < g).unwrap_or(0) as f32,
            last: self.good.iter().rposition(|&g| 0.0 < g).unwrap_or(n.saturating_sub(1)) as f32,
        };
    }

    /// Blocks that are built alike.
    fn groups(&mut self, page: &Blocks, source: &str) {
        for group in 0..GROUPS {
            self.alike.by_build(group, page, &self.holder, source, &mut self.firsts);
            let totals = &mut self.totals[group];
            totals.clear();
            totals.resize(page.blocks.len(), [0.0; PER_GROUP]);
            for (i, &first) in self.firsts.iter().enumerate() {
                self.groups_of[i][group] = first;
                let of_block = [1.0, self.measures[i].chars, self.links[i], self.good[i]];
                totals[first as usize].iter_mut().zip(of_block).for_each(|(total, value)| *total += value);
            }
            for total in totals.iter_mut().filter(|total| 0.0 < total[0]) {
                let [n, chars, links, good] = *total;
                *total = [n, chars / n, share(links, chars), share(good, chars)];
            }
        }
    }
}
