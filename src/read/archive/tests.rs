//! Archives made here, as OpenWebText ships them, cut and hostile.

use crate::codec::tests::{bz2, xz};
use crate::read::tests::{Outcome, Seen, gz, read_with, zst};
use crate::read::{Format, Limits};

/// A member with a name of any length.
fn member(name: &str, bytes: &[u8]) -> (tar::Header, String, Vec<u8>) {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    header.set_mtime(0);
    (header, name.to_owned(), bytes.to_vec())
}

fn pack(members: &[(tar::Header, String, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (header, name, bytes) in members {
        builder.append_data(&mut header.clone(), name, &bytes[..]).unwrap();
    }
    builder.into_inner().unwrap()
}

fn texts(members: &[(&str, &[u8])]) -> Vec<u8> {
    pack(&members.iter().map(|(name, bytes)| member(name, bytes)).collect::<Vec<_>>())
}

fn read(bytes: &[u8]) -> Outcome {
    read_with(Format::Text, bytes, &Limits::default())
}

/// Ids and texts.
fn seen(outcome: &Outcome) -> Vec<(&str, &str)> {
    let documents = outcome.items.iter().filter_map(|item| if let Seen::Document(document) = item { Some(document) } else { None });
    documents.map(|document| (document.id.as_str(), document.text.as_str())).collect()
}

#[test]
fn each_member_is_a_document_in_every_packing() {
    let long = format!("set/{}/long.txt", "folder".repeat(40));
    let archive = texts(&[
        ("set/a.txt", b"One.\r\nTwo."),
        ("set/b", "caf\u{e9}".as_bytes()),
        (&long, b"Long."),
        ("set/page.html", b"<p>"),
        ("set/._a.txt", b"x"),
    ]);
    for bytes in [archive.clone(), gz(&archive), zst(&archive), xz(&archive), bz2(&archive)] {
        let outcome = read(&bytes);
        assert_eq!(seen(&outcome), [("set/a.txt", "One.\nTwo."), ("set/b", "café"), (&long, "Long.")]);
        assert_eq!((outcome.tally.records["file"], outcome.tally.records["left-out"], outcome.tally.records["archive"]), (3, 2, 1));
        let Seen::Document(document) = &outcome.items[1] else { panic!("{outcome:?}") };
        let (from, length) = (document.place.offset as usize, document.place.length as usize);
        assert_eq!(&archive[from..from + length], "caf\u{e9}".as_bytes());
    }
}

/// `openwebtext.tar.xz` holds `urlsf_subset00-1_data.xz`, which is a tar of texts.
#[test]
fn archives_in_archives_are_read_as_openwebtext_has_them() {
    let inner = xz(&texts(&[("0000-a.txt", b"One."), ("0001-b.txt", b"Two.")]));
    let outer = xz(&texts(&[("owt/urlsf_subset00-1_data.xz", &inner), ("owt/c.txt.xz", &xz(b"Three.")), ("owt/empty.txt", b" ")]));
    let outcome = read(&outer);
    assert_eq!(
        seen(&outcome),
        [
            ("owt/urlsf_subset00-1_data.xz/0000-a.txt", "One."),
            ("owt/urlsf_subset00-1_data.xz/0001-b.txt", "Two."),
            ("owt/c.txt.xz", "Three.")
        ]
    );
    assert_eq!((outcome.rules(), outcome.tally.records["archive"]), (vec!["empty-text"], 2));
    let mut deep = texts(&[("a.txt", b"x")]);
    for _ in 0..6 {
        deep = texts(&[("t.tar", &deep)]);
    }
    assert_eq!(read(&deep).rules(), ["archive-too-deep"]);
}

#[test]
fn lines_of_a_member_are_documents_with_places_of_their_own() {
    let lines = b"{\"id\":\"x\",\"text\":\"One.\"}\n{\"text\":\"Two.\"}\nbad\n";
    let archive = texts(&[("a/lines.jsonl", lines), ("a/more.jsonl.zst", &zst(b"{\"text\":\"Three.\"}\n"))]);
    let outcome = read(&archive);
    assert_eq!(seen(&outcome), [("x", "One."), ("a/lines.jsonl:2", "Two."), ("a/more.jsonl.zst:1", "Three.")]);
    assert_eq!((outcome.rules(), outcome.tally.records["line"]), (vec!["invalid-json"], 4));
    let Seen::Document(second) = &outcome.items[1] else { panic!("{outcome:?}") };
    let (from, length) = (second.place.offset as usize, second.place.length as usize);
    assert_eq!(&archive[from..from + length], b"{\"text\":\"Two.\"}");
    let Seen::Document(third) = &outcome.items[3] else { panic!("{outcome:?}") };
    assert_eq!(&archive[third.place.offset as usize..][..4], [0x28, 0xB5, 0x2F, 0xFD]);
}

#[test]
fn an_archive_that_is_cut_gives_the_members_before() {
    let archive = texts(&[("a.txt", &[b'a'; 700]), ("b.txt", b"b"), ("c.txt", &[b'c'; 20])]);
    let whole = read(&archive).items;
    assert_eq!(whole.len(), 3);
    for cut in 512..archive.len() {
        let outcome = read(&archive[..cut]);
        let n = outcome.ids().len();
        assert_eq!(outcome.items[..n], whole[..n], "cut at {cut}");
        let rules = outcome.rules();
        assert!(rules.is_empty() || rules == ["truncated-input"], "cut at {cut}: {rules:?}");
        // Only where a member or the blocks of zeros begin is nothing missing that could be told.
        assert!(!rules.is_empty() || n == 3 || [1536, 2560].contains(&cut), "cut at {cut}");
    }
    let packed = xz(&archive);
    for cut in (0..packed.len()).skip(40) {
        assert!(read(&packed[..cut]).fault("truncated-input") == 1, "cut at {cut}");
    }
    let mut bad = archive.clone();
    bad[1536 + 20] ^= 1;
    let outcome = read(&bad);
    assert_eq!((outcome.ids(), outcome.rules()), (vec!["a.txt"], vec!["damaged-archive"]));
    // A packed member that is damaged costs itself alone.
    let inner = xz(b"inside");
    let outcome = read(&texts(&[("a.txt.xz", &inner[..inner.len() - 4]), ("b.txt", b"b")]));
    assert_eq!((outcome.ids(), outcome.rules()), (vec!["b.txt"], vec!["truncated-input"]));
}

#[test]
fn bombs_are_over_the_limit_and_not_held() {
    let limits = Limits { text_bytes: 1 << 20, ..Limits::default() };
    let zeros = vec![b'z'; 32 << 20];
    let bomb = texts(&[("a.txt.xz", &xz(&zeros)), ("b.txt", &zeros), ("c.txt", b"c")]);
    let outcome = read_with(Format::Text, &xz(&bomb), &limits);
    assert_eq!((outcome.ids(), outcome.rules()), (vec!["c.txt"], vec!["text-too-long", "text-too-long"]));
    // A name of 32 MB, and a sparse file that claims to be of a million million bytes.
    let (mut header, ..) = member("x", &zeros);
    header.set_entry_type(tar::EntryType::GNULongName);
    let long = pack(&[member("a.txt", b"a"), (header, "././@LongLink".to_owned(), zeros), member("b.txt", b"b")]);
    let outcome = read(&long);
    assert_eq!((outcome.ids(), outcome.rules()), (vec!["a.txt"], vec!["damaged-archive"]));
    let (mut header, ..) = member("x", b"");
    header.set_entry_type(tar::EntryType::GNUSparse);
    header.as_gnu_mut().unwrap().set_real_size(1 << 40);
    let outcome = read(&pack(&[(header, "s.txt".to_owned(), Vec::new()), member("b.txt", b"b")]));
    assert!(outcome.rules().is_empty() || outcome.rules() == ["damaged-archive"], "{outcome:?}");
    // A size that no archive has.
    let mut lie = texts(&[("a.txt", b"a")]);
    let (mut header, ..) = member("a.txt", b"a");
    header.set_path("a.txt").unwrap();
    header.set_size(u64::MAX >> 2);
    header.set_cksum();
    lie[..512].copy_from_slice(header.as_bytes());
    assert_eq!(read(&lie).rules(), ["truncated-input"]);
}

#[test]
fn a_text_that_only_looks_like_an_archive_is_a_text() {
    let mut text = vec![b'x'; 600];
    text[257..262].copy_from_slice(b"ustar");
    assert_eq!(read(&text).ids(), ["in.warc"]);
    let none: Vec<u8> = vec![0; 1024];
    assert_eq!(read(&none).rules(), ["empty-text"]);
    for name in ["../../evil.txt", "/etc/evil.txt", "a/../b.txt"] {
        let (mut header, _, bytes) = member("x", b"x");
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        let archive = [header.as_bytes(), &bytes[..], &[0; 511 + 1024]].concat();
        assert_eq!(read(&archive).ids(), [name]);
    }
}
