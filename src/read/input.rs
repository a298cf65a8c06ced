//! One input, wherever its bytes are: a file of this machine, standard input, or an object behind a URL.

use std::fs::File;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use super::ahead::ahead;
use super::listed::Lists;
use super::stdin;
use crate::codec::{self, Windows};
use crate::error::{Context, Error, Kind, Result};
use crate::remote::{self, Found, Object};

/// The name of standard input.
pub const STDIN: &str = "-";

/// One input file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// What messages call it: where it is opened, or its URL.
    pub path: PathBuf,
    /// Its name in keys, places and reports: the path as the pattern gave it, or the URL.
    pub name: Arc<str>,
    /// Size in bytes as stored; 0 of standard input.
    pub bytes: u64,
    pub origin: Origin,
    /// Of an index of records: where the names in it begin.
    pub lists: Option<Arc<Lists>>,
}

/// Where the bytes of an input are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    File,
    Stdin,
    Object(Object),
}

/// Which input it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identity {
    /// Its path without links.
    File(PathBuf),
    Object(String),
    Stdin,
}

impl Input {
    /// A file of this machine.
    pub fn file(path: impl Into<PathBuf>, name: impl Into<Arc<str>>, bytes: u64) -> Self {
        Self { path: path.into(), name: name.into(), bytes, origin: Origin::File, lists: None }
    }

    /// An object behind a URL; its URL is its name.
    pub fn object(object: Object) -> Self {
        Self { path: object.shown().into(), name: object.url().into(), bytes: object.bytes(), origin: Origin::Object(object), lists: None }
    }

    /// One that was read before and is known by its name, relative to `base`: a path, or a URL. The user named a URL that is one of the `patterns` it was found by; another may
    /// stand in a list that is behind one of them, and then it leads no further than from there.
    ///
    /// # Errors
    /// When it is not there, or a list may not name it.
    pub fn named(name: &str, base: &Path, patterns: &[String]) -> Result<Self> {
        if remote::is_url(name) {
            let is_own = patterns.iter().any(|pattern| pattern == name);
            let lists = patterns.iter().filter(|pattern| !is_own && remote::is_url(pattern));
            let found = lists.fold(None, |found, list| found.filter(Result::is_ok).or_else(|| Some(remote::find_listed(list, name))));
            return match found.unwrap_or_else(|| remote::find(name))? {
                Found::Object(object) => Ok(Self::object(object)),
                Found::Missing { status } => Err(Error::new(format!("there is nothing at {} (status {status})", remote::shown(name)))),
            };
        }
        let path = base.join(name);
        let bytes = std::fs::metadata(&path).context(|| format!("cannot look at {}", path.display()))?.len();
        Ok(Self::file(path, name, bytes))
    }

    /// Standard input.
    pub fn stdin() -> Self {
        Self { path: STDIN.into(), name: STDIN.into(), bytes: 0, origin: Origin::Stdin, lists: None }
    }

    /// True of what can be read from any byte on at no cost, as often as one likes.
    pub(super) fn is_at_hand(&self) -> bool {
        self.origin == Origin::File
    }

    /// The bytes as they are stored, from `offset` on.
    ///
    /// # Errors
    /// When it cannot be opened; an object is first asked for when it is read.
    pub(super) fn open(&self, offset: u64) -> Result<Box<dyn Read + Send>> {
        let opened = || -> io::Result<Box<dyn Read + Send>> {
            match &self.origin {
                Origin::File => {
                    let mut file = File::open(&self.path)?;
                    if 0 < offset {
                        file.seek(SeekFrom::Start(offset))?;
                    }
                    Ok(Box::new(file))
                }
                Origin::Stdin => Ok(Box::new(stdin::Stdin)),
                Origin::Object(object) => Ok(ahead(object.open_at(offset, self.bytes.saturating_sub(offset)))),
            }
        };
        opened().context(|| format!("cannot open {}", self.path.display()))
    }

    /// So many bytes as they are stored, fewer where it ends.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(super) fn part(&self, offset: u64, length: u64) -> Result<Box<dyn Read + Send>> {
        match &self.origin {
            Origin::Object(object) => Ok(Box::new(object.open_at(offset, length))),
            // Behind its end there is nothing, and far behind it systems refuse to look.
            _ => Ok(Box::new(self.open(offset.min(self.bytes))?.take(length))),
        }
    }

    /// The whole stream that it holds.
    ///
    /// # Errors
    /// As [`codec::open`].
    pub(crate) fn decoded(&self, windows: Windows) -> Result<Box<dyn BufRead + Send>> {
        let decoded = codec::decoded(self.open(0)?, windows);
        let (reader, _) = decoded.context(|| format!("cannot open {}", self.path.display()))?;
        Ok(Box::new(reader))
    }

    /// Bytes at an offset, fewer where it ends; none of standard input.
    pub(super) fn peek(&self, offset: u64, bytes: &mut [u8]) -> io::Result<usize> {
        let wanted = self.bytes.saturating_sub(offset).min(bytes.len() as u64) as usize;
        let bytes = &mut bytes[..wanted];
        match &self.origin {
            Origin::File => File::open(&self.path)?.read_exact_at(bytes, offset)?,
            Origin::Object(object) => object.open_at(offset, wanted as u64).read_exact(bytes)?,
            Origin::Stdin => return Ok(0),
        }
        Ok(wanted)
    }

    /// The first bytes, at most so many; they are read again by whoever reads it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn first(&self, n: usize) -> Result<Vec<u8>> {
        let reading = || format!("cannot read {}", self.path.display());
        if self.origin == Origin::Stdin {
            return stdin::first(n).context(reading);
        }
        let mut first = Vec::new();
        self.part(0, n as u64)?.read_to_end(&mut first).context(reading)?;
        Ok(first)
    }

    /// What tells it from all others, however it is named.
    ///
    /// # Errors
    /// When a file is not there.
    pub fn identity(&self) -> Result<Identity> {
        Ok(match &self.origin {
            Origin::File => {
                let real = std::fs::canonicalize(&self.path);
                Identity::File(real.context(|| format!("cannot look at the input {}", self.path.display()))?)
            }
            Origin::Object(object) => Identity::Object(object.identity()),
            Origin::Stdin => Identity::Stdin,
        })
    }

    /// What tells one state of it from another without reading it: size, and time of change or entity tag.
    ///
    /// # Errors
    /// When it cannot be looked at.
    pub fn state(&self) -> Result<String> {
        let doing = || format!("cannot look at the input {}", self.path.display());
        match &self.origin {
            Origin::File => {
                let metadata = std::fs::metadata(&self.path).context(doing)?;
                let changed = metadata.modified().context(doing)?.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
                Ok(format!("{} bytes, changed at {}.{:09}", metadata.len(), changed / 1_000_000_000, changed % 1_000_000_000))
            }
            // Whoever reads it sees when it changes.
            Origin::Object(object) => Ok(object.state()),
            Origin::Stdin => Ok("standard input".to_owned()),
        }
    }

    /// # Errors
    /// When the file has another size than when it was found.
    pub(super) fn unchanged(&self) -> Result<()> {
        if self.origin != Origin::File {
            return Ok(());
        }
        let size = std::fs::metadata(&self.path).context(|| format!("cannot read {}", self.path.display()))?.len();
        if size == self.bytes {
            return Ok(());
        }
        let (path, found) = (self.path.display(), self.bytes);
        Err(Error::of(Kind::Changed, format!("{path} changed: {found} bytes when it was found, {size} now; run again when it is at rest")))
    }
}
