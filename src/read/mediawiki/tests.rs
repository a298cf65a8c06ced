//! Dumps made here, sound and damaged.

use crate::codec::tests::{bz2, xz};
use crate::read::tests::{Outcome, Seen, gz, read_with};
use crate::read::{Format, Limits};

const HEAD: &str = "<mediawiki xmlns=\"http://www.mediawiki.org/xml/export-0.11/\" version=\"0.11\" xml:lang=\"de\">\n  <siteinfo>\n    <sitename>Wiki</sitename>\n    \
    <base>https://wiki.example/wiki/Hauptseite</base>\n    <namespaces>\n      <namespace key=\"0\" case=\"first-letter\" />\n      \
    <namespace key=\"1\" case=\"first-letter\">Diskussion</namespace>\n      <namespace key=\"6\" case=\"first-letter\">Lichtbild</namespace>\n    </namespaces>\n  </siteinfo>\n";

fn page(id: u32, title: &str, more: &str, text: &str) -> String {
    format!(
        "  <page>\n    <title>{title}</title>\n    <ns>0</ns>\n    <id>{id}</id>\n{more}    <revision>\n      <id>9{id}</id>\n      <timestamp>2024-05-0{}T10:00:00Z</timestamp>\n      \
        <contributor><username>U</username><id>7</id></contributor>\n      <model>wikitext</model>\n      <text bytes=\"1\" xml:space=\"preserve\">{text}</text>\n    </revision>\n  </page>\n",
        1 + id % 9
    )
}

fn dump(pages: &[String]) -> String {
    format!("{HEAD}{}</mediawiki>\n", pages.concat())
}

fn read(bytes: &[u8]) -> Outcome {
    read_with(Format::Mediawiki, bytes, &Limits::default())
}

fn three() -> Vec<String> {
    (1..=3).map(|id| page(id, &format!("Page {id}"), "", &format!("&lt;b&gt;Text&lt;/b&gt; of &quot;{id}&quot; &amp;amp; more."))).collect()
}

#[test]
fn an_article_is_a_document() {
    let pages = [page(
        12,
        "Die Mühle/Rad &amp; Wasser?",
        "",
        "[[Lichtbild:x.jpg|mini]]Ein &lt;b&gt;Rad&lt;/b&gt;&amp;nbsp;dreht.<![CDATA[ <i>Es</i> dreht.]]>",
    )];
    let whole = dump(&pages);
    let outcome = read(whole.as_bytes());
    let [Seen::Document(document)] = &outcome.items[..] else { panic!("{outcome:?}") };
    assert_eq!((document.id.as_str(), document.title.as_deref()), ("12", Some("Die Mühle/Rad & Wasser?")));
    assert_eq!(document.url.as_deref(), Some("https://wiki.example/wiki/Die_M%C3%BChle/Rad_%26_Wasser%3F"));
    assert_eq!((document.date.as_deref(), document.text.as_str()), (Some("2024-05-04T10:00:00Z"), "Ein Rad dreht. Es dreht."));
    let at = whole.find("<page>").unwrap();
    assert_eq!(document.place.offset, at as u64);
    assert!(whole[at..at + document.place.length as usize].ends_with("</page>"));
    assert_eq!((outcome.tally.records["page"], outcome.tally.decoded_bytes), (1, whole.len() as u64));
}

#[test]
fn what_is_no_article_is_left_out_by_rule() {
    let talk = page(1, "Diskussion:Mühle", "", "x").replace("<ns>0</ns>", "<ns>1</ns>");
    let old = page(2, "Diskussion:Alt", "", "x").replace("<ns>0</ns>", "");
    let script = page(3, "Data", "", "x").replace("wikitext", "json");
    let pages = [
        talk,
        old,
        script,
        page(4, "R", "    <redirect title=\"Mühle\" />\n", "x"),
        page(5, "S", "", "#WEITERLEITUNG [[Mühle]]"),
        page(6, "Begriff", "", "x\n{{Begriffsklärung}}"),
        page(7, "Leer", "", "{{Vorlage}}"),
        page(8, "Alien: Romulus", "", "x").replace("<ns>0</ns>", ""),
        page(9, "Gelöscht", "", "").replace("preserve\"></text>", "preserve\" deleted=\"deleted\" />"),
    ];
    let outcome = read(dump(&pages).as_bytes());
    assert_eq!(
        outcome.rules(),
        ["not-an-article", "not-an-article", "not-an-article", "redirect", "redirect", "disambiguation", "empty-text", "empty-text"]
    );
    assert_eq!(outcome.ids(), ["8"]);
    assert_eq!((outcome.rejected()[5].id.as_str(), outcome.rejected()[5].url.as_deref()), ("6", Some("https://wiki.example/wiki/Begriff")));
}

#[test]
fn of_several_revisions_the_last_counts() {
    let two = page(1, "A", "", "old")
        .replace("  </page>", "    <revision><id>3</id><timestamp>2025</timestamp><text>new</text></revision>\n  </page>");
    let outcome = read(dump(&[two]).as_bytes());
    let [Seen::Document(document)] = &outcome.items[..] else { panic!("{outcome:?}") };
    assert_eq!((document.text.as_str(), document.date.as_deref()), ("new", Some("2025")));
}

