//! Submissions of Reddit read into links: user CPU time against a parse of each line into serde_json's tree of values, in turn in one process, median of five; and the
//! memory that a dump of ten million distinct URLs takes, which comes through a named pipe and is stored nowhere.
//! `GRISTMILL_DUMP=RS_2011-01.zst cargo bench --bench links` measures a dump of yours; without it a dump of invented submissions is made.

mod common;

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use gristmill::pipeline::cost::peak_memory;
use gristmill::read::links::{LinkSources, Links, Treatment, collect};
use gristmill::read::{Input, Limits};
use gristmill::text::hash::hash64_seeded;

const ROUNDS: usize = 5;
const DISTINCT: u64 = 10_000_000;

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let dump = std::env::var_os("GRISTMILL_DUMP").map_or_else(|| generate(folder.path()), PathBuf::from);
    let plain = lines(&dump);
    let bytes = plain.iter().map(|line| line.len() as u64 + 1).sum();
    let unpacked = folder.path().join("RS");
    std::fs::write(&unpacked, plain.join(&b'\n')).expect("a written dump");
    let mut tree = || {
        for line in &plain {
            std::hint::black_box(serde_json::from_slice::<serde_json::Value>(line).is_ok());
        }
    };
    common::compare("links: a dump", ROUNDS, bytes, || drop(links(&unpacked)), ("a tree of values", &mut tree));
    common::compare("links: the same under zstd", ROUNDS, bytes, || drop(links(&dump)), ("a tree of values", &mut tree));
    drop(plain);
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let before = peak_memory();
    let found = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut out = BufWriter::with_capacity(1 << 20, File::create(&pipe).expect("the pipe"));
            (0..DISTINCT).for_each(|n| writeln!(out, "{}", submission(n, "")).expect("a reader"));
        });
        links(&pipe)
    });
    let (held, peak) = (found.held_bytes() as f64, peak_memory() as f64);
    let of = |bytes: f64| bytes / DISTINCT as f64;
    println!(
        "links: {DISTINCT} distinct URLs: {:.0} MB held, {:.1} bytes each; peak of the process {:.0} MB, {:.0} MB before",
        held / 1e6,
        of(held),
        peak / 1e6,
        before as f64 / 1e6
    );
}

fn links(path: &Path) -> Links {
    let reddit = vec![Input::file(path, "RS", 0)];
    let sources = LinkSources { reddit, ..LinkSources::default() };
    collect(&sources, Treatment::Drop, &Limits::default()).expect("a readable dump").0
}

/// The lines of a dump, at most 200 MB of them.
fn lines(path: &Path) -> Vec<Vec<u8>> {
    let mut decoder = zstd::Decoder::new(File::open(path).expect("the dump")).expect("zstd");
    decoder.window_log_max(31).expect("zstd");
    let lines = BufReader::new(decoder).split(b'\n').map(|line| line.expect("a sound dump"));
    let mut bytes = 0;
    lines
        .take_while(|line| {
            bytes += line.len();
            bytes < 200_000_000
        })
        .collect()
}

/// 100 MB of submissions with the fields that Reddit gives.
fn generate(folder: &Path) -> PathBuf {
    let path = folder.join("RS.zst");
    let mut encoder = zstd::Encoder::new(File::create(&path).expect("a file"), 9).expect("zstd");
    encoder.window_log(31).expect("zstd");
    let mut bytes = 0;
    for n in 0_u64.. {
        let text = if n.is_multiple_of(4) { common::text(n, 120) } else { String::new() };
        let line = submission(n, &text);
        bytes += line.len();
        writeln!(encoder, "{line}").expect("a written line");
        if 100_000_000 < bytes {
            break;
        }
    }
    encoder.finish().expect("zstd");
    path
}

/// A submission as the dumps of 2018 write it, in alphabetical order of fields.
fn submission(n: u64, text: &str) -> String {
    let h = hash64_seeded(&n.to_le_bytes(), 1);
    let host = format!("site{}.example", h % 50_000);
    let preview = if n.is_multiple_of(3) {
        let size = |w: u64| {
            format!(r#"{{"height":{},"url":"https:\/\/i.redditmedia.com\/{h:x}.jpg?fit=crop&amp;w={w}&amp;s={n:x}","width":{w}}}"#, w / 2)
        };
        let sizes: Vec<String> = [108, 216, 320].map(size).to_vec();
        format!(
            r#""post_hint":"link","preview":{{"enabled":false,"images":[{{"id":"{h:x}","resolutions":[{}],"source":{},"variants":{{}}}}]}},"#,
            sizes.join(","),
            size(640)
        )
    } else {
        String::new()
    };
    format!(
        r#"{{"archived":true,"author":"miller{}","author_flair_background_color":null,"author_flair_css_class":null,"author_flair_richtext":[],"author_flair_text":null,"author_flair_text_color":null,"author_flair_type":"text","brand_safe":true,"can_gild":true,"contest_mode":false,"created_utc":{},"distinguished":null,"domain":"{host}","edited":false,"gilded":0,"hidden":false,"hide_score":false,"id":"{n:x}","is_crosspostable":true,"is_reddit_media_domain":false,"is_self":false,"is_video":false,"link_flair_css_class":null,"link_flair_richtext":[],"link_flair_text":null,"link_flair_text_color":"dark","link_flair_type":"text","locked":false,"media":null,"media_embed":{{}},"no_follow":false,"num_comments":{},"num_crossposts":0,"over_18":{},"parent_whitelist_status":"all_ads","permalink":"\/r\/grain\/comments\/{n:x}\/the_stone_and_the_river\/",{preview}"rte_mode":"markdown","score":{},"secure_media":null,"secure_media_embed":{{}},"selftext":"{text}","send_replies":true,"spoiler":false,"stickied":false,"subreddit":"grain","subreddit_id":"t5_6","subreddit_name_prefixed":"r\/grain","subreddit_type":"archived","suggested_sort":null,"thumbnail":"default","thumbnail_height":null,"thumbnail_width":null,"title":"The stone and the river, part {n}","url":"http:\/\/www.{host}\/grain\/{n}\/the-stone-and-the-river.html","whitelist_status":"all_ads"}}"#,
        h % 90_000,
        1_300_000_000 + n,
        h % 40,
        h.is_multiple_of(11),
        h % 300
    )
}
