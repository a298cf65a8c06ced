//! A bounded part of a text that stands for all of it: running text from all over it, rather than menus, tables and code.

use crate::language::scripts::count;
use crate::text::boundary;

/// Most bytes of a sample, beside the ends of its lines. Raising it costs time in proportion.
pub const MOST_BYTES: usize = 1024;

/// Places that are looked at, evenly spread from the start to the end, and bytes that are looked at in each.
const PLACES: usize = 8;
const PLACE_BYTES: usize = 512;

/// A line of prose has so many bytes at least, and letters and spaces are so much of them. Items of menus are shorter, code and tables have more signs and digits.
const PROSE_BYTES: usize = 60;
const PROSE_SHARE: f64 = 0.9;

/// Lines of prose decide alone where they have so many bytes together.
const ENOUGH_BYTES: usize = 240;

/// Least bytes that are taken of a line that is cut: some words.
const LEAST_PIECE: usize = 64;

/// The sample of a text: lines of it, long ones cut between words or characters.
pub fn sample(text: &str) -> String {
    let lines: Vec<&str> = places(text).flat_map(|place| place.split('\n')).collect();
    let prose: Vec<&str> = lines.iter().copied().filter(|line| is_prose(line)).collect();
    if ENOUGH_BYTES <= bytes_of(&prose) {
        return joined(&prose);
    }
    // Where there is much beside it, running text may lie between the places.
    let prose: Vec<&str> =
        if text.len() <= PLACES * PLACE_BYTES { Vec::new() } else { text.split('\n').filter(|line| is_prose(line)).collect() };
    if ENOUGH_BYTES <= bytes_of(&prose) { joined(&prose) } else { joined(&lines) }
}

fn bytes_of(lines: &[&str]) -> usize {
    lines.iter().map(|line| line.len()).sum()
}

/// As many of the lines as are wanted, evenly from all of them, or where they are long a piece of each.
fn joined(lines: &[&str]) -> String {
    let all = bytes_of(lines) as u64;
    let share = |bytes: usize| if all <= MOST_BYTES as u64 { bytes } else { (bytes as u64 * MOST_BYTES as u64 / all) as usize };
    let mut sample = String::with_capacity(MOST_BYTES.min(all as usize) + lines.len().min(MOST_BYTES));
    let (mut seen, mut taken) = (0, 0);
    for line in lines {
        if taken <= share(seen) && taken < MOST_BYTES {
            let piece = start(line, share(line.len()).max(LEAST_PIECE).min(MOST_BYTES - taken));
            sample.push_str(piece);
            sample.push('\n');
            taken += piece.len();
        }
        seen += line.len();
    }
    sample
}

/// The start of a line, of at most so many bytes: to its last space, unless that leaves less than half.
fn start(line: &str, bytes: usize) -> &str {
    if line.len() <= bytes {
        return line;
    }
    let start = &line[..boundary(line, bytes)];
    start.rfind(' ').filter(|space| bytes / 2 <= *space).map_or(start, |space| &start[..space])
}

/// Parts of the text, in order and apart; all of it where it is short.
fn places(text: &str) -> impl Iterator<Item = &str> {
    let n = if text.len() <= PLACES * PLACE_BYTES { 1 } else { PLACES };
    let length = if n == 1 { text.len() } else { PLACE_BYTES };
    (0..n).map(move |place| {
        let from = ((text.len() - length) as u64 * place as u64 / (n as u64 - 1).max(1)) as usize;
        &text[boundary(text, from)..boundary(text, from + length)]
    })
}

fn is_prose(line: &str) -> bool {
    let counts = |byte: u8| byte.is_ascii_alphabetic() || byte == b' ' || !byte.is_ascii();
    PROSE_BYTES <= line.len() && PROSE_SHARE * line.len() as f64 <= count(line.as_bytes(), counts) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_bounded_and_cut_between_characters() {
        for text in ["\u{e9}".repeat(10_000), "\u{6e21}".repeat(10_001), "x\u{1f600}".repeat(9_999), "word ".repeat(900), "\n".repeat(5000)]
        {
            let sample = sample(&text);
            assert!(sample.bytes().filter(|byte| *byte != b'\n').count() <= MOST_BYTES, "{}", sample.len());
            assert!(sample.chars().all(|c| text.contains(c) || c == '\n'));
        }
    }

    #[test]
    fn a_short_text_is_its_own_sample() {
        for text in ["", "Kort", "One line of some length.\nAnd another, which is no longer than the first."] {
            assert_eq!(sample(text), format!("{text}\n"));
        }
    }

    /// Start, middle and end of a long text are in it.
    #[test]
    fn a_sample_is_from_all_over() {
        let names = ["first", "second", "third", "fourth", "last"];
        let line = |name: &str| format!("the {name} ferry could not cross before noon because the river was low that summer\n");
        let text: String = names.map(|name| line(name).repeat(40)).concat();
        let sample = sample(&text);
        assert!(names.iter().all(|name| sample.contains(name)), "{sample}");
        assert!(MOST_BYTES / 2 < sample.len(), "{}", sample.len());
    }

    /// Short lines are whole, and there are enough of them.
    #[test]
    fn a_list_of_words_keeps_its_words() {
        for (word, n) in [("word", 2000), ("\u{9996}\u{9875}", 900), ("\u{440}\u{435}\u{43a}\u{430}", 900)] {
            let text = format!("{word}\n").repeat(n);
            let sample = sample(&text);
            let whole = sample.lines().filter(|line| *line == word).count();
            assert!(sample.lines().count() <= whole + 2 * PLACES && MOST_BYTES / 2 < whole * word.len(), "{word} {whole}");
        }
    }

    #[test]
    fn running_text_is_found_among_many_other_lines() {
        let menu = "Home\nAbout us\nContact\nPrivacy policy\n".repeat(2000);
        let prose = "Der Fluss war in jenem Sommer niedrig, und die Leute warteten bis Mittag unter den Linden am Ufer.\n".repeat(4);
        let sample = sample(&format!("{menu}{prose}{menu}"));
        assert!(sample.contains("Fluss") && !sample.contains("Home"), "{sample}");
    }

    /// Menus, tables and code count only where there is nothing else.
    #[test]
    fn running_text_comes_before_menus_and_code() {
        let prose = "Der Fluss war in jenem Sommer niedrig, und die Leute warteten bis Mittag unter den Linden am Ufer.\n".repeat(4);
        let others =
            "Home\nAbout us\nContact\n".repeat(20) + &"if (x[i] <= 0x7f) { y += f(x[i], 3) * 12; } else { return -1; }\n".repeat(10);
        let text = format!("{others}{prose}");
        assert!(!sample(&text).contains("Home") && !sample(&text).contains("return"));
        assert!(sample(&others).contains("Home") && sample(&others).contains("return"));
    }
}
