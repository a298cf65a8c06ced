//! From the patterns of a recipe to input files: paths, globs, and `.paths` lists as Common Crawl publishes them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, ErrorKind};
use std::path::{Component, Path, PathBuf};

use super::Input;
use crate::codec;
use crate::error::{Context, Error, Result};

/// Bytes of one line of a `.paths` list; no path is longer (Linux: 4096), and lists are read whole.
const LINE: u64 = 64 << 10;

/// Finds the files that the patterns name, relative to `base`, and what a user should be told about them. Sorted by name.
///
/// A pattern is a path, a glob (`*`, `?`, `[..]`, `**`), or leads to lists that end in `.paths` (one path a line, also compressed, relative to
/// the list's folder; `#` begins a remark). Folders and hidden files that a glob matches are passed over. A file that is reached twice, by
/// another spelling or a link, is read once, under the name that was found first.
///
/// # Errors
/// When a pattern is malformed, matches no file, or is a folder, and when a file or list cannot be read.
pub fn find(patterns: &[String], base: &Path) -> Result<(Vec<Input>, Vec<String>)> {
    let mut names = Vec::new();
    for pattern in patterns {
        let is_list = [".paths", ".paths.gz", ".paths.zst"].iter().any(|end| pattern.ends_with(end));
        for name in matches(pattern, base)? {
            if is_list { list(&name, base, &mut names)? } else { names.push(name) }
        }
    }
    let mut inputs = Vec::new();
    let mut warnings = Vec::new();
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
fn matches(pattern: &str, base: &Path) -> Result<Vec<String>> {
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
    let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| found.collect::<Vec<_>>())).map_err(|_| {
        Error::new(format!("a file name beside those of {pattern:?}{folder} is not UTF-8; rename it, or narrow the pattern"))
    })?;
    let mut names = Vec::new();
    for path in found {
        let path = path.map_err(|cause| Error::new(format!("cannot look for {pattern:?}{folder}")).because(cause))?;
        if !path.is_dir() {
            names.push(slashes(if absolute { &path } else { relative(&path, base) }));
        }
    }
    if names.is_empty() {
        return Err(nothing());
    }
    names.sort();
    Ok(names)
}

/// Adds the files of a list: one path a line, relative to the folder of the list; empty lines and remarks are passed over.
fn list(name: &str, base: &Path, names: &mut Vec<String>) -> Result<()> {
    let doing = || format!("cannot read the list {name} in {}", base.display());
    let mut lines = codec::open(&base.join(name), 27)?;
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

fn relative<'p>(path: &'p Path, base: &Path) -> &'p Path {
    // `glob` drops a leading "./" of the base in what it gives back.
    let base: PathBuf = base.components().filter(|part| *part != Component::CurDir).collect();
    path.strip_prefix(&base).unwrap_or(path)
}

/// The path with `/` between its parts.
fn slashes(path: &Path) -> String {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { text.into_owned() } else { text.replace(std::path::MAIN_SEPARATOR, "/") }
}
