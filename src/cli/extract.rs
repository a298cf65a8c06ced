//! `gristmill extract`: inputs to JSON lines with their main text.

use clap::Args;
use serde::Serialize;

use super::texts;
use crate::error::Result;
use crate::language;

/// Writes the main text of pages as JSON lines: id, url, date, title, text, language.
#[derive(Args)]
#[command(after_help = "Example: gristmill extract fixtures/crawl.warc.gz | head -n 1")]
pub struct Arguments {
    /// Files or globs: .warc, .wet, .jsonl, .html, .txt (each also .gz, .zst, .xz, .bz2), .parquet.
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<String>,
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    url: Option<&'a str>,
    date: Option<&'a str>,
    title: Option<&'a str>,
    text: &'a str,
    language: &'a str,
    language_probability: f64,
    charset: Option<&'a str>,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    texts::each(&arguments.inputs, &mut |text, lines| {
        let found = language::identify(text.text);
        lines.write(&Line {
            id: text.id,
            url: text.url,
            date: text.date,
            title: text.title,
            text: text.text,
            language: &found.code,
            language_probability: found.probability,
            charset: text.charset,
        })
    })
}
