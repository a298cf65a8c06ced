//! Pages that others linked to leave their parent and become a source of their own (WebText). Nothing is stored twice: the decision names the new source.
//!
//! Round `links` gathers one table of links for each selected source: 48 bytes a distinct URL at most. Round `mark` walks the parent's documents with what counts of that
//! table in memory: 12 bytes a distinct URL and as much a domain.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::document::Key;
use crate::error::{Context, Result};
use crate::read::links::{self, FoundBy, LinkSources, LinkTable, SCORE_BUCKETS};
use crate::read::{self, Limits};
use crate::store::table::TableWriter;

use super::super::ledger::{Counts, Outcome};
use super::super::plan::{Layout, states, unchanged};
use super::super::recipe::{LinkedFrom, Recipe};
use super::super::run::{Build, Round, Step, Task};
use super::{Before, DecisionRow, KEEP, Keyed, Once, Walk, keyed};

const VERSION: u32 = 2;

crate::table! {
    /// What selection looks at.
    pub struct UrlRow {
        /// The document's key.
        key: Key,
        /// Where it was found on the web.
        url: Option<String>,
    }
}

keyed!(UrlRow);

pub struct Select {
    layout: Arc<Layout>,
    limits: Limits,
    selections: Vec<Selection>,
    pub warnings: Vec<String>,
}

struct Selection {
    /// The new source.
    name: String,
    from: String,
    rule: LinkedFrom,
    sources: LinkSources,
    /// What its link files are.
    states: BTreeMap<String, String>,
    bytes: u64,
    table: Once<LinkTable>,
}

impl Select {
    pub fn new(recipe: &Recipe, layout: &Arc<Layout>) -> Result<Self> {
        let mut selections = Vec::new();
        let mut warnings = Vec::new();
        for (name, source) in &recipe.sources {
            let Some(select) = &source.select else { continue };
            let rule = &select.linked_from;
            let mut find = |patterns: &[String]| -> Result<Vec<read::Input>> {
                if patterns.is_empty() {
                    return Ok(Vec::new());
                }
                let (inputs, said) = read::find(patterns, &recipe.base).context(|| format!("links of source {name}"))?;
                warnings.extend(said);
                Ok(inputs)
            };
            let sources = LinkSources {
                tables: find(rule.table.as_slice())?,
                reddit: find(&rule.reddit)?,
                urls: find(&rule.urls)?,
                domains: find(&rule.domains)?,
            };
            let all = sources.all();
            selections.push(Selection {
                name: name.clone(),
                from: select.from.clone(),
                rule: rule.clone(),
                states: states(&all, &role(name))?,
                bytes: all.iter().map(|input| input.bytes).sum(),
                sources,
                table: Once::default(),
            });
        }
        Ok(Self { layout: Arc::clone(layout), limits: recipe.limits.clone(), selections, warnings })
    }

    fn work(selection: &Selection) -> String {
        format!("work/select/{}.parquet", selection.name)
    }
}

/// What the link files of a source are there for, in messages.
fn role(source: &str) -> String {
    format!("the links of source {source}")
}

impl Selection {
    /// The table that round `links` left; read once a process.
    fn table(&self, build: Build<'_>) -> Result<&LinkTable> {
        self.table.get(|| LinkTable::read(&build.folder.path(&Select::work(self)), &self.rule.choice()))
    }
}

/// What a page was found by, in notes.
pub const BY_URL: &str = "documents by exact URL";
pub const BY_DOMAIN: &str = "documents by registered domain";

fn note(found_by: FoundBy) -> &'static str {
    match found_by {
        FoundBy::Url => BY_URL,
        FoundBy::Domain => BY_DOMAIN,
    }
}

impl Step for Select {
    fn name(&self) -> &str {
        "select"
    }

    fn identity(&self) -> String {
        let parts = self.selections.iter().map(|s| format!("{} {} {:?}", s.name, s.from, s.rule));
        format!("{VERSION} {:?} {:?}", self.limits, parts.collect::<Vec<_>>())
    }

    fn inputs(&self) -> BTreeMap<String, String> {
        self.selections.iter().flat_map(|selection| selection.states.clone()).collect()
    }

    fn reads(&self) -> Vec<String> {
        vec!["extract".to_owned()]
    }

