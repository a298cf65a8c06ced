//! Any bytes as a page: extraction ends, within its limit of work and in steps that grow with the page and no faster; what comes out is a text, under a title and with metadata
//! that hold no control either; and the pages before it leave nothing behind.

#![no_main]

use std::cell::RefCell;

use gristmill::Page;
use gristmill::extract::{Extractor, Format, Options, Preset, page_of_file};
use libfuzzer_sys::fuzz_target;

/// Steps that a page may take: fewer than the dearest pages of 16 KiB want.
const MOST_STEPS: u64 = 1 << 20;

/// Ways to extract; each page is read in one of them, by its length.
const WAYS: usize = 4;

fn extractor(way: usize) -> Extractor {
    let (format, preset) = match way {
        0 => (Format::Text, Preset::Balanced),
        1 => (Format::Markdown, Preset::Recall),
        2 => (Format::Markdown, Preset::WholePage),
        _ => (Format::Text, Preset::Precision),
    };
    let options = Options { format, preset, comments: way % 2 == 0, max_nesting: 64, max_steps: MOST_STEPS, ..Options::default() };
    Extractor::new(options).expect("the options are in range")
}

thread_local! {
    /// Those that read all pages.
    static USED: RefCell<[Extractor; WAYS]> = RefCell::new([0, 1, 2, 3].map(extractor));
}

fuzz_target!(|body: &[u8]| {
    let way = body.len() % WAYS;
    let page = Page { url: "https://www.a.example/2024/05/a-page.html?b=c#d", opt_out: "header:noai", ..page_of_file("page", body) };
    let found = USED.with_borrow_mut(|used| {
        let found = used[way].extract(&page);
        let steps = used[way].steps();
        assert!(steps <= MOST_STEPS + MOST_STEPS / 100, "{steps} steps");
        // A block of four bytes takes the most; a byte that is not of its charset becomes three.
        assert!(steps <= 1024 + 80 * 3 * body.len() as u64, "{steps} steps for {} bytes", body.len());
        found
    });
    assert_eq!(found, extractor(way).extract(&page), "a page before it changed this one");
    match found {
        Ok(found) => {
            let is_text = |c: char| matches!(c, '\n' | '\t') || !c.is_control();
            assert!(found.text.chars().all(is_text) && found.text.contains(|c: char| !c.is_whitespace()), "no text: {:?}", found.text);
            let said = found.metadata;
            for said in [found.title, said.author, said.published, said.site, said.canonical, said.language].iter().flatten() {
                assert!(!said.is_empty() && !said.contains(char::is_control) && said.trim() == said, "no line: {said:?}");
            }
        }
        Err(reason) => assert_ne!(reason.rule, "panic"),
    }
});
