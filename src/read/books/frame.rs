//! Where the book begins and ends inside a Project Gutenberg file.
//!
//! Since about 2003 lines mark both ends: `*** START OF THIS PROJECT GUTENBERG EBOOK NAME ***` and `*** END OF ..`. Older files end their header with
//! `*END*THE SMALL PRINT!`, or only name the etext in their first lines, and end with `End of the Project Gutenberg Etext of ..`.

use std::ops::Range;

/// Lines that a marker or heading may run on over; 2 of 50 real files have a marker of two lines, none a longer one.
const MAX_MARKER_LINES: usize = 6;
/// A heading without markers is looked for in this many lines from the top.
const MAX_HEADING_LINES: usize = 10;
/// Lines of one paragraph of credits; a longer one is left in the book.
const MAX_CREDIT_LINES: usize = 12;
/// How paragraphs of credits begin.
const CREDITS: [&str; 7] = [
    "Produced by",
    "E-text prepared by",
    "Etext prepared by",
    "This etext was prepared by",
    "This eBook was produced by",
    "This file was produced from",
    "Note: Project Gutenberg also has",
];

/// The frame of a file.
#[derive(Debug, PartialEq)]
pub(super) struct Frame {
    /// `frame-markers`, `frame-old` or `frame-none`.
    pub rule: &'static str,
    /// From the `Title:` line of the header, its continuation lines joined.
    pub title: Option<String>,
    /// The bytes of the book.
    pub book: Range<usize>,
}

/// Finds the frame; without one the whole text is the book. The first start marker and the last end marker after it count, so that a book that
/// quotes an end is not cut short.
pub(super) fn find(text: &str) -> Frame {
    let lines = Lines::of(text);
    let start = lines.position(0..lines.len(), |line| is_marker(line, "START OF"));
    let end = lines.last_position(start.unwrap_or(0)..lines.len(), |line| is_marker(line, "END OF"));
    let old_head = if start.is_none() { old_head(&lines, end.unwrap_or(lines.len())) } else { None };
    let head = start.map(|line| lines.after_marker(line)).or(old_head).unwrap_or(0);
    let tail = end.or_else(|| lines.last_position(head..lines.len(), is_old_footer)).unwrap_or(lines.len());
    let rule = match (start.is_some() || end.is_some(), 0 < head || tail < lines.len()) {
        (true, _) => "frame-markers",
        (false, true) => "frame-old",
        (false, false) => "frame-none",
    };
    let title = title(&lines, head);
    let first = after_credits(&lines, head, tail);
    let last = before_footer(&lines, first, tail);
    Frame { rule, title, book: lines.start(first)..lines.start(last.max(first)) }
}

/// The line after an old header that lies before line `end`: behind the small print, else behind the heading paragraph that names the etext.
fn old_head(lines: &Lines<'_>, end: usize) -> Option<usize> {
    let small_print = lines.last_position(0..end, |line| {
        let line = line.trim_start_matches('*');
        has_prefix(line, "END") && line.to_ascii_uppercase().contains("THE SMALL PRINT")
    });
    let heading = || {
        let named = lines.position(0..end.min(MAX_HEADING_LINES), |line| {
            let line = line.trim_start_matches('*').to_ascii_lowercase();
            line.contains("project gutenberg") && (line.contains("etext") || line.contains("e-text") || line.contains("ebook"))
        })?;
        Some(lines.position(named..end, str::is_empty).unwrap_or(end))
    };
    small_print.map(|line| line + 1).or_else(heading)
}

/// `End of the Project Gutenberg Etext of ..`, `End of Project Gutenberg's ..`, `End of this Project Gutenberg ..`.
fn is_old_footer(line: &str) -> bool {
    let line = line.trim_start_matches(['*', ' ']);
    has_prefix(line, "End of") && {
        let rest = line["End of".len()..].trim_start();
        let rest =
            ["the ", "this "].iter().find(|article| has_prefix(rest, article)).map_or(rest, |article| rest[article.len()..].trim_start());
        has_prefix(rest, "Project Gutenberg")
    }
}

/// `*** START OF THIS PROJECT GUTENBERG EBOOK` with `what` = "START OF"; THE, THIS, E-BOOK and ETEXT too.
fn is_marker(line: &str, what: &str) -> bool {
    let Some(line) = line.strip_prefix("**") else { return false };
    let line = line.trim_start_matches(['*', ' ']);
    has_prefix(line, what) && {
        let rest = line[what.len()..].trim_start();
        has_prefix(rest, "THE PROJECT GUTENBERG") || has_prefix(rest, "THIS PROJECT GUTENBERG")
    }
}

/// Skips the credits right after the start: they are the frame's, not the book's.
fn after_credits(lines: &Lines<'_>, head: usize, tail: usize) -> usize {
    let mut at = lines.position(head..tail, |line| !line.is_empty()).unwrap_or(tail);
    while 0 < head && at < tail && CREDITS.iter().any(|opening| has_prefix(lines.get(at), opening)) {
        let Some(end) = lines.position(at..tail.min(at + MAX_CREDIT_LINES), str::is_empty) else { break };
        at = lines.position(end..tail, |line| !line.is_empty()).unwrap_or(tail);
    }
    at
}

/// Moves the end before a footer line that stands right above the end marker.
fn before_footer(lines: &Lines<'_>, first: usize, tail: usize) -> usize {
    let region = first.max(tail.saturating_sub(MAX_MARKER_LINES))..tail;
    lines.position(region, is_old_footer).unwrap_or(tail)
}

/// The `Title:` line of the header that ends at line `head`, with its indented continuation lines.
fn title(lines: &Lines<'_>, head: usize) -> Option<String> {
    let at = lines.position(0..head, |line| has_prefix(line, "Title:"))?;
    let mut title = lines.get(at)["Title:".len()..].trim().to_owned();
    for line in at + 1..head.min(at + MAX_MARKER_LINES) {
        let raw = lines.raw(line);
        if raw.trim().is_empty() || !raw.starts_with([' ', '\t']) {
            break;
        }
        title.push(' ');
        title.push_str(raw.trim());
    }
    (!title.is_empty()).then_some(title)
}

fn has_prefix(line: &str, prefix: &str) -> bool {
    line.as_bytes().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

/// The lines of a text and where they start.
struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect();
        Self { text, starts }
    }

    fn len(&self) -> usize {
        self.starts.len()
    }

    /// The byte at which a line starts; the end of the text for the line after the last.
    fn start(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.text.len())
    }

    fn raw(&self, line: usize) -> &'t str {
        &self.text[self.start(line)..self.start(line + 1)]
    }

    fn get(&self, line: usize) -> &'t str {
        self.raw(line).trim()
    }

    fn position(&self, mut range: Range<usize>, test: impl Fn(&str) -> bool) -> Option<usize> {
        range.find(|line| test(self.get(*line)))
    }

    fn last_position(&self, mut range: Range<usize>, test: impl Fn(&str) -> bool) -> Option<usize> {
        range.rfind(|line| test(self.get(*line)))
    }

    /// The line after a marker, which runs on until a line closes it with `**`; one that nothing closes is one line.
    fn after_marker(&self, line: usize) -> usize {
        let close = |line: &usize| self.get(*line).trim_start_matches('*').ends_with("**");
        (line..self.len().min(line + MAX_MARKER_LINES)).find(close).unwrap_or(line) + 1
    }
}
