//! The table at rest, and what files of links are told by.

use std::io::Write;

use super::*;

fn written(links: &Links) -> Vec<u8> {
    links.write(Vec::new(), "links").unwrap()
}

fn stored(folder: &std::path::Path, bytes: &[u8]) -> std::path::PathBuf {
    let path = folder.join("links.parquet");
    std::fs::write(&path, bytes).unwrap();
    path
}

/// A few hundred submissions, some of them of one URL, so that parts are put in order more than once.
fn dump(seed: u64, n: u64) -> String {
    let row = |k: u64| {
        let h = crate::text::hash::hash64_seeded(&k.to_le_bytes(), seed);
        submission(&format!("http://d{}.org/{}", h % 40, h % 300), &format!("\"score\":{},\"over_18\":{}", h % 5, h.is_multiple_of(7)))
    };
    (0..n).map(row).collect()
}

#[test]
fn a_table_is_the_same_bytes_whatever_the_order_and_comes_back_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (dump(1, 400), dump(2, 900));
    let list = "http://a.org/1\nhttp://d1.org/7\n";
    let links = Files::new().reddit(&one).reddit(&two).urls("a.txt", list).domains("d.tsv", "c.org\t1\t2\n").collect().0;
    let turned = Files::new().reddit(&two).reddit(&one).urls("a.txt", list).domains("d.tsv", "c.org\t1\t2\n").collect().0;
    let bytes = written(&links);
    assert_eq!(bytes, written(&turned));
    let path = stored(folder.path(), &bytes);
    assert!(is_table(&path));
    for choice in [choice(3), choice(5), Choice { over_18: Treatment::Drop, ..choice(3) }] {
        let read = LinkTable::read(&path, &choice).unwrap();
        assert_eq!(read, links.table(&choice));
        assert!(read.n_urls() < links.n_rows() as usize && read.domain("c.org") == Some(1), "{choice:?}");
    }
    // Of parts, or with more: the same as of all at once.
    let mut files = Files::new();
    let input = files.input("older.parquet", &written(&Files::new().reddit(&one).domains("d.tsv", "c.org\t1\t2\n").collect().0));
    files.sources.tables.push(input);
    let (joined, tally) = files.reddit(&two).urls("a.txt", list).collect();
    assert_eq!(written(&joined), bytes);
    assert_eq!((tally.rows, tally.kept), (1303, 1303));
}

#[test]
fn a_table_without_links_comes_back_too() {
    let folder = tempfile::tempdir().unwrap();
    let read = LinkTable::read(&stored(folder.path(), &written(&Files::new().collect().0)), &choice(3)).unwrap();
    assert_eq!((read.n_urls(), read.n_domains(), read.url("http://a.org")), (0, 0, None));
}

#[test]
fn no_changed_or_missing_byte_changes_what_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let links = Files::new().reddit(&dump(1, 60)).urls("a.txt", "http://a.org/1\n").domains("d.tsv", "c.org\t1\t2\n").collect().0;
    let (bytes, expected) = (written(&links), links.table(&choice(3)));
    let mut refused = 0;
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        // Names and statistics in the footer may change without harm.
        match LinkTable::read(&stored(folder.path(), &changed), &choice(3)) {
            Ok(read) => assert_eq!(read, expected, "byte {at}"),
            Err(_) => refused += 1,
        }
        assert!(LinkTable::read(&stored(folder.path(), &bytes[..at]), &choice(3)).is_err(), "cut at {at}");
    }
    assert!(bytes.len() / 3 < refused, "{refused} of {}", bytes.len());
}

