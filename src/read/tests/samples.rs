//! Real files of other projects, where they are at hand: `GRISTMILL_DATA` names the folder that holds `warc_samples` and `warc_zstd`.

#![allow(clippy::print_stdout, reason = "a skipped test says so")]

use super::*;

#[test]
fn real_files_give_as_many_records_as_their_index_says() {
    let Some(data) = std::env::var_os("GRISTMILL_DATA").map(std::path::PathBuf::from) else {
        println!("skipped: GRISTMILL_DATA is not set");
        return;
    };
    let index: serde_json::Value = serde_json::from_slice(&std::fs::read(data.join("warc_samples/index.json")).unwrap()).unwrap();
    let mut n_files = 0;
    for entry in index.as_array().unwrap() {
        let name = entry["file"].as_str().unwrap();
        let (Some(records), true) = (entry["records"].as_u64(), name.contains(".warc")) else { continue };
        // Another compression, or a file that the reader behind the index gave up.
        if name.ends_with(".lz4") || name.ends_with(".bz2") || !entry["warcio_error"].is_null() {
            continue;
        }
        let path = data.join("warc_samples/files").join(name);
        if !path.exists() {
            continue;
        }
        let outcome = read_file(Format::Warc, &path, &Limits::default()).unwrap();
        let counted: u64 = outcome.tally.records.values().sum();
        let lost = outcome.rejected().iter().filter(|item| item.id.is_empty()).count();
        assert!(records <= counted, "{name}: {counted} of {records}");
        assert!(counted - records <= lost as u64 + 1, "{name}: {counted} of {records}");
        n_files += 1;
    }
    assert!(n_files > 0);
    let expected: serde_json::Value = serde_json::from_slice(&std::fs::read(data.join("warc_zstd/expected.json")).unwrap()).unwrap();
    for name in ["nodict", "zdict"] {
        let outcome = read_file(Format::Warc, &data.join(format!("warc_zstd/iana.{name}.warc.zst")), &Limits::default()).unwrap();
        assert_eq!(outcome.tally.records.values().sum::<u64>(), expected["records"].as_u64().unwrap());
        assert_eq!(outcome.tally.decoded_bytes, expected["uncompressed"].as_u64().unwrap());
    }
}
