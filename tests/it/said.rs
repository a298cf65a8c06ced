//! What pages say of themselves, their text as Markdown, and why each of their blocks was kept or cut: from the command line to the data set.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::common::{run, shard_lines, stderr, stdout, succeed, undisturbed};

const PAGE: &str = "<html lang=en_GB><head><title>The mill</title><meta name=author content='Ada Miller'>\
    <meta property=og:site_name content='Mills'><meta property=article:published_time content=2024-05-01T10:00:00Z>\
    <link rel=canonical href='https://mill.example/wheel'></head><body><nav><a href=/>Home</a> | <a href=/all>All mills of the valley</a></nav>\
    <article><h1>The mill</h1><p>The wheel turned all day, and nobody in the village slept for the noise of it.</p>\
    <ul><li>The first of the stones was old, and it was worn by the grain.</li><li>The second was new, and nobody had used it yet.</li></ul></article>";

const BARE: &str = "<p>A page that says nothing of itself, but is long enough to be read by someone who likes pages.";

/// A folder with two pages, and a recipe of them with these options of the extraction.
fn pages(folder: &Path, options: &str) -> String {
    fs::create_dir_all(folder.join("pages")).unwrap();
    fs::write(folder.join("pages/a.html"), PAGE).unwrap();
    fs::write(folder.join("pages/b.html"), BARE).unwrap();
    let recipe = folder.join("recipe.toml");
    fs::write(&recipe, format!("[source.pages]\nread = {{ html = [\"pages/*.html\"] }}\n[extract]\n{options}\n[output]\n")).unwrap();
    recipe.to_str().unwrap().to_owned()
}

/// What a recipe makes of them: text and `extra` by id.
fn built(folder: &Path, options: &str) -> Vec<(String, String, Value)> {
    let (recipe, out) = (pages(folder, options), folder.join("out"));
    // Of another recipe; the first time there is none.
    let _ = fs::remove_dir_all(&out);
    succeed(&["build", &recipe, "--out", out.to_str().unwrap()]);
    succeed(&["verify", out.to_str().unwrap()]);
    let string = |line: &Value, field: &str| line[field].as_str().unwrap().to_owned();
    let row = |line: &Value| (string(line, "id"), string(line, "text"), serde_json::from_str(line["extra"].as_str().unwrap()).unwrap());
    let mut rows: Vec<_> = shard_lines(&out).iter().map(row).collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows
}

#[test]
fn what_a_page_says_of_itself_goes_into_the_data_set() {
    let folder = tempfile::tempdir().unwrap();
    let said = json!({
        "author": "Ada Miller",
        "canonical": "https://mill.example/wheel",
        "html_language": "en-GB",
        "published": "2024-05-01T10:00:00Z",
        "site": "Mills",
    });
    let with = built(folder.path(), "");
    assert_eq!((&with[0].2, &with[1].2), (&said, &json!({})));
    let without = built(folder.path(), "metadata = false");
    assert!(without.iter().all(|(_, _, extra)| *extra == json!({})), "{without:?}");
    assert_eq!(with[0].1, without[0].1);

    let page = folder.path().join("pages/a.html");
    let line: Value = serde_json::from_slice(&succeed(&["extract", page.to_str().unwrap()]).stdout).unwrap();
    for (name, value) in said.as_object().unwrap() {
        assert_eq!(&line[name], value, "{name}");
    }
    let bare = folder.path().join("pages/b.html");
    let line: Value = serde_json::from_slice(&succeed(&["extract", bare.to_str().unwrap()]).stdout).unwrap();
    for name in ["author", "published", "site", "canonical", "html_language"] {
        assert_eq!(line.get(name), Some(&Value::Null), "{name}");
    }
}

#[test]
fn a_text_is_written_as_markdown_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let markdown = "# The mill\n\nThe wheel turned all day, and nobody in the village slept for the noise of it.\n\n\
        - The first of the stones was old, and it was worn by the grain.\n- The second was new, and nobody had used it yet.";
    assert_eq!(built(folder.path(), "format = \"markdown\"")[0].1, markdown);
    let page = folder.path().join("pages/a.html");
    let page = page.to_str().unwrap();
    let text = |more: &[&str]| {
        let line: Value = serde_json::from_slice(&succeed(&[&["extract", page], more].concat()).stdout).unwrap();
        line["text"].as_str().unwrap().to_owned()
    };
    assert_eq!(text(&["--format", "markdown"]), markdown);
    assert_eq!(text(&[]), text(&["--format", "text"]));
    assert_eq!(built(folder.path(), "")[0].1, text(&[]));
    let refused = run(&["extract", page, "--format", "html"]);
    assert!(refused.status.code() == Some(2) && stderr(&refused).contains("text and markdown are known"), "{}", stderr(&refused));
}

