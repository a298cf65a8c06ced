//! Files of ARC 1.0 and 1.1: what becomes of their records, and the laws of damage that hold for WARC.

use super::*;

const DATE: &str = "20091105123456";
const NAMES: [&str; 5] = ["one", "two", "three", "four", "five"];

/// A record whose line ends with these fields, without the line end that closes it.
fn open(url: &str, fields: &str, block: &[u8]) -> Vec<u8> {
    [format!("{url} 192.0.2.7 {fields}\n").as_bytes(), block].concat()
}

/// A record of version 1.
fn v1(url: &str, block: &[u8]) -> Vec<u8> {
    sized(url, &block.len().to_string(), block)
}

fn sized(url: &str, length: &str, block: &[u8]) -> Vec<u8> {
    [open(url, &format!("{DATE} text/html {length}"), block), b"\n".to_vec()].concat()
}

/// A record of version 2.
fn v2(url: &str, block: &[u8]) -> Vec<u8> {
    let fields = format!("{DATE} text/html 200 abcdef0123456789 - 1234 crawl-1.arc.gz {}", block.len());
    [open(url, &fields, block), b"\n".to_vec()].concat()
}

/// The record that begins a file.
fn first(version: &str, fields: &str) -> Vec<u8> {
    let block = format!("{version} Example Crawl\n{fields}\n");
    v1("filedesc://crawl-1.arc.gz", block.as_bytes())
}

fn first_v1() -> Vec<u8> {
    first("1 0", "URL IP-address Archive-date Content-type Archive-length")
}

fn url(name: &str) -> String {
    format!("http://example.org/{name}")
}

fn id(name: &str) -> String {
    format!("{DATE}/http://example.org/{name}")
}

/// A page that names its record and is no line of it: the last byte is a letter, so that a lost one is seen.
fn block(name: &str) -> Vec<u8> {
    let words: String = (0..8).map(|n| format!("<p>{name} says {}</p>\n", n * n)).collect();
    html(&format!("{words}<p>end of {name}"))
}

fn records() -> Vec<Vec<u8>> {
    let pages = NAMES.iter().map(|name| v1(&url(name), &block(name)));
    [first_v1()].into_iter().chain(pages).collect()
}

fn packed(pack: Pack) -> Vec<Vec<u8>> {
    records().iter().map(|record| pack(record)).collect()
}

fn plain(bytes: &[u8]) -> Vec<u8> {
    bytes.to_vec()
}

/// Ids and bodies.
fn pages(outcome: &Outcome) -> Vec<(&str, &[u8])> {
    outcome.ids().into_iter().zip(outcome.bodies()).collect()
}

#[test]
fn a_page_carries_what_its_line_says() {
    let record = v1("http://example.org/a?b=c", b"HTTP/1.0 200 OK\nContent-Type: text/html; charset=koi8-r\n\n<p>x");
    let packed = [gz(&first_v1()), gz(&record)];
    let (offset, length) = (packed[0].len() as u64, packed[1].len() as u64);
    let outcome = read_named("in.arc.gz", &packed.concat());
    let expected = Seen::Page {
        id: "20091105123456/http://example.org/a?b=c".into(),
        url: "http://example.org/a?b=c".into(),
        media_type: "text/html".into(),
        charset: Some("koi8-r".into()),
        body: b"<p>x".to_vec(),
        truncated: false,
        place: Place { file: "in.arc.gz".into(), offset, length },
    };
    assert_eq!(outcome.items, [expected]);
    assert_eq!(outcome.tally.records, [("warcinfo".to_owned(), 1), ("response".to_owned(), 1)].into());
    assert!(outcome.tally.faults.is_empty(), "{:?}", outcome.tally.faults);
}

