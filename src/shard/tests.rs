use std::io::Read;

use super::*;
use crate::store::table::TableReader;

fn row<'a>(id: &'a str, text: &'a str) -> Row<'a> {
    Row {
        id,
        key: Key(7),
        source: "crawl",
        url: Some("https://a.example/"),
        date: None,
        title: Some("A \"title\""),
        language: Some("en"),
        language_probability: Some(0.5),
        score: Some(0.1),
        tokens: Some(3),
        copy: 1,
        text,
        extra: Some(r#"{"a":[1,2]}"#),
    }
}

fn written(format: Format) -> Vec<u8> {
    let mut shard = ShardWriter::new(format, Vec::new()).unwrap();
    for n in 0..50 {
        shard.write(&row(&format!("doc-{n}"), "two lines\nand a \u{202e}tab\t\"quoted\"")).unwrap();
    }
    assert!(50 * 20 < shard.bytes_so_far());
    let (bytes, rows) = shard.finish().unwrap();
    assert_eq!(rows, 50);
    bytes
}

#[test]
fn json_lines_hold_one_document_a_line_and_columns_keep_their_type() {
    let mut text = String::new();
    zstd::stream::read::Decoder::new(written(Format::JsonlZst).as_slice()).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text.lines().count(), 50);
    let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(first["text"], "two lines\nand a \u{202e}tab\t\"quoted\"");
    assert_eq!(first["key"], "00000000000000000000000000000007");
    assert_eq!(first["extra"], r#"{"a":[1,2]}"#);
    assert_eq!(first["date"], serde_json::Value::Null);
}

#[test]
fn parquet_shards_come_back_and_both_formats_are_the_same_bytes_each_time() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), written(Format::Parquet)).unwrap();
    let rows: Vec<ShardRow> = TableReader::open(file.path()).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 50);
    assert_eq!(rows[49].id, "doc-49");
    assert_eq!(rows[0].extra.as_deref(), Some(r#"{"a":[1,2]}"#));
    for format in [Format::JsonlZst, Format::Parquet] {
        assert_eq!(written(format), written(format));
    }
}
