//! Charts as SVG, drawn by `plotters` from numbers and fixed labels only; nothing of the data's own text enters an SVG.

use plotters::prelude::*;

use crate::error::{Error, Result};

use super::{DedupSummary, ScoreChart};

const SIZE: (u32, u32) = (760, 260);
/// Legible on light and dark grounds alike.
const INK: RGBColor = RGBColor(128, 128, 128);
const ALL: RGBColor = RGBColor(150, 160, 175);
const PARETO: RGBColor = RGBColor(214, 118, 40);
const THRESHOLD: RGBColor = RGBColor(52, 132, 206);

fn drawn(error: impl std::fmt::Display) -> Error {
    Error::new(format!("cannot draw a chart: {error}"))
}

/// Scales with the page: plotters writes fixed sizes, a view box makes them relative.
fn scalable(svg: &str, label: &str) -> String {
    let fixed = format!("<svg width=\"{}\" height=\"{}\"", SIZE.0, SIZE.1);
    svg.replacen(&fixed, &format!("<svg role=\"img\" aria-label=\"{label}\" width=\"100%\""), 1)
}

fn label_style() -> TextStyle<'static> {
    ("sans-serif", 13).into_font().color(&INK)
}

/// Score distribution of one source: all documents, and what each rule keeps.
pub fn scores(chart: &ScoreChart) -> Result<String> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let most = chart.buckets.iter().map(|bucket| bucket.all).max().unwrap_or(0).max(1) as f64;
        let mut area = ChartBuilder::on(&root)
            .margin(8)
            .x_label_area_size(36)
            .y_label_area_size(52)
            .build_cartesian_2d(0.0..1.0, 0.0..most * 1.05)
            .map_err(drawn)?;
        let mut mesh = area.configure_mesh();
        mesh.disable_mesh().axis_style(INK).label_style(label_style()).x_desc("score").y_desc("documents").draw().map_err(drawn)?;
        let width = 1.0 / 50.0;
        let bar = |from: f64, n: u64, part: (f64, f64), colour: RGBColor| {
            Rectangle::new([(from + width * part.0, 0.0), (from + width * part.1, n as f64)], colour.filled())
        };
        let buckets = &chart.buckets;
        area.draw_series(buckets.iter().map(|b| bar(b.from, b.all, (0.02, 0.98), ALL))).map_err(drawn)?;
        area.draw_series(buckets.iter().map(|b| bar(b.from, b.threshold_keeps, (0.1, 0.5), THRESHOLD))).map_err(drawn)?;
        area.draw_series(buckets.iter().map(|b| bar(b.from, b.pareto_keeps, (0.5, 0.9), PARETO))).map_err(drawn)?;
        root.present().map_err(drawn)?;
    }
    Ok(scalable(&svg, "Histogram of scores; the table below holds the numbers"))
}

/// Similarity of compared pairs, on a logarithmic scale, and the chance that a pair of that similarity was compared at all.
pub fn similarities(dedup: &DedupSummary) -> Result<String> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let most = dedup.similarities.iter().map(|(_, verified, rejected)| verified + rejected).max().unwrap_or(0);
        let height = |n: u64| (n as f64 + 1.0).log10();
        let top = height(most).max(1.0);
        let mut area = ChartBuilder::on(&root)
            .margin(8)
            .x_label_area_size(36)
            .y_label_area_size(60)
            .right_y_label_area_size(44)
            .build_cartesian_2d(0.0..1.0, 0.0..top * 1.05)
            .map_err(drawn)?
            .set_secondary_coord(0.0..1.0, 0.0..1.05);
        let pairs = |y: &f64| format!("{}", (10_f64.powf(*y) - 1.0).round());
        let mut mesh = area.configure_mesh();
        mesh.disable_mesh().axis_style(INK).label_style(label_style()).y_label_formatter(&pairs);
        mesh.x_desc("Jaccard similarity").y_desc("pairs (log)").draw().map_err(drawn)?;
        area.configure_secondary_axes().axis_style(INK).label_style(label_style()).y_desc("P(candidate)").draw().map_err(drawn)?;
        let bars =
            dedup.similarities.iter().flat_map(|&(from, verified, rejected)| [(from, verified, PARETO, 0.0), (from, rejected, ALL, 0.5)]);
        area.draw_series(bars.map(|(from, n, colour, shift)| {
            let left = from + 0.05 * (0.05 + shift * 0.9);
            Rectangle::new([(left, 0.0), (left + 0.05 * 0.42, height(n))], colour.filled())
        }))
        .map_err(drawn)?;
        area.draw_secondary_series(LineSeries::new(dedup.s_curve.iter().copied(), THRESHOLD.stroke_width(2))).map_err(drawn)?;
        root.present().map_err(drawn)?;
    }
    Ok(scalable(&svg, "Histogram of pair similarities with the S-curve; the table below holds the numbers"))
}
