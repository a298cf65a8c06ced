//! Sound records in all the forms that lenient readers accept, and what becomes of each type.

use super::*;

#[test]
fn a_page_carries_what_its_record_says() {
    let outcome =
        read_bytes(&gz(&response("urn:uuid:1", b"HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; Charset=\"Shift_JIS\"\r\n\r\n<p>x", None)));
    let length = outcome.tally.stored_bytes;
    let expected = Seen::Page {
        id: "urn:uuid:1".into(),
        url: "https://example.org/urn:uuid:1".into(),
        media_type: "text/html".into(),
        charset: Some("Shift_JIS".into()),
        body: b"<p>x".to_vec(),
        truncated: false,
        place: Place { file: "in.warc".into(), offset: 0, length },
    };
    assert_eq!(outcome.items, [expected]);
}

#[test]
fn other_types_are_counted_and_are_no_items() {
    let kinds = ["warcinfo", "request", "metadata", "resource", "revisit", "conversion", "continuation", "unknown"];
    let file: Vec<u8> = kinds.iter().flat_map(|kind| raw(&[&format!("WARC-Type: {kind}"), "Content-Length: 4"], b"body")).collect();
    // What a stranger calls its type is not repeated.
    let file = String::from_utf8(file).unwrap().replace("unknown", "odd").into_bytes();
    let outcome = read_bytes(&file);
    assert_eq!(outcome.items, []);
    assert_eq!(outcome.tally.records.into_iter().collect::<Vec<_>>(), {
        let mut kinds: Vec<_> = kinds.map(|kind| (kind.to_owned(), 1)).into();
        kinds.sort();
        kinds
    });
}

