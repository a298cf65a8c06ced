//! A build that was stopped continues to the same bytes.

use std::fs;
use std::time::{Duration, Instant};

use gristmill::store::Folder;

use crate::common::{copy_of_undisturbed, files, gristmill, manifest, quickstart, run, stderr, undisturbed};

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
        let mut child = gristmill(&["build", "pipelines/quickstart.toml", "--out", &out])
            .stderr(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
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
fn a_folder_in_use_is_refused_with_its_holder() {
    let folder = tempfile::tempdir().unwrap();
    let held = Folder::open(folder.path()).unwrap();
    let _lock = held.lock().unwrap();
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
