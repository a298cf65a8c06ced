//! One row of each table, put together.

use crate::document::Key;
use crate::error::{Error, Result};
use crate::quality::keep::{self, Rule};
use crate::store::table::{Row, TableReader};

use super::super::catalogue;
use super::super::ledger::{self, Entry};
use super::super::origin::Opened;
use super::super::run::Build;
use super::super::steps::decontaminate::{CutRow, PieceRow, cuts_path, pieces_path};
use super::super::steps::dedup::tables::{CLUSTERS, ClusterRow, PAIRS, PairRow};
use super::super::steps::mask::{self, MaskRow};
use super::super::steps::paragraphs::{self, ParagraphRow};
use super::super::steps::shard::is_held_out;
use super::super::steps::{self, DROP, DecisionRow, DocumentRow, GONE, KEEP, Keyed, RejectedRow, misaligned};
use super::search::{self, Found, Table};
use super::{
    Also, Cluster, Compared, CutOut, CutParagraph, Drawn, Dropped, LISTED, Life, Masked, Member, Passed, Piece, Place, SameUrl, Scored,
    TextFacts,
};
use super::{blocks, copies, fetch};

/// What the folder holds, as the ledger says.
pub struct Held {
    /// Tables of records: documents, then rejected ones.
    pub tables: Vec<Table>,
    pub entries: Vec<Entry>,
    /// All inputs were read.
    pub is_read: bool,
    /// Steps with decisions, in order, and the files of those.
    decisions: Vec<(String, Vec<String>)>,
    /// Tables of what was removed on request; they hold hashes only.
    pub removed: Vec<String>,
    /// The files of dedup, paragraphs, masks and decontamination.
    others: Vec<String>,
}

impl Held {
    pub fn of(opened: &Opened) -> Result<Self> {
        let entries = ledger::finished(&opened.folder)?;
        let mut files: Vec<(String, Vec<String>)> = Vec::new();
        for entry in &entries {
            files.push((entry.step.clone(), entry.outcome.files.iter().map(|file| file.path.clone()).collect()));
        }
        for step in ledger::steps(&opened.folder) {
            if entries.iter().all(|entry| entry.step != step) {
                // Of a step that is under way, what its tasks have committed so far.
                let committed = ledger::of_tasks(&opened.folder, &step)?.into_iter().filter_map(|(_, entry)| entry);
                let paths = committed.flat_map(|entry| entry.outcome.files).map(|file| file.path).collect();
                files.push((step, paths));
            }
        }
        let all = || files.iter().flat_map(|(_, paths)| paths);
        let mut tables: Vec<Table> = all().filter_map(|path| Table::at(path)).collect();
        tables.sort_by(|a, b| (a.is_rejected, &a.path).cmp(&(b.is_rejected, &b.path)));
        let removed = all().filter(|path| path.starts_with("removed/")).cloned().collect();
        let others = all()
            .filter(|path| ["dedup/", "paragraphs/", "mask/", "decontaminate/"].iter().any(|folder| path.starts_with(folder)))
            .cloned()
            .collect();
        let is_read = entries.iter().any(|entry| entry.step == "extract");
        let of_decisions = |paths: &Vec<String>| paths.iter().filter(|path| path.starts_with("decisions/")).cloned().collect::<Vec<_>>();
        let decisions = files.iter().map(|(step, paths)| (step.clone(), of_decisions(paths))).filter(|(_, paths)| !paths.is_empty());
        Ok(Self { decisions: decisions.collect(), tables, is_read, removed, others, entries })
    }

    fn holds(&self, path: &str) -> bool {
        self.others.iter().any(|held| held == path)
    }
}

/// The life of one record.
pub fn tell(opened: &Opened, held: &Held, found: &Found, also: Also) -> Result<Life> {
    let mut life = if found.table.is_rejected { rejected(opened, found)? } else { document(opened, held, found, also.text)? };
    life.blocks = also.blocks.then(|| blocks::of(opened, &life));
    Ok(life)
}

fn place(opened: &Opened, source: &str, file: String, (offset, length): (u64, u64), rule: Option<&str>) -> Place {
    let read = opened.recipe.sources.get(source).and_then(|source| source.read.as_ref());
    let record = fetch::Record {
        file: &file,
        offset,
        length,
        format: read.map(|read| read.parts().0),
        rule,
        zstd_window_log: opened.recipe.limits.zstd_window_log,
    };
    let fetch = fetch::fetch(&opened.recipe.base, &record);
    Place { fetch, file, offset, length }
}

