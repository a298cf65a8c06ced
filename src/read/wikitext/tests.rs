//! Wikitext in, the text that a reader sees out.

use std::time::{Duration, Instant};

use super::*;

fn read(source: &str) -> String {
    article(source, &Names::default(), Parts::All).text
}

/// Each source with its text.
fn all(cases: &[(&str, &str)]) {
    for (source, text) in cases {
        assert_eq!(read(source), *text, "{source}");
    }
}

#[test]
fn links_show_their_text() {
    all(&[
        ("A [[mill]] by the [[River Oder|river]].", "A mill by the river."),
        ("[[Mill|Mill]]s and [[mill]]ers", "Mills and millers"),
        ("See [[:Category:Mills]] and [[:de:Mühle|the German one]].", "See Category:Mills and the German one."),
        ("[[Mercury (planet)|]] is a planet", "Mercury (planet) is a planet"),
        ("a [[Mill#Parts]] b [[Mill|x|y]]", "a Mill#Parts b x|y"),
        ("a [[ ]] b [[]] c [[x\ny]]", "a [[ ]] b [[]] c [[x y]]"),
        ("[[2:30 to Nowhere]] and [[Star Trek: Picard]]", "2:30 to Nowhere and Star Trek: Picard"),
        ("[[wikt:mill|mill]] [[w:de:Mühle]] [[s:Poem]]", "mill w:de:Mühle s:Poem"),
    ]);
}

#[test]
fn files_categories_and_other_languages_leave_nothing() {
    all(&[
        ("[[File:Mill.jpg|thumb|A [[mill]] of '''1902''', see [http://a.example b].]]A mill.", "A mill."),
        ("[[Datei:M.jpg|mini|Text]][[Bild:x.png]]Eine Mühle.", "Eine Mühle."),
        ("[[Fichier:M.jpg]]Un moulin. [[ファイル:水車.jpg|thumb]][[Файл:М.jpg|мини|[[Мельница]]]]", "Un moulin."),
        ("Text.\n[[Category:Mills]]\n[[Kategorie:Mühlen]]\n[[Категория:Мельницы]]\n[[Catégorie : Moulin]]", "Text."),
        ("Text.\n[[de:Mühle]]\n[[zh-yue:磨坊]]\n[[simple:Mill]]", "Text."),
        ("a [[image:x.png|[[file:y.png|z]] deep]] b", "a b"),
    ]);
    let mut names = Names::default();
    assert_eq!(article("[[Vaizdo:x.png|t]]x [[Sorte:y]]", &names, Parts::All).text, "tx Sorte:y");
    names.learn("6", "Vaizdo");
    names.learn("14", "Sorte");
    assert_eq!(article("[[vaizdo:x.png|t]]x [[Sorte:y]]", &names, Parts::All).text, "x");
}

#[test]
fn links_to_other_sites_show_their_text_and_bare_ones_nothing() {
    all(&[
        ("See [https://mill.example the ''mill'' page], [//mill.example b].", "See the mill page, b."),
        ("As said[http://mill.example/1] before [mailto:a@b.example].", "As said before."),
        ("[not a link] and https://mill.example/x_y stay", "[not a link] and https://mill.example/x_y stay"),
        ("a [http://mill.example b", "a [http://mill.example b"),
        ("[http://mill.example [[Mill|text]] inside]", "text inside"),
    ]);
}

#[test]
fn marks_of_bold_and_italic_letters_go_and_apostrophes_stay() {
    all(&[
        ("'''Mill''' is ''a'' '''''word''''' of the miller's", "Mill is a word of the miller's"),
        ("l'''amour'' et la '''mort'''", "l'amour et la mort"),
        ("dell'''opera'' e '''basta'''", "dell'opera e basta"),
        ("''''four''''", "'four'"),
        ("'''''''seven", "''seven"),
        ("rock 'n' roll, '90s", "rock 'n' roll, '90s"),
    ]);
}

#[test]
fn headings_stand_alone_and_empty_sections_lose_theirs() {
    all(&[
        ("Intro.\n== History ==\nOld.\n===Early===\nOlder.", "Intro.\nHistory\nOld.\nEarly\nOlder."),
        (
            "Intro.\n== See also ==\n* [[Mill]]\n== References ==\n<references />\n== External links ==\n{{Commons}}\n",
            "Intro.\nSee also\n- Mill",
        ),
        ("A.\n== One ==\n=== Two ===\n{{x}}\n=== Three ===\nText.\n== Four ==\n", "A.\nOne\nThree\nText."),
        ("== A == b\n=\n== ==\n= x =\ny", "== A == b = == ==\nx\ny"),
        ("==  ''Mill'' {{anchor|m}} ==\nx", "Mill\nx"),
    ]);
}

