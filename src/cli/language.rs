//! `gristmill language`: what language texts are in.

use clap::Args;
use serde::Serialize;

use super::texts::{self, Lines};
use crate::error::Result;
use crate::extract::{Extractor, Options};
use crate::language::{self, Answer, codes};

/// Says which language texts are in: JSON lines with id, url, language, probability, the language that comes next, and the share of each language by paragraphs.
#[derive(Args)]
#[command(after_help = "Example: gristmill language fixtures/crawl.warc.gz | head -n 1")]
pub struct Arguments {
    /// Files, globs, folders or URLs, as `gristmill extract` takes them.
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<String>,
    /// Takes each line that is not empty for a text of its own; its id is that of the text, a colon, and the number of the line from 1.
    #[arg(long)]
    lines: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    url: Option<&'a str>,
    /// "other" for a language that is not known, "und" where there are no letters.
    language: &'a str,
    probability: f64,
    /// The macrolanguage, where its languages are hard to tell apart, and the probability of all of them together.
    group: Option<&'static str>,
    group_probability: f64,
    second: Option<Second<'a>>,
    /// The largest first.
    shares: Vec<Share>,
}

#[derive(Serialize)]
struct Second<'a> {
    language: &'a str,
    probability: f64,
}

#[derive(Serialize)]
struct Share {
    language: String,
    share: f64,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    texts::each(&arguments.inputs, Extractor::new(Options::default())?, &mut |text, lines| {
        if !arguments.lines {
            return write(lines, text.id, text.url, text.text);
        }
        for (line, number) in text.text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty()) {
            write(lines, &format!("{}:{number}", text.id), text.url, line)?;
        }
        Ok(())
    })
}

fn write(lines: &mut Lines, id: &str, url: Option<&str>, text: &str) -> Result<()> {
    let Answer { language, second } = language::answer(text);
    lines.write(&Line {
        id,
        url,
        language: &language.code,
        probability: language.probability,
        group: codes::group(&language.code),
        group_probability: language.group_probability,
        second: second.as_ref().map(|(language, probability)| Second { language, probability: *probability }),
        shares: language::shares(text).into_iter().map(|(language, share)| Share { language, share }).collect(),
    })
}
