//! An engine runs a build as one process a task; `plan` says what is to be done and why.

use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use gristmill::store::Folder;
use serde_json::Value;

use crate::common::{
    build_by_tasks, copy_of_undisturbed, files, gristmill, json, quickstart, repository, run, stderr, stdout, succeed, undisturbed,
};

const RECIPE: &str = "pipelines/quickstart.toml";

/// `plan --json` of the quickstart.
fn plan(out: &str, more: &[&str]) -> Value {
    let output = succeed(&[&["plan", RECIPE, "--out", out, "--json"], more].concat());
    serde_json::from_str(&stdout(&output)).unwrap()
}

/// State and reasons of a step.
fn step(plan: &Value, name: &str) -> (String, Vec<Value>) {
    let step = plan["steps"].as_array().unwrap().iter().find(|step| step["step"] == name).unwrap();
    (step["state"].as_str().unwrap().to_owned(), step["why"].as_array().unwrap().clone())
}

/// Names of the steps that are to be run.
fn to_run(plan: &Value) -> Vec<String> {
    let steps = plan["steps"].as_array().unwrap().iter().filter(|step| step["state"] == "to-run");
    steps.map(|step| step["step"].as_str().unwrap().to_owned()).collect()
}

/// Name and number of tasks of every round of a plan.
fn rounds(plan: &Value) -> Vec<(String, usize)> {
    let rounds = plan["rounds"].as_array().unwrap().iter();
    rounds.map(|round| (round["round"].as_str().unwrap().to_owned(), round["tasks"].as_array().unwrap().len())).collect()
}

fn task(out: &str, round: &str, task: usize) -> Output {
    run(&["task", out, round, &task.to_string(), "--threads", "1"])
}

/// Runs every task and the merge of the rounds whose names begin so.
fn finish(out: &str, rounds: &[(String, usize)], step: &str) {
    for (round, n) in rounds.iter().filter(|(round, _)| round.starts_with(step)) {
        for t in 0..*n {
            let output = task(out, round, t);
            assert!(output.status.success(), "{}", stderr(&output));
        }
        succeed(&["merge", out, round]);
    }
}

fn same_as_undisturbed(out: &Path) {
    assert_eq!(fs::read(out.join("manifest.json")).unwrap(), fs::read(undisturbed().join("manifest.json")).unwrap());
    assert_eq!(files(out), files(undisturbed()));
}

/// A recipe over two text files of which the first is the larger, each a task, in a folder of its own.
fn two_notes(folder: &Path) -> (String, String) {
    for (name, times) in [("a.txt", 60), ("b.txt", 40)] {
        fs::write(folder.join(name), format!("A note named {name}, which says little. ").repeat(times)).unwrap();
    }
    let recipe = folder.join("notes.toml");
    fs::write(&recipe, "bundle-bytes = 1\n[source.notes]\nread = { text = [\"*.txt\"] }\n[output]\n").unwrap();
    (recipe.to_str().unwrap().to_owned(), folder.join("out").to_str().unwrap().to_owned())
}

#[test]
fn the_example_for_xargs_gives_the_bytes_of_a_build() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    for _ in 0..2 {
        build_by_tasks(RECIPE, &out);
        same_as_undisturbed(&out);
    }
    // Each task's process told its cost, so the step's is known.
    for step in ["extract", "filter", "shard"] {
        let entry = json(&out.join(format!("ledger/{step}.json")))["entry"].clone();
        assert_eq!(entry["cost"]["bytes"], entry["outcome"]["counts"]["bytes"], "{step}");
        assert!(0.0 < entry["cost"]["user_seconds"].as_f64().unwrap() + entry["cost"]["system_seconds"].as_f64().unwrap(), "{step}");
    }
}

