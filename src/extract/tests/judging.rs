//! The weights file, and the choice of blocks.

use super::*;

use crate::extract::features::{COUNT, TOGETHER};
use crate::extract::weights::{BUILT_IN, Weights};
use crate::extract::{comments, era, flags, path, words};

#[test]
fn the_built_in_weights_are_whole() {
    let weights = Weights::parse(BUILT_IN, "built-in weights").unwrap();
    assert!(weights.of_name("cue any sidebar") < 0.0);
    assert!(weights.cue("no-such-cue").is_none());
}

#[test]
fn a_fault_in_a_weights_file_names_its_line() {
    for (line, fault) in [
        ("bias x", "not a finite number"),
        ("bias NaN", "not a finite number"),
        ("curve 9999 0:1", "no such feature"),
        ("curve 1", "a curve needs points"),
        ("curve 1 2:0 1:0", "a curve needs points"),
        ("curve 1 2", "a point is x:y"),
        ("cue 7 nav 1", "no such distance"),
        ("word tiny next 1", "no such class"),
        ("topic 3 u:forum 1", "no such length"),
        ("flag tag:0:0 1", "no such flag"),
        ("flag tag:0:9:0 1", "no such flag"),
        ("curve2 9999 0:1", "no such feature"),
        ("weight 1", "not a weight"),
    ] {
        let message = Weights::parse(&format!("# a comment\n\n{line}\n"), "my.txt").unwrap_err().to_string();
        assert!(message.starts_with("my.txt:3: ") && message.contains(fault), "{message}");
    }
}

#[test]
fn curves_are_straight_between_points_and_flat_beyond() {
    let weights = Weights::parse("curve 0 1:10 3:20 4:0", "test").unwrap();
    let value = |x: f32| {
        let mut tile = [[0.0; TOGETHER]; COUNT];
        tile[0] = std::array::from_fn(|lane| if lane == 0 { x } else { lane as f32 });
        let alone = weights.first.of_tile(&tile)[0];
        tile[0] = [x; TOGETHER];
        assert_eq!(weights.first.of_tile(&tile), [alone; TOGETHER]);
        alone
    };
    assert_eq!([0.0, 1.0, 2.0, 3.0, 3.5, 4.0, 9.0].map(value), [10.0, 10.0, 15.0, 20.0, 10.0, 0.0, 0.0]);
}

#[test]
fn a_cue_counts_once_on_the_path_and_by_distance_near_the_block() {
    let weights = Weights::parse("cue any nav -1\ncue 0 nav -8\ncue 1 nav -4\ncue any =a-0 0.5", "test").unwrap();
    let score_by = |weights: &Weights, is_middle: bool, html: &str| {
        let mut blocks = Blocks::default();
        blocks.read(html, 512, u64::MAX).unwrap();
        let mut path = path::Path::default();
        path.read(&blocks, html, weights, weights.of_cues(is_middle));
        path.score(&blocks, blocks.blocks[0].element, weights.of_cues(is_middle))
    };
    let score = |html: &str| score_by(&weights, false, html);
    assert_eq!(score("<p class=nav>x"), -9.0);
    assert_eq!(score("<p><b class='nav nav-1'>x"), -9.0);
    assert_eq!(score("<div class=topNav><p>x"), -5.0);
    assert_eq!(score(&format!("{}x", "<div class=nav>".repeat(500))), -1.0 - 8.0 - 4.0);
    assert_eq!(score("<div class=a-17><div id=A-4>x"), 0.5);
    // What a sibling says is not on the path.
    assert_eq!(score("<div><i class=nav></i><p class=a-1>x"), 0.5);
    // Pages of the middle era have weights beside the common ones.
    let weights = Weights::parse("middle any reply 3\ncue any nav -1\nmiddle 0 nav 0.25", "test").unwrap();
    let of_both = |html: &str| [false, true].map(|is_middle| score_by(&weights, is_middle, html));
    assert_eq!(of_both("<p class=nav>x"), [-1.0, -0.75]);
    assert_eq!(of_both("<p class=reply>x"), [0.0, 3.0]);
}

