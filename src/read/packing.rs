//! How an archive is written: its compression, by its first bytes, with the dictionary of a zstd file, and the dialect of its records, by the first of them.

use std::io::{self, Read};
use std::sync::Arc;

use memchr::memmem;

use super::Limits;
use super::dialect::{Begins, Dialect, blank};
use super::dictionary::dictionary;
use super::tell::compression;
use crate::codec::{self, Compression, Decoder, Feed, Windows, gzip};

/// Compressed bytes that are enough to see the first decoded ones: a whole zstd block.
const LOOK: usize = 192 << 10;
/// The same of gzip: its header, the tables of a block, and the line of an ARC record. What has a longer header is not found in a search.
const LOOK_GZIP: usize = 8 << 10;
/// The same of bzip2, which decodes 900 kB at once or nothing.
const LOOK_BLOCK: usize = 1 << 20;
/// Decoded bytes that are looked at first for the start of a record.
const FEW: usize = 64;
/// Decoded bytes in which the line of an ARC record must end to be found in a search. Whoever fills a file with false starts is paid by these.
const SOME: usize = 4096;

/// How a file is written, as its beginning tells.
#[derive(Clone, Debug)]
pub(super) struct Packing {
    pub(super) compression: Compression,
    /// Of a zstd file, or empty.
    dictionary: Arc<[u8]>,
    pub(super) dialect: Dialect,
    /// The dialect was told by a record, not by the file's name.
    pub(super) told: bool,
}

impl Packing {
    /// Told by the first bytes, which stay in the feed, and by the name of the file.
    pub(super) fn of(feed: &mut Feed<impl Read>, name: &str, limits: &Limits) -> io::Result<Self> {
        let compression = detect(feed, limits)?;
        let dictionary = if compression == Compression::Zstd { dictionary(feed)? } else { Vec::new() };
        let mut packing = Self { compression, dictionary: dictionary.into(), ..Self::plain(name) };
        if packing.decoder(limits.windows()).is_err() {
            // A dictionary that zstd refuses is as good as none: the frames that need it are counted as damaged.
            packing.dictionary = Vec::new().into();
        }
        Ok(packing)
    }

    /// Believes the name of an archive whose first bytes are neither text nor what anything begins with: no member of it may begin a record.
    pub(super) fn or_by_name(&mut self, first: &[u8], name: &str) {
        let is_text = || std::str::from_utf8(first).map_or_else(|fault| fault.error_len().is_none(), |_| true);
        let holds_record = || [Dialect::Warc, Dialect::Arc].iter().any(|dialect| dialect.find(first, true).is_some());
        if self.compression == Compression::Plain && Dialect::of(first).is_none() && !is_text() && !holds_record() {
            self.compression = compression(name);
        }
    }

    /// Compressed bytes that are enough to see how a member's content begins.
    pub(super) fn look(&self) -> usize {
        look(self.compression)
    }

    /// Bytes as they are.
    pub(super) fn plain(name: &str) -> Self {
        Self { compression: Compression::Plain, dictionary: Vec::new().into(), dialect: Dialect::named(name), told: false }
    }

    /// Whether a record begins with these bytes, at a place where one should. The first that does tells the dialect of the file.
    pub(super) fn begins(&mut self, bytes: &[u8]) -> Begins {
        if self.told {
            return self.dialect.begins(bytes);
        }
        if let Some(dialect) = Dialect::of(bytes) {
            (self.dialect, self.told) = (dialect, true);
            return Begins::Yes;
        }
        let open = [Dialect::Warc, Dialect::Arc].iter().any(|dialect| dialect.begins(bytes) == Begins::More);
        if open { Begins::More } else { Begins::No }
    }

    pub(super) fn decoder(&self, windows: Windows) -> io::Result<Decoder> {
        match self.compression {
            Compression::Zstd => Decoder::zstd(&self.dictionary, windows.zstd_log),
            compression => Decoder::new(compression, windows),
        }
    }
}

/// Tells the compression by the first bytes. Where they are neither a member's nor a record's, the first members may be damaged: then
/// by what is met first that is sound.
fn detect(feed: &mut Feed<impl Read>, limits: &Limits) -> io::Result<Compression> {
    while feed.data().len() < LOOK && feed.more()? {}
    let data = feed.data();
    let detected = codec::detect(data);
    if detected != Compression::Plain || Dialect::of(data).is_some() {
        return Ok(detected);
    }
    let plain = [Dialect::Warc, Dialect::Arc].iter().filter_map(|dialect| dialect.find(data, false)).min().unwrap_or(data.len());
    for compression in [Compression::Gzip, Compression::Zstd, Compression::Xz, Compression::Bzip2] {
        let mut decoder = Decoder::new(compression, limits.windows())?;
        for at in memmem::find_iter(&data[..plain], codec::magic(compression)) {
            let start = &data[at..data.len().min(at + look(compression))];
            if may_begin(compression, start) && decodes_to_record(start, &mut decoder, None)? {
                return Ok(compression);
            }
        }
    }
    Ok(Compression::Plain)
}

fn look(compression: Compression) -> usize {
    match compression {
        Compression::Gzip => LOOK_GZIP,
        Compression::Bzip2 => LOOK_BLOCK,
        Compression::Plain | Compression::Zstd | Compression::Xz => LOOK,
    }
}

/// False where these bytes, behind the magic, begin no member or frame for certain: what that costs is what a search costs.
pub(super) fn may_begin(compression: Compression, data: &[u8]) -> bool {
    match compression {
        Compression::Gzip => gzip::may_begin(data),
        // A bit of the descriptor is reserved.
        Compression::Zstd => data.get(4).is_none_or(|descriptor| descriptor & 8 == 0),
        Compression::Plain | Compression::Xz | Compression::Bzip2 => true,
    }
}

/// Whether a member may begin with these bytes, which stand behind one, or the file ends.
pub(super) fn may_follow(compression: Compression, data: &[u8]) -> bool {
    match compression {
        Compression::Plain => true,
        Compression::Gzip => data.starts_with(&gzip::MAGIC) || gzip::MAGIC.starts_with(data),
        compression => codec::detect(data) == compression || data.len() < 4,
    }
}

/// True when a member or frame begins here and its content begins with a record, of the dialect that was told or else of any.
pub(super) fn decodes_to_record(data: &[u8], decoder: &mut Decoder, told: Option<Dialect>) -> io::Result<bool> {
    decoder.reset()?;
    let (mut bytes, mut filled, mut used) = (vec![0; FEW], 0, 0);
    loop {
        let progress = decoder.step(&data[used..], &mut bytes[filled..]);
        used += progress.used;
        filled += progress.written;
        let held = &bytes[..filled];
        if let Some(dialect) = Dialect::of(held) {
            return Ok(told.is_none_or(|told| told == dialect));
        }
        let stuck = progress.used == 0 && progress.written == 0;
        if stuck || progress.ended || progress.fault.is_some() {
            return Ok(false);
        }
        if filled == bytes.len() {
            // Only the line of an ARC record may be longer.
            let is_line = told != Some(Dialect::Warc) && Dialect::Arc.begins(&held[blank(held)..]) == Begins::More;
            if !is_line || SOME < 2 * filled {
                return Ok(false);
            }
            bytes.resize(2 * filled, 0);
        }
    }
}
