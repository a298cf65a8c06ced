//! Pairs and clusters on their way to their tables. The merge of `verify` puts pairs into the order of their table and sends a half of each to the files of both documents; round `apply`
//! adds what the documents are called; its merge joins the halves, a stretch of the table at a time, so that names of all duplicates are never in memory together.

use std::collections::BTreeMap;

use crate::dedup::{Evidence, Pairs};
use crate::document::Key;
use crate::error::Result;
use crate::store::Written;
use crate::store::spill::{self, SpillWriter, read_records};
use crate::store::table::TableReader;

use super::super::super::ledger::Counts;
use super::super::super::run::Build;
use super::records::{Checked, Fields, Found, Verdict, damaged, push_text};
use super::tables::{ClusterRow, IdRow, PairRow, SameRow};
use super::{Dedup, file_of, row_of};

/// Members of a group of equal texts up to which `pairs = "all"` lists every two of them.
const LISTED_GROUP: usize = 100;

/// Two documents that stand in the table of pairs.
#[derive(Clone, Copy)]
struct Listed {
    a: u64,
    b: u64,
    compared: Compared,
}

impl Listed {
    fn to_bytes(self) -> Vec<u8> {
        let Compared { shared, of_a, of_b } = self.compared;
        [self.a, self.b, shared, of_a, of_b].iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields(bytes);
        let (a, b) = (fields.u64()?, fields.u64()?);
        Ok(Self { a, b, compared: Compared { shared: fields.u64()?, of_a: fields.u64()?, of_b: fields.u64()? } })
    }
}

/// Shingles of two documents: in both, of each. All 0 of copies that were told by the hash of their texts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Compared {
    shared: u64,
    of_a: u64,
    of_b: u64,
}

impl Compared {
    fn is_copy(&self) -> bool {
        self.of_b == 0
    }

    fn evidence(&self) -> Evidence {
        match self.is_copy() {
            true => Evidence { jaccard: 1.0, containment: 1.0, shared: 0, distinct: 0 },
            false => Evidence::of(self.shared, self.of_a, self.of_b),
        }
    }
}

/// A document of a pair, on its way to its file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Half {
    pub row: u64,
    /// Of the pair in the table.
    place: u64,
    /// The stretch of the table that holds it.
    partition: u32,
    /// Of the better document only.
    compared: Option<Compared>,
}

impl Half {
    fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(44);
        bytes.extend_from_slice(&self.row.to_le_bytes());
        bytes.extend_from_slice(&self.partition.to_le_bytes());
        self.push_place(&mut bytes);
        bytes
    }

    fn push_place(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.place.to_le_bytes());
        bytes.push(u8::from(self.compared.is_some()));
        for number in self.compared.iter().flat_map(|of| [of.shared, of.of_a, of.of_b]) {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields(bytes);
        let (row, partition) = (fields.u64()?, fields.u32()?);
        let (place, compared) = place_of(&mut fields)?;
        Ok(Self { row, place, partition, compared })
    }
}

fn place_of(fields: &mut Fields<'_>) -> Result<(u64, Option<Compared>)> {
    let place = fields.u64()?;
    let compared = match fields.take::<1>()? {
        [0] => None,
        _ => Some(Compared { shared: fields.u64()?, of_a: fields.u64()?, of_b: fields.u64()? }),
    };
    // What evidence divides by must be above 0.
    let is_sound = compared.is_none_or(|of| of.shared <= of.of_a && of.shared <= of.of_b);
    if is_sound { Ok((place, compared)) } else { Err(damaged()) }
}

