//! Puts the kept blocks together as Markdown: CommonMark, with GitHub's tables and the definition lists of other dialects.
//!
//! Only what blocks are is kept: headings, paragraphs, lists, quotes, code, tables. Emphasis and links are plain text. Everything is linear in the page: an element is looked at once, and
//! a block stands in at most `MAX_CONTAINERS` lists and quotes.

use crate::extract::blocks::{Block, Blocks, NONE};
use crate::extract::escape;
use crate::extract::names::Name;

/// Lists and quotes inside one another that are shown; what is nested deeper stands in the innermost of these.
const MAX_CONTAINERS: u8 = 8;
/// A heading of more blocks is one whose end tag is missing.
const MAX_HEADING_BLOCKS: u32 = 4;
/// Of a table of data, this share of the cells is filled.
const FILLED: f64 = 0.25;

/// The elements that say what a block is; those around it, or `NONE`.
#[derive(Clone, Copy)]
struct Standing {
    /// The innermost item, definition or quote, and how many there are.
    container: u32,
    depth: u8,
    list: u32,
    term: u32,
    heading: u32,
    pre: u32,
    table: u32,
    row: u32,
    cell: u32,
    /// Cells before it in its row.
    column: u32,
}

/// Blocks that are written together: those of one element, or one alone, known by where its text begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    Lone(u32),
    Heading(u32),
    Code(u32),
    Table(u32),
}

/// The kept blocks as Markdown.
pub fn main_text(page: &Blocks, kept: &[bool]) -> String {
    let mut writer = Writer::new(page, kept);
    let blocks: Vec<&Block> = page.blocks.iter().zip(kept).filter(|(_, kept)| **kept).map(|(block, _)| block).collect();
    writer.all(&blocks, true);
    writer.out
}

struct Writer<'p> {
    page: &'p Blocks,
    standings: Vec<Standing>,
    /// Of a row its cells, of a list its items so far, of an item its number, 0 before it has begun; of a list of definitions, whether a term is kept.
    counts: Vec<u32>,
    /// What the last piece stands in, outermost first.
    last: Vec<u32>,
    /// The list of definitions whose term the last piece is.
    last_term: u32,
    out: String,
}

impl<'p> Writer<'p> {
    fn new(page: &'p Blocks, kept: &[bool]) -> Self {
        let mut writer = Self {
            page,
            standings: Vec::with_capacity(page.elements.len()),
            counts: vec![0; page.elements.len()],
            last: Vec::new(),
            last_term: NONE,
            out: String::new(),
        };
        (0..page.elements.len()).for_each(|index| writer.stand(index, kept));
        writer
    }

    /// Notes where an element stands; its parent stands before it.
    fn stand(&mut self, index: usize, kept: &[bool]) {
        use Name::*;
        let (element, this) = (&self.page.elements[index], index as u32);
        let outside = Standing {
            container: NONE,
            depth: 0,
            list: NONE,
            term: NONE,
            heading: NONE,
            pre: NONE,
            table: NONE,
            row: NONE,
            cell: NONE,
            column: 0,
        };
        let mut at = self.standings.get(element.parent as usize).copied().unwrap_or(outside);
        let defines = at.list != NONE && self.page.elements[at.list as usize].name == Dl;
        match element.name {
            Blockquote | Li | Dd => {
                // What defines no term flows as what is in it.
                let is_one = element.name != Dd || defines && self.counts[at.list as usize] != 0;
                if is_one && at.depth < MAX_CONTAINERS {
                    (at.container, at.depth) = (this, at.depth + 1);
                }
                at.term = NONE;
            }
            Ul | Ol | Menu | Dir | Dl => at.list = this,
            Dt if defines && kept[element.first as usize..element.end as usize].contains(&true) => {
                at.term = at.list;
                self.counts[at.list as usize] = 1;
            }
            Pre => at.pre = this,
            Table => (at.table, at.row, at.cell) = (this, NONE, NONE),
            Tr => at.row = this,
            Td | Th if at.table != NONE && at.row != NONE => {
                (at.cell, at.heading) = (this, NONE);
                at.column = self.counts[at.row as usize];
                self.counts[at.row as usize] += 1;
            }
            name if name.is_heading() && element.end - element.first <= MAX_HEADING_BLOCKS => at.heading = this,
            _ => {}
        }
        self.standings.push(at);
    }

    fn standing(&self, block: &Block) -> Standing {
        self.standings[block.element as usize]
    }

    /// What a block is written with.
    fn run_of(&self, block: &Block, with_tables: bool) -> Run {
        let at = self.standing(block);
        // Code of which each line is a row of a table is code.
        let is_code = at.pre != NONE && (!with_tables || at.cell == NONE || at.pre < at.cell);
        match at {
            _ if is_code => Run::Code(at.pre),
            _ if with_tables && at.cell != NONE => Run::Table(at.table),
            _ if at.heading != NONE => Run::Heading(at.heading),
            _ => Run::Lone(block.start),
        }
    }