#[test]
fn items_of_lists_are_lines() {
    all(&[
        ("Two:\n* one\n** two\n*three\nEnd.", "Two:\n- one\n- two\n- three\nEnd."),
        ("# a\n# b\n## c\n## d\n# e\nx\n# f", "1. a\n2. b\n1. c\n2. d\n3. e\nx\n1. f"),
        ("; Term : what it means\n: indented\n*: reply\n;x", "Term\nwhat it means\nindented\nreply\nx"),
        ("*\n* {{x}}\n* a", "- a"),
    ]);
}

#[test]
fn lines_of_a_paragraph_are_one_line() {
    all(&[
        ("One\ntwo.\n\nThree\n\n\nfour.", "One two.\nThree\nfour."),
        ("a<br>b<br/>c\n----\nd\n preformatted line\ne", "a\nb\nc\nd\npreformatted line\ne"),
        ("<poem>\nOne\n  Two\n</poem>\nafter", "One\nTwo\nafter"),
        ("<div class=\"x\">In a box</div>\n<blockquote>Said.</blockquote>after", "In a box\nSaid.\nafter"),
        ("a\r\nb\u{7}\u{1}c", "a bc"),
    ]);
}

#[test]
fn tables_go_with_what_is_in_them() {
    all(&[
        ("Before.\n{| class=\"wikitable\"\n! a !! b\n|-\n| 1 || {{x|{{y}}}} [[z|w]]\n|}\nAfter.", "Before.\nAfter."),
        ("a\n{|\n| x\n:{|\n| inner\n|}\n| y\n|}\nb", "a\nb"),
        ("{{Infobox\n| a = {|\n|}\n| b = c\n|}}Text.", "Text."),
        ("a\n{|\n| never closed\n| more [[x|y]]\n== Next ==\nb", "a\nNext\nb"),
        ("a\n{|\n| never closed", "a"),
        ("a <table><tr><td>b</td></tr><table>c</table></table> d", "a d"),
        ("a\n|} b\n| c", "a |} b | c"),
    ]);
}

#[test]
fn templates_go_and_those_whose_text_a_sentence_needs_show_it() {
    all(&[
        (
            "{{Infobox mill\n| name = X\n| image = [[File:x.jpg]]\n| built = {{start date|1902}}\n}}\nThe '''mill''' turns.{{citation needed|date=May 2010}}",
            "The mill turns.",
        ),
        (
            "The {{lang|fr|moulin}}, {{lang-de|Mühle}}, {{langx|ru|мельница}}, {{transl|ru|ISO|mel'nica}}.",
            "The moulin, Mühle, мельница, mel'nica.",
        ),
        (
            "It is {{convert|5|km|mi|abbr=on}} long, {{convert|3|to|4|ft|m}} wide, {{val|1.5|e=6|u=kg}}.",
            "It is 5 km long, 3 to 4 ft wide, 1.5×10^6 kg.",
        ),
        ("{{As of|2010|5}}, {{as of|2011|lc=y}}", "As of May 2010, as of 2011"),
        ("{{nowrap|{{lang|la|rota}} 1}}, {{abbr|St.|Saint}} Mary {{circa|1850}}", "rota 1, St. Mary c. 1850"),
        (
            "He said:\n{{quote|text=It turns.|author=A miller}}\nand {{Blockquote|It stopped.|Another}} left.",
            "He said:\nIt turns.\nand\nIt stopped.\nleft.",
        ),
        ("{{math|''x'' {{=}} 1}}, {{frac|1|2}}, {{frac|3|1|2}}, {{USS|Mill|CV-6}}", "x = 1, 1/2, 3 1/2, USS Mill"),
        ("{{nihongo|Mill|水車|suisha}} {{読み仮名|水車|すいしゃ}}", "Mill (水車, suisha) 水車（すいしゃ）"),
        ("{{#if:a|b|c}}{{DEFAULTSORT:Mill}}{{PAGENAME}}x{{lc:ABC}} {{formatnum:1234}}", "xABC 1234"),
        ("{{{1|default}}} {{{2}}} {{{{{x|lang}}}|fr|y}}", "default y"),
        ("a {{unclosed and {{lang|en|b}}", "a {{unclosed and b"),
        ("a }} b { c } d {{", "a }} b { c } d {{"),
        ("{{lang|en|[[a|b}} c]]", "[[a|b c]]"),
        ("{{quote|1=a = b|2=c}}", "a = b"),
    ]);
}

