//! Inputs of every kind through the program: what is told by names, what is packed, what is refused before any work.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde_json::Value;

#[path = "../../fixtures/pack/bzip2.rs"]
pub mod pack;

use pack::bz2;

use crate::common::{run, shard_lines, stderr, stdout, succeed};

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// A text that no other number gives.
fn text(n: u32) -> String {
    (0..60).map(|word| format!("word{} ", u64::from(n) * 7919 + word * word)).collect()
}

fn lines(numbers: std::ops::Range<u32>) -> String {
    numbers
        .map(|n| format!("{}\n", serde_json::json!({"id": n.to_string(), "url": format!("https://example.org/{n}"), "text": text(n)})))
        .collect()
}

/// A Parquet text set: the columns that lines have.
fn parquet(path: &Path, numbers: std::ops::Range<u32>) {
    use parquet::data_type::{ByteArray, ByteArrayType};
    use parquet::file::writer::SerializedFileWriter;
    let schema = "message row { required binary id (STRING); required binary url (STRING); required binary text (STRING); }";
    let schema = std::sync::Arc::new(parquet::schema::parser::parse_message_type(schema).unwrap());
    let mut writer = SerializedFileWriter::new(fs::File::create(path).unwrap(), schema, Default::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for column in 0..3 {
        let cell = |n: u32| match column {
            0 => n.to_string(),
            1 => format!("https://example.org/{n}"),
            _ => text(n),
        };
        let cells: Vec<ByteArray> = numbers.clone().map(|n| ByteArray::from(cell(n).into_bytes())).collect();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&cells, None, None).unwrap();
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
}

const HTML: &str = "<!DOCTYPE html><title>A page</title><body><article><h1>A page</h1><p>The quick brown fox jumps over the lazy dog, and the dog, \
    which has seen this before, does not get up, because the afternoon is warm and the fox will be back.</p><p>There is a second paragraph, so that \
    this is a text of some length, with more than one sentence in it, as people write them for others to read.</p></article></body>";

/// A folder with a recipe; its text begins with the sources.
fn recipe(folder: &Path, sources: &str) -> String {
    let path = folder.join("recipe.toml");
    fs::write(&path, format!("{sources}\n[output]\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

fn build(folder: &Path, recipe: &str, out: &str, more: &[&str]) -> std::process::Output {
    let out = folder.join(out);
    run(&[&["build", recipe, "--out", out.to_str().unwrap()], more].concat())
}

#[test]
fn a_text_set_gives_the_same_documents_in_every_packing() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let all = lines(0..50);
    fs::write(at("set.jsonl"), &all).unwrap();
    fs::write(at("set.jsonl.xz"), [xz(lines(0..20).as_bytes()), xz(lines(20..50).as_bytes())].concat()).unwrap();
    fs::write(at("set.jsonl.bz2"), [bz2(lines(0..20).as_bytes()), bz2(lines(20..50).as_bytes())].concat()).unwrap();
    parquet(&at("set.parquet"), 0..50);
    let mut seen: Vec<Vec<Value>> = Vec::new();
    for (kind, file) in [("jsonl", "set.jsonl"), ("jsonl", "set.jsonl.xz"), ("jsonl", "set.jsonl.bz2"), ("parquet", "set.parquet")] {
        let recipe = recipe(folder.path(), &format!("[source.set]\nread = {{ {kind} = [\"{file}\"] }}"));
        let output = build(folder.path(), &recipe, &format!("out-{file}"), &["--strict"]);
        assert!(output.status.success(), "{file}: {}", stderr(&output));
        let mut lines: Vec<Value> = shard_lines(&at(&format!("out-{file}")));
        lines.sort_by_key(|line| line["id"].as_str().unwrap().to_owned());
        let kept = lines.iter().map(|line| serde_json::json!([line["id"], line["url"], line["text"]])).collect();
        seen.push(kept);
    }
    assert_eq!(seen[0].len(), 50);
    assert!(seen.iter().all(|lines| *lines == seen[0]));
}

#[test]
fn html_files_are_a_source_and_have_no_url() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("pages")).unwrap();
    fs::write(folder.path().join("pages/a.html"), HTML).unwrap();
    fs::write(folder.path().join("pages/b.html"), bz2(HTML.replace("fox", "cat").as_bytes())).unwrap();
    let recipe = recipe(folder.path(), "[source.pages]\nread = { html = [\"pages/*.html\"] }");
    let output = build(folder.path(), &recipe, "out", &["--strict"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let mut found: Vec<(String, Value, bool)> = shard_lines(&folder.path().join("out"))
        .iter()
        .map(|line| (line["id"].as_str().unwrap().to_owned(), line["url"].clone(), line["text"].as_str().unwrap().contains("lazy dog")))
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(found.iter().map(|(id, _, has)| (id.as_str(), *has)).collect::<Vec<_>>(), [("pages/a.html", true), ("pages/b.html", true)]);
    assert!(found.iter().all(|(_, url, _)| url.as_str().unwrap_or_default().is_empty()), "{found:?}");
}

#[test]
fn texts_and_epubs_are_books_of_one_source() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["the-salt-road.epub", "das-stille-rad.epub", "skerra-head.txt"] {
        fs::copy(crate::common::repository("fixtures/books").join(name), folder.path().join(name)).unwrap();
    }
    let whole = fs::read(folder.path().join("the-salt-road.epub")).unwrap();
    fs::write(folder.path().join("cut.epub"), &whole[..whole.len() / 2]).unwrap();
    let recipe = recipe(folder.path(), "[source.books]\nread = { books = [\"*.epub\", \"*.txt\"] }");
    let output = build(folder.path(), &recipe, "out", &[]);
    assert!(output.status.success(), "{}", stderr(&output));
    let report = crate::common::json(&folder.path().join("out/report.json"));
    let step = &report["funnel"][0]["steps"][0];
    assert_eq!(
        (step["read"].as_u64(), step["kept"].as_u64(), &step["dropped"][0]["rule"]),
        (Some(4), Some(3), &"damaged-archive".into()),
        "{step}"
    );
    let lines = shard_lines(&folder.path().join("out"));
    let salt = lines.iter().find(|line| line["id"] == "the-salt-road.epub").unwrap();
    assert!(salt["text"].as_str().unwrap().starts_with("THE SALT ROAD\nby\nEDITH HARROW"), "{salt}");
    assert!(!salt["text"].as_str().unwrap().contains("GUTENBERG"), "{salt}");
    let output = succeed(&["extract", folder.path().join("das-stille-rad.epub").to_str().unwrap()]);
    assert!(stdout(&output).contains("\"title\":\"Das stille Rad & andere Erzählungen\""), "{}", stdout(&output));
}

#[test]
fn archives_of_texts_are_read_as_their_members() {
    let folder = tempfile::tempdir().unwrap();
    let tar = |members: &[(String, Vec<u8>)]| {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, bytes) in members {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            builder.append_data(&mut header, name, &bytes[..]).unwrap();
        }
        builder.into_inner().unwrap()
    };
    let texts: Vec<(String, Vec<u8>)> = (0..20).map(|n| (format!("{n:04}.txt"), text(n).into_bytes())).collect();
    let members = [("owt/one_data.xz".to_owned(), xz(&tar(&texts))), ("owt/two.jsonl".to_owned(), lines(20..30).into_bytes())];
    fs::write(folder.path().join("owt.tar.xz"), xz(&tar(&members))).unwrap();
    let recipe = recipe(folder.path(), "[source.owt]\nread = { text = [\"*.tar.xz\"] }");
    let output = build(folder.path(), &recipe, "out", &["--strict"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let mut found: Vec<(String, String)> = shard_lines(&folder.path().join("out"))
        .iter()
        .map(|line| (line["id"].as_str().unwrap().to_owned(), line["text"].as_str().unwrap().to_owned()))
        .collect();
    found.sort();
    let named = |n: u32| if n < 20 { format!("owt/one_data.xz/{n:04}.txt") } else { n.to_string() };
    let mut expected: Vec<(String, String)> = (0..30).map(|n| (named(n), text(n))).collect();
    expected.sort();
    assert!(found == expected, "{found:?}");
    let said = stdout(&succeed(&["inspect", folder.path().join("owt.tar.xz").to_str().unwrap()]));
    assert!(said.contains("2  archive") && said.contains("20  file") && said.contains("10  line"), "{said}");
}

#[test]
fn extract_reads_what_a_name_tells_and_refuses_the_rest_before_any_output() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::create_dir(folder.path().join("crawl.wet")).unwrap();
    fs::write(at("crawl.wet/a.html"), HTML).unwrap();
    fs::write(at("b.jsonl.xz"), xz(lines(0..3).as_bytes())).unwrap();
    fs::write(at("c.txt"), "A text of its own.").unwrap();
    parquet(Path::new(&at("d.parquet")), 3..5);
    // The end of a folder's name says nothing of its files.
    let crawl = at("crawl.wet/crawl.warc.gz");
    fs::copy(crate::common::repository("fixtures/crawl.warc.gz"), &crawl).unwrap();
    let output = succeed(&["extract", &at("crawl.wet/a.html"), &at("b.jsonl.xz"), &at("c.txt"), &at("d.parquet")]);
    assert_eq!(stdout(&output).lines().count(), 7, "{}", stdout(&output));
    assert!(stderr(&output).contains("7 documents written, 0 records skipped"), "{}", stderr(&output));
    assert!(100 < stdout(&succeed(&["extract", &crawl])).lines().count());
    fs::write(at("notes.md"), "?").unwrap();
    for command in
        [&["extract", &at("c.txt"), &at("notes.md")][..], &["inspect", &at("notes.md")], &["dedup", &at("notes.md"), "--out", &at("out")]]
    {
        let output = run(command);
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(2), ""), "{command:?}");
        assert!(stderr(&output).contains("notes.md") && stderr(&output).contains(".parquet"), "{}", stderr(&output));
    }
    assert!(!folder.path().join("out").exists());
}

