use super::*;

fn header(values: &[&str]) -> String {
    let mut signals = Signals::default();
    values.iter().for_each(|value| signals.header(b"X-Robots-Tag", value.as_bytes()));
    signals.to_string()
}

#[test]
fn headers_are_read_in_any_case_with_commas_prefixes_and_repeats() {
    for (values, expected) in [
        (&["noai"][..], "header:noai"),
        (&["NoAI, NOIMAGEAI"], "header:noai header:noimageai"),
        (&["noindex;nofollow noarchive"], "header:noarchive header:noindex"),
        (&["noindex", "noai", "noindex"], "header:noai header:noindex"),
        (&["googlebot: noindex, nosnippet"], "header:googlebot:noindex header:googlebot:nosnippet"),
        (&["GoogleBot:noindex", "otherbot: none"], "header:googlebot:noindex header:otherbot:none"),
        (&["noai, googlebot: noindex"], "header:googlebot:noindex header:noai"),
        (&["robots: noai"], "header:noai"),
        (&["*:noai"], "header:noai"),
        (&["googlebot: noindex, *: noai"], "header:googlebot:noindex header:noai"),
        (&["\"noai\", 'noml'"], "header:noai header:noml"),
        (&["GPTBot:\"noai\""], "header:gptbot:noai"),
        (&["\"*\":noai"], "header:noai"),
        (&["“noai”,\u{a0}noml"], "header:noai header:noml"),
        (&["max-snippet: 50, max-image-preview:large, noml"], "header:noml"),
        (&["unavailable_after: 25 Jun 2010 15:00:00 PST, noai"], "header:noai"),
        (&["all", "index, follow", "", "noaix", "no-ai"], ""),
        (&["tdm-reservation"], ""),
    ] {
        assert_eq!(header(values), expected, "{values:?}");
    }
}

#[test]
fn a_reservation_is_one_and_nothing_else() {
    for (value, expected) in [("1", "header:tdm-reservation"), (" 1 ", "header:tdm-reservation"), ("0", ""), ("", ""), ("yes", "")] {
        let mut signals = Signals::default();
        signals.header(b"TDM-Reservation", value.as_bytes());
        signals.header(b"tdm-policy", b"1");
        assert_eq!(signals.to_string(), expected, "{value:?}");
    }
}

#[test]
fn metas_speak_to_all_or_to_one() {
    let mut signals = Signals::default();
    signals.add("header:noai");
    signals.meta("ROBOTS", "noindex, noai");
    signals.meta("GPTBot", "noai");
    signals.meta("tdm-reservation", "1");
    signals.meta("X-Robots-Tag", "noml, ccbot: noai");
    assert_eq!(signals.to_string(), "header:noai meta:ccbot:noai meta:gptbot:noai meta:noai meta:noindex meta:noml meta:tdm-reservation");
    let told: Vec<_> = each("header:noai meta:gptbot:noai").collect();
    assert_eq!(told, [(None, "noai"), (Some("gptbot"), "noai")]);
    assert_eq!(each("").count(), 0);
    for name in ["robots", " Robots ", "TDM-reservation", "X-Robots-Tag"] {
        assert!(is_for_all(name) && !is_for_one(name), "{name}");
    }
    for name in [" GoogleBot ", "OAI-SearchBot", "Google-CloudVertexBot", "anthropic-ai", "Yandex"] {
        assert!(is_for_one(name) && !is_for_all(name), "{name}");
    }
    for name in ["description", "", "bots", "ot", "my first robot", "été", &"bot".repeat(30)] {
        assert!(!is_for_one(name) && !is_for_all(name), "{name}");
    }
}

#[test]
fn what_a_page_can_say_is_bounded() {
    let mut signals = Signals::default();
    let many: Vec<String> = (0..10_000).map(|n| format!("bot{n}: noai")).collect();
    signals.header(b"x-robots-tag", many.join(", ").as_bytes());
    signals.header(b"x-robots-tag", format!("{}: noai", "b".repeat(1000)).as_bytes());
    // What is said to all is heard, however many are named.
    signals.header(b"x-robots-tag", SIGNALS.join(",").as_bytes());
    signals.header(b"x-robots-tag", &[0xFF; 100_000]);
    let written = signals.to_string();
    assert!(written.len() < 2048 && written.contains("header:noai"), "{}", written.len());
    assert_eq!(each(&written).count(), MAX_NAMED + SIGNALS.len() - 1);
}
