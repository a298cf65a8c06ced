//! The funnel for a terminal: plain text, aligned, understandable without colour.

use std::fmt::Write;

use super::html::thousands;
use super::{Report, SourceFunnel, visible};

impl Report {
    /// Every source through every step with its most frequent reasons, the law, and the blend.
    pub fn funnel_text(&self) -> String {
        let mut out = String::new();
        for source in &self.funnel {
            push_source(&mut out, source);
        }
        let law = &self.law;
        let sum = format!("read {} = kept {} + dropped {}", thousands(law.read), thousands(law.kept), thousands(law.dropped));
        let _ = writeln!(out, "{sum}");
        if let Some(dedup) = &self.dedup {
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
        for model in &self.models {
            let figures: Vec<String> = model.figures.iter().map(|(name, value)| format!("{name} {value}")).collect();
            let _ = writeln!(out, "model {}: {}", visible(&model.name), visible(&figures.join(", ")));
        }
        for chart in &self.scores {
            let sum = |of: fn(&super::ScoreBucket) -> u64| thousands(chart.buckets.iter().map(of).sum());
            let _ = writeln!(
                out,
                "scores of {}: {} scored; threshold .5 keeps {}, the Pareto draw keeps {} (acting: {})",
                visible(&chart.source),
                sum(|b| b.all),
                sum(|b| b.threshold_keeps),
                sum(|b| b.pareto_keeps),
                visible(&chart.rule)
            );
        }
        if let Some(found) = &self.decontamination {
            let _ = writeln!(
                out,
                "decontamination: {} documents cut, {} dropped ({} n-grams, {} ignored as templates)",
                thousands(found.documents_cut),
                thousands(found.documents_dropped),
                thousands(found.grams),
                thousands(found.ignored_grams)
            );
        }
        if let Some(blend) = &self.blend {
            let _ = writeln!(out, "blend: {} ({} tokens)", visible(&blend.binding), visible(&blend.tokenizer));
            let _ = writeln!(out, "  {:18} {:>8} {:>8} {:>15} {:>15} {:>8}", "source", "weight", "epochs", "available", "drawn", "share");
            for row in &blend.rows {
                let _ = writeln!(
                    out,
                    "  {:18} {:>8.3} {:>8.3} {:>15} {:>15} {:>7.1}%{}",
                    visible(&row.source),
                    row.weight,
                    row.epochs,
                    thousands(row.tokens_available),
                    thousands(row.tokens_drawn),
                    100.0 * row.share_drawn,
                    if row.binds { "  <- binds" } else { "" }
                );
            }
        }
        out
    }
}

fn push_source(out: &mut String, source: &SourceFunnel) {
    let _ = writeln!(out, "{}", visible(&source.source));
    for step in &source.steps {
        let mut reasons: Vec<String> = step.moved.iter().map(|(to, n)| format!("{} moved to {to}", thousands(*n))).collect();
        let all = step.dropped.len();
        reasons.extend(step.dropped.iter().take(4).map(|drop| format!("{} {}/{}", thousands(drop.documents), drop.filter, drop.rule)));
        if 4 < all {
            let rest: u64 = step.dropped.iter().skip(4).map(|drop| drop.documents).sum();
            reasons.push(format!("{} for {} other reasons", thousands(rest), all - 4));
        }
        let line = format!("  {:14} {:>11} kept   {}", step.step, thousands(step.kept), reasons.join(", "));
        let _ = writeln!(out, "{}", visible(line.trim_end()));
    }
}
