//! A page as Markdown: the same sections and tables, without drawings.

use std::fmt::Write;

use super::page::{Page, Table};
use super::visible;

impl Page {
    /// The page as Markdown; every value is escaped, so that strangers' text can make neither markup nor links.
    pub fn to_markdown(&self) -> String {
        let mut out = format!("# {}\n\n{}\n", escaped(&self.title), escaped(&self.lead));
        for warning in &self.warnings {
            let _ = write!(out, "\n> **Note:** {}\n", escaped(warning));
        }
        for section in &self.sections {
            let _ = write!(out, "\n## {}\n", escaped(section.title));
            if !section.note.is_empty() {
                let _ = write!(out, "\n{}\n", escaped(&section.note));
            }
            section.tables.iter().for_each(|table| push_table(&mut out, table));
            if !section.listing.is_empty() {
                push_listing(&mut out, &section.listing);
            }
        }
        out
    }
}

fn push_table(out: &mut String, table: &Table) {
    if !table.caption.is_empty() {
        let _ = write!(out, "\n{}\n", escaped(&table.caption));
    }
    let row = |cells: &mut dyn Iterator<Item = String>| format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "));
    out.push('\n');
    out.push_str(&row(&mut table.head.iter().map(|name| escaped(name.trim_start_matches('#')))));
    out.push_str(&row(&mut table.head.iter().map(|name| if name.starts_with('#') { "---:" } else { "---" }.to_owned())));
    for cells in &table.rows {
        out.push_str(&row(&mut cells.iter().map(|cell| escaped(cell))));
    }
}

/// A block of code in a fence that is longer than any in it.
fn push_listing(out: &mut String, text: &str) {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let lines: Vec<String> = text.trim_end().lines().map(visible).collect();
    let _ = write!(out, "\n{fence}\n{}\n{fence}\n", lines.join("\n"));
}

/// Text that stands for itself in Markdown and in its tables.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        if "\\`*_[]<>|#&~$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
