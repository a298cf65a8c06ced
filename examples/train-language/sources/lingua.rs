//! Text drawn from the n-gram models of the crate `lingua` (<https://github.com/pemistahl/lingua-rs>): the probabilities of a
//! character after up to four others of its word, for 75 languages.
//!
//! Products of the conditional probabilities are shares of n-grams, joint(w). What begins a word is what follows no character:
//! start(w) = joint(w) - sum over c of joint(cw); and what is left of an n-gram after all that go on ends a word. A word is
//! drawn by start(w) up to four characters, then by the four before. Lines are of words drawn one by one: their order says
//! nothing, their parts and their ends do.

use fst::{Map, Streamer};
use gristmill::text::hash::hash64_seeded;
use gristmill::{Error, Result};

/// The text that is drawn of each language, in bytes. The models would give more without end.
pub const BYTES_PER_LANGUAGE: usize = 2_500_000;
/// Words of a line at most; a line of few words is likelier than one of many.
const MOST_WORDS: f64 = 24.0;
/// Characters of a word at most: 5-grams know of no more than five, and would go on in circles.
const MOST_CHARACTERS: usize = 30;
/// The longest n-grams of the models.
const ORDERS: usize = 5;
/// Bits of a character in a key.
const BITS: u32 = 21;
const ALL: u128 = (1 << (BITS * ORDERS as u32)) - 1;
const SEED: u64 = 75;

/// Languages of which the models know letters alone: vowel signs, viramas and tones are gone, and words end where they stood. What
/// is drawn does not look like the language, only like its letters.
pub const WITHOUT_MARKS: [&str; 9] = ["bn", "gu", "hi", "mr", "pa", "ta", "te", "th", "yo"];

/// Names of languages as the crates have them, and our tags. The model of Chinese has traditional characters and no simplified
/// ones, and it has, like those of Japanese and Korean, words of one character only.
const NAMES: &str = "
    afrikaans=af albanian=sq arabic=ar armenian=hy azerbaijani=az basque=eu belarusian=be bengali=bn bokmal=nb bosnian=bs bulgarian=bg catalan=ca
    chinese=zh-Hant croatian=hr czech=cs danish=da dutch=nl english=en esperanto=eo estonian=et finnish=fi french=fr ganda=lg georgian=ka german=de
    greek=el gujarati=gu hebrew=he hindi=hi hungarian=hu icelandic=is indonesian=id irish=ga italian=it japanese=ja kazakh=kk korean=ko latin=la
    latvian=lv lithuanian=lt macedonian=mk malay=ms maori=mi marathi=mr mongolian=mn nynorsk=nn persian=fa polish=pl portuguese=pt punjabi=pa
    romanian=ro russian=ru serbian=sr shona=sn slovak=sk slovene=sl somali=so sotho=st spanish=es swahili=sw swedish=sv tagalog=tl tamil=ta telugu=te
    thai=th tsonga=ts tswana=tn turkish=tr ukrainian=uk urdu=ur vietnamese=vi welsh=cy xhosa=xh yoruba=yo zulu=zu";

/// The tag of a folder `lingua-NAME-language-model`; `None` for any other.
pub fn tag_of(folder: &str) -> Option<&'static str> {
    let name = folder.strip_prefix("lingua-")?.strip_suffix("-language-model")?;
    NAMES.split_whitespace().find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// The n-grams of a language by length, each list in order of its keys.
pub struct Table {
    orders: [Order; ORDERS],
    /// N-grams that no n-gram goes before, which a sound model does not have.
    pub n_orphans: usize,
}

/// N-grams of one length, in parallel lists.
#[derive(Default)]
struct Order {
    /// Characters, the first in the highest bits, so that keys stand in the order of texts and those that begin alike stand together.
    keys: Vec<u128>,
    joint: Vec<f64>,
    start: Vec<f64>,
    /// What is before this n-gram in all: of start(w) up to four characters, of joint(w) for five. One longer than the lists.
    before: Vec<f64>,
    /// Where those begin in the next order that go on from this one. One longer than the lists.
    children: Vec<u32>,
    /// For five characters, where the last four stand; `u32::MAX` for nowhere.
    suffixes: Vec<u32>,
}

impl Table {
    /// Reads `ngrams.fst`: bits of the logarithm of a conditional probability (f64) by n-gram.
    pub fn from_model(bytes: Vec<u8>) -> Result<Self> {
        let model = Map::new(bytes).map_err(|error| Error::new("it is no map of n-grams").because(error))?;
        let mut stream = model.stream();
        let mut grams = Builder::default();
        while let Some((gram, value)) = stream.next() {
            grams.push(gram, f64::from_bits(value).exp());
        }
        Ok(grams.finish())
    }

