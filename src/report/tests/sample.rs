//! One report with every part filled; all names and numbers are made up, and the law holds.

use super::super::*;

pub fn counts(of: &[(&str, u64)]) -> Vec<(String, u64)> {
    of.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect()
}

pub fn step(step: &str, read: u64, kept: u64, moved: &[(&str, u64)], dropped: &[(&str, &str, u64)]) -> StepFunnel {
    let dropped =
        dropped.iter().map(|(filter, rule, n)| Dropped { filter: (*filter).to_owned(), rule: (*rule).to_owned(), documents: *n }).collect();
    StepFunnel { step: step.to_owned(), read, entered: 0, kept, moved: counts(moved), dropped }
}

/// A report as a build of three sources makes it; its law holds: 41,730 = 9,313 + 32,417.
pub fn sample() -> Report {
    let crawl = vec![
        step("extract", 40_000, 26_500, &[], &[("extract", "not-html", 9_100), ("extract", "no-text", 4_400)]),
        step(
            "filter",
            26_500,
            14_200,
            &[],
            &[
                ("language", "other-language", 6_900),
                ("repetition", "duplicate-line-fraction", 2_050),
                ("min-words", "too-few-words", 1_800),
                ("gopher-quality", "symbol-to-word-ratio", 900),
                ("gopher-quality", "stop-words", 400),
                ("repetition", "top-2-gram-character-fraction", 240),
                ("mean-word-length", "too-long", 10),
            ],
        ),
        step("select-linked", 14_200, 13_900, &[("linked", 300)], &[]),
        step("score", 13_900, 9_000, &[], &[("quality", "pareto", 4_900)]),
        step("dedup", 9_000, 7_390, &[], &[("dedup", "near-duplicate", 1_200), ("dedup", "exact-duplicate", 410)]),
    ];
    let mut linked = step("select-linked", 0, 300, &[], &[]);
    linked.entered = 300;
    let linked = vec![linked, step("dedup", 300, 295, &[], &[("dedup", "near-duplicate", 5)])];
    let books = vec![step("extract", 1_730, 1_630, &[], &[("read", "no-frame", 100)]), step("dedup", 1_630, 1_628, &[], &[])];
    let mut books = SourceFunnel { source: "books-of-the-nineteenth-century".into(), steps: books };
    books.steps[1].dropped.push(Dropped { filter: "dedup".into(), rule: "exact-duplicate".into(), documents: 2 });
    let bucket = |n: u64| {
        let (from, all) = (n as f64 / 50.0, 20 + (n as i64 - 8).unsigned_abs().pow(2) / 2);
        ScoreBucket { from, all, threshold_keeps: if 25 <= n { all } else { 0 }, pareto_keeps: all * n * n / 2_500 }
    };
    let pairs = |n: u64| (n as f64 / 20.0, if 16 <= n { 12 << (n - 14) } else { 0 }, if n < 16 { 9_000 >> n } else { 0 });
    let row = |source: &str, weight, epochs, available: u64, planned: u64, binds| BlendRow {
        source: source.into(),
        weight,
        epochs,
        tokens_available: available,
        tokens_planned: planned,
        tokens_drawn: planned - 17,
        share_drawn: weight,
        binds,
    };
    let cost = |step: &str, cached, user: f64, bytes| Cost {
        step: step.into(),
        cached,
        user_seconds: user,
        system_seconds: user / 10.0,
        wall_seconds: user / 1.9,
        bytes,
        costed_bytes: bytes / if step == "filter" { 2 } else { 1 },
    };
    let input = |source: &str, stored: u64, records: &[(&str, u64)], faults: &[(&str, u64)]| InputSummary {
        source: source.into(),
        stored_bytes: stored,
        decoded_bytes: stored * 5,
        text_bytes: stored / 2,
        records: counts(records),
        faults: counts(faults),
    };
    Report {
        name: "gpt3.toml".into(),
        recipe: "seed = 1\n\n[source.crawl]\nread = \"crawl/*.warc.gz\"\nkeep = { pareto = 9.0 }\n".into(),
        law: Law { read: 41_730, kept: 9_313, dropped: 32_417 },
        warnings: vec![
            "model crawl: 212 positives are few; trust no figure below two digits".into(),
            "blend: books are seen 1.9 times".into(),
        ],
        funnel: vec![SourceFunnel { source: "crawl".into(), steps: crawl }, SourceFunnel { source: "linked".into(), steps: linked }, books],
        inputs: vec![
            input("crawl", 812_345_678, &[("response", 40_000), ("warcinfo", 4)], &[("gzip member cut off", 1), ("record too large", 3)]),
            input("books-of-the-nineteenth-century", 91_000_000, &[("file", 1_730)], &[]),
        ],
        links: vec![LinkSummary {
            source: "linked".into(),
            from: "crawl".into(),
            rows: 91_204,
            used: 70_331,
            skipped: counts(&[("media-host", 20_870), ("bad-row", 3)]),
            scores: counts(&[("<=0", 9_000), ("1", 31_000), ("100+", 331)]),
            distinct_urls: 61_007,
            distinct_domains: 8_112,
            documents: 14_200,
            by_url: 261,
            by_domain: 39,
        }],
        languages: vec![LanguageShare {
            source: "crawl".into(),
            languages: counts(&[("eng", 19_600), ("deu", 4_400), ("fra", 2_500)]),
            tenths: vec![
                [0, 0, 0, 0, 100, 200, 300, 1_000, 3_000, 15_000],
                [0, 0, 0, 0, 0, 0, 0, 0, 400, 4_000],
                [0, 0, 0, 0, 0, 0, 0, 0, 0, 2_500],
            ],
        }],
        models: vec![ModelSummary {
            name: "crawl".into(),
            positives: "linked, books".into(),
            negatives: "crawl, unfiltered".into(),
            figures: vec![("area under ROC".into(), "0.941".into()), ("training documents".into(), "4,240".into())],
            warnings: vec!["212 positives are few".into()],
            strongest_for: vec![("essay".into(), 0.8)],
            strongest_against: vec![("casino".into(), -1.25)],
        }],
        scores: vec![ScoreChart {
            source: "crawl".into(),
            rule: "pareto, alpha 9".into(),
            threshold: 0.5,
            buckets: (0..50).map(bucket).collect(),
        }],
        urls: Some(UrlSummary {
            documents: 11_340,
            removed: vec![("crawl".into(), "crawl".into(), 400), ("crawl".into(), "linked".into(), 10)],
            notes: counts(&[("distinct URLs", 10_400)]),
        }),
        dedup: Some(DedupSummary {
            threshold: 0.8,
            bands: 20,
            rows: 13,
            documents: 10_930,
            exact_duplicates: 412,
            near_duplicates: 1_205,
            candidates: 20_990,
            verified: 2_980,
            similarities: (0..20).map(pairs).collect(),
            cluster_sizes: counts(&[("2", 600), ("3-4", 120), ("5-8", 22), ("9 and more", 3)]),
            removed: vec![("crawl".into(), "linked".into(), 31, 112), ("crawl".into(), "crawl".into(), 379, 1_088)],
            s_curve: (0..=50).map(|n| f64::from(n) / 50.0).map(|j| (j, 1.0 - (1.0 - j.powi(13)).powi(20))).collect(),
            notes: counts(&[("hot buckets", 2), ("texts too short for a shingle", 14)]),
        }),
        opt_outs: vec![OptOutCounts {
            source: "common-crawl".into(),
            documents: 26_500,
            signals: counts(&[("noindex", 212), ("noai", 31)]),
        }],
        lists: vec![ListCounts {
            source: "common-crawl".into(),
            filter: "blocked-urls".into(),
            list: "lists/gambling".into(),
            documents: 17,
        }],
        masks: vec![MaskCounts {
            source: "common-crawl".into(),
            documents: 7_390,
            documents_masked: 410,
            emails: 598,
            documents_with_emails: 377,
            ips: 91,
            documents_with_ips: 44,
        }],
        paragraphs: Some(ParagraphSummary {
            by: "runs of 13 words; a paragraph goes with at least 0.8 of its own".into(),
            rows: vec![ParagraphCounts {
                source: "crawl".into(),
                paragraphs: 90_210,
                paragraphs_cut: 8_003,
                bytes: 41_000_000,
                bytes_cut: 1_024_000,
                documents: 7_390,
                documents_shortened: 2_911,
                documents_dropped: 0,
            }],
            owners: vec![("crawl".into(), "linked".into(), 5_120), ("crawl".into(), "the same document".into(), 2_883)],
            notes: counts(&[("false alarms among them", 77)]),
        }),
        decontamination: Some(DecontaminationSummary {
            grams: 88_120,
            ignored_grams: 41,
            short_items: 9,
            documents_cut: 17,
            documents_dropped: 0,
            bytes_cut: 51_200,
            hits: vec![
                BenchmarkHits { benchmark: "winograd.jsonl".into(), source: "crawl".into(), documents: 11, hits: 140, cuts: 12 },
                BenchmarkHits {
                    benchmark: "reading-comprehension-with-a-long-name.jsonl".into(),
                    source: "linked".into(),
                    documents: 6,
                    hits: 1_009,
                    cuts: 5,
                },
            ],
            overlap: vec![BenchmarkOverlap {
                benchmark: "winograd.jsonl".into(),
                n: 9,
                examples: 1_273,
                unprotected: 31,
                dirty: 12,
                dirty_after: 2,
            }],
            ignored: counts(&[("all rights reserved under the terms of this licence and no others here", 1_204)]),
        }),
        blend: Some(BlendSummary {
            tokenizer: "r50k_base".into(),
            binding: "crawl runs out first".into(),
            rows: vec![
                row("crawl", 0.6, 0.44, 14_002_118, 6_160_931, true),
                row("linked", 0.22, 2.9, 778_990, 2_259_071, false),
                row("books-of-the-nineteenth-century", 0.18, 1.9, 972_753, 1_848_230, false),
            ],
            warnings: vec!["books are seen 1.9 times".into()],
            shards: 12,
            shard_bytes: 20_536_464,
            farthest_share: Some(FarthestShare {
                shard: "shards/train-00003-00000.jsonl.zst".into(),
                source: "books-of-the-nineteenth-century".into(),
                share: 0.1832,
                weight: 0.18,
                shards: 9,
            }),
        }),
        costs: vec![cost("extract", true, 41.2, 4_061_728_390), cost("filter", false, 3.4, 406_000_000), cost("shard", false, 0.0, 0)],
        total: Total { user_seconds: 44.9, system_seconds: 4.1, wall_seconds: 26.0, peak_memory_bytes: 412_000_000 },
    }
}
