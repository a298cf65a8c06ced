//! What a table of links leaves of an index.

use super::*;
use crate::read::links::{Choice, LinkRule, LinkSources, LinkTable, Match, Treatment, collect};

/// Links to three pages: two of them by two submissions, one voted down.
fn table() -> LinkTable {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let dump = [
        ("http://www.a.example/one/", 2),
        ("https://a.example/one#top", 2),
        ("https://b.example/", 9),
        ("https://c.example/down", -4),
        ("https://c.example/up", 3),
    ];
    for (url, score) in dump {
        writeln!(file, "{{\"url\":\"{url}\",\"score\":{score}}}").unwrap();
    }
    let sources = LinkSources { reddit: vec![input(file.path())], ..LinkSources::default() };
    let (links, _) = collect(&sources, Treatment::Drop, &Limits::default()).unwrap();
    links.table(&Choice { min_karma: 3, over_18: Treatment::Keep, self_posts: Treatment::Drop })
}

/// Rows of two index files; each has a length of its own.
fn indexes(folder: &Path) -> Vec<Input> {
    let urls =
        ["https://a.example/one", "https://a.example/two", "https://b.example", "https://c.example/down", "https://d.example/", "no url"];
    let row = |(n, url): (usize, &&str)| {
        format!("{{\"file\":\"x.warc.gz\",\"offset\":{n},\"length\":{},\"url\":\"{url}\"}}", 10_usize.pow(n as u32))
    };
    let lines: Vec<String> = urls.iter().enumerate().map(row).collect();
    std::fs::write(folder.join("a"), lines.join("\n")).unwrap();
    std::fs::write(
        folder.join("b"),
        "{\"file\":\"y\",\"offset\":0,\"length\":7}\nbad\n{\"file\":\"y\",\"offset\":1,\"length\":7,\"url\":\"http://b.example/\"}",
    )
    .unwrap();
    ["a", "b"].map(|name| input(&folder.join(name))).into()
}

#[test]
fn rows_are_kept_by_the_rules_of_linked_from() {
    let folder = tempfile::tempdir().unwrap();
    let (inputs, table) = (indexes(folder.path()), table());
    for (matching, min_links, lengths, by_url, by_domain) in [
        (Match::Url, 1, &[1, 100, 7][..], 3, 0),
        (Match::Url, 2, &[1], 1, 0),
        (Match::RegisteredDomain, 1, &[1, 10, 100, 1000, 7], 0, 5),
        (Match::RegisteredDomain, 2, &[], 0, 0),
        // The page that was voted down is judged by that.
        (Match::UrlThenRegisteredDomain, 1, &[1, 10, 100, 7], 3, 1),
    ] {
        let rule = LinkRule { matching, min_links };
        let mut out = Vec::new();
        let selected = select(&inputs, &table, rule, &Limits::default(), &mut out).unwrap();
        let wanted: u64 = lengths.iter().sum();
        assert_eq!((selected.matched, selected.bytes_to_fetch), (lengths.len() as u64, wanted), "{rule:?}");
        assert_eq!((selected.by_url, selected.by_domain), (by_url, by_domain), "{rule:?}");
        assert_eq!((selected.rows, selected.bad, selected.without_url, &selected.bad_by_reason["not-a-row"]), (9, 1, 1, &1));
        assert_eq!(selected.rows, selected.bad + selected.without_url + selected.not_linked + selected.matched);
        // What is written is an index again, in the order of the rows.
        let rows = read(&out);
        let read: Vec<u64> = rows.iter().map(|row| row.as_ref().unwrap().length).collect();
        assert_eq!(read, lengths, "{rule:?}");
        assert!(rows.iter().all(|row| row.as_ref().unwrap().url.as_deref().and_then(|url| table.selects(url, rule)).is_some()));
    }
}

#[test]
fn a_line_is_written_as_it_is_documented() {
    let folder = tempfile::tempdir().unwrap();
    let rule = LinkRule { matching: Match::Url, min_links: 2 };
    let mut out = Vec::new();
    select(&indexes(folder.path()), &table(), rule, &Limits::default(), &mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "{\"file\":\"x.warc.gz\",\"offset\":0,\"length\":1,\"url\":\"https://a.example/one\"}\n");
}

#[test]
fn faults_of_files_are_told_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let packed = zstd::encode_all(CDXJ.repeat(9).as_bytes(), 3).unwrap();
    std::fs::write(folder.path().join("a"), &packed[..packed.len() - 3]).unwrap();
    let rule = LinkRule { matching: Match::Url, min_links: 1 };
    let selected = select(&[input(&folder.path().join("a"))], &table(), rule, &Limits::default(), &mut Vec::new()).unwrap();
    assert_eq!((selected.faults["in: truncated-input"], selected.bad_by_reason["truncated-input"]), (1, 1));
}
