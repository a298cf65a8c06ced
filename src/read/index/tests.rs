//! Indexes are composed here, in every spelling that other tools write.

use std::io::Write;
use std::path::Path;

use super::*;

mod selected;
mod tables;

fn input(path: &Path) -> Input {
    Input::file(path, "in", std::fs::metadata(path).unwrap().len())
}

/// Everything that reading gave, but for the numbers of the entries' rows.
fn run(path: &Path, limits: &Limits) -> Result<(Vec<Result<Entry, BadRow>>, IndexTally)> {
    let mut rows = Vec::new();
    let tally = entries(&input(path), limits, &mut |row| {
        rows.push(row.map(|entry| Entry { row: 0, ..entry }));
        Ok(())
    })?;
    let (n_entries, n_bad) = (rows.iter().filter(|row| row.is_ok()).count() as u64, tally.bad.values().sum::<u64>());
    assert_eq!((tally.entries, tally.rows), (n_entries, n_entries + n_bad));
    Ok((rows, tally))
}

fn read_with(bytes: &[u8], limits: &Limits) -> (Vec<Result<Entry, BadRow>>, IndexTally) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    run(file.path(), limits).unwrap()
}

fn read(bytes: &[u8]) -> Vec<Result<Entry, BadRow>> {
    read_with(bytes, &Limits::default()).0
}

fn entry(file: &str, offset: u64, length: u64, url: Option<&str>) -> Entry {
    Entry { row: 0, file: file.to_owned(), offset, length, url: url.map(str::to_owned) }
}

/// Row and reason of each bad row; an entry has none.
fn reasons(rows: &[Result<Entry, BadRow>]) -> Vec<(u64, &'static str)> {
    rows.iter().map(|row| row.as_ref().map_or_else(|bad| (bad.row, bad.why), |_| (0, "entry"))).collect()
}

const CDXJ: &str = "\
!OpenWayback-CDXJ 1.0\n\
!meta {\"created\": \"2020\"}\n\
example,a)/ 20200101000000 {\"url\": \"https://a.example/\", \"mime\": \"text/html\", \"status\": \"200\", \"length\": \"1234\", \"offset\": \"56\", \"filename\": \"x/a.warc.gz\"}\n\
example,b)/b?q={ 20200101000001 {\"url\": \"https://b.example/b?q=\\u007b\", \"length\": 1, \"offset\": 0, \"filename\": \"b.warc.gz\", \"extra\": {\"deep\": [1]}}\r\n";

fn of_cdxj() -> Vec<Result<Entry, BadRow>> {
    vec![Ok(entry("x/a.warc.gz", 56, 1234, Some("https://a.example/"))), Ok(entry("b.warc.gz", 0, 1, Some("https://b.example/b?q={")))]
}

#[test]
fn json_lines_by_any_of_their_names() {
    let text = "\u{FEFF}{\"file\":\"a\",\"offset\":0,\"length\":5}\n\n\
        {\"filename\": \"b\", \"offset\": \"7\", \"length\": \"8\", \"url\": null, \"status\": 200}\r\n  \r\n\
        {\"warc_filename\":\"c\\/d\",\"warc_record_offset\":9007199254740993,\"warc_record_length\":3,\"url\":\"https://c.example/\\u00e9\"}\n\
        {\"url\":7,\"file\":\"e\",\"filename\":\"not this\",\"offset\":1,\"length\":2}";
    let wanted = [
        entry("a", 0, 5, None),
        entry("b", 7, 8, None),
        entry("c/d", 9_007_199_254_740_993, 3, Some("https://c.example/é")),
        entry("e", 1, 2, None),
    ];
    assert_eq!(read(text.as_bytes()), wanted.map(Ok));
}

#[test]
fn cdxj_with_headers() {
    assert_eq!(read(CDXJ.as_bytes()), of_cdxj());
}

