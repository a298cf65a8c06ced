//! Any bytes as a page: extraction ends, within its limit of work, and what comes out is a text.

#![no_main]

use gristmill::extract::{Extractor, Format, Options, page_of_file};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    for format in [Format::Text, Format::Markdown] {
        let options = Options { format, comments: true, max_steps: 1 << 22, ..Options::default() };
        let mut extractor = Extractor::new(options).expect("the options are in range");
        match extractor.extract(&page_of_file("page", body)) {
            Ok(found) => assert!(found.text.chars().all(|c| matches!(c, '\n' | '\t') || !c.is_control()), "a control in the text"),
            Err(reason) => assert_ne!(reason.rule, "panic"),
        }
    }
});
