//! Searches inside what is not markup: the end of a raw-text element, and styles that hide.

use memchr::memmem;

use crate::extract::names::Name;
use crate::extract::tokens::is_space;

/// How far a script has been searched for `<!--` and `<script` inside it.
#[derive(Debug)]
pub struct Escape {
    at: usize,
    comment: bool,
    double: bool,
}

impl Escape {
    /// A search that begins with the script's text.
    pub fn new(at: usize) -> Self {
        Self { at, comment: false, double: false }
    }

    /// Reads on to `open`, where an end tag `</script` stands: true when that tag only leaves the double-escaped state.
    pub fn swallows(&mut self, bytes: &[u8], open: usize) -> bool {
        while self.at < open {
            let rest = &bytes[self.at..open];
            if !self.comment {
                let Some(n) = memmem::find(rest, b"<!--") else { break };
                self.comment = true;
                // The dashes of `<!-->` open and close at once.
                self.at += n + 2;
                continue;
            }
            let Some(n) = rest.iter().position(|&b| b == b'<' || b == b'-') else { break };
            let rest = &rest[n..];
            if rest.starts_with(b"-->") {
                (self.comment, self.double) = (false, false);
                self.at += n + 3;
            } else {
                let nested = rest.len() > 7
                    && rest[..7].eq_ignore_ascii_case(b"<script")
                    && (is_space(rest[7]) || rest[7] == b'>' || rest[7] == b'/');
                self.double |= nested;
                self.at += n + 1;
            }
        }
        self.at = self.at.max(open);
        std::mem::take(&mut self.double)
    }
}

/// Where the next end tag of `name` begins.
pub fn end_tag_of(bytes: &[u8], mut from: usize, name: Name) -> Option<usize> {
    let name = name.as_str().as_bytes();
    loop {
        let open = from + memmem::find(&bytes[from..], b"</")?;
        let after = open + 2 + name.len();
        let named = bytes.get(open + 2..after).is_some_and(|found| found.eq_ignore_ascii_case(name));
        if named && bytes.get(after).is_none_or(|&b| is_space(b) || b == b'/' || b == b'>') {
            return Some(open);
        }
        from = open + 2;
    }
}

/// True for a style that takes the element off the page.
pub fn hides(style: &[u8]) -> bool {
    let value_is = |property: &[u8], value: &[u8]| {
        let mut from = 0;
        while let Some(n) = style[from..].windows(property.len()).position(|found| found.eq_ignore_ascii_case(property)) {
            let rest = style[from + n + property.len()..].trim_ascii_start();
            let rest = rest.strip_prefix(b":").map(<[u8]>::trim_ascii_start);
            if rest.is_some_and(|rest| rest.len() >= value.len() && rest[..value.len()].eq_ignore_ascii_case(value)) {
                return true;
            }
            from += n + property.len();
        }
        false
    };
    value_is(b"display", b"none") || value_is(b"visibility", b"hidden")
}
