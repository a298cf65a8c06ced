//! The packed fixtures are what their sources say, and hold what they promise.

use std::collections::BTreeSet;
use std::fs;

use gristmill::read::links::{self, Choice, Treatment};
use gristmill::read::{self, Limits};

use crate::common::repository;

#[path = "../../fixtures/pack/mod.rs"]
mod pack;

#[test]
fn packing_again_gives_the_committed_bytes() {
    for set in ["fixtures", "fixtures/rights"] {
        let pages = pack::pages(&repository(set));
        let committed = fs::read(repository(set).join("crawl.warc.gz")).unwrap();
        assert!(
            pack::pack(&pages) == committed,
            "{set}/pages changed: run `cargo run --example pack-fixtures` and commit {set}/crawl.warc.gz"
        );
    }
}

#[test]
fn the_committed_index_says_where_the_responses_lie() {
    let committed = fs::read_to_string(repository("fixtures/crawl.cdxj")).unwrap();
    let (_, index) = pack::pack_and_index(&pack::pages(&repository("fixtures")));
    assert!(index == committed, "fixtures/pages changed: run `cargo run --example pack-fixtures` and commit fixtures/crawl.cdxj");
    let (inputs, _) = read::find(&["crawl.cdxj".to_owned(), "crawl.warc.gz".to_owned()], &repository("fixtures")).unwrap();
    let mut listed = BTreeSet::new();
    let tally = read::index::entries(&inputs[0], &Limits::default(), &mut |row| {
        let entry = row.unwrap();
        assert_eq!(entry.file, "crawl.warc.gz");
        listed.insert((entry.offset, entry.length));
        Ok(())
    });
    assert_eq!(tally.unwrap().entries, 312);
    let mut lie = BTreeSet::new();
    read::read(read::Format::Warc, &inputs[1], &Limits::default(), &mut |item| {
        match item {
            read::Item::Page(page) => lie.insert((page.place.offset, page.place.length)),
            read::Item::Rejected(record) => lie.insert((record.place.offset, record.place.length)),
            read::Item::Document(_) => panic!("a crawl holds pages"),
        };
        Ok(())
    })
    .unwrap();
    assert_eq!(listed, lie);
}

#[test]
fn packing_books_again_gives_the_committed_bytes() {
    let books = pack::epub::books(&repository("fixtures"));
    assert_eq!(books.len(), 2);
    for (name, bytes) in books {
        let committed = fs::read(repository("fixtures/books").join(&name)).unwrap();
        assert!(bytes == committed, "fixtures/epub changed: run `cargo run --example pack-fixtures` and commit fixtures/books/{name}");
    }
}

#[test]
fn pages_hosts_languages_and_charsets_are_as_varied_as_promised() {
    let census = pack::census(&pack::pages(&repository("fixtures")));
    assert!(150 <= census.pages, "{census:?}");
    assert!(60 <= census.hosts.len() && 6 <= census.languages.len() && 5 <= census.charsets.len(), "{census:?}");
    for language in ["zh", "ja", "de", "fr", "es", "ru"] {
        assert!(census.languages.contains_key(language), "{language}");
    }
    for kind in ["article", "forum", "listing", "spam", "template", "shell"] {
        assert!(5 <= census.kinds[kind], "{kind}");
    }
}

#[test]
fn submissions_reach_many_pages_by_their_exact_url_and_spam_by_none() {
    let (reddit, _) = read::find(&["fixtures/submissions/RS_*.jsonl".to_owned()], &repository("")).unwrap();
    let sources = links::LinkSources { reddit, ..links::LinkSources::default() };
    let (links, tally) = links::collect(&sources, Treatment::Drop, &Limits::default()).unwrap();
    let table = |min_karma| links.table(&Choice { min_karma, over_18: Treatment::Keep, self_posts: Treatment::Drop });
    let (table, all) = (table(3), table(i64::MIN));
    let pages = pack::pages(&repository("fixtures"));
    let linked: Vec<_> = pages.iter().filter(|page| table.url(&page.url()).is_some_and(|links| links != 0)).collect();
    let hosts: BTreeSet<&str> = linked.iter().map(|page| page.host.as_str()).collect();
    assert!(45 <= linked.len() && 25 <= hosts.len(), "{} pages of {} hosts", linked.len(), hosts.len());
    assert!(linked.iter().all(|page| !["spam", "shell", "template"].contains(&page.kind.as_str())));
    let low = pages.iter().filter(|page| table.url(&page.url()) == Some(0) && all.url(&page.url()) != Some(0)).count();
    assert!(3 <= low, "{low} pages fail by their karma alone");
    let skipped: BTreeSet<&str> = tally.skipped.keys().map(String::as_str).collect();
    assert!(skipped.contains("self-post") && skipped.contains("media-host") && skipped.contains("wikipedia"), "{skipped:?}");
}

