//! Bytes that are missing, and lengths that are therefore wrong: neither is a page handed on that is not all there, nor does it cost a record that is.

use super::digests::base32;
use super::*;

/// A page with the digest of its block.
pub(super) fn with_digest(id: &str) -> Vec<u8> {
    block_with_digest(id, &html(&format!("<p>{id} says what only its digest proves.</p>")))
}

pub(super) fn block_with_digest(id: &str, block: &[u8]) -> Vec<u8> {
    let record = String::from_utf8(response(id, block, None)).unwrap();
    record.replacen("WARC-Date", &format!("WARC-Block-Digest: {}\r\nWARC-Date", base32(block)), 1).into_bytes()
}

/// Takes `n` bytes out of the middle of a record's body.
fn without(mut record: Vec<u8>, n: usize) -> Vec<u8> {
    let at = record.len() - 40 - n;
    record.drain(at..at + n);
    record
}

/// With another length than its own.
fn longer_by(record: &[u8], more: i64) -> Vec<u8> {
    let text = String::from_utf8(record.to_vec()).unwrap();
    let (before, rest) = text.split_once("Content-Length: ").unwrap();
    let (length, rest) = rest.split_once('\r').unwrap();
    let length = length.parse::<i64>().unwrap() + more;
    format!("{before}Content-Length: {length}\r{rest}").into_bytes()
}

#[test]
fn a_length_that_reaches_into_the_next_head_costs_one_record() {
    let (one, two, three) = (page("one"), page("two"), page("three"));
    let sound = read_bytes(&[&one[..], &two, &three].concat());
    let whole = sound.bodies();
    // Up to four bytes are those that close the record: nothing tells then.
    for n in (5..=40).chain([100, 300]) {
        for first in [without(one.clone(), n.min(150)), longer_by(&one, n as i64)] {
            let file = [&first[..], &two, &three].concat();
            for file in [file.clone(), gz(&file), zst(&file)] {
                let outcome = read_bytes(&file);
                assert!(outcome.bodies().iter().all(|body| whole.contains(body)), "{n}: {:?}", outcome.items);
                assert_eq!((outcome.ids(), outcome.items.len()), (vec!["two", "three"], 3), "{n}: {:?}", outcome.tally.faults);
            }
        }
    }
}

#[test]
fn bytes_that_only_a_digest_misses() {
    for n in 1..=4 {
        let one = without(with_digest("one"), n);
        let stream = [&page("zero")[..], &one, &page("two")].concat();
        let own = [gz(&page("zero")), gz(&one), gz(&page("two"))].concat();
        for file in [stream.clone(), gz(&stream), own] {
            let outcome = read_bytes(&file);
            assert_eq!((outcome.ids(), outcome.truncated()), (vec!["zero", "one", "two"], vec![false, true, false]), "{n}");
            assert_eq!(outcome.fault("bad-length"), 1);
        }
    }
    // Line ends between records may be fewer, and then the digest is right.
    let mut close = with_digest("one");
    close.truncate(close.len() - 2);
    let outcome = read_bytes(&[close, page("two")].concat());
    assert_eq!((outcome.ids(), outcome.fault("bad-length")), (vec!["one", "two"], 0));
}

#[test]
fn the_end_of_a_line_may_be_lost_before_a_record() {
    let bare = |id: &str| page(id).strip_suffix(b"\r\n\r\n").unwrap().to_vec();
    let records = [bare("one"), longer_by(&bare("two"), 2), bare("three"), bare("four"), page("five")];
    assert_eq!(read_bytes(&records.concat()).ids(), ["one", "three", "four", "five"]);
    // The tail of a record with what closes it.
    let mut cut = page("two");
    cut.truncate(cut.len() - 30);
    let outcome = read_bytes(&[page("one"), cut, page("three"), page("four")].concat());
    assert_eq!((outcome.ids(), outcome.rules()), (vec!["one", "three", "four"], vec!["bad-length"]));
}

