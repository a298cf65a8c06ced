//! Charts as SVG, drawn by `plotters` from numbers and fixed labels only; nothing of the data's own text enters an SVG.

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::error::{Error, Result};

use super::ScoreChart;
use super::html::thousands;

/// Units of the view box; the page scales it.
const SIZE: (u32, u32) = (760, 280);
/// Stands for the page's own ink, which knows light from dark; see [`draw`]. No other colour here may equal it.
const INK: RGBColor = RGBColor(1, 2, 3);
// The colours of `.c1` to `.c3` and `.c5` in the style sheet; each tells from both grounds.
const FIRST: RGBColor = RGBColor(214, 118, 40);
const SECOND: RGBColor = RGBColor(52, 132, 206);
const REST: RGBColor = RGBColor(150, 160, 175);
/// Of lines, in the order of their key.
const LINE_COLOURS: [RGBColor; 4] = [FIRST, SECOND, REST, RGBColor(90, 154, 78)];
/// Width of a bucket of scores.
const SCORE_STEP: f64 = 0.02;
/// Width of a bucket of similarities.
const SIMILARITY_STEP: f64 = 0.05;
/// Where a logarithmic axis begins: a single pair is then still a bar, and none is nothing.
const LOG_FLOOR: f64 = 0.5;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Score distribution of one source: all documents, and what each rule keeps.
///
/// # Errors
/// Never for a chart that fits in memory; a fault of ours otherwise.
pub fn scores(chart: &ScoreChart) -> Result<String> {
    let most = chart.buckets.iter().map(|bucket| bucket.all).max().unwrap_or(0);
    let bars = chart.buckets.iter().filter(|bucket| inside(bucket.from)).flat_map(|bucket| {
        let bar =
            |n: u64, from: f64, to: f64, colour: RGBColor| bar(bucket.from + SCORE_STEP * from, bucket.from + SCORE_STEP * to, n, colour);
        [bar(bucket.all, 0.02, 0.98, REST), bar(bucket.threshold_keeps, 0.02, 0.5, SECOND), bar(bucket.pareto_keeps, 0.5, 0.98, FIRST)]
    });
    histogram("Histogram of scores; the table below holds the numbers", "score", most, bars)
}

/// Similarity of compared pairs, on a logarithmic scale, and the chance that a pair of that similarity was compared at all.
///
/// # Errors
/// Never for a chart that fits in memory; a fault of ours otherwise.
pub fn similarities(label: &str, pairs: &[(f64, u64, u64)], s_curve: &[(f64, f64)]) -> Result<String> {
    let most = pairs.iter().map(|(_, verified, rejected)| *verified.max(rejected)).max().unwrap_or(0);
    let top = (most as f64 * 1.5).max(10.0);
    draw(label, |root| {
        let mut area = ChartBuilder::on(root)
            .margin(10)
            .x_label_area_size(44)
            .y_label_area_size(84)
            .right_y_label_area_size(64)
            .build_cartesian_2d(0.0..1.0, (LOG_FLOOR..top).log_scale())
            .map_err(drawn)?
            .set_secondary_coord(0.0..1.0, 0.0..1.05);
        let mut mesh = area.configure_mesh();
        mesh.disable_mesh().axis_style(INK).label_style(letters()).x_labels(11).y_labels(5).x_label_formatter(&|x| format!("{x:.1}"));
        mesh.y_label_formatter(&whole).x_desc("Jaccard similarity").y_desc("pairs (log)").draw().map_err(drawn)?;
        let mut right = area.configure_secondary_axes();
        right.axis_style(INK).label_style(letters()).y_labels(5).y_label_formatter(&|y| format!("{y:.1}"));
        right.y_desc("P(compared)").draw().map_err(drawn)?;
        let pairs = pairs.iter().filter(|(from, ..)| inside(*from));
        let bars = pairs.flat_map(|&(from, verified, rejected)| [(from, verified, FIRST, 0.06), (from, rejected, REST, 0.52)]);
        let bars = bars.filter(|(_, n, ..)| *n != 0).map(|(from, n, colour, shift)| {
            let left = from + SIMILARITY_STEP * shift;
            Rectangle::new([(left, LOG_FLOOR), (left + SIMILARITY_STEP * 0.42, n as f64)], colour.filled())
        });
        area.draw_series(bars).map_err(drawn)?;
        let curve = s_curve.iter().copied().filter(|(x, y)| inside(*x) && inside(*y));
        area.draw_secondary_series(LineSeries::new(curve, SECOND.stroke_width(3))).map_err(drawn)?;
        Ok(())
    })
}

