//! The line that begins a record of ARC 1.0 and 1.1 (Internet Archive, "Arc File Format", 1996): `URL IP-address Archive-date
//! Content-type Archive-length`, or those and five more in version 2. URLs may hold spaces, so fields are counted from the end.

use std::fmt::Write;
use std::net::Ipv6Addr;
use std::str;

use memchr::{memchr, memchr_iter, memmem, memrchr};

use super::dialect::Begins;
use super::head::{Head, RecordType, length};

/// Bytes in which such a line must end to be told.
pub(super) const LINE: usize = 64 << 10;
/// Fields behind the date: two in version 1, seven in version 2, more where a media type has parameters.
const BEHIND: std::ops::RangeInclusive<usize> = 2..=10;
/// Letters of a scheme; longer ones nobody registered.
const SCHEME: usize = 32;
/// Schemes that crawlers wrote.
const KNOWN: [&[u8]; 6] = [b"http", b"https", b"dns", b"ftp", b"whois", b"filedesc"];

/// What a line says.
#[derive(Debug, PartialEq, Eq)]
struct Fields<'a> {
    url: &'a [u8],
    address: &'a [u8],
    date: &'a [u8],
    media_type: &'a [u8],
    length: &'a [u8],
}

/// Whether such a line stands first in these bytes. Its length may be anything, so that a record with a wrong one is seen.
pub(super) fn begins(bytes: &[u8]) -> Begins {
    let Some(scheme) = scheme(bytes) else { return Begins::No };
    // `Jhttp:` is an `http:` whose line end was damaged.
    let is_late = |known: &&[u8]| known.len() < scheme.len() && scheme.ends_with(known);
    if bytes.len() == scheme.len() {
        return Begins::More;
    } else if !is_known(bytes) && KNOWN.iter().any(is_late) {
        return Begins::No;
    }
    match memchr(b'\n', &bytes[..bytes.len().min(LINE)]) {
        Some(end) if fields(&bytes[..end]).is_some() => Begins::Yes,
        None if bytes.len() < LINE => Begins::More,
        _ => Begins::No,
    }
}

/// Where the first such line begins, at the start of a line, or behind other bytes where its scheme is one that crawlers wrote.
pub(super) fn find(bytes: &[u8]) -> Option<usize> {
    let mut line = 0;
    loop {
        let end = line + memchr(b'\n', &bytes[line..])?;
        let begins = |at: &usize| begins(&bytes[*at..]) == Begins::Yes;
        let first = Some(line).filter(|line| 0 < *line && begins(line));
        let found = first.filter(|&line| is_known(&bytes[line..])).or_else(|| inside(bytes, line, end).filter(begins)).or(first);
        if found.is_some() {
            return found;
        }
        line = end + 1;
    }
}

/// Where an address begins in a line that ends like one of ARC. What stands before it may hold spaces, and bytes that no address holds.
fn inside(bytes: &[u8], line: usize, end: usize) -> Option<usize> {
    let from = (end + 1).saturating_sub(LINE).max(line);
    let text = bytes[from..end].trim_ascii_end();
    let from = text.iter().rposition(u8::is_ascii_control).map_or(from, |control| from + control + 1);
    let url = fields(&bytes[from..end])?.url;
    address(url, memrchr(b' ', url).map_or(0, |space| space + 1)).map(|at| from + at)
}

/// Where in such a line another one begins, because the first broke off: behind an address of the internet and what may have been written of a date, a scheme follows that
/// crawlers wrote. The last of several. Or it is the first line of a file that was joined to another.
pub(super) fn broken_off(line: &[u8]) -> Option<usize> {
    let Fields { url, address: fetched_from, media_type, .. } = fields(line.strip_suffix(b"\n").unwrap_or(line))?;
    // A page may have such an address in its own, but was not fetched from nowhere, nor from here unless it is a part of its path or query.
    let is_part = |at: usize| b"/=".contains(&url[at - 1]);
    let is_file = |at: usize| fetched_from == b"0.0.0.0" || fetched_from == b"127.0.0.1" && !is_part(at);
    let is_text = media_type == b"text/plain";
    if let Some(at) = memmem::rfind(url, b"filedesc://").filter(|&at| is_text && 0 < at && is_file(at)) {
        return Some(at);
    }
    let (mut at, mut last) = (0, None);
    for word in url.split(|&byte| byte == b' ') {
        let length = address(word, 0).unwrap_or(word.len());
        let behind = at + length + usize::from(length == word.len());
        last = if is_host(&word[..length]) && behind < url.len() { Some(behind) } else { last };
        at += word.len() + 1;
    }
    let behind = last?;
    let digits = url[behind..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let found = address(url, behind)?;
    (found == behind + digits || url[behind + digits] == b' ' && 12 <= digits).then_some(found)
}

/// An address of four numbers, or one of version 6 as it is written: words of a URL with spaces may be like `...` or `12:30:00`.
fn is_host(word: &[u8]) -> bool {
    let is_number = |part: &[u8]| (1..=3).contains(&part.len()) && part.iter().all(u8::is_ascii_digit);
    let of_four = || word.split(|&byte| byte == b'.').all(is_number) && memchr_iter(b'.', word).count() == 3;
    // Addresses that crawlers reach begin with four digits (RFC 4291 section 2.4), and `::` may stand between words.
    let of_six = || word.get(4) == Some(&b':') && str::from_utf8(word).is_ok_and(|word| word.parse::<Ipv6Addr>().is_ok());
    of_four() || of_six()
}

/// Where in a text the first scheme begins, at a place or behind it, that crawlers wrote.
fn address(text: &[u8], from: usize) -> Option<usize> {
    let colons = memchr_iter(b':', &text[from..]).map(|colon| from + colon);
    let start = |colon: usize| KNOWN.iter().filter(|known| text[from..colon].ends_with(known)).map(|known| colon - known.len()).min();
    colons.filter_map(start).next()
}

/// The letters before the first colon, or all of them when there is none yet; `None` where they are no scheme.
fn scheme(bytes: &[u8]) -> Option<&[u8]> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    let end = bytes.iter().take(SCHEME).position(|byte| !is_part(byte)).unwrap_or(bytes.len().min(SCHEME));
    let ends = end == bytes.len() && end < SCHEME || bytes.get(end) == Some(&b':');
    let begins = bytes.first().is_none_or(u8::is_ascii_alphabetic);
    (ends && begins).then_some(&bytes[..end])
}