#[test]
fn a_member_of_many_records_behind_members_of_one_costs_its_bad_record_alone() {
    let ids: Vec<String> = (0..40).map(|n| format!("page-{n}")).collect();
    let own: Vec<u8> = ids[..10].iter().flat_map(|id| gz(&page(id))).collect();
    let many: Vec<u8> = ids[11..].iter().flat_map(|id| page(id)).collect();
    for first in [longer_by(&page(&ids[10]), -5), b"no record at all\n".to_vec()] {
        let outcome = read_bytes(&[own.clone(), gz(&[first, many.clone()].concat())].concat());
        let expected: Vec<&str> = ids.iter().filter(|id| *id != "page-10").map(String::as_str).collect();
        assert_eq!((outcome.ids(), outcome.rejected().len()), (expected, 1), "{:?}", outcome.tally.faults);
    }
    // A page about such files is one page, whatever stands in it.
    let about = html(&format!("<pre>{}</pre>", String::from_utf8(page("inside")).unwrap()));
    let outcome = read_bytes(&[own, gz(&response("about", &about, Some("Content-Length: 7"))), gz(&page("last"))].concat());
    assert_eq!((outcome.ids().len(), outcome.ids()[10], outcome.ids()[11]), (12, "about", "last"));
}

/// One bad length behind another does not make the records between them part of the first.
#[test]
fn a_member_of_several_records_is_not_one_page() {
    let before = [gz(&page("one")), gz(&page("two"))].concat();
    let read = |glued: &[Vec<u8>]| read_bytes(&[&before[..], &gz(&glued.concat()), &gz(&page("last"))].concat());
    let bad = |record: Vec<u8>| longer_by(&record, -7);
    let outcome = read(&[bad(page("a")), page("b"), bad(page("c")), page("d")]);
    assert_eq!((outcome.ids(), outcome.fault("bad-length")), (vec!["one", "two", "b", "d", "last"], 2));
    // A digest that is not that of all tells too; one that is proves a page about archives; without one it is a guess.
    let outcome = read(&[bad(with_digest("a")), bad(page("b"))]);
    assert_eq!((outcome.ids(), outcome.fault("bad-length")), (vec!["one", "two", "last"], 2));
    let inside = html(&format!("<pre>{}</pre>", String::from_utf8(page("inside")).unwrap()));
    for (about, is_sure) in [(block_with_digest("about", &inside), true), (response("about", &inside, None), false)] {
        let outcome = read(&[bad(about)]);
        assert_eq!((outcome.ids(), outcome.fault("bad-length")), (vec!["one", "two", "about", "last"], 1));
        assert_eq!(outcome.truncated()[2], !is_sure);
    }
}

/// Long blocks that lie over one another are not hashed without end, nor does one cost what is sound behind it.
#[test]
fn a_wrong_digest_does_not_put_off_the_next() {
    let junk = b"no record at all\n".repeat(100);
    let file = [&longer_by(&with_digest("one"), 700)[..], &with_digest("two"), &junk, &page("three")].concat();
    assert_eq!(read_bytes(&file).ids(), ["two", "three"]);
    // Hashed each, these would be 50 GB.
    let over = longer_by(&with_digest("over"), 5_000_000).repeat(10_000);
    let file = [&over[..], &b"x".repeat(5_100_000), b"\n", &page("last")].concat();
    assert_eq!(read_bytes(&file).ids(), ["last"]);
}

#[test]
fn a_first_record_is_proved_too() {
    let junk = b"no record at all\n".repeat(100);
    let stream = [&with_digest("one")[..], &junk, &page("two")].concat();
    for file in [stream.clone(), gz(&stream), zst(&stream)] {
        let outcome = read_bytes(&file);
        assert_eq!((outcome.ids(), outcome.rules()), (vec!["one", "two"], vec!["damaged-record"]));
    }
    // In a member of its own it is its block, and not what stands behind it.
    let sound = read_bytes(&with_digest("three"));
    let own = [gz(&page("one")), gz(&page("two")), gz(&[with_digest("three"), junk].concat()), gz(&page("four"))].concat();
    let outcome = read_bytes(&own);
    assert_eq!((outcome.ids(), outcome.fault("bad-length")), (vec!["one", "two", "three", "four"], 1));
    assert_eq!(outcome.bodies()[2], sound.bodies()[0]);
}

#[test]
fn a_record_without_a_digest_takes_none_from_the_next() {
    let junk = b"no record at all\n".repeat(100);
    for more in [-3, 500] {
        let file = [&longer_by(&page("one"), more)[..], &with_digest("two"), &junk, &page("three")].concat();
        assert_eq!(read_bytes(&file).ids(), ["two", "three"], "{more}");
    }
}

