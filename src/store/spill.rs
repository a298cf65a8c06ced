//! Work files of a shuffle: one task writes one file, its records sorted by partition with a table of offsets, and the next round reads one
//! partition from each. Records are opaque bytes; a partition is compressed with zstd.
//!
//! Layout: the partitions one after the other, each a zstd frame of length-prefixed records (u32, little-endian); then a table of
//! `partitions + 1` offsets (u64); then the number of partitions (u32) and the magic `GMSP`.
//! Memory while writing: the records of one task, as they are; while reading: one partition of one file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use crate::error::{Context, Error, Result};

use super::{Folder, Written};

const MAGIC: &[u8; 4] = b"GMSP";

/// Gathers records by partition and writes them as one file.
pub struct SpillWriter {
    partitions: Vec<Vec<u8>>,
    records: u64,
}

impl SpillWriter {
    pub fn new(n_partitions: usize) -> Self {
        Self { partitions: vec![Vec::new(); n_partitions], records: 0 }
    }

    /// Adds a record to a partition below the number given to [`SpillWriter::new`]. Records keep their order within a partition.
    pub fn push(&mut self, partition: usize, record: &[u8]) {
        let length = u32::try_from(record.len()).expect("a record is below the cap on documents, far under 4 GiB");
        let buffer = &mut self.partitions[partition];
        buffer.extend_from_slice(&length.to_le_bytes());
        buffer.extend_from_slice(record);
        self.records += 1;
    }

    /// Writes and commits the file.
    pub fn finish(self, folder: &Folder, relative: &str) -> Result<Written> {
        let doing = || format!("cannot write the work file {relative}");
        let mut file = folder.create(relative)?;
        let mut offsets = vec![0_u64];
        for partition in &self.partitions {
            let frame = zstd::bulk::compress(partition, 1).context(doing)?;
            file.write_all(&(partition.len() as u64).to_le_bytes()).and_then(|()| file.write_all(&frame)).context(doing)?;
            let last = *offsets.last().expect("the table starts with 0");
            offsets.push(last + 8 + frame.len() as u64);
        }
        let mut tail: Vec<u8> = offsets.iter().flat_map(|offset| offset.to_le_bytes()).collect();
        tail.extend_from_slice(&(self.partitions.len() as u32).to_le_bytes());
        tail.extend_from_slice(MAGIC);
        file.write_all(&tail).context(doing)?;
        file.commit(self.records)
    }
}

/// The records of one partition, in the order they were written, in one piece of memory.
pub struct Records(Vec<u8>);

impl Records {
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.0.as_slice();
        std::iter::from_fn(move || {
            let (record, after) = split_record(rest)?;
            rest = after;
            Some(record)
        })
    }
}

/// The first record and what follows it; `None` at the end, and where the bytes are no whole record.
fn split_record(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}

/// The records of one partition of a work file, each on its own; see [`read_records`].
pub fn read_partition(folder: &Folder, relative: &str, partition: usize) -> Result<Vec<Vec<u8>>> {
    Ok(read_records(folder, relative, partition)?.iter().map(<[u8]>::to_vec).collect())
}

/// The records of one partition of a work file.
///
/// # Errors
/// When the file cannot be read or is damaged.
pub fn read_records(folder: &Folder, relative: &str, partition: usize) -> Result<Records> {
    let damaged = || Error::new(format!("the work file {relative} is damaged; remove it and run the build again"));
    let doing = || format!("cannot read the work file {relative}");
    let mut file = File::open(folder.path(relative)).context(doing)?;
    let length = file.metadata().context(doing)?.len();
    let mut tail = [0_u8; 8];
    file.seek(SeekFrom::Start(length.saturating_sub(8))).and_then(|_| file.read_exact(&mut tail)).context(doing)?;
    let n = u64::from(u32::from_le_bytes(tail[..4].try_into().expect("four bytes")));
    let table = 8 * (n + 1) + 8;
    if &tail[4..] != MAGIC || length < table || n <= partition as u64 {
        return Err(damaged());
    }
    let mut bounds = [0_u8; 16];
    file.seek(SeekFrom::Start(length - table + 8 * partition as u64)).and_then(|_| file.read_exact(&mut bounds)).context(doing)?;
    let start = u64::from_le_bytes(bounds[..8].try_into().expect("eight bytes"));
    let end = u64::from_le_bytes(bounds[8..].try_into().expect("eight bytes"));
    if end < start + 8 || length < end {
        return Err(damaged());
    }
    let mut stored = vec![0; usize::try_from(end - start).map_err(|_| damaged())?];
    file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(&mut stored)).context(doing)?;
    let (size, frame) = stored.split_at(8);
    let size = usize::try_from(u64::from_le_bytes(size.try_into().expect("eight bytes"))).map_err(|_| damaged())?;
    let bytes = zstd::bulk::decompress(frame, size).context(doing)?;
    let mut rest = bytes.as_slice();
    while let Some((_, after)) = split_record(rest) {
        rest = after;
    }
    if rest.is_empty() { Ok(Records(bytes)) } else { Err(damaged()) }
}
