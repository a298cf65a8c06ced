use super::*;
use crate::text::hash::hash64;

mod at_rest;
mod lines;

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
        Input::file(path, name, text.len() as u64)
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

    fn domains(mut self, name: &str, text: &str) -> Self {
        let input = self.input(name, text.as_bytes());
        self.sources.domains.push(input);
        self
    }

    fn collect(&self) -> (Links, LinkTally) {
        collect(&self.sources, Treatment::Drop, &Limits::default()).unwrap()
    }

    fn table(&self, min_karma: i64) -> LinkTable {
        self.collect().0.table(&choice(min_karma))
    }
}

fn choice(min_karma: i64) -> Choice {
    Choice { min_karma, over_18: Treatment::Keep, self_posts: Treatment::Drop }
}

/// Links and karma of a URL, over all sorts of submissions.
fn sum(links: &Links, url: &str) -> Option<(u32, i64)> {
    let hash = hash64(crate::text::url::normalise(url).unwrap().as_bytes());
    links.rows().filter(|row| row.url == Some(hash)).map(|row| (row.links, row.karma)).reduce(|a, b| (a.0 + b.0, a.1 + b.1))
}

fn submission(url: &str, more: &str) -> String {
    format!("{{\"url\":\"{url}\",{more}}}\n")
}

fn skipped(tally: &LinkTally) -> Vec<(&str, u64)> {
    assert_eq!(tally.rows, tally.kept + tally.skipped.values().sum::<u64>());
    tally.skipped.iter().map(|(reason, n)| (reason.as_str(), *n)).collect()
}

#[test]
fn scores_are_summed_over_submissions_of_one_normalised_url() {
    let files = Files::new()
        .reddit("{\"url\":\"http:\\/\\/www.a.org\\/x\\/\",\"score\":2,\"is_self\":false}\n{\"url\":\"https://a.org/x?utm_source=r\",\"score\":\"2\"}\n")
        .reddit("{\"url\":\"http://a.org/y?b=1&amp;c=2\",\"score\":1,\"over_18\":true}\n{\"url\":\"http://b.co.uk\",\"ups\":7,\"downs\":2}\n{\"url\":\"http://c.org\",\"score\":-3.0}");
    let (links, tally) = files.collect();
    assert_eq!(sum(&links, "http://a.org/x#top"), Some((2, 4)));
    assert_eq!(sum(&links, "http://a.org/y?b=1&c=2"), Some((1, 1)));
    assert_eq!(sum(&links, "http://c.org/"), Some((1, -3)));
    assert_eq!(sum(&links, "http://a.org/z"), None);
    assert_eq!((tally.rows, tally.kept, tally.over_18, tally.distinct_urls, tally.distinct_domains), (5, 5, 1, 4, 3));
    assert_eq!((tally.scores, tally.stale_scores), ([1, 1, 2, 0, 1, 0, 0], false));
    let of = |min_karma| {
        let table = files.table(min_karma);
        let urls =
            ["http://a.org/x#top", "http://a.org/y?b=1&c=2", "http://b.co.uk", "http://c.org"].map(|url| table.url(url).unwrap_or(0));
        let domains =
            ["http://news.a.org/any", "http://www.b.co.uk/", "c.org", "d.org", "not a url"].map(|url| table.domain(url).unwrap_or(0));
        (urls, domains, table.n_urls(), table.n_domains())
    };
    assert_eq!(of(3), ([2, 0, 1, 0], [1, 1, 0, 0, 0], 2, 2));
    assert_eq!(of(5), ([0, 0, 1, 0], [0, 1, 0, 0, 0], 1, 1));
    assert_eq!(of(-3), ([2, 1, 1, 1], [2, 1, 1, 0, 0], 4, 3));
}

