//! Finds each standing document's language and lets the filters of its source judge it, in the recipe's order; the first that drops it gives the reason.
//!
//! One round, one task a file of documents. Memory: a row group a task.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::document::{Filter as Judge, Verdict};
use crate::error::Result;
use crate::language;
use crate::store::table::TableWriter;

use super::super::ledger::{Counts, Outcome};
use super::super::plan::Layout;
use super::super::recipe::Recipe;
use super::super::run::{Build, Round, Step};
use super::{Before, DecisionRow, DocumentRow, GONE, KEEP, Walk};

const VERSION: u32 = 1;

pub struct Filter {
    layout: Arc<Layout>,
    before: Before,
    /// Source: its filters in order.
    filters: BTreeMap<String, Vec<Box<dyn Judge>>>,
    identity: String,
}

impl Filter {
    pub fn new(recipe: &Recipe, layout: &Arc<Layout>, before: &Before) -> Result<Self> {
        let mut filters = BTreeMap::new();
        let mut identity = format!("{VERSION}");
        for (name, source) in &recipe.sources {
            filters.insert(name.clone(), source.filter.iter().map(|spec| spec.build()).collect::<Result<Vec<_>>>()?);
            identity.push_str(&format!(" {name} {:?}", source.filter));
        }
        Ok(Self { layout: Arc::clone(layout), before: before.clone(), filters, identity })
    }
}

impl Step for Filter {
    fn name(&self) -> &str {
        "filter"
    }

    fn identity(&self) -> String {
        self.identity.clone()
    }

    fn reads(&self) -> Vec<String> {
        std::iter::once("extract".to_owned()).chain(self.before.steps()).collect()
    }

    fn rounds(&self) -> Vec<Round> {
        vec![Round { name: "filter", tasks: self.layout.tasks(), merges: false }]
    }

    fn task(&self, build: Build<'_>, _round: usize, task: usize) -> Result<Outcome> {
        let file = &self.layout.files[task];
        let mut rows = TableWriter::create(build.folder, &file.decisions("filter"))?;
        let mut counts = Counts::default();
        for row in Walk::<DocumentRow>::open(build, file, &self.before)? {
            let (document, standing) = row?;
            if !standing.alive {
                rows.push(DecisionRow::new(&standing, GONE))?;
                continue;
            }
            let mut document = document.into_document();
            counts.bytes += document.text.len() as u64;
            let found = language::identify(&document.text);
            counts.bucket(&format!("language of {}", standing.source), &found.code, 1);
            let mut decision = DecisionRow::new(&standing, KEEP);
            decision.language = Some(found.code.clone());
            decision.language_probability = Some(found.probability);
            document.language = Some(found);
            let verdict =
                self.filters[&standing.source].iter().map(|filter| filter.judge(&document)).find(|verdict| *verdict != Verdict::Keep);
            let funnel = counts.source(&standing.source);
            funnel.read += 1;
            match verdict {
                Some(Verdict::Drop(reason)) => {
                    funnel.drop(reason.filter, reason.rule);
                    decision = decision.dropped(reason);
                }
                _ => funnel.kept += 1,
            }
            rows.push(decision)?;
        }
        Ok(Outcome { files: vec![rows.finish()?], work: Vec::new(), counts })
    }
}
