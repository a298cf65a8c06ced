//! `gristmill filters`: every step and filter with its options, defaults and rules, and the page `docs/options.md`, which is made of them.

use clap::Args;
use serde_json::Value;

use super::{say, say_json};
use crate::error::Result;
use crate::pipeline::catalogue::{self, OptionInfo, Part};

/// Lists every step and filter: what it does, its options and defaults, and every rule by which it drops.
#[derive(Args)]
#[command(after_help = "Example: gristmill filters --json")]
pub struct Arguments {
    /// Only the step or filter of this name.
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// As a page in Markdown: docs/options.md.
    #[arg(long, conflicts_with = "name")]
    markdown: bool,
}

pub fn run(arguments: &Arguments, json: bool) -> Result<()> {
    let mut parts = catalogue::parts();
    if let Some(name) = &arguments.name {
        let known: Vec<&str> = parts.iter().map(|part| part.name).collect();
        if !known.contains(&name.as_str()) {
            let known = known.join(", ");
            return Err(crate::error::Error::recipe(format!("there is no step or filter {name:?}; known are {known}")));
        }
        parts.retain(|part| part.name == name);
    }
    if json {
        return say_json(&parts);
    }
    if arguments.markdown {
        return say(page(&parts).trim_end());
    }
    for (index, part) in parts.iter().enumerate() {
        if index != 0 {
            say("")?;
        }
        print(part)?;
    }
    Ok(())
}

fn print(part: &Part) -> Result<()> {
    say(format_args!("{}  ({})  {}", part.name, part.table, part.what))?;
    for option in &part.options {
        say(format_args!("  {} = {}  {}", option.name, default(option), option.meaning))?;
    }
    for rule in part.rules {
        let unit = if rule.unit.is_empty() { String::new() } else { format!(" [{}]", rule.unit) };
        say(format_args!("  drops {}/{}{unit}: {}", part.name, rule.name, rule.meaning))?;
    }
    Ok(())
}

fn default(option: &OptionInfo) -> String {
    match &option.default {
        None if option.required => "(required)".to_owned(),
        None => "(none)".to_owned(),
        Some(Value::Object(fields)) => {
            let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name} = {value}")).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        Some(value) => value.to_string(),
    }
}

const HEAD: &str = "\
# Options and rules

Every step and filter in order: what it does, its options with their defaults, and every rule by which it drops. Made from the program's own types by
`gristmill filters --markdown`; a test holds this page to them. How the parts of a recipe work together is told in [recipe.md](recipe.md).
";

fn page(parts: &[Part]) -> String {
    // A bar would end the cell.
    let cell = |text: &str| text.replace('|', "\\|");
    let mut page = HEAD.to_owned();
    for part in parts {
        page += &format!("\n## `{}`\n\nIn `{}`: {}.\n", part.name, part.table, part.what);
        if !part.options.is_empty() {
            page += "\n| option | default | meaning |\n|---|---|---|\n";
        }
        for option in &part.options {
            page += &format!("| `{}` | `{}` | {} |\n", option.name, cell(&default(option)), cell(&option.meaning));
        }
        if !part.rules.is_empty() {
            page += "\n| counted as | value and limit | drops |\n|---|---|---|\n";
        }
        for rule in part.rules {
            page += &format!("| `{}/{}` | {} | {} |\n", part.name, rule.name, cell(rule.unit), cell(rule.meaning));
        }
    }
    page
}
