use super::*;

fn masked(text: &str) -> String {
    let options = Options { email_placeholder: "<E>".to_owned(), ip_placeholder: "<I>".to_owned(), ..Options::default() };
    let masks = find(text, &options);
    for mask in &masks {
        assert!(text.get(mask.range.clone()).is_some(), "{mask:?}");
    }
    apply(text, &masks, &options).unwrap()
}

#[test]
fn addresses_of_mail_are_masked_whatever_stands_around_them() {
    for (text, expected) in [
        ("anna@example.org", "<E>"),
        ("Write to Anna.Weir+ferry_1@mail.example.co.uk.", "Write to <E>."),
        ("<anna@example.org>, (bert@example.com); \"c@example.net\"", "<<E>>, (<E>); \"<E>\""),
        ("mailto:anna@example.org?subject=x", "mailto:<E>?subject=x"),
        ("email=anna@example.org&x=1", "email=<E>&x=1"),
        ("anna@example.org,bert@example.org", "<E>,<E>"),
        ("anna@example.org@bert@example.com", "<E>@<E>"),
        ("jürgen@müller.de", "<E>"),
        ("почта@пример.рф", "<E>"),
        ("nguyễn@example.com", "<E>"),
        ("Nguye\u{302}\u{303}n.Van@mu\u{308}ller.de", "<E>"),
        ("ἄννα@example.org", "<E>"),
        ("联系anna@example.com或者", "联系<E>或者"),
        ("메일은 anna@example.com으로", "메일은 <E>으로"),
        ("anna@example.comЖдём", "<E>Ждём"),
        ("anna@example.org.Regards", "<E>.Regards"),
        ("...anna@example.org...", "...<E>..."),
        ("o'neill@example.org", "<E>"),
        ("'anna@example.org'", "'<E>'"),
        ("ANNA@EXAMPLE.ORG", "<E>"),
        ("anna@xn--mller-kva.de", "<E>"),
        ("anna@example.org-", "<E>-"),
    ] {
        assert_eq!(masked(text), expected, "{text}");
    }
}

#[test]
fn what_only_looks_like_mail_is_left() {
    for text in [
        "user@host",
        "@anna",
        "anna@",
        "@",
        "@@@@",
        "anna @ example.org",
        "anna (at) example.org",
        "left-pad@1.2.3",
        "logo@2x.png",
        "see https://example.org/@anna/notes",
        "anna@-example.org-.x",
        "anna.@example.org",
        "anna@example..org",
        "anna@example.notatld",
        "anna@example.c",
        "git@example.org:weir/mill.git",
        "ssh://git@example.org/weir",
        "5 apples @2.50",
        "--@example.org",
    ] {
        assert_eq!(masked(text), text);
    }
    // Who has so long a name is a program.
    let long = format!("{}@example.org", "a".repeat(65));
    assert_eq!(masked(&long), long);
    assert_eq!(masked(&long[1..]), "<E>");
}

#[test]
fn addresses_of_hosts_are_masked() {
    for (text, expected) in [
        ("203.0.113.77", "<I>"),
        ("from 203.0.113.77.", "from <I>."),
        ("IP:203.0.113.77:8080, 198.51.100.200/24", "IP:<I>:8080, <I>/24"),
        ("http://203.0.113.77/index.html", "http://<I>/index.html"),
        ("203.0.113.1-203.0.113.9", "<I>-<I>"),
        ("[2001:db8::1] and 2001:DB8:0:0:8:800:200C:417A.", "[<I>] and <I>."),
        ("2001:db8::", "<I>"),
        ("addr: 2001:db8::7:", "addr: <I>:"),
        ("::ffff:203.0.113.77", "::ffff:<I>"),
        ("地址203.0.113.77在", "地址<I>在"),
        ("255.1.1.1 8.8.8.200", "255.1.1.1 <I>"),
        ("203.0.113.77 -\n203.0.113.78 -", "<I> -\n<I> -"),
        ("from 26.3.6.2 to host", "from <I> to host"),
    ] {
        assert_eq!(masked(text), expected, "{text}");
    }
}

