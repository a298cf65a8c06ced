//! Each row of the table of faults that concerns containers and records.

use super::*;

fn members(parts: &[Vec<u8>]) -> Vec<u8> {
    parts.concat()
}

/// A limit on records that a test can go over cheaply.
fn small() -> Limits {
    Limits { record_bytes: 4096, warc_header_bytes: 2048, ..Limits::default() }
}

#[test]
fn garbage_between_members_is_one_item_and_costs_no_neighbour() {
    let garbage = b"garbage that is no member".to_vec();
    let (first, second) = (gz(&page("one")), gz(&page("two")));
    let at = first.len() as u64;
    let outcome = read_bytes(&members(&[first, garbage.clone(), second, garbage]));
    assert_eq!(outcome.ids(), ["one", "two"]);
    assert_eq!(outcome.rules(), ["garbage-between-members"; 2]);
    assert_eq!(outcome.fault("garbage-between-members"), 2);
    assert_eq!((outcome.rejected()[0].place.offset, outcome.rejected()[0].place.length), (at, 25));
}

#[test]
fn zeros_after_the_last_member_are_padding_and_no_item() {
    let outcome = read_bytes(&members(&[gz(&page("one")), vec![0; 1000]]));
    assert_eq!((outcome.items.len(), outcome.fault("padding")), (1, 1));
}

#[test]
fn empty_members_are_nothing_however_many() {
    let empty = gz(b"").repeat(50_000);
    let outcome = read_bytes(&members(&[empty.clone(), gz(&page("one")), empty.clone(), gz(&page("two")), empty]));
    assert_eq!((outcome.ids(), outcome.items.len()), (vec!["one", "two"], 2));
    assert_eq!(read_bytes(&gz(b"").repeat(3)).items, []);
}

#[test]
fn a_wrong_checksum_or_length_rejects_its_member_alone() {
    for from_end in [8, 4] {
        let mut bad = gz(&page("two"));
        let at = bad.len() - from_end;
        bad[at] ^= 1;
        let length = bad.len() as u64;
        let first = gz(&page("one"));
        let offset = first.len() as u64;
        let outcome = read_bytes(&members(&[first, bad, gz(&page("three"))]));
        assert_eq!(outcome.ids(), ["one", "three"]);
        assert_eq!(outcome.rejected()[0].place, Place { file: "in.warc".into(), offset, length });
        assert_eq!(outcome.rejected()[0].id, "two");
    }
}

#[test]
fn a_lost_block_inside_a_member_costs_that_member_alone() {
    let mut words = String::new();
    let mut state = 7;
    while words.len() < 100_000 {
        words.push_str(&format!("{:x} ", random(&mut state)));
    }
    let big = gz(&response("big", &html(&words), None));
    let holed = [&big[..10_000], &big[14_096..]].concat();
    let outcome = read_bytes(&members(&[gz(&page("one")), holed, gz(&page("two"))]));
    assert_eq!((outcome.ids(), outcome.rules()), (vec!["one", "two"], vec!["damaged-record"]));
}

#[test]
fn one_gzip_or_zstd_stream_over_all_records() {
    let plain = members(&[page("one"), page("two"), page("three")]);
    for file in [gz(&plain), zst(&plain), plain.clone()] {
        let outcome = read_bytes(&file);
        assert_eq!((outcome.ids(), outcome.items.len()), (vec!["one", "two", "three"], 3));
        assert_eq!(outcome.tally.decoded_bytes, plain.len() as u64);
    }
}

#[test]
fn a_stream_larger_than_the_buffer_for_whole_members() {
    let mut plain = Vec::new();
    let mut state = 1;
    for number in 0..120 {
        let noise: String = (0..4000).map(|_| format!("{:016x}", random(&mut state))).collect();
        plain.extend(response(&format!("r{number}"), &html(&noise), None));
    }
    let file = gz(&plain);
    assert!(file.len() > 4 << 20, "the member must not fit");
    let outcome = read_bytes(&members(&[file, gz(&page("last"))]));
    assert_eq!((outcome.ids().len(), outcome.items.len()), (121, 121));
}

