//! The page: a template that escapes every value by construction, filled with numbers that are formatted here.

use crate::error::{Error, Result};
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value, context};

use super::{Report, charts};

const TEMPLATE: &str = include_str!("report.html");

impl Report {
    /// The report as one self-contained HTML page.
    ///
    /// # Errors
    /// When a chart or the template cannot be drawn; both are faults of ours.
    pub fn to_html(&self) -> Result<String> {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.add_filter("thousands", thousands);
        environment.add_filter("bytes", bytes);
        environment.add_filter("fixed", |value: f64, digits: usize| format!("{value:.digits$}"));
        environment.add_filter(
            "percent",
            |part: f64, whole: f64| if whole == 0.0 { "-".to_owned() } else { format!("{:.1} %", 100.0 * part / whole) },
        );
        environment.add_filter(
            "share",
            |part: f64, whole: f64| if whole == 0.0 { "0".to_owned() } else { format!("{:.2}", 100.0 * part / whole) },
        );
        environment.add_filter(
            "rate",
            |bytes: f64, seconds: f64| if seconds <= 0.0 { "-".to_owned() } else { format!("{:.1}", bytes / 1e6 / seconds) },
        );
        environment.add_filter("visible", |text: &str| super::visible(text));
        environment.add_filter("visible_lines", |text: &str| text.lines().map(super::visible).collect::<Vec<_>>().join("\n"));
        let failed = |error: minijinja::Error| Error::new("cannot draw the report").because(error);
        environment.add_template("report.html", TEMPLATE).map_err(failed)?;
        let score_charts = self.scores.iter().map(|chart| {
            let sum = |of: fn(&super::ScoreBucket) -> u64| chart.buckets.iter().map(of).sum::<u64>();
            let svg = Value::from_safe_string(charts::scores(chart)?);
            let (all, threshold_keeps, pareto_keeps) = (sum(|b| b.all), sum(|b| b.threshold_keeps), sum(|b| b.pareto_keeps));
            Ok(context! { source => &chart.source, rule => &chart.rule, svg, all, threshold_keeps, pareto_keeps })
        });
        let score_charts = score_charts.collect::<Result<Vec<_>>>()?;
        let similarity_chart = self.dedup.as_ref().map(charts::similarities).transpose()?.map(Value::from_safe_string);
        let template = environment.get_template("report.html").map_err(failed)?;
        let report = Value::from(Serde(self));
        template.render(context! { report, score_charts, similarity_chart }).map_err(failed)
    }
}

/// 4509 as "4,509".
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index != 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = n as f64;
    let mut unit = 0;
    while 1024.0 <= value && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{n} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}
