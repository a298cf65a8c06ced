//! The build folder at rest: files that appear whole or not at all, tables with documented columns, and partitioned work files.
//!
//! The order of a commit (TRUST section 4): temporary name in the same folder, write, flush, check the length, fsync, close, rename, fsync of the folder.
//! Only after that may a ledger entry name the file.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::error::{Context, Error, Kind, Result};
use crate::text::hash::Hasher;

pub mod spill;
pub mod table;

/// A folder that holds one build.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

/// A file that was committed: what the ledger says of it, and the manifest too, but for the time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Relative to the folder, with `/`.
    pub path: String,
    pub bytes: u64,
    /// XXH3-128 of the bytes, 32 hexadecimal digits.
    pub hash: String,
    /// Rows of a table or lines of a shard; 0 where the file has none.
    pub rows: u64,
    /// When it was committed, in nanoseconds since 1970: a file with another time of change is hashed again before it is believed.
    pub modified: u64,
}

impl Folder {
    /// Opens or makes the folder.
    ///
    /// # Errors
    /// When it cannot be made, or the path is a file.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self> {
        let root = root.into();
        fs::create_dir_all(&root).context(|| format!("cannot make the output folder {}", root.display()))?;
        Ok(Self { root })
    }

    /// A folder that is only looked into; it need not exist.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The path of a file inside the folder; `relative` uses `/`.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Starts a file that appears under its name only when it is committed.
    pub fn create(&self, relative: &str) -> Result<NewFile> {
        // A number that is unique in the process keeps two threads that run the same task apart; the process id keeps two processes apart.
        static SERIAL: AtomicU64 = AtomicU64::new(0);
        let last = self.path(relative);
        let parent = last.parent().expect("a file inside the folder has a parent").to_owned();
        let name = last.file_name().expect("the name of a file ends in a name").to_string_lossy().into_owned();
        let temporary = parent.join(format!(".{name}.{}-{}.tmp", std::process::id(), SERIAL.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir_all(&parent).context(|| format!("cannot make the folder {}", parent.display()))?;
        let file = File::create(&temporary).context(|| format!("cannot create {}", temporary.display()))?;
        Ok(NewFile {
            relative: relative.to_owned(),
            last,
            temporary: Some(temporary),
            out: BufWriter::with_capacity(1 << 18, file),
            hasher: Hasher::default(),
            bytes: 0,
        })
    }

    /// Writes a small file whole.
    pub fn write(&self, relative: &str, bytes: &[u8]) -> Result<Written> {
        let mut file = self.create(relative)?;
        file.write_all(bytes).context(|| format!("cannot write {}", self.path(relative).display()))?;
        file.commit(0)
    }

    /// Reads a file whole; `None` when there is none.
    pub fn read(&self, relative: &str) -> Result<Option<Vec<u8>>> {
        let path = self.path(relative);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::new(format!("cannot read {}", path.display())).because(error)),
        }
    }

    /// Removes a file or a folder with all that is in it; nothing there is fine.
    pub fn remove(&self, relative: &str) -> Result<()> {
        let path = self.path(relative);
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        match removed {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            // Durable at once: after a loss of power no removed entry may stand beside newer files.
            removed => {
                let parent = path.parent().unwrap_or(&self.root);
                removed.and_then(|()| File::open(parent)?.sync_all()).context(|| format!("cannot remove {}", path.display()))
            }
        }
    }

    /// True when the committed file is there as it was: with its length, and untouched since or with the hash it had. So a file that was edited, or copied from
    /// elsewhere, is read through once; what decays on a disk without a trace is found by its hash alone.
    pub fn holds(&self, written: &Written) -> bool {
        let path = self.path(&written.path);
        let Ok(found) = fs::metadata(&path) else { return false };
        found.len() == written.bytes
            && ((written.modified != 0 && modified(&found) == written.modified)
                || hash_file(&path).is_ok_and(|hash| format!("{hash:032x}") == written.hash))
    }

    /// Takes the folder for this process; the lock goes with the process, so that none is ever stale. Its file also marks the folder as one of ours: a folder
    /// with other files and without it is refused unless `force` is given, so that `--out ~` does no harm.
    ///
    /// # Errors
    /// Exit code 4 with the holder's process id when another process has it; 5 when it holds files that are not of a build.
    pub fn lock(&self, force: bool) -> Result<Lock> {
        let path = self.path(LOCK);
        let doing = || format!("cannot lock {}", path.display());
        if !force && !path.exists() && fs::read_dir(&self.root).is_ok_and(|mut entries| entries.next().is_some()) {
            let message = format!(
                "the output folder {} holds files that are not of a build; give another --out, or --force to build there",
                self.root.display()
            );
            return Err(Error::of(Kind::Changed, message));
        }
        let mut file = fs::OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path).context(doing)?;
        if let Err(error) = file.try_lock() {
            if let fs::TryLockError::Error(cause) = error {
                return Err(cause).context(doing);
            }
            let holder = fs::read_to_string(&path).unwrap_or_default();
            let holder = holder.trim();
            let who = if holder.is_empty() { "another process".to_owned() } else { format!("process {holder}") };
            return Err(Error::of(
                Kind::InUse,
                format!("the output folder {} is in use by {who}; wait for it, or give another --out", self.root.display()),
            ));
        }
        file.set_len(0).and_then(|()| write!(file, "{}", std::process::id())).context(doing)?;
        Ok(Lock { _file: file })
    }

    /// Removes what writers that were killed left behind in these folders and at the root; call only under the lock.
    pub fn sweep(&self, folders: &[&str]) -> Result<()> {
        sweep(&self.root, false)?;
        folders.iter().try_for_each(|folder| sweep(&self.path(folder), true))
    }
}

