//! Work files of a shuffle: one task writes one file, its records sorted by partition with a table of offsets, and the next round reads one
//! partition from each. Records are opaque bytes; a partition is compressed with zstd.
//!
//! Layout: segments, each with the records of a stretch of time: its partitions one after the other, each a zstd frame of length-prefixed records (u32, little-endian)
//! after its size (u64), nothing where it is empty; then a table of `partitions + 1` offsets (u64) for each segment; then the numbers of segments and of partitions (u32) and the
//! magic `GMSP`. Memory while writing: [`SEGMENT_BYTES`] of records; while reading: one partition of one file, or one segment of it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use crate::error::{Context, Error, Result};

use super::{Folder, NewFile, Written};

const MAGIC: &[u8; 4] = b"GMSP";
/// Numbers of segments and partitions, and the magic.
const TAIL: u64 = 12;
/// Bytes of records after which a segment is written. Larger ones make fewer and longer frames.
pub const SEGMENT_BYTES: usize = 64 << 20;

/// Gathers records by partition and writes them as one file.
pub struct SpillWriter {
    file: NewFile,
    relative: String,
    partitions: Vec<Vec<u8>>,
    /// Bytes that wait in partitions.
    waiting: usize,
    segment_bytes: usize,
    /// Where partitions begin, `[n_segments][n_partitions + 1]`.
    offsets: Vec<u64>,
    end: u64,
    n_segments: u32,
    records: u64,
}

impl SpillWriter {
    pub fn create(folder: &Folder, relative: &str, n_partitions: usize) -> Result<Self> {
        Self::with_segments(folder, relative, n_partitions, SEGMENT_BYTES)
    }

    /// The same with segments of another size.
    pub fn with_segments(folder: &Folder, relative: &str, n_partitions: usize, segment_bytes: usize) -> Result<Self> {
        Ok(Self {
            file: folder.create(relative)?,
            relative: relative.to_owned(),
            partitions: vec![Vec::new(); n_partitions],
            waiting: 0,
            segment_bytes,
            offsets: Vec::new(),
            end: 0,
            n_segments: 0,
            records: 0,
        })
    }

    /// Adds a record to a partition below the number given to [`SpillWriter::create`]. Records keep their order within a partition.
    pub fn push(&mut self, partition: usize, record: &[u8]) -> Result<()> {
        let length = u32::try_from(record.len()).expect("a record is below the cap on documents, far under 4 GiB");
        let buffer = &mut self.partitions[partition];
        buffer.extend_from_slice(&length.to_le_bytes());
        buffer.extend_from_slice(record);
        self.records += 1;
        self.waiting += 4 + record.len();
        if self.segment_bytes <= self.waiting { self.end_segment() } else { Ok(()) }
    }

    fn end_segment(&mut self) -> Result<()> {
        let doing = || format!("cannot write the work file {}", self.relative);
        self.offsets.push(self.end);
        for partition in &mut self.partitions {
            if !partition.is_empty() {
                let frame = zstd::bulk::compress(partition, 1).context(doing)?;
                let size = (partition.len() as u64).to_le_bytes();
                self.file.write_all(&size).and_then(|()| self.file.write_all(&frame)).context(doing)?;
                self.end += 8 + frame.len() as u64;
                // Its room too: where records come partition by partition, each would else keep that of its fullest segment.
                *partition = Vec::new();
            }
            self.offsets.push(self.end);
        }
        self.n_segments += 1;
        self.waiting = 0;
        Ok(())
    }

    /// Writes what waits and commits the file.
    pub fn finish(mut self) -> Result<Written> {
        self.end_segment()?;
        let mut tail: Vec<u8> = self.offsets.iter().flat_map(|offset| offset.to_le_bytes()).collect();
        tail.extend_from_slice(&self.n_segments.to_le_bytes());
        tail.extend_from_slice(&(self.partitions.len() as u32).to_le_bytes());
        tail.extend_from_slice(MAGIC);
        self.file.write_all(&tail).context(|| format!("cannot write the work file {}", self.relative))?;
        self.file.commit(self.records)
    }
}

