//! What a page says twice.

use super::*;

/// Weights by which every block is main text with this logit, and lower in an element of class "quote" or "copy".
fn extractor(bias: f32) -> Extractor {
    Extractor::with_weights(Options::default(), &format!("bias {bias}\ncue any quote -0.5\ncue any copy -0.5"), "mine.txt").unwrap()
}

fn lines(bias: f32, html: &str) -> Vec<String> {
    extractor(bias).extract(&page_of_file("page", html.as_bytes())).unwrap().text.lines().map(str::to_owned).collect()
}

const LONG: &str = "The wheel turned all day, and nobody in the village slept for the noise.";
const OTHER: &str = "When the miller died, his daughter sold the stones to the road builders.";

#[test]
fn a_quote_of_a_post_is_left_out() {
    let thread = format!("<div class=post>{LONG}</div><div class=post><blockquote class=quote>{LONG}</blockquote>{OTHER}</div>");
    for bias in [1.0, 4.0] {
        assert_eq!(lines(bias, &thread), [LONG, OTHER], "{bias}");
    }
    // The surest of several stays, where it stands.
    let thread = format!("<blockquote class=quote>{LONG}</blockquote><p>{OTHER}</p><div class=post>{LONG}</div>");
    assert_eq!(lines(1.0, &thread), [OTHER, LONG]);
}

#[test]
fn what_is_built_alike_may_be_said_twice_where_the_judge_is_sure() {
    let rules = format!("<ul><li>{LONG}</li><li>{OTHER}</li><li>{LONG}</li></ul>");
    assert_eq!(lines(1.0, &rules), [LONG, OTHER]);
    assert_eq!(lines(2.0, &rules), [LONG, OTHER, LONG]);
    // What is short is no repetition: the cells of a table.
    let short = "<p>Nine words or fewer may stand here twice.</p><div class=copy>Nine words or fewer may stand here twice.</div>";
    assert_eq!(lines(1.0, short).len(), 2);
}

#[test]
fn nothing_is_left_out_of_a_whole_page() {
    let html = format!("<p>{LONG}</p><div class=copy>{LONG}</div>");
    let page = page_of_file("page", html.as_bytes());
    let told = |extractor: &mut Extractor| extractor.judged(&page).unwrap().blocks.iter().map(|b| (b.kept, b.repeated)).collect::<Vec<_>>();
    assert_eq!(told(&mut extractor(1.0)), [(true, false), (false, true)]);
    let mut whole = Extractor::new(Options { preset: Preset::WholePage, ..Options::default() }).unwrap();
    assert_eq!(told(&mut whole), [(true, false); 2]);
    // Nor does one page's repetition reach into the next.
    let mut extractor = extractor(1.0);
    assert_eq!(told(&mut extractor).len(), 2);
    let next = format!("<p>{OTHER}</p><div class=copy>{LONG}</div>");
    assert_eq!(extractor.extract(&page_of_file("next", next.as_bytes())).unwrap().text, format!("{OTHER}\n{LONG}"));
}
