//! What became of each block of a page, for people: kept or cut, by which score, and what weighed most in it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;

use crate::document::{Page, Reason};
use crate::extract::blocks::{Block, Blocks, NONE};
use crate::extract::features::LINK_DENSITY;
use crate::extract::judge::Judge;
use crate::extract::{Explained, Extractor, FILTER};
use crate::linear::sigmoid;

/// Elements of a path that are named.
const MAX_PATH: usize = 4;
/// Characters of a class that are shown.
const MAX_CLASS_CHARACTERS: usize = 40;
/// Inputs that are named.
const MAX_WEIGHED: usize = 4;

/// The blocks of a page in their order.
#[derive(Clone, Debug, Serialize)]
pub struct JudgedPage {
    /// Blocks of this probability and above are kept, but for comments, which are kept or left out by what they are asked for, what is said twice, and headings over nothing; 0 for the preset `whole-page`, which asks nothing of them.
    pub threshold: f64,
    pub blocks: Vec<Judged>,
}

/// One block.
#[derive(Clone, Debug, Serialize)]
pub struct Judged {
    pub kept: bool,
    /// That it is main text, in `0..=1`.
    pub probability: f32,
    /// The first pass's word on that, in `0..=1`.
    pub first: f32,
    /// That it is a comment of a reader; `None` where comments are not asked for.
    pub comment: Option<f32>,
    /// The elements around it are named for comments: if comments are not asked for, it must be as sure as .6 to be kept.
    pub named_comment: bool,
    /// Another block says the same and stays instead of it.
    pub repeated: bool,
    /// A heading, or a line that ends in a colon, over nothing that is kept: it must be as sure as .5 to be kept itself.
    pub idle: bool,
    /// Share of its text inside links.
    pub link_density: f32,
    pub characters: u32,
    /// The innermost elements that it stands in: "article.post > p".
    pub path: String,
    /// What weighed most in the first pass's word beside its length and place, the heaviest first.
    pub weighed: Vec<Weighed>,
    pub text: String,
}

/// An input of the judge by its name in the weights file, and what it added to the logit.
#[derive(Clone, Debug, Serialize)]
pub struct Weighed {
    pub input: String,
    pub weight: f32,
}

impl Extractor {
    /// What becomes of each block of an HTML page.
    ///
    /// # Errors
    /// When the page needs more work than is allowed, or a parser fails.
    pub fn judged(&mut self, page: &Page<'_>) -> Result<JudgedPage, Reason> {
        // As where pages are extracted.
        let blocks = catch_unwind(AssertUnwindSafe(|| self.explain_each(page, judged))).unwrap_or(Err(Reason::bare(FILTER, "panic")))?;
        Ok(JudgedPage { threshold: self.threshold, blocks })
    }
}

fn judged(judge: &Judge, block: Explained) -> Judged {
    let weigh = |input: String| Weighed { weight: judge.weight_of(&input), input };
    let mut weighed: Vec<Weighed> = block.inputs.into_iter().map(weigh).filter(|weighed| weighed.weight != 0.0).collect();
    weighed.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
    weighed.truncate(MAX_WEIGHED);
    Judged {
        kept: block.kept,
        probability: block.probability,
        first: sigmoid(f64::from(block.logit)) as f32,
        comment: block.comment,
        named_comment: block.is_named_comment,
        repeated: block.is_repeated,
        idle: block.is_idle,
        link_density: block.features[LINK_DENSITY],
        characters: block.text.chars().count() as u32,
        path: block.path,
        weighed,
        text: block.text,
    }
}

/// The innermost elements around a block, each with its first class.
pub fn path(page: &Blocks, block: &Block, source: &str) -> String {
    let mut names = Vec::new();
    let mut at = block.element;
    while at != NONE && names.len() < MAX_PATH {
        let element = &page.elements[at as usize];
        let class: String =
            element.class.of(source).split_ascii_whitespace().take(1).flat_map(str::chars).take(MAX_CLASS_CHARACTERS).collect();
        let dot = if class.is_empty() { "" } else { "." };
        names.push(format!("{}{dot}{class}", element.name.as_str()));
        at = element.parent;
    }
    names.retain(|name| !name.is_empty());
    names.reverse();
    names.join(" > ")
}
