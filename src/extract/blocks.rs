//! Cuts a page into blocks of text in one pass: a stack of open elements, implied ends, and a block wherever a block-level tag stands.
//!
//! No tree is built. Each element remembers its first and last block, so that whatever is asked of an element later is a difference of two
//! prefix sums.

use crate::extract::fold::Folder;
use crate::extract::head::Head;
use crate::extract::names::Name;
use crate::extract::tokens::{Span, Tag, Token, Tokenizer};

/// What a block and an element count for in steps. Each is described by many numbers (about 900 and 100 bytes), so that the limit on steps bounds memory
/// too: at the default of 2^26 steps a page has at most 262,144 blocks, 240 MB.
const BLOCK_STEPS: u64 = 256;
const ELEMENT_STEPS: u64 = 16;

/// No element.
pub const NONE: u32 = u32::MAX;

/// A run of text between two block-level tags.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// Range in the text of its `Blocks`.
    pub start: u32,
    pub end: u32,
    /// The innermost element, inline ones too, in which its first text stands.
    pub element: u32,
    /// Bytes of its text inside links.
    pub link_bytes: u32,
    pub n_links: u32,
    /// Inline tags inside it.
    pub n_tags: u32,
    /// Line breaks inside it or right before it.
    pub n_breaks: u32,
    /// Some of it stands in an element that the page hides.
    pub hidden: bool,
}

/// An element that was opened; index 0 is the page itself.
#[derive(Clone, Copy, Debug)]
pub struct Element {
    pub parent: u32,
    pub name: Name,
    pub is_block: bool,
    /// This element hides its content (an ancestor's hiding is not repeated here).
    hides: bool,
    is_link: bool,
    pub class: Span,
    pub id: Span,
    pub role: Span,
    pub itemprop: Span,
    /// Blocks inside it: `first..end`.
    pub first: u32,
    pub end: u32,
    /// Tags read before it opened and before it closed: their difference is the number of tags inside.
    pub first_tag: u32,
    pub end_tag: u32,
}

/// A page in blocks. The buffers are reused from page to page.
#[derive(Clone, Debug, Default)]
pub struct Blocks {
    pub folder: Folder,
    pub blocks: Vec<Block>,
    pub elements: Vec<Element>,
    pub head: Head,
    open: Vec<u32>,
    state: State,
    /// Work done on the page.
    pub steps: u64,
}

/// What changes while the page is read.
#[derive(Clone, Debug)]
struct State {
    /// Open elements per name, so that an end tag without a start is known at once.
    n_open: [u32; Name::COUNT],
    /// Start tags per name that were not opened because the stack was full.
    n_flattened: [u32; Name::COUNT],
    n_links: u32,
    n_hiding: u32,
    n_pre: u32,
    n_tags: u32,
    pending_breaks: u32,
    /// The element whose content is passed over, and how many of its name are open.
    skipped: Option<(Name, u32)>,
    block: Block,
}

impl Default for State {
    fn default() -> Self {
        let none = [0; Name::COUNT];
        let (n_open, n_flattened) = (none, none);
        Self { n_open, n_flattened, n_links: 0, n_hiding: 0, n_pre: 0, n_tags: 0, pending_breaks: 0, skipped: None, block: Block::EMPTY }
    }
}

impl Blocks {
    /// Cuts `source` (at most `u32::MAX / 4` bytes; the caller has checked) into blocks. Elements nested deeper than `max_nesting` are read as if
    /// they stood side by side. `Err` holds the steps done when they exceed `max_steps`.
    pub fn read(&mut self, source: &str, max_nesting: u32, max_steps: u64) -> Result<(), u64> {
        self.folder.clear();
        self.blocks.clear();
        self.elements.clear();
        self.open.clear();
        self.state = State::default();
        self.head = Head::default();
        self.steps = 0;
        self.push_element(&Tag::bare(Name::Other), true);
        let mut tokens = Tokenizer::new(source);
        while let Some(token) = tokens.next() {
            match token {
                Token::Text(span) => self.text(span.of(source)),
                Token::Start => self.start(&tokens.tag, max_nesting, source),
                Token::End(name) => self.end(name),
                Token::Raw(body) => self.raw(&tokens.tag, body, source),
            }
            let steps = self.steps + tokens.steps;
            if max_steps < steps {
                return Err(steps);
            }
        }
        self.flush();
        self.pop_to(0);
        // One reference of the long list costs about as much as thirty tokens; plain bytes go by at several per nanosecond.
        self.steps += tokens.steps + source.len() as u64 / 32 + 32 * self.folder.references.n_foreign;
        if max_steps < self.steps { Err(self.steps) } else { Ok(()) }
    }

