//! Codes of languages: ISO 639-1 where one exists, else 639-3, with the script (ISO 15924) where it is not the one that the language is written in most (CLDR's likely subtags): `sr` is
//! Serbian in Cyrillic, `sr-Latn` in Latin letters, `zh` is Chinese in simplified characters, `zh-Hant` in traditional ones.

use crate::language::model::BUILT_IN;
use crate::language::scripts;

/// Letters in no language that this program knows.
pub const OTHER: &str = "other";

/// No letters.
pub const UNDETERMINED: &str = "und";

/// Macrolanguages of ISO 639-3 whose languages are hard to tell apart, with the codes that stand for them.
const GROUPS: [(&str, &[&str]); 4] =
    [("hbs", &["bs", "hr", "sr", "sr-Latn"]), ("msa", &["id", "ms"]), ("nor", &["nb", "nn"]), ("zho", &["zh", "zh-Hant"])];

/// Other names: what languages were called before, and what names a group.
const ALIASES: [(&str, &str); 9] = [
    ("fil", "tl"),
    ("in", "id"),
    ("iw", "he"),
    ("kmr", "ku"),
    ("mo", "ro"),
    ("no", "nor"),
    ("sh", "hbs"),
    ("zh-CN", "zh-Hans"),
    ("zh-TW", "zh-Hant"),
];

/// Codes with the script that they have where none is named.
const USUAL: [(&str, &str); 3] = [("sr-Cyrl", "sr"), ("uz-Latn", "uz"), ("zh-Hans", "zh")];

/// The macrolanguage that a language belongs to, of those whose languages are hard to tell apart.
pub fn group(code: &str) -> Option<&'static str> {
    GROUPS.iter().find(|(_, codes)| codes.contains(&code)).map(|(group, _)| *group)
}

/// All of those macrolanguages.
pub fn groups() -> impl Iterator<Item = &'static str> {
    GROUPS.iter().map(|(group, _)| *group)
}

/// Whether a name means the language of a code: as one of a group, as the language in any script, or in the one that is named.
pub fn means(name: &str, code: &str) -> bool {
    let name = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, code)| *code);
    if let Some((_, codes)) = GROUPS.iter().find(|(group, _)| *group == name) {
        return codes.contains(&code);
    }
    match USUAL.iter().find(|(with_script, _)| *with_script == name) {
        Some((_, usual)) => code == *usual,
        None => code == name || code.strip_prefix(name).is_some_and(|script| script.starts_with('-')),
    }
}

/// The codes that a name stands for; none for a name of nothing that can be recognised.
pub fn expand(name: &str) -> Vec<&'static str> {
    known().into_iter().chain([OTHER]).filter(|code| means(name, code)).collect()
}

/// Whether a text can be recognised as this; [`OTHER`] is one, [`UNDETERMINED`] is not.
pub fn is_known(code: &str) -> bool {
    code == OTHER || known().contains(&code)
}

/// The codes of all languages that can be recognised, sorted.
pub fn known() -> Vec<&'static str> {
    let of_tables = BUILT_IN.0.iter().flat_map(|judge| &judge.parameters.languages).map(String::as_str);
    let mut codes: Vec<_> = of_tables.chain(scripts::languages()).filter(|code| *code != OTHER).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}
