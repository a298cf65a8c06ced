//! From collisions to pieces.

use std::ops::Range;

use crate::document::Reason;

use super::{Cut, Options, Outcome};

/// Hits come in order of their place.
pub fn cut(text: &str, hits: &[(Range<usize>, u32)], options: &Options, is_book: bool) -> Outcome {
    let mut cuts: Vec<Cut> = Vec::new();
    for (range, gram) in hits {
        let widened = back(text, range.start, options.window)..forward(text, range.end, options.window);
        match cuts.last_mut() {
            Some(last) if widened.start <= last.range.end => last.range.end = last.range.end.max(widened.end),
            _ => cuts.push(Cut { range: widened, gram: *gram }),
        }
    }
    let starts = std::iter::once(0).chain(cuts.iter().map(|cut| cut.range.end));
    let ends = cuts.iter().map(|cut| cut.range.start).chain(std::iter::once(text.len()));
    let pieces: Vec<Range<usize>> =
        starts.zip(ends).map(|(start, end)| start..end).filter(|piece| !text[piece.clone()].trim().is_empty()).collect();
    // Pieces are counted, not hits: one long overlap is one cut. Short pieces count, since it is the splitting that the rule looks at.
    if !is_book && options.max_pieces < pieces.len() {
        let reason =
            Reason { filter: "decontaminate", rule: "too-many-pieces", value: pieces.len() as f64, limit: options.max_pieces as f64 };
        return Outcome::Drop { reason, cuts };
    }
    let n_pieces = pieces.len();
    let long = |piece: &Range<usize>| options.min_piece <= text[piece.clone()].chars().take(options.min_piece).count();
    // A short book with one hit keeps what is left of it: books are never dropped for a collision alone.
    let keeps_short = is_book && !pieces.iter().any(long);
    let pieces: Vec<Range<usize>> = pieces.into_iter().filter(|piece| keeps_short || long(piece)).collect();
    if pieces.is_empty() {
        let reason = Reason { filter: "decontaminate", rule: "nothing-left", value: n_pieces as f64, limit: options.min_piece as f64 };
        return Outcome::Drop { reason, cuts };
    }
    Outcome::Cut { pieces, cuts }
}

fn back(text: &str, at: usize, n: usize) -> usize {
    if n == 0 {
        return at;
    }
    text[..at].char_indices().rev().nth(n - 1).map_or(0, |(at, _)| at)
}

fn forward(text: &str, at: usize, n: usize) -> usize {
    text[at..].char_indices().nth(n).map_or(text.len(), |(ahead, _)| at + ahead)
}
