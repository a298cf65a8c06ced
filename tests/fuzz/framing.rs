//! Any bytes as a file of an archive, whatever packs it: reading ends, counts what it gives, and keeps its limits.

#![no_main]

use libfuzzer_sys::fuzz_target;

mod reading;

fuzz_target!(|bytes: &[u8]| {
    reading::pages(bytes);
});
