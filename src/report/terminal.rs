//! The funnel for a terminal: plain text, aligned, understandable without colour.

use std::fmt::Write;

use super::html::{percent, thousands};
use super::{BlendSummary, DecontaminationSummary, DedupSummary, LinkSummary, ModelSummary, ParagraphCounts, ParagraphSummary, Report};
use super::{ScoreBucket, ScoreChart, SourceFunnel, StepFunnel, UrlSummary};
use super::{policy, sum, visible};

/// Reasons shown in full for one step; the rest is one sum.
const MAX_REASONS: usize = 4;
/// Columns after which the reasons of a step go on in a next line.
const LINE: usize = 110;

impl Report {
    /// Every source through every step with its most frequent reasons, the law, and what the steps found, one part a line.
    pub fn funnel_text(&self) -> String {
        let mut out = String::new();
        let steps = self.funnel.iter().flat_map(|source| &source.steps);
        let width = width(steps.map(|step| step.step.as_str()), 14);
        for source in &self.funnel {
            push_source(&mut out, source, width);
        }
        let law = &self.law;
        let equals = if law.holds() { "=" } else { "is not" };
        let _ = writeln!(out, "read {} {equals} kept {} + dropped {}", thousands(law.read), thousands(law.kept), thousands(law.dropped));
        self.links.iter().for_each(|links| push_links(&mut out, links));
        self.urls.iter().for_each(|urls| push_urls(&mut out, urls));
        self.dedup.iter().for_each(|dedup| push_dedup(&mut out, dedup));
        self.paragraphs.iter().for_each(|found| push_paragraphs(&mut out, found));
        policy::push(&mut out, &self.opt_outs, &self.lists, &self.masks);
        self.models.iter().for_each(|model| push_model(&mut out, model));
        self.scores.iter().for_each(|chart| push_scores(&mut out, chart));
        self.decontamination.iter().for_each(|found| push_decontamination(&mut out, found));
        self.blend.iter().for_each(|blend| push_blend(&mut out, blend));
        out
    }
}

/// The widest of some names as shown, at least `least`; one very long name does not push the numbers off the screen.
fn width<'a>(names: impl Iterator<Item = &'a str>, least: usize) -> usize {
    names.map(|name| visible(name).chars().count()).max().unwrap_or(0).clamp(least, 32)
}

fn push_source(out: &mut String, source: &SourceFunnel, width: usize) {
    let _ = writeln!(out, "{}", visible(&source.source));
    for step in &source.steps {
        let start = format!("  {:width$} {:>13} kept", visible(&step.step), thousands(step.kept));
        let mut column = start.chars().count();
        let indent = column + 3;
        out.push_str(&start);
        for (index, reason) in reasons(step).iter().enumerate() {
            let length = reason.chars().count() + 2;
            if index == 0 {
                out.push_str("   ");
                column = indent;
            } else if LINE < column + length {
                let _ = write!(out, ",\n{:indent$}", "");
                column = indent;
            } else {
                out.push_str(", ");
            }
            out.push_str(reason);
            column += length;
        }
        out.push('\n');
    }
}

fn reasons(step: &StepFunnel) -> Vec<String> {
    let came = (step.entered != 0).then(|| format!("{} came in", thousands(step.entered)));
    let moved = step.moved.iter().map(|(to, n)| format!("{} moved to {}", thousands(*n), visible(to)));
    let (shown, rest) = step.dropped.split_at(step.dropped.len().min(MAX_REASONS));
    let shown = shown.iter().map(|drop| format!("{} {}/{}", thousands(drop.documents), visible(&drop.filter), visible(&drop.rule)));
    let others = (!rest.is_empty()).then(|| {
        let documents = sum(rest.iter().map(|drop| drop.documents));
        format!("{} for {} other {}", thousands(documents), rest.len(), if rest.len() == 1 { "reason" } else { "reasons" })
    });
    came.into_iter().chain(moved).chain(shown).chain(others).collect()
}

fn push_links(out: &mut String, links: &LinkSummary) {
    let _ = writeln!(
        out,
        "links of {}: {} of {} documents by exact URL, {} by registered domain; {} URLs from {} of {} rows",
        visible(&links.source),
        thousands(links.by_url),
        thousands(links.documents),
        thousands(links.by_domain),
        thousands(links.distinct_urls),
        thousands(links.used),
        thousands(links.rows)
    );
}

