//! Where in the recipe's text a key stands, and which known name is nearest to a misspelt one.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// Line and column of a byte offset, both from 1; columns count characters.
pub fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// Byte range of the key (or array element) at a path, or of the deepest part of the path that exists.
pub fn find(text: &str, path: &[String]) -> Option<Range<usize>> {
    let document = DeTable::parse(text).ok()?;
    let (first, rest) = path.split_first()?;
    let (key, value) = document.get_ref().iter().find(|(key, _)| key.get_ref().as_ref() == first)?;
    let mut found = key.span();
    let mut value = value;
    for part in rest {
        value = match value.get_ref() {
            DeValue::Table(table) => {
                let Some((key, inner)) = table.iter().find(|(key, _)| key.get_ref().as_ref() == part) else { break };
                found = key.span();
                inner
            }
            DeValue::Array(array) => {
                let Some(inner) = part.parse::<usize>().ok().and_then(|index| array.get(index)) else { break };
                found = inner.span();
                inner
            }
            _ => break,
        };
    }
    Some(found)
}

/// Byte range of the first number that is not finite.
pub fn find_not_finite(text: &str) -> Option<Range<usize>> {
    fn in_value(value: &toml::Spanned<DeValue<'_>>) -> Option<Range<usize>> {
        match value.get_ref() {
            DeValue::Float(float) => (!float.as_str().bytes().any(|b| b.is_ascii_digit())).then(|| value.span()),
            DeValue::Array(array) => array.iter().find_map(in_value),
            DeValue::Table(table) => table.values().find_map(in_value),
            _ => None,
        }
    }
    DeTable::parse(text).ok()?.get_ref().values().find_map(in_value)
}

/// The known name that a misspelt one is nearest to, when it is near at all: at most a third of its letters differ.
pub fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let near = known.iter().map(|&other| (edit_distance(name, other), other)).min()?;
    (3 * near.0 <= name.chars().count().max(3)).then_some(near.1)
}

/// Levenshtein's distance in characters.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