/// A worker that does every task of the build, whoever does them beside it. `moments` are milliseconds after which it is killed in its first attempt at a task.
fn worker(out: &str, rounds: &[(String, usize)], mut moments: impl Iterator<Item = u64>) {
    let attempt = |arguments: &[&str], moment: Option<u64>| -> Result<(), String> {
        let mut child = gristmill(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        if let Some(moment) = moment {
            std::thread::sleep(Duration::from_millis(moment));
            // SIGKILL; a child that is done already is no failure.
            let _ = child.kill();
        }
        let output = child.wait_with_output().unwrap();
        if output.status.success() { Ok(()) } else { Err(stderr(&output)) }
    };
    for (round, n) in rounds {
        let tasks = (0..*n).map(|task| task.to_string()).collect::<Vec<_>>();
        let tasks = tasks.iter().map(|task| vec!["task", out, round, task, "--threads", "1"]);
        for arguments in tasks.chain([vec!["merge", out, round]]) {
            let mut said = attempt(&arguments, moments.next());
            for _ in 0..20 {
                if said.is_ok() {
                    break;
                }
                said = attempt(&arguments, None);
            }
            said.unwrap_or_else(|said| panic!("{arguments:?}: {said}"));
        }
    }
}

#[test]
fn two_workers_on_the_same_tasks_one_of_which_is_killed_again_and_again_give_the_bytes_of_a_build() {
    for seed in 1..=3_u64 {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().to_str().unwrap().to_owned();
        let rounds = rounds(&plan(&out, &["--start"]));
        assert_eq!((rounds[0].0.as_str(), rounds[0].1), ("extract/extract", 3));
        let moments =
            std::iter::successors(Some(seed), |x| Some(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1))).map(|x| (x >> 33) % 40);
        std::thread::scope(|scope| {
            scope.spawn(|| worker(&out, &rounds, std::iter::empty()));
            scope.spawn(|| worker(&out, &rounds, moments));
        });
        let output = quickstart(folder.path(), &[]);
        assert!(stderr(&output).contains("nothing to do"), "{}", stderr(&output));
        same_as_undisturbed(folder.path());
    }
}

#[test]
fn a_build_goes_on_where_workers_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let rounds = rounds(&plan(out, &["--start"]));
    finish(out, &rounds, "extract/");
    finish(out, &rounds, "select/links");
    assert!(task(out, "select/mark", 1).status.success());
    let now = plan(out, &[]);
    assert_eq!(step(&now, "extract").0, "cached");
    let why = &step(&now, "select").1[0];
    assert_eq!((&why["reason"], &why["done"], &why["tasks"]), (&"stopped".into(), &2.into(), &4.into()), "{why}");
    let mark = now["rounds"].as_array().unwrap().iter().find(|round| round["round"] == "select/mark").unwrap().clone();
    assert_eq!((&mark["finished"], &mark["tasks"][0]["done"], &mark["tasks"][1]["done"]), (&false.into(), &false.into(), &true.into()));
    quickstart(folder.path(), &[]);
    same_as_undisturbed(folder.path());
}

#[test]
fn a_task_waits_for_the_rounds_before_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let rounds = rounds(&plan(out, &["--start"]));
    let refused = |round: &str, wanted: &[&str]| {
        for output in [task(out, round, 0), run(&["merge", out, round])] {
            assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
            assert!(wanted.iter().all(|wanted| stderr(&output).contains(wanted)), "{}", stderr(&output));
        }
    };
    refused("filter/filter", &["step extract before it is not finished"]);
    finish(out, &rounds, "extract/");
    assert!(task(out, "select/links", 0).status.success());
    refused("select/mark", &["round select/links before it is not finished", &format!("gristmill merge {out} select/links")]);
    // Nothing of what was refused was written.
    assert!(!folder.path().join("decisions").exists());
}

