//! Counts the tokens of what is left of every standing document, and adds them up per source.
//!
//! One round, one task a file of documents; its merge writes the supplies that the blend's solver needs. Memory: a row group a task.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::blend::{Blend, Supply};
use crate::error::Result;
use crate::store::table::{TableReader, TableWriter};
use crate::tokens::Tokenizer;

use super::super::ledger::{Counts, Outcome};
use super::super::plan::Layout;
use super::super::recipe::Recipe;
use super::super::run::{Build, Round, Step};
use super::decontaminate::Pieces;
use super::{Before, DecisionRow, GONE, KEEP, Keyed, TextRow, Walk, keyed, write_json};
use crate::document::Key;

/// Where the tokens of each source lie, added up.
pub const SUPPLIES: &str = "decisions/tokens/supplies.json";
const VERSION: u32 = 1;

pub struct Tokens {
    layout: Arc<Layout>,
    before: Before,
    tokenizer: String,
    decontaminated: bool,
    sources: Vec<String>,
}

impl Tokens {
    pub fn new(recipe: &Recipe, blend: &Blend, layout: &Arc<Layout>, before: &Before) -> Self {
        Self {
            layout: Arc::clone(layout),
            before: before.clone(),
            tokenizer: blend.tokenizer.clone(),
            decontaminated: recipe.decontaminate.is_some(),
            sources: recipe.sources.keys().cloned().collect(),
        }
    }
}

crate::table! {
    /// Tokens of a standing document.
    pub struct TokenRow {
        /// The document's key.
        key: Key,
        /// Its source.
        source: String,
        /// Tokens of what is left of its text.
        tokens: Option<u64>,
    }
}

keyed!(TokenRow);

impl Step for Tokens {
    fn name(&self) -> &str {
        "tokens"
    }

    fn identity(&self) -> String {
        format!("{VERSION} {} {:?}", self.tokenizer, self.sources)
    }

    fn reads(&self) -> Vec<String> {
        std::iter::once("extract".to_owned()).chain(self.before.steps()).collect()
    }

    fn rounds(&self) -> Vec<Round> {
        vec![Round { name: "tokens", tasks: self.layout.tasks(), merges: true }]
    }

    fn task(&self, build: Build<'_>, _round: usize, task: usize) -> Result<Outcome> {
        let file = &self.layout.files[task];
        let tokenizer = Tokenizer::new(&self.tokenizer)?;
        let mut pieces = Pieces::open(build, file, self.decontaminated)?;
        let mut rows = TableWriter::create(build.folder, &file.decisions("tokens"))?;
        let mut counts = Counts::default();
        for row in Walk::<TextRow>::open(build, file, &self.before)? {
            let (TextRow { key, text }, standing) = row?;
            let mine = pieces.take(key)?;
            if !standing.alive {
                rows.push(DecisionRow::new(&standing, GONE))?;
                continue;
            }
            counts.bytes += text.len() as u64;
            let tokens =
                if mine.is_empty() { tokenizer.count(&text) } else { mine.iter().map(|piece| tokenizer.count(&text[piece.clone()])).sum() };
            let mut decision = DecisionRow::new(&standing, KEEP);
            decision.tokens = Some(tokens);
            let funnel = counts.source(&standing.source);
            (funnel.read, funnel.kept) = (funnel.read + 1, funnel.kept + 1);
            counts.note(&format!("{}: tokens", standing.source), tokens);
            rows.push(decision)?;
        }
        Ok(Outcome { files: vec![rows.finish()?], work: Vec::new(), counts })
    }

    fn merge(&self, build: Build<'_>, _round: usize) -> Result<Outcome> {
        let mut supplies: BTreeMap<String, Supply> = BTreeMap::new();
        for source in &self.sources {
            supplies.insert(source.clone(), Supply { source: source.clone(), documents: 0, tokens: 0 });
        }
        for file in &self.layout.files {
            for row in TableReader::<TokenRow>::open(&build.folder.path(&file.decisions("tokens")))? {
                let row = row?;
                if let (Some(tokens), Some(supply)) = (row.tokens, supplies.get_mut(&row.source)) {
                    supply.documents += 1;
                    supply.tokens += tokens;
                }
            }
        }
        let supplies: Vec<&Supply> = supplies.values().collect();
        Ok(Outcome { files: vec![write_json(build.folder, SUPPLIES, &supplies)?], work: Vec::new(), counts: Counts::default() })
    }
}
