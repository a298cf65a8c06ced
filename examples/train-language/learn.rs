//! Training of one judge: naive Bayes, AdaGrad from there, rounding to seven bits, then what makes its probabilities honest, by texts that it has not seen.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use gristmill::Result;
use gristmill::language::codes::OTHER;
use gristmill::language::grams::{Grams, Rows, Words, hashes_of_words};
use gristmill::language::model::{Judge, Means, N_EVIDENCE, Parameters};
use gristmill::language::scripts::{Counts, Script};
use gristmill::language::table::{Table, ZERO};
use gristmill::linear::dense;
use gristmill::linear::softmax::{self, Model};
use gristmill::text::boundary;
use gristmill::text::hash::hash64;
use ndarray::Array2;

use crate::draw::{Crops, Draws};
use crate::plan::{Plan, is_relative, known};
use crate::sources::{Corpus, Source, WITHOUT_MARKS};
use crate::split::{self, Part};

/// Naive Bayes' prior for each row, and what its weights are multiplied by before AdaGrad.
const PRIOR: f32 = 0.02;
const OVERSTATED: f32 = 1.5;

/// How often a language is drawn, and what is in none of them, where one of the main languages counts 1.
const FURTHER_SHARE: f64 = 0.3;
const OTHER_SHARE: f64 = 0.15;

/// The same of Serbian in Latin letters, which is Bosnian to most n-grams: drawn more often it would take half of the sentences of both.
const SERBIAN_SHARE: f64 = 0.1;

/// Most bytes of a language from each source but the models of lingua, which give 2.5 MB of each.
const MOST_BYTES: usize = 600_000;

/// How often each paragraph of the declaration counts.
const DECLARED: usize = 10;

/// Rows of a text that count in training.
const MOST_ROWS: usize = 1200;

/// The share of weights that are larger than the largest that is kept.
const CUT: f64 = 0.002;

/// Texts of each language that probabilities are made honest by.
const MOST_CHECKED: usize = 400;

/// Lengths of the texts, in bytes, that tell what is known from what is not, and texts of each length and language. Known and unknown languages have the same lengths: else a long text would be
/// unknown because the declaration has long paragraphs.
const LENGTHS: [usize; 7] = [15, 30, 60, 120, 240, 600, 1500];
const OF_LENGTH: usize = 12;

/// The share of texts of known languages, of 100 bytes or more, that may be taken for unknown.
const REJECTED: f64 = 0.006;

/// The same for shorter texts: of a few words one does not say that they are in no language.
const REJECTED_SHORT: f64 = 0.001;

/// Words that are replaced by foreign ones.
const FOREIGN_SHARE: f64 = 0.25;

/// Where evidence has the length.
const LENGTH: usize = 1;

/// What is learned from: long texts teach little that one of a few words does not, and pairs of words are hardest.
const LEARNED: Crops = Crops { whole: 0.5, one_word: 0.08, two_words: 0.22 };

/// What probabilities are made honest by: mostly sentences.
const CHECKED: Crops = Crops { whole: 0.7, one_word: 0.08, two_words: 0.08 };

/// Bytes from which a text is long enough to be called unknown with some certainty.
pub const LONG: usize = 100;

/// The texts of one lane.
#[derive(Default)]
struct Texts<'c> {
    train: Vec<&'c str>,
    check: Vec<&'c str>,
    /// Bytes of `train` that are not drawn from models.
    real_bytes: usize,
}

/// What is known of training.
pub struct Trained {
    pub judge: Judge,
    /// Bytes that each language was learned from, and those that are not drawn from models.
    pub bytes: Vec<(usize, usize)>,
    pub loss: f64,
}

/// The code that a tag of the corpus has here.
pub fn code(tag: &str) -> &str {
    match tag {
        "zh-Hans" => "zh",
        "uz-Latn" => "uz",
        _ => tag,
    }
}

