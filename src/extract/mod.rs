//! From a page of the web to its title, its main text, and what else it says of itself.
//!
//! Bytes become text (`charset`), text becomes tokens (`tokens`), tokens become blocks (`blocks`), blocks become numbers (`features`), and a judge says
//! which blocks are the page's own words (`judge`). Each part knows only those before it. What is kept becomes lines (`render`) or Markdown (`markdown`); tags and
//! JSON-LD become `metadata`. Pages in plain text are decoded and kept whole.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

use crate::document::{Page, Place, Reason, Rule};
use crate::error::{Error, Result};
use crate::extract::blocks::Blocks;
use crate::extract::charset::Decoded;
use crate::extract::features::Features;
use crate::extract::judge::Judge;
use crate::extract::measure::Measurer;
use crate::extract::repeats::Repeats;
use crate::extract::weights::Weights;
use crate::text::robots::Signals;

pub use crate::extract::charset::CharsetFrom;
pub use crate::extract::explained::Explained;
pub use crate::extract::judged::{Judged, JudgedPage, Weighed};
pub use crate::extract::metadata::Metadata;

pub mod alike;
pub mod blocks;
pub mod characters;
pub mod charset;
pub mod comments;
pub mod cues;
mod dates;
pub mod era;
mod escape;
mod explained;
pub mod features;
pub mod flags;
pub mod fold;
pub mod head;
mod idle;
pub mod judge;
mod judged;
mod lanes;
pub mod lexicon;
mod linked;
mod markdown;
pub mod measure;
mod metadata;
pub mod names;
pub mod path;
mod prescan;
mod raw;
mod render;
mod repeats;
pub mod second;
pub mod tokens;
pub mod topics;
pub mod weights;
pub mod words;

/// The name under which pages without a text are counted.
const FILTER: &str = "extract";

/// By which rules a page has no text.
pub const RULES: &[Rule] = &[
    Rule::new("empty-text", "characters", "a main text shorter than min-characters"),
    Rule::new("not-text", "control characters a byte", "no text at all: an image or an archive that was served as a page"),
    Rule::new("too-much-work", "steps", "a page that needs more work than max-steps"),
    Rule::new("panic", "", "a page at which a parser failed; please report it"),
];

/// Buffers of a page with more blocks or elements than this are given back after it; ordinary pages have a few hundred and a few thousand.
const MAX_RETAINED: usize = 1 << 16;

crate::described! {
    /// Settings of the extraction.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
    pub struct Options {
        /// Elements nested deeper than this are read as if they stood side by side, as browsers do. At least 1.
        pub max_nesting: u32,
        /// Work per page, in steps; a page that needs more gives no text. A step is a tag, an attribute, a text, 32 bytes, or one look at an open element; an
        /// element is 16 more and a block 256, so that this bounds memory too. An ordinary page needs about one step for two bytes. At least 1. The default lets
        /// every page of 64 MiB through that is not made to be slow, and stops others within a second or two.
        pub max_steps: u64,
        /// A main text with fewer characters than this counts as none. At least 1.
        pub min_characters: u32,
        /// How much is taken for main text: "balanced" promises the best F1, "precision" leaves out what is doubtful, "recall" takes more of it, "whole-page" takes all that a reader sees.
        pub preset: Preset,
        /// Comments of readers are kept too. Without this those that elements name so are left out, unless the judge is sure of them, as of the posts of a forum.
        pub comments: bool,
        /// What a page says of itself is kept in `extra`: author, canonical, html_language, published, site, as far as it is said.
        pub metadata: bool,
        /// How the main text is written: "text", one line a block, or "markdown", with headings, lists, quotes, code and tables.
        pub format: Format,
    }
}

/// How a main text is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    #[default]
    Text,
    Markdown,
}

/// How much of a page is taken for its main text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    #[default]
    Balanced,
    Precision,
    Recall,
    WholePage,
}

impl Preset {
    /// What `judge::choose` is asked for: .5 for the best F1 that can be expected, more for surer blocks; `None` where nothing is asked of them.
    fn factor(self) -> Option<f64> {
        match self {
            Self::Balanced => Some(0.5),
            Self::Precision => Some(0.7),
            Self::Recall => Some(0.3),
            Self::WholePage => None,
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_nesting: 512,
            max_steps: 1 << 26,
            min_characters: 1,
            preset: Preset::default(),
            comments: false,
            metadata: true,
            format: Format::default(),
        }
    }
}

/// What a page says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extracted {
    /// Of the `title` element, else of `og:title`; white space folded; never empty.
    pub title: Option<String>,
    /// What else the page says of itself; nothing where that is not asked for.
    pub metadata: Metadata,
    /// In the format that is asked for; as text, one line per block. No NUL and no other control than `\n` and `\t`; `\t` stands between cells of a row and in preformatted text.
    pub text: String,
    /// The standard's name of the charset the body was decoded from.
    pub charset: &'static str,
    pub charset_from: CharsetFrom,
    /// Bytes or sequences of the body that were not of its charset, each shown as U+FFFD.
    pub replacements: u64,
    /// What the page says to robots, in its HTTP header and its markup; `None` where it says nothing of ours.
    pub opt_out: Option<String>,
}