/// Runs one drawing and makes its result fit the page: plotters writes a fixed size and fixed colours.
fn draw(label: &str, paint: impl FnOnce(&Area<'_>) -> Result<()>) -> Result<String> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        paint(&root)?;
        root.present().map_err(drawn)?;
    }
    let fixed = format!("<svg width=\"{}\" height=\"{}\"", SIZE.0, SIZE.1);
    Ok(svg.replacen(&fixed, &format!("<svg role=\"img\" aria-label=\"{label}\""), 1).replace("#010203", "currentColor"))
}

fn drawn(error: impl std::fmt::Display) -> Error {
    Error::new(format!("cannot draw a chart: {error}"))
}

fn letters() -> TextStyle<'static> {
    ("sans-serif", 18).into_font().color(&INK)
}

fn whole(n: &f64) -> String {
    thousands(n.round() as u64)
}

/// A report read back from a file may hold any number; what lies outside the axes is not drawn.
fn inside(x: f64) -> bool {
    (0.0..=1.0).contains(&x)
}

/// Lines in the unit square, in the colours of the key.
///
/// # Errors
/// Never for a chart that fits in memory; a fault of ours otherwise.
pub fn lines(label: &str, x: &str, y: &str, lines: &[(&str, Vec<(f64, f64)>)]) -> Result<String> {
    draw(label, |root| {
        let mut area = ChartBuilder::on(root)
            .margin(10)
            .x_label_area_size(44)
            .y_label_area_size(84)
            .build_cartesian_2d(0.0..1.0, 0.0..1.0)
            .map_err(drawn)?;
        let mut mesh = area.configure_mesh();
        mesh.disable_mesh().axis_style(INK).label_style(letters()).x_labels(11).y_labels(6).x_label_formatter(&|x| format!("{x:.1}"));
        mesh.y_label_formatter(&|y| format!("{y:.1}")).x_desc(x).y_desc(y).draw().map_err(drawn)?;
        for ((_, points), colour) in lines.iter().zip(LINE_COLOURS) {
            let points: Vec<(f64, f64)> = points.iter().copied().filter(|(x, y)| inside(*x) && inside(*y)).collect();
            area.draw_series(LineSeries::new(points, colour.stroke_width(3))).map_err(drawn)?;
        }
        Ok(())
    })
}

/// Two counts for each bucket of 0..=1, side by side.
///
/// # Errors
/// Never for a chart that fits in memory; a fault of ours otherwise.
pub fn bars(label: &str, x: &str, step: f64, bars: &[(f64, u64, u64)]) -> Result<String> {
    let most = bars.iter().map(|(_, first, second)| *first.max(second)).max().unwrap_or(0);
    let drawn = bars.iter().filter(|(from, ..)| inside(*from)).flat_map(|&(from, first, second)| {
        [bar(from + step * 0.02, from + step * 0.5, first, FIRST), bar(from + step * 0.5, from + step * 0.98, second, SECOND)]
    });
    histogram(label, x, most, drawn)
}

/// A measured value in the unit square with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub x: f64,
    pub y: f64,
    pub low: f64,
    pub high: f64,
}

