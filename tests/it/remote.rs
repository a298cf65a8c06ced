//! Inputs behind URLs, from a server on loopback that this test starts: read as files are, survived where servers fail, and refused where they change.

use std::fs;

use serde_json::Value;

use crate::common::{files, gristmill, manifest, repository, run, stderr, stdout, succeed, undisturbed};

#[allow(dead_code, reason = "shared with the tests of the room, which use more of it")]
#[path = "../../src/remote/tests/server.rs"]
mod server;

use server::{Answer, End, Request, Server, answer, serve};

const ETAG: [(&str, &str); 1] = [("etag", "\"one\"")];
const CRAWL: &str = "/crawl-data/2024/segments/1.warc.gz";
const LIST: &str = "/crawl-data/2024/warc.paths.gz";

fn crawl() -> Vec<u8> {
    fs::read(repository("fixtures/crawl.warc.gz")).unwrap()
}

/// What a mirror of a crawl answers: its list, and three files of it.
fn mirror(request: &Request) -> Answer {
    let path = request.path.as_str();
    if path == LIST {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let names = [1, 2, 3].map(|n| format!("crawl-data/2024/segments/{n}.warc.gz"));
        std::io::Write::write_all(&mut packed, names.join("\n").as_bytes()).unwrap();
        return serve(&packed.finish().unwrap(), &ETAG, request);
    }
    match path.strip_prefix("/crawl-data/2024/segments/") {
        Some("1.warc.gz" | "2.warc.gz" | "3.warc.gz") => serve(&crawl(), &ETAG, request),
        _ => answer("404 Not Found", &[], b"there is nothing here"),
    }
}

fn inspected(input: &str) -> Value {
    serde_json::from_slice(&succeed(&["inspect", "--json", input]).stdout).unwrap()
}

/// An inspection without the file's name.
fn nameless(mut inspection: Value) -> Value {
    inspection.as_object_mut().unwrap().remove("file");
    inspection
}

#[test]
fn an_object_is_read_as_a_file_is() {
    let server = Server::start(|request, _| mirror(request));
    let here = inspected("fixtures/crawl.warc.gz");
    assert_eq!(nameless(inspected(&server.url(CRAWL))), nameless(here.clone()));
    let texts = |input: &str| stdout(&succeed(&["extract", input]));
    assert_eq!(texts(&server.url(CRAWL)), texts("fixtures/crawl.warc.gz"));
    // Parquet is read from its end, and by its columns.
    let table = files(undisturbed()).into_iter().find(|path| path.starts_with("documents/") && path.ends_with(".parquet")).unwrap();
    let table = undisturbed().join(table);
    let bytes = fs::read(&table).unwrap();
    let tables = Server::start(move |request, _| serve(&bytes, &ETAG, request));
    assert_eq!(nameless(inspected(&tables.url("/a.parquet"))), nameless(inspected(table.to_str().unwrap())));
    // Standard input too, whatever it holds.
    let from = |file: &str, command: &str| {
        let file = fs::File::open(repository(file)).unwrap();
        let output = gristmill(&[command, "--json", "-"]).stdin(file).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        output.stdout
    };
    assert_eq!(nameless(serde_json::from_slice(&from("fixtures/crawl.warc.gz", "inspect")).unwrap()), nameless(here));
    assert_eq!(
        stdout(&succeed(&["extract", "fixtures/encyclopaedia/articles.jsonl"])).into_bytes(),
        from("fixtures/encyclopaedia/articles.jsonl", "extract")
    );
    let recipe = tempfile::tempdir().unwrap();
    let path = recipe.path().join("stdin.toml");
    fs::write(&path, "[source.a]\nread = { warc = [\"-\"] }\n").unwrap();
    let refused = run(&["build", path.to_str().unwrap(), "--out", recipe.path().join("out").to_str().unwrap()]);
    assert!(refused.status.code() == Some(2) && stderr(&refused).contains("standard input"), "{}", stderr(&refused));
}