    /// The text of a block.
    pub fn text_of(&self, block: &Block) -> &str {
        &self.folder.text[block.start as usize..block.end as usize]
    }

    fn text(&mut self, chunk: &str) {
        if self.state.skipped.is_some() || chunk.is_empty() {
            return;
        }
        if self.state.n_pre == 0 && chunk.bytes().all(|b| b.is_ascii_whitespace()) {
            if !self.folder.is_empty() && self.state.pending_breaks == 0 {
                self.folder.push(" ");
            }
            return;
        }
        if 0 < self.state.pending_breaks {
            self.state.pending_breaks = 0;
            self.folder.line_break();
        }
        let before = self.folder.text.len();
        if self.state.n_pre == 0 {
            self.folder.push(chunk);
        } else {
            self.folder.push_verbatim(chunk);
        }
        let added = (self.folder.text.len() - before) as u32;
        let state = &mut self.state;
        if added == 0 {
            return;
        }
        if state.block.element == NONE {
            state.block.element = self.open[self.open.len() - 1];
        }
        if 0 < state.n_links {
            state.block.link_bytes += added;
        }
        state.block.hidden |= 0 < state.n_hiding;
    }

    /// Ends the running block and keeps it if it holds anything.
    fn flush(&mut self) {
        self.state.pending_breaks = 0;
        self.folder.trim_end();
        let mut block = std::mem::replace(&mut self.state.block, Block::EMPTY);
        if !self.folder.is_empty() {
            block.end = self.folder.text.len() as u32;
            block.link_bytes = block.link_bytes.min(block.end - block.start);
            self.blocks.push(block);
            self.steps += BLOCK_STEPS;
        }
        self.state.block.start = self.folder.begin() as u32;
    }

    fn start(&mut self, tag: &Tag, max_nesting: u32, source: &str) {
        let name = tag.name;
        if let Some((skipped, depth)) = &mut self.state.skipped {
            if !skipped.lets_out(name) {
                *depth += u32::from(*skipped == name && !tag.self_closing);
                return;
            }
            self.state.skipped = None;
        }
        if name.is_skipped() {
            if !tag.self_closing {
                self.state.skipped = Some((name, 1));
            }
            return;
        }
        self.state.n_tags += 1;
        self.head.note(tag, &self.state.n_open, source);
        match name {
            Name::Br => return self.line_break(),
            Name::Hr => return self.flush(),
            _ if name.is_void() => return,
            _ => {}
        }
        if name.is_block() {
            self.flush();
            self.close_implied(name);
        } else {
            self.state.block.n_tags += 1;
            if name == Name::A {
                self.state.block.n_links += u32::from(tag.has_href);
                if 0 < self.state.n_open[Name::A as usize] {
                    self.end_inline(Name::A);
                }
            }
        }
        if (self.open.len() as u32) <= max_nesting {
            self.push_element(tag, name.is_block());
        } else {
            self.state.n_flattened[name as usize] += 1;
        }
    }

    fn end(&mut self, name: Name) {
        if let Some((skipped, depth)) = &mut self.state.skipped {
            if *skipped == name {
                *depth -= 1;
                if *depth == 0 {
                    self.state.skipped = None;
                }
            }
            return;
        }
        self.state.n_tags += 1;
        if name == Name::Br {
            return self.line_break();
        }
        let is_block = name.is_block();
        if is_block {
            self.flush();
        }
        if 0 < self.state.n_flattened[name as usize] {
            self.state.n_flattened[name as usize] -= 1;
        } else if self.state.n_open[name as usize] == 0 {
            // An end tag without a start only bounds a block.
        } else if is_block {
            self.end_block(name);
        } else {
            self.end_inline(name);
        }
    }

    /// Two line breaks or more are a new block, one is a line end.
    fn line_break(&mut self) {
        self.state.pending_breaks += 1;
        self.state.block.n_breaks += 1;
        if 0 < self.state.n_pre {
            self.state.pending_breaks = 0;
            self.folder.push_verbatim("\n");
        } else if self.state.pending_breaks == 2 {
            self.flush();
        }
    }

