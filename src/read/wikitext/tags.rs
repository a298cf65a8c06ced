//! Tags of HTML and of extensions in wikitext: which are known, and what becomes of what they enclose.

use memchr::memchr2;

/// What a tag does to what it encloses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// Goes with all that it encloses, which is no wikitext.
    Dropped,
    /// Keeps what it encloses as it stands, in its line.
    Kept,
    /// The same with lines of its own: code.
    Code,
    /// A mark in the line; what it encloses stays.
    Inline,
    /// The same, and a line begins and ends there.
    Block,
    Break,
    /// The same: a list of items.
    List,
    /// The same: a term or its meaning, or a heading.
    Line,
    /// An item of a list.
    Item,
    /// A cell of a table without its table.
    Cell,
    Table,
    Poem,
    /// Digits that it encloses are raised or lowered.
    Raised,
    Lowered,
}

use Manner::{Block, Break, Cell, Code, Dropped, Inline, Item, Kept, Line, List, Lowered, Poem, Raised, Table};

/// Tags that are known, sorted. All others are text.
const TAGS: [(&str, Manner); 88] = [
    ("abbr", Inline),
    ("b", Inline),
    ("bdi", Inline),
    ("bdo", Inline),
    ("big", Inline),
    ("blockquote", Block),
    ("br", Break),
    ("caption", Block),
    ("categorytree", Dropped),
    ("ce", Kept),
    ("center", Block),
    ("chem", Kept),
    ("cite", Inline),
    ("code", Inline),
    ("data", Inline),
    ("dd", Line),
    ("del", Inline),
    ("dfn", Inline),
    ("div", Block),
    ("dl", List),
    ("dt", Line),
    ("em", Inline),
    ("font", Inline),
    ("gallery", Dropped),
    ("graph", Dropped),
    ("h1", Line),
    ("h2", Line),
    ("h3", Line),
    ("h4", Line),
    ("h5", Line),
    ("h6", Line),
    ("hiero", Dropped),
    ("hr", Block),
    ("i", Inline),
    ("imagemap", Dropped),
    ("includeonly", Dropped),
    ("indicator", Dropped),
    ("inputbox", Dropped),
    ("ins", Inline),
    ("kbd", Inline),
    ("li", Item),
    ("mapframe", Dropped),
    ("maplink", Dropped),
    ("mark", Inline),
    ("math", Kept),
    ("noinclude", Inline),
    ("nowiki", Kept),
    ("ol", List),
    ("onlyinclude", Inline),
    ("p", Block),
    ("poem", Poem),
    ("pre", Code),
    ("q", Inline),
    ("rb", Inline),
    ("ref", Dropped),
    ("references", Dropped),
    ("rp", Inline),
    ("rt", Inline),
    ("rtc", Inline),
    ("ruby", Inline),
    ("s", Inline),
    ("samp", Inline),
    ("score", Dropped),
    ("section", Inline),
    ("small", Inline),
    ("source", Code),
    ("span", Inline),
    ("strike", Inline),
    ("strong", Inline),
    ("sub", Lowered),
    ("sup", Raised),
    ("syntaxhighlight", Code),
    ("table", Table),
    ("tbody", Cell),
    ("td", Cell),
    ("templatedata", Dropped),
    ("templatestyles", Dropped),
    ("th", Cell),
    ("thead", Cell),
    ("time", Inline),
    ("timeline", Dropped),
    ("tr", Block),
    ("tt", Inline),
    ("u", Inline),
    ("ul", List),
    ("var", Inline),
    ("wbr", Inline),
    ("wikitable", Cell),
];

/// A tag of the source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag {
    /// Its place in the list of known tags.
    pub index: usize,
    pub manner: Manner,
    pub closes: bool,
    /// Closed in itself: `<ref name="a" />`.
    pub is_empty: bool,
    /// Bytes from `<` to `>`.
    pub length: usize,
}

/// Number of known tags.
pub(super) const N_TAGS: usize = TAGS.len();

/// The known tag that begins at the start of `text` with its `<`. One that another `<` interrupts is none, so that no byte is looked at twice.
pub(super) fn tag(text: &str) -> Option<Tag> {
    let bytes = text.as_bytes();
    let closes = bytes.get(1) == Some(&b'/');
    let start = 1 + usize::from(closes);
    let n = bytes[start..].iter().take(16).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let ends = matches!(bytes.get(start + n), Some(b'>' | b'/' | b' ' | b'\t' | b'\n'));
    if n == 0 || !ends {
        return None;
    }
    let name = text[start..start + n].to_ascii_lowercase();
    let index = TAGS.binary_search_by(|(known, _)| (*known).cmp(&name)).ok()?;
    let length = start + n + memchr2(b'>', b'<', &bytes[start + n..])?;
    let is_tag = bytes[length] == b'>';
    is_tag.then(|| Tag { index, manner: TAGS[index].1, closes, is_empty: bytes[length - 1] == b'/', length: length + 1 })
}

/// Where the tag of this index is closed in `text`: the first byte of the closing tag, and the first behind it.
pub(super) fn closing(index: usize, text: &str) -> Option<(usize, usize)> {
    let (name, bytes) = (TAGS[index].0.as_bytes(), text.as_bytes());
    memchr::memmem::find_iter(bytes, b"</").find_map(|at| {
        let after = at + 2 + name.len();
        let is_named = bytes.get(at + 2..after).is_some_and(|found| found.eq_ignore_ascii_case(name));
        let blank = bytes.get(after..)?.iter().take(16).take_while(|byte| byte.is_ascii_whitespace()).count();
        (is_named && bytes.get(after + blank) == Some(&b'>')).then_some((at, after + blank + 1))
    })
}

/// Characters, and what they are raised and lowered.
const SHIFTED: [(char, char, char); 15] = [
    ('0', '⁰', '₀'),
    ('1', '¹', '₁'),
    ('2', '²', '₂'),
    ('3', '³', '₃'),
    ('4', '⁴', '₄'),
    ('5', '⁵', '₅'),
    ('6', '⁶', '₆'),
    ('7', '⁷', '₇'),
    ('8', '⁸', '₈'),
    ('9', '⁹', '₉'),
    ('+', '⁺', '₊'),
    ('-', '⁻', '₋'),
    ('−', '⁻', '₋'),
    ('–', '⁻', '₋'),
    ('n', 'ⁿ', 'ₙ'),
];

/// Raised or lowered digits and signs as characters of their own, or nothing where there are none for it: 10<sup>6</sup> is not 106.
pub(super) fn shifted(text: &str, manner: Manner) -> Option<String> {
    let shift = |c: char| SHIFTED.iter().find(|(plain, ..)| *plain == c).map(|(_, up, down)| if manner == Raised { *up } else { *down });
    (1..=12).contains(&text.len()).then(|| text.chars().map(shift).collect())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_for_searching() {
        assert!(TAGS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
