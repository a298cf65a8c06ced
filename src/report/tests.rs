use super::*;

mod sample;

use sample::{counts, sample, step};

/// The sample with every string replaced by what `text` makes of its number.
fn with_strings(text: impl Fn(usize) -> String) -> (Report, usize) {
    fn walk(value: &mut serde_json::Value, n: &mut usize, text: &dyn Fn(usize) -> String) {
        match value {
            serde_json::Value::String(string) => {
                *string = text(*n);
                *n += 1;
            }
            serde_json::Value::Array(values) => values.iter_mut().for_each(|value| walk(value, n, text)),
            serde_json::Value::Object(fields) => fields.iter_mut().for_each(|(_, value)| walk(value, n, text)),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(sample()).unwrap();
    let mut n = 0;
    walk(&mut value, &mut n, &text);
    (serde_json::from_value(value).unwrap(), n)
}

/// What every page must be, whatever it shows: no script, nothing from elsewhere, no control character, one policy that says so.
fn assert_inert(page: &str) {
    for markup in ["<script", "<img", "<a ", "<link", "<iframe", "src=", "href=", "url(", "javascript:"] {
        assert!(!page.contains(markup), "the page holds {markup}");
    }
    assert_eq!(page.matches("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';").count(), 1);
    // The only addresses are the names of the SVG vocabulary.
    assert_eq!(page.matches("http").count(), page.matches("xmlns=\"http://www.w3.org/2000/svg\"").count() + 1);
    assert!(page.chars().all(|c| c == '\n' || visible(&c.to_string()) == c.to_string()));
}

/// The tags of a page in order, without what they hold: strangers' text must not change it.
fn tags(page: &str) -> Vec<&str> {
    page.split('<').skip(1).map(|tag| tag.split(['>', ' ', '\n']).next().unwrap_or("")).collect()
}

#[test]
fn a_full_report_shows_every_part() {
    let page = sample().to_html().unwrap();
    assert_inert(&page);
    for shown in [
        "41,730 records read = <b>9,313 documents kept</b> + 32,417 dropped",
        "7,390 of 40,000 remain (18.5 %)",
        "<div>9,100 extract &#x2f; not-html</div>",
        "2 more reasons",
        "300 moved to linked",
        "300 came in",
        "261 of 14,200 (1.8 %) of crawl",
        "39 (0.3 %)",
        "20,870 media-host",
        "774.7 MiB",
        "eng 19,600 (74.0 %)",
        "area under ROC",
        "pareto, alpha 9",
        "score &ge; 0.5 keeps",
        "412 exact and 1,205 near-duplicates of 10,930 documents",
        "duplicates at 0.8 (20 bands of 13 rows)",
        "texts too short for a shingle",
        "8,003 (8.9 %)",
        "5,120",
        "17 documents were cut (50.0 KiB)",
        "crawl runs out first",
        "14,002,118",
        "0.440",
        "60.0 %",
        "89.6",
        "done before",
        "392.9 MiB peak memory",
        "[source.crawl]\nread",
    ] {
        assert!(page.replace(" / ", " &#x2f; ").contains(shown), "the page lacks {shown}");
    }
    assert_eq!(page.matches("<svg role=\"img\"").count(), 2);
    assert_eq!(page.matches("</svg>").count(), 2);
}

#[test]
fn charts_take_the_ink_of_the_page_and_scale() {
    let report = sample();
    let dedup = report.dedup.as_ref().unwrap();
    for svg in [
        charts::scores(&report.scores[0]).unwrap(),
        charts::similarities("Histogram of pairs", &dedup.similarities, &dedup.s_curve).unwrap(),
    ] {
        assert!(svg.starts_with("<svg role=\"img\" aria-label=\"Histogram"), "{}", &svg[..120]);
        assert!(svg.contains("viewBox=\"0 0 760 280\"") && svg.contains("currentColor") && !svg.contains("#010203"));
        assert!(50 < svg.matches("<rect").count() || svg.contains("<polyline"));
    }
}

#[test]
fn hostile_strings_are_text_in_every_field() {
    let (plain, n) = with_strings(|n| format!("p{n}p"));
    assert!(80 < n, "the sample has {n} strings");
    let hostile = |n: usize| {
        format!("h{n}h</td></pre></title><script>alert('{n}')</script>\"'&amp;{{{{ 7*191 }}}}{{% raw %}}\u{202e}\u{0}\u{1b}[2J\u{e0041}")
    };
    let (report, _) = with_strings(hostile);
    let (plain, page) = (plain.to_html().unwrap(), report.to_html().unwrap());
    assert_eq!(tags(&plain), tags(&page), "a string became markup");
    assert!(!page.contains("<script") && !page.contains("1337") && page.contains("{{ 7*191 }}{% raw %}"));
    assert!(page.contains("&lt;script&gt;alert(&#x27;0&#x27;)&lt;"));
    assert!(page.contains("&quot;&#x27;&amp;amp;") && page.contains("\\u{202e}\\u{0}\\u{1b}[2J\\u{e0041}"));
    assert!(page.chars().all(|c| c == '\n' || visible(&c.to_string()) == c.to_string()));
    // Whatever string the plain page shows, the hostile page shows too; warnings of models and blends stand among the report's own.
    let shown = (0..n).filter(|n| page.contains(&format!("h{n}h&lt;"))).count();
    assert_eq!(shown, (0..n).filter(|n| plain.contains(&format!("p{n}p"))).count());
    assert_eq!(shown, n - 2);

    let text = report.funnel_text();
    assert!(text.chars().all(|c| c == '\n' || visible(&c.to_string()) == c.to_string()));
    let lines = |report: &Report| report.funnel_text().lines().filter(|line| !line.starts_with("      ")).count();
    assert_eq!(lines(&report), lines(&with_strings(|n| format!("p{n}p")).0));
}

#[test]
fn visible_shows_what_hides() {
    assert_eq!(visible("a\tb\nc\u{7f}\u{85}"), "a\\tb\\nc\\u{7f}\\u{85}");
    assert_eq!(visible("x\u{200f}\u{61c}\u{2066}\u{2028}\u{feff}"), "x\\u{200f}\\u{61c}\\u{2066}\\u{2028}\\u{feff}");
    let kept = "Ångström, می\u{200c}خواهم, 日本, 👩\u{200d}🌾 \\ <b>";
    assert_eq!(visible(kept), kept);
}

#[test]
fn the_recipe_keeps_its_lines() {
    let recipe = "a = 1\r\nb = \"</pre>\u{202e}\"\n\n[c]\n".to_owned();
    let page = Report { recipe, ..Report::default() }.to_html().unwrap();
    assert!(
        page.contains("<pre>a = 1\nb = &quot;&lt;&#x2f;pre&gt;\\u{202e}&quot;\n\n[c]</pre>")
            || page.contains("<pre>a = 1\nb = &quot;&lt;/pre&gt;\\u{202e}&quot;\n\n[c]</pre>")
    );
}

#[test]
fn an_empty_report_is_a_page() {
    let page = Report::default().to_html().unwrap();
    assert_inert(&page);
    assert!(page.contains("0 records read = <b>0 documents kept</b> + 0 dropped"));
    assert_eq!(Report::default().funnel_text(), "read 0 = kept 0 + dropped 0\n");
}

#[test]
fn empty_parts_divide_by_nothing() {
    let report = Report {
        funnel: vec![SourceFunnel::default(), SourceFunnel { source: "a".into(), steps: vec![StepFunnel::default()] }],
        inputs: vec![InputSummary::default()],
        links: vec![LinkSummary::default()],
        languages: vec![
            LanguageShare::default(),
            LanguageShare { source: "a".into(), languages: counts(&[("eng", 0)]), tenths: vec![[0; 10]] },
        ],
        models: vec![ModelSummary::default()],
        scores: vec![ScoreChart::default()],
        urls: Some(UrlSummary::default()),
        dedup: Some(DedupSummary::default()),
        paragraphs: Some(ParagraphSummary { rows: vec![ParagraphCounts::default()], ..ParagraphSummary::default() }),
        opt_outs: vec![OptOutCounts { signals: counts(&[("noai", 0)]), ..OptOutCounts::default() }],
        lists: vec![ListCounts::default()],
        masks: vec![MaskCounts::default()],
        decontamination: Some(DecontaminationSummary::default()),
        blend: Some(BlendSummary { rows: vec![BlendRow::default()], ..BlendSummary::default() }),
        costs: vec![Cost::default()],
        ..Report::default()
    };
    let page = report.to_html().unwrap();
    assert_inert(&page);
    for broken in ["NaN", ">inf", "undefined", ">none %"] {
        assert!(!page.contains(broken), "the page holds {broken}");
    }
    assert!(page.contains("style=\"width:0.00%\""));
}

#[test]
fn numbers_at_their_limits_are_shown() {
    let mut report = sample();
    let max = u64::MAX;
    report.law = Law { read: max, kept: max, dropped: max };
    report.funnel[0].steps[0] = step("extract", max, max, &[("linked", max)], &[("a", "b", max)]);
    report.scores[0].buckets = vec![ScoreBucket { from: -7.0, all: max, threshold_keeps: max, pareto_keeps: max }; 3];
    let dedup = report.dedup.as_mut().unwrap();
    dedup.similarities = vec![(0.5, max, max), (1e300, 1, 1)];
    dedup.s_curve = vec![(0.0, -1e300), (2.0, 1e300)];
    report.costs[0].bytes = max;
    let page = report.to_html().unwrap();
    assert_inert(&page);
    assert!(page.contains("18,446,744,073,709,551,615 records read is not <b>"));
    assert!(page.contains("16777216.0 TiB"));
    assert!(report.funnel_text().contains("read 18,446,744,073,709,551,615 is not kept"));
}

#[test]
fn the_parts_of_a_bar_never_exceed_it() {
    let mut report = sample();
    // A step that keeps more than it read is wrong; its bar still ends where the others do.
    report.funnel[0].steps[1].kept = 90_000;
    let page = report.to_html().unwrap();
    let widths: Vec<f64> =
        page.split("style=\"width:").skip(1).map(|rest| rest.split('%').next().unwrap_or_default().parse().unwrap()).collect();
    assert_eq!(widths.len(), 2 * 9);
    assert!(widths.chunks(2).all(|bar| (0.0..=100.01).contains(&(bar[0] + bar[1]))), "{widths:?}");
    assert_eq!(widths[0], 66.25);
    assert_eq!(widths[1], 33.75);
}

#[test]
fn json_comes_back_equal() {
    for report in [sample(), Report::default()] {
        let text = report.to_json().unwrap();
        assert!(text.ends_with("}\n"));
        assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
    }
}

#[test]
fn the_same_report_is_the_same_page() {
    assert_eq!(sample().to_html().unwrap(), sample().to_html().unwrap());
}

#[test]
fn the_terminal_funnel_is_aligned() {
    let text = sample().funnel_text();
    assert!(text.lines().any(|line| line == "read 41,730 = kept 9,313 + dropped 32,417"), "{text}");
    let funnel: Vec<&str> = text.lines().take_while(|line| !line.starts_with("read ")).collect();
    let kept: Vec<usize> = funnel.iter().filter_map(|line| line.find(" kept")).collect();
    assert_eq!(kept.len(), 9);
    assert!(kept.iter().all(|column| *column == kept[0]), "{text}");
    assert!(text.contains("  extract               26,500 kept   9,100 extract/not-html, 4,400 extract/no-text\n"), "{text}");
    assert!(text.contains("650 for 3 other reasons"), "{text}");
    assert!(funnel.iter().all(|line| line.chars().count() <= 110 && line.trim_end() == *line), "{text}");
    let table: Vec<usize> =
        text.lines().skip_while(|line| !line.starts_with("  source")).take(4).map(|line| line.find('%').unwrap_or(0)).collect();
    assert_eq!(table.len(), 4);
    assert!(
        text.contains(
            "  in 9 shards of 1,000 rows or more a share is off by 0.32 points at most (books-of-the-nineteenth-century in shards/train-00003"
        ),
        "{text}"
    );
    assert!(table[1..].iter().all(|column| *column == table[1]), "{text}");
}

#[test]
fn numbers_are_grouped_and_scaled() {
    let shown: Vec<String> = [0, 999, 1_000, 1_234_567].into_iter().map(html::thousands).collect();
    assert_eq!(shown, ["0", "999", "1,000", "1,234,567"]);
}

#[test]
fn markdown_shows_the_text_of_strangers_as_it_is() {
    let section = page::Section {
        title: "Where",
        note: "a note with `code`".to_owned(),
        tables: vec![page::Table {
            caption: String::new(),
            head: vec!["site".to_owned(), "#rows".to_owned()],
            rows: vec![vec!["[evil](http://x) | <script> *a*\n# b\u{202e}".to_owned(), "3".to_owned()]],
        }],
        listing: "a = 1\n```\nb = \"<\"".to_owned(),
        ..page::Section::default()
    };
    let page =
        page::Page { title: "a_b".to_owned(), lead: "1 row".to_owned(), warnings: vec!["careful".to_owned()], sections: vec![section] };
    let expected = "# a\\_b\n\n1 row\n\n> **Note:** careful\n\n## Where\n\na note with \\`code\\`\n\n| site | rows |\n| --- | ---: |\n\
        | \\[evil\\](http://x) \\| \\<script\\> \\*a\\*\\\\n\\# b\\\\u{202e} | 3 |\n\n````\na = 1\n```\nb = \"<\"\n````\n";
    assert_eq!(page.to_markdown(), expected);
}