fn rejected(opened: &Opened, found: &Found) -> Result<Life> {
    let row: RejectedRow = pick(opened, &found.table.path, found.row)?;
    let source = found.table.source.clone();
    let dropped = dropped(row.filter, row.rule, row.value, row.limit, None);
    Ok(Life {
        key: None,
        id: row.id,
        url: row.url,
        date: None,
        title: None,
        place: place(opened, &source, row.file, (row.offset, row.length), Some(&dropped.rule)),
        read_as: source.clone(),
        source,
        text: None,
        fate: format!("no document: passed over by {}/{}", dropped.filter, dropped.rule),
        rejected: Some(dropped),
        steps: Vec::new(),
        copies: Vec::new(),
        blocks: None,
    })
}

fn dropped(filter: String, rule: String, value: f64, limit: f64, matched: Option<String>) -> Dropped {
    let known = catalogue::rule(&filter, &rule).map(Into::into);
    Dropped { filter, rule, value, limit, matched, known }
}

fn document(opened: &Opened, held: &Held, found: &Found, with_text: bool) -> Result<Life> {
    let row: DocumentRow = pick(opened, &found.table.path, found.row)?;
    let key = row.key;
    let mut passed = Vec::new();
    for (step, files) in &held.decisions {
        let path = format!("decisions/{step}/{}.parquet", found.table.name);
        if files.contains(&path) {
            let decision: DecisionRow = pick(opened, &path, found.row)?;
            if decision.key != key {
                return Err(misaligned(&found.table.name));
            }
            let mut told = step_of(opened, held, &found.table.name, step, decision)?;
            if step == "paragraphs" && told.verdict != GONE {
                without(opened, held, &found.table.name, &row, &mut told)?;
            }
            passed.push(told);
        }
    }
    let n_pieces = passed.iter().find(|step| step.step == "decontaminate").map_or(0, |step| step.pieces.len());
    let alive = passed.iter().all(|step| step.verdict == KEEP);
    let sharded = held.entries.iter().any(|entry| entry.step == "shard");
    // Without a blend everything that is left is in the data set once.
    let n_copies = passed.iter().find_map(|step| step.blend.as_ref()).map_or(1, |drawn| drawn.copies);
    let held_out = is_held_out(&opened.recipe, key);
    let n_copies = if alive && sharded { n_copies } else { 0 };
    let source = passed.last().map_or_else(|| found.table.source.clone(), |step| step.source.clone());
    let copies = copies::find(opened, &held.entries, (&source, key), n_pieces, n_copies)?;
    let fate = fate(&passed, held, copies.len(), (n_copies, held_out), n_pieces);
    let text = TextFacts {
        table: found.table.path.clone(),
        row: found.row + 1,
        bytes: row.text.len() as u64,
        charset: row.charset,
        charset_from: row.charset_from,
        replacements: row.replacements,
        truncated: row.truncated,
        opt_out: row.opt_out,
        extra: row.extra,
        content: with_text.then_some(row.text),
    };
    Ok(Life {
        key: Some(key),
        id: row.id,
        url: row.url,
        date: row.date,
        title: row.title,
        place: place(opened, &found.table.source, row.file, (row.offset, row.length), None),
        read_as: found.table.source.clone(),
        source,
        text: Some(text),
        rejected: None,
        steps: passed,
        copies,
        fate,
        blocks: None,
    })
}

fn fate(passed: &[Passed], held: &Held, n_found: usize, (n_copies, held_out): (u64, bool), n_pieces: usize) -> String {
    let drop = passed.iter().find_map(|step| Some((step, step.dropped.as_ref()?)));
    if let Some((step, dropped)) = drop {
        return format!("dropped in step {} by {}/{}", step.step, dropped.filter, dropped.rule);
    }
    if !held.entries.iter().any(|entry| entry.step == "shard") {
        let last = passed.last().map_or("extract", |step| step.step.as_str());
        return format!("stands after step {last}, the last that this folder holds of it; no data set is written yet");
    }
    let pieces = match n_pieces {
        0 => String::new(),
        1 => " of its one piece".to_owned(),
        n => format!(" of each of {n} pieces"),
    };
    let copies = if n_copies == 1 { "1 copy".to_owned() } else { format!("{n_copies} copies") };
    let expected = n_copies * n_pieces.max(1) as u64;
    let missing = if n_found as u64 == expected { "" } else { ", but not all are in the shards: run gristmill verify" };
    let validation = if held_out { ", held out for validation" } else { "" };
    format!("in the data set: {copies}{pieces}{validation}{missing}")
}

