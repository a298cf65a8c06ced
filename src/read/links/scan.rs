//! The wanted fields of a submission out of its line, without reading the others: ends of strings are looked for eight bytes at a time, and what is passed over
//! is followed by its quotes and brackets only. So a line whose other fields hold nonsense between sound brackets still counts. Whatever is odd on the way
//! (an escaped key, a line that ends early) gives `None`, and the line is read by the whole grammar instead.

/// The fields that say what a submission links to, in the order of [`Raw`].
const KEYS: [&[u8]; 7] = [b"url", b"score", b"ups", b"downs", b"is_self", b"domain", b"over_18"];

/// The values of `KEYS` as they stand in the line, with their quotes; empty where the line has none. The last of a key that repeats counts.
pub(super) type Raw<'l> = [&'l [u8]; KEYS.len()];

/// Finds the fields in the outermost object.
pub(super) fn fields(line: &[u8]) -> Option<Raw<'_>> {
    let mut raw: Raw<'_> = [b""; KEYS.len()];
    let mut at = after(line, 0, b'{')?;
    if line.get(at) == Some(&b'}') {
        return ends(line, at).then_some(raw);
    }
    loop {
        if line.get(at) != Some(&b'"') {
            return None;
        }
        let (end, is_escaped) = string_end(line, at + 1)?;
        if is_escaped {
            return None;
        }
        let key = &line[at + 1..end - 1];
        let from = after(line, blanks(line, end), b':')?;
        let to = value_end(line, from)?;
        if let Some(index) = index(key) {
            raw[index] = &line[from..to];
        }
        at = blanks(line, to);
        match line.get(at)? {
            b',' => at = blanks(line, at + 1),
            b'}' => return ends(line, at).then_some(raw),
            _ => return None,
        }
    }
}

/// The place of a key among `KEYS`. Nearly all keys are others, and their length tells.
fn index(key: &[u8]) -> Option<usize> {
    match key.len() {
        3 | 5 | 6 | 7 => KEYS.iter().position(|known| *known == key),
        _ => None,
    }
}

/// The place after an expected byte and the blanks that follow it.
fn after(line: &[u8], at: usize, expected: u8) -> Option<usize> {
    (*line.get(at)? == expected).then(|| blanks(line, at + 1))
}

fn blanks(line: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\r' | b'\n') = line.get(at) {
        at += 1;
    }
    at
}

/// Whether the line ends with the bracket at this place.
fn ends(line: &[u8], at: usize) -> bool {
    blanks(line, at + 1) == line.len()
}

/// The place after a value.
fn value_end(line: &[u8], at: usize) -> Option<usize> {
    match line.get(at)? {
        b'"' => Some(string_end(line, at + 1)?.0),
        b'{' | b'[' => nested_end(line, at),
        _ => {
            let n = line[at..].iter().position(|byte| matches!(byte, b',' | b'}' | b' ' | b'\t' | b'\r' | b'\n'))?;
            (0 < n).then_some(at + n)
        }
    }
}

fn nested_end(line: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match line.get(at)? {
            b'"' => {
                at = string_end(line, at + 1)?.0;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 1 => return Some(at + 1),
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
}

/// The place after the quote that ends a string which began before `at`, and whether something in it is escaped.
fn string_end(line: &[u8], mut at: usize) -> Option<(usize, bool)> {
    let mut is_escaped = false;
    loop {
        while let Some(eight) = line.get(at..at + 8) {
            match first_mark(eight.try_into().expect("eight bytes are eight bytes")) {
                None => at += 8,
                Some(n) => {
                    at += n;
                    break;
                }
            }
        }
        match line.get(at)? {
            b'"' => return Some((at + 1, is_escaped)),
            b'\\' => {
                is_escaped = true;
                at += 2;
            }
            _ => at += 1,
        }
    }
}

/// The place of the first quote or backslash in eight bytes: a byte less one borrows into its high bit only where it was zero (Mycroft 1987); what a borrow
/// makes of later bytes is never first.
fn first_mark(eight: [u8; 8]) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    let word = u64::from_le_bytes(eight);
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & (ONES << 7);
    let marks = zeros(word ^ (ONES * u64::from(b'"'))) | zeros(word ^ (ONES * u64::from(b'\\')));
    (marks != 0).then(|| (marks.trailing_zeros() / 8) as usize)
}
