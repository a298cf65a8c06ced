//! `gristmill filters` lists what there is: every rule that the code can give, and none that it cannot.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use gristmill::pipeline::catalogue;
use serde_json::Value;

use crate::common::{files, json, repository, run, stdout, succeed, undisturbed};

/// The program text of a room without its tests, its lists of rules, and remarks.
fn code(place: &str) -> String {
    let root = repository("src");
    let path = root.join(place);
    let names =
        if path.is_dir() { files(&path).into_iter().map(|name| format!("{place}/{name}")).collect() } else { vec![place.to_owned()] };
    let is_code =
        |name: &String| name.ends_with(".rs") && !name.contains("tests") && !name.contains("links") && !name.ends_with("rules.rs");
    let texts = names.iter().filter(|name| is_code(name)).map(|name| fs::read_to_string(Path::new(&root).join(name)).unwrap());
    let lines: Vec<String> = texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    lines.into_iter().filter(|line| !line.contains("Rule::new(") && !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Where each part's rules are given, and what stands before the name of one there.
const PLACES: [(&str, &[&str], &[&str]); 14] = [
    (
        "read",
        &["read", "codec/lines.rs", "codec/mod.rs"],
        &[
            "rule: \"",
            "Reason::bare(FILTER, \"",
            "Refused::of(\"",
            ".lost(\"",
            "unsized_record(\"",
            "texts.reject(\"",
            ".nothing(\"",
            "Broken(\"",
            "{ \"page-too-large\" } else { \"",
            "fits { \"",
            "ZSTD_WINDOW: &str = \"",
            "XZ_DICTIONARY: &str = \"",
            "rejected(id, place, \"",
            "Ok(Err(\"",
            "refused(\"",
            "Stop::Refused(\"",
            "refuse(&member, \"",
            "refuse(member, \"",
            "=> Some(\"",
            "unwrap_or(\"",
        ],
    ),
    ("remove", &["pipeline/steps/extract/sink.rs"], &[".drop(\"remove\", \""]),
    ("opt-out", &["policy/opt_out.rs", "text/robots.rs"], &["Reason::bare(\"opt-out\", \""]),
    ("blocked-urls", &["policy/blocked_urls.rs"], &["Some(found(\""]),
    ("blocked-words", &["policy/blocked_words.rs"], &["=> (\""]),
    ("extract", &["extract"], &["rule: \"", "Reason::bare(FILTER, \""]),
    ("language", &["language"], &["keep.contains(&language.code) => \"", "min_probability => \""]),
    ("gopher-quality", &["heuristics/gopher_quality.rs"], &["least(true, \"", "most(true, \"", "(has_word_rules, \"", "is_english, \""]),
    ("urls", &["pipeline/steps/urls.rs"], &["Reason::bare(FILTER, \""]),
    ("dedup", &["pipeline/steps/dedup"], &["Verdict::Exact => (\"", "Verdict::Near => (\"", "Verdict::Contained => (\""]),
    ("paragraphs", &["pipeline/steps/paragraphs"], &["rule: \""]),
    ("score", &["pipeline/steps/score.rs"], &["rule: \""]),
    ("decontaminate", &["decontaminate"], &["rule: \""]),
    ("blend", &["pipeline/steps/blend.rs"], &["let rule = if epochs == 0.0 { \"", "} else { \""]),
];

#[test]
fn the_list_of_rules_is_what_the_code_gives() {
    for (part, places, marks) in PLACES {
        let listed: BTreeSet<&str> =
            catalogue::parts().iter().find(|found| found.name == part).unwrap().rules.iter().map(|rule| rule.name).collect();
        let text: String = places.iter().map(|place| code(place)).collect();
        let given: BTreeSet<&str> =
            marks.iter().flat_map(|mark| text.split(mark).skip(1)).map(|rest| rest.split('"').next().unwrap()).collect();
        assert!(given.is_subset(&listed), "{part}: not listed are {:?}", given.difference(&listed));
        let written = |rule: &&&str| text.contains(&format!("\"{rule}\""));
        let idle: Vec<_> = listed.iter().filter(|rule| !written(rule)).collect();
        assert!(idle.is_empty(), "{part}: {idle:?} are listed and never given");
    }
    let with_rules = catalogue::parts().iter().filter(|part| !part.rules.is_empty()).count();
    assert_eq!(with_rules, PLACES.len(), "a part with rules is not looked at");
}

#[test]
fn what_a_build_counts_is_listed() {
    let report = json(&undisturbed().join("report.json"));
    let steps = report["funnel"].as_array().unwrap().iter().flat_map(|source| source["steps"].as_array().unwrap());
    let mut n = 0;
    for dropped in steps.flat_map(|step| step["dropped"].as_array().unwrap()) {
        let (filter, rule) = (dropped["filter"].as_str().unwrap(), dropped["rule"].as_str().unwrap());
        assert!(catalogue::rule(filter, rule).is_some(), "{filter}/{rule}");
        n += 1;
    }
    assert!(8 < n);
}

#[test]
fn options_are_those_of_a_resolved_recipe() {
    let recipe: toml::Table = fs::read_to_string(undisturbed().join("recipe.toml")).unwrap().parse().unwrap();
    let parts = catalogue::parts();
    for (part, table) in [
        ("read", "limits"),
        ("extract", "extract"),
        ("dedup", "dedup"),
        ("decontaminate", "decontaminate"),
        ("blend", "blend"),
        ("shard", "output"),
    ] {
        let options = &parts.iter().find(|found| found.name == part).unwrap().options;
        for key in recipe[table].as_table().unwrap().keys() {
            assert!(options.iter().any(|option| option.name == *key), "{part} lacks {key}");
        }
    }
}

#[test]
fn the_page_of_options_is_what_the_program_says() {
    let page = fs::read_to_string(repository("docs/options.md")).unwrap();
    let said = stdout(&succeed(&["filters", "--markdown"]));
    assert!(page == said, "docs/options.md is out of date: `gristmill filters --markdown > docs/options.md`");
}

#[test]
fn filters_prints_every_part_for_people_and_scripts() {
    let words = stdout(&succeed(&["filters"]));
    let list: Value = serde_json::from_slice(&succeed(&["filters", "--json"]).stdout).unwrap();
    for part in list.as_array().unwrap() {
        let name = part["name"].as_str().unwrap();
        assert!(words.contains(&format!("{name}  (")), "{name}");
        for rule in part["rules"].as_array().unwrap() {
            assert!(words.contains(&format!("drops {name}/{}", rule["name"].as_str().unwrap())));
        }
        let one = stdout(&succeed(&["filters", name]));
        assert!(words.contains(one.trim_end()), "{one}");
    }
    for expected in ["min-words = 50  ", "keep = (required)  ", "threshold = 0.8  ", "minhash = { bands = 14, rows = 8 }"] {
        assert!(words.contains(expected), "{expected}: {words}");
    }
    assert_eq!(run(&["filters", "no-such-filter"]).status.code(), Some(2));
}
