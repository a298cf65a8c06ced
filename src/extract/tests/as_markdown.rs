//! The main text as Markdown: every kind of block, how they are nested, and what is escaped.

use super::*;

/// All blocks of a fragment as Markdown.
fn markdown_of(html: &str) -> String {
    let mut blocks = Blocks::default();
    blocks.read(html, 512, u64::MAX).unwrap();
    markdown::main_text(&blocks, &vec![true; blocks.blocks.len()])
}

/// Fragment, and its Markdown.
const CASES: &[(&str, &str)] = &[
    // Headings and paragraphs.
    ("<h1>One</h1><p>Two.</p><h3>Three</h3>Four.", "# One\n\nTwo.\n\n### Three\n\nFour."),
    ("<h2>One<br>line</h2>x", "## One line\n\nx"),
    ("<h2>One<br><br>heading</h2>x", "## One heading\n\nx"),
    ("<p>one<br>two<br><br>three", "one\\\ntwo\n\nthree"),
    // A heading that is never closed is none.
    ("<h1>a<p>b<p>c<p>d<p>e", "a\n\nb\n\nc\n\nd\n\ne"),
    // Lists.
    ("x<ul><li>a<li>b</ul>y", "x\n\n- a\n- b\n\ny"),
    ("<ol><li>a<li>b<ul><li>c<li>d</ul><li>e</ol>", "1. a\n2. b\n   - c\n   - d\n3. e"),
    ("<ul><li><p>a<p>b<li>c</ul>", "- a\n\n  b\n- c"),
    ("<ul><li>a<ol><li>b</ol>c</ul>", "- a\n  1. b\n\n  c"),
    ("<ul><li><ul><li>a</ul></ul>", "- - a"),
    ("<ul><li>a</ul><ul><li>b</ul>", "- a\n\n- b"),
    ("<ul><li>a<br>b", "- a\\\n  b"),
    ("<ul><li><h3>a</h3>b", "- ### a\n\n  b"),
    // Quotes.
    ("<blockquote><p>a<p>b<blockquote>c</blockquote></blockquote>d", "> a\n>\n> b\n>\n> > c\n\nd"),
    ("<blockquote>a</blockquote><blockquote>b</blockquote>", "> a\n\n> b"),
    ("<ul><li>a<blockquote>b</blockquote><li>c</ul>", "- a\n\n  > b\n- c"),
    ("<blockquote><ul><li>a<li>b</ul></blockquote>", "> - a\n> - b"),
    // Code.
    ("<pre>  a\n\nb &lt;</pre>x", "```\n  a\n\nb <\n```\n\nx"),
    ("<pre>a ``` b\n````</pre>", "`````\na ``` b\n````\n`````"),
    ("<ul><li>a<pre>b\n\nc</pre></ul>", "- a\n\n  ```\n  b\n\n  c\n  ```"),
    ("<pre><div>a</div><div># b</div></pre>", "```\na\n# b\n```"),
    ("<pre><table><tr><td>1<td>a<tr><td>2<td>b</table></pre>", "```\n1\na\n2\nb\n```"),
    // Tables.
    ("<table><tr><th>a<th>b<tr><td>1<td>2</table>x", "| a | b |\n| --- | --- |\n| 1 | 2 |\n\nx"),
    ("<table><caption>t</caption><tr><td>a|b<td>c<br>d<tr><td>1</table>", "t\n\n| a\\|b | c d |\n| --- | --- |\n| 1 | |"),
    // A cell without text keeps its place; a column without any goes.
    ("<table><tr><td>a<td><td><td>b<tr><td><td>c<td><td>d</table>", "| a | | b |\n| --- | --- | --- |\n| | c | d |"),
    ("<ul><li>x<table><tr><td>a<td>b<tr><td>c<td>d</table></ul>", "- x\n\n  | a | b |\n  | --- | --- |\n  | c | d |"),
    ("<table><tr><td># a<td>- b<tr><td>c<td>d</table>", "| # a | - b |\n| --- | --- |\n| c | d |"),
    // Those that only lay out: one column, one row, several blocks a cell, code, others inside.
    ("<table><tr><td>a<tr><td>b</table>", "a\n\nb"),
    ("<table><tr><td>a<td>b</table>", "a\n\nb"),
    ("<table><tr><td><p>a<p>b<td><p>c<p>d<tr><td><p>e<p>f<td><h2>g</h2>h</table>", "a\n\nb\n\nc\n\nd\n\ne\n\nf\n\n## g\n\nh"),
    ("<table><tr><td>1<td><pre>a\nb</pre><tr><td>2<td><pre>c</pre></table>", "1\n\n```\na\nb\n```\n\n2\n\n```\nc\n```"),
    ("<table><tr><td>a<td><table><tr><td>1<td>2<tr><td>3<td>4</table><tr><td>b</table>", "a\n\n| 1 | 2 |\n| --- | --- |\n| 3 | 4 |\n\nb"),
    // Definitions.
    ("<dl><dt>a<dd>b<dd>c<dt>d<dd><p>e<p>f</dl>", "a\n: b\n: c\n\nd\n: e\n\n  f"),
    ("<ol><dt>a</dt><li>b<dd>c</ol>", "a\n\n1. b\n\n   c"),
    ("<dl><dd>a<dd>b</dl>", "a\n\nb"),
    // Captions.
    ("<figure><img><figcaption>a</figcaption></figure>b", "a\n\nb"),
    // Emphasis and links are plain text.
    ("<p><b>a</b> <em>b</em> <a href=x>c</a> <code>d</code>", "a b c d"),
    ("", ""),
];

