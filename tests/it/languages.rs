//! Which language texts are in: on the command line, in a build, and in its report.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::common::{shard_lines, succeed};

const ENGLISH: &str = "The river was low that summer, and the ferry could not cross before noon.";
const GERMAN: &str = "Der Fluss f\u{fc}hrte in jenem Sommer wenig Wasser, und die F\u{e4}hre konnte nicht \u{fc}bersetzen.";
const CROATIAN: &str = "Rijeka je toga ljeta bila plitka i skela nije mogla prije\u{107}i prije podneva.";

fn lines(arguments: &[&str]) -> Vec<Value> {
    let said = succeed(arguments);
    String::from_utf8(said.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_language_of_a_text_and_of_its_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    let more = format!("{ENGLISH}\n").repeat(3);
    fs::write(&path, format!("{ENGLISH}\n\n{more}{GERMAN}\n")).unwrap();
    let path = path.to_str().unwrap();
    let whole = &lines(&["language", path])[0];
    assert_eq!((&whole["language"], &whole["group"], &whole["shares"][1]["language"]), (&json!("en"), &Value::Null, &json!("de")));
    let share = whole["shares"][0]["share"].as_f64().unwrap();
    assert!(0.5 < share && share < 0.8 && whole["second"]["language"].is_string(), "{whole}");

    fs::write(path, format!("{ENGLISH}\n\n{CROATIAN}\n12345\n")).unwrap();
    let each = lines(&["language", "--lines", path]);
    let told: Vec<_> = each.iter().map(|line| (line["id"].as_str().unwrap(), line["group"].as_str())).collect();
    assert_eq!(told, [("a.txt:1", None), ("a.txt:3", Some("hbs")), ("a.txt:4", None)]);
    assert!(each[1]["probability"].as_f64() < each[1]["group_probability"].as_f64(), "{}", each[1]);
    assert_eq!((&each[2]["language"], &each[2]["probability"]), (&json!("und"), &json!(0.0)));
}

/// Builds what is in `lines.jsonl` by a filter; the texts that are kept.
fn kept(folder: &Path, filter: &str) -> Vec<String> {
    let texts = [ENGLISH.to_owned(), format!("{ENGLISH}\n{GERMAN}"), CROATIAN.to_owned()];
    let line = |(id, text): (usize, &String)| json!({ "id": id.to_string(), "text": text }).to_string() + "\n";
    fs::write(folder.join("lines.jsonl"), texts.iter().enumerate().map(line).collect::<String>()).unwrap();
    let recipe = folder.join("recipe.toml");
    fs::write(&recipe, format!("[source.lines]\nread = {{ jsonl = [\"lines.jsonl\"] }}\nfilter = [{{ language = {filter} }}]\n[output]\n"))
        .unwrap();
    let out = folder.join("out");
    let _ = fs::remove_dir_all(&out);
    succeed(&["build", recipe.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    succeed(&["verify", out.to_str().unwrap()]);
    let mut ids: Vec<String> = shard_lines(&out).iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

#[test]
fn a_recipe_asks_for_a_share_and_for_a_group() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(kept(folder.path(), "{ keep = [\"en\", \"de\"], min-probability = 0.4 }"), ["0", "1"]);
    assert_eq!(kept(folder.path(), "{ keep = [\"en\", \"de\"], min-probability = 0.4, min-share = 0.9 }"), ["0", "1"]);
    assert_eq!(kept(folder.path(), "{ keep = [\"en\"], min-probability = 0, min-share = 0.9 }"), ["0"]);
    assert_eq!(kept(folder.path(), "{ keep = [\"sh\"], min-probability = 0.98 }"), ["2"]);

    // The report counts each language by tenths of its probability.
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("out/report.json")).unwrap()).unwrap();
    let share = &report["languages"][0];
    let sum = |row: &Value| row.as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).sum::<u64>();
    let counts: Vec<u64> = share["languages"].as_array().unwrap().iter().map(|pair| pair[1].as_u64().unwrap()).collect();
    let tenths: Vec<u64> = share["tenths"].as_array().unwrap().iter().map(sum).collect();
    assert_eq!((&counts, counts.iter().sum::<u64>()), (&tenths, 3));
    assert!(fs::read_to_string(folder.path().join("out/report.html")).unwrap().contains("By probability: lines"));
}
