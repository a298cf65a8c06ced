//! Debian packages: an `ar` archive that holds `data.tar.xz`, whose files are handed on one by one.

use std::io::Read;

use gristmill::{Error, Result};
use lzma_rust2::XzReader;

/// Before the members of an `ar` archive (ar(5), the common format).
const MAGIC: &[u8] = b"!<arch>\n";
/// A member's header: name 16 bytes, then time, owner, group, mode, its size in 10 digits from 48 on, and an end mark.
const HEADER: usize = 60;
/// The most that is read of one file of a package; the largest there is has 9 MB.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// Calls `visit` with path and bytes of every file of the package that `wants` asks for, in their order.
pub fn files(package: &[u8], wants: impl Fn(&str) -> bool, mut visit: impl FnMut(&str, &[u8])) -> Result<()> {
    let data = member(package, "data.tar.xz").ok_or_else(|| Error::new("there is no data.tar.xz in it"))?;
    let mut archive = tar::Archive::new(XzReader::new(data, true));
    let fault = |error: std::io::Error| Error::new("its data.tar.xz cannot be read").because(error);
    let mut bytes = Vec::new();
    for entry in archive.entries().map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if !entry.header().entry_type().is_file() || !wants(&path) {
            continue;
        }
        bytes.clear();
        entry.take(MAX_FILE_BYTES).read_to_end(&mut bytes).map_err(fault)?;
        visit(&path, &bytes);
    }
    Ok(())
}

/// The bytes of a member of an `ar` archive; a cut-off or broken archive ends where it is broken.
fn member<'a>(archive: &'a [u8], wanted: &str) -> Option<&'a [u8]> {
    let mut rest = archive.strip_prefix(MAGIC)?;
    loop {
        let (header, after) = rest.split_at_checked(HEADER)?;
        let name = str::from_utf8(&header[..16]).ok()?.trim_end().trim_end_matches('/');
        let size: usize = str::from_utf8(&header[48..58]).ok()?.trim_end().parse().ok()?;
        let bytes = after.get(..size)?;
        if name == wanted {
            return Some(bytes);
        }
        // Members begin at even offsets.
        rest = after.get(size.checked_add(size % 2)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = MAGIC.to_vec();
        for (name, bytes) in members {
            archive.extend_from_slice(format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 100_644, bytes.len()).as_bytes());
            archive.extend_from_slice(bytes);
            archive.resize(archive.len().next_multiple_of(2), b'\n');
        }
        archive
    }

    #[test]
    fn members_are_found_behind_others_of_odd_size() {
        let archive = archive(&[("debian-binary", b"2.0\n"), ("odd", b"abc"), ("data", b"xyz")]);
        assert_eq!(member(&archive, "odd"), Some(&b"abc"[..]));
        assert_eq!(member(&archive, "data"), Some(&b"xyz"[..]));
        assert_eq!(member(&archive, "none"), None);
    }

    #[test]
    fn broken_archives_have_no_members() {
        let whole = archive(&[("a", b"abc"), ("data", b"xyz")]);
        for n in 0..whole.len() - 2 {
            assert_eq!(member(&whole[..n], "data"), None, "{n}");
        }
        let mut odd = whole.clone();
        odd[MAGIC.len() + 48..MAGIC.len() + 58].copy_from_slice(b"9999999999");
        assert_eq!(member(&odd, "data"), None);
        odd[MAGIC.len() + 48..MAGIC.len() + 58].copy_from_slice(b"-1        ");
        assert_eq!(member(&odd, "data"), None);
    }

    #[test]
    fn files_of_a_package_are_visited() {
        let mut tar = Vec::new();
        for (path, bytes) in [("usr/a.mo", &b"one"[..]), ("usr/b.txt", b"two")] {
            let mut header = tar::Header::new_gnu();
            header.set_path(path).unwrap();
            header.set_size(bytes.len() as u64);
            header.set_cksum();
            tar.extend_from_slice(header.as_bytes());
            tar.extend_from_slice(bytes);
            tar.resize(tar.len().next_multiple_of(512), 0);
        }
        tar.resize(tar.len() + 1024, 0);
        let mut xz = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::default()).unwrap();
        xz.write_all(&tar).unwrap();
        let package = archive(&[("debian-binary", b"2.0\n"), ("data.tar.xz", &xz.finish().unwrap())]);
        let mut seen = Vec::new();
        files(&package, |path| path.ends_with(".mo"), |path, bytes| seen.push((path.to_owned(), bytes.to_vec()))).unwrap();
        assert_eq!(seen, [("usr/a.mo".to_owned(), b"one".to_vec())]);
        assert!(files(b"!<arch>\n", |_| true, |_, _| {}).is_err());
    }
}