#[test]
fn faults_of_servers_are_survived_or_told() {
    let expected = nameless(inspected("fixtures/crawl.warc.gz"));
    // Every answer is cut short or reset after some bytes, and every third is a refusal for now.
    let shaky = Server::start(|request, nth| match nth {
        _ if request.method == "HEAD" => mirror(request),
        nth if nth % 3 == 1 => answer("503 Service Unavailable", &[("retry-after", "0")], b"later"),
        nth => mirror(request).cut(40_000, if nth % 2 == 0 { End::Reset } else { End::Close }),
    });
    assert_eq!(nameless(inspected(&shaky.url(CRAWL))), expected);
    assert!(3 < shaky.gets().len());
    // An error page under 200 is no record.
    let page = Server::start(|request, nth| match (request.method.as_str(), nth) {
        ("GET", 0) => answer("200 OK", &[("content-type", "text/html")], b"<h1>Sorry</h1>"),
        _ => mirror(request),
    });
    assert_eq!(nameless(inspected(&page.url(CRAWL))), expected);
    // Another state in the middle is the end.
    let changing = Server::start(|request, nth| match (request.method.as_str(), nth) {
        ("HEAD", _) => mirror(request),
        (_, 0) => mirror(request).cut(40_000, End::Close),
        _ => serve(&crawl(), &[("etag", "\"two\"")], request),
    });
    let output = run(&["inspect", &changing.url(CRAWL)]);
    assert!(output.status.code() == Some(5) && stderr(&output).contains(&changing.url(CRAWL)), "{}", stderr(&output));
    // A server may not send us to the insides of a network.
    let inside = Server::start(|request, _| mirror(request));
    let place = inside.url(CRAWL);
    let sending = Server::start(move |_, _| answer("302 Found", &[("location", &place)], b""));
    let output = run(&["inspect", &sending.url(CRAWL)]);
    assert!(output.status.code() == Some(1) && inside.requests().is_empty(), "{}", stderr(&output));
    let output = run(&["inspect", &inside.url("/nothing.warc.gz")]);
    assert!(output.status.code() == Some(1) && stderr(&output).contains("404"), "{}", stderr(&output));
}

/// A text, lines, an archive and a book that break off because of their server are not damaged: nothing of them is passed over.
#[test]
fn a_server_that_fails_is_no_damaged_input() {
    let lines: String =
        (0..4000).map(|n| format!("{{\"id\": \"{n}\", \"text\": \"Line {n} of a set that is read from far away.\"}}\n")).collect();
    let gzip = |bytes: &[u8]| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        std::io::Write::write_all(&mut packed, bytes).unwrap();
        packed.finish().unwrap()
    };
    let mut archive = tar::Builder::new(Vec::new());
    for name in ["a.jsonl", "b.txt"] {
        let mut header = tar::Header::new_gnu();
        header.set_size(lines.len() as u64);
        archive.append_data(&mut header, name, lines.as_bytes()).unwrap();
    }
    let archive = archive.into_inner().unwrap();
    let book = fs::read(repository("fixtures/books/the-salt-road.epub")).unwrap();
    let sets = [
        ("/a.jsonl", lines.clone().into_bytes()),
        ("/a.jsonl.gz", gzip(lines.as_bytes())),
        ("/a.txt", lines.into_bytes()),
        ("/a.tar", archive.clone()),
        ("/a.tar.gz", gzip(&archive)),
        ("/a.epub", book),
    ];
    for (path, bytes) in sets {
        let whole = bytes.clone();
        let sound = Server::start(move |request, _| serve(&whole, &ETAG, request));
        let texts = stdout(&succeed(&["extract", &sound.url(path)]));
        assert!(!texts.is_empty(), "{path}");
        // Another state behind the middle, or no more answers.
        for etag in ["\"two\"", ""] {
            let (bytes, half) = (bytes.clone(), bytes.len() / 2);
            let failing = Server::start(move |request, _| match request.range(bytes.len()).map_or(0, |(from, _)| from) {
                _ if request.method == "HEAD" => serve(&bytes, &ETAG, request),
                from if from < half => serve(&bytes, &ETAG, request).cut(half - from, End::Close),
                _ if etag.is_empty() => answer("403 Forbidden", &[], b""),
                _ => serve(&bytes, &[("etag", etag)], request),
            });
            let output = run(&["extract", &failing.url(path)]);
            let code = if etag.is_empty() { 1 } else { 5 };
            assert_eq!(output.status.code(), Some(code), "{path} {etag}: {}", stderr(&output));
            assert!(stderr(&output).contains(&failing.url(path)), "{path} {etag}: {}", stderr(&output));
        }
    }
}

#[test]
fn a_mirror_is_built_from_its_list_and_a_changed_object_is_told() {
    let server = Server::start(|request, _| mirror(request));
    let folder = tempfile::tempdir().unwrap();
    let recipe = |name: &str, read: &str| {
        let path = folder.path().join(name);
        fs::write(&path, format!("[source.crawl]\n{read}\n[output]\n")).unwrap();
        path.display().to_string()
    };
    let out = |name: &str| folder.path().join(name).display().to_string();
    let listed = recipe("list.toml", &format!("read = {{ warc = [{:?}] }}", server.url(LIST)));
    succeed(&["build", &listed, "--limit", "1", "--out", &out("one")]);
    // Of the list only the file that was drawn is asked for, and where its names begin is looked for once.
    let files: Vec<String> = server.gets().into_iter().map(|request| request.path).filter(|path| path.ends_with(".warc.gz")).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    let again = succeed(&["build", &listed, "--limit", "1", "--out", &out("one")]);
    assert!(stderr(&again).contains("nothing to do"), "{}", stderr(&again));
    // With a root the list may lie anywhere.
    fs::write(folder.path().join("warc.paths"), "crawl-data/2024/segments/2.warc.gz\n").unwrap();
    let rooted = recipe("root.toml", &format!("read = {{ warc = [\"warc.paths\"] }}\nroot = {:?}", server.url("")));
    succeed(&["build", &rooted, "--out", &out("rooted")]);
    let lost = run(&["build", &recipe("lost.toml", "read = { warc = [\"warc.paths\"] }"), "--out", &out("lost")]);
    assert!(lost.status.code() == Some(1) && stderr(&lost).contains("`root`"), "{}", stderr(&lost));
    // An object in another state than when the build was finished.
    let state = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let now = state.clone();
    let moving = Server::start(move |request, _| {
        let etag = if now.load(std::sync::atomic::Ordering::SeqCst) { "\"two\"" } else { "\"one\"" };
        serve(&crawl(), &[("etag", etag)], request)
    });
    let direct = recipe("direct.toml", &format!("read = {{ warc = [{:?}] }}", moving.url(CRAWL)));
    succeed(&["build", &direct, "--out", &out("direct")]);
    state.store(true, std::sync::atomic::Ordering::SeqCst);
    let changed = run(&["build", &direct, "--out", &out("direct")]);
    assert!(changed.status.code() == Some(5) && stderr(&changed).contains(CRAWL), "{}", stderr(&changed));
    succeed(&["build", &direct, "--force", "--out", &out("direct")]);
}

