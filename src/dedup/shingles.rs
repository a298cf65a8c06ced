//! Shingle sets and their exact similarity.

use crate::text::hash::{hash64, hash64_seeded, hash128};
use crate::text::mostly_spaceless;

use super::{Options, SPACELESS_CHARACTERS, Shingles};

/// The set of a text's shingles, each as its XXH3-64: sorted and unique. Two sets of 10,000 shingles confuse a pair with probability 10^-11:
/// similarity is exact up to that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShingleSet {
    hashes: Vec<u64>,
}

/// How alike two sets are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Shared over distinct, in 0..=1; 0 where either is empty.
    pub jaccard: f64,
    /// Shared over the smaller set, in 0..=1.
    pub containment: f64,
    pub shared: u64,
    /// Shingles in either.
    pub distinct: u64,
}

impl ShingleSet {
    /// The set of a text's [`shingles`].
    pub fn of(text: &str, options: &Options) -> Self {
        let mut hashes = shingles(text, options);
        hashes.sort_unstable();
        hashes.dedup();
        Self { hashes }
    }

    /// The set of these hashes, if they ascend.
    pub fn of_sorted(hashes: Vec<u64>) -> Option<Self> {
        hashes.is_sorted_by(|a, b| a < b).then_some(Self { hashes })
    }

    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// The hashes, ascending.
    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// Compares two sets exactly (as sets of 64-bit hashes), in time linear in their lengths.
    pub fn evidence(&self, other: &Self) -> Evidence {
        let (a, b) = (self.hashes.as_slice(), other.hashes.as_slice());
        let (mut i, mut j, mut shared) = (0, 0, 0_u64);
        while i < a.len() && j < b.len() {
            // Hashes are in random order between the sets, so that a branch here would be guessed wrong half of the time.
            let (x, y) = (a[i], b[j]);
            shared += u64::from(x == y);
            i += usize::from(x <= y);
            j += usize::from(y <= x);
        }
        Evidence::of(shared, a.len() as u64, b.len() as u64)
    }
}

impl Evidence {
    /// Of two sets of `n` and `m` shingles that share some.
    pub fn of(shared: u64, n: u64, m: u64) -> Self {
        let distinct = n + m - shared;
        if n == 0 || m == 0 {
            return Self { distinct, ..Self::default() };
        }
        Self { jaccard: shared as f64 / distinct as f64, containment: shared as f64 / n.min(m) as f64, shared, distinct }
    }
}

/// The shingles of a text, hashed, in order and as often as they come. A text with fewer words than a shingle is one shingle of all it has, and so is one of no words but
/// some signs; an empty text has none and never matches.
pub fn shingles(text: &str, options: &Options) -> Vec<u64> {
    match options.shingles {
        Shingles::Characters(n) => of_characters(text, n),
        Shingles::Words(_) if may_be_spaceless(text) && mostly_spaceless(text) => of_characters(text, SPACELESS_CHARACTERS),
        Shingles::Words(n) | Shingles::Tokens(n) => {
            let shingles = of_words(text, n);
            if shingles.is_empty() { of_characters(text, usize::MAX) } else { shingles }
        }
    }
}

/// False where no character can be of a script without spaces: all lie above U+0DFF and outside U+2000..=U+2FFF, so their first bytes are known. Reading bytes
/// spares most texts of Europe the decoding.
fn may_be_spaceless(text: &str) -> bool {
    text.as_bytes().chunks(4096).any(|bytes| bytes.iter().fold(false, |any, &byte| any | (0xE0 <= byte && byte != 0xE2)))
}

/// The hash under which texts are exact duplicates: of the text in lower case with white space folded.
pub fn exact_hash(text: &str) -> u128 {
    hash128(&fold(text, &SPACES, char::is_whitespace).0)
}

/// The text in lower case with each run of white space as one space and none at the ends.
pub fn folded(text: &str) -> String {
    String::from_utf8(fold(text, &SPACES, char::is_whitespace).0).expect("whole characters were folded to whole characters")
}

