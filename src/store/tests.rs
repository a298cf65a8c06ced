use std::io::Write;

use super::spill::{SpillWriter, read_records};
use super::table::{TableReader, TableWriter};
use super::*;
use crate::document::Key;

crate::table! {
    /// A table with every kind of cell.
    pub struct Everything {
        /// The key.
        key: Key,
        /// Text.
        name: String,
        /// Text that may be missing.
        note: Option<String>,
        /// A count.
        count: u64,
        /// A measure that may be missing.
        score: Option<f64>,
        /// A flag.
        kept: bool,
    }
}

crate::table! {
    /// Two of its columns.
    pub struct Projection {
        /// A measure.
        score: Option<f64>,
        /// Text.
        name: String,
    }
}

fn row(n: u64) -> Everything {
    Everything {
        key: Key(u128::from(n) << 70),
        name: format!("näme {n}"),
        note: n.is_multiple_of(3).then(|| "x".repeat(n as usize % 7)),
        count: u64::MAX - n,
        score: (!n.is_multiple_of(2)).then_some(n as f64 / 3.0),
        kept: n.is_multiple_of(5),
    }
}

fn folder() -> (tempfile::TempDir, Folder) {
    let temporary = tempfile::tempdir().unwrap();
    let folder = Folder::open(temporary.path().join("out")).unwrap();
    (temporary, folder)
}

#[test]
fn a_table_comes_back_as_it_went_over_several_row_groups() {
    let (_temporary, folder) = folder();
    let mut writer = TableWriter::<Everything>::create(&folder, "a/b.parquet").unwrap();
    for n in 0..5_000 {
        writer.push_sized(row(n), 10_000).unwrap();
    }
    let written = writer.finish().unwrap();
    assert_eq!((written.rows, written.path.as_str()), (5_000, "a/b.parquet"));
    let rows: Vec<Everything> = TableReader::open(&folder.path("a/b.parquet")).unwrap().map(Result::unwrap).collect();
    assert!(rows.into_iter().eq((0..5_000).map(row)));
    let projected: Vec<Projection> = TableReader::open(&folder.path("a/b.parquet")).unwrap().map(Result::unwrap).collect();
    assert!(projected.iter().enumerate().all(|(n, p)| p.name == row(n as u64).name && p.score == row(n as u64).score));
}

#[test]
fn picked_rows_are_those_of_a_whole_reading() {
    let (_temporary, folder) = folder();
    let mut writer = TableWriter::<Everything>::create(&folder, "a.parquet").unwrap();
    for n in 0..9_000 {
        // Three row groups, the last a small one.
        writer.push_sized(row(n), 4_000).unwrap();
    }
    writer.finish().unwrap();
    let picked = |rows: Vec<u64>| -> Vec<Everything> {
        TableReader::open(&folder.path("a.parquet")).unwrap().pick(rows).map(Result::unwrap).collect()
    };
    for rows in [
        vec![],
        vec![0],
        vec![8_999],
        vec![3, 4, 5, 4_193, 4_194, 4_195, 4_196, 8_388],
        (0..9_000).collect(),
        (17..9_000).step_by(2).collect(),
        (0..9_000).filter(|n| n % 1000 < 3 || 8_700 < *n).collect(),
    ] {
        assert!(picked(rows.clone()).into_iter().eq(rows.into_iter().map(row)));
    }
    assert_eq!(picked(vec![8_999, 9_000, 9_001]).len(), 1, "rows that are not there are not given");
}

#[test]
fn an_empty_table_is_a_table() {
    let (_temporary, folder) = folder();
    TableWriter::<Everything>::create(&folder, "empty.parquet").unwrap().finish().unwrap();
    assert_eq!(TableReader::<Everything>::open(&folder.path("empty.parquet")).unwrap().count(), 0);
}

#[test]
fn a_damaged_table_is_an_error_that_names_the_file() {
    let (_temporary, folder) = folder();
    let mut writer = TableWriter::<Everything>::create(&folder, "t.parquet").unwrap();
    for n in 0..200 {
        writer.push(row(n)).unwrap();
    }
    writer.finish().unwrap();
    let path = folder.path("t.parquet");
    let whole = std::fs::read(&path).unwrap();
    for at in (4..whole.len()).step_by(37) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        std::fs::write(&path, &bytes).unwrap();
        // Whatever byte is hit: an error or rows, never a panic.
        if let Ok(rows) = TableReader::<Everything>::open(&path) {
            rows.take_while(Result::is_ok).for_each(drop);
        }
    }
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let error = TableReader::<Everything>::open(&path).err().unwrap().to_string();
    assert!(error.contains("t.parquet"), "{error}");
}

