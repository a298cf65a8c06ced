use super::*;
use crate::report::dedup::{AtThreshold, Findings, Host, Recall, Removed, SourceRemoval, StepCost, Template};
use crate::report::diff::compare;

fn named(n: u64) -> Named {
    let text = |what: &str| format!("{what}{n}");
    Named { source: text("source"), key: text("key"), id: text("id"), url: text("url"), title: text("title") }
}

fn member(similarity: f64, n: u64) -> Member {
    Member { similarity, document: named(n), comparison: compare("one two three four", "one 2 three four five"), cut: true }
}

/// A report in which every part has something to show.
pub fn sample() -> DedupReport {
    let source =
        |name: &str| SourceRemoval { source: name.to_owned(), documents: 1000, bytes: 1 << 20, exact: 20, near: 30, removed_bytes: 4096 };
    let cluster = Cluster {
        documents: 4321,
        least_similarity: 0.81,
        sources: vec![("crawl".to_owned(), 4000), ("books".to_owned(), 321)],
        survivor: named(1),
        beginning: "one two".to_owned(),
        members: vec![member(0.81, 2), member(0.99, 3)],
    };
    DedupReport {
        name: "sample.toml".to_owned(),
        alarms: vec!["a cluster is large".to_owned()],
        settings: vec![("threshold".to_owned(), "0.8".to_owned())],
        threshold: 0.8,
        bands: 14,
        rows: 8,
        documents: 2000,
        removed_by_url: Some(12_345),
        bytes: 2 << 20,
        exact_duplicates: 40,
        near_duplicates: 60,
        removed_bytes: 8192,
        sources: vec![source("crawl"), source("books")],
        removed: vec![Removed {
            from: "crawl".to_owned(),
            survivors_in: "books".to_owned(),
            exact: 7,
            near: 8,
            exact_bytes: 9,
            near_bytes: 10,
        }],
        candidates: 500,
        verified: 90,
        similarities: vec![(0.75, 0, 410), (0.8, 90, 0)],
        s_curve: (0..=50).map(|n| (f64::from(n) / 50.0, curve(f64::from(n) / 50.0))).collect(),
        notes: vec![("hot buckets".to_owned(), 3)],
        thresholds: vec![
            AtThreshold { threshold: 0.7, removed: 150, at_least: true, planned_recall: 0.565 },
            AtThreshold { threshold: 0.8, removed: 100, at_least: false, planned_recall: 0.924 },
        ],
        findings: Findings {
            sizes: vec![(2, 40), (3, 5), (6, 2), (4321, 1)],
            largest: vec![cluster],
            closest: vec![Removal { survivor: named(4), removed: member(0.801, 5) }],
            templates: vec![Template { beginning: "page not found".to_owned(), clusters: 12, documents: 80 }],
            looked_at: 48,
            hosts: vec![Host { domain: "slowcrumb.example".to_owned(), documents: 100, removed: 60 }],
            n_hosts: 17,
            with_host: 1900,
            recall: Recall {
                documents: 120,
                groups: 40,
                bins: vec![RecallBin { from: 0.8, pairs: 50, proposed: 47, planned: 0.95, low: 0.83, high: 0.98 }],
            },
        },
        with_text: true,
        cost: StepCost {
            user_seconds: 1.5,
            system_seconds: 0.25,
            wall_seconds: 1.0,
            bytes: 2 << 20,
            share_of_cpu: 0.4,
            peak_memory_bytes: 1 << 27,
        },
    }
}

fn curve(j: f64) -> f64 {
    1.0 - (1.0 - j.powi(8)).powi(14)
}