#[test]
fn fragments_become_this_markdown() {
    for (html, wanted) in CASES {
        assert_eq!(&markdown_of(html), wanted, "{html}");
    }
}

/// Text of a paragraph, and its Markdown.
const ESCAPED: &[(&str, &str)] = &[
    // Ordinary prose stays as it is.
    (
        "a * b, 5*3, snake_case_name, C# and #1, -1, + and -, 3.5, (a) [1] {x} !",
        "a * b, 5*3, snake_case_name, C# and #1, -1, + and -, 3.5, (a) [1] {x} !",
    ),
    ("a < b > c, AT&T, R&D, x | y, a~b, \\path, it's \"quoted\"", "a < b > c, AT&T, R&D, x | y, a~b, \\path, it's \"quoted\""),
    ("Price* and cost*, *required fields", "Price* and cost*, *required fields"),
    ("#tag -x +y 1.5 12) 2019", "#tag -x +y 1.5 12) 2019"),
    ("__a", "\\_\\_a"),
    // At the start of a line.
    ("# a", "\\# a"),
    ("#", "\\#"),
    ("####### a", "####### a"),
    ("- a", "\\- a"),
    ("+ a", "\\+ a"),
    ("* a", "\\* a"),
    (": a", "\\: a"),
    (":a", ":a"),
    ("> a", "\\> a"),
    (">a", "\\>a"),
    ("1. a", "1\\. a"),
    ("23) a", "23\\) a"),
    ("1234567890. a", "1234567890. a"),
    ("---", "\\---"),
    ("* * *", "\\* * *"),
    ("***", "\\***"),
    ("~~~", "\\~~~"),
    ("a\n===", "a\\\n\\==="),
    ("a\n--", "a\\\n\\--"),
    ("a\n- b", "a\\\n\\- b"),
    ("a | b\n--- | ---", "a | b\\\n\\--- | ---"),
    ("===", "==="),
    // Inside it.
    ("*a* and **b**", "\\*a\\* and \\*\\*b\\*\\*"),
    ("_a_", "\\_a\\_"),
    ("a `b` c", "a \\`b\\` c"),
    ("a ` c", "a ` c"),
    ("~~a~~", "\\~\\~a\\~\\~"),
    ("[a](b)", "\\[a](b)"),
    ("[a]: b", "\\[a]: b"),
    ("<b>x</b> <!-- -->", "\\<b>x\\</b> \\<!-- -->"),
    ("&amp; &#42; &", "\\&amp; \\&#42; &"),
    ("a\\*b \\\\ c\\", "a\\\\*b \\\\\\\\ c\\\\"),
    ("é*ü*", "é\\*ü\\*"),
];