/// Trains the judge of a plan. `held_out` are texts that are tested on elsewhere.
pub fn train(plan: &Plan, corpus: &Corpus, held_out: &HashSet<u64>) -> Result<Trained> {
    let mut languages: Vec<String> = plan.languages().map(str::to_owned).collect();
    let n_known = languages.len();
    let mut texts: Vec<Texts> = languages.iter().map(|language| texts_of(language, plan.script, corpus, held_out)).collect();
    let unknown = unknown(plan.script, corpus, Part::Train);
    if !unknown.is_empty() {
        languages.push(OTHER.to_owned());
        let train: Vec<&str> = unknown.into_iter().map(|(_, text)| text).collect();
        let real_bytes = train.iter().map(|text| text.len()).sum();
        texts.push(Texts { train, check: Vec::new(), real_bytes });
    }
    let n = languages.len();
    let grams = Grams { script: plan.script, orders: plan.orders, bits: plan.bits, words: words(plan, &texts[..n_known]) };
    let (mut rows, mut counts) = (Rows::default(), vec![0.0_f32; n << plan.bits]);
    for (lane, texts) in texts.iter().enumerate() {
        for text in &texts.train {
            rows.fill(text, &grams).iter().for_each(|row| counts[*row as usize * n + lane] += 1.0);
        }
    }
    let mut weights = softmax::naive_bayes(&counts, n, PRIOR);
    weights.iter_mut().for_each(|weight| *weight *= OVERSTATED);
    let mut model = Model { n_classes: n, weights, biases: vec![0.0; n] };
    let loss = go_on(&mut model, plan, &grams, &languages, &texts)?;
    model.centre();
    model.biases[plan.n_main()..n_known].iter_mut().for_each(|bias| *bias -= plan.behind);
    let (table, steps) = rounded(&model, &common(&counts, n));
    let parameters = Parameters {
        script: plan.script,
        languages,
        orders: plan.orders,
        steps,
        biases: model.biases,
        sharpness: (1.0, 0.0),
        usual: vec![Means { weight: 1.0, common: 0.0 }; n],
        familiarity: [0.0; N_EVIDENCE],
    };
    let mut judge = Judge { parameters, grams, table };
    sharpen(&mut judge, &texts);
    let mut unknown: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (tag, text) in self::unknown(plan.script, corpus, Part::Check) {
        unknown.entry(tag).or_default().push(text);
    }
    familiarise(&mut judge, &texts, &unknown.into_values().collect::<Vec<_>>())?;
    let bytes_of = |texts: &Texts<'_>| texts.train.iter().map(|text| text.len()).sum();
    let bytes = texts.iter().map(|texts| (bytes_of(texts), texts.real_bytes)).collect();
    Ok(Trained { judge, bytes, loss })
}

/// The texts of a language in a script. Of the declaration there is a third for each part. What is drawn from models that have lost vowel signs does not look like the language. (Yoruba has lost its tones,
/// but is often written without.)
fn texts_of<'c>(language: &str, script: Script, corpus: &'c Corpus, held_out: &HashSet<u64>) -> Texts<'c> {
    let mut texts = Texts::default();
    for ((source, tag), all) in &corpus.texts {
        let is_broken = *source == Source::Lingua && script != Script::Latin && WITHOUT_MARKS.contains(&language);
        if code(tag) != language || is_broken {
            continue;
        }
        let most = if *source == Source::Lingua { usize::MAX } else { MOST_BYTES };
        let mut order: Vec<&String> = all.iter().collect();
        if *source != Source::Lingua {
            order.sort_by_cached_key(|text| hash64(text.as_bytes()));
        }
        let (mut bytes, n_before) = (0, texts.train.len());
        for text in order {
            let counts = Counts::of(text);
            if bytes < most && counts.first() == Some(script) && !held_out.contains(&hash64(text.as_bytes())) {
                bytes += text.len();
                let part = if *source == Source::Udhr { split::of_paragraph(text) } else { split::of_text(text) };
                match part {
                    // Little text of the one kind that the unknown languages have, against much of other kinds.
                    Part::Train if *source == Source::Udhr => texts.train.extend(std::iter::repeat_n(text.as_str(), DECLARED)),
                    Part::Train => texts.train.push(text),
                    Part::Check => texts.check.push(text),
                    Part::Test => {}
                }
            }
        }
        if *source != Source::Lingua {
            texts.real_bytes += texts.train[n_before..].iter().map(|text| text.len()).sum::<usize>();
        }
    }
    texts
}

