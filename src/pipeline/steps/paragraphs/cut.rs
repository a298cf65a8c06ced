//! Round `cut`: which paragraphs of each document go, and whether enough is left of it.

use crate::dedup::paragraphs::{Cut, Hashed, Taken, without};
use crate::document::{Key, Reason};
use crate::error::Result;
use crate::store::spill::read_records;
use crate::store::table::TableWriter;

use super::super::super::ledger::{Counts, Outcome};
use super::super::super::run::Build;
use super::super::{DecisionRow, GONE, KEEP, TextRow, Walk, misplaced};
use super::records::Lost;
use super::{ParagraphRow, Paragraphs, cuts_path};

/// The hashes of a file's documents that better documents own.
struct OfFile {
    /// Row, hash, and place of the owner in `owners`; ascending.
    hashes: Vec<(u32, u64, u32)>,
    /// Key and priority of the source, ascending: of equal claims the smaller key is named.
    owners: Vec<(Key, u32)>,
}

impl Paragraphs {
    fn of_file(&self, build: Build<'_>, task: usize) -> Result<OfFile> {
        let mut of_file = OfFile { hashes: Vec::new(), owners: Vec::new() };
        let parts = (0..self.n_partitions).map(|partition| read_records(build.folder, &self.work("group", partition), task));
        let parts = parts.collect::<Result<Vec<_>>>()?;
        for record in parts.iter().flat_map(|records| records.iter()) {
            of_file.owners.push(Lost::from_bytes(record)?.owner);
        }
        of_file.owners.sort_unstable();
        of_file.owners.dedup();
        for record in parts.iter().flat_map(|records| records.iter()) {
            let Lost { row, owner, hashes } = Lost::from_bytes(record)?;
            let place = of_file.owners.binary_search(&owner).expect("every owner was put there");
            of_file.hashes.extend(hashes.iter().map(|hash| (row, hash, place as u32)));
        }
        of_file.hashes.sort_unstable();
        Ok(of_file)
    }

    /// Round 2: verdicts and cuts of one file.
    pub(super) fn cut(&self, build: Build<'_>, task: usize) -> Result<Outcome> {
        let file = &self.layout.files[task];
        let OfFile { hashes, owners } = self.of_file(build, task)?;
        let mut of_rows = hashes.chunk_by(|a, b| a.0 == b.0).peekable();
        let mut rows = TableWriter::create(build.folder, &file.decisions("paragraphs"))?;
        let mut table = TableWriter::create(build.folder, &cuts_path(&file.name()))?;
        let mut counts = Counts::default();
        let mut taken: Vec<Taken> = Vec::new();
        for (row, document) in (0..).zip(Walk::<TextRow>::open(build, file, &self.before)?) {
            let (TextRow { key, text }, standing) = document?;
            if !standing.alive {
                rows.push(DecisionRow::new(&standing, GONE))?;
                continue;
            }
            taken.clear();
            let of_row = of_rows.next_if(|hashes| hashes[0].0 == row).into_iter().flatten();
            taken.extend(of_row.map(|&(_, hash, owner)| (hash, owner)));
            let hashed = Hashed::of(&text, self.options.by);
            let source = &standing.source;
            let loses = self.n_whole <= self.priority(source) as usize;
            let cuts = if loses { hashed.cuts(self.options.by, &taken) } else { Vec::new() };
            let cut_bytes: usize = cuts.iter().map(|cut| cut.range.len()).sum();
            counts.note(&format!("{source}: paragraphs"), hashed.n_paragraphs() as u64);
            counts.note(&format!("{source}: bytes of standing text"), text.len() as u64);
            counts.note(&format!("{source}: paragraphs cut"), cuts.len() as u64);
            counts.note(&format!("{source}: bytes cut out"), cut_bytes as u64);
            let funnel = counts.source(source);
            funnel.read += 1;
            let decision = DecisionRow::new(&standing, KEEP);
            // A document that lost nothing stays, however short: that is for filters to judge.
            let left = if cuts.is_empty() { usize::MAX } else { left(&text, &cuts).ok_or_else(|| misplaced(&file.name(), key))? };
            if self.options.min_characters <= left {
                funnel.kept += 1;
                counts.note(&format!("{source}: documents shortened"), u64::from(!cuts.is_empty()));
                rows.push(decision)?;
            } else {
                funnel.drop("paragraphs", "too-short");
                let limit = self.options.min_characters as f64;
                rows.push(decision.dropped(Reason { filter: "paragraphs", rule: "too-short", value: left as f64, limit }))?;
            }
            for Cut { range, owner, share } in cuts {
                let owner = owner.map(|place| owners[place as usize]);
                let holder =
                    owner.map_or("the same document", |(_, priority)| self.order.get(priority as usize).map_or("", String::as_str));
                counts.bucket(&format!("paragraphs cut from {source}"), holder, 1);
                let owner = owner.map_or(key, |(key, _)| key);
                table.push(ParagraphRow { key, row: u64::from(row), start: range.start as u64, end: range.end as u64, owner, share })?;
            }
        }
        Ok(Outcome { files: vec![rows.finish()?, table.finish()?], work: Vec::new(), counts })
    }
}

/// Characters that are left of a text.
fn left(text: &str, cuts: &[Cut]) -> Option<usize> {
    let ranges: Vec<_> = cuts.iter().map(|cut| cut.range.clone()).collect();
    Some(without(text, &ranges)?.chars().count())
}
