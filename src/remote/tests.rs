//! What a reader of remote objects sees of good servers. Faults, redirects and S3 have files of their own.

mod faults;
mod redirects;
mod s3;
mod server;

use std::io::Read;
use std::time::Duration;

use self::server::{Answer, End, Request, Server, answer, serve};
use super::answer::content_range;
use super::fault::pause;
use super::*;
use crate::error::{Context, Error};

/// Fast where nothing is waited for, patient where a busy machine may be slow.
fn quick() -> Settings {
    Settings {
        first_pause: Duration::from_millis(1),
        longest_pause: Duration::from_millis(4),
        stall: Duration::from_secs(20),
        ..Settings::default()
    }
}

fn client_of(environment: Environment, settings: Settings) -> Client {
    Client::new(environment, settings).unwrap()
}

fn client() -> Client {
    client_of(Environment::default(), quick())
}

fn found(client: &Client, url: &str) -> Object {
    match client.find(url).unwrap() {
        Found::Object(object) => object,
        Found::Missing { status } => panic!("{url} is missing: {status}"),
    }
}

/// Bytes that repeat at no power of two, so that a wrong offset shows.
fn content(n: usize) -> Vec<u8> {
    (0..n).map(|i| (i * 7 % 251) as u8).collect()
}

fn read(mut stream: Stream) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).context(|| "cannot read the object")?;
    Ok(bytes)
}

const ETAG: (&str, &str) = ("etag", "\"one\"");

/// A server of `content(n)` under an ETag, but for what `script` answers itself.
fn server_of(n: usize, script: impl Fn(&Request, usize) -> Option<Answer> + Send + Sync + 'static) -> Server {
    Server::start(move |request, nth| script(request, nth).unwrap_or_else(|| serve(&content(n), &[ETAG], request)))
}

#[test]
fn addresses_are_told_from_paths() {
    for url in ["http://h/a", "HTTPS://h/a", "s3://b/k", "S3://b/k"] {
        assert!(is_url(url), "{url}");
    }
    for path in ["crawl/a.warc.gz", "c:/a", "ftp://h/a", "file:///a", "s3:/b", "s3", "xhttp://h"] {
        assert!(!is_url(path), "{path}");
    }
}

#[test]
fn what_leads_up_is_not_below() {
    for below in ["https://h/data/a", "https://h/data/b/../a", "HTTPS://H:443/data/a?q=../.."] {
        assert!(is_below("https://h/data/", below) && is_below("https://h/data", below), "{below}");
    }
    for other in ["https://h/data/../a", "https://h/data/%2e%2E/a", "https://h/database/a", "https://h:8/data/a", "http://h/data/a", "a"] {
        assert!(!is_below("https://h/data/", other), "{other}");
    }
    assert!(is_below("https://h", "https://h/a") && is_below("s3://b/k", "s3://b/k/a") && !is_below("s3://b/k", "s3://c/k/a"));
}

#[test]
fn a_plain_object_is_read_as_it_is_stored() {
    let server = server_of(300_000, |_, _| None);
    let object = found(&client(), &server.url("/a.warc.gz?part=1#x"));
    assert_eq!((object.bytes(), object.state()), (300_000, "300000 bytes, etag \"one\"".to_owned()));
    assert_eq!(object.url(), server.url("/a.warc.gz?part=1#x"));
    assert_eq!(read(object.open()).unwrap(), content(300_000));
    let requests = server.requests();
    assert_eq!(requests.iter().map(|request| request.method.as_str()).collect::<Vec<_>>(), ["HEAD", "GET"]);
    for request in requests {
        assert_eq!((request.path.as_str(), request.header("accept-encoding")), ("/a.warc.gz?part=1", Some("identity")));
        assert!(request.header("user-agent").unwrap().starts_with("gristmill/"));
        assert!(request.header("range").is_none() && request.header("authorization").is_none());
    }
    assert_eq!(format!("{object:?}"), format!("Object({}?..., 300000 bytes, etag \"one\")", server.url("/a.warc.gz")));
}

#[test]
fn an_encoding_that_was_not_asked_for_is_not_decoded() {
    let server = server_of(500, |request, _| Some(serve(&content(500), &[ETAG, ("content-encoding", "gzip")], request)));
    assert_eq!(read(found(&client(), &server.url("/a")).open()).unwrap(), content(500));
}

