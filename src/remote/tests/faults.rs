//! Faults of servers and connections: what passes is waited for, and what does not is an error that says so, never wrong bytes or a short object.

use super::*;

/// An answer of a good server to a request, cut after `sent` bytes of the body.
fn cut(n: usize, sent: usize, end: End, request: &Request) -> Answer {
    serve(&content(n), &[ETAG], request).cut(sent, end)
}

#[test]
fn reading_goes_on_where_a_connection_ended_broke_or_stalled() {
    for kind in 0..3 {
        let server = server_of(100_000, move |request, nth| {
            let end = [End::Close, End::Reset, End::Hang].into_iter().nth(kind).unwrap();
            (request.method == "GET" && nth < 2).then(|| cut(100_000, 40_000, end, request))
        });
        let stall = if kind == 2 { Duration::from_millis(100) } else { quick().stall };
        let object = found(&client_of(Environment::default(), Settings { stall, ..quick() }), &server.url("/a"));
        assert_eq!(read(object.open()).unwrap(), content(100_000));
        let gets = server.gets();
        assert!(3 <= gets.len(), "{gets:?}");
        assert_eq!(gets[0].header("range"), None);
        let (first, end) = gets[gets.len() - 1].range(100_000).unwrap();
        assert!(0 < first && end == 100_000, "{gets:?}");
        assert_eq!(gets[gets.len() - 1].header("if-range"), Some(ETAG.1));
    }
}

#[test]
fn progress_makes_attempts_count_anew() {
    // 40 connections that bring 10 bytes each, where 8 attempts are made without progress.
    let server = server_of(400, |request, _| {
        (request.method == "GET").then(|| {
            let left = request.range(400).map_or(400, |(first, end)| end - first);
            cut(400, left.min(10), End::Close, request)
        })
    });
    assert_eq!(read(found(&client(), &server.url("/a")).open()).unwrap(), content(400));
    assert_eq!(server.gets().len(), 40);
}

#[test]
fn busy_servers_are_asked_again() {
    let server = server_of(500, |_, nth| match nth {
        0 => Some(answer("429 Too Many Requests", &[("retry-after", "1")], b"slow down")),
        1 => Some(answer("500 Internal Server Error", &[], b"oh")),
        2 => Some(answer("503 Service Unavailable", &[("retry-after", "Mon, 02 Nov 2026 10:00:00 GMT")], b"")),
        3 => Some(answer("408 Request Timeout", &[], b"")),
        _ => None,
    });
    assert_eq!(read(found(&client(), &server.url("/a")).open()).unwrap(), content(500));
    assert_eq!(server.requests().len(), 10);
}

#[test]
fn a_server_that_stays_down_is_given_up_with_all_that_is_known() {
    let server = server_of(500, |request, nth| match (request.method.as_str(), nth) {
        ("GET", 0) => Some(cut(500, 123, End::Close, request)),
        ("GET", _) => Some(answer("503 Service Unavailable", &[], b"")),
        _ => None,
    });
    let object = found(&client(), &server.url("/a.gz?sig=hunter2"));
    let mut stream = object.open();
    let mut bytes = Vec::new();
    let error = stream.read_to_end(&mut bytes).unwrap_err();
    assert_eq!((bytes.len(), error.kind()), (123, std::io::ErrorKind::Other));
    let error = Err::<(), _>(error).context(|| "cannot extract it").unwrap_err();
    assert_eq!(error.exit_code(), 1);
    let wanted = format!(
        "cannot extract it: cannot read {}?... from byte 123 in 8 attempts; try again later, and with fewer threads where the server is busy: the server answered 503 Service Unavailable",
        server.url("/a.gz")
    );
    assert_eq!(error.chain(), wanted);
    // One good connection, whose end was the first failure, and the seven after it.
    assert_eq!(server.gets().len(), 8);
    assert!(stream.read(&mut [0; 9]).is_err() && server.gets().len() == 8, "an error is the end of it");
    let down = Server::start(|_, _| answer("502 Bad Gateway", &[], b""));
    let error = client().find(&down.url("/a")).unwrap_err();
    assert!(error.chain().starts_with("cannot ask for http://127.0.0.1:") && error.chain().contains("in 8 attempts"), "{}", error.chain());
    assert_eq!(down.requests().len(), 8);
}

#[test]
fn a_refused_connection_is_tried_again_and_then_told() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = client().find(&format!("http://127.0.0.1:{port}/a")).unwrap_err();
    assert!(error.chain().contains("in 8 attempts") && error.exit_code() == 1, "{}", error.chain());
}

#[test]
fn what_changes_while_it_is_read_is_exit_5() {
    // After 100 bytes the server has another state, and says so in one of the ways there are.
    let ways: [fn() -> Answer; 7] = [
        || answer("206 Partial Content", &[("etag", "\"two\""), ("content-range", "bytes 100-499/500")], &content(400)),
        || answer("200 OK", &[("etag", "\"two\"")], &content(500)),
        || answer("200 OK", &[("etag", "\"two\"")], &content(7)),
        || answer("206 Partial Content", &[ETAG, ("content-range", "bytes 100-599/600")], &content(500)),
        || answer("412 Precondition Failed", &[], b""),
        || answer("416 Range Not Satisfiable", &[("content-range", "bytes */50")], b""),
        || answer("404 Not Found", &[], b""),
    ];
    for (index, way) in ways.into_iter().enumerate() {
        let server = server_of(500, move |request, nth| match (request.method.as_str(), nth) {
            ("GET", 0) => Some(cut(500, 100, End::Close, request)),
            ("GET", _) => Some(way()),
            _ => None,
        });
        let url = server.url("/a");
        let error = read(found(&client(), &url).open()).unwrap_err();
        assert_eq!(error.exit_code(), 5, "{index}: {}", error.chain());
        assert!(error.chain().contains(&format!("cannot read {url} from byte 100: it changed since it was found")), "{}", error.chain());
        assert_eq!(server.gets().len(), 2, "a change is asked for once");
    }
}

