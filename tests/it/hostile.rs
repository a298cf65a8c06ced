//! Hostile recipes, and hostile files in a folder that was built: each is refused, or the build is what it would have been. The files are written by the code below, so
//! that each is explained by what makes it; a file without an expectation and an expectation without a file fail.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use gristmill::text::hash::hash128;

use crate::common::{copy_of_undisturbed, files, manifest, repository, run, stderr, undisturbed};

/// The smallest recipe that holds, and lines before it.
fn recipe(first: &str) -> Vec<u8> {
    format!("{first}\n[source.a]\nread = {{ text = [\"*.txt\"] }}\n").into_bytes()
}

fn recipes() -> BTreeMap<&'static str, Vec<u8>> {
    let fixtures = repository("fixtures");
    BTreeMap::from([
        ("empty", Vec::new()),
        ("binary", (0..=255).cycle().take(70_000).collect()),
        ("not-utf8", [&recipe("")[..], b"# \xff\xfe"].concat()),
        ("nul", recipe("seed = \0")),
        ("nested-arrays", recipe(&format!("seed = {}1{}", "[".repeat(100_000), "]".repeat(100_000)))),
        ("nested-tables", recipe(&format!("seed = {}1{}", "{a=".repeat(100_000), "}".repeat(100_000)))),
        ("dotted-key", recipe(&format!("{} = 1", vec!["a"; 50_000].join(".")))),
        ("long-line", recipe(&format!("seed = \"{}", "x".repeat(10_000_000)))),
        ("same-key-twice", recipe("seed = 1\nseed = 2")),
        ("huge-integer", recipe("seed = 99999999999999999999999999")),
        ("huge-real", recipe("[dedup]\nthreshold = 1e999")),
        ("infinite", recipe("[dedup]\nthreshold = inf")),
        ("name-is-a-way-out", recipe("[source.\"../../etc\"]\nread = { text = [\"*.txt\"] }")),
        ("name-is-empty", recipe("[source.\"\"]\nread = { text = [\"*.txt\"] }")),
        ("name-has-a-line-feed", recipe("[source.\"a\\nb\"]\nread = { text = [\"*.txt\"] }")),
        ("name-is-long", recipe(&format!("[source.{}]\nread = {{ text = [\"*.txt\"] }}", "n".repeat(5000)))),
        ("model-is-a-way-out", recipe("[model.\"../m\"]\npositives = [\"a\"]\nnegatives = { source = \"a\" }")),
        (
            "select-in-a-ring",
            recipe(
                "[source.b]\nselect = { from = \"c\", linked-from = { urls = [\"u\"] } }\n[source.c]\nselect = { from = \"b\", linked-from = { urls = [\"u\"] } }",
            ),
        ),
        (
            "byte-order-mark",
            [&b"\xef\xbb\xbf"[..], &fs::read(repository("pipelines/quickstart.toml")).unwrap()].concat().into_iter().collect(),
        ),
        ("windows-lines", {
            let text = fs::read_to_string(repository("pipelines/quickstart.toml")).unwrap();
            text.replace("../fixtures", fixtures.to_str().unwrap()).replace('\n', "\r\n").into_bytes()
        }),
    ])
}

/// What the message of each holds, after `error: PATH`; "" where the recipe is a good one.
fn of_recipes() -> BTreeMap<&'static str, &'static str> {
    BTreeMap::from([
        ("empty", "source"),
        ("binary", "cannot read the recipe"),
        ("not-utf8", "cannot read the recipe"),
        ("nul", ":1:8"),
        ("nested-arrays", ":1:"),
        ("nested-tables", ":1:"),
        ("dotted-key", "nested too deeply"),
        ("long-line", ":1:"),
        ("same-key-twice", ":2:1"),
        ("huge-integer", ":1:8"),
        ("huge-real", "overflowed"),
        ("infinite", "not a finite number"),
        ("name-is-a-way-out", "../../etc"),
        ("name-is-empty", "name"),
        ("name-has-a-line-feed", "name"),
        ("name-is-long", "name"),
        ("model-is-a-way-out", "../m"),
        ("select-in-a-ring", "is selected itself"),
        ("byte-order-mark", ""),
        ("windows-lines", ""),
    ])
}

#[test]
fn hostile_recipes_are_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (written, expected) = (recipes(), of_recipes());
    assert_eq!(written.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, bytes) in written {
        let (path, out) = (folder.path().join(format!("{name}.toml")), folder.path().join(name));
        fs::write(&path, bytes).unwrap();
        if expected[name].is_empty() {
            let refused = ["build", path.to_str().unwrap(), "--set", "seed=many", "--out", out.to_str().unwrap()];
            let output = run(&refused);
            assert!(output.status.code() == Some(2) && stderr(&output).contains("--set seed=many"), "{name}: {}", stderr(&output));
            continue;
        }
        let output = run(&["build", path.to_str().unwrap(), "--out", out.to_str().unwrap()]);
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{name}: {}", message.chars().take(400).collect::<String>());
        assert!(message.contains(expected[name]), "{name}: {}", message.chars().take(400).collect::<String>());
        assert!(message.len() < 20_000, "{name}: the message has {} bytes", message.len());
        assert!(!out.exists(), "{name}: something was written");
    }
}

/// An entry of the ledger with the seal that it should have.
fn sealed(entry: &str) -> Vec<u8> {
    format!("{{\"hash\":\"{:032x}\",\"entry\":{entry}}}", hash128(entry.as_bytes())).into_bytes()
}