#[test]
fn ranges_are_asked_for_as_such_and_cut_at_the_end() {
    let server = server_of(1000, |_, _| None);
    let object = found(&client(), &server.url("/a"));
    for (offset, length, range) in
        [(0_u64, 1_u64, "bytes=0-0"), (10, 90, "bytes=10-99"), (999, 1, "bytes=999-999"), (990, u64::MAX, "bytes=990-999")]
    {
        let end = offset.saturating_add(length).min(1000) as usize;
        assert_eq!(read(object.open_at(offset, length)).unwrap(), content(1000)[offset as usize..end]);
        let last = server.gets().pop().unwrap();
        assert_eq!((last.header("range"), last.header("if-range")), (Some(range), Some(ETAG.1)));
    }
    let asked = server.requests().len();
    for (offset, length) in [(0, 0), (1000, 1), (5000, 7), (u64::MAX, u64::MAX)] {
        assert!(read(object.open_at(offset, length)).unwrap().is_empty());
    }
    assert_eq!(server.requests().len(), asked, "nothing was asked for nothing");
}

#[test]
fn connections_are_used_again() {
    let server = server_of(1000, |request, _| {
        let mut answer = serve(&content(1000), &[ETAG], request);
        answer.end = End::Keep;
        Some(answer)
    });
    let object = found(&client(), &server.url("/a"));
    assert_eq!(read(object.open()).unwrap(), content(1000));
    assert_eq!(read(object.open_at(5, 6)).unwrap(), content(1000)[5..11]);
    assert_eq!((server.requests().len(), server.connections()), (3, 1));
}

#[test]
fn head_that_is_refused_is_asked_as_a_range() {
    for status in ["403 Forbidden", "405 Method Not Allowed", "501 Not Implemented"] {
        let server = server_of(1000, move |request, _| (request.method == "HEAD").then(|| answer(status, &[], b"")));
        let object = found(&client(), &server.url("/a"));
        assert_eq!(object.state(), "1000 bytes, etag \"one\"");
        assert_eq!(server.gets()[0].header("range"), Some("bytes=0-0"));
        // As it is, too, where ranges are ignored, and where there is no first byte.
        let server = Server::start(move |request, _| match request.method.as_str() {
            "HEAD" => answer(status, &[], b""),
            _ => answer("200 OK", &[("last-modified", "Mon, 02 Nov 2026 10:00:00 GMT")], &content(70)),
        });
        assert_eq!(found(&client(), &server.url("/a")).state(), "70 bytes, changed at Mon, 02 Nov 2026 10:00:00 GMT");
        let server = server_of(0, move |request, _| (request.method == "HEAD").then(|| answer(status, &[], b"")));
        let empty = found(&client(), &server.url("/a"));
        assert!(empty.bytes() == 0 && read(empty.open()).unwrap().is_empty());
    }
}

#[test]
fn an_empty_object_is_looked_at_twice() {
    // HEAD that counts its own body would make every object empty.
    let server = server_of(50, |request, _| (request.method == "HEAD").then(|| answer("200 OK", &[], b"")));
    assert_eq!(read(found(&client(), &server.url("/a")).open()).unwrap(), content(50));
    for range in [&[("content-range", "bytes */0")][..], &[]] {
        let server = server_of(0, move |request, _| (request.method == "GET").then(|| answer("416 Range Not Satisfiable", range, b"")));
        assert_eq!(found(&client(), &server.url("/a")).state(), "0 bytes, etag \"one\"");
    }
}

#[test]
fn an_object_without_a_length_is_an_error() {
    let chunks = b"4\r\nabcd\r\n0\r\n\r\n";
    let server = Server::start(|_, _| answer("200 OK", &[("transfer-encoding", "chunked"), ETAG], chunks));
    let error = client().find(&server.url("/a")).unwrap_err();
    assert!(error.chain().contains("does not say how long it is"), "{}", error.chain());
    assert_eq!((error.exit_code(), server.requests().len()), (1, 2));
}

#[test]
fn what_is_not_there_is_told_with_its_status() {
    for (status, number) in [("404 Not Found", 404), ("410 Gone", 410), ("403 Forbidden", 403)] {
        let server = Server::start(move |_, _| answer(status, &[], b"<html>no</html>"));
        let found = client().find(&server.url("/a")).unwrap();
        assert!(matches!(found, Found::Missing { status } if status == number), "{found:?}");
    }
}