/// Shingles of `n` lower-cased words joined by one space.
fn of_words(text: &str, n: usize) -> Vec<u64> {
    let (folded, ends) = fold(text, &NO_WORD, |c| !c.is_alphanumeric());
    let n = n.min(ends.len());
    if n == 0 {
        return Vec::new();
    }
    let mut start = 0;
    let shingle = |(first, &end): (usize, &usize)| {
        let hash = hash64(&folded[start..end]);
        // The next shingle starts after the first word of this one.
        start = ends[first] + 1;
        hash
    };
    ends[n - 1..].iter().enumerate().map(shingle).collect()
}

/// What a byte becomes: itself in lower case, a space where it separates, [`WIDE`] where a longer character starts or goes on.
type Folding = [u8; 256];
const WIDE: u8 = 0xFF;
/// White space separates; ASCII as `char::is_whitespace` has it.
const SPACES: Folding = folding(false);
/// All but letters, digits and `_` separates, as in `text::words`.
const NO_WORD: Folding = folding(true);

const fn folding(words: bool) -> Folding {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    loop {
        let separates = if words { !(byte.is_ascii_alphanumeric() || byte == b'_') } else { matches!(byte, b'\t'..=b'\r' | b' ') };
        table[byte as usize] = match byte {
            0x80.. => WIDE,
            _ if separates => b' ',
            _ => byte.to_ascii_lowercase(),
        };
        if byte == u8::MAX {
            break table;
        }
        byte += 1;
    }
}

/// A text in lower case with each run of separators as one space and none at the ends, in UTF-8, and where each piece between them ends.
/// ASCII takes one pass without a branch that depends on the text: the ends of words come at no rhythm that a processor could guess.
fn fold(text: &str, table: &Folding, separates: impl Fn(char) -> bool) -> (Vec<u8>, Vec<usize>) {
    let bytes = text.as_bytes();
    // Room for what is to come, a last separator, and one byte that may be written and not kept.
    let mut folded = vec![0; bytes.len() + 2];
    let mut ends = vec![0; bytes.len() / 2 + 1];
    let (mut at, mut length, mut n_ends) = (0, 0, 0);
    // A piece is open: its end is not yet known.
    let mut open = false;
    while at < bytes.len() {
        let mut byte = table[usize::from(bytes[at])];
        if byte == WIDE {
            let wide = text[at..].chars().next().expect("the text is not at its end");
            at += wide.len_utf8() - 1;
            if separates(wide) {
                byte = b' ';
            } else {
                for lower in wide.to_lowercase() {
                    // A capital may be shorter than its small letter.
                    let rest = length + lower.len_utf8() + bytes.len() - at + 2;
                    if folded.len() < rest {
                        folded.resize(rest, 0);
                    }
                    length += lower.encode_utf8(&mut folded[length..]).len();
                }
                (open, at) = (true, at + 1);
                continue;
            }
        }
        let separator = byte == b' ';
        let closes = separator & open;
        ends[n_ends] = length;
        n_ends += usize::from(closes);
        folded[length] = byte;
        length += usize::from(closes | !separator);
        (open, at) = (!separator, at + 1);
    }
    if open {
        ends[n_ends] = length;
        n_ends += 1;
    } else {
        length = length.saturating_sub(1);
    }
    folded.truncate(length);
    ends.truncate(n_ends);
    (folded, ends)
}

fn of_characters(text: &str, n: usize) -> Vec<u64> {
    let folded = fold(text, &SPACES, char::is_whitespace).0;
    // Where a character starts: at every byte that does not go on.
    let starts: Vec<usize> = (0..=folded.len()).filter(|&at| folded.get(at).is_none_or(|byte| byte & 0xC0 != 0x80)).collect();
    let n_characters = starts.len() - 1;
    if n_characters == 0 {
        return Vec::new();
    }
    let n = n.min(n_characters);
    // A seed of their own keeps character shingles apart from word shingles of the same bytes.
    (0..=n_characters - n).map(|at| hash64_seeded(&folded[starts[at]..starts[at + n]], 1)).collect()
}

#[cfg(test)]
mod tests;
