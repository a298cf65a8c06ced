//! Finds each standing document's language and lets the filters of its source judge it, in the recipe's order; the first that drops it gives the reason.
//!
//! One round, one task a file of documents. Memory: a row group a task, and what the filters' lists hold once a process (10 bytes a line of `blocked-urls`).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::document::{Filter as Judge, Verdict};
use crate::error::{Context, Result};
use crate::language;
use crate::read::Input;
use crate::store::table::TableWriter;

use super::super::ledger::{Counts, Outcome};
use super::super::plan::{Layout, states, unchanged, way};
use super::super::recipe::Recipe;
use super::super::registry::FilterSpec;
use super::super::run::{Build, Round, Step};
use super::{Before, DecisionRow, DocumentRow, GONE, KEEP, Once, Walk};

const VERSION: u32 = 4;
/// What the lists are there for, in messages.
const ROLE: &str = "the filters";
/// Begins the name of a note on lists: what a user should know of them.
pub const LISTS: &str = "lists: ";
/// Begins the name of the histogram of documents of a source by the list that dropped them, before ": " and the filter.
pub const DROPPED_BY: &str = "dropped by lists, of ";

pub struct Filter {
    layout: Arc<Layout>,
    before: Before,
    /// Source: its filters in order.
    specs: BTreeMap<String, Vec<FilterSpec>>,
    base: PathBuf,
    /// Files of lists.
    lists: Vec<Input>,
    states: BTreeMap<String, String>,
    loaded: Once<Loaded>,
    identity: String,
}

/// The filters with their lists.
struct Loaded {
    /// Source: its filters in order.
    filters: BTreeMap<String, Vec<Arc<dyn Judge>>>,
    /// What a user should know of the lists.
    warnings: Vec<String>,
}

impl Filter {
    /// Finds the lists of the filters; they are read by [`Step::check`], or by the first task.
    ///
    /// # Errors
    /// When a list is missing.
    pub fn new(recipe: &Recipe, layout: &Arc<Layout>, before: &Before) -> Result<Self> {
        let mut specs = BTreeMap::new();
        let mut lists = BTreeMap::new();
        let mut identity = format!("{VERSION}");
        for (name, source) in &recipe.sources {
            for spec in &source.filter {
                let doing = || format!("lists of source {name}");
                for path in spec.build()?.files(&recipe.base).context(doing)? {
                    let bytes = std::fs::metadata(&path).context(|| format!("cannot look at the list {}", path.display()))?.len();
                    let name = way(&path, &recipe.base);
                    lists.insert(name.clone(), Input::file(path, name.as_str(), bytes));
                }
            }
            specs.insert(name.clone(), source.filter.clone());
            identity.push_str(&format!(" {name} {:?}", source.filter));
        }
        let lists: Vec<Input> = lists.into_values().collect();
        Ok(Self {
            layout: Arc::clone(layout),
            before: before.clone(),
            specs,
            base: recipe.base.clone(),
            states: states(&lists, ROLE)?,
            lists,
            loaded: Once::default(),
            identity,
        })
    }

    /// The filters with their lists, read once a process; two sources with the same filter share it.
    ///
    /// # Errors
    /// When a list cannot be read, or changes while it is read (exit 5).
    fn loaded(&self) -> Result<&Loaded> {
        self.loaded.get(|| unchanged(&self.lists, ROLE, &self.states, || self.load()))
    }

    fn load(&self) -> Result<Loaded> {
        language::prepare();
        let mut made: Vec<(&FilterSpec, Arc<dyn Judge>)> = Vec::new();
        let mut loaded = Loaded { filters: BTreeMap::new(), warnings: Vec::new() };
        for (source, specs) in &self.specs {
            let mut filters: Vec<Arc<dyn Judge>> = Vec::new();
            for spec in specs {
                let known = made.iter().find(|(other, _)| *other == spec).map(|(_, filter)| Arc::clone(filter));
                let filter = match known {
                    Some(filter) => filter,
                    None => {
                        let mut filter = spec.build()?;
                        let said = filter.load(&self.base)?.into_iter().chain(unused(&*filter));
                        loaded.warnings.extend(said.map(|said| format!("{}: {said}", spec.name())));
                        let filter: Arc<dyn Judge> = filter.into();
                        made.push((spec, Arc::clone(&filter)));
                        filter
                    }
                };
                filters.push(filter);
            }
            loaded.filters.insert(source.clone(), filters);
        }
        Ok(loaded)
    }
}

/// The warning of lists for languages that no document is recognised as.
fn unused(filter: &dyn Judge) -> Option<String> {
    let languages = filter.languages();
    let unused: Vec<&str> =
        languages.iter().filter(|(code, _)| !language::codes::is_known(code) && *code != "und").map(|(_, list)| *list).collect();
    let lists = unused.join(", ");
    (!unused.is_empty())
        .then(|| format!("no document is judged by {lists}; lists are for the languages {}", language::codes::known().join(", ")))
}

impl Step for Filter {
    fn name(&self) -> &str {
        "filter"
    }

    fn identity(&self) -> String {
        self.identity.clone()
    }

    fn inputs(&self) -> BTreeMap<String, String> {
        self.states.clone()
    }

    fn check(&self) -> Result<()> {
        self.loaded().map(drop)
    }

    fn reads(&self) -> Vec<String> {
        std::iter::once("extract".to_owned()).chain(self.before.steps()).collect()
    }

    fn rounds(&self) -> Vec<Round> {
        vec![Round { name: "filter", tasks: self.layout.tasks(), merges: false }]
    }

    fn task(&self, build: Build<'_>, _round: usize, task: usize) -> Result<Outcome> {
        let file = &self.layout.files[task];
        let loaded = self.loaded()?;
        let mut rows = TableWriter::create(build.folder, &file.decisions("filter"))?;
        let mut counts = Counts::default();
        if task == 0 {
            loaded.warnings.iter().for_each(|said| counts.note(&format!("{LISTS}{said}"), 1));
        }
        for row in Walk::<DocumentRow>::open(build, file, &self.before)? {
            let (document, standing) = row?;
            if !standing.alive {
                rows.push(DecisionRow::new(&standing, GONE))?;
                continue;
            }
            let mut document = document.into_document();
            counts.bytes += document.text.len() as u64;
            let found = language::identify(&document.text);
            let tenth = ((found.probability * 10.0) as u64).min(9);
            counts.bucket(&format!("language of {}", standing.source), &format!("{} {tenth}", found.code), 1);
            let mut decision = DecisionRow::new(&standing, KEEP);
            decision.language = Some(found.code.clone());
            decision.language_probability = Some(found.probability);
            document.language = Some(found);
            let reason_of = |filter: &'_ Arc<dyn Judge>| match filter.judge(&document) {
                Verdict::Keep => None,
                Verdict::Drop(reason) => Some((reason, filter.matched(&document))),
            };
            let dropped = loaded.filters[&standing.source].iter().find_map(reason_of);
            counts.source(&standing.source).read += 1;
            match dropped {
                Some((reason, matched)) => {
                    counts.source(&standing.source).drop(reason.filter, reason.rule);
                    decision = decision.dropped(reason);
                    if let Some(matched) = matched {
                        counts.bucket(&format!("{DROPPED_BY}{}: {}", standing.source, reason.filter), &matched.list, 1);
                        decision.matched = Some(format!("{}: {}", matched.list, matched.entry));
                    }
                }
                None => counts.source(&standing.source).kept += 1,
            }
            rows.push(decision)?;
        }
        Ok(Outcome { files: vec![rows.finish()?], work: Vec::new(), counts })
    }
}
