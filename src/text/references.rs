//! Character references: `&amp;`, `&#233;`, `&#x2019;`, `&copy` (HTML standard, sections 13.2.5.72 to 13.2.5.80).
//!
//! The hundred names that may lack their semicolon and the few that pages are full of are answered here; all others by `html5gum`.

use std::sync::LazyLock;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

/// The longest name of the standard (`CounterClockwiseContourIntegral;`) has 32 characters; a longer run is no reference.
const MAX_NAME_BYTES: usize = 32;

/// Names of U+00A0 to U+00FF in order; each may lack its semicolon.
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para \
    middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml \
    Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave \
    aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde \
    ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

/// The other names that may lack their semicolon.
const BARE: [(&str, char); 10] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("AMP", '&'),
    ("LT", '<'),
    ("GT", '>'),
    ("QUOT", '"'),
    ("COPY", '©'),
    ("REG", '®'),
];

/// Frequent names that need their semicolon.
const FREQUENT: [(&str, char); 14] = [
    ("apos", '\''),
    ("bull", '•'),
    ("euro", '€'),
    ("hellip", '…'),
    ("ldquo", '“'),
    ("lsaquo", '‹'),
    ("lsquo", '‘'),
    ("mdash", '—'),
    ("minus", '−'),
    ("ndash", '–'),
    ("rdquo", '”'),
    ("rsaquo", '›'),
    ("rsquo", '’'),
    ("trade", '™'),
];

/// What windows-1252 shows for the references `&#128;` to `&#159;`; controls stand for themselves and are dropped later.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}', '\u{90}', '‘', '’', '“', '”', '•', '–',
    '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
];

/// What a reference stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    One(char),
    /// A name that stands for two characters.
    Text(String),
}

/// Reads references.
#[derive(Clone, Debug, Default)]
pub struct References {
    /// References answered by `html5gum`: each costs about as much as thirty tokens.
    pub n_foreign: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Semicolon {
    Optional,
    Needed,
}

type Known = (&'static str, char, Semicolon);

/// The names this file knows, sorted; once, since every page has titles and names of its own to read.
static NAMES: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let latin = LATIN.split_ascii_whitespace().zip('\u{A0}'..='\u{FF}').map(|(name, c)| (name, c, Semicolon::Optional));
    let bare = BARE.into_iter().map(|(name, c)| (name, c, Semicolon::Optional));
    let frequent = FREQUENT.into_iter().map(|(name, c)| (name, c, Semicolon::Needed));
    let mut names: Vec<_> = latin.chain(bare).chain(frequent).collect();
    names.sort_unstable();
    names
});

impl References {
    /// The meaning of the reference at the start of `text`, which begins with `&`, and its length in bytes; `None` where the `&` is only itself.
    pub fn read(&mut self, text: &str) -> Option<(Meaning, usize)> {
        let bytes = text.as_bytes();
        match bytes.get(1)? {
            b'#' => numeric(bytes).map(|(c, length)| (Meaning::One(c), length)),
            byte if byte.is_ascii_alphabetic() => self.named(text),
            _ => None,
        }
    }

    fn named(&mut self, text: &str) -> Option<(Meaning, usize)> {
        let bytes = text.as_bytes();
        let run = bytes[1..].iter().take(MAX_NAME_BYTES).take_while(|b| b.is_ascii_alphanumeric()).count();
        let name = &text[1..=run];
        let semicolon = bytes.get(run + 1) == Some(&b';');
        match known(name) {
            Some((c, _)) if semicolon => return Some((Meaning::One(c), run + 2)),
            None if semicolon => {
                if let Some(meaning) = self.foreign(&text[..run + 2]) {
                    return Some((meaning, run + 2));
                }
            }
            _ => {}
        }
        // The longest name that may stand without its semicolon: "&notit;" is "¬it;".
        (2..=run.min(6)).rev().find_map(|length| match known(&text[1..=length]) {
            Some((c, Semicolon::Optional)) => Some((Meaning::One(c), length + 1)),
            _ => None,
        })
    }

    /// Asks `html5gum` for one of the two thousand other names; `reference` is the whole of it, `&` to `;`.
    fn foreign(&mut self, reference: &str) -> Option<Meaning> {
        self.n_foreign += 1;
        let mut decoded = Vec::new();
        let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<Vec<u8>> {
            match event {
                CallbackEvent::String { value } => Some(value.to_vec()),
                _ => None,
            }
        });
        for part in Tokenizer::new_with_emitter(reference, emitter).flatten() {
            decoded.extend_from_slice(&part);
        }
        let decoded = String::from_utf8(decoded).ok()?;
        (decoded != reference).then_some(Meaning::Text(decoded))
    }
}

/// What a name of `NAMES` means.
fn known(name: &str) -> Option<(char, Semicolon)> {
    let index = NAMES.binary_search_by(|(known, ..)| (*known).cmp(name)).ok()?;
    Some((NAMES[index].1, NAMES[index].2))
}

/// `&#233;` or `&#xE9;`, with or without the semicolon.
fn numeric(bytes: &[u8]) -> Option<(char, usize)> {
    let (radix, start) = if matches!(bytes.get(2), Some(b'x' | b'X')) { (16, 3) } else { (10, 2) };
    let mut code = 0_u32;
    let mut end = start;
    while let Some(digit) = bytes.get(end).and_then(|&b| char::from(b).to_digit(radix)) {
        code = code.saturating_mul(radix).saturating_add(digit);
        end += 1;
    }
    if end == start {
        return None;
    }
    let length = end + usize::from(bytes.get(end) == Some(&b';'));
    let c = match code {
        0x80..=0x9F => WINDOWS[code as usize - 0x80],
        0 => char::REPLACEMENT_CHARACTER,
        _ => char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
    };
    Some((c, length))
}