/// The partition of a 64-bit hash or position where partitions are equal, contiguous stretches of all of them, so that ascending ones come partition by partition.
pub fn partition(of: u64, n_partitions: usize) -> usize {
    ((u128::from(of) * n_partitions as u128) >> 64) as usize
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

/// The records of one partition of a work file, in one piece of memory.
///
/// # Errors
/// When the file cannot be read or is damaged.
pub fn read_records(folder: &Folder, relative: &str, partition: usize) -> Result<Records> {
    let mut all = Vec::new();
    for records in read_segments(folder, relative, partition)? {
        let Records(bytes) = records?;
        if all.is_empty() {
            all = bytes;
        } else {
            all.extend_from_slice(&bytes);
        }
    }
    Ok(Records(all))
}

/// The same a segment at a time: memory is [`SEGMENT_BYTES`] at most, whatever the partition holds.
///
/// # Errors
/// When the file cannot be opened or is damaged; each item when its segment is.
pub fn read_segments(folder: &Folder, relative: &str, partition: usize) -> Result<Segments> {
    let doing = || format!("cannot read the work file {relative}");
    let mut file = File::open(folder.path(relative)).context(doing)?;
    let length = file.metadata().context(doing)?.len();
    let mut tail = [0_u8; TAIL as usize];
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL))).and_then(|_| file.read_exact(&mut tail)).context(doing)?;
    let number = |at: usize| u64::from(u32::from_le_bytes(tail[at..at + 4].try_into().expect("four bytes")));
    let (n_segments, n) = (number(0), number(4));
    let tables = n_segments.checked_mul(8 * (n + 1)).and_then(|bytes| bytes.checked_add(TAIL));
    let table = tables.and_then(|tables| length.checked_sub(tables)).filter(|_| &tail[8..] == MAGIC && (partition as u64) < n);
    let table = table.ok_or_else(|| damaged(relative))?;
    Ok(Segments { file, relative: relative.to_owned(), table, row: 8 * (n + 1), partition: partition as u64, segments: 0..n_segments })
}

fn damaged(relative: &str) -> Error {
    Error::new(format!("the work file {relative} is damaged; remove it and run the build again"))
}

/// The records of one partition, segment by segment.
pub struct Segments {
    file: File,
    relative: String,
    /// Where the table of offsets begins, and the length of its rows.
    table: u64,
    row: u64,
    partition: u64,
    /// Numbers of the segments that are left.
    segments: std::ops::Range<u64>,
}

impl Segments {
    fn read(&mut self, segment: u64) -> Result<Records> {
        let Self { file, relative, table, row, partition, .. } = self;
        let doing = || format!("cannot read the work file {relative}");
        let mut bounds = [0_u8; 16];
        file.seek(SeekFrom::Start(*table + segment * *row + 8 * *partition)).and_then(|_| file.read_exact(&mut bounds)).context(doing)?;
        let start = u64::from_le_bytes(bounds[..8].try_into().expect("eight bytes"));
        let end = u64::from_le_bytes(bounds[8..].try_into().expect("eight bytes"));
        if start == end {
            return Ok(Records(Vec::new()));
        }
        if end < start.saturating_add(8) || *table < end {
            return Err(damaged(relative));
        }
        let mut stored = vec![0; usize::try_from(end - start).map_err(|_| damaged(relative))?];
        file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(&mut stored)).context(doing)?;
        let (size, frame) = stored.split_at(8);
        let size = usize::try_from(u64::from_le_bytes(size.try_into().expect("eight bytes"))).map_err(|_| damaged(relative))?;
        let bytes = zstd::bulk::decompress(frame, size).context(doing)?;
        let mut rest = bytes.as_slice();
        while let Some((_, after)) = split_record(rest) {
            rest = after;
        }
        if rest.is_empty() { Ok(Records(bytes)) } else { Err(damaged(relative)) }
    }
}

impl Iterator for Segments {
    type Item = Result<Records>;

    fn next(&mut self) -> Option<Self::Item> {
        let segment = self.segments.next()?;
        Some(self.read(segment))
    }
}