    /// About so many bytes of lines, and never more; the same for the same language. Nothing, if no n-gram begins a word.
    pub fn sample(&self, language: &str, n_bytes: usize) -> Vec<String> {
        let mut draws = Draws(hash64_seeded(language.as_bytes(), SEED));
        let (mut lines, mut n) = (Vec::new(), 0);
        let mut line = String::new();
        loop {
            let n_words = 1 + (draws.share() * draws.share() * MOST_WORDS) as usize;
            for _ in 0..n_words {
                if !line.is_empty() {
                    line.push(' ');
                }
                self.word(&mut draws, &mut line);
            }
            n += line.len() + 1;
            if line.trim().is_empty() || n_bytes < n {
                return lines;
            }
            lines.push(line.as_str().to_owned());
            line.clear();
        }
    }

    /// Writes one word.
    fn word(&self, draws: &mut Draws, word: &mut String) {
        let first = &self.orders[0];
        let total = first.before.last().copied().unwrap_or(0.0);
        let Some(mut at) = first.pick(0..first.keys.len(), draws.share() * total) else { return };
        first.write(at, word);
        for length in 1..MOST_CHARACTERS {
            // Up to three characters so far, counted from the start of the word; then any four.
            let order = &self.orders[length.min(ORDERS - 1) - 1];
            let next = &self.orders[length.min(ORDERS - 1)];
            let total = if length < ORDERS - 1 { order.start[at] } else { order.joint[at] };
            let children = order.children[at] as usize..order.children[at + 1] as usize;
            let Some(child) = next.pick(children, draws.share() * total) else { return };
            next.write(child, word);
            at = if length < ORDERS - 1 { child } else { next.suffixes[child] as usize };
            if at == u32::MAX as usize {
                return;
            }
        }
    }
}

impl Order {
    /// Which of these n-grams a draw in 0..total falls on; `None` behind the last of them, where the word ends.
    fn pick(&self, range: std::ops::Range<usize>, draw: f64) -> Option<usize> {
        let sums = self.before.get(range.start + 1..=range.end)?;
        let at = range.start + sums.partition_point(|sum| *sum - self.before[range.start] <= draw);
        (at < range.end).then_some(at)
    }

    /// Writes the last character of an n-gram.
    fn write(&self, at: usize, word: &mut String) {
        let key = self.keys[at];
        let shift = key.trailing_zeros() / BITS * BITS;
        word.extend(char::from_u32((key >> shift) as u32 & ((1 << BITS) - 1)));
    }
}

/// N-grams in the order of their texts, each behind what it begins with.
#[derive(Default)]
struct Builder {
    orders: [Order; ORDERS],
    n_orphans: usize,
}

impl Builder {
    fn push(&mut self, gram: &[u8], conditional: f64) {
        let Some((key, length)) = key_of(gram) else {
            self.n_orphans += 1;
            return;
        };
        let joint = match length {
            1 => conditional,
            _ => {
                let order = &self.orders[length - 2];
                let parent = order.keys.last().zip(order.joint.last()).filter(|(parent, _)| **parent == prefix(key, length - 1));
                let Some((_, joint)) = parent else {
                    self.n_orphans += 1;
                    return;
                };
                joint * conditional
            }
        };
        self.orders[length - 1].keys.push(key);
        self.orders[length - 1].joint.push(joint);
    }

    fn finish(mut self) -> Table {
        let least = self.orders.iter().flat_map(|order| &order.joint).copied().fold(1.0, f64::min);
        for length in 1..=ORDERS {
            let (shorter, longer) = self.orders.split_at_mut(length);
            let order = &mut shorter[length - 1];
            order.start = order.joint.clone();
            if let Some(next) = longer.first_mut() {
                order.children = children(&order.keys, &next.keys, length);
                for (key, joint) in next.keys.iter().zip(&next.joint) {
                    let suffix = order.keys.binary_search(&((key << BITS) & ALL)).ok();
                    next.suffixes.push(suffix.map_or(u32::MAX, |at| at as u32));
                    if let Some(at) = suffix {
                        order.start[at] -= joint;
                    }
                }
            }
            // What is left of rounding is less than half of the rarest n-gram.
            order.start.iter_mut().filter(|start| **start < least / 2.0).for_each(|start| *start = 0.0);
            let weights = if length < ORDERS { &order.start } else { &order.joint };
            let mut sum = 0.0;
            order.before = std::iter::once(0.0)
                .chain(weights.iter().map(|weight| {
                    sum += weight;
                    sum
                }))
                .collect();
        }
        Table { orders: self.orders, n_orphans: self.n_orphans }
    }
}

