//! Parquet in the layout of Common Crawl's columnar index, and in others.

use std::fs::File;
use std::sync::Arc;

use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::column::writer::ColumnWriter;
use ::parquet::data_type::ByteArray;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;

use super::*;

/// As Common Crawl has it: many columns, of which four are read; the integers are of 32 bits.
const COLUMNAR: &str = "message schema {
    optional binary url_surtkey (STRING);
    optional binary url (STRING);
    optional int32 fetch_status (INTEGER(16, true));
    optional binary warc_filename (STRING);
    optional int32 warc_record_offset;
    optional int32 warc_record_length;
    optional binary warc_segment (STRING);
}";

/// A cell of a column, whatever its type.
#[derive(Clone, Copy)]
enum Cell<'c> {
    Null,
    Text(&'c [u8]),
    Number(i64),
}

use Cell::{Null, Number, Text};

/// Writes row groups: of each the columns in the schema's order.
fn write(path: &Path, schema: &str, compression: Compression, groups: &[&[&[Cell]]]) {
    let properties = WriterProperties::builder().set_compression(compression).set_data_page_size_limit(128).build();
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut writer = SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::new(properties)).unwrap();
    for columns in groups {
        let mut group = writer.next_row_group().unwrap();
        let mut at = 0;
        while let Some(mut column) = group.next_column().unwrap() {
            let cells = columns[at];
            let levels: Vec<i16> = cells.iter().map(|cell| i16::from(!matches!(cell, Null))).collect();
            let numbers = || cells.iter().filter_map(|cell| if let Number(number) = cell { Some(*number) } else { None });
            match column.untyped() {
                ColumnWriter::ByteArrayColumnWriter(out) => {
                    let texts =
                        cells.iter().filter_map(|cell| if let Text(text) = cell { Some(ByteArray::from(text.to_vec())) } else { None });
                    out.write_batch(&texts.collect::<Vec<_>>(), Some(&levels), None).unwrap();
                }
                ColumnWriter::Int32ColumnWriter(out) => {
                    out.write_batch(&numbers().map(|number| number as i32).collect::<Vec<_>>(), Some(&levels), None).unwrap();
                }
                ColumnWriter::Int64ColumnWriter(out) => {
                    out.write_batch(&numbers().collect::<Vec<_>>(), Some(&levels), None).unwrap();
                }
                _ => panic!("column {at} is of another type"),
            }
            column.close().unwrap();
            at += 1;
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
}

/// Two row groups of three rows; of the second row the URL is missing, of the third the length.
fn sample(path: &Path, compression: Compression) {
    let key: &[Cell] = &[Text(b"example,a)/"), Null, Null];
    let url: &[Cell] = &[Text(b"https://a.example/"), Null, Text(b"https://c.example/")];
    let status: &[Cell] = &[Number(200), Number(404), Null];
    let file: &[Cell] = &[Text(b"crawl/a.warc.gz"), Text(b"crawl/b.warc.gz"), Text(b"crawl/c.warc.gz")];
    let (offset, length): (&[Cell], &[Cell]) = (&[Number(0), Number(i64::from(i32::MAX)), Number(5)], &[Number(100), Number(200), Null]);
    let group: &[&[Cell]] = &[key, url, status, file, offset, length, key];
    write(path, COLUMNAR, compression, &[group, group]);
}

#[test]
fn the_columnar_index_of_common_crawl() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("part-00000.gz.parquet");
    for codec in
        [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::GZIP(Default::default()), Compression::ZSTD(ZstdLevel::default())]
    {
        sample(&path, codec);
        let (rows, tally) = run(&path, &Limits::default()).unwrap();
        let good = |url| Ok(entry("crawl/a.warc.gz", 0, 100, Some(url)));
        assert_eq!((&rows[0], &rows[3]), (&good("https://a.example/"), &good("https://a.example/")));
        assert_eq!(rows[1], Ok(entry("crawl/b.warc.gz", 2_147_483_647, 200, None)));
        assert_eq!(rows[5], Err(BadRow { row: 6, rows: 1, why: "no-length" }));
        assert_eq!((rows.len(), tally.rows, tally.bad["no-length"], tally.faults.len()), (6, 6, 2, 0));
    }
}