/// True when the bytes begin, as far as they go, with a scheme that crawlers wrote.
pub(super) fn is_known(bytes: &[u8]) -> bool {
    scheme(bytes).is_some_and(|scheme| {
        let fits = |known: &&[u8]| if scheme.len() < bytes.len() { *known == scheme } else { known.starts_with(scheme) };
        KNOWN.iter().any(fits)
    })
}

/// True when the first line has enough of such a line to be one that was damaged: an address or a date, and one more sign.
pub(super) fn resembles(bytes: &[u8]) -> bool {
    let bytes = &bytes[..bytes.len().min(LINE)];
    let line = bytes[..memchr(b'\n', bytes).unwrap_or(bytes.len())].trim_ascii_end();
    let words = || line.split(|&byte| byte == b' ');
    let has_scheme = scheme(line).is_some_and(|scheme| scheme.len() < line.len());
    let has_address = words().any(|word| word.len() > 1 && is_address(word));
    // A date may have grown together with what stands beside it.
    let has_date = line.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()).any(is_date);
    let has_length = words().next_back().is_some_and(|word| matches!(word.first(), Some(b'0'..=b'9')));
    let signs = [has_scheme, has_address, has_date, has_length].into_iter().filter(|&sign| sign).count();
    (has_address || has_date) && 2 <= signs && 3 <= words().count()
}

fn fields(line: &[u8]) -> Option<Fields<'_>> {
    let mut line = line;
    while let Some(shorter) = line.strip_suffix(b"\r") {
        line = shorter;
    }
    // From the end: the length is 0, and the last that can be a date is one, as a URL may hold such fields too.
    let mut words: [&[u8]; 12] = [b""; 12];
    let mut n = 0;
    for (word, slot) in line.rsplit(|&byte| byte == b' ').zip(&mut words) {
        *slot = word;
        n += 1;
    }
    // The file itself was fetched from nowhere, which is 0 in the format's own example.
    let is_from = |word: &[u8]| is_address(word) || word == b"0" && line.starts_with(b"filedesc:");
    let date = BEHIND.filter(|date| date + 1 < n).find(|&date| is_date(words[date]) && is_from(words[date + 1]))?;
    let behind: usize = words[..date + 2].iter().map(|word| word.len() + 1).sum();
    let url = line.get(..line.len().checked_sub(behind)?)?;
    let is_url = !url.is_empty() && url.iter().all(|&byte| b' ' <= byte || byte == b'\t');
    is_url.then(|| Fields { url, address: words[date + 1], date: words[date], media_type: words[date - 1], length: words[0] })
}

/// Twelve digits are without seconds, more than fourteen with parts of one.
fn is_date(word: &[u8]) -> bool {
    (12..=18).contains(&word.len()) && word.iter().all(u8::is_ascii_digit)
}

/// An address of the internet, version 4 or 6, or the dash that stands for none. Those of version 6 may stand in brackets, end like one of version 4, and name a zone.
fn is_address(word: &[u8]) -> bool {
    let word = &word[..memchr(b'%', word).unwrap_or(word.len())];
    let of = |separator: u8, is_digit: fn(&u8) -> bool| word.contains(&separator) && word.iter().all(is_digit);
    let is_four = || of(b'.', |byte| *byte == b'.' || byte.is_ascii_digit());
    word == b"-" || word.len() < 64 && (is_four() || of(b':', |byte| b":.[]".contains(byte) || byte.is_ascii_hexdigit()))
}

/// Reads such a line; false when it is none. `filedesc:` is the head of the file, everything else an answer. The id is `DATE/URL`, as in
/// the addresses of wayback machines; ARC has no ids of its own.
pub(super) fn parse(head: &mut Head, line: &[u8]) -> bool {
    head.clear();
    let Some(fields) = fields(line.strip_suffix(b"\n").unwrap_or(line)) else { return false };
    let is_file = fields.url.starts_with(b"filedesc:");
    head.kind = Some(if is_file { RecordType::WarcInfo } else { RecordType::Response });
    head.url.push_str(&String::from_utf8_lossy(fields.url));
    // Digits are text.
    let digits = str::from_utf8(fields.date).unwrap_or_default();
    let _ = write!(head.id, "{}/{}", &digits[..digits.len().min(14)], head.url);
    rfc3339(digits, &mut head.date);
    head.length = length(fields.length);
    // What crawlers wrote for none.
    if ![&b"no-type"[..], b"unknown", b"-"].contains(&fields.media_type) {
        head.media_type.extend_from_slice(fields.media_type);
    }
    true
}

/// Fourteen digits that are a time of the calendar, as RFC 3339 has it; others stay as they are.
fn rfc3339(digits: &str, out: &mut String) {
    let part = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<u32>().ok()).unwrap_or(u32::MAX);
    let (month, day) = (part(4, 6), part(6, 8));
    let (hour, minute, second) = (part(8, 10), part(10, 12), part(12, 14));
    let is_time = digits.len() == 14 && (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    let _ = if is_time {
        write!(out, "{}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z", &digits[..4])
    } else {
        out.write_str(digits)
    };
}
