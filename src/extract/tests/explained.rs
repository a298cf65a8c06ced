//! What became of each block, for people.

use super::*;

#[test]
fn every_block_is_told_with_its_verdict() {
    let html = "<div class='menu main'><a href=/>Home</a></div><article class=post><p>The wheel turned all day, and nobody in the village slept for the noise of it, which was a great noise.</p></article>";
    let page = page_of_file("page", html.as_bytes());
    let mut extractor = Extractor::new(Options::default()).unwrap();
    let judged = extractor.judged(&page).unwrap();
    let [menu, text] = &judged.blocks[..] else { panic!("{judged:?}") };
    assert_eq!((menu.kept, menu.path.as_str(), menu.text.as_str(), menu.characters), (false, "div.menu > a", "Home", 4));
    assert_eq!((text.kept, text.path.as_str(), text.link_density), (true, "article.post > p", 0.0));
    assert_eq!(menu.link_density, 1.0);
    for block in &judged.blocks {
        assert_eq!(block.kept, judged.threshold < f64::from(block.probability));
        assert!((0.0..=1.0).contains(&block.first) && !block.weighed.is_empty() && block.weighed.len() <= 4);
        assert!(block.weighed.is_sorted_by(|a, b| b.weight.abs() <= a.weight.abs()));
    }
    let kept: Vec<&str> = judged.blocks.iter().filter(|block| block.kept).map(|block| block.text.as_str()).collect();
    assert_eq!(extractor.extract(&page).unwrap().text, kept.join("\n"));
    // Of a longer path the innermost four, and the preset asks nothing.
    let mut whole = Extractor::new(Options { preset: Preset::WholePage, ..Options::default() }).unwrap();
    let deep = whole.judged(&page_of_file("deep", b"<main><section><div><ul><li><b>x")).unwrap();
    assert_eq!((deep.threshold, deep.blocks[0].path.as_str(), deep.blocks[0].kept), (0.0, "div > ul > li > b", true));
}
