//! Hard-wrapped lines become paragraphs again: one paragraph, one line. What was not wrapped (verse, tables, headings) keeps its lines.

use std::fmt::Write;

/// A book is taken to be wrapped at this many characters at least; narrower ones are verse, whose lines are no wrapping.
const MIN_WIDTH: usize = 60;
/// A break counts as wrapping when the next word would have ended within this many characters of the width, or beyond it.
const SLACK: usize = 10;

/// Joins the lines of each block (lines between blank lines) that was wrapped. A joined paragraph is one line; a block that keeps its lines has a blank
/// line on each side. Spaces at line ends go; the indentation of kept lines stays.
///
/// A block was wrapped when at least half of its breaks had to be where they are: the next word did not fit into the width, which is the 90th
/// percentile of the book's line lengths. A block whose lines nearly all begin with a capital is verse all the same, and a line that is indented
/// by two spaces or more starts anew, unless the whole block is (a long quotation).
pub(super) fn join(text: &str) -> String {
    let width = width(text);
    let mut joined = String::with_capacity(text.len());
    let mut was_lines = false;
    let mut block = Vec::new();
    for line in text.split('\n').chain(std::iter::once("")) {
        let line = line.trim_end();
        if !line.is_empty() {
            block.push(line);
            continue;
        }
        if block.is_empty() {
            continue;
        }
        let is_prose = block.len() == 1 || is_wrapped(&block, width);
        if !joined.is_empty() {
            joined.push_str(if is_prose && !was_lines { "\n" } else { "\n\n" });
        }
        if is_prose {
            write_prose(&block, &mut joined);
        } else {
            joined.push_str(&block.join("\n"));
        }
        was_lines = !is_prose;
        block.clear();
    }
    joined
}

/// The 90th percentile of the lengths of lines that hold something, in characters, and at least [`MIN_WIDTH`].
fn width(text: &str) -> usize {
    // Longer lines are not wrapped at all; one bucket holds them.
    const LONGEST: usize = 200;
    let mut n_lines_of = [0_usize; LONGEST + 1];
    let mut n_lines = 0;
    for line in text.split('\n').map(str::trim_end).filter(|line| !line.is_empty()) {
        n_lines_of[length(line).min(LONGEST)] += 1;
        n_lines += 1;
    }
    let mut below = 0;
    let percentile = n_lines_of.iter().position(|n| {
        below += n;
        n_lines * 9 <= below * 10
    });
    percentile.unwrap_or(0).max(MIN_WIDTH)
}

fn is_wrapped(block: &[&str], width: usize) -> bool {
    let n_breaks = block.len() - 1;
    let margin = block.iter().map(|line| indent(line)).min().unwrap_or(0);
    let n_forced = block
        .windows(2)
        .filter(|pair| {
            let next_word = pair[1].split_whitespace().next().unwrap_or_default();
            // A block quotation is narrowed on the right as it is on the left.
            width <= length(pair[0]) + 1 + length(next_word) + SLACK + margin
        })
        .count();
    let n_capital = block[1..].iter().filter(|line| line.chars().find(|c| c.is_alphanumeric()).is_some_and(char::is_uppercase)).count();
    let is_verse = 2 <= n_breaks && 4 * n_breaks <= 5 * n_capital;
    !is_verse && n_breaks <= 2 * n_forced
}

fn write_prose(block: &[&str], joined: &mut String) {
    let margin = block[1..].iter().map(|line| indent(line)).min().unwrap_or(0);
    joined.push_str(block[0].trim_start());
    for line in &block[1..] {
        let glue = match () {
            () if margin + 2 <= indent(line) => "\n",
            // Compounds and dashes are broken behind their hyphen, without a space: "well-" "known".
            () if joined.ends_with('-') => "",
            () => " ",
        };
        write!(joined, "{glue}{}", line.trim_start()).expect("writing to a string succeeds");
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn length(line: &str) -> usize {
    line.chars().count()
}