#[test]
fn both_versions_in_every_framing_under_any_name() {
    let names_v2 = "URL IP-address Archive-date Content-type Result-code Checksum Location Offset Filename Archive-length";
    let second: Vec<Vec<u8>> = [first("2 0", names_v2)].into_iter().chain(NAMES.iter().map(|name| v2(&url(name), &block(name)))).collect();
    let ids = NAMES.map(id);
    for records in [records(), second] {
        let each = |pack: Pack| records.iter().flat_map(|record| pack(record)).collect::<Vec<u8>>();
        let whole = records.concat();
        for file in [each(plain), each(gz), each(zst), gz(&whole), zst(&whole)] {
            for name in ["crawl.arc", "in.warc.gz", "noname"] {
                let outcome = read_named(name, &file);
                assert_eq!((outcome.ids(), outcome.items.len()), (ids.iter().map(String::as_str).collect(), 5));
                assert_eq!(outcome.bodies()[4], &block("five")[html("").len()..]);
                assert_eq!((outcome.tally.records["warcinfo"], outcome.tally.decoded_bytes), (1, whole.len() as u64));
                assert!(outcome.tally.faults.is_empty(), "{:?}", outcome.tally.faults);
            }
        }
    }
}

#[test]
fn addresses_of_all_kinds() {
    for (url, found) in [
        ("http://example.org/index.cfm?a=Examples From The Web&b=1", "http://example.org/index.cfm?a=Examples From The Web&b=1"),
        // Such fields as the line itself has.
        ("http://example.org/ 192.0.2.7 20080101000000 x", "http://example.org/ 192.0.2.7 20080101000000 x"),
        ("https://example.org:8443/~x/%7E", "https://example.org:8443/~x/%7E"),
        ("HTTP://EXAMPLE.ORG/", "HTTP://EXAMPLE.ORG/"),
    ] {
        let outcome = read_bytes(&[first_v1(), v1(url, &html("<p>x")), v2(url, &html("<p>y"))].concat());
        assert_eq!(outcome.ids(), [format!("{DATE}/{found}"), format!("{DATE}/{found}")], "{url}");
        assert_eq!(outcome.items.len(), 2);
    }
    let odd = [&b"http://example.org/caf\xE9 192.0.2.7 20091105123456 text/html 4\n<p>x\n"[..], &v1(&url("next"), &html("<p>"))].concat();
    let outcome = read_bytes(&[first_v1(), odd].concat());
    assert_eq!(outcome.ids(), [id("caf\u{FFFD}"), id("next")]);
    for address in ["2001:db8::1", "[2001:db8::7]", "::ffff:192.0.2.7", "fe80::1%2"] {
        let six = format!("{} {address} {DATE} text/html 4\n<p>6\n", url("six")).into_bytes();
        assert_eq!(read_bytes(&[first_v1(), six].concat()).bodies(), [b"<p>6"], "{address}");
    }
    // The example of the format's own description has no address.
    let first = String::from_utf8(first_v1()).unwrap().replacen(" 192.0.2.7 ", " 0 ", 1).into_bytes();
    let outcome = read_bytes(&[first, v1(&url("one"), &html("<p>"))].concat());
    assert_eq!((outcome.tally.records["warcinfo"], outcome.items.len()), (1, 1));
}

#[test]
fn other_schemes_are_counted_and_are_no_pages() {
    let dns = open("dns:example.org", &format!("{DATE} text/dns 15"), b"20091105123456\n\n");
    let outcome = read_bytes(&[first_v1(), dns, v1("ftp://example.org/x", b"<p>x"), v1(&url("one"), &block("one"))].concat());
    assert_eq!((outcome.ids(), outcome.rules()), (vec![&id("one")[..]], vec!["not-http", "not-http"]));
    assert_eq!(outcome.tally.records["response"], 3);
}