#[test]
fn dumps_in_one_stream_or_many_are_the_same() {
    let pages = three();
    let whole = read(dump(&pages).as_bytes());
    assert_eq!(whole.ids(), ["1", "2", "3"]);
    let tail = format!("{}</mediawiki>\n", pages[2]);
    for pack in [bz2 as fn(&[u8]) -> Vec<u8>, xz, gz] {
        let streams = [pack(HEAD.as_bytes()), pack(pages[..2].concat().as_bytes()), pack(tail.as_bytes())].concat();
        assert_eq!(read(&streams).items, whole.items);
    }
}

#[test]
fn a_dump_that_is_cut_at_any_byte_gives_the_pages_before() {
    let whole = dump(&three());
    let items = read(whole.as_bytes()).items;
    for cut in 1..whole.len() {
        let outcome = read(&whole.as_bytes()[..cut]);
        let n = outcome.ids().len();
        assert!(outcome.items[..n] == items[..n], "cut at {cut}");
        let opened = whole[..cut].matches("<page>").count();
        let closed = whole[..cut].matches("</page>").count();
        let rules = if n < opened {
            vec!["truncated-input"]
        } else if whole[..cut].contains("<mediawiki") {
            vec![]
        } else {
            vec!["invalid-xml"]
        };
        assert_eq!((n, outcome.rules()), (closed, rules), "cut at {cut}");
    }
    let packed = bz2(whole.as_bytes());
    let outcome = read(&packed[..packed.len() - 20]);
    assert!(outcome.fault("truncated-input") == 1 && !outcome.items.is_empty());
}

#[test]
fn damage_costs_one_page() {
    let good = three();
    for (bad, rule) in [
        (page(8, "Bad", "", "<b>no end"), "invalid-xml"),
        (page(8, "Bad", "", "&nosuch;"), "invalid-xml"),
        (page(8, "Bad", "", "x").replace("</text>", "</txt>"), "invalid-xml"),
        (page(8, "Bad", "", &"<d>".repeat(100_000)), "invalid-xml"),
        (page(8, "Bad", "", "x").replace("</page>", ""), "invalid-xml"),
        (page(8, "Bad", "", "x").replace("</revision>\n  </page>", "<!-- "), "invalid-xml"),
    ] {
        let outcome = read(dump(&[good[0].clone(), bad.clone(), good[1].clone()]).as_bytes());
        assert_eq!((outcome.ids(), outcome.rules()), (vec!["1", "2"], vec![rule]), "{}", &bad[..bad.len().min(300)]);
    }
    let mut bytes = dump(&good).into_bytes();
    let at = memchr::memmem::find(&bytes, b"Page 2").unwrap();
    bytes[at] = 0xFF;
    let outcome = read(&bytes);
    assert_eq!((outcome.ids(), outcome.rules()), (vec!["1", "3"], vec!["invalid-utf8"]));
}

#[test]
fn a_page_over_the_limit_is_read_past() {
    let long = page(2, "Long", "", &"long ".repeat(300_000));
    let good = three();
    let limits = Limits { record_bytes: 4096, ..Limits::default() };
    for filler in 0..12 {
        let bytes = dump(&[good[0].clone(), long.replace("long </text>", &format!("{}</text>", "x".repeat(filler))), good[2].clone()]);
        let outcome = read_with(Format::Mediawiki, bytes.as_bytes(), &limits);
        assert_eq!((outcome.ids(), outcome.rules()), (vec!["1", "3"], vec!["record-too-long"]));
        let rejected = outcome.rejected()[0];
        assert_eq!((rejected.reason.value, rejected.reason.limit), (rejected.place.length as f64, 4096.0));
        let (from, length) = (rejected.place.offset as usize, rejected.place.length as usize);
        assert!(bytes[from..from + length].starts_with("<page>") && bytes[from..from + length].ends_with("</page>"));
    }
}

#[test]
fn a_file_of_something_else_is_one_record() {
    let utf16: Vec<u8> = dump(&three()).encode_utf16().flat_map(u16::to_le_bytes).collect();
    for file in [b"{\"text\":\"x\"}".to_vec(), b"<html><body>page</body></html>".to_vec(), utf16, vec![0; 100_000]] {
        let outcome = read(&file);
        assert_eq!((outcome.rules(), outcome.items.len(), outcome.tally.records["page"]), (vec!["invalid-xml"], 1, 1));
    }
    assert_eq!(read(b"").items, []);
    assert_eq!(read(dump(&[]).as_bytes()).items, []);
    // Bombs: a billion laughs are references that nobody declared for us.
    let laughs =
        format!("<!DOCTYPE x [<!ENTITY a \"{}\"><!ENTITY b \"&a;&a;&a;\">]>{}", "ha".repeat(50), dump(&[page(1, "Ha", "", "&b;")]));
    assert_eq!(read(laughs.as_bytes()).rules(), ["invalid-xml"]);
}