#[test]
fn a_record_split_over_members_is_joined() {
    let record = page("split");
    for cut in [3, 40, record.len() - 60, record.len() - 3] {
        for pack in [gz as fn(&[u8]) -> Vec<u8>, zst] {
            let file = members(&[pack(&page("one")), pack(&record[..cut]), pack(&record[cut..]), pack(&page("two"))]);
            let outcome = read_bytes(&file);
            assert_eq!((outcome.ids(), outcome.items.len()), (vec!["one", "split", "two"], 3), "cut at {cut}");
            assert_eq!(outcome.bodies()[1], read_bytes(&record).bodies()[0]);
        }
    }
}

#[test]
fn lengths_that_lie_in_a_member_of_their_own() {
    let block = html("<p>the body of a record whose length is wrong");
    for (line, short) in [
        ("X: no length", false),
        ("Content-Length: -1", false),
        ("Content-Length: many", false),
        ("Content-Length: 10", false),
        ("Content-Length: 5000", true),
        ("Content-Length: 4294967296", true),
        ("Content-Length: 18446744073709551615", true),
        ("Content-Length: 18446744073709551616", false),
        ("Content-Length: 5000, 10", false),
    ] {
        let outcome = read_bytes(&members(&[gz(&page("one")), gz(&response("lie", &block, Some(line))), gz(&page("two"))]));
        assert_eq!(outcome.ids(), ["one", "lie", "two"], "{line}");
        assert_eq!(outcome.bodies()[1], b"<p>the body of a record whose length is wrong", "{line}");
        assert_eq!(outcome.fault("bad-length"), 1, "{line}");
        let Seen::Page { truncated, .. } = &outcome.items[1] else { panic!("a page") };
        assert_eq!(*truncated, short, "{line}");
    }
}

#[test]
fn lengths_that_lie_in_one_stream_cost_their_record_alone() {
    let block = html("<p>the body of a record whose length is wrong");
    for line in [
        "X: no length",
        "Content-Length: -1",
        "Content-Length: many",
        "Content-Length: 70",
        "Content-Length: 400",
        "Content-Length: 100000",
        "Content-Length: 4294967296",
        "Content-Length: 18446744073709551615",
        "Content-Length: 18446744073709551616",
    ] {
        let plain = members(&[page("one"), response("lie", &block, Some(line)), page("two"), page("three")]);
        for file in [plain.clone(), gz(&plain), zst(&plain)] {
            let outcome = read_bytes(&file);
            assert_eq!(outcome.ids(), ["one", "two", "three"], "{line}");
            assert_eq!(outcome.rejected()[0].id, "lie", "{line}");
            assert_eq!(outcome.items.len(), 4, "{line}");
        }
    }
}

#[test]
fn a_record_over_the_limit_is_passed_over_in_every_framing() {
    let long = response("long", &html(&"<p>WARC/1.0\r\nWARC-Type: response\r\n".repeat(1000)), None);
    let files = [
        members(&[page("one"), long.clone(), page("two")]),
        members(&[gz(&page("one")), gz(&long), gz(&page("two"))]),
        members(&[zst(&page("one")), zst(&long), zst(&page("two"))]),
    ];
    for file in files {
        let outcome = read_with(Format::Warc, &file, &small());
        assert_eq!((outcome.ids(), outcome.rules()), (vec!["one", "two"], vec!["record-too-long"]));
        assert_eq!(outcome.rejected()[0].reason.limit, 4096.0);
    }
}

#[test]
fn a_header_over_the_limit_is_passed_over() {
    let line = format!("X-Long: {}", "x".repeat(100_000));
    let lines = vec!["A: b"; 10_000];
    for long in [raw(&["WARC-Type: response", &line], b"body"), raw(&lines, b"body")] {
        for file in [members(&[page("one"), long.clone(), page("two")]), members(&[gz(&page("one")), gz(&long), gz(&page("two"))])] {
            let outcome = read_with(Format::Warc, &file, &small());
            assert_eq!((outcome.ids(), outcome.rules()), (vec!["one", "two"], vec!["header-too-long"]));
        }
    }
}

