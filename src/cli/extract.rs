//! `gristmill extract`: inputs to JSON lines with their main text.

use std::io::{BufWriter, Write};
use std::path::Path;

use clap::Args;
use serde::Serialize;

use super::escape;
use super::progress::count;
use crate::document::Page;
use crate::error::{Context, Error, Result};
use crate::extract::{Extractor, Options};
use crate::language;
use crate::read::{self, Format, Input, Item, Limits};

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
    let (inputs, warnings) = read::find(&arguments.inputs, Path::new(""))?;
    for warning in warnings {
        eprintln!("warning: {}", escape(&warning));
    }
    // All are told before the first is read: what cannot be told is no half of an output.
    let formats = inputs.iter().map(|input| read::tell(&input.name)).collect::<Result<Vec<Format>>>()?;
    let mut job =
        Job { out: BufWriter::new(std::io::stdout().lock()), extractor: Extractor::new(Options::default())?, kept: 0, skipped: 0 };
    for (format, input) in formats.into_iter().zip(&inputs) {
        job.input(format, input)?;
    }
    job.out.flush().context(|| "cannot write to stdout")?;
    eprintln!("{} written, {} skipped", count(job.kept, "document"), count(job.skipped, "record"));
    Ok(())
}

struct Job<W> {
    out: W,
    extractor: Extractor,
    kept: u64,
    skipped: u64,
}

impl<W: Write> Job<W> {
    fn input(&mut self, format: Format, input: &Input) -> Result<()> {
        read::read(format, input, &Limits::default(), &mut |item| match item {
            Item::Page(page) => self.page(&page),
            Item::Document(document) => {
                let found = language::identify(&document.text);
                self.write(&Line {
                    id: &document.id,
                    url: document.url.as_deref(),
                    date: document.date.as_deref(),
                    title: document.title.as_deref(),
                    text: &document.text,
                    language: &found.code,
                    language_probability: found.probability,
                    charset: None,
                })
            }
            Item::Rejected(_) => {
                self.skipped += 1;
                Ok(())
            }
        })
        .map(drop)
    }

    fn page(&mut self, page: &Page<'_>) -> Result<()> {
        let Ok(extracted) = self.extractor.extract(page) else {
            self.skipped += 1;
            return Ok(());
        };
        let found = language::identify(&extracted.text);
        self.write(&Line {
            id: page.id,
            url: Some(page.url).filter(|url| !url.is_empty()),
            date: Some(page.date).filter(|date| !date.is_empty()),
            title: extracted.title.as_deref(),
            text: &extracted.text,
            language: &found.code,
            language_probability: found.probability,
            charset: Some(extracted.charset),
        })
    }

    fn write(&mut self, line: &Line<'_>) -> Result<()> {
        serde_json::to_writer(&mut self.out, line)
            .map_err(|error| Error::new("cannot write to stdout").because(std::io::Error::from(error)))?;
        self.out.write_all(b"\n").context(|| "cannot write to stdout")?;
        self.kept += 1;
        Ok(())
    }
}
