//! Packs `fixtures/pages` into `fixtures/crawl.warc.gz` with its index, `fixtures/rights/pages` into `fixtures/rights/crawl.warc.gz`, `fixtures/epub` into `fixtures/books`, and prints what is in it: `cargo run --example pack-fixtures`.

#![allow(clippy::print_stdout, reason = "an example is a program of its own")]

#[path = "../fixtures/pack/mod.rs"]
mod pack;

use std::path::Path;

fn main() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let pages = pack::pages(&fixtures);
    let (bytes, index) = pack::pack_and_index(&pages);
    std::fs::write(fixtures.join("crawl.warc.gz"), &bytes).expect("the fixtures folder can be written");
    std::fs::write(fixtures.join("crawl.cdxj"), index).expect("the fixtures folder can be written");
    let rights = fixtures.join("rights");
    std::fs::write(rights.join("crawl.warc.gz"), pack::pack(&pack::pages(&rights))).expect("the fixtures folder can be written");
    for (name, book) in pack::epub::books(&fixtures) {
        std::fs::write(fixtures.join("books").join(&name), &book).expect("the fixtures folder can be written");
        println!("{name}: {} bytes", book.len());
    }
    let census = pack::census(&pages);
    println!("{} pages of {} hosts, {} bytes", census.pages, census.hosts.len(), bytes.len());
    println!("languages {:?}\ncharsets {:?}\nkinds {:?}", census.languages, census.charsets, census.kinds);
}