/// Extracts pages one after another; its buffers are reused.
#[derive(Clone, Debug)]
pub struct Extractor {
    options: Options,
    blocks: Blocks,
    measurer: Measurer,
    features: Features,
    judge: Judge,
    comments: Option<Judge>,
    named: comments::Named,
    repeats: Repeats,
    /// For each block: it is a heading over nothing that is kept.
    idle: Vec<bool>,
    kind: head::Kind,
    verdict: Vec<f32>,
    verdict_on_comments: Vec<f32>,
    kept: Vec<bool>,
    likely: Vec<judge::Likely>,
    /// From which probability on blocks of the last page were kept; 0 where nothing is asked of them.
    threshold: f64,
}

impl Extractor {
    /// An extractor by these options; an error names the option that is out of its range.
    pub fn new(options: Options) -> Result<Self> {
        Self::with(options, Judge::built_in()?)
    }

    /// One that judges by other weights, as the example `train-extractor` writes them; `name` is their file's, for messages.
    ///
    /// # Errors
    /// As [`Extractor::new`] has them, and where a line is no weight.
    pub fn with_weights(options: Options, weights: &str, name: &str) -> Result<Self> {
        Self::with(options, Judge::new(Weights::parse(weights, name)?.into()))
    }

    fn with(options: Options, judge: Judge) -> Result<Self> {
        if options.max_nesting < 1 || options.min_characters < 1 || options.max_steps < 1 {
            return Err(Error::recipe("extract: max-nesting, max-steps and min-characters must be at least 1"));
        }
        let unknown = || Error::recipe("extract: comments are to be kept, but these weights do not say what comments are");
        let comments = options.comments.then(|| judge.of_comments().ok_or_else(unknown)).transpose()?;
        Ok(Self {
            options,
            blocks: Blocks::default(),
            measurer: Measurer::new(judge.lexicon()),
            features: Features::default(),
            comments,
            named: comments::Named::default(),
            repeats: Repeats::default(),
            idle: Vec::new(),
            judge,
            kind: head::Kind::default(),
            verdict: Vec::new(),
            verdict_on_comments: Vec::new(),
            kept: Vec::new(),
            likely: Vec::new(),
            threshold: 0.0,
        })
    }

    /// The page's title and main text, or why it has none.
    pub fn extract(&mut self, page: &Page<'_>) -> Result<Extracted, Reason> {
        // The crates that decode and the code that reads are safe Rust; a fault in them is one page's loss.
        let result = catch_unwind(AssertUnwindSafe(|| self.extract_unguarded(page)));
        let n_retained = self.blocks.blocks.len().max(self.blocks.elements.len());
        if result.is_err() || MAX_RETAINED < n_retained {
            let steps = self.blocks.steps;
            self.blocks = Blocks::default();
            self.blocks.steps = steps;
            self.features = Features::default();
            self.repeats = Repeats::default();
            self.idle = Vec::new();
            self.judge.forget();
            self.comments.iter_mut().for_each(Judge::forget);
        }
        result.unwrap_or(Err(Reason::bare(FILTER, "panic")))
    }

    /// Steps that the last HTML page took.
    pub fn steps(&self) -> u64 {
        self.blocks.steps
    }

    fn extract_unguarded(&mut self, page: &Page<'_>) -> Result<Extracted, Reason> {
        let decoded = charset::decode(page.body, page.charset, top_level_domain(page.url));
        self.refuse_binary(&decoded)?;
        let mut signals = Signals::default();
        signals.add(page.opt_out);
        let (title, metadata, text) = if page.media_type == "text/plain" {
            (None, Metadata::default(), render::plain(&decoded.text))
        } else {
            match self.options.preset {
                // Nothing is asked of a judge.
                Preset::WholePage => {
                    self.cut(&decoded.text)?;
                    self.choose(&decoded.text);
                }
                _ => self.read(&decoded.text, page.url)?,
            }
            self.blocks.head.signals(&decoded.text, &mut signals);
            let title = render::title(&self.blocks.head, &decoded.text);
            let metadata = match self.options.metadata {
                true => metadata::read(&self.blocks.head, &decoded.text, page.url),
                false => Metadata::default(),
            };
            let text = match self.options.format {
                Format::Text => render::main_text(&self.blocks, &self.features, &self.kept),
                Format::Markdown => markdown::main_text(&self.blocks, &self.kept),
            };
            (title, metadata, text)
        };
        let n_characters = text.chars().filter(|c| !c.is_whitespace()).take(self.options.min_characters as usize).count();
        if n_characters < self.options.min_characters as usize {
            return Err(Reason {
                filter: FILTER,
                rule: "empty-text",
                value: n_characters as f64,
                limit: f64::from(self.options.min_characters),
            });
        }
        let opt_out = Some(signals.to_string()).filter(|signals| !signals.is_empty());
        let Decoded { charset, from, replacements, .. } = decoded;
        Ok(Extracted { title, metadata, text, charset, charset_from: from, replacements, opt_out })
    }

