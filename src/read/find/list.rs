//! Names of files as they are given or listed, and where they lead.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, ErrorKind, Read};
use std::path::{Component, Path};
use std::sync::Arc;

use rayon::prelude::*;

use super::slashes;
use crate::codec::Windows;
use crate::error::{Context, Error, Result};
use crate::read::{Input, Lists, STDIN};
use crate::remote::{self, Found};

/// Bytes of one line of a `.paths` list: signed addresses are a few thousand long, and remarks stand there too.
const LINE: u64 = 64 << 10;

/// Names of one list and bytes of them, which are held all together: a hundred times, and thirty times, what a crawl has.
const MOST_NAMES: usize = 10_000_000;
const MOST_BYTES: usize = 512 << 20;

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
pub(super) fn read(list: &str, lists: &Lists) -> Result<Vec<Name>> {
    let doing = || format!("cannot read the list {}", place(list, lists));
    let input = open_one(&Name::own(list.to_owned()), lists, &mut Roots::default()).context(doing)?;
    let mut lines = input.decoded(Windows::default())?;
    let list: Arc<str> = list.into();
    let (mut names, mut line, mut number, mut n_bytes) = (Vec::new(), Vec::new(), 0_u64, 0);
    loop {
        line.clear();
        number += 1;
        let read = Read::take(&mut lines, LINE).read_until(b'\n', &mut line).context(doing)?;
        if read == 0 {
            return Ok(names);
        }
        if read as u64 == LINE {
            return Err(Error::new(format!("{}: line {number} is longer than {LINE} bytes, as no path or URL is", doing())));
        }
        let text = std::str::from_utf8(&line).map_err(|cause| Error::new(format!("{}: line {number}", doing())).because(cause))?;
        let text = text.trim();
        n_bytes += text.len();
        if names.len() == MOST_NAMES || MOST_BYTES < n_bytes {
            return Err(Error::new(format!("{}: it holds more than {MOST_NAMES} names, or {MOST_BYTES} bytes of them; split it", doing())));
        }
        if !text.is_empty() && !text.starts_with('#') {
            names.push(Name { text: text.to_owned(), list: Some(list.clone()), line: number });
        }
    }
}

/// The inputs that names lead to. Objects are asked for several at a time.
pub(super) fn open(names: &[Name], lists: &Lists) -> Result<Vec<Input>> {
    // Where the names of a list begin is found out with its first.
    let mut roots = Roots::default();
    let mut first = BTreeMap::new();
    for (at, name) in names.iter().enumerate().filter(|(_, name)| name.list.is_some()) {
        if first.insert(name.list.clone(), at).is_none() {
            open_one(name, lists, &mut roots)?;
        }
    }
    names.par_iter().map(|name| open_one(name, lists, &mut roots.clone())).collect()
}

/// Where relative names of a list begin, by list.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Roots(BTreeMap<Arc<str>, String>);

fn open_one(name: &Name, lists: &Lists, roots: &mut Roots) -> Result<Input> {
    match &name.list {
        Some(list) => listed(&name.text, (list, name.line), lists, roots),
        None if name.text == STDIN => Ok(Input::stdin()),
        None => found(&name.text, None, lists)?.map_err(|status| {
            let shown = remote::shown(&name.text);
            Error::new(format!("there is nothing at {shown} that may be read (status {status}); check the address"))
        }),
    }
}

