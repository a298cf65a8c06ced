//! Objects of S3 and of servers that speak like it: how they are asked, signed and not, and that no credential is ever shown.

use super::*;

const KEY: &str = "AKIDHUNTER";
const SECRET: &str = "secret/hunter2";
const TOKEN: &str = "tokenhunter3";

fn environment(server: &Server) -> Environment {
    Environment { endpoint: Some(server.url("")), ..Environment::default() }
}

fn signing(server: &Server) -> Environment {
    let some = |text: &str| Some(text.to_owned());
    Environment {
        access_key_id: some(KEY),
        secret_access_key: some(SECRET),
        session_token: some(TOKEN),
        region: some("eu-west-1"),
        ..environment(server)
    }
}

fn shows_nothing(text: &str) {
    for secret in [KEY, SECRET, TOKEN, "hunter", "X-Amz", "Signature="] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn requests_are_signed_in_the_query_and_path_style() {
    let server = server_of(1000, |request, nth| {
        (request.method == "GET" && nth == 0).then(|| serve(&content(1000), &[ETAG], request).cut(100, End::Close))
    });
    let client = client_of(signing(&server), quick());
    let object = found(&client, "S3://crawl-data/CC MAIN/a+b?.warc.gz");
    assert_eq!(read(object.open()).unwrap(), content(1000));
    let requests = server.requests();
    assert_eq!(requests.iter().map(|request| request.method.as_str()).collect::<Vec<_>>(), ["HEAD", "GET", "GET"]);
    let mut signatures = Vec::new();
    for request in &requests {
        let (path, query) = request.path.split_once('?').unwrap();
        assert_eq!(path, "/crawl-data/CC%20MAIN/a%2Bb%3F.warc.gz");
        for part in [
            "X-Amz-Algorithm=AWS4-HMAC-SHA256",
            "X-Amz-Credential=AKIDHUNTER%2F",
            "%2Feu-west-1%2Fs3%2Faws4_request",
            "X-Amz-Security-Token=tokenhunter3",
        ] {
            assert!(query.contains(part), "{query}");
        }
        signatures.push(query.split("X-Amz-Signature=").nth(1).unwrap());
        assert!(signatures.iter().all(|signature| signature.len() == 64) && !request.path.contains("hunter2"));
        assert!(request.header("authorization").is_none());
    }
    assert_ne!(signatures[0], signatures[1], "a signature is for one method");
    assert_eq!(requests[2].header("range"), Some("bytes=100-999"));
    assert_eq!(requests[2].header("if-match"), Some(ETAG.1));
    assert_eq!(object.url(), "S3://crawl-data/CC MAIN/a+b?.warc.gz");
    for text in [
        format!("{object:?}"),
        format!("{client:?}"),
        object.state(),
        format!("{:?}", signing(&server)),
        format!("{:?}", Found::Object(object.clone())),
    ] {
        shows_nothing(&text);
    }
}

#[test]
fn without_credentials_nothing_is_signed() {
    let server = server_of(1000, |_, _| None);
    let object = found(&client_of(environment(&server), quick()), "s3://commoncrawl/crawl-data/a.gz");
    assert_eq!(read(object.open()).unwrap(), content(1000));
    assert!(server.requests().iter().all(|request| request.path == "/commoncrawl/crawl-data/a.gz"));
}

#[test]
fn no_message_shows_a_credential() {
    let body = format!("<?xml?><Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>{KEY}</AWSAccessKeyId></Error>");
    let script = |status: &'static str| {
        let body = body.clone();
        move |request: &Request, nth: usize| {
            let is_refused = request.method == "GET" && 0 < nth || !request.path.contains("read");
            is_refused.then(|| answer(status, &[], body.as_bytes())).or_else(|| {
                Some(serve(&content(100), &[ETAG], request))
                    .map(|whole| if request.method == "GET" { whole.cut(50, End::Close) } else { whole })
            })
        }
    };
    for status in ["403 Forbidden", "400 Bad Request", "503 Slow Down", "418 Teapot", "412 Precondition Failed", "301 Moved Permanently"] {
        let server = server_of(100, script(status));
        let client = client_of(signing(&server), quick());
        for error in [client.find("s3://b/k").unwrap_err(), read(found(&client, "s3://b/read").open()).unwrap_err()] {
            assert!(error.chain().contains("s3://b/"), "{}", error.chain());
            shows_nothing(&error.chain());
            shows_nothing(&format!("{error:?}"));
        }
    }
    // Nor does what happens when nobody is there, or nobody speaks.
    let silent = Server::start(|_, _| Answer { head: String::new(), ..answer("200 OK", &[], b"").cut(0, End::Reset) });
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for environment in [signing(&silent), Environment { endpoint: Some(format!("http://{closed}")), ..signing(&silent) }] {
        let error = client_of(environment, quick()).find("s3://b/k").unwrap_err();
        assert!(error.chain().contains("in 8 attempts"), "{}", error.chain());
        shows_nothing(&format!("{} {error:?}", error.chain()));
    }
}

