//! The decoded stream of an archive as the framing walks over it: what is held, where members end, what lies behind, and how the
//! next record is found after damage.

use super::Limits;
use super::dialect::{Begins, blank};
use super::source::{Damage, Seek, Source, Step};
use super::window::Window;

/// Bytes after a record that are looked at for the next one; more blank lines than this count as its end.
const BLANK: u64 = 64;

/// The end of a member that was not passed yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    /// Stream position.
    pub(super) at: u64,
    /// Where the next member begins in the file.
    pub(super) next: u64,
    /// The member that ended was decoded in pieces.
    in_pieces: bool,
}

/// What lies behind the window.
#[derive(Clone, Copy, Debug)]
enum Edge {
    More,
    /// The member that was looked into for its beginning ended too; the next begins here.
    Bound(u64),
    Damage(Damage),
    End,
}

/// How records lie in members, as seen so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Unknown,
    PerRecord,
    Many,
}

/// What follows a record.
#[derive(Clone, Copy, Debug)]
pub(super) enum After {
    /// A record, or the end of a plain file.
    Next,
    /// The end of a member or frame.
    Bound,
    Damage(Damage),
    Other,
}

/// Where a search stopped.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stop {
    Record(u64),
    /// Where nothing more can be seen as part of this record; true when all since the start of the search is still held.
    Edge(bool),
}

#[derive(Debug)]
pub(super) struct Stream {
    pub(super) source: Source,
    pub(super) window: Window,
    pub(super) bound: Option<Bound>,
    /// Where the member at the window's start begins in the file, as long as none of its records was seen.
    pub(super) fresh: Option<u64>,
    pub(super) style: Style,
    /// The last member that was passed ended inside of a record.
    pub(super) is_split: bool,
    edge: Edge,
    cap: u64,
}

impl Stream {
    pub(super) fn new(source: Source, limits: &Limits) -> Self {
        let cap = limits.record_bytes.saturating_add(limits.warc_header_bytes);
        let (fresh, style) = if source.is_plain() { (None, Style::Many) } else { (Some(0), Style::Unknown) };
        let window = Window::new(usize::try_from(cap).unwrap_or(usize::MAX));
        Self { source, window, bound: None, fresh, style, is_split: false, edge: Edge::More, cap }
    }

    /// Begins at a member of a file in which every record has its own, or at a record of a plain one; `decoded` is its stream position.
    pub(super) fn at(source: Source, limits: &Limits, decoded: u64) -> Self {
        let mut stream = Self::new(source, limits);
        stream.window.begin(decoded);
        if !stream.source.is_plain() {
            (stream.fresh, stream.style) = (Some(stream.source.offset()), Style::PerRecord);
        }
        stream
    }

    /// Stream position up to which bytes are held and belong to the members at hand.
    pub(super) fn visible(&self) -> u64 {
        self.bound.map_or(self.window.end(), |bound| bound.at)
    }

    /// The held bytes from a position on.
    pub(super) fn from(&self, position: u64) -> &[u8] {
        self.window.slice(position, self.visible())
    }

    /// True where the visible bytes are of a member that was handed on before its end was met.
    pub(super) fn is_in_pieces(&self) -> bool {
        self.bound.map_or(self.source.is_in_pieces(), |bound| bound.in_pieces)
    }

    fn bound_here(&self, next: u64) -> Bound {
        Bound { at: self.window.end(), next, in_pieces: self.source.is_in_pieces() }
    }

    /// Damage that lies directly behind what is visible.
    pub(super) fn damage(&self) -> Option<Damage> {
        match self.edge {
            Edge::Damage(damage) if self.visible() == self.window.end() => Some(damage),
            _ => None,
        }
    }

    /// True when the input ends directly behind what is visible.
    pub(super) fn ends(&self) -> bool {
        matches!(self.edge, Edge::End) && self.visible() == self.window.end()
    }

    /// Takes the damage away and everything before it.
    pub(super) fn leave(&mut self, damage: Damage) {
        self.window.release(self.window.end());
        self.bound = None;
        self.edge = Edge::More;
        self.fresh = Some(damage.to);
    }

    /// Goes beyond the end of a member.
    pub(super) fn pass(&mut self) {
        self.fresh = self.bound.take().map(|bound| bound.next);
        if let Edge::Bound(next) = self.edge {
            self.bound = Some(self.bound_here(next));
            self.edge = Edge::More;
        }
    }

    /// Brings what comes next into view.
    pub(super) fn pull(&mut self) -> std::io::Result<()> {
        let behind = match self.style {
            Style::PerRecord => Seek::Record,
            _ if self.is_split => Seek::Any,
            _ => Seek::Row,
        };
        match self.source.step(&mut self.window, behind)? {
            Step::Data => {}
            Step::Damage(damage) => self.edge = Edge::Damage(damage),
            Step::End => self.edge = Edge::End,
            Step::Boundary(next) => match &mut self.bound {
                None => self.bound = Some(self.bound_here(next)),
                // An empty member.
                Some(bound) if bound.at == self.window.end() => bound.next = next,
                Some(_) => self.edge = Edge::Bound(next),
            },
        }
        Ok(())
    }