#[test]
fn the_type_of_the_line_serves_where_there_is_no_http_head() {
    let typed = |kind: &str, block: &[u8]| [open(&url("x"), &format!("{DATE} {kind} {}", block.len()), block), b"\n".to_vec()].concat();
    for (kind, block, media_type) in [
        ("text/plain", &b"words"[..], Some("text/plain")),
        ("text/html; charset=big5", b"<p>", Some("text/html")),
        ("TEXT/HTML", b"words", Some("text/html")),
        ("no-type", b"<p>", Some("")),
        ("", b"<p>", Some("")),
        ("no-type", b"words", None),
        ("image/gif", b"<p>", None),
        // The head of the answer itself counts where there is one.
        ("image/gif", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nx", Some("text/html")),
        ("text/plain", b"HTTP/1.1 200 OK\r\n\r\nx", None),
    ] {
        let outcome = read_bytes(&[first_v1(), typed(kind, block)].concat());
        let found = outcome.items.iter().map(|item| if let Seen::Page { media_type, .. } = item { Some(&media_type[..]) } else { None });
        assert_eq!(found.collect::<Vec<_>>(), [media_type], "{kind}");
        assert_eq!(outcome.rules(), ["media-type"].repeat(usize::from(media_type.is_none())), "{kind}");
    }
}

#[test]
fn dates_become_those_of_the_report() {
    let dated = |digits: &str| {
        let record = [open(&url("x"), &format!("{digits} text/html 3"), b"<p>"), b"\n".to_vec()].concat();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&[first_v1(), record].concat()).unwrap();
        let mut found = Vec::new();
        let mut each = |item: Item<'_>| {
            if let Item::Page(page) = item {
                found.push((page.id.to_owned(), page.date.to_owned()));
            }
            Ok(())
        };
        read(Format::Warc, &input(file.path()), &Limits::default(), &mut each).unwrap();
        found
    };
    for (digits, in_id, date) in [
        ("20091105123456", "20091105123456", "2009-11-05T12:34:56Z"),
        ("200911051234", "200911051234", "200911051234"),
        ("201404010000000000", "20140401000000", "201404010000000000"),
        ("20091305123456", "20091305123456", "20091305123456"),
    ] {
        assert_eq!(dated(digits), [(format!("{in_id}/http://example.org/x"), date.to_owned())]);
    }
    for digits in ["20091105123", "2009110512345678901", "2009110512345x"] {
        assert_eq!(dated(digits), [], "{digits}");
    }
}

#[test]
fn a_file_cut_at_every_byte() {
    for pack in [gz as Pack, zst, plain] {
        let members = packed(pack);
        let file = members.concat();
        let all = read_named("in.arc", &file);
        assert_eq!(all.ids().len(), NAMES.len());
        // The line end that closes a record is not part of it.
        let closing = usize::from(members == records());
        let ends: Vec<usize> = members.iter().scan(0, |at, member| Some(*at + member.len()).inspect(|end| *at = *end)).collect();
        for cut in 0..file.len() {
            let outcome = read_named("in.arc", &file[..cut]);
            let whole = ends[1..].iter().filter(|&&end| end - closing <= cut).count();
            assert_eq!(pages(&outcome), pages(&all)[..whole], "cut at {cut}");
            let clean = cut == 0 || ends.iter().any(|&end| end == cut || end - closing == cut);
            let damaged = outcome.tally.records.get("damaged").copied().unwrap_or(0);
            assert_eq!(damaged, u64::from(!clean), "cut at {cut}: {:?}", outcome.tally);
            assert!(cut < 4 || clean || outcome.fault("truncated-input") == 1, "cut at {cut}: {:?}", outcome.tally);
        }
    }
}

#[test]
fn one_stream_cut_at_every_byte() {
    let file = gz(&records().concat());
    let all = read_named("in.arc.gz", &file);
    let mut most = 0;
    for cut in 1..file.len() {
        let outcome = read_named("in.arc.gz", &file[..cut]);
        let whole = outcome.ids().len();
        assert_eq!(pages(&outcome), pages(&all)[..whole], "cut at {cut}");
        assert_eq!(outcome.tally.records["damaged"], 1, "cut at {cut}");
        most = most.max(whole);
    }
    assert!(most >= NAMES.len() - 1, "records before the cut were lost");
}