    /// Refuses what is no text at all: an image or archive that was served as a page.
    fn refuse_binary(&self, decoded: &Decoded<'_>) -> Result<(), Reason> {
        /// Bytes looked at.
        const LOOK: usize = 16 << 10;
        /// One control in a hundred bytes. Real pages have a stray one; compressed data has ten in a hundred.
        const MAX_CONTROLS: f64 = 0.01;
        let head = &decoded.text.as_bytes()[..decoded.text.len().min(LOOK)];
        // Without a branch, and as bytes that cannot run over: sixteen are looked at together.
        let is_control = |b: u8| (b < 0x20) & (b != b'\t') & (b != b'\n') & (b != b'\r') & (b != 0x0C) & (b != 0x1B);
        let n_controls: usize = head.chunks(128).map(|bytes| usize::from(bytes.iter().map(|&b| u8::from(is_control(b))).sum::<u8>())).sum();
        let value = n_controls as f64 / head.len().max(1) as f64;
        // A short page may have one or two.
        if MAX_CONTROLS < value && 4 < n_controls {
            return Err(Reason { filter: FILTER, rule: "not-text", value, limit: MAX_CONTROLS });
        }
        Ok(())
    }

    /// Reads the page into blocks, judges them and chooses.
    fn read(&mut self, source: &str, url: &str) -> Result<(), Reason> {
        self.cut(source)?;
        self.kind = head::kind(&self.blocks.head, source);
        let url = self.blocks.head.url(url, source);
        self.judge.judge(&self.blocks, &self.features, self.kind, url, source, &mut self.verdict);
        if let Some(judge) = &mut self.comments {
            judge.judge(&self.blocks, &self.features, self.kind, url, source, &mut self.verdict_on_comments);
            for (i, logit) in self.verdict_on_comments.iter_mut().enumerate() {
                if self.named.holds(i, &self.blocks, &self.features, source) {
                    *logit = f32::INFINITY;
                }
            }
        }
        self.choose(source);
        Ok(())
    }

    /// Cuts the page into blocks and computes their features.
    fn cut(&mut self, source: &str) -> Result<(), Reason> {
        let too_much =
            |steps: u64| Reason { filter: FILTER, rule: "too-much-work", value: steps as f64, limit: self.options.max_steps as f64 };
        // Offsets are 32 bits wide, and a reference of 6 bytes may stand for a text longer than itself.
        if u32::MAX as usize / 4 < source.len() {
            return Err(too_much(source.len() as u64));
        }
        self.blocks.read(source, self.options.max_nesting, self.options.max_steps).map_err(too_much)?;
        let title = render::title(&self.blocks.head, source);
        self.measurer.set_title(title.as_deref().unwrap_or_default());
        self.features.compute(&mut self.blocks, &mut self.measurer, source);
        self.named.begin(&self.blocks);
        Ok(())
    }

    /// Marks the blocks that are kept: by their verdicts, each text once, with comments or without.
    fn choose(&mut self, source: &str) {
        let Some(factor) = self.options.preset.factor() else {
            self.threshold = 0.0;
            self.repeats.clear();
            self.idle.clear();
            self.kept.clear();
            self.kept.extend(self.blocks.blocks.iter().map(|block| !block.hidden));
            return;
        };
        self.repeats.read(&self.blocks, &self.features, &self.verdict);
        // What is left out whatever is chosen must not count for the choice.
        let words = |i: usize| if self.repeats.holds(i) { 0.0 } else { self.features.measures[i].words };
        self.threshold = judge::choose(&self.verdict, factor, words, &mut self.likely, &mut self.kept);
        for (i, kept) in self.kept.iter_mut().enumerate() {
            *kept &= !self.repeats.holds(i);
            if self.options.comments {
                *kept |= 0.0 < self.verdict_on_comments[i] && !self.blocks.blocks[i].hidden;
            } else if *kept && self.verdict[i] < comments::SURE {
                *kept = !self.named.holds(i, &self.blocks, &self.features, source);
            }
        }
        idle::take_out(&self.blocks, &self.verdict, &mut self.kept, &mut self.idle);
    }
}

/// A file of HTML as a page: status 200, no URL, no charset but what its bytes say. `path` becomes its id and its place.
pub fn page_of_file<'a>(path: &'a str, body: &'a [u8]) -> Page<'a> {
    Page {
        id: path,
        url: "",
        date: "",
        status: 200,
        media_type: "text/html",
        charset: None,
        opt_out: "",
        body,
        truncated: false,
        place: Place { file: path.into(), offset: 0, length: body.len() as u64 },
    }
}

/// The last label of a URL's host if it can be a top-level domain.
fn top_level_domain(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let host = rest.split(['/', '?', '#']).next()?;
    let host = host.rsplit('@').next()?.split(':').next()?;
    let label = host.trim_end_matches('.').rsplit('.').next()?;
    (!label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase())).then_some(label)
}

#[cfg(test)]
mod tests;