    fn rounds(&self) -> Vec<Round> {
        let links = self.selections.iter().map(|s| Task { name: s.name.clone(), bytes: s.bytes }).collect();
        vec![Round { name: "links", tasks: links, merges: false }, Round { name: "mark", tasks: self.layout.tasks(), merges: false }]
    }

    fn task(&self, build: Build<'_>, round: usize, task: usize) -> Result<Outcome> {
        if round == 0 { self.gather(build, task) } else { self.mark(build, task) }
    }
}

impl Select {
    fn gather(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let selection = &self.selections[task];
        let collect = || links::collect(&selection.sources, selection.rule.self_posts, &self.limits);
        let (links, tally) = unchanged(&selection.sources.all(), &role(&selection.name), &selection.states, collect)?;
        let mut counts = Counts { bytes: selection.bytes, ..Counts::default() };
        let name = &selection.name;
        let left_out = |treatment: links::Treatment, n: u64| if treatment == links::Treatment::Drop { n } else { 0 };
        let (over_18, self_posts) =
            (left_out(selection.rule.over_18, tally.over_18), left_out(selection.rule.self_posts, tally.self_posts));
        for (reason, n) in [("over-18", over_18), ("self-post", self_posts)].into_iter().filter(|(_, n)| *n != 0) {
            counts.note(&format!("{name}: links skipped, {reason}"), n);
        }
        for (what, n) in [
            ("rows of links", tally.rows),
            ("links used", tally.kept.saturating_sub(over_18 + self_posts)),
            ("over-18 links", tally.over_18),
            ("self posts", tally.self_posts),
            ("distinct URLs", tally.distinct_urls),
            ("distinct domains", tally.distinct_domains),
            ("scores look stale", u64::from(tally.stale_scores)),
        ] {
            counts.note(&format!("{name}: {what}"), n);
        }
        for (reason, n) in &tally.skipped {
            counts.note(&format!("{name}: links skipped, {reason}"), *n);
        }
        for (bucket, n) in SCORE_BUCKETS.iter().zip(&tally.scores) {
            counts.bucket(&format!("karma of links of {name}"), bucket, *n);
        }
        for (file, fault) in &tally.faults {
            counts.note(&format!("{name}: fault {fault} in {file}"), 1);
        }
        let path = Self::work(selection);
        let work = links.write(build.folder.create(&path)?, &path)?.commit(links.n_rows())?;
        Ok(Outcome { files: Vec::new(), work: vec![work], counts })
    }

    fn mark(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let file = &self.layout.files[task];
        let here: Vec<(&Selection, &LinkTable)> = self
            .selections
            .iter()
            .filter(|selection| selection.from == file.source)
            .map(|selection| Ok((selection, selection.table(build)?)))
            .collect::<Result<_>>()?;
        let mut rows = TableWriter::create(build.folder, &file.decisions("select"))?;
        let mut counts = Counts::default();
        counts.source(&file.source);
        let mut moved: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for row in Walk::<UrlRow>::open(build, file, &Before::default())? {
            let (UrlRow { url, .. }, mut standing) = row?;
            let funnel = counts.source(&file.source);
            funnel.read += 1;
            // The first selection by name that fits takes the page.
            let url = url.as_deref().unwrap_or_default();
            let chosen = here.iter().find_map(|(selection, table)| Some((*selection, table.selects(url, selection.rule.rule())?)));
            let mut links = None;
            if let Some((selection, (n, found_by))) = chosen {
                *moved.entry((&selection.name, note(found_by))).or_default() += 1;
                standing.source.clone_from(&selection.name);
                links = Some(u64::from(n));
            } else {
                funnel.kept += 1;
            }
            let mut decision = DecisionRow::new(&standing, KEEP);
            decision.links = links;
            rows.push(decision)?;
        }
        for (selection, _) in &here {
            let name = &selection.name;
            let mut all = 0;
            for found_by in [BY_URL, BY_DOMAIN] {
                let n = moved.get(&(name.as_str(), found_by)).copied().unwrap_or(0);
                counts.note(&format!("{name}: {found_by}"), n);
                all += n;
            }
            counts.source(&file.source).moved.insert(name.clone(), all);
            let funnel = counts.source(name);
            (funnel.entered, funnel.kept) = (all, all);
        }
        Ok(Outcome { files: vec![rows.finish()?], work: Vec::new(), counts })
    }
}
