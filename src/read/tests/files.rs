//! Sound files in every framing that is met in the wild.

use super::*;

#[test]
fn pages_know_their_place_and_other_records_are_counted_apart() {
    let members = written(3);
    let seen = read_bytes(&members.concat(), &Limits::default());
    assert_eq!(ids(&seen), [id(1), id(2), id(3)]);
    let offsets: Vec<(u64, u64)> = seen.places.iter().map(|place| (place.offset, place.length)).collect();
    let lengths: Vec<u64> = members.iter().map(|member| member.len() as u64).collect();
    assert_eq!(offsets, [(0, lengths[0]), (lengths[0], lengths[1]), (lengths[0] + lengths[1], lengths[2])]);
    assert_eq!(seen.tally.records["response"], 3);
    assert!(seen.tally.faults.is_empty());
}

#[test]
fn one_stream_split_members_and_zstd_frames_give_the_same_pages() {
    let plain = (1..=4).flat_map(plain_record).collect::<Vec<u8>>();
    let half = plain.len() / 2;
    let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 3).unwrap();
    let frames: Vec<u8> = (1..=4).flat_map(|n| zstd(&plain_record(n))).collect();
    for bytes in [plain.clone(), gzip(&plain), [gzip(&plain[..half]), gzip(&plain[half..])].concat(), zstd(&plain), frames] {
        let seen = read_bytes(&bytes, &Limits::default());
        assert_eq!(ids(&seen), [id(1), id(2), id(3), id(4)]);
        assert!(seen.rejected.is_empty() && seen.tally.faults.is_empty(), "{seen:?}");
    }
}

#[test]
fn what_lenient_readers_accept_is_accepted() {
    let record = String::from_utf8(plain_record(1)).unwrap();
    let (head, block) = record.split_once("\r\n\r\n").unwrap();
    let variants = [
        format!("\r\n\r\n{record}"),
        format!("{}\n\n{block}", head.replace("\r\n", "\n")),
        format!("{}\r\n\r\n{block}", head.replace("WARC-Target-URI: https", "WARC-Target-URI:\r\n https")),
        record.trim_end_matches("\r\n").to_owned(),
        format!("{}\r\r\n\r\r\n{block}", head.replace("\r\n", "\r\r\n")),
        record.replace("WARC/1.0", "WARC/0.17"),
        record.replace("WARC/1.0", "WARC/1.1"),
        record.replace("https://h1.example/", "<https://h1.example/>"),
    ];
    for variant in variants {
        let seen = read_bytes(&[variant.clone().into_bytes(), plain_record(2)].concat(), &Limits::default());
        assert_eq!(ids(&seen), [id(1), id(2)], "{variant:?}: {seen:?}");
    }
}

#[test]
fn wet_gives_conversions_as_documents() {
    let block = "Ein Text mit zwei Zeilen.\nUnd Umlauten: äöü\0";
    let record = format!(
        "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Record-ID: <urn:uuid:7>\r\nWARC-Target-URI: https://w.example/\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n",
        block.len()
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), gzip(record.as_bytes())).unwrap();
    let input = Input { path: file.path().to_owned(), name: "a.wet.gz".into(), bytes: 1 };
    let mut texts = Vec::new();
    read(Format::Wet, &input, &Limits::default(), &mut |item| {
        if let Item::Document(document) = item {
            texts.push((document.id, document.url, document.text));
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(
        texts,
        [("urn:uuid:7".to_owned(), Some("https://w.example/".to_owned()), "Ein Text mit zwei Zeilen.\nUnd Umlauten: äöü".to_owned())]
    );
}

#[test]
fn patterns_find_files_once_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["b.txt", "a.txt", "c[1].txt", "sub/d.txt"] {
        std::fs::create_dir_all(folder.path().join("sub")).unwrap();
        std::fs::write(folder.path().join(name), name).unwrap();
    }
    std::fs::write(folder.path().join("list.paths"), "sub/d.txt\n# a remark\na.txt\n").unwrap();
    let names = |patterns: &[&str]| {
        let patterns: Vec<String> = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        find(&patterns, folder.path())
            .map(|(inputs, warnings)| (inputs.iter().map(|input| input.name.to_string()).collect::<Vec<_>>(), warnings.len()))
    };
    assert_eq!(names(&["*.txt"]).unwrap(), (vec!["a.txt".to_owned(), "b.txt".to_owned(), "c[1].txt".to_owned()], 0));
    assert_eq!(names(&["c[1].txt"]).unwrap().0, ["c[1].txt"]);
    assert_eq!(names(&["list.paths"]).unwrap().0, ["a.txt", "sub/d.txt"]);
    assert_eq!(names(&["a.txt", "./sub/../a.txt"]).unwrap(), (vec!["./sub/../a.txt".to_owned()], 1));
    for (pattern, wanted) in [("*.pdf", "no file matches"), ("x.txt", "no file"), ("sub", "is a folder")] {
        assert!(names(&[pattern]).unwrap_err().to_string().contains(wanted), "{pattern}");
    }
}