#[test]
fn the_middle_era_is_told_by_markup_and_addresses() {
    let is_middle = |html: &str| {
        let mut blocks = Blocks::default();
        blocks.read(html, 512, u64::MAX).unwrap();
        era::is_middle(&blocks.head, html)
    };
    let xhtml = "<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd'><p>x";
    assert!(is_middle(xhtml));
    assert!(is_middle("<!doctype HTML><a href=http://mill.example>x</a><a href=https://mill.example>x</a>"));
    assert!(is_middle("<meta property=og:title content=x><p>x"));
    // Before: nothing of the kind. After: most addresses are secure.
    assert!(!is_middle("<html><table><tr><td><font size=2>x"));
    assert!(!is_middle(&format!("{xhtml}<a href=https://mill.example>x</a><a href=https://mill.example>x</a>")));
}

#[test]
fn the_choice_follows_the_expected_f1() {
    let by = |factor: f64, probabilities: &[f32]| {
        let logits: Vec<f32> = probabilities.iter().map(|p| (p / (1.0 - p)).ln()).collect();
        let (mut likely, mut kept) = (Vec::new(), Vec::new());
        let threshold = judge::choose(&logits, factor, |_| 10.0, &mut likely, &mut kept);
        assert!((0.2 * factor..=0.8).contains(&threshold), "{threshold}");
        kept
    };
    let choose = |probabilities: &[f32]| by(0.5, probabilities);
    // Certain blocks leave no room for a doubtful one; where all are doubtful, the same is worth keeping.
    assert_eq!(choose(&[0.99, 0.99, 0.2, 0.01]), [true, true, false, false]);
    assert_eq!(choose(&[0.25, 0.2, 0.2, 0.01]), [true, true, true, false]);
    // A page without any text of its own keeps nothing.
    assert_eq!(choose(&[0.05, 0.02]), [false, false]);
    assert_eq!(choose(&[]), [] as [bool; 0]);
    // Blocks that are as likely share their fate.
    assert_eq!(choose(&[0.3; 5]), [true; 5]);
    assert_eq!(by(0.7, &[0.99, 0.5, 0.35, 0.2]), [true, false, false, false]);
    assert_eq!(by(0.3, &[0.99, 0.5, 0.35, 0.2]), [true, true, false, false]);
}

/// Pages that have what inputs are drawn from: cues, topics, words, signs, hidden parts, several scripts.
const PAGES: [&str; 4] = [
    "<link rel=canonical href='https://forum.example/viewtopic?t=7'><meta name=generator content='phpBB 3'><title>The mill</title>\
     <script type='application/ld+json'>{\"@type\": [\"DiscussionForumPosting\"]}</script><div class='post-body col-12' id=p1 role=main>\
     <p>The wheel turned all day, and nobody slept. Who would have thought it?</p><p>Price: $12.50 | 3 &times; 4 &copy; 2019</p>\
     <ul class=menu><li><a href=/>Home</a><li><a href=/a>Read more »</a></ul><p hidden>Wir verwenden Cookies, damit Sie lesen können.</p>",
    "<div class=row><div class=row><div class=row><table><tr><td class=Name>Äpfel<td>1.234,50 €<tr><td>水車は一日中回っていた。<td><b class='x x-9'>STRASSE</b></table>",
    "<article><h1>Nothing</h1></article>",
    "<!DOCTYPE html><div id=comments><div class=comment-body><p>The wheel turned all day, and nobody slept.</p></div></div>",
];

#[test]
fn what_is_explained_adds_up_to_what_is_judged() {
    let weights = Weights::parse(BUILT_IN, "built-in weights").unwrap();
    let mut extractor = Extractor::new(Options::default()).unwrap();
    let mut met = std::collections::BTreeSet::new();
    for html in PAGES {
        for block in extractor.explain(&page_of_file("page", html.as_bytes())).unwrap() {
            let named: f32 = block.inputs.iter().map(|name| weights.of_name(name)).sum();
            let sum = weights.bias + weights.first.of_tile(&block.features.map(|value| [value; TOGETHER]))[0] + named;
            assert!((sum - block.logit).abs() < 1e-3, "{}: {sum} and {}", block.text, block.logit);
            met.extend(
                block.inputs.into_iter().filter(|name| weights.of_name(name) != 0.0).map(|name| name.split(' ').next().unwrap().to_owned()),
            );
        }
    }
    assert_eq!(met.into_iter().collect::<Vec<_>>(), ["cue", "flag", "middle", "topic", "word"]);
}