/// The declaration in a known language.
pub fn declaration<'c>(language: &'c str, corpus: &'c Corpus) -> impl Iterator<Item = &'c str> {
    let of_language = corpus.texts.iter().filter(move |((source, tag), _)| *source == Source::Udhr && code(tag) == language);
    of_language.flat_map(|(_, texts)| texts.iter().map(String::as_str))
}

/// Texts of the declaration in languages that no judge knows, with their tags. Close relatives of known languages are only tested on.
pub fn unknown(script: Script, corpus: &Corpus, part: Part) -> Vec<(&str, &str)> {
    let known = known();
    let of_source = corpus.texts.iter().filter(|((source, tag), _)| *source == Source::Udhr && !known.contains(code(tag)));
    let of_script = of_source.filter(|(_, texts)| texts.first().is_some_and(|text| Counts::of(text).first() == Some(script)));
    let (relatives, others): (Vec<_>, Vec<_>) = of_script.partition(|((_, tag), _)| is_relative(tag));
    let tags: Vec<&str> = others.iter().map(|((_, tag), _)| tag.as_str()).collect();
    let mut chosen: Vec<_> = others.into_iter().filter(|((_, tag), _)| split::of_language(tag, &tags) == part).collect();
    if part == Part::Test {
        chosen.extend(relatives);
    }
    let texts = chosen.into_iter().flat_map(|((_, tag), texts)| texts.iter().map(move |text| (tag.as_str(), text.as_str())));
    texts.filter(|(_, text)| Counts::of(text).first() == Some(script)).collect()
}

/// The most frequent words of each language.
fn words(plan: &Plan, texts: &[Texts<'_>]) -> Words {
    if plan.n_words == 0 {
        return Words::default();
    }
    let of_language = |texts: &Texts<'_>| {
        let mut counts: HashMap<u64, usize> = HashMap::new();
        for hash in texts.train.iter().flat_map(|text| hashes_of_words(text, plan.script)) {
            *counts.entry(hash).or_default() += 1;
        }
        let mut counts: Vec<(u64, usize)> = counts.into_iter().collect();
        counts.sort_by_key(|(hash, n)| (Reverse(*n), *hash));
        counts.into_iter().take(plan.n_words).map(|(hash, _)| hash)
    };
    Words::of(texts.iter().flat_map(of_language))
}

