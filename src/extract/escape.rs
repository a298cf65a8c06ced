//! Text as Markdown takes it: what would be read as markup is escaped, and nothing else. Ordinary prose comes out as it went in.

/// A paragraph; line ends in it are hard ones.
pub fn paragraph(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let inline = Inline::of(text);
    let mut out = String::with_capacity(text.len() + 16);
    for (index, line) in lines.iter().enumerate() {
        if index != 0 {
            out.push_str("\\\n");
        }
        let at = out.len();
        inline.push(line, false, &mut out);
        if let Some(mark) = line_start(line, index != 0)
            && !out[at..].starts_with('\\')
        {
            out.insert(at + mark, '\\');
        }
    }
    out
}

/// A heading, on one line.
pub fn heading(text: &str) -> String {
    let text = text.replace('\n', " ");
    let mut out = String::new();
    Inline::of(&text).push(&text, false, &mut out);
    // A run of `#` at the end would be taken for the closing one.
    let hashes = out.len() - out.trim_end_matches('#').len();
    let before = &out[..out.len() - hashes];
    if 0 < hashes && (before.is_empty() || before.ends_with(' ')) {
        out.insert(before.len(), '\\');
    }
    out
}

/// What stands in a cell of a table, on one line.
pub fn cell(text: &str) -> String {
    let text = text.replace(['\n', '\t'], " ");
    let mut out = String::new();
    Inline::of(&text).push(&text, true, &mut out);
    out
}

/// Code between fences that are longer than any run of backticks in it.
pub fn fenced(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}\n{text}\n{fence}")
}

/// Where in a line a backslash goes so that the line begins no heading, list, quote, rule or code; `is_later` for lines that follow one, which may also underline it.
fn line_start(line: &str, is_later: bool) -> Option<usize> {
    let ends = |rest: &str| rest.is_empty() || rest.starts_with(' ');
    let after = |mark: char| line.trim_start_matches(mark);
    let first = line.chars().next()?;
    let is_mark = match first {
        '>' => true,
        '#' => line.len() - after('#').len() <= 6 && ends(after('#')),
        // A colon begins a definition in other dialects, as it does here.
        '+' | ':' => ends(&line[1..]),
        '-' | '*' | '_' => {
            let is_rule = 3 <= line.matches(first).count() && line.chars().all(|c| c == first || c == ' ');
            is_rule || first != '_' && ends(&line[1..])
        }
        '~' => line.starts_with("~~~"),
        '=' => is_later && after('=').trim_end().is_empty(),
        '0'..='9' => {
            let digits = line.bytes().take_while(u8::is_ascii_digit).count();
            let is_item = digits <= 9 && line[digits..].starts_with(['.', ')']) && ends(&line[digits + 1..]);
            return is_item.then_some(digits);
        }
        _ => false,
    };
    // What underlines a heading, or the header of a table.
    let is_ruled = is_later && line.contains('-') && line.chars().all(|c| matches!(c, '-' | '|' | ':' | ' '));
    (is_mark || is_ruled).then_some(0)
}

/// What can be markup inside a line.
const MARKS: &[u8] = b"\\`*_~[<&|";

/// Which characters of a text can be markup at all: one star opens nothing where no other closes.
struct Inline {
    stars: bool,
    lines: bool,
    ticks: bool,
    links: bool,
}

impl Inline {
    fn of(text: &str) -> Self {
        let has_two = text.matches('`').nth(1).is_some();
        Self { stars: pairs(text, '*'), lines: pairs(text, '_'), ticks: has_two, links: text.contains("](") || text.contains("]:") }
    }

    /// Appends one line of the text.
    fn push(&self, line: &str, in_cell: bool, out: &mut String) {
        let bytes = line.as_bytes();
        let (mut from, mut at) = (0, 0);
        while let Some(n) = bytes[at..].iter().position(|byte| MARKS.contains(byte)) {
            at += n;
            let mark = bytes[at];
            // All of a run is treated alike.
            let run = bytes[at..].iter().take_while(|&&byte| byte == mark).count();
            let (before, after) = (line[..at].chars().next_back(), line[at + run..].chars().next());
            let stands_free = is_space(before) && is_space(after);
            let is_markup = match mark {
                b'\\' => 1 < run || after.is_none_or(|c| c.is_ascii_punctuation()),
                b'`' => self.ticks,
                b'*' => self.stars && !stands_free,
                b'_' => self.lines && !stands_free && !is_inside_word(before, after),
                b'~' => 1 < run && !stands_free,
                b'[' => self.links,
                b'<' => after.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')),
                b'&' => is_reference(&line[at + run..]),
                _ => in_cell,
            };
            if is_markup {
                out.push_str(&line[from..at]);
                (0..run).for_each(|_| out.extend(['\\', char::from(mark)]));
                from = at + run;
            }
            at += run;
        }
        out.push_str(&line[from..]);
    }
}

/// True where one of these marks has text behind it, and a later one text before it.
fn pairs(text: &str, mark: char) -> bool {
    let mut is_open = false;
    for (at, _) in text.match_indices(mark) {
        let (before, after) = (text[..at].chars().next_back(), text[at + 1..].chars().next());
        if mark == '_' && is_inside_word(before, after) {
            continue;
        }
        if is_open && !is_space(before) {
            return true;
        }
        is_open |= !is_space(after);
    }
    false
}

fn is_space(c: Option<char>) -> bool {
    c.is_none_or(char::is_whitespace)
}

fn is_inside_word(before: Option<char>, after: Option<char>) -> bool {
    before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric)
}

/// True for what follows the `&` of a character reference.
fn is_reference(rest: &str) -> bool {
    let name = rest.strip_prefix('#').unwrap_or(rest);
    let length = name.bytes().take_while(u8::is_ascii_alphanumeric).count();
    0 < length && name[length..].starts_with(';')
}