#[test]
fn words_have_the_keys_of_their_names() {
    for text in [
        "Read more »",
        "Copyright 2019 © ÄPFEL GmbH, all rights reserved worldwide",
        "水車, İstanbul",
        &"A longer text of many words, which goes on. ".repeat(6),
        "?!",
    ] {
        let chars = text.chars().count() as f32;
        let names = words::names(text, chars);
        let file: String = names.iter().map(|(class, name)| format!("word {} {name} 1\n", words::NAMES[*class as usize])).collect();
        let weights = Weights::parse(&file, "test").unwrap();
        let measures = Measurer::new(weights.lexicon).measure(text);
        assert_eq!((measures.chars, measures.said), (chars, names.len() as f32), "{text}");
    }
    let names = |text: &str| {
        words::names(text, text.chars().count() as f32).into_iter().map(|(class, name)| format!("{class:?} {name}")).collect::<Vec<_>>()
    };
    assert_eq!(names("Read 12 »"), ["First read", "Last 00", "Whole read+00", "Short 00", "Short read", "Sign »"]);
}

#[test]
fn flags_have_names() {
    for flag in 0..flags::COUNT {
        assert_eq!(flags::of_name(&flags::name(flag)), Some(flag));
    }
    for name in ["", "tag", "tag:1", "tag:1:1", "tag:99:0:0", "tag:0:0:0:0", "nothing:0:0:0", "tag:-1:0:0"] {
        assert_eq!(flags::of_name(name), None, "{name}");
    }
}

#[test]
fn the_second_pass_sees_what_was_said_around_a_block() {
    let html = "<div><p>one</p><p>two</p></div><div><p>three</p></div>";
    let mut extractor = Extractor::new(Options::default()).unwrap();
    let rows = extractor.second_rows(&page_of_file("page", html.as_bytes()), &[0.0, 4.0, -4.0]).unwrap();
    let p = |logit: f32| 1.0 / (1.0 + (-logit).exp());
    let near = |a: f32, b: f32| (a - b).abs() < 1e-4;
    // Itself, then before and after it by distance.
    assert_eq!(rows[1][..5], [4.0, 0.0, -4.0, -8.0, -8.0]);
    assert_eq!(rows[0][..5], [0.0, -8.0, 4.0, -8.0, -4.0], "nothing stands before the first");
    // Of its own element, then of the one around it: the mean over characters, and one more.
    assert!(near(rows[0][5], 0.5) && near(rows[0][6], (4.0 * 0.5 + 4.0 * p(4.0)) / 8.0), "{:?}", &rows[0][5..7]);
    assert!(rows.iter().flatten().all(|value| value.is_finite()));
    assert!(extractor.second_rows(&page_of_file("page", b""), &[]).unwrap().is_empty());
}

#[test]
fn a_preset_takes_more_or_less_and_weights_may_be_others() {
    let texts = |preset: Preset| {
        let html = "<nav><a href=/>Home</a></nav><p>The wheel turned all day, and nobody in the village slept for the noise of it.</p><p hidden>x</p><footer>Imprint</footer>";
        let mut extractor = Extractor::new(Options { preset, ..Options::default() }).unwrap();
        extractor.extract(&page_of_file("page", html.as_bytes())).unwrap().text
    };
    assert!(texts(Preset::Balanced).starts_with("The wheel"), "{}", texts(Preset::Balanced));
    let whole = texts(Preset::WholePage);
    assert_eq!(
        whole.lines().collect::<Vec<_>>(),
        ["Home", "The wheel turned all day, and nobody in the village slept for the noise of it.", "Imprint"]
    );
    assert!(
        texts(Preset::Precision).len() <= texts(Preset::Balanced).len() && texts(Preset::Balanced).len() <= texts(Preset::Recall).len()
    );
    // Weights that like nothing but menus.
    let mut extractor = Extractor::with_weights(Options::default(), "bias -9\ncue any <nav 18", "mine.txt").unwrap();
    let page = page_of_file("page", b"<nav>Home</nav><p>The wheel turned all day, and nobody slept.");
    assert_eq!(extractor.extract(&page).unwrap().text, "Home");
    assert!(Extractor::with_weights(Options::default(), "bias x", "mine.txt").unwrap_err().to_string().starts_with("mine.txt:1: "));
}