/// The file that a line of a list, or a row of an index, names.
///
/// # Errors
/// When it is not there, or may not be named by this list.
pub(in super::super) fn listed(name: &str, (list, line): (&Arc<str>, u64), lists: &Lists, roots: &mut Roots) -> Result<Input> {
    let at = || format!("line {line} of {}", place(list, lists));
    let is_foreign = remote::is_url(list);
    let is_whole = remote::is_url(name) || Path::new(name).is_absolute();
    if is_whole && is_foreign && !remote::is_url(name) {
        return Err(Error::new(format!("{} names {name}, a file of this machine, which a list of another one may not", at())));
    }
    let root = lists.root.as_deref();
    let known = root.or_else(|| roots.0.get(list).map(String::as_str)).map(str::to_owned);
    let begins = match known {
        _ if is_whole => vec![String::new()],
        Some(known) if root.is_some() => vec![known],
        known => known.into_iter().chain(above(list)).collect(),
    };
    // Up and out of a folder that it was given is the same way.
    let leads_out = |root: &str| match remote::is_url(root) {
        true => !remote::is_below(root, &join(root, name)),
        false => Path::new(name).components().any(|part| part == Component::ParentDir),
    };
    if is_foreign && !is_whole && root.is_some_and(leads_out) {
        return Err(Error::new(format!("{} names {name}, which leads out of the root", at())));
    }
    let mut answered = 404;
    for begin in begins {
        match found(&join(&begin, name), (is_whole && is_foreign).then_some(&**list), lists).context(at)? {
            Ok(input) => {
                if !is_whole {
                    roots.0.insert(list.clone(), begin);
                }
                return Ok(input);
            }
            // What is forbidden says more than what is not there.
            Err(status) => answered = if status == 403 { status } else { answered },
        }
    }
    let name = remote::shown(name);
    Err(Error::new(match root {
        _ if answered == 403 => format!("{} names {name}, which may not be read, or is not there (status 403)", at()),
        _ if is_whole => format!("{} names {name}, which is not there", at()),
        Some(root) => format!("{} names {name}, which is no file below the root {}", at(), remote::shown(root)),
        None => format!(
            "{} names {name}, which is no file below its folder or one above it; where its names begin elsewhere, say so with `root`",
            at()
        ),
    }))
}

/// A list as messages name it.
fn place(list: &str, lists: &Lists) -> String {
    if remote::is_url(list) || lists.base.as_os_str().is_empty() {
        remote::shown(list)
    } else {
        format!("{list} in {}", lists.base.display())
    }
}

/// The input of that path or URL, which a list on a server may have named; else the status that was answered, 404 for a file.
fn found(name: &str, foreign: Option<&str>, lists: &Lists) -> Result<Result<Input, u16>> {
    if remote::is_url(name) {
        return Ok(match foreign.map_or_else(|| remote::find(name), |list| remote::find_listed(list, name))? {
            Found::Object(object) => Ok(Input::object(object)),
            Found::Missing { status } => Err(status),
        });
    }
    let path = lists.base.join(name);
    let doing = || format!("cannot open {name} in {}", lists.base.display());
    match fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() => Ok(Err(404)),
        Ok(metadata) => Ok(Ok(Input::file(path, slashes(Path::new(name)), metadata.len()))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Err(404)),
        Err(error) => Err(error).context(doing),
    }
}

/// The folder of a list, and those above it up to where its own name begins.
fn above(list: &str) -> Vec<String> {
    let start = if remote::is_url(list) { list.find("://").map_or(0, |at| at + 3) } else { 0 };
    // A key of S3, and a path, may hold a question mark.
    let is_web = 0 < start && !list[..start].eq_ignore_ascii_case("s3://");
    let list = list.split(['?', '#']).next().filter(|_| is_web).unwrap_or(list);
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
        assert_eq!(above("https://host/crawl/warc.paths?token=a/b#c/d"), ["https://host/crawl", "https://host"]);
        assert_eq!(above("s3://bucket/warc.paths"), ["s3://bucket"]);
        assert_eq!(above("s3://bucket/a?/warc.paths"), ["s3://bucket/a?", "s3://bucket"]);
        assert_eq!(above("lists/a.paths"), ["lists", ""]);
        assert_eq!(above("a.paths"), [""]);
        assert_eq!(above("/data/a.paths"), ["/data", "/"]);
        assert_eq!(join("/", "a"), "/a");
        assert_eq!(join("https://host", "crawl/a"), "https://host/crawl/a");
    }
}
