//! Files are made here as others make them: dictionaries, nested columns, nulls, several row groups, pages of any codec.

use std::fs::{self, File};
use std::io::{Seek, Write};
use std::path::Path;
use std::sync::Arc;

use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::column::writer::ColumnWriter;
use ::parquet::data_type::ByteArray;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;

use super::*;

const SCHEMA: &str = "message row {
    optional binary text (STRING);
    optional binary id;
    optional binary url (STRING);
    optional int64 date (TIMESTAMP(MICROS, true));
    optional int64 stars;
    optional group meta { optional binary lang (STRING); }
    optional group tags (LIST) { repeated group list { optional binary element (STRING); } }
    optional float score;
    optional binary picture;
    optional boolean checked;
}";

/// What a test column holds; a cell is its bytes or number, or null.
enum Cells {
    Bytes(Vec<Option<Vec<u8>>>),
    Longs(Vec<Option<i64>>),
    Floats(Vec<Option<f32>>),
    Flags(Vec<Option<bool>>),
}

fn texts(cells: &[Option<&str>]) -> Cells {
    Cells::Bytes(cells.iter().map(|cell| cell.map(|text| text.as_bytes().to_vec())).collect())
}

fn levels<T>(cells: &[Option<T>], full: i16) -> Vec<i16> {
    cells.iter().map(|cell| if cell.is_some() { full } else { 0 }).collect()
}

/// Writes one row group: the cells of each leaf, in the schema's order.
fn group(writer: &mut SerializedFileWriter<fs::File>, leaves: &[Cells]) {
    let schema = writer.schema_descr().clone();
    let mut group = writer.next_row_group().unwrap();
    let mut at = 0;
    while let Some(mut column) = group.next_column().unwrap() {
        let (full, rep) = (schema.column(at).max_def_level(), schema.column(at).max_rep_level());
        let repeats = |n: usize| (0 < rep).then(|| vec![0; n]);
        match (column.untyped(), &leaves[at]) {
            (ColumnWriter::ByteArrayColumnWriter(out), Cells::Bytes(cells)) => {
                let values: Vec<ByteArray> = cells.iter().flatten().map(|bytes| bytes.clone().into()).collect();
                out.write_batch(&values, Some(&levels(cells, full)), repeats(cells.len()).as_deref()).unwrap();
            }
            (ColumnWriter::Int64ColumnWriter(out), Cells::Longs(cells)) => {
                let values: Vec<i64> = cells.iter().copied().flatten().collect();
                out.write_batch(&values, Some(&levels(cells, full)), None).unwrap();
            }
            (ColumnWriter::FloatColumnWriter(out), Cells::Floats(cells)) => {
                let values: Vec<f32> = cells.iter().copied().flatten().collect();
                out.write_batch(&values, Some(&levels(cells, full)), None).unwrap();
            }
            (ColumnWriter::BoolColumnWriter(out), Cells::Flags(cells)) => {
                let values: Vec<bool> = cells.iter().copied().flatten().collect();
                out.write_batch(&values, Some(&levels(cells, full)), None).unwrap();
            }
            _ => panic!("leaf {at} is of another type"),
        }
        column.close().unwrap();
        at += 1;
    }
    group.close().unwrap();
}

fn create(path: &Path, schema: &str, compression: Compression) -> SerializedFileWriter<fs::File> {
    let properties = WriterProperties::builder().set_compression(compression).set_dictionary_enabled(true).set_data_page_size_limit(256);
    let schema = Arc::new(parse_message_type(schema).unwrap());
    SerializedFileWriter::new(fs::File::create(path).unwrap(), schema, Arc::new(properties.build())).unwrap()
}

/// Two row groups of three rows: nulls, a text that repeats, bytes that are no text.
fn sample(path: &Path, compression: Compression) {
    let mut writer = create(path, SCHEMA, compression);
    for first in [0_i64, 3] {
        group(
            &mut writer,
            &[
                texts(&[Some("the same text"), Some("the same text"), None]),
                texts(&[Some("a"), None, Some("c")]),
                texts(&[None, Some("http://example.org/"), Some("http://example.org/c")]),
                Cells::Longs(vec![Some(1_577_934_245_678_900 + first), None, Some(-1)]),
                Cells::Longs(vec![Some(first), Some(i64::MIN), None]),
                texts(&[Some("en"), None, None]),
                texts(&[Some("x"), None, None]),
                Cells::Floats(vec![Some(0.1), Some(f32::NAN), None]),
                Cells::Bytes(vec![Some(b"\xFF\xD8\xFF".to_vec()), Some(b"plain".to_vec()), None]),
                Cells::Flags(vec![Some(true), None, Some(false)]),
            ],
        );
    }
    writer.close().unwrap();
}

