//! A build that was stopped continues to the same bytes.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use gristmill::store::Folder;

use crate::common::{copy_of_undisturbed, files, gristmill, manifest, quickstart, repository, run, stderr, succeed, undisturbed};

#[test]
fn a_build_that_is_killed_at_any_moment_continues_to_the_same_bytes() {
    let wanted = manifest(undisturbed());
    // How long a build takes now, while other tests run: the moments spread over it.
    let (first, start) = (tempfile::tempdir().unwrap(), Instant::now());
    quickstart(first.path(), &[]);
    let whole = start.elapsed();
    for moment in 1..=10 {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().to_str().unwrap().to_owned();
        let mut child =
            gristmill(&["build", "pipelines/quickstart.toml", "--out", &out]).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole * moment / 11 + Duration::from_millis(1));
        // SIGKILL; a child that is done already is no failure.
        let _ = child.kill();
        child.wait().unwrap();
        quickstart(folder.path(), &[]);
        assert_eq!(manifest(folder.path()), wanted, "killed after {moment} elevenths");
        assert!(files(folder.path()).iter().all(|file| !file.ends_with(".tmp")));
    }
}

#[test]
fn a_signal_ends_a_build_at_once_and_says_how_to_continue() {
    for (signal, code) in [("TERM", 143), ("INT", 130)] {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().to_str().unwrap();
        let mut child =
            gristmill(&["build", "pipelines/quickstart.toml", "--out", out, "--threads", "1"]).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let extracting = lines.find(|line| line.starts_with("extract: "));
        assert!(extracting.is_some());
        assert!(Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().unwrap().success());
        let rest: Vec<String> = lines.collect();
        assert_eq!(child.wait().unwrap().code(), Some(code), "{rest:?}");
        let said = format!("stopped by SIG{signal}; what was finished is committed in {out}: run the same command again to continue there");
        assert!(rest.contains(&said), "{rest:?}");
        quickstart(folder.path(), &[]);
        assert_eq!(manifest(folder.path()), manifest(undisturbed()));
    }
}

#[test]
fn what_is_missing_or_damaged_is_built_again() {
    let folder = tempfile::tempdir().unwrap();
    copy_of_undisturbed(folder.path());
    let wanted = manifest(folder.path());
    fs::remove_file(folder.path().join("decisions/dedup/common-crawl/00000.parquet")).unwrap();
    let ledger = folder.path().join("ledger/tokens.json");
    let text = fs::read(&ledger).unwrap();
    fs::write(&ledger, &text[..text.len() / 2]).unwrap();
    quickstart(folder.path(), &[]);
    assert_eq!(manifest(folder.path()), wanted);
    assert_eq!(files(folder.path()), files(undisturbed()));
}

#[test]
fn one_changed_byte_anywhere_is_seen_and_built_again() {
    let folder = tempfile::tempdir().unwrap();
    copy_of_undisturbed(folder.path());
    let all = files(folder.path());
    // Of each kind the first file; the lock, the report and the way to the recipe hold no data.
    let mut kinds = std::collections::BTreeSet::new();
    let kind = |name: &str| name.rsplit_once('/').map_or_else(|| name.to_owned(), |(folder, _)| folder.to_owned());
    for name in all.iter().filter(|name| !name.starts_with("report") && !name.starts_with('.') && *name != "build.json") {
        if !kinds.insert(kind(name)) {
            continue;
        }
        let path = folder.path().join(name);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x10;
        fs::write(&path, bytes).unwrap();
        quickstart(folder.path(), &[]);
        assert_eq!(manifest(folder.path()), manifest(undisturbed()), "{name}");
        // Entries hold what the run cost.
        if !name.starts_with("ledger") {
            assert_eq!(fs::read(&path).unwrap(), fs::read(undisturbed().join(name)).unwrap(), "{name}");
        }
    }
    assert!(12 <= kinds.len(), "{kinds:?}");
}

#[test]
fn a_step_that_left_the_recipe_leaves_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    copy_of_undisturbed(folder.path());
    let recipe = fs::read_to_string("pipelines/quickstart.toml").unwrap();
    let without: Vec<&str> = recipe.split("\n\n").filter(|part| !part.contains("[decontaminate]")).collect();
    let recipe = tempfile::tempdir().unwrap();
    let path = recipe.path().join("without.toml");
    let fixtures = repository("fixtures");
    fs::write(&path, without.join("\n\n").replace("../fixtures", fixtures.to_str().unwrap())).unwrap();
    succeed(&["build", path.to_str().unwrap(), "--out", folder.path().to_str().unwrap()]);
    let left: Vec<String> = files(folder.path()).into_iter().filter(|name| name.contains("decontaminate")).collect();
    assert_eq!(left, Vec::<String>::new());
    // Retraining alone takes nothing away.
    let shards = files(&folder.path().join("shards"));
    succeed(&["train", path.to_str().unwrap(), "--out", folder.path().to_str().unwrap()]);
    assert_eq!(files(&folder.path().join("shards")), shards);
    assert!(manifest(folder.path()).keys().any(|path| path.starts_with("shards/")), "the manifest still vouches for them");
    // A report of other files does not take a build's folder.
    let output = run(&["dedup", "fixtures/encyclopaedia/articles.jsonl", "--out", folder.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
}

#[test]
fn a_folder_in_use_is_refused_with_its_holder() {
    let folder = tempfile::tempdir().unwrap();
    let held = Folder::open(folder.path()).unwrap();
    let _lock = held.lock(false).unwrap();
    let output = run(&["build", "pipelines/quickstart.toml", "--out", folder.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(4));
    assert!(stderr(&output).contains(&format!("process {}", std::process::id())), "{}", stderr(&output));
}

#[test]
fn a_folder_with_other_files_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("thesis.txt"), "years of work").unwrap();
    let output = run(&["build", "pipelines/quickstart.toml", "--out", folder.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(5));
    assert!(stderr(&output).contains("--force"), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(folder.path().join("thesis.txt")).unwrap(), "years of work");
    quickstart(folder.path(), &["--force"]);
    assert_eq!(fs::read_to_string(folder.path().join("thesis.txt")).unwrap(), "years of work");
}
