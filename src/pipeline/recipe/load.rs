//! From text to a checked recipe: TOML, overrides, types, meaning; each fault with its place.

use std::path::Path;

use serde::Deserialize;
use toml::{Table, Value};

use crate::error::{Error, Result};

use super::Recipe;
use super::check::check;
use super::locate::{find, find_not_finite, line_column, nearest};

/// Reads a recipe and applies `KEY=VALUE` overrides; a key is a path with dots, a value is TOML or else a plain string.
///
/// # Errors
/// Exit code 2, with file, line and column, and the nearest known key; 1 when the file cannot be read.
pub fn load(path: &Path, overrides: &[String]) -> Result<Recipe> {
    let text = std::fs::read_to_string(path).map_err(|cause| {
        Error::recipe(format!(
            "cannot read the recipe {}; give the path of a .toml file, such as pipelines/quickstart.toml",
            path.display()
        ))
        .because(cause)
    })?;
    let base = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    parse(&text, &path.display().to_string(), base, overrides)
}

/// The same from text; `name` stands for the file in messages.
pub fn parse(text: &str, name: &str, base: &Path, overrides: &[String]) -> Result<Recipe> {
    let at = |offset: usize| {
        let (line, column) = line_column(text, offset);
        format!("{name}:{line}:{column}")
    };
    if let Some(place) = find_not_finite(text) {
        return Err(Error::recipe(format!("{}: {} is not a finite number", at(place.start), &text[place])));
    }
    let typed = |error: toml::de::Error| {
        let place = error.span().map_or_else(|| name.to_owned(), |span| at(span.start));
        let key = error.span().and_then(|span| key_before(text, span.start)).map_or_else(String::new, |key| format!("{key}: "));
        Error::recipe(format!("{place}: {key}{}", explain(error.message())))
    };
    let mut recipe: Recipe = toml::from_str(text).map_err(typed)?;
    let file_holds = check(&recipe).is_ok();
    if !overrides.is_empty() {
        let mut table: Table = toml::from_str(text).map_err(typed)?;
        for pair in overrides {
            let fault = |what: &str| Error::recipe(format!("--set {pair}: {what}"));
            let (key, value) = pair.split_once('=').ok_or_else(|| fault("write it as KEY=VALUE, such as dedup.threshold=0.7"))?;
            set(&mut table, key.trim(), parse_value(value.trim())).map_err(|what| fault(&what))?;
            // Each override is typed at once, so that the message names the one at fault.
            recipe = Recipe::deserialize(table.clone()).map_err(|error| fault(&explain(error.message())))?;
        }
    }
    recipe.base = base.to_owned();
    check(&recipe).map_err(|fault| {
        // A room's complaint begins with the option that it is about: "threshold is ..", "weights.books is ..".
        let option = fault.message.split(' ').next().unwrap_or_default().split('.').map(str::to_owned);
        let deep: Vec<String> = fault.path.iter().cloned().chain(option).collect();
        let path = fault.path.join(".");
        // What holds in the file alone was broken by the override that stands above or below the fault.
        let below = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let here = |key: &str| below(&deep.join("."), key) || below(key, &path);
        let set_here = overrides.iter().rev().find(|pair| pair.split_once('=').is_some_and(|(key, _)| here(key.trim())));
        let place = match (set_here.filter(|_| file_holds), find(text, &deep)) {
            (Some(pair), _) => format!("--set {pair}"),
            (None, Some(span)) => at(span.start),
            (None, None) => name.to_owned(),
        };
        Error::recipe(format!("{place}: {path}: {}", fault.message))
    })?;
    Ok(recipe)
}

/// The key whose value begins at a byte.
fn key_before(text: &str, at: usize) -> Option<&str> {
    let key = text.get(..at)?.trim_end().strip_suffix('=')?.trim_end();
    Some(key.rsplit(|c: char| c.is_whitespace() || "{,[".contains(c)).next().unwrap_or(key))
}

/// A TOML value, or else the text itself: `--set blend.tokenizer=gpt2` needs no quotes.
fn parse_value(text: &str) -> Value {
    let parsed = format!("value = {text}").parse::<Table>();
    parsed.ok().and_then(|mut table| table.remove("value")).unwrap_or_else(|| Value::String(text.to_owned()))
}

fn set(table: &mut Table, key: &str, value: Value) -> Result<(), String> {
    if let Value::Float(number) = value
        && !number.is_finite()
    {
        return Err(format!("{number} is not a finite number"));
    }
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), value);
            Ok(())
        }
        Some((first, rest)) => {
            let inner = table.entry(first).or_insert_with(|| Value::Table(Table::new()));
            match inner {
                Value::Table(inner) => set(inner, rest, value),
                other => {
                    // `rule = "x"` may be replaced by `rule.pareto.alpha = 9`.
                    *other = Value::Table(Table::new());
                    set(other.as_table_mut().expect("it was just made a table"), rest, value)
                }
            }
        }
    }
}

/// Serde's message in our words, with the nearest known key.
fn explain(message: &str) -> String {
    let message = message.trim();
    if message.contains("recursion limit") {
        return "values or keys are nested too deeply".to_owned();
    }
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let what = if message.starts_with("unknown field") {
        "key"
    } else if message.starts_with("unknown variant") {
        "value"
    } else {
        return message.replace('\n', "; ");
    };
    let Some((name, known)) = quoted.split_first() else { return message.to_owned() };
    let meant = nearest(name, known).map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"));
    format!("unknown {what} \"{name}\"{meant} (known here: {})", known.join(", "))
}
