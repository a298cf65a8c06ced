//! A build that dies at any of the moments at which its folder changes continues to the same bytes. The moments are known inside of the program only, so a child of this
//! test is the program: the same test binary, told to run `child` alone. With one byte a bundle each input is a task, and the larger ones are done in parts.

use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use super::{Out, build};
use crate::pipeline::plan::Goal;
use crate::pipeline::recipe;
use crate::store::kill;

/// Names the child's output folder.
const OUT: &str = "GRISTMILL_TEST_OUT";

#[test]
#[ignore = "a part of the tests below, which start it with an output folder"]
fn child() {
    let Ok(out) = std::env::var(OUT) else { return };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/quickstart.toml");
    // Every step that there is, and work in parts.
    let more = [
        "bundle-bytes=1",
        "dedup.same-url=true",
        "dedup.keep-index=true",
        "dedup.partition-bytes=1000000",
        "paragraphs.min-characters=1",
        "mask.email=true",
    ];
    let recipe = recipe::load(&path, &more.map(str::to_owned)).unwrap();
    build::make(&recipe, Goal::Build, "quickstart.toml", Path::new(&out), &Out { out: None, force: false, strict: false, no_text: false })
        .unwrap();
    std::fs::write(Path::new(&out).with_extension("moments"), kill::passed().to_string()).unwrap();
}

/// Runs the child on one thread, so that its moments come in one order.
fn run_child(out: &Path, kill_at: u64) -> ExitStatus {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "cli::tests::child", "--ignored"]).env("RAYON_NUM_THREADS", "1").env(OUT, out);
    command.env(kill::VARIABLE, kill_at.to_string()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap()
}

/// The manifest of an undisturbed build and the number of its moments.
fn undisturbed(folder: &Path) -> (Vec<u8>, u64) {
    let out = folder.join("undisturbed");
    assert!(run_child(&out, 0).success());
    let moments = std::fs::read_to_string(out.with_extension("moments")).unwrap().parse().unwrap();
    (std::fs::read(out.join("manifest.json")).unwrap(), moments)
}

fn die_and_continue(every: u64) {
    let folder = tempfile::tempdir().unwrap();
    let (wanted, moments) = undisturbed(folder.path());
    assert!(100 < moments, "{moments} moments");
    for moment in (1..=moments).filter(|moment| moment % every == 1 % every || *moment == moments) {
        let out = folder.path().join("killed");
        assert!(!run_child(&out, moment).success(), "it was to die at moment {moment} of {moments}");
        assert!(run_child(&out, 0).success(), "it could not continue after moment {moment}");
        assert!(std::fs::read(out.join("manifest.json")).unwrap() == wanted, "another manifest after moment {moment}");
        std::fs::remove_dir_all(&out).unwrap();
    }
}

#[test]
fn a_build_that_dies_while_its_folder_changes_continues_to_the_same_bytes() {
    die_and_continue(23);
}

#[test]
#[ignore = "the same at every moment takes minutes"]
fn a_build_that_dies_at_any_moment_continues_to_the_same_bytes() {
    die_and_continue(1);
}

#[test]
fn a_build_that_keeps_dying_gets_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let (wanted, moments) = undisturbed(folder.path());
    let out = folder.path().join("killed");
    let deaths = (0..moments).take_while(|_| !run_child(&out, 40).success()).count();
    assert!(2 < deaths && (deaths as u64) < moments, "{deaths} deaths, {moments} moments");
    assert!(std::fs::read(out.join("manifest.json")).unwrap() == wanted);
}

#[test]
fn a_self_test_that_misses_something_is_no_success() {
    use crate::pipeline::self_test::SelfTest;
    let tested = |planted, found, false_alarms| SelfTest { planted, found, false_alarms, unplanted: 9, ..SelfTest::default() };
    assert!(super::decontaminate::judge(&tested(1000, 1000, 0)).is_ok());
    let missed = SelfTest { missed: vec!["a.jsonl, line 3".to_owned()], ..tested(1000, 999, 0) };
    let error = super::decontaminate::judge(&missed).unwrap_err();
    assert!(error.to_string().contains("1 planted n-gram of 1000") && error.to_string().ends_with("a.jsonl, line 3"), "{error}");
    assert!(super::decontaminate::judge(&tested(1000, 1000, 1)).is_err());
}