#[test]
fn adult_submissions_are_chosen_when_the_table_is_used_and_self_posts_too_where_they_were_kept() {
    let page = "http://a.org/page";
    let own = "https://www.reddit.com/r/rust/comments/1/";
    let dump = [
        submission(page, "\"score\":2,\"over_18\":true"),
        submission(page, "\"score\":2,\"over_18\":false"),
        submission(own, "\"score\":9,\"is_self\":true"),
        submission("/r/rust/comments/2/", "\"score\":9,\"domain\":\"self.rust\""),
        submission("/r/rust/comments/3/", "\"score\":9"),
    ];
    let files = Files::new().reddit(&dump.concat());
    let (kept, tally) = collect(&files.sources, Treatment::Keep, &Limits::default()).unwrap();
    assert_eq!((tally.over_18, tally.self_posts, skipped(&tally)), (1, 2, vec![("reddit", 1)]));
    let found = |links: &Links, over_18, self_posts| {
        let table = links.table(&Choice { min_karma: 3, over_18, self_posts });
        [page, own, "http://reddit.com/r/rust/comments/2", "http://reddit.com/r/rust/comments/3"].map(|url| table.url(url).unwrap_or(0))
    };
    assert_eq!(found(&kept, Treatment::Keep, Treatment::Drop), [2, 0, 0, 0]);
    assert_eq!(found(&kept, Treatment::Drop, Treatment::Keep), [0, 1, 1, 0]);
    let (dropped, tally) = files.collect();
    assert_eq!((tally.self_posts, skipped(&tally)), (0, vec![("reddit", 1), ("self-post", 2)]));
    assert_eq!(found(&dropped, Treatment::Keep, Treatment::Keep), [2, 0, 0, 0]);
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
    let files = Files::new().reddit(&dump).reddit(own);
    let (table, tally) = (files.table(3), files.collect().1);
    let expected = [("media-file", 2), ("media-host", 3), ("not-web", 3), ("reddit", 4), ("self-post", 2), ("wikipedia", 1)];
    assert_eq!(skipped(&tally), expected);
    assert_eq!((table.n_urls(), table.url("http://mp3.com/").is_some()), (2, true));
}

#[test]
fn lists_may_have_scores_or_not() {
    let (links, tally) = Files::new()
        .urls("plain.txt", "\u{feff}http://a.org/1,2\nhttps://a.org/3\r\n\nhttp://a.org/3\n")
        .urls("scored.tsv", "url\tscore\ttitle\nhttp://b.org/1\t150\ta \"quote\nhttp://b.org/2\tmany\n\t7\n")
        .urls("scored.csv", "\"http://c.org/1,2\",4\nhttp://c.org/3\n")
        .collect();
    // A URL without a score has reached any least karma.
    let table = links.table(&choice(100));
    assert_eq!([table.url("http://a.org/1,2"), table.url("http://a.org/3"), table.domain("a.org")], [Some(1), Some(2), Some(2)]);
    assert_eq!([table.url("http://b.org/1"), table.url("http://b.org/2")], [Some(1), Some(1)]);
    assert_eq!([table.url("http://c.org/1,2"), table.url("http://c.org/3")], [Some(0), Some(1)]);
    assert_eq!(sum(&links, "http://c.org/1,2"), Some((1, 4)));
    // A line that begins with a tab has no URL; trimmed, its score stands where the URL should.
    assert_eq!(skipped(&tally), [("not-web", 1)]);
    assert_eq!(tally.scores, [0, 0, 0, 1, 0, 0, 1]);
}

#[test]
fn domain_tables_add_to_the_counts() {
    let files = Files::new()
        .urls("a.txt", "http://news.a.org/1\nhttp://a.org/2\n")
        .domains(
            "domains.tsv",
            "domain\tlinks\tkarma\na.org\t10\t100\nwww.a.org\t5\nimgur.com\t774217\t1\nb.org\tx\t1\nself.rust posts\t3\t1\n",
        )
        .domains("domains.csv.gz", "domain,links\nc.org,4\n");
    let (table, tally) = (files.table(3), files.collect().1);
    assert_eq!([table.domain("http://a.org/"), table.domain("c.org"), table.url("http://a.org/")], [Some(17), Some(4), None]);
    assert_eq!(skipped(&tally), [("bad-row", 1), ("media-host", 1), ("not-web", 1)]);
}

#[test]
fn scores_that_are_all_one_are_stale() {
    let dump = |n_ones: usize, n_others: usize| {
        let row = |score: usize, n: usize| format!("{{\"url\":\"http://a.org/{n}\",\"score\":{score}}}\n");
        (0..n_ones).map(|n| row(1, n)).chain((0..n_others).map(|n| row(7, n))).collect::<String>()
    };
    assert!(Files::new().reddit(&dump(95, 5)).collect().1.stale_scores);
    assert!(!Files::new().reddit(&dump(94, 6)).collect().1.stale_scores);
    assert!(!Files::new().urls("a.txt", "http://a.org/1\n").collect().1.stale_scores);
    assert!(!Files::new().collect().1.stale_scores);
}

#[test]
fn a_missing_file_is_an_error_that_names_it() {
    let sources = LinkSources { reddit: vec![Input::file("no/such/RS", "RS", 0)], ..LinkSources::default() };
    assert!(collect(&sources, Treatment::Drop, &Limits::default()).err().unwrap().to_string().contains("no/such/RS"));
}