#[test]
fn a_file_with_any_byte_changed() {
    for pack in [gz as Pack, zst, plain] {
        let members = packed(pack);
        let file = members.concat();
        let is_plain = members == records();
        let all = read_named("in.arc", &file);
        for position in 0..file.len() {
            for mask in [0xFF, 1 << (position % 8)] {
                let mut flipped = file.clone();
                flipped[position] ^= mask;
                let outcome = read_named("in.arc", &flipped);
                let mut end = 0;
                let hit = members.iter().take_while(|member| (end += member.len(), end <= position).1).count();
                let found = pages(&outcome);
                for (index, page) in pages(&all).iter().enumerate() {
                    assert!(
                        index + 1 == hit || found.contains(page),
                        "byte {position} ^ {mask:#x} in record {hit} cost {index}: {:?}",
                        outcome.rules()
                    );
                }
                // Checksums guard what is packed: what is handed on is one of ours, and each record is one thing.
                assert!(is_plain || found.iter().all(|page| pages(&all).contains(page)), "byte {position} ^ {mask:#x}");
                let counted: u64 = outcome.tally.records.values().sum();
                assert!(is_plain || counted == members.len() as u64, "byte {position} ^ {mask:#x}: {:?}", outcome.tally);
            }
        }
    }
}

#[test]
fn lengths_that_lie() {
    let body = block("lie");
    for (length, short) in [
        ("-1", false),
        ("abc", false),
        ("", false),
        ("10", false),
        ("5000", true),
        ("4294967296", true),
        ("18446744073709551615", true),
        ("18446744073709551616", false),
    ] {
        let lie = sized(&url("lie"), length, &body);
        let sound = [first_v1(), v1(&url("one"), &block("one")), v1(&url("two"), &block("two")), v1(&url("three"), &block("three"))];
        // In a member of its own the end of the member decides.
        let file = [gz(&sound[0]), gz(&sound[1]), gz(&lie), gz(&sound[2]), gz(&sound[3])].concat();
        let outcome = read_named("in.arc.gz", &file);
        assert_eq!(outcome.ids(), ["one", "lie", "two", "three"].map(id), "{length}");
        assert_eq!((outcome.bodies()[1], outcome.fault("bad-length")), (&body[html("").len()..], 1), "{length}");
        assert!(matches!(&outcome.items[1], Seen::Page { truncated, .. } if *truncated == short), "{length}");
        // In one stream it costs the record.
        let whole = [&sound[0][..], &sound[1], &lie, &sound[2], &sound[3]].concat();
        for file in [whole.clone(), gz(&whole), zst(&whole)] {
            let outcome = read_named("in.arc.gz", &file);
            assert_eq!(outcome.ids(), ["one", "two", "three"].map(id), "{length}");
            assert_eq!((outcome.items.len(), &outcome.rejected()[0].id), (4, &id("lie")), "{length}");
        }
    }
}

#[test]
fn a_length_off_by_a_few_never_gives_a_clipped_page() {
    let body = block("lie");
    for off in -6_i64..=6 {
        let lie = sized(&url("lie"), &(body.len() as i64 + off).to_string(), &body);
        let outcome = read_bytes(&[first_v1(), lie, v1(&url("two"), &block("two"))].concat());
        let bodies = outcome.bodies();
        assert_eq!(bodies.last(), Some(&&block("two")[html("").len()..]), "{off}: {:?}", outcome.rules());
        // One byte more is the line end that closes the record: some crawlers counted it.
        assert_eq!(bodies.len(), if off == 0 || off == 1 { 2 } else { 1 }, "{off}");
        assert_eq!(outcome.items.len(), 2, "{off}");
    }
}

#[test]
fn line_ends_between_records_may_be_missing_or_many() {
    let ids = NAMES.map(id);
    for between in ["", "\n", "\r\n", "\n\n\n\n", "\r\n\r\n"] {
        let mut file = b"\n\r\n".to_vec();
        for record in records() {
            file.extend_from_slice(&record[..record.len() - 1]);
            file.extend_from_slice(between.as_bytes());
        }
        for file in [file.clone(), gz(&file), zst(&file)] {
            let outcome = read_bytes(&file);
            assert_eq!(outcome.ids(), ids, "{between:?}");
            assert_eq!((outcome.items.len(), outcome.tally.faults.len()), (5, 0), "{between:?}");
        }
    }
}

