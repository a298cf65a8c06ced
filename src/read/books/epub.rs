//! Books as EPUB (versions 2 and 3; ISO/IEC 23736-3): a zip archive whose package names its chapters in the order of reading. Each chapter is XHTML.
//!
//! Nothing is ever written, so names in the archive lead nowhere. What is held is bounded: the archive's directory by [`DIRECTORY`], all that is inflated by
//! `limits.text_bytes`.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{self, BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use memchr::memmem;
use zip::ZipArchive;
use zip::result::ZipError;

use super::package::{self, Package};
use super::{Book, xhtml};
use crate::error::{Context, Result, is_failure};
use crate::read::metered::Metered;
use crate::read::stored::{self, Stored};
use crate::read::text::decode;
use crate::read::{Input, Limits, Tally};

/// How a zip archive begins.
pub(super) const MAGIC: &[u8] = b"PK\x03\x04";
/// Bytes that are read to open an archive: a directory of some ten thousand files.
const DIRECTORY: u64 = 16 << 20;
/// Bytes at the end of a file among which the end of the directory stands, with the longest comment.
const END: u64 = 66 << 10;
/// What tells of a directory in 64 bits, which may claim any number of files. No book has four thousand million.
const LARGE: &[u8] = b"PK\x06\x07";

/// Why a book cannot be read.
enum Stop {
    /// By this rule.
    Refused(&'static str),
    /// The disk or the system failed.
    Failed(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        if is_failure(&error) { Stop::Failed(error) } else { Stop::Refused("damaged-archive") }
    }
}

impl From<ZipError> for Stop {
    fn from(error: ZipError) -> Self {
        match error {
            ZipError::Io(error) => error.into(),
            ZipError::FileNotFound => Stop::Refused("invalid-epub"),
            _ => Stop::Refused("damaged-archive"),
        }
    }
}

/// The book in a file, or the rule that refuses it.
pub(super) fn load(input: &Input, limits: &Limits, tally: &mut Tally) -> Result<Result<Book, &'static str>> {
    let file = Stored::open(input)?;
    // A panic in a parser of others is a damaged book and not the end of the run.
    let read = catch_unwind(AssertUnwindSafe(|| book(&file, limits, tally))).unwrap_or(Err(Stop::Refused("damaged-archive")));
    match read {
        Ok(book) => Ok(Ok(book)),
        Err(Stop::Refused(rule)) => Ok(Err(rule)),
        Err(Stop::Failed(error)) => Err(error).context(|| format!("cannot read {}", input.path.display())),
    }
}

fn book(file: &Stored, limits: &Limits, tally: &mut Tally) -> Result<Book, Stop> {
    let mut end = Vec::new();
    file.from(file.bytes().saturating_sub(END)).take(END).read_to_end(&mut end)?;
    if memmem::find(&end, LARGE).is_some() {
        return Err(Stop::Refused("damaged-archive"));
    }
    let left = Cell::new(DIRECTORY);
    let archive = ZipArchive::new(Metered { inner: BufReader::new(file.from(0)), left: &left })?;
    left.set(u64::MAX);
    let mut archive = Archive { archive, cap: limits.text_bytes, read: 0 };
    let chapters = chapters(&mut archive, tally);
    tally.decoded_bytes = archive.read;
    chapters
}

fn chapters(archive: &mut Archive<'_>, tally: &mut Tally) -> Result<Book, Stop> {
    let invalid = || Stop::Refused("invalid-epub");
    let container = archive.text("META-INF/container.xml", tally)?;
    let root = package::root(&container).ok_or_else(invalid)?;
    let Package { title, author, language, date, chapters, n_unlisted } =
        package::package(&archive.text(&root, tally)?, &root).ok_or_else(invalid)?;
    (0..n_unlisted).for_each(|_| tally.fault("unlisted-chapter"));
    let locked = match archive.text("META-INF/encryption.xml", tally) {
        Ok(encryption) => package::encrypted(&encryption),
        Err(Stop::Refused("invalid-epub")) => BTreeSet::new(),
        Err(other) => return Err(other),
    };
    if chapters.is_empty() {
        return Err(invalid());
    }
    let mut text = String::new();
    for chapter in &chapters {
        if locked.contains(chapter) {
            return Err(Stop::Refused("encrypted-book"));
        }
        xhtml::write(&archive.text(chapter, tally)?, &mut text);
    }
    Ok(Book { text, title, author, language, date })
}

/// An archive of which so many bytes may be inflated.
struct Archive<'a> {
    archive: ZipArchive<Metered<'a, BufReader<stored::From>>>,
    cap: u64,
    read: u64,
}

impl Archive<'_> {
    /// A file of the archive as text.
    fn text(&mut self, name: &str, tally: &mut Tally) -> Result<String, Stop> {
        let index = self.archive.index_for_name(name).ok_or(Stop::Refused("invalid-epub"))?;
        let mut bytes = Vec::new();
        let file = self.archive.by_index(index).map_err(|error| match error {
            ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => Stop::Refused("encrypted-book"),
            error => error.into(),
        })?;
        let left = self.cap - self.read;
        let outcome = file.take(left.saturating_add(1)).read_to_end(&mut bytes);
        self.read += (bytes.len() as u64).min(left);
        if left < bytes.len() as u64 {
            return Err(Stop::Refused("text-too-long"));
        }
        outcome?;
        Ok(decode(bytes, tally))
    }
}
