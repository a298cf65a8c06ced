//! The first pass over wikitext. Everything is written as it stands; where the end of a template, link or table is met, what was written since its
//! beginning is replaced by what it shows. So what never ends needs no second look, and costs nothing.

use std::ops::Range;

use super::links::{self, Shown};
use super::names::Names;
use super::tags::{self, Manner, N_TAGS, Tag};
use super::templates;
use super::{Kept, Parts, Scanned, mark};

/// Templates, links and tables that may be open at a time; what opens beyond is text.
const MAX_OPEN: usize = 10_000;
/// Templates and links in each other whose text is kept; MediaWiki itself stops at 40 templates. It bounds how often a byte is moved.
const MAX_HEIGHT: u32 = 40;

/// What is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Braces,
    Link,
    Table,
    HtmlTable,
}

#[derive(Debug)]
struct Frame {
    kind: Kind,
    /// What it stands in, links aside.
    base: Option<Kind>,
    /// Where its first character was written.
    start: usize,
    /// How many of them.
    count: usize,
    /// How many pipes of others there were before its own.
    pipes: usize,
    /// Templates and links in each other that ended inside it.
    height: u32,
}

/// The state of the pass.
struct Scan<'s> {
    source: &'s str,
    names: &'s Names,
    parts: Parts,
    out: String,
    frames: Vec<Frame>,
    /// Of [`Kind`]s: how many are open.
    open: [usize; 4],
    /// Places in `out` of the pipes of all open templates and links.
    pipes: Vec<usize>,
    kept: Vec<Kept>,
    /// Tags that are not closed any more in what is left.
    unclosed: [bool; N_TAGS],
    in_poem: bool,
    is_disambiguation: bool,
}

/// Passes over a source without control characters.
pub(super) fn scan(source: &str, names: &Names, parts: Parts) -> Scanned {
    let mut scan = Scan {
        source,
        names,
        parts,
        out: String::with_capacity(source.len()),
        frames: Vec::new(),
        open: [0; 4],
        pipes: Vec::new(),
        kept: Vec::new(),
        unclosed: [false; N_TAGS],
        in_poem: false,
        is_disambiguation: false,
    };
    let mut at = scan.begin_line(0);
    while at < source.len() {
        let rest = &source.as_bytes()[at..];
        let plain = rest.iter().position(|byte| matches!(byte, b'<' | b'{' | b'}' | b'[' | b']' | b'|' | b'\n')).unwrap_or(rest.len());
        scan.out.push_str(&source[at..at + plain]);
        at += plain;
        let Some(&byte) = source.as_bytes().get(at) else { break };
        let run = source.as_bytes()[at..].iter().take_while(|other| **other == byte).count();
        at = match byte {
            b'<' => scan.tag(at),
            b'{' => scan.braces(at, run),
            b'}' => scan.close_braces(at, run),
            b'[' => scan.brackets(at, run),
            b']' => scan.close_brackets(at, run),
            b'|' => scan.pipe(at),
            _ => scan.line(at),
        };
    }
    scan.finish()
}