/// Of openings inside lines, as of those that begin one, only the last in a head that is too long is tried: to try each costs the square of their number.
#[test]
fn a_head_of_openings_without_end_is_a_few_faults() {
    for head in [&b"WARC/1.0\nWARC-"[..], b"x WARC/1.0\nWARC-A: b\n"] {
        let outcome = read_bytes(&[page("one"), head.repeat(200_000), b"\r\n\r\n".to_vec(), page("two")].concat());
        assert_eq!(outcome.ids().first(), Some(&"one"), "{:?}", outcome.tally.faults);
        assert!(outcome.tally.faults.values().sum::<u64>() < 20, "{:?}", outcome.tally.faults);
    }
}

#[test]
fn members_may_hold_any_piece_of_a_record() {
    let records = [page("one"), page("two"), page("three")];
    for n in [1, 2, 3, 7] {
        let pieces: Vec<u8> = records.concat().chunks(n).flat_map(gz).collect();
        let outcome = read_bytes(&pieces);
        assert_eq!((outcome.ids(), outcome.items.len()), (vec!["one", "two", "three"], 3), "{n}");
    }
    // As one writes to a stream: the head, the line that closes it, the block, and what closes that.
    let writes = |record: &[u8]| {
        let text = String::from_utf8(record.to_vec()).unwrap();
        let (head, rest) = text.split_once("\r\n\r\n").unwrap();
        let block = rest.strip_suffix("\r\n\r\n").unwrap();
        [&format!("{head}\r\n"), "\r\n", block, "\r\n\r\n"].map(|piece| gz(piece.as_bytes())).concat()
    };
    let outcome = read_bytes(&records.iter().flat_map(|record| writes(record)).collect::<Vec<_>>());
    assert_eq!((outcome.ids(), outcome.items.len()), (vec!["one", "two", "three"], 3));
}

/// A head in fields of another order, or in small letters.
fn in_order(id: &str, names: &[&str], small: bool) -> (Vec<u8>, Vec<u8>) {
    let text = String::from_utf8(page(id)).unwrap();
    let (head, rest) = text.split_once("\r\n\r\n").unwrap();
    let (version, fields) = head.split_once("\r\n").unwrap();
    let mut lines: Vec<String> = fields.split("\r\n").map(str::to_owned).collect();
    lines.sort_by_key(|line| names.iter().position(|name| line.starts_with(name)).unwrap_or(names.len()));
    let fields = lines.join("\r\n");
    let fields = if small { fields.replace("WARC-", "warc-").replace("Content-", "content-") } else { fields };
    (format!("{version}\r\n{fields}\r\n\r\n").into_bytes(), rest.as_bytes().to_vec())
}

/// A writer that is started again goes on in the middle of a line: whatever head it broke off, the next record is not taken for a part of it.
#[test]
fn a_head_that_broke_off_in_a_line_costs_itself() {
    let orders = [&["WARC-Type"][..], &["WARC-Record-ID", "WARC-Target-URI"], &["WARC-Target-URI", "WARC-Date"], &["Content-Length"]];
    for small in [false, true] {
        for order in orders {
            let (head, _) = in_order("broken", order, small);
            let next = in_order("two", order, small);
            let next = [&next.0[..], &next.1].concat();
            for cut in 1..head.len() - 2 {
                let outcome = read_bytes(&[&page("one")[..], &head[..cut], &next, &page("three")].concat());
                assert_eq!(outcome.ids(), ["one", "two", "three"], "{order:?} {}", String::from_utf8_lossy(&head[..cut]));
                assert!(outcome.items.iter().all(|item| !matches!(item, Seen::Page { url, .. } if url.contains("broken"))));
                assert!(!outcome.tally.faults.is_empty());
            }
        }
    }
    // An address may hold the name of the format.
    let about = String::from_utf8(page("about")).unwrap().replace("https://example.org/about", "https://example.org/WARC/1.0");
    assert_eq!(read_bytes(&[about.into_bytes(), page("two")].concat()).ids(), ["about", "two"]);
}