#[test]
fn comments_of_readers_are_kept_where_they_are_asked_for() {
    let html = "<title>The old mill - Valley Post</title><header><ul class=menu><li><a href=/>Home</a><li><a href=/news>News</a><li><a href=/about>About us</a></ul></header><article class=post><h1>The old mill</h1><p>The wheel turned all day, and nobody in the village slept for the noise of it. In winter, when the ice held it, they slept.</p>\
        <p>When the miller died, his daughter took the stones apart, and sold them to the road builders of the next valley.</p></article>\
        <section id=comments class=comments-area><h2>2 Comments</h2><ol class=comment-list>\
        <li class='comment even'><div class=comment-body><p>My grandfather carried grain up there, and he told the same story about the ice.</p></div></li>\
        <li class='comment odd'><div class=comment-body><p>Thank you for this! I did not know what became of the stones, and I live next door.</p></div></li></ol></section>\
        <aside class=sidebar><h3>Most read</h3><ul><li><a href=/1>A bridge is closed</a><li><a href=/2>The market moves</a></ul></aside>\
        <footer class=footer><ul><li><a href=/imprint>Imprint</a><li><a href=/privacy>Privacy</a></ul><p>&copy; 2019 Valley Post. All rights reserved.</p></footer>";
    let read = |comments: bool| {
        let mut extractor = Extractor::new(Options { comments, ..Options::default() }).unwrap();
        let page = page_of_file("page", html.as_bytes());
        let blocks = extractor.explain(&page).unwrap();
        (extractor.extract(&page).unwrap().text, blocks)
    };
    let (without, blocks) = read(false);
    assert!(without.contains("road builders") && !without.contains("grandfather"), "{without}");
    assert!(blocks.iter().all(|block| block.comment.is_none()));
    let (with, blocks) = read(true);
    assert!(
        with.contains("road builders") && with.contains("grandfather") && with.contains("next door") && !with.contains("All rights"),
        "{with}"
    );
    assert!(blocks.iter().any(|block| block.comment.is_some_and(|comment| 0.5 < comment)));
    // Weights that know no comments cannot keep them.
    let options = || Options { comments: true, ..Options::default() };
    assert!(Extractor::with_weights(options(), "bias 1", "mine.txt").unwrap_err().to_string().contains("comments"));
    let mut extractor = Extractor::with_weights(options(), "bias -9\ncomments bias -9\ncomments cue any said 18", "mine.txt").unwrap();
    assert_eq!(extractor.extract(&page_of_file("page", b"<p>x</p><p class=said>y</p>")).unwrap().text, "y");
    for (line, fault) in
        [("comments word short next 1", "not a weight"), ("comments curve 9999 0:1", "no such feature"), ("comments", "not a weight")]
    {
        let message = Weights::parse(line, "my.txt").unwrap_err().to_string();
        assert!(message.starts_with("my.txt:1: ") && message.contains(fault), "{message}");
    }
}

#[test]
fn comments_are_known_by_the_names_of_elements_around_them() {
    let text = "a text of more than five words";
    let is_named = |html: &str| {
        let html = html.replace('~', text);
        let mut blocks = Blocks::default();
        blocks.read(&html, 512, u64::MAX).unwrap();
        let (mut features, mut named) = (Features::default(), comments::Named::default());
        features.compute(&mut blocks, &mut Measurer::default(), &html);
        named.begin(&blocks);
        named.holds(0, &blocks, &features, &html)
    };
    for html in [
        "<div id=disqus_thread><p>~",
        "<ol class='x Comment-List'><li><p>~",
        "<article class=comment><div><b>~",
        "<form id=aspnetForm><div class=comments><p>~",
        "<div class=correspondent><div class=comments><p>~",
    ] {
        assert!(is_named(html), "{html}");
    }
    for html in [
        "<p>~",
        "<body class=comments-page><p>~",
        "<article class='post comments-open has-comments'><p>~",
        "<ul class=recentcomments><li>~",
        "<article class=commentary><p>~",
        "<form class=reply><div class=comment-body><p>~",
        "<form id=commentform><p class=comment-body>~",
        "<div class=comment-respond><p class=comment-notes>~",
        "<div class=comments><form><p>~",
        "<div class=comments><div id=respond><p>~",
        "<div class=comments><p>Reply to this",
    ] {
        assert!(!is_named(html), "{html}");
    }
}