#[test]
fn what_is_forbidden_is_missing_unless_the_credentials_are_at_fault() {
    let told = |code: &str| {
        let body = format!("<Error><Code>{code}</Code></Error>");
        let server = Server::start(move |_, _| answer("403 Forbidden", &[], body.as_bytes()));
        client_of(signing(&server), quick()).find("s3://b/k")
    };
    assert!(matches!(told("AccessDenied"), Ok(Found::Missing { status: 403 })));
    assert!(matches!(told("not a word"), Ok(Found::Missing { status: 403 })));
    let error = told("RequestTimeTooSkewed").unwrap_err();
    assert!(error.chain().contains("403 Forbidden, RequestTimeTooSkewed; see AWS_ACCESS_KEY_ID"), "{}", error.chain());
}

#[test]
fn another_region_is_named() {
    for (status, region, advice) in [
        ("301 Moved Permanently", Some("eu-central-1"), "set AWS_REGION=eu-central-1"),
        ("400 Bad Request", Some("eu-central-1"), "set AWS_REGION=eu-central-1"),
        ("400 Bad Request", None, "set AWS_REGION to the region of the bucket"),
        ("400 Bad Request", Some("x\"; y"), "set AWS_REGION to the region of the bucket"),
    ] {
        let server = Server::start(move |_, _| {
            let headers: Vec<(&str, &str)> = region.map(|region| ("x-amz-bucket-region", region)).into_iter().collect();
            answer(status, &headers, b"<Error><Code>AuthorizationHeaderMalformed</Code></Error>")
        });
        let error = client_of(signing(&server), quick()).find("s3://b/k").unwrap_err();
        assert!(error.chain().contains(advice), "{}", error.chain());
    }
}

#[test]
fn a_signature_goes_to_no_other_server() {
    let other = server_of(1000, |_, _| None);
    let place = other.url("/b/k");
    let server =
        Server::start(move |_, _| answer("307 Temporary Redirect", &[("location", &place), ("x-amz-bucket-region", "eu-central-1")], b""));
    let error = client_of(signing(&server), quick()).find("s3://b/k").unwrap_err();
    assert!(error.chain().contains("set AWS_REGION=eu-central-1"), "{}", error.chain());
    assert_eq!(other.connections(), 0);
}

#[test]
fn what_cannot_be_asked_for_is_refused_before_anything_is_asked() {
    let fine = Environment::default();
    for url in [
        "s3://",
        "s3://b",
        "s3://b/",
        "s3:///k",
        "s3://b/../c/k",
        "s3://b/a/./k",
        "s3://b/..",
        "s3://b c/k",
        "s3://b:9/k",
        "s3://b/a\nb",
        "s3://b%2Fc/k",
    ] {
        let error = client_of(fine.clone(), quick()).find(url).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{url}: {}", error.chain());
    }
    let some = |text: &str| Some(text.to_owned());
    let broken = [
        Environment { access_key_id: some(KEY), ..fine.clone() },
        Environment { secret_access_key: some(SECRET), ..fine.clone() },
        Environment { region: some("us-east-1.evil.example/"), ..fine.clone() },
        Environment { endpoint: some("ftp://hunter2"), ..fine.clone() },
        Environment { endpoint: some("http://me:hunter2@127.0.0.1:9000"), ..fine.clone() },
        Environment { endpoint: some("127.0.0.1:9000 hunter2"), ..fine.clone() },
    ];
    for environment in broken {
        let error = client_of(environment, quick()).find("s3://b/k").unwrap_err();
        assert_eq!(error.exit_code(), 2, "{}", error.chain());
        shows_nothing(&error.chain());
    }
}

#[test]
fn amazons_own_servers_are_asked_by_the_name_of_the_bucket() {
    let url = |bucket: &str, region: Option<&str>| {
        let environment = Environment { region: region.map(str::to_owned), ..Environment::default() };
        Target::new(&format!("s3://{bucket}/a/b.gz"), &environment).unwrap().url(super::super::target::Method::Get).to_string()
    };
    assert_eq!(url("commoncrawl", None), "https://commoncrawl.s3.us-east-1.amazonaws.com/a/b.gz");
    assert_eq!(url("my.bucket", Some("eu-west-1")), "https://s3.eu-west-1.amazonaws.com/my.bucket/a/b.gz");
    assert_eq!(url("Old_Bucket", None), "https://s3.us-east-1.amazonaws.com/Old_Bucket/a/b.gz");
    assert_eq!(url("data", Some("cn-north-1")), "https://data.s3.cn-north-1.amazonaws.com.cn/a/b.gz");
}
