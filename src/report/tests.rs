use super::*;

const HOSTILE: &str = "<script>alert(1)</script>\"'&{{ 7 * 7 }}\u{202e}\u{1b}[31m\0";

/// A report with every part filled, `text` wherever strangers' text may stand.
fn sample(text: &str) -> Report {
    let text = || text.to_owned();
    let step = |name: &str, read, kept| StepFunnel {
        step: name.to_owned(),
        read,
        entered: 0,
        kept,
        moved: vec![(text(), 3)],
        dropped: vec![Dropped { filter: text(), rule: text(), documents: read - kept }],
    };
    Report {
        name: text(),
        recipe: text(),
        law: Law { read: 4509, kept: 123, dropped: 4386 },
        warnings: vec![text()],
        funnel: vec![SourceFunnel { source: text(), steps: vec![step("extract", 4509, 4400), step("filter", 4400, 123)] }],
        inputs: vec![InputSummary {
            source: text(),
            stored_bytes: 5 << 20,
            decoded_bytes: 9 << 20,
            text_bytes: 1 << 20,
            records: vec![(text(), 4509)],
            faults: vec![(text(), 2)],
        }],
        languages: vec![LanguageShare { source: text(), languages: vec![(text(), 77)] }],
        models: vec![ModelSummary {
            name: text(),
            positives: text(),
            negatives: text(),
            figures: vec![(text(), text())],
            warnings: vec![text()],
        }],
        scores: vec![ScoreChart {
            source: text(),
            rule: text(),
            buckets: (0..50)
                .map(|n| ScoreBucket { from: f64::from(n) / 50.0, all: u64::from(n as u32) * 3, threshold_keeps: 2, pareto_keeps: 1 })
                .collect(),
        }],
        dedup: Some(DedupSummary {
            threshold: 0.8,
            bands: 14,
            rows: 8,
            documents: 999,
            exact_duplicates: 5,
            near_duplicates: 6,
            candidates: 70,
            verified: 20,
            similarities: (0..20).map(|n| (f64::from(n) / 20.0, n as u64, 20 - n as u64)).collect(),
            cluster_sizes: vec![(text(), 3)],
            removed: vec![(text(), text(), 5, 6)],
            s_curve: (0..=50).map(|n| (f64::from(n) / 50.0, f64::from(n) / 50.0)).collect(),
            notes: vec![(text(), 1)],
        }),
        decontamination: Some(DecontaminationSummary {
            grams: 9,
            ignored_grams: 1,
            short_items: 2,
            documents_cut: 3,
            documents_dropped: 1,
            bytes_cut: 900,
            benchmarks: vec![(text(), 4)],
        }),
        blend: Some(BlendSummary {
            tokenizer: text(),
            binding: text(),
            rows: vec![BlendRow {
                source: text(),
                weight: 0.6,
                epochs: 0.44,
                tokens_available: 1000,
                tokens_planned: 440,
                tokens_drawn: 431,
                share_drawn: 0.61,
                binds: true,
            }],
            warnings: vec![text()],
            shards: 3,
            shard_bytes: 123_456,
        }),
        costs: vec![Cost { step: text(), cached: true, user_seconds: 1.5, system_seconds: 0.1, wall_seconds: 0.9, bytes: 90_000_000 }],
        total: Total { user_seconds: 3.0, system_seconds: 0.2, wall_seconds: 2.0, peak_memory_bytes: 300 << 20 },
    }
}

#[test]
fn strangers_text_is_shown_and_never_acts() {
    let html = sample(HOSTILE).to_html().unwrap();
    for sign in ["<script", "\u{202e}", "\u{1b}", "\0", "src=", "href="] {
        assert!(!html.contains(sign), "{sign:?}");
    }
    // Shown as it stands, neither computed nor taken for markup.
    assert!(html.contains("&lt;script&gt;") && html.contains("{{ 7 * 7 }}"));
    assert!(html.contains("Content-Security-Policy") && html.contains("default-src 'none'"));
    let text = sample(HOSTILE).funnel_text();
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    assert!(!text.contains('\u{202e}'));
}

#[test]
fn the_page_holds_the_law_and_charts_and_the_empty_one_renders() {
    let html = sample("common-crawl").to_html().unwrap();
    assert!(html.contains("4,509 records read = <b>123 documents kept</b> + 4,386 dropped"));
    assert_eq!(html.matches("<svg").count(), 2);
    assert_eq!(html.matches("<table").count(), html.matches("</table>").count());
    let empty = Report::default().to_html().unwrap();
    assert!(empty.contains("0 records read") && !empty.contains("NaN"));
    assert!(Report::default().funnel_text().contains("read 0 = kept 0 + dropped 0"));
}

#[test]
fn the_terminal_gets_the_law_and_aligned_columns() {
    let text = sample("common-crawl").funnel_text();
    assert!(text.contains("read 4,509 = kept 123 + dropped 4,386"), "{text}");
    assert!(text.contains("<- binds") && text.contains("0.440"), "{text}");
    assert!(text.lines().all(|line| line.len() <= 200));
}

#[test]
fn json_comes_back_as_it_went() {
    let report = sample(HOSTILE);
    let back: Report = serde_json::from_str(&report.to_json().unwrap()).unwrap();
    assert_eq!(back, report);
}
