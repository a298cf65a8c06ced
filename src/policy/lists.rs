//! Lists at rest: one entry a line, read once. A bad line costs itself and is told.

use std::path::Path;

use crate::codec::{self, Line, Lines, Windows};
use crate::error::{Error, Result};

/// Longest line, in bytes; no URL of the web is longer.
const LINE_BYTES: u64 = 64 << 10;

/// Gives each line of a file to `take`, without white space around it; empty lines and those that begin with `#` say nothing. `take` gives false for a line that it
/// cannot use, and so counts one that is too long or is no UTF-8. The warning names the file as `name`.
///
/// # Errors
/// When the file cannot be read, is compressed and damaged, or is a tar.
pub fn each_line(path: &Path, name: &str, what: &str, mut take: impl FnMut(&str) -> bool) -> Result<Option<String>> {
    let mut lines = Lines::new(codec::open(path, Windows::default())?, path, LINE_BYTES);
    let (mut n_bad, mut first) = (0_u64, 0);
    let mut number = 0;
    while let Some(line) = lines.next()? {
        number += 1;
        // The first header of a tar holds no line feed (POSIX, ustar).
        if let Line::Whole(bytes) = &line
            && number == 1
            && bytes.get(257..262) == Some(b"ustar")
        {
            return Err(Error::new(format!("the list {} is a tar; unpack it, and name the folders or files in it", path.display())));
        }
        let is_good = match line {
            Line::Whole(bytes) => std::str::from_utf8(bytes).is_ok_and(|text| {
                let text = text.trim_start_matches('\u{feff}').trim();
                text.is_empty() || text.starts_with('#') || take(text)
            }),
            Line::TooLong => false,
            Line::Broken(fault) => return Err(Error::new(format!("the list {} is damaged: {fault}; fetch it again", path.display()))),
        };
        if !is_good {
            n_bad += 1;
            first = if n_bad == 1 { number } else { first };
        }
    }
    let lines = if n_bad == 1 { "1 line".to_owned() } else { format!("{n_bad} lines") };
    Ok((n_bad != 0).then(|| format!("{lines} of {name} cannot be used, the first is line {first}; {what}")))
}
