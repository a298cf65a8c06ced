use super::*;

struct Files {
    folder: tempfile::TempDir,
    sources: LinkSources,
}

impl Files {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), sources: LinkSources::default() }
    }

    fn input(&self, name: &str, text: &[u8]) -> Input {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        Input { path, name: name.into(), bytes: text.len() as u64 }
    }

    fn reddit(mut self, text: &str) -> Self {
        let input = self.input(&format!("RS_{}", self.sources.reddit.len()), text.as_bytes());
        self.sources.reddit.push(input);
        self
    }

    fn urls(mut self, name: &str, text: &str) -> Self {
        let input = self.input(name, text.as_bytes());
        self.sources.urls.push(input);
        self
    }

    fn domains(mut self, text: &str) -> Self {
        let input = self.input("domains.tsv", text.as_bytes());
        self.sources.domains.push(input);
        self
    }

    fn collect(&self, min_karma: i64) -> (LinkTable, LinkTally) {
        collect(&self.sources, min_karma, &Limits::default()).unwrap()
    }
}

fn record(links: u32, karma: i64) -> Option<LinkRecord> {
    Some(LinkRecord { links, karma })
}

fn skipped(tally: &LinkTally) -> Vec<(&str, u64)> {
    assert_eq!(tally.rows, tally.kept + tally.skipped.values().sum::<u64>());
    tally.skipped.iter().map(|(reason, n)| (reason.as_str(), *n)).collect()
}

#[test]
fn scores_are_summed_over_submissions_of_one_normalised_url() {
    let (table, tally) = Files::new()
        .reddit("{\"url\":\"http:\\/\\/www.a.org\\/x\\/\",\"score\":2,\"is_self\":false}\n{\"url\":\"https://a.org/x?utm_source=r\",\"score\":\"2\"}\n")
        .reddit("{\"url\":\"http://a.org/y?b=1&amp;c=2\",\"score\":1,\"over_18\":true}\n{\"url\":\"http://b.co.uk\",\"ups\":7,\"downs\":2}\n{\"url\":\"http://c.org\",\"score\":-3.0}")
        .collect(3);
    assert_eq!(table.url("http://a.org/x#top"), record(2, 4));
    assert_eq!(table.url("http://a.org/y?b=1&c=2"), record(1, 1));
    assert_eq!(table.url("http://a.org/z"), None);
    assert_eq!(table.domain("http://news.a.org/any"), record(1, 4));
    assert_eq!(table.domain("http://www.b.co.uk/"), record(1, 5));
    // Linked, but never with enough karma.
    assert_eq!((table.url("http://c.org/"), table.domain("c.org")), (record(1, -3), record(0, 0)));
    assert_eq!((table.domain("d.org"), table.domain("not a url")), (None, None));
    assert_eq!((tally.rows, tally.kept, tally.over_18, tally.distinct_urls, tally.distinct_domains), (5, 5, 1, 4, 3));
    assert_eq!((tally.scores, tally.stale_scores), ([1, 1, 2, 0, 1, 0, 0], false));
}

#[test]
fn only_external_pages_count() {
    let urls = [
        "http://reddit.com/r/x",
        "http://old.reddit.com/r/x",
        "https://redd.it/1",
        "/r/x/comments/1",
        "http://i.imgur.com/a",
        "https://www.youtube.com/watch?v=1",
        "http://youtu.be/1",
        "http://a.org/picture.JPG",
        "http://a.org/film.mp4?t=1",
        "https://en.wikipedia.org/wiki/River",
        "ftp://a.org/x",
        "http://localhost/x",
        "http://a.org/page.html?image=a.jpg",
        "http://mp3.com",
        "http://jpg",
    ];
    let dump: String = urls.iter().map(|url| format!("{{\"url\":\"{url}\",\"score\":9}}\n")).collect();
    let own = "{\"url\":\"http://a.org/self\",\"is_self\":true,\"score\":5}\n{\"url\":\"http://a.org/self\",\"domain\":\"self.rust\",\"score\":5}\n";
    let (table, tally) = Files::new().reddit(&dump).reddit(own).collect(3);
    let expected = [("media-file", 2), ("media-host", 3), ("not-web", 3), ("reddit", 4), ("self-post", 2), ("wikipedia", 1)];
    assert_eq!(skipped(&tally), expected);
    assert_eq!((table.n_urls(), table.url("http://mp3.com/").is_some()), (2, true));
}

#[test]
fn bad_rows_cost_themselves_only() {
    let dump = "{\"url\":\"http://a.org/1\",\"score\":3}\nnot json\n[1]\n\n{\"score\":4}\n{\"url\":null,\"score\":4}\n{\"url\":\"http://a.org/2\"}\n{\"url\":\"http://a.org/3\",\"score\":{\"a\":[1]}}\n{\"url\":[\"x\"],\"score\":4}\n{\"url\":\"http://a.org/4\",\"score\":99999999999999999999}\n{\"url\":\"http://a.org/1\",\"score\":1";
    let (table, tally) = Files::new().reddit(dump).collect(3);
    assert_eq!(skipped(&tally), [("bad-row", 3), ("no-score", 2), ("no-url", 3)]);
    assert_eq!((tally.kept, table.url("http://a.org/4")), (2, record(1, i64::MAX)));
    let files = Files::new().reddit("{\"url\":\"http://a.org/1\",\"score\":3}\n{\"url\":\"http://a.org/22222222222\",\"score\":3}\n");
    let (_, tally) = collect(&files.sources, 3, &Limits { line_bytes: 40, ..Limits::default() }).unwrap();
    assert_eq!(skipped(&tally), [("line-too-long", 1)]);
}

