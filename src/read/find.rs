//! From the patterns of a recipe to input files: paths, globs, and `.paths` lists as Common Crawl publishes them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, ErrorKind};
use std::path::{Component, Path, PathBuf};

use super::Input;
use crate::codec;
use crate::error::{Context, Error, Result};
use crate::store::LOCK;

/// Bytes of one line of a `.paths` list; no path is longer (Linux: 4096), and lists are read whole.
const LINE: u64 = 64 << 10;

/// Finds the files that the patterns name, relative to `base`, and what a user should be told about them. Sorted by name.
///
/// A pattern is a path, a glob (`*`, `?`, `[..]`, `**`), or leads to lists that end in `.paths` (one path a line, also compressed, relative to
/// the list's folder; `#` begins a remark). Folders and hidden files that a glob matches are passed over. A file that is reached twice, by
/// another spelling or a link, is read once, under the name that was found first. Files of a build folder that a wildcard leads into are left out, or the second
/// run of a build would read the first one's output; a pattern that names the folder reads them.
///
/// # Errors
/// When a pattern is malformed, matches no file, or is a folder, and when a file or list cannot be read.
pub fn find(patterns: &[String], base: &Path) -> Result<(Vec<Input>, Vec<String>)> {
    let mut names = Vec::new();
    let mut warnings = Vec::new();
    for pattern in patterns {
        let is_list = super::decompressed(pattern).ends_with(".paths");
        for name in matches(pattern, base, &mut warnings)? {
            if is_list { list(&name, base, &mut names)? } else { names.push(name) }
        }
    }
    let mut inputs = Vec::new();
    let mut seen = BTreeMap::new();
    for name in names {
        let path = base.join(&name);
        let doing = || format!("cannot open {name} in {}", base.display());
        let real = fs::canonicalize(&path).context(doing)?;
        let bytes = fs::metadata(&real).context(doing)?.len();
        if let Some(first) = seen.get(&real) {
            warnings.push(format!("{name} is the same file as {first}; it is read once"));
            continue;
        }
        seen.insert(real, name.clone());
        inputs.push(Input { path, name: name.into(), bytes });
    }
    inputs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok((inputs, warnings))
}

/// The files that one pattern names, in order.
fn matches(pattern: &str, base: &Path, warnings: &mut Vec<String>) -> Result<Vec<String>> {
    let folder = match () {
        () if Path::new(pattern).is_absolute() => String::new(),
        () if base.as_os_str().is_empty() => " in the working folder".to_owned(),
        () => format!(" in {}", base.display()),
    };
    let nothing = || Error::new(format!("no file matches {pattern:?}{folder}; check the pattern and the folder"));
    let path = base.join(pattern);
    // A file whose own name holds a bracket or a star is meant as it stands.
    if path.exists() || !pattern.contains(['*', '?', '[']) {
        return match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => {
                let files = pattern.trim_end_matches('/');
                Err(Error::new(format!("{pattern:?}{folder} is a folder; name its files, as in \"{files}/*\"")))
            }
            Ok(_) => Ok(vec![slashes(Path::new(pattern))]),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(nothing()),
            Err(error) => Err(Error::new(format!("cannot open {pattern:?}{folder}")).because(error)),
        };
    }
    // Only the pattern is a glob: the folder it is relative to may hold any character.
    let absolute = Path::new(pattern).is_absolute();
    let escaped = glob::Pattern::escape(&base.to_string_lossy());
    let whole = Path::new(&escaped).join(pattern).to_string_lossy().into_owned();
    let options = glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::default() };
    let found = glob::glob_with(&whole, options).map_err(|cause| Error::recipe(format!("{pattern:?} is not a pattern")).because(cause))?;
    // The glob crate panics on a name that is not UTF-8; a path of ours is text too, in keys and tables.
    let start = base.join(literal(pattern));
    let no_text =
        |path: &Path| Error::new(format!("the file name {} is not UTF-8; rename it, or narrow the pattern {pattern:?}", path.display()));
    if let Some(path) = not_text(&start, false) {
        return Err(no_text(&path));
    }
    let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| found.collect::<Vec<_>>()))
        .map_err(|_| no_text(&not_text(&start, true).unwrap_or_else(|| start.clone())))?;
    let mut names = Vec::new();
    let mut builds = Builds { start: &start, known: BTreeMap::new() };
    let mut left_out: BTreeMap<PathBuf, u64> = BTreeMap::new();
    for path in found {
        let path = path.map_err(|cause| Error::new(format!("cannot look for {pattern:?}{folder}")).because(cause))?;
        if path.is_dir() {
            continue;
        }
        match builds.around(&path) {
            Some(build) => *left_out.entry(build).or_default() += 1,
            None => names.push(slashes(if absolute { &path } else { relative(&path, base) })),
        }
    }
    let left_out = left_out.iter().map(|(build, n)| {
        let build = build.display();
        format!("files of the build in {build} match {pattern:?} and are left out ({n}); to read them, name that folder in the pattern")
    });
    let said = warnings.len();
    warnings.extend(left_out);
    if names.is_empty() {
        return Err(warnings.drain(said..).next().map_or_else(nothing, Error::new));
    }
    names.sort();
    Ok(names)
}

