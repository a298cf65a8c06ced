//! Which language a text is in: a code and a probability.
//! `whatlang` judges a bounded sample of the text; scripts that decide by themselves, and pages that mix Chinese, Japanese or Korean with Latin
//! letters, are routed before it, because those mixtures are where it goes wrong (68 of 190 real pages right without the routing).

use std::borrow::Cow;

use crate::document::Language;

pub mod filter;

/// Bytes of each of the three pieces of a sample: the start, the middle and the end of the text, so that the cost does not grow with the text and a menu
/// at its start does not decide alone. Raising it costs time in proportion (about 17 MB/s).
const PIECE_BYTES: usize = 1024;

/// East Asian letters above this share of all letters make the text East Asian, and its Latin runs (brands, code, addresses) do not count.
const EAST_ASIAN_SHARE: f64 = 0.1;

/// Kana above this share of kana and Han is Japanese; Chinese text uses kana in quotations only.
const KANA_SHARE: f64 = 0.1;

/// ISO 639-1 codes of the languages that can be recognised, by their 639-3 code.
#[rustfmt::skip]
const CODES: [(&str, &str); 70] = [
    ("afr", "af"), ("aka", "ak"), ("amh", "am"), ("ara", "ar"), ("aze", "az"), ("bel", "be"), ("ben", "bn"), ("bul", "bg"), ("cat", "ca"), ("ces", "cs"),
    ("cmn", "zh"), ("cym", "cy"), ("dan", "da"), ("deu", "de"), ("ell", "el"), ("eng", "en"), ("epo", "eo"), ("est", "et"), ("fin", "fi"), ("fra", "fr"),
    ("guj", "gu"), ("heb", "he"), ("hin", "hi"), ("hrv", "hr"), ("hun", "hu"), ("hye", "hy"), ("ind", "id"), ("ita", "it"), ("jav", "jv"), ("jpn", "ja"),
    ("kan", "kn"), ("kat", "ka"), ("khm", "km"), ("kor", "ko"), ("lat", "la"), ("lav", "lv"), ("lit", "lt"), ("mal", "ml"), ("mar", "mr"), ("mkd", "mk"),
    ("mya", "my"), ("nep", "ne"), ("nld", "nl"), ("nob", "nb"), ("ori", "or"), ("pan", "pa"), ("pes", "fa"), ("pol", "pl"), ("por", "pt"), ("ron", "ro"),
    ("rus", "ru"), ("sin", "si"), ("slk", "sk"), ("slv", "sl"), ("sna", "sn"), ("spa", "es"), ("srp", "sr"), ("swe", "sv"), ("tam", "ta"), ("tel", "te"),
    ("tgl", "tl"), ("tha", "th"), ("tuk", "tk"), ("tur", "tr"), ("ukr", "uk"), ("urd", "ur"), ("uzb", "uz"), ("vie", "vi"), ("yid", "yi"), ("zul", "zu"),
];

/// The language of a text; "und" with probability 0 where nothing is recognised (no letters, an unknown script).
///
/// The probability is not calibrated. Among languages of one script it is whatlang's confidence: 1 when the best language's score leads the
/// second's by more than 1.5 % + 3 / n (n trigrams), else the lead as a share of that. A script that only one language uses gives 1. For a text
/// routed as Chinese, Japanese or Korean this is multiplied by the share that this script's letters have of the bytes of all its letters, so that an
/// English page with some quotations does not look like certain Chinese.
pub fn identify(text: &str) -> Language {
    let sample = sample(text);
    let letters = Letters::of(&sample);
    let east_asian = letters.han + letters.kana + letters.hangul;
    if (letters.all as f64) * EAST_ASIAN_SHARE < east_asian as f64 {
        let share = letters.east_asian_bytes as f64 / letters.bytes as f64;
        let han_and_kana = letters.han + letters.kana;
        if letters.hangul <= han_and_kana && (han_and_kana as f64) * KANA_SHARE < letters.kana as f64 {
            return Language { code: "ja".to_owned(), probability: share };
        }
        let without_latin: String = sample.chars().filter(|c| !is_latin(*c)).collect();
        return detect(&without_latin, share);
    }
    detect(&sample, 1.0)
}

/// Whether [`identify`] can answer this code, which is not true of "und".
pub fn is_known(code: &str) -> bool {
    CODES.iter().any(|(_, known)| *known == code)
}

/// The codes that [`identify`] can answer beside "und", sorted.
pub fn known() -> Vec<&'static str> {
    let mut codes: Vec<_> = CODES.iter().map(|(_, code)| *code).collect();
    codes.sort_unstable();
    codes
}

fn detect(text: &str, share: f64) -> Language {
    let Some(found) = whatlang::detect(text) else {
        return Language { code: "und".to_owned(), probability: 0.0 };
    };
    let long = found.lang().code();
    let code = CODES.iter().find(|(three, _)| *three == long).map_or(long, |(_, two)| two);
    // whatlang divides by the second score, so the result is clamped once here rather than trusted.
    Language { code: code.to_owned(), probability: (found.confidence() * share).clamp(0.0, 1.0) }
}

/// The first, middle and last piece of a text, cut at character boundaries; a short text is its own sample.
fn sample(text: &str) -> Cow<'_, str> {
    if text.len() <= 3 * PIECE_BYTES {
        return Cow::Borrowed(text);
    }
    // The character boundary at or after a byte; a character is 4 bytes at most.
    let boundary = |at: usize| (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let middle = boundary((text.len() - PIECE_BYTES) / 2);
    let pieces =
        [&text[..boundary(PIECE_BYTES)], &text[middle..boundary(middle + PIECE_BYTES)], &text[boundary(text.len() - PIECE_BYTES)..]];
    Cow::Owned(pieces.join("\n"))
}

/// Letters of a sample by script.
#[derive(Default)]
struct Letters {
    all: usize,
    bytes: usize,
    han: usize,
    kana: usize,
    hangul: usize,
    east_asian_bytes: usize,
}

impl Letters {
    fn of(sample: &str) -> Self {
        let mut letters = Self::default();
        for c in sample.chars().filter(|c| c.is_alphabetic()) {
            letters.all += 1;
            letters.bytes += c.len_utf8();
            let counter = match u32::from(c) {
                0x3040..=0x30FF | 0x31F0..=0x31FF | 0xFF66..=0xFF9D => &mut letters.kana,
                0x1100..=0x11FF | 0x3130..=0x318F | 0xAC00..=0xD7AF => &mut letters.hangul,
                0x3005 | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x323AF => &mut letters.han,
                _ => continue,
            };
            *counter += 1;
            letters.east_asian_bytes += c.len_utf8();
        }
        letters
    }
}

/// Letters of the Latin script, the full-width ones too.
fn is_latin(c: char) -> bool {
    c.is_alphabetic() && matches!(u32::from(c), 0x41..=0x24F | 0x1E00..=0x1EFF | 0xFF21..=0xFF5A)
}

#[cfg(test)]
mod tests;
