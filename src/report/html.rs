//! The page: a template that escapes every value by construction, filled with numbers that are formatted here.

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value, context};

use crate::error::{Error, Result};

use super::{Report, ScoreBucket, SourceFunnel, UrlSummary, charts, sum, visible};

/// Of what the pages are made. The style sheet is ours alone and needs no escaping.
const TEMPLATES: [(&str, &str); 4] = [
    ("report.html", include_str!("report.html")),
    ("page.html", include_str!("page.html")),
    ("head.html", include_str!("head.html")),
    ("style.css", include_str!("style.css")),
];

impl Report {
    /// The report as one self-contained HTML page.
    ///
    /// # Errors
    /// When a chart or the template cannot be drawn; both are faults of ours.
    pub fn to_html(&self) -> Result<String> {
        let failed = |error: minijinja::Error| Error::new("cannot draw the report").because(error);
        let environment = environment().map_err(failed)?;
        let score_charts = self.scores.iter().map(|chart| {
            let total = |of: fn(&ScoreBucket) -> u64| sum(chart.buckets.iter().map(of));
            let svg = Value::from_safe_string(charts::scores(chart)?);
            let (all, threshold, pareto) = (total(|b| b.all), total(|b| b.threshold_keeps), total(|b| b.pareto_keeps));
            Ok(context! { source => &chart.source, least => chart.threshold.to_string(), rule => &chart.rule, buckets => Serde(&chart.buckets), svg, all, threshold, pareto })
        });
        let score_charts = score_charts.collect::<Result<Vec<_>>>()?;
        let label = "Histogram of pair similarities with the S-curve; the table below holds the numbers";
        let chart = self.dedup.as_ref().map(|dedup| charts::similarities(label, &dedup.similarities, &dedup.s_curve));
        let similarity_chart = chart.transpose()?.map(Value::from_safe_string);
        let languages = self.languages.iter().map(|share| {
            let all = sum(share.languages.iter().map(|(_, n)| *n));
            let rows: Vec<_> = share.languages.iter().zip(&share.tenths).map(|((code, n), tenths)| context! { code, n, tenths }).collect();
            context! { source => &share.source, languages => &share.languages, all, rows }
        });
        let overlap = self.decontamination.iter().flat_map(|found| &found.overlap);
        let overlap = overlap.map(|row| context! { of => Serde(row), clean => row.clean(), clean_after => row.clean_after() });
        let values = context! {
            report => Serde(self),
            balanced => self.law.holds(),
            funnel => self.funnel.iter().map(funnel).collect::<Vec<_>>(),
            languages => languages.collect::<Vec<_>>(),
            overlap => overlap.collect::<Vec<_>>(),
            score_charts,
            similarity_chart,
            urls_removed => self.urls.as_ref().map(UrlSummary::n_removed),
        };
        environment.get_template("report.html").and_then(|template| template.render(values)).map_err(failed)
    }
}

/// Numbers reach the filters as they are stored: the engine turns any integer into the `f64` a filter asks for.
pub(super) fn environment() -> std::result::Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|name| if name == "style.css" { AutoEscape::None } else { AutoEscape::Html });
    environment.add_filter("thousands", thousands);
    environment.add_filter("bytes", |n: u64| size(n, "B"));
    environment.add_filter("fixed", |value: f64, digits: usize| format!("{value:.digits$}"));
    environment.add_filter("percent", percent);
    environment.add_filter("rate", |bytes: f64, seconds: f64| match 0.0 < seconds && 0.0 < bytes {
        true => format!("{:.1}", bytes / 1e6 / seconds),
        false => "-".to_owned(),
    });
    environment.add_filter("visible", |text: &str| visible(text));
    environment.add_filter("listing", |text: &str| text.lines().map(visible).collect::<Vec<_>>().join("\n"));
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
}

/// One source's steps with the lengths of their bars, in percent of the most documents that any of its steps saw.
fn funnel(source: &SourceFunnel) -> Value {
    let seen = |step: &super::StepFunnel| step.read.saturating_add(step.entered);
    let most = source.steps.iter().map(seen).max().unwrap_or(0);
    let length = |n: u64| if most == 0 { 0.0 } else { 100.0 * n as f64 / most as f64 };
    let steps = source.steps.iter().map(|step| {
        let lost = seen(step).saturating_sub(step.kept);
        // Rounded in one way, so that the two parts of a bar never exceed its whole.
        let kept_length = length(step.kept).min(100.0);
        let lost_length = length(lost).min(100.0 - kept_length);
        context! { of => Serde(step), kept_length, lost_length, share => percent(step.kept as f64, most as f64) }
    });
    let last = source.steps.last().map_or(0, |step| step.kept);
    context! { source => &source.source, most, last, steps => steps.collect::<Vec<_>>() }
}

/// A share as "12.3 %", "-" of nothing.
pub fn percent(part: f64, whole: f64) -> String {
    if 0.0 < whole { format!("{:.1} %", 100.0 * part / whole) } else { "-".to_owned() }
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

/// Bytes in the unit that fits; `smallest` names the unit below KiB.
pub fn size(n: u64, smallest: &str) -> String {
    let units = [smallest, "KiB", "MiB", "GiB", "TiB"];
    let mut value = n as f64;
    let mut unit = 0;
    while 1024.0 <= value && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{n} {smallest}") } else { format!("{value:.1} {}", units[unit]) }
}