#[test]
fn references_comments_and_extensions_go() {
    all(&[
        ("A<ref>Book, p. 1 {{cite}}</ref> b<ref name=\"x\" /> c<REF name=y>z</ref >.", "A b c."),
        ("a<!-- b\n\nc -->d\n<!-- alone -->\ne", "ad e"),
        ("a<gallery>\nFile:x.jpg|y\n</gallery>b<timeline>z</timeline><score>c</score>", "ab"),
        ("a<nowiki>'''b''' [[c]] {{d}} &amp; <e></nowiki>f", "a'''b''' [[c]] {{d}} & <e>f"),
        ("a<nowiki />b", "ab"),
        ("<math>E = mc^2</math> and H<sub>2</sub>O, 10<sup>6</sup>, x<sup>abc</sup>", "E = mc^2 and H₂O, 10⁶, xabc"),
        (
            "x\n<syntaxhighlight lang=\"c\">\nint main() {\n  return a[[1]];\n\n}\n</syntaxhighlight>\ny",
            "x\nint main() {\n  return a[[1]];\n\n}\ny",
        ),
        ("<noinclude>a</noinclude><includeonly>b</includeonly><span style=\"x\">c</span>", "ac"),
        ("1 < 2 <unknown> 3 <b <i>x</i>", "1 < 2 <unknown> 3 <b x"),
        ("a<ref>never closed b", "anever closed b"),
        ("__NOTOC__a __init__ __INHALTSVERZEICHNIS__ __KEIN_INHALTSVERZEICHNIS__ __目次強制__b", "a __init__ b"),
        ("<ruby>水車<rp>(</rp><rt>すいしゃ</rt><rp>)</rp></ruby>", "水車(すいしゃ)"),
        ("-{zh-hans:计算机;zh-hant:電腦}-是-{A|zh-hant:機器;zh-cn:机器}--{H|zh-cn:x}-。", "计算机是机器。"),
    ]);
}

#[test]
fn character_references_are_decoded_and_space_is_tidied() {
    all(&[
        ("see http://a.example/?x=1&section=2&copy=3", "see http://a.example/?x=1&section=2&copy=3"),
        ("5&nbsp;km &ndash; 6&#8239;km &lt;b&gt; &amp;amp; &unknown; &frac14;", "5 km – 6 km <b> &amp; &unknown; ¼"),
        ("Soft&shy;hyphen and \u{200B}zero &#0;width", "Softhyphen and zero \u{FFFD}width"),
        (
            "Mill ({{IPA|x}}) and ({{IPA|x}}; born 1950) and (born 1950 {{y}}) , main() {{z}}.",
            "Mill and (born 1950) and (born 1950) , main().",
        ),
        ("Oder ({{lang-pl|Odra}}, {{IPA|x}})", "Oder (Odra)"),
        ("水車（{{IPA|x}}）は", "水車は"),
    ]);
}

#[test]
fn pages_that_tell_meanings_apart_and_redirects_are_known() {
    for source in [
        "x {{disambiguation}}",
        "{{Begriffsklärung}}",
        "{{Hndis|name=x}}",
        "{{homonymie}}",
        "{{Неоднозначность|фамилия}}",
        "{{Place name disambiguation}}",
    ] {
        assert!(article(source, &Names::default(), Parts::All).is_disambiguation, "{source}");
    }
    for source in [
        "{{disambiguation needed}}",
        "{{Begriffsklärungshinweis}}",
        "disambiguation",
        "<nowiki>{{disambig}}</nowiki>",
        "{{for disambiguation}}",
    ] {
        assert!(!article(source, &Names::default(), Parts::All).is_disambiguation, "{source}");
    }
    for source in [
        "#REDIRECT [[Mill]]",
        " #redirect: [[Mill]]",
        "#WEITERLEITUNG [[Mühle]]",
        "#перенаправление [[Мельница]]",
        "#転送 [[水車]]",
        "＃重定向[[磨坊]]",
    ] {
        assert!(is_redirect(source), "{source}");
    }
    for source in ["#REDIRECTED [[x]]", "# [[x]]", "redirect [[x]]", "#REDIRECT x", ""] {
        assert!(!is_redirect(source), "{source}");
    }
}