#[test]
fn inspect_and_dedup_know_the_same_names() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(at("a.jsonl.bz2"), bz2(lines(0..5).as_bytes())).unwrap();
    parquet(Path::new(&at("b.parquet")), 0..5);
    // A dump that only says how it is packed is told by what it holds.
    fs::write(at("RS_2011-01.xz"), xz(lines(0..4).as_bytes())).unwrap();
    let told = |name: &str| -> (String, String, u64) {
        let found: Value = serde_json::from_str(&stdout(&succeed(&["--json", "inspect", &at(name)]))).unwrap();
        let word = |key: &str| found[key].as_str().unwrap().to_owned();
        (word("compression"), word("format"), found["admitted"].as_u64().unwrap())
    };
    assert_eq!(told("a.jsonl.bz2"), ("bzip2".into(), "jsonl".into(), 5));
    assert_eq!(told("b.parquet"), ("plain".into(), "parquet".into(), 5));
    assert_eq!(told("RS_2011-01.xz"), ("xz".into(), "jsonl".into(), 4));
    let pattern = at("[ab].*");
    let output = succeed(&["dedup", &pattern, "--out", &at("out"), "--json"]);
    let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
    // Each of five texts is there twice.
    assert_eq!(report["dedup"]["exact_duplicates"], 5, "{report}");
}

