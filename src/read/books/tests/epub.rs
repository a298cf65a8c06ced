//! EPUBs made here, sound, damaged and hostile.

#[path = "../../../../fixtures/pack/epub.rs"]
mod pack;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use pack::{books, files, pack};

use crate::document::Document;
use crate::read::tests::{Outcome, Seen, read_with};
use crate::read::{Format, Limits};

type Files = Vec<(String, Vec<u8>)>;

fn read(book: &[u8]) -> Outcome {
    read_with(Format::Books, book, &Limits::default())
}

/// The one document of a book.
fn document(book: &[u8]) -> Document {
    let outcome = read(book);
    let [Seen::Document(document)] = &outcome.items[..] else { panic!("{outcome:?}") };
    document.clone()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn fixture(name: &str) -> Files {
    files(&fixtures().join("epub").join(name), "")
}

/// A fixture as it is packed.
fn packed(name: &str) -> Vec<u8> {
    books(&fixtures()).into_iter().find(|(found, _)| found == name).unwrap().1
}

/// A book of these chapters.
fn book(chapters: &[&[u8]]) -> Files {
    let names: Vec<String> = (0..chapters.len()).map(|n| format!("c{n}.xhtml")).collect();
    let items: String = names
        .iter()
        .map(|name| format!("<item id='{name}' href='{name}' media-type='application/xhtml+xml'/><itemref idref='{name}'/>"))
        .collect();
    let mut files = vec![
        ("META-INF/container.xml".to_owned(), b"<container><rootfiles><rootfile full-path='a/b.opf'/></rootfiles></container>".to_vec()),
        ("a/b.opf".to_owned(), format!("<package>{items}</package>").into_bytes()),
    ];
    files.extend(names.iter().zip(chapters).map(|(name, chapter)| (format!("a/{name}"), chapter.to_vec())));
    files
}

/// The text of a chapter.
fn chapter(xhtml: &str) -> String {
    document(&pack(&book(&[xhtml.as_bytes()]))).text
}

fn replace(files: &mut Files, name: &str, from: &str, to: &str) {
    let file = files.iter_mut().find(|(found, _)| found == name).unwrap();
    let text = String::from_utf8(file.1.clone()).unwrap();
    assert!(text.contains(from), "{name} has no {from}");
    file.1 = text.replace(from, to).into_bytes();
}

#[test]
fn chapters_come_in_the_order_of_reading_without_the_frame() {
    let packed = packed("the-salt-road.epub");
    let document = document(&packed);
    assert_eq!(
        (document.id.as_str(), document.title.as_deref(), document.date.as_deref()),
        ("in.warc", Some("The Salt Road"), Some("1908-03-01"))
    );
    assert_eq!(document.extra.as_deref(), Some("{\"author\":\"Edith Harrow; J. B. Lyle\",\"language\":\"en\"}"));
    assert_eq!((document.place.offset, document.place.length), (0, packed.len() as u64));
    let expected = "THE SALT ROAD\nby\nEDITH HARROW\nand J. B. LYLE\nCHAPTER I\nIn Which the Carts Are Counted\n\
        There were nine carts on the road that morning, and the rain had got into all of them but one. “That one,” said my aunt, “is carrying umbrellas.”\n\
        She was right, as she was about most things that could be counted from a window & about nothing that could not.\n\
        Salt to the north and salt to the south,\nAnd never a drop for the driver’s mouth.\n\
        CHAPTER II\nThe toll-house kept a list:\ncarts, nine;\noxen, eighteen;\nSalt 412 lb.\nUmbrellas 1\nTOLL\npaid\nNobody had counted the aunts.\nTHE END";
    assert_eq!(document.text, expected);
    assert_eq!(read(&packed).tally.records, [("file".to_owned(), 1), ("frame-markers".to_owned(), 1)].into());
}

#[test]
fn an_older_epub_without_a_frame_is_read_whole() {
    let packed = packed("das-stille-rad.epub");
    let document = document(&packed);
    assert_eq!((document.title.as_deref(), document.date.as_deref()), (Some("Das stille Rad & andere Erzählungen"), Some("1921")));
    let expected = "Das stille Rad\nAm Montag stand das Rad, und der Müller hörte zum ersten Mal seit dreißig Jahren seine eigene Uhr.\n\
        „Sie geht vor“, sagte seine Frau – und schlief weiter.\nNiemand schloss hinter ihm die Tür.";
    assert_eq!(document.text, expected);
    let outcome = read(&packed);
    assert_eq!((outcome.tally.records["frame-none"], outcome.fault("unlisted-chapter")), (1, 1));
}

#[test]
fn what_is_no_text_of_a_chapter_goes() {
    assert_eq!(chapter("<p>a<br/><br/>b</p><p>  </p>\n c <i>d</i>e<p>f&nbsp;g&shy;h &#x41;&copy;</p>"), "a\nb\nc de\nf gh A©");
    assert_eq!(chapter("<title/><body><script/>a<script>b</script><nav><nav>c</nav>d</nav><style>e</style>f</body>"), "af");
    assert_eq!(
        chapter("a<span role='doc-pagebreak'>b<span>c</span></span>d<span class='x pagenum'/>e<span title='pagenum'>f</span>"),
        "adef"
    );
    assert_eq!(chapter("<h2>Heading</h2>text<pre>  one\n\n two</pre>three &unknown; & <"), "Heading\ntext\none\ntwo\nthree &unknown; & <");
    assert_eq!(chapter("a<nav>never closed"), "a");
    // A chapter that begins on a new page is no page number, and a head without an end ends where the body begins.
    assert_eq!(chapter("<div class='pagebreak'><h1>Chapter</h1><p>One.</p></div><p class='pagebreak'>Two.</p>"), "Chapter\nOne.\nTwo.");
    assert_eq!(chapter("<html><head><meta charset='utf-8'/><body><p>Text.</p></body>"), "Text.");
    let started = Instant::now();
    for unit in ["<div>", "<nav>", "</div>", "<br>", "<p", "<span class='pagenum'>", "&", "<!--", "<pre>\n", " x "] {
        let text = format!("start {} end", unit.repeat(200_000));
        assert!(chapter(&text).starts_with("start"), "{unit}");
    }
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn encodings_of_chapters_are_told_apart() {
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain("<p>Müller</p>".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(document(&pack(&book(&[&utf16]))).text, "Müller");
    let outcome = read(&pack(&book(&[b"<p>M\xFCller</p>"])));
    assert!(outcome.fault("not-utf8") == 1 && outcome.ids().len() == 1, "{outcome:?}");
}

#[test]
fn a_book_that_is_cut_or_changed_anywhere_is_one_record() {
    let packed = packed("das-stille-rad.epub");
    let whole = document(&packed);
    for cut in 4..packed.len() {
        assert_eq!(read(&packed[..cut]).rules(), ["damaged-archive"], "cut at {cut}");
    }
    for at in 4..packed.len() {
        for bit in [0, 4, 7] {
            let mut bad = packed.clone();
            bad[at] ^= 1 << bit;
            let outcome = read(&bad);
            let is_known = match &outcome.items[..] {
                [Seen::Document(document)] => document.text == whole.text,
                [Seen::Rejected(item)] => ["damaged-archive", "invalid-epub", "encrypted-book"].contains(&item.reason.rule),
                _ => false,
            };
            assert!(is_known, "bit {bit} of byte {at}: {outcome:?}");
        }
    }
}

#[test]
fn bombs_are_over_the_limit_and_not_held() {
    let limits = Limits { text_bytes: 1 << 20, ..Limits::default() };
    let zeros = vec![b' '; 64 << 20];
    let bomb = pack(&book(&[b"<p>first</p>", &zeros]));
    assert!(bomb.len() < 1 << 20);
    let outcome = read_with(Format::Books, &bomb, &limits);
    assert_eq!((outcome.rules(), outcome.tally.decoded_bytes), (vec!["text-too-long"], 1 << 20));
    // Each below the limit, and together over it.
    let chapters: Vec<Vec<u8>> = (0..40).map(|n| vec![b'a' + n % 26; 100_000]).collect();
    let chapters: Vec<&[u8]> = chapters.iter().map(Vec::as_slice).collect();
    assert_eq!(read_with(Format::Books, &pack(&book(&chapters)), &limits).rules(), ["text-too-long"]);
    // A directory that is larger than any book's, and one that may claim any number of files.
    let names: Files = (0..300).map(|n| (format!("{n}{}", "x".repeat(60_000)), Vec::new())).collect();
    let mut files = book(&[b"<p>x</p>"]);
    files.extend(names);
    assert_eq!(read(&pack(&files)).rules(), ["damaged-archive"]);
    let mut large = pack(&book(&[b"<p>x</p>"]));
    large.splice(large.len() - 22..large.len() - 22, *b"PK\x06\x07________________");
    assert_eq!(read(&large).rules(), ["damaged-archive"]);
}

#[test]
fn names_lead_nowhere_outside_the_archive() {
    for path in ["../../../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "c0.xhtml%00"] {
        let mut files = book(&[b"<p>x</p>"]);
        replace(&mut files, "a/b.opf", "href='c0.xhtml'", &format!("href='{path}'"));
        assert_eq!(read(&pack(&files)).rules(), ["invalid-epub"], "{path}");
    }
    let mut files = book(&[b"<p>x</p>"]);
    replace(&mut files, "a/b.opf", "href='c0.xhtml'", "href='../a/./c0%2Exhtml#part'");
    files.push(("../../evil".to_owned(), b"x".to_vec()));
    assert_eq!(document(&pack(&files)).text, "x");
}

#[test]
fn encrypted_chapters_refuse_the_book_and_fonts_do_not() {
    let mut files = fixture("das-stille-rad");
    replace(&mut files, "META-INF/encryption.xml", "OEBPS/fonts/serif.otf", "OEBPS/Kapitel%20eins.html");
    assert_eq!(read(&pack(&files)).rules(), ["encrypted-book"]);
    // The archive's own encryption: a flag in both of its headers.
    let mut packed = pack(&book(&[b"<p>x</p>"]));
    for (magic, flags) in [(&b"PK\x03\x04"[..], 6), (b"PK\x01\x02", 8)] {
        let places: Vec<usize> = memchr::memmem::find_iter(&packed, magic).collect();
        packed[places.last().unwrap() + flags] |= 1;
    }
    assert_eq!(read(&packed).rules(), ["encrypted-book"]);
}

#[test]
fn an_archive_that_is_no_book_is_refused() {
    let cases: [(&str, &str, &str, &str); 5] = [
        ("a container that names nothing", "META-INF/container.xml", "full-path", "x"),
        ("a package that is not there", "META-INF/container.xml", "a/b.opf", "a/c.opf"),
        ("a package that is no XML", "a/b.opf", "<package>", "<package <"),
        ("nothing to read", "a/b.opf", "itemref", "x"),
        ("a chapter that is not there", "a/b.opf", "href='c0", "href='c9"),
    ];
    for (what, name, from, to) in cases {
        let mut files = book(&[b"<p>x</p>"]);
        replace(&mut files, name, from, to);
        assert_eq!(read(&pack(&files)).rules(), ["invalid-epub"], "{what}");
    }
    assert_eq!(read(&pack(&[("a.docx".to_owned(), b"x".to_vec())])).rules(), ["invalid-epub"]);
    assert_eq!(read(&pack(&book(&[b"<p> </p>"]))).rules(), ["empty-text"]);
    assert_eq!(read(b"PK\x03\x04").rules(), ["damaged-archive"]);
}
