use super::*;
use crate::read::writer::{NewRecord, WarcGzWriter};

fn record<'a>(id: &'a str, block: &'a [u8]) -> NewRecord<'a> {
    NewRecord {
        kind: "response",
        id,
        date: "2020-07-01T00:00:00Z",
        url: Some("https://example.org/"),
        content_type: "application/http; msgtype=response",
        block,
    }
}

fn written() -> (Vec<u8>, Vec<(u64, u64)>) {
    let mut writer = WarcGzWriter::new(Vec::new());
    let info = NewRecord {
        kind: "warcinfo",
        url: None,
        content_type: "application/warc-fields",
        ..record("<urn:uuid:info>", b"software: test\r\n")
    };
    let info = writer.write(&info).unwrap();
    let first = writer.write(&record("<urn:uuid:a>", &html("<p>a"))).unwrap();
    let second = writer.write(&record("<urn:uuid:b>", &html("<p>b"))).unwrap();
    (writer.finish().unwrap(), vec![info, first, second])
}

#[test]
fn the_reader_finds_what_was_written_where_it_was_written() {
    let (file, places) = written();
    let outcome = read_bytes(&file);
    assert_eq!(outcome.ids(), ["urn:uuid:a", "urn:uuid:b"]);
    assert_eq!(outcome.tally.records["warcinfo"], 1);
    for (item, expected) in outcome.items.iter().zip(&places[1..]) {
        let Seen::Page { place, .. } = item else { panic!("a page was written") };
        assert_eq!((place.offset, place.length), *expected);
    }
}

#[test]
fn the_same_records_give_the_same_bytes() {
    assert_eq!(written(), written());
}

#[test]
fn a_value_that_would_break_the_header_is_refused() {
    let mut writer = WarcGzWriter::new(Vec::new());
    assert!(writer.write(&NewRecord { url: Some("https://a/\r\nX: y"), ..record("<a>", b"") }).is_err());
    assert!(writer.write(&NewRecord { date: "yesterday", ..record("<a>", b"") }).is_err());
    assert!(writer.finish().unwrap().is_empty());
}
