//! Words, scripts, hashes, keyed draws, URLs, character references, what pages say to robots, and names in shell commands: the small facts about text that several rooms share.
//! Everything here is pure and stable: a value that is stored today is computed the same way tomorrow.

pub mod hash;
pub mod references;
pub mod robots;
pub mod shell;
pub mod url;

/// The words of a text: maximal runs of alphabetic characters, digits and `_` (the `\w+` of regular expressions), in order, as written.
/// A text in a script without spaces gives very few; see [`is_spaceless`].
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

/// True for ASCII of Unicode's category P; `$ + < = > ^ ` | ~` are symbols (S).
pub const fn is_ascii_of_category_p(byte: u8) -> bool {
    matches!(byte, b'!'..=b'#' | b'%'..=b'*' | b','..=b'/' | b':' | b';' | b'?' | b'@' | b'['..=b']' | b'_' | b'{' | b'}')
}

/// True for letters of scripts that put no spaces between words: Han, kana, Thai, Lao, Khmer, Myanmar, Tibetan.
pub fn is_spaceless(c: char) -> bool {
    matches!(u32::from(c),
        0x0E00..=0x0EFF     // Thai, Lao
        | 0x0F00..=0x0FFF   // Tibetan
        | 0x1000..=0x109F   // Myanmar
        | 0x1780..=0x17FF   // Khmer
        | 0x3040..=0x30FF   // Hiragana, Katakana
        | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF // Han
        | 0x20000..=0x323AF)
}

/// True when at least a third of the letters are of a script without spaces; then rules on words count characters instead.
/// A third, because Chinese and Japanese pages of technology carry many Latin words, while an English page that quotes a Chinese sentence stays below.
pub fn mostly_spaceless(text: &str) -> bool {
    let (mut spaceless, mut letters) = (0_usize, 0_usize);
    let mut rest = text;
    // Runs of ASCII, which most texts are made of, are counted as bytes.
    while !rest.is_empty() {
        let ascii = rest.bytes().position(|b| !b.is_ascii()).unwrap_or(rest.len());
        letters += rest[..ascii].bytes().filter(u8::is_ascii_alphabetic).count();
        rest = &rest[ascii..];
        let beyond = rest.bytes().position(|b| b.is_ascii()).unwrap_or(rest.len());
        for c in rest[..beyond].chars().filter(|c| c.is_alphabetic()) {
            letters += 1;
            spaceless += usize::from(is_spaceless(c));
        }
        rest = &rest[beyond..];
    }
    letters > 0 && letters <= 3 * spaceless
}

/// The last end of a character that is not beyond a byte; the end of a text that has fewer.
pub fn boundary(text: &str, byte: usize) -> usize {
    (0..=byte.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod cases;
#[cfg(test)]
mod tests;
