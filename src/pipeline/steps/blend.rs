//! Solves the blend from the tokens that each source can supply, and draws how many copies of each document go into the data set.
//!
//! What is held out for validation is no part of the blend: it is in the data set once where its source has any epochs, and no token of it counts.
//! Round `draws` sums the tokens of each file by source and draw, and its merge solves the blend; round `copies` walks the token counts. Memory: 512 KiB a source and task.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::blend::{self, Blend, Solution, Spread, Supply};
use crate::document::{Reason, Rule};
use crate::error::{Error, Result};
use crate::store::Folder;
use crate::store::table::{TableReader, TableWriter};
use crate::text::hash::{draw, draw_bits};

use super::super::ledger::{Counts, Outcome};
use super::super::plan::Layout;
use super::super::recipe::Recipe;
use super::super::run::{Build, Round, Step};
use super::shard::is_held_out;
use super::spreads::{read_spreads, spread_path, write_spreads};
use super::tokens::{SUPPLIES, TokenRow};
use super::{Before, DecisionRow, GONE, KEEP, KeyRow, Once, Walk, aligned, need_json, read_json, write_json};

const VERSION: u32 = 5;
/// What the draws of copies are keyed by.
const DRAW: &str = "blend";
/// By which rules a document gets no copies.
pub const RULES: &[Rule] = &[
    Rule::new("not-in-blend", "", "of a source that the blend does not name, or gives no epochs"),
    Rule::new(
        "not-drawn",
        "as its draw",
        "not among the draws whose documents together hold the tokens of its source's fraction of an epoch; the last of them ends at the limit",
    ),
];
/// Where the solution lies.
pub const SOLUTION: &str = "decisions/blend/solution.json";

pub struct Blending {
    layout: Arc<Layout>,
    before: Before,
    blend: Blend,
    seed: u64,
    /// As the recipe's.
    validation: f64,
    solution: Once<Solution>,
}

impl Blending {
    pub fn new(recipe: &Recipe, blend: &Blend, layout: &Arc<Layout>, before: &Before) -> Self {
        let before = before.clone();
        let validation = recipe.validation();
        Self { layout: Arc::clone(layout), before, blend: blend.clone(), seed: recipe.seed, validation, solution: Once::default() }
    }

    fn solution(&self, build: Build<'_>) -> Result<&Solution> {
        self.solution.get(|| need_json(build.folder, SOLUTION))
    }
}

/// The tokens of each source as the step `tokens` counted them, when it did.
pub fn load_supplies(folder: &Folder) -> Result<Option<Vec<Supply>>> {
    read_json(folder, SUPPLIES)
}

/// The blend's solution, when there is one.
pub fn load_solution(folder: &Folder) -> Result<Option<Solution>> {
    read_json(folder, SOLUTION)
}

impl Step for Blending {
    fn name(&self) -> &str {
        "blend"
    }

    fn identity(&self) -> String {
        format!("{VERSION} {} {:?} {}", self.seed, self.blend, self.validation)
    }

    fn reads(&self) -> Vec<String> {
        vec!["tokens".to_owned()]
    }

    fn rounds(&self) -> Vec<Round> {
        let tasks = || self.layout.tasks();
        vec![Round { name: "draws", tasks: tasks(), merges: true }, Round { name: "copies", tasks: tasks(), merges: false }]
    }

    fn merge(&self, build: Build<'_>, _round: usize) -> Result<Outcome> {
        let mut supplies: Vec<Supply> = need_json(build.folder, SUPPLIES)?;
        let spreads = read_spreads(build.folder, (0..self.layout.files.len()).map(|task| spread_path("blend", task)))?;
        // What is held out is not there to be drawn.
        for supply in &mut supplies {
            let counted = std::mem::replace(&mut supply.tokens, spreads.get(&supply.source).map_or(0, Spread::total));
            let Supply { source, tokens, .. } = &*supply;
            if *tokens == 0 && 0 < counted && self.blend.asks_for(source) {
                return Err(Error::new(format!(
                    "all of {source} ({counted} tokens) is held out for validation, and nothing is left for the blend; lower output.validation, or choose another seed"
                )));
            }
        }
        let mut solution = blend::solve(&self.blend, &supplies)?;
        solution.draw(&self.blend, &spreads);
        Ok(Outcome { files: vec![write_json(build.folder, SOLUTION, &solution)?], work: Vec::new(), counts: Counts::default() })
    }

    fn task(&self, build: Build<'_>, round: usize, task: usize) -> Result<Outcome> {
        if round == 0 { self.draws(build, task) } else { self.copies(build, task) }
    }
}

impl Blending {
    /// Round 0: tokens by source and draw.
    fn draws(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let file = &self.layout.files[task];
        let mut tokens = TableReader::<TokenRow>::open(&build.folder.path(&file.decisions("tokens")))?;
        let mut spreads: BTreeMap<String, Spread> = BTreeMap::new();
        for row in Walk::<KeyRow>::open(build, file, &self.before)? {
            let (_, standing) = row?;
            let tokens = aligned(&mut tokens, standing.key, &file.name())?.tokens.unwrap_or(0);
            if standing.alive && !is_held_out(build.recipe, standing.key) {
                spreads.entry(standing.source).or_default().add(draw_bits(self.seed, DRAW, standing.key), tokens);
            }
        }
        let work = vec![write_spreads(build.folder, &spread_path("blend", task), &spreads)?];
        Ok(Outcome { files: Vec::new(), work, counts: Counts::default() })
    }

    fn copies(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let file = &self.layout.files[task];
        let solution = self.solution(build)?;
        let mut tokens = TableReader::<TokenRow>::open(&build.folder.path(&file.decisions("tokens")))?;
        let mut rows = TableWriter::create(build.folder, &file.decisions("blend"))?;
        let mut counts = Counts::default();
        for row in Walk::<KeyRow>::open(build, file, &self.before)? {
            let (_, standing) = row?;
            let tokens = aligned(&mut tokens, standing.key, &file.name())?.tokens.unwrap_or(0);
            if !standing.alive {
                rows.push(DecisionRow::new(&standing, GONE))?;
                continue;
            }
            let of_source = solution.row(&standing.source);
            let u = draw(self.seed, DRAW, standing.key);
            let held_out = is_held_out(build.recipe, standing.key) && of_source.is_some_and(|row| 0.0 < row.epochs);
            let copies = if held_out { 1 } else { of_source.map_or(0, |row| row.copies(u)) };
            let mut decision = DecisionRow::new(&standing, KEEP);
            decision.draw = Some(u);
            decision.copies = Some(u64::from(copies));
            let funnel = counts.source(&standing.source);
            funnel.read += 1;
            if copies == 0 {
                let epochs = of_source.map_or(0.0, |row| row.epochs);
                let rule = if epochs == 0.0 { "not-in-blend" } else { "not-drawn" };
                funnel.drop("blend", rule);
                let limit = of_source.map_or(0.0, |row| row.one_more.end());
                decision = decision.dropped(Reason { filter: "blend", rule, value: u, limit });
            } else {
                funnel.kept += 1;
            }
            counts.note(&format!("{}: copies", standing.source), u64::from(copies));
            if held_out {
                counts.note(&format!("{}: documents held out for validation", standing.source), 1);
            } else {
                counts.note(&format!("{}: tokens in the blend", standing.source), u64::from(copies) * tokens);
            }
            rows.push(decision)?;
        }
        Ok(Outcome { files: vec![rows.finish()?], work: Vec::new(), counts })
    }
}
