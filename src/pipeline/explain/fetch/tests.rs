use std::io::Write;
use std::process::Command;

use super::*;

/// What the command writes.
fn run(path: &Path, format: Format, offset: u64, length: u64) -> Vec<u8> {
    let file = path.to_str().unwrap();
    let record = Record { file, offset, length, format: Some(format), rule: None, zstd_window_log: 27 };
    let command = fetch(Path::new(""), &record).command.unwrap();
    let output = Command::new("sh").args(["-c", &command]).output().unwrap();
    assert!(output.stderr.is_empty(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").stdin(std::process::Stdio::null()).output().is_ok();
    if !found {
        println!("the program {program} is not here: its commands are not checked");
    }
    found
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut out = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).unwrap();
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// How a name ends, the program that unpacks it, and how it is packed.
type Packing = (&'static str, &'static str, fn(&[u8]) -> Vec<u8>);

const PACKINGS: [Packing; 5] = [
    ("", "head", <[u8]>::to_vec),
    (".gz", "gzip", gzip),
    (".zst", "zstd", |bytes| zstd::encode_all(bytes, 3).unwrap()),
    (".xz", "xz", xz),
    (".bz2", "bzip2", bzip2),
];

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

#[test]
fn commands_fetch_the_bytes_of_a_record_in_every_framing() {
    let folder = tempfile::tempdir().unwrap();
    let records: [&[u8]; 3] = [b"WARC/1.0\r\n\r\nfirst\r\n\r\n", b"WARC/1.0\r\n\r\nsecond\r\n\r\n", b"WARC/1.0\r\n\r\nthird\r\n\r\n"];
    let stream = records.concat();
    // A name that a shell would take apart.
    let path = |name: &str| folder.path().join(format!("it's {name}"));
    for (end, program, pack) in PACKINGS {
        if !has(program) {
            continue;
        }
        let many = path(&format!("many.warc{end}"));
        let members: Vec<Vec<u8>> = records.iter().map(|record| pack(record)).collect();
        std::fs::write(&many, members.concat()).unwrap();
        let mut offset = 0;
        for (member, record) in members.iter().zip(&records) {
            assert_eq!(run(&many, Format::Warc, offset, member.len() as u64), *record, "{end} at {offset}");
            offset += member.len() as u64;
        }
        let one = path(&format!("one.warc{end}"));
        std::fs::write(&one, pack(&stream)).unwrap();
        for format in [Format::Warc, Format::Jsonl] {
            let mut offset = 0;
            for record in &records {
                assert_eq!(run(&one, format, offset, record.len() as u64), *record, "{end} at {offset}");
                offset += record.len() as u64;
            }
        }
    }
}

#[test]
fn a_row_of_a_table_is_fetched_by_its_number() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it's a.parquet");
    std::fs::write(&path, b"PAR1").unwrap();
    let record =
        Record { file: path.to_str().unwrap(), offset: 7, length: 1, format: Some(Format::Parquet), rule: None, zstd_window_log: 27 };
    let fetched = fetch(Path::new(""), &record);
    let command = fetched.command.unwrap();
    let words = Command::new("sh").args(["-c", &command.replacen("duckdb", "printf '%s\\n'", 1)]).output().unwrap().stdout;
    let name = fetched.path.replace('\'', "''");
    assert_eq!(String::from_utf8(words).unwrap(), format!("-line\n-c\nSELECT * FROM '{name}' LIMIT 1 OFFSET 7\n"));
}

#[test]
fn a_dictionary_is_taken_along() {
    if !has("zstd") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // Content without entropy tables is a dictionary too.
    let dictionary = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/".to_vec();
    let record = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/seven\r\n\r\n".to_vec();
    for packed in [false, true] {
        let content = if packed { zstd::encode_all(&dictionary[..], 3).unwrap() } else { dictionary.clone() };
        let mut bytes = [&DICTIONARY[..], &(content.len() as u32).to_le_bytes(), &content].concat();
        let offset = bytes.len() as u64;
        let mut compressor = zstd::bulk::Compressor::with_dictionary(3, &dictionary).unwrap();
        let frame = compressor.compress(&record).unwrap();
        bytes.extend_from_slice(&frame);
        let path = folder.path().join(format!("{packed}.warc.zst"));
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(run(&path, Format::Warc, offset, frame.len() as u64), record);
    }
}

#[test]
fn what_is_not_there_is_said() {
    let record = Record { file: "gone.warc.gz", offset: 0, length: 1, format: Some(Format::Warc), rule: None, zstd_window_log: 27 };
    let gone = fetch(Path::new("nowhere"), &record);
    assert!(gone.command.is_none() && gone.fault.unwrap().contains("cannot be read"));
    let far = Record { file: "https://data.example/a.warc.gz", offset: 10, length: 5, ..record };
    assert_eq!(fetch(Path::new(""), &far).command.unwrap(), "curl -s -r 10-14 https://data.example/a.warc.gz | gzip -dc");
    assert_eq!(quoted("-rf"), "./-rf");
    assert_eq!(quoted("a\nb"), r"$'a\x0ab'");
}
