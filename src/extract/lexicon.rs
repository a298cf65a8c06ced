//! What is known of words: which are stop words, and what each adds to the judge's score by its place and the length of its block.
//!
//! Each word of a page is looked up once, and most in vain.

use std::collections::HashMap;

use crate::extract::characters::{WordKey, word_key};
use crate::extract::flags::length_class;
use crate::extract::words::{ANY, Class, MOST_WORDS};

/// Frequent words of twenty languages, by which running text is told from lists of names. Words of a language without a list here simply count
/// as no stop word; scripts without any list are not judged by it.
const STOP_WORDS: &str = "the of and to a in is it that for on with as was at by be this are from or an have not but his they i you he \
    she we their its which were will has had been would can there what so if more who when about out up my your all do no one than into other some \
    could them these only then two may also any like our over such me just how \
    der die das und ist von den mit zu auf für im nicht ein eine dem des sich als auch es werden aus er hat dass sie nach wird bei einer um am sind \
    noch wie einem über einen zum war haben nur oder aber vor zur bis mehr durch man sein wurde \
    le la les de du un une en que est dans qui pour pas sur au par avec il plus ce se son ne sont aux mais nous ou cette été comme elle leur sa ses \
    être fait ont deux el los las y con para del al lo más pero sus ha si sin sobre este ya entre cuando todo esta ser dos fue había era muy años \
    hasta desde está mi porque di che e è per della non sono da gli nel alla dei anche ma delle ed nella questo su \
    os o uma não na do dos das ao mais foi pelo pela quando muito nos já eu também só até isso ela seu sua \
    het van op te dat niet zijn voor met aan om ook hij maar uit nog naar dan ze werd door wordt heeft \
    w z się nie jest że jak po tak od jego ale czy przez był dla są ich już tylko oraz \
    и в не на что с как по это из к но у за то же от о для так его все а бы мы вы они или при был до если \
    och att det som på är av till inte om ett jag var men så kan från vid og til ikke har \
    je v s jsem pak tak pro ve bir bu için ile çok daha olarak olan gibi sonra ja ei että oli hän mutta kuin niin joka ovat \
    και το να του η της που την από είναι στο ότι és hogy egy meg csak volt";

/// A map for keys that are mostly asked for in vain: a bit by the hash of each key, and most who ask go no further.
#[derive(Clone, Debug)]
struct Rare<V> {
    bits: Vec<u64>,
    map: HashMap<u64, V, Mix>,
}

impl<V> Default for Rare<V> {
    fn default() -> Self {
        Self { bits: vec![0; 1 << 10], map: HashMap::default() }
    }
}

impl<V: Default> Rare<V> {
    /// The place in `bits` and the bit there.
    fn bit(key: u64) -> (usize, u64) {
        let hash = mixed(key);
        ((hash >> 54) as usize, 1 << (hash >> 48 & 63))
    }

    fn get(&self, key: u64) -> Option<&V> {
        let (at, bit) = Self::bit(key);
        if self.bits[at] & bit == 0 { None } else { self.map.get(&key) }
    }

    fn entry(&mut self, key: u64) -> &mut V {
        let (at, bit) = Self::bit(key);
        self.bits[at] |= bit;
        self.map.entry(key).or_default()
    }
}

/// Classes from here on are not of any word of a block.
const OTHERS: usize = Class::First as usize;

/// What is known of a word.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    is_stop: bool,
    /// Its place in `Spoken::heard`, from 1; 0 where it has no weights.
    number: u32,
    /// What it adds anywhere in a block, by the block's length: the classes below `OTHERS`.
    adds: [f32; OTHERS],
}

/// All that is known of words.
#[derive(Clone, Debug)]
pub struct Lexicon {
    words: Rare<Entry>,
    n_weighted: u32,
    /// What words and signs of the other classes add, by `in_class`.
    others: Rare<f32>,
}

impl Default for Lexicon {
    /// The stop words.
    fn default() -> Self {
        let mut words: Rare<Entry> = Rare::default();
        STOP_WORDS.split_ascii_whitespace().for_each(|word| words.entry(word_key(word)).is_stop = true);
        Self { words, n_weighted: 0, others: Rare::default() }
    }
}

impl Lexicon {
    /// Sets what adds what the weights file calls a word of a class.
    pub fn set(&mut self, class: usize, word: &str, weight: f32) {
        let key = key_of(class, word);
        if OTHERS <= class {
            *self.others.entry(in_class(class, key)) = weight;
            return;
        }
        let entry = self.words.entry(key);
        if entry.number == 0 {
            self.n_weighted += 1;
            entry.number = self.n_weighted;
        }
        entry.adds[class] = weight;
    }