    /// Closes the innermost open `name` and all inside it; but the end of an element never closes a table cell or table around it.
    fn end_block(&mut self, name: Name) {
        for index in (1..self.open.len()).rev() {
            self.steps += 1;
            let open = self.elements[self.open[index] as usize].name;
            if open == name {
                return self.pop_to(index);
            }
            if !name.is_table_part() && matches!(open, Name::Td | Name::Th | Name::Table) {
                return;
            }
        }
    }

    /// Takes the innermost open `name` out of the stack; what was opened inside it stays open, as formatting does in browsers.
    fn end_inline(&mut self, name: Name) {
        for index in (1..self.open.len()).rev() {
            self.steps += 1;
            if self.elements[self.open[index] as usize].name == name {
                let element = self.open.remove(index);
                return self.close(element);
            }
        }
    }

    /// Closes what a start tag of `name` ends without an end tag: an open paragraph, the item or cell before.
    fn close_implied(&mut self, name: Name) {
        if name.closes_paragraph() && 0 < self.state.n_open[Name::P as usize] {
            let mut index = self.open.len() - 1;
            while 0 < index && !self.elements[self.open[index] as usize].is_block {
                index -= 1;
                self.steps += 1;
            }
            if 0 < index && self.elements[self.open[index] as usize].name == Name::P {
                self.pop_to(index);
            }
        }
        let Some((same, stop)) = name.implied_ends() else { return };
        if same.iter().all(|&name| self.state.n_open[name as usize] == 0) {
            return;
        }
        for index in (1..self.open.len()).rev() {
            self.steps += 1;
            let open = self.elements[self.open[index] as usize].name;
            if same.contains(&open) {
                return self.pop_to(index);
            }
            if stop.contains(&open) {
                return;
            }
        }
    }

    fn push_element(&mut self, tag: &Tag, is_block: bool) {
        let element = Element {
            parent: self.open.last().copied().unwrap_or(NONE),
            name: tag.name,
            is_block,
            hides: tag.hidden,
            is_link: tag.name == Name::A && tag.has_href,
            class: tag.class,
            id: tag.id,
            role: tag.role,
            itemprop: tag.itemprop,
            first: self.blocks.len() as u32,
            end: 0,
            first_tag: self.state.n_tags,
            end_tag: 0,
        };
        let state = &mut self.state;
        state.n_open[tag.name as usize] += 1;
        state.n_links += u32::from(element.is_link);
        state.n_hiding += u32::from(element.hides);
        state.n_pre += u32::from(tag.name == Name::Pre);
        self.open.push(self.elements.len() as u32);
        self.elements.push(element);
        self.steps += ELEMENT_STEPS;
    }

    /// Closes the open elements from `index` of the stack on. The running block is over.
    fn pop_to(&mut self, index: usize) {
        while index < self.open.len() {
            if let Some(element) = self.open.pop() {
                self.close(element);
            }
        }
    }

    fn close(&mut self, element: u32) {
        let element = &mut self.elements[element as usize];
        element.end = self.blocks.len() as u32;
        element.end_tag = self.state.n_tags;
        let state = &mut self.state;
        state.n_open[element.name as usize] -= 1;
        state.n_links -= u32::from(element.is_link);
        state.n_hiding -= u32::from(element.hides);
        state.n_pre -= u32::from(element.name == Name::Pre);
    }

    fn raw(&mut self, tag: &Tag, body: Span, source: &str) {
        if self.state.skipped.is_some() {
            return;
        }
        self.state.n_tags += 1;
        match tag.name {
            Name::Title if self.head.title.is_empty() => self.head.title = body,
            Name::Script if tag.kind.of(source).eq_ignore_ascii_case("application/ld+json") => {
                if let Some(slot) = self.head.json_ld.iter_mut().find(|slot| slot.is_empty()) {
                    *slot = body;
                }
            }
            Name::Plaintext | Name::Xmp => {
                self.flush();
                self.state.n_pre += 1;
                self.text(body.of(source));
                self.state.n_pre -= 1;
                self.flush();
            }
            _ => {}
        }
    }
}

impl Block {
    const EMPTY: Self = Self { start: 0, end: 0, element: NONE, link_bytes: 0, n_links: 0, n_tags: 0, n_breaks: 0, hidden: false };
}

impl Element {
    /// True when both hold the same blocks.
    pub fn holds_the_same(&self, other: &Self) -> bool {
        (self.first, self.end) == (other.first, other.end)
    }
}
