//! ARC files and text sets: lines of records that are none, JSON lines, tables, texts and archives of these that are cut, deep, endless, or lie about their lengths.

use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::file::writer::SerializedFileWriter;

use super::make::{Made, gz, half, html, http, repeated, sentence, utf16, zst};
use super::{Case, Expected};

/// A record of ARC; `fields` follow the address on its line.
fn arc(made: &Made<'_>, n: u32, fields: &str, block: &[u8]) -> Vec<u8> {
    [format!("http://example.org/{}#{n} {fields}\n", made.0).as_bytes(), block, b"\n"].concat()
}

/// A sound one, but for the length that is said.
fn sized(made: &Made<'_>, n: u32, length: &str) -> Vec<u8> {
    arc(made, n, &format!("192.0.2.7 20091105123456 text/html {length}"), &http("", html(n).as_bytes()))
}

fn arc_page(made: &Made<'_>, n: u32) -> Vec<u8> {
    sized(made, n, &http("", html(n).as_bytes()).len().to_string())
}

/// The first record of an ARC file.
fn filedesc() -> Vec<u8> {
    let version = "1 0 Nobody\nURL IP-address Archive-date Content-type Archive-length\n";
    format!("filedesc://x.arc 0.0.0.0 20091105123456 text/plain {}\n{version}\n", version.len()).into_bytes()
}

/// An ARC file of three pages, the middle one as it is given.
fn arc_beside(made: &Made<'_>, record: &[u8]) -> Vec<u8> {
    [filedesc(), arc_page(made, 1), record.to_vec(), arc_page(made, 3)].concat()
}

/// A line of a text set; `more` are fields.
fn line(made: &Made<'_>, n: u32, more: &str) -> Vec<u8> {
    format!("{{\"id\":\"{}#{n}\",\"text\":{}{more}}}\n", made.0, serde_json::Value::from(sentence(n))).into_bytes()
}

/// Three lines, the middle one as it is given.
fn lines(made: &Made<'_>, middle: &[u8]) -> Vec<u8> {
    [line(made, 1, ""), middle.to_vec(), b"\n".to_vec(), line(made, 3, "")].concat()
}

