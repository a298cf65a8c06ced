//! House rules: imports point down and rooms have no doors, files stay short, only the command line prints, every filter has its cases, every crate a licence that may enter.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::repository;

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push(path);
        }
    }
    out.sort();
    out
}

/// The table "Who may import whom" of ARCHITECTURE.md: module, then what it may import of ours.
fn rules() -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(repository("ARCHITECTURE.md")).unwrap();
    let section = text.split("Who may import whom").nth(1).unwrap().split("\n## ").next().unwrap().to_owned();
    let mut rules = BTreeMap::new();
    for line in section.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
        let names = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<String>>();
        for module in names(cells[0]) {
            rules.insert(module, names(cells[1]));
        }
    }
    rules
}

#[test]
fn imports_point_down_and_rooms_have_no_doors() {
    let rules = rules();
    let root = repository("src");
    for path in sources(&root) {
        let relative = path.strip_prefix(&root).unwrap().to_str().unwrap().replace(".rs", "");
        let module = relative.split('/').next().unwrap().to_owned();
        // Tests may stand on anything.
        let is_test = relative.ends_with("tests") || relative.contains("/tests/") || relative == "text/cases";
        if is_test || ["lib", "main"].contains(&module.as_str()) {
            continue;
        }
        let allowed = rules.get(&module).unwrap_or_else(|| panic!("ARCHITECTURE.md has no row for src/{module}"));
        for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            let code = line.split("//").next().unwrap();
            for part in code.split("crate::").skip(1) {
                let name: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let fits = name == module || name == "Result" || ["table", "described"].contains(&name.as_str()) || allowed.contains(&name);
                assert!(fits || name.is_empty(), "src/{relative}.rs:{} imports {name}, which {module} may not", number + 1);
            }
            // As many steps up as the file lies deep lead out of its room, past this test.
            let up = "super::".repeat(relative.trim_end_matches("/mod").split('/').count());
            assert!(!code.contains(&up), "src/{relative}.rs:{} leaves its room by super::, write crate::", number + 1);
        }
    }
}

#[test]
fn the_table_itself_lets_no_room_into_another() {
    let rules = rules();
    let floors = ["document", "error", "codec", "linear", "remote", "store", "text", "pipeline", "cli"];
    let rooms: Vec<&String> = rules.keys().filter(|name| !floors.contains(&name.as_str())).collect();
    assert!(10 <= rooms.len(), "{rooms:?}");
    for (module, may) in rules.iter().filter(|(module, _)| *module != "cli") {
        assert!(!may.contains("cli") && !may.contains("pipeline"), "{module}");
        assert!(module == "pipeline" || rooms.iter().all(|room| !may.contains(*room)), "{module} may import a room");
    }
}

#[test]
fn files_stay_short_and_only_the_command_line_prints() {
    let root = repository("src");
    for path in sources(&root) {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        assert!(text.lines().count() <= 400, "src/{name} has {} lines: it holds two ideas", text.lines().count());
        assert!(text.starts_with("//!") || name == "main.rs" || name.contains("tests"), "src/{name} does not say what it is for");
        let prints = ["println!", "eprintln!", "print!", "eprint!", "dbg!", "todo!", "unimplemented!"];
        for macro_name in prints.iter().filter(|_| !name.starts_with("cli/") && !name.contains("tests")) {
            assert!(!text.contains(macro_name), "src/{name} uses {macro_name}");
        }
    }
}

#[test]
fn every_filter_has_its_cases() {
    for name in gristmill::pipeline::registry::NAMES {
        assert!(repository(&format!("tests/cases/{name}.md")).exists(), "tests/cases/{name}.md is missing");
    }
}

#[test]
fn no_file_names_a_machine() {
    let listed = Command::new("git").args(["ls-files"]).current_dir(repository("")).output();
    let Ok(listed) = listed else { return println!("git is not here: not checked") };
    for file in String::from_utf8(listed.stdout).unwrap().lines().filter(|file| *file != "Cargo.lock") {
        let Ok(text) = fs::read_to_string(repository(file)) else { continue };
        for path in [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")] {
            assert!(!text.contains(path), "{file} names {path}");
        }
    }
}

