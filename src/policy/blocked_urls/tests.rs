use std::fs;
use std::io::Write;

use super::*;
use crate::text::cases;

fn loaded(files: &[(&str, &str)], lists: &[&str]) -> (BlockedUrls, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut filter = BlockedUrls::new(Options { lists: lists.iter().map(|list| (*list).to_owned()).collect() }).unwrap();
    let warnings = filter.load(folder.path()).unwrap();
    (filter, warnings)
}

/// Rule, list and entry.
fn judged(filter: &BlockedUrls, url: &str) -> Option<(&'static str, String, String)> {
    let document = Document { url: Some(url.to_owned()), ..Document::default() };
    match filter.judge(&document) {
        Verdict::Keep => None,
        Verdict::Drop(reason) => {
            let Matched { list, entry } = filter.matched(&document).unwrap();
            Some((reason.rule, list, entry))
        }
    }
}

#[test]
fn every_case_of_the_filter_holds() {
    let base = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut filter = BlockedUrls::new(Options { lists: vec!["fixtures/lists/gambling".to_owned()] }).unwrap();
    assert_eq!(filter.load(base).unwrap(), Vec::<String>::new());
    cases::check(&filter, include_str!("../../../tests/cases/blocked-urls.md"));
}

#[test]
fn domains_block_what_is_below_them_and_nothing_beside() {
    let (filter, warnings) = loaded(
        &[(
            "games/domains",
            "ferry.example\n# a remark\n\nSub.Mill.example\n192.0.2.7\nmüller.example\n.dotted.example\nwww.only.example\n",
        )],
        &["games"],
    );
    assert_eq!(warnings, Vec::<String>::new());
    for (url, entry) in [
        ("http://ferry.example", "ferry.example"),
        ("https://WWW.Ferry.example:8080/a?b#c", "ferry.example"),
        ("http://a.b.c.ferry.example./", "ferry.example"),
        ("http://sub.mill.example/", "sub.mill.example"),
        ("http://192.0.2.7/x", "192.0.2.7"),
        ("http://www.xn--mller-kva.example/", "xn--mller-kva.example"),
        ("http://dotted.example/", "dotted.example"),
        ("http://www.only.example/", "www.only.example"),
    ] {
        assert_eq!(judged(&filter, url), Some(("domain", "games".to_owned(), entry.to_owned())), "{url}");
    }
    for url in [
        "http://notferry.example/",
        "http://ferry.example.org/",
        "http://mill.example/",
        "http://1.192.0.2.7.example/",
        "http://10.192.0.2/",
        "http://only.example/",
        "http://example/ferry.example",
        "mailto:a@ferry.example",
        "no url",
        "",
    ] {
        assert_eq!(judged(&filter, url), None, "{url}");
    }
    assert_eq!(filter.judge(&Document::default()), Verdict::Keep);
}

#[test]
fn urls_block_what_is_below_them() {
    let (filter, _) = loaded(&[("urls", "mill.example/games/\nhttps://www.weir.example/a.php?id=7\npond.example/\n")], &["urls"]);
    for (url, rule, entry) in [
        ("http://www.mill.example/games", "url", "mill.example/games"),
        ("https://mill.example/games/?page=2", "url", "mill.example/games"),
        ("https://mill.example/games/dice/index.html", "url", "mill.example/games"),
        ("http://weir.example/a.php?id=7&utm_source=x", "url", "weir.example/a.php?id=7"),
        // A URL of a bare host is the host.
        ("http://sub.pond.example/x", "domain", "pond.example"),
    ] {
        assert_eq!(judged(&filter, url), Some((rule, "urls".to_owned(), entry.to_owned())), "{url}");
    }
    for url in ["http://mill.example/", "http://mill.example/gamesters", "http://weir.example/a.php?id=8", "http://weir.example/a.php"] {
        assert_eq!(judged(&filter, url), None, "{url}");
    }
    // However deep a path is, so many of its prefixes are looked up and no more.
    let deep = format!("http://mill.example/{}", "a/".repeat(100_000));
    assert_eq!(judged(&filter, &deep), None);
    assert!(judged(&filter, &format!("http://mill.example/games/{}", "a/".repeat(100_000))).is_some());
}

