//! Language packs of Firefox: archives of Fluent files (`.ftl`) and property files, of which only values that are shown are taken.
//! There are no `.dtd` files in them any more.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use gristmill::{Error, Result};
use zip::ZipArchive;

/// The most that is read of one file of a language pack; the largest there is has 0.2 MB.
const MAX_FILE_BYTES: u64 = 16 << 20;
/// Attributes and keys of which the value is no text: keys to press, styles, names of encodings.
const SETTINGS: [&str; 9] = ["accesskey", "commandkey", ".key", "keycode", "shortcut", "style", "font", "charset", "intl."];

/// Hands on the shown strings of a language pack, in the order of its files; says how many files were no UTF-8.
pub fn strings(pack: &[u8], mut visit: impl FnMut(&str)) -> Result<usize> {
    let mut archive = ZipArchive::new(Cursor::new(pack)).map_err(fault)?;
    let mut n_unreadable = 0;
    for i in 0..archive.len() {
        let file = archive.by_index(i).map_err(fault)?;
        let name = file.name().map(Cow::into_owned).unwrap_or_default();
        if !name.ends_with(".ftl") && !name.ends_with(".properties") {
            continue;
        }
        let mut bytes = Vec::new();
        file.take(MAX_FILE_BYTES).read_to_end(&mut bytes).map_err(fault)?;
        let Ok(text) = str::from_utf8(&bytes) else {
            n_unreadable += 1;
            continue;
        };
        let strings = if name.ends_with(".ftl") { fluent(text) } else { properties(text) };
        strings.iter().for_each(|string| visit(string));
    }
    Ok(n_unreadable)
}

/// The values of a Fluent file (Fluent syntax 1.0): of messages, terms, attributes and variants, each one string.
fn fluent(text: &str) -> Vec<String> {
    let mut values = Values::default();
    // Attributes of terms tell of grammar: "feminine".
    let mut is_term = false;
    for line in text.lines() {
        let inner = line.trim_start();
        if line.starts_with('#') {
            values.begin("", false);
        } else if line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '-') {
            let (name, value) = line.split_once('=').unwrap_or((line, ""));
            is_term = name.starts_with('-');
            values.begin(value, true);
        } else if let Some((name, value)) =
            inner.strip_prefix('.').and_then(|inner| inner.split_once('=')).filter(|(name, _)| is_name(name))
        {
            values.begin(value, !is_term && !is_setting(name));
        } else if let Some((_, value)) = inner.strip_prefix(['[', '*']).and_then(|inner| inner.split_once(']')) {
            values.begin(value, values.is_shown);
        } else if let Some(rest) = inner.strip_prefix('}') {
            values.begin(rest, values.is_shown);
        } else {
            values.go_on(inner);
        }
    }
    values.begin("", false);
    values.whole
}

/// The strings so far, and the one that is being read.
#[derive(Default)]
struct Values {
    whole: Vec<String>,
    open: String,
    is_shown: bool,
}

impl Values {
    fn begin(&mut self, value: &str, is_shown: bool) {
        if self.is_shown && !self.open.trim().is_empty() {
            self.whole.push(self.open.trim().to_owned());
        }
        self.open.clear();
        self.open.push_str(value);
        self.is_shown = is_shown;
    }

    fn go_on(&mut self, value: &str) {
        self.open.push(' ');
        self.open.push_str(value);
    }
}

fn is_name(name: &str) -> bool {
    name.trim_end().bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

fn is_setting(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    name == "key" || SETTINGS.iter().any(|setting| name.contains(setting))
}

/// The values of a file of Java properties.
fn properties(text: &str) -> Vec<String> {
    let mut values = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = line.trim_start();
        let Some((name, value)) = line.split_once('=').filter(|_| !line.starts_with(['#', '!'])) else { continue };
        let mut value = value.trim().to_owned();
        while value.ends_with('\\') && !value.ends_with("\\\\") {
            value.pop();
            let Some(next) = lines.next() else { break };
            value.push_str(next.trim());
        }
        if !is_setting(name) && !value.is_empty() {
            values.push(unescaped(&value));
        }
    }
    values
}

/// `\u00E9` and what goes on like it as characters; all other escapes are left to cleaning.
fn unescaped(value: &str) -> String {
    let mut parts = value.split("\\u");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        match code.and_then(char::from_u32) {
            Some(c) => {
                out.push(c);
                out.push_str(&part[4..]);
            }
            // Half a pair is a picture; it says nothing.
            None => out.push_str(part.get(4..).unwrap_or_default()),
        }
    }
    out
}

fn fault(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new("its language pack cannot be read").because(error)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const FLUENT: &str = "# A comment = not text
-brand = Vosk
    .gender = masculine
open-title = Otvori { -brand }
    .accesskey = O
    .label = Otvori sve
many =
    { $count ->
        [one] Jedna kartica
       *[other] { $count } kartica
    }
long = Prvi red
    drugi red

    treći red
box =
    .style = width: 40em
    .title = Naslov
";

    #[test]
    fn fluent_values_one_by_one() {
        let wanted = [
            "Vosk",
            "Otvori { -brand }",
            "Otvori sve",
            "{ $count ->",
            "Jedna kartica",
            "{ $count } kartica",
            "Prvi red drugi red  treći red",
            "Naslov",
        ];
        assert_eq!(fluent(FLUENT), wanted);
    }

    #[test]
    fn properties_values_one_by_one() {
        let text = "# remark = no\n! other = no\ntitle=Gemeng \\u00e9is\nlong = eng \\\n  zwou\nopen.accesskey = O\nintl.charset=UTF-8\nempty=\nnothing\nx=\\ud83d\\ude00 g\\u";
        assert_eq!(properties(text), ["Gemeng éis", "eng zwou", " g"]);
    }

    #[test]
    fn files_of_a_pack_are_read_in_order() {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in [("a.ftl", &b"one = Eins\n"[..]), ("b.css", b"p = q"), ("c.properties", b"two=Zwei"), ("d.ftl", b"\xFF")] {
            writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        let pack = writer.finish().unwrap().into_inner();
        let mut seen = Vec::new();
        assert_eq!(strings(&pack, |string| seen.push(string.to_owned())).unwrap(), 1);
        assert_eq!(seen, ["Eins", "Zwei"]);
        assert!(strings(b"no archive", |_| {}).is_err());
    }
}