fn step_of(opened: &Opened, held: &Held, name: &str, step: &str, row: DecisionRow) -> Result<Passed> {
    let mut passed = Passed {
        step: step.to_owned(),
        source: row.source.clone(),
        verdict: row.verdict.clone(),
        links: row.links,
        language: row.language,
        language_probability: row.language_probability,
        tokens: row.tokens,
        ..Passed::default()
    };
    if row.verdict == DROP {
        let (filter, rule) = (row.filter.unwrap_or_default(), row.rule.unwrap_or_default());
        passed.dropped = Some(dropped(filter, rule, row.value.unwrap_or(0.0), row.limit.unwrap_or(0.0), row.matched));
    }
    if row.verdict == GONE {
        return Ok(passed);
    }
    if let Some(score) = row.score {
        passed.score = scored(opened, &row.source, score, row.draw.unwrap_or(0.0), [row.threshold_keeps, row.pareto_keeps])?;
    }
    let build = Build { folder: &opened.folder, recipe: &opened.recipe };
    match step {
        "urls" => passed.same_url = better_copy(opened, held, row.cluster)?,
        "dedup" => similar(opened, held, row.key, row.cluster, &mut passed)?,
        "mask" => {
            let ranges = mask::ranges_path(name);
            let rows: Vec<MaskRow> = if held.holds(&ranges) { rows_of(opened, &ranges, row.key)? } else { Vec::new() };
            rows.iter().for_each(|row| *passed.masked.entry(row.kind.clone()).or_default() += 1);
            let told = rows.into_iter().take(LISTED);
            passed.masks = told.map(|MaskRow { start, end, kind, .. }| Masked { start, end, kind }).collect();
        }
        "decontaminate" => {
            let cuts = cuts_path(name);
            let pieces = pieces_path(name);
            if held.holds(&cuts) && held.holds(&pieces) {
                let of_cut = |CutRow { start, end, gram, benchmark, item, hits, .. }| CutOut { start, end, gram, benchmark, item, hits };
                passed.cuts = rows_of(opened, &cuts, row.key)?.into_iter().map(of_cut).collect();
                let of_piece = |PieceRow { piece, start, end, .. }| Piece { piece, start, end };
                passed.pieces = rows_of(opened, &pieces, row.key)?.into_iter().map(of_piece).collect();
            }
        }
        "blend" => {
            let solution = steps::blend::load_solution(build.folder)?;
            let of_source = solution.as_ref().and_then(|solution| solution.row(&row.source));
            let (epochs, draws_end) = of_source.map_or((0.0, 0.0), |of| (of.epochs, of.one_more.end()));
            let held_out = is_held_out(build.recipe, row.key);
            passed.blend = Some(Drawn { epochs, draws_end, draw: row.draw.unwrap_or(0.0), copies: row.copies.unwrap_or(0), held_out });
        }
        _ => {}
    }
    Ok(passed)
}

/// The paragraphs that were cut out of a document, and where they are held.
fn without(opened: &Opened, held: &Held, name: &str, document: &DocumentRow, passed: &mut Passed) -> Result<()> {
    let path = paragraphs::cuts_path(name);
    if !held.holds(&path) {
        return Ok(());
    }
    let mut rows = rows_of::<ParagraphRow>(opened, &path, document.key)?;
    passed.more_paragraphs = rows.len().saturating_sub(LISTED) as u64;
    rows.truncate(LISTED);
    let names = search::names(&opened.folder, &held.tables, &rows.iter().map(|row| row.owner).collect())?;
    for ParagraphRow { start, end, owner, share, .. } in rows {
        let text = document.text.get(start as usize..end as usize).unwrap_or_default();
        let begin = text.trim().chars().take(BEGIN).collect();
        let search::Name { source, id, .. } = names.get(&owner).cloned().unwrap_or_default();
        passed.paragraphs.push(CutParagraph { start, end, begin, share, owner, source, id });
    }
    Ok(())
}

/// Characters of a cut paragraph that are shown.
const BEGIN: usize = 60;

