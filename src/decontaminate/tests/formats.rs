//! Benchmarks as people publish them: paths to text, compressed lines, Parquet.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::*;
use crate::codec::Windows;

fn read(lines: &str, fields: &[&str]) -> Result<Vec<BenchmarkItem>> {
    let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
    read_lines("b.jsonl", lines.as_bytes(), (!fields.is_empty()).then_some(&fields))
}

fn told(items: &[BenchmarkItem]) -> Vec<(u64, &str, &str)> {
    items.iter().map(|item| (item.example, item.item.as_str(), item.text.as_str())).collect()
}

const NESTED: &str = concat!(
    r#"{"id": "q1", "question": "one", "choices": {"text": ["two", "three"], "label": ["A", "B"]}, "answers": [{"text": "four", "start": 3}], "n": 3}"#,
    "\n\n",
    r#"{"question": "five", "choices": {"text": [], "label": []}, "answers": [], "n": null}"#,
    "\n",
);

#[test]
fn every_text_of_an_example_is_an_item_unless_paths_are_named() {
    assert_eq!(
        told(&read(NESTED, &[]).unwrap()),
        [
            (1, "q1, answers[0].text", "four"),
            (1, "q1, choices.label[0]", "A"),
            (1, "q1, choices.label[1]", "B"),
            (1, "q1, choices.text[0]", "two"),
            (1, "q1, choices.text[1]", "three"),
            (1, "q1, id", "q1"),
            (1, "q1, question", "one"),
            (3, "line 3, question", "five"),
        ]
    );
    let named = read(NESTED, &["question", "choices.text", "answers[].text"]).unwrap();
    let texts: Vec<&str> = named.iter().map(|item| item.text.as_str()).collect();
    assert_eq!(texts, ["one", "two", "three", "four", "five"], "lists that are empty hold no text, and are no fault");
    assert_eq!(read(NESTED, &["choices"]).unwrap().len(), 4, "all text under a path");
    let dotted = read(r#"{"a.b": {"c": "one"}, "a": {"b": "two"}}"#, &["a.b"]).unwrap();
    assert_eq!(told(&dotted), [(1, "line 1, a.b.c", "one")], "a name with dots is a name first");
}

#[test]
fn what_is_wrong_is_said_with_its_line_and_what_is_there() {
    for (lines, fields, wanted) in [
        (
            "{\"question\": 1, \"a\": {\"b\": \"x\"}}",
            vec!["question"],
            "line 1 of the benchmark b.jsonl has no text at \"question\"; it has text in a.b",
        ),
        (
            NESTED,
            vec!["choices.texts"],
            "line 1 of the benchmark b.jsonl has no text at \"choices.texts\"; it has text in answers.text, choices.label, choices.text, id, question",
        ),
        (
            "{\"a\": \"x\"}\n{\"b\": [1, {\"c\": 2}]}",
            vec!["a"],
            "line 2 of the benchmark b.jsonl has no text at \"a\"; it has no text at all",
        ),
        ("{\"a\": [\"x\"]}", vec!["a.b"], "has no text at \"a.b\""),
        ("[1]", vec![], "line 1 of the benchmark b.jsonl is not a JSON object"),
        ("{\"a\": \"x\"}\n{oops", vec![], "line 2 of the benchmark b.jsonl is not JSON"),
        ("", vec![], "no item"),
        ("{\"a\": null}", vec!["a"], "no item"),
    ] {
        let error = read(lines, &fields).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}, not {wanted}");
    }
    let many = (0..30).map(|n| format!("\"f{n:02}\": \"x\"")).collect::<Vec<_>>().join(", ");
    assert!(read(&format!("{{{many}}}"), &["g"]).unwrap_err().to_string().ends_with("f19 and 10 more"));
}

#[test]
fn compressed_lines_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.jsonl.zst");
    fs::write(&path, zstd::encode_all(NESTED.as_bytes(), 3).unwrap()).unwrap();
    assert_eq!(read_items("b", &path, Windows::default(), None).unwrap().len(), 8);
}

/// Three rows: question, answers in a list, and an id.
fn table(path: &Path) {
    let schema = "message row {
        required int64 id;
        optional binary question (STRING);
        optional group answers { optional group text (LIST) { repeated group list { optional binary element (STRING); } } }
    }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut writer =
        SerializedFileWriter::new(fs::File::create(path).unwrap(), schema, Arc::new(WriterProperties::builder().build())).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let texts = |texts: &[&str]| texts.iter().map(|text| ByteArray::from(*text)).collect::<Vec<_>>();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int64Type>().write_batch(&[7, 8, 9], None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&texts(&["one", "four"]), Some(&[1, 1, 0]), None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    // [two, three], [], null.
    column.typed::<ByteArrayType>().write_batch(&texts(&["two", "three"]), Some(&[4, 4, 2, 0]), Some(&[0, 1, 0, 0])).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
}

#[test]
fn a_row_of_parquet_is_what_a_line_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.parquet");
    table(&path);
    let read = |fields: Option<&[String]>| read_items("b.parquet", &path, Windows::default(), fields);
    let all = [(1, "7, answers.text[0]", "two"), (1, "7, answers.text[1]", "three"), (1, "7, question", "one"), (2, "8, question", "four")];
    assert_eq!(told(&read(None).unwrap()), all);
    assert_eq!(told(&read(Some(&["answers.text".to_owned()])).unwrap()), all[..2]);
    let error = read(Some(&["answer".to_owned()])).unwrap_err().to_string();
    assert!(error.contains("row 1 of the benchmark b.parquet has no text at \"answer\"; it has text in answers.text, question"), "{error}");
    let error = read(Some(&["id".to_owned()])).unwrap_err().to_string();
    assert!(error.contains("no text at \"id\""), "a number is no text: {error}");
}

#[test]
fn a_damaged_table_is_an_error_and_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.parquet");
    table(&path);
    let whole = fs::read(&path).unwrap();
    for cut in [4, 8, 20, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..cut]).unwrap();
        let error = read_items("b.parquet", &path, Windows::default(), None).unwrap_err().to_string();
        assert!(error.contains("the benchmark b.parquet cannot be read from row 1 on"), "{error}");
    }
    for at in 4..whole.len() {
        let mut bad = whole.clone();
        bad[at] ^= 0x55;
        fs::write(&path, &bad).unwrap();
        if let Err(error) = read_items("b.parquet", &path, Windows::default(), None) {
            assert!(error.to_string().contains("benchmark b.parquet"), "{error}");
        }
    }
}