/// What is closed as writers do it is all there, whatever follows; without a digest that is likely, and is said.
#[test]
fn a_closed_record_before_damage_is_not_lost() {
    let records = [page("one"), page("two"), page("three")];
    for junk in [&b"\0"[..], &[0; 4096], b"\x1A", &b"no record at all\n".repeat(9)] {
        let file = [&records.concat()[..], junk].concat();
        for file in [file.clone(), zst(&file)] {
            let outcome = read_bytes(&file);
            assert_eq!((outcome.ids(), outcome.truncated()), (vec!["one", "two", "three"], vec![false, false, true]), "{}", junk.len());
        }
    }
    let mut zeros = records.clone();
    zeros[1][..200].fill(0);
    let outcome = read_bytes(&zeros.concat());
    assert_eq!((outcome.ids(), outcome.fault("bad-length"), outcome.rules()), (vec!["one", "three"], 1, vec!["damaged-record"]));
    // In a member of its own what is behind it is left out.
    let own = [gz(&records[0]), gz(&[&records[1][..], b"junk"].concat()), gz(&records[2])].concat();
    let outcome = read_bytes(&own);
    assert_eq!((outcome.ids(), outcome.truncated()), (vec!["one", "two", "three"], vec![false, true, false]));
    assert_eq!(outcome.bodies()[1], read_bytes(&records[1]).bodies()[0]);
    // The head of a message is closed so too.
    let head = html("").len() as i64 - html("<p>x").len() as i64;
    let outcome = read_bytes(&[longer_by(&response("cut", &html("<p>x"), None), head), page("two")].concat());
    assert_eq!(outcome.ids(), ["two"]);
}

#[test]
fn a_version_line_that_was_damaged_is_told_whatever_the_letters_of_the_fields() {
    for small in [false, true] {
        let (head, rest) = in_order("two", &["WARC-Type"], small);
        let mut two = [head, rest].concat();
        two[1] = b'B';
        assert_eq!(read_bytes(&[page("one"), two, page("three")].concat()).ids(), ["one", "three"]);
    }
}

#[test]
fn an_answer_of_a_type_that_nobody_knows_is_rejected() {
    let record = String::from_utf8(page("two")).unwrap().replace("WARC-Type: response", "WARC-Type: responce").into_bytes();
    let outcome = read_bytes(&[page("one"), record, page("three")].concat());
    assert_eq!((outcome.ids(), outcome.rules(), outcome.fault("bad-header")), (vec!["one", "three"], vec!["bad-header"], 1));
    let other = raw(&["WARC-Type: screenshot", "WARC-Record-ID: <x>", "Content-Length: 4"], b"body");
    assert!(read_bytes(&[page("one"), other].concat()).tally.faults.is_empty());
}

/// A length that has taken in line ends is not that of a record of which bytes are missing.
#[test]
fn a_length_that_is_too_large_by_line_ends_is_mended_by_the_digest() {
    for more in 1..=4 {
        let stream = [longer_by(&with_digest("one"), more), page("two")].concat();
        let outcome = read_bytes(&stream);
        assert_eq!(
            (outcome.ids(), outcome.truncated(), outcome.fault("bad-length")),
            (vec!["one", "two"], vec![false, false], 1),
            "{more}"
        );
        assert_eq!(outcome.bodies()[0], read_bytes(&with_digest("one")).bodies()[0]);
    }
}

#[test]
fn a_line_in_pieces_takes_linear_time() {
    let stored = |byte: u8| {
        let mut member = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        member.write_all(&[byte]).unwrap();
        member.finish().unwrap()
    };
    let line = [stored(b'W'), stored(b'A'), stored(b'R'), stored(b'C'), stored(b'/'), stored(b'a').repeat(300_000)].concat();
    let outcome = read_bytes(&[gz(&page("one")), line, gz(&page("two"))].concat());
    assert_eq!(outcome.ids(), ["one", "two"]);
}