    /// Brings more bytes that may belong to the record at hand, perhaps none; false where it cannot go on: at the end, at damage,
    /// and where the next member begins a record.
    pub(super) fn more(&mut self) -> std::io::Result<bool> {
        let has_ended = self.bound.is_some();
        let goes_on = self.advance()?;
        self.is_split |= has_ended && goes_on;
        Ok(goes_on)
    }

    /// The same of what is no record.
    fn advance(&mut self) -> std::io::Result<bool> {
        if let Some(bound) = self.bound {
            if self.next_member_stops(bound)? {
                return Ok(false);
            }
            self.pass();
            self.fresh = None;
            return Ok(true);
        }
        if !matches!(self.edge, Edge::More) {
            return Ok(false);
        }
        self.pull()?;
        Ok(true)
    }

    /// The same for a record that says that it ends at `stop`: then line ends that the next member begins with may be its last bytes.
    pub(super) fn more_until(&mut self, stop: u64) -> std::io::Result<bool> {
        if self.more()? {
            return Ok(true);
        }
        let Some(bound) = self.bound else { return Ok(false) };
        let goes_on = stop - bound.at <= blank(self.window.slice(bound.at, self.window.end())) as u64;
        if goes_on {
            self.pass();
            self.fresh = None;
        }
        Ok(goes_on)
    }

    /// Looks into the next member: true when it begins a record or there is none.
    fn next_member_stops(&mut self, mut bound: Bound) -> std::io::Result<bool> {
        loop {
            let seen = self.window.slice(bound.at, self.window.end());
            let blank = blank(seen);
            let rest = &seen[blank..];
            // In the middle of a record many bytes could be a scheme of ARC.
            match self.source.dialect().follows(rest, 0) {
                Begins::Yes => return Ok(true),
                Begins::No => return Ok(false),
                // Line ends alone may be a piece of the record.
                Begins::More if matches!(self.edge, Edge::Bound(_)) => return Ok(false),
                Begins::More if BLANK < blank as u64 || !matches!(self.edge, Edge::More) => return Ok(rest.is_empty()),
                Begins::More => self.pull()?,
            }
            bound = self.bound.unwrap_or(bound);
        }
    }

    /// What follows a record that ends at this position.
    pub(super) fn after(&mut self, stop: u64) -> std::io::Result<After> {
        let dialect = self.source.dialect();
        loop {
            let rest = self.from(stop);
            let blank = blank(rest);
            let rest = &rest[blank..];
            let begins = dialect.follows(rest, blank);
            if BLANK < blank as u64 || begins == Begins::Yes {
                return Ok(After::Next);
            }
            if dialect.enough() < rest.len() {
                return Ok(if self.style != Style::PerRecord && dialect.nearly(rest, blank) { After::Next } else { After::Other });
            }
            let odd = begins == Begins::No && !dialect.nearly(rest, blank);
            match (self.bound, self.edge) {
                (Some(_), _) if rest.is_empty() => return Ok(After::Bound),
                (Some(_), _) => return Ok(if self.goes_on(stop + blank as u64, blank)? { After::Next } else { After::Other }),
                (None, Edge::Damage(damage)) => return Ok(After::Damage(damage)),
                (None, Edge::End) => return Ok(if odd { After::Other } else { After::Next }),
                (None, _) => self.pull()?,
            }
        }
    }

    /// Whether what begins at this position, behind `blank` line ends, is a record of which the member at hand holds a few bytes and the next one the rest, if there is one.
    fn goes_on(&mut self, from: u64, blank: usize) -> std::io::Result<bool> {
        loop {
            let (dialect, rest) = (self.source.dialect(), self.window.slice(from, self.window.end()));
            match dialect.follows(rest, blank) {
                Begins::Yes => return Ok(true),
                Begins::More if matches!(self.edge, Edge::More) => self.pull()?,
                // A head that breaks off at the end of the file. Where each record has its own member, it is what the member at hand has more of.
                Begins::More if matches!(self.edge, Edge::End) && self.style == Style::Many => {
                    return Ok(dialect.follows(rest, 0) == Begins::More);
                }
                Begins::More | Begins::No => return Ok(false),
            }
        }
    }

    /// Searches for the next record from a position on. With `hold` everything is kept for as long as it could be one record.
    pub(super) fn seek(&mut self, from: u64, hold: bool) -> std::io::Result<Stop> {
        let dialect = self.source.dialect();
        let (mut scanned, mut held) = (from, hold);
        loop {
            let visible = self.visible();
            // Where each record has a member of its own, whatever looks like another one inside is a page about WARC files.
            if self.style == Style::PerRecord {
                scanned = visible;
            } else {
                let bytes = self.window.slice(scanned, visible);
                if let Some(at) = dialect.find(bytes, scanned == from) {
                    return Ok(Stop::Record(scanned + at as u64));
                }
                scanned += dialect.unsearched(bytes) as u64;
            }
            held &= visible - self.window.start() <= self.cap;
            if !held {
                self.window.release(scanned);
            }
            if !self.advance()? {
                return Ok(Stop::Edge(held));
            }
        }
    }
}
