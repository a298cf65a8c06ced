//! Says which blocks are the page's own words: a logistic model over the features, cues and words of each block, then the choice that promises
//! the best F1.
//!
//! The score of a block is a sum of weights and nothing else (`weights`): one curve per feature, one weight per cue of the path, per word of
//! a short block, per flag.

use crate::error::Result;
use crate::extract::blocks::Blocks;
use crate::extract::features::{Features, LEVELS, Row};
use crate::extract::head::{KINDS, Kind};
use crate::extract::measure::each_word;
use crate::extract::names::TAG_KINDS;
use crate::extract::path::Path;
use crate::extract::weights::{BUILT_IN, Weights, WordClass};

/// Length classes in characters and classes of link density, by which flags are crossed.
const LENGTHS: [f32; 3] = [25.0, 80.0, 200.0];
const DENSITIES: [f32; 3] = [0.05, 0.4, 0.95];
const STEPS: usize = 4;
/// Where blocks beside a block stand that have a flag for their tag.
const BESIDE: [i64; 4] = [-2, -1, 1, 2];

/// The judge: weights laid out for use, and what was computed for elements seen before.
#[derive(Clone, Debug)]
pub struct Judge {
    weights: Weights,
    /// `[tag kind][length]`
    tag: Vec<[f32; STEPS]>,
    /// `[page kind][length][density]`
    page: Vec<[[f32; STEPS]; STEPS]>,
    /// `[inside the container of half the good text, and of the best][length][density]`
    inside: [[[f32; STEPS]; STEPS]; 4],
    /// `[inside][tag kind]`
    inside_tag: [Vec<f32>; 4],
    /// `[level - 1][tag kind]`
    container: [Vec<f32>; LEVELS - 1],
    /// `[neighbour][tag kind]`, and last the weight of none.
    beside: [Vec<f32>; BESIDE.len()],
    path: Path,
    kinds: Vec<[usize; LEVELS]>,
    words: Vec<(u64, [f32; 4])>,
}

impl Judge {
    /// The judge that comes with the program.
    pub fn built_in() -> Result<Self> {
        Ok(Self::new(Weights::parse(BUILT_IN, "built-in weights")?))
    }

    pub fn new(weights: Weights) -> Self {
        let crossed = |name: &str| std::array::from_fn(|a| std::array::from_fn(|b| weights.of_flag(&format!("{name}:{a}:{b}"))));
        let tags = |name: &str| (0..TAG_KINDS).map(|tag| weights.of_flag(&format!("{name}{tag}"))).collect::<Vec<f32>>();
        Self {
            tag: (0..TAG_KINDS).map(|tag| std::array::from_fn(|length| weights.of_flag(&format!("t:{tag}:{length}")))).collect(),
            page: (0..KINDS).map(|kind| crossed(&format!("k:{kind}"))).collect(),
            inside: std::array::from_fn(|inside| crossed(&format!("i:{inside}"))),
            inside_tag: std::array::from_fn(|inside| (0..TAG_KINDS).map(|tag| weights.of_flag(&format!("i{inside}t{tag}:"))).collect()),
            container: std::array::from_fn(|level| tags(&format!("c{}:", level + 1))),
            beside: BESIDE.map(|offset| {
                let mut beside = tags(&format!("n{offset}:"));
                beside.push(weights.of_flag(&format!("n{offset}:-1")));
                beside
            }),
            path: Path::default(),
            kinds: Vec::new(),
            words: Vec::new(),
            weights,
        }
    }

    /// Gives back what was remembered of pages.
    pub fn forget(&mut self) {
        self.path = Path::default();
        self.kinds = Vec::new();
        self.words = Vec::new();
    }

    /// The probability of each block, in `0..=1`, that it is main text.
    pub fn judge(&mut self, page: &Blocks, features: &Features, kind: Kind, source: &str, probabilities: &mut Vec<f32>) {
        self.path.read(page, source, &self.weights);
        self.kinds.clear();
        self.kinds.extend(page.blocks.iter().map(|block| features.tag_kinds(page, block)));
        probabilities.clear();
        for (index, row) in features.rows.iter().enumerate() {
            let block = &page.blocks[index];
            let score = self.weights.bias
                + self.weights.of_row(row)
                + self.flags(index, row, kind)
                + self.path.score(page, block.element)
                + self.words(page.text_of(block), row[1]);
            probabilities.push((1.0 / (1.0 + libm::exp(-f64::from(score)))) as f32);
        }
    }

    fn flags(&self, index: usize, row: &Row, kind: Kind) -> f32 {
        let length = LENGTHS.iter().filter(|&&limit| limit <= row[1]).count();
        let density = DENSITIES.iter().filter(|&&limit| limit <= row[3]).count();
        let inside = usize::from(0.0 < row[Features::IN_HALF]) + 2 * usize::from(0.0 < row[Features::IN_BEST]);
        let tags = &self.kinds[index];
        let mut sum = self.tag[tags[0]][length] + self.page[kind as usize][length][density] + self.inside[inside][length][density];
        sum += self.inside_tag[inside][tags[0]];
        for (container, &tag) in self.container.iter().zip(&tags[1..]) {
            sum += container[tag];
        }
        for (beside, offset) in self.beside.iter().zip(BESIDE) {
            let other = usize::try_from(index as i64 + offset).ok().and_then(|other| self.kinds.get(other));
            sum += beside[other.map_or(TAG_KINDS, |tags| tags[0])];
        }
        sum
    }

    /// The distinct words of a short block; in scripts without spaces a run counts as one word and has no weight.
    fn words(&mut self, text: &str, chars: f32) -> f32 {
        if LENGTHS[2] <= chars {
            return 0.0;
        }
        self.words.clear();
        let weights = &self.weights;
        let (mut first, mut last) = (None, None);
        let words = &mut self.words;
        each_word(text, |key, _| {
            let value = weights.of_word(key).unwrap_or_default();
            first = first.or(Some(value));
            last = Some(value);
            words.push((key, value));
        });
        self.words.sort_unstable_by_key(|word| word.0);
        self.words.dedup_by_key(|word| word.0);
        let class = if chars < LENGTHS[1] { WordClass::Short } else { WordClass::Middling };
        let mut sum: f32 = self.words.iter().map(|word| word.1[class as usize]).sum();
        if class == WordClass::Short {
            sum += first.map_or(0.0, |value| value[WordClass::First as usize]) + last.map_or(0.0, |value| value[WordClass::Last as usize]);
        }
        sum
    }
}

/// Marks the blocks to keep: those whose probability is above half the best F1 that can be expected, which is the best choice there is for that measure
/// (Lipton, Elkan and Naryanaswamy 2014). `words` is the length of a block. The threshold stays between .1 and .8, for pages without any text of their own.
pub fn choose(probabilities: &[f32], words: impl Fn(usize) -> f32, kept: &mut Vec<bool>) {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]).then(a.cmp(&b)));
    let weight = |i: usize| f64::from(words(i)) + 0.01;
    let expected: f64 = order.iter().map(|&i| f64::from(probabilities[i]) * weight(i)).sum();
    let (mut gained, mut taken, mut best) = (0.0, 0.0, 0.0_f64);
    for &i in &order {
        gained += f64::from(probabilities[i]) * weight(i);
        taken += weight(i);
        best = best.max(2.0 * gained / (taken + expected));
    }
    let threshold = (best * 0.5).clamp(0.1, 0.8);
    kept.clear();
    kept.extend(probabilities.iter().map(|&p| threshold < f64::from(p)));
}