/// The same of ARC, whose heads are one line.
#[test]
fn a_record_of_arc_that_broke_off_in_a_line_costs_itself() {
    let block = String::from_utf8(html("<p>says what it says.\n<p>and more")).unwrap();
    let record = |id: &str| format!("http://example.org/{id} 192.0.2.7 20091105123456 text/html {}\n{block}\n", block.len());
    let (one, broken, next) = (record("one"), record("broken"), [record("two"), record("three")].concat());
    // Of what is an address alone nothing tells that another was to follow.
    let address = broken.find("192.0.2.7 ").unwrap() + "192.0.2.7 ".len();
    for cut in address..broken.len() - 1 {
        let outcome = read_named("a.arc", [&one[..], &broken[..cut], &next].concat().as_bytes());
        let ids = ["one", "two", "three"].map(|id| format!("20091105123456/http://example.org/{id}"));
        let found: Vec<&str> = outcome.ids().into_iter().filter(|id| !id.ends_with("/broken")).collect();
        assert_eq!(found, ids, "{}", &broken[..cut]);
        assert!(!outcome.tally.faults.is_empty(), "{}", &broken[..cut]);
    }
    // URLs with spaces hold much.
    for url in [
        "http://x/?u=foo ... http://y/",
        "http://x/at 12:30 see http://y/z",
        "http://x/log 10:20:30 http://y/",
        "http://x/00:1a:2b:3c:4d:5e http://y/",
        "http://x/?t=My Blog :: http://y/post",
        "http://x/ b::c http://y/",
        "http://x/?u=filedesc://b.arc",
        "http://x/v 3.5 http://y/",
        "http://x/ 1.2.3.4 is http://y",
        "http://localhost/wayback/filedesc://b.arc",
    ] {
        let from = if url.contains("localhost") { "127.0.0.1" } else { "192.0.2.7" };
        let record = format!("{url} {from} 20091105123456 text/plain {}\n{block}\n", block.len());
        let outcome = read_named("a.arc", [&one[..], &record, &next].concat().as_bytes());
        assert_eq!((outcome.ids().len(), outcome.ids()[1]), (4, &*format!("20091105123456/{url}")));
        assert!(outcome.tally.faults.is_empty());
    }
    // Behind the whole address, without its space; and a file joined to one that broke off in a URL.
    for cut in ["192.0.2.7", "2001:db8::7 "] {
        let begun = format!("http://example.org/broken {cut}");
        let outcome = read_named("a.arc", [&one[..], &begun, &record("two")].concat().as_bytes());
        assert_eq!(outcome.ids(), ["20091105123456/http://example.org/one", "20091105123456/http://example.org/two"], "{cut}");
        assert_eq!(outcome.fault("bad-header"), 1);
    }
    let version = "1 0 Crawler\nURL IP-address Archive-date Content-type Archive-length\n";
    let file = format!("filedesc://b.arc 0.0.0.0 20091105123456 text/plain {}\n{version}\n", version.len());
    let outcome = read_named("a.arc", [&one[..], "http://example.org/brok", &file, &record("two")].concat().as_bytes());
    assert_eq!(outcome.ids(), ["20091105123456/http://example.org/one", "20091105123456/http://example.org/two"]);
    assert_eq!(outcome.fault("bad-header"), 1);
    let line = format!("{}http://x/ 192.0.2.7 20091105123456 text/html 1\n", "dns: 1.2.3.4 ".repeat(4000));
    assert!(read_named("a.arc", line.repeat(16).as_bytes()).tally.faults.values().sum::<u64>() < 100);
}

/// What follows a record may break off at the end of the file, packed or not.
#[test]
fn a_head_that_breaks_off_costs_no_record_before_it() {
    let record = |id: &str| format!("http://example.org/{id} 192.0.2.7 20091105123456 text/html 2\nok\n");
    let whole = [record("one"), record("two"), record("three")].concat();
    let end = whole.len() - "\nok\n".len();
    for cut in end - 40..end {
        let [plain, packed] = [read_named("a.arc", &whole.as_bytes()[..cut]), read_named("a.arc.gz", &gz(&whole.as_bytes()[..cut]))];
        assert_eq!(plain.items.len(), packed.items.len(), "{cut}");
        assert_eq!(plain.tally.records, packed.tally.records, "{cut}");
        assert_eq!(plain.fault("bad-length"), packed.fault("bad-length"), "{cut}");
    }
}

/// Where the end of one head and the beginning of the next are lost, fields stand twice.
#[test]
fn heads_that_grew_together_are_told() {
    let (one, two) = (page("one"), page("two"));
    for name in ["WARC-Type: ", "WARC-Record-ID: ", "WARC-Date: ", "WARC-Target-URI: "] {
        let at = |record: &[u8]| memchr::memmem::find(record, name.as_bytes()).unwrap();
        let spliced = [&one[..at(&one) + name.len()], b"other\r\n", &two[at(&two)..]].concat();
        let outcome = read_bytes(&spliced);
        assert_eq!((outcome.items.len(), outcome.fault("bad-header")), (1, 1), "{name}: {:?}", outcome.items);
        assert!(outcome.truncated().iter().all(|is| *is));
    }
    let twice = String::from_utf8(page("one")).unwrap().replacen("WARC-Date", "WARC-Date: 2020-07-01T00:00:00Z\r\nWARC-Date", 1);
    assert!(read_bytes(twice.as_bytes()).tally.faults.is_empty());
}