impl Dedup {
    /// Sends the halves of all pairs to their files. Memory: 80 bytes for each pair of one file; where all pairs are asked for, 40 bytes a copy too.
    pub(super) fn list(&self, build: Build<'_>, counts: &mut Counts) -> Result<[Written; 2]> {
        let all = self.options.pairs == Pairs::All;
        let mut copies: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        // By the file of the better document, so that those of one file are put in order at a time.
        let mut by_file = SpillWriter::create(build.folder, &self.work("unlisted", 0), self.n_files())?;
        let mut n = 0_u64;
        let mut push = |pair: Listed| {
            n += 1;
            by_file.push(file_of(pair.a), &pair.to_bytes())
        };
        for partition in 0..self.n_partitions {
            for same in TableReader::<SameRow>::open(&build.folder.path(&self.work("same", partition)))? {
                let SameRow { document, best, .. } = same?;
                push(Listed { a: best, b: document, compared: Compared::default() })?;
                if all {
                    copies.entry(best).or_default().push(document);
                }
            }
        }
        for group in copies.values() {
            // Two copies of a text are a pair like any other, but a text that stands a million times is not listed by twos.
            if LISTED_GROUP < group.len() {
                counts.note("groups of equal texts whose pairs are listed with the best copy only", 1);
                continue;
            }
            for (index, &b) in group.iter().enumerate() {
                group[..index].iter().try_for_each(|&a| push(Listed { a, b, compared: Compared::default() }))?;
            }
        }
        self.each_checked(build, |checked| {
            let Checked { candidate, shared, of_a, of_b } = checked;
            let pair = Listed { a: candidate.a, b: candidate.b, compared: Compared { shared, of_a, of_b } };
            push(pair)?;
            if all && self.options.is_duplicate(&checked.evidence(), checked.of_worse()) {
                each_of_copies(pair, &copies, &mut push)?;
            }
            Ok(())
        })?;
        drop(copies);
        let by_file = by_file.finish()?;
        let mut spill = SpillWriter::create(build.folder, &self.work("listed", 0), self.n_files())?;
        let mut place = 0;
        for file in 0..self.n_files() {
            let records = read_records(build.folder, &by_file.path, file)?;
            let mut listed = records.iter().map(Listed::from_bytes).collect::<Result<Vec<_>>>()?;
            drop(records);
            // However pairs were partitioned.
            listed.sort_unstable_by_key(|pair| (pair.a, pair.b));
            for Listed { a, b, compared } in listed {
                let partition = (u128::from(place) * self.n_partitions as u128 / u128::from(n.max(1))) as u32;
                for (document, compared) in [(a, Some(compared)), (b, None)] {
                    spill.push(file_of(document), &Half { row: row_of(document), place, partition, compared }.to_bytes())?;
                }
                place += 1;
            }
        }
        Ok([by_file, spill.finish()?])
    }

    /// Joins what the files named: the rows of one stretch of the table of pairs.
    pub(super) fn pairs_of(&self, build: Build<'_>, partition: usize) -> Result<Vec<PairRow>> {
        let parts = self.named(build, self.n_partitions + partition)?;
        let mut halves = parts.iter().flat_map(spill::Records::iter).map(NamedHalf::from_bytes).collect::<Result<Vec<_>>>()?;
        halves.sort_unstable_by_key(|half| (half.place, half.compared.is_none()));
        let (pairs, []) = halves.as_chunks::<2>() else { return Err(damaged()) };
        let row = |[a, b]: &[NamedHalf<'_>; 2]| -> Result<PairRow> {
            let compared = a.compared.filter(|_| a.place == b.place && b.compared.is_none()).ok_or_else(damaged)?;
            let evidence = compared.evidence();
            let Evidence { jaccard, containment, shared, distinct } = evidence;
            let verdict = match compared.is_copy() || self.options.threshold <= jaccard {
                true => "duplicate",
                false if self.options.is_duplicate(&evidence, compared.shared as f64 / compared.of_b as f64) => "contained",
                false => "different",
            };
            Ok(PairRow {
                source_a: a.source.to_owned(),
                id_a: a.id.to_owned(),
                source_b: b.source.to_owned(),
                id_b: b.id.to_owned(),
                jaccard,
                containment,
                shared,
                distinct,
                verdict: verdict.to_owned(),
                key_a: a.key,
                key_b: b.key,
            })
        };
        pairs.iter().map(row).collect()
    }

