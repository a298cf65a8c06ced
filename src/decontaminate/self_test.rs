//! The injection test: items are planted in texts that hold nothing of them, disturbed as copies on the web are, and counted, ignored and cut by the functions of a build.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

use super::hosts::{Disturbance, Draws, HOST_WORDS, host};
use super::words::next_word;
use super::{BenchmarkItem, Grams, Ignored, Options, Outcome, Scratch, count, decontaminate, too_common};

/// Places that are tried for words that have not been planted in `max-documents` texts yet.
const TRIES: usize = 8;
/// Misses that are listed.
const LISTED: usize = 10;
/// Hosts without anything planted, at most.
const UNPLANTED: usize = 1000;

/// What was planted and found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfTest {
    /// Words that are planted: the n of the recipe.
    pub n: u64,
    pub benchmarks: Vec<Protection>,
    /// By where in the host they were planted.
    pub places: Vec<Disturbed>,
    pub planted: u64,
    pub found: u64,
    /// The first misses: item, disturbance and place.
    pub missed: Vec<String>,
    /// Hosts with nothing planted.
    pub unplanted: u64,
    /// Those of them that were cut or dropped.
    pub false_alarms: u64,
}

/// How one benchmark is protected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protection {
    pub benchmark: String,
    pub items: u64,
    /// Items with fewer than n words: nothing of them is ever cut.
    pub short_items: u64,
    /// Words that were not planted, because `max-documents` texts held the same already: many items share them.
    pub shared: u64,
    pub disturbances: Vec<Disturbed>,
}

/// Words that were planted in one way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disturbed {
    /// What was done to them, or where they were planted.
    pub how: String,
    pub planted: u64,
    pub found: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Site {
    Start,
    Middle,
    End,
}

/// `n` words of an item in a host of their own.
struct Plant {
    item: usize,
    /// Number of the first word in the item.
    first: usize,
    disturbance: Disturbance,
    site: Site,
}

/// Runs the test on texts as `seen` gives them, which does to a text what a build does before it is searched. Each item of `n` words or more is planted once with each
/// disturbance: its first words, its last, and others from anywhere in it.
///
/// # Errors
/// When no item has `n` words, or none may be planted.
pub fn self_test(items: &[BenchmarkItem], options: &Options, seed: u64, seen: &dyn Fn(&str) -> String) -> Result<SelfTest> {
    let grams = Grams::new(items, options)?;
    let mut result = SelfTest { n: options.n as u64, ..SelfTest::default() };
    let plants = plants(items, options, seed, seen, &mut result);
    let mut scratch = Scratch::default();
    let mut documents = vec![0; grams.n_all()];
    for plant in &plants {
        count(&grams, &text_of(plant, items, options, seed, seen).0, &mut scratch, &mut |gram| documents[gram as usize] += 1);
    }
    let common = too_common(&documents[..grams.len()], options).map(|(gram, _)| gram);
    let ignored = Ignored::new(common, grams.len());
    let mut judge = |text: &str| decontaminate(&grams, &ignored, text, options, false, &mut scratch, &mut |_| {});
    let mut places =
        BTreeMap::from([Site::Start, Site::Middle, Site::End].map(|site| (site, Disturbed { how: name(&site), ..Disturbed::default() })));
    for plant in &plants {
        let (text, planted) = text_of(plant, items, options, seed, seen);
        let item = &items[plant.item];
        let is_found = match judge(&text) {
            Outcome::Clean => false,
            Outcome::Drop { .. } => true,
            Outcome::Cut { pieces, .. } => pieces.iter().all(|piece| !holds_word(&text, piece, &planted)),
        };
        let of_benchmark = result.benchmarks.iter_mut().find(|found| found.benchmark == item.benchmark);
        let of_kind = of_benchmark.and_then(|found| found.disturbances.get_mut(plant.disturbance as usize));
        for row in of_kind.into_iter().chain(places.get_mut(&plant.site)) {
            row.planted += 1;
            row.found += u64::from(is_found);
        }
        result.planted += 1;
        result.found += u64::from(is_found);
        if !is_found && result.missed.len() < LISTED {
            let (how, site) = (name(&plant.disturbance), name(&plant.site));
            result.missed.push(format!("{}, {}, from word {}: {how}, {site}", item.benchmark, item.item, plant.first + 1));
        }
    }
    result.places = places.into_values().collect();
    if result.planted == 0 {
        return Err(Error::new(format!("no words could be planted: max-documents = {} ignores all of them", options.max_documents)));
    }
    for index in 0..plants.len().min(UNPLANTED) {
        let text = host(HOST_WORDS, &mut Draws::new(seed, &format!("unplanted {index}")));
        result.unplanted += 1;
        result.false_alarms += u64::from(judge(&text) != Outcome::Clean);
    }
    Ok(result)
}

