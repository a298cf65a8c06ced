//! Where redirects may lead: on the same server anywhere, to others of the public internet, and never from there to what stands inside.

use std::net::IpAddr;

use super::*;
use crate::remote::client::next;
use crate::remote::fault::Fault;
use crate::remote::guard::is_inside;

/// A server that sends every request to `place`.
fn sends_to(place: String) -> Server {
    Server::start(move |_, _| answer("302 Found", &[("location", &place)], b"over there"))
}

#[test]
fn a_redirect_on_the_same_server_is_followed() {
    let server = server_of(1000, |request, _| {
        let next = match request.path.as_str() {
            "/a" => "/b?q=1",
            "/b?q=1" => "c",
            _ => return None,
        };
        Some(answer("307 Temporary Redirect", &[("location", next)], b""))
    });
    let object = found(&client(), &server.url("/a"));
    assert_eq!(read(object.open_at(10, 20)).unwrap(), content(1000)[10..30]);
    assert_eq!(object.url(), server.url("/a"));
    // Each request begins at the address that was named, because what it leads to may be good for a while only.
    let paths: Vec<String> = server.requests().into_iter().map(|request| request.path).collect();
    assert_eq!(paths, ["/a", "/b?q=1", "/c", "/a", "/b?q=1", "/c"]);
}