fn scored(opened: &Opened, source: &str, score: f64, draw: f64, keeps: [Option<bool>; 2]) -> Result<Option<Scored>> {
    let Some(keep) = opened.recipe.sources.get(source).and_then(|source| source.keep.as_ref()) else { return Ok(None) };
    let alphas = steps::score::load_alphas(Build { folder: &opened.folder, recipe: &opened.recipe })?;
    let unknown = || Error::new(format!("{} has no alpha of {source}; build again", steps::score::ALPHAS));
    let alpha = *alphas.get(source).ok_or_else(unknown)?;
    let (acts, threshold) = match keep.rule {
        Rule::Threshold(least) => ("threshold", least),
        Rule::Pareto { .. } => ("pareto", 0.5),
    };
    let [threshold_keeps, pareto_keeps] = keeps.map(|keeps| keeps.unwrap_or(false));
    let keep_probability = keep::keep_probability(score, alpha);
    Ok(Some(Scored { score, model: keep.model.clone(), acts, threshold, threshold_keeps, alpha, keep_probability, draw, pareto_keeps }))
}

/// The copy with the same URL that a document was dropped for.
fn better_copy(opened: &Opened, held: &Held, winner: Option<Key>) -> Result<Option<SameUrl>> {
    let Some(key) = winner else { return Ok(None) };
    let found = search::names(&opened.folder, &held.tables, &[key].into())?.remove(&key);
    let of_index = || {
        let (index, row) = steps::index::find(&opened.recipe, key)?;
        Some(search::Name { source: steps::index::called(&index), id: row.id, url: row.url })
    };
    // An index whose folder is gone cannot say what it called the document.
    let gone = || search::Name { source: "an index that is not there any more".to_owned(), id: "a document".to_owned(), url: None };
    let search::Name { source, id, url } = found.or_else(of_index).unwrap_or_else(gone);
    Ok(Some(SameUrl { key, source, id, url }))
}

/// What it was compared with, and its cluster.
fn similar(opened: &Opened, held: &Held, key: Key, cluster: Option<Key>, passed: &mut Passed) -> Result<()> {
    if held.holds(PAIRS) {
        for pair in TableReader::<PairRow>::open(&opened.folder.path(PAIRS))? {
            let pair = pair?;
            let (key, source, id) = match key {
                key if key == pair.key_a => (pair.key_b, pair.source_b, pair.id_b),
                key if key == pair.key_b => (pair.key_a, pair.source_a, pair.id_a),
                _ => continue,
            };
            if LISTED <= passed.pairs.len() {
                passed.more_pairs += 1;
                continue;
            }
            let (jaccard, containment, verdict) = (pair.jaccard, pair.containment, pair.verdict);
            passed.pairs.push(Compared { key, source, id, jaccard, containment, verdict });
        }
    }
    let Some(survivor) = cluster.filter(|_| held.holds(CLUSTERS)) else { return Ok(()) };
    let mut found = Cluster { survivor, similarity: 1.0, members: Vec::new(), more: 0 };
    for member in TableReader::<ClusterRow>::open(&opened.folder.path(CLUSTERS))? {
        let ClusterRow { cluster, source, id, key: other, survivor: survives, jaccard, .. } = member?;
        if cluster != survivor {
            continue;
        }
        if other == key {
            found.similarity = jaccard;
        }
        if found.members.len() < LISTED {
            found.members.push(Member { key: other, source, id, survivor: survives, jaccard });
        } else {
            found.more += 1;
        }
    }
    passed.cluster = Some(found);
    Ok(())
}

/// One row of a table, by its number from 0.
fn pick<R: Row>(opened: &Opened, path: &str, row: u64) -> Result<R> {
    let path = opened.folder.path(path);
    let missing = || Err(Error::new(format!("the table {} has no row {}; run gristmill verify", path.display(), row + 1)));
    TableReader::<R>::open(&path)?.pick(vec![row]).next().unwrap_or_else(missing)
}

/// The rows of a document in a table that holds few.
fn rows_of<R: Row + Keyed>(opened: &Opened, path: &str, key: Key) -> Result<Vec<R>> {
    let mut rows = Vec::new();
    for row in TableReader::<R>::open(&opened.folder.path(path))? {
        let row = row?;
        if row.key() == key {
            rows.push(row);
        }
    }
    Ok(rows)
}