#[test]
fn versions_sections_times_and_private_ranges_are_left() {
    for text in [
        "1.2.3.4.5",
        "203.0.113",
        "203.0.113.256",
        "203.0.113.077",
        "v203.0.113.77",
        "version 91.0.113.77 and Version: 91.0.113.77",
        "Chrome/91.0.113.77",
        "203.0.113.77-beta",
        "203.0.113.77_1",
        "x203.0.113.77",
        "203.0.113.77.in-addr.arpa",
        "section 4.2.10.3",
        "as section 26.3.6.2 says (see Chapter 31.7.29.3)",
        "26.3.6.2. Compressed logs\n 26.3.6.3\tOthers",
        "10.1.2.3, 127.0.0.1, 192.168.0.1, 172.20.0.1, 169.254.7.7, 0.0.0.0, 255.255.255.0, 239.1.1.1, 100.64.0.99, 198.18.0.99",
        "12:30:45",
        "00:1a:2b:3c:4d:5e",
        "std::vec, Abc::Def, a::b, ::",
        "fe80::1, fd00::1, ::1, ff02::1",
        "1:2:3:4:5:6:7:8:9",
        "2001:db8::1::2",
        "ISBN 978-3-16-148410-0, 1.234.567.890",
        "x2001:db8::1",
        "",
    ] {
        assert_eq!(masked(text), text);
    }
    let all = Options { private_ip: true, email: false, ..Options::default() };
    assert_eq!(find("at 10.1.2.30, fe80::1, ::1 and a@example.org", &all).len(), 3);
}

#[test]
fn only_what_is_asked_for_is_masked() {
    let text = "anna@example.org at 203.0.113.77";
    let of = |email, ip| find(text, &Options { email, ip, ..Options::default() }).iter().map(|mask| mask.kind).collect::<Vec<_>>();
    assert_eq!(of(true, false), [Kind::Email]);
    assert_eq!(of(false, true), [Kind::Ip]);
    assert_eq!(of(true, true), [Kind::Email, Kind::Ip]);
    let options = Options::default();
    assert_eq!(apply(text, &find(text, &options), &options).unwrap(), "|||EMAIL_ADDRESS||| at |||IP_ADDRESS|||");
    // What is masked is masked: placeholders hold no address.
    let once = apply(text, &find(text, &options), &options).unwrap();
    assert_eq!(find(&once, &options), []);
    assert!(Options { email: false, ip: false, ..Options::default() }.check().is_err());
    assert!(Options { ip_placeholder: String::new(), ..Options::default() }.check().is_err());
    assert!(Options { email_placeholder: "a\nb".to_owned(), ..Options::default() }.check().is_err());
    options.check().unwrap();
}

#[test]
fn ranges_that_do_not_fit_are_refused() {
    let options = Options::default();
    let mask = |range| Mask { range, kind: Kind::Email };
    assert_eq!(apply("für", &[mask(1..2)], &options), None);
    assert_eq!(apply("für", &[mask(2..9)], &options), None);
    assert_eq!(apply("ferry", &[mask(2..4), mask(1..3)], &options), None);
    assert_eq!(apply("ferry", &[], &options).as_deref(), Some("ferry"));
}

/// Texts that are made to be slow, or of anything at all, end and give ranges of the text.
#[test]
fn hostile_texts_are_read_to_their_end() {
    let hostile = [
        "@".repeat(200_000),
        "a@".repeat(200_000),
        "a@b.".repeat(100_000),
        "a@a.a.a.a.a.a.a.a".repeat(20_000),
        format!("{}@{}", "a.".repeat(100_000), "a.".repeat(100_000)),
        "1.".repeat(200_000),
        "1:".repeat(200_000),
        ":".repeat(400_000),
        "ä@ä.".repeat(50_000),
        "203.0.113.7:".repeat(30_000),
    ];
    for text in hostile {
        masked(&text);
    }
    let letters: Vec<char> = "a1.@:-/ éж中한\n_%".chars().collect();
    let mut state = 7_u64;
    for _ in 0..2_000 {
        let text: String = (0..60)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                letters[(state >> 33) as usize % letters.len()]
            })
            .collect();
        masked(&text);
    }
}
