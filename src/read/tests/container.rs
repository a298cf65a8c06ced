//! Files that are archives of another kind: refused by name, counted by their first bytes.

use super::*;

#[test]
fn names_of_other_containers_are_refused_with_what_to_do() {
    for (name, words) in [
        ("x.wacz", "x.wacz is a WACZ, a zip of WARC files: unpack it and read what lies in its archive folder"),
        ("a/X.WARC.LZ4", "a/X.WARC.LZ4 is packed by lz4: unpack it with lz4 -d"),
        ("x.zip", "is a zip"),
        ("x.7z", "7z x"),
        ("x.rar", "unrar"),
        ("x.warc.Z", "gzip -d"),
        ("x.warc.lz", "lzip -d"),
        ("x.lzma", "xz -d"),
        ("x.br", "brotli -d"),
        ("x.cdx.gz", "(CDX)"),
        ("x.cdxj", "(CDXJ)"),
    ] {
        let error = tell(name).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains(words), "{error}");
        // What a file holds is not asked then.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, page("one")).unwrap();
        let error = inspect(&Input { name: name.into(), ..input(&path) }, &Limits::default(), Checks::default()).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn a_container_under_the_name_of_an_archive_is_one_item() {
    for magic in [&b"\x04\x22\x4D\x18"[..], b"PK\x03\x04", b"7z\xBC\xAF\x27\x1C", b"Rar!\x1A\x07", b"\x1F\x9D\x90", b"LZIP\x01"] {
        // A zip stores members as they are.
        let file = [magic, b"\nheader\n", &gz(&page("one")), b"\n", &page("two")].concat();
        let outcome = read_bytes(&file);
        assert_eq!((outcome.rules(), outcome.items.len(), outcome.fault("other-container")), (vec!["other-container"], 1, 1));
        let place = Place { file: "in.warc".into(), offset: 0, length: file.len() as u64 };
        assert_eq!((&outcome.rejected()[0].place, outcome.tally.stored_bytes), (&place, place.length));
        assert_eq!(outcome.tally.records, [("damaged".to_owned(), 1)].into());
        // Behind a record it is damage like any other.
        let outcome = read_bytes(&[&gz(&page("zero"))[..], &file].concat());
        assert_eq!((outcome.ids(), outcome.rules()), (vec!["zero", "one"], vec!["garbage-between-members"; 2]));
    }
    // No width of compress: damage of a gzip file.
    assert_eq!(read_bytes(&[b"\x1F\x9D\xFF", &gz(&page("one"))[..]].concat()).ids(), ["one"]);
}

#[test]
fn records_of_wat_files_are_counted() {
    assert_eq!(tell("CC-0001.warc.wat.gz").unwrap(), Format::Warc);
    let metadata = raw(&["WARC-Type: metadata", "WARC-Record-ID: <x>", "Content-Type: application/json", "Content-Length: 2"], b"{}");
    let outcome = read_named("a.warc.wat.gz", &[gz(&metadata), gz(&metadata)].concat());
    assert_eq!((outcome.items.len(), outcome.tally.records["metadata"]), (0, 2));
}