#[test]
fn a_date_tells_a_change_where_there_is_no_tag() {
    let date = |nth| if nth == 0 { "Mon, 02 Nov 2026 10:00:00 GMT" } else { "Tue, 03 Nov 2026 10:00:00 GMT" };
    let server = Server::start(move |request, nth| {
        let cut_at = if request.method == "GET" && nth == 0 { 10 } else { 50 };
        serve(&content(50), &[("last-modified", date(nth))], request).cut(cut_at, End::Close)
    });
    let object = found(&client(), &server.url("/a"));
    // Of the first answer to GET the date is the one that was found.
    let mut stream = object.open();
    stream.read_exact(&mut [0; 10]).unwrap();
    let error = stream.read_exact(&mut [0; 1]).context(|| "cannot").unwrap_err();
    assert_eq!(error.exit_code(), 5);
    assert_eq!(server.gets()[1].header("if-range"), Some(date(0)));
    assert!(error.chain().contains("its date was Mon, 02 Nov"), "{}", error.chain());
}

#[test]
fn a_weakened_tag_is_no_change() {
    let server = server_of(50, |request, _| (request.method == "GET").then(|| serve(&content(50), &[("etag", "W/\"one\"")], request)));
    assert_eq!(read(found(&client(), &server.url("/a")).open()).unwrap(), content(50));
}

#[test]
fn a_server_that_ignores_ranges_is_read_past() {
    let server = server_of(200_000, |request, nth| {
        let sent = if nth == 0 { 70_000 } else { 200_000 };
        (request.method == "GET").then(|| answer("200 OK", &[ETAG], &content(200_000)).cut(sent, End::Close))
    });
    let object = found(&client(), &server.url("/a"));
    assert_eq!(read(object.open()).unwrap(), content(200_000));
    assert_eq!(server.gets().len(), 2);
    assert_eq!(read(object.open_at(150_000, 10)).unwrap(), content(200_000)[150_000..150_010]);
}

#[test]
fn another_part_than_was_asked_for_is_not_taken() {
    for range in ["bytes 0-49/100", "bytes 51-99/100", "bytes 50-199/100", "bytes 50-60/100 ", "bytes */100", "pages 50-99/100", ""] {
        let server = server_of(100, move |request, _| {
            (request.method == "GET").then(|| answer("206 Partial Content", &[ETAG, ("content-range", range)], &content(50)))
        });
        let object = found(&client(), &server.url("/a"));
        let part = read(object.open_at(50, 10));
        let error = part.unwrap_err();
        assert!(error.chain().contains("the server sent"), "{range}: {}", error.chain());
        assert_eq!((error.exit_code(), server.gets().len()), (1, 8), "{range}");
    }
}

#[test]
fn a_shorter_part_than_was_asked_for_is_gone_on_from() {
    let server = server_of(100, |request, _| {
        let (first, end) = request.range(100)?;
        let last = end.min(first + 30) - 1;
        let range = format!("bytes {first}-{last}/100");
        Some(answer("206 Partial Content", &[ETAG, ("content-range", &range)], &content(100)[first..=last]))
    });
    let object = found(&client(), &server.url("/a"));
    assert_eq!(read(object.open_at(1, 99)).unwrap(), content(100)[1..]);
    assert_eq!(server.gets().len(), 4);
}

#[test]
fn the_page_of_an_error_under_200_is_not_taken() {
    let page = b"<html>Please try again.</html>";
    let server = server_of(100, |request, nth| (request.method == "GET" && nth < 3).then(|| answer("200 OK", &[], page)));
    assert_eq!(read(found(&client(), &server.url("/a")).open()).unwrap(), content(100));
    // A page that stays is a fault of the server; of an object without a tag or a date, it may as well be what is there now.
    for (headers, code) in [(&[ETAG][..], 1), (&[], 5)] {
        let server = Server::start(move |request, _| match request.method.as_str() {
            "GET" => answer("200 OK", &[], page),
            _ => serve(&content(100), headers, request),
        });
        let error = read(found(&client(), &server.url("/a")).open()).unwrap_err();
        assert_eq!(error.exit_code(), code);
        assert!(error.chain().contains("sent 30 bytes where the object has 100"), "{}", error.chain());
    }
}

#[test]
fn a_body_without_a_length_is_taken_only_of_the_state_that_was_found() {
    for (tag, fits) in [(&[("transfer-encoding", "chunked"), ETAG][..], true), (&[("transfer-encoding", "chunked")], false)] {
        let server = server_of(5, move |request, _| {
            (request.method == "GET").then(|| answer("200 OK", tag, b"5\r\n\x00\x07\x0E\x15\x1C\r\n0\r\n\r\n"))
        });
        let bytes = read(found(&client(), &server.url("/a")).open());
        assert_eq!(bytes.is_ok(), fits, "{bytes:?}");
        assert!(!fits || bytes.unwrap() == content(5));
    }
}

#[test]
fn a_slow_server_is_no_stall() {
    // The whole takes twice the time of a stall, no byte comes near it. Were the whole timed, this would never end well: all attempts are as slow.
    let server = server_of(40, |request, _| {
        (request.method == "GET").then(|| Answer { drip: Some(Duration::from_millis(10)), ..answer("200 OK", &[ETAG], &content(40)) })
    });
    let settings = Settings { stall: Duration::from_millis(200), attempts: 2, ..quick() };
    let object = found(&client_of(Environment::default(), settings), &server.url("/a"));
    assert_eq!(read(object.open()).unwrap(), content(40));
}
