//! Dates as pages write them, in the form of RFC 3339: `2024-05-01`, or `2024-05-01T10:00:00+02:00` where the hour and its offset are said too.
//!
//! Only what can be read in one way is read: ISO 8601 and other forms with the year first, RFC 2822, and English words for the month. `01/05/2024` is the first of May or the fifth of January, and so is none.

/// Years outside are typing errors, and what clocks say that were never set.
const YEARS: std::ops::RangeInclusive<u32> = 1990..=2100;
/// A text that is longer than this, in bytes, is no date.
const MAX_BYTES: usize = 80;

const MONTHS: [&str; 12] =
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// A day of the calendar.
#[derive(Clone, Copy)]
struct Date {
    year: u32,
    month: u32,
    day: u32,
}

impl Date {
    /// The date if there is such a day.
    fn new(year: u32, month: u32, day: u32) -> Option<Self> {
        let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            2 => 28 + u32::from(is_leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        (YEARS.contains(&year) && (1..=days).contains(&day)).then_some(Self { year, month, day })
    }

    /// The date, and its time where that is whole.
    fn with(self, time: Option<String>) -> String {
        let Self { year, month, day } = self;
        format!("{year:04}-{month:02}-{day:02}{}", time.map_or_else(String::new, |time| format!("T{time}")))
    }
}

/// The date in the form of RFC 3339. A time without its offset is left out, because that form has none; so are fractions of seconds.
pub fn normal(text: &str) -> Option<String> {
    let text = text.trim();
    if MAX_BYTES < text.len() || !text.is_ascii() {
        return None;
    }
    year_first(text).or_else(|| in_words(text))
}

/// `2024-05-01`, `2024/5/1`, `2024.05.01`, `20240501`, alone or before a time.
fn year_first(text: &str) -> Option<String> {
    let (digits, rest) = digits(text);
    let (date, rest) = match digits.len() {
        8 => (Date::new(digits[..4].parse().ok()?, digits[4..6].parse().ok()?, digits[6..].parse().ok()?)?, rest),
        4 => {
            let mark = rest.chars().next().filter(|mark| matches!(mark, '-' | '/' | '.'))?;
            let (month, rest) = number(rest.strip_prefix(mark)?)?;
            let (day, rest) = number(rest.strip_prefix(mark)?)?;
            (Date::new(digits.parse().ok()?, month, day)?, rest)
        }
        _ => return None,
    };
    match rest.chars().next() {
        None => Some(date.with(None)),
        Some('T' | 't' | ' ' | ',') => {
            let rest = rest[1..].trim_start();
            rest.starts_with(|c: char| c.is_ascii_digit()).then(|| date.with(time(rest)))
        }
        Some('Z' | 'z' | '+') => Some(date.with(None)),
        Some(_) => None,
    }
}

/// `Wed, 01 May 2024 10:00:00 +0200`, `May 1st, 2024`, `1 May 2024`, `Wed May 01 2024 10:00:00 GMT+0200 (CEST)`.
fn in_words(text: &str) -> Option<String> {
    let (mut day, mut month, mut year, mut clock) = (None, None, None, None);
    let is_break = |c: char| c.is_ascii_whitespace() || c == ',';
    let mut at = 0;
    for word in text.split(is_break) {
        let here = at;
        at += word.len() + 1;
        let lower = word.trim_end_matches('.').to_ascii_lowercase();
        let lower = lower.as_str();
        if clock.is_none() && word.contains(':') {
            clock = Some(&text[here..]);
        }
        let is_told = day.is_some() && month.is_some() && year.is_some();
        // What follows the clock is its offset, and in the oldest form the year.
        let is_year = lower.len() == 4 && lower.bytes().all(|b| b.is_ascii_digit());
        if lower.is_empty() || is_told || lower == "at" || clock.is_some() && !is_year || WEEKDAYS.iter().any(|name| shortens(lower, name))
        {
            continue;
        }
        if let Some(index) = MONTHS.iter().position(|name| shortens(lower, name)) {
            // The month stands before the year.
            if month.is_some() || year.is_some() {
                return None;
            }
            month = Some(index as u32 + 1);
        } else if is_year && day.is_some() && month.is_some() {
            year = lower.parse().ok();
        } else if day.is_none() && year.is_none() {
            let (digits, ordinal) = digits(lower);
            if !matches!(digits.len(), 1 | 2) || !matches!(ordinal, "" | "st" | "nd" | "rd" | "th") {
                return None;
            }
            day = digits.parse().ok();
        } else {
            return None;
        }
    }
    Some(Date::new(year?, month?, day?)?.with(clock.and_then(time)))
}

/// True for a name, or for three letters of it or more.
fn shortens(word: &str, name: &str) -> bool {
    3 <= word.len() && name.starts_with(word)
}

/// The digits at the start, and what follows.
fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(text.len()))
}

/// A number of one or two digits at the start, and what follows.
fn number(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = digits(text);
    if !matches!(digits.len(), 1 | 2) {
        return None;
    }
    Some((digits.parse().ok()?, rest))
}

/// `10:00`, `10:00:30.5` or `100030` with its offset, as RFC 3339 writes them.
fn time(text: &str) -> Option<String> {
    let (run, after) = digits(text);
    let (hour, minute, second, rest) = if run.len() == 6 {
        (run[..2].parse().ok()?, run[2..4].parse().ok()?, run[4..].parse().ok()?, after)
    } else {
        let (hour, rest) = number(text)?;
        let (minute, rest) = number(rest.strip_prefix(':')?)?;
        let (second, rest) = rest.strip_prefix(':').and_then(number).unwrap_or((0, rest));
        (hour, minute, second, rest)
    };
    let rest = rest.strip_prefix(['.', ',']).map_or(rest, |fraction| digits(fraction).1);
    let offset = offset(rest.trim_start())?;
    // A leap second is written as the one before it: many readers refuse it.
    (hour < 24 && minute < 60 && second <= 60).then(|| format!("{hour:02}:{minute:02}:{:02}{offset}", second.min(59)))
}

/// `Z`, `GMT`, `+02:00`, `+0200`, `+02` or `GMT+0200`.
fn offset(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    let named = ["UTC", "GMT", "Z"].iter().find_map(|name| upper.strip_prefix(name));
    let rest = named.unwrap_or(&upper);
    let Some(sign @ ('+' | '-')) = rest.chars().next() else {
        let is_over = rest.chars().next().is_none_or(|c| !c.is_ascii_alphanumeric());
        return (named.is_some() && is_over).then(|| "Z".to_owned());
    };
    let (run, after) = digits(&rest[1..]);
    let (hours, minutes) = match run.len() {
        4 => (run[..2].parse().ok()?, run[2..].parse().ok()?),
        2 => (run.parse().ok()?, after.strip_prefix(':').and_then(number).map_or(0, |(minutes, _)| minutes)),
        _ => return None,
    };
    let (hours, minutes): (u32, u32) = (hours, minutes);
    if 14 < hours || 59 < minutes {
        return None;
    }
    Some(if hours + minutes == 0 { "Z".to_owned() } else { format!("{sign}{hours:02}:{minutes:02}") })
}