#[test]
fn a_merge_names_the_tasks_that_are_missing() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    plan(out, &["--start"]);
    assert!(task(out, "extract/extract", 1).status.success());
    let output = run(&["merge", out, "extract/extract", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let listed: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(listed["missing"], serde_json::json!([{ "round": "extract/extract", "tasks": [0, 2] }]));
    let named = ["2 tasks of extract/extract missing", "0 (books/00000)", "2 (encyclopaedia/00000)", "task", "then merge again"];
    assert!(named.iter().all(|named| stderr(&output).contains(named)), "{}", stderr(&output));
    // A task that lost a file is missing too.
    for t in [0, 2] {
        assert!(task(out, "extract/extract", t).status.success());
    }
    fs::remove_file(folder.path().join("documents/books/00000.parquet")).unwrap();
    assert!(stderr(&run(&["merge", out, "extract/extract"])).contains("0 (books/00000)"));
    assert!(stderr(&task(out, "extract/extract", 1)).contains("done before"));
    assert!(task(out, "extract/extract", 0).status.success());
    let output = succeed(&["merge", out, "extract/extract", "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&stdout(&output)).unwrap()["missing"], serde_json::json!([]));
    assert!(stderr(&succeed(&["merge", out, "extract/extract"])).contains("finished"));
}

#[test]
fn what_there_is_not_is_a_fault_of_the_command() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out").to_str().unwrap().to_owned();
    let refused = |arguments: &[&str], wanted: &str| {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains(wanted), "{}", stderr(&output));
    };
    refused(&["task", &out, "extract/extract", "0"], "is not the folder of a build");
    assert!(!Path::new(&out).exists());
    plan(&out, &["--start"]);
    refused(&["task", &out, "extract/extrct", "0"], "did you mean extract/extract?");
    refused(&["merge", &out, "dedup/merge"], "dedup/sign, dedup/pairs, dedup/shingle, dedup/verify, dedup/apply");
    refused(&["task", &out, "extract/extract", "3"], "has 3 tasks, numbered from 0; there is no task 3");
    refused(&["task", &out, "extract/extract", "-1"], "unexpected argument");
}

#[test]
fn workers_share_a_folder_and_a_build_has_it_alone() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    plan(out, &["--start"]);
    let held = Folder::at(folder.path());
    let worker = held.share().unwrap();
    for arguments in [&["build", RECIPE, "--out", out][..], &["plan", RECIPE, "--out", out, "--start"]] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(4));
        assert!(stderr(&output).contains("in use by workers of an engine"), "{}", stderr(&output));
    }
    assert!(task(out, "extract/extract", 0).status.success());
    // To look takes no lock.
    plan(out, &[]);
    drop(worker);
    // A process that another test starts at this moment has a copy of the lock until it becomes the program.
    let lock = || held.lock(false).inspect_err(|_| std::thread::sleep(Duration::from_millis(20))).ok();
    let _build = (0..100).find_map(|_| lock()).expect("nobody has the folder any more");
    let output = task(out, "extract/extract", 1);
    assert_eq!(output.status.code(), Some(4));
    assert!(stderr(&output).contains(&format!("process {}", std::process::id())), "{}", stderr(&output));
}

#[test]
fn a_worker_that_sees_other_inputs_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (recipe, out) = two_notes(folder.path());
    let start = || succeed(&["plan", &recipe, "--out", &out, "--start"]);
    let refused = |wanted: &[&str]| {
        for output in [task(&out, "extract/extract", 0), run(&["merge", &out, "extract/extract"])] {
            assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
            assert!(wanted.iter().all(|wanted| stderr(&output).contains(wanted)), "{}", stderr(&output));
        }
    };
    start();
    assert!(task(&out, "extract/extract", 0).status.success());
    fs::write(folder.path().join("b.txt"), "Another note.").unwrap();
    refused(&["the input b.txt of source notes changed since", "plan RECIPE --out DIR --start"]);
    start();
    fs::write(folder.path().join("c.txt"), "A third note.").unwrap();
    refused(&["the input c.txt of source notes is new since"]);
    start();
    fs::remove_file(folder.path().join("c.txt")).unwrap();
    refused(&["the input c.txt of source notes is gone since"]);
    start();
    let resolved = Path::new(&out).join("recipe.toml");
    let text = fs::read_to_string(&resolved).unwrap();
    fs::write(&resolved, text.replace("[limits]", "[limits]\nfield-bytes = 1")).unwrap();
    assert_eq!(task(&out, "extract/extract", 0).status.code(), Some(1), "a recipe that is no recipe any more");
    fs::write(&resolved, text.replacen("bundle-bytes = 1\n", "bundle-bytes = 2\n", 1)).unwrap();
    refused(&["step extract is another one"]);
}