/// Where those of the longer keys begin that begin with each of the shorter ones. Both lists are in order, and every longer key has its shorter one.
fn children(shorter: &[u128], longer: &[u128], length: usize) -> Vec<u32> {
    let mut begins = Vec::with_capacity(shorter.len() + 1);
    let mut at = 0;
    for key in shorter {
        begins.push(at as u32);
        at += longer[at..].iter().take_while(|child| prefix(**child, length) == *key).count();
    }
    begins.push(at as u32);
    begins
}

/// The first characters of a key.
fn prefix(key: u128, length: usize) -> u128 {
    key & !(ALL >> (BITS * length as u32))
}

/// Key and number of characters of an n-gram; `None` if it is too long, empty or no UTF-8.
fn key_of(gram: &[u8]) -> Option<(u128, usize)> {
    let (mut key, mut length) = (0, 0);
    for c in str::from_utf8(gram).ok()?.chars() {
        length += 1;
        if ORDERS < length || c == '\0' {
            return None;
        }
        key |= u128::from(u32::from(c)) << (BITS * (ORDERS - length) as u32);
    }
    (0 < length).then_some((key, length))
}

/// Numbers by splitmix64 (Steele, Lea and Flood 2014).
struct Draws(u64);

impl Draws {
    /// In 0..1.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((x ^ (x >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// The model of these words, each as often as it stands here.
    fn table(words: &[&str]) -> Table {
        let mut counts: BTreeMap<String, f64> = BTreeMap::new();
        let mut n_characters = 0.0;
        for word in words {
            let characters: Vec<char> = word.chars().collect();
            n_characters += characters.len() as f64;
            for length in 1..=ORDERS {
                characters.windows(length).for_each(|gram| *counts.entry(gram.iter().collect()).or_default() += 1.0);
            }
        }
        let mut builder = Builder::default();
        for (gram, n) in &counts {
            let parent: String = gram.chars().take(gram.chars().count() - 1).collect();
            builder.push(gram.as_bytes(), n / counts.get(&parent).copied().unwrap_or(n_characters));
        }
        builder.finish()
    }

    #[test]
    fn words_come_back_with_their_ends_and_shares() {
        let words = ["kuća", "kuća", "kuća", "more", "a", "ljubičasta"];
        let table = table(&words);
        let lines = table.sample("hr", 100_000);
        let drawn: Vec<&str> = lines.iter().flat_map(|line| line.split(' ')).collect();
        assert_eq!(drawn.iter().copied().collect::<BTreeSet<_>>(), words.iter().copied().collect());
        let share = drawn.iter().filter(|word| **word == "kuća").count() as f64 / drawn.len() as f64;
        assert!((0.48..0.52).contains(&share), "{share}");
        assert!(lines.iter().all(|line| line.split(' ').count() <= 24));
        assert_eq!(table.n_orphans, 0);
    }

    #[test]
    fn the_same_language_gives_the_same_lines() {
        let table = table(&["uno", "due", "tre", "quattro", "cinque"]);
        let lines = table.sample("it", 10_000);
        assert_eq!(lines, table.sample("it", 10_000));
        assert_ne!(lines, table.sample("la", 10_000));
        let n: usize = lines.iter().map(|line| line.len() + 1).sum();
        assert!((9_500..=10_000).contains(&n), "{n}");
    }

    #[test]
    fn odd_models_do_no_harm() {
        assert!(table(&[]).sample("it", 1000).is_empty());
        let mut builder = Builder::default();
        for gram in [&b"b"[..], b"ab", b"\xFF", b"abcdef", b""] {
            builder.push(gram, 0.5);
        }
        let table = builder.finish();
        assert_eq!(table.n_orphans, 4);
        table.sample("it", 1000);
        assert!(Table::from_model(b"no model".to_vec()).is_err());
    }

    #[test]
    fn names_have_tags() {
        assert_eq!(tag_of("lingua-nynorsk-language-model"), Some("nn"));
        assert_eq!(tag_of("lingua"), None);
        assert_eq!(NAMES.split_whitespace().count(), 75);
    }
}