#[test]
fn markup_is_escaped_and_prose_is_not() {
    for (text, wanted) in ESCAPED {
        assert_eq!(&escape::paragraph(text), wanted, "{text}");
    }
    assert_eq!(escape::heading("C #"), "C \\#");
    assert_eq!(escape::heading("C# - 1. *a* b*"), "C# - 1. \\*a\\* b\\*");
    assert_eq!(escape::cell("a|b\tc\n- d"), "a\\|b c - d");
}

#[test]
fn only_kept_blocks_are_written_and_items_are_counted_anew() {
    let mut blocks = Blocks::default();
    blocks.read("<ol><li>a<li>b<li>c</ol><table><tr><td>x<td>y<tr><td>1<td>2<tr><td>3<td>4</table>", 512, u64::MAX).unwrap();
    let kept = [false, true, true, false, false, true, true, true, true];
    assert_eq!(markdown::main_text(&blocks, &kept), "1. b\n2. c\n\n| 1 | 2 |\n| --- | --- |\n| 3 | 4 |");
    assert_eq!(markdown::main_text(&blocks, &[false; 9]), "");
    // A definition whose term is cut is a paragraph.
    blocks.read("<dl><dt>a<dd>b<dt>c<dd>d</dl>", 512, u64::MAX).unwrap();
    assert_eq!(markdown::main_text(&blocks, &[false, true, false, true]), "b\n\nd");
    assert_eq!(markdown::main_text(&blocks, &[true, true, false, true]), "a\n: b\n: d");
}

#[test]
fn a_page_is_written_in_the_format_that_is_asked_for() {
    let html = "<h1>The mill</h1><p>The wheel turned all day, and nobody in the village slept for the noise of it.</p><ul><li>The first of the stones was old, and it was worn.<li>The second was new.</ul>";
    let text = |format: Format, media_type: &'static str| {
        let mut page = page_of_file("page", html.as_bytes());
        page.media_type = media_type;
        let options = Options { format, preset: Preset::WholePage, ..Options::default() };
        Extractor::new(options).unwrap().extract(&page).unwrap().text
    };
    let markdown = text(Format::Markdown, "text/html");
    let plain = text(Format::Text, "text/html");
    assert_eq!(
        markdown,
        "# The mill\n\nThe wheel turned all day, and nobody in the village slept for the noise of it.\n\n- The first of the stones was old, and it was worn.\n- The second was new."
    );
    assert_eq!(plain.lines().count(), 4);
    // A page in plain text is nobody's Markdown.
    assert_eq!(text(Format::Markdown, "text/plain"), html);
}

#[test]
fn deep_and_wide_pages_are_written_in_little() {
    let deep = markdown_of(&"<ul><li>x<blockquote>y".repeat(300));
    assert!(deep.lines().all(|line| line.len() < 40) && deep.len() < 30_000, "{}", deep.len());
    // A wide row above many that are nearly empty is no table: its empty cells would fill the memory.
    let wide = format!("<table><tr>{}{}</table>", "<td>x".repeat(5000), "<tr><td>y".repeat(5000));
    assert!(markdown_of(&wide).len() < 100_000);
    for part in ["*", "_a", "`", "[", "\\", "&", "&a", "<", "<a", "~", "|", "- ", "1. ", "#", "é*", "a", "> "] {
        let text = part.repeat(100_000);
        assert!(escape::paragraph(&text).len() <= 2 * text.len() + 1, "{part}");
    }
}

#[test]
fn any_cut_of_a_page_is_written_and_its_metadata_read() {
    let page = "<html lang=en><meta name=author content='É &amp; B'><script type='application/ld+json'>{\"@type\": \"Article\", \"author\": \"é\"}</script>\
        <article><time datetime=2024-05-01>x</time><i itemprop=author><b itemprop=name>é</b></i><dl><dt>é<dd>*b*<ol><li>ü<pre>```é</pre></ol></dl>\
        <blockquote><h2>é #</h2><table><tr><td>1|<td>é<tr><td>_a_<td>4</table></blockquote>";
    let options = Options { format: Format::Markdown, preset: Preset::WholePage, ..Options::default() };
    let mut extractor = Extractor::new(options).unwrap();
    for cut in 0..=page.len() {
        if let Err(reason) = extractor.extract(&page_of_file("cut", &page.as_bytes()[..cut])) {
            assert_eq!(reason.rule, "empty-text", "{cut}");
        }
    }
}
