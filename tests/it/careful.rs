//! What a build must not take away: another build, files of others, what it cannot see at the moment.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use crate::common::{copy_of_undisturbed, files, gristmill, manifest, quickstart, repository, run, stderr, succeed, undisturbed};

fn other_recipe(folder: &Path) -> String {
    let recipe = folder.join("other.toml");
    fs::write(folder.join("note.txt"), "A note that is long enough to be one.").unwrap();
    fs::write(&recipe, "[source.notes]\nread = { text = [\"note.txt\"] }\n").unwrap();
    recipe.to_str().unwrap().to_owned()
}

#[test]
fn the_build_of_another_recipe_is_not_replaced_by_a_wrong_folder() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    copy_of_undisturbed(&out);
    let (recipe, before) = (other_recipe(folder.path()), files(&out));
    let arguments = ["build", &recipe, "--out", out.to_str().unwrap()];
    let refused = run(&arguments);
    assert_eq!(refused.status.code(), Some(5), "{}", stderr(&refused));
    assert!(stderr(&refused).contains("holds the build of another recipe, quickstart.toml"), "{}", stderr(&refused));
    let report = run(&["dedup", "fixtures/encyclopaedia/articles.jsonl", "--out", out.to_str().unwrap()]);
    assert_eq!(report.status.code(), Some(5), "{}", stderr(&report));
    assert_eq!(files(&out), before);
    succeed(&[&arguments[..], &["--force"]].concat());
    assert!(files(&out).iter().all(|file| !file.contains("common-crawl") && !file.starts_with("models")), "{:?}", files(&out));
}

#[test]
fn force_overwrites_no_file_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let recipe = other_recipe(folder.path());
    let out = folder.path().join("out");
    for (name, is_mine) in [("recipe.toml", true), ("work/dedup/thesis.tex", true), ("thesis.tex", false)] {
        fs::create_dir_all(out.join(name).parent().unwrap()).unwrap();
        fs::write(out.join(name), "years of work").unwrap();
        let output = run(&["build", &recipe, "--out", out.to_str().unwrap(), "--force"]);
        assert_eq!(output.status.code(), Some(if is_mine { 5 } else { 0 }), "{name}: {}", stderr(&output));
        assert_eq!(fs::read_to_string(out.join(name)).unwrap(), "years of work", "{name}");
        fs::remove_dir_all(&out).unwrap();
    }
}

#[test]
fn training_takes_no_shards_away_where_a_benchmark_is_not_to_be_seen() {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(repository("pipelines/quickstart.toml")).unwrap();
    let benchmarks = folder.path().join("benchmarks");
    fs::create_dir(&benchmarks).unwrap();
    for name in files(&repository("fixtures/benchmarks")) {
        fs::copy(repository("fixtures/benchmarks").join(&name), benchmarks.join(&name)).unwrap();
    }
    let recipe = folder.path().join("recipe.toml");
    let text = text.replace("../fixtures/benchmarks", benchmarks.to_str().unwrap());
    fs::write(&recipe, text.replace("../fixtures", repository("fixtures").to_str().unwrap())).unwrap();
    let (recipe, out) = (recipe.to_str().unwrap(), folder.path().join("out"));
    let out_name = out.to_str().unwrap();
    succeed(&["build", recipe, "--out", out_name]);
    let before = manifest(&out);
    fs::rename(&benchmarks, folder.path().join("moved")).unwrap();
    let output = run(&["train", recipe, "--out", out_name]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("cannot tell what of the build"), "{}", stderr(&output));
    assert_eq!(manifest(&out), before);
    // Where nothing stands behind the model, training needs no benchmark.
    succeed(&["train", recipe, "--out", folder.path().join("fresh").to_str().unwrap()]);
    // Retraining with another option makes the steps after it out of date, and what looks at the folder does not take them for the build.
    fs::rename(folder.path().join("moved"), &benchmarks).unwrap();
    succeed(&["train", recipe, "--out", out_name, "--set", "model.quality.penalty=5"]);
    let report = succeed(&["report", out_name]);
    assert!(!String::from_utf8_lossy(&report.stdout).contains("shards,"));
    succeed(&["build", recipe, "--out", out_name]);
    assert_eq!(manifest(&out), before);
}

#[test]
fn old_shards_go_even_where_the_entry_that_named_them_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    copy_of_undisturbed(folder.path());
    fs::write(folder.path().join("ledger/shard.json"), "not any more").unwrap();
    fs::write(folder.path().join("ledger/extract.json~"), "of an editor").unwrap();
    fs::create_dir(folder.path().join("ledger/mine")).unwrap();
    quickstart(folder.path(), &["--set", "output.shard-bytes=100000000"]);
    let shards: Vec<String> = files(folder.path()).into_iter().filter(|file| file.starts_with("shards/")).collect();
    assert_eq!(shards, manifest(folder.path()).into_keys().filter(|file| file.starts_with("shards/")).collect::<Vec<_>>());
    assert_eq!(shards.len(), 1);
    assert!(folder.path().join("ledger/mine").exists() && folder.path().join("ledger/extract.json~").exists());
}

#[test]
fn nobody_has_to_listen() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let mut child =
        gristmill(&["build", "pipelines/quickstart.toml", "--out", out]).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    drop(child.stderr.take());
    assert!(child.wait().unwrap().success(), "a build whose messages nobody reads goes on");
    assert_eq!(manifest(folder.path()), manifest(undisturbed()));
    // What judges does not call a fault no fault because nobody reads it.
    fs::write(folder.path().join("shards/train-00009-00000.jsonl.zst"), "stray").unwrap();
    let mut child = gristmill(&["verify", out]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}