#[test]
fn a_plan_says_what_is_to_be_done_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let fresh = plan(out.to_str().unwrap(), &[]);
    assert!(!out.exists(), "a plan writes nothing");
    assert_eq!(to_run(&fresh).len(), 10);
    for step in fresh["steps"].as_array().unwrap() {
        assert_eq!(step["why"], serde_json::json!([{ "reason": "never-run" }]));
        let forecast = &step["forecast"];
        for figure in ["files", "bytes", "cpu_seconds", "memory_bytes"] {
            assert!(0.0 < forecast[figure].as_f64().unwrap(), "{}: {figure}", step["step"]);
        }
        assert_eq!((&forecast["measured"], forecast["guesses"].as_array().unwrap().is_empty()), (&false.into(), false));
    }
    assert_eq!(fresh["rounds"][0]["tasks"][1]["name"], "common-crawl/00000");
    assert_eq!(fresh["rounds"][0]["tasks"][1]["bytes"], fs::metadata(repository("fixtures/crawl.warc.gz")).unwrap().len());
    let curve: Vec<f64> = fresh["dedup"]["curve"].as_array().unwrap().iter().map(|point| point[1].as_f64().unwrap()).collect();
    assert!(curve.is_sorted() && (curve[3] - 0.924).abs() < 0.001 && curve[5] == 1.0, "{curve:?}");
    assert!(
        fresh["recipe"].as_str().unwrap().contains("[source.common-crawl.limits]")
            || fresh["recipe"].as_str().unwrap().contains("record-bytes")
    );

    copy_of_undisturbed(&out);
    let out = out.to_str().unwrap();
    let cached = plan(out, &[]);
    assert_eq!(to_run(&cached), Vec::<String>::new());
    assert!(
        cached["rounds"]
            .as_array()
            .unwrap()
            .iter()
            .all(|round| round["finished"] == true && round["tasks"].as_array().unwrap().iter().all(|task| task["done"] == true))
    );
    assert!(stdout(&succeed(&["plan", RECIPE, "--out", out])).contains("nothing to do"));
    assert_eq!(stdout(&succeed(&["plan", RECIPE, "--out", out, "--rounds"])), "");

    let changed = plan(out, &["--set", "dedup.threshold=0.7"]);
    assert_eq!(to_run(&changed), ["dedup", "train-quality", "score", "decontaminate", "tokens", "blend", "shard"]);
    assert_eq!(step(&changed, "dedup").1, [serde_json::json!({ "reason": "options-changed" })]);
    assert_eq!(step(&changed, "train-quality").1, [serde_json::json!({ "reason": "reads-step", "step": "dedup", "runs": true })]);
    assert!(changed["warnings"][0].as_str().unwrap().contains("0.565"), "{}", changed["warnings"]);
    let dedup = changed["steps"].as_array().unwrap().iter().find(|step| step["step"] == "dedup").unwrap();
    let held = json(&Path::new(out).join("ledger/dedup.json"))["entry"].clone();
    assert_eq!((&dedup["forecast"]["measured"], &dedup["forecast"]["files"]), (&true.into(), &5.into()));
    let bytes: u64 = held["outcome"]["files"].as_array().unwrap().iter().map(|file| file["bytes"].as_u64().unwrap()).sum();
    assert_eq!(dedup["forecast"]["bytes"], bytes);
    let text = stdout(&succeed(&["plan", RECIPE, "--out", out, "--set", "dedup.threshold=0.7"]));
    assert!(text.contains("reads dedup, train-quality, which run again") && text.contains("0.924 at 0.8"), "{text}");

    // A change that no step but the last reads.
    let shards = plan(out, &["--set", "output.shard-bytes=100000"]);
    assert_eq!(to_run(&shards), ["shard"]);
    let listed = stdout(&succeed(&["plan", RECIPE, "--out", out, "--rounds", "--set", "output.shard-bytes=100000"]));
    assert_eq!(listed, "shard/measure\t3\nshard/scatter\t3\nshard/gather\t1\n");
    let list = folder.path().join("takedown.txt");
    fs::write(&list, "nobody.example\n").unwrap();
    let removing = plan(out, &["--set", &format!("remove={}", list.display())]);
    assert_eq!(step(&removing, "extract").1, [serde_json::json!({ "reason": "list-changed" })]);
}

