//! The model card as a page, for people who decide whether to trust a model: what it learnt from, how well it tells the classes apart on sites that it never saw, what it would
//! keep, and what it looks at.

use crate::error::Result;
use crate::linear::evaluate::Metrics;
use crate::linear::measure::Bin;
use crate::quality::{Card, ClassCounts, HeldOut};
use crate::report::page::{Chart, Page, Section, Table};

/// The card as one self-contained HTML page; the same card gives the same bytes.
///
/// # Errors
/// When it cannot be drawn; a fault of ours.
pub fn html(card: &Card) -> Result<String> {
    let raw = &card.held_out.raw;
    let auc = match &card.held_out.intervals {
        Some(intervals) => format!("AUC {:.3} ({:.3} to {:.3})", raw.auc, intervals.auc.0, intervals.auc.1),
        None => format!("AUC {:.3}", raw.auc),
    };
    let lead =
        format!("{auc} on {} good and {} low-quality documents of registered domains that it never saw", raw.positives, raw.negatives);
    let mut page = Page {
        title: format!("model {}", card.name),
        lead,
        warnings: card.warnings.clone(),
        sections: vec![
            classes(card),
            figures(card),
            groups(&card.held_out),
            draw(&card.held_out),
            words(card),
            examples(&card.held_out),
            origin(card),
        ],
    };
    if !card.comparison.is_empty() {
        page.sections.insert(2, beside(card));
    }
    page.to_html()
}

fn number(value: f64) -> String {
    format!("{value:.4}")
}

fn share(value: f64) -> String {
    format!("{:.1} %", 100.0 * value)
}

fn pairs(caption: &str, rows: &[(&str, String)]) -> Table {
    Table::new(caption, &["", ""], rows.iter().map(|(name, value)| vec![(*name).to_owned(), value.clone()]).collect())
}

fn classes(card: &Card) -> Section {
    let row = |name: &str, what: &str, class: &ClassCounts| {
        let numbers = [class.offered, class.after_cap, class.training, class.held_out, class.domains].map(|n| n.to_string());
        [name.to_owned(), what.to_owned()].into_iter().chain(numbers).chain([format!("{:.1}", class.effective_domains)]).collect()
    };
    let rows = vec![row("good", &card.positives, &card.positive_class), row("low quality", &card.negatives, &card.negative_class)];
    let head = ["class", "documents of", "#offered", "#after the cap", "#learnt from", "#held out", "#domains", "#effective domains"];
    let note = format!(
        "Documents are held out by registered domain. Effective domains: exp of the entropy of documents over domains. {} near-duplicates of held-out documents were taken out of what was learnt from. Weights: {}.",
        card.leaks, card.weighting
    );
    Section { title: "What it learnt from", note, tables: vec![Table::new("", &head, rows)], ..Section::default() }
}