#[test]
fn a_file_appears_only_when_it_is_whole() {
    let (_temporary, folder) = folder();
    let mut file = folder.create("x.bin").unwrap();
    file.write_all(b"half").unwrap();
    assert!(!folder.path("x.bin").exists());
    drop(file);
    assert_eq!(std::fs::read_dir(folder.root()).unwrap().count(), 0);
    let written = folder.write("x.bin", b"whole").unwrap();
    assert!(folder.holds(&written));
    // Another file of the same bytes is as good; one changed byte is seen at once.
    std::fs::write(folder.path("y.bin"), b"whole").unwrap();
    std::fs::rename(folder.path("y.bin"), folder.path("x.bin")).unwrap();
    assert!(folder.holds(&written));
    for changed in [&b"whale"[..], b"cut"] {
        std::fs::write(folder.path("x.bin"), changed).unwrap();
        assert!(!folder.holds(&written));
    }
}

#[test]
fn what_a_killed_writer_left_is_swept() {
    let (_temporary, folder) = folder();
    let strangers = ["sub/deep/kept.bin", "sub/.mine.tmp", "sub/.x-1.tmp", "elsewhere/.x.parquet.77-3.tmp"];
    let ours = ["sub/deep/.x.parquet.77-3.tmp", "sub/.x.1-2.tmp", ".report.json.77-0.tmp"];
    for name in strangers.iter().chain(&ours) {
        std::fs::create_dir_all(folder.path(name).parent().unwrap()).unwrap();
        std::fs::write(folder.path(name), b"half").unwrap();
    }
    folder.sweep(&["sub", "not-there"]).unwrap();
    assert!(strangers.iter().all(|name| folder.path(name).exists()));
    assert!(ours.iter().all(|name| !folder.path(name).exists()));
}

#[test]
fn a_folder_with_files_of_others_is_not_taken() {
    let (_temporary, folder) = folder();
    std::fs::write(folder.path("recipe.toml"), "# not of a build").unwrap();
    assert_eq!(folder.lock(false).unwrap_err().exit_code(), 5);
    drop(folder.lock(true).unwrap());
    folder.lock(false).unwrap();
}

#[test]
fn a_second_lock_is_refused_with_exit_code_4_and_a_dropped_one_is_free() {
    let (_temporary, folder) = folder();
    let lock = folder.lock(false).unwrap();
    let error = folder.lock(false).unwrap_err();
    assert_eq!(error.exit_code(), 4);
    assert!(error.to_string().contains(&std::process::id().to_string()), "{error}");
    drop(lock);
    folder.lock(false).unwrap();
}

#[test]
fn partitions_come_back_apart_and_in_order() {
    let (_temporary, folder) = folder();
    let record = |n: u32| n.to_le_bytes()[..(n % 4) as usize + 1].to_vec();
    // In one segment, and in many.
    for segment_bytes in [1 << 20, 50, 1] {
        let mut writer = SpillWriter::with_segments(&folder, "work/a", 3, segment_bytes).unwrap();
        for n in 0..100 {
            writer.push((n % 2) as usize, &record(n)).unwrap();
        }
        assert_eq!(writer.finish().unwrap().rows, 100);
        for partition in 0..2 {
            let expected: Vec<Vec<u8>> = (0..100).filter(|n| n % 2 == partition).map(record).collect();
            let records = read_records(&folder, "work/a", partition as usize).unwrap();
            assert_eq!(records.iter().collect::<Vec<_>>(), expected);
        }
        assert_eq!(read_records(&folder, "work/a", 2).unwrap().iter().count(), 0);
        assert!(read_records(&folder, "work/a", 3).is_err());
    }
}

#[test]
fn a_temporary_name_of_another_process_is_passed_over() {
    let root = tempfile::tempdir().unwrap();
    let folder = Folder::open(root.path()).unwrap();
    // This process's number on another machine, which is about to write the same file.
    let names: Vec<PathBuf> = (0..5000).map(|serial| root.path().join(format!(".x.{}-{serial}.tmp", std::process::id()))).collect();
    for name in &names {
        fs::write(name, "theirs").unwrap();
    }
    folder.write("x", b"ours").unwrap();
    assert_eq!(fs::read(root.path().join("x")).unwrap(), b"ours");
    assert!(names.iter().all(|name| fs::read(name).unwrap() == b"theirs"));
}

#[test]
fn a_shared_lock_and_a_whole_one_keep_each_other_out() {
    let root = tempfile::tempdir().unwrap();
    let folder = Folder::open(root.path()).unwrap();
    assert_eq!(folder.share().unwrap_err().exit_code(), 2, "it is not ours yet");
    let whole = folder.lock(false).unwrap();
    assert_eq!(folder.share().unwrap_err().exit_code(), 4);
    drop(whole);
    let (first, second) = (soon(|| folder.share()), folder.share().unwrap());
    drop(first);
    let error = folder.lock(false).unwrap_err();
    assert!(error.exit_code() == 4 && error.to_string().contains("workers of an engine"), "{error}");
    drop(second);
    soon(|| folder.lock(false));
}

/// A process that another test starts has a copy of a lock until it becomes its program.
fn soon(mut take: impl FnMut() -> Result<Lock>) -> Lock {
    let taken = (0..100).find_map(|_| take().inspect_err(|_| std::thread::sleep(std::time::Duration::from_millis(20))).ok());
    taken.expect("nobody has it any more")
}