    fn of(&self, class: Class, key: WordKey) -> f32 {
        self.others.get(in_class(class as usize, key)).copied().unwrap_or(0.0)
    }

    /// What adds what the weights file calls a word of a class.
    pub fn of_name(&self, class: usize, word: &str) -> f32 {
        let key = key_of(class, word);
        let word = || self.words.get(key).map_or(0.0, |entry| entry.adds[class]);
        if OTHERS <= class { self.others.get(in_class(class, key)).copied().unwrap_or(0.0) } else { word() }
    }
}

/// What was heard of the block at hand.
#[derive(Clone, Debug, Default)]
pub struct Spoken {
    n_words: usize,
    /// The first words; no block of the class `Whole` has more.
    first: [WordKey; 13],
    last: WordKey,
    /// Sums over the words that have weights, each once, by length of the block.
    sums: [f32; OTHERS],
    /// For each word that has weights the last block it was heard in, by number.
    heard: Vec<u32>,
    block: u32,
}

impl Spoken {
    pub fn new(lexicon: &Lexicon) -> Self {
        Self { heard: vec![0; lexicon.n_weighted as usize + 1], ..Self::default() }
    }

    /// Begins a block.
    pub fn begin(&mut self) {
        (self.n_words, self.sums) = (0, [0.0; OTHERS]);
        self.block = self.block.wrapping_add(1);
        if self.block == 0 {
            self.heard.fill(0);
            self.block = 1;
        }
    }

    /// Takes the next word; true if it is a stop word.
    pub fn hear(&mut self, key: WordKey, lexicon: &Lexicon) -> bool {
        if let Some(first) = self.first.get_mut(self.n_words) {
            *first = key;
        }
        self.last = key;
        self.n_words += 1;
        let Some(entry) = lexicon.words.get(key) else { return false };
        let heard = &mut self.heard[entry.number as usize];
        if entry.number != 0 && *heard != self.block && self.n_words <= MOST_WORDS {
            *heard = self.block;
            self.sums.iter_mut().zip(entry.adds).for_each(|(sum, adds)| *sum += adds);
        }
        entry.is_stop
    }

    /// What the words and `signs` of a block of so many characters add.
    pub fn score(&self, chars: f32, signs: &[char], lexicon: &Lexicon) -> f32 {
        let length = length_class(chars);
        let Some(any) = ANY[length] else { return 0.0 };
        let mut sum = self.sums[any as usize];
        if length < 2 && 0 < self.n_words {
            sum += lexicon.of(Class::First, self.first[0]) + lexicon.of(Class::Last, self.last);
            if length == 0 {
                let words = &self.first[..self.n_words.min(self.first.len())];
                sum += lexicon.of(Class::Whole, words.iter().fold(0, |before, &word| joined(before, word)));
            }
        }
        sum + signs.iter().map(|&sign| lexicon.of(Class::Sign, u64::from(u32::from(sign)))).sum::<f32>()
    }
}

/// The key of the words before and one more.
fn joined(before: WordKey, word: WordKey) -> WordKey {
    mixed(before ^ word).rotate_left(23)
}

/// The key of what the file calls a word: of all words of a short block ("read+more"), or of a sign.
fn key_of(class: usize, word: &str) -> WordKey {
    if class == Class::Sign as usize {
        word.chars().next().map_or(0, |c| u64::from(u32::from(c)))
    } else if class == Class::Whole as usize {
        word.split('+').map(word_key).fold(0, joined)
    } else {
        word_key(word)
    }
}

/// The key of a word in a class. Short words are keys as they are spelled, so they are mixed first: the class must not be taken for a letter.
fn in_class(class: usize, key: WordKey) -> u64 {
    mixed(key).rotate_left(23) ^ class as u64
}

/// A number whose high bits depend on all bits of the key: the golden ratio's multiplier (Knuth, volume 3, section 6.4).
pub const fn mixed(key: u64) -> u64 {
    key.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// A fixed hasher for keys that are numbers: the same on every run, and one multiplication.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mix(u64);

impl std::hash::BuildHasher for Mix {
    type Hasher = Self;
    fn build_hasher(&self) -> Self {
        Self(0)
    }
}

impl std::hash::Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }
    fn write_u64(&mut self, value: u64) {
        // The fold brings the high bits down.
        let product = mixed(self.0 ^ value);
        self.0 = product ^ (product >> 32);
    }
}