#[test]
fn admission_names_its_rules() {
    let get = |url: &str, block: &[u8]| {
        let length = format!("Content-Length: {}", block.len());
        raw(&["WARC-Type: response", "WARC-Record-ID: <x>", &format!("WARC-Target-URI: {url}"), &length], block)
    };
    let web = "https://example.org/";
    for (url, block, rule) in [
        ("dns:example.org", &html("<p>")[..], "not-http"),
        ("", &html("<p>"), "not-http"),
        (web, b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<p>", "http-status"),
        (web, b"HTTP/1.1 301\r\n\r\n<p>", "http-status"),
        (web, b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nPNG", "media-type"),
        (web, b"HTTP/1.1 200 OK\r\n\r\nno type and no tag", "media-type"),
        (web, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", "empty-body"),
        (web, b"", "empty-body"),
    ] {
        let outcome = read_bytes(&get(url, block));
        assert_eq!(outcome.rules(), [rule]);
        assert_eq!((outcome.items.len(), outcome.rejected()[0].id.as_str()), (1, "x"));
    }
    let outcome = read_bytes(&get(web, b"HTTP/1.1 404 Not Found\r\n\r\n"));
    assert_eq!((outcome.rejected()[0].reason.value, outcome.rejected()[0].reason.limit), (404.0, 200.0));
    for block in [&b"HTTP/1.1 200 OK\r\n\r\n  <p>sniffed"[..], b"<html>no head at all", b"HTTP/1.1 200\nContent-Type: text/plain\n\nx"] {
        assert_eq!(read_bytes(&get(web, block)).ids(), ["x"]);
    }
    assert_eq!(read_bytes(&get("<https://example.org/>", &html("<p>"))).ids(), ["x"]);
}

#[test]
fn lenient_headers() {
    let record = String::from_utf8(page("one")).unwrap();
    let folded = record.replace("WARC-Target-URI: ", "WARC-Target-URI:\r\n\t ");
    let bare = record.replace("\r\n", "\n");
    let doubled = record.replace("\r\n", "\r\r\n");
    let lower = record.replace("WARC-Record-ID", "warc-record-id").replace("Content-Length", "CONTENT-LENGTH");
    let [old, older, newer] = ["WARC/0.18", "WARC/0.17", "WARC/1.1"].map(|version| record.replace("WARC/1.0", version));
    let odd = record.replace("WARC-Date", "no colon here\r\nWARC-Date");
    let repeated = record.replace("WARC-Date", "WARC-Record-ID: <second>\r\nWARC-Date");
    for text in [&folded, &lower, &old, &older, &newer, &odd, &repeated] {
        let outcome = read_bytes(text.as_bytes());
        assert_eq!((outcome.ids(), outcome.items.len()), (vec!["one"], 1), "{text}");
        assert!(matches!(&outcome.items[0], Seen::Page { url, .. } if url == "https://example.org/one"));
    }
    // Their lengths are those of the longer or shorter line ends inside the block.
    for text in [bare, doubled] {
        let outcome = read_bytes(&gz(text.as_bytes()));
        assert_eq!(outcome.ids(), ["one"], "{text}");
    }
}

#[test]
fn header_bytes_that_are_no_text() {
    let mut record = page("one");
    let at = record.windows(9).position(|window| window == b"WARC-Date").unwrap();
    record.splice(at..at, *b"X-Odd: \xFF\xFE\0\r\n\xFF\xFF: y\r\n");
    assert_eq!(read_bytes(&record).ids(), ["one"]);
}

#[test]
fn a_nul_in_a_field_that_is_kept_is_taken_out_and_counted() {
    let id = b"<one>";
    let mut record = page("one");
    let at = record.windows(id.len()).position(|window| window == id).unwrap();
    record.splice(at..at + id.len(), *b"<\0o\0ne>");
    let outcome = read_bytes(&[record, page("two")].concat());
    assert_eq!((outcome.ids(), outcome.tally.faults.get("nul-removed")), (vec!["one", "two"], Some(&1)));
}

#[test]
fn line_ends_between_records_may_be_missing_or_many() {
    let (one, two) = (page("one"), page("two"));
    for between in [0, 1, 2, 4, 400] {
        let mut file = b"\r\n\n\r\n".to_vec();
        file.extend_from_slice(&one[..one.len() - 4]);
        file.extend_from_slice(&b"\r\n".repeat(between));
        file.extend_from_slice(&two);
        for file in [file.clone(), gz(&file), zst(&file)] {
            let outcome = read_bytes(&file);
            assert_eq!((outcome.ids(), outcome.items.len()), (vec!["one", "two"], 2), "{between} line ends");
        }
    }
}

#[test]
fn a_record_without_a_type_is_rejected_and_costs_no_other() {
    let file = [raw(&["WARC-Record-ID: <x>", "Content-Length: 4"], b"body"), page("two")].concat();
    let outcome = read_bytes(&file);
    assert_eq!((outcome.ids(), outcome.rules()), (vec!["two"], vec!["bad-header"]));
}

#[test]
fn records_of_one_stream_lie_at_bytes_of_the_stream() {
    let (one, two) = (page("one"), page("two"));
    let outcome = read_bytes(&gz(&[one.clone(), two.clone()].concat()));
    let places: Vec<_> =
        outcome.items.iter().map(|item| if let Seen::Page { place, .. } = item { (place.offset, place.length) } else { (0, 0) }).collect();
    assert_eq!(places, [(0, one.len() as u64 - 4), (one.len() as u64, two.len() as u64 - 4)]);
}

#[test]
fn inspect_tells_what_the_bytes_of_a_place_are_counted_in_and_keeps_as_many_as_are_asked_for() {
    let (one, two, junk) = (page("one"), page("two"), b"no record at all\n".repeat(9));
    let stream = [one.trim_ascii_end(), &junk, &two].concat();
    let mut broken = gz(&one);
    let middle = broken.len() / 2;
    broken[middle] ^= 0xFF;
    for (file, of) in [(stream.clone(), Of::File), (gz(&stream), Of::Stream), ([broken, gz(&two)].concat(), Of::File)] {
        for kept in [0, 5] {
            let mut stored = tempfile::NamedTempFile::new().unwrap();
            stored.write_all(&file).unwrap();
            let checks = Checks { places: kept, ..Checks::default() };
            let seen = inspect(&input(stored.path()), &Limits::default(), checks).unwrap();
            let places: Vec<At> = seen.places.into_values().flatten().collect();
            assert_eq!((seen.tally.faults.values().sum::<u64>(), places.len()), (1, kept.min(1)), "{of:?}");
            assert!(places.iter().all(|place| place.of == of), "{of:?}: {places:?}");
        }
    }
}

#[test]
fn truncation_by_the_crawler_is_passed_on_and_counted() {
    for (line, fault) in [("WARC-Truncated: length", "warc-truncated"), ("WARC-Segment-Number: 1", "segment")] {
        let record = String::from_utf8(page("one")).unwrap().replace("WARC-Date", &format!("{line}\r\nWARC-Date"));
        let outcome = read_bytes(record.as_bytes());
        assert!(matches!(&outcome.items[0], Seen::Page { truncated: true, .. }));
        assert_eq!(outcome.fault(fault), 1);
    }
}

#[test]
fn conversions_that_are_not_all_here_say_so() {
    let lines = ["WARC-Type: conversion", "WARC-Record-ID: <x>", "Content-Length: 9"];
    let cut = [&lines[..], &["WARC-Truncated: length"]].concat();
    let short = ["WARC-Type: conversion", "WARC-Record-ID: <x>", "Content-Length: 900"];
    // Eight letters of two bytes are within the limit; half of one is not.
    let long = ["WARC-Type: conversion", "WARC-Record-ID: <x>", "Content-Length: 20"];
    let limits = Limits { body_bytes: 17, ..Limits::default() };
    for (record, text, truncated) in [
        (raw(&lines, b"all of it"), "all of it", false),
        (raw(&cut, b"all of it"), "all of it", true),
        (raw(&short, b"all of it"), "all of it", true),
        (raw(&long, "ä".repeat(10).as_bytes()), "ääääääää", true),
    ] {
        let outcome = read_with(Format::Wet, &gz(&record), &limits);
        let [Seen::Document(document)] = &outcome.items[..] else { panic!("{:?}", outcome.items) };
        assert_eq!((document.text.trim_end(), document.truncated), (text, truncated));
        assert_eq!(outcome.fault("invalid-utf8"), 0);
    }
}

#[test]
fn conversions_are_documents_of_wet_files() {
    let text = "First line\0 with NUL\nsecond line\n".as_bytes();
    let record = |block: &[u8]| {
        let length = format!("Content-Length: {}", block.len());
        let lines = [
            "WARC-Type: conversion",
            "WARC-Record-ID: <urn:1>",
            "WARC-Date: 2020-07-01T00:00:00Z",
            "WARC-Target-URI: https://a.org/",
            &length,
        ];
        gz(&raw(&lines, block))
    };
    let file = [record(text), record(b"bad \xFF byte"), record(b" \n"), gz(&page("page"))].concat();
    let outcome = read_with(Format::Wet, &file, &Limits::default());
    let Seen::Document(document) = &outcome.items[0] else { panic!("a document") };
    assert_eq!(document.text, "First line with NUL\nsecond line\n");
    assert_eq!(
        (document.id.as_str(), document.url.as_deref(), document.date.as_deref()),
        ("urn:1", Some("https://a.org/"), Some("2020-07-01T00:00:00Z"))
    );
    assert!(matches!(&outcome.items[1], Seen::Document(document) if document.text == "bad \u{FFFD} byte"));
    assert_eq!((outcome.rules(), outcome.fault("invalid-utf8"), outcome.items.len()), (vec!["empty-text"], 1, 3));
    assert_eq!(outcome.tally.records["response"], 1);
    let cut = read_with(Format::Wet, &record("äöü".as_bytes()), &Limits { body_bytes: 3, ..Limits::default() });
    assert!(matches!(&cut.items[0], Seen::Document(document) if document.text.starts_with('ä')));
    assert_eq!(cut.fault("body-cut"), 1);
}

#[test]
fn an_error_of_the_receiver_stops_the_reading() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&[page("one"), page("two")].concat()).unwrap();
    let mut seen = 0;
    let result = read(Format::Warc, &input(file.path()), &Limits::default(), &mut |_| {
        seen += 1;
        Err(crate::error::Error::new("enough"))
    });
    assert!(result.is_err());
    assert_eq!(seen, 1);
}

#[test]
fn inspection_counts_and_places() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let (first, second) = (gz(&page("one")), gz(&response("two", b"HTTP/1.1 404 No\r\n\r\n", None)));
    file.write_all(&[&first[..], &second[..], b"garbage", &first[..], &first[..20]].concat()).unwrap();
    let inspection = inspect(&input(file.path()), &Limits::default(), Checks::default()).unwrap();
    assert_eq!((inspection.compression, inspection.format), ("gzip", "warc"));
    assert_eq!((inspection.admitted, inspection.tally.records["response"], inspection.tally.records["damaged"]), (2, 3, 2));
    assert_eq!(inspection.rejected, [("garbage-between-members", 1), ("http-status", 1), ("truncated-input", 1)].into());
    let garbage = first.len() + second.len();
    for (fault, offset, length) in [("garbage-between-members", garbage, 7), ("truncated-input", garbage + 7 + first.len(), 20)] {
        let places: Vec<_> = inspection.places[fault].iter().map(|place| (place.offset, place.length)).collect();
        assert_eq!((inspection.tally.faults[fault], places), (1, vec![(offset as u64, length as u64)]), "{fault}");
    }
    let json = serde_json::to_value(&inspection).unwrap();
    assert_eq!((json["admitted"].as_u64(), json["faults"]["truncated-input"].as_u64()), (Some(2), Some(1)));
}

