//! Two texts side by side: which words changed, with a few words around each place and the rest folded away. Bounded whatever comes in, and what was left out is said.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

use crate::text::is_spaceless;

/// Words of each text that are compared, from the first that differs on.
const COMPARED: usize = 2000;
/// Words shown around a change.
const CONTEXT: usize = 8;
/// Words of each text that are shown.
const SHOWN: usize = 220;
/// Words of one change that are shown.
const SHOWN_CHANGE: usize = 60;
/// Characters of a longer word make several.
const WORD: usize = 40;

/// Where two texts differ.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    pub places: Vec<Place>,
    /// Words that were compared and are only in the first text, and only in the second.
    pub changed: (u64, u64),
    /// Words of both before the first difference.
    pub alike_before: u64,
    /// Places with changes that are not shown.
    pub more_places: u64,
    /// Words of each text that were not compared, because they lie too far behind the first difference.
    pub not_compared: (u64, u64),
}

/// One place where they differ, with what stands around it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Words alike between the place before and this one.
    pub alike: u64,
    pub first: Vec<Piece>,
    pub second: Vec<Piece>,
}

/// A run of words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Piece {
    /// Only this text has it.
    pub changed: bool,
    pub text: String,
    /// Words of the run that are not shown.
    pub more: u64,
}

/// Compares two texts word by word as they are written; only white space does not count.
pub fn compare(first: &str, second: &str) -> Comparison {
    let (mut a, mut b) = (Words::of(first), Words::of(second));
    let alike_before = a.by_ref().zip(b.by_ref()).take_while(|(x, y)| first[x.clone()] == second[y.clone()]).count();
    // From a little before the first difference, so that it is seen in its place.
    let from = alike_before.saturating_sub(CONTEXT);
    let window = |text| {
        let mut words = Words::of(text).skip(from);
        let window: Vec<Range<usize>> = words.by_ref().take(COMPARED).collect();
        (window, words.count() as u64)
    };
    let ((a, more_a), (b, more_b)) = (window(first), window(second));
    let words = |text: &'_ str, ranges: &[Range<usize>]| ranges.iter().map(|range| text[range.clone()].to_owned()).collect::<Vec<_>>();
    let ops = capture_diff_slices(Algorithm::Myers, &words(first, &a), &words(second, &b));
    let mut found = Comparison { alike_before: alike_before as u64, not_compared: (more_a, more_b), ..Comparison::default() };
    for op in ops.iter().filter(|op| !matches!(op, DiffOp::Equal { .. })) {
        found.changed.0 += op.old_range().len() as u64;
        found.changed.1 += op.new_range().len() as u64;
    }
    let (mut shown, mut end) = (0, 0);
    for group in group_diff_ops(ops, CONTEXT) {
        if SHOWN <= shown {
            found.more_places += 1;
            continue;
        }
        let mut place = Place { alike: (group[0].old_range().start - end) as u64, ..Place::default() };
        for op in &group {
            let changed = !matches!(op, DiffOp::Equal { .. });
            let most = op.old_range().len().max(op.new_range().len()).min(SHOWN_CHANGE);
            shown += most;
            place.first.extend(piece(first, &a[op.old_range()], changed));
            place.second.extend(piece(second, &b[op.new_range()], changed));
            end = op.old_range().end;
        }
        found.places.push(place);
    }
    if let Some(place) = found.places.first_mut() {
        place.alike += from as u64;
    }
    found
}

/// The first words of a text, in one line.
pub fn beginning(text: &str, n_words: usize) -> String {
    let words: Vec<Range<usize>> = Words::of(text).take(n_words + 1).collect();
    let cut = if n_words < words.len() { " .." } else { "" };
    let words = &words[..words.len().min(n_words)];
    match (words.first(), words.last()) {
        (Some(from), Some(to)) => folded(&text[from.start..to.end]) + cut,
        _ => String::new(),
    }
}

fn piece(text: &str, words: &[Range<usize>], changed: bool) -> Option<Piece> {
    let shown = &words[..words.len().min(SHOWN_CHANGE)];
    let (from, to) = (shown.first()?.start, shown.last()?.end);
    Some(Piece { changed, text: folded(&text[from..to]), more: (words.len() - shown.len()) as u64 })
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Words between white space as byte ranges; a character of a script without spaces is one of its own.
struct Words<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Words<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, at: 0 }
    }
}

