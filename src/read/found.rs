//! What is found in the stream of an archive, and where.

/// Offset and length, in the coordinates of `document::Place`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) offset: u64,
    pub(super) length: u64,
    /// In bytes of the file, else of the decoded stream.
    pub(super) of_file: bool,
}

impl Span {
    pub(super) fn of_file(from: u64, to: u64) -> Self {
        Self { offset: from, length: to - from, of_file: true }
    }

    pub(super) fn of_stream(from: u64, to: u64) -> Self {
        Self { offset: from, length: to - from, of_file: false }
    }
}

/// What was found in the stream.
#[derive(Debug)]
pub(super) enum Found {
    Record(Record),
    Damaged(Damaged),
}

impl Found {
    pub(super) fn span(&self) -> Span {
        match self {
            Found::Record(record) => record.span,
            Found::Damaged(damaged) => damaged.span,
        }
    }
}

/// What is not as a record says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// Its length: it was wrong or missing and a member's end decided, or what is behind it is no record.
    Length,
    /// Its block: the digest is another, and no checksum of its member was seen yet.
    Block,
}

/// A record.
#[derive(Debug)]
pub(super) struct Record {
    /// Stream positions of its block.
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) span: Span,
    pub(super) doubt: Option<Doubt>,
    /// It may not be all there: it is shorter than it said, or its digest says that bytes are missing, or its end is a guess.
    pub(super) short: bool,
}

/// A stretch that gave no record; the framer's head holds what could be read of it.
#[derive(Debug)]
pub(super) struct Damaged {
    pub(super) rule: &'static str,
    /// What was measured against which limit; zeros where nothing was.
    pub(super) measured: (u64, u64),
    pub(super) span: Span,
}
