//! What the targets that read share: bytes as the bytes of a file, and what must hold of whatever is in it.

use std::sync::OnceLock;

use gristmill::read::{Format, Input, Item, Limits, Tally, read};

/// Reads a file of these bytes under small limits, so that each is met. Whatever it holds: reading ends without an error, no body is longer than the limit, and each record of
/// the wanted type is one item. Gives the ids of the pages, and what was seen.
pub fn pages(bytes: &[u8]) -> (Vec<String>, Tally) {
    static FILE: OnceLock<std::path::PathBuf> = OnceLock::new();
    let path = FILE.get_or_init(|| std::env::temp_dir().join(format!("gristmill-fuzz-{}.warc", std::process::id())));
    std::fs::write(path, bytes).expect("the temporary folder can be written to");
    let limits = Limits {
        warc_header_bytes: 4096,
        http_header_bytes: 2048,
        record_bytes: 64 << 10,
        body_bytes: 16 << 10,
        zstd_window_log: 20,
        xz_dictionary_log: 20,
        ..Limits::default()
    };
    let (mut ids, mut n_items, mut n_untyped) = (Vec::new(), 0, 0);
    let tally = read(Format::Warc, &Input::file(path, "fuzz.warc", bytes.len() as u64), &limits, &mut |item| {
        n_items += 1;
        match item {
            Item::Page(page) => {
                assert!(!page.body.is_empty() && page.body.len() as u64 <= limits.body_bytes, "a body of {} bytes", page.body.len());
                ids.push(page.id.to_owned());
            }
            Item::Document(_) => panic!("a document in a file of pages"),
            Item::Rejected(record) => n_untyped += u64::from(record.reason.rule == "bad-header"),
        }
        Ok(())
    })
    .expect("what is in a file is no error");
    let count = |kind: &str| tally.records.get(kind).copied().unwrap_or(0);
    assert!(count("response") <= n_items && n_items <= count("response") + n_untyped + count("damaged"), "{n_items} items of {tally:?}");
    (ids, tally)
}