#[test]
fn a_bomb_costs_its_own_member() {
    let bomb = gz(&response("bomb", &vec![b'a'; 80 << 20], None));
    let outcome = read_bytes(&members(&[gz(&page("one")), bomb, gz(&page("two"))]));
    assert_eq!((outcome.ids(), outcome.rules()), (vec!["one", "two"], vec!["record-too-long"]));
}

#[test]
fn a_zstd_window_over_the_limit_names_the_setting() {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(28).unwrap();
    encoder.long_distance_matching(true).unwrap();
    encoder.write_all(&page("wide")).unwrap();
    let wide = encoder.finish().unwrap();
    let outcome = read_bytes(&wide);
    assert_eq!((outcome.rules(), outcome.rejected()[0].reason.limit), (vec!["zstd-window-log"], f64::from(1 << 27)));
    let outcome = read_with(Format::Warc, &wide, &Limits { zstd_window_log: 31, ..Limits::default() });
    assert_eq!(outcome.ids(), ["wide"]);
    // Beside frames that can be read it is a record that cannot.
    let outcome = read_bytes(&members(&[zst(&page("one")), wide, zst(&page("two"))]));
    assert_eq!((outcome.ids(), outcome.rules()), (vec!["one", "two"], vec!["zstd-window-log"]));
}

#[test]
fn a_window_over_the_limit_costs_a_text_set_no_more_than_its_file() {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(28).unwrap();
    encoder.long_distance_matching(true).unwrap();
    encoder.write_all(b"{\"text\":\"wide\"}\n").unwrap();
    let wide = encoder.finish().unwrap();
    for format in [Format::Jsonl, Format::Text, Format::Books] {
        let outcome = read_with(format, &wide, &Limits::default());
        assert_eq!((outcome.rules(), outcome.fault("zstd-window-log")), (vec!["zstd-window-log"], 1));
        assert_eq!(read_with(format, &wide, &Limits { zstd_window_log: 28, ..Limits::default() }).ids().len(), 1);
    }
}

/// `zstd --train --maxdict=400` of 400 files as [`page`] makes them.
pub(super) const DICTIONARY: &[u8] =
    b"7\xa40\xec\x1f\xc2\xc6D\x1d\x10\xd8\x0a\x0a\xe9\x0c\xc30\x0cC\xce`tgXP)[\x922\xc9\xf4\x86\x22[k\xad\xb56\xf3\x05\
      \x00\x00(\x84\xc6\xe5\x9b\x01\x00\x00\x04\x80\x82\x01\x00\xc4\x05JF\xc7\x05\x00\x80A\xc7\xc4\x05\x01\x00\xc1\x07\
      \x96\x01\x00\x00\x00\x1c\xc6c\x00\xc0\x03\x00\xc0\x03\x03\x00\x00\x00\x00\x00\xa4\x10\xa8m\x03\x80\x02\x00\x00\
      \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x04\x00\x00\x00\x08\x00\x00\x00>sample364 says 49</p>\
      \x0a<p>sample364 says 64</p>\x0a<pple144 says 100</p>\x0a<p>sample144 says 121</p>\x0a\x0d\x0a\x0d\x0aC-Target-U\
      RI: https://example.org/sample277\x0d\x0aConteponse\x0d\x0aContent-Length: 357\x0d\x0a\x0d\x0aHTTP/1.1 200 OK\
      \x0d\x0aCon>\x0d\x0aWARC-Date: 2020-07-01T00:00:00Z\x0d\x0aWARC-Target-URWARC/1.0\x0d\x0aWARC-Type: respons";