/// A table of two row groups of a page each, not packed.
fn table(made: &Made<'_>) -> Vec<u8> {
    let schema = "message row { required binary id (STRING); required binary text (STRING); }";
    let schema = Arc::new(parquet::schema::parser::parse_message_type(schema).unwrap());
    let mut out = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut out, schema, Default::default()).unwrap();
    for n in 1..=2 {
        let mut group = writer.next_row_group().unwrap();
        for cell in [format!("{}#{n}", made.0), sentence(n)] {
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<ByteArrayType>().write_batch(&[ByteArray::from(cell.into_bytes())], None, None).unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
    out
}

/// The length of the table of contents stands before the last four bytes.
fn with_length(mut table: Vec<u8>, length: u32) -> Vec<u8> {
    let at = table.len() - 8;
    table[at..at + 4].copy_from_slice(&length.to_le_bytes());
    table
}

/// A member of a tar with a true checksum, and whatever is said of its size, in the twelve bytes of that field.
fn member(name: &str, kind: u8, size: &[u8; 12], bytes: &[u8]) -> Vec<u8> {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(size);
    header[148..156].fill(b' ');
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let padding = vec![0; bytes.len().next_multiple_of(512) - bytes.len()];
    [&header, bytes, &padding].concat()
}

/// The size of a member as it is written.
fn octal(size: usize) -> [u8; 12] {
    format!("{size:011o}\0").into_bytes().try_into().unwrap()
}

fn text(made: &Made<'_>, n: u32) -> Vec<u8> {
    let text = sentence(n);
    member(&format!("{}#{n}.txt", made.0), b'0', &octal(text.len()), text.as_bytes())
}

/// A tar of three texts, the middle one as it is given, and the two empty blocks that end it.
fn tar(made: &Made<'_>, middle: &[u8]) -> Vec<u8> {
    [text(made, 1), middle.to_vec(), text(made, 3), vec![0; 1024]].concat()
}

pub const FILES: &[Case] = &[
    // ARC.
    ("sound.arc", |f| arc_beside(f, &arc_page(f, 2))),
    ("sound.arc.gz", |f| [gz(&filedesc()), gz(&arc_page(f, 1)), gz(&arc_page(f, 2))].concat()),
    ("cut.arc.gz", |f| [gz(&filedesc()), gz(&arc_page(f, 1)), half(gz(&arc_page(f, 2)))].concat()),
    ("no-first-record.arc", |f| arc_page(f, 1)),
    ("length-missing.arc", |f| arc_beside(f, &arc(f, 2, "192.0.2.7 20091105123456 text/html", &http("", html(2).as_bytes())))),
    ("length-negative.arc", |f| arc_beside(f, &sized(f, 2, "-1"))),
    ("length-2-64-less-1.arc", |f| arc_beside(f, &sized(f, 2, "18446744073709551615"))),
    ("length-too-small.arc", |f| arc_beside(f, &sized(f, 2, "99"))),
    ("length-in-words.arc.gz", |f| [gz(&filedesc()), gz(&sized(f, 2, "many")), gz(&arc_page(f, 3))].concat()),
    ("spaces-in-an-address.arc", |f| {
        let record = arc_page(f, 2);
        arc_beside(f, &[b"http://example.org/a b 192.0.2.7 20091105123456 c/".to_vec(), record[19..].to_vec()].concat())
    }),
    ("line-of-no-end.arc", |f| arc_beside(f, &[b"http://example.org/".to_vec(), vec![b'x'; 200_000], b"\n".to_vec()].concat())),
    ("date-of-no-calendar.arc", |f| {
        arc_beside(f, &String::from_utf8(arc_page(f, 2)).unwrap().replace("20091105123456", "99999999999999").into_bytes())
    }),
    ("warc-in-the-middle.arc", |f| arc_beside(f, &f.page(2))),
    // JSON lines.
    ("sound.jsonl", |f| lines(f, &line(f, 2, ",\"n\":[1,2.5,null,{\"a\":true}]"))),
    ("mark-and-windows-lines.jsonl", |f| {
        [b"\xEF\xBB\xBF".to_vec(), String::from_utf8(lines(f, &line(f, 2, ""))).unwrap().replace('\n', "\r\n").into_bytes()].concat()
    }),
    ("utf-16.jsonl", |f| utf16(&format!("\u{feff}{}", String::from_utf8(line(f, 1, "")).unwrap()), false)),
    ("invalid-utf8.jsonl", |f| lines(f, b"{\"text\":\"a \xff b\"}")),
    ("lone-surrogate.jsonl", |f| lines(f, format!("{{\"id\":\"{}#2\",\"text\":\"a \\ud800 b \\udc00\\ud800\"}}", f.0).as_bytes())),
    ("nul-in-a-text.jsonl", |f| {
        let sentence = sentence(2).replacen(' ', "\\u0000 ", 3);
        lines(f, format!("{{\"id\":\"\\u0000{}#2\",\"url\":\"\\u0000\",\"text\":\"{sentence}\"}}", f.0).as_bytes())
    }),
    ("controls-and-reversals.jsonl", |f| {
        lines(f, format!("{{\"id\":\"{}#2\",\"text\":\"\\u001b[2J \\u202e x \u{9b} \\u2028\"}}", f.0).as_bytes())
    }),
    ("deep.jsonl", |f| lines(f, &line(f, 2, &format!(",\"x\":{}{}", "[".repeat(10_000), "]".repeat(10_000))))),
    ("deep-and-unclosed.jsonl", |f| lines(f, &b"{\"text\":".repeat(1_000_000))),
    ("a-hundred-thousand-fields.jsonl", |f| {
        let fields: String = (0..100_000).map(|n| format!(",\"f{n}\":{n}")).collect();
        lines(f, &line(f, 2, &fields))
    }),
    ("fields-twice.jsonl", |f| lines(f, &line(f, 2, &format!(",\"text\":\"{}\"", sentence(2))))),
    ("number-of-no-machine.jsonl", |f| lines(f, &line(f, 2, &format!(",\"n\":1e999,\"m\":{}", "9".repeat(10_000))))),
    ("not-a-number.jsonl", |f| lines(f, &line(f, 2, ",\"n\":NaN"))),
    ("text-of-a-number.jsonl", |f| lines(f, b"{\"text\":5}")),
    ("text-of-nothing.jsonl", |f| lines(f, b"{\"text\":\" \\u0000 \"}")),
    ("no-object.jsonl", |f| lines(f, b"[1]\nnull\n\"text\"\nx\n{\"text\":\"a\"} {\"text\":\"b\"}\n{\"text\":\"a\"")),
    ("zeros-between.jsonl", |f| lines(f, &[0; 10_000])),
    ("last-line-cut.jsonl", |f| [line(f, 1, ""), half(line(f, 2, ""))].concat()),
    ("line-of-128-mib.jsonl.gz", |f| {
        let [first, last] = [line(f, 1, ""), [b"\"}\n".to_vec(), line(f, 3, "")].concat()];
        repeated(&[first, b"{\"text\":\"".to_vec()].concat(), &vec![b'x'; 1 << 20], 7, &last)
    }),
    ("cut.jsonl.gz", |f| {
        let mut file = gz(&[line(f, 1, ""), line(f, 2, "")].concat());
        file.truncate(file.len() - 12);
        file
    }),
    ("cut.jsonl.zst", |f| [zst(&line(f, 1, "")), half(zst(&line(f, 2, "")))].concat()),
    ("garbage-after-the-end.jsonl.gz", |f| [gz(&line(f, 1, "")), b"no member begins so".to_vec()].concat()),
    ("zeros-after-the-end.jsonl.gz", |f| [gz(&line(f, 1, "")), vec![0; 1000]].concat()),
    // Tables.
    ("sound.parquet", |f| table(f)),
    ("nothing.parquet", |_| Vec::new()),
    ("magic-alone.parquet", |_| b"PAR1".to_vec()),
    ("magic-twice.parquet", |_| b"PAR1PAR1".to_vec()),
    ("cut.parquet", |f| half(table(f))),
    ("first-half-lost.parquet", |f| {
        let table = table(f);
        table[table.len() / 2..].to_vec()
    }),
    ("contents-of-4-gib.parquet", |f| with_length(table(f), u32::MAX)),
    ("contents-of-nothing.parquet", |f| with_length(table(f), 0)),
    ("contents-of-zeros.parquet", |_| [&b"PAR1"[..], &[0; 1000], &1000_u32.to_le_bytes(), b"PAR1"].concat()),
    ("contents-of-ones.parquet", |_| [&b"PAR1"[..], &[0xFF; 1000], &1000_u32.to_le_bytes(), b"PAR1"].concat()),
    ("first-page-zeroed.parquet", |f| {
        let mut table = table(f);
        table[4..40].fill(0);
        table
    }),
    ("jsonl-under-another-name.parquet", |f| line(f, 1, "")),
    // Texts and archives of them.
    ("text.txt", |_| sentence(0).into_bytes()),
    ("text-of-nothing.txt", |_| b" \n\0".to_vec()),
    ("text-of-utf-16.txt", |_| utf16(&format!("\u{feff}{}", sentence(0)), true)),
    ("text-with-nul.txt", |_| sentence(0).replace(' ', "\0 ").into_bytes()),
    ("text-of-latin.txt", |_| encoding_rs::WINDOWS_1252.encode(&sentence(0)).0.into_owned()),
    ("text-cut.txt.gz", |_| half(gz(sentence(0).as_bytes()))),
    ("text-of-128-mib.txt.gz", |_| repeated(b"", &vec![b'x'; 1 << 20], 7, b"")),
    ("sound.tar", |f| tar(f, &text(f, 2))),
    ("tar-cut.tar", |f| [text(f, 1), text(f, 2)[..600].to_vec()].concat()),
    ("tar-cut-in-a-header.tar", |f| [text(f, 1), text(f, 2)[..100].to_vec()].concat()),
    ("tar-without-its-end.tar", |f| [text(f, 1), text(f, 2)].concat()),
    ("tar-with-a-wrong-checksum.tar", |f| {
        let mut member = text(f, 2);
        member[0] ^= 1;
        tar(f, &member)
    }),
    ("tar-with-a-size-of-8-gib.tar", |f| tar(f, &member("big.txt", b'0', b"77777777777\0", b"x"))),
    ("tar-with-a-size-of-2-64-less-1.tar", |f| tar(f, &member("big.txt", b'0', b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", b"x"))),
    ("tar-with-a-size-in-words.tar", |f| tar(f, &member("odd.txt", b'0', b"many       \0", b""))),
    ("tar-with-a-name-of-2-gib.tar", |f| tar(f, &member("././@LongLink", b'L', b"20000000000\0", b"x"))),
    ("tar-with-pax-that-lies.tar", |f| tar(f, &member("pax", b'x', &octal(20), b"99999999999 path=x\n\n"))),
    ("tar-with-links-and-ways-out.tar", |f| {
        let others = [
            member("../../way-out.bin", b'0', &octal(1), b"x"),
            member("/etc/passwd", b'2', &octal(0), b""),
            member("device", b'3', &octal(0), b""),
        ];
        tar(f, &others.concat())
    }),
    ("tar-in-tar-in-tar.tar", |f| {
        let inside = |name: &str, bytes: &[u8]| [member(name, b'0', &octal(bytes.len()), bytes), vec![0; 1024]].concat();
        let mut file = [text(f, 1), vec![0; 1024]].concat();
        for _ in 0..10 {
            file = inside("a.tar", &file);
        }
        file
    }),
    ("tar-of-a-bomb.tar", |f| {
        let bomb = repeated(b"", &vec![b'x'; 1 << 20], 8, b"");
        tar(f, &member("bomb.txt.gz", b'0', &octal(bomb.len()), &bomb))
    }),
];

pub const EXPECTED: &[Expected] = &[
    ("sound.arc", "1 2 3", "", "", "response*3 warcinfo"),
    ("sound.arc.gz", "1 2", "", "", "response*2 warcinfo"),
    ("cut.arc.gz", "1", "truncated-input", "truncated-input", "damaged response warcinfo"),
    ("no-first-record.arc", "1", "", "", "response"),
    ("length-missing.arc", "1 3", "damaged-record", "damaged-record", "damaged response*2 warcinfo"),
    ("length-negative.arc", "1 3", "bad-length", "bad-length", "damaged response*2 warcinfo"),
    ("length-2-64-less-1.arc", "1 3", "record-too-long", "record-too-long", "damaged response*2 warcinfo"),
    ("length-too-small.arc", "1 3", "bad-length", "bad-length", "damaged response*2 warcinfo"),
    ("length-in-words.arc.gz", "2 3", "", "bad-length", "response*2 warcinfo"),
    ("spaces-in-an-address.arc", "1 2 3", "", "", "response*3 warcinfo"),
    // What is no record behind one makes its length doubtful: it is lost too, rather than handed on clipped.
    ("line-of-no-end.arc", "3", "bad-length", "bad-length", "damaged response warcinfo"),
    ("date-of-no-calendar.arc", "1 2 3", "", "", "response*3 warcinfo"),
    ("warc-in-the-middle.arc", "3", "bad-length", "bad-length", "damaged response warcinfo"),
    ("sound.jsonl", "1 2 3", "", "", "blank line*3"),
    ("mark-and-windows-lines.jsonl", "1 2 3", "", "", "blank line*3"),
    ("utf-16.jsonl", "", "invalid-json invalid-utf8", "", "line*2"),
    ("invalid-utf8.jsonl", "1 3", "invalid-utf8", "", "line*3"),
    ("lone-surrogate.jsonl", "1 2~ 3", "", "lone-surrogate", "line*3"),
    ("nul-in-a-text.jsonl", "1 2 3", "", "nul-removed", "line*3"),
    ("controls-and-reversals.jsonl", "1 2~ 3", "", "", "line*3"),
    ("deep.jsonl", "1 3", "invalid-json", "", "blank line*3"),
    ("deep-and-unclosed.jsonl", "1 3", "invalid-json", "", "line*3"),
    ("a-hundred-thousand-fields.jsonl", "1 2 3", "", "", "blank line*3"),
    ("fields-twice.jsonl", "1 2 3", "", "", "blank line*3"),
    ("number-of-no-machine.jsonl", "1 3", "invalid-json", "", "blank line*3"),
    ("not-a-number.jsonl", "1 3", "invalid-json", "", "blank line*3"),
    ("text-of-a-number.jsonl", "1 3", "no-text", "", "line*3"),
    ("text-of-nothing.jsonl", "1 3", "empty-text", "", "line*3"),
    ("no-object.jsonl", "1 3", "invalid-json*6", "", "line*8"),
    ("zeros-between.jsonl", "1 3", "invalid-json", "", "line*3"),
    ("last-line-cut.jsonl", "1", "invalid-json", "", "line*2"),
    ("line-of-128-mib.jsonl.gz", "1 3", "line-too-long", "", "line*3"),
    ("cut.jsonl.gz", "1", "truncated-input", "truncated-input", "line*2"),
    ("cut.jsonl.zst", "1", "truncated-input", "truncated-input", "line*2"),
    ("garbage-after-the-end.jsonl.gz", "1", "corrupt-input", "corrupt-input", "line*2"),
    ("zeros-after-the-end.jsonl.gz", "1", "", "", "line"),
    ("sound.parquet", "1 2", "", "", "row*2 row-group*2"),
    ("nothing.parquet", "", "truncated-input", "truncated-input", ""),
    ("magic-alone.parquet", "", "truncated-input", "truncated-input", ""),
    ("magic-twice.parquet", "", "corrupt-input", "corrupt-input", ""),
    ("cut.parquet", "", "truncated-input", "truncated-input", ""),
    ("first-half-lost.parquet", "", "corrupt-input*2", "corrupt-input*2", "row-group*2"),
    ("contents-of-4-gib.parquet", "", "corrupt-input", "corrupt-input", ""),
    ("contents-of-nothing.parquet", "", "corrupt-input", "corrupt-input", ""),
    ("contents-of-zeros.parquet", "", "corrupt-input", "corrupt-input", ""),
    ("contents-of-ones.parquet", "", "corrupt-input", "corrupt-input", ""),
    ("first-page-zeroed.parquet", "2", "corrupt-input", "corrupt-input", "row row-group*2"),
    ("jsonl-under-another-name.parquet", "", "corrupt-input", "corrupt-input", ""),
    ("text.txt", "0", "", "", "file"),
    ("text-of-nothing.txt", "", "empty-text", "nul-removed", "file"),
    ("text-of-utf-16.txt", "0", "", "", "file"),
    ("text-with-nul.txt", "0", "", "nul-removed", "file"),
    ("text-of-latin.txt", "0", "", "not-utf8", "file"),
    ("text-cut.txt.gz", "", "truncated-input", "truncated-input", "file"),
    ("text-of-128-mib.txt.gz", "", "text-too-long", "", "file"),
    ("sound.tar", "1 2 3", "", "", "archive file*3"),
    ("tar-cut.tar", "1", "truncated-input", "truncated-input", "archive file"),
    ("tar-cut-in-a-header.tar", "1", "truncated-input", "truncated-input", "archive file"),
    ("tar-without-its-end.tar", "1 2", "", "", "archive file*2"),
    ("tar-with-a-wrong-checksum.tar", "1", "damaged-archive", "", "archive file"),
    ("tar-with-a-size-of-8-gib.tar", "1", "truncated-input", "truncated-input", "archive file*2"),
    ("tar-with-a-size-of-2-64-less-1.tar", "1", "damaged-archive", "", "archive file"),
    ("tar-with-a-size-in-words.tar", "1", "damaged-archive", "", "archive file"),
    ("tar-with-a-name-of-2-gib.tar", "1", "truncated-input", "truncated-input", "archive file"),
    ("tar-with-pax-that-lies.tar", "1 3", "", "", "archive file*2"),
    ("tar-with-links-and-ways-out.tar", "1 3", "", "", "archive file*2 left-out*3"),
    ("tar-in-tar-in-tar.tar", "", "archive-too-deep", "", "archive*4"),
    ("tar-of-a-bomb.tar", "1 3", "text-too-long", "", "archive file*3"),
];