fn figures(card: &Card) -> Section {
    let held_out = &card.held_out;
    let HeldOut { raw, calibrated, intervals, .. } = held_out;
    let rows = |of: fn(&Metrics) -> f64, ends: Option<(f64, f64)>, name: &str| {
        let interval = ends.map_or_else(|| "-".to_owned(), |(low, high)| format!("{low:.4} to {high:.4}"));
        vec![name.to_owned(), number(of(raw)), interval, number(of(calibrated))]
    };
    let ends = |of: fn(&crate::linear::measure::Intervals) -> (f64, f64)| intervals.as_ref().map(of);
    let rows = vec![
        rows(|m| m.auc, ends(|i| i.auc), "AUC"),
        rows(|m| m.average_precision, ends(|i| i.average_precision), "average precision (classes as they are)"),
        rows(|m| m.log_loss, ends(|i| i.log_loss), "log-loss"),
        rows(|m| m.brier, ends(|i| i.brier), "Brier score"),
        rows(|m| m.calibration_error, ends(|i| i.calibration_error), "expected calibration error"),
        rows(|m| m.balanced_accuracy, ends(|i| i.balanced_accuracy), "balanced accuracy"),
    ];
    let figures = Table::new("both classes weighted alike", &["figure", "#raw score", "#95 % interval", "#calibrated"], rows);
    let thresholds = held_out
        .thresholds
        .iter()
        .map(|at| vec![format!("{}", at.threshold), share(at.positives_kept), share(at.negatives_kept), share(at.precision)]);
    let thresholds = Table::new(
        "what keeping all scores from a threshold on would do",
        &["#threshold", "#good kept", "#low quality kept", "#good among kept, classes alike"],
        thresholds.collect(),
    );
    let line = |bins: &[Bin]| bins.iter().map(|bin| (bin.score, bin.positives)).collect();
    let reliability = Chart::Lines {
        label: "Reliability diagram: the share of good documents by score",
        x: "score",
        y: "share of good",
        lines: vec![
            ("raw score", line(&held_out.reliability)),
            ("calibrated", line(&held_out.reliability_calibrated)),
            ("perfect", vec![(0.0, 0.0), (1.0, 1.0)]),
        ],
    };
    let bins = held_out.reliability.iter().map(|bin| vec![bin.documents.to_string(), number(bin.score), number(bin.positives)]);
    let bins = Table::new("the raw score's diagram in numbers", &["#documents", "#mean score", "#share of good"], bins.collect());
    let histogram = Chart::Bars {
        label: "Histogram of scores of both classes",
        x: "score",
        names: ["good", "low quality"],
        step: 1.0 / held_out.scores.len().max(1) as f64,
        bars: held_out.scores.clone(),
    };
    let calibration = match &card.calibration {
        Some(fit) => format!(
            "Calibrated: sigmoid({:.4} x log-odds of the score + {:.4}), fitted by Platt's method to {} documents, each scored by a model that was taught the others but those of its fold of domains.",
            fit.slope, fit.intercept, card.calibrated_on
        ),
        None => "Not calibrated; see the warnings.".to_owned(),
    };
    let note = format!("Keep rules act on the raw score. {calibration} Intervals: bootstrap over registered domains.");
    Section {
        title: "How well it tells them apart",
        note,
        charts: vec![histogram, reliability],
        tables: vec![figures, thresholds, bins],
        ..Section::default()
    }
}

fn beside(card: &Card) -> Section {
    let row = |name: &str, metrics: &Metrics| {
        let figures =
            [metrics.auc, metrics.average_precision, metrics.log_loss, metrics.brier, metrics.calibration_error, metrics.balanced_accuracy];
        std::iter::once(name.to_owned()).chain(figures.map(number)).collect()
    };
    let others = card.comparison.iter().map(|(name, metrics)| row(name, metrics));
    let rows = std::iter::once(row("this model", &card.held_out.raw)).chain(others).collect();
    let head = ["model", "#AUC", "#average precision", "#log-loss", "#Brier score", "#calibration error", "#balanced accuracy"];
    let note = "The recipe's `compare` names other models. One that was trained earlier may have been taught documents that are held out here; its figures flatter it then.";
    Section {
        title: "Beside other models, on the same documents",
        note: note.to_owned(),
        tables: vec![Table::new("", &head, rows)],
        ..Section::default()
    }
}

fn groups(held_out: &HeldOut) -> Section {
    let tables = held_out.groups.iter().map(|(by, values)| {
        let rows = values.iter().map(|(value, metrics)| {
            let figures = if metrics.positives == 0 || metrics.negatives == 0 {
                ["-", "-", "-"].map(str::to_owned)
            } else {
                [metrics.auc, metrics.log_loss, metrics.balanced_accuracy].map(number)
            };
            [value.clone(), metrics.positives.to_string(), metrics.negatives.to_string()].into_iter().chain(figures).collect()
        });
        Table::new(&format!("by {by}"), &["", "#good", "#low quality", "#AUC", "#log-loss", "#balanced accuracy"], rows.collect())
    });
    let note = "A group that holds one class only has no ranking.".to_owned();
    Section { title: "Where it is good and where it is not", note, tables: tables.collect(), ..Section::default() }
}

