mod epub;

use super::frame::find;
use super::paragraphs::join;
use super::*;
use crate::read::{Item, Rejected};

fn run(text: &str) -> (Result<Document, Rejected>, Tally) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.txt");
    std::fs::write(&path, text).unwrap();
    let input = Input::file(path, "books/b.txt", text.len() as u64);
    let mut items = Vec::new();
    let tally = read(&input, &Limits::default(), &mut |item| {
        items.push(match item {
            Item::Document(document) => Ok(document),
            Item::Rejected(rejected) => Err(rejected),
            Item::Page(_) => unreachable!("a book is no page"),
        });
        Ok(())
    })
    .unwrap();
    assert_eq!(items.len(), 1);
    (items.remove(0), tally)
}

/// The rule and the book inside a framed text.
fn framed(text: &str) -> (&'static str, &str) {
    let frame = find(text);
    (frame.rule, text[frame.book].trim())
}

#[test]
fn a_marked_book_loses_its_frame_and_gains_its_title() {
    let file = "The Project Gutenberg EBook of The Mill, by A. Nobody\r\n\r\nThis eBook is free.\r\n\r\nTitle: The Mill\r\n       And the River\r\nAuthor: A. Nobody\r\n\r\n\
        *** START OF THIS PROJECT GUTENBERG EBOOK THE MILL\r\nAND THE RIVER ***\r\n\r\n\r\nProduced by Some One and the\r\nProofreaders\r\n\r\n\r\nNote: Project Gutenberg also has a version with pictures.\r\n\r\n\r\nTHE MILL\r\n\r\nIt turned.\r\n\r\n\
        End of the Project Gutenberg EBook of The Mill, by\r\nA. Nobody\r\n\r\n*** END OF THIS PROJECT GUTENBERG EBOOK THE MILL ***\r\n\r\n***** This file should be named 1.txt *****\r\nSection 1. License";
    let (item, tally) = run(file);
    let document = item.unwrap();
    assert_eq!((document.id.as_str(), document.title.as_deref()), ("b.txt", Some("The Mill And the River")));
    assert_eq!(document.text, "THE MILL\nIt turned.");
    assert_eq!((tally.records["file"], tally.records["frame-markers"]), (1, 1));
}

#[test]
fn markers_are_found_in_all_their_spellings() {
    for (start, end) in [
        ("*** START OF THIS PROJECT GUTENBERG EBOOK X ***", "*** END OF THIS PROJECT GUTENBERG EBOOK X ***"),
        ("***START OF THE PROJECT GUTENBERG EBOOK X***", "***END OF THE PROJECT GUTENBERG EBOOK X***"),
        ("*** START OF THE PROJECT GUTENBERG ETEXT X", "*** END OF THE PROJECT GUTENBERG ETEXT X"),
        ("** Start of the Project Gutenberg E-book X **", "** End of the Project Gutenberg E-book X **"),
    ] {
        let text = format!("header\n{start}\n\nThe book.\n\n{end}\nlicence");
        assert_eq!(framed(&text), ("frame-markers", "The book."), "{start}");
    }
    assert_eq!(framed("The book.\n*** END OF THE PROJECT GUTENBERG EBOOK X ***\nlicence"), ("frame-markers", "The book."));
    assert_eq!(framed("x\n*** START OF THE PROJECT GUTENBERG EBOOK X ***\nThe book."), ("frame-markers", "The book."));
}

#[test]
fn older_frames_come_off_too() {
    let small = "The Project Gutenberg Etext of X\n\n**START**THE SMALL PRINT!**FOR PUBLIC DOMAIN ETEXTS**START**\nWhy is this here?\n*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*\n\nThe book.\n\nEnd of The Project Gutenberg Etext of X\nmore";
    assert_eq!(framed(small), ("frame-old", "The book."));
    let heading = "Project Gutenberg's Etext of X, by Y\nJune, 1993  [Etext #1]\n\nThe book.\n\nEnd of Project Gutenberg's X";
    assert_eq!(framed(heading), ("frame-old", "The book."));
}

#[test]
fn a_text_without_a_frame_stays_whole() {
    let text = "A book about Project Gutenberg.\n\nThe end of the line.\n\n*** a break ***\n\nMore.";
    assert_eq!(framed(text), ("frame-none", text));
    assert_eq!(find(text).title, None);
    assert_eq!(run("x").1.records["frame-none"], 1);
}

#[test]
fn a_frame_around_nothing_is_empty() {
    let (item, _) = run("x\n*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\n*** END OF THE PROJECT GUTENBERG EBOOK X ***\nlicence");
    assert_eq!(item.unwrap_err().reason.rule, "empty-text");
    assert_eq!(framed("*** END OF THE PROJECT GUTENBERG EBOOK X ***\n*** START OF THE PROJECT GUTENBERG EBOOK X ***").1, "");
}

const WRAPPED: &str = "The mill stood where the river bends, and for as long as anybody could\nremember its wheel had turned by day and by night, so that the well-\nknown sound was missed--at first with some wonder, and then with a\nkind of fear--when it stopped.";

#[test]
fn wrapped_lines_become_one_paragraph() {
    let joined = join(&format!("{WRAPPED}\n\n\n{WRAPPED}\n"));
    let lines: Vec<_> = joined.split('\n').collect();
    assert_eq!((lines.len(), lines[0]), (2, lines[1]));
    assert!(lines[0].contains("anybody could remember its wheel") && lines[0].contains("the well-known sound"));
}

#[test]
fn verse_tables_and_headings_keep_their_lines() {
    let verse = "  The wheel goes round, the water falls,\n    The miller sleeps, the owlet calls,\n  And all the night is full of sound\n    Where wheel and water turn around.";
    let table = "Flour      12\nBran        7\nWater     200";
    let joined = join(&format!("{WRAPPED}\n\n{verse}\n\n{table}\n\nCHAPTER II\n\n{WRAPPED}"));
    let paragraph = join(WRAPPED);
    assert_eq!(joined, format!("{paragraph}\n\n{verse}\n\n{table}\n\nCHAPTER II\n{paragraph}"));
}

#[test]
fn verse_as_wide_as_prose_is_known_by_its_capitals() {
    let verse = "The wheel goes round and round again while all the water slowly falls,\nThe miller sleeps the night away until the early morning owlet calls,\nAnd all the night is full of sound that comes from somewhere underground.";
    assert_eq!(join(verse), verse);
}

#[test]
fn an_indented_line_starts_a_paragraph_and_an_indented_block_is_one() {
    let indented = WRAPPED.replace('\n', "\n      ").replace("The mill", "      The mill");
    assert_eq!(join(&indented), join(WRAPPED));
    let two = format!("{WRAPPED}\n   {WRAPPED}");
    assert_eq!(join(&two), format!("{0}\n{0}", join(WRAPPED)));
    assert_eq!(join(""), "");
    assert_eq!(join("\n \n"), "");
}
