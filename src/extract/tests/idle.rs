//! Headings over nothing that is kept.

use super::*;

const TEXT: &str = "<p>The wheel turned all day, and nobody in the village slept for the noise of it.</p>";
/// Another, since what a page says twice is left out.
const MORE: &str = "<p>The stones were sold to the road builders of the next valley, when the miller had died.</p>";

/// The lines that are kept by a judge who likes everything as much as `bias` says, but for links.
fn lines(bias: f32, html: &str) -> Vec<String> {
    let weights = format!("bias {bias}\ncue any <nav -40");
    let mut extractor = Extractor::with_weights(Options::default(), &weights, "mine.txt").unwrap();
    let text = extractor.extract(&page_of_file("page", html.as_bytes())).map(|found| found.text).unwrap_or_default();
    text.lines().filter(|line| !line.starts_with("The wheel") && !line.starts_with("The stones")).map(str::to_owned).collect()
}

#[test]
fn a_heading_goes_with_what_it_leads_to() {
    let links = "<nav>Another mill</nav>";
    for (html, left) in [
        (format!("{TEXT}<h2>Related</h2>{links}"), &[][..]),
        (format!("{TEXT}<h2>Related</h2>{links}<h2>The ice</h2>{MORE}"), &["The ice"]),
        (format!("{TEXT}<h2>Related</h2>{links}<h1>The ice</h1>{MORE}"), &["The ice"]),
        (format!("{TEXT}<p>Read also:</p>{links}<h4>The ice</h4>{MORE}"), &["The ice"]),
        (format!("{TEXT}<h2><a href=/><b>Related</b></a></h2>{links}"), &[]),
        // One over another that goes.
        (format!("{TEXT}<h2>More</h2><h3>Related</h3>{links}"), &[]),
        // What is kept below it is its own, though not all is.
        (format!("{TEXT}<h2>The ice</h2>{links}{MORE}"), &["The ice"]),
        (format!("{TEXT}<h2>The ice</h2>{links}<h3>In winter</h3>{MORE}"), &["The ice", "In winter"]),
        (format!("{TEXT}<p>Read also:</p>{links}{MORE}"), &["Read also:"]),
        // Nothing is left out below it.
        (format!("{TEXT}<h2>The ice</h2><h2>In winter</h2>{MORE}"), &["The ice", "In winter"]),
        (format!("{TEXT}<h2>The end</h2>"), &["The end"]),
        // Neither a heading nor a lead.
        (format!("{TEXT}<p>Read also</p>{links}"), &["Read also"]),
        (format!("{TEXT}<h2>{}</h2>{links}", "long ".repeat(20).trim()), &["long ".repeat(20).trim()]),
    ] {
        assert_eq!(lines(-0.4, &html), left, "{html}");
        // A judge who is sure keeps it.
        let all: Vec<String> = lines(3.0, &html);
        assert!(left.len() <= all.len() && lines(3.0, &html.replace(links, "")) == all, "{html}: {all:?}");
    }
}

#[test]
fn what_went_so_is_told() {
    let html = format!("{TEXT}<h2>Related</h2><nav>Another mill</nav>");
    let weights = "bias -0.4\ncue any <nav -40";
    let mut extractor = Extractor::with_weights(Options::default(), weights, "mine.txt").unwrap();
    let told = |extractor: &mut Extractor, html: &str| {
        let judged = extractor.judged(&page_of_file("page", html.as_bytes())).unwrap();
        judged.blocks.iter().map(|block| (block.kept, block.idle)).collect::<Vec<_>>()
    };
    assert_eq!(told(&mut extractor, &html), [(true, false), (false, true), (false, false)]);
    // Nothing of it stays for the next page.
    assert_eq!(told(&mut extractor, &format!("{TEXT}<h2>The ice</h2>{MORE}"))[1], (true, false));
    let mut whole = Extractor::new(Options { preset: Preset::WholePage, ..Options::default() }).unwrap();
    assert_eq!(told(&mut whole, &html), [(true, false); 3]);
}
