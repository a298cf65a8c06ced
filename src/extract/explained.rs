//! What the judge sees and says of each block: to explain an extraction, and to train a judge.

use std::collections::BTreeSet;

use crate::document::{Page, Reason};
use crate::extract::blocks::NONE;
use crate::extract::charset::{self, Decoded};
use crate::extract::judge::Judge;
use crate::extract::{Extractor, comments, cues, era, features, flags, judge, judged, render, second, topics, words};
use crate::linear::sigmoid;

/// When so many inputs are told of a block, elements further out are left away. Real pages have a hundred or two.
const MAX_INPUTS: usize = 4096;

/// One block as the judge sees it.
#[derive(Clone, Debug)]
pub struct Explained {
    pub text: String,
    /// The innermost elements that it stands in, the outermost of them first: "article.post > p".
    pub path: String,
    /// What curves are over.
    pub features: features::Row,
    /// What counts once or not at all, by its name in the weights file ("cue any sidebar", "word short reply", "flag tag:6:0:3", "topic 1 u:forum"); ascending.
    pub inputs: Vec<String>,
    /// The first pass's word on it, as a logit.
    pub logit: f32,
    /// The judge's, in `0..=1`.
    pub probability: f32,
    /// That it is a comment of a reader, in `0..=1`; `None` where comments are not asked for.
    pub comment: Option<f32>,
    /// It stands among comments by the names of the elements around it.
    pub is_named_comment: bool,
    /// Another block that says the same stays instead of it.
    pub is_repeated: bool,
    /// It is a heading over nothing that is kept.
    pub is_idle: bool,
    pub kept: bool,
}

impl Extractor {
    /// All blocks of an HTML page with what the judge makes of them.
    ///
    /// # Errors
    /// When the page needs more work than is allowed.
    pub fn explain(&mut self, page: &Page<'_>) -> Result<Vec<Explained>, Reason> {
        self.explain_each(page, |_, block| block)
    }

    /// What `each` makes of each block; no more than one is held.
    pub(super) fn explain_each<T>(&mut self, page: &Page<'_>, each: impl Fn(&Judge, Explained) -> T) -> Result<Vec<T>, Reason> {
        let decoded = self.read_page(page)?;
        let (blocks, source) = (&self.blocks, decoded.text.as_ref());
        let mut views = Vec::new();
        judge::views(blocks, &self.features, &mut views);
        let page_view = judge::page_view(&self.features, self.kind);
        let url = blocks.head.url(page.url, source);
        let is_middle = era::is_middle(&blocks.head, source);
        let mut of_page = Vec::new();
        topics::each(&blocks.head, url, source, |topic| of_page.push(topic.to_owned()));
        let probability = |logit: f32| sigmoid(f64::from(logit)) as f32;
        let mut named = comments::Named::default();
        named.begin(blocks);
        let rows = self.features.rows(blocks);
        let explained = blocks.blocks.iter().enumerate().map(|(i, block)| {
            let (text, chars) = (blocks.text_of(block), self.features.measures[i].chars);
            let mut inputs = BTreeSet::new();
            let (mut at, mut level) = (block.element, 0);
            while at != NONE && inputs.len() < MAX_INPUTS {
                let element = &blocks.elements[at as usize];
                cues::each_cue(element, source, |cue| {
                    for kind in ["cue", "middle"].iter().take(1 + usize::from(is_middle)) {
                        inputs.insert(format!("{kind} any {cue}"));
                        if let Some(bucket) = cues::distance_bucket(level) {
                            inputs.insert(format!("{kind} {bucket} {cue}"));
                        }
                    }
                });
                level += u32::from(element.is_block);
                at = element.parent;
            }
            inputs
                .extend(words::names(text, chars).into_iter().map(|(class, word)| format!("word {} {word}", words::NAMES[class as usize])));
            flags::each(page_view, &views, i, |flag| {
                inputs.insert(format!("flag {}", flags::name(flag)));
            });
            inputs.extend(of_page.iter().map(|topic| format!("topic {} {topic}", topics::length(chars))));
            let explained = Explained {
                text: text.to_owned(),
                path: judged::path(blocks, block, source),
                features: rows[i],
                inputs: inputs.into_iter().collect(),
                logit: self.judge.logits[i],
                probability: probability(self.verdict[i]),
                is_named_comment: named.holds(i, blocks, &self.features, source),
                is_repeated: self.repeats.holds(i),
                is_idle: self.idle.get(i) == Some(&true),
                comment: self.comments.as_ref().map(|_| probability(self.verdict_on_comments[i])),
                kept: self.kept[i],
            };
            each(&self.judge, explained)
        });
        Ok(explained.collect())
    }

    fn read_page<'p>(&mut self, page: &Page<'p>) -> Result<Decoded<'p>, Reason> {
        let decoded = charset::decode(page.body, page.charset, super::top_level_domain(page.url));
        self.read(&decoded.text, page.url)?;
        Ok(decoded)
    }

    /// What the second pass would see if the first had said `logits` of the page's blocks: a second pass is trained on what a first pass says of pages that it has not seen.
    ///
    /// # Errors
    /// As [`Extractor::explain`] has them.
    pub fn second_rows(&mut self, page: &Page<'_>, logits: &[f32]) -> Result<Vec<second::Row>, Reason> {
        self.read_page(page)?;
        let mut all = Vec::new();
        second::Second::default().compute(&self.blocks, &self.features, logits, |tile, n| all.extend(features::rows(tile, n)));
        Ok(all)
    }

    /// The page's text if these were the judge's logits of its blocks.
    ///
    /// # Errors
    /// As [`Extractor::explain`] has them.
    pub fn text_by(&mut self, page: &Page<'_>, logits: &[f32]) -> Result<String, Reason> {
        let decoded = self.read_page(page)?;
        self.verdict.clear();
        self.verdict.extend_from_slice(logits);
        self.choose(&decoded.text);
        Ok(render::main_text(&self.blocks, &self.features, &self.kept))
    }
}
