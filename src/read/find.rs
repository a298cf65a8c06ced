//! From the patterns of a recipe to input files: paths, globs, folders, URLs, and `.paths` lists as Common Crawl publishes them.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::listed::Lists;
use super::{Format, Identity, Input, STDIN};
use crate::error::{Error, Result};
use crate::remote;
use crate::store::LOCK;
use crate::text::hash::hash64_seeded;

mod list;

use list::Name;
pub(super) use list::{Roots, listed};

/// What is looked for, and where.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'w> {
    /// Paths, globs, folders, lists, URLs, or `-` for standard input.
    pub patterns: &'w [String],
    /// The folder that paths are relative to.
    pub base: &'w Path,
    /// What the files are read as; of a folder only those are taken whose names say so, and where this is `None`, all whose names say what they hold.
    pub format: Option<Format>,
    /// Where relative names in lists begin; see [`Lists::root`].
    pub root: Option<&'w str>,
    /// At most so many files, drawn by this seed from all.
    pub sample: Option<(u64, u64)>,
}

impl<'w> Wanted<'w> {
    pub fn new(patterns: &'w [String], base: &'w Path) -> Self {
        Self { patterns, base, format: None, root: None, sample: None }
    }
}

/// Finds the files that the patterns name, relative to `base`, and what a user should be told about them; see [`find_wanted`].
///
/// # Errors
/// As [`find_wanted`].
pub fn find(patterns: &[String], base: &Path) -> Result<(Vec<Input>, Vec<String>)> {
    find_wanted(&Wanted::new(patterns, base))
}

/// Finds the files that the patterns name and what a user should be told about them. Sorted by name.
///
/// A pattern is a path, a glob (`*`, `?`, `[..]`, `**`), a folder (all below it whose names say what they hold), a URL (`http://`, `https://`, `s3://`), `-`, or leads to
/// lists that end in `.paths` (one path or URL a line, also compressed; `#` begins a remark). Hidden files that a glob or folder leads to are passed over, and folders that a
/// glob matches. A file that is reached twice, by another spelling or a link, is read once, under the name that was found first. Files of a build folder that a wildcard leads
/// into are left out, or the second run of a build would read the first one's output; a pattern that names the folder reads them.
///
/// # Errors
/// When a pattern is malformed, or matches no file, and when a file or list cannot be read, or an object is not there.
pub fn find_wanted(wanted: &Wanted<'_>) -> Result<(Vec<Input>, Vec<String>)> {
    let mut names: Vec<Name> = Vec::new();
    let mut warnings = Vec::new();
    let lists = Lists::of(wanted);
    for pattern in wanted.patterns {
        let is_list = super::decompressed(pattern).ends_with(".paths");
        for name in matches(pattern, wanted, &mut warnings)? {
            if is_list { names.extend(list::read(&name, &lists)?) } else { names.push(Name::own(name)) }
        }
    }
    if let Some((n, seed)) = wanted.sample {
        draw(&mut names, n, seed);
    }
    let mut inputs = Vec::new();
    let mut seen: BTreeMap<Identity, Arc<str>> = BTreeMap::new();
    for mut input in list::open(&names, &lists)? {
        let identity = input.identity()?;
        input.lists = (wanted.format == Some(Format::WarcIndex)).then(|| lists.clone());
        if let Some(first) = seen.get(&identity) {
            warnings.push(format!("{} is the same file as {first}; it is read once", input.name));
            continue;
        }
        seen.insert(identity, input.name.clone());
        inputs.push(input);
    }
    inputs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok((inputs, warnings))
}

/// Leaves `n` of the names: those with the least hashes.
fn draw(names: &mut Vec<Name>, n: u64, seed: u64) {
    let hash = |name: &Name| (hash64_seeded(name.text.as_bytes(), seed), name.text.clone());
    names.sort_by_cached_key(hash);
    names.dedup_by(|a, b| a.text == b.text && a.list == b.list);
    names.truncate(usize::try_from(n).unwrap_or(usize::MAX));
}

/// The files that one pattern names, in order.
fn matches(pattern: &str, wanted: &Wanted<'_>, warnings: &mut Vec<String>) -> Result<Vec<String>> {
    let base = wanted.base;
    if pattern == STDIN || remote::is_url(pattern) {
        return Ok(vec![pattern.to_owned()]);
    }
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
            Ok(metadata) if metadata.is_dir() => below(pattern, &folder, wanted, warnings),
            Ok(_) => Ok(vec![slashes(Path::new(pattern))]),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(nothing()),
            Err(error) => Err(Error::new(format!("cannot open {pattern:?}{folder}")).because(error)),
        };
    }
    let names = globbed((pattern, pattern), &folder, base, warnings)?;
    if names.is_empty() { Err(nothing()) } else { Ok(names) }
}

/// The files below a folder whose names say that they hold what is wanted.
fn below(pattern: &str, folder: &str, wanted: &Wanted<'_>, warnings: &mut Vec<String>) -> Result<Vec<String>> {
    let escaped = glob::Pattern::escape(pattern.trim_end_matches('/'));
    let mut names = globbed((&format!("{escaped}/**/*"), pattern), folder, wanted.base, warnings)?;
    let n_all = names.len();
    names.retain(|name| wanted.format.map_or_else(|| super::tell(name).is_ok(), |format| format.is_told_by(name)));
    match (names.len(), n_all - names.len()) {
        (0, n) => Err(Error::new(format!(
            "the folder {pattern:?}{folder} holds no file whose name says that it holds {} ({n} others); name its files, as in \"{}/*\"",
            wanted.format.map_or("anything that is known", Format::as_str),
            pattern.trim_end_matches('/')
        ))),
        (_, 0) => Ok(names),
        (_, n) => {
            warnings.push(format!(
                "of the folder {pattern:?}{folder} {n} files are left out, whose names do not say that they hold what is read"
            ));
            Ok(names)
        }
    }
}

/// The files that a glob matches, in order; `pattern` is how the user wrote it.
fn globbed((glob, pattern): (&str, &str), folder: &str, base: &Path, warnings: &mut Vec<String>) -> Result<Vec<String>> {
    // Only the pattern is a glob: the folder it is relative to may hold any character.
    let absolute = Path::new(pattern).is_absolute();
    let escaped = glob::Pattern::escape(&base.to_string_lossy());
    let whole = Path::new(&escaped).join(glob).to_string_lossy().into_owned();
    let options = glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::default() };
    let found = glob::glob_with(&whole, options).map_err(|cause| Error::recipe(format!("{pattern:?} is not a pattern")).because(cause))?;
    // The glob crate panics on a name that is not UTF-8; a path of ours is text too, in keys and tables.
    let start = base.join(if glob == pattern { literal(pattern) } else { Path::new(pattern) });
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
    if names.is_empty()
        && let Some(only) = warnings.drain(said..).next()
    {
        return Err(Error::new(only));
    }
    names.sort();
    Ok(names)
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
