//! Pages made to be slow, deep or broken: work grows no faster than the page, nothing overflows, nothing leaks into the next page.

use super::*;

/// Doubling the page must at most double the work, with a tenth for what is constant.
fn assert_linear(name: &str, page: impl Fn(usize) -> String, n: usize) {
    let (one, two) = (steps_of(&page(n)), steps_of(&page(2 * n)));
    assert!(0 < one && two as f64 <= 2.2 * one as f64, "{name}: {one} steps, then {two}");
    // The dearest markup is a block of four bytes, `<p>x`, at 256 steps.
    assert!(one <= 80 * page(n).len() as u64, "{name}: {one} steps for {} bytes", page(n).len());
}

#[test]
fn work_is_linear_in_the_page() {
    let cases: &[(&str, &str, &str, &str)] = &[
        ("nested div", "", "<div>x", ""),
        ("nested div, closed", "", "<div>x</div></div><div>", ""),
        ("attributes", "<p ", "a=1 b='2' c ", ">text"),
        ("unclosed bold", "", "<b>x", ""),
        ("unclosed links", "", "<a href=x>x", ""),
        ("end tags without a start", "<div><p>", "</x></i></td>", ""),
        ("one comment", "<!--", " - -- -> ", ""),
        ("empty comments", "", "<!-->", ""),
        ("less-than", "", "<", ""),
        ("ampersands", "", "&", ""),
        ("bare references", "", "&a&no", ""),
        ("long references", "&", "abcdefgh", ""),
        ("unclosed titles", "", "<title>x", ""),
        ("unclosed scripts", "", "<script><!--<script></script>", ""),
        ("half end tags", "<script>", "</scrip", ""),
        ("open quotes", "<p ", "a=\" b=' ", ""),
        ("styles", "", "<p style='display display display'>x", ""),
        ("nested tables", "", "<table><tr><td>x", ""),
        ("nested lists", "", "<ul><li>x", ""),
        ("selects", "", "<select><p>x", ""),
        ("classes", "<p class='", "navBar-left ", "'>x"),
        ("breaks", "<pre>", "<br>x", ""),
    ];
    for (name, before, part, after) in cases {
        assert_linear(name, |n| format!("{before}{}{after}", part.repeat(n)), 10_000);
    }
}

#[test]
fn deep_nesting_is_flattened_and_keeps_its_text() {
    let mut extractor = Extractor::new(Options::default()).unwrap();
    let body = format!("{}The words at the bottom of the well are still read.{}", "<div>".repeat(100_000), "</div>".repeat(100_000));
    let found = extractor.extract(&page_of_file("deep", body.as_bytes())).unwrap();
    assert_eq!(found.text, "The words at the bottom of the well are still read.");
}

#[test]
fn flattened_elements_take_their_own_end_tags() {
    let mut blocks = Blocks::default();
    blocks.read("<div><div><div><div>a</div></div>b</div></div>c", 2, u64::MAX).unwrap();
    let ranges: Vec<_> = blocks.elements.iter().map(|e| (e.first, e.end)).collect();
    assert_eq!(ranges, [(0, 3), (0, 2), (0, 2)]);
}

#[test]
fn the_step_limit_gives_up_one_page_only() {
    let mut extractor = Extractor::new(Options { max_steps: 1000, ..Options::default() }).unwrap();
    let reason = extractor.extract(&page_of_file("long", "<b>x".repeat(1000).as_bytes())).unwrap_err();
    assert_eq!((reason.filter, reason.rule, reason.limit), ("extract", "too-much-work", 1000.0));
    assert!(1000.0 < reason.value);
    let next = extractor.extract(&page_of_file("short", b"<p>The next page is read as if nothing had been.")).unwrap();
    assert_eq!(next.text, "The next page is read as if nothing had been.");
}

#[test]
fn millions_of_blocks_are_given_up_before_they_fill_the_memory() {
    let mut extractor = Extractor::new(Options::default()).unwrap();
    let reason = extractor.extract(&page_of_file("blocks", "<p>x".repeat(1_000_000).as_bytes())).unwrap_err();
    assert_eq!(reason.rule, "too-much-work");
    // Stopped soon after the limit, not at the end of the page.
    assert!(reason.value < 1.001 * reason.limit, "{reason:?}");
}

#[test]
fn binary_content_is_refused() {
    let mut image = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    image.extend((0..4000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8));
    assert_eq!(extract_with(&image, None).unwrap_err().rule, "not-text");
    assert_eq!(extract_with(&vec![0; 5000], None).unwrap_err().rule, "not-text");
    // One stray NUL is only left out.
    assert_eq!(extract_with(b"<p>A page with a stray\0 byte in its text.", None).unwrap().text, "A page with a stray byte in its text.");
}

