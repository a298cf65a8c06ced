//! The values that describe each block, column by column, of as many blocks at a time as stay in the nearest cache. No more are ever held.

use crate::extract::blocks::{Blocks, Element, NONE};
use crate::extract::features::{COUNT, Features, LEVELS, MAIN, OWN, PAGE, PER_LEVEL, PLACE, Row, TOGETHER, Tile, share};

/// A place to write the values of one block, one after another.
struct Writer<'a> {
    tile: &'a mut Tile<COUNT>,
    lane: usize,
    at: usize,
}

impl Writer<'_> {
    fn put<const N: usize>(&mut self, values: [f32; N]) {
        for (column, value) in self.tile[self.at..self.at + N].iter_mut().zip(values) {
            column[self.lane] = value;
        }
        self.at += N;
    }
}

/// The rows of a tile that has so many blocks.
pub fn rows<const N: usize>(tile: &Tile<N>, n: usize) -> impl Iterator<Item = [f32; N]> {
    (0..n).map(|lane| tile.map(|column| column[lane]))
}

impl Features {
    /// Shows the values of all blocks, tile by tile; and how many blocks there are in each.
    pub fn each_tile(&self, page: &Blocks, mut visit: impl FnMut(&Tile<COUNT>, usize)) {
        let of_page = self.of_page();
        let mut tile = [[0.0; TOGETHER]; COUNT];
        // Blocks that follow each other mostly share their outer containers.
        let mut last = [(NONE, [0.0; PER_LEVEL]); LEVELS];
        let n = page.blocks.len();
        for from in (0..n).step_by(TOGETHER) {
            let to = n.min(from + TOGETHER);
            for i in from..to {
                let mut writer = Writer { tile: &mut tile, lane: i - from, at: 0 };
                writer.put(self.own(i));
                self.containers(page, i, &mut last, &mut writer);
                writer.put(self.place(page, i));
                writer.put(of_page);
                for (totals, &first) in self.totals.iter().zip(&self.groups_of[i]) {
                    writer.put(totals[first as usize]);
                }
            }
            visit(&tile, to - from);
        }
    }

    /// The values of all blocks, a row each: to learn from, and to explain.
    pub fn rows(&self, page: &Blocks) -> Vec<Row> {
        let mut all = Vec::with_capacity(page.blocks.len());
        self.each_tile(page, |tile, n| all.extend(rows(tile, n)));
        all
    }

    /// The share of a block that is links.
    pub fn link_density(&self, block: usize) -> f32 {
        self.links[block] / self.measures[block].chars.max(1.0)
    }

    /// Whether a block is inside the container of half the good text, and inside the best container.
    pub fn is_in_half(&self, block: usize) -> bool {
        self.main.half.holds(block)
    }

    pub fn is_in_best(&self, block: usize) -> bool {
        self.main.best.holds(block)
    }

    /// Of the page: characters, link density, share of good text, blocks, stop words.
    pub fn of_page(&self) -> [f32; PAGE] {
        let n = self.measures.len();
        let all = self.sums[n];
        let total = all.chars as f32;
        [total, share(all.links as f32, total), share(all.good as f32, total), n as f32, share(all.stops as f32, all.words as f32)]
    }

    fn own(&self, i: usize) -> [f32; OWN] {
        let (n, m) = (self.measures.len(), &self.measures[i]);
        [
            m.chars,
            self.link_density(i),
            f32::from(u8::from(m.ends_in_mark)),
            m.stop_share,
            m.title_cover,
            i as f32,
            (n - 1 - i) as f32,
            share(self.sums[i].chars as f32, self.sums[n].chars as f32),
        ]
    }

    fn containers(&self, page: &Blocks, i: usize, last: &mut [(u32, [f32; PER_LEVEL]); LEVELS], writer: &mut Writer<'_>) {
        let mut at = self.block_element(&page.blocks[i]);
        for (element, values) in last {
            let e = &page.elements[at as usize];
            if *element != at {
                (*element, *values) = (at, self.container(e));
            }
            values[PLACE] = share((i as u32 - e.first) as f32, (e.end - e.first) as f32);
            writer.put(*values);
            at = self.level(at, 1);
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

    /// Where a block stands to the container that holds the page's good text.
    fn place(&self, page: &Blocks, i: usize) -> [f32; MAIN] {
        let (main, at, good) = (&self.main, i as f32, self.sums[self.measures.len()].good as f32);
        let element = page.blocks[i].element as usize;
        let within = |is: bool| f32::from(u8::from(is));
        [
            within(main.third.holds(i)),
            within(main.half.holds(i)),
            within(main.most.holds(i)),
            within(main.best.holds(i)),
            (main.half.first as f32 - at).max(0.0),
            (at - main.half.end as f32 + 1.0).max(0.0),
            f32::from(self.rank[element].min(12)),
            main.of_best[0],
            main.of_best[1],
            (at - main.first).clamp(-30.0, 30.0),
            (at - main.last).clamp(-30.0, 30.0),
            share(self.sums[i].good as f32, good),
            f32::from(self.depth[element].min(60)),
        ]
    }
}
