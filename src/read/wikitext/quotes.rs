//! Marks of italic and bold letters: runs of apostrophes. How many of a run are apostrophes all the same follows MediaWiki's `doQuotes`.

/// What stands for marks in a line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Quotes {
    /// Where a run of three is an apostrophe and a mark of italics.
    split: Option<usize>,
}

impl Quotes {
    /// Looks at a line. Where both bold and italic are left open, one mark of bold is taken for an apostrophe and a mark of italics: `l'''amour''`.
    /// Best is one behind a single letter, then one behind a longer word, then one behind a space.
    pub fn of(line: &str) -> Self {
        let (mut n_bold, mut n_italic) = (0_usize, 0_usize);
        let mut best: Option<(u8, usize)> = None;
        let bytes = line.as_bytes();
        let mut at = 0;
        while let Some(found) = memchr::memmem::find(&bytes[at..], b"''") {
            let start = at + found;
            let run = bytes[start..].iter().take_while(|byte| **byte == b'\'').count();
            at = start + run;
            let marks = marks(run);
            n_italic += usize::from(marks != 3);
            n_bold += usize::from(3 <= marks);
            if marks == 3 {
                let mut before = line[..at - 3].chars().rev();
                let (last, other) = (before.next(), before.next());
                let rank = match (last, other) {
                    (None | Some(' '), _) => 2,
                    (_, None | Some(' ')) => 0,
                    _ => 1,
                };
                best = best.into_iter().chain([(rank, start)]).min();
            }
        }
        let split = best.filter(|_| n_bold % 2 == 1 && n_italic % 2 == 1).map(|(_, start)| start);
        Self { split }
    }

    /// How many apostrophes a run that begins here shows.
    pub fn shown(&self, start: usize, run: usize) -> usize {
        if self.split == Some(start) { run - 2 } else { run - marks(run) }
    }
}

/// How many of a run are marks: 2 of italics, 3 of bold, 5 of both.
fn marks(run: usize) -> usize {
    match run {
        0 | 1 => 0,
        2 | 3 => run,
        4 => 3,
        _ => 5,
    }
}
