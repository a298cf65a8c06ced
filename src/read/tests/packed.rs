//! Inputs inside xz and bzip2, and HTML files.

use super::*;
use crate::codec::tests::{bz2, xz};

const PACKS: [Pack; 2] = [xz, bz2];

fn line(n: u32) -> String {
    format!("{{\"id\":\"{n}\",\"text\":\"line {n} of many, and {}\"}}\n", u64::from(n).pow(5))
}

#[test]
fn lines_in_a_stream_that_is_cut_at_any_byte_come_whole_or_not_at_all() {
    let lines: Vec<String> = (0..40).map(line).collect();
    for pack in PACKS {
        // Two streams, as pbzip2 and concatenation leave them.
        let first = pack(lines[..20].concat().as_bytes());
        let file = [first.clone(), pack(lines[20..].concat().as_bytes())].concat();
        let whole = read_with(Format::Jsonl, &file, &Limits::default());
        assert_eq!((whole.items.len(), whole.ids().len(), whole.tally.faults.len()), (40, 40, 0));
        for cut in 4..file.len() {
            let outcome = read_with(Format::Jsonl, &file[..cut], &Limits::default());
            assert!(outcome.items.starts_with(&whole.items[..outcome.ids().len()]), "cut at {cut}");
            assert!(cut < first.len() || 20 <= outcome.ids().len(), "cut at {cut}");
            let faults = u64::from(cut != first.len());
            assert_eq!(outcome.fault("truncated-input"), faults, "cut at {cut}");
            assert_eq!(outcome.rules(), ["truncated-input"].repeat(faults as usize), "cut at {cut}");
        }
    }
}

#[test]
fn damage_costs_what_comes_after_it() {
    let lines: Vec<String> = (0..2000).map(line).collect();
    for pack in PACKS {
        let mut file = [pack(lines[..1000].concat().as_bytes()), pack(lines[1000..].concat().as_bytes())].concat();
        let at = file.len() - 200;
        file[at] ^= 0xFF;
        let outcome = read_with(Format::Jsonl, &file, &Limits::default());
        assert!(1000 <= outcome.ids().len() && outcome.ids().len() < 2000);
        // What is decoded behind the damage is not believed to be a line unless it is one; the checksum at the end says that something was wrong.
        let first: String = outcome.ids()[..1000].join(" ");
        assert_eq!(first, (0..1000).map(|n| n.to_string()).collect::<Vec<_>>().join(" "));
        assert_eq!((outcome.fault("corrupt-input"), outcome.rules().last()), (1, Some(&"corrupt-input")));
    }
}

#[test]
fn a_dictionary_over_the_limit_rejects_what_it_holds() {
    let narrow = Limits { xz_dictionary_log: 12, ..Limits::default() };
    let lines = read_with(Format::Jsonl, &xz(line(1).as_bytes()), &narrow);
    assert_eq!((lines.rules(), lines.fault("xz-dictionary-log")), (vec!["xz-dictionary-log"], 1));
    let records = read_with(Format::Warc, &xz(&page("urn:a")), &narrow);
    assert_eq!(records.rules(), ["xz-dictionary-log"]);
    assert_eq!(records.rejected()[0].reason.limit, 4096.0);
}

#[test]
fn archives_may_be_packed_whole_or_record_by_record() {
    let ids = ["urn:a", "urn:b", "urn:c"];
    let records: Vec<Vec<u8>> = ids.iter().map(|id| page(id)).collect();
    for pack in PACKS {
        let one = read_with(Format::Warc, &pack(&records.concat()), &Limits::default());
        assert_eq!((one.ids(), one.tally.faults.len()), (ids.to_vec(), 0));
        let many: Vec<Vec<u8>> = records.iter().map(|record| pack(record)).collect();
        assert_eq!(read_with(Format::Warc, &many.concat(), &Limits::default()).ids(), ids);
        // The record in the middle is damaged; the next stream is found by its first bytes.
        let mut bad = many.clone();
        let at = bad[1].len() / 2;
        bad[1][at] ^= 0xFF;
        let outcome = read_with(Format::Warc, &bad.concat(), &Limits::default());
        assert_eq!((outcome.ids(), outcome.rules()), (vec!["urn:a", "urn:c"], vec!["damaged-record"]));
        for cut in 4..many.concat().len() {
            let outcome = read_with(Format::Warc, &many.concat()[..cut], &Limits::default());
            let whole = if cut < many[0].len() {
                0
            } else if cut < many[0].len() + many[1].len() {
                1
            } else {
                2
            };
            assert_eq!(outcome.ids(), ids[..whole], "cut at {cut}");
        }
    }
}

#[test]
fn an_html_file_is_a_page_whose_path_is_its_id() {
    let html = b"<title>T</title><p>Caf\xE9</p>";
    for file in [html.to_vec(), gz(html), zst(html), xz(html), bz2(html)] {
        let outcome = read_with(Format::Html, &file, &Limits::default());
        let [Seen::Page { id, url, media_type, charset, body, truncated, place }] = &outcome.items[..] else { panic!("{outcome:?}") };
        assert_eq!((id.as_str(), url.as_str(), media_type.as_str(), charset), ("in.warc", "", "text/html", &None));
        assert_eq!((&body[..], truncated, place.length), (&html[..], &false, html.len() as u64));
    }
    let short = Limits { body_bytes: 10, ..Limits::default() };
    let outcome = read_with(Format::Html, html, &short);
    assert!(matches!(&outcome.items[..], [Seen::Page { body, truncated: true, .. }] if body == &html[..10]));
    // A body that is as long as the cap is whole.
    assert_eq!((outcome.fault("body-cut"), read_with(Format::Html, &html[..10], &short).fault("body-cut")), (1, 0));
    // No more than the cap is unpacked: a bomb is a page that was cut.
    let bomb = read_with(Format::Html, &xz(&vec![b' '; 1 << 22]), &short);
    assert_eq!((bomb.tally.decoded_bytes, bomb.fault("body-cut")), (11, 1));
    assert_eq!(read_with(Format::Html, b"", &short).rules(), ["empty-body"]);
    let cut = xz(html);
    assert_eq!(read_with(Format::Html, &cut[..cut.len() - 20], &Limits::default()).rules(), ["truncated-input"]);
}
