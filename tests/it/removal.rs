//! `remove`: what a list asks for is nowhere in the build, and the build is what it would be without those documents.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use gristmill::pipeline::steps::{DocumentRow, KeyRow};
use gristmill::store::table::{Row, TableReader};
use gristmill::text::hash::hash128;

use crate::common::{copy_of_undisturbed, files, json, manifest, quickstart, shard_lines, stdout, undisturbed};

fn rows<R: Row>(out: &Path, path: &str) -> Vec<R> {
    TableReader::open(&out.join(path)).unwrap().map(Result::unwrap).collect()
}

fn documents(out: &Path) -> Vec<DocumentRow> {
    files(&out.join("documents")).iter().flat_map(|name| rows(out, &format!("documents/{name}"))).collect()
}

/// Keys of a table that has a column of them.
fn keys(out: &Path, path: &str) -> BTreeSet<String> {
    rows::<KeyRow>(out, path).into_iter().map(|row| row.key.to_string()).collect()
}

#[test]
fn what_a_list_asks_for_is_nowhere_in_the_build() {
    let folder = tempfile::tempdir().unwrap();
    let (list, out) = (folder.path().join("takedown.txt"), folder.path().join("out"));
    let before = documents(undisturbed());
    let of = |source: &str| files(&undisturbed().join("documents")).into_iter().find(|name| name.starts_with(source)).unwrap();
    let article: DocumentRow = rows(undisturbed(), &format!("documents/{}", of("encyclopaedia"))).remove(0);
    let book: DocumentRow = rows(undisturbed(), &format!("documents/{}", of("books"))).remove(0);
    let host = "slowcrumb.example";
    let is_of_host = |url: &Option<String>| url.as_deref().is_some_and(|url| url.contains(host));
    assert!(2 < before.iter().filter(|row| is_of_host(&row.url)).count());
    let lines = format!("# asked for on Monday\n{host}\n{:032x}\n{}\nnobody.example\n", hash128(article.text.as_bytes()), book.id);
    fs::write(&list, lines).unwrap();
    let remove = format!("remove={}", list.display());
    let said = quickstart(&out, &["--set", &remove]);

    let gone = |row: &&DocumentRow| is_of_host(&row.url) || row.key == article.key || row.key == book.key;
    let left: Vec<&DocumentRow> = before.iter().filter(|row| !gone(row)).collect();
    assert_eq!(documents(&out).iter().map(|row| row.key).collect::<Vec<_>>(), left.iter().map(|row| row.key).collect::<Vec<_>>());
    // No name, no text and no key of theirs is left in any file, but for the hashes that say so.
    let gone: Vec<&DocumentRow> = before.iter().filter(gone).collect();
    let gone_keys: BTreeSet<String> = gone.iter().map(|row| row.key.to_string()).collect();
    for path in files(&out).iter().filter(|path| path.ends_with(".parquet") && !path.starts_with("dedup/") && !path.starts_with("removed/"))
    {
        if !path.starts_with("rejected/") && !path.starts_with("order/") {
            assert!(keys(&out, path).is_disjoint(&gone_keys), "{path}");
        }
    }
    for path in files(&out).iter().filter(|path| !path.starts_with("removed/")) {
        let bytes = fs::read(out.join(path)).unwrap();
        let holds = |needle: &str| bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
        assert!(!holds(host) && gone_keys.iter().all(|key| !holds(key)), "{path}");
    }
    assert!(
        shard_lines(&out).iter().all(|line| !gone_keys.contains(line["key"].as_str().unwrap()) && line["text"] != article.text.as_str())
    );
    let removed: usize = files(&out.join("removed")).iter().map(|name| keys(&out, &format!("removed/{name}")).len()).sum();
    assert!(gone.len() <= removed, "records that were rejected go too");
    let funnel = json(&out.join("report.json"))["funnel"].clone();
    let counted: u64 = funnel
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|source| source["steps"].as_array().unwrap())
        .flat_map(|step| step["dropped"].as_array().unwrap())
        .filter(|dropped| dropped["filter"] == "remove")
        .map(|dropped| dropped["documents"].as_u64().unwrap())
        .sum();
    assert_eq!(counted, removed as u64);
    assert!(stdout(&said).contains("asks for what no input holds, in line 5;"), "{}", stdout(&said));

    // A finished build that gets the list is, byte for byte, the build that had it from the start; files that the list does not touch are not written again.
    let later = folder.path().join("later");
    copy_of_undisturbed(&later);
    let stamp = |name: &str| fs::metadata(later.join(name)).unwrap().modified().unwrap();
    let stamps: Vec<_> =
        files(&later.join("documents")).into_iter().map(|name| format!("documents/{name}")).map(|name| (stamp(&name), name)).collect();
    fs::write(&list, format!("{host}\nnobody.example\n")).unwrap();
    quickstart(&later, &["--set", &remove]);
    let scratch = folder.path().join("scratch");
    quickstart(&scratch, &["--set", &remove]);
    assert_eq!(manifest(&later), manifest(&scratch));
    let touched: Vec<&String> = stamps.iter().filter(|(time, name)| stamp(name) != *time).map(|(_, name)| name).collect();
    assert_eq!(touched, ["documents/common-crawl/00000.parquet"]);
    // A name that is taken off the list comes back.
    quickstart(&later, &[]);
    assert_eq!(manifest(&later), manifest(undisturbed()));
}