/// Documents and rejections in order, and the tally.
fn run(path: &Path, limits: &Limits) -> (Vec<Result<Document, Rejected>>, Tally) {
    let bytes = fs::metadata(path).unwrap().len();
    let input = Input::file(path, "set/a.parquet", bytes);
    let mut items = Vec::new();
    let tally = read(&input, limits, &mut |item| {
        items.push(match item {
            Item::Document(document) => Ok(document),
            Item::Rejected(rejected) => Err(rejected),
            Item::Page(_) => unreachable!("a table holds no pages"),
        });
        Ok(())
    })
    .unwrap();
    (items, tally)
}

fn rules(items: &[Result<Document, Rejected>]) -> Vec<&'static str> {
    items.iter().map(|item| item.as_ref().map_or_else(|rejected| rejected.reason.rule, |_| "document")).collect()
}

#[test]
fn columns_are_found_by_name_and_mean_what_fields_of_a_line_mean() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let codecs = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(Default::default()),
        Compression::ZSTD(ZstdLevel::default()),
        Compression::LZ4_RAW,
        Compression::LZ4,
        Compression::BROTLI(Default::default()),
    ];
    for codec in codecs {
        sample(&path, codec);
        let (items, tally) = run(&path, &Limits::default());
        assert_eq!(rules(&items), ["document", "document", "no-text"].repeat(2), "{codec:?}");
        let first = items[0].as_ref().unwrap();
        assert_eq!((first.id.as_str(), first.text.as_str(), first.url.as_deref()), ("a", "the same text", None));
        assert_eq!(first.date.as_deref(), Some("2020-01-02T03:04:05.678900Z"));
        assert_eq!(first.extra.as_deref(), Some(r#"{"checked":true,"score":0.1,"stars":0}"#));
        // Without an id, by the number of the row in the file.
        let fifth = items[4].as_ref().unwrap();
        assert_eq!((fifth.id.as_str(), fifth.url.as_deref()), ("set/a.parquet:4", Some("http://example.org/")));
        assert_eq!(fifth.place, Place { file: "set/a.parquet".into(), offset: 4, length: 1 });
        assert_eq!(fifth.extra.as_deref(), Some(r#"{"picture":"plain","stars":-9223372036854775808}"#));
        let third = items[2].as_ref().unwrap_err();
        assert_eq!((third.id.as_str(), third.url.as_deref(), third.place.offset), ("c", Some("http://example.org/c"), 2));
        let records: Vec<(&str, u64)> = tally.records.iter().map(|(name, n)| (name.as_str(), *n)).collect();
        assert_eq!(records, [("cell-left-out", 2), ("column-left-out", 2), ("row", 6), ("row-group", 2)]);
        assert!(tally.faults.is_empty(), "{:?}", tally.faults);
    }
}

#[test]
fn times_are_written_as_people_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let schema = "message row {
        optional binary text (STRING);
        optional int64 date (TIMESTAMP(MILLIS, false));
        optional int64 big (INTEGER(64, false));
    }";
    let instants = [0, 951_782_400_000, 4_107_542_399_999, -62_135_596_800_000, -1, 253_402_300_800_000];
    let mut writer = create(&path, schema, Compression::SNAPPY);
    let cells = Cells::Longs(instants.iter().map(|&instant| Some(instant)).collect());
    group(&mut writer, &[texts(&[Some("x"); 6]), cells, Cells::Longs(vec![Some(-1); 6])]);
    writer.close().unwrap();
    let (items, _) = run(&path, &Limits::default());
    let dates: Vec<&str> = items.iter().map(|item| item.as_ref().unwrap().date.as_deref().unwrap()).collect();
    assert_eq!(
        dates,
        [
            "1970-01-01T00:00:00",
            "2000-02-29T00:00:00",
            "2100-02-28T23:59:59.999",
            "0001-01-01T00:00:00",
            "1969-12-31T23:59:59.999",
            "10000-01-01T00:00:00"
        ]
    );
    assert_eq!(items[0].as_ref().unwrap().extra.as_deref(), Some(r#"{"big":18446744073709551615}"#));
}

#[test]
fn a_bad_or_long_row_costs_itself_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let mut writer = create(&path, "message row { required binary text (STRING); optional binary id (STRING); }", Compression::SNAPPY);
    let mut group_writer = writer.next_row_group().unwrap();
    let rows: Vec<Vec<u8>> = (0..2000)
        .map(|n| match n {
            500 => b"\xFF".to_vec(),
            600 => vec![b'x'; 5000],
            700 => b"a\0b".to_vec(),
            _ => format!("text {n}").into_bytes(),
        })
        .collect();
    for _ in 0..2 {
        let mut column = group_writer.next_column().unwrap().unwrap();
        if let ColumnWriter::ByteArrayColumnWriter(out) = column.untyped() {
            let values: Vec<ByteArray> = rows.iter().map(|row| row.clone().into()).collect();
            let is_text = out.get_descriptor().name() == "text";
            let levels = vec![0; rows.len()];
            if is_text {
                out.write_batch(&values, None, None).unwrap();
            } else {
                out.write_batch(&[], Some(&levels), None).unwrap();
            }
        }
        column.close().unwrap();
    }
    group_writer.close().unwrap();
    writer.close().unwrap();
    let (items, tally) = run(&path, &Limits { line_bytes: 4096, ..Limits::default() });
    assert_eq!((items.len(), items.iter().filter(|item| item.is_ok()).count()), (2000, 1998));
    assert_eq!((rules(&items)[500], rules(&items)[600]), ("invalid-utf8", "row-too-long"));
    let reason = items[600].as_ref().unwrap_err().reason;
    assert_eq!((reason.value, reason.limit), (5000.0, 4096.0));
    assert_eq!((items[700].as_ref().unwrap().text.as_str(), tally.faults["nul-removed"]), ("ab", 1));
    assert_eq!(items[1999].as_ref().unwrap().text, "text 1999");
}

#[test]
fn a_table_without_text_is_one_rejection_that_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    for schema in
        ["message row { optional binary content (STRING); }", "message row { optional group text { optional binary en (STRING); } }"]
    {
        let mut writer = create(&path, schema, Compression::SNAPPY);
        group(&mut writer, &[texts(&[Some("a"), Some("b")])]);
        writer.close().unwrap();
        let (items, tally) = run(&path, &Limits::default());
        assert_eq!(rules(&items), ["no-text-column"]);
        assert_eq!((items[0].as_ref().unwrap_err().place.length, tally.records.contains_key("row")), (2, false));
    }
}

#[test]
fn a_cut_at_any_byte_is_one_rejection() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    sample(&path, Compression::SNAPPY);
    let whole = fs::read(&path).unwrap();
    for cut in 0..whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let (items, tally) = run(&path, &Limits::default());
        assert_eq!(rules(&items), ["truncated-input"], "cut at {cut}");
        assert_eq!(tally.faults["truncated-input"], 1);
    }
    for other in [&b"PAR1 PAR1"[..], b"no table at all", b"PAR1\0\0\0\0\xFF\xFF\xFF\x7FPAR1"] {
        fs::write(&path, other).unwrap();
        assert_eq!(rules(&run(&path, &Limits::default()).0), ["corrupt-input"]);
    }
}