#[test]
fn comments_are_kept_where_they_are_asked_for() {
    let comment = "<section class=comments><div class=comment-body><p>My grandfather carried grain up there, and told the same story.</p></div></section>";
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    fs::write(&page, format!("{PAGE}{comment}")).unwrap();
    let text = |more: &[&str]| stdout(&succeed(&[&["extract", page.to_str().unwrap()], more].concat()));
    assert!(text(&["--comments"]).contains("grandfather") && !text(&["--preset", "precision"]).contains("grandfather"));
    pages(folder.path(), "");
    fs::write(folder.path().join("pages/a.html"), format!("{PAGE}{comment}")).unwrap();
    let recipe = folder.path().join("recipe.toml");
    let out = folder.path().join("out");
    succeed(&["build", recipe.to_str().unwrap(), "--out", out.to_str().unwrap(), "--set", "extract.comments=true"]);
    assert!(shard_lines(&out).iter().any(|line| line["text"].as_str().unwrap().contains("grandfather")));
}

fn explained(out: &str, target: &str, more: &[&str]) -> Value {
    serde_json::from_slice(&succeed(&[&["explain", out, target, "--blocks", "--json"], more].concat()).stdout).unwrap()
}

#[test]
fn every_block_of_a_page_is_explained_as_the_build_judged_it() {
    let folder = tempfile::tempdir().unwrap();
    let texts = built(folder.path(), "");
    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    let blocks = |answer: &Value| answer["found"][0]["blocks"].clone();
    let page = blocks(&explained(out, "pages/a.html", &[]));
    let all = page["blocks"].as_array().unwrap();
    assert_eq!((all[0]["text"].as_str(), all[0]["kept"].as_bool()), (Some("Home | All mills of the valley"), Some(false)));
    assert!(all[0]["path"].as_str().unwrap().contains("nav") && !all[0]["weighed"].as_array().unwrap().is_empty(), "{page}");
    for block in all {
        assert_eq!(block["kept"], page["threshold"].as_f64() < block["probability"].as_f64(), "{block}");
    }
    let kept: Vec<&str> = all.iter().filter(|block| block["kept"] == true).map(|block| block["text"].as_str().unwrap()).collect();
    assert_eq!(kept.join("\n"), texts[0].1);

    let words = stdout(&succeed(&["explain", out, "pages/a.html", "--blocks"]));
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(&format!("blocks {} blocks, {} kept", all.len(), kept.len())), "{words}");
    assert!(words.contains("cut 0.") && words.contains("kept 0.") && words.contains("Home | All mills of the valley"), "{words}");
    assert!(!stdout(&succeed(&["explain", out, "pages/a.html"])).contains("blocks"));

    // The same of a file without a build, as its only line.
    let file = folder.path().join("pages/a.html");
    let line: Value = serde_json::from_slice(&succeed(&["extract", "--blocks", file.to_str().unwrap()]).stdout).unwrap();
    assert_eq!(line["blocks"], page["blocks"]);
    // By the options of the build.
    built(folder.path(), "preset = \"whole-page\"");
    let whole = blocks(&explained(out, "pages/a.html", &[]));
    assert!(whole["blocks"].as_array().unwrap().iter().all(|block| block["kept"] == true) && whole["threshold"] == 0.0, "{whole}");

    // What cannot be read again is told, with what to try.
    fs::write(&file, BARE).unwrap();
    fs::remove_file(folder.path().join("pages/b.html")).unwrap();
    let changed = stdout(&succeed(&["explain", out, "pages/a.html", "--blocks"]));
    assert!(changed.contains("not possible: ") && changed.contains("holds no such page at byte 0 any more"), "{changed}");
    let gone = stdout(&succeed(&["explain", out, "pages/b.html", "--blocks"]));
    assert!(gone.contains("not possible: cannot read") && gone.contains("put the input back"), "{gone}");
}

#[test]
fn records_of_a_crawl_are_read_again_and_texts_have_no_blocks() {
    let out = undisturbed().to_str().unwrap();
    let url = "https://slowcrumb.example/bread/what-the-dough-knows.html";
    let life = explained(out, url, &["--text"])["found"][0].clone();
    let kept = life["blocks"]["blocks"].as_array().unwrap().iter().filter(|block| block["kept"] == true);
    let words: Vec<&str> = kept.flat_map(|block| block["text"].as_str().unwrap().split_whitespace()).collect();
    assert!(20 < words.len());
    assert_eq!(words, life["text"]["content"].as_str().unwrap().split_whitespace().collect::<Vec<_>>());
    let book = shard_lines(undisturbed()).into_iter().find(|line| line["source"] == "books").unwrap();
    let book = stdout(&succeed(&["explain", out, book["key"].as_str().unwrap(), "--blocks"]));
    assert!(book.contains("only pages of the web are cut into blocks"), "{book}");
}
