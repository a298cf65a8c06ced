//! Extraction in MB of HTML per second on one thread, by part: `cargo bench --bench extract [FOLDER]`.
//!
//! Without a folder it reads a composed page, whose share of markup is that of a news site; with one, every `.html` file in it.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::fmt::Write as _;
use std::time::Instant;

use gristmill::extract::blocks::Blocks;
use gristmill::extract::tokens::Tokenizer;
use gristmill::extract::{Extractor, Options, page_of_file};

/// Each part runs over all pages until this much has been read.
const BYTES: usize = 400 << 20;

fn main() {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let pages = match folder {
        Some(folder) => read_folder(&folder),
        None => vec![composed()],
    };
    let mut extractor = Extractor::new(Options::default()).expect("the default options are in range");
    let mut blocks = Blocks::default();
    measure("tokens", &pages, |page| Tokenizer::new(page).count());
    measure("blocks", &pages, |page| {
        let _ = blocks.read(page, 512, u64::MAX);
        blocks.blocks.len()
    });
    measure("extract", &pages, |page| extractor.extract(&page_of_file("page", page.as_bytes())).map_or(0, |found| found.text.len()));
}

fn measure(name: &str, pages: &[String], mut work: impl FnMut(&str) -> usize) {
    let bytes: usize = pages.iter().map(String::len).sum();
    let rounds = (BYTES / bytes.max(1)).max(1);
    let (start, mut result) = (Instant::now(), 0);
    for _ in 0..rounds {
        result = pages.iter().map(|page| work(page)).sum();
    }
    let speed = (rounds * bytes) as f64 / 1e6 / start.elapsed().as_secs_f64();
    println!("{name:8} {speed:7.0} MB/s over {} pages ({result})", pages.len());
}

/// Pages that are not valid UTF-8 are read with replacements, so that every part sees the same text.
fn read_folder(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder given can be read");
    let mut files: Vec<_> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "html")).collect();
    files.sort();
    files.iter().flat_map(std::fs::read).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
}

/// A page of 150 kB: a head full of scripts and styles, menus, teasers, and an article of forty paragraphs.
fn composed() -> String {
    let mut page = String::from("<!doctype html><html lang=en><head><meta charset=utf-8><title>The old mill | Example</title>");
    for n in 0..60 {
        let _ = write!(
            page,
            "<script>window.q{n} = window.q{n} || []; if (1 < {n}) {{ q{n}.push(['set', 'a-{n}']); }}</script><style>.c{n} > a {{ color: #{n:06} }}</style>"
        );
    }
    page.push_str("</head><body class='page wide'><nav class=site-menu><ul>");
    for n in 0..200 {
        let _ = write!(
            page,
            "<li id='menu-item-{n}' class='menu-item menu-item-type-page menu-item-{n}'><a href='https://www.example.org/section/{n}/'>Section {n}</a></li>"
        );
    }
    page.push_str("</ul></nav><main><article class='post hentry'><h1>The old mill</h1>");
    for n in 0..40 {
        let _ = write!(
            page,
            "<p class='text'>In the year {n} the miller&rsquo;s <b>wheel</b> turned by day and by night, because the farmers came with more grain than \
             <a href='/grain/{n}' title='Grain'>ever before</a>, and nobody in the village slept for the noise&nbsp;of it.</p>"
        );
    }
    page.push_str("</article></main><aside class='sidebar'>");
    for n in 0..200 {
        let _ = write!(
            page,
            "<div class='teaser teaser--small' data-id='{n}' data-track='{{\"position\":{n}}}'><a class='teaser__link' href='/story/{n}'><img \
             src='/img/{n}.jpg' alt='' width=120 height=80><span class='teaser__title'>Another story of the river {n}</span></a></div>"
        );
    }
    page.push_str("</aside><footer class=footer>&copy; Example</footer></body></html>");
    page
}
