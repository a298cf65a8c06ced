//! What can be counted in the text of one block, in one pass over it.

use std::collections::HashMap;

use crate::text::is_spaceless;

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

/// A word as a number: its lower-case bytes packed while there are at most eight, mixed beyond.
pub type WordKey = u64;

/// Counts over the text of one block.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measures {
    pub chars: f32,
    /// Words; where a fifth of the characters are of a script without spaces, a third of the characters.
    pub words: f32,
    /// Sentence marks before a space, and those of scripts that put none after them.
    pub marks: f32,
    pub ends_in_mark: bool,
    pub commas: f32,
    pub digits: f32,
    pub uppers: f32,
    /// Words that begin with a capital letter.
    pub capitalised: f32,
    /// Share of stop words in 0..=1; .3, as in running text, where the script has no list.
    pub stop_share: f32,
    /// Share of the characters in scripts without spaces.
    pub spaceless: f32,
    /// Words that the page's title has, as a share of the block's words and of the title's.
    pub title_overlap: f32,
    pub title_cover: f32,
}

/// Measures blocks; holds the stop words and the title of the page at hand.
#[derive(Clone, Debug)]
pub struct Measurer {
    stops: HashMap<WordKey, (), Mix>,
    title: Vec<WordKey>,
}

/// A fixed hasher for word keys: the same on every run, and one multiplication.
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
        // The golden ratio's multiplier (Knuth, volume 3, section 6.4); the fold brings its high bits down.
        let product = (self.0 ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = product ^ (product >> 32);
    }
}

impl Default for Measurer {
    fn default() -> Self {
        Self { stops: STOP_WORDS.split_ascii_whitespace().map(|word| (word_key(word), ())).collect(), title: Vec::new() }
    }
}

impl Measurer {
    /// Sets the title that blocks are compared with.
    pub fn set_title(&mut self, title: &str) {
        self.title.clear();
        each_word(title, |key, _| self.title.push(key));
        self.title.sort_unstable();
        self.title.dedup();
    }

    /// Counts over `text`.
    pub fn measure(&self, text: &str) -> Measures {
        let (mut words, mut capitalised, mut stops, mut in_title, mut covered) = (0_u32, 0_u32, 0_u32, 0_u32, 0_u64);
        each_word(text, |key, capital| {
            words += 1;
            capitalised += u32::from(capital);
            stops += u32::from(self.stops.contains_key(&key));
            if let Ok(index) = self.title.binary_search(&key) {
                in_title += 1;
                covered |= 1 << index.min(63);
            }
        });
        let mut counts = Counts::default();
        counts.read(text);
        let chars = counts.chars.max(1) as f32;
        let spaceless = counts.spaceless as f32 / chars;
        let effective = if 0.2 < spaceless { chars / 3.0 } else { words as f32 };
        let has_list = 2 * (counts.letters - counts.listed) < counts.letters || counts.letters == 0;
        let share = |count: u32| count as f32 / words.max(1) as f32;
        Measures {
            chars: counts.chars as f32,
            words: effective,
            marks: counts.marks as f32,
            ends_in_mark: ends_in_mark(text),
            commas: counts.commas as f32,
            digits: counts.digits as f32,
            uppers: counts.uppers as f32,
            capitalised: share(capitalised),
            stop_share: if has_list { share(stops) } else { 0.3 },
            spaceless,
            title_overlap: share(in_title),
            title_cover: covered.count_ones() as f32 / self.title.len().clamp(1, 64) as f32,
        }
    }
}

/// Counts over characters.
#[derive(Default)]
struct Counts {
    chars: u32,
    letters: u32,
    /// Letters of scripts that have a list of stop words: Latin, Greek, Cyrillic.
    listed: u32,
    spaceless: u32,
    marks: u32,
    commas: u32,
    digits: u32,
    uppers: u32,
}

impl Counts {
    fn read(&mut self, text: &str) {
        let mut after_mark = false;
        for c in text.chars() {
            self.chars += 1;
            if after_mark && matches!(c, ' ' | '\n' | '"' | '\'' | ')' | '”' | '’' | '»') {
                self.marks += 1;
            }
            after_mark = matches!(c, '.' | '!' | '?' | '…' | ';' | ':');
            match c {
                'a'..='z' => {
                    self.letters += 1;
                    self.listed += 1;
                }
                'A'..='Z' => {
                    self.letters += 1;
                    self.listed += 1;
                    self.uppers += 1;
                }
                '0'..='9' => self.digits += 1,
                ',' | '،' | '、' | '，' => self.commas += 1,
                '。' | '！' | '？' => self.marks += 1,
                _ if c.is_ascii() => {}
                _ if is_spaceless(c) => {
                    self.letters += 1;
                    self.spaceless += 1;
                }
                _ if c.is_alphabetic() => {
                    self.letters += 1;
                    self.listed += u32::from(u32::from(c) < 0x530);
                    self.uppers += u32::from(c.is_uppercase());
                }
                _ => {}
            }
        }
        self.marks += u32::from(after_mark);
    }
}

/// True where the last character ends a sentence, or quotes or brackets the end of one.
fn ends_in_mark(text: &str) -> bool {
    text.ends_with([
        '.', '!', '?', '…', ':', '"', '”', '»', '\'', '’', ')', ']', '。', '！', '？', '」', '』', '।', '؟', '۔', '։', '።', '။', '។',
    ])
}

/// The key of one word.
pub fn word_key(word: &str) -> WordKey {
    let mut found = 0;
    each_word(word, |key, _| found = key);
    found
}

/// Calls `visit` with the key of each word (`text::words`, in lower case, each digit as 0) and whether it begins with a capital letter.
pub fn each_word(text: &str, mut visit: impl FnMut(WordKey, bool)) {
    let (mut key, mut length, mut capital) = (0_u64, 0_u32, false);
    let add = |key: &mut u64, length: &mut u32, byte: u8| {
        *key = if *length < 8 { *key << 8 | u64::from(byte) } else { (*key ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3) };
        *length += 1;
    };
    let mut buffer = [0_u8; 4];
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            capital |= length == 0 && c.is_ascii_uppercase();
            let byte = if c.is_ascii_digit() { b'0' } else { (c as u8).to_ascii_lowercase() };
            add(&mut key, &mut length, byte);
        } else if !c.is_ascii() && c.is_alphanumeric() {
            let lower = if c.is_uppercase() { c.to_lowercase().next().unwrap_or(c) } else { c };
            capital |= length == 0 && lower != c;
            lower.encode_utf8(&mut buffer).bytes().for_each(|byte| add(&mut key, &mut length, byte));
        } else if 0 < length {
            visit(key, capital);
            (key, length, capital) = (0, 0, false);
        }
    }
    if 0 < length {
        visit(key, capital);
    }
}