/// What never ends, nests without end or is one run: time grows with length, and nothing overflows.
#[test]
fn hostile_sources_take_linear_time() {
    let n = 100_000;
    let many = |unit: &str| unit.repeat(n);
    let sources = [
        many("{{"),
        many("{{a|"),
        many("[["),
        many("[[a|"),
        many("\n{|"),
        many("{{{"),
        many("}}"),
        many("]]"),
        many("\n|}"),
        many("{{lang|en|") + &many("}}"),
        many("[[a|") + &many("]]"),
        many("{{lang|en|[[a|") + &many("]]}}"),
        many("[[") + &many("}}") + &many("</table>") + &many("\n|}"),
        "{{x".to_owned() + &many("[[a|b") + &many("\n|}"),
        many("<table>") + &many("</table>"),
        many("<ref>"),
        many("<ref></"),
        many("<math>") + "</math>",
        many("<!-- "),
        many("<b "),
        many("<"),
        many("[http://a "),
        many("[http://a [http://b ]"),
        "'".repeat(10_000_000),
        many("''' ''"),
        many("__A"),
        "_".repeat(2_000_000),
        many("&a"),
        many("-{"),
        many("-{a;"),
        many("\n== a"),
        many("\n== a =="),
        many("\n*#"),
        "=".repeat(3_000_000),
        "*".repeat(3_000_000),
        "#".repeat(3_000_000),
        many("\n") + &many(" "),
        many("("),
        many("({{x}}"),
        many(")") + &many("{{x}})"),
        many("{{!}}"),
        many("<poem>\n"),
        many("<nowiki>a</nowiki>"),
        "{{x|".to_owned() + &many("a=b|") + "}}",
        many("\u{4}\u{3}\u{1}1"),
        many("[[File:"),
        "{".repeat(1_000_000) + &"}".repeat(1_000_000),
        "[".repeat(1_000_000) + &"]".repeat(1_000_000),
        many("{{a}}[[b]]"),
        many("<sup>1"),
    ];
    for source in sources {
        let started = Instant::now();
        let text = read(&source);
        let took = started.elapsed();
        let begin: String = source.chars().take(20).collect();
        assert!(text.len() <= 3 * source.len() + 100, "{begin}");
        // A second at most where nothing else runs; by the square of its length it would be hours.
        assert!(took < Duration::from_secs(120), "{begin}: {took:?}");
    }
}

/// Any cut and any shuffle of real markup gives a text without marks of ours, and does not panic.
#[test]
fn cut_and_shuffled_markup_is_read() {
    let source = "{{Infobox|a=[[b|c]]|d={|\n|e\n|}}}'''F''' ([[g]]; {{lang|fr|h}}) <ref name=i>{{j}}</ref>\n== k ==\n* l <nowiki>m</nowiki>\n{|\n|n||o\n|}\n[http://p q] -{zh-cn:r}- __S__ &amp; <math>t</math><br/>é水";
    let characters: Vec<char> = source.chars().collect();
    let mut state = 7_u64;
    for round in 0..4000 {
        let mut next = |n: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % n
        };
        let (from, length) = (next(characters.len()), 1 + next(60));
        let mut shuffled: String = characters.iter().skip(from).take(length).collect();
        for _ in 0..round % 8 {
            let from = next(characters.len());
            shuffled.extend(characters.iter().skip(from).take(1 + next(8)));
        }
        let text = read(&shuffled);
        assert!(!text.contains(|c: char| c < ' ' && c != '\n'), "{shuffled:?}: {text:?}");
        assert!(!text.starts_with('\n') && !text.ends_with('\n'), "{shuffled:?}: {text:?}");
    }
}

#[test]
fn prose_is_paragraphs_alone() {
    let source = "The mill stands.\n\n== Parts ==\nIt has parts:\n* a wheel\n# a stone\n; term : meaning\n<pre>\ncode\n</pre>\n== Empty ==\n* only a list\n\nAnd it turns.";
    assert_eq!(article(source, &Names::default(), Parts::Prose).text, "The mill stands.\nIt has parts:\nAnd it turns.");
    assert_eq!(article("* one\n* two", &Names::default(), Parts::Prose).text, "");
}

#[test]
fn prose_has_no_lists_headings_and_boxes_of_html_either() {
    let cases = [
        ("Before.\n<ul><li>html item</li></ul>\nAfter.", "Before.\nAfter."),
        ("Before <ul>\n<li>one\n<li>two <ol><li>three</li></ol> tail\n\n<p>more</p>\n</ul> after.", "Before\nafter."),
        ("a\n<h3>Html heading</h3>\nb<dl><dt>term</dt><dd>meaning</dd></dl>c", "a\nb\nc"),
        ("a <li>loose</li> b\n<dd>never closed\n\nc\n<h2>Neither this\n\nd", "a\nb\nc\nd"),
        ("a <ul><li>never closed\n\nb\n== Next ==\nc", "a\nc"),
        ("a</li></ul><li/>b", "a\nb"),
        ("a\n preformatted line\nb", "a\nb"),
        ("{{Infobox}} The mill.\n[[File:x.jpg]] Its wheel.\n<div> In a box.</div>", "The mill.\nIts wheel.\nIn a box."),
        ("<poem>\nOne\n  Two\n  Three</poem>\nafter", "One\nTwo\nThree\nafter"),
    ];
    for (source, text) in cases {
        assert_eq!(article(source, &Names::default(), Parts::Prose).text, text, "{source}");
    }
    // All parts keep them.
    all(&[("a<ul><li>b</li></ul><h3>c</h3>d<dl><dt>e</dt><dd>f</dd></dl>", "a\n- b\nc\nd\ne\nf"), ("{{x}} a\n b", "a\nb")]);
}