/// Adds the files of a list: one path a line, relative to the folder of the list; empty lines and remarks are passed over.
fn list(name: &str, base: &Path, names: &mut Vec<String>) -> Result<()> {
    let doing = || format!("cannot read the list {name} in {}", base.display());
    let mut lines = codec::open(&base.join(name), codec::Windows::default())?;
    let folder = Path::new(name).parent().unwrap_or(Path::new(""));
    let (mut line, mut number) = (Vec::new(), 0_u64);
    loop {
        line.clear();
        number += 1;
        let read = std::io::Read::take(&mut lines, LINE).read_until(b'\n', &mut line).context(doing)?;
        if read == 0 {
            return Ok(());
        }
        if read as u64 == LINE {
            return Err(Error::new(format!("{}: line {number} is longer than any path", doing())));
        }
        let text = std::str::from_utf8(&line).map_err(|cause| Error::new(format!("{}: line {number}", doing())).because(cause))?;
        let path = text.trim();
        if path.is_empty() || path.starts_with('#') {
            continue;
        }
        let path = folder.join(path);
        if !base.join(&path).is_file() {
            return Err(Error::new(format!("{name} in {}, line {number}, names {}, which is no file", base.display(), path.display())));
        }
        names.push(slashes(&path));
    }
}

/// The folder that a pattern names before its first wildcard.
fn literal(pattern: &str) -> &Path {
    let wild = pattern.find(['*', '?', '[']).unwrap_or(pattern.len());
    Path::new(&pattern[..pattern[..wild].rfind('/').map_or(0, |slash| slash + 1)])
}

/// Tells files of build folders.
struct Builds<'s> {
    /// What the pattern names itself: a build folder above it was meant.
    start: &'s Path,
    /// Folder: the build folder that it is or lies in.
    known: BTreeMap<PathBuf, Option<PathBuf>>,
}

impl Builds<'_> {
    /// The build folder that a file lies in, unless the pattern names it.
    fn around(&mut self, file: &Path) -> Option<PathBuf> {
        let folder = file.parent()?;
        // `glob` drops a leading "./"; the end of the way up is told by length.
        if folder.components().count() <= plain(self.start).components().count() {
            return None;
        }
        if let Some(known) = self.known.get(folder) {
            return known.clone();
        }
        let found = if folder.join(LOCK).exists() { Some(folder.to_owned()) } else { self.around(folder) };
        self.known.insert(folder.to_owned(), found.clone());
        found
    }
}

/// A name that is not UTF-8 in a folder; with `deep`, also below it.
fn not_text(folder: &Path, deep: bool) -> Option<PathBuf> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    // What cannot be listed is said by the search itself.
    let entries = || fs::read_dir(folder).into_iter().flatten().flatten();
    let here = entries().map(|entry| entry.path()).find(|path| path.file_name().is_some_and(|name| name.to_str().is_none()));
    let below =
        || entries().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).find_map(|entry| not_text(&entry.path(), true));
    here.or_else(|| if deep { below() } else { None })
}

fn relative<'p>(path: &'p Path, base: &Path) -> &'p Path {
    path.strip_prefix(plain(base)).unwrap_or(path)
}

/// Without "./", which `glob` drops from what it gives back.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

/// The path with `/` between its parts.
fn slashes(path: &Path) -> String {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { text.into_owned() } else { text.replace(std::path::MAIN_SEPARATOR, "/") }
}