#[test]
fn classic_cdx_by_the_letters_of_its_header() {
    let header = " CDX N b a m s k r M S V g\n";
    let row = "example,a)/ 20200101000000 https://a.example/ text/html 200 ABC - - 1234 56 x/a.warc.gz\n";
    assert_eq!(read(format!("{header}{row}").as_bytes()), [Ok(entry("x/a.warc.gz", 56, 1234, Some("https://a.example/")))]);
    // Another order, tabs, and a second header as in joined files; the last counts.
    let tabs = "\tCDX\tg\tV\tS\ta\r\nb.warc.gz\t3\t4\t-\r\n";
    let both = read(format!("{header}{row}{tabs}").as_bytes());
    assert_eq!(both[1], Ok(entry("b.warc.gz", 3, 4, None)));
    // Too few or too many fields, a length that is not known, a header that has none, no header at all.
    for (text, row, why) in [
        (format!("{header}example,a)/ 2020\n"), 2, "not-a-row"),
        (format!("{header}{}\n", row.replace(" - - ", " - - - ").trim_end()), 2, "not-a-row"),
        (format!("{header}{}", row.replace("1234", "-")), 2, "no-length"),
        (format!(" CDX N b a m s k r V g\n{}", row.replace("1234 ", "").replace("- - ", "- ")), 2, "no-length"),
        (row.to_owned(), 1, "not-a-row"),
    ] {
        assert_eq!(reasons(&read(text.as_bytes())), [(row, why)], "{text}");
    }
}

#[test]
fn entries_have_the_numbers_of_their_lines() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(format!("\n{CDXJ}\nnot a row\n{{\"file\":\"a\",\"offset\":0,\"length\":5}}").as_bytes()).unwrap();
    let mut rows = Vec::new();
    let mut each = |row: Result<Entry, BadRow>| {
        rows.push(row.map_or_else(|bad| bad.row, |entry| entry.row));
        Ok(())
    };
    entries(&input(file.path()), &Limits::default(), &mut each).unwrap();
    assert_eq!(rows, [4, 5, 7, 8]);
}

#[test]
fn kinds_of_lines_may_be_mixed() {
    let text = format!("{{\"file\":\"a\",\"offset\":0,\"length\":5}}\n{CDXJ} CDX a S V g\nhttps://d.example/ 1 2 d\n{CDXJ}");
    let mut wanted = vec![Ok(entry("a", 0, 5, None))];
    wanted.extend(of_cdxj());
    wanted.push(Ok(entry("d", 2, 1, Some("https://d.example/"))));
    wanted.extend(of_cdxj());
    assert_eq!(read(text.as_bytes()), wanted);
}

#[test]
fn every_compression_in_many_members() {
    let gz = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let middle = CDXJ.find("example,b").unwrap() + 20;
    let (first, second) = CDXJ.as_bytes().split_at(middle);
    assert_eq!(read(&[gz(first), gz(second)].concat()), of_cdxj());
    let zst = |bytes: &[u8]| zstd::encode_all(bytes, 3).unwrap();
    assert_eq!(read(&[zst(first), zst(second)].concat()), of_cdxj());
    // What came before a cut counts, and what is lost is one bad row.
    let cut = gz(CDXJ.repeat(50).as_bytes());
    let (rows, tally) = read_with(&cut[..cut.len() - 9], &Limits::default());
    let last = rows.last().unwrap().as_ref().unwrap_err();
    assert_eq!((last.why, last.rows, tally.faults["truncated-input"]), ("truncated-input", 1, 1));
    assert!(rows[..rows.len() - 1].iter().all(Result::is_ok));
}