#[test]
fn inspection_tells_formats_by_name_or_content() {
    for (bytes, compression, format) in [
        (raw(&["WARC-Type: conversion", "Content-Length: 4"], b"text"), "plain", "wet"),
        (zst(&page("one")), "zstd", "warc"),
        (gz(b" {\"text\":\"a\"}"), "gzip", "jsonl"),
        (b"just text".to_vec(), "plain", "text"),
        (
            gz(b"filedesc://a.arc 0.0.0.0 20091105123456 text/plain 4\n1 0\n\nhttp://a.org/ 192.0.2.7 20091105123456 text/html 3\n<p>\n"),
            "gzip",
            "warc",
        ),
        ([b"damaged".to_vec(), gz(&page("one"))].concat(), "gzip", "warc"),
    ] {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        let name = match &bytes[..4] {
            b"dama" => "in.warc.gz",
            b"just" => "in.txt",
            _ => "in",
        };
        let inspection = inspect(&Input { name: name.into(), ..input(file.path()) }, &Limits::default(), Checks::default()).unwrap();
        assert_eq!((inspection.compression, inspection.format, inspection.admitted), (compression, format, 1));
    }
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"just text").unwrap();
    let unknown = inspect(&Input { name: "in".into(), ..input(file.path()) }, &Limits::default(), Checks::default()).unwrap_err();
    assert_eq!(unknown.exit_code(), 2);
}
