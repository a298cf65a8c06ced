use crate::read::{Format, Wanted, find, find_wanted};
use std::fs;
use std::io::Write;
use std::path::Path;

fn folder(files: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file).unwrap();
    }
    folder
}

fn names(patterns: &[&str], base: &Path) -> (Vec<String>, Vec<String>) {
    let patterns: Vec<String> = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
    let (inputs, warnings) = find(&patterns, base).unwrap();
    for input in &inputs {
        assert_eq!(fs::metadata(&input.path).unwrap().len(), input.bytes);
    }
    (inputs.iter().map(|input| input.name.to_string()).collect(), warnings)
}

fn refused(pattern: &str, base: &Path) -> String {
    let error = find(&[pattern.to_owned()], base).unwrap_err();
    assert_eq!(error.exit_code(), if pattern.contains("a[") { 2 } else { 1 });
    error.to_string()
}

#[test]
fn paths_and_globs_in_order_of_name() {
    let base = folder(&["b.warc", "a.warc", ".hidden.warc", "crawl/2.warc.gz", "crawl/1.warc.gz", "crawl/deep/3.warc.gz"]);
    assert_eq!(names(&["b.warc", "a.warc"], base.path()).0, ["a.warc", "b.warc"]);
    assert_eq!(names(&["*.warc"], base.path()).0, ["a.warc", "b.warc"]);
    assert_eq!(names(&["crawl/*"], base.path()).0, ["crawl/1.warc.gz", "crawl/2.warc.gz"]);
    assert_eq!(names(&["**/*.gz"], base.path()).0, ["crawl/1.warc.gz", "crawl/2.warc.gz", "crawl/deep/3.warc.gz"]);
    let absolute = base.path().join("crawl/*.gz").display().to_string();
    assert_eq!(names(&[&absolute], base.path()).0.len(), 2);
}

#[test]
fn the_same_file_by_another_spelling_or_a_link_is_read_once() {
    let base = folder(&["a.warc", "crawl/b.warc"]);
    std::os::unix::fs::symlink(base.path().join("a.warc"), base.path().join("link.warc")).unwrap();
    let (found, warnings) = names(&["a.warc", "./a.warc", "crawl/../a.warc", "*.warc"], base.path());
    assert_eq!(found, ["a.warc"]);
    assert_eq!(warnings.len(), 4);
    assert!(warnings.iter().all(|warning| warning.contains("a.warc")), "{warnings:?}");
}

#[test]
fn nothing_found_names_the_pattern_and_the_folder() {
    let base = folder(&["a.warc"]);
    for pattern in ["missing.warc", "*.gz"] {
        let message = refused(pattern, base.path());
        assert!(message.contains(pattern) && message.contains(&base.path().display().to_string()), "{message}");
    }
    refused("a[.warc", base.path());
}

#[test]
fn a_folder_gives_the_files_below_it_that_say_what_they_hold() {
    let base = folder(&["crawl/b.warc", "crawl/deep/a.warc.gz", "crawl/notes.txt", "crawl/README", "crawl/.hidden.warc", "none/README"]);
    let (found, warnings) = names(&["crawl/"], base.path());
    assert_eq!(found, ["crawl/b.warc", "crawl/deep/a.warc.gz", "crawl/notes.txt"]);
    assert!(warnings.len() == 1 && warnings[0].contains("1 files are left out"), "{warnings:?}");
    // A recipe says what it wants.
    let patterns = ["crawl".to_owned()];
    let wanted = Wanted { format: Some(Format::Warc), ..Wanted::new(&patterns, base.path()) };
    let (inputs, warnings) = find_wanted(&wanted).unwrap();
    assert_eq!(inputs.iter().map(|input| &*input.name).collect::<Vec<_>>(), ["crawl/b.warc", "crawl/deep/a.warc.gz"]);
    assert!(warnings[0].contains("2 files are left out"), "{warnings:?}");
    let message = refused("none", base.path());
    assert!(message.contains("none/*") && message.contains("1 others"), "{message}");
    // A folder whose own name holds a bracket.
    let odd = folder(&["a [1]/b.warc"]);
    assert_eq!(names(&["a [1]"], odd.path()).0, ["a [1]/b.warc"]);
}