#[test]
fn integers_of_any_width_and_digits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let name: &[Cell] = &[Text(b"a")];
    for (offset, length, cells, wanted) in [
        ("int64 offset", "int32 length (INTEGER(8, true))", [Number(1 << 40), Number(127)], Ok((1 << 40, 127))),
        ("int32 offset (INTEGER(32, false))", "int64 length (INTEGER(64, false))", [Number(-1), Number(9)], Ok((4_294_967_295, 9))),
        ("binary offset (STRING)", "binary length", [Text(b"12"), Text(b"34")], Ok((12, 34))),
        ("int64 offset", "int64 length", [Number(-1), Number(9)], Err("no-offset")),
        ("int64 offset (INTEGER(64, false))", "int64 length", [Number(-1), Number(9)], Err("beyond-any-file")),
        ("int64 offset", "int64 length", [Number(i64::MAX), Number(9)], Err("beyond-any-file")),
        ("int64 offset", "int64 length", [Number(1), Number(i64::MAX)], Err("record-too-long")),
        ("int64 offset", "int64 length", [Number(1), Number(0)], Err("no-bytes")),
        ("int64 offset", "int64 length", [Null, Number(9)], Err("no-offset")),
        ("binary offset", "int64 length", [Text(b"\xFF"), Number(9)], Err("invalid-utf8")),
        ("binary offset", "int64 length", [Text(b"1.0"), Number(9)], Err("no-offset")),
    ] {
        let schema = format!("message row {{ optional binary file; optional {offset}; optional {length}; }}");
        write(&path, &schema, Compression::SNAPPY, &[&[name, &cells[..1], &cells[1..]]]);
        let (rows, _) = run(&path, &Limits::default()).unwrap();
        let wanted = wanted.map(|(offset, length)| entry("a", offset, length, None)).map_err(|why| BadRow { row: 1, rows: 1, why });
        assert_eq!(rows, [wanted], "{offset}, {length}");
    }
}

#[test]
fn names_are_checked_as_in_lines_and_the_first_of_several_columns_counts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let schema = "message row { optional binary warc_filename; optional binary file; optional int64 offset; optional int64 length; }";
    let (other, file): (&[Cell], &[Cell]) = (&[Text(b"other"); 4], &[Text(b"a"), Text(b""), Text(b"a\0b"), Null]);
    let numbers: &[Cell] = &[Number(3); 4];
    write(&path, schema, Compression::SNAPPY, &[&[other, file, numbers, numbers]]);
    let (rows, _) = run(&path, &Limits::default()).unwrap();
    assert_eq!(rows[0], Ok(entry("a", 3, 3, None)));
    assert_eq!(reasons(&rows[1..]), [(2, "no-file"), (3, "nul"), (4, "no-file")]);
    // The two numbers of a row are sixteen bytes.
    let long = Limits { line_bytes: 16, ..Limits::default() };
    let too_long = reasons(&run(&path, &long).unwrap().0);
    assert_eq!(too_long, [(1, "line-too-long"), (2, "no-file"), (3, "line-too-long"), (4, "no-file")]);
}

#[test]
fn a_table_of_something_else_or_under_gzip_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("set.parquet");
    write(&path, "message row { optional binary text; optional int64 offset; }", Compression::SNAPPY, &[&[&[Text(b"a")], &[Number(1)]]]);
    let refused = run(&path, &Limits::default()).unwrap_err();
    assert!(refused.exit_code() == 2 && refused.to_string().contains("file or filename or warc_filename"), "{refused}");
    sample(&path, Compression::SNAPPY);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(&std::fs::read(&path).unwrap()).unwrap();
    std::fs::write(&path, encoder.finish().unwrap()).unwrap();
    let refused = run(&path, &Limits::default()).unwrap_err();
    assert!(refused.exit_code() == 2 && refused.to_string().contains("Parquet under gzip"), "{refused}");
}

#[test]
fn damage_is_counted_and_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.parquet");
    sample(&path, Compression::SNAPPY);
    let whole = std::fs::read(&path).unwrap();
    let cut = folder.path().join("cut.parquet");
    std::fs::write(&cut, &whole[..whole.len() - 1]).unwrap();
    let (rows, tally) = run(&cut, &Limits::default()).unwrap();
    assert_eq!((reasons(&rows), tally.faults["truncated-input"]), (vec![(1, "truncated-input")], 1));
    // Pages over the limit cost their row groups, which are three rows each.
    let (rows, tally) = run(&path, &Limits { record_bytes: 1, ..Limits::default() }).unwrap();
    let lost = |row| Err(BadRow { row, rows: 3, why: "page-too-large" });
    assert_eq!((rows, tally.rows, tally.faults["page-too-large"]), (vec![lost(1), lost(4)], 6, 2));
    for at in 4..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 0x55;
        std::fs::write(&cut, &changed).unwrap();
        // A changed name of a column makes it a table of something else.
        match run(&cut, &Limits::default()) {
            Ok((rows, _)) => assert!(rows.len() <= 8, "byte {at}"),
            Err(error) => assert_eq!(error.exit_code(), 2, "byte {at}: {error}"),
        }
    }
}