#[test]
fn some_benchmark_items_leak_into_pages() {
    let words = |text: &str| -> Vec<String> {
        text.split_whitespace()
            .map(|word| word.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase())
            .filter(|word| !word.is_empty())
            .collect()
    };
    let pages: Vec<String> = pack::pages(&repository("fixtures")).iter().map(|page| format!(" {} ", words(&page.body).join(" "))).collect();
    let mut leaks = 0;
    for (file, field) in [("riddles", "question"), ("facts", "text")] {
        for line in fs::read_to_string(repository(&format!("fixtures/benchmarks/{file}.jsonl"))).unwrap().lines() {
            let item: serde_json::Value = serde_json::from_str(line).unwrap();
            let item = words(item[field].as_str().unwrap());
            assert!(13 <= item.len(), "{line}");
            leaks += usize::from(item.windows(13).any(|gram| pages.iter().any(|page| page.contains(&format!(" {} ", gram.join(" "))))));
        }
    }
    assert!(6 <= leaks, "{leaks}");
}

#[test]
fn every_url_is_one_page() {
    let pages = pack::pages(&repository("fixtures"));
    let urls: BTreeSet<String> = pages.iter().map(pack::Page::url).collect();
    assert_eq!(urls.len(), pages.len());
}

#[test]
fn planted_near_duplicates_lie_clear_of_the_threshold_on_either_side() {
    let pages: Vec<_> = pack::pages(&repository("fixtures"));
    let composed: Vec<_> = pages.iter().filter(|page| !["template", "spam", "shell"].contains(&page.kind.as_str())).collect();
    let signatures: Vec<BTreeSet<u64>> = composed.iter().map(|page| shingles(&page.body)).collect();
    let (mut exact, mut near, mut overlapping) = (0, 0, 0);
    for (index, a) in signatures.iter().enumerate() {
        for (other, b) in signatures[..index].iter().enumerate() {
            let shared = a.intersection(b).count() as f64;
            let jaccard = shared / ((a.len() + b.len()) as f64 - shared).max(1.0);
            exact += usize::from(composed[index].body == composed[other].body);
            near += usize::from(0.85 <= jaccard);
            overlapping += usize::from((0.45..0.7).contains(&jaccard));
            // What a layout leaves in the text moves a pair by a few hundredths; a test of dedup must not hang on that.
            let clear = !(0.7..0.85).contains(&jaccard);
            assert!(clear, "{} and {} have {jaccard}", composed[index].url(), composed[other].url());
        }
    }
    assert!(4 <= exact && 16 <= near && 4 <= overlapping, "{exact} exact, {near} near, {overlapping} overlapping");
}

/// Hashes of 5-word shingles, of 5 characters where words are not spaced.
fn shingles(text: &str) -> BTreeSet<u64> {
    let text = text.to_lowercase();
    let units: Vec<&str> = if gristmill::text::mostly_spaceless(&text) {
        text.split("").filter(|c| c.chars().any(char::is_alphanumeric)).collect()
    } else {
        gristmill::text::words(&text).collect()
    };
    units.windows(5).map(|shingle| gristmill::text::hash::hash64(shingle.join(" ").as_bytes())).collect()
}

#[test]
fn a_notice_stands_on_more_than_ten_pages() {
    let notice = "This directory entry is provided free of charge by the Association of Local Trades";
    let pages = pack::pages(&repository("fixtures"));
    assert!(10 < pages.iter().filter(|page| page.body.contains(notice)).count());
}

#[test]
fn a_block_of_code_keeps_its_blank_lines_and_a_date_is_no_list() {
    use pack::markup::{Block, Style, blocks, html};
    let body = "Say `a < b`:\n\n```\nall:\n\n\techo > x\n```\n\n3. Mai 1902\n\n1. one\n2. two";
    let found = blocks(body);
    assert_eq!(found[1], Block::Code("all:\n\n\techo > x".to_owned()));
    assert_eq!(found[2], Block::Paragraph("3. Mai 1902".to_owned()));
    assert_eq!(found[3], Block::Numbered(vec!["one".to_owned(), "two".to_owned()]));
    assert!(html(&found, Style::Modern).starts_with("<p>Say <code>a &lt; b</code>:</p>\n<pre><code>all:\n\n\techo &gt; x</code></pre>"));
    assert!(html(&found, Style::Nineties).contains("<P>3. Mai 1902\n<OL>\n<LI>one\n<LI>two\n</OL>"));
}