fn push_urls(out: &mut String, urls: &UrlSummary) {
    let (removed, documents) = (thousands(urls.n_removed()), thousands(urls.documents));
    let _ = writeln!(out, "urls: {removed} of {documents} documents removed, because a better copy has the same URL");
}

fn push_dedup(out: &mut String, dedup: &DedupSummary) {
    let _ = writeln!(
        out,
        "dedup: {} exact and {} near-duplicates of {} documents; {} of {} compared pairs verified at {}",
        thousands(dedup.exact_duplicates),
        thousands(dedup.near_duplicates),
        thousands(dedup.documents),
        thousands(dedup.verified),
        thousands(dedup.candidates),
        dedup.threshold
    );
}

fn push_paragraphs(out: &mut String, found: &ParagraphSummary) {
    let total = |of: fn(&ParagraphCounts) -> u64| thousands(sum(found.rows.iter().map(of)));
    let _ = writeln!(
        out,
        "paragraphs: {} of {} cut ({} of {} bytes); {} documents shortened, {} dropped",
        total(|row| row.paragraphs_cut),
        total(|row| row.paragraphs),
        total(|row| row.bytes_cut),
        total(|row| row.bytes),
        total(|row| row.documents_shortened),
        total(|row| row.documents_dropped)
    );
}

fn push_model(out: &mut String, model: &ModelSummary) {
    let figures: Vec<String> = model.figures.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let _ = writeln!(out, "model {}: {}", visible(&model.name), visible(&figures.join(", ")));
}

fn push_scores(out: &mut String, chart: &ScoreChart) {
    let total = |of: fn(&ScoreBucket) -> u64| thousands(sum(chart.buckets.iter().map(of)));
    let acting = if chart.rule.is_empty() { String::new() } else { format!(" (acting: {})", visible(&chart.rule)) };
    let _ = writeln!(
        out,
        "scores of {}: {} scored; threshold {} keeps {}, the Pareto draw keeps {}{acting}",
        visible(&chart.source),
        total(|b| b.all),
        chart.threshold,
        total(|b| b.threshold_keeps),
        total(|b| b.pareto_keeps),
    );
}

fn push_decontamination(out: &mut String, found: &DecontaminationSummary) {
    let _ = writeln!(
        out,
        "decontamination: {} documents cut, {} dropped ({} n-grams, {} ignored as templates)",
        thousands(found.documents_cut),
        thousands(found.documents_dropped),
        thousands(found.grams),
        thousands(found.ignored_grams)
    );
    let width = width(found.overlap.iter().map(|row| row.benchmark.as_str()), 18);
    for row in &found.overlap {
        let _ = writeln!(
            out,
            "  {:width$} {:>9} examples, clean by {}-grams {} before the cuts, {} after",
            visible(&row.benchmark),
            thousands(row.examples),
            row.n,
            percent(row.clean() as f64, row.examples as f64),
            percent(row.clean_after() as f64, row.examples as f64)
        );
    }
}

fn push_blend(out: &mut String, blend: &BlendSummary) {
    let _ = writeln!(out, "blend: {} ({} tokens)", visible(&blend.binding), visible(&blend.tokenizer));
    let width = width(blend.rows.iter().map(|row| row.source.as_str()), 18);
    let head =
        format!("  {:width$} {:>8} {:>8} {:>17} {:>17} {:>17} {:>8}", "source", "weight", "epochs", "available", "asked", "drawn", "share");
    let _ = writeln!(out, "{head}");
    for row in &blend.rows {
        let _ = writeln!(
            out,
            "  {:width$} {:>8.3} {:>8.3} {:>17} {:>17} {:>17} {:>7.1}%{}",
            visible(&row.source),
            row.weight,
            row.epochs,
            thousands(row.tokens_available),
            thousands(row.tokens_planned),
            thousands(row.tokens_drawn),
            100.0 * row.share_drawn,
            if row.binds { "  <- binds" } else { "" }
        );
    }
    if let Some(far) = &blend.farthest_share {
        let _ = writeln!(
            out,
            "  in {} {} of 1,000 rows or more a share is off by {:.2} points at most ({} in {})",
            thousands(far.shards),
            if far.shards == 1 { "shard" } else { "shards" },
            100.0 * (far.share - far.weight).abs(),
            visible(&far.source),
            visible(&far.shard)
        );
    }
}
