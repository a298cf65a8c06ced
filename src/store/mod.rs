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

#[cfg(test)]
pub mod kill;
pub mod spill;
pub mod table;

/// A place where a test may kill the process; in a build it is nothing.
#[cfg(not(test))]
mod kill {
    pub fn point() {}
}

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
        fs::create_dir_all(&parent).context(|| format!("cannot make the folder {}", parent.display()))?;
        let (file, temporary) = loop {
            let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
            let temporary = parent.join(format!(".{name}.{}-{serial}.tmp", std::process::id()));
            match File::create_new(&temporary) {
                // Of a process with this number that was killed, or that lives on another machine.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                file => break (file.context(|| format!("cannot create {}", temporary.display()))?, temporary),
            }
        };
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
        kill::point();
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

    /// Every file in these folders, in order of path; a folder that is not there holds none.
    ///
    /// # Errors
    /// When one cannot be listed.
    pub fn files(&self, folders: &[&str]) -> Result<Vec<String>> {
        let mut files = Vec::new();
        let mut waiting: Vec<String> = folders.iter().map(|folder| (*folder).to_owned()).collect();
        while let Some(folder) = waiting.pop() {
            let path = self.path(&folder);
            let doing = || format!("cannot list {}", path.display());
            let entries = match fs::read_dir(&path) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                entries => entries.context(doing)?,
            };
            for entry in entries {
                let entry = entry.context(doing)?;
                let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
                let is_folder = entry.file_type().context(doing)?.is_dir();
                if is_folder { waiting.push(name) } else { files.push(name) }
            }
        }
        files.sort();
        Ok(files)
    }

    /// Size and hash of a file as it is on the disk now.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn measure(&self, relative: &str) -> Result<(u64, String)> {
        let path = self.path(relative);
        let measured = fs::metadata(&path).and_then(|found| Ok((found.len(), hash_file(&path)?)));
        measured.map(|(bytes, hash)| (bytes, format!("{hash:032x}"))).context(|| format!("cannot read {}", path.display()))
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
        let file = fs::OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path).context(doing)?;
        self.held(file.try_lock())?;
        sign(&file, &std::process::id().to_string()).context(doing)?;
        Ok(Lock { _file: file })
    }

    /// Takes the folder together with others that do the same, to add files only. [`Folder::lock`] and this keep each other out.
    ///
    /// # Errors
    /// Exit code 2 when it is not a folder of ours, 4 when a process has it for itself.
    pub fn share(&self) -> Result<Lock> {
        let path = self.path(LOCK);
        let doing = || format!("cannot lock {}", path.display());
        if !path.exists() {
            let message =
                format!("{} is not the folder of a build; `gristmill plan RECIPE --out DIR --start` makes one ready", self.root.display());
            return Err(Error::of(Kind::Recipe, message));
        }
        let file = fs::OpenOptions::new().read(true).write(true).open(&path).context(doing)?;
        self.held(file.try_lock_shared())?;
        // All write the same, so that no order of them gives another text.
        sign(&file, WORKERS).context(doing)?;
        Ok(Lock { _file: file })
    }

    /// Turns a lock that others have into the error that says who.
    fn held(&self, locked: Result<(), fs::TryLockError>) -> Result<()> {
        let path = self.path(LOCK);
        match locked {
            Ok(()) => Ok(()),
            Err(fs::TryLockError::Error(cause)) => Err(cause).context(|| format!("cannot lock {}", path.display())),
            Err(fs::TryLockError::WouldBlock) => {
                let holder = fs::read_to_string(&path).unwrap_or_default();
                let who = match holder.trim() {
                    "" => "another process".to_owned(),
                    WORKERS => "workers of an engine".to_owned(),
                    process => format!("process {process}"),
                };
                let message = format!("the output folder {} is in use by {who}; wait for it, or give another --out", self.root.display());
                Err(Error::of(Kind::InUse, message))
            }
        }
    }

    /// Removes what writers that were killed left behind in these folders and at the root; call only under the lock.
    pub fn sweep(&self, folders: &[&str]) -> Result<()> {
        sweep(&self.root, false)?;
        folders.iter().try_for_each(|folder| sweep(&self.path(folder), true))
    }
}

/// Holds the process id of who works in a folder, or that workers of an engine do.
pub const LOCK: &str = ".gristmill.lock";
const WORKERS: &str = "workers";

/// Writes who has a lock into its file.
fn sign(mut file: &File, who: &str) -> std::io::Result<()> {
    file.set_len(0)?;
    file.write_all(who.as_bytes())
}

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
    /// The same under another name in the folder.
    pub fn commit_as(mut self, folder: &Folder, relative: &str, rows: u64) -> Result<Written> {
        let last = folder.path(relative);
        let parent = last.parent().expect("a file inside the folder has a parent");
        fs::create_dir_all(parent).context(|| format!("cannot make the folder {}", parent.display()))?;
        (self.relative, self.last) = (relative.to_owned(), last);
        self.commit(rows)
    }

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
            let parent = self.last.parent().expect("a file inside the folder has a parent");
            // What comes out as it was is not written again: whoever copies the folder copies only what changed.
            let is = |metadata: &fs::Metadata| metadata.len() == length;
            let metadata = match fs::metadata(&self.last).ok().filter(is) {
                Some(metadata) if hash_file(&self.last).is_ok_and(|hash| hash == self.hasher.finish()) => {
                    fs::remove_file(&temporary)?;
                    metadata
                }
                _ => {
                    file.sync_all()?;
                    let metadata = file.metadata()?;
                    kill::point();
                    fs::rename(&temporary, &self.last)?;
                    kill::point();
                    metadata
                }
            };
            File::open(parent)?.sync_all()?;
            Ok(modified(&metadata))
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