    /// The rows of one stretch of the table of clusters, each with the number of its document, in order.
    pub(super) fn clusters_of(&self, build: Build<'_>, partition: usize) -> Result<Vec<Numbered>> {
        let parts = self.named(build, partition)?;
        let mut rows = parts.iter().flat_map(spill::Records::iter).map(member_from_bytes).collect::<Result<Vec<_>>>()?;
        rows.sort_unstable_by_key(|(number, row)| (row.cluster, !row.survivor, row.key, *number));
        Ok(rows)
    }

    fn named(&self, build: Build<'_>, partition: usize) -> Result<Vec<spill::Records>> {
        (0..self.n_files()).map(|file| read_records(build.folder, &self.work("named", file), partition)).collect()
    }
}

/// Copies of two similar texts are similar too.
fn each_of_copies(pair: Listed, copies: &BTreeMap<u64, Vec<u64>>, mut each: impl FnMut(Listed) -> Result<()>) -> Result<()> {
    let with_copies = |document: u64| {
        let copies = copies.get(&document).filter(|group| group.len() <= LISTED_GROUP);
        std::iter::once(document).chain(copies.into_iter().flatten().copied())
    };
    for a in with_copies(pair.a) {
        for b in with_copies(pair.b).filter(|b| (a, *b) != (pair.a, pair.b)) {
            each(Listed { a, b, ..pair })?;
        }
    }
    Ok(())
}

/// A document of a cluster: its number and its row.
pub type Numbered = (u64, ClusterRow);

/// Gives the documents of one file names for both tables. Memory: 90 bytes for each of its documents in a cluster and 48 for each of its halves.
pub struct Names {
    spill: SpillWriter,
    n_partitions: usize,
    file: usize,
    found: BTreeMap<u64, Found>,
    /// In order of rows.
    halves: Vec<Half>,
    /// The first half of a row that did not come yet.
    at: usize,
}

impl Names {
    /// What the merge of `verify` sent to this file.
    pub fn open(dedup: &Dedup, build: Build<'_>, file: usize) -> Result<Self> {
        let mut found: BTreeMap<u64, Found> = BTreeMap::new();
        for record in read_records(build.folder, &dedup.work("found", 0), file)?.iter() {
            let record = Found::from_bytes(record)?;
            found.insert(record.row, record);
        }
        let halves = read_records(build.folder, &dedup.work("listed", 0), file)?;
        let mut halves = halves.iter().map(Half::from_bytes).collect::<Result<Vec<_>>>()?;
        halves.sort_unstable_by_key(|half| (half.row, half.place));
        let spill = SpillWriter::create(build.folder, &dedup.work("named", file), 2 * dedup.n_partitions)?;
        Ok(Self { spill, n_partitions: dedup.n_partitions, file, found, halves, at: 0 })
    }

    /// What was found of a document.
    pub fn found(&self, row: u64) -> Option<Found> {
        self.found.get(&row).copied()
    }

    /// Rows that stand in either table, in order.
    pub fn rows(&self) -> Vec<u64> {
        let mut rows: Vec<u64> = self.found.keys().copied().chain(self.halves.iter().map(|half| half.row)).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    /// Names the next document; those that stand in no table need not come.
    pub fn name(&mut self, row: u64, source: &str, document: IdRow) -> Result<()> {
        let IdRow { key, id, url } = document;
        let halves = self.halves[self.at..].iter().take_while(|half| half.row <= row).count();
        for half in &self.halves[self.at..self.at + halves] {
            let bytes = NamedHalf { place: half.place, compared: half.compared, key, source, id: &id }.to_bytes(half);
            self.spill.push(self.n_partitions + half.partition as usize, &bytes)?;
        }
        self.at += halves;
        let Some(found) = self.found(row) else { return Ok(()) };
        let (cluster, survivor, jaccard) = (found.cluster, found.verdict == Verdict::Survives, found.similarity);
        let partition = spill::partition((cluster.0 >> 64) as u64, self.n_partitions);
        let member = ClusterRow { cluster, source: source.to_owned(), id, key, survivor, jaccard, url };
        self.spill.push(partition, &member_to_bytes(super::number(self.file, row), &member))
    }

    pub fn finish(self) -> Result<Written> {
        if self.at < self.halves.len() {
            return Err(damaged());
        }
        self.spill.finish()
    }
}

/// A document of a pair, with its name.
struct NamedHalf<'a> {
    place: u64,
    compared: Option<Compared>,
    key: Key,
    source: &'a str,
    id: &'a str,
}

