//! What a reader sees of a string of a program: without markup, places for values, access keys, addresses and code.
//!
//! One pass over characters takes out what has marks of its own, one pass over words what looks like code. Both are linear.

use icu_normalizer::ComposingNormalizerBorrowed;

/// Names of products, which stand in all languages and are words of none; what begins with one is one, because many languages inflect them.
const PRODUCTS: [&str; 8] = ["Firefox", "Google", "JavaScript", "LibreOffice", "Mozilla", "OpenOffice", "StarOffice", "Thunderbird"];
/// A text has at least so many characters; a character of Han, kana or Hangul counts as two, because two of them are a word.
const LEAST_CHARACTERS: usize = 4;

/// Letters with accents are one character each; some sources write them as two.
const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();

/// The text of a string, on one line; `None` if there is too little of it.
pub fn clean(text: &str) -> Option<String> {
    let text = without_marks(text);
    let text = NFC.normalize(&text);
    let is_in_capitals = !text.chars().any(|c| c.is_alphabetic() && !c.is_uppercase());
    let mut words = String::with_capacity(text.len());
    for word in text.split_whitespace().filter(|word| is_word(word, is_in_capitals)) {
        if !words.is_empty() {
            words.push(' ');
        }
        words.extend(word.chars().filter(|c| *c != '_'));
    }
    has_enough(&words).then_some(words)
}

/// Enough characters, and at least half of those that are no spaces are letters; a single word in capitals is the name of a
/// function or an acronym.
fn has_enough(text: &str) -> bool {
    let (mut n_characters, mut n_letters, mut n_others, mut is_shouted) = (0, 0, 0, true);
    for c in text.chars() {
        n_characters += if is_wide(c) { 2 } else { 1 };
        if c.is_alphabetic() {
            n_letters += 1;
            is_shouted = is_shouted && c.is_uppercase();
        } else if !c.is_whitespace() && !is_mark(c) {
            n_others += 1;
        }
    }
    let is_name = is_shouted && !text.contains(' ');
    LEAST_CHARACTERS <= n_characters && n_others <= n_letters && 0 < n_letters && !is_name
}

fn is_wide(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Signs within words that are no letters: joiners, viramas and tones of the scripts of South and South-East Asia.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{591}'..='\u{5C7}' | '\u{900}'..='\u{DFF}' | '\u{E31}'..='\u{109F}' | '\u{200B}'..='\u{200D}')
}

/// Takes out tags, entities, places for values (`{ $x }`, `%S`, `%1$S`, `$(ARG1)`, `$name$`, `#1`), marks of access keys and signs of direction.
fn without_marks(text: &str) -> String {
    let last_closing = [text.rfind('>'), text.rfind('}'), text.rfind(')'), text.rfind(']')];
    let [last_angle, last_brace, last_round, last_square] = last_closing.map(|at| at.unwrap_or(0));
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let at = text.len() - rest.len();
        let after = &rest[c.len_utf8()..];
        // Every search ends at a mark that is known to come, and what it passes is not looked at again.
        rest = match c {
            '<' if after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!')) && at < last_angle => {
                if is_break(after) {
                    out.push(' ');
                }
                behind(after, '>')
            }
            '{' => {
                out.push(' ');
                if at < last_brace { behind_braces(after) } else { "" }
            }
            '$' | '%' => {
                out.push(' ');
                match after.as_bytes().first() {
                    Some(b'(') if at < last_round => behind(after, ')').trim_start_matches(['s', 'd']),
                    Some(b'[') if at < last_square => behind(after, ']'),
                    // A brace is taken out in the next round.
                    _ => behind_name(after, c),
                }
            }
            '#' => {
                out.push(' ');
                after.trim_start_matches(|c: char| c.is_ascii_digit())
            }
            '&' => behind_entity(after, &mut out),
            '(' if access_key(after).is_some() => access_key(after).unwrap_or(after),
            '\\' => {
                out.push(' ');
                after.strip_prefix(['n', 't', 'r', '"', '\'', '\\']).unwrap_or(after)
            }
            '~' | '\u{AD}' | '\u{FEFF}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}' => after,
            _ => {
                out.push(c);
                after
            }
        };
    }
    out
}

