//! What the targets that read share: bytes as the bytes of a file, and what must hold of whatever is in it. The hostile inputs of the tests are held to it too.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::OnceLock;

use gristmill::read::{Checks, Format, Input, Item, Limits, Tally, inspect, read};

/// Bytes of the longest body.
pub const BODY: u64 = 16 << 10;

/// What was read of a file.
#[derive(Debug)]
pub struct Read {
    /// Ids and bodies of its pages, in order.
    pub pages: Vec<(String, Vec<u8>)>,
    pub tally: Tally,
}

/// Small ones, so that each is met.
fn limits() -> Limits {
    Limits {
        warc_header_bytes: 4096,
        http_header_bytes: 2048,
        record_bytes: 64 << 10,
        body_bytes: BODY,
        zstd_window_log: 20,
        xz_dictionary_log: 20,
        ..Limits::default()
    }
}

/// A file of these bytes.
fn file(bytes: &[u8]) -> Input {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    let path = FILE.get_or_init(|| std::env::temp_dir().join(format!("gristmill-fuzz-{}.warc", std::process::id())));
    std::fs::write(path, bytes).expect("the temporary folder can be written to");
    Input::file(path, "fuzz.warc", bytes.len() as u64)
}

fn count(tally: &Tally, kind: &str) -> u64 {
    tally.records.get(kind).copied().unwrap_or(0)
}

/// Reads a file of these bytes. Whatever it holds: reading ends without an error and at the end of the file, no body is longer than the limit, each record of the wanted type is
/// one item, and each has a place that there is.
pub fn pages(bytes: &[u8]) -> Read {
    read_file(&file(bytes), &mut BTreeMap::new())
}

fn read_file(input: &Input, rejected: &mut BTreeMap<&'static str, u64>) -> Read {
    let (mut pages, mut places, mut n_items) = (Vec::new(), Vec::new(), 0);
    let tally = read(Format::Warc, input, &limits(), &mut |item| {
        n_items += 1;
        match item {
            Item::Page(page) => {
                assert!(!page.body.is_empty() && page.body.len() as u64 <= BODY, "a body of {} bytes", page.body.len());
                pages.push((page.id.to_owned(), page.body.to_vec()));
                places.push(page.place);
            }
            Item::Document(_) => panic!("a document in a file of pages"),
            Item::Rejected(record) => {
                *rejected.entry(record.reason.rule).or_default() += 1;
                places.push(record.place);
            }
        }
        Ok(())
    })
    .expect("what is in a file is no error");
    let n_untyped = rejected.get("bad-header").copied().unwrap_or(0);
    let n_wanted = count(&tally, "response");
    assert!(n_wanted <= n_items && n_items <= n_wanted + n_untyped + count(&tally, "damaged"), "{n_items} items of {tally:?}");
    assert_eq!(tally.stored_bytes, input.bytes, "{tally:?}");
    let end = tally.stored_bytes.max(tally.decoded_bytes);
    assert!(places.iter().all(|place| place.offset + place.length <= end), "{places:?} of {tally:?}");
    Read { pages, tally }
}

/// Reads a file of these bytes in all ways: as pages, as texts, and to look at it with its digests checked. What is seen is the same each time.
#[allow(dead_code)]
pub fn in_all_ways(bytes: &[u8]) -> Read {
    let input = file(bytes);
    let mut rejected = BTreeMap::new();
    let found = read_file(&input, &mut rejected);

    let seen = inspect(&input, &limits(), Checks { digests: true, ..Checks::default() }).expect("what is in a file is no error");
    assert_eq!((seen.admitted, &seen.rejected), (found.pages.len() as u64, &rejected), "{seen:?}");
    assert_eq!(seen.body_bytes, found.pages.iter().map(|(_, body)| body.len() as u64).sum::<u64>());
    assert_eq!((&seen.tally.records, seen.tally.decoded_bytes), (&found.tally.records, found.tally.decoded_bytes));
    let is_of_digest = |name: &str| name.starts_with("digest-") || name.starts_with("wrong-block-") || name.starts_with("wrong-payload-");
    let faults = |tally: &Tally| -> BTreeMap<_, _> {
        let all = tally.faults.iter().filter(|(name, _)| !is_of_digest(name));
        all.map(|(name, n)| (name.to_owned(), *n)).collect()
    };
    assert_eq!(faults(&seen.tally), faults(&found.tally));
    let digests = seen.digests.expect("they were asked for");
    assert!(digests.block_wrong + digests.payload_wrong <= digests.checked, "{digests:?}");

    let mut n_items = 0;
    let tally = read(Format::Wet, &input, &limits(), &mut |item| {
        n_items += 1;
        match item {
            Item::Document(document) => {
                assert!(!document.text.trim().is_empty() && document.text.len() as u64 <= 3 * BODY && !document.text.contains('\0'));
            }
            Item::Page(_) => panic!("a page in a file of texts"),
            Item::Rejected(_) => {}
        }
        Ok(())
    })
    .expect("what is in a file is no error");
    assert_eq!((&tally.records, tally.decoded_bytes), (&found.tally.records, found.tally.decoded_bytes));
    assert!(count(&tally, "conversion") <= n_items, "{n_items} items of {tally:?}");
    found
}

/// One gzip member.
pub fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory can be written to")
}