#[test]
fn a_bad_row_costs_itself_and_no_other() {
    let good = "{\"file\":\"a\",\"offset\":0,\"length\":5}";
    let limits = Limits { record_bytes: 1 << 20, line_bytes: 2048, ..Limits::default() };
    let most = i64::MAX as u64;
    for (line, why) in [
        ("not json".to_owned(), "not-a-row"),
        ("{\"file\":\"a\",\"offset\":0,\"length\":5".to_owned(), "not-a-row"),
        ("{\"file\":\"a\",\"file\":\"b\",\"offset\":0,\"length\":5}".to_owned(), "not-a-row"),
        ("[\"a\",0,5]".to_owned(), "not-a-row"),
        ("com,a)/ 2020 {\"filename\":".to_owned(), "not-a-row"),
        (format!("{}{}", "{\"x\":".repeat(200), "}".repeat(200)), "not-a-row"),
        (good.replace("\"file\":\"a\",", ""), "no-file"),
        (good.replace("\"a\"", "\"\""), "no-file"),
        (good.replace("\"a\"", "\" \""), "no-file"),
        (good.replace("\"a\"", "7"), "no-file"),
        (good.replace("\"a\"", "\"\\ud800\""), "no-file"),
        (good.replace("\"a\"", "\"a\\u0000b\""), "nul"),
        (good.replace("\"a\"", "\"a\",\"url\":\"\\u0000\""), "nul"),
        (good.replace(":0,", ":-1,"), "no-offset"),
        (good.replace(":0,", ":\"\","), "no-offset"),
        (good.replace(":0,", ":\"+1\","), "no-offset"),
        (good.replace(":0,", ":1.5,"), "no-offset"),
        (good.replace(":0,", ":1e3,"), "no-offset"),
        (good.replace(":0,", ":null,"), "no-offset"),
        (good.replace(":0,", ":[0],"), "no-offset"),
        (good.replace(":0,", ":18446744073709551616,"), "no-offset"),
        (good.replace(":5", ":\"five\""), "no-length"),
        (good.replace(":5", ":true"), "no-length"),
        (good.replace(":5", ":-5"), "no-length"),
        (good.replace("\"length\"", "\"size\""), "no-length"),
        (good.replace(":5", ":0"), "no-bytes"),
        (good.replace(":5", ":1048577"), "record-too-long"),
        (good.replace(":5", ":18446744073709551615"), "record-too-long"),
        (good.replace(":0,", ":18446744073709551615,"), "beyond-any-file"),
        (good.replace(":0,", &format!(":{},", most - 4)), "beyond-any-file"),
        (good.replace("\"a\"", &format!("\"{}\"", "a".repeat(3000))), "line-too-long"),
    ] {
        let (rows, tally) = read_with(format!("{good}\n{line}\n{good}\n").as_bytes(), &limits);
        assert_eq!(reasons(&rows), [(0, "entry"), (2, why), (0, "entry")], "{line}");
        assert_eq!((tally.rows, tally.bad[why], tally.faults.len()), (3, 1, 0), "{line}");
    }
    assert_eq!(reasons(&read(b"{\"file\":\"\xFF\",\"offset\":0,\"length\":5}\n\xFF")), [(1, "invalid-utf8"), (2, "invalid-utf8")]);
    // The ends of what is allowed.
    for line in [good.replace(":5", ":1048576"), good.replace(":0,", &format!(":{},", most - 5))] {
        assert_eq!(reasons(&read_with(line.as_bytes(), &limits).0), [(0, "entry")], "{line}");
    }
    assert_eq!(BadRow::RULE, "bad-index-row");
}

#[test]
fn a_cut_or_changed_byte_is_never_an_error() {
    let text = format!("{CDXJ} CDX a S V g\nhttps://d.example/ 1 2 d\n");
    for cut in 0..text.len() {
        assert!(read(&text.as_bytes()[..cut]).len() <= 3);
        let mut changed = text.clone().into_bytes();
        for byte in [0, b'\n', b'{', b' ', 0xFF] {
            changed[cut] = byte;
            // Lines may be joined, cut in two, or be no header any more; one of the three entries is left whatever it hits.
            let rows = read(&changed);
            assert!(rows.len() <= 5 && rows.iter().any(Result::is_ok), "byte {cut}: {rows:?}");
        }
    }
    assert_eq!(read(b""), []);
}

#[test]
fn whoever_takes_the_rows_can_stop_and_a_file_that_grew_is_refused() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(CDXJ.as_bytes()).unwrap();
    let mut n = 0;
    let stopped = entries(&input(file.path()), &Limits::default(), &mut |_| {
        n += 1;
        Err(Error::new("enough"))
    });
    assert_eq!((stopped.unwrap_err().to_string().as_str(), n), ("enough", 1));
    let grown = Input { bytes: 7, ..input(file.path()) };
    assert_eq!(entries(&grown, &Limits::default(), &mut |_| Ok(())).unwrap_err().exit_code(), 5);
    let missing = Input { path: "nowhere.cdxj".into(), ..grown };
    assert!(entries(&missing, &Limits::default(), &mut |_| Ok(())).unwrap_err().to_string().contains("nowhere.cdxj"));
}

#[test]
fn the_first_row_tells_whether_it_is_an_index() {
    for (text, wanted) in
        [(CDXJ, true), ("{\"text\":\"no place\"}\n{\"file\":\"a\",\"offset\":0,\"length\":5}", false), ("notes", false), ("", false)]
    {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        assert_eq!(is_index(&input(file.path()), &Limits::default()), wanted, "{text}");
    }
}