/// A file of 300 MiB, nearly all of it a footer, of which nothing is read.
#[test]
fn a_footer_over_the_limit_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let mut file = File::create(&path).unwrap();
    file.write_all(b"PAR1").unwrap();
    file.set_len((300 << 20) - 8).unwrap();
    file.seek(std::io::SeekFrom::End(0)).unwrap();
    file.write_all(&[&((300_u32 << 20) - 12).to_le_bytes()[..], b"PAR1"].concat()).unwrap();
    let (items, tally) = run(&path, &Limits::default());
    assert_eq!((rules(&items), tally.faults["footer-too-large"]), (vec!["footer-too-large"], 1));
}

/// A header may declare 2 GiB, for which the parquet crate would make room.
#[test]
fn a_page_over_the_limit_costs_its_row_group_unread() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let mut writer = create(&path, "message row { optional binary text (STRING); }", Compression::SNAPPY);
    for n in [1, 5000, 1] {
        group(&mut writer, &[texts(&[Some(&"x".repeat(n)), Some("y")])]);
    }
    writer.close().unwrap();
    let (items, tally) = run(&path, &Limits { record_bytes: 4096, ..Limits::default() });
    assert_eq!(rules(&items), ["document", "document", "page-too-large", "document", "document"]);
    assert_eq!((tally.faults["page-too-large"], items[2].as_ref().unwrap_err().place.length), (1, 2));
    assert_eq!(items[3].as_ref().unwrap().place.offset, 4);
}

/// A byte of a page costs at most what is left of its row group: six rows are there, or the rows and one rejection.
#[test]
fn a_changed_byte_is_no_panic_and_costs_its_row_group_at_most() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    sample(&path, Compression::ZSTD(ZstdLevel::default()));
    let whole = fs::read(&path).unwrap();
    let footer = u32::from_le_bytes(whole[whole.len() - 8..whole.len() - 4].try_into().unwrap()) as usize;
    let pages = 4..whole.len() - 8 - footer;
    let mut lost = 0;
    for at in 4..whole.len() {
        let mut bad = whole.clone();
        bad[at] ^= 0x55;
        fs::write(&path, &bad).unwrap();
        let (items, tally) = run(&path, &Limits::default());
        let n_lost = rules(&items).iter().filter(|rule| ["corrupt-input", "page-too-large"].contains(*rule)).count();
        if pages.contains(&at) {
            let n_rows = tally.records.get("row").copied().unwrap_or(0) as usize;
            assert_eq!(items.len(), n_rows + n_lost, "byte {at}");
            assert!((n_rows == 6 && n_lost == 0) || (3 <= n_rows && n_lost == 1), "byte {at}: {n_rows} rows, {n_lost} lost");
            lost += n_lost;
        }
    }
    assert!(0 < lost);
}
