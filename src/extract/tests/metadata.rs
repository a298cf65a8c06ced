//! What a page says of itself: every source, in which order they are believed, and what is refused.

use super::*;

fn metadata_at(url: &str, html: &str) -> Metadata {
    let body = format!("{html}<p>The wheel turned all day, and nobody in the village slept for the noise of it.");
    let mut page = page_of_file("page.html", body.as_bytes());
    page.url = url;
    Extractor::new(Options::default()).unwrap().extract(&page).unwrap().metadata
}

fn metadata(html: &str) -> Metadata {
    metadata_at("", html)
}

fn ld(json: &str) -> String {
    format!("<script type='application/ld+json'>{json}</script>")
}

fn author(html: &str) -> Option<String> {
    metadata(html).author
}

fn published(html: &str) -> Option<String> {
    metadata(html).published
}

#[test]
fn each_source_of_an_author_is_read() {
    for html in [
        ld(r#"{"@type": "NewsArticle", "author": {"@type": "Person", "name": "Ada Miller"}}"#),
        ld(r#"{"@type": "NewsArticle", "author": "Ada Miller"}"#),
        ld(r#"[{"@type": ["Thing", "https://schema.org/BlogPosting"], "author": [{"name": ["Ada Miller"]}]}]"#),
        // By its id, elsewhere in the graph.
        ld(r##"{"@graph": [{"@type": "Article", "author": {"@id": "#a"}}, {"@type": "Person", "@id": "#a", "name": "Ada Miller"}]}"##),
        ld(r#"{"@type": "QAPage", "mainEntity": {"@type": "Question", "author": {"name": "Ada Miller"}}}"#),
        "<meta property='article:author' content='Ada Miller'>".to_owned(),
        "<meta name='Author' content='by Ada Miller'>".to_owned(),
        "<meta name='DC.creator' content='Ada Miller'>".to_owned(),
        "<meta name=parsely-author content='Ada &#77;iller '>".to_owned(),
        "<span itemprop=author>Ada <b>Miller</b></span>".to_owned(),
        "<div itemprop=author itemscope><img><a href=/a><span itemprop=name>Ada Miller</span></a> miller of this village</div>".to_owned(),
        "<div itemprop=author itemscope><meta itemprop=name content='Ada Miller'>miller</div>".to_owned(),
        "<a rel=author href=/a>Ada Miller</a>".to_owned(),
        "<a rel='Author nofollow' href=/a>Ada Miller</a>".to_owned(),
        "<span itemprop='creator author'>Ada Miller</span>".to_owned(),
    ] {
        assert_eq!(author(&html).as_deref(), Some("Ada Miller"), "{html}");
    }
}

#[test]
fn several_authors_are_joined_each_once() {
    let html = ld(r#"{"@type": "Article", "author": [{"name": "Ada Miller"}, "Bo Smith", "Ada Miller"]}"#);
    assert_eq!(author(&html).as_deref(), Some("Ada Miller; Bo Smith"));
    let html = "<meta name=citation_author content='Ada Miller'><meta name=citation_author content='Bo Smith'>";
    assert_eq!(author(html).as_deref(), Some("Ada Miller; Bo Smith"));
    // Those of comments stand behind the page's own.
    assert_eq!(author("<i itemprop=author>Ada Miller</i><i itemprop=author>Bo Smith</i>").as_deref(), Some("Ada Miller"));
    let many = (0..100).map(|n| format!("<meta name=author content='Author N{n}'>")).collect::<String>();
    assert_eq!(author(&many).unwrap().split("; ").count(), 32);
}

#[test]
fn what_is_no_name_gives_way_to_the_next_source() {
    let long = "word ".repeat(40);
    for junk in
        ["", " ", "null", "undefined", "https://example.com/ada", "www.example.com", "{{ author }}", "ada@example.com", "123", &long]
    {
        let html = format!("<meta property=article:author content='{junk}'><meta name=author content='Ada Miller'>");
        assert_eq!(author(&html).as_deref(), Some("Ada Miller"), "{junk}");
    }
    assert_eq!(author("<meta name=author content='admin'>").as_deref(), Some("admin"));
    assert_eq!(author("<p>by Ada Miller"), None);
}

#[test]
fn sources_are_believed_in_order() {
    let all = [
        ld(r#"{"@type": "Article", "author": "A", "datePublished": "2001-01-01", "publisher": {"name": "S"}}"#),
        "<meta property=article:author content=B><meta property=article:published_time content=2002-01-01>".to_owned(),
        "<meta name=author content=C><meta name=date content=2003-01-01>".to_owned(),
        "<i itemprop=author>D</i><time itemprop=datePublished datetime=2004-01-01>x</time>".to_owned(),
        "<a rel=author href=x>E</a><article><time datetime=2005-01-01>x</time></article>".to_owned(),
    ];
    for (from, (name, year)) in [("A", "2001"), ("B", "2002"), ("C", "2003"), ("D", "2004"), ("E", "2005")].into_iter().enumerate() {
        // In the page they stand the other way round.
        let html: String = all[from..].iter().rev().cloned().collect();
        let found = metadata(&html);
        assert_eq!((found.author.as_deref(), found.published.as_deref()), (Some(name), Some(format!("{year}-01-01").as_str())), "{html}");
    }
}

#[test]
fn each_source_of_a_date_is_read() {
    for html in [
        "<meta property=article:published_time content=2024-05-01>",
        "<meta name=DC.date.issued content=2024-05-01>",
        "<meta name=citation_publication_date content=2024/05/01>",
        "<meta name=sailthru.date content='Wed, 01 May 2024'>",
        "<meta itemprop=datePublished content=2024-05-01>",
        "<span itemprop=datePublished>May 1, 2024</span>",
        "<article><time datetime=2024-05-01>yesterday</time></article>",
        "<time class='entry-date published' datetime=2024-05-01>x</time>",
        "<time itemprop=dateCreated datetime='2024-05-01'>x</time>",
        "<header><p><time datetime=2024-05-01>yesterday</time></header>",
    ] {
        assert_eq!(published(html).as_deref(), Some("2024-05-01"), "{html}");
    }
    // A date that stands anywhere is not the page's, nor is one of an unknown form or of another kind of thing.
    assert_eq!(published("<time datetime=2024-05-01>x</time>"), None);
    assert_eq!(published("<meta name=date content=01/05/2024>"), None);
    assert_eq!(published("<meta name=last-modified content=2024-05-01>"), None);
    assert_eq!(published(&ld(r#"{"@type": "Event", "datePublished": "2024-05-01"}"#)), None);
    let html = ld(r#"{"@type": "WebPage", "datePublished": "2020-05-01"}"#) + &ld(r#"{"@type": "Article", "datePublished": "2024-05-01"}"#);
    assert_eq!(published(&html).as_deref(), Some("2024-05-01"));
}

#[test]
fn a_site_has_a_name() {
    let site = |html: &str| metadata(html).site;
    let publisher = r#"{"@type": "Article", "publisher": {"@type": "Organization", "name": "The Daily Grist"}}"#;
    assert_eq!(site(&ld(publisher)).as_deref(), Some("The Daily Grist"));
    assert_eq!(site(&ld(r#"{"@type": "WebSite", "name": "The Daily Grist"}"#)).as_deref(), Some("The Daily Grist"));
    assert_eq!(site("<meta property=og:site_name content='The  Daily&nbsp;Grist'>").as_deref(), Some("The Daily Grist"));
    assert_eq!(site("<meta property=og:site_name content=undefined><meta name=application-name content=Grist>").as_deref(), Some("Grist"));
}

#[test]
fn addresses_are_absolute_and_of_the_web() {
    let at = "https://mill.example/a/b.html?c";
    let canonical = |html: &str| metadata_at(at, html).canonical;
    assert_eq!(canonical("<link rel=canonical href='/x?a=1&amp;b=2'>").as_deref(), Some("https://mill.example/x?a=1&b=2"));
    assert_eq!(canonical("<base href=/b/><base href=/c/><link rel='self canonical' href=x>").as_deref(), Some("https://mill.example/b/x"));
    assert_eq!(canonical("<base href=javascript:x><link rel=canonical href=x>").as_deref(), Some("https://mill.example/a/x"));
    assert_eq!(canonical("<link rel=canonical href='//other.example/x'>").as_deref(), Some("https://other.example/x"));
    let both = "<meta property=og:url content='https://mill.example/og'><link rel=canonical href='https://mill.example/link'>";
    assert_eq!(canonical(both).as_deref(), Some("https://mill.example/link"));
    assert_eq!(canonical("<meta property=og:url content='og'>").as_deref(), Some("https://mill.example/a/og"));
    for none in ["javascript:void(0)", "ftp://mill.example/", "", "http://", &format!("/{}", "x".repeat(3000))] {
        assert_eq!(canonical(&format!("<link rel=canonical href='{none}'>")), None, "{none}");
    }
    assert_eq!(metadata("<link rel=canonical href='/x'>").canonical, None, "a file has no address to begin at");
}

#[test]
fn languages_are_tags() {
    for (said, tag) in [
        ("en", "en"),
        ("en_US", "en-US"),
        ("EN-us", "en-US"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("sl-ROZAJ-1994", "sl-rozaj-1994"),
        ("english", ""),
        ("en, fr", ""),
        ("", ""),
        ("und", ""),
        ("en-", ""),
        ("{{lang}}", ""),
        ("en-toolongsubtag", ""),
    ] {
        assert_eq!(metadata(&format!("<html lang='{said}'>")).language.unwrap_or_default(), tag, "{said}");
    }
    let header = "<meta http-equiv=Content-Language content=de>";
    let locale = "<meta property=og:locale content=fr_FR>";
    let language = |html: String| metadata(&html).language;
    assert_eq!(language(format!("{locale}{header}")).as_deref(), Some("de"));
    assert_eq!(language(format!("<html lang=zz-zz-zz-x_>{locale}")).as_deref(), Some("fr-FR"));
}

#[test]
fn json_is_read_in_its_wrappers_and_faults_are_no_evidence() {
    let json = r#"{"@type": "Article", "author": "Ada Miller"}"#;
    for script in [
        format!("\n<!-- {json} -->"),
        format!("//<![CDATA[\n{json}\n//]]>"),
        format!("/*<![CDATA[*/[{json}]/*]]>*/"),
        format!("{json};"),
        json.replace("Ada Miller", "Ada\n Miller"),
    ] {
        assert_eq!(author(&ld(&script)).as_deref(), Some("Ada Miller"), "{script}");
    }
    let deep = format!("{}{json}{}", "[".repeat(100_000), "]".repeat(100_000));
    let cyclic = r##"{"@graph": [{"@type": "Article", "@id": "#a", "author": {"@id": "#b"}}, {"@id": "#b", "name": {"@id": "#b"}}]}"##;
    let huge = format!(r#"{{"@type": "Article", "author": "Ada Miller", "text": "{}"}}"#, "x".repeat(1 << 20));
    for fault in ["", "}{", "null", "[[[", r#"{"@type": "Article", "author": }"#, r#"{"@type": 1, "author": 1}"#, &deep, cyclic, &huge] {
        let html = ld(fault) + "<meta name=author content=Second>";
        assert_eq!(author(&html).as_deref(), Some("Second"), "{}", &fault[..fault.len().min(100)]);
    }
}

#[test]
fn metadata_of_hostile_pages_is_read_to_its_end() {
    let reference = r##"{"@id": "#a"},"##.repeat(2000);
    let lists = format!(r##"[{{"@type": "Article", "@id": "#a", "author": [{reference} 1], "name": [{reference} 1]}}]"##);
    let nodes = format!(r#"[{}{{"@type": "Article", "author": "Z"}}]"#, r#"{"@type": "Article", "author": []},"#.repeat(20_000));
    let long = format!(r##"[{{"@id": "#a", "name": "{}"}}, {{"@type": "Article", "author": [{reference} 1]}}]"##, "x".repeat(1 << 19));
    for html in [
        ld(&nodes),
        ld(&lists),
        ld(&long),
        "<i itemprop=author>".repeat(20_000),
        "<i itemprop=author><i itemprop=name>".repeat(20_000),
        "<meta name=author content='&CounterClockwiseContourIntegral;'>".repeat(20_000),
        format!("<meta name=author content='{}'>", "&nbsp;".repeat(1 << 20)),
        format!("<a rel=author href=x>{}</a>", "<b>x".repeat(20_000)),
        format!("<html lang='{}'>", "en-".repeat(1 << 20)),
    ] {
        let found = metadata(&html);
        assert!(found.author.is_none_or(|author| author.len() < 10_000) && found.language.is_none());
    }
}

#[test]
fn what_is_not_asked_for_is_not_read_and_json_holds_only_what_there_is() {
    let html = b"<html lang=en><meta name=author content=Ada><p>The wheel turned all day, and nobody in the village slept.";
    let page = page_of_file("page", html);
    let found = Extractor::new(Options::default()).unwrap().extract(&page).unwrap().metadata;
    assert_eq!(found.to_json().as_deref(), Some(r#"{"author":"Ada","html_language":"en"}"#));
    let without = Extractor::new(Options { metadata: false, ..Options::default() }).unwrap().extract(&page).unwrap();
    assert_eq!((without.metadata.to_json(), &without.metadata), (None, &Metadata::default()));
}

#[test]
fn dates_are_read_where_they_can_be_read_in_one_way() {
    for (said, date) in [
        ("2024-05-01", "2024-05-01"),
        ("2024-5-1", "2024-05-01"),
        ("2024/05/01", "2024-05-01"),
        ("2024.05.01", "2024-05-01"),
        ("20240501", "2024-05-01"),
        ("2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z"),
        ("2024-05-01T10:00:00.123+0200", "2024-05-01T10:00:00+02:00"),
        ("2024-05-01T10:00+02", "2024-05-01T10:00:00+02:00"),
        ("2024-05-01 10:00:00 -05:30", "2024-05-01T10:00:00-05:30"),
        ("2024-05-01 10:00:00 UTC", "2024-05-01T10:00:00Z"),
        ("2024-05-01T10:00:00-00:00", "2024-05-01T10:00:00Z"),
        ("20240501T100000Z", "2024-05-01T10:00:00Z"),
        ("2024-05-01T10:00:60Z", "2024-05-01T10:00:59Z"),
        // Without an offset there is no moment, only a day.
        ("2024-05-01T10:00:00", "2024-05-01"),
        ("2024-05-01T25:00:00Z", "2024-05-01"),
        ("2024-05-01T10:00:00+99:00", "2024-05-01"),
        ("Wed, 01 May 2024 10:00:00 +0200", "2024-05-01T10:00:00+02:00"),
        ("Wed, 1 May 2024 10:00:00 GMT", "2024-05-01T10:00:00Z"),
        ("Wed May 01 2024 10:00:00 GMT+0200 (CEST)", "2024-05-01T10:00:00+02:00"),
        ("Wed May  1 10:00:00 2024", "2024-05-01"),
        ("May 1, 2024", "2024-05-01"),
        ("Wednesday, May 1st, 2024 at 10:00 AM", "2024-05-01"),
        ("1 May 2024", "2024-05-01"),
        ("Sept. 30, 2024", "2024-09-30"),
        ("29 Feb 2024", "2024-02-29"),
        // What can be read in two ways, is no date, or is no likely one.
        ("01/05/2024", ""),
        ("1.5.2024", ""),
        ("May 2024", ""),
        ("2024-05", ""),
        ("2024", ""),
        ("1 May 24", ""),
        ("2024-02-30", ""),
        ("29 Feb 2023", ""),
        ("2024-13-01", ""),
        ("1970-01-01", ""),
        ("0001-01-01T00:00:00", ""),
        ("2199-01-01", ""),
        ("1714557600", ""),
        ("2024-05-01x", ""),
        ("2024-05-01 to 2024-06-01", ""),
        ("Updated May 1, 2024", ""),
        ("May 1 May 2024", ""),
        ("1 2 May 2024", ""),
        ("Mayor 1, 2024", ""),
        ("１ May 2024", ""),
        ("::::", ""),
        ("", ""),
    ] {
        assert_eq!(dates::normal(said).unwrap_or_default(), date, "{said}");
    }
}