#[test]
fn every_crate_has_a_licence_that_may_enter() {
    let deny: toml::Table = fs::read_to_string(repository("deny.toml")).unwrap().parse().unwrap();
    let allowed: BTreeSet<&str> = deny["licenses"]["allow"].as_array().unwrap().iter().map(|licence| licence.as_str().unwrap()).collect();
    // Crates of other platforms may not be here, and tests do not use the network.
    let arguments = ["metadata", "--format-version", "1", "--locked", "--offline"];
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(repository("")).output();
    let Some(output) = output.ok().filter(|output| output.status.success()) else {
        return println!("cargo metadata cannot list all crates without the network: not checked");
    };
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(100 < packages.len());
    for package in packages {
        let licence = package["license"].as_str().unwrap_or_default();
        let fits = may_enter(licence, &allowed);
        assert!(fits, "{} {} is under {licence:?}", package["name"], package["version"]);
    }
}

/// An SPDX expression fits when one side of an OR does, or both of an AND; an older slash is an OR. AND binds closer, and brackets do not nest.
fn may_enter(licence: &str, allowed: &BTreeSet<&str>) -> bool {
    let licence = licence.replace('/', " OR ");
    if let Some((before, rest)) = licence.split_once('(') {
        let (inside, after) = rest.split_once(')').expect("brackets of a licence close");
        let inside = if may_enter(inside, allowed) { "MIT" } else { "none" };
        return may_enter(&format!("{before}{inside}{after}"), allowed);
    }
    licence.split(" OR ").any(|choice| choice.split(" AND ").all(|part| allowed.contains(part.trim())))
}

#[test]
fn licence_expressions_are_understood() {
    let allowed = BTreeSet::from(["MIT", "Zlib", "Apache-2.0 WITH LLVM-exception"]);
    for good in
        ["MIT", "MIT/GPL-3.0", "GPL-3.0 OR Zlib", "(GPL-3.0 OR MIT) AND Zlib", "MIT AND Zlib", "Apache-2.0 WITH LLVM-exception OR X"]
    {
        assert!(may_enter(good, &allowed), "{good}");
    }
    for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR Zlib) AND GPL-3.0", "GPL-3.0 OR LGPL-3.0", "Apache-2.0"] {
        assert!(!may_enter(bad, &allowed), "{bad}");
    }
}

#[test]
fn the_page_of_columns_is_true() {
    use gristmill::pipeline::steps::decontaminate::{CutRow, PieceRow};
    use gristmill::pipeline::steps::extract::RemovedRow;
    use gristmill::pipeline::steps::mask::MaskRow;
    use gristmill::pipeline::steps::paragraphs::ParagraphRow;
    use gristmill::pipeline::steps::shard::shares::ShareRow;
    use gristmill::pipeline::steps::{DecisionRow, DocumentRow, RejectedRow};
    use gristmill::read::links::LinkRow;
    use gristmill::shard::ShardRow;
    use gristmill::store::table::{ColumnSpec, Row};
    let page = fs::read_to_string(repository("docs/build-folder.md")).unwrap();
    let tables: [(&str, Vec<ColumnSpec>); 11] = [
        ("`documents/", DocumentRow::columns()),
        ("`rejected/", RejectedRow::columns()),
        ("`removed/", RemovedRow::columns()),
        ("`decisions/", DecisionRow::columns()),
        ("`paragraphs/", ParagraphRow::columns()),
        ("`mask/", MaskRow::columns()),
        ("`decontaminate/pieces/", PieceRow::columns()),
        ("`decontaminate/cuts/", CutRow::columns()),
        ("`shards/", ShardRow::columns()),
        ("`order/shares/", ShareRow::columns()),
        ("A link table", LinkRow::columns()),
    ];
    for (path, columns) in tables {
        let section = page.split(&format!("## {path}")).nth(1).unwrap_or_else(|| panic!("docs/build-folder.md has no {path}"));
        let section = section.split("\n## ").next().unwrap();
        let named: Vec<&str> = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
        assert_eq!(named, columns.iter().map(|column| column.name).collect::<Vec<_>>(), "{path}");
        for column in columns {
            assert!(section.contains(column.doc.trim()), "{path}: {}", column.name);
        }
    }
}