#[test]
fn a_benchmark_that_protects_nothing_stops_the_plan_and_packed_ones_are_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("set.jsonl"), lines(0..5)).unwrap();
    let with = |benchmark: &str, n: u32| {
        recipe(
            folder.path(),
            &format!("[source.set]\nread = {{ jsonl = [\"set.jsonl\"] }}\n[decontaminate]\nbenchmarks = [\"{benchmark}\"]\nn = {n}\n"),
        )
    };
    let item = format!("{{\"id\":\"q1\",\"question\":\"{}\"}}\n", text(3));
    let packed = xz(item.as_bytes());
    for (name, bytes, n, wanted) in [
        ("empty.jsonl", &b""[..], 13, "empty.jsonl has no item"),
        ("prose.jsonl", b"Once upon a time", 13, "line 1 of the benchmark prose.jsonl is not JSON"),
        ("short.jsonl", b"{\"question\":\"too short\"}", 13, "short.jsonl"),
        ("cut.jsonl.xz", &packed[..packed.len() - 30], 13, "cut.jsonl.xz cannot be read"),
        ("long.jsonl", item.as_bytes(), 64, "64 words"),
    ] {
        fs::write(folder.path().join(name), bytes).unwrap();
        let output = build(folder.path(), &with(name, n), "out", &[]);
        assert_eq!(output.status.code(), Some(1), "{name}: {}", stderr(&output));
        assert!(stderr(&output).contains(wanted), "{name}: {}", stderr(&output));
        assert!(!folder.path().join("out").exists(), "{name}");
    }
    for (name, bytes) in [("b.jsonl", item.clone().into_bytes()), ("b.jsonl.xz", packed.clone()), ("b.jsonl.bz2", bz2(item.as_bytes()))] {
        fs::write(folder.path().join(name), bytes).unwrap();
        let out = format!("out-{name}");
        let output = build(folder.path(), &with(name, 13), &out, &[]);
        assert!(output.status.success(), "{name}: {}", stderr(&output));
        assert_eq!(shard_lines(&folder.path().join(&out)).len(), 4, "{name}");
    }
}