/// Behind the next such character, or the end.
fn behind(text: &str, closing: char) -> &str {
    text.split_once(closing).map_or("", |(_, after)| after)
}

/// Behind the brace that closes one opened before, or the end.
fn behind_braces(text: &str) -> &str {
    let mut depth = 1;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[at + 1..];
        }
    }
    ""
}

/// Behind the name of a value: `S`, `1$S` and `PRODUCTNAME` after `%`, `name` and `name$` after `$`.
fn behind_name(text: &str, mark: char) -> &str {
    let after = text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    match (mark, after.strip_prefix('$')) {
        ('$', Some(after)) => after,
        ('%', Some(kind)) => kind.strip_prefix(|c: char| c.is_ascii_alphabetic()).unwrap_or(kind),
        _ => after,
    }
}

/// Does a tag stand between words? Others stand within lines, some within words.
fn is_break(tag: &str) -> bool {
    let name = tag.trim_start_matches('/');
    let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
    matches!(name, "br" | "p" | "li" | "ul" | "ol" | "div" | "td" | "tr" | "img")
}

/// Behind an entity, whose character is written, or behind the `&` of an access key.
fn behind_entity<'a>(after: &'a str, out: &mut String) -> &'a str {
    const LONGEST: usize = 32;
    let end = after.bytes().take(LONGEST).position(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'#' | b'.' | b'-'));
    let Some(end) = end.filter(|end| 0 < *end && after.as_bytes()[*end] == b';') else { return after };
    let name = &after[..end];
    let code = name.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => number.parse().ok(),
    });
    out.push(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "hellip" => '…',
        // All others name a value, or a space.
        _ => code.and_then(char::from_u32).filter(|c| !c.is_control()).unwrap_or(' '),
    });
    &after[end + 1..]
}

/// Behind an access key in brackets, as programs in languages without Latin letters write it: `(F)`, `(_F)`, `(~F)`.
fn access_key(after: &str) -> Option<&str> {
    let key = after.strip_prefix(['~', '_', '&']).unwrap_or(after);
    key.strip_prefix(|c: char| c.is_ascii_alphanumeric())?.strip_prefix(')')
}

/// Is this something to read, and no address, option, path, name of a product or piece of code? Acronyms count where all is in capitals.
fn is_word(word: &str, is_in_capitals: bool) -> bool {
    let core = word.trim_matches(|c: char| c.is_ascii_punctuation() || matches!(c, '“' | '”' | '„' | '«' | '»' | '‘' | '’' | '…'));
    if core.is_empty() || word.starts_with("--") || word.starts_with("www.") || PRODUCTS.iter().any(|name| core.starts_with(name)) {
        return false;
    }
    let is_path = core.bytes().filter(|b| *b == b'/').count() + usize::from(word.starts_with('/')) > 1;
    !is_path && !is_code(core, word) && (is_in_capitals || !is_acronym(core))
}

/// Two and more capital letters of ASCII, with digits or not.
fn is_acronym(core: &str) -> bool {
    1 < core.len()
        && core.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'-' | b'/' | b'_' | b'.'))
        && core.bytes().any(|b| b.is_ascii_uppercase())
}

/// Signs that no prose has within a word, and shapes of names in programs.
fn is_code(core: &str, word: &str) -> bool {
    let bytes = core.as_bytes();
    let has_sign = bytes.iter().any(|b| matches!(b, b'\\' | b'=' | b'<' | b'>' | b'{' | b'}' | b'|' | b'^' | b'`' | b'@' | b'*'));
    // "isiZulu" and "nDéan" are words: only the second capital within a word makes it a name.
    let n_humps = bytes.windows(2).filter(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase()).count();
    let n_underscores = bytes.iter().filter(|b| **b == b'_').count();
    let is_cell = bytes[0].is_ascii_alphabetic() && bytes.iter().any(u8::is_ascii_digit) && core.is_ascii();
    has_sign || 1 < n_humps || 1 < n_underscores || is_cell || word.contains("()") || core.contains("://") || has_joint(core)
}