#[test]
fn lists_may_have_scores_or_not() {
    let (table, tally) = Files::new()
        .urls("plain.txt", "\u{feff}http://a.org/1,2\nhttps://a.org/3\r\n\nhttp://a.org/3\n")
        .urls("scored.tsv", "url\tscore\ttitle\nhttp://b.org/1\t150\ta \"quote\nhttp://b.org/2\tmany\n\t7\n")
        .urls("scored.csv", "\"http://c.org/1,2\",4\nhttp://c.org/3\n")
        .collect(3);
    assert_eq!(table.url("http://a.org/1,2"), record(1, 3));
    assert_eq!(table.url("http://a.org/3"), record(2, 6));
    assert_eq!((table.url("http://b.org/1"), table.url("http://b.org/2")), (record(1, 150), record(1, 3)));
    assert_eq!((table.url("http://c.org/1,2"), table.url("http://c.org/3")), (record(1, 4), record(1, 3)));
    // A line that begins with a tab has no URL; trimmed, its score stands where the URL should.
    assert_eq!(skipped(&tally), [("not-web", 1)]);
    assert_eq!(tally.scores, [0, 0, 0, 1, 0, 0, 1]);
}

#[test]
fn domain_tables_add_to_the_counts() {
    let (table, tally) = Files::new()
        .urls("a.txt", "http://news.a.org/1\nhttp://a.org/2\n")
        .domains("domain\tlinks\tkarma\na.org\t10\t100\nwww.a.org\t5\nimgur.com\t774217\t1\nb.org\tx\t1\nself.rust posts\t3\t1\n")
        .collect(3);
    assert_eq!(table.domain("http://a.org/"), record(17, 106));
    assert_eq!(table.url("http://a.org/"), None);
    assert_eq!(skipped(&tally), [("bad-row", 1), ("media-host", 1), ("not-web", 1)]);
}

#[test]
fn scores_that_are_all_one_are_stale() {
    let dump = |n_ones: usize, n_others: usize| {
        let row = |score: usize, n: usize| format!("{{\"url\":\"http://a.org/{n}\",\"score\":{score}}}\n");
        (0..n_ones).map(|n| row(1, n)).chain((0..n_others).map(|n| row(7, n))).collect::<String>()
    };
    assert!(Files::new().reddit(&dump(95, 5)).collect(3).1.stale_scores);
    assert!(!Files::new().reddit(&dump(94, 6)).collect(3).1.stale_scores);
    assert!(!Files::new().urls("a.txt", "http://a.org/1\n").collect(3).1.stale_scores);
    assert!(!Files::new().collect(3).1.stale_scores);
}

#[test]
fn a_table_is_the_same_bytes_whatever_the_order_and_comes_back_whole() {
    let (one, two) = (
        "{\"url\":\"http://a.org/1\",\"score\":3}\n{\"url\":\"http://b.org/1\",\"score\":1}\n",
        "{\"url\":\"http://a.org/2\",\"score\":-7}\n",
    );
    let table = Files::new().reddit(one).reddit(two).domains("c.org\t1\t2\n").collect(3).0;
    let turned = Files::new().reddit(two).reddit(one).domains("c.org\t1\t2\n").collect(3).0;
    let bytes = table.to_bytes();
    assert_eq!(bytes, turned.to_bytes());
    let read = LinkTable::from_bytes(&bytes).unwrap();
    assert_eq!((&read, read.min_karma(), read.n_urls(), read.n_domains()), (&table, 3, 3, 3));
    let empty = Files::new().collect(-1).0;
    assert_eq!(LinkTable::from_bytes(&empty.to_bytes()).unwrap(), empty);
}

#[test]
fn any_changed_or_missing_byte_is_refused() {
    let bytes = Files::new().urls("a.txt", "http://a.org/1\nhttp://b.org/2\n").collect(3).0.to_bytes();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        assert!(LinkTable::from_bytes(&changed).is_err(), "byte {at}");
        assert!(LinkTable::from_bytes(&bytes[..at]).is_err(), "cut at {at}");
    }
    let longer = [bytes.as_slice(), b"\0"].concat();
    assert!(LinkTable::from_bytes(&longer).is_err());
}

#[test]
fn a_missing_file_is_an_error_that_names_it() {
    let sources = LinkSources { reddit: vec![Input { path: "no/such/RS".into(), name: "RS".into(), bytes: 0 }], ..LinkSources::default() };
    assert!(collect(&sources, 3, &Limits::default()).unwrap_err().to_string().contains("no/such/RS"));
}