#[test]
fn user_names_and_passwords_are_refused_and_not_repeated() {
    for url in
        ["https://me:hunter2@h/a", "http://hunter2@h/a", "s3://me:hunter2@bucket/key", "http://me:hunter2@h:port/a", "s3://hunter2@b/k"]
    {
        let error = client().find(url).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{url}");
        assert!(!error.chain().contains("hunter2") && !format!("{error:?}").contains("hunter2"), "{}", error.chain());
    }
    for url in ["http://", "https://[::1/a", "ftp://h/a", "a/b", "http://h:99999/?sig=hunter2"] {
        let error = client().find(url).unwrap_err();
        assert!(error.exit_code() == 2 && !error.chain().contains("hunter2"), "{}", error.chain());
    }
}

#[test]
fn states_are_named_by_what_is_strong() {
    let state = |headers: &[(&'static str, &'static str)]| {
        let headers = headers.to_vec();
        let server = Server::start(move |request, _| serve(&content(9), &headers, request));
        found(&client(), &server.url("/a")).state()
    };
    let date = ("last-modified", "Mon, 02 Nov 2026 10:00:00 GMT");
    assert_eq!(state(&[]), "9 bytes, no validator");
    assert_eq!(state(&[("etag", "W/\"weak\"")]), "9 bytes, no validator");
    assert_eq!(state(&[("etag", "W/\"weak\""), date]), "9 bytes, changed at Mon, 02 Nov 2026 10:00:00 GMT");
    assert_eq!(state(&[ETAG, date]), "9 bytes, etag \"one\"");
}

#[test]
fn ranges_of_answers_are_read_strictly() {
    let read = |value: &str| {
        let mut headers = ureq::http::HeaderMap::new();
        headers.insert("content-range", value.parse().unwrap());
        content_range(&headers).map(|said| (said.range, said.total))
    };
    assert_eq!(read("bytes 0-9/100"), Some((Some((0, 9)), Some(100))));
    assert_eq!(read("Bytes 5-5/*"), Some((Some((5, 5)), None)));
    assert_eq!(read("bytes */100"), Some((None, Some(100))));
    assert_eq!(read("bytes 9-5/100"), Some((None, Some(100))));
    for bad in ["", "bytes", "bytes 0-9", "lines 0-9/100", "bytes a-9/100", "bytes 0-9/x", "bytes 0-9/-1"] {
        assert_eq!(read(bad), None, "{bad}");
    }
}

#[test]
fn pauses_double_up_to_a_cap() {
    let settings = Settings::default();
    let seconds = |failed, asked: Option<u64>| pause(failed, asked.map(Duration::from_secs), &settings).as_secs_f64();
    assert_eq!([1, 2, 3, 4, 5, 6, 7, 99].map(|failed| seconds(failed, None)), [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]);
    assert_eq!([seconds(1, Some(12)), seconds(5, Some(1)), seconds(1, Some(u64::MAX))], [12.0, 8.0, 30.0]);
}

#[test]
fn https_begins_with_a_handshake_and_trusts_whom_it_is_told_to() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/a", listener.local_addr().unwrap());
    // No TLS is spoken here: what is of interest is the first byte that arrives.
    let first = std::thread::spawn(move || {
        let mut first = [0];
        listener.accept().unwrap().0.read_exact(&mut first).unwrap();
        first[0]
    });
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        Environment { certificates: Some(folder.path().join(name).to_str().unwrap().to_owned()), ..Environment::default() }
    };
    let own = client_of(path("root.pem", include_str!("tests/root.pem")), quick());
    assert_eq!(own.find(&url).unwrap_err().exit_code(), 1);
    assert_eq!(first.join().unwrap(), 22, "a record of a handshake (RFC 8446, 5.1)");
    for environment in
        [path("empty.pem", "no certificate"), Environment { certificates: Some("nowhere.pem".to_owned()), ..Environment::default() }]
    {
        let error = Client::new(environment, quick()).unwrap_err();
        assert!(error.exit_code() == 2 && error.chain().contains("SSL_CERT_FILE names "), "{}", error.chain());
    }
}

#[test]
fn nothing_of_ours_is_bound_to_one_thread() {
    fn shared<T: Clone + std::fmt::Debug + Send + Sync>() {}
    fn sent<T: Read + Send>() {}
    shared::<Object>();
    shared::<Client>();
    sent::<Stream>();
    assert!(Error::new("").chain().is_empty());
}