/// A line, measured points with their intervals, and one upright line.
///
/// # Errors
/// Never for a chart that fits in memory; a fault of ours otherwise.
pub fn measured(label: &str, x: &str, y: &str, line: &[(f64, f64)], points: &[Point], upright: f64) -> Result<String> {
    draw(label, |root| {
        let mut area = ChartBuilder::on(root)
            .margin(10)
            .x_label_area_size(44)
            .y_label_area_size(84)
            .build_cartesian_2d(0.0..1.0, 0.0..1.05)
            .map_err(drawn)?;
        let mut mesh = area.configure_mesh();
        mesh.disable_mesh().axis_style(INK).label_style(letters()).x_labels(11).y_labels(6).x_label_formatter(&|x| format!("{x:.1}"));
        mesh.y_label_formatter(&|y| format!("{y:.1}")).x_desc(x).y_desc(y).draw().map_err(drawn)?;
        if inside(upright) {
            area.draw_series(LineSeries::new([(upright, 0.0), (upright, 1.0)], REST.stroke_width(2))).map_err(drawn)?;
        }
        let line: Vec<(f64, f64)> = line.iter().copied().filter(|(x, y)| inside(*x) && inside(*y)).collect();
        area.draw_series(LineSeries::new(line, SECOND.stroke_width(3))).map_err(drawn)?;
        for point in points.iter().filter(|point| [point.x, point.y, point.low, point.high].into_iter().all(inside)) {
            area.draw_series(LineSeries::new([(point.x, point.low), (point.x, point.high)], FIRST.stroke_width(2))).map_err(drawn)?;
            area.draw_series([Circle::new((point.x, point.y), 5, FIRST.filled())]).map_err(drawn)?;
        }
        Ok(())
    })
}

/// Numbers of things by size; both axes are logarithmic, and nothing is left out for it: sizes and numbers begin with 1.
///
/// # Errors
/// Never for a chart that fits in memory; a fault of ours otherwise.
pub fn log_log(label: &str, x: &str, y: &str, points: &[(u64, u64)]) -> Result<String> {
    let most = |of: fn(&(u64, u64)) -> u64| points.iter().map(of).max().unwrap_or(0).max(10) as f64 * 1.5;
    draw(label, |root| {
        let mut area = ChartBuilder::on(root)
            .margin(10)
            .x_label_area_size(44)
            .y_label_area_size(84)
            .build_cartesian_2d((1.0..most(|point| point.0)).log_scale(), (LOG_FLOOR..most(|point| point.1)).log_scale())
            .map_err(drawn)?;
        let mut mesh = area.configure_mesh();
        mesh.disable_mesh().axis_style(INK).label_style(letters()).x_labels(8).y_labels(6).x_label_formatter(&whole);
        mesh.y_label_formatter(&whole).x_desc(x).y_desc(y).draw().map_err(drawn)?;
        let points = points.iter().filter(|(size, n)| 0 < *size && 0 < *n);
        area.draw_series(points.map(|&(size, n)| Circle::new((size as f64, n as f64), 5, FIRST.filled()))).map_err(drawn)?;
        Ok(())
    })
}

fn bar(from: f64, to: f64, n: u64, colour: RGBColor) -> Rectangle<(f64, f64)> {
    Rectangle::new([(from, 0.0), (to, n as f64)], colour.filled())
}

/// Bars over 0..=1 that count documents; `most` is the highest of them.
fn histogram(label: &str, x: &str, most: u64, bars: impl Iterator<Item = Rectangle<(f64, f64)>>) -> Result<String> {
    draw(label, |root| {
        let mut area = ChartBuilder::on(root)
            .margin(10)
            .x_label_area_size(44)
            .y_label_area_size(84)
            .build_cartesian_2d(0.0..1.0, 0.0..most.max(1) as f64 * 1.05)
            .map_err(drawn)?;
        let mut mesh = area.configure_mesh();
        mesh.disable_mesh().axis_style(INK).label_style(letters()).x_labels(11).y_labels(5).x_label_formatter(&|x| format!("{x:.1}"));
        mesh.y_label_formatter(&whole).x_desc(x).y_desc("documents").draw().map_err(drawn)?;
        area.draw_series(bars).map_err(drawn)?;
        Ok(())
    })
}
