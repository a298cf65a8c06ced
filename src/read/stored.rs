//! The bytes of a file where they are asked for, as formats need it that are read from their end: of a file of this machine, or of an object, by blocks of which the last few are kept.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, PoisonError};

use ::bytes::Bytes;
use ::parquet::errors::Result as ParquetResult;
use ::parquet::file::reader::{ChunkReader, Length};

use crate::error::{Context, Error, Result};
use crate::read::{Input, Origin};
use crate::remote::Object;

/// Bytes that are asked for at a time, and how many such blocks are kept: columns are read side by side.
const BLOCK: u64 = 1 << 20;
const BLOCKS: usize = 16;

/// A file of which any part can be read. Clones share the blocks.
#[derive(Clone)]
pub(super) struct Stored {
    place: Arc<Place>,
    bytes: u64,
}

enum Place {
    File(File),
    Object(Object, Mutex<VecDeque<(u64, Arc<[u8]>)>>),
}

impl Stored {
    /// # Errors
    /// When it cannot be opened; exit code 2 of standard input.
    pub(super) fn open(input: &Input) -> Result<Self> {
        let place = match &input.origin {
            Origin::Object(object) => Place::Object(object.clone(), Mutex::default()),
            Origin::File => Place::File(File::open(&input.path).context(|| format!("cannot open {}", input.path.display()))?),
            Origin::Stdin => {
                return Err(Error::recipe("what is read from its end cannot be read from standard input: save it as a file first"));
            }
        };
        Ok(Self { place: Arc::new(place), bytes: input.bytes })
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// From a byte on.
    pub(super) fn from(&self, at: u64) -> From {
        From { stored: self.clone(), at }
    }

    /// Fills the buffer as far as the file reaches.
    pub(super) fn read_at(&self, out: &mut [u8], at: u64) -> io::Result<usize> {
        let mut n = 0;
        while n < out.len() {
            match self.some_at(&mut out[n..], at.saturating_add(n as u64)) {
                Ok(0) => break,
                Ok(more) => n += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(n)
    }

    fn some_at(&self, out: &mut [u8], at: u64) -> io::Result<usize> {
        match &*self.place {
            Place::File(file) => file.read_at(out, at),
            Place::Object(..) if self.bytes <= at => Ok(0),
            Place::Object(object, blocks) => {
                let from = at - at % BLOCK;
                let mut blocks = blocks.lock().unwrap_or_else(PoisonError::into_inner);
                let held = blocks.iter().find(|(start, _)| *start == from).map(|(_, block)| block.clone());
                let block = match held {
                    Some(block) => block,
                    None => {
                        let mut block = Vec::new();
                        object.open_at(from, BLOCK).read_to_end(&mut block)?;
                        let block: Arc<[u8]> = block.into();
                        blocks.truncate(BLOCKS - 1);
                        blocks.push_front((from, block.clone()));
                        block
                    }
                };
                // Less than a block.
                let rest = block.get((at - from) as usize..).unwrap_or_default();
                let n = rest.len().min(out.len());
                out[..n].copy_from_slice(&rest[..n]);
                Ok(n)
            }
        }
    }
}

impl Length for Stored {
    fn len(&self) -> u64 {
        self.bytes
    }
}

impl ChunkReader for Stored {
    type T = BufReader<From>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        Ok(BufReader::new(self.from(start)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        // No more than there is, whatever the file says of itself.
        let mut bytes = vec![0; length.min(usize::try_from(self.bytes.saturating_sub(start)).unwrap_or(length))];
        let n = self.read_at(&mut bytes, start)?;
        if n < length {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        Ok(bytes.into())
    }
}

/// The file from a byte on.
pub(super) struct From {
    stored: Stored,
    at: u64,
}

impl Read for From {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.stored.some_at(out, self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for From {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.stored.bytes.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
