//! What is held of files that say and unpack to far more than memory has: on one thread never above a fixed part and the limits.

use std::fs;
use std::process::Stdio;
use std::thread;

use serde_json::Value;

use crate::common::{gristmill, most_memory, stderr};
use crate::hostile_inputs::make::{Made, gz, http, repeated};

/// The fixed part, `record-bytes` and `body-bytes`.
const MOST: u64 = (64 + 64 + 16) << 20;

/// Writes one file between two sound pages and inspects it on one thread; gives what is said of it.
fn inspected(name: &str, large: impl FnOnce(&Made<'_>) -> Vec<u8>) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let (path, made) = (folder.path().join(name), Made(name));
    fs::write(&path, [gz(&made.page(1)), large(&made), gz(&made.page(3))].concat()).unwrap();
    let mut command = gristmill(&["inspect", "--json", path.to_str().unwrap()]);
    let child = command.env("RAYON_NUM_THREADS", "1").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let id = child.id();
    let watch = thread::spawn(move || most_memory(id));
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let held = watch.join().unwrap();
    assert!(held < MOST, "{name}: {held} bytes were held");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_record_of_five_gigabytes_is_passed_over_and_both_neighbours_are_read() {
    let (block, doublings) = (vec![b' '; 5 << 18], 12);
    let length = (block.len() as u64) << doublings;
    let seen = inspected("five-gigabytes.warc.gz", |made| {
        let head = format!("WARC/1.0\r\n{}Content-Length: {length}\r\n\r\n", made.lines(2));
        repeated(head.as_bytes(), &block, doublings, b"\r\n\r\n")
    });
    assert!(5 << 30 <= length && length < seen["decoded_bytes"].as_u64().unwrap());
    assert_eq!(
        (&seen["admitted"], &seen["rejected"]["record-too-long"], &seen["faults"]["record-too-long"]),
        (&2.into(), &1.into(), &1.into())
    );
}

#[test]
fn a_body_of_a_gigabyte_in_one_megabyte_is_cut_and_counted() {
    let seen = inspected("body-of-a-gigabyte.warc.gz", |made| {
        let body = repeated(b"<p>", &vec![b' '; 1 << 20], 10, b"</p>");
        assert!(body.len() < 3 << 19);
        gz(&made.answer(2, &http("Content-Encoding: gzip\r\n", &body)))
    });
    assert_eq!((&seen["admitted"], &seen["faults"]["body-cut"]), (&3.into(), &1.into()));
}
