//! From patterns to files: paths, globs and `.paths` lists, each real file once, in order of name.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::{Path, PathBuf};

use crate::codec;
use crate::error::{Context, Error, Result};

use super::Input;

/// Lists the files of patterns that are relative to `base`; also what the user should be told.
///
/// A pattern is a path, a glob (`*`, `?`, `[..]`, `**`), or the path of a list that ends in `.paths` (one path a line, also compressed, relative to the list's folder). Folders that a glob
/// matches are passed over. A file that is reached twice, by another spelling or a link, is read once, under the first name.
///
/// # Errors
/// When a pattern matches nothing, or names a folder.
pub fn find(patterns: &[String], base: &Path) -> Result<(Vec<Input>, Vec<String>)> {
    let mut found: BTreeMap<String, PathBuf> = BTreeMap::new();
    for pattern in patterns {
        if is_list(pattern) {
            let list = base.join(pattern);
            let folder = Path::new(pattern).parent().unwrap_or(Path::new("")).to_owned();
            for line in codec::open(&list, 27)?.lines() {
                let line = line.context(|| format!("cannot read the list {}", list.display()))?;
                let line = line.trim();
                if !line.is_empty() && !line.starts_with('#') {
                    let name = folder.join(line);
                    add(&mut found, &name, base.join(&name), pattern)?;
                }
            }
        } else {
            expand(pattern, base, &mut found)?;
        }
    }
    let mut warnings = Vec::new();
    let mut real: BTreeMap<PathBuf, String> = BTreeMap::new();
    let mut inputs = Vec::new();
    for (name, path) in found {
        let doing = || format!("cannot look at the input {}", path.display());
        let canonical = path.canonicalize().context(doing)?;
        if let Some(first) = real.get(&canonical) {
            warnings.push(format!("{name} and {first} are the same file; it is read once, as {first}"));
            continue;
        }
        let bytes = path.metadata().context(doing)?.len();
        real.insert(canonical, name.clone());
        inputs.push(Input { path, name: name.into(), bytes });
    }
    Ok((inputs, warnings))
}

fn is_list(pattern: &str) -> bool {
    [".paths", ".paths.gz", ".paths.zst"].iter().any(|end| pattern.ends_with(end))
}

fn expand(pattern: &str, base: &Path, found: &mut BTreeMap<String, PathBuf>) -> Result<()> {
    // A file whose name holds brackets is meant as it is.
    let literal = base.join(pattern);
    if literal.exists() || !pattern.contains(['*', '?', '[']) {
        return add(found, Path::new(pattern), literal, pattern);
    }
    // The folder's own name may hold what a glob would read as a pattern.
    let whole = Path::new(&glob::Pattern::escape(&base.to_string_lossy())).join(pattern);
    let options = glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::default() };
    let matches = glob::glob_with(&whole.to_string_lossy(), options)
        .map_err(|error| Error::recipe(format!("{pattern:?} is not a pattern: {}", error.msg)))?;
    let before = found.len();
    let mut any = false;
    for path in matches {
        let path = path.map_err(|error| Error::new(format!("cannot list {pattern:?}")).because(error))?;
        if path.is_file() {
            any = true;
            let name = path.strip_prefix(base).map_or_else(|_| path.clone(), Path::to_path_buf);
            found.insert(slashes(&name), path);
        }
    }
    if any || before < found.len() {
        return Ok(());
    }
    Err(Error::new(format!("no file matches {pattern:?} in {}; check the pattern and the folder", shown(base))))
}

fn add(found: &mut BTreeMap<String, PathBuf>, name: &Path, path: PathBuf, pattern: &str) -> Result<()> {
    if path.is_dir() {
        return Err(Error::new(format!("{pattern:?} is a folder; name its files, such as \"{}/*\"", pattern.trim_end_matches('/'))));
    }
    if !path.exists() {
        return Err(Error::new(format!(
            "there is no file {:?} in {}; paths of a recipe are relative to it",
            name.display(),
            shown(path.parent().unwrap_or(&path))
        )));
    }
    found.insert(slashes(name), path);
    Ok(())
}

fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

fn shown(folder: &Path) -> String {
    if folder.as_os_str().is_empty() { "the working folder".to_owned() } else { folder.display().to_string() }
}