#[test]
fn a_pause_of_seconds_is_told() {
    let server = Server::start(|request, nth| match nth {
        1 => answer("503 Service Unavailable", &[("retry-after", "2")], b"later"),
        _ => mirror(request),
    });
    let told = stderr(&succeed(&["inspect", &server.url(CRAWL)]));
    assert!(told.contains("503 Service Unavailable; trying again in 2 s"), "{told}");
}

#[test]
fn an_index_reads_the_records_it_names_here_and_far_away() {
    let server = Server::start(|request, _| mirror(request));
    let folder = tempfile::tempdir().unwrap();
    let index = fs::read_to_string(repository("fixtures/crawl.cdxj")).unwrap();
    // Every third record, under the name that the mirror has for it.
    let lines: Vec<String> = index
        .lines()
        .filter(|line| line.contains('{'))
        .step_by(3)
        .map(|line| line.replace("\"crawl.warc.gz\"", "\"crawl-data/2024/segments/1.warc.gz\""))
        .collect();
    assert!(20 < lines.len() && lines[0].contains("segments/1.warc.gz"), "{:?}", lines.first());
    fs::write(folder.path().join("some.cdxj"), lines.join("\n") + "\nno row\n").unwrap();
    let at = folder.path().join("crawl-data/2024/segments");
    fs::create_dir_all(&at).unwrap();
    fs::write(at.join("1.warc.gz"), crawl()).unwrap();
    let build = |name: &str, root: &str| {
        let path = folder.path().join(format!("{name}.toml"));
        fs::write(&path, format!("[source.crawl]\nread = {{ warc-index = [\"some.cdxj\"] }}\n{root}\n[output]\n")).unwrap();
        let out = folder.path().join(name);
        let built = succeed(&["build", path.to_str().unwrap(), "--json", "--out", out.to_str().unwrap()]);
        (serde_json::from_slice::<Value>(&built.stdout).unwrap(), out)
    };
    let (here, out) = build("here", "");
    let (far, _) = build("far", &format!("root = {:?}", server.url("")));
    let funnel = |report: &Value| report["funnel"].clone();
    assert!(funnel(&here)[0]["steps"][0]["kept"].as_u64().unwrap() > 20, "{here}");
    assert_eq!(funnel(&here), funnel(&far));
    assert!(!manifest(&out).is_empty());
    // Each record was asked for by its range.
    let ranges = server.gets().iter().filter(|request| request.header("range").is_some()).count();
    assert_eq!(ranges, lines.len());
}

#[test]
fn a_list_of_another_machine_names_nothing_of_this_one() {
    let inside = Server::start(|request, _| mirror(request));
    let place = inside.url(CRAWL);
    let foreign = Server::start(move |request, _| {
        let own = format!("http://{}{CRAWL}", request.header("host").unwrap());
        let list = match request.path.as_str() {
            "/file.paths" => format!("{own}\n{}\n", repository("fixtures/crawl.warc.gz").display()),
            // A whole name says nothing of where others begin.
            "/relative.paths" => format!("{own}\nfixtures/crawl.warc.gz\n"),
            "/inside.paths" => place.clone(),
            "/bucket.paths" => "s3://bucket/crawl.warc.gz".to_owned(),
            _ => return mirror(request),
        };
        serve(list.as_bytes(), &ETAG, request)
    });
    for (list, words) in [
        ("/file.paths", "a file of this machine"),
        ("/relative.paths", "which is no file"),
        ("/inside.paths", "private address"),
        ("/bucket.paths", "in a bucket"),
    ] {
        let output = run(&["inspect", &foreign.url(list)]);
        assert!(output.status.code() == Some(1) && stderr(&output).contains(words), "{list}: {}", stderr(&output));
    }
    assert!(inside.requests().is_empty());
}