impl<'a> NamedHalf<'a> {
    fn to_bytes(&self, half: &Half) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64 + self.source.len() + self.id.len());
        half.push_place(&mut bytes);
        bytes.extend_from_slice(&self.key.0.to_le_bytes());
        push_text(&mut bytes, self.source);
        push_text(&mut bytes, self.id);
        bytes
    }

    fn from_bytes(bytes: &'a [u8]) -> Result<Self> {
        let mut fields = Fields(bytes);
        let (place, compared) = place_of(&mut fields)?;
        Ok(Self { place, compared, key: Key(fields.u128()?), source: fields.text()?, id: fields.text()? })
    }
}

fn member_to_bytes(number: u64, row: &ClusterRow) -> Vec<u8> {
    let url = row.url.as_deref().unwrap_or_default();
    let mut bytes = Vec::with_capacity(64 + row.source.len() + row.id.len() + url.len());
    bytes.extend_from_slice(&number.to_le_bytes());
    bytes.extend_from_slice(&row.cluster.0.to_le_bytes());
    bytes.extend_from_slice(&row.key.0.to_le_bytes());
    bytes.extend_from_slice(&row.jaccard.to_le_bytes());
    bytes.extend_from_slice(&[u8::from(row.survivor), u8::from(row.url.is_some())]);
    [&row.source, &row.id, url].into_iter().for_each(|text| push_text(&mut bytes, text));
    bytes
}

fn member_from_bytes(bytes: &[u8]) -> Result<Numbered> {
    let mut fields = Fields(bytes);
    let (number, cluster, key) = (fields.u64()?, Key(fields.u128()?), Key(fields.u128()?));
    let jaccard = f64::from_bits(fields.u64()?);
    let [survivor, has_url] = fields.take::<2>()?;
    let mut text = || fields.text().map(str::to_owned);
    let (source, id, url) = (text()?, text()?, text()?);
    Ok((number, ClusterRow { cluster, source, id, key, survivor: survivor != 0, jaccard, url: (has_url != 0).then_some(url) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_read_back_as_they_were_and_damaged_ones_are_refused() {
        let compared = Some(Compared { shared: 4, of_a: 9, of_b: 5 });
        for compared in [compared, None] {
            let half = Half { row: 7, place: 1 << 40, partition: 3, compared };
            assert_eq!(Half::from_bytes(&half.to_bytes()).unwrap(), half);
            let bytes = NamedHalf { place: half.place, compared, key: Key(5), source: "web", id: "é" }.to_bytes(&half);
            let named = NamedHalf::from_bytes(&bytes).unwrap();
            assert_eq!((named.place, named.compared, named.key, named.source, named.id), (1 << 40, compared, Key(5), "web", "é"));
            assert!((0..bytes.len()).all(|end| NamedHalf::from_bytes(&bytes[..end]).is_err()));
        }
        let impossible = Half { row: 7, place: 1, partition: 3, compared: Some(Compared { shared: 6, of_a: 9, of_b: 5 }) };
        assert!(Half::from_bytes(&impossible.to_bytes()).is_err());
        for url in [None, Some(String::new()), Some("https://a.example/".to_owned())] {
            let row = ClusterRow { cluster: Key(1), source: "web".into(), id: "x".into(), key: Key(2), survivor: true, jaccard: 0.9, url };
            assert_eq!(member_from_bytes(&member_to_bytes(9, &row)).unwrap(), (9, row));
        }
    }
}