#[test]
fn frames_with_a_dictionary_are_read_and_damage_among_them_is_passed() {
    let dictionary = DICTIONARY.to_vec();
    let mut compressor = zstd::bulk::Compressor::with_dictionary(3, &dictionary).unwrap();
    let [one, mut two, three] = ["one", "two", "three"].map(|id| compressor.compress(&page(id)).unwrap());
    let middle = two.len() / 2;
    two[4..middle].fill(0xFF);
    for content in [dictionary.clone(), zst(&dictionary)] {
        let frame = [&[0x5D, 0x2A, 0x4D, 0x18][..], &(content.len() as u32).to_le_bytes(), &content].concat();
        let outcome = read_bytes(&members(&[frame.clone(), one.clone(), three.clone()]));
        assert_eq!((outcome.ids(), outcome.items.len()), (vec!["one", "three"], 2));
        let outcome = read_bytes(&members(&[frame, one.clone(), two.clone(), three.clone()]));
        assert_eq!((outcome.ids(), outcome.rules()), (vec!["one", "three"], vec!["damaged-record"]));
    }
    // Without it, or with what is none, nothing can be read and all is counted.
    for content in [&b""[..], b"no dictionary", &dictionary[..40]] {
        let frame = [&[0x5D, 0x2A, 0x4D, 0x18][..], &(content.len() as u32).to_le_bytes(), content].concat();
        let outcome = read_bytes(&members(&[frame, one.clone()]));
        assert_eq!((outcome.ids().len(), outcome.rules()), (0, vec!["damaged-record"]));
    }
    let lie = [&[0x5D, 0x2A, 0x4D, 0x18][..], &u32::MAX.to_le_bytes(), &dictionary].concat();
    assert_eq!(read_bytes(&lie).rules(), ["truncated-input"]);
}

#[test]
fn skippable_zstd_frames_are_skipped() {
    let skip = [&[0x5E, 0x2A, 0x4D, 0x18, 4, 0, 0, 0][..], b"skip"].concat();
    let outcome = read_bytes(&members(&[skip.clone(), zst(&page("one")), skip, zst(&page("two"))]));
    assert_eq!((outcome.ids(), outcome.items.len()), (vec!["one", "two"], 2));
}

#[test]
fn a_file_that_is_no_warc_is_one_item() {
    for file in [b"<html>not a WARC".to_vec(), gz(b"<html>not a WARC"), vec![0xFF; 300_000]] {
        assert_eq!(read_bytes(&file).rules(), ["damaged-record"]);
    }
    assert_eq!(read_bytes(b"").items, []);
}

#[test]
fn a_file_of_another_size_than_when_it_was_found_is_refused() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&page("one")).unwrap();
    let stale = Input { bytes: 7, ..input(file.path()) };
    for format in [Format::Warc, Format::Wet, Format::Jsonl, Format::Text, Format::Books] {
        let error = read(format, &stale, &Limits::default(), &mut |_| panic!("nothing is read")).unwrap_err();
        assert_eq!(error.exit_code(), 5);
    }
    // And one that grows while it is read.
    let found = input(file.path());
    let error = read(Format::Warc, &found, &Limits::default(), &mut |_| {
        file.write_all(b"more").unwrap();
        Ok(())
    });
    assert_eq!(error.unwrap_err().exit_code(), 5);
}

/// The end of the second copy is also a fitting end of the first.
#[test]
fn a_damaged_copy_of_the_member_before_it_is_not_swallowed() {
    let one = gz(&page("one"));
    let mut copy = one.clone();
    copy[0] ^= 1;
    let outcome = read_bytes(&members(&[one, copy, gz(&page("two"))]));
    assert_eq!((outcome.ids(), outcome.rules()), (vec!["one", "two"], vec!["garbage-between-members"]));
}

#[test]
fn fake_members_inside_stored_bytes_are_not_taken() {
    // A sound member whose content holds another one, uncompressed: the inner magic is met first.
    let inner = gz(&page("inner"));
    let mut block = html("");
    block.extend_from_slice(&inner.repeat(20));
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    encoder.write_all(&response("outer", &block, None)).unwrap();
    let outcome = read_bytes(&members(&[encoder.finish().unwrap(), gz(&page("two"))]));
    assert_eq!((outcome.ids(), outcome.items.len()), (vec!["outer", "two"], 2));
}
