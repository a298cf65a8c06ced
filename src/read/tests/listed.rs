//! Records that an index names.

use std::path::Path;

use super::damage::DICTIONARY;
use super::*;
use crate::read::Lists;

/// Rows of an index as JSON lines.
fn row(file: &str, offset: usize, length: usize) -> String {
    format!("{{\"file\":\"{file}\",\"offset\":{offset},\"length\":{length}}}\n")
}

/// Reads an index that lies in a folder.
fn read_index(folder: &Path, rows: &str, root: Option<&str>) -> Result<Outcome> {
    std::fs::write(folder.join("index.jsonl"), rows).unwrap();
    let lists = Lists { base: folder.to_owned(), root: root.map(str::to_owned) };
    let path = folder.join("index.jsonl");
    let bytes = std::fs::metadata(&path).unwrap().len();
    let index = Input { lists: Some(lists.into()), ..Input::file(path, "index.jsonl", bytes) };
    let mut items = Vec::new();
    let tally = read(Format::WarcIndex, &index, &Limits::default(), &mut |item| {
        items.push(Seen::of(item));
        Ok(())
    })?;
    Ok(Outcome { items, tally })
}

/// Ten pages, packed, with the place of each.
fn ten(pack: Pack) -> (Vec<u8>, Vec<(usize, usize)>) {
    let (mut file, mut places) = (Vec::new(), Vec::new());
    for n in 0..10 {
        let member = pack(&page(&format!("page-{n}")));
        places.push((file.len(), member.len()));
        file.extend(member);
    }
    (file, places)
}

fn plain(bytes: &[u8]) -> Vec<u8> {
    bytes.to_vec()
}

#[test]
fn records_come_in_the_order_of_the_index_as_the_whole_file_gives_them() {
    let folder = tempfile::tempdir().unwrap();
    for (name, pack) in [("a.warc.gz", gz as Pack), ("b.warc.zst", zst), ("c.warc", plain)] {
        let (file, places) = ten(pack);
        std::fs::write(folder.path().join(name), &file).unwrap();
        let whole = read_file(Format::Warc, &folder.path().join(name), &Limits::default()).unwrap();
        let order = [7, 2, 9, 0, 2];
        let rows: String = order.map(|n| row(name, places[n].0, places[n].1)).concat();
        let named = read_index(folder.path(), &rows, None).unwrap();
        assert_eq!(named.items, order.map(|n| whole.items[n].clone()), "{name}");
        assert_eq!(named.tally.records["response"], 5);
        assert_eq!(named.tally.faults.len(), 0, "{name}: {:?}", named.tally.faults);
    }
}

#[test]
fn rows_that_lead_nowhere_are_items_and_cost_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (mut file, places) = ten(gz);
    let end = file.len();
    file.extend(gz(b""));
    std::fs::create_dir_all(folder.path().join("crawl/2020")).unwrap();
    std::fs::write(folder.path().join("crawl/2020/a.warc.gz"), &file).unwrap();
    let (from, length) = places[3];
    let name = "crawl/2020/a.warc.gz";
    let rows = [
        row(name, from, length),
        "not a row\n".to_owned(),
        row(&"n".repeat(5000), 0, 10),
        // Cut, in the middle of a member, an empty one, and behind the end.
        row(name, from, length - 5),
        row(name, from + 3, length),
        row(name, end, file.len() - end),
        row(name, file.len(), 10),
    ];
    let outcome = read_index(folder.path(), &rows.concat(), None).unwrap();
    assert_eq!(outcome.ids(), ["page-3"]);
    assert_eq!(
        outcome.rules(),
        ["bad-index-row", "bad-index-row", "truncated-input", "damaged-record", "damaged-record", "truncated-input"]
    );
    assert_eq!(outcome.tally.records["damaged"] + outcome.tally.records["bad-row"], 6);
    let places: Vec<&str> = outcome.rejected().iter().map(|item| &*item.place.file).collect();
    assert_eq!(places, ["index.jsonl", "index.jsonl", name, name, name, name]);
    // Names that begin elsewhere, and a file that is not there.
    let rows = row("2020/a.warc.gz", from, length);
    assert_eq!(read_index(folder.path(), &rows, Some("crawl")).unwrap().ids(), ["page-3"]);
    let rows = [row(name, from, length), row("none.warc.gz", 0, 10), row(name, from, length)].concat();
    let error = read_index(folder.path(), &rows, None).unwrap_err().to_string();
    assert!(error.contains("line 2 of index.jsonl") && error.contains("none.warc.gz") && error.contains("`root`"), "{error}");
}

#[test]
fn records_that_share_a_member_have_the_place_of_the_row() {
    let folder = tempfile::tempdir().unwrap();
    let pairs: Vec<Vec<u8>> = ["a", "b"].map(|id| gz(&[page(&format!("{id}-1")), page(&format!("{id}-2"))].concat())).into();
    std::fs::write(folder.path().join("two.warc.gz"), pairs.concat()).unwrap();
    let outcome = read_index(folder.path(), &row("two.warc.gz", pairs[0].len(), pairs[1].len()), None).unwrap();
    assert_eq!(outcome.ids(), ["b-1", "b-2"]);
    for item in &outcome.items {
        let Seen::Page { place, .. } = item else { panic!("{item:?}") };
        assert_eq!((&*place.file, place.offset, place.length), ("two.warc.gz", pairs[0].len() as u64, pairs[1].len() as u64));
    }
}

#[test]
fn a_file_that_changes_while_its_records_are_read_is_exit_5() {
    let folder = tempfile::tempdir().unwrap();
    let (file, places) = ten(gz);
    let path = folder.path().join("a.warc.gz");
    std::fs::write(&path, &file).unwrap();
    // More than one batch of rows.
    let rows = row("a.warc.gz", places[0].0, places[0].1).repeat(600);
    std::fs::write(folder.path().join("index.jsonl"), &rows).unwrap();
    let lists = Lists { base: folder.path().to_owned(), root: None };
    let index = Input { lists: Some(lists.into()), ..Input::file(folder.path().join("index.jsonl"), "index.jsonl", rows.len() as u64) };
    let mut n = 0;
    let error = read(Format::WarcIndex, &index, &Limits::default(), &mut |_| {
        n += 1;
        if n == 1 {
            std::fs::write(&path, [file.clone(), gz(&page("more"))].concat()).unwrap();
        }
        Ok(())
    })
    .unwrap_err();
    assert!(error.exit_code() == 5 && error.to_string().contains("a.warc.gz") && n < 600, "{error} after {n}");
}

#[test]
fn frames_with_a_dictionary_are_fetched_by_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let records: Vec<Vec<u8>> = (0..40).map(|n| page(&format!("page-{n}"))).collect();
    let mut file = [0x184D_2A5D_u32.to_le_bytes(), (DICTIONARY.len() as u32).to_le_bytes()].concat();
    file.extend(DICTIONARY);
    let mut compressor = zstd::bulk::Compressor::with_dictionary(3, DICTIONARY).unwrap();
    let mut rows = String::new();
    for record in &records {
        let frame = compressor.compress(record).unwrap();
        rows += &row("a.warc.zst", file.len(), frame.len());
        file.extend(frame);
    }
    std::fs::write(folder.path().join("a.warc.zst"), &file).unwrap();
    let outcome = read_index(folder.path(), &rows, None).unwrap();
    assert_eq!((outcome.ids().len(), outcome.rules().len()), (40, 0));
}