#[test]
fn garbage_between_records_is_one_item_and_costs_no_neighbour() {
    let [one, two] = ["one", "two"].map(|name| v1(&url(name), &block(name)));
    for garbage in [&b"garbage that is no record\n"[..], b"a: line\nof many\n\n", &[0xFF; 3000]] {
        // Where nothing but its length says where a record ends, what follows must agree: the record before is lost with the garbage.
        let zero = v1(&url("zero"), &block("zero"));
        let outcome = read_named("in.arc", &[&first_v1(), &zero, garbage, b"\n", &one, &two].concat());
        assert_eq!((outcome.ids(), outcome.items.len()), (vec![&id("one")[..], &id("two")], 3));
        assert_eq!(outcome.rejected()[0].id, id("zero"));
        let packed = [gz(&first_v1()), gz(&one), garbage.to_vec(), gz(&two)].concat();
        let outcome = read_named("in.arc.gz", &packed);
        assert_eq!((outcome.ids(), outcome.rules()), (vec![&id("one")[..], &id("two")], vec!["garbage-between-members"]));
    }
}

#[test]
fn the_name_tells_where_the_start_is_damaged() {
    let file = records().concat();
    for (name, n) in [("in.arc", 5), ("IN.ARC", 5), ("in.warc", 0)] {
        let outcome = read_named(name, &[b"\x00\x01 damaged ", &file[20..]].concat());
        assert_eq!((outcome.ids().len(), outcome.rules()), (n, vec!["damaged-record"]), "{name}");
    }
    // The member that is met first tells too.
    let packed = packed(gz).concat();
    let outcome = read_named("in", &[&packed[4..]].concat());
    assert_eq!((outcome.ids().len(), outcome.rules()), (5, vec!["garbage-between-members"]));
}

#[test]
fn a_record_split_over_members_is_joined() {
    let record = v1(&url("split"), &block("split"));
    for cut in [3, 30, 60, record.len() - 40, record.len() - 1] {
        for pack in [gz as Pack, zst] {
            let parts = [&first_v1()[..], &v1(&url("one"), &block("one")), &record[..cut], &record[cut..], &v1(&url("two"), &block("two"))];
            let outcome = read_named("in.arc.gz", &parts.map(pack).concat());
            assert_eq!(
                (outcome.ids(), outcome.items.len()),
                (["one", "split", "two"].map(id).iter().map(String::as_str).collect(), 3),
                "cut at {cut}"
            );
        }
    }
}

#[test]
fn records_of_the_other_kind_inside_a_damaged_one_are_not_taken() {
    let [one, inner, two] = ["one", "inner", "two"].map(|name| v1(&url(name), &block(name)));
    let arc = [first_v1(), one, sized(&url("lie"), "-1", &[&html("\n")[..], &page("inner")].concat()), two].concat();
    assert_eq!(read_bytes(&arc).ids(), ["one", "two"].map(id));
    let lie = response("lie", &[&html("\n")[..], &inner].concat(), Some("Content-Length: -1"));
    assert_eq!(read_bytes(&[page("one"), lie, page("two")].concat()).ids(), ["one", "two"]);
}

#[test]
fn a_line_over_the_limit_is_passed_over() {
    let limits = Limits { warc_header_bytes: 2048, record_bytes: 4096, ..Limits::default() };
    let two = v1(&url("two"), &block("two"));
    for (long, rule) in [
        (v1(&url(&"x".repeat(10_000)), b"<p>"), "header-too-long"),
        (v1(&url("long"), &html(&"<p>long</p>\n".repeat(1000))), "record-too-long"),
    ] {
        let files = [[first_v1(), long.clone(), two.clone()].concat(), [gz(&first_v1()), gz(&long), gz(&two)].concat()];
        for file in files {
            let outcome = read_with(Format::Warc, &file, &limits);
            assert_eq!((outcome.ids(), outcome.rules()), (vec![&id("two")[..]], vec![rule]));
        }
    }
    // A line without an end is no line.
    let endless = [b"http://example.org/".to_vec(), vec![b'x'; 3 << 20]].concat();
    assert_eq!(read_named("in.arc", &endless).rules(), ["damaged-record"]);
}
