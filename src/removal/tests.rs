use super::*;

fn list(text: &str) -> Removal {
    Removal::read(text.as_bytes(), "takedown.txt").unwrap()
}

fn takes(line: &str, id: &str, page: Option<&str>, text: &str) -> bool {
    list(line).hits(&names_of(id, Some(Key(7)), page, Some(text)))
}

#[test]
fn a_line_is_taken_in_every_sense_it_can_have() {
    let page = Some("https://www.blog.example.co.uk/a?utm_source=x#top");
    for line in [
        "<urn:uuid:1>",
        "urn:uuid:1",
        "http://blog.example.co.uk/a",
        "HTTPS://www.blog.example.co.uk/a/",
        "example.co.uk",
        "Blog.Example.co.uk",
        "www.blog.example.co.uk",
        "<urn:uuid:1>#3",
        "00000000000000000000000000000007",
        "  example.co.uk  ",
    ] {
        assert!(takes(line, "<urn:uuid:1>", page, "text"), "{line}");
    }
    let text_hash = format!("{:032X}", hash128(b"the text"));
    assert!(takes(&text_hash, "x", None, "the text"));
    assert!(takes("Moby Dick.txt", "Moby Dick.txt", None, "Call me"));
}

#[test]
fn nothing_else_goes() {
    let page = Some("https://blog.example.co.uk/a");
    for line in [
        "",
        "# example.co.uk",
        "co.uk",
        "uk",
        "http://blog.example.co.uk",
        "ample.co.uk",
        "a.blog.example.co.uk",
        "www.example.co.uk",
        "http://blog.example.co.uk/A",
        "blog.example.co.uk/a",
        "<urn:uuid:12>",
    ] {
        assert!(!takes(line, "<urn:uuid:1>", page, "text"), "{line}");
    }
    // The senses do not mix: an id that looks like a host takes no pages unless it is one.
    assert!(!takes("http://a.example/", "http://b.example/", Some("http://c.example/"), ""));
}

#[test]
fn lists_are_the_same_in_any_order_and_other_when_they_ask_for_more() {
    let (one, other) = (list("a.example\n\n# why\nb.example\r\n"), list("\u{feff}b.example\na.example"));
    assert_eq!(one.identity(), other.identity());
    assert_ne!(one.identity(), list("a.example").identity());
    assert_ne!(one.identity(), list("").identity());
}

#[test]
fn lines_that_ask_for_nothing_are_known_by_their_numbers() {
    let removal = list("a.example\n# b.example\nc.example\n<urn:uuid:1>\n");
    let met = |page: &str, id: &str| names_of(id, Some(Key(7)), Some(page), None).into_iter().collect::<BTreeSet<_>>();
    assert_eq!(removal.lines_without(&met("https://x.a.example/", "x")), BTreeSet::from([3, 4]));
    assert_eq!(removal.lines_without(&met("https://c.example/", "<urn:uuid:1>")), BTreeSet::from([1]));
    assert_eq!(removal.lines_without(&BTreeSet::new()), BTreeSet::from([1, 3, 4]));
}

#[test]
fn a_list_that_is_no_list_is_refused_with_its_line() {
    let long = format!("a.example\n{}", "x".repeat(LINE_BYTES + 1));
    for (bytes, told) in [(long.as_bytes(), "line 2 of the removal list takedown.txt"), (b"\xff\xfe", "line 1")] {
        let error = Removal::read(bytes, "takedown.txt").unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
    }
}
