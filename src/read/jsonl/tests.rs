use std::io::{BufReader, Cursor, Read};

use super::*;

/// A stream that ends with an error after its bytes.
struct Failing(Cursor<Vec<u8>>, std::io::ErrorKind);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(self.1.into()),
            n => Ok(n),
        }
    }
}

fn input() -> Input {
    Input::file("set/a.jsonl", "a.jsonl", 7)
}

/// Documents and rejections in order, and the tally.
fn run(reader: impl BufRead, limits: &Limits) -> Result<(Vec<Result<Document, Rejected>>, Tally)> {
    let mut items = Vec::new();
    let tally = read_lines(reader, &input(), &input().name, limits, &mut |item| {
        items.push(match item {
            Item::Document(document) => Ok(document),
            Item::Rejected(rejected) => Err(rejected),
            Item::Page(_) => unreachable!("JSON lines hold no pages"),
        });
        Ok(())
    })?;
    Ok((items, tally))
}

fn items(lines: &[u8]) -> Vec<Result<Document, Rejected>> {
    run(lines, &Limits::default()).unwrap().0
}

fn rule(item: &Result<Document, Rejected>) -> &'static str {
    item.as_ref().unwrap_err().reason.rule
}

#[test]
fn fields_are_read_and_the_rest_is_passed_through() {
    let line = br#"{"z":{"b":1,"a":[2.50]},"id":17,"url":"http://a.org/","date":"2020-01-02","title":"A \u00e9","text":"one\ntwo","timestamp":5,"k":null}"#;
    let document = items(line).remove(0).unwrap();
    assert_eq!((document.id.as_str(), document.text.as_str()), ("17", "one\ntwo"));
    assert_eq!((document.url.as_deref(), document.title.as_deref()), (Some("http://a.org/"), Some("A é")));
    assert_eq!(document.date.as_deref(), Some("2020-01-02"));
    assert_eq!(document.extra.as_deref(), Some(r#"{"k":null,"timestamp":5,"z":{"a":[2.5],"b":1}}"#));
    assert_eq!(document.place, Place { file: "a.jsonl".into(), offset: 0, length: line.len() as u64 });
}

#[test]
fn a_missing_id_is_the_name_and_the_line() {
    let got = items(b"\xEF\xBB\xBF{\"text\":\"a\"}\r\n\n  \n{\"text\":\"b\",\"id\":null,\"timestamp\":1.5,\"url\":3}");
    let (first, second) = (got[0].as_ref().unwrap(), got[1].as_ref().unwrap());
    assert_eq!((first.id.as_str(), second.id.as_str()), ("a.jsonl:1", "a.jsonl:4"));
    assert_eq!((first.extra.as_deref(), second.extra.as_deref()), (None, Some(r#"{"url":3}"#)));
    assert_eq!((second.date.as_deref(), second.url.as_deref()), (Some("1.5"), None));
}

/// The fault that lost 504 documents elsewhere: a bad line costs itself.
#[test]
fn a_bad_line_costs_itself_and_no_other() {
    let mut lines = Vec::new();
    for n in 0..1000 {
        match n {
            500 => lines.extend_from_slice(b"{\"id\":\"bad\",\"text\":\"\xFF\"}\n"),
            600 => lines.extend_from_slice(b"{\"text\":\"cut\n"),
            700 => lines.extend_from_slice(b"{\"id\":\"x\",\"url\":\"http://a.org\",\"text\":[1]}\n"),
            800 => lines.extend_from_slice(b"[\"text\"]\n"),
            _ => lines.extend_from_slice(format!("{{\"text\":\"line {n}\"}}\n").as_bytes()),
        }
    }
    let (got, tally) = run(lines.as_slice(), &Limits::default()).unwrap();
    assert_eq!((got.len(), got.iter().filter(|item| item.is_ok()).count()), (1000, 996));
    assert_eq!([500, 600, 700, 800].map(|n| rule(&got[n])), ["invalid-utf8", "invalid-json", "no-text", "invalid-json"]);
    let rejected = got[700].as_ref().unwrap_err();
    assert_eq!((rejected.id.as_str(), rejected.url.as_deref()), ("x", Some("http://a.org")));
    let place = &got[501].as_ref().unwrap().place;
    let (start, end) = (place.offset as usize, (place.offset + place.length) as usize);
    assert_eq!(&lines[start..end], br#"{"text":"line 501"}"#);
    assert_eq!((tally.records["line"], tally.decoded_bytes, tally.stored_bytes), (1000, lines.len() as u64, 7));
}

#[test]
fn a_line_over_the_limit_is_skipped_without_being_held() {
    let limits = Limits { line_bytes: 20, ..Limits::default() };
    let long = format!("{{\"text\":\"{}\"}}\n{{\"text\":\"ok\"}}\n{{\"text\":\"exactly 9\"}}", "x".repeat(100_000));
    let (got, _) = run(BufReader::with_capacity(16, long.as_bytes()), &limits).unwrap();
    assert_eq!(rule(&got[0]), "line-too-long");
    assert_eq!(got[0].as_ref().unwrap_err().place.length, 100_011);
    assert_eq!((got[1].as_ref().unwrap().text.as_str(), got[2].as_ref().unwrap().text.as_str()), ("ok", "exactly 9"));
}

#[test]
fn surrogates_and_nul_leave_valid_text() {
    let line = br#"{"text":"a\ud83d\ude00b\ud83dc\\ud83d\udc00d\u0000e","id":"x\u0000"}"#;
    let (got, tally) = run(line.as_slice(), &Limits::default()).unwrap();
    let document = got[0].as_ref().unwrap();
    assert_eq!((document.text.as_str(), document.id.as_str()), ("a😀b\u{fffd}c\\ud83d\u{fffd}de", "x"));
    assert_eq!((tally.faults["lone-surrogate"], tally.faults["nul-removed"]), (1, 1));
    for hostile in [r#"{"text":"\ud83d"#, r#"{"text":"\ud83d\"#, r#"\"#, r#"{"text":"\ud8"}"#] {
        assert_eq!(rule(&items(hostile.as_bytes())[0]), "invalid-json", "{hostile}");
    }
}

#[test]
fn depth_is_bounded() {
    let line = format!("{{\"text\":\"a\",\"x\":{}{}}}\n{{\"text\":\"b\"}}", "[".repeat(200_000), "]".repeat(200_000));
    let got = items(line.as_bytes());
    assert_eq!(rule(&got[0]), "invalid-json");
    assert_eq!(got[1].as_ref().unwrap().text, "b");
}

#[test]
fn a_cut_stream_gives_the_whole_lines_before_the_cut() {
    let bytes = b"{\"text\":\"a\"}\n{\"text\":\"b\"}\n{\"text\":\"c\"".to_vec();
    let stream = BufReader::new(Failing(Cursor::new(bytes), std::io::ErrorKind::UnexpectedEof));
    let (got, tally) = run(stream, &Limits::default()).unwrap();
    assert_eq!(got.len(), 3);
    assert_eq!((got[0].is_ok(), got[1].is_ok(), rule(&got[2])), (true, true, "truncated-input"));
    assert_eq!((tally.faults["truncated-input"], got[2].as_ref().unwrap_err().place.offset), (1, 26));
}

#[test]
fn a_damaged_stream_is_counted_and_a_failing_disk_is_an_error() {
    let stream = BufReader::new(Failing(Cursor::new(b"{\"text\":\"a\"}\n".to_vec()), std::io::ErrorKind::InvalidData));
    let (got, _) = run(stream, &Limits::default()).unwrap();
    assert_eq!(rule(&got[1]), "corrupt-input");
    assert!(crate::codec::damage(std::io::Error::from_raw_os_error(5)).is_err());
    assert_eq!(crate::codec::damage(std::io::ErrorKind::Unsupported.into()).unwrap(), "zstd-window-log");
    assert_eq!(crate::codec::damage(std::io::ErrorKind::OutOfMemory.into()).unwrap(), "xz-dictionary-log");
}

#[test]
fn an_error_of_the_receiver_stops_the_reading() {
    let mut n_items = 0;
    let result = read_lines(b"{\"text\":\"a\"}\n{\"text\":\"b\"}".as_slice(), &input(), &input().name, &Limits::default(), &mut |_| {
        n_items += 1;
        Err(crate::error::Error::new("full"))
    });
    assert!(result.is_err());
    assert_eq!(n_items, 1);
}

#[test]
fn a_text_of_white_space_is_none() {
    let got = items(b"{\"id\":\"a\",\"text\":\"\"}\n{\"id\":\"b\",\"text\":\" \\n\\u00a0\"}\n{\"id\":\"c\",\"text\":\" x\"}\n");
    assert_eq!([rule(&got[0]), rule(&got[1])], ["empty-text"; 2]);
    assert_eq!(got[2].as_ref().unwrap().text, " x");
}