#[test]
fn rows_that_were_changed_by_another_tool_are_refused() {
    use crate::store::table::TableWriter;
    let folder = tempfile::tempdir().unwrap();
    let links = Files::new().reddit(&dump(1, 60)).collect().0;
    let path = stored(folder.path(), &written(&links));
    let mut rows = Vec::new();
    table::each(&path, |row| rows.push(row)).unwrap();
    let first = rows[0].clone();
    let refused = |change: &dyn Fn(&mut Vec<LinkRow>)| {
        let mut changed = rows.clone();
        change(&mut changed);
        let mut table = TableWriter::over(Vec::new(), "links").unwrap();
        changed.into_iter().for_each(|row| table.push(row).unwrap());
        LinkTable::read(&stored(folder.path(), &table.into_inner().unwrap()), &choice(3)).unwrap_err().to_string()
    };
    type Change<'c> = &'c dyn Fn(&mut Vec<LinkRow>);
    let cases: [(Change<'_>, &str); 5] = [
        (&|rows| rows[3].karma += 1, "seal"),
        (&|rows| rows.truncate(rows.len() - 1), "seal"),
        (&|rows| rows.retain(|row| *row != first), "seal"),
        (&|rows| rows.swap(2, 3), "out of order"),
        (&|rows| rows.iter_mut().for_each(|row| row.version = 9), "version 9, this program reads 1"),
    ];
    for (change, wanted) in cases {
        let message = refused(change);
        assert!(message.contains(wanted) && message.contains("gristmill links") && message.contains("links.parquet"), "{message}");
    }
    let other = folder.path().join("other.parquet");
    std::fs::write(&other, "PAR1 and no more").unwrap();
    assert!(!is_table(&other));
    assert!(LinkTable::read(&other, &choice(3)).unwrap_err().chain().contains("as a link table"));
}

#[test]
fn first_lines_tell_what_a_file_holds() {
    let files = Files::new();
    let told = |name: &str, text: &str| links_kind(&files.input(name, text.as_bytes()));
    let cases = [
        ("RS_2011-01", "\n{\"url\":\"http://a.org\"}\n", Kind::Reddit),
        ("RS_2011-02", "\u{feff}{\"id\":1", Kind::Reddit),
        ("a.txt", "http://a.org/1\n", Kind::Urls),
        ("a.tsv", "url\tscore\nhttps://a.org/1\t4\n", Kind::Urls),
        ("a.csv", "url,score\n\"https://a.org/1,2\",4\n", Kind::Urls),
        ("b.tsv", "imgur.com\t774217\t1\n", Kind::Domains),
        ("b.tsv", "domain\tlinks\na.org\t7\n", Kind::Domains),
        ("b.csv", "domain,links\na.org,7\n", Kind::Domains),
    ];
    for (name, text, kind) in cases {
        assert_eq!(told(name, text).unwrap(), kind, "{text:?}");
    }
    let table = files.input("t.parquet", &written(&Files::new().collect().0));
    assert_eq!(links_kind(&table).unwrap(), Kind::Table);
    for (name, text) in [
        ("a.txt", ""),
        ("b.tsv", "1542261 google\n596207 archive\n"),
        ("c.txt", "some words\n"),
        ("d.tsv", "google\t7\n"),
        ("e.csv", "a.org\t7\n"),
    ] {
        let error = told(name, text).unwrap_err();
        assert!(error.exit_code() == 2 && error.to_string().contains("--kind") && error.to_string().contains(name), "{error}");
    }
}

fn links_kind(input: &Input) -> Result<Kind> {
    tell(input, &Limits::default())
}

/// Compressed with a window of 2^31 bytes, as Pushshift does.
fn long_zst(text: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.long_distance_matching(true).unwrap();
    encoder.window_log(31).unwrap();
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_dump_with_the_largest_window_is_read_and_a_cut_one_up_to_the_cut() {
    let text = dump(3, 3000);
    let bytes = long_zst(text.as_bytes());
    let of = |bytes: &[u8]| {
        let mut files = Files::new();
        let input = files.input("RS_2024-05.zst", bytes);
        assert_eq!(links_kind(&input).unwrap(), Kind::Reddit);
        files.sources.reddit.push(input);
        files.collect()
    };
    let (links, tally) = of(&bytes);
    assert_eq!((tally.kept, tally.faults.len()), (3000, 0));
    assert_eq!(written(&links), written(&Files::new().reddit(&text).collect().0));
    let (_, tally) = of(&bytes[..bytes.len() - 9]);
    assert!(tally.kept < 3000 && tally.rows == tally.kept, "{tally:?}");
    assert_eq!(tally.faults.into_iter().collect::<Vec<_>>(), [("RS_2024-05.zst".to_owned(), "truncated-input".to_owned())]);
}

#[test]
fn the_bytes_of_a_link_are_as_stated() {
    let row = |n: u32| submission(&format!("http://d{}.org/{n}", n % 999), "\"score\":3");
    let dump: String = (0..200_000).map(row).collect();
    let (links, tally) = Files::new().reddit(&dump).reddit(&dump).collect();
    assert_eq!((tally.distinct_urls, tally.kept), (200_000, 400_000));
    // The few that a small part takes up before it is put in order weigh here, and not in a dump.
    let each = links.held_bytes() as f64 / 200_000.0;
    assert!((32.0..50.0).contains(&each), "{each}");
}