#[test]
fn a_sample_is_drawn_by_the_seed_and_from_the_names_alone() {
    let files: Vec<String> = (0..20).map(|n| format!("crawl/{n:02}.warc.gz")).collect();
    let base = folder(&files.iter().map(String::as_str).collect::<Vec<_>>());
    let drawn = |pattern: &str, seed| {
        let patterns = [pattern.to_owned()];
        let wanted = Wanted { sample: Some((5, seed)), ..Wanted::new(&patterns, base.path()) };
        find_wanted(&wanted).unwrap().0.iter().map(|input| input.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(drawn("crawl/*", 1), drawn("crawl", 1));
    assert!(drawn("crawl/*", 1).len() == 5 && drawn("crawl/*", 1).is_sorted());
    assert_ne!(drawn("crawl/*", 1), drawn("crawl/*", 2));
    // Of a list only what is drawn need be there.
    fs::write(base.path().join("all.paths"), files.join("\n")).unwrap();
    let chosen = drawn("all.paths", 1);
    files.iter().filter(|file| !chosen.contains(file)).for_each(|file| fs::remove_file(base.path().join(file)).unwrap());
    assert_eq!(drawn("all.paths", 1), chosen);
}

#[test]
fn names_in_lists_begin_at_their_folder_above_it_or_at_a_root() {
    let base = folder(&["mirror/crawl-data/2020/warc/1.warc.gz", "mirror/crawl-data/2020/warc/2.warc.gz"]);
    let list = "crawl-data/2020/warc/1.warc.gz\ncrawl-data/2020/warc/2.warc.gz\n";
    fs::write(base.path().join("mirror/crawl-data/2020/warc.paths"), list).unwrap();
    let expected = ["mirror/crawl-data/2020/warc/1.warc.gz", "mirror/crawl-data/2020/warc/2.warc.gz"];
    assert_eq!(names(&["mirror/crawl-data/2020/warc.paths"], base.path()).0, expected);
    fs::write(base.path().join("warc.paths"), list).unwrap();
    let patterns = ["warc.paths".to_owned()];
    let error = find(&patterns, base.path()).unwrap_err().to_string();
    assert!(error.contains("line 1") && error.contains("`root`"), "{error}");
    let wanted = Wanted { root: Some("mirror"), ..Wanted::new(&patterns, base.path()) };
    assert_eq!(find_wanted(&wanted).unwrap().0.iter().map(|input| &*input.name).collect::<Vec<_>>(), expected);
}

#[test]
fn a_list_of_long_lines_is_none() {
    let base = folder(&["a.warc.gz"]);
    let long = |n: usize| format!("a.warc.gz\n{}\n", "n".repeat(n));
    fs::write(base.path().join("long.paths"), long(70_000)).unwrap();
    let error = find(&["long.paths".to_owned()], base.path()).unwrap_err().chain();
    assert!(error.contains("line 2 is longer than 65536 bytes"), "{error}");
    fs::write(base.path().join("long.paths"), long(60_000)).unwrap();
    let error = find(&["long.paths".to_owned()], base.path()).unwrap_err().chain();
    assert!(!error.contains("is longer than"), "{error}");
}

#[test]
fn names_with_glob_characters_are_meant_as_they_stand() {
    let base = folder(&["odd[1]/base/a*.warc", "odd[1]/base/ab.warc"]);
    let inner = base.path().join("odd[1]/base");
    assert_eq!(names(&["a*.warc"], &inner).0, ["a*.warc"]);
    assert_eq!(names(&["*.warc"], &inner).0, ["a*.warc", "ab.warc"]);
}

#[test]
fn lists_are_relative_to_their_folder() {
    let base = folder(&["lists/crawl/1.warc.gz", "lists/crawl/2.warc.gz"]);
    let text = "crawl/2.warc.gz\r\n\n# a remark\ncrawl/1.warc.gz";
    fs::write(base.path().join("lists/plain.paths"), text).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    packed.write_all(text.as_bytes()).unwrap();
    fs::write(base.path().join("lists/warc.paths.gz"), packed.finish().unwrap()).unwrap();
    fs::write(base.path().join("lists/warc.paths.zst"), zstd::encode_all(text.as_bytes(), 1).unwrap()).unwrap();
    fs::write(base.path().join("lists/warc.paths.xz"), crate::codec::tests::xz(text.as_bytes())).unwrap();
    for list in ["lists/plain.paths", "lists/warc.paths.gz", "lists/warc.paths.zst", "lists/warc.paths.xz"] {
        assert_eq!(names(&[list], base.path()).0, ["lists/crawl/1.warc.gz", "lists/crawl/2.warc.gz"]);
    }
    fs::write(base.path().join("bad.paths"), "lists/crawl/1.warc.gz\ngone.warc.gz\n").unwrap();
    let message = refused("bad.paths", base.path());
    assert!(message.contains("line 2") && message.contains("gone.warc.gz"), "{message}");
}

/// Or the second run of a build would read what the first one wrote.
#[test]
fn a_build_that_a_wildcard_leads_into_is_left_out() {
    let base = folder(&[
        "a.jsonl",
        "sets/b.jsonl",
        "out/.gristmill.lock",
        "out/shards/00000.jsonl",
        "out/x.jsonl",
        "deep/out/.gristmill.lock",
        "deep/out/c.jsonl",
    ]);
    for pattern in ["**/*.jsonl*", "./**/*.jsonl"] {
        let (found, warnings) = names(&[pattern], base.path());
        assert_eq!(found, ["a.jsonl", "sets/b.jsonl"]);
        assert_eq!(warnings.len(), 2);
        assert!(warnings[1].contains("/out match") && warnings[1].contains("left out (2)"), "{warnings:?}");
    }
    // One that is named is meant.
    assert_eq!(names(&["out/**/*.jsonl"], base.path()).0, ["out/shards/00000.jsonl", "out/x.jsonl"]);
    assert_eq!(names(&["*.jsonl"], &base.path().join("out/shards")).0, ["00000.jsonl"]);
    assert_eq!(names(&["out/shards/00000.jsonl"], base.path()).0.len(), 1);
    assert!(refused("*/*/c.jsonl", base.path()).contains("left out"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_text_is_an_error_not_a_panic() {
    use std::os::unix::ffi::OsStrExt;
    let folder = folder(&["good.txt"]);
    fs::create_dir(folder.path().join("deep")).unwrap();
    fs::write(folder.path().join("deep").join(std::ffi::OsStr::from_bytes(b"bad\xff.txt")), "x").unwrap();
    for (pattern, base) in
        [("*.txt", folder.path().join("deep")), ("deep/*.txt", folder.path().to_owned()), ("**/*.txt", folder.path().to_owned())]
    {
        let message = refused(pattern, &base);
        assert!(message.contains("not UTF-8") && message.contains("deep/bad"), "{message}");
    }
}