#[test]
fn pages_without_text_say_so() {
    for body in ["", " \n", "<html><head><title>T</title></head><body></body></html>", "<script>x</script>", "<p>&nbsp;&#173;</p>"] {
        let reason = extract_with(body.as_bytes(), None).unwrap_err();
        assert_eq!((reason.filter, reason.rule, reason.limit), ("extract", "empty-text", 1.0), "{body}");
    }
}

#[test]
fn any_cut_of_a_page_is_a_page() {
    let page = "<!doctype html><title>Tíle &eacute;</title><!-- c --><div class='a b'><a href=\"x\">é&amp;</a><script>1</script><p>日本語。<table><tr><td>x</table><pre>\n y</pre>";
    let mut extractor = Extractor::new(Options::default()).unwrap();
    for cut in 0..page.len() {
        if let Ok(found) = extractor.extract(&page_of_file("cut", &page.as_bytes()[..cut])) {
            assert!(found.text.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()), "{cut}");
        }
    }
}

#[test]
fn buffers_carry_nothing_from_page_to_page() {
    let (a, b) = ("<p>The first page has a link to <a href=x>somewhere", "<pre>The second page is\n    a poem, and it is kept.</pre>");
    let mut fresh = Extractor::new(Options::default()).unwrap();
    let wanted = fresh.extract(&page_of_file("b", b.as_bytes())).unwrap();
    let mut used = Extractor::new(Options::default()).unwrap();
    used.extract(&page_of_file("a", a.as_bytes())).unwrap();
    assert_eq!(used.extract(&page_of_file("b", b.as_bytes())).unwrap(), wanted);
}

/// Cut, changed, doubled, joined and nested pieces of pages: whatever comes out is a text or a reason, and no parser fails.
#[test]
fn mutations_of_pages_are_pages() {
    let page = "<!doctype html><html lang=en><head><title>The m&iacute;ll</title><meta property=og:title content='M \"x'><script type='application/ld+json'>{\"@type\":\"Article\",\"author\":{\"name\":\"A\"},\"datePublished\":\"2024-05-01\"}</script>\
        <style>p { color: red }</style></head><body class=home><nav><ul><li><a href=/>Home</a><li><a href='/a'>About</a></ul></nav><!-- c --><article id=post-1><h1>The mill</h1><p>The wheel turned all day,<br>and nobody slept.</p>\
        <pre>\n a\tb\n</pre><table><tr><th>x<td>1.5<tr><td>y|<td>水車。</table><blockquote><ol><li>one<li>two</ol></blockquote><dl><dt>t<dd>d</dl></article><div id=comments><div class=comment><p>Nice, I thought so too.</p></div></div>\
        <form><select><option>a</select><textarea>x</textarea></form><p hidden>z</p></body></html>";
    let random = |round: u64, draw: u64| crate::text::hash::hash64_seeded(&draw.to_le_bytes(), round) as usize;
    let mut extractors = [Format::Text, Format::Markdown]
        .map(|format| Extractor::new(Options { format, comments: format == Format::Markdown, ..Options::default() }).unwrap());
    for round in 0..3000 {
        let mut body = page.as_bytes().to_vec();
        for n in 0..1 + random(round, 0) as u64 % 6 {
            let draw = |what: u64| random(round, 1 + 8 * n + what);
            let at = draw(0) % body.len().max(1);
            let length = (draw(1) % 60).min(body.len() - at);
            let piece = body[at..at + length].to_vec();
            match draw(2) % 6 {
                0 => body.truncate(at),
                1 => body[at..at + length].iter_mut().enumerate().for_each(|(i, byte)| *byte = random(round, 100 + i as u64) as u8),
                2 => drop(body.drain(at..at + length)),
                3 => drop(body.splice(at..at, piece.repeat(1 + draw(3) % 40))),
                4 => body[at..at + length].reverse(),
                _ => drop(body.splice(at..at, b"<>\"'=&/-!".iter().copied().cycle().skip(draw(3) % 9).take(length % 5))),
            }
        }
        for extractor in &mut extractors {
            match extractor.extract(&page_of_file("page", &body)) {
                Ok(found) => assert!(found.text.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()), "round {round}"),
                Err(reason) => assert_ne!(reason.rule, "panic", "round {round}: {}", String::from_utf8_lossy(&body)),
            }
        }
    }
}
