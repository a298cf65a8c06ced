//! Which blocks of a page stand in its gold: a monotone alignment of words that prefers runs, then what stands out of order by runs of three words.

use std::collections::{BTreeMap, HashMap};

use gristmill::text;

use crate::sets::Labels;

/// What a pair of equal words is worth, and one that follows another such pair.
const PAIR: f32 = 0.4;
const NEXT: f32 = 1.5;
/// Cells of the table of an alignment; of a page that would need more, the end of the gold is left out.
const MOST_CELLS: usize = 600_000_000;
/// From which share of its runs of three on a block stands in the gold out of order.
const OUT_OF_ORDER: f32 = 0.6;
/// A block that a segment holds has this many bytes at least.
const LEAST_SEGMENT: usize = 25;

/// Runs of letters, digits and `_`, in lower case.
pub fn words(text: &str) -> Vec<String> {
    text::words(&text.to_lowercase()).map(str::to_owned).collect()
}

/// F1 over bags of words.
pub fn bag_f1(text: &str, gold: &str) -> f64 {
    let (found, wanted) = (words(text), words(gold));
    if found.is_empty() || wanted.is_empty() {
        return f64::from(u8::from(found.is_empty() && wanted.is_empty()));
    }
    let mut bag: HashMap<&str, i64> = HashMap::new();
    wanted.iter().for_each(|word| *bag.entry(word).or_default() += 1);
    let mut common = 0;
    for word in &found {
        if let Some(left) = bag.get_mut(word.as_str()).filter(|left| 0 < **left) {
            *left -= 1;
            common += 1;
        }
    }
    2.0 * f64::from(common) / (found.len() + wanted.len()) as f64
}

/// For each block the share of its words that stand in the gold, in 0..=1; `None` where nothing is known.
pub fn label(labels: &Labels, texts: &[&str]) -> Vec<Option<f32>> {
    match labels {
        Labels::Gold(gold) => {
            let blocks: Vec<Vec<String>> = texts.iter().map(|text| words(text)).collect();
            align(&blocks, &words(gold)).into_iter().map(|share| Some(share.clamp(0.0, 1.0))).collect()
        }
        Labels::Segments { with, without } => {
            let fold = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let folded = |list: &[String]| list.iter().map(|text| fold(text)).filter(|text| !text.is_empty()).collect::<Vec<_>>();
            let (with, without) = (folded(with), folded(without));
            let known = |text: &&str| {
                let text = fold(text);
                let is_in = |list: &[String]| {
                    list.iter().any(|part| text.contains(part.as_str()) || (LEAST_SEGMENT <= text.len() && part.contains(&text)))
                };
                if is_in(&without) { Some(0.0) } else { is_in(&with).then_some(1.0) }
            };
            texts.iter().map(known).collect()
        }
    }
}

fn align(blocks: &[Vec<String>], gold: &[String]) -> Vec<f32> {
    let mut vocabulary: HashMap<&str, u32> = HashMap::new();
    let mut wanted = Vec::with_capacity(gold.len());
    for word in gold {
        let next = vocabulary.len() as u32;
        wanted.push(*vocabulary.entry(word).or_insert(next));
    }
    // Words of blocks that the gold has: which, of which block, and whether the word before is one too.
    let mut found = Vec::new();
    let (mut at, mut last) = (0_usize, None);
    for (block, words) in blocks.iter().enumerate() {
        for word in words {
            if let Some(&word) = vocabulary.get(word.as_str()) {
                found.push((word, block, at != 0 && last == Some(at - 1)));
                last = Some(at);
            }
            at += 1;
        }
    }
    let mut aligned = vec![0.0_f32; blocks.len()];
    if found.is_empty() || wanted.is_empty() {
        return aligned;
    }
    let taken = monotone(&found, &wanted, &mut aligned);
    out_of_order(blocks, gold, &taken, &mut aligned);
    for (aligned, words) in aligned.iter_mut().zip(blocks) {
        *aligned /= words.len().max(1) as f32;
    }
    aligned
}

/// Adds the aligned words of each block to `aligned`; says which words of the gold they are.
fn monotone(found: &[(u32, usize, bool)], wanted: &[u32], aligned: &mut [f32]) -> Vec<bool> {
    const STAY: u8 = 0;
    const SKIP: u8 = 1;
    const MATCH: u8 = 2;
    const RUN: u8 = 4;
    let n = wanted.len().min(MOST_CELLS / found.len());
    let mut steps = vec![STAY; found.len() * n];
    // Best values up to each word of the gold, of the row before and of this one; and of those that end in a pair.
    let (mut best, mut ending) = (vec![0.0_f32; n + 1], vec![f32::NEG_INFINITY; n + 1]);
    let (mut now, mut now_ending) = (best.clone(), ending.clone());
    for (&(word, _, follows), steps) in found.iter().zip(steps.chunks_exact_mut(n)) {
        for j in 0..n {
            let (mut value, mut step) = if best[j + 1] < now[j] { (now[j], SKIP) } else { (best[j + 1], STAY) };
            now_ending[j + 1] = f32::NEG_INFINITY;
            if wanted[j] == word {
                let (alone, in_run) = (best[j] + PAIR, ending[j] + NEXT);
                let runs = follows && alone < in_run;
                let paired = if runs { in_run } else { alone };
                now_ending[j + 1] = paired;
                if value < paired {
                    (value, step) = (paired, MATCH);
                }
                step |= if runs { RUN } else { 0 };
            }
            now[j + 1] = value;
            steps[j] = step;
        }
        std::mem::swap(&mut best, &mut now);
        std::mem::swap(&mut ending, &mut now_ending);
    }
    let mut taken = vec![false; wanted.len()];
    let (mut i, mut j, mut runs) = (found.len(), n, false);
    while 0 < i && 0 < j {
        let step = steps[(i - 1) * n + j - 1];
        if runs || step & 3 == MATCH {
            aligned[found[i - 1].1] += 1.0;
            taken[j - 1] = true;
            runs = step & RUN != 0;
            (i, j) = (i - 1, j - 1);
        } else if step & 3 == SKIP {
            j -= 1;
        } else {
            i -= 1;
        }
    }
    taken
}

/// Blocks of which most runs of three words stand in what is left of the gold.
fn out_of_order(blocks: &[Vec<String>], gold: &[String], taken: &[bool], aligned: &mut [f32]) {
    let mut rest: BTreeMap<&[String], u32> = BTreeMap::new();
    for (run, taken) in gold.windows(3).zip(taken.windows(3)) {
        if taken.iter().all(|taken| !taken) {
            *rest.entry(run).or_default() += 1;
        }
    }
    for (words, aligned) in blocks.iter().zip(aligned) {
        let n_runs = words.len().saturating_sub(2) as f32;
        if rest.is_empty() || words.len() < 4 || 0.5 * words.len() as f32 <= *aligned {
            continue;
        }
        let n_left = words.windows(3).filter(|run| rest.get(run).is_some_and(|&n| 0 < n)).count() as f32;
        if OUT_OF_ORDER * n_runs <= n_left {
            *aligned = aligned.max(n_left / n_runs * words.len() as f32);
            for run in words.windows(3) {
                if let Some(n) = rest.get_mut(run) {
                    *n = n.saturating_sub(1);
                }
            }
        }
    }
}
