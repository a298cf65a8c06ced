//! A page of sections with tables, charts and texts side by side, for whatever is no build: a model card, a dedup report. Every value is escaped by the template; charts hold
//! numbers and fixed labels only.

use minijinja::{Value, context, value::Serde};
use serde::Serialize;

use crate::error::{Error, Result};

use super::diff::Comparison;
use super::{charts, html};

/// One self-contained page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    pub title: String,
    /// The one sentence that matters most.
    pub lead: String,
    pub warnings: Vec<String>,
    pub sections: Vec<Section>,
}

/// A headline with what belongs under it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    pub title: &'static str,
    pub note: String,
    pub charts: Vec<Chart>,
    pub tables: Vec<Table>,
    /// Lines that are shown as they are.
    pub listing: String,
    /// Parts that are folded until somebody opens them.
    pub parts: Vec<Part>,
}

/// A part of a section.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Part {
    pub title: String,
    /// Not folded.
    pub open: bool,
    pub note: String,
    pub tables: Vec<Table>,
    pub texts: Vec<Texts>,
}

/// Two texts side by side.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Texts {
    pub caption: String,
    /// What each is called.
    pub names: [String; 2],
    pub comparison: Comparison,
    /// What is not shown.
    pub note: String,
}

/// Cells as text.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Table {
    pub caption: String,
    /// Names of columns; those of numbers begin with `#`, which is not shown.
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(caption: &str, head: &[&str], rows: Vec<Vec<String>>) -> Self {
        Self { caption: caption.to_owned(), head: head.iter().map(|&name| name.to_owned()).collect(), rows }
    }
}

/// A drawing with its key.
#[derive(Clone, Debug, PartialEq)]
pub enum Chart {
    /// Lines in the unit square, at most four, each with its name in the key.
    Lines { label: &'static str, x: &'static str, y: &'static str, lines: Vec<(&'static str, Vec<(f64, f64)>)> },
    /// Two counts for each bucket of 0..=1: its lower end, first and second count; `names` are of the two, and `step` is the width of a bucket.
    Bars { label: &'static str, x: &'static str, names: [&'static str; 2], step: f64, bars: Vec<(f64, u64, u64)> },
    /// Counts for each bucket of 0..=1 on a logarithmic scale, with a line over them that has its scale at the right: names of the two counts and of the line.
    LogBars { label: &'static str, names: [&'static str; 3], bars: Vec<(f64, u64, u64)>, line: Vec<(f64, f64)> },
    /// Numbers of things by size, both logarithmic.
    LogLog { label: &'static str, x: &'static str, y: &'static str, name: &'static str, points: Vec<(u64, u64)> },
    /// A line in the unit square, measured points with their intervals beside it, and one upright line.
    Measured {
        label: &'static str,
        x: &'static str,
        y: &'static str,
        names: [&'static str; 3],
        line: Vec<(f64, f64)>,
        points: Vec<charts::Point>,
        upright: f64,
    },
}

impl Page {
    /// The page as HTML.
    ///
    /// # Errors
    /// When a chart or the template cannot be drawn; both are faults of ours.
    pub fn to_html(&self) -> Result<String> {
        let failed = |error: minijinja::Error| Error::new("cannot draw the page").because(error);
        let sections = self.sections.iter().map(|section| {
            let charts = section.charts.iter().map(|chart| {
                let (svg, names) = match chart {
                    Chart::Lines { label, x, y, lines } => {
                        (charts::lines(label, x, y, lines)?, lines.iter().map(|(name, _)| *name).collect::<Vec<_>>())
                    }
                    Chart::Bars { label, x, names, step, bars } => (charts::bars(label, x, *step, bars)?, names.to_vec()),
                    // The key names colours in this order: the bars are the first and the third, the line is the second.
                    Chart::LogBars { label, names: [first, second, of_line], bars, line } => {
                        (charts::similarities(label, bars, line)?, vec![*first, *of_line, *second])
                    }
                    Chart::LogLog { label, x, y, name, points } => (charts::log_log(label, x, y, points)?, vec![*name]),
                    Chart::Measured { label, x, y, names, line, points, upright } => {
                        (charts::measured(label, x, y, line, points, *upright)?, names.to_vec())
                    }
                };
                Ok(context! { svg => Value::from_safe_string(svg), names })
            });
            let charts = charts.collect::<Result<Vec<_>>>()?;
            Ok(context! { title => section.title, note => &section.note, charts, tables => Serde(&section.tables), listing => &section.listing, parts => Serde(&section.parts) })
        });
        let sections = sections.collect::<Result<Vec<_>>>()?;
        let values = context! { title => &self.title, lead => &self.lead, warnings => &self.warnings, sections };
        let environment = html::environment().map_err(failed)?;
        environment.get_template("page.html").and_then(|template| template.render(values)).map_err(failed)
    }
}