#[test]
fn of_two_lists_the_first_is_named_and_bad_lines_are_told() {
    let (filter, warnings) = loaded(
        &[
            ("a/domains", "ferry.example\ntwo words.example\ncom\n"),
            ("b/domains", "ferry.example\nweir.example"),
            ("c/urls", "\n# nothing\n"),
        ],
        &["a", "b", "c"],
    );
    assert_eq!(judged(&filter, "http://ferry.example/").unwrap().1, "a");
    assert_eq!(judged(&filter, "http://weir.example/").unwrap().1, "b");
    assert_eq!(
        warnings,
        [
            "2 lines of a/domains cannot be used, the first is line 2; an entry is a domain or a URL, without user name and wildcards",
            "c has no entry, so it blocks nothing"
        ]
    );
    assert_eq!(filter.hashes.len(), 2);
}

#[test]
fn wildcards_ports_and_queries_block_what_they_say_or_are_told() {
    let lines = [
        "*.ferry.example",
        "https://*.weir.example/",
        "port.example:8080",
        "[2001:db8::7]:8080/",
        "[2001:db8::8]",
        "pond.example/@anna",
        "pond.example/go?to=https://mill.example/",
        // What follows cannot be used.
        "anna@mill.example",
        "mill.*",
        "*mill.example",
        "mill.example/*",
        "*.mill.example/games",
        "mill.example?id=7",
        "mill.example?id=7/8",
        "mill.example#top",
        "mill.example\\games",
    ];
    let (filter, warnings) = loaded(&[("list", &lines.join("\n"))], &["list"]);
    assert!(warnings.len() == 1 && warnings[0].starts_with("9 lines of list cannot be used, the first is line 8;"), "{warnings:?}");
    for (url, rule, entry) in [
        ("http://ferry.example/", "domain", "ferry.example"),
        ("http://a.b.ferry.example/", "domain", "ferry.example"),
        ("http://www.weir.example/", "domain", "weir.example"),
        ("https://port.example:8080", "url", "port.example:8080"),
        ("http://www.port.example:8080/a/b?c", "url", "port.example:8080"),
        ("http://[2001:db8::7]:8080/a", "url", "[2001:db8::7]:8080"),
        ("http://[2001:db8::8]:90/a", "domain", "[2001:db8::8]"),
        ("http://pond.example/@anna/7", "url", "pond.example/@anna"),
        ("http://pond.example/go?to=https://mill.example/", "url", "pond.example/go?to=https://mill.example/"),
    ] {
        assert_eq!(judged(&filter, url), Some((rule, "list".to_owned(), entry.to_owned())), "{url}");
    }
    for url in [
        "http://port.example/",
        "http://port.example:8081/",
        "http://[2001:db8::7]/a",
        "http://pond.example/",
        "http://mill.example/games?id=7",
        "http://a.mill.example/games",
    ] {
        assert_eq!(judged(&filter, url), None, "{url}");
    }
}

#[test]
fn packed_lists_of_a_folder_are_found_and_a_tar_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let games = folder.path().join("games");
    fs::create_dir(&games).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(b"ferry.example\n").unwrap();
    fs::write(games.join("domains.gz"), packed.finish().unwrap()).unwrap();
    fs::write(games.join("urls.zst"), zstd::encode_all(&b"mill.example/games\n"[..], 3).unwrap()).unwrap();
    let mut filter = BlockedUrls::new(Options { lists: vec!["games".to_owned()] }).unwrap();
    assert_eq!(filter.load(folder.path()).unwrap(), Vec::<String>::new());
    assert_eq!(judged(&filter, "http://ferry.example/").unwrap().0, "domain");
    assert_eq!(judged(&filter, "http://mill.example/games").unwrap().0, "url");

    let mut archive = tar::Builder::new(Vec::new());
    let list = b"ferry.example\n";
    let mut header = tar::Header::new_gnu();
    header.set_size(list.len() as u64);
    archive.append_data(&mut header, "games/domains", &list[..]).unwrap();
    fs::write(folder.path().join("games.tar"), archive.into_inner().unwrap()).unwrap();
    let refused = BlockedUrls::new(Options { lists: vec!["games.tar".to_owned()] }).unwrap().load(folder.path()).unwrap_err().to_string();
    assert!(refused.contains("games.tar is a tar; unpack it"), "{refused}");
}

#[test]
fn what_cannot_be_is_refused() {
    let refused = |lists: &[&str]| BlockedUrls::new(Options { lists: lists.iter().map(|list| (*list).to_owned()).collect() });
    assert!(refused(&[]).unwrap_err().to_string().contains("at least one"));
    assert!(refused(&["a", "b", "a"]).unwrap_err().to_string().contains("twice"));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("usage"), "black").unwrap();
    let missing = refused(&["nowhere"]).unwrap().files(folder.path()).unwrap_err().to_string();
    assert!(missing.contains("nowhere is no file"), "{missing}");
    assert!(refused(&["."]).unwrap().files(folder.path()).is_err());
}
