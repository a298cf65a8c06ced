use super::hash::{document_key, draw, unit};
use super::*;
use crate::document::Key;

#[test]
fn words_are_runs_of_letters_digits_and_underscores() {
    assert_eq!(words("It's 3_a  été, 東京!").collect::<Vec<_>>(), ["It", "s", "3_a", "été", "東京"]);
    assert_eq!(words(" \n").count(), 0);
}

#[test]
fn a_quoted_chinese_sentence_does_not_make_an_english_page_spaceless() {
    assert!(mostly_spaceless("東京の天気は晴れです。Rust と WARC"));
    assert!(!mostly_spaceless("The sign said 東京, and nothing else was written on the wall"));
    assert!(!mostly_spaceless(""));
}

#[test]
fn draws_depend_on_seed_step_and_key_and_stay_inside_the_open_interval() {
    let key = document_key("a.warc", "<urn:uuid:1>", 0);
    assert_eq!(draw(1, "score", key), draw(1, "score", key));
    assert_ne!(draw(1, "score", key), draw(2, "score", key));
    assert_ne!(draw(1, "score", key), draw(1, "blend", key));
    assert_ne!(draw(1, "score", key), draw(1, "score", Key(key.0 + 1)));
    assert!(0.0 < unit(0) && unit(u64::MAX) < 1.0);
    let mean = (0..10_000).map(|n| draw(7, "test", Key(n))).sum::<f64>() / 10_000.0;
    assert!((mean - 0.5).abs() < 0.02, "{mean}");
}

#[test]
fn keys_do_not_run_together() {
    assert_ne!(document_key("ab", "c", 0), document_key("a", "bc", 0));
    assert_ne!(document_key("a", "b", 0), document_key("a", "b", 1));
}

/// Each rule of `url::normalise` by name: what goes in, what comes out.
#[test]
fn urls_are_normalised_rule_by_rule() {
    let cases = [
        ("white space", "  http://a.org/x\n", "http://a.org/x"),
        ("scheme", "https://a.org/x", "http://a.org/x"),
        ("scheme in capitals", "HTTP://a.org/x", "http://a.org/x"),
        ("host", "http://News.Example.ORG/Path", "http://news.example.org/Path"),
        ("international host", "http://bücher.example/ü", "http://xn--bcher-kva.example/%C3%BC"),
        ("www", "http://www.a.org/", "http://a.org"),
        ("www twice", "http://www.www.a.org/", "http://a.org"),
        ("www alone is a domain", "http://www.com/x", "http://www.com/x"),
        ("trailing dot", "http://a.org./x", "http://a.org/x"),
        ("port of http", "http://a.org:80/x", "http://a.org/x"),
        ("port of https", "https://a.org:443/x", "http://a.org/x"),
        ("other port", "http://a.org:8080/x", "http://a.org:8080/x"),
        ("user", "http://me:secret@a.org/x", "http://a.org/x"),
        ("fragment", "http://a.org/x#part", "http://a.org/x"),
        ("slash at the end", "http://a.org/x/", "http://a.org/x"),
        ("slash before a query", "http://a.org/x/?q=1", "http://a.org/x?q=1"),
        ("dot segments", "http://a.org/b/../c/./d", "http://a.org/c/d"),
        ("escapes decoded", "http://a.org/%7euser/%41?q=%2d", "http://a.org/~user/A?q=-"),
        ("escapes kept", "http://a.org/a%2fb?x=%c3%a9", "http://a.org/a%2Fb?x=%C3%A9"),
        ("stray percent", "http://a.org/100%/%zz", "http://a.org/100%25/%25zz"),
        ("tracking", "http://a.org/x?utm_source=r&id=7&fbclid=Z&gclid=1", "http://a.org/x?id=7"),
        ("tracking in capitals and escaped", "http://a.org/x?UTM_Medium=r&%75tm_term=1", "http://a.org/x"),
        ("not tracking", "http://a.org/x?utmost=1&b=2&a=1", "http://a.org/x?utmost=1&b=2&a=1"),
        ("empty query", "http://a.org/x?", "http://a.org/x"),
        ("empty parameters", "http://a.org/x?&&a=1&", "http://a.org/x?a=1"),
        ("addresses", "http://127.1/x", "http://127.0.0.1/x"),
        ("IPv6", "http://[::1]:8080/", "http://[::1]:8080"),
    ];
    for (rule, given, expected) in cases {
        assert_eq!(url::normalise(given).as_deref(), Some(expected), "{rule}");
        assert_eq!(url::normalise(expected).as_deref(), Some(expected), "{rule}, twice");
    }
    for other in
        ["ftp://a.org/x", "mailto:me@a.org", "a.org/x", "/r/rust", "", "http://", "http://a b/", "javascript:void(0)", "http://.../"]
    {
        assert_eq!(url::normalise(other), None, "{other}");
    }
}

#[test]
fn normalising_twice_changes_nothing_for_odd_urls() {
    for odd in [
        "http://a.org/%%37E",
        "http://a.org//",
        "http://a.org/?#",
        "http://a.org/a//b///",
        "http://a.org/%2e%2e/x",
        "http://www..a.org/",
        "http://a.org/x?%26=%3d&%",
    ] {
        let once = url::normalise(odd).unwrap();
        assert_eq!(url::normalise(&once).unwrap(), once, "{odd}");
    }
}

#[test]
fn hosts_and_registered_domains() {
    assert_eq!(url::host("https://WWW.News.Example.co.uk:8443/x").as_deref(), Some("news.example.co.uk"));
    assert_eq!(url::host("gopher://example.org/"), None);
    let cases = [
        ("https://www.news.example.co.uk/x", Some("example.co.uk")),
        ("News.Example.COM.", Some("example.com")),
        ("example.com:8080/path", Some("example.com")),
        ("user.github.io", Some("user.github.io")),
        ("a.user.github.io", Some("user.github.io")),
        ("github.io", Some("github.io")),
        ("192.168.0.1", Some("192.168.0.1")),
        ("http://[2001:db8::1]/x", Some("[2001:db8::1]")),
        ("a.b.unknownsuffix", Some("b.unknownsuffix")),
        ("com", None),
        ("co.uk", None),
        ("localhost", None),
        ("ftp://example.org/", None),
        ("", None),
        ("self.AskReddit posts", None),
    ];
    for (given, expected) in cases {
        assert_eq!(url::registered_domain(given).as_deref(), expected, "{given}");
        let page = if given.contains("://") { given.to_owned() } else { format!("https://{given}") };
        let both = url::normalise(&page).zip(expected.map(str::to_owned));
        assert_eq!(url::normalise_with_domain(&page), both, "{page}");
    }
}

#[test]
fn a_boundary_is_never_inside_a_character() {
    let text = "a\u{e9}\u{6e21}\u{1f600}";
    let ends: Vec<usize> = (0..=text.len() + 2).map(|byte| boundary(text, byte)).collect();
    assert_eq!(ends, [0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10, 10]);
    assert_eq!(boundary("", 3), 0);
}
