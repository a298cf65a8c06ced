//! Scripts as far as they tell languages apart: which script a character is of, its small letter, and how much of a text each script has.
//! Scripts come from Unicode's `Script` property, as `icu_properties` has it.

use std::sync::LazyLock;

use icu_properties::CodePointMapData;
use icu_properties::props::Script as Property;
use serde::{Deserialize, Serialize};

/// What a character says of the language of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Script {
    /// No letter: it ends a word.
    None,
    /// A mark on the letter before, or what joins letters: the word goes on as if it were not there.
    Mark,
    Latin,
    Cyrillic,
    Arabic,
    Devanagari,
    Bengali,
    Hebrew,
    Han,
    Kana,
    Hangul,
    Greek,
    Armenian,
    Georgian,
    Thai,
    Lao,
    Khmer,
    Burmese,
    Tamil,
    Telugu,
    Kannada,
    Malayalam,
    Gujarati,
    Gurmukhi,
    Oriya,
    Sinhala,
    Ethiopic,
    Tibetan,
    /// Letters of any other script.
    Other,
}

/// Each script of letters, what Unicode calls it, and the language of one that a single language is written in, as far as this program knows languages.
const SCRIPTS: [(Script, &[Property], Option<&str>); 27] = [
    (Script::Latin, &[Property::Latin], None),
    (Script::Cyrillic, &[Property::Cyrillic], None),
    (Script::Arabic, &[Property::Arabic], None),
    (Script::Devanagari, &[Property::Devanagari], None),
    (Script::Bengali, &[Property::Bengali], None),
    (Script::Hebrew, &[Property::Hebrew], Some("he")),
    (Script::Han, &[Property::Han, Property::Bopomofo], None),
    (Script::Kana, &[Property::Hiragana, Property::Katakana], Some("ja")),
    (Script::Hangul, &[Property::Hangul], Some("ko")),
    (Script::Greek, &[Property::Greek], Some("el")),
    (Script::Armenian, &[Property::Armenian], Some("hy")),
    (Script::Georgian, &[Property::Georgian], Some("ka")),
    (Script::Thai, &[Property::Thai], Some("th")),
    (Script::Lao, &[Property::Lao], Some("lo")),
    (Script::Khmer, &[Property::Khmer], Some("km")),
    (Script::Burmese, &[Property::Myanmar], Some("my")),
    (Script::Tamil, &[Property::Tamil], Some("ta")),
    (Script::Telugu, &[Property::Telugu], Some("te")),
    (Script::Kannada, &[Property::Kannada], Some("kn")),
    (Script::Malayalam, &[Property::Malayalam], Some("ml")),
    (Script::Gujarati, &[Property::Gujarati], Some("gu")),
    (Script::Gurmukhi, &[Property::Gurmukhi], Some("pa")),
    (Script::Oriya, &[Property::Oriya], Some("or")),
    (Script::Sinhala, &[Property::Sinhala], Some("si")),
    (Script::Ethiopic, &[Property::Ethiopic], Some("am")),
    (Script::Tibetan, &[Property::Tibetan], Some("bo")),
    (Script::Other, &[], None),
];

/// The languages that have a script of their own.
pub fn languages() -> impl Iterator<Item = &'static str> {
    SCRIPTS.iter().filter_map(|(.., language)| *language)
}

impl Script {
    /// The language of a script that only one language is written in.
    pub fn language(self) -> Option<&'static str> {
        SCRIPTS.iter().find(|(script, ..)| *script == self).and_then(|(.., language)| *language)
    }

    fn of(c: char) -> Self {
        // U+0640 only makes words of Arabic script longer.
        match CodePointMapData::<Property>::new().get(c) {
            Property::Inherited => Self::Mark,
            _ if c == '\u{640}' => Self::Mark,
            Property::Common => Self::None,
            _ if !is_of_a_word(c) => Self::None,
            property => {
                SCRIPTS.iter().find(|(_, properties, _)| properties.contains(&property)).map_or(Self::Other, |(script, ..)| *script)
            }
        }
    }
}

