//! What `extract`, `score` and `compare` share: the texts of any inputs, one after another, and JSON lines on stdout.

use std::io::{BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use super::progress::count;
use super::{tell, warn};
use crate::document::Page;
use crate::error::{Context, Error, Result};
use crate::extract::{Extractor, Metadata};
use crate::read::{self, Format, Input, Item, Limits};

/// A text as it comes out of an input.
pub struct Text<'a> {
    /// The input's name.
    pub input: &'a str,
    pub id: &'a str,
    pub url: Option<&'a str>,
    pub date: Option<&'a str>,
    pub title: Option<&'a str>,
    /// What a page says of itself.
    pub metadata: Metadata,
    pub text: &'a str,
    pub charset: Option<&'a str>,
    /// The record was not all there, or a limit cut it.
    pub truncated: bool,
}

/// JSON lines on stdout.
pub struct Lines {
    out: BufWriter<std::io::StdoutLock<'static>>,
    written: u64,
}

impl Lines {
    pub fn write(&mut self, line: &impl Serialize) -> Result<()> {
        serde_json::to_writer(&mut self.out, line)
            .map_err(|error| Error::new("cannot write to stdout").because(std::io::Error::from(error)))?;
        self.out.write_all(b"\n").context(|| "cannot write to stdout")?;
        self.written += 1;
        Ok(())
    }
}

/// Hands the texts of the inputs on, with where to write lines; then says how many lines were written and how many records gave no text.
pub fn each(patterns: &[String], extractor: Extractor, told: &mut dyn FnMut(&Text<'_>, &mut Lines) -> Result<()>) -> Result<()> {
    let mut lines = Lines { out: BufWriter::new(std::io::stdout().lock()), written: 0 };
    let skipped = read_all(patterns, extractor, &mut |text| told(text, &mut lines))?;
    finish(lines, skipped)
}

/// Hands the pages of the inputs on, with where to write lines; texts that are no pages, and pages of which `told` gives false, are skipped.
pub fn each_page(patterns: &[String], told: &mut dyn FnMut(&Page<'_>, &mut Lines) -> Result<bool>) -> Result<()> {
    let mut lines = Lines { out: BufWriter::new(std::io::stdout().lock()), written: 0 };
    let mut skipped = 0;
    for (format, input) in find(patterns)? {
        read::read(format, &input, &Limits::default(), &mut |item| {
            let is_told = match item {
                Item::Page(page) => told(&page, &mut lines)?,
                _ => false,
            };
            skipped += u64::from(!is_told);
            Ok(())
        })?;
    }
    finish(lines, skipped)
}

fn finish(mut lines: Lines, skipped: u64) -> Result<()> {
    lines.out.flush().context(|| "cannot write to stdout")?;
    tell(format_args!("{} written, {} skipped", count(lines.written, "document"), count(skipped, "record")));
    Ok(())
}

fn find(patterns: &[String]) -> Result<Vec<(Format, Input)>> {
    let (inputs, warnings) = read::find(patterns, Path::new(""))?;
    for warning in warnings {
        warn(&warning);
    }
    // All are told before the first is read: what cannot be told is no half of an output.
    let told = |input: &Input| if *input.name == *read::STDIN { read::look(input, &Limits::default()) } else { read::tell(&input.name) };
    inputs.into_iter().map(|input| Ok((told(&input)?, input))).collect()
}

/// Hands the texts of the inputs on; gives the number of records that gave none.
pub fn read_all(patterns: &[String], extractor: Extractor, told: &mut dyn FnMut(&Text<'_>) -> Result<()>) -> Result<u64> {
    let inputs = find(patterns)?;
    let mut job = Job { told, extractor, skipped: 0 };
    for (format, input) in &inputs {
        job.input(*format, input)?;
    }
    Ok(job.skipped)
}

struct Job<'f> {
    told: &'f mut dyn FnMut(&Text<'_>) -> Result<()>,
    extractor: Extractor,
    skipped: u64,
}

impl Job<'_> {
    fn input(&mut self, format: Format, input: &Input) -> Result<()> {
        read::read(format, input, &Limits::default(), &mut |item| match item {
            Item::Page(page) => self.page(&input.name, &page),
            Item::Document(document) => {
                let text = Text {
                    input: &input.name,
                    id: &document.id,
                    url: document.url.as_deref(),
                    date: document.date.as_deref(),
                    title: document.title.as_deref(),
                    metadata: Metadata::default(),
                    text: &document.text,
                    charset: None,
                    truncated: document.truncated,
                };
                (self.told)(&text)
            }
            Item::Rejected(_) => {
                self.skipped += 1;
                Ok(())
            }
        })
        .map(drop)
    }

    fn page(&mut self, input: &str, page: &Page<'_>) -> Result<()> {
        let Ok(extracted) = self.extractor.extract(page) else {
            self.skipped += 1;
            return Ok(());
        };
        let text = Text {
            input,
            id: page.id,
            url: Some(page.url).filter(|url| !url.is_empty()),
            date: Some(page.date).filter(|date| !date.is_empty()),
            title: extracted.title.as_deref(),
            metadata: extracted.metadata,
            text: &extracted.text,
            charset: Some(extracted.charset),
            truncated: page.truncated,
        };
        (self.told)(&text)
    }
}
