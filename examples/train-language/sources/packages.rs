//! Which texts of a Debian package, and of the folder of declarations, are of which language.

use std::collections::BTreeMap;
use std::path::Path;

use gristmill::{Error, Result};

use crate::sources::tags::{has_scripts, in_script, tag};
use crate::sources::{Parcel, Source, Texts, bytes_of, clean, deb, entries, firefox, html, mo, name_of, scripts, sha256, udhr};

/// The texts of a package of a kind that is known; `None` for any other file.
pub fn read(path: &Path) -> Result<Option<Parcel>> {
    let file = name_of(path);
    let name = file.split('_').next().unwrap_or_default();
    let package = bytes_of(path)?;
    let (source, texts) = if let Some(code) = name.strip_prefix("firefox-esr-l10n-") {
        (Source::Firefox, language_pack(&package, &tag(code)))
    } else if name.starts_with("libreoffice-l10n-") {
        (Source::LibreOffice, catalogues(&package))
    } else if name.starts_with("libreoffice-help-") {
        (Source::Help, help(&package))
    } else {
        return Ok(None);
    };
    let mut texts = texts.map_err(|error| Error::new(format!("cannot read {}", path.display())).because(error))?;
    texts = by_script(texts);
    Ok(Some(Parcel { source, sha256: sha256(&[&package]), bytes: package.len() as u64, texts, file }))
}

/// All declarations, as one file.
pub fn declarations(folder: &Path) -> Result<Parcel> {
    let (mut texts, mut files): (BTreeMap<String, Texts>, Vec<Vec<u8>>) = (BTreeMap::new(), Vec::new());
    for path in entries(folder)? {
        let Some(stem) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".html")) else { continue };
        let bytes = bytes_of(&path)?;
        let page = String::from_utf8_lossy(&bytes);
        let mut declaration = Texts::default();
        html::texts(&page).iter().for_each(|text| declaration.add(text));
        for (language, found) in by_script(BTreeMap::from([(udhr::tag_of(stem, &page), declaration)])) {
            merge(texts.entry(language).or_default(), found);
        }
        files.push(bytes);
    }
    let parts: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
    let bytes = parts.iter().map(|part| part.len() as u64).sum();
    Ok(Parcel { file: "udhr/declaration/*.html".to_owned(), source: Source::Udhr, sha256: sha256(&parts), bytes, texts })
}

fn language_pack(package: &[u8], language: &str) -> Result<BTreeMap<String, Texts>> {
    let mut texts = Texts::default();
    let mut result = Ok(());
    deb::files(
        package,
        |path| path.ends_with(".xpi"),
        |_, pack| match firefox::strings(pack, |string| texts.add(string)) {
            Ok(n_unreadable) => texts.left_out.unreadable += n_unreadable,
            Err(error) => result = Err(error),
        },
    )?;
    result.map(|()| BTreeMap::from([(language.to_owned(), texts)]))
}

/// Translations that are not what they translate; of English both, because its packages say what the originals are.
fn catalogues(package: &[u8]) -> Result<BTreeMap<String, Texts>> {
    let mut all: BTreeMap<String, Texts> = BTreeMap::new();
    deb::files(
        package,
        |path| path.ends_with(".mo"),
        |path, catalogue| {
            let Some(code) = part_before(path, "/LC_MESSAGES/") else { return };
            let language = tag(code);
            let texts = all.entry(language.clone()).or_default();
            let (messages, n_unreadable) = mo::messages(catalogue);
            texts.left_out.unreadable += n_unreadable;
            for (original, translation) in messages {
                if language == "en" {
                    texts.add(original);
                    texts.add(translation);
                } else if original == translation || clean::clean(original) == clean::clean(translation) {
                    texts.left_out.english += 1;
                } else {
                    texts.add(translation);
                }
            }
        },
    )?;
    Ok(all)
}

fn help(package: &[u8]) -> Result<BTreeMap<String, Texts>> {
    let mut all: BTreeMap<String, Texts> = BTreeMap::new();
    deb::files(
        package,
        |path| path.ends_with(".html") && path.contains("/text/"),
        |path, page| {
            let Some(code) = part_before(path, "/text/") else { return };
            let texts = all.entry(tag(code)).or_default();
            match str::from_utf8(page) {
                Ok(page) => html::texts(page).iter().for_each(|text| texts.add(text)),
                Err(_) => texts.left_out.unreadable += 1,
            }
        },
    )?;
    Ok(all)
}

/// The part of a path that stands before another.
fn part_before<'a>(path: &'a str, mark: &str) -> Option<&'a str> {
    path.split_once(mark)?.0.rsplit('/').next()
}

/// Texts of a language that is written in several scripts go to the one that most of them are in.
fn by_script(texts: BTreeMap<String, Texts>) -> BTreeMap<String, Texts> {
    let mut all: BTreeMap<String, Texts> = BTreeMap::new();
    for (language, found) in texts {
        let script = has_scripts(&language).then(|| scripts::dominant(found.texts.iter().map(String::as_str))).flatten();
        let language = script.map_or(language.clone(), |script| in_script(&language, script));
        merge(all.entry(language).or_default(), found);
    }
    all
}

fn merge(into: &mut Texts, from: Texts) {
    into.texts.extend(from.texts);
    into.left_out.short += from.left_out.short;
    into.left_out.unreadable += from.left_out.unreadable;
    into.left_out.english += from.left_out.english;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_stand_in_paths() {
        assert_eq!(part_before("./usr/lib/resource/sr@latin/LC_MESSAGES/sw.mo", "/LC_MESSAGES/"), Some("sr@latin"));
        assert_eq!(part_before("./usr/share/libreoffice/help/en-US/text/shared/a.html", "/text/"), Some("en-US"));
        assert_eq!(part_before("sw.mo", "/LC_MESSAGES/"), None);
    }

    #[test]
    fn uzbek_goes_to_its_scripts() {
        let mut texts = Texts::default();
        texts.add("Янги ойна очиш");
        let all = by_script(BTreeMap::from([("uz".to_owned(), texts)]));
        assert_eq!(all.keys().collect::<Vec<_>>(), ["uz-Cyrl"]);
    }
}