impl Scan<'_> {
    fn top(&self) -> Option<Kind> {
        self.frames.last().map(|frame| frame.kind)
    }

    fn push(&mut self, kind: Kind, count: usize) {
        if self.frames.len() < MAX_OPEN {
            let base = self.frames.last().and_then(|frame| if frame.kind == Kind::Link { frame.base } else { Some(frame.kind) });
            self.frames.push(Frame { kind, base, start: self.out.len(), count, pipes: self.pipes.len(), height: 0 });
            self.open[kind as usize] += 1;
        }
    }

    /// Takes the last frame off; its pipes are no one's any more.
    fn pop(&mut self) -> Option<Frame> {
        let frame = self.frames.pop()?;
        self.open[frame.kind as usize] -= 1;
        self.pipes.truncate(frame.pipes);
        if let Some(below) = self.frames.last_mut() {
            below.height = below.height.max(frame.height);
        }
        Some(frame)
    }

    /// Gives up what stands open in the last frame of a kind: its beginning is text. False when there is no such frame.
    fn down_to(&mut self, kind: Kind) -> bool {
        if self.open[kind as usize] == 0 {
            return false;
        }
        while self.top() != Some(kind) {
            self.pop();
        }
        true
    }

    fn literal(&mut self, at: usize, length: usize) -> usize {
        self.out.push_str(&self.source[at..at + length]);
        at + length
    }

    fn pipe(&mut self, at: usize) -> usize {
        if let Some(frame) = self.frames.last()
            && matches!(frame.kind, Kind::Braces | Kind::Link)
            && self.pipes.len() - frame.pipes <= templates::MAX_ARGUMENTS
        {
            self.pipes.push(self.out.len());
        }
        self.literal(at, 1)
    }

    fn line(&mut self, at: usize) -> usize {
        if self.in_poem {
            self.out.push(mark::BREAK);
        }
        self.out.push('\n');
        // A link does not last over a blank line; one that was never closed must not take the page with it.
        if self.source[at + 1..].starts_with('\n') {
            while self.top() == Some(Kind::Link) {
                self.pop();
            }
        }
        self.begin_line(at + 1)
    }

    /// What only counts at the beginning of a line: tables.
    fn begin_line(&mut self, at: usize) -> usize {
        let rest = &self.source[at..];
        let indented = rest.trim_start_matches([' ', '\t', ':']);
        let indent = rest.len() - indented.len();
        let bytes = indented.as_bytes();
        if bytes.starts_with(b"{|") && bytes.get(2) != Some(&b'}') {
            self.push(Kind::Table, 2);
            return self.literal(at + indent, 2);
        }
        if !bytes.starts_with(b"|}") {
            return at;
        }
        // "|}}" ends a template whose last argument is empty.
        let braces = bytes[1..].iter().take(4).take_while(|byte| **byte == b'}').count();
        let inside = self.frames.last().and_then(|frame| if frame.kind == Kind::Link { frame.base } else { Some(frame.kind) });
        if inside != Some(Kind::Table) || braces == 2 && 0 < self.open[Kind::Braces as usize] {
            return at;
        }
        self.down_to(Kind::Table);
        self.drop_last();
        at + indent + 2
    }

    /// The last frame ends here and shows nothing.
    fn drop_last(&mut self) {
        if let Some(frame) = self.pop() {
            self.out.truncate(frame.start);
            self.out.push(mark::GAP);
        }
    }

    fn braces(&mut self, at: usize, run: usize) -> usize {
        if 2 <= run {
            self.push(Kind::Braces, run);
        }
        self.literal(at, run)
    }

    fn close_braces(&mut self, at: usize, run: usize) -> usize {
        let mut left = run;
        while 2 <= left && self.down_to(Kind::Braces) {
            let Some(frame) = self.frames.last() else { break };
            let (start, count, pipes, height) = (frame.start, frame.count, frame.pipes, frame.height + 1);
            let taken = left.min(count).min(3);
            let content = start + count..self.out.len();
            let shown = self.shown(content, pipes, taken == 3, height);
            self.out.truncate(start + count - taken);
            self.out.push_str(&shown);
            left -= taken;
            let Some(frame) = self.frames.last_mut() else { break };
            (frame.count, frame.height) = (count - taken, height);
            self.pipes.truncate(pipes);
            if count - taken < 2 {
                self.pop();
            }
        }
        self.literal(at + run - left, left)
    }

    /// What a template, or a parameter of one, shows.
    fn shown(&mut self, content: Range<usize>, pipes: usize, is_parameter: bool, height: u32) -> String {
        let gap = || mark::GAP.to_string();
        if MAX_HEIGHT < height {
            return gap();
        }
        let call = templates::Call { text: &self.out, content, pipes: &self.pipes[pipes..] };
        if is_parameter {
            return call.default_value().to_owned();
        }
        let name = call.name();
        self.is_disambiguation |= self.names.is_disambiguation(&name);
        templates::shown(&name, &call).unwrap_or_else(gap)
    }

    fn brackets(&mut self, at: usize, run: usize) -> usize {
        // Of "[[[" the last two begin a link. More than three are no markup.
        if !matches!(run, 2 | 3) {
            return self.literal(at, run);
        }
        let after = self.literal(at, run - 2);
        self.push(Kind::Link, 2);
        self.literal(after, 2)
    }

    fn close_brackets(&mut self, at: usize, run: usize) -> usize {
        let mut left = run;
        while 2 <= left && self.top() == Some(Kind::Link) {
            let pipes = self.frames.last().map_or(0, |frame| frame.pipes);
            let pipe = self.pipes.get(pipes).copied();
            let Some(frame) = self.pop() else { break };
            let from = frame.start + frame.count;
            let height = frame.height + 1;
            left -= 2;
            let shown = if MAX_HEIGHT < height {
                Shown::Nothing
            } else {
                links::shown(&self.out[from..], pipe.map(|pipe| pipe - from), self.names)
            };
            match shown {
                Shown::Part(part) => {
                    self.out.truncate(from + part.end);
                    self.out.replace_range(frame.start..from + part.start, "");
                }
                Shown::Nothing => {
                    self.out.truncate(frame.start);
                    self.out.push(mark::GAP);
                }
                Shown::Literally => self.out.push_str("]]"),
            }
            if let Some(below) = self.frames.last_mut() {
                below.height = below.height.max(height);
            }
        }
        self.literal(at + run - left, left)
    }

    /// A comment, a tag, or a lesser-than sign; gives the first byte behind it.
    fn tag(&mut self, at: usize) -> usize {
        let rest = &self.source[at..];
        if rest.starts_with("<!--") {
            return self.comment(at);
        }
        let Some(tag) = tags::tag(rest) else { return self.literal(at, 1) };
        let after = at + tag.length;
        match tag.manner {
            Manner::Dropped | Manner::Kept | Manner::Code => return self.opaque(&tag, after),
            Manner::Raised | Manner::Lowered if !tag.closes => {
                if let Some((text, length)) = shifted(&self.source[after..], &tag) {
                    self.out.push_str(&text);
                    return after + length;
                }
            }
            Manner::Raised | Manner::Lowered | Manner::Inline => {}
            Manner::Block | Manner::Break => self.out.push(mark::BREAK),
            Manner::List | Manner::Line | Manner::Item if self.parts == Parts::Prose => self.aside(&tag),
            Manner::List | Manner::Line => self.out.push(mark::BREAK),
            Manner::Item if tag.closes => {}
            Manner::Item => self.out.extend([mark::BREAK, '-', ' ']),
            Manner::Cell => self.out.push(' '),
            Manner::Table if tag.closes => {
                if self.down_to(Kind::HtmlTable) {
                    self.drop_last();
                }
            }
            Manner::Table => self.push(Kind::HtmlTable, 0),
            Manner::Poem => {
                self.in_poem = !tag.closes && !tag.is_empty;
                self.out.push(mark::BREAK);
            }
        }
        after
    }

    /// Marks where a list, an item or a heading of HTML begins or ends, so that it can be told from the paragraph that its line is part of.
    fn aside(&mut self, tag: &Tag) {
        let (begin, end) = if tag.manner == Manner::List { (mark::LIST, mark::LIST_END) } else { (mark::ITEM, mark::ITEM_END) };
        // The break stands outside, and stays.
        match (tag.closes, tag.is_empty) {
            (true, _) => self.out.extend([end, mark::BREAK]),
            (false, true) => self.out.push(mark::BREAK),
            (false, false) => self.out.extend([mark::BREAK, begin]),
        }
    }

    /// A tag whose content is no wikitext; without an end it is a mark alone.
    fn opaque(&mut self, tag: &Tag, after: usize) -> usize {
        if tag.closes || tag.is_empty || self.unclosed[tag.index] {
            return after;
        }
        let Some((end, next)) = tags::closing(tag.index, &self.source[after..]) else {
            self.unclosed[tag.index] = true;
            return after;
        };
        let range = after..after + end;
        match tag.manner {
            Manner::Dropped => self.out.push(mark::GAP),
            manner => self.keep(range, manner == Manner::Code),
        }
        after + next
    }

    fn keep(&mut self, range: Range<usize>, is_block: bool) {
        let line = if is_block { "\n" } else { "" };
        self.out.push_str(&format!("{line}{}{}{}{line}", mark::KEPT, self.kept.len(), mark::END));
        self.kept.push(Kept { range, is_block });
    }

    /// A comment goes; with its line, where it stands alone there. One that never ends goes to the end, as MediaWiki has it.
    fn comment(&mut self, at: usize) -> usize {
        let Some(length) = memchr::memmem::find(&self.source.as_bytes()[at + 4..], b"-->") else { return self.source.len() };
        let after = at + 4 + length + 3;
        let rest = self.source[after..].trim_start_matches([' ', '\t']);
        let is_alone = (self.out.is_empty() || self.out.ends_with('\n')) && rest.starts_with('\n');
        if is_alone { self.begin_line(self.source.len() - rest.len() + 1) } else { after }
    }

    /// Tables that never end last until the next heading, as far as a reader can tell.
    fn finish(mut self) -> Scanned {
        let starts: Vec<usize> = self.frames.iter().filter(|frame| frame.kind == Kind::Table).map(|frame| frame.start).collect();
        let mut end = 0;
        let mut text = String::new();
        for start in starts {
            if end <= start {
                text.push_str(&self.out[end..start]);
                end = self.out[start..].find("\n==").map_or(self.out.len(), |heading| start + heading);
            }
        }
        if 0 < end {
            text.push_str(&self.out[end..]);
            self.out = text;
        }
        Scanned { text: self.out, kept: self.kept, is_disambiguation: self.is_disambiguation }
    }
}

/// Raised or lowered digits as characters of their own, and the length of what they stand for with the closing tag.
fn shifted(rest: &str, tag: &Tag) -> Option<(String, usize)> {
    let end = rest.bytes().take(24).position(|byte| byte == b'<')?;
    let closing = tags::tag(&rest[end..]).filter(|found| found.closes && found.index == tag.index)?;
    Some((tags::shifted(&rest[..end], tag.manner)?, end + closing.length))
}