/// Holds the process id of who works in a folder.
pub const LOCK: &str = ".gristmill.lock";

fn sweep(folder: &Path, deep: bool) -> Result<()> {
    let doing = || format!("cannot list {}", folder.display());
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.context(doing)?,
    };
    for entry in entries {
        let entry = entry.context(doing)?;
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if deep {
                sweep(&path, true)?;
            }
        } else if is_temporary(&entry.file_name().to_string_lossy()) {
            fs::remove_file(&path).context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}

/// The names that [`Folder::create`] gives: `.NAME.PROCESS-SERIAL.tmp`.
fn is_temporary(name: &str) -> bool {
    let numbers = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let inner = name.strip_prefix('.').and_then(|rest| rest.strip_suffix(".tmp"));
    let tail = inner.and_then(|inner| inner.rsplit_once('.')).and_then(|(_, tail)| tail.split_once('-'));
    tail.is_some_and(|(process, serial)| numbers(process) && numbers(serial))
}

/// Nanoseconds since 1970; 0 where the file system knows no time.
fn modified(metadata: &fs::Metadata) -> u64 {
    let since = metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    since.and_then(|since| u64::try_from(since.as_nanos()).ok()).unwrap_or(0)
}

fn hash_file(path: &Path) -> std::io::Result<u128> {
    let mut file = File::open(path)?;
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finish()),
            n => hasher.update(&buffer[..n]),
        }
    }
}

/// Held while a process works in a folder.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// A file on its way: hashed while it is written, renamed to its name when whole, removed when dropped before.
pub struct NewFile {
    relative: String,
    last: PathBuf,
    temporary: Option<PathBuf>,
    out: BufWriter<File>,
    hasher: Hasher,
    bytes: u64,
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.out.write(bytes)?;
        self.hasher.update(&bytes[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

impl NewFile {
    /// Makes the file durable under its name. An error of fsync is final: the file is given up.
    pub fn commit(mut self, rows: u64) -> Result<Written> {
        let temporary = self.temporary.take().expect("a file is committed once");
        let mut sync = || -> std::io::Result<u64> {
            self.out.flush()?;
            let file = self.out.get_ref();
            let length = file.metadata()?.len();
            if length != self.bytes {
                return Err(std::io::Error::other(format!("{length} bytes are on disk, {} were written", self.bytes)));
            }
            file.sync_all()?;
            let modified = modified(&file.metadata()?);
            fs::rename(&temporary, &self.last)?;
            let parent = self.last.parent().expect("a file inside the folder has a parent");
            File::open(parent)?.sync_all()?;
            Ok(modified)
        };
        match sync() {
            Ok(modified) => Ok(Written {
                path: std::mem::take(&mut self.relative),
                bytes: self.bytes,
                hash: format!("{:032x}", self.hasher.finish()),
                rows,
                modified,
            }),
            Err(error) => {
                // Nothing half-written stays behind; the first error is the one that counts.
                let _ = fs::remove_file(&temporary);
                Err(Error::new(format!("cannot write {}", self.last.display())).because(error))
            }
        }
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(temporary) = self.temporary.take() {
            let _ = fs::remove_file(temporary);
        }
    }
}

#[cfg(test)]
mod tests;
