//! The second pass: lines become headings, items of lists, code and paragraphs.

use super::fold::fold;
use super::inline::Inline;
use super::names::Names;
use super::{Parts, Scanned, mark};

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Of a level, 1 to 6.
    Heading(usize),
    Item,
    Code,
    Paragraph,
}

/// The text that is written, and what is still open.
#[derive(Default)]
struct Blocks {
    out: String,
    /// Headings that no text has followed yet, with their levels, which rise.
    headings: Vec<(usize, String)>,
    /// The paragraph that the next line may belong to.
    paragraph: String,
    /// Of each level of the numbered lists that are open: the last number.
    numbers: Vec<u32>,
    parts: Parts,
}

/// The text of what the first pass left.
pub(super) fn text(source: &str, scanned: &mut Scanned, names: &Names, parts: Parts) -> String {
    let mut text = std::mem::take(&mut scanned.text);
    if parts == Parts::Prose {
        text = without_asides(&text);
    }
    let mut inline = Inline::new(source, scanned, names.references.clone());
    let mut blocks = Blocks { out: String::with_capacity(text.len()), parts, ..Blocks::default() };
    for line in text.split('\n') {
        blocks.line(line, &mut inline);
    }
    blocks.end_paragraph();
    blocks.out
}

impl Blocks {
    fn line(&mut self, line: &str, inline: &mut Inline<'_>) {
        let is_mark = |c: char| c == mark::GAP || c == mark::BREAK;
        let content = line.trim_start_matches(is_mark);
        let bare = line.trim_matches(|c: char| c.is_whitespace() || is_mark(c));
        let is_item = content.starts_with(['*', '#', ':', ';']);
        if !is_item {
            self.numbers.clear();
        }
        if bare.is_empty() {
            self.end_paragraph();
        } else if let Some(code) = inline.code(bare) {
            self.push(Kind::Code, code);
        } else if let Some((level, heading)) = heading(bare) {
            self.write(Kind::Heading(level), "", heading, inline);
        } else if is_item {
            self.item(content, inline);
        } else if content.starts_with(' ') {
            // Shown as it stands, in a box; but not behind what was dropped, and not in a poem, whose lines end with a break.
            let is_code = line.starts_with(' ') && !line.ends_with(mark::BREAK);
            self.write(if is_code { Kind::Code } else { Kind::Paragraph }, "", bare, inline);
        } else if let Some(rule) = content.strip_prefix("----") {
            self.write(Kind::Paragraph, "", rule.trim_start_matches('-'), inline);
        } else {
            if !self.paragraph.is_empty() && !self.paragraph.ends_with(mark::BREAK) {
                self.paragraph.push(' ');
            }
            inline.write(line, &mut self.paragraph);
        }
    }

    fn item(&mut self, line: &str, inline: &mut Inline<'_>) {
        let text = line.trim_start_matches(['*', '#', ':', ';']);
        let marks = &line[..line.len() - text.len()];
        let depth = marks.len();
        self.numbers.truncate(depth);
        match marks.as_bytes()[depth - 1] {
            b'*' => self.write(Kind::Item, "- ", text, inline),
            b'#' => {
                // A page may nest as deep as it is long; numbers of so many levels help nobody.
                let level = depth.min(8);
                self.numbers.resize(level, 0);
                self.numbers[level - 1] += 1;
                let bullet = format!("{}. ", self.numbers[level - 1]);
                self.write(Kind::Item, &bullet, text, inline);
            }
            // "; term : what it means" is two lines.
            b';' => match text.split_once(" : ") {
                Some((term, meaning)) => {
                    self.write(Kind::Item, "", term, inline);
                    self.write(Kind::Item, "", meaning, inline);
                }
                None => self.write(Kind::Item, "", text, inline),
            },
            _ => self.write(Kind::Item, "", text, inline),
        }
    }

    fn write(&mut self, kind: Kind, bullet: &str, line: &str, inline: &mut Inline<'_>) {
        let mut raw = String::new();
        inline.write(line, &mut raw);
        let text = fold(&raw);
        let text = if text.is_empty() { text } else { format!("{bullet}{text}") };
        self.push(kind, text);
    }

    fn push(&mut self, kind: Kind, text: String) {
        self.end_paragraph();
        self.put(kind, text);
    }

    fn end_paragraph(&mut self) {
        if !self.paragraph.is_empty() {
            let text = fold(&self.paragraph);
            self.paragraph.clear();
            self.put(Kind::Paragraph, text);
        }
    }

    /// A heading waits for text in its section: where none comes, what stood there was references, tables or navigation.
    fn put(&mut self, kind: Kind, text: String) {
        if text.is_empty() || self.parts == Parts::Prose && kind != Kind::Paragraph {
            return;
        }
        if let Kind::Heading(level) = kind {
            self.headings.retain(|(above, _)| *above < level);
            self.headings.push((level, text));
            return;
        }
        let headings = std::mem::take(&mut self.headings);
        for block in headings.into_iter().map(|(_, heading)| heading).chain([text]) {
            if !self.out.is_empty() {
                self.out.push('\n');
            }
            self.out.push_str(&block);
        }
    }
}

/// What the first pass left, without the lists and headings of HTML that it marked. A list that is never closed lasts until the next heading, as a table does; an item outside
/// of a list, or a heading, until the paragraph ends.
fn without_asides(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut lists, mut in_item) = (0_usize, false);
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        in_item &= !bare.is_empty();
        if heading(bare).is_some() {
            (lists, in_item) = (0, false);
        }
        for c in line.chars() {
            match c {
                mark::LIST => lists += 1,
                mark::LIST_END => (lists, in_item) = (lists.saturating_sub(1), false),
                mark::ITEM => in_item = true,
                mark::ITEM_END => in_item = false,
                _ if c == '\n' || lists == 0 && !in_item => out.push(c),
                _ => {}
            }
        }
    }
    out
}

/// `== Heading ==`: its level and text.
fn heading(line: &str) -> Option<(usize, &str)> {
    let n = |signs: &mut dyn Iterator<Item = u8>| signs.take(6).take_while(|sign| *sign == b'=').count();
    let level = n(&mut line.bytes()).min(n(&mut line.bytes().rev()));
    let text = line.get(level..line.len().checked_sub(level)?)?;
    (0 < level && !text.trim().is_empty()).then_some((level, text))
}
