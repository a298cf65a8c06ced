//! What users see: pages in, texts and reasons out.

mod as_markdown;
mod charsets;
mod explained;
mod hostile;
mod idle;
mod judging;
mod lanes;
mod markup;
mod metadata;
mod pages;
mod repeats;

use super::*;

/// Extracts a page of HTML with default options.
fn extract_with(body: &[u8], charset: Option<&str>) -> Result<Extracted, Reason> {
    let mut page = page_of_file("page.html", body);
    page.charset = charset;
    Extractor::new(Options::default()).unwrap().extract(&page)
}

/// The lines of the blocks that a fragment is cut into, before anything is judged.
fn blocks_of(html: &str) -> Vec<String> {
    let mut blocks = Blocks::default();
    blocks.read(html, 512, u64::MAX).unwrap();
    blocks.blocks.iter().map(|block| blocks.text_of(block).to_owned()).collect()
}

/// Steps of the segmenter and the features for a page, under default options.
fn steps_of(body: &str) -> u64 {
    let mut extractor = Extractor::new(Options::default()).unwrap();
    let _ = extractor.extract(&page_of_file("page.html", body.as_bytes()));
    extractor.steps()
}

#[test]
fn options_out_of_range_are_refused_and_unknown_keys_too() {
    assert!(Extractor::new(Options { max_nesting: 0, ..Options::default() }).is_err());
    assert!(Extractor::new(Options { max_steps: 0, ..Options::default() }).is_err());
    assert_eq!(toml::from_str::<Options>("max-nesting = 64").unwrap(), Options { max_nesting: 64, ..Options::default() });
    assert!(toml::from_str::<Options>("max-depth = 64").is_err());
}
