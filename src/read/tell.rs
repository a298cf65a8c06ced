//! What a file holds, by the end of its name: for commands that are given files without a recipe.

use super::{Format, container};
use crate::codec::Compression;
use crate::error::{Error, Result};

/// Ends of names. A compression's own end may follow, but for Parquet, which is read from its end and compresses its pages itself.
const ENDS: [(&str, Format); 14] = [
    (".warc.wet", Format::Wet),
    (".wet", Format::Wet),
    (".wat", Format::Warc),
    (".warc", Format::Warc),
    (".arc", Format::Warc),
    (".jsonl", Format::Jsonl),
    (".ndjson", Format::Jsonl),
    (".json", Format::Jsonl),
    (".html", Format::Html),
    (".htm", Format::Html),
    (".txt", Format::Text),
    (".tar", Format::Text),
    (".xml", Format::Mediawiki),
    (".epub", Format::Books),
];
const COMPRESSIONS: [(&str, Compression); 4] =
    [(".gz", Compression::Gzip), (".zst", Compression::Zstd), (".xz", Compression::Xz), (".bz2", Compression::Bzip2)];

/// The compression that the end of a name tells, whatever the case of its letters.
pub(super) fn compression(name: &str) -> Compression {
    let name = name.to_ascii_lowercase();
    COMPRESSIONS.iter().find(|(end, _)| name.ends_with(end)).map_or(Compression::Plain, |(_, compression)| *compression)
}

/// A name without the end that tells its compression.
pub fn decompressed(name: &str) -> &str {
    COMPRESSIONS.iter().find_map(|(end, _)| name.strip_suffix(end)).unwrap_or(name)
}

/// Tells the format by the end of a name, whatever the case of its letters; folders on the way to it say nothing.
///
/// # Errors
/// Exit code 2, with the names that are known; where a container is told that is not read, with what to do with it.
pub fn tell(name: &str) -> Result<Format> {
    let file = name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    if let Some(what) = container::named(&file) {
        return Err(Error::recipe(format!("{name} is {what}")));
    }
    if file.ends_with(".parquet") {
        return Ok(Format::Parquet);
    }
    let plain = decompressed(&file);
    // Large dumps come in parts: enwiki-20240501-pages-articles1.xml-p1p41242.bz2.
    let plain = plain
        .split_once(".xml-p")
        .filter(|(_, range)| range.contains('p'))
        .map_or(plain, |(_, range)| &plain[..plain.len() - range.len() - 2]);
    let found = ENDS.iter().find(|(end, _)| plain.ends_with(end));
    found.map(|(_, format)| *format).ok_or_else(|| {
        Error::recipe(format!(
            "cannot tell what {name} holds by the end of its name; known are .warc, .arc, .wet, .wat, .jsonl, .ndjson, .json, .html, .htm, .txt, .tar, .xml, \
             each also with .gz, .zst, .xz or .bz2, and .parquet and .epub"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_name_tells() {
        for (name, format) in [
            ("a.warc", Format::Warc),
            ("crawl.wet/CC-0001.WARC.GZ", Format::Warc),
            ("IAH-20080430204825-00000.arc.gz", Format::Warc),
            ("a.ARC", Format::Warc),
            ("CC-0001.warc.wat.gz", Format::Warc),
            ("CC-0001.warc.wet.gz", Format::Wet),
            ("x.wet.zst", Format::Wet),
            ("RS_2011-01.jsonl.xz", Format::Jsonl),
            ("a.ndjson.bz2", Format::Jsonl),
            ("a.json", Format::Jsonl),
            ("train-00000-of-00002.parquet", Format::Parquet),
            ("page.htm", Format::Html),
            ("page.html.gz", Format::Html),
            ("my.warc.notes.txt", Format::Text),
            ("a.EPUB", Format::Books),
            ("openwebtext.tar.xz", Format::Text),
            ("enwiki-latest-pages-articles.xml.bz2", Format::Mediawiki),
            ("enwiki-20240501-pages-articles1.xml-p1p41242.bz2", Format::Mediawiki),
            ("enwiki-20240501-pages-articles-multistream-index.txt.bz2", Format::Text),
        ] {
            assert_eq!(tell(name).unwrap(), format, "{name}");
        }
        for name in ["a.gz", "a", "", "a.warc.gz.part", "a.parquet.gz", "a.warc/b", "a.csv"] {
            let error = tell(name).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains(".parquet"), "{error}");
        }
    }
}