fn draw(held_out: &HeldOut) -> Section {
    let alpha = &held_out.alpha;
    let mut rows = vec![
        ("P(keep | score)", "(2 - score)^-alpha".to_owned()),
        ("alpha 9 (GPT-3) keeps of the low-quality class", share(alpha.kept_by_default)),
    ];
    match (&alpha.fitted, &alpha.fault) {
        (Some(fit), _) => rows.extend([
            ("alpha that makes kept scores most like the good ones", format!("{:.3}", fit.alpha)),
            ("it keeps of the low-quality class", share(fit.kept)),
            ("Kolmogorov-Smirnov distance that is left", number(fit.distance)),
        ]),
        (None, Some(fault)) => rows.push(("no alpha was fitted", fault.clone())),
        (None, None) => {}
    }
    let line = |column: usize| alpha.distributions.iter().map(|point| (point[0], point[column])).collect();
    let mut lines = vec![("low quality", line(1)), ("good", line(2)), ("kept by alpha 9", line(3))];
    if alpha.fitted.is_some() {
        lines.push(("kept by the fitted alpha", line(4)));
    }
    let chart = Chart::Lines { label: "Distributions of scores before and after the draw", x: "score", y: "share below", lines };
    let note = "Where the low-quality class is unfiltered crawl, this is what a build would keep of it. A build that asks for alpha = \"fit\" fits it again to the scores of its own crawl.";
    Section {
        title: "What the Pareto draw would keep",
        note: note.to_owned(),
        charts: vec![chart],
        tables: vec![pairs("", &rows)],
        ..Section::default()
    }
}

fn words(card: &Card) -> Section {
    let rows = |terms: &[(String, f64)]| terms.iter().map(|(word, weight)| vec![word.clone(), format!("{weight:.3}")]).collect();
    let tables = vec![
        Table::new("terms for quality", &["term", "#weight"], rows(&card.strongest_for)),
        Table::new("terms against it", &["term", "#weight"], rows(&card.strongest_against)),
        Table::new("statistics of the text, per standard deviation", &["statistic", "#weight"], rows(&card.statistics)),
    ];
    let note = "Terms are hashed; each is shown as the most frequent word behind its hash in the training documents.".to_owned();
    let tables = tables.into_iter().filter(|table| !table.rows.is_empty()).collect();
    Section { title: "What it looks at", note, tables, ..Section::default() }
}

fn examples(held_out: &HeldOut) -> Section {
    let tables =
        [(true, "good documents, from the lowest score to the highest"), (false, "low-quality documents")].map(|(positive, caption)| {
            let shown = held_out.examples.iter().filter(|example| example.positive == positive);
            let rows = shown.map(|example| {
                vec![
                    format!("{:.3}", example.score),
                    share(example.quantile),
                    example.domain.clone(),
                    example.key.clone(),
                    example.text.clone(),
                ]
            });
            Table::new(caption, &["#score", "#quantile", "domain", "key", "the first words"], rows.collect())
        });
    Section { title: "Held-out documents to look at", tables: tables.to_vec(), ..Section::default() }
}

fn origin(card: &Card) -> Section {
    let rows = [
        ("training set, XXH3-128 of keys and labels", card.training_set.clone()),
        ("seed", card.seed.to_string()),
        ("options", format!("{:?}", card.options)),
        ("trainer", card.trainer.clone()),
        ("gradient at the end", format!("{:.1e}", card.gradient_norm)),
        ("trained by", card.trained_by.clone()),
        ("trained on", card.trained_on.clone()),
    ];
    let limits = card.limits.iter().map(|limit| vec![limit.clone()]).collect();
    Section {
        title: "How it was made, and its limits",
        tables: vec![pairs("", &rows), Table::new("known limits", &["limit"], limits)],
        ..Section::default()
    }
}