/// Every string of a report, changed.
fn with_strings(report: &DedupReport, text: &dyn Fn(&str) -> String) -> DedupReport {
    fn walk(value: &mut serde_json::Value, text: &dyn Fn(&str) -> String) {
        match value {
            serde_json::Value::String(string) => *string = text(string),
            serde_json::Value::Array(values) => values.iter_mut().for_each(|value| walk(value, text)),
            serde_json::Value::Object(fields) => fields.values_mut().for_each(|value| walk(value, text)),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(report).unwrap();
    walk(&mut value, text);
    serde_json::from_value(value).unwrap()
}

#[test]
fn a_full_report_shows_every_part() {
    let page = sample().to_html().unwrap();
    for shown in [
        "100 of 2,000 documents removed (5.0 %): 40 exact and 60 near-duplicates, 8.0 KiB of 2.0 MiB of text",
        "class=\"warn\">a cluster is large",
        "7 + 8",
        "at least: bands propose 0.565",
        "this run",
        "4,096 to 8,191",
        "0.940",
        "0.830 to 0.980",
        "1. 4,321 documents, least similarity 0.810: one two",
        "<del>two</del>",
        "<ins>2</ins>",
        "<ins>five</ins>",
        "of a longer text the first MiB was looked at",
        "Removals closest to the threshold",
        "page not found",
        "slowcrumb.example",
        "60.0 %",
        "128.0 MiB",
    ] {
        assert!(page.contains(shown), "{shown} is not on the page");
    }
    assert_eq!((page.matches("<svg role=\"img\"").count(), page.matches("</svg>").count()), (3, 3));
    assert!(page.contains("<polyline") && page.contains("<circle"));
}

#[test]
fn strangers_text_never_becomes_markup_and_stays_visible() {
    let hostile = |text: &str| format!("{text}</td></ins></title><script>alert(1)</script>\"'{{{{ 7*191 }}}}\u{202e}\u{0}\u{1b}");
    let tags = |page: &str| page.split('<').skip(1).map(|tag| tag.split(['>', ' ']).next().unwrap_or("").to_owned()).collect::<Vec<_>>();
    let page = with_strings(&sample(), &hostile).to_html().unwrap();
    assert_eq!(tags(&sample().to_html().unwrap()), tags(&page));
    assert!(!page.contains("<script") && !page.contains("1337") && page.contains("{{ 7*191 }}"));
    assert!(!page.contains(['\u{202e}', '\u{0}', '\u{1b}']) && page.contains("\\u{202e}"));
    assert_eq!(page.matches("http").count(), page.matches("xmlns=\"http://www.w3.org/2000/svg\"").count() + 1);
}

#[test]
fn without_text_no_word_of_a_document_is_left() {
    let full = sample();
    let bare = full.without_text();
    for text in [bare.to_html().unwrap(), bare.to_json().unwrap()] {
        for word in ["one", "five", "id1", "url1", "title1", "page not found", "slowcrumb"] {
            let found = text.split(|c: char| !c.is_alphanumeric() && c != ' ').any(|part| part.trim() == word);
            assert!(!found, "{word} is left");
        }
        assert!(text.contains("key1") && text.contains("crawl"));
    }
    assert!(bare.to_html().unwrap().contains("texts were left out"));
    assert_eq!((bare.without_text(), bare.n_removed()), (bare.clone(), full.n_removed()));
}

#[test]
fn an_empty_report_and_numbers_out_of_range_are_drawn() {
    DedupReport::default().to_html().unwrap();
    fn walk(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Number(number) if number.is_u64() => *value = u64::MAX.into(),
            serde_json::Value::Number(_) => *value = 1e300.into(),
            serde_json::Value::Array(values) => values.iter_mut().for_each(walk),
            serde_json::Value::Object(fields) => fields.values_mut().for_each(walk),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(sample()).unwrap();
    walk(&mut value);
    serde_json::from_value::<DedupReport>(value).unwrap().to_html().unwrap();
}

#[test]
fn sizes_fall_into_classes_that_double() {
    let classes = size_classes(&[(2, 5), (3, 1), (4, 1), (7, 2), (8, 1), (1000, 1), (1024, 1)]);
    assert_eq!(classes, [(2, 2, 5, 10), (3, 3, 1, 3), (4, 7, 3, 18), (8, 15, 1, 8), (512, 1023, 1, 1000), (1024, 2047, 1, 1024)]);
}
