//! Cases of a filter as prose: `tests/cases/NAME.md` holds fenced blocks whose first line says what should become of the text inside,
//! "```keep" or "```drop RULE", after which `language=CODE`, `url=URL` and `opt-out=SIGNAL` set the document's own. Only tests use this.

use crate::document::{Document, Filter, Language, Verdict};

/// Holds every case of a file against a filter, and the file against itself: it keeps something and drops something.
pub(crate) fn check(filter: &dyn Filter, markdown: &str) {
    let (mut n_kept, mut n_dropped) = (0, 0);
    let mut lines = markdown.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(expectation) = line.strip_prefix("```") else { continue };
        let text: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
        let words: Vec<&str> = expectation.split_whitespace().collect();
        let (settings, words): (Vec<&str>, Vec<&str>) = words.into_iter().partition(|word| word.contains('='));
        let mut document = Document { text: text.join("\n"), ..Document::default() };
        for setting in settings {
            match setting.split_once('=') {
                Some(("language", code)) => document.language = Some(Language::new(code, 1.0)),
                Some(("url", url)) => document.url = Some(url.to_owned()),
                Some(("opt-out", signal)) => {
                    document.opt_out = Some([document.opt_out.as_slice(), &[signal.to_owned()]].concat().join(" "))
                }
                _ => panic!("{setting} is no setting of a case"),
            }
        }
        let case = format!("case of {} at line {}", filter.name(), number + 1);
        match (words.as_slice(), filter.judge(&document)) {
            (["keep"], verdict) => {
                assert_eq!(verdict, Verdict::Keep, "{case}");
                n_kept += 1;
            }
            (["drop", rule], Verdict::Drop(reason)) => {
                assert_eq!((reason.filter, reason.rule), (filter.name(), *rule), "{case}: {reason:?}");
                n_dropped += 1;
            }
            (expected, verdict) => panic!("{case}: expected {expected:?}, got {verdict:?}"),
        }
    }
    assert!(0 < n_kept && 0 < n_dropped, "the cases of {} keep {n_kept} and drop {n_dropped}", filter.name());
}
