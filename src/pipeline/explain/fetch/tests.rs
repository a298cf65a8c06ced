use super::*;
use std::io::Write;
use std::process::Command;

/// What the command writes.
fn run(path: &Path, format: Format, offset: u64, length: u64) -> Vec<u8> {
    let file = path.to_str().unwrap();
    let record = Record { file, offset, length, format: Some(format), rule: None, zstd_window_log: 27 };
    let command = fetch(Path::new(""), &record).command.unwrap();
    let output = Command::new("sh").args(["-c", &command]).output().unwrap();
    assert!(output.stderr.is_empty(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn has_zstd() -> bool {
    let found = Command::new("zstd").arg("--version").output().is_ok();
    if !found {
        println!("the program zstd is not here: its commands are not checked");
    }
    found
}

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
    let members: Vec<Vec<u8>> = records.iter().map(|record| gzip(record)).collect();
    let frames: Vec<Vec<u8>> = records.iter().map(|record| zstd::encode_all(*record, 3).unwrap()).collect();
    for (name, parts) in [("a.warc.gz", &members), ("a.warc.zst", &frames)].into_iter().take(1 + usize::from(has_zstd())) {
        std::fs::write(path(name), parts.concat()).unwrap();
        let mut offset = 0;
        for (part, record) in parts.iter().zip(&records) {
            assert_eq!(run(&path(name), Format::Warc, offset, part.len() as u64), *record, "{name} at {offset}");
            offset += part.len() as u64;
        }
    }
    let whole = [("b.warc", stream.clone()), ("b.warc.gz", gzip(&stream)), ("b.warc.zst", zstd::encode_all(&stream[..], 3).unwrap())];
    for (name, bytes) in whole.iter().take(2 + usize::from(has_zstd())) {
        std::fs::write(path(name), bytes).unwrap();
        for format in [Format::Warc, Format::Jsonl] {
            let mut offset = 0;
            for record in &records {
                assert_eq!(run(&path(name), format, offset, record.len() as u64), *record, "{name} at {offset}");
                offset += record.len() as u64;
            }
        }
    }
}

#[test]
fn a_dictionary_is_taken_along() {
    if !has_zstd() {
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