/// An entry that names a file, under a fingerprint of nobody.
fn naming(path: &str) -> Vec<u8> {
    let file = format!(r#"{{"path":{path:?},"bytes":5,"hash":"0","rows":0,"modified":0}}"#);
    let counts = r#"{"sources":{},"notes":{},"histograms":{},"bytes":0}"#;
    sealed(&format!(
        r#"{{"step":"extract","fingerprint":"0","outcome":{{"files":[{file}],"counts":{counts}}},"user_seconds":0.0,"system_seconds":0.0,"wall_seconds":0.0}}"#
    ))
}

type Spoil = fn(&Path);

/// Path in the build folder (what follows `#` tells two spoilings of one file apart): what is done to it.
fn spoilt() -> Vec<(&'static str, Spoil)> {
    fn cut(path: &Path) {
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    }
    fn flip(path: &Path) {
        let mut bytes = fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).unwrap();
    }
    fn empty(path: &Path) {
        fs::write(path, "").unwrap();
    }
    fn longer(path: &Path) {
        let bytes = [fs::read(path).unwrap(), b"and more".to_vec()].concat();
        fs::write(path, bytes).unwrap();
    }
    fn folder(path: &Path) {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
    }
    fn link(path: &Path) {
        fs::remove_file(path).unwrap();
        std::os::unix::fs::symlink("/dev/zero", path).unwrap();
    }
    vec![
        ("ledger/filter.json#cut", cut),
        ("ledger/filter.json#flip", flip),
        ("ledger/filter.json#empty", empty),
        ("ledger/filter.json#longer", longer),
        ("ledger/filter.json#nested", |path| fs::write(path, "[".repeat(1_000_000)).unwrap()),
        ("ledger/filter.json#binary", |path| fs::write(path, [0xff; 4096]).unwrap()),
        ("ledger/extract.json#names-a-file-above", |path| fs::write(path, naming("../victim")).unwrap()),
        ("ledger/extract.json#names-a-file-by-root", |path| {
            let victim = path.ancestors().nth(3).unwrap().join("victim");
            fs::write(path, naming(victim.to_str().unwrap())).unwrap();
        }),
        ("ledger/extract.json#names-the-folder-itself", |path| fs::write(path, naming("")).unwrap()),
        ("ledger/extract.json#names-the-folder-by-a-dot", |path| fs::write(path, naming(".")).unwrap()),
        ("ledger/extract.json#names-what-is-others", |path| fs::write(path, naming("shards")).unwrap()),
        ("ledger/extract/extract-00000.json#cut", cut),
        ("ledger/extract/extract-00000.json#names-a-file-above", |path| fs::write(path, naming("documents/../../victim")).unwrap()),
        ("ledger/filter/leftovers.json#names-a-file-above", |path| {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, r#"["../victim", "", ".", "/"]"#).unwrap();
            fs::remove_file(path.ancestors().nth(2).unwrap().join("filter.json")).unwrap();
        }),
        ("ledger/train-nobody.json#of-a-model-that-left", |path| fs::write(path, naming("../victim")).unwrap()),
        ("models/quality/model.bin#cut", cut),
        ("models/quality/model.bin#flip", flip),
        ("models/quality/model.bin#empty", empty),
        ("models/quality/card.json#longer", longer),
        ("shards/train-00000-00000.jsonl.zst#cut", cut),
        ("shards/train-00000-00000.jsonl.zst#flip", flip),
        ("shards/train-00000-00001.jsonl.zst#longer", longer),
        ("shards/train-00000-00001.jsonl.zst#folder", folder),
        ("shards/train-00000-00001.jsonl.zst#endless", link),
        ("documents/books/00000.parquet#cut", cut),
        ("decisions/dedup/common-crawl/00000.parquet#empty", empty),
        ("manifest.json#flip", flip),
        ("recipe.toml#flip", flip),
        ("build.json#empty", empty),
    ]
}

#[test]
fn a_spoilt_folder_gives_the_same_build_and_harms_nobody() {
    let before: BTreeSet<String> = files(undisturbed()).into_iter().collect();
    let mut refused = Vec::new();
    for (name, spoil) in spoilt() {
        let folder = tempfile::tempdir().unwrap();
        let (out, victim) = (folder.path().join("out"), folder.path().join("victim"));
        fs::write(&victim, "years of work").unwrap();
        copy_of_undisturbed(&out);
        let path = name.split('#').next().unwrap();
        spoil(&out.join(path));
        let built = run(&["build", "pipelines/quickstart.toml", "--out", out.to_str().unwrap()]);
        assert_eq!(fs::read_to_string(&victim).unwrap(), "years of work", "{name}");
        if !built.status.success() {
            assert!(stderr(&built).contains(path), "{name}: {}", stderr(&built));
            refused.push(name);
            continue;
        }
        assert_eq!(manifest(&out), manifest(undisturbed()), "{name}");
        for (path, hash) in manifest(&out) {
            let bytes = fs::read(out.join(&path)).unwrap_or_else(|error| panic!("{name}: {path}: {error}"));
            assert_eq!(format!("{:032x}", hash128(&bytes)), hash, "{name}: {path}");
        }
        assert_eq!(files(&out).into_iter().collect::<BTreeSet<_>>(), before, "{name}");
    }
    // Nothing of ours makes a folder of that name, so nothing of ours removes it.
    assert_eq!(refused, ["shards/train-00000-00001.jsonl.zst#folder"]);
}