/// "LineBreaks" as "line breaks".
fn name(of: &impl std::fmt::Debug) -> String {
    let words = format!("{of:?}");
    let spaced = words.char_indices().map(|(at, c)| if at != 0 && c.is_uppercase() { format!(" {c}") } else { c.to_string() });
    spaced.collect::<String>().to_lowercase()
}

/// Chooses what is planted, and counts what is not.
fn plants(items: &[BenchmarkItem], options: &Options, seed: u64, seen: &dyn Fn(&str) -> String, result: &mut SelfTest) -> Vec<Plant> {
    let mut plants = Vec::new();
    let mut planted: HashMap<String, u64> = HashMap::new();
    for (index, item) in items.iter().enumerate() {
        if result.benchmarks.iter().all(|known| known.benchmark != item.benchmark) {
            let disturbances = Disturbance::EACH.map(|kind| Disturbed { how: name(&kind), ..Disturbed::default() }).to_vec();
            result.benchmarks.push(Protection { benchmark: item.benchmark.clone(), disturbances, ..Protection::default() });
        }
        let of_benchmark = result.benchmarks.iter_mut().find(|known| known.benchmark == item.benchmark);
        let protection = of_benchmark.expect("it was just pushed where it was not there");
        protection.items += 1;
        let words = words(&item.text);
        let Some(last) = words.len().checked_sub(options.n) else {
            protection.short_items += 1;
            continue;
        };
        let mut draws = Draws::new(seed, &format!("plant {index}"));
        for (kind, disturbance) in Disturbance::EACH.into_iter().enumerate() {
            let mut first = if kind == 0 {
                0
            } else if kind == 1 {
                last
            } else {
                draws.below(last + 1)
            };
            let mut is_planted = false;
            for _ in 0..TRIES {
                let plain = &item.text[words[first].start..words[first + options.n - 1].end];
                let n_planted = planted.entry(spelled(&seen(plain))).or_default();
                if *n_planted < options.max_documents {
                    *n_planted += 1;
                    is_planted = true;
                    break;
                }
                first = draws.below(last + 1);
            }
            if !is_planted {
                protection.shared += 1;
                continue;
            }
            let site = [Site::Start, Site::Middle, Site::End][(index + kind) % 3];
            plants.push(Plant { item: index, first, disturbance, site });
        }
    }
    plants
}

/// The host of a plant with what is planted in it, and where that stands.
fn text_of(plant: &Plant, items: &[BenchmarkItem], options: &Options, seed: u64, seen: &dyn Fn(&str) -> String) -> (String, Range<usize>) {
    let item = &items[plant.item];
    let words = words(&item.text);
    let words = &words[plant.first..plant.first + options.n];
    let plain = &item.text[words[0].start..words[words.len() - 1].end];
    let words: Vec<&str> = words.iter().map(|word| &item.text[word.clone()]).collect();
    let mut draws = Draws::new(seed, &format!("host {} {} {:?}", plant.item, plant.first, plant.disturbance));
    let planted = plant.disturbance.apply(plain, &words, &mut draws);
    let n_before = match plant.site {
        Site::Start => 0,
        Site::Middle => HOST_WORDS / 4 + draws.below(HOST_WORDS / 2),
        Site::End => HOST_WORDS,
    };
    let mut text = host(n_before, &mut draws);
    let begin = text.len();
    text.push_str(&planted);
    // Hosts have nothing that changes, so what was planted still begins there.
    let mut text = seen(&text);
    let end = text.len();
    if n_before < HOST_WORDS {
        text.push_str(["\n", " ", "\n\n"][draws.below(3)]);
        text.push_str(&host(HOST_WORDS - n_before, &mut draws));
    }
    (text, begin..end)
}

fn words(text: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(|| next_word(text, &mut at, |_| {})).collect()
}

fn spelled(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut at = 0;
    while next_word(text, &mut at, |byte| bytes.push(byte)).is_some() {
        bytes.extend_from_slice(b" ");
    }
    String::from_utf8(bytes).expect("normalised words are whole characters")
}

/// A word of what was planted stands in a piece that stays.
fn holds_word(text: &str, piece: &Range<usize>, planted: &Range<usize>) -> bool {
    let both = piece.start.max(planted.start)..piece.end.min(planted.end);
    both.start < both.end && next_word(&text[both], &mut 0, |_| {}).is_some()
}
