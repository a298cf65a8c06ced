use super::*;

fn run(bytes: &[u8], limits: &Limits) -> (Result<Document, Rejected>, Tally) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    std::fs::write(&path, bytes).unwrap();
    let input = Input::file(path, "texts/a.txt", bytes.len() as u64);
    let mut items = Vec::new();
    let tally = read(&input, limits, &mut |item| {
        items.push(match item {
            Item::Document(document) => Ok(document),
            Item::Rejected(rejected) => Err(rejected),
            Item::Page(_) => unreachable!("a text is no page"),
        });
        Ok(())
    })
    .unwrap();
    assert_eq!((items.len(), tally.records["file"]), (1, 1));
    (items.remove(0), tally)
}

fn text(bytes: &[u8]) -> (String, Vec<String>) {
    let (item, tally) = run(bytes, &Limits::default());
    (item.unwrap().text, tally.faults.into_keys().collect())
}

#[test]
fn a_file_is_a_document_named_without_its_folder() {
    let (item, tally) = run("Ein Satz.\r\nNoch einer.\rEnde".as_bytes(), &Limits::default());
    let document = item.unwrap();
    assert_eq!((document.id.as_str(), document.text.as_str()), ("a.txt", "Ein Satz.\nNoch einer.\nEnde"));
    assert_eq!(document.place, Place { file: "texts/a.txt".into(), offset: 0, length: 27 });
    assert_eq!((tally.stored_bytes, tally.decoded_bytes), (27, 27));
}

#[test]
fn encodings_are_told_apart() {
    assert_eq!(text("caf\u{e9}".as_bytes()), ("café".into(), vec![]));
    assert_eq!(text(b"\xEF\xBB\xBFcaf\xC3\xA9"), ("café".into(), vec![]));
    assert_eq!(text(b"\xFF\xFEh\0i\0"), ("hi".into(), vec![]));
    assert_eq!(text(b"\xFE\xFF\0h\0i"), ("hi".into(), vec![]));
    assert_eq!(text(b"caf\xE9 \x93x\x94"), ("café “x”".into(), vec!["not-utf8".into()]));
    assert_eq!(text(b"\xEF\xBB\xBFa\xFFb"), ("a\u{fffd}b".into(), vec!["bad-characters".into()]));
    assert_eq!(text(b"a\0b"), ("ab".into(), vec!["nul-removed".into()]));
}

#[test]
fn long_and_empty_texts_are_rejected() {
    let limits = Limits { text_bytes: 5, ..Limits::default() };
    assert_eq!(run(b"12345", &limits).0.unwrap().text, "12345");
    let (long, tally) = run(b"123456789", &limits);
    assert_eq!((long.unwrap_err().reason, tally.decoded_bytes), (Reason::bare("read", "text-too-long"), 6));
    for empty in [b"".as_slice(), b" \r\n\t", b"\xEF\xBB\xBF", b"\0"] {
        assert_eq!(run(empty, &Limits::default()).0.unwrap_err().reason.rule, "empty-text");
    }
}
