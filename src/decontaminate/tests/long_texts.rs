//! Texts as long as books, with a hit at every word, and the two ways to cut words.

use super::words::{WordHash, next_hash, next_word};
use super::*;

/// A book that is a benchmark, over and over: tens of megabytes, a hit at nearly every word.
#[test]
fn a_book_of_hits_is_few_cuts_and_is_never_lost() {
    let grams = grams();
    let run = format!("{ITEM} ").repeat(60_000);
    let page = filler(12_000);
    let book = format!("{page}{run}{page}{run}{page}");
    assert!(16 << 20 < book.len());
    let ignored = Ignored::new([], grams.len());
    let mut hits = 0;
    let outcome = decontaminate(&grams, &ignored, &book, &Options::default(), true, &mut Scratch::default(), &mut |_| hits += 1);
    let Outcome::Cut { pieces, cuts } = outcome else { panic!("the book was lost") };
    // What is held is two cuts, however many hits are in them.
    assert_eq!((cuts.len(), pieces.len(), hits), (2, 3, 2 * 60_000 * grams.len() as u64));
    assert_eq!(cuts.iter().map(|cut| cut.hits).sum::<u64>(), hits);
    assert!(pieces.iter().all(|piece| page.contains(book[piece.clone()].trim())));
    let mut counted = Vec::new();
    let mut scratch = Scratch::default();
    count(&grams, &book, &mut scratch, &mut |gram| counted.push(gram));
    assert_eq!(counted.len(), grams.len());
    assert!(scratch.seen.capacity() <= 2 * SEEN, "{} numbers were held for {hits} hits", scratch.seen.capacity());
    // Nothing but hits: a page goes, and so does a book of which nothing is left.
    let outcome = decontaminate(&grams, &ignored, &run, &Options::default(), true, &mut Scratch::default(), &mut |_| {});
    assert!(matches!(outcome, Outcome::Drop { reason, .. } if reason.rule == "nothing-left"));
}

/// Cuts as they are told in one sentence: each hit is widened, and what touches is one.
fn plain_cuts(text: &str, hits: &[Range<usize>], window: usize) -> Vec<Range<usize>> {
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let place = |at: usize| starts.binary_search(&at).unwrap();
    let mut cuts: Vec<Range<usize>> = Vec::new();
    for hit in hits {
        let (start, end) = (starts[place(hit.start).saturating_sub(window)], starts[(place(hit.end) + window).min(starts.len() - 1)]);
        match cuts.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ => cuts.push(start..end),
        }
    }
    cuts
}

#[test]
fn hits_are_merged_while_they_are_found_into_the_cuts_that_all_of_them_make() {
    let text: String = (0..3000).map(|n| ['a', 'é', '河', ' '][n % 4]).collect();
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let mut draws = hosts::Draws::new(1, "cuts");
    let mut n_cuts = 0;
    for window in [0, 1, 40, 200] {
        for most in [3, 80, 500] {
            let options = Options { window, ..Options::default() };
            let mut cutter = cut::Cutter::new(&text, &options);
            let (mut hits, mut at) = (Vec::new(), 0);
            loop {
                at += draws.below(most);
                let end = at + 1 + draws.below(60);
                if starts.len() <= end {
                    break;
                }
                hits.push(starts[at]..starts[end]);
                cutter.hit(starts[at]..starts[end], 0);
            }
            let (Outcome::Cut { cuts, .. } | Outcome::Drop { cuts, .. }) = cutter.finish(true) else { panic!("there are hits") };
            let ranges: Vec<Range<usize>> = cuts.iter().map(|cut| cut.range.clone()).collect();
            assert_eq!(ranges, plain_cuts(&text, &hits, window), "window {window}, gaps below {most}");
            assert_eq!(cuts.iter().map(|cut| cut.hits).sum::<u64>(), hits.len() as u64);
            n_cuts += cuts.len();
        }
    }
    assert!(100 < n_cuts);
}

/// Eight bytes at a time or one, a word is the same.
#[test]
fn words_are_the_same_by_eight_bytes_and_by_one() {
    let slowly = |text: &str, at: &mut usize| {
        let mut hash = WordHash::default();
        next_word(text, at, |byte| hash.push(byte)).map(|place| (hash.finish(), place))
    };
    let agree = |text: &str| {
        let (mut fast, mut slow) = (0, 0);
        loop {
            let found = next_hash(text, &mut fast);
            assert_eq!(found, slowly(text, &mut slow), "{text:?}");
            if found.is_none() {
                return;
            }
        }
    };
    let parts = [
        "a",
        "Word",
        "EIGHTCHR",
        "ninechars",
        "x1",
        "Sixteen0Sixteen0",
        " ",
        "  ",
        "\n",
        "\t",
        ".",
        ",",
        "--",
        "'",
        "_",
        "$",
        "+",
        "<",
        "\u{7f}",
        "\0",
        "\u{2019}",
        "\u{201c}",
        "\u{2014}",
        "\u{2026}",
        "\u{2028}",
        "\u{200b}",
        "\u{a0}",
        "é",
        "ς",
        "Σ",
        "İ",
        "河",
        "の",
        "ก",
        "\u{3000}",
        "\u{e2}",
        "@",
        "[",
        "`",
        "{",
        "/",
        ":",
    ];
    let mut draws = hosts::Draws::new(2, "words");
    for _ in 0..30_000 {
        let text: String = (0..1 + draws.below(12)).map(|_| parts[draws.below(parts.len())]).collect();
        agree(&text);
        agree(&format!("{text} and more than eight bytes"));
    }
    // Every character of the first planes that hold punctuation and ASCII, in a word and beside one.
    for c in (0..0x3100).filter_map(char::from_u32) {
        agree(&format!("one{c}two {c}three{c} {c} four and more than eight bytes"));
    }
}
