//! A chapter's XHTML to text: each paragraph, heading and item of a list a block with a blank line around, so that chapters stay; a line break in it is one.
//! Tokens are `html5gum`'s, because many a book is no sound XML; what pairs is told by names alone.

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

/// Elements that go with all they hold.
const SKIPPED: [&[u8]; 9] = [b"head", b"script", b"style", b"nav", b"svg", b"audio", b"video", b"object", b"template"];
/// Elements that begin and end a block.
const BLOCKS: [&[u8]; 32] = [
    b"p",
    b"div",
    b"h1",
    b"h2",
    b"h3",
    b"h4",
    b"h5",
    b"h6",
    b"li",
    b"ul",
    b"ol",
    b"dl",
    b"dt",
    b"dd",
    b"blockquote",
    b"section",
    b"article",
    b"aside",
    b"header",
    b"footer",
    b"main",
    b"figure",
    b"figcaption",
    b"table",
    b"caption",
    b"tr",
    b"hr",
    b"body",
    b"address",
    b"center",
    b"pre",
    b"title",
];
/// Words in `class`, `epub:type` or `role` of an element that only says where a printed page begins.
const PAGE_BREAKS: [&[u8]; 7] = [b"pagenum", b"pageno", b"page-number", b"pagebreak", b"doc-pagebreak", b"x-ebookmaker-pageno", b"pgnum"];

/// Writes the text of a chapter.
pub(super) fn write(xhtml: &str, out: &mut String) {
    let mut writer = Writer { out, skipped: None, pre: 0, is_break: false, tag: Vec::new(), is_kind: false, space: false };
    let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<()> {
        writer.event(&event);
        None
    });
    // A string as input never fails.
    Tokenizer::new_with_emitter(xhtml, emitter).for_each(drop);
    writer.block();
}

struct Writer<'o> {
    out: &'o mut String,
    /// The element that is skipped, and how many of its name are open.
    skipped: Option<(Vec<u8>, usize)>,
    /// How many `pre` are open.
    pre: usize,
    /// The tag that is read says that a printed page begins.
    is_break: bool,
    tag: Vec<u8>,
    /// The attribute that is read says what kind of element it is.
    is_kind: bool,
    /// White space since the last character.
    space: bool,
}

impl Writer<'_> {
    fn event(&mut self, event: &CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag.clear();
                self.tag.extend_from_slice(name);
                self.is_break = false;
            }
            CallbackEvent::AttributeName { name } => self.is_kind = [&b"class"[..], b"epub:type", b"role"].contains(name),
            CallbackEvent::AttributeValue { value } if self.is_kind => {
                self.is_break |= value.split(u8::is_ascii_whitespace).any(|word| PAGE_BREAKS.contains(&word));
            }
            CallbackEvent::CloseStartTag { self_closing } => self.start(*self_closing),
            CallbackEvent::EndTag { name } => self.end(name),
            CallbackEvent::String { value } if self.skipped.is_none() => self.text(&String::from_utf8_lossy(value)),
            _ => {}
        }
    }

    fn start(&mut self, is_empty: bool) {
        // Of a head that nothing closes the body is no part.
        if self.tag == b"body" && self.skipped.as_ref().is_some_and(|(name, _)| name == b"head") {
            self.skipped = None;
        }
        if let Some((name, open)) = &mut self.skipped {
            *open += usize::from(*name == self.tag && !is_empty);
            return;
        }
        let is_void = is_empty || [&b"br"[..], b"hr", b"img", b"meta", b"link", b"input", b"col", b"wbr"].contains(&self.tag.as_slice());
        // A block of such a class may be a chapter that begins on a new page.
        let is_number = self.is_break && !BLOCKS.contains(&self.tag.as_slice());
        if SKIPPED.contains(&self.tag.as_slice()) || is_number {
            self.skipped = (!is_void).then(|| (self.tag.clone(), 1));
            return;
        }
        match self.tag.as_slice() {
            b"br" => self.line(),
            b"pre" if !is_void => {
                self.block();
                self.pre += 1;
            }
            b"td" | b"th" => self.space = true,
            name if BLOCKS.contains(&name) => self.block(),
            _ => {}
        }
    }

    fn end(&mut self, name: &[u8]) {
        if let Some((skipped, open)) = &mut self.skipped {
            *open -= usize::from(skipped == name);
            if *open == 0 {
                self.skipped = None;
            }
            return;
        }
        if name == b"pre" {
            self.pre = self.pre.saturating_sub(1);
        }
        if BLOCKS.contains(&name) {
            self.block();
        }
    }

    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '\n' if 0 < self.pre => self.line(),
                // A space that must not break is still one; soft hyphens and marks without width are none.
                _ if c.is_whitespace() => self.space = true,
                '\u{AD}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\0' => {}
                _ => {
                    if std::mem::take(&mut self.space) && !self.out.is_empty() && !self.out.ends_with('\n') {
                        self.out.push(' ');
                    }
                    self.out.push(c);
                }
            }
        }
    }

    /// Ends a line in a block.
    fn line(&mut self) {
        self.space = false;
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// Ends a block.
    fn block(&mut self) {
        self.space = false;
        while !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }
}