#[test]
fn a_redirect_to_a_private_address_is_refused_and_nobody_is_asked_there() {
    let inside = server_of(1000, |_, _| None);
    let port = inside.port;
    let places = [
        inside.url("/latest/meta-data?token=hunter2"),
        format!("http://localhost:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://0x7f.1:{port}/"),
        format!("http://0.0.0.0:{port}/"),
        format!("//127.0.0.1:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://10.0.0.1/".to_owned(),
        "http://[fd00:ec2::254]/".to_owned(),
    ];
    for place in places {
        let server = sends_to(place.clone());
        let error = client().find(&server.url("/a")).unwrap_err();
        assert!(error.chain().contains("not an address of the public internet"), "{place}: {}", error.chain());
        assert!(error.exit_code() == 1 && !error.chain().contains("hunter2"), "{}", error.chain());
        assert_eq!(server.requests().len(), 1, "{place}: a refusal is not tried again");
    }
    assert_eq!(inside.connections(), 0);
}

#[test]
fn what_a_list_of_another_server_names_is_looked_at_when_it_is_connected_to() {
    let inside = server_of(1000, |_, _| None);
    let (port, list) = (inside.port, "https://lists.example/warc.paths");
    for place in [format!("http://localhost:{port}/a"), inside.url("/a")] {
        // Its name led elsewhere when it was looked up first.
        let error = client().find_named(&place, Named::ByStranger).unwrap_err();
        assert!(error.chain().contains("not an address of the public internet"), "{place}: {}", error.chain());
        let error = find_listed(list, &place).unwrap_err();
        assert!(error.chain().contains("where a list of another server may not send us"), "{}", error.chain());
    }
    assert_eq!(inside.connections(), 0);
    // What lies beside the list is as good as named by whoever named the list.
    assert!(matches!(find_listed(&inside.url("/lists/a.paths"), &inside.url("/a")).unwrap(), Found::Object(_)));
    let bucket = find_listed(list, "s3://bucket/a").unwrap_err();
    assert!(bucket.chain().contains("name it in a list of your own"), "{}", bucket.chain());
}

#[test]
fn redirects_that_never_end_or_lead_to_no_server_are_errors() {
    let around = Server::start(|_, _| answer("301 Moved Permanently", &[("location", "/again")], b""));
    let error = client().find(&around.url("/a")).unwrap_err();
    assert!(error.chain().contains("redirects more than 5 times"), "{}", error.chain());
    assert_eq!(around.requests().len(), 6);
    for place in ["file:///etc/passwd", "ftp://h/a", "http://me:hunter2@127.0.0.1/", "gopher:x", "http://"] {
        let server = sends_to(place.to_owned());
        let error = client().find(&server.url("/a")).unwrap_err();
        assert!(!error.chain().contains("hunter2") && server.requests().len() == 1, "{}", error.chain());
    }
    // Without a place to go to, it is an answer like any other.
    let server = Server::start(|_, _| answer("302 Found", &[], b""));
    assert!(client().find(&server.url("/a")).unwrap_err().chain().contains("302 Found"));
}

#[test]
fn a_proxy_is_asked_for_all_but_loopback_and_for_nothing_inside() {
    // It plays the proxy and, once a tunnel stands, every server at its other end.
    let proxy = server_of(1000, |request, _| {
        let to = |place: &str| Some(answer("302 Found", &[("location", place)], b""));
        match (request.method.as_str(), request.path.as_str()) {
            ("CONNECT", _) => Some(Answer { end: End::Keep, ..answer("200 OK", &[], b"") }),
            (_, "/inside") => to("http://10.0.0.1/a"),
            (_, "/name") => to("http://localhost./a"),
            (_, "/outside") => to("http://9.9.9.9/a"),
            _ => None,
        }
    });
    let through = ureq::Proxy::new(&proxy.url("")).unwrap();
    let client = Client::behind(Some(through), Environment::default(), quick()).unwrap();
    let tunnels =
        || proxy.requests().into_iter().filter(|request| request.method == "CONNECT").map(|request| request.path).collect::<Vec<_>>();
    // Names are the proxy's to look up.
    assert_eq!(read(found(&client, "http://files.invalid/a").open()).unwrap(), content(1000));
    assert_eq!(tunnels(), ["files.invalid:80"; 2]);
    assert_eq!(found(&client, "http://files.invalid/outside").bytes(), 1000);
    assert_eq!(tunnels()[2..], ["files.invalid:80", "9.9.9.9:80"]);
    for path in ["inside", "name"] {
        let error = client.find(&format!("http://files.invalid/{path}")).unwrap_err();
        assert!(error.chain().contains("not an address of the public internet"), "{}", error.chain());
    }
    assert_eq!(tunnels()[4..], ["files.invalid:80"; 2]);
    let near = server_of(10, |_, _| None);
    assert_eq!(found(&client, &near.url("/a")).bytes(), 10);
    assert_eq!((tunnels().len(), near.connections()), (6, 1));
}

#[test]
fn a_redirect_leads_to_no_weaker_connection() {
    let leads = |from: &str, place: &str| next(&from.parse().unwrap(), place).map(String::from);
    assert_eq!(leads("https://h/a/b?q", "c?d").unwrap(), "https://h/a/c?d");
    assert_eq!(leads("http://h/a", "https://h/a").unwrap(), "https://h/a");
    assert_eq!(leads("https://h/a", "//other:8443/b").unwrap(), "https://other:8443/b");
    for (place, why) in [
        ("http://h/a?sig=hunter2", "leads from https to http://h,"),
        ("file:///a", "no server of the web"),
        ("https://me@h/", "a user name"),
    ] {
        let Err(Fault::Final(error)) = leads("https://h/a", place) else { panic!("{place}") };
        assert!(error.chain().contains(why) && !error.chain().contains("hunter2"), "{}", error.chain());
    }
}

#[test]
fn addresses_that_are_not_of_the_public_internet_are_known() {
    let inside = [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.9.9.9",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ];
    for address in inside {
        assert!(is_inside(address.parse::<IpAddr>().unwrap()), "{address}");
    }
    let outside = [
        "1.1.1.1",
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "192.167.0.1",
        "198.17.0.1",
        "198.20.0.1",
        "223.255.255.255",
        "2606:4700::1",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2002:808:808::",
        "2a00::1",
    ];
    for address in outside {
        assert!(!is_inside(address.parse::<IpAddr>().unwrap()), "{address}");
    }
}
