//! `gristmill filters`: every step and filter with its options, defaults and rules.

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