#[test]
fn the_second_run_does_not_read_what_the_first_one_wrote() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("sets")).unwrap();
    fs::write(folder.path().join("sets/a.jsonl"), lines(0..5)).unwrap();
    let recipe = recipe(folder.path(), "[source.set]\nread = { jsonl = [\"**/*.jsonl*\"] }");
    for run in 0..2 {
        let output = build(folder.path(), &recipe, "out", &[]);
        assert!(output.status.success(), "{}", stderr(&output));
        assert_eq!(shard_lines(&folder.path().join("out")).len(), 5);
        assert_eq!(stderr(&output).contains("are left out"), run == 1, "{}", stderr(&output));
    }
}

#[test]
fn links_may_be_packed_and_a_window_has_its_limits() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("set.jsonl"), lines(0..5)).unwrap();
    let dump = "{\"url\":\"https://example.org/2\",\"score\":9,\"is_self\":false}\n";
    for (name, bytes) in [("RS.xz", xz(dump.as_bytes())), ("RS.bz2", bz2(dump.as_bytes()))] {
        fs::write(folder.path().join(name), bytes).unwrap();
        let sources = format!(
            "[source.set]\nread = {{ jsonl = [\"set.jsonl\"] }}\n[source.linked]\nselect = {{ from = \"set\", linked-from = {{ reddit = [\"{name}\"] }} }}"
        );
        let out = format!("out-{name}");
        let output = build(folder.path(), &recipe(folder.path(), &sources), &out, &[]);
        assert!(output.status.success(), "{}", stderr(&output));
        let sources: Vec<String> =
            shard_lines(&folder.path().join(&out)).iter().map(|line| line["source"].as_str().unwrap().to_owned()).collect();
        assert_eq!(sources.iter().filter(|source| *source == "linked").count(), 1, "{name}: {sources:?}");
    }
    let recipe = recipe(folder.path(), "limits = { xz-dictionary-log = 40 }\n[source.set]\nread = { jsonl = [\"set.jsonl\"] }");
    let output = build(folder.path(), &recipe, "out", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("12 to 32"), "{}", stderr(&output));
}
