use std::fmt::Write as _;

use super::super::super::ledger;
use super::super::super::plan::{Goal, Plan};
use super::super::super::recipe;
use super::super::super::run::Build;
use super::*;
use crate::store::Folder;
use crate::store::table::each_row;

const LINES: usize = 300;

/// A text set of one file that is done in parts: an id repeats, and one line is no document.
fn recipe_of(base: &std::path::Path) -> Recipe {
    let mut lines = String::new();
    for line in 0..LINES {
        match line {
            7 => writeln!(lines, "no JSON").unwrap(),
            _ => writeln!(lines, r#"{{"id": "{}", "text": "{}"}}"#, line % 200, format!("Line {line}. ").repeat(60)).unwrap(),
        }
    }
    std::fs::write(base.join("lines.jsonl"), lines).unwrap();
    recipe::parse("bundle-bytes = 1\n[source.lines]\nread = { jsonl = [\"lines.jsonl\"] }\n", "lines.toml", base, &[]).unwrap()
}

fn texts(folder: &Folder, path: &str) -> Vec<(Key, String)> {
    let mut rows = Vec::new();
    each_row(&folder.path(path), |_, row: DocumentRow| {
        rows.push((row.key, row.text));
        Ok(())
    })
    .unwrap();
    rows
}

#[test]
fn a_task_that_was_stopped_goes_on_after_its_committed_parts() {
    let base = tempfile::tempdir().unwrap();
    let recipe = recipe_of(base.path());
    let plan = Plan::new(&recipe, Goal::Build).unwrap();
    let folder = Folder::open(base.path().join("out")).unwrap();
    let build = Build { folder: &folder, recipe: &recipe };
    let step = plan.stages()[0].step;
    let documents = plan.layout.files[0].documents();
    let whole = step.task(build, 0, 0).unwrap();
    let wanted = texts(&folder, &documents);
    assert_eq!(wanted.len(), LINES - 1);

    // Of the parts that this left, all but the first two are lost, and the second is known by its text.
    let part = |n: usize, end: &str| format!("{}/{n:05}.{end}", parts_folder("extract", ROUND, 0));
    assert!(folder.path(&part(2, "json")).exists());
    folder.remove(&part(2, "json")).unwrap();
    let mut table = TableWriter::<DocumentRow>::create(&folder, &part(1, "documents.parquet")).unwrap();
    let (mut first, mut second) = (0, 0);
    each_row(&folder.path(&part(0, "documents.parquet")), |_, _: DocumentRow| {
        first += 1;
        Ok(())
    })
    .unwrap();
    each_row(&folder.path(&part(1, "documents.parquet")), |_, row: DocumentRow| {
        second += 1;
        table.push(DocumentRow { text: "as it was found".to_owned(), ..row })
    })
    .unwrap();
    let marked = table.finish().unwrap();
    let sealed = folder.read(&part(1, "json")).unwrap().unwrap();
    let mut entry: serde_json::Value = serde_json::from_slice(&sealed).unwrap();
    entry["entry"]["files"][0] = serde_json::to_value(&marked).unwrap();
    ledger::write_sealed(&folder, &part(1, "json"), &entry["entry"]).unwrap();
    let again = step.task(build, 0, 0).unwrap();
    let found = texts(&folder, &documents);
    let as_found: Vec<usize> = (0..found.len()).filter(|row| found[*row].1 == "as it was found").collect();
    assert_eq!(as_found, (first..first + second).collect::<Vec<_>>());
    assert!(0 < first && 0 < second && first + second < LINES * 2 / 3, "{first} {second}");
    // All else is as it was: keys of ids that repeat, counts, and what the lost parts held.
    assert_eq!(found.iter().map(|row| row.0).collect::<Vec<_>>(), wanted.iter().map(|row| row.0).collect::<Vec<_>>());
    assert_eq!(again.counts, whole.counts);

    // Nor is anything of it used with other options, nor where a file of a part was changed since: all is extracted again, to the same bytes.
    let other = Recipe { extract: Options { min_characters: 2, ..recipe.extract.clone() }, ..recipe.clone() };
    let other_plan = Plan::new(&other, Goal::Build).unwrap();
    let elsewhere = Folder::open(base.path().join("elsewhere")).unwrap();
    let from = base.path().join("out/work");
    assert!(
        std::process::Command::new("cp")
            .args(["-r", from.to_str().unwrap(), elsewhere.root().to_str().unwrap()])
            .status()
            .unwrap()
            .success()
    );
    other_plan.stages()[0].step.task(Build { folder: &elsewhere, recipe: &other }, 0, 0).unwrap();
    assert_eq!(texts(&elsewhere, &documents), wanted);
    std::fs::write(folder.path(&part(0, "rejected.parquet")), b"another").unwrap();
    assert_eq!(step.task(build, 0, 0).unwrap().files[0].hash, whole.files[0].hash);
    assert_eq!(texts(&folder, &documents), wanted);
}

#[test]
fn parts_of_an_input_that_changes_while_it_is_read_are_not_kept() {
    let base = tempfile::tempdir().unwrap();
    let recipe = recipe_of(base.path());
    let plan = Plan::new(&recipe, Goal::Build).unwrap();
    let folder = Folder::open(base.path().join("out")).unwrap();
    let build = Build { folder: &folder, recipe: &recipe };
    // As long as before, so that only its time of change tells.
    let path = base.path().join("lines.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("Line", "Text")).unwrap();
    let stages = plan.stages();
    let round = &stages[0].step.rounds()[0];
    let error = super::super::super::run::run_task(&stages[0], build, (0, round), 0, None).err().unwrap();
    assert_eq!(error.exit_code(), 5, "{error}");
    assert!(!folder.path(&parts_folder("extract", ROUND, 0)).exists());
}
