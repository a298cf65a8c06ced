//! `gristmill extract`: inputs to JSON lines with their main text.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::texts;
use crate::error::{Context, Result};
use crate::extract::{Extractor, Format, JudgedPage, Metadata, Options, Preset};
use crate::language;

/// Writes the main text of pages as JSON lines: id, url, date, title, what else the page says of itself, text, language.
#[derive(Args)]
#[command(after_help = "Example: gristmill extract fixtures/crawl.warc.gz | head -n 1")]
pub struct Arguments {
    /// Files, globs, folders, URLs, or - for standard input: .warc, .arc, .wet, .jsonl, .html, .txt (each also .gz, .zst, .xz, .bz2), .parquet.
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<String>,
    /// How much of a page is taken: balanced, precision, recall, or whole-page.
    #[arg(long, value_name = "PRESET", default_value = "balanced", value_parser = preset)]
    preset: Preset,
    /// Keeps comments of readers too.
    #[arg(long)]
    comments: bool,
    /// How the main text is written: text, or markdown.
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = format)]
    format: Format,
    /// Writes the blocks of each page instead, kept or cut, with their scores.
    #[arg(long)]
    blocks: bool,
    /// Judges by the weights of this file, as the example train-extractor writes them.
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
}

fn preset(name: &str) -> Result<Preset, String> {
    serde_json::from_value(serde_json::Value::from(name)).map_err(|_| "balanced, precision, recall and whole-page are known".to_owned())
}

fn format(name: &str) -> Result<Format, String> {
    serde_json::from_value(serde_json::Value::from(name)).map_err(|_| "text and markdown are known".to_owned())
}

/// With `--blocks`, a page a line.
#[derive(Serialize)]
struct Blocks<'a> {
    id: &'a str,
    url: Option<&'a str>,
    #[serde(flatten)]
    page: JudgedPage,
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    url: Option<&'a str>,
    date: Option<&'a str>,
    title: Option<&'a str>,
    #[serde(flatten)]
    metadata: &'a Metadata,
    text: &'a str,
    language: &'a str,
    language_probability: f64,
    charset: Option<&'a str>,
    truncated: bool,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let options = Options { preset: arguments.preset, comments: arguments.comments, format: arguments.format, ..Options::default() };
    let mut extractor = match &arguments.weights {
        None => Extractor::new(options)?,
        Some(path) => {
            let weights = fs::read_to_string(path).context(|| format!("cannot read the weights {}", path.display()))?;
            Extractor::with_weights(options, &weights, &path.display().to_string())?
        }
    };
    if arguments.blocks {
        return texts::each_page(&arguments.inputs, &mut |page, lines| {
            // Plain text is kept whole and has no blocks.
            let judged = (page.media_type != "text/plain").then(|| extractor.judged(page));
            let Some(Ok(blocks)) = judged else { return Ok(false) };
            lines.write(&Blocks { id: page.id, url: Some(page.url).filter(|url| !url.is_empty()), page: blocks }).map(|()| true)
        });
    }
    texts::each(&arguments.inputs, extractor, &mut |text, lines| {
        let found = language::identify(text.text);
        lines.write(&Line {
            id: text.id,
            url: text.url,
            date: text.date,
            title: text.title,
            metadata: &text.metadata,
            text: text.text,
            language: &found.code,
            language_probability: found.probability,
            charset: text.charset,
            truncated: text.truncated,
        })
    })
}