    /// Writes blocks in their order; without tables, their cells flow as what is in them.
    fn all(&mut self, blocks: &[&Block], with_tables: bool) {
        let mut from = 0;
        while let Some(first) = blocks.get(from) {
            let run = self.run_of(first, with_tables);
            let length = blocks[from..].iter().take_while(|block| self.run_of(block, with_tables) == run).count();
            let together = &blocks[from..from + length];
            from += length;
            let texts = || together.iter().map(|block| self.page.text_of(block));
            match run {
                Run::Lone(_) => {
                    let text = escape::paragraph(self.page.text_of(first));
                    self.piece(first.element, &text);
                    self.last_term = self.standing(first).term;
                }
                Run::Heading(element) => {
                    // The names of headings stand in order.
                    let level = 1 + self.page.elements[element as usize].name as usize - Name::H1 as usize;
                    let text = format!("{} {}", "#".repeat(level), escape::heading(&texts().collect::<Vec<_>>().join(" ")));
                    self.piece(element, &text);
                }
                Run::Code(element) => {
                    let text = escape::fenced(&texts().collect::<Vec<_>>().join("\n"));
                    self.piece(element, &text);
                }
                Run::Table(element) => match self.table(together) {
                    Some(table) => self.piece(element, &table),
                    None => self.all(together, false),
                },
            }
        }
    }

    /// The table that these blocks make, its first row as the header. `None` for one that only lays out: a single row or column, cells of several blocks or of several lines of code, or few that are filled.
    fn table(&self, blocks: &[&Block]) -> Option<String> {
        let mut rows: Vec<(u32, Vec<(u32, String)>)> = Vec::new();
        let (mut columns, mut last_cell, mut n_cells) = (Vec::new(), NONE, 0);
        for block in blocks {
            let (at, text) = (self.standing(block), self.page.text_of(block));
            if at.pre != NONE && text.contains('\n') {
                return None;
            }
            if rows.last().is_none_or(|(row, _)| *row != at.row) {
                rows.push((at.row, Vec::new()));
            }
            let (_, row) = rows.last_mut()?;
            match row.last_mut() {
                Some((_, cell)) if last_cell == at.cell => {
                    cell.push(' ');
                    cell.push_str(&escape::cell(text));
                }
                _ => {
                    n_cells += 1;
                    columns.push(at.column);
                    row.push((at.column, escape::cell(text)));
                }
            }
            last_cell = at.cell;
        }
        columns.sort_unstable();
        columns.dedup();
        let is_filled = FILLED * (rows.len() * columns.len()) as f64 <= n_cells as f64;
        if rows.len() < 2 || columns.len() < 2 || 2 * n_cells <= blocks.len() || !is_filled {
            return None;
        }
        let mut lines = Vec::with_capacity(rows.len() + 1);
        for (_, cells) in rows {
            let mut cells = cells.into_iter().peekable();
            let mut line = "|".to_owned();
            for column in &columns {
                let text = cells.next_if(|(at, _)| at == column).map_or_else(String::new, |(_, text)| format!(" {text}"));
                line.push_str(&text);
                line.push_str(" |");
            }
            lines.push(line);
        }
        lines.insert(1, format!("|{}", " --- |".repeat(columns.len())));
        Some(lines.join("\n"))
    }

    /// Writes the lines of a piece that stands at an element, behind the marks of the lists and quotes that it is in.
    fn piece(&mut self, element: u32, text: &str) {
        let at = self.standings[element as usize];
        let mut chain = Vec::with_capacity(usize::from(at.depth));
        let mut container = at.container;
        while container != NONE {
            chain.push(container);
            let parent = self.page.elements[container as usize].parent;
            container = self.standings[parent as usize].container;
        }
        chain.reverse();
        let shared = chain.iter().zip(&self.last).take_while(|(a, b)| a == b).count();
        if !self.out.is_empty() {
            self.out.push('\n');
            if !self.follows(&chain, shared) {
                let prefix = self.prefix(&chain[..shared]);
                self.out.push_str(prefix.trim_end());
                self.out.push('\n');
            }
        }
        for (index, line) in text.split('\n').enumerate() {
            if index != 0 {
                self.out.push('\n');
            }
            let prefix = self.prefix(&chain);
            self.out.push_str(if line.is_empty() { prefix.trim_end() } else { &prefix });
            self.out.push_str(line);
        }
        self.last = chain;
        self.last_term = NONE;
    }

    /// True where no empty line comes before a piece: an item behind another of its list, or behind the text of the item that holds its list; a definition behind its term.
    fn follows(&self, chain: &[u32], shared: usize) -> bool {
        let is_item = |&item: &u32| self.page.elements[item as usize].name != Name::Blockquote;
        let Some(new) = chain.get(shared).filter(|item| is_item(item)) else { return false };
        let list = |item: u32| self.standings[item as usize].list;
        match self.last.get(shared) {
            Some(before) => is_item(before) && list(*before) == list(*new),
            None => self.last.last().is_some_and(is_item) || self.last_term != NONE && self.last_term == list(*new),
        }
    }

    /// What stands before a line; an item that has not begun begins with it.
    fn prefix(&mut self, chain: &[u32]) -> String {
        let mut prefix = String::new();
        for &container in chain {
            let name = self.page.elements[container as usize].name;
            let list = self.standings[container as usize].list;
            let is_numbered = list != NONE && name == Name::Li && self.page.elements[list as usize].name == Name::Ol;
            let has_begun = self.counts[container as usize] != 0;
            if !has_begun {
                let number = match is_numbered {
                    true => &mut self.counts[list as usize],
                    false => &mut self.counts[container as usize],
                };
                *number += 1;
                self.counts[container as usize] = *number;
            }
            let mark = match name {
                Name::Blockquote => "> ".to_owned(),
                Name::Dd => ": ".to_owned(),
                _ if is_numbered => format!("{}. ", self.counts[container as usize]),
                _ => "- ".to_owned(),
            };
            if has_begun && name != Name::Blockquote {
                prefix.extend(std::iter::repeat_n(' ', mark.len()));
            } else {
                prefix.push_str(&mark);
            }
        }
        prefix
    }
}
