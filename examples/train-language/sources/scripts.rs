//! Scripts by ranges of code points, as far as a source must know them: which script is a text in, and is it the one of its language?
//! Kana and bopomofo count as Han here, because no language is told from another by them in this place.

use std::collections::BTreeMap;

/// A code of ISO 15924.
pub type Script = [u8; 4];

/// Where a run of blocks of one script begins (Unicode 16, Blocks.txt); it ends where the next begins. `Zyyy` is none.
const STARTS: [(u32, &Script); 75] = [
    (0x00C0, b"Latn"),
    (0x02B0, b"Zyyy"),
    (0x0370, b"Grek"),
    (0x0400, b"Cyrl"),
    (0x0530, b"Armn"),
    (0x0590, b"Hebr"),
    (0x0600, b"Arab"),
    (0x0700, b"Syrc"),
    (0x0750, b"Arab"),
    (0x0780, b"Thaa"),
    (0x07C0, b"Nkoo"),
    (0x0800, b"Samr"),
    (0x0840, b"Mand"),
    (0x0860, b"Syrc"),
    (0x0870, b"Arab"),
    (0x0900, b"Deva"),
    (0x0980, b"Beng"),
    (0x0A00, b"Guru"),
    (0x0A80, b"Gujr"),
    (0x0B00, b"Orya"),
    (0x0B80, b"Taml"),
    (0x0C00, b"Telu"),
    (0x0C80, b"Knda"),
    (0x0D00, b"Mlym"),
    (0x0D80, b"Sinh"),
    (0x0E00, b"Thai"),
    (0x0E80, b"Laoo"),
    (0x0F00, b"Tibt"),
    (0x1000, b"Mymr"),
    (0x10A0, b"Geor"),
    (0x1100, b"Hang"),
    (0x1200, b"Ethi"),
    (0x13A0, b"Cher"),
    (0x1400, b"Cans"),
    (0x1680, b"Zyyy"),
    (0x1700, b"Tglg"),
    (0x1720, b"Zyyy"),
    (0x1780, b"Khmr"),
    (0x1800, b"Mong"),
    (0x18B0, b"Cans"),
    (0x1900, b"Zyyy"),
    (0x1A20, b"Lana"),
    (0x1AB0, b"Zyyy"),
    (0x1C50, b"Olck"),
    (0x1C80, b"Cyrl"),
    (0x1C90, b"Geor"),
    (0x1CC0, b"Zyyy"),
    (0x1E00, b"Latn"),
    (0x1F00, b"Grek"),
    (0x2000, b"Zyyy"),
    (0x2C60, b"Latn"),
    (0x2C80, b"Zyyy"),
    (0x2D00, b"Geor"),
    (0x2D30, b"Tfng"),
    (0x2D80, b"Ethi"),
    (0x2DE0, b"Cyrl"),
    (0x2E00, b"Zyyy"),
    (0x2E80, b"Hani"),
    (0xA000, b"Yiii"),
    (0xA4D0, b"Lisu"),
    (0xA500, b"Vaii"),
    (0xA640, b"Cyrl"),
    (0xA6A0, b"Bamu"),
    (0xA700, b"Zyyy"),
    (0xA720, b"Latn"),
    (0xA800, b"Zyyy"),
    (0xA980, b"Java"),
    (0xA9E0, b"Mymr"),
    (0xAA00, b"Zyyy"),
    (0xAB30, b"Latn"),
    (0xAB70, b"Cher"),
    (0xAC00, b"Hang"),
    (0xD800, b"Zyyy"),
    (0xF900, b"Hani"),
    (0xFB00, b"Zyyy"),
];
/// The same above what is rarely met: presentation forms and the other planes.
const LATER_STARTS: [(u32, &Script); 12] = [
    (0xFB1D, b"Hebr"),
    (0xFB50, b"Arab"),
    (0xFE00, b"Zyyy"),
    (0xFE70, b"Arab"),
    (0xFF00, b"Zyyy"),
    (0xFF66, b"Hani"),
    (0xFFA0, b"Zyyy"),
    (0x11100, b"Cakm"),
    (0x11150, b"Zyyy"),
    (0x1E900, b"Adlm"),
    (0x1E960, b"Zyyy"),
    (0x20000, b"Hani"),
];

/// The script of a character; `None` for signs of ASCII, for what many scripts share, and for scripts not listed here. Digits and signs of a script
/// count as its letters, because nothing here depends on them.
pub fn of(c: char) -> Option<Script> {
    if c.is_ascii() {
        return c.is_ascii_alphabetic().then_some(*b"Latn");
    }
    let code = u32::from(c);
    let starts = if code < LATER_STARTS[0].0 { &STARTS[..] } else { &LATER_STARTS[..] };
    let at = starts.partition_point(|(start, _)| *start <= code).checked_sub(1)?;
    Some(*starts[at].1).filter(|script| script != b"Zyyy")
}

/// The script of most letters; the first by name among equals, `None` where there is no letter.
pub fn dominant<'a>(texts: impl Iterator<Item = &'a str>) -> Option<Script> {
    let mut counts: BTreeMap<Script, usize> = BTreeMap::new();
    for text in texts {
        // Letters stand in runs of one script; each run is entered once.
        let (mut run, mut n) = (None, 0);
        for script in text.chars().filter_map(of) {
            if run != Some(script) {
                enter(&mut counts, run, n);
                (run, n) = (Some(script), 0);
            }
            n += 1;
        }
        enter(&mut counts, run, n);
    }
    counts.into_iter().rev().max_by_key(|(_, n)| *n).map(|(script, _)| script)
}

fn enter(counts: &mut BTreeMap<Script, usize>, script: Option<Script>, n: usize) {
    if let Some(script) = script {
        *counts.entry(script).or_default() += n;
    }
}

/// At least half of a text's letters are of this script. A character of Han or Hangul is a syllable or more, and counts as three letters.
pub fn is_in(text: &str, script: Script) -> bool {
    let weight = if matches!(&script, b"Hani" | b"Hang") { 3 } else { 1 };
    let (mut n_inside, mut n_outside) = (0, 0);
    for of_character in text.chars().filter_map(of) {
        if of_character == script { n_inside += weight } else { n_outside += 1 }
    }
    n_outside <= n_inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_have_scripts() {
        for (c, wanted) in [
            ('a', b"Latn"),
            ('ż', b"Latn"),
            ('ế', b"Latn"),
            ('λ', b"Grek"),
            ('ж', b"Cyrl"),
            ('ب', b"Arab"),
            ('ऋ', b"Deva"),
            ('한', b"Hang"),
            ('漢', b"Hani"),
            ('か', b"Hani"),
            ('ﻻ', b"Arab"),
        ] {
            assert_eq!(of(c), Some(*wanted), "{c}");
        }
        assert_eq!(of('1'), None);
        assert_eq!(of('@'), None);
        assert!(STARTS.is_sorted_by_key(|(start, _)| *start) && LATER_STARTS.is_sorted_by_key(|(start, _)| *start));
    }

    #[test]
    fn most_letters_decide() {
        assert_eq!(dominant(["Отвори Firefox", "ab"].into_iter()), Some(*b"Latn"));
        assert_eq!(dominant(["Отвори прозор", "ab"].into_iter()), Some(*b"Cyrl"));
        assert_eq!(dominant(["12 !"].into_iter()), None);
        assert!(is_in("Отвори нови прозор Firefox", *b"Cyrl"));
        assert!(!is_in("Open a new window", *b"Cyrl"));
        assert!(is_in("設定同步 Firefox Sync", *b"Hani"));
    }
}
