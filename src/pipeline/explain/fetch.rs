//! The shell command that fetches exactly one record out of its input.
//!
//! A place is in bytes of the file where a record fills whole gzip members or zstd frames, else in bytes of the decompressed stream; which of the two it is,
//! the file itself tells: a member that begins at that byte and decodes to a record.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use serde::Serialize;

use crate::codec::{self, Compression};
use crate::read::Format;
use crate::text::shell::quoted;

use super::super::plan::way;

/// First bytes of the skippable frame in which a `.warc.zst` file keeps its dictionary.
const DICTIONARY: [u8; 4] = [0x5D, 0x2A, 0x4D, 0x18];

/// How to get at a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fetch {
    /// The input as it is reached from the working folder.
    pub path: String,
    /// Writes the record to stdout; `None` where the input cannot be looked at.
    pub command: Option<String>,
    /// Why there is no command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// What is known of a record's place.
pub struct Record<'a> {
    pub file: &'a str,
    pub offset: u64,
    pub length: u64,
    pub format: Option<Format>,
    /// The rule that rejected it, for one that became no document.
    pub rule: Option<&'a str>,
    /// Base-2 logarithm of the largest zstd window.
    pub zstd_window_log: u32,
}

/// The command for a record of an input; paths of inputs begin at `base`.
pub fn fetch(base: &Path, record: &Record<'_>) -> Fetch {
    if record.file.contains("://") {
        return remote(record);
    }
    let direct = base.join(record.file);
    let short = way(&direct, Path::new(""));
    // The short way goes up without looking at links; where that leads elsewhere, the long one is right.
    let path = if Path::new(&short).exists() { short } else { direct.display().to_string() };
    match command(Path::new(&path), &path, record) {
        Ok(command) => Fetch { command: Some(command), fault: None, path },
        Err(error) => Fetch { command: None, fault: Some(format!("the input cannot be read: {error}")), path },
    }
}

fn remote(record: &Record<'_>) -> Fetch {
    let Record { file, offset, length, .. } = *record;
    let last = (offset + length).saturating_sub(1);
    let (fault, command) = match file.rsplit('.').next() {
        _ if !file.starts_with("http") => (Some("the input lies in a store that no common command reads".to_owned()), None),
        Some("gz") => (None, Some(format!("curl -s -r {offset}-{last} {} | gzip -dc", quoted(file)))),
        Some("zst") => (None, Some(format!("curl -s -r {offset}-{last} {} | zstd -dc", quoted(file)))),
        _ => (None, Some(format!("curl -s -r {offset}-{last} {}", quoted(file)))),
    };
    Fetch { path: file.to_owned(), command, fault }
}

fn command(path: &Path, name: &str, record: &Record<'_>) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    if record.format == Some(Format::Parquet) {
        // There the place is a number of rows.
        let from = format!("'{}'", name.replace('\'', "''"));
        return Ok(format!(
            "duckdb -line -c {}",
            quoted(&format!("SELECT * FROM {from} LIMIT {} OFFSET {}", record.length, record.offset))
        ));
    }
    let mut first = [0; 8];
    let n = read_up_to(&mut file, &mut first)?;
    let compression = codec::detect(&first[..n]);
    let Record { offset, length, .. } = *record;
    let name = quoted(name);
    let part = |from: &str| match offset {
        0 => format!("{from}head -c {length}"),
        _ => format!("{from}tail -c +{} | head -c {length}", offset + 1),
    };
    // With the file itself as what `tail` or `head` reads.
    let of_file = match offset {
        0 => format!("head -c {length} {name}"),
        _ => format!("tail -c +{} {name} | head -c {length}", offset + 1),
    };
    let long = if record.zstd_window_log <= 27 { String::new() } else { format!(" --long={}", record.zstd_window_log) };
    let decoder = match compression {
        Compression::Plain => return Ok(of_file),
        // What is no member is shown as it is.
        _ if record.rule == Some("garbage-between-members") => return Ok(of_file),
        Compression::Gzip => "gzip -dc".to_owned(),
        Compression::Zstd => format!("zstd -dc{long}"),
        Compression::Xz => "xz -dc".to_owned(),
        Compression::Bzip2 => "bzip2 -dc".to_owned(),
    };
    if !is_member(&mut file, compression, record)? {
        return Ok(part(&format!("{decoder} {name} | ")));
    }
    if n == 8 && first[..4] == DICTIONARY {
        let size = u32::from_le_bytes([first[4], first[5], first[6], first[7]]);
        let mut magic = [0; 4];
        read_up_to(&mut file_at(&mut file, 8)?, &mut magic)?;
        let unpack = if magic == codec::ZSTD_MAGIC { " | zstd -dc" } else { "" };
        return Ok(format!(
            "d=$(mktemp) && tail -c +9 {name} | head -c {size}{unpack} > \"$d\" && {of_file} | {decoder} -D \"$d\"; rm \"$d\""
        ));
    }
    Ok(format!("{of_file} | {decoder}"))
}

/// True when the place is in bytes of the file: whole members begin and end there.
fn is_member(file: &mut File, compression: Compression, record: &Record<'_>) -> std::io::Result<bool> {
    // Only records of their own are ever compressed one by one.
    if !matches!(record.format, Some(Format::Warc | Format::WarcIndex | Format::Wet)) {
        return Ok(false);
    }
    let magic = codec::magic(compression);
    let mut start = vec![0; magic.len()];
    let n = read_up_to(&mut file_at(file, record.offset)?, &mut start)?;
    if &start[..n] != magic {
        return Ok(false);
    }
    if record.offset != 0 {
        return Ok(true);
    }
    // At the start of the file both readings begin the same; only one of them ends where the length says.
    let whole = file.metadata()?.len() == record.length;
    let mut next = vec![0; magic.len()];
    let n = read_up_to(&mut file_at(file, record.length)?, &mut next)?;
    Ok(whole || &next[..n] == magic)
}

fn file_at(file: &mut File, offset: u64) -> std::io::Result<&mut File> {
    file.seek(SeekFrom::Start(offset))?;
    Ok(file)
}

fn read_up_to(file: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut n = 0;
    while n < buffer.len() {
        match file.read(&mut buffer[n..])? {
            0 => break,
            more => n += more,
        }
    }
    Ok(n)
}

#[cfg(test)]
mod tests;
