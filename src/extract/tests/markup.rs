//! How markup becomes blocks: boundaries, implied ends, references, white space, what is skipped.

use super::*;

/// Fragment, and the blocks it must give.
const CASES: &[(&str, &[&str])] = &[
    // Boundaries.
    ("<p>one<p>two</p>three", &["one", "two", "three"]),
    ("<div>a <b>bold</b> word<div>inner</div>after</div>", &["a bold word", "inner", "after"]),
    ("one<br>two", &["one\ntwo"]),
    ("one<br> <br/>two", &["one", "two"]),
    ("one</br>two<hr>three", &["one\ntwo", "three"]),
    ("<ul><li>first<li>second<ul><li>inner</ul><li>third</ul>", &["first", "second", "inner", "third"]),
    ("<dl><dt>term<dd>meaning<dt>next", &["term", "meaning", "next"]),
    ("<table><tr><td>1<td>2<tr><th>3</table>", &["1", "2", "3"]),
    ("<my-card>card</my-card>rest", &["card", "rest"]),
    ("<h1>Head</h1>text", &["Head", "text"]),
    // A stray end tag inside a cell closes nothing around it.
    ("<div><table><tr><td>a</div>b</td><td>c</td></tr></table></div>", &["a", "b", "c"]),
    // Inline end tags that cross.
    ("<p><b>one <i>two</b> three</i> four", &["one two three four"]),
    // White space.
    ("<p>  a\n\t b  <span> c</span> </p>", &["a b c"]),
    ("a&nbsp;&nbsp;b\u{A0}c\u{3000}d\u{2003}e", &["a b c d e"]),
    ("soft\u{AD}ly zero\u{200B}width &shy;x", &["softly zerowidth x"]),
    ("nul\0 bell\u{7} c1\u{9b} del\u{7f}", &["nul bell c1 del"]),
    ("<pre>\n  fn main() {\n\tbody &lt;T&gt;\r\n  }\n</pre>after", &["  fn main() {\n\tbody <T>\n  }", "after"]),
    ("<pre>a<br>b</pre>", &["a\nb"]),
    // References.
    ("&amp;&lt;&gt;&quot;&apos;&copy;&Eacute;&hellip;", &["&<>\"'©É…"]),
    ("&copy2020 &notit; &amp &AMP; R&D; AT&T &", &["©2020 ¬it; & & R&D; AT&T &"]),
    ("&#233;&#xe9;&#XE9;&#8217;&#150;&#0;&#xD800;&#x110000;", &["ééé’–\u{FFFD}\u{FFFD}\u{FFFD}"]),
    ("&CounterClockwiseContourIntegral;&NotEqualTilde;&nosuchname;", &["∳≂̸&nosuchname;"]),
    ("&#;&#x;&;", &["&#;&#x;&;"]),
    ("&amp;lt;", &["&lt;"]),
    // What is no text of the page.
    ("a<script>if (1 < 2) { '</p>' }</script>b<style>p > a {}</style>c", &["abc"]),
    ("a<!-- <p>no</p> -->b<!-->c<!--->d<!---- e --!>f<![CDATA[x]]>g<?php echo ?>h<!doctype html>i", &["abcdfghi"]),
    ("a<svg><title>t</title><text>no</text></svg>b<template><p>no</template>c", &["abc"]),
    ("a<select><option>no<option>no</select>b<textarea><p>no</textarea>c<iframe><p>no</iframe>d", &["abcd"]),
    ("a<noscript><p>yes</p></noscript>", &["a", "yes"]),
    ("a<noframes>no</noframes>b", &["ab"]),
    ("a<SCRIPT>no</ScRiPt >b", &["ab"]),
    ("a<script><!-- <script>x</script> no --></script>b", &["ab"]),
    ("a<script><!-- </script>b", &["ab"]),
    ("a<script><!-- <script></script>b", &["ab"]),
    ("a<script>var x = '<!-- <script';</script>b<p>c", &["ab", "c"]),
    // A list of choices without its end does not swallow the page.
    ("<select><option>no<p>yes", &["yes"]),
    // Tags that are none.
    ("1 < 2 <3 a<b>c</b> <", &["1 < 2 <3 ac <"]),
    ("a</>b</ c>d<a", &["abd"]),
    ("<p title='a > b'>x<p title=a>b>y<p a=\"1\"b='>'>z<p ==\">\">w", &["x", "b>y", "z", "w"]),
    ("a<plaintext><b>&amp;", &["a", "<b>&"]),
    ("", &[]),
    ("<p> </p><div>\n</div>", &[]),
];

#[test]
fn fragments_become_these_blocks() {
    for (html, wanted) in CASES {
        assert_eq!(&blocks_of(html), wanted, "{html}");
    }
}

#[test]
fn links_and_hidden_parts_are_known() {
    let mut blocks = Blocks::default();
    blocks
        .read("<p>four <a href=x>link</a></p><a href=y><div>all</div></a><a name=z>none</a><p style='display : none'>gone", 512, u64::MAX)
        .unwrap();
    let seen: Vec<_> = blocks.blocks.iter().map(|b| (b.link_bytes, b.end - b.start, b.hidden)).collect();
    assert_eq!(seen, [(4, 9, false), (3, 3, false), (0, 4, false), (0, 4, true)]);
}

#[test]
fn an_unclosed_link_ends_where_the_next_begins() {
    let mut blocks = Blocks::default();
    blocks.read("<p><a href=1>one<a href=2>two</a> three", 512, u64::MAX).unwrap();
    assert_eq!((blocks.blocks[0].link_bytes, blocks.blocks[0].n_links), (6, 2));
}

#[test]
fn cells_of_a_row_stand_on_one_line() {
    let mut blocks = Blocks::default();
    let html = "<table><tr><th>Year<th>Rain<tr><td>1950<td>611<tr><td><p>a<p>b<td>c</table>";
    blocks.read(html, 512, u64::MAX).unwrap();
    let mut features = Features::default();
    features.compute(&mut blocks, &mut Measurer::default(), html);
    let all = vec![true; blocks.blocks.len()];
    assert_eq!(render::main_text(&blocks, &features, &all), "Year\tRain\n1950\t611\na\nb\nc");
}

#[test]
fn nested_elements_know_their_blocks() {
    let mut blocks = Blocks::default();
    blocks.read("<div><p>a</p><p>b</p></div><section>c</section>", 512, u64::MAX).unwrap();
    let ranges: Vec<_> = blocks.elements.iter().map(|e| (e.name.as_str(), e.first, e.end)).collect();
    assert_eq!(ranges, [("", 0, 3), ("div", 0, 2), ("p", 0, 1), ("p", 1, 2), ("section", 2, 3)]);
}
