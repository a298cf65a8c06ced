//! Containers that are not read: what each is, by the end of a name or by the first bytes, and what to do with it. A search for records
//! inside one would find those that happen to be stored as they are, and lose the others.

/// A container of another kind.
#[derive(Debug)]
pub(super) struct Container {
    end: &'static str,
    /// First bytes; none where there are none that tell.
    magic: &'static [u8],
    what: &'static str,
    advice: &'static str,
}

/// WACZ stands before the zip that it is.
const CONTAINERS: [Container; 11] = [
    of(".wacz", b"", "a WACZ, a zip of WARC files", "unpack it and read what lies in its archive folder"),
    of(".zip", b"PK\x03\x04", "a zip", "unpack it and read what it holds"),
    of(".7z", b"7z\xBC\xAF\x27\x1C", "a 7z archive", "unpack it with 7z x"),
    of(".rar", b"Rar!\x1A\x07", "a RAR archive", "unpack it with unrar x"),
    of(".lz4", b"\x04\x22\x4D\x18", "packed by lz4", "unpack it with lz4 -d"),
    of(".z", b"\x1F\x9D", "packed by compress", "unpack it with gzip -d"),
    of(".lz", b"LZIP\x01", "packed by lzip", "unpack it with lzip -d"),
    of(".lzma", b"", "packed by lzma", "unpack it with xz -d"),
    of(".br", b"", "packed by brotli", "unpack it with brotli -d"),
    of(".cdx", b"", "an index of an archive (CDX)", "name it in a recipe as warc-index, or read the files that it names"),
    of(".cdxj", b"", "an index of an archive (CDXJ)", "name it in a recipe as warc-index, or read the files that it names"),
];

const fn of(end: &'static str, magic: &'static [u8], what: &'static str, advice: &'static str) -> Container {
    Container { end, magic, what, advice }
}

/// What the end of a name says that a file is, and what to do with it.
pub(super) fn named(name: &str) -> Option<String> {
    let file = &name.to_ascii_lowercase()[..];
    let plain = super::decompressed(file);
    let found = CONTAINERS.iter().find(|container| file.ends_with(container.end) || plain.ends_with(container.end))?;
    Some(format!("{}: {}", found.what, found.advice))
}

/// True when a file begins as one of these containers does.
pub(super) fn begins(first: &[u8]) -> bool {
    let is_one = |container: &Container| !container.magic.is_empty() && first.starts_with(container.magic);
    // Two bytes are few: the third of compress holds the largest width of a code, 9 to 16 bits, and two bits that are never set.
    let is_compress = || first.get(2).is_some_and(|third| third & 0x60 == 0 && (9..=16).contains(&(third & 0x1F)));
    CONTAINERS.iter().any(|container| is_one(container) && (container.magic.len() > 2 || is_compress()))
}
