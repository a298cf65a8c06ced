//! What the themes share: running the program, and reading what it left.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// A file of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The program, started in the repository.
pub fn gristmill(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gristmill"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// Runs the program to its end.
pub fn run(arguments: &[&str]) -> Output {
    gristmill(arguments).output().unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs the program, which must succeed.
pub fn succeed(arguments: &[&str]) -> Output {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    output
}

/// The most that a process held until it ended, as the system counts it; 0 where the system does not tell.
pub fn most_memory(id: u32) -> u64 {
    let mut most = 0;
    while let Ok(status) = fs::read_to_string(format!("/proc/{id}/status")) {
        let held = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        // One that has ended holds nothing.
        let Some(held) = held else { break };
        most = most.max(held << 10);
        thread::sleep(Duration::from_millis(5));
    }
    most
}

/// Builds the quickstart recipe into a folder.
pub fn quickstart(out: &Path, more: &[&str]) -> Output {
    let out = out.to_str().unwrap();
    succeed(&[&["build", "pipelines/quickstart.toml", "--out", out], more].concat())
}

/// Builds a recipe as an engine does, a process a task.
pub fn build_by_tasks(recipe: &str, out: &Path) {
    let mut command = Command::new("bash");
    command.arg(repository("examples/xargs.sh")).args([recipe, out.to_str().unwrap(), "2"]).current_dir(repository(""));
    let output = command.env("GRISTMILL", env!("CARGO_BIN_EXE_gristmill")).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
}

/// One build of the quickstart that all themes read and none writes.
pub fn undisturbed() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("quickstart");
        // Of an earlier run of these tests; when there is none, there is nothing to remove.
        let _ = fs::remove_dir_all(&out);
        quickstart(&out, &[]);
        out
    })
}

/// A copy of that build, to go on from a finished one.
pub fn copy_of_undisturbed(out: &Path) {
    for name in files(undisturbed()) {
        let to = out.join(&name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(undisturbed().join(&name), to).unwrap();
    }
}

pub fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))).unwrap()
}

/// Path and hash of every file of a manifest.
pub fn manifest(out: &Path) -> BTreeMap<String, String> {
    let manifest = json(&out.join("manifest.json"));
    let files = manifest["files"].as_array().unwrap().iter();
    files.map(|file| (file["path"].as_str().unwrap().to_owned(), file["hash"].as_str().unwrap().to_owned())).collect()
}

/// Every file below a folder, relative to it.
pub fn files(folder: &Path) -> Vec<String> {
    fn walk(root: &Path, folder: &Path, out: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, out);
            } else {
                out.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let mut out = Vec::new();
    walk(folder, folder, &mut out);
    out.sort();
    out
}

/// The lines of all JSON shards, in order.
pub fn shard_lines(out: &Path) -> Vec<Value> {
    let shards = files(&out.join("shards"));
    let read = |name: &String| zstd::decode_all(fs::File::open(out.join("shards").join(name)).unwrap()).unwrap();
    let texts: Vec<String> = shards.iter().map(|name| String::from_utf8(read(name)).unwrap()).collect();
    texts.iter().flat_map(|text| text.lines()).map(|line| serde_json::from_str(line).unwrap()).collect()
}
