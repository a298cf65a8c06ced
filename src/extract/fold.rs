//! The page's text as it grows: character references decoded, white space folded, controls and invisible marks left out.

use crate::extract::lanes::{HIGH, eight_from, least, same};
use crate::text::references::{Meaning, References};

/// What a byte can be for the folder. Most bytes are plain and are copied in runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Plain,
    Space,
    Ampersand,
    Control,
    /// First byte of a sequence that may be a space or an invisible mark.
    Lead,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Plain; 256];
    let mut byte = 0;
    while byte < 32 {
        classes[byte] = Class::Control;
        byte += 1;
    }
    classes[0x7F] = Class::Control;
    classes[b' ' as usize] = Class::Space;
    classes[b'\t' as usize] = Class::Space;
    classes[b'\n' as usize] = Class::Space;
    classes[0x0C] = Class::Space;
    classes[b'\r' as usize] = Class::Space;
    classes[b'&' as usize] = Class::Ampersand;
    classes[0xC2] = Class::Lead; // C1 controls, no-break space, soft hyphen
    classes[0xE2] = Class::Lead; // U+2000..=U+206F
    classes[0xE3] = Class::Lead; // U+3000
    classes[0xEF] = Class::Lead; // U+FEFF
    classes
};

/// Text of many blocks, one after another without anything between them.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    pub text: String,
    pub references: References,
    /// Where the running block begins in `text`.
    block_start: usize,
}

impl Folder {
    /// Forgets the last page, keeps its memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.references.n_foreign = 0;
        self.block_start = 0;
    }

    /// Begins a block where the text now ends, and gives that place.
    pub fn begin(&mut self) -> usize {
        self.block_start = self.text.len();
        self.block_start
    }

    /// Takes white space off the end of the running block.
    pub fn trim_end(&mut self) {
        let kept = self.text[self.block_start..].trim_end_matches([' ', '\n', '\t']).len();
        self.text.truncate(self.block_start + kept);
    }

    /// True when the running block holds nothing yet.
    pub fn is_empty(&self) -> bool {
        self.text.len() == self.block_start
    }

    /// One space, unless one is there or the block has not begun.
    fn space(&mut self) {
        if !self.is_empty() && !self.text.ends_with([' ', '\n']) {
            self.text.push(' ');
        }
    }

    /// A line end inside the running block.
    pub fn line_break(&mut self) {
        if !self.is_empty() {
            self.trim_end();
            self.text.push('\n');
        }
    }

    /// Appends text of the page with white space folded.
    pub fn push(&mut self, chunk: &str) {
        let bytes = chunk.as_bytes();
        let (mut from, mut at) = (0, 0);
        while at < bytes.len() {
            if bytes[at].is_ascii() {
                let n_plain = plain(eight_from(bytes, at), from < at);
                if 0 < n_plain {
                    at += n_plain;
                    continue;
                }
            }
            let class = CLASSES[bytes[at] as usize];
            if class == Class::Plain {
                at += 1;
                continue;
            }
            // A single space between plain bytes is copied with its run.
            if bytes[at] == b' ' && from < at && bytes.get(at + 1).is_some_and(|&b| CLASSES[b as usize] == Class::Plain) {
                at += 2;
                continue;
            }
            let c = if class == Class::Lead { lead_char(&chunk[at..]) } else { Some('\0') };
            let Some(c) = c else {
                at += 1;
                continue;
            };
            self.text.push_str(&chunk[from..at]);
            match class {
                Class::Space => {
                    self.space();
                    at += bytes[at..].iter().take_while(|byte| CLASSES[**byte as usize] == Class::Space).count();
                }
                Class::Ampersand => at += self.reference(&chunk[at..], false),
                Class::Control | Class::Plain => at += 1,
                Class::Lead => {
                    self.character(c, false);
                    at += c.len_utf8();
                }
            }
            from = at;
        }
        self.text.push_str(&chunk[from..]);
    }

    /// Appends preformatted text: line ends unified, tabs and spaces kept.
    pub fn push_verbatim(&mut self, chunk: &str) {
        let mut at = 0;
        while let Some(c) = chunk[at..].chars().next() {
            // What stands for itself is copied in runs.
            let n_same = chunk.as_bytes()[at..].iter().take_while(|byte| matches!(byte, b' '..=b'~') && **byte != b'&').count();
            if 0 < n_same {
                self.text.push_str(&chunk[at..at + n_same]);
                at += n_same;
                continue;
            }
            match c {
                '&' => at += self.reference(&chunk[at..], true),
                '\r' => {
                    self.character('\n', true);
                    at += if chunk[at..].starts_with("\r\n") { 2 } else { 1 };
                }
                _ => {
                    self.character(c, true);
                    at += c.len_utf8();
                }
            }
        }
    }

    /// Appends what the reference at the start of `rest` means, or its `&`; the number of bytes read.
    fn reference(&mut self, rest: &str, verbatim: bool) -> usize {
        match self.references.read(rest) {
            Some((Meaning::One(c), length)) => {
                self.character(c, verbatim);
                length
            }
            Some((Meaning::Text(text), length)) => {
                text.chars().for_each(|c| self.character(c, verbatim));
                length
            }
            None => {
                self.text.push('&');
                1
            }
        }
    }

    /// Appends one character by the rules above.
    fn character(&mut self, c: char, verbatim: bool) {
        match c {
            '\n' | '\t' if verbatim => {
                // The standard drops a line end right after `<pre>`.
                if c == '\t' || !self.is_empty() {
                    self.text.push(c);
                }
            }
            c if verbatim && (c == ' ' || is_wide_space(c)) => self.text.push(' '),
            c if is_wide_space(c) || c.is_ascii_whitespace() => self.space(),
            c if is_unseen(c) => {}
            c => self.text.push(c),
        }
    }
}

/// How many of eight bytes are copied with the run they stand in: plain ones of ASCII, and single spaces between them if such a byte stands before.
fn plain(text: u64, is_run: bool) -> usize {
    let low = text & !HIGH;
    let spaces = same(low, b' ') & !text & HIGH;
    let others = (!least(low, b' ') | same(low, b'&') | same(low, 0x7F) | text) & HIGH;
    // The last lane's next is not seen.
    let next = (spaces | others) << 8 | 0x80;
    let stops = others | spaces & next | if is_run { 0 } else { spaces & 0x80 << 56 };
    stops.leading_zeros() as usize / 8
}

/// The character at the start of `rest`, if it is a space or unseen.
fn lead_char(rest: &str) -> Option<char> {
    rest.chars().next().filter(|&c| is_wide_space(c) || is_unseen(c))
}

/// True for every space that is not one of ASCII's; `U+0085` and the separators of lines and paragraphs among them.
pub fn is_wide_space(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{2028}' | '\u{2029}' | '\u{202F}' | '\u{205F}' | '\u{3000}')
}

/// True for what must not be in a text: controls, and marks that no reader sees and that split words (soft hyphen, zero-width space, byte order
/// mark). The joiners U+200C and U+200D stay: Persian and Indic scripts need them.
pub fn is_unseen(c: char) -> bool {
    c.is_control() || matches!(c, '\u{AD}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}')
}
