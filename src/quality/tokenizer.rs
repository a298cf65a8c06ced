//! Spark's `Tokenizer`, exactly: Java's `toLowerCase` in the root locale, then Java's `split("\\s")`.
//!
//! Three things surprise. A token lies between *single* white-space characters, so double spaces give empty tokens, and only those at the end
//! are dropped; the empty text gives one empty token, but a text of nothing but white space gives none. White space is ASCII only, so
//! a no-break space stays inside its token. And Java decides whether a capital sigma is final with its own word-break rules, which
//! differ from Unicode's; [`final_sigma`] follows Java as far as it was measured: of 20,000 random strings of sigmas, marks and odd scripts
//! against OpenJDK 17, 7 still differ (two format characters in a row beside the sigma, or the danda).
//!
//! The mapping of single characters is that of the Unicode version Rust was built with; a JVM of an older version leaves newer capitals alone.

use std::borrow::Cow;

use unicode_general_category::{GeneralCategory, get_general_category};

/// The white space at which tokens end: the `\s` of Java's regular expressions.
pub fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0b' | '\x0c' | '\r')
}

/// The tokens of a text, lower-cased, in order, as Spark's `Tokenizer` gives them.
pub fn tokenizer(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    pieces(text).enumerate().map(|(position, piece)| lower(piece, position == 0))
}

/// The tokens as they stand in the text, before lower-casing; no mapping of Java's creates or removes white space.
pub fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let trimmed = text.trim_end_matches(is_space);
    let limit = if trimmed.is_empty() && !text.is_empty() { 0 } else { usize::MAX };
    trimmed.split(is_space).take(limit)
}

/// Java's `toLowerCase` of one token (a text without the white space above, at which Java's words always end). `opens_text`: the token
/// stands at the very start of its text, which matters to one capital sigma after one character beyond U+FFFF ([`word_breaks`]).
pub fn lower(token: &str, opens_text: bool) -> Cow<'_, str> {
    if token.is_ascii() {
        if !token.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Cow::Borrowed(token);
        }
        return Cow::Owned(token.to_ascii_lowercase());
    }
    let mut lowered = String::with_capacity(token.len());
    for (at, c) in token.char_indices() {
        if c == 'Σ' {
            lowered.push(if final_sigma(token, at, opens_text) { 'ς' } else { 'σ' });
        } else {
            // Two characters only for 'İ', which Java maps to i and a dot above in the root locale as Unicode does.
            lowered.extend(c.to_lowercase());
        }
    }
    Cow::Owned(lowered)
}

/// True where Java writes a final sigma: a cased letter stands before the sigma in the same word, and none after it.
fn final_sigma(token: &str, at: usize, opens_text: bool) -> bool {
    let chars: Vec<char> = token.chars().collect();
    let sigma = token[..at].chars().count();
    let breaks = word_breaks(&chars, opens_text);
    let before = (1..=sigma).rev().take_while(|&i| !breaks[i]).any(|i| is_cased(chars[i - 1]));
    let after = (sigma + 1..chars.len()).take_while(|&i| !breaks[i]).any(|i| is_cased(chars[i]));
    before && !after
}

/// What Java's word-break rules make of a character.
#[derive(Clone, Copy, PartialEq)]
enum Class {
    Letter,
    Digit,
    /// Joins two letters: a dash, quotation mark, apostrophe, connector.
    MidWord,
    /// Joins two digits: a comma.
    MidNumber,
    /// Joins two letters or two digits: a full stop, quotation mark, apostrophe.
    Mid,
    Other,
}

/// For each position, whether Java's word iterator breaks before it. Letters and digits in any mixture are one word; one mark between two
/// letters, or one between two digits, joins them; what attaches to the character before it (marks, format characters) never breaks.
///
/// One oddity of Java's is kept, as measured: asked about the place after a character beyond U+FFFF, its iterator starts inside the surrogate pair and
/// answers that it breaks there, unless the pair opens the text.
fn word_breaks(chars: &[char], opens_text: bool) -> Vec<bool> {
    let mut breaks = vec![true; chars.len()];
    let bases: Vec<(usize, Class)> = chars.iter().enumerate().filter(|(_, c)| !is_attached(**c)).map(|(i, c)| (i, class(*c))).collect();
    for (i, c) in chars.iter().enumerate().skip(1) {
        breaks[i] = !is_attached(*c);
    }
    for pair in bases.windows(2) {
        let [(_, a), (at, b)] = [pair[0], pair[1]];
        if matches!(a, Class::Letter | Class::Digit) && matches!(b, Class::Letter | Class::Digit) {
            breaks[at] = false;
        }
    }
    for triple in bases.windows(3) {
        let [(_, a), (middle, b), (after, c)] = [triple[0], triple[1], triple[2]];
        let joins = match (a, c) {
            (Class::Letter, Class::Letter) => matches!(b, Class::MidWord | Class::Mid),
            (Class::Digit, Class::Digit) => matches!(b, Class::MidNumber | Class::Mid),
            _ => false,
        };
        // A combining mark belongs to a letter or digit; after the joining mark it stands alone and parts the words.
        let marked = chars[middle + 1..after].iter().any(|&c| get_general_category(c) != GeneralCategory::Format);
        if joins && !marked {
            breaks[middle] = false;
            breaks[after] = false;
        }
    }
    for i in 1..chars.len() {
        breaks[i] |= '\u{FFFF}' < chars[i - 1] && !(opens_text && i == 1);
    }
    breaks
}

fn is_attached(c: char) -> bool {
    use GeneralCategory::{EnclosingMark, Format, NonspacingMark};
    matches!(get_general_category(c), NonspacingMark | EnclosingMark | Format)
}

fn class(c: char) -> Class {
    use GeneralCategory as G;
    match c {
        '.' | '\'' | '"' => return Class::Mid,
        ',' | '\u{66b}' => return Class::MidNumber,
        '\u{2027}' => return Class::MidWord,
        // Kanji, kana and their marks make words of their own.
        '\u{3005}' | '\u{3041}'..='\u{30FE}' | '\u{4E00}'..='\u{9FA5}' | '\u{F900}'..='\u{FA2D}' => return Class::Other,
        _ => {}
    }
    match get_general_category(c) {
        G::UppercaseLetter | G::LowercaseLetter | G::TitlecaseLetter | G::ModifierLetter | G::OtherLetter | G::SpacingMark => Class::Letter,
        G::DecimalNumber | G::LetterNumber | G::OtherNumber => Class::Digit,
        G::DashPunctuation | G::ConnectorPunctuation => Class::MidWord,
        _ => Class::Other,
    }
}

/// Java's `ConditionalSpecialCasing.isCased`: the letters with case by category, and the list of others.
fn is_cased(c: char) -> bool {
    use GeneralCategory::{LowercaseLetter, TitlecaseLetter, UppercaseLetter};
    matches!(get_general_category(c), LowercaseLetter | UppercaseLetter | TitlecaseLetter)
        || matches!(u32::from(c), 0x02B0..=0x02B8 | 0x02C0..=0x02C1 | 0x02E0..=0x02E4 | 0x0345 | 0x037A | 0x1D2C..=0x1D61 | 0x2160..=0x217F | 0x24B6..=0x24E9)
}