#[test]
fn a_plan_names_the_file_that_is_not_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    copy_of_undisturbed(folder.path());
    let out = folder.path().to_str().unwrap();
    let decisions = folder.path().join("decisions/dedup/common-crawl/00000.parquet");
    let bytes = fs::read(&decisions).unwrap();
    fs::remove_file(&decisions).unwrap();
    let name = "decisions/dedup/common-crawl/00000.parquet";
    let missing = plan(out, &[]);
    // The same bytes come out of it, so nothing that reads it runs.
    assert_eq!(to_run(&missing), ["dedup"]);
    assert_eq!(step(&missing, "dedup").1, [serde_json::json!({ "reason": "file-missing", "file": name })]);
    let mut altered = bytes.clone();
    altered[100] ^= 1;
    fs::write(&decisions, altered).unwrap();
    assert_eq!(step(&plan(out, &[]), "dedup").1, [serde_json::json!({ "reason": "file-altered", "file": name })]);
    // Written again as it was.
    fs::write(&decisions, bytes).unwrap();
    assert_eq!(to_run(&plan(out, &[])), Vec::<String>::new());
    fs::write(folder.path().join("ledger/tokens.json"), "{}").unwrap();
    assert_eq!(step(&plan(out, &[]), "tokens").1, [serde_json::json!({ "reason": "entry-damaged" })]);
}

#[test]
fn a_plan_names_the_input_that_changed_and_looks_at_a_build_that_was_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let (recipe, out) = two_notes(folder.path());
    let plan = || -> Value { serde_json::from_str(&stdout(&succeed(&["plan", &recipe, "--out", &out, "--json"]))).unwrap() };
    // The second task of extract cannot put its file in place, so the build stops after the first.
    succeed(&["plan", &recipe, "--out", &out, "--start"]);
    let in_the_way = Path::new(&out).join("documents/notes/00001.parquet");
    fs::create_dir_all(in_the_way.join("full")).unwrap();
    assert_eq!(run(&["build", &recipe, "--out", &out, "--threads", "1"]).status.code(), Some(1));
    fs::remove_dir_all(&in_the_way).unwrap();
    let stopped = plan();
    assert_eq!(step(&stopped, "extract").1, [serde_json::json!({ "reason": "stopped", "done": 1, "tasks": 2 })]);
    let text = stdout(&succeed(&["plan", &recipe, "--out", &out]));
    assert!(text.contains("part of it was stopped: 1 of 2 tasks are done"), "{text}");
    succeed(&["build", &recipe, "--out", &out]);

    // What the first run cost is not known, so it is not in the rate.
    let costs = json(&Path::new(&out).join("report.json"))["costs"].clone();
    let extract = costs.as_array().unwrap().iter().find(|cost| cost["step"] == "extract").unwrap();
    let read = |name: &str| fs::metadata(folder.path().join(name)).unwrap().len();
    assert_eq!((&extract["bytes"], &extract["costed_bytes"]), (&(read("a.txt") + read("b.txt")).into(), &read("b.txt").into()));
    assert!(fs::read_to_string(Path::new(&out).join("report.html")).unwrap().contains("cost of its last run"));

    assert_eq!(to_run(&plan()), Vec::<String>::new());
    let touched = fs::File::options().append(true).open(folder.path().join("a.txt")).unwrap();
    touched.set_modified(std::time::SystemTime::now() + Duration::from_secs(2)).unwrap();
    let now = plan();
    assert_eq!(to_run(&now), ["extract", "filter", "shard"]);
    let wanted = serde_json::json!({ "reason": "inputs-changed", "inputs": ["the input a.txt of source notes changed"] });
    assert!(now["warnings"][0].as_str().unwrap().contains("--force"), "a build would refuse this: {}", now["warnings"]);
    // Each bundle stands for itself.
    let done: Vec<&Value> = now["rounds"][0]["tasks"].as_array().unwrap().iter().map(|task| &task["done"]).collect();
    assert_eq!(done, [&Value::from(false), &Value::from(true)]);
    assert_eq!(step(&now, "extract").1, [wanted]);
}

#[test]
fn the_resolved_recipe_is_a_recipe() {
    let folder = tempfile::tempdir().unwrap();
    let resolved = stdout(&succeed(&["plan", RECIPE, "--resolved", "--set", "dedup.threshold=0.75"]));
    assert!(resolved.contains("threshold = 0.75"), "{resolved}");
    let path = folder.path().join("resolved.toml");
    fs::write(&path, resolved.replace("../fixtures", repository("fixtures").to_str().unwrap())).unwrap();
    let again = stdout(&succeed(&["plan", path.to_str().unwrap(), "--resolved"]));
    assert_eq!(again, fs::read_to_string(&path).unwrap());
}