/// Letters, and the marks of scripts that write vowels as marks; no digits, no punctuation.
fn is_of_a_word(c: char) -> bool {
    use unicode_general_category::GeneralCategory as Category;
    c.is_alphabetic() || matches!(unicode_general_category::get_general_category(c), Category::NonspacingMark | Category::SpacingMark)
}

/// Script and small letter of the characters below U+10000, by their number.
pub struct Characters(Vec<(Script, u16)>);

/// The one there is: 256 KiB, of which a text touches a few.
pub static CHARACTERS: LazyLock<Characters> = LazyLock::new(|| Characters((0..=u16::MAX).map(entry).collect()));

/// The entry of a number; surrogates are no letters.
fn entry(number: u16) -> (Script, u16) {
    let Some(c) = char::from_u32(u32::from(number)) else { return (Script::None, number) };
    let small = c.to_lowercase().next().and_then(|small| u16::try_from(u32::from(small)).ok());
    (Script::of(c), small.unwrap_or(number))
}

impl Characters {
    /// Script and small letter (the first, where there are several); a character above U+FFFF is its own, its number cut to 16 bits.
    #[inline]
    pub fn of(&self, c: char) -> (Script, u16) {
        match u16::try_from(u32::from(c)) {
            Ok(at) => self.0[usize::from(at)],
            Err(_) => (Script::of(c), u32::from(c) as u16),
        }
    }
}

/// How many bytes are such: so many together that their number fits a byte, which compilers count sixteen at a time.
pub(super) fn count(bytes: &[u8], is_such: impl Fn(u8) -> bool) -> usize {
    let of = |bytes: &[u8]| bytes.iter().fold(0_u8, |n, byte| n + u8::from(is_such(*byte)));
    bytes.chunks(usize::from(u8::MAX)).map(|bytes| usize::from(of(bytes))).sum()
}

/// How many letters a text has of each script, and how many bytes these are.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    letters: [u32; SCRIPTS.len() + Script::Latin as usize],
    bytes: [u32; SCRIPTS.len() + Script::Latin as usize],
}

impl Counts {
    /// Of a text below 4 GiB.
    pub fn of(text: &str) -> Self {
        let characters = &*CHARACTERS;
        let mut counts = Self::default();
        let latin = count(text.as_bytes(), |byte| byte.is_ascii_alphabetic()) as u32;
        let (bytes, mut at) = (text.as_bytes(), 0);
        while at < bytes.len() {
            let is_ascii = |bytes: &[u8]| bytes.first_chunk().is_some_and(|eight| u64::from_ne_bytes(*eight) & 0x8080_8080_8080_8080 == 0);
            if is_ascii(&bytes[at..]) {
                at += 8;
            } else if bytes[at].is_ascii() {
                at += 1;
            } else {
                let c = text[at..].chars().next().unwrap_or_default();
                let script = characters.of(c).0 as usize;
                counts.letters[script] += 1;
                counts.bytes[script] += c.len_utf8() as u32;
                at += c.len_utf8();
            }
        }
        counts.letters[Script::Latin as usize] += latin;
        counts.bytes[Script::Latin as usize] += latin;
        counts
    }

    pub fn letters(&self, script: Script) -> u32 {
        self.letters[script as usize]
    }

    /// All letters, of any script.
    pub fn all(&self) -> u32 {
        self.letters[Script::Latin as usize..].iter().sum()
    }

    /// The share that these scripts have of the bytes of all letters; 0 where there is none.
    pub fn share(&self, scripts: &[Script]) -> f64 {
        let all: u32 = self.bytes[Script::Latin as usize..].iter().sum();
        let these: u32 = scripts.iter().map(|script| self.bytes[*script as usize]).sum();
        f64::from(these) / f64::from(all.max(1))
    }

    /// The script with most letters, the earlier of two; `None` without a letter.
    pub fn first(&self) -> Option<Script> {
        self.most(|_| true)
    }

    /// The same, but for one script.
    pub fn first_but(&self, other: Script) -> Option<Script> {
        self.most(|script| script != other)
    }

    fn most(&self, counts: impl Fn(Script) -> bool) -> Option<Script> {
        let scripts = SCRIPTS.iter().rev().map(|(script, ..)| *script).filter(|script| counts(*script) && 0 < self.letters(*script));
        scripts.max_by_key(|script| self.letters(*script))
    }
}
