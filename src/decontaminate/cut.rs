//! From collisions to pieces.

use std::ops::Range;

use crate::document::Reason;

use super::{Cut, Options, Outcome};

/// Makes cuts of hits as they are found, in the order of the text. It holds a cut for each run of hits, whose windows are counted when the run has ended.
pub struct Cutter<'t> {
    text: &'t str,
    options: &'t Options,
    cuts: Vec<Cut>,
    /// The end of the last hit of the last cut; the window behind it is not counted yet.
    end: usize,
}

impl<'t> Cutter<'t> {
    pub fn new(text: &'t str, options: &'t Options) -> Self {
        Self { text, options, cuts: Vec::new(), end: 0 }
    }

    /// Takes the next hit.
    pub fn hit(&mut self, range: Range<usize>, gram: u32) {
        // Where it overlaps the hit before, no window needs to be counted to know that both are one cut.
        if self.cuts.is_empty() || self.end < range.start {
            self.widen_last();
            let start = back(self.text, range.start, self.options.window);
            if self.cuts.last().is_none_or(|last| last.range.end < start) {
                self.cuts.push(Cut { range: start..range.end, gram, hits: 0 });
            }
        }
        self.cuts.last_mut().expect("there is one, or it was just pushed").hits += 1;
        self.end = self.end.max(range.end);
    }

    fn widen_last(&mut self) {
        if let Some(last) = self.cuts.last_mut() {
            last.range.end = forward(self.text, self.end, self.options.window);
        }
    }

    /// What becomes of the text.
    pub fn finish(mut self, is_book: bool) -> Outcome {
        self.widen_last();
        if self.cuts.is_empty() { Outcome::Clean } else { pieces(self.text, self.cuts, self.options, is_book) }
    }
}

fn pieces(text: &str, cuts: Vec<Cut>, options: &Options, is_book: bool) -> Outcome {
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
