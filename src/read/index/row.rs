//! One row of an index as it is written, and what makes it an entry.

use std::borrow::Cow;

use super::Entry;
use crate::read::Limits;

/// What rows call the file, the offset and the length: what this program writes, CDXJ, Common Crawl's columns. The first that is there counts.
pub(super) const FILE: [&str; 3] = ["file", "filename", "warc_filename"];
pub(super) const OFFSET: [&str; 2] = ["offset", "warc_record_offset"];
pub(super) const LENGTH: [&str; 2] = ["length", "warc_record_length"];
pub(super) const URL: &str = "url";

/// Bytes of the longest name of a file that is taken: no path is longer (Linux).
const LONGEST: usize = 4096;

/// The parts of a row; a number is `None` where it is missing or is none.
#[derive(Debug, Default)]
pub(super) struct Row<'r> {
    pub(super) file: Option<Cow<'r, str>>,
    pub(super) offset: Option<u64>,
    pub(super) length: Option<u64>,
    pub(super) url: Option<Cow<'r, str>>,
}

impl Row<'_> {
    /// The entry of the row of that number, or what is wrong with it.
    pub(super) fn entry(self, row: u64, limits: &Limits) -> Result<Entry, &'static str> {
        let file = self.file.filter(|file| !file.trim().is_empty()).ok_or("no-file")?;
        let offset = self.offset.ok_or("no-offset")?;
        let length = self.length.ok_or("no-length")?;
        let url = self.url.filter(|url| !url.is_empty());
        if LONGEST < file.len() {
            return Err("name-too-long");
        }
        let has_nul = |text: &str| memchr::memchr(0, text.as_bytes()).is_some();
        if has_nul(&file) || url.as_deref().is_some_and(has_nul) {
            return Err("nul");
        } else if length == 0 {
            return Err("no-bytes");
        } else if limits.record_bytes < length {
            return Err("record-too-long");
        }
        // Systems count the bytes of a file with a sign.
        let reaches = |end: &u64| *end <= i64::MAX as u64;
        offset.checked_add(length).filter(reaches).ok_or("beyond-any-file")?;
        Ok(Entry { row, file: file.into_owned(), offset, length, url: url.map(Cow::into_owned) })
    }
}

/// A number that is digits and nothing else.
pub(super) fn number(digits: &str) -> Option<u64> {
    let digits = digits.trim();
    let are_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| are_digits)
}