/// AdaGrad on texts that are drawn by language; the mean loss of a text.
fn go_on(model: &mut Model, plan: &Plan, grams: &Grams, languages: &[String], texts: &[Texts<'_>]) -> Result<f64> {
    let n_main = plan.n_main();
    let share = |lane: usize| match languages[lane].as_str() {
        _ if texts[lane].train.is_empty() => 0.0,
        _ if lane < n_main => 1.0,
        "sr-Latn" => SERBIAN_SHARE,
        OTHER => OTHER_SHARE,
        _ => FURTHER_SHARE,
    };
    let ends: Vec<f64> = (0..texts.len())
        .scan(0.0, |sum, lane| {
            *sum += share(lane);
            Some(*sum)
        })
        .collect();
    let all = ends.last().copied().unwrap_or_default();
    let (mut draws, mut found) = (Draws::new(plan.script as u64), Rows::default());
    let options = softmax::Options { rate: plan.rate, bias_rate: 0.002 * plan.rate };
    model.fit(plan.n_draws, &options, |_, rows| {
        let at = draws.share() * all;
        let lane = ends.iter().position(|end| at < *end).unwrap_or_default();
        let text = texts[lane].train[draws.below(texts[lane].train.len())];
        let all = found.fill(draws.crop(text, &LEARNED), grams);
        rows.extend_from_slice(&all[..all.len().min(MOST_ROWS)]);
        lane
    })
}

/// How common each row is: the logarithm of its count over that of a row in the middle of all.
fn common(counts: &[f32], n: usize) -> Vec<f32> {
    let sums: Vec<f32> = counts.chunks_exact(n).map(|row| row.iter().sum()).collect();
    let mean = sums.iter().map(|sum| f64::from(*sum)).sum::<f64>() as f32 / sums.len() as f32;
    sums.iter().map(|sum| libm::logf((sum / mean).max(1e-3))).collect()
}

/// The table of a model, and what one step of a weight is, and one of how common a row is.
fn rounded(model: &Model, common: &[f32]) -> (Table, (f32, f32)) {
    let most = f32::from(ZERO - 1);
    let step = |values: &[f32]| {
        let mut sizes: Vec<f32> = values.iter().map(|value| value.abs()).collect();
        let at = ((1.0 - CUT) * (sizes.len() - 1) as f64) as usize;
        *sizes.select_nth_unstable_by(at, f32::total_cmp).1 / most
    };
    let steps = (step(&model.weights), step(common));
    let byte = |value: f32, step: f32| ((value / step).round().clamp(-most, most) + f32::from(ZERO)) as u8;
    let n_lanes = Table::lanes(model.n_classes + 1);
    let mut bytes = Vec::with_capacity(common.len() * n_lanes);
    for (row, common) in model.weights.chunks_exact(model.n_classes).zip(common) {
        bytes.extend(row.iter().map(|weight| byte(*weight, steps.0)));
        bytes.push(byte(*common, steps.1));
        bytes.resize(bytes.len().next_multiple_of(n_lanes), ZERO);
    }
    (Table::new(&bytes, n_lanes).expect("rows are whole, and two to some power"), steps)
}

/// Sets factor and power of logits to what makes the texts that were not trained on likeliest.
fn sharpen(judge: &mut Judge, texts: &[Texts<'_>]) {
    let mut draws = Draws::new(1);
    let checked: Vec<(usize, &str)> =
        texts.iter().enumerate().flat_map(|(lane, texts)| texts.check.iter().take(MOST_CHECKED).map(move |text| (lane, *text))).collect();
    let checked: Vec<(usize, &str)> = checked.into_iter().map(|(lane, text)| (lane, draws.crop(text, &CHECKED))).collect();
    let mut best = (f64::INFINITY, judge.parameters.sharpness);
    for factor in (0..16).map(|at| 0.3 * libm::pow(1.15, f64::from(at))) {
        for power in (-2..5).map(|at| 0.05 * f64::from(at)) {
            judge.parameters.sharpness = (factor, power);
            let mut rows = Rows::default();
            let losses =
                checked.iter().filter_map(|(lane, text)| Some(-libm::log(judge.judge(text, &mut rows)?.probabilities[*lane].max(1e-12))));
            let loss: f64 = losses.sum();
            if loss < best.0 {
                best = (loss, (factor, power));
            }
        }
    }
    judge.parameters.sharpness = best.1;
}

/// Sets what tells texts in known languages from others: the usual means of each language, and the weights of the evidence.
fn familiarise(judge: &mut Judge, texts: &[Texts<'_>], unknown: &[Vec<&str>]) -> Result<()> {
    let mut rows = Rows::default();
    let known: Vec<(usize, String)> =
        texts.iter().enumerate().flat_map(|(lane, texts)| of_lengths(&texts.check).map(move |text| (lane, text))).collect();
    let noisy = with_foreign_words(&known);
    for lane in 0..judge.parameters.languages.len() {
        let judged =
            known.iter().filter(|(of, text)| *of == lane && LONG <= text.len()).filter_map(|(_, text)| judge.judge(text, &mut rows));
        let means: Vec<Means> = judged.filter(|judgement| judgement.best == lane).map(|judgement| judgement.means).collect();
        let middle = |of: fn(&Means) -> f64| {
            let mut values: Vec<f64> = means.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied()
        };
        if let (Some(weight), Some(common)) = (middle(|means| means.weight), middle(|means| means.common)) {
            judge.parameters.usual[lane] = Means { weight, common };
        }
    }
    // Without texts in an unknown language nothing can be told; a text is then in a known one.
    judge.parameters.familiarity[0] = 6.0;
    let mut examples: Vec<([f64; N_EVIDENCE], bool, usize)> = Vec::new();
    let mut add = |text: &str, is_known: bool| {
        let judged = judge.judge(text, &mut rows);
        examples.extend(judged.map(|judged| (judged.evidence, is_known, text.len())));
    };
    known.iter().map(|(_, text)| text).chain(&noisy).for_each(|text| add(text, true));
    unknown.iter().flat_map(|texts| of_lengths(texts)).for_each(|text| add(&text, false));
    if judge.parameters.languages.last().is_none_or(|last| last != OTHER)
        || examples.iter().filter(|(_, is_known, _)| !is_known).count() < LENGTHS.len()
    {
        return Ok(());
    }
    let columns = Array2::from_shape_fn((examples.len(), N_EVIDENCE - 1), |(at, column)| examples[at].0[column + 1] as f32);
    let labels: Vec<bool> = examples.iter().map(|(_, is_known, _)| *is_known).collect();
    let fit = dense::fit(columns, &labels, 1.0, 500)?;
    let mut familiarity = [fit.intercept; N_EVIDENCE];
    familiarity[1..].copy_from_slice(&fit.weights);
    // Of texts in known languages, of whatever length, the share that may be rejected lies below 0: where it does not, a line through the lengths is taken off.
    let sum = |evidence: &[f64; N_EVIDENCE]| evidence.iter().zip(familiarity).map(|(value, weight)| value * weight).sum::<f64>();
    let limit = |length: &usize| {
        let of_length = examples.iter().filter(|(_, is_known, bytes)| *is_known && 3 * length / 4 <= *bytes && *bytes <= *length);
        let mut sums: Vec<(f64, f64)> = of_length.map(|(evidence, ..)| (sum(evidence), evidence[LENGTH])).collect();
        sums.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mean = sums.iter().map(|(_, length)| length).sum::<f64>() / sums.len() as f64;
        let rejected = if *length < LONG { REJECTED_SHORT } else { REJECTED };
        sums.get((rejected * sums.len() as f64) as usize).map(|(sum, _)| (mean, *sum))
    };
    let (at, slope) = line(&LENGTHS.iter().filter_map(limit).collect::<Vec<_>>());
    familiarity[0] -= at;
    familiarity[LENGTH] -= slope;
    judge.parameters.familiarity = familiarity;
    Ok(())
}

/// The line through points that has the least squares: its value at 0 and its slope.
fn line(points: &[(f64, f64)]) -> (f64, f64) {
    let n = points.len().max(1) as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let slope = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum::<f64>()
        / points.iter().map(|point| (point.0 - x).powi(2)).sum::<f64>().max(1e-9);
    (y - slope * x, slope)
}

/// The texts with every fourth word, by chance, replaced by one of any other: as pages have names, brands and code in them.
fn with_foreign_words(texts: &[(usize, String)]) -> Vec<String> {
    let mut draws = Draws::new(2);
    let mut foreign = |word: &str| {
        if FOREIGN_SHARE <= draws.share() {
            return word.to_owned();
        }
        let words: Vec<&str> = texts[draws.below(texts.len())].1.split(' ').collect();
        words[draws.below(words.len())].to_owned()
    };
    texts.iter().map(|(_, text)| text.split(' ').map(&mut foreign).collect::<Vec<_>>().join(" ")).collect()
}

/// Texts of each of the lengths, as far as there are: one after another joined until it is reached, and cut there.
fn of_lengths<'t>(texts: &'t [&'t str]) -> impl Iterator<Item = String> + 't {
    let mut texts = texts.iter();
    let wanted = LENGTHS.iter().cycle().take(OF_LENGTH * LENGTHS.len());
    wanted.map_while(move |length| {
        let mut text = (*texts.next()?).to_owned();
        while text.len() < *length {
            text.push(' ');
            text.push_str(texts.next()?);
        }
        text.truncate(boundary(&text, *length));
        Some(text)
    })
}
