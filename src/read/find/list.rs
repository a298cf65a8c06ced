//! Names of files as they are given or listed, and where they lead.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::{Wanted, slashes};
use crate::codec::Windows;
use crate::error::{Context, Error, Result};
use crate::read::{Input, STDIN};
use crate::remote::{self, Found};

/// Bytes of one line of a `.paths` list; no path is longer (Linux: 4096), and lists are read whole.
const LINE: u64 = 64 << 10;

/// A file as it is named.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) text: String,
    /// The list that names it.
    pub(super) list: Option<Arc<str>>,
    line: u64,
}

impl Name {
    /// One that a pattern names.
    pub(super) fn own(text: String) -> Self {
        Self { text, list: None, line: 0 }
    }
}

/// The names in a list: one path or URL a line; empty lines and remarks are passed over.
pub(super) fn read(list: &str, wanted: &Wanted<'_>) -> Result<Vec<Name>> {
    let doing = || {
        if remote::is_url(list) {
            format!("cannot read the list {list}")
        } else {
            format!("cannot read the list {list} in {}", wanted.base.display())
        }
    };
    let (input, _) = open_one(&Name::own(list.to_owned()), wanted, &mut Roots::default()).context(doing)?;
    let mut lines = input.decoded(Windows::default())?;
    let list: Arc<str> = list.into();
    let (mut names, mut line, mut number) = (Vec::new(), Vec::new(), 0_u64);
    loop {
        line.clear();
        number += 1;
        let read = Read::take(&mut lines, LINE).read_until(b'\n', &mut line).context(doing)?;
        if read == 0 {
            return Ok(names);
        }
        if read as u64 == LINE {
            return Err(Error::new(format!("{}: line {number} is longer than any path", doing())));
        }
        let text = std::str::from_utf8(&line).map_err(|cause| Error::new(format!("{}: line {number}", doing())).because(cause))?;
        let text = text.trim();
        if !text.is_empty() && !text.starts_with('#') {
            names.push(Name { text: text.to_owned(), list: Some(list.clone()), line: number });
        }
    }
}

/// The inputs that names lead to, each with what tells it from all others. Objects are asked for several at a time.
pub(super) fn open(names: &[Name], wanted: &Wanted<'_>) -> Result<Vec<(Input, PathBuf)>> {
    // Where the names of a list begin is found out with its first.
    let mut roots = Roots::default();
    let mut first = BTreeMap::new();
    for (at, name) in names.iter().enumerate().filter(|(_, name)| name.list.is_some()) {
        if first.insert(name.list.clone(), at).is_none() {
            open_one(name, wanted, &mut roots)?;
        }
    }
    names.par_iter().map(|name| open_one(name, wanted, &mut roots.clone())).collect()
}

/// Where relative names of a list begin, by list.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Roots(BTreeMap<Arc<str>, String>);

/// The file that a list or index calls `name`, if it is there.
pub(in super::super) fn listed(name: &str, list: &str, wanted: &Wanted<'_>, roots: &mut Roots) -> Result<Option<Input>> {
    Ok(of_list(name, &list.into(), wanted, roots)?.map(|(input, _)| input))
}

/// What to say where it is not.
pub(in super::super) fn not_listed(name: &str, line: u64, list: &str, wanted: &Wanted<'_>) -> Error {
    no_file(&Name { text: name.to_owned(), list: None, line }, list, wanted)
}

fn open_one(name: &Name, wanted: &Wanted<'_>, roots: &mut Roots) -> Result<(Input, PathBuf)> {
    let text = &name.text;
    if text == STDIN && name.list.is_none() {
        return Ok((Input::stdin(), STDIN.into()));
    }
    let Some(list) = &name.list else {
        let missing = |status: u16| Error::new(format!("there is nothing at {text} (status {status}); check the URL"));
        return found(text, wanted)?.map_err(missing);
    };
    of_list(text, list, wanted, roots)?.ok_or_else(|| no_file(name, list, wanted))
}

fn of_list(text: &str, list: &Arc<str>, wanted: &Wanted<'_>, roots: &mut Roots) -> Result<Option<(Input, PathBuf)>> {
    if remote::is_url(text) || Path::new(text).is_absolute() {
        return Ok(found(text, wanted)?.ok());
    }
    let known = wanted.root.or_else(|| roots.0.get(list).map(String::as_str)).map(str::to_owned);
    for root in known.into_iter().chain(above(list)) {
        if let Ok(input) = found(&join(&root, text), wanted)? {
            roots.0.insert(list.clone(), root);
            return Ok(Some(input));
        }
        if wanted.root.is_some() {
            break;
        }
    }
    Ok(None)
}

fn no_file(name: &Name, list: &str, wanted: &Wanted<'_>) -> Error {
    let Name { text, line, .. } = name;
    let place = if remote::is_url(list) { list.to_owned() } else { format!("{list} in {}", wanted.base.display()) };
    let below = wanted.root.map_or_else(|| "from its folder and all above it".to_owned(), |root| format!("from the root {root}"));
    Error::new(format!("{place}, line {line}, names {text}, which is no file {below}; where its names begin elsewhere, say so with `root`"))
}

/// The input of that path or URL; else the status that was answered, 404 for a file.
fn found(name: &str, wanted: &Wanted<'_>) -> Result<Result<(Input, PathBuf), u16>> {
    if remote::is_url(name) {
        return Ok(match remote::find(name)? {
            Found::Object(object) => Ok((Input::object(object), name.into())),
            Found::Missing { status } => Err(status),
        });
    }
    let path = wanted.base.join(name);
    if wanted.base.join(name).is_dir() || !path.exists() {
        return Ok(Err(404));
    }
    let doing = || format!("cannot open {name} in {}", wanted.base.display());
    let real = fs::canonicalize(&path).context(doing)?;
    let bytes = fs::metadata(&real).context(doing)?.len();
    Ok(Ok((Input::file(path, slashes(Path::new(name)), bytes), real)))
}

/// The folder of a list, and those above it up to where its own name begins.
fn above(list: &str) -> Vec<String> {
    let start = if remote::is_url(list) { list.find("://").map_or(0, |at| at + 3) } else { 0 };
    let mut folders = Vec::new();
    let mut folder = list;
    while let Some(slash) = folder[start..].rfind('/') {
        folder = &folder[..start + slash];
        folders.push(if folder.is_empty() { "/".to_owned() } else { folder.to_owned() });
    }
    if start == 0 && !list.starts_with('/') {
        folders.push(String::new());
    }
    folders
}

fn join(root: &str, name: &str) -> String {
    match root {
        "" => name.to_owned(),
        root if root.ends_with('/') => format!("{root}{name}"),
        root => format!("{root}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_list_are_looked_for_up_to_where_its_own_name_begins() {
        assert_eq!(above("https://host/crawl/2020/warc.paths.gz"), ["https://host/crawl/2020", "https://host/crawl", "https://host"]);
        assert_eq!(above("s3://bucket/warc.paths"), ["s3://bucket"]);
        assert_eq!(above("lists/a.paths"), ["lists", ""]);
        assert_eq!(above("a.paths"), [""]);
        assert_eq!(above("/data/a.paths"), ["/data", "/"]);
        assert_eq!(join("/", "a"), "/a");
        assert_eq!(join("https://host", "crawl/a"), "https://host/crawl/a");
    }
}