impl Iterator for Words<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let rest = self.text[self.at..].trim_start();
        let start = self.text.len() - rest.len();
        let first = rest.chars().next()?;
        let inside = |c: char| !c.is_whitespace() && !is_spaceless(c);
        let length = match is_spaceless(first) {
            true => first.len_utf8(),
            false => rest.chars().take(WORD).take_while(|&c| inside(c)).map(char::len_utf8).sum(),
        };
        self.at = start + length;
        Some(start..self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(pieces: &[Piece]) -> Vec<&str> {
        pieces.iter().filter(|piece| piece.changed).map(|piece| piece.text.as_str()).collect()
    }

    #[test]
    fn changed_words_are_marked_on_their_side() {
        let found = compare("the quick brown fox\n jumps over", "the quick red fox jumps over it");
        assert_eq!(found.places.len(), 1);
        assert_eq!((only(&found.places[0].first), only(&found.places[0].second)), (vec!["brown"], vec!["red", "it"]));
        assert_eq!((found.changed, found.alike_before, found.not_compared), ((1, 2), 2, (0, 0)));
        let text = |pieces: &[Piece]| pieces.iter().map(|piece| piece.text.clone()).collect::<Vec<_>>().join(" ");
        assert_eq!(text(&found.places[0].second), "the quick red fox jumps over it");
    }

    #[test]
    fn same_words_have_no_places() {
        for (a, b) in [("", ""), ("a b", "a  b\n"), ("\u{5929}\u{6c17}", "\u{5929} \u{6c17}")] {
            let found = compare(a, b);
            assert!(found.places.is_empty() && found.changed == (0, 0), "{a} {b}");
        }
        assert_eq!(compare("", "new text").changed, (0, 2));
    }

    #[test]
    fn characters_are_the_words_of_scripts_without_spaces() {
        let found = compare("\u{4eca}\u{65e5}\u{306f}\u{6674}\u{308c}", "\u{4eca}\u{65e5}\u{306f}\u{96e8}\u{308c}");
        assert_eq!((only(&found.places[0].first), only(&found.places[0].second)), (vec!["\u{6674}"], vec!["\u{96e8}"]));
    }

    #[test]
    fn a_change_far_behind_is_found_and_what_is_alike_is_counted() {
        let words = |n: usize| (0..n).map(|i| format!("w{i}")).collect::<Vec<_>>();
        let (a, mut b) = (words(60_000), words(60_000));
        b[50_000] = "changed".to_owned();
        let found = compare(&a.join(" "), &b.join(" "));
        assert_eq!((only(&found.places[0].second), found.alike_before, found.places[0].alike), (vec!["changed"], 50_000, 50_000 - 8));
        assert_eq!(found.not_compared, (8008, 8008));
    }

    #[test]
    fn what_is_shown_is_bounded_and_the_rest_is_said() {
        let a: String = (0..50_000).map(|i| format!("a{i} ")).collect();
        let b: String = (0..50_000).map(|i| format!("b{i} ")).collect();
        let found = compare(&a, &b);
        assert_eq!(found.changed, (2000, 2000));
        assert_eq!((found.not_compared, found.places[0].first[0].more), ((48_000, 48_000), 1940));
        let long = "x".repeat(1 << 20);
        let found = compare(&long, &(long.clone() + "y"));
        let size: usize = found.places.iter().flat_map(|place| place.first.iter().chain(&place.second)).map(|piece| piece.text.len()).sum();
        assert!(size < 4000, "{size}");
        // Many small changes: some places are shown, the others counted.
        let every =
            |word: &str| (0..1900).map(|i| if i % 40 == 0 { word.to_owned() } else { format!("w{i}") }).collect::<Vec<_>>().join(" ");
        let found = compare(&every("one"), &every("two"));
        assert_eq!(found.places.len() as u64 + found.more_places, 48);
        assert!(5 < found.places.len() && found.places.len() < 20, "{}", found.places.len());
    }

    #[test]
    fn a_beginning_is_cut_at_a_word() {
        assert_eq!(beginning("one\n two  three", 2), "one two ..");
        assert_eq!(beginning(" one two ", 2), "one two");
        assert_eq!(beginning("", 2), "");
    }
}
