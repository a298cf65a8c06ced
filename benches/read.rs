//! Reading: all records of a WARC, HTTP parsed, bodies decoded, against inflating the same file alone. `GRISTMILL_WARC=FILE cargo bench --bench read`; without a file the packed fixtures, many times over.

mod common;

use std::io::Read;
use std::path::Path;

use gristmill::read::{self, Format, Item, Limits};

fn main() {
    let temporary = std::env::temp_dir().join(format!("gristmill-bench-{}.warc.gz", std::process::id()));
    let file = std::env::var("GRISTMILL_WARC").unwrap_or_else(|_| {
        let fixtures =
            std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/crawl.warc.gz")).expect("the fixtures are in the tree");
        std::fs::write(&temporary, fixtures.repeat(40)).expect("the temporary folder takes the bench's input");
        temporary.display().to_string()
    });
    let (inputs, _) = read::find(&[file], Path::new("")).expect("the WARC can be opened");
    let mut bytes = 0;
    let ours = || {
        bytes = 0;
        let mut each = |item: Item<'_>| {
            if let Item::Page(page) = item {
                bytes += page.body.len() as u64;
            }
            Ok(())
        };
        read::read(Format::Warc, &inputs[0], &Limits::default(), &mut each).expect("the WARC can be read");
    };
    let mut inflate = || {
        let mut buffer = vec![0; 1 << 18];
        let mut stream = gristmill::codec::open(&inputs[0].path, 27).expect("the WARC can be opened");
        while stream.read(&mut buffer).expect("the WARC can be inflated") != 0 {}
    };
    let mut whole = Vec::new();
    gristmill::codec::open(&inputs[0].path, 27).expect("the WARC can be opened").read_to_end(&mut whole).expect("the WARC can be inflated");
    let size = whole.len() as u64;
    common::compare("read: records, HTTP, bodies", 5, size, ours, ("inflate alone", &mut inflate));
    let _ = std::fs::remove_file(&temporary);
}