/// Three and more letters of ASCII with a dot or a colon between them and the next: "example.org", "about:config", "print.pdf"; but not "e.g." or
/// "EU:n", as Finnish inflects.
fn has_joint(core: &str) -> bool {
    core.match_indices(['.', ':']).any(|(at, mark)| {
        let before = core[..at].bytes().rev().take_while(u8::is_ascii_alphabetic).take(3).count();
        let after = core[at + 1..].bytes().take_while(u8::is_ascii_alphanumeric).take(3).count();
        let is_small = core[..at].bytes().next_back().is_some_and(|b| b.is_ascii_lowercase());
        match mark {
            "." => 0 < before && 0 < after && 3 <= before.max(after),
            _ => 3 <= before && 3 <= after && is_small,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_code_are_taken_out() {
        for (text, wanted) in [
            ("Save _As...", "Save As..."),
            ("~Datei speichern", "Datei speichern"),
            ("ファイルを開く(~F)", "ファイルを開く"),
            ("Ouvrir le &fichier", "Ouvrir le fichier"),
            ("Fish &amp; chips&hellip;", "Fish chips…"),
            ("About &brandShortName; now", "About now"),
            ("Remove { $name } from { -brand-short-name }?", "Remove from"),
            ("Nested { $n ->{ $m } }text goes on", "Nested text goes on"),
            ("An open { $count ->", "An open"),
            ("Sent %1$S of %2$S to %(who)s, %S now", "Sent of to now"),
            ("%PRODUCTNAME kann $(ARG1) nicht lesen", "kann nicht lesen"),
            ("die Spalte «$columnname$» ist leer", "die Spalte ist leer"),
            ("#1 von #2 Dateien", "von Dateien"),
            ("See <a data-l10n-name=\"x\">our site</a><br>now", "See our site now"),
            ("if a < b then more", "if a b then more"),
            ("Write to me@example.org or https://example.org/x today", "Write to or today"),
            ("the preference browser.tabs.warn is off", "the preference is off"),
            ("run with --safe-mode please", "run with please"),
            ("call getElementById() twice", "call twice"),
            ("open /usr/share/doc first", "open first"),
            ("uma folha A1:B2 de cálculo", "uma folha de cálculo"),
            ("Einfügen als HTML und XML-Datei", "Einfügen als und XML-Datei"),
            ("Vula iFirefox ngesiZulu", "Vula iFirefox ngesiZulu"),
            ("Avaa Firefoxin asetukset", "Avaa asetukset"),
            ("z.B. heute, e.g. now", "z.B. heute, e.g. now"),
            ("first\\nsecond", "first second"),
            ("tie\u{302}\u{301}ng Vie\u{323}\u{302}t", "tiếng Việt"),
            ("می\u{200C}خواهم \u{202B}بروم", "می\u{200C}خواهم بروم"),
            ("तालिका को हटाएँ", "तालिका को हटाएँ"),
        ] {
            assert_eq!(clean(text).as_deref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn too_little_is_nothing() {
        for text in [
            "",
            "abc",
            "12345 67",
            "%S",
            "{ $x }",
            "ACCRINT",
            "A1:B2",
            "https://example.org/",
            "...",
            "a <",
            "&&&",
            "<<<<",
            "{{{{",
            "$$$$",
            "((((",
        ] {
            assert_eq!(clean(text), None, "{text}");
        }
        assert_eq!(clean("取消").as_deref(), Some("取消"));
        assert_eq!(clean("OPŠTA DEKLARACIJA").as_deref(), Some("OPŠTA DEKLARACIJA"));
    }

    #[test]
    fn any_text_is_cleaned_in_little_time() {
        for pattern in ["<a", "{", "}{", "$(", "%[", "&#x", "&amp", "(_", "é<", "%1$", "$é", "%é$", "\\"] {
            clean(&pattern.repeat(100_000));
        }
    }
}
